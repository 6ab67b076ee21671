"""The format for people: message, place, excerpt, help.

Consecutive findings of one file with the same message share a block.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from nemolint.base.visible import opening, visible, wrapped
from nemolint.linter.excerpt import Excerpts
from nemolint.report import Findings, Options
from nemolint.report.location import place_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

    from nemolint.linter.diagnostic import Diagnostic

_BOLD, _BLUE, _RESET = "\x1b[1m", "\x1b[1;34m", "\x1b[0m"
_OF_SEVERITY = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "info": "\x1b[1;36m"}
_MOST_PLACES = 8
_MOST_LISTED = 100


def render(result: Findings, out: TextIO, options: Options) -> None:
    """Write the diagnostics as blocks, blank lines between."""
    excerpts: dict[str, Excerpts] = {}
    for index, (_, group) in enumerate(groupby(result.diagnostics, _block_key)):
        lines = [f"{opening(line.rstrip())}\n" for line in _block(list(group), result, options, excerpts)]
        out.write("".join(["\n", *lines] if index else lines))


def _block_key(item: Diagnostic) -> tuple[object, ...]:
    """Equal for diagnostics that differ only in their place."""
    if item.end_line > item.line:
        return (id(item),)
    fix = None if item.fix is None else (item.fix.title, item.fix.safe)
    return item.path, item.cell, item.rule, item.severity, item.message, item.related, fix


def _block(
    group: Sequence[Diagnostic], result: Findings, options: Options, excerpts: dict[str, Excerpts]
) -> Iterator[str]:
    paint = _painter(options.color)
    first = group[0]
    columns = options.width if options.wrap else None
    yield from _headline(first, paint, columns, options.links)
    gutter = len(str(max(item.end_line for item in group)))
    margin = " " * gutter
    count = f" ({len(group)} places)" if len(group) > 1 else ""
    yield f"{margin}{paint('-->', _BLUE)} {place_of(first)}{count}"
    bar = paint("|", _BLUE)
    rows = list(_rows(group[:_MOST_PLACES], result, excerpts, options.width - gutter - 3))
    if rows:
        yield f"{margin} {bar}"
    for number, text in rows:
        if number is None:
            yield f"{margin} {bar} {paint(text, _OF_SEVERITY[first.severity])}"
        elif number:
            yield f"{paint(str(number).rjust(gutter), _BLUE)} {bar} {text}"
        else:
            yield paint("...", _BLUE)
    helps = list(_helps(group))
    if helps and rows:
        yield f"{margin} {bar}"
    for kind, text in helps:
        lead = f"{margin} = {kind}: "
        head, *more = wrapped(visible(text), columns, len(lead))
        yield f"{margin} {paint('=', _BLUE)} {paint(f'{kind}:', _BOLD)} {head}"
        yield from (" " * len(lead) + line for line in more)


def _headline(item: Diagnostic, paint: _painter, columns: int | None, links: bool) -> Iterator[str]:
    """Severity, rule (which may be a link to its page) and message."""
    first, *more = item.message.split("\n")
    name = f"{item.severity}[{item.rule}]"
    head, *rest = wrapped(f"{name}: {visible(first)}", columns, 2, first=0)
    title = f"{item.severity}[{_linked(item.rule, item.url)}]" if links and item.url else name
    yield paint(title, _OF_SEVERITY[item.severity]) + paint(head.removeprefix(name), _BOLD)
    yield from (paint(f"  {line}", _BOLD) for line in rest)
    for line in more:
        yield from (f"  {part}" for part in wrapped(visible(line), columns, 2))


def _linked(text: str, url: str) -> str:
    """A text that leads to an address, for terminals that know OSC 8."""
    return f"\x1b]8;;{visible(url)}\x1b\\{text}\x1b]8;;\x1b\\"


def _rows(
    group: Iterable[Diagnostic], result: Findings, excerpts: dict[str, Excerpts], columns: int
) -> Iterator[tuple[int | None, str]]:
    """The rows of all excerpts: numbered lines, marks (number None), and gaps (number 0)."""
    written: list[tuple[int | None, str]] = []
    last = 0
    for item in group:
        rows = list(_excerpt(item, result, excerpts, columns))
        if len(rows) == 2 == len(written) and rows[0] == written[0]:
            # Another place on the same line, which is already shown.
            written[1] = (None, _overlaid(written[1][1], rows[1][1]))
            continue
        yield from written
        number = rows[0][0] if rows else None
        if last and number and number > last + 1:
            yield 0, ""
        written = rows
        last = item.end_line
    yield from written


def _overlaid(one: str, other: str) -> str:
    """Two rows of marks as one."""
    size = max(len(one), len(other))
    pairs = zip(one.ljust(size), other.ljust(size), strict=True)
    return "".join(left if left != " " else right for left, right in pairs)


def _excerpt(
    diagnostic: Diagnostic, result: Findings, excerpts: dict[str, Excerpts], columns: int
) -> Iterator[tuple[int | None, str]]:
    source = result.text_of(diagnostic)
    if source is None:
        return
    known = excerpts.get(diagnostic.path)
    if known is None:
        known = excerpts[diagnostic.path] = Excerpts(source)
    start, end = diagnostic.start, diagnostic.end
    if end == 0 and (diagnostic.line, diagnostic.column) != (1, 1):
        # A place that was found by line and column only.
        start = end = source.offset(diagnostic.line, diagnostic.column)
    for row in known.rows(start, end, columns):
        yield row.number, row.text


def _helps(group: Sequence[Diagnostic]) -> Iterator[tuple[str, str]]:
    first = group[0]
    if further := group[_MOST_PLACES:]:
        more = f" and {len(further) - _MOST_LISTED} more" if len(further) > _MOST_LISTED else ""
        yield "note", f"also at {', '.join(f'{item.line}:{item.column}' for item in further[:_MOST_LISTED])}{more}"
    for related in first.related:
        where = f"{related.path}:{related.line}:{related.column}" if related.line else related.path
        yield "note", f"{related.message} ({where})"
    if first.fix is not None:
        flags = "--fix" if first.fix.safe else "--fix --unsafe-fixes"
        yield "help", f"{first.fix.title} (`{flags}`)"


class _painter:
    """Puts a text between escape codes, or leaves it alone."""

    def __init__(self, color: bool) -> None:
        self._color = color

    def __call__(self, text: str, code: str) -> str:
        return f"{code}{text}{_RESET}" if self._color and text else text
