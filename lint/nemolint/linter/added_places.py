"""Where a suppression could be written, by the container of a finding, and whether its parser reads the same with it.

The last word has `add_suppressions.py`, which tries the proposals in their order.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nemolint.base.positions import TextMap
    from nemolint.document import Document, Region
    from nemolint.linter.diagnostic import Diagnostic

_FORMS = {
    "#": "# {}",
    "//": "// {}",
    "--": "-- {}",
    ";": "; {}",
    "rem": "rem {}",
    "html": "<!-- {} -->",
    "mdx": "{{/* {} */}}",
    "rst": ".. {}",
}
# The comments of languages that no module of `sources/` reads, by extension or whole name.
_OF_LANGUAGE = {
    name: form
    for form, names in (
        ("//", "c cc cjs cpp cs cts cxx dart go gradle groovy h hpp java js jsx kt kts mjs mts nf php proto rs scala"),
        ("//", "swift ts tsx zig"),
        (
            "#",
            "awk cmake csh env ex exs fish hcl jl netrc _netrc nix npmrc pgpass pl pm properties ps1 psd1 psm1 pypirc",
        ),
        ("#", "r rb smk snakefile tcl tcsh tf tfvars"),
        ("--", "hs lua sql"),
        (";", "clj el lisp scm"),
        ("rem", "bat cmd"),
        ("html", "csproj htm html plist props svg targets xhtml xml"),
    )
    for name in names.split(" ")
}
# What begins a text over several lines in one or another of these languages, and what begins and ends one.
_LONG_TEXT = {
    "#": lazily(r"<<[-~]?[\"'`]?[A-Za-z_]|@[\"'][ \t]*$|%[qQwW]?[{(\[]", re.MULTILINE),
    "--": lazily(r"\[=*\[|\$\$|\$\w+\$"),
    "//": lazily(r"<<<|\bR\"|@\"|\$/"),
    "html": lazily(r"<[^<>]*\Z"),
}
_EVEN = {"//": ("`", '"' * 3, "'" * 3), "html": (), "rem": ()}
_PAIRED = (("/*", "*/"), ("<!--", "-->"), ("<![CDATA[", "]]>"), ("<script", "</script"), ("<style", "</style"))
_MOST_CLIMBED = 24
_MOST_LEADING = 1000  # lines
_MOST_BEFORE = 65_536  # characters of a language that is not parsed, which are searched for each finding
_INDENT = lazily(r"[ \t]*")
_PREFIX = lazily(r"[ \t>#]*")
# Quote marks, and list markers, which the line above has to leave blank.
_QUOTED = lazily(r"[ \t>]*")
_MARKER = lazily(r"(?:[-*+]|\d{1,9}[.)])(?=[ \t])[ \t]*")
_FENCE = lazily(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?:`{3,}|~{3,}|:{3,}|<(?:pre|code)\b)", re.IGNORECASE)
_CONTINUED = lazily(r"(?:\\|\||&&|\|\||[(\[{,])[ \t]*$")
_RST_ITEM = lazily(r"[ \t]*(?:[-*+•‣]|\(?(?:\d+|[A-Za-z]|#)[.)]|\||\+[-=]|==|--|>>>|:[^:]+:)(?:\s|$|[-=+])")


class Proposal(NamedTuple):
    """A line to insert at an offset: what begins it, the form of the comment, and what ends it.

    `json`: it is the text of a notebook's cell, in quotes of its own (`own`) or within a string.
    """

    offset: int
    lead: str
    form: str
    end: str
    json: str = ""
    ascii: bool = False

    def written(self, comment: str) -> str:
        """What is inserted."""
        line = self.lead + _FORMS[self.form].format(comment)
        if not self.json:
            return line + self.end
        encoded = json.dumps(f"{line}\n", ensure_ascii=self.ascii)
        return f"{encoded},{self.end}" if self.json == "own" else encoded[1:-1]


def proposals(document: Document, item: Diagnostic) -> Iterator[Proposal]:
    """The lines to try for a finding, the best first."""
    start = item.start
    if item.end == 0 and item.line <= len(document.lines.starts):
        start = document.lines.offset(item.line, item.column)
    if document.kind == "json":
        return
    if document.kind == "notebook":
        yield from _in_notebook(document, start)
        return
    regions = [region for region in document.regions if _holds(region, start)]
    regions.sort(key=lambda region: (_depth(region), -len(region.text)))
    if document.kind == "markdown":
        form = "mdx" if document.path.lower().endswith(".mdx") else "html"
        yield from _before_block(document, start, regions, form)
    if document.kind == "rst":
        yield from _before_paragraph(document, start, regions)
    if document.kind == "python":
        yield from _before_statement(document, start)
    yield from _above_lines(document, start, regions)


def proposals_for_file(document: Document) -> Iterator[Proposal]:
    """The lines to try for a suppression of the whole file: at its top, behind what has to come first there."""
    if document.kind in ("json", "notebook"):
        return
    form = "#"
    if document.kind == "markdown":
        form = "mdx" if document.path.lower().endswith(".mdx") else "html"
    elif document.kind in ("rst", "html"):
        form = document.kind
    elif document.kind in ("", "other", "strings"):
        form = _form_of_language(document, 0) or form
    starts = document.lines.starts
    lines = document.text.removeprefix("\ufeff").splitlines()[:_MOST_LEADING]
    numbers = [1]
    if document.kind == "markdown":
        if lines and lines[0].rstrip() == "---":
            numbers = [at + 2 for at, line in enumerate(lines) if at and line.rstrip() in ("---", "...")][:1]
    elif form == "#":
        # The line for the system, those for a scheduler, the encoding, directives for a parser.
        leading = next((at for at, line in enumerate(lines) if not line.startswith("#")), len(lines))
        numbers = [1, 2, leading + 1] if leading and not lines[0].startswith("#!") else [2, leading + 1]
        if not leading:
            numbers = [1]
    for number in dict.fromkeys(numbers):
        if number <= len(starts):
            begin, _, end = _line(document, number)
            yield Proposal(begin, "", form, end * 2 if form in ("html", "mdx", "rst") else end)


def _above_lines(document: Document, start: int, regions: Sequence[Region]) -> Iterator[Proposal]:
    """Comments with `#` above a command, in the outermost script that holds it first, or above its line."""
    for region in regions:
        for number in _lines_of(region, start):
            yield from _above(document, number)
    if document.kind in ("yaml", "toml", "ini") and regions:
        # Above the key whose value is a text of several lines.
        first = document.lines.position(regions[0].map.outer_start(0)).line
        if first > 1:
            yield from _above(document, first - 1)
    if document.kind != "markdown":
        parsed = document.kind not in ("", "other", "strings")
        form = "#" if parsed else _form_of_language(document, start)
        if form is not None:
            yield from _above(document, document.lines.position(start).line, form)


def _form_of_language(document: Document, start: int) -> str | None:
    """The form of a comment above a line of a language that is not parsed; None where it might not be a comment."""
    name = document.path.rpartition("/")[2].lower()
    form = _OF_LANGUAGE.get(name.lstrip(".")) or _OF_LANGUAGE.get(name.rpartition(".")[2])
    if name.startswith(("jenkinsfile", ".env.")):
        form = "//" if name.startswith("j") else "#"
    if form is None:
        return None
    sign = _FORMS[form].partition(" ")[0]
    end = document.lines.line_span(document.lines.position(start).line)[0]
    if end > _MOST_BEFORE:
        return None
    # Quotation marks in comments are none.
    lines = [line for line in document.text[:end].splitlines() if not line.lstrip().startswith(sign) or form == "html"]
    before = "\n".join(lines)
    if before.endswith(("\\", "^")) or (form == "html" and not before.strip()):
        return None  # a line that goes on; the declaration of XML, before which there is nothing
    if (long := _LONG_TEXT.get(form)) is not None and long.search(before):
        return None
    if any(before.count(mark) % 2 for mark in _EVEN.get(form, ("`", '"', "'"))):
        return None
    return None if any(before.count(one) != before.count(other) for one, other in _PAIRED) else form


def _holds(region: Region, offset: int) -> bool:
    begin, end = region.map.to_outer(0, len(region.text))
    return begin <= offset < max(end, begin + 1)


def _depth(region: Region) -> int:
    depth = 0
    while region.parent is not None:
        region = region.parent
        depth += 1
    return depth


def _lines_of(region: Region, start: int) -> Iterator[int]:
    """Lines of the file: that of the command that holds a place, and those above that it may continue."""
    document, text = region.document, region.text
    inner = region.map.inner_start(start)
    held = [
        command.start
        for command in document.commands
        if command.region is region and command.start <= inner < command.end
    ]
    for offset in (min(held, default=inner), inner):
        number = text.count("\n", 0, offset)
        lines = text.split("\n", number + 1)[: number + 1]
        while True:
            begin = sum(len(line) + 1 for line in lines[:-1])
            yield document.lines.position(region.map.outer_start(min(begin, len(text)))).line
            if len(lines) < 2 or number - len(lines) > _MOST_CLIMBED or not _CONTINUED.search(lines[-2]):
                break
            lines.pop()


def _above(document: Document, number: int, form: str = "#") -> Iterator[Proposal]:
    """A comment above a line: indented as that, or behind what begins each line of a block."""
    begin, line, end = _line(document, number)
    indent = "" if document.kind in ("make", "crontab", "procfile") else _matched(_INDENT, line)
    yield Proposal(begin, indent, form, end)
    prefix = _matched(_PREFIX, line)
    if prefix != indent:
        yield Proposal(begin, prefix, form, end)


def _before_block(document: Document, start: int, regions: Sequence[Region], form: str) -> Iterator[Proposal]:
    """A comment of Markdown above the fence, the line, or the block of a finding."""
    first = document.lines.position(start).line
    if regions:
        first = min(first, document.lines.position(regions[0].map.outer_start(0)).line)
    numbers = [first]
    above = first
    while above > 1 and first - above < _MOST_CLIMBED and document.lines.line_span(above - 1)[0] >= 0:
        _, line, _ = _line(document, above - 1)
        if not line.strip(" \t>"):
            break
        above -= 1
        if _FENCE.match(line):
            numbers.insert(0, above)
            break
    numbers += [above] if above not in numbers else []
    for number in numbers:
        begin, line, end = _line(document, number)
        quoted = _matched(_QUOTED, line)
        blank = quoted
        rest = line[len(quoted) :]
        while match := _MARKER.match(rest):
            blank += " " * match.end()
            rest = rest[match.end() :]
        for lead in dict.fromkeys((quoted, blank)):
            yield Proposal(begin, lead, form, end)


def _before_paragraph(document: Document, start: int, regions: Sequence[Region]) -> Iterator[Proposal]:
    """A comment of reStructuredText above the paragraph or directive that holds a place, with a blank line below."""
    number = document.lines.position(start).line
    if regions:
        number = min(number, document.lines.position(regions[0].map.outer_start(0)).line)
    _, line, _ = _line(document, number)
    widest = len(_matched(_INDENT, line))
    for climbed in range(256):
        at = number - climbed
        if at < 1:
            return
        begin, line, end = _line(document, at)
        indent = _matched(_INDENT, line)
        if not line.strip() or len(indent) > widest:
            continue
        if at > 1 and _line(document, at - 1)[1].strip():
            widest = min(widest, len(indent))
            continue
        if not _RST_ITEM.match(line):
            yield Proposal(begin, indent, "rst", end * 2)
        if not indent:
            return
        widest = len(indent) - 1


def _before_statement(document: Document, start: int) -> Iterator[Proposal]:
    """A comment above the innermost statement of Python that holds a place."""
    import ast

    tree = _parsed_python(document.text)
    number = document.lines.position(start).line
    yield from _above(document, number)
    if tree is None:
        return
    holding = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and node.lineno <= number <= (node.end_lineno or 0)
    ]
    for node in sorted(holding, key=lambda node: -node.lineno)[:2]:
        yield from _above(document, node.lineno)


def _in_notebook(document: Document, start: int) -> Iterator[Proposal]:
    """A line of the cell's text, as a string of its own where the lines are strings."""
    from nemolint.sources.notebook import source_at

    found = source_at(document, start)
    if found is None:
        return
    kind, map = found
    text = map.text
    number = text.count("\n", 0, map.inner_start(start))
    lines = text.split("\n")
    if kind == "markdown":
        first = number
        while first and lines[first - 1].strip() and number - first < _MOST_CLIMBED * 4:
            first -= 1
            if _FENCE.match(lines[first]):
                break
        numbers = dict.fromkeys((first, number))
    else:
        numbers = dict.fromkeys([number])
        while number and lines[number - 1].rstrip().endswith("\\"):
            number -= 1
            numbers[number] = None
    form = "html" if kind == "markdown" else "#"
    for chosen in numbers:
        begin = sum(len(line) + 1 for line in lines[:chosen])
        lead = _matched(_QUOTED if form == "html" else _INDENT, lines[chosen])
        yield _json_line(document, map, begin, lead, form)
    if kind == "markdown":
        yield _json_line(document, map, sum(len(line) + 1 for line in lines[:number]), "", "#")


def _json_line(document: Document, map: TextMap, begin: int, lead: str, form: str) -> Proposal:
    text = document.text
    at = map.outer_start(begin)
    before = text[:at].removesuffix('"').rstrip(" \t\r\n")
    if text[at - 1 : at] == '"' and before.endswith(("[", ",")):
        return Proposal(at - 1, lead, form, text[len(before) : at - 1], "own", text.isascii())
    return Proposal(at, lead, form, "", "within", text.isascii())


def _line(document: Document, number: int) -> tuple[int, str, str]:
    """Where a line begins (behind a byte order mark), its text, and how a line above it has to end."""
    text, lines = document.text, document.lines
    begin, end = lines.line_span(number)
    if not begin and text.startswith("\ufeff"):
        begin = 1
    following = lines.starts[number] if number < len(lines.starts) else len(text)
    ending = _ending(text[begin:following])
    if not ending and number > 1:
        ending = _ending(text[: lines.starts[number - 1]][-2:])
    return begin, text[begin:end].rstrip("\r\n"), ending or "\n"


def stripper(comments: Iterable[str]) -> Callable[[str], str]:
    """Removes the lines that hold the comments and nothing else."""
    texts = "|".join(re.escape(comment) for comment in sorted(set(comments), key=len, reverse=True))
    line = re.compile(
        rf"^[ \t>#$/]*(?:<!--|\{{/\*|\.\.|//|#)[ \t]*(?:{texts})[ \t]*(?:-->|\*/\}})?[ \t]*(?:\n|\Z)", re.MULTILINE
    )
    return lambda text: line.sub("", text) if "nemolint:" in text else text


def _ending(line: str) -> str:
    return "\r\n" if line.endswith("\r\n") else line[-1:] if line.endswith(("\n", "\r")) else ""


def _matched(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.match(text)
    return match.group() if match is not None else ""


def same_container(
    document: Document,
    insert: Callable[[str, Iterable[int], Iterable[str]], str],
    offsets: Sequence[int],
    places: Sequence[Proposal],
    comments: Sequence[str],
) -> bool:
    """Whether the parser of a container finds the same in the text with the comments, but for these."""
    reading = _READINGS.get(document.kind)
    if reading is None:
        return True
    # A comment that no parser takes for anything else, and that is easily found in what it says.
    marks = [f"nemolintmark{index}x" for index in range(len(comments))] if document.kind == "markdown" else comments
    written = [
        _marked(place, mark) if document.kind == "markdown" else place.written(mark)
        for place, mark in zip(places, marks, strict=True)
    ]
    old, new = reading(document.text, []), reading(insert(document.text, offsets, written), marks)
    return old is None or old == new


def _marked(place: Proposal, mark: str) -> str:
    form = {"mdx": "{{{}}}", "html": "<!--{}-->"}.get(place.form, "# {}")
    return place.lead + form.format(mark) + place.end


def _markdown(text: str, marks: Sequence[str]) -> object:
    import pyromark

    options = pyromark.Options.ENABLE_TABLES | pyromark.Options.ENABLE_FOOTNOTES
    html = pyromark.html(text.removeprefix("\ufeff"), options=options)
    if not marks:
        return html.rstrip("\n")
    names = r"nemolintmark\d+x"
    html = re.sub(rf"<p>\{{{names}\}}</p>\n|\n\{{{names}\}}(?=</)|\{{{names}\}}\n", "", html)
    html = re.sub(rf"(?m)^[ \t$]*# {names}\n", "", html)
    return re.sub(rf"<!--{names}-->\n?", "", html).rstrip("\n")


def _python(text: str, marks: Sequence[str]) -> object:
    import ast

    tree = _parsed_python(text)
    return None if tree is None else ast.dump(tree)


def _parsed_python(text: str) -> Any:
    import ast
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text.removeprefix("\ufeff"))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _yaml(text: str, marks: Sequence[str]) -> object:
    import yaml

    strip = _strip(marks)
    try:
        return [
            (
                type(event),
                getattr(event, "anchor", None),
                getattr(event, "tag", None),
                strip(getattr(event, "value", None)),
            )
            for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        ]
    except (yaml.YAMLError, ValueError):
        return None


def _toml(text: str, marks: Sequence[str]) -> object:
    import tomllib

    try:
        return _strip(marks)(tomllib.loads(text.removeprefix("\ufeff").replace("\r\n", "\n")))
    except (tomllib.TOMLDecodeError, RecursionError):
        return None


def _notebook(text: str, marks: Sequence[str]) -> object:
    strip = _strip(marks)

    def joined(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: strip("".join(item))
                if isinstance(item, list) and all(isinstance(part, str) for part in item)
                else strip(item)
                if isinstance(item, str)
                else joined(item)
                for key, item in value.items()
            }
        return [joined(item) for item in value] if isinstance(value, list) else value

    try:
        return joined(json.loads(text.removeprefix("\ufeff")))
    except (ValueError, RecursionError):
        return None


def _strip(marks: Sequence[str]) -> Callable[[Any], Any]:
    strip = stripper(marks) if marks else str

    def stripped(value: Any) -> Any:
        if isinstance(value, str):
            return strip(value)
        if isinstance(value, dict):
            return {key: stripped(item) for key, item in value.items()}
        return [stripped(item) for item in value] if isinstance(value, list) else value

    return stripped


_READINGS: dict[str, Callable[[str, Sequence[str]], object]] = {
    "markdown": _markdown,
    "notebook": _notebook,
    "python": _python,
    "toml": _toml,
    "yaml": _yaml,
}
