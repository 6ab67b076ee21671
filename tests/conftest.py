"""What several test modules share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# Times differ between machines; what must be fast has tests of its own.
settings.register_profile("nemolint", deadline=None)
settings.load_profile("nemolint")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared corpus and cases that stand beside the project; tests that need them are skipped without them."""
    path = Path(__file__).resolve().parents[1].parent / "shared"
    if not path.is_dir():
        pytest.skip("../shared is not here")
    return path
