"""Keeps the secrets of a document, and of the project files that it leads to, out of what an editor shows."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from nemolint.editor.project_files import text_of
from nemolint.reader import read_text
from nemolint.secrets import Redactor, mask_formats

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.document import Document
    from nemolint.project import Project

_MAX_KEPT = 32


class Masking:
    """Masks the secrets of a document, and of the project files at `paths`, in any text about them."""

    def __init__(self, document: Document, project: Project, paths: Iterable[str] = ()) -> None:
        self._redactors = [_of_document(document)]
        for path in paths:
            text = text_of(path, project)
            if text is not None:
                self._redactors.append(_of_file(path, text))

    def __call__(self, text: str) -> str:
        """The text with secrets masked."""
        for redactor in self._redactors:
            if redactor.knows:
                text = redactor.scrub(text)
        return mask_formats(text)


def _of_document(document: Document) -> Redactor:
    if Redactor not in document.memo:
        document.memo[Redactor] = Redactor(document)
    redactor: Redactor = document.memo[Redactor]
    return redactor


@lru_cache(maxsize=_MAX_KEPT)
def _of_file(path: str, text: str) -> Redactor:
    return Redactor(read_text(path, text))
