"""What one run will do, as JSON-ready data. The findings are those of the check: nothing is checked here."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from nemolint.analysis import dry_runs, profile_in_force
from nemolint.base.close_matches import and_list, or_list
from nemolint.base.patterns import lazily
from nemolint.explanation import artifact_facts, config_changes, job_facts
from nemolint.linter.run_record import outcome, tier
from nemolint.project import resources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nemolint.invocation import StepRun
    from nemolint.linter.diagnostic import Diagnostic
    from nemolint.linter.run_record import RunFindings
    from nemolint.project import Project
    from nemolint.project.effective import Effective
    from nemolint.project.model import ConfigFile, ConfigLookup, Problem, Step

_BROKEN = "broken-env-file"
_BROKEN_CONFIG = "broken-config"
_CONTINUED = lazily(r"[ \t]*\\?\r?\n\s*")


def run_facts(run: StepRun, project: Project, findings: RunFindings, environ: Mapping[str, str]) -> dict[str, Any]:
    """All that is known of a run; None stands for what is not known. Secrets are not masked yet.

    `environ`: only whether a variable is in it is told.
    """
    step = project.step_of(run)
    effective = project.effective(run)
    made = profile_in_force.job_env(run, project)
    start, end = run.span.file_span()
    place = run.document.lines.position(start)
    profile = job_facts.profile_facts(run, project, made)
    executor = job_facts.executor_facts(run, project, made)
    lookup = _lookup(run, project, step)
    about = findings.of(start, end)
    about += [item for item in findings.elsewhere if (item.path, item.line, item.column) in _stopping(run, project)]
    blockers = [item for item in about if item.severity == "error"]
    return {
        "path": run.document.path,
        "line": place.line,
        "column": place.column,
        "cell": run.region.cell,
        "command": _CONTINUED.sub(" ", run.region.text[run.span.start : run.span.end]),
        "role": run.role,
        "outcome": what.replace(" ", "-") if (what := outcome(run, project)) is not None else None,
        "happens": _happens(run, project, what, lookup, profile, executor),
        "step": _step(run, project, step),
        "config": None if step is None else _config(run, project, step, lookup, effective),
        "profile": profile,
        "executor": executor,
        "resources": job_facts.resource_facts(run, project, made, executor),
        "artifacts": {"consumes": [], "produces": []}
        if step is None
        else artifact_facts.artifact_facts(step, project, effective),
        "cost": None if step is None else job_facts.cost_facts(run, project, step, effective),
        "missing": {"values": [], "variables": []}
        if step is None
        else job_facts.lacking(run, project, step, effective, environ),
        "blockers": _findings(blockers),
        "warnings": _findings(item for item in about if item.severity != "error"),
        "tier": tier(run, project, [item.rule for item in blockers]),
        "facts_from": project.origin,
    }


def _stopping(run: StepRun, project: Project) -> set[tuple[str, int, int]]:
    """The places in project files of what is wrong there and stops the run."""
    problems = (problem for problem in project.problems() if project.stops_run(problem, run))
    # A finding about a file as such is at its beginning.
    return {(item.place.path, item.place.line or 1, item.place.column or 1) for item in problems}


def _findings(items: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    return [
        {name: getattr(item, name) for name in ("rule", "severity", "message", "path", "line", "column")}
        for item in items
    ]


def _step(run: StepRun, project: Project, step: Step | None) -> dict[str, Any]:
    """The step that a run names, or what else it could mean."""
    if step is not None:
        return {
            "written": run.step.value if run.step is not None else None,
            "id": step.id,
            "name": step.name,
            "close": [],
            "place": config_changes.place_data(step.place),
        }
    word = run.step
    known = word is not None and run.step_known
    match = project.match(word.value) if word is not None and known else None
    return {
        "written": word.value if word is not None and known else None,
        "id": None,
        "name": "",
        "close": [*match.ambiguous, *match.close] if match is not None else [],
        "place": None,
    }


def _gives_config(run: StepRun) -> bool:
    """True if the command names a config: to the CLI, an empty one is none."""
    return run.config is not None and (not run.config.known or bool(run.config.text))


def _lookup(run: StepRun, project: Project, step: Step | None) -> ConfigLookup | None:
    """What `-c` names; None where that is not known."""
    value = run.config
    if step is None or (value is None and run.may_gain_words) or (value is not None and not value.known):
        return None
    return project.config_path(step, (value.text or None) if value is not None else None, run.document)


def _config(
    run: StepRun, project: Project, step: Step, lookup: ConfigLookup | None, effective: Effective | None
) -> dict[str, Any]:
    """The config in force: its files, its values with the overrides, and what each override changes."""
    config = project.config_of(run)
    facts: dict[str, Any] = {
        "name": run.config.text if _gives_config(run) and run.config is not None else step.default_config,
        "given": _gives_config(run),
        "path": config.place.path if config is not None else None,
        "inherits": [project.reader.report(os.path.normpath(file)) for file in config.files[1:]]
        if config is not None
        else [],
        "close": [*(lookup.close or lookup.aliases)] if lookup is not None and lookup.kind == "missing-alias" else [],
        "problem": "",
    }
    if config is not None and config.tree is None:
        facts["problem"] = problem_of(config, project)
    if effective is None:
        overrides = [
            {"key": item.key, "value": config_changes.plain(item.value.text, item.key)} for item in run.overrides
        ]
        return {**facts, "exact": False, "changes": [], "overrides": overrides, "values": None, "unknown": []}
    tree = effective.tree
    return {
        **facts,
        "exact": effective.exact,
        "changes": config_changes.changes(run, step, project, effective, profile_in_force.profile_of(run, project)),
        "overrides": [],
        "values": config_changes.plain(tree),
        "unknown": config_changes.unknown_keys(tree),
    }


def problem_of(config: ConfigFile, project: Project) -> str:
    """Why a config cannot be loaded, with the place."""
    return next((_spelled(item) for item in _problems(config, project)), f"{config.place.path} cannot be read")


def _problems(config: ConfigFile, project: Project) -> list[Problem]:
    """What is wrong in the files of a config that cannot be loaded."""
    files = {project.reader.report(file) for file in config.files}
    return [item for item in project.problems() if item.place.path in files]


def _spelled(problem: Problem) -> str:
    place = f"{problem.place.path}:{problem.place.line}" if problem.place.line else problem.place.path
    return f"{place}: {problem.message}"


# -- what happens


def _happens(
    run: StepRun,
    project: Project,
    what: str | None,
    lookup: ConfigLookup | None,
    profile: Mapping[str, Any] | None,
    executor: Mapping[str, Any],
) -> dict[str, Any]:
    """What the CLI does with the line, as a word and in a sentence. The word is None where that is not known."""
    word, text = _ends_early(run, project, what, lookup, profile)
    launch = ""
    if not text or word == "no-profile":
        launch, otherwise = _launches(run, project, profile, executor)
        if run.dry_run is True:
            dry = "dry run: compiles the config, prints it and ends; nothing is launched"
            otherwise = f"{dry}. Without `--dry-run`, it {otherwise}"
        elif run.dry_run is None:
            otherwise = "not known: an expansion decides whether this is a dry run"
        if not text:
            word, text = {True: "dry-run", False: launch, None: ""}[run.dry_run], otherwise
        elif profile is not None and (maker := profile["as_generated_by"]):
            text = f"{text}. With it, as `{maker}` generates it: {otherwise}"
    return {"kind": word or None, "launch": launch or None, "text": text}


def _ends_early(
    run: StepRun,
    project: Project,
    what: str | None,
    lookup: ConfigLookup | None,
    profile: Mapping[str, Any] | None,
) -> tuple[str, str]:
    """How the CLI ends before it compiles a config; empty texts where it does not."""
    if what == "help":
        return "help", "prints its usage and ends"
    if what == "usage error":
        problems = [misuse.problem for misuse in run.misused if misuse.stops]
        return "usage-error", f"ends with a usage error: {problems[0] if problems else 'no word of the line is a step'}"
    step = project.step_of(run)
    if what == "unknown step" and run.step is not None:
        match = project.match(run.step.value)
        hint = f": it could be {or_list(match.ambiguous)}" if match.ambiguous else ""
        hint = hint or (f"; did you mean {or_list(match.close)}?" if match.close else "")
        kind = "is the last part of several step ids" if match.ambiguous else "is not a step"
        return "no-step", f"ends with an error: `{run.step.value}` {kind}{hint}"
    if step is None:
        return "", "not known: an expansion or a placeholder decides which step runs"
    if lookup is not None and lookup.kind in ("missing-alias", "missing-path") and run.config is not None:
        which = f"`{step.id}` has no config `{run.config.text}`"
        if lookup.close:
            which += f"; did you mean {or_list(lookup.close)}?"
        elif lookup.aliases:
            which += f"; it has {and_list(lookup.aliases)}"
        if lookup.kind == "missing-path":
            which = f"there is no file `{run.config.text}` here"
        return "no-config", f"ends with an error: {which}"
    config = project.config_of(run)
    if config is not None and config.tree is None:
        wrong = [item for item in _problems(config, project) if item.to_cli]
        if wrong:
            return _BROKEN_CONFIG, f"ends with an error: {_spelled(wrong[0])}"
    refused = project.refused(run, profile_in_force.profile_of(run, project))
    if refused:
        keys = and_list([item.key for item in refused])
        return "refused", f"ends with an error: the CLI refuses {keys} ({refused[0].reason})"
    broken = [
        item
        for item in project.problems()
        if item.event == _BROKEN and not item.at_launch and project.stops_run(item, run)
    ]
    if broken:
        return _BROKEN, f"ends with an error: {_spelled(broken[0])}"
    if profile is None and (why := _without_env_file(run, project)):
        return "no-env-file", f"ends with an error here: {why}"
    if profile is not None and profile["found"] is False:
        close = f"; did you mean `{profile['close'][0]}`?" if profile["close"] else ""
        return "no-profile", f"ends with an error here, without profile `{profile['name']}`: {profile['source']}{close}"
    return "", ""


def _without_env_file(run: StepRun, project: Project) -> str:
    """Why the CLI finds no env TOML that a variable names, which stops each run; "" where that is not so."""
    state = profile_in_force.env_state(run, project)
    export = state.export
    if state.kind != "none" or export is None or export.value is None or export.prose:
        return ""
    missing = project.env_in_force(export.value, run.document).missing
    if missing != export.value or profile_in_force.writes_file(run.document, missing, run.file_start):
        return ""
    return state.how


def _launches(
    run: StepRun, project: Project, profile: Mapping[str, Any] | None, executor: Mapping[str, Any]
) -> tuple[str, str]:
    """What a run does that nothing stops early, if it is no dry run."""
    step = project.step_of(run)
    own = ""
    if run.dry_run is False and dry_runs.is_dry(run, project) is True and step is not None:
        keys = [key for key in project.known(step).dry_run_keys if run.override(key) is not None]
        own = f"; the step itself does nothing that costs, since {and_list(keys)} is set"
    elif dry_runs.previews(run, project):
        own = "; the step tries a few records and stops"
    if run.role == "template":
        own += "; placeholders are still to be filled in"
    name = executor["name"]
    if not executor["known"]:
        return "", f"launches; where is not known: {executor['why']}{own}"
    if name is None:
        return "no-executor", f"ends with an error: profile `{_name(profile)}` names no executor{own}"
    if name not in resources.EXECUTORS:
        known = or_list(resources.EXECUTORS)
        return "no-executor", f"ends with an error: `{name}` is not an executor of the CLI: use {known}{own}"
    if name == "local":
        where = f"profile `{_name(profile)}` has the executor local" if profile is not None else executor["why"]
        return "local", f"runs here, on this machine ({where}), until it ends{own}"
    attached = profile is not None and profile["option"] == "--run"
    how = "attached: waits, and shows the job" if attached else "detached: returns once the job is submitted"
    by = f"profile `{_name(profile)}`" if profile is not None else executor["why"]
    return "attached" if attached else "detached", f"submits a job to {name} ({by}), {how}{own}"


def _name(profile: Mapping[str, Any] | None) -> str:
    return str(profile["name"]) if profile is not None else ""
