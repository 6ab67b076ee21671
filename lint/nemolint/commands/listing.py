"""`nemolint commands`, `rules`, `explain` and `catalog`: what is there, as text or as JSON."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from nemolint.base.errors import UserError
from nemolint.base.exitcode import CLEAN, FAILED
from nemolint.base.visible import opening, visible
from nemolint.secrets.outgoing import masked
from nemolint.settings import as_toml

if TYPE_CHECKING:
    from nemolint.commands.verify import Verifier
    from nemolint.driver.request import Request, Streams
    from nemolint.linter.rule import Example, Rule
    from nemolint.secrets import Redactor
    from nemolint.settings import Settings


class DryRuns(NamedTuple):
    """That `--verify` was given: seconds for each dry run, and what is run in the place of `nemotron`."""

    timeout: float
    executable: str | None = None


def commands(
    request: Request,
    settings: Settings,
    streams: Streams,
    *,
    mentions: bool,
    format: str,
    dry_runs: DryRuns | None = None,
) -> int:
    """Write every run of the given files (with `mentions`, every place that names the command)."""
    from nemolint.commands.summary import plural
    from nemolint.driver.session import Session
    from nemolint.report.json import dumps

    session = Session(request, settings, streams)
    rows: list[dict[str, Any]] = []
    verifier: Verifier | None = None
    for found, document in session.documents():
        if dry_runs is not None and verifier is None:
            from nemolint.commands.verify import Verifier

            verifier = Verifier(session.checker, streams, dry_runs.timeout, dry_runs.executable)
        try:
            rows.extend(session.checker.run_records(document, mentions, verifier.verify if verifier else None))
        except UserError:
            raise
        except Exception as error:  # noqa: BLE001 - one file must not keep the others from being listed
            session.crashed(found.path, error)
    if format == "json":
        streams.out.write(dumps(rows) + "\n")
    else:
        streams.out.writelines(f"{_row(row)}\n" for row in rows)
        streams.out.flush()
        streams.err.write(f"{plural(len(rows), 'run')} in {plural(len({row['path'] for row in rows}), 'file')}.\n")
    if verifier is not None:
        streams.note(verifier.summary())
    return FAILED if session.failed or session.internal_errors else CLEAN


def _row(row: Mapping[str, Any]) -> str:
    """One run on one line: place, role and tier, then the run in the order step, config, profile, overrides."""
    words = [row["step_id"] or row["step"] or "(no step)"]
    words += [
        f"{flag} {row[key]}" for flag, key in (("-c", "config"), ("--run", "run"), ("--batch", "batch")) if row[key]
    ]
    if row["dry_run"]:
        words.append("--dry-run")
    words += [f"{item['key']}={item['value']}" for item in row["overrides"]]
    words += row["passthrough"]
    blockers = f" by {', '.join(row['blockers'])}" if row["blockers"] else ""
    place = f"{row['path']}:{row['line']}:{row['column']}"
    return opening(visible(f"{place}: {row['role']}, {row['tier']}{blockers}: {' '.join(words)}"))


def rules(out: TextIO, format: str) -> int:
    """Write the table of all rules."""
    from nemolint.linter.loader import load_rules

    known = load_rules()
    if format == "json":
        from nemolint.report.json import dumps

        out.write(dumps([_facts(rule) for rule in known.values()]) + "\n")
        return CLEAN
    rows = [
        (rule.name, rule.group, _severities(rule), _fixes(rule), _default(rule), rule.summary)
        for rule in known.values()
    ]
    heads = ("Rule", "Group", "Severity", "Fix", "On", "What it asks for")
    if format == "markdown":
        out.write(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}\n")
        for name, *cells in rows:
            out.write(f"| `{name}` | {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |\n")
        return CLEAN
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(len(heads) - 1)]
    for row in (heads, *rows):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        out.write("  ".join([*cells, row[-1]]).rstrip() + "\n")
    return CLEAN


def explain(name: str, out: TextIO, err: TextIO) -> int:
    """Write a rule's docs and examples."""
    from nemolint.linter.loader import load_rules
    from nemolint.settings import group_text, unknown_rule

    known = load_rules()
    rule = known.get(name)
    if rule is None:
        problem = visible(unknown_rule(name, known, groups=False) or "")
        err.write(f"nemolint: {problem}{'' if group_text(name, known) else ': `nemolint rules` lists them'}\n")
        return FAILED
    out.write(f"{rule.name}\n\n{rule.doc}\n\n")
    out.write(
        f"Group: {rule.group}. Severity: {_severities(rule)}. On: {_default(rule)}. Fix: {_fixes(rule) or 'no'}.\n"
    )
    shown: dict[str, str] = {}
    for title, wanted in (("Reported", False), ("Not reported", True)):
        examples = [example for example in rule.examples if example.good == wanted]
        if examples:
            out.write(f"\n{title}:\n")
        for example in examples:
            out.write("\n" + textwrap.indent("\n".join(_example(example, shown)), "    ") + "\n")
    return CLEAN


def _example(example: Example, shown: dict[str, str]) -> Iterator[str]:
    """The lines of an example, with its carets under them, and what the fix makes of it.

    `shown` holds the files that were written out before, path to content.
    """
    if example.settings:
        yield "# with the settings:"
        yield from (f"#   {line}" for line in as_toml(example.settings))
    for path, text in example.files.items():
        if shown.get(path) == text:
            yield f"# with {path} as above:"
            continue
        shown[path] = text
        yield f"# with {path}:"
        yield from (f"#   {line}".rstrip() for line in text.strip("\n").split("\n"))
    if example.path is not None:
        yield f"# in {example.path}:"
    position, carets = 0, example.carets
    for line in example.text.split("\n"):
        yield visible(line)
        marks = "".join(
            "^" if any(start <= position + at < max(end, start + 1) for start, end in carets) else " "
            for at in range(len(line) + 1)
        ).rstrip()
        if marks:
            yield marks
        position += len(line) + 1
    if example.fixed is not None:
        yield "# fixed:"
        yield from (visible(line) for line in example.fixed.split("\n"))


def _facts(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "group": rule.group,
        "severity": dict(rule.severity),
        "default": rule.default,
        "answers_only": rule.answers_only,
        "fixable": rule.fixable,
        "summary": rule.summary,
        "doc": rule.doc,
    }


def _severities(rule: Rule) -> str:
    """The severity, or one for each surface where they differ."""
    given = {surface: level for surface, level in rule.severity.items() if level is not None}
    if len(set(given.values())) == 1:
        return next(iter(given.values()))
    return ", ".join(f"{surface} {level}" for surface, level in given.items())


def _fixes(rule: Rule) -> str:
    return "yes" if rule.fixable else ""


def _default(rule: Rule) -> str:
    if rule.answers_only:
        return "answers"
    return "yes" if rule.default else "no"


def catalog(step: str | None, settings: Settings, format: str, out: TextIO, err: TextIO) -> int:
    """Write the steps of the project, or one step."""
    from nemolint.commands.catalog_view import UnknownStep, as_json, describe
    from nemolint.project import Project
    from nemolint.report.json import dumps
    from nemolint.secrets import scrubbed

    cwd = Path.cwd()
    try:
        project = Project.find(
            cwd,
            nemotron=settings.nemotron,
            env_file=settings.env_file,
            profiles=settings.profiles,
            inputs=settings.inputs,
            cwd=cwd,
            environ=os.environ,
        )
        shown = as_json(project, step) if format == "json" else describe(project, step)
        shown = scrubbed(shown, _redactors(Path(name) for name in project.reader.seen))
        lines = [dumps(shown)] if format == "json" else [opening(visible(line)) for line in shown]
    except ValueError as error:
        hint = " (`nemolint catalog` lists all)" if isinstance(error, UnknownStep) else ""
        err.write(f"nemolint: {visible(f'{error}{hint}')}\n")
        return FAILED
    out.writelines(f"{line}\n" for line in lines)
    return CLEAN


def build_catalog(checkout: Path, target: Path | None, out: TextIO, err: TextIO) -> int:
    """Write the snapshot of a checkout to `target`, or to `out`. It is dated by the checkout's commit, else today."""
    from nemolint.base.atomic import NotWritten, output_of, replace_file
    from nemolint.project.catalog import STEPS
    from nemolint.project.snapshot_builder import build_snapshot, dump
    from nemolint.secrets import scrubbed

    try:
        data = build_snapshot(checkout, _date_of(checkout))
        text = dump(scrubbed(data, _redactors(sorted((checkout / STEPS).rglob("*")))))
        if target is None:
            out.write(text)
        else:
            replace_file(output_of(target, Path.cwd()), masked(text).encode("utf-8"), in_place=True)
    except (ValueError, NotWritten) as error:
        err.write(f"nemolint: {visible(str(error))}\n")
        return FAILED
    except OSError as error:
        err.write(f"nemolint: {visible(f'{error.filename}: {error.strerror or error}')}\n")
        return FAILED
    return CLEAN


def _redactors(files: Iterable[Path]) -> Iterator[Redactor]:
    """What masks the secrets of those of these files that are configs, manifests or code."""
    from nemolint.reader import Unreadable, read_document
    from nemolint.secrets import Redactor

    for file in files:
        if file.suffix in (".toml", ".yaml", ".yml", ".py"):
            try:
                document = read_document(file.as_posix(), file.read_bytes())
            except (OSError, Unreadable):  # nothing of it is shown, either
                continue
            yield Redactor(document)


def _date_of(checkout: Path) -> str:
    """The day of the checkout's last commit, in UTC; today where git does not say."""
    from datetime import UTC, datetime

    from nemolint.base.gitfiles import ask, repository_of

    output = b""
    try:
        repository = repository_of(str(checkout))
        if repository is not None:
            # A repository's settings may name a program that checks signatures.
            _, output, _ = ask(repository, "log", "-1", "--no-show-signature", "--format=%ct").answer()
        moment = datetime.fromtimestamp(int(output), UTC)
    except (OSError, ValueError):
        moment = datetime.now(UTC)
    return moment.date().isoformat()
