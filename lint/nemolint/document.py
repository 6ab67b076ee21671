"""One file as read, and the pieces of its text.

A `Region` is such a piece (a fence, a YAML scalar, a notebook cell), without the container's own syntax, with a
`TextMap` that maps every character back to the file. All offsets are code points. This module knows neither containers
nor rules.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.positions import LineIndex, TextMap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final, Literal

    from nemolint.base.choices import Event, Surface
    from nemolint.invocation import StepRun
    from nemolint.shell.command import Command

    Role = Literal["command", "template", "synopsis", "mention", "documented"]
    MentionKind = Literal["run", "mention", "comment", "data", "unparsed"]
    RegionKind = Literal["shell", "snippet", "mention"]


class Alternative(NamedTuple):
    """An alternative text for a region, from which it differs in `start:end`.

    `place` is that of the whole choice in the file.
    """

    map: TextMap
    start: int
    end: int
    place: tuple[int, int]


class ReadingFailed(Exception):
    """A reader failed on a file that was read lazily. See the cause."""


class Document:
    """One file as read: text with its own line endings and its BOM, if any (U+FEFF at offset 0).

    `path` is as reported (relative to the working directory, with `/`), `absolute` the real path, or None for standard
    input. `answer`: it is an assistant's answer, to the question `prompt` if that is known. `kind` names the source
    module that reads it (`markdown`, `shell`, …). `runs`, `notes` and `mentions` are complete when a rule sees the
    document; `mentions` accounts for every place that says `nemotron steps run`. `alternatives` are the runs of the
    texts that a template chooses from, and of the ways that a script may take, each with the part of the file that the
    choice is: of such a run, only that is checked, and it is not one of `runs`. `documentation` is what a page says
    about keys, read by `documenting` (None where there is none) when it is first asked for. `regions`, `commands` and
    `comments`, which are (start, end, text) of every comment in its container's or the shell's syntax, are complete,
    too, but in a file that cannot hold a run they are read when they are first asked for, by `reading`: a rule that
    looks at the text first makes most files cost next to nothing. `can_run`: the prefilter found nothing against a run
    in the text. `unattended`: it is run as a whole, and nobody is asked, or looks at what one command prints before the
    next one starts.
    """

    path: Final[str]
    text: Final[str]
    kind: Final[str]
    absolute: Final[str | None]
    answer: Final[bool]
    prompt: Final[str | None]
    runs: tuple[StepRun, ...]
    notes: tuple[Note, ...]
    mentions: tuple[Mention, ...]
    alternatives: tuple[tuple[StepRun, int, int], ...]
    documenting: Callable[[Document], Documentation] | None
    reading: Callable[[Document], None] | None
    can_run: bool
    unattended: bool

    def __init__(
        self,
        path: str,
        text: str,
        kind: str = "",
        absolute: str | None = None,
        answer: bool = False,
        prompt: str | None = None,
    ) -> None:
        self.path = path
        self.text = text
        self.kind = kind
        self.absolute = absolute
        self.answer = answer
        self.prompt = prompt
        self.runs = ()
        self.notes = ()
        self.mentions = ()
        self.alternatives = ()
        self.documenting = None
        self.reading = None
        self.can_run = True
        self.unattended = False

    def __repr__(self) -> str:
        return f"Document({self.path!r})"

    @cached_property
    def regions(self) -> tuple[Region, ...]:
        """The pieces of text in the file's container, in order."""
        return self._read("regions")

    @cached_property
    def commands(self) -> tuple[Command, ...]:
        """The simple commands of all regions."""
        return self._read("commands")

    @cached_property
    def comments(self) -> tuple[tuple[int, int, str], ...]:
        """Every comment: start, end, text."""
        return self._read("comments")

    def _read(self, name: str) -> tuple[Any, ...]:
        reading = self.reading
        if reading is not None:
            self.attach(reading=None)
            try:
                reading(self)
            except Exception as error:
                raise ReadingFailed from error
        found: tuple[Any, ...] = self.__dict__.get(name, ())
        return found

    @cached_property
    def documentation(self) -> Documentation:
        """The keys that a page documents, or the configs of an answer, see `nemolint.analysis.documented_runs`."""
        try:
            return Documentation() if self.documenting is None else self.documenting(self)
        except Exception as error:
            raise ReadingFailed from error

    @cached_property
    def lines(self) -> LineIndex:
        return LineIndex(self.text)

    @cached_property
    def whole(self) -> Region:
        """The whole text as one region, for rules about the file itself."""
        return Region(self, TextMap.identity(self.text), "mention", "script", self.kind or "file")

    @cached_property
    def memo(self) -> dict[Any, Any]:
        """Cached facts about the document."""
        return {}

    def attach(self, **values: object) -> None:
        """Set what a later stage of reading found. Only the engine calls it."""
        for name, value in values.items():
            setattr(self, name, value)

    def release(self) -> None:
        """Drop everything that was read of the file and refers back to it. Only the engine calls it.

        This frees the memory at once instead of at the next garbage collection: a large tree is many documents.
        """
        self.attach(regions=(), commands=(), runs=(), notes=(), comments=(), mentions=(), alternatives=(), reading=None)
        for name in ("memo", "whole", "documentation"):
            self.__dict__.pop(name, None)


class Mention(NamedTuple):
    """One literal `nemotron steps run` of a file: its offset and its kind."""

    offset: int
    kind: MentionKind


class DocumentedKey(NamedTuple):
    """A key as a page documents it.

    The text of `region` is the key, with the value that the page gives it, if any (`seq_length=<int>`). `group` numbers
    the table or the list that holds it. `override`: it is written as an override, so it can be nothing else.
    """

    region: Region
    group: int
    override: bool

    @property
    def key(self) -> str:
        return self.region.text.partition("=")[0]


class GivenConfig(NamedTuple):
    """A config that an answer gives its reader, as a block of YAML or TOML.

    `map` leads to the file. `name` is the path that the answer gives it, "" for none.
    """

    language: Literal["yaml", "toml"]
    name: str
    map: TextMap
    container: str


class Documentation(NamedTuple):
    """What a document says of configs.

    `keys` are those that a page documents, in their order, `subjects` the texts that say what it is about: its titles
    and headings. `configs` are those that an answer gives.
    """

    keys: tuple[DocumentedKey, ...] = ()
    subjects: tuple[str, ...] = ()
    configs: tuple[GivenConfig, ...] = ()


class Note(NamedTuple):
    """Something about the file itself that the user should know (a broken notebook, a wrong encoding).

    Offsets are in the document's text. `info`: nothing may be wrong, so its finding is no warning.
    """

    event: Event
    message: str
    start: int = 0
    end: int = 0
    info: bool = False


class Region:
    """A piece of a document as its reader (the shell, or a person) would see it.

    `kind`: `shell` is a script, `snippet` one command in running text (inline code, a table cell), `mention` text that
    nobody would run. `container` says where it is, e.g. `md:fence:bash`. `console`: a console block, whose commands may
    follow `$ ` and whose other lines are output. `encoders` encode replacement text for the container, innermost first
    (see `nemolint.sources.encode`). `parent` is set for a script inside a command of another region (`bash -c '…'`).
    `alternatives` are other texts that a template may give, and `chosen`: this is one of those, or one way that a
    script may take, so a run in it may have other words, too.
    """

    document: Final[Document]
    map: Final[TextMap]
    text: Final[str]
    kind: Final[RegionKind]
    surface: Final[Surface]
    container: Final[str]
    console: Final[bool]
    template: Final[bool]
    cell: Final[int | None]
    encoders: Final[tuple[str, ...]]
    parent: Final[Region | None]
    comment_lines: Final[bool]
    templated: Final[bool]
    alternatives: Final[tuple[Alternative, ...]]
    chosen: Final[bool]

    def __init__(
        self,
        document: Document,
        map: TextMap,
        kind: RegionKind,
        surface: Surface,
        container: str,
        *,
        console: bool = False,
        template: bool = False,
        cell: int | None = None,
        encoders: tuple[str, ...] = (),
        parent: Region | None = None,
        comment_lines: bool = False,
        templated: bool = False,
        alternatives: tuple[Alternative, ...] = (),
        chosen: bool = False,
    ) -> None:
        self.document = document
        self.map = map
        self.text = map.text
        self.kind = kind
        self.surface = surface
        self.container = container
        self.console = console
        self.template = template
        self.cell = cell
        self.encoders = encoders
        self.parent = parent
        self.comment_lines = comment_lines
        self.templated = templated
        self.alternatives = alternatives
        self.chosen = chosen

    def __repr__(self) -> str:
        return f"Region({self.document.path!r}, {self.container!r}, {self.kind!r}, {self.text!r})"

    @property
    def root(self) -> Region:
        """The region of the file that it is in, for a script inside a command; else the region itself."""
        region = self
        while region.parent is not None:
            region = region.parent
        return region

    def with_surface(self, surface: Surface, *, template: bool | None = None) -> Region:
        """The same text as part of another surface, as a template or not."""
        return Region(
            self.document,
            self.map,
            self.kind,
            surface,
            self.container,
            console=self.console,
            template=self.template if template is None else template,
            cell=self.cell,
            encoders=self.encoders,
            parent=self.parent,
            comment_lines=self.comment_lines,
            templated=self.templated,
            alternatives=self.alternatives,
        )

    def instead(self, alternative: Alternative | None = None) -> Region:
        """What the region is with one of its alternatives, or where a script in it takes one of several ways."""
        templated = alternative is not None
        return Region(
            self.document,
            alternative.map if alternative is not None else self.map,
            self.kind,
            self.surface,
            self.container,
            console=self.console,
            template=self.template,
            cell=self.cell,
            encoders=("argv", *self.encoders) if templated else self.encoders,
            parent=self.parent,
            comment_lines=self.comment_lines,
            templated=templated or self.templated,
            chosen=True,
        )

    def span(self, start: int, end: int) -> Span:
        return Span(self, start, end)

    def derive(self, inner: TextMap, *, encoder: str | None = None, kind: RegionKind | None = None) -> Region:
        """A region inside this one: `inner` maps its text onto this region's text."""
        encoders = self.encoders if encoder is None else (encoder, *self.encoders)
        return Region(
            self.document,
            self.map.compose(inner),
            kind or self.kind,
            self.surface,
            self.container,
            template=self.template,
            cell=self.cell,
            encoders=encoders,
            parent=self,
            templated=self.templated,
            chosen=self.chosen,
        )


class Span(NamedTuple):
    """Characters `start:end` of a region. Rules use it to point; only the engine turns it into lines and columns.

    `origin` is set if the shell substitutes these characters: it is where the text is written, in the value of a
    variable or in an array. The engine shows both places.
    """

    region: Region
    start: int
    end: int
    origin: Span | None = None

    @property
    def text(self) -> str:
        return self.region.text[self.start : self.end]

    def sub(self, start: int, end: int) -> Span:
        """Part of this span, relative to its start."""
        return Span(self.region, self.start + start, self.start + end)

    def file_span(self) -> tuple[int, int]:
        """Offsets in the document's text."""
        return self.region.map.to_outer(self.start, self.end)
