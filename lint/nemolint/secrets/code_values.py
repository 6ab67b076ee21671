"""Values under a secret's name in code: strings of Python and of languages that write names and strings like it.

What gives a name its value is looked for behind the name, so that most code costs a search for a few words. Strings
that stand side by side, or are added, are one value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.secrets.beginnings import NAME_PARTS
from nemolint.secrets.named import Named, is_of_badge, names_secret_of_store
from nemolint.secrets.names import (
    hash_like,
    is_password,
    key_of_interest,
    scheme_length,
    spelt_secret,
    takes_names,
    weak_key,
)
from nemolint.shell.literal import lowered as in_lower_case

_PREFIX = r"[rbfuRBFU@]{0,2}"
_STRING = rf"(?={_PREFIX}[\"'`])"
_TYPE = (
    r"(?:&(?:'\w{1,20}\s)?)?[\"']?[\w.]{1,60}(?:\[[\w., |\[\]()\"'=\-]{1,120}\])?(?:\s?\|\s?[\w.]{1,40}){0,4}[\"'?]?"
)
# Calls that only wrap the value they are given, or that declare a field with its default.
_WRAPS = (
    r"(?:[A-Za-z_]\w{0,40}\.){0,3}(?:String::from|[Ff]ield|attrib|ib|Secret(?:Str|Bytes)?|b64decode|fromhex|str|bytes|Option|Param|Query|Header|Argument)"
    r"\(\s{0,80}(?:default\s?=\s?|default_factory\s?=\s?lambda\s?:\s?)?"
)
# What joins the strings of a list.
_JOINS = r"(?:(?P<empty>[\"']{2})\.join\(\s{0,80}[(\[]\s{0,80})"
# Behind the word of a name that says "secret": the rest of the name, what gives it a value, and a string.
_GIVEN = lazily(
    rf"""(?x) (?P<rest>[\w\-]{{0,64}}+) (?P<close>["']?) \]? \s{{0,8}}
    (?P<sign> (?: :\s{{0,4}} {_TYPE} \s{{0,4}} | (?<=\s)(?:\[\])?[A-Za-z]\w{{1,20}}\s{{1,4}} | \[\]\s{{0,4}}
            | \{{[\s\w;]{{1,40}}\}}\s{{0,4}} )?
        (?: \+?=(?![=>]) | <- ) | [!=]==? | :=? | => | , | \( | \{{(?=["']) )
    (?:\s|\\\r?\n){{0,80}}
    (?: (?:{_WRAPS}){{1,2}} | {_JOINS} | (?P<list>\[\s{{0,80}}) | \(\s{{0,80}} | default\s?=\s? )? {_STRING}"""
)
_SIGNED = lazily(
    r"[\w\-]{0,64}+(?:[\"']?\]?\s{0,8}(?:[=:,({]|!=|\+=|<-|\[\]|(?<=\s)(?:\[\])?[A-Za-z]\w{1,20}\s{1,4}=(?!=))"
    r"|[ ]+[\w+/][\w+/\-]{11})"
)
_SETTER = lazily(
    r"(?:setdefault|[sgSG]et[eE]nv|putenv|define|[sg]etProperty|[Aa]dd|\bSet|[sS]etRequestHeader|setHeader|addHeader|\bget|\bset|\bput|set_key|set_token|add_header|set_header|header|env|append)\(\s{0,80}\Z"
    r"|(?:\bsetattr|\.update|\bset_\w{1,40})\(\s{0,80}[\w.]{1,80}\s{0,8},\s{0,80}\Z"
)
# Where a tuple begins, and no call.
_TUPLE = lazily(r"(?<![\w)\]])[(\[]\s{0,80}\Z")
# A method that takes a secret: `save_token(`, `withApiKey(`.
_TAKES = lazily(r"(?i:add|save|set|store|update|use|with|write)_?(?=[A-Z]|(?<=_)[a-z])")
_BEARER = lazily(r"(?i)bearer[ ]+(?P<value>[A-Za-z0-9+/=_\-.]{16,512})[\"']")
_LONGEST_SETTER = 140
_LONGEST_NAME = 128
_DEFAULT = lazily(
    rf"""(?x) add_argument\( \s{{0,80}} ["'] -{{1,2}} (?P<key>[\w\-]{{1,64}}) ["']
    [^()]{{0,200}}? \bdefault \s?=\s? {_STRING}"""
)
# What a name is given unless a variable is set, and an option unless it is given.
_DEFAULTED = lazily(
    rf"""(?mx) ^ [ \t]*+ (?:[\w.]{{1,60}}\.)? (?P<key>[A-Za-z_]\w{{0,127}}+) [ \t]* (?::[^=\n]{{1,60}})? = [ \t]*
    (?:[A-Za-z_]\w{{0,40}}\.){{0,2}} (?:get|getenv|env|config|str|pop) \( [ ]{{0,8}} ["'][^"'\n]{{1,128}}["']
    \s{{0,8}} , \s{{0,8}} (?:default\s?=\s?)? {_STRING}"""
)
_OPTION = lazily(
    r"""(?x) \bOption\( \s{0,80} (?P<value>["'][^"'\n]{8,512}["'])
    \s{0,8}, \s{0,80} ["']-{1,2}(?P<key>[\w\-]{1,64})["']"""
)
# What a function gives back whose name is that of a secret.
_RETURNED = lazily(
    rf"def(?<!\wdef)[ \t]+(?P<key>\w{{1,128}})\([^()]{{0,200}}\)[^:\n]{{0,60}}:\s{{0,80}}return[ \t]+\(?{_STRING}"
)
# What stands in for a variable that is not set, or for what a name would be given.
_OR_ELSE = lazily(
    rf"""(?mx) ^ [ \t]*+ (?:(?:const|let|var)[ \t]+)?
    (?:[\w.]{{1,60}}\[["']|[\w.]{{1,60}}\.)? (?P<key>[A-Za-z_]\w{{0,127}}+) (?:["']\])? [ \t]*
    (?::[^=\n]{{1,60}})? = [ \t]* [^=\s"'][^\n]{{0,200}}? (?:\bor|\|\||\?\?) \s{{1,8}} {_STRING}"""
)
_OR_STRING = lazily(rf"(?:or|\|\||\?\?)\s{{1,8}}{_STRING}")
_ELSE = lazily(
    rf"""(?x) (?: get(?:env)?\( | environ\[ ) \s{{0,8}} ["'](?P<key>\w{{1,128}})["']
    [^()\[\]\n]{{0,80}} [)\]] \s{{0,8}} or \s{{1,8}} {_STRING}"""
)
# A user, or what else stands before a password.
_ARGUMENT = r"""(?:["'][^"'\n]{0,256}["']|\$?[\w.\[\]"'\->]{1,128}(?:\([^()\n]{0,80}\))?)\s{0,8},\s{0,80}"""
_AUTH = lazily(
    rf"""(?x) (?: \bauth["']? \s{{0,4}} [=:] \s{{0,4}} [\(\[] | (?:Basic|Digest)Auth\( | basic_auth\(
        | (?:AWSCredentials|AwsBasicCredentials\.create|UsernamePassword\w{{0,30}}|PasswordAuthentication|\.login)\(
        | \bauthenticate\( | (?:getConnection|PDO|mysqli(?:_connect)?)\( \s{{0,80}} {_ARGUMENT} ) \s{{0,80}}
    {_ARGUMENT} (?:Some\(\s{{0,8}})? {_STRING}"""
)
# What logs in to a service by a key alone.
_LOGIN = lazily(rf"\bwandb\.login\([^()]{{0,120}}?\bkey\s?=\s?{_STRING}")
# In one string: a header, `--option=v`, `NAME=v`, a query.
_WITHIN = lazily(
    r"""(?x) (?P<rest>[\w\-]{0,64}+) (?: (?P<assigned>=) (?P<value>[^\s"'`\\;&|(){}<>,]{8,512})
    | \s{0,2}:\s{1,4} (?P<header>[^"'\\\n{}]{8,512}) | [ ]+ (?P<argument>[A-Za-z0-9+/_][A-Za-z0-9+/=_\-]{15,511}) )"""
)
_SET_ENV = lazily(
    r"(?m)^[ \t]*%(?:set_)?env[ \t]+(?P<key>\w{1,127})(?:[ \t]*=[ \t]*|[ \t]+)(?P<value>[^\s\"'{$][^\s\"']{3,1023})"
)
_OPEN = lazily(rf"(?P<prefix>{_PREFIX})(?P<quote>\"\"\"|'''|\"|'|`)")
_INSIDE = {
    quote: lazily(rf"(?:[^\\{quote[0]}{'' if len(quote) > 1 else chr(10)}]|\\.|(?!{quote}){quote[0]})*+", 16)
    for quote in ('"', "'", "`", '"""', "'''")
}
# Between strings that are one value, over the end of a line only inside of parentheses, which such a string stands in.
_BETWEEN = lazily(rf"(?:[\s+]|\\\r?\n|\#[^\n]{{0,200}}\n){{0,80}}{_STRING}")
# What makes another value of a string: `"a" + b`, `"a" % b`, `"a".format(b)`.
_WORKED_OUT = lazily(r"\s{0,80}(?:[+%]|\.(?:format|join|replace|encode|split)\()")
_FIELD = lazily(r"(?<!\{)\{[^{}]")
_TEMPLATE = lazily(r"\{\w{0,40}\}|%[sd]|\(\?|\[\^|\\[wWdDsSb]|\]\*|\][+{]")
# Of a connection string: `Server=h;Uid=u;Pwd=v`.
CONNECTION = lazily(r"(?i)(?<=;)[ ]?pwd[ ]?=[ ]?(?P<plain>[^\s;\"'{}$<>%]{8,512})")
# Of SQL: `CREATE USER u PASSWORD 'v'`, `IDENTIFIED BY 'v'`, and of a shell: `ConvertTo-SecureString "v"`.
STATEMENT = lazily(
    r"""(?ix) (?: (?<![\w.])(?: password \s{0,8} =? \s{0,8} (?:\(\s{0,8})?
        | identified \s{1,8} (?:with\s{1,8}\S{1,40}\s{1,8})? (?:by|as) \s{1,8} (?:password\s{1,8})?
        | secret \s{1,8} ) N?'
    | -SecureString \s{1,8} (?:-String\s{1,8})? ["'] ) (?P<plain>(?:[^'"\s\\${}<>%]|[$%](?![({A-Za-z])){8,512}) ["']"""
)
_SLUG = r"(?:[A-Za-z]{2,20}\d{0,4}|\d{1,8}[a-z]?)"  # a part of `created_at_2024`
_RANDOM = lazily(rf"(?=[^\d]*\d)(?=[^A-Za-z]*[A-Za-z])(?!{_SLUG}(?:[_\-]{_SLUG}){{1,12}}\Z)[A-Za-z0-9+/=_\-]{{16,}}")
# The names before this one that a list of values is unpacked into.
_UNPACKED = lazily(r"[ \t]*(?:[\w.]+[ \t]*,[ \t]*)+")
# Several names that are given a value each, and names that are zipped with their values.
_SEVERAL = lazily(
    r"""(?mx) ^ [ \t>]*+ (?P<names>[(\[]* [A-Za-z_][\w.\[\]"']{0,127}+ [)\]]* (?:[ \t]*,[ \t]* [(\[*]*
    [A-Za-z_][\w.\[\]"']{0,127}+ [)\]]*){1,9}) [ \t]* =(?!=) [ \t]*
    (?P<values>[(\[]\s{0,80}\n[^()\[\]]{0,2000}[)\]]|\S[^\n]{0,2000})"""
)
_ZIPPED = lazily(
    r"""(?x) \bzip\( \s{0,80} [(\[] (?P<names>[^()\[\]]{1,1000}) [)\]] \s{0,8},
    \s{0,80} [(\[] (?P<values>[^()\[\]\n]{1,2000}) [)\]]"""
)
# Of C.
_DEFINED = lazily(r"\#[ \t]*define[ \t]+(?P<key>\w{1,128})[ \t]+(?=\")")
# Of Terraform.
_VARIABLE = lazily(r"\bvariable[ \t]+\"(?P<key>[\w\-]{1,128})\"\s{0,8}\{[^{}]{0,1000}?\bdefault\s{0,20}=\s{0,20}(?=\")")
_LEAF_NAME = lazily(r"[A-Za-z_][\w.\-]*+(?:\[[\"']?(?P<item>[\w.\-]+)[\"']?\])?")
# One of several values: a string, a number, a name; and what stands between two.
_LEAF = lazily(
    r"""(?x) [\s(\[]*+
    (?: (?P<string>[rbuRBU]{0,2} (?P<quote>["'])(?!(?P=quote){2}) (?:(?!(?P=quote))[^\\\n]|\\.)*+ (?P=quote))
    | [\w.+\-]++ (?:\[[\w"'.]{1,80}\])? ) [\s)\]]*+ (?P<next>,|\#|\Z|;)"""
)
# What stands around a name and a value in a string that lists several: `host=h user=u password=v`.
_PAIR_BEFORE = lazily(r"[A-Za-z][\w ]{0,30}=[^\s=;\"'`]{0,200}[;\s\"']{1,80}\Z")
_PAIR_BEHIND = lazily(r"[;\s][\w ]{1,30}=(?!=)")
_LONGEST_PAIR = 320
_ATTRIBUTE = lazily(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_COMPARES = frozenset({"==", "===", "!=", "!=="})
# A name that is given another name, and a name that is given a string.
_ALIASED = lazily(
    r"""(?x) [\w\-]{0,64}+ (?: ["']?\]? \s{0,8} =(?!=) | ["'] \s{0,8} : ) \s{0,8}
    (?P<name>[A-Za-z_]\w{0,60}+) (?= [ \t]{0,8} (?: [,)\n}\#;] | \Z ) )"""
)
_BOUND = lazily(
    rf"(?m)^[ \t>]*+(?:(?:const|export|final|let|static|var)[ \t]+)*(?P<name>[A-Za-z_]\w{{0,60}}+)[ \t]*"
    rf"(?::[ \t]*[\w.\[\], |]{{1,60}})?:?=[ \t]*(?P<open>\(\s{{0,80}})?{_STRING}"
)
_MOST_PIECES = 20
# An entry of such a name may well be a token of text.
_OF_TEXT = frozenset({"token", "secret"})


class Literal(NamedTuple):
    """A string, or several that are joined: its value, and where it stands, without the outer quotes.

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
        after = stop + len(quote)
        following = _BETWEEN.match(text, after, end)
        if following is None:
            known = known and _WORKED_OUT.match(text, after, end) is None
            break
        at = following.end()
    return Literal("".join(pieces), first, last, known) if pieces else None


class _Look(NamedTuple):
    """What a text has anywhere. A page is looked at once, and not for each of its parts."""

    lowered: str
    option: bool
    fallback: bool
    auth: bool
    magic: bool
    call: bool


_OR = (" or ", "||", "??")
# What `_AUTH` finds has one of these in it, or the word `auth` before its sign.
_OF_PAIRS = (
    *("sicAuth(", "stAuth(", "basic_auth(", "Credentials", "UsernamePassword", "Authentication(", ".login("),
    *("authenticate(", "Connection(", "PDO(", "mysqli"),
)
_AUTH_SIGN = lazily(r"auth[\"']?\s{0,4}[=:]\s{0,4}[(\[]")


@lru_cache(maxsize=4)
def _look(text: str) -> _Look:
    lowered = in_lower_case(text)
    if len(lowered) != len(text):
        lowered = text
    pairs = any(word in text for word in _OF_PAIRS) or _AUTH_SIGN.search(text) is not None
    fallback = any(sign in text for sign in _OR)
    return _Look(lowered, "add_argument" in text, fallback, pairs, "%" in text, "(" in text)


def named_in_code(text: str, start: int, end: int, *, python: bool = True) -> Iterator[tuple[Named, str]]:
    """Each value under a secret's name in code, and what it is where that is not just what stands there."""
    look = _look(text)
    lines: set[int] = set()  # those with the part of a name
    for part in NAME_PARTS:
        at = look.lowered.find(part, start, end)
        while at >= 0:
            lines.add(max(text.rfind("\n", start, at) + 1, start))
            behind = at + len(part)
            if _SIGNED.match(text, behind, end) is not None:  # as in few places
                if (match := _GIVEN.match(text, behind, end)) is not None:
                    key, weak = _key(text, at, match, start, python)
                    joined = _joined(text, match, end)
                    if match["list"] and joined is None:
                        key, weak = (key[:-1], True) if spelt_secret(key[:-1]) else ("", False)
                    if key and key_of_interest(key):
                        yield from _value(text, key, match.end(), end, weak=weak, found=joined)
                elif (match := _WITHIN.match(text, behind, end)) is not None:
                    yield from _within(text, at, match, start)
                elif (match := _ALIASED.match(text, behind, end)) is not None:
                    key = text[_beginning(text, at, start) : behind] + _REST.match(text, behind).group()  # type: ignore[union-attr]
                    if key_of_interest(key) and not key_of_interest(match["name"]):
                        places = [place for place in _bound(text).get(match["name"], ()) if start <= place < end]
                        if len(places) == 1:
                            yield from _value(text, key, places[0], end, weak=not is_password(key))
            if part == "bearer" and text[at - 1 : at] in ("'", '"') and (match := _BEARER.match(text, at, end)):
                yield Named("authorization", *match.span("value"), "text", strict=True), ""
            at = look.lowered.find(part, behind, end)
    if look.option:
        for match in _DEFAULT.finditer(text, start, end):
            if key_of_interest(match["key"]):
                yield from _value(text, match["key"], match.end(), end)
    for match in _DEFAULTED.finditer(text, start, end) if python and look.call else ():
        if key_of_interest(match["key"]):
            yield from _value(text, match["key"], match.end(), end)
    for match in _OPTION.finditer(text, start, end) if python and "Option(" in text else ():
        if key_of_interest(match["key"]):
            yield from _value(text, match["key"], match.start("value"), end)
    for match in _RETURNED.finditer(text, start, end) if python and "return" in text else ():
        if key_of_interest(match["key"]):
            yield from _value(text, match["key"], match.end(), end, weak=True)
    for pattern in (_ELSE, _OR_ELSE) if look.fallback and _OR_STRING.search(text, start, end) is not None else ():
        for match in pattern.finditer(text, start, end):
            if key_of_interest(match["key"]):
                yield from _value(text, match["key"], match.end(), end)
    if python:
        for line in sorted(lines):
            if (match := _SEVERAL.match(text, line, end)) is not None:
                yield from _several(text, match, end)
        for match in _ZIPPED.finditer(text, start, end) if "zip(" in text else ():
            yield from _several(text, match, end)
    for match in _VARIABLE.finditer(text, start, end) if not python and "variable" in text else ():
        if key_of_interest(match["key"]):
            yield from _value(text, match["key"], match.end(), end)
    for match in CONNECTION.finditer(text, start, end) if "pwd" in look.lowered and ";" in text else ():
        yield Named("password", *match.span("plain"), "text", strict=True), ""
    for named in in_statements(text, start, end):
        yield named, ""
    for match in _DEFINED.finditer(text, start, end) if not python and "define" in text else ():
        if key_of_interest(match["key"]):
            yield from _value(text, match["key"], match.end(), end)
    if look.auth:
        for match in _AUTH.finditer(text, start, end):
            yield from _value(text, "password", match.end(), end)
        for match in _LOGIN.finditer(text, start, end) if "wandb.login(" in text else ():
            yield from _value(text, "api_key", match.end(), end)
    if look.magic:
        for match in _SET_ENV.finditer(text, start, end):
            if key_of_interest(match["key"]):
                yield Named(match["key"], *match.span("value"), "text"), ""


_REST = lazily(r"\w*+")


@lru_cache(maxsize=4)
def _bound(text: str) -> dict[str, list[int]]:
    """Where the strings begin that names are given at the beginning of a line."""
    found: dict[str, list[int]] = {}
    for match in _BOUND.finditer(text):
        found.setdefault(match["name"], []).append(match.end())
    return found


def _quotes(text: str, start: int, end: int) -> bool:
    return text.find("'", start, end) >= 0 or text.find('"', start, end) >= 0


def in_statements(text: str, start: int, end: int) -> Iterator[Named]:
    """The passwords in statements of SQL, and in calls that turn them into strings of another kind."""
    if not _quotes(text, start, end):
        return
    lowered = in_lower_case(text)
    if len(lowered) != len(text):
        for match in STATEMENT.finditer(text, start, end):
            yield Named("password", *match.span("plain"), "text", strict=True)
        return
    # To search for the pattern, which has no case, takes ten times as long.
    places: list[int] = []
    for word in _OF_STATEMENTS:
        at = lowered.find(word, start, end)
        while at >= 0:
            places.append(at)
            at = lowered.find(word, at + len(word), end)
    reached = start
    for at in sorted(places):
        if at >= reached and (stated := STATEMENT.match(text, at, end)) is not None:
            reached = stated.end()
            yield Named("password", *stated.span("plain"), "text", strict=True)


_OF_STATEMENTS = ("password", "identified", "secret", "-securestring")


def _several(text: str, match: re.Match[str], end: int) -> Iterator[tuple[Named, str]]:
    """Values that several names are given at once, if there are as many of them."""
    names = [name["item"] or name.group() for name in _LEAF_NAME.finditer(match["names"])]
    if not any(map(key_of_interest, names)):
        return
    places: list[int] = []
    at, stop = match.span("values")
    while at < stop and (leaf := _LEAF.match(text, at, stop)) is not None:
        places.append(leaf.start("string"))
        at = leaf.end()
        if leaf["next"] != ",":
            break
    else:
        if text[at:stop].strip(") ]\t\r\n"):
            return  # what else there is, a call
    if len(places) == len(names):
        for name, place in zip(names, places, strict=True):
            if place >= 0 and key_of_interest(name):
                yield from _value(text, name, place, end)


def _within(text: str, at: int, match: re.Match[str], least: int) -> Iterator[tuple[Named, str]]:
    """What stands under a name inside of a string."""
    begin = _beginning(text, at, least)
    key, before = text[begin : match.end("rest")], text[max(begin - 1, 0) : begin]
    if match["assigned"]:
        if names_secret_of_store(text, begin, match["value"]) or is_of_badge(text, begin):
            return
        if not (before in ("?", "&") or key.startswith("--") or (key.isupper() and before not in ("$", "{", "."))):
            if not (looks_random(match["value"], key) and _in_list_of_pairs(text, begin, match.end(), least)):
                return
    elif match["argument"]:
        if not key.startswith("--") or _RANDOM.fullmatch(match["argument"]) is None or takes_names(key):
            return
    elif before not in ("'", '"') and not _in_block(text, begin, match, least):
        return
    if key_of_interest(key):
        first, last = match.span("value" if match["assigned"] else "argument" if match["argument"] else "header")
        yield Named(key, first + scheme_length(text[first:last]), last, "text", strict=True), ""


def _in_list_of_pairs(text: str, begin: int, end: int, least: int) -> bool:
    """True for a pair among others in a string: `host=h user=u password=v`, `Server=h;Password=v`."""
    line = text[max(text.rfind("\n", least, begin), begin - _LONGEST_PAIR, least) : begin]
    if not (line.count('"') % 2 or line.count("'") % 2):
        return False
    if _PAIR_BEFORE.search(text, max(least, begin - _LONGEST_PAIR), begin) is not None:
        return True
    return text[begin - 1 : begin] in ("'", '"') and _PAIR_BEHIND.match(text, end) is not None


def _in_block(text: str, begin: int, match: re.Match[str], least: int) -> bool:
    """True for `key: v`, a line of its own, in a string over lines."""
    line = text.rfind("\n", least, begin) + 1
    if not line or text[line:begin].strip() or _RANDOM.fullmatch(match["header"].rstrip()) is None:
        return False
    return (text.count('"""', least, begin) + text.count("'''", least, begin)) % 2 == 1


def _beginning(text: str, at: int, least: int, signs: str = "_-") -> int:
    """Where the name begins that has a word of interest at `at`."""
    least = max(least, at - _LONGEST_NAME)
    begin = at
    while begin > least and (text[begin - 1].isalnum() or text[begin - 1] in signs):
        begin -= 1
    return begin + 1 if begin < at and text[begin] in "nrt" and text[begin - 1 : begin] == "\\" else begin


def _key(text: str, at: int, match: re.Match[str], least: int, python: bool) -> tuple[str, bool]:
    """The name that has a word of interest at `at`, and whether it is a weak one, which only some values stand under.

    "" where what stands behind the name gives it no value.
    """
    begin = _beginning(text, at, least)
    name_end = match.end("rest")
    quote = match["close"]
    if quote and text[begin - 1 : begin] == ".":  # `"server.api_key"`
        begin = _beginning(text, begin, least, "_-.")
    if quote and text[begin - 1 : begin] != quote:
        return "", False
    key, sign = text[begin:name_end], match["sign"]
    if sign == "(":
        if key == "bearer_auth":
            return "bearer", True
        takes = _TAKES.match(key) if not quote else None
        if takes is None and not quote and text[begin - 1 : begin] == "." and key_of_interest(key):  # of a builder
            return key, not is_password(key)
        return (key[takes.end() :], True) if takes is not None else ("", False)
    if sign in _COMPARES:
        return key, True
    weak = bool(quote) and key in _OF_TEXT
    if not quote and "-" in key:  # a difference, `a-token`
        key = key.rpartition("-")[2]
        begin = name_end - len(key)
    if sign == ",":
        if not quote:
            compared = text.endswith("compare_digest(", max(begin - 40, 0), begin)
            return (key, True) if compared else ("", False)
        if key.startswith("-"):
            # Behind it another option, or the name of a secret that a launcher looks up.
            return "" if text.startswith("-", match.end() + 1) or takes_names(key) else key, False
        before = text[max(begin - 1 - _LONGEST_SETTER, 0) : begin - 1]
        if _SETTER.search(before):
            return key, weak
        return (key, True) if key.isupper() and _TUPLE.search(before) else ("", False)
    if sign == ":" and not quote and python:
        return "", False
    if sign == "=" and not quote and text[begin - 2 : begin - 1] == ",":
        line = text.rfind("\n", max(least, begin - _LONGEST_NAME), begin) + 1
        if line and _UNPACKED.fullmatch(text, line, begin):
            return "", False
    return key.lstrip("-") if not (sign.startswith(":") and key.startswith("-")) else "", weak


# How the strings that a value is put together of are listed, and how the list ends.
_FORM = lazily(
    r"[rbuRBU]{0,2}(?P<quote>[\"'])(?:(?P<braces>(?:\{\d?\})+)|(?:%s)+)(?P=quote)(?(braces)\.format\(|\s?%\s?\()\s{0,80}"
)
_CONCAT = lazily(r"\.concat\(\s{0,80}")
_LIST_END = lazily(r"\s{0,80},?\s{0,80}[\])]")
_LIST_JOINED = lazily(r"\s{0,80},?\s{0,80}\]\s{0,80}\.join\((?:\"\"|'')\)")
_COMMA = lazily(rf"\s{{0,80}},\s{{0,80}}{_STRING}")


def _joined(text: str, match: re.Match[str], end: int) -> Literal | None:
    """The value that code puts together of the strings behind a name: `"".join([…])`, `"a".concat("b")`."""
    at = match.end()
    if match["empty"]:
        return _pieces(text, at, end, _LIST_END)
    if match["list"]:
        return _pieces(text, at, end, _LIST_JOINED)
    if (form := _FORM.match(text, at, end)) is not None:
        return _pieces(text, form.end(), end, _LIST_END)
    opening = _OPEN.match(text, at, end)
    inside = _INSIDE[opening["quote"]].match(text, opening.end(), end) if opening is not None else None
    if opening is None or inside is None or not text.startswith(".concat(", inside.end() + len(opening["quote"])):
        return None
    following = _CONCAT.match(text, inside.end() + len(opening["quote"]), end)
    rest = _pieces(text, following.end(), end, _LIST_END) if following is not None else None
    return rest._replace(value=inside.group() + rest.value, start=inside.start()) if rest is not None else None


def _pieces(text: str, at: int, end: int, closing: re.Pattern[str]) -> Literal | None:
    """The strings of a list as one, None where it has other items or does not end as `closing` says."""
    pieces: list[re.Match[str]] = []
    while len(pieces) < _MOST_PIECES and (opening := _OPEN.match(text, at, end)) is not None:
        inside = _INSIDE[opening["quote"]].match(text, opening.end(), end)
        if inside is None or not text.startswith(opening["quote"], inside.end()) or "f" in opening["prefix"].lower():
            return None
        pieces.append(inside)
        at = inside.end() + len(opening["quote"])
        if (comma := _COMMA.match(text, at, end)) is None:
            break
        at = comma.end()
    if not pieces or closing.match(text, at, end) is None:
        return None
    return Literal("".join([piece.group() for piece in pieces]), pieces[0].start(), pieces[-1].end(), True)


def looks_random(value: str, key: str) -> bool:
    """True for what is no word, no count and no id: letters and digits, as many as a password has under such a name."""
    if _ATTRIBUTE.fullmatch(value) is not None or "[" in value:  # code
        return False
    if is_password(key) and any(map(str.isdigit, value)) and any(map(str.isalpha, value)):
        return not hash_like(value)
    return _RANDOM.fullmatch(value) is not None and not hash_like(value)


# A word of a password as people write it down: letters and digits, and a capital or a sign among them.
_STRONG = lazily(
    r"(?=[^\d]*\d)(?=[^A-Za-z]*[A-Za-z])(?=[^a-z]*[a-z])(?=.*?(?:[A-Z]|[!#$%&*+@^~]))[^\s|`<>{}()\[\]\"'/\\:]{8,200}"
)
_NAMED_IN_PARTS = lazily(rf"{_SLUG}(?:[_\-.]{_SLUG}){{1,12}}")


def looks_strong(value: str, key: str) -> bool:
    """True for what is a credential even where a page may say anything behind a name, an example or its kind."""
    if hash_like(value) or _ATTRIBUTE.fullmatch(value) or _NAMED_IN_PARTS.fullmatch(value):
        return False
    return (is_password(key) and _STRONG.fullmatch(value) is not None) or _RANDOM.fullmatch(value) is not None


def _value(
    text: str, key: str, at: int, end: int, *, weak: bool = False, found: Literal | None = None
) -> Iterator[tuple[Named, str]]:
    found = found or literal(text, at, end)
    if found is None or not found.known:
        return
    # What is filled in later is no value, and the name of an entry is none of a credential.
    if _TEMPLATE.search(found.value) or ((weak or weak_key(key)) and _RANDOM.fullmatch(found.value) is None):
        return
    if found.value.isalpha():  # code is full of words; what no word is has a digit
        return
    skipped = scheme_length(found.value)
    joined = found.value if len(found.value) != found.end - found.start else ""
    yield Named(key, found.start + skipped, found.end, "text", strict=True), joined[skipped:]
