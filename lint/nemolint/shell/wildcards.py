"""Shell patterns (`*`, `?`, `[…]`, `+(…)`), matched in time that grows with the text."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from nemolint.base.named_tuple import NamedTuple

_CLASSES: dict[str, Callable[[str], bool]] = {
    "alpha": str.isalpha, "digit": str.isdigit, "alnum": str.isalnum, "space": str.isspace, "upper": str.isupper,
    "lower": str.islower, "blank": lambda char: char in " \t", "punct": lambda c: not c.isalnum() and not c.isspace(),
}  # fmt: skip
_MAX_STATES = 200
MAX_TEXT = 2_000


class _State(NamedTuple):
    """What a state accepts (None: nothing, it only leads on), and the states behind it."""

    accepts: str | _Class | None
    following: tuple[int, ...]


class _Class(NamedTuple):
    """`[…]`, or `?` where there are neither characters nor names: then any character will do."""

    characters: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()
    ranges: tuple[tuple[str, str], ...] = ()
    inverted: bool = False

    def holds(self, char: str) -> bool:
        found = (
            char in self.characters
            or any(low <= char <= high for low, high in self.ranges)
            or any(_CLASSES[name](char) for name in self.names)
        )
        return found is not self.inverted


_ANY = _Class(inverted=True)


class Pattern:
    """A compiled pattern. Raises ValueError for one that is too long, or of a kind that is not followed.

    `characters` come with whether each is quoted, so that it stands for itself. `backwards`: it is held against texts
    that are turned around. `literal`: it matches just itself.
    """

    def __init__(self, characters: list[tuple[str, bool]], *, backwards: bool = False) -> None:
        self._characters = characters
        self._backwards = backwards
        self.literal = all(quoted or char not in "*?[+@!" for char, quoted in characters)
        self._states: list[_State] = []
        self._start = self._sequence(0, len(characters), self._add(None, ()))

    def _add(self, accepts: str | _Class | None, following: tuple[int, ...]) -> int:
        if len(self._states) >= _MAX_STATES:
            raise ValueError("the pattern is too long")
        self._states.append(_State(accepts, following))
        return len(self._states) - 1

    def _bare(self, at: int, end: int) -> str:
        return "" if at >= end or self._characters[at][1] else self._characters[at][0]

    def _sequence(self, start: int, end: int, after: int) -> int:
        """The state that begins `start:end`, with `after` behind it."""
        parts: list[tuple[int, int]] = []
        at = start
        while at < end:
            stop = self._item_end(at, end)
            parts.append((at, stop))
            at = stop
        for begin, stop in parts if self._backwards else reversed(parts):
            after = self._item(begin, stop, after)
        return after

    def _item_end(self, at: int, end: int) -> int:
        char = self._bare(at, end)
        if char and char in "?*+@!" and self._bare(at + 1, end) == "(":
            depth = 0
            for stop in range(at + 1, end):
                depth += {"(": 1, ")": -1}.get(self._bare(stop, end), 0)
                if not depth:
                    return stop + 1
        if char == "[":
            for stop in range(at + 2, end):
                if self._bare(stop, end) == "]" and not (stop == at + 2 and self._bare(at + 1, end) in ("!", "^")):
                    if self._bare(stop - 1, end) == ":" and self._bare(stop + 1, end) == "]":
                        continue
                    return stop + 1
        return at + 1

    def _item(self, start: int, end: int, after: int) -> int:
        char = self._bare(start, end)
        if end > start + 1 and self._bare(start + 1, end) == "(":
            return self._group(char, start + 2, end - 1, after)
        if end > start + 1:
            return self._add(self._class(start + 1, end - 1), (after,))
        if char == "?":
            return self._add(_ANY, (after,))
        if char == "*":
            return self._repeated(after, lambda loop: self._add(_ANY, (loop,)))
        return self._add(self._characters[start][0], (after,))

    def _repeated(self, after: int, body: Callable[[int], int]) -> int:
        loop = self._add(None, ())
        self._states[loop] = _State(None, (after, body(loop)))
        return loop

    def _group(self, kind: str, start: int, end: int, after: int) -> int:
        if kind == "!":
            raise ValueError("`!(…)` is not followed")
        bounds, depth, at = [start], 0, start
        for at in range(start, end):
            char = self._bare(at, end)
            depth += {"(": 1, ")": -1}.get(char, 0)
            if char == "|" and not depth:
                bounds.append(at + 1)
        bounds.append(end + 1)

        def choice(behind: int) -> int:
            options = tuple(self._sequence(a, b - 1, behind) for a, b in pairwise(bounds))
            return self._add(None, options)

        if kind == "?":
            return self._add(None, (after, choice(after)))
        if kind == "@":
            return choice(after)
        loop = self._repeated(after, choice)
        return loop if kind == "*" else choice(loop)

    def _class(self, start: int, end: int) -> _Class:
        text = "".join(char for char, _ in self._characters[start:end])
        inverted = text[:1] in ("!", "^")
        text = text[1:] if inverted else text
        names: list[str] = []
        ranges: list[tuple[str, str]] = []
        characters: set[str] = set()
        at = 0
        while at < len(text):
            if text.startswith("[:", at) and (stop := text.find(":]", at)) > 0:
                name = text[at + 2 : stop]
                if name not in _CLASSES:
                    raise ValueError(f"there is no class {name}")
                names.append(name)
                at = stop + 2
            elif text[at + 1 : at + 2] == "-" and at + 2 < len(text):
                ranges.append((text[at], text[at + 2]))
                at += 3
            else:
                characters.add(text[at])
                at += 1
        return _Class(frozenset(characters), tuple(names), tuple(ranges), inverted)

    def _closed(self, states: set[int]) -> set[int]:
        """The states and all that they only lead on to."""
        found, waiting = set(states), list(states)
        while waiting:
            state = self._states[waiting.pop()]
            if state.accepts is None:
                for follow in state.following:
                    if follow not in found:
                        found.add(follow)
                        waiting.append(follow)
        return found

    def ends(self, text: str, start: int = 0) -> list[int]:
        """The ends of all the matches that begin at `start`, in order."""
        if len(text) > MAX_TEXT:
            raise ValueError("the text is too long")
        current = self._closed({self._start})
        found = [start] if 0 in current else []
        for at in range(start, len(text)):
            char = text[at]
            ahead: set[int] = set()
            for number in current:
                accepts, following = self._states[number]
                if accepts is not None and (accepts == char if isinstance(accepts, str) else accepts.holds(char)):
                    ahead.update(following)
            if not ahead:
                break
            current = self._closed(ahead)
            if 0 in current:
                found.append(at + 1)
        return found

    def matches(self, text: str) -> bool:
        """True if the pattern is all of the text."""
        return len(text) in self.ends(text)
