"""Text for people with poorly marked commands: comments and docstrings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder, TextMap
from nemolint.document import Region
from nemolint.sources.command_text import is_command, is_setting, names_command, prompt_end
from nemolint.sources.lines import Line
from nemolint.sources.myst import parse_info
from nemolint.sources.region_context import RegionContext

_FENCE = lazily(r"\s*(`{3,}|~{3,})\s*([^`]*)$")
_TICKS = lazily(r"`+")
_BULLET = lazily(r"(?:[-*•]|\d+[.)])\s+(?=\S)|>>>\s")


def read_prose(outer: TextMap, lines: Sequence[Line], place: RegionContext) -> list[Region]:
    """The commands, snippets and mentions of some lines.

    `lines` are offsets in `outer.text`, without comment signs. Fences and lines that are commands become shell regions,
    code in backticks becomes a snippet, and other lines that name the command are mentions.
    """
    reader = _Prose(outer, lines, place)
    return reader.read()


class _Prose:
    def __init__(self, outer: TextMap, lines: Sequence[Line], place: RegionContext) -> None:
        self._outer = outer
        self._text = outer.text
        self._lines = lines
        self._place = place
        self._regions: list[Region] = []

    def read(self) -> list[Region]:
        commands: list[Line] = []
        paragraph: list[Line] = []
        index = 0
        while index < len(self._lines):
            start, end = self._lines[index]
            line = self._text[start:end]
            if fence := _FENCE.match(line):
                close = self._closing(index + 1, fence[1])
                if close is not None:
                    self._fence(fence[2], self._lines[index + 1 : close])
                    index = close + 1
                    continue
            stop = self._logical_end(index)
            logical = self._joined(self._lines[index:stop])
            bullet = _BULLET.match(logical, len(logical) - len(logical.lstrip()))
            if is_command(logical) or is_setting(logical):
                commands += [(start + prompt_end(logical), end), *self._lines[index + 1 : stop]]
            elif bullet and is_command(logical[bullet.end() :]):
                commands += [(start + prompt_end(logical, bullet.end()), end), *self._lines[index + 1 : stop]]
            else:
                stop = index + 1
                if line.strip():
                    paragraph.append((start, end))
                else:
                    self._paragraph(paragraph)
                    paragraph = []
            index = stop
        self._paragraph(paragraph)
        if commands:
            self._shell(commands)
        return sorted(self._regions, key=lambda region: region.map.outer_start(0))

    def _joined(self, lines: Sequence[Line]) -> str:
        return "\n".join(self._text[start:end] for start, end in lines)

    def _logical_end(self, index: int) -> int:
        """The line after the last continuation by backslash."""
        while index < len(self._lines):
            start, end = self._lines[index]
            index += 1
            if end == start or self._text[end - 1] != "\\":
                break
        return index

    def _closing(self, index: int, fence: str) -> int | None:
        for at in range(index, len(self._lines)):
            line = self._text[slice(*self._lines[at])].strip()
            if line.startswith(fence) and not line.strip(fence[0]):
                return at
        return None

    def _map(self, lines: Sequence[Line]) -> TextMap:
        """The lines as one text."""
        builder = MapBuilder()
        for start, end in lines:
            builder.verbatim(self._text, start, end)
            if end < len(self._text):
                builder.verbatim(self._text, end, end + 1)
        return self._outer.compose(builder.build(lines[0][0] if lines else 0))

    def _shell(self, lines: Sequence[Line], name: str = "", *, session: bool = False) -> None:
        map = self._map(lines)
        if "nemotron" in map.text.lower():
            self._regions.append(self._place.region(map, "shell", name, console=session))

    def _fence(self, info: str, lines: Sequence[Line]) -> None:
        parsed = parse_info(info)
        name = f"fence:{parsed.language}".rstrip(":")
        if parsed.shell:
            self._shell(lines, name, session=parsed.session)
        elif names_command(self._joined(lines)):
            self._regions.append(self._place.region(self._map(lines), "mention", name))

    def _paragraph(self, lines: Sequence[Line]) -> None:
        """Read prose: code in backticks, and the rest."""
        if not lines or "nemotron" not in self._joined(lines):
            return
        prose = self._map(lines)
        rest = MapBuilder()
        position = 0
        for start, end, width in _code_spans(prose.text):
            if names_command(prose.text[start + width : end - width]):
                snippet = prose.slice(start + width, end - width)
                self._regions.append(self._place.region(snippet, "snippet"))
                rest.verbatim(prose.text, position, start)
                position = end
        rest.verbatim(prose.text, position, len(prose.text))
        left = rest.build(position)
        if names_command(left.text):
            self._regions.append(self._place.region(prose.compose(left), "mention"))


def _code_spans(text: str) -> Iterator[tuple[int, int, int]]:
    """Code between backtick runs of equal length: start and end with the backticks, and their number."""
    runs = [match.span() for match in _TICKS.finditer(text)]
    partner: list[int | None] = [None] * len(runs)
    seen: dict[int, int] = {}
    for index in range(len(runs) - 1, -1, -1):
        width = runs[index][1] - runs[index][0]
        partner[index] = seen.get(width)
        seen[width] = index
    index = 0
    while index < len(runs):
        other = partner[index]
        if other is None:
            index += 1
            continue
        yield runs[index][0], runs[other][1], runs[index][1] - runs[index][0]
        index = other + 1
