"""What is written about the rules is what the rules say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nemolint.testing import pages as docs

ROOT = Path(__file__).resolve().parents[1]
RULES = docs.own_rules()


def test_readme_table() -> None:
    """The README's table lists the rules as they are. `python -m nemolint.testing.pages` makes it anew."""
    text = (ROOT / "README.md").read_text("utf-8")
    assert docs.with_table(text, RULES) == text


@pytest.mark.parametrize("name", RULES)
def test_rule_page(name: str) -> None:
    """A rule's page says what the rule says. `python -m nemolint.testing.pages` makes it anew."""
    assert (ROOT / "docs" / "rules" / f"{name}.md").read_text("utf-8") == docs.rule_page(RULES[name])


def test_no_page_without_a_rule() -> None:
    """A rule that is gone leaves no page behind."""
    assert {page.stem for page in (ROOT / "docs" / "rules").glob("*.md")} == set(RULES)


def test_readme_excerpt(tmp_path: Path) -> None:
    """The output that the README shows is what the command says to the script that it shows."""
    text = (ROOT / "README.md").read_text("utf-8")
    excerpt = text[text.index("<!-- begin: excerpt -->") : text.index("<!-- end: excerpt -->")]
    script, output = re.findall(r"^```\w+\n(.*?)^```$", excerpt, re.MULTILINE | re.DOTALL)
    (tmp_path / "train.sh").write_text(script, "utf-8")
    command = [sys.executable, "-m", "nemolint", "--no-cache", "train.sh"]
    environ = {**os.environ, "COLUMNS": "110", "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert done.stdout == output


def test_the_rule_of_the_contributing_guide_is_one_that_runs() -> None:
    """The worked example is the file that the tests install as a third party's pack."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    (shown,) = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert shown == (ROOT / "tests/pack/nemolint_demo_pack/missing_seed.py").read_text("utf-8")


def test_the_project_passes_its_own_check() -> None:
    """What the project itself tells people to run is right."""
    command = [sys.executable, "-m", "nemolint", "--no-cache", "--output-format", "concise", "."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
