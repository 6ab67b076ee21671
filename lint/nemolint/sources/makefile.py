"""Makefiles: recipe lines, each run by a separate shell, with make's own expansions resolved."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import pairwise, takewhile

from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder
from nemolint.sources import Reading, kind_of, nested_reader
from nemolint.sources.argv import join_lines
from nemolint.sources.command_text import names_command, starts_command
from nemolint.sources.line_scan import noted
from nemolint.sources.lines import body, normal_lines
from nemolint.sources.region_context import RegionContext
from nemolint.sources.text_reader import LineReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from nemolint.base.positions import TextMap
    from nemolint.document import Document

_RULE = lazily(r"[ ]*+[^\s#:=][^#:=]*+:{1,2}+(?!=)")
_CONDITION = lazily(r" *(?:if(?:n?def|n?eq)\b|(?P<end>endif\b))")
_ASSIGNMENT = lazily(
    r"[ ]*+(?P<words>(?:(?:export|override|private)[ \t]++)*)(?P<name>[\w.-]++)[ \t]*+(?P<op>[?+!]?=|:{1,3}=)[ \t]*+"
)
_DEFINE = lazily(r"[ ]*+define\b")
# An assignment for one target: `train: ARGS = -d`.
_OF_TARGET = lazily(
    r"[ ]*+[^\s#:=][^#:=\n]*+:{1,2}[ \t]*+(?:(?:export|override|private)[ \t]++)*(?P<name>[\w.-]++)[ \t]*+"
    r"(?P<op>[?+!]?=|:{1,3}=)[ \t]*+"
)
_ENDEF = lazily(r"[ ]*+endef\b")
_PREFIX_CHANGE = lazily(r"^(?:override[ \t]+)?\.RECIPEPREFIX[ \t]*[?:]*=[ \t]*(?:\$[({]\w*[)}])*([^\n])?", re.MULTILINE)
_ONE_SHELL = lazily(r"^\.ONESHELL[ \t]*:", re.MULTILINE)
_RECIPE_SIGNS = lazily(r"[\s@+-]*")
_SPECIAL = lazily(r"[$\n]")
_ROUND = lazily(r"[()]")
_CURLY = lazily(r"[{}]")
_NAME = lazily(r"[\w.-]+")
_SHELL_FUNCTION = lazily(r"shell\s+")
# Functions whose later arguments are text for the shell, and the commas between them.
_WRITING = lazily(r"(foreach|if)[ \t]+")
_COMMA = lazily(r"\$?\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|\$?\{[^{}]*\}|,")
_NOT_IN_NAMES = lazily(r"\W")
_POLICY_VARIABLE = lazily(r"NEMOTRON_[A-Z0-9_]+")
_VALUE_END = lazily(r"(?:\A|(?<=\s))#.*|\\\n")
_REFERENCE = lazily(r"\$\$|\$\([^()$]*\)|\$\{[^{}$]*\}|\$.")
# A variable that make exports, as a recipe's shell expands it without quotes.
_EXPORTED_USE = lazily(r"(?<!\")\$\$(?:\{(?=\w+\})|(?=\w))(?P<name>[A-Za-z_]\w*)\}?")
_PLAIN = lazily(r"[\w./:=,@%+-]+(?: [\w./:=,@%+-]+)*")
_MAX_VALUE = 300
_MAX_DEPTH = 3
# So many values of one variable are told apart.
_MAX_VALUES = 8
_UNKNOWN = "${_}"


def read(document: Document) -> Reading:
    """Read a Makefile."""
    return read_text(body(document), RegionContext(document, "script", "make"))


def read_text(map: TextMap, place: RegionContext) -> Reading:
    """Read a Makefile inside another container (see `nemolint.sources.ReadText`)."""
    return _MakefileReader(normal_lines(map), place).read()


class _MakefileReader(LineReader):
    def prepare(self) -> None:
        # Where the sign that begins a recipe's line changes, and to what.
        changes = [(match.start(), match[1] or "\t") for match in _PREFIX_CHANGE.finditer(self._text)]
        self._changes = [start for start, _ in changes]
        self._signs = ["\t", *(sign for _, sign in changes)]
        self._one_shell = _ONE_SHELL.search(self._text) is not None
        self._recipe: list[TextMap] = []
        self._values: dict[str, str] = {}
        self._plain: dict[str, bool] = {}
        self._commands: dict[str, str] = {}
        self._exported: set[str] = set()
        self._read_variables()
        self._budget = len(self._text) + 65_536

    def read(self) -> Reading:
        index, in_rule = 0, False
        while index < len(self._lines):
            start, first_end = self._lines[index]
            stop = self._logical_end(index)
            end = self._lines[stop - 1][1]
            line = self._text[start:first_end]
            if in_rule and line.startswith(self._sign_at(start)):
                self._recipe_line(start + 1, end)
            elif line.lstrip(" ").startswith("#"):
                self._add_comment(start, first_end, line.lstrip(" #").rstrip())
            elif line.strip():
                self._end_recipe()
                if _DEFINE.match(line):
                    stop = self._define(index + 1)
                elif assignment := _ASSIGNMENT.match(self._text, start, end):
                    self._assignment(assignment, end)
                elif _RULE.match(line):
                    in_rule = True
                    semicolon = self._text.find(";", start, end)
                    if semicolon >= 0 and "#" not in self._text[start:semicolon]:
                        self._recipe_line(semicolon + 1, end)
            index = stop
        self._end_recipe()
        return self.reading()

    def _sign_at(self, offset: int) -> str:
        """The recipe prefix at a line."""
        return self._signs[bisect_right(self._changes, offset)]

    def _logical_end(self, index: int) -> int:
        """The line after the last continuation by backslash."""
        while index < len(self._lines):
            start, end = self._lines[index]
            index += 1
            line = self._text[start:end]
            if (len(line) - len(line.rstrip("\\"))) % 2 == 0:
                break
        return index

    # Recipes

    def _recipe_line(self, start: int, end: int) -> None:
        signs = _RECIPE_SIGNS.match(self._text, start, end)
        start = signs.end() if signs else start
        if start >= end:
            return
        builder = MapBuilder()
        self._convert(builder, start, end, 0)
        self._recipe.append(builder.build(start))
        if not self._one_shell:
            self._end_recipe()

    def _end_recipe(self) -> None:
        if self._recipe:
            recipe = self._recipe[0] if len(self._recipe) == 1 else join_lines(self._recipe)
            if self._is_shell:
                self._region(recipe, "shell", "recipe", "make")
            elif "nemotron" in recipe.text:
                self._of_another(recipe)
        self._recipe = []

    def _of_another(self, recipe: TextMap) -> None:
        """Read a recipe for another program than a shell: Python, or one that is not read, which is said."""
        shell = self._values.get("SHELL", "")
        if kind_of("shell", f"#!{shell}") == "python" and (read := nested_reader("python")) is not None:
            self._take(read(self._map.compose(recipe), self._place.inside("recipe").encoded("make")))
        else:
            message = f"recipes for `{shell}` are not checked, so what this one starts is not known"
            self._notes += noted(self._map.compose(recipe), message)

    @property
    def _is_shell(self) -> bool:
        shell = self._values.get("SHELL", "")
        return not shell or "$" in shell or kind_of("shell", f"#!{shell}") == "shell"

    def _define(self, index: int) -> int:
        """Read the lines of a `define`, which may be a recipe; returns the line after its `endef`."""
        while index < len(self._lines) and not _ENDEF.match(self._text, *self._lines[index]):
            stop = self._logical_end(index)
            start, end = self._lines[index][0], self._lines[stop - 1][1]
            signs = _RECIPE_SIGNS.match(self._text, start, end)
            start = signs.end() if signs else start
            if starts_command(self._expanded(start, end)):
                self._recipe_line(start, end)
            index = stop
        self._end_recipe()
        return index + 1

    # Variables

    def _read_variables(self) -> None:
        """Collect the values of variables, and for those with the command what the shell gets."""
        found: dict[str, list[str | None]] = {}
        assigned: list[tuple[str, str, str, bool]] = []
        for_targets: list[tuple[str, str, str, bool]] = []
        conditions = index = 0
        while index < len(self._lines):
            stop = self._logical_end(index)
            start, end = self._lines[index][0], self._lines[stop - 1][1]
            match = _ASSIGNMENT.match(self._text, start, end)
            of_target = _OF_TARGET.match(self._text, start, end) if match is None else None
            if condition := _CONDITION.match(self._text, start, end):
                conditions += -1 if condition["end"] else 1
            elif (set_here := match or of_target) and not self._text.startswith(self._sign_at(start), start):
                name, operator = set_here["name"], set_here["op"]
                value = _VALUE_END.sub(" ", self._text[set_here.end() : end]).strip()
                of_one = of_target is not None
                if match is not None and "export" in match["words"]:
                    self._exported.add(name)
                (for_targets if of_one else assigned).append((name, operator, value, conditions <= 0 and not of_one))
            index = stop
        # What one target sets holds there whatever is set for all below it.
        for name, operator, value, certain in (*assigned, *for_targets):
            before = found.get(name, [None])
            after = _assigned(before, operator, value)
            if operator.startswith(":") and (
                itself := re.compile(rf"\$(?:\({re.escape(name)}\)|\{{{re.escape(name)}\}})")
            ).search(value):
                # What is expanded at once may go on from the value so far.
                after = [itself.sub((old or "").replace("\\", r"\\"), value)[: _MAX_VALUE + 1] for old in before]
            if not certain:
                after = [*before, *(value for value in after if value not in before)]
            found[name] = after[:_MAX_VALUES]
            self._plain[name] = self._plain.get(name, True) and certain and operator not in ("?=", "!=")
            self._values[name] = next((value for value in reversed(after) if value is not None), "")
        # A variable may be built from others, which may be defined below it.
        for _ in range(_MAX_DEPTH):
            for name, values in found.items():
                if name not in self._commands:
                    value = _merged([_REFERENCE.sub(self._substituted, value) for value in values if value])
                    if value and len(value) <= _MAX_VALUE:
                        self._commands[name] = value

    def _substituted(self, match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        name = match[0][1:].strip("(){} ")
        return self._commands.get(name) or _expansion(name)

    def _assignment(self, match: re.Match[str], end: int) -> None:
        if match["op"] == "!=":
            builder = MapBuilder()
            self._convert(builder, match.end(), end, 0)
            self._region(builder.build(match.end()), "shell", "shell", "make")
        elif "export" in match["words"] and _POLICY_VARIABLE.fullmatch(match["name"]):
            builder = MapBuilder()
            builder.synthetic("export ", match.start("name"))
            builder.verbatim(self._text, match.start("name"), match.end("name"))
            builder.escape("=", match.end("name"), match.end() - match.end("name"))
            self._convert(builder, match.end(), end, 0)
            self._region(builder.build(match.start()), "shell", "env", "none")
        else:
            at = self._text.find("$(shell ", match.end(), end)
            if at >= 0 and (close := self._closing(at + 1, end)) is not None:
                builder = MapBuilder()
                self._convert(builder, at + 8, close, 1)
                self._region(builder.build(at), "shell", "shell", "make")

    # Expansions

    def _expanded(self, start: int, end: int) -> str:
        builder = MapBuilder()
        self._convert(builder, start, end, 0)
        return builder.build(start).text

    def _convert(self, builder: MapBuilder, start: int, end: int, depth: int) -> None:
        """Add `text[start:end]` as the shell gets it. An expansion of make is an expansion for the shell too."""
        text = self._text
        while special := _SPECIAL.search(text, start, end):
            at = special.start()
            if special[0] == "\n":
                builder.verbatim(text, start, at + 1)
                start = at + 2 if text.startswith(self._sign_at(at), at + 1) else at + 1
                continue
            builder.verbatim(text, start, at)
            follower = text[at + 1 : min(at + 2, end)]
            if follower == "$":
                exported = _EXPORTED_USE.match(text, at, end)
                value = (
                    self._commands.get(exported["name"]) if exported and exported["name"] in self._exported else None
                )
                start = exported.end() if exported and value is not None else at + 2
                builder.escape("$" if value is None else value, at, start - at)
            elif follower and follower in "({":
                close = self._closing(at + 1, end)
                if close is None:
                    start = at
                    break
                self._expand(builder, at, close, depth)
                start = close + 1
            elif follower and not follower.isspace():
                builder.escape(_expansion(follower), at, 2)
                start = at + 2
            else:
                builder.verbatim(text, at, at + 1)
                start = at + 1
        builder.verbatim(text, start, end)

    def _closing(self, opening: int, end: int) -> int | None:
        """The offset of the bracket that closes the one at `opening`."""
        left = self._text[opening]
        depth = 0
        for match in (_ROUND if left == "(" else _CURLY).finditer(self._text, opening, end):
            depth += 1 if match[0] == left else -1
            if not depth:
                return match.start()
        return None

    def _function(self, builder: MapBuilder, at: int, close: int, depth: int) -> bool:
        """Add the commands that `$(foreach …)` or `$(if …)` writes, each once; False if they write none."""
        function = _WRITING.match(self._text, at + 2, close)
        if function is None:
            return False
        commas = [match.start() for match in _COMMA.finditer(self._text, function.end(), close) if match[0] == ","]
        first = 2 if function[1] == "foreach" else 1
        bounds = [*commas[:first], close] if function[1] == "foreach" else [*commas[:2], close]
        if len(bounds) <= first:
            return False
        parts = [(start + 1, end) for start, end in pairwise(bounds[first - 1 :])]
        if not any(names_command(self._expanded(*part)) for part in parts):
            return False
        for number, (start, end) in enumerate(parts):
            if number:
                builder.escape(" ; ", start - 1, 1)
            self._convert(builder, start, end, depth + 1)
        if not self._text.endswith(";", 0, close):
            builder.escape(" ;", close, 1)
        return True

    def _expand(self, builder: MapBuilder, at: int, close: int, depth: int) -> None:
        inner = self._text[at + 2 : close]
        function = _SHELL_FUNCTION.match(inner)
        if function and depth < _MAX_DEPTH:
            builder.escape("$(", at, 2 + function.end())
            self._convert(builder, at + 2 + function.end(), close, depth + 1)
            builder.escape(")", close, 1)
            return
        if depth < _MAX_DEPTH and self._function(builder, at, close, depth):
            return
        value = self._commands.get(inner.strip())
        if value is None and self._plain.get(inner.strip()):
            # What is set once to plain words.
            value = self._values[inner.strip()]
            value = value if len(value) <= _MAX_VALUE and _PLAIN.fullmatch(value) else None
        if value is None or self._budget < len(value):
            value = _expansion(inner)
        else:
            self._budget -= len(value)
        builder.escape(value, at, close + 1 - at)


def _assigned(before: Sequence[str | None], operator: str, value: str) -> list[str | None]:
    """The values that a variable may have after an assignment; None: it has none."""
    if operator == "?=":
        return [value if old is None else old for old in before]
    if operator == "+=":
        return [value if not old else old if len(old) > _MAX_VALUE else f"{old} {value}" for old in before]
    return [_UNKNOWN if operator == "!=" else value]


def _merged(values: Sequence[str]) -> str:
    """The command that a variable with these values holds: as far as they agree, then anything; empty if none does."""
    commands = [value for value in values if len(value) <= _MAX_VALUE and "nemotron" in value]
    if not commands:
        return ""
    before, name, _ = commands[0].partition("nemotron")
    rests = [value.partition("nemotron")[2].split() for value in commands]
    if all(words == rests[0] for words in rests):
        return commands[0]
    same = takewhile(lambda words: all(word == words[0] for word in words), zip(*rests, strict=False))
    return " ".join((before + name, *(words[0] for words in same), _UNKNOWN))


def _expansion(name: str) -> str:
    """The variable in shell syntax; anything but a plain name is an expansion of unknown value."""
    if not _NAME.fullmatch(name) or name[0].isdigit():
        return _UNKNOWN
    return "${" + _NOT_IN_NAMES.sub("_", name) + "}"
