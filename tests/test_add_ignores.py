"""`--add-ignores`: suppressions in the syntax of each container, which change nothing else, and last."""

from __future__ import annotations

import ast
import json
import shutil
import tempfile
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from nemolint.linter.wrapping import WRAPPERS
from nemolint.reader import read_document
from support.command import MISSPELT, execute, nemolint
from support.samples import damaged

ADD = ("--no-cache", "--add-ignores", "--reason", "we can't change it yet, see #12")
RUN = "nemotron steps run sft/automodel -c tiny --dryrun"
NOTE = "we can't change it yet, see #12"


def _added(folder: Path, name: str, text: str | bytes, *more: str) -> tuple[str, str]:
    """The text of a file after suppressions were written, and what was said. Only lines were added."""
    data = text.encode() if isinstance(text, str) else text
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    done = nemolint(folder, *ADD, *more, name)
    after = path.read_bytes()
    _only_lines_were_added(data, after)
    return after.decode(), done.err


def _only_lines_were_added(before: bytes, after: bytes) -> None:
    """Without the lines that hold a suppression, and the blank ones that belong to them, the bytes are the old ones."""
    mark = "\ufeff".encode()
    kept, of_rst = [], False
    for line in after.removeprefix(mark).splitlines(keepends=True):
        if NOTE.encode() in line:
            of_rst = line.lstrip().startswith(b".. ")
        elif not (of_rst and not line.strip()):
            kept.append(line)
            of_rst = False
        else:
            of_rst = False
    assert b"".join(kept) == before.removeprefix(mark) and after.startswith(mark) == before.startswith(mark)


def _words(path: str, data: bytes) -> list[tuple[str, list[str]]]:
    return [(run.role, [word.value for word in run.words]) for run in read_document(path, data).runs]


PLACES = {
    "above a command": ("a.sh", f"set -e\n  {RUN}\n", "  # "),
    "above a continued command": ("a.sh", f"x && \\\n  {RUN} \\\n  a=1\n", "# "),
    "in a here-document": ("a.sh", f"bash <<'E'\necho\n{RUN}\nE\n", "# "),
    "above the command with a script in quotes": ("a.sh", f"bash -c '\n{RUN}\n'\n", "# "),
    "behind a byte order mark": ("a.sh", f"\ufeff{RUN}\n", "# "),
    "with CRLF": ("a.sh", f"set -e\r\n{RUN}\r\n", "# "),
    "at the end, without a line end": ("a.sh", f"set -e\r\n{RUN}", "# "),
    "above a fence": ("a.md", f"a\n\n```bash\n{RUN}\n```\n", "<!-- "),
    "above a fence in a list": ("a.md", f"1. a\n\n   ```bash\n   {RUN}\n   ```\n", "   <!-- "),
    "above a fence in a quote": ("a.md", f"> a\n>\n> ```bash\n> {RUN}\n> ```\n", "> <!-- "),
    "above a table": ("a.md", f"a\n\n| a |\n|---|\n| x |\n| `{RUN}` |\n", "<!-- "),
    "between items of a list": ("a.md", f"- a\n- `{RUN}`\n- c\n", "  <!-- "),
    "above a paragraph of several lines": ("a.md", f"a\n\nb\n`{RUN}`\n", "<!-- "),
    "in MDX": ("a.mdx", f"a\n\n```bash\n{RUN}\n```\n", "{/* "),
    "above a paragraph of MDX": ("a.mdx", f"# A\n\nUse `{RUN}` now.\n", "{/* "),
    "in reStructuredText": ("a.rst", f"A\n=\n\n.. code-block:: bash\n\n   {RUN}\n", ".. "),
    "in a block of YAML": ("a.yaml", f"a:\n  - run: |\n      echo\n      {RUN}\n", "      # "),
    "above a folded block of YAML": ("a.yaml", f"a:\n  - run: >\n      {RUN}\n      a=1\n", "  # "),
    "above a value of YAML": ("a.yaml", f"a:\n  - run: {RUN}\n", "  # "),
    "in a text of TOML": ("a.toml", f"[tasks]\na = '''\necho\n{RUN}\n'''\n", "# "),
    "above a value of TOML": ("a.toml", f'[tasks]\na = "{RUN}"\n', "# "),
    "above a statement of Python": ("a.py", f'import os\nif x:\n    os.system(\n        "{RUN}"\n    )\n', "# "),
    "above a long text of Python": ("a.py", f'import os\nos.system("""\necho\n{RUN}\n""")\n', "# "),
    "in a Dockerfile": ("Dockerfile", f"FROM x\nRUN a && \\\n    {RUN}\n", "# "),
    "in a recipe of make": ("Makefile", f"a:\n\techo\n\t{RUN}\n", "# "),
    "in a recipe of just": ("justfile", f"a:\n    echo\n    {RUN}\n", "    # "),
    "in a crontab": ("crontab", f"0 3 * * * {RUN}\n", "# "),
    "in a Procfile": ("Procfile", f"a: {RUN}\n", "# "),
    "in an INI file": ("tox.ini", f"[testenv]\ncommands =\n    {RUN}\n", "# "),
    "above a step of Jenkins": ("Jenkinsfile", f"node {{\n  sh '{RUN}'\n}}\n", "  // "),
    "in a script of Jenkins": ("Jenkinsfile", f'node {{\n  sh """\n  echo\n  {RUN}\n  """\n}}\n', "  # "),
    "above a text of Nextflow": ("a.nf", f"process a {{\n  script:\n  '{RUN}'\n}}\n", "  // "),
    "in a Snakefile": ("Snakefile", f'rule a:\n    shell: "{RUN}"\n', "    # "),
    "in a script of jupytext": ("a.py", f'# %% language="bash"\n# {RUN}\n', "# # "),
}


@pytest.mark.parametrize("path, text, lead", PLACES.values(), ids=PLACES)
def test_where_it_stands(tmp_path: Path, path: str, text: str, lead: str) -> None:
    """The comment has the syntax, the indentation and the line end of its place; the runs are the same as before."""
    after, said = _added(tmp_path, path, text)
    (line,) = [line for line in after.splitlines() if NOTE in line]
    assert line.lstrip("\ufeff ").startswith(lead.lstrip(" ")), line
    assert f"nemolint: ignore[misspelled-dry-run] {NOTE}" in line
    assert "was not suppressed" not in said and "Suppressed 1 finding in 1 file." in said
    assert after.count("\r\n") == after.count("\n") or "\r" not in after
    assert _words(path, after.encode()) == _words(path, text.encode())
    done = nemolint(tmp_path, "--no-cache", path)
    assert done.code == 0, done.shown
    assert nemolint(tmp_path, *ADD, path).code == 0 and (tmp_path / path).read_bytes() == after.encode()


FAKE = "Zq7Rk2Wm9Tx4" + "Lp8Vb3Nc6Yd1Hf5Js0Ga"
LANGUAGES = {
    "a.js": 'x(`\n`)\nconst API_KEY = "{}"\n|// ',
    "b.js": 'x(`\nAPI_KEY = "{}"\n`)\n|',
    "a.go": 'package x\nvar apiKey = "{}"\n|// ',
    "a.java": 'class A {{\n  // don\'t\n  String apiKey = "{}";\n}}\n|  // ',
    "Jenkinsfile": "environment {{\n  API_KEY = '{}'\n}}\n|  // ",
    "a.tf": 'a {{\n  api_key = "{}"\n}}\n|  # ',
    "b.tf": "a = <<EOF\nAPI_KEY={}\nEOF\n|",
    "a.properties": "# don't\napi_key={}\n|# ",
    "b.properties": "a=1,\\\napi_key={}\n|",
    ".env": "API_KEY={}\n|# ",
    "a.ps1": '$api_key = "{}"\n|# ',
    "a.fish": "set -x API_KEY {}\n|# ",
    "a.lua": 'api_key = "{}"\n|-- ',
    "a.bat": "set API_KEY={}\n|rem ",
    "b.bat": "set A=1 ^\nset API_KEY={}\n|",
    "a.xml": "<a>\n  <password>{}</password>\n</a>\n|  <!-- ",
    "b.xml": "<password>{}</password>\n|",
    "c.xml": '<a\n  password="{}"/>\n|',
    "a.log": "API_KEY={}\n|",
}


@pytest.mark.parametrize("name", LANGUAGES)
def test_languages_that_are_not_parsed(tmp_path: Path, name: str) -> None:
    """The comment is one of the file's language; where it might be part of a value, there is none."""
    text, lead = LANGUAGES[name].rsplit("|", 1)
    text = text.format(FAKE)
    (tmp_path / name).write_text(text)
    assert nemolint(tmp_path, "--no-cache", name).code == 1
    after, said = _added(tmp_path, name, text, "--select", "inlined-secret")
    if not lead:
        assert after == text and "was not suppressed" in said
        return
    (line,) = [line for line in after.splitlines() if NOTE in line]
    assert line.startswith(f"{lead}nemolint: ignore[inlined-secret] {NOTE}")
    assert nemolint(tmp_path, "--no-cache", name).code == 0
    assert nemolint(tmp_path, *ADD, "--select", "inlined-secret", name).code == 0
    assert (tmp_path / name).read_text() == after


LEFT = {
    "JSON has no comments": ("package.json", json.dumps({"scripts": {"a": RUN}})),
    "a row that is a table": ("a.rst", f"===== =====\na     b\n===== =====\nx     ``{RUN}``\n===== =====\n"),
    "a file that is not UTF-8": ("a.sh", f"# \xe9\n{RUN}\n".encode("latin-1")),
}


@pytest.mark.parametrize("path, text", LEFT.values(), ids=LEFT)
def test_what_is_left(tmp_path: Path, path: str, text: str | bytes) -> None:
    """Where no comment can be written, the file stays as it is, and that is said."""
    data = text.encode() if isinstance(text, str) else text
    (tmp_path / path).write_bytes(data)
    done = nemolint(tmp_path, *ADD, path)
    assert (tmp_path / path).read_bytes() == data and done.code == 1
    assert "not suppressed" in done.err or "no suppression was written" in done.err


def test_a_notebook(tmp_path: Path) -> None:
    """A cell gains a line, as a string of its own where its lines are; all else of the file is the same."""
    cells: list[dict[str, object]] = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "source": ["%%bash\n", f"{RUN}\n"]},
        {"cell_type": "code", "metadata": {}, "outputs": [], "source": ["x = 1\n", f"!{RUN}"]},
        {"cell_type": "markdown", "metadata": {}, "source": ["a\n", "\n", "```bash\n", f"{RUN}\n", "```\n"]},
        {"cell_type": "code", "metadata": {}, "outputs": [], "source": f"%%bash\n{RUN}\n"},
    ]
    for indent in (1, None):
        text = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=indent)
        (tmp_path / "a.ipynb").write_text(text)
        assert nemolint(tmp_path, *ADD, "a.ipynb").code == 0
        after = (tmp_path / "a.ipynb").read_text()
        sources = [cell["source"] for cell in json.loads(after)["cells"]]
        comment = f"# nemolint: ignore[misspelled-dry-run] {NOTE}\n"
        assert sources[0] == ["%%bash\n", comment, f"{RUN}\n"] and sources[1] == ["x = 1\n", comment, f"!{RUN}"]
        assert sources[2][2] == f"<!-- nemolint: ignore[misspelled-dry-run] {NOTE} -->\n"
        assert sources[3] == f"%%bash\n{comment}{RUN}\n"
        if indent:
            again = "".join(line for line in after.splitlines(keepends=True) if NOTE not in line or RUN in line)
            assert again.replace(comment.replace("\n", "\\n"), "") == text
        assert nemolint(tmp_path, "--no-cache", "a.ipynb").code == 0


@pytest.mark.parametrize("name", WRAPPERS)
def test_every_container(tmp_path: Path, name: str) -> None:
    """In each container of the rules' examples a second run is clean, or names what is left; the runs stay."""
    wrapped = WRAPPERS[name](f"{MISSPELT} seed=1 seed=2\n{MISSPELT}")
    path = tmp_path / wrapped.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(wrapped.text)
    done = nemolint(tmp_path, *ADD, "--show", "info", wrapped.path)
    after = path.read_bytes()
    if name in ("json", "answer"):
        why = "an answer suppresses nothing" if name == "answer" else "there is no place for a comment"
        assert after.decode() == wrapped.text and f"was not suppressed: {why}" in done.err
        return
    if name != "notebook":
        _only_lines_were_added(wrapped.text.encode(), after)
    assert _words(wrapped.path, after) == _words(wrapped.path, wrapped.text.encode())
    assert nemolint(tmp_path, "--no-cache", "--show", "info", wrapped.path).out == "", after.decode()


@given(damaged())
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_nothing_else_changes(file: tuple[str, bytes]) -> None:
    """Whatever a file holds: only lines are added, bash and the CLI read it as before, and no second run adds one."""
    name, data = file
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        nemolint(folder, *ADD, name)
        after = path.read_bytes()
        if after == data:
            return
        matcher = SequenceMatcher(None, data.decode(), after.decode(), autojunk=False)
        assert all(tag in ("equal", "insert") for tag, *_ in matcher.get_opcodes())
        assert _words(name, after) == _words(name, data)
        if name == "a.sh" and shutil.which("bash"):
            codes = [execute(["bash", "-n"], folder, stdin=text).code for text in (data, after)]
            assert codes[0] == codes[1]
        if name == "a.py":
            try:
                old = ast.dump(ast.parse(data))
            except (SyntaxError, ValueError):
                old = ""
            assert not old or ast.dump(ast.parse(after)) == old
        nemolint(folder, *ADD, name)
        assert path.read_bytes() == after


def test_secrets_are_asked_for_by_name(tmp_path: Path) -> None:
    """No suppression for a secret without its rule's name: neither a group nor `all` is one; and none in the output."""
    secret = "nv" + "api-" + "Zq7Rk2Wm9Tx4Lp8Vb3Nc6Yd1Hf5Js0Ga" * 2
    text = f"{RUN} server.api_key={secret}\n"
    for more in ((), ("--select", "secrets"), ("--select", "all"), ("--extend-select", "secrets")):
        after, said = _added(tmp_path, "a.sh", text, *more)
        assert "inlined-secret" not in after and "secret-on-command-line" not in after
        assert "about secrets" in said and secret[8:] not in said
    assert "ignore[misspelled-dry-run, " in _added(tmp_path, "a.sh", text)[0]
    after, said = _added(tmp_path, "a.sh", text, "--extend-select", "inlined-secret")
    assert "ignore[inlined-secret, misspelled-dry-run, " in after and secret[8:] not in said
    assert nemolint(tmp_path, "--no-cache", "--select", "inlined-secret", "a.sh").code == 0


def test_it_needs_a_reason(tmp_path: Path) -> None:
    """Without a reason, or with one that a comment cannot hold, nothing is written."""
    (tmp_path / "a.sh").write_text(f"{RUN}\n")
    wrong: list[tuple[tuple[str, ...], str]] = [
        (("--add-ignores",), "needs --reason TEXT"),
        (("--reason", "x"), "add --add-ignores"),
        (("--add-ignores", "--reason", " - "), "it is empty"),
        (("--add-ignores", "--reason", "a\nrm -rf /"), "plain text"),
        (("--add-ignores", "--reason", "a --> b"), "plain text"),
        (("--add-ignores", "--reason", "a $(date)"), "plain text"),
        (("--add-ignores", "--reason", "a */ b"), "plain text"),
        (("--add-ignores", "--reason", "x", "--fix"), "one after the other"),
        (("--add-ignores", "--reason", "x", "--stdin-filename", "a.sh", "-"), "standard input"),
    ]
    for arguments, message in wrong:
        done = nemolint(tmp_path, *arguments)
        assert done.code == 2 and message in done.err, (arguments, done.err)
    assert (tmp_path / "a.sh").read_text() == f"{RUN}\n"


def test_it_takes_what_is_shown(tmp_path: Path) -> None:
    """--diff writes nothing; a rule that goes on to its next place is followed."""
    page = f"```bash\n{RUN.replace(' --dryrun', ' --batch p')}\n```\n\n" * 3
    (tmp_path / "a.md").write_text(page)
    done = nemolint(tmp_path, *ADD, "--diff", "a.md")
    assert done.code == 1 and done.out.startswith("--- a/a.md") and (tmp_path / "a.md").read_text() == page
    assert "Would suppress" in done.err
    assert nemolint(tmp_path, *ADD, "a.md").code == 0
    assert nemolint(tmp_path, "--no-cache", "a.md").code == 0
