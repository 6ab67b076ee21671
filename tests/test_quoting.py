"""What the shell does to unquoted words, and the quotes that prevent it. bash itself is the judge of the quotes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from omegaconf import OmegaConf

from nemolint.analysis import quoting
from nemolint.reader import read_document
from support.command import execute
from support.shell import run_of


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("k={a,b}", "brace"),
        ("k={1..3}", "brace"),
        ('k={"a":1,"b":2}', "brace"),
        ("k=d/*.jsonl", "glob"),
        ("k=d/?.jsonl", "glob"),
        ("k=[EN]", "bracket"),
        ("k=f(x)", "paren"),
        ("k={x}", None),
        ("k='{a,b}*'", None),
        ('k="$X/*"', None),
        ("k=a\\*b", None),
        ("k=${X:-*}", None),
    ],
)
def test_word_hazard(word: str, kind: str | None) -> None:
    """Only what is bare can be changed by the shell."""
    hazard = quoting.word_hazard(run_of(f"a/b {word}").overrides[0].word)
    assert (hazard.kind if hazard else None) == kind


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("k=http://h?a=1&b=2", "&b=2"),
        ("k=a;b", ";b"),
        ("k=1 & wait", None),
        ("k=1; echo done", None),
        ("k=1&& echo", None),
        ("k=1;done", None),
    ],
)
def test_cut_off(text: str, rest: str | None) -> None:
    """An operator in the middle of a value is distinguished from one that ends the command."""
    word = run_of(f"a/b {text}").overrides[0].word
    hazard = quoting.cut_off(word)
    assert (word.region.text[hazard.start : hazard.end] if hazard else None) == rest


def test_split_values() -> None:
    """A bare list is followed to its closing bracket, and not beyond an option or another override."""
    extents = quoting.split_values(run_of("a/b k=[{name: x}, y] z=1 w=[a b=c -d"))
    assert [[word.value for word in extent] for extent in extents] == [["k=[{name:", "x},", "y]"]]


@pytest.mark.parametrize(
    "value", ["d/*.jsonl", '"$HOME"/*.jsonl', "[{name: x}]", '{"a":1,"b":2}', "~/d/*.x", "$HOME/a?", "'d'/*", "{a,b}"]
)
def test_quoted_arrives_as_one_word(value: str) -> None:
    """bash hands the quoted value over whole, expansions expanded and nothing else changed."""
    if shutil.which("bash") is None:
        pytest.skip("bash is not here")
    text = f"nemotron steps run a/b k={value}\n"
    region = read_document("a.sh", text.encode()).runs[0].region
    start = text.index("k=") + 2
    quoted = quoting.quoted(region, start, start + len(value))
    assert quoted is not None
    script = f"HOME=/h; printf '%s\\n' k={quoted}"
    result = execute(["bash", "-c", script], Path("/"), code=0).out.splitlines()
    plain = value if value[0] in "[{" else value.replace('"', "").replace("'", "")
    assert result == [f"k={plain}".replace("$HOME", "/h").replace("~", "/h")]


@pytest.mark.parametrize("value", ["a\\*b", "'a'\"b\"*", "[{a: \"b\"}, 'c']"])
def test_no_quotes_where_unsure(value: str) -> None:
    """Where one pair of quotes cannot keep the value, none is offered."""
    text = f"nemotron steps run a/b k={value}\n"
    region = read_document("a.sh", text.encode()).runs[0].region
    start = text.index("k=") + 2
    assert quoting.quoted(region, start, start + len(value)) is None


_PIECES = [
    "*",
    "{a,b}",
    "{1..3}",
    "(",
    ")",
    "&",
    ";",
    "|x",
    "@",
    "%",
    "!",
    ": ",
    ":",
    " ",
    "a",
    ".jsonl",
    "/",
    "?",
    "[x]",
    "#",
    ",",
]
_BARE = st.lists(st.sampled_from(_PIECES), min_size=1, max_size=6).map("".join)


@given(_BARE)
def test_quoted_override_is_taken(value: str) -> None:
    """What stands bare behind a key: if quotes are proposed, bash hands it over whole and OmegaConf takes it."""
    bash = shutil.which("bash")
    region = read_document("a.sh", f"nemotron steps run a/b k={value}\n".encode()).regions[0]
    start = region.text.index("k=") + 2
    word = quoting.quoted_override(region, start, start + len(value))
    if word is None or bash is None:
        return
    handed = execute([bash, "-c", f"printf '%s\\0' k={word}"], Path("/"), code=0).out
    (argument,) = handed.split("\0")[:-1]
    read = OmegaConf.to_container(OmegaConf.from_dotlist([argument]))
    try:
        expected = OmegaConf.to_container(OmegaConf.from_dotlist([f"k={value}"]))
    except Exception:  # noqa: BLE001 - refused as it is: then the text itself is meant
        expected = {"k": value}
    assert read == expected
