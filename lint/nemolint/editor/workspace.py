"""The folders of an editor, their settings, and checks of the texts in it.

Each check reads settings and project files again, so that none of its results is out of date. What makes that cheap is
kept: the rules, and the facts of project files, by the digests of their texts (`project/compiled.py`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast, get_args

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.paths import display_path
from nemolint.driver.discover import MAX_BYTES
from nemolint.presets import PRESETS, Preset
from nemolint.project.compiled import Compiled
from nemolint.settings import Settings, SettingsError, SettingsTree, extended
from nemolint.settings_file import SettingsFiles
from nemolint.sources import kind_of

if TYPE_CHECKING:
    from nemolint.document import Document
    from nemolint.linter.checker import Checker, InternalError
    from nemolint.linter.diagnostic import Diagnostic
    from nemolint.linter.rule import Severity

# What a file of a language is called, where its own name does not say it: as VS Code and others name languages.
_NAME_OF_LANGUAGE = {
    "asciidoc": ".adoc",
    "bash": ".sh",
    "csh": ".csh",
    "dockercompose": ".yaml",
    "dockerfile": "Dockerfile",
    "fish": ".fish",
    "github-actions-workflow": ".yml",
    "groovy": ".groovy",
    "html": ".html",
    "ini": ".ini",
    "json": ".json",
    "jsonc": ".json",
    "just": "justfile",
    "make": "Makefile",
    "makefile": "Makefile",
    "markdown": ".md",
    "mdx": ".mdx",
    "org": ".org",
    "plaintext": ".txt",
    "python": ".py",
    "quarto": ".qmd",
    "r": ".r",
    "restructuredtext": ".rst",
    "rmd": ".rmd",
    "rst": ".rst",
    "sh": ".sh",
    "shellscript": ".sh",
    "snakemake": "Snakefile",
    "terraform": ".tf",
    "text": ".txt",
    "toml": ".toml",
    "yaml": ".yaml",
    "zsh": ".sh",
}


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
    """A text to check: its absolute path (None if it has none), the language that the editor takes it for."""

    path: str | None
    language: str
    text: str


class BrokenSettings(NamedTuple):
    """A settings file that cannot be used, and why. `line` counts from 1; 0 if it is not known."""

    path: str
    line: int
    message: str


class CheckedText(NamedTuple):
    """A checked text. `diagnostics` has those to show, in the order of the file; `checker` checks changed texts.

    `document` is None where nothing was checked: the file is excluded, too large, or not text.
    """

    diagnostics: list[Diagnostic]
    folder: Path
    document: Document | None = None
    checker: Checker | None = None
    settings: Settings | None = None
    settings_problem: BrokenSettings | None = None
    internal_errors: tuple[InternalError, ...] = ()


class EditorWorkspace:
    """The folders that are open in an editor, and the settings for each. All paths are absolute."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.folders: list[str] = []
        self.settings: dict[str, EditorSettings] = {}  # by folder
        self.default = EditorSettings()  # for files outside the folders
        self._compiled = Compiled()
        self._last_good: dict[str, Settings] = {}  # of a folder whose settings file may be broken now

    def folder_of(self, path: str | None) -> str | None:
        """The innermost folder of the workspace that a file is in; None for one outside. A text without a path is in
        the first.
        """
        if path is None:
            return self.folders[0] if self.folders else None
        holding = [folder for folder in self.folders if path.startswith(f"{folder.removesuffix(os.sep)}{os.sep}")]
        return max(holding, key=len, default=None)

    def editor_settings_of(self, path: str | None) -> EditorSettings:
        """The editor's own settings for a file."""
        folder = self.folder_of(path)
        return self.default if folder is None else self.settings.get(folder, self.default)

    def check(self, asked: AskedText) -> CheckedText:
        """Check a text. Raises ValueError if the editor names a checkout that is none."""
        from nemolint.linter.checker import Checker
        from nemolint.linter.rule import at_least

        folder = self.folder_of(asked.path)
        cwd = Path(folder or (os.path.dirname(asked.path) if asked.path else os.getcwd()))  # noqa: PTH109
        wanted = self.editor_settings_of(asked.path)
        nothing = CheckedText([], cwd)
        if not wanted.enable or "\0" in asked.text or len(asked.text) > MAX_BYTES:
            return nothing
        problems: list[BrokenSettings] = []
        tree = self._tree(cwd, wanted, problems)
        settings = tree.of(str(cwd) if asked.path is None else os.path.dirname(asked.path))
        problem = problems[0] if problems else None
        if asked.path is not None and tree.excludes(asked.path, False):
            return nothing._replace(settings=settings, settings_problem=problem)
        checker = Checker(settings, cwd=cwd, environ=self.environ, tree=tree)
        checker.projects.compiled = self._compiled
        document = read(checker, asked)
        diagnostics = [item for item in checker.check(document) if at_least(item.severity, wanted.show)]
        return CheckedText(diagnostics, cwd, document, checker, settings, problem, tuple(checker.internal_errors))

    def _tree(self, cwd: Path, wanted: EditorSettings, problems: list[BrokenSettings]) -> SettingsTree:
        """The settings of each folder. A file that cannot be used is added to `problems`; what it said last holds."""
        from nemolint.linter.loader import check_names, load_rules

        def complete(settings: Settings) -> Settings:
            return with_editor(settings, wanted, cwd)

        def check(settings: Settings) -> None:
            if settings.names_rules:
                check_names(settings, load_rules())

        files = SettingsFiles(check, complete)

        def own(folder: str) -> Settings | None:
            try:
                found = files.of_folder(folder)
            except SettingsError as error:
                problems.append(_problem_of(error, folder))
                return self._last_good.get(folder)
            if found is None:
                self._last_good.pop(folder, None)
            else:
                self._last_good[folder] = found
            return found

        return SettingsTree(lambda: complete(Settings(cwd)), own, files.seen)


def read(checker: Checker, asked: AskedText) -> Document:
    """A text as a document. Its kind is that of its name, else that of its language."""
    path = Path(asked.path) if asked.path is not None else None
    name = "untitled" if path is None else display_path(path, checker.cwd)
    kind = kind_of((path or Path(name)).as_posix(), asked.text[:256].removeprefix("\ufeff"))
    if kind is None and (more := _NAME_OF_LANGUAGE.get(asked.language)) is not None:
        name += more if more.startswith(".") else f"/{more}"
    return checker.read_text(name, asked.text, absolute=asked.path)


def with_editor(settings: Settings, wanted: EditorSettings, folder: Path) -> Settings:
    """Settings with those of the editor where they are silent. Paths are relative to the folder of the workspace."""
    given = {key for item in settings.lineage for key in item.given}

    def place(key: str, text: str | None) -> Path | None:
        if text is None or key in given:
            return None
        # os.path does not raise where there is no home folder.
        return folder / os.path.expanduser(text.replace("${workspaceFolder}", str(folder)))  # noqa: PTH111

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
