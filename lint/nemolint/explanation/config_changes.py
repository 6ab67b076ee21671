"""What overrides change in a config, and how two configs differ, as JSON-ready data."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from nemolint.invocation import Override
from nemolint.project.effective import key_is_known
from nemolint.project.model import MISSING, UNKNOWN, ConfigFile, Place, Profile, Step, Tree
from nemolint.project.overrides import is_mandatory, join_key, lookup, split_key
from nemolint.secrets import is_placeholder, is_reference, marker, secret_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nemolint.invocation import StepRun
    from nemolint.project import Project
    from nemolint.project.effective import Effective, Refusal

# What each word in `effect` means is in docs/explain-run.md.
_LATER = "superseded"


def place_data(place: Place) -> dict[str, Any]:
    """A place as data; line and column are 0 for a file as such."""
    return {"path": place.path, "line": place.line, "column": place.column}


def place_of(override: Override) -> Place:
    """Where an override is written."""
    document = override.word.region.document
    position = document.lines.position(override.span.file_span()[0])
    return Place(document.path, position.line, position.column)


def as_written(key: str, value: Tree, effective: Effective) -> Tree:
    """The value of a key; where an expansion gives it, the text that the command has in its place."""
    if value is UNKNOWN and isinstance(origin := effective.origin(key), Override) and not origin.value.known:
        return origin.value.text
    return value


def plain(value: Tree, key: str = "") -> Any:
    """A value of a config as JSON takes it: what is not known is None, and so is what is missing.

    A credential under a key that is for one is masked, also if it is a number.
    """
    if value is UNKNOWN or value is MISSING:
        return None
    if isinstance(value, dict):
        return {name: plain(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item, key) for item in value]
    if _is_secret(value, key):
        return marker(key.rpartition(".")[2])
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    return value


def _is_secret(value: Tree, key: str) -> bool:
    if value is None or isinstance(value, bool) or value == "" or not key or not secret_key(key):
        return False
    return not (isinstance(value, str) and (is_reference(value) or is_placeholder(value) or is_mandatory(value)))


def unknown_keys(tree: Mapping[str, Tree]) -> list[str]:
    """The dotted keys of what is not known in a config."""
    found: list[str] = []
    waiting: list[tuple[str, Tree]] = list(tree.items())[::-1]
    while waiting:
        key, value = waiting.pop()
        if value is UNKNOWN:
            found.append(key)
        elif isinstance(value, dict):
            waiting += [(f"{key}.{name}", item) for name, item in value.items()][::-1]
        elif isinstance(value, list):
            waiting += [(f"{key}.{index}", item) for index, item in enumerate(value)][::-1]
    return found


# -- overrides


def changes(
    run: StepRun, step: Step, project: Project, effective: Effective, profile: Profile | None
) -> list[dict[str, Any]]:
    """What each override of a run changes in its config, in the order in which they are applied.

    An override with a mapping is one change for each key in it.
    """
    # By identity: overrides of two equal words are two overrides.
    refused = {id(item.override): item for item in project.refused(run, profile)}
    passed = [item.override for item in project.passed(run) if item.override is not None]
    return [
        change
        for override in (*run.overrides, *passed)
        for change in _changes_of(override, step, project, effective, refused.get(id(override)))
    ]


def _changes_of(
    override: Override, step: Step, project: Project, effective: Effective, refused: Refusal | None
) -> Iterator[dict[str, Any]]:
    key = join_key(split_key(override.key))
    at = place_of(override)
    if refused is not None:
        yield {**_change(key, override.value.text, at, effective, project), "effect": "refused", "note": refused.reason}
        return
    if not key_is_known(override):
        note = "an expansion gives the key"
        yield {**_change(key, override.value.text, at, effective, project), "effect": "unknown", "note": note}
        return
    origin = effective.origin(key)
    if isinstance(origin, Override) and origin is not override:
        note = f"`{origin.key}` comes later and wins"
        yield {**_change(key, override.value.text, at, effective, project), "effect": _LATER, "note": note}
        return
    written = UNKNOWN if not override.value.known else override.parsed()
    old = lookup(effective.config.tree or {}, split_key(key))
    if isinstance(written, dict) and written and isinstance(old, dict):
        for inner, _ in _leaves(written, key):
            yield {
                **_change(inner, effective.get(inner), at, effective, project),
                **_effect(inner, step, project, effective),
            }
        return
    effect = _effect(key, step, project, effective)
    if written is UNKNOWN:
        given = "an expansion gives the value" if not override.value.known else "the value is too long to be read"
        word = effect["effect"] if effect["effect"] == "added" else "unknown"
        effect = {"effect": word, "note": "; ".join(filter(None, (given, effect["note"] if word == "added" else "")))}
    new = override.value.text if written is UNKNOWN else effective.get(key)
    yield {**_change(key, new, at, effective, project), **effect}


def _change(key: str, new: Tree, at: Place, effective: Effective, project: Project) -> dict[str, Any]:
    old = lookup(effective.config.tree or {}, split_key(key))
    return {
        "key": key,
        "old": plain(old, key),
        "old_place": None if old is MISSING else place_data(project.position(effective.config, key)),
        "new": plain(new, key),
        "place": place_data(at),
    }


def _effect(key: str, step: Step, project: Project, effective: Effective) -> dict[str, str]:
    """What an override does, in a word, and what else there is to say."""
    config = effective.config
    old, new = lookup(config.tree or {}, split_key(key)), effective.get(key)
    unread = _unread(key, step, project, config)
    if old is MISSING:
        return {"effect": "added", "note": unread}
    if new is UNKNOWN or _has_unknown(old):
        return {"effect": "unknown", "note": "what it refers to decides"}
    if type(new) is type(old) and new == old:
        return {"effect": "same", "note": unread or "the config says the same"}
    if isinstance(old, dict) and old and not isinstance(new, dict):
        lost = f"replaces a mapping of {len(old)} key{'' if len(old) == 1 else 's'}"
        return {"effect": "changed", "note": "; ".join(filter(None, (lost, unread)))}
    return {"effect": "changed", "note": unread}


def _unread(key: str, step: Step, project: Project, config: ConfigFile) -> str:
    """What is known against the belief that something reads a key; "" where nothing is."""
    if key in project.known(step).unread and not project.doubt(step, "unread", key):
        return "nothing reads it"
    home = project.key_home(step, key, config)
    if home is False and project.passes_unlisted_keys(step, key, config) is False:
        return "nothing reads it"
    if home is not False:
        return "nothing reads it" if project.key_is_unread(step, key, config) else ""
    return "no config or code of the step has it; whether a library reads it is not known"


# -- two configs


def difference(effective: Effective, other: ConfigFile, project: Project) -> dict[str, Any]:
    """How the config in force differs from another config: keys only here, only there, and changed.

    Mappings are compared key by key, lists as a whole.
    """
    here = dict(_leaves(effective.tree))
    there = dict(_leaves(other.tree or {}))

    def side(key: str, value: Tree, *, ours: bool) -> dict[str, Any]:
        origin = effective.origin(key) if ours else project.position(other, key)
        place = place_of(origin) if isinstance(origin, Override) else origin
        value = as_written(key, value, effective) if ours else value
        return {"value": plain(value, key), "place": None if place is None else place_data(place)}

    def shared(key: str) -> bool:
        value, wanted = here[key], there[key]
        return not _has_unknown(value) and type(value) is type(wanted) and value == wanted

    return {
        "path": other.place.path,
        "only_here": [{"key": key, **side(key, here[key], ours=True)} for key in here if key not in there],
        "only_there": [{"key": key, **side(key, there[key], ours=False)} for key in there if key not in here],
        "changed": [
            {
                "key": key,
                "here": side(key, here[key], ours=True),
                "there": side(key, there[key], ours=False),
                "known": not (_has_unknown(here[key]) or _has_unknown(there[key])),
            }
            for key in here
            if key in there and not shared(key)
        ],
        "same": sum(1 for key in here if key in there and shared(key)),
    }


def _leaves(tree: Mapping[str, Tree], above: str = "") -> Iterator[tuple[str, Tree]]:
    """The dotted keys of a mapping with their values; only mappings with keys are looked into."""
    waiting: list[tuple[str, Tree]] = [(join_key((above, name)) if above else name, tree[name]) for name in tree][::-1]
    while waiting:
        key, value = waiting.pop()
        if isinstance(value, dict) and value:
            waiting += [(f"{key}.{name}", item) for name, item in value.items()][::-1]
        else:
            yield key, value


def _has_unknown(value: Tree) -> bool:
    """True for what is not known, and for a list that holds such a thing."""
    return value is UNKNOWN or (isinstance(value, list) and any(map(_has_unknown, value)))
