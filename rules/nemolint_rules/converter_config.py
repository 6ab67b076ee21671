"""The rule `converter-config`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import Finding, Project, Step, StepRun, bad, good, misspellings, placeholders, rule


@rule(
    good("nemotron steps run convert/hf_to_megatron -c default megatron_path=/out/m"),
    good("nemotron steps run convert/hf_to_megatron -c configs/mine.yaml"),
    good('nemotron steps run convert/hf_to_megatron -c "$CONFIG"'),
    good("nemotron steps run convert/hf_to_megatron $ARGS"),
    good("nemotron steps run convert/hf_to_megatron –c default megatron_path=/out/m"),
    good("nemotron steps run convert/hf_to_megatron -c <config>", surface="doc"),
    good("nemotron steps run sft/automodel -c tiny"),
    bad(
        """
        nemotron steps run convert/hf_to_megatron -c tiny
                                                     ^^^^
        """,
        severity="warning",
        message="`-c default`",
    ),
    bad(
        """
        nemotron steps run convert/megatron_to_hf megatron_path=/ckpt/iter_0000100
                           ^^^^^^^^^^^^^^^^^^^^^^
        """
    ),
    group="contract",
    severity="warning",
)
def converter_config(run: StepRun, project: Project) -> Iterator[Finding]:
    """Run a converter with `-c default` or with a config of your own.

    The other configs of the `convert/*` steps are not smaller versions of the default: `tiny` of
    `convert/hf_to_megatron` asks for 8 nodes with 8 GPUs, another model and another container. Without `-c` the reader
    cannot see which config is used.

    Pass `-c default` and override what differs, or pass the path of your own config.
    """
    step = project.step_of(run)
    if step is None or not _converts(step, project):
        return
    default = step.default_config
    value = run.config
    if value is None:
        unsaid = run.may_gain_words or placeholders.leaves_out(run) or misspellings.loses_config(run)
        if not unsaid and run.step is not None:
            yield Finding(run.step.span, f"a converter needs an explicit config: pass `-c {default}` or a path")
        return
    if not value.known or value.text in ("", default) or placeholders.value_has(value):
        return
    if "/" not in value.text and not value.text.endswith((".yaml", ".yml")):
        yield Finding(
            value.span,
            f"`{value.text}` of `{step.id}` does a different job from `{default}`: "
            f"use `-c {default}`, or a path of your own",
        )


def _converts(step: Step, project: Project) -> bool:
    """True if the artifact types name the step as a converter."""
    return any(step.id in artifact.convert_to.values() for artifact in project.types.values())
