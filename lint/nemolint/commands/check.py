"""`nemolint check`: check, report, and return the exit code."""

from __future__ import annotations

import io
import os
import re
from collections import Counter
from collections.abc import Mapping
from time import perf_counter

from nemolint.base.columns import columns_of
from nemolint.base.exitcode import CLEAN, FAILED, FINDINGS
from nemolint.base.paths import display_path
from nemolint.base.patterns import lazily
from nemolint.base.streams import as_utf8
from nemolint.base.terminals import takes_links
from nemolint.cache import replay, store
from nemolint.commands.summary import note_left, write_sources, write_statistics, write_summary
from nemolint.driver.outcome import Outcome, check
from nemolint.driver.request import DEFAULT_OUTPUTS, CopyingStream, Request, Streams
from nemolint.driver.session import FEW, Session
from nemolint.secrets.outgoing import masked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TextIO

    from nemolint.driver.selection import Selection
    from nemolint.settings import Settings, SettingsTree

_PIPE_WIDTH = 120
_SERVER = lazily(r"https?://[\w.:-]+", re.ASCII)
_REPOSITORY = lazily(r"[\w.-]+/[\w.-]+", re.ASCII)


def run(request: Request, settings: Settings, streams: Streams, tree: SettingsTree | None = None) -> int:
    """Check, report, and return the exit code. Results are cached."""
    return checked(request, settings, streams, tree)[0]


def checked(
    request: Request, settings: Settings, streams: Streams, tree: SettingsTree | None = None
) -> tuple[int, Session]:
    """The same; the exit code, and what was checked."""
    progress = None
    if not request.quiet and streams.err.isatty():
        from nemolint.driver.progress import progress_on

        progress = progress_on(streams.err, os.environ)
    out: Any = CopyingStream(streams.out, progress)
    err: Any = CopyingStream(streams.err, progress)
    session = Session(request, settings, Streams(streams.stdin, out, err), progress, tree)
    try:
        code = _run(session)
    finally:
        if progress is not None:
            progress.erase()
    # If a few files have nothing to check, checking them again is cheaper than caching the result.
    cache = session.opened_cache
    few = not session.started and cache is not None and cache.looked_at < FEW
    if cache is not None and not session.internal_errors and not few:
        projects = session.projects
        cache.save(projects, session.checker.projects.compiled if projects else None)
        if replay.missed is not None and request.repeatable and code != FAILED:
            utf8 = any(file is None and name not in ("text", "concise") for name, file in request.outputs)
            cache.keep(replay.missed, out.text, err.text, code, projects, utf8=utf8)
    if request.verbose and cache is not None and (problem := store.problem()):
        session.streams.note(f"no cache was used: {problem}")
    return code, session


def show_files(request: Request, settings: Settings, streams: Streams, tree: SettingsTree) -> int:
    """Write the names of the files that would be checked, and return the exit code."""
    from nemolint.base.visible import visible

    session = Session(request, settings, streams, tree=tree)
    as_utf8(streams.out)
    for found in session.found():
        if session.selection is None or not session.selection.passes_over(found.path):
            streams.out.write(f"{visible(request.stdin_name or display_path(found.path, session.cwd))}\n")
    return FAILED if session.incomplete else CLEAN


def _run(session: Session) -> int:
    request, streams = session.request, session.streams
    begun = perf_counter()
    outcome = check(session)
    checked = perf_counter()
    notes: dict[str, None] = {}  # once, for all settings that share what a note is about
    for settings in session.tree.all():
        if settings.inputs or settings.steps or settings.policies:
            from nemolint.settings_check import input_problems, policy_problems, step_problems

            project = session.checker.projects.of(settings.root)
            problems = (input_problems, step_problems, policy_problems)
            notes |= dict.fromkeys(message for find in problems for message in find(settings, project))
    for message in notes:
        session.note(message)
    if session.selection is not None and session.selection.baseline is not None and not request.quiet:
        _note_stale_entries(session, session.selection)
    _report(session, outcome)
    streams.out.flush()
    if request.verbose:
        write_sources(session)
        took = perf_counter() - checked
        streams.note(f"took {checked - begun:.3f} s to find and check files, {took:.3f} s to report")
    if request.add_ignores is not None:
        note_left(outcome, streams)
    if request.statistics:
        write_statistics(outcome.shown, request, streams.err)
    if not request.quiet and any(name in ("text", "concise") and file is None for name, file in request.outputs):
        write_summary(session, outcome, streams.err)
    failures = Counter(problem.rule for problem in session.internal_errors)
    for problem in session.internal_errors:
        # One line for each rule: a broken rule fails on many files.
        if count := failures.pop(problem.rule, 0):
            more = f" (and {count - 1} more)" if count > 1 else ""
            streams.note(f"{problem.path}: rule {problem.rule} failed: {problem.message}{more}")
    if session.failed or session.incomplete:
        return FAILED
    failing = outcome.failing or (request.diff and (outcome.fixed or outcome.suppressed))
    return FINDINGS if failing and not request.exit_zero else CLEAN


def _report(session: Session, outcome: Outcome) -> None:
    """Write the findings in every format that was asked for."""
    request, streams = session.request, session.streams
    if request.diff and request.outputs == DEFAULT_OUTPUTS:
        return
    if not outcome.shown and request.outputs == DEFAULT_OUTPUTS:
        return
    from nemolint.report import FOR_PEOPLE, Findings, Options, render, too_many

    unchecked = {**session.unchecked}
    for problem in session.internal_errors:
        unchecked.setdefault(problem.path, f"rule {problem.rule} failed: {problem.message}")
    result = Findings(tuple(outcome.shown), unchecked=unchecked)
    if outcome.shown:
        checker = session.checker
        result = Findings(
            tuple(outcome.shown), outcome.documents, checker.redactor, checker.rules, outcome.stored, unchecked
        )
    # With these, standard output is for the changed text.
    out = streams.err if request.diff or (request.fix and request.stdin_name is not None) else streams.out
    sources = _sources(session.cwd, os.environ)
    for name, file in request.outputs:
        if note := too_many(name, result):
            streams.note(note)
        if file is None:
            if name not in FOR_PEOPLE:
                as_utf8(out)
            width = columns_of(out)
            color = use_color(request.color, out, os.environ)
            links = request.color != "never" and out.isatty() and takes_links(os.environ)
            # Logs are searched line by line, so messages are not wrapped there.
            options = Options(color, width or _PIPE_WIDTH, wrap=width is not None, links=links, sources=sources)
            render(name, result, out, options)
            continue
        text = io.StringIO()
        render(name, result, text, Options(width=_PIPE_WIDTH, sources=sources))
        session.failed |= not _written(file, masked(text.getvalue()), session)


def _sources(cwd: str, environ: Mapping[str, str]) -> str:
    """The beginning of the addresses of checked files in a job on GitHub; empty elsewhere."""
    given = [environ.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "SHA", "WORKSPACE")]
    server, repository, commit, workspace = given
    if not (commit.isalnum() and _SERVER.fullmatch(server) and _REPOSITORY.fullmatch(repository) and workspace):
        return ""
    from urllib.parse import quote

    folder = os.path.relpath(cwd, os.path.realpath(workspace)).replace(os.sep, "/")
    if folder == ".." or folder.startswith(("../", "/")):
        return ""
    inner = "" if folder == "." else f"{quote(os.fsencode(folder))}/"
    return f"{server}/{repository}/blob/{commit}/{inner}"


def _written(file: str, text: str, session: Session) -> bool:
    """Write a report to a file. False, with a note, if that is not allowed or fails."""
    from nemolint.base.atomic import NotWritten, output_of, replace_file

    try:
        target = output_of(file, session.cwd)
        replace_file(target, text.encode("utf-8", "backslashreplace"), in_place=True)
    except NotWritten as problem:
        session.streams.note(str(problem))
        return False
    except OSError as error:
        session.streams.note(f"{file}: cannot be written: {error.strerror or error}")
        return False
    return True


def _note_stale_entries(session: Session, selection: Selection) -> None:
    """Say how many entries of the baseline no longer match anything."""
    baseline = selection.baseline
    if baseline is None or session.incomplete or session.request.stdin_name is not None:
        return
    if stale := len(selection.stale(session.paths, session.settings.root, session.checker)):
        entries, verb = ("1 entry", "matches") if stale == 1 else (f"{stale} entries", "match")
        name = display_path(baseline.file, session.cwd)
        session.streams.note(f"{entries} of {name} no longer {verb} a finding: regenerate it with `nemolint baseline`")


def use_color(choice: str, out: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether to use colours: as requested, else by the variables for that, else if `out` is a terminal.

    NO_COLOR wins over FORCE_COLOR and CLICOLOR_FORCE, and these over CLICOLOR=0.
    """
    if choice != "auto":
        return choice == "always"
    if environ.get("NO_COLOR"):
        return False
    if any(environ.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    if environ.get("CLICOLOR") == "0":
        return False
    return out.isatty() and environ.get("TERM") != "dumb"
