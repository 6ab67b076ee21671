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
    from nemolint.document import Document as Document
    from nemolint.document import Region as Region
    from nemolint.document import Span as Span
    from nemolint.invocation import Option as Option
    from nemolint.invocation import Override as Override
    from nemolint.invocation import StepRun as StepRun
    from nemolint.invocation import Value as Value
    from nemolint.project import Project as Project
    from nemolint.project.facts import (
        ConfigFile as ConfigFile,
    )
    from nemolint.project.facts import (
        EnvFile as EnvFile,
    )
    from nemolint.project.facts import (
        Place as Place,
    )
    from nemolint.project.facts import (
        Profile as Profile,
    )
    from nemolint.project.facts import (
        Step as Step,
    )
    from nemolint.rule import (
        Edit as Edit,
    )
    from nemolint.rule import (
        Finding as Finding,
    )
    from nemolint.rule import (
        Fix as Fix,
    )
    from nemolint.rule import (
        Related as Related,
    )
    from nemolint.rule import (
        Rule as Rule,
    )
    from nemolint.rule import (
        bad as bad,
    )
    from nemolint.rule import (
        good as good,
    )
    from nemolint.rule import (
        rule as rule,
    )
    from nemolint.shell.model import Assignment as Assignment
    from nemolint.shell.model import Command as Command
    from nemolint.shell.model import Word as Word

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
