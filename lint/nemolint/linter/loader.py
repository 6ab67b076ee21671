"""Loading rules: every module of every package that the entry point group `nemolint.rules` names."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import import_module
from importlib.machinery import all_suffixes

from nemolint.linter.packs import packs
from nemolint.linter.rule import InvalidRule, Rule, reporters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.settings import Settings


@lru_cache(maxsize=1)
def load_rules() -> Mapping[str, Rule]:
    """All installed rules by name, sorted. Raises InvalidRule for a pack that cannot be loaded."""
    rules: dict[str, Rule] = {}
    for package in packs(sys.path):
        for rule in load_pack(package):
            other = rules.get(rule.name)
            if other is not None and other.file != rule.file:
                raise InvalidRule(f"{rule.file}: rule {rule.name} is already defined in {other.file}")
            rules[rule.name] = rule
    standing = reporters(rules)
    for rule in rules.values():
        if rule.reports is not None and standing[rule.reports] is not rule:
            other = standing[rule.reports]
            raise InvalidRule(f"{other.file}: rule {other.name} reports {rule.reports}, as rule {rule.name} does")
    return dict(sorted(rules.items()))


def load_pack(package: str) -> list[Rule]:
    """The rules of a package: one per module, named like the module. Raises InvalidRule if that is not so."""
    try:
        home = import_module(package)
    except ImportError as error:
        raise InvalidRule(f"rule pack {package} cannot be imported: {error}") from error
    rules: list[Rule] = []
    for name in sorted({name for folder in home.__path__ for name in _modules(folder)}):
        if name.startswith("_"):
            continue
        try:
            loaded = import_module(f"{package}.{name}")
        except InvalidRule:
            raise
        except Exception as error:
            raise InvalidRule(f"rule module {package}.{name} cannot be imported: {error}") from error
        rule = getattr(loaded, name, None)
        if not isinstance(rule, Rule):
            raise InvalidRule(f"{loaded.__file__}: does not define a rule named {name}")
        rules.append(rule)
    return rules


def check_names(settings: Settings, rules: Mapping[str, Rule]) -> None:
    """Raise SettingsError if the settings name a rule that does not exist, or define one that does."""
    from nemolint.settings_check import check_policies, check_rules

    if settings.policies:
        from nemolint.linter.policy_rules import rules_of

        check_policies(settings, rules)
        rules = {**rules, **rules_of(settings)}
    check_rules(settings, rules)


def _modules(folder: str) -> Iterator[str]:
    """The names of the modules in a package's folder, as `pkgutil` finds them, which imports a dozen others for it."""
    if not os.path.isdir(folder):  # a package in a zip file
        from pkgutil import iter_modules

        yield from (module.name for module in iter_modules([folder]))
        return
    for entry in os.listdir(folder):
        suffix = next((suffix for suffix in all_suffixes() if entry.endswith(suffix)), "")
        name = entry.removesuffix(suffix)
        if name != "__init__" and "." not in name and (suffix or _is_package(os.path.join(folder, entry))):
            yield name


def _is_package(folder: str) -> bool:
    return os.path.isfile(os.path.join(folder, "__init__.py"))
