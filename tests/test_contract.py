"""The shape of the project: what may import what, and what a start may load."""

from __future__ import annotations

import ast
import importlib.metadata
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import nemolint
import nemolint_rules
from nemolint.loader import GROUP, packs

ENGINE = Path(nemolint.__file__).parent
RULES = Path(nemolint_rules.__file__).parent

# From the file to the reader: a module may import from its own line and from those above it.
LAYERS = (
    ("paths", "exitcode", "errors", "document"),
    ("encode",),
    ("sources",),
    ("shell",),
    ("project",),
    ("invocation",),
    ("reader",),
    ("judging", "secrets"),
    ("rule", "diagnostic"),
    ("settings", "settings_model", "loader"),
    ("suppress", "supersede", "fix", "fingerprint", "records"),
    ("engine",),
    ("testing", "discover", "report", "docs"),
    ("rewrite", "check", "listing"),
    ("cli",),
    ("__main__",),
)
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}


def imports(file: Path) -> Iterator[tuple[str, int]]:
    """Every module that a file imports when it runs, with the line; imports for type checking are left out."""
    tree = ast.parse(file.read_text("utf-8"))
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            skipped.update(inner for statement in node.body for inner in ast.walk(statement))
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def layer(module: str) -> str | None:
    """The engine module (file or folder) that a dotted name belongs to, None for the package's own API."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[0] == "nemolint" and parts[1] in RANK else None


def test_the_engine_imports_one_way() -> None:
    """No module imports from a later step of the flow, and none imports the rules."""
    wrong = []
    for file in sorted(ENGINE.rglob("*.py")):
        own = file.relative_to(ENGINE).parts[0].removesuffix(".py")
        if own == "__init__":
            continue
        assert own in RANK, f"{own} has no place in LAYERS"
        for module, line in imports(file):
            other = layer(module)
            if module.startswith("nemolint_rules") or (other is not None and RANK[other] > RANK[own]):
                wrong.append(f"{file.relative_to(ENGINE)}:{line} imports {module}")
    assert not wrong


def test_a_rule_imports_only_the_api_and_the_standard_library() -> None:
    """A rule file can be read, moved and shipped alone."""
    wrong = []
    for file in sorted(RULES.glob("*.py")):
        for module, line in imports(file):
            top = module.split(".")[0]
            if top != "nemolint" and top not in sys.stdlib_module_names:
                wrong.append(f"{file.name}:{line} imports {module}")
    assert not wrong


def test_rule_packs_are_those_of_the_entry_points() -> None:
    """Reading the metadata files directly finds what the standard library finds."""
    expected = {point.value.partition(":")[0] for point in importlib.metadata.entry_points(group=GROUP)}
    assert set(packs(sys.path)) == expected
    assert "nemolint_rules" in expected


HEAVY = ("bashlex", "libcst", "pydantic", "pyromark", "yaml", "rich", "asyncio", "importlib.metadata", "tomli")
_PROBE = """
import sys
from nemolint.__main__ import main
sys.argv = ["nemolint", *{arguments!r}]
try:
    main()
except SystemExit:
    pass
print("LOADED", *[name for name in {heavy!r} if name in sys.modules], file=sys.stderr)
"""


def loaded(arguments: list[str], cwd: Path) -> list[str]:
    """The heavy modules that a run of the command loads."""
    code = _PROBE.format(arguments=arguments, heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, check=True)
    return done.stderr.split("LOADED", 1)[1].split()


def test_version_loads_nothing_heavy(tmp_path: Path) -> None:
    """`nemolint --version` starts as fast as Python does."""
    assert loaded(["--version"], tmp_path) == []


@pytest.mark.parametrize("name", ["a.sh", "a.md", "a.yaml", "a.ipynb", "a.py"])
def test_a_file_without_runs_loads_nothing_heavy(tmp_path: Path, name: str) -> None:
    """A file that cannot hold a command is not parsed."""
    (tmp_path / name).write_text("echo hello\n", "utf-8")
    assert loaded(["--no-cache", name], tmp_path) == []
