"""What the installed rules declare, so that only those are imported that a check asks for findings."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping

from nemolint.base import signature
from nemolint.base.version import __version__
from nemolint.cache import replay
from nemolint.linter.rule import DeclaredRule, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_FORMAT = "rules 1"
_SETS = ("supersedes", "supersedes_run")


def recall() -> Mapping[str, Rule] | None:
    """The rules by name, sorted, each of which imports its module when it is first needed; None if they are not known.

    They are not if a module of their packages, or the code that declares them, was changed since they were kept.
    """
    key = _key()
    found = replay.recall(key, replay.name_of(key))
    if found is None:
        return None
    rules: dict[str, Rule] = {}
    for module, declared in json.loads(found[0]):
        declared |= {name: frozenset(declared[name]) for name in _SETS}
        rules[declared["name"]] = DeclaredRule(module, declared)
    return rules


def keep(rules: Mapping[str, Rule], packs: Iterable[str], begun: int) -> None:
    """Keep what rules declare that were loaded since `begun` (ns since the epoch)."""
    from nemolint.cache.entries import code_of, distributions

    declaring = str(sys.modules[Rule.__module__].__file__)
    depends = {declaring: signature.code(declaring), **code_of(packs)}
    for path, signed in distributions().items():
        depends[path] = signature.sign(path, signed[0], signed[1:], begun)
    if not all(rule.file in depends for rule in rules.values()):
        return  # a package in a zip file, or somewhere else that has no stamps
    rows = [[rule.function.__module__, _declared(rule)] for rule in rules.values()]
    key = _key()
    replay.keep(key, json.dumps(rows), "", 0, depends, utf8=True, name=replay.name_of(key))


def _key() -> replay.Key:
    return (_FORMAT, __version__, sys.version, *sys.path)


def _declared(rule: Rule) -> dict[str, Any]:
    """What a rule declares, as plain data."""
    loaded = {name for name in DeclaredRule.LOADED if getattr(rule, name) is not None}
    found = {name: value for name, value in vars(rule).items() if name not in loaded and name != "doc"}
    found |= {name: sorted(found[name]) for name in _SETS}
    return {name: dict(value) if isinstance(value, Mapping) else value for name, value in found.items()}
