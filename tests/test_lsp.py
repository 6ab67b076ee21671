"""The language server, as a client sees it: one process, real messages."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities, make_test_lsp_client

from support.command import MAIN, MISSPELT, python

SERVER = [sys.executable, "-m", "nemolint", "lsp"]
RULE = "misspelled-dry-run"


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
}


@pytest.mark.asyncio
@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_text_without_a_name(editor: Editor, language: str) -> None:
    """A text that was never saved, or has no extension, is what the editor takes it for."""
    for name in ("untitled:Untitled-1", "text"):
        editor.open(name, LANGUAGES[language], language)
        assert RULE in {item.code for item in await editor.found(name)}, name


def test_without_the_extra(tmp_path: Path) -> None:
    """Who has not installed the libraries of the server reads how to."""
    code = "import sys\nsys.modules['pygls'] = None\nsys.argv[1:] = ['lsp']\n" + MAIN
    done = python(code, tmp_path)
    assert done.code == 2
    assert done.err == "nemolint: the language server needs pygls: install it with `pip install 'nemolint[lsp]'`\n"
