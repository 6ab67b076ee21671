"""Close matches and lists of names for messages: the one place that decides what is similar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from nemolint.base.closest import LONGEST, Names

_LONGEST_COMPARED = 100
_MOST_LISTED = 12
_LONGEST_LISTED = 80


def close_matches(text: str, names: Iterable[str] | Names, *, most: int = 3, cutoff: float = 0.6) -> tuple[str, ...]:
    """Up to `most` of `names` similar to `text`, the closest first. Case and `-` or `_` make no difference.

    For repeated use of the same names pass `choices(names)`.
    """
    return (names if isinstance(names, Names) else choices(names)).close_to(text, most=most, cutoff=cutoff)


def choices(names: Iterable[str]) -> Names:
    """Names to find close matches in, indexed once; case and `-` or `_` make no difference."""
    return Names(names, _fold)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """` (did you mean `x`?)` for the nearest known name, or an empty string."""
    close = close_matches(name, known, most=1)
    return f" (did you mean `{close[0]}`?)" if close else ""


def near_names(text: str, names: tuple[str, ...], *, most: int = 3, tails: bool = False) -> tuple[str, ...]:
    """Up to `most` of many `names` that differ from `text` by a letter or two.

    For dotted keys and option names. The time does not depend on the number of names, which are indexed once. `tails`:
    a name also counts if it ends in `text` (`rng.seed` for `seed`), or if `text` abbreviates words of its last part
    (`tgt_lang` for `target_language`), if few do.
    """
    if not text or len(text) > LONGEST:
        return ()
    folded = _fold(text)
    by_length = _by_length(names)
    # One letter more or less is the most in which the lengths differ.
    alike_in_length = [by_length[length] for length in range(len(folded) - 1, len(folded) + 2) if length in by_length]
    shorter = (folded, *_shortened(folded))
    found = dict.fromkeys(
        name for some in alike_in_length for spelling in shorter for name in _spellings(some).get(spelling, ())
    )
    by_tail, by_initials = _endings(names) if tails and not found else ({}, {})
    if tails and not found and len(by_tail.get(folded, ())) <= most:
        found = dict.fromkeys(by_tail.get(folded, ()))
        if not found:
            alike = [name for name in by_initials.get(_initials(folded), ()) if _abbreviates(folded, _fold(name))]
            found = dict.fromkeys(alike if len(alike) <= most else ())
    found.pop(text, None)
    return tuple(sorted(found, key=lambda name: (abs(len(name) - len(text)), name)))[:most]


@lru_cache(maxsize=64)
def _by_length(names: tuple[str, ...]) -> dict[int, tuple[str, ...]]:
    found: dict[int, list[str]] = {}
    for name in names:
        found.setdefault(len(_fold(name)), []).append(name)
    return {length: tuple(some) for length, some in found.items()}


@lru_cache(maxsize=512)
def _spellings(names: tuple[str, ...]) -> dict[str, list[str]]:
    """Names by each spelling with at most one letter left out."""
    spellings: dict[str, list[str]] = {}
    for name in names:
        folded = _fold(name)
        for spelling in {folded, *_shortened(folded)}:
            spellings.setdefault(spelling, []).append(name)
    return spellings


@lru_cache(maxsize=64)
def _endings(names: tuple[str, ...]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Names by their last dotted part, and by its initials."""
    by_initials: dict[str, list[str]] = {}
    by_tail: dict[str, list[str]] = {}
    for name in names:
        folded = _fold(name)
        by_tail.setdefault(folded.rpartition(".")[2], []).append(name)
        by_initials.setdefault(_initials(folded), []).append(name)
    return by_tail, by_initials


def _initials(text: str) -> str:
    return "".join(word[:1] for word in text.rpartition(".")[2].split("_"))


def _abbreviates(text: str, name: str) -> bool:
    """True if words of a key leave letters out of those of a name: `src_language` of `source_language`."""
    above, _, last = text.rpartition(".")
    where, _, whole = name.rpartition(".")
    pairs = list(zip(last.split("_"), whole.split("_"), strict=True))
    if len(pairs) < 2 or (above and above != where):
        return False
    return all(short == word or (len(short) > 1 and _leaves_out(short, word)) for short, word in pairs)


def _leaves_out(short: str, word: str) -> bool:
    letters = iter(word)
    return len(short) < len(word) and all(letter in letters for letter in short)


def _shortened(text: str) -> set[str]:
    """The text with each of its letters left out; short texts unchanged, since too much is similar to them."""
    if len(text.strip("-")) < 4:
        return set()
    return {text[:index] + text[index + 1 :] for index in range(len(text))}


@lru_cache(maxsize=4096)
def edit_distance(left: str, right: str, most: int) -> int:
    """Edit distance (insert, delete, replace, swap neighbours), or `most + 1` if it is greater than `most`."""
    if abs(len(left) - len(right)) > most or max(len(left), len(right)) > _LONGEST_COMPARED:
        return most + 1
    before: list[int] = []
    previous = list(range(len(right) + 1))
    for i, char in enumerate(left, 1):
        current = [i]
        for j, other in enumerate(right, 1):
            cost = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (char != other))
            if i > 1 and j > 1 and char == right[j - 2] and left[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        if min(current) > most:
            return most + 1
        before, previous = previous, current
    return min(previous[-1], most + 1)


def _fold(name: str) -> str:
    return name.lower().replace("-", "_")


def or_list(names: Sequence[str]) -> str:
    """`a`, `b` or `c`, each in backticks."""
    return _listed(names, "or")


def and_list(names: Sequence[str]) -> str:
    """`a`, `b` and `c`, each in backticks; for a long list the first ones and how many more."""
    return _listed(names, "and")


def _listed(names: Sequence[str], word: str) -> str:
    shown = names if len(names) <= _MOST_LISTED else names[: _MOST_LISTED - 1]
    marked = [f"`{name if len(name) <= _LONGEST_LISTED else name[: _LONGEST_LISTED - 1] + '…'}`" for name in shown]
    if len(shown) < len(names):
        marked.append(f"{len(names) - len(shown):,} more")
    if len(marked) < 2:
        return "".join(marked)
    return f"{', '.join(marked[:-1])} {word} {marked[-1]}"
