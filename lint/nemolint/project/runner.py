"""What the code of a step looks up: string literals and field names that can be config keys."""

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
    """The content of one code file: literals and fields that can be keys, and imported files of the steps' package."""

    keys: frozenset[str]
    imported: tuple[Path, ...]


Modules = dict[Path, Module | None]


def strings(reader: FileReader, steps: Path, script: Path, modules: Modules) -> frozenset[str] | None:
    """Literals that look like keys, and fields of classes, in a `step.py` and in the modules of the steps' own package
    that it imports. None if there is no code that parses. `modules` caches what was read, for the next step.
    """
    found: set[str] = set()
    pending = [script]
    seen: set[Path] = set()
    parsed = False
    while pending and len(seen) < MAX_FILES and len(found) < MAX_LITERALS:
        path = pending.pop()
        if path in seen:
            continue
        seen.add(path)
        if path not in modules:
            modules[path] = _read(reader, steps, path)
        module = modules[path]
        if module is not None:
            parsed = True
            found |= module.keys
            pending.extend(module.imported)
    return frozenset(found) if parsed else None


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
    imported = [file for entry in code.imports for file in _imported(reader, steps, path, entry)]
    return Module(frozenset(code.keys), tuple(imported))


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


def _imported(reader: FileReader, steps: Path, path: Path, entry: Import) -> list[Path]:
    """Files of the steps' package that an import loads."""
    parts = tuple(part for part in entry.module.split(".") if part)
    if entry.level:
        base = path.parent
        for _ in range(entry.level - 1):
            base = base.parent
        if not base.is_relative_to(steps):
            return []
        parts = (*_PACKAGE.split("."), *base.relative_to(steps).parts, *parts)
    result = []
    for name in (parts, *((*parts, inner) for inner in entry.names)):
        if name[:2] != ("nemotron", "steps") or len(name) < 3:
            continue
        candidate = steps.joinpath(*name[2:])
        for file in (candidate.with_name(f"{candidate.name}.py"), candidate / "__init__.py"):
            if reader.exists(file):
                result.append(file)
                break
    return result
