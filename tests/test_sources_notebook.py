"""Notebooks: cells are read by what they are, and every character leads back through JSON to the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nemolint.document import Document
from nemolint.reader import read_text
from nemolint.sources import read_regions
from support.containers import check_case, notebook, place, read, regions, runs
from support.sizes import many


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("nb-01-bang", 'nemotron steps run a --s "q"'),
        ("nb-02-bash-cell", "nemotron steps run nano3 sft \\\n  --config tiny"),
        ("nb-03-md-cell", "nemotron steps run é run"),
    ],
)
def test_shared_cases(shared: Path, name: str, text: str) -> None:
    """The shared cases stand at their exact places in the raw file."""
    check_case(shared, name, [text])


@pytest.mark.parametrize(
    ("source", "container", "text"),
    [
        ("!nemotron steps run a", "nb:bang", "nemotron steps run a"),
        ("x = 1\n  out = !!nemotron steps run a", "nb:bang", "nemotron steps run a"),
        ("%sx nemotron steps run a", "nb:bang", "nemotron steps run a"),
        ("!nemotron steps run a \\\n  -c b\nx = 1", "nb:bang", "nemotron steps run a \\\n  -c b"),
        ("%%bash -e\nnemotron steps run a", "nb:bash", "nemotron steps run a"),
        ("%%script --no-raise-error bash\nnemotron steps run a", "nb:bash", "nemotron steps run a"),
        ("%%writefile go.sh\nnemotron steps run a", "nb:writefile", "nemotron steps run a"),
        ("%%time\n%cd x\nimport os\nos.system('nemotron steps run a')", "nb:python:shell", "nemotron steps run a"),
        ("get_ipython().system('nemotron steps run a')", "nb:python:shell", "nemotron steps run a"),
        ("%cd x\nhelp?\nrun(['nemotron', 'steps', 'run', 'a'])", "nb:python:argv", "nemotron steps run a"),
        ("%%shell\nnemotron steps run a", "nb:shell", "nemotron steps run a"),
        ("%%!\nnemotron steps run a", "nb:!", "nemotron steps run a"),
        ("%sh\nnemotron steps run a", "nb:sh", "nemotron steps run a"),
        ("%time !nemotron steps run a", "nb:bang", "nemotron steps run a"),
        ("%timeit -n1 -r1 !nemotron steps run a", "nb:bang", "nemotron steps run a"),
        ("%%capture out\n%%bash\nnemotron steps run a", "nb:bash", "nemotron steps run a"),
        ("%%time\n%%shell\nnemotron steps run a", "nb:shell", "nemotron steps run a"),
        ("%%python\nimport os\nos.system('nemotron steps run a')", "nb:python:shell", "nemotron steps run a"),
    ],
)
def test_code_cells(source: str, container: str, text: str) -> None:
    """Lines and cells for the shell, and Python between them, as one string or as lines."""
    for written in (source, source.splitlines(keepends=True)):
        assert regions("a.ipynb", notebook("x = 1", written)) == [("shell", container, text)]


def test_other_lines_for_the_shell() -> None:
    """Lines that do not name the command still say what the shell runs, and what is exported."""
    source = notebook("%env NEMOTRON_ENV_FILE=env.slurm.toml\n!echo $X")
    assert [text for _, _, text in regions("a.ipynb", source)] == [
        "export NEMOTRON_ENV_FILE=env.slurm.toml",
        "echo $X",
    ]


def test_cells_are_counted_from_one() -> None:
    """The index of a region's cell is the one that people count."""
    result = read("a.ipynb", notebook("x", "!nemotron steps run a {b}"))
    (region,) = result.regions
    assert (region.cell, region.templated, region.encoders) == (2, True, ("json",))


def test_text_over_two_strings_cannot_be_edited() -> None:
    """Characters of two JSON strings do not touch in the file."""
    source = notebook(["!nemotron steps run a \\\n", "  -c b"])
    result = read("a.ipynb", source)
    (region,) = result.regions
    start = region.text.index("a \\")
    assert region.map.editable(start, len(region.text)) is None
    assert region.map.editable(start, start + 1) is not None
    assert place(region, "-c b")[0] == 7


def test_markdown_and_raw_cells() -> None:
    """Markdown cells are documents, raw cells are words, outputs are nothing."""
    source = notebook("```bash\nnemotron steps run a\n```", kind="markdown")
    assert regions("a.ipynb", source) == [("shell", "nb:md:fence:bash", "nemotron steps run a\n")]
    assert regions("a.ipynb", notebook("nemotron steps run a", kind="raw"))[0][0] == "mention"
    cell = {"cell_type": "code", "source": "1", "outputs": [{"text": ["!nemotron steps run a"]}]}
    assert regions("a.ipynb", json.dumps({"cells": [cell]})) == []


def test_broken_notebook() -> None:
    """One note with the line; the strings are still read."""
    source = notebook(["!nemotron steps run a\n"])
    result = read("a.ipynb", source[: source.index("outputs")])
    assert [note.event for note in result.notes] == ["broken-file"]
    assert [(region.kind, region.text) for region in result.regions] == [("shell", "nemotron steps run a\n")]
    assert [note.event for note in read("a.ipynb", '{"nemotron": 1}').notes] == ["broken-file"]


@pytest.mark.parametrize(
    "source",
    [
        '{"cells":[' + "[" * many(900_000),
        '{"cells":[{"cell_type":"code","source":"' + "!nemotron steps run a\\n" * many(40_000) + '"}]}',
        '{"cells":[{"cell_type":"code","source":[' + '"!nemotron steps \\\\\\n",' * many(40_000) + '""]}]}',
        '{"cells":[{"cell_type":"code","source":"' + "\\u0020" * many(150_000) + 'nemotron steps"}]}',
    ],
)
def test_hostile_text(source: str) -> None:
    """A long text of any shape ends soon and does not raise."""
    read_regions(Document("a.ipynb", source))


BASH = {"kernelspec": {"name": "bash", "language": "bash"}}
CELLS: list[tuple[dict[str, object], dict[str, object], str, str]] = [
    (BASH, {}, "cd x\nnemotron steps run a # c", "shell"),
    ({"language_info": {"name": "bash"}}, {}, "nemotron steps run a", "shell"),
    ({}, {"vscode": {"languageId": "shellscript"}}, "nemotron steps run a", "shell"),
    ({}, {"kernel": "Bash"}, "nemotron steps run a", "shell"),
    ({}, {"dotnet_interactive": {"language": "bash"}}, "nemotron steps run a", "shell"),
    (BASH, {"vscode": {"languageId": "python"}}, "!nemotron steps run a", "shell"),
    (BASH, {"vscode": {"languageId": "powershell"}}, "$x = nemotron steps run a", "mention"),
    ({"kernelspec": {"name": "ir", "language": "R"}}, {}, 'x <- c()\nsystem("nemotron steps run a")', "shell"),
    ({"kernelspec": {"name": "ir", "language": "R"}}, {}, "# say nemotron steps run a", "mention"),
]


@pytest.mark.parametrize(("kernel", "cell", "source", "kind"), CELLS)
def test_kernels(kernel: dict[str, object], cell: dict[str, object], source: str, kind: str) -> None:
    """A cell is read as the text of its kernel, or of the language that it names itself; none is broken for that."""
    listed = [{"cell_type": "code", "source": source, "metadata": cell, "outputs": []}]
    reading = read("a.ipynb", json.dumps({"cells": listed, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))
    assert [region.kind for region in reading.regions if "steps" in region.text] == [kind]
    assert not reading.notes


def test_a_shell_kernel_reads_every_cell() -> None:
    """A cell that does not name the command may set what a later one uses."""
    found = [json.loads(notebook("export NEMOTRON_ENV_FILE=a.toml", "nemotron steps run a"))]
    found[0]["metadata"] = BASH
    assert [text for _, _, text in regions("a.ipynb", json.dumps(found[0]))] == [
        "export NEMOTRON_ENV_FILE=a.toml",
        "nemotron steps run a",
    ]


# What jupytext 1.19 writes for one and the same notebook, and the cells that it reads back from it.
PERCENT = """\
# %%
# !nemotron steps run a \\
#   -c b

# %% language="bash"
# set -e
# nemotron steps run c

# %%
# x = !nemotron steps run d

# %%
for i in x:
    # !nemotron steps run e

# %%
# %%writefile a.sh
nemotron steps run f

# %%
# # !nemotron steps run no

# %%
# %%capture
# %%bash
nemotron steps run g

# %% [markdown]
# Text `nemotron steps run h -c i`
"""
LIGHT = """\
# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
# ---

# !nemotron steps run a \\
#   -c b

# + language="bash"
# set -e
# nemotron steps run c
# -

# x = !nemotron steps run d

for i in x:
    # !nemotron steps run e

# %%writefile a.sh
nemotron steps run f

# +
# # !nemotron steps run no
# -

# %%capture
# %%bash
nemotron steps run g

# Text `nemotron steps run h -c i`
"""
HYDROGEN = """\
# %%
!nemotron steps run a \\
  -c b

# %%
%%bash
set -e
nemotron steps run c

# %%
x = !nemotron steps run d

# %%
for i in x:
    !nemotron steps run e

# %%
%%writefile a.sh
nemotron steps run f

# %%
# !nemotron steps run no

# %%
%%capture
%%bash
nemotron steps run g

# %% [markdown]
# Text `nemotron steps run h -c i`
"""


@pytest.mark.parametrize("text", [PERCENT, LIGHT, HYDROGEN], ids=["percent", "light", "hydrogen"])
def test_scripts_of_jupytext(text: str) -> None:
    """Magics are read out of their comments, whole cells too; what is a comment in the notebook stays one."""
    commands = ["a -c b", "c", "d", "e", "f", "g", "h -c i"]
    assert runs("a.py", text) == [f"nemotron steps run {command}" for command in commands]
    assert not read("a.py", text).notes


def test_other_scripts_have_comments() -> None:
    """In Python outside of a notebook, a comment with a `!` stays one."""
    assert runs("a.py", "import os\n# !nemotron steps run a\n# 50 %% of nemotron\n") == []


def test_magics_that_are_not_followed() -> None:
    """A line magic that names the command is said not to be followed; those that run it are runs."""
    source = "%alias nr nemotron steps run\n%nr a -d\nx = 1\n!nemotron steps run b\n%sx nemotron steps run c\n"
    document = read_text("a.ipynb", notebook(source))
    assert [[word.value for word in run.words[3:]] for run in document.runs] == [["b"], ["c"]]
    (note,) = document.notes
    assert note.info and document.text[note.start : note.end] == "nemotron"
