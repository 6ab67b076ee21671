"""JSON: scripts of package.json, tasks, hooks and devcontainers; every other string that names the command."""

from __future__ import annotations

import re

from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder
from nemolint.sources import Comment, Reading
from nemolint.sources.argv import MAX_WORDS, add_word, is_argv, starts_shell
from nemolint.sources.command_text import PROSE_KEY, is_script, names_command
from nemolint.sources.json_text import Json, JsonArray, JsonObject, JsonString, JsonSyntaxError, parse, strings_by_line
from nemolint.sources.line_scan import broken
from nemolint.sources.lines import body, normal_lines, replaced
from nemolint.sources.region_context import RegionContext
from nemolint.sources.templates import EDITOR, filled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from nemolint.base.positions import TextMap
    from nemolint.document import Document, Region

_SCRIPT_PARENTS = frozenset({"scripts", "tasks"})
_SCRIPT_KEY = lazily(r"bash|cmd|command|commands|exec|inline|run|script|shell|\w+Command", re.IGNORECASE)
_ARGUMENT_KEY = lazily(r"args|argv|cmd|command|entrypoint|exec|run|\w+Command", re.IGNORECASE)
# Files in which an editor puts in what is in braces.
_OF_EDITOR = lazily(r"(?:^|/)(?:\.vscode/|\.?devcontainer(?:/|\.json\Z)|(?:tasks|launch)\.json\Z)|\.code-workspace\Z")
# What an editor shows of a task.
_SHOWN_KEYS = frozenset({"description", "detail", "label", "title"})
# Commands of a devcontainer, of which each may be several with names.
_LIFECYCLE = lazily(r"(?:initialize|onCreate|updateContent|post(?:Create|Start|Attach))Command")
# The parts of one command line, in their order, in lower case: of a container, a task, a debugger, a server.
_PARTS = ("entrypoint", "cmds", "module", "program", "path", "executable", "runtimeexecutable", "command", "cmd")
_LAST_PARTS = ("commands", "args", "arguments")
# What SageMaker puts before the names of these.
_OF_CONTAINER = "container"
_BLANKS = lazily(r"\s+")
_STRING_OR_COMMENT = lazily(r'"(?:[^"\\\n]|\\.)*+"|(?P<comment>//[^\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z))')
# What CloudFormation puts in, by the only key of an object.
_PUT_IN = lazily(r"Ref|Fn::\w+")
_MOST_NESTED = 4  # JSON in strings of JSON


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
                    if key == "Fn::Join":
                        self._joined(node)
                    lifecycle = _LIFECYCLE.fullmatch(parent) is not None
                    if lifecycle or _ARGUMENT_KEY.fullmatch(key):
                        self._arguments([(None, node)])
                    stack.extend((item, key, "" if lifecycle else parent) for item in reversed(node.items))
                case JsonString():
                    shown = key in _SHOWN_KEYS
                    script = not shown and (
                        _SCRIPT_KEY.fullmatch(key) is not None
                        or _LIFECYCLE.fullmatch(parent) is not None
                        or (key == "text" and parent == "script")
                    )
                    surely = not shown and parent in _SCRIPT_PARENTS
                    shown = shown or PROSE_KEY.search(key) is not None
                    self._string(node, script=script, surely=surely, name=id(node) in names, shown=shown)
                case _:
                    pass
        regions = sorted(self._regions, key=lambda region: region.map.outer_start(0))
        return Reading(tuple(regions), suppress_comments=tuple(self._comments()))

    def _comments(self) -> Iterator[Comment]:
        """The comments, which some programs allow, as far as they may suppress something."""
        text = self._map.text
        if "nemolint" not in text or "/" not in text:
            return
        for match in _STRING_OR_COMMENT.finditer(text):
            if match["comment"] is not None and "nemolint" in match["comment"]:
                yield Comment(*self._map.to_outer(*match.span()), match["comment"].strip("/* \t\n"))

    def _string(
        self, string: JsonString, *, script: bool, surely: bool = False, name: bool = False, shown: bool = True
    ) -> None:
        """Read a string: `script` if its key may hold shell, `surely` if it can only hold shell.

        `name`: it is a key itself. `shown`: it is for people, or data.
        """
        if id(string) in self._taken or not (surely or ("nemotron" in string.raw and names_command(string.value))):
            return
        mapped = self._mapped(string)
        if not surely and mapped.text.lstrip().startswith("{") and self._inner(mapped):
            return
        whole = is_script(mapped.text)
        if surely or (script and whole):
            self._regions.append(self._place.region(mapped, "shell", "script"))
        else:
            place = self._place if whole and not shown else self._place.for_people()
            self._regions.append(place.region(mapped, "mention", "key" if name else "string"))

    def _inner(self, map: TextMap) -> bool:
        """Read a string that is JSON itself, as the arguments of an assistant's tools are. False if it is none."""
        place = self._place.inside("json")
        if place.container.count(":json") > _MOST_NESTED:
            return False
        reading = read_text(map, place)
        if reading.notes:
            return False
        self._regions += reading.regions
        return True

    def _mapped(self, string: JsonString) -> TextMap:
        """The value of a string, mapped to the file, with an editor's variables as `{{ … }}`."""
        map = string.map()
        return self._map.compose(filled(map, EDITOR) if self._edited else map)

    def _command(self, node: JsonObject) -> None:
        """Read `"command": "uv", "args": ["run", …]` and the like as one command line."""
        members: dict[str, tuple[JsonString, Json]] = {}
        for name, value in node.members:
            members.setdefault(name.value.lower().removeprefix(_OF_CONTAINER), (name, value))
        found = [(name, members[name]) for name in (*_PARTS, *_LAST_PARTS) if name in members]
        # Of the names for a program, the last two may follow another one.
        first = next((pair for name, pair in found if name in _PARTS), None)
        if len(found) < 2 or first is None:
            return
        whole = [pair for name, pair in found if pair is first or name in ("command", "cmd", *_LAST_PARTS)]
        if len(whole) > 1:
            self._arguments([*whole])

    def _arguments(self, parts: list[tuple[JsonString | None, Json]]) -> None:
        """Add the command that its parts make together, if they make one. What is no text there is open."""
        words: list[tuple[JsonString | None, TextMap, bool]] = []
        for name, part in parts:
            module = name is not None and name.value.lower() == "module"
            if isinstance(part, JsonString):
                mapped = self._mapped(part)
                if module:
                    builder = MapBuilder()
                    builder.synthetic("python -m ", mapped.outer_start(0))
                    builder.extend(mapped)
                    mapped = builder.build()
                words.append((part, mapped, True))
            elif isinstance(part, JsonArray):
                for item in part.items:
                    string = item.get("value") if isinstance(item, JsonObject) else item
                    if isinstance(string, JsonString):
                        words.append((string, self._mapped(string), False))
                    elif (at := name or _put_in(item)) is not None:
                        words.append((None, self._open(at), True))
                    else:
                        return
            elif name is not None:
                words.append((None, self._open(name), True))
        if any(word is not None and id(word) in self._taken for word, _, _ in words) or len(words) > MAX_WORDS:
            return
        values = [value for _, map, text in words for value in (map.text.split() if text else [map.text])]
        if not is_argv(values) and not starts_shell(values):
            return
        builder = MapBuilder()
        for word, map, text in words:
            if not map.text:
                continue
            if len(builder):
                builder.synthetic(" ", map.outer_start(0))
            if text:
                builder.extend(map.compose(replaced(map.text, 0, len(map.text), _BLANKS, " ")))
            else:
                add_word(builder, map, expands=True)
            if word is not None:
                self._taken.add(id(word))
        self._regions.append(self._place.encoded("argv").region(builder.build(), "shell", "argv"))

    def _joined(self, node: JsonArray) -> None:
        """Read a script that CloudFormation joins: what stands between the texts, and a list of them."""
        match node.items:
            case [JsonString() as glue, JsonArray(items=items)] if 0 < len(items) <= MAX_WORDS:
                pass
            case _:
                return
        builder = MapBuilder()
        at = self._mapped(glue).outer_start(0)
        for number, item in enumerate(items):
            if number:
                builder.synthetic(glue.value, at)
            name = None if isinstance(item, JsonString) else _put_in(item)
            mapped = self._mapped(item) if isinstance(item, JsonString) else self._open(name or glue)
            builder.extend(mapped)
            at = mapped.outer_end(len(mapped.text))
        script = builder.build()
        if names_command(script.text):
            self._taken.update(id(item) for item in items)
            found = is_script(script.text)
            place = (self._place if found else self._place.for_people()).encoded("none")
            self._regions.append(place.region(script, "shell" if found else "mention", "script" if found else "string"))

    def _open(self, name: JsonString) -> TextMap:
        """Arguments that are not written as text: none or several."""
        builder = MapBuilder()
        builder.escape("${_}", name.start, name.end - name.start)
        return self._map.compose(builder.build())


def _put_in(item: Json) -> JsonString | None:
    """The key of an object that stands for what CloudFormation puts in, None for anything else."""
    key = item.members[0][0] if isinstance(item, JsonObject) and len(item.members) == 1 else None
    return key if key is not None and _PUT_IN.fullmatch(key.value) else None
