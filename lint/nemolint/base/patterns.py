"""Regular expressions that are compiled on first use, so that a start pays only for those it needs."""

from __future__ import annotations

import re
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, AnyStr

_METHODS = ("finditer", "findall", "fullmatch", "match", "search", "split", "sub")


# Before 3.11.5, a possessive repetition of a group does not go back to where its last, failed round began.
_UNSOUND = sys.version_info < (3, 11, 5)


def compile_sound(source: AnyStr, flags: int = 0, *, unsound: bool = _UNSOUND) -> re.Pattern[AnyStr]:
    """`re.compile(source, flags)`, with atomic groups in place of possessive repetitions where Python gets these wrong.

    Raises `re.error`.
    """
    if not unsound or (b")" if isinstance(source, bytes) else ")") not in source:
        return re.compile(source, flags)
    internals: Any = re
    tree = internals._parser.parse(source, flags)
    _make_atomic(tree, internals._parser)
    compiled: re.Pattern[AnyStr] = internals._compiler.compile(tree, flags)
    return compiled


def _make_atomic(tree: Any, parser: Any) -> None:
    """Replace each possessive repetition in a parsed expression by an atomic group around a greedy one."""
    for index, (code, argument) in enumerate(tree.data):
        if code is parser.POSSESSIVE_REPEAT:
            inner = parser.SubPattern(tree.state, [(parser.MAX_REPEAT, argument)])
            tree.data[index] = (parser.ATOMIC_GROUP, inner)
        for part in argument if isinstance(argument, tuple) else (argument,):
            for item in part if isinstance(part, list) else (part,):
                if isinstance(item, parser.SubPattern):
                    _make_atomic(item, parser)


class _Lazy:
    def __init__(self, source: str | bytes, flags: int) -> None:
        self._source: Any = source
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        compiled = compile_sound(self._source, self._flags)
        # From now on use the pattern's own methods.
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def lazily(source: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """`re.compile(source, flags)` on first use. The result has the methods of a pattern.

    Functions of `re` do not accept it, though: write `PATTERN.sub(...)`, not `re.sub(PATTERN, ...)`. Raises `re.error`
    on first use if the expression is invalid.
    """
    pattern: Any = _Lazy(source, flags)
    made: re.Pattern[AnyStr] = pattern
    return made
