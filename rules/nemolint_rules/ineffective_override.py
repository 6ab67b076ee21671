"""The rule `ineffective-override`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nemolint import ConfigFile, Finding, Override, Project, Step, StepRun, bad, good, rule
from nemolint.judging.suggest import and_list
from nemolint.project.config import lookup, split_key
from nemolint.project.facts import MISSING, Tree

_CURATE = "nemotron steps run curate/nemo_curator -c tiny"


@rule(
    good("nemotron steps run sft/automodel -c tiny step_scheduler.max_steps=2"),
    good(f"{_CURATE} 'stages=[]'"),
    good(f"{_CURATE} $X 'quality_filters={{a: 1}}'"),
    good("nemotron steps run sft/automodel -c mine.yaml 'a={}'", files={"mine.yaml": "a: {}\n"}),
    good("nemotron steps run nosuch/step a=1"),
    bad(
        """
        nemotron steps run sft/automodel -c tiny +seed=1 ~model.name ~b=
                                                 ^^^^^   ^^^^^^^^^^^ ^^
        """,
        severity="warning",
        message="Hydra",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c mine.yaml 'a={}'
                                                         ^^
        """,
        files={"mine.yaml": "a:\n  b: 1\n"},
        message="changes nothing",
    ),
    bad(
        """
        nemotron steps run sft/megatron_bridge -c tiny seq_length=4096
                                                       ^^^^^^^^^^
        """,
        message="neither",
    ),
    bad(
        """
        nemotron steps run sft/megatron_bridge -c mine.yaml recipe.seq_length=4096
                                                            ^^^^^^^^^^^^^^^^^
        """,
        files={"mine.yaml": "model:\n  seq_length: 2048\n"},
        message="`model.seq_length`",
    ),
    bad(
        """
        nemotron steps run sft/megatron_bridge -c mine.yaml model=llama
                                                                  ^^^^^
        """,
        files={"mine.yaml": "model:\n  seq_length: 2048\n"},
        message="loses `seq_length`",
    ),
    bad(
        """
        nemotron steps run sft/megatron_bridge -c default -d peft=lora
                                                                  ^^^^
        """,
        message="override its keys",
    ),
    good("nemotron steps run sft/automodel -c default -d peft=null"),
    good("nemotron steps run sft/megatron_bridge -c default -d peft.type=lora"),
    bad(
        """
        nemotron steps run data_prep/sft_packing -c /data/mine.yaml tokenizer=nvidia/x
                                                                              ^^^^^^^^
        """,
        message="loses `model`",
    ),
    group="contract",
    severity="warning",
    supersedes=("unknown-override", "misaligned-lengths"),
)
def ineffective_override(run: StepRun, project: Project) -> Iterator[Finding]:
    """Write overrides that change what they seem to change.

    Overrides are OmegaConf dotlists, not Hydra's grammar: `+key=1` and `~key=1` create keys with the sign in their
    name. `key={}` is merged into the mapping that is there, and changes nothing. A plain value in the place of a
    mapping takes away all that the mapping held, or stops a runner that looks for its keys (`peft=lora`). In
    `megatron_bridge` configs a pinned `model.X` wins over `recipe.X`. Some parameters of a manifest are read by nobody.

    Drop the sign, override the keys of a mapping one by one, and set the key that wins.
    """
    step = project.step_of(run)
    config = project.config_of(run)
    for word in run.passthrough:
        if word.value.startswith("~") and len(word.value) > 1 and not word.expansion and word.value[1:2] != "/":
            yield Finding(word.span, f"`{word.value}` deletes nothing: Hydra's `~key` has no meaning here")
    for override in run.overrides:
        sign = override.key[:1]
        if sign in ("+", "~"):
            yield Finding(
                override.key_span,
                f"`{override.key}` becomes a key of that very name: Hydra's `{sign}` has no meaning here",
            )
        elif step is not None and override.key and override.value.known:
            message = _message(override, step, config, project)
            if message:
                yield Finding(override.value.span if "mapping" in message else override.key_span, message)


def _message(override: Override, step: Step, config: ConfigFile | None, project: Project) -> str:
    key = override.key
    known = project.known(step)
    try:
        value = override.parsed()
    except ValueError:
        return ""
    own = _tree(config)
    # A config that is not there to read has the form that the runner wants, and the default config shows it.
    form = lookup(own if config is not None else _tree(step.configs.get(step.default_config)), split_key(key))
    if isinstance(form, Mapping) and form:
        if value == {} and config is not None:
            return f"`{key}={{}}` is merged into the mapping and changes nothing: override its keys one by one"
        if key in known.unpacked and not isinstance(value, dict) and value is not None:
            lost = list(form)[:4]
            more = " and others" if len(form) > len(lost) else ""
            return f"this replaces the whole mapping `{key}` and loses {and_list(lost)}{more}: override its keys"
    elif key in known.unpacked and form in (MISSING, None, {}) and isinstance(value, str | int | float) and value:
        return f"`{key}` is read as a mapping, and `{override.value.text}` is none: the run breaks; override its keys"
    winner = known.shadows.get(key)
    if winner is not None and lookup(own, split_key(winner)) not in (MISSING, None):
        return f"the config pins `{winner}`, which wins over `{key}`: override `{winner}`"
    if key in known.unread:
        return f"`{key}` stands in the manifest of `{step.id}`, but neither its configs nor its runner read it"
    return ""


def _tree(config: ConfigFile | None) -> Mapping[str, Tree]:
    return config.tree if config is not None and config.tree is not None else {}
