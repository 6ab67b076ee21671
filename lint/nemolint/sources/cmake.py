"""CMake: the commands of custom targets, tests and processes, and comments."""

from __future__ import annotations

import re

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder, TextMap
from nemolint.sources import Reading
from nemolint.sources.argv import add_word, is_argv, starts_shell
from nemolint.sources.comments import CommentBlock, read_comments
from nemolint.sources.lines import body, normal_lines
from nemolint.sources.region_context import RegionContext
from nemolint.sources.templates import open_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from nemolint.document import Document, Region

_TOKEN = lazily(
    r"""\s++
      | (?P<comment>\#(?:\[(?P<marks>=*+)\[(?s:.*?)(?:\](?P=marks)\]|\Z)|[^\n]*))
      | \[(?P<equals>=*+)\[\n?(?P<bracket>(?s:.*?))(?:\](?P=equals)\]|\Z)
      | "(?P<quoted>(?:[^"\\]|\\(?s:.))*+)(?:"|\Z)
      | (?P<open>\() | (?P<close>\))
      | (?P<word>(?:[^\s()#"\\]|\\(?s:.)|"(?:[^"\\\n]|\\.)*+")++)
      | .""",
    re.VERBOSE,
)
# What CMake puts in, and escapes; in a word, also what divides a list.
_PUT_IN = (
    r"\$(?:ENV|CACHE)?\{[^{}\n]*+(?:\$\{[^{}\n]*+\}[^{}\n]*+)*+\}"
    r"|\$<[^<>\n]*+(?:\$<[^<>\n]*+>[^<>\n]*+)*+>|@\w++@"
)
_IN_QUOTES = lazily(rf"{_PUT_IN}|\\(?s:.)")
_IN_WORD = lazily(rf"{_PUT_IN}|\\(?s:.)|;")
_NAMED = {"n": "\n", "t": "\t", "r": "\r", "\n": ""}
# The words of a call behind which a command begins, and those that end it.
_COMMAND = lazily(r"(?:\w+_)?COMMAND\Z")
_KEYWORD = lazily(
    r"(?:ALL|ALWAYS|APPEND|ARGS|BUILD_ALWAYS|BYPRODUCTS|COMMAND\w*|COMMENT|CONFIGURATIONS|DEPENDS\w*|DEPFILE|ECHO_\w+|ENCODING"
    r"|ERROR_\w+|IMPLICIT_DEPENDS|INPUT_FILE|JOB_\w+|LOG_\w+|MAIN_DEPENDENCY|NAME|OUTPUT\w*|POST_BUILD|PRE_\w+|RESULTS?_\w+"
    r"|SOURCES|STEP_TARGETS|TARGET|TIMEOUT|USES_TERMINAL\w*|VERBATIM|WORKING_DIRECTORY|\w+_(?:COMMAND|DIR))\Z"
)
# Signs of the shell that runs the command, which are no words.
_SIGNS = frozenset({"&&", "||", "|", ">", ">>", "<", "2>", "2>&1", "&>"})


class _Word(NamedTuple):
    """An argument of a call: what it is written as, its text, and whether it is in quotes or brackets."""

    written: str
    map: TextMap
    quoted: bool


def read(document: Document) -> Reading:
    """Read a file of CMake."""
    return read_text(body(document), RegionContext(document, "script", "cmake"))


def read_text(map: TextMap, place: RegionContext) -> Reading:
    """Read CMake inside another container (see `nemolint.sources.ReadText`)."""
    return _CMakeReader(normal_lines(map), place).read()


class _CMakeReader:
    def __init__(self, map: TextMap, place: RegionContext) -> None:
        self._map = map
        self._text = map.text
        self._place = place._replace(templated=True)
        self._regions: list[Region] = []
        self._comments: list[CommentBlock] = []

    def read(self) -> Reading:
        depth = 0
        words: list[_Word] = []
        for match in _TOKEN.finditer(self._text):
            kind = match.lastgroup
            if match["comment"] is not None:
                line = self._text.rfind("\n", 0, match.start()) + 1
                own = not self._text[line : match.start()].strip()
                self._comments.append(CommentBlock(match.start(), match.end(), own))
            elif kind == "open":
                depth += 1
            elif kind == "close":
                depth = max(depth - 1, 0)
                if not depth:
                    self._call(words)
                    words = []
            elif depth and (word := _word(match)) is not None:
                words.append(word)
        place = self._place.inside("comment")._replace(surface="comment")
        found = read_comments(self._map, self._comments, place)
        regions = sorted((*self._regions, *found.regions), key=lambda region: region.map.outer_start(0))
        return Reading(tuple(regions), (), found.suppress_comments)

    def _call(self, words: list[_Word]) -> None:
        """Read the commands among the arguments of a call."""
        for command in _commands(words):
            values = [word.map.text for word in command]
            if not is_argv(values) and not starts_shell(values):
                continue
            builder = MapBuilder()
            for word in command:
                if len(builder):
                    builder.synthetic(" ", word.map.outer_start(0))
                if not word.quoted and (word.written in _SIGNS or "{{" in word.map.text):
                    builder.extend(word.map)
                else:
                    add_word(builder, word.map, expands=True)
            self._regions.append(
                self._place.encoded("none").region(self._map.compose(builder.build()), "shell", "command")
            )


def _commands(words: list[_Word]) -> Iterator[list[_Word]]:
    """The commands in a call: the words behind each `COMMAND` up to the next keyword."""
    command: list[_Word] | None = None
    for word in words:
        if not word.quoted and _KEYWORD.match(word.written) is not None:
            if word.written == "ARGS" and command:  # of the same command
                continue
            if command:
                yield command
            command = [] if _COMMAND.match(word.written) is not None else None
        elif command is not None:
            command.append(word)
    if command:
        yield command


def _word(match: re.Match[str]) -> _Word | None:
    """An argument of a call as the command gets it; what CMake puts in is open."""
    name = next((name for name in ("bracket", "quoted", "word") if match[name] is not None), None)
    if name is None:
        return None
    text, start, end = match.string, *match.span(name)
    builder = MapBuilder()
    pattern = _IN_QUOTES if name == "quoted" else _IN_WORD
    for part in pattern.finditer(text, start, end) if name != "bracket" else ():
        builder.verbatim(text, start, part.start())
        start = part.end()
        written = part[0]
        if written == ";":
            value = " "
        elif written[0] == "\\":
            value = _NAMED.get(written[1], written[1])
        else:
            value = open_text(written)
        if value:
            builder.escape(value, part.start(), len(written))
    builder.verbatim(text, start, end)
    return _Word(match[name], builder.build(match.start(name)), name != "word")
