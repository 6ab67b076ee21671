"""The env TOML that the CLI would read for a run, according to its document and project. Part of the plugin API."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping

from nemolint.analysis.caching import once_per_document, once_per_run
from nemolint.analysis.misspellings import lacks_dash, meant_dry_run
from nemolint.analysis.placeholders import is_metavariable, value_has
from nemolint.base.close_matches import choices, edit_distance
from nemolint.base.closest import Names
from nemolint.base.named_tuple import NamedTuple
from nemolint.base.paths import ENV_FILE_VARIABLE
from nemolint.base.patterns import lazily
from nemolint.document import Document
from nemolint.invocation import StepRun, Value
from nemolint.project.model import EnvFile, Profile, Tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from nemolint.project import Project
    from nemolint.shell.command import Command, Word

ENV_VARIABLE = ENV_FILE_VARIABLE
ENV_TOML = "env_toml"  # the artifact type of a generated env TOML


@once_per_run
def literal_profile(run: StepRun) -> Value | None:
    """The profile of a run if it is literal: no expansion, no placeholder, no misspelled option.

    `my-…` names are kept: they may exist.
    """
    value = run.profile
    if value is None or not value.known or is_metavariable(value.text) or value_has(value):
        return None
    return value if value.word is not meant_dry_run(run) and not lacks_dash(value.word) else None


def near_miss(name: str, names: Iterable[str]) -> str | None:
    """The one of `names` that `name` misspells: at most two edits away, and not a variant such as `x2`."""
    for known in names:
        if name == known:
            return None
        if edit_distance(name, known, 2) <= 2 and not re.search(r"[\d_.-]", name.removeprefix(known)[:1] or "a"):
            if name.startswith(known) and re.match(r"[\d_.-]", name[len(known) :]):
                continue
            return known
    return None


class Export(NamedTuple):
    """`NEMOTRON_ENV_FILE` as a file sets it. `value` is None if the text does not show it.

    `prose`: running text mentions it, not a command. `own`: it is set for that run alone.
    """

    value: str | None
    prose: bool = False
    own: bool = False


_SETTERS = frozenset({"export", "declare", "typeset", "setenv"})
_HERE = lazily(r"^(?:\$PWD|\$\{PWD\}|\$\(pwd\)|`pwd`|\.)/")
# The variable in a container's own syntax: YAML, Dockerfile, make, Python, TOML, JSON, prose.
_ELSEWHERE = lazily(ENV_VARIABLE + r"""["'\]]*[ \t]*(?::=|\?=|=|:|,|[ ])?[ \t]*["']?([\w./~-]+\.toml)?""")


def exported_env_file(run: StepRun) -> Export | None:
    """The value of `NEMOTRON_ENV_FILE` for a run according to its own file; None if the file does not set it."""
    for assignment in run.assignments:
        if assignment.name == ENV_VARIABLE:
            return Export(_literal(assignment.word, len(ENV_VARIABLE) + 1), own=True)
    for word in run.command.words:
        if word is run.words[0]:
            break
        if word.value.startswith(ENV_VARIABLE + "="):
            return Export(_literal(word, len(ENV_VARIABLE) + 1), own=True)
        if word.value.startswith("--env-file"):
            return Export(None, own=True)
    starts, exports = _exports(run.document)
    index = bisect_left(starts, run.file_start) - 1
    return exports[index] if index >= 0 else None


def _literal(word: Word, offset: int) -> str | None:
    """The literal value after `NAME=`, without `$PWD/`."""
    value = Value(word, offset)
    if value.known:
        return value.text or None
    text = _HERE.sub("", value.text)
    return text if text and "$" not in text and "`" not in text else None


@once_per_document
def _exports(document: Document) -> tuple[tuple[int, ...], tuple[Export | None, ...]]:
    """Every place that changes `NEMOTRON_ENV_FILE`, in order of the file, and its value afterwards."""
    if ENV_VARIABLE not in document.text and not any(c.name in ("source", ".") for c in document.commands):
        return (), ()
    events = [*_shell_exports(document), *_other_exports(document)]
    events.sort(key=lambda event: event[0])
    return tuple(at for at, _ in events), tuple(export for _, export in events)


def _shell_exports(document: Document) -> Iterator[tuple[int, Export | None]]:
    plain: Export | None = None
    exports_all = False
    for command in sorted(document.commands, key=lambda command: command.region.map.outer_start(command.start)):
        at = command.region.map.outer_start(command.start)
        name = command.name
        words = command.words[1:]
        if not command.words or all(word.value.startswith(ENV_VARIABLE + "=") for word in command.words):
            for assignment in command.assignments:
                if assignment.name == ENV_VARIABLE:
                    plain = Export(_literal(assignment.word, len(ENV_VARIABLE) + 1))
                    if exports_all:
                        yield at, plain
        elif name in ("source", ".") and words:
            if words[0].value.rpartition("/")[2] != "activate":
                yield at, Export(None)
        elif name == "set":
            if words and words[0].value in ("-a", "-o") and (words[0].value == "-a" or words[-1].value == "allexport"):
                exports_all = True
            elif words and words[0].value.startswith("-") and any(word.value == ENV_VARIABLE for word in words[:-1]):
                yield at, Export(_literal(words[-1], 0))  # fish: set -x NAME value
        elif name == "unset" and any(word.value == ENV_VARIABLE for word in words):
            plain = None
            yield at, None
        elif name in _SETTERS:
            yield from _setter(command, at, plain)


def _setter(command: Command, at: int, plain: Export | None) -> Iterator[tuple[int, Export | None]]:
    words = command.words[1:]
    if command.name in ("declare", "typeset") and not any(re.match(r"-\w*x", word.value) for word in words):
        return
    for assignment in command.assignments:
        if assignment.name == ENV_VARIABLE:
            yield at, Export(_literal(assignment.word, len(ENV_VARIABLE) + 1))
    for index, word in enumerate(words):
        if word.value.startswith(ENV_VARIABLE + "="):
            yield at, Export(_literal(word, len(ENV_VARIABLE) + 1))
        elif word.value == ENV_VARIABLE:
            if command.name == "setenv" and index + 1 < len(words):
                yield at, Export(_literal(words[index + 1], 0))
            elif command.name != "setenv":
                yield at, plain or Export(None)


def _other_exports(document: Document) -> Iterator[tuple[int, Export]]:
    """The variable outside shell text. In prose it applies from there on, elsewhere to the whole file."""
    spans = sorted(
        region.map.to_outer(0, len(region.text))
        for region in document.regions
        if region.kind == "shell" and region.parent is None
    )
    starts = [start for start, _ in spans]
    prose = document.kind in ("markdown", "rst", "text", "notebook")
    values: set[str | None] = set()
    for match in _ELSEWHERE.finditer(document.text):
        index = bisect_right(starts, match.start()) - 1
        if index >= 0 and match.start() < spans[index][1]:
            continue
        if prose:
            yield match.start(), Export(match.group(1), prose=True)
        else:
            values.add(match.group(1))
    if values and document.kind != "shell":
        yield -1, Export(values.pop() if len(values) == 1 else None)


class GeneratedEnv(NamedTuple):
    """An env TOML that a run of the document writes. `path` and `names` are None if they cannot be known."""

    run: StepRun
    path: str | None
    names: frozenset[str] | None


@once_per_document
def generated_env_files(document: Document, project: Project) -> tuple[GeneratedEnv, ...]:
    """The env TOML files that the document's runs write, in order of the file."""
    found = []
    same: dict[frozenset[str], frozenset[str]] = {}
    for run in document.runs:
        step = project.step_of(run)
        if step is None or run.help or not project.produces(step, ENV_TOML) or run.dry_run is True:
            continue
        path: str | None = None
        names: frozenset[str] | None = None
        effective = project.effective(run)
        override = run.override("output_path")
        if override is not None:
            path = _literal(override.value.word, override.value.offset)
        elif effective is not None and effective.exact:
            written = effective.get("output_path")
            path = written if isinstance(written, str) and "${" not in written else None
        if effective is not None:
            sections = effective.get("sections")
            names = frozenset(sections) if isinstance(sections, Mapping) else None
            names = same.setdefault(names, names) if names is not None else None
        found.append(GeneratedEnv(run, path, names))
    return tuple(found)


def base_name(path: str) -> str:
    """The last part of a path."""
    return path.rstrip("/").rpartition("/")[2]


_TABLE = lazily(r"^[ \t>#]*\[[ \t]*(?:\"([^\"\n\]]+)\"|'([^'\n\]]+)'|([\w-]+))[ \t]*\][ \t]*\r?$", re.MULTILINE)


@once_per_document
def written_profiles(document: Document) -> frozenset[str]:
    """Names of the TOML tables that the document shows or writes itself."""
    texts = [document.text, *(region.text for region in document.regions if region.parent is None)]
    return frozenset(name for text in texts for match in _TABLE.finditer(text) for name in match.groups() if name)


class EnvState(NamedTuple):
    """What is known about the env TOML that the CLI would read for a run.

    `kind`: `file`: its profiles are known; `none`: there is none to read; `unknown`: that cannot be decided. `how`
    names the file in messages; if a setting or a variable names one that does not exist, it says so. `file` is set if
    it exists on disk, `generated` if the document generates it before the run; `names` hold the profiles of both.
    `listed` are those to suggest: in order of the file, without reserved sections.
    """

    kind: Literal["file", "none", "unknown"]
    how: str = ""
    file: EnvFile | None = None
    generated: bool = False
    names: frozenset[str] = frozenset()
    export: Export | None = None
    listed: tuple[str, ...] = ()
    choices: Names = Names(())


class _Generated(NamedTuple):
    """Lookup tables of the generated env TOML files of a document; offsets are where their runs begin."""

    unknown_from: int | None
    by_name: Mapping[str, tuple[list[int], list[dict[str, None] | None]]]
    holders: Mapping[str, tuple[int, str]]


@once_per_document
def _generated(document: Document, project: Project) -> _Generated:
    unknown_from: int | None = None
    by_name: dict[str, tuple[list[int], list[dict[str, None] | None]]] = {}
    holders: dict[str, tuple[int, str]] = {}
    # Many runs may write the same profiles.
    written: dict[frozenset[str], dict[str, None]] = {}
    for item in generated_env_files(document, project):
        at = item.run.file_start
        if item.path is None:
            unknown_from = at if unknown_from is None else unknown_from
            continue
        starts, names = by_name.setdefault(base_name(item.path), ([], []))
        starts.append(at)
        names.append(None if item.names is None else written.setdefault(item.names, dict.fromkeys(item.names)))
        if item.path != "env.toml":
            for name in item.names or ():
                holders.setdefault(name, (at, item.path))
    return _Generated(unknown_from, by_name, holders)


@once_per_run
def env_state(run: StepRun, project: Project) -> EnvState:
    """The env TOML for a run: the one on disk, or one that the document generates before the run."""
    export = exported_env_file(run)
    if export is not None and export.value is None:
        return EnvState("unknown", export=export)
    force = project.env_in_force(export.value if export is not None else None, run.document)
    at = run.file_start
    generated = _generated(run.document, project)
    if force.unknowable or (generated.unknown_from is not None and generated.unknown_from < at):
        return EnvState("unknown", export=export)
    if force.file is not None and force.file.broken:
        return EnvState("unknown", force.how, export=export)
    wanted = base_name(force.file.path if force.file is not None else (force.missing or "env.toml"))
    starts, contents = generated.by_name.get(wanted, ([], []))
    index = bisect_left(starts, at) - 1
    if index < 0:
        if force.file is None:
            comma = "," if "," in force.how else ""
            named = f"{force.how}{comma} names {force.missing}, which does not exist" if force.missing else ""
            return EnvState("none", named, export=export)
        known = _known(run.document, project, force.file, None)
        how = force.how if force.file.path == run.document.path else wanted
        return EnvState("file", how, force.file, False, known.names, export, known.listed, known.choices)
    written = contents[index]
    if written is None:
        return EnvState("unknown", export=export)
    known = _known(run.document, project, force.file, written)
    return EnvState("file", wanted, force.file, True, known.names, export, known.listed, known.choices)


@once_per_run
def profile_of(run: StepRun, project: Project) -> Profile | None:
    """The profile of a run, resolved: that of the env TOML in force; without one, what the generator writes.

    None where the run has none, or where it is not known.
    """
    value = literal_profile(run)
    return None if value is None else profile_named(run, value.text, project)


def profile_named(run: StepRun, name: str, project: Project) -> Profile | None:
    """The profile that a run would use under a name, resolved; None where that is not known."""
    state = env_state(run, project)
    if state.kind == "unknown":
        return None
    if state.file is not None and name in state.file.profiles:
        return state.file.profiles[name]
    if state.file is not None and not state.generated:
        return None
    return project.generated_profile(name)


def job_env(run: StepRun, project: Project) -> Mapping[str, Tree] | None:
    """`run.env` of the job that a run compiles; None where its profile is not known, or where the CLI stops on the way.

    What comes from the environment is left as the interpolation that it is. It is made anew each time: kept, it would
    hold all variables of the profile once for each run.
    """
    profile = profile_of(run, project)
    return None if run.profile is not None and profile is None else project.run_env(run, profile)


class _Profiles(NamedTuple):
    """The profiles of an env TOML: `file` and `written` hold them, the others are as in `EnvState`."""

    file: EnvFile | None
    written: Mapping[str, None] | None
    names: frozenset[str]
    listed: tuple[str, ...]
    choices: Names


@once_per_document
def _kept(document: Document, project: Project) -> dict[tuple[int, int], _Profiles]:
    """The merged profiles for the runs of a document, by the identity of their sources."""
    return {}


def _known(document: Document, project: Project, file: EnvFile | None, written: Mapping[str, None] | None) -> _Profiles:
    """The profiles of `file` and those `written` by the document, merged once for all its runs."""
    kept = _kept(document, project)
    at = id(file), id(written)
    if at not in kept:
        names = frozenset(file.profiles if file is not None else ()).union(written or ())
        listed = tuple(sorted(names)) if file is None else file.names
        kept[at] = _Profiles(file, written, names, listed, choices(listed))  # keeps both alive, so their ids stay valid
    return kept[at]


def generated_holder(run: StepRun, project: Project, name: str) -> str | None:
    """The path of an env TOML other than `env.toml` that the document generates with that profile before the run."""
    found = _generated(run.document, project).holders.get(name)
    return found[1] if found is not None and found[0] < run.file_start else None


_NAMED_ENV = lazily(r"env(?<![\w.-]env)(?:\.[\w-]+)*\.toml\b")


def names_env_toml(document: Document) -> bool:
    """True if the document mentions an env TOML or the variable that names one."""
    text = document.text
    return ENV_VARIABLE in text or (".toml" in text and bool(_NAMED_ENV.search(text)))


_COPIERS = frozenset({"cp", "mv", "ln", "install", "rsync"})
_EDITORS = frozenset({"vi", "vim", "nvim", "nano", "emacs", "code", "sed", "sponge", "tee", "$EDITOR", "${EDITOR}"})


def moves_file(document: Document, path: str, before: int) -> bool:
    """True if a command before the file offset copies, moves or links the file `path`, or writes another from it."""
    return _touched(document)[0].get(base_name(path), before) < before


def writes_file(document: Document, path: str, before: int) -> bool:
    """True if a command before the file offset writes the file `path`: a copy, a redirection, an editor."""
    return _touched(document)[1].get(base_name(path), before) < before


@once_per_document
def _touched(document: Document) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Base name of a TOML file -> offset of the first command that moves it, and of the first that writes it."""
    moved: dict[str, int] = {}
    written: dict[str, int] = {}
    for command in document.commands:
        at = command.region.map.outer_start(command.start)
        outputs = [r.target.value for r in command.redirects if ">" in r.operator and r.target is not None]
        sources = [word.value for word in command.words[1:]]
        if command.name in _EDITORS:
            outputs += sources
        elif command.name in _COPIERS:
            outputs += sources[-1:]
            moved.update((base_name(name), at) for name in sources if base_name(name) not in moved)
        elif command.name == "cat" and outputs:
            moved.update((base_name(name), at) for name in sources if base_name(name) not in moved)
        written.update((base_name(name), at) for name in outputs if base_name(name) not in written)
    return moved, written
