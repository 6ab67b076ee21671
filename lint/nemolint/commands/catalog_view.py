"""The catalog for people and programs: what `nemolint catalog [STEP]` prints."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nemolint.project import Project
from nemolint.project.model import Marker, Step, Tree


class UnknownStep(ValueError):
    """No step, or more than one, is called that; the message names the candidates."""


def describe(project: Project, step: str | None = None) -> list[str]:
    """The catalog as lines of text: one for each step, or all about one. Raises UnknownStep."""
    if step is None:
        return _overview(project)
    return _detail(project, _find(project, step))


def as_json(project: Project, step: str | None = None) -> Any:
    """The same as JSON values: a list of steps, or one. Raises UnknownStep."""
    if step is not None:
        return _data(project, _find(project, step))
    return [_data(project, each) for each in project.steps.values()]


def _find(project: Project, text: str) -> Step:
    match = project.match(text)
    if match.step is not None:
        return match.step
    if match.ambiguous:
        raise UnknownStep(f"{text!r} may be {', '.join(match.ambiguous)}")
    hint = f"; did you mean {', '.join(match.close)}?" if match.close else ""
    raise UnknownStep(f"no step is called {text!r}{hint}")


def _overview(project: Project) -> list[str]:
    lines = [f"{len(project.steps)} steps from {project.origin}"]
    width = max((len(step_id) for step_id in project.steps), default=0)
    for category, ids in sorted(project.categories.items()):
        lines += ["", category]
        for step_id in ids:
            step = project.steps[step_id]
            traits = ", ".join(_traits(project, step))
            lines.append(f"  {step_id:<{width}}  {traits + '; ' if traits else ''}configs {' '.join(step.configs)}")
    return lines


def _traits(project: Project, step: Step) -> list[str]:
    traits = []
    resources = step.resources
    if resources.gpus_per_node is None:
        traits.append("GPUs unknown")
    elif resources.gpus_per_node:
        traits.append(f"{resources.nodes or 1}x{resources.gpus_per_node} GPUs")
    if project.is_paid(step):
        traits.append("hosted models")
    if step.source == "snapshot" and project.root is not None:
        traits.append("from the bundled catalog")
    return traits


def _detail(project: Project, step: Step) -> list[str]:
    keys = {True: "reach a library", False: "fixed", None: "unknown"}[project.is_open(step)]
    lines = [
        f"{step.id}: {step.name}",
        f"  from      {step.place.path}",
        f"  category  {step.category}",
        f"  needs     {', '.join(_traits(project, step)) or 'no GPUs'}",
        f"  configs   {', '.join(_marked(step))}",
        f"  keys      {keys}",
    ]
    for title, artifacts in (("consumes", step.consumes), ("produces", step.produces)):
        names = [entry.type if entry.required else f"{entry.type} (optional)" for entry in artifacts]
        if names:
            lines.append(f"  {title:<9} {', '.join(names)}")
    for model in step.models:
        needs = f", at least {model.min_gpus} GPUs" if model.min_gpus else ""
        lines.append(f"  model     {model.name}{needs}{' (default)' if model.default else ''}")
    if step.parameters:
        lines.append("  parameters")
    for parameter in step.parameters:
        line = f"    {parameter.name}"
        if parameter.has_default:
            line += f" = {_text(parameter.default)}"
        if parameter.choices:
            line += f"  one of {', '.join(_text(choice) for choice in parameter.choices)}"
        lines.append(line)
    return lines


def _marked(step: Step) -> Iterable[str]:
    return (f"{alias} (default)" if alias == step.default_config else alias for alias in step.configs)


def _text(value: Tree) -> str:
    """A value as an override would write it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Marker):
        return "..."
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_text(item) for item in value) + "]"
    return str(value)


def _data(project: Project, step: Step) -> dict[str, Any]:
    resources = step.resources
    return {
        "id": step.id,
        "name": step.name,
        "category": step.category,
        "path": step.place.path,
        "source": step.source,
        "default_config": step.default_config,
        "configs": list(step.configs),
        "nodes": resources.nodes,
        "gpus_per_node": resources.gpus_per_node,
        "launch": resources.launch,
        "image": resources.image,
        "hosted_models": project.is_paid(step),
        "open_keys": project.is_open(step),
        "consumes": [{"type": entry.type, "required": entry.required} for entry in step.consumes],
        "produces": [{"type": entry.type, "required": entry.required} for entry in step.produces],
        "models": [{"name": entry.name, "min_gpus": entry.min_gpus, "default": entry.default} for entry in step.models],
        "parameters": [
            {
                "name": entry.name,
                "default": _plain(entry.default),
                "has_default": entry.has_default,
                "choices": list(entry.choices),
            }
            for entry in step.parameters
        ],
    }


def _plain(value: Tree) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return None if isinstance(value, Marker) else value
