"""nemolint: checks `nemotron steps run` commands where they are written.

This module is the public API: all that a rule, a rule pack or a program may import. The rest of the package may change
at any time; this module changes only together with `API_VERSION`.

* A rule is a function decorated with `@rule(good(…), bad(…), group=…)`, alone in its module, in a package that the
  entry point group `nemolint.rules` names. The type of its first parameter says what it visits: `StepRun`, `Command`,
  `Region`, `Document`, `EnvFile` or `ConfigFile`. `nemolint.testing.check_example` runs its examples.
* A program calls `check_text` and `find_runs`.

Offsets are code points, lines and columns count from 1. `docs/api.md` lists every name with its docstring.
"""

from __future__ import annotations

API_VERSION = 3

# As in `typing`, whose import would take longer than a check of an unchanged tree.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint import secrets as secrets
    from nemolint.analysis import (
        artifacts as artifacts,
        caching as caching,
        confirmation as confirmation,
        dry_runs as dry_runs,
        eval_tasks as eval_tasks,
        globs as globs,
        introduced as introduced,
        languages as languages,
        launch_cost as launch_cost,
        lengths as lengths,
        misspellings as misspellings,
        needed_values as needed_values,
        output as output,
        page_text as page_text,
        placeholders as placeholders,
        profile_in_force as profile_in_force,
        quoting as quoting,
        services as services,
    )
    from nemolint.analysis.answers import answers as answers, callouts as callouts, given_values as given_values
    from nemolint.base.choices import Severity as Severity
    from nemolint.base.close_matches import (
        and_list as and_list,
        close_matches as close_matches,
        near_names as near_names,
        or_list as or_list,
    )
    from nemolint.base.named_tuple import NamedTuple as NamedTuple
    from nemolint.base.patterns import lazily as lazily
    from nemolint.base.version import __version__ as __version__
    from nemolint.document import Document as Document, Region as Region, Span as Span
    from nemolint.invocation import (
        Misplaced as Misplaced,
        Misuse as Misuse,
        Option as Option,
        Override as Override,
        StepRun as StepRun,
        Value as Value,
    )
    from nemolint.linter.checker import check_text as check_text
    from nemolint.linter.diagnostic import Diagnostic as Diagnostic
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
    from nemolint.project import Project as Project, overrides as overrides
    from nemolint.project.effective import Effective as Effective, Refusal as Refusal
    from nemolint.project.known import Known as Known, Required as Required
    from nemolint.project.model import (
        MISSING as MISSING,
        UNKNOWN as UNKNOWN,
        Artifact as Artifact,
        ConfigFile as ConfigFile,
        EnvFile as EnvFile,
        Place as Place,
        Profile as Profile,
        Step as Step,
        Tree as Tree,
    )
    from nemolint.project.passthrough import Passed as Passed
    from nemolint.reader import find_runs as find_runs
    from nemolint.settings import Settings as Settings
    from nemolint.shell.cli_options import LONG as LONG, OPTIONS as OPTIONS
    from nemolint.shell.command import Assignment as Assignment, Command as Command, Word as Word

# Module -> the names that it provides.
HOMES = {
    "nemolint.base.choices": ("Severity",),
    "nemolint.base.close_matches": ("and_list", "close_matches", "near_names", "or_list"),
    "nemolint.base.named_tuple": ("NamedTuple",),
    "nemolint.base.patterns": ("lazily",),
    "nemolint.base.version": ("__version__",),
    "nemolint.document": ("Document", "Region", "Span"),
    "nemolint.invocation": ("Misplaced", "Misuse", "Option", "Override", "StepRun", "Value"),
    "nemolint.linter.checker": ("check_text",),
    "nemolint.linter.diagnostic": ("Diagnostic",),
    "nemolint.linter.rule": ("Edit", "Finding", "Fix", "Related", "Rule", "bad", "good", "rule"),
    "nemolint.project": ("Project",),
    "nemolint.project.effective": ("Effective", "Refusal"),
    "nemolint.project.known": ("Known", "Required"),
    "nemolint.project.model": (
        "Artifact",
        "ConfigFile",
        "EnvFile",
        "MISSING",
        "Place",
        "Profile",
        "Step",
        "Tree",
        "UNKNOWN",
    ),
    "nemolint.project.passthrough": ("Passed",),
    "nemolint.reader": ("find_runs",),
    "nemolint.settings": ("Settings",),
    "nemolint.shell.cli_options": ("LONG", "OPTIONS"),
    "nemolint.shell.command": ("Assignment", "Command", "Word"),
}
# Package -> its modules that are namespaces of the API (`placeholders.in_run`).
NAMESPACES = {
    "nemolint": ("secrets",),
    "nemolint.analysis": (
        "artifacts",
        "caching",
        "confirmation",
        "dry_runs",
        "eval_tasks",
        "globs",
        "introduced",
        "languages",
        "launch_cost",
        "lengths",
        "misspellings",
        "needed_values",
        "output",
        "page_text",
        "placeholders",
        "profile_in_force",
        "quoting",
        "services",
    ),
    "nemolint.analysis.answers": ("answers", "callouts", "given_values"),
    "nemolint.project": ("overrides",),
}

__all__ = ["API_VERSION", *(name for home in (HOMES, NAMESPACES) for names in home.values() for name in names)]


def __getattr__(name: str) -> object:
    """Import an API name on first use. Raises AttributeError for any other name."""
    from nemolint.base.first_use import resolve

    return resolve(globals(), name, HOMES, NAMESPACES)
