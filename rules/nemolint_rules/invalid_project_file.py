"""The rule `invalid-project-file`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import Document, Finding, Place, Project, bad, good, rule

_CHECKOUT = {"pyproject.toml": "[project]\nname = 'x'\n", "src/nemotron/steps/sft/a/config/default.yaml": "seed: 1\n"}
_MANIFEST = "src/nemotron/steps/sft/a/step.toml"


@rule(
    good("[step]\nid = 'sft/a'\nname = 'A'", path=_MANIFEST, files=_CHECKOUT),
    bad(
        """
        [step]
        id = = 'sft/a'
             ^^^^^^^^^
        """,
        path=_MANIFEST,
        files=_CHECKOUT,
        severity="warning",
    ),
    group="tool",
    severity="warning",
    reports="broken-project-file",
    shared_place=True,
    about="project-file",
)
def invalid_project_file(document: Document, project: Project) -> Iterator[Finding]:
    """Fix a manifest, config or settings file that cannot be read.

    nemolint learns from the project what `nemotron steps run` would do: from `step.toml`, `types.toml`, the configs and
    the header of `step.py`. If one of them does not parse, or lacks what every manifest has, the rules know less about
    that step and stay silent. The finding is in the faulty file itself, whichever document was checked first.
    """
    if not document.absolute or document.kind not in ("toml", "yaml", "python"):
        return
    if "/steps/" not in f"/{document.path}":
        return
    for step in project.steps.values():
        if step.config_dir and document.path.startswith(step.config_dir):
            for alias in step.configs:
                project.config(step, alias)
    for problem in project.problems():
        if problem.event == invalid_project_file.reports and problem.place.path == document.path:
            start = _offset(document, problem.place)
            place = problem.end or problem.place
            line = min(max(place.line, 1), len(document.lines.starts))
            end = _offset(document, place) if problem.end else document.lines.line_span(line)[1]
            yield Finding(document.whole.span(start, max(start, end)), problem.message)


def _offset(document: Document, place: Place) -> int:
    """The offset of a place in the document; 0 if the place is the whole file."""
    if not 1 <= place.line <= len(document.lines.starts):
        return 0
    return min(document.lines.offset(place.line, max(place.column, 1)), len(document.text))
