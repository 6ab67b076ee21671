"""The results of the shell reader: words and simple commands, with positions in their region."""

from __future__ import annotations

from nemolint.base.named_tuple import NamedTuple
from nemolint.document import Region, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from nemolint.document import Document

    PieceKind = Literal["literal", "single", "double", "escaped", "expansion", "placeholder"]


class Piece(NamedTuple):
    """A part of a word: `text` as the shell would pass it on, `start:end` its place in the source.

    `literal` is bare text, `single` and `double` quoted text (`$'…'` is `single`), `escaped` one character after a
    backslash, `expansion` a `$X`, `${…}`, `$(…)`, `` `…` ``, `${{ … }}`, `{{ … }}` (`text` is the source itself),
    `placeholder` a bare `<name>` of a document. `quoted`: the piece is inside double quotes. A piece whose text is as
    long as its source maps one to one.
    """

    kind: PieceKind
    text: str
    start: int
    end: int
    quoted: bool = False


class Word(NamedTuple):
    """One word of a command. Offsets are in `region`, `start:end` covers the quotes.

    `value` is the word after quote removal, expansions kept as written. `derived` is set if the characters are written
    elsewhere (an alias, an array, a variable): `start:end` is then the place of use, and nothing in it can be edited.
    `origin` is where they are written, None if that is not a single place.
    """

    region: Region
    value: str
    start: int
    end: int
    pieces: tuple[Piece, ...] = ()
    derived: bool = False
    origin: Span | None = None

    @property
    def source(self) -> str:
        """The word as written."""
        return self.region.text[self.start : self.end]

    @property
    def span(self) -> Span:
        return Span(self.region, self.start, self.end, self.origin)

    @property
    def expansion(self) -> bool:
        """True if part of the value is unknown before it runs."""
        return any(piece.kind == "expansion" for piece in self.pieces)

    @property
    def quoted(self) -> bool:
        """True if any part of the word is quoted or escaped."""
        return any(piece.quoted or piece.kind in ("single", "double", "escaped") for piece in self.pieces)

    @property
    def has_braces(self) -> bool:
        """True if it may be more than one word by its braces."""
        return any(piece.kind == "literal" and "{" in piece.text and not piece.quoted for piece in self.pieces) and any(
            "," in piece.text or ".." in piece.text for piece in self.pieces if piece.kind == "literal"
        )

    @property
    def may_split(self) -> bool:
        """True if the shell may expand the word to no word or several (`"$@"`, `${A[@]}`, an unquoted `$X`).

        This includes `$(…)` and `$X` after an unquoted `key=`, which bash splits. A template (`{{ x }}`) counts only
        if it is the whole word.
        """
        for piece in self.pieces:
            if piece.kind != "expansion":
                continue
            text = piece.text
            if text.startswith(("{{", "${{")):
                if len(self.pieces) == 1:
                    return True
                continue
            if not piece.quoted:
                return True
            if text in ("$@", "${@}") or "[@]" in text or text.startswith(("${@", "${(@")):
                return True
        return False

    def value_span(self, start: int, end: int) -> Span:
        """The place of characters `start:end` of `value` in the source. Falls back to the whole word if derived."""
        if self.derived or not self.pieces:
            return self.span
        if not 0 <= start <= end <= len(self.value):
            raise ValueError(f"span {start}:{end} outside the word's value")
        begin = self._source_offset(start, at_end=False)
        stop = begin if end == start else self._source_offset(end, at_end=True)
        return Span(self.region, begin, stop)

    def _source_offset(self, offset: int, *, at_end: bool) -> int:
        position = 0
        for piece in self.pieces:
            length = len(piece.text)
            if (position < offset <= position + length) if at_end else (position <= offset < position + length):
                if piece.end - piece.start == length:
                    return piece.start + (offset - position)
                return piece.end if at_end else piece.start
            position += length
        return self.pieces[-1].end if self.pieces else self.end


class Assignment(NamedTuple):
    """`NAME=value` before a command's name (or alone). `NAME+=value` and `NAME[key]=value` are of the same `name`."""

    name: str
    word: Word

    @property
    def value(self) -> str:
        return self.word.value.partition("=")[2]


class Redirect(NamedTuple):
    """A redirection: its operator and target word (None for a here-document's body)."""

    operator: str
    target: Word | None
    start: int
    end: int


class Fault(NamedTuple):
    """Something about a command that bash sees otherwise than its author.

    `cut`: `span` stands behind a value that ends the command by its `detail` (`;`, a line break, …), which is written
    at `origin`. `line`: `span` begins the next line, and is not part of the command. `unseen`: `span` stands for
    nothing, as the shell that reads it does not see the variable `detail`. `substitution`: bash refuses the expansion
    at `span`, and does not run the command. `argument`: `span` stands behind the text of the option `detail` of a
    shell, so it gives that shell its `$0`, `$1`, … and is not part of the command.
    """

    kind: Literal["cut", "line", "unseen", "substitution", "argument"]
    span: Span
    detail: str = ""
    origin: Span | None = None


class Command(NamedTuple):
    """One simple command.

    `words` without assignments and redirections. `piped_to` and `piped_from` name the neighbour commands of a pipeline
    (last path part of the first word), `separator` is the operator that ends the command (a newline is `\\n`).
    `comment` is set in the text of comments. `confident` is False if the words may be wrong; `problem` says why.
    `unclosed`: a quote in it is never closed, so where it ends, and with it each word, is a guess. `called`: its words
    do not run as they are, but as what a function or an alias of the script, or another shell, makes of them.
    `faults`: what bash makes of it that its author can hardly mean.
    """

    region: Region
    words: tuple[Word, ...]
    start: int
    end: int
    assignments: tuple[Assignment, ...] = ()
    redirects: tuple[Redirect, ...] = ()
    piped_to: str = ""
    piped_from: str = ""
    separator: str = ""
    comment: bool = False
    confident: bool = True
    problem: str = ""
    unclosed: bool = False
    called: bool = False
    faults: tuple[Fault, ...] = ()

    @property
    def span(self) -> Span:
        return Span(self.region, self.start, self.end)

    @property
    def document(self) -> Document:
        return self.region.document

    @property
    def name(self) -> str:
        """The last path part of the first word, or an empty string."""
        return self.words[0].value.rpartition("/")[2] if self.words else ""
