"""Settings: what the user asked for, as plain data, and what of it holds for a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from nemolint.base.errors import UserError
from nemolint.base.gitignore import MOST_PATTERNS
from nemolint.presets import Preset

if TYPE_CHECKING:
    from nemolint.base.gitignore import IgnorePatterns

Level = Literal["error", "warning", "info", "off"]

ALL = "all"


_NONE: Mapping[str, Any] = MappingProxyType({})


class SettingsError(UserError):
    """Settings that cannot be used. The message names the file, the line if it is known, and what to do."""


# Not a dataclass, like everything that a check without findings needs: importing `dataclasses` takes as long as
# starting Python.
class SettingsOverride(NamedTuple):
    """Settings for some files, in addition to or instead of the others. `preset` is None if it is not changed."""

    files: tuple[str, ...]
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    severity: Mapping[str, Level] = _NONE
    preset: Preset | None = None


class Settings(NamedTuple):
    """The settings: those of the file combined with the command line.

    `root` is the folder to which patterns and paths are relative, `source` the settings file (None without one).
    `select` is None for the default rules. `env_file`, `nemotron`, `baseline` are absolute. `rules` holds
    `rules.RULE.OPTION`, with `_` for `-` in the option's name and tuples for arrays; `steps` the facts that a team
    states of its own steps, by id, as `facts/*.toml` names them.
    """

    root: Path
    source: Path | None = None
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = _NONE
    severity: Mapping[str, Level] = _NONE
    env_file: Path | None = None
    profiles: tuple[str, ...] = ()
    nemotron: Path | None = None
    inputs: Mapping[str, str] = _NONE
    steps: Mapping[str, Mapping[str, Any]] = _NONE
    rules: Mapping[str, Mapping[str, object]] = _NONE
    preset: Preset = "repo"
    baseline: Path | None = None
    overrides: tuple[SettingsOverride, ...] = ()

    @property
    def names_rules(self) -> bool:
        """True if the settings contain names of rules, which might not exist."""
        lists = (self.select, self.ignore, self.extend_select, self.per_file_ignores)
        return any((*lists, self.severity, self.rules, self.overrides))

    def for_file(self, file: Path) -> Settings:
        """The effective settings for a file, given by its absolute path: of matching overrides, the later one wins."""
        name = _name_below(self.root, file) if self.overrides else None
        if name is None:
            return self
        # Thousands of overrides may match one file and name the same rules again and again.
        ignore, extend_select = dict.fromkeys(self.ignore), dict.fromkeys(self.extend_select)
        severity, preset = dict(self.severity), self.preset
        matching = [item for item in self.overrides if _patterns(item.files).match(name, False)]
        for item in matching:
            for on in item.extend_select:
                ignore.pop(on, None)
                if severity.get(on) == "off":
                    del severity[on]
            ignore.update(dict.fromkeys(item.ignore))
            extend_select.update(dict.fromkeys(item.extend_select))
            severity.update(item.severity)
            preset = item.preset or preset
        if not matching:
            return self
        return self._replace(ignore=tuple(ignore), extend_select=tuple(extend_select), severity=severity, preset=preset)

    def ignored_for(self, file: Path) -> frozenset[str]:
        """The rules and groups that `per-file-ignores` disables for a file, given by its absolute path."""
        name = _name_below(self.root, file)
        if name is None:
            return frozenset()
        found = (names for pattern, names in self.per_file_ignores.items() if _patterns((pattern,)).match(name, False))
        return frozenset(rule for names in found for rule in names)

    def show(self) -> dict[str, object]:
        """The settings under the names of the settings file, ready for JSON."""
        return {
            "source": None if self.source is None else str(self.source),
            "root": str(self.root),
            "select": None if self.select is None else list(self.select),
            "ignore": list(self.ignore),
            "extend-select": list(self.extend_select),
            "exclude": list(self.exclude),
            "per-file-ignores": {pattern: list(names) for pattern, names in self.per_file_ignores.items()},
            "severity": dict(self.severity),
            "env-file": None if self.env_file is None else str(self.env_file),
            "profiles": list(self.profiles),
            "nemotron": None if self.nemotron is None else str(self.nemotron),
            "inputs": dict(self.inputs),
            "steps": {name: dict(facts) for name, facts in self.steps.items()},
            "rules": {name: dict(values) for name, values in self.rules.items()},
            "preset": self.preset,
            "baseline": None if self.baseline is None else str(self.baseline),
            "overrides": [
                {
                    "files": list(item.files),
                    "ignore": list(item.ignore),
                    "extend-select": list(item.extend_select),
                    "severity": dict(item.severity),
                    "preset": item.preset,
                }
                for item in self.overrides
            ],
        }


def with_command_line(
    settings: Settings,
    *,
    select: Sequence[str] | None = None,
    ignore: Sequence[str] = (),
    extend_select: Sequence[str] = (),
    env_file: Path | None = None,
    nemotron: Path | None = None,
    preset: Preset | None = None,
) -> Settings:
    """The settings combined with the command line: `--select` replaces, the other lists extend.

    What the command line enables stays enabled, whatever the settings file ignores or sets to `off`. A preset of the
    command line applies to all files, and with `--select` overrides do not enable rules.
    """
    wanted = {*(select or ()), *extend_select}
    severity = {name: level for name, level in settings.severity.items() if level != "off" or name not in wanted}
    if select is not None:
        settings = settings._replace(select=tuple(select), ignore=(), extend_select=())
        settings = settings._replace(overrides=tuple(item._replace(extend_select=()) for item in settings.overrides))
    if preset is not None:
        settings = settings._replace(overrides=tuple(item._replace(preset=None) for item in settings.overrides))
    kept = tuple(name for name in settings.ignore if name not in wanted)
    return settings._replace(
        ignore=(*kept, *ignore),
        extend_select=(*settings.extend_select, *extend_select),
        severity=severity,
        env_file=env_file or settings.env_file,
        nemotron=nemotron or settings.nemotron,
        preset=preset or settings.preset,
    )


Matcher = Callable[[Path, bool], bool]


# As many as settings may have.
@lru_cache(maxsize=MOST_PATTERNS)
def _patterns(patterns: tuple[str, ...]) -> IgnorePatterns:
    from nemolint.base.gitignore import IgnorePatterns

    return IgnorePatterns(patterns)


def _name_below(root: Path, path: Path) -> str | None:
    """A path relative to `root`, with `/`; None for `root` itself and for paths outside of it."""
    if not path.is_relative_to(root):
        return None
    name = path.relative_to(root).as_posix()
    return name if name != "." else None


def matcher(root: Path, patterns: tuple[str, ...]) -> Matcher:
    """A matcher of absolute paths against gitignore-style patterns relative to `root`; True if one matches.

    Its second argument says whether the path is a folder. Paths outside `root` never match.
    """
    if not patterns:
        return lambda path, folder: False
    spec = _patterns(patterns)

    def matches(path: Path, folder: bool) -> bool:
        name = _name_below(root, path)
        return name is not None and spec.match(name, folder)

    return matches
