"""From bytes to a complete `Document`: text, regions, commands, runs, and an account of every mention."""

from __future__ import annotations

from bisect import bisect_right

from nemolint.base.bom import wide_encoding
from nemolint.base.patterns import lazily
from nemolint.document import Document, Documentation, Mention, Note
from nemolint.prefilter import PROSE, may_document_keys, may_give_config, may_hold_run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nemolint.document import MentionKind, Region
    from nemolint.invocation import StepRun
    from nemolint.shell.command import Command
    from nemolint.shell.find import ReadResult
    from nemolint.shell.raw import Allowance


class Unreadable(Exception):
    """A file that is not text. The message says what it is and what to do."""


def decode(data: bytes) -> tuple[str, tuple[Note, ...]]:
    """The text of a file, its BOM kept as U+FEFF, and a note if it is not UTF-8.

    Bytes that are not UTF-8 become lone surrogates, so that they count one character each. Raises Unreadable for
    binary data.
    """
    if (codec := wide_encoding(data)) is not None:
        name = codec[:6].upper()
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            raise Unreadable(f"is neither UTF-8 nor valid {name}: save it as UTF-8") from None
        return text, (Note("broken-file", f"the file is {name}, which shells cannot read: save it as UTF-8"),)
    if b"\0" in data:
        raise Unreadable("contains NUL bytes, so it is not text: give a text file, or exclude it")
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError as error:
        text = data.decode("utf-8", "surrogateescape")
        at = len(data[: error.start].decode("utf-8"))
        message = f"byte 0x{data[error.start]:02X} is not UTF-8: save the file as UTF-8"
        return text, (Note("broken-file", message, at, at + 1),)


def read_document(
    path: str, data: bytes, *, absolute: str | None = None, answer: bool = False, prompt: str | None = None
) -> Document:
    """Read one file. `path` is the name to report; it also determines the kind of file.

    `answer`: check it as an assistant's answer; `prompt` is the question that it answers.

    Raises Unreadable for binary data. A file of unsupported type has no regions and is searched for credentials only;
    one that cannot have a run is parsed when a rule asks for its regions or commands.
    """
    text, notes = decode(data)
    return read_text(path, text, absolute=absolute, answer=answer, prompt=prompt, notes=notes)


def read_text(
    path: str,
    text: str,
    *,
    absolute: str | None = None,
    answer: bool = False,
    prompt: str | None = None,
    notes: tuple[Note, ...] = (),
    kind: str | None = None,
    unread: bool = False,
) -> Document:
    """`read_document` for a decoded text.

    `notes` are those of its decoding, `kind` is that of the text if its name does not tell. `unread`: only the text and
    its kind are wanted, so nothing is parsed.
    """
    from nemolint import sources

    kind = kind or sources.kind_of(path, text[:256].removeprefix("\ufeff"))
    if kind is None:  # searched for credentials only, in whatever encoding
        kind, notes = sources.OTHER, ()
    document = Document(path, text, kind, absolute, answer or path.endswith(".answer.md"), prompt)
    document.attach(notes=notes)
    if unread:
        return document
    if document.answer or may_hold_run(text, kind):
        _read(document)
    else:
        document.attach(reading=_read, can_run=False)
    if may_give_config(text) if document.answer else may_document_keys(text, kind):
        document.attach(documenting=_read_documentation)
    return document


def _read_documentation(document: Document) -> Documentation:
    if document.answer:
        from nemolint.sources import answer_blocks

        return answer_blocks.read(document)
    from nemolint.sources import documented_keys

    return documented_keys.read(document)


def find_runs(path: str, text: str) -> tuple[StepRun, ...]:
    """The runs of a text in their order, mentions among them (see `StepRun.role`).

    `path` determines the kind of text (`a.sh`, `page.md`); nothing is read from disk. Positions are offsets in `text`,
    in code points: `run.span.file_span()`.
    """
    return read_text(path, text).runs


def _read(document: Document) -> None:
    """Parse the text of a document completely, if it can have a run; else when a rule asks for it."""
    from nemolint import sources

    reading = sources.read_regions(document)
    regions = reading.regions
    if document.answer:
        regions = tuple(region.with_surface("answer") if region.surface == "doc" else region for region in regions)
    comments = [(start, end, text) for start, end, text in reading.suppress_comments]
    if document.can_run:
        document.attach(regions=regions, notes=(*document.notes, *reading.notes))
        _read_commands(document, comments)
    else:  # the runs, notes and mentions were complete before
        document.attach(regions=regions)
        _read_others(document, comments)


def _read_others(document: Document, comments: list[tuple[int, int, str]]) -> None:
    """The commands of a document that has no run among them, and its comments."""
    from nemolint.shell.raw import Allowance

    allowance = Allowance.of(len(document.text))
    results = [_read_region(region, allowance, comments) for region in document.regions if region.kind != "mention"]
    commands = tuple(command for result in results for command in result.commands)
    document.attach(commands=commands, comments=tuple(sorted(comments)))


def _read_region(region: Region, allowance: Allowance, comments: list[tuple[int, int, str]]) -> ReadResult:
    """Read the commands of a region, and add its comments to the others."""
    from nemolint.shell.find import read_commands

    result = read_commands(region, allowance)
    for start, end in result.comments:
        comments.append((*region.map.to_outer(start, end), region.text[start:end].lstrip("#").strip()))
    return result


def _read_commands(document: Document, comments: list[tuple[int, int, str]]) -> None:
    from nemolint.shell.find import read_commands
    from nemolint.shell.raw import Allowance
    from nemolint.sources.command_text import hidden, is_command

    allowance = Allowance.of(len(document.text))
    commands: list[Command] = []
    runs: list[StepRun] = []
    notes: list[Note] = []
    alternatives: list[tuple[StepRun, int, int]] = []
    spans: list[tuple[int, int, MentionKind]] = []
    for region in document.regions:
        if region.kind == "mention":
            spans.append((*region.map.to_outer(0, len(region.text)), "mention"))
            # A string that is a complete command is listed by `nemolint commands --all`, but not checked as a run.
            if region.container.endswith(_STRINGS) and is_command(region.text):
                runs.extend(_runs(read_commands(region, allowance).commands))
            continue
        before = len(comments)
        result = _read_region(region, allowance, comments)
        spans.extend((start, end, "comment") for start, end, _ in comments[before:])
        for start, end in result.accounted:
            spans.append((*region.map.to_outer(start, end), "data"))
        commands.extend(result.commands)
        here = _runs(result.commands)
        runs.extend(here)
        alternatives.extend((run, at.start, at.end) for at in result.alternatives for run in _runs([at.command]))
        spans.extend((*run.span.file_span(), "run") for run in here)
        # A command that bash refuses has its own finding, and runs nothing.
        refused = (item for item in result.commands if any(fault.kind == "substitution" for fault in item.faults))
        spans.extend((*item.region.map.to_outer(item.start, item.end), "data") for item in refused)
        if region.kind == "shell" and not region.text.isascii():
            notes.extend(_odd_spaces(result.commands))
            for at, char in hidden(region.text):
                message = (
                    f"U+{ord(char):04X} is inside the name of this command, so a shell does not find it: remove it"
                )
                notes.append(Note("broken-shell", message, *region.map.to_outer(at, at + 1)))
        for problem in result.problems:
            place = problem.region.map.to_outer(problem.start, problem.end)
            notes.append(Note("broken-shell", problem.message, *place, info=problem.info))
            spans.append((*place, "unparsed"))
    alternatives.extend(
        (run, *alternative.place)
        for region in document.regions
        for alternative in region.alternatives
        for run in _runs(read_commands(region.instead(alternative)).commands)
    )
    account, lost = account_for(document, spans)
    notes.extend(
        Note("broken-shell", "this line names `nemotron steps run`, but it could not be parsed as shell", *place)
        for place in lost
    )
    known = [
        *spans,
        *((*place, "unparsed") for place in lost),
        *((start, end, "comment") for start, end, _ in comments),
    ]
    if (found := _overlooked(document, notes, known, account)) is not None:
        message, start = found
        notes.append(Note("broken-shell", message, start, start + len("nemotron"), info=True))
        account = tuple(Mention(start, "unparsed") if item.offset == start else item for item in account)
    document.attach(
        commands=tuple(commands),
        runs=tuple(sorted(runs, key=lambda run: run.span.file_span())),
        notes=(*document.notes, *notes),
        comments=tuple(sorted(comments)),
        mentions=account,
        alternatives=tuple(alternatives),
    )


def _overlooked(
    document: Document, notes: list[Note], spans: list[tuple[int, int, MentionKind]], account: Iterable[Mention]
) -> tuple[str, int] | None:
    """What is said of the first command that was not read as one, and its offset, unless a note already says so."""
    from nemolint.sources.command_text import keeps_commands
    from nemolint.sources.encoded import encoded_commands

    if any(note.event == "broken-shell" and note.info for note in (*document.notes, *notes)):
        return None
    # A script is a region as a whole, and so is what Python starts; in pages commands are marked.
    apart = document.kind not in (*PROSE, "notebook", "python", "shell")
    left = keeps_commands(document.text) or (document.kind == "markdown" and "</" in document.text)
    left = left or any(item.kind == "mention" for item in account)
    left = left or next(encoded_commands(document.text), None) is not None
    if not apart and not left and all(region.kind != "mention" for region in document.regions):
        return None
    from nemolint.sources.overlooked import overlooked

    return overlooked(document, spans)


def _runs(commands: Iterable[Command]) -> list[StepRun]:
    from nemolint.run_parser import parse_run
    from nemolint.shell.find import find_nemotron

    found = ((command, find_nemotron(command)) for command in commands)
    return [parse_run(command, index) for command, index in found if index is not None]


# The command with something between its words that only looks like a blank, or like nothing.
_ODD = "[^\\S \\t\\r\\n]|[\u200b\u2060\ufeff]"
_ODDLY_SPACED = lazily(rf"nemotron(?<![\w.-]nemotron)(?:\s|{_ODD})++steps(?:\s|{_ODD})++run(?![\w-])")
_ODD_SPACE = lazily(_ODD)


def _odd_spaces(commands: Iterable[Command]) -> Iterator[Note]:
    """A note for each command whose words a no-break space or the like keeps together: a shell finds no `nemotron`."""
    from nemolint.shell.find import find_nemotron
    from nemolint.shell.programs import carries_text

    for command in commands:
        text = command.region.text[command.start : command.end]
        named = _ODDLY_SPACED.search(text) if "nemotron" in text and not text.isascii() else None
        if named is None or find_nemotron(command) is not None or carries_text(command.words):
            continue
        if odd := _ODD_SPACE.search(text, named.start(), named.end() + 1):
            at = command.start + odd.start()
            message = f"U+{ord(odd[0]):04X} keeps the words of this command together, so a shell finds no `nemotron`"
            yield Note("broken-shell", f"{message}: type a plain space", *command.region.map.to_outer(at, at + 1))


# Containers of strings, as opposed to prose.
_STRINGS = ("frontmatter", "string")
_ORDER: tuple[MentionKind, ...] = ("run", "unparsed", "data", "comment", "mention")


def _extents(region: Region, text: str) -> Iterator[tuple[int, int]]:
    """Where the text of a region stands in the file, in one stretch or in several with other text in between."""
    begin = end = -1
    for segment in region.map.segments:
        if begin < 0:
            begin = segment.outer_start
        elif segment.outer_start < end or text[end : segment.outer_start].strip(" \t\r\n>#"):
            yield begin, end
            begin = segment.outer_start
        end = segment.outer_start + segment.outer_length
    yield begin, end


def account_for(
    document: Document, spans: Iterable[tuple[int, int, MentionKind]]
) -> tuple[tuple[Mention, ...], list[tuple[int, int]]]:
    """The kind of each literal mention. The second value lists mentions in shell text that are unaccounted for."""
    from nemolint.shell.find import mentions

    starts = mentions(document.text)
    if not starts:
        return (), []
    places = [(start, start + len("nemotron")) for start in starts]
    best: dict[int, MentionKind] = {}
    for begin, end, kind in spans:
        index = max(bisect_right(starts, begin) - 1, 0)
        while index < len(places) and places[index][0] < end:
            if places[index][1] > begin:
                known = best.get(index)
                if known is None or _ORDER.index(kind) < _ORDER.index(known):
                    best[index] = kind
            index += 1
    shell = [region for region in document.regions if region.kind == "shell" and region.parent is None]
    shell_spans = [span for region in shell for span in _extents(region, document.text)]
    lost: list[tuple[int, int]] = []
    account: list[Mention] = []
    for index, place in enumerate(places):
        found = best.get(index)
        if found is None:
            inside = any(begin <= place[0] < end for begin, end in shell_spans)
            found = "unparsed" if inside else "mention"
            if inside:
                lost.append(place)
        account.append(Mention(place[0], found))
    return tuple(account), lost
