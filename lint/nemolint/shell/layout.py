"""Console blocks and comment text: which of their lines are commands, and where each command's text ends."""

from __future__ import annotations

import re

from nemolint.base.patterns import lazily

_PROMPT = lazily(
    r"[ \t]*(?:\([\w.\-/ ]{1,60}\)[ \t]*)?"
    r"(?:\[[^\]\r\n]{1,80}\][ \t]?|[\w.-]{1,40}@[\w.-]{1,60}(?::[^\s$#%]{0,200})?[ \t]?|"
    r"(?:~|/)[^\s$#%'\"]{0,200}[ \t])?"
    r"(?:[$%❯➜](?=[ \t]|$)|(?<=[\w/~\])])#(?=[ \t])|(?<=[\w/~] )#(?=[ \t]))[ \t]*"
)
_ROOT = lazily(r"[ \t]*#[ \t]+(?=\S)")
_ROOT_COMMAND = lazily(
    r"(?:apt(?:-get)?|bash|cat|cd|curl|docker|export|git|kubectl|ls|mkdir|nemotron|pip3?|python3?|sbatch|source|srun|"
    r"sudo|uv)[ \t]+\S"
)
_SLASHES = lazily(r"[ \t]*//[ \t]")
_CONTINUED = lazily(r"[ \t]*>(?:[ \t]|$)")
_HASH = lazily(r"[ \t]*#(?:[ \t!]|$)")
_HEREDOC = lazily(r"<<-?[ \t]*(['\"]?)([\w.-]+)\1")
_OPEN_END = lazily(r"(?:\||&&|[ \t](?:do|then|\{)|\()[ \t]*$")
_COMPOUND = lazily(r"[ \t]*(?:for|while|until|if|case)\b")
_COMPOUND_END = lazily(r"(?:^|[;\s])(?:done|fi|esac)[ \t;]*$")
_LINE = lazily(r"[^\r\n]*(?:\r\n|\n|\r|$)")
_QUOTES = lazily(r"\\.|['\"]", re.DOTALL)
# A longer quotation in a comment or after a prompt does not count as one.
_MAX_QUOTED_LINES = 40


class Layout:
    """The parts of a text that are commands, each a separate script, and the text to read them from.

    `text` is as long as the original, with NUL in place of prompts. `comments` and `other` (output) are spans of the
    original.
    """

    __slots__ = ("chunks", "comments", "other", "text")

    def __init__(self, text: str, chunks: list[tuple[int, int]] | None = None) -> None:
        self.text = text
        self.chunks = [] if chunks is None else chunks
        self.comments: list[tuple[int, int]] = []
        self.other: list[tuple[int, int]] = []


def _lines(text: str) -> list[tuple[int, int, int]]:
    """Start, end without and end with its break, of each line."""
    lines = []
    for match in _LINE.finditer(text):
        if match.start() == len(text) and match.start() == match.end():
            break
        lines.append((match.start(), match.start() + len(match.group().rstrip("\r\n")), match.end()))
    return lines


def _quote_after(text: str, quote: str) -> str:
    """The quote that is open after `text`, if `quote` was before it."""
    for match in _QUOTES.finditer(text):
        found = match.group()
        if found[0] == "\\":
            if quote == "'" and found[1:] == "'":
                quote = ""
        elif not quote:
            quote = found
        elif quote == found:
            quote = ""
    return quote


def _backslashed(line: str) -> bool:
    """True if the line's end is escaped."""
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


def console_layout(text: str) -> Layout:
    """The layout of a console block: with prompts, only what follows one; without, every line."""
    lines = _lines(text)
    prompts = [_PROMPT.match(text, start, end) for start, end, _ in lines]
    if not any(prompts):
        prompts = _root_prompts(text, lines)
    if not any(prompts):
        return _unprompted(text, lines)
    layout = Layout(text)
    masks: list[tuple[int, int]] = []
    number = 0
    while number < len(lines):
        start, end, _ = lines[number]
        prompt = prompts[number]
        if prompt is None:
            kind = (
                layout.comments if _HASH.match(text, start, end) or _SLASHES.match(text, start, end) else layout.other
            )
            kind.append((start, end))
            number += 1
            continue
        masks.append((start, prompt.end()))
        last, continued = _extent(text, lines, prompts, number, prompt.end())
        masks.extend(continued)
        layout.chunks.append((start, lines[last][2]))
        number = last + 1
    parts, at = [], 0
    for begin, finish in masks:
        parts += [text[at:begin], "\0" * (finish - begin)]
        at = finish
    layout.text = "".join([*parts, text[at:]])
    return layout


def _root_prompts(text: str, lines: list[tuple[int, int, int]]) -> list[re.Match[str] | None]:
    """`# ` prompts, if the block has a command after one, and otherwise only comments and output."""
    found: list[re.Match[str] | None] = []
    for start, end, _ in lines:
        prompt = _ROOT.match(text, start, end)
        if prompt is None and _ROOT_COMMAND.match(text[start:end].lstrip()):
            return [None] * len(lines)
        found.append(prompt if prompt and _ROOT_COMMAND.match(text, prompt.end(), end) else None)
    return found


def _unprompted(text: str, lines: list[tuple[int, int, int]]) -> Layout:
    layout = Layout(text)
    parts, at = [], 0
    for start, end, _ in lines:
        if _SLASHES.match(text, start, end):
            layout.comments.append((start, end))
            parts += [text[at:start], "\0" * (end - start)]
            at = end
    layout.text = "".join([*parts, text[at:]])
    layout.chunks.append((0, len(text)))
    return layout


def _extent(
    text: str, lines: list[tuple[int, int, int]], prompts: list[re.Match[str] | None], first: int, begin: int
) -> tuple[int, list[tuple[int, int]]]:
    """Number of the last line of the command that begins on line `first`, and the `> ` prompts inside it."""
    masks: list[tuple[int, int]] = []
    quote, delimiter, compound = "", "", False
    number, last = first, first
    at = begin
    kept = 0
    while True:
        line = text[at : lines[number][1]]
        if delimiter:
            if line.strip("\t") == delimiter:
                delimiter = ""
                last, kept = number, len(masks)
        else:
            quote = _quote_after(line, quote)
            if not quote:
                last, kept = number, len(masks)
                heredoc = _HEREDOC.search(line)
                delimiter = heredoc[2] if heredoc else ""
                if _COMPOUND.match(line):
                    compound = True
                if compound and _COMPOUND_END.search(line):
                    compound = False
        backslash = not delimiter and quote != "'" and _backslashed(line)
        if number + 1 >= len(lines):
            break
        start, end, _ = lines[number + 1]
        ps2 = _CONTINUED.match(text, start, end)
        if not (backslash or quote or delimiter or (ps2 and (compound or _OPEN_END.search(line)))):
            break
        if not backslash and prompts[number + 1] is not None and not ps2:
            break
        if quote and number - last > _MAX_QUOTED_LINES:
            break
        number += 1
        at = start
        if ps2:
            masks.append((start, ps2.end()))
            at = ps2.end()
        if backslash and not quote:
            last, kept = number, len(masks)
    return last, masks[:kept]


def comment_layout(text: str, wanted: list[int]) -> Layout:
    """The layout of joined comments: each line with its continuations is separate, so that prose breaks no later line.

    `wanted` are the offsets of the commands that matter: only there may a quotation span several lines.
    """
    layout = Layout(text)
    lines = _lines(text)
    wanted_at = 0
    number = 0
    while number < len(lines):
        start = lines[number][0]
        last = number
        while last + 1 < len(lines) and _backslashed(text[lines[last][0] : lines[last][1]]):
            last += 1
        stop = lines[last][1]
        while wanted_at < len(wanted) and wanted[wanted_at] < start:
            wanted_at += 1
        if wanted_at < len(wanted) and wanted[wanted_at] < stop:
            last = _quoted_to(text, lines, last, _quote_after(text[wanted[wanted_at] : stop], ""))
        layout.chunks.append((start, lines[last][2]))
        number = last + 1
    return layout


def _quoted_to(text: str, lines: list[tuple[int, int, int]], last: int, quote: str) -> int:
    """The line where the `quote` that is open after line `last` is closed; `last` itself if that is too far away."""
    number = last
    while quote and number + 1 < len(lines) and number - last < _MAX_QUOTED_LINES:
        number += 1
        quote = _quote_after(text[lines[number][0] : lines[number][1]], quote)
    if quote:
        return last
    while number + 1 < len(lines) and _backslashed(text[lines[number][0] : lines[number][1]]):
        number += 1
    return number
