"""What examples of the secret rules cannot show: fixes that need a step, pipelines, messages without values."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from nemolint.linter.rule import Finding
from nemolint.reader import read_document
from nemolint_rules.environment_dump import environment_dump
from nemolint_rules.inlined_secret import inlined_secret
from nemolint_rules.printed_secret import printed_secret
from nemolint_rules.secret_in_name_field import secret_in_name_field
from nemolint_rules.secret_on_command_line import secret_on_command_line

NVAPI = "nvapi-" + "aB3dE5gH" * 8
PLAIN = "k7Qw" + "9zLm2X" * 3
RUN = "nemotron steps run translate/nemo_curator"
RULES = (inlined_secret, secret_in_name_field, secret_on_command_line, printed_secret, environment_dump)


def project(default: str = "NVIDIA_API_KEY") -> Any:
    """A project whose step takes `server.api_key` and `server.api_key_env`."""
    tree = {"server": {"api_key": "", "api_key_env": default}}
    config = SimpleNamespace(tree=tree)
    return SimpleNamespace(
        step_of=lambda run: SimpleNamespace(),
        config_of=lambda run: config,
        known_keys=lambda step, config=None: ("server.api_key", "server.api_key_env"),
    )


def findings(text: str, path: str = "a.sh", rules: Sequence[Any] = RULES) -> list[tuple[str, Finding]]:
    """All findings of the secret rules."""
    document = read_document(path, text.encode())
    return [
        (rule.name, finding)
        for rule in rules
        for finding in rule.function(document, *([project()] if rule.takes_project else []))
    ]


@pytest.mark.parametrize("value", [NVAPI, PLAIN, "$NVIDIA_API_KEY", '"${NVIDIA_API_KEY}"'])
def test_twin_field(value: str) -> None:
    """A key given on the command line is fixed to its twin that names the variable, where the step has one."""
    [(_, finding)] = findings(f"{RUN} server.api_key={value}")
    assert finding.fix is not None and not finding.fix.safe
    [edit] = finding.fix.edits
    assert (edit.at.text, edit.text) == (f"server.api_key={value}", "server.api_key_env=NVIDIA_API_KEY")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "a.sh",
            f"{RUN} server.api_key={PLAIN} server.api_key_env={PLAIN}\nexport HF_TOKEN={PLAIN}\n"
            f"echo ${{HF_TOKEN:-{PLAIN}}}",
        ),
        ("a.sh", f"# {NVAPI}\n{RUN} server.api_key_env={NVAPI}\ndocker run -e HF_TOKEN={NVAPI} x"),
        ("config/a.yaml", f"api_key: {PLAIN}\napi_key_env: {NVAPI}\npassword: {PLAIN}\n"),
        ("env.toml", f'a = {{HF_TOKEN = "{PLAIN}"}}\nurl = "https://me:{PLAIN}@example.org"\n'),
    ],
)
def test_messages_and_fixes_hold_no_value(path: str, text: str) -> None:
    """No rule writes a value into what it says."""
    found = findings(text, path)
    assert found
    for _, finding in found:
        said = finding.message + str([(edit.text) for edit in (finding.fix.edits if finding.fix else ())])
        assert not any(value[at : at + 6] in said for value in (PLAIN, NVAPI[6:]) for at in range(len(value) - 5))


def test_one_finding_for_each_value() -> None:
    """A value that several readers see (a nested script, an assignment, a known format) is reported once."""
    text = f"bash -c 'export NVIDIA_API_KEY={NVAPI}; {RUN} server.api_key={PLAIN}'\n"
    names = [name for name, _ in findings(text)]
    assert names == ["inlined-secret", "inlined-secret"]


def test_block_with_a_run() -> None:
    """Only a block with a run makes an expansion into another command's argument our matter."""
    other = 'curl -H "Authorization: Bearer $NVIDIA_API_KEY" x'
    page = f"```bash\n{other}\n```\n\n```bash\n{RUN}\n{other}\n```\n"
    assert [finding.severity for _, finding in findings(page, "a.md")] == ["warning"]


def test_pipes() -> None:
    """What a login reads from its standard input is not printed; what a filter shows is."""
    quiet = ["docker login --password-stdin x", "gh auth login --with-token", "sha256sum", "wc -c"]
    loud = ["cat", "tee log", "base64", "head -c 4"]
    for consumer in quiet + loud:
        assert len(findings(f'printf "%s" "$HF_TOKEN" | {consumer}')) == (consumer in loud), consumer


def test_known_format_is_said() -> None:
    """The message of a credential of a known format says so."""
    said = [finding.message for _, finding in findings(f"A={NVAPI}\nexport API_KEY={PLAIN}")]
    assert ["known format" in message for message in said] == [True, False]


@pytest.mark.parametrize("words", ["-p ", "-H a:b ", "A=b ", "wandb login ", "$HF_TOKEN "])
def test_long_command(words: str) -> None:
    """A command of many words is judged whole."""
    document = read_document("a.sh", ("docker login " + words * (100_000 // len(words))).encode())
    for rule in RULES:
        list(rule.function(document, *([project()] if rule.takes_project else [])))
