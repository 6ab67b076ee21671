"""Which findings a comment suppresses, and what is reported about comments that suppress nothing."""

from __future__ import annotations

import json

import pytest

import nemolint
from nemolint.base.choices import Event
from nemolint.document import Document
from nemolint.linter import suppress
from nemolint.linter.diagnostic import Diagnostic
from nemolint.linter.fix import apply_edits
from nemolint.reader import read_document
from support.rules import stub
from support.sizes import many

# Rules, and what of the engine's own they report.
NAMES: dict[str, Event | None] = {
    "missing-dry-run": None,
    "unknown-step": None,
    "inlined-secret": None,
    "unused-suppression": "idle-suppression",
    "unknown-rule": "misread-suppression",
    "internal-error": "failed-rule",
}


RULES = {
    name: stub(name, severity=dict.fromkeys(("script", "doc", "comment", "answer"), "warning"), reports=reports)
    for name, reports in NAMES.items()
}


def _read(path: str, text: str) -> Document:
    return read_document(path, text.encode())


def _at(document: Document, start: int, end: int, rule: str = "missing-dry-run", **more: bool) -> Diagnostic:
    position = document.lines.position
    return Diagnostic(rule, "error", "m", document.path, *position(start), *position(end), start, end, **more)


def _outcome(path: str, text: str, rule: str = "missing-dry-run", **more: bool) -> list[tuple[str, int]]:
    """Rule and line of what is left when each run has one finding."""
    document = _read(path, text)
    found = [_at(document, *run.span.file_span(), rule, **more) for run in document.runs]
    assert found, "the text holds no run"
    return sorted((item.rule, item.line) for item in suppress.apply(document, found, RULES, RULES))


RUN = "nemotron steps run sft/automodel -c tiny"

IGNORE = "nemolint: ignore[missing-dry-run]"

WAIVED = {
    "behind the command": ("a.sh", f"{RUN}  # nemolint: ignore[missing-dry-run] tried by hand\n"),
    "on its own line above": ("a.sh", f"# nemolint: ignore[missing-dry-run]\n{RUN}\n"),
    "above, with words below it": ("a.sh", f"# nemolint: ignore[missing-dry-run] as\n# agreed\n{RUN}\n"),
    "two comments stacked": (
        "a.sh",
        f"# nemolint: ignore[missing-dry-run]\n# nemolint: ignore[missing-dry-run]\n{RUN}\n",
    ),
    "behind the last line of a long command": (
        "a.sh",
        f"{RUN} \\\n  a=1 \\\n  b=2 # nemolint: ignore[missing-dry-run]\n",
    ),
    "above a long command": ("a.sh", f"# nemolint: ignore[missing-dry-run]\nuv run \\\n  {RUN} \\\n  a=1\n"),
    "behind two commands of one line": ("a.sh", f"true && {RUN} # nemolint: ignore[missing-dry-run]\n"),
    "behind other words": ("a.sh", f"{RUN} # fast  # nemolint: ignore[missing-dry-run]\n"),
    "for the whole file": ("a.sh", f"{RUN}\n{RUN}\n# nemolint: ignore-file[missing-dry-run]\n"),
    "inside a fence": ("a.md", f"# T\n\n```bash\n# nemolint: ignore[missing-dry-run]\n{RUN}\n```\n"),
    "inside a fence in a list": ("a.md", f"- x\n\n  ```bash\n  {RUN} # nemolint: ignore[missing-dry-run]\n  ```\n"),
    "before a fence": ("a.md", f"<!-- nemolint: ignore[missing-dry-run] -->\n```bash\n{RUN}\n\n{RUN}\n```\n"),
    "before a fence, a blank line between": (
        "a.md",
        f"<!-- nemolint: ignore[missing-dry-run] why -->\n\n```bash\n\n{RUN}\n```\n",
    ),
    "before a paragraph": ("a.md", f"<!-- nemolint: ignore[missing-dry-run] -->\nUse `{RUN}` or\n`{RUN} a=1`.\n"),
    "before a table": (
        "a.md",
        f"<!-- nemolint: ignore[missing-dry-run] -->\n\n| a |\n|---|\n| `{RUN}` |\n| `{RUN} b=1` |\n",
    ),
    "in the whole document": ("a.md", f"`{RUN}`\n\n<!-- nemolint: ignore-file[missing-dry-run] why -->\n"),
    "before a comment of YAML": ("a.yaml", f"# nemolint: ignore[missing-dry-run]\n# {RUN}\na: 1\n"),
    "before a block scalar": (
        ".github/workflows/a.yml",
        "jobs:\n  a:\n    steps:\n      # nemolint: ignore[missing-dry-run]\n"
        f"      - run: |\n          true\n          {RUN}\n",
    ),
    "inside a block scalar": (
        ".github/workflows/a.yml",
        f"jobs:\n  a:\n    steps:\n      - run: |\n          {RUN} # nemolint: ignore[missing-dry-run]\n",
    ),
    "before a call over several lines": (
        "a.py",
        "import subprocess\n\n# nemolint: ignore[missing-dry-run]\nsubprocess.run(\n    [\n"
        '        "nemotron", "steps", "run",\n        "sft/automodel",\n    ]\n)\n',
    ),
    "before a fence of MDX": ("a.mdx", f"{{/* {IGNORE} why */}}\n```bash\n{RUN}\n\n{RUN}\n```\n"),
    "before a fence of MDX, a blank line between": ("a.mdx", f"{{/* {IGNORE} */}}\n\n```bash\n{RUN}\n```\n"),
    "before a paragraph of MDX": ("a.mdx", f"{{/* {IGNORE} */}}\nUse `{RUN}` or\n`{RUN} a=1`.\n"),
    "before a table of MDX": ("a.mdx", f"{{/*{IGNORE}*/}}\n| a |\n|---|\n| `{RUN}` |\n"),
    "in braces apart": ("a.mdx", f"{{\n/* {IGNORE} */\n}}\n```bash\n{RUN}\n```\n"),
    "in a comment of two stars": ("a.mdx", f"{{ /** {IGNORE} */ }}\n```bash\n{RUN}\n```\n"),
    "over two lines of MDX": ("a.mdx", f"{{/*\n  {IGNORE} why\n*/}}\n```bash\n{RUN}\n```\n"),
    "in a component": (
        "a.mdx",
        f"<Tabs>\n  <Tab>\n    {{/* {IGNORE} */}}\n    ```bash\n    {RUN}\n    ```\n  </Tab>\n</Tabs>\n",
    ),
    "in a list of MDX": ("a.mdx", f"- a\n\n  {{/* {IGNORE} */}}\n  ```bash\n  {RUN}\n  ```\n"),
    "in the whole page of MDX": ("a.mdx", f"`{RUN}`\n\n{{/* nemolint: ignore-file[missing-dry-run] why */}}\n"),
    "before a directive": ("a.rst", f".. {IGNORE} why\n\n.. code-block:: bash\n   :name: a\n\n   {RUN}\n\n   {RUN}\n"),
    "before a directive, no blank line": ("a.rst", f".. {IGNORE}\n.. code-block:: bash\n\n   {RUN}\n"),
    "before a literal block": ("a.rst", f".. {IGNORE}\n\nDo\nthis::\n\n   {RUN}\n"),
    "before a paragraph of rst": ("a.rst", f".. {IGNORE}\n\nUse ``{RUN}``\nor ``{RUN} a=1``.\n"),
    "inside a directive": ("a.rst", f".. note::\n\n   .. {IGNORE}\n\n   ::\n\n      {RUN}\n"),
    "before a note": ("a.rst", f".. {IGNORE}\n\n.. note:: Do this::\n\n      {RUN}\n\n   after\n"),
    "two comments of rst": ("a.rst", f".. {IGNORE}\n.. {IGNORE}\n\n.. code-block:: bash\n\n   {RUN}\n"),
    "before a string over lines": ("a.py", f'# {IGNORE}\nCMD = """\n{RUN}\n"""\nsubprocess.run(CMD, shell=True)\n'),
    "before a call with a string over lines": (
        "a.py",
        f'# {IGNORE}\nrun(1, """\n  cd x\n  {RUN}\n""", shell=True)\nos.system(x)\n',
    ),
    "before strings in a row": ("a.py", f'# {IGNORE}\nCMD = ("{RUN[:20]}"\n       "{RUN[20:]}")\nos.system(CMD)\n'),
    "before a string of TOML": ("pixi.toml", f'[tasks]\n# {IGNORE}\na = """\ncd x\n{RUN}\n"""\n'),
    "with CRLF": ("a.sh", f"# nemolint: ignore[missing-dry-run]\r\n{RUN}\r\n"),
}


@pytest.mark.parametrize("name", WAIVED)
def test_suppresses(name: str) -> None:
    """A suppression reaches the command that a reader would say it stands at, and counts as used."""
    assert _outcome(*WAIVED[name]) == []


KEPT = {
    "of another rule": (
        "a.sh",
        f"{RUN} # nemolint: ignore[unknown-step]\n",
        [("missing-dry-run", 1), ("unused-suppression", 1)],
    ),
    "behind the command before": (
        "a.sh",
        f"true # nemolint: ignore[missing-dry-run]\n{RUN}\n",
        [("missing-dry-run", 2), ("unused-suppression", 1)],
    ),
    "a blank line between": (
        "a.sh",
        f"# nemolint: ignore[missing-dry-run]\n\n{RUN}\n",
        [("missing-dry-run", 3), ("unused-suppression", 1)],
    ),
    "the second of two commands": (
        "a.sh",
        f"# nemolint: ignore[missing-dry-run]\n{RUN}\n{RUN}\n",
        [("missing-dry-run", 3)],
    ),
    "a block of MDX between": (
        "a.mdx",
        f"{{/* {IGNORE} */}}\n```bash\ntrue\n```\n\n```bash\n{RUN}\n```\n",
        [("missing-dry-run", 7), ("unused-suppression", 1)],
    ),
    "the directive behind the next": (
        "a.rst",
        f".. {IGNORE}\n\n.. code-block:: bash\n\n   {RUN}\n\n.. code-block:: bash\n\n   {RUN}\n",
        [("missing-dry-run", 9)],
    ),
    "a paragraph of rst between": (
        "a.rst",
        f".. {IGNORE}\n\nText.\n\n.. code-block:: bash\n\n   {RUN}\n",
        [("missing-dry-run", 7), ("unused-suppression", 1)],
    ),
    "outside of the directive": (
        "a.rst",
        f".. note::\n\n   .. {IGNORE}\n\n   Text.\n\n::\n\n   {RUN}\n",
        [("missing-dry-run", 9), ("unused-suppression", 3)],
    ),
    "the statement behind the next": (
        "a.py",
        f'# {IGNORE}\nx = """\n"""\nos.system("""\n{RUN}\n""")\n',
        [("missing-dry-run", 5), ("unused-suppression", 1)],
    ),
    "a paragraph between": (
        "a.md",
        f"<!-- nemolint: ignore[missing-dry-run] -->\nText.\n\n```bash\n{RUN}\n```\n",
        [("missing-dry-run", 5), ("unused-suppression", 1)],
    ),
    "without brackets": (
        "a.sh",
        f"{RUN} # nemolint: ignore\n",
        [("missing-dry-run", 1), ("unknown-rule", 1)],
    ),
    "an unknown rule": (
        "a.sh",
        f"{RUN} # nemolint: ignore[missing-dryrun]\n",
        [("missing-dry-run", 1), ("unknown-rule", 1)],
    ),
    "a misspelt verb": (
        "a.sh",
        f"{RUN} # nemolint: ingore[missing-dry-run]\n",
        [("missing-dry-run", 1), ("unknown-rule", 1)],
    ),
    "in quotes, which is no comment": (
        "a.sh",
        f"{RUN} note='# nemolint: ignore[missing-dry-run]'\n",
        [("missing-dry-run", 1)],
    ),
}


@pytest.mark.parametrize("name", KEPT)
def test_keeps(name: str) -> None:
    """What a suppression does not name, or does not stand at, is still reported."""
    path, text, expected = KEPT[name]
    assert _outcome(path, text) == expected


MISWRITTEN = {
    "another tool's verb": ("nemolint: disable[missing-dry-run]", "nemolint: ignore[missing-dry-run]"),
    "for the file": ("nemolint: disable-file[missing-dry-run] why", "nemolint: ignore-file[missing-dry-run] why"),
    "for the line": ("nemolint: ignore-line[missing-dry-run]", "nemolint: ignore[missing-dry-run]"),
    "for the next line": ("nemolint: ignore-next-line[missing-dry-run]", None),
    "assigned": ("nemolint: disable=missing-dry-run,unknown-step", "nemolint: ignore[missing-dry-run, unknown-step]"),
    "named": ("nemolint: noqa missing-dry-run", "nemolint: ignore[missing-dry-run]"),
    "no names": ("nemolint: off", None),
    "other names": ("nemolint: allow[E501]", None),
    "capitals": ("NEMOLINT: ignore[missing-dry-run] why", "nemolint: ignore[missing-dry-run] why"),
    "a capital verb": ("Nemolint: Ignore[missing-dry-run]", "nemolint: ignore[missing-dry-run]"),
    "a blank": ("nemolint : ignore[missing-dry-run]", "nemolint: ignore[missing-dry-run]"),
    "no colon": ("nemolint ignore[missing-dry-run]", "nemolint: ignore[missing-dry-run]"),
    "behind other words": ("fast # NEMOLINT: ignore[missing-dry-run]", "fast # nemolint: ignore[missing-dry-run]"),
}


@pytest.mark.parametrize("name", MISWRITTEN)
def test_miswritten(name: str) -> None:
    """A misspelled suppression is reported, with what to write if that is certain."""
    comment, meant = MISWRITTEN[name]
    for path, text in (
        ("a.sh", f"{RUN} # {comment}\n"),
        ("a.md", f"<!-- {comment} -->\n```bash\n{RUN}\n```\n"),
        ("a.mdx", f"{{/* {comment} */}}\n```bash\n{RUN}\n```\n"),
        ("a.rst", f".. {comment}\n\n::\n\n   {RUN}\n"),
    ):
        if path != "a.sh" and name == "behind other words":
            continue
        [found] = suppress.apply(_read(path, text), [], RULES, RULES)
        assert found.rule == "unknown-rule"
        assert "write `nemolint: ignore" in found.message
        fixed = None if found.fix is None else apply_edits(text, [found.fix])
        assert fixed == (None if meant is None else text.replace(comment, meant))


PROSE = (
    "nemolint allows what it cannot know",
    "Nemolint: ignore the rest",
    "nemolint: skip this one",
    "nemolint: off the record",
    "nemolint ignore",
    "NEMOLINT",
    "nemolint ignore[d] it",
    "we say nemolint: disable[missing-dry-run] nowhere",
    "write `# nemolint: disable[missing-dry-run]` if you like",
    "nemolint rules: ignore",
    "nemolint --ignore missing-dry-run",
    "see Nemolint docs # nemolint: ignore[missing-dry-run]",
)


@pytest.mark.parametrize("comment", PROSE)
def test_prose(comment: str) -> None:
    """Comments that speak of the tool are left alone, and take no suppression behind them away."""
    document = _read("a.sh", f"{RUN} # {comment}\n")
    found = [_at(document, *run.span.file_span()) for run in document.runs]
    left = suppress.apply(document, found, RULES, RULES)
    assert [item.rule for item in left] == (
        [] if comment.endswith("# nemolint: ignore[missing-dry-run]") else ["missing-dry-run"]
    )


def test_group() -> None:
    """The name of a group says what it holds."""
    [found] = suppress.apply(_read("a.sh", f"{RUN} # nemolint: ignore[tool]\n"), [], RULES, RULES)
    assert found.message.startswith("`tool` is a group, not a rule (it holds `inlined-secret`, `internal-error`, ")
    assert found.fix is None


def test_internal_errors_stay() -> None:
    """An internal error cannot be suppressed."""
    assert _outcome("a.sh", f"{RUN} # nemolint: ignore[internal-error]\n", "internal-error", final=True) == [
        ("internal-error", 1),
        ("unused-suppression", 1),
    ]


def test_secret_needs_a_reason() -> None:
    """A credential of a known format is suppressed by name and reason only; without a reason the finding says so."""
    for comment, suppressed in (
        ("ignore[inlined-secret]", False),
        ("ignore[inlined-secret] --", False),
        ("ignore[inlined-secret] a revoked key, kept as a test", True),
        ("ignore-file[inlined-secret] a revoked key", True),
    ):
        document = _read("a.sh", f"{RUN} # nemolint: {comment}\n")
        found = _at(document, 0, 8, "inlined-secret", needs_reason=True)
        left = suppress.apply(document, [found], RULES, RULES)
        assert [item.rule for item in left] == ([] if suppressed else ["inlined-secret"])
        if not suppressed:
            assert "reason" in left[0].related[0].message


def test_only_enabled_rules_can_be_unused() -> None:
    """With a rule switched off nobody knows whether its suppression is needed."""
    document = _read("a.sh", f"{RUN} # nemolint: ignore[unknown-step]\n")
    enabled = {name: rule for name, rule in RULES.items() if name != "unknown-step"}
    assert suppress.apply(document, [], enabled, RULES) == []


FIXED = {
    "a whole line": (f"# nemolint: ignore[unknown-step]\n{RUN}\n", f"{RUN}\n", True),
    "behind a command": (f"{RUN}  # nemolint: ignore[unknown-step]\n", f"{RUN}\n", True),
    "with a reason": (f"{RUN}  # nemolint: ignore[unknown-step] we know\n", f"{RUN}\n", False),
    "behind other words": (f"{RUN} # fast # nemolint: ignore[unknown-step]\n", f"{RUN} # fast\n", True),
    "one of two names": (
        f"{RUN} # nemolint: ignore[unknown-step, missing-dry-run] why\n",
        f"{RUN} # nemolint: ignore[missing-dry-run] why\n",
        True,
    ),
    "a close name": (
        f"{RUN} # nemolint: ignore[missing-dryrun]\n",
        f"{RUN} # nemolint: ignore[missing-dry-run]\n",
        False,
    ),
    "a name like no other": (f"{RUN} # nemolint: ignore[qqq]\n", f"{RUN}\n", True),
    "CRLF": (f"# nemolint: ignore[unknown-step]\r\n{RUN}\r\n", f"{RUN}\r\n", True),
}


@pytest.mark.parametrize("name", FIXED)
def test_fix(name: str) -> None:
    """An unused suppression can be deleted; a reason is deleted only by an unsafe fix."""
    text, expected, safe = FIXED[name]
    document = _read("a.sh", text)
    found = [_at(document, *run.span.file_span()) for run in document.runs]
    left = [item for item in suppress.apply(document, found, RULES, RULES) if item.rule != "missing-dry-run"]
    assert len(left) == 1
    fix = left[0].fix
    assert fix is not None
    assert apply_edits(text, [fix]) == expected
    assert fix.safe == safe


def test_notebook() -> None:
    """Shell comments count for their line, HTML comments for their block, however the JSON is laid out."""
    cells = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None,
         "source": [f"!{RUN} # nemolint: ignore[missing-dry-run]\n", f"!{RUN}"]},
        {"cell_type": "markdown", "metadata": {},
         "source": ["<!-- nemolint: ignore[missing-dry-run] -->\n", "```bash\n", f"{RUN}\n", "```\n", "\n",
                    "```bash\n", f"{RUN}\n", "```\n"]},
    ]  # fmt: skip
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    for indent in (None, 1):
        document = _read("a.ipynb", json.dumps(notebook, indent=indent))
        runs = [_at(document, *run.span.file_span()) for run in document.runs]
        assert len(runs) == 4
        left = suppress.apply(document, runs, RULES, RULES)
        assert [item.start for item in left] == [runs[1].start, runs[3].start]


@pytest.mark.parametrize(
    "text",
    [
        f"{RUN} # nemolint: ignore[unknown-step]\n" * many(12_000),
        "# nemolint: ignore[unknown-step]\n" * many(30_000),
        f"# nemolint: ignore[missing-dry-run]\n{RUN}\n" * many(12_000),
        f"{RUN} # " + "nemolint: ignore[a] " * many(40_000),
        f"{RUN} # nemolint: ignore[{'a,' * many(200_000)}]\n",
        f"{RUN} # " + "# NEMOLINT : disable " * many(40_000),
        f"{RUN} # " + "nemolint " * many(100_000),
    ],
    ids=["unused", "stacked", "used", "one comment", "many names", "miswritten", "prose"],
)
def test_is_linear(text: str) -> None:
    """Thousands of suppressions take no longer than reading it."""
    document = Document("a.sh", text)
    offset, comments, found = 0, [], []
    for line in text.splitlines(keepends=True):
        at = line.find("# nemolint")
        if at >= 0 or "# " in line:
            at = at if at >= 0 else line.index("# ")
            comments.append((offset + at, offset + len(line.rstrip("\n")), ""))
        if line.startswith("nemotron"):
            found.append(_at(document, offset, offset + len(RUN)))
        offset += len(line)
    document.attach(comments=tuple(comments))
    suppress.apply(document, found, RULES, RULES)


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.mdx", "{/* nemolint: ignore[unknown-step] */}\n`X`\n", "`X`\n"),
        ("a.mdx", "a {/* nemolint: ignore[unknown-step] */}\n`X`\n", "a\n`X`\n"),
        ("a.md", "<!-- nemolint: ignore[unknown-step] -->\n`X`\n", "`X`\n"),
        ("a.rst", ".. nemolint: ignore[unknown-step]\n\n``X``\n", "\n``X``\n"),
        ("a.rst", ".. note::\n\n   .. nemolint: ignore[unknown-step]\n\n   ``X``\n", ".. note::\n\n\n   ``X``\n"),
    ],
)
def test_fix_of_blocks(path: str, text: str, expected: str) -> None:
    """The comment goes whole, with its signs, in each syntax."""
    text = text.replace("X", f"{RUN} a=1")
    [left] = suppress.apply(_read(path, text), [], RULES, RULES)
    assert left.rule == "unused-suppression" and left.fix is not None
    assert apply_edits(text, [left.fix]) == expected.replace("X", f"{RUN} a=1")


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("a.ts", "// {}\n{}\n"),
        ("a.ts", "/* {} */\n{}\n"),
        ("a.ts", "{} // {}\n"),
        (".env", "# {}\n{}\n"),
        ("a.lua", "-- {}\n{}\n"),
        ("a.clj", "; {}\n{}\n"),
        ("a.bat", "rem {}\n{}\n"),
        ("a.xml", "<!-- {} -->\n{}\n"),
        ("a.tex", "% {}\n{}\n"),
        ("a.ini", "; {}\n{}\n"),
        ("x.conf", "[a]\n;; {}\n{}\n"),
        ("x.service", "  ; {}\n{}\n"),
    ],
)
def test_files_of_other_types(path: str, form: str) -> None:
    """A comment of its language suppresses a finding in a file that is searched for credentials only."""
    words = ("x = 1", "nemolint: ignore[inlined-secret] a sample")
    text = form.format(*(words if form.startswith("{}") else words[::-1]))
    document = _read(path, text)
    found = [_at(document, text.index("x = 1"), text.index("x = 1") + 5, "inlined-secret", needs_reason=True)]
    assert suppress.apply(document, found, RULES, RULES) == []
    other = _read(path, text.replace("inlined-secret", "unknown-step"))
    assert found[0] in suppress.apply(other, found, RULES, RULES)


_MISSPELLED = "nemotron steps run sft/automodel -c tiny --dryrun"


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("a.py", "def f():\n    '''X.\n\n    .. {}\n\n    ::\n\n        {}\n    '''\n"),
        ("a.py", "def f():\n    '''X.\n\n    <!-- {} -->\n    ```bash\n    {}\n    ```\n    '''\n"),
        ("a.adoc", "// {}\n.Title\n[source,bash]\n----\ncd x\n{}\n----\n"),
        ("a.org", "# {}\n#+caption: x\n#+begin_src bash\ncd x\n{}\n#+end_src\n"),
        ("a.md", "% {}\n```{{code-block}} bash\ncd x\n{}\n```\n"),
        ("a.md", "- x\n\n  % {}\n  ```bash\n  {}\n  ```\n"),
        (".devcontainer/devcontainer.json", '{{\n  // {}\n  "postCreateCommand": "{}"\n}}\n'),
        (".vscode/tasks.json", '{{"tasks": [{{\n  /* {} */\n  "command": "{}"\n}}]}}\n'),
        ("a.sh", "#!/bin/bash\n# {}\nssh h <<X\ncd x\n{}\nX\n"),
        ("a.yml", "run: |\n  # {}\n  bash <<X\n  cd x\n  {}\n  X\n"),
        ("a.sh", '#!/bin/bash\n# {}\nC="{}"\n$C\n'),
    ],
)
def test_scopes_in_each_container(path: str, form: str) -> None:
    """A comment applies to the block below it, to the here-documents of a command, and to what is written there."""
    text = form.format("nemolint: ignore[misspelled-dry-run]", _MISSPELLED)
    names = [found.rule for found in nemolint.check_text(path, text)]
    assert "misspelled-dry-run" not in names and "unused-suppression" not in names
    other = [found.rule for found in nemolint.check_text(path, text.replace("ignore[misspelled", "ignore[missing"))]
    assert "misspelled-dry-run" in other


@pytest.mark.parametrize(
    "text",
    [
        f"#!/bin/bash\n# nemolint: ignore[misspelled-dry-run]\nssh h <<X\ncd x\nX\n{_MISSPELLED}\n",
        f"#!/bin/bash\n# nemolint: ignore[misspelled-dry-run]\ncd x\nssh h <<X\n{_MISSPELLED}\nX\n",
        f"#!/bin/bash\n# nemolint: ignore[misspelled-dry-run]\nD=-d\nC='{_MISSPELLED}'\n$C\n",
    ],
)
def test_scope_ends_with_the_command(text: str) -> None:
    """What stands below the command that a comment applies to is reported."""
    assert "misspelled-dry-run" in [found.rule for found in nemolint.check_text("a.sh", text)]
