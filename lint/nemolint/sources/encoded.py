"""Commands that a text holds in base64, capital letters, backwards or in ROT13, with what turns them into commands."""

from __future__ import annotations

from nemolint.base.patterns import lazily
from nemolint.sources.command_text import MENTION, is_turned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# What any base64 of the name contains: it has three forms, for the three places in a group of three characters.
_PARTS = ("bmVtb3Ryb2", "5lbW90cm9u", "uZW1vdHJvb")
# What decodes it has one of these in its name, which few texts have.
_SIGNS = ("ase64", "b64", "atob(", "decode64")
_DECODES = lazily(
    r"\bbase64[ \t]+(?:-\w+[ \t]+){0,4}(?:-\w*[dD]\b|--d)|\bb(?:ase)?64[._-]?dec"
    r"|\bopenssl[ \t]++(?:enc[ \t]++-)?base64[ \t][^\n]{0,80}-d\b|\batob\(|FromBase64String|decode64"
    r"|\bencoding:[ \t]*[\"']?b(?:ase)?64"
)
_ENCODED = lazily(r"[A-Za-z0-9+/_-]{16,}+(?:\\?\r?\n[ \t]*+[A-Za-z0-9+/_-]{4,}+)*+")
_BREAK = lazily(r"[^A-Za-z0-9+/_-]+|\\")
_MOST_DECODED = 20_000
_CAPITALS = lazily(r"(?i:nemotron)(?<!\w.{7}nemotron)[ \t]++(?i:steps)[ \t]++(?i:run)[ \t]++[A-Za-z]\w*+/\w")
_LOWERS = lazily(r",,?\}|,,?[\"']|\btr[ \t]|(?i:lower)|\(L\)|\b(?:declare|local|typeset)[ \t]+-\w*l|:l\b|\\L")
# The command backwards and in ROT13, and what turns it.
_TURNED = lazily(r"\w++/\w++[ \t]++nur[ \t]++spets[ \t]++nortomen\b|\barzbgeba[ \t]++fgrcf[ \t]++eha[ \t]++\w++/\w")
_TURNS = lazily(r"\brev|\[::-1\]|\btr[ \t/(]|(?i:rot_?13)")


def encoded_commands(text: str) -> Iterator[int]:
    """Where a text that is decoded names the command; nothing without something that decodes it."""
    joined = "".join(text.split()) if any(sign in text for sign in _SIGNS) else ""
    if any(part in joined for part in _PARTS) and _DECODES.search(text) is not None:
        from binascii import Error, a2b_base64

        for match in _ENCODED.finditer(text):
            given = _BREAK.sub("", match[0][:_MOST_DECODED]).replace("-", "+").replace("_", "/")
            if any(part in given for part in _PARTS):
                try:
                    decoded = a2b_base64(given[: len(given) // 4 * 4] + _padded(given))
                except Error:
                    continue  # it is something else
                if MENTION.search(decoded.decode("utf-8", "replace")) is not None:
                    yield match.start()
    capitals = _CAPITALS.finditer(text) if "NEMOTRON" in text or "Nemotron" in text else ()
    found = [match.start() for match in capitals if not match[0].startswith("nemotron")]
    if found and _LOWERS.search(text) is not None:
        yield from found
    if is_turned(text) and _TURNS.search(text) is not None:
        yield from (match.start() for match in _TURNED.finditer(text))


def _padded(given: str) -> str:
    rest = given[len(given) // 4 * 4 :]
    return rest + "=" * (4 - len(rest)) if len(rest) > 1 else ""
