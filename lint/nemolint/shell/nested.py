"""Scripts inside commands: `bash -c '…'`, `ssh host '…'`, `sbatch --wrap=…`, here-documents that a shell will read."""

from __future__ import annotations

import itertools
import re

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder
from nemolint.document import Span
from nemolint.shell import values
from nemolint.shell.carriers import (
    PACKAGED,
    PARALLEL_VALUED,
    SCRIPT_FILE,
    SEVERAL_PROGRAMS,
    SHELL_COMMAND_OPTION,
    operands,
    runs_input,
)
from nemolint.shell.launchers import (
    COMMAND_FILES,
    DESCRIBING,
    ENVIRONMENT_OPTIONS,
    HANDLES_FILES,
    LAUNCHERS,
    PYTHON,
    SHOWS,
    TEXT_OPTIONS,
)
from nemolint.shell.lexer import ASSIGNMENT
from nemolint.shell.programs import (
    DATA,
    SHELLS,
    base,
    effective,
    find_nemotron,
    head,
    names_shell,
    only_names,
)
from nemolint.shell.raw import RawCommand
from nemolint.shell.values import Fragment
from nemolint.sources.command_text import MENTION, is_script, names_command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Literal

    from nemolint.base.positions import TextMap
    from nemolint.shell.command import Word
    from nemolint.shell.launchers import Scope
    from nemolint.shell.programs import Valued
    from nemolint.shell.raw import Backtick, HereDoc
    from nemolint.shell.values import Value

    Language = Literal["", "crontab", "dockerfile", "ini", "json", "just", "make", "procfile", "python", "toml", "yaml"]

_COMMAND_OPTION = lazily(r"-[A-Zabd-z]*c[A-Za-z]*")
_SCRIPT_START = lazily(r"\s*#!.*\b(?:ba|z|da|k|a)?sh\b|\s*#(?:SBATCH|PBS|BSUB)\b")
_OTHER_INTERPRETER = lazily(r"\s*#!(?!.*\b(?:ba|z|da|k|a)?sh\b)")
# Python's options before its code: the letters, those with a value, and the one that the code follows.
_PYTHON_SWITCHES = lazily(r"-(?:[bBdEiIOPqRsSuvx]+|[WX].*)")
_PYTHON_VALUED = frozenset({"-W", "-X"})
_PYTHON_CODE = lazily(r"-[bBdEiIOPqRsSuvx]*c")
_BLANK = lazily(r"\s")
_BACKTICK_ESCAPE = lazily(r"\\([\\`$])")
_BACKTICK_ESCAPE_QUOTED = lazily(r"\\([\\`$\"])")
_QUOTES = lazily("[\"']")
_PARALLEL_SOURCE = lazily(r":{3,4}\+?")
# The options of `echo` and `printf`, and a format that only passes its arguments on.
_PRINT_OPTION = lazily(r"-[neE]+|--|(?:%s|%b|\\n|\s)+")
# What `find` and `parallel` fill in.
_FILLED_IN = lazily(r"\{(?:[.#%/]|//|/\.|\d+)?\}")
PUT_IN = "{}"
# `aws ssm send-command --parameters 'commands=["…"]'`, `az ml job create --set jobs.a.command=…`, `make run CMD="…"`.
_SETTING = lazily(
    r"(?:[\w-]+(?:\[\d+\])?\.)*(?:\w+_)?(commands?|cmd|script)="
    r"|(?:[\w-]+=[^,=\s]*,)*(?:(?:startup|shutdown)-(script)|(user-data))=",
    re.IGNORECASE,
)
# The items of lists in one word.
_LIST_ITEM = lazily(r"""\s*"?((?<=")(?:[^"\\]|\\.)+|[^",\]]+)"?\s*(?:,|\]|\Z)""")
_HELM_LIST = lazily(r"(?:--set=)?[\w.\[\]-]++=\{([^{}]*+)\}")
_COMMA_ITEM = lazily(r"[^,]+")
# What stands between the strings of a list.
_JSON_BETWEEN = lazily(r'[",\\\s]+')
# Programs that keep commands under a name, and how the name is written.
_KEEPING = frozenset({"git", "npm", "pnpm"})
_GIT_ALIAS = lazily(r"alias\..+")
_PACKAGE_SCRIPT = lazily(r"scripts(?:\.[\w:.-]+|\[[^\]]*\])=")
# A line as `screen -X stuff` types it.
_TYPED_LINE = lazily(r"(?:\\[nr]|\\01[25]|\^[MJ]|[\n\r])*+((?:(?!\\[nr]|\\01[25]|\^[MJ])[^\n\r])+)")
# Programs that run one out of a package, and what `screen` and `tmux` only show.
_PACKAGE_RUNNERS = frozenset({"hatch", "nix", "pipx", "uv", "uvx"})
_SHOWING = frozenset(
    {"display", "display-message", "hardstatus", "rename-session", "rename-window", "renamew", "set", "set-option"}
    | {"set-window-option", "setw", "title"}
)
# Commands of `tmux` that type; the keys that end a line, and the one that is a blank.
_SENDING = frozenset({"send", "send-keys"})
_ENTER = frozenset({"C-j", "C-m", "Enter", "KPEnter"})
BLANK_KEY = "Space"
# `env -S…`, `env -vS …`, `env --split-string=…`; a text that is split at its blanks alone.
_SPLIT_OPTION = lazily(r"--split(?:-s?t?r?i?n?g?)?(?:=|\Z)|-[A-Za-z0]*?S")
_SPLITS_AT_BLANKS = lazily(r"[^'\"\\$#]*")
# A command with its step, and without.
_BEGUN = lazily(r"nemotron\s+steps\s+run\s*\Z")
_COMPLETE = lazily(r"nemotron\s+steps\s+run\s+\S")
# A variable that an option sets, in its word or in the next, behind others. A whole command as a string of JSON.
_VARIABLE = lazily(r"(?:(--?\w[\w-]*+)=)?(?:[A-Za-z_]\w*+(?:=[^,=\s]*+)?+,)*+[A-Za-z_][\w.]*+=")
_HELM_SETS = ("--set", "--set-string")
_IN_JSON = lazily(r":[ \t]*\"(?:[\w./-]++[ ]){0,4}nemotron[ ]steps[ ]run[ ][^\s\"]++[ ]-")
# What follows these is written down, and not run.
_OF_ENVIRONMENT = lazily(r"-e\Z|--[\w-]*\benv\b")
_LABELS = frozenset({"--annotation", "--annotations", "--build-arg", "--label", "--labels", "-l"})
_ANSIBLE_COMMAND = lazily(r"""(?:\A|\s)cmd=(["'])(.*?)\1""")
_UNSAFE = lazily(r"[^\w@%+=:,./{}$-]+?(?='|\Z|[\w@%+=:,./{}$-])|'")


# Files whose readers find what they run; a shell script is one of language "".
_LANGUAGES: dict[str, Language] = {
    "crontab": "crontab", "dockerfile": "dockerfile", "ini": "ini", "json": "json", "just": "just", "make": "make",
    "procfile": "procfile", "python": "python", "shell": "", "toml": "toml", "yaml": "yaml",
}  # fmt: skip
# What reads a file of another language from its standard input, if an argument says so.
_READERS: dict[str, Language] = {
    "ansible-playbook": "yaml", "argo": "yaml", "buildah": "dockerfile", "docker": "dockerfile", "gmake": "make",
    "docker-compose": "yaml", "helm": "yaml", "just": "just", "k3s": "yaml", "kubectl": "yaml", "make": "make",
    "microk8s": "yaml", "minikube": "yaml", "nerdctl": "dockerfile", "oc": "yaml", "podman": "dockerfile",
    "sky": "yaml",
}  # fmt: skip
_STANDARD_INPUT = lazily(
    r"(?:-f|--(?:file|filename|justfile|makefile|values)=)?(?:-|/dev/stdin|/dev/fd/0|/proc/self/fd/0)"
)
_MANIFEST_START = lazily(r"(?:\s|#[^\n]*(?:\n|\Z)|---)*(?:apiVersion|kind):\s")
# The index of a word, and the characters of it that are meant.
Stretch = tuple[int, int, int]


class Script(NamedTuple):
    """A script written inside a region: its text mapped there, and how an edit must be encoded.

    `place` is where its carrier stands in the region, for the order. `body` marks a here-document.
    """

    map: TextMap
    place: int
    encoder: str | None
    body: bool = False
    # Ends, by their starts, of expansions in the text that the shell around it carries out.
    opaque: Mapping[int, int] = {}
    # Stretches of the text that are written elsewhere, in order, and where.
    written: tuple[tuple[int, int, Span], ...] = ()
    # Starts of those expansions that may be something that ends a command.
    cutting: tuple[int, ...] = ()
    language: Language = ""


def exec_parts(raw: RawCommand) -> list[RawCommand]:
    """`find … -exec CMD … \\;` as `find` without, and each CMD as a command of its own; else the command alone.

    The arguments that `parallel` takes behind `:::` are left out where its command stands before them.
    """
    words = raw.words
    start = effective(words)
    name = base(words[start].value) if start < len(words) else ""
    if name == "parallel":
        stop = next((i for i, word in enumerate(words) if _PARALLEL_SOURCE.fullmatch(word.value)), len(words))
        return [raw.with_words(_filled_in(words[:stop]))] if find_nemotron(words[:stop]) is not None else [raw]
    if name != "find":
        return [raw]
    kept: list[Word] = []
    parts: list[RawCommand] = []
    current: list[Word] | None = None
    for word in words:
        if current is None:
            kept.append(word)
            if word.value in ("-exec", "-execdir", "-ok", "-okdir"):
                current = []
        elif word.value == ";" or (word.value == "+" and current and current[-1].value == "{}"):
            kept.append(word)
            parts.append(_part(raw, current))
            current = None
        else:
            current.append(word)
    if current:
        parts.append(_part(raw, current))
    parts = [part for part in parts if part.words]
    return [raw.with_words(kept), *parts] if parts else [raw]


def _filled_in(words: Sequence[Word]) -> list[Word]:
    """The words with `{}` as what it is: something that `find` or `parallel` puts in."""
    found = []
    for word in words:
        if "{" in word.value and len(word.pieces) == 1 and word.pieces[0].kind != "expansion":
            whole, pieces, at = word.pieces[0], [], 0
            exact = whole.end - whole.start == len(whole.text)
            for match in _FILLED_IN.finditer(whole.text) if exact else ():
                start, end = match.span()
                if at < start:
                    pieces.append(
                        whole._replace(text=whole.text[at:start], start=whole.start + at, end=whole.start + start)
                    )
                place = whole._replace(text=match.group(), start=whole.start + start, end=whole.start + end)
                pieces.append(place._replace(kind="expansion", quoted=True))
                at = end
            if pieces and at < len(whole.text):
                pieces.append(whole._replace(text=whole.text[at:], start=whole.start + at))
            word = word._replace(pieces=tuple(pieces)) if pieces else word
        found.append(word)
    return found


def _part(raw: RawCommand, words: list[Word]) -> RawCommand:
    """The command of `words` inside `raw`."""
    if not words:
        return RawCommand()
    part = RawCommand()
    part.start, part.end, part.words, part.unclosed = words[0].start, words[-1].end, _filled_in(words), raw.unclosed
    return part


class Handed(NamedTuple):
    """Words `first:last` of a command, which it hands to a shell as text, joined by blanks.

    Of the first, `skip` characters are left out, and what stands behind `until`, if that is not -1. `arguments`: index
    of the words that are `$0`, `$1`, … there. `late`: the text is read when the shell ends. `whole`: the command runs
    nothing but the text. `language`: what it is written in, if not shell. `argv`: not the words, but these stretches of
    words are handed on, each as one argument.
    """

    first: int
    last: int
    scope: Scope = "child"
    skip: int = 0
    until: int = -1
    arguments: int = -1
    late: bool = False
    whole: bool = False
    language: Language = ""
    argv: tuple[Stretch, ...] = ()
    # The words are joined by nothing: those that name a blank key stand for a blank.
    typed: bool = False


def handed(words: Sequence[Valued]) -> list[Handed]:
    """What the command of `words` hands to a shell, this one included."""
    start = effective(words)
    name = base(words[start].value) if start < len(words) else ""
    if (name in DATA and name not in LAUNCHERS) or only_names(words, start):
        return []
    if name == "git" and (text := _foreach(words, start)) is not None:
        return [text]
    if name in _KEEPING and (kept := list(_kept(words, start, name))):
        return kept
    if name == "trap":
        index = start + 2 if start + 1 < len(words) and words[start + 1].value == "--" else start + 1
        if index < len(words) and not words[index].value.startswith("-"):
            return [Handed(index, index + 1, "same", late=True)]
        return []
    direct = find_nemotron(words)
    if argv := list(_argument_lists(words, direct)):
        return argv
    if name == "parallel" and (text := _joined_by_parallel(words, start)) is not None:
        return [text]
    for index in range(start, len(words) if direct is None else direct):
        launcher = LAUNCHERS.get(base(words[index].value))
        # A builtin is one only where a command begins.
        if launcher is not None and launcher.operands == "joined" and (launcher.scope != "same" or index == start):
            if launcher.behind:
                first = next((at + 1 for at in range(index, len(words)) if words[at].value == "--"), -1)
                if first < 0:
                    break
            else:
                first = operands(words, index + 1, launcher.valued, launcher.skip)
            rest = words[first:]
            plain = name not in DATA and not any(_is_text(word) or _SPECIAL.search(word.value) for word in rest)
            if not rest or (plain and (launcher.scope != "same" or find_nemotron(rest) is not None)):
                return []
            return [Handed(first, len(words), launcher.scope, whole=True)]
        if names_shell(words[index].value) or (launcher is not None and launcher.scope == "remote"):
            break
    before = words[:direct]
    found = list(_shell_scripts(before))
    taken = {index for item in found for index in range(item.first, item.last)}
    found += _option_scripts(before, taken)
    if not found and direct is None:
        found += _separate_scripts(words, start)
    return found


def runs_only(handed: Sequence[Handed]) -> bool:
    """True if a command runs nothing but what it hands on."""
    return any(item.whole or item.argv or item.language for item in handed)


def _joined_by_parallel(words: Sequence[Valued], start: int) -> Handed | None:
    """The words that `parallel` joins, if quotes in them change how its shell reads them again."""
    first = operands(words, start + 1, PARALLEL_VALUED, 0)
    last = next((at for at in range(first, len(words)) if _PARALLEL_SOURCE.fullmatch(words[at].value)), len(words))
    rest = words[first:last]
    if len(rest) < 2 or not any(_QUOTES.search(word.value) for word in rest):
        return None
    return Handed(first, last, whole=True) if names_command(" ".join(word.value for word in rest)) else None


def _foreach(words: Sequence[Valued], start: int) -> Handed | None:
    """What `git submodule foreach` runs: its words, joined by blanks."""
    found = next((at for at in range(start + 1, len(words)) if words[at].value == "foreach"), len(words))
    if not any(word.value == "submodule" for word in words[start:found]):
        return None
    first = found + 1
    while first < len(words) and words[first].value.startswith("-"):
        first += 1
    return Handed(first, len(words), whole=True) if first < len(words) else None


def _kept(words: Sequence[Valued], start: int, name: str) -> Iterator[Handed]:
    """The commands that `git config alias.x '!…'` and `npm pkg set scripts.x=…` keep for later."""
    values = [word.value for word in words[start + 1 :]]
    if name == "git":
        at = next((at for at, value in enumerate(values[:-1]) if _GIT_ALIAS.fullmatch(value)), -1)
        if at > 0 and "config" in values[:at] and values[at + 1].startswith("!"):
            index = start + at + 2
            yield Handed(index, index + 1, "remote", skip=1)
    elif values[:2] == ["pkg", "set"]:
        for index in range(start + 3, len(words)):
            if match := _PACKAGE_SCRIPT.match(words[index].value):
                yield Handed(index, index + 1, "remote", skip=match.end())


def _argument_lists(words: Sequence[Valued], direct: int | None) -> Iterator[Handed]:
    """Commands whose arguments a launcher gets in pieces, or as a list inside one word."""
    split = list(_split_by_env(words))
    if split:
        yield _argv(split, whole=True)._replace(scope="child")
        return
    entry = _option(words, "--entrypoint")
    if entry is not None:
        yield from _behind_entrypoint(words, entry)
        return
    if _option(words, "--args") is not None and any(base(word.value) in LAUNCHERS for word in words):
        argv = [*_listed(words, "--command"), *_listed(words, "--args")]
        if len(argv) > 1 and _names_run(words, argv):
            yield _argv(argv, whole=direct is not None)
            return
    if direct is None:
        yield from _packed(words)
    if direct is not None and any(base(word.value) in SEVERAL_PROGRAMS for word in words[:direct]):
        ends = [at for at in range(direct, len(words)) if words[at].value == ":"]
        for first, last in zip([direct, *(at + 1 for at in ends)], [*ends, len(words)], strict=True) if ends else ():
            at = find_nemotron(words[first:last])
            if at is not None:
                yield _argv([(i, 0, len(words[i].value)) for i in range(first + at, last)], whole=True)


def _split_by_env(words: Sequence[Valued]) -> Iterator[Stretch]:
    """The command that `env -S` makes of a text and the words behind it, if no quotes are in the text."""
    at = next((at for at, word in enumerate(words) if base(word.value) == "env"), len(words))
    for index in range(at + 1, len(words)):
        option = words[index].value
        match = _SPLIT_OPTION.match(option)
        if match is None:
            if not option.startswith("-") and "=" not in option and words[index - 1].value not in ("-u", "-C"):
                return
            continue
        start = match.end()
        if start == len(option) and not option.endswith("="):
            index, start = index + 1, 0
        if index >= len(words) or not _SPLITS_AT_BLANKS.fullmatch(words[index].value, start):
            return
        text = words[index].value
        argv = [(index, *part.span()) for part in re.compile(r"\S+").finditer(text, start)]
        argv += [(more, 0, len(words[more].value)) for more in range(index + 1, len(words))]
        if names_command(" ".join(words[number].value[first:last] for number, first, last in argv)):
            yield from argv
        return


def _packed(words: Sequence[Valued]) -> Iterator[Handed]:
    """A command whose first word is that of a package, or which is a list in one word."""
    names: set[str] = set()
    for index, word in enumerate(words):
        value = word.value
        names.add(base(value))
        if "nemotron" not in value:
            continue
        if names & _PACKAGE_RUNNERS and (match := PACKAGED.fullmatch(value)) is not None:
            behind = index + 1
            behind += behind < len(words) and words[behind].value == "--"
            if [other.value for other in words[behind : behind + 2]] == ["steps", "run"]:
                rest = ((at, 0, len(words[at].value)) for at in range(behind, len(words)))
                yield _argv([(index, *match.span(1)), *rest])
                return
        if value.startswith("command=") and "aws" in names:
            argv = [(index, start, end) for start, end in _items(value, len("command="))]
            if len(argv) > 1 and _names_run(words, argv):
                yield _argv(argv)
                return
    if "helm" in names:  # `--set 'args={nemotron,steps,run,…}'`, or its words in several of these
        sets = [(index, match) for index, word in enumerate(words) if (match := _HELM_LIST.fullmatch(word.value))]
        argv = [(index, *item.span()) for index, match in sets for item in _COMMA_ITEM.finditer(*_within(match))]
        if _names_run(words, argv):
            yield _argv(argv)


def _within(match: re.Match[str]) -> tuple[str, int, int]:
    """The text that a pattern was matched with, and where its first group is."""
    return match.string, *match.span(1)


def _argv(argv: Sequence[Stretch], *, whole: bool = False) -> Handed:
    indexes = [index for index, _, _ in argv]
    return Handed(min(indexes), max(indexes) + 1, "remote", whole=whole, argv=tuple(argv))


def _names_run(words: Sequence[Valued], argv: Sequence[Stretch]) -> bool:
    return names_command(" ".join(words[index].value[start:end] for index, start, end in argv))


def _option(words: Sequence[Valued], name: str) -> Stretch | None:
    """The value of an option, in its word or in the next."""
    for index, word in enumerate(words):
        if word.value == name and index + 1 < len(words):
            return index + 1, 0, len(words[index + 1].value)
        if word.value.startswith(f"{name}="):
            return index, len(name) + 1, len(word.value)
    return None


def _listed(words: Sequence[Valued], name: str) -> list[Stretch]:
    """The values of an option that takes several: in one word, with commas between them, or in words of their own."""
    option = _option(words, name)
    if option is None:
        return []
    index, start, _ = option
    if start or "," in words[index].value:
        return [(index, *item) for item in _items(words[index].value, start)]
    stop = next((at for at in range(index, len(words)) if words[at].value.startswith("--")), len(words))
    return [(at, 0, len(words[at].value)) for at in range(index, stop)]


def _items(value: str, start: int) -> list[tuple[int, int]]:
    """Where the items of a list are, which stands in a word from `start` on: `a,b` or `["a","b"]`."""
    if value.startswith("[", start):
        end = value.rfind("]", start)
        return [match.span(1) for match in _LIST_ITEM.finditer(value, start + 1, end if end > start else len(value))]
    return [match.span() for match in _COMMA_ITEM.finditer(value, start)]


def _behind_entrypoint(words: Sequence[Valued], entry: Stretch) -> Iterator[Handed]:
    """What a container runs: the entrypoint that it is given, and the words behind the image."""
    index, start, end = entry
    text = words[index].value[start:end]
    if not text:  # none, not even that of the image
        return
    if _COMPLETE.search(text):
        yield Handed(index, index + 1, "remote", skip=start)
        return
    argv = [(index, start + match.start(), start + match.end()) for match in re.finditer(r"\S+", text)]
    program = base(words[index].value[argv[-1][1] : argv[-1][2]]) if argv else ""
    if _BEGUN.search(text):
        image = next((at for at in range(index + 1, len(words)) if not words[at].value.startswith("-")), len(words))
        yield _argv([*argv, *((i, 0, len(words[i].value)) for i in range(image + 1, len(words)))])
        return
    for at in range(index + 1, len(words)):
        begun = [base(words[index].value[first:last]) for _, first, last in argv[-2:]]
        given = [word.value for word in words[at : at + 2]]
        here = (program == "nemotron" and given == ["steps", "run"]) or (
            begun == ["nemotron", "steps"] and given[:1] == ["run"]
        )
        shell = program in SHELLS and SHELL_COMMAND_OPTION.fullmatch(words[at].value) is not None
        text_follows = len(argv) > 1 and SHELL_COMMAND_OPTION.fullmatch(program) and names_command(words[at].value)
        if here or shell or text_follows or (base(words[at].value) == "nemotron" and head(words, at) is not None):
            yield _argv([*argv, *((i, 0, len(words[i].value)) for i in range(at, len(words)))])
            return


def scope_of(words: Sequence[Valued], index: int) -> Scope:
    """What a shell that stands at `index` sees: a launcher before it may start it elsewhere."""
    for word in words[:index]:
        launcher = LAUNCHERS.get(base(word.value))
        if (launcher is not None and launcher.scope == "remote") or base(word.value) in ("sudo", "doas"):
            return "remote"
    return "child"


def _shell_scripts(words: Sequence[Valued]) -> Iterator[Handed]:
    """The words behind the `-c` of a shell."""
    shell = False
    for index, word in enumerate(words):
        if names_shell(word.value) or (
            word.value.startswith("--entrypoint=") and names_shell(word.value.partition("=")[2])
        ):
            shell = True
        elif _PYTHON_CODE.fullmatch(word.value) and _is_of_python(words, index):
            if index + 1 < len(words):
                yield Handed(index + 1, index + 2, scope_of(words, index), language="python")
        elif shell and _COMMAND_OPTION.fullmatch(word.value) and SHELL_COMMAND_OPTION.match(word.value):
            at = index + 1
            while at < len(words) and words[at].value.startswith("-"):
                at += 1
            if at < len(words):
                yield Handed(at, at + 1, scope_of(words, index), arguments=at + 1)
            shell = False


def _is_of_python(words: Sequence[Valued], index: int) -> bool:
    """True if only options stand between the word at `index` and the name of Python before it."""
    at = index - 1
    while at > 0 and (words[at].value.startswith("-") or words[at - 1].value in _PYTHON_VALUED):
        at -= 1
    return at >= 0 and PYTHON.fullmatch(base(words[at].value)) is not None


def _option_scripts(words: Sequence[Valued], taken: set[int]) -> Iterator[Handed]:
    """The values of options that take shell text."""
    options: tuple[str, ...] = ()
    scope: Scope = "remote"
    known = False
    for index, word in enumerate(words):
        value = word.value
        if index in taken:
            continue
        if value[:1] in ("{", "[") and known and names_command(_JSON_BETWEEN.sub(" ", value)):
            yield Handed(index, index + 1, scope, language="json")
        elif value.startswith("-") or value in options:
            name, equals, rest = value.partition("=")
            attached = next((len(o) for o in options if len(o) == 2 and value.startswith(o)), 0)
            wanted = name in options or (name.lower() in TEXT_OPTIONS and (index or known))
            # A long option may be cut short.
            wanted = wanted or (len(name) > 3 and name[:2] == "--" and any(o.startswith(name) for o in options))
            clustered = "-c" in options and SHELL_COMMAND_OPTION.fullmatch(value)
            if equals and rest[:1] == "{" and known and names_command(_JSON_BETWEEN.sub(" ", rest)):
                yield Handed(index, index + 1, scope, skip=len(name) + 1, language="json")
            elif equals and wanted and name.startswith("--"):
                yield Handed(index, index + 1, scope, skip=len(name) + 1)
            elif known and name == "--metadata" and (match := _SETTING.match(rest)) and names_command(rest):
                yield Handed(index, index + 1, scope, skip=len(name) + 1 + match.end())
            elif attached and names_command(value[attached:]):
                yield Handed(index, index + 1, scope, skip=attached)
            elif not equals and (wanted or clustered) and index + 1 < len(words) and index + 1 not in taken:
                if name in options or clustered or not words[index + 1].value.startswith("-"):
                    yield from _text_of_option(words, index, scope, taken)
        elif (launcher := LAUNCHERS.get(base(value))) is not None:
            # A word such as `ssh` may be a subcommand of the launcher before it.
            options = (*options, *launcher.options)
            scope = "remote" if known and scope == "remote" else launcher.scope
            known = True
        elif index and (words[index - 1].value in _LABELS or _OF_ENVIRONMENT.match(words[index - 1].value)):
            continue
        elif known and (match := _SETTING.match(value)) and names_command(value):
            starts, ends = [match.end()], [len(value)]
            if (match[1] or "").lower() == "commands" or value.startswith("[", match.end()):
                starts, ends = map(list, zip(*_items(value, match.end()), strict=True))
            for begin, stop in zip(starts, ends, strict=True):
                yield Handed(index, index + 1, scope, skip=begin, until=stop)


def _text_of_option(words: Sequence[Valued], index: int, scope: Scope, taken: set[int]) -> Iterator[Handed]:
    """The text that the option at `index` takes in the next word, or in several."""
    stop = index + 2
    while words[index].value == "--scripts" and stop < len(words) and not words[stop].value.startswith("-"):
        stop += 1
    for at in range(index + 1, stop):
        taken.add(at)
        named = _ANSIBLE_COMMAND.search(words[at].value) if words[index].value in ("-a", "--args") else None
        if named is not None:
            yield Handed(at, at + 1, scope, skip=named.start(2), until=named.end(2))
        else:
            yield Handed(at, at + 1, scope)


def _separate_scripts(words: Sequence[Valued], start: int) -> Iterator[Handed]:
    """The quoted arguments of `tmux`, `hyperfine` and the like."""
    for index in range(start, len(words)):
        launcher = LAUNCHERS.get(base(words[index].value))
        if launcher is not None and launcher.operands == "each":
            for at in range(index + 1, len(words)):
                if base(words[index].value) == "screen" and words[at - 1].value == "stuff":
                    for match in _TYPED_LINE.finditer(words[at].value):
                        yield Handed(at, at + 1, launcher.scope, skip=match.start(1), until=match.end(1))
                elif _is_text(words[at]) and not any(word.value in _SHOWING for word in words[index + 1 : at]):
                    if base(words[index].value) == "tmux" and any(w.value in _SENDING for w in words[index + 1 : at]):
                        if not names_command(words[at].value):
                            continue
                        stop = at + 1
                        while stop < len(words) and words[stop].value not in _ENTER and words[stop].value != ";":
                            stop += 1
                        yield Handed(at, stop, launcher.scope, typed=True)
                        return
                    yield Handed(at, at + 1, launcher.scope)
            return


def as_written(words: Sequence[Word], item: Handed, text: str) -> Script:
    """A script that the command of `words` hands to a shell, as it is written. `text` is the region's own."""
    if item.argv:
        script = script_of(arguments_of(lambda index: values.value_of(words[index]), item.argv), text, words[0].start)
    else:
        script = _script(words[item.first : item.last], text, item.skip, item.until, typed=item.typed)
    return script._replace(language=item.language)


def arguments_of(value_at: Callable[[int], Value], argv: Sequence[Stretch]) -> Value:
    """Stretches of words as a command line, each quoted as one argument."""
    found: list[Fragment] = []
    for index, start, end in argv:
        parts = values.cut(value_at(index), start, end)
        if not parts:
            continue
        if found:
            found.append(_mark(" ", found[-1]._replace(start=found[-1].end)))
        for part in parts:
            if not part.known:
                found += [_mark('"', part), part, _mark('"', part)] if part.quoted else [part]
                continue
            at = 0
            for match in _UNSAFE.finditer(part.text):
                if at < match.start():
                    found.append(part.cut(at, match.start()))
                quotes = ("'", "'") if match.group() != "'" else ('"', '"')
                found += [_mark(quotes[0], part), part.cut(*match.span()), _mark(quotes[1], part)]
                at = match.end()
            if at < len(part.text):
                found.append(part.cut(at, len(part.text)))
    return tuple(found)


def _mark(text: str, at: Fragment) -> Fragment:
    """Text that is not written anywhere, at the start of a fragment."""
    return at._replace(text=text, start=at.start, end=at.start, known=True, quoted=False, kind="literal")


_SPECIAL = lazily(r"[\s#;&|<>()'\"\\`*?~]|\$[({]?\w")


def _is_text(word: Valued) -> bool:
    """True for a word that a second shell would take apart: quoted blanks, or a lone expansion."""
    value = word.value
    return bool(_BLANK.search(value)) or (value[:1] in ("$", "`") and len(value) > 1)


def fed(command: RawCommand, text: str) -> Iterator[Script]:
    """The strings that a shell reads behind `<<<`, and what `echo` or `printf` writes into a pipe to a shell."""
    words = command.words
    strings = [redirect.target for redirect in command.redirects if redirect.operator == "<<<"]
    if strings and strings[-1] is not None and runs_input(command.words):
        yield _script((strings[-1],), text)
    stage = command.piped_to
    name = base(words[0].value) if words and stage is not None else ""
    if name not in ("echo", "printf"):
        return
    while stage is not None and not runs_input(stage.words):
        # What prints a text of its own passes nothing on.
        stage = None if stage.words and base(stage.words[0].value) in ("echo", "printf") else stage.piped_to
    if stage is None:
        return
    arguments = list(itertools.dropwhile(lambda word: _PRINT_OPTION.fullmatch(word.value), words[1:]))
    if name == "echo" and arguments:
        yield _script(arguments, text)
    elif name == "printf":
        for word in arguments:
            yield _script((word,), text)


def _script(words: Sequence[Word], text: str, skip: int = 0, until: int = -1, *, typed: bool = False) -> Script:
    """The script that `words` give, joined by single spaces; see `Handed` for `skip`, `until` and `typed`."""
    fragments: list[Fragment] = []
    for number, word in enumerate(words):
        if typed and word.value == BLANK_KEY:
            fragments.append(Fragment(" ", word.region, word.start, word.end))
            continue
        if number and not typed:
            fragments.append(Fragment(" ", word.region, words[number - 1].end, word.start))
        fragments += values.value_of(word)
    value = tuple(fragments)
    if skip or until >= 0:
        value = values.cut(value, skip, len(values.text_of(value)) if until < 0 else until)
    return script_of(value, text, words[0].start)


def script_of(
    value: Value,
    text: str,
    place: int,
    use: Callable[[Fragment], tuple[int, int] | None] = lambda fragment: None,
    heredoc: HereDoc | None = None,
) -> Script:
    """The script that a value gives. `text` is that of the region that it is mapped to, `place` where it stands there.

    `use` gives the place of a fragment that is written elsewhere, None for one that is written in the region itself.
    `heredoc` is the here-document that it is the body of.
    """
    builder = MapBuilder()
    here = [fragment for fragment in value if fragment.text.strip(" ") and use(fragment) is None]
    kinds = {"single" if f.kind == "single" else "double" if f.quoted else "bare" for f in here}
    encoder = None
    editable = heredoc is not None
    if heredoc is not None:
        encoder = None if heredoc.quoted else "shell-heredoc"
    elif kinds == {"single"} and text[max(here[0].start - 2, 0) : here[0].start] != "$'":
        encoder = "shell-sq"
    elif kinds == {"double"}:
        encoder = "shell-dq"
    editable = editable or encoder is not None
    opaque: dict[int, int] = {}
    cutting: list[int] = []
    written: list[tuple[int, int, Span]] = []
    for number, fragment in enumerate(value):
        if fragment.known and _is_put_in(value[number + 1 : number + 2]):
            # A backslash before what nobody knows is part of that.
            bare = fragment.text.rstrip("\\")
            if (len(fragment.text) - len(bare)) % 2:
                fragment = fragment.cut(0, len(fragment.text) - 1)
        start = len(builder)
        at = use(fragment)
        if at is not None:
            builder.escape(fragment.text, at[0], at[1] - at[0])
            written.append((start, len(builder), Span(fragment.region, fragment.start, fragment.end)))
        elif fragment.start == fragment.end:
            builder.synthetic(fragment.text, fragment.start)
        elif text[fragment.start : fragment.end] != fragment.text:
            builder.escape(fragment.text, fragment.start, fragment.end - fragment.start)
        elif editable:
            builder.verbatim(text, fragment.start, fragment.end)
        else:
            # In bare or mixed quoting no single encoder fits, so nothing may be edited; places stay exact.
            for offset, char in enumerate(fragment.text, fragment.start):
                builder.escape(char, offset, 1)
        if _is_put_in((fragment,)):
            opaque[start] = len(builder)
            if fragment.cuts:
                cutting.append(start)
    map = builder.build(place)
    return Script(map, place, encoder, heredoc is not None, opaque, tuple(written), tuple(cutting))


def _is_put_in(value: Value) -> bool:
    """True for an expansion that the shell around a script carries out."""
    return any(
        not f.known and (f.text[:1] in ("$", "`") or f.text == PUT_IN) and not f.text.startswith("${{") for f in value
    )


def written_language(name: str, head: str) -> Language | None:
    """What a file is written in that has this name and begins like this, None if nothing is run from it."""
    if SCRIPT_FILE.search(name) is not None:
        return ""
    if _MANIFEST_START.match(head):
        return "yaml"
    from nemolint.sources import kind_of

    return _LANGUAGES.get(kind_of(name, head) or "")


def filled_in_by_parallel(value: Value) -> Value:
    """A text in which nobody knows what `parallel` puts in for `{}`, `{1}`, `{.}` and the like."""
    found: list[Fragment] = []
    for fragment in value:
        at = 0
        for match in _FILLED_IN.finditer(fragment.text) if fragment.known else ():
            if at < match.start():
                found.append(fragment.cut(at, match.start()))
            here = fragment.cut(*match.span())
            mark = PUT_IN if match.group() == PUT_IN else "${_}"
            found.append(here._replace(text=mark, known=False, kind="expansion"))
            at = match.end()
        if at < len(fragment.text) or not at:
            found.append(fragment.cut(at, len(fragment.text)) if at else fragment)
    return tuple(found)


def filled_in_by_find(words: Sequence[Value], known_as: str = "") -> list[Value]:
    """The words behind `-exec`. Nobody knows what `find` puts in for `{}`; `known_as` stands there."""
    found: list[Value] = []
    for number, word in enumerate(words):
        text = values.text_of(word)
        if text == ";" and number:
            break
        if text == "+" and number and values.text_of(words[number - 1]) == "{}":
            found[-1] = tuple(fragment._replace(quoted=False) for fragment in found[-1])  # several
            break
        parts: list[Fragment] = []
        at = 0
        while (start := text.find("{}", at)) >= 0:
            place = values.cut(word, start, start + 2)[0]
            parts += values.cut(word, at, start)
            parts.append(place._replace(text=known_as or "{}", known=False, quoted=True, kind="expansion"))
            at = start + 2
        found.append((*parts, *values.cut(word, at, len(text))) if at else word)
    return found


def filled_in_by_shell(value: Value) -> Value:
    """A text in another language, in which nobody knows what the shell put in."""
    found: list[Fragment] = []
    for fragment in value:
        if not fragment.known and not fragment.text.startswith(("{{", "${{")):
            name = fragment.text.strip("${}")
            fragment = fragment._replace(text=f"${{{{ {name if name.isidentifier() else '_'} }}}}")
        found.append(fragment)
    return tuple(found)


def backtick_script(backtick: Backtick, text: str) -> Script:
    """The content of a backtick substitution after one level of escapes is removed."""
    builder = MapBuilder()
    at = backtick.start
    pattern = _BACKTICK_ESCAPE_QUOTED if backtick.quoted else _BACKTICK_ESCAPE
    for match in pattern.finditer(text, backtick.start, backtick.end):
        builder.verbatim(text, at, match.start())
        builder.escape(match[1], match.start(), 2)
        at = match.end()
    builder.verbatim(text, at, backtick.end)
    return Script(builder.build(backtick.start), backtick.start, "none")


def heredoc_language(command: RawCommand, heredoc: HereDoc, text: str) -> Language | None:
    """What the body of `heredoc`, which feeds `command`, is written in; None if nothing runs it."""
    body_start = text[heredoc.start : min(heredoc.end, heredoc.start + 200)].lstrip("\0")
    if _SCRIPT_START.match(body_start):
        return ""
    shell = _OTHER_INTERPRETER.match(body_start) is None
    stage: RawCommand | None = command
    while stage is not None:
        language = _consumes(stage, body_start)
        if language or (language is not None and shell):
            return language
        stage = stage.piped_to
        if stage is not None and stage.heredocs:
            return None  # it reads its own
    return None


def _consumes(command: RawCommand, head: str) -> Language | None:
    """What a command takes its input for, if it runs it or writes it to a file that something runs."""
    words = command.words
    names = [r.target.value for r in command.redirects if r.target is not None and ">" in r.operator]
    start = effective(words)
    if start < len(words) and base(words[start].value) == "tee":
        names += [word.value for word in words[start + 1 :] if not word.value.startswith("-")]
    for name in names:
        language = written_language(name, head)
        if language is not None:
            return language
    return "" if runs_input(words) else read_language(words)


def read_language(words: Sequence[Valued]) -> Language | None:
    """The language in which a command that runs no shell script reads its standard input, None if it does not."""
    if words and runs_python(words):
        return "python"
    start = effective(words)
    if start >= len(words):
        return None
    language = _READERS.get(base(words[start].value))
    rest = [word.value for word in words[start + 1 :]]
    if language is None or not any(_STANDARD_INPUT.fullmatch(word) for word in rest):
        return None
    return "yaml" if language == "dockerfile" and "compose" in rest else language


def may_run_text(name: str) -> bool:
    """False for a program that only shows, moves or checks text that it gets."""
    return not (name in DATA or name in HANDLES_FILES or SHOWS.fullmatch(name) is not None)


def runs_command(text: str) -> bool:
    """True for a text that is shell and names `nemotron steps run`."""
    return "nemotron" in text and MENTION.search(text) is not None and is_script(text)


def given_text(words: Sequence[Valued]) -> int | None:
    """Index of a word that is a whole command, and that a program gets which may run it; None if there is none."""
    if not any("nemotron" in word.value for word in words):
        return None
    start = effective(words)
    name = base(words[start].value) if start < len(words) else ""
    launcher = LAUNCHERS.get(name)
    if not name:
        return None
    # `gh codespace ssh -c NAME '…'`
    elsewhere = name == "gh" and "ssh" in [word.value for word in words[start + 1 : start + 3]]
    hands_on = launcher is not None and (launcher.operands or launcher.options or launcher.scope == "remote")
    options = _variable_options(words[start:]) if name in ENVIRONMENT_OPTIONS or name == "helm" else ()
    for index in range(start + 1, len(words)):
        value = words[index].value
        if "nemotron" not in value:
            continue
        if not (elsewhere or may_run_text(name)):
            return None
        if options and _is_variable(words, index, options):
            return index
        if (hands_on and not elsewhere) or words[index - 1].value in DESCRIBING or not _is_text(words[index]):
            continue
        if value[:1] in ("{", "[") and words[index - 1].value[:1] == "-" and _IN_JSON.search(value) is not None:
            return index
        if ASSIGNMENT.match(value) is None and value[:1] != "-" and runs_command(value):
            return index
    return None


def _variable_options(words: Sequence[Valued]) -> Sequence[str]:
    """The options of a launcher that set variables of what it starts."""
    names = [base(word.value) for word in words]
    program = next((name for name in names if name in ENVIRONMENT_OPTIONS), "")
    return _HELM_SETS if "helm" in names else ENVIRONMENT_OPTIONS.get(program, ())


def _is_variable(words: Sequence[Valued], index: int, options: Sequence[str]) -> bool:
    """True if a word, with the option that is in it or before it, sets a variable to a whole command."""
    match = _VARIABLE.match(words[index].value)
    if match is None or (match[1] or words[index - 1].value) not in options:
        return False
    return runs_command(words[index].value[match.end() :])


def command_file(words: Sequence[Valued]) -> int | None:
    """Index of the first word that may name the file whose lines a launcher runs, None if it runs none."""
    for index, word in enumerate(words):
        options = COMMAND_FILES.get(base(word.value))
        if options is None:
            continue
        at = next(
            (at for at in range(index + 1, len(words)) if words[at].value in options), index if not options else -1
        )
        if at < 0:
            return None
        if base(word.value) == "parallel" and operands(words, index + 1, PARALLEL_VALUED, 0) not in (at, len(words)):
            return None
        return at + 1
    return None


def runs_python(words: Sequence[Valued]) -> bool:
    """True if the command runs its standard input as a program in Python."""
    start = effective(words)
    names = [word.value for word in words[start:]]
    launcher = LAUNCHERS.get(base(names[0])) if names else None
    if launcher is not None and launcher.scope == "remote":  # the last one: an image may have the name, too
        names = " ".join(names).split()
        at = max((at for at, name in enumerate(names) if PYTHON.fullmatch(base(name))), default=len(names))
        names = names[at:]
    elif names in ([], ["-"]) and words[-1].value == "-" and any(base(word.value) == "uv" for word in words[:-1]):
        return True
    if not names or not PYTHON.fullmatch(base(names[0])):
        return False
    at = 1
    while at < len(names) and _PYTHON_SWITCHES.fullmatch(names[at]):
        at += 2 if names[at] in _PYTHON_VALUED else 1
    return at >= len(names) or names[at] in ("-", "/dev/stdin")


def heredoc_map(heredoc: HereDoc, text: str) -> Script:
    """The body of a here-document as the shell that reads it would see it."""
    builder = MapBuilder()
    at = heredoc.start
    pattern = r"\0+|\r(?=\n)"
    if not heredoc.quoted:
        pattern += r"|\\[$`\\]|\\\r?\n"
    if heredoc.tabs:
        pattern += r"|(?m:^)\t+"
    for match in re.compile(pattern).finditer(text, heredoc.start, heredoc.end):
        builder.verbatim(text, at, match.start())
        found = match.group()
        if found[0] == "\\" and len(found) == 2 and found[1] in "$`\\":
            builder.escape(found[1], match.start(), 2)
        at = match.end()
    builder.verbatim(text, at, heredoc.end)
    return Script(builder.build(heredoc.start), heredoc.start, None if heredoc.quoted else "shell-heredoc", body=True)
