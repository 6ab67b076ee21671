"""Close matches, as `difflib.get_close_matches` finds them, in a time that does not grow with the list of names.

A file may define thousands of names and refer to thousands of others. Up to `MOST` names all are considered, and the
result is difflib's own except for texts that take long to compare; of more names, those that share a rare pair of
letters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import cached_property

LONGEST = 120  # longer texts are not misspelled names, and slow to compare
MOST = 400
_MOST_CANDIDATES = 100
# How much is compared for one text: the sum of the products of lengths.
_MOST_WORK = 20_000


class Names:
    """Names to find close matches in, indexed on first use. `fold` normalises texts before they are compared."""

    def __init__(self, names: Iterable[str], fold: Callable[[str], str] | None = None) -> None:
        self._names = tuple(names)
        self._fold = fold

    @cached_property
    def _folded(self) -> dict[str, str]:
        """Folded names -> the first name that each represents."""
        fold = self._fold
        if fold is None:
            return {name: name for name in self._names}
        folded: dict[str, str] = {}
        for name in self._names:
            folded.setdefault(fold(name), name)
        return folded

    @cached_property
    def _letters(self) -> tuple[list[str], dict[tuple[str, int], list[int]]]:
        """The folded names, and which of them contain a letter for the first, second, … time."""
        names = list(self._folded)
        holders: dict[tuple[str, int], list[int]] = {}
        if len(names) <= MOST:
            for number, name in enumerate(names):
                for token in _tokens(name):
                    holders.setdefault(token, []).append(number)
        return names, holders

    @cached_property
    def _pairs(self) -> dict[str, list[int]]:
        """Which names contain a pair of letters."""
        holders: dict[str, list[int]] = {}
        for number, name in enumerate(self._letters[0]):
            for pair in _pairs_of(name[:LONGEST]):
                holders.setdefault(pair, []).append(number)
        return holders

    def close_to(self, text: str, *, most: int = 3, cutoff: float = 0.6) -> tuple[str, ...]:
        """Up to `most` names similar to `text`, the closest first; none for an empty or a very long text."""
        if not text or len(text) > LONGEST or not self._names:
            return ()
        folded = self._fold(text) if self._fold is not None else text
        return tuple(self._folded[name] for name in self._closest(folded, most, cutoff))

    def _closest(self, text: str, most: int, cutoff: float) -> list[str]:
        from difflib import SequenceMatcher
        from heapq import nlargest

        size = len(text)
        matcher: SequenceMatcher[str] = SequenceMatcher(None, "", text)
        best: list[tuple[float, str]] = []
        work = 0
        # The letters that two texts share limit their similarity.
        for bound, name in self._bounds(text, cutoff):
            if len(best) == most and bound < best[-1][0]:
                break
            work += size * len(name)
            if work > _MOST_WORK and best:
                break
            matcher.set_seq1(name)
            ratio = matcher.ratio()
            if ratio >= cutoff:
                best = nlargest(most, [*best, (ratio, name)])
            if work > _MOST_WORK:
                break
        return [name for _, name in best]

    def _bounds(self, text: str, cutoff: float) -> list[tuple[float, str]]:
        """An upper bound of each name's ratio, if that is high enough, the highest first."""
        names, holders = self._letters
        shared: Counter[int] = Counter()
        if len(names) <= MOST:
            for token in _tokens(text):
                shared.update(holders.get(token, ()))
        else:
            tokens = Counter(text)
            for number in self._candidates(text):
                shared[number] = sum((tokens & Counter(names[number][: LONGEST * 4])).values())
        size = len(text)
        bounds = ((2.0 * count / (size + len(names[number])), names[number]) for number, count in shared.items())
        return sorted((item for item in bounds if item[0] >= cutoff), reverse=True)

    def _candidates(self, text: str) -> set[int]:
        """Some names that share the rarest pairs of letters with `text`, as the most likely matches."""
        found: set[int] = set()
        if text in self._folded:
            found.add(self._number_of[text])
        for numbers in sorted((self._pairs[pair] for pair in _pairs_of(text) if pair in self._pairs), key=len):
            if len(found) >= _MOST_CANDIDATES:
                break
            found.update(numbers[: _MOST_CANDIDATES - len(found)])
        return found

    @cached_property
    def _number_of(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self._letters[0])}


def _tokens(text: str) -> Iterable[tuple[str, int]]:
    """Each letter of a text with the number of its earlier occurrences."""
    seen: dict[str, int] = {}
    for letter in text:
        count = seen.get(letter, 0)
        seen[letter] = count + 1
        yield letter, count


def _pairs_of(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}
