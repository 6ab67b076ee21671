"""What runs hand on to each other, by the artifact types of the manifests. Part of the plugin API."""

from __future__ import annotations

import re
from functools import lru_cache

from nemolint.analysis.caching import once_per_document
from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nemolint.document import Document
    from nemolint.invocation import Override, StepRun
    from nemolint.project import Project
    from nemolint.project.model import Artifact, Step

_OUTPUT = lazily(r"(?:^|_)(?:out|output|outputs|save|export|results|checkpoint_dir)(?:_|$)")
# Last parts of keys for the data that a run reads, and what makes another input of a key.
_DATA = lazily(
    r"(?:^|_)(?:inputs?|data|datasets?|paths?|files?|globs?|corpus|packed|train|valid(?:ation)?|test)(?:_|$)"
)
_IN_DATA = lazily(r"(?:^|[._])(?:inputs?|data|datasets?|corpus|train|valid(?:ation)?|test)(?:[._]|$)")
_OTHER_INPUT = lazily(
    r"(?:^|[._])(?:model|models|tokenizer|checkpoints?|ckpt|hf|cache|mapping|logs?|log_dir|script|local_dir|blend|"
    r"manifest|template|prompt|metadata|name|format|mode|field|type|split)(?:[._]|$)"
)
_IDENTIFIER = lazily(r"(?:^|_)id\Z")  # of a model that is read
_BRACED = lazily(r"\$\{(\w+)\}")
_ITEM = lazily(r"[^\s,\[\]'\"]+")
_LONGEST = 20_000  # characters of a list or a question that are read
_MOST_PATHS = 100  # of a list
_DEEPEST = 40  # components of a path
_WORD = lazily(r"[a-z]+\d*|\d+")
_HUGGING_FACE = "checkpoint_hf"
# Keys of the Hugging Face API, which take that layout whatever the manifest says.
_HF_KEYS = frozenset({"pretrained_model_name_or_path", "hf_model_path", "hf_model_name_or_path"})
# Formats that the name of an artifact type ends in, and the suffixes of their files.
_SUFFIXES = {"jsonl": (".jsonl", ".ndjson"), "parquet": (".parquet",), "binidx": (".bin", ".idx")}
_PACKERS = (".gz", ".zst", ".bz2", ".xz")


class WrittenData(NamedTuple):
    """What a run writes: the path, the artifact types that are there, and the override that says so."""

    path: str
    types: tuple[str, ...]
    step: Step
    override: Override


class Wrong(NamedTuple):
    """An input of a run that is an artifact of another kind than its step reads.

    `found` says what it is, `kinds` are the types that it may have, `accepted` those that the step reads, and `source`
    is what writes it, if an earlier run does.
    """

    override: Override
    step: Step
    found: str
    kinds: tuple[str, ...]
    accepted: tuple[str, ...]
    source: WrittenData | None


# -- paths and keys


def path_of(override: Override) -> str:
    """The value as a path, with `${X}` as `$X` and without a trailing slash; empty if it is not one."""
    text = override.value.text
    if "/" not in text:
        return ""
    text = _BRACED.sub(r"$\1", text).rstrip("/")
    return text.removeprefix("./") if "/" in text and not text.isspace() else ""


def _paths_of(override: Override) -> list[str]:
    """The paths in a value: the one that it is, or those of a list, beside weights or without."""
    if override.value.text.startswith("["):
        return [item.rstrip("/") for item in _ITEM.findall(override.value.text[:_LONGEST]) if "/" in item][:_MOST_PATHS]
    path = path_of(override)
    return [path] if path else []


def last_words(key: str) -> str:
    """The last part of a key, its words joined by `_`."""
    return key.rpartition(".")[2].lower().replace("-", "_")


def layouts(artifacts: Iterable[Artifact], project: Project) -> list[str]:
    """The types of the artifacts that some step converts from or to."""
    return [item.type for item in artifacts if item.type in project.converted_types]


def named_type(key: str, types: list[str]) -> str | None:
    """The type whose layout the key names (`megatron_path`, `base_hf_path`, `lora_checkpoint`)."""
    words = last_words(key).split("_")
    return next((name for name in types if name.rpartition("_")[2] in words), None)


def is_output(override: Override, step: Step, project: Project) -> bool:
    """True if an override says where the step writes."""
    return is_output_key(override.key, step, project)


def is_output_key(key: str, step: Step, project: Project) -> bool:
    """True if a key of a step's config says where the step writes."""
    if _IDENTIFIER.search(last_words(key)):
        return False
    if _OUTPUT.search(last_words(key)):
        return True
    made, read = layouts(step.produces, project), layouts(step.consumes, project)
    named = named_type(key, made)
    return named is not None and named not in read


def is_data_input(override: Override, step: Step, project: Project) -> bool:
    """True if an override says which data the step reads."""
    return is_data_key(override.key, step, project)


def is_data_key(key: str, step: Step, project: Project) -> bool:
    """True if a key of a step's config says which data the step reads."""
    key = key.lower()
    if _DATA.search(last_words(key)) is None or _IN_DATA.search(key) is None:
        return False
    return _OTHER_INPUT.search(key) is None and not is_output_key(key, step, project)


def checkpoints_written(key: str, step: Step, project: Project) -> list[str]:
    """The types of checkpoint that a step writes where a key for an output says; several if the key does not tell."""
    made = layouts(step.produces, project)
    named = named_type(key, made)
    return made if named is None else [named]


def checkpoints_read(key: str, step: Step, project: Project) -> list[str]:
    """The types of checkpoint that a step reads from what a key names; all that it reads if the key does not tell."""
    read = layouts(step.consumes, project)
    named = named_type(key, read)
    if named is not None:
        return [named]
    if last_words(key) in _HF_KEYS and _HUGGING_FACE in project.types:
        return [_HUGGING_FACE]
    return read


def innermost(path: str, written: dict[str, WrittenData]) -> WrittenData | None:
    """What an earlier run wrote there, or in the nearest folder above."""
    for _ in range(_DEEPEST):
        if path in written:
            return written[path]
        path = path.rpartition("/")[0]
        if not path:
            break
    return None


# -- kinds of data


def _format(name: str, project: Project) -> str:
    """The format that the name of an artifact type, or of one that it is a kind of, ends in; "" for checkpoints."""
    lasts = {root.rpartition("_")[2] for root in project.kinds_of(name)} & _SUFFIXES.keys()
    return lasts.pop() if len(lasts) == 1 else ""


def _related(one: str, other: str, project: Project) -> bool:
    return not project.kinds_of(one).isdisjoint(project.kinds_of(other))


def _data(artifacts: Iterable[Artifact], project: Project) -> tuple[str, ...]:
    """The types of the artifacts that are data: nothing converts them, as it does checkpoints."""
    return tuple(item.type for item in artifacts if item.type not in project.converted_types)


def _of_a_format(artifacts: Iterable[Artifact], project: Project) -> tuple[str, ...]:
    """The types of data whose format is known."""
    return tuple(name for name in _data(artifacts, project) if _format(name, project))


def data_read(step: Step, project: Project) -> tuple[str, ...]:
    """The types of data that a step reads; nothing where one of them may have any format."""
    data = _data(step.consumes, project)
    return data if data == _of_a_format(step.consumes, project) else ()


def _suffix_format(path: str) -> str:
    low = path.lower()
    for packer in _PACKERS:
        low = low.removesuffix(packer)
    return next((name for name, ends in _SUFFIXES.items() if low.endswith(ends)), "")


def _shown(path: str, project: Project) -> str:
    """The artifact type that the words of a path name: `/data/packed/train.parquet`, `/out/mcq/benchmark.parquet`."""
    has = _suffix_format(path)
    if not has and path.count("/") == 1 and path[0] not in "/.$~":
        return ""  # the id of a dataset of Hugging Face
    words = set(_WORD.findall(path.lower()))
    kinds = [name for name in project.types if _format(name, project)]
    best, most = "", 0
    for name in kinds:
        own = [word for word in name.split("_") if word != _format(name, project)]
        mine = [
            word
            for word in own
            if word in words
            and not any(word in other.split("_") and not _related(name, other, project) for other in kinds)
        ]
        written = has == _format(name, project) or (not has and _format(name, project) in words)
        if mine and (written or len(mine) == len(own) > 1) and len(mine) > most:
            best, most = name, len(mine)
    return best


def wrong_inputs(run: StepRun, project: Project) -> tuple[Wrong, ...]:
    """The inputs of a run that are artifacts of another kind than its step reads.

    A file's name says what it is, or the earlier run that writes it does.
    """
    if run.role == "documented":  # a config that an answer gives, which is none of the document's runs
        return tuple(_wrong_inputs_of(run, {}, project))
    return tuple(_wrong_inputs(run.document, project).get(id(run), ()))


# What may stand between what a question calls something and its path.
_BETWEEN = (
    r"[\s:(`'\"*]*(?:(?:is|are|at|in|under|located|stored|lies?|lives?|as|an?|the|files?|folder|directory|path|data|"
    r"records|"
    r"shards|liegt|liegen|unter|ist|está|están|en|dans|sous|est|è|sono|w|в|на|在|：)[\s:(`'\"*]*){0,5}\Z"
)


@lru_cache(maxsize=1024)
def _before_path(path: str, prompt: str) -> str:
    """What stands before a path in a question, in small letters."""
    at = re.search(rf"(?<![\w.-]){re.escape(path)}(?![\w-])", prompt[:_LONGEST])
    if at is None:
        return ""
    return prompt[max(at.start() - 80, 0) : at.start()].lower().replace("multiple-choice", "mcq").replace("-", " ")


def _called(path: str, prompt: str, project: Project) -> str:
    """The artifact type that a question calls what lies at a path: "my MCQ benchmark in /data/x.parquet"."""
    before = _before_path(path, prompt)
    if not before:
        return ""
    for name in sorted(filter(lambda kind: _format(kind, project), project.types), key=len, reverse=True):
        words = name.split("_")
        if len(words) > 2 and words[-1] in _SUFFIXES:
            words[-1] = f"(?:{words[-1]})?"
        if re.search(rf"(?<!\w){'[ _]*'.join(words)}(?!\w){_BETWEEN}", before):
            return name
    return ""


def _called_format(path: str, prompt: str) -> str:
    """The format that a question calls what lies at a path: "chat JSONL in /data/chat"."""
    before = _before_path(path, prompt)
    return (
        next((name for name in _SUFFIXES if re.search(rf"(?<!\w){name}(?!\w){_BETWEEN}", before)), "") if before else ""
    )


@once_per_document
def _wrong_inputs(document: Document, project: Project) -> dict[int, list[Wrong]]:
    """As `wrong_inputs`, by the identities of the runs, which live as long as the document."""
    written: dict[str, WrittenData] = {}
    found: dict[int, list[Wrong]] = {}
    for run in document.runs:
        step = project.step_of(run)
        if step is None or run.help:
            continue
        if wrong := list(_wrong_inputs_of(run, written, project)):
            found[id(run)] = wrong
        types = _of_a_format(step.produces, project)
        for override in run.overrides if types else ():
            path = path_of(override)
            if path and is_output(override, step, project):
                written[path] = WrittenData(path, types, step, override)
    return found


def _wrong_inputs_of(run: StepRun, written: dict[str, WrittenData], project: Project) -> Iterator[Wrong]:
    """The wrong inputs of a run; `written`: what earlier runs write, by path."""
    step = project.step_of(run)
    accepted = data_read(step, project) if step is not None else ()
    if step is None or not accepted:
        return
    for override in run.overrides:
        if not is_data_input(override, step, project):
            continue
        for path in _paths_of(override):
            source = innermost(path, written)
            what, kinds = _what_is_wrong(path, source, accepted, project, run.document.prompt or "")
            if what:
                yield Wrong(override, step, what, kinds, accepted, source)
                break


def _what_is_wrong(
    path: str, source: WrittenData | None, accepted: tuple[str, ...], project: Project, prompt: str
) -> tuple[str, tuple[str, ...]]:
    """What an input is, where it is none of the accepted types, and the types that it may have; else ""."""

    def fits(name: str) -> bool:
        return any(_related(name, wanted, project) for wanted in accepted)

    formats = {_format(name, project) for name in accepted}
    has = _suffix_format(path) or _called_format(path, prompt)
    if source is not None:
        if any(fits(name) for name in source.types) or (has and has in formats):
            return "", ()
        return f"the `{source.types[0]}` that `{source.step.id}` writes", source.types
    shown = _shown(path, project) or _called(path, prompt, project)
    if shown:
        return ("", ()) if fits(shown) else (f"`{shown}`", (shown,))
    # Parquet is read by many that are made for JSONL, and not the other way round.
    if has and has not in formats and not (has == "parquet" and "jsonl" in formats):
        kinds = tuple(name for name in project.types if _format(name, project) == has)
        return {"jsonl": "JSONL", "parquet": "Parquet", "binidx": "bin/idx data"}[has], kinds
    return "", ()


def reads_any(step: Step, kinds: Iterable[str], project: Project) -> bool:
    """True if a step reads one of these types of data."""
    wanted = _of_a_format(step.consumes, project)
    return any(_related(kind, one, project) for kind in kinds for one in wanted)


def makers(wanted: Iterable[str], project: Project) -> Iterator[str]:
    """The steps that write one of these artifact types."""
    names = tuple(wanted)
    for step in project.steps.values():
        if any(project.produces(step, name) for name in names):
            yield step.id
