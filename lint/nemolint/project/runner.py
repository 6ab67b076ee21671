"""The code of a step, its `step.py` and the modules of the steps' package that it imports: which keys it reads."""

from __future__ import annotations

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.paths import in_order, joined, parent, relative
from nemolint.project import codec
from nemolint.project.file_reader import FileReader
from nemolint.project.model import Code, Import, Reads

MAX_FILES = 60
MAX_TEXT = 2_000_000

_PACKAGE = "nemotron.steps"


class CodeFile(NamedTuple):
    """One code file: its text, the names that it imports (`module:name`), and the files of the steps' package among
    their modules.
    """

    text: str
    imports: frozenset[str]
    imported: tuple[str, ...]


Modules = dict[str, CodeFile | None]


class Closure(NamedTuple):
    """A `step.py` with the modules of the steps' own package that it imports.

    `own` are the names that the script itself imports, `imports` those of all files. `complete`: all files were read.
    """

    script: str
    own: frozenset[str]
    imports: frozenset[str]
    files: tuple[str, ...]
    complete: bool


def own_imports(reader: FileReader, steps: str, script: str, modules: Modules) -> frozenset[str]:
    """The names that a `step.py` itself imports (`module:name`); none where there is no code that parses."""
    if script not in modules:
        modules[script] = _read(reader, steps, script)
    module = modules[script]
    return frozenset() if module is None else module.imports


def closure(reader: FileReader, steps: str, script: str, modules: Modules) -> Closure | None:
    """What a `step.py` and the modules that it imports hold, None where there is no code that parses.

    `modules` holds what was read, for the next step.
    """
    imports: set[str] = set()
    files: list[str] = []
    parsed = 0
    pending = [script]
    seen: set[str] = set()
    while pending and len(seen) < MAX_FILES:
        path = pending.pop()
        if path in seen:
            continue
        seen.add(path)
        if path not in modules:
            modules[path] = _read(reader, steps, path)
        module = modules[path]
        files.append(path)
        if module is not None:
            parsed += 1
            imports |= module.imports
            pending.extend(module.imported)
    if not parsed:
        return None
    own = modules.get(script)
    names = own.imports if own is not None else frozenset()
    complete = parsed == len(seen) and not set(pending) - seen
    return Closure(script, names, frozenset(imports), tuple(files), complete)


def reads(reader: FileReader, steps: str, code: Closure, modules: Modules) -> Reads | None:
    """The keys that the code reads, None if not all of it was read, or it cannot be followed."""
    texts: dict[str, str] = {}
    for path in in_order(code.files):
        module = modules.get(path)
        if module is not None:
            texts[_inside(steps, path)] = module.text
    if not code.complete or sum(map(len, texts.values())) > MAX_TEXT:
        return None
    # A file is known by where it stands in the package; what is read depends on nothing else.
    script = _inside(steps, code.script)
    text = "\0".join((script, *(f"{name}\n{text}" for name, text in texts.items())))
    return reader.compiled.get(codec.READS, text, lambda: _follow(steps, script, texts))


def _inside(steps: str, path: str) -> str:
    """The name of a code file below the folder of the steps. Raises ValueError for one outside."""
    if (name := relative(path, steps)) is None:
        raise ValueError(f"{path} is not below {steps}")
    return name


def _follow(steps: str, script: str, texts: dict[str, str]) -> Reads | None:
    from nemolint.project import key_reads
    from nemolint.project.structure import parsed

    def find(file: str, level: int, module: str) -> str | None:
        parts = _module(steps, joined(steps, file), Import(level, module))
        return next((name for name in _places(parts) if name in texts), None)

    try:
        return key_reads.reads(script, {name: parsed(text) for name, text in texts.items()}, find)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None  # reported when the file was read


def _read(reader: FileReader, steps: str, path: str) -> CodeFile | None:
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
    imported: list[str] = []
    for entry in code.imports:
        parts = _module(steps, path, entry)
        module = ".".join(parts)
        names.update((module, *(f"{module}:{name}" for name in entry.names)) if parts else ())
        imported += _imported(reader, steps, parts, entry.names)
    return CodeFile(text, frozenset(names), tuple(imported))


def _scan(text: str) -> Code:
    import ast

    from nemolint.project.structure import parsed

    imports: list[Import] = []
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.Import):
            imports.extend(Import(0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            imports.append(Import(node.level, node.module or "", tuple(alias.name for alias in node.names)))
    return Code(tuple(imports))


def _module(steps: str, path: str, entry: Import) -> tuple[str, ...]:
    """The parts of the name of the module that an import of the file `path` takes from; none outside of the steps."""
    parts = tuple(part for part in entry.module.split(".") if part)
    if not entry.level:
        return parts
    base = parent(path)
    for _ in range(entry.level - 1):
        base = parent(base)
    if (inside := relative(base, steps)) is None:
        return ()
    return (*_PACKAGE.split("."), *(() if inside == "." else inside.split("/")), *parts)


def _imported(reader: FileReader, steps: str, parts: tuple[str, ...], names: tuple[str, ...]) -> list[str]:
    """Files of the steps' package that an import of `names` from the module loads."""
    result = []
    for name in (parts, *((*parts, inner) for inner in names)):
        found = (joined(steps, place) for place in _places(name))
        result += [file for file in found if reader.exists(file)][:1]
    return result


def _places(parts: tuple[str, ...]) -> list[str]:
    """Where a module can be, below the folder of the steps."""
    if parts[:2] != tuple(_PACKAGE.split(".")) or len(parts) < 3:
        return []
    name = "/".join(parts[2:])
    return [f"{name}.py", f"{name}/__init__.py"]
