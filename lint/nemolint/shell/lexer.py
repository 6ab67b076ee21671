"""Reads the words of a shell text, with the arrays, comments, redirections and placeholders between them."""

from __future__ import annotations

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.shell.command import Piece, Word
from nemolint.shell.quotes import Quotes
from nemolint.shell.raw import Array, RawCommand
from nemolint.shell.stretch import NEWLINE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

BLANK = lazily(r"(?:[ \t\0]|\\(?:\r\n|\n|\r))+")
_PLAIN = lazily(r"[^\s'\"\\$`;&|()<>{\[\]}\0]+|[\[\]}]+|[^\S \t\r\n\0]+")
REDIRECT = lazily(r"(?:\d+|\{\w+\})?(?:<<<|<<-?|<&|<>|>>|>\||>&|&>>|&>|<|>)")
_PLACEHOLDER_DOC = lazily(r"<(?![\s&(<>=|])[^<>\r\n`'\"$;&()\\]{0,78}[^<>\s`'\"$;&()\\|-]>")
_PLACEHOLDER_SCRIPT = lazily(r"<[A-Za-z_](?:(?:[\w./:-]| (?!\|)|\|(?! )){0,78}[\w./])?>|<(?:\.\.\.|…)>")
# `<file 2>err` and `</dev/null>log` are redirections.
_NOT_PLACEHOLDER = lazily(r"\s\d+>$|/dev/")
ASSIGNMENT = lazily(r"([A-Za-z_]\w*)(?:\[[^\]\n]*\])?(\+?)=")
_ITEM = lazily(r"([A-Za-z_]\w*)\[[^\]\n]*\Z")
_ITEM_END = lazily(r"[^\]\n]*\](\+?)=")
# An index with blanks in it, which are none between words.
_SPACED_ITEM = lazily(r"[A-Za-z_]\w*\[(?=[^\]\s]*[ \t])[^\]\n'\"$`\\;|&<>(){}]{1,80}\]\+?=")
_PROMPT = lazily(r"[ \t]*\$[ \t]+(?=\S)")
_LINE_HEAD = lazily(r"[ \t\0]*(?:[{$]|\\[\r\n])")


class AssignedTo(NamedTuple):
    """The left side of `NAME=…`, `NAME+=…`, `NAME[subscript]=…`, and the pieces of what is assigned."""

    name: str
    subscript: str | None
    append: bool
    pieces: list[Piece]


def assignment(word: Word) -> AssignedTo | None:
    """What a word assigns to, None if it is no assignment."""
    first = word.pieces[0] if word.pieces else None
    if first is None or first.kind != "literal":
        return None
    if (match := ASSIGNMENT.match(first.text)) is not None:
        name, append = match[1], bool(match[2])
        subscript = first.text[len(name) + 1 : match.end() - 2 - append] if "[" in match.group() else None
        return AssignedTo(name, subscript, append, _from(word.pieces, 0, match.end()))
    if "[" not in first.text or (begun := _ITEM.fullmatch(first.text)) is None:
        return None
    # The subscript has quotes or expansions: `A[$i]=…`, `A[${#A[@]}]=…`.
    subscript = first.text[len(begun[1]) + 1 :]
    for number, piece in enumerate(word.pieces[1:], 1):
        if piece.kind != "literal":
            subscript += piece.text
        elif (match := _ITEM_END.match(piece.text)) is not None:
            append = bool(match[1])
            subscript += piece.text[: match.end() - 2 - append]
            return AssignedTo(begun[1], subscript, append, _from(word.pieces, number, match.end()))
        elif "]" in piece.text:
            return None
        else:
            subscript += piece.text
    return None


def _from(pieces: Sequence[Piece], number: int, offset: int) -> list[Piece]:
    """The pieces of a word from `offset` in one of them."""
    first = pieces[number]
    rest = first._replace(text=first.text[offset:], start=first.start + offset)
    return [*([rest] if rest.text else []), *pieces[number + 1 :]]


class Lexer(Quotes):
    """Reads a script word by word; `slicer.py` combines the words."""

    def run(self, start: int, end: int) -> None:
        """Slice `text[start:end]` as a separate script."""
        self.i, self.end = start, end
        self.pending = []
        self.line_start()
        self.roots.append(self.commands("", 0))

    def line_start(self) -> None:
        """Skip what may precede a line's first command: template tags, a prompt."""
        text = self.text
        if not _LINE_HEAD.match(text, self.i):
            return
        while True:
            match = BLANK.match(text, self.i, self.end)
            at = match.end() if match else self.i
            if text.startswith("{%", at) and self.same_line("%}", at):
                self.i = self.find("%}", at) + 2
                self.spans.append((at, self.i))
                continue
            if text.startswith("{#", at) and self.same_line("#}", at):
                self.i = self.find("#}", at) + 2
                self.spans.append((at, self.i))
                continue
            break
        prompt = _PROMPT.match(text, self.i, self.end)
        if prompt:
            self.i = prompt.end()

    def word(self, depth: int, command: RawCommand | None = None, *, arrays: bool = False, head: str = "") -> Word:
        """Read the word at `i`, which is neither at a blank nor at an operator (or, with `head`, is literal).

        `command` is the command it belongs to, for its bracket counts; with `arrays`, `NAME=(…)` is an array, which is
        appended to `command.arrays`.
        """
        text, end, region = self.text, self.end, self.region
        start = i = self.i
        if not head:
            plain = _PLAIN.match(text, i, end)
            if plain:
                stop = plain.end()
                if stop == end or text[stop] in " \t\n;":
                    self.i = stop
                    value = text[i:stop]
                    if command is not None and self.doc:
                        _count(command, value)
                    return Word(region, value, i, stop, (Piece("literal", value, i, stop),))
        pieces: list[Piece] = []
        bare = i  # start of the current literal stretch
        i += len(head)
        if arrays and not head and (item := _SPACED_ITEM.match(text, i, end)) is not None:
            i = item.end()
        stop = start
        while i < end:
            plain = _PLAIN.match(text, i, end)
            if plain:
                if command is not None and self.doc:
                    _count(command, plain.group())
                i = plain.end()
                continue
            char = text[i]
            after = i
            piece_list: list[Piece] = []
            if char in " \t\r\n;&":
                break
            if char == "\\":
                newline = NEWLINE.match(text, i + 1, end)
                if newline:
                    after = newline.end()
                elif i + 1 >= end:
                    after = end
                else:
                    after = i + 2
                    piece_list.append(Piece("escaped", text[i + 1], i, after))
            elif char == "\0":
                after = i + 1
            elif char == "'":
                after = self._single(i, piece_list)
            elif char == '"':
                after = self._double(i, depth, piece_list)
            elif char == "$" or char == "`":
                after = self._dollar(i, depth, piece_list)
            elif char == "{":
                if i in self.opaque:  # one word, whatever it is
                    after = self._expansion(i, depth, quoted=True)
                    piece_list.append(Piece("expansion", text[i:after], i, after, True))
                elif text.startswith(("{{", "{%"), i):
                    after = self._template(i, piece_list, quoted=False)
                if after == i:
                    if command is not None and self.doc:
                        command.brackets += 1
                    i += 1
                    continue
            elif char == "<" or char == ">":
                after = self._angle(i, depth, piece_list)
                if after == i:
                    break
            elif char == "(":
                if self._open_paren(i, bare, start, depth, pieces, command, arrays):
                    i = self.i
                    continue
                break
            elif char == ")":
                if command is None or not command.parens:
                    break
                command.parens -= 1
                i += 1
                continue
            elif command is not None and self.alternative(i, command):
                i += 1
                continue
            else:
                break
            if after == i:
                # A literal quote or `$`.
                i += 1
                continue
            if bare < i:
                pieces.append(Piece("literal", text[bare:i], bare, i))
                stop = i
            pieces.extend(piece_list)
            if piece_list:
                stop = after
            i = bare = after
        if bare < i:
            pieces.append(Piece("literal", text[bare:i], bare, i))
            stop = i
        self.i = i
        return Word(region, "".join(piece.text for piece in pieces), start, max(stop, start), tuple(pieces))

    def alternative(self, i: int, command: RawCommand) -> bool:
        """True if the `|` at `i` is inside usage brackets (`[a | b]`, `{a|b}`) of a document."""
        if not self.doc or command.brackets <= 0 or self.text[i] != "|":
            return False
        return self.same_line("]", i) or self.same_line("}", i)

    def _open_paren(
        self,
        i: int,
        bare: int,
        start: int,
        depth: int,
        pieces: list[Piece],
        command: RawCommand | None,
        arrays: bool,
    ) -> bool:
        """Read a `(` inside a word, if it is allowed there, and leave `i` after it."""
        text = self.text
        if not pieces and bare == start and arrays and command is not None:
            match = ASSIGNMENT.fullmatch(text, start, i)
            if match and self.find(")", i) >= 0:
                self.i = i + 1
                words = self._array_words(depth)
                command.arrays.append(Array(match[1], words, bool(match[2])))
                return True
        if bare < i and text[i - 1] in "@!?*+" and self.same_line(")", i):
            self.i = self._extglob(i)
            return True
        if command is not None and command.words and self.same_line(")", i):
            command.parens += 1
            self.i = i + 1
            return True
        return False

    def _extglob(self, start: int) -> int:
        """Offset after the parenthesis that closes the one at `start`, at most the line's end."""
        depth, limit = 0, self._eol(start)
        for i in range(start, limit):
            char = self.text[i]
            if char == "(":
                depth += 1
            elif char == ")":
                depth -= 1
                if not depth:
                    return i + 1
        return limit

    def _array_words(self, depth: int) -> tuple[Word, ...]:
        """Read the words of `NAME=(…)` from after its parenthesis to after the closing one."""
        text = self.text
        words: list[Word] = []
        while self.i < self.end:
            match = BLANK.match(text, self.i, self.end) or NEWLINE.match(text, self.i, self.end)
            if match:
                self.i = match.end()
                continue
            char = text[self.i]
            if char == ")":
                self.i += 1
                break
            if char == "#":
                self.comment()
                continue
            before = self.i
            word = self.word(depth)
            if self.i == before:
                self.i += 1
                continue
            words.append(word)
        return tuple(words)

    def _angle(self, i: int, depth: int, pieces: list[Piece]) -> int:
        """Read a process substitution or a placeholder; returns `i` for a redirection."""
        text = self.text
        if text.startswith("(", i + 1):
            after = self._substitution(i, depth)
            if after > i:
                pieces.append(Piece("expansion", text[i:after], i, after))
            return after
        after = self._placeholder_end(i)
        if after > i:
            pieces.append(Piece("placeholder", text[i:after], i, after))
        return after

    def _placeholder_end(self, i: int) -> int:
        match = (_PLACEHOLDER_DOC if self.doc else _PLACEHOLDER_SCRIPT).match(self.text, i, self.end)
        return match.end() if match and not _NOT_PLACEHOLDER.search(match.group()) else i

    def redirects(self, i: int) -> bool:
        """True if a redirection begins at `i`, where a word could begin."""
        match = REDIRECT.match(self.text, i, self.end)
        if match is None:
            return False
        if self.text[i] not in "<>":
            return True
        return not (self.text.startswith("(", i + 1) or self._placeholder_end(i) > i)


def _count(command: RawCommand, text: str) -> None:
    """Count usage brackets in bare text."""
    opened = text.count("[") - text.count("]") - text.count("}")
    if opened:
        command.brackets = max(0, command.brackets + opened)
