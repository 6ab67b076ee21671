"""Hostile input: whatever the shape, a check ends, no rule breaks, and a run behind the junk is not lost."""

from __future__ import annotations

import gc
import io
import sys
from cProfile import Profile
from pathlib import Path

import pytest

from nemolint.analysis.caching import KEPT_DOCUMENTS
from nemolint.base import yaml_values
from nemolint.commands.check import run as run_check
from nemolint.document import Document
from nemolint.driver import workers
from nemolint.driver.request import Request, Streams
from nemolint.invocation import StepRun
from nemolint.linter.checker import Checker, Unreadable
from nemolint.project.env_toml import parse_env_file
from nemolint.project.model import Resources
from nemolint.project.overrides import split_key
from nemolint.project.resources import launch
from nemolint.reader import read_document
from nemolint.settings import Settings, SettingsError
from nemolint.settings_file import load_settings
from support.hostile import RUN, SHAPES, Shape
from support.sizes import THOROUGH

# Shapes that reach a limit, and are reported for that, from twice the size on that is enough for all others.
_LARGE = (
    "followed-chain", "followed-one-file", "python-attributes", "python-digits", "python-long-constant",
    "python-long-list", "toml-digits",
)  # fmt: skip
_SIZE, _LARGE_SIZE = (6_000 if THOROUGH else 3_000), 6_000
# Where a run is text that nobody executes: an HTML comment that nothing closes.
_MENTIONS = ("html-comments",)


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Checker:
    """One checker for all shapes, far from any project."""
    folder = tmp_path_factory.mktemp("hostile")
    return Checker(Settings(folder), cwd=folder, environ={})


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_any_shape_is_checked(shape: Shape, checker: Checker) -> None:
    """No rule raises, every finding lies in the file, and the planted run is found or reported."""
    checker.internal_errors.clear()
    try:
        size = _LARGE_SIZE if shape.name in _LARGE else _SIZE
        document = checker.read(Path(checker.cwd, shape.path), shape.make(size))
    except Unreadable:
        assert not shape.planted
        return
    found = checker.check(document)
    assert not checker.internal_errors
    assert shape.name not in _LARGE or any(note.event in ("broken-shell", "broken-file") for note in document.notes)
    own = [item for item in found if item.path == document.path]
    assert all(0 <= item.start <= item.end <= len(document.text) for item in own)
    if not shape.planted:
        return
    place = document.text.rfind(RUN)
    kinds = {mention.offset: mention.kind for mention in document.mentions}
    if any(name in shape.name for name in _MENTIONS):
        assert kinds[place] == "mention"
        return
    reported = any(note.event in ("broken-shell", "broken-file") for note in document.notes)
    runs = (run.span.file_span() for run in document.runs)
    assert reported or any(start <= place < end for start, end in runs) or kinds[place] == "comment"


@pytest.mark.parametrize("number", ["9" * 5000, "0x" + "f" * 5000, "1" + ":1" * 5000, "0" + "7" * 5000])
def test_a_long_number_is_not_a_fault(number: str) -> None:
    """Numbers that Python refuses to read or to print are errors of the text."""
    with pytest.raises(yaml_values.YamlError):
        yaml_values.load(f"k: {number}")
    with pytest.raises(yaml_values.YamlError):
        yaml_values.load(f"{number}: 1")


@pytest.mark.parametrize("unit", ["[", "{a: [", "{ a.b:  { c: [ "])
def test_brackets_past_any_parser_are_not_parsed(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that nests deeper than the parser goes is unknown at once: the parser takes the square to find out."""
    monkeypatch.setattr(yaml_values, "_compose", None)
    assert yaml_values.parse_value(unit * 600) is yaml_values.UNKNOWN


def test_a_long_number_in_toml_is_not_a_fault(tmp_path: Path) -> None:
    """An env TOML, a settings file and a TOML with a run say so, and nothing raises."""
    text = f"[p]\nnodes = {'9' * 5000}\n"
    assert "digits" in parse_env_file(text, "env.toml").problems[0].message
    assert read_document("a.toml", f"# {RUN}\n{text}".encode()).notes[0].event == "broken-file"
    (tmp_path / "nemolint.toml").write_text(text, "utf-8")
    with pytest.raises(SettingsError, match="not valid TOML"):
        load_settings(tmp_path)


def test_an_absurd_number_of_nodes_is_unknown() -> None:
    """A number that Python cannot print reaches no message."""
    profile = parse_env_file(f"[p]\nnodes = 0x{'f' * 5000}\n", "env.toml").profiles["p"]
    assert launch(Resources("torchrun", 1, 8, None), profile, None).nodes is None


@pytest.mark.parametrize("value", ["[" * 5000, ".".join("a" * 5000) + " = 1\nb = [", "{a = " * 5000])
def test_deep_settings_are_an_error(tmp_path: Path, value: str) -> None:
    """Nesting that breaks the parser is reported like any other mistake."""
    (tmp_path / "nemolint.toml").write_text(f"x = {value}\n", "utf-8")
    with pytest.raises(SettingsError, match="not valid TOML"):
        load_settings(tmp_path)


@pytest.mark.parametrize("unit", ["A+=x\n$A nemotron\n", "N=nemotron\n$N steps run a/b\n", 'A+=(x)\n"${A[@]}" y\n'])
def test_following_constants_has_a_limit(unit: str) -> None:
    """A value that grows with every line is put in only so often; the runs in plain sight are found all the same."""
    document = read_document("a.sh", f"{unit * 2000}\n{RUN}\n".encode())
    assert document.runs[-1].overrides[-1].key == "trainer.planted"


def test_constants_past_the_limit_are_reported() -> None:
    """Where nothing more is put in, a run may be missed: the file says so once, at the place."""
    text = "A=(nemotron steps run a/b)\n" + "A+=(x=1)\n" * 700 + '"${A[@]}" y=2\n' * 700
    document = read_document("a.sh", text.encode())
    notes = [note for note in document.notes if note.event == "broken-shell"]
    assert len(notes) == 1 and "variables" in notes[0].message
    assert 10 < len(document.runs) < 700
    assert not read_document("a.sh", text[: len(text) // 4].encode()).notes


_DOUBLING = (
    ("a list that holds another twice", "A{1} = [*A{0}, *A{0}]\n", "subprocess.run(A{0})\n"),
    ("lists that are added", "A{1} = A{0} + ['x'] + A{0}\n", "subprocess.run(A{0})\n"),
    ("a list that holds itself", "B = [*B, *B, *A0]\n", "subprocess.run([*A0, *B])\n"),
    ("strings that are added", "A{1} = A{0} + A{0}\n", "os.system(A{0})\n"),
    ("f-strings", "A{1} = f'{{A{0}}}{{A{0}}}'\n", "os.system(A{0})\n"),
    ("lists that are joined", "A{1} = ' '.join([*A{0}, *A{0}])\n", "os.system(A{0})\n"),
    ("arguments of a call", "A{1} = [*A{0}, *A{0}]\nsubprocess.run(A{1})\n", "f(A{0})\n"),
)
_START = "import os, subprocess\nA0 = ['nemotron', 'steps', 'run', 'a/b']\n"


def _steps(path: str, text: str) -> tuple[int, Document]:
    """How many functions are called to read a text, and what was read."""
    data = text.encode()
    profile = Profile(builtins=False)
    profile.enable()
    try:
        document = read_document(path, data)
    finally:
        profile.disable()
    return sum(entry.callcount for entry in profile.getstats()), document


@pytest.mark.parametrize(("line", "use"), [case[1:] for case in _DOUBLING], ids=[case[0] for case in _DOUBLING])
def test_names_of_python_do_not_double(line: str, use: str) -> None:
    """A value that doubles with each name takes steps as the text is long, and the run in plain sight is found."""

    def text(count: int) -> str:
        lines = "".join(line.format(at, at + 1) for at in range(count))
        return f"{_START}{lines}{use.format(count)}os.system('{RUN}')\n"

    read_document("a.py", text(2).encode())  # what is imported
    large, document = _steps("a.py", text(200))
    assert large < 3 * _steps("a.py", text(100))[0]
    assert document.runs[-1].overrides[-1].key == "trainer.planted"


@pytest.mark.parametrize(
    ("line", "use"),
    [
        ('A=("${A[@]}" "${A[@]}")\n', '"${A[@]}"\n'),
        ('A+=("${A[@]}")\n"${A[@]}"\n', ""),
        ('X="$X$X"\n', "$X\n"),
        ("X+=' '\n", "$X steps run a/b\n" * 100),
        ("X+=' and so on'\n$X\n", ""),
    ],
)
def test_values_of_a_shell_do_not_double(line: str, use: str) -> None:
    """A value that grows by itself takes steps as the text is long, and the run in plain sight is found."""

    def text(count: int) -> str:
        return f"A=(nemotron steps run a/b)\nX=nemotron\n{line * count}{use}{RUN}\n"

    read_document("a.sh", text(2).encode())
    # Up to its budget the work may grow faster.
    small, document = _steps("a.sh", text(2000))
    assert _steps("a.sh", text(4000))[0] < 3 * small
    assert document.runs[-1].overrides[-1].key == "trainer.planted"


def test_names_that_stand_for_too_much_are_reported() -> None:
    """Where the names of a Python file are followed no further, it says so once, at the place; the word is open."""
    text = f"{_START}X = '{'x' * 2000}'\n" + "subprocess.run([*A0, X])\n" * 300
    document = read_document("a.py", text.encode())
    (note,) = document.notes
    assert note.event == "broken-shell" and text[note.start : note.end] in ("X", "A0")
    known = ["x" * 2000 in word.value for run in document.runs for word in run.words[-1:]]
    assert 50 < sum(known) < 300 and known == sorted(known, reverse=True)
    assert not read_document("a.py", text[: len(text) // 3].rpartition("\n")[0].encode()).notes


def test_an_array_holds_what_was_known_where_it_was_assigned() -> None:
    """Another array in an array stands for what it held there, not for what it holds later."""
    text = 'A=(nemotron steps run a/b)\nB=("${A[@]}" x=1)\nA+=(y=2)\n"${B[@]}"\n"${A[@]}"\n'
    of_b, of_a = read_document("a.sh", text.encode()).runs
    assert [item.key for item in of_b.overrides] == ["x"]
    assert [item.key for item in of_a.overrides] == ["y"]


def test_the_scripts_of_a_file_share_the_limit() -> None:
    """A page of many fences puts in what its length allows, not so much for each of them, and says so once."""
    script = "A=(nemotron steps run a/b)\n" + 'A+=(x=1)\n"${A[@]}" y=2\n' * 60
    words = []
    for count in (20, 40):
        document = read_document("a.md", f"```bash\n{script}```\n\n".encode() * count)
        words.append(sum(len(run.words) for run in document.runs))
        assert [note.event for note in document.notes] == ["broken-shell"]
    small, large = words
    assert large < small * 2
    assert not read_document("a.md", f"```bash\n{script}```\n".encode()).notes


def test_constants_are_followed_in_order() -> None:
    """What is appended after a use does not count for it."""
    text = 'A=(nemotron steps)\nA+=(run a/b)\n"${A[@]}" x=1\nA+=(y=2)\n"${A[@]}" z=3\n'
    first, second = read_document("a.sh", text.encode()).runs
    assert [item.key for item in first.overrides] == ["x"]
    assert [item.key for item in second.overrides] == ["y", "z"]


@pytest.mark.parametrize("key", ["[KEY", "[", "a[", "a[b", "[a]", ".", "..", "[]", "a..b", "]"])
def test_any_key_has_parts(key: str, checker: Checker) -> None:
    """A bracket that nothing closes is part of a key as any other character."""
    assert split_key(key)
    checker.internal_errors.clear()
    checker.check(checker.read(Path(checker.cwd, "a.sh"), f"{RUN} '{key}=1'\n".encode()))
    assert not checker.internal_errors


def test_documents_are_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check of many files keeps what is shown of them, and not the files, whether or not the collector runs."""
    for number in range(30):
        lines = "".join(f"nemotron steps run sft/automodel seed={i} --dryrun api_key=$X\n" for i in range(5))
        (tmp_path / f"{number}.sh").write_text(lines, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(workers.VARIABLE, "1")
    streams = Streams(sys.stdin.buffer, io.StringIO(), io.StringIO())
    gc.collect()
    before = len(_alive(Document)), len(_alive(StepRun))
    gc.disable()
    try:
        assert run_check(Request(paths=(".",)), Settings(tmp_path), streams) == 1
        after = len(_alive(Document)), len(_alive(StepRun))
    finally:
        gc.enable()
    assert isinstance(streams.out, io.StringIO) and streams.out.getvalue().count("misspelled-dry-run") == 150
    assert after[0] - before[0] <= 2 * KEPT_DOCUMENTS and after[1] - before[1] <= 10


def _alive(kind: type) -> list[object]:
    return [item for item in gc.get_objects() if type(item) is kind]
