"""What a shell knows while it runs: variables, arrays, functions, aliases, parameters; and what a child sees of it."""

from __future__ import annotations

from nemolint.base.named_tuple import NamedTuple
from nemolint.shell.values import MAX_CHOICES, UNKNOWN, UNSET, Content, merged, names_command, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Literal

    from nemolint.shell.raw import Block

    Kind = Literal["", "map", "reference", "changed", "unseen"]

# Names in `Environment.vars` that no variable has: positional parameters, and the time of the last unknown script.
PARAMETERS = "@"
_SOURCED = "."


class Variable(NamedTuple):
    """What a name may hold: one of `choices`. `exported` is None where that depends.

    `kind`: `map` has keys, `reference` is another name for the variable whose name it holds, `changed`: the shell
    changes what is assigned (a number, one case), `unseen`: a child does not see it. `since` counts the scripts that
    nobody knows and that were read before it was set: one that is read later may change it.
    """

    choices: tuple[Content, ...]
    exported: bool | None = False
    kind: Kind = ""
    since: int = 0


class Functions(NamedTuple):
    """The bodies that a function's name may stand for, each with the layer it is written in; None: there is none."""

    bodies: tuple[tuple[Block, Any] | None, ...]
    exported: bool = False


class Alias(NamedTuple):
    """The text of an alias (a value; None where that depends), and where the command that defines it ends."""

    text: Any
    layer: Any
    end: int


Entry = Variable | Functions | Alias


class Environment:
    """One shell's state on top of that of `parent`, which it does not change until it is joined.

    `child`: another process, which sees nothing of the parent but what is exported. `lost`: the shell has left what is
    being read (`exit`, `return`), so that what it knows counts for nothing behind it.
    """

    __slots__ = ("child", "left", "lost", "parent", "vars")

    def __init__(self, parent: Environment | None = None, *, child: bool = False) -> None:
        self.parent = parent
        self.child = child
        self.vars: dict[str, Entry] = {}
        self.lost = self.left = False

    def get(self, name: str) -> Entry | None:
        """What a name holds as this shell sees it, None if nobody set it."""
        here: Environment | None = self
        crossed = False
        while here is not None:
            entry = here.vars.get(name)
            if entry is not None:
                return _inherited(entry) if crossed else entry
            crossed = crossed or here.child
            if crossed and (name == PARAMETERS or name.startswith("set -")):
                return None
            here = here.parent
        return None

    def set(self, name: str, entry: Entry) -> None:
        self.vars[name] = entry

    def may_have_left(self, floor: Environment | None) -> bool:
        """True if nobody knows whether the shell still reads what it began to read on top of `floor`."""
        here: Environment | None = self
        while here is not None and here is not floor:
            if here.left:
                return True
            here = here.parent
        return False

    def variable(self, name: str) -> Variable | None:
        entry = self.get(name)
        return entry if isinstance(entry, Variable) else None

    def scripts_read(self) -> int:
        """How many scripts that nobody knows were read."""
        entry = self.get(_SOURCED)
        return entry.since if isinstance(entry, Variable) else 0

    def read_unknown_script(self) -> None:
        """Anything that was set so far may have been changed."""
        self.set(_SOURCED, Variable((), True, since=self.scripts_read() + 1))

    def join(self, branches: Sequence[Environment]) -> bool:
        """Take over what holds behind branches, one of which was taken. False if a value that matters got lost."""
        live = [branch for branch in branches if not branch.lost]
        if not live:
            self.lost = True
            return True
        whole = True
        names = dict.fromkeys(name for branch in live for name in branch.vars)
        for name in names:
            entries = [branch.vars.get(name) or self.get(name) for branch in live]
            entry = entries[0]
            for other in entries[1:]:
                entry, kept = _joined(name, entry, other)
                whole = whole and kept
            if entry is not None:
                self.vars[name] = entry
            else:
                self.vars.pop(name, None)
        return whole


def _inherited(entry: Entry) -> Entry | None:
    """What a child sees of an entry of its parent."""
    if isinstance(entry, Functions):
        return entry if entry.exported else None
    if isinstance(entry, Alias):
        return None
    if not entry.choices or (entry.exported and not entry.kind):
        return entry
    choices = tuple(content for content in entry.choices if isinstance(content, tuple) or content is UNKNOWN)
    return entry._replace(choices=(UNSET, *choices) if entry.exported is None else (UNSET,), kind="unseen")


def choose(choices: Sequence[Content]) -> tuple[tuple[Content, ...], bool]:
    """A few values out of which a variable has one. The second is False if one that names the command had to go."""
    found: list[Content] = []
    for content in choices:
        if any(same(content, other) for other in found):
            continue
        for number, other in enumerate(found):
            together = merged(content, other)
            if together is not None:
                found[number] = together
                break
        else:
            found.append(content)
    if len(found) > MAX_CHOICES:
        return (UNKNOWN,), not any(names_command(content) for content in found)
    return tuple(found), True


def _joined(name: str, one: Entry | None, other: Entry | None) -> tuple[Entry | None, bool]:
    if one is other:
        return one, True
    if isinstance(one, Functions) or isinstance(other, Functions):
        bodies: list[tuple[Block, Any] | None] = []
        for entry in (one, other):
            bodies += entry.bodies if isinstance(entry, Functions) else (None,)
        unique = list({id(body[0]) if body else 0: body for body in bodies}.values())
        shared = any(isinstance(entry, Functions) and entry.exported for entry in (one, other))
        return Functions(tuple(unique[:MAX_CHOICES]), shared), len(unique) <= MAX_CHOICES
    if isinstance(one, Alias) or isinstance(other, Alias):
        return (one if one == other else Alias(None, None, 0)), True
    if name == _SOURCED:
        counts = [entry.since for entry in (one, other) if isinstance(entry, Variable)]
        return Variable((), True, since=max(counts)), True
    first, second = one or Variable((UNKNOWN,), None), other or Variable((UNKNOWN,), None)
    choices, whole = choose((*first.choices, *second.choices))
    exported = first.exported if first.exported == second.exported else None
    kind = first.kind or second.kind
    return Variable(choices, exported, kind, min(first.since, second.since)), whole
