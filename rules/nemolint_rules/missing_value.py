"""The rule `missing-value`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from nemolint import (
    MISSING,
    UNKNOWN,
    Effective,
    Finding,
    Override,
    Place,
    Project,
    Related,
    Required,
    StepRun,
    and_list,
    answers,
    bad,
    context,
    good,
    lazily,
    overrides,
    page_text,
    placeholders,
    profile_in_force,
    rule,
)

_VARIABLE = lazily(r"\$\{oc\.env:[ ]*(\w+)[ ]*\}")
# Set by the login, the shell or the scheduler.
_ALWAYS_SET = lazily(r"PWD|HOME|USER|LOGNAME|HOSTNAME|SHELL|PATH|TMPDIR|SLURM_\w+|NEMO_RUN_DIR|RANK|WORLD_SIZE")
_LANGUAGES = "source_language=en target_language=hi"
_TRANSLATE = "nemotron steps run translate/nemo_curator input_path=/a.jsonl output_dir=/out"


@rule(
    good(f"{_TRANSLATE} {_LANGUAGES} server.model=m"),
    good(f"{_TRANSLATE} {_LANGUAGES} server.model=$MODEL"),
    good(f"{_TRANSLATE} $ARGS"),
    good(f'{_TRANSLATE} "$@"'),
    good(f"{_TRANSLATE} --help"),
    good("nemotron steps run convert/megatron_to_hf -c default megatron_path=/c/iter_0000001"),
    good("nemotron steps run nosuch/step -c default"),
    good(f"{_TRANSLATE} source_language=en taget_language=hi server.model=m"),
    good("nemotron steps run translate/nemo_curator -c default ..."),
    bad(
        f"""
        {_TRANSLATE} source_language=en server.model=m
                           ^^^^^^^^^^^^^^^^^^^^^^
        """,
        severity="error",
        message="`target_language`",
    ),
    bad(
        """
        nemotron steps run convert/megatron_to_hf -c default megatron_path=null
                                                                           ^^^^
        """,
        message="`megatron_path`",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c mine.yaml
                           ^^^^^^^^^^^^^
        """,
        files={"mine.yaml": "model: ${oc.env:BASE_MODEL}\n"},
        severity="info",
        message="`BASE_MODEL`",
    ),
    bad(
        """
        Run `nemotron steps run translate/nemo_curator -c default` with your paths and languages.
                                ^^^^^^^^^^^^^^^^^^^^^^
        """,
        path="a.md",
        severity="info",
    ),
    bad(
        f"""
        I still need the target language.

        ```bash
        {_TRANSLATE} source_language=en server.model=m
                           ^^^^^^^^^^^^^^^^^^^^^^
        ```
        """,
        path="a.answer.md",
        severity="info",
    ),
    bad(
        f"""
        I still need your confirmation.

        ```bash
        {_TRANSLATE} source_language=en server.model=m
                           ^^^^^^^^^^^^^^^^^^^^^^
        ```
        """,
        path="a.answer.md",
        severity="error",
    ),
    group="contract",
    supersedes=("inherited-placeholder",),
)
def missing_value(run: StepRun, project: Project) -> Iterator[Finding]:
    """Set every value that the step cannot run without.

    A dry run silently compiles a config that contains `???` or null. The runner fails when it reads the value, after
    the job has waited for its nodes and pulled its image.

    Set the value with an override, or in the config. A variable that the config reads from the environment
    (`${oc.env:X}` without a default) is info: set it in the profile's `env_vars`, or export it. So is a value that an
    assistant's answer says it still needs.
    """
    if run is project.first_beyond_budget(run.document):
        yield Finding(
            run.step.span if run.step is not None else run.span,
            "the configs of this run and of those after it are not checked, since the file exceeds the limit: "
            "split the file",
            severity="info",
        )
    effective = project.effective(run)
    step = project.step_of(run)
    if effective is None or step is None or run.step is None or run.open or not effective.exact:
        return
    if run.usage_error or placeholders.leaves_out(run) or context.loses_config(run):
        return
    # A command inside a sentence is often incomplete: the sentence goes on to explain its values.
    severity: Literal["info"] | None = "info" if run.region.kind == "snippet" else None
    misspelled = context.meant_keys(run, step, project)
    lacking: list[str] = []
    related: list[Related] = []
    reasons: dict[str, None] = {}
    for required in project.known(step).required:
        if required.key in lacking or required.key in misspelled or not _lacks(effective, required):
            continue
        origin = effective.origin(required.key)
        if isinstance(origin, Override):
            at = origin.value.span if origin.value.text else origin.span
            yield Finding(at, f"`{step.id}` cannot run without `{required.key}`: set it to a value")
            continue
        lacking.append(required.key)
        reasons.update(dict.fromkeys(_shown(key, effective) for key, _ in required.when))
        if isinstance(origin, Place):
            related.append(Related(f"`{required.key}` is left empty here", origin))
    if lacking:
        yield Finding(
            run.step.span,
            f"`{step.id}` cannot run without {and_list(lacking)}"
            f"{_while(list(reasons))}: "
            f"set {'it with an override' if len(lacking) == 1 else 'them with overrides'}",
            severity="info" if _asked_for(run, lacking) else severity,
            related=tuple(related),
        )
    unset = _unset_variables(run, project, effective)
    if unset:
        yield Finding(
            run.step.span,
            f"the config reads {and_list(unset)} from the environment without a default: set "
            f"{'it' if len(unset) == 1 else 'them'} in the profile or export {'it' if len(unset) == 1 else 'them'}",
            severity="info",
        )


def _asked_for(run: StepRun, keys: list[str]) -> bool:
    """True in an answer that says that it still needs these values."""
    return run.surface == "answer" and all(answers.names_missing(run.document, key) for key in keys)


def _while(reasons: list[str]) -> str:
    """The settings that make the values necessary, as a clause."""
    return f" when {and_list(reasons)} {'is' if len(reasons) == 1 else 'are'} set" if reasons else ""


def _shown(key: str, effective: Effective) -> str:
    """A setting as users write it: `faith_eval.enabled=true`."""
    value = effective.get(key)
    return f"{key}={str(value).lower() if isinstance(value, bool) else value}"


def _lacks(effective: Effective, required: Required) -> bool:
    if not all(effective.get(key) in values for key, values in required.when):
        return False
    return not any(_is_set(effective, key) for key in (required.key, *required.instead))


def _is_set(effective: Effective, key: str) -> bool:
    """True if the key has a value, known or not."""
    value = effective.get(key)
    return value is UNKNOWN or not (value is MISSING or value is None or value in ("", "???"))


def _unset_variables(run: StepRun, project: Project, effective: Effective) -> list[str]:
    """Variables that the config needs and that neither the profile sets nor the document names."""
    names: dict[str, None] = {}
    for _, value in effective.leaves:
        if isinstance(value, str) and "${oc.env:" in value:
            for match in _VARIABLE.finditer(value):
                if not _ALWAYS_SET.fullmatch(match.group(1)):
                    names.setdefault(match.group(1))
    if not names:
        return []
    value_of_profile = profile_in_force.literal_profile(run)
    state = profile_in_force.env_state(run, project)
    mentioned = page_text.variables(run.document)
    unset = [name for name in names if name not in mentioned]
    if value_of_profile is not None and state.file is not None:
        profile = state.file.profiles.get(value_of_profile.text)
        if profile is not None:
            unset = [name for name in unset if overrides.lookup(profile.values, ("env_vars", name)) is MISSING]
    return unset
