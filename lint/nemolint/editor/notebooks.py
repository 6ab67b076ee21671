"""Notebooks of an editor, which has each cell as a text of its own: as one text like their file, and back to cells."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property

from nemolint.base.named_tuple import NamedTuple
from nemolint.editor.actions import ClientEdit, edits_between
from nemolint.editor.client_positions import ClientRange, ClientText
from nemolint.editor.diagnostics import ShownDiagnostic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.editor.client_positions import Encoding


class ClientCell(NamedTuple):
    """A cell: the URI of its text, whether it is code, its language, its text."""

    uri: str
    code: bool
    language: str
    text: ClientText


class NotebookText:
    """Cells as the text of a notebook's file."""

    def __init__(self, cells: Sequence[ClientCell], encoding: Encoding) -> None:
        self.cells = tuple(cells)
        languages = Counter(cell.language for cell in cells if cell.code and cell.language != "raw")
        kernel = "python" if languages["python"] or not languages else languages.most_common(1)[0][0]
        parts: list[str] = ['{"cells": [']
        length = len(parts[0])
        self._starts: list[int] = []  # where the text of each cell begins, behind its quote
        for number, cell in enumerate(cells):
            kind = "raw" if cell.language == "raw" else "code" if cell.code else "markdown"
            own = {"vscode": {"languageId": cell.language}} if kind == "code" and cell.language != kernel else {}
            head: dict[str, object] = {"cell_type": kind, "metadata": own}
            if kind == "code":
                head |= {"execution_count": None, "outputs": []}
            begin = f'{", " if number else ""}{json.dumps(head)[:-1]}, "source": "'
            source = _written(cell.text.text)
            self._starts.append(length + len(begin))
            parts.append(f'{begin}{source}"}}')
            length += len(parts[-1])
        metadata = {"language_info": {"name": kernel}}
        parts.append(f'], "metadata": {json.dumps(metadata)}, "nbformat": 4, "nbformat_minor": 5}}\n')
        self.text = ClientText("".join(parts), encoding)

    @cached_property
    def _offsets(self) -> dict[int, list[int]]:
        return {}

    def _of_cell(self, index: int) -> list[int]:
        """Where each character of a cell is in the text, and where its end is."""
        if index not in self._offsets:
            at = self._starts[index]
            found = [at]
            for char in self.cells[index].text.text:
                at += len(_written(char))
                found.append(at)
            self._offsets[index] = found
        return self._offsets[index]

    def index_of(self, uri: str) -> int | None:
        """The cell with this URI."""
        return next((index for index, cell in enumerate(self.cells) if cell.uri == uri), None)

    def offset(self, index: int, offset: int) -> int:
        """Where a character of a cell is in the text."""
        found = self._of_cell(index)
        return found[min(max(offset, 0), len(found) - 1)]

    def place(self, offset: int) -> tuple[int, int] | None:
        """The cell that a character of the text is in, and where in it; None outside of cells."""
        index = bisect_right(self._starts, offset) - 1
        if index < 0 or offset > self._of_cell(index)[-1]:
            return None
        return index, bisect_right(self._of_cell(index), offset) - 1

    def range(self, range: ClientRange) -> tuple[str, ClientRange]:
        """The URI of the cell that a range of the text begins in, and the range there; else the first cell's start."""
        first = self.place(self.text.offset(range.start))
        if first is None:
            cell = self.cells[0]
            return cell.uri, cell.text.range(0, 0)
        index, start = first
        last = self.place(self.text.offset(range.end))
        cell = self.cells[index]
        end = last[1] if last is not None and last[0] == index else len(cell.text.text)
        return cell.uri, cell.text.range(start, end)

    def in_cells(self, items: Iterable[ShownDiagnostic]) -> list[ShownDiagnostic]:
        """Findings of the text as findings of its cells."""
        result = []
        for item in items:
            related = []
            for place in item.related:
                if place.path is None and self.cells:
                    uri, there = self.range(place.range)
                    place = place._replace(uri=uri, range=there)
                related.append(place)
            item = item._replace(related=tuple(related))
            if item.path is None and self.cells:
                uri, there = self.range(item.range)
                item = item._replace(uri=uri, range=there)
            result.append(item)
        return result

    def edits(self, edits: Iterable[ClientEdit]) -> list[tuple[str, tuple[ClientEdit, ...]]] | None:
        """Edits of the text as those of its cells, by URI; None if they change anything else."""
        text = self.text.text
        for edit in reversed([*edits]):
            start, end = self.text.offset(edit.range.start), self.text.offset(edit.range.end)
            text = text[:start] + edit.text + text[end:]
        try:
            old, new = json.loads(self.text.text), json.loads(text)
            sources = [cell.pop("source") for cell in new["cells"]]
        except (ValueError, TypeError, KeyError, AttributeError):
            return None
        for cell in old["cells"]:
            del cell["source"]
        if old != new or not all(isinstance(source, str) for source in sources):
            return None
        changed = ((cell, source) for cell, source in zip(self.cells, sources, strict=True) if cell.text.text != source)
        return [(cell.uri, tuple(edits_between(cell.text, source))) for cell, source in changed]


def _written(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]
