"""A look at a text that tells whether a secret can stand in it, or be handed over: most texts need no more than that.

Each function is false only where the readers of commands and configurations would find nothing. True says little.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from nemolint.base.patterns import lazily
from nemolint.secrets.beginnings import NAME_PARTS, shows_all
from nemolint.secrets.code_output import may_print, printed_in_code
from nemolint.secrets.formats import may_be_assembled, may_be_split, may_hold_format
from nemolint.secrets.names import key_of_interest, secret_key, spelt_secret
from nemolint.shell.literal import lowered as in_lower_case, readings
from nemolint.sources import OTHER
from nemolint.sources.escapes import begun

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.document import Document

# Kinds of files that may hold code which joins strings.
_JOINING = frozenset({"markdown", "notebook", OTHER, "python", "rst"})
# `key=`, `"key": `, `key[0] := `, `key, other = `: what stands behind the part of a name when a value follows.
_TARGET = r"[ \t]*+[\w.\[\]\"'()*]++[ \t]*+"
_GIVEN = lazily(
    rf"[\w.\-\[\]/]{{0,256}}+[\"'\]\\]*+"
    rf"(?:\s*+(?:[:?+!]*+=|:|<-)|\(|[)]*+[ \t]*+(?:,(?:{_TARGET},)*+{_TARGET})?="
    # `token string = "v"`, `<token>v</`, `name="token" value="v"`
    r"|[ \t]{1,4}(?:\[\])?[a-z]\w{1,20}[ \t]{1,4}=|>\s{0,20}[^<>\s]{8,512}\s{0,80}</|\s{1,80}value="
    # `token{"v"}`, `#define TOKEN "v"`, `Authorization "Bearer v"`, `Token { get; set; } = "v"`
    r"|[ \t]{0,4}\{[^{}\n]{0,40}[\"'}]|[ \t]{1,8}\""
    # The token is `v`, `| token | v |`, `requirepass v`
    r"|[*_`]{1,3}:|[*_`]{0,3}[ ](?:is|was|=)(?:[ ]now)?:?[ ]{1,4}`|[*_`]{0,3}[ \t]{0,40}\|"
    r"|[ \t]{1,40}[\"']?(?=[^\s\d]{0,80}\d)[^\s\"'=]{8,512}+[\"']?[ \t;\r]*(?=\n|\Z))"
)
_NAME_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-[]/")
_LONGEST_NAME = 256
_DASH = begun("-", r"\w-")
_OPTION = lazily(rf"{_DASH}-*+([^\s\"'`]++)")
# make and Python name variables in other ways (`$(X)`, `${a-b}`), which their readers turn into those of a shell.
_EXPANDED = lazily(r"\$[({]{0,2}\s{0,8}(?:secrets\.|(?:oc\.)?env:\s{0,8})?(([A-Za-z_]\w*+)[\w.\-]*+)")
# Names that their place gives a value, or has printed: `name: X`, and on the rest of a line `ENV X v`, `set X v`.
_VARIABLE = lazily(r"variable[ \t]+\"([\w\-]+)\"[ \t]*\{")
_NAME = lazily(begun("name") + r"[\"']?[ \t]*:[ \t]*[\"']?([\w.\-]+)")
_LISTED = (
    {
        word: lazily(begun(word) + r"\b([^\n]*+)")
        for word in ("ENV", "ARG", "arg", "printenv", "declare", "typeset", "rclone")
    }
    | {"<<<": lazily(begun("read") + r"\b([^\n]*?)<<<"), "printf": lazily(r"printf[ \t]+-v\b([^\n]*+)")}
    | {"%": lazily(r"%(?:set_)?env\b([^\n]*+)"), "set": lazily(begun("set") + r"(?:env|x)?\b([^\n]*+)")}
)
_WORD = lazily(r"[\w.\-]+")
# An escape of a container, at the beginning of what looks like a name.
_WORD_OF_KEY = lazily(r"(?i)\b(api|access|secret)[ ]\Z")
_ESCAPE = lazily(r"x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[0-7]{1,3}|[A-Za-z]")
# Programs that take a password behind a letter, or by its place.
_WITH_PASSWORD = ("login", "mariadb", "mysql", "redis-cli", "sshpass", "twine")
_PASSWORD = lazily(rf"{_DASH}[ap]")
_NAMED_LOGIN = lazily(r"(?:wandb|lep)(?:\\[a-z]|\W)+login")
_PROGRAMS_WITH_USER = ("curl", "wget", "http", "xh")
_WITH_USER = lazily(rf"curl|wget|{begun('http')}(?:s|ie)?\b(?!:)|{begun('xh')}s?\b")
_USER = lazily(rf"{_DASH}(?:[au]|[a-z]{{1,8}}u\b|-(?:user|proxy-user|auth)\b)")
# Calls that take a name and a value, and those that take a user and a password.
_CALLED = lazily(r"\(\s{0,80}(?:[\w.]{1,80}\s{0,8},\s{0,80})?\\?[\"']([\w.\-]++)\\?[\"']\s{0,8}(?:,|\)\s{0,8}or\b)")
# A method that takes a secret: `save_token("v")`.
_TAKES = lazily(r"(?i:add|save|set|store|update|use|with|write)_?(?=[A-Z]|(?<=_)[a-z])")
# Names that are given their values together: `zip(["a", "token"], …)`.
# A function whose name is that of a secret.
_DEFINED = lazily(r"\bdef[ \t]+(\w{1,128})\(")
_ZIPPED = lazily(r"zip\(\s{0,80}[(\[]([^()\[\]]{1,1000})[)\]]")
_ENVIRON = lazily(r"ENVIRON\[\\?[\"'](\w+)")
_CALL_WITH_PAIR = lazily(r"credentials(?:\.create)?\(|usernamepassword\w{0,30}\(|authenticate\(|compare_digest\(")
_PAIR_TAKERS = ("credentials", "usernamepassword", "authenticate(", "compare_digest(")
_PAIR = lazily(r"auth(?:\\?[\"']?\s{0,4}[=:]\s{0,4}[(\[]|\()")
# Commands and files in which no name says what the secret is, by the part of a name that each has all the same.
_TAKERS = {
    "secret": lazily(
        r"secrets?(?:\\[a-z]|[^\w\n])+(?:add|create|put|set|update|versions)\b|secretsmanager|stringdata:"
    ),
    "bearer": lazily(r"[\"']bearer[ ]|bearer_auth\("),
    "pwd": lazily(r";[ ]?pwd[ ]?="),
    "auth": lazily(r"auth(?:_?ident)?\\?[\"']?[ \t]*[:=][ \t]*\\?[\"']?[\w.@+\-]{1,64}:\S"),
    "key": lazily(r"username[^\n]{0,200}key[\\\"']{0,4}\s{0,8}:\s{0,8}[\\\"']{0,4}%s"),
    "token": lazily(r"with-token"),
    "pass": lazily(
        r"pgpass|pass(?:word-stdin|phrase-fd|word(?:\\[nt]|[ \t\r\n])+[^\s=:]|[ \t]*="
        r"|(?<=-pass)(?:in|out)?\b[^\n]{0,20}pass:)"
    ),
}
# Programs of which no word is part of a name.
_OTHERS = {
    "http-basic": lazily(r"http-basic\."),
    "pypi-token": lazily(r"pypi-token\."),
    "zip": lazily(r"zip[ ][^\n]{0,200}-\w{0,8}p"),
    "chpasswd": lazily(r"chpasswd"),
    "variable set": lazily(r"glab\W+variable set"),
    "pdo(": lazily(r"pdo\("),
    "mysqli": lazily(r"mysqli\w{0,10}\("),
    "pass=": lazily(r"user[^\n]{0,200},pass="),
    "getconnection": lazily(r"getconnection\("),
    "login(": lazily(r"\.login\("),
    "identified": lazily(r"identified\s+(?:with\s+\S+\s+)?(?:by|as)\s"),
    "7z": lazily(r"7z[arz]?[ ][^\n]{0,200}-p"),
    "add_user": lazily(r"rabbitmqctl\b[^\n]{0,200}add_user[ ]"),
    "vault": lazily(r"vault(?:\\[a-z]|\W)+login"),
    **{
        program: lazily(rf"{program}[^;|&]{{0,400}}?-(?<=[\W_]-)\w{{0,4}}{letter}")
        for letter, programs in {
            "b": ("htpasswd",),
            "n": ("ssh-keygen",),
            "p": ("bcp", "cqlsh", "ipmitool", "isql", "mongo", "mosquitto", "osql", "snowsql", "sqlcmd"),
            "u": ("lftp", "rpcclient", "smbclient", "smbget"),
            "w": ("ldap",),
        }.items()
        for program in programs
    },
}
_SUDO = lazily(r"sudo(?:\\[a-z]|[^\w\n])+-[^\n]{0,80}s")
_ALIAS = lazily(r"mc(?:li)?(?:\\[a-z]|[\"']|\W)[^\n]{0,200}(?:alias|config host)")
# The same words by a part that they have in common: most texts are searched for the parts alone.
_SHARED = ("login", "smb", "sql")
_LOOKED_FOR = dict.fromkeys((*_WITH_PASSWORD, *_PAIR_TAKERS, *_OTHERS))
_WITH_PART = {part: [word for word in _LOOKED_FOR if part in word and part != word] for part in (*NAME_PARTS, *_SHARED)}
_WITHOUT_PART = [word for word in _LOOKED_FOR if not any(part in word for part in (*NAME_PARTS, *_SHARED))]


_PASSWORD_FILE = lazily(r"(?:\A|[/\\])\.?pgpass(?:\.conf)?\Z", re.IGNORECASE)


def is_password_file(path: str) -> bool:
    """Whether a file keeps passwords by their place alone, without a name."""
    return path[-6:].lower() in ("pgpass", "s.conf") and _PASSWORD_FILE.search(path) is not None


def may_name_secret(document: Document) -> bool:
    """`names_secret` of the text of a document, asked once; true of one that does not show all."""
    if not shows_all(document) or is_password_file(document.path):
        return True
    kept: bool | None = document.memo.get(names_secret)
    if kept is None:
        kept = document.memo[names_secret] = names_secret(document.text, code=document.kind == "python")
    return kept


def may_hold_secret(document: Document) -> bool:
    """False for a document that shows neither such a value nor a credential of a known format."""
    if not shows_all(document):
        return True
    kept: bool | None = document.memo.get(may_hold_secret)
    if kept is None:
        text, kind = document.text, document.kind
        kept = document.memo[may_hold_secret] = (
            may_name_secret(document)
            or may_hold_format(text)
            or (kind in _JOINING and may_be_split(text, kind))
            or may_be_assembled(text)
        )
    return kept


def names_secret(text: str, *, code: bool = False) -> bool:
    """Whether a value may stand under a secret's name in a text, or a name in a field that takes one.

    `code`: the text is code of Python.
    """
    named = _has_name(text)
    if named and _prints_secret(text):
        return True
    parts = readings(text, code=code)
    # Without its quotes a text has all the words that it has in any reading.
    said = _words_in(in_lower_case(parts[min(1, len(parts) - 1)]))
    return any(
        _gives_secret(part, said)
        or ((named or _has_name(part)) and (_names_secret(part, said) or (part is not text and may_print(part))))
        for part in parts
    )


def _prints_secret(text: str) -> bool:
    return next(printed_in_code(text, 0, len(text)), None) is not None


def _has_name(text: str) -> bool:
    """Whether the name of a secret, or of a field for one, stands in a text, whatever is around it."""
    lowered = in_lower_case(text)
    # A letter that is two in lower case moves all that follows.
    if len(lowered) != len(text):
        return any(part in lowered for part in NAME_PARTS)
    for part in NAME_PARTS:
        at = lowered.find(part)
        while at >= 0:
            start, end = at, at + len(part)
            while start > 0 and text[start - 1] in _NAME_CHARACTERS and at - start < _LONGEST_NAME:
                start -= 1
            while text[end : end + 1] in _NAME_CHARACTERS and end - at < _LONGEST_NAME:
                end += 1
            around = text[start - 1 : start], text[end : end + 1]
            if _has_name_at(text[start:end], at - start, len(part), around[0] == "\\", around[1] == "("):
                return True
            if part == "key" and _WORD_OF_KEY.search(text, max(at - 10, 0), at) is not None:
                return True
            at = lowered.find(part, end)
    return False


@lru_cache(maxsize=8192)
def _has_name_at(word: str, at: int, length: int, escaped: bool, called: bool) -> bool:
    """Whether a part of `word` that holds the characters `at:at + length`, from one sign to another, is such a name.

    `escaped`: a backslash precedes, so that the word may begin with the rest of an escape. `called`: a parenthesis
    follows, so that it may begin with a verb.
    """
    starts = [0, *(index + 1 for index, sign in enumerate(word[:at]) if not sign.isalnum() and sign != "_")]
    starts += [start + 1 for start in starts if word[start - 1 : start] == "-"]  # `-eKEY`
    if escaped and (escape := _ESCAPE.match(word)) is not None:
        starts.append(escape.end())
    if called and (verb := _TAKES.match(word, word.rfind(".", 0, at) + 1)) is not None:
        starts.append(verb.end())
    behind = at + length
    ends = [index for index, sign in enumerate(word) if index >= behind and not sign.isalnum() and sign != "_"]
    return any(_takes(word[start:end]) for start in starts if start <= at for end in (*ends, len(word)))


def _expands_secret(text: str) -> bool:
    """Whether a shell may put the value of a secret's variable into one of the words of a text."""
    return "$" in text and any(secret_key(match[1]) or secret_key(match[2]) for match in _EXPANDED.finditer(text))


def _gives_secret(text: str, said: frozenset[str]) -> bool:
    """Whether a text has what gives a secret to a program without a name. `said` has those of `_words_in`."""
    lowered = in_lower_case(text)
    if not said.isdisjoint(_WITH_PASSWORD) and any(program in lowered for program in _WITH_PASSWORD):
        if _PASSWORD.search(lowered) or _NAMED_LOGIN.search(lowered):
            return True
    if any(program in lowered for program in _PROGRAMS_WITH_USER):
        if _USER.search(lowered) and _WITH_USER.search(lowered):
            return True
    if "securestring" in lowered:
        return True
    if ("sudo" in lowered and _SUDO.search(lowered)) or ("mc" in lowered and _ALIAS.search(lowered)):
        return True
    if any(pattern.search(lowered) is not None for word, pattern in _OTHERS.items() if word in said):
        return True
    if any(pattern.search(lowered) is not None for part, pattern in _TAKERS.items() if part in said):
        return True
    if "auth" in said and _PAIR.search(lowered) is not None:
        return True
    return not said.isdisjoint(_PAIR_TAKERS) and _CALL_WITH_PAIR.search(lowered) is not None


def _names_secret(text: str, said: frozenset[str]) -> bool:
    """Whether a value follows the name of a secret in a text that has one (`_has_name`)."""
    lowered = in_lower_case(text)
    parts = [part for part in NAME_PARTS if part in said]
    # A letter that is two in lower case moves all that follows.
    if not parts or len(lowered) != len(text):
        return bool(parts)
    return (
        any(_takes(name) for part in parts for name in _given(text, lowered, part))
        or any(key_of_interest(match[1]) for match in _OPTION.finditer(text))
        or any(key_of_interest(match[1]) for match in _NAME.finditer(text))
        or ("variable" in lowered and any(key_of_interest(match[1]) for match in _VARIABLE.finditer(text)))
        or any(key_of_interest(name) for name in _listed(text, parts))
        or any(key_of_interest(match[1]) for match in _CALLED.finditer(text))
        or ("return" in lowered and any(key_of_interest(match[1]) for match in _DEFINED.finditer(text)))
        or ("zip(" in text and any(map(key_of_interest, _zipped(text))))
        or ("ENVIRON[" in text and any(key_of_interest(match[1]) for match in _ENVIRON.finditer(text)))
        or _expands_secret(text)
    )


def _words_in(lowered: str) -> frozenset[str]:
    """The parts of names that stand in a text, and the words that decide which patterns are searched for."""
    found = [part for part in (*NAME_PARTS, *_SHARED) if part in lowered]
    found += [word for part in found for word in _WITH_PART.get(part, ()) if word in lowered]
    return frozenset(found + [word for word in _WITHOUT_PART if word in lowered])


def _zipped(text: str) -> Iterator[str]:
    """The names that are put together with their values."""
    for match in _ZIPPED.finditer(text):
        yield from _WORD.findall(match[1])


def _takes(name: str) -> bool:
    """Whether a name is that of a secret, or of a list of some."""
    return key_of_interest(name) or (name[-1:] in ("s", "S") and spelt_secret(name[:-1]))


def _given(text: str, lowered: str, part: str) -> Iterator[str]:
    """The names that hold `part` and that a value may follow."""
    following = lowered.find(part)
    while following >= 0:
        start = end = following
        match = _GIVEN.match(lowered, start + len(part))
        following = lowered.find(part, start + 1 if match is None else match.end())
        if match is None:
            continue
        while start > 0 and text[start - 1] in _NAME_CHARACTERS and end - start < _LONGEST_NAME:
            start -= 1
        while end < match.end() and text[end] in _NAME_CHARACTERS:
            end += 1
        name = text[start:end]
        if match.group().endswith("("):
            takes = _TAKES.match(name.rpartition(".")[2])
            if takes is not None:
                yield takes.string[takes.end() :]
            elif "." in name:
                yield name
            continue
        yield name
        if name.lower() == "key" and (word := _WORD_OF_KEY.search(text, max(start - 10, 0), start)) is not None:
            yield f"{word[1]}_key"
        if name.startswith("-"):  # `-eKEY=`, `-Htoken:`
            yield name[2:]
        if text[start - 1 : start] == "\\" and (escape := _ESCAPE.match(name)):
            yield name[escape.end() :]


def _listed(text: str, parts: Sequence[str]) -> Iterator[str]:
    """What stands on a line behind a command that takes names, if one of the parts of a name does."""
    for word, pattern in _LISTED.items():
        if word in text:
            for match in pattern.finditer(text):
                line = match[1].lower()
                if any(part in line for part in parts):
                    yield from _WORD.findall(match[1])
