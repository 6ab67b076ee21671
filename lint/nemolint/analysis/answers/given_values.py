"""The values that a question gives, and which of them an answer's commands have changed. Part of the plugin API.

A value counts as changed only where the command has something else in its very place: under the same key, or a text of
the same kind that is plainly a form of it. A value that stands anywhere in the answer's code is not missing.
"""

from __future__ import annotations

import re

from nemolint.analysis import globs, languages, page_text
from nemolint.analysis.answers import given_numbers
from nemolint.analysis.caching import once_per_document
from nemolint.base.close_matches import edit_distance
from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.quoted_wrong import SAYS_FAILURE
from nemolint.secrets.names import name_field, secret_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from nemolint.document import Document
    from nemolint.invocation import Override, StepRun, Value
    from nemolint.project import Project

_LONGEST = 20_000  # characters of a question that are read
_MOST = 60  # values of one kind
_MOST_PROSE = 50_000  # characters of an answer in which a change may be named
_NEAR = 400  # characters between a value and the one that it replaces, in prose that says so


class Changed(NamedTuple):
    """A value of the question, and the one that a run has in its place. `what` says what it is.

    `swapped` is the value that has changed places with it.
    """

    value: Value
    what: str
    given: str
    swapped: Value | None = None


# -- the question

_PATH = lazily(r"(?<![\w:/.<>{}$)-])(?:\.{0,2}/|[\w.-]+/)[^\s`'\"<>|;,(){}\\，。；、）]+")
_URL = lazily(r"https?://[^\s`'\"<>|,;(){}\\，。；、）]+")
_PAIR = lazily(r"(?<![\w.-])([A-Za-z_][\w.]*)=(\"[^\"\n]*\"|'[^'\n]*'|[^\s`,;，。；、]+)")
_OPTION = lazily(r"(?<![\w-])(-c|--config|-b|--batch|-r|--run)[ =]([\w./-]+)")
_MODEL = lazily(r"[A-Za-z][\w-]*/[A-Za-z0-9][\w.-]*")
_STEP = lazily(r"[\w-]+(?:/[\w-]+)+")
_VERSION = lazily(r"/.*[\d-]")
_ITERATION = lazily(r"(?<![A-Za-z0-9])iter_\d+(?!\w)")
_CAPS = lazily(r"(?<![\w$])[A-Z][A-Z0-9]*_[A-Z0-9_]+(?!\w)")
_SERVICE = lazily(
    r"(?i)\b(?:endpoint|server|service|url|api|base|served|serveur|servi[cdz]\w*|adres\w*|dienst|sunucu)\b|"
    r"серв[еи]|服务|服務|端点|端點|地址|接口|サーバ|エンドポイント|서버|엔드포인트|주소|सर्वर|एंडपॉइंट|خادم|الخدمة"
)
# What only a service has in its URL, and where one reads about it instead.
_API = lazily(
    r"(?i)/v\d+(?:/|\Z)|/(?:chat/)?completions\b|//[^/]*:\d{2,5}(?:/|\Z)|//(?:api|llm|nim|inference|integrate|model)s?[.-]"
)
_PAGES = lazily(r"(?i)//(?:docs?|www|blog|wiki)\.|//(?:github|gitlab|huggingface|arxiv)\.|\.(?:html?|md|pdf)\b")
_AS_MODEL = lazily(r"(?i)\bmod(?:el|èl)|\bcheckpoint|\bLLM\b|\bbase\b|модел|模型|モデル|모델|मॉडल|fine-?tun")
_DATASET = lazily(r"(?i)\bdata[ -]?set|\bdaten|\bjeu\s+de|\bdatos|\bdati|\bdados|\bdane|данн|数据|データ|데이터|डेटा")
_URL_KEYS = frozenset({"url", "base_url", "api_base", "endpoint", "endpoint_url"})
_MODEL_KEYS = frozenset({"model", "model_id", "model_name", "hf_model_id", "pretrained_model_name_or_path"})
_FIELD = lazily(
    r"(?i)\b(?:field|column|feld|spalte|champ|colonne|campo|columna|colonna|coluna|pole|kolumna|поле|alan|sütun)s?"
    r"[ ]+(?:is[ ]+|named[ ]+|called[ ]+|heißt[ ]+)?[`'\"«„]?([A-Za-z_][\w.*]*)|"
    r"(?<![\w.*])([A-Za-z_][\w.*]*)[`'\"]?[ ]*(?:字段|"
    r"フィールド|필드|फ़?ील्ड)|"
    r"(?:字段|欄位|栏位|フィールド|필드|फ़?ील्ड|trường|الحقل)(?:名称|名|명)?[ ]*"
    r"(?:是|为|為|叫|名为|は|が|은|는|का[ ]नाम|là|هو)?[ ]*[:：=]?[ ]*"
    r"[`'\"「『]?([A-Za-z_][\w.*]*)"
)
_NO_FIELD = frozenset(
    [
        "and",
        "or",
        "of",
        "in",
        "is",
        "are",
        "that",
        "which",
        "for",
        "with",
        "to",
        "names",
        "name",
        "from",
        "as",
        "on",
        "into",
        "it",
        "by",
        "und",
        "oder",
        "der",
        "die",
        "das",
        "ist",
        "mit",
        "für",
        "et",
        "ou",
        "de",
        "du",
        "est",
        "qui",
        "pour",
        "y",
        "o",
        "que",
        "es",
        "el",
        "la",
        "con",
        "e",
        "di",
        "che",
        "per",
        "da",
        "do",
        "em",
        "i",
        "w",
        "na",
    ]
)


# A value that its author leaves open.
_OPEN = lazily(r"(?i)/path/to\b|[<>{}$…]|\byour[-_]|\.\.\.|\bx{3,}\b|\bexample\b|\bplaceholder|\bfoo\b|\A\.*\Z")
_OPEN_URL = lazily(
    r"(?i)/path/to\b|[<>{}$…]|\byour[-_]|\.\.\.|\bx{3,}\b|\bplaceholder|//(?:www\.)?example\.(?:com|org|net)/?\Z"
)
# Sentences that speak of a profile, and those that leave its choice to the answer.
_SENTENCE = lazily(r"(?<=[.!?;])\s|[。！？；\n]")
_PROFILE = lazily(r"(?i)\bprofil|\bperfil|профил|配置文件|設定檔|プロファイル|프로[파필]|प्रोफ")
_NAME_OF_PROFILE = lazily(r"(?<![\w./$=-])(?:lepton|slurm|dgxcloud|local)_[a-z0-9_]*[a-z0-9](?![\w/=]|\.\w)")
_CHOOSES = lazily(
    r"(?i)\b(?:which|what)\b[^.?!\n]{0,40}\bprofile|\b(?:another|other|different|new|instead\s+of|not|never|e\.g\.|such\s+as|like)\b"
    r"[^.?!\n]{0,60}\b(?:profile|(?:lepton|slurm|dgxcloud)_)"
)


class GivenValues(NamedTuple):
    """What a question gives, in the order in which it does."""

    pairs: tuple[tuple[str, str], ...]
    options: tuple[tuple[str, str], ...]
    paths: tuple[str, ...]
    urls: tuple[str, ...]
    models: tuple[str, ...]
    iterations: tuple[str, ...]
    variables: tuple[str, ...]
    fields: tuple[str, ...]
    spoken: tuple[str, str] | None
    profiles: tuple[str, ...] = ()


@once_per_document
def given(prompt: str) -> GivenValues:
    """The values that a question gives."""
    text = settings = prompt[:_LONGEST]
    spoken = languages.translation(text)
    if SAYS_FAILURE.search(text):
        # What fails is not what is wanted.
        text, settings = _without_failures(_without_commands(text))
    urls = tuple(
        dict.fromkeys(url for match in _URL.finditer(text) if not _OPEN_URL.search(url := match[0].rstrip(".:!?")))
    )[:_MOST]
    rest = _URL.sub(" ", text)
    words = _unique(match[0].rstrip(".:!?") for match in _PATH.finditer(_PAIR.sub(" ", rest)))
    pairs = tuple(
        (match[1], match[2].strip("\"'").rstrip(".:!?)"))
        for match in _PAIR.finditer(settings)
        if match[2].strip("\"'") and not _OPEN.search(match[2])
    )
    fields = ((match[1] or match[2] or match[3]).rstrip(".") for match in _FIELD.finditer(rest))
    return GivenValues(
        pairs[:_MOST],
        tuple((match[1], match[2].rstrip(".")) for match in _OPTION.finditer(_URL.sub(" ", settings)))[:_MOST],
        tuple(word for word in words if word.startswith((".", "/")) or globs.has_magic(word) or _has_file(word)),
        urls,
        tuple(word for word in words if _MODEL.fullmatch(word) and not _has_file(word) and _VERSION.search(word)),
        _unique(_ITERATION.findall(text)),
        _unique(name for name in _CAPS.findall(text) if secret_key(name)),
        _unique(name for name in fields if name.lower() not in _NO_FIELD and not name.isupper()),
        spoken or _named_languages(pairs),
        () if SAYS_FAILURE.search(prompt[:_LONGEST]) or _CHOOSES.search(text) else _unique(_profiles(rest)),
    )


def _profiles(text: str) -> Iterator[str]:
    """The profiles that a question names: `slurm_sft_automodel` in a sentence that speaks of a profile."""
    for sentence in _SENTENCE.split(text):
        if _PROFILE.search(sentence):
            yield from _NAME_OF_PROFILE.findall(sentence)


def _named_languages(pairs: tuple[tuple[str, str], ...]) -> tuple[str, str] | None:
    """The languages that a question names as `source_language=en target_language=hi`."""
    found = {key.rpartition(".")[2]: value for key, value in pairs}
    source, target = found.get("source_language"), found.get("target_language")
    if source is None or target is None or not (languages.is_code(source) and languages.is_code(target)):
        return None
    return source.partition("-")[0], target.partition("-")[0]


_INLINE = lazily(r"`[^`\n]*`")


def _without_commands(text: str) -> str:
    """A question without the commands that it shows, in inline code or on lines with those that continue them."""
    text = _INLINE.sub(lambda match: " " if "steps run" in match[0] else match[0], text)
    kept: list[str] = []
    line = ""
    for part in [*text.split("\n"), ""]:
        line += part
        if line.endswith("\\"):
            line = line[:-1]
            continue
        at = line.find("steps run")
        kept.append(line if at < 0 else line[: max(line.rfind("nemotron", 0, at), 0)])
        line = ""
    return "\n".join(kept)


def _without_failures(text: str) -> tuple[str, str]:
    """A question without the sentences that say that something fails; and without what leads to these, too.

    An option or a setting is named before it is said to fail: "I pass -c tiny.yaml. Why is that wrong?"
    """
    sentences = _SENTENCE.split(text)
    fails = [SAYS_FAILURE.search(sentence) is not None for sentence in sentences]
    for index in range(1, len(sentences)):
        fails[index] |= fails[index - 1] and sentences[index - 1].rstrip().endswith((":", "："))
    leads = [*fails[1:], False]
    return (
        "\n".join(sentence for sentence, failing in zip(sentences, fails, strict=True) if not failing),
        "\n".join(
            sentence for sentence, failing, lead in zip(sentences, fails, leads, strict=True) if not (failing or lead)
        ),
    )


def _unique(texts: Iterator[str] | list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if not _OPEN.search(text)))[:_MOST]


_FILE = lazily(r"\.(?:jsonl?|parquet|ya?ml|toml|csv|tsv|txt|gz|zst|bin|idx|safetensors|nemo|sh|py)(?![\w.])")


def _has_file(word: str) -> bool:
    return _FILE.search(word) is not None


# -- the answer


@once_per_document
def _code(document: Document) -> str:
    """What an answer gives to run or to write into a file: its blocks of code, and its commands wherever they are."""
    parts = [region.text for region in document.regions if region.kind == "shell"]
    parts += [word.value for run in document.runs if run.role != "mention" for word in run.words]
    parts += [match[0] for match in _FENCED.finditer(document.text)]
    return "\n".join(parts)


_FENCED = lazily(r"(?ms)^[ \t>]{0,8}(`{3,}|~{3,})[^\n]*\n.*?(?:^[ \t>]{0,8}\1|\Z)")


def _stands(text: str, value: str) -> bool:
    """True if a text has the value as a whole, or as the beginning of a longer path."""
    return re.search(rf"(?<![\w.-]){re.escape(value.rstrip('/'))}(?![\w-])", text) is not None


class _Kept(NamedTuple):
    """The question's values that an answer keeps: in its code, or in the values of its overrides; and its numbers."""

    in_code: frozenset[str]
    in_values: frozenset[str]
    numbers: frozenset[float]


@once_per_document
def _kept(document: Document) -> _Kept:
    asked = given(document.prompt or "")
    code = _code(document)
    values = "\n".join(item.value.text for run in document.runs if run.role != "mention" for item in run.overrides)
    every = {
        *(value for _, value in asked.pairs),
        *asked.paths,
        *asked.urls,
        *asked.models,
        *asked.iterations,
        *asked.variables,
        *asked.fields,
    }
    numbers = frozenset[float]().union(*(_as_numbers(text) for text in set(re.findall(given_numbers.NUMBER, code))))
    return _Kept(
        frozenset(value for value in every if _stands(code, value))
        | {value for value in (*(value for _, value in asked.options), *asked.profiles) if _option_in(code, value)},
        frozenset(value for value in every if _stands(values, value)),
        numbers,
    )


@once_per_document
def _prose(document: Document) -> str:
    """What an answer says outside its blocks of code and in the comments of these."""
    text = page_text.outside_runs(document)[:_MOST_PROSE]
    return _FENCED.sub(lambda match: "\n".join(_COMMENT.findall(match[0])), text)


_COMMENT = lazily(r"(?:^|(?<=\s))#.*")


def _is_said(document: Document, old: str, new: str) -> bool:
    """True if an answer's prose names the new value beside the old one, or where it says no more than that it chose."""
    prose = _prose(document)
    for match in re.finditer(rf"(?<![\w.-]){re.escape(old)}(?![\w-])", prose):
        if _stands(prose[max(match.start() - _NEAR, 0) : match.end() + _NEAR], new):
            return True
    return False


def changed(run: StepRun, project: Project) -> Iterator[Changed]:
    """The values of the question that this run has changed."""
    document = run.document
    if not document.prompt:
        return
    asked = given(document.prompt)
    seen: set[int] = set()
    for item in _candidates(run, project, asked, _kept(document)):
        at = id(item.value.word)
        if at not in seen and not _is_said(document, item.given, item.value.text):
            seen.add(at)
            yield item


def _candidates(run: StepRun, project: Project, asked: GivenValues, kept: _Kept) -> Iterator[Changed]:
    yield from _languages(run, project, asked)
    overrides = [item for item in run.overrides if item.value.known and item.value.text]
    for key, value in asked.pairs:
        last = key.rpartition(".")[2]
        allowed = [one for name, one in asked.pairs if name == key]
        for item in overrides:
            same = item.key == key or ("." not in key and item.key.rpartition(".")[2] == last)
            if same and value not in kept.in_code and not any(_equal(item.value.text, one) for one in allowed):
                yield Changed(item.value, f"`{item.key}`", value)
    # What stands in a config that the answer gives comes with no option of its own.
    options = (("config", run.config), ("profile", run.profile)) if run.role != "documented" else ()
    for name, mine in options:
        allowed = [value for flag, value in asked.options if (flag in ("-c", "--config")) is (name == "config")]
        if name == "profile":
            allowed += [one for one in asked.profiles if not _is_of_another_step(one, run, project)]
        if not allowed or not kept.in_code.isdisjoint(allowed) or not _is_asked_step(run, project):
            continue
        if mine is not None and mine.known and mine.text:
            if not any(_equal(mine.text, value) for value in allowed):
                yield Changed(mine, f"the {name}", allowed[0])
    lost = [path for path in asked.paths if path not in kept.in_code and project.match(path).step is None]
    for item in overrides:
        text = item.value.text
        key = item.key.rpartition(".")[2].lower()
        if "/" in text and "://" not in text:
            found = next((path for path in lost if _is_form(text, path, asked.paths)), None)
            if found is None and len(lost) == 1 and _is_among_input(item, run, project, asked.paths):
                found = lost[0]
            if found is not None:
                yield Changed(item.value, "the path", found)
        if key in _URL_KEYS and "://" in text and len(asked.urls) == 1 and asked.urls[0] not in kept.in_code:
            if _is_service(run, asked.urls[0], text):
                yield Changed(item.value, "the URL", asked.urls[0])
        models = [name for name in asked.models if project.match(name).step is None]
        if key in _MODEL_KEYS and _MODEL.fullmatch(text) and len(models) == 1 and models[0] not in kept.in_code:
            if _is_model(run.document.prompt or "", models[0], text):
                yield Changed(item.value, "the model", models[0])
        if name_field(item.key) and len(asked.variables) == 1 and _CAPS.fullmatch(text):
            if text != asked.variables[0] and asked.variables[0] not in kept.in_code:
                yield Changed(item.value, "the variable", asked.variables[0])
        if len(asked.iterations) == 1 and asked.iterations[0] not in kept.in_code:
            if any(name != asked.iterations[0] for name in _ITERATION.findall(text)):
                yield Changed(item.value, "the iteration", asked.iterations[0])
        if key.endswith(("_field", "_column")) and len(asked.fields) == 1 and text != asked.fields[0]:
            if asked.fields[0] not in kept.in_values and re.fullmatch(r"[\w.*]+", text):
                yield Changed(item.value, "the field", asked.fields[0])
        if re.fullmatch(given_numbers.NUMBER, text) and (number := _number_for(item.key, key, run, project)):
            if kept.numbers.isdisjoint(_as_numbers(number)):
                yield Changed(item.value, f"`{item.key}`", number)


def _number_for(full: str, key: str, run: StepRun, project: Project) -> str:
    """The number that the question gives for a key, under its own name or one that means the same; "" without one."""
    step = project.step_of(run)
    synonyms = project.known(step).synonyms if step is not None else {}
    others = {name.rpartition(".")[2] for name, meant in synonyms.items() if meant == full}
    return given_numbers.number_of(run.document.prompt or "", key, *sorted(others - {key}))


def _is_of_another_step(profile: str, run: StepRun, project: Project) -> bool:
    """True if a profile is named after another step: `slurm_sft_automodel` for a run of `rl/nemo_rl/dpo`."""
    step = project.step_of(run)
    named = {name for name in project.steps if profile.endswith(f"_{name.replace('/', '_')}")}
    return bool(named) and (step is None or step.id not in named)


def _is_asked_step(run: StepRun, project: Project) -> bool:
    """True if a run is of a step that the question names, or of the only one of the answer where it names none."""
    step = project.step_of(run)
    if step is None:
        return False
    named, given_steps = _steps(run.document, project)
    return step.id in named if named else given_steps == {step.id}


@once_per_document
def _steps(document: Document, project: Project) -> tuple[frozenset[str], frozenset[str]]:
    """The steps that the question of an answer names, and those of its commands."""
    words = _unique(_STEP.findall((document.prompt or "")[:_LONGEST]))
    named = (project.match(word).step for word in words)
    runs = (project.step_of(run) for run in document.runs if run.role != "mention" and not run.help)
    return frozenset(step.id for step in named if step is not None), frozenset(
        step.id for step in runs if step is not None
    )


def _equal(one: str, other: str) -> bool:
    """True if two values are the same but for quotes, a trailing slash, a leading `./` and the case of a boolean."""

    def plain(text: str) -> str:
        text = globs.normal(text.strip("\"'"))
        return text.lower() if text.lower() in ("true", "false", "null") else text

    return plain(one) == plain(other) or not _as_numbers(one).isdisjoint(_as_numbers(other))


def _option_in(code: str, value: str) -> bool:
    return re.search(rf"(?:^|[\s=]){re.escape(value)}(?![\w/.-])", code) is not None


# -- what is a form of what


def _is_form(text: str, path: str, others: tuple[str, ...]) -> bool:
    """True if a path of the command is plainly a changed form of one of the question."""
    new, old = globs.normal(text), globs.normal(path)
    if any(globs.normal(other) == new for other in others) or globs.literal_parent(path) == new:
        return False  # the folder of a glob is another rule's
    folders = (f"{globs.normal(other)}/" for other in others)
    if any(new.startswith(folder) and not old.startswith(folder) for folder in folders):
        return False  # where the question says that it is mounted
    ours, theirs = new.split("/"), old.split("/")
    if len(ours) == len(theirs):
        apart = [(one, other) for one, other in zip(ours, theirs, strict=True) if one != other]
        if len(apart) == 1 and len(theirs) > 2 and _is_near(*apart[0]):
            return True
    last = theirs[-1]
    if ours[-1] == last and (_has_file(last) or globs.has_magic(last) or len(last) > 5):
        # Another folder, or a prefix that got lost or was added.
        return new != old and sum(other.endswith(f"/{last}") for other in others) == 1
    if old.startswith(f"{new}/") and len(ours) > 2 and len(theirs) == len(ours) + 1 and _has_file(last):
        return sum(globs.normal(other).startswith(f"{new}/") for other in others) == 1
    return min(len(new), len(old)) > 8 and edit_distance(new, old, 2) <= 2


def _is_among_input(item: Override, run: StepRun, project: Project, paths: tuple[str, ...]) -> bool:
    """True if a run writes into the folder of the question's input, which the question does not name as such."""
    from nemolint.analysis import artifacts

    step = project.step_of(run)
    if step is None or not artifacts.is_output(item, step, project):
        return False
    folder = globs.normal(item.value.text)
    if any(globs.normal(path) == folder for path in paths):
        return False
    return any(globs.has_magic(path) and globs.literal_parent(path) == folder for path in paths)


def _is_near(one: str, other: str) -> bool:
    """True for two names that differ by a letter or two, a number or the suffix."""
    digits = re.sub(r"\d+", "0", one) == re.sub(r"\d+", "0", other) and one != other
    stems = one.partition(".")[0] == other.partition(".")[0] and "." in one and "." in other
    return digits or stems or (min(len(one), len(other)) > 3 and edit_distance(one, other, 2) <= 2)


def _is_service(run: StepRun, old: str, new: str) -> bool:
    """True if a URL of the command stands where the question's should: the same host, or the question's only "
    "service."""
    if _equal(old, new):
        return False
    if _host(old) == _host(new) or edit_distance(_host(old), _host(new), 3) <= 3:
        return True
    if _API.search(old) is not None and _PAGES.search(old) is None:
        return True
    prompt = run.document.prompt or ""
    at = prompt.find(old)
    return _SERVICE.search(prompt, max(at - 60, 0), max(at, 0)) is not None


def _is_model(prompt: str, old: str, new: str) -> bool:
    """True if a question speaks of a name as a model, or the command has another one of the same owner."""
    at = prompt.find(old)
    if _DATASET.search(prompt, max(at - 30, 0), at + len(old) + 20):
        return False
    near = _AS_MODEL.search(prompt, max(at - 50, 0), at) or _AS_MODEL.search(prompt, at + len(old), at + len(old) + 40)
    return near is not None or old.partition("/")[0] == new.partition("/")[0]


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].lower()


_THOUSANDS = lazily(r"\d{1,3}(?:[.,_]\d{3})+")


def _as_numbers(text: str) -> frozenset[float]:
    """The numbers that a text may mean: `8k` is 8000 or 8192, `1.000` may be a thousand; none if it is no number."""
    plain, factors = text, [1]
    if text[-1:] in ("k", "K"):
        plain, factors = text[:-1], [1000, 1024]
    forms = {plain.replace(",", "").replace("_", "")}
    if _THOUSANDS.fullmatch(plain):
        forms.add(re.sub(r"[.,_]", "", plain))
    found = set[float]()
    for form in forms:
        try:
            found.update(float(form) * factor for factor in factors)
        except ValueError:
            continue
    return frozenset(found)


def _languages(run: StepRun, project: Project, asked: GivenValues) -> Iterator[Changed]:
    """Languages that are others than those of the question, or in each other's place."""
    step = project.step_of(run)
    if step is None or asked.spoken is None:
        return
    keys = project.known(step).language_keys
    found: list[Changed] = []
    for item in run.overrides:
        if item.key not in keys or not item.value.known:
            continue
        name = item.key.rpartition(".")[2].lower()
        wanted = asked.spoken[0] if "source" in name or "src" in name else asked.spoken[1]
        code = _code_of(item.value)
        if code is not None and code != wanted:
            found.append(Changed(item.value, f"`{item.key}`", wanted))
    if len(found) == 2 and [_code_of(one.value) for one in found] == [found[1].given, found[0].given]:
        yield found[0]._replace(swapped=found[1].value)
    else:
        yield from found


def _code_of(value: Value) -> str | None:
    """The code of the language that a value means, without its region."""
    code = languages.meant(value.text)
    return code.replace("_", "-").partition("-")[0] if code is not None else None
