"""What only the code of a runner says about the steps that use it, and what the settings say of a team's own steps.

The facts stand in `facts/*.toml`, each with the file that it was read from; the snapshot holds them as JSON. A step is
told to use a runner by what its code imports, or by what its manifest and configs hold, never by its id.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from types import MappingProxyType

from nemolint.base.named_tuple import NamedTuple
from nemolint.project import snapshot
from nemolint.project.model import Scalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

    Wanted = tuple[Scalar, ...] | Literal["set", "unset", "present", "absent"]
    Conditions = tuple[tuple[str, Wanted], ...]
    """Keys and what they must hold: one of some values (`""` stands for none, too), or `set` (true to Python), `unset`,
    `present`, `absent`."""

_NONE: Mapping[str, Any] = MappingProxyType({})


class Fact(NamedTuple):
    """A single fact: its kind and key, as docs/facts.md names them, the value, and where it was read.

    `source` is the file, from the root of the checkout; with `library`, the name of a package, from there. `guards` are
    pieces of code that confirm the fact wherever they stand in that file, `digests` those of its text and of its code
    alone. Without a source the settings state it.
    """

    kind: str
    key: str
    value: Any
    source: str = ""
    library: str = ""
    guards: tuple[str, ...] = ()
    digests: tuple[str, str] = ("", "")


class Required(NamedTuple):
    """A value that the runner raises without.

    `instead`: keys, any of which serves as well. `when`: it is needed where one of these holds; always without any.
    """

    key: str
    instead: tuple[str, ...] = ()
    when: tuple[Conditions, ...] = ()


class Excluded(NamedTuple):
    """Values that the runner refuses together, and what to do about them."""

    values: Conditions
    remedy: str = ""


class Passthrough(NamedTuple):
    """What a runner makes of the words that the CLI passes through to it, in runs in which one of `when` holds.

    `options`, what it makes of `--x`: `toggle` (a key of that name at the top of the config becomes true, or false
    with `--no-x`), `override` (`--a.b=1`, `--a.b 1`, or `--x` for true), `hydra` (Hydra's grammar, which has none),
    `drop`, or `stop` with an error. `words`: what it makes of others. `takes`: options with a value, and the key that
    each is. `prints`: options that make it print something and do nothing else. `tasks`: options that are followed by a
    task. `status`: its exit code where it stops.
    """

    options: Literal["toggle", "override", "hydra", "drop", "stop"]
    words: Literal["drop", "stop"] = "drop"
    status: int = 2
    takes: tuple[tuple[str, str], ...] = ()
    prints: frozenset[str] = frozenset()
    tasks: frozenset[str] = frozenset()
    when: tuple[Conditions, ...] = ()


class Known(NamedTuple):
    """What is known of a step besides its manifest, configs and literals. Keys are dotted; an empty field says nothing.

    docs/facts.md says what each field means. `facts` are the single facts with their sources.
    """

    closed: bool | None = None
    open_under: frozenset[str] = frozenset()
    interpolations: bool | None = None
    resolvers: frozenset[str] = frozenset()
    required: tuple[Required, ...] = ()
    excludes: tuple[Excluded, ...] = ()
    glob_only: frozenset[str] = frozenset()
    name_fields: frozenset[str] = frozenset()
    dry_run_keys: frozenset[str] = frozenset()
    preview_keys: frozenset[str] = frozenset()
    expensive: bool | None = None
    hosted: bool | None = None
    free_when: Conditions = ()
    unpacked: frozenset[str] = frozenset()
    shadows: Mapping[str, str] = _NONE
    covers: Mapping[str, frozenset[str]] = _NONE
    replaces: Mapping[str, str] = _NONE
    synonyms: Mapping[str, str] = _NONE
    unread: frozenset[str] = frozenset()
    language_keys: frozenset[str] = frozenset()
    iteration_paths: frozenset[str] = frozenset()
    gpu_unless: Conditions = ()
    one_process_when: Conditions = ()
    task_lists: frozenset[str] = frozenset()
    path_datasets: frozenset[str] = frozenset()
    own_datasets: frozenset[str] = frozenset()
    passthrough: tuple[Passthrough, ...] = ()
    facts: tuple[Fact, ...] = ()

    @property
    def stated_closed(self) -> bool:
        """True if the settings state that the step reads fixed keys: then its code needs not show that."""
        return self.closed is True and any(fact.kind == "closed" and not fact.source for fact in self.facts)

    @property
    def task_options(self) -> frozenset[str]:
        """Words that the runner takes with the next one, the name of a task."""
        return frozenset(option for entry in self.passthrough for option in entry.tasks)


class Runner(NamedTuple):
    """How a step that uses a runner is recognised: see `facts_model._Runner`."""

    name: str
    imports: frozenset[str]
    deep_imports: frozenset[str]
    keys: tuple[str, ...]
    produces: str

    def fits(self, keys: Collection[str], produces: Collection[str]) -> bool:
        """True for a step whose manifest and configs hold these keys and which produces these artifact types."""
        return bool(self.keys) and all(key in keys for key in self.keys) and self.produces in ("", *produces)


def runners_of(forms: Mapping[str, Any]) -> tuple[Runner, ...]:
    """The runners of the section `facts` of a snapshot; those that are recognised by more come first."""
    found = (
        Runner(
            name,
            frozenset(form.get("imports", ())),
            frozenset(form.get("deep-imports", ())),
            tuple(form.get("keys", ())),
            form.get("produces", ""),
        )
        for name, form in forms.items()
        if not form.get("every-step") and not form.get("abstract")
    )
    return tuple(sorted(found, key=lambda runner: (-len(runner.imports), -len(runner.keys), runner.name)))


@cache
def runners() -> tuple[Runner, ...]:
    """The runners that the bundled snapshot knows."""
    return runners_of(snapshot.bundled()["facts"])


def by_code(own: Collection[str], all_imports: Collection[str] = (), among: Iterable[Runner] | None = None) -> str:
    """The runner of a step whose `step.py` imports the names `own` (`module:name`), and with its modules all these.

    "" where none is known.
    """
    candidates = runners() if among is None else tuple(among)
    direct = next((runner.name for runner in candidates if runner.imports and runner.imports.issubset(own)), "")
    if direct or not all_imports:
        return direct
    # A step.py that hands over to a module of its own.
    wanted = ((names, runner.name) for runner in candidates for names in (runner.imports, runner.deep_imports) if names)
    found = [(len(names), name) for names, name in wanted if names.issubset(all_imports)]
    return max(found, default=(0, ""))[1]


def by_shape(keys: Collection[str], produces: Collection[str]) -> str:
    """The runner of a step whose manifest and configs hold these keys, and which produces these artifact types."""
    return next((runner.name for runner in runners() if runner.fits(keys, produces)), "")


@cache
def of(runner: str, stated: tuple[tuple[str, Any], ...] = ()) -> Known:
    """What is known of a step that uses a runner ("" where none is known), with what the settings state of it."""
    forms = snapshot.bundled()["facts"]
    every = [name for name, form in forms.items() if form.get("every-step")]
    tables = [fact for name in (*every, *_lineage(forms, runner)) for fact in forms[name].get("facts", ())]
    facts = tuple(fact for table in (*tables, dict(stated)) for fact in _facts(table))
    return Known(**_fields(facts), facts=facts)


def family(runner: str) -> str:
    """The runner that a runner extends in the end, or itself; "" for ""."""
    return _lineage(snapshot.bundled()["facts"], runner)[0] if runner else ""


def _lineage(forms: Mapping[str, Any], runner: str) -> list[str]:
    """A runner and those that it extends, the first of them first."""
    names: list[str] = []
    while runner:
        names.insert(0, runner)
        runner = forms[runner].get("extends", "")
    return names


def _facts(table: Mapping[str, Any]) -> Iterator[Fact]:
    """The single facts of a table of `facts/*.toml`, or of the settings."""
    source = snapshot.bundled()["sources"][table["source"]] if "source" in table else _NONE
    digests = (source.get("text", ""), source.get("code", ""))
    where = (source.get("file", ""), source.get("library", ""), tuple(table.get("guards", ())), digests)
    when = tuple(_conditions(conditions) for conditions in table.get("when", ()))
    for kind, value in table.items():
        if kind == "required":
            for key in value:
                yield Fact(kind, key, Required(key, tuple(table.get("instead", ())), when), *where)
        elif kind == "excludes":
            yield Fact(kind, "", Excluded(_conditions(value), table.get("remedy", "")), *where)
        elif kind == "passthrough":
            sets = {name: frozenset(value.get(name, ())) for name in ("prints", "tasks")}
            takes = tuple(value.get("takes", {}).items())
            yield Fact(kind, "", Passthrough(**{**value, **sets, "takes": takes}, when=when), *where)
        elif kind in ("free-when", "gpu-unless", "one-process-when"):
            yield Fact(kind, "", _conditions(value), *where)
        elif kind not in ("source", "guards", "when", "instead", "remedy"):
            items = value.items() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ("",)
            for item in items:
                key, inner = item if isinstance(item, tuple) else (item, value if item == "" else True)
                yield Fact(kind, key, tuple(inner) if isinstance(inner, list) else inner, *where)


def _conditions(table: Mapping[str, Any]) -> Conditions:
    return tuple((key, tuple(value) if isinstance(value, list) else value) for key, value in table.items())


def _fields(facts: Iterable[Fact]) -> dict[str, Any]:
    """The fields of `Known` that the facts give."""
    result: dict[str, Any] = {}
    for fact in facts:
        name = fact.kind.replace("-", "_")
        default = Known._field_defaults[name]
        if isinstance(default, frozenset):
            result[name] = result.get(name, default) | {fact.key}
        elif isinstance(default, Mapping):
            value = frozenset(fact.value) if isinstance(fact.value, tuple) else fact.value
            result[name] = {**result.get(name, {}), fact.key: value}
        elif isinstance(fact.value, Required | Excluded | Passthrough):
            result[name] = (*result.get(name, ()), fact.value)
        else:  # a boolean, or conditions
            result[name] = fact.value
    return result
