"""Whether an answer meets what an evaluation expects of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from nemolint.analysis.answers import answers
from nemolint.analysis.answers.callouts import command_runs
from nemolint.analysis.dry_runs import is_dry, previews
from nemolint.base.close_matches import and_list, or_list
from nemolint.base.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nemolint.document import Document
    from nemolint.grading.expect_model import Expect
    from nemolint.invocation import StepRun
    from nemolint.project import Project

_LONGEST = 100  # characters of a value in a reason


class Expectation(NamedTuple):
    """One expectation: the field of `expect`, whether the answer meets it, and why."""

    name: str
    ok: bool
    reason: str


class Subject:
    """An answer, and the commands that the agent ran itself, as expectations see them."""

    def __init__(self, answer: Document, calls: Document | None, project: Project) -> None:
        self.answer = answer
        self.project = project
        self.runs = command_runs(answer)
        self.own_runs = [] if calls is None else command_runs(calls)

    def step(self, run: StepRun) -> str:
        """The id of the step that a run names, or the word in its place; empty if an expansion decides it."""
        step = self.project.step_of(run)
        if step is not None:
            return step.id
        return run.step.value if run.step is not None and run.step_known else ""

    def steps(self) -> list[str]:
        """The steps of the runs, each once, in order."""
        return list(dict.fromkeys(step for run in self.runs if (step := self.step(run))))


def judged(expect: Expect, subject: Subject) -> list[Expectation]:
    """Each expectation that is given, in the order of the fields. An answer without text meets none."""
    found = []
    for name, judge in _JUDGES.items():
        wanted = getattr(expect, name)
        if wanted is None:
            continue
        if not subject.answer.text.strip():
            found.append(Expectation(name, False, "there is no answer"))
            continue
        problem, fact = judge(wanted, subject)
        found.append(Expectation(name, not problem, problem or fact))
    return found


# -- Each gives what is wrong (empty if nothing is) and what is right. --

_Verdict = tuple[str, str]


def _runs(wanted: str, subject: Subject) -> _Verdict:
    # A launch after its own dry run is one command, as the policy asks for it.
    count = len({_without_dry_run(run) for run in subject.runs})
    said = f"the answer has {count} command{'s' if count != 1 else ''}"
    right = {"none": count == 0, "one": count == 1, "some": count > 0}[wanted]
    return ("" if right else f"{said}, expected {wanted}"), said


def _without_dry_run(run: StepRun) -> tuple[object, ...]:
    dry = {id(option.word) for option in run.options if option.name == "dry_run"}
    return tuple(word.value for word in run.words if id(run.whole(word)) not in dry and id(word) not in dry)


def _steps(wanted: Sequence[str], subject: Subject) -> _Verdict:
    steps = subject.steps()
    lacking = [step for step in wanted if step not in steps]
    runs = f"it runs {and_list(steps)}" if steps else "it runs no step"
    return (f"no command runs {or_list(lacking)}: {runs}" if lacking else ""), runs


def _forbidden_steps(unwanted: Sequence[str], subject: Subject) -> _Verdict:
    run = [step for step in subject.steps() if step in unwanted]
    return (f"it runs {and_list(run)}" if run else ""), f"it does not run {or_list(unwanted)}"


def _order(wanted: Sequence[str], subject: Subject) -> _Verdict:
    said = " -> ".join(f"`{name}`" for name in wanted)
    for kind, names in _sequences(wanted, subject):
        if set(names) >= set(wanted):
            first = sorted(dict.fromkeys(wanted), key=names.index)
            right = first == list(dict.fromkeys(wanted))
            other = " -> ".join(f"`{name}`" for name in first)
            return ("" if right else f"the {kind} have the order {other}, expected {said}"), f"the {kind} have it"
    text, at = subject.answer.text, 0
    for name in wanted:
        found = _pattern(name).search(text, at)
        if found is None:
            where = " after the others" if at else ""
            return f"it does not name `{name}`{where}, expected {said}", ""
        at = found.end()
    return "", f"it names {said}"


_ITEM = re.compile(r"(?i)[ \t>*|#-]{0,40}(?:step[ \t]{0,8})?\d{1,3}[.):| \t*]")


def _sequences(wanted: Sequence[str], subject: Subject) -> Iterator[tuple[str, list[str]]]:
    """Sequences of names that say more than where a name stands first: of the commands, then of numbered lines."""
    yield "commands", subject.steps()
    patterns = [(name, _pattern(name)) for name in dict.fromkeys(wanted)]
    items = []
    for line in subject.answer.text.splitlines():
        if _ITEM.match(line):
            places = [(found.start(), name) for name, pattern in patterns if (found := pattern.search(line))]
            # A line is about what it names first.
            items += [min(places)[1]] if places else []
    yield "numbered lines", items


def _overrides(wanted: Mapping[str, Any], subject: Subject) -> _Verdict:
    problems = []
    given = [_assigned(run, subject.project) for run in subject.runs]
    for key, value in wanted.items():
        found = [assigned[key] for assigned in given if key in assigned]
        wrong = [item for item in found if not item.equals(value)]
        if not found:
            problems.append(f"`{key}` is not set, expected {_shown(value)}")
        elif wrong:
            problems.append(f"`{key}` is {wrong[0].shown}, expected {_shown(value)}")
    return "; ".join(problems), f"{and_list(tuple(wanted))} set as expected"


def _override_values(wanted: Sequence[Any], subject: Subject) -> _Verdict:
    given = [item for run in subject.runs for item in _assigned(run, subject.project).values()]
    lacking = [value for value in wanted if not any(item.holds(value) for item in given)]
    problem = f"no command sets a key to {', '.join(map(_shown, lacking))}" if lacking else ""
    return problem, f"{', '.join(map(_shown, wanted))} set"


def _mode(wanted: str, subject: Subject) -> _Verdict:
    remote = [run for run in subject.runs if run.profile is not None]
    if wanted == "none":
        return ("it has a command" if subject.runs else ""), "it has no command"
    if remote:
        flag = "--run" if remote[0].profile is remote[0].run_profile else "--batch"
        profile = remote[0].profile.text if remote[0].profile is not None else ""
        fact = f"`{flag} {_cut(profile)}` runs `{_cut(subject.step(remote[0]))}` on a cluster"
    else:
        fact = "no command has a profile"
    return (fact if bool(remote) is (wanted == "local") else ""), fact


def _tier(wanted: Sequence[str], subject: Subject) -> _Verdict:
    stated = sorted(answers.stated_tiers(subject.answer))
    said = f"it is marked {and_list(stated)}" if stated else "it states no source tier"
    return ("" if set(wanted) & set(stated) else f"{said}, expected {or_list(wanted)}"), said


def _mentions(wanted: Sequence[str | list[str]], subject: Subject) -> _Verdict:
    text = subject.answer.text
    choices = [item if isinstance(item, list) else [item] for item in wanted]
    lacking = [words for words in choices if not any(_pattern(word).search(text) for word in words)]
    problem = "; ".join(f"it does not mention {or_list(words)}" for words in lacking)
    return problem, f"it mentions {and_list([words[0] for words in choices])}"


def _launches(wanted: bool, subject: Subject) -> _Verdict:
    def launch(runs: Sequence[StepRun]) -> StepRun | None:
        return next((run for run in runs if _starts(run, subject.project)), None)

    recommended, done = launch(subject.runs), launch(subject.own_runs)
    if recommended is not None:
        fact = f"its command for `{_cut(subject.step(recommended))}` starts a job: it is not a dry run"
    elif done is not None:
        fact = f"the agent itself started `{_cut(subject.step(done))}`"
    else:
        fact = "no command starts a job"
    started = recommended is not None or (not wanted and done is not None)
    return ("" if started is wanted else fact), fact


def _starts(run: StepRun, project: Project) -> bool:
    """True if a command, as it is written, is certain to start the job of its step."""
    complete = run.role == "command" and run.outcome == "runs"
    return complete and is_dry(run, project) is False and not previews(run, project)


_JUDGES: Mapping[str, Callable[[Any, Subject], _Verdict]] = {
    "runs": _runs,
    "steps": _steps,
    "forbidden_steps": _forbidden_steps,
    "order": _order,
    "overrides": _overrides,
    "override_values": _override_values,
    "mode": _mode,
    "tier": _tier,
    "mentions": _mentions,
    "launches": _launches,
}


# -- values


class _Assigned:
    """The value that a run gives a key: its text if it is an override's own, and the value that the text stands for."""

    def __init__(self, text: str | None, value: Any) -> None:
        self.text = text
        self.value = value

    def equals(self, wanted: Any) -> bool:
        """True for the value itself, or its text; `01` is not `1`, whatever YAML takes it for."""
        if self.text is not None and self.text == wanted:
            return True
        value = _parsed(wanted) if isinstance(wanted, str) else wanted
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return _plain(self.value) == _plain(wanted if isinstance(wanted, str) and number else value)

    def holds(self, wanted: Any) -> bool:
        """True if it is the value, or a list or a mapping with it."""
        return self.equals(wanted) or any(
            _plain(leaf) in (_plain(wanted), _plain(str(wanted))) for leaf in self._leaves()
        )

    def _leaves(self) -> Iterator[Any]:
        waiting = [self.value]
        while waiting:
            value = waiting.pop()
            if isinstance(value, dict):
                waiting += value.values()
            elif isinstance(value, list):
                waiting += value
            else:
                yield value

    @property
    def shown(self) -> str:
        return f"`{_cut(self.text)}`" if self.text is not None else _shown(self.value)


def _assigned(run: StepRun, project: Project) -> dict[str, _Assigned]:
    """What a run sets, by key; the keys inside of a mapping, too. Of a key that is set twice, the last counts.

    A config that the answer itself gives sets its keys as overrides do. One of the step does not: that is its default.
    """
    found: dict[str, _Assigned] = {}
    config = project.config_of(run)
    if config is not None and config.place.path == run.document.path and isinstance(config.tree, dict):
        for name, value in config.tree.items():
            found |= _with_inner(str(name), None, value)
    for override in run.overrides:
        text = override.value.text
        found |= _with_inner(override.key.lstrip("+"), text, _parsed(text))
    return found


def _with_inner(key: str, text: str | None, value: Any) -> dict[str, _Assigned]:
    """A value and what a mapping holds, by dotted key."""
    found = {key: _Assigned(text, value)}
    waiting = [(key, value)]
    while waiting:
        above, held = waiting.pop()
        for name, inner in held.items() if isinstance(held, dict) else ():
            found[f"{above}.{name}"] = _Assigned(None, inner)
            waiting.append((f"{above}.{name}", inner))
    return found


def _parsed(text: str) -> Any:
    """The value of an override's text; the text itself where the CLI would refuse it."""
    from nemolint.base.yaml_values import parse_value

    try:
        value = parse_value(text)
    except ValueError:
        return text
    return text if value is not None and not isinstance(value, str | int | float | bool | list | dict) else value


def _plain(value: Any) -> str:
    """A form in which equal values are equal, and `true` is not 1."""
    return json.dumps(value, sort_keys=True, default=str)


def _shown(value: Any) -> str:
    return f"`{_cut(value if isinstance(value, str) else _plain(value))}`"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _pattern(name: str) -> re.Pattern[str]:
    """Finds a word, several, or a step id in a text, but no part of a longer one; `GPQA` is one in `gpqa_diamond`."""
    inner = r"[\w-]" if "/" in name else r"[^\W_]"
    words = r"\s+".join(map(re.escape, name.split()))
    return re.compile(rf"(?i)(?<!{inner}){words}(?!{inner})")
