"""`nemolint --version --verbose`: what a report of a problem should name."""

from __future__ import annotations

from collections import Counter
from importlib.metadata import PackageNotFoundError, requires, version

from nemolint.base.exitcode import CLEAN
from nemolint.base.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

_ABSENT = "(not installed)"


def versions(out: TextIO) -> int:
    """Write the versions of everything that a finding may depend on."""
    import platform
    import sys

    from nemolint.cache import store
    from nemolint.linter.loader import load_rules
    from nemolint.linter.packs import packs
    from nemolint.project.snapshot import bundled

    rules = Counter(rule.function.__module__.partition(".")[0] for rule in load_rules().values())
    lines = [
        f"nemolint {__version__}",
        f"Python {platform.python_version()} ({platform.python_implementation()}, {sys.platform})",
        *(f"{name} {_version(name)}" for name in _libraries()),
        f"bundled catalog of {bundled()['date']}",
        *(f"rule pack {pack}: {rules[pack]} rules" for pack in packs(sys.path)),
        f"cache {store.folder()}",
    ]
    out.writelines(f"{line}\n" for line in lines)
    return CLEAN


def _libraries() -> list[str]:
    """The names of the distributions that nemolint requires, and of those of its extras that are installed."""
    try:
        wanted = requires("nemolint") or []
    except PackageNotFoundError:  # it is run from its sources
        wanted = []
    names = []
    for requirement in wanted:
        name, _, marker = requirement.partition(";")
        name = name[: next((at for at, char in enumerate(name) if char in "<>=!~[ ("), len(name))]
        if "extra" not in marker or _version(name) != _ABSENT:
            names.append(name)
    return sorted(names)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return _ABSENT
