"""What Python code prints: the value of a secret, or the whole environment. Told from the text alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nemolint.base.patterns import lazily
from nemolint.secrets.beginnings import NAME_PARTS
from nemolint.secrets.names import secret_key, spelt_secret

_PRINTERS = ("print(", "display(", ".write(", "echo(")
_LOGGERS = (".critical(", ".debug(", ".error(", ".info(", ".warning(")
_LONGEST_CALL = 600
_LONGEST_LOOP = 300
_LONGEST_LAST = 40
_Q = r"\\?[\"']"
# A value that is handed to the call itself, or put into a text: not what a function makes of it.
_VALUE = lazily(
    rf"""(?x) (?<=[(,+{{%]) [ ]* (?P<expression> (?:os\.)?environ (?:\[ | \.get\( ) {_Q} (?P<item>\w+) {_Q}
        [^()\[\]{{}}]{{0,80}}? [\])]
    | (?:os\.)?getenv\( {_Q} (?P<got>\w+) {_Q} [^()\[\]{{}}]{{0,80}}? \)
    | (?:(?:self|args|cfg|conf|config|settings|opts|options|params)\.){{0,2}}(?P<name>[A-Za-z_]\w{{0,80}}) )
    (?:\[-?\d*[ ]*:[ ]*-?\d*\])? (?:[ ]or[ ]{_Q}[^\"'\n]{{0,60}}{_Q})? (?:![rs])? [ ]*
    (?=[,)+}}])"""
)
_WHOLE = r"(?:dict\((?:os\.)?environ\)|\*{0,2}(?:os\.)?environ(?:\.copy\(\)|\.(?:items|values)\(\))?)(?![\w.\[])"
_EACH = (
    r"for[ ]+(?P<key>\w+)[ ]*(?:,[ ]*(?P<value>\w+)[ ]+in[ ]+"
    r"(?P<first>sorted\()?(?:os\.)?environ\.items\(\)(?(first)\))"
    r"|[ ]+in[ ]+(?P<second>sorted\()?(?:os\.)?environ(?(second)\))(?![\w.]))"
)
_LISTED = lazily(
    rf"(?<=[(,+{{%])[ ]*(?:(?:json\.)?dumps\(\{{?)?(?P<whole>{_WHOLE}"
    rf"|(?:open|Path)\({_Q}/proc/\w{{1,20}}/environ{_Q}[^()\n]{{0,40}}\)\.read)"
    rf"|(?P<started>(?:subprocess\.)?(?:check_output|getoutput)\([ ]*\[?[ ]*{_Q}(?:env|printenv){_Q})"
)
_GENERATED = lazily(_EACH)
_LOOP = lazily(rf"{_EACH}[ ]*:")
# The magic that lists all variables.
_MAGIC = lazily(r"(?m)^[ \t]*(?P<whole>%env)[ \t]*$")
# The magic that shows one, and what the last line of a cell shows.
_MAGIC_VALUE = lazily(r"(?m)^[ \t]*%env[ \t]+(?P<name>\w+)[ \t]*$")
_LAST = lazily(r"(?:\A|\n)(?P<whole>dict\((?:os\.)?environ\)|os\.environ(?:\.copy\(\))?)[ \t]*\n?\Z")
_STARTED = lazily(
    r"(?:os\.system|subprocess\.(?:run|call|check_call|Popen))\([ ]*\[?[ ]*"
    rf"(?:{_Q}(?:ba|z)?sh{_Q},[ ]*{_Q}-l?c{_Q},[ ]*)?"
    rf"{_Q}(?:env|printenv)(?:[ ]*\|[^\"'\n]{{0,80}})?{_Q}"
    rf"[ ]*\]?(?P<rest>[^\n)]{{0,200}})\)"
)


_NAMES = ("printenv", "'env", '"env')


def printed_in_code(text: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    """Each secret that a call prints: its name, and where the expression stands."""
    for match in _MAGIC_VALUE.finditer(text, start, end) if "%env" in text else ():
        if secret_key(match["name"]):
            yield match["name"], *match.span("name")
    for opening, closing in _calls(text, start, end, NAME_PARTS):
        for match in _VALUE.finditer(text, opening - 1, closing + 1):
            if match["name"]:
                name = match["name"]
                secret = spelt_secret(name) and (
                    text[match.start() - 1] != "{" or _in_f_string(text, opening, match.start())
                )
            else:
                name = match["item"] or match["got"]
                secret = secret_key(name)
            if secret and _is_direct(text, opening, match.start("expression")):
                yield name, *match.span("expression")


def may_print(text: str) -> bool:
    """Whether a call that prints a secret may stand in a text that has lost its quotes."""
    if next(printed_in_code(text, 0, len(text)), None) is not None:
        return True
    return any(
        secret_key(match[1])
        for opening, closing in _calls(text, 0, len(text), NAME_PARTS)
        for match in _BARE_VALUE.finditer(text, opening, closing)
    )


_BARE_VALUE = lazily(r"(?:environ(?:\[|\.get\()|getenv\()[ ]*(\w+)")


def listed_in_code(text: str, start: int, end: int, *, cell: bool = False) -> Iterator[tuple[int, int]]:
    """Each place where code prints the whole environment, values included. A `cell` shows what its last line gives."""
    if cell and "environ" in text and (last := _LAST.search(text, max(end - _LONGEST_LAST, start), end)) is not None:
        yield last.span("whole")
    if "environ" in text or "output(" in text:
        for opening, closing in _calls(text, start, end, ("environ", 'env"', "env'")):
            match = _LISTED.search(text, opening - 1, closing + 1)
            if match is not None and _is_direct(text, opening, match.start()):
                yield match.span("whole" if match["whole"] else "started")
            for each in _GENERATED.finditer(text, opening, closing):
                if _shows_value(each, text[opening : each.start()]) and not _is_harmless(text[each.end() : closing]):
                    yield each.span()
        for match in _LOOP.finditer(text, start, end):
            stop = min(match.end() + _LONGEST_LOOP, end)
            for opening, closing in _calls(text, match.end(), stop, ("",)):
                if _shows_value(match, text[opening:closing]) and not _is_harmless(text[match.end() : opening]):
                    yield match.span()
                break
    for match in _MAGIC.finditer(text, start, end) if "%env" in text else ():
        yield match.span("whole")
    for match in _STARTED.finditer(text, start, end) if any(name in text for name in _NAMES) else ():
        if "capture_output" not in match["rest"] and "stdout" not in match["rest"]:
            yield match.span()


# A condition that lets through what begins in a certain way, and what the name of a secret begins with or has in it.
_CONDITION = lazily(r"\bif[ ][^\n]{0,80}?\.startswith\((?P<prefixes>[^()\n]{0,200}|\([^()\n]{0,200}\))\)")
_TELLING = (
    *("ANTHROPIC", "API", "AUTH", "AWS", "AZURE", "CRED", "GITHUB", "GITLAB", "GOOGLE", "HF", "HUGGING", "KEY", "NGC"),
    *("NVIDIA", "OPENAI", "PASS", "PROXY", "SECRET", "TOKEN", "WANDB"),
)


def _is_harmless(condition: str) -> bool:
    """True for a condition that only names of variables meet that hold no secret."""
    match = _CONDITION.search(condition)
    if match is None or "not " in condition[: match.end()]:
        return False
    quoted = re.findall(r"[\"']([^\"'\\]+)", match["prefixes"])
    return bool(quoted) and not any(part in name.upper() for name in quoted for part in _TELLING)


def _shows_value(each: re.Match[str], shown: str) -> bool:
    """Whether code that is run for each variable has the variable's value in it."""
    if each["value"]:
        value = rf"(?<![\w.\"'])(?<!\[){each['value']}(?![\w(\[])"
    else:
        value = rf"environ(?:\[|\.get\()[ ]*{each['key']}[ ]*[\])]|getenv\([ ]*{each['key']}[ ]*\)"
    return re.search(value, shown) is not None


def _calls(text: str, start: int, end: int, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where the arguments of each printing call begin and end that has one of the words in them."""
    for name in (*_PRINTERS, *_LOGGERS) if "log" in text else _PRINTERS:
        at = text.find(name, start, end)
        while at >= 0:
            opening = at + len(name)
            limit = min(opening + _LONGEST_CALL, end)
            before = text[at - 1 : at]
            if name == ".write(" and not text.endswith(("stdout", "stderr"), start, at):
                at = text.find(name, opening, end)  # of a file
                continue
            named = name[0] == "." or not (before.isalnum() or before == "_") or text.startswith("pprint(", at - 1)
            near = text[opening:limit].lower() if named else ""
            closing = _closing(text, opening, limit) if named and any(word in near for word in words) else 0
            if closing:
                yield opening, closing
            at = text.find(name, opening, end)


def _closing(text: str, opening: int, limit: int) -> int:
    """Where the parenthesis stands that closes a call, 0 where it is too far."""
    depth = 1
    for paren in _PAREN.finditer(text, opening, limit):
        depth += 1 if paren.group() == "(" else -1
        if not depth:
            return paren.start()
    return 0


_PAREN = lazily(r"[()]")


_KEEP = (".format", "ascii", "repr", "str")


def _is_direct(text: str, opening: int, at: int) -> bool:
    """True if no other call stands around `at`."""
    calls: list[bool] = []
    for paren in _PAREN.finditer(text, opening, at):
        if paren.group() == "(":
            calls.append(not text.endswith(_KEEP, opening, paren.start()))  # which keep what they are given
        elif calls:
            calls.pop()
    return not any(calls)


def _in_f_string(text: str, opening: int, at: int) -> bool:
    before = text[opening:at]
    return any(mark in before for mark in ('f"', "f'", 'f\\"'))
