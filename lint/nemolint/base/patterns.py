"""Regular expressions that are compiled when they are first used: a start that needs few of them pays for few."""

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
        # From now on the methods are the pattern's own.
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def lazily(source: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """`re.compile(source, flags)`, done at the first use. What is returned has the methods of a pattern.

    It is none to functions of `re`, though: write `PATTERN.sub(...)`, not `re.sub(PATTERN, ...)`. Raises `re.error` at
    its first use for what is no regular expression.
    """
    return cast("re.Pattern[AnyStr]", _Lazy(source, flags))
