"""Values under a secret's name that no shell command has: in YAML, TOML, JSON, env files, netrc and code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.document import Document
from nemolint.secrets.beginnings import NAME_PARTS
from nemolint.secrets.code_values import CONNECTION, in_statements, looks_random, looks_strong, named_in_code
from nemolint.secrets.named import Named, header, inline, is_of_badge, names_secret_of_store, pairs
from nemolint.secrets.names import classify, cluster_name, key_of_interest, scheme_length, takes_names
from nemolint.secrets.parts import SHOWN_PARTS, Part, document_parts
from nemolint.shell.literal import lowered as in_lower_case, may_name

_YAML_LINE = lazily(
    r"""(?mx) ^ [ \t>]*+ (?P<comment>\#[ \t]*)? (?:-[ \t]+){0,4} (?P<quote>["']?)
    (?P<key>[A-Za-z_][\w.\-]{0,127}) (?P=quote) [ \t]* : [ \t]+ (?P<rest>\S[^\r\n]*)"""
)
# A key that is written apart from its value: `? api_key`, and below it `: v`.
_YAML_APART = lazily(
    r"""(?mx) ^ [ \t>]*+ \?[ \t]+ ["']? (?P<key>[A-Za-z_][\w.\-]{0,127}) ["']? [ \t]*\r?\n
    [ \t>]*+ :[ \t]+ (?P<rest>\S[^\r\n]*)"""
)
# What a field is unless it is given: `api_key:`, and below it `default: v`.
_YAML_DEFAULT = lazily(
    r"""(?mx) ^ [ \t>]*+ (?:-[ ])? ["']? (?P<key>[A-Za-z_][\w.\-]{0,127}) ["']? [ \t]* : [ \t]*\r?\n
    (?: [ \t>]+ (?!default)[a-z_]{1,30}:[ ][^\r\n]{1,200}\r?\n ){0,2}
    [ \t>]+ default [ \t]* : [ \t]+ (?P<rest>\S[^\r\n]*)"""
)
_JSON_DEFAULT = lazily(
    r'"(?P<key>[A-Za-z_][\w.\-]{0,127})"\s{0,8}:\s{0,8}\{[^{}]{0,300}?"(?:default|value)"\s{0,8}:\s{0,8}"(?P<double>(?:[^"\\\r\n]|\\.){0,1024}+)"'
)
_YAML_ITEM = lazily(
    r"""(?mx) ^ [ \t>]*+ (?:\#[ \t]*)? -[ \t]+ ["']? (?P<key>-{0,2}[A-Za-z_][\w\-]{0,127}) =
    (?P<rest>[^\s"'][^\r\n"']*)"""
)
# Items of a list: an option and its value, `K=v`, `--option=v`, a header.
_OPTION_ITEM = lazily(
    r"""(?x) (?P<key>-(?<![\w\-]-)-?[A-Za-z][\w\-]{1,64}) ["']? [ \t]* (?: , \s{0,80} | \r?\n [ \t>]{0,80} -[ ]+ )
    (?: "(?P<double>[^"\\\n]{1,512})" | '(?P<single>[^'\n]{1,512})'
        | (?P<plain>[^\s"'\[\]{},\-][^\s"',\[\]{}]{0,511}) )"""
)
_OPTION = lazily(
    r"""(?P<key>--(?<![\w\-]--)[a-z][\w\-]{2,64})(?:[ ]+|=)["']?(?P<plain>[^\s"'\-$<{\[][^\s"'\]]{7,511})"""
)
# What a command that is shown takes by a letter: `docker login -p v`, `curl -u me:v`.
# In one string, or in a list of strings.
_S = r"""(?:[ ]|["'],\s{0,80}["'])"""
_LETTER = lazily(
    rf"""(?x) \b(?: (?:docker|podman|nerdctl|helm|oras|skopeo|crane|oc){_S}(?:(?:registry|auth){_S})?login\b
        [^\n|;&`]{{0,200}}? {_S}-p{_S}?
    | (?:gh|glab){_S}secret{_S}set\b [^\n|;&`]{{0,200}}? {_S}(?:-b|--body)(?:{_S}|=)?
    | lep{_S}secret{_S}create\b [^\n|;&`]{{0,200}}? {_S}(?:-v|--value)(?:{_S}|=)?
    | sshpass{_S}-p{_S}? | (?:mysql|mariadb)\w{{0,6}}{_S} [^\n|;&`]{{0,120}}? -p
    | twine\b [^\n|;&`]{{0,200}}? {_S}-p{_S}
    | (?:curl|wget)\b [^\n|;&`]{{0,200}}? {_S}(?:-[a-zA-Z]{{0,8}}u{_S}?|--user(?:{_S}|=)) ["']?[^\s:"'$<{{]{{1,128}}: )
    ["']? (?P<plain>[^\s"'`$<{{\-:,][^\s"'`]{{7,255}})"""
)
_WITH_LETTER = ("login", "curl", "wget", "sshpass", "mysql", "mariadb", "twine", "secret set", "secret create")
# A variable that a command in a string is given.
_ASSIGNED = lazily(
    r"""(?x) (?P<key>[A-Z](?<![\w$.{\-].)[A-Z0-9_]{2,127}+) = ["']?
    (?P<plain>[^\s"'`\\;&|(){}\[\]<>,$]{8,512})"""
)
_QUOTED_PAIR = lazily(r"""["'](?P<key>-{0,2}[A-Za-z_][\w\-]{1,64})=(?P<plain>[^\s"'\\]{4,512})["']""")
# An entry of an array of the shell.
_ENTRY = lazily(r"""\[["']?(?P<key>[A-Za-z_][\w.\-]{0,127})["']?\]=["']?(?P<plain>[^\s"'`$<(){}\[\]]{8,512})""")
_HEADER_ITEM = lazily(r"""["'](?P<key>[A-Za-z][\w\-]{2,40}):[ ]{1,4}(?P<plain>[^"'\\\n]{8,512})["']""")
_QUERY = lazily(r"""[?&;](?P<key>[A-Za-z][\w\-.]{2,64})=(?P<plain>[^&#;\s"'`\\<>{}]{8,512})""")
# Between two words of a netrc file: blanks, or the line that another `echo` writes.
_GAP = r"""(?: (?:\s|\\[nt])+ | ["']? [ \t]* (?:>>?[ \t]*[^\s;&]{1,200}[ \t]*)? (?:;|&&|\r?\n) \s*
    (?:echo|printf)[ \t]+ (?:-e[ \t]+)? ["']? [ \t]*
    | (?:\\n)?["']\)?,?\s{0,80}(?:[\w.]{1,40}\(f?)?["'][ \t]{0,8} )"""
_NETRC = rf"""(?x) %s {_GAP}
    (?: (?:login|account) (?:\s|\\[nt])+ (?:\\\$)? [^\s\\"';]{{1,128}} {_GAP} ){{0,2}}
    password (?:\s|\\[nt])+ (?P<value>[^\s\\"'`;]{{1,512}})"""
_MACHINE = lazily(_NETRC % r"machine(?<!\wmachine) (?:\s|\\[nt])+ [^\s\\\"';]{1,200}")
_DEFAULT = lazily(_NETRC % r"default(?<!\wdefault)")
# How other shells, and programs for several of them, set a variable.
_SET_LINE = lazily(
    r"""(?mxi) (?: ^ [ \t>]*+ | (?:[;)]|&&|\|\||\b(?:and|begin|else|or|then)(?=[ \t])) [ \t]* )
    (?:[$%>][ \t]+|PS[^>\n]{0,40}>[ \t]*)?
    (?: (?:setx(?:[ \t]+/m)?|setenv|set(?:[ \t]+(?:-\w{1,3}|--(?:[a-z]{4,10})?)){0,4})
        [ \t]+ (?P<key>\w{1,127}) [ \t]+ (?!=)
      | (?:New|Set)-Item [ ]+ (?:-Path[ ]+)? Env:\\?(?P<item>\w{1,127}) [ ]+ (?:-Value[ ]+)?
      | set [ \t]+ "? (?P<cmd>\w{1,127}) [ \t]{0,8}=[ \t]{0,8} | \$env:(?P<env>\w{1,127}) [ \t]* = [ \t]*
      | \[(?:System\.)?Environment\]::SetEnvironmentVariable\( [ \t]* ["'](?P<call>\w{1,127})["'] [ \t]* , [ \t]* )
    (?: "(?P<double>[^"\n]{1,512})" | '(?P<single>[^'\n]{1,512})' | (?P<plain>[^\s"'`;(][^\s"'`;]{0,511}) )"""
)
# host:port:database:user:password
_PGPASS = lazily(r"(?m)^[ \t]*+(?!\#)(?:(?:[^:\\\s]|\\.)+:){4}(?P<plain>\S[^\r\n]{0,255})")
# `<password>v</password>`, `<add key="ApiKey" value="v"/>`
_ELEMENT = lazily(r"<(?P<key>[A-Za-z_][\w.\-]{1,80})(?:\s[^<>]{0,200})?>\s{0,20}(?P<plain>[^<>\s{}$]{8,512})\s{0,80}</")
_ATTRIBUTES = lazily(
    r"""(?x) \b(?:key|name)=["'](?P<key>[A-Za-z_][\w.:\-]{1,80})["'] \s{1,80}
    value=["'](?P<plain>[^"'<>\s{}$]{8,512})["']"""
)
# `password => "v"`
_ARROW = lazily(
    r"""(?x) (?P<key>[A-Za-z_](?<![\w.\-].)[\w.\-]{1,80}+) ["']? [ \t]{0,8} => [ \t]{0,8}
    ["'](?P<plain>(?:[^\s"'\\${}<>%]|[$%](?![({A-Za-z])){8,512})["']"""
)
# A user and a password in one string: `npmAuthIdent: "me:v"`.
_PAIRED = lazily(
    r"""(?xi) (?<![\w.\-])(?:npm_?)?(?:auth(?:_?ident)?|basic_?auth|user_?pwd|user_?info) ["']?
    [ \t]{0,8} [:=] [ \t]{0,8} ["']?[\w.@+\-]{1,64}:(?P<plain>[^\s"'`\\/,;(){}\[\]<>$]{8,512})"""
)
_OF_PAIRS = ("auth", "userpwd", "user_pwd", "userinfo", "user_info")
# A line of a name and its value, without a sign: `requirepass v`.
_PLACED = lazily(
    r"""(?mx) ^ [ \t]*+ (?P<key>[A-Za-z_][\w.\-]{1,80}+) [ \t]+ (?P<quote>["']?)
    (?P<plain>[^\s"'`\\,;(){}\[\]<>$=]{8,512}+) (?P=quote) [ \t]* ;? [ \t]* \r? $"""
)
# In running text: `… api_key=v`, `… Authorization: Bearer v`.
_SHOWN = lazily(
    r"""(?x) (?<=[\s,;(\[{|"']) (?P<key>[A-Za-z_][\w.\-]{1,80}+)
    (?: = ["']? | (?::[ ]|[ ]["'])(?:[Bb]asic|[Bb]earer|[Tt]oken)[ ] )
    (?P<plain>[^\s"'`\\;&|(){}\[\]<>,$*]{8,512})"""
)
_TOML_PAIR = lazily(
    r"""(?mx) (?: ^ [ \t>]*+ (?:\#[ \t]*)? | [{,] [ \t]{0,8} ) "?(?P<key>[A-Za-z_][\w.\-]{0,127})"? [ \t]{0,8}
    = [ \t]{0,8} (?: \"\"\"\s?(?P<long>[^"\\\n]{1,1024}) | '\''\s?(?P<longer>[^'\n]{1,1024})
        | "(?P<double>(?:[^"\\\r\n]|\\.){0,1024}+)" | '(?P<single>[^'\r\n]{0,1024})' )"""
)
_JSON_PAIR = lazily(r'"(?P<key>[A-Za-z_][\w.\-]{0,127})"\s{0,8}:\s{0,8}"(?P<double>(?:[^"\\\r\n]|\\.){0,1024}+)"')
_ESCAPED_PAIR = lazily(r'\\"(?P<key>[A-Za-z_][\w.\-]{0,127})\\"\s{0,8}:\s{0,8}\\"(?P<double>[^"\\\r\n]{0,1024})\\"')
_ENV_LINE = lazily(
    r"""(?mx) ^ [ \t>]*+ (?:[$%][ \t]+)? (?:[\w.\-/%]{1,80}:[ \t]+(?=export[ ]|override[ ]))?
    (?:(?:export|override)[ \t]+|Environment=)?
    (?: //\S{1,200}:_ )? (?P<key>[A-Za-z_][\w.\-]{0,127}) [ \t]*
    [:?+]{0,3}=[ \t]* (?P<rest>[^\s=:][^\r\n]*)"""
)
_NAME_VALUE = lazily(
    r"""(?x) \bname["']? [ \t]{0,4}:[ \t]{0,4} ["']? (?P<key>[A-Za-z_][\w.\-]{0,127}) ["']? [ \t]{0,8}
    (?:,\s{0,40}|\r?\n[ \t>]{0,80}) ["']?value["']? [ \t]{0,4}:[ \t]{1,4} (?P<rest>\S[^\r\n]*)"""
)
_VALUE_NAME = lazily(
    r"""(?x) \bvalue["']? [ \t]{0,4}:[ \t]{1,4} (?P<rest>\S[^\r\n,]{0,1024}+) (?:,\s{0,40}|\r?\n[ \t>]{0,80})
    ["']?name["']? [ \t]{0,4}:[ \t]{0,4} ["']? (?P<key>[A-Za-z_][\w.\-]{0,127})"""
)


def _scalar(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Where the value of a YAML scalar stands inside `start:end`, or None where it is no plain or quoted scalar."""
    while skipped := re.compile(r"[&!][^\s,;]*[ \t]+").match(text, start, end):
        if skipped.group().startswith("!") and not skipped.group().startswith("!!"):
            return None  # what a tag of one's own makes of it is not what stands here
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


def _has_pairs(text: str, start: int, end: int) -> bool:
    return text.find("name", start, end) >= 0 and text.find("value", start, end) >= 0


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
    for match in _YAML_APART.finditer(text, start, end) if text.find("?", start, end) >= 0 else ():
        if key_of_interest(match["key"]) and (at := _scalar(text, *match.span("rest"))):
            yield Named(match["key"], *at, "config")
    for match in _YAML_DEFAULT.finditer(text, start, end) if text.find("default", start, end) >= 0 else ():
        if key_of_interest(match["key"]) and (at := _scalar(text, *match.span("rest"))):
            yield Named(match["key"], *at, "text", strict=True)
    for match in _YAML_ITEM.finditer(text, start, end):
        if _takes_value(match["key"]) and (at := _scalar(text, *match.span("rest"))):
            yield Named(match["key"], *at, "config")
    for pattern in (_NAME_VALUE, _VALUE_NAME) if _has_pairs(text, start, end) else ():
        for match in pattern.finditer(text, start, end):
            rest = match.span("rest")
            if key_of_interest(match["key"]) and (at := _scalar(text, *rest) or _block_scalar(text, *rest)):
                inside = re.compile(r"[\s,}]").search(text, *at) if text[at[0] - 1] not in "\"'" else None
                yield Named(match["key"], at[0], inside.start() if inside else at[1], "config")
    for named in inline(text[start:end], "config"):
        yield named._replace(start=named.start + start, end=named.end + start)
    if text.find("=", start, end) >= 0:
        # A line of a script in a block.
        yield from (named._replace(site="text", strict=True) for named in _env(text, start, end) if named.key.isupper())
    yield from _items(text, start, end)


def _takes_value(key: str) -> bool:
    """True for the name of a secret that is no option which takes the name of one that a launcher looks up."""
    return key_of_interest(key) and not takes_names(key)


_PAIRS = (_ASSIGNED, _QUOTED_PAIR, _SHOWN)
_ITEMS = (
    ("-", _OPTION_ITEM),
    ("--", _OPTION),
    ("=", _ASSIGNED),
    ("=", _QUOTED_PAIR),
    ("]=", _ENTRY),
    (":", _HEADER_ITEM),
    ("=", _QUERY),
    ("=>", _ARROW),
    ("", _SHOWN),
)
_RANDOM_ONLY = (_ARROW, _SHOWN)


def _items(text: str, start: int, end: int) -> Iterator[Named]:
    """What stands in one string of a list, or in two: `[--api-key, v]`, `["K=v"]`, `["Authorization: Bearer v"]`."""
    for sign, pattern in _ITEMS:
        if text.find(sign, start, end) < 0:
            continue
        for match in pattern.finditer(text, start, end):
            if _takes_value(match["key"]):
                first, last = match.span(match.lastgroup or "plain")
                if pattern in _PAIRS and names_secret_of_store(text, match.start(), text[first:last]):
                    continue
                if pattern is _QUERY and is_of_badge(text, match.start("key")):
                    continue
                if pattern in _RANDOM_ONLY and not looks_random(text[first:last], match["key"]):
                    continue
                yield Named(match["key"], first + scheme_length(text[first:last]), last, "text", strict=True)
    if text.find(";", start, end) >= 0 and may_name(text, start, end, ("pwd",)):
        for match in CONNECTION.finditer(text, start, end):
            yield Named("password", *match.span("plain"), "text", strict=True)
    for match in _PAIRED.finditer(text, start, end) if may_name(text, start, end, _OF_PAIRS) else ():
        if looks_random(match["plain"], "password"):
            yield Named("password", *match.span("plain"), "text", strict=True)
    yield from in_statements(text, start, end)


def _netrc(text: str, start: int, end: int) -> Iterator[Named]:
    if text.find("password", start, end) < 0 or text.find("login", start, end) < 0:
        return
    for pattern in (_MACHINE, _DEFAULT):
        for match in pattern.finditer(text, start, end):
            yield Named("password", *match.span("value"), "text", strict=True)


def _quoted(pattern: re.Pattern[str], text: str, start: int, end: int) -> Iterator[Named]:
    for match in pattern.finditer(text, start, end):
        if key_of_interest(match["key"]):
            first, last = match.span(match.lastgroup or "double")
            yield Named(match["key"], first + scheme_length(text[first:last]), last, "config")


def _toml(text: str, start: int, end: int) -> Iterator[Named]:
    yield from _quoted(_TOML_PAIR, text, start, end)
    yield from _items(text, start, end)


def _json(text: str, start: int, end: int) -> Iterator[Named]:
    yield from _quoted(_JSON_PAIR, text, start, end)
    for match in _JSON_DEFAULT.finditer(text, start, end) if text.find("{", start, end) >= 0 else ():
        if key_of_interest(match["key"]):
            yield Named(match["key"], *match.span("double"), "text", strict=True)
    for pattern in (_NAME_VALUE, _VALUE_NAME) if _has_pairs(text, start, end) else ():
        for match in pattern.finditer(text, start, end):
            if key_of_interest(match["key"]) and (at := _scalar(text, *match.span("rest"))):
                yield Named(match["key"], *at, "config")
    yield from _letters(text, start, end)
    if text.find('\\"', start, end) >= 0:  # JSON in a string
        yield from (named._replace(site="text") for named in _quoted(_ESCAPED_PAIR, text, start, end))
    yield from _items(text, start, end)


def _env(text: str, start: int, end: int) -> Iterator[Named]:
    for match in _ENV_LINE.finditer(text, start, end):
        # `pass` is what rclone calls a password.
        key = "password" if match["key"] == "pass" else match["key"]
        if key_of_interest(key) and (at := _scalar(text, *match.span("rest"))):
            yield Named(key, *at, "assignment", strict=key != match["key"])


def _dotenv(text: str, start: int, end: int) -> Iterator[Named]:
    yield from _env(text, start, end)
    yield from _items(text, start, end)


def _pgpass(text: str, start: int, end: int) -> Iterator[Named]:
    for match in _PGPASS.finditer(text, start, end):
        yield Named("password", *match.span("plain"), "config")


def _markup(text: str, start: int, end: int) -> Iterator[Named]:
    """What elements and attributes of XML hold."""
    for pattern in (_ELEMENT, _ATTRIBUTES):
        for match in pattern.finditer(text, start, end):
            if key_of_interest(match["key"]) and looks_random(match["plain"], match["key"]):
                yield Named(match["key"], *match.span("plain"), "text", strict=True)


def _dockerfile(text: str, start: int, end: int) -> Iterator[Named]:
    for match in _DOCKERFILE_LINE.finditer(text, start, end):
        line = match[1]
        separate = re.compile(r"(\w+)[ \t]+(\S+)[ \t]*\Z").match(line)
        found = [Named(separate[1], *separate.span(2))] if separate else pairs(line, data=False)
        for named in found:
            first = match.start(1)
            last = named.start + len(line[named.start : named.end].rstrip("\\ \t\r\n"))
            if separate is None and (blank := re.compile(r"\s").search(line, named.start, last)):
                if line[named.start - 1] not in "\"'":
                    last = blank.start()
            if key_of_interest(named.key):
                yield Named(named.key, named.start + first, last + first, "assignment")
    yield from _items(text, start, end)


_DOCKERFILE_LINE = lazily(r"(?mi)^[ \t]*(?:ENV|ARG|LABEL)[ \t]+(\S(?:[^\r\n\\]|\\(?:\r?\n)?)*)")


def _config(text: str, start: int, end: int) -> Iterator[Named]:
    """What may be any of them: the body of a here-document."""
    for scan in (_yaml, _toml, _env):
        yield from scan(text, start, end)
    for match in _PLACED.finditer(text, start, end):
        if key_of_interest(match["key"]) and looks_random(match["plain"], match["key"]):
            yield Named(match["key"], *match.span("plain"), "text", strict=True)
    for match in _JSON_PAIR.finditer(text, start, end):
        if key_of_interest(match["key"]):
            yield Named(match["key"], *match.span("double"), "text")


def _stdin(text: str, start: int, end: int) -> Iterator[Named]:
    """The one line of a here-document that a command reads a secret from."""
    body = text[start:end].strip()
    first = start + len(text[start:end]) - len(text[start:end].lstrip())
    first += body.find(":") + 1 if text.rfind("chpasswd", max(start - _LONGEST_KEY, 0), start) >= 0 else 0
    last = start + len(text[start:end].rstrip())
    if not any(map(str.isspace, body)) and "=" not in body.rstrip("="):
        yield Named("password", first, last, "text", strict=True)


def named_in_body(text: str) -> Iterator[Named]:
    """Each value under a secret's name in a text that a command writes into a file."""
    return _config(text, 0, len(text))


def _text(text: str, start: int, end: int) -> Iterator[Named]:
    """What somebody shows as text: configuration, or how another shell sets a variable."""
    for named in _config(text, start, end):
        shown = text[named.start : named.end]
        shown = shown.rstrip(",;" if "(" in shown else ",;)")  # as a line of code ends
        yield named._replace(end=named.start + len(shown))
    yield from _set(text, start, end)
    yield from _letters(text, start, end)


def _set(text: str, start: int, end: int) -> Iterator[Named]:
    """What other shells set variables to."""
    for match in _SET_LINE.finditer(text, start, end):
        key = match["key"] or match["cmd"] or match["env"] or match["call"] or match["item"]
        if key_of_interest(key):
            yield Named(key, *match.span(match.lastgroup or "plain"), "text")


def _option_in(text: str, start: int, end: int) -> bool:
    return any(text.find(sign, start, end) >= 0 for sign in (" -", "'-", '"-'))


def _letters(text: str, start: int, end: int) -> Iterator[Named]:
    for match in _LETTER.finditer(text, start, end) if _option_in(text, start, end) else ():
        yield Named("password", *match.span("plain"), "text", strict=True)


def _inline(text: str, start: int, end: int) -> Iterator[Named]:
    """What inline code says: `K=v`, `key: v`, `--option v`, `Authorization: Bearer v`."""
    code = text[start:end]
    found = [
        named
        for named in pairs(code, data=False)
        if not names_secret_of_store(code, named.start - len(named.key) - 1, code[named.start : named.end])
    ]
    if (one := header(code)) is not None:
        found.append(one)
    found += inline(code, "text")
    found += _set(code, 0, len(code))
    for named in found:
        value = code[named.start : named.end]
        # The command behind `K=v`.
        last = (
            named.start + len(value.split(None, 1)[0])
            if value.strip() and code[named.start - 1] not in "\"'"
            else named.end
        )
        if key_of_interest(named.key) and not any(map(str.isspace, code[named.start : last])):
            yield Named(named.key, start + named.start, start + last, "text")
    yield from _items(text, start, end)
    yield from _letters(text, start, end)


# What prose says of a secret: `the password is `v``, `- Password: v`.
_WHAT = r"(?<![\w\-])(?P<key>pass(?:word|phrase|wd)|secret(?:[ _\-]key)?|token|(?:api|access)[ _\-]?key)[*_`]{0,3}"
_SAID = lazily(rf"(?i){_WHAT}(?::[*_]{{0,2}}|[ ](?:is|was|=)(?:[ ]now)?:?)[ ]{{1,4}}`(?P<plain>[^`\s]{{8,200}})`")
_SAID_ALONE = lazily(
    r"(?im)^[ \t>]*+(?:[-*+]|\d{1,3}[.)])[ ]+[\w ]{0,30}?[*_`]{0,3}"
    rf"{_WHAT}:[*_]{{0,2}}[ ]+(?P<plain>[^\s`]{{8,200}})[ \t\r]*$"
)
_TABLE_RULE = lazily(r"(?m)^[ \t>]*+\|?[ ]*:?-{2,}:?[ ]*(?:\|[ ]*:?-{2,}:?[ ]*)*\|?[ \t\r]*$")
_CELL = lazily(r"(?:\\.|[^|\n\\])*+")
_MOST_ROWS = 200


def _prose(text: str, start: int, end: int) -> Iterator[Named]:
    """What running text, a list or a table of a page says."""
    for first, last in _lines_with(text, start, end):
        for pattern in (_SAID, _SAID_ALONE):
            for match in pattern.finditer(text, first, last):
                if looks_strong(match["plain"], match["key"]):
                    yield Named(match["key"].replace(" ", "_"), *match.span("plain"), "text", strict=True)
    for match in _QUERY.finditer(text, start, end) if text.find("=", start, end) >= 0 else ():
        if key_of_interest(match["key"]) and not is_of_badge(text, match.start("key")):
            first, last = match.span("plain")
            yield Named(match["key"], first, first + len(text[first:last].rstrip(".,;:!?)]|*_")), "text", strict=True)
    for rule in _TABLE_RULE.finditer(text, start, end) if text.find("|", start, end) >= 0 else ():
        if rule.start() <= start:
            continue
        heads = _cells_of(text, max(text.rfind("\n", 0, rule.start() - 1) + 1, start), rule.start() - 1)
        names = [_name_in(text, *cell) for cell in heads]
        if len(heads) == 2 and names[0] and looks_strong(text[slice(*heads[1])], names[0]):
            yield Named(names[0], *heads[1], "text", strict=True)
        at = rule.end() + 1
        for _ in range(_MOST_ROWS):
            stop = text.find("\n", at, end)
            stop = end if stop < 0 else stop
            if at >= end or "|" not in text[at:stop]:
                break
            cells = _cells_of(text, at, stop)
            for index, (first, last) in enumerate(cells):
                above = names[index] if index < len(names) else ""
                beside = _name_in(text, *cells[index - 1]) if index == 1 else ""
                for key in (above, beside):
                    if key and looks_strong(text[first:last], key):
                        yield Named(key, first, last, "text", strict=True)
                        break
            at = stop + 1


def _lines_with(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The lines that name a secret and may show a value."""
    lowered = in_lower_case(text)  # of the whole page, which is kept
    found: set[tuple[int, int]] = set()
    for word in _WORDS if len(lowered) == len(text) else ():
        at = lowered.find(word, start, end)
        while at >= 0:
            first, last = max(text.rfind("\n", 0, at) + 1, start), text.find("\n", at, end)
            last = last if last >= 0 else end
            if ":" in text[at:last] or "`" in text[at:last]:
                found.add((first, last))
            at = lowered.find(word, last, end)
    return sorted(found)


_WORDS = ("key", "pass", "secret", "token")


def _cells_of(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Where the cells of a row stand, bare of blanks and of marks around them."""
    at = start + len(text[start:end]) - len(text[start:end].lstrip(" \t>"))
    at += text.startswith("|", at)
    found: list[tuple[int, int]] = []
    while at < end:
        stop = _CELL.match(text, at, end).end()  # type: ignore[union-attr]
        cell = text[at:stop]
        first = at + len(cell) - len(cell.lstrip(" \t*_`"))
        found.append((first, max(first, at + len(cell.rstrip(" \t\r*_`")))))
        at = stop + 1
    return found


def _name_in(text: str, start: int, end: int) -> str:
    """The name of a secret that a cell holds, "" for none."""
    name = "_".join(text[start:end].split(None, 3))
    if name.lower() in ("pass", "pw", "pwd"):
        return "password"
    return name if 2 < len(name) <= _LONGEST_NAME and key_of_interest(name) else ""


_LONGEST_NAME = 40
_SCANS = {
    "array": _items,
    "config": _config,
    "crontab": _env,
    "dockerfile": _dockerfile,
    "env": _dotenv,
    "inline": _inline,
    "ini": _config,
    "json": _json,
    "just": _env,
    "make": _env,
    "markup": _markup,
    "pgpass": _pgpass,
    "prose": _prose,
    "stdin": _stdin,
    "text": _text,
    "toml": _toml,
    "yaml": _yaml,
}


class Written(NamedTuple):
    """A value under a secret's name: characters `start:end` of the document, and what they say."""

    named: Named
    value: str
    start: int
    end: int


def named_in_text(document: Document) -> tuple[Written, ...]:
    """Each value under a secret's name in the parts of a document, and in what is shown of a netrc file anywhere."""
    found: tuple[Written, ...] | None = document.memo.get(named_in_text)
    if found is None:
        found = document.memo[named_in_text] = tuple(_written(document))
    return found


def _written(document: Document) -> Iterator[Written]:
    for part in document_parts(document):
        for named, value in _scanned(part):
            if part.strict:
                named = named._replace(strict=True)
            value = value or part.text[named.start : named.end]
            if classify(named.key, value) is not None and _is_kept(part.text, named):
                continue
            start, end = part.place(named.start, named.end)
            if end > start:
                yield Written(named, value, start, end)
    if document.kind != "notebook":
        for named in (*_netrc(document.text, 0, len(document.text)), *_string_data(document.text)):
            yield Written(named, document.text[named.start : named.end], named.start, named.end)


# The entries of a Secret of Kubernetes that are not written in base64.
_STRING_DATA = lazily(
    r"(?m)^(?P<indent>[ \t>]*)(?:-[ ]+)?stringData:[ \t]*\r?\n"
    r"(?P<entries>(?:(?P=indent)[ \t]+\S[^\n]{0,2000}\n?){1,60})"
)

_OF_NO_WORDS = lazily(r"(?=[^\W_]{8})(?=[^\W_]*\d)(?=[^\W_]*[a-z])[^\W_]*[A-Z]")


def _string_data(text: str) -> Iterator[Named]:
    """What a Secret of Kubernetes holds under names of any kind, where it is no word."""
    for match in _STRING_DATA.finditer(text) if "stringData:" in text else ():
        for line in _YAML_LINE.finditer(text, *match.span("entries")):
            at = _scalar(text, *line.span("rest"))
            value = text[slice(*at)] if at is not None else ""
            # A name of a bucket, a host or a model is made of words and numbers.
            if at is not None and _OF_NO_WORDS.search(value) and looks_random(value, "secret_value"):
                yield Named("secret_value", *at, "config", strict=True)


def _scanned(part: Part) -> Iterator[tuple[Named, str]]:
    """What the scan for the kind of a part finds: where, and the value if it is not just what stands there."""
    text, start, end = part.text, part.start, part.end
    telling = SHOWN_PARTS if part.kind in ("code", "inline", "json", "python", "text") else NAME_PARTS
    if part.kind not in ("pgpass", "stdin") and not may_name(text, start, end, telling):
        return
    whole_text = in_lower_case(text)
    lowered = whole_text[start:end] if len(whole_text) == len(text) else text[start:end].lower()
    if part.kind in ("python", "code"):
        for named, value in named_in_code(text, start, end, python=part.kind == "python"):
            yield (named, value) if value else (_ended(text, named), "")
        if any(program in lowered for program in _WITH_LETTER):
            yield from ((named, "") for named in _letters(text, start, end))
    else:
        scan = _SCANS[part.kind]
        if scan is _config and text[start : start + 200].lstrip(" \t\r\n>").startswith("{"):
            scan = _json
        # An instruction of a Dockerfile may begin many lines before a name.
        whole = scan in (_dockerfile, _pgpass, _prose, _stdin) or len(lowered) != end - start
        for first, last in ((start, end),) if whole else _stretches(lowered, start, telling):
            yield from ((_ended(text, named), "") for named in scan(text, first, last))
    if part.map is not None:
        yield from ((named, "") for named in _netrc(text, start, end))


def _stretches(lowered: str, start: int, names: Iterable[str]) -> list[tuple[int, int]]:
    """The lines that hold one of these parts of a secret's name, each with the one before and the one after it.

    No notation of a name and its value is longer, but for fields of what a line begins that ends with `:` or `{`. The
    first character of the text is at `start`.
    """
    lines: set[tuple[int, int]] = set()
    for name in names:
        at = lowered.find(name)
        while at >= 0:
            first = lowered.rfind("\n", 0, max(lowered.rfind("\n", 0, at), 0)) + 1
            last = lowered.find("\n", at)
            last = last if last >= 0 else len(lowered)
            following = lowered.find("\n", last + 1)
            for _ in range(
                _MOST_FIELDS if lowered[max(last - 80, at) : last].rstrip("\r \t")[-1:] in (":", "{") else 0
            ):
                following = lowered.find("\n", following + 1) if following >= 0 else -1
            lines.add((first, following if following >= 0 else len(lowered)))
            at = lowered.find(name, last)
    found: list[tuple[int, int]] = []
    for first, last in sorted(lines):
        if found and start + first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], start + last))
        else:
            found.append((start + first, start + last))
    return found


def _ended(text: str, named: Named) -> Named:
    """`named` without the line break at its end, as a string writes it, or the backslash that joins the next line."""
    start, end = named.start, named.end
    while text.endswith(("\\n", "\\r", "\\t"), start, end):
        end -= 2
    if text.endswith(" \\", start, end):
        end = start + len(text[start:end].rstrip(" \\"))
    return named if end == named.end else named._replace(end=end)


# Mappings whose values are encrypted, and those whose values are names of Secrets.
_ENCRYPTED = frozenset({"encrypteddata"})
_NAMES = frozenset({"secrets", "secret_vars", "secretrefs", "secret_refs", "env_secrets", "envsecrets", "secret_env"})
_BRACKET = lazily(r"[\[\]{}]")
_KEY_OF_BRACKET = lazily(r"""(?P<key>[A-Za-z_][\w\-]{0,64}+)["']?[ \t]{0,8}[:=][ \t]{0,8}\Z""")
_OPENED_ABOVE = lazily(
    r"""([ \t>#]*)(?:-[ ]+)?["']?([A-Za-z_][\w\-]{0,64})["']?[ \t]*[:=][ \t]*[\[{]*[ \t]*(?:\#.*)?\r?\Z"""
)
_MOST_LINES = 60
_MOST_FIELDS = 3
_LONGEST_LINE = 2000
_LONGEST_KEY = 90


def _is_kept(text: str, named: Named) -> bool:
    """True for what stands in a mapping of encrypted values, or of names that a cluster or a launcher looks up."""
    above = parents(text, named.start)
    if not _ENCRYPTED.isdisjoint(above):
        return True
    return not _NAMES.isdisjoint(above) and cluster_name(text[named.start : named.end])


def parents(text: str, at: int) -> frozenset[str]:
    """The keys, in lower case, under which the line of a value stands."""
    line = text.rfind("\n", 0, at) + 1
    opened_here: list[str] = []
    for match in _BRACKET.finditer(text, max(line, at - _LONGEST_LINE), at):
        if match.group() in "[{":
            start = match.start()
            key = _KEY_OF_BRACKET.search(text, max(line, start - _LONGEST_KEY), start)
            opened_here.append(key["key"].lower() if key is not None else "")
        elif opened_here:
            opened_here.pop()
    found = set(opened_here)
    indent = len(text[line:at]) - len(text[line:at].lstrip(" \t>#"))
    for _ in range(_MOST_LINES):
        if not line or not indent:
            break
        before = text.rfind("\n", 0, line - 1) + 1
        opened = _OPENED_ABOVE.match(text, before, line - 1)
        if opened is not None and len(opened[1]) < indent:
            found.add(opened[2].lower())
            indent = len(opened[1])
        line = before
    return frozenset(found)
