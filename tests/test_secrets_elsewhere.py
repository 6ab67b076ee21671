"""Secrets that belong to no document: in names, settings, catalogs, arguments and errors."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from nemolint.commands.cli import run as run_cli
from nemolint.report import FORMATS
from support.credentials import random_body
from support.placements import RUN, TOKENS, Case, case_of, leaks_of, windows_of

NAMES = tuple(case_of(f"{kind}: in a name", ("", str), make(f"name {kind}")) for kind, make in TOKENS.items())


def _assert_silent(
    found: list[Case], capsys: pytest.CaptureFixture[str], folder: Path, *arguments: str
) -> tuple[int, str]:
    """Run the command; nothing of the cases is in what it prints. Returns its exit code and what it printed."""
    code = run_cli(arguments)
    captured = capsys.readouterr()
    shown = captured.out + captured.err
    assert leaks_of(shown, found) == [], arguments
    return code, shown


@pytest.mark.parametrize("case", NAMES, ids=lambda case: case.name)
def test_names_of_files_and_folders(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A credential in a path is masked in every output, the rest of the path stays, and machine formats stay valid."""
    root = tmp_path / "tree"
    token = case.text
    for folder in (f"in-{token}", f"{token}.d", "plain"):
        (root / folder).mkdir(parents=True)
        (root / folder / f"guide-{token}.sh").write_text(f"{RUN} --dryrun --env-file x-{token}\n", "utf-8")
        (root / folder / f"{token}_old.md").write_text(f"```bash\n{RUN} -c {token}.yaml\n```\n", "utf-8")
    (root / "plain" / f"broken-{token}.ipynb").write_text('{"cells": [nemotron steps run', "utf-8")
    (root / "plain" / "a.sh").write_text(f"export NEMOTRON_ENV_FILE=/x/{token}/env.toml\n{RUN} --batch gpu\n", "utf-8")
    monkeypatch.chdir(root)
    monkeypatch.setenv("NEMOLINT_CACHE_DIR", str(tmp_path / "cache"))
    outputs = [part for name in FORMATS for part in ("--output-format", f"{name}={tmp_path / name}.out")]
    calls = [["--show", "info", *outputs], ["--show", "info"], ["--show", "info"], ["--output-format", "github"]]
    calls += [
        ["commands", "--all"],
        ["commands", "--json"],
        ["explain-run", f"in-{token}/guide-{token}.sh"],
        ["explain-run", "--json", f"plain/{token}_old.md"],
        ["explain-run", "--output-format", "mermaid", "plain/a.sh"],
        ["--diff"],
        ["baseline", "--output", str(tmp_path / "base")],
    ]
    calls += [[f"no-{token}.sh"], [f"in-{token}"], ["--baseline", f"{token}.json"], ["--config", f"/x/{token}"]]
    calls += [[f"--output-format=json={root}/none/{token}.json"], [f"--env-file={token}"], [token], [f"--{token}"]]
    for arguments in calls:
        _, shown = _assert_silent([case], capsys, root, *arguments)
        if arguments == ["--show", "info"]:
            assert "in-[REDACTED " in shown and "]/guide-[REDACTED " in shown and ".sh:1:" in shown
    for path in tmp_path.rglob("*"):
        if path.is_file() and root not in path.parents:
            assert leaks_of(path.read_text("utf-8", "replace"), [case]) == [], path
    for name in ("json", "sarif", "gitlab"):
        json.loads((tmp_path / f"{name}.out").read_text("utf-8"))
    ElementTree.fromstring((tmp_path / "junit.out").read_text("utf-8"))
    uris = [
        row["locations"][0] for row in json.loads((tmp_path / "sarif.out").read_text("utf-8"))["runs"][0]["results"]
    ]
    assert all(" " not in uri["physicalLocation"]["artifactLocation"]["uri"] for uri in uris)


def test_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Settings are shown, complained about and kept without the secrets in them."""
    token, value = TOKENS["nvidia"]("settings"), random_body("settings", 24)
    found = [Case("token", "", token, windows_of(token)), Case("value", "", value, windows_of(value))]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEMOLINT_CACHE_DIR", str(tmp_path / "cache"))
    file = tmp_path / "nemolint.toml"
    (tmp_path / "a.sh").write_text(f"{RUN} --dryrun\n", "utf-8")
    inputs = f'[inputs]\n"translate/nemo_curator:server.api_key" = "{value}"\n"a/b:c" = "/d/{token}/*"\n'
    file.write_text(f'exclude = ["x/{token}"]\nprofiles = ["{token}"]\n{inputs}', "utf-8")
    code, shown = _assert_silent(found, capsys, tmp_path, "check", "--show-settings")
    assert code == 0 and json.loads(shown)["profiles"] == ["[REDACTED nvidia-nvapi]"]
    assert _assert_silent(found, capsys, tmp_path, "--show", "info")[0] == 1
    broken = [
        f'select = ["{token}"]', f'preset = "{token}"', f'api_key = "{value}"', f'select = "{token}',
        f"[severity]\n{token} = 'off'", f'[severity]\napi_key = "{value}"', f'baseline = "{token}"',
        f"[rules]\n{token} = 1", f'[rules.missing-dry-run]\napi_key = "{value}"',
    ]  # fmt: skip
    for text in broken:
        file.write_text(f"{text}\n", "utf-8")
        assert _assert_silent(found, capsys, tmp_path, ".")[0] == 2
    for path in (tmp_path / "cache").rglob("*"):
        if path.is_file():
            assert leaks_of(path.read_text("utf-8", "replace"), found) == [], path


def test_catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A catalog shows neither a credential nor a value under a secret's name of manifests, configs and code."""
    token, value, other = TOKENS["nvidia"]("catalog"), random_body("catalog", 24), random_body("catalog, too", 24)
    found = [Case(text[:3], "", text, windows_of(text)) for text in (token, value, other)]
    step = tmp_path / "src/nemotron/steps/brew/tea"
    (step / "config").mkdir(parents=True)
    (step / "step.toml").write_text(
        '[step]\nid = "brew/tea"\nname = "tea"\ncategory = "brew"\n'
        f'[[parameters]]\nname = "server.api_key"\ndefault = "{value}"\n'
        f'[[parameters]]\nname = "leaves"\ndefault = "{token}"\nchoices = ["{token}", "black"]\n',
        "utf-8",
    )
    (step / "config" / "default.yaml").write_text(f"server:\n  password: {other}\n  x: {token}\n", "utf-8")
    (step / "step.py").write_text(
        f'TOKEN = "{value}"\ndef main(cfg):\n    return cfg.get("{other}", "{token}")\n', "utf-8"
    )
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'a'\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    built = tmp_path / "built.json"
    calls = [["catalog"], ["catalog", "brew/tea"], ["catalog", "brew/tea", "--json"], ["catalog", "--json"]]
    calls += [["catalog", "--build", "."], ["catalog", "--build", ".", "--output", str(built)]]
    for arguments in calls:
        code, shown = _assert_silent(found, capsys, tmp_path, *arguments)
        assert code == 0 and (built.name in arguments[-1] or "brew/tea" in shown)
    assert leaks_of(built.read_text("utf-8"), found) == [] and "[REDACTED" in built.read_text("utf-8")
    assert _assert_silent(found, capsys, tmp_path, "catalog", token)[0] == 2
    assert _assert_silent(found, capsys, tmp_path, "explain", token)[0] == 2


def test_what_nobody_foresaw(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """An error that nothing catches ends in exit code 2 and its place, without what it says."""
    value = random_body("error", 24)
    case = Case("value", "", value, windows_of(value))

    def fail(*_: object) -> None:
        raise RuntimeError(value)

    monkeypatch.setattr("nemolint.commands.rules.rules", fail)
    code, shown = _assert_silent([case], capsys, Path(), "rules")
    assert code == 2 and "internal error: RuntimeError" in shown and "in fail" in shown


ECHOED = (
    ["{}"], ["--select", "{}"], ["--config", "{}"], ["--output-format", "{}"], ["--env-file", "{}"], ["--since", "{}"],
    ["--preset", "{}"], ["--baseline", "{}"], ["explain", "{}"], ["catalog", "{}"], ["commands", "{}"], ["--{}"],
    ["--diff={}"], ["-h{}"], ["-{}"], ["rules", "{}"], ["--stdin-filename", "{}", "-", "x"],
)  # fmt: skip


@pytest.mark.parametrize("value", ["format", "name"])
@pytest.mark.parametrize("arguments", ECHOED)
def test_usage_errors(
    value: str,
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What a message quotes of the arguments, whole or cut behind an option of one letter, shows no secret in them."""
    monkeypatch.chdir(tmp_path)
    secret = TOKENS["hugging face"]("usage") if value == "format" else random_body("usage", 24)
    word = {"format": secret, "name": f"server.api_key={secret}"}[value]
    given = [argument.replace("{}", word) for argument in arguments]
    if value == "format":
        given = [argument.replace("-hhf", "-hf") for argument in given]
    case = Case("value", "", secret, windows_of(secret))
    code, shown = _assert_silent([case], capsys, tmp_path, *given)
    assert code in (0, 2) and shown
