"""The language server: messages of the protocol to calls of this package, and back.

The only module that knows the protocol. Texts are read and checked by the worker's thread, everything else is done by
that of the event loop, so that no state is shared.
"""

from __future__ import annotations

import asyncio
import logging
import os
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, default_converter, lsp_method
from pygls.uris import from_fs_path, to_fs_path

from nemolint.base.files import read_regular
from nemolint.base.version import __version__
from nemolint.driver.discover import MAX_BYTES
from nemolint.editor.client_positions import ClientPosition, ClientRange, ClientText, Encoding
from nemolint.editor.diagnostics import ShownDiagnostic, shown
from nemolint.editor.worker import Worker
from nemolint.editor.workspace import AskedText, CheckedText, EditorWorkspace
from nemolint.secrets.outgoing import masked

_DELAY = 0.15  # seconds without a change, after which a text is checked
_SOURCE = "nemolint"
_SEVERITY = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "info": types.DiagnosticSeverity.Hint,
}


class OpenText:
    """A text that is open in the editor. `checked` is the outcome for this version, None until it is there."""

    def __init__(self, uri: str, language: str, version: int, text: ClientText) -> None:
        self.uri = uri
        self.path = path_of(uri)
        self.language = language
        self.version = version
        self.text = text
        self.shown: list[ShownDiagnostic] = []
        self.timer: asyncio.TimerHandle | None = None

    @property
    def asked(self) -> AskedText:
        """The text as the worker gets it."""
        return AskedText(self.path, self.language, self.text.text)


def path_of(uri: str) -> str | None:
    """The absolute path of a file, None for what is not one (`untitled:`)."""
    path = to_fs_path(uri)
    return os.path.normpath(path) if path else None


class Protocol(LanguageServerProtocol):
    """The protocol with texts of our own: those of pygls have other ideas of where a line ends."""

    _server: Server

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        self._server.opened(params.text_document)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        self._server.changed(params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        self._server.closed(params.text_document.uri)


class Server(LanguageServer):
    """One client, its open texts, and what it was told."""

    def __init__(self) -> None:
        super().__init__(
            "nemolint",
            __version__,
            types.TextDocumentSyncKind.Incremental,
            protocol_cls=Protocol,
            converter_factory=default_converter,
        )
        self.texts: dict[str, OpenText] = {}
        self.places = EditorWorkspace(os.environ)
        self.worker = Worker()
        self.asked_to_end = False
        self.pulls = False
        self._elsewhere: dict[str, dict[str, list[ShownDiagnostic]]] = {}  # by the URI shown at, by that checked

    # -- the client

    @property
    def encoding(self) -> Encoding:
        """The negotiated encoding of positions."""
        return cast("Encoding", str(getattr(self.workspace.position_encoding, "value", "utf-16")))

    def initialized_by(self, params: types.InitializeParams) -> None:
        """Take the folders and capabilities of the client."""
        given = [folder.uri for folder in params.workspace_folders or ()]
        given = given or [uri for uri in (params.root_uri,) if uri]
        paths = [path_of(uri) for uri in given]
        self.places.folders = [path for path in paths if path is not None]

    # -- texts

    def opened(self, item: types.TextDocumentItem) -> None:
        text = OpenText(item.uri, item.language_id, item.version, ClientText(item.text, self.encoding))
        self.texts[item.uri] = text
        self.check_soon(text, 0)

    def changed(self, params: types.DidChangeTextDocumentParams) -> None:
        text = self.texts.get(params.text_document.uri)
        if text is None:
            return
        for change in params.content_changes:
            range = getattr(change, "range", None)
            text.text = text.text.edited(None if range is None else client_range(range), change.text)
        text.version = params.text_document.version
        self.check_soon(text, _DELAY)

    def closed(self, uri: str) -> None:
        text = self.texts.pop(uri, None)
        if text is None:
            return
        if text.timer is not None:
            text.timer.cancel()
        self.worker.drop(("check", uri))
        text.shown = []
        self._show(text, [])
        self._publish(uri, None, [])

    # -- checks

    def check_soon(self, text: OpenText, delay: float) -> None:
        """Check a text after a time without further changes."""
        if text.timer is not None:
            text.timer.cancel()
        text.timer = asyncio.get_running_loop().call_later(delay, self._check, text)

    def _check(self, text: OpenText) -> None:
        version = text.version
        future = asyncio.wrap_future(
            self.worker.submit(
                ("check", text.uri), 1 + len(text.text.text), partial(self._checked, text.asked, text.text)
            )
        )
        future.add_done_callback(partial(self._after_check, text, version))

    def _checked(self, asked: AskedText, text: ClientText) -> tuple[CheckedText, list[ShownDiagnostic]]:
        """Check a text. Called by the worker."""
        checked = self.places.check(asked)
        return checked, shown(checked, text, self._text_of)

    def _text_of(self, path: str) -> ClientText:
        """The text of another file as it is on disk."""
        try:
            data = read_regular(path, MAX_BYTES)
        except (OSError, ValueError):
            data = b""
        return ClientText(data.decode("utf-8", "surrogateescape"), self.encoding)

    def _after_check(
        self, text: OpenText, version: int, future: asyncio.Future[tuple[CheckedText, list[ShownDiagnostic]]]
    ) -> None:
        if future.cancelled() or self.texts.get(text.uri) is not text or text.version != version:
            return
        if (error := future.exception()) is not None:
            self.failed(error)
            return
        _, items = future.result()
        self._show(text, items)

    def _show(self, text: OpenText, items: list[ShownDiagnostic]) -> None:
        """Publish what a check found in a text and in other files."""
        text.shown = [item for item in items if item.path is None]
        others: dict[str, list[ShownDiagnostic]] = {}
        for item in items:
            if item.path is not None:
                others.setdefault(self.uri_of(item.path), []).append(item)
        if text.uri in self.texts:
            self._publish(text.uri, text.version, text.shown)
        for uri in {*others, *(uri for uri, found in self._elsewhere.items() if text.uri in found)}:
            found = self._elsewhere.setdefault(uri, {})
            found.pop(text.uri, None)
            if uri in others:
                found[text.uri] = others[uri]
            if not found:
                del self._elsewhere[uri]
            own = self.texts.get(uri)
            self._publish(uri, own.version if own is not None else None, own.shown if own is not None else [])

    def _publish(self, uri: str, version: int | None, own: list[ShownDiagnostic]) -> None:
        """Tell the client all that is known of a text or file."""
        items = [self.protocol_diagnostic(item, uri) for item in own]
        for others in self._elsewhere.get(uri, {}).values():
            for other in others:
                item = self.protocol_diagnostic(other, uri)
                if item not in items:
                    items.append(item)
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, items, version))

    def uri_of(self, path: str) -> str:
        """The URI of a file, as the client writes it if it has it open."""
        for text in self.texts.values():
            if text.path == path:
                return text.uri
        return from_fs_path(path) or Path(path).as_uri()

    def protocol_diagnostic(self, item: ShownDiagnostic, uri: str) -> types.Diagnostic:
        """A finding as the protocol has it, in the text or file `uri`."""
        related = [
            types.DiagnosticRelatedInformation(
                types.Location(uri if place.path is None else self.uri_of(place.path), protocol_range(place.range)),
                place.message,
            )
            for place in item.related
        ]
        return types.Diagnostic(
            protocol_range(item.range),
            masked(item.message),
            severity=_SEVERITY[item.severity],
            code=item.rule or None,
            code_description=types.CodeDescription(item.url) if item.url else None,
            source=_SOURCE,
            tags=[types.DiagnosticTag.Unnecessary] if item.unnecessary else None,
            related_information=related or None,
        )

    # -- errors

    def failed(self, error: BaseException) -> None:
        """Tell the client of an error of nemolint itself."""
        self.window_log_message(types.LogMessageParams(types.MessageType.Error, _described(error)))

    def report_server_error(self, error: Exception, source: Any) -> None:
        self.failed(error)


def _described(error: BaseException) -> str:
    """An error of nemolint itself: its message may quote any file, so only its type and place are said."""
    frames = []
    trace = error.__traceback__
    while trace is not None:
        frames.append(f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return f"internal error: {type(error).__name__} at {' > '.join(frames[-4:])}"


def client_range(range: types.Range) -> ClientRange:
    """A range of the protocol as plain data."""
    return ClientRange(
        ClientPosition(range.start.line, range.start.character), ClientPosition(range.end.line, range.end.character)
    )


def protocol_range(range: ClientRange) -> types.Range:
    """A range as the protocol has it."""
    return types.Range(types.Position(*range.start), types.Position(*range.end))


def server() -> Server:
    """A server with all its features."""
    result = Server()

    @result.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        result.initialized_by(params)

    @result.feature(types.SHUTDOWN)
    def shutdown(*params: object) -> None:
        result.asked_to_end = True

    return result


def serve(stdin: BinaryIO, stdout: BinaryIO) -> int:
    """Serve one client, and return the exit code: 0 if it asked to shut down."""
    # The log of pygls quotes messages, and with them texts.
    log = logging.getLogger("pygls")
    log.addHandler(logging.NullHandler())
    log.propagate = False
    result = server()
    result.start_io(stdin, stdout)
    return 0 if result.asked_to_end else 1
