"""Encoding of replacement text for the container of a region.

A region names its encoders innermost first (`Region.encoders`). Each takes a fragment that will be inside text of its
kind and returns what to write there, or None if it cannot be written; then the fix is withheld. If the fragment alone
does not decide that, it is refused.
"""

from __future__ import annotations

import json
import re

from nemolint.base.patterns import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Encoder = Callable[[str], str | None]

_LINE_ENDS = lazily("[\n\r\x0b\x0c\x85\u2028\u2029]")
# Characters that YAML, TOML and readers of diffs do not accept as they are.
_UNPRINTABLE = lazily("[\x00-\x08\n-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_PLAIN_YAML_STOP = lazily(r"\t|:(?:\s|\Z)|(?:\A|\s)#|\A[-?:](?:\s|\Z)|\A[\[\]{},&*!|>'\"%@`]")
_FLOW_YAML_STOP = lazily(r"[\[\]{},?]|\A[-?:]|:\Z|:[\"'\[{]")
_SAFE_MARKDOWN = lazily(r"[\w ./:=@+,%-]*")
_SAFE_WORD = lazily(r"[\w./:=@+,%-]*")
_SHELL_DOUBLE = lazily(r"[\"$`\\]")


def encode(text: str, encoders: Iterable[str]) -> str | None:
    """The text after all `encoders`, as written in the file, or None if one of them cannot write it.

    Raises KeyError for an unknown encoder.
    """
    for name in encoders:
        encoded = _ENCODERS[name](text)
        if encoded is None:
            return None
        text = encoded
    return text


def _line(text: str) -> str | None:
    return None if _LINE_ENDS.search(text) else text


def _printable(text: str) -> str | None:
    return None if _UNPRINTABLE.search(text) else text


def _none(text: str) -> None:
    """Nothing can be written here."""


def _escaped(quote: str, written: str, *, control: str = r"\u{:04x}", wide: str = r"\U{:08x}") -> Encoder:
    """Backslashes before `quote` and backslashes; `written` gives the short escapes of control characters."""
    short = {named: "\\" + letter for named, letter in zip("\b\t\n\f\r", written, strict=True) if letter != "-"}

    def escape(text: str) -> str | None:
        parts = []
        for char in text:
            if char in (quote, "\\"):
                parts.append("\\" + char)
            elif char in short:
                parts.append(short[char])
            elif char in "\n\r":
                return None
            elif _UNPRINTABLE.match(char):
                parts.append((wide if ord(char) > 0xFFFF else control).format(ord(char)))
            else:
                parts.append(char)
        return "".join(parts)

    return escape


def _whole(encoder: Encoder) -> Encoder:
    """Refuse lone surrogates, which the format cannot represent."""

    def escape(text: str) -> str | None:
        return None if re.search("[\ud800-\udfff]", text) else encoder(text)

    return escape


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _yaml_single(text: str) -> str | None:
    return None if _printable(text) is None else text.replace("'", "''")


def _yaml_folded(text: str) -> str | None:
    """A folded line's text. An empty line, or one that begins with a blank, would not be folded."""
    return _printable(text) if text.strip() else None


def _yaml_plain(text: str) -> str | None:
    return None if _PLAIN_YAML_STOP.search(text) else _printable(text)


def _yaml_flow(text: str) -> str | None:
    return None if _FLOW_YAML_STOP.search(text) else _yaml_plain(text)


def _toml_literal(text: str) -> str | None:
    return None if "'" in text else _printable(text)


def _shell_single(text: str) -> str | None:
    return None if "'" in text else _line(text)


def _shell_double(text: str) -> str | None:
    return _line(_SHELL_DOUBLE.sub(r"\\\g<0>", text))


def _only(pattern: re.Pattern[str]) -> Encoder:
    def check(text: str) -> str | None:
        return text if pattern.fullmatch(text) else None

    return check


def _replacing(*pairs: tuple[str, str]) -> Encoder:
    def replace(text: str) -> str | None:
        for old, new in pairs:
            text = text.replace(old, new)
        return _line(text)

    return replace


def _markdown_code(text: str) -> str | None:
    return None if "`" in text else _line(text)


_ENCODERS: dict[str, Encoder] = {
    "argv": _only(_SAFE_WORD),
    "cron": _replacing(("%", "\\%")),
    "hcl": _replacing(("${", "$${"), ("%{", "%%{")),
    "html": _replacing(("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")),
    "json": _json,
    "just": _replacing(("{{", "{{{{")),
    "line": _line,
    "make": _replacing(("$", "$$")),
    "md-code": _markdown_code,
    "md-table": _replacing(("|", r"\|")),
    "md-text": _only(_SAFE_MARKDOWN),
    "none": _none,
    "py-dq": _escaped('"', "btnfr"),
    "py-sq": _escaped("'", "btnfr"),
    "py-tdq": _escaped('"', "bt-fr"),
    "py-tsq": _escaped("'", "bt-fr"),
    "shell-dq": _shell_double,
    "shell-heredoc": _replacing(("\\", "\\\\"), ("$", "\\$"), ("`", "\\`")),
    "shell-sq": _shell_single,
    "toml-basic": _whole(_escaped('"', "bt-f-")),
    "toml-literal": _toml_literal,
    "yaml-dq": _whole(_escaped('"', "bt-f-")),
    "yaml-flow": _yaml_flow,
    "yaml-folded": _yaml_folded,
    "yaml-literal": _printable,
    "yaml-plain": _yaml_plain,
    "yaml-sq": _yaml_single,
}
