"""What counts as a placeholder, and what only looks like one."""

from __future__ import annotations

import pytest

from nemolint.analysis import placeholders
from nemolint.reader import read_document


def found(text: str, key: str = "", templated: bool = False) -> list[str]:
    return [text[start:end] for start, end in placeholders.find(text, key=key, templated=templated)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<input>", ["<input>"]),
        ("<iter_*>", ["<iter_*>"]),
        ("<run>/iter_<n>", ["<run>", "<n>"]),
        ("[{name: <exact-task>}]", ["<exact-task>"]),
        ("YOUR-CLUSTER", ["YOUR-CLUSTER"]),
        ("/data/your-model/x", ["your-model"]),
        ("/path/to/chat.jsonl", ["/path/to"]),
        ("path/to/chat.jsonl", ["path/to"]),
        ("...", ["..."]),
        ("/data/…/x", ["…"]),
        ("TODO", ["TODO"]),
        ("CHANGEME", ["CHANGEME"]),
        ("REPLACE_ME", ["REPLACE_ME"]),
        ("/data/xxx/y", ["xxx"]),
        ("{out}/a", ["{out}"]),
        ("{{ out }}/a", ["{{ out }}"]),
    ],
)
def test_forms(text: str, expected: list[str]) -> None:
    """Every form of the policy is found, at its own characters."""
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "data/my_corpus/x",
        "[EN]",
        "(?P<name>x)",
        "(?<name>x)",
        "build-your-own-benchmark/a.yaml",
        "../x",
        "a...b",
        "/data/TODO.md",
        "xxxx.jsonl",
        "{}",
        '{"a":1}',
        "{a,b}",
        "<|im_end|>",
        "</think>",
        "<s>",
        "${oc.env:X}",
        "messages.*.content",
        "Write about {topic} now",
    ],
)
def test_traps(text: str) -> None:
    """Real values that resemble placeholders are left alone."""
    assert found(text) == []


def test_context() -> None:
    """Templated files own their braces; prompts and patterns may hold any form of brackets."""
    assert found("{x}", templated=True) == []
    assert found("{{ x }}", key="columns.0.prompt") == []
    assert found("<tool>", key="env.patterns.2") == []
    assert found("<base>", key="model.name") == ["<base>"]


def test_expansions_are_opaque() -> None:
    """What an expansion holds, a default too, is not a placeholder of the command."""
    run = read_document("a.sh", b"nemotron steps run a/b x=${X:-/path/to/y} y=<z>\n").runs[0]
    assert [(item.text, item.bare) for item in placeholders.in_run(run)] == [("<z>", True)]


@pytest.mark.parametrize(
    "piece", ["<", "<a", "{a", "x", "your-", "/path/to", "{{a ", "{{ ", ".", "TODO", "REPLACE_WITH_"]
)
def test_linear(piece: str) -> None:
    """Repetition costs linear time."""
    text = piece * (400_000 // len(piece))
    list(placeholders.find(text))
