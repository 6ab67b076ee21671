"""Secrets and look-alikes in the places where this job keeps them: each one found at its characters, no other."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings, strategies as st

from nemolint.reader import read_text
from nemolint.secrets import collect, config_values
from support.planted import KINDS, Planted, lookalikes, plant, secrets

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


@pytest.mark.parametrize(
    "output",
    [
        {"output_type": "stream", "name": "stdout", "text": ["x\n", "JOB_TOKEN=@plain@\n"]},
        {"output_type": "stream", "name": "stdout", "text": "{'url': 'u', 'api_key': '@plain@'}\n"},
        {"output_type": "execute_result", "data": {"text/plain": ["Config(url='x',\n", " token='@plain@')"]}},
        {"output_type": "error", "traceback": ["ValueError: api_key='@plain@' is refused"]},
    ],
)
def test_outputs_of_a_notebook(output: dict[str, object]) -> None:
    """What a cell showed when it ran is searched like text, a word of it is none."""
    cell = {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [output], "source": ["f(x)"]}
    form = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)
    planted = plant("output", "a.ipynb", form)
    assert found(planted) == list(planted.places)
    assert found(plant("output", "a.ipynb", form.replace("@plain@", "read-only"))) == []


CUT = [
    ("a.py", "a = '{0}'\nb = '{1}'\nkey = f'{{a}}{{b}}'\n"),
    ("a.py", "k = f\"{{'{0}'}}{{'{1}'}}\"\n"),
    ("a.py", "a = '{0}'\nkey = f'{{a}}{1}'\n"),
    ("a.py", "k = '{0}'\nk += '{1}'\n"),
    ("a.sh", "A={0}\nA+={1}\nexport K=$A\n"),
    ("a.sh", "A={0}; B={1}; export K=$A$B\n"),
    ("a.sh", "A={0}\nrun ${{A}}{1}\n"),
    ("a.yaml", 'a: "{0}\\\n  {1}"\n'),
    ("a.yaml", "run: |\n  export K='{0}'\\\n  '{1}'\n"),
    ("a.toml", 'a = """{0}\\\n   {1}"""\n'),
    ("a.md", "```bash\nA={0}; B={1}\nrun --x $A$B\n```\n"),
]


@pytest.mark.parametrize(("path", "form"), CUT, ids=lambda value: repr(value)[:60])
@settings(max_examples=25)
@given(kind=st.sampled_from(["nvidia", "hf", "github", "groq"]), seed=st.integers(0, 99), cut=st.floats(0.35, 0.65))
def test_assembled(path: str, form: str, kind: str, seed: int, cut: float) -> None:
    """Wherever the value is cut, one finding is on a piece of it, and none where the pieces are no credential."""
    value = KINDS[kind](f"cut{seed}")
    at = int(len(value) * cut)
    text = form.format(value[:at], value[at:])
    secrets = collect(read_text(path, text))
    assert len(secrets) == 1
    start, end = secrets[0].span.file_span()
    assert text[start:end] in value or (text[start:end].startswith(value[:6]) and text[start:end].endswith(value[-6:]))
    assert collect(read_text(path, form.format(value[:at], "x"))) == ()
