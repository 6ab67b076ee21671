"""Values under a name inside one text: `key=value`, `key: value` in braces, header lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.secrets.names import entry_name, key_of_interest, last_segment, scheme_length, takes_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Site = Literal["text", "argument", "assignment", "container-env", "config", "default", "name-field"]


class Named(NamedTuple):
    """Characters `start:end` of a text: the value under the secret's name `key`.

    `strict`: the surroundings are weak evidence, so a value that looks like a word is not a secret.
    """

    key: str
    start: int
    end: int
    site: Site = "argument"
    strict: bool = False


_PAIR = lazily(r"(?:\A|(?<=[,\s?&;=\"'(/|]))(?:-e(?=[A-Z]))?((?:\+\+|[A-Za-z_\-+~])[\w.\-\[\]/:]{0,200}+)\+?=")
_NEXT_PAIR = lazily(r",(?=[A-Za-z_][\w.]{0,200}=)")
_INLINE = lazily(
    r"""(?x) (?<!\$)[{,\[] \s{0,8} (?P<quote>\\?["']|) (?P<key>[A-Za-z_][\w.\-]{0,127}) (?P=quote) \s{0,4} :
    (?:\s{1,8} | (?=[\\"']))
    (?: \\?"(?P<double>[^"\\\n]{0,512}) | '(?P<single>[^'\n]{0,512})' | (?P<plain>[^\s,{}\[\]"'][^,{}\[\]\n"']{0,511})
    )"""
)
_HEADER = lazily(r"(?:-H|--header=)?\s{0,4}([A-Za-z][\w\-]{1,60})\s{0,4}:\s{0,4}(?=\S)")
_CODE = lazily(r"[(){}\[\]]|\.\*|\\\d")


def pairs(text: str, *, data: bool) -> Iterator[Named]:
    """Each `key=value` in a word whose key is a secret's: `K=v`, `--flag=v`, `?key=v`, lists, code in quotes."""
    embedded = any(map(str.isspace, text))
    # `s/KEY=.*/KEY=v/` of sed: the value ends where its part does.
    ends = re.escape(text[1]) if data and len(text) > 3 and text[0] == "s" and text[1] in "/|#,@" else ""
    at = 0
    while match := _PAIR.search(text, at):
        key, start = match[1], match.end()
        at = start
        if not key_of_interest(key) or (data and not last_segment(key).isupper()):
            continue
        before = text[match.start() - 1] if match.start() else ""
        end = len(text)
        if start < end and text[start] in "\"'":
            closing = text.find(text[start], start + 1)
            start, end = start + 1, closing if closing > 0 else end
        elif before in ("?", "&"):
            stop = re.compile(r"[&#\s\"']").search(text, start)
            end = stop.start() if stop else end
        else:
            following = _NEXT_PAIR.search(text, start)
            end = following.start() if following else end
            if embedded and match.start():
                stop = re.compile(r"[\s\"';)]").search(text, start)
                end = min(end, stop.start()) if stop else end
            if ends and (stop := re.compile(ends).search(text, start, end)):
                end = stop.start()
        strict = data or (embedded and match.start() > 0)
        start += scheme_length(text[start:end])
        if not (strict and _CODE.search(text, start, end)):
            yield Named(key, start, end, strict=strict)
        at = max(end, at)


def inline(text: str, site: Site) -> Iterator[Named]:
    """Each `key: value` inside braces (JSON, YAML flow style)."""
    if "{" not in text and "[" not in text:
        return
    for match in _INLINE.finditer(text):
        if key_of_interest(match["key"]):
            group = match.lastgroup or "plain"
            start, end = match.span(group)
            start += scheme_length(text[start:end])
            yield Named(match["key"], start, start + len(text[start:end].rstrip()), site)


_OPTION = lazily(r"(?P<option>-{1,2}[\w\-]{1,40})[\"']?[\s,=]{1,8}[\"']?\Z")
_LONGEST_OPTION = 48


def names_secret_of_store(text: str, start: int, value: str) -> bool:
    """True where `K=value` at `start` stands behind an option that takes names of secrets, and the value may be one."""
    option = _OPTION.search(text, max(start - _LONGEST_OPTION, 0), start)
    return option is not None and takes_names(option["option"]) and entry_name(value)


def is_of_badge(text: str, start: int) -> bool:
    """True where `token=v` at `start` is part of the URL of a badge, which everybody may read."""
    before = text[max(start - _LONGEST_URL, 0) : start]
    return before[-1:] in ("?", "&") and ("badge" in before or "shields.io" in before or ".svg" in before)


_LONGEST_URL = 120


def header(text: str) -> Named | None:
    """The value of a header line, if the header is one that carries a credential."""
    match = _HEADER.match(text)
    if match is None or not key_of_interest(match[1]):
        return None
    start = match.end()
    return Named(match[1], start + scheme_length(text[start:]), len(text))
