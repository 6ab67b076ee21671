"""What a launch costs. Part of the plugin API."""

from __future__ import annotations

from nemolint.analysis.caching import once_per_run
from nemolint.analysis.dry_runs import is_dry, previews

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from nemolint.invocation import StepRun
    from nemolint.project import Project
    from nemolint.project.model import Profile


def total_gpus(run: StepRun, project: Project, profile: Profile | None = None) -> int | None:
    """GPUs that a run asks for on all nodes, None if unknown."""
    resources = project.launch_resources(run, profile)
    if 0 in (resources.nodes, resources.gpus_per_node):
        return 0
    if resources.nodes is None or resources.gpus_per_node is None:
        return None
    return resources.nodes * resources.gpus_per_node


@once_per_run
def of_run(run: StepRun, project: Project) -> Literal["gpu", "paid", "stated"] | None:
    """What a launch costs: GPUs, calls of hosted models, or what made the settings call its step expensive.

    None for a dry run, a cheap step, or where nobody knows.
    """
    step = project.step_of(run)
    if step is None or run.usage_error or is_dry(run, project) is not False or previews(run, project):
        return None
    expensive = project.known(step).expensive
    if expensive is False:
        return None
    resources = project.launch_resources(run)
    if resources.gpus_per_node and resources.nodes != 0:
        return "gpu"
    if project.is_paid(step, project.effective(run)):
        return "paid"
    return "stated" if expensive else None
