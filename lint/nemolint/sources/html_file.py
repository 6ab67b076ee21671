"""Pages in HTML: preformatted text, inline code and comments, as in the HTML of a page in Markdown."""

from __future__ import annotations

from nemolint.sources.lines import body
from nemolint.sources.markdown import read_html
from nemolint.sources.region_context import RegionContext

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.document import Document
    from nemolint.sources import Reading


def read(document: Document) -> Reading:
    """Read a page in HTML."""
    return read_html(body(document), RegionContext(document, "doc", "html"))
