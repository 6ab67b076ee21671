"""Switches in the front matter of a Markdown page."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from nemolint.document import Document
from nemolint.linter.checker import Checker
from nemolint.settings import Settings
from nemolint.sources.front_matter import switches
from support.command import CORRECT, MISSPELT

BODY = f"# Title\n\n```bash\n{MISSPELT} seed=1 seed=2\n```\n"


def _page(front: str, body: str = BODY) -> str:
    return f"---\ntitle: x\n{front}---\n{body}"


def _found(text: str, path: str = "a.md") -> list[tuple[str, int, int]]:
    checker = Checker(Settings(Path("/")), cwd=Path("/"), environ={})
    found = checker.check(checker.read(Path("/", path), text.encode("utf-8")))
    return [(item.rule, item.line, item.column) for item in found if item.severity != "info"]


def _rules(text: str, path: str = "a.md") -> list[str]:
    return sorted(rule for rule, _, _ in _found(text, path))


def test_without_a_switch() -> None:
    """The page that the other tests switch off has two findings."""
    assert _rules(_page("")) == ["misspelled-dry-run", "repeated-override"]


@pytest.mark.parametrize(
    "front",
    [
        "nemolint: {ignore: [misspelled-dry-run]}\n",
        "nemolint:\n  ignore:\n    - misspelled-dry-run\n",
        "nemolint:\r\n  ignore: misspelled-dry-run\r\ntags: [a]\r\n",
        "nemolint: {ignore: ['misspelled-dry-run']}  # 🚀\nother: 1\n",
    ],
)
def test_ignore(front: str) -> None:
    """Rules are suppressed for the whole page, in every way to write a list; the others go on."""
    assert _rules(_page(front)) == ["repeated-override"]
    assert _rules("\ufeff" + _page(front).replace("\r\n", "\n").replace("\n", "\r\n")) == ["repeated-override"]


def test_ignore_file() -> None:
    """All findings are suppressed, but a secret of a known format."""
    for front in ("nemolint: ignore-file\n", "nemolint: {ignore-file: true}\n"):
        assert _rules(_page(front)) == []
        key = "nvapi-" + "".join(chr(ord("A") + number % 26) + str(number % 7) for number in range(32))
        assert "inlined-secret" in _rules(_page(front, f"{BODY}\n```bash\nexport NVIDIA_API_KEY={key}\n```\n"))


def test_template() -> None:
    """The commands of the page are templates: nobody pastes them, and only secrets are judged."""
    for front in ("nemolint: {template: true}\n", "nemolint: template\n"):
        assert _rules(_page(front)) == []
        assert _rules(_page(front, BODY + "\n`nemotron steps run sft/automodel -c tiny --dryrun`\n")) == []
    assert len(_rules(_page("nemolint: {template: false}\n"))) == 2


@pytest.mark.parametrize(
    ("front", "rule", "place"),
    [
        ("nemolint: {ignore: [unknown-step]}\n", "unused-suppression", (3, 21)),
        ("nemolint: {ignore: [misspelled-dryrun]}\n", "unknown-rule", (3, 21)),
        ("nemolint: {ignor: [misspelled-dry-run]}\n", "unknown-rule", (3, 12)),
        ("nemolint: {template: maybe}\n", "unknown-rule", (3, 22)),
        ("nemolint: ignore\n", "unknown-rule", (3, 11)),
        ("nemolint: [template]\n", "unknown-rule", (3, 11)),
    ],
)
def test_what_is_wrong_with_a_switch(front: str, rule: str, place: tuple[int, int]) -> None:
    """An unused switch, or one that nemolint does not know, is reported at its place."""
    assert (rule, *place) in _found(_page(front))


def test_unused_switch() -> None:
    """`ignore-file` on a page without findings is reported."""
    clean = f"```bash\n{CORRECT}\n```\n"
    assert _found(_page("nemolint: ignore-file\n", clean)) == [("unused-suppression", 3, 11)]


@pytest.mark.parametrize(
    "text",
    [
        f"```yaml\nnemolint: ignore-file\n```\n{BODY}",
        f"---\ntitle: x\n{BODY}\nnemolint: ignore-file\n",
        f"\n---\nnemolint: ignore-file\n---\n{BODY}",
        _page("nested:\n  nemolint: ignore-file\n"),
        _page("nemolint: {ignore: [\n"),
    ],
    ids=["fence", "open", "not-first", "nested", "broken"],
)
def test_what_is_not_a_switch(text: str) -> None:
    """Only a key of the front matter itself counts."""
    assert {"misspelled-dry-run", "repeated-override"} <= set(_rules(text))


@given(st.text(alphabet="nemolint: {}[]ignore,template'\"#-\n\r\t🚀\x00", max_size=60))
def test_any_text(text: str) -> None:
    """No front matter makes the reader fail, and places stand inside the file."""
    document = Document("a.md", f"---\nnemolint: {text}\n---\n", "markdown")
    for item in switches(document):
        assert 0 <= item.start <= item.end <= len(document.text)


def test_hostile_front_matter() -> None:
    """Deep and long front matter is read to its end; with the square of its length that would take an hour."""
    for text in ("[" * 500_000, "{a: " * 200_000, "- x\n  " * 200_000, "\n" * 1_000_000, "&a [*a, *a]\n" * 80_000):
        document = Document("a.md", f"---\nnemolint: {text}\n---\n", "markdown")
        assert all(0 <= item.start <= item.end <= len(document.text) for item in switches(document))
