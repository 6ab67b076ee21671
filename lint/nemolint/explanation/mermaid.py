"""A pipeline as a Mermaid flowchart, whose labels hold nothing that Mermaid would read as its own syntax."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nemolint.base.patterns import lazily
from nemolint.base.visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Everything else is written as the number of the character: quotes, brackets, `#`, `:`, `;`, `<`, backticks, and what
# Markdown would take for emphasis or, at the beginning, for an item of a list.
_UNSAFE = lazily(r"[^\w ,./+=@·…-]|(?<![^\W_])_|_(?![^\W_])|^[+-](?= )|(?<=^\d)\.")
_LONGEST = 80


def flowchart(data: Mapping[str, Any]) -> str:
    """The lines of a flowchart of what `pipeline` says. A hexagon is a dry run, a dotted line an assumption."""
    return "\n".join(["flowchart TD", *(f"  {line}" for line in _lines(data))]) + "\n"


def _lines(data: Mapping[str, Any]) -> Iterator[str]:
    for run in data["runs"]:
        begin, end = ('{{"', '"}}') if run["happens"]["kind"] == "dry-run" else ('["', '"]')
        yield f"r{run['number']}{begin}{label(*_titles(run))}{end}"
    for number, item in enumerate(data["unproduced"], 1):
        yield f'in{number}(["{label(item["type"], item["path"])}"]) --> r{item["run"]}'
    for flow in data["flows"]:
        line = "-->" if flow["by"] == "path" else "-.->"
        yield f'r{flow["from"]} {line}|"{label(flow["type"], flow["path"])}"| r{flow["to"]}'
    for number, item in enumerate(data["results"], 1):
        yield f'r{item["run"]} --> out{number}(["{label(item["type"], item["path"])}"])'


def _titles(run: Mapping[str, Any]) -> tuple[str, ...]:
    step = run["step"]["id"] or run["step"]["written"] or "step not known"
    config = run["config"]["name"] if run["config"] is not None else ""
    profile = f"{run['profile']['option']} {run['profile']['name']}" if run["profile"] is not None else ""
    return f"{run['number']} · {step}", f"-c {config}" if config else "", profile


def label(*lines: str) -> str:
    """Lines as the text of a quoted label; empty lines are left out."""
    return "<br/>".join(_escaped(line) for line in lines if line)


def _escaped(text: str) -> str:
    text = visible(text)
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return _UNSAFE.sub(lambda match: f"#{ord(match.group())};", text)
