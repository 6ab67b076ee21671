"""Commands that an assistant's answer shows as wrong, or as not to be run: it quotes them, it does not give them."""

from __future__ import annotations

import re

from nemolint.base.patterns import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.document import Region

_LONGEST = 20_000  # code points of a question that are read
_MOST_AROUND = 300  # code points before or behind a command that are read as what is said of it
# Said of a command that is not to be run, by language; no answer in another language is misread for lack of one.
_REFUSED = lazily(
    "|".join(
        (
            r"\b(?:do\s+not|don['’]?t|never|must\s*n[o'’]?t|should\s*n[o'’]?t|(?<!to\s)avoid)\s+(?:ever\s+|directly\s+|just\s+)?"
            r"(?:run|us|launch|execut|submit|past|copy|typ|writ|do)(?:e|ing)?\b",
            r"\b(?:wrong|incorrect|broken|invalid|forbidden|unsafe)(?=\W*\Z|\W*[:—–]|\s+(?:command|line|way|one|form|version"
            r"|spelling|flag|option|call|invocation|example|usage)\b)",
            r"\b(?:not\s+valid|typos?|misspell\w*|mis-?typed|a\s+mistake)\b",
            r"\b(?:will\s+(?:fail|not\s+work)|won['’]t\s+work|does(?:\s+not|n['’]t)\s+(?:work|exist))\b",
            r"\byou(?:['’]ve|\s+have|\s+had)?\s+(?:wrote|written|ran|typed|posted|sent|pasted)\b",
            r"\b(?:instead\s+of|rather\s+than|not\s+this)\b",
            # "Two things are wrong with", "The problem in", "The reason that": right before the code.
            r"\b(?:wrong|incorrect|broken|invalid|off)\s+(?:with|about|in)\W*\Z",
            r"\b(?:problems?|issues?|errors?|mistakes?|faults?|bugs?|typos?)\s+(?:with|in|of)"
            r"(?:\s+(?:your|the|this|that)(?:\s+(?:command|line|call))?)?\W*\Z",
            "[❌✗✘🚫⛔]",
            r"\bnicht\s+(?:so\s+)?(?:aus(?:zu)?führen|starten|verwenden|benutzen|nutzen)\b",
            r"\b(?:führe|starte|nutze|benutze|verwende)n?\b[^.:\n]{0,40}\bnicht\b",
            r"\b(?:falsch|fehlerhaft|tippfehler|vertippt)\b|\b(?:fehler|problem)\w*\s+(?:in|an|bei|mit)\s*\W*\Z",
            r"\bn(?:e\s+|['’])(?:lance|exécute|utilise)[rz]?\b[^.:\n]{0,20}\bpas\b",
            r"\b(?:incorrecte?|erronée?|faute\s+de\s+frappe|coquille)\b"
            r"|\b(?:problèmes?|erreurs?)\s+(?:avec|dans|de)\s*\W*\Z",
            r"\bno\s+(?:lo\s+)?(?:ejecut|us|lanc)(?:e|es|en|ar)\b|\b(?:incorrecto|erróneo|error\s+tipográfico|errata)\b"
            r"|\b(?:problemas?|error(?:es)?)\s+(?:con|en|de)\s*\W*\Z",
            r"\bnão\s+(?:execute|use|rode|lance)\b|\b(?:incorreto|errado|erro\s+de\s+digitação)\b"
            r"|\b(?:problemas?|erros?)\s+(?:com|em|de)\s*\W*\Z",
            r"\bnon\s+(?:esegui|usa|lancia)\w*\b|\b(?:errato|sbagliato|refuso)\b",
            r"\bне\s+(?:запускай|выполняй|используй)(?:те)?\b|неправильн|неверн|опечатк|ошибочн",
            r"\bnie\s+(?:uruchamiaj|używaj|wykonuj)(?:cie)?\b|błędn|literówk|niepoprawn",
            "不要(?:直接)?(?:运行|執行|执行|使用|用)|请勿|切勿|别(?:运行|执行|用)|错误(?:的|写法|示例|命令)|拼写错误|拼错|有误",
            "(?:実行|使用|起動)しないで|使わないで|誤(?:り|字|った)|間違|タイプミス|スペルミス",
            r"(?:실행|사용)하지\s*마|잘못된|오타|틀린",
            r"(?:न|मत)\s*चला|ग़?लत",
            r"\b(?:çalıştırmayın|kullanmayın|yanlış|hatalı|yazım\s+hatası)\b",
        )
    ),
    re.IGNORECASE,
)
_FAULTY = lazily(r"\b(?:wrong|incorrect|broken|invalid|forbidden|unsafe)\b", re.IGNORECASE)
# What makes a condition of it: "if `…` fails, send me the output" gives a command.
_CONDITION = lazily(
    r"\b(?:if|when|once|unless|should|in\s+case|wenn|falls|sobald|si|quand|cuando|quando|se|jeśli|gdy|если|когда)\s*[\W_]*\Z"
    r"|(?:如果|若|当|當|もし|만약)\s*[\W_]*\Z",
    re.IGNORECASE,
)
# Said right behind a command that is shown for what it does.
_FAILS = lazily(
    r"[ \t,(—–-]*(?:(?:would|will|can|could|may)\s+)?(?:fail(?:s|ed)?|breaks?)\b"
    r"|[ \t]*(?:schlägt\s+fehl|scheitert|funktioniert\s+nicht|échoue|ne\s+(?:marche|fonctionne)\s+pas"
    r"|falla\b|no\s+funciona"
    r"|falha\b|não\s+funciona|fallisce|non\s+funziona|nie\s+działa|не\s+работает|завершается\s+(?:с\s+)?ошибк"
    r"|(?:会|會|命令)?(?:失败|失敗|报错|報錯|出错|出錯|不存在)|[はがも]?(?:失敗|エラー)|[은는이가]?\s*실패|विफल|काम\s+नहीं|hata\s+ver|başarısız)",
    re.IGNORECASE,
)
# How a question says that something does not work.
SAYS_FAILURE = lazily(
    r"(?i)\bfail|\berror\b|\bwrong\b|\bwhy\b|\binvalid\b|n['’]t\s+work|\bbroken\b|\brejected\b|\bfix\b|\bcrash|\bfehl|"
    r"\bwarum\b|"
    r"\berreur|\bpourquoi\b|\bfalla\b|\bpor\s+qu[ée]\b|\berrore\b|\bperché\b|\berro\b|\bbłąd|\bdlaczego\b|ошибк|почему|"
    r"错误|錯誤|失败|失敗|为什么|為什麼|エラー|なぜ|오류|실패|왜|त्रुटि|क्यों|\bhata\b|\bneden\b"
)
# What gives a command of the question once more, before it or behind it.
_GIVEN_AGAIN = lazily(
    r"(?:\b(?:run|use|try|execute|launch|start|type|paste|re-?run|führen?|starten?|nutzen?|verwenden?|lance[rz]?|exécute[rz]?"
    r"|utilise[rz]?|ejecut[ae]r?|us[ae]r?|rod[ae]r?|execut[ae]r?|esegui|uruchom|użyj|запусти(?:те)?|используй(?:те)?)\b"
    r"|运行|執行|执行|使用|再用)[\s\W]*\Z",
    re.IGNORECASE,
)
_GIVEN_BEHIND = lazily(
    r"[`\"'”»*]*\s*(?:を|을|를)?\s*(?:もう一度|再度|다시|erneut|again|tekrar)?\s*"
    r"(?:実行し|実行する|使っ|実行を|실행하|사용하|चला|çalıştır|aus\b|ausführen|again\b)",
    re.IGNORECASE,
)
# What makes the same words lead to a command that is right.
_RIGHTED = lazily(
    r"\b(?:fix(?:ed|es)?|correct(?:ed|ion|s)?|should\s+be|becomes?|replaced?|but|until|unless|before|without|first|then)\b"
    r"|\binstead\b(?!\s+of)|\b(?:korrigiert|richtig|stattdessen|sondern|corrigée?|plutôt|corregid[oa]|en\s+su\s+lugar)\b"
    r"|\b(?:corrigid[oa]|corrett[oa]|invece|исправлен\w*|poprawion\w*|zamiast\s+tego|doğrusu)\b"
    "|[✅✔☑]|正确|正しい|修正|改为|应为|올바른|수정|सही",
    re.IGNORECASE,
)
# What stands between words and the code that they lead to, and behind it.
_BEFORE_CODE = lazily(
    r"[ \t>]*(?:```|~~~)[^\n`]*\n?\Z|<pre\b[^<>]*>(?:<code\b[^<>]*>)?\s*\Z|[`\"'“”«»„*_$%#>\s]+\Z", re.IGNORECASE
)
_AFTER_CODE = lazily(r"[`\"'“”«»*_]*(?:\n[ \t>]*(?:```|~~~)[ \t]*\n\s*)?")
_ENDS = lazily(r"[`\"'”»*_]*[ \t]*(?:\n|\Z)")
_COMMENT_LINE = lazily(r"(?:\A|\n)[ \t]*#+[ \t]*([^\n]*)\Z")
_CLAUSE_END = lazily(r"[.!?;](?:\s|$)|[。！？；]|\n\s*\n|\||(?:\A|\n)-{3,}[ \t]*(?:\n|\Z)")
# Nobody reads it.
_HIDDEN = lazily(r"<!--(?:(?!-->).)*(?:-->|\Z)|\A(?:(?!<!--).)*-->", re.DOTALL)
_GOES_ON = lazily(
    r"[ \t,(—–-]*(?:has|have|contains?|is|was|will|would|won['’]t|does|ist|hat|enthält|est|contient|tiene"
    r"|contiene|é|è|to|jest|имеет|содержит|有|是|には|は|에는|में)[^.!?。\n]{0,80}",
    re.IGNORECASE,
)


def quoted_as_wrong(region: Region, start: int, end: int) -> bool:
    """True if an answer shows the command `start:end` of a region as one that is wrong, or not to be run.

    Offsets are code points of the region's text.
    """
    line = region.text.rfind("\n", 0, start)
    comment = _COMMENT_LINE.search(region.text, max(0, line - _MOST_AROUND), line) if line > 0 else None
    if comment is not None and _RIGHTED.search(comment[1]) is not None:
        return False
    if region.kind == "snippet" and _is_asked_about(region, start, end):
        return True
    text = region.document.text
    place = region.map.outer_start(0)
    before = text[max(0, place - _MOST_AROUND) : place]
    if "-->" in before:
        before = _HIDDEN.sub("", before)
    while (trimmed := _BEFORE_CODE.sub("", before)) != before:
        before = trimmed
    above = comment[1] if comment is not None and "nemolint:" not in comment[1] else ""
    leads = (_CLAUSE_END.split(before)[-1], above)
    for lead in leads:
        if (refused := _REFUSED.search(lead)) is not None and _RIGHTED.search(lead, refused.end()) is None:
            return True
    last = region.map.to_outer(start, end)[1]
    behind = text[last : last + _MOST_AROUND]
    code_end = _AFTER_CODE.match(behind).end()  # type: ignore[union-attr]
    if _FAILS.match(behind, code_end) is not None and _CONDITION.search(leads[0]) is None:
        return True
    goes_on = _GOES_ON.match(behind, code_end)
    return goes_on is not None and any(pattern.search(goes_on[0]) is not None for pattern in (_REFUSED, _FAULTY))


def _is_asked_about(region: Region, start: int, end: int) -> bool:
    """True for a command within a sentence which is that of the question, which says that it does not work.

    An answer that says to run it once more gives it.
    """
    prompt = (region.document.prompt or "")[:_LONGEST]
    if "steps" not in prompt or SAYS_FAILURE.search(prompt) is None:
        return False
    if " ".join(region.text[start:end].split()) not in " ".join(prompt.split()):
        return False
    text = region.document.text
    first, last = region.map.to_outer(start, end)
    line = text[text.rfind("\n", 0, first) + 1 : first]
    alone = not line.strip("`*_>#-+. \t0123456789") and _ENDS.match(text, last) is not None
    return not alone and _GIVEN_AGAIN.search(line) is None and _GIVEN_BEHIND.match(text, last) is None
