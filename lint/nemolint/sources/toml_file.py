"""TOML: tasks and scripts of project files, comments, and strings that name the command."""

from __future__ import annotations

from collections.abc import Iterable

from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder
from nemolint.sources import Reading, nested_reader
from nemolint.sources.argv import add_word, is_argv, join_lines, join_words
from nemolint.sources.command_text import PROSE_KEY, is_script, names_command
from nemolint.sources.comments import CommentBlock, read_comments
from nemolint.sources.line_scan import broken, scan_lines
from nemolint.sources.lines import body, normal_lines, replaced
from nemolint.sources.region_context import RegionContext
from nemolint.sources.templates import TASK, filled
from nemolint.sources.toml_text import TomlComment, TomlString, TomlTable, scan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.base.positions import TextMap
    from nemolint.document import Document, Region

_TASK_TABLES = frozenset({"scripts", "task", "tasks"})
# Keys of commands: `post-install-commands`, `commands_pre`, `before-build`, `post_bump_hooks`.
_SCRIPT_KEY = lazily(
    r"(?:^|[_-])(?:bash|cmds?|commands?|exec|hooks?|run|scripts?|shell)(?:[_-](?:pre|post))?$|^(?:after|before|post|pre)[_-]?\w+"
)
_LINE_END = lazily(r"(?:[ \t]+#[^\n]*)?\n")
_LINE = lazily(r"\(at line (\d+), column (\d+)\)")


def read(document: Document) -> Reading:
    """Read a TOML file."""
    return read_text(body(document), RegionContext(document, "script", "toml"))


def read_text(map: TextMap, place: RegionContext) -> Reading:
    """Read TOML inside another container (see `nemolint.sources.ReadText`)."""
    return _TomlReader(normal_lines(map), place).read()


# Of a table, the keys of a program, and of its arguments; the former may be a whole text.
_PROGRAM_KEYS = ("entrypoint", "command", "cmd", "program", "executable", "module")
_ARGUMENT_KEYS = ("args", "arguments")
_LINE_ENDS = lazily(r"(?<![^\S\n])[^\S\n]*+\n\s*+")
_TASKS = (("scripts",), ("task",), ("tasks",))


class _TomlReader:
    def __init__(self, map: TextMap, place: RegionContext) -> None:
        self._map = map
        self._place = place
        # What is in braces is the tool's own.
        self._script = place._replace(templated=True)
        self._comment = place.inside("comment")._replace(surface="comment")
        self._regions: list[Region] = []
        self._taken: set[int] = set()

    def read(self) -> Reading:
        import tomli

        text = self._map.text
        try:
            tomli.loads(text)
        except tomli.TOMLDecodeError as error:
            return self._fallback(str(error))
        except ValueError:  # Python's own limit
            return self._fallback("a number has too many digits")
        except RecursionError:
            return self._fallback("it is nested too deeply")
        comments: list[CommentBlock] = []
        values: dict[int, list[TomlString | TomlTable]] = {}
        for item in scan(text):
            if isinstance(item, TomlComment):
                comments.append(CommentBlock(item.start, item.end, item.own_line))
            else:
                values.setdefault(item.array or -item.start, []).append(item)
        groups = list(values.items())
        self._commands([(array > 0, group) for array, group in groups])
        for array, group in groups:
            self._values(group, in_list=array > 0)
        found = read_comments(self._map, comments, self._comment)
        regions = sorted((*self._regions, *found.regions), key=lambda region: region.map.outer_start(0))
        return Reading(tuple(regions), (), found.suppress_comments)

    def _fallback(self, problem: str) -> Reading:
        offset = len(self._map.text)
        if place := _LINE.search(problem):
            lines = self._map.text.split("\n", int(place[1]) - 1)
            offset = sum(len(line) + 1 for line in lines[:-1]) + int(place[2]) - 1
        note = broken(self._place.document, self._map, "TOML", _LINE.sub("", problem).strip(), offset)
        place_of_lines = self._place.encoded("none")
        return scan_lines(self._map, place=place_of_lines, comment_place=self._comment, note=note)

    def _commands(self, groups: list[tuple[bool, list[TomlString | TomlTable]]]) -> None:
        """Read each program and the arguments under another key of its table as one command."""
        tables: dict[tuple[int, tuple[str, ...]], dict[str, tuple[bool, list[TomlString | TomlTable]]]] = {}
        for in_list, group in groups:
            first = next((value for value in group if isinstance(value, TomlString)), None)
            if first is not None and first.path and first.path[-1].lower() in (*_PROGRAM_KEYS, *_ARGUMENT_KEYS):
                tables.setdefault((first.table, first.path[:-1]), {})[first.path[-1].lower()] = (in_list, group)
        for (_, path), keys in tables.items():
            # There `args` names the options of a task (poe), or its parameters (pixi).
            if "poe" in path or ("cmd" in keys and "tasks" in path):
                continue
            program = next((keys[key] for key in _PROGRAM_KEYS if key in keys), None)
            arguments = next((keys[key] for key in _ARGUMENT_KEYS if key in keys), None)
            if program is not None and arguments is not None:
                self._joined(program, arguments)

    def _joined(self, *parts: tuple[bool, list[TomlString | TomlTable]]) -> None:
        """Add the command that its parts make together, if they make one; a text is split at blanks."""
        text = self._map.text
        found = [(value, self._filled(value), in_list) for in_list, group in parts for value in group]
        if not any("nemotron" in text[value.start : value.end] for value, _, _ in found):
            return
        words = [word for _, map, in_list in found for word in ([map.text] if in_list else map.text.split())]
        if not is_argv(words):
            return
        builder = MapBuilder()
        for _, map, in_list in found:
            if len(builder):
                builder.synthetic(" ", map.outer_start(0))
            if in_list:
                add_word(builder, map, expands=True)
            else:
                builder.extend(map.compose(replaced(map.text, 0, len(map.text), _LINE_ENDS, " ")))
        encoders = [value.encoder for value, _, _ in found if isinstance(value, TomlString)]
        place = self._script.encoded("argv", encoders[0] if _same(encoders) else "none")
        self._regions.append(place.region(builder.build(), "shell", "argv"))
        self._taken.update(value.start for value, _, _ in found)

    def _values(self, values: list[TomlString | TomlTable], *, in_list: bool) -> None:
        """Read a value, or the strings of one list and the tables between them."""
        text = self._map.text
        strings = [value for value in values if isinstance(value, TomlString)]
        if not strings or strings[0].start in self._taken:
            return
        path = strings[0].path
        key = path[-1] if path else ""
        surely = path[-2:-1] in _TASKS and not in_list  # a table of commands only
        if surely:
            self._shell([self._filled(strings[0])], strings[0].encoder)
            return
        if not any("nemotron" in text[string.start : string.end] for string in strings):
            return
        below_task = bool(_TASK_TABLES.intersection(path[:-2])) and not PROSE_KEY.search(key)
        named_so = _SCRIPT_KEY.search(key) is not None and not PROSE_KEY.search(key)
        task = named_so or path[-2:-1] in (*_TASKS, ("hooks",)) or below_task
        mapped = [self._filled(string) for string in strings]
        if key == "legacy_tox_ini" and (reader := nested_reader("ini")) is not None:
            self._regions += reader(mapped[0], self._place.inside("ini").encoded(strings[0].encoder)).regions
            return
        if in_list and is_argv([self._filled(string).text for string in strings]):
            inner = strings[0].encoder if _same(string.encoder for string in strings) else "none"
            place = self._script.encoded("argv", inner)
            words = [self._filled(value) for value in values]
            self._regions.append(place.region(join_words(words, expands=True), "shell", "argv"))
            return
        if in_list and task and any(is_script(line.text) for line in mapped) and _same(s.encoder for s in strings):
            self._shell(mapped, strings[0].encoder)
            return
        for string, value in zip(strings, mapped, strict=True):
            if not names_command(value.text):
                continue
            if task and is_script(value.text):
                self._shell([value], string.encoder)
            else:
                shown = PROSE_KEY.search(key) is not None or not is_script(value.text)
                place = (self._place.for_people() if shown else self._place).encoded(string.encoder)
                self._regions.append(place.region(self._map.compose(string.map(text)), "mention", "string"))

    def _filled(self, value: TomlString | TomlTable) -> TextMap:
        """A value with its tool's substitutions as `{{ … }}`; a table, such as tox's `{ replace = … }`, is one."""
        if isinstance(value, TomlString):
            map = self._map.compose(value.map(self._map.text))
            if "poe" in value.path and value.path[-1] != "shell" and "\n" in map.text:
                # There a command may stand on several lines.
                map = map.compose(replaced(map.text, 0, len(map.text), _LINE_END, " "))
            if map.text.startswith("- "):  # whatever comes of it
                map = map.slice(2, len(map.text))
            return filled(map, TASK)
        builder = MapBuilder()
        builder.escape("{{ table }}", value.start, value.end - value.start)
        return self._map.compose(builder.build())

    def _shell(self, lines: list[TextMap], encoder: str) -> None:
        place = self._script.encoded(encoder)
        self._regions.append(place.region(join_lines(lines), "shell", "script"))


def _same(encoders: Iterable[str]) -> bool:
    return len(set(encoders)) == 1
