"""What a policy of the settings demands of a run, and where a run breaks it."""

from __future__ import annotations

import os
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import translate
from functools import lru_cache
from types import MappingProxyType

from nemolint.analysis.caching import once_per_document
from nemolint.analysis.dry_runs import has_dry_run, is_dry
from nemolint.analysis.placeholders import leaves_out, value_has
from nemolint.analysis.profile_in_force import job_env, literal_profile, profile_of
from nemolint.base.bounded_pattern import matches, matches_glob
from nemolint.base.close_matches import or_list
from nemolint.base.gitignore import IgnorePatterns
from nemolint.base.named_tuple import NamedTuple
from nemolint.base.paths import relative
from nemolint.base.yaml_values import YamlError
from nemolint.document import Document, Span
from nemolint.invocation import Override, StepRun
from nemolint.project.model import MISSING, UNKNOWN, Tree
from nemolint.project.overrides import is_interpolation, is_mandatory, lookup, split_key
from nemolint.shell.cli_options import LONG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nemolint.base.choices import Level, Surface
    from nemolint.project import Project

_JOB = "run.env."
_LONGEST_SHOWN = 80


class Policy(NamedTuple):
    """An entry of `policy`, valid: a rule of a team's own.

    `severity` has the level of each surface; one that it lacks is not checked. `selects` says which runs it looks at,
    `demands` what it demands, both under the names of the settings. `file`, `key` and `line` are where it is written,
    `source` is the text of the file.
    `roots` are the folders that its patterns of files are relative to: that of a file is the first that it is below;
    without any, names count as they are reported.
    """

    name: str
    message: str
    help: str
    severity: Mapping[Surface, Level]
    selects: Mapping[str, tuple[str, ...]]
    demands: Mapping[str, Any]
    good: tuple[Mapping[str, Any], ...]
    bad: tuple[Mapping[str, Any], ...]
    strict: bool
    locked: bool
    file: str
    key: tuple[str, ...]
    line: int
    roots: tuple[str, ...]
    written: Mapping[str, Any] = MappingProxyType({})
    source: str = ""

    @property
    def place(self) -> str:
        """Where it is written: `file:line`."""
        return f"{self.file}:{self.line}" if self.line else self.file

    @property
    def masks(self) -> Mapping[str, str]:
        """The values of its demands that are secrets under their keys, to what is shown instead."""
        found: dict[str, str] = {}
        for name in ("require-override", "forbid-override"):
            for key, wanted in self.demands.get(name, {}).items():
                values = [*wanted.values()] if isinstance(wanted, Mapping) else wanted
                values = values if isinstance(values, list) else [values]
                found |= {value: _mask(key) for value in values if isinstance(value, str) and _is_secret(key, value)}
        return found


class Breach(NamedTuple):
    """Where a run breaks a policy, and how, as a clause. `hidden`: an expansion hides whether it does."""

    at: Span
    why: str
    hidden: bool = False


def breaches(run: StepRun, project: Project, policy: Policy) -> Iterator[Breach]:
    """Where a run breaks a policy; with `strict` also where that cannot be known."""
    if run.usage_error:
        return
    chosen = _is_chosen(run, project, policy)
    if chosen is False or (chosen is None and not policy.strict):
        return
    for name, wanted in policy.demands.items():
        for breach in _DEMANDS[name](run, project, wanted):
            if breach.hidden and not policy.strict:
                continue
            yield breach._replace(why=f"{breach.why} here, as far as can be seen") if breach.hidden else breach


# -- which runs


def _is_chosen(run: StepRun, project: Project, policy: Policy) -> bool | None:
    """Whether a policy is about a run; None where an expansion hides that."""
    selects = policy.selects
    if not _file_is_chosen(run.document, policy) or _is_among((run.surface,), "surfaces", selects) is False:
        return False
    answers = [
        _is_among(names(run, project), what, selects)
        for what, names in _NAMES.items()
        if what in selects or f"not-{what}" in selects
    ]
    answers.append(_has_chosen_options(run, selects))
    return _all(answers)


def _has_chosen_options(run: StepRun, selects: Mapping[str, tuple[str, ...]]) -> bool | None:
    """Whether a run has one of the options that are looked at, and none of those that are not."""
    wanted, unwanted = selects.get("options", ()), selects.get("not-options", ())
    if any(run.option(LONG[text]) is not None for text in unwanted):
        return False
    if wanted and all(run.option(LONG[text]) is None for text in wanted):
        return None if run.may_gain_words else False
    return None if unwanted and run.may_gain_words else True


def _file_is_chosen(document: Document, policy: Policy) -> bool:
    wanted, unwanted = policy.selects.get("files"), policy.selects.get("not-files")
    if not wanted and not unwanted:
        return True
    name = _name_of(document, policy.roots)
    if name is None:
        return not wanted
    if wanted and not _patterns(wanted).match(name, False):
        return False
    return not (unwanted and _patterns(unwanted).match(name, False))


def _name_of(document: Document, roots: tuple[str, ...]) -> str | None:
    """The name of a file below the first of some folders that holds it; None if none does."""
    if document.absolute is None or not roots:
        return document.path.removeprefix("./")
    for root in roots:
        name = relative(document.absolute, root)
        if name is not None and name != os.curdir:
            return name
    return None


@lru_cache(maxsize=256)
def _patterns(patterns: tuple[str, ...]) -> IgnorePatterns:
    return IgnorePatterns(patterns)


def _is_among(names: tuple[str, ...] | None, what: str, selects: Mapping[str, tuple[str, ...]]) -> bool | None:
    wanted, unwanted = selects.get(what), selects.get(f"not-{what}")
    if not wanted and not unwanted:
        return True
    if names is None:
        return None
    if wanted and not any(matches_any(wanted, name) for name in names):
        return False
    return not (unwanted and any(matches_any(unwanted, name) for name in names))


@lru_cache(maxsize=1024)
def _glob(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern))


def matches_any(patterns: Iterable[str], name: str) -> bool:
    """Whether a name matches one of some globs, in which `*` may stand for slashes, too."""
    return any(_glob(pattern).match(name) is not None for pattern in patterns)


def _step_names(run: StepRun, project: Project) -> tuple[str, ...] | None:
    step = project.step_of(run)
    if step is not None:
        return (step.id,)
    if run.step is None or not run.step_known or run.step.expansion or run.region.chosen:
        return None
    return (run.step.value,)


def _config_names(run: StepRun, project: Project) -> tuple[str, ...] | None:
    value = run.config
    found = project.config_of(run)
    if value is None:
        if run.may_gain_words or found is None:
            return None
        return found.alias, found.place.path
    if not value.known or value_has(value):
        return None
    return (value.text,) if found is None else (value.text, found.alias, found.place.path)


def _profile_names(run: StepRun, project: Project) -> tuple[str, ...] | None:
    if run.profile is None:
        return None if run.may_gain_words else ()
    value = literal_profile(run)
    return None if value is None else (value.text,)


_NAMES: Mapping[str, Callable[[StepRun, Project], tuple[str, ...] | None]] = {
    "steps": _step_names,
    "configs": _config_names,
    "profiles": _profile_names,
}


# -- the value in force


def _in_force(run: StepRun, project: Project, key: str) -> Tree:
    """The value of a key that a run has in force; MISSING, or UNKNOWN.

    That of its config with its overrides; below `run.env`, which the profile is merged into, that of the job.
    """
    effective = project.effective(run)
    if effective is None:
        return _written(run, key)
    parts = split_key(key)
    value = effective.get(key)
    if key.startswith(_JOB):
        env = job_env(run, project)
        if env is not None:
            value = lookup(env, parts[2:])
        elif not isinstance(effective.origin(key), Override):
            return UNKNOWN
    setter = effective.origin(key)
    if isinstance(setter, Override):
        return UNKNOWN if value_has(setter.value, key=setter.key) else value
    if not effective.exact or leaves_out(run):
        return UNKNOWN
    return value


def _written(run: StepRun, key: str) -> Tree:
    """The value that a run itself gives to a key; UNKNOWN without one, since its config is not known."""
    override = _given(run, key)
    if override is None or not override.value.known or value_has(override.value, key=override.key):
        return UNKNOWN
    try:
        return override.parsed()
    except YamlError:  # the CLI refuses it, which has a finding of its own
        return UNKNOWN


def _given(run: StepRun, key: str) -> Override | None:
    """The override in which a run itself gives a key, by its name or as one that is new."""
    return run.override(key) or run.override(f"+{key}")


def _setter(run: StepRun, project: Project, key: str) -> Override | None:
    """The override that sets a key."""
    effective = project.effective(run)
    if effective is None:
        return _given(run, key)
    found = effective.origin(key)
    return found if isinstance(found, Override) else None


def _place(run: StepRun, project: Project, key: str) -> Span:
    """The value of an override, else the profile or the config that gives the value, else the step."""
    setter = _setter(run, project, key)
    if setter is not None:
        return setter.value.span
    profile = profile_of(run, project)
    if run.profile is not None and profile is not None and key.startswith(_JOB):
        if lookup(profile.values, split_key(key)[2:]) is not MISSING:
            return run.profile.span
    effective = project.effective(run)
    if run.config is not None and effective is not None and effective.get(key) is not MISSING:
        return run.config.span
    return _step(run)


def _step(run: StepRun) -> Span:
    return run.step.span if run.step is not None else run.words[0].span


def _all(answers: Iterable[bool | None]) -> bool | None:
    """Whether all answers are true; None where one that is not known decides."""
    known = set(answers)
    return False if False in known else None if None in known else True


def _any(answers: Iterable[bool | None]) -> bool | None:
    """Whether one of the answers is true; None where one that is not known decides."""
    known = set(answers)
    return True if True in known else None if None in known else False


def _fits(value: Tree, wanted: object) -> bool | None:
    """Whether a value in force is what is wanted; None where it is not known."""
    if value is UNKNOWN or is_interpolation(value):
        return None
    if isinstance(wanted, list):
        return _any([_fits(value, item) for item in wanted])
    if value is MISSING or is_mandatory(value) or isinstance(value, dict):
        return False
    if isinstance(value, list):
        return _all([_fits(item, wanted) for item in value])
    text = _as_text(value)
    if isinstance(wanted, dict):
        return matches(wanted["pattern"], text)
    if isinstance(wanted, str):
        return matches_glob(wanted, text)
    if isinstance(wanted, bool) or isinstance(value, bool):
        return text == _as_text(wanted)
    if isinstance(value, int | float) and isinstance(wanted, int | float):
        return value == wanted
    return text == _as_text(wanted)


def _as_text(value: object) -> str:
    """A value as YAML writes it."""
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_hit(value: Tree, unwanted: object) -> bool | None:
    """Whether a value in force, or one of its list, is what must not be."""
    if isinstance(value, list):
        return _any([_fits(item, unwanted) for item in value])
    return _fits(value, unwanted)


def _shown(text: str) -> str:
    return f"`{text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + '…'}`"


def _wanted_text(key: str, wanted: object) -> str:
    """What a key must be, for a message."""
    wanted = masked_demand(key, wanted)
    if isinstance(wanted, list):
        return or_list([_as_text(item) for item in wanted])
    if isinstance(wanted, dict):
        return f"a match of {_shown(wanted['pattern'])}"
    return _shown(_as_text(wanted))


def masked_demand(key: str, wanted: Any) -> Any:
    """What a key must, or must not, be, without the values that are secrets there."""
    if isinstance(wanted, list):
        return [masked_demand(key, item) for item in wanted]
    if isinstance(wanted, Mapping):
        return {name: masked_demand(key, item) for name, item in wanted.items()}
    return _mask(key) if isinstance(wanted, str) and _is_secret(key, wanted) else wanted


def _is_secret(key: str, value: str) -> bool:
    from nemolint.secrets import classify

    return classify(key, value) is not None


def _mask(key: str) -> str:
    from nemolint.secrets import marker

    return marker(key.rpartition(".")[2])


def _has(run: StepRun, project: Project, key: str) -> str:
    """What a key has, for a message. A value that another file gives is not quoted: it may be confidential."""
    setter = _setter(run, project, key)
    if setter is not None:
        return f"`{key}` is {_shown(setter.value.text)}"
    return f"the value of `{key}` in force"


# -- what is demanded


def _require_override(run: StepRun, project: Project, wanted: Mapping[str, Any]) -> Iterator[Breach]:
    for key, values in wanted.items():
        value = _in_force(run, project, key)
        if value is MISSING or value is None or is_mandatory(value):
            if not run.may_gain_words and not leaves_out(run):
                must = "" if values is None else f": it must be {_wanted_text(key, values)}"
                setter = _setter(run, project, key)
                yield Breach(_step(run) if setter is None else setter.value.span, f"`{key}` is not set{must}")
        elif values is None and (value is UNKNOWN or is_interpolation(value)):
            if _setter(run, project, key) is None:
                yield Breach(_step(run), f"`{key}` is not set", hidden=True)
        elif values is not None and (fits := _fits(value, values)) is not True:
            setter = _setter(run, project, key)
            has = _has(run, project, key) + (" is another" if setter is None else "")
            at = _place(run, project, key)
            yield Breach(at, f"{has}: it must be {_wanted_text(key, values)}", hidden=fits is None)


def _forbid_override(run: StepRun, project: Project, unwanted: Mapping[str, Any]) -> Iterator[Breach]:
    for key, values in unwanted.items():
        setter = _setter(run, project, key)
        if values is None:
            if setter is not None:
                yield Breach(setter.key_span, f"`{key}` must not be overridden")
            elif run.may_gain_words:
                yield Breach(_step(run), f"`{key}` may be overridden", hidden=True)
        elif (hit := _is_hit(_in_force(run, project, key), values)) is not False:
            quoted = _wanted_text(key, values)
            has = _has(run, project, key) if setter is not None else f"`{key}` is {quoted}"
            at = _place(run, project, key)
            yield Breach(at, f"{has}, which it must not be", hidden=hit is None)


def _allow_profiles(run: StepRun, project: Project, wanted: list[str]) -> Iterator[Breach]:
    yield from _of_profile(run, lambda name: matches_any(wanted, name), f": use {or_list(wanted)}")


def _forbid_profiles(run: StepRun, project: Project, unwanted: list[str]) -> Iterator[Breach]:
    yield from _of_profile(run, lambda name: not matches_any(unwanted, name), "")


def _of_profile(run: StepRun, allowed: Callable[[str], bool], instead: str) -> Iterator[Breach]:
    value = run.profile
    if value is None:
        if run.may_gain_words:
            yield Breach(_step(run), f"the profile is not known{instead}", hidden=True)
        return
    known = literal_profile(run)
    if known is None:
        yield Breach(value.span, f"the profile is not known{instead}", hidden=True)
    elif not allowed(known.text):
        yield Breach(known.span, f"the profile {_shown(known.text)} is not allowed{instead}")


def _require_profile(run: StepRun, project: Project, wanted: object) -> Iterator[Breach]:
    if run.profile is None and not leaves_out(run):
        yield Breach(_step(run), "it has no profile", hidden=run.may_gain_words)


def _max_nodes(run: StepRun, project: Project, most: int) -> Iterator[Breach]:
    nodes = _resource(run, project, "nodes")
    if nodes is None or nodes > most:
        asks = "how many nodes it asks for is not known" if nodes is None else f"it asks for {nodes} nodes"
        yield Breach(
            _place(run, project, "run.env.nodes"), f"{asks}, and may ask for {most} at most", hidden=nodes is None
        )


def _max_gpus(run: StepRun, project: Project, most: int) -> Iterator[Breach]:
    nodes, each = _resource(run, project, "nodes"), _resource(run, project, "gpus_per_node")
    total = None if each is None or (nodes is None and each) else each * (nodes or 1)
    if total is None or total > most:
        asks = "how many GPUs it asks for is not known" if total is None else f"it asks for {total} GPUs"
        keys = [key for key in ("run.env.gpus_per_node", "run.env.nodes") if _setter(run, project, key) is not None]
        at = _place(run, project, keys[0] if keys else "run.env.gpus_per_node")
        yield Breach(at, f"{asks}, and may ask for {most} at most", hidden=total is None)


def _resource(run: StepRun, project: Project, name: str) -> int | None:
    """The nodes, or the GPUs of each, that a run asks for; None where that is not known."""
    key = f"{_JOB}{name}"
    effective = project.effective(run)
    if effective is None:
        value = _written(run, key)
        return value if isinstance(value, int) and not isinstance(value, bool) else None
    own = isinstance(effective.origin(key), Override)
    if not own and (not effective.exact or leaves_out(run)):
        return None
    profile = profile_of(run, project)
    if run.profile is not None and profile is None and effective.get(key) is MISSING:
        return None
    resources = project.launch_resources(run, profile)
    return resources.nodes if name == "nodes" else resources.gpus_per_node


def _require_dry_run(run: StepRun, project: Project, wanted: object) -> Iterator[Breach]:
    dry = is_dry(run, project)
    if dry is not True and not has_dry_run(run, project) and not leaves_out(run):
        yield Breach(_step(run), "it is launched without an earlier dry run", hidden=dry is None)


def _require_option(run: StepRun, project: Project, wanted: list[str]) -> Iterator[Breach]:
    for text in wanted:
        if run.option(LONG[text]) is None and not leaves_out(run):
            yield Breach(_step(run), f"it has no `{text}`", hidden=run.may_gain_words)


def _forbid_option(run: StepRun, project: Project, unwanted: list[str]) -> Iterator[Breach]:
    for text in unwanted:
        option = run.option(LONG[text])
        if option is not None:
            yield Breach(option.word.span, f"`{text}` is not allowed")
        elif run.may_gain_words:
            yield Breach(_step(run), f"it may have `{text}`", hidden=True)


def _launcher(run: StepRun, project: Project, wanted: list[str]) -> Iterator[Breach]:
    words = run.launcher.split()
    if any(_starts_with(words, text.split()) for text in wanted):
        return
    before = [word for word in run.command.words if word.start < run.words[0].start and word.region is run.region]
    hidden = run.words[0].expansion or any(word.expansion for word in before)
    if not words:
        yield Breach(_step(run), f"nothing starts `nemotron`: write {or_list(wanted)} before it", hidden=hidden)
        return
    given = before[-len(words) :] if len(before) >= len(words) else []
    at = Span(run.region, given[0].start, given[-1].end) if given and not given[0].derived else _step(run)
    yield Breach(at, f"{_shown(run.launcher)} starts it: use {or_list(wanted)}", hidden=hidden)


def _starts_with(words: list[str], wanted: list[str]) -> bool:
    """Whether a launcher has all words that are wanted, in order, from its first on; options may stand in between."""
    if not words or not wanted or not matches_any(wanted[:1], words[0].rpartition("/")[2]):
        return False
    rest = iter(words[1:])
    return all(any(matches_any((part,), word) for word in rest) for part in wanted[1:])


def _forbid_step(run: StepRun, project: Project, unwanted: list[str]) -> Iterator[Breach]:
    names = _step_names(run, project)
    if names is None:
        yield Breach(_step(run), "the step is not known", hidden=True)
    elif matches_any(unwanted, names[0]):
        yield Breach(_step(run), f"the step `{names[0]}` is not allowed")


# -- variables


def _require_env(run: StepRun, project: Project, wanted: list[str]) -> Iterator[Breach]:
    for name in wanted:
        known = _is_exported(run, project, name)
        if known is not True:
            yield Breach(_step(run), f"`{name}` is not exported before it", hidden=known is None)


def _is_exported(run: StepRun, project: Project, name: str) -> bool | None:
    """Whether a run has a variable as far as its document, its profile and its config say; None if something may."""
    if any(assignment.name == name for assignment in run.assignments):
        return True
    for word in run.command.words:
        if word is run.words[0]:
            break
        if word.value.startswith(f"{name}=") or (word.value == name and run.command.name in _CARRIERS):
            return True
        if word.value.startswith(("--env-file", "--export")) or (word.expansion and word.may_split):
            return None
    settings = _settings_of(run.document)
    at = run.file_start
    if settings.before(settings.named.get(name), at) or _elsewhere(run.document, name):
        return True
    if settings.before(settings.opaque, at) or run.region.chosen or _around(run, name):
        return None
    profile_known = run.profile is None or profile_of(run, project) is not None
    env = job_env(run, project) if profile_known else None
    if env is None or project.effective(run) is None:
        return None
    given = env.get("env_vars")
    if isinstance(given, Mapping):
        return name in given
    return False if given is None else None


def _around(run: StepRun, name: str) -> bool:
    """Whether the text around one for another shell names a variable: `docker run -e NAME … bash -c '…'`."""
    region = run.region
    while region.parent is not None:
        region = region.parent
    return region is not run.region and name in region.text


_CARRIERS = frozenset({"docker", "podman", "env"})
_EXPORTERS = frozenset({"export", "declare", "typeset", "setenv", "set"})
_TESTS = frozenset({"test", "[", "[[", ":"})
_NAME = re.compile(r"[A-Za-z_]\w*")
_USED = re.compile(r"\$\{?([A-Za-z_]\w*)")


class _Exports(NamedTuple):
    """Where a document sets variables, as offsets in the file: by name, and commands that may set any."""

    named: Mapping[str, list[int]]
    opaque: list[int]

    @staticmethod
    def before(places: list[int] | None, at: int) -> bool:
        return bool(places) and bisect_left(places or [], at) > 0


@once_per_document
def _settings_of(document: Document) -> _Exports:
    named: dict[str, list[int]] = {}
    opaque: list[int] = []
    for command in document.commands:
        at = command.region.map.outer_start(command.start)
        words = command.words[1:]
        if command.name in _EXPORTERS:
            if any(word.expansion for word in words) or (command.name == "set" and _exports_all(words)):
                opaque.append(at)
            for assignment in command.assignments:
                named.setdefault(assignment.name, []).append(at)
            for word in words:
                if match := _NAME.match(word.value):
                    named.setdefault(match.group(), []).append(at)
        elif command.name in ("source", ".", "eval", "module", "direnv") and words:
            if words[0].value.rpartition("/")[2] != "activate":
                opaque.append(at)
        elif command.name in _TESTS:  # it stops, or does something else, without the variable
            for word in words:
                for match in _USED.finditer(word.value):
                    named.setdefault(match.group(1), []).append(at)
    for places in (*named.values(), opaque):
        places.sort()
    return _Exports(named, opaque)


def _exports_all(words: Iterable[Any]) -> bool:
    return any(word.value in ("-a", "allexport") for word in words)


def _elsewhere(document: Document, name: str) -> bool:
    """Whether a document names a variable outside of its commands: in `env:` of a workflow, `ENV`, or running text."""
    return name in _outside(document)


@once_per_document
def _outside(document: Document) -> frozenset[str]:
    spans = sorted(
        region.map.to_outer(0, len(region.text))
        for region in document.regions
        if region.kind == "shell" and region.parent is None
    )
    found: list[str] = []
    at = 0
    if document.kind == "shell":
        return frozenset()
    for start, end in spans:
        if start > at:
            found += _NAME.findall(document.text, at, start)
        at = max(at, end)
    found += _NAME.findall(document.text, at)
    return frozenset(found)


_DEMANDS: Mapping[str, Callable[[StepRun, Project, Any], Iterator[Breach]]] = {
    "require-override": _require_override,
    "forbid-override": _forbid_override,
    "allow-profiles": _allow_profiles,
    "forbid-profiles": _forbid_profiles,
    "require-profile": _require_profile,
    "max-nodes": _max_nodes,
    "max-gpus": _max_gpus,
    "require-dry-run": _require_dry_run,
    "require-option": _require_option,
    "forbid-option": _forbid_option,
    "launcher": _launcher,
    "require-env": _require_env,
    "forbid-step": _forbid_step,
}
