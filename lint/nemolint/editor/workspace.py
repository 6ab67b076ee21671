"""The folders of an editor, their settings, and checks of the texts in it.

Each check reads settings and project files again, so that none of its results is out of date. What makes that cheap is
kept: the rules, and the facts of project files, by the digests of their texts (`project/compiled.py`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import cast, get_args

from nemolint.base import signature
from nemolint.base.choices import Preset
from nemolint.base.files import read_regular
from nemolint.base.named_tuple import NamedTuple
from nemolint.base.paths import as_posix, display_path, plain
from nemolint.driver.discover import MAX_BYTES
from nemolint.editor.client_positions import ClientText
from nemolint.presets import PRESETS
from nemolint.project.checkout import STEPS, steps_folder
from nemolint.project.compiled import Compiled
from nemolint.settings import Settings, SettingsError, SettingsTree, extended
from nemolint.settings_file import SettingsFiles
from nemolint.sources import kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    from nemolint.base.choices import Severity
    from nemolint.document import Document
    from nemolint.linter.checker import Checker
    from nemolint.linter.diagnostic import Diagnostic
    from nemolint.linter.rule import Rule
    from nemolint.project import Project

    Answer = TypeVar("Answer")

_MOST_KEPT = 4
_NOTHING: Mapping[str, Any] = MappingProxyType({})
# What a file of a language is called, where its own name does not say it: as VS Code and others name languages.
_NAME_OF_LANGUAGE = {
    "asciidoc": ".adoc",
    "bash": ".sh",
    "bat": ".bat",
    "csh": ".csh",
    "dockercompose": ".yaml",
    "dockerfile": "Dockerfile",
    "fish": ".fish",
    "github-actions-workflow": ".yml",
    "groovy": ".groovy",
    "hcl": ".hcl",
    "html": ".html",
    "ini": ".ini",
    "ipynb": ".ipynb",
    "json": ".json",
    "jsonc": ".json",
    "jupyter": ".ipynb",
    "just": "justfile",
    "ksh": ".sh",
    "make": "Makefile",
    "makefile": "Makefile",
    "markdown": ".md",
    "mdx": ".mdx",
    "nix": ".nix",
    "nomad": ".nomad",
    "org": ".org",
    "plaintext": ".txt",
    "python": ".py",
    "quarto": ".qmd",
    "r": ".r",
    "restructuredtext": ".rst",
    "rmd": ".rmd",
    "rst": ".rst",
    "sh": ".sh",
    "shell": ".sh",
    "shellscript": ".sh",
    "snakemake": "Snakefile",
    "starlark": ".bzl",
    "terraform": ".tf",
    "text": ".txt",
    "toml": ".toml",
    "yaml": ".yaml",
    "zsh": ".sh",
}


TextOf = Callable[[str], ClientText]
"""The text of another file, given by its absolute path; empty if it cannot be read."""


class EditorSettings(NamedTuple):
    """The settings of the editor itself. A settings file of the project wins over them, key by key."""

    enable: bool = True
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    env_file: str | None = None
    nemotron: str | None = None
    preset: Preset | None = None
    show: Severity = "info"


def editor_settings(value: object) -> tuple[EditorSettings, list[str]]:
    """The settings that an editor gives (None where it has none), and what is wrong with them."""
    if value is None or value == "":
        return EditorSettings(), []
    if not isinstance(value, Mapping):
        return EditorSettings(), ["the settings are not an object"]
    result, problems = EditorSettings(), []

    def names(key: str) -> tuple[str, ...] | None:
        given = value.get(key)
        if given is None:
            return None
        if isinstance(given, list) and all(isinstance(item, str) for item in given):
            return tuple(given)
        problems.append(f"`{key}` is not a list of names of rules and groups")
        return None

    def text(key: str, known: Iterable[str] = ()) -> str | None:
        given = value.get(key)
        if given is None or given == "":
            return None
        if not isinstance(given, str) or "\0" in given:
            problems.append(f"`{key}` is not a text")
        elif known and given not in known:
            problems.append(f"`{key}` is {given!r}: use one of {', '.join(known)}")
        else:
            return given
        return None

    if not isinstance(value.get("enable", True), bool):
        problems.append("`enable` is neither true nor false")
    elif value.get("enable") is False:
        result = result._replace(enable=False)
    show = text("show", ("error", "warning", "info"))
    return (
        result._replace(
            select=names("select"),
            ignore=names("ignore") or (),
            env_file=text("envFile"),
            nemotron=text("nemotron"),
            preset=cast("Preset | None", text("preset", tuple(get_args(Preset)) or tuple(PRESETS))),
            show=cast("Severity", show or "info"),
        ),
        problems,
    )


class AskedText(NamedTuple):
    """A text to check: its absolute path (None if it has none), the language that the editor takes it for.

    `name` says what kind of text it is if it has no path.
    """

    path: str | None
    language: str
    text: str
    name: str = "untitled"


class BrokenSettings(NamedTuple):
    """A settings file that cannot be used, and why. `line` counts from 1; 0 if it is not known."""

    path: str
    line: int
    message: str


class CheckedText(NamedTuple):
    """A checked text. `all` are its findings in the order of the file, `diagnostics` those that are severe enough to be
    shown; `checker` checks changed texts.

    `document` is None where nothing was checked: the file is excluded, too large, or not text. `depends` has the
    signatures of the files that the result depends on, `unsaved` what was read as it is in the editor, `notes` what is
    wrong with the settings of the editor; the check took so many `seconds`.
    """

    all: list[Diagnostic]
    folder: str
    show: Severity = "info"
    document: Document | None = None
    checker: Checker | None = None
    settings: Settings | None = None
    broken: BrokenSettings | None = None
    depends: Mapping[str, str] = _NOTHING
    unsaved: Mapping[str, bytes] = _NOTHING
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def diagnostics(self) -> list[Diagnostic]:
        return [item for item in self.all if self.shows(item)]

    def shows(self, item: Diagnostic) -> bool:
        """Whether a finding is severe enough to be shown."""
        from nemolint.linter.rule import at_least

        return at_least(item.severity, self.show)


class _EditorState(NamedTuple):
    """What a workspace was told by the editor."""

    folders: list[str]
    settings: dict[str, EditorSettings]
    default: EditorSettings
    unsaved: dict[str, bytes]


class EditorWorkspace:
    """The folders that are open in an editor, and the settings for each. All paths are absolute."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.folders: list[str] = []
        self.unsaved: dict[str, bytes] = {}  # project files as they are in the editor, by path
        self._settings: dict[str, EditorSettings] = {}
        self._default = EditorSettings()
        self._compiled = Compiled()
        self._last_good: dict[tuple[str, str, EditorSettings], Settings] = {}
        # The last checks, by path and name, the oldest first.
        self._checks: dict[object, tuple[tuple[AskedText, EditorSettings, str | None], CheckedText]] = {}
        self._asked: _Asked | None = None

    @property
    def state(self) -> _EditorState:
        """The folders, the settings and what is not saved, for a workspace in another process."""
        return _EditorState(list(self.folders), dict(self._settings), self._default, dict(self.unsaved))

    @state.setter
    def state(self, state: _EditorState) -> None:
        self.folders, self._settings, self._default, self.unsaved = state

    def set_folders(self, folders: Iterable[str]) -> None:
        """Replace the folders of the workspace."""
        self.folders = list(dict.fromkeys(folders))

    def set_settings(self, by_folder: Mapping[str, EditorSettings], default: EditorSettings) -> None:
        """Replace the editor's settings: those of each folder, and those of files outside of all."""
        self._settings, self._default = dict(by_folder), default

    def folder_of(self, path: str | None) -> str | None:
        """The innermost folder of the workspace that a file is in; None for one outside. A text without a path is in
        the first.
        """
        if path is None:
            return self.folders[0] if self.folders else None
        holding = [folder for folder in self.folders if path.startswith(f"{folder.removesuffix(os.sep)}{os.sep}")]
        return max(holding, key=len, default=None)

    def settings_of(self, path: str | None) -> EditorSettings:
        """The editor's own settings for a file."""
        folder = self.folder_of(path)
        return self._default if folder is None else self._settings.get(folder, self._default)

    def current(self, asked: AskedText) -> CheckedText:
        """The last check of a text, if nothing has changed since, else a new one."""
        key = asked, self.settings_of(asked.path), self.folder_of(asked.path)
        name = asked.path, asked.name
        if (kept := self._checks.pop(name, None)) is not None:
            known, checked = kept
            if known == key and self._is_as_read(checked.depends, checked.unsaved):
                self._checks[name] = kept
                return checked
            self._release(checked)
        checked = self.check(asked)
        self._checks[name] = key, checked
        if len(self._checks) > _MOST_KEPT:
            self._release(self._checks.pop(next(iter(self._checks)))[1])
        return checked

    def _is_as_read(self, depends: Mapping[str, str], unsaved: Mapping[str, bytes]) -> bool:
        """Whether files are as they were, on disk or in the editor."""
        now = {path: content for path, content in self.unsaved.items() if path in depends or path in unsaved}
        # A file that was read as it is in the editor is among those on disk only because it exists.
        return now == unsaved and is_current(depends)

    @staticmethod
    def _release(checked: CheckedText) -> None:
        if checked.document is not None and checked.checker is not None:
            checked.checker.forget(checked.document)

    def answer(
        self, asked: AskedText, question: Callable[[Document, Project], Answer], *, unread: bool = False
    ) -> Answer | None:
        """The answer to a question about a text and its project; None for a text that is not to be checked.

        No rule runs for it, and the project is kept as long as nothing that it read changes: a person is still typing.
        `unread`: the question is about a document of which nothing has been parsed.
        """
        key = asked._replace(text=""), self.settings_of(asked.path), self.folder_of(asked.path)
        kept = self._asked
        if kept is None or kept.key != key or not self._is_as_read(kept.depends, _unsaved(kept.checker)):
            _, checker = self._prepared(asked, _NOTHING)
            kept = self._asked = _Asked(key, checker) if checker is not None else None
        if kept is None or not _may_be_read(asked):
            return None
        begun = time.time_ns()
        document = kept.document
        if unread:
            document = read(kept.checker, asked, unread=True)
        elif document is None or document.text != asked.text:
            if document is not None:
                kept.checker.forget(document)
            document = kept.document = read(kept.checker, asked)
        answer = question(document, kept.checker.project(document))
        seen = {path: state for states in _seen(kept.checker) for path, state in states.items()}
        more = {path: state for path, state in seen.items() if path not in kept.depends}
        kept.depends.update(_depends([more], begun) if more else {})
        return answer

    def check(self, asked: AskedText, unsaved: Mapping[str, bytes] = _NOTHING) -> CheckedText:
        """Check a text. `unsaved` are contents of settings files, by path, that count instead of those on disk."""
        begun = time.time_ns()
        start = time.monotonic()
        result, checker = self._prepared(asked, unsaved)
        if checker is None:
            return result
        document = read(checker, asked)
        found = checker.check(document)
        depends = _depends(_seen(checker), begun)
        taken = time.monotonic() - start
        return result._replace(
            all=found,
            document=document,
            checker=checker,
            depends=depends,
            unsaved=_unsaved(checker),
            seconds=taken,
        )

    def _prepared(self, asked: AskedText, unsaved: Mapping[str, bytes]) -> tuple[CheckedText, Checker | None]:
        """The result of a check before anything is checked, and what checks the text, if it is to be checked."""
        from nemolint.linter.checker import Checker

        begun = time.time_ns()
        folder = self.folder_of(asked.path)
        cwd = plain(folder or (os.path.dirname(asked.path) if asked.path else os.getcwd()))
        wanted = self.settings_of(asked.path)
        nothing = CheckedText([], cwd, wanted.show)
        if not wanted.enable or not _may_be_read(asked):
            return nothing, None
        broken: list[BrokenSettings] = []
        notes: dict[str, None] = {}
        tree = self._tree(cwd, wanted, broken, notes, unsaved)
        settings = tree.of(cwd if asked.path is None else os.path.dirname(asked.path))
        excluded = asked.path is not None and tree.excludes(asked.path, False)
        result = nothing._replace(settings=settings, broken=broken[0] if broken else None, notes=tuple(notes))
        if excluded:
            return result._replace(depends=_depends([tree.seen], begun)), None
        checker = Checker(settings, cwd=cwd, environ=self.environ, tree=tree)
        checker.projects.compiled = self._compiled
        checker.projects.unsaved = self.unsaved
        return result, checker

    def _tree(
        self,
        cwd: str,
        wanted: EditorSettings,
        broken: list[BrokenSettings],
        notes: dict[str, None],
        unsaved: Mapping[str, bytes],
    ) -> SettingsTree:
        """The settings of each folder. A file that cannot be used is added to `broken`; what it said last holds."""
        from nemolint.linter.loader import check_names, load_rules

        def complete(settings: Settings) -> Settings:
            rules = load_rules() if wanted.select or wanted.ignore else {}
            if rules and settings.policies:
                from nemolint.linter.policy_rules import rules_of

                rules = {**rules, **rules_of(settings)}
            joined = with_editor(settings, _without_unknown(wanted, rules, notes), cwd)
            if joined.nemotron is not None and not os.path.isdir(steps_folder(joined.nemotron)):
                message = f"nemotron: {joined.nemotron} is not a Nemotron checkout: it has no {STEPS}"
                if settings.nemotron is not None:
                    raise SettingsError(f"{settings.source}: {message}")
                notes[message] = None
                joined = joined._replace(nemotron=None)
            return joined

        def check(settings: Settings) -> None:
            if settings.names_rules:
                check_names(settings, load_rules())

        def read(path: str | os.PathLike[str], most: int) -> bytes:
            content = unsaved.get(os.fspath(path))
            return read_regular(path, most) if content is None else content

        files = SettingsFiles(check, complete, read)

        def own(folder: str) -> Settings | None:
            key = folder, cwd, wanted
            try:
                found = files.of_folder(folder)
            except SettingsError as error:
                broken.append(_problem_of(error, folder))
                return self._last_good.get(key)
            if unsaved:
                return found
            if found is None:
                self._last_good.pop(key, None)
            else:
                self._last_good[key] = found
            return found

        return SettingsTree(lambda: complete(Settings(cwd)), own, files.seen)


def _without_unknown(wanted: EditorSettings, rules: Mapping[str, Rule], notes: dict[str, None]) -> EditorSettings:
    """The editor's settings without names that are none of a rule or group, or must not be ignored: for each a note."""
    from nemolint.settings_check import locked_problem, unknown_rule

    def known(key: str, names: tuple[str, ...]) -> tuple[str, ...]:
        problems = {
            name: unknown_rule(name, rules) or (locked_problem(name, rules) if key == "ignore" else None)
            for name in names
        }
        notes.update({f"{key}: {problem}": None for problem in problems.values() if problem})
        return tuple(name for name in names if not problems[name])

    select = known("select", wanted.select or ()) or None
    return wanted._replace(select=select, ignore=known("ignore", wanted.ignore))


class _Asked:
    """What questions about a text are answered with: the files of its project, and the text as it was read last."""

    def __init__(self, key: tuple[AskedText, EditorSettings, str | None], checker: Checker) -> None:
        self.key = key
        self.checker = checker
        self.document: Document | None = None
        self.depends: dict[str, str] = {}


def _may_be_read(asked: AskedText) -> bool:
    return "\0" not in asked.text and len(asked.text) <= MAX_BYTES


def _seen(checker: Checker) -> Iterator[Mapping[str, str]]:
    """What was read for a check, or looked for: settings, and the files of projects."""
    yield checker.tree.seen
    for project in checker.projects.by_name().values():
        yield project.reader.seen


def _unsaved(checker: Checker) -> dict[str, bytes]:
    """What was read for a check as it is in the editor."""
    projects = checker.projects.by_name().values()
    return {path: content for project in projects for path, content in project.reader.unsaved_read.items()}


def _depends(seen: Iterable[Mapping[str, str]], begun: int) -> dict[str, str]:
    """Signatures of the files that a check read, or looked for, after `begun`."""
    from nemolint.cache.entries import signatures

    joined = {path: state for states in seen for path, state in states.items() if state != signature.UNKNOWN}
    return {path: signed for path, signed in signatures(joined, begun).items() if signed != signature.UNKNOWN}


def is_current(depends: Mapping[str, str], known: dict[tuple[str, str], bool] | None = None) -> bool:
    """Whether the files behind signatures are unchanged. `known` keeps answers for other texts."""
    now, known = time.time_ns(), {} if known is None else known
    for path, signed in depends.items():
        if (path, signed) not in known:
            known[path, signed] = signature.unchanged(path, signed, now) is not None
        if not known[path, signed]:
            return False
    return True


def read(checker: Checker, asked: AskedText, *, unread: bool = False) -> Document:
    """A text as a document. Its kind is that of its name, else that of its language.

    A notebook may be shown as the code in it, or as Markdown: then its language says so, and its name is still its own.
    """
    name = asked.name if asked.path is None else display_path(asked.path, checker.cwd)
    kind = kind_of(as_posix(asked.path or name), asked.text[:256].removeprefix("\ufeff"))
    more = _NAME_OF_LANGUAGE.get(asked.language) or _NAME_OF_LANGUAGE.get(asked.language.partition(".")[0])
    if more is not None and (kind is None or (kind == "notebook" and more not in (".ipynb", ".json", ".txt"))):
        name += more if more.startswith(".") else f"/{more}"
    return checker.read_text(name, asked.text, absolute=asked.path, unread=unread)


def with_editor(settings: Settings, wanted: EditorSettings, folder: str) -> Settings:
    """Settings with those of the editor where they are silent. Paths are relative to the folder of the workspace."""
    given = {key for item in settings.lineage for key in item.given}

    def place(key: str, text: str | None) -> str | None:
        if text is None or key in given:
            return None
        return plain(os.path.join(folder, os.path.expanduser(text.replace("${workspaceFolder}", folder))))

    base = Settings(
        settings.root,
        select=None if "select" in given else wanted.select,
        ignore=() if "ignore" in given else wanted.ignore,
        env_file=place("env-file", wanted.env_file),
        nemotron=place("nemotron", wanted.nemotron),
        preset=wanted.preset or "repo",
    )
    joined = extended(settings, base)._replace(base=settings.base)
    if "preset" in given or wanted.preset is None:
        joined = joined._replace(preset=settings.preset)
    return joined


def _problem_of(error: SettingsError, folder: str) -> BrokenSettings:
    """What is wrong with a settings file, from a message that begins with its name and line."""
    message = str(error)
    for name in ("nemolint.toml", "pyproject.toml"):
        path = f"{folder}{os.sep}{name}"
        if message.startswith(f"{path}:"):
            rest = message.removeprefix(f"{path}:")
            line, _, said = rest.partition(":")
            if line.isdigit():
                return BrokenSettings(path, int(line), said.strip())
            return BrokenSettings(path, 0, rest.strip())
    return BrokenSettings(f"{folder}{os.sep}nemolint.toml", 0, message)
