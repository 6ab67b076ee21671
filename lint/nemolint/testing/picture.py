"""A picture of what the command prints in a terminal, as SVG: for the README, in light and in dark colours."""

from __future__ import annotations

import io
import re
from html import escape

from nemolint.linter.checker import Checker, check_text
from nemolint.report import Findings, Options, render
from nemolint.settings import Settings

_COLUMNS = 100
_LINE, _CHAR, _MARGIN = 19, 8.4, 20
_BLANK = "\xa0"  # SVG joins others
_CODES = re.compile(r"\x1b\[([\d;]*)m")
# Of the text, the ground, and by the code of a terminal: red, yellow, blue, cyan.
_COLOURS = {
    "light": ("#24292f", "#f6f8fa", {"31": "#b3261e", "33": "#8a5a00", "34": "#0b5cad", "36": "#0f6e74"}),
    "dark": ("#e6edf3", "#161b22", {"31": "#ff8078", "33": "#e3b341", "34": "#79b8ff", "36": "#6fd3d8"}),
}
SCHEMES = tuple(_COLOURS)


def terminal_output(name: str, text: str) -> str:
    """What `nemolint NAME` prints in a terminal with colours, for a file with this text."""

    settings = Settings("/")
    checker = Checker(settings, cwd="/", environ={})
    document = checker.read(name, text.encode(), name=name)
    found = tuple(item for item in check_text(name, text, settings) if item.severity != "info")
    out = io.StringIO()
    render("text", Findings(found, {name: document}, checker.redactor), out, Options(True, _COLUMNS, wrap=True))
    return out.getvalue()


def picture(command: str, output: str, scheme: str) -> str:
    """The SVG of a terminal with a command and its output. Nothing in it is fetched, fonts neither."""
    text, ground, colours = _COLOURS[scheme]
    lines = [f"$ {command}", "", *output.rstrip("\n").split("\n")]
    width, height = round(_COLUMNS * _CHAR) + 2 * _MARGIN, len(lines) * _LINE + 2 * _MARGIN
    rows = []
    for number, line in enumerate(lines):
        column, bold, fill = 0, False, text
        parts = _CODES.split(line)
        for index, part in enumerate(parts):
            if index % 2:
                codes = part.split(";")
                bold = "1" in codes
                fill = next((colours[code] for code in codes if code in colours), text)
            elif part:
                # A width for each part, so that columns stand whatever the font is.
                weight = ' font-weight="bold"' if bold else ""
                x, y = _MARGIN + column * _CHAR, _MARGIN + number * _LINE + 14
                rows.append(
                    f'<text x="{x:.1f}" y="{y}" fill="{fill}"{weight} textLength="{len(part) * _CHAR:.1f}" '
                    f'lengthAdjust="spacingAndGlyphs">{escape(part.replace(" ", _BLANK))}</text>'
                )
                column += len(part)
    shown = "\n".join(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="The findings of {escape(command)} in a terminal">\n'
        f'<rect width="{width}" height="{height}" rx="8" fill="{ground}"/>\n'
        "<g font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" "
        f'font-size="14">\n{shown}\n</g>\n</svg>\n'
    )
