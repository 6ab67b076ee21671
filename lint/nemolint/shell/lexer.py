"""Reads words, quotes, substitutions and here-documents of a shell text, in linear time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from nemolint.base.patterns import lazily
from nemolint.shell.command import Piece, Word
from nemolint.shell.raw import Array, Backtick, Budget, HereDoc, RawCommand

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nemolint.document import Region

# Nesting of substitutions and quotes; deeper text is read flat.
MAX_DEPTH = 64
_MAX_PARAMETER = 16_384
BLANK = lazily(r"(?:[ \t\0]|\\(?:\r\n|\n|\r))+")
_PLAIN = lazily(r"[^\s'\"\\$`;&|()<>{\[\]}\0]+|[\[\]}]+|[^\S \t\r\n\0]+")
NEWLINE = lazily(r"\r\n|\n|\r")
_EOL = lazily(r"[\r\n]")
REDIRECT = lazily(r"(?:\d+|\{\w+\})?(?:<<<|<<-?|<&|<>|>>|>\||>&|&>>|&>|<|>)")
_PLACEHOLDER_DOC = lazily(r"<(?![\s&(<>=|])[^<>\r\n`'\"$;&()\\]{0,78}[^<>\s`'\"$;&()\\|-]>")
_PLACEHOLDER_SCRIPT = lazily(r"<[A-Za-z_](?:(?:[\w./:-]| (?!\|)|\|(?! )){0,78}[\w./])?>|<(?:\.\.\.|…)>")
# `<file 2>err` and `</dev/null>log` are redirections.
_NOT_PLACEHOLDER = lazily(r"\s\d+>$|/dev/")
ASSIGNMENT = lazily(r"([A-Za-z_]\w*)(?:\[[^\]\n]*\])?(\+?)=")
_VARIABLE = lazily(r"\$(?:[A-Za-z_]\w*|[0-9@*#?$!-])")
_ANSI = lazily(r"\$'[^'\\]*+(?:\\.[^'\\]*+)*+'", re.DOTALL)
_ANSI_ESCAPE = lazily(r"\\(?:x[0-9A-Fa-f]{1,2}|u[0-9A-Fa-f]{1,4}|U[0-9A-Fa-f]{1,8}|[0-7]{1,3}|c.|.)", re.DOTALL)
_ANSI_LETTERS = dict(zip("abeEfnrtv", "\a\b\x1b\x1b\f\n\r\t\v", strict=True))
_BACKTICK = lazily(r"`[^`\\]*+(?:\\.[^`\\]*+)*+`", re.DOTALL)
_DOUBLE_PLAIN = lazily(r"[^\"\\$`\0\r{]+")
_PARAMETER_PLAIN = lazily(r"[^}'\"\\$`\r\n{]+")
_BODY_PLAIN = lazily(r"[^\\$`]+")
_ARITHMETIC_PLAIN = lazily(r"[^()'\"\\]+")
_PROMPT = lazily(r"[ \t]*\$[ \t]+(?=\S)")
_OPENING_RUN = lazily(r"(?:[$<>]?\()+")
_LINE_HEAD = lazily(r"[ \t\0]*(?:[{$]|\\[\r\n])")
_QUOTE_BREAK = lazily(r"\0|\r(?=\n)|\$?\{\{")
# `${ commands; }` and `${| commands; }`, which bash reads in the same shell since 5.3; `${ name }` is no shell at all.
_IN_SHELL = lazily(r"\$\{[ \t\n|][^}]*[;&\n][ \t]*\}\Z")


class _Frame(NamedTuple):
    """What a failed attempt has to forget."""

    out: int
    comments: int
    backticks: int
    recovered: int
    spans: int
    multiline: int
    pending: int


class Lexer:
    """Reads stretches of one region's text.

    `text` may differ from the region's own at equal length: a NUL is dropped, as bash drops it (prompts are masked so).
    `doc` says that the text is documentation, where `<a|b>` and `[x | y]` are usage grammar. `literal` holds offsets
    of quotes that a former attempt found to be mere characters. `opaque` gives the ends, by their starts, of expansions
    that the shell around this text has carried out already.
    """

    def __init__(
        self,
        region: Region,
        text: str,
        *,
        doc: bool,
        budget: Budget,
        literal: frozenset[int] = frozenset(),
        opaque: Mapping[int, int] | None = None,
    ) -> None:
        self.region = region
        self.text = text
        self.doc = doc
        self.budget = budget
        self.literal = literal
        self.opaque = opaque or {}
        self.i = 0
        self.end = len(text)
        self.out: list[RawCommand] = []
        self.comments: list[tuple[int, int]] = []
        self.backticks: list[Backtick] = []
        self.recovered: list[int] = []
        self.spans: list[tuple[int, int]] = []
        # Quotations over several lines: offset of the opening quote, of its line's end, of the closing quote.
        self.multiline: list[tuple[int, int, int]] = []
        # Where the nesting was too deep to be followed.
        self.flat: list[int] = []
        self.heredoc_spans: list[tuple[int, int]] = []
        self.pending: list[HereDoc] = []
        self._found: dict[str, tuple[int, int]] = {}
        self._lines: dict[str, list[int]] | None = None
        self._placeholder = _PLACEHOLDER_DOC if doc else _PLACEHOLDER_SCRIPT

    def run(self, start: int, end: int) -> None:
        """Slice `text[start:end]` as a script of its own."""
        self.i, self.end = start, end
        self.pending = []
        self.line_start()
        self.commands("", 0)

    def body(self, start: int, end: int) -> None:
        """Read the substitutions of an unquoted here-document's body."""
        self.i, self.end = start, end
        self.pending = []
        self.substitutions(end, 0)

    # Lookup that costs linear time in total.

    def find(self, token: str, start: int) -> int:
        """Offset of the next `token` at or after `start` and inside the stretch, else -1."""
        since, at = self._found.get(token, (1, 0))
        if not since <= start <= at:
            at = self.text.find(token, start)
            if at < 0:
                at = len(self.text)
            self._found[token] = (start, at)
        return at if at + len(token) <= self.end else -1

    def _eol(self, start: int) -> int:
        """Offset of the line's end."""
        since, at = self._found.get("\n\r", (1, 0))
        if not since <= start <= at:
            match = _EOL.search(self.text, start)
            at = match.start() if match else len(self.text)
            self._found["\n\r"] = (start, at)
        return min(at, self.end)

    def same_line(self, token: str, start: int) -> bool:
        return 0 <= self.find(token, start) < self._eol(start)

    def mark(self) -> _Frame:
        return _Frame(
            len(self.out),
            len(self.comments),
            len(self.backticks),
            len(self.recovered),
            len(self.spans),
            len(self.multiline),
            len(self.pending),
        )

    def forget(self, frame: _Frame) -> None:
        del self.out[frame.out :]
        del self.comments[frame.comments :]
        del self.backticks[frame.backticks :]
        del self.recovered[frame.recovered :]
        del self.spans[frame.spans :]
        del self.multiline[frame.multiline :]
        del self.pending[frame.pending :]

    # Commands

    def commands(self, closer: str, depth: int) -> None:
        """Read commands up to the end of the stretch or an unmatched `closer`, where `i` is left."""
        raise NotImplementedError

    def line_start(self) -> None:
        """Skip what may stand before a line's first command: template tags, a prompt."""
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

    def heredocs(self) -> None:
        """At the start of a line: take the bodies of the here-documents that the line before announced."""
        pending, self.pending = self.pending, []
        for heredoc in pending:
            at, after = self._delimiter(heredoc, self.i)
            if at < 0:
                continue
            heredoc.start, heredoc.end = self.i, at
            self.heredoc_spans.append((self.i, after))
            self.i = after

    def _delimiter(self, heredoc: HereDoc, start: int) -> tuple[int, int]:
        """Start of the delimiter's line and of the line after it; (-1, -1) if there is none."""
        if self._lines is None:
            self._lines = {}
            at = 0
            for line in re.split(r"(?<=\n)|(?<=\r)(?!\n)", self.text):
                key = line.rstrip("\r\n").replace("\0", "")
                self._lines.setdefault(key, []).append(at)
                if key.startswith("\t"):
                    self._lines.setdefault("\t" + key.lstrip("\t"), []).append(at)
                at += len(line)
        keys = [heredoc.delimiter]
        if heredoc.tabs:
            keys.append("\t" + heredoc.delimiter)
        best = -1
        for key in keys:
            places = self._lines.get(key, [])
            index = _bisect(places, start)
            if index < len(places) and (best < 0 or places[index] < best):
                best = places[index]
        if best < 0 or best >= self.end:
            return -1, -1
        stop = self._eol(best)
        newline = NEWLINE.match(self.text, stop, self.end)
        return best, newline.end() if newline else stop

    def arithmetic(self, start: int) -> int:
        """Offset past the `))` that closes the `((` before `start`, or -1 where this is no arithmetic."""
        text, i, depth = self.text, start, 2
        limit = min(self.end, start + _MAX_PARAMETER)
        if self.budget.ahead <= 0 or self.find("))", start) < 0:
            return -1
        while i < limit:
            match = _ARITHMETIC_PLAIN.match(text, i, limit)
            if match:
                i = match.end()
                continue
            char = text[i]
            i += 1
            if char == "\\":
                i += 1
            elif char in "'\"":
                close = text.find(char, i, limit)
                if close < 0:
                    break
                i = close + 1
            elif char == "(":
                depth += 1
            else:
                depth -= 1
                if depth == 1 and not text.startswith(")", i):
                    break
                if depth == 0:
                    self.budget.look(i - start)
                    return i
        self.budget.look(i - start)
        return -1

    # Words

    def word(self, depth: int, command: RawCommand | None = None, *, arrays: bool = False, head: str = "") -> Word:
        """Read the word at `i`, which stands at no blank and no operator (or, with `head`, is taken as literal).

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
        bare = i  # start of the literal stretch that is being read
        i += len(head)
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
                if text.startswith(("{{", "{%"), i):
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
                # A quote or `$` that opens nothing.
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
        """True if the `|` at `i` stands inside usage brackets (`[a | b]`, `{a|b}`) of a document."""
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
        """Read a `(` inside a word, if it may stand there, and leave `i` past what was read."""
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
        """Offset past the parenthesis that closes the one at `start`, at most the line's end."""
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
        """Read the words of `NAME=(…)` from behind its parenthesis to past the closing one."""
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

    def comment(self) -> None:
        stop = self._eol(self.i)
        self.comments.append((self.i, stop))
        self.i = stop

    def _angle(self, i: int, depth: int, pieces: list[Piece]) -> int:
        """Read a process substitution or a placeholder; returns `i` where a redirection stands."""
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
        match = self._placeholder.match(self.text, i, self.end)
        return match.end() if match and not _NOT_PLACEHOLDER.search(match.group()) else i

    def redirects(self, i: int) -> bool:
        """True if a redirection begins at `i`, where a word could."""
        match = REDIRECT.match(self.text, i, self.end)
        if match is None:
            return False
        if self.text[i] not in "<>":
            return True
        return not (self.text.startswith("(", i + 1) or self._placeholder_end(i) > i)

    def _template(self, i: int, pieces: list[Piece], *, quoted: bool) -> int:
        """Read `{{ … }}`, `${{ … }}` or `{% … %}` on one line; returns `i` if there is none."""
        close = "%}" if self.text.startswith("{%", i) else "}}"
        if not self.same_line(close, i):
            return i
        after = self.find(close, i) + 2
        pieces.append(Piece("expansion", self.text[i:after], i, after, quoted))
        return after

    def _single(self, i: int, pieces: list[Piece]) -> int:
        """Read `'…'`; a quote that nothing closes is a character (returns `i`)."""
        close = -1 if i in self.literal else self.find("'", i + 1)
        if close < 0:
            self.recovered.append(i)
            return i
        self._single_pieces(i + 1, close, pieces)
        self._note_lines(i, close)
        return close + 1

    def _note_lines(self, start: int, stop: int) -> None:
        line_end = self._eol(start)
        if line_end < stop:
            self.multiline.append((start, line_end, stop))

    def _single_pieces(self, start: int, stop: int, pieces: list[Piece]) -> None:
        """Pieces of single-quoted text: NULs and the CR of CRLF are dropped, templates stay unknown."""
        text, at, count = self.text, start, len(pieces)
        position = start
        while position < stop:
            match = _QUOTE_BREAK.search(text, position, stop)
            if match is None:
                break
            found: list[Piece] = []
            after = match.end()
            if match.group().endswith("{{"):
                after = self._template(match.start(), found, quoted=True)
                if after == match.start() or after > stop:
                    position = match.end()
                    continue
            if at < match.start():
                pieces.append(Piece("single", text[at : match.start()], at, match.start()))
            pieces.extend(found)
            at = position = after
        if at < stop or count == len(pieces):
            pieces.append(Piece("single", text[at:stop], at, stop))

    def _double(self, i: int, depth: int, pieces: list[Piece] | None) -> int:
        """Read `"…"`; a quote that nothing closes is a character (returns `i`)."""
        if i in self.literal or depth >= MAX_DEPTH or self.budget.left <= 0 or self.find('"', i + 1) < 0:
            self.recovered.append(i)
            return i
        frame, text = self.mark(), self.text
        found: list[Piece] = []
        at = i + 1  # start of the stretch of plain text
        j = i + 1
        while j < self.end:
            match = _DOUBLE_PLAIN.match(text, j, self.end)
            if match:
                j = match.end()
                if j >= self.end:
                    break
            char = text[j]
            after = j
            inner: list[Piece] = []
            if char == '"':
                if at < j or not found:
                    found.append(Piece("double", text[at:j], at, j, True))
                if pieces is not None:
                    pieces.extend(found)
                self._note_lines(i, j)
                return j + 1
            if char == "\\":
                newline = NEWLINE.match(text, j + 1, self.end)
                if newline:
                    after = newline.end()
                elif text[j + 1 : j + 2] in ("$", "`", '"', "\\") and j + 1 < self.end:
                    after = j + 2
                    inner.append(Piece("escaped", text[j + 1], j, after, True))
            elif char == "\0" or text.startswith("\r\n", j):
                after = j + 1
            elif char == "{":
                if text.startswith("{{", j):
                    after = self._template(j, inner, quoted=True)
            elif char != "\r":
                after = self._expansion(j, depth + 1, quoted=True)
                if after > j:
                    inner.append(Piece("expansion", text[j:after], j, after, True))
            if after == j:
                j += 1
                continue
            if at < j:
                found.append(Piece("double", text[at:j], at, j, True))
            found.extend(inner)
            at = j = after
        self.recovered.append(i)
        if not self.budget.spend(self.end - i):
            # Too costly to be read once more: let it end with the text.
            if pieces is not None:
                pieces.extend(found)
            return self.end
        self.forget(frame)
        self.recovered.append(i)
        return i

    def _dollar(self, i: int, depth: int, pieces: list[Piece]) -> int:
        """Read what a bare `$` or backtick begins; returns `i` if that is nothing."""
        text = self.text
        if text.startswith('$"', i):
            after = self._double(i + 1, depth, pieces)
            return after if after > i + 1 else i
        if text.startswith("$'", i):
            match = None
            if self.budget.ahead > 0 and self.find("'", i + 2) >= 0:
                match = _ANSI.match(text, i, self.end)
                if match is None:
                    self.budget.look(self.end - i)
            if match is None:
                self.recovered.append(i + 1)
                return i
            self._ansi(i + 2, match.end() - 1, pieces)
            return match.end()
        after = self._expansion(i, depth, quoted=False)
        if after > i:
            pieces.append(Piece("expansion", text[i:after], i, after))
        return after

    def _ansi(self, start: int, stop: int, pieces: list[Piece]) -> None:
        at, count = start, len(pieces)
        for match in _ANSI_ESCAPE.finditer(self.text, start, stop):
            if at < match.start():
                pieces.append(Piece("single", self.text[at : match.start()], at, match.start()))
            pieces.append(Piece("single", _ansi_character(match.group()), match.start(), match.end()))
            at = match.end()
        if at < stop or count == len(pieces):
            pieces.append(Piece("single", self.text[at:stop], at, stop))

    def _expansion(self, i: int, depth: int, *, quoted: bool) -> int:
        """Offset past the expansion at `i` (`$…` or a backtick), or `i` if there is none."""
        text = self.text
        if i in self.opaque:
            return min(self.opaque[i], self.end)
        if text[i] == "`":
            return self._backtick(i, depth, quoted)
        if text.startswith("${", i):
            if text.startswith("${{", i):
                return self._template(i, [], quoted=quoted)
            frame = self.mark()
            after = self._parameter(i, depth, quoted)
            if _IN_SHELL.match(text, i, after) and text.find("${", i + 3, after) < 0:
                self.forget(frame)
                outer, self.i, self.end = self.end, i + 3, after - 1
                self.commands("", depth + 1)
                self.end = outer
            return after
        if text.startswith("$(", i):
            return self._substitution(i, depth)
        match = _VARIABLE.match(text, i, self.end)
        return match.end() if match else i

    def _substitution(self, i: int, depth: int) -> int:
        """Read `$(…)`, `$((…))`, `<(…)` or `>(…)`. One that nothing closes extends to the end."""
        if depth >= MAX_DEPTH:
            self.flat.append(i)
            match = _OPENING_RUN.match(self.text, i, self.end)
            return match.end() if match else i
        if self.text.startswith("$((", i):
            after = self.arithmetic(i + 3)
            if after >= 0:
                outer, self.end = self.end, after - 2
                self.i = i + 3
                self.substitutions(after - 2, depth + 1)
                self.end = outer
                self.spans.append((i, after))
                return after
        self.i = i + 2
        self.commands(")", depth + 1)
        if self.i < self.end:
            self.i += 1
        return self.i

    def substitutions(self, stop: int, depth: int) -> None:
        """Read the expansions of `text[i:stop]`, where quotes mean nothing."""
        text, i = self.text, self.i
        while i < stop:
            match = _BODY_PLAIN.match(text, i, stop)
            if match:
                i = match.end()
                continue
            if text[i] == "\\":
                i += 2
                continue
            after = self._expansion(i, depth, quoted=True)
            i = after if after > i else i + 1
        self.i = i

    def _backtick(self, i: int, depth: int, quoted: bool) -> int:
        match = None
        if depth < MAX_DEPTH and self.budget.ahead > 0 and self.find("`", i + 1) >= 0:
            match = _BACKTICK.match(self.text, i, self.end)
            if match is None:
                self.budget.look(self.end - i)
        if match is None:
            return i
        start, stop = i + 1, match.end() - 1
        if "\\" in match.group():
            self.backticks.append(Backtick(start, stop, quoted))
            return match.end()
        outer, pending = self.end, self.pending
        self.i, self.end, self.pending = start, stop, []
        self.commands("", depth + 1)
        self.end, self.pending = outer, pending
        return match.end()

    def _parameter(self, i: int, depth: int, quoted: bool) -> int:
        """Read `${…}`; returns `i` where nothing closes it."""
        if depth >= MAX_DEPTH or self.budget.left <= 0 or self.find("}", i + 2) < 0:
            return i
        frame, text, j = self.mark(), self.text, i + 2
        limit = min(self.end, i + _MAX_PARAMETER)
        while j < limit:
            match = _PARAMETER_PLAIN.match(text, j, limit)
            if match:
                j = match.end()
                continue
            char = text[j]
            after = j
            if char == "}":
                return j + 1
            if char == "\\":
                after = j + 2
            elif char == "'" and not quoted:
                close = self.find("'", j + 1)
                after = close + 1 if 0 <= close < limit else j
            elif char == '"':
                after = self._double(j, depth + 1, None)
            elif char in "$`":
                after = self._expansion(j, depth + 1, quoted=quoted)
            elif char in "\r\n" and NEWLINE.match(text, j + 1, limit) and not text.startswith("\r\n", j):
                break
            j = after if after > j else j + 1
        if not self.budget.spend(j - i):
            return min(j, self.end)
        self.forget(frame)
        return i


def _count(command: RawCommand, text: str) -> None:
    """Follow usage brackets over a stretch of bare text."""
    opened = text.count("[") - text.count("]") - text.count("}")
    if opened:
        command.brackets = max(0, command.brackets + opened)


def _ansi_character(escape: str) -> str:
    """The character that an escape of `$'…'` stands for."""
    letter, rest = escape[1], escape[2:]
    if letter in _ANSI_LETTERS:
        return _ANSI_LETTERS[letter]
    if letter in "xuU" and rest:
        code = int(rest, 16)
        return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else escape
    if letter in "01234567":
        return chr(int(escape[1:], 8) & 0xFF)
    if letter == "c" and rest:
        return chr(ord(rest) & 0x1F)
    return letter if letter in "\\'\"?" else escape


def _bisect(places: list[int], start: int) -> int:
    low, high = 0, len(places)
    while low < high:
        middle = (low + high) // 2
        if places[middle] < start:
            low = middle + 1
        else:
            high = middle
    return low
