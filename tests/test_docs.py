"""What is written about the rules is what the rules say."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from nemolint.commands.rules import severities
from nemolint.testing import pages
from nemolint.testing.picture import SCHEMES
from support.command import nemolint

ROOT = Path(__file__).resolve().parents[1]
RULES = pages.own_rules()


@cache
def made_pages() -> Mapping[Path, str]:
    """The generated pages of the project."""
    return pages.pages(ROOT)


def test_generated_pages() -> None:
    """A generated page says what the program says. `python -m nemolint.testing.pages` regenerates it."""
    for page, text in made_pages().items():
        assert page.read_text("utf-8") == text, page


def test_no_example_is_empty() -> None:
    """A page shows no fence without text."""
    fence = re.compile(r"^(`{3,})\w*\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
    for page, text in made_pages().items():
        fences = fence.findall(text)
        assert all(content.strip() for _, content in fences), page


LINK = re.compile(r"(?<!!)\[[^\]\n]+\]\(([^)#\s]+)(?:#[^)\s]*)?\)")


@pytest.mark.parametrize(
    "page",
    sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "lint/README.md"]),
    ids=lambda page: page.relative_to(ROOT).as_posix(),
)
def test_links_lead_somewhere(page: Path) -> None:
    """A link to a file of the project names one that exists."""
    text = re.sub(r"^(`{3,}).*?^\1`*$|`[^`\n]+`", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in LINK.findall(text):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_no_page_without_a_rule() -> None:
    """A rule that is gone leaves no page behind."""
    assert {page.stem for page in (ROOT / "docs" / "rules").glob("*.md")} == set(RULES)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_picture_of_the_readme(tmp_path: Path, scheme: str) -> None:
    """It opens the page, and shows line by line what the command says to the script below it."""
    text = (ROOT / "README.md").read_text("utf-8")
    excerpt = text[text.index("<!-- begin: excerpt -->") : text.index("<!-- end: excerpt -->")]
    (script,) = re.findall(r"^```\w+\n(.*?)^```$", excerpt, re.MULTILINE | re.DOTALL)
    (tmp_path / "train.sh").write_text(script, "utf-8")
    shown = nemolint(tmp_path, "--no-cache", "train.sh", env={"COLUMNS": "100"}).out
    name = f"docs/images/output-{scheme}.svg"
    root = ElementTree.fromstring((ROOT / name).read_text("utf-8"))
    rows: dict[float, list[tuple[float, str]]] = {}
    for item in root.iter("{http://www.w3.org/2000/svg}text"):
        rows.setdefault(float(item.attrib["y"]), []).append((float(item.attrib["x"]), item.text or ""))
    drawn = ["".join(part for _, part in sorted(row)).replace("\xa0", " ") for _, row in sorted(rows.items())]
    assert drawn == ["$ nemolint train.sh", *(line.rstrip() for line in shown.splitlines() if line.strip())]
    assert len(drawn) > 20 and text.startswith("# nemolint\n\n<picture>\n") and name in text[: text.index("</picture>")]


def test_the_rule_of_the_contributing_guide_is_one_that_runs() -> None:
    """The worked example is the file that the tests install as a third party's pack."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    (shown,) = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert shown == (ROOT / "tests/pack/nemolint_demo_pack/missing_seed.py").read_text("utf-8")


def test_the_project_passes_its_own_check() -> None:
    """What the project itself tells people to run is right."""
    done = nemolint(ROOT, "--no-cache", "--output-format", "concise", ".")
    assert (done.code, done.out) == (0, ""), done.err


def test_one_severity(tmp_path: Path) -> None:
    """The README, the page of a rule, `rules` and `explain` give the same severity."""
    listed = nemolint(tmp_path, "rules").out
    readme = (ROOT / "README.md").read_text("utf-8")
    for name, rule in RULES.items():
        text = severities(rule)
        assert f"({name}.md) | {rule.summary} | {text} |" in readme.replace("docs/rules/", "")
        assert f"Severity: {text}. " in (ROOT / "docs" / "rules" / f"{name}.md").read_text("utf-8")
        assert any(line.startswith(f"{name} ") and f" {text} " in line for line in listed.splitlines())
    assert f"Severity: {severities(RULES['missing-dry-run'])}. " in nemolint(tmp_path, "explain", "missing-dry-run").out
