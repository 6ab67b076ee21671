"""The keys that pages document: where they are found, of which step they are, and what is reported of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from nemolint import check_text
from nemolint.document import Document
from nemolint.linter.checker import Checker
from nemolint.prefilter import may_document_keys
from nemolint.reader import find_runs, read_text
from nemolint.settings import Settings
from nemolint.sources import documented_keys, kind_of
from support.command import nemolint
from support.containers import assert_faithful

if TYPE_CHECKING:
    from pathlib import Path

ABOUT = "# translate/nemo_curator\n\nA page about one of the nemotron steps.\n\n"
RST = "translate/nemo_curator\n======================\n\nA page about one of the nemotron steps.\n\n"
OPTION = "```{option} colour=<name>\n\nText.\n```\n"


def documented(text: str, path: str = "a.md") -> list[str]:
    """The keys of a page as written; each stands at its place."""
    document = Document(path, text, kind_of(path, text) or "")
    found = documented_keys.read(document).keys
    for item in found:
        assert_faithful(item.region.map, text)
    return [item.region.text for item in found]


def reported(text: str, path: str = "a.md") -> list[str]:
    """The texts that something is reported of, but runs."""
    lines = text.splitlines()
    names = ("unknown-override", "ineffective-override", "refused-override")
    found = (item for item in check_text(path, text) if item.rule in names)
    return [lines[item.line - 1][item.column - 1 : item.end_column - 1] for item in found]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("```{option} a.b=<x>\n\nText.\n```", ["a.b=<x>"]),
        ("```{option} a=<x> b=<y or z> c='d e'\n```", ["a=<x>", "b=<y or z>", "c='d e'"]),
        ("```{option} a=<x>, b=<y>\n```", ["a=<x>", "b=<y>"]),
        (":::{option} a\nText.\n:::", ["a"]),
        ("````{note}\n```{option} a=1\n```\n````", ["a=1"]),
        ("- item\n\n  ```{option} a=1\n  ```", ["a=1"]),
        ("> ```{option} a=1\n> ```", ["a=1"]),
        ("```{option} -c, --config NAME\n```", []),
        ("```{option} <step-id>\n```", []),
        ("```{option} <key>.<path>=<value>\n```", []),
        ("```{option} key=value\n```", []),
        ("```{option} HF_TOKEN=<token>\n```", []),
        ("````text\n```{option} a=1\n```\n````", []),
        ("<!--\n```{option} a=1\n```\n-->", []),
        ("| Key | Use |\n|---|---|\n| `a` | x |\n| `b`, `c` / `d` (or `e`) | y |", ["a", "b", "c", "d"]),
        ("Key | Use\n--- | ---\n`a` | x", ["a"]),
        ("| Name | YAML key |\n|---|---|\n| `x` | `a.b` |", ["a.b"]),
        ("| **Dotlist override** |\n|---|\n| `a=<b\\|c>` |", ["a=<b|c>"]),
        ("| Override |\n|---|\n| a.b=1 |\n| not a word |\n| c |", ["a.b=1"]),
        ("| Key |\n|---|\n| <code>a</code> |\n| <code>b&#95;c</code> |", ["a", "b_c"]),
        ("| Option |\n|---|\n| `--batch` / `batch` |\n| `-d` |\n| `tiny.yaml` |\n| `true` |", []),
        ("| Variable |\n|---|\n| `a` |", []),
        ("| Domain | Key idea |\n|---|---|\n| `a` | `b` |", []),
        ("| Old key | New key |\n|---|---|\n| `a` | `b` |", []),
        ("| Override | Use instead |\n|---|---|\n| `a=1` | `b=1` |", []),
        ("| Key | Use |\n|---|---|\n| `a` | Deprecated. |\n| `b` | It is never read. |\n| `c` | x |", ["c"]),
        ("These have no effect:\n\n| Key |\n|---|\n| `a` |", []),
        ("## Profile fields\n\n| Key |\n|---|\n| `nodes` |\n\n## Keys\n\n| Key |\n|---|\n| `a` |", ["a"]),
        (
            "<table><tr><th>Override</th><th>Use</th></tr>\n<tr><td><code>a=1</code></td><td>x</td></tr></table>",
            ["a=1"],
        ),
        ("```{list-table}\n:header-rows: 1\n\n* - Key\n  - Use\n* - `a`\n  - `x`\n* - `b`\n  - y\n```", ["a", "b"]),
        ("`a`\n: Text.\n\n`b.c`\n\n: Text.\n\nSay `d`\n: no.", ["a", "b.c"]),
        ("`a`\n: Removed.\n\n`b`\n: Text.", ["b"]),
        ("`a`\n: Text.\n`b`\n: Removed.\n`c`\n\n: Removed.\n\n`d`\n: Text.", ["a", "d"]),
        ("a_b\n: Text.\n\na.c=<x>\n\n: Text.\n\nword\n: Text.\n\nTwo words\n: Text.", ["a_b"]),
        (
            "## Keys\n\n### `a=<x>`\n\nText.\n\n### `b`\n\n```python\nlong.b\n```\n\n### `c` and more",
            ["a=<x>", "long.b"],
        ),
    ],
)
def test_keys_of_markdown(text: str, keys: list[str]) -> None:
    """Directives, columns, terms and headings name keys; flags, variables, files and what is taken back do not."""
    assert documented(text) == keys
    assert not keys or may_document_keys(text, "markdown")


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (".. option:: a=<x>\n\n   Text.\n", ["a=<x>"]),
        (".. option:: --flag X\n\n   Text.\n", []),
        (".. option:: a\n\n   Deprecated.\n", []),
        ("``a``\n   Text.\n\n``b``\n\n   A quote.\n", ["a"]),
        ("a_b\n   Text.\n\nword\n   Text.\n", ["a_b"]),
        (".. list-table::\n   :header-rows: 1\n\n   * - Key\n     - Use\n   * - ``a``\n     - x\n", ["a"]),
        ("+-----+---+\n| Key | U |\n+=====+===+\n|``a``| x |\n+-----+---+\n|``b``| x |\n+-----+---+\n", ["a", "b"]),
        ("===== ===\nKey   U\n===== ===\n``a`` x\n===== ===\n", ["a"]),
        ("Text::\n\n   .. option:: a=1\n\n.. code-block:: rst\n\n   .. option:: b=1\n", []),
    ],
)  # fmt: skip
def test_keys_of_rst(text: str, keys: list[str]) -> None:
    """In reStructuredText the same is written as directives, tables of three kinds, and definition lists."""
    assert documented(text, "a.rst") == keys
    assert not keys or may_document_keys(text, "rst")


_FORMS = {
    "a.md": (
        "```{{option}} {}\n\nText.\n```",
        ":::{{option}} {}\nText.\n:::",
        "| Override | Use |\n|---|---|\n| `{}` | é |",
        "| é | Override |\n|:-:|---|\n| 😀 `x` | `{}` |",
        "`{}`\n: Text.",
        "### `{}`\n\nText.",
    ),
    "a.rst": (
        ".. option:: {}\n\n   Text.",
        "``{}``\n   Text.",
        ".. list-table::\n   :header-rows: 1\n\n   * - Override\n     - Use\n   * - ``{}``\n     - é",
    ),
}


@given(data=st.data())
def test_each_key_is_at_its_place(data: st.DataObject) -> None:
    """In quotes and lists, behind any text, with any line end: keys are where they are written."""
    path = data.draw(st.sampled_from(sorted(_FORMS)))
    parts, keys = [], []
    for at in range(data.draw(st.integers(1, 4))):
        key = f"{data.draw(st.sampled_from(('seed', 'a.b_c', 'x-y.z')))}{at}=<v>"
        block = data.draw(st.sampled_from(_FORMS[path])).format(key)
        mark = data.draw(st.sampled_from(("", "> ", "- "))) if path == "a.md" and "###" not in block else ""
        lines = block.split("\n")
        rest = mark if mark == "> " else " " * len(mark)
        parts.append("\n".join([mark + lines[0], *(rest + line for line in lines[1:])]))
        parts.append(data.draw(st.sampled_from(("Text.", "é 😀", "# A title" if path == "a.md" else "Title\n====="))))
        keys.append(key)
    text = "\n\n".join(parts) + "\n"
    text = data.draw(st.sampled_from(("", "\ufeff"))) + text.replace(
        "\n", data.draw(st.sampled_from(("\n", "\r\n", "\r")))
    )
    document = Document(path, text, kind_of(path, text) or "")
    found = documented_keys.read(document).keys
    assert [item.region.text for item in found] == keys
    for item in found:
        start, end = item.region.span(0, len(item.region.text)).file_span()
        assert text[start:end] == item.region.text
    assert may_document_keys(text, document.kind)


_PIECES = (
    "```{option} ", ":::{option} ", "```", ":::", "`a`", "``a``", "| Key |", "|---|", "| `a` |", "<table>", "<th>Key",
    "<td><code>a</code>", "\n", "\n\n", ": x", "=", "<", "# ", "`a=<b>`", ".. option:: a", "  ", "* - Key",
    "+---+", "=== ===", "a_b", "c.d=1", ": ", "   x",
    "{list-table}\n:header-rows: 1\n", "{note}\n", "é",
    ".. list-table::\n   :header-rows: 1\n\n   * - Key\n   * - ``a``\n",
)  # fmt: skip


@given(st.lists(st.sampled_from(_PIECES), max_size=30).map("".join), st.sampled_from(("a.md", "a.mdx", "a.rst")))
def test_the_prefilter_loses_no_key(text: str, path: str) -> None:
    """A page of any pieces is read without an error, and one that the prefilter passes over has no keys."""
    kind = kind_of(path, text) or ""
    found = documented_keys.read(Document(path, text, kind)).keys
    assert may_document_keys(text, kind) or not found


@pytest.mark.parametrize(
    ("page", "found"),
    [
        (ABOUT + OPTION, ["colour"]),
        ("---\ndescription: About translate/nemo_curator\n---\nnemotron steps\n\n" + OPTION, ["colour"]),
        ("# Translate\n\n```bash\nnemotron steps run nemo_curator -c <config>\n```\n\n" + OPTION, []),
        ("# Go\n\n```bash\nnemotron steps run translate/nemo_curator [-c <config>]\n```\n\n" + OPTION, ["colour"]),
        ("# Translate\n\nSay `nemotron steps run translate/nemo_curator`.\n\n" + OPTION, ["colour"]),
        ("# Translate\n\n`nemotron steps run`\n\n" + OPTION, []),
        (ABOUT + "## Then sft/automodel\n\n" + OPTION, []),
        (ABOUT + "Before, `nemotron steps run curate/nemo_curator -d`.\n\n" + OPTION, []),
        (ABOUT + "Before, `nemotron steps run curate/another_step -d`.\n\n" + OPTION, []),
        (ABOUT + "## Then translate/another_step\n\n" + OPTION, []),
        (ABOUT + "See `data_prep/sft_packing`, and `nemotron steps run <step-id>`.\n\n" + OPTION, ["colour"]),
        ("```\nnemotron steps run translate/nemo_curator -d\nnemotron nano3 sft -c tiny\n```\n\n" + OPTION, []),
    ],
)  # fmt: skip
def test_what_a_page_is_about(page: str, found: list[str]) -> None:
    """Keys are those of the one step that titles and runs name; of two, or of one that does not exist, of none."""
    assert reported(page) == found


def test_the_folder_of_a_step() -> None:
    """A page that stands with a step is about it, and so about two if it names another."""
    page = "# Keys\n\nnemotron steps\n\n" + OPTION
    path = "src/nemotron/steps/translate/nemo_curator/README.md"
    assert reported(page, path) == ["colour"]
    assert reported(page.replace("Keys", "sft/automodel"), path) == []


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (("input_path", "output_dir", "colour"), ["colour"]),
        (("input_path", "colour"), []),
        (("colour",), []),
        (("input_path", "output_dri"), ["output_dri"]),
        # Keys below one that only the text names, and fields of something else.
        (("enabled", "threshold", "model_name"), []),
        (("input_path", "output_dir", "enabled"), []),
        (("role", "content"), []),
        (("input_path", "output_dir", "extra.tokenizer"), []),
        (("server.modle",), ["server.modle"]),
        # It may be the one of `faith_eval`.
        (("max_concurrent_requests",), []),
    ],
)
def test_a_list_of_keys(rows: tuple[str, ...], found: list[str]) -> None:
    """A column, a list of terms and a list of options are judged if most of the names in it are keys of the step."""
    table = "| Key | Use |\n|---|---|\n" + "".join(f"| `{row}` | x |\n" for row in rows)
    assert reported(ABOUT + table) == found
    assert reported(ABOUT + "".join(f"`{row}`\n: x\n\n" for row in rows)) == found
    assert reported(ABOUT + "".join(f"```{{option}} {row}\n```\n\n" for row in rows)) == found
    assert reported(RST + "".join(f".. option:: {row}\n\n   x\n\n" for row in rows), "a.rst") == found
    headings = "".join(f"### `{row}`\n\nx\n\n" for row in rows)
    assert reported(ABOUT + headings) == found


@pytest.mark.parametrize(
    ("step", "written", "found"),
    [
        ("sft/megatron_bridge", "seq_length=N", ["seq_length"]),
        ("sft/megatron_bridge", "peft=lora", ["lora"]),
        ("sft/megatron_bridge", "peft=<scheme>", []),
        ("sft/megatron_bridge", "peft=VALUE", []),
        ("sft/megatron_bridge", "model=<id>", []),
        ("sft/megatron_bridge", "+seed=1", ["+seed"]),
        ("sft/megatron_bridge", "recipe.seq_length=<n>", ["recipe.seq_length"]),
        ("pretrain/megatron_bridge", "recipe.seq_length=<n>", []),
        ("optimize/modelopt/quantize", "hf_model_id=<id>", ["hf_model_id"]),
        ("optimize/modelopt/quantize", "args.hf_model_id=<id>", []),
        ("rl/nemo_rl/rlhf", "env.nemo_gym.genrm_model.responses_api_models.vllm_model.model=<id>",
         ["env.nemo_gym.genrm_model.responses_api_models.vllm_model.model"]),
        ("sdg/data_designer", "models.0.provider=<p>", ["models.0.provider"]),
        ("sft/automodel", "some.library.key=<x>", []),
        ("convert/hf_to_megatron", "tp=<int> pp=<int> ep=<int> etp=<int>", []),
    ],
)  # fmt: skip
def test_what_is_reported_of_a_key(step: str, written: str, found: list[str]) -> None:
    """A key that nothing reads, one that another wins over with every config, one that the CLI refuses."""
    page = f"# {step}\n\nA page about one of the nemotron steps.\n\n```{{option}} {written}\n```\n"
    assert reported(page) == found


def test_documented_keys_are_not_runs() -> None:
    """They are neither listed as runs nor read for secrets, and an answer is judged by its commands."""
    page = ABOUT + OPTION
    assert find_runs("a.md", page) == ()
    document = read_text("a.md", page)
    assert document.documentation.keys and not any("colour" in region.text for region in document.regions)
    assert reported(page, "a.answer.md") == []


@pytest.mark.parametrize("block", [OPTION, "| Override |\n|---|\n| `colour=<name>` |\n"])
def test_a_suppression_of_a_documented_key(block: str) -> None:
    """A comment above the block hides the finding, and is reported where there is none."""
    comment = "<!-- nemolint: ignore[unknown-override] it is coming -->\n"
    assert check_text("a.md", ABOUT + comment + block) == []
    rules = [item.rule for item in check_text("a.md", ABOUT + comment + block.replace("colour", "input_path"))]
    assert rules == ["unused-suppression"]


def test_a_fault_with_one_config_only(tmp_path: Path) -> None:
    """What holds with one config of a step and not with another is not a fault of the page."""
    steps = tmp_path / "src/nemotron/steps/sft/automodel"
    (steps / "config").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("", "utf-8")
    (steps / "step.toml").write_text('[step]\nid = "sft/automodel"\nname = "x"\ncategory = "sft"\n', "utf-8")
    (steps / "config/default.yaml").write_text("models:\n- a: 1\n", "utf-8")
    page = tmp_path / "a.md"
    text = "# sft/automodel\n\nnemotron steps\n\n```{option} models.0.a=<x>\n```\n"
    page.write_text(text, "utf-8")

    def rules() -> list[str]:
        checker = Checker(Settings(tmp_path), cwd=tmp_path, environ={})
        return [item.rule for item in checker.check(checker.read(page))]

    assert rules() == ["refused-override"]
    (steps / "config/tiny.yaml").write_text("models:\n  '0':\n    a: 1\n", "utf-8")
    assert rules() == []
    (steps / "config/tiny.yaml").rename(tmp_path / "own.yaml")
    assert rules() == ["refused-override"]
    page.write_text(f"{text}\n`nemotron steps run sft/automodel -d -c own.yaml`\n", "utf-8")
    assert rules() == []


def test_a_fix_of_a_documented_key(tmp_path: Path) -> None:
    """The name that was meant replaces the key where it stands, in a table, too."""
    page = tmp_path / "a.md"
    page.write_text(ABOUT + "| Override |\n|---|\n| `taget_language=<x\\|y>` |\n", "utf-8")
    nemolint(tmp_path, "check", "--no-cache", "--fix", "--unsafe-fixes", "a.md")
    assert page.read_text("utf-8").endswith("| `target_language=<x\\|y>` |\n")
    listed = nemolint(tmp_path, "commands", "--all", "--output-format", "json", "a.md")
    assert json.loads(listed.out) == []
