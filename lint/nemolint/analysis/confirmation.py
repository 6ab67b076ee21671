"""Whether a person is asked before a run: questions in scripts, CI jobs that are started manually."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping

from nemolint.analysis.caching import once_per_document
from nemolint.base.patterns import lazily
from nemolint.document import Document, Region
from nemolint.invocation import StepRun
from nemolint.project.model import Tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.shell.command import Command

_DIALOGS = {"gum": "confirm", "whiptail": "--yesno", "dialog": "--yesno", "zenity": "--question", "kdialog": "--yesno"}
_PYTHON_QUESTION = lazily(r"\b(?:input|confirm)\s*\(")
_LOOP_HEAD = lazily(r"(?:^|[\s;&|(])(?:while|until)\s+(?:!\s+)?(?:\w+=\S*\s+)*$")
_SELECT = lazily(r"(?:^|[\n;])[ \t]*select[ \t]+\w+[ \t]+in\b")


def asks_first(run: StepRun) -> bool:
    """True if a person is asked before the run: `read`, `select` or a dialog earlier in the script, a manual CI job."""
    document = run.document
    if document.unattended:
        return False
    at = run.file_start
    first = _first_questions(document).get(id(run.region.root))
    if first is not None and first < at:
        return True
    if document.kind == "python":
        return _first_python_question(document) < at
    return document.kind == "yaml" and _manual_job(document, at)


@once_per_document
def _first_python_question(document: Document) -> int:
    """File offset of the first question of a Python file, its length if there is none."""
    question = _PYTHON_QUESTION.search(document.text)
    return question.start() if question is not None else len(document.text)


@once_per_document
def _first_questions(document: Document) -> Mapping[int, int]:
    """id of a top region -> file offset of its first question. Regions live as long as their document."""
    first: dict[int, int] = {}

    def note(region: Region, at: int) -> None:
        key = id(region.root)
        first[key] = min(at, first.get(key, at))

    for command in document.commands:
        if _is_question(command):
            note(command.region, command.region.map.outer_start(command.start))
    for region in document.regions:
        if region.kind == "shell" and "select" in region.text:
            for match in _SELECT.finditer(region.text):
                note(region, region.map.outer_start(match.start()))
    return first


def _is_question(command: Command) -> bool:
    name = command.name
    if name in _DIALOGS:
        return any(word.value == _DIALOGS[name] for word in command.words)
    if name == "select":
        return True
    if name != "read" or command.piped_from:
        return False
    for redirect in command.redirects:
        terminal = redirect.target is not None and redirect.target.value == "/dev/tty"
        if redirect.operator.lstrip("0123456789").startswith("<") and not terminal:
            return False
    if any(word.value == "-u" for word in command.words):
        return False
    before = command.region.text[max(0, command.start - 200) : command.start]
    return not _LOOP_HEAD.search(before)


_TOP_KEY = lazily(r"^([^\s#'\"\-:][^:\n]*+|\"[^\"\n]++\"|'[^'\n]++')[ \t]*+:(?=\s|$)", re.MULTILINE)


@once_per_document
def _jobs(document: Document) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Offset and name of each job of a CI file: the keys under `jobs` (GitHub), else the top-level keys."""
    text = document.text
    starts: list[int] = []
    names: list[str] = []
    tops = list(_TOP_KEY.finditer(text))
    for index, match in enumerate(tops):
        name = match.group(1).strip("\"' ")
        if name != "jobs":
            starts.append(match.start())
            names.append(name)
            continue
        end = tops[index + 1].start() if index + 1 < len(tops) else len(text)
        body = text[match.end() : end]
        child = re.search(r"^([ \t]+)[^\s#]", body, re.MULTILINE)
        if child is None:
            continue
        pattern = re.compile(rf"^{child.group(1)}([^\s#:][^:\n]*+):(?=\s|$)", re.MULTILINE)
        for job in pattern.finditer(body):
            starts.append(match.end() + job.start())
            names.append("jobs/" + job.group(1).strip("\"' \t"))
    return tuple(starts), tuple(names)


def ci_job(document: Document, offset: int) -> str:
    """The name of the job (or top-level key) of a YAML file that holds a file offset, or an empty string."""
    starts, names = _jobs(document)
    index = bisect_right(starts, offset) - 1
    return names[index] if index >= 0 else ""


_MOST_PARENTS = 100  # GitLab allows for eleven


@once_per_document
def _yaml_tree(document: Document) -> Tree:
    from nemolint.base import yaml_values

    try:
        return yaml_values.load(document.text)
    except yaml_values.YamlError:
        return None  # the reader of YAML files reports what is wrong with it


def _manual_job(document: Document, offset: int) -> bool:
    """True if a person starts the CI job: only `workflow_dispatch` (GitHub), or `when: manual` (GitLab)."""
    tree = _yaml_tree(document)
    if not isinstance(tree, dict):
        return False
    # YAML 1.1 reads the key `on` as a boolean.
    triggers = tree.get("on", tree.get("True"))
    if "jobs" in tree and triggers is not None:
        names = triggers if isinstance(triggers, list | dict) else [triggers]
        return list(names) == ["workflow_dispatch"]
    seen: set[str] = set()
    name = ci_job(document, offset)
    while name and name not in seen and len(seen) < _MOST_PARENTS:
        seen.add(name)
        job = tree.get(name)
        if not isinstance(job, dict):
            return False
        rules = job.get("rules")
        if job.get("when") == "manual":
            return True
        if isinstance(rules, list) and rules:
            return all(isinstance(rule, dict) and rule.get("when") in ("manual", "never") for rule in rules)
        parent = job.get("extends")
        if isinstance(parent, list):
            parent = parent[-1] if parent else None
        name = parent if isinstance(parent, str) else ""
    return False
