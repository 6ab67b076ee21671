"""The language server, as a client sees it."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

from support.command import MAIN, MISSPELT, python

SERVER = [sys.executable, "-m", "nemolint", "lsp"]


@pytest_lsp.fixture(config=ClientServerConfig(server_command=SERVER))
async def client(lsp_client: LanguageClient, tmp_path: Path) -> AsyncIterator[None]:
    params = types.InitializeParams(
        client_capabilities("visual-studio-code"),
        workspace_folders=[types.WorkspaceFolder(tmp_path.as_uri(), "root")],
    )
    await lsp_client.initialize_session(params)
    yield
    await lsp_client.shutdown_session()


@pytest.mark.asyncio
async def test_diagnostics_follow_the_text(client: LanguageClient, tmp_path: Path) -> None:
    """A finding is published with its exact place, goes with the edit that mends it, and with the file."""
    uri = (tmp_path / "a.sh").as_uri()
    client.text_document_did_open(
        types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "shellscript", 1, f"echo 😀; {MISSPELT}\n"))
    )
    await client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    items = [item for item in client.diagnostics[uri] if item.code == "misspelled-dry-run"]
    (item,) = items
    start = len("echo 😀; ") + 1 + MISSPELT.index("--dryrun")
    assert item.range == types.Range(types.Position(0, start), types.Position(0, start + len("--dryrun")))
    assert item.source == "nemolint"
    assert item.code_description is not None
    change = types.TextDocumentContentChangePartial(item.range, "--dry-run")
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(types.VersionedTextDocumentIdentifier(2, uri), [change])
    )
    await client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    assert "misspelled-dry-run" not in {item.code for item in client.diagnostics[uri]}
    client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))
    await client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    assert not client.diagnostics[uri]


def test_without_the_extra(tmp_path: Path) -> None:
    """Who has not installed the libraries of the server reads how to."""
    code = "import sys\nsys.modules['pygls'] = None\nsys.argv[1:] = ['lsp']\n" + MAIN
    done = python(code, tmp_path)
    assert done.code == 2
    assert done.err == "nemolint: the language server needs pygls: install it with `pip install 'nemolint[lsp]'`\n"
