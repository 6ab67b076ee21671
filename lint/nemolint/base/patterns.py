"""Regular expressions that are compiled on first use, so that a start pays only for those it needs."""

from __future__ import annotations

import re
import sys
from typing import Any, AnyStr, Generic, cast

_METHODS = ("finditer", "findall", "fullmatch", "match", "search", "split", "sub")


# Before 3.11.5, a possessive repetition of a group does not go back to where its last, failed round began.
_UNSOUND = sys.version_info < (3, 11, 5)


def compile_sound(source: AnyStr, flags: int = 0, *, unsound: bool = _UNSOUND) -> re.Pattern[AnyStr]:
    """`re.compile(source, flags)`, with atomic groups in place of possessive repetitions where Python gets these wrong.

    Raises `re.error`.
    """
    if not unsound or (b")" if isinstance(source, bytes) else ")") not in source:
        return re.compile(source, flags)
    parser, compiler = cast(Any, re)._parser, cast(Any, re)._compiler
    tree = parser.parse(source, flags)
    _make_atomic(tree, parser)
    return cast("re.Pattern[AnyStr]", compiler.compile(tree, flags))


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


class _Lazy(Generic[AnyStr]):
    def __init__(self, source: AnyStr, flags: int) -> None:
        self._source: AnyStr = source
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
    return cast("re.Pattern[AnyStr]", _Lazy(source, flags))
