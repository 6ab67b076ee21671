"""Markdown, MyST and MDX: which regions there are, and where each character of them stands."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from nemolint.document import Document
from nemolint.reader import find_runs
from nemolint.sources import read_regions
from support.containers import assert_faithful, code_blocks, container_cases, place, read, runs, shell
from support.sizes import many

if TYPE_CHECKING:
    from pathlib import Path

RUN = "nemotron steps run a -c b"


def containers(path: str, text: str) -> list[tuple[str, str, str]]:
    return [(region.container, region.kind, region.text) for region in read(path, text).regions]


@pytest.mark.parametrize(
    ("opening", "container", "console"),
    [
        ("```bash", "md:fence:bash", False),
        ("```BASH", "md:fence:bash", False),
        ('``` bash title="x"', "md:fence:bash", False),
        ("```bash {1,3}", "md:fence:bash", False),
        ("```bash{1,3}", "md:fence:bash", False),
        ("```{.bash .numberLines}", "md:fence:bash", False),
        ("```{ .bash }", "md:fence:bash", False),
        ("```{bash, echo=FALSE}", "md:fence:bash", False),
        ("```language-sh", "md:fence:sh", False),
        ("```{code-block} bash", "md:fence:bash", False),
        ("```{code} console", "md:fence:console", True),
        ("```{sourcecode} zsh", "md:fence:zsh", False),
        ("```{prompt} bash $", "md:fence:bash", False),
        ("```{prompt} bash $ auto", "md:fence:bash", True),
        ("```console", "md:fence:console", True),
        ("~~~~ shell-session", "md:fence:shell-session", True),
        ("```", "md:fence", False),
        ("   ```ksh", "md:fence:indented:ksh", False),
        (":::{code-block} bash", "md:fence:bash", False),
    ],
)
def test_shell_fences(opening: str, container: str, console: bool) -> None:
    """Every way to say that a fence holds shell text."""
    match = re.match(r"\s*([`~:]+)", opening)
    assert match
    (region,) = read("a.md", f"Text.\n\n{opening}\n{RUN}\n{match[1]}\n\nText.\n").regions
    assert (region.container, region.kind, region.text) == (container, "shell", RUN + "\n")
    assert (region.console, region.surface) == (console, "doc")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("```text\n$ nemotron steps run a \\\n    -d\nnemotron steps run no\n```\n", ["nemotron steps run a -d"]),
        ("```plaintext\n(venv) me@host:~/x$ nemotron steps run a\n```\n", ["nemotron steps run a"]),
        ("```text\n[me@host x]# nemotron steps run a\n```\n", ["nemotron steps run a"]),
        ("```text\n$ is a sign, and nemotron steps run is a command.\n```\n", []),
        ("{% highlight bash linenos %}\nnemotron steps run a\n{% endhighlight %}\n", ["nemotron steps run a"]),
        (
            '{{< highlight shell "linenos=table" >}}\nnemotron steps run a\n{{< /highlight >}}\n',
            ["nemotron steps run a"],
        ),
        ('- x\n\n  {{% code lang="sh" %}}\n  nemotron steps run a\n  {{% /code %}}\n', ["nemotron steps run a"]),
        ("{% codeblock lang:bash %}\nnemotron steps run a\n{% endcodeblock %}\n", ["nemotron steps run a"]),
        ("{{< command >}}\nnemotron steps run a\n{{< /command >}}\n", ["nemotron steps run a"]),
        ("{% highlight text %}\nnemotron steps run a\n{% endhighlight %}\n", []),
        ("````md\n{% highlight bash %}\nnemotron steps run a\n{% endhighlight %}\n````\n", []),
        ("{% highlight bash %}\nText: nemotron steps run a\n", []),
        ('```json\n{"command": "nemotron", "args": ["steps", "run", "a", "-d"]}\n```\n', ["nemotron steps run a -d"]),
        ("```groovy\nsh 'nemotron steps run a -d'\n```\n", ["nemotron steps run a -d"]),
        ('```hcl\nx {\n  command = "nemotron steps run a -d"\n}\n```\n', ["nemotron steps run a -d"]),
        ("```{r}\nsystem('nemotron steps run a -d')\n```\n", ["nemotron steps run a -d"]),
        ("```fish\nnemotron steps run a -d\n```\n", ["nemotron steps run a -d"]),
    ],
)
def test_what_else_people_put_into_pages(text: str, found: list[str]) -> None:
    """Sessions without a language, code tags of site generators, and fences of languages that start commands."""
    for ends in ("\n", "\r\n"):
        assert runs("a.md", text.replace("\n", ends)) == found


@pytest.mark.parametrize(
    "info", ["text", "mermaid", "{mermaid}", "powershell", "cmd", "bat", "diff", "ini", "{option} <step-id>", "js"]
)
def test_fences_that_nobody_runs(info: str) -> None:
    """Fences of other languages are mentions, and only where they name the command."""
    assert containers("a.md", f"```{info}\n{RUN}\n```\n") == [(f"md:fence:{info}", "mention", RUN + "\n")]
    assert containers("a.md", f"```{info}\nls\n```\n") == []


@pytest.mark.parametrize(
    "options", [":linenos:\n:caption: nemotron steps run not me\n\n", "---\ncaption: nemotron steps run not me\n---\n"]
)
@pytest.mark.parametrize(("mark", "name"), [("```", "code-block"), (":::", "code-block"), ("~~~", "sourcecode")])
def test_directive_options(options: str, mark: str, name: str) -> None:
    """Options of a directive are not its text."""
    assert shell("a.md", f"{mark}{{{name}}} bash\n{options}{RUN}\n{mark}\n") == [RUN + "\n"]


def test_fence_closed_with_a_tab() -> None:
    """A tab after the closing fence does not keep the fence open."""
    assert shell("a.md", "```bash\na\n``` \t\n\nb\n") == ["a\n"]


def test_markdown_in_directives() -> None:
    """Bodies of tabs, notes and dropdowns are Markdown again, in backticks and in colons, at any depth."""
    text = (
        "`````{tab-set}\n````{tab-item} A\n:sync: a\n\n- x\n  ```bash\n  one\n  ```\n````\n`````\n\n"
        "::::{tab-set}\n:::{tab-item} B\n:sync: b\n```bash\ntwo\n```\n:::\n:::{tab-item} C\n"
        "```{note}\n`nemotron three`\n```\n:::\n::::\n\n:::note Title\n    four\n:::\n\n:::{code-block} sh\n:::\n"
    )
    assert [found[2] for found in containers("a.md", text)] == ["one\n", "two\n", "nemotron three", "four\n", ""]


def test_colon_lines_in_code_stay() -> None:
    """What looks like a colon fence inside a fence is text."""
    assert shell("a.md", "```bash\n:::{note}\nx\n:::\n```\n:::{code-block} sh\ny\n:::\n") == [
        ":::{note}\nx\n:::\n",
        "y\n",
    ]


def test_inline_code() -> None:
    """Line ends in inline code are blanks, list and quote markers are not part of it, the map leads to each line."""
    text = "> - Run `` nemotron steps\n>   run a `-c` ``, `ls` and\n>   `nemotron`.\n"
    first, second = read("a.md", text).regions
    assert (first.container, first.kind, first.text) == ("md:inline-code", "snippet", "nemotron steps run a `-c`")
    assert place(first, "run a") == (2, 5, 2, 10)
    assert place(first, "steps run") == (1, 21, 2, 8)
    assert second.text == "nemotron"


def test_table_cells() -> None:
    r"""In a table `\|` is `|`; a cell that is a command without backticks counts, one with a sentence is a mention."""
    text = (
        "| a | b |\n|---|---|\n"
        "| `nemotron steps run a \\| tee x` | x |\n"
        "| uv run nemotron steps run b -c c | use nemotron steps run c |\n"
        "| `nemotron \\\\| x` | nemotron a \\| b &lt; c |\n"
    )
    found = read("a.md", text).regions
    assert [(region.kind, region.text) for region in found] == [
        ("snippet", "nemotron steps run a | tee x"),
        ("snippet", "uv run nemotron steps run b -c c"),
        ("mention", "use nemotron steps run c"),
        ("snippet", "nemotron \\| x"),
        ("snippet", "nemotron a | b < c"),
    ]
    assert {region.container for region in found} == {"md:table-cell"}
    assert place(found[0], "| tee x") == (3, 25, 3, 33)
    assert found[0].map.editable(0, 20) is not None
    assert found[0].map.editable(20, 23) is None


def test_html_and_prose_are_mentions() -> None:
    """Comments, raw HTML and prose are never commands."""
    text = (
        "Use nemotron steps\nrun *a* -c b.\n\n<!-- nemotron x\n-->\n\n<div>\n```bash\nnemotron y\n```\n</div>\n\n"
        "A <!-- nemotron z --> b\n\n<!--\n```bash\nnemotron q\n```\n-->\n"
    )
    assert [found[:2] for found in containers("a.md", text)] == [
        ("md:prose", "mention"),
        ("md:html-comment", "mention"),
        ("md:html", "mention"),
        ("md:html-comment", "mention"),
        ("md:html-comment:fence", "mention"),
    ]
    comments = read("a.md", text).suppress_comments
    assert [text[start:end][:4] for start, end, _ in comments] == ["<!--"] * 3
    assert comments[1].text == "nemotron z"


def test_front_matter() -> None:
    """Front matter is a mention by line; a rule between paragraphs is not front matter."""
    text = "---\ntitle: nemotron a\nlist:\n  - 'nemotron b'\n# nemolint: x\n---\n\ntext\n\n---\nx: nemotron c\n---\n"
    reading = read("a.md", text)
    assert [(region.container, region.text) for region in reading.regions] == [
        ("md:frontmatter", "nemotron a"),
        ("md:frontmatter", "nemotron b"),
        ("md:prose", "x: nemotron c"),
    ]
    assert reading.suppress_comments[0].text == "nemolint: x"


def test_template_comment() -> None:
    """The comment marks the next block and no other."""
    text = "<!-- nemolint: template -->\n\n```bash\na\n```\n\n```bash\nb\n```\n"
    assert [region.template for region in read("a.md", text).regions] == [True, False]
    quoted = "".join(f"> {line}\n" for line in text.splitlines())
    assert [region.template for region in read("a.md", quoted).regions] == [True, False]
    assert not read("a.md", "<!-- nemolint: template -->\nx\n\n```bash\na\n```\n").regions[0].template


def test_mdx() -> None:
    """MDX has comments of its own, and no indented code."""
    text = (
        "{/* nemotron a\n```bash\nb\n``` */}\n\n<Tabs>\n  <Tab>\n\n    ```bash\n    c\n    ```\n  </Tab>\n</Tabs>\n\n"
        "`{/*` {/* nemolint: x */}\n"
    )
    assert shell("a.mdx", text) == ["c\n"]
    assert [comment.text for comment in read("a.mdx", text).suppress_comments][1] == "nemolint: x"


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("a.mdx", '<Cmd text="nemotron steps run a -d" title="nemotron steps run b" />', ["a -d"]),
        ("a.mdx", "<Cmd command={`nemotron steps run a -d`}>\nx\n</Cmd>", ["a -d"]),
        ("a.mdx", "A <Copy value='nemotron steps run a -d' /> b", ["a -d"]),
        ("a.mdx", 'export const x = "nemotron steps run a -d";', []),
        ("a.mdx", 'export const x = "The nemotron steps run command";', []),
        ("a.mdx", '<Step title="Run nemotron">\n  ```bash\n  nemotron steps run a -d\n  ```\n</Step>', ["a -d"]),
        ("a.mdx", '```jsx\n<Cmd text="nemotron steps run a -d" />\n```', []),
        ("a.md", '<button data-clipboard-text="nemotron steps run a &quot;-d&quot;">x</button>', ["a -d"]),
        ("a.md", '<img alt="nemotron steps run a -d" src="x">', []),
    ],
)
def test_commands_that_tags_are_given(path: str, text: str, found: list[str]) -> None:
    """What a component shows or copies is a command, unless it is a title; a tag hides no fence behind it."""
    assert [run.removeprefix("nemotron steps run ") for run in runs(path, text + "\n")] == found


def test_names_of_text_files() -> None:
    """A text file is read like Markdown under its own prefix."""
    assert containers("a.txt", f"```\n{RUN}\n```\n") == [("txt:md:fence", "shell", RUN + "\n")]


def test_shared_cases(shared: Path) -> None:
    """Each labelled run stands in a region at its exact place; what is not a run is a mention."""
    for case in container_cases(shared, "markdown", "text"):
        document = Document(case["path"], case["source"])
        regions = read_regions(document).regions
        found = [region for region in regions if "nemotron steps" in region.text]
        if not case["runs"]:
            assert {region.kind for region in found} <= {"mention"}, case["name"]
        for run, region in zip(case["runs"], found, strict=False):
            start = document.lines.offset(run["line"], run["column"])
            end = document.lines.offset(run["end_line"], run["end_column"])
            at = region.text.index("nemotron")
            assert region.map.outer_start(at) == start, case["name"]
            assert end in {region.map.outer_end(to) for to in range(at + 1, len(region.text) + 1)}, case["name"]


def cmark_blocks(text: str) -> list[str]:
    cmarkgfm = pytest.importorskip("cmarkgfm", reason="cmarkgfm is not installed")
    page = cmarkgfm.github_flavored_markdown_to_html(text, options=cmarkgfm.cmark.Options.CMARK_OPT_FOOTNOTES)
    return [html.unescape(found) for found in re.findall(r"<pre[^>]*><code[^>]*>(.*?)</code></pre>", page, re.DOTALL)]


def test_corpus_against_cmark(shared: Path) -> None:
    """On real documents, bare and inside a quote and a list, the code blocks are those of the reference parser."""
    count = 0
    for path in sorted((shared / "corpus" / "nemotron").rglob("*.md")):
        text = re.sub(r"\A---\n.*?\n---\n", "", path.read_bytes().decode().replace("\r\n", "\n"), flags=re.DOTALL)
        lines = text.split("\n")
        quoted = "\n".join(f"> {line}" for line in lines)
        listed = "- " + "\n".join(f"  {line}" if line.strip() else line for line in lines)[2:]
        for variant in (text, quoted, listed):
            found = [map.text for _, map in code_blocks(variant)]
            assert found == cmark_blocks(variant), path
            count += len(found)
    assert count > 1000


CODE = ["```bash", "```", "~~~", "~~~~ sh", "`a`", "    ", "  ", "x"]
BLOCKS = ["- ", "> ", "1. ", "<!--", "-->", "<div>", "***", "# h", "---", ":::{a}"]
documents = st.lists(st.lists(st.sampled_from(CODE + BLOCKS), max_size=4).map("".join), max_size=12)


@given(documents)
def test_random_documents_against_cmark(lines: list[str]) -> None:
    """On random documents too, fences and indented code are those of the reference parser."""
    # The parsers differ over list items that begin with a blank line.
    text = "".join(line + "\n" for line in lines if not re.fullmatch(r"[ >]*(- |1\. )[ >]*", line))
    assert [map.text for _, map in code_blocks(text)] == cmark_blocks(text)


CHARACTERS = st.characters(exclude_characters="\r\n\0`~!", exclude_categories=["Cs"])
line_texts = st.lists(st.text(st.sampled_from(" \t$\\|<>&;:-'\"ab#é😀") | CHARACTERS, max_size=20), max_size=6)


def wrap(lines: list[str], wrapper: str) -> list[str]:
    rest = "> " if wrapper == "> " else " " * len(wrapper)
    return [(wrapper if index == 0 else rest) + line for index, line in enumerate(lines)]


@given(
    lines=line_texts,
    fence=st.sampled_from("`~").flatmap(lambda mark: st.integers(3, 6).map(lambda count: mark * count)),
    wrappers=st.lists(st.sampled_from(["> ", "- ", "* ", "1. ", "10) "]), max_size=4),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    bom=st.booleans(),
)
def test_fence_round_trip(lines: list[str], fence: str, wrappers: list[str], end: str, bom: bool) -> None:
    """What was planted in a fence is the region's text, and each of its characters leads to the planted one."""
    block = [f"{fence}bash", *lines, fence]
    for wrapper in wrappers:
        block = wrap(block, wrapper)
    text = ("\ufeff" if bom else "") + end.join(["Text.", "", *block, "", "Text."])
    (region,) = [region for region in read("a.md", text).regions if region.kind == "shell"]
    assert region.text == "".join(line + "\n" for line in lines)
    index = region.document.lines
    at = 0
    for number, line in enumerate(lines):
        if line:
            start, stop = region.map.to_outer(at, at + len(line))
            assert text[start:stop] == line
            assert index.position(start).line == number + 4
        at += len(line) + 1


@given(
    st.text(st.sampled_from("`~:-{}<>!/*|# \t\r\nab\\nemotron\ufeff\0é\ud800")),
    st.sampled_from(["a.md", "a.mdx", "a.txt"]),
)
def test_any_text(text: str, path: str) -> None:
    """No text ends in an error, and every map holds."""
    read(path, text)


@pytest.mark.parametrize(
    "text",
    [
        ">" * many(1_000_000),
        "`a" * many(500_000),
        "```\n" * many(250_000),
        "- " * many(500_000) + ":::{a}",
        "<!--" * many(250_000),
        "[a](<b" * many(150_000),
        "\r" * many(1_000_000),
        "{/*" * many(330_000),
        "`{/*` " * many(160_000),
        "```\n{/*\n```\n" * many(80_000),
        "".join("  " * depth + "- nemotron\n" for depth in range(300)),
        "".join("`" * (1400 - depth) + "{note}\n" for depth in range(1390)),
        "---\n" + "- " * many(500_000) + "nemotron\n---\n",
    ],
    ids=[
        "quotes",
        "ticks",
        "fences",
        "lists",
        "comments",
        "links",
        "cr",
        "mdx",
        "mdx-code",
        "mdx-fences",
        "deep",
        "directives",
        "front",
    ],
)
def test_hostile_text(text: str) -> None:
    """A long text of any shape is read."""
    read("a.mdx" if "{/*" in text else "a.md", text)


STEP = "nemotron steps run a -c tiny"


@pytest.mark.parametrize(
    ("path", "text", "count"),
    [
        ("a.md", "```python\n!X\n```\n", 1),
        ("a.md", "```py\nimport os\n!X\nos.system('X')\n```\n", 2),
        ("a.md", "```python\n%%bash\nX\n```\n", 1),
        ("a.md", "```ipython3\n!X\n```\n", 1),
        ("a.md", "```{code-cell}\n!X\n```\n", 1),
        ("a.md", "```{code-cell} python\n:tags: [a]\n\n!X\n```\n", 1),
        ("a.md", "```{code-cell} ipython3\n%%shell\nX\n```\n", 1),
        ("a.md", "---\nkernelspec:\n  name: bash\n  language: bash\n---\n```{code-cell}\nX\n```\n", 1),
        ("a.md", "```{jupyter-execute}\n!X\n```\n", 1),
        ("a.md", "```{code-block} ipython\n!X\n```\n", 1),
        ("a.md", "```{ipython}\nIn [1]: !X\nOut[1]: 0\n```\n", 1),
        ("a.md", "```pycon\n>>> os.system('X')\n0\n```\n", 1),
        ("a.md", "```\n!X\n```\n\n- a\n\n  ```bash\n  !X\n  ```\n\n`!X`\n", 3),
        ("a.md", "```python\n# !X\n```\n", 0),
        ("a.md", "```bash\n! X || exit\n```\n", 1),
        ("a.md", '```bash magic_args="--out x"\nX\n```\n', 1),
        ("a.qmd", "```{bash}\n#| echo: false\nX\n```\n\n```{python}\n!X\n```\n\n```{r}\n# X\n```\n", 2),
        ("a.Rmd", "```{bash, echo=FALSE}\nX\n```\n\n```{r, engine='bash'}\nX\n```\n", 2),
        ("a.Rmd", "```{python}\n# !X\n```\n", 0),
        ("a.Rmd", "---\njupyter:\n  jupytext:\n    x: y\n---\n```{python}\n# !X \\\n#   -d\n```\n", 1),
        ("a.mdc", "---\nglobs: '*'\n---\n```bash\nX\n```\n", 1),
        ("a.md", "```default\nX\n```\n", 1),
        ("a.md", "```jupyter\n!X\n```\n\n    !X\n\n```console\n$ !X\n```\n", 3),
        ("a.md", "```python\n>>> !X\n```\n\n```python\nIn [1]: !X\n```\n", 2),
    ],
)
def test_notebooks_in_fences(path: str, text: str, count: int) -> None:
    """A fence of Python, or a cell of MyST, Quarto or R Markdown, is what its kernel would run."""
    text = text.replace("X", STEP)
    found = runs(path, text)
    assert len(found) == count
    assert all(run.startswith(STEP) for run in found)
    assert not read(path, text).notes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<pre>X</pre>", ["X"]),
        ("<pre><code>\nX --dry-run\n\nX b.c=&lt;d&gt;\n</code></pre>", ["X --dry-run", "X b.c=<d>"]),
        ('<pre><code class="language-bash">X\n</code></pre>', ["X"]),
        ('<pre class="highlight-console">$ X\nno nemotron steps run\n</pre>', ["X"]),
        ('<pre><code class="language-python">X\n</code></pre>', []),
        ("<pre><b>nemotron</b> <i>steps</i> <u>run</u> a -c tiny &amp;&amp; X</pre>", ["X", "X"]),
        ("<pre>nemotron st&#101;ps run a &#45;c tiny<br>X</pre>", ["X", "X"]),
        ("<details>\n<summary>a</summary>\n<pre>\nX\n</pre>\n</details>", ["X"]),
        ("Text <code>X</code>, <code>nemotron steps run a</code>.", ["X"]),
        ("| a | b |\n|---|---|\n| <code>X b.c&#61;d</code> | e |", ["X b.c=d"]),
        ("<p>X</p>", []),
        ("<!-- <pre>X</pre> -->", []),
    ],
)
@pytest.mark.parametrize("prefix", ["", "> ", "  "])
def test_html(text: str, expected: list[str], prefix: str) -> None:
    """Preformatted HTML and `<code>` are code: tags are not part of it, entities are what they stand for."""
    text = "".join(prefix + line + "\n" for line in text.replace("X", STEP).split("\n"))
    assert runs("a.md", text) == [run.replace("X", STEP) for run in expected]


@pytest.mark.parametrize(
    ("text", "role", "words"),
    [
        (
            "```bash\nnemotron steps run \\<step-id> \\\n    [-c \\<config>] \\\n    [\\<overrides>...]\n```",
            "synopsis",
            "<step-id>",
        ),
        ("```bash\nnemotron steps run \\<step_id> -b \\<a profile>\n```", "template", "<step_id> -b <a profile>"),
        ("```bash\nnemotron steps run a x=\\<image\\> -d\n```", "command", "a x=<image> -d"),
        ("```bash\nnemotron steps run a [\\<key>=\\<value> ...]\n```", "synopsis", "a"),
        ("`nemotron steps run \\<step> -c b`", "template", "<step> -c b"),
        ('```bash\nnemotron steps run a x="$\\{PWD\\}/b" -d\n```', "command", "a x=${PWD}/b -d"),
        ("<Tabs>\n  <Tab>\n    ```bash\n    nemotron steps run \\<x>\n    ```\n  </Tab>\n</Tabs>", "template", "<x>"),
    ],
)
def test_escapes_of_mdx(text: str, role: str, words: str) -> None:
    """What converters to MDX escape is read as it was meant, in code too: a placeholder is one, and so is grammar."""
    (run,) = find_runs("a.mdx", text + "\n")
    assert_faithful(run.region.map, text + "\n")
    assert run.role == role
    assert " ".join(word.value for word in run.words[3:] if "[" not in word.value and "]" not in word.value).startswith(
        words
    )


def test_escapes_of_other_markdown() -> None:
    """Elsewhere only a placeholder is meant; braces keep their backslash, as a shell would see it."""
    assert runs("a.md", "```bash\nnemotron steps run a x=\\<b> y=$\\{Z\\} -d\n```\n") == [
        "nemotron steps run a x=<b> y=${Z} -d"
    ]
    (run,) = find_runs("a.md", "```bash\nnemotron steps run a y=$\\{Z\\} -d\n```\n")
    assert not run.words[4].expansion
    assert find_runs("a.mdx", "```bash\nnemotron steps run a y=$\\{Z\\} -d\n```\n")[0].words[4].expansion


def test_code_of_jsx() -> None:
    """In MDX, preformatted text may be a string of JSX."""
    assert runs("a.mdx", f"<pre><code>{{`\n{STEP}\n`}}</code></pre>\n") == [STEP]


def test_a_comment_is_no_part_of_the_sentence() -> None:
    """What a comment says does not warn against the command behind it; the words around the comment do."""
    run = "nemotron steps run sft/automodel -c tiny a=1"
    comments = ("<!-- we can't fix it -->", "{/* we can't fix it */}", f"<!-- can't {'x' * 500} -->")
    for comment in comments:
        for text, role in ((f"{comment}\nUse `{run}`\n", "command"), (f"Do not {comment} use `{run}`\n", "mention")):
            (found,) = find_runs("a.mdx" if "{" in comment else "a.md", text)
            if len(comment) < 400 or role == "command":
                assert found.role == role, text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<CodeBlock>{`nemotron steps run a \\\\\n  -d`}</CodeBlock>\n", ["nemotron steps run a -d"]),
        ("<CodeBlock>\n{`nemotron steps run a \\\n  -d`}\n</CodeBlock>\n", ["nemotron steps run a -d"]),
        (
            "<CodeBlock>\n{`nemotron steps run a -c ${cfg} x=\\$Y`}\n</CodeBlock>\n",
            ["nemotron steps run a -c {{   cfg  }} x=$Y"],
        ),
        ("<pre><code>{`nemotron steps run a \\\\\n  -d`}</code></pre>\n", ["nemotron steps run a -d"]),
    ],
)
def test_template_literals_of_mdx(text: str, found: list[str]) -> None:
    """A template literal is read as JavaScript has it; what it puts in is open."""
    assert [" ".join(word.value for word in run.words) for run in find_runs("a.mdx", text)] == found
