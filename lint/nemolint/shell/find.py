"""Reads the shell text of a region: every simple command, nested scripts included.

`find_nemotron` searches the words for `nemotron steps run`. Text that names the command literally but could not be
parsed is an `UnreadShell`, so that nothing is skipped silently.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple

from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder
from nemolint.document import Region
from nemolint.shell import nested, programs, prompts
from nemolint.shell.command import Command
from nemolint.shell.follow import Allowance, Constants
from nemolint.shell.literal import MENTION
from nemolint.shell.raw import Backtick, Budget, RawCommand
from nemolint.shell.slicer import Slicer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nemolint.shell.command import Word

_UNCLOSED = "this quote is never closed, so the words of the command are a guess: close it"
_BACKTICK_ESCAPE = lazily(r"\\([\\`$])")
_BACKTICK_ESCAPE_QUOTED = lazily(r"\\([\\`$\"])")
_MAX_SCRIPT_DEPTH = 16
_MAX_RETRIES = 4


class UnreadShell(NamedTuple):
    """Characters `start:end` of a region that name the command and could not be parsed."""

    region: Region
    start: int
    end: int
    message: str


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


def mentions(text: str) -> list[int]:
    """Offsets of every literal `nemotron steps run` in `text`, with any blanks or continuations in between."""
    return [match.start() for match in MENTION.finditer(text)] if "nemotron" in text else []


def find_nemotron(command: Command) -> int | None:
    """Index of the word `nemotron` (or a path that ends so) that `steps run` follows, or None.

    It is found anywhere in the words, after any launcher, unless the command only carries text.
    """
    return programs.find_nemotron(command.words)


def read_commands(region: Region, allowance: Allowance | None = None) -> ReadResult:
    """Read a region as shell text. Raises nothing, whatever the text.

    `allowance` is shared by the regions of a file, None for a region by itself.
    """
    reader = _Reader(region.text, allowance or Allowance.of(len(region.text)))
    root = reader.read(region, 0)
    return ReadResult(
        tuple(reader.commands()),
        tuple(reader.problems),
        tuple(root.comments),
        tuple(_merged(root.accounted)),
        reader.budget.steps,
    )


class _Item(NamedTuple):
    """A command as sliced. `carrier`: a script in its words was read separately."""

    raw: RawCommand
    region: Region
    text: str
    carrier: bool


class _Layer(NamedTuple):
    """The result of slicing one region."""

    comments: list[tuple[int, int]]
    accounted: list[tuple[int, int]]


class _Reader:
    def __init__(self, text: str, allowance: Allowance) -> None:
        self.budget = Budget.of(len(text))
        # Characters of nested scripts that may still be read.
        self.nested = 4 * len(text) + 65_536
        # Without the name no command can be a run.
        self.named = "nemotron" in text
        self.items: list[_Item] = []
        self.problems: list[UnreadShell] = []
        self.constants = Constants(allowance)

    def read(self, region: Region, depth: int, opaque: Mapping[int, int] | None = None) -> _Layer:
        """Slice a region and, in the order of the text, the scripts inside it.

        `opaque` gives the ends, by their starts, of what the surrounding text has already read.
        """
        text = region.text
        wanted = mentions(text)
        if region.prompts:
            layout = prompts.console(text)
        elif region.comment_lines:
            layout = prompts.comment_text(text, wanted)
        else:
            layout = prompts.Layout(text, [(0, len(text))])
        slicer = self._slice(region, layout, wanted, opaque)
        ordered: list[tuple[int, int, RawCommand | nested.Script]] = []
        layer = _Layer([*layout.comments, *slicer.comments], [*layout.other, *slicer.spans])
        for raw in slicer.out:  # grows while the bodies of here-documents are read
            for heredoc in raw.heredocs:
                if heredoc.start < 0:
                    continue
                if nested.heredoc_script(raw, heredoc, layout.text):
                    script = nested.heredoc_map(heredoc, layout.text)
                    ordered.append((script.place, len(ordered), script))
                    continue
                layer.accounted.append((heredoc.start, heredoc.end))
                if not heredoc.quoted:
                    slicer.body(heredoc.start, heredoc.end)
            ordered.append((raw.start, len(ordered), raw))
            # In the words or assignments of a command that is not a run, the name is just text.
            if self.named and not raw.doubtful and (raw.header or programs.find_nemotron(raw.words) is None):
                layer.accounted.append((raw.start, raw.end))
        for backtick in slicer.backticks:
            script = _backtick_script(backtick, layout.text)
            ordered.append((script.place, len(ordered), script))
        ordered.sort(key=lambda entry: entry[:2])
        self._account(region, layout, slicer, layer, wanted)
        for _, _, entry in ordered:
            if isinstance(entry, nested.Script):
                self._nested(region, entry, depth, layer)
                continue
            carries = not entry.header and nested.may_carry(entry.words)
            for raw in nested.exec_parts(entry) if carries else [entry]:
                inner = tuple(nested.in_words(raw.words, layout.text)) if carries else ()
                self.items.append(_Item(raw, region, layout.text, bool(inner)))
                self.constants.note(len(self.items), raw)
                for script in inner:
                    self._nested(region, script, depth, layer)
            if not entry.header:
                for script in nested.fed(entry, layout.text):
                    self._nested(region, script, depth, layer)
        return layer

    def _slice(
        self, region: Region, layout: prompts.Layout, wanted: list[int], opaque: Mapping[int, int] | None
    ) -> Slicer:
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
        self, region: Region, layout: prompts.Layout, literal: frozenset[int], opaque: Mapping[int, int] | None
    ) -> Slicer:
        doc = region.surface != "script"
        slicer = Slicer(region, layout.text, doc=doc, budget=self.budget, literal=literal, opaque=opaque)
        for start, end in layout.chunks:
            slicer.run(start, end)
        return slicer

    def _nested(self, region: Region, script: nested.Script, depth: int, layer: _Layer) -> None:
        """Read a script inside the region, if depth and budget allow, and add the result to `layer`."""
        text = script.map.text
        self.nested -= len(text)
        if depth >= _MAX_SCRIPT_DEPTH or self.nested < 0:
            if mentions(text):
                start, end = script.map.to_outer(0, len(text))
                self.problems.append(UnreadShell(region, start, end, "scripts are nested too deeply here to be parsed"))
            return
        derived = region.derive(script.map, encoder=script.encoder)
        if script.body and derived.surface == "doc":
            derived = derived.with_surface("script", template=False)
        inner = self.read(derived, depth + 1, script.opaque)
        layer.comments.extend(script.map.to_outer(start, end) for start, end in inner.comments)
        layer.accounted.extend(script.map.to_outer(start, end) for start, end in inner.accounted)

    def _account(
        self, region: Region, layout: prompts.Layout, slicer: Slicer, layer: _Layer, wanted: list[int]
    ) -> None:
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

    def commands(self) -> list[Command]:
        """The commands of all layers, with constants expanded where that gives a run."""
        result: list[Command] = []
        for order, item in enumerate(self.items, 1):
            raw = item.raw
            if raw.header:
                continue
            words: list[Word] | None = None
            if self.named and not item.carrier and not self.constants.empty:
                followed = not self.constants.exhausted
                words = self.constants.expand(order, raw.words, raw.function)
                if followed and self.constants.exhausted:
                    message = "variables are used too often, or are too long, to be expanded from here on"
                    self.problems.append(UnreadShell(item.region, raw.start, raw.end, message))
                if words is not None and programs.find_nemotron(words) is None:
                    words = None
            command = _command(item, raw.words if words is None else words, named=self.named)
            result.append(command)
            if command.unclosed:
                self.problems.append(UnreadShell(item.region, raw.unclosed, raw.unclosed + 1, command.problem))
        return result


def _command(item: _Item, words: list[Word], *, named: bool) -> Command:
    raw = item.raw
    command = Command(
        item.region,
        tuple(words),
        raw.start,
        raw.end,
        tuple(raw.assignments),
        tuple(raw.redirects),
        _name(raw.piped_to),
        _name(raw.piped_from),
        raw.separator,
        comment=item.region.comment_lines,
    )
    if not named or programs.find_nemotron(words) is None:
        return command
    from nemolint.shell.words import agrees

    if raw.doubtful:
        return command._replace(confident=False, problem=_UNCLOSED, unclosed=True)
    if agrees(raw, item.text) is False:
        return command._replace(confident=False, problem="two parsers disagree about the words")
    return command


def _name(raw: RawCommand | None) -> str:
    return programs.base(raw.words[0].value) if raw is not None and raw.words else ""


def _backtick_script(backtick: Backtick, text: str) -> nested.Script:
    """The content of a backtick substitution without one level of escapes."""
    builder = MapBuilder()
    at = backtick.start
    pattern = _BACKTICK_ESCAPE_QUOTED if backtick.quoted else _BACKTICK_ESCAPE
    for match in pattern.finditer(text, backtick.start, backtick.end):
        builder.verbatim(text, at, match.start())
        builder.escape(match[1], match.start(), 2)
        at = match.end()
    builder.verbatim(text, at, backtick.end)
    return nested.Script(builder.build(backtick.start), backtick.start, "none")


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
