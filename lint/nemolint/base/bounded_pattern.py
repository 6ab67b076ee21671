"""Regular expressions that others write: refused where matching a value might take long."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LONGEST_VALUE = 256
"""The most characters of a value that a pattern is matched against."""
_LONGEST = 200
# Three repetitions without an end, one after the other, are the most: they divide a value in this many ways.
_MOST_WAYS = (LONGEST_VALUE + 1) * (LONGEST_VALUE + 2) * (LONGEST_VALUE + 3) // 6


def pattern_problem(source: str) -> str | None:
    """What is wrong with a regular expression, as a clause; None if it can be matched in short time.

    A matcher that backtracks tries at most as many ways as the repetitions and alternatives leave open, so those are
    counted: each repetition multiplies by the lengths that it may have, one inside another is a power.
    """
    if len(source) > _LONGEST:
        return f"it has over {_LONGEST} characters: list the values instead"
    try:
        re.compile(source)
        # Private, but its module of the same content is deprecated.
        parsed = import_module("re._parser").parse(source)
        ways = _ways_of(parsed)
    except (re.error, OverflowError, RecursionError) as error:
        return f"it is not a valid regular expression ({error})"
    if ways is None:
        return "it refers back to a group: write out what it may be"
    if ways > _MOST_WAYS:
        return (
            "it may take too long to match, since its repetitions are nested or too many: use `*` in a plain value, or "
            "list the values"
        )
    return None


def _ways_of(nodes: Any) -> int | None:
    """How many ways there are to match, None with a reference to a group; never much over the limit."""
    total, open_ones = 1, 0
    for kind, value in nodes:
        name = str(kind)
        ways: int | None = 1
        if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            least, most, body = value
            most, inner = min(int(most), LONGEST_VALUE), _ways_of(body)
            if inner is None:
                return None
            least = min(int(least), LONGEST_VALUE)
            ways = (most - least + 1) * (_MOST_WAYS + 1 if inner > 1 and most > 24 else inner**most)
            if inner == 1 and most == LONGEST_VALUE:
                # Together such repetitions have the value to share out, so each one more adds less.
                open_ones += 1
                total = min((total * (ways + open_ones - 1) + open_ones - 1) // open_ones, _MOST_WAYS + 1)
                continue
        elif name == "SUBPATTERN":
            ways = _ways_of(value[-1])
        elif name == "ATOMIC_GROUP":
            ways = _ways_of(value)
        elif name in ("ASSERT", "ASSERT_NOT"):
            ways = _ways_of(value[1])
        elif name == "BRANCH":
            each = [_ways_of(item) for item in value[1]]
            ways = None if None in each else sum(item or 0 for item in each)
        elif name.startswith("GROUPREF"):
            ways = None
        if ways is None:
            return None
        total = min(total * ways, _MOST_WAYS + 1)
    return total


@lru_cache(maxsize=256)
def _compiled(source: str) -> re.Pattern[str]:
    return re.compile(source)


def matches(source: str, value: str) -> bool | None:
    """Whether the whole value matches; None for a value that is too long to be matched."""
    if len(value) > LONGEST_VALUE:
        return None
    return _compiled(source).fullmatch(value) is not None


def matches_glob(glob: str, value: str) -> bool:
    """Whether the whole value matches a text in which `*` stands for any text. It takes linear time for each `*`."""
    first, *others = glob.split("*")
    if not others:
        return value == glob
    if not value.startswith(first):
        return False
    at = len(first)
    *middle, last = others
    for part in middle:
        found = value.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return len(value) - at >= len(last) and value.endswith(last)
