"""The language server, as a client sees it: one process, real messages."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import IO, Any

import pytest
import pytest_lsp
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities, make_test_lsp_client

from support.command import MAIN, MISSPELT, execute, nemolint, python, start
from support.credentials import FORMATS, PLAIN, shown_of

SERVER = [sys.executable, "-m", "nemolint", "lsp"]
RULE = "misspelled-dry-run"
QUIET = 'ignore = ["launch", "contract"]\n'


class Editor:
    """An editor with a folder, over a client."""

    def __init__(self, client: LanguageClient, root: Path) -> None:
        self.client = client
        self.root = root
        self.versions: dict[str, int] = {}

    def uri(self, name: str) -> str:
        return name if ":" in name else (self.root / name).as_uri()

    def open(self, name: str, text: str, language: str = "shellscript") -> None:
        uri = self.uri(name)
        self.versions[uri] = 1
        self.client.diagnostics.pop(uri, None)
        item = types.TextDocumentItem(uri, language, 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def change(self, name: str, text: str, range: types.Range | None = None) -> None:
        uri = self.uri(name)
        self.versions[uri] += 1
        self.client.diagnostics.pop(uri, None)
        change: Any = types.TextDocumentContentChangeWholeDocument(text)
        if range is not None:
            change = types.TextDocumentContentChangePartial(range, text)
        identified = types.VersionedTextDocumentIdentifier(self.versions[uri], uri)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(identified, [change]))

    def close(self, name: str) -> None:
        uri = self.uri(name)
        self.client.diagnostics.pop(uri, None)
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))

    async def found(self, name: str, wanted: Callable[[list[types.Diagnostic]], bool] | None = None) -> Any:
        """The next diagnostics of a file, or the next ones that are as wanted."""
        uri = self.uri(name)
        for _ in range(1000):
            items = self.client.diagnostics.get(uri)
            if items is not None and (wanted is None or wanted(list(items))):
                return list(items)
            await asyncio.sleep(0.01)
        raise AssertionError(f"no such diagnostics of {name}: {self.client.diagnostics.get(uri)}")

    async def codes(self, name: str, *expected: str) -> None:
        """Wait until a file has findings of just these rules."""
        await self.found(name, lambda items: sorted(str(item.code) for item in items) == sorted(expected))


def _initialize(capabilities: types.ClientCapabilities, root: Path, **more: Any) -> types.InitializeParams:
    return types.InitializeParams(capabilities, workspace_folders=[types.WorkspaceFolder(root.as_uri(), "a")], **more)


def _client() -> LanguageClient:
    client = make_test_lsp_client()
    client.registered = []

    @client.feature(types.CLIENT_REGISTER_CAPABILITY)
    def register(params: types.RegistrationParams) -> None:
        client.registered.extend(params.registrations)

    return client


def _capabilities(name: str = "visual-studio-code", *, pull: bool = False) -> types.ClientCapabilities:
    found = client_capabilities(name)
    assert found.text_document is not None
    found.text_document.diagnostic = types.DiagnosticClientCapabilities() if pull else None
    assert found.workspace is not None
    found.workspace.diagnostics = types.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
    return found


CONFIG = ClientServerConfig(server_command=SERVER, client_factory=_client)


@pytest_lsp.fixture(config=CONFIG)
async def pushed(lsp_client: LanguageClient, tmp_path: Path) -> AsyncIterator[None]:
    await lsp_client.initialize_session(_initialize(_capabilities(), tmp_path))
    yield
    await lsp_client.shutdown_session()


@pytest.fixture
def editor(pushed: LanguageClient, tmp_path: Path) -> Editor:
    """An editor that takes what the server publishes."""
    return Editor(pushed, tmp_path)


@pytest.mark.asyncio
async def test_diagnostics_follow_the_text(editor: Editor) -> None:
    """A finding is published with its exact place, goes with the edit that mends it, and with the file."""
    editor.open("a.sh", f"echo 😀; {MISSPELT}\n")
    (item,) = [item for item in await editor.found("a.sh") if item.code == RULE]
    start = len("echo 😀; ") + 1 + MISSPELT.index("--dryrun")
    assert item.range == types.Range(types.Position(0, start), types.Position(0, start + len("--dryrun")))
    assert item.source == "nemolint"
    assert item.severity == types.DiagnosticSeverity.Error
    assert item.code_description.href.endswith(f"docs/rules/{RULE}.md")
    editor.change("a.sh", "--dry-run", item.range)
    assert RULE not in {item.code for item in await editor.found("a.sh")}
    editor.close("a.sh")
    assert not await editor.found("a.sh")


@pytest.mark.asyncio
async def test_second_places_and_dropped_words(editor: Editor) -> None:
    """A second place is a related one; words that are dropped are marked as unnecessary."""
    editor.open("a.sh", "nemotron steps run sft/automodel -c tiny seed=1 seed=2 --dry-run\n")
    (item,) = [item for item in await editor.found("a.sh") if item.code == "repeated-override"]
    assert list(item.tags) == [types.DiagnosticTag.Unnecessary]
    (related,) = item.related_information
    assert related.location.uri == editor.uri("a.sh")
    assert related.location.range.start.character == item.range.start.character + len("seed=1 ")


@pytest.mark.asyncio
async def test_a_second_place_in_the_bundled_catalog(editor: Editor) -> None:
    """It is no file that an editor can open: the finding's own place has the note, which names the file."""
    editor.open("a.sh", "nemotron steps run sft/automodel --dry-run\n")
    (item,) = await editor.found("a.sh", lambda items: any(item.related_information for item in items))
    notes = item.related_information
    assert notes and all(note.location == types.Location(editor.uri("a.sh"), item.range) for note in notes)
    assert all("/sft/automodel/config/default.yaml` of the bundled catalog)" in note.message for note in notes)


@pytest.mark.asyncio
async def test_the_newest_version_wins(editor: Editor) -> None:
    """Diagnostics of an old version never come after those of a new one."""
    editor.open("a.sh", f"{MISSPELT}\n")
    for number in range(20):
        editor.change("a.sh", f"echo {number}\n")
        editor.change("a.sh", f"{MISSPELT}\n" if number % 2 else "true\n")
    editor.change("a.sh", "true\n")
    assert not await editor.found("a.sh")
    await asyncio.sleep(0.5)
    assert not editor.client.diagnostics[editor.uri("a.sh")]


LANGUAGES = {
    "shellscript": f"{MISSPELT}\n",
    "markdown": f"# A\n\n```bash\n{MISSPELT}\n```\n",
    "yaml": f"jobs:\n  a:\n    steps:\n      - run: {MISSPELT}\n",
    "python": f'import os\nos.system("{MISSPELT}")\n',
    "dockerfile": f"FROM x\nRUN {MISSPELT}\n",
    "makefile": f"a:\n\t{MISSPELT}\n",
    "toml": f'[tasks]\nrun = "{MISSPELT}"\n',
    "json": f'{{"run": "{MISSPELT}"}}\n',
    "restructuredtext": f"A\n=\n\n.. code-block:: bash\n\n   {MISSPELT}\n",
    "just": f"a:\n    {MISSPELT}\n",
    "shell": f"{MISSPELT}\n",
    "ksh": f"{MISSPELT}\n",
    "starlark": f'x = """\n{MISSPELT}\n"""\ngenrule(name = "a", cmd = "{MISSPELT}")\n',
    "jupyter": json.dumps({"cells": [{"cell_type": "code", "metadata": {}, "source": [f"!{MISSPELT}"]}]}),
    "yaml.docker-compose": f"services:\n  a:\n    image: x\n    command: {MISSPELT}\n",
    "markdown.mdx": f"```bash\n{MISSPELT}\n```\n",
}


@pytest.mark.asyncio
async def test_a_text_without_a_name(editor: Editor) -> None:
    """A text that was never saved, or has no extension, is what the editor takes it for."""
    for number, (language, text) in enumerate(LANGUAGES.items()):
        for name in (f"untitled:Untitled-{number}", f"text{number}"):
            editor.open(name, text, language)
            assert RULE in {item.code for item in await editor.found(name)}, (name, language)


@pytest.mark.asyncio
async def test_a_notebook_that_is_shown_as_code(editor: Editor) -> None:
    """Where an editor shows a notebook as Python or Markdown, that is what is checked, not the JSON of its file."""
    for language in ("python", "markdown"):
        editor.open("a.ipynb", LANGUAGES[language], language)
        await editor.codes("a.ipynb", RULE)
        editor.close("a.ipynb")
    editor.open("a.ipynb", LANGUAGES["jupyter"], "json")
    await editor.codes("a.ipynb", RULE)


def _edits(action: types.CodeAction) -> list[tuple[str, int | None, list[types.TextEdit]]]:
    """The files that an action changes: URI, version, edits."""
    assert action.edit is not None
    changes = action.edit.document_changes or ()
    return [
        (change.text_document.uri, change.text_document.version, list(change.edits))
        for change in changes
        if isinstance(change, types.TextDocumentEdit)
    ]


async def _actions(editor: Editor, name: str, range: types.Range, *only: str) -> list[types.CodeAction]:
    """The actions with their edits, as an editor applies them."""
    context = types.CodeActionContext([], only=list(only) or None)
    identified = types.TextDocumentIdentifier(editor.uri(name))
    found = await editor.client.text_document_code_action_async(types.CodeActionParams(identified, range, context))
    return [
        await editor.client.code_action_resolve_async(action) if action.edit is None else action
        for action in found or ()
        if isinstance(action, types.CodeAction)
    ]


@pytest.mark.asyncio
async def test_actions(editor: Editor) -> None:
    """Actions are about a range and of the kinds that are asked for; their edits are those of the open version."""
    editor.open("a.sh", f"set -e\n# 😀\n{MISSPELT}\n{MISSPELT}\n")
    first, second = [item for item in await editor.found("a.sh") if item.code == RULE]
    found = await _actions(editor, "a.sh", first.range)
    assert [action.title for action in found] == [
        "Write `--dry-run`",
        f"Fix all 2 findings of {RULE} in this file",
        f"Ignore {RULE} on this line",
        f"Ignore {RULE} in this file",
        f"Ignore {RULE} in this project (nemolint.toml)",
        "Fix all with nemolint",
    ]
    fix, all_of_rule, line, _, project, _ = found
    assert fix.is_preferred and list(fix.diagnostics or ()) == [first]
    assert list(all_of_rule.diagnostics or ()) == [first, second]
    assert _edits(fix) == [(editor.uri("a.sh"), 1, [types.TextEdit(first.range, "--dry-run")])]
    ((_, _, (edit,)),) = _edits(line)
    assert (edit.range.start, edit.new_text) == (types.Position(2, 0), f"# nemolint: ignore[{RULE}]\n")
    assert project.edit is not None
    created, changed = project.edit.document_changes or ()
    assert isinstance(created, types.CreateFile) and isinstance(changed, types.TextDocumentEdit)
    assert created.uri == changed.text_document.uri == editor.uri("nemolint.toml")
    nowhere = types.Range(types.Position(0, 0), types.Position(0, 0))
    assert [action.kind for action in await _actions(editor, "a.sh", nowhere)] == ["source.fixAll.nemolint"]
    for only in ("source", "source.fixAll", "source.fixAll.nemolint"):
        assert [action.title for action in await _actions(editor, "a.sh", first.range, only)] == [found[-1].title]
    assert {action.kind for action in await _actions(editor, "a.sh", first.range, "quickfix")} == {"quickfix"}
    assert not await _actions(editor, "a.sh", first.range, "refactor", "source.organizeImports")


@pytest.mark.asyncio
async def test_fixing_all_ends_at_once(editor: Editor) -> None:
    """What fix-all on save does is what `--fix` does: done a second time there is nothing left."""
    text = f"{MISSPELT} seed=1 seed=2 seed=3\r\n{MISSPELT}\r\n"
    editor.open("a.sh", text)
    await editor.found("a.sh")
    everywhere = types.Range(types.Position(0, 0), types.Position(9, 0))
    (action,) = await _actions(editor, "a.sh", everywhere, "source.fixAll")
    ((_, _, edits),) = _edits(action)
    for edit in reversed(edits):
        editor.change("a.sh", edit.new_text, edit.range)
    assert RULE not in {item.code for item in await editor.found("a.sh")}
    assert not await _actions(editor, "a.sh", everywhere, "source.fixAll")


@pytest.mark.asyncio
async def test_a_secret_is_not_quoted(editor: Editor, tmp_path: Path) -> None:
    """No message of the server has a credential of the text, its name, or a settings file."""
    secret = FORMATS["gitlab"][1]()
    name = f"{secret}.sh"
    (tmp_path / "nemolint.toml").write_text(f'ignore = ["{secret}"]\n', "utf-8")
    editor.open(name, f"export A={secret}\n{MISSPELT} --batch {secret} key={secret}\n")
    items = await editor.found(name)
    assert items
    everywhere = types.Range(types.Position(0, 0), types.Position(9, 0))
    actions = await _actions(editor, name, everywhere)
    said = [message.message for message in (*editor.client.messages, *editor.client.log_messages)]
    said += [item.message for item in (*items, *await editor.found("nemolint.toml"))]
    said += [related.message for item in items for related in item.related_information or ()]
    said += [action.title for action in actions]
    assert len(said) > 4
    assert not shown_of("\n".join(said), secret)


@pytest.mark.asyncio
async def test_the_settings_file_wins(editor: Editor, tmp_path: Path) -> None:
    """The editor's settings apply where the settings file of the project is silent, and a change applies at once."""
    client = editor.client
    text = f"{MISSPELT} seed=1 seed=2\n"

    async def take(settings: object) -> None:
        client.set_configuration({"nemolint": settings} if settings is not None else {}, scope_uri=tmp_path.as_uri())
        client.diagnostics.clear()
        client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))

    editor.open("a.sh", text)
    await editor.codes("a.sh", RULE, "repeated-override")
    await take({"ignore": [RULE]})
    await editor.found("a.sh", lambda items: RULE not in {item.code for item in items})
    await take({"select": ["repeated-override"]})
    await editor.codes("a.sh", "repeated-override")
    await take({"enable": False})
    await editor.codes("a.sh")
    await take({"show": "error"})
    await editor.codes("a.sh", RULE)
    (tmp_path / "nemolint.toml").write_text(f'select = ["{RULE}"]\n', "utf-8")
    await take({"select": ["repeated-override"], "ignore": ["no-such-rule"]})
    await editor.codes("a.sh", RULE)
    assert "no-such-rule" in client.messages[-1].message
    await take(None)
    await editor.codes("a.sh", RULE)
    await take(["wrong"])
    await editor.codes("a.sh", RULE)
    assert "not an object" in client.messages[-1].message


@pytest.mark.asyncio
async def test_broken_settings(editor: Editor, tmp_path: Path) -> None:
    """A settings file that cannot be used is told once, and reported in the file; texts are checked all the same."""
    (tmp_path / "nemolint.toml").write_text('# a\nselct = ["all"]\n', "utf-8")
    for name in ("a.sh", "b.sh"):
        editor.open(name, f"{MISSPELT}\n")
        await editor.codes(name, RULE)
    (item,) = await editor.found("nemolint.toml")
    assert item.range.start.line == 1 and "selct" in item.message
    (said,) = [message.message for message in editor.client.messages]
    assert "nemolint.toml:2" in said
    (tmp_path / "nemolint.toml").write_text(QUIET, "utf-8")
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([]))
    await editor.codes("a.sh")
    await editor.codes("nemolint.toml")
    (tmp_path / "nemolint.toml").write_text("ignore = [\n", "utf-8")
    editor.change("a.sh", f"\n{MISSPELT}\n")
    await editor.codes("a.sh")  # as the settings said last
    assert len(editor.client.messages) == 2


@pytest.mark.asyncio
async def test_changed_project_files(editor: Editor, tmp_path: Path) -> None:
    """A finding goes when the profile is there, whether or not the client watches files."""
    editor.open("a.sh", "nemotron steps run sft/automodel -c tiny --batch cluster --dry-run\n")
    (tmp_path / "env.toml").write_text('[other]\nexecutor = "slurm"\n', "utf-8")
    await editor.found("a.sh", lambda items: "unknown-profile" in {item.code for item in items})
    (tmp_path / "env.toml").write_text('[cluster]\nexecutor = "slurm"\n', "utf-8")
    await editor.found("a.sh", lambda items: "unknown-profile" not in {item.code for item in items})
    (tmp_path / "env.toml").write_text('[cluster2]\nexecutor = "slurm"\n', "utf-8")
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([]))
    await editor.found("a.sh", lambda items: "unknown-profile" in {item.code for item in items})
    methods = {item.method for item in editor.client.registered}
    assert types.WORKSPACE_DID_CHANGE_WATCHED_FILES in methods


@pytest.mark.asyncio
async def test_unsaved_project_files(editor: Editor, tmp_path: Path) -> None:
    """An env TOML counts as it is in the editor until it is closed; a settings file counts as it is on disk."""
    (tmp_path / "env.toml").write_text('[other]\nexecutor = "local"\n', "utf-8")
    (tmp_path / "nemolint.toml").write_text(QUIET, "utf-8")
    editor.open("env.toml", '[other]\nexecutor = "local"\n', "toml")
    editor.open("nemolint.toml", QUIET, "toml")
    text = "nemotron steps run sft/automodel -c tiny --batch cluster --dry-run\n"
    editor.open("a.sh", text)
    await editor.codes("a.sh", "unknown-profile")
    editor.client.diagnostics.clear()
    editor.change("env.toml", '[cluster]\nexecutor = "slurm"\n[cluster.run_config]\n')
    await editor.codes("a.sh")
    place = types.Position(0, text.index("cluster") + 1)
    identified = types.TextDocumentIdentifier(editor.uri("a.sh"))
    found = await editor.client.text_document_hover_async(types.HoverParams(identified, place))
    assert found is not None and "profile `cluster`" in getattr(found.contents, "value", "")
    editor.change("nemolint.toml", 'ignore = ["unknown-profile"]\n')
    editor.change("env.toml", '[clusters]\nexecutor = "slurm"\n')
    await editor.codes("a.sh", "unknown-profile")
    editor.change("env.toml", '[cluster]\nexecutor = "slurm"\n')
    await editor.codes("a.sh")
    editor.close("env.toml")
    await editor.codes("a.sh", "unknown-profile")
    editor.open("env.toml", '[cluster]\nexecutor = "slurm"\n', "toml")  # as an editor opens what was never saved
    await editor.codes("a.sh")
    editor.close("env.toml")
    await editor.codes("a.sh", "unknown-profile")
    (tmp_path / "env.toml").unlink()
    await editor.codes("a.sh", "missing-env-file")
    editor.open("env.toml", "", "toml")  # a new file, which is not there yet
    await asyncio.sleep(0.5)
    await editor.codes("a.sh", "missing-env-file")


@pytest.mark.asyncio
async def test_findings_in_another_file(editor: Editor, tmp_path: Path) -> None:
    """What a run's config has is shown in that file, once, and goes when the run does."""
    (tmp_path / "own.yaml").write_text("a: [\n", "utf-8")
    for name in ("a.sh", "b.sh"):
        editor.open(name, "nemotron steps run sft/automodel -c own.yaml --dry-run\n")
        await editor.found(name)
    (item,) = await editor.found("own.yaml")
    assert item.code == "invalid-project-file"
    editor.close("a.sh")
    editor.change("b.sh", "true\n")
    await editor.codes("own.yaml")


@pytest.mark.asyncio
async def test_folders(editor: Editor, tmp_path: Path) -> None:
    """Each folder has its settings, a file outside of all has defaults, and a folder may come later."""
    other = tmp_path.parent / f"{tmp_path.name}-other"
    other.mkdir()
    (other / "nemolint.toml").write_text(f'exclude = ["b.sh"]\n{QUIET}', "utf-8")
    editor.open((other / "a.sh").as_uri(), f"{MISSPELT}\n")
    await editor.codes((other / "a.sh").as_uri())
    editor.open((other / "b.sh").as_uri(), f"{MISSPELT} a=1 a=2\n")
    await editor.codes((other / "b.sh").as_uri())
    editor.open((tmp_path.parent / "outside.sh").as_uri(), f"{MISSPELT}\n")
    await editor.codes((tmp_path.parent / "outside.sh").as_uri(), RULE)
    folder = types.WorkspaceFolder(other.as_uri(), "b")
    editor.client.set_configuration({"nemolint": {"enable": False}}, scope_uri=other.as_uri())
    editor.client.diagnostics.clear()
    editor.client.workspace_did_change_workspace_folders(
        types.DidChangeWorkspaceFoldersParams(types.WorkspaceFoldersChangeEvent([folder], []))
    )
    await editor.codes((tmp_path.parent / "outside.sh").as_uri(), RULE)
    await editor.codes((other / "a.sh").as_uri())


@pytest.mark.asyncio
async def test_a_large_text_blocks_nothing(editor: Editor) -> None:
    """While thousands of commands are checked, other texts are; a new version ends the check of the old one."""
    editor.open("large.sh", f"{MISSPELT} a=$x\n" * 30_000)
    editor.open("a.sh", f"{MISSPELT}\n")
    await editor.codes("a.sh", RULE)
    assert editor.uri("large.sh") not in editor.client.diagnostics
    editor.change("large.sh", f"{MISSPELT}\n")
    await editor.codes("large.sh", RULE)


@pytest.mark.asyncio
async def test_a_long_text_is_checked(editor: Editor) -> None:
    """A text that is checked apart gets its findings and fixes, too."""
    editor.open("a.sh", f"{MISSPELT}\n" * 250)
    items = [item for item in await editor.found("a.sh") if item.code == RULE]
    assert len(items) == 250
    action = (await _actions(editor, "a.sh", items[7].range))[0]
    assert _edits(action) == [(editor.uri("a.sh"), 1, [types.TextEdit(items[7].range, "--dry-run")])]


@pytest.mark.asyncio
async def test_actions_that_were_not_tried(editor: Editor) -> None:
    """One that cannot be done changes nothing and a message says so; one for a text that has changed is refused."""
    text = f"{MISSPELT}\n" * 250
    editor.open("a.sh", text)
    (found, *_) = [item for item in await editor.found("a.sh") if item.code == RULE]
    context = types.CodeActionContext([])
    identified = types.TextDocumentIdentifier(editor.uri("a.sh"))
    params = types.CodeActionParams(identified, found.range, context)
    offered = await editor.client.text_document_code_action_async(params)
    untried = [item for item in offered or () if isinstance(item, types.CodeAction) and item.edit is None]
    assert [item.title for item in untried][-1] == "Fix all with nemolint"
    action = untried[-1]
    assert isinstance(action.data, dict)
    done = await editor.client.code_action_resolve_async(action)
    assert [uri for uri, _, _ in _edits(done)] == [editor.uri("a.sh")]
    action = next(item for item in untried if item.title.startswith("Ignore"))
    assert isinstance(action.data, dict)
    data = action.data
    action.data = {**data, "number": 10_000}
    assert (await editor.client.code_action_resolve_async(action)).edit is None
    shown = [message.message for message in editor.client.messages]
    assert shown == [f"nemolint: nothing was done: here `{action.title}` would change something else, too"]
    for wrong in ({"name": "nope"}, {"name": ["fix"]}, {"rule": None}, {"start": "0"}, {"number": -1}):
        action.data = {**data, **wrong}
        with pytest.raises(JsonRpcException) as refused:
            await editor.client.code_action_resolve_async(action)
        assert refused.value.code == types.ErrorCodes.InvalidParams.value
    action.data = data
    editor.change("a.sh", "true\n")
    with pytest.raises(JsonRpcException) as refused:
        await editor.client.code_action_resolve_async(action)
    assert refused.value.code == types.LSPErrorCodes.ContentModified.value


@pytest.mark.asyncio
async def test_an_action_stays_with_its_finding(editor: Editor, tmp_path: Path) -> None:
    """One that is chosen after other findings came, since a file on disk has changed, is done for its own finding."""
    (tmp_path / "nemolint.toml").write_text(f'select = ["{RULE}"]\n', "utf-8")
    text = f"{MISSPELT} seed=1 seed=2\n" * 250
    editor.open("a.sh", text)
    items = await editor.found("a.sh")
    params = types.CodeActionParams(
        types.TextDocumentIdentifier(editor.uri("a.sh")), items[100].range, types.CodeActionContext([])
    )
    offered = await editor.client.text_document_code_action_async(params)
    untried = [item for item in offered or () if isinstance(item, types.CodeAction) and item.edit is None]
    action = next(item for item in untried if item.title.startswith("Ignore"))
    assert isinstance(action.data, dict)
    action.data = {**action.data, "name": "ignore"}  # a fast machine has tried that one
    editor.client.diagnostics.clear()
    (tmp_path / "nemolint.toml").write_text(f'select = ["{RULE}", "repeated-override"]\n', "utf-8")
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([]))
    await editor.found("a.sh", lambda found: len(found) > len(items))
    ((_, _, (edit,)),) = _edits(await editor.client.code_action_resolve_async(action))
    assert edit.range.start == types.Position(100, 0)
    assert RULE in edit.new_text


@pytest.mark.asyncio
async def test_a_long_text_is_asked_about(editor: Editor, checkout: Path) -> None:
    """There are hover, completion and links in a text that is checked apart, too."""
    text = "nemotron steps run brew/tea kind=gr\n" + 60_000 * "# nemotron\n"
    place = _place(editor, "a.sh", text.replace("kind", "ki|nd"))
    found = await editor.client.text_document_hover_async(types.HoverParams(**place))
    assert found is not None and "green" in getattr(found.contents, "value", "")
    offered = await editor.client.text_document_completion_async(types.CompletionParams(**place))
    assert isinstance(offered, types.CompletionList) and [item.label for item in offered.items] == ["kind"]
    links = await editor.client.text_document_document_link_async(types.DocumentLinkParams(place["text_document"]))
    assert [link.target for link in links or ()] == [(checkout / "src/nemotron/steps/brew/tea/step.toml").as_uri()]


def _cell(number: int, text: str, language: str) -> tuple[types.NotebookCell, types.TextDocumentItem]:
    kind = types.NotebookCellKind.Markup if language == "markdown" else types.NotebookCellKind.Code
    uri = f"vscode-notebook-cell:/a.ipynb#{number}"
    return types.NotebookCell(kind, uri), types.TextDocumentItem(uri, language, 1, text)


@pytest.mark.asyncio
async def test_a_notebook(editor: Editor) -> None:
    """The cells of a notebook are read together as the file is; findings and edits are those of a cell."""
    cells = [
        _cell(0, f"# 😀\n```bash\n{MISSPELT}\n```\n", "markdown"),
        _cell(1, f'# 😀 "\\\n!{MISSPELT}\n', "python"),
        _cell(2, f"\té\r\n{MISSPELT}", "shellscript"),
        _cell(3, f"{MISSPELT}", "raw"),
    ]
    notebook = types.NotebookDocument(
        editor.uri("a.ipynb"), "jupyter-notebook", 1, [cell for cell, _ in cells], metadata=None
    )
    client = editor.client
    client.notebook_document_did_open(types.DidOpenNotebookDocumentParams(notebook, [item for _, item in cells]))
    for (_, item), line, before in zip(cells, (2, 1, 1), (0, 1, 0), strict=False):
        await editor.codes(item.uri, RULE)
        (found,) = await editor.found(item.uri)
        first = before + MISSPELT.index("--dryrun")
        assert found.range == types.Range(types.Position(line, first), types.Position(line, first + 8))
    uri = cells[1][1].uri
    (found,) = await editor.found(uri)
    fix, *_, ignore, _, _ = await _actions(editor, uri, found.range)
    behind = types.Position(1, found.range.start.character + len("--dry"))
    assert _edits(fix) == [(uri, None, [types.TextEdit(types.Range(behind, behind), "-")])]
    assert list(fix.diagnostics or ()) == [found]
    identified = types.TextDocumentIdentifier(uri)
    place = types.Position(1, found.range.start.character - len("tiny "))
    shown = await client.text_document_hover_async(types.HoverParams(identified, place))
    assert shown is not None and shown.range is not None and shown.range.start.line == 1
    typed = types.Position(1, found.range.start.character + 4)
    offered = await client.text_document_completion_async(types.CompletionParams(identified, typed))
    assert isinstance(offered, types.CompletionList)
    (item,) = [item for item in offered.items if item.label == "--dry-run"]
    assert isinstance(item.text_edit, types.TextEdit) and item.text_edit.range == found.range
    ((there, _, (edit,)),) = _edits(ignore)
    assert there == uri and f"nemolint: ignore-file[{RULE}]" in edit.new_text
    change = types.NotebookDocumentCellChanges(
        structure=types.NotebookDocumentCellChangeStructure(
            types.NotebookCellArrayChange(0, 1), did_close=[types.TextDocumentIdentifier(cells[0][1].uri)]
        ),
        text_content=[
            types.NotebookDocumentCellContentChanges(
                types.VersionedTextDocumentIdentifier(2, uri),
                [types.TextDocumentContentChangePartial((await editor.found(uri))[0].range, "--dry-run")],
            )
        ],
    )
    identified = types.VersionedNotebookDocumentIdentifier(2, notebook.uri)
    client.notebook_document_did_change(
        types.DidChangeNotebookDocumentParams(identified, types.NotebookDocumentChangeEvent(cells=change))
    )
    await editor.codes(uri)
    await editor.codes(cells[0][1].uri)
    await editor.codes(cells[2][1].uri, RULE)
    closed = [types.TextDocumentIdentifier(item.uri) for _, item in cells[1:]]
    client.notebook_document_did_close(
        types.DidCloseNotebookDocumentParams(types.NotebookDocumentIdentifier(notebook.uri), closed)
    )
    await editor.codes(cells[2][1].uri)


@pytest_lsp.fixture(config=CONFIG)
async def asked(lsp_client: LanguageClient, tmp_path: Path) -> AsyncIterator[None]:
    await lsp_client.initialize_session(_initialize(_capabilities(pull=True), tmp_path))
    yield
    await lsp_client.shutdown_session()


async def _pull(editor: Editor, name: str, known: str | None = None) -> Any:
    identified = types.TextDocumentIdentifier(editor.uri(name))
    params = types.DocumentDiagnosticParams(identified, previous_result_id=known)
    return await editor.client.text_document_diagnostic_async(params)


@pytest.mark.asyncio
async def test_diagnostics_that_are_asked_for(asked: LanguageClient, tmp_path: Path) -> None:
    """A client that asks gets the findings of the newest version, or that they are the same, and nothing unasked."""
    editor = Editor(asked, tmp_path)
    editor.open("a.sh", f"{MISSPELT}\n")
    report = await _pull(editor, "a.sh")
    assert [item.code for item in report.items] == [RULE]
    same = await _pull(editor, "a.sh", report.result_id)
    assert same.kind == "unchanged"
    editor.change("a.sh", "true\n")
    assert not (await _pull(editor, "a.sh", report.result_id)).items
    assert not (await _pull(editor, "gone.sh")).items
    assert not asked.diagnostics
    editor.change("a.sh", "nemotron steps run sft/automodel -c tiny --batch cluster --dry-run\n")
    before = (await _pull(editor, "a.sh")).result_id
    (tmp_path / "env.toml").write_text('[cluster]\nexecutor = "slurm"\n', "utf-8")
    count = asked.diagnostic_refresh_count
    asked.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([]))
    for _ in range(1000):
        if asked.diagnostic_refresh_count > count:
            break
        await asyncio.sleep(0.01)
    assert (await _pull(editor, "a.sh", before)).kind == "full"


@pytest_lsp.fixture(config=CONFIG)
async def asks_once(lsp_client: LanguageClient, tmp_path: Path) -> AsyncIterator[None]:
    given = _capabilities(pull=True)
    assert given.workspace is not None
    given.workspace.diagnostics = None
    result = await lsp_client.initialize_session(_initialize(given, tmp_path))
    assert result.capabilities.diagnostic_provider is None
    yield
    await lsp_client.shutdown_session()


@pytest.mark.asyncio
async def test_a_client_that_cannot_be_asked_to_ask_again(asks_once: LanguageClient, tmp_path: Path) -> None:
    """It would not learn that other files have changed, so findings are published to it."""
    editor = Editor(asks_once, tmp_path)
    editor.open("a.sh", "nemotron steps run sft/automodel -c tiny --batch cluster --dry-run\n")
    assert not [item for item in await editor.found("a.sh") if item.code == "unknown-profile"]
    editor.client.diagnostics.clear()
    (tmp_path / "env.toml").write_text('[other]\nexecutor = "slurm"\n', "utf-8")
    await editor.found("a.sh", lambda items: any(item.code == "unknown-profile" for item in items))


_CYCLES = """
import sys, weakref
from nemolint.editor import server

class Node:
    def __init__(self):
        self.itself = self

def serve(stdin, stdout):
    first = weakref.ref(Node())
    for _ in range(100_000):
        Node()
    print("freed" if first() is None else "kept", file=sys.stderr)
    return 0

server.serve = serve
"""


def test_its_memory_stays_small(tmp_path: Path) -> None:
    """Unlike a check, the server has garbage taken away while it runs."""
    assert nemolint(tmp_path, "lsp", before=_CYCLES, cold=True) == (0, "", "freed\n")


def test_without_the_extra(tmp_path: Path) -> None:
    """Who has not installed the libraries of the server reads how to."""
    code = "import sys\nsys.modules['pygls'] = None\nsys.argv[1:] = ['lsp']\n" + MAIN
    done = python(code, tmp_path)
    assert done.code == 2
    assert done.err == "nemolint: the language server needs pygls: install it with `pip install 'nemolint[lsp]'`\n"


def _session(*messages: dict[str, Any]) -> bytes:
    """The bytes of messages."""
    parts = []
    for message in messages:
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        parts.append(b"Content-Length: %d\r\n\r\n%s" % (len(data), data))
    return b"".join(parts)


def _answers(data: bytes) -> list[dict[str, Any]]:
    """The messages in bytes, which hold nothing else."""
    found = []
    while data:
        head, _, data = data.partition(b"\r\n\r\n")
        size = int(re.fullmatch(rb"Content-Length: (\d+)\r\nContent-Type: [^\r]*", head)[1])  # type: ignore[index]
        found.append(json.loads(data[:size]))
        data = data[size:]
    return found


_START = (
    {"id": 1, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}},
    {"method": "initialized", "params": {}},
)
_PUBLISH = "textDocument/publishDiagnostics"
_END = ({"id": 9, "method": "shutdown"}, {"method": "exit"})


def test_how_it_ends(tmp_path: Path) -> None:
    """The exit code says whether the client asked it to end; at the end of the input it ends, too."""
    for messages, code in (((*_START, *_END), 0), ((*_START, _END[1]), 1), (_START, 1), ((), 1)):
        done = execute([*SERVER, "--stdio"], tmp_path, stdin=_session(*messages), timeout=60)
        assert (done.code, done.err) == (code, "")
        assert [item["id"] for item in _answers(done.stdout) if "id" in item] == [
            message["id"] for message in messages if "id" in message
        ]


def test_odd_messages(tmp_path: Path) -> None:
    """Messages that a client should not send are answered or passed over, and those after them are served."""
    place = {"line": 99, "character": 99}
    uri = {"uri": "file:///gone.sh"}
    text = {"uri": "file:///a.sh", "languageId": "sh", "version": 1, "text": f"{MISSPELT}\n"}
    wrong = [
        {"method": "textDocument/didChange", "params": {"textDocument": {**uri, "version": 2}, "contentChanges": []}},
        {"method": "textDocument/didClose", "params": {"textDocument": uri}},
        {"method": "textDocument/didOpen", "params": {"textDocument": {"uri": 7}}},
        {"method": "textDocument/didOpen", "params": None},
        {"method": "workspace/didChangeConfiguration", "params": {"settings": [1, {"nemolint": {"show": {}}}]}},
        {"method": "notebookDocument/didChange", "params": {}},
        {"method": "no/such", "params": {}},
        {"id": 3, "method": "no/such", "params": {}},
        {"id": 4, "method": "textDocument/hover", "params": {"textDocument": uri, "position": place}},
        {"id": 5, "method": "textDocument/codeAction", "params": {"textDocument": uri}},
        {"id": 6, "result": None},
        {"method": "textDocument/didOpen", "params": {"textDocument": text}},
        {
            "method": "textDocument/didChange",
            "params": {
                "textDocument": {"uri": text["uri"], "version": 2},
                "contentChanges": [
                    {"range": {"start": place, "end": {"line": 0, "character": 0}}, "text": "\ud800 \x00"},
                    {"text": f"{MISSPELT} \ud83d\n"},
                ],
            },
        },
    ]
    process = start(SERVER, tmp_path)
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    process.stdin.write((_session(_START[0]) + b"X: y\r\nContent-Length: 3\r\n\r\n{]}" + _session(*wrong)).decode())
    process.stdin.flush()
    found: list[dict[str, Any]] = []
    while not any(item["params"]["diagnostics"] for item in found if item.get("method") == _PUBLISH):
        found.append(_next(process.stdout))
    process.stdin.write(_session(*_END).decode())
    process.stdin.close()
    assert process.stderr.read() == ""
    process.stdout.close()
    process.stderr.close()
    assert process.wait(60) == 0
    assert {item["id"] for item in found if "error" in item} >= {3}
    (shown,) = [item["params"] for item in found if item.get("method") == _PUBLISH and item["params"]["diagnostics"]]
    assert shown["version"] == 2


_HERE = {"textDocument": {"uri": "file:///a.sh"}, "position": {"line": 0, "character": 0}}
_REFUSED: tuple[tuple[int, dict[str, Any]], ...] = (
    (-32602, {"id": 2, "method": "textDocument/hover"}),
    (-32602, {"id": 2, "method": "textDocument/hover", "params": [1]}),
    (-32602, {"id": "a", "method": "textDocument/hover", "params": {**_HERE, "position": {"line": "0"}}}),
    (-32602, {"id": 2, "method": "textDocument/hover", "params": {**_HERE, "position": {"line": -1, "character": 0}}}),
    (-32602, {"id": 2, "method": "textDocument/completion", "params": {**_HERE, "textDocument": "file:///a.sh"}}),
    (-32602, {"id": 2, "method": "textDocument/codeAction", "params": {"textDocument": {"uri": "file:///a.sh"}}}),
    (
        -32602,  # a diagnostic without its message
        {
            "id": 2,
            "method": "textDocument/codeAction",
            "params": {
                "textDocument": {"uri": "file:///a.sh"},
                "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}},
                "context": {
                    "diagnostics": [
                        {"range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}}
                    ]
                },
            },
        },
    ),
    (-32601, {"id": 2, "method": "textDocument/rename", "params": {}}),
    (-32601, {"id": 2, "method": "$/other", "params": {}}),
    (-32600, {"id": 2, "method": "initialize", "params": {"capabilities": {}}}),
    (-32600, {"id": 2, "method": "textDocument/didSave", "params": {"textDocument": {"uri": "file:///a.sh"}}}),
    (-32600, {"id": 2, "method": 7}),
    (-32600, {"id": None, "method": "textDocument/hover", "params": _HERE}),
    (-32600, {"id": [1], "method": "textDocument/hover", "params": _HERE}),
)


def test_a_request_that_cannot_be_served(tmp_path: Path) -> None:
    """It is answered with an error, which is not one of nemolint: nothing is shown, and what follows is served."""
    messages: list[dict[str, Any]] = []
    refused: Counter[tuple[object, int]] = Counter()
    for number, (code, message) in enumerate(_REFUSED, 100):
        own = number if message["id"] == 2 else message["id"]
        refused[own if isinstance(own, int | str) else None, code] += 1
        messages += [{**message, "id": own}, {"id": f"after {number}", "method": "textDocument/hover", "params": _HERE}]
    done = execute([*SERVER], tmp_path, stdin=_session(*_START, *messages, *_END), timeout=60)
    found = _answers(done.stdout)
    assert Counter((item["id"], item["error"]["code"]) for item in found if "error" in item) == refused
    served = {item["id"] for item in found if "result" in item}
    assert served >= {f"after {number}" for number in range(100, 100 + len(_REFUSED))}
    assert not [item for item in found if item.get("method") == "window/showMessage"]
    assert (done.code, done.err) == (0, "")


def test_requests_out_of_turn(tmp_path: Path) -> None:
    """One before the first is refused, and one after the last, and what is no message is passed over."""
    early, late = ({"id": number, "method": "textDocument/hover", "params": _HERE} for number in (0, 8))
    noise = b"".join(b"Content-Length: %d\r\n\r\n%s" % (len(data), data) for data in (b"[]", b"7", b"\xff", b"{"))
    stdin = _session(early, *_START) + noise + _session(_END[0], late, _END[1])
    done = execute([*SERVER], tmp_path, stdin=stdin, timeout=60)
    found = _answers(done.stdout)
    assert {item["id"]: item["error"]["code"] for item in found if "error" in item} == {0: -32002, 8: -32600}
    assert not [item for item in found if item.get("method") == "window/showMessage"]
    assert (done.code, done.err) == (0, "")


def test_texts_without_a_version(tmp_path: Path) -> None:
    """Their changes count in their order; the folder may be given as a path."""
    (tmp_path / "nemolint.toml").write_text(QUIET, "utf-8")
    start_ = {"processId": None, "rootUri": None, "rootPath": str(tmp_path), "capabilities": {}}
    process = start(SERVER, tmp_path.parent)
    first, second = _open("a.sh", "true\n"), _change("a.sh", f"{MISSPELT}\n", 7)
    del first["params"]["textDocument"]["version"]
    second["params"]["textDocument"]["version"] = None
    untitled = _open("a.sh", MISSPELT)
    untitled["params"]["textDocument"]["uri"] = "untitled:a"
    done = _talk(
        process,
        ([{"id": 1, "method": "initialize", "params": start_}, _START[1], first], _is_shown("a.sh", 0)),
        ([second], _is_shown("a.sh", 1)),
        ([untitled], lambda message: message.get("method") == _PUBLISH and message["params"]["uri"] == "untitled:a"),
    )
    (shown,) = [message["params"] for message in done if _is_shown("a.sh", 1)(message)]
    assert RULE in {item["code"] for item in shown["diagnostics"]}
    assert not done[-2]["params"]["diagnostics"]  # by the settings of the folder


@pytest.mark.parametrize("answer", [{"result": None}, {"result": 7}, {"error": {"code": 1, "message": "no"}}])
def test_settings_that_the_client_does_not_give(answer: dict[str, Any], tmp_path: Path) -> None:
    """Without a usable answer, what it gave at the start counts at once."""
    first = {
        "processId": None,
        "rootUri": None,
        "capabilities": {"workspace": {"configuration": True}},
        "initializationOptions": {"nemolint": {"ignore": [RULE]}},
    }
    text = {"uri": "file:///a.sh", "languageId": "sh", "version": 1, "text": f"{MISSPELT}\n"}
    process = start(SERVER, tmp_path)
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    opened = {"method": "textDocument/didOpen", "params": {"textDocument": text}}
    process.stdin.write(_session({"id": 1, "method": "initialize", "params": first}, _START[1], opened).decode())
    process.stdin.flush()
    found: list[dict[str, Any]] = []
    while not any(item.get("method") == _PUBLISH for item in found):
        found.append(_next(process.stdout))
        if found[-1].get("method") == "workspace/configuration":
            process.stdin.write(_session({"id": found[-1]["id"], **answer}).decode())
            process.stdin.flush()
    process.stdin.write(_session(*_END).decode())
    process.stdin.close()
    process.stdout.close()
    process.stderr.close()
    assert process.wait(60) == 0
    assert RULE not in {item["code"] for item in found[-1]["params"]["diagnostics"]}
    assert not [item for item in found if item.get("method") == "window/showMessage"]


@pytest.mark.asyncio
async def test_an_address_that_is_not_a_uri(editor: Editor) -> None:
    """A text under it is checked as one without a path, by the name that it ends with."""
    editor.open("http://[::1/a.sh", f"{MISSPELT}\n", "other")
    assert RULE in {item.code for item in await editor.found("http://[::1/a.sh")}


@pytest.mark.parametrize(("text", "enable"), [("x" * 5_000_001, True), (f"{MISSPELT}\n" * 300, False)])
def test_a_large_text_that_is_not_checked(text: str, enable: bool, tmp_path: Path) -> None:
    """One that is too large, or must not be checked, has an empty answer, and no error is shown."""
    item = {"uri": (tmp_path / "a.sh").as_uri(), "languageId": "sh", "version": 1, "text": text}
    first = {"processId": None, "rootUri": None, "capabilities": {}, "initializationOptions": {"enable": enable}}
    opened = {"method": "textDocument/didOpen", "params": {"textDocument": item}}
    process = start(SERVER, tmp_path)
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    process.stdin.write(_session({"id": 1, "method": "initialize", "params": first}, _START[1], opened).decode())
    process.stdin.flush()
    assert "result" in _next(process.stdout)
    shown = _next(process.stdout)
    process.stdin.write(_session(*_END).decode())
    process.stdin.close()
    process.stdout.close()
    process.stderr.close()
    assert process.wait(60) == 0
    assert (shown["method"], shown["params"]["diagnostics"]) == (_PUBLISH, [])


def test_it_ends_with_its_client(tmp_path: Path) -> None:
    """A server whose client is gone ends, even if its input stays open."""
    first = {"processId": 0, "rootUri": None, "capabilities": {}}
    sleeper = start(["sleep", "60"], tmp_path)
    first["processId"] = sleeper.pid
    process = start(SERVER, tmp_path)
    assert process.stdin is not None
    process.stdin.write(_session({"id": 1, "method": "initialize", "params": first}, _START[1]).decode())
    process.stdin.flush()
    assert process.stdout is not None
    assert process.stdout.readline().startswith("Content-Length")
    sleeper.kill()
    sleeper.wait()
    assert process.wait(60) == 1
    for stream in (process.stdin, process.stdout, process.stderr):
        assert stream is not None
        stream.close()


@pytest.mark.skipif(not hasattr(os, "WNOHANG"), reason="processes have no zombies here")
def test_its_processes_are_ended_and_awaited(tmp_path: Path) -> None:
    """The server leaves no zombie, which nobody takes away where the first process of a container does not."""
    code = (
        "import os, sys\n"
        "from nemolint.editor import server\n"
        "try:\n"
        "    server.serve(sys.stdin.buffer, sys.stdout.buffer)\n"
        "finally:\n"
        "    try:\n"
        "        os.waitpid(-1, os.WNOHANG)\n"
        "    except ChildProcessError:\n"
        "        os._exit(0)\n"
        "    os._exit(9)\n"
    )
    process = start([sys.executable, "-c", code], tmp_path)
    done = _talk(process, ([*_START, _open("a.sh", f"{MISSPELT}\n")], _is_shown("a.sh")))
    assert any(map(_is_shown("a.sh"), done))


def test_an_interrupt_ends_it(tmp_path: Path) -> None:
    """Ctrl+C in a terminal ends a server that waits for input, and says nothing."""
    process = start(SERVER, tmp_path)
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    process.stdin.write(_session(_START[0]).decode())
    process.stdin.flush()
    _next(process.stdout)
    process.send_signal(signal.SIGINT)
    assert process.wait(60)
    assert process.stderr.read() == ""
    for stream in (process.stdin, process.stdout, process.stderr):
        stream.close()


_OPEN = {
    "method": "textDocument/didOpen",
    "params": {"textDocument": {"uri": "file:///a.sh", "languageId": "sh", "version": 1, "text": "true\n"}},
}


def _next(stream: IO[str]) -> dict[str, Any]:
    """The next message of a stream, which has nothing else."""
    head = stream.readline()
    assert head.startswith("Content-Length: "), head
    assert stream.readline().startswith("Content-Type: ")
    assert stream.readline() == "\n"
    found: dict[str, Any] = json.loads(stream.read(int(head.split(":")[1])))
    return found


def _start_with(tmp_path: Path, fault: str) -> subprocess.Popen[str]:
    """A server in whose processes the checks and questions about a text begin with some code; `asked` is the text."""
    code = (
        "import os, sys, time\nfrom nemolint.editor.workspace import EditorWorkspace\n"
        "def before(function):\n    def do(self, asked, *words):\n"
        f"        {fault}\n        return function(self, asked, *words)\n    return do\n"
        "EditorWorkspace.check = before(EditorWorkspace.check)\n"
        "EditorWorkspace.answer = before(EditorWorkspace.answer)\n"
        # A busy machine takes longer than a person waits.
        "if 'lsp' in sys.orig_argv:\n    from nemolint.editor import server\n    server._LIMIT = 60.0\n"
    )
    (tmp_path / "sitecustomize.py").write_text(code, "utf-8")
    return start(SERVER, tmp_path, env={"PYTHONPATH": str(tmp_path)})


def _faulty(tmp_path: Path, fault: str) -> tuple[list[dict[str, Any]], str]:
    """What a server with a fault says, and what it prints elsewhere."""
    process = _start_with(tmp_path, fault)
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(_session(*_START, _OPEN, {**_OPEN, "params": _OPEN["params"]}).decode())
    process.stdin.flush()
    found = []
    while not any(item.get("method") == "window/logMessage" for item in found):
        found.append(_next(process.stdout))
    assert process.stderr is not None
    position = {"line": 0, "character": 0}
    identified = {"textDocument": {"uri": "file:///a.sh"}, "position": position}
    process.stdin.write(_session({"id": 2, "method": "textDocument/hover", "params": identified}).decode())
    process.stdin.flush()
    while not any(item.get("id") == 2 for item in found):
        found.append(_next(process.stdout))
    process.stdin.write(_session(*_END).decode())
    process.stdin.close()
    rest, err = process.stdout.read(), process.stderr.read()
    process.stdout.close()
    process.stderr.close()
    assert process.wait(60) == 0
    return [*found, *_answers(rest.replace("\n", "\r\n").encode())], err


def test_an_error_of_the_server(tmp_path: Path) -> None:
    """An error is logged, told once, without what its message quotes, and what is printed is not in the way."""
    secret = PLAIN
    # The text is opened twice: the first check is one that nobody waits for any more.
    said, err = _faulty(tmp_path, f"print('noise'); os.write(1, b'more'); raise RuntimeError({secret!r})")
    assert secret not in json.dumps(said) + err
    assert "noise" in err and "more" in err
    shown = [item["params"]["message"] for item in said if item.get("method") == "window/showMessage"]
    assert len(shown) == 1 and "RuntimeError" in shown[0]
    assert "Traceback" not in json.dumps(said) + err
    (answer,) = [item for item in said if item.get("id") == 2]
    assert answer["error"]["message"].startswith("internal error: RuntimeError at ")


def _open(name: str, text: str, version: int = 1) -> dict[str, Any]:
    item = {"uri": f"file:///{name}", "languageId": "shellscript", "version": version, "text": text}
    return {"method": "textDocument/didOpen", "params": {"textDocument": item}}


def _change(name: str, text: str, version: int) -> dict[str, Any]:
    identified = {"uri": f"file:///{name}", "version": version}
    params = {"textDocument": identified, "contentChanges": [{"text": text}]}
    return {"method": "textDocument/didChange", "params": params}


def _hover(name: str, number: int) -> dict[str, Any]:
    place = {"line": 0, "character": MISSPELT.index("automodel")}
    params = {"textDocument": {"uri": f"file:///{name}"}, "position": place}
    return {"id": number, "method": "textDocument/hover", "params": params}


def _talk(process: subprocess.Popen[str], *steps: tuple[Sequence[dict[str, Any]], Callable[[Any], bool]]) -> list[Any]:
    """Send messages, wait for one that is as wanted, send the next ones, and so on; all that the server said."""
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    found: list[Any] = []
    for messages, wanted in steps:
        process.stdin.write(_session(*messages).decode())
        process.stdin.flush()
        while not found or not wanted(found[-1]):
            found.append(_next(process.stdout))
    process.stdin.write(_session(*_END).decode())
    process.stdin.close()
    found += _answers(process.stdout.read().replace("\n", "\r\n").encode())
    assert process.stderr.read() == ""
    process.stdout.close()
    process.stderr.close()
    assert process.wait(60) == 0
    return found


def _is_answer(number: int) -> Callable[[Any], bool]:
    return lambda message: message.get("id") == number


def _is_shown(name: str, version: int = 1) -> Callable[[Any], bool]:
    return lambda message: (
        message.get("method") == _PUBLISH
        and (message["params"]["uri"], message["params"].get("version")) == (f"file:///{name}", version)
    )


_STUCK = "if 'stuck' in asked.text: time.sleep(1_000)"


def test_a_person_waits_for_no_check(tmp_path: Path) -> None:
    """While a text is checked that takes as long as it likes, other texts and the same one are asked about."""
    process = _start_with(tmp_path, _STUCK.replace("time", "function.__name__ == 'check' and time"))
    opened = [*_START, _open("a.sh", f"{MISSPELT} # stuck\n"), _open("b.sh", f"{MISSPELT}\n")]
    done = _talk(process, (opened, _is_answer(1)), ([_hover("b.sh", 2), _hover("a.sh", 3)], _is_answer(3)))
    answers = {message["id"]: message["result"] for message in done if "result" in message}
    assert all("sft/automodel" in answers[number]["contents"]["value"] for number in (2, 3))
    assert not any(_is_shown("a.sh")(message) for message in done)


def test_what_is_out_of_date_is_not_waited_for(tmp_path: Path) -> None:
    """A check ends soon after the text has changed, and a question soon after one about another text is asked."""
    process = _start_with(tmp_path, _STUCK)
    fine = f"{MISSPELT}\n"
    stuck = f"{MISSPELT} # stuck\n"
    done = _talk(
        process,
        ([*_START, _open("a.sh", stuck), _open("b.sh", fine), _hover("a.sh", 2), _hover("b.sh", 3)], _is_answer(3)),
        ([_change("a.sh", fine, 2)], _is_shown("a.sh", 2)),
        ([_hover("a.sh", 4)], _is_answer(4)),
        ([_change("a.sh", stuck, 3), _hover("a.sh", 5), _change("a.sh", fine, 4), _hover("a.sh", 6)], _is_answer(6)),
        ([_change("a.sh", fine, 5)], _is_shown("a.sh", 5)),
    )
    answers = {message["id"]: message["result"] for message in done if "result" in message}
    assert answers[2] is None and answers[5] is None
    assert all("sft/automodel" in answers[number]["contents"]["value"] for number in (3, 4, 6))
    assert not any(_is_shown("a.sh", version)(message) for version in (1, 3) for message in done)
    assert not [message for message in done if message.get("method") == "window/showMessage"]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_a_check_that_ends_its_process(tmp_path: Path) -> None:
    """A crash of the process that checks is said once; the next check and the next question are answered."""
    process = _start_with(tmp_path, "if 'crash' in asked.text: os.kill(os.getpid(), 9)")
    bad, fine = f"{MISSPELT} # crash\n", f"{MISSPELT}\n"
    log = "window/logMessage"
    done = _talk(
        process,
        ([*_START, _open("a.sh", bad), _open("b.sh", bad)], lambda message: message.get("method") == log),
        ([_hover("a.sh", 2)], _is_answer(2)),
        ([_change("a.sh", fine, 2)], _is_shown("a.sh", 2)),
        ([_hover("a.sh", 3)], _is_answer(3)),
    )
    (refused,) = [message for message in done if message.get("id") == 2]
    assert refused["error"]["message"] == "internal error: the process of the check ended with -9"
    assert [message["result"] for message in done if message.get("id") == 3] != [None]
    assert len([message for message in done if message.get("method") == "window/showMessage"]) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_a_process_that_is_ended_from_outside(tmp_path: Path) -> None:
    """What it was about to do is done by the next one, and nothing is said."""
    process = _start_with(tmp_path, "f = 'ended'; os.path.exists(f) or (open(f, 'w').close(), os.kill(os.getpid(), 9))")
    done = _talk(process, ([*_START, _open("a.sh", f"{MISSPELT}\n")], _is_shown("a.sh")))
    assert (tmp_path / "ended").exists()
    assert RULE in {item["code"] for item in done[-2]["params"]["diagnostics"]}
    assert not [message for message in done if message.get("method", "").startswith("window/")]


def test_a_long_check_after_a_change_elsewhere(tmp_path: Path) -> None:
    """A check that takes longer than the time between two looks at the project's files comes to an end."""
    (tmp_path / "env.toml").write_text('[other]\nexecutor = "local"\n', "utf-8")
    process = _start_with(tmp_path, "function.__name__ == 'check' and time.sleep(3)")
    capabilities: dict[str, Any] = {}
    root = {"processId": None, "rootUri": tmp_path.as_uri(), "capabilities": capabilities}
    name = str(tmp_path / "a.sh").lstrip("/")
    text = "nemotron steps run sft/automodel -c tiny --batch cluster --dry-run\n"

    def found(message: Any) -> bool:
        if _is_shown(name)(message) and not (tmp_path / "done").exists():
            (tmp_path / "env.toml").write_text('[cluster]\nexecutor = "slurm"\n', "utf-8")
            (tmp_path / "done").touch()
            return False
        return _is_shown(name)(message)

    first = {"id": 1, "method": "initialize", "params": root}
    done = _talk(process, ([first, _START[1], _open(name, text)], found))
    before, after = [message["params"]["diagnostics"] for message in done if _is_shown(name)(message)]
    assert "unknown-profile" in {item["code"] for item in before}
    assert "unknown-profile" not in {item["code"] for item in after}


def test_one_version_asked_for_twice(tmp_path: Path) -> None:
    """All requests are answered with the findings of one check, also while it goes on, and if the text changes then."""
    slow = "function.__name__ == 'check' and (open('checks', 'a').write(f'{len(asked.text)} '), time.sleep(2))"
    process = _start_with(tmp_path, slow)
    given = {"textDocument": {"diagnostic": {}}}
    first = {"id": 1, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": given}}
    params = {"textDocument": {"uri": "file:///a.sh"}}
    pulls = [{"id": number, "method": "textDocument/diagnostic", "params": params} for number in range(2, 7)]
    old, new = f"{MISSPELT}\n", f"{MISSPELT} seed=1\n"
    waiting = set(range(2, 7))

    def all_answered(message: Any) -> bool:
        waiting.discard(message.get("id"))
        return not waiting

    done = _talk(
        process,
        ([first, _START[1], _open("a.sh", old), *pulls[:2], _hover("a.sh", 8)], _is_answer(8)),
        ([pulls[2], _change("a.sh", new, 2), *pulls[3:], _hover("a.sh", 9)], all_answered),
    )
    found = [message["result"]["items"] for message in done if message.get("id") in range(2, 7)]
    assert len(found) == 5 and all(RULE in {item["code"] for item in items} for items in found)
    checks = (tmp_path / "checks").read_text("utf-8").split()
    assert len(checks) == len(set(checks)) and checks[-1] == str(len(new))


def test_a_cancelled_request(tmp_path: Path) -> None:
    """It is answered as such at once, and what follows is served."""
    process = _start_with(tmp_path, _STUCK)
    cancel = {"method": "$/cancelRequest", "params": {"id": 2}}
    opened = [*_START, _open("a.sh", "stuck\n"), _open("b.sh", f"{MISSPELT}\n"), _hover("a.sh", 2)]
    done = _talk(process, (opened, _is_answer(1)), ([cancel], _is_answer(2)), ([_hover("b.sh", 3)], _is_answer(3)))
    (refused,) = [message for message in done if message.get("id") == 2]
    assert refused["error"]["code"] == -32800
    (answer,) = [message for message in done if message.get("id") == 3]
    assert "sft/automodel" in answer["result"]["contents"]["value"]


STEP = """\
[step]
id = "brew/tea"
name = "Tea"
description = "Brews tea."
[[parameters]]
name = "kind"
choices = ["green", "black"]
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with one step and an env TOML, which is the folder of the editor."""
    step = tmp_path / "src/nemotron/steps/brew/tea"
    (step / "config").mkdir(parents=True)
    (step / "step.toml").write_text(STEP, "utf-8")
    (step / "config/default.yaml").write_text("# 😀\nkind: green\n", "utf-8")
    (tmp_path / "pyproject.toml").write_text("", "utf-8")
    (tmp_path / "env.toml").write_text('[kettle]\nexecutor = "local"\n', "utf-8")
    return tmp_path


def _place(editor: Editor, name: str, text: str, language: str = "shellscript") -> dict[str, Any]:
    """Open a text without its `|`; the document and the position of that, as a message has them."""
    before, _, after = text.partition("|")
    editor.open(name, before + after, language)
    character = len(before.rpartition("\n")[2].encode("utf-16-le")) // 2
    position = types.Position(before.count("\n"), character)
    return {"text_document": types.TextDocumentIdentifier(editor.uri(name)), "position": position}


async def _completed(editor: Editor, name: str, text: str, language: str = "shellscript") -> list[str]:
    """The texts after each completion is accepted."""
    params = types.CompletionParams(**_place(editor, name, text, language))
    found = await editor.client.text_document_completion_async(params)
    line = text.replace("|", "").split("\n")[params.position.line]
    results = []
    for item in found.items if isinstance(found, types.CompletionList) else ():
        edit = item.text_edit
        assert isinstance(edit, types.TextEdit)
        assert edit.range.start.line == edit.range.end.line == params.position.line
        start, end = (
            len(line.encode("utf-16-le")[: 2 * place.character].decode("utf-16-le"))
            for place in (edit.range.start, edit.range.end)
        )
        results.append(line[:start] + edit.new_text + line[end:])
    return results


@pytest.mark.asyncio
async def test_completion(editor: Editor, checkout: Path) -> None:
    """What is offered replaces what is being typed, also behind a wide character and in an open fence."""
    run = "echo 😀; nemotron steps run"
    assert await _completed(editor, "a.sh", f"{run} |") == [f"{run} brew/tea"]
    assert await _completed(editor, "a.sh", f"{run} bre|wed -d") == [f"{run} brew/tea -d"]
    assert await _completed(editor, "a.sh", f"{run} brew/tea kind=|") == [
        f"{run} brew/tea kind={kind}" for kind in ("green", "black")
    ]
    assert await _completed(editor, "a.md", f"# A\n\n```bash\n{run} brew/tea -b |", "markdown") == [
        f"{run} brew/tea -b kettle"
    ]
    assert await _completed(editor, "b.md", "Use nemotron steps run |", "markdown") == []


@pytest.mark.asyncio
async def test_completion_in_a_changed_text(editor: Editor, checkout: Path) -> None:
    """A completion is for the text as it is now, and a new config is offered without a new check."""
    editor.open("a.sh", "nemotron steps run brew/tea -d\n")
    await editor.found("a.sh")
    (checkout / "src/nemotron/steps/brew/tea/config/big.yaml").write_text("kind: black\n", "utf-8")
    editor.change("a.sh", "nemotron steps run brew/tea -c ")
    document = types.TextDocumentIdentifier(editor.uri("a.sh"))
    params = types.CompletionParams(document, types.Position(0, len("nemotron steps run brew/tea -c ")))
    found = await editor.client.text_document_completion_async(params)
    assert isinstance(found, types.CompletionList)
    offered = sorted(found.items, key=lambda item: item.sort_text or "")
    assert [item.label for item in offered] == ["default", "big"]
    assert found.is_incomplete


@pytest.mark.asyncio
async def test_hover(editor: Editor, checkout: Path) -> None:
    """Hovering over a step shows its manifest, for the range of the word; elsewhere nothing is shown."""
    place = _place(editor, "a.sh", "echo 😀; nemotron steps run brew/|tea\n")
    found = await editor.client.text_document_hover_async(types.HoverParams(**place))
    assert isinstance(found, types.Hover)
    assert isinstance(found.contents, types.MarkupContent)
    assert found.contents.kind == types.MarkupKind.Markdown
    assert "Brews tea." in found.contents.value
    assert found.range == types.Range(types.Position(0, 28), types.Position(0, 36))
    place = _place(editor, "a.sh", "ec|ho; nemotron steps run brew/tea\n")
    assert await editor.client.text_document_hover_async(types.HoverParams(**place)) is None


@pytest.mark.asyncio
async def test_definition(editor: Editor, checkout: Path) -> None:
    """A key leads to the exact place in its config and in the manifest."""
    place = _place(editor, "a.sh", "nemotron steps run brew/tea ki|nd=black\n")
    found = await editor.client.text_document_definition_async(types.DefinitionParams(**place))
    assert isinstance(found, list)
    step = checkout / "src/nemotron/steps/brew/tea"
    links = [item for item in found if isinstance(item, types.LocationLink)]
    assert [(item.target_uri, item.target_range.start) for item in links] == [
        ((step / "config/default.yaml").as_uri(), types.Position(1, 0)),
        ((step / "step.toml").as_uri(), types.Position(5, 7)),
    ]
    origin = types.Range(types.Position(0, 28), types.Position(0, 32))
    assert [item.origin_selection_range for item in links] == [origin, origin]


@pytest.mark.asyncio
async def test_document_links(editor: Editor, checkout: Path) -> None:
    """The files that a run names are links."""
    editor.open("a.sh", "NEMOTRON_ENV_FILE=env.toml nemotron steps run brew/tea -c default -d\n")
    params = types.DocumentLinkParams(types.TextDocumentIdentifier(editor.uri("a.sh")))
    found = await editor.client.text_document_document_link_async(params)
    step = checkout / "src/nemotron/steps/brew/tea"
    assert [(item.range.start.character, item.target) for item in found or ()] == [
        (18, (checkout / "env.toml").as_uri()),
        (46, (step / "step.toml").as_uri()),
        (58, (step / "config/default.yaml").as_uri()),
    ]
