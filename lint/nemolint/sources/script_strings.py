"""Groovy, Nextflow, Nix, Snakemake, HCL and R: strings for a shell, and others that name the command."""

from __future__ import annotations

import re

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder, TextMap
from nemolint.sources import Comment, Reading
from nemolint.sources.argv import MAX_WORDS, add_word, is_argv, starts_shell
from nemolint.sources.command_text import is_script, names_command
from nemolint.sources.lines import body, normal_lines
from nemolint.sources.region_context import RegionContext
from nemolint.sources.templates import open_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.document import Document, Region

_TOKEN = lazily(
    r"""(?P<slashes>//[^\n]*|/\*(?s:.*?)(?:\*/|\Z))|(?P<hash>\#[^\n]*)"""
    r"""|(?P<quote>"{3}|\'{3})(?P<long>(?:[^\\]|\\(?s:.))*?)(?:(?P=quote)|\Z)"""
    r"""|(?P<mark>["'])(?P<short>(?:(?!(?P=mark))[^\\\n]|\\(?s:.))*+)(?P=mark)"""
)
# HCL has double quotes alone, and here-documents.
_HCL_TOKEN = lazily(
    r"""(?P<slashes>//[^\n]*|/\*(?s:.*?)(?:\*/|\Z))|(?P<hash>\#[^\n]*)"""
    r"""|<<-?(?P<quote>[A-Za-z_]\w*)\n(?P<long>(?:(?![ \t]*(?P=quote)[ \t]*$)[^\n]*\n)*+)(?:[ \t]*(?P=quote)\b)?"""
    r"""|(?P<mark>")(?P<short>(?:[^"\\\n$]|\\.|\$(?!\{)|\$\{(?:[^{}"\n]|"[^"\n]*")*+\}|\$)*+)(?P=mark)""",
    re.MULTILINE,
)
# In R a string may go over lines, and no string has three quotes.
_R_TOKEN = lazily(
    r"""(?P<slashes>(?!))|(?P<hash>\#[^\n]*)|[rR](?P<quote>")\((?P<long>(?s:.)*?)(?:\)"|\Z)"""
    r"""|(?P<mark>["'])(?P<short>(?:(?!(?P=mark))[^\\]|\\(?s:.))*+)(?P=mark)"""
)
# In Nix two single quotes begin and end a text, and a string may go over lines.
_NIX_TOKEN = lazily(
    r"""(?P<slashes>/\*(?s:.*?)(?:\*/|\Z))|(?P<hash>\#[^\n]*)"""
    r"""|(?P<quote>'{2})(?P<long>(?:[^']|'(?!')|''(?=[$']|\\(?s:.))(?:[$']|\\(?s:.)))*+)(?:(?P=quote)|\Z)"""
    r"""|(?P<mark>")(?P<short>(?:[^"\\]|\\(?s:.))*+)(?P=mark)"""
)
_ESCAPE = lazily(r"\\(\n|.)")
_NAMED = {"n": "\n", "t": "\t", "\n": ""}
# What each language puts into its strings.
_GSTRING = lazily(r"\\(?s:.)|\$\{[^{}\n]*\}|\$[A-Za-z_][\w.]*")
_NEXTFLOW = lazily(r"\\(?s:.)|!\{[^{}\n]*\}|\$\{[^{}\n]*\}|\$[A-Za-z_][\w.]*")
_SNAKEMAKE = lazily(r"\\(?s:.)|\{\{|\}\}|\{[A-Za-z_][^{}\n]*\}")
_PLAIN = lazily(r"\\(?s:.)")
_HCL_TEXT = lazily(r"""\$\$\{|%%\{|[$%]\{~?(?:[^{}"\n]|"[^"\n]*")*\}""")
_HCL_STRING = lazily(r"""\\.|\$\$\{|%%\{|[$%]\{~?(?:[^{}"\n]|"[^"\n]*")*\}""")
_NIX_STRING = lazily(r"\\(?s:.)|\$\{[^{}\n]*\}")
_NIX_TEXT = lazily(r"''[$']|''\\(?s:.)|\$\{[^{}\n]*\}")
_R_STRING = lazily(r"\\(?s:.)|%[-+\d.]*[sdifgex]")
_R_TEXT = lazily(r"%[-+\d.]*[sdifgex]")
_PASTED = lazily(r"\b(?:paste(?P<glue>0)?|cat)\((?:[^()]|\([^()]*\))*\Z")
_STARTED = lazily(
    r"(?:\bsh|\bbash|\b(?:script|shell)[ \t]*:)\s*\(?\s*(?:(?:label|return\w+)\s*:[^,\n]*,\s*)*(?:script\s*:)?\s*\Z"
)
_STARTED_BY_HCL = lazily(
    r"\b(?:command|inline|script|startup[_-]script|user[_-]data|custom[_-]data)\"?[ \t]*[=:]\s*"
    r"(?:base64encode\(\s*)?(?:\[(?:[^\]\[]*,)?\s*)?\Z"
)
_STARTED_BY_R = lazily(r"\b(?:system|shell|shell\.exec|pipe)\(\s*(?:command\s*=\s*)?\Z")
_STARTED_BY_NIX = lazily(
    r"\b(?:shellHook|script|text|(?:pre|post)(?:Start|Stop)|ExecStart|\w+Phase)\s*=\s*\Z"
    r"|\bwriteShell(?:Script|ScriptBin|Application)\s+(?:\"[^\"\n]*\"\s*)?\Z"
)
_SHOWN = lazily(r"\b(?:description|echo|error|input|label|message|name|print|println|title|unstable)\b[\s(:=]*\Z")
# What runs the commands of HCL, if not a shell.
_INTERPRETER = lazily(r"\binterpreter\s*=\s*\[\s*\"[^\"\n]*(?:cmd|node|perl|powershell|pwsh|python|ruby)")
_OPEN = "${_}"
_MOST_BEFORE = 160
# A program, and the list of its arguments next to it: `command = "x"` and `args = [`, `system2("x", c(`.
_THEN_LIST = lazily(r"\s*,?\s*(?:args\s*=\s*)?(?:\[|c\()")
_THEN_ARGUMENTS = lazily(r"\s*,?\s*args\s*=\s*(?P<list>\[)?")
_PROGRAM = lazily(r"\bsystem2\(\s*(?:command\s*=\s*)?\Z")
_THEN_TEXT = lazily(r"\s*,\s*(?:args\s*=\s*)?(?=[\"'])")
_OPENING = lazily(r"\[|\bc\(|\b(?P<joined>paste)\(")
_JOINED = lazily(r"\s*\.[ \t]*join\(\s*(?:\"[ ]\"|'[ ]')\s*\)")
_PART = lazily(r"(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<comma>,)|\s+|[^()\[\]{},\s\"'/#<]+|.")


class _Language(NamedTuple):
    """How a language writes strings, and what in one is not text; what stands before a string that a shell gets."""

    token: re.Pattern[str]
    single: re.Pattern[str]
    double: re.Pattern[str]
    long: re.Pattern[str] | None
    started: re.Pattern[str]
    hashes: bool
    juxtaposed: bool = False
    # What shows, near a string, that another program gets it.
    other: re.Pattern[str] | None = None
    # The calls that put strings together, if it is not `+` that does.
    adds: re.Pattern[str] | None = None


_LANGUAGES = {
    "groovy": _Language(_TOKEN, _PLAIN, _GSTRING, None, _STARTED, hashes=False),
    "hcl": _Language(_HCL_TOKEN, _HCL_STRING, _HCL_STRING, _HCL_TEXT, _STARTED_BY_HCL, hashes=True, other=_INTERPRETER),
    "nextflow": _Language(_TOKEN, _NEXTFLOW, _NEXTFLOW, None, _STARTED, hashes=False),
    "nix": _Language(_NIX_TOKEN, _NIX_STRING, _NIX_STRING, _NIX_TEXT, _STARTED_BY_NIX, hashes=True),
    "r": _Language(_R_TOKEN, _R_STRING, _R_STRING, _R_TEXT, _STARTED_BY_R, hashes=True, adds=_PASTED),
    "snakemake": _Language(_TOKEN, _SNAKEMAKE, _SNAKEMAKE, None, _STARTED, hashes=True, juxtaposed=True),
}
_OF_EXTENSION = {
    "hcl": "hcl",
    "nf": "nextflow",
    "nix": "nix",
    "nomad": "hcl",
    "r": "r",
    "smk": "snakemake",
    "snakefile": "snakemake",
    "tf": "hcl",
    "tfvars": "hcl",
}


def read(document: Document) -> Reading:
    """Read a Jenkinsfile, a script of Nextflow, a Snakefile, Terraform, Nomad, Nix, or a script in R."""
    name = document.path.rpartition("/")[2].lower()
    language = "snakemake" if name.startswith("snakefile") else _OF_EXTENSION.get(name.rpartition(".")[2], "groovy")
    return _read(body(document), RegionContext(document, "script", "strings"), language)


def read_groovy(map: TextMap, place: RegionContext) -> Reading:
    """Read Groovy inside another container (see `nemolint.sources.ReadText`)."""
    return _read(normal_lines(map), place, "groovy")


def read_hcl(map: TextMap, place: RegionContext) -> Reading:
    """Read HCL, as of Terraform, inside another container."""
    return _read(normal_lines(map), place, "hcl")


def read_nextflow(map: TextMap, place: RegionContext) -> Reading:
    """Read a script of Nextflow inside another container."""
    return _read(normal_lines(map), place, "nextflow")


def read_r(map: TextMap, place: RegionContext) -> Reading:
    """Read a script in R inside another container."""
    return _read(normal_lines(map), place, "r")


def read_snakemake(map: TextMap, place: RegionContext) -> Reading:
    """Read a Snakefile inside another container."""
    return _read(normal_lines(map), place, "snakemake")


def _read(map: TextMap, place: RegionContext, name: str) -> Reading:
    return _StringReader(map, place._replace(templated=True), name).read()


class _StringReader:
    def __init__(self, map: TextMap, place: RegionContext, name: str) -> None:
        self._map = map
        self._text = map.text
        self._place = place
        self._language = _LANGUAGES[name]
        self._regions: list[Region] = []
        self._comments: list[Comment] = []
        # Characters of lists that may still be read: a list is read for each string that may be one of its words.
        self._budget = 4 * len(map.text) + 65_536

    def read(self) -> Reading:
        text, language = self._text, self._language
        position = 0
        while match := language.token.search(text, position):
            position = match.end()
            if match["hash"] is not None and not language.hashes:
                position = match.start() + 1  # `#` begins no comment there
            elif match["quote"] is not None or match["mark"] is not None:
                position = self._string(match)
            elif "nemolint" in match[0] and not (match["slashes"] and language.juxtaposed):
                # In Snakemake, `//` is an operator of Python.
                self._comments.append(Comment(*self._map.to_outer(*match.span()), match[0].strip("#/* \t")))
        return Reading(tuple(self._regions), (), tuple(self._comments))

    def _string(self, match: re.Match[str]) -> int:
        """Read a string, or the list of which it is a word; returns the place behind it."""
        text, language, position = self._text, self._language, match.end()
        if "nemotron" in match[0] and (listed := self._with_text(match) or self._list_around(match)):
            command, position = listed
            self._regions.append(self._place.encoded("none").region(self._map.compose(command), "shell", "argv"))
            return position
        builder = MapBuilder()
        _decode(builder, text, match, language)
        # Strings that stand together are one.
        while language.juxtaposed and (more := language.token.match(text, _blank_end(text, position))):
            if more["quote"] is None and more["mark"] is None:
                break
            _decode(builder, text, more, language)
            position = more.end()
        found = builder.build(match.start())
        if "nemotron" not in found.text or not names_command(found.text):
            return position
        if (added := self._added(match.start(), position)) is not None:
            builder.escape(added, _blank_end(text, position), 1)
            found = builder.build(match.start())
        # Nothing is escaped in a here-document but what HCL puts in.
        place = self._place.encoded("hcl" if language.long is _HCL_TEXT and match["quote"] is not None else "none")
        if self._is_shell(match.start(), position, found.text):
            self._regions.append(place.region(self._map.compose(found), "shell", "string"))
        else:
            before = self._text[max(match.start() - _MOST_BEFORE, 0) : match.start()]
            shown = _SHOWN.search(before) is not None or not is_script(found.text)
            place = place.for_people() if shown else place
            self._regions.append(place.region(self._map.compose(found), "mention", "string"))
        return position

    def _added(self, start: int, end: int) -> str | None:
        """What the language adds to the string at `start:end`, which is open: `"…" + x`, `paste("…", x)`."""
        following = _blank_end(self._text, end)
        if self._language.adds is None:
            return _OPEN if self._text.startswith("+", following) else None
        if self._text.startswith(",", following):
            call = self._language.adds.search(self._text, max(start - _MOST_BEFORE, 0), start)
            if call is not None:
                return _OPEN if call["glue"] else f" {_OPEN}"
        return None

    def _is_shell(self, start: int, end: int, value: str) -> bool:
        """Whether a shell gets the string at `start:end`."""
        before = self._text[max(start - _MOST_BEFORE, 0) : start]
        if (other := self._language.other) is not None:
            around = before.rpartition("{")[2] + self._text[start : end + _MOST_BEFORE].partition("}")[0]
            if other.search(around) is not None:
                return False
        return self._language.started.search(before) is not None or (_SHOWN.search(before) is None and is_script(value))

    # Lists of words

    def _list_around(self, match: re.Match[str]) -> tuple[TextMap, int] | None:
        """The command whose words are strings of a list, of which `match` is one, and the place behind the list."""
        words: list[TextMap] = []
        start, opened = match.start(), None
        if (listed := _THEN_LIST.match(self._text, match.end())) is not None:
            words.append(self._word(match))
            start = listed.end()
        elif (opened := self._opening(start)) is not None:
            start = opened.end()
        else:
            return None
        items, end = self._items(start)
        if end < match.end():
            return None
        words += items
        if listed is None and (more := _THEN_ARGUMENTS.match(self._text, end)) is not None:
            items, behind = self._items(more.end()) if more["list"] is not None else ([], -1)
            words += items if behind >= 0 else [_open(more.end() - 1, more.end())]
            end = max(end, behind)
        values = [word.text for word in words]
        joined = (opened is not None and opened["joined"] is not None) or _JOINED.match(self._text, end) is not None
        if not (names_command(" ".join(values)) if joined else is_argv(values) or starts_shell(values)):
            return None
        builder = MapBuilder()
        for word in words:
            if len(builder):
                builder.synthetic(" ", word.outer_start(0))
            if joined or word.text == _OPEN:
                builder.extend(word)
            else:
                add_word(builder, word, expands=True)
        return builder.build(start), end

    def _with_text(self, match: re.Match[str]) -> tuple[TextMap, int] | None:
        """The command of a program and its arguments in one string: `system2("nemotron", "steps run …")`."""
        before = self._text[max(match.start() - _MOST_BEFORE, 0) : match.start()]
        then = _THEN_TEXT.match(self._text, match.end()) if _PROGRAM.search(before) else None
        text = self._language.token.match(self._text, then.end()) if then is not None else None
        if text is None or text["mark"] is None:
            return None
        builder = MapBuilder()
        _decode(builder, self._text, match, self._language)
        builder.synthetic(" ", text.start())
        _decode(builder, self._text, text, self._language)
        command = builder.build(match.start())
        return (command, text.end()) if is_script(command.text) else None

    def _opening(self, start: int) -> re.Match[str] | None:
        """The beginning of the nearest list before a string."""
        found = list(_OPENING.finditer(self._text, max(start - _MOST_BEFORE, 0), start))
        return found[-1] if found else None

    def _items(self, position: int) -> tuple[list[TextMap], int]:
        """The items of a list from `position` on, and the place behind it; what is more than a string is open."""
        words: list[TextMap] = []
        item: TextMap | None = None
        begin, depth = -1, 0
        while position < len(self._text) and len(words) < MAX_WORDS and self._budget > 0:
            token = self._language.token.match(self._text, position)
            part = _PART.match(self._text, position)
            if token is not None and (token["hash"] is None or self._language.hashes):
                end = token.end()
                if token["quote"] is not None or token["mark"] is not None:
                    item = self._word(token) if begin < 0 else None
                    begin = position if begin < 0 else begin
            elif part is None:
                break
            else:
                end = part.end()
                if not depth and part["open"] is None and (part["comma"] or part["close"]):
                    if begin >= 0:
                        words.append(item if item is not None else _open(begin, position))
                    item, begin = None, -1
                    if part["close"]:
                        return words, end
                elif not part[0].isspace():
                    depth += (part["open"] is not None) - (part["close"] is not None)
                    item, begin = None, position if begin < 0 else begin
            self._budget -= end - position
            position = end
        return [], -1

    def _word(self, match: re.Match[str]) -> TextMap:
        builder = MapBuilder()
        _decode(builder, self._text, match, self._language)
        return builder.build(match.start())


def _open(start: int, end: int) -> TextMap:
    """Words that are not written as strings: none or several."""
    builder = MapBuilder()
    builder.escape(_OPEN, start, end - start)
    return builder.build(start)


def _blank_end(text: str, position: int) -> int:
    while text[position : position + 1].isspace():
        position += 1
    return position


def _decode(builder: MapBuilder, text: str, match: re.Match[str], language: _Language) -> None:
    """Add a string's text as the shell gets it; what the language puts in is an expansion."""
    is_long = match["quote"] is not None
    start, end = match.span("long" if is_long else "short")
    pattern = language.double if (match["quote"] or match["mark"]).startswith('"') else language.single
    if is_long and language.long is not None:
        pattern = language.long
    for part in pattern.finditer(text, start, end):
        builder.verbatim(text, start, part.start())
        start = part.end()
        written = part[0]
        if escape := _ESCAPE.fullmatch(written):
            value = _NAMED.get(escape[1], escape[1])
        elif written[:2] == "''":  # of Nix
            value = _NAMED.get(written[3:], written[3:]) if written[2] == "\\" else written[2:].replace("'", "''")
        elif written in ("{{", "}}"):
            value = written[0]
        elif written in ("$${", "%%{"):
            value = written[1:]
        else:
            value = open_text(written)
        if value:
            builder.escape(value, part.start(), len(written))
    builder.verbatim(text, start, end)
