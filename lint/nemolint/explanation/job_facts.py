"""Where a run goes, what it costs and what it lacks, as JSON-ready data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nemolint.analysis import launch_cost, needed_values, profile_in_force
from nemolint.analysis.services import URL_FIELDS
from nemolint.explanation.config_changes import as_written, place_data, place_of, plain
from nemolint.invocation import Override
from nemolint.project import resources
from nemolint.project.model import Profile, Resources, Tree
from nemolint.project.overrides import is_interpolation, is_mandatory
from nemolint.secrets import is_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nemolint.invocation import StepRun
    from nemolint.project import Project
    from nemolint.project.effective import Effective
    from nemolint.project.model import Step

# What names the model beside the URL of a service, or beside its provider.
_MODEL_FIELDS = ("model", "model_id", "model_name")
_KEY_FIELDS = ("api_key_env", "api_key_name", "api_key")


def profile_facts(run: StepRun, project: Project, made: Mapping[str, Tree] | None) -> dict[str, Any] | None:
    """The profile of a run: where it comes from, what it inherits, and which of its values something else replaces.

    `found` is None where that cannot be known. None for a run without a profile.
    """
    value = run.profile
    if value is None:
        return None
    attached = run.run_profile is not None and bool(run.run_profile.text)
    facts: dict[str, Any] = {"name": value.text, "option": "--run" if attached else "--batch"}
    if profile_in_force.literal_profile(run) is None:
        why = "an expansion gives its name" if not value.known else "the name is a placeholder"
        return {**facts, "found": None, "source": why, "place": None, "chain": [], "close": [], "as_generated_by": ""}
    state = profile_in_force.env_state(run, project)
    profile = profile_in_force.profile_of(run, project)
    in_file = state.file is not None and value.text in state.file.profiles
    close = [] if profile is not None else [*state.choices.close_to(value.text, most=1)]
    found = _is_found(state, in_file=in_file, named=value.text)
    return {
        **facts,
        "found": found,
        "source": _source(state, value.text, project, in_file=in_file),
        "place": place_data(profile.place) if profile is not None and profile.place.path else None,
        "chain": list(profile.chain) if profile is not None else [],
        "close": close,
        "as_generated_by": _generator(run, project, profile),
        "generated": bool(found) and state.generated and not in_file,
        "env": {} if made is None else {key: plain(item, key) for key, item in made.items() if key != "env_vars"},
        "env_vars": sorted(variables) if isinstance(variables := (made or {}).get("env_vars"), dict) else [],
        "replaced": list(_replaced(run, project, profile, made)),
    }


def _is_found(state: profile_in_force.EnvState, *, in_file: bool, named: str) -> bool | None:
    if in_file or (state.generated and named in state.names):
        return True
    return None if state.kind == "unknown" else False


def _source(state: profile_in_force.EnvState, name: str, project: Project, *, in_file: bool) -> str:
    """Where the CLI would take a profile from, or why it has none, in words."""
    if in_file and state.file is not None:
        return state.file.path
    if state.generated:
        return f"{state.how}, which an earlier run of this file generates"
    if state.kind == "unknown":
        return f"{state.how} cannot be read" if state.how else "which env TOML is read is not known"
    why = f"{state.file.path if state.file is not None else state.how} has no such profile"
    if state.kind == "none":
        why = state.how or "there is no env.toml"
    # The CLI reads none of these unless the variable names it.
    others = [file.path for file in project.candidates() if name in file.profiles]
    return f"{why}; {others[0]} has it, if {profile_in_force.ENV_VARIABLE} names that file" if others else why


def _generator(run: StepRun, project: Project, profile: Profile | None) -> str:
    """The step that would generate a profile, if its values are taken from there."""
    if profile is None or profile_in_force.env_state(run, project).kind != "none":
        return ""
    made = profile_in_force.ENV_TOML
    return next((step.id for step in project.steps.values() if project.produces(step, made)), "")


def _replaced(
    run: StepRun, project: Project, profile: Profile | None, made: Mapping[str, Tree] | None
) -> Iterator[dict[str, Any]]:
    """The values of a profile that the config or the command replaces."""
    effective = project.effective(run)
    if profile is None or made is None or effective is None:
        return
    for name, value in profile.values.items():
        if name in ("env_vars", "mounts") or name not in made or made[name] == value:
            continue
        origin = effective.origin(f"run.env.{name}")
        if origin is not None:
            by = isinstance(origin, Override)
            yield {
                "key": name,
                "of_profile": plain(value, name),
                "in_force": plain(as_written(f"run.env.{name}", made[name], effective), name),
                "by": "command" if by else "config",
                "place": place_data(place_of(origin) if isinstance(origin, Override) else origin),
            }


def executor_facts(run: StepRun, project: Project, made: Mapping[str, Tree] | None) -> dict[str, Any]:
    """The executor of a run; `name` is None where none is given (`known`), or where that is not known."""
    effective = project.effective(run)
    if made is None or effective is None or not effective.exact:
        unknown = run.profile is not None and profile_in_force.profile_of(run, project) is None
        why = "the profile is not known" if unknown else "the config, which may name an executor, is not known"
        return {"name": None, "known": False, "why": why}
    name = made.get("executor", None if run.profile is not None else "local")
    if is_interpolation(name) or not isinstance(name, str | None):
        return {"name": None, "known": False, "why": f"`{name}` decides"}
    if "executor" in made:
        return {"name": name, "known": True, "why": "run.env.executor" if run.profile is None else "the profile"}
    return {"name": name, "known": True, "why": "no profile is given" if run.profile is None else ""}


def resource_facts(
    run: StepRun, project: Project, made: Mapping[str, Tree] | None, executor: Mapping[str, Any]
) -> dict[str, Any]:
    """Nodes, GPUs and processes; None for what is not known."""
    step = project.step_of(run)
    profile = profile_in_force.profile_of(run, project)
    # A profile or a config that is not known may ask for anything, whatever the header of the step says.
    known = (run.profile is None or profile is not None) and project.effective(run) is not None
    asked = project.launch_resources(run, profile) if known else None
    parallelism = project.parallelism(run)
    count = resources.processes(made, asked, executor["name"]) if asked is not None and executor["known"] else None
    header = step.resources if step is not None else None
    return {
        "nodes": asked.nodes if asked is not None else None,
        "gpus_per_node": asked.gpus_per_node if asked is not None else None,
        "written": _as_written(run, project, made, asked),
        "gpus": launch_cost.total_gpus(run, project, profile) if known else None,
        "launch": header.launch if header is not None else None,
        "image": _image(made, header),
        "processes_per_node": count.number if count is not None else None,
        "processes_from": count.origin if count is not None else "",
        "parallelism": dict(parallelism.sizes),
        "processes_needed": parallelism.needed,
    }


def _as_written(
    run: StepRun, project: Project, made: Mapping[str, Tree] | None, asked: Resources | None
) -> dict[str, Any]:
    """The texts of the numbers of nodes and GPUs that something else decides, such as a variable."""
    effective = project.effective(run)
    if made is None or asked is None or effective is None:
        return {}
    numbers = {"nodes": asked.nodes, "gpus_per_node": asked.gpus_per_node}
    return {
        name: plain(as_written(f"run.env.{name}", made[name], effective), name)
        for name, number in numbers.items()
        if number is None and name in made
    }


def _image(made: Mapping[str, Tree] | None, header: Resources | None) -> Any:
    """The container image of a job: the executors take the step's own where `run.env` names none."""
    if made is None or header is None:
        return None
    return plain(made.get("container_image") or made.get("container") or header.image)


def cost_facts(run: StepRun, project: Project, step: Step, effective: Effective | None) -> dict[str, Any]:
    """What a launch of the run calls and uses besides its own GPUs, whether or not it is a dry run."""
    hosted = project.is_paid(step, effective)
    return {
        "hosted": hosted,
        "services": _services(effective, project, step) if hosted and effective is not None else [],
        "deploys": project.deploys(run),
        "expensive": project.known(step).expensive,
    }


def _services(effective: Effective, project: Project, step: Step) -> list[dict[str, Any]]:
    """The hosted models that a config names: where they are, which, and the variable that holds the key."""
    groups: dict[str, dict[str, tuple[str, Tree]]] = {}
    names = project.known(step).name_fields
    for key, leaf in effective.leaves:
        value = as_written(key, leaf, effective)
        parent, _, last = key.rpartition(".")
        if parent.partition(".")[0] == "run" or not isinstance(value, str) or not value:
            continue
        kind = "url" if last in URL_FIELDS else "model" if last in _MODEL_FIELDS else ""
        if last in _KEY_FIELDS[:2] or key in names or (last == "api_key" and is_name(value)):
            kind = "key"
        elif last == "provider":
            kind = "provider"
        if kind:
            groups.setdefault(parent, {}).setdefault(kind, (key, value))
    shown: list[dict[str, Any]] = []
    for found in groups.values():
        if found.keys() & {"url", "key", "provider"}:
            service = {name: plain(value, key) for name, (key, value) in sorted(found.items())}
            if service not in shown:
                shown.append(service)
    return shown


def lacking(
    run: StepRun, project: Project, step: Step, effective: Effective | None, environ: Mapping[str, str]
) -> dict[str, Any]:
    """What has to be given before the run can work: values of the config, and variables of the environment."""
    if effective is None:
        return {"values": [], "variables": []}
    variables = needed_values.Variables(run, project, effective)
    values: dict[str, dict[str, Any]] = {}
    for key, value in effective.leaves:
        if is_mandatory(value):
            values[key] = _value(key, effective, "`???` in the config", [])
    for required in project.known(step).required if effective.exact else ():
        reasons = needed_values.reasons(effective, required)
        if required.key in values or reasons is None or needed_values.is_given(effective, required, variables):
            continue
        doubt = project.doubt(step, "required", required.key)
        values[required.key] = _value(required.key, effective, doubt, reasons, [*required.instead])
    return {"values": list(values.values()), "variables": list(_variables(effective, variables, environ))}


def _value(
    key: str, effective: Effective, note: str, reasons: list[str], instead: list[str] | None = None
) -> dict[str, Any]:
    origin = effective.origin(key)
    place = place_of(origin) if isinstance(origin, Override) else origin
    return {
        "key": key,
        "instead": instead or [],
        "because": [f"{reason}={plain(effective.get(reason), reason)}" for reason in reasons],
        "place": None if place is None else place_data(place),
        "note": note,
    }


def _variables(
    effective: Effective, variables: needed_values.Variables, environ: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """The variables without which the config cannot be resolved, and those that a key is read from.

    `given`: "job" by `env_vars` or by the CLI, "shell" by the environment of this process, "" by nothing that is known.
    """
    wanted = variables.read()
    for key, value in effective.leaves:
        if key.rpartition(".")[2] in _KEY_FIELDS[:2] and isinstance(value, str) and is_name(value):
            wanted.setdefault(value, key)
    for name, key in wanted.items():
        given = "job" if variables.is_in_job(name) else "shell" if environ.get(name) else ""
        if given == "shell" and variables.hands_on(name):
            given = "job"
        yield {"name": name, "key": key, "given": given}
