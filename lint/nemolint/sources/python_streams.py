"""Texts that a Python file hands on: to a script that it writes, to a shell that reads them, or to another program."""

from __future__ import annotations

import ast

from nemolint.sources import kind_of
from nemolint.sources.argv import SHELLS
from nemolint.sources.python_expressions import called_name
from nemolint.sources.python_values import Values

# Programs that run what they read, or may pass it to one that does.
_READERS = (
    SHELLS
    | {"at", "batch", "docker", "enroot", "kubectl", "podman", "qsub", "sbatch", "singularity", "srun"}
    | {
        "apptainer",
        "ssh",
        "su",
        "tmux",
        "xargs",
    }
)
_PYTHON = "python"
# Among how many uses of a file the one that writes its first line is looked for.
_MAX_WRITES = 20
_FEEDERS = frozenset({"Popen", "check_call", "check_output", "run"})


def writes_to_shell(values: Values, node: ast.expr) -> bool:
    """True if a text is written to a script, or to the standard input of a shell."""
    call = values.parent(node)
    if isinstance(call, ast.List | ast.Tuple):
        node, call = call, values.parent(call)
    if not isinstance(call, ast.Call) or call.func is node:
        return False
    name = called_name(call)
    if name == "write" or name == "writelines":
        target = call.func.value if isinstance(call.func, ast.Attribute) else None
        found = values.text(node) if name == "write" else None
        if found is not None and kind_of("", found.map.text[:256]) == "shell":
            return True
    elif name == "print":
        target = next((keyword.value for keyword in call.keywords if keyword.arg == "file"), None)
    else:
        return False
    return target is not None and (_is_script(values, target) or _is_input_of_shell(values, target))


def _is_script(values: Values, target: ast.expr) -> bool:
    """True if a file is opened under the name of a shell script, or gets the first line of one."""
    if not isinstance(target, ast.Name):
        return False
    opened = _call_of(values, target, "open")
    if opened is not None:
        paths = [*opened.args[:1], *([opened.func.value] if isinstance(opened.func, ast.Attribute) else [])]
        for path in paths:
            found = values.text(path)
            if found is not None and kind_of(found.map.text, "") == "shell":
                return True
    for use in values.uses(target)[:_MAX_WRITES]:
        method = values.parent(use)
        call = values.parent(method) if isinstance(method, ast.Attribute) and method.attr == "write" else None
        if isinstance(call, ast.Call) and call.args:
            found = values.text(call.args[0])
            if found is not None and kind_of("", found.map.text[:256]) == "shell":
                return True
    return False


def _call_of(values: Values, name: ast.Name, called: str) -> ast.Call | None:
    """The call that makes the value of a name: in the nearest `with`, or in the only assignment to it."""
    around = values.parent(name)
    while around is not None:
        if isinstance(around, ast.With | ast.AsyncWith):
            for item in around.items:
                target, call = item.optional_vars, item.context_expr
                if isinstance(target, ast.Name) and target.id == name.id and isinstance(call, ast.Call):
                    return call if called_name(call) == called else None
        around = values.parent(around)
    value = values.value_of(name)
    return value if isinstance(value, ast.Call) and called_name(value) == called else None


def _is_input_of_shell(values: Values, target: ast.expr) -> bool:
    if not isinstance(target, ast.Attribute) or target.attr != "stdin" or not isinstance(target.value, ast.Name):
        return False
    process = _call_of(values, target.value, "Popen")
    return process is not None and _runs_input(values, process) is True


def is_data(values: Values, node: ast.expr) -> bool:
    """True if a text is the standard input of a program that does not run it: `run(["cat"], input=text)`."""
    parent = values.parent(node)
    call = values.parent(parent) if isinstance(parent, ast.keyword) else parent
    if not isinstance(call, ast.Call):
        return False
    name = called_name(call)
    if isinstance(parent, ast.keyword) and parent.arg != "input":
        return False
    process: ast.Call | None = None
    if name == "communicate" and isinstance(call.func, ast.Attribute):
        owner = call.func.value
        if isinstance(owner, ast.Call):
            process = owner
        elif isinstance(owner, ast.Name):
            process = _call_of(values, owner, "Popen")
    elif isinstance(parent, ast.keyword) and name in _FEEDERS:
        process = call
    return process is not None and _runs_input(values, process) is False


def _runs_input(values: Values, process: ast.Call) -> bool | None:
    """True if a program runs what it reads, False if it does not. None if it is not known."""
    started = process.args[0] if process.args else None
    started = next((keyword.value for keyword in process.keywords if keyword.arg == "args"), started)
    words = values.words_of(started) if started is not None else None
    if words is None:
        return None
    names = [word.rpartition("/")[2] for word in words]
    if any(name in _READERS or name.startswith(_PYTHON) for name in names):
        return True
    return None if any("$" in word for word in words) else False
