"""Settings held against what there is: the names and options of rules, and the steps of the project."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from nemolint.base.close_matches import and_list, did_you_mean
from nemolint.settings import ALL, Settings, SettingsError, SettingsOverride
from nemolint.settings_file import place_of, without_secrets

if TYPE_CHECKING:
    from nemolint.linter.rule import Rule
    from nemolint.project import Project


def check_rules(settings: Settings, rules: Mapping[str, Rule]) -> None:
    """Raise SettingsError for a name that is neither a rule, a group nor `all`, and for unknown options of rules."""
    try:
        _check_rules(settings, rules)
    except SettingsError as error:
        raise SettingsError(without_secrets(settings, str(error))) from None


def _check_rules(settings: Settings, rules: Mapping[str, Rule]) -> None:
    for key, names in (
        ("select", settings.select or ()),
        ("ignore", settings.ignore),
        ("extend-select", settings.extend_select),
        *((f"per-file-ignores.{pattern}", names) for pattern, names in settings.per_file_ignores.items()),
    ):
        for name in names:
            if problem := unknown_rule(name, rules):
                raise SettingsError(f"{place_of(settings, *key.split('.', 1))}: {key}: {problem}")
    for key, keyed in (("severity", settings.severity), ("rules", settings.rules)):
        for name in keyed:
            if name not in rules:
                raise SettingsError(
                    f"{place_of(settings, key, name)}: {key}: {unknown_rule(name, rules, groups=False)}"
                )
    for number, item in enumerate(settings.overrides):
        _check_override(settings, number, item, rules)
    for name, values in settings.rules.items():
        _check_options(settings, rules[name], values)


def _check_override(settings: Settings, number: int, item: SettingsOverride, rules: Mapping[str, Rule]) -> None:
    for key, names in (("ignore", item.ignore), ("extend-select", item.extend_select), ("severity", item.severity)):
        for name in names:
            if problem := unknown_rule(name, rules, groups=key != "severity"):
                place = place_of(settings, "overrides", str(number), key)
                raise SettingsError(f"{place}: overrides.{number}.{key}: {problem}")


def _check_options(settings: Settings, rule: Rule, values: Mapping[str, object]) -> None:
    if rule.options is None:
        raise SettingsError(f"{place_of(settings, 'rules', rule.name)}: rules.{rule.name}: this rule has no options")
    from dataclasses import fields

    known = [item.name for item in fields(rule.options)]
    for option in values:
        if option not in known:
            shown = option.replace("_", "-")
            hint = did_you_mean(shown, (name.replace("_", "-") for name in known))
            place = place_of(settings, "rules", rule.name, shown)
            raise SettingsError(f"{place}: rules.{rule.name}.{shown}: unknown option{hint}")
    from nemolint.settings_model import option_problem

    if problem := option_problem(rule.options, values):
        raise SettingsError(
            f"{place_of(settings, 'rules', rule.name, *problem.key)}: rules.{rule.name}.{problem.message}"
        )


def unknown_rule(name: str, rules: Mapping[str, Rule], *, groups: bool = True) -> str | None:
    """What is wrong with a rule name, with the closest name; None if it is a rule (or a group, or `all`)."""
    if name in rules:
        return None
    known = list(rules)
    if groups:
        of_groups = {rule.group for rule in rules.values()}
        if name == ALL or name in of_groups:
            return None
        known += [*of_groups, ALL]
    elif group := group_text(name, rules):
        return group
    return f"there is no rule `{name}`{did_you_mean(name, known)}"


def group_text(name: str, rules: Mapping[str, Rule]) -> str | None:
    """The message for a group's name in place of a rule's; None if there is no such group."""
    inside = sorted(rule.name for rule in rules.values() if rule.group == name)
    return f"`{name}` is a group, not a rule (it holds {and_list(inside)})" if inside else None


def step_problems(settings: Settings, project: Project) -> Iterator[str]:
    """What is wrong with steps: facts of a step that the checkout lacks. Nothing is said without a checkout."""
    if project.root is None:
        return
    from nemolint.project.checkout import STEPS

    for step_id in settings.steps:
        if step_id not in project.steps and not (project.root / STEPS / step_id).exists():
            place = place_of(settings, "steps", step_id)
            yield f'{place}: steps."{step_id}": unknown step{did_you_mean(step_id, project.steps)}'


def input_problems(settings: Settings, project: Project) -> Iterator[str]:
    """Problems of `inputs`: an unknown step, or a key that its step does not read.

    Empty without a checkout, or if it cannot be decided. These are not errors: another branch may have the step.
    """
    if project.root is None or not settings.inputs:
        return
    from nemolint.base.close_matches import near_names
    from nemolint.project.checkout import STEPS

    for name in settings.inputs:
        step_id, _, key = name.partition(":")
        step = project.steps.get(step_id)
        problem = ""
        if step is None:
            # A folder without a readable manifest has its own finding.
            if not (project.root / STEPS / step_id).exists():
                problem = f"there is no step `{step_id}`{did_you_mean(step_id, project.steps)}"
        elif project.key_home(step, key) is False:
            close = near_names(key, project.known_keys(step), most=1)
            if close or project.passes_unlisted_keys(step) is False:
                hint = f" (did you mean `{close[0]}`?)" if close else ""
                problem = f"{step_id} does not read a key `{key}`{hint}"
        if problem:
            yield f'{place_of(settings, "inputs", name)}: inputs."{name}": {problem}'
