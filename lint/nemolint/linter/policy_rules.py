"""Policies of the settings as rules: `rules_of` makes one of each entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, cached_property, partial

from nemolint.analysis.policy import Policy, breaches, masked_demand
from nemolint.base.visible import visible
from nemolint.linter.rule import Example, Finding, Rule
from nemolint.settings_file import masker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nemolint.base.choices import Severity, Surface
    from nemolint.invocation import StepRun
    from nemolint.project import Project
    from nemolint.settings import Settings

_SURFACES: tuple[Surface, ...] = ("script", "doc", "comment", "answer")


def rules_of(settings: Settings) -> dict[str, Rule]:
    """A rule for each policy of some settings, by name."""
    return {policy.name: rule_of(policy, settings.root) for policy in settings.policies}


def rule_of(policy: Policy, root: str | None = None, *, any_file: bool = False) -> Rule:
    """The rule that a policy is. `root`: the folder of the settings in force.

    `any_file`: it looks at each file, whatever its name: its examples without a path show the command alone.
    """
    if root is not None and root not in policy.roots:
        policy = policy._replace(roots=(*policy.roots, root))
    if any_file:
        selects = {name: value for name, value in policy.selects.items() if name not in ("files", "not-files")}
        policy = policy._replace(selects=selects)
    text = policy.message.rstrip(". ")

    # Made when there is something to say, which is seldom.
    mask = cache(partial(masker, policy))

    def judge(run: StepRun, project: Project) -> Iterator[Finding]:
        for breach in breaches(run, project, policy):
            yield Finding(breach.at, mask()(f"{text}: {breach.why}"))

    return _PolicyRule(
        policy,
        name=policy.name,
        visits="StepRun",
        function=judge,
        group="policy",
        severity={surface: _level(policy, surface) for surface in _SURFACES},
        examples=(
            *(_example(item, good=True) for item in policy.good),
            *(_example(item, good=False) for item in policy.bad),
        ),
        file=policy.file,
        final=policy.locked,
        locked=policy.locked,
    )


class _PolicyRule(Rule):
    """The rule that a policy is. Its docs are written when they are read, which a check without findings never does."""

    def __init__(self, policy: Policy, **declared: Any) -> None:
        super().__init__(**declared)
        self._policy = policy

    @cached_property
    def doc(self) -> str:
        """What it is about, what it looks at and what it demands."""
        return masker(self._policy)(_doc(self._policy))

    def shown(self, text: str) -> str:
        """A text of an example without the secrets of the policy's file."""
        return masker(self._policy)(text)


def _level(policy: Policy, surface: Surface) -> Severity | None:
    level = policy.severity.get(surface, "off")
    wanted, unwanted = policy.selects.get("surfaces"), policy.selects.get("not-surfaces", ())
    if level == "off" or (wanted and surface not in wanted) or surface in unwanted:
        return None
    return level


def _doc(policy: Policy) -> str:
    parts = [policy.message, policy.help.strip(), *_facts(policy), f"Written in {policy.place}."]
    if policy.locked:
        parts.append("It is locked: no setting, suppression or baseline hides it.")
    # It goes to a terminal as it is, and settings come with what is checked.
    return "\n\n".join("\n".join(map(visible, part.split("\n"))) for part in parts if part)


def _facts(policy: Policy) -> Iterator[str]:
    """What a policy looks at and what it demands, as it is written."""
    demands = {
        name: {key: masked_demand(key, wanted) for key, wanted in value.items()}
        if isinstance(value, Mapping)
        else value
        for name, value in policy.demands.items()
    }
    for title, values in (("Looks at", policy.selects), ("Demands", demands)):
        shown = [f"`{name} = {_toml(value)}`" for name, value in values.items()]
        if shown:
            yield f"{title}: {', '.join(shown)}."


def _toml(value: Any) -> str:
    """A value as TOML; a table that only names keys as their list."""
    import json

    if isinstance(value, Mapping):
        if all(item is None for item in value.values()):
            return _toml([*value])
        pairs = (f"{json.dumps(name)} = {_toml(item)}" for name, item in value.items() if item is not None)
        return f"{{ {', '.join(pairs)} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)


def _example(table: Mapping[str, Any], *, good: bool) -> Example:
    return Example(
        table["text"],
        good,
        files=table.get("files") or {},
        path=table.get("path"),
        surface=table.get("surface"),
        message=table.get("message"),
    )
