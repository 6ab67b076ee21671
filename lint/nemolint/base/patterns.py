"""Regular expressions that are compiled on first use, so that a start pays only for those it needs."""

from __future__ import annotations

import re
from typing import Any, AnyStr, Generic, cast

_METHODS = ("finditer", "findall", "fullmatch", "match", "search", "split", "sub")


class _Lazy(Generic[AnyStr]):
    def __init__(self, source: AnyStr, flags: int) -> None:
        self._source: AnyStr = source
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(self._source, self._flags)
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
