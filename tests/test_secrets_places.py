"""Secrets and look-alikes in the places where this job keeps them: each one found at its characters, no other."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from nemolint.reader import read_text
from nemolint.secrets import collect, config_values
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


@settings(max_examples=200)
@given(st.lists(st.sampled_from([*SECRETS, *LOOKALIKES]), min_size=1, max_size=3), st.integers(0, 4))
def test_only_lines_about_secrets_are_scanned(chosen: list[Planted], between: int) -> None:
    """What is found in the lines around the words of a secret's name is what is found in the whole text."""
    gap = "\n" + "x: 1\n" * between
    for path in {planted.path for planted in chosen if not planted.path.endswith((".json", ".ipynb"))}:
        text = gap.join(planted.text for planted in chosen if planted.path == path)
        first = found(Planted("", path, text, (), ()))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(config_values, "_stretches", lambda lowered, start, _: [(start, start + len(lowered))])
            assert first == found(Planted("", path, text, (), ()))


@pytest.mark.parametrize("planted", LOOKALIKES, ids=lambda item: item.name)
def test_lookalike(planted: Planted) -> None:
    """Names, references, gaps, hashes and other code's words are none."""
    text = planted.text
    assert [text[slice(*place)] for place in found(planted)] == []
