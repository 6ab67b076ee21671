"""How long the texts are that nobody writes."""

from __future__ import annotations

from hypothesis import settings

THOROUGH = settings.get_current_profile_name() == "thorough"


def many(count: int) -> int:
    """So many of something under `--hypothesis-profile=thorough`, and else a sixteenth.

    A sixteenth of a megabyte is enough: what takes the square of it is felt, and what nests in it is past every limit.
    """
    return count if THOROUGH else count // 16
