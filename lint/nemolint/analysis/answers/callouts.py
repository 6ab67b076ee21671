"""What a text says about keys, launches and scores: the callouts that an answer needs. Part of the plugin API.

As in `answers`, the patterns err on the side of "said", above all for languages other than English.
"""

from __future__ import annotations

import os
import re

from nemolint.analysis import languages, page_text, placeholders
from nemolint.analysis.caching import once_per_document
from nemolint.base.paths import below, parent
from nemolint.base.patterns import lazily
from nemolint.document import Document, Span
from nemolint.invocation import StepRun
from nemolint.project.model import UNKNOWN
from nemolint.secrets.names import name_field, secret_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from nemolint.project import Project
    from nemolint.project.effective import Effective

_MOST_LINKS = 50
_LONGEST = 20_000  # characters of one paragraph that are read
_FARTHEST = 300  # characters of a sentence around a word


# -- what is checked, and where it may be said


def command_runs(document: Document) -> list[StepRun]:
    """The runs that a document gives its reader: of an answer, templates and usage lines too."""
    return [
        run
        for run in document.runs
        if not run.help
        and run.surface != "comment"
        and (run.role == "command" or (document.answer and run.role in ("template", "synopsis")))
    ]


def place_of(run: StepRun) -> Span:
    """The place for findings about what a document does not say about a run: its step."""
    return run.step.span if run.step is not None else run.words[0].span


@once_per_document
def language(document: Document) -> str:
    """The language that a document's prose is written in, as `languages.of_text` gives it."""
    return languages.of_text(page_text.outside_runs(document))


def doubtful(document: Document, *, says: bool = True) -> Literal["info"] | None:
    """`info`, the severity of a callout where nobody can tell whether it is owed or made; else None.

    That is so where the question is in a language that is not read and, if what the answer `says` matters, where the
    answer is.
    """
    if document.prompt and languages.of_text(document.prompt) not in languages.READ:
        return "info"
    return "info" if says and language(document) not in languages.READ else None


# A Markdown link to a page, and MyST's `{doc}` with or without a title.
_LINK = lazily(
    r"\]\([ \t]*<?([^()<>\s#?:]{1,300}\.(?:md|mdx|rst|txt))(?:#[^()\s]*)?>?[ \t]*(?:\"[^\"\n]*\")?\)|"
    r"\{doc\}`(?:[^`<>\n]{1,200}<)?([\w./-]{1,300})>?`"
)


def said(document: Document, project: Project) -> list[str]:
    """The document's text outside its runs, and the text of each page of the checkout that it links to."""
    return [page_text.outside_runs(document), *linked_pages(document, project)]


@once_per_document
def linked_pages(document: Document, project: Project) -> tuple[str, ...]:
    """The texts of the pages that a document links to.

    A link counts if it is a path, relative to the document's folder or to the root of the checkout, to a file below the
    root (below the working directory if there is no checkout).
    """
    from nemolint.project.file_reader import UnreadableFile

    top = project.root if project.root is not None else project.reader.cwd
    folders = dict.fromkeys((parent(document.absolute) if document.absolute else project.reader.cwd, top))
    texts: list[str] = []
    for link in dict.fromkeys(match[1] or f"{match[2]}.md" for match in _LINK.finditer(document.text)):
        if len(texts) >= _MOST_LINKS:
            break
        for folder in folders:
            path = os.path.normpath(os.path.join(folder, link))
            if link.startswith("/") or not below(path, top):
                continue
            try:
                text = project.reader.text(path)
            except UnreadableFile:
                continue  # ignore a page that cannot be read
            if text is not None:
                texts.append(text.replace("\u2019", "'"))
                break
    return tuple(texts)


_BLANK = lazily(r"\n[ \t>]*\n")


def paragraphs(text: str) -> list[str]:
    """Blocks of a text between blank lines, cut if they are unreasonably long."""
    return [block[:_LONGEST] for block in _BLANK.split(text.replace("\r\n", "\n")) if block.strip()]


# -- hosted services

_CAPS_NAME = lazily(r"(?<!\w)[A-Z][A-Z0-9]*_[A-Z0-9_]+(?!\w)")
_CLOUD = lazily(r"(?:AWS|GOOGLE|GCP|AZURE)_\w+")
# They open data and logs, not the service that a step calls.
_OTHER_SERVICES = frozenset({"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HUGGINGFACE_TOKEN", "WANDB_API_KEY"})
_DEFAULT = lazily(r"\$\{oc\.env:\w+,[ ]*['\"]?([A-Z][A-Z0-9_]*)['\"]?\}")
_LOCAL = lazily(r"(?i)\A['\"]?(?:https?://)?(?:localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[::1\]|host\.docker\.internal)\b")
_URL_KEYS = ("url", "base_url", "api_base", "endpoint")


def auth_variables(run: StepRun, project: Project) -> frozenset[str] | None:
    """Names of the variables that hold the key of the hosted service that a run calls, according to its config.

    None if the run calls no hosted service, if that is unknown, or if the field for the name holds something else
    (which other rules report); empty if it calls one and its config names no variable.
    """
    step = project.step_of(run)
    effective = project.effective(run)
    if step is None or effective is None or not project.is_paid(step, effective) or project.deploys(run) is not False:
        return None
    if any(secret_key(override.key) and override.value.text for override in run.overrides):
        return None
    names: set[str] = set()
    local = False
    for key, value in effective.leaves:
        if not name_field(key) or value is None or value == "":
            continue
        if _is_local(effective, key):
            local = True
            continue
        default = _DEFAULT.fullmatch(value) if isinstance(value, str) else None
        name = default[1] if default else value
        if value is UNKNOWN or not isinstance(name, str) or not _CAPS_NAME.fullmatch(name):
            return None
        names.add(name)
    return None if local and not names else frozenset(names)


def is_unfinished(run: StepRun) -> bool:
    """True for an incomplete command: an answer that still asks for its values."""
    from nemolint.analysis.answers.answers import says_what_is_missing

    return bool(placeholders.in_run(run)) and says_what_is_missing(run.document)


def _is_local(effective: Effective, key: str) -> bool:
    """True if the service next to a field `…api_key_env` runs on this machine and so needs no key."""
    around = key.rpartition(".")[0]
    values = (effective.get(f"{around}.{name}" if around else name) for name in _URL_KEYS)
    return any(isinstance(value, str) and _LOCAL.match(value) for value in values)


@once_per_document
def _capital_names(document: Document, project: Project) -> tuple[frozenset[str], frozenset[str]]:
    """The names in capitals of a document and the pages that it links to, and those that may hold a key."""
    texts = (document.text, *linked_pages(document, project))
    found = frozenset(name for text in texts for name in _CAPS_NAME.findall(text))
    return found, frozenset(
        name for name in found if name not in _OTHER_SERVICES and (secret_key(name) or _CLOUD.fullmatch(name))
    )


def named_auth_variables(document: Document, project: Project, wanted: frozenset[str]) -> frozenset[str]:
    """The variables for the key of a hosted service that a document and the pages that it links to name.

    Those `wanted`, else those of a cloud, which other backends use; any that may hold a key if none is wanted.
    """
    found, keys = _capital_names(document, project)
    if not wanted:
        return keys
    return wanted & found or frozenset(name for name in keys if _CLOUD.fullmatch(name))


# Of a variable, not of results.
_EXPORT = lazily(
    r"(?i)\bexport(?:ed|ing|s)?\b(?![ ]+(?:the[ ]+|a[ ]+|to[ ]+)?(?:\w+[ ]+)?(?:dir|directory|path|folder|format|"
    r"files?|results?|outputs?|checkpoints?|models?|weights|data|datasets?)\b)"
)
_NO_EXPORT = lazily(r"(?i)(?:\bnot|n't|\bnever|\bwithout|\bno need to)[ ]+(?:\w+[ ]+){0,2}\Z")
_IN_ENVIRONMENT = lazily(
    r"(?i)\b(?:in|into|from|through|via|by)[ ]+(?:the|your|its|that|this|a)?[ ]*(?:[\w.`-]+[ ]+){0,3}?"
    r"(?:environment|shell|session)\b|\benv_vars\b|"
    r"\b(?:secrets?|passwords?|credentials?|keys?)[ -]+(?:manager|store|storage|vault)\b|\bvault\b|\bkey-?(?:chain|"
    r"ring)\b"
)
_IS_SET = r"\b(?:set|sets|setting|defined?|present|available|populated?|visible|loaded?|unset)\b"
_GIVEN_IN = (
    r"\b(?:(?:provide|supply|pass|put|store|keep)\b[^.;\n]{0,60} (?:via|through|in|into)|(?:must|should|has to) be in|"
    r"goes into|belongs in(?:to)?)"
)
_ABOUT_KEYS = lazily(r"(?i)\b(?:it|its|value|keys?|tokens?|credentials?|variables?|secrets?|environment|shell)\b")
# Other languages: to export, to set, the environment, where secrets are kept.
_EXPORT_ELSEWHERE = lazily(
    r"(?i)\bexport|\besport|\beksport|экспорт|导出|匯出|輸出|エクスポート|내보내|익스포트|निर्यात|एक्सपोर्ट|dışa\s+aktar|"
    r"\b(?:umgebung|gesetzt|setz|hinterleg|environnement|défini|entorno|defin[aei]|establec|configur|ambiente|impost|"
    r"środowisk|ustaw|ortam|ayarla|tanımla)|\bumwelt|окружени|переменн|установ|задай|задан|"
    r"环境|環境|设置|設定|设为|設為|设好|セット|환경|설정|पर्यावरण|एनवायरनमेंट|वातावरण|सेट\b|परिवेश|"
    r"\b(?:vault|secret)|tresor|coffre|gestor|gestore|gestionnaire|menedżer|kasa|хранилищ|密钥管理|金鑰管理"
)
_SENTENCE_END = lazily(r"[.;!?](?=[\s`*\"')]|\Z)|[。！？।；]|\n")
# What an active `export` is about: the names that follow it.
_OBJECTS = lazily(r"(?:[ ]+(?:the|your|a|both|variables?|value|of|key|token|die|den|la|el|le|il|o)){0,3}[ ]*[`*\"']*")
_OF_BEFORE = lazily(r"[ ]+(?:it|its|this|that|them|both|ihn|sie|es|la|lo|le)\b")
_LISTED = lazily(
    r"[`*\"']*([A-Z][A-Z0-9]*+_[A-Z0-9_]++)[^\s,;]*(?:,?[ ]+(?:and|or|und|oder|et|ou|y|e|i|и|和|と)[ ]+|,[ ]*|[ ]+)?"
)


def names_export(texts: list[str], variable: str, *, readable: bool = True) -> bool:
    """True if the texts say that `variable` must be exported, or set in the environment.

    A command (`export X`, `read -s X`, `${X:?}`) says so, or prose that names the variable or its key in the same
    paragraph; what is said of another variable does not. A mere use (`api_key_env=X`) does not, either, but where the
    text is not `readable` English, other words for exporting count.
    """
    name = rf"(?<![\w=]){re.escape(variable)}(?!\w)"
    here = re.compile(name)
    asked = re.compile(rf"\bread[ ]+(?:-[^\n;|]{{0,80}})?(?<!\w){name}|\$\{{{re.escape(variable)}:?\?")
    is_set = re.compile(
        rf"(?i:{_IS_SET})[^.;\n]{{0,80}}{name}|{name}[^.;\n]{{0,80}}(?i:{_IS_SET})|"
        rf"{name}[`*\"']*(?i: (?:holds|contains)\b)|"
        rf"(?i:{_GIVEN_IN}) (?i:(?:the )?(?:env(?:ironment)? var(?:iable)? )?)[`$*\"']*{name}"
    )
    for text in texts:
        if asked.search(text) or is_set.search(text):
            return True
        for block in paragraphs(text):
            named = here.search(block) is not None
            others = not named and any(name != variable for name in _key_names(block))
            if others:
                continue
            if named or _ABOUT_KEYS.search(block):
                if any(_is_about(match, block, here, active=True) for match in _positive(_EXPORT, block)):
                    return True
                stored = named or "secret" in block or "key" in block
                if stored and any(_is_about(match, block, here) for match in _IN_ENVIRONMENT.finditer(block)):
                    return True
            if not readable and any(_is_about(match, block, here) for match in _EXPORT_ELSEWHERE.finditer(block)):
                return True
    return False


def _key_names(text: str) -> list[str]:
    """The names in capitals of a text that may hold a key."""
    return [
        name
        for name in _CAPS_NAME.findall(text)
        if name in _OTHER_SERVICES or secret_key(name) or _CLOUD.fullmatch(name)
    ]


def _is_about(match: re.Match[str], block: str, here: re.Pattern[str], *, active: bool = False) -> bool:
    """True if a word about exporting is about the variable, as far as its sentence says.

    `active`: what follows `export` is its object.
    """
    start, end = match.span()
    if active and match[0].lower() in ("export", "exporting", "exports"):
        at = _OBJECTS.match(block, end)
        first = _LISTED.match(block, at.end()) if at is not None else None
        if first is None and _OF_BEFORE.match(block, end):
            return here.search(block) is not None or not _key_names(block)
        if first is not None and block.startswith("=", first.end(1)):
            line = block.find("\n", end)
            return here.search(block, end, line if line >= 0 else len(block)) is not None
        if first is not None:
            place, objects = first.start(), ""
            while (item := _LISTED.match(block, place)) is not None:
                place = item.end()
                objects += f" {item[1]}"
            return here.search(objects) is not None or not _key_names(objects)
    before = block[max(start - _FARTHEST, 0) : start]
    *_, last = (0, *(item.end() for item in _SENTENCE_END.finditer(before)))
    stop = _SENTENCE_END.search(block, end, end + _FARTHEST)
    sentence = before[last:] + block[start : stop.start() if stop is not None else end + _FARTHEST]
    return here.search(sentence) is not None or not _key_names(sentence)


def _positive(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    return (
        match
        for match in pattern.finditer(text)
        if not _NO_EXPORT.search(text[max(match.start() - 30, 0) : match.start()])
    )


# -- launches

_LAUNCH = r"(?:launch|submit|run|start|proceed|execute|kick|go)"
_CONFIRM = lazily(
    r"(?i)\bconfirm(?:ation)?\b|\bapprov(?:e|al)\b|"
    r"\b(?:until|once|when|be|if)[ ]+(?:\w+[ ]+){0,2}(?:confirmed|approved)\b|"
    r"\b(?:your|the|a|say)[ ]+[\"'`]?go[- ]ahead\b|\bsign[- ]?off\b|"
    r"\b(?:your|explicit)[ ]+(?:OK|okay|consent|permission|agreement|yes)\b|"
    rf"\b(?:OK|okay)[ ]+to[ ]+{_LAUNCH}\b[^.\n]{{0,60}}\?|\b(?:want|like)[ ]+me[ ]+to[ ]+(?:\w+[ ]+){{0,3}}{_LAUNCH}\b|"
    r"\bif[ ]+you[ ]+(?:want|agree|accept|approve|are[ ]+(?:happy|ready|sure|fine|OK))\b|"
    r"\b(?:when|once|after|until)[ ]+you(?:'re|'ve|[ ]+are|[ ]+have)?[ ]+(?:\w+ly[ ]+)?"
    r"(?:ready|sure|happy|reviewed|checked|looked|inspected|verified|agreed?|accept(?:ed)?|decided?|say|said)\b|"
    r"\b(?:before|until|unless|once|after|when|if)[ ]+you(?:'ve|[ ]+have)?[ ]+(?:\w+ly[ ]+)?(?:confirm|approv|agree)|"
    r"\b(?:before|until|unless|once|after|when|if)[ ]+you\b[^.;!?\n]{0,80}\band[ ]+(?:\w+[ ]+)?(?:confirm|approve)d?\b"
    r"(?![ ]+(?:that|whether|if)\b)|"
    # The reader has done so.
    r"\byou(?:'ve|[ ]+have|[ ]+had)?[ ]+(?:already[ ]+|just[ ]+)?(?:confirmed|approved)\b(?![ ]+(?:that|whether|if)\b)|"
    r"\bare[ ]+you[ ]+(?:OK|okay|fine|happy|comfortable|sure)\b[^.\n]{0,60}\?|"
    r"\bonly[ ]+(?:\w+[ ]+){0,4}(?:if|when|once|after)[ ]+you\b|"
    r"\b(?:shall|should|may|can)[ ]+(?:I|we)\b[^.?!\n]{0,80}\?|\bproceed\?|"
    rf"\blet[ ]+me[ ]+know[ ]+(?:if|when|before)\b[^.\n]{{0,60}}\b(?:{_LAUNCH}|ready)\b|"
    r"\bafter[ ]+(?:\w+[ ]+){0,6}confirming\b|\bmake[ ]+sure[ ]+(?:that[ ]+)?you[ ]+(?:really[ ]+)?want\b|"
    r"\bask(?:ing)?[ ]+(?:you[ ]+)?(?:first|before)\b|\btell[ ]+me[ ]+(?:if|when|before|to)\b"
)
# A confirmation of something else, or none at all: "I confirmed", "to confirm that the config compiles", "no
# confirmation is needed".
_NO_CONFIRM = lazily(
    r"(?i)(?:\bno|\bnot|n't|\bwithout|\bskip|\bto|\bwill|\bcan|\bI|\bwe|\bneither)[ ]+(?:(?:any|further|need|ask|wait|"
    r"have|also|then|for|to|a|an|the|your)[ ]+){0,3}\Z"
)
_ASK_TO_CONFIRM = lazily(
    r"(?i)\b(?:ask|asks|asking|need|needs|want|wants|require|requires|like|remember|have|you|please|wait|waits|waiting)"
    r"(?:[ ]+(?:for|you|your|explicit|the|user|to|a|an|me|me to)){1,4}[ ]+\Z"
)


_CONFIRM_ELSEWHERE = lazily(
    r"(?i)\bbestätig|\bfreigabe|\bfreigeb|\bzustimm|\bgenehmig|\brückmeldung|\beinverstanden|\bbescheid\b|\b(?:ihr|"
    r"dein)\s+ok\b|"
    r"\b(?:soll(?:en)?|darf)\s+(?:ich|wir)\b|\b(?:möchten\s+sie|möchtest\s+du|wollen\s+sie|willst\s+du),?\s+dass|"
    r"\bconfirm|\bapprob|\baprob|\bapprov|\bvalidez?\b|\b(?:votre|ton)\s+accord|\bfeu\s+vert|\bdois-je\b|"
    r"\bveux-tu\s+que|"
    r"\bsouhaite(?:z-vous|s-tu)|\bautori[sz]|\bvisto\s+bueno|\b(?:quieres|desea|desean)\s+que|¿lo\s+|\bconferm|"
    r"\bdevo\b|\bvuoi\s+che|"
    r"\bposso\s+(?:lan|ini|execut|enviar|avvi)|\bquer\s+que\s+eu|\bpotwierd|\bzgod[ayęz]|\bczy\s+mam\b|подтвер|одобр|"
    r"согласи|разрешени|запускать\?|确认|確認|批准|同意|核准|承認|許可|よろしいですか|需要我|要我(?:现在)?(?:启动|运行|执行|提交)|"
    r"확인|승인|동의|할까요|पुष्टि|अनुमति|स्वीकृति|मंज़?ूरी|क्या\s+मैं|\bonay|\bizin|\bteyit|\bbaşlatayım"
)
# "In order to confirm that the config compiles", "no confirmation is needed".
_NO_CONFIRM_BEFORE = lazily(
    r"(?i)(?:\bum\s+(?:\S+\s+){0,4}zu|\bpour|\bpara|\bper|\b(?:że|a)by|чтобы|以|来|來|用于|用於)\s*\Z|"
    r"(?:\bkeine|\bpas\s+besoin\s+(?:de|d')|无需|無需|不需要|不用|无须)\s*(?:\S+\s+){0,2}\Z"
)
_NO_CONFIRM_AFTER = lazily(
    r"(?i)\A\S{0,6}\s*(?:は|が|도|은|는|के\s+लिए)?\s*(?:不要|不必|いりませ|要りませ|必要ありませ|필요\s*없|की\s+(?:ज़?रूरत|आवश्यकता)\s+नहीं|"
    r"gerek\s*(?:yok|mez)|"
    r"n'est\s+pas\s+n|no\s+es\s+nec|não\s+é\s+nec|non\s+è\s+nec|ist\s+nicht\s+n|nie\s+jest|не\s+(?:нужн|треб))"
)


_DOUBLE_NEGATION = lazily(r"(?i)(?:\bnot|n't|\bnever)\b[^.\n]{0,50}\bwithout[ ]+(?:\w+[ ]+){0,2}\Z")
_NEGATION = lazily(r"(?i)\b(?:no|not|without|never)\b|n't")


@once_per_document
def asks_to_confirm(document: Document) -> bool:
    """True if an answer asks its reader to confirm before something is launched."""
    text = page_text.outside_runs(document)
    for match in _CONFIRM.finditer(text):
        before = text[max(match.start() - 80, 0) : match.start()]
        if not match[0].lower().startswith(("confirm", "approv")) or not _NO_CONFIRM.search(before):
            return True
        asked = _ASK_TO_CONFIRM.search(before) is not None and not _NEGATION.search(before[-30:])
        if asked or _DOUBLE_NEGATION.search(before):
            return True
    return language(document) != "en" and any(
        not _NO_CONFIRM_BEFORE.search(text[max(match.start() - 40, 0) : match.start()])
        and not _NO_CONFIRM_AFTER.search(text[match.end() : match.end() + 40])
        for match in _CONFIRM_ELSEWHERE.finditer(text)
    )


_CONFIRMED = lazily(
    r"(?i)\b(?:I|we)(?:'ve|[ ]have)?(?:[ ](?:already|hereby|explicitly)){0,2}[ ]+"
    r"(?:(?:confirm|approve)(?:ed|d)?(?:[ ,;.:!\n—–]|\Z)(?![ ]*(?:that|if|whether|before|when|once|after|later)\b)|"
    r"(?:give|gave)[ ]+(?:you[ ]+)?(?:my|our|the)[ ]+(?:OK|okay|go[- ]ahead|approval)\b)|"
    r"\bgo[ ]ahead[ ]+and[ ]+(?:launch|submit|start)\b|"
    r"\b(?:the[ ]+)?(?:launch|run|job|budget)[ ]+(?:is|has[ ]been)[ ]+(?:confirmed|approved)\b|"
    r"\bich[ ]+(?:bestätige|genehmige)\b|\bje[ ]+(?:confirme|valide)\b|\bj'ai[ ]+(?:confirmé|validé)\b|"
    r"\b(?:yo[ ]+)?confirmo\b|\bconfermo\b|\bpotwierdzam\b|\bonaylıyorum\b|"
    r"我(?:已经?|已經?)?(?:确认|確認|批准|同意)(?!一?下)|я\s+подтверждаю|実行を承認し|실행을\s*승인"
)


def confirms_launch(prompt: str) -> bool:
    """True if a question confirms the launch itself ("I confirm the launch"), so that no answer needs to ask for it."""
    prompt = prompt.replace("\u2019", "'")
    return any(
        not _NEGATION.search(prompt[max(match.start() - 20, 0) : match.start()])
        for match in _CONFIRMED.finditer(prompt)
    )


# -- FAITH scoring

_SCORE = lazily(r"(?i)\bscor(?:e|es|ing)\b|\bfaith_(?!eval)\w+")
_WHERE = lazily(
    r"(?i)\b(?:writ(?:e|es|ten|ing)|sav(?:e|ed|es)|stor(?:e|ed|es)|land|lands|output(?:s|_dir)?|columns?|fields?|"
    r"appear|"
    r"added|attached|emitted|recorded|found|metadata|files?|director(?:y|ies)|folder|beside|alongside|next to|under|"
    r"merge_scores)\b"
)
_LOW = lazily(
    r"(?i)\blow(?:er|est)?\b|\bbelow\b|\bbeneath\b|\bthreshold\b|\bcut-?off\b|\bfail(?:s|ed|ing)?\b|"
    r"\b(?:poor|weak|bad)(?:er|ly|est)?\b|"
    r"(?:\b(?:under|less[ ]+than|at[ ]+least|above|over|minimum(?:[ ]+of)?)|[<>≤≥]=?)[ `*]{0,4}\d"
)
_FATE = lazily(
    r"(?i)\b(?:keep|keeps|kept|filter(?:ed|s|ing)?|filter_enabled|drop(?:ped|s)?|remov(?:e|ed|es)|discard(?:ed|s)?|"
    r"review(?:ed)?|retain(?:ed|s)?|flag(?:ged)?|exclud(?:e|ed|es)|reject(?:ed|s)?)\b"
)
_BY_SCORE = lazily(
    r"(?i)\b(?:on|by|using|with)\s+(?:them|it|those|these|(?:the|their|its|that|this)?\s*(?:faith\s+)?scores?)\b"
)
_ENABLED = lazily(
    r"(?i)\bfaith_eval(?:\.enabled)?\b|\bfaith\b[^.\n]{0,80}\b(?:enabled?|disabled?|on|off|true|false|runs?|active)\b|"
    r"\b(?:enables?|enabled|disabled?|turns? (?:on|off)|with|without)\b[^.\n]{0,40}\bfaith\b"
)


def faith_gaps(texts: list[str], *, set_in_command: bool) -> list[str]:
    """What the handoff of FAITH scores leaves out: whether it is on, where scores go, what happens to low ones."""
    gaps: list[str] = []
    if not set_in_command and not any(_ENABLED.search(text) for text in texts):
        gaps.append("whether `faith_eval.enabled` is true")
    blocks = [block for text in texts for block in paragraphs(text)]
    if not any(_SCORE.search(block) and _WHERE.search(block) for block in blocks):
        gaps.append("where the scores are written")
    if not any(_FATE.search(block) and (_LOW.search(block) or _BY_SCORE.search(block)) for block in blocks):
        gaps.append("whether rows with low scores are kept, filtered or reviewed")
    return gaps
