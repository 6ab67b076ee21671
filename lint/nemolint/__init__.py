"""nemolint: checks `nemotron steps run` commands where they are written.

This module is the plugin API: what a rule pack may rely on while `API_VERSION` stays the same. A rule is a function
decorated with `@rule(good(…), bad(…), group=…)`, alone in its module, in a package that the entry point group
`nemolint.rules` names. The names below, their public attributes and the `check_example` harness of `nemolint.testing`
are the API; everything else may change.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

API_VERSION = 1
__version__ = "0.1.0"

if TYPE_CHECKING:
    from nemolint.document import Document as Document, Region as Region, Span as Span
    from nemolint.invocation import Option as Option, Override as Override, StepRun as StepRun, Value as Value
    from nemolint.project import Project as Project
    from nemolint.project.facts import (
        ConfigFile as ConfigFile,
        EnvFile as EnvFile,
        Place as Place,
        Profile as Profile,
        Step as Step,
    )
    from nemolint.rule import (
        Edit as Edit,
        Finding as Finding,
        Fix as Fix,
        Related as Related,
        Rule as Rule,
        bad as bad,
        good as good,
        rule as rule,
    )
    from nemolint.shell.model import Assignment as Assignment, Command as Command, Word as Word

_HOME = {
    "Assignment": "nemolint.shell.model",
    "Command": "nemolint.shell.model",
    "ConfigFile": "nemolint.project.facts",
    "Document": "nemolint.document",
    "Edit": "nemolint.rule",
    "EnvFile": "nemolint.project.facts",
    "Finding": "nemolint.rule",
    "Fix": "nemolint.rule",
    "Option": "nemolint.invocation",
    "Override": "nemolint.invocation",
    "Place": "nemolint.project.facts",
    "Profile": "nemolint.project.facts",
    "Project": "nemolint.project",
    "Region": "nemolint.document",
    "Related": "nemolint.rule",
    "Rule": "nemolint.rule",
    "Span": "nemolint.document",
    "Step": "nemolint.project.facts",
    "StepRun": "nemolint.invocation",
    "Value": "nemolint.invocation",
    "Word": "nemolint.shell.model",
    "bad": "nemolint.rule",
    "good": "nemolint.rule",
    "rule": "nemolint.rule",
}

__all__ = [  # noqa: PLE0604 - the names are loaded on first use, so that `nemolint --version` starts fast
    "API_VERSION",
    *sorted(_HOME),
]


def __getattr__(name: str) -> object:
    """Load an API name on first use."""
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


class _Api(ModuleType):
    def __setattr__(self, name: str, value: object) -> None:
        """Keep the decorator `rule` visible: importing the submodule of that name would put it in its place."""
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Api
