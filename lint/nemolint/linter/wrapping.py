"""Wraps a shell text into typical containers, and maps each of its characters into the file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.linter.rule import Example


class Wrapped(NamedTuple):
    """An example inside a container: the file's name and text, and the place of each character of the example."""

    path: str
    text: str
    offsets: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """File offsets of characters `start:end` of the example."""
        return self.offsets[start], (self.offsets[end - 1] + 1 if end > start else self.offsets[start])


Wrap = Callable[[str], Wrapped]


def _by_line(path: str, head: str = "", prefix: str = "", tail: str = "", first: str | None = None) -> Wrap:
    """Put `prefix` before each line (`first` before the first of each logical command, if given)."""

    def wrap(text: str) -> Wrapped:
        out = [head]
        length = len(head)
        offsets: list[int] = []
        continued = False
        for line in text.split("\n"):
            lead = prefix if first is None or continued else first
            out.append(lead + line + "\n")
            length += len(lead)
            offsets.extend(range(length, length + len(line) + 1))
            length += len(line) + 1
            continued = line.endswith("\\")
        out.append(tail)
        return Wrapped(path, "".join(out), tuple(offsets))

    return wrap


def _encoded(path: str, head: str, tail: str, write: Callable[[str], str]) -> Wrap:
    """Write each character as its container requires."""

    def wrap(text: str) -> Wrapped:
        out = [head]
        length = len(head)
        offsets: list[int] = []
        for char in text + "\n":
            written = write(char)
            offsets.append(length)
            out.append(written)
            length += len(written)
        return Wrapped(path, "".join(out) + tail, tuple(offsets))

    return wrap


_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def _json_char(char: str) -> str:
    return json.dumps(char, ensure_ascii=False)[1:-1]


plain = _by_line("example.sh")
# Fences of a page: in a numbered list, in a block quote, with prompts; and one of an assistant.
list_fence = _by_line("example.md", "1. Do this:\n\n   ```bash\n", "   ", "   ```\n")
quote_fence = _by_line("example.md", "> Do this:\n>\n> ```bash\n", "> ", "> ```\n")
console_fence = _by_line("example.md", "```console\n", tail="```\n", first="$ ")
answer = _by_line("example.answer.md", "```bash\n", tail="```\n")
# Block scalars of a GitHub Actions step and of a GitLab job, and comment lines.
workflow = _by_line(
    ".github/workflows/example.yml",
    "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n",
    "          ",
)
gitlab = _by_line(".gitlab-ci.yml", "job:\n  script:\n    - |\n", "      ")
yaml_comment = _by_line("example.yaml", prefix="# ", tail="a: 1\n")
# A here-document of RUN, a recipe that is one script, a string of subprocess.run, a fence in a docstring, a task.
dockerfile = _by_line("Dockerfile", "FROM x\nRUN <<'END' bash\n", tail="END\n")
justfile = _by_line("justfile", "job:\n    #!/usr/bin/env bash\n", "    ")
python_string = _by_line("example.py", 'import subprocess\n\nsubprocess.run(r"""\n', tail='""", shell=True)\n')
docstring = _by_line("example.py", 'def f():\n    r"""Do it.\n\n    ```bash\n', "    ", '    ```\n    """\n')
toml_task = _by_line("pixi.toml", "[tasks]\njob = '''\n", tail="'''\n")
# A cell of a notebook that jupytext keeps as a script; a file that cloud-init writes.
jupytext = _by_line("example.py", '# %% language="bash"\n', "# ", "\n# %%\nx = 1\n")
cloud_init = _by_line("user-data.yaml", "write_files:\n  - path: /opt/job.sh\n    content: |\n", "      ")
# Code of a site generator, a here-document of Terraform.
highlight = _by_line("example.md", "{% highlight bash %}\n", tail="{% endhighlight %}\n")
terraform = _by_line("main.tf", 'resource "x" "y" {\n  user_data = <<-EOT\n    #!/bin/bash\n', "    ", "  EOT\n}\n")
asciidoc = _by_line("example.adoc", "Do this:\n\n[source,bash]\n----\n", tail="----\n")
org = _by_line("example.org", "#+begin_src sh\n", tail="#+end_src\n")
rst_block = _by_line("example.rst", "Do this:\n\n.. code-block:: bash\n\n", "   ")
# Containers that escape characters: a `%%bash` cell with a JSON string for each line, a script, a recipe.
notebook = _encoded(
    "example.ipynb",
    '{"cells": [{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": null, "source": [\n'
    '"%%bash\\n",\n"',
    '"]}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}\n',
    lambda char: '\\n",\n"' if char == "\n" else _json_char(char),
)
package_json = _encoded("package.json", '{"scripts": {"job": "', '"}}\n', _json_char)
html_page = _encoded("example.html", "<!doctype html>\n<pre>\n", "</pre>\n", lambda char: _ENTITIES.get(char, char))
html_block = _encoded("example.md", "<pre><code>\n", "</code></pre>\n", lambda char: _ENTITIES.get(char, char))
makefile = _encoded("Makefile", "job:\n\t", "", lambda char: {"$": "$$", "\n": "\n\t"}.get(char, char))

SCRIPTS = {
    "plain": plain,
    "workflow": workflow,
    "gitlab": gitlab,
    "notebook": notebook,
    "json": package_json,
    "toml": toml_task,
    "make": makefile,
    "just": justfile,
    "dockerfile": dockerfile,
    "python": python_string,
    "jupytext": jupytext,
    "cloud-init": cloud_init,
    "terraform": terraform,
}
DOCUMENTS = {
    "list": list_fence,
    "quote": quote_fence,
    "console": console_fence,
    "docstring": docstring,
    "rst": rst_block,
    "html": html_block,
    "html-page": html_page,
    "highlight": highlight,
    "asciidoc": asciidoc,
    "org": org,
}
_BY_SURFACE = {
    "script": SCRIPTS,
    "doc": DOCUMENTS,
    "comment": {"comment": yaml_comment},
    "answer": {"answer": answer},
    None: {**SCRIPTS, **DOCUMENTS},
}
WRAPPERS: dict[str, Wrap] = {**SCRIPTS, **DOCUMENTS, "comment": yaml_comment, "answer": answer}
# Lines that cannot follow a prompt of their own.
_BLOCK_LINE = lazily(r"^(?:\s|[})]|fi\b|done\b|esac\b|then\b|do\b|else\b|elif\b|EOF\b)|(?:\{|then|do|in)$|<<|^#")


def wrappings(example: Example) -> Iterator[tuple[str, Wrapped]]:
    """The containers in which an example is checked."""
    if example.path is not None:
        yield "own", Wrapped(example.path, example.text + "\n", tuple(range(len(example.text) + 1)))
        return
    for name, wrap in _BY_SURFACE[example.surface].items():
        if _fits(name, example.text):
            yield name, wrap(example.text)


_NAMED = frozenset({"cloud-init", "docstring", "html", "html-page", "jupytext", "python", "terraform"})


def _fits(name: str, text: str) -> bool:
    """Whether a container can hold the text as shell text."""
    lines = text.split("\n")
    if name == "console":
        return not any(_BLOCK_LINE.search(line) for line in lines) and not _open_quote(text)
    if name == "comment":
        return all(line.strip() for line in lines)
    if name == "make":  # each line of a recipe is run by a separate shell
        return not any(_BLOCK_LINE.search(line) for line in lines) and not re.search(r"(?<!\\)\n", text)
    if name == "just":
        return "{{" not in text
    if name == "terraform" and ("${" in text or "%{" in text):  # which Terraform expands
        return False
    if name in _NAMED and "nemotron" not in text:  # it is only read if it names the command
        return False
    if name in ("html", "html-page"):  # the place of an entity is not that of its first character alone
        return not any(char in text for char in _ENTITIES)
    if name in ("python", "docstring"):
        return '"""' not in text and not text.endswith(("\\", '"'))
    if name == "toml":
        return "'''" not in text
    return True


def _open_quote(text: str) -> bool:
    """True if a quote of the example spans lines."""
    return any(len(re.findall(mark, line)) % 2 for mark in ("'", '"') for line in text.split("\n"))
