"""Texts as an editor has them: edits, positions in its own units, and the findings of a check of the same file."""

from __future__ import annotations

import json
import random
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings as profile, strategies as st

from nemolint import reader
from nemolint.editor.client_positions import ClientPosition, ClientRange, ClientText
from nemolint.editor.completions import completions
from nemolint.editor.diagnostics import ShownDiagnostic, shown
from nemolint.editor.requests import Completed
from nemolint.editor.workspace import AskedText, EditorWorkspace, is_current
from nemolint.project import Project
from nemolint.secrets.outgoing import masked
from nemolint.settings_file import as_toml
from support.command import MISSPELT, nemolint
from support.sizes import THOROUGH
from test_check_text import PROJECT, SETTINGS, _change as change, steps

if TYPE_CHECKING:
    from nemolint.editor.client_positions import Encoding

ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")
CODEC = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
PIECES = (
    *("a", "é", "😀", "\t", " ", "\n", "\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\ufeff"),
    *(f"{MISSPELT}\n", "# 😀 é\n", "echo '\n", "'", "\\\n", "nemotron steps run sft/automodel seed=1 seed=2 # 😀\r\n"),
)


def client_position(text: str, offset: int, encoding: Encoding) -> ClientPosition:
    """The position of an offset, as a client with its text in an encoding counts."""
    lines = re.split(r"\r\n|\n|\r", text[:offset])
    codec, size = CODEC[encoding]
    return ClientPosition(len(lines) - 1, len(lines[-1].encode(codec)) // size)


def places(text: str) -> list[int]:
    """The offsets that a client can name: none is between the parts of CRLF."""
    return [at for at in range(len(text) + 1) if text[max(at - 1, 0) : at + 1] != "\r\n"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(text=st.text(st.sampled_from("ab\r\n\té😀\u2028\x0c"), max_size=40))
def test_positions_lead_back(encoding: Encoding, text: str) -> None:
    """A position is what a client counts, and leads back to its offset."""
    ours = ClientText(text, encoding)
    for offset in places(text):
        position = client_position(text, offset, encoding)
        assert ours.position(offset) == position
        assert ours.offset(position) == offset


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(text=st.text(st.sampled_from("ab\r\né😀"), max_size=20), line=st.integers(0, 9), character=st.integers(0, 99))
def test_any_position_is_a_place(encoding: Encoding, text: str, line: int, character: int) -> None:
    """A position behind a line or the text, or inside of a character, is the nearest place before it."""
    ours = ClientText(text, encoding)
    offset = ours.offset(ClientPosition(line, character))
    assert offset in places(text)
    found = client_position(text, offset, encoding)
    assert found <= ClientPosition(line, character)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_thousand_edits(encoding: Encoding, tmp_path: Path) -> None:
    """After each of a thousand random edits both have the same text, and now and then the same findings."""
    chance = random.Random(encoding)
    ours, theirs = ClientText("", encoding), ""
    known = EditorWorkspace({})
    known.set_folders([str(tmp_path)])
    for number in range(1000):
        named = places(theirs)
        start, end = sorted((chance.choice(named), chance.choice(named)))
        if len(theirs) < 400 or chance.random() < 0.3:
            end = min(end, start + chance.randrange(4))
            end = end if end in named else start
        new = "".join(chance.choices(PIECES, k=chance.randrange(4)))
        range_ = ClientRange(client_position(theirs, start, encoding), client_position(theirs, end, encoding))
        ours = ours.edited(None if number % 100 == 99 else range_, new if number % 100 != 99 else theirs + new)
        theirs = theirs[:start] + new + theirs[end:] if number % 100 != 99 else theirs + new
        assert ours.text == theirs
        if number % 50 == 0:
            (tmp_path / "a.sh").write_text(theirs, "utf-8", newline="")
            assert of_server(known, tmp_path, "a.sh", ours) == of_command(tmp_path, "a.sh", ours)


def of_command(root: Path, name: str, text: ClientText) -> list[Any]:
    """The findings of `nemolint check` in a file, with positions as a client counts."""
    # Of a file of no supported type the command says so, with exit code 2.
    rows = json.loads(nemolint(root, "--no-cache", "--show", "info", "--output-format", "json", name).out)

    def position(row: Any, prefix: str = "") -> ClientPosition:
        offset = text.at(row[f"{prefix}line"], row[f"{prefix}column"])
        return client_position(text.text, offset, text.encoding)

    return sorted(
        [row["rule"], row["severity"], row["message"], row["url"], [*position(row)], [*position(row, "end_")]]
        for row in rows
        if row["path"] == name
    )


def of_server(known: EditorWorkspace, root: Path, name: str, text: ClientText) -> list[Any]:
    """What the server shows in a text."""
    path = str(root / name)
    checked = known.check(AskedText(path, "", text.text))
    items = shown(checked, path, text, lambda other: read(Path(other), text.encoding))
    return sorted(_row(item) for item in items if item.path is None)


def _row(item: ShownDiagnostic) -> list[Any]:
    return [item.rule, item.severity, masked(item.message), item.url, [*item.range.start], [*item.range.end]]


def read(path: Path, encoding: Encoding) -> ClientText:
    return ClientText(path.read_bytes().decode("utf-8"), encoding)


def _files(root: Path) -> Iterator[Path]:
    for path in sorted(root.rglob("*")):
        if path.is_file() and b"nemotron" in (data := path.read_bytes()) and b"steps" in data:
            try:
                data.decode("utf-8")
            except UnicodeDecodeError:
                continue
            yield path


def test_the_findings_of_a_check(shared: Path) -> None:
    """In files of the corpus, in each encoding, the server shows what `nemolint check` reports."""
    root = shared / "corpus/nemotron"
    files = [*_files(root)]
    if not THOROUGH:
        files = random.Random(0).sample(files, 24)
    known = EditorWorkspace({})
    known.set_folders([str(root)])
    count = 0
    for path in files:
        name = path.relative_to(root).as_posix()
        for encoding in ENCODINGS:
            text = read(path, encoding)
            found = of_server(known, root, name, text)
            assert found == of_command(root, name, text), (name, encoding)
            count += len(found)
    assert count


def test_all_that_is_shown_has_a_place() -> None:
    """A finding of a file that is not there is at its beginning."""
    with tempfile.TemporaryDirectory(prefix="nemolint-") as folder:
        root = Path(folder).resolve()
        known = EditorWorkspace({})
        known.set_folders([str(root)])
        text = ClientText("nemotron steps run sft/automodel -c none.yaml --batch nowhere\n", "utf-16")
        path = str(root / "a.sh")
        items = shown(known.check(AskedText(path, "", text.text)), path, text, lambda _: ClientText("", "utf-16"))
        assert items
        assert json.dumps([_row(item) for item in items])


@profile(max_examples=10)
@given(st.lists(steps, min_size=2, max_size=6))
def test_nothing_is_out_of_date(asked: list[tuple[dict[str, int], tuple[str, str], int, bool]]) -> None:
    """Whatever was checked before, a changed text, settings file or project file gives what a new server shows."""
    with tempfile.TemporaryDirectory(prefix="nemolint-") as folder:
        root = Path(folder).resolve()
        change(root, dict.fromkeys(PROJECT, 0))
        known = EditorWorkspace({})
        known.set_folders([str(root)])
        for changes, (name, text), number, _ in asked:
            change(root, changes)
            (root / "nemolint.toml").write_text("".join(f"{line}\n" for line in as_toml(SETTINGS[number])), "utf-8")
            new = EditorWorkspace({})
            new.set_folders([str(root)])
            found = [places.current(AskedText(str(root / name), "", text)) for places in (known, known, new)]
            assert found[0].all == found[1].all == found[2].all
            assert is_current(found[0].depends)


@profile(max_examples=15)
@given(st.lists(st.tuples(steps, st.dictionaries(st.sampled_from(sorted(PROJECT)), st.integers(0, 3))), max_size=4))
def test_unsaved_files_count_as_saved_ones(
    asked: list[tuple[tuple[dict[str, int], tuple[str, str], int, bool], dict[str, int]]],
) -> None:
    """With project files that are changed in the editor alone, the findings are as after they are saved."""
    with tempfile.TemporaryDirectory(prefix="nemolint-") as folder:
        root = Path(folder).resolve()
        change(root, dict.fromkeys(PROJECT, 0))
        known = EditorWorkspace({})
        known.set_folders([str(root)])
        for (changes, (name, text), _, as_question), opened in asked:
            change(root, changes)
            texts = {root / name: PROJECT[name][number % len(PROJECT[name])] for name, number in opened.items()}
            unsaved = {path: new.encode() for path, new in texts.items() if new is not None and path.exists()}
            known.unsaved = {str(path): new for path, new in unsaved.items()}
            of_text = AskedText(str(root / name), "", text)

            def steps_of(places: EditorWorkspace, of_text: AskedText = of_text) -> str | None:
                return places.answer(of_text, lambda document, project: _told(project))

            found = known.current(of_text).all
            answer = steps_of(known) if as_question else None
            before = {path: path.read_bytes() for path in unsaved}
            for path, new in unsaved.items():
                path.write_bytes(new)
            new = EditorWorkspace({})
            new.set_folders([str(root)])
            assert found == new.current(of_text).all
            assert not as_question or answer == steps_of(new)
            for path, old in before.items():
                path.write_bytes(old)


def test_a_text_is_read_once_for_completion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At each key it is parsed with what may be typed, and not without; the answer is the same."""
    known = EditorWorkspace({})
    known.set_folders([str(tmp_path)])
    text = "nemotron steps run sft/auto\n"
    asked = AskedText(str(tmp_path / "a.sh"), "", text)
    wanted = known.answer(asked, lambda document, project: completions(document, len(text) - 1, project))
    parsed = []
    parse = reader._read
    monkeypatch.setattr(reader, "_read", lambda document: (parsed.append(document), parse(document))[1])
    found = Completed(asked._replace(text=f"{text}\n"), len(text) - 1).answer(known)
    assert found == wanted and [item.text for item in found or ()] == ["sft/automodel"]
    assert len(parsed) == 1


def _told(project: Project) -> str:
    """What a project says of its steps and configs."""
    return repr(
        [
            (step.id, step.parameters, [(alias, config.tree) for alias, config in step.configs.items()])
            for step in project.steps.values()
        ]
    )
