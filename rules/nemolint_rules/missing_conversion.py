"""The rule `missing-conversion`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nemolint import Artifact, Document, Finding, Override, Project, Related, Step, and_list, bad, good, lazily, rule

_HUGGING_FACE = "checkpoint_hf"
_OUTPUT = lazily(r"(?:^|_)(?:out|output|outputs|save|export|results|checkpoint_dir)(?:_|$)")
# Keys of the Hugging Face API, which take that layout whatever the manifest says.
_HF_KEYS = frozenset({"pretrained_model_name_or_path", "hf_model_path", "hf_model_name_or_path"})
_DEEPEST = 40  # components of a path
_BRACED = lazily(r"\$\{(\w+)\}")


class _Output(NamedTuple):
    """A checkpoint that a run writes: its path, its type, and the override that says so."""

    path: str
    type: str
    step: Step
    override: Override


@rule(
    good(
        "nemotron steps run sft/megatron_bridge -c tiny checkpoint.save=/out/sft\n"
        "nemotron steps run convert/megatron_to_hf -c default megatron_path=/out/sft/iter_0000010 hf_path=/out/sft/hf\n"
        "nemotron steps run optimize/modelopt/prune -c tiny args.hf_model_name_or_path=/out/sft/hf"
    ),
    good(
        "nemotron steps run sft/megatron_bridge -c tiny checkpoint.save=/out/sft\n"
        "nemotron steps run eval/model_eval -c default deployment.checkpoint_path=/out/sft/iter_0000010"
    ),
    good(
        "nemotron steps run sft/megatron_bridge -c tiny checkpoint.save=/out/sft\n"
        "nemotron steps run rl/nemo_rl/dpo -c tiny policy.model_name=/out/sft-base"
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny checkpoint.checkpoint_dir=/out/sft
        nemotron steps run rl/nemo_rl/dpo -c tiny policy.model_name=/out/sft/step_100
                                                                    ^^^^^^^^^^^^^^^^^
        """,
        surface="script",
        severity="warning",
        message="`convert/hf_to_megatron`",
    ),
    bad(
        """
        nemotron steps run sft/megatron_bridge -c tiny checkpoint.save="$OUT"/sft
        nemotron steps run peft/automodel -c tiny model.pretrained_model_name_or_path="${OUT}"/sft/iter_10
                                                                                      ^^^^^^^^^^^^^^^^^^^^
        """,
        surface="script",
        message="`convert/megatron_to_hf`",
    ),
    bad(
        """
        nemotron steps run peft/automodel -c tiny checkpoint.checkpoint_dir=/out/lora
        nemotron steps run eval/model_eval -c default deployment.checkpoint_path=/out/lora
                                                                                 ^^^^^^^^^
        """,
        surface="answer",
        message="`convert/merge_lora` and `convert/hf_to_megatron`",
    ),
    group="pipelines",
    severity={"script": "warning", "answer": "warning"},
    about="run",
)
def missing_conversion(document: Document, project: Project) -> Iterator[Finding]:
    """Convert a checkpoint before a stage that expects another layout.

    AutoModel writes Hugging Face checkpoints, Megatron-Bridge sharded Megatron ones, PEFT an adapter. A stage that gets
    a layout it cannot read fails once its job has started. Run the converter in between, and pass on its output; the
    catalog says which step converts.

    Scripts and answers are checked, in which one run reads what another wrote. Pages are not checked.
    """
    outputs: dict[str, _Output] = {}
    for run in document.runs:
        step = project.step_of(run)
        if step is None or run.help or run.surface not in ("script", "answer"):
            continue
        for override in run.overrides:
            source = _source(_path(override), outputs) if not _is_output(override, step, project) else None
            if source is None:
                continue
            accepted = _accepted(override, step, project)
            converters = _converters(source.type, accepted, project)
            if converters:
                yield Finding(
                    override.value.span,
                    f"`{source.step.id}` writes a checkpoint of type `{source.type}`, but `{step.id}` expects "
                    f"{_any_of(accepted)} here: run {and_list(converters)} in between and pass on the result",
                    related=(Related("the checkpoint is written here", source.override.span),),
                )
        outputs.update((output.path, output) for output in _outputs(run.overrides, step, project))


def _path(override: Override) -> str:
    """The value as a path, with `${X}` as `$X`; empty if it is not one."""
    text = _BRACED.sub(r"$\1", override.value.text).rstrip("/")
    return text if "/" in text and not text.isspace() else ""


def _words(key: str) -> str:
    return key.rpartition(".")[2].lower().replace("-", "_")


def _layouts(artifacts: tuple[Artifact, ...], project: Project) -> list[str]:
    """The types of the artifacts that some step converts from or to."""
    types = project.types
    targets = {target for artifact in types.values() for target in artifact.convert_to}
    return [
        item.type for item in artifacts if item.type in targets or (item.type in types and types[item.type].convert_to)
    ]


def _named_type(key: str, types: list[str]) -> str | None:
    """The type whose layout the key names (`megatron_path`, `base_hf_path`, `lora_checkpoint`)."""
    words = _words(key).split("_")
    return next((name for name in types if name.rpartition("_")[2] in words), None)


def _is_output(override: Override, step: Step, project: Project) -> bool:
    if _OUTPUT.search(_words(override.key)):
        return True
    made, read = _layouts(step.produces, project), _layouts(step.consumes, project)
    named = _named_type(override.key, made)
    return named is not None and named not in read


def _outputs(overrides: tuple[Override, ...], step: Step, project: Project) -> Iterator[_Output]:
    made = _layouts(step.produces, project)
    for override in overrides:
        path = _path(override)
        if path and made and _is_output(override, step, project):
            named = _named_type(override.key, made)
            if named is not None or len(made) == 1:
                yield _Output(path, named or made[0], step, override)


def _source(path: str, outputs: dict[str, _Output]) -> _Output | None:
    """The innermost output that a path lies in."""
    for _ in range(_DEEPEST):
        if path in outputs:
            return outputs[path]
        path = path.rpartition("/")[0]
        if not path:
            break
    return None


def _accepted(override: Override, step: Step, project: Project) -> list[str]:
    """The checkpoint types that the step reads from this key."""
    read = _layouts(step.consumes, project)
    named = _named_type(override.key, read)
    if named is not None:
        return [named]
    if _words(override.key) in _HF_KEYS and _HUGGING_FACE in project.types:
        return [_HUGGING_FACE]
    return read


def _converters(written: str, accepted: list[str], project: Project) -> list[str]:
    """The steps that convert the written type into an accepted one, in order; empty if none is needed or known."""
    ways: list[tuple[str, list[str]]] = [(written, [])]
    seen = {written}
    for kind, steps in ways:
        if any(project.is_a(kind, wanted) for wanted in accepted):
            return steps
        known = project.types.get(kind)
        for target, step in known.convert_to.items() if known is not None else ():
            if target not in seen:
                seen.add(target)
                ways.append((target, [*steps, step]))
    return []


def _any_of(types: list[str]) -> str:
    return "one of type " + " or ".join(f"`{name}`" for name in types)
