"""`--fix`, `--add-ignores` and `--diff`: change one file, or show how it would change."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from itertools import accumulate

from nemolint.base.atomic import NotWritten, target_of
from nemolint.base.line_matcher import LineMatcher
from nemolint.base.named_tuple import NamedTuple
from nemolint.base.streams import OutputError, as_utf8
from nemolint.base.visible import in_ci, inert, visible, without_commands
from nemolint.linter.fix import FixState, fix_text, write_atomically

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.document import Document
    from nemolint.driver.discover import Found
    from nemolint.driver.request import Request, Streams
    from nemolint.driver.selection import Selection
    from nemolint.linter.checker import Checker
    from nemolint.linter.diagnostic import Diagnostic

_CONTEXT = 3
_ABOUT_SUPPRESSIONS = ("idle-suppression", "misread-suppression")


def rewrite(
    found: Found,
    document: Document,
    diagnostics: list[Diagnostic],
    request: Request,
    checker: Checker,
    streams: Streams,
    selection: Selection | None = None,
) -> tuple[Document, list[Diagnostic], int]:
    """Fix a file (or standard input), or show the diff. Returns the document, its findings, and how many were fixed.

    `diagnostics` are all findings of the file; only those in `selection` that are severe enough to be shown are fixed.
    With `--diff` nothing changes, so the findings stay as they are.
    """
    elsewhere = [item for item in diagnostics if item.path != document.path]
    stdin = request.stdin_name is not None

    def judged(document: Document, diagnostics: list[Diagnostic]) -> FixState:
        own, shown = _own(document, diagnostics, request, selection)
        chosen = set(map(id, shown))
        return FixState(document, [item if id(item) in chosen else item._replace(fix=None) for item in own])

    def check(text: str) -> FixState:
        current = checker.read(found.path, text.encode("utf-8"), name=document.path)
        return judged(current, checker.check(current))

    state = judged(document, diagnostics)
    done = None
    if _is_utf8(document.text, found.data):
        done = fix_text(state, check, unsafe=request.unsafe_fixes, forget=checker.forget)
    elif any(item.fix is not None and (item.fix.safe or request.unsafe_fixes) for item in state.diagnostics):
        streams.note(f"{document.path}: nothing was fixed, since the file is not UTF-8: save it as UTF-8")
    if request.diff:
        if done is None or not done.applied:
            return document, diagnostics, 0
        _show(document, done.document, checker, streams)
        return document, diagnostics, done.applied
    if stdin:
        _pass_on(found.data if done is None or not done.applied else done.text.encode("utf-8"), streams)
    if done is None or not done.applied or not (stdin or _written(found, done.text, checker, streams)):
        return document, diagnostics, 0
    return done.document, sorted([*done.remaining, *elsewhere], key=lambda item: item.sort_key), done.applied


class Ignored(NamedTuple):
    """How many findings of a file were suppressed; which could not be; and which are about secrets."""

    hidden: int
    left: list[Diagnostic]
    secrets: list[Diagnostic]


def add_ignores(
    found: Found,
    document: Document,
    diagnostics: list[Diagnostic],
    request: Request,
    checker: Checker,
    streams: Streams,
    selection: Selection | None = None,
) -> tuple[Document, list[Diagnostic], Ignored]:
    """Write suppressions for the findings of a file, or show the diff. Returns the document and what it has now.

    Findings about a secret are left alone unless their rule was selected by name, and so are those in other files.
    """
    from nemolint.linter.add_suppressions import add_suppressions

    rules = checker.rules

    def judged(document: Document, diagnostics: list[Diagnostic]) -> tuple[FixState, list[Diagnostic]]:
        own, chosen = _own(document, diagnostics, request, selection)
        return FixState(document, own), chosen

    def is_secret(item: Diagnostic) -> bool:
        return rules[item.rule].group == "secrets" and item.rule not in request.named

    def is_wanted(item: Diagnostic) -> bool:
        # A suppression of what is wrong with a suppression would be the next to be wrong.
        return id(item) in shown and not item.final and rules[item.rule].reports not in _ABOUT_SUPPRESSIONS

    shown: dict[int, Diagnostic] = {}

    def noted(document: Document, diagnostics: list[Diagnostic]) -> FixState:
        state, chosen = judged(document, diagnostics)
        shown.update((id(item), item) for item in chosen if not is_secret(item))
        return state

    def check(text: str) -> FixState:
        current = checker.read(found.path, text.encode("utf-8"), name=document.path)
        return noted(current, checker.check(current))

    state = noted(document, diagnostics)
    secrets = [item for item in judged(document, diagnostics)[1] if is_secret(item)]
    asked = [item for item in state.diagnostics if id(item) in shown]
    if not any(map(is_wanted, asked)):
        return document, diagnostics, Ignored(0, asked, secrets)
    if not _is_utf8(document.text, found.data):
        streams.note(f"{document.path}: no suppression was written, since the file is not UTF-8: save it as UTF-8")
        return document, diagnostics, Ignored(0, asked, secrets)
    done = add_suppressions(state, check, is_wanted, request.add_ignores or "", checker.forget)
    left = [item for item in done.state.diagnostics if id(item) in shown]
    outcome = Ignored(done.hidden, left, secrets)
    if not done.hidden:
        return document, diagnostics, outcome
    if request.diff:
        _show(document, done.state.document, checker, streams)
        return document, diagnostics, outcome
    if not _written(found, done.state.document.text, checker, streams):
        return document, diagnostics, Ignored(0, [], secrets)  # the note says why
    elsewhere = [item for item in diagnostics if item.path != document.path]
    now = sorted([*done.state.diagnostics, *elsewhere], key=lambda item: item.sort_key)
    return done.state.document, now, outcome


def _own(
    document: Document, diagnostics: list[Diagnostic], request: Request, selection: Selection | None
) -> tuple[list[Diagnostic], list[Diagnostic]]:
    """The findings in the file itself, and those of them that are selected and severe enough to be shown."""
    from nemolint.linter.rule import at_least

    own = [item for item in diagnostics if item.path == document.path]
    selected = own if selection is None else selection.of(own, document)
    return own, [item for item in selected if at_least(item.severity, request.show)]


def _show(before: Document, after: Document, checker: Checker, streams: Streams) -> None:
    """Write the diff. In a pipe it may be applied, so only terminals and CI logs get escapes."""
    if streams.out.isatty():
        streams.out.writelines(f"{visible(line[:-1])}\n" for line in difference(before, after, checker))
        return
    as_utf8(streams.out)
    lines = [*difference(before, after, checker)]
    if in_ci(os.environ):
        harmless = [without_commands(line) for line in lines]
        if harmless != lines:
            streams.note(
                f"{before.path}: this diff cannot be applied, since text that a CI runner would read as a command "
                "is escaped in it"
            )
        lines = harmless
    streams.out.writelines(lines)


def _is_utf8(text: str, data: bytes) -> bool:
    """True if the text encodes to exactly these bytes, so that what is not edited stays as it is."""
    try:
        return text.encode("utf-8") == data
    except UnicodeEncodeError:
        return False


def _pass_on(data: bytes, streams: Streams) -> None:
    """Write a text to standard output byte for byte, line ends included."""
    buffer = getattr(streams.out, "buffer", None)
    if buffer is None:
        streams.out.write(data.decode("utf-8", "surrogateescape"))
        return
    try:
        streams.out.flush()
        buffer.write(data)
        buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(error.strerror or str(error)) from None


def _written(found: Found, text: str, checker: Checker, streams: Streams) -> bool:
    """Write the changed text to its file. False, with a note, if that is not allowed or fails."""
    try:
        write_atomically(target_of(found.path, checker.cwd), text, was=found.data)
    except NotWritten as problem:
        streams.note(str(problem))
        return False
    except OSError as error:
        streams.note(f"{found.path}: cannot be written: {error.strerror or error}")
        return False
    return True


def difference(before: Document, after: Document, checker: Checker) -> Iterator[str]:
    """The lines of a unified diff, secrets masked. A line that differs only in a secret is shown as changed."""
    old, new = _lines(before.text), _lines(after.text)
    groups = list(_groups(old, new))
    if not groups:
        return
    # A secret of the old text is one in the new text too, whatever the fix changed around it.
    scrub = checker.redactor(before).scrub

    def masked(document: Document, lines: list[str]) -> Callable[[int, int], list[str]]:
        starts = [0, *accumulate(map(len, lines))]
        mask = checker.redactor(document).mask

        def line(number: int) -> str:
            # Keep the line end, even if a secret continues after it.
            end = "\n" if lines[number].endswith("\n") else ""
            return scrub(mask(starts[number], starts[number + 1] - len(end)).text) + end

        return lambda first, last: [line(number) for number in range(first, last)]

    old_lines, new_lines = masked(before, old), masked(after, new)
    yield f"--- {_quoted(f'a/{before.path}')}\n"
    yield f"+++ {_quoted(f'b/{after.path}')}\n"
    for group in groups:
        first, last = group[0], group[-1]
        yield f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@\n"
        for tag, old_start, old_end, new_start, new_end in group:
            if tag == "equal":
                yield from _signed(" ", old_lines(old_start, old_end))
                continue
            yield from _signed("-", old_lines(old_start, old_end))
            yield from _signed("+", new_lines(new_start, new_end))


def _quoted(name: str) -> str:
    """A name as git writes and reads it: in quotes and with octal escapes if it has unprintable characters."""
    if visible(name) == name:
        return name
    parts = (f"\\{char}" if char in '"\\' else char if visible(char) == char else _octal(char) for char in inert(name))
    return f'"{"".join(parts)}"'


def _octal(char: str) -> str:
    data = b"#" if char == inert("##[")[0] else char.encode("utf-8", "surrogateescape")
    return "".join(f"\\{byte:03o}" for byte in data)


def _groups(old: list[str], new: list[str]) -> Iterator[list[tuple[str, int, int, int, int]]]:
    """Groups of changes with the lines around them. The common beginning and end are not compared."""
    most = min(len(old), len(new))
    head = next((at for at in range(most) if old[at] != new[at]), most)
    tail = next((at for at in range(most - head) if old[-1 - at] != new[-1 - at]), most - head)
    head, tail = max(head - _CONTEXT, 0), max(tail - _CONTEXT, 0)
    matcher = LineMatcher(old[head : len(old) - tail], new[head : len(new) - tail])
    for group in matcher.get_grouped_opcodes(_CONTEXT):
        yield [(tag, *(at + head for at in places)) for tag, *places in group]  # type: ignore[misc]


def _signed(sign: str, lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield f"{sign}{line}" if line.endswith("\n") else f"{sign}{line}\n\\ No newline at end of file\n"


def _range(start: int, end: int) -> str:
    """A range of lines as `diff -u` writes it."""
    count = end - start
    return f"{start + 1}" if count == 1 else f"{start + (count > 0)},{count}"


def _lines(text: str) -> list[str]:
    """The lines as git sees them: they end at LF only, and keep it."""
    return list(io.StringIO(text, newline="\n"))
