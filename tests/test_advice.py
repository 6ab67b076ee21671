"""Following what a message says must not lead into the next finding."""

from __future__ import annotations

from pathlib import Path

import pytest

from nemolint import Diagnostic, Settings, check_text

SFT = "nemotron steps run sft/megatron_bridge -c tiny --dry-run"
FOLLOWED = {
    "a shadowed length": (
        f"{SFT} recipe.seq_length=8192",
        "`dataset.packed_sequence_specs.packed_sequence_size`",
        f"{SFT} model.seq_length=8192 dataset.seq_length=8192 recipe.seq_length=8192 "
        "dataset.packed_sequence_specs.packed_sequence_size=8192",
    ),
    "an empty mapping": (
        "nemotron steps run curate/nemo_curator -c default --dry-run 'quality_filters={}' input_glob='a/*.jsonl'",
        "`quality_filters=null`",
        "nemotron steps run curate/nemo_curator -c default --dry-run quality_filters=null input_glob='a/*.jsonl'",
    ),
    "a choice that the runner cannot read": (
        "nemotron steps run sft/automodel -c tiny --dry-run peft=lora",
        "the manifest of `sft/automodel` offers",
        "nemotron steps run sft/automodel -c tiny --dry-run peft.dim=8",
    ),
}


def _loud(line: str) -> list[Diagnostic]:
    return [item for item in check_text("a.sh", f"{line}\n", Settings(Path("/"))) if item.severity != "info"]


@pytest.mark.parametrize(("before", "said", "after"), FOLLOWED.values(), ids=FOLLOWED)
def test_following_a_message(before: str, said: str, after: str) -> None:
    """What a message tells to write is not reported in its turn."""
    (found,) = _loud(before)
    assert said in found.message
    assert _loud(after) == []
