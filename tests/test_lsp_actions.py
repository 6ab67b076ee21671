"""What the editor offers for findings: each action does what its title says, and nothing else."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path

import pytest
import tomli
from hypothesis import given, settings as profile, strategies as st

from nemolint.editor.actions import FIX_ALL, Actions, ClientEdit, OfferedAction, edits_between
from nemolint.editor.client_positions import ClientText
from nemolint.editor.workspace import AskedText, CheckedText, EditorWorkspace
from nemolint.linter.loader import load_rules
from nemolint.linter.rule import Example, Rule
from nemolint.linter.wrapping import Wrapped, wrappings
from nemolint.settings_file import as_toml, with_ignored
from support.command import MISSPELT
from support.credentials import FORMATS, shown_of
from support.files import write
from support.sizes import THOROUGH

RULES = load_rules()
CASES = [
    (rule, example, name, wrapped)
    for rule in RULES.values()
    for example in rule.examples
    if not example.good and example.prompt is None
    for name, wrapped in wrappings(example)
]


def applied(text: ClientText, edits: tuple[ClientEdit, ...]) -> str:
    """What an editor makes of edits, none of which touches another."""
    spans = [(text.offset(edit.range.start), text.offset(edit.range.end), edit.text) for edit in edits]
    assert all(one[1] <= other[0] for one, other in pairwise(spans)), spans
    result = text.text
    for start, end, new in reversed(spans):
        result = result[:start] + new + result[end:]
    return result


class Desk:
    """A folder that is open in an editor, and a text in it."""

    def __init__(self, root: Path, path: str, text: str, files: Mapping[str, str]) -> None:
        self.root = root
        write(root, files)
        self.path = str(root / path)
        self.text = ClientText(text, "utf-16")

    def check(self, text: str) -> CheckedText:
        """A check by a server that has just been started."""
        places = EditorWorkspace({})
        places.set_folders([str(self.root)])
        return places.check(AskedText(self.path, "", text))

    def actions(self, kind: str = "") -> Iterator[OfferedAction]:
        places = EditorWorkspace({})
        places.set_folders([str(self.root)])
        asked = AskedText(self.path, "", self.text.text)
        found = Actions(places.check(asked), asked, self.text, places)
        for item in places.check(asked).diagnostics:
            if item.path == os.path.relpath(self.path, self.root):
                at = self.text.at(item.line, item.column)
                yield from found.offered(at, at, lambda other: not kind or kind == other, self.read)

    def read(self, path: str) -> ClientText:
        return ClientText(Path(path).read_bytes().decode(), "utf-16")

    def found(self, text: str) -> Counter[tuple[str, str]]:
        """The findings of a text in that file, by rule, and by message, the place in the line, and the line."""
        own = os.path.relpath(self.path, self.root)
        lines = text.split("\n")
        return Counter(
            (item.rule, f"{item.message} {item.column} {lines[item.line - 1]}")
            for item in self.check(text).all
            if item.path == own
        )


def _desk(folder: str, example: Example, wrapped: Wrapped) -> Desk:
    files = dict(example.files)
    if example.settings:
        files["nemolint.toml"] = "".join(f"{line}\n" for line in as_toml(example.settings))
    return Desk(Path(folder).resolve(), wrapped.path, wrapped.text, files)


# Each checks its text a dozen times: a few in the suite, thousands with `--hypothesis-profile=thorough`.
@profile(max_examples=3000 if THOROUGH else 60)
@given(st.sampled_from(CASES))
def test_each_action_clears_its_finding_alone(case: tuple[Rule, Example, str, Wrapped]) -> None:
    """In each container: a fix resolves its finding, a suppression hides it, and no other finding comes or goes."""
    _, example, _, wrapped = case
    with tempfile.TemporaryDirectory(prefix="nemolint-") as folder:
        desk = _desk(folder, example, wrapped)
        before = desk.found(desk.text.text)
        for action in {(action.title, action.edits): action for action in desk.actions()}.values():
            check_action(desk, action, before)


def check_action(desk: Desk, action: OfferedAction, before: Counter[tuple[str, str]]) -> None:
    """An action, applied as an editor does it, does what its title says."""
    if action.path is not None:
        file = Path(action.path)
        old = file.read_bytes() if file.exists() else None
        assert (old is None) is action.creates
        file.write_text(applied(ClientText((old or b"").decode(), "utf-16"), action.edits), "utf-8", newline="")
        after = desk.found(desk.text.text)
        if old is None:
            file.unlink()
        else:
            file.write_bytes(old)
    else:
        after = desk.found(applied(desk.text, action.edits))
    gone, new = before - after, after - before
    rules = {item.rule for item in action.items}
    if "ignore" in action.title.lower():
        (rule,) = rules
        assert {name for name, _ in gone} == {rule}
        assert sum(gone.values()) >= 1
        # What a rule was reported instead of appears without it.
        assert action.path is not None or {name for name, _ in new} <= {rule}
        if " in this " in action.title:
            assert rule not in {name for name, _ in after}
        elif not new:
            assert sum(gone.values()) == len(action.items)
    else:
        assert rules & {name for name, _ in gone}
        counts = Counter(name for name, _ in before.elements())
        # What an error was reported instead of appears without it.
        assert not Counter(name for name, _ in after.elements() if not RULES[name].yields) - counts


def test_what_is_offered_for_a_finding(tmp_path: Path) -> None:
    """The fix comes first and is preferred; then all fixes of the rule, and the suppressions from narrow to wide."""
    desk = Desk(tmp_path, "a.sh", f"#!/bin/bash\nset -e\n{MISSPELT}\n{MISSPELT}\n", {})
    offered = [*desk.actions()][:6]
    titles = [action.title for action in offered]
    assert titles == [
        "Write `--dry-run`",
        "Fix all 2 findings of misspelled-dry-run in this file",
        "Ignore misspelled-dry-run on this line",
        "Ignore misspelled-dry-run in this file",
        "Ignore misspelled-dry-run in this project (nemolint.toml)",
        "Fix all with nemolint",
    ]
    texts = [applied(desk.text, action.edits) for action in offered[:4]]
    fixed = MISSPELT.replace("--dryrun", "--dry-run")
    assert texts == [
        f"#!/bin/bash\nset -e\n{fixed}\n{MISSPELT}\n",
        f"#!/bin/bash\nset -e\n{fixed}\n{fixed}\n",
        f"#!/bin/bash\nset -e\n# nemolint: ignore[misspelled-dry-run]\n{MISSPELT}\n{MISSPELT}\n",
        f"#!/bin/bash\n# nemolint: ignore-file[misspelled-dry-run]\nset -e\n{MISSPELT}\n{MISSPELT}\n",
    ]
    assert [action.preferred for action in offered] == [True, False, False, False, False, False]
    assert offered[4].creates
    assert applied(ClientText("", "utf-16"), offered[4].edits) == 'ignore = ["misspelled-dry-run"]\n'
    assert {action.kind for action in desk.actions(FIX_ALL)} == {FIX_ALL}


def test_a_secret_needs_a_reason(tmp_path: Path) -> None:
    """A suppression of a secret has a place for the reason that it needs; none of what is offered quotes the secret."""
    secret = FORMATS["gitlab"][1]()
    desk = Desk(tmp_path, "a.sh", f"export A={secret}\nnemotron steps run sft/automodel -c tiny --dry-run\n", {})
    before = desk.found(desk.text.text)
    offered = [*desk.actions()]
    line, file = [action for action in offered if action.title.startswith("Ignore") and action.path is None]
    assert [edit.text.strip() for action in (line, file) for edit in action.edits] == [
        "# nemolint: ignore[inlined-secret] say here why this is accepted",
        "# nemolint: ignore-file[inlined-secret] say here why this is accepted",
    ]
    for action in offered:
        check_action(desk, action, before)
        assert not shown_of(action.title + "".join(edit.text for edit in action.edits), secret)


def test_trying_ends_in_time(tmp_path: Path) -> None:
    """Where no time is left nothing is tried, and what was tried is still offered."""
    desk = Desk(tmp_path, "a.sh", f"{MISSPELT}\n", {})
    places = EditorWorkspace({})
    asked = AskedText(desk.path, "", desk.text.text)
    actions = Actions(places.check(asked), asked, desk.text, places)
    assert not [*actions.offered(0, 99, lambda kind: kind != FIX_ALL, desk.read, 0)]
    assert [*actions.offered(0, 99, lambda kind: kind != FIX_ALL, desk.read)]


@profile(max_examples=60)
@given(st.sampled_from(CASES))
def test_what_is_offered_untried(case: tuple[Rule, Example, str, Wrapped]) -> None:
    """Without time, a client that asks for edits later is offered all that there is, in that order; trying gives it."""
    _, example, _, wrapped = case
    with tempfile.TemporaryDirectory(prefix="nemolint-") as folder:
        desk = _desk(folder, example, wrapped)
        places = EditorWorkspace({})
        places.set_folders([str(desk.root)])
        asked = AskedText(desk.path, "", desk.text.text)
        checked = places.check(asked)
        whole = (0, len(asked.text), lambda kind: True, desk.read)
        tried = [*Actions(checked, asked, desk.text, places).offered(*whole)]
        actions = Actions(checked, asked, desk.text, places)
        untried = [*actions.offered(*whole, 0.0, resolvable=True)]
        assert not any(action.edits for action in untried)
        found = [actions.tried(action.untried, desk.read) for action in untried if action.untried is not None]
        assert len(found) == len(untried)
        done = [action for action in found if action is not None]
        assert [action.edits for action in {(action.title, action.edits): action for action in done}.values()] == [
            action.edits for action in {(action.title, action.edits): action for action in tried}.values()
        ]
        titles = {action.title for action in untried}
        assert all(
            action.title in titles or "findings" in action.title or " on this line" in action.title for action in done
        )


@given(
    st.text(st.sampled_from("ab\r\n😀é"), max_size=30),
    st.text(st.sampled_from("ab\r\n😀é"), max_size=30),
    st.sampled_from(["utf-8", "utf-16", "utf-32"]),
)
def test_edits_make_the_new_text(old: str, new: str, encoding: str) -> None:
    """Edits between two texts lead from one to the other, at places that an editor can name."""
    text = ClientText(old, encoding)  # type: ignore[arg-type]
    assert applied(text, tuple(edits_between(text, new))) == new


SETTINGS = {
    "nothing": ("nemolint.toml", "", 'ignore = ["x"]\n'),
    "comments": ("nemolint.toml", "# a\n", '# a\nignore = ["x"]\n'),
    "no line end": ("nemolint.toml", 'preset = "docs"', 'preset = "docs"\nignore = ["x"]\n'),
    "keys and tables": (
        "nemolint.toml",
        'select = ["all"]\n\n# b\n[severity]\na = "off"\n',
        'select = ["all"]\nignore = ["x"]\n\n# b\n[severity]\na = "off"\n',
    ),
    "tables alone": ("nemolint.toml", '[severity]\na = "off"\n', 'ignore = ["x"]\n\n[severity]\na = "off"\n'),
    "a list over lines": (
        "nemolint.toml",
        'ignore = [\n  "a", # why\n  "b",\n  # end\n]\n',
        'ignore = [\n  "a", # why\n  "b",\n  "x",\n  # end\n]\n',
    ),
    "a comment behind the last": (
        "nemolint.toml",
        'ignore = [\r\n\t"a", # why, and b\r\n\t"b" # why\r\n]\r\n',
        'ignore = [\r\n\t"a", # why, and b\r\n\t"b", # why\r\n\t"x"\r\n]\r\n',
    ),
    "a comma below": ("nemolint.toml", 'ignore = [\n  "a"\n  , ]\n', 'ignore = [\n  "a", "x"\n  , ]\n'),
    "several on a line": ("nemolint.toml", 'ignore = [\n  "a", "b",\n]\n', 'ignore = [\n  "a", "b", "x",\n]\n'),
    "an empty list": ("nemolint.toml", "ignore = []", 'ignore = ["x"]'),
    "CRLF": ("nemolint.toml", 'preset = "docs"\r\n', 'preset = "docs"\r\nignore = ["x"]\r\n'),
    "a table of pyproject.toml": (
        "pyproject.toml",
        '[project]\nname = "a"\n\n[tool.nemolint] # b\npreset = "docs"\n\n[tool.ruff]\n',
        '[project]\nname = "a"\n\n[tool.nemolint] # b\nignore = ["x"]\npreset = "docs"\n\n[tool.ruff]\n',
    ),
    "a list in pyproject.toml": (
        "pyproject.toml",
        "[tool.nemolint]\nignore = ['a']\n[x]\n",
        "[tool.nemolint]\nignore = ['a', \"x\"]\n[x]\n",
    ),
    "a table below": (
        "pyproject.toml",
        '[tool.nemolint.severity]\na = "off"\n',
        '[tool.nemolint.severity]\na = "off"\n\n[tool.nemolint]\nignore = ["x"]\n',
    ),
    "no table": ("pyproject.toml", "[x]\n", '[x]\n\n[tool.nemolint]\nignore = ["x"]\n'),
    "a key with dots": ("pyproject.toml", "tool.nemolint.ignore = ['a']\n", "tool.nemolint.ignore = ['a', \"x\"]\n"),
    "an inline table": ("pyproject.toml", "tool = {nemolint = {ignore = ['a']}}\n", None),
    "ignored already": ("nemolint.toml", "ignore = ['x']\n", None),
    "another kind of value": ("nemolint.toml", "ignore = 'a'\n", None),
    "not TOML": ("nemolint.toml", "ignore = [\n", None),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_rule_is_added_to_settings(name: str) -> None:
    """All else of the settings file stays as it is written; a form that would break is left alone."""
    file, old, new = SETTINGS[name]
    assert with_ignored(Path(file), old, "x") == new


_KEYS = st.lists(
    st.sampled_from(
        [
            "select = ['all'] # a\n",
            "ignore = [\n 'a' # b\n]\n",
            "\n# c\n",
            "exclude = ['''a\n[x]\n''']\n",
            "[severity]\na = 'off'\n",
            "[[overrides]]\nfiles = ['a']\nignore = ['b']\n",
            "[rules.a]\nignore = 1\n",
            "\n",
        ]
    ),
    unique=True,
)


@given(_KEYS, st.booleans())
def test_only_the_list_changes(lines: list[str], crlf: bool) -> None:
    """Whatever else is in the file, the data is the same but for one more name, and lines were only added to."""
    text = "".join(lines).replace("\n", "\r\n" if crlf else "\n")
    try:
        data = tomli.loads(text)
    except tomli.TOMLDecodeError:
        return
    after = with_ignored(Path("nemolint.toml"), text, "x")
    assert after is not None
    data.setdefault("ignore", []).append("x")
    assert tomli.loads(after) == data
    kept = iter(after)
    assert all(char in kept for char in text)
