"""`nemolint explain-run`: what a command will do before it does."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence

from nemolint.base.errors import UserError
from nemolint.base.exitcode import CLEAN, FAILED
from nemolint.base.named_tuple import NamedTuple
from nemolint.base.paths import joined, plain
from nemolint.base.patterns import lazily
from nemolint.base.visible import opening

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nemolint.document import Document
    from nemolint.driver.request import Streams
    from nemolint.invocation import StepRun
    from nemolint.linter.checker import Checker
    from nemolint.settings import Settings, SettingsTree

# What a command that is given as such is read as. No output shows the name.
_NAME = "command.sh"
_LINE = lazily(r"(?P<path>.+?):(?P<line>\d{1,4000})(?::(?P<column>\d{1,4000}))?\Z", re.DOTALL)
_LONGEST = 200  # characters of an argument in a message
_COMMAND = lazily(r"\s|nemotron")

# Fields that hold words of nemolint's own, and those that hold parts of configs, whose keys are masked, too.
_WORDS = frozenset({"by", "effect", "kind", "option", "outcome", "role", "severity", "tier"})
_GIVEN = frozenset({"env", "in_force", "new", "of_profile", "old", "value", "values"})


class Explained(NamedTuple):
    """What is explained: a command's text, or a file, with a line and a column of it (0: all of it)."""

    text: bytes | None
    path: str
    line: int = 0
    column: int = 0


def explain_run(
    argument: str,
    settings: Settings,
    tree: SettingsTree,
    streams: Streams,
    *,
    format: str,
    compare: str | None,
) -> int:
    """Write what a command, or the commands of a file, will do. Raises UserError if there is nothing to explain."""
    from nemolint.base.columns import columns_of
    from nemolint.explanation import mermaid, run_text
    from nemolint.explanation.pipeline import pipeline
    from nemolint.explanation.run_facts import run_facts
    from nemolint.linter.checker import Checker
    from nemolint.report.json import dumps

    cwd = os.getcwd()
    subject = _subject(argument, streams, cwd)
    checker = Checker(settings, cwd=cwd, environ=os.environ, tree=tree)
    document = _read(subject, checker)
    runs = _chosen(subject, document)
    project, findings = checker.project(document), checker.findings_of_runs(document)
    facts = [run_facts(run, project, findings, os.environ) for run in runs]
    single = len(runs) == 1
    if compare is not None:
        if not single:
            raise UserError(f"--compare compares the config of one run, and there are {len(runs)}: give FILE:LINE")
        shown: Any = {**facts[0], "comparison": _comparison(runs[0], compare, checker)}
    else:
        shown = facts[0] if single and format != "mermaid" else pipeline(facts, project)
    shown = _without_secrets(_without_name(shown), document, checker)
    if format == "json":
        streams.out.write(dumps(shown) + "\n")
    elif format == "mermaid":
        streams.out.write(mermaid.flowchart(shown))
    else:
        columns = columns_of(streams.out)
        if compare is not None:
            lines = run_text.comparison_page(shown, shown["comparison"], columns)
        else:
            lines = run_text.run_page(shown, columns) if single else run_text.pipeline_page(shown, columns)
        streams.out.writelines(f"{opening(line)}\n" for line in lines)
    return FAILED if checker.internal_errors else CLEAN


def _subject(argument: str, streams: Streams, cwd: str) -> Explained:
    """What the argument means. Raises UserError for what is neither a file nor a command."""
    from nemolint.driver.discover import MAX_BYTES

    if argument == "-":
        data = streams.stdin.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise UserError(f"standard input is larger than {MAX_BYTES // 1_000_000} MB")
        return Explained(data, joined(cwd, _NAME))
    if os.path.lexists(argument):
        return Explained(None, plain(argument))
    match = _LINE.match(argument)
    if match is not None and os.path.lexists(match["path"]):
        line, column = int(match["line"]), int(match["column"] or 0)
        if not line:
            raise UserError(f"{match['path']} has no line 0: lines count from 1")
        return Explained(None, plain(match["path"]), line, column)
    if _COMMAND.search(argument):
        return Explained(os.fsencode(argument), joined(cwd, _NAME))
    if match is not None:
        raise UserError(f"{_cut(match['path'])} does not exist")
    raise UserError(
        f"`{_cut(argument)}` is neither a file nor a command: quote the whole command, as in "
        '`nemolint explain-run "nemotron steps run sft/automodel -c tiny"`'
    )


def _cut(argument: str) -> str:
    return argument if len(argument) <= _LONGEST else f"{argument[:_LONGEST]}…"


def _read(subject: Explained, checker: Checker) -> Document:
    from nemolint.base.files import read_given
    from nemolint.driver.discover import MAX_BYTES
    from nemolint.reader import Unreadable

    try:
        if subject.text is not None:
            return checker.read(subject.path, subject.text, name=_NAME)
        return checker.read(subject.path, read_given(subject.path, MAX_BYTES))
    except Unreadable as error:
        raise UserError(f"{'the command' if subject.text is not None else subject.path} {error}") from None
    except (OSError, ValueError) as error:
        raise UserError(f"{subject.path} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _chosen(subject: Explained, document: Document) -> Sequence[StepRun]:
    """The runs to explain: all that a file would run, or those at a line. Raises UserError if there is none."""
    runs = [run for run in document.runs if run.role != "mention"]
    if not runs:
        if subject.text is not None:
            raise UserError("no `nemotron steps run` in the command: give the whole command, or a file that exists")
        raise UserError(f"no `nemotron steps run` in {subject.path}")
    if not subject.line:
        commands = [run for run in runs if run.role == "command"]
        return commands or runs
    spans = [_lines_of(run, document) for run in runs]
    there = [run for run, (first, last) in zip(runs, spans, strict=True) if first <= subject.line <= last]
    if subject.column:
        there = [run for run in there if _covers(run, document, subject.line, subject.column)] or there
    if not there:
        lines = [str(line) for line in dict.fromkeys(first for first, _ in spans)]
        known = ", ".join(lines[:8]) + (", …" if len(lines) > 8 else "")
        where = f"line {_cut(str(subject.line))} of {subject.path}"
        raise UserError(f"no `nemotron steps run` at {where}: there are some at {known}")
    return there


def _lines_of(run: StepRun, document: Document) -> tuple[int, int]:
    start, end = run.span.file_span()
    return document.lines.position(start).line, document.lines.position(max(end - 1, start)).line


def _covers(run: StepRun, document: Document, line: int, column: int) -> bool:
    start, end = run.span.file_span()
    first, last = document.lines.position(start), document.lines.position(end)
    return (first.line, first.column) <= (line, column) < (last.line, last.column)


def _comparison(run: StepRun, compare: str, checker: Checker) -> dict[str, Any]:
    """How the config in force differs from the config `compare`. Raises UserError if one is not known."""
    from nemolint.base.close_matches import or_list
    from nemolint.explanation.config_changes import difference
    from nemolint.explanation.run_facts import problem_of

    document = run.document
    project = checker.project(document)
    step, effective = project.step_of(run), project.effective(run)
    if step is None or effective is None:
        raise UserError("--compare: the config of the command is not known: its step or its config is not there")
    lookup = project.config_path(step, compare, document)
    if lookup.config is None:
        known = f": use {or_list(lookup.close or lookup.aliases)}, or a path" if lookup.aliases else ""
        if "/" in compare or lookup.kind != "missing-alias":
            raise UserError(f"--compare: there is no config file {_cut(compare)}")
        raise UserError(f"--compare: `{step.id}` has no config `{_cut(compare)}`{known}")
    if lookup.config.tree is None:
        raise UserError(f"--compare: {problem_of(lookup.config, project)}")
    return difference(effective, lookup.config, project)


def _without_name(data: Any) -> Any:
    """The data, with None for the path of a command that is in no file."""
    if isinstance(data, Mapping):
        return {key: None if key == "path" and item == _NAME else _without_name(item) for key, item in data.items()}
    return [_without_name(item) for item in data] if isinstance(data, list | tuple) else data


def _without_secrets(data: Any, document: Document, checker: Checker) -> Any:
    """The data with the secrets of the document, and of all project files that were read, masked.

    A secret may have a part in common with the words of the facts themselves; only what comes from files is masked.
    """
    from nemolint.commands.catalog import redactors
    from nemolint.secrets import scrubbed

    files = checker.project(document).reader.seen
    known = [redactor for redactor in (checker.redactor(document), *redactors(files)) if redactor.knows]

    def masked(given: Any) -> Any:
        if isinstance(given, dict):
            return {key: item if key in _WORDS else mask_of(key)(item) for key, item in given.items()}
        return [masked(item) for item in given] if isinstance(given, list | tuple) else scrubbed(given, known)

    def mask_of(key: str) -> Callable[[Any], Any]:
        return (lambda item: scrubbed(item, known)) if key in _GIVEN else masked

    return masked(data)
