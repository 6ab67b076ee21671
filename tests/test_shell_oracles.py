"""The shell reader against two real parsers, shfmt and tree-sitter-bash, on generated scripts and on this machine's."""

from __future__ import annotations

import json
import random
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from nemolint.shell.find import read_commands
from support.command import execute
from support.shell import found, region_of

_PLACES = ("/usr/share", "/usr/lib", "/etc")
_MAX_FILES = 150
_MAX_SIZE = 60_000


def _shfmt() -> str:
    beside = Path(sys.executable).with_name("shfmt")
    place = shutil.which("shfmt") or (str(beside) if beside.is_file() else None)
    if place is None:
        pytest.skip("shfmt is not installed")
    return place


@pytest.fixture(scope="module")
def scripts() -> list[tuple[str, str]]:
    """Name and text of real shell scripts. ASCII, so that the oracles' byte offsets are ours."""
    result = []
    for place in _PLACES:
        for path in sorted(Path(place).rglob("*.sh")):
            try:
                if not path.is_file() or path.stat().st_size > _MAX_SIZE:
                    continue
                text = path.read_bytes().decode("ascii")
            except (OSError, UnicodeDecodeError):
                continue
            result.append((str(path), text))
            if len(result) >= _MAX_FILES:
                return result
    if not result:
        pytest.skip("no shell scripts on this machine")
    return result


def _parsed(text: str) -> Any:
    """What shfmt makes of a script, or None if it rejects it."""
    done = execute([_shfmt(), "--tojson"], Path("/"), stdin=text)
    return json.loads(done.out) if done.code == 0 else None


def _statements(node: Any, into: set[int]) -> None:
    """Offsets of the statements that stand in a list of statements."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("Stmts", "Cond", "Then", "Do") and isinstance(value, list):
                into.update(s["Pos"]["Offset"] for s in value if "Cmd" in s)
            _statements(value, into)
    elif isinstance(node, list):
        for item in node:
            _statements(item, into)


def _plant(text: str, offsets: list[int]) -> tuple[str, list[str]]:
    """The script with a run before each statement, and the steps of those runs in order."""
    parts, at, steps = [], 0, []
    for number, offset in enumerate(offsets):
        steps.append(f"plant/{number}")
        parts += [text[at:offset], f"nemotron steps run {steps[-1]} -c tiny; "]
        at = offset
    return "".join([*parts, text[at:]]), steps


def _lost(text: str) -> tuple[int, list[str]]:
    """How many runs were planted in a script, and those that were not found as they are."""
    tree = _parsed(text)
    if tree is None:
        return 0, []
    offsets: set[int] = set()
    _statements(tree, offsets)
    planted, steps = _plant(text, sorted(offsets))
    result = read_commands(region_of(planted))
    seen = {" ".join(words) for words, _ in found(result)}
    return len(steps), [step for step in steps if f"nemotron steps run {step} -c tiny" not in seen]


def test_planted_commands_are_found(scripts: list[tuple[str, str]]) -> None:
    """A run before any statement of any real script is found, whole."""
    total, lost = 0, {}
    for name, text in scripts:
        count, missing = _lost(text)
        total += count
        if missing:
            lost[name] = missing
    assert not lost
    assert total


# What replaces `{s}` ends in a line break.
_FRAGMENTS = (
    "if {s} then\n{s}\nelif {s} then {s} else\n{s}\nfi",
    "while {s} do {s} done < f",
    "for x in a 'b c' $(echo d); do\n{s}\ndone | sort",
    "for ((i=0; i<3; i++)); do {s} done",
    "case $x in\na|b) {s} ;;\n(c) {s}\n;;\n*) {s};;\nesac",
    "f{n}() {{\n{s}\n{s}\n}}",
    "function g{n} {{ {s} }}",
    "( {s} ) && {{ {s} }}",
    "x=$( {s} )",
    "y=\"a $( {s} ) b 'c'\"",
    "z=`w`; {s}",
    "cat <<EOF\nit's $( {s} ) \"\nEOF",
    "cat <<'EOF' | tr a b\n$( ' \" `\nEOF\n{s}",
    "[[ $a == b* && ( -f $c || $d =~ ^(e|f)$ ) ]] && {s}",
    "(( a < 3 << 1 )) || {s}",
    "arr=(a 'b c' \"$( {s} )\" # it's\n)",
    "a b'c d'\"e $f\"g\\ h $'i\\'j' {s2}> out 2>&1 &",
    "! time {s}",
    "diff <( {s} ) <( {s} )",
    "echo ${{a:-'}}'}} ${{b#\\}}}} ${{#c}} ${{d//x/\"}}\"}}",
    "export A=b C='d;e'\n{s}",
)


def _script(random_: random.Random, depth: int) -> str:
    """A random script of nested statements."""
    lines = []
    for number in range(random_.randint(1, 3)):
        if depth <= 0 or random_.random() < 0.3:
            lines.append(random_.choice(["a -b 'c d' # it's", "w", 'x "y $z"', "k=v cmd a=b", "a | b |& c", ":"]))
            continue
        fragment = random_.choice(_FRAGMENTS).replace("{n}", str(number)).replace("{s2}", "")
        # A body ends at the first line that is its delimiter, whatever nests in it.
        fragment = fragment.replace("EOF", f"E{random_.getrandbits(60)}")
        while "{s}" in fragment:
            inner = _script(random_, depth - 1) + "\n"
            fragment = fragment.replace("{s}", inner, 1)
        lines.append(fragment.replace("{{", "{").replace("}}", "}"))
    return "\n".join(lines)


def test_planted_commands_in_generated_scripts_are_found() -> None:
    """The same in scripts that nest every construct in every other."""
    random_ = random.Random(20)
    total = 0
    for _ in range(120):
        text = _script(random_, 3)
        count, missing = _lost(text)
        total += count
        assert not missing, text
    assert total > 500


def _commands(node: Any) -> list[list[tuple[int, int]]]:
    """The words of each plain command that tree-sitter finds."""
    result, stack = [], [node]
    while stack:
        top = stack.pop()
        if top.type == "command_substitution" and top.text and top.text.startswith(b"`"):
            continue  # it takes escapes and words with backticks apart in its own way
        stack.extend(top.children)
        # It takes words behind a redirection for part of that.
        if top.type != "command" or top.has_error or (top.parent and top.parent.type == "redirected_statement"):
            continue
        words = [
            (child.start_byte, child.end_byte)
            for index, child in enumerate(top.children)
            if child.type == "command_name" or top.field_name_for_child(index) == "argument"
        ]
        if words and b"`" not in (top.text or b"") and not any("redirect" in c.type for c in top.children):
            result.append(words)
    return result


def test_words_agree_with_tree_sitter(scripts: list[tuple[str, str]]) -> None:
    """Where tree-sitter reads a file without an error, it finds the same words in nearly every command."""
    tree_sitter = pytest.importorskip("tree_sitter", reason="tree-sitter is not installed")
    bash = pytest.importorskip("tree_sitter_bash", reason="tree-sitter-bash is not installed")
    parser = tree_sitter.Parser(tree_sitter.Language(bash.language()))
    total, differing = 0, []
    for name, text in scripts:
        tree = parser.parse(text.encode())
        if tree.root_node.has_error:
            continue
        ours = {
            command.words[0].start: [(word.start, word.end) for word in command.words]
            for command in read_commands(region_of(text)).commands
            if command.words and command.region.parent is None
        }
        for words in _commands(tree.root_node):
            total += 1
            if ours.get(words[0][0]) != words:
                differing.append((name, text[words[0][0] : words[-1][1]], ours.get(words[0][0])))
    assert total
    assert len(differing) <= total // 200, differing
