"""What the code of a step looks up, string literals and field names that can be config keys, and what it imports."""

from __future__ import annotations

import ast
import warnings
from pathlib import Path
from typing import NamedTuple

from nemolint.base.patterns import lazily
from nemolint.project import codec
from nemolint.project.file_reader import FileReader
from nemolint.project.model import Code, Import

MAX_FILES = 60
MAX_LITERALS = 5_000

_KEY = lazily(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*\Z")
_PACKAGE = "nemotron.steps"


class Module(NamedTuple):
    """The content of one code file: literals and fields that can be keys, the names that it imports (`module:name`) and
    the imported files of the steps' package.
    """

    keys: frozenset[str]
    imports: frozenset[str]
    imported: tuple[Path, ...]


Modules = dict[Path, Module | None]


class Closure(NamedTuple):
    """A `step.py` with the modules of the steps' own package that it imports.

    `strings` are literals that look like keys, and fields of classes; `own` are the names that the script itself
    imports, `imports` those of all files.
    """

    strings: frozenset[str]
    own: frozenset[str]
    imports: frozenset[str]
    files: tuple[Path, ...]


def own_imports(reader: FileReader, steps: Path, script: Path, modules: Modules) -> frozenset[str]:
    """The names that a `step.py` itself imports (`module:name`); none where there is no code that parses."""
    if script not in modules:
        modules[script] = _read(reader, steps, script)
    module = modules[script]
    return frozenset() if module is None else module.imports


def closure(reader: FileReader, steps: Path, script: Path, modules: Modules) -> Closure | None:
    """What a `step.py` and the modules that it imports hold, None where there is no code that parses.

    `modules` holds what was read, for the next step.
    """
    found: set[str] = set()
    imports: set[str] = set()
    files: list[Path] = []
    parsed = False
    pending = [script]
    seen: set[Path] = set()
    while pending and len(seen) < MAX_FILES and len(found) < MAX_LITERALS:
        path = pending.pop()
        if path in seen:
            continue
        seen.add(path)
        if path not in modules:
            modules[path] = _read(reader, steps, path)
        module = modules[path]
        files.append(path)
        if module is not None:
            parsed = True
            found |= module.keys
            imports |= module.imports
            pending.extend(module.imported)
    if not parsed:
        return None
    own = modules.get(script)
    return Closure(frozenset(found), own.imports if own is not None else frozenset(), frozenset(imports), tuple(files))


def _read(reader: FileReader, steps: Path, path: Path) -> Module | None:
    text = reader.optional_text(path)
    if text is None:
        return None
    try:
        code = reader.compiled.get(codec.CODE, text, lambda: _scan(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = error.lineno if isinstance(error, SyntaxError) and error.lineno else 0
        reader.problem(path, "the step's code cannot be parsed as Python, so its keys are unknown: fix it", line)
        return None
    names: set[str] = set()
    imported: list[Path] = []
    for entry in code.imports:
        parts = _module(steps, path, entry)
        module = ".".join(parts)
        names.update((module, *(f"{module}:{name}" for name in entry.names)) if parts else ())
        imported += _imported(reader, steps, parts, entry.names)
    return Module(frozenset(code.keys), frozenset(names), tuple(imported))


def _scan(text: str) -> Code:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # warnings about the project's code
        tree = ast.parse(text)
    keys: set[str] = set()
    imports: list[Import] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str) and len(node.value) <= 100 and _KEY.match(node.value):
                keys.add(node.value)
        elif isinstance(node, ast.ClassDef):
            keys.update(
                item.target.id
                for item in node.body
                if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
            )
        elif isinstance(node, ast.Import):
            imports.extend(Import(0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            imports.append(Import(node.level, node.module or "", tuple(alias.name for alias in node.names)))
    return Code(tuple(sorted(keys)), tuple(imports))


def _module(steps: Path, path: Path, entry: Import) -> tuple[str, ...]:
    """The parts of the name of the module that an import of the file `path` takes from; none outside of the steps."""
    parts = tuple(part for part in entry.module.split(".") if part)
    if not entry.level:
        return parts
    base = path.parent
    for _ in range(entry.level - 1):
        base = base.parent
    return (*_PACKAGE.split("."), *base.relative_to(steps).parts, *parts) if base.is_relative_to(steps) else ()


def _imported(reader: FileReader, steps: Path, parts: tuple[str, ...], names: tuple[str, ...]) -> list[Path]:
    """Files of the steps' package that an import of `names` from the module loads."""
    result = []
    for name in (parts, *((*parts, inner) for inner in names)):
        if name[:2] != ("nemotron", "steps") or len(name) < 3:
            continue
        candidate = steps.joinpath(*name[2:])
        for file in (candidate.with_name(f"{candidate.name}.py"), candidate / "__init__.py"):
            if reader.exists(file):
                result.append(file)
                break
    return result
