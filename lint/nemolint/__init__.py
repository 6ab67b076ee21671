"""nemolint: checks `nemotron steps run` commands where they are written.

This module is the plugin API: what a rule pack may rely on while `API_VERSION` stays the same. A rule is a function
decorated with `@rule(good(…), bad(…), group=…)`, alone in its module, in a package that the entry point group
`nemolint.rules` names. The names below, their public attributes and the `check_example` harness of `nemolint.testing`
are the API; everything else may change.
"""

from __future__ import annotations

import sys
from types import ModuleType

API_VERSION = 1
__version__ = "0.1.0"

# As in `typing`, whose import would cost more than a check of a tree that did not change.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.document import Document as Document, Region as Region, Span as Span
    from nemolint.invocation import Option as Option, Override as Override, StepRun as StepRun, Value as Value
    from nemolint.linter.rule import (
        Edit as Edit,
        Finding as Finding,
        Fix as Fix,
        Related as Related,
        Rule as Rule,
        bad as bad,
        good as good,
        rule as rule,
    )
    from nemolint.project import Project as Project
    from nemolint.project.model import (
        ConfigFile as ConfigFile,
        EnvFile as EnvFile,
        Place as Place,
        Profile as Profile,
        Step as Step,
    )
    from nemolint.shell.command import Assignment as Assignment, Command as Command, Word as Word

_HOME = {
    "Assignment": "nemolint.shell.command",
    "Command": "nemolint.shell.command",
    "ConfigFile": "nemolint.project.model",
    "Document": "nemolint.document",
    "Edit": "nemolint.linter.rule",
    "EnvFile": "nemolint.project.model",
    "Finding": "nemolint.linter.rule",
    "Fix": "nemolint.linter.rule",
    "Option": "nemolint.invocation",
    "Override": "nemolint.invocation",
    "Place": "nemolint.project.model",
    "Profile": "nemolint.project.model",
    "Project": "nemolint.project",
    "Region": "nemolint.document",
    "Related": "nemolint.linter.rule",
    "Rule": "nemolint.linter.rule",
    "Span": "nemolint.document",
    "Step": "nemolint.project.model",
    "StepRun": "nemolint.invocation",
    "Value": "nemolint.invocation",
    "Word": "nemolint.shell.command",
    "bad": "nemolint.linter.rule",
    "good": "nemolint.linter.rule",
    "rule": "nemolint.linter.rule",
}

__all__ = [
    "API_VERSION",
    *sorted(_HOME),
]


def __getattr__(name: str) -> object:
    """Load an API name on first use."""
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


class _Api(ModuleType):
    def __setattr__(self, name: str, value: object) -> None:
        """Keep the decorator `rule` visible: importing the submodule of that name would put it in its place."""
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Api
