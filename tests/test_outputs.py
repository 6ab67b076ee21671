"""Whatever stands in names and files: no output acts on a terminal or a CI runner, and each parses as what it is."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from nemolint.base.visible import opening, visible, without_commands
from nemolint.commands.cli import run
from nemolint.document import Document
from nemolint.linter.diagnostic import Diagnostic, FileEdit, FileFix, RelatedPlace
from nemolint.report import FORMATS, Findings, Options, render
from nemolint.secrets.redact import Redactor
from support.command import CI, MISSPELT, execute

MARKERS = (
    "::error::x",
    "::add-mask::x",
    "##[error]x",
    "##vso[task.setvariable variable=a]b",
    "##teamcity[buildStop]",
    "section_start:1:a\r\x1b[0K",
)
# What a terminal acts on or does not show, and what no valid text holds.
RAW = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
# What the runners look for: anywhere, and at the start of a line behind blanks (`TrimStart` in the runner of GitHub).
ANYWHERE = re.compile(r"##\[|##vso\[|##teamcity\[")
AT_START = re.compile(r"^\s*::", re.MULTILINE)
SECTION = re.compile("section_(?:start|end):")

_odd = st.sampled_from(
    "\x1b\r\x07\x00\x08\x7f\x85\x9b\u2028\u202e\u2066\u061c\u200f\ufeff\ufffe\udcff\udc80\t\n'\"\\#:é日"
)
_pieces = st.lists(
    st.one_of(st.sampled_from(MARKERS), _odd, st.text("ab .", min_size=1, max_size=3)), min_size=1, max_size=6
)
texts = _pieces.map("".join)
# Names that a file system takes: bytes without NUL and slash.
names = texts.map(lambda text: text.replace("/", "").replace("\x00", "")[:60]).filter(lambda name: name.strip(". "))


def assert_harmless(shown: str) -> None:
    """No character that acts or hides, no lone surrogate, and no command to a CI runner."""
    shown.encode("utf-8")
    for pattern in (RAW, ANYWHERE, AT_START):
        found = pattern.search(shown)
        assert found is None, (pattern.pattern, shown[max(found.start() - 40, 0) : found.end() + 40])


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for item in value.values() for text in _strings(item)]
    return [text for item in value for text in _strings(item)] if isinstance(value, list) else []


def _parsed(format: str, shown: str) -> Any:
    """What a reader of the format makes of it."""
    if format in ("json", "sarif", "gitlab"):
        return json.loads(shown)
    if format == "jsonl":
        return [json.loads(line) for line in shown.splitlines()]
    return ElementTree.fromstring(shown) if format == "junit" else shown.split("\n")


@pytest.mark.parametrize("format", FORMATS)
@given(name=names, before=texts, inside=texts, after=texts, message=texts, columns=st.sampled_from([None, 24, 60]))
@example("::error::a.sh", "#", "#[error]", "::b", "a\n::error::b", None)
@example("##[a].sh", "a\n::error::b #", "#", "vso[x]", "::error::a\n##[b]", 24)
def test_no_report_acts(
    format: str, name: str, before: str, inside: str, after: str, message: str, columns: int | None
) -> None:
    """Names, messages, lines, notes and fixes with whatever in them: each format is harmless and parses."""
    document = Document(name, f"{before}{inside}{after}\n")
    start, end = len(before), len(before) + len(inside)
    first, last = document.lines.position(start), document.lines.position(end)
    fix = FileFix(message, True, (FileEdit(start, end, inside, *first, *last),))
    related = (RelatedPlace(message, name, 1, 1), RelatedPlace(inside, name, 0, 0))
    found = Diagnostic(
        "a-rule", "error", message, name, *first, *last, start, end, None, "", related, fix, "f" * 24
    )  # fmt: skip
    out = io.StringIO()
    result = Findings((found, found._replace(line=1, column=1, fix=None)), {name: document}, Redactor)
    render(format, result, out, Options(False, columns or 120, wrap=columns is not None))
    shown = out.getvalue()
    if format == "github":
        lines = shown.splitlines()
        assert len(lines) == 2 and all(line.startswith("::error title=a-rule,file=") for line in lines)
        shown = "".join(line.removeprefix("::") for line in lines)
    assert_harmless(shown)
    parsed = _parsed(format, shown)
    if format == "junit":
        shown_name = opening(visible(name)).replace("\ufffe", "\ufffd")
        assert parsed.find(".//testcase").get("file") == shown_name
        assert len(parsed.findall(".//failure")) == 2
    elif format == "sarif":
        place = parsed["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
        assert unquote_to_bytes(place["uri"]) == os.fsencode(name)
    elif format in ("json", "jsonl"):
        assert parsed[0]["path"] == re.sub("[\udc80-\udcff]", lambda match: visible(match.group()), name)
    for text in _strings(parsed) if format in ("json", "jsonl", "sarif", "gitlab") else ():
        text.encode("utf-8")


@given(texts)
def test_visible_lines_are_harmless(text: str) -> None:
    """A line is harmless by itself; what is harmless already is not changed again."""
    shown = opening(visible(text))
    assert_harmless(shown)
    assert opening(visible(shown)) == shown
    plain = without_commands(text)
    assert not ANYWHERE.search(plain) and not SECTION.search(plain) and not re.match(r"\s*::", plain)


_COMMANDS: list[list[str]] = [
    ["check", "--no-cache", "--show", "info", "--extend-select", "all", "."],
    *(["check", "--no-cache", "--output-format", name, "."] for name in FORMATS if name != "github"),
    ["check", "--no-cache", "--statistics", "--output-format", "concise", "."],
    ["commands", "--all", "."],
    ["commands", "--all", "--json", "."],
    ["baseline", "--output", "known.json", "."],
]


class _Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


def _captured(folder: Path, arguments: list[str], *, terminal: bool = False, **environ: str) -> tuple[bytes, bytes]:
    """Standard output and standard error of the command, run in this process."""
    kind = _Terminal if terminal else io.TextIOWrapper
    out, err = (kind(io.BytesIO(), "utf-8", newline="", write_through=True) for _ in range(2))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        for name, value in environ.items():
            patch.setenv(name, value)
        run(arguments)
    return out.buffer.getvalue(), err.buffer.getvalue()  # type: ignore[attr-defined]


def _shown(done: tuple[bytes, bytes]) -> str:
    return "\n".join(part.decode("utf-8") for part in done)


_settings = settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow], deadline=None)


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="this file system takes no such names")
@_settings
@given(name=names, content=texts, folder=names)
@example("::error::x\n::stop", "::error::x\n##[error]y", "##vso[a]")
@example("\udcff\x1b[31m", "\x85\u202e", "\x9b2J")
def test_no_command_acts(name: str, content: str, folder: str) -> None:
    """Real files of such names with such content, through every subcommand that reads files; notes about them, too."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        inner = root / folder
        inner.mkdir()
        (inner / f"{name}.sh").write_bytes(f"{content}\n{MISSPELT} a={content}\n".encode("utf-8", "surrogateescape"))
        (root / f"{name}.md").write_bytes(
            f"{content}\n\n```bash\n{MISSPELT} '{content}'\n```\n".encode("utf-8", "surrogateescape")
        )
        (root / f"{name}.bin").write_bytes(b"nemotron steps\0")
        for arguments in _COMMANDS:
            assert_harmless(_shown(_captured(root, arguments)))
        for given_path in (f"./{name}.bin", f"./{name}.absent", f"--{name}", name):
            assert_harmless(_shown(_captured(root, ["check", "--no-cache", given_path])))
        for option in ("--config", "--baseline", "--env-file", "--prompt", "--nemotron"):
            assert_harmless(_shown(_captured(root, ["check", option, f"no/{name}"])))
        assert_harmless(_shown(_captured(root, ["check", "--no-cache", "--output-format", f"json=no/{name}"])))
        for option in ("--entry", "--expect", "--prompt", "--trajectory", "--id", "--output"):
            assert_harmless(_shown(_captured(root, ["grade", option, f"no/{name}", f"./{name}.md"])))
        assert_harmless(_shown(_captured(root, ["grade", f"./{name}.md"])))
        assert_harmless(_shown(_captured(root, ["explain", name])))
        assert_harmless(_shown(_captured(root, ["catalog", name])))
        for format in ("text", "json", "mermaid"):
            for subject in (f"./{name}.md", f"./{folder}/{name}.sh:1", f"{MISSPELT} -c '{content}' 'a={content}'"):
                asked = ["explain-run", "--output-format", format, "--", subject.replace("\x00", "")]
                assert_harmless(_shown(_captured(root, asked)))


@_settings
@given(text=texts)
@example("::error::x")
@example("##[a]\n::error::b")
def test_settings_and_manifests_do_not_act(text: str) -> None:
    """Errors in settings, and what the catalog shows of a checkout, quote what stands there."""
    safe = text.replace("\x00", "").encode("utf-8", "replace").decode()
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        for table in ({safe: 1}, {"ignore": [safe]}, {"baseline": safe or "x"}, {"inputs": {safe: ""}}):
            lines = "".join(f"{json.dumps(key)} = {_toml(value)}\n" for key, value in table.items())
            (root / "nemolint.toml").write_text(lines, "utf-8")
            assert_harmless(_shown(_captured(root, ["check", "--no-cache", "."])))
            assert_harmless(_shown(_captured(root, ["check", "--show-settings"])))
        (root / "nemolint.toml").unlink()
        step = root / "src/nemotron/steps/brew/tea"
        step.mkdir(parents=True)
        (root / "pyproject.toml").write_text("")
        (step / "step.toml").write_text(
            f'[step]\nid = "brew/tea"\nname = {json.dumps(safe)}\n'
            f'[[parameters]]\nname = "a"\ndefault = {json.dumps(safe)}\n',
            "utf-8",
        )
        run_of_step = ["explain-run", "nemotron steps run brew/tea"]
        for arguments in (["catalog"], ["catalog", "brew/tea"], ["catalog", "--json"], run_of_step):
            assert_harmless(_shown(_captured(root, arguments)))


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(item)}" for key, item in value.items()) + "}"
    return json.dumps(value)


# -- differences


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="this file system takes no such names")
@_settings
@given(name=names, content=texts)
@example('"\\\t\n\udcff', "a")
@example("##[error]", "::error::x")
def test_a_difference_of_any_name_can_be_applied(name: str, content: str) -> None:
    """Out of a CI the difference is a patch, byte for byte, whose headers are harmless; git applies it."""
    if shutil.which("git") is None:
        pytest.skip("git is not here")
    body = content.encode("utf-8", "replace").decode().replace("\x00", "").replace("\r", "")
    old = f"{body}\n{MISSPELT}\n{body}\n"
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        file = root / f"{name}.sh"
        file.write_text(old, "utf-8")
        out, err = _captured(root, ["check", "--no-cache", "--diff", "--select", "misspelled-dry-run", "."])
        assert_harmless(err.decode("utf-8"))
        if not out:
            return  # what stands before it takes the command in
        headers = out.split(b"\n@@ ")[0].decode("utf-8")
        assert headers.count("\n") == 1
        assert_harmless(headers)
        execute(["git", "apply", "-p1", "-"], root, stdin=out, code=0)
        assert file.read_text("utf-8") == old.replace("--dryrun", "--dry-run")


@pytest.mark.parametrize("variable", CI)
def test_a_difference_in_ci_commands_nothing(tmp_path: Path, variable: str) -> None:
    """In the log of a CI no line of a difference is a command; a note says that such a one cannot be applied."""
    lines = [f"# {marker}" for marker in MARKERS[2:]] + ["cat <<X", *MARKERS, "X", MISSPELT, *MARKERS]
    (tmp_path / "a.sh").write_text("\n".join(lines) + "\n", "utf-8", newline="")
    (tmp_path / "b.sh").write_text(f"{MISSPELT}\r\n", "utf-8", newline="")
    arguments = ["check", "--no-cache", "--diff", "--select", "misspelled-dry-run", "."]
    out, err = (part.decode("utf-8") for part in _captured(tmp_path, arguments, **{variable: "true"}))
    assert not ANYWHERE.search(out) and not AT_START.search(out) and not SECTION.search(out)
    assert out.count("\n+uv run") == 2
    assert "a.sh: this diff cannot be applied" in err and "b.sh" not in err
    assert "+uv run nemotron steps run sft/automodel -c tiny --dry-run\r\n" in out
    plain, err = (part.decode("utf-8") for part in _captured(tmp_path, arguments))
    assert " ##[error]x\n" in plain and "CI runner" not in err


def test_a_difference_on_a_terminal_is_visible(tmp_path: Path) -> None:
    """What a file holds does not act on the terminal that shows a difference."""
    (tmp_path / "a.sh").write_text(f"# \x1b[2J \u202e\n{MISSPELT}\n", "utf-8")
    out, _ = _captured(tmp_path, ["check", "--no-cache", "--diff", "--quiet", "."], terminal=True)
    assert " # \\x1b[2J \\u202e\n" in out.decode("utf-8")


# -- as bytes


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="this file system takes no such names")
@pytest.mark.parametrize("format", FORMATS)
def test_reports_of_names_that_are_not_text_are_valid_utf8(tmp_path: Path, format: str) -> None:
    """On standard output and in a file, as bytes; the name of a file shows its bytes, and two names stay two."""
    for byte in (b"\xff", b"\xfe"):
        (tmp_path / os.fsdecode(b"a" + byte + b".sh")).write_text(f"{MISSPELT}\n")
    out, err = _captured(tmp_path, ["check", "--no-cache", "--output-format", format, "."])
    _captured(tmp_path, ["check", "--no-cache", "--output-format", f"{format}=report", "."])
    assert (tmp_path / "report").read_bytes() == out
    shown = out.decode("utf-8")
    err.decode("utf-8")
    expected = ("%FE", "%FF") if format == "sarif" else ("xfe.sh", "xff.sh")
    assert all(part in shown for part in expected)


def test_a_working_directory_that_is_gone_is_named_harmlessly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last resort for errors escapes names, too."""
    from nemolint.base.streams import guarded

    def failing(arguments: list[str]) -> int:
        raise PermissionError(13, "Permission denied", "a\n::error::\x1b[31m\u202e\udcff")

    monkeypatch.setattr("nemolint.base.streams._give_up", lambda: None)
    assert guarded(failing, [], lambda stream: stream) == 2
    shown = capsys.readouterr().err
    assert_harmless(shown)
    assert shown.count("\n") == 1 and "Permission denied" in shown
