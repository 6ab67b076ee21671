"""Arithmetic of the shell: `$((I + 1))`, `((I++))`, `A[I++]=`, as far as the numbers are known."""

from __future__ import annotations

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_NAME = r"[A-Za-z_]\w*"
_TOKEN = lazily(
    rf"\s*(?:(?P<number>0|[1-9]\d{{0,17}})(?![\w.#])|\$?(?P<name>{_NAME})|\$\{{(?P<braced>{_NAME})\}}|(?P<sign>[-+*/%()]))"
)
_CHANGE = lazily(
    rf"\s*(?:(?P<before>\+\+|--)\s*(?P<second>{_NAME})|(?P<first>{_NAME})\s*(?:(?P<behind>\+\+|--)|(?P<sign>[-+*/%]?)=(?!=)(?P<value>[^=]*)))\s*"
)
_CHANGED = lazily(rf"({_NAME})(?:\[[^\[\]]*\])?\s*(?:\+\+|--|(?:[-+*/%&|^]|<<|>>)?=(?!=))|(?:\+\+|--)\s*({_NAME})")
_INTEGER = lazily(r"0|-?[1-9]\d{0,17}")
_MOST_NESTED = 20
_LIMIT = 2**63


class Change(NamedTuple):
    """A variable that an expression sets, its new value, and what the expression comes to; None where unknown."""

    name: str
    value: int | None
    result: int | None


def integer(text: str) -> int | None:
    """The number that a value is, None if it is another expression."""
    return int(text) if _INTEGER.fullmatch(text) is not None else None


def changed(text: str) -> Iterator[str]:
    """The variables that an expression may set."""
    for match in _CHANGED.finditer(text):
        yield match[1] or match[2]


def change(text: str, value_of: Callable[[str], int | None]) -> Change | None:
    """What `I++`, `I += 2` or `I = J * 2` does, None for any other expression."""
    match = _CHANGE.fullmatch(text)
    if match is None:
        return None
    name = match["first"] or match["second"]
    if match["value"] is not None:
        operand = match["value"]
        new = evaluate(f"{name} {match['sign']} ({operand})" if match["sign"] else operand, value_of)
        return Change(name, new, new)
    old = value_of(name)
    if old is None:
        return Change(name, None, None)
    new = old + (1 if "+" in (match["before"] or match["behind"]) else -1)
    return Change(name, new, new if match["before"] else old)


def evaluate(text: str, value_of: Callable[[str], int | None]) -> int | None:
    """The value of an expression of numbers, variables, `+ - * / %` and parentheses; None for others and if unknown."""
    tokens: list[str | int] = []
    at = 0
    end = len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at, end)
        if match is None:
            return None
        if match["sign"] is not None:
            tokens.append(match["sign"])
        elif match["number"] is not None:
            tokens.append(int(match["number"]))
        else:
            value = value_of(match["name"] or match["braced"])
            if value is None:
                return None
            tokens.append(value)
        at = match.end()
    parser = _Parser(tokens)
    found = parser.sum(0)
    return found if parser.at == len(tokens) else None


class _Parser:
    """Reads tokens by precedence. After anything that it does not know, `at` is not the end."""

    def __init__(self, tokens: list[str | int]) -> None:
        self._tokens = tokens
        self.at = 0

    def _take(self, *signs: str) -> str | None:
        token = self._tokens[self.at] if self.at < len(self._tokens) else None
        if isinstance(token, str) and token in signs:
            self.at += 1
            return token
        return None

    def sum(self, depth: int) -> int | None:
        found = self._product(depth)
        while found is not None and (sign := self._take("+", "-")):
            other = self._product(depth)
            found = None if other is None else _within(found + other if sign == "+" else found - other)
        return found

    def _product(self, depth: int) -> int | None:
        found = self._operand(depth)
        while found is not None and (sign := self._take("*", "/", "%")):
            other = self._operand(depth)
            if other is None or (sign != "*" and other == 0):
                self._fail()
                return None
            whole = (
                found * other if sign == "*" else abs(found) // abs(other) * (1 if (found < 0) == (other < 0) else -1)
            )
            found = _within(found - whole * other if sign == "%" else whole)
        return found

    def _operand(self, depth: int) -> int | None:
        negative = False
        while sign := self._take("-", "+"):
            negative ^= sign == "-"
        if depth < _MOST_NESTED and self._take("("):
            found = self.sum(depth + 1)
            if self._take(")") is None:
                self._fail()
        elif self.at < len(self._tokens) and isinstance(token := self._tokens[self.at], int):
            self.at += 1
            found = token
        else:
            self._fail()
            return None
        return -found if negative and found is not None else found

    def _fail(self) -> None:
        self.at = len(self._tokens) + 1


def _within(value: int) -> int | None:
    return value if -_LIMIT < value < _LIMIT else None
