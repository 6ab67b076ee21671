"""Values under a secret's name in configuration: YAML, TOML, JSON, env files, and the fences that hold them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from nemolint.base.patterns import lazily
from nemolint.secrets.named import Named, inline, pairs
from nemolint.secrets.names import key_of_interest, scheme_length

_YAML_LINE = lazily(
    r"""(?mx) ^ [ \t>]*+ (?P<comment>\#[ \t]*)? (?:-[ \t]+){0,4} (?P<quote>["']?)
    (?P<key>[A-Za-z_][\w.\-]{0,127}) (?P=quote) [ \t]* : [ \t]+ (?P<rest>\S[^\r\n]*)"""
)
_YAML_ITEM = lazily(
    r"""(?mx) ^ [ \t>]*+ (?:\#[ \t]*)? -[ \t]+ ["']? (?P<key>[A-Za-z_]\w{0,127}) = (?P<rest>[^\s"'][^\r\n"']*)"""
)
_TOML_PAIR = lazily(
    r"""(?mx) (?: ^ [ \t>]*+ (?:\#[ \t]*)? | [{,] [ \t]{0,8} ) "?(?P<key>[A-Za-z_][\w.\-]{0,127})"? [ \t]{0,8}
    = [ \t]{0,8} (?: "(?P<double>(?:[^"\\\r\n]|\\.){0,1024}+)" | '(?P<single>[^'\r\n]{0,1024})' )"""
)
_JSON_PAIR = lazily(r'"(?P<key>[A-Za-z_][\w.\-]{0,127})"\s{0,8}:\s{0,8}"(?P<double>(?:[^"\\\r\n]|\\.){0,1024}+)"')
_ENV_LINE = lazily(
    r"""(?mx) ^ [ \t>]*+ (?:(?:export|override)[ \t]+)? (?P<key>[A-Za-z_]\w{0,127}) [ \t]*
    [:?+]{0,3}=[ \t]* (?P<rest>[^\s=:][^\r\n]*)"""
)
_NAME_VALUE = lazily(
    r"""(?x) \bname["']? [ \t]{0,4}:[ \t]{0,4} ["']? (?P<key>[A-Za-z_]\w{0,127}) ["']? [ \t]{0,8}
    (?:,\s{0,40}|\r?\n[ \t>]{0,80}) ["']?value["']? [ \t]{0,4}:[ \t]{1,4} (?P<rest>\S[^\r\n]*)"""
)
_VALUE_NAME = lazily(
    r"""(?x) \bvalue["']? [ \t]{0,4}:[ \t]{1,4} (?P<rest>\S[^\r\n,]{0,1024}+) (?:,\s{0,40}|\r?\n[ \t>]{0,80})
    ["']?name["']? [ \t]{0,4}:[ \t]{0,4} ["']? (?P<key>[A-Za-z_]\w{0,127})"""
)
_ENVIRON = lazily(
    r"""(?x) (?: environ\[\\?["'](?P<item>\w{1,127})\\?["']\]\s{0,4}=\s{0,4}\\?["']
    | %env\s{1,4}(?P<magic>\w{1,127})(?:\s{0,4}=\s{0,4}|\s{1,4}) )
    (?P<value>[^"'\\\s]{4,1024})"""
)
_FENCE = lazily(r"(?m)^[ \t>]*+(?P<mark>`{3,}|~{3,})[ \t]*+\{?(?P<language>[\w\-]*+)[^\n`]*+$")
_LANGUAGES = {
    "conf": "env",
    "dotenv": "env",
    "env": "env",
    "ini": "env",
    "properties": "env",
    "json": "json",
    "json5": "json",
    "jsonc": "json",
    "k8s": "yaml",
    "toml": "toml",
    "yaml": "yaml",
    "yml": "yaml",
    "dockerfile": "dockerfile",
}


def _scalar(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Where the value of a YAML scalar stands inside `start:end`, or None where it is no plain or quoted scalar."""
    while skipped := re.compile(r"[&!][^\s,]*[ \t]+").match(text, start, end):
        start = skipped.end()
    if start >= end or text[start] in "[{*|>":
        return None
    if text[start] in "\"'":
        closing = text.find(text[start], start + 1, end)
        return (start + 1, closing) if closing > 0 else None
    comment = re.compile(r"[ \t]#").search(text, start, end)
    end = comment.start() if comment else end
    return start, start + len(text[start:end].rstrip())


def _block_scalar(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The first line of a `|` or `>` scalar whose header stands at `start:end`."""
    if not re.fullmatch(r"[|>][+\-\d]{0,2}\s*(?:#.*)?", text[start:end]):
        return None
    line = re.compile(r"\r?\n[ \t>]+(\S[^\r\n]*)").match(text, end)
    return line.span(1) if line else None


def _has_pairs(text: str) -> bool:
    return "name" in text and "value" in text


def _yaml(text: str, start: int, end: int) -> Iterator[Named]:
    for match in _YAML_LINE.finditer(text, start, end):
        if not key_of_interest(match["key"]):
            continue
        at = _scalar(text, *match.span("rest")) or _block_scalar(text, *match.span("rest"))
        if at is None:
            continue
        first = at[0] + scheme_length(text[at[0] : at[1]])
        if not (match["comment"] and any(map(str.isspace, text[first : at[1]]))):
            yield Named(match["key"], first, at[1], "config")
    for match in _YAML_ITEM.finditer(text, start, end):
        if key_of_interest(match["key"]) and (at := _scalar(text, *match.span("rest"))):
            yield Named(match["key"], *at, "config")
    for pattern in (_NAME_VALUE, _VALUE_NAME) if _has_pairs(text) else ():
        for match in pattern.finditer(text, start, end):
            if key_of_interest(match["key"]) and (at := _scalar(text, *match.span("rest"))):
                inside = re.compile(r"[\s,}]").search(text, *at) if text[at[0] - 1] not in "\"'" else None
                yield Named(match["key"], at[0], inside.start() if inside else at[1], "config")
    for named in inline(text[start:end], "config"):
        yield named._replace(start=named.start + start, end=named.end + start)


def _quoted(pattern: re.Pattern[str], text: str, start: int, end: int) -> Iterator[Named]:
    for match in pattern.finditer(text, start, end):
        if key_of_interest(match["key"]):
            first, last = match.span(match.lastgroup or "double")
            yield Named(match["key"], first + scheme_length(text[first:last]), last, "config")


def _toml(text: str, start: int, end: int) -> Iterator[Named]:
    return _quoted(_TOML_PAIR, text, start, end)


def _json(text: str, start: int, end: int) -> Iterator[Named]:
    yield from _quoted(_JSON_PAIR, text, start, end)
    for pattern in (_NAME_VALUE, _VALUE_NAME) if _has_pairs(text) else ():
        for match in pattern.finditer(text, start, end):
            if key_of_interest(match["key"]) and (at := _scalar(text, *match.span("rest"))):
                yield Named(match["key"], *at, "config")


def _env(text: str, start: int, end: int) -> Iterator[Named]:
    for match in _ENV_LINE.finditer(text, start, end):
        if key_of_interest(match["key"]) and (at := _scalar(text, *match.span("rest"))):
            yield Named(match["key"], *at, "assignment")


def _dockerfile(text: str, start: int, end: int) -> Iterator[Named]:
    for match in re.compile(r"(?m)^[ \t]*(?:ENV|ARG)[ \t]+(\S[^\r\n]*)").finditer(text, start, end):
        line = match[1]
        separate = re.compile(r"(\w+)[ \t]+(\S+)[ \t]*\Z").match(line)
        found = [Named(separate[1], *separate.span(2))] if separate else pairs(line, data=False)
        for named in found:
            first = match.start(1)
            yield Named(named.key, named.start + first, named.end + first, "assignment")


def _python(text: str, start: int, end: int) -> Iterator[Named]:
    if "environ" not in text and "%env" not in text:
        return
    for match in _ENVIRON.finditer(text, start, end):
        yield Named(match["item"] or match["magic"], *match.span("value"), "assignment")


_SCANS = {
    "dockerfile": _dockerfile,
    "env": _env,
    "json": _json,
    "just": _env,
    "make": _env,
    "notebook": _python,
    "python": _python,
    "toml": _toml,
    "yaml": _yaml,
}


def _markdown(text: str) -> Iterator[Named]:
    """The fences of a page that hold configuration."""
    opened: re.Match[str] | None = None
    for match in _FENCE.finditer(text):
        if opened is None:
            opened = match
        elif match["mark"].startswith(opened["mark"]) and not match["language"]:
            if kind := _LANGUAGES.get(opened["language"].lower()):
                yield from _SCANS[kind](text, opened.end(), match.start())
            opened = None


@lru_cache(maxsize=2)
def named_in_config(text: str, kind: str) -> tuple[Named, ...]:
    """Each value under a secret's name in a file of this kind (see `nemolint.sources.kind_of`)."""
    if kind == "markdown":
        return tuple(_markdown(text))
    scan = _SCANS.get(kind)
    return tuple(scan(text, 0, len(text))) if scan is not None else ()
