"""The last look at all that leaves the process: no stream, file or cache entry holds a credential of a known format.

What is known of one document (`nemolint.secrets.redact`) is masked before. This is the line behind it, which every
writer passes: a name of a file, a setting or an error may hold a credential, too. Most texts hold nothing that looks
like one, and `may_hold` tells so without a pattern, so that the start of a repeated check loads nothing for it.
"""

from __future__ import annotations

from nemolint.secrets.beginnings import may_hold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, TextIO


def masked(text: str) -> str:
    """`text` with every credential of a known format masked; the very same text where it holds none."""
    if not may_hold(text):
        return text
    from nemolint.secrets.redact import mask_formats

    return mask_formats(text)


class MaskedStream:
    """A text stream that masks what is written to it. Bytes for its `buffer` pass as they are."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(masked(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
