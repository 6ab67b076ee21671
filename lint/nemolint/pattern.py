"""Regular expressions that are compiled when they are first used: a start that needs none of them pays for none."""

from __future__ import annotations

import re
from typing import Any, cast


class _Lazy:
    def __init__(self, source: str, flags: int) -> None:
        self._source = source
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(self._source, self._flags)
        # From now on the methods are the pattern's own.
        for method in ("finditer", "findall", "fullmatch", "match", "search", "split", "sub", "pattern", "flags"):
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def lazily(source: str, flags: int = 0) -> re.Pattern[str]:
    """`re.compile(source, flags)`, done at the first use. What is returned serves as a pattern does."""
    return cast("re.Pattern[str]", _Lazy(source, flags))
