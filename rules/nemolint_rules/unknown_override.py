"""The rule `unknown-override`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import (
    ConfigFile,
    Edit,
    Finding,
    Fix,
    Project,
    Step,
    StepRun,
    bad,
    good,
    lazily,
    near_names,
    or_list,
    rule,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

_KEY = lazily(r"[A-Za-z_][\w.\[\]-]*\Z")
_TRANSLATE = "nemotron steps run translate/nemo_curator"


@rule(
    good(f"{_TRANSLATE} input_path=/a.jsonl faith_eval.enabled=false server.model=m run.env.nodes=1"),
    good("nemotron steps run sft/automodel some_library.own_key=1 step_scheduler.max_steps=2 seed=1"),
    good(f'{_TRANSLATE} "$KEY=1" server.$X=2'),
    good("nemotron steps run nosuch/step anything=1"),
    good(f"{_TRANSLATE} '<key>=1'", surface="doc"),
    bad(
        f"""
        {_TRANSLATE} taget_language=hi
        {" " * len(_TRANSLATE)} ^^^^^^^^^^^^^^
        """,
        fixed=f"{_TRANSLATE} target_language=hi",
        severity="error",
        message="`target_language`",
    ),
    bad(
        f"""
        {_TRANSLATE} colour=red
        {" " * len(_TRANSLATE)} ^^^^^^
        """,
        severity="error",
        message="ignored",
    ),
    bad(
        """
        nemotron steps run sft/automodel step_scheduler.max_step=2
                                         ^^^^^^^^^^^^^^^^^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel step_scheduler.max_steps=2",
        severity="warning",
    ),
    bad(
        f"""
        {_TRANSLATE} enabled=false
        {" " * len(_TRANSLATE)} ^^^^^^^
        """,
        fixed=f"{_TRANSLATE} faith_eval.enabled=false",
        severity="error",
    ),
    bad(
        """
        nemotron steps run rl/nemo_rl/rlhf -d env.nemo_gym.genrm_model.responses_api_models.vllm_model.model=/m
                                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        """,
        fixed="nemotron steps run rl/nemo_rl/rlhf "
        "-d env.nemo_gym.genrm_model.responses_api_models.genrm_model.model=/m",
        severity="warning",
        message="genrm_model.model",
    ),
    bad(
        """
        nemotron steps run peft/automodel -c default -d peft.rank=8
                                                        ^^^^^^^^^
        """,
        fixed="nemotron steps run peft/automodel -c default -d peft.dim=8",
        severity="warning",
    ),
    bad(
        """
        nemotron steps run peft/automodel -c default -d train.train_iters=5000
                                                        ^^^^^^^^^^^^^^^^^
        """,
        fixed="nemotron steps run peft/automodel -c default -d step_scheduler.max_steps=5000",
        severity="warning",
    ),
    bad(
        """
        nemotron steps run peft/automodel -c default -d train.seed=5
                                                        ^^^^^^^^^^
        """,
        severity="warning",
        message="`megatron_bridge`",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c default -d optimizer.learning_rate=1e-5
                                                       ^^^^^^^^^^^^^^^^^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel -c default -d optimizer.lr=1e-5",
        severity="warning",
    ),
    good("nemotron steps run sft/automodel -c default -d optimizer.learning_rate=1 optimizer._target_=team.Optimizer"),
    good(
        """
        Save this as `own.yaml`:

        ```yaml
        defaults: src/nemotron/steps/translate/nemo_curator/config/default.yaml
        source_language: en
        target_language: de
        ```

        ```bash
        nemotron steps run translate/nemo_curator -c own.yaml --dry-run
        ```
        """,
        path="a.answer.md",
    ),
    good("nemotron steps run sft/automodel -c default -d optimizer.amsgrad=true compile.enabled=true"),
    good("nemotron steps run peft/automodel -c m.yaml -d train.train_iters=5", files={"m.yaml": "train: {seed: 1}\n"}),
    good("nemotron steps run sft/automodel -c default -d mine.depth=5"),
    good("nemotron steps run convert/hf_to_megatron -c default script.supports_torch_dtype=false"),
    good("nemotron steps run curate/nemo_curator -c tiny own=/data 'output_dir=${own}/x'"),
    bad(
        """
        # translate/nemo_curator

        Parameters of `nemotron steps run translate/nemo_curator`:

        ```{option} taget_language=<code>
                    ^^^^^^^^^^^^^^
        The language to translate into.
        ```
        """,
        fixed="""
        # translate/nemo_curator

        Parameters of `nemotron steps run translate/nemo_curator`:

        ```{option} target_language=<code>
        The language to translate into.
        ```
        """,
        path="reference.md",
        severity="error",
    ),
    bad(
        """
        # Keys of `nemotron steps run translate/nemo_curator`

        | Key | Description |
        | --- | --- |
        | `input_path` | What to translate |
        | `output_dir` | Where it goes |
        | `colour` | A key that no step has |
           ^^^^^^
        """,
        path="keys.md",
        severity="error",
    ),
    good(
        """
        # Records of `nemotron steps run translate/nemo_curator`

        | Field | Description |
        | --- | --- |
        | `messages` | The turns of a conversation |
        | `score` | What the judge model gave |
        """,
        path="records.md",
    ),
    good(
        """
        # Translate, then train

        Run `nemotron steps run translate/nemo_curator -d`, then `nemotron steps run sft/automodel -d`.

        | Override | Description |
        | --- | --- |
        | `taget_language=<code>` | Of which of them? |
        """,
        path="two-steps.md",
    ),
    group="contract",
    documented_keys=True,
    supersedes=("misaligned-lengths",),
)
def unknown_override(run: StepRun, project: Project) -> Iterator[Finding]:
    """Override a key that the step reads.

    An override of an unknown key is not an error: it ends up in the config, and a runner that reads a fixed set of keys
    ignores it. The job then runs with the value that should have been replaced. Other runners pass the config to a
    library, which may know more keys than the configs show. There a key is reported as a warning if it looks
    misspelled, if only the configs of another backend have its section (`train.train_iters` for `peft/automodel`), or
    if it has another name here: `peft.dim` for `peft.rank`, `optimizer.lr` for `optimizer.learning_rate`,
    `model.pretrained_model_name_or_path` for `model.name`, `step_scheduler.max_steps` for `training.max_steps`. Where
    the run gives the section to other code (`optimizer._target_=…`), nothing is known of its keys.

    A key is known if a config of the step or its manifest names it, or if its runner reads it, below that very mapping:
    `enabled=false` is not `faith_eval.enabled=false`.

    Keys that a page about one step documents (`{option}` blocks, tables of keys, definition lists) are checked, too.
    """
    step = project.step_of(run)
    if step is None:
        return
    config = project.config_of(run)
    known = project.known(step)
    unknown_config = run.config is not None and config is None
    for override in run.overrides:
        key = override.key
        if not _KEY.match(key) or key.startswith("run.") or run.interpolates(key):
            continue
        home = project.key_home(step, key, config)
        synonym = known.synonyms.get(key, "")
        if synonym and _has_section(step, project, config, key, synonym):
            synonym = ""
        # Where keys reach a library, nobody can list all that it reads.
        foreign = "" if home or synonym or unknown_config else project.foreign_section(step, key, config)
        if not (home is False or synonym or foreign):
            continue
        passed_on = project.passes_unlisted_keys(step, key, config)
        close = near_names(key, project.known_keys(step, config), tails=passed_on is False)
        beside = project.key_beside(step, key, config)
        close = (synonym,) if synonym else (beside,) if beside else close
        if not close and passed_on is not False and not unknown_config and not _is_replaced(run, key):
            close = project.likely_keys(step, key, config)
        message = f"`{step.id}` does not read a key `{key}`"
        if close:
            # If the run sets that key as well, nemolint cannot know which value is meant.
            fix = None
            if run.override(close[0]) is None:
                fix = Fix(f"Replace it with `{close[0]}`", (Edit(override.key_span, close[0]),))
            severity: Literal["warning"] | None = None if passed_on is False else "warning"
            doubt = project.doubt(step, "synonyms", key) if synonym else ""
            yield Finding(override.key_span, f"{message}: did you mean {or_list(close)}?", severity, fix, doubt=doubt)
        elif passed_on is False and not unknown_config:
            yield Finding(override.key_span, f"{message}, so the override is ignored: remove or correct it")
        elif foreign:
            section = key.partition(".")[0]
            yield Finding(
                override.key_span,
                f"`{key}` is in a section `{section}`, which configs for `{foreign}` have and those of `{step.id}` do "
                "not: override a key of its own config",
                severity="warning",
            )


def _is_replaced(run: StepRun, key: str) -> bool:
    """True if the run gives the mapping that the key is in to other code, which may read other keys."""
    above = key.rpartition(".")[0]
    return run.override(above) is not None or run.override(f"{above}._target_") is not None


def _has_section(step: Step, project: Project, config: ConfigFile | None, key: str, synonym: str) -> bool:
    """True if a config has the key, or a section of its own in which the key is and its synonym is not."""
    section = key.partition(".")[0]
    if synonym.startswith(f"{section}."):
        return key in project.known_keys(step, config)
    return section in project.key_sections(step, config)
