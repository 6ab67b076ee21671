"""Runs the examples of a rule through the real engine, plain and wrapped into other containers."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping

from nemolint.base.paths import joined
from nemolint.document import Document
from nemolint.linter.checker import Checker
from nemolint.linter.diagnostic import Diagnostic
from nemolint.linter.fix import FixState, fix_text
from nemolint.linter.rule import RANK, Example, Rule
from nemolint.linter.wrapping import WRAPPERS, Wrapped, wrappings
from nemolint.settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def examples(rules: Iterable[Rule] | Mapping[str, Rule]) -> Iterator[tuple[Rule, Example]]:
    """Each rule with each of its examples."""
    for rule in rules.values() if isinstance(rules, Mapping) else rules:
        for example in rule.examples:
            yield rule, example


def check_example(rule: Rule, example: Example, rules: Mapping[str, Rule] | None = None) -> None:
    """Check one example. Raises AssertionError with the container, what was expected and what was found.

    A `bad` example must give findings exactly at its carets, in every container, with a fix that gives `fixed` (or no
    fix), is stable and introduces no finding of any rule; a `good` one must give none. In a container whose surface the
    rule does not apply to, nothing may be found.
    """
    every = {**(rules or {}), rule.name: rule}
    for name, wrapped in wrappings(example):
        with tempfile.TemporaryDirectory(prefix="nemolint-") as folder:
            _check_wrapped(rule, example, every, name, wrapped, os.path.realpath(folder))


def fix_safety(rule: Rule, rules: Mapping[str, Rule]) -> frozenset[bool]:
    """Whether the fixes that the rule's examples show are safe: True, False, or both; empty if it has none."""
    found = [item for example in rule.examples if example.fixed is not None for item in _plainly(rule, example, rules)]
    return frozenset(item.fix.safe for item in found if item.fix is not None)


def reported_severities(rule: Rule, shown: Iterable[Example], rules: Mapping[str, Rule]) -> dict[int, str]:
    """The severity that is reported in each example, by its id: the highest, if there are several findings."""
    return {
        id(example): max((item.severity for item in _plainly(rule, example, rules)), key=RANK.__getitem__, default="")
        for example in shown
    }


def _plainly(rule: Rule, example: Example, rules: Mapping[str, Rule]) -> list[Diagnostic]:
    """The findings of the rule in an example by itself."""
    _, wrapped = next(iter(wrappings(example)))
    with tempfile.TemporaryDirectory(prefix="nemolint-") as folder:
        checker, document = _prepared(rule, example, {**rules, rule.name: rule}, wrapped, os.path.realpath(folder))
        return [item for item in checker.check(document) if item.rule == rule.name]


def _prepared(
    rule: Rule, example: Example, every: Mapping[str, Rule], wrapped: Wrapped, root: str
) -> tuple[Checker, Document]:
    """A checker for a wrapped example, with its files in `root`, and the document."""
    for path, content in example.files.items():
        _write(joined(root, path), content)
    target = joined(root, wrapped.path)
    _write(target, wrapped.text)
    settings = _settings(example, root, (rule.name,))
    checker = Checker(settings, cwd=root, environ={}, rules=every, prompt=example.prompt)
    return checker, checker.read(target)


def _write(file: str, text: str) -> None:
    os.makedirs(os.path.dirname(file), exist_ok=True)
    with open(file, "w", encoding="utf-8", newline="") as opened:
        opened.write(text)


def _check_wrapped(
    rule: Rule, example: Example, every: Mapping[str, Rule], name: str, wrapped: Wrapped, root: str
) -> None:
    where = f"{rule.name}, example in {name} container:\n{wrapped.text}"
    checker, document = _prepared(rule, example, every, wrapped, root)
    if _out_of_role(rule, example, document):
        return
    found = [item for item in checker.check(document) if item.rule == rule.name]
    assert not checker.internal_errors, f"{where}\n{checker.internal_errors}"
    surfaces = {region.surface for region in document.regions} or {"script"}
    judged = any(rule.severity[surface] is not None for surface in surfaces)
    expected = [wrapped.span(*caret) for caret in example.carets] if judged else []
    spans = [(item.start, item.end) for item in found]
    assert sorted(spans) == sorted(expected), (
        f"{where}\nexpected {_shown(wrapped.text, expected)}\nfound    {_shown(wrapped.text, spans)}\n"
        + "\n".join(item.message for item in found)
    )
    if example.good or not expected:
        return
    for item in found:
        assert RANK[item.severity] <= max(RANK[s] for s in rule.severity.values() if s is not None), where
        if example.severity is not None and name in ("plain", "own", "answer", "comment"):
            assert item.severity == example.severity, f"{where}\nseverity {item.severity}"
        if example.message is not None:
            assert example.message in item.message, f"{where}\nmessage: {item.message}"
    _check_fix(checker, example, every, name, wrapped, document, found, where)


def _settings(example: Example, root: str, select: tuple[str, ...] | None = None) -> Settings:
    """Settings for an example: those that it declares, with its env file in the example's folder."""
    values: dict[str, Any] = dict(example.settings)
    if "env_file" in values:
        values["env_file"] = joined(root, values["env_file"])
    return Settings(root=root, select=select)._replace(**values)


def _out_of_role(rule: Rule, example: Example, document: Document) -> bool:
    """True if the document turns the example into a template, which the rule does not check by design."""
    if rule.all_roles or example.path is not None or example.surface is not None:
        return False
    return any(run.role != "command" for run in document.runs)


def _shown(text: str, spans: Iterable[tuple[int, int]]) -> list[str]:
    return [f"{start}:{end} {text[start:end]!r}" for start, end in sorted(spans)]


def _check_fix(
    one: Checker,
    example: Example,
    every: Mapping[str, Rule],
    name: str,
    wrapped: Wrapped,
    document: Document,
    found: list[Diagnostic],
    where: str,
) -> None:
    fixes = [item.fix for item in found if item.fix is not None]
    if example.fixed is None:
        assert not fixes, f"{where}\nthe example declares no fix, but there is one: {fixes}"
        return
    for fix in fixes:
        assert fix.title[:1].isupper() and not fix.title.endswith("."), f"{where}\nthe title of a fix: {fix.title!r}"
    root = one.cwd
    target = joined(root, wrapped.path)
    every_rule = Checker(_settings(example, root), cwd=root, environ={}, rules=every, prompt=example.prompt)

    def check(text: str) -> FixState:
        fixed = one.read(target, text.encode("utf-8", "surrogateescape"))
        return FixState(fixed, one.check(fixed))

    if name != "plain" and not fixes:
        return  # the container does not let the fix be written
    result = fix_text(FixState(document, found), check, unsafe=True)
    expected = example.fixed + "\n" if name == "own" else WRAPPERS[name](example.fixed).text
    assert result.text == expected, f"{where}\nthe fix gives\n{result.text}\ninstead of\n{expected}"
    assert not [item for item in result.remaining if item.fix is not None], (
        f"{where}\nthe fix is not stable: {result.remaining}"
    )
    before = every_rule.check(document)
    after = every_rule.check(every_rule.read(target, result.text.encode("utf-8", "surrogateescape")))
    # A rule that yields reports only once the run can start.
    more = {item for item in _counts(after) - _counts(before) if not every[item[0]].yields}
    assert not more, f"{where}\nthe fix introduces findings: {sorted(more)}"


def _counts(diagnostics: Iterable[Diagnostic]) -> set[tuple[str, int]]:
    """Each rule with the ordinals of its findings, so that a difference shows the new ones."""
    seen: dict[str, int] = {}
    result = set()
    for item in diagnostics:
        seen[item.rule] = seen.get(item.rule, 0) + 1
        result.add((item.rule, seen[item.rule]))
    return result
