"""The extension for VS Code: it is built, packaged, and starts the real server the way it would in VS Code."""

from __future__ import annotations

import json
import re
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from nemolint.base.version import __version__
from nemolint.presets import PRESETS
from support.command import CORRECT, MISSPELT, Done, execute
from support.extension import EXTENSION, NODE, NPM, ROOT, build
from support.files import write
from support.once import common

PACKAGE = json.loads((EXTENSION / "package.json").read_text("utf-8"))
PROPERTIES: Mapping[str, Any] = PACKAGE["contributes"]["configuration"]["properties"]
OLDEST_NODE = 20


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the extension, checked by the compiler, bundled and packaged."""
    if not (NPM and NODE):
        pytest.skip("npm is not installed")
    if int(execute([NODE, "--version"], ROOT, code=0).out.strip("v\n").partition(".")[0]) < OLDEST_NODE:
        pytest.skip(f"this Node.js is older than {OLDEST_NODE}")
    folder, why, failed = build(common(tmp_path_factory))
    if why:
        pytest.skip(why)
    assert not failed, failed
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace with one faulty script."""
    root = tmp_path / "my workspace"
    write(root, {"a.sh": f"{MISSPELT}\n"})
    return root


def _program(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{text}", "utf-8")
    file.chmod(0o755)
    return file


def _nemolint(file: Path) -> Path:
    """The nemolint that is tested, under another name."""
    return _program(file, f"exec '{sys.executable}' -m nemolint \"$@\"\n")


def _client(built: Path, setting: str, folder: Path) -> Any:
    """What a client got that starts the server as the extension does."""
    done = execute([NODE, built / "out/client.js", setting, folder, "a.sh", "shellscript"], folder, code=0)
    return json.loads(done.out)


def _host(built: Path, settings: Mapping[str, Any], folder: Path, *, trusted: bool = True, path: str = "") -> Any:
    """What the extension did in a stand-in for VS Code: `first` at its activation, `second` at *Restart Server*."""
    words = [
        NODE,
        built / "test/host.cjs",
        built / "dist/extension.js",
        json.dumps(settings),
        folder,
        str(trusted).lower(),
    ]
    done: Done = execute(words, folder, code=0, env={"PATH": path or "/nowhere"})
    return json.loads(done.out)


def test_the_package_is_whole(built: Path) -> None:
    """The `.vsix` has the bundle, the licence and the page, and none of what it was made from."""
    with zipfile.ZipFile(built / "dist" / "nemolint.vsix") as archive:
        names = {name.removeprefix("extension/") for name in archive.namelist() if name.startswith("extension/")}
        packed = json.loads(archive.read("extension/package.json"))
        bundle = archive.read("extension/dist/extension.js").decode()
    assert {name.lower() for name in names} == {"package.json", "readme.md", "license.txt", "dist/extension.js"}
    assert packed["version"] == PACKAGE["version"]
    builtin = json.loads(execute([NODE, "-p", "JSON.stringify(require('module').builtinModules)"], built, code=0).out)
    required = {name.removeprefix("node:") for name in re.findall(r'require\("([^"]+)"\)', bundle)}
    assert required <= {"vscode", *builtin} and "vscode" in required


def test_the_server_serves_the_extension(built: Path, folder: Path) -> None:
    """Started by the extension's own options, it finds the fault in a file, and its fix mends it."""
    pytest.importorskip("pygls", reason="pygls is not installed")
    _nemolint(folder / ".venv/bin/nemolint")
    answer = _client(built, "", folder)
    start = MISSPELT.index("--dryrun")
    assert answer == {
        "server": "nemolint",
        "selected": True,
        "sections": ["nemolint"],
        "section": "nemolint",
        "diagnostics": [
            {
                "code": "misspelled-dry-run",
                "range": {
                    "start": {"line": 0, "character": start},
                    "end": {"line": 0, "character": start + len("--dryrun")},
                },
            }
        ],
        "titles": ["Write `--dry-run`"],
        "fixed": f"{CORRECT}\n",
        "code": 0,
        "afterEnds": ["never ran", "restart", "restart", "restart", "give up", "restart"],
    }


def test_the_extension_starts_and_restarts_the_server(built: Path, folder: Path) -> None:
    """It starts the nemolint of the workspace, starts it anew on request, ends it, and says nothing about it."""
    pytest.importorskip("pygls", reason="pygls is not installed")
    executable = _nemolint(folder / ".venv/bin/nemolint")
    done = _host(built, {}, folder)
    once = {"shown": [], "started": [str(executable)] * 2}  # once to ask whether it can serve
    assert (done["first"], done["second"]) == (once, once)
    assert set(done["commands"]) == {item["command"] for item in PACKAGE["contributes"]["commands"]}


_NO_EXTRA = "nemolint: the language server needs pygls: install it with \\`pip install 'nemolint[lsp]'\\`"
_OLD = "nemolint: \\`lsp\\` is neither a subcommand nor a file or folder here: see \\`nemolint --help\\`"
_DRAIN = "read -r line || exit 1\nexit 3\n"


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (f'echo "{_NO_EXTRA}" >&2\nexit 2\n', "install it with `pip install 'nemolint[lsp]'`"),
        (f'echo "{_OLD}" >&2\nexit 2\n', "is too old to serve editors"),
        ("echo no interpreter >&2\nexit 127\n", "cannot be started: no interpreter"),
        (_DRAIN, "couldn't create connection to server"),
    ],
    ids=["without the extra", "too old", "broken", "ends at the first message"],
)
def test_a_server_that_cannot_serve_is_told_of_once(built: Path, folder: Path, program: str, said: str) -> None:
    """One message says what to do, and nothing is started again and again."""
    executable = _program(folder / "bin/nemolint", program)
    done = _host(built, {"nemolint.executablePath": str(executable)}, folder)
    for round in (done["first"], done["second"]):
        assert [message for message, *_ in round["shown"] if said in message] == [round["shown"][0][0]], done
        assert len(round["shown"]) == 1 and len(round["started"]) <= 2, done


@pytest.mark.parametrize(
    ("setting", "place", "said"),
    [
        ("", ".venv/bin/nemolint", ""),
        ("", "path/nemolint", ""),
        ("", None, "install it with `pip install 'nemolint[lsp]'`"),
        ("${workspaceFolder}/tools/n", "tools/n", ""),
        ("tools/n", "tools/n", ""),
        ("n", "path/n", ""),
        ("n", "n", "is not in PATH"),
        ("./absent", None, "is not an executable file"),
        ("${config:x}/n", None, "has an unknown variable"),
    ],
)
def test_where_the_executable_is(built: Path, folder: Path, setting: str, place: str | None, said: str) -> None:
    """A `.venv` of the workspace, `PATH`, or what the setting names; else one message says what to do."""
    if place is not None:
        _program(folder / place, "exit 2\n")
    done = _host(built, {"nemolint.executablePath": setting}, folder, path=str(folder / "path"))["first"]
    assert done["started"] == ([] if said else [str(folder / str(place))])
    assert len(done["shown"]) == 1 and (said or "cannot be started") in done["shown"][0][0]


@pytest.mark.parametrize("setting", ["", "${workspaceFolder}/tools/n", "tools/n", "n"])
def test_nothing_of_an_untrusted_workspace_runs(built: Path, folder: Path, setting: str) -> None:
    """Before a workspace is trusted, no program in it is started, be it by a link, or by `PATH`."""
    for place in (".venv/bin/nemolint", "tools/n", "path/n", "path/nemolint"):
        _program(folder / place, f"touch '{folder}/ran'\n")
    elsewhere = folder.parent / "links"
    elsewhere.mkdir()
    for name in ("n", "nemolint"):
        (elsewhere / name).symlink_to(folder / "tools/n")
    done = _host(
        built, {"nemolint.executablePath": setting}, folder, trusted=False, path=f"{folder}/path:{elsewhere}:tools"
    )
    assert done["first"]["started"] == [] and len(done["first"]["shown"]) == 1
    assert not (folder / "ran").exists()
    safe = _program(folder.parent / "safe/n", "exit 2\n")
    (folder.parent / "safe/nemolint").symlink_to(safe)
    done = _host(built, {"nemolint.executablePath": "n"}, folder, trusted=False, path=f"{folder}/path:{safe.parent}")
    assert done["first"]["started"] == [str(safe)]


def test_it_can_be_turned_off(built: Path, folder: Path) -> None:
    """With `nemolint.enable` false in every folder nothing is started, and nothing said."""
    _program(folder / ".venv/bin/nemolint", "exit 2\n")
    done = _host(built, {"nemolint.enable": False}, folder)
    assert done["first"] == done["second"] == {"shown": [], "started": []}


def _source(name: str) -> str:
    return (EXTENSION / "src" / name).read_text("utf-8")


def _list(name: str) -> list[str]:
    (found,) = re.findall(rf"export const {name} = \[(.*?)\] as const;", _source("startup.ts"), re.DOTALL)
    return re.findall(r'"([^"]+)"', found)


def test_the_manifest_says_what_the_code_does() -> None:
    """Activation, settings and what an untrusted workspace may not set are those of the code and of the server."""
    assert PACKAGE["activationEvents"] == [f"onLanguage:{language}" for language in _list("LANGUAGES")]
    asked = set(re.findall(r'\.get<\w+>\("(\w+)"', _source("extension.ts")))
    assert {f"nemolint.{name}" for name in asked} == {"nemolint.enable", "nemolint.executablePath"} <= set(PROPERTIES)
    assert PACKAGE["capabilities"]["untrustedWorkspaces"]["supported"] == "limited"
    assert PACKAGE["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"] == ["nemolint.executablePath"]
    assert PROPERTIES["nemolint.preset"]["enum"] == ["", *PRESETS]
    assert PACKAGE["version"] == __version__
    page = (EXTENSION / "README.md").read_text("utf-8")
    assert not [name for name in PROPERTIES if f"`{name}`" not in page]
    for name in ("startup.ts", "executable.ts"):
        assert '"vscode"' not in _source(name) and "vscode-languageclient" not in _source(name)


def test_the_settings_are_those_of_the_server() -> None:
    """The server knows each setting that the extension offers it, and takes the defaults without a complaint."""
    workspace = pytest.importorskip("nemolint.editor.workspace", reason="this nemolint has no language server")
    own = {"nemolint.executablePath", "nemolint.trace.server"}
    defaults = {name.removeprefix("nemolint."): item["default"] for name, item in PROPERTIES.items() if name not in own}
    assert workspace.editor_settings(defaults) == (workspace.EditorSettings(), [])
    wrong: Callable[[Any], Any] = lambda value: 3 if not isinstance(value, bool) else "yes"  # noqa: E731
    for name, value in defaults.items():
        assert len(workspace.editor_settings({name: wrong(value)})[1]) == 1, name
    assert {_snake(name) for name in defaults} == set(workspace.EditorSettings._fields)


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda found: f"_{found[0].lower()}", name)


def test_the_lock_names_no_host() -> None:
    """What is installed is known by its digest, wherever the registry is."""
    lock = json.loads((EXTENSION / "package-lock.json").read_text("utf-8"))
    packages = {name: item for name, item in lock["packages"].items() if name}
    assert len(packages) > 100 and all("integrity" in item for item in packages.values())
    assert not [name for name, item in packages.items() if "resolved" in item]
    assert lock["packages"][""]["version"] == PACKAGE["version"]
