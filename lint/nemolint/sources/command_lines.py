"""Lines that are commands in text that does not say so: a text file, an answer, a fence of another language."""

from __future__ import annotations

import re

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder
from nemolint.sources.command_text import (
    NAMES,
    POWERSHELL_PROMPT,
    is_around,
    is_command,
    is_setting,
    names_command,
    prompt_end,
)
from nemolint.sources.lines import line_spans

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from nemolint.base.positions import TextMap

_FENCE = lazily(r"[ \t>]*(?:[-*+]\s+|\d+[.)]\s+)*(`{3,}|~{3,})")
_PRE = lazily(r"<(/?)pre\b", re.IGNORECASE)
_INDENTED = lazily(r"[ ]{0,3}\t|[ ]{4}")
_MARKER = lazily(r"(?:[-*+]|\d{1,3}[.)])([ \t]+|\Z)")
_MOST_MARKERS = 20  # of one line
_PROMPT = lazily(r"\s*[$%❯➜]\s")
_SENTENCE_END = lazily(r"(?:[\w)`\"'][.,:;!?]|[。！？；：，])\s*\Z")
# What the Markdown of an answer puts before a command: quote marks, list markers, emphasis, a label, a prompt.
_QUOTE = lazily(r"[ \t>]*+")
_ITEM = lazily(r"(?:(?:[-*+•]|\d{1,3}[.)])[ \t]++(?:\[[ xX]\][ \t]++)?+)++")
_EMPHASIS = lazily(r"(?:\*{1,3}|_{2,3})(?=[\w$./])")
_LABEL = lazily(r"[^\n:：→`|=$]{1,60}+[:：→][*_]{0,3}[ \t]*+(?=[\w$./*_])")
_POWERSHELL = lazily(POWERSHELL_PROMPT)
# A word or the value of one, not an apostrophe.
_QUOTED = lazily(r"(?<!\w)(?:'[^'\n]*'|\"[^\"\n]*\")(?!\w)")
_FOREIGN_LETTER = lazily(r"[^\W\d_A-Za-z]")


class CommandLine(NamedTuple):
    """A line: what of it may be a command, and its whole extent, without the line end.

    `marked`: something before it begins a block of its own. `typed`: a prompt stands before it.
    """

    start: int
    end: int
    first: int
    last: int
    marked: bool = False
    typed: bool = False


def script(map: TextMap, lines: list[CommandLine]) -> TextMap:
    """The lines as one text, without their prompts."""
    builder = MapBuilder()
    text = map.text
    continued = False
    for line in lines:
        start, end = line.start, line.end
        builder.verbatim(text, start if continued else prompt_end(text[start:end]) + start, end)
        if end == line.last < len(text):
            builder.verbatim(text, end, end + 1)
        elif line.last < len(text):
            builder.escape("\n", end, line.last + 1 - end)
        continued = text.endswith("\\", start, end)
    return map.compose(builder.build(lines[-1].end))


def plain_lines(text: str) -> list[CommandLine]:
    """The lines of a text with nothing before a command but a prompt."""
    return [CommandLine(*line, *line) for line in line_spans(text)]


def marked_lines(text: str, start: int = 0) -> list[CommandLine]:
    """The lines of Markdown from `start` on, without what marks them as items, quotes, emphasis or typed text."""
    lines: list[CommandLine] = []
    continued = False
    for first, last in line_spans(text):
        if first < start:
            continue
        at, end = _QUOTE.match(text, first, last).end(), last  # type: ignore[union-attr]
        marked = typed = False
        if not continued:
            if item := _ITEM.match(text, at, last):
                at, marked = item.end(), True
            if prompt := _POWERSHELL.match(text, at, last):
                at, typed = prompt.end(), True
            label = _LABEL.match(text, at, last)
            if label is not None and is_command(text[label.end() : last].lstrip("*_")):
                at, marked = label.end(), True
            if emphasis := _EMPHASIS.match(text, at, last):
                closed = text[at : emphasis.end()]
                tail = text[emphasis.end() : last].rstrip()
                if tail.endswith(closed):
                    at, end, marked = emphasis.end(), emphasis.end() + len(tail) - len(closed), True
        lines.append(CommandLine(at, end, first, last, marked, typed))
        continued = text.endswith("\\", at, end)
    return lines


def command_groups(text: str, lines: list[CommandLine], *, answer: bool = False) -> Iterator[list[CommandLine]]:
    """Groups of lines that are commands: marked as such, or first in their paragraph, and outside of code.

    In an answer a line in the midst of a paragraph counts, too, if it has arguments.
    """
    if not names_command(text):
        return
    fence = ""
    first = True
    index = 0
    code = _indented_code(text, lines) if answer else None
    while index < len(lines):
        line = text[lines[index].first : lines[index].last]
        if match := _FENCE.match(line):
            if not fence:
                fence = match[1]
            elif match[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
            first = True
            index += 1
            continue
        if answer and (tags := _PRE.findall(line)) and fence in ("", "<pre>"):
            fence = "" if tags[-1] else "<pre>"
        found: list[CommandLine] = []
        named = False
        stop = index + 1
        while not fence and index < len(lines):
            stop = _logical_end(text, lines, index)
            logical = "\n".join([text[part.start : part.end] for part in lines[index:stop]])
            prompted = _PROMPT.match(logical) is not None or lines[index].typed
            begins = prompted or lines[index].marked
            indented = code[index] if code is not None else _INDENTED.match(line) is not None
            if not (begins or ((first or found or answer) and not indented)):
                break
            if is_command(logical) and (prompted or not reads_on(logical)):
                if answer and not prompted and _is_sentence(logical, alone=begins or first or bool(found)):
                    break
                named = True
            elif not (is_setting(logical) or (answer and is_around(logical))) or not (begins or first or found):
                break
            found += lines[index:stop]
            index = stop
        if named:
            yield found
            first = True
        elif found:
            first = False
        else:
            first = not line.strip() or line.rstrip().endswith((":", "："))
            index = stop


def _indented_code(text: str, lines: list[CommandLine]) -> list[bool]:
    """For each line, whether Markdown takes it for indented code: four spaces in from what its list item holds.

    Indented lines of a paragraph go on with it.
    """
    result: list[bool] = []
    items: list[int] = []  # the columns at which the contents of the open list items begin
    in_text = in_code = False
    for line in lines:
        written = text[line.first : line.last].expandtabs(4)
        bare = written.lstrip()
        if not bare:
            result.append(in_code)
            in_text = False
            continue
        indent = len(written) - len(bare)
        marker = _MARKER.match(bare)
        while items and indent < items[-1] and (marker is not None or not in_text):
            items.pop()
        in_code = not in_text and indent - (items[-1] if items else 0) >= 4
        result.append(in_code)
        in_text = not in_code
        for _ in range(_MOST_MARKERS):
            if marker is None or in_code:
                break
            width = marker.end() if len(marker[1]) <= 4 else marker.end() - len(marker[1]) + 1
            indent += width
            items.append(indent)
            bare = bare[width:]
            marker = _MARKER.match(bare)
    return result


def _logical_end(text: str, lines: list[CommandLine], index: int) -> int:
    """The line after the last continuation by backslash."""
    while index + 1 < len(lines) and text.endswith("\\", lines[index].start, lines[index].end):
        index += 1
    return index + 1


def reads_on(logical: str) -> bool:
    """True if the line reads like a sentence: it has words but neither options nor overrides, or a full stop."""
    named = NAMES.search(logical)
    words = logical[named.end() :].split() if named else []
    bare = len(words) > 2 and not any(word.startswith("-") or "=" in word for word in words)
    return bare or _SENTENCE_END.search(logical) is not None


def _is_sentence(logical: str, *, alone: bool) -> bool:
    """True if a line of an answer says something about a command: it has words that no command has.

    Unless it stands `alone`, it needs an option or an override to be one.
    """
    named = NAMES.search(logical)
    # What quotes hold are not words of a sentence.
    words = _QUOTED.sub("''", logical[named.end() if named else 0 :]).split()[2:]
    bare = 0
    valued = arguments = False
    for word in words:
        if word in ("&&", "||", ";", "|", "#", ">", ">>", "2>&1"):
            break
        if word.startswith("-") or "=" in word:
            arguments = True
        elif word != "\\" and not valued:
            if _FOREIGN_LETTER.search(word) is not None:
                return True
            bare += word[:1].isalpha() and "/" not in word
        valued = word.startswith("-") and "=" not in word
    return bare > 1 or not (alone or arguments)
