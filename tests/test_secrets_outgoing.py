"""The last look at what goes out: it misses nothing, breaks nothing, and there is no way past it."""

from __future__ import annotations

import ast
import base64
import json
import sys
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from nemolint.secrets import beginnings, outgoing
from nemolint.secrets.beginnings import may_hold
from nemolint.secrets.formats import HINTS, find_masked
from nemolint.secrets.outgoing import masked
from support.command import execute
from support.credentials import random_body, windows
from support.placements import TOKENS, windows_of


@given(st.sampled_from(sorted(TOKENS)), st.integers(0, 10_000), st.text(max_size=30), st.text(max_size=30))
def test_the_prefilter_misses_nothing(kind: str, seed: int, before: str, after: str) -> None:
    """A text that is passed on as it is holds nothing that the masks would find."""
    for text in (f"{before}{TOKENS[kind](str(seed))}{after}", f"{before}://u:{random_body(str(seed), 9)}@h{after}"):
        if find_masked(text):
            assert may_hold(text)
        assert may_hold(text) or masked(text) is text
        assert masked(masked(text)) == masked(text)


def test_the_prefilter_knows_all_formats() -> None:
    """What credentials begin with is stated in two places, of which one must not import the other."""
    known = tuple(beginning for beginning, _ in beginnings._BEGINNINGS)
    assert all(hint.startswith(known) for hint in HINTS)
    key = base64.b64encode(
        (random_body("a", 26) + ":" + "-".join(("1a2b3c4d", *["5e6f"] * 3, "0a1b2c3d4e5f"))).encode()
    ).decode()
    hexes = "0a1b2c3d4e" * 4
    pem = "-----BEGIN PRIVATE" + f" KEY-----\\n{random_body('pem', 64)}\\n-----END PRIVATE" + " KEY-----"
    for text in (
        f"k={key}",
        f"WANDB_API_KEY={hexes}",
        f"AWS_SECRET_ACCESS_KEY={random_body('aws', 40)}",
        f'{{"a": "{pem}"}}',
    ):
        assert find_masked(text) and may_hold(text), text[:20]
        assert "[REDACTED " in masked(text)


def test_a_mask_keeps_json_and_xml_valid() -> None:
    """Nothing is masked from one string into the next, so that what was valid stays so."""
    begin, end = "-----BEGIN PRIVATE" + " KEY-----", "-----END PRIVATE" + " KEY-----"
    text = json.dumps(
        [begin, random_body("a", 64), end, {"k": f"{begin}\n{random_body('b', 64)}\n{end}", "t": TOKENS["jwt"]("c")}]
    )
    kept = json.loads(masked(text))
    assert kept[:3] == [begin, random_body("a", 64), end] and kept[3]["k"].startswith("[REDACTED")


# Where the engine may open something to write, or reach a stream behind its mask, and why no text gets out that way.
WRITERS = {
    "__main__.py": "that the program was interrupted",
    "base/atomic.py": "writes what others hand over",
    "base/closed.py": "the null device",
    "base/streams.py": "the null device",
    "cache/store.py": "keeps no text with a credential",
    "commands/check.py": "reports, masked",
    "commands/catalog.py": "the catalog, masked",
    "commands/grade.py": "a grade, whose findings are masked",
    "commands/lsp.py": "messages of the server, whose texts are masked",
    "commands/verify.py": "a temporary file for a dry run's output",
    "driver/baseline_file.py": "a baseline, masked",
    "driver/rewrite.py": "the mended standard input keeps its content",
    "driver/workers.py": "pipes between processes",
    "editor/worker.py": "answers for the server, from its own process",
    "guard/deadline.py": "the masked answer, from one process to the other",
    "guard/install.py": "the settings of a host, with the entry that starts nemolint",
    "guard/log.py": "decisions, masked",
    "guard/respond.py": "answers, masked",
    "guard/selftest.py": "payloads without a secret, for what is installed",
    "linter/fix.py": "the file that is mended keeps its content",
    "linter/examples.py": "examples of rules",
    "testing/pages.py": "the project's own pages",
}
_WRITING = frozenset({"write_text", "write_bytes", "replace_file", "TemporaryFile", "NamedTemporaryFile", "fdopen"})


def _writes(file: Path) -> bool:
    """Whether a module opens anything to write, or reaches a standard stream's bytes or number."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr in (
            "buffer",
            "O_WRONLY",
            "O_RDWR",
            "__stdout__",
            "__stderr__",
        ):
            if not (isinstance(node.value, ast.Attribute) and node.value.attr == "stdin"):
                return True
        if not isinstance(node, ast.Call):
            continue
        if any(isinstance(arg, ast.Constant) and arg.value == "buffer" for arg in node.args):
            return True
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in _WRITING:
            return True
        if name == "write" and isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "os":
            return True
        modes = [arg.value for arg in [*node.args, *(k.value for k in node.keywords)] if isinstance(arg, ast.Constant)]
        if name == "open" and any(
            isinstance(mode, str) and set(mode) & set("wax+") and len(mode) < 4 for mode in modes
        ):
            return True
    return False


def test_every_way_out_is_known() -> None:
    """A module that begins to write somewhere is noticed: its output must be masked, or have a reason not to be."""
    engine = Path(outgoing.__file__).parents[1]
    writing = {file.relative_to(engine).as_posix() for file in engine.rglob("*.py") if _writes(file)}
    assert writing == set(WRITERS)


@pytest.mark.parametrize("wanted", ["main", "run"])
def test_both_entries_mask(wanted: str, tmp_path: Path) -> None:
    """The program and the function that other code calls print no credential, even of what is only echoed."""
    token = TOKENS["gitlab"](wanted)
    code = (
        f"import sys; from nemolint.__main__ import main; sys.argv = ['nemolint', '{token}']; sys.exit(main())"
        if wanted == "main"
        else f"import sys; from nemolint.commands.cli import run; sys.exit(run(['{token}']))"
    )
    done = execute([sys.executable, "-c", code], tmp_path, code=2)
    assert "[REDACTED gitlab]" in done.err
    assert not windows_of(token) & windows(done.shown)
