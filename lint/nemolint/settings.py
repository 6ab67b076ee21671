"""Settings: what the user asked for, as plain data, and what of it holds for a file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from nemolint.base.errors import UserError
from nemolint.base.gitignore import MOST_PATTERNS
from nemolint.base.named_tuple import NamedTuple
from nemolint.base.paths import plain, relative

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nemolint.analysis.policy import Policy
    from nemolint.base.choices import Asking, Level, Preset
    from nemolint.base.gitignore import IgnorePatterns

ALL = "all"
POLICIES = "policy"  # the group of rules that come from settings


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
    """The settings: those of the file and of the one that it extends, combined with the command line.

    `root` is the folder to which patterns and paths are relative, `source` the settings file (None without one).
    `base` has the settings that this file extends. Their patterns (`exclude`, `per_file_ignores`, `overrides`) apply,
    too, relative to their own root; all else of them is already contained. `given` names the keys that the file itself
    or the command line sets (`severity.RULE` in a table).
    `select` is None for the default rules. `env_file`, `nemotron`, `baseline` are absolute. `rules` holds
    `rules.RULE.OPTION`, with `_` for `-` in the option's name and tuples for arrays; `steps` the facts that a team
    states of its own steps, by id, as `facts/*.toml` names them. `policies` are the policies of the file and of those
    that it names or extends.
    """

    root: str
    source: str | None = None
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = _NONE
    severity: Mapping[str, Level] = _NONE
    env_file: str | None = None
    profiles: tuple[str, ...] = ()
    nemotron: str | None = None
    inputs: Mapping[str, str] = _NONE
    steps: Mapping[str, Mapping[str, Any]] = _NONE
    rules: Mapping[str, Mapping[str, object]] = _NONE
    preset: Preset = "repo"
    baseline: str | None = None
    overrides: tuple[SettingsOverride, ...] = ()
    policies: tuple[Policy, ...] = ()
    hook_ask: Asking = "native"
    base: Settings | None = None
    given: tuple[str, ...] = ()

    @property
    def lineage(self) -> Iterator[Settings]:
        """The settings of each file that these come from: the extended ones first, these last."""
        chain = [self]
        while (base := chain[-1].base) is not None:
            chain.append(base)
        return iter(chain[::-1])

    @property
    def names_rules(self) -> bool:
        """True if the settings contain names of rules, which might not exist."""
        lists = (self.select, self.ignore, self.extend_select, self.per_file_ignores)
        return any((*lists, self.severity, self.rules, self.overrides, self.policies))

    @property
    def has_overrides(self) -> bool:
        """True if some files may have other settings than others."""
        return any(settings.overrides for settings in self.lineage)

    def excludes(self, path: str, folder: bool) -> bool:
        """True if a pattern of `exclude` matches a file or folder, given by its absolute path."""
        for settings in self.lineage if self.base is not None else (self,):
            if settings.exclude:
                name = _name_below(settings.root, path)
                if name is not None and _patterns(settings.exclude).match(name, folder):
                    return True
        return False

    def for_file(self, file: str | os.PathLike[str]) -> Settings:
        """The effective settings for a file, given by its absolute path: of matching overrides, the later one wins."""
        matching = [item for _, _, item in self.overrides_of(file)]
        if not matching:
            return self
        # Thousands of overrides may match one file and name the same rules again and again.
        ignore, extend_select = dict.fromkeys(self.ignore), dict.fromkeys(self.extend_select)
        severity, preset = dict(self.severity), self.preset
        for item in matching:
            for on in item.extend_select:
                ignore.pop(on, None)
                if severity.get(on) == "off":
                    del severity[on]
            ignore.update(dict.fromkeys(item.ignore))
            extend_select.update(dict.fromkeys(item.extend_select))
            severity.update(item.severity)
            preset = item.preset or preset
        return self._replace(ignore=tuple(ignore), extend_select=tuple(extend_select), severity=severity, preset=preset)

    def overrides_of(self, file: str | os.PathLike[str]) -> Iterator[tuple[Settings, int, SettingsOverride]]:
        """The overrides that match a file: the settings that have them, their index there, and themselves."""
        for settings in self.lineage:
            name = _name_below(settings.root, file) if settings.overrides else None
            if name is not None:
                for number, item in enumerate(settings.overrides):
                    if _patterns(item.files).match(name, False):
                        yield settings, number, item

    def ignored_for(self, file: str | os.PathLike[str]) -> frozenset[str]:
        """The rules and groups that `per-file-ignores` disables for a file, given by its absolute path."""
        found: set[str] = set()
        for settings in self.lineage:
            name = _name_below(settings.root, file) if settings.per_file_ignores else None
            if name is not None:
                for pattern, names in settings.per_file_ignores.items():
                    if _patterns((pattern,)).match(name, False):
                        found.update(names)
        return frozenset(found)

    def show(self) -> dict[str, object]:
        """The settings under the names of the settings file, ready for JSON."""
        return {
            "source": self.source,
            "root": self.root,
            "extends": None if self.base is None else self.base.show(),
            "select": None if self.select is None else list(self.select),
            "ignore": list(self.ignore),
            "extend-select": list(self.extend_select),
            "exclude": list(self.exclude),
            "per-file-ignores": {pattern: list(names) for pattern, names in self.per_file_ignores.items()},
            "severity": dict(self.severity),
            "env-file": self.env_file,
            "profiles": list(self.profiles),
            "nemotron": self.nemotron,
            "inputs": dict(self.inputs),
            "steps": {name: dict(facts) for name, facts in self.steps.items()},
            "rules": {name: dict(values) for name, values in self.rules.items()},
            "preset": self.preset,
            "baseline": self.baseline,
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
            "hook": {"ask": self.hook_ask},
            "policy": [{"file": item.file, **item.written} for item in self.policies],
        }


def with_plain_paths(settings: Settings) -> Settings:
    """The settings with paths as the engine has them, where a program has given others, such as a `Path`."""
    names = ("root", "source", "env_file", "nemotron", "baseline")
    given: dict[str, Any] = {name: path for name in names if (path := getattr(settings, name)) is not None}
    paths: dict[str, Any] = {name: plain(path) for name, path in given.items()}
    return settings if paths == given else settings._replace(**paths)


def with_command_line(
    settings: Settings,
    *,
    select: Sequence[str] | None = None,
    ignore: Sequence[str] = (),
    extend_select: Sequence[str] = (),
    exclude: Sequence[str] = (),
    cwd: str | None = None,
    env_file: str | None = None,
    nemotron: str | None = None,
    preset: Preset | None = None,
) -> Settings:
    """The settings combined with the command line: `--select` replaces, the other lists extend.

    What the command line enables stays enabled, whatever the settings file ignores or sets to `off`. A preset of the
    command line applies to all files, and with `--select` overrides do not enable rules. `exclude` is relative to
    `cwd`.
    """
    wanted = {*(select or ()), *extend_select}
    severity = {name: level for name, level in settings.severity.items() if level != "off" or name not in wanted}
    if select is not None:
        settings = settings._replace(select=tuple(select), ignore=(), extend_select=())
        settings = _with_overrides(settings, lambda item: item._replace(extend_select=()))
    if preset is not None:
        settings = _with_overrides(settings, lambda item: item._replace(preset=None))
    if exclude:
        more = Settings(cwd or settings.root, exclude=tuple(exclude), given=("--exclude",))
        settings = _with_base(settings, more)
    kept = tuple(name for name in settings.ignore if name not in wanted)
    named = {
        "select": select is not None,
        "ignore": ignore,
        "extend-select": extend_select,
        "env-file": env_file,
        "nemotron": nemotron,
        "preset": preset,
    }
    return settings._replace(
        given=(*settings.given, *(f"--{name}" for name, value in named.items() if value)),
        ignore=(*kept, *ignore),
        extend_select=(*settings.extend_select, *extend_select),
        severity=severity,
        env_file=env_file or settings.env_file,
        nemotron=nemotron or settings.nemotron,
        preset=preset or settings.preset,
    )


def _with_overrides(settings: Settings, change: Callable[[SettingsOverride], SettingsOverride]) -> Settings:
    """The settings with each of their overrides changed."""
    base = None if settings.base is None else _with_overrides(settings.base, change)
    return settings._replace(overrides=tuple(map(change, settings.overrides)), base=base)


def _with_base(settings: Settings, last: Settings) -> Settings:
    """The settings with more patterns."""
    return settings._replace(base=last if settings.base is None else _with_base(settings.base, last))


def extended(own: Settings, base: Settings) -> Settings:
    """The settings of a file that extends another one: what it sets wins, key by key in tables, and lists are added to.

    `select` begins a new list, which what the other file ignores and adds does not change.
    """
    ignore, extend_select = base.ignore, base.extend_select
    if own.select is not None:
        ignore, extend_select = (), ()
    wanted = {*(own.select or ()), *own.extend_select}
    severity = {name: level for name, level in base.severity.items() if level != "off" or name not in wanted}
    kept = (name for name in extend_select if name not in own.ignore)
    return own._replace(
        base=base,
        select=base.select if own.select is None else own.select,
        ignore=tuple(dict.fromkeys((*(name for name in ignore if name not in wanted), *own.ignore))),
        extend_select=tuple(dict.fromkeys((*kept, *own.extend_select))),
        severity={**severity, **own.severity},
        env_file=own.env_file or base.env_file,
        profiles=tuple(dict.fromkeys((*base.profiles, *own.profiles))),
        nemotron=own.nemotron or base.nemotron,
        inputs={**base.inputs, **own.inputs},
        steps={**base.steps, **own.steps},
        rules={**base.rules, **{name: {**base.rules.get(name, {}), **values} for name, values in own.rules.items()}},
        preset=own.preset if "preset" in own.given else base.preset,
        baseline=own.baseline or base.baseline,
        hook_ask=own.hook_ask if "hook.ask" in own.given else base.hook_ask,
        # Both may name the same policy file.
        policies=(*base.policies, *(item for item in own.policies if not _has(base.policies, item))),
    )


def _has(policies: tuple[Policy, ...], wanted: Policy) -> bool:
    return any((item.name, item.file, item.line) == (wanted.name, wanted.file, wanted.line) for item in policies)


def _with_locked(own: Settings, above: Settings | None) -> Settings:
    """The settings of a file with the locked policies of the nearest file above it. Raises SettingsError."""
    if above is None:
        return own
    more = tuple(item for item in above.policies if item.locked and not _has(own.policies, item))
    names = {item.name: item for item in own.policies}
    for item in more:
        if item.name in names:
            at = names[item.name].place
            raise SettingsError(f"{at}: policy: `{item.name}` is already defined in {item.place}: choose another name")
    return own._replace(policies=(*more, *own.policies)) if more else own


class SettingsTree:
    """The settings of each folder: those of the nearest file above, else `fallback`. A locked policy holds for all
    folders below its file.

    `own` gives the settings of the file in a folder, None if there is none; without it, `fallback` applies everywhere.
    `seen` has the digest of each file that they were read from, or its state, see `signature`.
    """

    def __init__(
        self,
        fallback: Callable[[], Settings],
        own: Callable[[str], Settings | None] | None = None,
        seen: Mapping[str, str] = _NONE,
    ) -> None:
        self.seen = seen
        self._fallback = fallback
        self._own = own
        self._known: dict[str, Settings | None] = {}
        self._default: Settings | None = None

    @classmethod
    def same(cls, settings: Settings) -> SettingsTree:
        """The same settings everywhere."""
        return cls(lambda: settings)

    @property
    def default(self) -> Settings:
        """The settings where there is no file above."""
        if self._default is None:
            self._default = self._fallback()
        return self._default

    def of(self, folder: str) -> Settings:
        """The settings of a folder, given by its absolute path. Raises SettingsError for a file that cannot be used."""
        if self._own is None:
            return self.default
        if folder in self._known:
            return self._known[folder] or self.default
        pending: list[str] = []
        found: Settings | None = None
        while True:
            if folder in self._known:
                found = self._known[folder]
                break
            pending.append(folder)
            found = self._own(folder)
            parent = os.path.dirname(folder)
            if found is not None and parent != folder:
                found = _with_locked(found, self._above(parent))
            if found is not None or parent == folder:
                break
            folder = parent
        self._known.update(dict.fromkeys(pending, found))
        return found or self.default

    def _above(self, folder: str) -> Settings | None:
        """The settings of the nearest file, None if there is none."""
        self.of(folder)
        return self._known[folder]

    def of_file(self, file: str) -> Settings:
        """The settings of the folder of a file, given by its absolute path."""
        return self.of(os.path.dirname(file))

    def excludes(self, path: str, folder: bool) -> bool:
        """True if a file or folder, given by its absolute path, is excluded, or a folder above it."""
        while (parent := os.path.dirname(path)) != path:
            if self.of(parent).excludes(path, folder):
                return True
            path, folder = parent, True
        return False

    def all(self) -> list[Settings]:
        """All settings that were asked for."""
        found = {id(settings): settings for settings in self._known.values() if settings is not None}
        if self._default is not None:
            found.setdefault(id(self._default), self._default)
        return [*found.values()]


Matcher = Callable[[str, bool], bool]


# As many as settings may have.
@lru_cache(maxsize=MOST_PATTERNS)
def _patterns(patterns: tuple[str, ...]) -> IgnorePatterns:
    from nemolint.base.gitignore import IgnorePatterns

    return IgnorePatterns(patterns)


def _name_below(root: str, path: str | os.PathLike[str]) -> str | None:
    """A path relative to `root`, with `/`; None for `root` itself and for paths outside of it."""
    name = relative(plain(path), root)
    return None if name == os.curdir else name
