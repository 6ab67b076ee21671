"""The last look at all that leaves the process: no stream, file or cache entry holds a credential of a known format.

What is known of one document (`nemolint.secrets.redact`) is masked before. This is the line behind it, which every
writer passes: a name of a file, a setting or an error may hold a credential, too. Most texts hold nothing that looks
like one, and `may_hold` tells so without a pattern, so that the start of a repeated check loads nothing for it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, TextIO

# What a credential of each format begins with, and how many characters of a token follow at least.
_BEGINNINGS = (
    ("nvapi-", 20), ("hf_", 20), ("api_org_", 20), ("wandb_v1_", 20), ("sk-", 20), ("AKIA", 16), ("ASIA", 16),
    ("AIza", 20), ("ghp_", 20), ("gho_", 20), ("ghu_", 20), ("ghs_", 20), ("ghr_", 20), ("github_pat_", 20),
    ("glpat-", 20), ("xox", 20), ("xapp-", 20), ("eyJ", 9),
)  # fmt: skip
_NGC_LENGTH = 84
_WANDB_LENGTH = 40
_LONGEST_USERINFO = 400
# What ends a word in which base64 may stand.
_NOT_BASE64 = str.maketrans(dict.fromkeys("\"'`.,:;()[]{}<>|&=_-", " "))


def masked(text: str) -> str:
    """`text` with every credential of a known format masked; the very same text where it holds none."""
    if not may_hold(text):
        return text
    from nemolint.secrets.redact import mask_formats

    return mask_formats(text)


def may_hold(text: str) -> bool:
    """False for a text without any credential of a known format. True says little."""
    for beginning, least in _BEGINNINGS:
        at = text.find(beginning)
        while at >= 0:
            at += len(beginning)
            if _is_token(text[at : at + least], least):
                return True
            at = text.find(beginning, at)
    if "PRIVATE KEY" in text or ("@" in text and _may_hold_userinfo(text)):
        return True
    if len(text) < _WANDB_LENGTH:
        return False
    lowered = text.lower()
    if "wandb" in lowered or ("aws" in lowered and "secret" in lowered):
        return any(len(word) >= _WANDB_LENGTH for word in text.translate(_NOT_BASE64).split())
    return any(
        len(part) >= _NGC_LENGTH
        for word in text.split()
        if len(word) >= _NGC_LENGTH
        for part in word.translate(_NOT_BASE64).split()
    )


def _is_token(text: str, least: int) -> bool:
    """Whether `text` is so long and could stand within a token."""
    return len(text) == least and text.isascii() and text.replace("-", "").replace("_", "").replace(".", "").isalnum()


def _may_hold_userinfo(text: str) -> bool:
    at = text.find("://")
    while at >= 0:
        host, sign, _ = text[at + 3 : at + 3 + _LONGEST_USERINFO].partition("@")
        if sign and ":" in host and "/" not in host and not any(map(str.isspace, host)):
            return True
        at = text.find("://", at + 3)
    return False


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
