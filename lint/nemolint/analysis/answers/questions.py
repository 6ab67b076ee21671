"""What a question asks an assistant for, in the languages that most users write. Part of the plugin API.

The patterns err on one side: where a question probably asks for a bare command, it counts as such, so that a rule about
what an answer should say besides stays silent. All functions take linear time.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import islice

from nemolint.analysis.caching import once_per_document
from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import compile_sound, lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

_FARTHEST = 300  # characters of a sentence around what was found in it
_MOST = 500  # places in a question that are looked at
_SPACE = r"[\s`*_\"'“”«»„,]+"


class _Phrases(NamedTuple):
    """How a language asks for a command alone.

    `stems` tell cheaply that a text may do so. `only`, some `filler` words and `command`, in that order, are a request,
    and so is `other`. `silence` asks for no explanation, which `explain` asks for. `denied` is what stands before a
    request and turns it round, and `polite` tells a request in the form of a question from a real question. `spaced`:
    words stand between spaces, `before` is what may stand before the first.
    """

    stems: tuple[str, ...]
    command: str
    only: str
    filler: str
    other: str
    silence: str
    denied: str
    polite: str
    explain: str
    spaced: bool = True
    before: str = r"(?<!\w)"


def _words(*groups: str) -> str:
    """An alternation of words that are separated by spaces."""
    return "|".join(word for group in groups for word in group.split())


_TALK = r"(?:explanations?|prose|plans?|commentary|comments?|discussion|talk|narration|walk-?through|text)\b"
_ENGLISH = (
    r"(?:commands?|command[ -]lines?|one-liner|(?:cli[ ])?invocation|cli[ ](?:call|line)|shell[ ]line"
    r"|line\s+(?:that\s+)?(?:i\s+(?:should|can|must|need\s+to|have\s+to)|to)\s+(?:run|paste|execute|type))\b"
)
_STOP = r"(?=\s*(?:[.,;:!)\n]|\Z|(?:please|pls|plz|thanks?|thx)\b))"

_LANGUAGES = (
    _Phrases(
        stems=("command", "one-liner", "cli ", "shell line", "invocation", "line "),
        command=_ENGLISH + r"(?!\s+(?:does|do|means?|is|was|that|which|options?|arguments?|fails?|failed|i|you|we)\b"
        r"|\s+in\s+(?:the|my|our|your)\s+(?:docs?|readme|page|guide|file|script|notebook|ci)\b)",
        only=r"(?:(?<!the )(?<!this )(?<!your )(?<!my )only|just|solely|merely|purely|exactly)",
        filler=_words(
            "need want require give show send print output return emit write paste provide reply respond",
            "answer looking",
            "me us i we for with in to is the this that a an one single exact full complete final runnable",
            "ready correct",
            "shell bash cli console terminal nemotron uv run step steps batch remote local dry-run one-line copy-paste",
            "code block fence bare plain actual translation training evaluation conversion",
        ),
        other=rf"{_ENGLISH}\s+(?:only{_STOP}|alone{_STOP}|and\s+(?:nothing\s+(?:else|more)|stop|that's\s+(?:it|all))\b)"
        rf"|\b(?:keep|limit|restrict|stick)\s+(?:(?:it|this|that|yourself|(?:the|your)\s+\w+)\s+)?to\s+(?:the|a|one)\s+{_ENGLISH}"
        rf"|{_ENGLISH}[,?.!:;]?\s+(?:and\s+|with\s+)?nothing\s+(?:else|more|around|besides|other)\b"
        rf"|\bnothing\s+(?:else\s+)?(?:but|except|other\s+than)\s+(?:(?:the|a|one|final|exact|full|bare)\s+){{0,4}}{_ENGLISH}"
        rf"|\ball\s+(?:that\s+)?(?:i|we)\s+(?:need|want)\s+(?:here\s+)?is\s+(?:(?:the|a|one|exact|full|single)\s+){{0,3}}{_ENGLISH}"
        rf"|{_ENGLISH}\s+is\s+all\s+(?:that\s+)?(?:i|we)\s+(?:need|want)\b|\bbare\s+{_ENGLISH}",
        silence=r"\b(?:no|without(?:\s+(?:any|an|a))?|skip(?:\s+the)?|not\s+an?|don'?t\s+(?:need|want)(?:\s+(?:any|an|a|the))?)"
        rf"\s+(?:further\s+|other\s+|extra\s+|long\s+)?{_TALK}|\bdon'?t\s+explain\b",
        denied=r"(?:\bnot|n't|\bmore\s+than|\bnever|\brather\s+than|\binstead\s+of)\s+(?:\w+\s+){0,2}\Z"
        r"|\b(?:fix|correct|change|edit|update|rename|check|review)\s+\Z",
        polite=r"\b(?:can|could|would|will|may|might)\s+(?:you|i|we)\b|\bplease\b|\bwhat(?:'s|\s+is)\s+the\b",
        explain=r"\b(?:explain|describe|understand)",
    ),
    _Phrases(
        stems=("befehl", "kommando", "einzeiler"),
        command=r"(?:befehls?|befehle|kommandos?|kommandozeile|befehlszeile|einzeiler)\b",
        only=r"(?:nur|lediglich|ausschlie(?:ß|ss)lich|blo(?:ß|ss)|nichts\s+(?:anderes\s+)?(?:als|außer))",
        filler=_words(
            "den das die einen ein eine einzigen mir uns bitte ich wir brauche brauchen will möchte hätte gern",
            "gerne gib",
            "zeig zeige nenne schick schicke schreib schreibe fertigen fertige genauen genaue vollständigen",
            "reinen nackten",
            "kompletten einfach nur passenden richtigen zum mit dem",
        ),
        other=r"\b(?:befehl|kommando|befehlszeile|kommandozeile)\b,?\s+(?:und\s+)?(?:sonst|weiter)\s+nichts\b",
        silence=r"\b(?:keine|ohne)\s+(?:\w+\s+)?(?:erklärung|erläuterung|kommentar|text|prosa|begründung)|\bnichts\s+erklären",
        denied=r"\bnicht\s+\Z",
        polite=r"\b(?:kannst|könntest|könnten|können|würdest|würden|kann|gibst|zeigst)\b|\bbitte\b",
        explain=r"\b(?:erklär|erläuter|versteh)",
    ),
    _Phrases(
        stems=("commande",),
        command=r"(?:commandes?|ligne\s+de\s+commande)\b",
        only=r"(?:seulement|juste|uniquement|exclusivement|simplement|rien\s+que|\bn[e']\s?(?!(?:ai|as|a|avons|avez|ont|connais)\s+que\b)[^.?!\n]{1,40}\bque)",
        filler=_words(
            "la une le l d de me moi nous par avec donne donnez besoin veux voudrais seule exacte complète finale",
            "à lancer",
            "besoin simple bonne",
        ),
        other=r"\bcommandes?\s+(?:seule|seulement|uniquement)(?=\s*(?:[.,;:!)\n]|\Z|merci|svp|stp))"
        r"|\bcommandes?,?\s+(?:et\s+)?(?:rien\s+d'autre|rien\s+de\s+plus|c'est\s+tout)",
        silence=r"\b(?:sans|pas\s+d'|aucune?|inutile\s+d')\s*(?:explication|commentaire|texte|blabla|expliquer)|\bn'expliquez?\b",
        denied=r"\b(?:pas|non)\s+\Z",
        polite=r"\b(?:peux|pouvez|pourrais|pourriez|puis-je|stp|svp)\b|s'il\s+(?:te|vous)",
        explain=r"\b(?:expliqu|décri|compren)",
    ),
    _Phrases(
        stems=("comando",),
        command=r"(?:comandos?|l[ií]nea\s+de\s+comandos?)\b",
        only=r"(?:s[oó]lo|solamente|[uú]nicamente|exclusivamente|nada\s+m[aá]s\s+que)",
        filler=_words(
            "el la un una necesito quiero quisiera dame deme me muéstrame muestra escribe escríbeme pásame envíame",
            "por favor",
            "exacto completo final con que ejecutar dar mostrar",
        ),
        other=r"\bcomandos?,?\s+(?:y\s+)?(?:nada\s+m[aá]s|ya\s+est[aá]|sin\s+m[aá]s)"
        r"|\bcomandos?\s+(?:[uú]nicamente|solamente)(?=\s*(?:[.,;:!)\n]|\Z|por\s+favor))",
        silence=r"\b(?:sin|ninguna|nada\s+de)\s+(?:\w+\s+)?(?:explicaci|comentario|texto|prosa)|\bno\s+(?:me\s+)?expliques?\b",
        denied=r"\bno\s+(?:\w+\s+)?\Z",
        polite=r"\b(?:puedes|puede|podr[ií]as?|me\s+das)\b|\bpor\s+favor\b",
        explain=r"\b(?:explica|expl[ií]ca|describ|entender)",
    ),
    _Phrases(
        stems=("comand",),
        command=r"(?:comandi?o?|riga\s+di\s+comando)\b",
        only=r"(?:solo|soltanto|solamente|unicamente|esclusivamente|nient'altro\s+che)",
        filler=_words(
            "il un lo la mi ci serve servono voglio vorrei dammi dimmi mostrami scrivi esatto completo finale di con"
        ),
        other=r"\bcomando,?\s+(?:e\s+)?(?:nient'altro|basta|niente\s+altro|null'altro)",
        silence=r"\b(?:senza|niente|nessuna)\s+(?:\w+\s+)?(?:spiegazion|comment|testo)|\bnon\s+spiegare\b",
        denied=r"\bnon\s+(?:\w+\s+)?\Z",
        polite=r"\b(?:puoi|potresti|può|potrebbe|posso)\b|\bper\s+(?:favore|piacere)\b",
        explain=r"\b(?:spieg|descriv|capire)",
    ),
    _Phrases(
        stems=("comando",),
        command=r"(?:comandos?|linha\s+de\s+comandos?)\b",
        only=r"(?:s[oó]|apenas|somente|unicamente|exclusivamente|nada\s+al[eé]m)",
        filler=_words(
            "o um a do de me dê dá mostre escreva envie quero queria preciso gostaria com exato completo final ter"
        ),
        other=r"\bcomando,?\s+(?:e\s+)?(?:mais\s+nada|nada\s+mais)",
        silence=r"\b(?:sem|nenhuma|nada\s+de)\s+(?:\w+\s+)?(?:explica|coment|texto)|\bnão\s+(?:me\s+)?explique\b",
        denied=r"\bn[ãa]o\s+(?:\w+\s+)?\Z",
        polite=r"\b(?:pode|poderia|podes|podia)\b|\bpor\s+favor\b",
        explain=r"\b(?:expli[cq]|descrev|entender)",
    ),
    _Phrases(
        stems=("polece", "komend"),
        command=r"(?:polece(?:nie|nia|niem|ń)|komend(?:a|y|ę|ą)|wiersz\s+polece(?:ń|nia))\b",
        only=r"(?:tylko|wyłącznie|jedynie|samo|samą|same|samej|nic\s+(?:oprócz|poza))",
        filler=_words(
            "mi nam to jedno jedną podaj podać pokaż wypisz napisz daj dać gotowe gotową pełne pełną dokładne",
            "dokładną o",
            "potrzebuję chcę proszę",
        ),
        other=r"\b(?:polecenie|komenda|komendę),?\s+(?:i\s+)?nic\s+(?:więcej|poza)",
        silence=r"\bbez\s+(?:\w+\s+)?(?:wyjaśnie|komentarz|opis|tekst)|\bnie\s+wyjaśniaj",
        denied=r"\bnie\s+(?:\w+\s+)?\Z",
        polite=r"\b(?:możesz|możecie|mógłbyś|mogłabyś|mogę|poproszę|proszę)\b",
        explain=r"\b(?:wyjaśni|opisz|zrozumie)",
    ),
    _Phrases(
        stems=("команд",),
        command=r"команд(?:у|а|ы|ой|ную\s+строку)\b",
        only=r"(?:только|лишь|исключительно|просто|одну|ничего,?\s+кроме)",
        filler=_words(
            "мне нам нужна нужно нужны дай дайте напиши напишите покажи выведи пришли саму готовую одну полную точную",
            "пожалуйста хочу одна сама эту",
        ),
        other=r"\bкоманд[уаы],?\s+(?:и\s+)?(?:больше\s+ничего|ничего\s+(?:больше|кроме|лишнего)|и\s+всё)",
        silence=r"\bбез\s+(?:\w+\s+)?(?:объяснени|пояснени|комментари|текста)|\bне\s+(?:объясняй|надо\s+объяснять)",
        denied=r"\bне\s+\Z",
        polite=r"\b(?:можешь|можете|могли?\s+бы|можно)\b|\bпожалуйста\b",
        explain=r"\b(?:объясни|опиши|понять)",
    ),
    _Phrases(
        stems=("命令", "指令"),
        command=r"(?:命令行?|指令)(?!(?:在|是|会|會|的|只|能|失))",
        only=r"(?:只|仅|僅|光)",
        filler=r"需要|需|想要|要|给我|給我|给|給|输出|輸出|提供|返回|回复|回覆|回答|显示|顯示|写出|写|寫|贴|列出|打印|发|告诉我|"
        r"请|請|我|一个|一個|一条|一條|这个|这条|完整的?|最终的?|可执行的?|出",
        other=r"(?:命令行?|指令)(?:就行|就好|就可以|即可|就够了|就夠了|而已)",
        silence=r"(?:不要|不用|无需|無需|不需要|别|別|省略|不必|没有)(?:任何|多余的?|多餘的?)?(?:解释|解釋|说明|說明)",
        denied=r"(?:不|别|別|不要|不能|并非)\Z",
        polite=r"[能请請给給]|可以",
        explain=r"解释|解釋|说明|說明",
        spaced=False,
        before="",
    ),
    _Phrases(
        stems=("コマンド",),
        command=r"コマンド",
        only=r"(?!)",
        filler=r"(?!)",
        other=r"コマンド(?:ライン)?(?:だけ|のみ)(?!では?なく|じゃなく|でも|ならず|が|しか|で(?:は?足り|動|十分))"
        r"|コマンド以外(?:は|の[^。\n]{0,8}は)?(?:不要|いら|要り|書か)",
        silence=r"(?:説明|解説|コメント)(?:は|も|を)?(?:不要|なし|無し|いらな|要らな|いりませ|省)",
        denied=r"(?!)",
        polite=r"ください|下さい|くれ|もらえ|いただけ|頂け|お願い|教えて",
        explain=r"(?!)",
    ),
    _Phrases(
        stems=("명령", "커맨드"),
        command=r"(?:명령|커맨드)",
        only=r"(?!)",
        filler=r"(?!)",
        other=r"(?:명령어?|커맨드)(?:\s*(?:줄|라인))?(?:\s*(?:하나|한\s*줄))?만(?!이?\s*(?:아니|말고)|으로)",
        silence=r"설명\s*(?:은|도|을)?\s*(?:없이|필요\s*없|생략|빼고|하지\s*마|안\s*해)",
        denied=r"(?!)",
        polite=r"주세요|줄래|주실|줘|부탁",
        explain=r"(?!)",
    ),
    _Phrases(
        stems=("कमांड", "कमाण्ड", "कमान्ड", "आदेश"),
        command=r"(?:कमांड|कमाण्ड|कमान्ड|आदेश)(?:\s*लाइन)?(?!\s*(?:ही\s*)?नहीं)",
        only=r"(?:केवल|सिर्फ\u093c?|बस|मात्र)",
        filler=r"मुझे|हमें|एक|पूरा|पूरी|सही|अंतिम|यह|वह|चाहिए|दीजिए|दो|ही",
        other=r"(?:कमांड|कमाण्ड|आदेश)\s*(?:के\s*(?:अलावा|सिवा)\s*(?:और\s*)?कुछ\s*(?:भी\s*)?(?:नहीं|मत))",
        silence=r"(?:कोई|बिना(?:\s*किसी)?)\s*(?:व्याख्या|विवरण|स्पष्टीकरण)|(?:व्याख्या|विवरण|स्पष्टीकरण)\s*(?:नहीं|मत|के\s*बिना)",
        denied=r"(?!)",
        polite=r"सकते|दीजिए|कृपया|दें\b",
        explain=r"समझा",
        before="",  # vowel signs are not part of words to Python
    ),
    _Phrases(
        stems=("commando", "opdracht"),
        command=r"(?:commando(?:regel)?|opdracht(?:regel)?)\b",
        only=r"(?:alleen|enkel|slechts|uitsluitend|gewoon)",
        filler=_words("maar het de een mij me ons graag geef stuur toon ik wil heb nodig volledige exacte kale"),
        other=r"\bcommando,?\s+(?:en\s+)?(?:verder\s+niets|niets\s+anders|meer\s+niet)",
        silence=r"\b(?:geen|zonder)\s+(?:\w+\s+)?(?:uitleg|toelichting|commentaar|tekst)",
        denied=r"\bniet\s+\Z",
        polite=r"\b(?:kun|kunt|kan|zou|wil)\s+(?:je|jij|u)\b|\b(?:graag|alsjeblieft|alstublieft)\b",
        explain=r"\b(?:uitleg|leg\s|verklaar|begrijp)",
    ),
    _Phrases(
        stems=("kommando",),
        command=r"kommando(?:t|rad(?:en)?)?\b",
        only=r"(?:bara|endast|enbart)",
        filler=_words("det ett mig oss ge visa skicka jag vill ha behöver hela exakta själva"),
        other=r"\bkommandot?,?\s+(?:och\s+)?(?:inget\s+annat|inget\s+mer)",
        silence=r"\b(?:ingen|inga|utan)\s+(?:\w+\s+)?(?:förklaring|kommentar|text)",
        denied=r"\binte\s+\Z",
        polite=r"\b(?:kan|kunde|skulle)\s+(?:du|ni)\b|\btack\b",
        explain=r"\b(?:förklar|beskriv|förstå)",
    ),
    _Phrases(
        stems=("команд",),
        command=r"команд(?:у|а|и|ою)\b",
        only=r"(?:тільки|лише|виключно|просто|саму)",
        filler=_words("мені нам потрібна дай дайте напиши покажи надішли саму одну готову повну будь ласка"),
        other=r"\bкоманд[уаи],?\s+(?:і\s+)?(?:більше\s+нічого|нічого\s+більше)",
        silence=r"\bбез\s+(?:\w+\s+)?(?:пояснен|коментар|тексту)",
        denied=r"\bне\s+\Z",
        polite=r"\b(?:можеш|можете|могли\s+б)\b|будь\s+ласка",
        explain=r"\b(?:поясни|опиши|зрозуміти)",
    ),
    _Phrases(
        stems=("lệnh",),
        command=r"(?:câu\s+|dòng\s+)?lệnh(?!\s+(?:này|đó|là|bị|làm))\b",
        only=r"(?:chỉ|mỗi)",
        filler=_words("cần cho đưa viết gửi tôi mình xem muốn một đúng ra"),
        other=r"\blệnh\s+(?:thôi|là\s+đủ)(?=\s*(?:[.,;:!)\n]|\Z|nhé|nha|không\s+cần))",
        silence=r"\b(?:không\s+(?:cần\s+)?|đừng\s+|khỏi\s+)giải\s+thích",
        denied=r"\bkhông\s+\Z",
        polite=r"\b(?:được\s+không|giúp|vui\s+lòng|làm\s+ơn)\b",
        explain=r"\bgiải\s+thích",
    ),
    _Phrases(
        stems=("perintah",),
        command=r"perintah(?:nya)?\b",
        only=r"(?:hanya|cukup|cuma)",
        filler=_words("saya kami butuh perlu ingin mau berikan beri kasih tulis satu baris lengkap tolong"),
        other=r"\bperintah(?:nya)?\s+saja(?=\s*(?:[.,;:!)\n]|\Z|tanpa|ya\b))",
        silence=r"\b(?:tanpa|tidak\s+perlu)\s+(?:\w+\s+)?(?:penjelasan|komentar|teks)",
        denied=r"\b(?:bukan|tidak|jangan)\s+\Z",
        polite=r"\b(?:bisa|tolong|mohon|bisakah)\b",
        explain=r"\bjelaskan",
    ),
    _Phrases(
        stems=("الأمر", "الامر", "أمر"),
        command=r"(?:سطر\s+)?ال?[أا]مر(?!\s+(?:لا|غير))",
        only=r"(?:فقط|مجرد)",
        filler=_words("أعطني اعطني أريد اريد أحتاج احتاج إلى هذا من فضلك لي"),
        other=r"ال[أا]مر\s+(?:فقط|وحده|لا\s+غير)(?=\s*(?:[.,;:!)\n،]|\Z|بدون|دون|من\s+فضلك))",
        silence=r"(?:بدون|دون|بلا|لا\s+(?:أريد|اريد|داعي\s+ل))\s*(?:أي\s+)?(?:شرح|تعليق|توضيح|للشرح)",
        denied=r"(?:ليس|لا)\s+\Z",
        polite=r"من\s+فضلك|هل\s+يمكن|هل\s+تستطيع",
        explain=r"اشرح",
    ),
    _Phrases(
        stems=("komut",),
        command=r"komut(?:u|unu|ları?|larını|\s+satırı(?:nı)?)?\b(?!\s+değil)",
        only=r"(?:sadece|yalnızca|yalnız|tek)",
        filler=_words("bana bize bir tek şu o son tam gerekli olan istediğim ihtiyacım şey doğru lütfen"),
        other=r"\bkomut(?:tan|un)?\s+(?:dışında|başka|haricinde)\s+(?:hiç\s*)?bir\s*şey",
        silence=r"\baçıklama(?:sız|\s+(?:yapma|yazma|istemiyorum|olmadan|olmasın|gerek\w*))",
        denied=r"(?!)",
        polite=r"\b(?:lütfen|verir|yazar|gösterir)\b|m[iı]s[iı]n",
        explain=r"(?!)",
    ),
)


# Ends of sentences: those with a space behind them, and those of scripts that need none.
_END = lazily(r"[.!?;](?=\s|\Z)|[。！？؟।；\n]")
# What makes a question of a sentence besides its mark.
_ASKING = lazily(r"(?:か|[나까가]요?|吗|嗎)\s*\Z|\A\s*(?:क्या|¿|هل\b)")
_NEGATIVE = lazily(
    r"(?i)n't|\bn'|[不别別无無]|\b(?:not?|never|without|nichts?|keine?|ohne|pas|rien|sans|nada|sin|non|niente|senza|não|sem|"
    r"nie|nic|bez|не|без)\b"
)


@once_per_document
def asks_only_for_command(prompt: str) -> bool:
    """True if a question asks for the command and nothing around it ("I only need the command, not a plan")."""
    import unicodedata

    text = unicodedata.normalize("NFC", prompt).replace("\u2019", "'")
    low = text.lower()
    return any(_asks(language, text) for language in _LANGUAGES if any(stem in low for stem in language.stems))


def _asks(language: _Phrases, text: str) -> bool:
    polite = _pattern(language.polite)
    for match in islice(_pattern(_request(language)).finditer(text), _MOST):
        before, sentence, is_question = _around(text, match.start(), match.end())
        if _pattern(language.denied).search(before[-40:]) or _explains(language, before):
            continue
        if not is_question or polite.search(sentence):
            return True
    if _pattern(language.silence).search(text) is None:
        return False
    for match in islice(_pattern(language.command).finditer(text), _MOST):
        _, sentence, is_question = _around(text, match.start(), match.end())
        if not is_question or polite.search(sentence):
            return True
    return False


def _request(language: _Phrases) -> str:
    between = (
        rf"{_SPACE}(?:(?:{language.filler}){_SPACE}){{0,8}}" if language.spaced else f"(?:{language.filler}){{0,5}}"
    )
    return rf"{language.before}{language.only}{between}{language.command}|{language.other}"


def _explains(language: _Phrases, before: str) -> bool:
    """True if what stands before a request in its sentence asks for an explanation."""
    found = _pattern(language.explain).search(before)
    return found is not None and not _NEGATIVE.search(before[max(found.start() - 15, 0) : found.end() + 15])


@lru_cache(maxsize=6 * len(_LANGUAGES))
def _pattern(source: str) -> re.Pattern[str]:
    return compile_sound(f"(?i:{source})")


def _around(text: str, start: int, end: int) -> tuple[str, str, bool]:
    """What stands before a place in its sentence, the whole sentence, and whether that is a question."""
    before = text[max(start - _FARTHEST, 0) : start]
    *_, last = (0, *(match.end() for match in _END.finditer(before)))
    before = before[last:]
    found = _END.search(text, end, end + _FARTHEST)
    sentence = before + text[start : found.end() if found is not None else end + _FARTHEST]
    return (
        before,
        sentence,
        sentence.rstrip().endswith(("?", "？", "؟")) or _ASKING.search(sentence.rstrip("。.")) is not None,
    )
