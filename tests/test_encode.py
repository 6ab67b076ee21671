"""Replacement text comes out of its container as it went in, or is not written at all."""

from __future__ import annotations

import ast
import html
import json
import shlex
from typing import TYPE_CHECKING

import pytest
import tomli
import yaml
from hypothesis import example, given, strategies as st

from nemolint.sources.encode import encode
from support.containers import code_blocks

if TYPE_CHECKING:
    from collections.abc import Callable

texts = st.text(st.sampled_from("ab -=:#'\"\\$`{}[],|<>&%@!*?~\n\r\t\0é😀\x7f\x85\u2028\ufeff\ud800") | st.characters())


def yaml_value(source: str) -> str:
    value: str = yaml.safe_load(source)["k"]
    return value


def make_text(source: str) -> str:
    return source.replace("$$", "$")


DECODERS: dict[str, Callable[[str], str]] = {
    "json": lambda text: json.loads(f'"a{text}z"'),
    "line": lambda text: f"a{text}z",
    "html": lambda text: html.unescape(f"a{text}z"),
    "make": lambda text: make_text(f"a{text}z"),
    "py-sq": lambda text: ast.literal_eval(f"'a{text}z'"),
    "py-dq": lambda text: ast.literal_eval(f'"a{text}z"'),
    "py-tsq": lambda text: ast.literal_eval(f"'''a{text}z'''"),
    "py-tdq": lambda text: ast.literal_eval(f'"""a{text}z"""'),
    "toml-basic": lambda text: tomli.loads(f'k = "a{text}z"')["k"],
    "toml-literal": lambda text: tomli.loads(f"k = 'a{text}z'")["k"],
    "yaml-dq": lambda text: yaml_value(f'k: "a{text}z"'),
    "yaml-sq": lambda text: yaml_value(f"k: 'a{text}z'"),
    "yaml-plain": lambda text: yaml_value(f"k: a{text}z"),
    "yaml-flow": lambda text: yaml_value(f"{{k: a{text}z, b: c}}"),
    "yaml-literal": lambda text: yaml_value(f"k: |-\n  a{text}z"),
    "shell-sq": lambda text: "".join(shlex.split(f"'a{text}z'")),
    "argv": lambda text: "".join(shlex.split(f"a{text}z")),
}


@pytest.mark.parametrize("name", DECODERS)
@given(text=texts)
@example(text="a: b")
@example(text=" #")
@example(text="'")
def test_round_trip(name: str, text: str) -> None:
    """The container's own reader gives the text back."""
    written = encode(text, (name,))
    if written is not None:
        assert DECODERS[name](written) == f"a{text}z"


@given(text=texts)
def test_plain_scalar_may_begin_with_it(text: str) -> None:
    """At the start of a plain scalar too the text is the text, or is refused."""
    written = encode(text, ("yaml-plain",))
    if written is not None and not written[:1].isspace():
        assert yaml_value(f"k: {written}z") == f"{text}z"


@given(text=texts.filter(lambda text: "\0" not in text))
def test_shell_double_quotes(text: str) -> None:
    """Within double quotes `\\`, `"`, `$` and the backtick are all that needs a backslash."""
    written = encode(text, ("shell-dq",))
    if written is not None:
        assert "\n" not in text
        plain = written.replace("\\$", "$").replace("\\`", "`")
        assert shlex.split(f'"a{plain}z"') == [f"a{text}z"]


@pytest.mark.parametrize(
    ("name", "text", "written"),
    [
        ("yaml-plain", "--dry-run", "--dry-run"),
        ("yaml-plain", " 'k=[a, b]'", " 'k=[a, b]'"),
        ("yaml-plain", "'k'", None),
        ("yaml-plain", "- a", None),
        ("yaml-plain", "a #b", None),
        ("yaml-plain", "a: b", None),
        ("yaml-plain", "a:", None),
        ("yaml-plain", "a\nb", None),
        ("yaml-flow", " k=[a]", None),
        ("yaml-flow", " --dry-run", " --dry-run"),
        ("yaml-literal", "a\nb", None),
        ("yaml-dq", "a\nb", None),
        ("yaml-dq", 'say "x"', 'say \\"x\\"'),
        ("json", 'a\n"', 'a\\n\\"'),
        ("py-dq", "a\n'\"", "a\\n'\\\""),
        ("py-tdq", "a\nb", None),
        ("shell-sq", "it's", None),
        ("shell-dq", 'k="$X"', 'k=\\"\\$X\\"'),
        ("md-table", "a | b", "a \\| b"),
        ("md-code", "a`b", None),
        ("md-text", "--dry-run k=v", "--dry-run k=v"),
        ("md-text", "k=*", None),
        ("make", "$X", "$$X"),
        ("just", "{{a}}", "{{{{a}}"),
        ("cron", "5% a", "5\\% a"),
        ("argv", " --dry-run", None),
        ("argv", "tiny", "tiny"),
        ("none", "a", None),
    ],
)
def test_each_encoder(name: str, text: str, written: str | None) -> None:
    """What each encoder writes and refuses."""
    assert encode(text, (name,)) == written


def test_innermost_first() -> None:
    """A script in double quotes in a JSON string in a Markdown cell of a notebook."""
    assert encode('k="v"', ("shell-dq", "json")) == 'k=\\\\\\"v\\\\\\"'
    assert encode("it's", ("shell-sq", "json")) is None
    assert encode("a", ()) == "a"


def test_unknown_encoder() -> None:
    """A wrong name is an error, not a fix that is never written."""
    with pytest.raises(KeyError):
        encode("a", ("nothing",))


@given(text=texts)
def test_line_in_a_quoted_fence(text: str) -> None:
    """What is written into a line of a fence in a quote stays in that line."""
    written = encode(text, ("line",))
    if written is not None and "\0" not in written and "`" not in written and "\ud800" not in written:
        ((_, block),) = code_blocks(f"> ```sh\n> a{written}z\n> ```\n")
        assert block.text == f"a{text}z\n"
