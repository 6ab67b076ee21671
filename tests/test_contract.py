"""The shape of the project: what may import what, and what a start may load."""

from __future__ import annotations

import ast
import importlib.metadata
import os
import pkgutil
import re
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import get_args

import pytest

import nemolint
import nemolint.secrets
import nemolint_rules
from nemolint.base.choices import Event
from nemolint.linter import loader
from nemolint.linter.loader import load_rules
from nemolint.linter.packs import GROUP, packs
from support.checkout import make_tree
from support.command import git, python

ENGINE = Path(nemolint.__file__).parent
RULES = Path(nemolint_rules.__file__).parent

# Each row of the table in lint/README.md is a layer; a module may import from its own and from those above it.
LAYERS = [
    [name.removesuffix("/").removesuffix(".py") for name in re.findall(r"`([^`]+)`", row)]
    for row in re.findall(r"^\| (`.*?) \|", (Path(__file__).parents[1] / "lint/README.md").read_text("utf-8"), re.M)
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}


@cache
def imports_and_classes(file: Path) -> tuple[tuple[tuple[str, int], ...], tuple[str, ...]]:
    """Every module that a file imports when it runs, with the line, and its classes.

    Imports for type checking are left out.
    """
    tree = ast.parse(file.read_text("utf-8"))
    return tuple(_imports(tree)), tuple(node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef))


def imports(file: Path) -> tuple[tuple[str, int], ...]:
    """The first of the two."""
    return imports_and_classes(file)[0]


def _imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
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


def module_of(dotted: str) -> str | None:
    """The module of the engine that an imported name belongs to, as a path below it; None for another package's."""
    parts = dotted.split(".")
    if parts[0] != "nemolint":
        return None
    for length in range(len(parts), 0, -1):
        path = "/".join(parts[1:length])
        if path and (ENGINE / f"{path}.py").is_file():
            return path
        if (ENGINE / path / "__init__.py").is_file():
            return f"{path}/__init__".removeprefix("/")
    raise AssertionError(dotted)


MODULES = {file.relative_to(ENGINE).with_suffix("").as_posix(): file for file in sorted(ENGINE.rglob("*.py"))}


@cache
def graph() -> Mapping[str, set[tuple[str, int]]]:
    """Which modules of the engine each of them imports, and in which lines."""
    return {
        own: {(module, line) for name, line in imports(file) if (module := module_of(name)) is not None}
        for own, file in MODULES.items()
    }


def test_a_layer_imports_from_those_above_it() -> None:
    """No module imports from a later layer of the list in `lint/README.md`, and none imports the rules."""
    wrong = []
    for own, others in graph().items():
        layer = own.split("/")[0]
        assert layer in RANK, f"{own} stands in no layer of lint/README.md"
        wrong += [
            f"{own}.py:{line} imports {other}" for other, line in others if RANK[other.split("/")[0]] > RANK[layer]
        ]
        wrong += [f"{own}.py:{line}" for name, line in imports(MODULES[own]) if "nemolint_rules" in name]
    assert not wrong


def test_no_circle_of_imports() -> None:
    """No two modules import each other, by whatever way; imports for type checking are left out."""
    left = {own: {other for other, _ in others if other != own} for own, others in graph().items()}
    while True:
        wanted = {other for others in left.values() for other in others}
        free = [own for own, others in left.items() if own not in wanted or not others & left.keys()]
        if not free:
            break
        for own in free:
            del left[own]
    assert not left, f"a circle among {sorted(left)}"


def test_a_name_stands_for_one_module() -> None:
    """No two modules of the engine have the same name."""
    names = [own.split("/")[-1] for own in MODULES if not own.endswith("__init__")]
    assert not {name for name in names if names.count(name) > 1}


def test_a_name_stands_for_one_class() -> None:
    """No two classes of the engine and its rules have the same name, so that a search for one finds it."""
    files = [*ENGINE.rglob("*.py"), *RULES.glob("*.py")]
    names = [name for file in files for name in imports_and_classes(file)[1]]
    assert not {name for name in names if names.count(name) > 1}


_NAMED = re.compile(r"(?<![\w-])[a-z]+(?:-[a-z]+)+(?![\w-])")


@pytest.mark.parametrize(
    "file",
    [file for file in sorted(ENGINE.rglob("*.py")) if "testing" not in file.parts],
    ids=lambda file: file.relative_to(ENGINE).as_posix(),
)
def test_the_engine_names_no_rule(file: Path) -> None:
    """What a rule needs of the engine it declares itself: no rule is special by its name, in code or in words."""
    assert not set(_NAMED.findall(file.read_text("utf-8"))) & load_rules().keys()


def test_each_event_of_the_engine_has_its_rule() -> None:
    """What the engine notices is reported, by exactly one of the rules that come with it."""
    assert sorted(rule.reports for rule in load_rules().values() if rule.reports) == sorted(get_args(Event))


PACK = Path(__file__).parent / "pack/nemolint_demo_pack"


@pytest.mark.parametrize(
    "file", sorted([*RULES.glob("*.py"), *PACK.glob("*.py")]), ids=lambda file: "/".join(file.parts[-2:])
)
def test_a_rule_imports_only_the_api_and_the_standard_library(file: Path) -> None:
    """A rule can be read, moved and shipped alone: all that it takes from nemolint are names of the API."""
    for module, line in imports(file):
        top, _, name = module.partition(".")
        if top == "nemolint":
            assert name in nemolint.__all__, f"{file.name}:{line} imports {module}"
        else:
            assert top in sys.stdlib_module_names, f"{file.name}:{line} imports {module}"


@pytest.mark.parametrize("package", [nemolint, nemolint.secrets], ids=["api", "secrets"])
def test_names_are_what_a_type_checker_sees(package: ModuleType) -> None:
    """The names that are imported on first use are those that the package declares, from the same modules."""
    tree = ast.parse(Path(str(package.__file__)).read_text("utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    declared = {
        (node.module, alias.name) for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    lists = (package.HOMES, vars(package).get("NAMESPACES", {}))
    listed = {(home, name) for homes in lists for home, names in homes.items() for name in names}
    assert declared == listed
    for _, name in listed:
        assert getattr(package, name) is not None


def test_a_namespace_is_imported_when_it_is_used(tmp_path: Path) -> None:
    """A rule that imports modules of the API loads those that it uses for the run at hand, and no other."""
    code = """
import sys
from nemolint import placeholders, quoting
names = ("nemolint.analysis.placeholders", "nemolint.analysis.quoting")
print(*[name in sys.modules for name in names])
print(quoting.plain_word is quoting.plain_word is sys.modules[names[1]].plain_word, names[0] in sys.modules)
print(hasattr(quoting, "nothing"))
"""
    assert python(code, tmp_path).out.split() == ["False", "False", "True", "False", "False"]


@pytest.mark.parametrize(
    ("package", "homes"),
    [(nemolint, nemolint.HOMES), (nemolint.secrets, nemolint.secrets.HOMES)],
    ids=["api", "secrets"],
)
def test_no_module_takes_the_place_of_a_name(package: ModuleType, homes: Mapping[str, tuple[str, ...]]) -> None:
    """A name that is imported on first use is not a submodule's, whose import would replace it."""
    with pytest.raises(AttributeError, match=f"module '{package.__name__}' has no attribute 'nothing'"):
        _ = package.nothing
    modules = {path.stem for path in Path(str(package.__file__)).parent.glob("*")}
    assert not modules & {name for names in homes.values() for name in names}


def test_rule_packs_are_those_of_the_entry_points() -> None:
    """Reading the metadata files directly finds what the standard library finds."""
    expected = {point.value.partition(":")[0] for point in importlib.metadata.entry_points(group=GROUP)}
    assert set(packs(sys.path)) == expected
    assert "nemolint_rules" in expected


@pytest.mark.parametrize("zipped", [False, True], ids=["folder", "zip"])
def test_the_modules_of_a_pack_are_those_of_the_standard_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zipped: bool
) -> None:
    """Every module and package of a rule pack is looked at, and no other file, wherever the pack is installed from."""
    for name in ("one.py", "two/__init__.py", "data/x.txt", "three.pyc", "a.b.py", "notes.txt", "_own.py"):
        file = tmp_path / "pack" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("", "utf-8")
    folder = str(tmp_path / "pack")
    if zipped:
        folder = str(Path(shutil.make_archive(str(tmp_path / "packs"), "zip", tmp_path, "pack")) / "pack")
    assert sorted(loader._modules(folder)) == [module.name for module in pkgutil.iter_modules([folder])]
    ours = {module.name for module in pkgutil.iter_modules(nemolint_rules.__path__)}
    assert set(loader._modules(str(RULES))) == ours


EDITOR = ("pygls", "lsprotocol", "nemolint.editor")
HEAVY = (
    *("bashlex", "libcst", "pydantic", "pyromark", "yaml", "rich", "asyncio", "importlib.metadata", "tomli"),
    *EDITOR,
)
# What a check of a tree that did not change has no use for, either.
LIGHT = ("argparse", "dataclasses", "inspect", "json", "pathlib", "re", "subprocess", "typing")
ENGINE_MODULES = (
    "nemolint.commands.cli",
    "nemolint.linter.checker",
    "nemolint.linter.rule",
    "nemolint.settings",
    "nemolint_rules",
)
_PROBE = """
import sys
before = set(sys.modules)
from nemolint.__main__ import main
sys.argv = ["nemolint", *{arguments!r}]
try:
    main()
except SystemExit:
    pass
print("LOADED", *[name for name in {modules!r} if name in sys.modules and name not in before], file=sys.stderr)
"""


def loaded(arguments: list[str], cwd: Path, modules: tuple[str, ...] = HEAVY) -> list[str]:
    """Those of `modules` that a run of the command loads."""
    code = _PROBE.format(arguments=arguments, modules=modules)
    return python(code, cwd).err.split("LOADED", 1)[1].split()


@pytest.mark.parametrize(
    "file", [*sorted(ENGINE.rglob("*.py")), *sorted(RULES.glob("*.py"))], ids=lambda file: file.stem
)
def test_classes_are_made_at_little_cost(file: Path) -> None:
    """A start makes more than a hundred classes: named tuples are those of `base/named_tuple.py`."""
    assert "typing.NamedTuple" not in {name for name, _ in imports(file)}


# They read or write what no check does, or need pydantic, which loads it.
WITH_PATHLIB = {
    *("base/atomic.py", "base/yaml_values.py", "commands/hook.py", "editor/hover.py", "editor/server.py"),
    *("guard/hosts.py", "guard/install.py", "guard/selftest.py", "project/facts_model.py", "testing/pages.py"),
}


def test_paths_are_texts_in_the_engine() -> None:
    """Importing `pathlib` takes a fifteenth of the time in which the hook answers."""
    files = [*ENGINE.rglob("*.py"), *RULES.glob("*.py")]
    found = [file for file in files if any(name.partition(".")[0] == "pathlib" for name, _ in imports(file))]
    assert {file.relative_to(ENGINE).as_posix() for file in found if file.is_relative_to(ENGINE)} == WITH_PATHLIB
    assert [file.name for file in found if not file.is_relative_to(ENGINE)] == []


# They validate with pydantic, or list the members of a type, or their classes need it.
TYPED_AT_RUN_TIME = {
    *("base/choices.py", "commands/cli.py", "commands/completion.py", "guard/hosts.py", "testing/pages.py"),
    *("editor/actions.py", "editor/server.py", "editor/worker.py", "editor/workspace.py", "grading/scores.py"),
    *("grading/expect_model.py", "policy_model.py", "settings_model.py"),
    *("project/env_toml_model.py", "project/facts_model.py", "project/manifest.py"),
}


def test_typing_is_imported_for_the_type_checker_alone() -> None:
    """Loading `typing` takes as long as twenty of our modules, so nothing that a plain check needs imports it."""
    files = [*ENGINE.rglob("*.py"), *RULES.glob("*.py")]
    found = [file for file in files if any(name.partition(".")[0] == "typing" for name, _ in imports(file))]
    assert {file.relative_to(ENGINE).as_posix() for file in found if file.is_relative_to(ENGINE)} == TYPED_AT_RUN_TIME
    assert [file.name for file in found if not file.is_relative_to(ENGINE)] == []


def test_nothing_is_searched_for_cycles_at_the_end(tmp_path: Path) -> None:
    """When Python ends, its collector has next to nothing left to look at."""
    (tmp_path / "a.sh").write_text(COLD["a.sh"][0], "utf-8")
    end = "import atexit, gc\natexit.register(lambda: print('LEFT', len(gc.get_objects()), file=sys.stderr))"
    code = "import sys\n" + end + _PROBE.format(arguments=["--no-cache", "a.sh"], modules=())
    assert int(python(code, tmp_path).err.split("LEFT", 1)[1]) < 1000


def test_version_loads_nothing_heavy(tmp_path: Path) -> None:
    """`nemolint --version` starts as fast as Python does."""
    assert loaded(["--version"], tmp_path, HEAVY + LIGHT + ENGINE_MODULES) == []


@pytest.mark.parametrize("name", ["a.sh", "a.md", "a.yaml", "a.ipynb", "a.py"])
def test_a_file_without_runs_loads_nothing_heavy(tmp_path: Path, name: str) -> None:
    """A file that cannot hold a command is not parsed, and no rule is loaded for it."""
    (tmp_path / name).write_text("set -e\necho hello\n", "utf-8")
    engine = ("dataclasses", "nemolint.linter.checker", "nemolint.linter.rule", "nemolint_rules")
    assert loaded(["--no-cache", name], tmp_path, (*HEAVY, *engine, "nemolint.guard.payload")) == []


_HOOK_PROBE = """
import json, sys
from nemolint.guard.hook_outcome import judged
call = {{"hook_event_name": "PreToolUse", "tool_name": "Bash", "cwd": {cwd!r}}}
call["tool_input"] = {{"command": {command!r}}}
_, after = judged(json.dumps(call).encode(), "", False)
print(*sys.modules)
after()
"""


def test_the_hook_loads_what_can_judge_a_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the rules are known, only those are loaded that may find something in the command at hand."""
    monkeypatch.setenv("NEMOLINT_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "work").mkdir()
    run = "nemotron steps run sft/automodel -c tiny --dry-run seed="
    for number in range(2):
        code = _HOOK_PROBE.format(cwd=str(tmp_path / "work"), command=f"{run}{number}")
        found = set(python(code, tmp_path).out.split())
    rules = load_rules()
    names = [name.partition(".")[2] for name in found if name.startswith("nemolint_rules.")]
    loaded = [rules[name.replace("_", "-")] for name in names]
    assert len(loaded) < len(rules) / 4
    assert not [rule.name for rule in loaded if rule.answers_only or rule.group == "secrets" or not rule.default]
    unneeded = {"nemolint.secrets.collector", "nemolint.secrets.redact", "dataclasses", "pathlib", "typing", *HEAVY}
    unneeded |= {f"nemolint.analysis.{name}" for name in ("eval_tasks", "introduced", "profile_in_force", "quoting")}
    assert not unneeded & found


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("sft/automodel -c tiny --dryrun", "corrected"),
        ("sft/automodel -c tiny", "denied"),
        ("sft/nosuch --batch kettle --dry-run", "noted"),
        ("sft/automodel -c ../own.yaml --dry-run && bash a.sh", "silent"),
    ],
)
def test_no_answer_of_the_hook_loads_pathlib(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, answer: str
) -> None:
    """Whatever is said of a command, paths are texts on the way to it."""
    monkeypatch.setenv("NEMOLINT_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "a.sh").write_text(COLD["a.sh"][0], "utf-8")
    (tmp_path / "env.toml").write_text('[kettle]\nexecutor = "local"\n', "utf-8")
    if os.name != "nt":  # where a link needs a privilege
        (tmp_path / "work" / "env.toml").symlink_to(tmp_path / "env.toml")
    command = f"NEMOTRON_ENV_FILE=../env.toml nemotron steps run {words}"
    probe = _HOOK_PROBE.replace("_, after", "outcome, after").replace("*sys.modules", "outcome, *sys.modules")
    out = python(probe.format(cwd=str(tmp_path / "work"), command=command), tmp_path).out
    said = {"corrected": "--dry-run", "denied": '"deny"', "noted": "additionalContext", "silent": "out='{}'"}
    assert said[answer] in out
    assert not {"pathlib", "nemolint.base.atomic"} & set(out.split())


def test_the_hook_compares_with_a_commit_without_openssl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether settings are those of the last commit is told without `hashlib`, which loads OpenSSL."""
    monkeypatch.setenv("NEMOLINT_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "pyproject.toml").write_text("[project]\n", "utf-8")
    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "first")):
        git(tmp_path / "work", *words)
    for number in range(2):
        command = f"nemotron steps run sft/automodel --dry-run seed={number}"
        found = set(python(_HOOK_PROBE.format(cwd=str(tmp_path / "work"), command=command), tmp_path).out.split())
    assert "nemolint.guard.committed" in found and not {"hashlib", "_hashlib"} & found


def test_a_known_answer_loads_no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that was answered before, and one without runs, are answered by what reads the payload alone."""
    monkeypatch.setenv("NEMOLINT_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "work").mkdir()
    code = _HOOK_PROBE.format(cwd=str(tmp_path / "work"), command="nemotron steps run sft/automodel --dry-run")
    python(code, tmp_path)
    time.sleep(0.2)
    none = ("typing", "pathlib", "contextlib", "dataclasses", "inspect", "nemolint.document", *ENGINE_MODULES, *HEAVY)
    for probe in (code, _HOOK_PROBE.format(cwd=str(tmp_path / "work"), command="bash none.sh")):
        done = python(probe.replace("after()", ""), tmp_path)
        assert not set(none) & set(done.out.split())


@pytest.mark.parametrize("first", ["hook", "check"])
def test_the_hook_knows_the_project_files_that_were_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    """In a checkout with manifests of its own, their facts are those of an earlier command, or of a check there."""
    monkeypatch.setenv("NEMOLINT_CACHE_DIR", str(tmp_path / "cache"))
    root = make_tree(tmp_path / "tree")
    probe = [_HOOK_PROBE.format(cwd=str(root), command=f"nemotron steps run brew/tea cups={cups}") for cups in range(2)]
    parsers = {"pydantic", "tomli", "yaml"}
    if first == "check":
        loaded(["a.sh"], root)
    else:
        assert parsers & set(python(probe[0], tmp_path).out.split())
    assert not {*parsers, "pathlib"} & set(python(probe[1], tmp_path).out.split())


@pytest.mark.skipif(not hasattr(os, "posix_spawn"), reason="git is asked over subprocess here")
@pytest.mark.parametrize("arguments", [["."], ["--output-format", "json", "."], ["a.sh", "env.toml"]])
def test_a_tree_that_did_not_change_loads_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    """What is known is printed without engine, rules, settings, or any module that takes time."""
    monkeypatch.setenv("NEMOLINT_CACHE_DIR", str(tmp_path / "cache"))
    root = tmp_path / "tree"
    root.mkdir()
    (root / "a.sh").write_text("nemotron steps run sft/automodel --dryrun\n", "utf-8")
    (root / "env.toml").write_text('[pot]\nexecutor = "slurm"\n', "utf-8")
    (root / "nemolint.toml").write_text('ignore = ["callouts"]\n', "utf-8")
    git(root, "init", "-q")
    time.sleep(0.2)  # stamps of files that are this young are not trusted
    assert loaded(arguments, root)
    assert loaded(arguments, root, HEAVY + LIGHT + ENGINE_MODULES) == []


# What a check of one file may load with nothing known of it, by what the file needs.
COLD = {
    "a.sh": ("nemotron steps run sft/automodel -c tiny --dry-run\n", set()),
    "quoted.sh": ('nemotron steps run sft/automodel -c tiny \'a="b"\'"$C" x=1e-5 --dry-run\n', {"yaml"}),
    "escaped.sh": ("nemotron steps run sft/automodel -c tiny a=\\b --dry-run\n", {"bashlex", "inspect", "yaml"}),
    "a.md": ("```bash\nnemotron steps run sft/automodel -c tiny --dry-run\n```\n", {"pyromark"}),
    "placeholder.md": ("```bash\nnemotron steps run sft/automodel -c my.yaml model.name=<base>\n```\n", {"pyromark"}),
    "a.yaml": ("run: nemotron steps run sft/automodel -c tiny --dry-run\n", {"yaml"}),
    "a.ipynb": (
        '{"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "code", "metadata": {}, "outputs": [], '
        '"source": ["!nemotron steps run sft/automodel -c tiny --dry-run"]}]}',
        set(),
    ),
    "a.toml": ('[tasks]\nrun = "nemotron steps run sft/automodel -c tiny --dry-run"\n', {"tomli"}),
    "a.py": ('import os\nos.system("nemotron steps run sft/automodel -c tiny --dry-run")\n', set()),
}


@pytest.mark.parametrize("name", COLD)
def test_a_file_with_a_run_loads_what_it_needs(tmp_path: Path, name: str) -> None:
    """A parser is loaded for the files that need it; pydantic, libcst, `dataclasses` and `pathlib` never."""
    text, needed = COLD[name]
    (tmp_path / name).write_text(text, "utf-8")
    for arguments in (["--no-cache", name], ["check", "--hook", name]):
        assert set(loaded(arguments, tmp_path, (*HEAVY, "dataclasses", "inspect", "pathlib"))) <= needed


def test_explanations_are_loaded_to_explain(tmp_path: Path) -> None:
    """A check, and the list of commands, know nothing of what explains a run."""
    (tmp_path / "a.sh").write_text("nemotron steps run sft/automodel -c tiny --dry-run\n", "utf-8")
    modules = ("nemolint.explanation", "nemolint.commands.explain_run")
    assert loaded(["--no-cache", "a.sh"], tmp_path, modules) == loaded(["commands", "a.sh"], tmp_path, modules) == []
    assert loaded(["explain-run", "a.sh"], tmp_path, (*modules, "rich", "asyncio")) == [*modules]


def test_grading_is_loaded_to_grade(tmp_path: Path) -> None:
    """A check of an answer knows nothing of grades, and a grade without expectations needs no pydantic."""
    (tmp_path / "a.answer.md").write_text(f"Verified.\n\n{COLD['a.md'][0]}", "utf-8")
    modules = ("nemolint.grading", "nemolint.commands.grade", "pydantic")
    assert loaded(["--no-cache", "a.answer.md"], tmp_path, modules) == []
    assert loaded(["grade", "a.answer.md"], tmp_path, modules) == ["nemolint.grading", "nemolint.commands.grade"]


def test_the_language_server_is_loaded_to_serve(tmp_path: Path) -> None:
    """Its libraries take longer to import than a check: neither help nor another subcommand loads them."""
    for arguments in (["lsp", "--help"], ["rules"], ["--help"]):
        assert loaded(arguments, tmp_path, EDITOR) == []


@pytest.mark.parametrize("name", ["a.sh", "a.md", "a.yaml", "a.py"])
def test_the_cache_is_light(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A file without runs is answered without engine and rules where the cache is in use, too."""
    monkeypatch.setenv("NEMOLINT_CACHE_DIR", str(tmp_path / "cache"))
    root = tmp_path / "tree"
    root.mkdir()
    engine = ("dataclasses", "nemolint.linter.checker", "nemolint.linter.rule", "nemolint.project", "nemolint_rules")
    for text in ("echo hello\n", "echo hello there\n"):
        (root / name).write_text(text, "utf-8")
        assert loaded([name], root, HEAVY + engine) == []
