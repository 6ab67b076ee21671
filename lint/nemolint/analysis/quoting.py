"""What the shell does to an unquoted word, and how to quote it so that it is passed on as written."""

from __future__ import annotations

import re

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.document import Region, Span
from nemolint.shell import programs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from nemolint.invocation import StepRun
    from nemolint.shell.command import Word

    HazardKind = Literal["paren", "brace", "split", "cut", "redirect", "glob", "bracket"]

_SEQUENCE = lazily(r"(?:-?\d{1,9}\.\.-?\d{1,9}|[A-Za-z]\.\.[A-Za-z])(?:\.\.-?\d{1,9})?")
_GLOB = lazily(r"[*?]")
_BRACKETS = lazily(r"\[[^\[\]\0]*\]|[\[\]]")
# What may follow an operator that cuts a word and still be part of the value.
_CUT_REST = lazily(r"[^\s;&|<>()]+")
# What ends a command or redirects it, without `>>`, `>&` and the like.
_OPERATORS = ("&", "|", ";", ">", "<")
_OPERATOR = lazily(r"&&|\|\||\|(?!&)|[;&](?![;&>])|>(?![>&|(])|<(?![<&>(])")
# Where output goes that somebody redirects without a blank before it.
_FILE = lazily(r".*\.[A-Za-z]\w*|[&$~`\"'{].*|[^\n/]*/.*|.*(?:log|out|err|output|results?|null)")
_NAME = lazily(r"[A-Za-z_][\w-]*")
_ASSIGNMENT = lazily(r"[A-Za-z_]\w*\+?=")
_FUNCTION = lazily(r"(?<![\w-])([\w-]+)[ \t]*\(\)|\bfunction[ \t]+([\w-]+)")
# A path, which may be a command.
_PATH = lazily(r"(?:\.{0,2}|~)/")
_BUILTINS = frozenset(
    {"alias", "bg", "cd", "disown", "echo", "eval", "exec", "export", "fg", "jobs", "kill", "set", "unset"}
)
_PROGRAM_NAMES = """
    awk bat column cp date dd gzip hostname ln mkdir mv nl paste perl popd pushd pwd python python3 rm say shift sleep
    sort source split sync tac trap ts uniq wc xargs zip
"""
_PROGRAMS = frozenset(_PROGRAM_NAMES.split())
# What may be put in double quotes unchanged, without quotes around parts of it. What follows must not extend a name.
_QUOTABLE = lazily(
    r"""(?:[^$`"'\\]|"|\$[A-Za-z_]\w*+(?!"+[\w\[])|\$\{[^{}"'`\\]*\}|\$\([^()"'`\\]*\)|\$[@*#?!0-9-])*+"""
)
_SHELL_WORDS = frozenset(
    {"done", "fi", "esac", "then", "else", "elif", "do", "wait", "exit", "return", "break", "continue", "true", "false"}
)


class Hazard(NamedTuple):
    """What the shell does to `start:end` of a region's text.

    `paren`: a syntax error, `brace`: brace expansion, `split`: a list or mapping split at its blanks, `cut`: an
    operator ends the command inside the value, `redirect`: one redirects it, `glob`: pathname expansion, `bracket`: a
    character class, which only some shells expand. `detail` is the offending text.
    """

    kind: HazardKind
    start: int
    end: int
    detail: str


def bare_text(word: Word) -> str:
    """The word's value with every character that is quoted, escaped or from an expansion as NUL."""
    if not word.pieces:
        return "\0" * len(word.value)
    return "".join(
        piece.text if piece.kind == "literal" and not piece.quoted else "\0" * len(piece.text) for piece in word.pieces
    )


def brace_expansion(bare: str) -> tuple[int, int] | None:
    """The first `{a,b}` or `{1..3}` of a word's bare text, the innermost if they are nested."""
    opened: list[tuple[int, bool]] = []
    for index, char in enumerate(bare):
        if char == "{":
            opened.append((index, False))
        elif char == "," and opened:
            opened[-1] = (opened[-1][0], True)
        elif char == "}" and opened:
            start, comma = opened.pop()
            if comma or _SEQUENCE.fullmatch(bare, start + 1, index):
                return start, index + 1
    return None


def word_hazard(word: Word) -> Hazard | None:
    """The worst that the shell does to a word by itself: `(`, then brace expansion, then `*` and `?`, then brackets."""
    bare = bare_text(word)
    if word.derived or not bare.strip("\0"):
        return None
    paren = bare.find("(")
    if paren >= 0:
        return _hazard("paren", word, paren, paren + 1)
    found = brace_expansion(bare)
    if found is not None:
        return _hazard("brace", word, *found)
    if ("*" in bare or "?" in bare) and (match := _GLOB.search(bare)) is not None:
        return _hazard("glob", word, *match.span())
    if ("[" in bare or "]" in bare) and (match := _BRACKETS.search(bare)) is not None:
        return _hazard("bracket", word, *match.span())
    return None


def _hazard(kind: HazardKind, word: Word, start: int, end: int) -> Hazard:
    span = word.value_span(start, end)
    return Hazard(kind, span.start, span.end, span.text)


def split_values(run: StepRun) -> list[tuple[Word, ...]]:
    """The words of each bare list or mapping that was split at its blanks (`key=[{name: x}]`), the first included."""
    text, words = run.region.text, run.words
    found: list[tuple[int, int]] = []
    opened: list[tuple[int, int]] = []  # the depth before each first word that may still be closed, and its index
    depth, previous = 0, 0
    for index, word in enumerate(words):
        dashed = word.value.startswith("-")
        if (
            word.derived
            or dashed
            or ("=" in word.value and word.value[:1].isalpha())
            or text[previous : word.start].strip(" \t")
        ):
            opened.clear()
        previous = word.end
        step = _depth(bare_text(word))
        depth += step
        while opened and depth <= opened[-1][0]:
            _, start = opened.pop()
            while found and found[-1][0] > start:
                found.pop()  # part of this one
            found.append((start, index))
        if step > 0 and "=" in word.value and not (word.derived or dashed):
            opened.append((depth - step, index))
    return [words[start : end + 1] for start, end in found]


def _depth(bare: str) -> int:
    return sum(map(bare.count, "[{(")) - sum(map(bare.count, "]})"))


def cut_off(word: Word) -> Hazard | None:
    """The rest of a value after an operator that ends the command, or redirects it, in the middle of the value.

    `key=1; next`, `key=1 &`, `key=1|tee log` and `key=1>run.log` do so on purpose.
    """
    last = word.pieces[-1] if word.pieces else None
    if word.derived or last is None:
        return None
    text = word.region.text
    if not text.startswith(_OPERATORS, word.end):
        return None
    operator = _OPERATOR.match(text, word.end)
    match = _CUT_REST.match(text, operator.end()) if operator is not None else None
    if operator is None or match is None or match.group() in _SHELL_WORDS or match.group().startswith("#"):
        return None
    sign, rest = operator.group(), match.group()
    bare = last.kind == "literal" and not last.quoted
    if sign in ("<", ">"):
        arrow = word.region.surface == "doc" and word.value.endswith(("-", "="))
        if not bare or arrow or _FILE.fullmatch(rest):
            return None
        return Hazard("redirect", word.end, match.end(), sign)
    if sign not in ("&", ";") and not (bare and _is_no_command(word, sign, rest)):
        return None
    after = text[match.end() : match.end() + 40].lstrip(" \t")
    part = "=" in rest or "://" in word.value
    alone = not after or after[0] in "\r\n;&|\\" or after.startswith("-") or re.match(r"[\w.]+=", after) is not None
    if not part and not alone:
        return None
    end = match.end()
    while text[end : end + 1] in ("&", ";") and (more := _CUT_REST.match(text, end + 1)) and "=" in more.group():
        end = more.end()
    return Hazard("cut", word.end, end, sign)


def _is_no_command(word: Word, sign: str, rest: str) -> bool:
    """True if what follows `|`, `&&` or `||` can only be part of the value before it."""
    if not _NAME.fullmatch(rest):
        # A number, an option or an override; `key=1&&DONE=1` sets a variable, and a path or an expansion may be run.
        return _PATH.match(rest) is None and rest[0] not in "$`\"'{!" and not (sign != "|" and _ASSIGNMENT.match(rest))
    if word.region.surface == "doc" and sign == "|":
        return False  # one or the other
    groups = (_BUILTINS, _PROGRAMS, programs.DATA, programs.SHELLS, programs.WRAPPERS)
    return not any(rest in group for group in groups) and rest not in _commands(word.region)


def _commands(region: Region) -> frozenset[str]:
    """The functions of a document, and the first words of its commands."""
    names: frozenset[str] | None = region.document.memo.get(_commands)
    if names is None:
        text = region.document.text
        found = [match[1] or match[2] for match in _FUNCTION.finditer(text)]
        for command in region.document.commands:
            if command.region.text[command.start - 1 : command.start] not in ("|", "&", ";"):
                found.append(command.name)
        names = region.document.memo[_commands] = frozenset(found)
    return names


def may_be_name(hazard: Hazard, region: Region) -> bool:
    """True if what follows the operator of a `cut` or `redirect` may be the name of a program or file."""
    return _NAME.fullmatch(region.text, hazard.start + len(hazard.detail), hazard.end) is not None


def names_command(hazard: Hazard, region: Region) -> bool:
    """True if what follows the operator of a `cut` is known to be a command: a path, a builtin, a function."""
    name = region.text[hazard.start + len(hazard.detail) : hazard.end]
    return _PATH.match(name) is not None or name in _BUILTINS or name in _commands(region)


def blank_between(left: Word, right: Word) -> bool:
    """True if there are only blanks and continuations between two words of one region: no redirection, for example."""
    return left.region is right.region and not left.region.text[left.end : right.start].strip(" \t\\\r\n")


def plain_word(word: Word) -> bool:
    """True if the word is literal text of its region, and contains nothing that the shell or a reader fills in.

    A reader fills in a bare `<x>`; a shell reads it as a redirection.
    """
    return not word.derived and all(piece.kind not in ("expansion", "placeholder") for piece in word.pieces)


def quoted(region: Region, start: int, end: int) -> str | None:
    """`start:end` of a region in quotes, so that the shell passes it on as written; None if that cannot be decided.

    Expansions stay expansions, a leading `~/` stays outside. Quotes inside a list or mapping belong to the value;
    elsewhere they are the shell's own, and are replaced by new ones.
    """
    source = region.text[start:end]
    head = "~/" if source.startswith("~/") else ""
    source = source[len(head) :]
    if not source or source[0] == "~" or any(mark in source for mark in ("\\", "\r", "\n", "<(", ">(")):
        return None
    live = "$" in source or "`" in source
    if live and ("'" in source or ('"' in source and not _QUOTABLE.fullmatch(source))):
        return None
    if source[0] not in "[{":
        single, double = source.count("'"), source.count('"')
        if single % 2 or double % 2 or (single and (double or live)):
            return None
        source = source.replace("'", "").replace('"', "")
    if not live and "'" not in source:
        return f"{head}'{source}'"
    if '"' in source or "!" in source:
        return None
    return f'{head}"{source}"'


def quoted_override(region: Region, start: int, end: int, *, key: str = "") -> str | None:
    """`quoted` for the value of an override, in quotes of YAML, too, where the CLI would refuse it without.

    `key` is the text in `start:end` before the value, with its `=`. None if no quoting gives the value.
    """
    text = quoted(region, start, end)
    if text is None or text[0] == "~" or any(mark in text for mark in "$`"):
        return text
    value = text[1 + len(key) : -1]
    if not text.startswith(key, 1) or _reads(value):
        return text
    written = _yaml_text(value)
    return None if written is None else _in_single_quotes(f"{key}{written}")


def for_yaml(key: str, text: str) -> str | None:
    """`key=text` as one word of a shell that the CLI reads as that very text; None where no quotes do that."""
    written = _yaml_text(text)
    return None if written is None else _in_single_quotes(f"{key}={written}")


def _in_single_quotes(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _yaml_text(text: str) -> str | None:
    """A text in YAML's double quotes; None for one that was not meant as plain text, or that they do not help.

    What begins a list, a mapping, a quoted text or a home folder was not.
    """
    import json

    if text.lstrip()[:1] in ("", "[", "{", '"', "'", "~"):
        return None
    written = json.dumps(text, ensure_ascii=False)
    return written if _reads(written, text) else None


def _reads(written: str, text: str | None = None) -> bool:
    """True if the CLI takes a value, and as that text where one is given."""
    from nemolint.base.yaml_values import YamlError, parse_value

    try:
        value = parse_value(written)
    except YamlError:
        return False
    return text is None or value == text


def quote_span(word: Word, offset: int) -> Span:
    """The characters of a word from `offset` of its value to its end."""
    start = word.value_span(offset, offset).start if offset < len(word.value) else word.end
    return Span(word.region, start, word.end)
