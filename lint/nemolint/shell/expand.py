"""Expands words as bash does, as far as the values are known."""

from __future__ import annotations

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.shell import arithmetic
from nemolint.shell.braces import expanded
from nemolint.shell.environment import PARAMETERS, Entry, Environment, Variable
from nemolint.shell.programs import is_zsh
from nemolint.shell.values import (
    OPEN,
    SPACED,
    UNKNOWN,
    UNSET,
    Absent,
    Content,
    Fields,
    Fragment,
    Items,
    Value,
    cost,
    cut,
    fragment_of,
    is_open,
    join,
    known,
    may_cut,
    names_command,
    protected,
    split,
    text_of,
)
from nemolint.shell.wildcards import MAX_TEXT, Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Container, Iterable, Sequence

    from nemolint.shell.command import Piece, Word
    from nemolint.shell.layer import Layer

_PARAMETER = lazily(r"\$\{(!?)(#?)([A-Za-z_]\w*|[0-9]+|[@*#?$!-])(?:\[((?:[^\[\]]|\[[^\[\]]*\])*)\])?(.*)\}", 16)
# The flags of an expansion in zsh; one that splits or joins.
_FLAGGED = lazily(r"\$\{(?:\(([^()]*)\))?([=~^]*)([A-Za-z_]\w*)((?:[\[:#%/?+-].*)?)\}", 16)
_SEPARATOR = lazily(r"([sj])([:.,/|])(.*?)\2")
_QUOTING = lazily(r"['\"\\$`;&|<>()#]")
_PLAIN_INDEX = lazily(r"\$?\{?(\w+)\}?")
# Where the braces of an expansion hold an expression: an index, an offset.
_COUNTED = lazily(r"\$\{[!#]?\w+(?:\[(?P<index>[^\[\]]*)\])?(?:(?P<offset>:(?![-+=?])[^{}]*))?")
_REFUSED = lazily(r"\$\{[A-Za-z_]\w*\.[\w.:/-]*\}")
_SLICE = lazily(r":[ \t]*(-?\d+|\(-\d+\))[ \t]*(?::[ \t]*(\d+)[ \t]*)?")
_NAME = lazily(r"[A-Za-z_]\w*")
_PASSED_ON = lazily(r"\$\{?(?:\w+|[@*])\}?")
_GLOB = lazily(r"[*?]|[+@!]\(")
_INDEX = lazily(r"\A\$\{\w+\[(?![@*]\])")
_SUBSTITUTED = lazily(r"\$\(|`")
_USED_NAME = lazily(r"\$\{?([A-Za-z_]\w*)")
_MAX_LENGTH = 200
_MAX_NESTED = 12
# What the shell itself changes all the time.
_CHANGING = frozenset({"RANDOM", "SECONDS", "LINENO", "BASHPID", "EPOCHSECONDS", "PWD", "OLDPWD", "PIPESTATUS", "_"})


class Spent(Exception):
    """There is no allowance left for following variables."""


class Many(NamedTuple):
    """The values of an array or of all parameters, which `"…"` keeps apart; with `star` it joins them."""

    values: list[Value | Absent]
    star: bool


class Expander:
    """Expands the words of the layer that is being read, in the environment in force.

    `choices` fixes variables (and defaults) that may hold one of a few values, where each is tried; `touched` notes
    which others there were. `refused` are expansions that bash refuses, so that the command does not run, `unseen`
    variables that the shell does not see, although the one that started it has them.
    """

    def __init__(self) -> None:
        self.env = Environment()
        self.layer: Layer
        self.choices: dict[object, Content] = {}
        self.touched: dict[object, tuple[Content, ...]] = {}
        self.refused: list[Piece] = []
        self.unseen: set[str] = set()
        # Names of variables whose values were asked for.
        self.asked: set[str] = set()
        self.nested = 0
        # Greater than 0 in the body of a loop that runs nobody knows how often.
        self.repeats = 0
        # The words that are expanded are joined by blanks, so that it does not matter where a value is split.
        self.joins = False

    # What the evaluator adds.

    def spend(self, amount: int) -> None:
        raise NotImplementedError

    def substituted(self, at: int, text: str) -> Value | None:
        """The output of the substitution that is written at `at`, None if nobody knows."""
        raise NotImplementedError

    def is_set(self, option: str) -> bool | None:
        """True if an option of the shell is on, None if nobody knows."""
        raise NotImplementedError

    def forget(self, name: str) -> None:
        """Nobody knows any more what a variable holds."""
        raise NotImplementedError

    def aim(self, name: str) -> str:
        """The variable that is meant by a name."""
        raise NotImplementedError

    def put(self, name: str, entry: Entry) -> None:
        """Set a name in the environment; a value of it that is being tried holds no longer."""
        if name in self.choices:
            self.choices = {key: content for key, content in self.choices.items() if key != name}
        self.env.set(name, entry)

    def takes_operand(self, operator: str) -> bool:
        """True if the word in `${X:-word}` is taken, though nobody knows whether X is set."""
        raise NotImplementedError

    def kept_use(self, fragment: Fragment) -> bool:
        """True if the fragment stays at the place where a call puts it in."""
        raise NotImplementedError

    # Words

    def ifs(self) -> str | None:
        """The characters at which words are split, None if nobody knows."""
        variable = self.env.variable("IFS")
        if variable is None:
            return " \t\n"
        content = self.content("IFS")
        if content is UNSET:
            return " \t\n"
        return text_of(content) if isinstance(content, tuple) and known(content) else None

    def expand(self, word: Word) -> list[Value]:
        """The fields that a word becomes; a field that is unknown and not quoted may be no field or several."""
        if word.has_braces:
            several = expanded(word)
            if several is None:
                at = Fragment(word.value, self.layer.region, word.start, word.end)
                return [(at._replace(known=False, kind="expansion"),)]
            return [field for pieces in several for field in self._expand(pieces)]
        return self._expand(word.pieces)

    def _expand(self, pieces: Sequence[Piece]) -> list[Value]:
        region = self.layer.region
        if len(pieces) == 1 and pieces[0].kind != "expansion":
            return [self._globbed((fragment_of(pieces[0], region),), (pieces[0].start,))]
        ifs = self.ifs()
        fields = Fields(" \t\n" if ifs is None else ifs)
        indexed = -1
        for number, piece in enumerate(pieces):
            if number == indexed:
                continue
            if piece.kind != "expansion":
                fields.put(fragment_of(piece, region))
                continue
            after = pieces[number + 1] if number + 1 < len(pieces) else None
            bracket = after is not None and after.kind in ("literal", "double") and after.text.startswith("[")
            if (bracket or _INDEX.search(piece.text)) and self._is_zsh():
                # It counts items from 1, and characters where the value is not an array.
                indexed = number + 1 if bracket else indexed
                name = _USED_NAME.match(piece.text)
                names = name is not None and names_command(self.content(name[1]))
                fields.put(self._unknown(piece)._replace(names=names))
                continue
            outer, self.touched = self.touched, {}
            found = self._put_in(piece)
            choices = [content for several in self.touched.values() for content in several]
            outer.update(self.touched)
            self.touched = outer
            unsplit = not piece.quoted and not isinstance(found, Many) and not _SUBSTITUTED.match(piece.text)
            unsplit = unsplit and self._is_zsh()
            if unsplit and not isinstance(found, Many):
                found = self._unsplit(found, piece)
            if isinstance(found, Many):
                self._many(fields, found, piece, ifs)
            elif piece.quoted or unsplit:
                if piece.quoted:
                    fields.hold()
                for fragment in found:
                    fields.put(fragment)
            elif ifs is None and any(fragment.known and not fragment.text.isalnum() for fragment in found):
                fields.put(self._unknown(piece))
            else:
                fields.split(found)
                if fields.begun and any(isinstance(c, tuple) and " " in text_of(c) for c in choices):
                    fields.split((self._unknown(piece)._replace(text=SPACED),))  # `key=$X` with blanks in a value
        fields.close()
        written = {piece.start for piece in pieces if piece.kind != "expansion"}
        return [self._globbed(field, written) for field in fields.found]

    def _is_zsh(self) -> bool:
        """True in a script of zsh, which splits no value, and takes the name of an array for all its items."""
        return is_zsh(self.layer.region.document)

    def _unsplit(self, found: Value, piece: Piece) -> Value | Many:
        name = piece.text.strip("${}")
        content = self.content(name) if _NAME.fullmatch(name) else UNKNOWN
        if isinstance(content, Items):
            values = [self._used(v, piece) if isinstance(v, tuple) else v for v in content.values]
            return Many([OPEN] if _is_shuffled(content) else values, False)
        if self.joins:
            return found
        # A command line in one word is a mistake, or `setopt sh_word_split` is on.
        return (self._unknown(piece)._replace(names=names_command(found)),) if " " in text_of(found) else found

    def _globbed(self, field: Value, written: Container[int] = ()) -> Value:
        """A field in which a value outside quotes is a pattern: nobody knows the names that bash puts for it.

        `written` are the starts of what stands in the word itself, which is left as it is.
        """
        for fragment in field:
            here = fragment.use is None and fragment.region is self.layer.region and fragment.start in written
            put_in = not here or self.layer.stretch_at(fragment.start) is not None
            if put_in and _is_pattern(fragment) and self.is_pattern(field):
                return (fragment._replace(text=text_of(field), known=False, kind="expansion"),)
        return field

    def is_pattern(self, field: Value) -> bool:
        """True if bash may put the names of files for a field.

        A pattern that matches nothing stays as it is, and with `set -f` all do. `key=*.yaml` would only match a file
        whose name begins with `key=`, and counts as known.
        """
        if not any(map(_is_pattern, field)) or self.is_set("f"):
            return False
        key, equals, _ = text_of(field).partition("=")
        return not equals or _GLOB.search(key) is not None or "[" in key or self._unmatched_goes()

    def _unmatched_goes(self) -> bool:
        """True if a pattern that matches nothing may not stay."""
        return self.is_set("nullglob") is not False or self.is_set("failglob") is not False

    def listed(self, fields: Iterable[Value]) -> Items:
        """The array that the fields of a command become."""
        return Items.of(OPEN if is_open(field) or self.is_pattern(field) else field for field in fields)

    def _many(self, fields: Fields, found: Many, piece: Piece, ifs: str | None) -> None:
        if found.star and piece.quoted:
            fields.hold()
            if OPEN in found.values or ifs is None:
                fields.put(self._unknown(piece))
                return
            values = [value for value in found.values if isinstance(value, tuple)]
            for fragment in join(values, ifs[:1], self._unknown(piece)):
                fields.put(fragment)
            return
        for number, value in enumerate(found.values):
            if number:
                fields.close()
            if not isinstance(value, tuple):
                # Open: it looks as the whole is written.
                fields.put(self._unknown(piece)._replace(quoted=False))
            elif piece.quoted:
                fields.hold()
                for fragment in value:
                    fields.put(fragment)
            else:
                fields.split(value)

    def whole(self, pieces: Sequence[Piece]) -> Value:
        """What pieces become where nothing is split: in an assignment, a here-document."""
        found: list[Fragment] = []
        region = self.layer.region
        for piece in pieces:
            if piece.kind != "expansion":
                found.append(fragment_of(piece, region))
                continue
            value = self._put_in(piece)
            if isinstance(value, Many):
                if OPEN in value.values:
                    value = (self._unknown(piece),)
                else:
                    ifs = self.ifs()
                    separator = " " if not value.star or ifs is None else ifs[:1]
                    value = join([v for v in value.values if isinstance(v, tuple)], separator, self._unknown(piece))
            found.extend(value)
        return tuple(found)

    def _unknown(self, piece: Piece) -> Fragment:
        return fragment_of(piece, self.layer.region)._replace(known=False, kind="expansion")

    def _put_in(self, piece: Piece) -> Value | Many:
        """What an expansion stands for, every fragment at the place of use."""
        found = self.expansion(piece)
        if isinstance(found, Many):
            return Many([self._used(v, piece) if isinstance(v, tuple) else v for v in found.values], found.star)
        return self._used(found, piece)

    def _used(self, value: Value, piece: Piece) -> Value:
        self.spend(cost(value))
        region, start, end, quoted = self.layer.region, piece.start, piece.end, piece.quoted
        used: list[Fragment] = []
        for fragment in value:
            kind = fragment.kind if not fragment.known else "double" if quoted else "literal"
            if fragment.region is region and start <= fragment.start and fragment.end <= end:
                used.append(fragment._replace(quoted=quoted, kind=kind))  # written right here
            elif fragment.call is not None and self.kept_use(fragment):
                used.append(fragment._replace(quoted=quoted, kind=kind))
            else:
                used.append(fragment._replace(quoted=quoted, kind=kind, use=(start, end)))
        return tuple(used)

    # Expansions

    def expansion(self, piece: Piece) -> Value | Many:
        """What an expansion stands for; where nobody knows, an unknown fragment as it is written."""
        outer, self.touched = self.touched, {}
        found = self._expansion(piece)
        contents = [content for choices in self.touched.values() for content in choices]
        cuts, names = any(map(may_cut, contents)), any(map(names_command, contents))
        outer.update(self.touched)
        self.touched = outer
        if isinstance(found, Many) or not (cuts or names):
            return found
        return tuple(f if f.known else f._replace(cuts=f.cuts or cuts, names=f.names or names) for f in found)

    def _expansion(self, piece: Piece) -> Value | Many:
        text = piece.text
        unknown = (self._unknown(piece),)
        if piece.start in self.layer.slicer.opaque:  # what the shell around this one put in
            return (unknown[0]._replace(cuts=self.layer.cutting_in(piece.start, piece.end) >= 0),)
        if text in ("$IFS", "${IFS}") and self.env.variable("IFS") is None:  # a shell sets it when it starts
            return (unknown[0]._replace(text=" \t\n", known=True, kind="literal"),)
        if text.startswith(("$((", "$[")):
            number = self._number(text[3:-2] if text.startswith("$((") else text[2:-1])
            return unknown if number is None else (unknown[0]._replace(text=str(number), known=True, kind="literal"),)
        if text.startswith(("$(", "`", "<(", ">(", "${ ", "${\n", "${\t", "${|")):
            found = self.substituted(piece.start, text)
            return unknown if found is None else found
        if text.startswith("${"):
            if text.startswith("${{"):
                return unknown
            counted = _COUNTED.match(text)
            if counted is not None and (counted["index"] or counted["offset"]):
                self._forget_changed(f"{counted['index'] or ''} {counted['offset'] or ''}")
            return self._parameter(piece, unknown)
        if not text.startswith("$"):
            return unknown
        name = text[1:]
        content = self._many_of(name) if name in "@*" else self.content(name)
        return self._as_value(content, unknown)

    def _number(self, text: str) -> int | None:
        """What an expression comes to. What it sets is unknown from here on, since a word may be expanded again."""
        if self._forget_changed(text) or self.repeats:
            return None
        return arithmetic.evaluate(text, self.integer)

    def _forget_changed(self, text: str) -> bool:
        """Forget what an expression sets. True if it may set something."""
        names = [*arithmetic.changed(text)]
        for name in names:
            self.forget(name)
        return bool(names)

    def integer(self, name: str) -> int | None:
        """The number that a variable holds, None if nobody knows, or where it holds no number."""
        content = self.content(name)
        if content is UNSET:
            return 0
        return arithmetic.integer(text_of(content)) if isinstance(content, tuple) and known(content) else None

    @staticmethod
    def _as_value(content: Content | Many, unknown: Value) -> Value | Many:
        if isinstance(content, Items):
            first = content.entries[0] if content.entries else None
            if first is None:
                return ()
            return first[1] if first[0] == 0 and isinstance(first[1], tuple) else unknown
        if isinstance(content, Absent):
            return () if content is UNSET else unknown
        if isinstance(content, Many):
            return content
        # An argument tells no more than the variable that holds it.
        passed_on = len(content) == 1 and not content[0].known and _PASSED_ON.fullmatch(content[0].text)
        return (unknown[0]._replace(cuts=content[0].cuts, names=content[0].names),) if passed_on else content

    def _many_of(self, name: str) -> Many | Absent:
        """All parameters."""
        content = self.content(PARAMETERS)
        return Many(content.values, name == "*") if isinstance(content, Items) else UNKNOWN

    def content(self, name: str) -> Content:
        """What a variable or parameter holds; one of several values is unknown, and noted."""
        if name.isdigit() and name != "0":
            parameters = self.content(PARAMETERS)
            if not isinstance(parameters, Items):
                return UNKNOWN
            return self._item(parameters, int(name) - 1)
        name = self.aim(name)
        self.asked.add(name)
        variable = self.env.variable(name)
        if variable is not None and variable.kind == "unseen":
            self.unseen.add(name)
        if variable is None or not variable.choices or name in _CHANGING or variable.kind == "reference":
            return UNKNOWN
        if name in self.choices:
            return self.choices[name]
        choices = variable.choices
        if variable.since < self.env.scripts_read() and name not in (PARAMETERS, "IFS"):
            choices = (*choices, UNKNOWN)
        if len(choices) == 1:
            return choices[0]
        self.touched[name] = choices
        return UNKNOWN

    @staticmethod
    def _item(items: Items, index: int | str) -> Content:
        if isinstance(index, int) and index < 0:
            counted = items.counted(index)
            if counted is None:
                return UNKNOWN
            index = counted
        for key, value in items.entries:
            if key is None:
                return UNKNOWN
            if key == index:
                return value if isinstance(value, tuple) else UNKNOWN
        return UNSET if items.complete else UNKNOWN

    def _parameter(self, piece: Piece, unknown: Value) -> Value | Many:
        text = piece.text
        if _REFUSED.fullmatch(text) and not self.layer.region.template:
            self.refused.append(piece)
        match = _PARAMETER.fullmatch(text)
        if match is None and (flagged := _FLAGGED.fullmatch(text)) is not None and self._is_zsh():
            return self._flagged(flagged, unknown)
        if match is None or self.refused:
            return unknown
        indirect, length, name, subscript, rest = match.groups()
        if length:
            return unknown
        if indirect:
            return self._indirect(name, subscript, rest, piece, unknown)
        content: Content | Many
        if name in "@*":
            content = self._many_of(name)
        elif subscript in ("@", "*"):
            content = self._all_of(name, subscript)
        elif subscript is not None:
            content = self._at_index(name, subscript, piece)
        else:
            content = self.content(name)
        if not rest:
            return self._as_value(content, unknown)
        operand_at = piece.start + match.start(5)
        if isinstance(content, (Many, Items)):
            return self._of_many(content, rest, operand_at, piece, unknown, parameters=name in "@*")
        return self._operated(name, content, rest, operand_at, piece, unknown)

    def _flagged(self, match: re.Match[str], unknown: Value) -> Value | Many:
        """`${=X}`, `${(z)X}`, `${(s:,:)X}` and `${(j:,:)A}` of zsh; another may be known to name the command."""
        flags, splits, name, rest = match.groups()
        content = self.content(name)
        names = (unknown[0]._replace(names=unknown[0].names or names_command(content)),)
        separated = _SEPARATOR.fullmatch(flags or "")
        if rest or (flags and flags != "z" and separated is None):
            return names
        if isinstance(content, Items):
            items = [value for value in content.values if isinstance(value, tuple)]
            if separated is None or separated[1] != "j" or len(items) < len(content.values):
                return names
            return join(items, separated[3], unknown[0])
        if not isinstance(content, tuple) or not known(content):
            return names
        bare = tuple(fragment._replace(quoted=False) for fragment in content)
        if separated is not None and separated[1] == "s":
            return Many(list(split(bare, separated[3])), False) if len(separated[3]) == 1 else names
        if separated is not None:
            return content
        if (flags == "z" and _QUOTING.search(text_of(content))) or (splits and (ifs := self.ifs()) is None):
            return names
        return Many(list(split(bare, " \t\n" if flags == "z" else ifs or "")), False) if flags or splits else names

    def _indirect(self, name: str, subscript: str | None, rest: str, piece: Piece, unknown: Value) -> Value | Many:
        if rest:
            return unknown
        content = self.content(name)
        if subscript in ("@", "*"):
            if not isinstance(content, Items) or not content.complete:
                return unknown
            if _is_shuffled(content):
                return Many([OPEN], subscript == "*")
            place = self._unknown(piece)
            keys = [(place._replace(text=str(key), known=True, kind="literal"),) for key, _ in content.entries]
            return Many(list(keys), subscript == "*")
        if isinstance(content, tuple) and known(content) and _NAME.fullmatch(text_of(content)):
            return self._as_value(self.content(text_of(content)), unknown)
        return unknown

    def _all_of(self, name: str, subscript: str) -> Many | Absent:
        content = self.content(name)
        if isinstance(content, Items):
            return Many([OPEN] if _is_shuffled(content) else content.values, subscript == "*")
        if isinstance(content, tuple):
            return Many([content], subscript == "*")
        return Many([], False) if content is UNSET else UNKNOWN

    def index(self, subscript: str, items: Items | None, *, mapping: bool = False) -> int | str | None:
        """The index or key that a subscript names, None if nobody knows. `mapping`: it is certainly a key."""
        mapping = mapping or (items is not None and any(isinstance(key, str) for key, _ in items.entries))
        bare = subscript.strip("\"'")
        if bare.lstrip("-").isdigit():
            return bare if mapping else int(bare) if len(bare) < 9 else None
        match = _PLAIN_INDEX.fullmatch(bare)
        if match is None:
            return bare if mapping and "$" not in bare and "`" not in bare else None if mapping else self._number(bare)
        if mapping and "$" not in bare:
            return bare
        content = self.content(match[1])
        if not isinstance(content, tuple) or not known(content):
            return None
        text = text_of(content)
        return text if mapping else int(text) if text.isdecimal() and len(text) < 9 else None

    def _at_index(self, name: str, subscript: str, piece: Piece) -> Content:
        content = self.content(name)
        if not isinstance(content, Items):
            return content if subscript == "0" else UNKNOWN
        index = self.index(subscript, content)
        if index is not None:
            return self._item(content, index)
        key = (name, "[")
        if key in self.choices:
            return self.choices[key]
        self.touched[key] = (*(value for value in content.values if isinstance(value, tuple)), UNKNOWN)
        return UNKNOWN

    def _of_many(
        self, content: Many | Items, rest: str, operand_at: int, piece: Piece, unknown: Value, *, parameters: bool
    ) -> Value | Many:
        """`${A[@]:1}` and the like."""
        if isinstance(content, Items):
            return unknown
        match = _SLICE.fullmatch(rest)
        if match is None:
            return self._each(content, rest, operand_at, piece, unknown)
        start = int(match[1].strip("()"))
        values = content.values
        if parameters:
            if not start:
                return unknown  # the first is the name of the script
            start -= start > 0
        return self._sliced_many(values, start, int(match[2]) if match[2] else None, content.star, unknown)

    def _each(self, content: Many, rest: str, at: int, piece: Piece, unknown: Value) -> Value | Many:
        """`${A[@]+word}`, or an operator on each item."""
        colon = rest.startswith(":")
        operator = rest[1:2] if colon else rest[:1]
        some = any(value is not OPEN for value in content.values)
        if operator in ("+", "-") and (some or not content.values):
            if some is (operator == "-"):
                return content if some else Many([], content.star)
            return self._operand(at + 1 + colon, piece)
        found: list[Value | Absent] = []
        for value in content.values:
            changed = self._changed(value, rest, at, piece) if isinstance(value, tuple) and known(value) else None
            if changed is None:
                return unknown
            found.append(changed)
        return Many(found, content.star)

    @staticmethod
    def _sliced_many(
        values: list[Value | Absent], start: int, length: int | None, star: bool, unknown: Value
    ) -> Value | Many:
        if start < 0 and OPEN in values:
            return unknown
        begin = start if start >= 0 else max(len(values) + start, 0)
        if OPEN in values[:begin]:
            return Many([OPEN, *values[begin:]], star)
        rest = values[begin:]
        if length is not None:
            rest = [*rest[: rest.index(OPEN)], OPEN] if OPEN in rest[:length] else rest[:length]
        return Many(rest, star)

    def _operated(self, name: str, content: Content, rest: str, at: int, piece: Piece, unknown: Value) -> Value | Many:
        """`${NAME` with an operator: a default, a part of the value, another case."""
        colon = rest.startswith(":") and rest[1:2] in ("-", "=", "+", "?")
        operator = rest[1:2] if colon else rest[:1]
        if operator and operator in "-=+?":
            start = at + (2 if colon else 1)
            empty = content is UNSET or (colon and isinstance(content, tuple) and not text_of(content))
            if isinstance(content, tuple) and colon and not known(content):
                content = UNKNOWN
            if content is UNKNOWN and not empty:
                return self._default(name, operator, start, piece, unknown)
            if operator == "+":
                return () if empty else self._operand(start, piece)
            if operator == "?" and empty:
                return unknown
            if not empty:
                return self._as_value(content, unknown)
            found = self._operand(start, piece)
            if operator == "=" and not isinstance(found, Many):
                self.put(name, Variable((found,)))
            return found
        if not isinstance(content, tuple):
            return () if content is UNSET else unknown
        if not known(content):
            return unknown
        changed = self._changed(content, rest, at, piece)
        return unknown if changed is None else changed

    def _default(self, name: str, operator: str, start: int, piece: Piece, unknown: Value) -> Value | Many:
        """`${X:-word}` where nobody knows X: as written, or the word where that is tried."""
        if operator == "?":
            return unknown
        if self.takes_operand(operator):
            found = self._operand(start, piece)
            if operator == "=" and not isinstance(found, Many):
                self.put(name, Variable((found,)))
            return found
        key = (piece.start, id(self.layer))
        chosen = self.choices.get(key)
        if chosen is not None:
            return self._as_value(chosen, unknown)
        if "nemotron" in piece.text or operator != "+":
            outer = self.touched
            self.touched = {}
            found = self._operand(start, piece)
            self.touched = outer
            if not isinstance(found, Many):
                self.touched[key] = (unknown, found)
                if operator == "=":
                    self.put(name, Variable((UNKNOWN, found)))
                if found and found[0].text.startswith("-"):
                    return Many([OPEN], False)  # it may be an option
        return unknown

    def _operand(self, start: int, piece: Piece) -> Value | Many:
        """The word in `${X:-word}`."""
        pieces = self.layer.slicer.operand(start, piece.end - 1, quoted=piece.quoted)
        if self.nested >= _MAX_NESTED:
            return (self._unknown(piece),)
        self.nested += 1
        try:
            if len(pieces) == 1 and pieces[0].kind == "expansion":
                return self._put_in(pieces[0])
            return self.whole(pieces)
        finally:
            self.nested -= 1

    def _changed(self, value: Value, rest: str, at: int, piece: Piece) -> Value | None:
        """A known value without a prefix or suffix, with something replaced, or in part."""
        text = text_of(value)
        self.spend(cost(value))
        match = _SLICE.fullmatch(rest)
        if match is not None:
            start = int(match[1].strip("()"))
            begin = start if start >= 0 else len(text) + start
            if begin < 0:
                return ()
            return cut(value, begin, len(text) if match[2] is None else begin + int(match[2]))
        if rest == "@Q":
            quote = self._unknown(piece)._replace(text="'", known=True, kind="literal")
            return None if "'" in text else (quote, *value, quote)
        if rest in ("^", "^^", ",", ",,"):
            change: Callable[[str], str] = str.upper if rest[0] == "^" else str.lower
            new = change(text) if len(rest) == 2 else change(text[:1]) + text[1:]
            return self._replaced(value, new) if len(new) == len(text) else None
        operator = next((o for o in ("##", "%%", "//", "/#", "/%", "#", "%", "/") if rest.startswith(o)), "")
        if not operator or len(text) > MAX_TEXT:
            return None
        pieces = self.layer.slicer.operand(at + len(operator), piece.end - 1, quoted=False)
        self.spend(len(text) // 8)
        try:
            if operator[0] in "#%":
                return self._trimmed(value, text, operator, self.pattern(pieces, backwards=operator[0] == "%"))
            return self._substituted_text(value, text, operator, pieces)
        except ValueError:
            return None

    def pattern(self, pieces: Sequence[Piece], *, backwards: bool = False) -> Pattern:
        """Pieces as a pattern. Raises ValueError where it is not known or not followed."""
        characters: list[tuple[str, bool]] = []
        for piece in pieces:
            if piece.kind != "expansion":
                characters += [(char, protected(piece)) for char in piece.text]
                continue
            value = self._put_in(piece)
            if isinstance(value, Many) or not known(value):
                raise ValueError("the pattern is not known")
            characters += [(char, piece.quoted) for char in text_of(value)]
        return Pattern(characters, backwards=backwards)

    @staticmethod
    def _trimmed(value: Value, text: str, operator: str, pattern: Pattern) -> Value:
        longest = len(operator) == 2
        if operator[0] == "#":
            ends = pattern.ends(text)
            return cut(value, ends[-1] if longest else ends[0], len(text)) if ends else value
        ends = pattern.ends(text[::-1])
        return cut(value, 0, len(text) - (ends[-1] if longest else ends[0])) if ends else value

    def _substituted_text(self, value: Value, text: str, operator: str, pieces: Sequence[Piece]) -> Value | None:
        number = next((at for at, p in enumerate(pieces) if p.kind == "literal" and "/" in p.text), len(pieces))
        first, second = list(pieces[:number]), list(pieces[number:])
        if second:
            whole = second[0]
            slash = whole.text.index("/")
            first.append(whole._replace(text=whole.text[:slash], end=whole.start + slash))
            second[0] = whole._replace(text=whole.text[slash + 1 :], start=whole.start + slash + 1)
        pattern, new = self.pattern([piece for piece in first if piece.text]), self.whole(second)
        if not known(new):
            return None
        if len(text) > _MAX_LENGTH and not pattern.literal:
            return None
        replacement = text_of(new)
        if not pattern.literal:
            self.spend(len(text) * len(text) // 32)
        found: list[Fragment] = []
        at = kept = 0
        while at <= len(text):
            ends = pattern.ends(text, at)
            if operator == "/%" and ends[-1:] != [len(text)]:
                ends = []
            if ends and (ends[-1] > at or (operator in ("/#", "/%"))):
                found += cut(value, kept, at)
                if replacement:
                    found.append(value[0]._replace(text=replacement, end=max(value[0].end, value[0].start)))
                at = kept = ends[-1]
                if operator != "//":
                    break
            elif operator == "/#":
                break
            else:
                at += 1
        return (*found, *cut(value, kept, len(text)))

    @staticmethod
    def _replaced(value: Value, text: str) -> Value:
        found: list[Fragment] = []
        at = 0
        for fragment in value:
            found.append(fragment._replace(text=text[at : at + len(fragment.text)]))
            at += len(fragment.text)
        return tuple(found)


def _is_shuffled(items: Items) -> bool:
    """True if nobody knows in which order the values of keys come, and the order matters."""
    return sum(isinstance(key, str) for key, _ in items.entries) > 1 and not names_command(items)


def _is_pattern(fragment: Fragment) -> bool:
    """True for a fragment outside quotes that is a pattern for the names of files."""
    text = fragment.text
    if not fragment.known or fragment.quoted:
        return False
    return _GLOB.search(text) is not None or -1 < text.find("[") < text.rfind("]")
