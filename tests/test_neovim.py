"""Neovim, without a screen, with the settings of the page: what a person sees and does there."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from support.command import CORRECT, MISSPELT, execute, nemolint
from support.files import write

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "integrations" / "editors.md").read_text("utf-8")
DRIVER = ROOT / "tests" / "support" / "neovim.lua"
HEADINGS = ("Neovim", "Before 0.11", "nvim-lint")


def _lua(heading: str) -> str:
    (found,) = re.findall(
        rf"^##+ {re.escape(heading)}\n(?:(?!^##).)*?^```lua\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE
    )
    return str(found)


@pytest.fixture(scope="module")
def neovim() -> str:
    """The Neovim that is installed."""
    found = shutil.which("nvim")
    if found is None:
        pytest.skip("Neovim is not installed (on Debian: apt install neovim)")
    return found


def _run(neovim: str, folder: Path, script: Path, env: Mapping[str, str] | None = None) -> str:
    words = [neovim, "--headless", "-u", "NONE", "-i", "NONE", "-n", "--cmd", "filetype on", "-S", script]
    done = execute(words, folder, env={"XDG_STATE_HOME": str(folder), "XDG_DATA_HOME": str(folder), **(env or {})})
    assert done.code == 0, done.shown
    return done.shown


def test_a_day_in_neovim(neovim: str, tmp_path: Path) -> None:
    """Findings stand where they are, hover and completion know the steps, and a code action mends the line."""
    pytest.importorskip("pygls", reason="pygls is not installed")
    program = tmp_path / "bin" / "nemolint"
    write(tmp_path, {"bin/nemolint": f"#!/bin/sh\nexec '{sys.executable}' -m nemolint \"$@\"\n", "work/.git/HEAD": ""})
    program.chmod(0o755)
    folder = tmp_path / "work"
    lines = ["#!/bin/bash", f"echo '😀é'; {MISSPELT}", "uv run nemotron steps run sft/"]
    (folder / "a script.sh").write_text("\n".join(lines) + "\n", "utf-8")
    indent = len("echo '😀é'; ".encode())
    given = {
        "config": _lua("Before 0.11"),
        "file": "a script.sh",
        "hover": [1, indent + MISSPELT.index("automodel")],
        "complete": [2, len(lines[2])],
        "output": str(tmp_path / "output.json"),
    }
    (tmp_path / "input.json").write_text(json.dumps(given), "utf-8")
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    said = _run(neovim, folder, DRIVER, {"PATH": path, "TEST_INPUT": str(tmp_path / "input.json")})
    seen: dict[str, Any] = json.loads((tmp_path / "output.json").read_text("utf-8"))
    assert "problem" not in seen, f"{seen['problem']}\n{said}"
    start = indent + MISSPELT.index("--dryrun")  # Neovim counts bytes
    expected = [1, start, 1, start + len("--dryrun"), "ERROR", "misspelled-dry-run", "nemolint"]
    assert seen["diagnostics"][0] == expected
    assert "sft/automodel" in seen["hover"][0] and any("`tiny`" in line for line in seen["hover"])
    assert seen["omnifunc"] == "v:lua.vim.lsp.omnifunc"
    assert set(seen["completion"]) == {"sft/automodel", "sft/megatron_bridge"}
    assert seen["action"] == "Write `--dry-run`"
    assert seen["lines"] == [lines[0], f"echo '😀é'; {CORRECT}", lines[2]]


@pytest.mark.parametrize("heading", HEADINGS)
def test_the_examples_are_lua(neovim: str, tmp_path: Path, heading: str) -> None:
    """The Lua of the page is what Neovim reads."""
    (tmp_path / "page.lua").write_text(_lua(heading), "utf-8")
    script = tmp_path / "check.lua"
    script.write_text("assert(loadfile('page.lua'))\nvim.cmd('qall!')\n", "utf-8")
    assert _run(neovim, tmp_path, script) == ""


def test_the_newer_settings_start_the_server(neovim: str, tmp_path: Path) -> None:
    """The settings for 0.11 define the server and enable it, for the same files as those for older ones."""
    script = tmp_path / "check.lua"
    script.write_text(
        "local configs = {}\nvim.lsp.config = function(name, config) configs[name] = config end\n"
        "vim.lsp.enable = function(name) configs[name].enabled = true end\n"
        f"{_lua('Neovim')}\nvim.fn.writefile({{ vim.fn.json_encode(configs) }}, 'seen.json')\nvim.cmd('qall!')\n",
        "utf-8",
    )
    assert _run(neovim, tmp_path, script) == ""
    (config,) = json.loads((tmp_path / "seen.json").read_text("utf-8")).values()
    assert config["enabled"] and config["cmd"] == ["nemolint", "lsp"]
    (older,) = re.findall(r"pattern = \{(.*?)\}", _lua("Before 0.11"), re.DOTALL)
    assert config["filetypes"] == re.findall(r'"(\w+)"', older)


def test_nvim_lint(neovim: str, tmp_path: Path) -> None:
    """The linter runs a command that exists, and its parser finds every finding with its place and severity."""
    (tmp_path / "a.sh").write_text(
        f"\n  {MISSPELT}\nnemotron steps run sft/automodel -c tiny --dry-run seed=1 seed=2\n"
    )
    rows = nemolint(tmp_path, "--show", "info", "--output-format", "json").rows()
    script = tmp_path / "check.lua"
    script.write_text(
        "local lint = { linters = {} }\npackage.loaded['lint'] = lint\n"
        "package.loaded['lint.parser'] = { from_errorformat = function(format) return format end }\n"
        f"{_lua('nvim-lint')}\nlocal own = lint.linters.nemolint\n"
        "local out = vim.fn.filereadable('out') == 1 and vim.fn.readfile('out') or {}\n"
        "local items = vim.fn.getqflist({ efm = own.parser, lines = out }).items\n"
        "local seen = { command = { own.cmd, unpack(own.args) }, items = items, by = lint.linters_by_ft }\n"
        "vim.fn.writefile({ vim.fn.json_encode(seen) }, 'seen.json')\nvim.cmd('qall!')\n",
        "utf-8",
    )
    _run(neovim, tmp_path, script)
    command = json.loads((tmp_path / "seen.json").read_text("utf-8"))["command"]
    assert command[0] == "nemolint"
    (tmp_path / "out").write_text(nemolint(tmp_path, *command[1:], "a.sh").out, "utf-8")
    _run(neovim, tmp_path, script)
    items = json.loads((tmp_path / "seen.json").read_text("utf-8"))["items"]
    found = [(item["lnum"], item["col"], item["type"]) for item in items if item["valid"]]
    assert found == [(row["line"], row["column"], row["severity"][0]) for row in rows] and len(found) >= 2
