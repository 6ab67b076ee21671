"""Which placeholders a page introduces, so that its readers know what to fill in.

A page introduces a placeholder where it names it outside commands, speaks of the thing that it names (`<adapter>` on a
page about adapters), and where the heading, the paragraph or the comment that leads to a command says that it shows a
shape to fill in. From there on it is introduced for the rest of the page.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from nemolint.analysis import placeholders
from nemolint.analysis.caching import once_per_document
from nemolint.analysis.page_text import outside_runs
from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.document import Document
from nemolint.invocation import StepRun

# Phrases that say that a command shows a general form, not to be run as it is.
_SHAPE = lazily(
    r"""(?ix) \b(?: (?:command|example|general|basic|base|overall|same) \s shapes? | shows? \s (?:the|a|its) \s shape
    | shapes? \s* (?: : | \Z | \( ) | skeletons? | patterns? | templates? | templated | syntax | usage
    | replac(?:e|es|ing) | substitut(?:e|es|ing)
    | fill(?:ing)? \s (?:it \s|them \s|these \s|those \s)? (?:in|out) | placeholders?
    | not \s (?:\w+ \s)? runnable | project \s overlays? | overrid(?:e|es|ing) \s (?:it \s|them \s)? (?:at|on|from) \s
      (?:the \s)? (?:CLI|command \s line) | stands? \s for | your \s own (?:\s\w+)? \s values? )\b"""
)
# A code block begins. The body of a directive such as `{note}` is prose.
_OPENING = lazily(r"[ \t>]*(?:[-*+]|\d+[.)])?[ \t]*(?P<mark>`{3,}|~{3,})[ \t]*(?P<info>[^`\r\n]*)")
_FENCE = lazily(r"[ \t>*+-]*(?:`{3,}|~{3,}|:{3,}|\.\.\s|:\w+:)")
_HEADING = lazily(r"[ \t>]*#{1,6}\s+\S|={3,}\s*\Z|-{3,}\s*\Z")
_ANGLE = lazily(r"(?:\\?<|&lt;)([^<>=\n&]{1,80}?)(?:\\?>|&gt;)")
_MOST_LINES = 40  # of a paragraph or a table
_WORD = lazily(r"[a-z]{2,}")
# Words of a placeholder that say nothing of what it stands for.
_OF_NO_THING = frozenset(
    {"any", "change", "dir", "directory", "file", "filename", "fixme", "folder", "here", "id", "input", "json", "jsonl"}
    | {"key", "me", "my", "name", "new", "of", "old", "or", "out", "output", "path", "placeholder", "replace", "some"}
    | {"text", "that", "the", "this", "to", "todo", "toml", "txt", "value", "with", "xxx", "yaml", "yml", "your"}
)
# What a block shows if the text that leads to it speaks of the option.
_OPTION = lazily(r"(?<![\w-])(?:-c|--config)(?![\w-])|\b(?:bare|config(?:uration)?) names?\b|\bresolves\b")


class _Page(NamedTuple):
    """`prose` is the text without code, `angles` the names in angle brackets there, `words` its words in lower case.

    `shapes`: the text of a placeholder -> the offset of its first command that is introduced as a general form.
    """

    prose: str
    angles: frozenset[str]
    words: frozenset[str]
    shapes: Mapping[str, int]


def introduces(run: StepRun, found: Sequence[placeholders.Placeholder]) -> bool:
    """True if the document of a run explains its placeholders, or more than half of those that name a thing."""
    explained = unexplained = 0
    for item in found:
        things = set(_WORD.findall(item.text.lower())) - _OF_NO_THING
        if explains(run, item) or things & _page(run.document).words:
            explained += 1
        elif things or len(found) == 1:
            unexplained += 1
    return explained > unexplained


def explains(run: StepRun, placeholder: placeholders.Placeholder) -> bool:
    """True if the document of a run names a placeholder in its prose, or says that the command shows a general form."""
    page = _page(run.document)
    first = page.shapes.get(placeholder.text)
    return (first is not None and first <= run.file_start) or _named(page, placeholder.text)


def shows_config_option(run: StepRun) -> bool:
    """True if a run on a page only shows how a config is named: the text that leads to its block is about `-c`.

    Such a run has no profile and no overrides, and nobody takes it for one to start.
    """
    if run.surface != "doc" or run.config is None or run.overrides or run.profile is not None:
        return False
    root = run.region.root
    return _OPTION.search(" ".join(_lead_in(run.document.text, root.map.outer_start(0), snippet=False))) is not None


def _named(page: _Page, text: str) -> bool:
    """Whether prose names a placeholder. What prose uses for itself, such as `...`, counts in backticks only."""
    if text.startswith("<"):
        return text[1:-1].strip() in page.angles
    if f"`{text}`" in page.prose:
        return True
    if not any(map(str.isalnum, text)) or (text.isalpha() and len(text) < 5):
        return False
    at = page.prose.find(text)
    while at >= 0:
        before, after = page.prose[at - 1 : at], page.prose[at + len(text) : at + len(text) + 1]
        if not (before.isalnum() or before == "_" or after.isalnum() or after == "_"):
            return True
        at = page.prose.find(text, at + 1)
    return False


@once_per_document
def _page(document: Document) -> _Page:
    prose = _prose(document)
    shapes: dict[str, int] = {}
    comments = [(start, end) for start, end, _ in document.comments]
    shown: dict[int, bool] = {}
    for run in document.runs:
        found = placeholders.in_run(run)
        if not found:
            continue
        root = run.region.root
        if id(root) not in shown:
            text = " ".join(_lead_in(document.text, root.map.outer_start(0), root.kind == "snippet"))
            shown[id(root)] = _SHAPE.search(text) is not None
        if shown[id(root)] or _SHAPE.search(_comment_before(document, comments, run.file_start)):
            for item in found:
                shapes.setdefault(item.text, run.file_start)
    angles = frozenset(match[1].strip() for match in _ANGLE.finditer(prose))
    return _Page(prose, angles, frozenset(_WORD.findall(prose.lower())), shapes)


def _prose(document: Document) -> str:
    """The text without runs and code blocks, but with the comments in them."""
    text = outside_runs(document)
    if document.kind not in ("markdown", "text", "rst"):
        return text
    lines: list[str] = []
    fence = ""
    for line in text.splitlines():
        match = _OPENING.match(line)
        if fence:
            if match is not None and match["mark"].startswith(fence) and not match["info"]:
                fence = ""
            continue
        if match is not None and (match["info"][:1] != "{" or match["info"].startswith("{code")):
            fence = match["mark"]
            continue
        lines.append(line)
    lines += (comment for _, _, comment in document.comments)
    return "\n".join(lines)


def _comment_before(document: Document, comments: list[tuple[int, int]], at: int) -> str:
    """The comments on the lines right before the command at `at`."""
    index = bisect_left(comments, (at, 0)) - 1
    parts: list[str] = []
    while index >= 0 and len(parts) < _MOST_LINES:
        start, end = comments[index]
        between = document.text[end:at]
        if between.count("\n") > 1 or between.strip(" \t\r\n$>#"):
            break
        parts.insert(0, document.text[start:end])
        at = start
        index -= 1
    return " ".join(parts)


def _lead_in(text: str, at: int, snippet: bool) -> Iterator[str]:
    """The paragraph before a block or a table, and the heading above. For a `snippet` its own line, too."""
    lines = _lines_before(text, at)
    first = next(lines, "")
    if snippet:
        yield first + _rest_of_line(text, at)
    table = first.lstrip(" >").startswith("|")
    seen = 0
    paragraph = False
    for line in lines:
        stripped = line.strip(" \t>\r")
        if _HEADING.match(stripped) and stripped[:1] == "#":
            yield stripped
            return
        if table and stripped.startswith("|"):
            continue
        if not stripped:
            if paragraph:
                break
            continue
        if _FENCE.match(stripped) and not paragraph:
            continue
        paragraph = True
        seen += 1
        yield stripped
        if seen > _MOST_LINES:
            break
    for line in lines:
        stripped = line.strip(" \t>\r")
        if _HEADING.match(stripped) and stripped[:1] == "#":
            yield stripped
            return


def _lines_before(text: str, at: int) -> Iterator[str]:
    """The part of the line before `at`, and the lines above, upwards; two hundred at most."""
    end = at
    for _ in range(200):
        start = text.rfind("\n", 0, end) + 1
        yield text[start:end]
        if start == 0:
            return
        end = start - 1


def _rest_of_line(text: str, at: int) -> str:
    end = text.find("\n", at)
    return re.sub(r"`[^`]*`", " ", text[at : end if end >= 0 else len(text)])
