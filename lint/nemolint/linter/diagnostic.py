"""A finding with concrete positions: file, lines, columns, severity, and the edits of its fix in the file."""

from __future__ import annotations

from nemolint.base.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.base.choices import Severity

HOME = "https://github.com/nemolint/nemolint"
RULE_URL = HOME + "/blob/main/{}"


class FileEdit(NamedTuple):
    """Replace characters `start:end` (code points) of the file's text with `text`."""

    start: int
    end: int
    text: str
    line: int
    column: int
    end_line: int
    end_column: int


class FileFix(NamedTuple):
    """A fix whose edits are all possible in the file."""

    title: str
    safe: bool
    edits: tuple[FileEdit, ...]


class RelatedPlace(NamedTuple):
    """A second place of a diagnostic; line and column from 1, or 0 for the file as such.

    `written`: what the diagnostic is about is written there, and only used at its own place.
    """

    message: str
    path: str
    line: int
    column: int
    written: bool = False


class Diagnostic(NamedTuple):
    """What is reported. Lines and columns count from 1 in code points, ends are exclusive.

    `start` and `end` are offsets in the file's text; `command` is what the fingerprint is made of, secrets masked: the
    words of the command that contains it, else those of its line. `needs_reason`: it takes a suppression that names the
    rule and gives a reason (a secret of a known format). `together`: see `Finding`; empty once they are joined.
    `yields`: its rule is silent while an error says that the run cannot start. `cell` and `cell_line`: in a notebook,
    the cell and the line in it, counted from 1; `line` is that of the file.
    """

    rule: str
    severity: Severity
    message: str
    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    start: int = 0
    end: int = 0
    cell: int | None = None
    url: str = ""
    related: tuple[RelatedPlace, ...] = ()
    fix: FileFix | None = None
    fingerprint: str = ""
    command: str = ""
    needs_reason: bool = False
    final: bool = False
    together: str = ""
    yields: bool = False
    cell_line: int | None = None

    @property
    def sort_key(self) -> tuple[str, int, int, str]:
        return (self.path, self.line, self.column, self.rule)
