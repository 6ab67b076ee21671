"""What a page says of its placeholders and of its dry runs decides how loud a finding is."""

from __future__ import annotations

from pathlib import Path

import pytest

from nemolint import Diagnostic, Settings, check_text

RUN = "nemotron steps run sft/automodel -c <project>/config/a.yaml"
INTRODUCED = {
    "prose before": "`<project>` is your checkout.\n\n```bash\n{run}\n```\n",
    "prose behind": "```bash\n{run}\n```\n\nHere <project> is your checkout.\n",
    "a list": "```bash\n{run}\n```\n\n- `<project>`: your checkout\n",
    "a table": "| name | what |\n|---|---|\n| `<project>` | your checkout |\n\n```bash\n{run}\n```\n",
    "escaped": "Put your checkout in for \\<project\\>.\n\n```bash\n{run}\n```\n",
    "as entities": "Put your checkout in for &lt;project&gt;.\n\n```bash\n{run}\n```\n",
    "a directive's body": ":::{note}\n`<project>` is your checkout.\n:::\n\n```bash\n{run}\n```\n",
    "a shape": "Example shape:\n\n```bash\n{run}\n```\n",
    "a shape over CRLF": "Example shape:\r\n\r\n```bash\r\n{run}\r\n```\r\n",
    "a template under a list item": "1. Use this template:\n\n   ```bash\n   {run}\n   ```\n",
    "a heading": "## Command patterns\n\nOne for each step.\n\n```bash\n{run}\n```\n",
    "a project overlay": "Then run it from a project overlay:\n\n```bash\n{run}\n```\n",
    "at the command line": "The default is small. Override it at the command line:\n\n```bash\n{run}\n```\n",
    "not runnable": "These are not guaranteed runnable commands.\n\n```console\n$ {run}\n```\n",
    "cells of a table": "Replace the names before use.\n\n| a | b |\n|---|---|\n| x | `{run} --dry-run` |\n",
    "an earlier block": "Example shape:\n\n```bash\n{run} --dry-run\n```\n\n## Run it\n\nNow:\n\n```bash\n{run}\n```\n",
    "a skeleton": "## Skeleton\n\n```bash\n{run}\n```\n",
    "the thing that it names": "Run it from the root of your project:\n\n```bash\n{run}\n```\n",
    "a comment in the block": "Now:\n\n```bash\n# <project> is your checkout\n{run}\n```\n",
    "a comment that says replace": "Now:\n\n```bash\n# replace the path\n{run}\n```\n",
}
NOT_INTRODUCED = {
    "nothing": "Now run it:\n\n```bash\n{run}\n```\n",
    "words of no thing": "Here is your path to the file, as a name.\n\n```bash\n{run}\n```\n",
    "another name": "`<projects>` is a list.\n\n```bash\n{run}\n```\n",
    "only in other code": "```yaml\npath: <project>/config\n```\n\nNow:\n\n```bash\n{run}\n```\n",
    "a later block": "Now:\n\n```bash\n{run}\n```\n\nExample shape:\n\n```bash\n{run} --dry-run\n```\n",
    "a paragraph further up": "Replace the names.\n\nSomething else.\n\n```bash\n{run}\n```\n",
    "a heading further up": "## Patterns\n\nText.\n\n## Run it\n\nNow:\n\n```bash\n{run}\n```\n",
    "a word that only looks like it": "The production-shaped example:\n\n```bash\n{run}\n```\n",
}


def _check(text: str, path: str = "page.md") -> list[Diagnostic]:
    return list(check_text(path, text, Settings(Path("/"))))


def _severity(text: str, rule: str = "unfilled-placeholder") -> list[str]:
    return [item.severity for item in _check(text) if item.rule == rule]


@pytest.mark.parametrize("page", INTRODUCED.values(), ids=INTRODUCED)
def test_introduced(page: str) -> None:
    """A placeholder that the page introduces is info: its readers know what to do."""
    assert set(_severity(page.replace("{run}", RUN))) == {"info"}


@pytest.mark.parametrize("page", NOT_INTRODUCED.values(), ids=NOT_INTRODUCED)
def test_not_introduced(page: str) -> None:
    """What the page leaves its reader to guess is a warning."""
    assert _severity(page.replace("{run}", RUN))[0] == "warning"


@pytest.mark.parametrize("text", ["...", "TODO", "xxx"])
def test_what_prose_uses_for_itself(text: str) -> None:
    """An ellipsis in prose introduces no placeholder; one in backticks does."""
    run = f"```bash\nnemotron steps run sft/automodel -c tiny model.name={text}\n```\n"
    assert _severity(f"And so on {text} as ever.\n\n{run}") == ["warning"]
    assert _severity(f"Put the name in for `{text}`.\n\n{run}") == ["info"]


def test_scripts_and_answers() -> None:
    """Nothing introduces a placeholder in a script, and an answer is to be run as it stands."""
    assert [item.severity for item in _check(f"# replace <project>\n{RUN}\n", "a.sh")] == ["error"]
    page = INTRODUCED["a shape"].replace("{run}", RUN)
    assert "error" in [item.severity for item in _check(page, "a.answer.md") if item.rule == "unfilled-placeholder"]


def test_one_finding_a_page_and_step() -> None:
    """Launches of one step in a page are one finding, the worst, that names the places of the others."""
    text = (
        "```bash\nnemotron steps run byob/mcq -c tiny\n```\n\n"
        "```bash\nnemotron steps run byob/mcq -c default --batch h100\n```\n\n"
        "```bash\nnemotron steps run sdg/data_designer -c tiny\n```\n"
    )
    found = [item for item in _check(text) if item.rule == "missing-dry-run"]
    assert [(item.line, item.severity, [place.line for place in item.related]) for item in found] == [
        (6, "warning", [2]),
        (10, "info", []),
    ]
    script = "nemotron steps run byob/mcq -c tiny\n" * 2
    assert len([item for item in _check(script, "a.sh") if item.rule == "missing-dry-run"]) == 2


def test_a_suppressed_place_is_not_named() -> None:
    """A launch that a comment suppresses is not one of the other places."""
    text = (
        "```bash\nnemotron steps run byob/mcq -c tiny\n```\n\n"
        "<!-- nemolint: ignore[missing-dry-run] -->\n\n"
        "```bash\nnemotron steps run byob/mcq -c default --batch h100\n```\n"
    )
    found = [item for item in _check(text) if item.rule in ("missing-dry-run", "unused-suppression")]
    assert [(item.rule, item.line, item.related) for item in found] == [("missing-dry-run", 2, ())]


@pytest.mark.parametrize("order", [0, 1])
def test_a_dry_run_anywhere_in_a_page(order: int) -> None:
    """A page is read as a whole: any dry run of the step counts, while a script is run from top to bottom."""
    runs = ["nemotron steps run sft/automodel -c tiny --dry-run", "nemotron steps run sft/automodel -c default -b h100"]
    lines = runs[::-1] if order else runs
    page = "\n\n".join(f"```bash\n{line}\n```" for line in lines)
    assert _severity(page, "missing-dry-run") == []
    script = [item for item in _check("\n".join(lines) + "\n", "a.sh") if item.rule == "missing-dry-run"]
    assert len(script) == 1  # of another config


def test_first_things_first() -> None:
    """A run that cannot start as written is to be fixed first; a missing dry run is not reported beside that."""
    assert _severity("```bash\nnemotron steps run sft/automodel -c tiny.yaml -b h100\n```\n", "missing-dry-run") == []
    assert (
        _severity("```bash\nnemotron steps run sft/automodel -c tiny -b YOUR_PROFILE\n```\n", "missing-dry-run") == []
    )


LEADS = ("Pass the configuration name with `-c`:", "The following command resolves the bare name `tiny`:")
SHOWN = "nemotron steps run sft/megatron_bridge -c tiny"


@pytest.mark.parametrize("lead", LEADS)
def test_a_command_that_shows_how_a_config_is_named(lead: str) -> None:
    """Nobody starts what only shows how a config is named, so that what is wrong with its launch is info."""
    rules = ("local-parallel-run", "missing-dry-run", "missing-value")
    page = f"{lead}\n\n```console\n$ {SHOWN}\n```\n"
    assert {item.severity for item in _check(page) if item.rule in rules} == {"info"}
    # It is not where the finding stands if a command below is meant to be started.
    both = f"{page}\n## Run\n\nRun it locally:\n\n```console\n$ {SHOWN}\n```\n"
    assert [item.line for item in _check(both) if item.severity == "error"] == [12]


@pytest.mark.parametrize("rest", [" train.train_iters=5", " --batch h100"])
def test_a_command_that_shows_more(rest: str) -> None:
    """A command with overrides or a profile is one to start, whatever leads to it."""
    assert "error" in {item.severity for item in _check(f"{LEADS[0]}\n\n```console\n$ {SHOWN}{rest}\n```\n")}


def test_most_of_the_placeholders() -> None:
    """A page that explains most of a command's placeholders shows what to do with all of them."""
    run = "nemotron steps run sft/automodel -c tiny a.b=<{0}> a.c=<{1}> a.d=<{2}>"
    for names, severity in {("adapter", "base", "tgt"): "info", ("adapter", "src", "tgt"): "warning"}.items():
        page = f"Merge an adapter and its base.\n\n```bash\n{run.format(*names)}\n```\n"
        assert _severity(page) == [severity]


def test_a_launch_on_the_readers_machine() -> None:
    """On a page a local launch without a dry run is info: it claims no cluster. In a script it is a warning."""
    run = "nemotron steps run rl/nemo_rl/rlvr -c tiny"
    assert _severity(f"```bash\n{run}\n```\n", "missing-dry-run") == ["info"]
    assert [item.severity for item in _check(f"{run}\n", "a.sh") if item.rule == "missing-dry-run"] == ["warning"]


def test_one_missing_value_a_page() -> None:
    """Runs of one step that lack the same value are one finding of a page, and each is one of a script."""
    lacking = "nemotron steps run convert/merge_lora -c default"
    page = f"```bash\n{lacking}\n```\n\n```bash\n{lacking} --dry-run\n```\n"
    found = [item for item in _check(page) if item.rule == "missing-value"]
    assert [(item.line, [place.line for place in item.related if place.path == "page.md"]) for item in found] == [
        (2, [6])
    ]
    script = f"{lacking}\n{lacking} --dry-run\n"
    assert len([item for item in _check(script, "a.sh") if item.rule == "missing-value"]) == 2


def test_a_preview_is_a_check() -> None:
    """A run that tries a few records counts as a dry run of its step, and needs none itself."""
    launch = "nemotron steps run sdg/data_designer -c default --batch cpu num_records=1000"
    preview = launch.replace("1000", "2 preview=true")
    for name, fence in {"page.md": "```bash\n{}\n```\n", "a.sh": "{}\n"}.items():
        rules = [[item.rule for item in _check(fence.format(text), name)] for text in (launch, f"{preview}\n{launch}")]
        assert ["missing-dry-run" in found for found in rules] == [True, False]


def test_a_dry_run_of_what_lacks_a_value() -> None:
    """On a page a dry run that lacks a value is info, since it works; in a script it stands for the launch."""
    lacking = "nemotron steps run convert/merge_lora -c default --dry-run"
    assert _severity(f"```bash\n{lacking}\n```\n", "missing-value") == ["info"]
    assert [item.severity for item in _check(f"{lacking}\n", "a.sh") if item.rule == "missing-value"] == ["error"]


def test_a_form_with_config_and_profile_to_fill_in() -> None:
    """Where both are placeholders, the command is a form, and no launch."""
    page = "Translate with your config and profile.\n\n```bash\n{}\n```\n"
    run = "nemotron steps run sft/automodel -c {} --batch <profile>"
    form = page.format(run.format("<config>"))
    assert _severity(form) == ["info"] and not _severity(form, "missing-dry-run")
    assert _severity(page.format(run.format("tiny")), "missing-dry-run") == ["error"]
