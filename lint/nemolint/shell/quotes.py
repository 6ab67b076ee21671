"""Reads quotes, expansions and substitutions of shell text; a substitution contains commands again."""

from __future__ import annotations

import re

from nemolint.base.patterns import lazily
from nemolint.shell.command import Piece
from nemolint.shell.raw import Backtick, HereDoc, ListItem
from nemolint.shell.stretch import NEWLINE, Stretch

# Nesting of substitutions and quotes; deeper text is read flat.
MAX_DEPTH = 64
_MAX_PARAMETER = 16_384
_VARIABLE = lazily(r"\$(?:[A-Za-z_]\w*|[0-9@*#?$!-])")
_ANSI = lazily(r"\$'[^'\\]*+(?:\\.[^'\\]*+)*+'", re.DOTALL)
_ANSI_ESCAPE = lazily(r"\\(?:x[0-9A-Fa-f]{1,2}|u[0-9A-Fa-f]{1,4}|U[0-9A-Fa-f]{1,8}|[0-7]{1,3}|c.|.)", re.DOTALL)
_ANSI_LETTERS = dict(zip("abeEfnrtv", "\a\b\x1b\x1b\f\n\r\t\v", strict=True))
_BACKTICK = lazily(r"`[^`\\]*+(?:\\.[^`\\]*+)*+`", re.DOTALL)
_DOUBLE_PLAIN = lazily(r"[^\"\\$`\0\r{]+")
_PARAMETER_PLAIN = lazily(r"[^}'\"\\$`\r\n{]+")
_BODY_PLAIN = lazily(r"[^\\$`]+")
_ARITHMETIC_PLAIN = lazily(r"[^()'\"\\]+")
_OPENING_RUN = lazily(r"(?:[$<>]?\()+")
_QUOTE_BREAK = lazily(r"\0|\r(?=\n)|\$?\{\{")
# The same, and what the outer shell has put in.
_OPAQUE_BREAK = lazily(r"\0|\r(?=\n)|\$?\{\{|[$`{]")
# `${ commands; }` and `${| commands; }`, which bash runs in the same shell since 5.3; `${ name }` is not shell.
_IN_SHELL = lazily(r"\$\{[ \t\n|][^}]*[;&\n][ \t]*\}\Z")


class Quotes(Stretch):
    """Reads what a quote, a `$` or a backtick begins. `depth` counts the enclosing substitutions and quotes."""

    def commands(self, closer: str, depth: int) -> list[ListItem]:
        """Read commands up to the end of the stretch or an unmatched `closer`, where `i` is left."""
        raise NotImplementedError

    def body(self, heredoc: HereDoc) -> None:
        """Read the pieces and substitutions of an unquoted here-document's body."""
        self.i, self.end = heredoc.start, heredoc.end
        self.pending = []
        heredoc.pieces = []
        self.substitutions(heredoc.end, 0, heredoc.pieces)

    def operand(self, start: int, stop: int, *, quoted: bool) -> list[Piece]:
        """The pieces of the word `start:stop` inside `${…}`. Its substitutions were read together with the whole."""
        known = self._operands.get((start, quoted))
        if known is not None:
            return known
        frame, lists, left, ahead = self.mark(), self.lists, self.budget.left, self.budget.ahead
        end, self.end, self.lists = self.end, stop, {}
        pieces: list[Piece] = []
        text, i, bare = self.text, start, start
        while i < stop:
            found: list[Piece] = []
            char, after = text[i], i
            if char == "\\" and i + 1 < stop:
                after = i + 2
                if not quoted or text[i + 1] in '$`"\\':
                    found.append(Piece("escaped", text[i + 1], i, after, quoted))
                else:
                    found.append(Piece("double", text[i:after], i, after, True))
            elif char == "'" and not quoted:
                after = self._single(i, found)
            elif char == '"':
                after = self._double(i, MAX_DEPTH - 8, found)
            elif char in "$`":
                after = self._expansion(i, MAX_DEPTH - 8, quoted=quoted)
                if after > i:
                    found.append(Piece("expansion", text[i:after], i, after, quoted))
            if after == i:
                i += 1
                continue
            if bare < i:
                pieces.append(Piece("double" if quoted else "literal", text[bare:i], bare, i, quoted))
            pieces += found
            bare = i = after
        if bare < stop:
            pieces.append(Piece("double" if quoted else "literal", text[bare:stop], bare, stop, quoted))
        self.forget(frame)
        self.end, self.lists, self.budget.left, self.budget.ahead = end, lists, left, ahead
        self._operands[start, quoted] = pieces
        return pieces

    def arithmetic(self, start: int) -> int:
        """Offset after the `))` that closes the `((` before `start`, or -1 if this is not arithmetic."""
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

    def _template(self, i: int, pieces: list[Piece], *, quoted: bool) -> int:
        """Read `{{ … }}`, `${{ … }}` or `{% … %}` on one line; returns `i` if there is none."""
        close = "%}" if self.text.startswith("{%", i) else "}}"
        if not self.same_line(close, i):
            return i
        after = self.find(close, i) + 2
        pieces.append(Piece("expansion", self.text[i:after], i, after, quoted))
        return after

    def _single(self, i: int, pieces: list[Piece]) -> int:
        """Read `'…'`; an unclosed quote is a character (returns `i`)."""
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
        breaks = _OPAQUE_BREAK if self.opaque else _QUOTE_BREAK
        while position < stop:
            match = breaks.search(text, position, stop)
            if match is None:
                break
            found: list[Piece] = []
            after = match.end()
            if match.group() in ("$", "`", "{"):
                after = min(self.opaque.get(match.start(), 0), stop)
                if after <= match.start():
                    position = match.end()
                    continue
                found.append(Piece("expansion", text[match.start() : after], match.start(), after, True))
            elif match.group().endswith("{{"):
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
        """Read `"…"`; an unclosed quote is a character (returns `i`)."""
        if i in self.literal or depth >= MAX_DEPTH or self.budget.left <= 0 or self.find('"', i + 1) < 0:
            self.recovered.append(i)
            return i
        frame, text = self.mark(), self.text
        found: list[Piece] = []
        at = i + 1  # start of the current plain text
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
                if j in self.opaque:
                    after = self._expansion(j, depth + 1, quoted=True)
                    inner.append(Piece("expansion", text[j:after], j, after, True))
                elif text.startswith("{{", j):
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
            # The budget for reading it again is used up: let it end with the text.
            if pieces is not None:
                pieces.extend(found)
            return self.end
        self.forget(frame)
        self.recovered.append(i)
        return i

    def _dollar(self, i: int, depth: int, pieces: list[Piece]) -> int:
        """Read what a bare `$` or backtick begins; returns `i` if it begins nothing."""
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
        """Offset after the expansion at `i` (`$…` or a backtick), or `i` if there is none."""
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
                self.lists[i] = self.commands("", depth + 1)
                self.end = outer
            return after
        if text.startswith("$(", i):
            return self._substitution(i, depth)
        match = _VARIABLE.match(text, i, self.end)
        return match.end() if match else i

    def _substitution(self, i: int, depth: int) -> int:
        """Read `$(…)`, `$((…))`, `<(…)` or `>(…)`. An unclosed one extends to the end."""
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
        self.lists[i] = self.commands(")", depth + 1)
        if self.i < self.end:
            self.i += 1
        return self.i

    def substitutions(self, stop: int, depth: int, pieces: list[Piece] | None = None) -> None:
        """Read the expansions of `text[i:stop]`, where quotes have no meaning; each is added to `pieces`."""
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
            if pieces is not None and after > i:
                pieces.append(Piece("expansion", text[i:after], i, after, True))
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
        self.lists[i] = self.commands("", depth + 1)
        self.end, self.pending = outer, pending
        return match.end()

    def _parameter(self, i: int, depth: int, quoted: bool) -> int:
        """Read `${…}`; returns `i` if it is not closed."""
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


def _ansi_character(escape: str) -> str:
    """The character that an escape of `$'…'` represents."""
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
