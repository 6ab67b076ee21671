"""Values under a secret's name, in whatever notation of whatever kind of file: what is masked of them.

A rule reports what it is sure of; a mask may be too large. Offsets are code points.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.secrets.beginnings import NAME_PARTS
from nemolint.secrets.names import (
    classify,
    key_of_interest,
    label_of,
    last_segment,
    literal_defaults,
    name_field,
    name_words,
    scheme_length,
    secret_key,
    spelt_secret,
)
from nemolint.shell.literal import lowered as in_lower_case

# What is between two strings that code joins: `"a" "b"`, `"a" + f"b"`, `f"a{'b'}c"`; in a notebook, on two lines.
BETWEEN = r"""[\s+()]|\\(?:\r?\n|n)?|\",\s{0,40}\"|\#[^\n]{0,200}\n"""
QUOTES = frozenset("\"'")
CODE_KINDS = frozenset({"python", "notebook"})
_SHORTEST_VALUE = 8
_KEY_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-")
_LONGEST_KEY = 128
# Three quotes may be followed by a line break, which is not part of the text.
_THREE = r"(?:\\*+\"){3}|(?:\\*+'){3}"
# Two sets, since one of three or more ranges beyond Latin-1 takes ten times as long to compile.
_QUOTE = rf"""(?:{_THREE}|\\*+(?:["'`]|[‘’“-„]|&quot;|&\#39;))"""
_STRING = rf"[rbfuRBFU]{{0,2}}{_QUOTE}"
_REST = r"[\w.\-]{0,128}+"
# What follows a key to give it a value.
_TYPE = rf"\s{{0,4}}[\w.\[\]]{{1,40}}(?:\s?\|\s?[\w.\[\]]{{1,40}}){{0,4}}\s{{0,4}}=(?=[ \t]{{0,4}}(?:{_STRING}|\())"
_CELL = r"\s{0,40}[`*]{0,3}[^\s|`*]{8,300}[`*]{0,3}\s{0,40}\|"
_SIGN = (
    rf"(?:{_QUOTE}|\*\*)?[\])]?\s{{0,8}}(?P<sign>:=|=>|->|<<<|[?+]=|===?|!==?|=|:(?:{_TYPE})?|\|(?={_CELL})"
    rf"|>(?=[^\s<>]{{8,300}}<)|is:?(?<=\sis|is:)(?=\s)|[,(](?=\s{{0,8}}{_STRING}))"
    r"(?:\*\*)?\s{0,8}(?:\\\r?\n\s{0,80})?"
)
# What may enclose a value: a list, parentheses, a call.
_OPEN = (
    rf"(?:(?P<open>\[|\(|-[ ]|[A-Za-z_][\w.]{{0,80}}\((?=\s{{0,80}}{_STRING}))\s{{0,80}}"
    r"(?:\\n\",\s{0,40}\"\s{0,40})?)?"
)
# Searched in lower case, after the part of a name.
_GIVEN = lazily(rf"{_REST}{_SIGN}{_OPEN}(?:[rbfu]{{0,2}}(?P<quote>{_QUOTE})|(?=\S))")
_NEXT_ITEM = lazily(
    rf"{_QUOTE}?\s{{0,80}}(?:,|\n[ \t]{{0,80}}-[ ])\s{{0,80}}(?:[rbfu]{{0,2}}(?P<quote>{_QUOTE})|(?=\S))"
)
_MOST_ITEMS = 100
_LINE_BREAK = lazily(r"\\?\r?\n\s{0,80}|\\n\",\s{0,40}\"\s{0,40}")
# Signs that have other meanings, too.
_WEAK_SIGNS = frozenset({"->", "==", "===", "!=", "!==", "|", ">", "(", "is", "is:"})
# A function of such a name returns the value of the given name.
_READS = frozenset(
    {"create", "decode", "delete", "encode", "env", "fetch", "find", "generate", "get", "getenv", "has", "input", "is"}
    | {"list", "load", "lookup", "make", "open", "parse", "prompt", "read", "remove", "resolve"}
)
# A value without a sign, after an option or a command that takes a name and a value.
_FOLLOWED = lazily(
    rf"{_REST}(?:{_QUOTE})?,?[ \t]{{1,8}}(?:\\?\r?\n[ \t>#]{{0,80}})?(?:(?P<quote>{_QUOTE})|(?=[^\s\-=:]))"
)
_TAKES_VALUE = lazily(
    r"""(?x) (?: (?:^|[\s"'`(\[,]) (?:-{1,2} | [‐-―−])
    | \b(?: ENV | ARG | setx | setenv | export | set(?:\s-\w{1,8}){0,3} | %env | config(?:ure)?\s+set | secrets?\s+set
    )\s+ ) \Z"""
)
# The last words of a line of a netrc file.
_NETRC = lazily(r"(?:\blogin\s+\S{1,128}\s+|^[ \t]*)\Z", re.MULTILINE)
_PAIR = r"""["'\\]*+\s{0,8}[:=]\s{0,8}\\*+["']?"""
_NAME_VALUE = lazily(rf"(?i)\b(?:name|key){_PAIR}(?P<key>\w{{1,128}})[^\w:=]{{1,120}}value{_PAIR}(?P<at>)")
_VALUE_NAME = lazily(
    rf"(?i)\bvalue{_PAIR}(?P<at>)[^\s\"',}}]{{4,1024}}[^\w:=]{{1,120}}(?:name|key){_PAIR}(?P<key>\w{{1,128}})"
)
_AUTH = lazily(rf"(?i)auth\s*=\s*[(\[]\s*{_QUOTE}[^\"'\n]{{0,128}}{_QUOTE}\s*,\s*(?P<quote>{_QUOTE})")
_USER = lazily(r"-(?:(?<=\s-)|(?<=\A-))(?:u|-user|-proxy-user|a|-auth)[\s=]?\s*[\"']?[^\s:\"'$]{1,128}:(?=[^\s/])")
_UNQUOTED = lazily(r"""[^\s"'“”‘’`\\,;(){}\[\]<>|&]+""")
# Code, not a value: `config.token`, `get_token(`.
_CODE = lazily(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*[(\[]|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+\Z")
_LONGEST_VALUE = 1024
# A default for a value that is not set: `getenv(…) or "v"`, `env.KEY || "v"`.
_ELSE = lazily(
    rf"^[ \t]*(?:\w+[ \t]+){{0,2}}(?P<key>[\w.\[\]\"']{{1,128}})[ \t]*(?::[^=\n]{{1,60}})?=[^=\n][^\n]{{0,200}}?"
    rf"(?:\bor\b|\|\||\?\?)\s{{0,8}}[rbfu]{{0,2}}(?P<quote>{_QUOTE})",
    re.MULTILINE,
)
_OR_STRING = lazily(r"(?: or|\|\||\?\?)\s{0,8}[rbfu]{0,2}\\*+(?:(?=[\"'`&])|(?=[‘’“-„]))")
_NAME = r"[\w.]++(?:\[[\"']?\w{1,128}[\"']?\])?"
_UNPACKED = lazily(
    rf"^[ \t]*(?P<keys>{_NAME}(?:[ \t]*,[ \t]*{_NAME}){{1,9}})[ \t]*=[ \t]*(?P<values>[^=\n][^\n]*)", re.MULTILINE
)
# `dict(zip(["a", "api_key"], ["x", "v"]))`.
_ZIPPED = lazily(
    r"\bzip\(\s{0,80}[(\[](?P<keys>[^()\[\]]{1,1000})[)\]]\s{0,8},\s{0,80}[(\[](?P<values>[^()\[\]]{1,2000})[)\]]"
)
_NAME_IN_QUOTES = lazily(r"[\"']([\w.\-]{1,128})\\?[\"']")
_ONE_STRING = lazily(r"[rbfu]{0,2}(?P<quote>[\"'])(?:(?!(?P=quote))[^\\\n]|\\.)*+(?P=quote)|[^\s,\"'][^,\"']*")
# Commands that take a secret where no name says so, each with a word that it has.
_COMMANDS = (
    (
        "secret",
        lazily(
            rf"secrets?\s+(?:add|create|put|set|update)\b[^\n|;&]{{0,200}}?\s(?:-b|--body|-v|--value)[=\s]\s{{0,8}}"
            rf"(?P<quote>{_QUOTE})?"
        ),
    ),
    ("lep", lazily(rf"lep\s+login\b[^\n|;&]{{0,80}}?\s-c[=\s]\s{{0,8}}(?P<quote>{_QUOTE})?[^\s:\"']{{1,64}}:")),
    ("alias", lazily(rf"mc\s+alias\s+set(?:\s+[^\s;|&]{{1,256}}){{3}}\s+(?P<quote>{_QUOTE})?")),
    # Programs that take a password behind a letter or a word of their own.
    *(
        (word, lazily(rf"\b{word}\b[^\n|;&]{{0,200}}?\s{option}\s?(?P<quote>{_QUOTE})?(?=[^\s=\-])"))
        for word, option in (
            ("openssl", "-pass(?:in|out)?[ ]+pass:"),
            ("http-basic", r"\S{1,80}"),
            ("SecureString", "--value"),
            ("snowsql", "-p"),
            ("twine", "-p"),
            ("zip", "-P"),
            ("7z", "-p"),
        )
    ),
    # What is decoded on the way.
    (
        "base64",
        lazily(
            rf"\b(?:echo|printf)\s+(?:-\w+\s+)?(?P<quote>{_QUOTE})?(?=[A-Za-z0-9+/=]{{16,4000}}{_QUOTE}?\s{{0,8}}\|\s{{0,8}}base64\s+-)"
        ),
    ),
    (
        "printf",
        lazily(rf"printf\s+-v\s+\w*(?:KEY|PASS|PWD|SECRET|TOKEN)\w*\s+\S{{1,20}}\s+(?P<quote>{_QUOTE})?"),
    ),
    *(
        (
            word,
            lazily(
                rf"\b(?:echo|printf)\s+(?:-\w+\s+|[\"']?%s(?:\\n)?[\"']?\s+)?(?P<quote>{_QUOTE})?"
                rf"(?=[^\s|]{{4,300}}\s{{0,8}}\|[^|\n]{{0,80}}{consumer})"
            ),
        )
        for word, consumer in (("sudo", r"\ssudo\b[^|\n]{0,40}\s-S"), ("stdin", r"(?:\s--password-stdin|-stdin\b)"))
    ),
)


class Concealed(NamedTuple):
    """Characters `start:end` of a document that must not be shown; they represent `value`.

    Up to `value_start` it is the fixed prefix of its format. `key` is "" for a known format.
    """

    start: int
    end: int
    label: str
    value: str
    value_start: int = 0
    key: str = ""


def named_values(text: str, kind: str) -> Iterator[Concealed]:
    """Values under a secret's name, in whatever notation."""
    for word, pattern in _COMMANDS:
        for match in pattern.finditer(text) if word in text else ():
            yield from _value(text, "password", match.end(), match["quote"], sure=True, code=False)
    lowered = in_lower_case(text)
    parts = [part for part in NAME_PARTS if part in lowered]
    if not parts:
        return
    code = kind in CODE_KINDS
    plain = lowered if len(lowered) == len(text) else text
    # Most pages have `tokenizer` and `key`, but no name that matters. The patterns are large.
    if not any(_may_be_of_interest(text, at) for part in parts for at in _places(part, plain)):
        parts = []
    for part in parts:
        for at, match in _behind(part, _GIVEN, plain):
            key = _singular(_key_at(text, at), match["sign"])
            if key_of_interest(key) and _given(text, at, match, key):
                yield from _given_values(text, key, match, code)
        for at, match in _behind(part, _FOLLOWED, plain):
            key = _key_at(text, at)
            if key_of_interest(key) and _takes_value(text, at, match, key) and not text.startswith("--", match.end()):
                yield from _value(text, key, match.end(), match["quote"], code=code)
    for pattern in (_NAME_VALUE, _VALUE_NAME) if "value" in lowered else ():
        for match in pattern.finditer(text):
            if key_of_interest(match["key"]):
                at = match.start("at")
                quote = text[at - 1] if text[at - 1] in "\"'" else None
                yield from _value(text, match["key"], at, quote, strong=True, code=code)
    for match in _AUTH.finditer(text) if "auth" in lowered else ():
        yield from _value(text, "password", match.end(), match["quote"], strong=True, code=code)
    for match in _USER.finditer(text):
        yield from _value(text, "password", match.end(), None, code=code)
    for match in _ELSE.finditer(text) if _OR_STRING.search(text) else ():
        if key_of_interest(match["key"]):
            yield from _value(text, match["key"], match.end(), match["quote"], strong=True, code=code)
    for match in _UNPACKED.finditer(text) if code else ():
        keys = [re.split(r"[\[\"']+", key.strip().rstrip("\"']"))[-1] for key in match["keys"].split(",")]
        found = list(_ONE_STRING.finditer(text, match.start("values"), match.end("values")))
        for key, item in zip(keys, found, strict=False) if len(keys) == len(found) else ():
            if item["quote"] and key_of_interest(key):
                yield from _value(text, key, item.end("quote"), item["quote"], strong=True, code=code)
    for match in _ZIPPED.finditer(text) if code and "zip(" in text else ():
        keys = _NAME_IN_QUOTES.findall(match["keys"])
        found = list(_ONE_STRING.finditer(text, *match.span("values")))
        for key, item in zip(keys, found, strict=False) if len(keys) == len(found) else ():
            if item["quote"] and key_of_interest(key):
                yield from _value(text, key, item.end("quote"), item["quote"], strong=True, code=code)


def _places(part: str, text: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + len(part))


def _may_be_of_interest(text: str, at: int) -> bool:
    """Whether the name at `at` takes a secret, whatever sign follows it."""
    key = _key_at(text, at)
    return any(key_of_interest(name) for name in {key, _singular(key, ""), _singular(key, "(")})


def _behind(part: str, pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, re.Match[str]]]:
    """The occurrences of `part` with the match of `pattern` after it. Compiling one for each part is slow."""
    at = text.find(part)
    while at >= 0:
        match = pattern.match(text, at + len(part))
        if match is not None:
            yield at, match
        at = text.find(part, at + len(part) if match is None else match.end())


def _given_values(text: str, key: str, match: re.Match[str], code: bool) -> Iterator[Concealed]:
    """The value after a sign, or the values in a list after it."""
    sign, opening, start, quote = match["sign"], match["open"] or "", match.end(), match["quote"]
    sure = sign in _WEAK_SIGNS or bool(opening)
    if len(opening) > 2:
        if not _READS.isdisjoint(name_words(opening)):
            return
    elif sign == "," and text.startswith("--", start):  # another option
        return
    yield from _value(text, key, start, quote, strong=sign != ":", sure=sure, code=code)
    if opening not in ("[", "- "):
        return
    for _ in range(_MOST_ITEMS):
        end = _closing(text, start, quote) if quote else _end_of(_UNQUOTED.match(text, start, start + _LONGEST_VALUE))
        following = _NEXT_ITEM.match(text, end)
        if following is None or not text[start:end].strip() or text[end - 1] == ":":
            return
        start, quote = following.end(), following["quote"]
        yield from _value(text, key, start, quote, sure=True, code=code)


def _end_of(match: re.Match[str] | None) -> int:
    return match.end() if match else 0


def _given(text: str, at: int, match: re.Match[str], key: str) -> bool:
    """Whether the sign after a key gives it a value.

    It does not after the name of an expansion, `${KEY:?…}`, between items of a list, `"KEY", "OTHER"`, or after a
    function that reads, `get_secret("NAME")`.
    """
    sign = match["sign"]
    before = text[max(at - _LONGEST_KEY - 200, 0) : _start_of(text, key, at, match.end())]
    if sign == ",":
        bare = before.rstrip("\"'\\ \n")
        return key.startswith("--") or bare.endswith("(") or _SETS.search(bare) is not None
    if sign == "(":
        return name_words(last_segment(key))[0] not in _READS
    if sign == "|":
        return before.rstrip("`* \t").endswith("|")
    if sign == ">":
        return before.endswith("<")
    return not before.endswith("${")


def _start_of(text: str, key: str, at: int, end: int) -> int:
    """Where a key begins that has its word of interest at `at`, before `end`."""
    start = text.rfind(key, max(at - _LONGEST_KEY - 2, 0), end)
    return start if start >= 0 else at


_SETS = lazily(r"(?i)set\w{0,40}\(\s{0,8}[\w.]{1,80}\s{0,8},\Z")


def _takes_value(text: str, at: int, match: re.Match[str], key: str) -> bool:
    """Whether a name is an option, or a command assigns the next word to it."""
    start = _start_of(text, key, at, match.end())
    before = text[max(start - 40, 0) : start]
    if key.startswith("-"):
        before, key = before + "-", key.lstrip("-")
    if _TAKES_VALUE.search(before):
        return True
    return key in ("password", "passwd") and _NETRC.search(text, max(start - 160, 0), start) is not None


_SETTER = lazily(r"(?:with|use|add)_?(?=[A-Z]|(?<=_)[a-z])")


def _singular(key: str, sign: str) -> str:
    """The name of one value for `api_keys`, and for a method that takes one, `withToken(`."""
    if key[-1:] in ("s", "S") and spelt_secret(key[:-1]):
        return key[:-1]
    method = key.rpartition(".")[2]
    setter = _SETTER.match(method) if sign == "(" else None
    return method[setter.end() :] if setter is not None else key


_WORD_OF_KEY = lazily(r"(?i)\b(api|access|secret)[ \-]\Z")


def _key_at(text: str, start: int) -> str:
    """The name that contains the word of interest at `start`."""
    end = start
    least = max(start - _LONGEST_KEY, 0)
    while start > least and text[start - 1] in _KEY_CHARACTERS:
        start -= 1
    while end < len(text) and text[end] in _KEY_CHARACTERS:
        end += 1
    key = text[start:end]
    if text[start - 1 : start] == "\\" and key[:1] in ("n", "r", "t"):
        key = key[1:]
    if key.lower() == "key" and (word := _WORD_OF_KEY.search(text, max(start - 10, 0), start)):
        return f"{word[1]}_key"
    # `-eKEY=`, `-DKEY=`
    return key[2:] if key[:1] == "-" and key[1:2] != "-" and len(key) > 2 and not key_of_interest(key) else key


def _value(
    text: str, key: str, start: int, quote: str | None, *, code: bool, strong: bool = False, sure: bool = False
) -> Iterator[Concealed]:
    """The value that begins at `start`, if it has to be masked; with `sure` only what cannot be anything else.

    A string ends at the next quote, or where code or a shell would end it.
    """
    if not quote:
        run = _UNQUOTED.match(text, start, start + _LONGEST_VALUE)
        if run is None or _CODE.match(text, start, run.end() + 1) or (code and run.group().replace("_", "").isalpha()):
            return
        end = run.end()
        if run.group().lower() in _SCHEMES and (after := _UNQUOTED.match(text, end + 1, end + _LONGEST_VALUE)):
            start, end = after.span()
        ends = {end: text[start:end]}
    else:
        if len(quote) > 2 and (line := _LINE_BREAK.match(text, start)):
            start = line.end()
        end = _closing(text, start, quote)
        ends = {end: text[start:end]}
        whole, last = _whole_string(text, start, quote, code)
        ends.setdefault(last, whole)
    doubtful = not sure and quote != "`" and (bool(quote) or (strong and not code))
    for end, value in ends.items():
        skipped = scheme_length(value)
        value = value[skipped:]
        first = start + skipped
        for _, inner, last in literal_defaults(value) if value.startswith("${") else ():
            first, end, value = first + inner, first + last, value[inner:last]
        if len(value) < _SHORTEST_VALUE or name_field(key) or secret_key(value):
            continue
        if code and quote and value.lstrip().startswith(")"):  # the end of a prompt: `getpass("API key: ")`
            continue
        verdict = classify(key, value)
        if verdict == "secret" or (verdict == "doubtful" and doubtful):
            yield Concealed(first, end, label_of(key), value, key=key)


@lru_cache
def _inside(quote: str) -> re.Pattern[str]:
    """The content of a string that `quote` opened, including escapes and joined lines."""
    return re.compile(rf"(?:(?!{re.escape(quote)})(?:[^\\\n]|\\(?:\r?\n[ \t]*|[^\n]))){{0,{_LONGEST_VALUE}}}+")


_ESCAPED = lazily(r"\\(?:\r?\n[ \t]*|(.))")
_NEXT_STRING = lazily(rf"(?:{BETWEEN}){{0,40}}[rbfuRBFU]{{0,2}}(?P<quote>\\*+(?P<mark>[\"']))(?!(?P=mark){{2}})")


_MOST_STRINGS = 8  # joined strings


def _whole_string(text: str, start: int, quote: str, code: bool) -> tuple[str, int]:
    """The value of the string that `quote` opened before `start`, with those joined to it, and its end."""
    parts: list[str] = []
    end = start
    for _ in range(_MOST_STRINGS):
        inside = _inside(quote).match(text, start)
        end = _end_of(inside)
        parts.append(_ESCAPED.sub(r"\1", text[start:end]))
        closed = end + len(quote)
        if not text.startswith(quote, end) or quote[-1] not in QUOTES:
            break
        following = _NEXT_STRING.match(text, closed) if code else None
        if following is not None and len(following["quote"]) != len(quote):  # the end of a notebook's line
            following = None
        if following is None and text[closed : closed + 1] in ("'", '"'):  # `"a"'b'`, and `'a''b'` of YAML
            start, quote = closed + 1, text[closed]
        elif following is not None:
            start, quote = following.end(), following["quote"]
        else:
            break
    return "".join(parts), end


_SCHEMES = frozenset({"bearer", "basic", "token", "apikey", "api-key"})
_CLOSING = {"“": "”“", "”": "”", "„": "“”", "‘": "’‘", "’": "’"}


def _closing(text: str, start: int, quote: str) -> int:
    """Where the value ends that a quote opens at `start`: at the closing quote, else with its line."""
    line = text.find("\n", start)
    limit = min(len(text) if line < 0 else line, start + _LONGEST_VALUE)
    ends = [at for mark in _CLOSING.get(quote, (quote,)) if (at := text.find(mark, start, limit)) >= 0]
    return min(ends, default=start + len(text[start:limit].rstrip("\r ")))
