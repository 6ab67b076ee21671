"""Shell completion and the published schema."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from nemolint.settings_model import json_schema
from support.command import execute, nemolint

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_the_script_is_valid(tmp_path: Path, shell: str) -> None:
    """Each shell takes its completion script, which names the subcommands, the options and the rules."""
    done = nemolint(tmp_path, "--print-completion", shell)
    assert done.code == 0 and done.err == ""
    for word in ("baseline", "--since", "missing-dry-run"):
        assert word in done.out
    if shutil.which(shell) is not None:
        execute([shell, "-n"], tmp_path, stdin=done.out, code=0)


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(
    ("words", "expected"),
    [(["nemolint", "expl"], "explain"), (["nemolint", "explain", "missing-dry"], "missing-dry-run"),
     (["nemolint", "check", "--unsafe"], "--unsafe-fixes"), (["nemolint", "check", "--fail-on", "w"], "warning")],
)  # fmt: skip
def test_bash_completes(tmp_path: Path, words: list[str], expected: str) -> None:
    """bash itself offers what is meant."""
    script = nemolint(tmp_path, "--print-completion", "bash").out
    line = " ".join(f"'{word}'" for word in words)
    ask = f"COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _shtab_nemolint; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    done = execute(["bash"], tmp_path, stdin=f"{script}\n{ask}\n", code=0)
    assert expected in done.out.split(), done.err


def test_other_shells(tmp_path: Path) -> None:
    """A shell that is not known, or none, is wrong usage."""
    for arguments in (["--print-completion", "fish"], ["--print-completion"], ["--print-completion="]):
        done = nemolint(tmp_path, *arguments)
        assert (done.code, done.out) == (2, "") and "bash or zsh" in done.err


def test_the_published_schema(tmp_path: Path) -> None:
    """`nemolint.schema.json` is what `nemolint rules --schema` prints."""
    printed = nemolint(tmp_path, "rules", "--schema").out
    assert json.loads(printed) == json_schema()
    published = ROOT / "nemolint.schema.json"
    assert published.read_text("utf-8") == printed, "run: nemolint rules --schema > nemolint.schema.json"
