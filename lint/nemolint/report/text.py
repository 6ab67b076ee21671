"""The format for people: message, place, excerpt, help."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO

from nemolint.report import Options, Result
from nemolint.report.excerpt import Excerpts
from nemolint.report.place import place_of
from nemolint.report.visible import visible

if TYPE_CHECKING:
    from nemolint.diagnostic import Diagnostic

_BOLD, _BLUE, _RESET = "\x1b[1m", "\x1b[1;34m", "\x1b[0m"
_OF_SEVERITY = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "info": "\x1b[1;36m"}


def render(result: Result, out: TextIO, options: Options) -> None:
    """Write every diagnostic as a block, blank lines between."""
    excerpts: dict[str, Excerpts] = {}
    explained: set[str] = set()
    for index, diagnostic in enumerate(result.diagnostics):
        if index:
            out.write("\n")
        for line in _block(diagnostic, result, options, excerpts, explained):
            out.write(f"{line.rstrip()}\n")


def _block(
    diagnostic: Diagnostic, result: Result, options: Options, excerpts: dict[str, Excerpts], explained: set[str]
) -> Iterator[str]:
    paint = _painter(options.color)
    severity = _OF_SEVERITY[diagnostic.severity]
    first, *more = diagnostic.message.split("\n")
    yield paint(f"{diagnostic.severity}[{diagnostic.rule}]", severity) + paint(f": {visible(first)}", _BOLD)
    for line in more:
        yield f"  {visible(line)}"
    gutter = len(str(diagnostic.end_line))
    yield f"{' ' * gutter}{paint('-->', _BLUE)} {place_of(diagnostic)}"
    bar = paint("|", _BLUE)
    rows = _rows(diagnostic, result, excerpts, options.width - gutter - 3)
    empty = True
    for number, text in rows:
        if empty:
            yield f"{' ' * gutter} {bar}"
            empty = False
        if number is None:
            yield f"{' ' * gutter} {bar} {paint(text, severity)}"
        else:
            yield f"{paint(str(number).rjust(gutter), _BLUE)} {bar} {text}"
    helps = list(_helps(diagnostic, explained))
    if helps and not empty:
        yield f"{' ' * gutter} {bar}"
    for kind, text in helps:
        yield f"{' ' * gutter} {paint('=', _BLUE)} {paint(f'{kind}:', _BOLD)} {visible(text)}"


def _rows(
    diagnostic: Diagnostic, result: Result, excerpts: dict[str, Excerpts], columns: int
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


def _helps(diagnostic: Diagnostic, explained: set[str]) -> Iterator[tuple[str, str]]:
    for related in diagnostic.related:
        where = f"{related.path}:{related.line}:{related.column}" if related.line else related.path
        yield "note", f"{related.message} ({where})"
    if diagnostic.fix is not None:
        flags = "--fix" if diagnostic.fix.safe else "--fix --unsafe-fixes"
        yield "help", f"{diagnostic.fix.title} (`{flags}`)"
    if diagnostic.rule not in explained:
        explained.add(diagnostic.rule)
        yield "help", f"`nemolint explain {diagnostic.rule}` says more"


class _painter:
    """Puts a text between escape codes, or leaves it alone."""

    def __init__(self, color: bool) -> None:
        self._color = color

    def __call__(self, text: str, code: str) -> str:
        return f"{code}{text}{_RESET}" if self._color and text else text
