"""The rule `converter-config`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import Finding, Project, Step, StepRun, bad, context, good, placeholders, rule


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

    The other configs of the `convert/*` steps are no smaller versions: `tiny` of `convert/hf_to_megatron` asks for 8
    nodes with 8 GPUs, for another model, in another container. Without `-c` the reader cannot see which one is meant.

    Give `-c default` and override what differs, or the path of your own config.
    """
    step = project.step_of(run)
    if step is None or not _converts(step, project):
        return
    default = step.default_config
    value = run.config
    if value is None:
        unsaid = run.open or placeholders.leaves_out(run) or context.loses_config(run)
        if not unsaid and run.step is not None:
            yield Finding(run.step.span, f"a converter needs its config named: give `-c {default}`, or a path")
        return
    if not value.known or value.text in ("", default) or placeholders.value_has(value):
        return
    if "/" not in value.text and not value.text.endswith((".yaml", ".yml")):
        yield Finding(
            value.span,
            f"`{value.text}` is no smaller version of the converter: use `-c {default}`, or a path of your own",
        )


def _converts(step: Step, project: Project) -> bool:
    """True for a step that the artifact types name as the way from one type to another."""
    return any(step.id in artifact.convert_to.values() for artifact in project.types.values())
