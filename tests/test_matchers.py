"""The lines for editors and for GitHub's problem matcher: their own readers find each place in a report."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from support.command import MISSPELT, execute, nemolint

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "integrations" / "editors.md").read_text("utf-8")


class Place(NamedTuple):
    """What a reader made of a line. The severity is its first letter."""

    path: str
    line: int
    column: int
    severity: str
    message: str


def _fence(heading: str) -> str:
    """The one example below a heading of the page."""
    (section,) = re.findall(rf"^##+ {re.escape(heading)}\n(.*?)(?=^##+ |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    (found,) = re.findall(r"^```\w+\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
    return str(found)


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Place]]:
    """A folder with findings of each severity, in names with blanks and colons, and in a notebook; and its places."""
    folder = tmp_path_factory.mktemp("checked")
    (folder / "my docs").mkdir()
    name = "a b.md" if os.name == "nt" else "a: b.md"
    (folder / "my docs" / name).write_text(f"```bash\n{MISSPELT}\n```\n")
    (folder / "run.sh").write_text("\n  nemotron steps run sft/automodel -c tiny --batch nowhere seed=1 seed=2\n")
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": ["x = 1\n", f"!{MISSPELT}"]}
    (folder / "b.ipynb").write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4}, indent=1))
    rows = nemolint(folder, "--show", "info", "--output-format", "json").rows()
    places = [Place(row["path"], row["line"], row["column"], row["severity"][0], row["message"]) for row in rows]
    assert {place.severity for place in places} == {"e", "w", "i"}
    return folder, places


def _report(folder: Path) -> str:
    """What the command of the page prints, between other output."""
    done = nemolint(folder, "check", "--quiet", "--show", "info", "--output-format", "concise")
    assert done.err == ""
    return f"make: Entering directory\n{done.out}All done: fine\n"


def _held(found: list[Place], expected: list[Place]) -> None:
    assert [place[:4] for place in found] == [place[:4] for place in expected]
    for one, other in zip(found, expected, strict=True):
        assert other.message in one.message, one


def test_vim(checked: tuple[Path, list[Place]], tmp_path: Path) -> None:
    """Vim's quickfix list holds every finding, and nothing else that leads to a place."""
    vim = shutil.which("vim")
    if vim is None or "+quickfix" not in execute([vim, "--version"], tmp_path).out:
        pytest.skip("Vim with +quickfix is not installed (on Debian: apt install vim-nox)")
    folder, places = checked
    (tmp_path / "log").write_text(_report(folder))
    script = tmp_path / "read.vim"
    script.write_text(
        f"{_fence('Vim')}cgetfile {tmp_path}/log\n"
        "call map(filter(getqflist(), 'v:val.valid'), "
        "'extend(v:val, {\"name\": bufname(v:val.bufnr)})')->json_encode()"
        f"->split('\\n')->writefile('{tmp_path}/found')\nqall!\n"
    )
    execute([vim, "-N", "-u", "NONE", "-i", "NONE", "-n", "-es", "-S", script], folder, timeout=60)
    rows: list[dict[str, Any]] = json.loads((tmp_path / "found").read_text())
    _held([Place(row["name"], row["lnum"], row["col"], row["type"], row["text"]) for row in rows], places)
    make = re.search(r"^set makeprg=(.*)$", _fence("Vim"), re.MULTILINE)
    assert make is not None and make[1].replace("\\ ", " ") == "nemolint check --quiet --output-format concise"


def test_emacs(checked: tuple[Path, list[Place]], tmp_path: Path) -> None:
    """A compilation buffer of Emacs leads to every finding, with its severity, and nowhere else."""
    emacs = shutil.which("emacs")
    if emacs is None:
        pytest.skip("Emacs is not installed (on Debian: apt install emacs-nox)")
    folder, places = checked
    (tmp_path / "log").write_text(_report(folder))
    (tmp_path / "read.el").write_text(
        _fence("Emacs compilation")
        + f"""
(require 'compile)
(with-temp-buffer
  (insert-file-contents "{tmp_path}/log")
  (setq default-directory "{folder}/")
  (compilation-mode)
  (compilation--ensure-parse (point-max))
  (goto-char (point-min))
  (while (not (eobp))
    (let ((message (get-text-property (point) 'compilation-message)))
      (when message
        (let* ((loc (compilation--message->loc message)) (file (compilation--loc->file-struct loc)))
          (princ (format "%s\\t%s\\t%s\\t%s\\t%s\\n" (caar file) (compilation--loc->line loc)
                         (compilation--loc->col loc) (compilation--message->type message)
                         (buffer-substring (point) (line-end-position)))))))
    (forward-line)))
"""
    )
    done = execute([emacs, "--batch", "-Q", "-l", tmp_path / "read.el"], folder, code=0, timeout=120)
    found = [line.split("\t", 4) for line in done.out.splitlines()]
    types = {"2": "e", "1": "w", "0": "i"}
    rows = [Place(path, int(line), int(column), types[type], text) for path, line, column, type, text in found]
    _held(rows, places)


def _matched(pattern: dict[str, Any], text: str) -> list[Place]:
    """What a pattern of VS Code or GitHub finds: by JavaScript where there is one, else by Python."""
    names = ("file", "line", "column", "severity", "message")
    node = shutil.which("node")
    if node is not None:
        code = (
            "const [p, text] = JSON.parse(require('fs').readFileSync(0, 'utf8')); const r = new RegExp(p.regexp);"
            "console.log(JSON.stringify(text.split('\\n').map(l => r.exec(l)).filter(Boolean).map(m => [...m])))"
        )
        rows = execute([node, "-e", code], ROOT, stdin=json.dumps([pattern, text]), code=0).rows()
    else:
        found = (re.search(pattern["regexp"], line, re.ASCII) for line in text.split("\n"))
        rows = [[match[0], *match.groups()] for match in found if match is not None]
    values = [[row[pattern[name]] if name in pattern else "info" for name in names] for row in rows]
    return [Place(path, int(line), int(column), level[0], text) for path, line, column, level, text in values]


def test_vs_code(checked: tuple[Path, list[Place]]) -> None:
    """The task of VS Code finds every finding, its severity and its rule; the task runs a command that exists."""
    folder, places = checked
    (task,) = json.loads(_fence("VS Code without the extension"))["tasks"]
    pattern = task["problemMatcher"]["pattern"]
    _held(_matched(pattern, _report(folder)), places)
    rules = {place.message for place in _matched(pattern | {"message": pattern["code"]}, _report(folder))}
    assert "misspelled-dry-run" in rules
    assert nemolint(folder, *task["command"].split()[1:]).out in _report(folder)


def test_github(checked: tuple[Path, list[Place]]) -> None:
    """The matchers of GitHub find every finding once; GitHub knows errors, warnings and notices."""
    folder, places = checked
    found: list[Place] = []
    for matcher in json.loads((ROOT / ".github" / "nemolint-matcher.json").read_text("utf-8"))["problemMatcher"]:
        (pattern,) = matcher["pattern"]
        assert ("severity" in pattern) != (matcher.get("severity") == "notice")
        found += _matched(pattern, _report(folder))
    _held(sorted(found), sorted(places))


COMMAND = ["nemolint", "lsp"]


def test_the_settings_of_the_page_are_those_of_the_server() -> None:
    """The page says every setting that the server takes, and its examples give it what it takes."""
    workspace = pytest.importorskip("nemolint.editor.workspace", reason="the server is not installed")
    table = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", PAGE.partition("\n## ")[0], re.MULTILINE)
    names = [name for row in table for name in re.findall(r"\w+", row)]
    snakes = [re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", name) for name in names]
    assert sorted(snakes) == sorted(workspace.EditorSettings._fields)
    helix = tomllib.loads(_fence("Helix"))["language-server"]["nemolint"]["config"]["nemolint"]
    sublime = json.loads(_fence("Sublime Text"))["clients"]["nemolint"]["settings"]
    for given in (helix, {name.removeprefix("nemolint."): value for name, value in sublime.items()}):
        assert workspace.editor_settings(given) == (workspace.EditorSettings(), [])


def test_helix() -> None:
    """Each language runs the server that the file defines, beside another."""
    given = tomllib.loads(_fence("Helix"))
    server = given["language-server"]["nemolint"]
    assert [server["command"], *server["args"]] == COMMAND
    assert all({"nemolint"} < set(language["language-servers"]) for language in given["language"])


def test_sublime_text() -> None:
    """The client starts the server."""
    assert json.loads(_fence("Sublime Text"))["clients"]["nemolint"]["command"] == COMMAND


def test_settings_of_the_extension() -> None:
    """The example has settings that the extension declares."""
    declared = json.loads((ROOT / "editors" / "vscode" / "package.json").read_text("utf-8"))["contributes"]
    assert set(json.loads(_fence("VS Code"))) <= set(declared["configuration"]["properties"])


def test_zed(checked: tuple[Path, list[Place]]) -> None:
    """The task reports the findings of the file, whatever its name."""
    folder, places = checked
    (task,) = json.loads(_fence("Zed"))
    for name in {place.path for place in places}:
        words = shlex.split(task["command"].replace("$ZED_RELATIVE_FILE", name))
        assert words[0] == "nemolint"
        rows = nemolint(folder, *words[1:]).out.splitlines()
        assert len(rows) == sum(place.path == name for place in places)


def test_efm_langserver(checked: tuple[Path, list[Place]]) -> None:
    """The command reports the findings of the text on its standard input, in the format that is read for Vim, too."""
    folder, places = checked
    given = yaml.safe_load(_fence("efm-langserver"))
    tool = given["tools"]["nemolint"]
    assert all(tools == [tool] for tools in given["languages"].values())
    (format,) = tool["lint-formats"]
    assert f"errorformat={format}\n" in _fence("Vim").replace("\\ ", " ")
    words = shlex.split(tool["lint-command"].replace("${INPUT}", str(folder / "run.sh")))
    rows = nemolint(folder, *words[1:], stdin=(folder / "run.sh").read_text()).out.splitlines()
    assert len(rows) == sum(place.path == "run.sh" for place in places) > 0


@pytest.mark.parametrize("heading", ["Emacs", "lsp-mode"])
def test_emacs_servers(tmp_path: Path, heading: str) -> None:
    """Emacs reads the settings, and they start the server."""
    emacs = shutil.which("emacs")
    if emacs is None:
        pytest.skip("Emacs is not installed (on Debian: apt install emacs-nox)")
    (tmp_path / "stand-ins.el").write_text(
        """
(defvar eglot-server-programs nil)
(defvar started nil)
(defun eglot-ensure ())
(defun lsp-stdio-connection (command) command)
(defun lsp-activate-on (&rest languages) languages)
(defun make-lsp-client (&rest fields) fields)
(defun lsp-register-client (client) (setq started (plist-get client :new-connection)))
(provide 'eglot)
(provide 'lsp-mode)
"""
    )
    (tmp_path / "page.el").write_text(_fence(heading))
    words = [emacs, "--batch", "-Q", "-l", "stand-ins.el", "-l", "page.el", "--eval"]
    shown = '(princ (mapconcat (function identity) (or started (cdar eglot-server-programs)) " "))'
    assert execute([*words, shown], tmp_path, code=0, timeout=120).out == " ".join(COMMAND)
