"""The rule `ineffective-override`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nemolint import (
    MISSING,
    UNKNOWN,
    ConfigFile,
    Effective,
    Finding,
    Known,
    NamedTuple,
    Override,
    Project,
    Step,
    StepRun,
    Tree,
    and_list,
    bad,
    good,
    lengths,
    overrides,
    rule,
)

_SHOWN = 4
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
        message="set the keys below it",
    ),
    good("nemotron steps run sft/automodel -c default -d peft=null wandb=false"),
    good("nemotron steps run sft/megatron_bridge -c default -d peft.type=lora"),
    bad(
        """
        nemotron steps run sft/megatron_bridge -c tiny -d recipe.seq_length=2048 model.seq_length=8192
                                                          ^^^^^^^^^^^^^^^^^
        """,
        message="`model.seq_length` is 8192",
    ),
    bad(
        """
        nemotron steps run optimize/modelopt/quantize -c tiny -d hf_model_id=org/model
                                                                 ^^^^^^^^^^^
        """,
        message="`args.hf_model_id`",
    ),
    good("nemotron steps run optimize/modelopt/quantize -c tiny -d args.hf_model_id=org/model hf_model_id=org/model"),
    good("nemotron steps run optimize/modelopt/quantize -c mine.yaml -d tp=4", files={"mine.yaml": "args: {pp: 2}\n"}),
    good("nemotron steps run sft/megatron_bridge -c tiny -d recipe.expert_model_parallel_size=8"),
    good(
        "nemotron steps run sft/megatron_bridge -c tiny -d recipe.tensor_model_parallel_size=8 "
        "model.tensor_model_parallel_size=8"
    ),
    good('nemotron steps run sft/megatron_bridge -c tiny -d recipe.seq_length=2048 "$@"'),
    good(
        "nemotron steps run sft/megatron_bridge -c mine.yaml -d recipe.seq_length=2048",
        files={"mine.yaml": "recipe:\n  seq_length: 4096\nmodel:\n  seq_length: ${recipe.seq_length}\n"},
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny -d model=Qwen/Qwen3-8B step_scheduler=5
                                                          ^^^^^^^^^^^^^                ^
        """,
        message="replaces the whole mapping",
    ),
    bad(
        """
        nemotron steps run sft/megatron_bridge -c tiny -d checkpoint=/out checkpoint.save=/out/sft
                                                                     ^^^^
        """,
        message="drops this value",
    ),
    bad(
        """
        nemotron steps run rl/nemo_rl/dpo -c tiny -d policy=Qwen/Qwen3-8B
                                                            ^^^^^^^^^^^^^
        """,
        message="loses `model_name`",
    ),
    bad(
        """
        nemotron steps run sft/megatron_bridge -c tiny -d train=5
                                                                ^
        """,
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny -d distributed=fsdp2 model.backend=te
                                                                ^^^^^               ^^
        """,
        message="loses `_target_`",
    ),
    good("nemotron steps run sft/automodel -c tiny -d model=null distributed='${oc.env:STRATEGY}' loss_fn=a.b.loss"),
    good('nemotron steps run sft/automodel -c tiny -d model="$MODEL"'),
    bad(
        """
        nemotron steps run data_prep/sft_packing -c /data/mine.yaml tokenizer=nvidia/x
                                                                              ^^^^^^^^
        """,
        message="loses `model`",
    ),
    good("nemotron steps run convert/hf_to_megatron -c default -d torch_dtype=null dtype=float16"),
    bad(
        """
        nemotron steps run convert/hf_to_megatron -c default -d dtype=float16
                                                                ^^^^^
        """,
        message="the config pins `torch_dtype`, which wins over `dtype`",
    ),
    bad(
        """
        nemotron steps run peft/megatron_bridge -c default -d dataset.nano3_packed_sft_dir=/data
                                                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        """,
        message="never reads it",
    ),
    bad(
        """
        # sft/megatron_bridge

        | Override | Example of `nemotron steps run sft/megatron_bridge` |
        | --- | --- |
        | `seq_length=<int>` | `seq_length=4096` |
           ^^^^^^^^^^
        | `model=<id>` | The page says nothing of its value |
        """,
        path="reference.md",
        message="neither",
    ),
    good(
        """
        # pretrain/megatron_bridge

        Keys of `nemotron steps run pretrain/megatron_bridge`, one of whose configs pins `model.seq_length`:

        ```{option} recipe.seq_length=<int>
        ```
        """,
        path="one-config.md",
    ),
    group="contract",
    documented_keys=True,
    whole_configs=True,
    severity="warning",
    supersedes=("unknown-override", "misaligned-lengths"),
)
def ineffective_override(run: StepRun, project: Project) -> Iterator[Finding]:
    """Write overrides that change what they seem to change.

    Overrides are OmegaConf dotlists, not Hydra's grammar: `+key=1` and `~key=1` create keys with the sign in their
    name. `key={}` is merged into the existing mapping and changes nothing. A scalar in place of a mapping drops
    everything that the mapping held (`model=Qwen/Qwen3-8B`), or breaks a runner that looks up its keys (`peft=lora`).
    In `megatron_bridge` configs a pinned `model.X` wins over `recipe.X`, in those of `modelopt` `args.X` over `X`. Some
    parameters of a manifest are never read.

    Drop the sign, override the keys of a mapping one by one, and set the key that wins.

    A key that a page about one step documents is reported if it has no effect with any config of the step.
    """
    step = project.step_of(run)
    config = project.config_of(run)
    effective = project.effective(run)
    misfit = project.misfit(run)
    # An answer's config gives values; other pages offer keys for any.
    documented = run.role == "documented" and not run.document.answer
    honoured = {id(word) for item in project.passed(run) if item.fate == "honoured" for word in item.words}
    for word in run.passthrough:
        if (
            id(word) not in honoured
            and word.value.startswith("~")
            and len(word.value) > 1
            and not word.expansion
            and word.value[1:2] != "/"
        ):
            yield Finding(word.span, f"`{word.value}` deletes nothing: Hydra's `~key` is not supported, so remove it")
    for override in run.overrides:
        sign = override.key[:1]
        if sign in ("+", "~"):
            yield Finding(
                override.key_span,
                f"`{override.key}` becomes a key with `{sign}` in its name: "
                f"Hydra's `{sign}` is not supported, so drop it",
            )
        elif step is not None and override.key and (override.value.known or run.role == "documented"):
            known = project.known(step)
            if misfit is not None and misfit.override is override:
                continue  # an error, for another rule
            lost = _lost(override, step, config, known, effective) if override.value.known else None
            if lost is not None:
                yield Finding(override.value.span, lost.message, doubt=lost.doubt(step, project))
            elif (idle := _idle(override, step, known, effective, documented)) is not None:
                yield Finding(override.key_span, idle.message, doubt=idle.doubt(step, project))
            elif _is_unread(override, run, step, project, config):
                yield Finding(
                    override.key_span,
                    f"`{step.id}` has a key `{override.key}` in a config or its manifest, but its code never reads it: "
                    "remove it",
                )


class _Reason(NamedTuple):
    """What is wrong with an override, and the fact that says so, if one does."""

    message: str
    kind: str = ""
    key: str = ""

    def doubt(self, step: Step, project: Project) -> str:
        return project.doubt(step, self.kind, self.key) if self.kind else ""


def _lost(
    override: Override, step: Step, config: ConfigFile | None, known: Known, effective: Effective | None
) -> _Reason | None:
    """What is wrong with a value in place of a mapping, or None."""
    try:
        value = override.parsed()
    except ValueError:
        return None
    key = override.key
    parts = overrides.split_key(key)
    # A config that cannot be read is assumed to have the shape of the default config.
    form = overrides.lookup(_tree(config if config is not None else step.configs.get(step.default_config)), parts)
    if value == {} and isinstance(form, Mapping) and form and config is not None:
        return _Reason(
            f"`{key}={{}}` is merged into the mapping and changes nothing: "
            f"write `{key}=null` to empty it, or override its keys"
        )
    # `null` and `false` may switch the section off.
    if (
        value is None
        or value is False
        or isinstance(value, dict)
        or overrides.is_interpolation(value)
        or overrides.is_mandatory(value)
    ):
        return None
    name = overrides.join_key(parts)
    unpacked = name in known.unpacked
    if isinstance(form, Mapping) and form:
        instantiated = config is not None and _instantiated(form, value)
        if unpacked or instantiated:
            fact = ("", "") if instantiated else ("unpacked", name)
            if effective is not None and isinstance(effective.get(key), dict):
                what = f"a later override turns `{key}` back into a mapping and drops this value: override its keys"
                return _Reason(what, *fact)
            own = f"`{key}.{next(iter(form))}` instead" if len(form) == 1 else "its keys"
            what = f"this replaces the whole mapping `{key}` and loses {_some(list(form))}: override {own}"
            return _Reason(what, *fact)
    elif unpacked and form in (MISSING, None, {}) and isinstance(value, str | int | float) and value:
        text = override.value.text
        if any(entry.name == key and value in entry.choices for entry in step.parameters):
            what = (
                f"the manifest of `{step.id}` offers `{key}={text}`, but the runner reads `{key}` as a mapping, "
                f"so the run fails or ignores it: set the keys below it (`{key}.…`)"
            )
        else:
            what = (
                f"`{key}` must be a mapping, but `{text}` is not one, so the run fails or ignores it: "
                f"set the keys below it (`{key}.…`)"
            )
        return _Reason(what, "unpacked", name)
    return None


def _some(names: list[str]) -> str:
    """The names as a list, or the first of them and how many more there are."""
    if len(names) <= _SHOWN:
        return and_list(names)
    return ", ".join(f"`{name}`" for name in names[: _SHOWN - 1]) + f" and {len(names) - _SHOWN + 1} others"


def _instantiated(form: Mapping[str, Tree], value: object) -> bool:
    """True if the runner builds an object from the mapping, and `value` cannot stand in for it.

    A boolean may switch the object off, and the name of a function or class may be imported instead.
    """
    if "_target_" not in form or isinstance(value, bool) or not isinstance(value, str | int | float):
        return False
    names = value.replace(":", ".").split(".") if isinstance(value, str) else []
    return len(names) < 2 or not all(name.isidentifier() for name in names)


def _idle(
    override: Override, step: Step, known: Known, effective: Effective | None, documented: bool
) -> _Reason | None:
    """Why an override with a suitable value has no effect; None if it has one, or that is unknown.

    `documented`: a page offers the key for any value and config. It is reported if it is idle with every config.
    """
    key = override.key
    exact = effective if effective is not None and effective.exact else None
    winner = known.shadows.get(key)
    if winner is not None and exact is not None:
        value, pinned = exact.get(key), exact.get(winner)
        if pinned not in (MISSING, UNKNOWN, None, value) and (documented or value is not UNKNOWN):
            if not any(overrides.is_interpolation(one) or overrides.is_mandatory(one) for one in (value, pinned)):
                fact = ("shadows", key)
                if isinstance(exact.origin(winner), Override):
                    both = "set both to the same value"
                    return _Reason(f"`{winner}` is {pinned} in this run and wins over `{key}`: {both}", *fact)
                wanted = f"override `{winner}` instead"
                equal = [name for name, _ in lengths.in_force(exact, known)]
                if winner in equal and len(equal) > 1:
                    wanted = f"override {and_list(equal)} instead, which must be equal"
                pins = "every config of the step pins" if documented else "the config pins"
                return _Reason(f"{pins} `{winner}`, which wins over `{key}`: {wanted}", *fact)
    for mapping, names in known.covers.items():
        if key in names and exact is not None and exact.get(f"{mapping}.{key}") not in (MISSING, exact.get(key)):
            what = f"`{mapping}.{key}` wins over `{key}`: override `{mapping}.{key}` instead"
            return _Reason(what, "covers", mapping)
    if key in known.unread and any(parameter.name == key for parameter in step.parameters):
        wanted = "override the lengths of its config instead" if key in lengths.KEYS else "remove it"
        equal = []
        if effective is not None and key in lengths.KEYS:
            equal = [name for name, _ in lengths.in_force(effective, known)]
        if equal:
            wanted = f"override {and_list(equal)} instead" + (", which must be equal" if len(equal) > 1 else "")
        what = f"`{key}` is in the manifest of `{step.id}`, but neither its configs nor its runner reads it: {wanted}"
        return _Reason(what, "unread", key)
    return None


def _is_unread(override: Override, run: StepRun, step: Step, project: Project, config: ConfigFile | None) -> bool:
    """True if nothing reads the key: neither the code nor another value of the run."""
    key = override.key
    return project.key_is_unread(step, key, config) and not run.interpolates(key)


def _tree(config: ConfigFile | None) -> Mapping[str, Tree]:
    return config.tree if config is not None and config.tree is not None else {}
