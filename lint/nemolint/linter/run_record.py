"""One row of `nemolint commands`: a run with its role, its source tier and what blocks it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nemolint.base.positions import LineIndex
    from nemolint.invocation import Override, StepRun
    from nemolint.linter.diagnostic import Diagnostic
    from nemolint.project import Project
    from nemolint.secrets.redact import Redactor


class RunFindings:
    """The findings about the runs of a document, sorted once for all of them.

    `about` has the file spans of the runs that a diagnostic is about, which may be written elsewhere (a word of a run
    that comes from a variable); one without any is about the run in which it starts. `elsewhere` are the findings in
    other files: those of the project.
    """

    def __init__(
        self, path: str, diagnostics: Iterable[Diagnostic], about: Callable[[Diagnostic], Iterable[tuple[int, int]]]
    ) -> None:
        self._places: list[tuple[int, Diagnostic]] = []
        self._of_runs: dict[tuple[int, int], list[Diagnostic]] = {}
        self.elsewhere: list[Diagnostic] = []
        for diagnostic in diagnostics:
            if diagnostic.path != path:
                self.elsewhere.append(diagnostic)
                continue
            spans = tuple(about(diagnostic))
            for span in spans:
                self._of_runs.setdefault(span, []).append(diagnostic)
            if not spans:
                self._places.append((diagnostic.start, diagnostic))
        self._places.sort(key=_start)

    def of(self, start: int, end: int) -> list[Diagnostic]:
        """The findings about a run at the file span `start:end`, in the order of the file."""
        first = bisect_left(self._places, start, key=_start)
        last = bisect_left(self._places, max(end, start + 1), key=_start)
        inside = [diagnostic for _, diagnostic in self._places[first:last]]
        found = {id(item): item for item in (*inside, *self._of_runs.get((start, end), ()))}
        return sorted(found.values(), key=lambda item: item.sort_key)

    def blockers(self, start: int, end: int) -> list[str]:
        """The rules that block a run at the file span `start:end`, sorted: those that report an error about it."""
        return sorted({item.rule for item in self.of(start, end) if item.severity == "error"})


def _start(place: tuple[int, Diagnostic]) -> int:
    return place[0]


def run_record(run: StepRun, project: Project, findings: RunFindings, redactor: Redactor) -> dict[str, Any]:
    """The JSON-ready row of a run, with the words that bash passes on; texts have their secrets masked."""
    from nemolint.run_parser import as_passed

    run = as_passed(run)
    scrub = redactor.scrub
    start, end = run.span.file_span()
    lines = run.document.lines
    first, last = lines.position(start), lines.position(end)
    blockers = findings.blockers(start, end)
    step = project.step_of(run)
    return {
        "path": run.document.path,
        "cell": run.region.cell,
        "line": first.line,
        "column": first.column,
        "end_line": last.line,
        "end_column": last.column,
        "container": run.region.container,
        "surface": run.surface,
        "role": run.role,
        "launcher": scrub(run.launcher),
        "outcome": what.replace(" ", "-") if (what := outcome(run, project)) is not None else None,
        "step": scrub(run.step.value) if run.step is not None and run.step_known else None,
        "step_id": step.id if step is not None else None,
        "config": scrub(run.config.text) if run.config is not None else None,
        "run": scrub(run.run_profile.text) if run.run_profile is not None else None,
        "batch": scrub(run.batch_profile.text) if run.batch_profile is not None else None,
        "dry_run": run.dry_run,
        "overrides": [_override(override, redactor, lines) for override in run.overrides],
        "passthrough": [scrub(word.value) for word in run.passthrough],
        "tier": tier(run, project, blockers),
        "blockers": blockers,
    }


def outcome(run: StepRun, project: Project) -> str | None:
    """What the CLI makes of the line before it looks at config, overrides and profile.

    "runs", "unknown step", "usage error" or "help"; None where an expansion or a placeholder decides, or where the
    project may have the step and cannot be read.
    """
    word = run.step
    if run.outcome != "runs" or word is None or project.step_of(run) is not None:
        return run.outcome
    if not run.step_known or run.role == "template" or any(piece.kind == "placeholder" for piece in word.pieces):
        return None
    return "unknown step" if project.lacks(word.value) else None


def _override(override: Override, redactor: Redactor, lines: LineIndex) -> dict[str, Any]:
    position = lines.position(override.span.file_span()[0])
    return {
        "key": redactor.scrub(override.key),
        "value": redactor.scrub(override.value.text),
        "line": position.line,
        "column": position.column,
    }


def tier(run: StepRun, project: Project, blockers: Iterable[str]) -> str:
    """The source tier: how much of the run was checked against real files.

    `blocked`: a check reports an error about the run. `reference-grounded`: only the bundled catalog knows the step, or
    its manifest, config or profile was not available. `repo-grounded`: all that the run
    names was read from the checkout. (`verified` takes a dry run, which only `--verify` starts.)
    """
    if any(True for _ in blockers):
        return "blocked"
    if project.source != "checkout" or project.step_of(run) is None or project.config_of(run) is None:
        return "reference-grounded"
    profile = run.profile
    if profile is not None:
        from nemolint.analysis.profile_in_force import env_state

        if profile.text not in env_state(run, project).names:
            return "reference-grounded"
    return "repo-grounded"
