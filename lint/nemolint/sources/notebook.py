"""Jupyter notebooks: code cells (Python, `!` lines, `%%bash`), Markdown cells, raw cells. Outputs are not read."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache, cached_property, partial

from nemolint.base.patterns import lazily
from nemolint.base.positions import LineIndex, MapBuilder, TextMap
from nemolint.document import Note
from nemolint.sources import Reading, kind_of, nested_reader
from nemolint.sources.argv import add_word
from nemolint.sources.command_text import NAMES, is_command, names_command
from nemolint.sources.json_text import (
    Json,
    JsonArray,
    JsonObject,
    JsonString,
    JsonSyntaxError,
    decoded,
    parse,
    strings_by_line,
)
from nemolint.sources.line_scan import broken, scan_lines
from nemolint.sources.lines import body, line_spans, normal_lines
from nemolint.sources.region_context import RegionContext

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from nemolint.document import Document, Region

# Shell text is read even if it does not name the command: it may print a secret that a later cell uses.
_SHELL = lazily(
    r"^[ \t]*!|^[ \t]*(?:[A-Za-z_][\w., \t]*=[ \t]*)?%(?:sx|system)\b"
    r"|^\s*%%(?:bash|ksh|sh|shell|system|zsh|script|sx|!)|\A\s*%sh\b",
    re.MULTILINE,
)
# Lines that make Python text a cell of a notebook.
_MAGIC_LINE = lazily(
    r"^[ \t]*(?:(?:>>>|In \[\d*\]:)[ ])?(?:!|%{1,2}[A-Za-z!])|^[ \t]*[A-Za-z_][\w., \t]*=[ \t]*[!%]", re.MULTILINE
)
CELL_MAGIC = lazily(r"\s*%%(\w+|!)[ \t]*([^\n]*)(?:\n|\Z)|\s*%(sh)\b[ \t]*()\n?")
_SHELL_MAGICS = frozenset({"!", "bash", "ksh", "sh", "shell", "sx", "system", "zsh"})
_SHELL_PROGRAM = lazily(r"(?:\S*/)?(?:ba|da|k|z)?sh\b|(?:\S*/)?env\s+(?:ba|da|k|z)?sh\b")
# Magics that run the rest as a cell, and those whose rest is a program of its own.
_PYTHON_MAGICS = frozenset({"capture", "prun", "time", "timeit", "debug"})
_PYTHON_PROGRAMS = frozenset({"pypy", "pypy3", "python", "python2", "python3"})
_OTHER_PROGRAMS = frozenset(
    {"R", "cmd", "fish", "javascript", "js", "julia", "node", "perl", "powershell", "pwsh", "ruby", "script"}
)
_SHELL_LANGUAGE = lazily(r"(?:shell(?:script)?|(?:ba|z|k|da)?sh)\Z", re.IGNORECASE)
_PYTHON_LANGUAGE = lazily(r"(?:i?python\d?|sagemath|xonsh|pyolite)?\Z", re.IGNORECASE)
_BANG = lazily(
    r"[ \t]*(?:%(?:time|timeit)\b(?:[ \t]+-\S+)*[ \t]+)?(?:[A-Za-z_][\w., \t]*=[ \t]*)?(!!?|%(?:sx|system)\b)[ \t]*"
)
_IN_CODE = lazily(r"""\"{3}|'{3}|"(?:[^"\\]|\\.)*+"?|'(?:[^'\\]|\\.)*+'?|\#""")
_IN_STRING = {quote: lazily(rf"\\.|{quote}") for quote in ('"' * 3, "'" * 3)}
_ENV = lazily(r"[ \t]*%(?:set_)?env[ \t]+([A-Za-z_]\w*=)")
_NOT_PYTHON = lazily(r"[ \t]*(?:%|\?|[\w.]+\?{1,2}\s*$)")


def read(document: Document) -> Reading:
    """Read a notebook."""
    map = body(document)
    try:
        root, listed = _listed(document, map.text)
    except JsonSyntaxError as error:
        return _broken(document, map, str(error), error.offset)
    if root is None or listed is None:
        return _broken(document, map, "it has no list of cells", 0)
    readings = []
    kernel = _language(root, ("metadata", "language_info", "name"), ("metadata", "kernelspec", "language"))
    for index, cell in enumerate(listed.items, 1):
        if isinstance(cell, JsonObject):
            kind, strings = _text(cell.get("cell_type")), _strings(cell)
            language = _language(cell, *_CELL_LANGUAGES) or kernel
            if cell_may_hold_command(kind, decoded("".join([string.raw for string in strings])), language):
                place = RegionContext(document, "script", "nb", index, ("json",))
                readings.append(NotebookCell(kind, _source(map, strings), place, language).read())
    return Reading.join(readings)


def cells(document: Document, words: Sequence[str]) -> Iterator[tuple[str, str, Callable[[], TextMap]]]:
    """Kind and text of each cell and `output` that has one of the words in it, and what maps the text to the file.

    None for a file that is not a notebook.
    """
    map = body(document)
    try:
        _, listed = _listed(document, map.text)
    except JsonSyntaxError:
        return
    for cell in listed.items if listed is not None else ():
        if isinstance(cell, JsonObject):
            strings = _strings(cell)
            raw = "".join([string.raw for string in strings])
            lowered = raw.lower()
            if any(word in lowered for word in words):
                yield _text(cell.get("cell_type")), decoded(raw), cache(partial(_source, map, strings))
            for strings in _outputs(cell):
                raw = "".join([string.raw for string in strings])
                lowered = raw.lower()
                if any(word in lowered for word in words):
                    yield "output", decoded(raw), cache(partial(_source, map, strings))


def cell_at(document: Document, offset: int) -> tuple[int, int] | None:
    """The cell that holds a character of a notebook, and the line in it, both counted from 1; None outside of cells."""
    places: list[_CellPlace] | None = document.memo.get(cell_at)
    if places is None:
        places = document.memo[cell_at] = _cell_places(document)
    at = bisect_right(places, offset, key=lambda place: place.start) - 1
    if at < 0 or offset > places[at].end:
        return None
    return places[at].number, places[at].line(offset)


def source_at(document: Document, offset: int) -> tuple[str, TextMap] | None:
    """Kind and text of the cell that holds a character of a notebook; None outside of cells."""
    found = cell_at(document, offset)
    if found is None:
        return None
    places: list[_CellPlace] = document.memo[cell_at]
    place = next(place for place in places if place.number == found[0])
    return place.kind, place.map


class _CellPlace:
    """Where the text of a cell is in the file, from its first to its last quote."""

    def __init__(self, number: int, kind: str, outer: TextMap, strings: list[JsonString]) -> None:
        self.number = number
        self.kind = kind
        self.start = outer.outer_start(strings[0].start)
        self.end = outer.outer_end(strings[-1].end)
        self._parts = outer, strings

    def line(self, offset: int) -> int:
        return self._lines.position(self.map.inner_start(offset)).line

    @cached_property
    def map(self) -> TextMap:
        return _source(*self._parts)

    @cached_property
    def _lines(self) -> LineIndex:
        return LineIndex(self.map.text)


def _cell_places(document: Document) -> list[_CellPlace]:
    map = body(document)
    try:
        _, listed = _listed(document, map.text)
    except JsonSyntaxError:
        return []
    numbered = enumerate(listed.items, 1) if listed is not None else ()
    found = [(number, cell, _strings(cell)) for number, cell in numbered if isinstance(cell, JsonObject)]
    return [
        _CellPlace(number, _text(cell.get("cell_type")), map, strings) for number, cell, strings in found if strings
    ]


def _listed(document: Document, text: str) -> tuple[JsonObject | None, JsonArray | None]:
    """A notebook and its list of cells, None where it has none. Raises JsonSyntaxError."""
    kept: tuple[JsonObject | None, JsonArray | None] | None = document.memo.get(_listed)
    if kept is not None:
        return kept
    roots = parse(text)
    root = roots[0] if roots and isinstance(roots[0], JsonObject) else None
    found = root.get("cells") if root is not None else None
    if found is None and root is not None:
        found = _cells_of_format_3(root)
    listed = root, found if isinstance(found, JsonArray) else None
    document.memo[_listed] = listed
    return listed


def read_text(map: TextMap, place: RegionContext) -> Reading:
    """Read one code cell inside another container (see `nemolint.sources.ReadText`)."""
    from nemolint.sources.python_text import typed

    cell = typed(normal_lines(map))
    return NotebookCell("code", cell, place).read() if cell_may_hold_command("code", cell.text) else Reading()


def is_cell(text: str) -> bool:
    """Whether Python text holds lines that only a notebook runs."""
    return ("!" in text or "%" in text) and _MAGIC_LINE.search(text) is not None


# Where a cell of a notebook of several languages says which is its own: VS Code, Polyglot Notebooks, SoS.
_CELL_LANGUAGES = (
    ("metadata", "vscode", "languageId"),
    ("metadata", "polyglot_notebook", "kernelName"),
    ("metadata", "dotnet_interactive", "language"),
    ("metadata", "kernel"),
)


def _language(node: Json, *paths: tuple[str, ...]) -> str:
    """The first name at one of the paths of a notebook or cell."""
    for path in paths:
        found: Json | None = node
        for name in path:
            found = found.get(name) if isinstance(found, JsonObject) else None
        if isinstance(found, JsonString) and found.value:
            return found.value
    return ""


def _strings(cell: JsonObject) -> list[JsonString]:
    """The strings that make up a cell's text."""
    source = cell.get("source") or cell.get("input")
    strings = source.items if isinstance(source, JsonArray) else [source]
    return [string for string in strings if isinstance(string, JsonString)]


_SHOWN_AS = ("text/plain", "text/html", "text/markdown")


def _outputs(cell: JsonObject) -> Iterator[list[JsonString]]:
    """The strings that make up each text that a cell showed when it ran."""
    outputs = cell.get("outputs")
    for output in outputs.items if isinstance(outputs, JsonArray) else ():
        if isinstance(output, JsonObject):
            data = output.get("data")
            shown = [data.get(kind) for kind in _SHOWN_AS] if isinstance(data, JsonObject) else []
            for text in (output.get("text"), output.get("traceback"), *shown):
                items = text.items if isinstance(text, JsonArray) else [text]
                if strings := [item for item in items if isinstance(item, JsonString)]:
                    yield strings


def _source(outer: TextMap, strings: list[JsonString]) -> TextMap:
    """The text of a cell."""
    builder = MapBuilder()
    for string in strings:
        string.add_to(builder)
    return outer.compose(builder.build(strings[0].start + 1 if strings else 0))


def cell_may_hold_command(kind: str, text: str, language: str = "") -> bool:
    """False for the text of a cell without commands, like most."""
    if "nemotron" in text or "nemolint" in text:
        return True
    return kind == "code" and (_SHELL.search(text) is not None or _SHELL_LANGUAGE.match(language) is not None)


def _cells_of_format_3(root: JsonObject) -> JsonArray | None:
    sheets = root.get("worksheets")
    if not isinstance(sheets, JsonArray):
        return None
    found = JsonArray()
    for sheet in sheets.items:
        cells = sheet.get("cells") if isinstance(sheet, JsonObject) else None
        if isinstance(cells, JsonArray):
            found.items += cells.items
    return found


def _broken(document: Document, map: TextMap, problem: str, offset: int) -> Reading:
    """Read the strings of an invalid notebook one by one."""
    place = RegionContext(document, "script", "nb", None, ("json",))
    regions: list[Region] = []
    for string in strings_by_line(map.text):
        if "nemotron" not in string.raw or not names_command(string.value):
            continue
        mapped = map.compose(string.map())
        bang = _BANG.match(mapped.text)
        if bang or is_command(mapped.text):
            regions.append(place.region(mapped.slice(bang.end() if bang else 0, len(mapped.text)), "shell"))
        else:
            regions.append(place.for_people().region(mapped, "mention"))
    return Reading(tuple(regions), (broken(document, map, "notebook", problem, offset),))


class NotebookCell:
    """One cell; `language` is that of its kernel, or empty for Python."""

    def __init__(self, kind: str, map: TextMap, place: RegionContext, language: str = "") -> None:
        self._kind = kind
        self._map = map
        self._place = place
        self._language = language

    def read(self) -> Reading:
        if self._kind == "code":
            return self._code()
        if self._kind in ("markdown", "heading"):
            return self._nested("markdown", self._map, "md")
        return self._mention("raw")

    def _mention(self, container: str, *, runs: bool = False) -> Reading:
        """The text as one that is not read; with `runs` it is a program."""
        if not names_command(self._map.text):
            return Reading()
        place = self._place if runs else self._place.for_people()
        return Reading((place.region(self._map, "mention", container),))

    def _nested(self, kind: str, map: TextMap, name: str) -> Reading:
        reader = nested_reader(kind)
        if reader is None:
            return self._mention(name)
        place = self._place if kind != "markdown" else self._place.for_people()
        return reader(map, place.inside(name))

    def read_python(self) -> Reading:
        """Read the cell as Python, whatever it begins with."""
        return self._python(0)

    def _code(self) -> Reading:
        text, start = self._map.text, 0
        while (magic := CELL_MAGIC.match(text, start)) and magic[1] in _PYTHON_MAGICS:
            start = magic.end()
        if magic is None:
            return self._of_kernel(start)
        name, argument = magic[1] or magic[3], (magic[2] or "").strip()
        rest = self._map.slice(magic.end(), len(text))
        program = re.sub(r"^(?:--?\S+\s+)*", "", argument)
        if name in _SHELL_MAGICS or (name == "script" and _SHELL_PROGRAM.match(program)):
            shell = "bash" if name == "script" else name
            return Reading((self._place.region(rest, "shell", shell),))
        if name in _PYTHON_PROGRAMS:
            return self._nested("python", rest, "python")
        if name in ("markdown", "md"):
            return self._nested("markdown", rest, "md")
        if name in ("writefile", "file"):
            return self._file(argument.split()[-1].strip("\"'") if argument else "", rest)
        return self._mention(name, runs=name in _OTHER_PROGRAMS)

    def _of_kernel(self, start: int) -> Reading:
        """Read what the kernel itself runs."""
        if _PYTHON_LANGUAGE.match(self._language):
            return self._python(start)
        rest = self._map.slice(start, len(self._map.text))
        if _SHELL_LANGUAGE.match(self._language):
            return Reading((self._place.region(rest, "shell", "kernel"),))
        if self._language.lower() == "markdown":
            return self._nested("markdown", rest, "md")
        return scan_lines(rest, place=self._place.encoded("none"), comment_place=None)

    def _file(self, path: str, rest: TextMap) -> Reading:
        """Read a cell that writes a file as that file."""
        kind = kind_of(path, rest.text[:256])
        if kind == "shell":
            return Reading((self._place.region(rest, "shell", "writefile"),))
        if kind in ("json", "markdown", "python", "toml", "yaml"):
            return self._nested(kind, rest, f"writefile:{kind}")
        return self._mention("writefile")

    def _python(self, start: int) -> Reading:
        """Read Python; shell lines are read separately, and replaced by `0` in the Python text."""
        text = self._map.text
        regions: list[Region] = []
        notes: list[Note] = []
        python = MapBuilder()
        lines = [span for span in line_spans(text) if span[0] >= start]
        index = 0
        quote = ""
        while index < len(lines):
            begin, end = lines[index]
            index += 1
            bang = _BANG.match(text, begin, end) if not quote else None
            if quote or (bang is None and not _NOT_PYTHON.match(text, begin, end)):
                quote = _quote_after(text[begin:end], quote)
                python.verbatim(text, begin, min(end + 1, len(text)))
                continue
            while text[end - 1 : end] == "\\" and index < len(lines):
                end = lines[index][1]
                index += 1
            setting = _ENV.match(text, begin, end) if bang is None else None
            if bang is not None:
                place = self._place._replace(templated="{" in text[begin:end])
                line = self._map.compose(_expanded(text, bang.end(), end))
                regions.append(place.region(line, "shell", "bang"))
            elif setting is not None:
                export = MapBuilder()
                export.synthetic("export ", setting.start(1))
                export.verbatim(text, setting.start(1), setting.end(1))
                add_word(export, TextMap.identity(text[setting.end(1) : end], setting.end(1)), expands=True)
                map = self._map.compose(export.build(setting.start(1)))
                place = self._place.encoded("argv")
                regions.append(place.region(map, "shell", "env"))
            named = NAMES.search(text, begin, end) if bang is None else None
            if named is not None and (setting is None or is_command(text[setting.end() : end].strip("\"'"))):
                message = "what a magic such as `%alias` does with this command is not followed, so it is not checked"
                at = self._map.to_outer(named.start(), named.start() + len("nemotron"))
                notes.append(Note("broken-shell", message, *at, info=True))
            stands = begin + len(text[begin:end]) - len(text[begin:end].lstrip())
            python.verbatim(text, begin, stands)
            python.escape("0" + "\n" * text.count("\n", stands, end), stands, end - stands)
            python.verbatim(text, end, min(end + 1, len(text)))
        rest = self._nested("python", self._map.compose(python.build(start)), "python")
        return Reading.join((Reading(tuple(regions), tuple(notes)), rest))


# What IPython expands; `{a,b}`, `{1..3}` and `${x}` are expanded by the shell.
_FILLED = lazily(r"(?<![{$])\{([A-Za-z_][\w.]*(?:\[[^\]{},\n]*\])?(?:\(\))?)\}(?!\})")


def _expanded(text: str, start: int, end: int) -> TextMap:
    """A shell line, in which an expansion of IPython becomes one of the shell: `{step}` as `${step}`."""
    line = MapBuilder()
    for match in _FILLED.finditer(text, start, end):
        line.verbatim(text, start, match.start())
        name = re.sub(r"\W", "_", match[1])
        line.escape(f"${{{name}}}", match.start(), match.end() - match.start())
        start = match.end()
    line.verbatim(text, start, end)
    return line.build(start)


def _quote_after(line: str, quote: str) -> str:
    """The triple quote that is open after a line of Python, if `quote` was before it."""
    at = 0
    while match := (_IN_STRING[quote] if quote else _IN_CODE).search(line, at):
        at = match.end()
        found = match.group()
        if found == "#":
            break
        if found in _IN_STRING:
            quote = "" if quote else found
    return quote


def _text(node: Json | None) -> str:
    return node.value if isinstance(node, JsonString) else ""
