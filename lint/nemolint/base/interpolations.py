"""OmegaConf's grammar of interpolations (`${a.b}`, `${oc.env:NAME,default}`): which texts it accepts.

A text is read once, from left to right, with a stack instead of recursion.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily

MAX_DEPTH = 100  # of nesting; deeper texts are not checked

# Texts that OmegaConf accepts without using its grammar, which would reject some of them.
_SIMPLE = lazily(
    r"""\$\{\s*(?:
        \.*(?:[$\w]+|\[[$\w]+\])(?:\.[$\w]+|\[[$\w]+\])*
       |(?:[a-zA-Z_][\w\-]*(?:\.[a-zA-Z_][\w\-]*)*)?\s*:\s*
        [a-zA-Z_0-9/\-+.$%*@?|]+(?:\s*,\s*[a-zA-Z_0-9/\-+.$%*@?|]+)*
    )\s*\}""",
    re.ASCII | re.VERBOSE,
)
_REFERENCE = lazily(r"\$\{[ \t]*((?:[$\w]+|\[[$\w]+\])(?:\.[$\w]+|\[[$\w]+\])*)[ \t]*\}\Z", re.ASCII)
_KEY = lazily(r"(?P<slashes>\\*)\$\{[ \t]*(?P<key>[$\w]+(?:\.[$\w]+|\[[$\w]+\])*)[ \t]*\}|\\+", re.ASCII)
_RESOLVER = lazily(r"\$\{[ \t]*oc\.env[ \t]*:[^{}]*\}\Z")

_MENTION = lazily(r"(?<!\\)\$\{[ \t]*(?P<name>\.*[A-Za-z_][\w-]*(?:\.[\w-]+|\[[\w-]+\])*)[ \t]*(?P<end>[:}])", re.ASCII)
_ENV = lazily(r"\$\{[ \t]*oc\.env[ \t]*:[ \t]*(?P<name>\w+)[ \t]*(?:,(?P<rest>.*))?\}\Z", re.ASCII | re.DOTALL)

# Inside quotes, and outside of all interpolations.
_TEXT = lazily(r"""(?P<slashes>\\+)|(?P<open>\$\{[ \t]*)|(?P<quote>['"])|[^\\$'"]+|\$""")
# Between `${` and its `}` or `:`.
_PATH = lazily(
    r"""(?P<open>\$\{[ \t]*)|(?P<close>[ \t]*\})|(?P<colon>[ \t]*:[ \t]*)|(?P<dot>\.)|(?P<left>\[)|(?P<right>\])
       |(?P<key>[^\\{}()\[\]:.\ \t'"]+)""",
    re.VERBOSE,
)
_ID = lazily(r"[a-zA-Z_][a-zA-Z0-9_-]*\Z")
# Among the arguments of a resolver.
_VALUE = lazily(
    r"""(?P<open>\$\{[ \t]*)|(?P<close>[ \t]*\})|(?P<comma>[ \t]*,[ \t]*)|(?P<colon>[ \t]*:[ \t]*)
       |(?P<left>\[[ \t]*)|(?P<right>[ \t]*\])|(?P<brace>\{[ \t]*)|(?P<quote>['"])
       |(?P<plain>(?:\\[\\()\[\]{}:=,\ \t]|\$(?!\{)|[a-zA-Z0-9_/\\+.%*@?|-])+|[ \t]+)""",
    re.VERBOSE,
)


class Interpolated(NamedTuple):
    """What an interpolation in a text names: a `key` of the config, or a `resolver` (the other is empty)."""

    text: str
    key: str = ""
    resolver: str = ""


class EnvDefault(NamedTuple):
    """A value that is `${oc.env:NAME,default}` as a whole: the variables, and what it is where none of them is set.

    `value` is None for `null`, and where there is no default: then resolving it raises (`raises`).
    """

    names: tuple[str, ...]
    value: str | None
    raises: bool = False


class Reference(NamedTuple):
    """A value that is just one interpolation. `key` is the dotted key that it names, None for `oc.env`."""

    key: str | None


def mentions(text: str) -> Iterator[Interpolated]:
    """The interpolations in a text, inner ones too, whose names are written out and that are not escaped."""
    for match in _MENTION.finditer(text):
        shown = match.group()
        if match["end"] == ":":
            yield Interpolated(f"{shown}…}}", resolver=match["name"])
        elif not match["name"].startswith("."):
            yield Interpolated(shown, key=match["name"])


def env_default(text: str) -> EnvDefault | None:
    """What a text that is a single `${oc.env:…}` stands for; None for any other text."""
    names: list[str] = []
    while (match := _ENV.match(text)) is not None and len(names) < MAX_DEPTH:
        names.append(match["name"])
        rest = match["rest"]
        if rest is None:
            return EnvDefault(tuple(names), None, raises=True)
        plain = rest.strip()
        if "${" not in plain:
            if "{" in plain or "}" in plain:
                return None
            quoted = plain[1:-1] if len(plain) > 1 and plain[0] == plain[-1] and plain[0] in "'\"" else plain
            return EnvDefault(tuple(names), None if plain == "null" else quoted)
        text = plain
    return None


def is_taken(text: str) -> bool:
    """Whether OmegaConf accepts a text as a value; deeper nesting than MAX_DEPTH counts as accepted."""
    return "${" not in text or _is_simple(text) or is_grammatical(text)


def reference(text: str) -> Reference | None:
    """What a text refers to, if that is known without resolving anything else."""
    match = _REFERENCE.match(text)
    if match is not None:
        return Reference(match.group(1))
    return Reference(None) if _RESOLVER.match(text) else None


def references(text: str, *, twice: bool = False) -> Iterator[str]:
    """The dotted keys that a text refers to (`${a.b}`), also inside of other interpolations.

    `twice`: it is resolved a second time, so that one backslash does not keep `${` from being read.
    """
    if not is_taken(text):
        return
    for match in _KEY.finditer(text):
        if match.group("key") is None:
            continue
        slashes = len(match.group("slashes"))
        if slashes % 2 == 0 or (twice and slashes // 2 % 2 == 0):
            yield match.group("key")


def _is_simple(text: str) -> bool:
    at = text.find("${")
    while at >= 0:
        match = _SIMPLE.match(text, at)
        if match is None:
            return False
        at = text.find("${", match.end())
    return True


def is_grammatical(text: str) -> bool:
    """Whether a text follows the grammar; deeper nesting than MAX_DEPTH counts as if it did."""
    stack: list[_Text | _Path | _Values] = [_Text("")]
    at = 0
    while at < len(text):
        top = stack[-1]
        match = top.pattern.match(text, at)
        if match is None:
            return False
        at = match.end()
        following = top.read(match.lastgroup or "", match.group())
        if following is None:
            return False
        if following is top:
            continue
        if following is _CLOSED:
            stack.pop()
            if not stack[-1].closed(top):
                return False
        elif isinstance(top, _Path) and isinstance(following, _Values) and following.kind == "arguments":
            stack[-1] = following
        else:
            stack.append(following)
            if len(stack) > MAX_DEPTH:
                return True
    return len(stack) == 1


class _Text:
    """Text outside of interpolations, up to `quote` or, without one, to the end."""

    pattern = _TEXT

    def __init__(self, quote: str) -> None:
        self.quote = quote
        self.escaped = False

    def read(self, kind: str, token: str) -> _Text | _Path | _Values | None:
        escaped, self.escaped = self.escaped, kind == "slashes" and len(token) % 2 == 1
        if escaped:
            return self
        if kind == "open":
            return _Path()
        return _CLOSED if kind == "quote" and token == self.quote else self

    def closed(self, inner: object) -> bool:
        return True


_CLOSED = _Text("")


class _Path:
    """A key, or the name of a resolver."""

    pattern = _PATH

    def __init__(self) -> None:
        self.state = "start"
        self.may_name = True

    def read(self, kind: str, token: str) -> _Text | _Path | _Values | None:
        state = self.state
        if kind == "open":
            return _Path() if state in ("start", "dot", "left") else None
        if kind == "key" and state in ("start", "dot", "left"):
            self.may_name &= _ID.match(token) is not None
            self.state = "inside" if state == "left" else "part"
        elif kind == "dot" and state in ("start", "part"):
            self.may_name &= state == "part"
            self.state = "start" if state == "start" else "dot"
        elif kind == "left" and state in ("start", "part"):
            self.may_name = False
            self.state = "left"
        elif kind == "right" and state == "inside":
            self.state = "part"
        elif kind == "close" and state == "part":
            return _CLOSED
        elif kind == "colon" and state == "part" and self.may_name:
            return _Values("arguments")
        else:
            return None
        return self

    def closed(self, inner: object) -> bool:
        self.state = "inside" if self.state == "left" else "part"
        return True


class _Values:
    """Values between commas: the arguments of a resolver, a list, or the pairs of a mapping."""

    pattern = _VALUE

    def __init__(self, kind: str) -> None:
        self.kind = kind
        # Of a value: "start", "plain" (more may follow), "done". Of a key: "first", "key", and "next" after a `,`.
        self.state = "first" if kind == "mapping" else "start"

    def read(self, kind: str, token: str) -> _Text | _Path | _Values | None:
        if self.state in ("first", "key", "next"):
            return self._read_key(kind)
        may_go_on = self.state in ("start", "plain")
        if kind == "comma" and not (self.kind == "mapping" and self.state == "start"):
            self.state = "next" if self.kind == "mapping" else "start"
        elif kind in ("plain", "colon") and may_go_on:
            self.state = "plain"
        elif kind == "open" and may_go_on:
            return _Path()
        elif kind == "quote" and self.state == "start":
            return _Text(token)
        elif kind in ("left", "brace") and self.state == "start":
            return _Values("list" if kind == "left" else "mapping")
        elif kind == ("right" if self.kind == "list" else "close"):
            return None if self.kind == "mapping" and self.state == "start" else _CLOSED
        else:
            return None
        return self

    def _read_key(self, kind: str) -> _Text | _Path | _Values | None:
        if kind == "plain":
            self.state = "key"
        elif kind == "colon" and self.state == "key":
            self.state = "start"
        else:
            return _CLOSED if kind == "close" and self.state == "first" else None
        return self

    def closed(self, inner: object) -> bool:
        self.state = "plain" if isinstance(inner, _Path) or getattr(inner, "kind", "") == "arguments" else "done"
        return True
