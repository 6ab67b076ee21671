"""Byte order marks: the encoding that a file declares."""

from __future__ import annotations

import codecs

# The UTF-32 mark begins with the UTF-16 one, so it comes first.
_WIDE = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def wide_encoding(data: bytes) -> str | None:
    """The codec of a text that is marked as UTF-16 or UTF-32, else None."""
    return next((codec for mark, codec in _WIDE if data.startswith(mark)), None)
