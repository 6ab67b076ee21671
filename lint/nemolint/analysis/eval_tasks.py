"""The tasks of the evaluator launcher: their names, and the endpoint types that they support.

From an installed `nemo-evaluator-launcher`, else from a dated snapshot of its names.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.document import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.invocation import StepRun, Value
    from nemolint.project import Project
    from nemolint.shell.command import Word

_INSTALLED = os.path.join("nemo_evaluator_launcher", "resources", "all_tasks_irs.yaml")
_MOST_BYTES = 20_000_000
_ENTRY = lazily(r"^- name: ([\w.@/-]+)$", re.MULTILINE)
_HARNESS = lazily(r"^  harness: ([\w.-]+)$", re.MULTILINE)
_WORD = lazily(r"[\w.-]+")
_ENDPOINTS = lazily(r"^ +supported_endpoint_types:\n((?: +- \w+\n)+)", re.MULTILINE)


class TaskList:
    """`tasks`: (harness, name) -> endpoint types. `loglikelihood`: those that need a tokenizer. `origin`: source."""

    def __init__(
        self, tasks: Mapping[tuple[str, str], frozenset[str]], loglikelihood: frozenset[str], origin: str
    ) -> None:
        self.tasks, self.loglikelihood, self.origin = tasks, loglikelihood, origin

    @cached_property
    def by_name(self) -> Mapping[str, frozenset[str]]:
        """Endpoint types by name, with and without the harness in front."""
        result: dict[str, frozenset[str]] = {}
        for (harness, name), endpoints in self.tasks.items():
            result[f"{harness}.{name}"] = endpoints
            result[name] = result.get(name, frozenset()) | endpoints
        return result

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self.by_name))


@lru_cache(maxsize=1)
def launcher_tasks() -> TaskList:
    """The list of the installed launcher, else the bundled one."""
    with open(os.path.join(os.path.dirname(__file__), "eval_tasks.json"), encoding="utf-8") as file:
        data = json.load(file)
    snapshot = {
        (harness, name): frozenset({endpoint})
        for harness, by_endpoint in data["tasks"].items()
        for endpoint, names in by_endpoint.items()
        for name in names
    }
    loglikelihood = frozenset(data["loglikelihood"])
    for folder in sys.path:
        path = os.path.join(folder, _INSTALLED)
        try:
            if not os.path.isfile(path) or os.stat(path).st_size >= _MOST_BYTES:
                continue
            with open(path, encoding="utf-8", errors="replace") as file:
                installed = read_tasks(file.read())
        except OSError:  # a folder of the path that cannot be listed
            continue
        if installed:
            return TaskList(installed, loglikelihood, "the installed nemo-evaluator-launcher")
    return TaskList(snapshot, loglikelihood, f"nemo-evaluator-launcher {data['release']} ({data['date']})")


def read_tasks(text: str) -> dict[tuple[str, str], frozenset[str]]:
    """The tasks of the launcher's own list, read by line, since the file is large. Empty if its form differs."""
    start = text.find("\ntasks:\n")
    entries = list(_ENTRY.finditer(text, start)) if start >= 0 else []
    result: dict[tuple[str, str], frozenset[str]] = {}
    for index, entry in enumerate(entries):
        end = entries[index + 1].start() if index + 1 < len(entries) else len(text)
        harness = _HARNESS.search(text, entry.end(), end)
        endpoints = _ENDPOINTS.search(text, entry.end(), end)
        if harness is None or endpoints is None:
            return {}
        result[harness.group(1), entry.group(1)] = frozenset(endpoints.group(1).replace("-", " ").split())
    return result


class NamedTask(NamedTuple):
    """A task that a run names itself: `span` is its name. `own`: the entry brings its own container."""

    name: str
    span: Span
    own: bool = False


def named_tasks(run: StepRun, project: Project) -> Iterator[NamedTask]:
    """The literal tasks in the overrides and `-t`/`--task` options of an evaluation run."""
    step = project.step_of(run)
    keys = project.known(step).task_lists if step is not None else frozenset()
    if not keys:
        return
    for _, word in task_words(run, project):
        if not word.expansion:
            yield NamedTask(word.value, word.span)
    for override in run.overrides:
        if override.key in keys and override.value.known:
            try:
                items = override.parsed()
            except ValueError:  # not YAML: the CLI refuses it
                continue
            places = Places(override.value)
            for item in items if isinstance(items, list) else [items]:
                name = item.get("name") if isinstance(item, dict) else item
                span = places.of(name) if isinstance(name, str) else None
                if span is not None and isinstance(name, str):
                    yield NamedTask(name, span, isinstance(item, dict) and "container" in item)


def inherited_tasks(run: StepRun, project: Project) -> list[str]:
    """The tasks that a run takes from its config, where it names none; nothing where an entry brings its container."""
    step, effective = project.step_of(run), project.effective(run)
    keys = project.known(step).task_lists if step is not None and effective is not None else frozenset[str]()
    names: list[str] = []
    for key in sorted(keys):
        items = effective.get(key) if effective is not None else None
        if any(item.key == key or key.startswith(f"{item.key}.") for item in run.overrides):
            return []
        for item in items if isinstance(items, list) else []:
            name = item.get("name") if isinstance(item, dict) and "container" not in item else None
            if not isinstance(name, str):
                return []
            names.append(name)
    return names


def task_words(run: StepRun, project: Project) -> list[tuple[Word, Word]]:
    """The options with their tasks that the step's runner takes from the words that are passed through to it."""
    step = project.step_of(run)
    options = project.known(step).task_options if step is not None else frozenset()
    if not options:
        return []
    words = [word for word in run.passthrough if word.value != "--" and "=" not in word.value]
    found: list[tuple[Word, Word]] = []
    index = 0
    while index + 1 < len(words):
        if words[index].value in options:
            found.append((words[index], words[index + 1]))
            index += 1
        index += 1
    return found


class Places:
    """Finds names in a value, which is scanned once for all of them."""

    def __init__(self, value: Value) -> None:
        self._value = value
        self._spans: dict[str, Span | None] = {}

    @cached_property
    def _words(self) -> dict[str, list[int]]:
        """The offsets of each word."""
        words: dict[str, list[int]] = {}
        for match in _WORD.finditer(self._value.text):
            words.setdefault(match.group(), []).append(match.start())
        return words

    def of(self, name: str) -> Span | None:
        """The first occurrence of `name` as a whole word; None if there is none."""
        if name not in self._spans:
            start = self._find(name)
            self._spans[name] = self._value.sub(start, start + len(name)) if start is not None else None
        return self._spans[name]

    def _find(self, name: str) -> int | None:
        text = self._value.text
        # A whole name consists of whole words: look only where the rarest of them occurs.
        inner = list(_WORD.finditer(name))
        if not inner:
            match = re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", text)
            return match.start() if match is not None else None
        rarest = min(inner, key=lambda match: len(self._words.get(match.group(), ())))
        starts = (at - rarest.start() for at in self._words.get(rarest.group(), ()))
        return next((at for at in starts if at >= 0 and text.startswith(name, at) and self._whole(at, name)), None)

    def _whole(self, start: int, name: str) -> bool:
        """True if the name at `start` is not a part of a longer word."""
        text, end = self._value.text, start + len(name)
        return not (_WORD.fullmatch(text[max(start - 1, 0) : start]) or _WORD.fullmatch(text[end : end + 1]))


def config_tasks(run: StepRun, project: Project) -> frozenset[str]:
    """The tasks that the configs of the step, and the run's own config, name."""
    from nemolint.project.overrides import lookup, split_key

    step = project.step_of(run)
    if step is None:
        return frozenset()
    own = project.config_of(run)
    names: set[str] = set()
    for config in (*step.configs.values(), *((own,) if own is not None else ())):
        for key in project.known(step).task_lists:
            items = lookup(config.tree or {}, split_key(key))
            for item in items if isinstance(items, list) else []:
                name = item.get("name") if isinstance(item, dict) else item
                if isinstance(name, str):
                    names.add(name)
    return frozenset(names)
