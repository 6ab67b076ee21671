"""The rule `misaligned-lengths`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import (
    Document,
    Finding,
    Known,
    NamedTuple,
    Override,
    Place,
    Project,
    Related,
    Span,
    StepRun,
    bad,
    good,
    lengths,
    rule,
)

_PACKED = "packed_parquet"


class _Length(NamedTuple):
    """One length in the effective config. `origin` is the override or the place that sets it."""

    key: str
    value: int
    origin: Override | Place | None


@rule(
    good("nemotron steps run data_prep/sft_packing -c tiny\nnemotron steps run sft/megatron_bridge -c tiny"),
    good(
        "nemotron steps run data_prep/sft_packing -c tiny pack_size=8192\n"
        "nemotron steps run sft/megatron_bridge -c tiny recipe.seq_length=8192 dataset.seq_length=8192 "
        "dataset.packed_sequence_specs.packed_sequence_size=8192 model.seq_length=8192"
    ),
    good(
        "nemotron steps run data_prep/sft_packing -c tiny pack_size=8192\nnemotron steps run sft/automodel -c default"
    ),
    good('nemotron steps run sft/megatron_bridge -c tiny model.seq_length="$LENGTH"'),
    good("nemotron steps run pretrain/automodel -c default"),
    good(
        "nemotron steps run data_prep/sft_packing -c tiny pack_size=2048\n"
        "nemotron steps run sft/megatron_bridge -c tiny -d dataset.packed_sequence_specs.packed_sequence_size=2048 "
        "dataset.seq_length=2048 model.seq_length=2048"
    ),
    good(
        "nemotron steps run sft/megatron_bridge -c mine.yaml -d",
        files={"mine.yaml": "recipe:\n  seq_length: 8192\ndataset:\n  seq_length: 2048\nmodel:\n  seq_length: 2048\n"},
    ),
    bad(
        """
        nemotron steps run sft/megatron_bridge -c tiny -d recipe.seq_length=2048 dataset.seq_length=2048
                                                                                 ^^^^^^^^^^^^^^^^^^^^^^^
        """,
        message="4096",
    ),
    bad(
        """
        nemotron steps run sft/megatron_bridge -c tiny model.seq_length=8192
                                                       ^^^^^^^^^^^^^^^^^^^^^
        """,
        severity="error",
        message="4096",
    ),
    bad(
        """
        nemotron steps run data_prep/sft_packing -c tiny pack_size=8192
        nemotron steps run sft/megatron_bridge -c tiny
                                                  ^^^^
        """,
        severity="error",
        message="8192",
    ),
    bad(
        """
        nemotron steps run sft/megatron_bridge -c broken.yaml
                                                  ^^^^^^^^^^^
        """,
        files={"broken.yaml": "dataset:\n  seq_length: 2048\nmodel:\n  seq_length: 4096\n"},
    ),
    group="pipelines",
    about="run",
)
def misaligned_lengths(document: Document, project: Project) -> Iterator[Finding]:
    """Give packing and training the same length.

    `pack_size` of the packing step, `packed_sequence_size` and every `seq_length` of the training config describe the
    same token sequences. Where they differ, samples are cut or padded, or training stops on a shape error after the
    model has been loaded. Set all of them, in the packing run too. `recipe.seq_length` is not checked where the config
    pins `model.seq_length`, which wins over it.
    """
    packed: tuple[StepRun, _Length] | None = None
    for run in document.runs:
        if run.help or run.role == "mention" or (run.role != "command" and run.surface != "answer"):
            continue
        step = project.step_of(run)
        found = _lengths(run, project.known(step), project) if step is not None else []
        if step is None or not found:
            continue
        odd = _odd_one(found)
        if odd is not None:
            yield _inside(run, *odd)
        elif project.produces(step, _PACKED):
            packed = (run, found[0])
        elif packed is not None and any(item.required and project.is_a(item.type, _PACKED) for item in step.consumes):
            if packed[0].surface == run.surface and packed[1].value != found[0].value:
                yield _between(packed, run, found[0])


def _lengths(run: StepRun, known: Known, project: Project) -> list[_Length]:
    """The lengths that take effect in a run's config, in its order; empty if one of them is unknown."""
    effective = project.effective(run)
    if effective is None or not effective.exact:
        return []
    found = []
    for key, value in lengths.in_force(effective, known):
        if not isinstance(value, int) or isinstance(value, bool):
            return []
        found.append(_Length(key, value, effective.origin(key)))
    return found


def _odd_one(found: list[_Length]) -> tuple[_Length, _Length] | None:
    """A length that differs from another, and that other; the first is an override if either of them is."""
    values = {length.value for length in found}
    if len(values) < 2:
        return None
    common = max(values, key=lambda value: sum(length.value == value for length in found))
    odd = [length for length in found if length.value != common]
    rest = next(length for length in found if length.value == common)
    for length in odd:
        if isinstance(length.origin, Override):
            return length, rest
    overridden = next((x for x in found if x.value == common and isinstance(x.origin, Override)), None)
    return (overridden, odd[0]) if overridden is not None else (odd[0], rest)


def _inside(run: StepRun, odd: _Length, other: _Length) -> Finding:
    return Finding(
        _where(run, odd),
        f"`{odd.key}` is {odd.value}, but `{other.key}` is {other.value}: set both to the same length",
        related=_related(other),
    )


def _between(packed: tuple[StepRun, _Length], run: StepRun, length: _Length) -> Finding:
    packing, size = packed
    return Finding(
        _where(run, length),
        f"`{length.key}` is {length.value}, but the data is packed with `{size.key}={size.value}`: "
        "set both to the same length",
        related=(Related(f"`{size.key}` is {size.value} here", _where(packing, size)),),
    )


def _where(run: StepRun, length: _Length) -> Span:
    """The override that sets the length, else the config, else the step."""
    if isinstance(length.origin, Override):
        return length.origin.span
    if run.config is not None:
        return run.config.span
    return run.step.span if run.step is not None else run.span


def _related(length: _Length) -> tuple[Related, ...]:
    if length.origin is None:
        return ()
    at = length.origin.span if isinstance(length.origin, Override) else length.origin
    return (Related(f"`{length.key}` is {length.value} here", at),)
