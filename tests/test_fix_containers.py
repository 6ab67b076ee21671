"""Fixes in every container: its own parser says what became of the command, and of the rest of the file."""

from __future__ import annotations

import ast
import json
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import pytest
import tomli
import yaml

from nemolint.linter.rule import Example, Rule
from nemolint.testing import examples
from support.command import MISSPELT, nemolint
from support.containers import script_of, workflow
from support.fixes import RULES, checker_of, fixed, judge_of


class Container(NamedTuple):
    """A kind of file: how a command is written into it, and how its own parser reads it back."""

    path: str
    write: Callable[[str], str]
    read: Callable[[str], str]
    lines: bool = True


def _after(mark: str, text: str) -> str:
    return text[text.index(mark) + len(mark) :]


def _notebook(text: str) -> str:
    cell: dict[str, Any] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "id": "a"}
    cell["source"] = ("%%bash\n" + text).splitlines(keepends=True)
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1) + "\n"


def _valid_notebook(text: str) -> Any:
    notebook = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    return notebook


def _cell_of(text: str) -> str:
    notebook = _valid_notebook(text)
    source: str = notebook.cells[0].source
    return source.removeprefix("%%bash\n")


def _argument_of(text: str) -> str:
    (call,) = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    value: str = ast.literal_eval(call.args[0])
    return value


def _script_item(text: str) -> str:
    value: str = yaml.safe_load(text)["train"]["script"][0]
    return value


def _make(text: str) -> str:
    return "train:\n" + textwrap.indent(text.replace("$", "$$"), "\t") + "\n"


def _recipe_of(text: str) -> str:
    return "\n".join(line.removeprefix("\t") for line in _after("train:\n", text).rstrip("\n").split("\n")).replace(
        "$$", "$"
    )


NOTEBOOK = Container("a.ipynb", _notebook, _cell_of)
CONTAINERS = {
    "shell": Container(
        "a.sh", lambda text: f"#!/bin/bash\n\techo 🚀 é\n{text}\n", lambda text: _after("é\n", text)[:-1]
    ),
    "workflow": Container(
        ".github/workflows/a.yml", lambda text: workflow(text, "name: Ünï 🚀\non: push\n"), script_of
    ),
    "gitlab": Container(
        ".gitlab-ci.yml", lambda text: f"train:\n  script:\n    - {json.dumps(text)}\n", _script_item, lines=False
    ),
    "notebook": NOTEBOOK,
    "python": Container(
        "a.py", lambda text: f"import os\n\n\ndef run():\n    os.system({text!r})\n", _argument_of, lines=False
    ),
    "make": Container("Makefile", _make, _recipe_of, lines=False),
    "docker": Container(
        "Dockerfile", lambda text: f"FROM ubuntu\nRUN {text}\n", lambda text: _after("RUN ", text)[:-1], lines=False
    ),
    "list": Container(
        "a.md",
        lambda text: f"- 🚀\n\n  ```bash\n{textwrap.indent(text, '  ')}\n  ```\n",
        lambda text: textwrap.dedent(_after("```bash\n", text).partition("\n  ```")[0]),
    ),
}


def _fixable() -> Iterator[tuple[Rule, Example]]:
    for rule, example in examples(RULES):
        if example.fixed is not None and example.path is None and not example.files and not example.settings:
            yield rule, example


@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("name", CONTAINERS)
def test_fixes_in_containers(tmp_path: Path, name: str, ending: str) -> None:
    """In each container a fix gives what the example says, by the container's own parser, or changes nothing."""
    # What is not edited keeps its bytes: line ends, BOM, tabs, other people's characters. Nothing new is found, and a
    # second run changes nothing.
    container = CONTAINERS[name]
    bom = "\ufeff" if name in ("shell", "workflow", "list") else ""
    path = tmp_path / container.path
    found = judge_of(checker_of(tmp_path), path)
    checkers = {rule: checker_of(tmp_path, rule) for rule in {rule.name for rule, _ in _fixable()}}
    applied = 0
    for rule, example in _fixable():
        if "\n" in example.text and not container.lines:
            continue
        text = bom + container.write(example.text).replace("\n", ending)
        one = checkers[rule.name]
        before, done = fixed(one, path, text)
        decoded = container.read(done.text.removeprefix("\ufeff").replace("\r\n", "\n"))
        where = f"{rule.name}: {example.text!r}"
        if not done.applied:
            assert done.text == text and decoded == example.text, where
            continue
        applied += 1
        assert decoded == example.fixed, where
        if ending == "\r\n":
            assert done.text.count("\n") == done.text.count("\r\n"), where
        assert done.text.startswith(bom) and "\ufeff" not in done.text[1:], where
        assert fixed(one, path, done.text)[1].applied == 0, where
        counts = [
            Counter(item.rule for item in found(given).diagnostics if not item.yields) for given in (text, done.text)
        ]
        assert not counts[1] - counts[0], where
        assert len(done.remaining) < len(before.diagnostics), where
    # Most containers can hold nearly every fix; a string or a recipe refuses some.
    assert applied >= 25


# -- files of real life


REAL: dict[str, tuple[str, Callable[[str], object]]] = {
    ".github/workflows/train.yml": (
        f"""\
name: Train
on:
  workflow_dispatch:
    inputs:
      steps: {{ description: "How many", default: "10" }}
env: &env
  HF_HOME: /cache  # 🚀
jobs:
  plan:
    runs-on: ubuntu-latest
    env: *env
    steps:
      - uses: actions/checkout@v4
      - name: "One line"
        run: {MISSPELT}
      - name: 'Folded'
        run: >-
          uv run nemotron steps run sft/automodel
          -c tiny --dryrun
      - name: Literal
        shell: bash
        run: |
          set -euo pipefail
          if [[ -n "${{{{ inputs.steps }}}}" ]]; then
            uv run nemotron steps run sft/automodel -c tiny \\
              step_scheduler.max_steps=${{{{ inputs.steps }}}} --dryrun
          fi
""",
        yaml.safe_load,
    ),
    "Dockerfile": (
        f"""\
# syntax=docker/dockerfile:1
FROM python:3.12-slim AS base
RUN pip install uv \\
 && {MISSPELT} \\
 && rm -rf /root/.cache
CMD ["bash", "-c", "{MISSPELT}"]
""",
        str,
    ),
    "pyproject.toml": (
        f"""\
[project]
name = "x"
version = "1"

[tool.poe.tasks]
plan = "{MISSPELT}"  # a task
both.shell = '''
echo "é"
{MISSPELT}
'''

[tool.pixi.tasks]
train = {{ cmd = "{MISSPELT}", cwd = "a" }}
""",
        tomli.loads,
    ),
    "Makefile": (
        f"""\
STEP ?= sft/automodel

.PHONY: plan
plan: ## Says what would be done
\t@echo "planning $(STEP)"
\t{MISSPELT} \\
\t  seed=$${{SEED:-1}}
""",
        str,
    ),
    "notebook.ipynb": (
        json.dumps(
            {
                "cells": [
                    {
                        "cell_type": "markdown",
                        "id": "a",
                        "metadata": {},
                        "source": ["# 🚀\n", "```bash\n", f"{MISSPELT}\n", "```"],
                    },
                    {
                        "cell_type": "code",
                        "id": "b",
                        "metadata": {"tags": ["é"]},
                        "execution_count": 1,
                        "outputs": [{"output_type": "stream", "name": "stdout", "text": ["é\n"]}],
                        "source": [f"!{MISSPELT}\n", "print('done')"],
                    },
                ],
                "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
                "nbformat": 4,
                "nbformat_minor": 5,
            },
            indent=1,
            ensure_ascii=False,
        )
        + "\n",
        _valid_notebook,
    ),
    "tool.py": (
        f'''\
"""Plans a training.

Run this first::

    {MISSPELT}
"""
import subprocess

subprocess.run(["uv", "run", "nemotron", "steps", "run", "sft/automodel", "-c", "tiny", "--dryrun"], check=True)
subprocess.run(f"{MISSPELT} seed={{1 + 1}}", shell=True, check=True)
''',
        ast.parse,
    ),
    "guide.md": (
        f"""\
---
title: Guide
---
# Guide 🚀

1. Plan, with `{MISSPELT}`:

   ```console
   $ {MISSPELT}
   [dry run] nothing is launched
   ```

| What | How |
|------|-----|
| plan | `{MISSPELT}` |
""",
        str,
    ),
}


@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_real_files_fixed_in_place(tmp_path: Path, ending: str) -> None:
    """Files of each kind are fixed on disk: only the words in question change, and their parsers still take them."""
    for name, (text, _) in REAL.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8", newline=ending if ending == "\r\n" else "")
        file.chmod(0o640)
    before = {name: (tmp_path / name).read_bytes() for name in REAL}
    nemolint(tmp_path, "check", "--fix", "--select", "misspelled-dry-run", *REAL)
    for name, (_, parse) in REAL.items():
        after = (tmp_path / name).read_bytes()
        assert after == before[name].replace(b"--dryrun", b"--dry-run"), name
        parse(after.decode("utf-8").replace("\r\n", "\n"))
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o640
    second = nemolint(tmp_path, "check", "--fix", "--select", "misspelled-dry-run", *REAL)
    assert second.code == 0 and "Fixed" not in second.err
