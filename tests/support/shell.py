"""Shell text, and the runs that are found in it."""

from __future__ import annotations

from nemolint.base.choices import Surface
from nemolint.base.positions import TextMap
from nemolint.document import Document, Region
from nemolint.invocation import StepRun
from nemolint.reader import read_document
from nemolint.shell.find import ReadResult, find_nemotron

R = "nemotron steps run"


def region_of(text: str, surface: Surface = "script", *, console: bool = False, comment_lines: bool = False) -> Region:
    """A region that is a whole document."""
    document = Document("x", text)
    return Region(
        document, TextMap.identity(text), "shell", surface, "test", console=console, comment_lines=comment_lines
    )


def found(result: ReadResult) -> list[tuple[list[str], int]]:
    """The words from `nemotron` on, and the line, of each run."""
    runs = []
    for command in result.commands:
        index = find_nemotron(command)
        if index is not None:
            word = command.words[index]
            start, _ = word.span.file_span()
            runs.append(([w.value for w in command.words[index:]], command.document.lines.position(start).line))
    return runs


def run_of(words: str) -> StepRun:
    """The only run of a script with these words behind `nemotron steps run`."""
    (run,) = read_document("x.sh", f"{R} {words}\n".encode()).runs
    return run
