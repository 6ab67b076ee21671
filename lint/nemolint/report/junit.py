"""JUnit XML: a suite for each file, with a failed case for each diagnostic, or an error if it could not be checked.

If there is neither, there is one passed case.
"""

from __future__ import annotations

from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from nemolint.base.patterns import lazily
from nemolint.base.visible import opening, visible
from nemolint.report import Findings, Options
from nemolint.report.location import cell_of, place_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

# XML 1.0 cannot represent these, not even escaped. `visible` escapes the other characters that it cannot.
_NOT_XML = lazily("[\ufffe\uffff]")


def render(result: Findings, out: TextIO, options: Options) -> None:
    """Write the report."""
    items, unchecked = result.diagnostics, result.unchecked
    count, errors = len(items), len(unchecked)
    out.write('<?xml version="1.0" encoding="utf-8"?>\n')
    total = max(count + errors, 1)
    out.write(f'<testsuites name="nemolint" tests="{total}" failures="{count}" errors="{errors}">\n')
    if not items and not unchecked:
        out.write('  <testsuite name="nemolint" tests="1" failures="0" errors="0">\n')
        out.write('    <testcase name="nemolint" classname="nemolint"/>\n  </testsuite>\n')
    for path, group in groupby(items, key=lambda item: item.path):
        members = list(group)
        name = quoteattr(_text(visible(path)))
        out.write(f'  <testsuite name={name} tests="{len(members)}" failures="{len(members)}" errors="0">\n')
        for item in members:
            case = quoteattr(_text(f"{item.rule} {item.line}:{item.column}"))
            out.write(f'    <testcase name={case} classname={name} file={name} line="{item.line}">\n')
            message = quoteattr(_text(f"{item.message}{cell_of(item)}"))
            out.write(f'      <failure type="{item.severity}" message={message}>')
            out.write(escape(_text(f"{place_of(item)}: {item.severity}[{item.rule}] {item.message}")))
            out.write("</failure>\n    </testcase>\n")
        out.write("  </testsuite>\n")
    for path, reason in unchecked.items():
        name = quoteattr(_text(visible(path)))
        out.write(f'  <testsuite name={name} tests="1" failures="0" errors="1">\n')
        out.write(f'    <testcase name="unchecked" classname={name} file={name}>\n')
        out.write(f'      <error type="unchecked" message={quoteattr(_text(reason))}/>\n')
        out.write("    </testcase>\n  </testsuite>\n")
    out.write("</testsuites>\n")


def _text(text: str) -> str:
    return _NOT_XML.sub("\ufffd", "\n".join(opening(visible(line)) for line in text.split("\n")))
