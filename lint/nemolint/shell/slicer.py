"""Finds the simple commands of a shell text, in linear time.

It is not a shell grammar: it only tracks the contexts that decide where a command begins and how a word is quoted. Text
that no shell accepts is read as well as possible, so that commands on later lines are still found.
"""

from __future__ import annotations

import re
from itertools import islice

from nemolint.base.patterns import lazily
from nemolint.shell.command import Assignment, Piece, Redirect, Word
from nemolint.shell.lexer import BLANK, REDIRECT, Lexer, assignment
from nemolint.shell.programs import is_zsh
from nemolint.shell.raw import Block, Clause, HereDoc, ListItem, RawCommand
from nemolint.shell.stretch import NEWLINE

_COND_OPERATOR = lazily(r"&&|\|\||[()<>|&]")
_EMPTY_PARENS = lazily(r"\([ \t]*\)")
_FUNCTION = lazily(r"[ \t]+([^\s(){};&|<>'\"]+)[ \t]*(?:\([ \t]*\))?")
_COPROC_NAME = lazily(r"[ \t]+[A-Za-z_]\w*(?=[ \t]+[{(])")
_TIME_OPTIONS = lazily(r"(?:[ \t]+(?:-p|--)(?=[ \t]))*")
# What only zsh has: a body in braces, or of one command, without `do` or `then`.
_FOR_LIST = lazily(r"[ \t]+(\w+)(?:[ \t]+in)?[ \t]*\(([^()\n]*)\)(?:[\s;]*(\{|do\b)|\s*(?=[^\s;&|)}#]))")
_REPEAT = lazily(r"[ \t]+[^\s;&|(){}<>'\"]+(?:[\s;]*(\{|do\b)|[ \t]+(?=[^\s;&|)}#]))")
_BODY = lazily(r"[ \t]*(?:(\{)(?=\s)|(?!(?:then|do)\b)(?=[^\s;&|)}#]))")
_ELSE = lazily(r"\s*(?:else\s*\{|(elif)\b)")
_ALWAYS = lazily(r"[ \t]*always\s*(?=\{)")
_FOR_ARITHMETIC = lazily(r"[ \t]*\(\(")
# So many bodies of one command, each inside the other, may stand before a `}`.
_MOST_SHORT = 16
# A word without special characters, with the blanks after it.
_SIMPLE = lazily(r"([\w./:@%+,=~^-]+)(?=[ \t\n])[ \t]*")

DECLARATIONS = frozenset({"declare", "typeset", "local", "export", "readonly"})
_OPENERS = {"if": "if", "while": "loop", "until": "loop", "{": "brace"}
_CLOSERS = {"fi": "if", "done": "loop", "}": "brace", "esac": "case"}
_NEUTRAL = frozenset({"then", "else", "elif", "do", "!"})
_KEYWORDS = frozenset({*_OPENERS, *_CLOSERS, *_NEUTRAL, "time", "coproc", "for", "select", "case", "function"})


class Slicer(Lexer):
    """Reads the commands of one region's text; see `Lexer` for its input and results."""

    def commands(self, closer: str, depth: int) -> list[ListItem]:
        """Read commands up to the end of the stretch or an unmatched `closer`, where `i` is left."""
        return _CommandList(self, closer, depth).read()


class _CommandList:
    """The commands of one list: a script, a substitution's body."""

    def __init__(self, slicer: Slicer, closer: str, depth: int) -> None:
        self.slicer = slicer
        self.closer = closer
        self.depth = depth
        self.command = RawCommand()
        self.last: RawCommand | None = None
        # Open constructs; a `case` that expects a pattern is "pattern". Their blocks, each with the list around it.
        self.stack: list[str] = []
        self.blocks: list[tuple[Block, list[ListItem]]] = []
        self.parens = 0
        self.steps: list[ListItem] = []
        self.all_steps = self.steps
        # The function whose head was read, and whose body comes next.
        self.heading = ""
        self.negated = False

    def read(self) -> list[ListItem]:
        slicer = self.slicer
        text = slicer.text
        while slicer.i < slicer.end:
            blank = BLANK.match(text, slicer.i, slicer.end)
            if blank:
                slicer.i = blank.end()
                continue
            char = text[slicer.i]
            if char in "\r\n":
                self._newline()
            elif char == "#":
                slicer.comment()
            elif self.stack and self.stack[-1] == "pattern" and self.command.empty:
                self._pattern()
            elif char in ";&|":
                self._separator(char)
            elif char == "(":
                self._open()
            elif char == ")":
                if self._close():
                    return self.all_steps
            else:
                self._word()
        self._finish("")
        return self.all_steps

    def _finish(self, separator: str) -> None:
        """End the command, if one has begun, and the blocks that end with it."""
        self._finish_command(separator)
        while separator not in ("&&", "||", "|", "|&", "(") and self.stack[-1:] == ["short"] and self.steps:
            self._end()
            self.steps[-1] = self.steps[-1]._replace(operator=separator)

    def _finish_command(self, separator: str) -> None:
        command, steps = self.command, self.steps
        if not command.empty:
            command.separator = separator
            self.heading = ""
            if self.last is not None and self.last.separator in ("|", "|&"):
                command.piped_from = self.last
                self.last.piped_to = command
            self.slicer.out.append(command)
            self.last = command
            self.command = RawCommand()
            block = steps[-1].node if steps and not steps[-1].operator else None
            if isinstance(block, Block) and command.only_redirects:
                block.tail = command
                steps[-1] = steps[-1]._replace(operator=separator)
            else:
                steps.append(ListItem(command, separator, self.negated))
        else:
            if separator not in ("\n", ""):
                self.last = None
            if steps and not steps[-1].operator:
                steps[-1] = steps[-1]._replace(operator=separator)
        self.negated = False

    def _begin(self, kind: str, construct: str, start: int) -> None:
        """Open a block: what follows belongs to it."""
        block = Block(kind, self.heading, start)
        self.steps.append(ListItem(block, "", self.negated))
        self.blocks.append((block, self.steps))
        self.stack.append(construct)
        self.steps = block.clauses[0].steps
        self.heading, self.negated = "", False

    def _clause(self, keyword: str, patterns: tuple[Word, ...] = ()) -> None:
        """Begin the next list of the open block."""
        if self.blocks:
            self.steps = []
            self.blocks[-1][0].clauses.append(Clause(keyword, self.steps, patterns))

    def _end(self) -> None:
        """Close the open block."""
        self.stack.pop()
        block, self.steps = self.blocks.pop()
        block.end = self.slicer.i

    def _newline(self) -> None:
        slicer = self.slicer
        self._finish("\n")
        if self.last is not None and self.last.separator not in ("|", "|&"):
            self.last = None
        match = NEWLINE.match(slicer.text, slicer.i)
        assert match is not None
        slicer.i = min(match.end(), slicer.end)
        if slicer.pending:
            slicer.heredocs()
        slicer.line_start()

    def _separator(self, char: str) -> None:
        slicer = self.slicer
        text, i = slicer.text, slicer.i
        if char == "|" and slicer.alternative(i, self.command):
            self._add(slicer.word(self.depth, self.command, head="|"))
            return
        if char == "&" and text.startswith("&>", i):
            self._redirect()
            return
        operator = char
        for longer in (";;&", ";;", ";&", "&&", "||", "|&"):
            if longer[0] == char and text.startswith(longer, i):
                operator = longer
                break
        slicer.i = min(i + len(operator), slicer.end)
        self._finish(operator)
        if operator in (";;", ";&", ";;&") and "case" in self.stack[-1:]:
            self.stack[-1] = "pattern"

    def _open(self) -> None:
        """A `(` where a word or command could begin."""
        slicer = self.slicer
        text, i = slicer.text, slicer.i
        command = self.command
        if command.empty:
            if text.startswith("((", i):
                after = slicer.arithmetic(i + 2)
                if after >= 0:
                    outer, slicer.end = slicer.end, after - 2
                    slicer.substitutions(after - 2, self.depth + 1)
                    slicer.end = outer
                    slicer.spans.append((i, after))
                    slicer.i = after
                    block = Block("((", "", i + 2)
                    block.end = after - 2
                    self.steps.append(ListItem(block, "", self.negated))
                    self._behind_condition()
                    return
            self._push_paren()
            return
        empty = _EMPTY_PARENS.match(text, i, slicer.end)
        if empty and len(command.words) == 1 and not command.assignments:
            self.heading = command.words[0].value
            self.command = RawCommand()
            slicer.i = empty.end()
            return
        if command.words and slicer.same_line(")", i):
            self._word()
            return
        self._finish("(")
        self._push_paren()

    def _push_paren(self) -> None:
        self._begin("(", "paren", self.slicer.i)
        self.parens += 1
        self.slicer.i += 1

    def _close(self) -> bool:
        """A `)`: True if it ends the list."""
        if self.command.parens:
            self._word()
            return False
        self._finish(")")
        if self.parens:
            while self.stack[-1] != "paren":
                self._end()
            self._end()
            self.parens -= 1
        elif self.closer == ")":
            return True
        self.slicer.i += 1
        return False

    def _pattern(self) -> None:
        """Read one pattern list of a `case` up to its parenthesis, or `esac`. Anything else ends the `case`."""
        slicer = self.slicer
        text, start, frame = slicer.text, slicer.i, slicer.mark()
        if text.startswith("(", slicer.i):
            slicer.i += 1
        # Patterns are separated by `|`: a word right after a word is not one.
        expected = True
        patterns: list[Word] = []
        while slicer.i < slicer.end:
            blank = BLANK.match(text, slicer.i, slicer.end)
            if blank:
                slicer.i = blank.end()
                continue
            char = text[slicer.i]
            if char == ")":
                slicer.i += 1
                self.stack[-1] = "case"
                self._clause("in", tuple(patterns))
                return
            if char == "|":
                slicer.i += 1
                expected = True
                continue
            if char in "\r\n;&(<>" or not expected:
                break
            word = slicer.word(self.depth)
            if word.value == "esac" or (word.value == "}" and self._is_zsh()):
                self._end()
                return
            expected = False
            patterns.append(word)
            slicer.spans.append((word.start, word.end))
        self._end()
        if slicer.budget.spend(slicer.i - start):
            slicer.forget(frame)
            slicer.i = start

    def _word(self) -> None:
        slicer = self.slicer
        text, i = slicer.text, slicer.i
        command = self.command
        slicer.budget.steps += 1
        if command.words and not command.header:
            simple = _SIMPLE.match(text, i, slicer.end)
            if simple and not (simple[1] == "}" and self._ends_brace()):
                self._simple(simple)
                return
        if slicer.redirects(i):
            self._redirect()
            return
        if command.empty and text.startswith("{%", i) and slicer.same_line("%}", i):
            slicer.i = slicer.find("%}", i) + 2
            slicer.spans.append((i, slicer.i))
            return
        arrays = not command.words or command.words[0].value in DECLARATIONS
        head = "(" if text[i] == "(" else ""
        command.parens += len(head)
        recovered = len(slicer.recovered)
        word = slicer.word(self.depth, command, arrays=arrays, head=head)
        if slicer.i == i:
            slicer.i += 1
            return
        if len(slicer.recovered) > recovered:
            command.unclosed = slicer.recovered[recovered]
        if not word.pieces:
            return
        bare = len(word.pieces) == 1 and word.pieces[0].kind == "literal"
        if bare and word.value == "}" and self._ends_brace():
            self._finish(";")
            self._keyword("}", word)
            return
        if bare and command.empty and word.value in _KEYWORDS:
            self._keyword(word.value, word)
            return
        if bare and command.empty and word.value == "repeat" and self._is_zsh():
            repeated = _REPEAT.match(text, slicer.i, slicer.end)
            if repeated is not None:
                self._begin("repeat", "loop", word.start)
                self._begin_body("do", repeated[1])
                slicer.i = repeated.end()
                return
        self._add(word)
        if bare and word.value == "[[" and len(command.words) == 1:
            self._condition()
            self._behind_condition()
        elif command.header == "case" and bare and self._opens_case(word) and len(command.words) > 1:
            self._finish(";")
            self._begin("case", "pattern", command.start)
            # The head came first, as a command by itself.
            block, around = self.blocks[-1]
            block.head = command
            del around[-2]

    def _ends_brace(self) -> bool:
        """True if zsh takes a `}` behind other words for the end of a block."""
        inside = (construct for construct in islice(reversed(self.stack), _MOST_SHORT) if construct != "short")
        return next(inside, "") == "brace" and self._is_zsh()

    def _opens_case(self, word: Word) -> bool:
        return word.value == "in" or (word.value == "{" and self._is_zsh())

    def _is_zsh(self) -> bool:
        return is_zsh(self.slicer.region.document)

    def _begin_body(self, keyword: str, opener: str | None) -> None:
        """Begin a body as only zsh has it, up to `}` or `done`, or of one command where it has no `opener`."""
        self._clause(keyword)
        self.stack[-1] = {"{": "brace", None: "short"}.get(opener, "loop")

    def _behind_condition(self) -> None:
        """Begin the body that zsh takes right behind `[[ … ]]` or `(( … ))`, if one is there."""
        block = self.blocks[-1][0] if self.blocks and self.stack[-1] in ("if", "loop") else None
        if block is None or block.clauses[-1].keyword not in ("if", "elif", "while", "until") or not self._is_zsh():
            return
        match = _BODY.match(self.slicer.text, self.slicer.i, self.slicer.end)
        if match is not None:
            self._finish(";")
            self._begin_body("then" if block.kind == "if" else "do", match[1])
            self.slicer.i = match.end()

    def _simple(self, match: re.Match[str] | None) -> None:
        """Read plain words, one after the other."""
        slicer, command = self.slicer, self.command
        region, text, words, end = slicer.region, slicer.text, command.words, slicer.end
        i, before = slicer.i, len(words)
        while match:
            value = match[1]
            if value == "}" and self._ends_brace():
                break
            stop = i + len(value)
            words.append(Word(region, value, i, stop, (Piece("literal", value, i, stop),)))
            command.end = stop
            i = match.end()
            match = _SIMPLE.match(text, i, end)
        slicer.budget.steps += len(words) - before
        slicer.i = i

    def _add(self, word: Word) -> None:
        command = self.command
        command.cover(word.start, word.end)
        if not command.words and not command.header:
            found = assignment(word)
            if found is not None:
                if not command.arrays or command.arrays[-1].name != found.name or word.pieces[0].text[-1:] != ")":
                    command.assignments.append(Assignment(found.name, word))
                return
        command.words.append(word)

    def _keyword(self, value: str, word: Word) -> None:
        slicer = self.slicer
        text = slicer.text
        if value in _OPENERS:
            self._begin(value, _OPENERS[value], word.start)
        elif value in _CLOSERS:
            if self.stack and self.stack[-1] == _CLOSERS[value]:
                self._close_block(value)
        elif value in _NEUTRAL:
            if value == "!":
                self.negated = not self.negated
            elif self.stack and self.stack[-1] == ("loop" if value == "do" else "if"):
                self._clause(value)
        elif value == "case":
            self.command.header = value
            self.command.cover(word.start, word.end)
        elif value in ("for", "select"):
            self._begin(value, "loop", word.start)
            match = _FOR_ARITHMETIC.match(text, slicer.i, slicer.end) if value == "for" else None
            after = slicer.arithmetic(match.end()) if match else -1
            if after >= 0:
                slicer.spans.append((slicer.i, after))
                slicer.i = after
            elif (listed := _FOR_LIST.match(text, slicer.i, slicer.end)) and is_zsh(slicer.region.document):
                self._for_list(value, listed)
            else:
                self.command.header = value
                self.command.cover(word.start, word.end)
                self.blocks[-1][0].head = self.command
        elif value == "function":
            match = _FUNCTION.match(text, slicer.i, slicer.end)
            if match:
                slicer.i = match.end()
                self.heading = match[1]
        elif value == "time":
            match = _TIME_OPTIONS.match(text, slicer.i, slicer.end)
            if match:
                slicer.i = match.end()
        elif value == "coproc":
            match = _COPROC_NAME.match(text, slicer.i, slicer.end)
            if match:
                slicer.i = match.end()

    def _close_block(self, value: str) -> None:
        """Close the open block, if zsh does not go on with it: `} else {`."""
        slicer = self.slicer
        zsh = value == "}" and self._is_zsh()
        other = _ELSE.match(slicer.text, slicer.i, slicer.end) if zsh and self.blocks[-1][0].kind == "if" else None
        if other is not None:
            self._clause(other[1] or "else")
            self.stack[-1] = "if" if other[1] else "brace"
            slicer.i = other.end()
            return
        self._end()
        always = _ALWAYS.match(slicer.text, slicer.i, slicer.end) if zsh else None
        if always is not None:
            self.steps[-1] = self.steps[-1]._replace(operator=";")
            slicer.i = always.end()

    def _for_list(self, value: str, match: re.Match[str]) -> None:
        """Read `NAME (WORD …)` behind the `for` of zsh, and how its body begins."""
        slicer = self.slicer
        head = RawCommand()
        head.header = value
        slicer.i = match.start(1)
        head.words.append(slicer.word(self.depth))
        at = head.words[0].end
        head.words.append(Word(slicer.region, "in", at, at, (Piece("literal", "in", at, at),)))
        slicer.i = match.start(2)
        while slicer.i < match.end(2):
            blank = BLANK.match(slicer.text, slicer.i, match.end(2))
            if blank:
                slicer.i = blank.end()
                continue
            word = slicer.word(self.depth)
            if slicer.i == word.start:
                break
            head.words.append(word)
        head.cover(match.start(1), match.end(2))
        slicer.out.append(head)
        self.blocks[-1][0].head = head
        self._begin_body("do", match[3])
        slicer.i = match.end()

    def _condition(self) -> None:
        """Read the rest of `[[ … ]]` into the command's words; operators are not redirections there."""
        slicer = self.slicer
        text, command = slicer.text, self.command
        if slicer.find("]]", slicer.i) < 0:
            return
        joined = False
        while slicer.i < slicer.end:
            blank = BLANK.match(text, slicer.i, slicer.end)
            if blank:
                slicer.i = blank.end()
                continue
            operator = _COND_OPERATOR.match(text, slicer.i, slicer.end)
            if operator:
                slicer.i = operator.end()
                joined = operator.group() in ("&&", "||", "(")
                continue
            char = text[slicer.i]
            if char in "\r\n" and joined:
                slicer.i += 1
                continue
            if char in "\r\n;":
                return
            joined = False
            word = slicer.word(self.depth)
            command.words.append(word)
            command.cover(word.start, word.end)
            if word.value == "]]":
                return

    def _redirect(self) -> None:
        """Read a redirection with its target."""
        slicer = self.slicer
        text, command = slicer.text, self.command
        match = REDIRECT.match(text, slicer.i, slicer.end)
        assert match is not None
        start, operator = match.start(), match.group().lstrip("0123456789")
        if operator.startswith("{"):
            operator = operator.partition("}")[2]
        slicer.i = match.end()
        blank = BLANK.match(text, slicer.i, slicer.end)
        if blank:
            slicer.i = blank.end()
        target: Word | None = None
        if (
            slicer.i < slicer.end
            and text[slicer.i] not in "\r\n;&|()"
            and not (text[slicer.i] in "<>" and slicer.redirects(slicer.i))
        ):
            before = slicer.i
            word = slicer.word(self.depth)
            if slicer.i > before and word.pieces:
                target = word
        end = target.end if target is not None else match.end()
        command.cover(start, end)
        if operator in ("<<", "<<-"):
            if target is not None:
                heredoc = HereDoc(target.value, target.quoted, operator == "<<-")
                command.heredocs.append(heredoc)
                slicer.pending.append(heredoc)
            command.redirects.append(Redirect(operator, None, start, end))
        else:
            command.redirects.append(Redirect(operator, target, start, end))
