"""No output shows a secret: formats and names in many placements, in every format, listing, file and cache entry.

A rule of the test reports each line and each command, quotes it in its message, in a related place and in a fix, so
that whatever could be shown of a placement is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from nemolint.commands.cli import run as run_cli
from nemolint.document import Document, Span
from nemolint.linter import loader
from nemolint.linter.rule import Edit, Finding, Fix, Related
from nemolint.report import FORMATS
from nemolint.secrets import redact
from nemolint.secrets.conceal import conceal
from support.credentials import random_body
from support.placements import ALL_FORMATS, CASES, EVERYTHING, RUN, Case, leaks_of, windows_of
from support.rules import stub
from support.sizes import THOROUGH


def _every_line(document: Document) -> Iterator[Finding]:
    """A finding for each line, command and region that says all there is to say about it. One fix mends all."""
    if "MENDED" in document.text:
        return
    places = []
    at = 0
    for line in document.text.splitlines(keepends=True):
        places.append((Span(document.whole, at, at + len(line.rstrip("\r\n"))), line.rstrip("\r\n")))
        at += len(line)
    for region in document.regions:
        if region.text:
            places.append((region.span(0, len(region.text)), region.text))
    for command in document.commands:
        words = " ".join(word.value for word in command.words)
        places.append((command.span, words))
    for span, text in places:
        yield Finding(
            span,
            f"says {text}",
            fix=Fix(f"Write {text}", (Edit(span.sub(0, 0), f"{text[:200]} MENDED "),)),
            related=(Related(f"{text!r} here", span),),
        )


LOUD = stub("every-line", function=_every_line)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for each case, with the rule that reports everything, and a cache of its own."""
    root = tmp_path / "tree"
    for number, case in enumerate(CASES):
        file = root / f"c{number}" / case.file
        file.parent.mkdir(parents=True)
        file.write_text(case.text, "utf-8")
    rules = {**loader.load_rules(), LOUD.name: LOUD}
    for module in ("nemolint.linter.checker", "nemolint.linter.loader"):
        monkeypatch.setattr(f"{module}.load_rules", lambda: rules)
    monkeypatch.setenv("NEMOLINT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.chdir(root)
    return root


# Each file by its name: in a folder, one that names no step is passed over.
FILES = tuple(f"c{number}/{case.file}" for number, case in enumerate(CASES))
# What is fixed is judged many times: a quarter of the files will do, other outputs show them all.
DIFFERENT = FILES[:: 1 if THOROUGH else 4]
OUTPUTS: Mapping[str, tuple[str, ...]] = {
    "all formats, nothing kept": (*EVERYTHING, "--no-cache", *ALL_FORMATS),
    "text": (*EVERYTHING, "--statistics"),
    "text, kept": EVERYTHING,
    "json, kept": (*EVERYTHING, "--output-format", "json"),
    "answers": (*EVERYTHING, "--preset", "answer", "--output-format", "concise"),
    "difference": (*EVERYTHING, "--diff", "--unsafe-fixes", *ALL_FORMATS[-4:]),
    "commands": ("commands", "--all"),
    "commands as JSON": ("commands", "--all", "--json"),
    "baseline": ("baseline", "--show", "info", "--output", "../base.json"),
}


def test_no_output_shows_a_secret(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Wherever a secret stands and however it is spelt, no output and no file that is written holds six characters."""
    assert len(CASES) >= 250
    leaks: dict[str, list[str]] = {}
    said: dict[str, str] = {}
    for name, arguments in OUTPUTS.items():
        files = DIFFERENT if name == "difference" else FILES
        assert run_cli((*arguments, *files)) in (0, 1), capsys.readouterr().err
        captured = capsys.readouterr()
        said[name] = captured.out
        if found := leaks_of(captured.out + captured.err, CASES):
            leaks[name] = found
    for path in tree.parent.rglob("*"):
        if path.is_file() and tree not in path.parents:
            if found := leaks_of(path.read_text("utf-8", "replace"), CASES):
                leaks[path.name] = found
    everyone = sorted({line for found in leaks.values() for line in found})
    assert not leaks, "\n".join([*everyone, *(f"{name}: {len(found)}" for name, found in leaks.items())])
    assert all(f"c{number}/{case.file}:" in said["answers"] for number, case in enumerate(CASES))
    assert all(said[name].count("every-line") > len(CASES) for name in ("text", "text, kept", "json, kept", "answers"))
    assert said["difference"].count("+++ ") > len(DIFFERENT) // 5
    assert len(list(tree.parent.glob("*.out"))) == len(FORMATS)
    assert (tree.parent / "base.json").exists() and any((tree.parent / "cache").rglob("*.json"))


def test_no_explanation_shows_a_secret(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a command will do is told without the secrets of its file, in each format."""
    explained = 0
    for file, case in [*zip(FILES, CASES, strict=True)][:: 1 if THOROUGH else 5]:
        for format in ("text", "json", "mermaid"):
            explained += run_cli(("explain-run", "--output-format", format, file)) == 0
            captured = capsys.readouterr()
            assert not leaks_of(captured.out + captured.err, [case]), (file, format)
    assert explained > 30


@pytest.mark.parametrize("cache", [True, False])
def test_what_is_not_shown_is_not_searched(
    cache: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A document of which nothing is shown is not searched for what to mask, whether its findings are kept or not."""
    searched = []
    monkeypatch.setattr(redact, "conceal", lambda document: (searched.append(document.path), conceal(document))[1])
    monkeypatch.setenv("NEMOLINT_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "tree" / "b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "tree")
    (tmp_path / "tree" / "a.sh").write_text(f"{RUN} --batch gpu --dryrun\n", "utf-8")
    for name in ("b/c.sh", "b/d.sh", "e.sh"):
        (tmp_path / "tree" / name).write_text(f'{RUN} --dry-run server.api_key="$(cat key)"\n', "utf-8")
    assert run_cli(["--select", "misspelled-dry-run,unknown-config", *([] if cache else ["--no-cache"])]) == 1
    assert "checked 4 files, 4 runs" in capsys.readouterr().err
    assert searched == ["a.sh"]


def test_no_cache_keeps_what_two_documents_ask_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret that is looked for as a file's name is kept of no document, however many look for it."""
    value = random_body("asked", 24)
    case = Case("value", "", value, windows_of(value))
    monkeypatch.setenv("NEMOLINT_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "tree").mkdir()
    monkeypatch.chdir(tmp_path / "tree")
    for name in ("a.sh", "b.sh", "c.sh"):
        (tmp_path / "tree" / name).write_text(f"export API_KEY={value}\n{RUN} -c ./{value}.yaml\n", "utf-8")
    assert run_cli(["--show", "info"]) == 1
    kept = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if leaks_of(path.read_bytes().decode("utf-8", "replace"), [case])]
