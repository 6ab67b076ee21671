"""Shell completion and the published schema."""

from __future__ import annotations

import json
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from nemolint.commands.rules import settings_schema
from nemolint.linter.loader import load_rules
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
    assert json.loads(printed) == settings_schema()
    published = ROOT / "nemolint.schema.json"
    assert published.read_text("utf-8") == printed, "run: nemolint rules --schema > nemolint.schema.json"


def _subschemas(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from _subschemas(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _subschemas(value)


def test_the_schema_is_one_for_a_catalog() -> None:
    """It is valid by its own metaschema, has an `$id`, describes every key, and refers to nothing outside."""
    schema = settings_schema()
    jsonschema.Draft7Validator.check_schema(schema)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert schema["$id"] == "https://json.schemastore.org/nemolint.json"
    for item in _subschemas(schema):
        if isinstance(item.get("$ref"), str):
            assert item["$ref"].startswith("#/definitions/") and len(item) == 1
        assert item.get("type") != "null"
    for name, entry in schema["properties"].items():
        assert entry["description"].endswith((".", ")")), name
    names = load_rules()
    assert (
        set(schema["definitions"]["Rule"]["enum"])
        == names.keys()
        == schema["properties"]["severity"]["properties"].keys()
    )
    assert set(schema["definitions"]["Selector"]["enum"]) == {"all", *names, *(rule.group for rule in names.values())}


VALID = """\
extends = "base.toml"
select = ["all", "secrets"]
ignore = ["unknown-step", "launch"]
preset = "docs"

[severity]
unknown-step = "off"

[per-file-ignores]
"docs/" = ["placeholders"]

[[overrides]]
files = ["x/"]
extend-select = ["optional"]
severity = { missing-dry-run = "info" }
"""
INVALID = {
    "unknown key": 'slect = ["all"]\n',
    "unknown rule": 'ignore = ["unknown-stp"]\n',
    "unknown group": 'extend-select = ["secret"]\n',
    "unknown rule of files": '[per-file-ignores]\n"a" = ["unknown-stp"]\n',
    "unknown rule with a severity": '[severity]\nunknown-stp = "off"\n',
    "a group with a severity": '[severity]\nsecrets = "off"\n',
    "unknown severity": '[severity]\nunknown-step = "fatal"\n',
    "unknown rule of an override": '[[overrides]]\nfiles = ["x"]\nignore = ["unknown-stp"]\n',
    "unknown preset": 'preset = "all"\n',
    "type": "select = 3\n",
}


def _check_jsonschema(schema: Path, file: Path) -> list[str | Path]:
    pytest.importorskip("check_jsonschema", reason="check-jsonschema is not installed")
    return [sys.executable, "-m", "check_jsonschema", "--schemafile", schema, file]


def _taplo(schema: Path, file: Path) -> list[str | Path]:
    return [_program("taplo"), "lint", "--no-auto-config", "--schema", schema.as_uri(), file]


def _tombi(schema: Path, file: Path) -> list[str | Path]:
    file.write_text(f"#:schema {schema.as_uri()}\n{file.read_text('utf-8')}", "utf-8")
    return [_program("tombi"), "lint", "--offline", file]


def _program(name: str) -> str:
    found = shutil.which(name, path=sysconfig.get_path("scripts")) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


@pytest.mark.parametrize("tool", [_check_jsonschema, _taplo, _tombi], ids=["check-jsonschema", "taplo", "tombi"])
@pytest.mark.parametrize("name", ["valid", *INVALID])
def test_tools_and_nemolint_agree_about_settings(tmp_path: Path, tool: Any, name: str) -> None:
    """What editors accept by the schema is what nemolint accepts."""
    file = tmp_path / "nemolint.toml"
    file.write_text(VALID if name == "valid" else INVALID[name], "utf-8")
    command = tool(ROOT / "nemolint.schema.json", file)
    done = execute(command, tmp_path, env={"RUST_LOG": "info"})
    assert (done.code == 0) == (name == "valid"), done
    (tmp_path / "base.toml").write_text("", "utf-8")
    assert nemolint(tmp_path, "--show-settings").code == (0 if name == "valid" else 2)
