"""Fixes: what they do to a file, and what they must never do to it."""

from __future__ import annotations

import ast
import json
import os
import shutil
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import pytest
import tomli
import yaml

from nemolint.base.atomic import NotWritten, target_of
from nemolint.linter.checker import Checker
from nemolint.linter.diagnostic import Diagnostic, FileEdit, FileFix
from nemolint.linter.fix import Fixed, Judged, applicable, apply_edits, fix_text, write_atomically
from nemolint.linter.loader import load_rules
from nemolint.linter.rule import Example, Rule
from nemolint.reader import read_document
from nemolint.settings import Settings
from nemolint.testing import examples
from support.command import CORRECT, MISSPELT, execute, nemolint
from support.credentials import shown_of

RULES = load_rules()


# -- edits


def _fix(*edits: tuple[int, int, str], safe: bool = True) -> FileFix:
    return FileFix(
        "Fix it", safe, tuple(FileEdit(start, end, text, 1, start + 1, 1, end + 1) for start, end, text in edits)
    )


def _diagnostic(fix: FileFix | None, rule: str = "a") -> Diagnostic:
    return Diagnostic(rule, "error", "message", "a.sh", 1, 1, 1, 2, fix=fix)


def _chosen(*fixes: FileFix, unsafe: bool = False) -> list[FileFix]:
    return [item.fix for item in applicable(map(_diagnostic, fixes), unsafe=unsafe)]


def test_fixes_that_overlap_drop_whole() -> None:
    """A fix with one edit on taken ground leaves its other edits undone, too."""
    first, second, third = _fix((2, 5, "x")), _fix((0, 1, "y"), (4, 6, "y")), _fix((0, 1, "z"))
    assert _chosen(first, second, third) == [first, third]
    assert apply_edits("abcdefg", [first, third]) == "zbxfg"


def test_insertions_at_one_place_have_no_order() -> None:
    """Of two insertions at one place, or one at the edge of a replacement, the first stands; equal ones are one."""
    insertion = _fix((3, 3, "x"))
    assert _chosen(insertion, _fix((3, 3, "y"))) == [insertion]
    assert _chosen(insertion, _fix((3, 5, "y")), _fix((1, 3, "y"))) == [insertion]
    assert _chosen(insertion, _fix((3, 3, "x"))) == [insertion]
    assert applicable([_diagnostic(insertion), _diagnostic(insertion, "b")], unsafe=False)[0].rules == ("a", "b")


def test_unsafe_fixes_wait_for_their_option() -> None:
    """Only `--unsafe-fixes` applies what may change what the job does."""
    fix = _fix((0, 1, "x"), safe=False)
    assert _chosen(fix) == [] and _chosen(fix, unsafe=True) == [fix]


# -- judging again


def _checker(root: Path, *select: str, **settings: Any) -> Checker:
    given = Settings(root, select=select or None, **settings)
    return Checker(given, cwd=root, environ={}, rules=RULES)


def _fixed(checker: Checker, path: Path, text: str, *, unsafe: bool = True) -> tuple[Judged, Fixed]:
    def check(text: str) -> Judged:
        document = checker.read(path, text.encode("utf-8"))
        return Judged(document, checker.check(document))

    before = check(text)
    return before, fix_text(before, check, unsafe=unsafe)


@pytest.mark.parametrize(
    ("path", "text", "old", "new"),
    [
        pytest.param("a.sh", f"{MISSPELT}\n", "uv run ", "# uv run ", id="commented-out"),
        pytest.param("a.md", f"```bash\n{MISSPELT}\n```\n", "```bash", "````bash", id="open-fence"),
        pytest.param("a.yaml", f"on: push\nrun: |\n  {MISSPELT}\n", "run: |", "run:|", id="yaml"),
        pytest.param("a.py", f"import os\nos.system('{MISSPELT}')\n", "')", "'", id="python"),
        pytest.param("a.toml", f"# {MISSPELT}\na = 1\n", "a = 1", "a = ", id="toml"),
        pytest.param("a.ipynb", "", '"cells"', "cells", id="notebook"),
    ],
)
def test_a_fix_that_breaks_the_file_is_left_out(tmp_path: Path, path: str, text: str, old: str, new: str) -> None:
    """Even if nothing is found any more, a container that no longer parses or a run that is lost is no fix."""
    text = text or NOTEBOOK.write(MISSPELT)
    start = text.index(old)
    checker = _checker(tmp_path, "misspelled-dry-run")

    def check(text: str) -> Judged:
        document = checker.read(tmp_path / path, text.encode("utf-8"))
        return Judged(document, [])

    state = check(text)
    assert state.document.runs
    done = fix_text(Judged(state.document, [_diagnostic(_fix((start, start + len(old), new)))]), check, unsafe=False)
    assert (done.text, done.applied) == (text, 0)


def test_good_fixes_go_on_without_the_bad(tmp_path: Path) -> None:
    """One fix that makes things worse does not keep the others from being applied."""
    text = "\n".join(f"{MISSPELT} seed={number}" for number in range(20)) + "\n"
    checker = _checker(tmp_path, "misspelled-dry-run")

    def check(text: str) -> Judged:
        document = checker.read(tmp_path / "a.sh", text.encode("utf-8"))
        found = checker.check(document)
        if "seed=13 --bad" in text:
            found.append(_diagnostic(None, "new"))
        return Judged(document, found)

    before = check(text)
    at = text.index("seed=13") + len("seed=13")
    bad = Judged(before.document, [*before.diagnostics, _diagnostic(_fix((at, at, " --bad")), "other")])
    done = fix_text(bad, check, unsafe=False)
    assert done.applied == 20 and "--bad" not in done.text and "--dryrun" not in done.text


RUN = "nemotron steps run sft/automodel -c tiny"


@pytest.mark.parametrize(
    ("words", "rule", "safe"),
    [
        ("g=d/*.x", "shell-expanded-value", True),
        ("l=[a, b]", "shell-expanded-value", True),
        ("u=http://h?a=1&b=2", "shell-expanded-value", False),
        ("u=a;b", "shell-expanded-value", False),
        ("u=1;./post.sh", "shell-expanded-value", None),
        ("u=1;my_func", "shell-expanded-value", None),
        ("u=1&disown", "shell-expanded-value", None),
        ("g=f(x)", "shell-expanded-value", False),
        ("g=<x>*", "shell-expanded-value", False),
        ("g=<(mark x)*", "shell-expanded-value", None),
        ("g={a,$(mark x)}", "shell-expanded-value", False),
        ("{g=1,-d}", "shell-expanded-value", False),
        ("l=[a, $OPTION]", "shell-expanded-value", False),
        ("l=['$(mark x)', $Y]", "shell-expanded-value", None),
        ("seed=1 seed=2", "repeated-override", True),
        ("seed=1<x> a=1 seed=2", "repeated-override", False),
        ("seed=1>log seed=2", "repeated-override", None),
        ("seed=1 &>log seed=2", "repeated-override", False),
        ("a.$(mark x).b=1 a.$(mark x).b=2", "repeated-override", False),
        ("q=“a b”", "typographic-character", True),
        ("q=“a -d b”", "typographic-character", False),
        ("q=“a >log b”", "typographic-character", None),
        ("q=‘a $(mark x)’", "typographic-character", False),
        ("n=a\u00a0-d", "typographic-character", True),
        ("n=a\u00a0#b", "typographic-character", None),
        ("n=2\u00a02>log", "typographic-character", None),
        ("$\u200bHOME", "typographic-character", False),
        ("// a note", "stray-argument", True),
        ("// it's a note", "stray-argument", False),
        ("// {-d,x}", "stray-argument", False),
        ("a=<x> // a note", "stray-argument", None),
        ("-d \\ \n  Y=1", "stray-argument", False),
        ("--dryrun", "misspelled-dry-run", True),
    ],
)
def test_what_a_safe_fix_is(tmp_path: Path, words: str, rule: str, safe: bool | None) -> None:
    """A fix is safe where the shell runs the same, unsafe where it may not, and none where it surely would not."""
    checker = _checker(tmp_path, rule)
    text = f"my_func() {{ :; }}\n{RUN} {words}\n"
    found = checker.check(checker.read(tmp_path / "a.sh", text.encode()))
    assert found and {item.rule for item in found} == {rule}
    assert {item.fix and item.fix.safe for item in found} == {safe}


def test_half_a_dry_run_reaches_over_no_redirection(tmp_path: Path) -> None:
    """`--dry run` is replaced as one where only blanks stand between the two words."""
    checker = _checker(tmp_path, "misspelled-dry-run")
    for between, left in ((" ", ""), (" >log ", " >log run"), (" 2>&1 ", " 2>&1 run")):
        _, done = _fixed(checker, tmp_path / "a.sh", f"{RUN} --dry{between}run\n", unsafe=False)
        assert done.text == f"{RUN} --dry-run{left}\n"


@pytest.mark.parametrize(
    ("written", "place", "becomes"),
    [
        ("a=1;mark b", "1;mark b", "'1;mark b'"),
        ("a=1 >log b=2", "1 >log b=2", "'1 >log b=2'"),
        ("a=1 | mark b", " | mark b", ""),
        ("a=1 && mark b", " && ", " || "),
        ("a=1 -d b=2", " -d b=2", "' -d b=2'"),
        ("-d a=1", "-d", ""),
    ],
)
@pytest.mark.parametrize("path", ["a.sh", "a.md"])
def test_a_rule_that_is_wrong_about_its_safe_fix(
    tmp_path: Path, written: str, place: str, becomes: str, path: str
) -> None:
    """Whatever a rule calls safe: where other commands, redirections or no dry run would come of it, it is left out."""
    checker = _checker(tmp_path, "unknown-step")
    text = f"{RUN} {written}\n" if path == "a.sh" else f"```console\n$ {RUN} {written}\n```\n"
    start = text.index(place)

    def check(text: str) -> Judged:
        return Judged(checker.read(tmp_path / path, text.encode()), [])

    edit = (start, start + len(place), becomes)
    for safe, applied in ((True, 0), (False, 1)):
        state = Judged(check(text).document, [_diagnostic(_fix(edit, safe=safe))])
        assert fix_text(state, check, unsafe=True).applied == applied


# -- many findings on one line


_MANY = {
    "names that no rule has": ("", " # nemolint: ignore[{}]", "zz{}q", ", ", "unknown-rule", 0),
    "names that a rule nearly has": ("", " # nemolint: ignore[{}]", "unknown-stepp", ", ", "unknown-rule", None),
    "names of both kinds": ("", " # nemolint: ignore[{}]", "zz{}q, mising-launcher", ", ", "unknown-rule", None),
    "values set again": ("-d ", "{}", "seed={}", " ", "repeated-override", 0),
    "two keys set again": ("-d ", "{}", "seed={0} a.b={0}", " ", "repeated-override", 0),
    "patterns": ("-d ", "{}", "k{}=d/*.x", " ", "shell-expanded-value", 0),
    "lists": ("-d ", "{}", "k{}=[a, b]", " ", "shell-expanded-value", 0),
    "values cut off": ("-d ", "{}", "u=http://h?a=1&b=2; " + f"{RUN} -d", " ", "shell-expanded-value", 0),
    "no-break spaces": ("-d ", "{}", "k{}=a", "\u00a0", "typographic-character", 0),
    "zero-width spaces": ("-d ", "{}", "k{}\u200b=a", " ", "typographic-character", 0),
    "zero-width spaces in one word": ("-d ", "k={}", "a\u200b", "", "typographic-character", 0),
    "quotes": ("-d ", "{}", "k{}=“a b”", " ", "typographic-character", 0),
    "dashes": ("-d ", "{}", "–a{}", " ", "typographic-character", 0),
    "dashes in one word": ("-d ", "--a{}", "–b", "", "typographic-character", 0),
    "torn overrides": ("-d ", "{}", "k{} = 1", " ", "stray-argument", 0),
    "options": ("-d ", "{}", "--confg=tiny", " ", "unknown-option", 0),
    "keys": ("-d ", "{}", "step_scheduler.max_step={}", " ", "unknown-override", 0),
    "dry runs": ("", "{}", f"--dryrun; {RUN}", " ", "misspelled-dry-run", 0),
    "launches": ("", "{}", f"; {RUN}", " ", "missing-dry-run", 0),
    "launchers": ("-d ", "{}", f"; {RUN} -d", " ", "missing-launcher", 0),
    "configs": ("-d ", "{}", f"; {RUN}.yaml -d", " ", "unknown-config", 0),
    "steps": ("-d ", "{}", "; nemotron steps run sft/automodl -d", " ", "unknown-step", 0),
    "containers": ("-d; docker run ", "{} image", "-e HF_TOKEN=$HF_TOKEN", " ", "secret-on-command-line", 0),
}


@pytest.mark.parametrize("count", [11, 200])
@pytest.mark.parametrize("name", _MANY)
def test_many_findings_on_one_line(tmp_path: Path, name: str, count: int) -> None:
    """However many findings one line or one comment has, a second `--fix` changes nothing, and nothing gets worse.

    What one pass can do is done in one: the fixes of one rule for one line do not wait for each other.
    """
    head, line, word, gap, rule, left = _MANY[name]
    text = f"{RUN} {head}{line.format(gap.join(word.format(number) for number in range(count)))}\n"
    checker = _checker(tmp_path, rule)
    checks: list[str] = []

    def check(text: str) -> Judged:
        checks.append(text)
        document = checker.read(tmp_path / "a.sh", text.encode())
        return Judged(document, checker.check(document))

    before = check(text)
    assert len(before.diagnostics) >= count - 1
    done = fix_text(before, check, unsafe=True)
    assert len(checks) <= 6 and done.applied
    assert left is None or len([item for item in done.remaining if item.fix is not None]) == left
    assert fix_text(check(done.text), check, unsafe=True).applied == 0
    everything = _checker(tmp_path, "all")
    for unsafe in (False, True) if count < 20 else ():
        before, done = _fixed(everything, tmp_path / "a.sh", text, unsafe=unsafe)
        assert not Counter(item.rule for item in done.remaining) - Counter(item.rule for item in before.diagnostics)
        assert _fixed(everything, tmp_path / "a.sh", done.text, unsafe=unsafe)[1].applied == 0


def test_passes_follow_the_work(tmp_path: Path) -> None:
    """Fixes that have to wait for each other are all made, however many passes that takes."""
    checker = _checker(tmp_path, "unknown-step")

    def check(text: str) -> Judged:
        document = checker.read(tmp_path / "a.txt", text.encode())
        left = text.count("x")
        first = [_diagnostic(_fix((0, len(text), text[1:])))] if left else []
        return Judged(document, [*first, *[_diagnostic(None)] * (left - 1)])

    assert fix_text(check("x" * 40 + "y"), check, unsafe=False).text == "y"


# -- every example of every rule, in containers whose own parsers say what became of it


class Container(NamedTuple):
    """A kind of file: how a command is written into it, and how its own parser reads it back."""

    path: str
    write: Callable[[str], str]
    read: Callable[[str], str]
    lines: bool = True


@pytest.mark.parametrize(("length", "most"), [(1000, 60), (1_000_000, 8)])
def test_a_long_text_is_judged_less_often(length: int, most: int) -> None:
    """What is in doubt in a text of a megabyte costs a few checks of it, not sixty."""
    found = [_diagnostic(_fix((at, at + 1, "y"))) for at in range(0, 400, 2)]
    calls: list[str] = []

    def check(text: str) -> Judged:
        calls.append(text)
        return Judged(read_document("a.txt", text.encode()), [*found, *found])  # worse than before

    fix_text(Judged(read_document("a.txt", b"x" * length), found), check, unsafe=True)
    assert len(calls) == most


def test_a_rule_whose_fixes_do_harm_keeps_no_other_from_being_fixed() -> None:
    """Where each line of a long text has a good fix and one in doubt, the good ones are made within the few checks."""
    text = "x" * 2_000_000
    good = [_diagnostic(_fix((at, at + 1, "y")), "good") for at in range(0, 400, 4)]
    bad = [_diagnostic(_fix((at, at + 1, "z")), "bad") for at in range(2, 400, 4)]

    def check(text: str) -> Judged:
        left = [item for item in (*good, *bad) if item.fix is not None and text[item.fix.edits[0].start] == "x"]
        harm = [_diagnostic(None, "harm")] * text.count("z")
        return Judged(read_document("a.txt", text.encode()), [*left, *harm])

    fixed = fix_text(Judged(read_document("a.txt", text.encode()), [*good, *bad]), check, unsafe=True)
    assert fixed.applied == len(good) and fixed.text.count("y") == len(good) and "z" not in fixed.text


def _after(mark: str, text: str) -> str:
    return text[text.index(mark) + len(mark) :]


def _workflow(text: str) -> str:
    head = "name: Ünï 🚀\non: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
    return head + "      - run: |\n" + textwrap.indent(text, " " * 10, lambda line: True) + "\n"


def _run_of(text: str) -> str:
    value: str = yaml.safe_load(text)["jobs"]["a"]["steps"][0]["run"]
    return value.removesuffix("\n")


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
    "workflow": Container(".github/workflows/a.yml", _workflow, _run_of),
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
    """In each container a fix gives what the example says, by the container's own parser, or changes nothing.

    What is not edited keeps its bytes: line ends, BOM, tabs, other people's characters. Nothing new is found, and a
    second run changes nothing.
    """
    container = CONTAINERS[name]
    bom = "\ufeff" if name in ("shell", "workflow", "list") else ""
    applied = 0
    for rule, example in _fixable():
        if "\n" in example.text and not container.lines:
            continue
        text = bom + container.write(example.text).replace("\n", ending)
        path = tmp_path / container.path
        one = _checker(tmp_path, rule.name)
        before, done = _fixed(one, path, text)
        decoded = container.read(done.text.removeprefix("\ufeff").replace("\r\n", "\n"))
        where = f"{rule.name}: {example.text!r}"
        if done.applied:
            applied += 1
            assert decoded == example.fixed, where
        else:
            assert done.text == text, where
        if ending == "\r\n":
            assert done.text.count("\n") == done.text.count("\r\n"), where
        assert done.text.startswith(bom) and "\ufeff" not in done.text[1:], where
        assert _fixed(one, path, done.text)[1].applied == 0, where
        everything = _checker(tmp_path)
        counts = [
            Counter(item.rule for item in _fixed(everything, path, given)[0].diagnostics) for given in (text, done.text)
        ]
        assert not counts[1] - counts[0], where
        assert len(done.remaining) < len(before.diagnostics) or not done.applied, where
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


# -- what is written, and what never


def test_other_encodings_are_never_written(tmp_path: Path) -> None:
    """UTF-16 and bytes that are no UTF-8 stay as they are, in files and on their way through standard input."""
    files = {
        "wide.sh": f"{MISSPELT}\n".encode("utf-16"),
        "latin.sh": f"{MISSPELT} name=é\n".encode("latin-1"),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        done = nemolint(tmp_path, "check", "--fix", "--unsafe-fixes", name)
        assert (tmp_path / name).read_bytes() == data
        assert done.code == 1 and "nothing was fixed, since the file is not UTF-8" in done.err
        assert nemolint(tmp_path, "check", "--fix", "--stdin-filename", name, "-", stdin=data).stdout == data


def test_stdin_keeps_its_bytes(tmp_path: Path) -> None:
    """With `--fix` the text of standard input comes out with its BOM and line ends."""
    text = f"\ufeff#!/bin/sh\r\n{MISSPELT}\r\nprintf '\\t🚀'".encode()
    done = nemolint(tmp_path, "check", "--fix", "--stdin-filename", "a.sh", "-", stdin=text)
    assert done.stdout == text.replace(b"--dryrun", b"--dry-run")


def test_the_owner_may_change_the_file_meanwhile(tmp_path: Path) -> None:
    """What changed since it was read is not overwritten, nor what is read-only; nothing is left beside it."""
    file = tmp_path / "a.sh"
    file.write_text("new\n")
    with pytest.raises(NotWritten, match="changed while it was checked"):
        write_atomically(file, "fixed\n", was=b"old\n")
    file.chmod(0o444)
    with pytest.raises(NotWritten, match="read-only"):
        write_atomically(file, "fixed\n", was=b"new\n")
    file.chmod(0o755)
    write_atomically(file, "fixed\r\n", was=b"new\n")
    assert file.read_bytes() == b"fixed\r\n" and file.stat().st_mode & 0o777 == 0o755
    assert [item.name for item in tmp_path.iterdir()] == ["a.sh"]


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="needs symbolic links")
def test_links_are_followed_inside_the_repository_only(tmp_path: Path) -> None:
    """A link inside the repository is followed and stays a link; one that leads out is left alone."""
    repo, other = tmp_path / "repo", tmp_path / "other"
    (repo / ".git").mkdir(parents=True)
    inner = repo / "inner"
    inner.mkdir()
    other.mkdir()
    for file in (repo / "real.sh", other / "out.sh"):
        file.write_text(f"{MISSPELT}\n")
    (inner / "in.sh").symlink_to(repo / "real.sh")
    (inner / "out.sh").symlink_to(other / "out.sh")
    (inner / "folder").symlink_to(other)
    done = nemolint(inner, "check", "--fix", "in.sh", "out.sh", "folder/out.sh")
    assert (repo / "real.sh").read_text() == f"{CORRECT}\n" and (inner / "in.sh").is_symlink()
    assert (other / "out.sh").read_text() == f"{MISSPELT}\n" and done.code == 1
    assert "outside of" in done.err
    # A file elsewhere that is given by its own name is meant.
    assert target_of(other / "out.sh", inner) == other / "out.sh"
    assert nemolint(inner, "check", "--fix", "../../other/out.sh").code == 0


# -- the difference


def _apply(folder: Path, diff: bytes) -> None:
    execute(["git", "apply", "-p1", "-"], folder, stdin=diff, code=0)


def test_the_difference_is_what_the_fix_does(tmp_path: Path) -> None:
    """`--diff` shows a patch that git applies, changes nothing, and exits with 1; without changes it says nothing."""
    lines = [f"echo {number}" for number in range(40)]
    lines[3] = lines[30] = MISSPELT
    text = "\n".join(lines) + f"\n{MISSPELT}"
    (tmp_path / "a.sh").write_text(text)
    (tmp_path / "b.sh").write_bytes(f"{MISSPELT}\r\n".encode())
    diff = nemolint(tmp_path, "check", "--diff", "--select", "misspelled-dry-run")
    assert diff.code == 1 and (tmp_path / "a.sh").read_text() == text
    assert b"\\ No newline at end of file" in diff.stdout
    _apply(tmp_path, diff.stdout)
    assert (tmp_path / "a.sh").read_text() == text.replace("--dryrun", "--dry-run")
    assert (tmp_path / "b.sh").read_bytes() == f"{CORRECT}\r\n".encode()
    again = nemolint(tmp_path, "check", "--diff", "--select", "misspelled-dry-run")
    assert (again.code, again.stdout) == (0, b"")


def test_a_difference_counts_as_a_finding(tmp_path: Path) -> None:
    """Whatever `--fail-on` says, a change that `--fix` would make is exit code 1."""
    (tmp_path / "a.sh").write_text("nemotron steps run sft/automodel seed=1 seed=2 --dry-run\n")
    arguments = ("--select", "repeated-override", "--fail-on", "error")
    assert nemolint(tmp_path, "check", *arguments).code == 0
    assert nemolint(tmp_path, "check", *arguments, "--diff").code == 1
    assert nemolint(tmp_path, "check", *arguments, "--diff", "--exit-zero").code == 0


@pytest.mark.parametrize("unsafe", [(), ("--unsafe-fixes",)], ids=["safe", "unsafe"])
@pytest.mark.parametrize("select", ["all", "repeated-override", "typographic-character,unknown-rule"])
def test_suppressed_and_unselected_findings_are_not_fixed(tmp_path: Path, unsafe: tuple[str, ...], select: str) -> None:
    """A suppressed finding keeps its line, a rule that is not selected fixes nothing, and `--diff` shows both."""
    kept = f"{RUN} seed=1 seed=2 q=“a b” -d  # nemolint: ignore[repeated-override, typographic-character] as measured"
    lines = [
        "#!/bin/bash",
        kept,
        f"{RUN} seed=1 seed=2 q=“a b” -d",
        f"{RUN} u=http://h?a=1&b=2  # nemolint: ignore[unknown-stepp, zzqq, unknown-step]",
        f"{RUN} -d u=1;./post.sh",
        f"{RUN} \\",
        "  # nemolint: ignore[unknown-step]",
        "./post.sh seed=1",
    ]
    for name, text in {"a.sh": "\n".join(lines) + "\n", "b.md": f"```bash\n{lines[2]}\n```\n"}.items():
        (tmp_path / name).write_text(text, "utf-8")
    before = {name: (tmp_path / name).read_text("utf-8") for name in ("a.sh", "b.md")}
    arguments = ("--select", select, "--show", "info", *unsafe)
    diff = nemolint(tmp_path, "check", "--diff", *arguments)
    assert {name: (tmp_path / name).read_text("utf-8") for name in before} == before
    _apply(tmp_path, diff.stdout)
    shown = {name: (tmp_path / name).read_text("utf-8") for name in before}
    for name, text in before.items():
        (tmp_path / name).write_text(text, "utf-8")
    nemolint(tmp_path, "check", "--fix", *arguments)
    assert {name: (tmp_path / name).read_text("utf-8") for name in before} == shown != before
    fixed = shown["a.sh"].splitlines()
    assert "seed=1 seed=2 q=“a b” -d" in fixed[1]
    assert ("seed=1" in fixed[2]) == select.startswith("typographic")
    assert ("“" in fixed[2]) == select.startswith("repeated")
    assert fixed[4].endswith("u=1;./post.sh") and fixed[-1] == "./post.sh seed=1"
    assert nemolint(tmp_path, "check", "--diff", *arguments).stdout == b""


def test_no_secret_in_a_difference(tmp_path: Path) -> None:
    """Secrets are masked in lines that change, in those around them, and where the fix takes them out of a command."""
    key = "nvapi-" + "".join(chr(ord("A") + number % 26) + str(number % 7) for number in range(32))
    phrase = "k7Qw9" + "zLm2X" * 3
    body = [chr(ord("b") + number % 20) * 4 + f"{number:02d}Qz9" for number in range(20)]
    pem = "\n".join(["-----BEGIN " + "PRIVATE KEY-----", *body, "-----END " + "PRIVATE KEY-----"])
    (tmp_path / "a.sh").write_text(
        f"export NVIDIA_API_KEY={key}\ncat > k <<'EOF'\n{pem}\nEOF\n"
        f"nemotron steps run translate/nemo_curator server.api_key={phrase} --dryrun\n# {phrase}\n"
    )
    done = nemolint(tmp_path, "check", "--diff", "--unsafe-fixes")
    shown = done.shown
    assert "--dry-run" in shown and "server.api_key_env=" in shown and "[REDACTED" in shown
    assert not shown_of(shown, key.removeprefix("nvapi-"), phrase, *body)


def test_many_fixes_in_a_big_file(tmp_path: Path) -> None:
    """A megabyte full of fixes takes seconds, not minutes, and so does its difference."""
    text = "".join(f"{MISSPELT} seed={number}\n" for number in range(4000))
    (tmp_path / "a.sh").write_text(text)
    assert len(nemolint(tmp_path, "check", "--diff", "--select", "misspelled-dry-run").stdout.splitlines()) == 8003
    assert nemolint(tmp_path, "check", "--fix", "--select", "misspelled-dry-run").code == 0
    assert (tmp_path / "a.sh").read_text() == text.replace("--dryrun", "--dry-run")


# -- a whole repository


def test_the_corpus(shared: Path, tmp_path: Path) -> None:
    """Over a real repository: findings never grow, and a second run changes nothing."""
    shutil.copytree(shared / "corpus" / "nemotron", tmp_path / "nemotron")
    folder = tmp_path / "nemotron"
    for inner in (folder, *folder.rglob("*")):
        inner.chmod(0o755)

    def found() -> Counter[tuple[str, str]]:
        rows = nemolint(folder, "check", "--no-cache", "--show", "info", "--output-format", "json").rows()
        return Counter((row["path"], row["rule"]) for row in rows)

    def content() -> dict[Path, bytes]:
        return {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}

    before = found()
    original = content()
    nemolint(folder, "check", "--fix", "--unsafe-fixes", "--show", "info")
    after, fixed = found(), content()
    assert not after - before
    assert fixed != original
    nemolint(folder, "check", "--fix", "--unsafe-fixes", "--show", "info")
    assert content() == fixed
