"""Secrets and look-alikes in the places where this job keeps them: each one found at its characters, no other."""

from __future__ import annotations

import pytest

from nemolint.reader import read_text
from nemolint.secrets import collect
from support.planted import Planted, lookalikes, secrets

SECRETS = secrets()
LOOKALIKES = lookalikes()


def found(planted: Planted) -> list[tuple[int, int]]:
    """Where the rule would point, in order."""
    document = read_text(planted.path, planted.text)
    items = [item for item in collect(document) if item.site != "name-field" or item.known_format]
    return [item.span.file_span() for item in items]


def test_there_are_enough() -> None:
    """The set is as large as it is said to be."""
    assert sum(len(item.places) for item in SECRETS) >= 200
    assert len(LOOKALIKES) >= 130


@pytest.mark.parametrize("planted", SECRETS, ids=lambda item: item.name)
def test_secret(planted: Planted) -> None:
    """Each secret is found at its exact characters, and nothing else beside it."""
    assert found(planted) == list(planted.places)


@pytest.mark.parametrize("planted", LOOKALIKES, ids=lambda item: item.name)
def test_lookalike(planted: Planted) -> None:
    """Names, references, gaps, hashes and other code's words are none."""
    text = planted.text
    assert [text[slice(*place)] for place in found(planted)] == []
