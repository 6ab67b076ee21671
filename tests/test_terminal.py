"""What people see in a terminal, whole: findings, summaries, differences, listings, and what went wrong.

Standard error is marked with `! `, and a terminal has 100 columns.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import textwrap
from pathlib import Path

import pytest

from support.command import CORRECT, MISSPELT, MODULE, Done, nemolint
from support.credentials import PLAIN
from support.files import write

# Has the command find no rule but that of the pack of the tests.
ONE_PACK = f"""
import sys
from nemolint.linter import loader
sys.path.append({str(Path(__file__).parent / "pack")!r})
rules = loader.load_pack("nemolint_demo_pack")
loader.load_rules = lambda: {{rule.name: rule for rule in rules}}
"""
STEP = "src/nemotron/steps/brew/tea"


def see(folder: Path, *arguments: str, before: str = "") -> Done:
    """Run the command as in a terminal that is not very wide."""
    return nemolint(folder, *arguments, env={"COLUMNS": "100"}, before=before)


def text(lines: str) -> str:
    """Lines as they stand in a test, without the indentation."""
    return textwrap.dedent(lines).removeprefix("\n")


def _folder(path: Path) -> Path:
    return write(path, {"bad.sh": f"{MISSPELT}\n", "good.sh": f"{CORRECT}\n", "other.md": "# Nothing here\n"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file of each sort: one with an error, one with none, one without the command."""
    return _folder(tmp_path)


def _checkout(path: Path) -> Path:
    manifest = """
        [step]
        id = "brew/tea"
        name = "Tea"

        [[consumes]]
        type = "leaves"

        [[parameters]]
        name = "cups"
        default = 2

        [[parameters]]
        name = "leaves"
        choices = ["green", "black"]
        """
    files = {
        "pyproject.toml": "[project]\nname = 'x'\n",
        f"{STEP}/step.toml": text(manifest),
        f"{STEP}/config/default.yaml": "leaves: green\ncups: 2\n",
        f"{STEP}/config/big.yaml": "leaves: black\ncups: 20\n",
        "env.toml": '[kettle]\nexecutor = "slurm"\n',
    }
    return write(path, files)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with one step and one profile."""
    return _checkout(tmp_path)


# -- findings


def test_a_finding(folder: Path) -> None:
    """A finding with its line, carets and fix; then how many there are, and what to do about them."""
    assert see(folder).screen == text(
        """
        error[misspelled-dry-run]: `--dryrun` is not an option of the CLI, so it is passed through to the
          step and the job launches: write `--dry-run`
         --> bad.sh:1:49
          |
        1 | uv run nemotron steps run sft/automodel -c tiny --dryrun
          |                                                 ^^^^^^^^
          |
          = help: Write `--dry-run` (`--fix`)
        ! Found 1 error in 1 file (checked 2 files, 2 runs).
        ! 1 finding can be fixed with --fix.
        ! `nemolint explain misspelled-dry-run` says more.
        exit code 1
        """
    )


def test_nothing_found(folder: Path) -> None:
    """One line, and none where there is nothing to say."""
    assert see(folder, "good.sh").screen == text(
        """
        ! All clear: 1 run in 1 file.
        """
    )
    assert see(folder, "good.sh", "--quiet").screen == ""
    assert see(folder, "other.md").screen == text(
        """
        ! All clear: 0 runs in 1 file.
        """
    )


def test_what_is_not_read_is_not_clear(folder: Path) -> None:
    """A file whose only command could not be read is not called clear."""
    write(folder, {"a.json": '{"start": "nemotron steps run sft/automodel -c tiny --dryrun"}\n'})
    for _ in range(2):  # from the cache, too
        assert see(folder, "a.json").screen == text(
            """
            ! Checked 1 file, 0 runs.
            ! 1 info finding is hidden: --show info shows it.
            """
        )


def test_nothing_checked(folder: Path) -> None:
    """A file that cannot be checked is not called clear, unless others were looked at."""
    write(folder, {"data.bin": "\0", "data.sh": "\0", "pages/a.md": "# Words\n"})
    skipped = "! nemolint: data.bin: not checked, since it is binary\n"
    binary = "! nemolint: data.sh: not checked, since it is binary\n"
    assert see(folder, "data.bin").screen == f"{skipped}! Nothing was checked.\n"
    assert see(folder, "data.bin", "data.sh").screen == f"{skipped}{binary}! Nothing was checked.\n"
    assert see(folder, "data.bin", "pages").screen == (
        f"{skipped}! All clear: no file here names `nemotron steps run`.\n"
    )
    assert see(folder, "data.bin", "good.sh").screen == f"{skipped}! All clear: 1 run in 1 file.\n"


def test_searched_for_credentials_only(folder: Path) -> None:
    """A file of another type is searched for credentials, and the user learns that nothing else was looked for."""
    write(folder, {"LICENSE": "Free as in freedom.\n", "a.go": f'const apiKey = "{PLAIN}"\n'})
    searched = "! nemolint: LICENSE: searched for credentials only, since its file type is not supported\n"
    for _ in range(2):  # from the cache, too
        assert see(folder, "LICENSE").screen == f"{searched}! All clear: 0 runs in 1 file.\n"
        assert see(folder, "LICENSE", "good.sh").screen == f"{searched}! All clear: 1 run in 2 files.\n"
    seen = see(folder, "a.go").screen
    assert "searched for credentials only" in seen and "[inlined-secret]" in seen and PLAIN[:6] not in seen


def test_several_findings(folder: Path) -> None:
    """Findings stand in the order of their places, with notes on what else there is to read."""
    (folder / "a.sh").write_text('ARGS="-c tiny seed=1 --dryrun"\nnemotron steps run sft/automodel $ARGS seed=2\n')
    assert see(folder, "a.sh").screen == text(
        """
        error[misspelled-dry-run]: `--dryrun` is not an option of the CLI, so it is passed through to the
          step and the job launches: write `--dry-run`
         --> a.sh:2:34
          |
        2 | nemotron steps run sft/automodel $ARGS seed=2
          |                                  ^^^^^
          |
          = note: this part of `$ARGS` is written here (a.sh:1:22)

        warning[repeated-override]: `seed` is set again to `2`, so this value is dropped: give the key once
         --> a.sh:2:34
          |
        2 | nemotron steps run sft/automodel $ARGS seed=2
          |                                  ^^^^^
          |
          = note: the value that counts (a.sh:2:40)
          = note: this part of `$ARGS` is written here (a.sh:1:15)
        ! Found 1 error, 1 warning in 1 file (checked 1 file, 1 run).
        ! `nemolint explain RULE` says more about a rule.
        exit code 1
        """
    )


def test_equal_findings(checkout: Path) -> None:
    """The same finding on several lines is shown once, with the lines."""
    lines = [f"nemotron steps run brew/tee cups={cups}" for cups in range(4)]
    write(checkout, {"a.sh": "\n".join([*lines[:2], "echo", *lines[2:], ""])})
    assert see(checkout, "a.sh").screen == text(
        """
        error[unknown-step]: there is no step `brew/tee` in the checkout at .: did you mean `brew/tea`?
         --> a.sh:1:20 (4 places)
          |
        1 | nemotron steps run brew/tee cups=0
          |                    ^^^^^^^^
        2 | nemotron steps run brew/tee cups=1
          |                    ^^^^^^^^
        ...
        4 | nemotron steps run brew/tee cups=2
          |                    ^^^^^^^^
        5 | nemotron steps run brew/tee cups=3
          |                    ^^^^^^^^
          |
          = help: Replace it with `brew/tea` (`--fix --unsafe-fixes`)
        ! Found 4 errors in 1 file (checked 1 file, 4 runs).
        ! 4 findings can be fixed with --fix --unsafe-fixes.
        ! `nemolint explain unknown-step` says more.
        exit code 1
        """
    )


def test_where_a_finding_stands(tmp_path: Path) -> None:
    """A place is one of the file, with the cell in a notebook; a long line is cut around it."""
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": ["x = 1\n", f"!{MISSPELT}"]}]
    page = f"# Train\n\n- First\n\n  ```console\n  $ {MISSPELT} data={'/very/long' * 9}/name\n  ```\n"
    write(
        tmp_path,
        {"a.md": page, "b.ipynb": json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})},
    )
    assert see(tmp_path).screen == text(
        """
        error[misspelled-dry-run]: `--dryrun` is not an option of the CLI, so it is passed through to the
          step and the job launches: write `--dry-run`
         --> a.md:6:53
          |
        6 |   $ uv run nemotron steps run sft/automodel -c tiny --dryrun data=/very/long/very/long/very/lon…
          |                                                     ^^^^^^^^
          |
          = help: Write `--dry-run` (`--fix`)

        error[misspelled-dry-run]: `--dryrun` is not an option of the CLI, so it is passed through to the
          step and the job launches: write `--dry-run`
         --> b.ipynb:1:137 (cell 1, line 2)
          |
        1 | … 1\\n", "!uv run nemotron steps run sft/automodel -c tiny --dryrun"]}], "metadata": {}, "nbform…
          |                                                           ^^^^^^^^
          |
          = help: Write `--dry-run` (`--fix`)
        ! Found 2 errors in 2 files (checked 2 files, 2 runs).
        ! 2 findings can be fixed with --fix.
        ! `nemolint explain misspelled-dry-run` says more.
        exit code 1
        """
    )


def test_colors(folder: Path) -> None:
    """What is important stands out, where colours are wanted."""
    assert see(folder, "bad.sh", "--color", "always").screen == text(
        """
        \x1b[1;31merror[misspelled-dry-run]\x1b[0m\x1b[1m: `--dryrun` is not an option of the CLI, so it is passed through to the\x1b[0m
        \x1b[1m  step and the job launches: write `--dry-run`\x1b[0m
         \x1b[1;34m-->\x1b[0m bad.sh:1:49
          \x1b[1;34m|\x1b[0m
        \x1b[1;34m1\x1b[0m \x1b[1;34m|\x1b[0m uv run nemotron steps run sft/automodel -c tiny --dryrun
          \x1b[1;34m|\x1b[0m \x1b[1;31m                                                ^^^^^^^^\x1b[0m
          \x1b[1;34m|\x1b[0m
          \x1b[1;34m=\x1b[0m \x1b[1mhelp:\x1b[0m Write `--dry-run` (`--fix`)
        ! Found 1 error in 1 file (checked 1 file, 1 run).
        ! 1 finding can be fixed with --fix.
        ! `nemolint explain misspelled-dry-run` says more.
        exit code 1
        """
    )


def test_hidden_findings(tmp_path: Path) -> None:
    """What is below the wanted severity is counted, with the option that shows it."""
    write(tmp_path, {"a.sh": "nemotron steps run sft/automodel -c tiny --dry-run --batch three\n"})
    assert see(tmp_path).screen == text(
        """
        ! All clear: 1 run in 1 file.
        ! 1 info finding is hidden: --show info shows it.
        """
    )
    assert see(tmp_path, "--show", "info").screen == text(
        """
        info[missing-env-file]: profile `three` is used, but there is no env TOML to read: name the env TOML
          in this file, or pass `--env-file`
         --> a.sh:1:60
          |
        1 | nemotron steps run sft/automodel -c tiny --dry-run --batch three
          |                                                            ^^^^^
        ! Found 1 info finding in 1 file (checked 1 file, 1 run).
        ! `nemolint explain missing-env-file` says more.
        """
    )


def test_short_output(folder: Path) -> None:
    """One line for a finding, and the count of each rule."""
    assert see(folder, "--output-format", "concise", "--statistics").screen == text(
        """
        bad.sh:1:49: error[misspelled-dry-run] `--dryrun` is not an option of the CLI, so it is passed through to the step and the job launches: write `--dry-run`
        !       1  error    misspelled-dry-run
        ! Found 1 error in 1 file (checked 2 files, 2 runs).
        ! 1 finding can be fixed with --fix.
        ! `nemolint explain misspelled-dry-run` says more.
        exit code 1
        """
    )


def test_a_broken_command(tmp_path: Path) -> None:
    """What cannot be read is reported, and nothing else is said about a command whose words are a guess."""
    write(
        tmp_path,
        {
            "a.sh": 'nemotron steps run sft/automodel -c tiny --dryrun "seed=1\n',
            "b.yaml": "run: [nemotron steps run a\n",
        },
    )
    assert see(tmp_path).screen == text(
        """
        warning[unparsed-shell]: this quote is never closed, so the words of the command are a guess: close
          it
         --> a.sh:1:51
          |
        1 | nemotron steps run sft/automodel -c tiny --dryrun "seed=1
          |                                                   ^

        warning[unreadable-file]: the YAML does not parse (line 2: did not find expected ',' or ']'), so
          only comments and single lines were checked: fix it, or exclude the file
         --> b.yaml:2:1
          |
        2 |
          | ^
        ! Found 2 warnings in 2 files (checked 2 files, 1 run).
        ! `nemolint explain RULE` says more about a rule.
        exit code 1
        """
    )


def test_a_missing_file(folder: Path) -> None:
    """It is named first, and the others are checked."""
    assert see(folder, "absent.md", "bad.sh").screen == text(
        """
        error[misspelled-dry-run]: `--dryrun` is not an option of the CLI, so it is passed through to the
          step and the job launches: write `--dry-run`
         --> bad.sh:1:49
          |
        1 | uv run nemotron steps run sft/automodel -c tiny --dryrun
          |                                                 ^^^^^^^^
          |
          = help: Write `--dry-run` (`--fix`)
        ! nemolint: absent.md: no such file or folder
        ! Found 1 error in 1 file (checked 1 file, 1 run; not everything could be checked).
        ! 1 finding can be fixed with --fix.
        ! `nemolint explain misspelled-dry-run` says more.
        exit code 2
        """
    )


def test_standard_input(tmp_path: Path) -> None:
    """A text comes under the name that is given for it; with `--fix` it is printed, fixed."""
    done = nemolint(
        tmp_path, "--stdin-filename", "docs/x.md", "-", stdin=f"```bash\n{MISSPELT}\n```\n", env={"COLUMNS": "100"}
    )
    assert done.screen == text(
        """
        error[misspelled-dry-run]: `--dryrun` is not an option of the CLI, so it is passed through to the
          step and the job launches: write `--dry-run`
         --> docs/x.md:2:49
          |
        2 | uv run nemotron steps run sft/automodel -c tiny --dryrun
          |                                                 ^^^^^^^^
          |
          = help: Write `--dry-run` (`--fix`)
        ! Found 1 error in 1 file (checked 1 file, 1 run).
        ! 1 finding can be fixed with --fix.
        ! `nemolint explain misspelled-dry-run` says more.
        exit code 1
        """
    )
    done = nemolint(tmp_path, "--fix", "--stdin-filename", "x.sh", "-", stdin=f"{MISSPELT}\n")
    assert done.screen == text(
        """
        uv run nemotron steps run sft/automodel -c tiny --dry-run
        ! Fixed 1 finding in 1 file.
        ! All clear: 1 run in 1 file.
        """
    )


# -- differences and fixes


def test_unsafe_fixes_are_counted(tmp_path: Path) -> None:
    """The summary says how many findings `--fix` fixes, and how many more `--unsafe-fixes` does."""
    misspelled = CORRECT.replace("-c tiny", "-c tinny")
    write(tmp_path, {"a.sh": f"{misspelled}\n", "b.sh": f"{MISSPELT}\n"})
    summary = [line for line in see(tmp_path).err.splitlines() if "fix" in line]
    assert summary == ["1 finding can be fixed with --fix, 1 more with --unsafe-fixes."]
    assert "1 finding can be fixed with --fix --unsafe-fixes.\n" in see(tmp_path, "a.sh").err


def test_a_difference(folder: Path) -> None:
    """What a fix would change, as a patch, and nothing is changed."""
    assert see(folder, "--diff").screen == text(
        """
        --- a/bad.sh
        +++ b/bad.sh
        @@ -1 +1 @@
        -uv run nemotron steps run sft/automodel -c tiny --dryrun
        +uv run nemotron steps run sft/automodel -c tiny --dry-run
        ! Would fix 1 finding in 1 file.
        ! Found 1 error in 1 file (checked 2 files, 2 runs).
        ! `nemolint explain misspelled-dry-run` says more.
        exit code 1
        """
    )
    assert (folder / "bad.sh").read_text() == f"{MISSPELT}\n"


def test_fixes(checkout: Path) -> None:
    """How many were fixed, and what is left."""
    write(checkout, {"a.sh": "nemotron steps run brew/tea --dryrun\nnemotron steps run brew/coffee\n"})
    assert see(checkout, "--fix").screen == text(
        """
        error[unknown-step]: there is no step `brew/coffee` in the checkout at .: did you mean `brew/tea`?
         --> a.sh:2:20
          |
        2 | nemotron steps run brew/coffee
          |                    ^^^^^^^^^^^
          |
          = help: Replace it with `brew/tea` (`--fix --unsafe-fixes`)
        ! Fixed 1 finding in 1 file.
        ! Found 1 error in 1 file (checked 4 files, 2 runs).
        ! 1 finding can be fixed with --fix --unsafe-fixes.
        ! `nemolint explain unknown-step` says more.
        exit code 1
        """
    )
    assert (checkout / "a.sh").read_text() == "nemotron steps run brew/tea --dry-run\nnemotron steps run brew/coffee\n"
    assert see(checkout, "--fix").screen == text(
        """
        error[unknown-step]: there is no step `brew/coffee` in the checkout at .: did you mean `brew/tea`?
         --> a.sh:2:20
          |
        2 | nemotron steps run brew/coffee
          |                    ^^^^^^^^^^^
          |
          = help: Replace it with `brew/tea` (`--fix --unsafe-fixes`)
        ! Found 1 error in 1 file (checked 4 files, 2 runs).
        ! 1 finding can be fixed with --fix --unsafe-fixes.
        ! `nemolint explain unknown-step` says more.
        exit code 1
        """
    )


def test_a_fix_that_is_left_out(checkout: Path) -> None:
    """A fix that would bring up another finding is not made, and that is said."""
    write(checkout, {"a.sh": "nemotron steps run brew/tee -c tiny\n"})
    assert see(checkout, "--diff", "--unsafe-fixes").screen == text(
        """
        ! Found 1 error in 1 file (checked 4 files, 1 run).
        ! 1 finding left: a fix is skipped if it would introduce another finding or change other commands, or
        !   if its file cannot be written.
        ! `nemolint explain unknown-step` says more.
        exit code 1
        """
    )


def test_a_baseline(folder: Path) -> None:
    """What is written, and what a check says of it afterwards."""
    assert see(folder, "baseline").screen == text(
        """
        ! Wrote 1 finding in 1 file to nemolint-baseline.json.
        """
    )
    assert see(folder, "--baseline", "nemolint-baseline.json").screen == text(
        """
        ! All clear: 2 runs in 2 files.
        ! 1 known finding of nemolint-baseline.json not shown.
        """
    )


# -- lists


def test_commands(folder: Path) -> None:
    """Each run with its role and what its step is known from; mentions only when asked for."""
    (folder / "note.md").write_text("The page of `nemotron steps run` says more.\n")
    assert see(folder, "commands").screen == text(
        """
        bad.sh:1:8: command, blocked by misspelled-dry-run: sft/automodel -c tiny --dryrun
        good.sh:1:8: command, reference-grounded: sft/automodel -c tiny --dry-run
        ! 2 runs in 2 files.
        """
    )
    assert see(folder, "commands", "--all").screen == text(
        """
        bad.sh:1:8: command, blocked by misspelled-dry-run: sft/automodel -c tiny --dryrun
        good.sh:1:8: command, reference-grounded: sft/automodel -c tiny --dry-run
        note.md:1:14: mention, reference-grounded: (no step)
        ! 3 runs in 3 files.
        """
    )


def test_commands_that_do_not_run(folder: Path) -> None:
    """What the CLI does with a line is shown where it does not run it; after an expansion that is unknown."""
    lines = ("x=1 mcq", "mcq -c", "mcq -h", "$X mcq", '"$STEP" -d')
    (folder / "stops.sh").write_text("".join(f"nemotron steps run {line}\n" for line in lines))
    assert see(folder, "commands", "stops.sh").screen == text(
        """
        stops.sh:1:1: command, unknown step, blocked by unknown-step: x=1 mcq
        stops.sh:2:1: command, usage error, blocked by unknown-option: byob/mcq
        stops.sh:3:1: command, help, reference-grounded: byob/mcq
        stops.sh:4:1: command, reference-grounded: (step not known) mcq
        stops.sh:5:1: command, reference-grounded: (step not known) --dry-run
        ! 5 runs in 1 file.
        """
    )


def test_commands_as_json(folder: Path) -> None:
    """Every run has exactly the agreed keys."""
    assert see(folder, "commands", "--json", "bad.sh").screen == text(
        """
        [
          {
            "path": "bad.sh",
            "cell": null,
            "line": 1,
            "column": 8,
            "end_line": 1,
            "end_column": 57,
            "container": "sh",
            "surface": "script",
            "role": "command",
            "launcher": "uv run",
            "outcome": "runs",
            "step": "sft/automodel",
            "step_id": "sft/automodel",
            "config": "tiny",
            "run": null,
            "batch": null,
            "dry_run": false,
            "overrides": [],
            "passthrough": [
              "--dryrun"
            ],
            "tier": "blocked",
            "blockers": [
              "misspelled-dry-run"
            ]
          }
        ]
        """
    )


def test_rules(tmp_path: Path) -> None:
    """One line for each rule: name, group, severity by surface, fix, and what it asks for."""
    assert see(tmp_path, "rules", before=ONE_PACK).screen == text(
        """
        Rule          Group     Severity  Fix  Default  Summary
        missing-seed  contract  warning   yes  yes      Give fine-tuning a seed.
        """
    )
    assert see(tmp_path, "rules", "--output-format", "markdown", before=ONE_PACK).screen == text(
        """
        | Rule | Group | Severity | Fix | Default | Summary |
        |---|---|---|---|---|---|
        | `missing-seed` | contract | warning | yes | yes | Give fine-tuning a seed. |
        """
    )


def test_explain(tmp_path: Path) -> None:
    """What a rule asks for and why, with its examples, their carets and what the fix makes of them."""
    assert see(tmp_path, "explain", "missing-seed", before=ONE_PACK).screen == text(
        """
        missing-seed

        Give fine-tuning a seed.

        Two runs without one cannot be compared.

        Group: contract. Severity: warning. Default: yes. Fix: yes.

        Reported:

            nemotron steps run sft/automodel -c tiny
                               ^^^^^^^^^^^^^
            # fixed:
            nemotron steps run sft/automodel -c tiny seed=42

        Not reported:

            nemotron steps run sft/automodel seed=1

            nemotron steps run sft/automodel "$@"

            nemotron steps run rl/nemo_rl/dpo
        """
    )


def test_catalog(checkout: Path) -> None:
    """The steps by category, one step with all that its manifest says, and steps of a close name."""
    assert see(checkout, "catalog").screen == text(
        """
        1 steps from the checkout at .

        brew
          brew/tea  GPUs unknown; configs big default
        """
    )
    assert see(checkout, "catalog", "brew/tea").screen == text(
        """
        brew/tea: Tea
          from      src/nemotron/steps/brew/tea/step.toml
          category  brew
          needs     GPUs unknown
          configs   big, default (default)
          keys      not known
          consumes  leaves
          parameters
            cups = 2
            leaves  one of green, black
          facts
            unpacked run; run.env  [src/nemo_runspec/config/loader.py; holds]
            resolvers art; auto_mount; manifest  [src/nemo_runspec/config/resolvers.py; holds]
        """
    )
    assert see(checkout, "catalog", "brew/tee").screen == text(
        """
        ! nemolint: there is no step `brew/tee`; did you mean brew/tea? (`nemolint catalog` lists all)
        exit code 2
        """
    )


POUR = "src/nemotron/steps/brew/pour"


@pytest.fixture
def tea_party(checkout: Path) -> Path:
    """A checkout with two steps, one of which reads what the other writes, and a cluster."""
    types = "[leaves]\n[tea]\nis_a = ['drink']\n[drink]\n[cup]\n"
    header = "# /// script\n# [tool.runspec.run]\n# launch = 'torchrun'\n# [tool.runspec.resources]\n"
    files = {
        "src/nemotron/steps/types.toml": types,
        f"{STEP}/step.toml": (checkout / f"{STEP}/step.toml").read_text("utf-8") + "\n[[produces]]\ntype = 'tea'\n",
        f"{STEP}/step.py": f"{header}# nodes = 2\n# gpus_per_node = 8\n# ///\n",
        f"{STEP}/config/default.yaml": "leaves: green\ncups: 2\ninput_path: /shelf/leaves\noutput_dir: ???\n",
        f"{POUR}/step.toml": "[step]\nid = 'brew/pour'\nname = 'Pour'\n[[consumes]]\ntype = 'drink'\n[[produces]]\ntype = 'cup'\n",
        f"{POUR}/step.py": f"{header}# nodes = 1\n# gpus_per_node = 0\n# ///\n",
        f"{POUR}/config/default.yaml": "input_path: null\noutput_dir: ./cups\nsugar: {lumps: 1}\n",
        f"{POUR}/config/sweet.yaml": "input_path: null\noutput_dir: ./cups\nsugar: {lumps: 3, kind: brown}\n",
        "env.toml": "[stove]\nexecutor = 'slurm'\nntasks_per_node = 8\n[kettle]\nextends = 'stove'\nnodes = 1\ntime = '01:00:00'\n",
        "party.sh": "nemotron steps run brew/tea --dry-run output_dir=/pot\n"
        "nemotron steps run brew/tea -b kettle output_dir=/pot\n"
        "nemotron steps run brew/pour input_path=/pot/tea.bin sugar.lumps=2\n",
    }
    return write(checkout, files)


def test_what_a_launch_does(tea_party: Path) -> None:
    """Where it goes, what blocks it, what it takes, what its overrides change and the profile gives."""
    assert see(
        tea_party, "explain-run", "nemotron steps run brew/tea -b kettle leaves=white run.env.nodes=4"
    ).screen == text(
        """
        brew/tea: Tea
        nemotron steps run brew/tea -b kettle leaves=white run.env.nodes=4

        happens    submits a job to slurm (profile `kettle`), detached: returns once the job is submitted
        blocked    1:46 invalid-value: `white` is not a choice for `leaves` of `brew/tea`: use `green` or
                   `black`
        GPUs       32 (4 nodes x 8); 8 processes per node (run.env.ntasks_per_node)
        costs      nothing besides the job itself
        missing    output_dir (`???` in the config) [src/nemotron/steps/brew/tea/config/default.yaml:4]
        warned     1:20 inherited-placeholder: `default` leaves `output_dir` as a placeholder: override it
        config     src/nemotron/steps/brew/tea/config/default.yaml, the step's default
                   leaves: green -> white [line 1]
                   run.env.nodes: 4, added
        profile    kettle: env.toml:4, extends stove
                   executor=slurm
                   time=01:00:00
                   ntasks_per_node=8
                   nodes: 1 -> 4, by the command
        reads      leaves: input_path=/shelf/leaves
        writes     tea: no key is known to name it
        sources    blocked; the facts are from the checkout at .
        """
    )


def test_what_several_runs_do(tea_party: Path) -> None:
    """The runs in order, with what flows between them and what none of them makes."""
    assert see(tea_party, "explain-run", "party.sh").screen == text(
        """
        party.sh: 3 runs

        1. line 1: brew/tea: dry run

        2. line 2: brew/tea: job on slurm, detached, 8 GPUs
           needs leaves, which no run before writes: /shelf/leaves

        3. line 3: brew/pour: runs here
           reads tea of run 2, at /pot/tea.bin
           writes cup, which no run after reads: cups
        """
    )


def test_how_two_configs_differ(tea_party: Path) -> None:
    """Keys with both values and their places: changed, only here, only there."""
    assert see(tea_party, "explain-run", "--compare", "sweet", "party.sh:3").screen == text(
        """
        here       src/nemotron/steps/brew/pour/config/default.yaml with the overrides of the command
        there      src/nemotron/steps/brew/pour/config/sweet.yaml

        changed    input_path: /pot/tea.bin [party.sh:3] -> null [line 1]
                   sugar.lumps: 2 [party.sh:3] -> 3 [line 3]
        only there sugar.kind: brown [line 3]
                   2 changed, 0 only here, 1 only there, 1 key the same
        """
    )


def test_a_step_of_ones_own(checkout: Path) -> None:
    """Findings use the names of the checkout."""
    write(checkout, {"a.sh": "nemotron steps run brew/tea -c tiny leaves=white cups=3 -b kettel\n"})
    assert see(checkout, "a.sh").screen == text(
        """
        error[unknown-config]: `brew/tea` has no config `tiny`: use `big` or `default`
         --> a.sh:1:32
          |
        1 | nemotron steps run brew/tea -c tiny leaves=white cups=3 -b kettel
          |                                ^^^^

        error[invalid-value]: `white` is not a choice for `leaves` of `brew/tea`: use `green` or `black`
         --> a.sh:1:44
          |
        1 | nemotron steps run brew/tea -c tiny leaves=white cups=3 -b kettel
          |                                            ^^^^^

        error[unknown-profile]: `--batch kettel` does not name a profile in env.toml: did you mean `kettle`?
         --> a.sh:1:60
          |
        1 | nemotron steps run brew/tea -c tiny leaves=white cups=3 -b kettel
          |                                                            ^^^^^^
          |
          = help: Use `kettle` (`--fix --unsafe-fixes`)
        ! Found 3 errors in 1 file (checked 1 file, 1 run).
        ! 1 finding can be fixed with --fix --unsafe-fixes.
        ! `nemolint explain RULE` says more about a rule.
        exit code 1
        """
    )


def test_settings_in_force(folder: Path) -> None:
    """All of them, under the names of the settings file."""
    write(folder, {"nemolint.toml": 'profiles = ["x"]\n[severity]\nunknown-step = "info"\n'})
    shown = see(folder, "--show-settings", "--ignore", "unknown-config").screen.replace(str(folder), "FOLDER")
    assert shown == text(
        """
        {
          "file": "FOLDER",
          "source": "FOLDER/nemolint.toml",
          "root": "FOLDER",
          "extends": null,
          "select": null,
          "ignore": [
            "unknown-config"
          ],
          "extend-select": [],
          "exclude": [],
          "per-file-ignores": {},
          "severity": {
            "unknown-step": "info"
          },
          "env-file": null,
          "profiles": [
            "x"
          ],
          "nemotron": null,
          "inputs": {},
          "steps": {},
          "rules": {},
          "preset": "repo",
          "baseline": null,
          "overrides": [],
          "hook": {
            "ask": "native"
          },
          "policy": [],
          "origins": {
            "severity.unknown-step": [
              "FOLDER/nemolint.toml:3"
            ],
            "profiles": [
              "FOLDER/nemolint.toml:1"
            ],
            "ignore": [
              "command line"
            ]
          }
        }
        """
    )


def test_help(tmp_path: Path) -> None:
    """Every subcommand, the groups that `--select` takes, and the exit codes."""
    assert see(tmp_path, "--help").screen == text(
        """
        Checks `nemotron steps run` commands where they are written: scripts, documents, notebooks, CI
          files.

        usage: nemolint [PATH ...]             check files and folders (the same as `nemolint check`)
               nemolint commands [PATH ...]    list every run found
               nemolint baseline [PATH ...]
                   record the current findings in a file, so that only new ones are reported
               nemolint grade ANSWER           the scores of an assistant's answer, for evaluations
               nemolint hook --install HOST    let a coding assistant ask before it runs a command
               nemolint explain RULE           what a rule reports and why, with examples
               nemolint explain-run COMMAND    what a command will do, or those of a FILE, before they do it
               nemolint rules                  all rules
               nemolint catalog [STEP]         the steps of the project
               nemolint lsp                    the language server for editors, on standard input and output
               nemolint cache clean|dir        delete the cache, or print its folder
               nemolint SUBCOMMAND --help      the options of a subcommand
               nemolint --version [--verbose]  this version, and those of what it uses
               nemolint --print-completion bash|zsh|fish

        groups of rules for --select and --ignore:
          secrets, profiles, paths, launch, placeholders, contract, pipelines, callouts, optional, tool,
            policy

        exit codes: 0 nothing at or above --fail-on, 1 findings, 2 usage or settings error, unchecked files,
          internal error
        """
    )


# -- wrong usage


WRONG_USAGE = {
    "--dif": """
        ! nemolint: no such option: --dif (did you mean `--diff`?)
        ! Try `nemolint check --help`.
        """,
    "--select missing-dryrun": """
        ! nemolint: --select: there is no rule `missing-dryrun` (did you mean `missing-dry-run`?)
        """,
    "--ignore unknown-profile,unknown-confg": """
        ! nemolint: --ignore: there is no rule `unknown-confg` (did you mean `unknown-config`?)
        """,
    "--output-format sarf": """
        ! nemolint: unknown format "sarf" (did you mean `sarif`?): use text, concise, json, jsonl, sarif, github, gitlab, junit, markdown
        ! Try `nemolint check --help`.
        """,
    "--output-format json --output-format text": """
        ! nemolint: only one format can go to standard output: give the others a file, as in sarif=report.sarif
        ! Try `nemolint check --help`.
        """,
    "--output-format json=absent/r.json": """
        ! nemolint: absent/r.json: cannot be written: No such file or directory
        """,
    "--unsafe-fixes": """
        ! nemolint: --unsafe-fixes has no effect by itself: add --fix, or --diff to see what would change
        ! Try `nemolint check --help`.
        """,
    "-": """
        ! nemolint: standard input needs a file name: add one, as in --stdin-filename docs/guide.md -
        ! Try `nemolint check --help`.
        """,
    "--stdin-filename a.md - b.md": """
        ! nemolint: standard input cannot be checked together with files
        ! Try `nemolint check --help`.
        """,
    "--since HEAD --stdin-filename a.md -": """
        ! nemolint: --since compares files with a commit: it cannot be used with standard input
        ! Try `nemolint check --help`.
        """,
    "--prompt absent.txt": """
        ! nemolint: --prompt: absent.txt cannot be read: No such file or directory
        ! Try `nemolint check --help`.
        """,
    "--env-file absent.toml": """
        ! nemolint: --env-file: absent.toml does not exist
        """,
    "--env-file .": """
        ! nemolint: --env-file: . is a folder
        """,
    "--nemotron .": """
        ! nemolint: nemotron: FOLDER is not a Nemotron checkout: it has no src/nemotron/steps
        """,
    "--config absent.toml": """
        ! nemolint: absent.toml: cannot read the settings: No such file or directory
        """,
    "--baseline absent.json": """
        ! nemolint: --baseline: absent.json does not exist
        """,
    "chek my": """
        ! nemolint: `chek` is neither a subcommand nor a file or folder here (did you mean `nemolint check`?)
        """,
    "explain": """
        ! nemolint: the following arguments are required: RULE
        ! Try `nemolint explain --help`.
        """,
    "explain missing-dryrun": """
        ! nemolint: there is no rule `missing-dryrun` (did you mean `missing-dry-run`?): `nemolint rules` lists them
        """,
    "explain nemotron-steps-run": """
        ! nemolint: `explain` is about a rule: for a command, or a file with commands, use `nemolint explain-run`
        ! Try `nemolint explain --help`.
        """,
    "explain train.sh:7": """
        ! nemolint: `explain` is about a rule: for a command, or a file with commands, use `nemolint explain-run`
        ! Try `nemolint explain --help`.
        """,
    "explain launch": """
        ! nemolint: `launch` is a group, not a rule (it holds `misplaced-option`, `missing-dry-run`, `misspelled-dry-run` and `overwritten-file`)
        """,
    "explain-run": """
        ! nemolint: the following arguments are required: COMMAND|FILE[:LINE]
        ! Try `nemolint explain-run --help`.
        """,
    "explain-run nemotron steps run brew/tea": """
        ! nemolint: unexpected argument: steps: give one argument, a whole command in quotes or FILE:LINE
        ! Try `nemolint explain-run --help`.
        """,
    "explain-run absent.sh:3": """
        ! nemolint: absent.sh does not exist
        """,
    "explain-run brew/tea": """
        ! nemolint: `brew/tea` is neither a file nor a command: quote the whole command, as in `nemolint explain-run "nemotron steps run sft/automodel -c tiny"`
        """,
    "explain-run nemotron": """
        ! nemolint: no `nemotron steps run` in the command: give the whole command, or a file that exists
        """,
    "explain-run x.sh --compare tiny --output-format mermaid": """
        ! nemolint: --compare has no output as mermaid: use text or json
        ! Try `nemolint explain-run --help`.
        """,
    "plan": """
        ! nemolint: `plan` is neither a subcommand nor a file or folder here (did you mean `nemolint explain-run`?)
        """,
    "catalog --build x.json": """
        ! nemolint: x.json has no steps
        """,
    "baseline --stdin-filename a.md -": """
        ! nemolint: a baseline cannot be made from standard input: give files or folders
        ! Try `nemolint baseline --help`.
        """,
    "cache": """
        ! nemolint: the following arguments are required: action
        ! Try `nemolint cache --help`.
        """,
    "commands --verify-timeout 5": """
        ! nemolint: --verify-timeout and --verify-with need --verify
        ! Try `nemolint commands --help`.
        """,
    "commands --verify --verify-with no-such-program": """
        ! nemolint: --verify-with: cannot find the program no-such-program
        ! Try `nemolint commands --help`.
        """,
    "--print-completion tcsh": """
        ! nemolint: --print-completion: name the shell: `bash`, `zsh` or `fish`
        """,
}


@pytest.mark.parametrize("command", WRONG_USAGE)
def test_wrong_usage(command: str, tmp_path: Path) -> None:
    """Nothing on standard output, a message that says what to do, and exit code 2."""
    done = see(tmp_path, *command.split())
    assert done.screen.replace(str(tmp_path), "FOLDER") == text(WRONG_USAGE[command]) + "exit code 2\n"


def test_wrong_settings(folder: Path) -> None:
    """The file, the line and the key come first."""
    (folder / "nemolint.toml").write_text('\n[severity]\nmissing-dryrun = "off"\n')
    assert see(folder).screen.replace(str(folder), "FOLDER") == text(
        """
        ! nemolint: FOLDER/nemolint.toml:3: severity: there is no rule `missing-dryrun` (did you mean `missing-dry-run`?)
        exit code 2
        """
    )


def _in_a_terminal(folder: Path, *arguments: str, **environ: str) -> str:
    """What the command writes to a terminal of 80 columns with these variables."""
    import pty

    known = ("TERM", "TERM_PROGRAM", "VTE_VERSION", "TMUX", "STY", "WT_SESSION", "KONSOLE_VERSION", "DOMTERM")
    env = {name: value for name, value in os.environ.items() if name not in (*known, "KITTY_WINDOW_ID")}
    parent, child = pty.openpty()
    try:
        process = subprocess.Popen(
            [*MODULE, *arguments], cwd=folder, env=env | environ, stdout=child, stderr=subprocess.DEVNULL
        )
        os.close(child)
        parts = []
        with contextlib.suppress(OSError):  # Linux says so at the end
            while part := os.read(parent, 65_536):
                parts.append(part)
        assert process.wait(timeout=60) == 1
    finally:
        os.close(parent)
    return b"".join(parts).decode()


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo terminal")
def test_links_only_where_a_terminal_shows_them(tmp_path: Path) -> None:
    """The rule of a finding leads to its page in terminals known for it, cached or not; nowhere else is there a link."""
    (tmp_path / "a.sh").write_text(f"{MISSPELT}\n")
    link = re.compile("\x1b]8;;(https://[^\x1b]+/misspelled-dry-run\\.md)\x1b\\\\misspelled-dry-run\x1b]8;;\x1b\\\\")
    kitty = {"TERM": "xterm-kitty"}
    for environ in (kitty, kitty, {"TERM": "xterm-256color", "VTE_VERSION": "7200"}):
        shown = _in_a_terminal(tmp_path, "a.sh", **environ)
        assert link.search(shown)
        colored = _in_a_terminal(tmp_path, "a.sh", TERM="xterm-256color")
        assert "\x1b[1;31merror[misspelled-dry-run]" in colored and link.sub("misspelled-dry-run", shown) == colored
    others = [
        {"TERM": "dumb", "TERM_PROGRAM": "vscode"},
        {"TERM": "xterm", "VTE_VERSION": "4999"},
        {"TERM": "xterm", "VTE_VERSION": "new"},
        {"TERM": "screen-256color", "VTE_VERSION": "7200"},
        {"TERM": "xterm-kitty", "TMUX": "/tmp/tmux-0/default,1,0"},
        {"TERM": "xterm-kitty", "NO_COLOR": "1"},
    ]
    for environ in others:
        assert "]8;;" not in _in_a_terminal(tmp_path, "a.sh", **environ), environ
    assert "]8;;" not in _in_a_terminal(tmp_path, "--color", "never", "a.sh", **kitty)
    assert "]8;;" not in _in_a_terminal(tmp_path, "--output-format", "concise", "a.sh", **kitty)
    assert "]8;;" not in nemolint(tmp_path, "--color", "always", "a.sh", env=kitty).out
