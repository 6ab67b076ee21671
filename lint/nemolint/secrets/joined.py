"""Credentials of a known format as a parser would assemble them: split, written with escapes, joined."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.secrets.beginnings import may_hold
from nemolint.secrets.formats import SecretMatch, find_formats, find_masked, hints_in, may_be_assembled
from nemolint.secrets.notations import BETWEEN, CODE_KINDS, QUOTES, Concealed
from nemolint.shell.literal import unquoted

# A character that is written as an escape: in strings of code, JSON, YAML and TOML, in HTML, in a URL; and what is not
# a character at all: a joined line, a quote within a word, the emphasis of Markdown.
_SPELT = lazily(
    r"""(?x) \\\r?\n[ \t>\#]*+ | \\(?:x[0-9A-Fa-f]{2} | u[0-9A-Fa-f]{4} | u\{[0-9A-Fa-f]{1,6}\} | U[0-9A-Fa-f]{8}
    | [0-7]{1,3} | [nrt] | [!-/:-@\[-`{-~] )
    | &(?:\#[0-9]{1,7} | \#[xX][0-9A-Fa-f]{1,6} | [A-Za-z]{2,10} ); | %[2-7][0-9A-Fa-f] | \$?" | \$?' | \*\*"""
)
_LINES = lazily(r"\",\s{0,40}\"")
_JOINED_LINES = lazily(r"\\\\\\n\",\s{0,40}\"")
_OPENING = r"""[rbfuRBFU]{0,2}\\*+[\"']{1,3}"""
_JOIN = rf"""\\*+[\"'](?:{BETWEEN}){{0,80}}{_OPENING}|\{{[rbfu]?\\*+[\"']|\\*+[\"']\}}"""
# The same for items of a list, or values of a template.
_ITEMS = r"""[,%\[\]]|\.format\(|\.join\("""
_FILL = rf"""(?:%s|\{{\w{{0,20}}\}})*+\\*+[\"'](?:{BETWEEN}|{_ITEMS}){{0,80}}{_OPENING}"""
_TOKEN = r"[A-Za-z0-9_\-.]"
# A token in pieces from its start, with what joins them.
_PIECES = tuple((lazily(rf"(?:{_TOKEN}++|(?:{join})(?={_TOKEN}))*+"), lazily(join)) for join in (_JOIN, _FILL))
# A letter, a digit, `-` or `_`, written as an escape.
_CODE_POINT = r"(?:2[dD]|3[0-9]|[46][1-9A-Fa-f]|5[0-9aAfF]|7[0-9aA])"
_SPELLINGS = (
    lazily(rf"\\(?:(?:x|u00|U000000){_CODE_POINT}|u\{{|(?:055|06[0-7]|07[01]|1[0-7][0-7]))"),
    lazily(r"&(?:\#[0-9xX]|lowbar;|hyphen;|dash;)"),
    lazily(rf"%{_CODE_POINT}"),
)
_PASSES = 3
_SHORTEST_TOKEN = 20
_SHORTEST_PIECE = 6  # characters that are worth masking


class _View(NamedTuple):
    """A text as a parser reads it. `cuts` are pairs (offset here, offset in the source) where the two diverge."""

    text: str
    cuts: tuple[tuple[int, int], ...]

    def outer(self, offset: int, *, end: bool = False) -> int:
        """Where the character at `offset` begins in the source text, or where the one before it ends."""
        if end:
            return self.outer(offset - 1) + 1 if offset else 0
        at, there = self.cuts[bisect_right(self.cuts, (offset, len(self.text) + 1 << 40)) - 1]
        return there + (offset - at)


def credentials(text: str, kind: str) -> Iterator[Concealed]:
    """Credentials of a known format: as written, and as a parser of the text would assemble them."""
    for match in find_masked(text) if may_hold(text) else ():
        yield _concealed(match, match.start, match.end, text)
    starts = _beginnings(text)
    if _is_cut(text, starts):
        yield from _bound(text)
        yield from _appended(text)
    whole = _Whole(text)
    code = kind in CODE_KINDS
    yield from _joined(_View(text, ((0, 0),)), starts, whole, code)
    bare = unquoted(_JOINED_LINES.sub("", text) if kind == "notebook" else text)
    if not any(spelling.search(text) for spelling in _SPELLINGS) and (len(bare) == len(text) or not may_hold(bare)):
        return
    for view in _spelt(text, kind == "notebook"):
        yield from _seen(view)
        yield from _joined(view, _beginnings(view.text), whole, code)


# A name that is given a piece of a token, and where such a name is inserted into a text: `$A`, `{A}`, `"nvapi-" + A`.
_BINDING = lazily(
    rf"(?<![\w.\-])(?P<name>[A-Za-z_]\w{{0,63}})(?:\s?:\s?\w{{1,20}})?[ \t]{{0,8}}:?=[ \t]{{0,8}}"
    rf"(?:[rbfu]{{0,2}}\\*+[\"'])?(?P<value>{_TOKEN}{{6,300}}+)(?![$({{\[])"
)
# A name that is given what another one holds.
_ALIAS = lazily(
    r"(?<![\w.\-$])(?P<name>[A-Za-z_]\w{0,63})[ \t]{0,8}=[ \t]{0,8}[\"']?(?:\$\{?)?"
    r"(?P<other>[A-Za-z_]\w{0,63})\}?[\"']?(?=[\s;&|#)\\]|$)"
)
_USE = lazily(
    r"\$(?P<bare>[A-Za-z_]\w{0,63})|\$?\{(?P<braced>[A-Za-z_]\w{0,63})\}|[\"']\s{0,8}\+\s{0,8}(?P<added>[A-Za-z_]\w{0,63})"
)


def _bound(text: str) -> Iterator[Concealed]:
    """Credentials that are assembled from names with a piece each."""
    if not ("$" in text or "{" in text or "+" in text):
        return
    values: dict[str, tuple[int, int]] = {}
    for match in _BINDING.finditer(text):
        values.setdefault(match["name"], match.span("value"))
    for match in _ALIAS.finditer(text) if values else ():
        if match["other"] in values:
            values.setdefault(match["name"], values[match["other"]])
    parts: list[str] = []
    cuts = [(0, 0)]
    position = size = 0
    for match in _USE.finditer(text) if values else ():
        span = values.get(match["bare"] or match["braced"] or match["added"])
        if span is None:
            continue
        parts += (text[position : match.start()], text[slice(*span)])
        size += match.start() - position
        position = match.end()
        cuts += ((size, span[0]), (size := size + span[1] - span[0], position))
    if len(cuts) > 1:
        yield from _assembled(_View("".join((*parts, text[position:])), tuple(cuts)))


# What no parser leaves of a string: the end of a line that goes on, and what stands between values of a template.
_SEWN = lazily(r"[\"']?\\\r?\n[ \t>]*[\"']?|[\"']\}\{[\"']")


def assembled(text: str) -> Iterator[Concealed]:
    """The longest piece of each credential of a known format that a text only holds in pieces: sure, unlike a mask."""
    if not may_be_assembled(text):
        return
    view = _without(_View(text, ((0, 0),)), _SEWN)
    longest: dict[str, Concealed] = {}
    bound = _bound(text) if _is_put_together(text) else ()
    for piece in (*bound, *_appended(text), *(_assembled(view) if len(view.cuts) > 1 else ())):
        known = longest.get(piece.value)
        if known is None or piece.end - piece.start > known.end - known.start:
            longest[piece.value] = piece
    for value, piece in longest.items():
        if any(match.start == 0 and match.end == len(value) for match in find_formats(value)):
            yield piece


# A name that is given a piece, or to whose value one is added.
_ADDED = lazily(
    rf"(?<![\w.\-])(?P<name>[A-Za-z_]\w{{0,63}})[ \t]{{0,8}}(?P<sign>\+?)=[ \t]{{0,8}}(?:[rbfu]{{0,2}}\\*+[\"'])?"
    rf"(?P<value>{_TOKEN}{{1,300}}+)"
)


def _appended(text: str) -> Iterator[Concealed]:
    """Credentials of which each piece is added to the value of a name: `K=a; K+=b`."""
    if "+=" not in text:
        return
    pieces: dict[str, list[list[tuple[int, int]]]] = {}
    for match in _ADDED.finditer(text):
        values = pieces.setdefault(match["name"], [])
        if match["sign"] and values:
            values[-1].append(match.span("value"))
        else:
            values.append([match.span("value")])
    parts: list[str] = []
    cuts = [(0, 0)]
    size = 0
    for spans in [spans for values in pieces.values() for spans in values if len(spans) > 1]:
        for start, end in spans:
            parts.append(text[start:end])
            cuts.append((size, start))
            size += end - start
        parts.append("\n")
        cuts.append((size, spans[-1][1]))
        size += 1
    if parts:
        yield from _assembled(_View("".join(parts), tuple(cuts)))


def _assembled(view: _View) -> Iterator[Concealed]:
    """The pieces of the credentials of a view that are apart in the text itself."""
    for found in find_masked(view.text, tails=False) if may_hold(view.text) else ():
        after = bisect_right(view.cuts, (found.start, len(view.text) + 1 << 40))
        if after == len(view.cuts) or view.cuts[after][0] >= found.end:
            continue  # in one piece
        value = view.text[found.start : found.end]
        at = found.value_start
        while at < found.end:
            following = bisect_right(view.cuts, (at, len(view.text) + 1 << 40))
            stop = min(view.cuts[following][0] if following < len(view.cuts) else found.end, found.end)
            if stop - at >= _SHORTEST_PIECE:
                first = view.outer(at)
                yield Concealed(first, first + stop - at, found.label, value, found.value_start - found.start)
            at = stop


def _is_cut(text: str, starts: list[int]) -> bool:
    """Whether something that a token begins with is given to a name, or ends where a name is put in."""
    for at in starts:
        if text[at - 1 : at] in ("=", '"', "'"):
            return True
        end = _TOKEN_RUN.match(text, at).end()  # type: ignore[union-attr]
        if text[end : end + 1] in ("$", "{", '"', "'"):
            return True
    return False


def _is_put_together(text: str) -> bool:
    """Whether something that a token begins with stands in what a name is given, or where one is put in."""
    reached = 0
    for at in _beginnings(text):
        if at < reached:
            continue
        end = reached = _TOKEN_RUN.match(text, at).end()  # type: ignore[union-attr]
        if text[end : end + 1] in ("$", "{", '"', "'", "\\"):
            return True
        while at > 0 and (text[at - 1].isalnum() or text[at - 1] in "_-."):
            at -= 1
        if text[max(at - _MOST_BLANKS, 0) : at].rstrip(" \t")[-1:] in ("=", '"', "'"):
            return True
    return False


_MOST_BLANKS = 10  # between a sign and a value, and the sign
_TOKEN_RUN = lazily(rf"{_TOKEN}*+")


class _Whole:
    """The starts of credentials that are complete; computed for few files."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def starts(self) -> frozenset[int]:
        return frozenset(match.start for match in find_formats(self._text))


def _beginnings(text: str) -> list[int]:
    """Where a token of any format may begin. Searching each hint by itself is faster than all in one pattern."""
    found = []
    for hint in hints_in(text):
        at = text.find(hint)
        while at >= 0:
            found.append(at)
            at = text.find(hint, at + len(hint))
    return sorted(found)


def _joined(view: _View, starts: list[int], whole: _Whole, code: bool) -> Iterator[Concealed]:
    """Credentials at one of `starts` that code joins. One that is `whole` continues only in `code`."""
    for index, (pieces, join) in enumerate(_PIECES):
        reached = 0
        for start in starts:
            match = pieces.match(view.text, start) if start >= reached else None
            if match is None:
                continue
            reached = match.end()
            if len(match.group()) < _SHORTEST_TOKEN or not (set(match.group()) & QUOTES):
                continue
            part = _without(_View(match.group(), ((0, 0),)), join)
            for found in find_masked(part.text, tails=False):
                first = view.outer(start + part.outer(found.start))
                if (code and not index) or first not in whole.starts:
                    last = view.outer(start + part.outer(found.end, end=True), end=True)
                    yield _concealed(found, first, last, part.text)


def _seen(view: _View) -> Iterator[Concealed]:
    """Credentials in a view, at their places in the text itself."""
    if may_hold(view.text):
        for match in find_masked(view.text, tails=False):
            yield _concealed(match, view.outer(match.start), view.outer(match.end, end=True), view.text)


def _concealed(match: SecretMatch, start: int, end: int, text: str) -> Concealed:
    return Concealed(start, end, match.label, text[match.start : match.end], match.value_start - match.start)


def _spelt(text: str, notebook: bool) -> Iterator[_View]:
    """The text with its escapes decoded, and once more, as for a string of code in a JSON string."""
    view = _View(text, ((0, 0),))
    if notebook:
        view = _without(view, _LINES)
    for _ in range(_PASSES):
        read = _without(view, _SPELT)
        if read.text == view.text:
            return
        yield read
        view = read


def _character(match: re.Match[str]) -> str:
    """The character that `_SPELT` found; empty for what is not a character."""
    spelt = match.group()
    kind = spelt[:2]
    if spelt[0] == "%":
        return chr(int(spelt[1:], 16))
    if spelt[0] == "&":
        from html import unescape

        meant = unescape(spelt)
        return meant if len(meant) == 1 else spelt
    if spelt[0] != "\\" or kind in ("\\\n", "\\\r"):
        return ""
    if kind in ("\\x", "\\u", "\\U"):
        code = int(spelt[2:].strip("{}"), 16)
        return chr(code) if code < 0x110000 else spelt
    if spelt[1].isdigit():
        return chr(int(spelt[1:], 8))
    return {"n": "\n", "r": "\r", "t": "\t"}.get(spelt[1], spelt[1])


def _without(view: _View, pattern: re.Pattern[str]) -> _View:
    """A view of a view: matches of `_SPELT` are decoded, those of another pattern are removed."""
    parts: list[str] = []
    cuts: list[tuple[int, int]] = []
    position = size = 0
    for match in pattern.finditer(view.text):
        start, end = match.span()
        meant = _character(match) if pattern is _SPELT else ""
        parts += (view.text[position:start], meant)
        size += start - position
        if meant:
            cuts.append((size, start))
            size += len(meant)
        cuts.append((size, end))
        position = end
    parts.append(view.text[position:])
    if not cuts:
        return view
    text = "".join(parts)
    mine = [(0, 0), *cuts]
    # Straight to the text itself: the cuts of the view below that lie in what is left are cuts here, too.
    merged = {at: view.outer(there) if there < len(view.text) else view.outer(there, end=True) for at, there in mine}
    for index, (at, there) in enumerate(mine):
        stop = mine[index + 1][0] if index + 1 < len(mine) else len(text)
        below = bisect_right(view.cuts, (there, 1 << 60))
        while below < len(view.cuts) and at + (view.cuts[below][0] - there) < stop:
            inner, outer = view.cuts[below]
            merged[at + (inner - there)] = outer
            below += 1
    return _View(text, tuple(sorted(merged.items())))
