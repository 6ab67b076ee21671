"""Trajectories in the format ATIF: the answer of an agent, and the commands that it ran itself.

Agents write them, so every value may be missing or of another type than the format says.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from nemolint.base.errors import UserError
from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.grading.json_input import kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Names of tools that run a text, in lower case, and of the argument that holds it.
_TOOLS = frozenset({"bash", "execute", "exec_command", "run_code", "run", "shell", "command"})
_ARGUMENTS = ("command", "cmd", "code")
# Between a tool and the server or the namespace that it belongs to.
_SEPARATOR = lazily(r"[.:/]|__")
# Where the parts of a message, or one of them, have their text.
_TEXTS = ("text", "content")


class ToolCall(NamedTuple):
    """A text that an agent ran, as shell or as Python."""

    text: str
    python: bool = False


class Trajectory(NamedTuple):
    """`answer` is the last message of the agent that is not empty, or an empty text."""

    answer: str
    calls: tuple[ToolCall, ...]


def read_trajectory(data: object, where: str) -> Trajectory:
    """The answer and the calls in a trajectory. Raises UserError for what is not one."""
    steps = data.get("steps") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(steps, list):
        found = f"`steps` is {kind_of(steps)}, not an array" if isinstance(data, dict) else f"it is {kind_of(data)}"
        raise UserError(f"{where} is not a trajectory: {found}")
    own = [step for step in steps if isinstance(step, dict) and step.get("source") == "agent"]
    messages = (text for step in reversed(own) if (text := _text(step.get("message"))).strip())
    return Trajectory(next(messages, ""), tuple(call for step in own for call in _calls(step)))


def _text(message: object) -> str:
    """The text of a message: a string, or parts of which some are text."""
    parts: list[str] = []
    for part in message if isinstance(message, list) else [message]:
        value = part
        if isinstance(part, dict):
            value = next((part[key] for key in _TEXTS if isinstance(part.get(key), str)), None)
        if isinstance(value, str):
            parts.append(value)
    return _clean("\n".join(parts))


def _clean(text: str) -> str:
    """A text as a file could hold it: no NUL."""
    return text.replace("\0", "\ufffd")


def _calls(step: dict[str, Any]) -> Iterator[ToolCall]:
    calls = step.get("tool_calls")
    for call in calls if isinstance(calls, list) else ():
        if not isinstance(call, dict) or not isinstance(name := call.get("function_name"), str):
            continue
        if _SEPARATOR.split(name.lower())[-1] not in _TOOLS:
            continue
        arguments = call.get("arguments")
        if isinstance(arguments, str):
            arguments = _object(arguments) or {"command": arguments}
        if not isinstance(arguments, dict):
            continue
        given = (_command(arguments.get(key)) for key in _ARGUMENTS)
        if text := next((text for text in given if text.strip()), ""):
            yield ToolCall(_clean(text), str(arguments.get("language", "")).lower().startswith("py"))


def _object(text: str) -> dict[str, Any] | None:
    """Arguments that were recorded as JSON in a string, or None."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _command(value: object) -> str:
    """A command as text; some agents give its words as a list."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(word, str) for word in value):
        import shlex

        return shlex.join(value)
    return ""


def as_notebook(calls: tuple[ToolCall, ...]) -> str:
    """The calls as a notebook, one cell each: a process of its own, after those before it."""
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": call.text if call.python else f"%%bash\n{call.text}",
        }
        for call in calls
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})
