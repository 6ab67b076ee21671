"""JSON: scripts of package.json, tasks, hooks and devcontainers; every other string that names the command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder
from nemolint.sources import Reading
from nemolint.sources.argv import is_argv, join_words, starts_shell
from nemolint.sources.command_text import is_script, names_command
from nemolint.sources.json_text import Json, JsonArray, JsonObject, JsonString, JsonSyntaxError, parse, strings_by_line
from nemolint.sources.line_scan import broken
from nemolint.sources.lines import body, normal_lines
from nemolint.sources.region_context import RegionContext
from nemolint.sources.templates import EDITOR, filled

if TYPE_CHECKING:
    from nemolint.base.positions import TextMap
    from nemolint.document import Document, Region

_SCRIPT_PARENTS = frozenset({"scripts", "tasks"})
_SCRIPT_KEY = lazily(r"bash|cmd|command|commands|exec|run|script|shell|\w+Command")
_ARGUMENT_KEY = lazily(r"args|argv|cmd|command|entrypoint|exec|run|\w+Command")
# Files in which an editor puts in what is in braces.
_OF_EDITOR = lazily(r"(?:^|/)(?:\.vscode/|\.?devcontainer(?:/|\.json\Z)|(?:tasks|launch)\.json\Z)|\.code-workspace\Z")
# What an editor shows of a task.
_SHOWN_KEYS = frozenset({"description", "detail", "label", "title"})
# Commands of a devcontainer, of which each may be several with names.
_LIFECYCLE = lazily(r"(?:initialize|onCreate|updateContent|post(?:Create|Start|Attach))Command")
_PROGRAM_KEYS = ("command", "program", "path", "executable", "runtimeExecutable")


def read(document: Document) -> Reading:
    """Read a JSON file."""
    return read_text(body(document), RegionContext(document, "script", "json"))


def read_text(map: TextMap, place: RegionContext) -> Reading:
    """Read JSON inside another container (see `nemolint.sources.ReadText`)."""
    return _JsonReader(normal_lines(map), place.encoded("json")).read()


class _JsonReader:
    def __init__(self, map: TextMap, place: RegionContext) -> None:
        self._map = map
        self._edited = _OF_EDITOR.search(place.document.path) is not None
        self._place = place._replace(templated=self._edited or "{{" in map.text)
        self._regions: list[Region] = []
        self._taken: set[int] = set()

    def read(self) -> Reading:
        text = self._map.text
        try:
            roots = parse(text)
        except JsonSyntaxError as error:
            for string in strings_by_line(text):
                self._string(string, script=False)
            return Reading(
                tuple(self._regions), (broken(self._place.document, self._map, "JSON", str(error), error.offset),)
            )
        stack: list[tuple[Json, str, str]] = [(root, "", "") for root in reversed(roots)]
        names: set[int] = set()
        while stack:
            node, key, parent = stack.pop()
            match node:
                case JsonObject():
                    self._command(node)
                    for name, value in reversed(node.members):
                        stack.append((value, name.value, key))
                        stack.append((name, "", ""))
                        names.add(id(name))
                case JsonArray():
                    lifecycle = _LIFECYCLE.fullmatch(parent) is not None
                    if lifecycle or _ARGUMENT_KEY.fullmatch(key):
                        self._arguments([node])
                    stack.extend((item, key, "" if lifecycle else parent) for item in reversed(node.items))
                case JsonString():
                    shown = key in _SHOWN_KEYS
                    script = not shown and (_SCRIPT_KEY.fullmatch(key) or _LIFECYCLE.fullmatch(parent)) is not None
                    surely = not shown and parent in _SCRIPT_PARENTS
                    self._string(node, script=script, surely=surely, name=id(node) in names)
                case _:
                    pass
        regions = sorted(self._regions, key=lambda region: region.map.outer_start(0))
        return Reading(tuple(regions))

    def _string(self, string: JsonString, *, script: bool, surely: bool = False, name: bool = False) -> None:
        """Read a string: `script` if its key may hold shell, `surely` if it can only hold shell.

        `name`: it is a key itself.
        """
        if id(string) in self._taken or not (surely or ("nemotron" in string.raw and names_command(string.value))):
            return
        mapped = self._mapped(string)
        if surely or (script and is_script(mapped.text)):
            self._regions.append(self._place.region(mapped, "shell", "script"))
        else:
            self._regions.append(self._place.for_people().region(mapped, "mention", "key" if name else "string"))

    def _mapped(self, string: JsonString) -> TextMap:
        """The value of a string, mapped to the file, with an editor's variables as `{{ … }}`."""
        map = string.map()
        return self._map.compose(filled(map, EDITOR) if self._edited else map)

    def _command(self, node: JsonObject) -> None:
        """Read `"command": "uv", "args": ["run", …]` as one command line."""
        arguments = node.get("args")
        for name in _PROGRAM_KEYS:
            if isinstance(command := node.get(name), JsonString) and isinstance(arguments, JsonArray):
                self._arguments([arguments], command)

    def _arguments(self, lists: list[JsonArray], program: JsonString | None = None) -> None:
        words = [word for part in lists for word in part.items if isinstance(word, JsonString)]
        if len(words) != sum(len(part.items) for part in lists) or any(id(word) in self._taken for word in words):
            return
        values = [*(program.value.split() if program else ()), *(word.value for word in words)]
        if not is_argv(values) and not starts_shell(values):
            return
        builder = MapBuilder()
        if program is not None:
            mapped = self._mapped(program)
            builder.extend(mapped)
            builder.synthetic(" ", mapped.outer_end(len(mapped.text)))
            self._taken.add(id(program))
        builder.extend(join_words([self._mapped(word) for word in words], expands=True))
        self._taken.update(id(word) for word in words)
        place = self._place.encoded("argv")
        self._regions.append(place.region(builder.build(), "shell", "argv"))
