"""The rule `missing-value`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import (
    Effective,
    Finding,
    NamedTuple,
    Override,
    Place,
    Project,
    Related,
    StepRun,
    and_list,
    answers,
    bad,
    dry_runs,
    good,
    introduced,
    misspellings,
    needed_values,
    or_list,
    overrides,
    placeholders,
    rule,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    pass

_LANGUAGES = "source_language=en target_language=hi"
_PEFT = {"m.yaml": "peft: {type: lora}\ncheckpoint: {pretrained_checkpoint: '${oc.env:BASE_CKPT,null}'}\n"}
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
    good("nemotron steps run peft/megatron_bridge -c m.yaml checkpoint.pretrained_checkpoint=/ckpt", files=_PEFT),
    good("export BASE_CKPT=/ckpt\nnemotron steps run peft/megatron_bridge -c m.yaml", files=_PEFT),
    good("nemotron steps run peft/megatron_bridge -c m.yaml peft.type=null", files=_PEFT),
    good("nemotron steps run peft/megatron_bridge -c m.yaml -d --batch mine", files=_PEFT),
    good(
        "nemotron steps run peft/megatron_bridge -c m.yaml -d --batch site",
        files={**_PEFT, "env.toml": '[site]\nexecutor = "slurm"\nenv_vars = {BASE_CKPT = "/ckpt"}\n'},
    ),
    good("nemotron steps run peft/megatron_bridge -c m.yaml run.env.env_vars.BASE_CKPT=/ckpt", files=_PEFT),
    bad(
        """
        nemotron steps run peft/megatron_bridge -c m.yaml
                           ^^^^^^^^^^^^^^^^^^^^
        """,
        files=_PEFT,
        severity="error",
        message="export `BASE_CKPT`",
    ),
    bad(
        """
        nemotron steps run peft/megatron_bridge -c m.yaml -d --batch site
                           ^^^^^^^^^^^^^^^^^^^^
        """,
        files={**_PEFT, "env.toml": '[site]\nexecutor = "slurm"\nenv_vars = {OTHER = "1"}\n'},
        message="`checkpoint.pretrained_checkpoint`, which `peft.type=lora` (from the config) requires",
    ),
    good("nemotron steps run curate/nemo_curator -c tiny 'language_codes=[EN]' models.fasttext_langid=/m/lid.bin"),
    bad(
        """
        nemotron steps run curate/nemo_curator -c tiny 'language_codes=[EN]' quality_filters.min_words=50
                           ^^^^^^^^^^^^^^^^^^^
        """,
        message="`models.fasttext_langid` and `quality_filters.max_words`",
    ),
    bad(
        """
        nemotron steps run convert/merge_lora -c default lora_checkpoint=/a base_hf_path=/b output_hf_path=null
                                                                                                           ^^^^
        """,
        message="`output_hf_path`",
    ),
    bad(
        """
        nemotron steps run convert/merge_lora -c default backend=hf_peft lora_checkpoint=/a hf_model_id=org/base
                           ^^^^^^^^^^^^^^^^^^
        """,
        message="`base_hf_path`, which `backend=hf_peft` requires",
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

    Set the value with an override, or in the config. `${oc.env:X,null}` is null unless the profile, an export or the
    text around the command gives X. A variable that the config reads from the environment without a default
    (`${oc.env:X}`) is info: export it, or set it in the profile's `env_vars`, since a job gets those and not what its
    submitting shell exports. So is a value that an assistant's answer says it still needs. A page gets one finding for
    each step and value, with the other places related.
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
    if effective is None or step is None or run.step is None or run.may_gain_words or not effective.exact:
        return
    if run.usage_error or placeholders.leaves_out(run) or misspellings.loses_config(run):
        return
    misspelled = misspellings.meant_keys(run, step, project)
    variables = needed_values.Variables(run, project, effective)
    lacking: dict[str, _Lacking] = {}  # by the doubt about what makes the values necessary
    for required in project.known(step).required:
        known = any(required.key in found.keys for found in lacking.values())
        reasons = needed_values.reasons(effective, required)
        if (
            known
            or required.key in misspelled
            or reasons is None
            or needed_values.is_given(effective, required, variables)
        ):
            continue
        origin, doubt = effective.origin(required.key), project.doubt(step, "required", required.key)
        if isinstance(origin, Override):
            at = origin.value.span if origin.value.text else origin.span
            yield Finding(at, f"`{step.id}` cannot run without `{required.key}`: set it to a value", doubt=doubt)
            continue
        found = lacking.setdefault(doubt, _Lacking([], {}, {}, []))
        found.keys.append(required.key)
        found.reasons.update(dict.fromkeys(_shown(key, effective) for key in reasons))
        value = effective.get(required.key)
        if isinstance(value, str) and (default := overrides.env_default(value)) is not None:
            found.variables.update(dict.fromkeys(default.names))
        if isinstance(origin, Place):
            found.related.append(Related(f"`{required.key}` is left empty here", origin))
    for doubt, found in lacking.items():
        one = len(found.keys) == 1
        yield Finding(
            run.step.span,
            f"`{step.id}` cannot run without {and_list(found.keys)}{_required_by(list(found.reasons))}: "
            f"set {'it with an override' if one else 'them with overrides'}"
            + (f", or {_in_environment(run, or_list(list(found.variables)))}" if found.variables else ""),
            severity="info" if _asked_for(run, found.keys) or _is_aside(run, project) else None,
            related=tuple(found.related),
            doubt=doubt,
            together=f"{step.id} {' '.join(found.keys)}" if run.surface == "doc" else "",
        )
    unset = variables.unset()
    if unset:
        yield Finding(
            run.step.span,
            f"the config reads {and_list(unset)} from the environment without a default: "
            f"{_in_environment(run, and_list(unset))}",
            severity="info",
        )


def _in_environment(run: StepRun, names: str) -> str:
    """How to give a run its variables. A job gets those of its profile, not those of the shell that submits it."""
    return f"export {names}" if run.profile is None else f"set {names} in the profile's `env_vars`"


class _Lacking(NamedTuple):
    """Values that a run lacks: their keys, the settings and the variables that this is about, and where they stand."""

    keys: list[str]
    reasons: dict[str, None]
    variables: dict[str, None]
    related: list[Related]


def _is_aside(run: StepRun, project: Project) -> bool:
    """True for a command inside a sentence, which is often incomplete: the sentence goes on to explain its values.

    True for a dry run on a page, too: it shows what it compiles, which works as it stands.
    """
    if run.region.kind == "snippet" or introduced.shows_config_option(run):
        return True
    return run.surface == "doc" and dry_runs.is_dry(run, project) is True


def _asked_for(run: StepRun, keys: list[str]) -> bool:
    """True in an answer that says that it still needs these values."""
    return run.surface == "answer" and all(answers.names_missing(run.document, key) for key in keys)


def _required_by(reasons: list[str]) -> str:
    """The settings that make the values necessary, as a clause."""
    return f", which {' and '.join(reasons)} require{'s' if len(reasons) == 1 else ''}" if reasons else ""


def _shown(key: str, effective: Effective) -> str:
    """A setting as users write it, and whether the config does: `backend=llm` (from the config)."""
    value = effective.get(key)
    shown = f"`{key}={str(value).lower() if isinstance(value, bool) else value}`"
    return f"{shown} (from the config)" if isinstance(effective.origin(key), Place) else shown
