"""Settings held against what there is: the names and options of rules, and the steps of the project."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping

from nemolint.base.close_matches import and_list, did_you_mean
from nemolint.base.paths import joined
from nemolint.settings import ALL, POLICIES, Settings, SettingsError, SettingsOverride
from nemolint.settings_file import place_of, place_of_policy, without_secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.linter.rule import Rule
    from nemolint.project import Project


def check_rules(settings: Settings, rules: Mapping[str, Rule]) -> None:
    """Raise SettingsError for a name that is neither a rule, a group nor `all`, and for unknown options of rules."""
    try:
        _check_rules(settings, rules)
    except SettingsError as error:
        raise SettingsError(without_secrets(settings, str(error))) from None


def check_policies(settings: Settings, rules: Mapping[str, Rule]) -> None:
    """Raise SettingsError for a policy with the name of a rule, of a group, or of another policy."""
    groups = {rule.group for rule in rules.values()}
    known: dict[str, str] = {}
    for policy in settings.policies:
        name = policy.name
        other = "is a rule of nemolint" if name in rules else known.get(name, "")
        if name in groups or name in (ALL, POLICIES):
            other = "is a group of rules"
        if other:
            raise SettingsError(f"{policy.place}: policy: `{name}` {other}: choose another name")
        known[name] = f"is already defined in {policy.place}"


def locked_problem(name: str, rules: Mapping[str, Rule]) -> str | None:
    """Why settings must not name a rule to turn it off or to change its severity; None if they may."""
    rule = rules.get(name)
    if rule is None or not rule.locked:
        return None
    return f"policy `{name}` is locked ({rule.file}), so it cannot be turned off or changed: remove it here"


def _check_rules(settings: Settings, rules: Mapping[str, Rule]) -> None:
    for key, names in (
        ("select", settings.select or ()),
        ("ignore", settings.ignore),
        ("extend-select", settings.extend_select),
        *((f"per-file-ignores.{pattern}", names) for pattern, names in settings.per_file_ignores.items()),
    ):
        for name in names:
            locked = locked_problem(name, rules) if "ignore" in key else None
            if problem := unknown_rule(name, rules) or locked:
                raise SettingsError(f"{place_of(settings, *key.split('.', 1))}: {key}: {problem}")
    for key, keyed in (("severity", settings.severity), ("rules", settings.rules)):
        for name in keyed:
            if name not in rules:
                raise SettingsError(
                    f"{place_of(settings, key, name)}: {key}: {unknown_rule(name, rules, groups=False)}"
                )
    for name in settings.severity:
        if problem := locked_problem(name, rules):
            raise SettingsError(f"{place_of(settings, 'severity', name)}: severity: {problem}")
    for number, item in enumerate(settings.overrides):
        _check_override(settings, number, item, rules)
    for name, values in settings.rules.items():
        _check_options(settings, rules[name], values)


def _check_override(settings: Settings, number: int, item: SettingsOverride, rules: Mapping[str, Rule]) -> None:
    for key, names in (("ignore", item.ignore), ("extend-select", item.extend_select), ("severity", item.severity)):
        for name in names:
            locked = locked_problem(name, rules) if key != "extend-select" else None
            if problem := unknown_rule(name, rules, groups=key != "severity") or locked:
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
        of_groups = {POLICIES, *(rule.group for rule in rules.values())}
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
    from nemolint.project.checkout import steps_folder

    for step_id in settings.steps:
        if step_id not in project.steps and not os.path.exists(joined(steps_folder(project.root), step_id)):
            place = place_of(settings, "steps", step_id)
            yield f'{place}: steps."{step_id}": unknown step{did_you_mean(step_id, project.steps)}'


def policy_problems(settings: Settings, project: Project) -> Iterator[str]:
    """Steps of policies that there are not: none of the checkout, nor a group that has locked policies in `ignore`.

    Without a checkout only what is misspelled is named, since the steps of a team are not known then.
    """
    from fnmatch import translate

    steps = project.steps
    for policy in settings.policies:
        lists = {name: policy.selects.get(name, ()) for name in ("steps", "not-steps")}
        lists["forbid-step"] = tuple(policy.demands.get("forbid-step", ()))
        for key, patterns in lists.items():
            for pattern in patterns:
                match = re.compile(translate(pattern)).match
                if any(match(step) for step in steps) or project.match(pattern).step is not None:
                    continue
                hint = did_you_mean(pattern, steps)
                if project.root is not None or hint:
                    yield (
                        f"{place_of_policy(policy, key)}: policy `{policy.name}`: {key}: no step matches "
                        f'"{pattern}"{hint}'
                    )
    locked = [policy.name for policy in settings.policies if policy.locked]
    hidden = {*settings.ignore} | {name for names in settings.per_file_ignores.values() for name in names}
    if locked and hidden & {ALL, POLICIES}:
        yield f"{settings.source or 'the settings'}: ignore: what is locked stays on: {and_list(locked)}"


def key_problems(settings: Settings, project: Project) -> Iterator[str]:
    """Keys of policies that no step reads among those that the policy looks at, and that are close to one that is read.

    Nothing is said where a step may pass such a key on to a library.
    """
    from nemolint.analysis.policy import matches_any
    from nemolint.base.close_matches import near_names

    for policy in settings.policies:
        wanted, unwanted = policy.selects.get("steps", ("*",)), policy.selects.get("not-steps", ())
        steps = [
            step
            for name, step in project.steps.items()
            if matches_any(wanted, name) and not matches_any(unwanted, name)
        ]
        for demand in ("require-override", "forbid-override"):
            for key in policy.demands.get(demand, ()) if steps else ():
                if any(project.key_home(step, key) is not False for step in steps):
                    continue
                close = sorted({name for step in steps for name in near_names(key, project.known_keys(step), most=1)})
                if close or all(project.passes_unlisted_keys(step, key) is False for step in steps):
                    hint = f" (did you mean `{close[0]}`?)" if close else ""
                    place = place_of_policy(policy, demand, key)
                    yield f"{place}: policy `{policy.name}`: {demand}: no step that it looks at reads `{key}`{hint}"


def input_problems(settings: Settings, project: Project) -> Iterator[str]:
    """Problems of `inputs`: an unknown step, or a key that its step does not read.

    Empty without a checkout, or if it cannot be decided. These are not errors: another branch may have the step.
    """
    if project.root is None or not settings.inputs:
        return
    from nemolint.base.close_matches import near_names
    from nemolint.project.checkout import steps_folder

    for name in settings.inputs:
        step_id, _, key = name.partition(":")
        step = project.steps.get(step_id)
        problem = ""
        if step is None:
            # A folder without a readable manifest has its own finding.
            if not os.path.exists(joined(steps_folder(project.root), step_id)):
                problem = f"there is no step `{step_id}`{did_you_mean(step_id, project.steps)}"
        elif project.key_home(step, key) is False:
            close = near_names(key, project.known_keys(step), most=1)
            if close or project.passes_unlisted_keys(step) is False:
                hint = f" (did you mean `{close[0]}`?)" if close else ""
                problem = f"{step_id} does not read a key `{key}`{hint}"
        if problem:
            yield f'{place_of(settings, "inputs", name)}: inputs."{name}": {problem}'
