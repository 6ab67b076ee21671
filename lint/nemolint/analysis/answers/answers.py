"""What an assistant's answer says around its commands, and what its question asked for. Part of the plugin API.

The functions match texts with patterns that err on one side: if a text probably says it, it counts as said, so that a
rule built on them stays silent. In languages other than English that takes a word or two. All of them take linear time.
"""

from __future__ import annotations

import re

from nemolint.analysis import languages, page_text
from nemolint.analysis.caching import once_per_document
from nemolint.base.patterns import lazily
from nemolint.document import Document
from nemolint.secrets.names import last_segment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.base.choices import Tier
    from nemolint.shell.command import Command

_MOST_WORDS_AROUND = 40


# -- the question


def asks_only_for_command(prompt: str) -> bool:
    """True if a question asks for the command and nothing around it ("I only need the command, not a plan")."""
    from nemolint.analysis.answers import questions

    return questions.asks_only_for_command(prompt)


_NO_ENV_FILE = lazily(
    r"(?i)(?:\bno|n't|\bnot|\bwithout|\bnever|\black(?:s|ing)?|\bmissing)\b[^.?!\n]{0,40}"
    r"\b(?:env(?:ironment)?[ -](?:TOML|file|profile)s?\b|env(?:\.[\w-]+)?\.toml\b|NEMOTRON_ENV_FILE\b)"
)

_ENV_FILE = r"[`\"']?(?:env(?:ironment)?[ -](?:TOML|file|profile)s?|env(?:\.[\w-]+)?\.toml|NEMOTRON_ENV_FILE)(?!\.?\w)"
_NO_ENV_FILE_ELSEWHERE = lazily(
    rf"(?i)(?:\bkein(?:e[nrsm]?)?|\baucune?|\bpas\s+d[e']|\bno\s+(?:hay|tengo|tenemos|existe)|\bning[uú]n\w*|"
    rf"\bnon\s+(?:c'è|ho|abbiamo|esiste)|\bnessun\w*|\bnão\s+(?:há|tenho|temos|existe)|\bnenhum\w*|"
    rf"\bnie\s+(?:ma|mam|mamy)|\bbrak|нет|没有|沒有|无|無)[^.?!。？！\n]{{0,40}}{_ENV_FILE}|"
    rf"(?:\bohne|\bsans|\bsin|\bsenza|\bsem|\bbez|\bбез)\s+(?:(?:ein|une?|una|uma|el|le|il|o)\w*\s+)?{_ENV_FILE}|"
    rf"{_ENV_FILE}[^.?!。？！\n]{{0,40}}(?:\b(?:fehlt|manque|falta|manca|yok)\b|нет|отсутств|ない|なし|ありません|없|नहीं)"
)


def says_no_env_file(prompt: str) -> bool:
    """True if a question says that there is no env TOML, so an answer cannot name an existing profile."""
    pattern = _NO_ENV_FILE if languages.of_text(prompt) == "en" else _NO_ENV_FILE_ELSEWHERE
    return pattern.search(prompt) is not None


def question_has_file(document: Document, path: str) -> bool:
    """True if the question of an answer names this env TOML, so that its author has it, whether it is here or not."""
    if not document.answer or not document.prompt or says_no_env_file(document.prompt):
        return False
    name = path.replace("\\", "/").rpartition("/")[2]
    return bool(name) and re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", document.prompt) is not None


# -- the answer as a whole


@once_per_document
def is_command_only(document: Document) -> bool:
    """True if a reply consists of its command blocks with at most a sentence or two around them."""
    if not any(run.role != "mention" for run in document.runs):
        return False
    words = 0
    position = 0
    for region in document.regions:
        if region.kind != "shell" or region.parent is not None:
            continue
        start, end = region.map.to_outer(0, len(region.text))
        if start >= position:
            words += len(document.text[position:start].split())
        position = max(position, end)
    return words + len(document.text[position:].split()) <= _MOST_WORDS_AROUND


def answers_with_command(document: Document) -> bool:
    """True for an answer that gives only the command because that is all its question asked for."""
    return document.prompt is not None and is_command_only(document) and asks_only_for_command(document.prompt)


def quotes_as_wrong(command: Command) -> bool:
    """True for a command that an answer shows as wrong, or as not to be run: it quotes it, it does not give it."""
    if not command.document.answer:
        return False
    from nemolint.quoted_wrong import quoted_as_wrong

    return quoted_as_wrong(command.region, command.start, command.end)


# Between the words of a tier's name: a hyphen or a dash of any kind, or spaces.
_JOIN = r"[\s\u00a0\u00ad_\-\u2010-\u2015\u2212\ufe58\ufe63\uff0d]{0,3}"
_TIER_WORDS: dict[Tier, re.Pattern[str]] = {
    # Capitalised it is the name of the tier; in lower case only if something marks it as one.
    "verified": lazily(
        r"(?<![\w-])(?:Verified|VERIFIED)\b|[*_`\"][Vv]erified[*_`\":.]|"
        r"(?i:\b(?:tier|source|status|confidence|grounding)\b[ \t]{0,8}+(?:is|[:=*_`-]){0,8}[ \t*_`\"]{0,8}verified\b)"
    ),
    "repo-grounded": lazily(rf"(?i)\brepo(?:sitory)?{_JOIN}grounded\b"),
    "reference-grounded": lazily(rf"(?i)\breferences?{_JOIN}grounded\b"),
    "blocked": lazily(
        r"(?<![\w-])(?:Blocked|BLOCKED)\b|[*_`\"]blocked\b|"
        r"(?i:\b(?:is|are|it's|remains?|stays?|currently|still|as|tier|status|mark(?:ed)?)\b"
        r"[ \t]{0,8}+[:=-]{0,8}+[ \t*_`\"]{0,8}+blocked\b)"
        r"(?![ ]by[ ](?:an?|the|your|our)[ ](?:\w+[ ])?(?:firewall|proxy|network))"
    ),
}
# As answers in other languages put them.
_GROUNDED = (
    rf"{_JOIN}?(?:gestützt|basiert|fundiert|fond[éa]|bas[éa]|basad|basat|fundamentad|ancrad|ancorat|baserad|opart|"
    r"dayalı|temelli|आधारित|根拠|準拠|ベース|기반)"
)
_TIERS_ELSEWHERE: dict[Tier, re.Pattern[str]] = {
    "verified": lazily(
        r"(?i)\b(?:verifiziert|überprüft|vérifiée?|verificad[oa]|verificat[oa]|zweryfikowan[eoay]|doğrulandı)\b|"
        r"проверено|"
        r"已验证|已驗證|検証済み|확인됨|검증됨|सत्यापित"
    ),
    "repo-grounded": lazily(
        rf"(?i)\brepo(?:sitor(?:y|ium|io)|zytorium)?s?{_GROUNDED}|\b(?:auf|am)\s+(?:dem\s+|das\s+)?repo\w*\s+(?:basier|gestützt)|"
        r"\b(?:fond|bas|fundament|oparte|основан)\w*\s+(?:\S+\s+){0,2}(?:repo|dépôt|depósito|репозитор)|"
        r"(?:基于|基於|根据|根據)(?:代码|程式碼)?(?:仓库|倉庫|存储库|repo)|リポジトリ(?:に)?(?:基づ|準拠|ベース)|저장소\s*기반|रिपो\S*\s*आधारित|"
        r"depo(?:ya)?\s+(?:dayalı|temelli)"
    ),
    "reference-grounded": lazily(
        rf"(?i)\br[eé]f[eé]ren[cz]i?[ae]?s?{_GROUNDED}|"
        r"\b(?:fond|bas|fundament|oparte|основан)\w*\s+(?:\S+\s+){0,2}(?:r[eé]f[eé]ren|riferiment|справоч|документац)|"
        r"(?:基于|基於|根据|根據)(?:参考|參考)|(?:参照|リファレンス)(?:に)?(?:基づ|準拠|ベース)|참조\s*기반|संदर्भ\S*\s*आधारित|"
        r"referansa?\s+(?:dayalı|temelli)"
    ),
    "blocked": lazily(
        r"(?i)\b(?:blockiert|gesperrt|bloquée?|bloquead[oa]|bloccat[oa]|zablokowan[eyao]|engellendi|bloke)\b|"
        r"заблокирован|"
        r"受阻|被阻止|已阻止|已阻塞|阻塞|ブロック(?:中|状態|され)|차단됨|차단되|막혀|अवरुद्ध|ब्लॉक"
    ),
}
_NOT = lazily(
    r"(?i)(?:\bnot|n't|\bnever|\bno longer|\bnothing(?: is| was)?|\bnone(?: is| are)?|\bun|\bwithout(?: being)?|"
    r"\bwould be|\bwould have been|\bnon)[ \t*_`\"-]*(?:yet[ ]|currently[ ]|been[ ]|being[ ]|fully[ ])?[*_`\"]*\Z"
)


# What a dry run gave, near its name.
_DRY = r"(?:\bdry[-\s\u2010-\u2015]?runs?\b|--dry-run\b|\brender(?:[ -]check|ed)\b)"
_RESULT = (
    r"(?:(?<!no )(?<!not )\b(?:succeed(?:s|ed)?|success(?:ful|fully)?|pass(?:es|ed)?|"
    r"exit(?:s|ed)?(?:[ ]+\w+){0,2}[ ]+0|"
    r"compile[ds]|resolve[ds]|print(?:s|ed)|show(?:s|ed)|return(?:s|ed)|report(?:s|ed)|gave|output|result|"
    r"completed|finished|clean(?:ly)?|worked|confirm(?:s|ed)|ran|was[ ]run|went[ ]through|OK)\b)"
)
_DRY_RESULT = lazily(
    rf"(?i){_DRY}[^\n]{{0,160}}{_RESULT}|{_RESULT}[^\n]{{0,160}}{_DRY}|"
    rf"\bverified\b[*_`]*[ ]*(?:by|with|through|via|using|in|from|[:(,-])[^\n]{{0,80}}{_DRY}"
)
# What a command that the answer shows gave, where that command is a dry run.
_RAN_IT = lazily(
    r"(?i)\bexit(?:ed|s)?[ ]+(?:(?:with|code|status|was|is|of)[ :=]*){1,3}`?0\b|\bexit[ ]?code[ :=]*`?0\b|"
    r"\b(?:it|which|that|command|output)[ ]+(?:\w+[ ]+){0,2}(?:printed|rendered|compiled|resolved|succeeded|passed)\b|"
    r"\b(?:compiled|rendered|resolved|finished|ended|went[ ]+through)[ ]+"
    r"(?:cleanly|fine|without[ ]+(?:an[ ]+|any[ ]+)?errors?)"
)
# The name of a dry run in other languages.
_DRY_ELSEWHERE = lazily(
    r"(?i)\bdry|\bprobelauf|\btrockenlauf|\btestlauf|\bà\s+blanc|\bsimula|\ben\s+seco|\bprova\b|\bpróbn|\bna\s+sucho|"
    r"пробн|"
    r"тестов|试运行|試運行|空运行|演练|ドライラン|試験実行|드라이|시험\s*실행|परीक्षण|ड्राई|deneme"
)

# A dry run that the launch is without, or that did not take place: "ohne `--dry-run`", "`--dry-run` なし".
_WITHOUT_BEFORE = lazily(
    r"(?i)(?:\b(?:ohne|kein(?:e[nmrs]?)?|nicht|sans|pas\s+(?:de|d')|aucun|sin|ning[uú]n|no|senza|nessun|non|sem|"
    r"nenhum|não|bez|nie|żaden|без|не|нет)\b|去掉|移除|不带|不帶|没有|沒有|未|无|無|不加)"
    r"\s*(?:\S+\s+){0,3}[`*_\"'«„(]*-*\Z"
)
_WITHOUT_AFTER = lazily(
    r"[\w-]*[`*_\"'»”)]*\s*(?:を?(?:付け|つけ|外し|除い|実行していな|せず|しな)|は?(?:なし|無し|まだ)|없이|"
    r"(?:을|를)?\s*(?:빼|제거|하지)|के\s*बिना|नहीं|olmadan|yapılmadı|weg|wegf|wegl|entfern)"
)


@once_per_document
def stated_tiers(document: Document) -> frozenset[Tier]:
    """The source tiers that an answer marks itself with: Verified, Repo-grounded, Reference-grounded, Blocked.

    Verified counts only where the answer shows what its dry run gave.
    """
    text = page_text.outside_runs(document)
    tiers = {tier for tier, pattern in _TIER_WORDS.items() if _stated(pattern, text)}
    tiers.update(tier for tier, pattern in _TIERS_ELSEWHERE.items() if _stated(pattern, text))
    if "verified" in tiers and not _shows_dry_run(document, text):
        tiers.discard("verified")
    return frozenset(tiers)


def claims_verified(document: Document) -> bool:
    """True if an answer marks itself Verified and shows no result of a dry run."""
    text = page_text.outside_runs(document)
    return _stated(_TIER_WORDS["verified"], text) and not _shows_dry_run(document, text)


def _shows_dry_run(document: Document, text: str) -> bool:
    """True if an answer says what its dry run gave, or shows a text that it printed."""
    if any(not _NOT.search(text[max(match.start() - 30, 0) : match.start()]) for match in _DRY_RESULT.finditer(text)):
        return True
    if _RAN_IT.search(text) and any(run.dry_run and run.role != "mention" for run in document.runs):
        return True
    return languages.of_text(text) != "en" and any(
        not _WITHOUT_BEFORE.search(text[max(match.start() - 40, 0) : match.start()])
        and not _WITHOUT_AFTER.match(text, match.end())
        for match in _DRY_ELSEWHERE.finditer(text)
    )


def _stated(pattern: re.Pattern[str], text: str) -> bool:
    return any(not _NOT.search(text[max(match.start() - 30, 0) : match.start()]) for match in pattern.finditer(text))


def is_blocked(document: Document) -> bool:
    """True if an answer says that it is blocked, so its commands are not meant to be run yet."""
    return "blocked" in stated_tiers(document)


_NEEDS = lazily(
    r"(?i)\b(?:I|we)(?:'ll|[ ]will|[ ]would|[ ]still|[ ]also|[ ]do){0,2}[ ]+(?:need|require)\b"
    r"(?![ ]+to[ ](?!know\b|see\b))|"
    r"\bstill[ ]+(?:\w+[ ]+){0,2}(?:needs?|needed|missing|required|unknown|open)\b|"
    r"\b(?:is|are|'s)[ ]+(?:still[ ]+|currently[ ]+)?(?:missing|unknown|not[ ]known|not[ ]given)\b|"
    r"\bmissing[ ]+(?:\w+[ ]+){0,2}(?:values?|inputs?|details?|information|fields?|paths?|metadata)\b|"
    r"\bmissing\W{0,3}:|"
    r"\b(?:required|needed|open)[ ]+(?:inputs?|values?|details?|fields?)\b|"
    r"\b(?:please|can[ ]you|could[ ]you|would[ ]you)[ ]+(?:\w+[ ]+)?"
    r"(?:provide|supply|give|share|send|specify|fill|tell(?![ ]+me[ ]+(?:to|when|once|if|before|that)\b))\b|"
    r"\b(?:please|can[ ]you|could[ ]you|would[ ]you)[ ]+(?:\w+[ ]+)?confirm[ ]+(?:\w+[ ]+){0,3}"
    r"(?:which|what|where|paths?|models?|ids?|names?|values?|fields?|languages?|format|license|task)\b|"
    r"\b(?:tell|send|give)[ ]+me\b(?![ ]+(?:to|when|once|if|before|that|so|a[ ]+(?:shout|ping|sign))\b)|"
    r"\blet[ ]me[ ]know[ ]+(?:the|your|which|what|where|whether)\b|"
    r"\b(?:replace|substitute|fill[ ]in|fill)\b|"
    r"\b(?:needs?|requires?)[ ]+(?:your|these|the[ ]following|a[ ]value|values|from[ ]you|concrete)\b|"
    r"\bonce[ ]+(?:you|I)[ ]+(?:give|provide|supply|share|send|know|have|tell|fill)\b|"
    r"\b(?:you|must|should)[ ]+(?:provide|supply|specify|fill[ ]in)\b|"
    r"^(?![ \t]*#)[^?\n]{0,300}?\b(?:what|which|where)(?:'s)?[ ][^.?!\n]{3,120}\?",
    re.MULTILINE,
)
_NEEDS_ELSEWHERE = lazily(
    r"(?i)\b(?:brauche|benötig|fehl(?:t|en)|ersetz|trag(?:e|en)?\s+sie|trage|teil(?:e|en)?\s+\S+\s+mit|nenn|gib\b|"
    r"geben\s+sie)|"
    r"\b(?:besoin|manqu|remplac|précis|indiqu|fourni|donne(?:z)?-moi|dites?-moi)|"
    r"\b(?:necesit|falta|reemplac|reemplaz|sustitu|indi[cq]|proporcion|dime|dígame|faltan)|"
    r"\b(?:serv(?:e|ono)|manca|sostitu|fornis|dimmi|indica|specific)|"
    r"\b(?:precis|falt|substitu|informe|forne[çc]|diga)|"
    r"\b(?:potrzeb|brakuj|zastąp|zamie[ńn]|podaj|podać|uzupełn)|нужн|нужен|не\s+хватает|замени|укажи|подстав|сообщи|"
    r"требу|"
    r"还需|還需|需要|缺少|缺|替换|替換|请提供|請提供|填入|填写|告诉我|告訴我|必要|不足|置き換え|教えて|指定して|入力して|提供して|"
    r"필요|누락|바꾸|교체|알려|제공|입력|चाहिए|आवश्यक|बदलें|बदलिए|बताएँ|बताइए|बताएं|प्रदान|"
    r"\b(?:gerek|eksik|değiştir|belirt|paylaş|söyle|lazım)|"
    r"\b(?:welche[rsnm]?|quel(?:le)?s?|cuál(?:es)?|qual[ei]?|quais|jak[iaą]|które|который|какой|какая|"
    r"hangi)\b[^.?!\n]{2,120}\?|"
    r"(?:什么|哪个|哪里|何|どの|どれ|어떤|무엇|कौन)[^。？?\n]{0,80}[？?]"
)
_NOTHING_MISSING = lazily(r"(?i)\b(?:nothing|none|no[ ]+(?:\w+[ ]+){0,2}\w+)[ ]*\Z")

_NOTHING_ELSEWHERE = lazily(
    r"(?i)(?:\b(?:nichts|keine?|rien|aucune?|ne|nada|ning[uú]n\w*|nulla|niente|não|nenhum\w*|no|non|nic|nie|hiçbir)|"
    r"ничего|не|不|无|"
    r"無|没有)\s*(?:\S+\s+){0,1}\Z"
)


@once_per_document
def says_what_is_missing(document: Document) -> bool:
    """True if an answer says that it still needs values from the reader, or that it is blocked."""
    if is_blocked(document):
        return True
    text = page_text.outside_runs(document)
    for match in _NEEDS.finditer(text):
        if not _NOTHING_MISSING.search(text[max(match.start() - 30, 0) : match.start()]):
            return True
    language = languages.of_text(text)
    if language == "en":
        return False
    return language not in languages.READ or any(
        not _NOTHING_ELSEWHERE.search(text[max(match.start() - 30, 0) : match.start()])
        for match in _NEEDS_ELSEWHERE.finditer(text)
    )


def names_missing(document: Document, key: str) -> bool:
    """True if an answer is blocked, or says that it needs values and names this key (`hf_model_id`, "HF model ID")."""
    if is_blocked(document):
        return True
    if not says_what_is_missing(document):
        return False
    name = "[ _-]".join(re.escape(word) for word in last_segment(key).split("_"))
    return re.search(rf"(?i)(?<!\w){name}(?!\w)", page_text.outside_runs(document)) is not None
