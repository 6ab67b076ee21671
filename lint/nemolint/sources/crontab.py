"""Crontabs: settings of the environment, and jobs, which are one line for a shell behind the time."""

from __future__ import annotations

from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder
from nemolint.document import Note
from nemolint.sources import Reading, kind_of
from nemolint.sources.command_text import MENTION
from nemolint.sources.lines import body, normal_lines
from nemolint.sources.region_context import RegionContext
from nemolint.sources.text_reader import LineReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

    from nemolint.base.positions import TextMap
    from nemolint.document import Document

_TIME = lazily(
    r"[ \t]*+(?:@[a-z]++|(?:[\d*][\w*/,~#-]*+[ \t]++){3}[\w*][\w*/,~#-]*+[ \t]++[\w*?][\w*/,~#-]*+)[ \t]++(?=\S)",
)
# In the files of the system, the name of a user stands before the command.
_OF_SYSTEM = lazily(r"(?:.*/)?(?:cron\.d/[^/]*|etc/crontab)")
OF_SYSTEM = "cron.d"
"""How the part of a container is called that is a file of the system."""
_USER = lazily(r"[a-z_][\w-]*+\$?[ \t]++(?=\S)")
_SETTING = lazily(r"""[ \t]*+(?P<quote>["']?)(?P<name>[A-Za-z_]\w*+)(?P=quote)[ \t]*+=[ \t]*+(?P<value>[^\n]*+)""")
_POLICY_VARIABLE = lazily(r"NEMOTRON_[A-Z0-9_]+")
_PERCENT = lazily(r"(\\?)%")
_INPUT = "CRON_INPUT"


def is_of_system(path: str) -> bool:
    """Whether the file at a path is one of the system."""
    return _OF_SYSTEM.fullmatch(path) is not None


def read(document: Document) -> Reading:
    """Read a crontab."""
    return read_text(body(document), RegionContext(document, "script", "crontab"))


def read_text(map: TextMap, place: RegionContext) -> Reading:
    """Read a crontab inside another container (see `nemolint.sources.ReadText`)."""
    return _CrontabReader(normal_lines(map), place).read()


class _CrontabReader(LineReader):
    def prepare(self) -> None:
        place = self._place
        self._has_users = is_of_system(place.document.path) or place.container.endswith(f":{OF_SYSTEM}")
        self._is_shell = True

    def read(self) -> Reading:
        for start, end in self._lines:
            line = self._text[start:end]
            if line.lstrip(" \t").startswith("#"):
                self._add_comment(start, end, line.strip("# \t"))
            elif setting := _SETTING.match(self._text, start, end):
                self._setting(setting)
            elif time := _TIME.match(self._text, start, end):
                user = _USER.match(self._text, time.end(), end) if self._has_users else None
                if self._is_shell:
                    self._job((user or time).end(), end)
        return self.reading()

    def _setting(self, match: re.Match[str]) -> None:
        """`NAME=value`, which cron reads itself: nothing in the value is expanded."""
        value = match["value"].rstrip(" \t")
        start, end = match.start("value"), match.start("value") + len(value)
        if len(value) > 1 and value[0] in "\"'" and value[0] == value[-1]:
            start, end = start + 1, end - 1
        value = self._text[start:end]
        if match["name"] == "SHELL":
            self._is_shell = kind_of("shell", f"#!{value}") == "shell"
        elif _POLICY_VARIABLE.fullmatch(match["name"]) and "'" not in value:
            builder = MapBuilder()
            builder.synthetic("export ", match.start("name"))
            builder.verbatim(self._text, match.start("name"), match.end("name"))
            builder.escape("='", match.end("name"), start - match.end("name"))
            builder.verbatim(self._text, start, end)
            builder.synthetic("'", end)
            self._region(builder.build(match.start("name")), "shell", "env", "none")

    def _job(self, start: int, end: int) -> None:
        """A command: a bare `%` ends it, and what follows is what it reads, with a line break for each further `%`."""
        builder = MapBuilder()
        position, cut = start, -1
        for match in _PERCENT.finditer(self._text, start, end):
            builder.verbatim(self._text, position, match.start())
            position = match.end()
            if match[1]:
                builder.escape("%", match.start(), 2)
            elif cut >= 0:
                builder.escape("\n", match.start(), 1)
            elif not self._text[position:end].strip(" \t%"):
                end = position
                break
            else:
                cut = match.start()
                builder.escape(f" <<'{_INPUT}'\n", cut, 1)
        builder.verbatim(self._text, position, end)
        if cut >= 0:
            builder.synthetic(f"\n{_INPUT}\n", end)
            if MENTION.search(self._text, start, cut):
                message = "cron ends the command at this `%`, and passes on what follows as its input: write `\\%`"
                self._notes.append(Note("broken-shell", message, *self._map.to_outer(cut, cut + 1)))
        self._region(builder.build(start), "shell", "job", "cron")
