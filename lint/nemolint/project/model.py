"""The facts of a checkout about its steps, as plain data.

These types are what rules see. They are filled from validated manifests (`manifest.py`), or come out of the cache or
the bundled snapshot (`codec.py`); they import nothing heavy, so a check with cached facts starts fast.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.yaml_values import (
    MISSING as MISSING,
    UNKNOWN as UNKNOWN,
    Marker as Marker,
    Scalar as Scalar,
    Tree as Tree,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final, Literal

    Source = Literal["checkout", "snapshot"]

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Same:
    """Makes an unhashable value a cache key, compared by identity."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.value is self.value


class Lazy(Mapping):  # type: ignore[type-arg]
    """A mapping whose values are made of those of `data` on first use."""

    def __init__(self, data: Mapping[str, Any], make: Callable[[str, Any], Any]) -> None:
        self._data = data
        self._make = make
        self._made: dict[str, Any] = {}

    def __getitem__(self, key: str) -> Any:
        if key not in self._made:
            self._made[key] = self._make(key, self._data[key])
        return self._made[key]

    def __contains__(self, key: object) -> bool:
        return key in self._data

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)


class Place(NamedTuple):
    """Where a fact is stated: path as reported, line and column from 1 (0 = the whole file)."""

    path: str
    line: int = 0
    column: int = 0


class Artifact(NamedTuple):
    """One `[[consumes]]` or `[[produces]]` entry."""

    type: str
    required: bool = False


class Parameter(NamedTuple):
    """One `[[parameters]]` entry of a manifest. `choices` is empty if the manifest gives none.

    `language`: its description says that it takes a language code.
    """

    name: str
    default: Tree = None
    choices: tuple[Scalar, ...] = ()
    language: bool = False
    has_default: bool = False


class Model(NamedTuple):
    """One `[[models]]` entry."""

    name: str
    min_gpus: int | None = None
    default: bool = False


class Resources(NamedTuple):
    """What the header of `step.py` asks for; None if unknown."""

    launch: str | None = None
    nodes: int | None = None
    gpus_per_node: int | None = None
    image: str | None = None


class Header(NamedTuple):
    """The runspec header of a `step.py`. `config_dir` counts from its folder."""

    resources: Resources = Resources()
    config_dir: str = "config"
    default_config: str = "default"


class Import(NamedTuple):
    """One import of Python code: how many folders up it counts from (0: absolute), and what it takes from where."""

    level: int
    module: str
    names: tuple[str, ...] = ()


class Code(NamedTuple):
    """What one file of a step's code imports."""

    imports: tuple[Import, ...]


ANY: Final = "*"
BUT: Final = "!"
OR: Final = "|"


class Reads(NamedTuple):
    """Which keys of its config a step's code reads, as sorted dotted patterns.

    A part of a pattern is a key, holds `*` for any text, or is `!a|b`: any key but those. `keys` are read. A
    library gets what stands under `passed_whole`, and may read any key below it; the empty pattern is the whole config.
    """

    keys: tuple[str, ...]
    passed_whole: tuple[str, ...]


class ConfigFile(NamedTuple):
    """A config of a step: its alias, its place, and the tree after inheritance.

    `tree` is None if the file could not be read as a mapping (see the project's problems). `files` are the absolute
    paths that it was read from: its own, then what it inherits, nearest first; empty for a config of the snapshot,
    where UNKNOWN replaces long texts.
    """

    alias: str
    place: Place
    tree: Mapping[str, Tree] | None = None
    files: tuple[str, ...] = ()


class ConfigLookup(NamedTuple):
    """What `-c X` names.

    `kind`: `alias` or `path` if the file exists; `missing-alias`; `missing-path` (relative, and in neither the current
    directory nor the document's folder); `unknowable` (absolute, outside the project, or the step is not known).
    `aliases` are the step's aliases, `close` those similar to what is written.
    """

    kind: Literal["alias", "path", "missing-alias", "missing-path", "unknowable"]
    config: ConfigFile | None = None
    aliases: tuple[str, ...] = ()
    close: tuple[str, ...] = ()


class Step(NamedTuple):
    """One step of the catalog.

    `reads` are the keys that the runner's own code reads, None if that code was not read or cannot be followed.
    `runner` is what runs it, by the name in `facts/*.toml`, if that is known without its code.
    """

    id: str
    name: str
    category: str
    place: Place
    consumes: tuple[Artifact, ...] = ()
    produces: tuple[Artifact, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    models: tuple[Model, ...] = ()
    resources: Resources = Resources()
    default_config: str = "default"
    configs: Mapping[str, ConfigFile] = _NOTHING
    reads: Reads | None = None
    config_dir: str = ""
    source: Source = "checkout"
    runner: str = ""


class ArtifactType(NamedTuple):
    """One table of `types.toml`: `is_a` parents, and which step converts to which other type."""

    name: str
    is_a: tuple[str, ...] = ()
    convert_to: Mapping[str, str] = _NOTHING


class Match(NamedTuple):
    """What a written step id means: the step, or the full ids it could mean, or the closest ids."""

    step: Step | None
    ambiguous: tuple[str, ...] = ()
    close: tuple[str, ...] = ()


RESERVED = frozenset({"wandb", "cli", "cache", "artifacts"})
"""Sections of an env TOML that are settings of the CLI."""


class Profile(NamedTuple):
    """A table of an env TOML. `values` are resolved over `extends`; `chain` lists the names from child to root.

    In a chain that is too long to follow, a key that its first profiles do not set is UNKNOWN.
    """

    name: str
    place: Place
    values: Mapping[str, Tree]
    extends: str | None = None
    chain: tuple[str, ...] = ()
    reserved: bool = False


class Unresolved(NamedTuple):
    """An interpolation in a value of an env TOML: the value's key by its parts, its text, and the key it refers to."""

    path: tuple[str, ...]
    text: str
    key: str


class Problem(NamedTuple):
    """Something wrong in a project file.

    `profile` is the section of an env TOML without which a run goes on all the same, "" where each run is affected.
    `at_launch`: a dry run passes. `lacks`: a key that the section does without and that the run's config may give
    instead. `unresolved`: a reference that another section may lead somewhere. `of_runs`: worth a word only where it
    stops a run. `to_cli`: the CLI fails with the file, too.
    """

    event: Literal["broken-project-file", "broken-env-file"]
    place: Place
    message: str
    end: Place | None = None
    profile: str = ""
    at_launch: bool = False
    lacks: str = ""
    unresolved: Unresolved | None = None
    of_runs: bool = False
    to_cli: bool = False


class EnvFile(NamedTuple):
    """An env TOML as read: `path` as reported, profiles by name, and what is wrong with it.

    `children` maps the name of a profile to the sorted names of those that extend it directly. `broken`: it could not
    be read, so that nobody knows its profiles; one of its problems says why.
    """

    path: str
    profiles: Mapping[str, Profile]
    problems: tuple[Problem, ...] = ()
    children: Mapping[str, tuple[str, ...]] = _NOTHING
    broken: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Names that `--batch` accepts, without reserved sections."""
        return tuple(name for name in self.profiles if name not in RESERVED)


class EnvInForce(NamedTuple):
    """The env TOML that the CLI would read, if any.

    `how` says why, for people. `missing`: the path that a setting or a variable names and that is not there.
    `unknowable`: a variable names a file through an expansion, one outside the project that cannot be looked at, or one
    that is not there and that git ignores: others may have it.
    """

    file: EnvFile | None = None
    how: str = ""
    missing: str | None = None
    unknowable: bool = False
