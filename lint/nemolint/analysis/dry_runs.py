"""Which runs are dry runs, and whether one comes before a launch. Part of the plugin API."""

from __future__ import annotations

from collections.abc import Mapping

from nemolint.analysis.caching import once_per_document, once_per_run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.document import Document
    from nemolint.invocation import StepRun
    from nemolint.project import Project


def is_dry(run: StepRun, project: Project) -> bool | None:
    """True if a run only compiles, by `--dry-run` or an equivalent key of its step; None if that is unknown."""
    if run.dry_run is True:
        return True
    step = project.step_of(run)
    if step is not None:
        for key in project.known(step).dry_run_keys:
            if (set_so := _sets(run, key)) is not False:
                return None if set_so is None or project.doubt(step, "dry-run-keys", key) else True
    return run.dry_run


def previews(run: StepRun, project: Project) -> bool:
    """True if a run tries a few records and stops."""
    step = project.step_of(run)
    return step is not None and any(_sets(run, key) for key in project.known(step).preview_keys)


def _sets(run: StepRun, key: str) -> bool | None:
    """Whether an override makes a key true; None if that is unknown."""
    override = run.override(key)
    if override is None:
        return False
    return override.value.text.lower() in ("true", "yes", "on") if override.value.known else None


@once_per_run
def config_key(run: StepRun, project: Project) -> str:
    """Identifies the config of a run: equal for two runs of one step that use the same config."""
    if run.config is not None and not run.config.known:
        return run.config.text
    config = project.config_of(run)
    if config is not None:
        return config.place.path
    if run.config is not None:
        return run.config.text
    step = project.step_of(run)
    return step.default_config if step is not None else ""


@once_per_document
def _first_dry_runs(document: Document, project: Project) -> Mapping[tuple[str, str], int]:
    """(step id, config) -> the offset of its first dry run in the file."""
    first: dict[tuple[str, str], int] = {}
    for run in document.runs:
        step = project.step_of(run)
        if step is not None and not run.help and (is_dry(run, project) or previews(run, project)):
            first.setdefault((step.id, config_key(run, project)), run.file_start)
    return first


def has_dry_run(run: StepRun, project: Project) -> bool:
    """True if the document has a dry run of the same step and config before this run; in a page, of the step anywhere.

    A page is read as a whole, and not from top to bottom as a script is run. A dry run whose output nobody reads before
    the next command counts as none.
    """
    step = project.step_of(run)
    if step is None or run.document.unattended:
        return False
    if run.surface == "doc":
        return any(name == step.id for name, _ in _first_dry_runs(run.document, project))
    at = _first_dry_runs(run.document, project).get((step.id, config_key(run, project)))
    return at is not None and at < run.file_start
