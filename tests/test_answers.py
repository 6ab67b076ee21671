"""The preset for assistants' answers: whole answers, good and bad, and the English that they are read by.

`answers/` holds eight requests (`*.prompt.md`) with one good answer each, and one with a single planted fault:

| request | planted fault | rule |
|---|---|---|
| translate | the glob of the question became its folder | `simplified-glob` |
| profile | a remote command although there is no env TOML | `missing-env-file` |
| benchmark | placeholders that nobody asks about | `unfilled-placeholder` |
| pipeline | the packs are longer than the training reads | `misaligned-lengths` |
| lora | the launch is recommended without a question | `unconfirmed-launch` |
| export | the run folder instead of its iteration | `checkpoint-parent` |
| endpoint | the key's variable is named, not said to be exported | `unstated-export` |
| smoke | no source tier | `missing-source-tier` |
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from nemolint.analysis.answers import answers, callouts
from nemolint.document import Document
from nemolint.linter.checker import Checker
from nemolint.linter.diagnostic import Diagnostic
from nemolint.linter.loader import load_rules
from nemolint.reader import read_document
from nemolint.settings import Settings
from support.command import Done, nemolint
from support.sizes import many

FOLDER = Path(__file__).parent / "answers"
QUESTIONS = Path(__file__).parent / "data" / "only_command.txt"
POSITIVE = [line[2:] for line in QUESTIONS.read_text("utf-8").splitlines() if line.startswith("+ ")]
FAULTS = dict(re.findall(r"^\| (\w+) \| .* \| `([\w-]+)` \|$", __doc__ or "", re.MULTILINE))
RULES = load_rules()
RUN = "uv run nemotron steps run sft/automodel -c tiny --dry-run"
COMMAND = f"```bash\n{RUN}\n```\n"


def answer(text: str, prompt: str | None = None) -> Document:
    """A document as the engine makes it of an answer."""
    return read_document("x.answer.md", text.encode(), prompt=prompt)


def judge(text: str, folder: Path, *, prompt: str | None = None, nemotron: Path | None = None) -> list[tuple[str, str]]:
    """Rule and severity of what fails the check of an answer that stands in an empty folder."""
    checker = Checker(Settings(root=folder, nemotron=nemotron), cwd=folder, environ={}, prompt=prompt, rules=RULES)
    found: list[Diagnostic] = checker.check(checker.read(folder / "x.answer.md", text.encode()))
    assert not checker.internal_errors
    return [(item.rule, item.severity) for item in found if item.severity != "info"]


def parts(name: str, quality: str) -> tuple[str, str]:
    """An answer and its question."""
    text = (FOLDER / f"{name}.{quality}.answer.md").read_text("utf-8")
    return text, (FOLDER / f"{name}.prompt.md").read_text("utf-8")


def test_each_request_has_both_answers() -> None:
    """The table above and the folder say the same."""
    names = {path.name.split(".")[0] for path in FOLDER.iterdir()}
    assert names == FAULTS.keys()
    assert len(list(FOLDER.glob("*.answer.md"))) == 2 * len(names) == 16


@pytest.mark.parametrize("name", FAULTS)
def test_a_good_answer_is_clean(name: str, tmp_path: Path, nemotron: Path | None) -> None:
    """The right answer fails nothing: shapes that ask for values, bare commands, Blocked."""
    text, prompt = parts(name, "good")
    assert judge(text, tmp_path, prompt=prompt, nemotron=nemotron) == []


@pytest.mark.parametrize("name", FAULTS)
def test_a_bad_answer_has_its_fault_and_no_other(name: str, tmp_path: Path, nemotron: Path | None) -> None:
    """One planted fault gives one finding."""
    text, prompt = parts(name, "bad")
    assert [rule for rule, _ in judge(text, tmp_path, prompt=prompt, nemotron=nemotron)] == [FAULTS[name]]


def test_a_bare_command_needs_its_question(tmp_path: Path) -> None:
    """Without the question, or with another one, a bare command owes its callouts."""
    text, _ = parts("translate", "good")
    owed = {"missing-dry-run", "missing-source-tier", "unconfirmed-launch", "unstated-export"}
    assert {rule for rule, _ in judge(text, tmp_path)} == owed
    assert {rule for rule, _ in judge(text, tmp_path, prompt="How do I translate my corpus?")} == owed


def test_an_unquoted_glob_of_the_question_is_a_warning_that_can_be_fixed(tmp_path: Path) -> None:
    """The glob as the question writes it is not reported."""
    text, prompt = parts("translate", "good")
    text = text.replace("'input_path=/data/news/*.jsonl'", "input_path=/data/news/*.jsonl")
    assert judge(text, tmp_path, prompt=prompt) == [("shell-expanded-value", "warning")]


def test_a_profile_may_be_named_in_prose(tmp_path: Path) -> None:
    """Only a run with a profile that is not there is wrong, not its name."""
    text, prompt = parts("profile", "good")
    assert "lepton_sft_automodel" in text
    assert judge(f"{text}\nIt would be `--batch lepton_sft_automodel`.\n", tmp_path, prompt=prompt) == []


@pytest.mark.parametrize(
    "name, kept",
    [("benchmark", "unfilled-placeholder"), ("export", "unfilled-placeholder"), ("smoke", "unfilled-placeholder")],
)
def test_placeholders_need_a_word_on_what_is_missing(name: str, kept: str, tmp_path: Path) -> None:
    """A shape is right as long as the answer asks for its values."""
    text, prompt = parts(name, "good")
    bare = "Repo-grounded. Export `NVIDIA_API_KEY`.\n\n" + "".join(re.findall(r"^```bash.*?^```\n", text, re.M | re.S))
    assert judge(bare, tmp_path, prompt=prompt) == [(kept, "error")]


@pytest.mark.parametrize(
    "line", [line for line in QUESTIONS.read_text("utf-8").splitlines() if line[:2] in ("+ ", "- ")]
)
def test_asks_only_for_the_command(line: str) -> None:
    """How people ask for a bare command in thirteen languages, and what only looks like it."""
    assert answers.asks_only_for_command(line[2:]) is (line[0] == "+")


@given(st.sampled_from(POSITIVE), st.sampled_from(POSITIVE), st.sampled_from(["\n", " ", "\n\n"]))
def test_a_request_stands_anywhere_in_a_question(before: str, after: str, between: str) -> None:
    """What else a question says does not hide the request for a bare command, nor does its form."""
    task = "Translate /data/a.jsonl from English to Hindi with backend=llm."
    assert answers.asks_only_for_command(f"{task}{between}{before}")
    assert answers.asks_only_for_command(f"{after}{between}{task}")
    assert answers.asks_only_for_command(unicodedata.normalize("NFD", after).replace("'", "\u2019"))


def test_command_only() -> None:
    """A reply is bare with a short sentence around it, not with an explanation, and not without a command."""
    assert answers.is_command_only(answer(COMMAND))
    assert answers.is_command_only(answer(f"Here is the command:\n\n{COMMAND}"))
    assert not answers.is_command_only(answer(COMMAND + "word " * 60))
    assert not answers.is_command_only(answer("Use `sft/automodel`."))
    assert answers.answers_with_command(answer(COMMAND, "I only need the command."))
    assert not answers.answers_with_command(answer(COMMAND, "How do I train?"))
    assert not answers.answers_with_command(answer(COMMAND))


@pytest.mark.parametrize(
    "text, tiers",
    [
        ("**Repo-grounded**: read.", {"repo-grounded"}),
        ("This is repo grounded.", {"repo-grounded"}),
        ("Source tier: Reference-grounded.", {"reference-grounded"}),
        ("Verified: the dry run succeeded.", {"verified"}),
        ("Tier: `verified`. The dry run passed.", {"verified"}),
        ("Tier: `verified`.", set()),
        ("Verified. Now do a dry run.", set()),
        ("Verified: `--dry-run` exited with 0.", {"verified"}),
        ("Repo\u2011grounded", {"repo-grounded"}),
        ("Repo \u2013 grounded", {"repo-grounded"}),
        ("repo\u00a0grounded", {"repo-grounded"}),
        ("Reference\u2014grounded", {"reference-grounded"}),
        ("Repository\u2010Grounded", {"repo-grounded"}),
        ("Der Befehl ist blockiert, weil das Profil fehlt.", {"blocked"}),
        ("Herkunft: repo-gestützt, Manifest und Konfiguration sind gelesen.", {"repo-grounded"}),
        ("来源等级：基于仓库。", {"repo-grounded"}),
        ("**Blocked** until there is an env TOML.", {"blocked"}),
        ("The remote command is blocked until the profile exists.", {"blocked"}),
        ("I have verified nothing.", set()),
        ("Not verified, unverified.", set()),
        ("It is not blocked; nothing is blocked; no longer blocked. Not Blocked.", set()),
        ("The port is blocked by the firewall.", set()),
        ("Unblocked.", set()),
    ],
)
def test_stated_tiers(text: str, tiers: set[str]) -> None:
    """A tier counts where it is a mark, not where its word is used or denied."""
    assert answers.stated_tiers(answer(f"{text}\n\n{COMMAND}")) == tiers


@pytest.mark.parametrize(
    "text",
    [
        "I still need the input path.",
        "I need to know which model you use.",
        "Please provide the endpoint URL.",
        "Replace `<input>` with your glob.",
        "Missing: the model id.",
        "The model id is missing.",
        "Required inputs: the glob and the folder.",
        "Once you give me the path, this can run.",
        "Which model do you want to tune?",
        "Tell me the folder.",
        "Status: blocked.",
    ],
)
def test_says_what_is_missing(text: str) -> None:
    """Ways to say that a command still waits for values."""
    assert answers.says_what_is_missing(answer(f"{text}\n\n{COMMAND}"))


@pytest.mark.parametrize(
    "text",
    [
        "This is the complete command.",
        "Nothing is missing.",
        "No values are missing.",
        "I need to warn you: it takes 16 GPUs.",
        "You need `data_prep/sft_packing` first.",
        "## Which step?\n\nUse this one.",
        "Packing is required before training.",
    ],
)
def test_says_nothing_is_missing(text: str) -> None:
    """Sentences of the same words that ask for nothing."""
    assert not answers.says_what_is_missing(answer(f"{text}\n\n{COMMAND}"))


@pytest.mark.parametrize(
    "prompt, none",
    [
        ("I do not have an env TOML file in this workspace.", True),
        ("There is no env.toml here.", True),
        ("We run without an environment profile.", True),
        ("`NEMOTRON_ENV_FILE` names my env TOML.", False),
        ("Use the profile h100 of env.toml. I have no time.", False),
    ],
)
def test_says_no_env_file(prompt: str, none: bool) -> None:
    """Whether a question says that there is no env TOML."""
    assert answers.says_no_env_file(prompt) is none


KEY = "NVIDIA_API_KEY"


@pytest.mark.parametrize(
    "text",
    [
        f"Export `{KEY}` first.",
        f"It uses `{KEY}`, which must be exported; never inline it.",
        f"`{KEY}` has to be set before the run.",
        f"Set `{KEY}`.",
        f"The key is read from the environment (`{KEY}`).",
        f"- auth: `{KEY}`\n- its value comes from your shell's environment",
        f"`{KEY}` names the key.\n\nIts value must be exported, never printed.",
        f"export {KEY}=$(cat ~/.key)",
        f"read -rs {KEY}",
        f': "${{{KEY}:?}}"',
        f"Make sure that `{KEY}` is available to the job.",
    ],
)
def test_names_export(text: str) -> None:
    """Ways to say that a variable is exported."""
    assert callouts.names_export([text], KEY)


@pytest.mark.parametrize(
    "text",
    [
        f"Authentication uses `{KEY}`.",
        f"Set `server.api_key_env={KEY}`.",
        f"The environment variable is `{KEY}`.",
        f"`{KEY}` is used.\n\nExport the results to a folder.",
        f"Do not export `{KEY}`.",
        "Export `OTHER_NAME` of the model.",
    ],
)
def test_names_no_export(text: str) -> None:
    """A use of the variable says nothing of its value."""
    assert not callouts.names_export([text], KEY)


@pytest.mark.parametrize(
    "text",
    [
        "Please confirm before I launch it.",
        "Confirm first; it takes 16 GPUs.",
        "I need your confirmation.",
        "I will wait for your approval.",
        "I won't submit this without your confirmation.",
        "Shall I launch it?",
        "Do you want me to submit it?",
        "Run it only after you have checked the cost.",
        "This must be confirmed before it runs: not until approved.",
        "Let me know when you are ready to launch.",
        "Remove `--dry-run` only after reviewing the output and confirming the cost.",
    ],
)
def test_asks_to_confirm(text: str) -> None:
    """Ways to ask before a launch."""
    assert callouts.asks_to_confirm(answer(f"{text}\n\n{COMMAND}"))


@pytest.mark.parametrize(
    "text",
    [
        "Run the dry run to confirm that the config compiles, then launch.",
        "I confirmed that the profile exists.",
        "The dry run confirms the paths.",
        "No confirmation is needed.",
        "You don't need to confirm.",
        "Go ahead and launch it.",
        "Let me know if you have questions.",
        "It is safe to run.",
    ],
)
def test_asks_for_no_confirmation(text: str) -> None:
    """Sentences of the same words that ask nothing."""
    assert not callouts.asks_to_confirm(answer(f"{text}\n\n{COMMAND}"))


def test_a_linked_page_stays_inside(tmp_path: Path) -> None:
    """A link leads to a page of the checkout: no absolute path, no URL, no folder, no file that is not text."""
    (tmp_path / "keys.md").write_text("keys", "utf-8")
    work = tmp_path / "work"
    (work / "docs").mkdir(parents=True)
    (work / "docs" / "page.md").write_text("page", "utf-8")
    (work / "a.md").write_text("a", "utf-8")
    (work / "broken.md").write_bytes(b"\xff\xfe\x00")
    (work / "docs" / "folder.md").mkdir()
    checker = Checker(Settings(root=work), cwd=work, environ={}, rules=RULES)
    links = [
        "page.md#a",
        f"{work}/a.md",
        "https://x.y/keys.md",
        "gone.md",
        "../broken.md",
        "../../keys.md",
        "folder.md",
    ]
    text = " ".join(f"[a]({link})" for link in links) + " {doc}`../a` {doc}`title <../../keys>`"
    document = checker.read(work / "docs" / "x.answer.md", text.encode())
    assert callouts.linked_pages(document, checker.project(document)) == ("page", "a")


@pytest.mark.parametrize(
    "text",
    [
        "confirm " * many(120_000),
        "I need " * many(140_000),
        "export " * many(140_000),
        "[a](" * many(250_000),
        "\n\n" * many(400_000) + KEY,
        "only the " * many(110_000),
        "nur den Befehl " * many(70_000),
        "只要命令" * many(250_000),
        "コマンドだけ" * many(170_000),
        "n'" * many(500_000) + " que la commande",
        "what " * many(200_000),
        f"{KEY} " * many(60_000),
        "run `env | " * many(90_000),
        "is not blocked " * many(60_000),
    ],
)
def test_hostile_text_stays_linear(text: str, tmp_path: Path) -> None:
    """A long text of any of the words is judged."""
    full = f"{text}\n\n```bash\n{RUN}\nnemotron steps run byob/mcq -c translate\n```\n"
    judge(full, tmp_path, prompt=text)


def lint(*arguments: str, cwd: Path, text: str = "") -> Done:
    """Run the command line."""
    return nemolint(cwd, "check", "--output-format", "concise", *arguments, stdin=text)


def test_the_command_line(tmp_path: Path) -> None:
    """The preset comes from the option or the name, the question from a file, the answer from a file or a pipe."""
    text, prompt = parts("translate", "good")
    (tmp_path / "prompt.txt").write_text(prompt, "utf-8")
    (tmp_path / "reply.md").write_text(text, "utf-8")
    (tmp_path / "reply.answer.md").write_text(text, "utf-8")
    assert lint("reply.md", cwd=tmp_path).code == 0
    for arguments in (["reply.answer.md"], ["--preset", "answer", "reply.md"]):
        found = lint(*arguments, cwd=tmp_path)
        assert found.code == 1 and "missing-source-tier" in found.out
        assert lint(*arguments, "--prompt", "prompt.txt", cwd=tmp_path).code == 0
    piped = ("--stdin-filename", "x.answer.md", "-")
    assert "missing-source-tier" in lint(*piped, cwd=tmp_path, text=text).out
    assert lint(*piped, "--prompt", "prompt.txt", cwd=tmp_path, text=text).code == 0
    assert lint("--stdin-filename", "x.md", "-", "--preset", "answer", cwd=tmp_path, text=text).code == 1
    assert lint(*piped, "--prompt", "gone.txt", cwd=tmp_path, text=text).code == 2


def test_templates_are_judged_in_answers(tmp_path: Path) -> None:
    """A template or a usage line is fine in a page, and an unfinished command in an answer."""
    text = "Repo-grounded.\n\n```bash\nnemotron steps run <step_id> -c <config>\n```\n"
    assert ("unfilled-placeholder", "error") in judge(text, tmp_path)


# Commands without a fence

BARE = "nemotron steps run sft/automodel -c tiny --dry-run"


def commands_of(text: str) -> list[str]:
    """The commands that an answer gives, without mentions."""
    return [" ".join(word.value for word in run.words) for run in answer(text).runs if run.role != "mention"]


@pytest.mark.parametrize(
    "text",
    [
        f"{BARE}",
        f"Run this:\n{BARE}\n",
        f"Run this in the root\n{BARE}\n",
        f"$ {BARE}\n",
        f"> {BARE}\n",
        f"> Try:\n>\n> {BARE}\n",
        f"- {BARE}\n- then read the output\n",
        f"1. First the dry run:\n\n   {BARE}\n",
        f"1) {BARE}\n",
        f"- [ ] {BARE}\n",
        f"**{BARE}**\n",
        f"- **Dry run:** {BARE}\n",
        f"Command: {BARE}\n",
        f"First do this → {BARE}\n",
        f"**Command:**\n\n{BARE}\n",
        f"命令：{BARE}\n",
        f"次のコマンドです。\n\n{BARE}\n",
        f"Führen Sie das aus:\n{BARE}\nDanach startet der Job.\n",
        "nemotron steps run sft/automodel \\\n  -c tiny \\\n  --dry-run\n",
        "> nemotron steps run sft/automodel \\\n>   -c tiny \\\n>   --dry-run\n",
        "- nemotron steps run sft/automodel \\\n    -c tiny --dry-run\n",
        f"<pre>\n{BARE}\n</pre>\n",
        f"<pre><code>{BARE}</code></pre>\n",
        f"```text\n{BARE}\n```\n",
        f"```plaintext\n$ {BARE}\n```\n",
        f"```cli\n{BARE}\n```\n",
        "```powershell\nnemotron steps run sft/automodel `\n  -c tiny `\n  --dry-run\n```\n",
        "```cmd\nnemotron steps run sft/automodel ^\n  -c tiny --dry-run\n```\n",
        f"```powershell\nPS C:\\repo> {BARE}\n```\n",
        f"PS C:\\repo> {BARE}\n",
        f"`{BARE}`\n",
        f"    {BARE}\n",
        f'```json\n{{"name": "bash", "arguments": {{"command": "{BARE}"}}}}\n```\n',
        f'{{"command": "{BARE}"}}\n',
        f'I run this:\n\n{{\n  "tool": "shell",\n  "command": "{BARE}"\n}}\n\nThen I read its output.\n',
        f'<tool_call>\n{{"name": "bash", "arguments": {{"command": "{BARE}"}}}}\n</tool_call>\n',
        f'```json\n{{"name": "bash", "arguments": "{{\\"command\\": \\"{BARE}\\"}}"}}\n```\n',
        f'{{"cmd": {str(BARE.split()).replace(chr(39), chr(34))}}}\n',
    ],
)
def test_a_command_needs_no_fence(text: str) -> None:
    """In whatever way a reply writes a command, it is found with its words."""
    assert commands_of(text) == [BARE]
    run = next(run for run in answer(text).runs if run.role != "mention")
    assert text[slice(*run.words[-1].span.file_span())] == "--dry-run"


@pytest.mark.parametrize(
    "text",
    [
        "nemotron steps run sft/automodel -c tiny launches the job on eight GPUs.",
        "nemotron steps run is the command for every job",
        "Use nemotron steps run sft/automodel -c tiny for a test.",
        "nemotron steps run sft/automodel -c tiny を実行すると、ジョブが始まります",
        "With\nnemotron steps run sft/automodel\nyou start a training.",
        "Note: nemotron steps run needs a profile",
        "| step | command |\n|---|---|\n| sft | the command nemotron steps run sft/automodel -c tiny is next |",
        "### nemotron steps run sft/automodel -c tiny\n",
    ],
)
def test_a_sentence_is_no_command(text: str) -> None:
    """Words about the command are not taken for one."""
    assert commands_of(text) == []


@pytest.mark.parametrize("value", ["[{name: a}, {name: b}]", "two words and three", "[a, b, c]"])
@pytest.mark.parametrize("quote", ["'", '"'])
def test_words_in_quotes_make_no_sentence(value: str, quote: str) -> None:
    """A bare command may have a list or a text as value; an apostrophe quotes nothing."""
    assert commands_of(f"Run this:\n\n{BARE} {quote}key={value}{quote}\n") == [f"{BARE} key={value}"]
    assert commands_of(f"Run this:\n\n{BARE} key={quote}{value}{quote}\n") == [f"{BARE} key={value}"]
    assert commands_of(f"{BARE} doesn't start a job, it isn't one\n") == []


@given(
    st.sampled_from(
        ["Run this:{}", "1. Run this:{}", "- Run this:{}", "10. Run this:{}", "- a\n  - b:{}", "- a\n\n  1. b:{}"]
    ),
    st.sampled_from(["\n", "\n\n", "\n\n\n"]),
    st.integers(0, 10),
    st.booleans(),
)
def test_however_far_a_command_is_indented(lead: str, gap: str, indent: int, two_lines: bool) -> None:
    """It is found once: as a line of its paragraph, of its list item, or as indented code."""
    run = f"{BARE} \\\n{' ' * indent}  seed=1" if two_lines else BARE
    text = lead.format(f"{gap}{' ' * indent}{run}\n\nRepo-grounded.\n")
    assert len(answer(text).runs) == 1


def test_a_variable_that_stands_above_a_bare_command_is_set() -> None:
    """Lines that belong together are one script, as in a fence."""
    (run,) = answer("export NEMOTRON_ENV_FILE=env.team.toml\nuv run " + BARE + " --batch p\n").runs
    assert run.region.text.startswith("export NEMOTRON_ENV_FILE")


@pytest.mark.parametrize(
    ("line", "rule"),
    [("printenv", "environment-dump"), ("env | sort", "environment-dump"), ("echo $NVIDIA_API_KEY", "printed-secret")],
)
def test_what_shows_the_environment_beside_a_bare_command(line: str, rule: str, tmp_path: Path) -> None:
    """It is part of the script, with or without a fence; alone it is a word of the text."""
    assert (rule, "error") in judge(f"Do this:\n\n{line}\n{RUN}\n\nRepo-grounded.\n", tmp_path)
    assert (rule, "error") in judge(f"Do this:\n\n{RUN}\n{line}\n\nRepo-grounded.\n", tmp_path)
    assert judge(f"Never do this:\n\n{line}\n\nBut this:\n\n{RUN}\n\nRepo-grounded.\n", tmp_path) == []


_OLD, _NEW = "nemotron steps run sft/auto-model -c tiny", "nemotron steps run sft/automodel -c tiny"
_DIFFS = [
    f"```diff\n- {_OLD} --dry-run\n+ {_NEW} --dry-run\n```\n",
    f"```diff\n--- a/run.sh\n+++ b/run.sh\n@@ -1 +1 @@\n-{_OLD} --dry-run\n+{_NEW} --dry-run\n```\n",
    f"```patch\n-{_OLD} \\\n-  --dry-run\n+{_NEW} \\\n+  --dry-run\n```\n",
    f"```diff\n-{_OLD} \\\n+{_NEW} \\\n   --dry-run\n```\n",
    f"```\n- {_OLD} --dry-run\n+ {_NEW} --dry-run\n```\n",
    f"```bash\n- {_OLD} --dry-run\n+ {_NEW} --dry-run\n```\n",
    f"```diff\n {_NEW} \\\n-  --dryrun\n+  --dry-run\n```\n",
    f"1. Change it:\n\n   ```diff\n   -{_OLD} --dry-run\n   +{_NEW} --dry-run\n   ```\n",
    f"> ```diff\n> -{_OLD} --dry-run\n> +{_NEW} --dry-run\n> ```\n",
]


@pytest.mark.parametrize("text", _DIFFS)
def test_a_diff_gives_its_new_lines(text: str) -> None:
    """What it removes is not what the reader runs."""
    (run,) = answer(text).runs
    assert run.step is not None
    assert (run.role, run.step.value, run.dry_run) == ("command", "sft/automodel", True)
    assert [word.value for word in run.words[-3:]] == ["-c", "tiny", "--dry-run"]


@pytest.mark.parametrize("text", _DIFFS)
def test_a_fault_in_the_new_lines_of_a_diff_is_reported(text: str, tmp_path: Path) -> None:
    """At its place in the answer."""
    text = text.replace("sft/automodel", "sft/automodle")
    assert ("unknown-step", "error") in judge(text, tmp_path)
    (run,) = answer(text).runs
    assert run.step is not None
    assert text[slice(*run.step.span.file_span())] == "sft/automodle"


@pytest.mark.parametrize(
    "text",
    [
        f"```bash\n- {_OLD}\n```\n",
        "```bash\nset -x\n+ nemotron steps run sft/automodel -c tiny --dryrun\n```\n",
    ],
)
def test_one_sign_makes_no_diff(text: str) -> None:
    """A list, or what the shell traces."""
    assert "fence:diff" not in {run.words[0].region.container for run in answer(text).runs}


@pytest.mark.parametrize(
    "text",
    [
        "Your command has a typo:\n\n```bash\n{}\n```\n",
        "You wrote `{}`; the option has two dashes.",
        "Don't run this yet:\n\n{}\n",
        "Never launch it like this:\n```\n{}\n```\n",
        "Instead of `{}`, do a dry run.",
        "`{}` has a typo.",
        "`{}` is wrong.",
        "**Wrong:**\n\n```bash\n{}\n```\n",
        "- ❌ `{}`\n",
        "```bash\n# wrong:\n{}\n```\n",
        "```bash\n{}\n```\nwill not work.",
        "Two things are wrong with `{}`: there is no such step, and the option is misspelt.",
        "The problem with `{}` is the step.",
        "I see the mistake in your command `{}`.",
        "`{}` fails, since the option is not known.",
        "`{}` will fail before anything starts.",
        "`{}` schlägt fehl, weil es den Schritt nicht gibt.",
        "Le problème avec `{}` est l'option.",
        "`{}` échoue parce que l'étape n'existe pas.",
        "`{}` falla porque ese paso no existe.",
        "`{}` 会失败，因为没有这个步骤。",
        "`{}` は失敗します。",
        "Führen Sie das nicht aus:\n\n```bash\n{}\n```\n",
        "Falsch: `{}`",
        "N'exécutez pas ceci :\n\n```bash\n{}\n```\n",
        "No ejecute esto:\n\n```bash\n{}\n```\n",
        "Не запускайте это:\n\n```bash\n{}\n```\n",
        "不要直接运行：\n\n```bash\n{}\n```\n",
        "次のコマンドは実行しないでください:\n\n```bash\n{}\n```\n",
        "이 명령은 실행하지 마세요:\n\n```bash\n{}\n```\n",
        "इसे न चलाएँ:\n\n```bash\n{}\n```\n",
    ],
)
def test_a_command_that_an_answer_quotes_as_wrong_is_a_mention(text: str) -> None:
    """It is not what the answer gives its reader."""
    text = text.format(BARE)
    assert [run.role for run in answer(text).runs] == ["mention"]


@pytest.mark.parametrize(
    "text",
    [
        "In your call `{}` the alias was meant.",
        "The config of `{}` is read as a path.",
        "`{}` takes the word for the step.",
        "在 `{}` 中，这个别名被当作路径。",
        "Bei `{}` wird der Alias als Pfad gelesen.",
    ],
)
def test_the_command_that_a_question_asks_about(text: str) -> None:
    """Where the question says that it fails, an answer that names it in a sentence does not give it."""
    roles = [run.role for run in answer(text.format(BARE), f"Why does `{BARE}` fail?").runs]
    assert roles == ["mention"]
    assert [run.role for run in answer(text.format(BARE), f"Is `{BARE}` what I want?").runs] == ["command"]


@pytest.mark.parametrize(
    "text",
    [
        "Run `{}` again.",
        "`{}`\n",
        "- `{}`\n",
        "```bash\n{}\n```\n",
        "`{}` を実行してください。",
        "Führen Sie `{}` aus.",
        "请运行 `{}`。",
    ],
)
def test_the_command_of_a_question_given_once_more(text: str) -> None:
    """An answer that says to run it is judged by it."""
    assert [run.role for run in answer(text.format(BARE), f"Why does `{BARE}` fail?").runs] == ["command"]


@pytest.mark.parametrize(
    "text",
    [
        "The typo is fixed here:\n\n```bash\n{}\n```\n",
        "Your command has a typo. Use this:\n\n```bash\n{}\n```\n",
        "Don't inline the key. Run:\n\n```bash\n{}\n```\n",
        "To avoid launching anything:\n\n```bash\n{}\n```\n",
        "So that nothing goes wrong with the profile, do this:\n\n```bash\n{}\n```\n",
        "Instead, run:\n\n```bash\n{}\n```\n",
        "Here is your command:\n\n```bash\n{}\n```\n",
        "```bash\n# correct, without the typo\n{}\n```\n",
        "Stattdessen:\n\n```bash\n{}\n```\n",
        "Do not run it without a dry run:\n\n```bash\n{}\n```\n",
        "- ✅ `{}`\n",
        "```bash\n{}\n```\nIt is wrong to launch before that.",
        "If `{}` fails, send me what it prints.",
        "Wenn `{}` fehlschlägt, zeigen Sie mir die Ausgabe.",
        "如果 `{}` 失败，请把输出发给我。",
        "`{}` launches the job.",
        "`{}` isn't expensive.",
        "There are no problems with the config. Run `{}`.",
    ],
)
def test_what_leads_to_the_right_command_is_no_warning(text: str) -> None:
    """Words about a mistake beside a command that is right hide nothing of it."""
    assert commands_of(text.format(BARE)) == [BARE]


_EXPOSED = (
    ("secret-on-command-line", "uv run nemotron steps run translate/nemo_curator -d server.api_key=$NVIDIA_API_KEY"),
    ("secret-in-name-field", "uv run nemotron steps run translate/nemo_curator -d server.api_key_env=$NVIDIA_API_KEY"),
    ("printed-secret", "echo $NVIDIA_API_KEY"),
    ("environment-dump", "printenv"),
)


@pytest.mark.parametrize(("rule", "command"), _EXPOSED)
@pytest.mark.parametrize(
    "lead",
    ["Don't run this:", "Never use this, it shows the key:", "Falsch:", "不要运行：", "これは実行しないでください:"],
)
def test_an_answer_may_show_what_would_expose_a_secret_as_wrong(
    rule: str, command: str, lead: str, tmp_path: Path
) -> None:
    """Only a value itself must not stand in it; given as a command the same line is reported."""
    shown = f"```bash\n{command}\n```\n"
    assert rule not in [name for name, _ in judge(f"{lead}\n\n{shown}", tmp_path)]
    assert rule in [name for name, _ in judge(f"Run this:\n\n{shown}", tmp_path)]


def test_a_key_itself_is_reported_wherever_an_answer_shows_it(tmp_path: Path) -> None:
    """That the command is called wrong takes nothing of the value back."""
    run = f"uv run nemotron steps run translate/nemo_curator -d server.api_key=nvapi-{'Qw3rTy7U' * 8}"
    assert ("inlined-secret", "error") in judge(f"Never run this:\n\n```bash\n{run}\n```\n", tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "<!-- nemolint: ignore[misspelled-dry-run] agreed -->\n```bash\n{}\n```\n",
        "<!-- nemolint: ignore-file[misspelled-dry-run] agreed -->\n```bash\n{}\n```\n",
        "<!-- nemolint: template -->\n```bash\n{}\n```\n",
        "```bash\n# nemolint: ignore[misspelled-dry-run] agreed\n{}\n```\n",
        "```bash\n{}  # nemolint: ignore[misspelled-dry-run] agreed\n```\n",
        "---\nnemolint: ignore-file\n---\n```bash\n{}\n```\n",
        "---\nnemolint: {{ignore: [misspelled-dry-run], template: true}}\n---\n```bash\n{}\n```\n",
    ],
)
def test_an_answer_suppresses_nothing(text: str, tmp_path: Path) -> None:
    """What an answer says of itself does not count: only settings and the command line do."""
    text = text.format(BARE.replace("--dry-run", "--dryrun"))
    assert ("misspelled-dry-run", "error") in judge(text, tmp_path)


# Configs that an answer gives

CONFIG = """\
input_path: /data/news/*.jsonl
output_dir: /data/news_hi
source_language: en
target_language: hi
text_field: text
backend: llm
server:
  url: https://integrate.api.nvidia.com/v1
  model: nvidia/llama-3.3-nemotron-super-49b-v1
  api_key_env: NVIDIA_API_KEY
"""
ENV = '[team]\nexecutor = "slurm"\naccount = "a"\npartition = "p"\n'


def with_config(config: str, command: str = "", lead: str = "Save this as `news.yaml`:", env: str = "") -> str:
    """An answer with a config, and perhaps an env TOML."""
    command = command or "uv run nemotron steps run translate/nemo_curator -c news.yaml --dry-run"
    block = f"```toml\n# env.toml\n{env}```\n\n" if env else ""
    return (
        f"Repo-grounded. Export `NVIDIA_API_KEY` before you run this. FAITH scores are filtered downstream.\n\n"
        f"{lead}\n\n```yaml\n{config}```\n\n{block}```bash\n{command}\n```\n"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (with_config(CONFIG), []),
        (with_config(CONFIG, lead="Here is the config:"), []),
        (with_config(f"# news.yaml\n{CONFIG}", lead="Here is the config:"), []),
        (with_config(CONFIG, command="nemotron steps run translate/nemo_curator -c ./conf/news.yaml --dry-run"), []),
        (with_config(CONFIG.replace(": hi", ": 'no'")), []),
        (with_config(f"defaults: default\n{CONFIG}"), []),
        (with_config(CONFIG.replace(": hi", ": jp")), [("invalid-value", "jp")]),
        (with_config(CONFIG.replace(": hi", ': "english"')), [("invalid-value", "english")]),
        (with_config(CONFIG.replace(": hi", ": no")), [("invalid-value", "no")]),
        (with_config(CONFIG.replace("text_field", "text_feld")), [("unknown-override", "text_feld")]),
        (
            with_config(CONFIG.replace("  model:", "  modle:")),
            [("unknown-override", "modle")],
        ),
        (
            with_config(CONFIG.replace("target_language", "tgt_language")),
            [("unknown-override", "tgt_language")],
        ),
        (
            with_config(CONFIG.replace("/data/news/*.jsonl", "/path/to/news")),
            [("unfilled-placeholder", "/path/to/news")],
        ),
        (
            with_config(CONFIG.replace("nvidia/llama-3.3-nemotron-super-49b-v1", "<model>")),
            [("unfilled-placeholder", "<model>")],
        ),
        (
            with_config(CONFIG.replace("input_path: /data/news/*.jsonl\n", "")),
            [("missing-value", "translate/nemo_curator")],
        ),
        (with_config(CONFIG, env=ENV, command="nemotron steps run translate/nemo_curator -c news.yaml -d -b team"), []),
        (
            with_config(CONFIG, env=ENV, command="nemotron steps run translate/nemo_curator -c news.yaml -d -b taem"),
            [("unknown-profile", "taem")],
        ),
        (
            with_config("services:\n  web:\n    image: x\n", lead="A compose file:").replace(" -c news.yaml", ""),
            [("missing-value", "translate/nemo_curator")],
        ),
    ],
)
def test_a_config_of_an_answer_is_in_force_and_checked(
    text: str, expected: list[tuple[str, str]], tmp_path: Path
) -> None:
    """What a block sets counts for the commands that name it, and is checked where it stands."""
    checker = Checker(Settings(root=tmp_path), cwd=tmp_path, environ={}, rules=RULES)
    document = checker.read(tmp_path / "x.answer.md", text.encode())
    found = [item for item in checker.check(document) if item.severity == "error"]
    assert [(item.rule, text[item.start : item.end]) for item in found] == expected
    assert not checker.internal_errors


@pytest.mark.parametrize(
    "written",
    [
        "cat > news.yaml <<'YAML'\n{}YAML\n{}",
        "cat > ./news.yaml <<EOF\n{}EOF\n{}",
        "cat <<EOF > news.yaml\n{}EOF\n{}",
        "cat << 'EOF' >news.yaml\n{}EOF\n{}",
        'mkdir -p conf && tee news.yaml >/dev/null <<"END"\n{}END\n{}',
    ],
)
def test_a_config_that_a_here_document_of_an_answer_writes(written: str, tmp_path: Path) -> None:
    """It is in force, and checked, as a block of YAML is."""

    def rules(config: str) -> list[str]:
        run = "uv run nemotron steps run translate/nemo_curator -c ./news.yaml --dry-run"
        script = written.format(config, run)
        said = "Repo-grounded. Export `NVIDIA_API_KEY`. FAITH scores are filtered."
        return [
            rule for rule, severity in judge(f"{said}\n\n```bash\n{script}\n```\n", tmp_path) if severity == "error"
        ]

    assert rules(CONFIG) == []
    assert rules(CONFIG.replace("text_field", "text_feld")) == ["unknown-override"]
    assert rules(CONFIG.replace(": hi", ": jp")) == ["invalid-value"]
    assert rules(CONFIG.replace("/data/news_hi", "/data/news/*.jsonl")) == ["wrong-artifact"]


def test_a_here_document_whose_text_the_shell_changes(tmp_path: Path) -> None:
    """Nobody knows what it writes."""
    body = CONFIG.replace("text_field: text", "$FIELD: text").replace(": hi", ": jp")
    run = "uv run nemotron steps run translate/nemo_curator -c ./news.yaml --dry-run"
    text = f"Repo-grounded. Export `NVIDIA_API_KEY`.\n\n```bash\ncat > news.yaml <<EOF\n{body}EOF\n{run}\n```\n"
    assert [rule for rule, severity in judge(text, tmp_path) if severity == "error"] == []


@pytest.mark.parametrize(
    ("tasks", "wrong"),
    [
        ("    - name: ifeval\n    - name: nosuchtask\n", ["nosuchtask"]),
        ("    - {name: ifeval}\n    - {name: 'nosuchtask'}\n", ["nosuchtask"]),
        ("    - name: ifeval\n      nemo_evaluator_config:\n        config: {params: {limit_samples: 5}}\n", []),
        ("    - name: nosuchtask\n      container: registry/own:1\n", []),
        ("    - name: |\n        nosuchtask\n", []),
        ("    []\n", []),
    ],
)
def test_tasks_in_a_config_of_an_answer(tasks: str, wrong: list[str], tmp_path: Path) -> None:
    """Those in a list are looked up as those of a command are."""
    text = (
        "Repo-grounded. Export `NVIDIA_API_KEY`.\n\nAs `own.yaml`:\n\n```yaml\ndefaults: tiny_chat.yaml\n"
        f"evaluation:\n  tasks:\n{tasks}```\n\n"
        "```bash\nnemotron steps run eval/model_eval -c ./own.yaml --dry-run\n```\n"
    )
    checker = Checker(Settings(root=tmp_path), cwd=tmp_path, environ={}, rules=RULES)
    found = checker.check(checker.read(tmp_path / "x.answer.md", text.encode()))
    assert [text[item.start : item.end] for item in found if item.rule == "unknown-eval-task"] == wrong
    assert not checker.internal_errors


def test_lengths_in_a_config_of_an_answer(tmp_path: Path) -> None:
    """The lengths of a config that an answer gives are compared with those of the other steps."""
    pack = "nemotron steps run data_prep/sft_packing -c tiny --dry-run output_dir=/d/packed pack_size=8192"
    config = "dataset:\n  seq_length: 4096\n  dataset_root: /d/packed\n"
    train = "nemotron steps run sft/megatron_bridge -c train.yaml --dry-run"
    text = f"```bash\n{pack}\n```\n\nAs `train.yaml`:\n```yaml\n{config}```\n\n```bash\n{train}\n```\n"
    same = judge(text.replace("4096", "8192"), tmp_path)
    assert [item for item in judge(text, tmp_path) if item not in same] == [("misaligned-lengths", "error")]


@pytest.mark.parametrize(
    "config, wins",
    [
        ("recipe:\n  seq_length: 8192\n", True),
        ("recipe:\n  seq_length: 8192\nmodel:\n  seq_length: 4096\n", True),
        ("recipe:\n  seq_length: 8192\nmodel:\n  seq_length: 8192\n", False),
        ("model:\n  seq_length: 8192\nrecipe:\n  seq_length: 8192\n", False),
        ("recipe:\n  tensor_model_parallel_size: 2\nmodel:\n  tensor_model_parallel_size: 2\n", False),
        ("recipe:\n  seq_length: 4096\n", False),
    ],
)
def test_a_config_that_sets_both_keys_of_a_value(config: str, wins: bool, tmp_path: Path) -> None:
    """A key that another one wins over is in vain only where the config does not give both the same value."""
    run = "nemotron steps run sft/megatron_bridge -c train.yaml --dry-run"
    text = f"As `train.yaml`:\n```yaml\n{config}```\n\n```bash\n{run}\n```\n"
    assert ("ineffective-override" in dict(judge(text, tmp_path))) is wins


def test_an_editor_gets_the_config_as_it_is_now(tmp_path: Path) -> None:
    """Nothing of an answer's config is kept for the next text."""
    checker = Checker(Settings(root=tmp_path), cwd=tmp_path, environ={}, rules=RULES)

    def rules_of(text: str) -> list[str]:
        document = checker.read(tmp_path / "x.answer.md", text.encode())
        return [item.rule for item in checker.check(document) if item.severity == "error"]

    good, wrong = with_config(CONFIG), with_config(CONFIG.replace("text_field", "text_feld"))
    assert [rules_of(good), rules_of(wrong), rules_of(good)] == [[], ["unknown-override"], []]


@pytest.mark.parametrize(
    "text, verified",
    [
        ("I ran it:\n\n{}\nIt printed the compiled config, exit code 0. **Verified**.", True),
        ("{}\nThis compiled without errors: Verified.", True),
        ("Niveau de source : Verified, le dry-run a réussi.\n\n{}", True),
        ("Quellenstufe: Verified. Der Probelauf lief durch.\n\n{}", True),
        ("I'd run it:\n\n{}\n**Verified**.", False),
        ("Niveau : Verified.\n\n{}\nMerci de confirmer avant de lancer la commande sans `--dry-run`.", False),
        ("Stufe: Verified.\n\n{}\nBitte bestätigen Sie, bevor der Befehl ohne `--dry-run` läuft.", False),
        ("Nivel: Verified.\n\n{}\nPor favor confirma antes de lanzar el paso sin `--dry-run`.", False),
        ("来源级别:Verified。\n\n{}\n正式运行(去掉 `--dry-run`)之前请先确认。", False),
        ("ステータス: Verified。\n\n{}\n`--dry-run` なしで実行する前に確認してください。", False),
    ],
)
def test_what_shows_a_dry_run(text: str, verified: bool) -> None:
    """What the shown dry run gave counts, in words of any kind; a launch without `--dry-run` is no result of one."""
    document = answer(text.format(COMMAND))
    assert ("verified" in answers.stated_tiers(document)) is verified
    assert answers.claims_verified(document) is not verified


@pytest.mark.parametrize(
    "text, missing",
    [
        ("Please tell me the path of your data.", True),
        ("Please confirm the model id.", True),
        ("Give me the output folder and I complete it.", True),
        ("Tell me to go ahead when it looks right.", False),
        ("Please confirm before I launch it.", False),
        ("Please confirm.", False),
        ("Tell me when the dry run is through.", False),
    ],
)
def test_a_confirmation_is_no_missing_value(text: str, missing: bool) -> None:
    """An answer that asks for a go-ahead needs nothing that would excuse a placeholder."""
    assert answers.says_what_is_missing(answer(f"{COMMAND}\n{text}\n")) is missing
