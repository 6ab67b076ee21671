"""A summary in Markdown: for the summary of a job on GitHub, or as a comment on a pull request.

Whatever a checked file says is in a code span, unless it is a plain word: in text, GitHub makes links, mentions and
references of much more than Markdown does.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import quote

from nemolint.base.patterns import lazily
from nemolint.base.visible import visible
from nemolint.linter.rule import RANK
from nemolint.report import Findings, Options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

    from nemolint.linter.diagnostic import Diagnostic, RelatedPlace

_MOST_BYTES = 48_000  # a comment on GitHub holds 65,536 characters
_LONGEST = 600
_LONGEST_LINK = 1_000
_MOST_NOTES = 4
_MOST_UNCHECKED = 10
_PLAIN = lazily(r"(?!\(?(?i:www)\.)[(\"']?(?:[^\W\d_]+(?:['’-][^\W\d_]+)*|\d{1,6}|e\.g\.|i\.e\.)[\"']?\)?[.,:;!?]?")
# GitHub makes a link of the name of a commit.
_COMMIT = lazily(r"[(\"']?[0-9a-fA-F]{7,40}\b.*")
_SIGNS = lazily(r"[!-/:-@\[-`{-~]+")
_TICKS = lazily(r"`+")


def render(result: Findings, out: TextIO, options: Options) -> None:
    """Write the findings as lists, one for each file. If they are too many for a comment, the most severe are shown."""
    items = result.diagnostics
    found = _counted(Counter(item.severity for item in items))
    if result.unchecked:
        out.write(f"### nemolint: {found + '; ' if found else ''}not everything could be checked\n\n")
        for path, reason in [*result.unchecked.items()][:_MOST_UNCHECKED]:
            out.write(f"- {_code(_cut(visible(path)))}: {_prose(reason)}\n")
        if (further := len(result.unchecked) - _MOST_UNCHECKED) > 0:
            out.write(f"- and {further} more\n")
    else:
        out.write(f"### nemolint: {found or 'no findings'}\n")
    shown = _fitting(items, options)
    by_path: dict[str, list[str]] = {}
    for index in sorted(shown):
        by_path.setdefault(items[index].path, []).append(shown[index])
    for path, entries in by_path.items():
        out.write(f"\n{_heading(path)}\n\n")
        out.writelines(entries)
    if left := len(items) - len(shown):
        what = "1 more finding is" if left == 1 else f"{left} more findings are"
        out.write(f"\n{what} not shown here: run `nemolint` to see all.\n")
    fixable = sum(item.fix is not None and item.fix.safe for item in items)
    if fixable:
        out.write(f"\n{fixable} can be fixed with `nemolint --fix`.\n")


def _counted(counts: Counter[str]) -> str:
    nouns = (("error", "error", "errors"), ("warning", "warning", "warnings"), ("info", "info", "infos"))
    return ", ".join(
        f"{counts[name]} {one if counts[name] == 1 else more}" for name, one, more in nouns if counts[name]
    )


def _fitting(items: tuple[Diagnostic, ...], options: Options) -> dict[int, str]:
    """The entries to show, by the number of their findings: the most severe, as many as a comment holds."""
    entries: dict[int, str] = {}
    left = _MOST_BYTES
    opened: set[str] = set()
    for index, item in sorted(enumerate(items), key=lambda pair: -RANK[pair[1].severity]):
        entry = _entry(item, options)
        size = len(entry.encode("utf-8", "backslashreplace"))
        if item.path not in opened:
            size += len(_heading(item.path).encode("utf-8", "backslashreplace")) + 3
        if size > left and entries:
            break
        left -= size
        opened.add(item.path)
        entries[index] = entry
    return entries


def _heading(path: str) -> str:
    return f"#### {_code(_cut(visible(path)))}"


def _entry(item: Diagnostic, options: Options) -> str:
    place = f"line {item.line}"
    if item.cell is not None:
        place = f"cell {item.cell}" + ("" if item.cell_line is None else f", line {item.cell_line}")
    if url := _source(item.path, item.line, options):
        place = f"[{place}]({url})"
    rule = _code(visible(item.rule))
    if item.url:
        rule = f"[{rule}]({quote(item.url, safe=':/%#?=&')})"
    lines = [f"- **{item.severity}**, {place}: {_prose(item.message)} ({rule})\n"]
    lines += [f"  - note: {_note(other)}\n" for other in item.related[:_MOST_NOTES]]
    return "".join(lines)


def _note(other: RelatedPlace) -> str:
    where = f"{visible(other.path)}:{other.line}" if other.line else visible(other.path)
    return f"{_prose(other.message)} ({_code(_cut(where))})"


def _source(path: str, line: int, options: Options) -> str:
    """The address of a line of a file, if it is known where the sources are."""
    relative = posixpath.normpath(path)
    if not options.sources or os.path.isabs(relative) or relative.startswith("../"):
        return ""
    name = quote(relative.encode("utf-8", "surrogatepass" if os.name == "nt" else "surrogateescape"))
    # Without `plain` there are no lines in a page that is shown as such.
    url = f"{options.sources}{name}?plain=1#L{line}"
    return url if len(url) <= _LONGEST_LINK else ""


def _prose(text: str) -> str:
    """A message: what is in backticks as code, and so is every word that Markdown or GitHub could act on."""
    written: list[str] = []
    code = False
    for piece, is_code in _pieces(_cut(visible(" ".join(text.split("\n"))))):
        if is_code and code:
            written.append(" ")
        written.append(_code(piece) if is_code else piece)
        code = is_code
    return "".join(written)


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Parts of a message that are not empty, and whether each is code."""
    for index, part in enumerate(text.split("`")):
        if index % 2:
            yield (part, True) if part else ("\\`\\`", False)
            continue
        for number, word in enumerate(part.split(" ")):
            if number:
                yield " ", False
            if _PLAIN.fullmatch(word) and not _COMMIT.fullmatch(word):
                yield word, False
            elif _SIGNS.fullmatch(word):
                yield re.sub(r"(.)", r"\\\1", word), False
            elif word:
                yield word, True


def _code(text: str) -> str:
    """A code span."""
    ticks = "`" * (max((len(run) for run in _TICKS.findall(text)), default=0) + 1)
    blank = " " if text.startswith(("`", " ")) or text.endswith(("`", " ")) else ""
    return f"{ticks}{blank}{text}{blank}{ticks}" if text.strip(" ") else f"{ticks}{text or ' '}{ticks}"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
