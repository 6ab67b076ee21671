"""The lengths of a config that describe the same token sequences, and so have to be equal."""

from __future__ import annotations

from nemolint.project.model import MISSING, Tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.project.effective import Effective
    from nemolint.project.known import Known

KEYS = ("pack_size", "packed_sequence_size", "seq_length")


def in_force(effective: Effective, known: Known) -> list[tuple[str, Tree]]:
    """The lengths that take effect in a config, with their values, in order; none that switches packing off."""
    return [
        (key, value)
        for key, value in effective.leaves
        if key.rpartition(".")[2] in KEYS
        and value not in (None, 0)
        and key not in known.unread
        and not (key in known.shadows and effective.get(known.shadows[key]) not in (MISSING, None))
    ]
