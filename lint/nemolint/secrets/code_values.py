"""Values under a secret's name in code: strings of Python and of languages that write names and strings like it.

Values are searched after names, so most code costs a search for a few words. Adjacent or concatenated strings are one
value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from nemolint.base.patterns import lazily
from nemolint.secrets.beginnings import NAME_PARTS
from nemolint.secrets.named import Named
from nemolint.secrets.names import key_of_interest, scheme_length

_PREFIX = r"[rbfuRBFU]{0,2}"
_STRING = rf"(?={_PREFIX}[\"'`])"
_TYPE = r"[\w.]{1,60}(?:\[[\w., |\[\]]{1,60}\])?(?:\s?\|\s?[\w.]{1,40}){0,4}"
# Calls that only wrap the value they are given, or that declare a field with its default.
_WRAPS = (
    r"(?:[A-Za-z_]\w{0,40}\.){0,3}(?:[Ff]ield|attrib|ib|Secret(?:Str|Bytes)?|str|bytes|Option|Param|Query|Header|Argument)"
    r"\(\s{0,80}(?:default\s?=\s?)?"
)
# Behind the word of a name that says "secret": the rest of the name, what gives it a value, and a string.
_GIVEN = lazily(
    rf"""(?x) (?P<rest>[\w\-]{{0,64}}+) (?P<close>["']?) \]? \s{{0,8}}
    (?P<sign> (?: :\s{{0,4}} {_TYPE} \s{{0,4}} )? =(?![=>]) | :=? | => | , ) \s{{0,80}}
    (?: (?:{_WRAPS}){{1,2}} | \(\s{{0,80}} )? {_STRING}"""
)
_SETTER = lazily(
    r"(?:setdefault|[sg]etenv|putenv|\bget|\bset|\bput|setattr|set_key|set_token|add_header|set_header|header|env|append)"
    r"\(\s{0,80}(?:[\w.]{1,60}\s{0,8},\s{0,80})?\Z"
)
_LONGEST_SETTER = 140
_LONGEST_NAME = 128
_DEFAULT = lazily(
    rf"""(?x) add_argument\( \s{{0,80}} ["'] -{{1,2}} (?P<key>[\w\-]{{1,64}}) ["'] [^()]{{0,200}}? \bdefault \s?=\s? {_STRING}"""
)
_AUTH = lazily(
    rf"""(?x) (?: \bauth["']? \s{{0,4}} [=:] \s{{0,4}} [\(\[] | (?:Basic|Digest)Auth\( ) \s{{0,80}}
    (?: ["'][^"'\n]{{0,128}}["'] | [\w.\[\]"']{{1,128}} ) \s{{0,8}} , \s{{0,80}} {_STRING}"""
)
# In one string: a header, `--option=v`, `NAME=v`, a query.
_HEADER = lazily(r"""["'](?P<key>[A-Za-z][\w\-]{2,40})\s{0,2}:\s{1,4}(?P<value>[^"'\\\n{}]{8,512})""")
_ASSIGNED = lazily(
    r"""(?<![\w$.\-{])(?P<key>--[a-z][\w\-]{2,64}|[A-Z][A-Z0-9_]{3,64})=(?P<value>[^\s"'`\\;&|(){}<>,]{8,512})"""
)
_QUERY = lazily(r"""[?&](?P<key>[A-Za-z][\w\-.]{2,64})=(?P<value>[^&#\s"'`\\<>{}]{8,512})""")
_SET_ENV = lazily(
    r"(?m)^[ \t]*%(?:set_)?env[ \t]+(?P<key>\w{1,127})(?:[ \t]*=[ \t]*|[ \t]+)(?P<value>[^\s\"']{4,1024})"
)
_OPEN = lazily(rf"(?P<prefix>{_PREFIX})(?P<quote>\"\"\"|'''|\"|'|`)")
_INSIDE = {
    quote: lazily(rf"(?:[^\\{quote[0]}{'' if len(quote) > 1 else chr(10)}]|\\.|(?!{quote}){quote[0]})*+", 16)
    for quote in ('"', "'", "`", '"""', "'''")
}
# Between strings that are one value; across lines only inside of parentheses.
_BETWEEN = lazily(rf"(?:[\s+]|\\\r?\n|\#[^\n]{{0,200}}\n){{0,80}}{_STRING}")
_FIELD = lazily(r"(?<!\{)\{[^{}]")
_MOST_PIECES = 20


class Literal(NamedTuple):
    """A string, or several joined ones: the value, and its place without the outer quotes.

    `known` is False where part of it is worked out (`f"{x}"`).
    """

    value: str
    start: int
    end: int
    known: bool


def literal(text: str, at: int, end: int) -> Literal | None:
    """The string that begins at `at`, with those that are joined to it."""
    pieces: list[str] = []
    known = True
    first = last = at
    for _ in range(_MOST_PIECES):
        opening = _OPEN.match(text, at, end)
        if opening is None:
            break
        quote = opening["quote"]
        start = opening.end()
        inside = _INSIDE[quote].match(text, start, end)
        stop = inside.end() if inside else start
        if not text.startswith(quote, stop):
            break
        if not pieces:
            first = start
        pieces.append(text[start:stop])
        last = stop
        known = known and not ("f" in opening["prefix"].lower() and _FIELD.search(text, start, stop))
        known = known and not (quote == "`" and "${" in text[start:stop])
        following = _BETWEEN.match(text, stop + len(quote), end)
        if following is None:
            break
        at = following.end()
    return Literal("".join(pieces), first, last, known) if pieces else None


def named_in_code(text: str, start: int, end: int, *, python: bool = True) -> Iterator[tuple[Named, str]]:
    """Each value under a secret's name in code, decoded if it differs from the written text."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = text
    for part in NAME_PARTS:
        at = lowered.find(part, start, end)
        while at >= 0:
            match = _GIVEN.match(text, at + len(part), end)
            if match is not None and (key := _key(text, at, match, start, python)) and key_of_interest(key):
                yield from _value(text, key, match.end(), end)
            at = lowered.find(part, at + len(part), end)
    if "add_argument" in text:
        for match in _DEFAULT.finditer(text, start, end):
            if key_of_interest(match["key"]):
                yield from _value(text, match["key"], match.end(), end)
    if "auth" in lowered:
        for match in _AUTH.finditer(text, start, end):
            yield from _value(text, "password", match.end(), end)
    for pattern in (_HEADER, _ASSIGNED, _QUERY, _SET_ENV):
        if pattern is _SET_ENV and "%" not in text:
            continue
        for match in pattern.finditer(text, start, end):
            if key_of_interest(match["key"]):
                first, last = match.span("value")
                first += scheme_length(match["value"])
                yield Named(match["key"], first, last, "text", strict=pattern is not _SET_ENV), ""


def _key(text: str, at: int, match: re.Match[str], least: int, python: bool) -> str:
    """The name with a word of interest at `at`, or "" if what follows gives it no value."""
    begin = at
    least = max(least, at - _LONGEST_NAME)
    while begin > least and (text[begin - 1].isalnum() or text[begin - 1] in "_-"):
        begin -= 1
    name_end = match.end("rest")
    quote = match["close"]
    if quote and text[begin - 1 : begin] != quote:
        return ""
    key, sign = text[begin:name_end], match["sign"]
    if not quote and "-" in key:  # a difference, `a-token`
        key = key.rpartition("-")[2]
        begin = name_end - len(key)
    if sign == ",":
        if not quote:
            return ""
        if key.startswith("-"):
            return "" if text.startswith("-", match.end() + 1) else key  # another option
        before = text[max(begin - 1 - _LONGEST_SETTER, 0) : begin - 1]
        return key if _SETTER.search(before) else ""
    if sign == ":" and not quote and python:
        return ""
    return key.lstrip("-") if not (sign.startswith(":") and key.startswith("-")) else ""


def _value(text: str, key: str, at: int, end: int) -> Iterator[tuple[Named, str]]:
    found = literal(text, at, end)
    if found is None or not found.known:
        return
    skipped = scheme_length(found.value)
    joined = found.value if len(found.value) != found.end - found.start else ""
    yield Named(key, found.start + skipped, found.end, "text"), joined[skipped:]
