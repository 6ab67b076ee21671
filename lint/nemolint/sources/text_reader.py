"""The base of readers that go through a text from top to bottom."""

from __future__ import annotations

from nemolint.sources import Comment, Reading, nested_reader
from nemolint.sources.command_text import has_prompted_command
from nemolint.sources.lines import line_spans
from nemolint.sources.myst import NESTED_KINDS, PLAIN_LANGUAGES, UNCHECKED_KINDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.base.positions import TextMap
    from nemolint.document import Note, Region, RegionKind
    from nemolint.sources.region_context import RegionContext


class TextReader:
    """A text, its context, and the results so far. Offsets are in the text."""

    def __init__(self, map: TextMap, place: RegionContext) -> None:
        self._map = map
        self._text = map.text
        self._place = place
        self._regions: list[Region] = []
        self._notes: list[Note] = []
        self._comments: list[Comment] = []

    def reading(self) -> Reading:
        """The complete reading."""
        return Reading(tuple(self._regions), tuple(self._notes), tuple(self._comments))

    def _region(
        self,
        map: TextMap,
        kind: RegionKind,
        name: str,
        *encoders: str,
        console: bool = False,
        template: bool = False,
    ) -> None:
        """Add a region; `map` leads to this reader's text, with `encoders` between the two."""
        place = self._place.encoded(*encoders)
        region = place.region(self._map.compose(map), kind, name, console=console, template=template)
        self._regions.append(region)

    def _other_source(
        self, map: TextMap, language: str, container: str, *encoders: str, template: bool = False
    ) -> bool:
        """Read a block with the source of its language, if it names the command. False if there is none.

        Text of no language is a session if a command is behind a prompt in it.
        """
        if "nemotron" not in map.text:
            return False
        if language in PLAIN_LANGUAGES and has_prompted_command(map.text):
            self._region(map, "shell", container, *encoders, console=True, template=template)
            return True
        kind = NESTED_KINDS.get(language)
        if language in UNCHECKED_KINDS:
            kind = UNCHECKED_KINDS[language]
            if not self._place.document.answer:
                self._region(map, "mention", container, *encoders)
                from nemolint.sources.line_scan import unchecked

                self._notes += unchecked(self._map.compose(map), kind)
                return True
        if kind is None:
            return False
        if kind == "python":
            from nemolint.sources.notebook import is_cell

            kind = "notebook" if is_cell(map.text) else kind
        read_other = nested_reader(kind)
        if read_other is None:
            return False
        reading = read_other(self._map.compose(map), self._place.inside(container).encoded(*encoders))
        # A block may hold an excerpt that does not parse: that is nothing to report.
        self._take(reading._replace(notes=()))
        return True

    def _take(self, reading: Reading) -> None:
        self._regions += reading.regions
        self._notes += reading.notes
        self._comments += reading.suppress_comments

    def _add_comment(self, start: int, end: int, text: str) -> Comment:
        """Add the comment `start:end` with this text."""
        comment = Comment(*self._map.to_outer(start, end), text)
        self._comments.append(comment)
        return comment


class LineReader(TextReader):
    """A reader that goes line by line."""

    def __init__(self, map: TextMap, place: RegionContext) -> None:
        super().__init__(map, place)
        self._lines = line_spans(map.text)
        self.prepare()

    def prepare(self) -> None:
        """Set up state of the specific reader."""
