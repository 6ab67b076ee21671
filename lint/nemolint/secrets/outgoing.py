"""The last filter before output: no stream, file or cache entry gets a credential of a known format.

The known secrets of a document (`nemolint.secrets.redact`) are masked before. This is the second line of defence,
through which every writer goes: the name of a file, a setting or an error may contain a credential, too. Most texts do
not, which `may_hold` finds out without a pattern, so that the start of a repeated check loads nothing for it.
"""

from __future__ import annotations

from nemolint.secrets.beginnings import NAME_PARTS, may_hold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, TextIO

    from nemolint.secrets.redact import Redactor


def masked(text: str) -> str:
    """`text` with every credential of a known format masked; the same object if there is none."""
    if not may_hold(text):
        return text
    from nemolint.secrets.redact import mask_formats

    return mask_formats(text)


class GivenArguments:
    """The arguments of the command, which messages quote completely or in part. Most contain no secret."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._text = "\n".join(arguments)
        keys = [argument.rpartition("=")[0].lower() for argument in arguments if "=" in argument]
        self._may_hold = may_hold(self._text) or any(name in key for key in keys for name in NAME_PARTS)
        self._redactor: Redactor | None = None

    def masked(self, text: str) -> str:
        """`text` with the secrets of the arguments masked."""
        if not self._may_hold:
            return text
        if self._redactor is None:
            from nemolint.document import Document
            from nemolint.secrets.redact import Redactor

            self._redactor = Redactor(Document("arguments", self._text, kind="text"))
        return self._redactor.scrub(text)


class MaskedStream:
    """A text stream that masks what is written to it. Bytes written to its `buffer` are not changed.

    `given` masks the secrets of the command's arguments.
    """

    def __init__(self, stream: TextIO, given: GivenArguments) -> None:
        self._stream = stream
        self._given = given

    def write(self, text: str) -> int:
        self._stream.write(masked(self._given.masked(text)))
        return len(text)

    def pass_on(self, text: str) -> None:
        """Write a text that was masked before it was cached for the same arguments."""
        self._stream.write(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
