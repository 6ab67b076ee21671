"""Reads the shell text of a region: every simple command, nested scripts included.

`find_nemotron` searches the words for `nemotron steps run`. Text that names the command literally but could not be
parsed is an `UnreadShell`, so that nothing is skipped silently.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.document import Region
from nemolint.shell import programs
from nemolint.shell.carriers import command_option, may_carry, runs_input
from nemolint.shell.command import Command, Fault
from nemolint.shell.launchers import INTERPRETERS, STARTS
from nemolint.shell.layer import Layer
from nemolint.shell.layout import Layout, comment_layout, console_layout
from nemolint.shell.lexer import BLANK
from nemolint.shell.literal import names_subcommand
from nemolint.shell.raw import Allowance, Budget, RawCommand
from nemolint.shell.slicer import Slicer
from nemolint.sources.command_text import MENTION, is_turned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from nemolint.shell.command import Word
    from nemolint.shell.follow import Fork
    from nemolint.shell.nested import Handed, Script
    from nemolint.shell.ran import Runs
    from nemolint.shell.values import Value

_UNNAMED = "this may run the command: which program it starts is not known, so it was not checked"
_GIVEN = "this is a command as text: whether the program that gets it runs it is not known, so it was not checked"
_KEPT = "this variable holds a command for other programs: whether one runs it is not known, so it was not checked"
_ITSELF = "this runs a part of its own script, comments with the command perhaps, so that was not checked"
_UNCLOSED = "this quote is never closed, so the words of the command are a guess: close it"
# What may change which commands a text holds: expansions, aliases, functions.
_MOVING = lazily(r"[$`]|\b(?:alias|function)\b|\)\s*[{(]|\{(?:[^\s{},]*,)*(?:nemotron|steps|run)[,}]")
_MOVING_SIGNS = ("$", "`", ")", "{", "alias", "function")
# What starts commands in Python.
_STARTS = lazily(r"\b(?:system|popen|Popen|run|call|check_\w+|get(?:status)?output|spawn\w*|exec[lv]\w*)\(")
# The command in text or in a list, whatever the list's syntax.
_IN_ANY_LIST = lazily(r"nemotron[\s\"',\\\[(-]+steps[\s\"',\\-]+run\b")
# What begins a line that was meant to go on with the run before it: an option, an override of a nested key.
_CONTINUED = lazily(r"--?[A-Za-z][\w-]*(?:=|\Z)|[A-Za-z_]\w*(?:\.\w+)+=")
# What a script calls its own file.
_OWN_FILE = frozenset({"$0", "${0}", "$BASH_SOURCE", "${BASH_SOURCE}", "${BASH_SOURCE[0]}"})
_MOST_STAGES = 8
_MAX_SCRIPT_DEPTH = 16
_MAX_RETRIES = 4
# So many ways of a script are followed one by one, as far as this does not take more than so much work.
_MAX_FORKS = 24
_MOST_FORKED = 200_000


class UnreadShell(NamedTuple):
    """Characters `start:end` of a region that name the command and could not be parsed."""

    region: Region
    start: int
    end: int
    message: str
    # It may well be something else.
    info: bool = False


class ReadResult(NamedTuple):
    """The content of a region: its commands in the order of the text, and how the rest was classified.

    `comments` are the spans of shell comments, `accounted` those of text that is not run: commands that only carry
    text, here-documents with data, output lines of a console block. Both are offsets in the region.
    """

    commands: tuple[Command, ...] = ()
    problems: tuple[UnreadShell, ...] = ()
    comments: tuple[tuple[int, int], ...] = ()
    accounted: tuple[tuple[int, int], ...] = ()
    steps: int = 0
    alternatives: tuple[AlternativeCommand, ...] = ()


class AlternativeCommand(NamedTuple):
    """A run with other words at `start:end` of the file, which it has where its script takes one of several ways."""

    command: Command
    start: int
    end: int


def mentions(text: str) -> list[int]:
    """Offsets of every literal `nemotron steps run` in `text`, with any blanks or continuations in between."""
    return [match.start() for match in MENTION.finditer(text)] if "nemotron" in text else []


def find_nemotron(command: Command) -> int | None:
    """Index of the word `nemotron` (or a path that ends so) that `steps run` follows, or None.

    It is found anywhere in the words, after any launcher, unless the command only carries text, or hands its
    words to a function of the script.
    """
    return None if command.called else programs.find_nemotron(command.words)


def read_commands(region: Region, allowance: Allowance | None = None) -> ReadResult:
    """Read a region as shell text. Raises nothing, whatever the text.

    `allowance` is shared by the regions of a file, None for a region by itself.
    """
    reader = _Reader(region.text, allowance or Allowance.of(len(region.text)))
    root = reader.read(region)
    commands = tuple(reader.commands(root))
    if reader.unfollowed and reader.forks:
        commands = (*commands, *_of_ways(region, reader, commands))
    return ReadResult(
        commands,
        tuple(reader.problems),
        tuple(root.comments),
        tuple(_merged(root.accounted)),
        reader.budget.steps,
        tuple(_alternatives(region, reader, commands)),
    )


def _of_ways(region: Region, reader: _Reader, commands: Sequence[Command]) -> list[Command]:
    """The runs that can only be followed where their script takes one of several ways.

    What was not followed for that reason alone is no problem any more.
    """
    seen = {tuple(map(_value_at, _of_run(command))) for command in commands}
    found: list[Command] = []
    left = list(reader.unfollowed)
    affordable = _MOST_FORKED // (1 + reader.cost + len(region.text))
    for taken in list(reader.forks)[: min(_MAX_FORKS, affordable)]:
        other = _Reader(region.text, Allowance(reader.cost * 2 + 1_000), taken)
        runs = [command for command in other.commands(other.read(region)) if _of_run(command)]
        left = [problem for problem in left if problem in other.unfollowed or not runs]
        for command in runs:
            values = tuple(map(_value_at, command.words))
            if values not in seen and (values[0][2] is not None or programs.is_nemotron(command.words[0])):
                seen.add(values)
                found.append(command)
    if found:
        gone = {problem for problem in reader.unfollowed if problem not in left}
        reader.problems = [problem for problem in reader.problems if problem not in gone]
    return found


def _alternatives(region: Region, reader: _Reader, commands: Sequence[Command]) -> Iterator[AlternativeCommand]:
    """The runs that have other words where a script takes one of several ways, each with the place of these words."""
    ways = [*([()] if reader.differs else []), *reader.forks]
    if not ways:
        return
    known = {_value_at(word) for command in commands for word in _of_run(command)}
    if all(value is not None for _, _, value in known):
        return
    seen: set[tuple[object, ...]] = set()
    affordable = _MOST_FORKED // (1 + reader.cost + len(region.text))
    for taken in ways[: min(_MAX_FORKS, affordable)]:
        other = _Reader(region.text, Allowance(reader.cost * 2 + 1_000), taken)
        for command in other.commands(other.read(region.instead())):
            words = _of_run(command)
            found = tuple(_value_at(word) for word in words)
            if found in seen:
                continue
            seen.add(found)
            places = {(start, end): None for start, end, text in found if text and (start, end, text) not in known}
            yield from (AlternativeCommand(command, *place) for place in places)


def _of_run(command: Command) -> tuple[Word, ...]:
    """The words of a command, if it is a run; of any other none."""
    return command.words if command.confident and find_nemotron(command) is not None else ()


def _value_at(word: Word) -> tuple[int, int, str | None]:
    """The place of a word in the file and its value, None where that is not known."""
    return (*word.span.file_span(), None if word.expansion else word.value)


class _Reader:
    def __init__(self, text: str, allowance: Allowance, taken: Sequence[Fork] | None = None) -> None:
        # The way that the scripts take, if they are followed on one; a run is then kept apart each time that it runs.
        self.taken = taken
        # The ways that the scripts may take, and what it cost to follow them.
        self.forks: Collection[tuple[Fork, ...]] = ()
        self.cost = 0
        # A run as written has other words from time to time.
        self.differs = False
        self.budget = Budget.of(len(text))
        # Characters of nested scripts that may still be read.
        self.nested = 4 * len(text) + 65_536
        # Without the name, as it is or turned, or its subcommand behind a variable, no command can be a run.
        self.named = "nemotron" in text or names_subcommand(text) or is_turned(text)
        self.problems: list[UnreadShell] = []
        # Those of them that say that a text made of the command runs.
        self.unfollowed: list[UnreadShell] = []
        self.allowance = allowance
        self.depths: dict[int, int] = {}

    def read(self, region: Region) -> Layer:
        """Slice a region, and what is a script inside it."""
        layer = self.slice(region, 0)
        if self.named and self.allowance.left >= 0 and _needs_following(layer):
            from nemolint.shell.follow import Follower

            before = self.allowance.left
            follower = Follower(self.allowance, self._inner, self.taken)
            follower.run(layer)
            self.forks, self.cost = follower.forks, before - self.allowance.left
            if follower.spent or follower.overflowed:
                message = "variables are used too often, or are too long, to be expanded from here on"
                raw = next((raw for raw in layer.slicer.out if id(raw) not in layer.done), None)
                start, end = (raw.start, raw.end) if raw is not None else (0, len(region.text))
                self.problems.append(UnreadShell(region, start, end, message))
            for place, raw in follower.unfollowed.values():
                message = "this runs text that is made of a command in a way that cannot be followed"
                self.unfollowed.append(UnreadShell(place.region, max(raw.start, 0), max(raw.end, 0), message))
            for key, (place, raw, given) in follower.unnamed.items():
                if key not in follower.named and key not in follower.unfollowed:
                    self.unfollowed += _unnamed(place.region, raw, given=given)
            for at in follower.kept() if not follower.spent else ():
                if at.region.surface == "script":
                    self.unfollowed.append(UnreadShell(at.region, at.start, at.end, _KEPT, info=True))
            self.problems += self.unfollowed
        self._read_rest(layer)
        return layer

    def slice(self, region: Region, depth: int, script: Script | None = None) -> Layer:
        """Slice a region: a whole one, or that of a script inside another."""
        text = region.text
        wanted = mentions(text)
        if region.console:
            layout = console_layout(text)
        elif region.comment_lines:
            layout = comment_layout(text, wanted)
        else:
            layout = Layout(text, [(0, len(text))])
        slicer = self._slice(region, layout, wanted, script.opaque if script is not None else None)
        put_in = (script.written, script.cutting) if script is not None else ()
        layer = Layer(region, layout.text, slicer, *put_in)
        layer.comments = [*layout.comments, *slicer.comments]
        layer.accounted = [*layout.other, *slicer.spans]
        self.depths[id(layer)] = depth
        for raw in slicer.out:  # grows while the bodies of here-documents are read
            layer.add(raw.start, raw)
            for heredoc in raw.heredocs:
                if heredoc.start >= 0 and not heredoc.quoted:
                    slicer.body(heredoc)
            # In the words or assignments of a command that is not a run, the name is just text.
            index = programs.find_nemotron(raw.words) if self.named and not raw.header else None
            if index is not None:  # what a launcher is told before that, as `--comment='nemotron …'`
                layer.accounted += [(word.start, word.end) for word in raw.words[:index] if mentions(word.value)]
            elif self.named and not raw.doubtful:
                layer.accounted.append((raw.start, raw.end))
                if any("nemotron" in word.value for word in raw.words):
                    self._report_interpreter(region, raw)
        self._account(region, layout, slicer, layer, wanted)
        return layer

    def _report_interpreter(self, region: Region, raw: RawCommand) -> None:
        """Report a program in `awk`, `perl` and the like that starts the command."""
        at = programs.effective(raw.words)
        if at == len(raw.words) or programs.base(raw.words[at].value) not in INTERPRETERS:
            return
        for word in raw.words[at + 1 :]:
            if _IN_ANY_LIST.search(word.value) and STARTS.search(word.value):
                message = "this program starts the command in a way that cannot be followed"
                self.problems.append(UnreadShell(region, word.start, word.end, message))

    def _inner(self, outer: Layer, script: Script) -> list[Layer]:
        """Slice a script inside a layer, if depth and the work left allow it; in Python, those that it starts."""
        text = script.map.text
        self.nested -= len(text)
        depth = self.depths[id(outer)] + 1
        if depth > _MAX_SCRIPT_DEPTH or self.nested < 0:
            if mentions(text):
                start, end = script.map.to_outer(0, len(text))
                message = "scripts are nested too deeply here to be parsed"
                self.problems.append(UnreadShell(outer.region, start, end, message))
            return []
        if script.language:
            return self._in_language(outer, script, depth)
        region = outer.region.derive(script.map, encoder=script.encoder)
        if script.body and region.surface == "doc":
            region = region.with_surface("script", template=False)
        layer = self.slice(region, depth, script)
        outer.add(script.place, layer)
        layer.map = script.map
        return [layer]

    def _in_language(self, outer: Layer, script: Script, depth: int) -> list[Layer]:
        """Slice what a text in another language starts."""
        found: list[Layer] = []
        if script.language == "python" and not _STARTS.search(script.map.text):
            return found
        from nemolint.sources import nested_reader
        from nemolint.sources.region_context import RegionContext

        read_text = nested_reader(script.language)
        if read_text is None:
            return found

        region = outer.region.derive(script.map, encoder=script.encoder)
        place = RegionContext(
            region.document, "script", region.container, region.cell, region.encoders, templated=region.templated
        )
        reading = read_text(region.map, place)
        for started in reading.regions:
            if started.kind == "shell" and started.surface != "comment" and not started.container.endswith(":env"):
                layer = self.slice(started, depth)
                outer.add(script.place, layer)
                found.append(layer)
        if not found and reading.notes and _IN_ANY_LIST.search(script.map.text):
            start, end = script.map.to_outer(0, len(script.map.text))
            message = (
                f"the {script.language.upper()} that this hands on does not parse, so its commands were not checked"
            )
            self.problems.append(UnreadShell(outer.region, start, end, message))
        return found

    def _read_rest(self, layer: Layer) -> None:
        """Read the scripts inside commands that were not run, as they are written; add up what becomes of the text."""
        layer.entries.sort(key=lambda entry: entry[:2])
        for _, _, entry in list(layer.entries):
            if isinstance(entry, RawCommand) and id(entry) not in layer.done:
                self._as_written(layer, entry)
        for backtick in layer.slicer.backticks:
            if id(backtick) not in layer.done:
                from nemolint.shell.nested import backtick_script

                self._inner(layer, backtick_script(backtick, layer.text))
        for raw in layer.slicer.out if self.named else ():
            # What is a run as written, and none as it ran: `$RUN nemotron …` with `RUN=echo`, a function of the name.
            runs = layer.runs.get(id(raw))
            if runs is not None:
                nothing = not runs.calls and not any(map(_is_run, runs.fields))
            else:
                nothing = id(raw) in layer.replaced and programs.find_nemotron(raw.words) is not None
            if nothing:
                layer.accounted.append((raw.start, raw.end))
        if self.named and (itself := _runs_itself(layer)) is not None:
            self.problems.append(UnreadShell(layer.region, itself.start, itself.end, _ITSELF, info=True))
        if self.named and layer.region.surface == "script" and layer.region.container.endswith(":string"):
            self.problems += _given_as_variable(layer)
        layer.entries.sort(key=lambda entry: entry[:2])
        inner = [entry for _, _, entry in layer.entries if isinstance(entry, Layer)]
        bodies = {entry.map.segments[0].outer_start for entry in inner if entry.map is not None}
        for raw in layer.slicer.out:
            for heredoc in raw.heredocs:
                if heredoc.start >= 0 and heredoc.start not in bodies:
                    layer.accounted.append((heredoc.start, heredoc.end))
        for inside in inner:
            self._read_rest(inside)
            if inside.map is not None and not inside.written:
                to_outer = inside.map.to_outer
                layer.comments.extend(to_outer(start, end) for start, end in inside.comments)
                layer.accounted.extend(to_outer(start, end) for start, end in inside.accounted)

    def _as_written(self, layer: Layer, raw: RawCommand) -> None:
        """Read the scripts that a command hands on, whatever its variables hold."""
        if _hands_nothing_on(raw):
            return
        from nemolint.shell import nested

        for heredoc in raw.heredocs:
            language = nested.heredoc_language(raw, heredoc, layer.text) if heredoc.start >= 0 else None
            if language is not None:
                self._inner(layer, nested.heredoc_map(heredoc, layer.text)._replace(language=language))
        if raw.header:
            return
        carried: list[Handed] = []
        if may_carry(raw.words):
            for part in nested.exec_parts(raw):
                for item in nested.handed(part.words):
                    carried.append(item)
                    if item.whole:
                        layer.called.add(id(raw))
                    self._inner(layer, nested.as_written(part.words, item, layer.text))
        if self.named and not layer.slicer.flat and not nested.runs_only(carried):
            given = not carried and nested.given_text(raw.words) is not None
            if given or programs.find_unnamed(raw.words) is not None:
                self.problems += _unnamed(layer.region, raw, given=given)
        for script in nested.fed(raw, layer.text):
            self._inner(layer, script)

    def _slice(self, region: Region, layout: Layout, wanted: list[int], opaque: Mapping[int, int] | None) -> Slicer:
        """Slice the text; if an unclosed quote shifted all quotes, slice it once more."""
        literal: frozenset[int] = frozenset()
        slicer = self._sliced(region, layout, literal, opaque)
        for _ in range(_MAX_RETRIES):
            culprit = _swallowing(slicer, wanted)
            if culprit is None or not self.budget.spend(len(layout.text)):
                break
            literal |= {culprit}
            slicer = self._sliced(region, layout, literal, opaque)
        return slicer

    def _sliced(
        self, region: Region, layout: Layout, literal: frozenset[int], opaque: Mapping[int, int] | None
    ) -> Slicer:
        doc = region.surface != "script"
        slicer = Slicer(region, layout.text, doc=doc, budget=self.budget, literal=literal, opaque=opaque)
        for start, end in layout.chunks:
            slicer.run(start, end)
        return slicer

    def _account(self, region: Region, layout: Layout, slicer: Slicer, layer: Layer, wanted: list[int]) -> None:
        """Report each literal occurrence outside of commands, comments and data."""
        if not wanted:
            return
        known = _merged(
            [
                *layer.comments,
                *layer.accounted,
                *slicer.heredoc_spans,
                *((b.start, b.end) for b in slicer.backticks),
                *((raw.start, raw.end) for raw in slicer.out),
            ]
        )
        starts = [span[0] for span in known]
        runs = set[int]()
        if slicer.flat:
            found = ((raw.words, programs.find_nemotron(raw.words)) for raw in slicer.out)
            runs = {words[index].start for words, index in found if index is not None}
        swallowed = _swallowed(slicer, wanted) if slicer.recovered else set()
        for at in wanted:
            index = bisect_right(starts, at) - 1
            message = ""
            if index < 0 or known[index][1] <= at:
                message = "this could not be parsed as a command"
            elif at in swallowed:
                message = "the quotes around this are unbalanced, so it could not be parsed"
            elif slicer.flat and at > slicer.flat[0] and at not in runs:
                message = "substitutions are nested too deeply here to be parsed"
            if message:
                end = MENTION.match(layout.text, at)
                self.problems.append(UnreadShell(region, at, end.end() if end else at, message))

    def commands(self, layer: Layer) -> Iterator[Command]:
        """The commands of a layer and of those inside it, in the order of the text."""
        for _, _, entry in layer.entries:
            if isinstance(entry, Layer):
                yield from self.commands(entry)
            elif not entry.header:
                for raw in _parts(entry):
                    for command in self._commands_of(layer, raw, entry):
                        yield command
                        if command.unclosed:
                            self.problems.append(
                                UnreadShell(layer.region, entry.unclosed, entry.unclosed + 1, _UNCLOSED)
                            )

    def _commands_of(self, layer: Layer, raw: RawCommand, entry: RawCommand) -> Iterator[Command]:
        """A command as written, or what it became."""
        runs = layer.runs.get(id(entry)) if raw is entry else None
        called = id(entry) in layer.called or id(entry) in layer.refused
        if runs is None:
            yield self._command(layer, raw, layer.traced(raw.words), called=called)
            return
        from nemolint.shell.ran import called_with, put_in

        together = len(runs.fields) > 1 and programs.find_nemotron(raw.words) is not None
        self.differs = self.differs or together
        if together and self.taken is None:
            written = [_together(layer, raw, runs)]
        else:
            written = [put_in(layer, raw, fields) for fields in runs.fields]
        seen: set[tuple[object, ...]] = set()
        for words in (*written, *(called_with(layer, raw, found) for found in runs.calls)):
            key = tuple((word.value, word.may_split, word.origin) for word in words)
            if key not in seen:
                seen.add(key)
                yield self._command(layer, raw, words, called=False)
        if not runs.fields:
            yield self._command(layer, raw, layer.traced(raw.words), called=True)

    def _command(self, layer: Layer, raw: RawCommand, words: Sequence[Word], *, called: bool) -> Command:
        command = Command(
            layer.region,
            tuple(words),
            raw.start,
            raw.end,
            tuple(raw.assignments),
            tuple(raw.redirects),
            _name(raw.piped_to),
            _name(raw.piped_from),
            raw.separator,
            comment=layer.region.comment_lines,
            called=called,
            faults=tuple(layer.faults.get(id(raw), ())),
        )
        if not self.named or find_nemotron(command) is None:
            return command
        if (cut := _cut(layer, raw)) is not None:
            command = command._replace(faults=(*command.faults, cut))
        if (lost := _behind_text(layer, command.words)) is not None:
            command = command._replace(faults=(*command.faults, lost))
        from nemolint.shell.words import agrees

        if raw.doubtful:
            return command._replace(confident=False, problem=_UNCLOSED, unclosed=True)
        if agrees(raw, layer.text) is False:
            return command._replace(confident=False, problem="two parsers disagree about the words")
        return command


def _hands_nothing_on(raw: RawCommand) -> bool:
    """True for a command that gives other programs no text that may be a command, as its words and signs show."""
    if raw.heredocs or may_carry(raw.words) or any(item.operator == "<<<" for item in raw.redirects):
        return False
    if raw.piped_to is not None and _name(raw) in ("echo", "printf"):
        return False
    if programs.find_nemotron(raw.words) is not None:
        return True
    return programs.find_unnamed(raw.words) is None and not any("nemotron" in word.value for word in raw.words)


def _parts(raw: RawCommand) -> Sequence[RawCommand]:
    """A command, or the several that it is made of: `find` with those that it runs."""
    if not may_carry(raw.words):
        return (raw,)
    from nemolint.shell.nested import exec_parts

    return exec_parts(raw)


def _unnamed(region: Region, raw: RawCommand, *, given: bool) -> Iterator[UnreadShell]:
    """What is said about a command of a script that may be a run, or may run the text that it is `given`."""
    if region.surface == "script" and raw.words and programs.find_nemotron(raw.words) is None:
        at = None
        if given:
            from nemolint.shell.nested import given_text

            at = given_text(raw.words)
        first, last = (raw.words[0], raw.words[-1]) if at is None else (raw.words[at], raw.words[at])
        message = _GIVEN if given else _UNNAMED
        yield UnreadShell(region, max(first.start, 0), max(last.end, 0), message, info=True)


def _given_as_variable(layer: Layer) -> Iterator[UnreadShell]:
    """What is said of a string that is no script but sets something to a whole command: `minute=0 job="…"`."""
    if len(layer.slicer.out) == 1 and not layer.slicer.out[0].words:
        from nemolint.shell.nested import runs_command

        for assigned in layer.slicer.out[0].assignments:
            word = assigned.word
            if runs_command(word.value.partition("=")[2]):
                yield UnreadShell(layer.region, word.start, word.end, _KEPT, info=True)


def _runs_itself(layer: Layer) -> RawCommand | None:
    """The command that gives a shell lines of the script itself, in whose comments the command is."""
    if not any(mentions(layer.text[start:end]) for start, end in layer.comments):
        return None
    for raw in layer.slicer.out:
        if raw.piped_to is not None and any(word.value in _OWN_FILE for word in raw.words):
            stage: RawCommand | None = raw.piped_to
            for _ in range(_MOST_STAGES):
                if stage is not None and runs_input(stage.words):
                    return raw
                stage = stage.piped_to if stage is not None else None
    return None


def _cut(layer: Layer, raw: RawCommand) -> Fault | None:
    """Words that look like those of a run, and never reach it: a value ends it before, or the line does."""
    text, region = layer.text, layer.region
    blank = BLANK.match(text, raw.end)
    at = blank.end() if blank is not None else raw.end
    stretch = layer.stretch_at(at)
    if stretch is not None and text[at : at + 1] in ("\n", "\r", ";", "&", "|", "#"):
        end = min((place for char in "\n\r" if (place := text.find(char, stretch[1])) >= 0), default=len(text))
        rest = text[stretch[1] : end]
        lost = rest.strip(" \t")
        start = stretch[1] + len(rest) - len(rest.lstrip(" \t"))
        if lost and lost[0] not in ";&|<>)#\"'":
            detail = "a line break" if text[at] in "\n\r" else f"`{text[at]}`"
            return Fault("cut", region.span(start, start + len(lost)), detail, stretch[2])
    follows = layer.following(raw)
    if raw.separator != "\n" or follows is None or not follows.words or text[raw.end : follows.start].strip():
        return None
    first = follows.words[0]
    if first.derived or not _CONTINUED.match(first.value) or region.surface == "comment":
        return None
    return Fault("line", layer.traced([first])[0].span)


def _behind_text(layer: Layer, words: Sequence[Word]) -> Fault | None:
    """Words of a run of which a shell takes only the first as a command, as it is the text of its option `-c`."""
    index = programs.find_nemotron(words)
    if not index or command_option(words[:index]) is None:
        return None
    first, last = words[index + 1], words[-1]
    inside = first.region is layer.region is last.region and first.start < last.end
    span = layer.region.span(first.start, last.end) if inside else first.span
    return Fault("argument", span, words[index - 1].value)


def _needs_following(layer: Layer) -> bool:
    """False for a text in which nothing can change what a command is, and that names it nowhere else."""
    if any(sign in layer.text for sign in _MOVING_SIGNS) and _MOVING.search(layer.text):
        return True
    return any(
        raw.heredocs
        or may_carry(raw.words)
        or (layer.text.find("nemotron", raw.start, raw.end) >= 0 and programs.find_nemotron(raw.words) is None)
        for raw in layer.slicer.out
    )


def _is_run(fields: Sequence[Sequence[Value]]) -> bool:
    from nemolint.shell.ran import Argument

    return programs.find_nemotron([Argument.of(value) for found in fields for value in found]) is not None


def _together(layer: Layer, raw: RawCommand, runs: Runs) -> list[Word]:
    """The words of a command that is a run as written: where they differ from time to time, they are as written."""
    from nemolint.shell.ran import put_in
    from nemolint.shell.values import same, value_of

    together = []
    for number, word in enumerate(raw.words):
        first = runs.fields[0][number]
        alike = all(
            len(fields[number]) == len(first)
            and all(same(one, other) for one, other in zip(fields[number], first, strict=True))
            for fields in runs.fields
        )
        together.append(first if alike else [value_of(word)])
    return put_in(layer, raw, together)


def _name(raw: RawCommand | None) -> str:
    return programs.base(raw.words[0].value) if raw is not None and raw.words else ""


def _swallowed(slicer: Slicer, wanted: list[int]) -> set[int]:
    """The occurrences in a quotation on a later line than its opening quote."""
    found = set()
    for _, line_end, stop in slicer.multiline:
        found.update(wanted[bisect_right(wanted, line_end) : bisect_left(wanted, stop)])
    return found


def _swallowing(slicer: Slicer, wanted: list[int]) -> int | None:
    """The quote that swallowed an occurrence on a later line, in a text with unbalanced quotes."""
    if not slicer.recovered or not wanted:
        return None
    last = max(slicer.recovered)
    for start, line_end, stop in slicer.multiline:
        if stop < last and bisect_right(wanted, line_end) < bisect_left(wanted, stop):
            return start
    return None


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sorted spans without overlaps."""
    result: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result
