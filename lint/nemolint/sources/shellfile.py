"""Shell scripts: the whole file is one script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nemolint.document import Region
from nemolint.sources import Reading
from nemolint.sources.lines import body

if TYPE_CHECKING:
    from nemolint.document import Document


def read(document: Document) -> Reading:
    """Read a shell script."""
    return Reading((Region(document, body(document), "shell", "script", "sh"),))
