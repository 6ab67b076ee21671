"""Dockerfiles: RUN, CMD, ENTRYPOINT and HEALTHCHECK in their shell and exec forms, and here-documents."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cached_property

from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder
from nemolint.sources import Reading, kind_of
from nemolint.sources.argv import join_words
from nemolint.sources.exported import MOST_VARIABLES, Exported, with_exports
from nemolint.sources.json_text import JsonArray, JsonString, JsonSyntaxError, parse
from nemolint.sources.lines import body, normal_lines
from nemolint.sources.region_context import RegionContext
from nemolint.sources.text_reader import LineReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.base.positions import TextMap
    from nemolint.document import Document

_ESCAPE_DIRECTIVE = lazily(r"(?:[ \t]*#.*\n)*?[ \t]*#[ \t]*escape[ \t]*=[ \t]*([\\`])", re.IGNORECASE)
_INSTRUCTION = lazily(r"\s*([A-Za-z]+)(?:\s+|\Z)")
_FLAGS = lazily(r"(?:--[a-z-]++(?:=\S*+)?(?:\s|\\\n)++)++")
# Files besides scripts of a shell from which something is run.
_RUN_FROM = frozenset({"crontab", "ini", "make", "python", "toml", "yaml"})
_HEREDOC = lazily(r"""(?<!\S)\d{0,3}<<(-?)[ \t]*(["']?)([A-Za-z_]\w*)\2(?![\w"'])""")
_DELIMITER_LINE = lazily(r"\t*([A-Za-z_]\w*)")
_POLICY_PAIR = lazily(r"NEMOTRON_[A-Z0-9_]+(?:=|\s+(?=\S+\s*\Z))")
_PAIR = lazily(r"""(?<!\S)(?P<name>[A-Za-z_]\w*)(?:=(?P<value>(?:"[^"]*"|'[^']*'|[^\s"'])*+))?(?!\S)""")
_OLD_PAIR = lazily(r"(?P<name>[A-Za-z_]\w*)[ \t]+(?P<value>[^=\s]\S*)\s*")
_QUOTE = lazily(r"[\"']")
_COMMANDS = frozenset({"RUN", "CMD", "ENTRYPOINT"})


def read(document: Document) -> Reading:
    """Read a Dockerfile."""
    return read_text(body(document), RegionContext(document, "script", "dockerfile"))


def read_text(map: TextMap, place: RegionContext) -> Reading:
    """Read a Dockerfile inside another container (see `nemolint.sources.ReadText`)."""
    return _DockerfileReader(normal_lines(map), place).read()


class _DockerfileReader(LineReader):
    def prepare(self) -> None:
        escape = _ESCAPE_DIRECTIVE.match(self._text)
        self._escape = escape[1] if escape else "\\"
        self._is_shell = True
        self._entrypoint: list[TextMap] = []
        self._exported: list[Exported] = []
        # The names that ENV sets: an ARG of such a name has no effect.
        self._set: set[str] = set()
        # Where regions with variables begin themselves.
        self._starts: dict[int, int] = {}

    def read(self) -> Reading:
        index = 0
        while index < len(self._lines):
            start, end = self._lines[index]
            if self._is_comment(start, end):
                self._comment(start, end)
                index += 1
                continue
            instruction, index = self._logical(index)
            match = _INSTRUCTION.match(instruction.text)
            if match:
                index = self._instruction(match[1].upper(), instruction, match.end(), index)
        self._end_stage()
        self._regions.sort(key=lambda region: self._starts.get(id(region), region.map.outer_start(0)))
        return self.reading()

    # Lines

    def _is_comment(self, start: int, end: int) -> bool:
        return self._text[start:end].lstrip(" \t").startswith("#")

    def _comment(self, start: int, end: int) -> None:
        start = self._text.index("#", start)
        self._add_comment(start, end, self._text[start:end].strip("# \t"))

    def _logical(self, index: int) -> tuple[TextMap, int]:
        """The instruction that begins on a line, without comments and blank lines, and the line after it."""
        text = self._text
        builder = MapBuilder()
        first, continued = self._lines[index][0], False
        while index < len(self._lines):
            start, end = self._lines[index]
            index += 1
            line = text[start:end]
            if continued and (not line.strip() or self._is_comment(start, end)):
                if line.strip():
                    self._comment(start, end)
                continue
            bare = line.rstrip(" \t")
            continued = bare.endswith(self._escape) and end < len(text)
            if not continued:
                builder.verbatim(text, start, end)
                break
            stop = start + len(bare) - 1
            builder.verbatim(text, start, stop)
            if text[stop : end + 1] == "\\\n":
                builder.verbatim(text, stop, end + 1)
            else:
                builder.escape("\\\n", stop, end + 1 - stop)
        return builder.build(first), index

    # Instructions

    def _instruction(self, name: str, map: TextMap, start: int, index: int, depth: int = 0) -> int:
        """Read one instruction; returns the line after it and its here-documents."""
        if name in ("ONBUILD", "HEALTHCHECK") and depth < 2:
            if flags := _FLAGS.match(map.text, start):
                start = flags.end()
            if inner := _INSTRUCTION.match(map.text[start:]):
                return self._instruction(
                    inner[1].upper(), map.slice(start, len(map.text)), inner.end(), index, depth + 1
                )
        elif name in _COMMANDS or name in ("COPY", "ADD"):
            if flags := _FLAGS.match(map.text, start):
                start = flags.end()
            rest = map.slice(start, len(map.text))
            documents, index = self._here_documents(rest.text, index)
            if name not in _COMMANDS:
                self._copied(rest.text, documents)
            elif documents:
                self._with_documents(rest, documents)
            else:
                self._command(name, rest)
        elif name in ("ENV", "ARG"):
            self._environment(map.slice(start, len(map.text)), is_argument=name == "ARG")
        elif name == "FROM":
            self._end_stage()
            self._is_shell = True
            self._exported, self._set = [], set()
        elif name == "SHELL":
            words = _argv(map.slice(start, len(map.text)))
            self._is_shell = not words or kind_of("shell", f"#!{words[0].text}") == "shell"
        return index

    def _command(self, name: str, rest: TextMap) -> None:
        words = _argv(rest)
        if words is None:
            if self._is_shell:
                self._run(rest, name.lower())
        elif name == "ENTRYPOINT":
            self._end_stage()
            self._entrypoint = words
        elif name == "CMD" and self._entrypoint:
            self._region(join_words(self._entrypoint + words), "shell", "entrypoint", "argv", "json")
            self._entrypoint = []
        else:
            self._region(join_words(words), "shell", name.lower(), "argv", "json")

    def _end_stage(self) -> None:
        """Read an entry point whose arguments are given when the container is started."""
        if self._entrypoint:
            builder = MapBuilder()
            builder.extend(join_words(self._entrypoint))
            last = self._entrypoint[-1]
            builder.synthetic(' "$@"', last.outer_end(len(last.text)))
            self._region(builder.build(), "shell", "entrypoint", "argv", "json")
            self._entrypoint = []

    def _environment(self, rest: TextMap, *, is_argument: bool) -> None:
        """Read a variable that changes what a run does as an export."""
        self._variables(rest, is_argument=is_argument)
        match = _POLICY_PAIR.match(rest.text)
        if match is None:
            return
        builder = MapBuilder()
        builder.synthetic("export ", rest.outer_start(0))
        if match[0].endswith("="):
            builder.extend(rest)
        else:
            name = match[0].rstrip()
            builder.extend(rest.slice(0, len(name)))
            start, end = rest.to_outer(len(name), match.end())
            builder.escape("=", start, end - start)
            builder.extend(rest.slice(match.end(), len(rest.text)))
        self._region(builder.build(), "shell", "env", "none")

    def _variables(self, rest: TextMap, *, is_argument: bool) -> None:
        """Remember the variables that the instructions below get. What is given to the build may be another value."""
        old = _OLD_PAIR.fullmatch(rest.text)
        for pair in [old] if old else _PAIR.finditer(rest.text):
            value = pair["value"]
            if value is not None:
                value = None if "\\" in value or "`" in value else _QUOTE.sub("", value)
            if is_argument:
                value = None
                if pair["name"] in self._set:
                    continue
            else:
                self._set.add(pair["name"])
            start = pair.start("value") if pair["value"] is not None else pair.start("name")
            place = self._map.to_outer(*rest.to_outer(*pair.span("name")))
            at = self._map.to_outer(*rest.to_outer(start, max(pair.end(), start)))
            self._exported = [item for item in self._exported if item.name != pair["name"]][-MOST_VARIABLES:]
            self._exported.append(Exported(pair["name"], value, place, at))

    def _run(self, map: TextMap, name: str) -> None:
        """Add a script that a shell runs, with the variables of its stage."""
        whole = self._map.compose(map)
        region = self._place.encoded("line").region(
            with_exports(whole, self._exported) if "nemotron" in self._text else whole, "shell", name
        )
        self._starts[id(region)] = whole.outer_start(0)
        self._regions.append(region)

    # Here-documents

    def _here_documents(self, text: str, index: int) -> tuple[list[tuple[int, int]], int]:
        """The bodies of the here-documents that an instruction names, as offsets, and the line after the last."""
        found: list[tuple[int, int]] = []
        for match in _HEREDOC.finditer(text):
            ends = self._delimiters.get(match[3], [])
            at = bisect_left(ends, index)
            while at < len(ends) and not match[1] and self._text.startswith("\t", self._lines[ends[at]][0]):
                at += 1
            if at == len(ends):
                break
            found.append((self._lines[index][0], self._lines[ends[at]][0]))
            index = ends[at] + 1
        return found, index

    @cached_property
    def _delimiters(self) -> dict[str, list[int]]:
        """The numbers of the lines on which each word is alone, perhaps after tabs."""
        found: dict[str, list[int]] = {}
        for number, (start, end) in enumerate(self._lines):
            if match := _DELIMITER_LINE.fullmatch(self._text, start, end):
                found.setdefault(match[1], []).append(number)
        return found

    def _with_documents(self, rest: TextMap, documents: list[tuple[int, int]]) -> None:
        if not _HEREDOC.sub("", rest.text).strip():
            # Without a command the documents are the scripts.
            for start, end in documents:
                self._script(start, end, self._is_shell)
            return
        if self._is_shell:
            last = documents[-1][1]
            stop = self._text.find("\n", last)
            builder = MapBuilder()
            builder.extend(rest)
            first = documents[0][0]
            builder.verbatim(self._text, first - 1, stop if stop >= 0 else len(self._text))
            self._run(builder.build(), "run")

    def _copied(self, text: str, documents: list[tuple[int, int]]) -> None:
        """Read the files that COPY and ADD write from here-documents."""
        words = text.split()
        for start, end in documents:
            self._document(start, end, kind_of(words[-1].strip("\"'"), self._text[start : start + 256]))

    def _script(self, start: int, end: int, is_shell: bool) -> None:
        head = self._text[start : min(end, start + 256)]
        self._document(start, end, kind_of("script", head) if head.startswith("#!") else "shell" if is_shell else None)

    def _document(self, start: int, end: int, kind: str | None) -> None:
        """Read the body of a here-document as a file of a kind."""
        builder = MapBuilder()
        builder.verbatim(self._text, start, end)
        if kind == "shell":
            self._run(builder.build(start), "heredoc")
        elif kind in _RUN_FROM:
            self._other_source(builder.build(start), kind, "heredoc", "line")


def _argv(map: TextMap) -> list[TextMap] | None:
    """The words of an exec form, or None if the text is not one (then it is a shell form)."""
    if not map.text.startswith("["):
        return None
    try:
        values = parse(map.text.replace("\\\n", "  "))
    except JsonSyntaxError:
        return None
    if len(values) != 1 or not isinstance(values[0], JsonArray):
        return None
    words = [map.compose(item.map()) for item in values[0].items if isinstance(item, JsonString)]
    return words if len(words) == len(values[0].items) else None
