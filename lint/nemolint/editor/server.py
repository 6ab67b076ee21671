"""The language server: messages of the protocol to calls of this package, and back.

The only module that knows the protocol. Texts are read and checked by other processes (`worker.py`), which answer
requests (`requests.py`), so that this one always has time for the client.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import cast, get_args

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, default_converter, lsp_method
from pygls.uris import from_fs_path, to_fs_path, urlparse

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.version import __version__
from nemolint.editor.actions import FIX_ALL, QUICK_FIX, ActionName, ClientEdit, OfferedAction, UntriedAction
from nemolint.editor.client_positions import ClientPosition, ClientRange, ClientText
from nemolint.editor.diagnostics import ShownDiagnostic
from nemolint.editor.notebooks import ClientCell, NotebookText
from nemolint.editor.requests import (
    CheckOutcome,
    CheckRequest,
    Completed,
    Defined,
    Hovered,
    Linked,
    OfferedActions,
    ResolvedAction,
    is_heavy,
    text_on_disk,
)
from nemolint.editor.watching import watch_process
from nemolint.editor.worker import EditorRequest, Worker, described
from nemolint.editor.workspace import AskedText, EditorSettings, EditorWorkspace, editor_settings, is_current
from nemolint.secrets.outgoing import masked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, BinaryIO, TypeVar

    from nemolint.editor.actions import ActionKind
    from nemolint.editor.client_positions import Encoding
    from nemolint.editor.completions import SuggestionKind

    Result = TypeVar("Result")

_SECTION = "nemolint"
_DELAY = 0.15  # seconds without a change, after which a text is checked
_LONG_DELAY = 1.0  # at most, for one whose check takes as long
_SLOW = 2.0  # seconds of a check, after which the next one is done apart from those of other texts
_IDLE = 60.0  # seconds without work after which the process for those checks ends
_TRYING = 5.0  # seconds in which actions are tried
_TRYING_SOME = 0.2  # the same, if the client asks for the edits of the others when they are chosen
_LIMIT = 10.0  # seconds in which a question about a place is answered, or not at all
_PATIENCE = 2.0  # seconds to wait for the settings of the editor before texts are checked without
_PERIOD = 2.0  # seconds between two looks at the files that findings depend on
_SEVERITY = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "info": types.DiagnosticSeverity.Hint,
}
_COMPLETION_KIND: Mapping[SuggestionKind, types.CompletionItemKind] = {
    "step": types.CompletionItemKind.Module,
    "option": types.CompletionItemKind.Keyword,
    "config": types.CompletionItemKind.File,
    "file": types.CompletionItemKind.File,
    "folder": types.CompletionItemKind.Folder,
    "profile": types.CompletionItemKind.Reference,
    "key": types.CompletionItemKind.Property,
    "value": types.CompletionItemKind.Value,
}
_TRIGGERS = [" ", "=", "/", ".", "-"]
_PROJECT_FILES = (".toml", ".yaml", ".yml")
_SETTINGS_FILES = ("nemolint.toml", "pyproject.toml")
_WATCHED = ("**/*.toml", "**/*.{yaml,yml}", "**/step.py")


class OpenText:
    """A text that is open in the editor. `shown` and `depends` are those of its last check, that of `shown_version`.

    `seconds` is what that took, `read_unsaved` the files that it read as they are in the editor; `outdated`: a file on
    disk that it read has changed.
    """

    def __init__(self, item: types.TextDocumentItem, encoding: Encoding) -> None:
        self.uri = item.uri
        self.path = path_of(item.uri)
        self.name = name_of(item.uri)
        self.language = item.language_id
        self.version = item.version
        self.text = ClientText(item.text, encoding)
        self.seconds = 0.0
        self.shown: list[ShownDiagnostic] = []
        self.shown_version: int | None = None
        self.depends: Mapping[str, str] = {}
        self.read_unsaved: frozenset[str] = frozenset()
        self.outdated = False
        self.timer: asyncio.TimerHandle | None = None
        self.pulled: tuple[int, Future[CheckOutcome]] | None = None  # a check that was asked for, and of which version

    @property
    def heavy(self) -> bool:
        """Whether a check of the text may take long."""
        return is_heavy(self.text.text) or self.seconds > _SLOW

    @property
    def delay(self) -> float:
        """The seconds without a change after which the text is checked."""
        return _LONG_DELAY if is_heavy(self.text.text) else min(max(_DELAY, self.seconds), _LONG_DELAY)

    @property
    def project_file(self) -> str | None:
        """The path of the text if it is a file of a project that counts as it is in the editor."""
        path = self.path
        return path if path and path.endswith(_PROJECT_FILES) and not path.endswith(_SETTINGS_FILES) else None

    @property
    def asked(self) -> AskedText:
        """The text as others get it."""
        return AskedText(self.path, self.language, self.text.text, self.name)

    def change(self, changes: Iterable[types.TextDocumentContentChangeEvent], version: int) -> None:
        """Apply the changes of a message."""
        self.text = with_changes(self.text, changes)
        self.version = version


class OpenNotebook(OpenText):
    """A notebook that is open in the editor: its text is that of its file."""

    def __init__(
        self, item: types.NotebookDocument, texts: Iterable[types.TextDocumentItem], encoding: Encoding
    ) -> None:
        super().__init__(types.TextDocumentItem(item.uri, "", item.version, ""), encoding)
        if not self.name.endswith(".ipynb"):
            self.name += ".ipynb"
        self._encoding = encoding
        self._kinds = [(cell.document, cell.kind) for cell in item.cells]
        self._texts = {text.uri: (text.language_id, ClientText(text.text, encoding)) for text in texts}
        self._make()

    def _make(self) -> None:
        cells = [
            ClientCell(uri, kind == types.NotebookCellKind.Code, *self._texts[uri])
            for uri, kind in self._kinds
            if uri in self._texts
        ]
        self.cells = NotebookText(cells, self._encoding)
        self.text = self.cells.text

    def change_cells(self, event: types.NotebookDocumentChangeEvent, version: int) -> list[str]:
        """Apply the changes of a message. Returns the URIs of cells that are gone."""
        self.version = version
        closed: list[str] = []
        if event.cells is not None:
            if (structure := event.cells.structure) is not None:
                at, count = structure.array.start, structure.array.delete_count
                added = [(cell.document, cell.kind) for cell in structure.array.cells or ()]
                self._kinds[at : at + count] = added
                for item in structure.did_open or ():
                    self._texts[item.uri] = item.language_id, ClientText(item.text, self._encoding)
                for gone in structure.did_close or ():
                    self._texts.pop(gone.uri, None)
                    closed.append(gone.uri)
            kinds = {cell.document: cell.kind for cell in event.cells.data or ()}
            self._kinds = [(uri, kinds.get(uri, kind)) for uri, kind in self._kinds]
            for content in event.cells.text_content or ():
                if (known := self._texts.get(content.document.uri)) is not None:
                    self._texts[content.document.uri] = known[0], with_changes(known[1], content.changes)
        self._make()
        return closed


class TextView(NamedTuple):
    """An open text with its URI or, if `cell` is a number, a cell of the notebook that the text is."""

    uri: str
    text: OpenText
    cell: int | None

    @property
    def cells(self) -> NotebookText | None:
        return self.text.cells if isinstance(self.text, OpenNotebook) and self.cell is not None else None

    def offset(self, position: ClientPosition) -> int:
        """The offset in the text of a position that the client names."""
        if (cells := self.cells) is None or self.cell is None:
            return self.text.text.offset(position)
        return cells.offset(self.cell, cells.cells[self.cell].text.offset(position))

    def location(self, start: int, end: int) -> types.Location:
        """The place of a part of the text, as the client names it."""
        range = self.text.text.range(start, end)
        uri, range = (self.text.uri, range) if (cells := self.cells) is None else cells.range(range)
        return types.Location(uri, protocol_range(range))

    def written(self, text: str) -> str | None:
        """What a replacement in the text is in the cell; None if it is none."""
        if self.cells is None:
            return text
        try:
            return str(json.loads(f'"{text}"'))
        except ValueError:
            return None


def with_changes(text: ClientText, changes: Iterable[types.TextDocumentContentChangeEvent]) -> ClientText:
    """A text with the changes of a message."""
    for change in changes:
        range = getattr(change, "range", None)
        text = text.edited(None if range is None else client_range(range), change.text)
    return text


def path_of(uri: str) -> str | None:
    """The absolute path of a file, None for what is not one (`untitled:`)."""
    try:
        path = to_fs_path(uri)
    except ValueError:  # it is not a URI
        return None
    return os.path.normpath(path) if path else None


def name_of(uri: str) -> str:
    """The name of a text, which says what kind it is."""
    try:
        path = urlparse(uri)[2]
    except ValueError:
        path = uri
    return path.rpartition("/")[2] or "untitled"


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

    @lsp_method(types.NOTEBOOK_DOCUMENT_DID_OPEN)
    def lsp_notebook_document__did_open(self, params: types.DidOpenNotebookDocumentParams) -> None:
        self._server.opened_notebook(params)

    @lsp_method(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    def lsp_notebook_document__did_change(self, params: types.DidChangeNotebookDocumentParams) -> None:
        self._server.changed_notebook(params)

    @lsp_method(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
    def lsp_notebook_document__did_close(self, params: types.DidCloseNotebookDocumentParams) -> None:
        self._server.closed(params.notebook_document.uri)

    # pygls leaves requests that it cannot read, or that come too early or too late, without an answer.

    def structure_message(self, data: Any) -> Any:
        """Leave the objects in a message as they are: `handle_message` reads it as a whole."""
        return data

    def handle_message(self, message: Any) -> None:
        """Serve a message. A request that cannot be served is answered with an error."""
        if not isinstance(message, Mapping) or message.get("jsonrpc") != self.VERSION:
            self._server.misread("a message is not one of JSON-RPC 2.0")
        elif "method" not in message:
            self._take_answer(message)
        elif (problem := self._problem_of(message)) is not None:
            self._refuse(message, *problem)
        else:
            try:
                read = super().structure_message(self._server.with_version(message))
            except JsonRpcException:
                said = f"the parameters of {message['method']} are invalid"
                self._refuse(message, types.ErrorCodes.InvalidParams, said)
                self._server.misread(said)
            else:
                super().handle_message(read)

    def _problem_of(self, message: Mapping[str, Any]) -> tuple[types.ErrorCodes, str] | None:
        """Why a request or notification is not served, whatever its parameters are."""
        method, initialized = message["method"], self._workspace is not None
        if not isinstance(method, str) or ("id" in message and _id_of(message) is None):
            return types.ErrorCodes.InvalidRequest, "the request is invalid"
        if method == types.EXIT:
            return None
        if self._shutdown:
            return types.ErrorCodes.InvalidRequest, "the server was asked to shut down"
        if initialized == (method == types.INITIALIZE):
            if initialized:
                return types.ErrorCodes.InvalidRequest, "the server is already initialized"
            return types.ErrorCodes.ServerNotInitialized, "the server is not initialized"
        if method not in (types.CANCEL_REQUEST, *self.fm.builtin_features, *self.fm.features):
            return types.ErrorCodes.MethodNotFound, f"{method[:100]} is not supported"
        if "id" in message and self.get_result_type(method) is None:
            return types.ErrorCodes.InvalidRequest, f"{method} is a notification"
        return None

    def _refuse(self, message: Mapping[str, Any], code: types.ErrorCodes, problem: str) -> None:
        """Answer a request with an error; a notification has no answer."""
        if "id" in message:
            error = {"code": code.value, "message": masked(problem)}
            self._send_data({"jsonrpc": self.VERSION, "id": _id_of(message), "error": error})

    def _take_answer(self, message: Mapping[str, Any]) -> None:
        """Give an answer of the client to what waits for it. One that cannot be read counts as a refusal."""
        number = _id_of(message)
        if number not in self._request_futures:
            return
        try:
            read = super().structure_message(dict(message))
        except JsonRpcException as error:
            self._request_futures.pop(number).set_exception(error)
        else:
            super().handle_message(read)

    # What pygls says of errors has their messages and tracebacks, which quote texts.

    def _send_handler_result(self, future: Any, *, msg_id: Any) -> None:
        error = None if future.cancelled() else future.exception()
        if error is None or isinstance(error, JsonRpcException):
            super()._send_handler_result(future, msg_id=msg_id)
            return
        self._request_futures.pop(msg_id, None)
        self._server.failed(error)
        self._send_response(msg_id, error=types.ResponseError(types.ErrorCodes.InternalError.value, described(error)))

    def _check_handler_result(self, future: Any) -> None:
        if not future.cancelled() and (error := future.exception()) is not None:
            self._server.failed(error)

    def _send_response(self, msg_id: Any, result: Any = None, error: types.ResponseError | None = None) -> None:
        if error is not None:
            error = types.ResponseError(error.code, masked(error.message))
        super()._send_response(msg_id, result, error)


class Server(LanguageServer):
    """One client, its open texts, and what it was told."""

    def __init__(self) -> None:
        super().__init__(
            "nemolint",
            __version__,
            types.TextDocumentSyncKind.Incremental,
            types.NotebookDocumentSyncOptions([types.NotebookDocumentFilterWithNotebook("jupyter-notebook")]),
            protocol_cls=Protocol,
            converter_factory=default_converter,
        )
        self.texts: dict[str, OpenText] = {}
        self.places = EditorWorkspace(os.environ)
        # What a person waits for, checks and what is done about their findings, and the same for texts that take long.
        self.questions = Worker(self.places)
        self.checks = Worker(self.places)
        self.long_checks = Worker(self.places, _IDLE)
        self.checks.start()
        self.questions.start()
        self.asked_to_end = False
        self.pulls = False
        self._given: object = None  # the settings that come without being asked for
        self._ready = False
        self._configured = False
        self._pull_timer: asyncio.TimerHandle | None = None
        self._looking = False
        self._look_wanted = False
        self._told: dict[str, str] = {}  # broken settings files, and what was said of each
        self._said: set[str] = set()
        self._failed = False
        self._tasks: set[asyncio.Task[object]] = set()
        # The findings in other files, by their URI, and by that of the text that was checked.
        self._elsewhere: dict[str, dict[str, list[ShownDiagnostic]]] = {}
        self._related: dict[str, set[str]] = {}

    # -- the client

    @property
    def encoding(self) -> Encoding:
        """The negotiated encoding of positions."""
        given = self.workspace.position_encoding
        return cast("Encoding", str(getattr(given, "value", given)))

    def capability(self, path: str) -> Any:
        """A capability of the client by its path; None without it."""
        found: Any = self.client_capabilities
        for name in path.split("."):
            found = getattr(found, name, None)
        return found

    def initialized_by(self, params: types.InitializeParams) -> None:
        """Take the folders and capabilities of the client."""
        watch_process(params.process_id)
        given = [folder.uri for folder in params.workspace_folders or ()]
        root = from_fs_path(params.root_path) if params.root_path else None
        given = given or [uri for uri in (params.root_uri or root,) if uri]
        self.places.set_folders(path for uri in given if (path := path_of(uri)) is not None)
        # Who asks for diagnostics, and cannot be asked to ask again when other files change, takes them as they come.
        refreshes = self.capability("workspace.diagnostics.refresh_support")
        publishes = self.capability("text_document.publish_diagnostics") is not None
        self.pulls = self.capability("text_document.diagnostic") is not None and bool(refreshes or not publishes)
        options = params.initialization_options
        self._given = options.get(_SECTION, options) if isinstance(options, Mapping) else None
        if isinstance(self._given, Mapping) and isinstance(self._given.get("settings"), Mapping):
            self._given = self._given["settings"]

    def ready(self) -> None:
        """The client is: take its settings, register what it lets register, and begin to look at files."""
        if self._ready:
            return
        self._ready = True
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: self.failed(context.get("exception") or RuntimeError()))
        loop.call_later(_PATIENCE, self._begin)
        loop.call_later(_PERIOD, self._look_again)
        registrations = []
        if self.capability("workspace.did_change_watched_files.dynamic_registration"):
            watchers = [types.FileSystemWatcher(pattern) for pattern in _WATCHED]
            options: Any = types.DidChangeWatchedFilesRegistrationOptions(watchers)
            method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
            registrations.append(types.Registration(f"{_SECTION}-files", method, options))
        if self.capability("workspace.did_change_configuration.dynamic_registration"):
            options = types.DidChangeConfigurationRegistrationOptions(_SECTION)
            method = types.WORKSPACE_DID_CHANGE_CONFIGURATION
            registrations.append(types.Registration(f"{_SECTION}-settings", method, options))
        self._start(self.take_settings())
        if registrations:
            self._start(self.client_register_capability_async(types.RegistrationParams(registrations)))

    async def take_settings(self) -> None:
        """Ask the client for its settings, for each folder and for files outside of all."""
        folders = self.places.folders
        given: Sequence[Any] = [self._given] * (len(folders) + 1)
        if self.capability("workspace.configuration"):
            # Without an answer there is what came without being asked for, or defaults.
            scopes = [*(self.uri_of(folder) for folder in folders), None]
            items = [types.ConfigurationItem(scope, _SECTION) for scope in scopes]
            try:
                answer = await self.workspace_configuration_async(types.ConfigurationParams(items))
            except JsonRpcException as error:
                self.refused(error)
            else:
                given = [*answer, *[None] * len(items)][: len(items)]
        read = [editor_settings(plain(value)) for value in given]
        for _, problems in read:
            for problem in problems:
                self.say(types.MessageType.Warning, f"settings of the editor: {problem}")
        of_folders: dict[str, EditorSettings] = {
            folder: found for folder, (found, _) in zip(folders, read, strict=False)
        }
        self.places.set_settings(of_folders, read[-1][0])
        self._begin()
        self.check_all()

    def settings_changed(self, value: object) -> None:
        """Take the settings that the client sends; if it can be asked for them, only that they changed counts."""
        found = plain(value)
        self._given = found.get(_SECTION, found) if isinstance(found, Mapping) else None
        self._start(self.take_settings())

    def folders_changed(self, event: types.WorkspaceFoldersChangeEvent) -> None:
        """Take other folders."""
        removed = {path_of(folder.uri) for folder in event.removed}
        added = [path for folder in event.added if (path := path_of(folder.uri)) is not None]
        self.places.set_folders([*(path for path in self.places.folders if path not in removed), *added])
        self._start(self.take_settings())

    def _start(self, work: Coroutine[Any, Any, object]) -> None:
        """Do something that nobody waits for."""

        def done(task: asyncio.Task[object]) -> None:
            self._tasks.discard(task)
            error = None if task.cancelled() else task.exception()
            if isinstance(error, JsonRpcException):
                self.refused(error)
            elif error is not None:
                self.failed(error)

        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(done)

    def _begin(self) -> None:
        """From now on texts are checked when they are opened."""
        if not self._configured:
            self._configured = True
            self.check_all()

    # -- texts

    def opened(self, item: types.TextDocumentItem) -> None:
        self.ready()  # if the client does not say so
        text = self.texts[item.uri] = OpenText(item, self.encoding)
        self.check_soon(text, 0)
        # An editor may open a text with the changes that were not saved when it was closed.
        if text.project_file is not None and text.text.text:
            if text_on_disk(text.project_file, self.encoding).text.removeprefix("\ufeff") != text.text.text:
                self._note_unsaved(text, text.project_file)

    def changed(self, params: types.DidChangeTextDocumentParams) -> None:
        text = self.texts.get(params.text_document.uri)
        if text is not None:
            text.change(params.content_changes, params.text_document.version)
            self._changed(text)

    def opened_notebook(self, params: types.DidOpenNotebookDocumentParams) -> None:
        item = params.notebook_document
        text = self.texts[item.uri] = OpenNotebook(item, params.cell_text_documents, self.encoding)
        self.check_soon(text, 0)

    def changed_notebook(self, params: types.DidChangeNotebookDocumentParams) -> None:
        text = self.texts.get(params.notebook_document.uri)
        if isinstance(text, OpenNotebook):
            for uri in text.change_cells(params.change, params.notebook_document.version):
                self._elsewhere.pop(uri, None)
                self._publish(uri)
            self._changed(text)

    def _changed(self, text: OpenText) -> None:
        """Check a text that was changed soon; what was asked about the text before is of no use any more."""
        self._drop(lambda name, uri: uri == text.uri and name != "check")
        self.check_soon(text, text.delay)
        if text.project_file is not None:
            self._note_unsaved(text, text.project_file)

    def _note_unsaved(self, text: OpenText, path: str) -> None:
        """From now on a project file counts as it is in the editor."""
        self.places.unsaved[path] = text.text.text.encode("utf-8", "replace")
        self._check_dependents(text)

    def saved(self, uri: str) -> None:
        """A text is on disk as it is here."""
        self._forget_unsaved(self.texts.get(uri))
        self.look()

    def _forget_unsaved(self, text: OpenText | None) -> None:
        if text is not None and text.path is not None and self.places.unsaved.pop(text.path, None) is not None:
            self._check_dependents(text)

    def _check_dependents(self, changed: OpenText) -> None:
        """Check the other texts again that depend on one."""
        path = changed.path
        texts = [
            text
            for text in self.texts.values()
            if text is not changed and (path in text.depends or path in text.read_unsaved)
        ]
        if self.pulls:
            if texts and self._pull_timer is None:
                self._pull_timer = asyncio.get_running_loop().call_later(_DELAY, self._ask_to_pull)
        else:
            for text in texts:
                self.check_soon(text, text.delay)

    def _drop(self, unwanted: Callable[[str, str], bool]) -> None:
        """Cancel requests, by their names and the URIs of their texts."""
        for worker in self.workers:
            worker.drop(lambda key: unwanted(*key[:2]))

    @property
    def workers(self) -> tuple[Worker, ...]:
        return self.questions, self.checks, self.long_checks

    def _worker_for(self, text: OpenText) -> Worker:
        """What checks a text."""
        return self.long_checks if text.heavy else self.checks

    def with_version(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """A message about a text, with the next version of the text where the client gives none."""
        params = message.get("params")
        text = params.get("textDocument") if isinstance(params, Mapping) else None
        if not (
            message.get("method") in (types.TEXT_DOCUMENT_DID_OPEN, types.TEXT_DOCUMENT_DID_CHANGE)
            and isinstance(params, Mapping)
            and isinstance(text, Mapping)
            and text.get("version") is None
        ):
            return dict(message)
        known = self.texts.get(str(text.get("uri")))
        version = 0 if known is None else known.version + 1
        return {**message, "params": {**params, "textDocument": {**text, "version": version}}}

    def open_with(self, uri: str) -> tuple[OpenText | None, int | None]:
        """The open text with this URI; for that of a cell, its notebook and the number of the cell in it."""
        if (text := self.texts.get(uri)) is not None:
            return text, None
        for notebook in self.texts.values():
            if isinstance(notebook, OpenNotebook) and (index := notebook.cells.index_of(uri)) is not None:
                return notebook, index
        return None, None

    def closed(self, uri: str) -> None:
        text = self.texts.pop(uri, None)
        if text is None:
            return
        if text.timer is not None:
            text.timer.cancel()
        self._drop(lambda _, other: other == uri)
        self._forget_unsaved(text)
        self._show(text, [])
        self._publish(uri)

    def open_at(self, path: str) -> OpenText | None:
        """The open text of a file."""
        return next((text for text in self.texts.values() if text.path == path), None)

    def uri_of(self, path: str) -> str:
        """The URI of a file, as the client writes it if it has it open."""
        text = self.open_at(path)
        return text.uri if text is not None else from_fs_path(path) or Path(path).as_uri()

    # -- checks

    def check_all(self) -> None:
        """Check all open texts again."""
        if self.pulls:
            self._ask_to_pull()
        else:
            for text in self.texts.values():
                self.check_soon(text, 0)

    def check_soon(self, text: OpenText, delay: float) -> None:
        """Check a text after a time without further changes, if the client does not ask for that itself."""
        if self.pulls or not self._configured:
            return
        if text.timer is not None:
            text.timer.cancel()
        text.timer = asyncio.get_running_loop().call_later(delay, self._check, text)

    def _check(self, text: OpenText) -> None:
        asyncio.wrap_future(self._submit(text)).add_done_callback(partial(self._after_check, text))

    def _submit(self, text: OpenText) -> Future[CheckOutcome]:
        key = ("check", text.uri)
        worker = self._worker_for(text)
        for other in self.workers:
            if other is not worker:
                other.drop(lambda submitted: submitted == key)
        return worker.submit(key, 1 + len(text.text.text), CheckRequest(text.asked, self.encoding, text.version))

    async def _waited(self, future: Future[Result], seconds: float | None = None) -> Result | None:
        """What a worker answers; None if it is not wanted any more, or not there after so many seconds."""
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), seconds)
        except TimeoutError:
            return None
        except asyncio.CancelledError:
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise
            return None

    def _after_check(self, text: OpenText, future: asyncio.Future[CheckOutcome]) -> None:
        if future.cancelled():
            return
        if (error := future.exception()) is not None:
            self.failed(error)
            return
        outcome = future.result()
        if self.texts.get(text.uri) is text and outcome.version == text.version:
            self._take(text, outcome)
            self._show(text, outcome.shown)

    def _take(self, text: OpenText, outcome: CheckOutcome) -> None:
        """Keep what a check says besides its findings, and tell of it what was not told before."""
        text.depends, text.read_unsaved, text.outdated = outcome.depends, outcome.unsaved, False
        text.seconds = outcome.seconds
        if outcome.broken is not None:
            path, line, message = outcome.broken
            if self._told.get(path) != message:
                self._told[path] = message
                self.show(types.MessageType.Error, f"{path}{f':{line}' if line else ''}: {message}")
        elif text.path is not None:
            for path in [path for path in self._told if text.path.startswith(os.path.dirname(path) + os.sep)]:
                del self._told[path]
        for note in outcome.notes:
            self.say(types.MessageType.Warning, f"settings of the editor: {note}")
        for error in outcome.errors:
            self.log(types.MessageType.Error, error)

    def _show(self, text: OpenText, items: list[ShownDiagnostic]) -> None:
        """Publish what a check found in a text and in other files."""
        text.shown = [item for item in items if item.path is None]
        text.shown_version = text.version
        cells: list[str] = []
        if isinstance(text, OpenNotebook):
            items = text.cells.in_cells(items)
            text.shown = []
            cells = [cell.uri for cell in text.cells.cells]
        changed = [uri for uri in self._note_elsewhere(text.uri, items) if uri not in cells] + cells
        if self.pulls:
            return
        own = [text.uri] if text.uri in self.texts and not isinstance(text, OpenNotebook) else []
        for uri in (*own, *changed):
            self._publish(uri)

    def _note_elsewhere(self, source: str, items: list[ShownDiagnostic]) -> list[str]:
        """Keep the findings of a text that are in other files. Returns the URIs of those that changed."""
        others: dict[str, list[ShownDiagnostic]] = {}
        for item in items:
            if item.uri or item.path is not None:
                others.setdefault(item.uri or self.uri_of(item.path or ""), []).append(item)
        known = {uri for uri, found in self._elsewhere.items() if source in found}
        for uri in known | others.keys():
            found = self._elsewhere.setdefault(uri, {})
            found.pop(source, None)
            if uri in others:
                found[source] = others[uri]
            if not found:
                del self._elsewhere[uri]
        return sorted(known | others.keys())

    def _publish(self, uri: str) -> None:
        """Tell the client all that is known of a text or file."""
        if not self.pulls:
            text = self.texts.get(uri)
            version = text.version if text is not None else None
            self.text_document_publish_diagnostics(
                types.PublishDiagnosticsParams(uri, self._diagnostics_of(uri), version)
            )

    def _diagnostics_of(self, uri: str) -> list[types.Diagnostic]:
        text = self.texts.get(uri)
        items = [] if text is None else [self.protocol_diagnostic(item, uri) for item in text.shown]
        for others in self._elsewhere.get(uri, {}).values():
            for other in others:
                # Places in a file count only in the text that was read.
                if text is None or other.of_text == text.text.digest:
                    item = self.protocol_diagnostic(other, uri)
                    if item not in items:
                        items.append(item)
        return items

    def protocol_diagnostic(self, item: ShownDiagnostic, uri: str) -> types.Diagnostic:
        """A finding as the protocol has it, in the text or file `uri`."""
        related = [
            types.DiagnosticRelatedInformation(
                types.Location(
                    place.uri or (uri if place.path is None else self.uri_of(place.path)), protocol_range(place.range)
                ),
                masked(place.message),
            )
            for place in item.related
        ]
        return types.Diagnostic(
            protocol_range(item.range),
            masked(item.message),
            severity=_SEVERITY[item.severity],
            code=item.rule or None,
            code_description=types.CodeDescription(item.url) if item.url else None,
            source="nemolint",
            tags=[types.DiagnosticTag.Unnecessary] if item.unnecessary else None,
            related_information=related or None,
        )

    # -- diagnostics that the client asks for

    async def pulled(self, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
        """Check a text because the client asks for it."""
        uri = params.text_document.uri
        while (text := self.open_with(uri)[0]) is not None:
            if not self._configured:
                await asyncio.sleep(_DELAY / 3)
                continue
            try:
                outcome = await asyncio.shield(asyncio.wrap_future(self._pulled(text)))
            except asyncio.CancelledError:
                if (task := asyncio.current_task()) is not None and task.cancelling():
                    raise
                continue  # a newer request took its place
            if self.texts.get(text.uri) is text and outcome.version == text.version:
                self._take(text, outcome)
                self._show(text, outcome.shown)
                break
        items = self._diagnostics_of(uri)
        digest = str(hash(repr(items)))
        related = self._related_of(uri) if self.capability("text_document.diagnostic.related_document_support") else {}
        if params.previous_result_id == digest and not related:
            return types.RelatedUnchangedDocumentDiagnosticReport(digest)
        return types.RelatedFullDocumentDiagnosticReport(items, related or None, result_id=digest)

    def _pulled(self, text: OpenText) -> Future[CheckOutcome]:
        """A check of a text, the same for all that ask for one of this version before it is done."""
        if text.pulled is None or text.pulled[0] != text.version or text.pulled[1].done():
            text.pulled = text.version, self._submit(text)
        return text.pulled[1]

    def _related_of(self, source: str) -> dict[str, Any]:
        """Reports of other files that the check of a text found something in, or found something in before."""
        uris = {uri for uri, found in self._elsewhere.items() if source in found}
        known, self._related[source] = self._related.get(source, set()), uris
        return {
            uri: types.FullDocumentDiagnosticReport(self._diagnostics_of(uri))
            for uri in sorted(uris | known)
            if self.open_with(uri)[0] is None
        }

    def _ask_to_pull(self) -> None:
        self._pull_timer = None
        for text in self.texts.values():
            text.pulled = None
        if self.capability("workspace.diagnostics.refresh_support"):
            self._start(self.workspace_diagnostic_refresh_async(None))

    # -- files that findings depend on

    def look(self) -> None:
        """Check the texts again that depend on a file that changed."""
        if self._looking:
            self._look_wanted = True
            return
        # A check that takes long would never come to an end if it was begun anew at each look.
        depends = {uri: text.depends for uri, text in self.texts.items() if text.depends and not text.outdated}
        if depends:
            self._looking = True
            self._start(self._look(depends))

    async def _look(self, depends: Mapping[str, Mapping[str, str]]) -> None:
        try:
            changed = await asyncio.to_thread(_changed, depends)
        finally:
            self._looking = False
        texts = [text for uri in changed if (text := self.texts.get(uri)) is not None]
        for text in texts:
            text.outdated = True
            if not self.pulls:
                self.check_soon(text, 0)
        if texts and self.pulls:
            self._ask_to_pull()
        if self._look_wanted:
            self._look_wanted = False
            self.look()

    def _look_again(self) -> None:
        asyncio.get_running_loop().call_later(_PERIOD, self._look_again)
        if not self._looking:
            self.look()

    # -- actions

    async def code_actions(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """What can be done about the findings in a range."""
        view = self.view(params.text_document.uri)
        if view is None or self.capability("text_document.code_action.code_action_literal_support") is None:
            return []
        text = view.text
        only = (
            None if params.context.only is None else [str(getattr(kind, "value", kind)) for kind in params.context.only]
        )
        kinds: list[ActionKind] = [kind for kind in (QUICK_FIX, FIX_ALL) if _is_wanted(only, kind)]
        if not kinds:
            return []
        version, resolvable = text.version, self._resolves
        range = client_range(params.range)
        start, end = view.offset(range.start), view.offset(range.end)
        seconds = _TRYING_SOME if resolvable else _TRYING
        request = OfferedActions(text.asked, self.encoding, start, end, kinds, self._opened(), seconds, resolvable)
        key = ("actions", text.uri, object())
        found = await self._waited(self._worker_for(text).submit(key, 0, request))
        if found is None or text.version != version or self.texts.get(text.uri) is not text:
            return []  # it will ask again
        if isinstance(text, OpenNotebook):
            cells = text.cells
            found = [(action, cells.in_cells(items)) for action, items in found]
        actions = (self._protocol_action(action, items, text) for action, items in found)
        return [action for action in actions if action is not None]

    @property
    def _creates(self) -> bool:
        """Whether the client can create a file."""
        operations = self.capability("workspace.workspace_edit.resource_operations") or ()
        changes = self.capability("workspace.workspace_edit.document_changes")
        return bool(changes) and types.ResourceOperationKind.Create in operations

    @property
    def _resolves(self) -> bool:
        """Whether the client asks for the edits of an action that was offered without."""
        given = self.capability("text_document.code_action")
        return bool(
            given is not None
            and given.data_support
            and given.resolve_support is not None
            and "edit" in given.resolve_support.properties
        )

    def _opened(self) -> dict[str, str]:
        """The settings files that are open."""
        return {
            text.path: text.text.text
            for text in self.texts.values()
            if text.path is not None and text.path.endswith(_SETTINGS_FILES)
        }

    async def resolved(self, action: types.CodeAction) -> types.CodeAction:
        """An action with its edits; without, and a message, if it would do something else than its title says."""
        data = plain(action.data)
        if not isinstance(data, Mapping):
            return action
        text = self.texts.get(str(data.get("uri")))
        if text is None or text.version != data.get("version"):
            raise JsonRpcException("the text has changed", types.LSPErrorCodes.ContentModified.value)
        request = ResolvedAction(text.asked, self.encoding, _untried(data), self._opened())
        version = text.version
        found = await self._waited(self._worker_for(text).submit(("resolve", text.uri, object()), 0, request))
        if text.version != version or self.texts.get(text.uri) is not text:
            raise JsonRpcException("the text has changed", types.LSPErrorCodes.ContentModified.value)
        action.edit = None if found is None else self._protocol_edit(found, text)
        if action.edit is None:
            self.show(
                types.MessageType.Warning, f"nothing was done: here `{action.title}` would change something else, too"
            )
        return action

    def _protocol_action(
        self, action: OfferedAction, items: list[ShownDiagnostic], text: OpenText
    ) -> types.CodeAction | None:
        edit = self._protocol_edit(action, text)
        if edit is None and (action.untried is None or (action.creates and not self._creates)):
            return None
        data = None
        if action.untried is not None:
            data = {"uri": text.uri, "version": text.version, **action.untried._asdict()}
        return types.CodeAction(
            masked(action.title),
            kind=action.kind,
            diagnostics=[self.protocol_diagnostic(item, item.uri or text.uri) for item in items] or None,
            is_preferred=True if action.preferred else None,
            edit=edit,
            data=data,
        )

    def _protocol_edit(self, action: OfferedAction, text: OpenText) -> types.WorkspaceEdit | None:
        """The edit of an action; None if it has none, or the client cannot apply it."""
        if action.untried is not None:
            return None
        target = text if action.path is None else self.open_at(action.path)
        uri = target.uri if target is not None else self.uri_of(action.path or "")
        by_uri: Sequence[tuple[str, Sequence[ClientEdit]]] | None = [(uri, action.edits)]
        if isinstance(target, OpenNotebook):
            by_uri = target.cells.edits(action.edits)
        if not by_uri:
            return None
        texts = {
            there: [types.TextEdit(protocol_range(edit.range), edit.text) for edit in edits] for there, edits in by_uri
        }
        if not self.capability("workspace.workspace_edit.document_changes"):
            return None if action.creates else types.WorkspaceEdit(changes=texts)
        changes: list[Any] = []
        if action.creates:
            if not self._creates:
                return None
            changes.append(types.CreateFile(uri, options=types.CreateFileOptions(ignore_if_exists=True)))
        # The versions of cells are not those of their notebook.
        version = None if target is None or isinstance(target, OpenNotebook) else target.version
        for there, edits in texts.items():
            identified = types.OptionalVersionedTextDocumentIdentifier(there, version)
            changes.append(types.TextDocumentEdit(identified, edits))
        return types.WorkspaceEdit(document_changes=changes)

    # -- what is at a place of a text

    async def answered(
        self, name: str, view: TextView, request: EditorRequest[Result | None], worker: Worker | None = None
    ) -> Result | None:
        """An answer about a text as it is now; None where there is none, or where the text changed in the meantime."""
        text, version = view.text, view.text.version
        key = (name, text.uri, object())
        seconds = None
        if worker is None:
            worker, seconds = self.questions, _LIMIT
            # A person is at one place only: an answer about another text may be one that takes long.
            worker.hurry(lambda key: key[1] != text.uri)
        found = await self._waited(worker.submit(key, 0, request), seconds)
        worker.drop(lambda other: other == key)
        return found if text.version == version and self.texts.get(text.uri) is text else None

    def view(self, uri: str) -> TextView | None:
        """A text, or a cell of a notebook, as the client sees it; None if it is not open."""
        text, cell = self.open_with(uri)
        return None if text is None else TextView(uri, text, cell)

    @staticmethod
    def _offset(view: TextView, position: types.Position) -> int:
        return view.offset(ClientPosition(position.line, position.character))

    async def hover(self, params: types.HoverParams) -> types.Hover | None:
        """What is known about the part of a run at a place."""
        if (view := self.view(params.text_document.uri)) is None:
            return None
        shown = await self.answered("hover", view, Hovered(view.text.asked, self._offset(view, params.position)))
        if shown is None:
            return None
        formats = self.capability("text_document.hover.content_format") or [types.MarkupKind.Markdown]
        kind = types.MarkupKind.Markdown if types.MarkupKind.Markdown in formats else types.MarkupKind.PlainText
        content = types.MarkupContent(kind, masked(shown.markdown))
        return types.Hover(content, view.location(shown.start, shown.end).range)

    async def completions(self, params: types.CompletionParams) -> types.CompletionList | None:
        """What can be typed at a place."""
        if (view := self.view(params.text_document.uri)) is None:
            return None
        offered = await self.answered(
            "completion", view, Completed(view.text.asked, self._offset(view, params.position))
        )
        if not offered:
            return None
        items = [
            types.CompletionItem(
                item.label,
                kind=_COMPLETION_KIND[item.kind],
                detail=masked(item.detail) or None,
                filter_text=text,
                sort_text=item.sort,
                text_edit=types.TextEdit(view.location(item.start, item.end).range, text),
            )
            for item in offered
            if (text := view.written(item.text)) is not None
        ]
        # Other files are offered once something of their names is typed.
        more = any(item.kind in ("config", "file", "folder") for item in offered)
        return types.CompletionList(more, items)

    async def definitions(self, params: types.DefinitionParams) -> list[types.Location] | list[types.LocationLink]:
        """Where what a part of a run names is written."""
        if (view := self.view(params.text_document.uri)) is None:
            return []
        found = await self.answered("definition", view, Defined(view.text.asked, self._offset(view, params.position)))
        links: list[types.LocationLink] = []
        for start, end, target in found or ():
            if target.path is None:
                there = view.location(target.start, target.end)
            else:
                range = ClientText(target.text, self.encoding).range(target.start, target.end)
                there = types.Location(self.uri_of(target.path), protocol_range(range))
            links.append(types.LocationLink(there.uri, there.range, there.range, view.location(start, end).range))
        if self.capability("text_document.definition.link_support"):
            return links
        return [types.Location(link.target_uri, link.target_range) for link in links]

    async def links(self, params: types.DocumentLinkParams) -> list[types.DocumentLink]:
        """The files that the runs of a text name."""
        if (view := self.view(params.text_document.uri)) is None:
            return []
        text = view.text
        # Nobody waits for the links of a text, whose check reads it anyway.
        found = await self.answered("links", view, Linked(text.asked), self._worker_for(text))
        places = [(view.location(link.start, link.end), link) for link in found or ()]
        return [
            types.DocumentLink(place.range, self.uri_of(link.path), masked(link.title))
            for place, link in places
            if place.uri == view.uri
        ]

    # -- messages

    def show(self, kind: types.MessageType, message: str) -> None:
        """Show a person a message."""
        self.window_show_message(types.ShowMessageParams(kind, f"nemolint: {masked(message)}"))

    def say(self, kind: types.MessageType, message: str) -> None:
        """Show a person a message that was not shown before."""
        if message not in self._said:
            self._said.add(message)
            self.show(kind, message)

    def log(self, kind: types.MessageType, message: str) -> None:
        """Write a message to the editor's log."""
        self.window_log_message(types.LogMessageParams(kind, masked(message)))

    def failed(self, error: BaseException) -> None:
        """Tell of an error of nemolint itself: the log of each, a person once."""
        message = described(error)
        self.log(types.MessageType.Error, message)
        if not self._failed:
            self._failed = True
            self.show(types.MessageType.Error, f"{message} (see the output of the language server)")

    def refused(self, error: JsonRpcException) -> None:
        """Tell the log that the client did not do what it was asked for."""
        self.log(types.MessageType.Warning, f"the client refused a request: {error.message}")

    def misread(self, problem: str) -> None:
        """Tell the log of something that the client should not have sent."""
        self.log(types.MessageType.Warning, f"from the client: {problem}")

    def report_server_error(self, error: Exception, source: Any) -> None:
        if isinstance(error, JsonRpcException):
            return  # the client was answered
        if isinstance(error, (ValueError, RecursionError)) and source is JsonRpcException:
            self.misread("a message is not JSON")
        else:
            self.failed(error.__cause__ or error)


def _id_of(message: Mapping[str, Any]) -> int | str | None:
    """The id of a message, None for one that is invalid."""
    number = message.get("id")
    return number if isinstance(number, int | str) and not isinstance(number, bool) else None


def plain(value: Any) -> Any:
    """Data of a message as mappings and lists: pygls makes objects of mappings that it knows no type for."""
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if hasattr(value, "_asdict"):
        return plain(value._asdict())
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


def _untried(data: Mapping[str, Any]) -> UntriedAction:
    """The action that the data of an offered one names. Raises JsonRpcException for other data."""
    match data:
        case {"name": name, "rule": str(rule), "start": int(start), "number": int(number)} if number >= 0:
            if name in get_args(ActionName):
                return UntriedAction(name, rule, start, number)
    raise JsonRpcException("the data of the action are not those that were sent", types.ErrorCodes.InvalidParams.value)


def _changed(depends: Mapping[str, Mapping[str, str]]) -> list[str]:
    """The texts, by URI, for which a file that they depend on has changed. Called by the worker."""
    known: dict[tuple[str, str], bool] = {}
    return [uri for uri, signatures in depends.items() if not is_current(signatures, known)]


def _is_wanted(only: Sequence[str] | None, kind: str) -> bool:
    """Whether a client asks for a kind of actions: it names the kind, or one that contains it."""
    return only is None or any(not name or kind == name or kind.startswith(f"{name}.") for name in only)


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
        if result.pulls:
            options = types.DiagnosticOptions(
                inter_file_dependencies=True, workspace_diagnostics=False, identifier="nemolint"
            )

            @result.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, options)
            async def pulled(params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
                return await result.pulled(params)

    @result.feature(types.INITIALIZED)
    def initialized(params: types.InitializedParams) -> None:
        result.ready()

    @result.feature(types.SHUTDOWN)
    def shutdown(*params: object) -> None:
        result.asked_to_end = True

    @result.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        result.saved(params.text_document.uri)

    @result.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def files_changed(params: types.DidChangeWatchedFilesParams) -> None:
        result.look()

    @result.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def settings_changed(params: types.DidChangeConfigurationParams) -> None:
        result.settings_changed(params.settings)

    @result.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def folders_changed(params: types.DidChangeWorkspaceFoldersParams) -> None:
        result.folders_changed(params.event)

    kinds = [types.CodeActionKind.QuickFix, FIX_ALL]

    @result.feature(types.TEXT_DOCUMENT_HOVER)
    async def hovered(params: types.HoverParams) -> types.Hover | None:
        return await result.hover(params)

    @result.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(_TRIGGERS))
    async def completed(params: types.CompletionParams) -> types.CompletionList | None:
        return await result.completions(params)

    @result.feature(types.TEXT_DOCUMENT_DEFINITION)
    async def defined(params: types.DefinitionParams) -> list[types.Location] | list[types.LocationLink]:
        return await result.definitions(params)

    @result.feature(types.TEXT_DOCUMENT_DOCUMENT_LINK)
    async def linked(params: types.DocumentLinkParams) -> list[types.DocumentLink]:
        return await result.links(params)

    @result.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(kinds, resolve_provider=True))
    async def code_actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        return await result.code_actions(params)

    @result.feature(types.CODE_ACTION_RESOLVE)
    async def resolved(params: types.CodeAction) -> types.CodeAction:
        return await result.resolved(params)

    return result


def serve(stdin: BinaryIO, stdout: BinaryIO) -> int:
    """Serve one client, and return the exit code: 0 if it asked to shut down."""
    # What libraries log quotes messages and errors, and with them texts.
    logging.getLogger().addHandler(logging.NullHandler())
    result = server()
    try:
        result.start_io(stdin, stdout)
    finally:
        for worker in result.workers:
            worker.close()
    return 0 if result.asked_to_end else 1
