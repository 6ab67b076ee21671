"""Shell scripts: the whole file is one script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nemolint.sources import Reading
from nemolint.sources.lines import body
from nemolint.sources.region_context import RegionContext

if TYPE_CHECKING:
    from nemolint.document import Document


def read(document: Document) -> Reading:
    """Read a shell script."""
    # A `{% … %}` tag tells that a program fills the script in.
    place = RegionContext(document, "script", "sh", templated="{%" in document.text)
    return Reading((place.region(body(document), "shell"),))
