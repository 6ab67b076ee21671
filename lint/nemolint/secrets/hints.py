"""A prefilter for texts that may contain or pass a secret: most texts need no more than that.

Each function is false only if the readers of commands and configurations would find nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from nemolint.base.patterns import lazily
from nemolint.secrets.beginnings import NAME_PARTS
from nemolint.secrets.names import key_of_interest, secret_key
from nemolint.shell.literal import unquoted
from nemolint.sources.escapes import begun

if TYPE_CHECKING:
    from nemolint.document import Document

# `key=`, `"key": `, `key[0] := `: what comes after a part if a value follows.
_GIVEN = {part: lazily(rf"{part}[\w.\-\[\]/]{{0,256}}+[\"'\]\\]*+\s*+(?:[:?+]*+=|:)") for part in NAME_PARTS}
_NAME_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-[]/")
_LONGEST_NAME = 256
_DASH = begun("-", r"\w-")
_OPTION = lazily(rf"{_DASH}-*([^\s\"'`]+)")
# make and Python write variables differently (`$(X)`, `${a-b}`), which their readers turn into those of a shell.
_EXPANDED = lazily(r"\$[({]{0,2}\s{0,8}(?:secrets\.|(?:oc\.)?env:\s{0,8})?(([A-Za-z_]\w*+)[\w.\-]*+)")
# Names whose place gives them a value, or prints it: `name: X`, and on the rest of a line `ENV X v`, `set X v`.
_NAME = lazily(begun("name") + r"[\"']?[ \t]*:[ \t]*[\"']?(\w+)")
_LISTED = {
    word: lazily(begun(word) + r"\b([^\n]*+)")
    for word in ("ENV", "ARG", "printenv", "declare", "typeset", "env", "set", "setenv", "setx", "create")
}
_WORD = lazily(r"[\w.\-]+")
# An escape of a container, at the beginning of an apparent name.
_ESCAPE = re.compile(r"x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[0-7]{1,3}|[A-Za-z]")
# Programs that take a password after a letter, or as a positional argument.
_WITH_PASSWORD = ("login", "mariadb", "mysql", "redis-cli", "sshpass")
_PASSWORD = lazily(rf"{_DASH}[ap]")
_WANDB_LOGIN = lazily(r"wandb(?:\\[a-z]|\W)+login")
_WITH_USER = lazily(rf"curl|wget|{begun('http')}(?:s|ie)?\b(?!:)|{begun('xh')}s?\b")
_USER = lazily(rf"{_DASH}(?:[au]|-(?:user|proxy-user|auth)\b)")
# Calls that take a name and a value, and those that take a user and a password.
_CALLED = lazily(
    rf"(?:set(?:default|env|attr|_key|_token|_header)?|getenv|putenv|get|put|add_header|header|env|append)"
    rf"\(\s{{0,80}}(?:[\w.]{{1,60}}\s{{0,8}},\s{{0,80}})?\\?[\"']([\w.\-]++)"
)
_PAIR = lazily(r"auth\\?[\"']?\s{0,4}[=:]\s{0,4}[(\[]|(?:basic|digest)auth\(")
# Commands that take a secret where no name says so.
_TAKERS = (
    ("secret", lazily(r"secrets?\b[^\n]{0,200}?\s(?:-[bv]|--(?:body|value|text|from-literal|data-file)|<<<)")),
    ("secret", lazily(r"--(?:secret-string|string-value)")),
    ("lep", lazily(r"\blep(?:\\[a-z]|\W)+login")),
    ("mc", lazily(r"\bmc(?:li)?(?:\\[a-z]|\W)+(?:alias|config)")),
    ("sudo", lazily(r"sudo(?:\\[a-z]|[^\w\n])+-[^\n]{0,80}s")),
    ("stdin", lazily(r"password-stdin")),
    ("with-token", lazily(r"with-token")),
    ("machine", lazily(r"password")),
)
# Without one of these there is no value under a secret's name.
HINTS = (*NAME_PARTS, *_WITH_PASSWORD, "curl", "wget", "http", "xh", "lep", "mc", "sudo", "machine")


def may_name_secret(document: Document) -> bool:
    """`names_secret` for the text of a document that is not parsed yet, cached; True for one that is."""
    if document.reading is None:
        return True
    kept: bool | None = document.memo.get(names_secret)
    if kept is None:
        kept = document.memo[names_secret] = names_secret(document.text)
    return kept


def names_secret(text: str) -> bool:
    """Whether a text may have a value under a secret's name, or a name in a field that takes one."""
    if _names_secret(text):
        return True
    bare = unquoted(text)
    return bare != text and _names_secret(bare)


def _expands_secret(text: str) -> bool:
    """Whether a shell may put the value of a secret's variable into one of the words of a text."""
    return "$" in text and any(secret_key(match[1]) or secret_key(match[2]) for match in _EXPANDED.finditer(text))


def _names_secret(text: str) -> bool:
    lowered = text.lower()
    if any(program in lowered for program in _WITH_PASSWORD):
        if _PASSWORD.search(lowered) or _WANDB_LOGIN.search(lowered):
            return True
    if _USER.search(lowered) and _WITH_USER.search(lowered):
        return True
    if any(word in lowered and pattern.search(lowered) is not None for word, pattern in _TAKERS):
        return True
    parts = [part for part in NAME_PARTS if part in lowered]
    # A letter that becomes two in lower case shifts all that follows.
    if not parts or len(lowered) != len(text):
        return bool(parts)
    return (
        any(key_of_interest(name) for part in parts for name in _given(text, lowered, part))
        or any(key_of_interest(match[1]) for match in _OPTION.finditer(text))
        or any(key_of_interest(match[1]) for match in _NAME.finditer(text))
        or any(key_of_interest(name) for name in _listed(text))
        or any(key_of_interest(match[1]) for match in _CALLED.finditer(text))
        or ("auth" in parts and _PAIR.search(lowered) is not None)
        or _expands_secret(text)
    )


def _given(text: str, lowered: str, part: str) -> Iterator[str]:
    """The names that contain `part` and may be followed by a value."""
    for match in _GIVEN[part].finditer(lowered):
        start = end = match.start()
        while start > 0 and text[start - 1] in _NAME_CHARACTERS and end - start < _LONGEST_NAME:
            start -= 1
        while end < match.end() and text[end] in _NAME_CHARACTERS:
            end += 1
        name = text[start:end]
        yield name
        if name.startswith("-"):  # `-eKEY=`, `-Htoken:`
            yield name[2:]
        if text[start - 1 : start] == "\\" and (escape := _ESCAPE.match(name)):
            yield name[escape.end() :]


def _listed(text: str) -> Iterator[str]:
    """The rest of a line after a command that takes names."""
    for word, pattern in _LISTED.items():
        if word in text:
            for match in pattern.finditer(text):
                yield from _WORD.findall(match[1])
