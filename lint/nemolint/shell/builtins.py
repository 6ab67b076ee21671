"""What bash's own commands do to what is known, and the few others that pass text on."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from nemolint.base.patterns import lazily
from nemolint.shell import arithmetic, values
from nemolint.shell.environment import PARAMETERS, Alias, Environment, Functions, Variable
from nemolint.shell.expand import Expander
from nemolint.shell.launchers import INTERPRETERS
from nemolint.shell.programs import base, find_nemotron, is_nemotron, is_zsh
from nemolint.shell.ran import Argument
from nemolint.shell.values import OPEN, UNKNOWN, UNSET, Content, Fragment, Items, Value, known, text_of
from nemolint.sources.command_text import MENTION, is_turned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar

    from nemolint.shell.command import Word
    from nemolint.shell.environment import Kind
    from nemolint.shell.launchers import Scope
    from nemolint.shell.nested import Language
    from nemolint.shell.raw import RawCommand

_NAME = lazily(r"[A-Za-z_]\w*")
_ITEM = lazily(r"([A-Za-z_]\w*)\[([^\]]+)\]")
_ASSIGNED = lazily(r"([A-Za-z_]\w*)(?:\[[^\]]*\])?\+?=")
_ALIAS = lazily(r"([^\s=$`'\"/]+)=")
_FORMAT = lazily(r"%(%|[-+ #0]*\d*(?:\.\d*)?[sdbqiuxXfgec])|\\(?:[abefnrtv\\\"']|x[0-9A-Fa-f]{1,2}|0?[0-7]{1,3})")
_ESCAPE = lazily(r"\\(?:[abeEfnrtv\\]|x[0-9A-Fa-f]{1,2}|0[0-7]{0,3})")
_LETTERS = dict(zip("abeEfnrtv\\\"'", "\a\b\x1b\x1b\f\n\r\t\v\\\"'", strict=True))
_PLAIN_SH = lazily(r"#![^\n]*\b(?:da|a)?sh\b")
_DESCRIPTOR = lazily(r"/dev/stdin|(?:/dev|/proc/self)/fd/(\d+)")
_COMPARISON = lazily(r"\s-(?:eq|ne|[lg][te])\s")
_COUNTS = lazily(r"\b([A-Za-z_]\w*)(?=\+\+|--)|(?<=\+\+)([A-Za-z_]\w*)")
_ECHO_ESCAPE = lazily(r"\\[0abcefnrtv\\]")
_XARGS_WORD = lazily(r"(?:'[^'\n]*'|\"[^\"\n]*\"|\\.|[^\s'\"\\])+", re.DOTALL)
_MAX_GROUPS = 64
_MAX_CHANGES = 16
_MAX_SET = 1_000
# Stands for text that names the command, and that nobody can follow any further.
UNFOLLOWED = "$(…nemotron…)"
# Commands that hand on what they read, or lines of it; and those that change it.
_FILTERS = ("egrep", "envsubst", "fgrep", "grep", "head", "pv", "shuf", "sort", "tac", "tail", "uniq")
# Their options with a value in the next word.
_VALUED = {
    "egrep": "efmABC", "fgrep": "efmABC", "grep": "efmABC", "head": "nc", "pv": "LBisN", "shuf": "nio", "sort": "ktoST",
    "tac": "s", "tail": "ncs", "uniq": "fsw",
}  # fmt: skip
# What makes a program in `awk` or `perl` print text of its own.
_PRINTS = lazily(r"\b(?:print|printf|puts|say|write|log)\b|\bsub\(|\bs[/|#@,]")
_CHANGERS = ("awk", "column", "cut", "expand", "fold", "gawk", "m4", "nl", "perl", "strings", "ts")
# The sets of `tr`: ranges, escapes, and the two classes that are in an order which it keeps.
_SET_ITEM = lazily(r"\\(?:[0-7]{1,3}|.)|[^\\]", re.DOTALL)
_CLASSES = {"[:lower:]": "abcdefghijklmnopqrstuvwxyz", "[:upper:]": "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_SUBSTITUTION = lazily(r"s([/|#,:@])((?:(?!\1)[\w :@%+,=~#/-]|\\[/.|])+)\1((?:(?!\1)[\w :@%+,=~#/.-]|\\/)*)\1(g?)")


class Input:
    """What a command reads: a value, None where nobody knows. `at` grows with each line that is taken of it."""

    __slots__ = ("_changes", "_end", "_lines", "_next", "at", "value")

    def __init__(self, value: Value | None) -> None:
        self.value = value
        self.at = 0
        # What is left is the lines from `_next` on, each of which ends with `_end`; all of `value` if it is None.
        self._lines: list[Value] | None = None
        self._next, self._end = 0, "\n"
        # How often lines with another end were asked for: each time takes all that is left.
        self._changes = 0

    @property
    def ended(self) -> bool:
        """False if the last line that was taken lacks its end, so that `read` fails, although it got something."""
        if self._lines is None or self._next < len(self._lines) or not self.value:
            return True
        return not self.value[-1].known or self.value[-1].text.endswith(self._end)

    def line(self, end: str = "\n") -> Value | None:
        """The next line, up to the character `end`; None behind the last, or where `value` is no longer known."""
        if self._lines is not None and end != self._end:
            self._changes += 1
            if self._changes > _MAX_CHANGES:
                self.value = None
        if self.value is None:
            return None
        if self._lines is None or end != self._end:
            self.value = self._left(self.value)
            self._lines, self._next, self._end = values.lines(self.value, end), 0, end
        if self._next >= len(self._lines):
            return None
        self.at += 1
        self._next += 1
        return self._lines[self._next - 1]

    def lines(self, end: str = "\n") -> list[Value]:
        """All the lines that are left; they are taken."""
        found = []
        while (line := self.line(end)) is not None:
            found.append(line)
        return found

    def rest(self) -> Value | None:
        """All that is left; it is taken."""
        if self.value is None:
            return None
        left, self.value, self._lines = self._left(self.value), (), None
        self.at += 1
        return left

    def _left(self, value: Value) -> Value:
        if self._lines is None or not self._next:
            return value
        found: list[Fragment] = []
        closed = not value[-1].known or value[-1].text.endswith(self._end)
        for number, line in enumerate(self._lines[self._next :], self._next + 1):
            found += line
            if line and (closed or number < len(self._lines)):
                found.append(line[-1]._replace(text=self._end, start=line[-1].end, known=True))
        return tuple(found)


class Builtins(Expander):
    """The commands that change or print what the shell knows."""

    def __init__(self) -> None:
        super().__init__()
        # Each alias in its states, in the order in which the script sets and removes it.
        self.aliases: dict[str, list[Alias]] = {}
        # Those of zsh that count for any word.
        self.global_aliases: set[str] = set()
        self.input: Input | None = None
        # What is read from other file descriptors than 0, by their numbers.
        self.descriptors: dict[str, Input] = {}
        # Whether the command's program was given another name.
        self.renames = False
        # Whether a file was written that names the command.
        self.named_files = False
        # What is printed, where somebody reads it.
        self.output: list[Fragment] | None = None
        # What held where that began.
        self.floor: Environment | None = None

    # What the evaluator adds.

    def hand(
        self,
        raw: RawCommand,
        value: Value,
        scope: Scope,
        *,
        parameters: Items | None = None,
        language: Language = "",
        given: Sequence[tuple[str, Value]] = (),
    ) -> bool | None:
        raise NotImplementedError

    def record(self, raw: RawCommand, fields: list[list[Value]]) -> None:
        raise NotImplementedError

    def consume(self, value: Value) -> None:
        """Some command reads a text, which is then no script by itself."""
        raise NotImplementedError

    def leave(self, name: str, levels: int = 1) -> None:
        raise NotImplementedError

    def assign_word(self, word: Word, *, exported: bool | None = None, local: bool = False) -> None:
        raise NotImplementedError

    def assign_array(self, name: str, words: Sequence[Word], *, append: bool, mapping: bool = False) -> None:
        raise NotImplementedError

    def assign_item(self, name: str, subscript: str, choices: tuple[Content, ...], *, append: bool = False) -> None:
        raise NotImplementedError

    calls: list[Any]

    # State

    def assign(
        self, name: str, choices: tuple[Content, ...], *, exported: bool | None = None, kind: Kind | None = None
    ) -> None:
        """Set a variable, or the one that it refers to."""
        name = self.aim(name)
        before = self.env.variable(name)
        kept = before.exported if before is not None else False
        export_all = self.is_set("a")
        if before is not None and before.kind == "changed" and kind is None:
            choices, kind = (UNKNOWN,), "changed"
        if kind is None:
            kind = before.kind if before is not None and before.kind == "map" else ""
        self.put(name, Variable(choices, True if exported or export_all else kept, kind, self.env.scripts_read()))

    def is_set(self, option: str) -> bool | None:
        """True if an option of the shell is on, None if nobody knows."""
        entry = self.env.get(f"set -{option}")
        return entry.exported if isinstance(entry, Variable) else False

    def set_option(self, option: str, on: bool) -> None:
        """Set an option of the shell."""
        self.put(f"set -{option}", Variable((), on))

    def aim(self, name: str) -> str:
        """The variable that is meant by a name: another one, where it is a reference."""
        for _ in range(4):
            variable = self.env.variable(name)
            if variable is None or variable.kind != "reference" or len(variable.choices) != 1:
                break
            target = variable.choices[0]
            if not isinstance(target, tuple) or not known(target) or not _NAME.fullmatch(text_of(target)):
                break
            name = text_of(target)
        return name

    def forget(self, name: str) -> None:
        """Nobody knows any more what a variable holds."""
        self.assign(name, (UNKNOWN,))

    def compute(self, text: str, place: Fragment | None) -> int | None:
        """Do what `((text))` does to variables, and return what it comes to, None if nobody knows.

        `place` is where it is written.
        """
        result: int | None = None
        for part in text.split(","):
            step = None if self.repeats or place is None else arithmetic.change(part, self.integer)
            if step is None:
                names = [*arithmetic.changed(part)]
                for name in names:
                    self.forget(name)
                result = None if names or self.repeats else arithmetic.evaluate(part, self.integer)
            elif step.value is None or place is None:
                self.forget(step.name)
                result = None
            else:
                self.assign(step.name, ((place._replace(text=str(step.value), known=True, kind="literal"),),))
                result = step.result
        return result

    def make_local(self, name: str) -> None:
        """Let the function that is running hide what a name holds outside."""
        if self.calls and name not in self.calls[-1].hidden:
            self.calls[-1].hidden[name] = self.env.get(name)

    def file(self, path: Value) -> tuple[Content, ...] | None:
        """What the script wrote to a file, None if it wrote nothing there."""
        entry = self.env.get(f"file:{path_name(path)}")
        if isinstance(entry, Variable):
            return entry.choices
        source = self.device(path)
        value = source.rest() if source is not None else None
        return (value,) if value is not None else None

    def device(self, path: Value) -> Input | None:
        """What is read from `/dev/stdin` and the like, None from any other file."""
        match = _DESCRIPTOR.fullmatch(text_of(path)) if known(path) else None
        return self.descriptor(match[1] or "0") if match is not None else None

    def write_file(self, path: Value, content: Value, *, append: bool = False) -> None:
        name = f"file:{path_name(path)}"
        self.named_files = self.named_files or values.names_command(content)
        entry = self.env.get(name)
        found: tuple[Content, ...] = (content,)
        if append and isinstance(entry, Variable):
            found = tuple((*old, *content) if isinstance(old, tuple) else content for old in entry.choices)
            for item in found:
                self.spend(values.cost(item))
            if any(values.too_large(item) for item in found):
                found = (UNKNOWN,)
        self.put(name, Variable(found, True))

    def keep_files(self, env: Environment) -> None:
        """A process that ends leaves its files."""
        for name, entry in env.vars.items():
            if name.startswith("file:"):
                self.put(name, entry)

    def emit(self, value: Value) -> None:
        if self.output is None or not value:
            return
        if self.floor is not None and self.env.may_have_left(self.floor):
            value = (self.uncertain(value),)
        self.output += value

    def print_unknown(self, raw: RawCommand, like: Value = ()) -> None:
        """Nobody knows what a command prints; it makes it of `like`."""
        if self.output is not None:
            at = Fragment("", self.layer.region, max(raw.start, 0), max(raw.end, 0))
            self.output.append(self.uncertain((*like, at)))

    def uncertain(self, value: Value) -> Fragment:
        """What may be made of a value, or of a part of it, or nothing."""
        cuts, names = values.may_cut(value), values.names_command(value) or is_turned(text_of(value))
        spaced = bool(value) and value[0].known and value[0].text[:1] in (" ", "\t")
        spaced = spaced or all(part.text == values.SPACED for part in value)
        text = UNFOLLOWED if names else values.SPACED if spaced else "$(…)"
        return value[-1]._replace(text=text, known=False, quoted=False, kind="expansion", cuts=cuts, names=names)

    def contents_of(self, raw: RawCommand) -> Value | None:
        """`$(<file)`."""
        fed = self.fed(raw)
        return fed.rest() if fed is not None else None

    def fed(self, raw: RawCommand) -> Input | None:
        raise NotImplementedError

    def place(self, text: str, like: Fragment) -> Fragment:
        """Text that stands nowhere, behind `like`."""
        return like._replace(text=text, start=like.end, known=True, kind="literal")

    # Commands. Each takes the raw command and its words, and gives the status.

    def _true(self, raw: RawCommand, words: Sequence[Argument]) -> bool | None:
        return True

    def _false(self, raw: RawCommand, words: Sequence[Argument]) -> bool | None:
        return False

    def _leave(self, raw: RawCommand, words: Sequence[Argument]) -> bool | None:
        levels = words[1].value if len(words) > 1 else "1"
        self.leave(words[0].value, int(levels) if levels.isdecimal() and len(levels) < 4 else 1)
        return None

    def _echo(self, raw: RawCommand, words: Sequence[Argument]) -> bool | None:
        if self.output is None:
            return True
        newline, escapes, index = True, False, 1
        while index < len(words) and re.fullmatch(r"-[neE]+", words[index].value):
            newline = newline and "n" not in words[index].value
            escapes = "e" in words[index].value
            index += 1
        if not escapes and any(_ECHO_ESCAPE.search(word.value) for word in words[index:]) and self._is_plain_sh():
            self.print_unknown(raw, _printing(words[index:]))
            return True
        at = Fragment("", self.layer.region, raw.start, raw.end)
        last = at
        for number, word in enumerate(words[index:]):
            if number:
                follows = word.parts[0] if word.parts else None
                inside = follows is not None and last.use is None and follows.use is None
                self.emit((self.place(" ", last)._replace(end=follows.start if inside and follows else last.end),))
            parts = _unescaped(word.parts) if escapes else word.parts
            self.emit(parts)
            last = parts[-1] if parts else last
        if newline:
            self.emit((self.place("\n", last),))
        return True

    def _print_words(self, raw: RawCommand, words: Sequence[Argument]) -> bool | None:
        """`print` of zsh; elsewhere it is any program."""
        options = [word.value for word in words[1:] if re.fullmatch(r"-[rRnle]+", word.value)]
        plain = len(options) == 1 and options[0].startswith(("-r", "-R")) and "l" not in options[0]
        if not is_zsh(self.layer.region.document) or (options and not plain):
            self.print_unknown(raw, _printing(words[1:]))
            return True
        rest = [word for word in words[1:] if word.value not in options]
        if rest and rest[0].value in ("--", "-"):
            rest = rest[1:]
        elif rest and rest[0].value == "-f":
            return self._printf(raw, [words[0], *rest[1:]])
        quiet = Argument.of((self.place("-n", words[0].parts[0]),)) if options and "n" in options[0] else None
        escapes = Argument.of((self.place("-e" if not options else "-E", words[0].parts[0]),))
        return self._echo(raw, [words[0], *([quiet] if quiet else []), escapes, *rest])

    def _is_plain_sh(self) -> bool:
        """True in a script of `sh`, which may be a shell whose `echo` takes `\\n` for a line end, or bash."""
        return _PLAIN_SH.match(self.layer.region.document.text) is not None

    def _printf(self, raw: RawCommand, words: Sequence[Argument]) -> bool | None:
        index, target = 1, ""
        if len(words) > 2 and words[1].value == "-v":
            target, index = words[2].value, 3
        if len(words) > index and words[index].value == "--":
            index += 1
        if not target and self.output is None:
            return True
        printed = self._formatted(words[index], words[index + 1 :]) if index < len(words) else None
        if target:
            self.give(target, (UNKNOWN,) if printed is None else (printed,))
        elif printed is None:
            self.print_unknown(raw, _printing(words[index:]))
        else:
            self.emit(printed)
        return True

    def _formatted(self, form: Argument, words: Sequence[Argument]) -> Value | None:
        """What `printf` makes of its arguments."""
        if not known(form.parts) or not form.parts:
            return None
        text, found, at = form.value, list[Fragment](), 0
        waiting = list(words)
        while True:
            position = taken = 0
            for match in _FORMAT.finditer(text):
                found += values.cut(form.parts, position, match.start())
                position = match.end()
                here = values.cut(form.parts, match.start(), match.end())[0]
                if match[1] is None:
                    found.append(here._replace(text=_escaped(match.group()[1:])))
                elif match[1] == "%":
                    found.append(here._replace(text="%"))
                elif match[1] not in ("s", "b", "q", "d", "i"):
                    return None
                else:
                    taken += 1
                    word = waiting.pop(0) if waiting else None
                    if word is not None:
                        part = _quoted(word) if match[1] == "q" else word.parts
                        if part is None:
                            return None
                        found += _unescaped(part) if match[1] == "b" else part
            found += values.cut(form.parts, position, len(text))
            at += 1
            self.spend(1 + len(text) // 40)
            if not waiting or not taken or at > values.MAX_PIECES:
                return tuple(found)

    def _cat(self, raw: RawCommand, words: Sequence[Argument]) -> bool | None:
        operands = [word for word in words[1:] if not word.value.startswith("-") or word.value == "-"]
        if not operands:
            self._print(raw, self._taken())
        for word in operands:
            stdin = self.input is not None and word.value == "-"
            self._print(raw, self._taken() if stdin else values.only(self.file(word.parts)))
        return None

    def _taken(self) -> Value | None:
        """All that is left to be read, None where nobody knows."""
        return self.input.rest() if self.input is not None else None

    def _print(self, raw: RawCommand, value: Value | None) -> None:
        if value is None:
            self.print_unknown(raw)
        else:
            self.emit(value)

    def _filter(self, raw: RawCommand, words: Sequence[Argument]) -> bool | None:
        paths = _files_of(words)
        if not paths:
            self._print(raw, self._taken())
        for word in paths:
            self._print(raw, values.only(self.file(word.parts)))
        return None

    def _change(self, raw: RawCommand, words: Sequence[Argument]) -> bool | None:
        value = self._taken() or ()
        changes = [word for word in words[1:] if _PRINTS.search(word.value)]
        self.print_unknown(raw, (*value, *_printing(changes)))
        self.consume(value)
        return None

    def _rev(self, raw: RawCommand, words: Sequence[Argument]) -> bool | None:
        """`rev` turns each line round."""
        paths = [word for word in words[1:] if not word.value.startswith("-")]
        value = values.only(self.file(paths[0].parts)) if len(paths) == 1 else None if paths else self._taken()
        if self._loses(raw, value) or not value:
            return None
        text = "\n".join(line[::-1] for line in text_of(value).split("\n"))
        self.emit((value[0]._replace(text=text, end=value[0].start),))
        return None

    def _tr(self, raw: RawCommand, words: Sequence[Argument]) -> bool | None:
        """`tr OLD NEW` puts one character in the place of another, `tr -d OLD` leaves some out."""
        deletes = [word.value for word in words[1:-1]] == ["-d"]
        sets = [_set_of(word.value) or "" if known(word.parts) else "" for word in words[1 + deletes :]]
        if len(sets) != 2 - deletes or "" in sets or (not deletes and words[1].value[:1] == "-"):
            return self._change(raw, words)
        new = "" if deletes else sets[1].ljust(len(sets[0]), sets[1][-1])
        table = {ord(old): new[at : at + 1] for at, old in enumerate(sets[0])}
        value = self._taken()
        if not self._loses(raw, value):
            changed = (fragment._replace(text=fragment.text.translate(table)) for fragment in value or ())
            self.emit(tuple(fragment for fragment in changed if fragment.text))
        return None

    def _loses(self, raw: RawCommand, value: Value | None) -> bool:
        """Print something unknown for a text that cannot be changed as it is not known; False if it can be."""
        self.consume(value or ())
        if value is not None and known(value):
            self.spend(values.cost(value))
            return False
        self.print_unknown(raw, value or ())
        return True

    def _sed(self, raw: RawCommand, words: Sequence[Argument]) -> bool | None:
        """`sed`: what replaces plain text is followed, nothing else."""
        rest = [word for word in words[1:] if word.value not in ("-e", "-E", "-r")]
        in_place = any(word.value.startswith(("-i", "--in-place")) for word in rest)
        rest = [word for word in rest if not word.value.startswith(("-i", "--in-place"))]
        match = _SUBSTITUTION.fullmatch(rest[0].value) if rest and known(rest[0].parts) else None
        texts: list[tuple[Value | None, tuple[Content, ...]]] = []
        if len(rest) > 1:
            texts = [(word.parts, self.file(word.parts) or ()) for word in rest[1:]]
        elif self.input is not None:
            texts = [(None, (self.input.rest() or UNKNOWN,))]
        for path, choices in texts:
            before = values.only(choices) or ()
            after = _replaced(before, match) if match is not None and before else None
            if path is not None and in_place:
                if choices:
                    self.write_file(path, (self.uncertain(before),) if after is None and before else after or ())
            elif after is None:
                self.print_unknown(raw, (*before, *_printing(rest[:1])))
                self.consume(before)
            else:
                self.emit(after)
        if not texts:
            self.print_unknown(raw)
        return None

    def printed_by(self, words: Sequence[Argument]) -> Value:
        """What a program may print that is an argument of its interpreter."""
        name = base(words[0].value) if words else ""
        if name not in INTERPRETERS:
            return ()
        return _printing([word for word in words[1:] if _PRINTS.search(word.value)])

    def _copy(self, raw: RawCommand, words: Sequence[Argument]) -> bool | None:
        paths = [word.parts for word in words[1:] if not word.value.startswith("-")]
        content = values.only(self.file(paths[0])) if len(paths) == 2 else None
        if content is not None:
            self.write_file(paths[1], content)
        elif len(paths) == 2:
            self._rename(Argument.of(paths[0]), Argument.of(paths[1]))
        return None

    def _hash(self, raw: RawCommand, words: Sequence[Argument]) -> bool | None:
        """`hash -p PATH NAME`: the program at a path under another name."""
        if len(words) == 4 and words[1].value == "-p":
            self._rename(words[2], words[3])
        return True

    def _rename(self, program: Argument, name: Argument) -> None:
        """The command's program is also called something else from now on."""
        if known(name.parts) and is_nemotron(program):
            self.renames = True
            self.put(f"program:{path_name(name.parts)}", Variable((program.parts,)))

    def _tee(self, raw: RawCommand, words: Sequence[Argument]) -> bool | None:
        value = self._taken()
        for word in words[1:]:
            if not word.value.startswith("-") and value is not None:
                self.written(raw, word.parts, value, append=any(other.value == "-a" for other in words))
        self._print(raw, value)
        return None

    def written(self, raw: RawCommand, target: Value, content: Value, *, append: bool) -> None:
        raise NotImplementedError

    def _read(self, raw: RawCommand, words: Sequence[Argument]) -> bool | None:
        literal, array, end, index, source = False, "", "\n", 1, self.input
        while index < len(words) and words[index].value.startswith("-") and len(words[index].value) > 1:
            option = words[index].value
            literal = literal or "r" in option
            index += 1
            if option[-1] in "adnNptu" and index < len(words):
                if option[-1] == "a":
                    array = words[index].value
                if option[-1] == "d":
                    end = words[index].value[:1] or "\0"
                if option[-1] == "u":
                    source = self.descriptor(words[index].value)
                if option[-1] in "nN":
                    self.lose_input()
                    source = None
                index += 1
        names = [word.value for word in words[index:]] or ([] if array else ["REPLY"])
        ended = False
        value: Value | None = None
        if source is not None and source.value is not None:
            value = source.line(end)
            ended = value is None or not source.ended
            if value is None:
                value = () if source.value is not None else None
            elif not literal:
                value = _unbackslashed(value)
        ifs = self.ifs()
        if value is None or ifs is None:
            for name in [*names, *([array] if array else [])]:
                self.give(name, (UNKNOWN,))
            return None if value is None else not ended
        if array:
            fields = values.split(tuple(f._replace(quoted=False) for f in value), ifs)
            self.assign(array, (Items.of(fields) if known(value) else UNKNOWN,))
        else:
            self._read_into(names, value, ifs)
        return not ended

    def give(self, name: str, choices: tuple[Content, ...]) -> None:
        """Assign to a variable, or to an item of an array, as a builtin is told: `printf -v "A[4]" …`."""
        item = _ITEM.fullmatch(name)
        if item is not None:
            self.assign_item(item[1], item[2], choices)
        else:
            self.assign(name, choices)

    def lose_input(self) -> None:
        self.input = None

    def descriptor(self, number: str) -> Input | None:
        """What is read from a file descriptor, None where nobody knows."""
        return self.input if number == "0" else self.descriptors.get(number)

    def _read_into(self, names: Sequence[str], value: Value, ifs: str) -> None:
        """Give the fields of a line to variables, as far as it is known where they end."""
        blanks = "".join(char for char in ifs if char in " \t\n")
        rest = _stripped(value, blanks)
        for number, name in enumerate(names):
            if rest is None or number == len(names) - 1:
                self.give(name, (UNKNOWN if rest is None else rest,))
                continue
            text = text_of(rest)
            stop = next((at for at, char in enumerate(text) if char in ifs), len(text))
            first = values.cut(rest, 0, stop)
            if not known(first):
                self.give(name, (UNKNOWN,))
                rest = None
                continue
            self.give(name, (first,))
            after = stop
            while after < len(text) and text[after] in blanks:
                after += 1
            if after < len(text) and text[after] in ifs and after == stop:
                after += 1
            rest = _stripped(values.cut(rest, after, len(text)), blanks)

    def _mapfile(self, raw: RawCommand, words: Sequence[Argument]) -> bool | None:
        names = [word.value for word in words[1:] if _NAME.fullmatch(word.value)]
        options = "".join(word.value for word in words[1:] if word.value.startswith("-"))
        name = names[-1] if names else "MAPFILE"
        source, end = self.input, "\n"
        for option, setting in pairwise(word.value for word in words[1:]):
            if option.startswith("-") and option.endswith("d"):
                end = setting[:1] or "\0"
            elif option.startswith("-") and option.endswith("u"):
                source = self.descriptor(setting)
        if source is None or source.value is None or re.search(r"[nOsCc]", options):
            self.assign(name, (UNKNOWN,))
            return None
        items = source.lines(end)
        if "t" not in options and end != "\0":
            items = [(*line, self.place(end, line[-1])) if line else line for line in items]
        self.assign(
            name, (Items.of(OPEN if not known(item) and not values.names_command(item) else item for item in items),)
        )
        return True

    def _export(self, raw: RawCommand, words: Sequence[Argument]) -> bool | None:
        options = "".join(word.value[1:] for word in words[1:] if word.value.startswith("-"))
        exported = "n" not in options
        for name in self._declared(raw, exported=exported):
            if "f" in options:
                entry = self.env.get(f"f:{name}")
                if isinstance(entry, Functions):
                    self.put(f"f:{name}", entry._replace(exported=True))
                continue
            variable = self.env.variable(name)
            self.put(name, (variable or Variable((UNKNOWN,)))._replace(exported=exported))
        return True

    def _declare(self, raw: RawCommand, words: Sequence[Argument]) -> bool | None:
        options = "".join(word.value[1:] for word in words[1:] if word.value.startswith("-"))
        local = bool(self.calls) and "g" not in options and words[0].value in ("local", "declare", "typeset")
        if "f" in options and words[0].value != "local":
            for name in [word.value for word in words[1:] if not word.value.startswith("-")]:
                self.print_function(raw, name)
            return True
        if "F" in options or (words[0].value == "local" and not self.calls):
            return True
        if "p" in options:
            for name in [word.value for word in words[1:] if not word.value.startswith("-")]:
                self._print_variable(raw, name)
            return True
        kind: Kind = "reference" if "n" in options else "map" if "A" in options else ""
        changed = any(letter in options for letter in "ilucU")
        for word in raw.words[1:]:
            match = _ASSIGNED.match(word.value)
            name = match[1] if match else word.value
            if not _NAME.fullmatch(name):
                continue
            if local:
                self.make_local(name)
            if kind or (match is None and (local or "a" in options)):
                fresh: tuple[Content, ...] = (Items(()),) if kind == "map" or "a" in options else (UNSET,)
                if match is not None and kind == "reference":
                    self.put(name, Variable((UNSET,)))
                else:
                    self.assign(name, fresh, kind=kind or "")
        for name in self._declared(raw, exported="x" in options, mapping=kind == "map", local=local):
            variable = self.env.variable(name)
            if variable is None:
                continue
            if kind == "reference":
                self.put(name, variable._replace(kind="reference"))
            elif changed:
                self.put(name, variable._replace(choices=(UNKNOWN,), kind="changed"))
            if "x" in options:
                self.put(name, (self.env.variable(name) or variable)._replace(exported=True))
        return True

    def print_function(self, raw: RawCommand, name: str) -> None:
        raise NotImplementedError

    def _print_variable(self, raw: RawCommand, name: str) -> None:
        """`declare -p NAME`."""
        variable, content = self.env.variable(self.aim(name)), self.content(name)
        simple = isinstance(content, tuple) and known(content) and not re.search(r"[\"$`\\\n!]", text_of(content))
        if variable is None or variable.kind or not simple or not isinstance(content, tuple) or not content:
            self.print_unknown(raw)
            return
        flag = "-x" if variable.exported else "--"
        self.emit((self.place(f'declare {flag} {name}="', content[0]), *content, self.place('"\n', content[-1])))

    def _which(self, raw: RawCommand, words: Sequence[Argument]) -> bool | None:
        """`which NAME`, `command -v NAME`: the path of the command is known by its end."""
        names = [word for word in words[1:] if not word.value.startswith("-")]
        for word in names:
            if known(word.parts) and word.value == "nemotron":
                self.print_unknown(raw)
                self.emit((self.place("/", word.parts[0]), *word.parts, self.place("\n", word.parts[-1])))
            else:
                self.print_unknown(raw)
        return None

    def _declared(self, raw: RawCommand, *, exported: bool, mapping: bool = False, local: bool = False) -> list[str]:
        """Carry out the assignments of a declaration; gives all the names that it declares."""
        names: list[str] = []
        arrays = {array.name for array in raw.arrays}
        for array in raw.arrays:
            if local:
                self.make_local(array.name)
            self.assign_array(array.name, array.words, append=array.append, mapping=mapping)
            names.append(array.name)
        for word in (*(assignment.word for assignment in raw.assignments), *raw.words[1:]):
            match = _ASSIGNED.match(word.value)
            if match is None:
                if _NAME.fullmatch(word.value):
                    names.append(word.value)
            elif match[1] not in arrays and word.pieces and word.pieces[0].kind == "literal":
                self.assign_word(word, exported=exported or None, local=local)
                names.append(match[1])
            elif match[1] not in arrays:
                self.assign(match[1], (UNKNOWN,))
        return names

    def _unset(self, raw: RawCommand, words: Sequence[Argument]) -> bool | None:
        functions = any(word.value == "-f" for word in words)
        for word in words[1:]:
            name = word.value
            if functions:
                self.put(f"f:{name}", Functions((None,)))
            elif _NAME.fullmatch(name):
                self.put(name, Variable((UNSET,)))
            elif (match := re.fullmatch(r"([A-Za-z_]\w*)\[(.*)\]", name)) is not None:
                self._unset_item(match[1], match[2])
        return True

    def _unset_item(self, name: str, subscript: str) -> None:
        content = self.content(name)
        index = self.index(subscript, content) if isinstance(content, Items) else None
        if isinstance(content, Items) and isinstance(index, int) and index < 0:
            index = content.counted(index)
        if isinstance(content, Items) and index is not None and content.complete:
            variable = self.env.variable(name)
            kept = tuple(entry for entry in content.entries if entry[0] != index)
            self.assign(name, (Items(kept),), kind=variable.kind if variable else "")
        else:
            self.assign(name, (UNKNOWN,))

    def _set(self, raw: RawCommand, words: Sequence[Argument]) -> bool | None:
        index = 1
        while index < len(words) and words[index].value[:1] in ("-", "+") and words[index].parts[0].known:
            value = words[index].value
            if value in ("--", "-"):
                break
            if "o" in value[1:] and index + 1 < len(words):
                index += 1
                value = value[0] + {"allexport": "a", "noglob": "f"}.get(words[index].value, "")
            for letter in set(value[1:]) & {"a", "f"}:
                self.set_option(letter, value[0] == "-")
            index += 1
        explicit = index < len(words) and words[index].value in ("--", "-")
        if not explicit and index >= len(words):
            return True
        rest = words[index + 1 :] if explicit else words[index:]
        self.put(PARAMETERS, Variable((self.listed(word.parts for word in rest),)))
        return True

    def _shopt(self, raw: RawCommand, words: Sequence[Argument]) -> bool | None:
        options = "".join(word.value for word in words[1:] if word.value.startswith("-"))
        for word in words[1:]:
            if word.value in ("nullglob", "failglob", "lastpipe") and ("s" in options or "u" in options):
                self.set_option(word.value, "s" in options)
        return True

    def _shift(self, raw: RawCommand, words: Sequence[Argument]) -> bool | None:
        count = words[1].value if len(words) > 1 else "1"
        content = self.content(PARAMETERS)
        if not isinstance(content, Items) or not count.isdecimal() or len(count) > 4:
            self.put(PARAMETERS, Variable((UNKNOWN,)))
            return None
        items = content.values
        if OPEN in items[: int(count)]:
            items = [OPEN, *items[int(count) :]]
        elif int(count) <= len(items):
            items = items[int(count) :]
        else:
            return False if content.complete else None
        self.put(PARAMETERS, Variable((Items.of(items),)))
        return True

    def _getopts(self, raw: RawCommand, words: Sequence[Argument]) -> bool | None:
        for name in (*(word.value for word in words[2:3]), "OPTARG", "OPTIND"):
            self.assign(name, (UNKNOWN,))
        return None

    def _let(self, raw: RawCommand, words: Sequence[Argument]) -> bool | None:
        for word in words[1:]:
            if known(word.parts):
                self.compute(word.value, word.parts[0] if word.parts else None)
                continue
            for name in re.findall(r"[A-Za-z_]\w*", word.value):
                self.forget(name)
        return None

    def _alias_command(self, raw: RawCommand, words: Sequence[Argument]) -> bool | None:
        for word in words[1:]:
            match = _ALIAS.match(word.value)
            if match is not None:
                text = values.cut(word.parts, match.end(), len(word.value))
                if "-g" in (other.value for other in words) and is_zsh(self.layer.region.document):
                    self.global_aliases.add(match[1])
                self._set_alias(match[1], Alias(text if known(text) else None, self.layer, raw.end))
        return True

    def _set_alias(self, name: str, alias: Alias) -> None:
        self.put(f"a:{name}", alias)
        self.aliases.setdefault(name, []).append(alias)

    def _unalias(self, raw: RawCommand, words: Sequence[Argument]) -> bool | None:
        names = [word.value for word in words[1:]]
        for name in self.aliases if "-a" in names else names:
            self._set_alias(name, Alias(None, self.layer, raw.end))
        return True

    def _test(self, raw: RawCommand, words: Sequence[Argument]) -> bool | None:
        """`[ … ]`, `test …` and the plain forms of `[[ … ]]`."""
        name = words[0].value
        rest = list(words[1:])
        if name == "[[" and raw.words and raw.words[0].value == name:  # it splits nothing, and drops nothing
            rest = [Argument.of(self.whole(word.pieces)) for word in raw.words[1:]]
        if name != "test":
            if not rest or rest[-1].value not in ("]", "]]"):
                return None
            rest.pop()
        written = self.layer.text[raw.start + 2 : raw.end - 2]
        if name == "[[" and _COMPARISON.search(written) is not None:  # of expressions
            for match in _COUNTS.finditer(written):
                self.forget(match[1] or match[2])
        if name == "[[" and re.search(r"&&|\|\||[<>()*?\[]", written):
            return None
        negated = False
        while rest and rest[0].value == "!" and len(rest) > 1:
            negated = not negated
            rest.pop(0)
        if not all(known(word.parts) for word in rest):
            return None
        texts = [word.value for word in rest]
        result: bool | None = None
        if len(texts) == 1:
            result = bool(texts[0])
        elif len(texts) == 2 and texts[0] in ("-n", "-z"):
            result = bool(texts[1]) is (texts[0] == "-n")
        elif len(texts) == 3 and texts[1] in ("=", "==", "!="):
            result = (texts[0] == texts[2]) is (texts[1] != "!=")
        elif not texts:
            result = False
        return (not result) if negated and result is not None else result

    def _xargs(self, raw: RawCommand, words: Sequence[Argument]) -> bool | None:
        """`xargs` runs its command with what it reads."""
        index, replaced, per, by_line, end, path, unread = 1, "", 0, False, "", None, False
        while index < len(words) and words[index].value.startswith("-"):
            option = words[index].value
            index += 1
            if option in ("-I", "-n", "-L", "-d", "-P", "-s", "-E", "-a", "--max-args", "--max-procs", "--replace"):
                setting = words[index].value if index < len(words) else ""
                path = words[index] if option == "-a" and index < len(words) else path
                index += 1
            else:
                setting = option[2:]
            if option.startswith("-I"):
                replaced = setting or "{}"
            elif option[:2] in ("-n", "-L"):
                per = int(setting) if setting.isdecimal() and len(setting) < 6 else 0
                by_line = option[:2] == "-L"
            elif option[:2] == "-d" or option.startswith("--delimiter="):
                setting = option.partition("=")[2] or setting
                end = _escaped(setting[1:]) if setting[:1] == "\\" and len(setting) > 1 else setting[:1]
            elif option == "--null" or (option[1:2] != "-" and "0" in option):
                end = "\0"
            elif option.startswith(("--arg-file=", "--max-lines=", "--max-args=", "--replace=")):
                unread = True
        command = list(words[index:]) or [Argument.of((Fragment("echo", self.layer.region, raw.start, raw.end),))]
        # In a text for a shell, only an expansion is known to be unknown.
        mark = replaced if not replaced or find_nemotron(raw.words) is not None else "${_}"
        at = Fragment(mark or "$@", self.layer.region, raw.start, raw.end)
        unknown = at._replace(known=False, quoted=bool(replaced), kind="expansion")
        value = self._taken() if path is None else values.only(self.file(path.parts))
        if value is None or unread or not known(value):
            if replaced:
                self._run_words(raw, [_filled(word, replaced, (unknown,)) for word in command])
            elif find_nemotron(raw.words) is None:  # else it stays as it is written, and is known to get more
                self._run_words(raw, [*command, Argument.of((unknown,))])
            return None
        if replaced:
            for line in values.lines(value, end or "\n")[:_MAX_GROUPS]:
                if end or text_of(line).strip():
                    item = line if end else _stripped(line, " \t") or ()
                    self._run_words(raw, [_filled(word, replaced, item) for word in command])
            return None
        if by_line and not end:
            lines = [line for line in values.lines(value) if text_of(line).strip()]
            for number in range(0, min(len(lines), (per or 1) * _MAX_GROUPS), per or 1):
                found = [item for line in lines[number : number + (per or 1)] for item in _xargs_items(line)]
                self._run_words(raw, [*command, *map(Argument.of, found)])
            return None
        items = [tuple(f._replace(quoted=True) for f in line) for line in values.lines(value, end)] if end else []
        items = items or _xargs_items(value)
        size = per or max(len(items), 1)
        for start in range(0, min(len(items), size * _MAX_GROUPS), size):
            group = [Argument.of(item) for item in items[start : start + size]]
            self._run_words(raw, [*command, *group])
        return None

    def _run_words(self, raw: RawCommand, words: list[Argument]) -> None:
        raise NotImplementedError

    def _nothing(self, raw: RawCommand, words: Sequence[Argument]) -> bool | None:
        return True

    BUILTINS: ClassVar[dict[str, Callable[..., bool | None]]] = {
        ":": _true, "true": _true, "false": _false, "exit": _leave, "return": _leave, "break": _leave,
        "continue": _leave, "echo": _echo, "printf": _printf, "cat": _cat, "tee": _tee, "read": _read,
        "mapfile": _mapfile, "readarray": _mapfile, "export": _export, "declare": _declare, "typeset": _declare,
        "local": _declare, "readonly": _declare, "unset": _unset, "set": _set, "shift": _shift, "getopts": _getopts,
        "let": _let, "alias": _alias_command, "unalias": _unalias, "[": _test, "[[": _test, "test": _test,
        "xargs": _xargs, "shopt": _shopt, "which": _which, "print": _print_words, "cd": _nothing, "pushd": _nothing,
        "popd": _nothing,
        "hash": _hash, "sed": _sed, "rev": _rev, "tr": _tr, "cp": _copy, "mv": _copy, "ln": _copy,
        **dict.fromkeys(_FILTERS, _filter), **dict.fromkeys(_CHANGERS, _change),
    }  # fmt: skip


def _set_of(text: str) -> str | None:
    """The characters of a set of `tr`, in order; None for one that is not followed."""
    for name, letters in _CLASSES.items():
        text = text.replace(name, letters)
    if "[:" in text or "[=" in text or "*]" in text or not text.isascii():
        return None
    items = [
        _escaped(item[1:]) if item[0] == "\\" and (item[1] in _LETTERS or item[1].isdigit()) else item[-1]
        for item in _SET_ITEM.findall(text)
    ]
    found, at = "", 0
    while at < len(items):
        first, last = items[at], items[at + 2] if items[at + 1 : at + 2] == ["-"] and at + 2 < len(items) else ""
        if last and not first <= last:
            return None
        found += "".join(map(chr, range(ord(first), ord(last) + 1))) if last else first
        if len(found) > _MAX_SET:
            return None
        at += 3 if last else 1
    return found


def may_print(text: str) -> bool:
    """True for a program in another language that may print the command."""
    return ("nemotron" in text or is_turned(text)) and _PRINTS.search(text) is not None


def _printing(words: Sequence[Argument]) -> Value:
    """The words that name a run, which a command may print."""
    named = (word for word in words if MENTION.search(word.value) or is_turned(word.value))
    return tuple(fragment for word in named for fragment in word.parts)


def _replaced(value: Value, match: re.Match[str]) -> Value | None:
    """What `s/old/new/` makes of a value, None where nobody knows."""
    if not known(value):
        return None
    old, new, everywhere = match[2].replace("\\", ""), match[3].replace("\\", ""), match[4]
    found: list[Fragment] = []
    for line in values.lines(value):
        text, at = text_of(line), 0
        while line and (start := text.find(old, at)) >= 0:
            found += values.cut(line, at, start)
            if new:
                found.append(values.cut(line, start, start + len(old))[0]._replace(text=new))
            at = start + len(old)
            if not everywhere:
                break
        found += values.cut(line, at, len(text))
        if line:
            found.append(line[-1]._replace(text="\n", start=line[-1].end))
    return tuple(found)


def _files_of(words: Sequence[Argument]) -> list[Argument]:
    """The files that a filter reads, none where it reads its input."""
    name, operands, index = base(words[0].value), list[Argument](), 1
    valued, given = _VALUED.get(name, ""), ""
    while index < len(words):
        value = words[index].value
        if value.startswith("-") and len(value) > 1:
            letters = "" if value.startswith("--") else value[1:]
            given += letters
            index += letters[-1:] != "" and letters[-1] in valued
        elif value != "-":
            operands.append(words[index])
        index += 1
    # The first operand of `grep` is a pattern, and those of `envsubst` are no files.
    skip = name.endswith("grep") and not {"e", "f"} & set(given)
    return [] if name == "envsubst" else operands[skip:]


def path_name(path: Value) -> str:
    """The name of a file as it is kept."""
    text = text_of(path)
    while text.startswith("./"):
        text = text[2:]
    return text


def _stripped(value: Value, blanks: str) -> Value | None:
    """A value without blanks at its ends, None where nobody knows which blanks are there."""
    if not value or not blanks:
        return value
    text = text_of(value)
    start = end = 0
    if value[0].known:
        start = len(text) - len(text.lstrip(blanks))
    elif text_of(value[1:2])[:1] in set(blanks) and value[1].known:
        return None
    if value[-1].known:
        end = len(text.rstrip(blanks))
    elif len(value) > 1 and value[-2].known and value[-2].text[-1:] in set(blanks):
        return None
    else:
        end = len(text)
    return values.cut(value, start, max(start, end)) if (start, end) != (0, len(text)) else value


def _escaped(rest: str) -> str:
    """The character that an escape without its backslash stands for."""
    if rest[0] in _LETTERS:
        return _LETTERS[rest[0]]
    return chr(int(rest[1:], 16) if rest[0] == "x" else int(rest or "0", 8) & 0xFF)


def _unescaped(value: Value) -> Value:
    """What `echo -e` makes of a value."""
    found: list[Fragment] = []
    for fragment in value:
        if not fragment.known or "\\" not in fragment.text:
            found.append(fragment)
            continue
        at = 0
        for match in _ESCAPE.finditer(fragment.text):
            if at < match.start():
                found.append(fragment.cut(at, match.start()))
            here = fragment.cut(*match.span())
            found.append(here._replace(text=_escaped(match.group()[1:])))
            at = match.end()
        if at < len(fragment.text):
            found.append(fragment.cut(at, len(fragment.text)))
    return tuple(found)


def _unbackslashed(value: Value) -> Value:
    """A line as `read` without `-r` takes it."""
    if not any("\\" in fragment.text for fragment in value if fragment.known):
        return value
    found: list[Fragment] = []
    for fragment in value:
        if not fragment.known:
            found.append(fragment)
            continue
        at = 0
        for match in re.finditer(r"\\(\n?)", fragment.text):
            if at < match.start():
                found.append(fragment.cut(at, match.start()))
            at = match.end()
        if at < len(fragment.text):
            found.append(fragment.cut(at, len(fragment.text)))
    return tuple(found)


def _quoted(word: Argument) -> Value | None:
    """What `printf %q` makes of a word, None where nobody knows."""
    if not known(word.parts):
        return None
    if re.fullmatch(r"[\w./:@%+,=-]+", word.value):
        return word.parts
    found: list[Fragment] = []
    for fragment in word.parts:
        text = re.sub(r"[^\w./:@%+,=-]", lambda match: "\\" + match.group(), fragment.text)
        if "\n" in text or not text.isascii():
            return None
        found.append(fragment._replace(text=text))
    return tuple(found) or None


def _filled(word: Argument, mark: str, value: Value) -> Argument:
    """A word with each `mark` replaced."""
    found: list[Fragment] = []
    at = 0
    while (start := word.value.find(mark, at)) >= 0:
        place = values.cut(word.parts, start, start + len(mark))[0]
        found += values.cut(word.parts, at, start)
        found += [fragment._replace(use=fragment.use or (place.start, place.end), quoted=True) for fragment in value]
        at = start + len(mark)
    if not at:
        return word
    return Argument.of((*found, *values.cut(word.parts, at, len(word.value))))


def _xargs_items(value: Value) -> list[Value]:
    """The words of what `xargs` reads."""
    return [_dequoted(values.cut(value, *match.span())) for match in _XARGS_WORD.finditer(text_of(value))]


def _dequoted(value: Value) -> Value:
    """A word of what `xargs` reads, without its quotes."""
    text, found, at = text_of(value), list[Fragment](), 0
    for match in re.finditer(r"'([^'\n]*)'|\"([^\"\n]*)\"|\\(.)", text, re.DOTALL):
        group = next(number for number in (1, 2, 3) if match[number] is not None)
        found += values.cut(value, at, match.start())
        found += values.cut(value, *match.span(group))
        at = match.end()
    return tuple(fragment._replace(quoted=True) for fragment in (*found, *values.cut(value, at, len(text))))
