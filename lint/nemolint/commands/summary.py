"""The summary of a check, on standard error."""

from __future__ import annotations

import io
from collections import Counter

from nemolint.base.columns import columns_of, fitted
from nemolint.base.paths import display_path
from nemolint.base.visible import visible
from nemolint.driver.outcome import Outcome
from nemolint.driver.request import Request, Streams
from nemolint.driver.session import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

    from nemolint.base.choices import Severity
    from nemolint.linter.diagnostic import Diagnostic

_MOST_LEFT = 20
_MANY = 20  # more findings than one fixes at once
_COUNTED: tuple[Severity, ...] = ("error", "warning", "info")


def write_statistics(shown: list[Diagnostic], request: Request, err: TextIO) -> None:
    """Count the findings of each rule; on a first check say how to start with so many."""
    counts = Counter((diagnostic.rule, diagnostic.severity) for diagnostic in shown)
    for (rule, severity), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        err.write(f"{count:>7}  {severity:<7}  {rule}\n")
    if len(shown) < _MANY or request.baseline is not None or request.since is not None:
        return
    loudest, _ = Counter(diagnostic.rule for diagnostic in shown).most_common(1)[0]
    more = (
        "How to start with so many:\n"
        "  nemolint baseline                  report only what is new from now on\n"
        "  nemolint --preset docs             lower what pages leave to their readers (docs/presets.md)\n"
        f"  per-file-ignores in the settings   turn a rule such as `{loudest}` off for some files\n"
    )
    err.write(fitted(more, columns_of(err)))


def write_sources(session: Session) -> None:
    """Say what the check was based on: settings, projects and their files, the cache."""
    from nemolint.base.signature import ABSENT, LEADS, MATCHING, NOTHING, PRESENT, UNKNOWN

    note, cwd = session.streams.note, session.cwd
    for settings in {id(item): item for top in session.tree.all() for item in top.lineage}.values():
        if settings.source is not None:
            note(f"settings from {display_path(settings.source, cwd)}")
    for name, project in session.projects.items():
        states = project.reader.seen.items()
        read = sorted(
            path
            for path, state in states
            if not path.endswith("/")
            and state not in (ABSENT, NOTHING, PRESENT, UNKNOWN)
            and state[:1] not in (LEADS, MATCHING)
        )
        note(f"project of {name}: steps from {project.origin}, {plural(len(read), 'file')} read")
        session.streams.err.writelines(f"    {visible(display_path(path, cwd))}\n" for path in read)
    from nemolint.cache import store

    if session.opened_cache is not None and store.problem() is None:
        note(f"cache in {store.folder()}")


def note_left(outcome: Outcome, streams: Streams) -> None:
    """Name the findings for which no suppression was written, and say why."""
    for item in outcome.left[:_MOST_LEFT]:
        place = f"{item.path}:{item.line}:{item.column}: {item.rule}"
        document = outcome.documents.get(item.path)
        why = "there is no place for a comment that changes nothing else"
        if document is not None and document.answer:
            why = "an answer suppresses nothing that is found in it"
        streams.note(f"{place} was not suppressed: {why}")
    if further := outcome.left[_MOST_LEFT:]:
        streams.note(f"{plural(len(further), 'more finding')} could not be suppressed in place")
    if outcome.left:
        streams.note("`nemolint baseline` records such findings, and `per-file-ignores` in the settings ignores them")
    if secrets := outcome.kept_secrets:
        names = ",".join(sorted({item.rule for item in secrets}))
        streams.note(
            f"{plural(len(secrets), 'finding')} about secrets {'was' if len(secrets) == 1 else 'were'} not suppressed: "
            f"remove the secrets, or name the rules (--select {names})"
        )


def write_summary(session: Session, outcome: Outcome, err: TextIO) -> None:
    """Say in a few lines what was checked, found, fixed and hidden."""
    text = io.StringIO()
    _write_summary(session, outcome, text)
    err.write(fitted(text.getvalue(), columns_of(err)))


def _write_summary(session: Session, outcome: Outcome, err: TextIO) -> None:
    shown, hidden = outcome.shown, outcome.hidden
    runs, files = plural(session.runs, "run"), plural(session.files, "file")
    if outcome.fixed:
        verb = "Would fix" if session.request.diff else "Fixed"
        err.write(f"{verb} {plural(outcome.fixed, 'finding')} in {plural(outcome.fixed_files, 'file')}.\n")
    if outcome.suppressed:
        verb = "Would suppress" if session.request.diff else "Suppressed"
        files_of = plural(outcome.suppressed_files, "file")
        err.write(f"{verb} {plural(outcome.suppressed, 'finding')} in {files_of}.\n")
    if shown:
        counts = Counter(diagnostic.severity for diagnostic in shown)
        found = ", ".join(_count(counts[severity], severity) for severity in _COUNTED if counts[severity])
        places = len({diagnostic.path for diagnostic in shown})
        rest = "; not everything could be checked" if session.incomplete else ""
        err.write(f"Found {found} in {plural(places, 'file')} (checked {files}, {runs}{rest}).\n")
        request = session.request
        fixable = sum(item.fix is not None and (item.fix.safe or request.unsafe_fixes) for item in shown)
        # With --diff, the findings are those of the unchanged file.
        left = max(fixable - outcome.fixed, 0) if request.diff else fixable
        asked = request.fix or request.diff
        if left and asked:
            why = (
                "a fix is skipped if it would introduce another finding or change other commands, "
                "or if its file cannot be written"
            )
            err.write(f"{plural(left, 'finding')} left: {why}.\n")
        unsafe = 0 if request.unsafe_fixes else sum(item.fix is not None and not item.fix.safe for item in shown)
        if fixable and not asked:
            more = f", {unsafe} more with --unsafe-fixes" if unsafe else ""
            err.write(f"{plural(fixable, 'finding')} can be fixed with --fix{more}.\n")
        elif unsafe:
            err.write(f"{plural(unsafe, 'finding')} can be fixed with --fix --unsafe-fixes.\n")
        rules = {diagnostic.rule for diagnostic in shown}
        about = "RULE` says more about a rule" if len(rules) > 1 else f"{rules.pop()}` says more"
        err.write(f"`nemolint explain {about}.\n")
    elif session.incomplete:
        err.write(f"Checked {files}, {runs}; not everything could be checked.\n")
    elif hidden["error"] or hidden["warning"] or (hidden["info"] and not session.runs):
        # Information may say that a text looks like a command and was not checked.
        err.write(f"Checked {files}, {runs}.\n")
    elif session.files:
        err.write(f"All clear: {runs} in {files}.\n")
    elif session.passed_over:
        err.write("Nothing was checked.\n")
    else:
        err.write("All clear: no file here names `nemotron steps run`.\n")
    baseline = session.selection.baseline if session.selection is not None else None
    if baseline is not None and baseline.hidden:
        name = visible(display_path(baseline.file, session.cwd))
        err.write(f"{plural(baseline.hidden, 'known finding')} of {name} not shown.\n")
    if total := hidden.total():
        parts = " and ".join(_count(hidden[severity], severity) for severity in _COUNTED if hidden[severity])
        least = next(severity for severity in reversed(_COUNTED) if hidden[severity])
        verb, them = ("is", "it") if total == 1 else ("are", "them")
        err.write(f"{parts} {verb} hidden: --show {least} shows {them}.\n")


def plural(count: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _count(count: int, severity: Severity) -> str:
    return plural(count, "info finding" if severity == "info" else severity)
