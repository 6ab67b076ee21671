"""Closed sets of words whose members are also listed at run time: by schemas, help texts and completion.

Only these import this module at run time, since it loads `typing`; all others need it for their annotations alone.
"""

from __future__ import annotations

from typing import Literal, get_args

Surface = Literal["script", "doc", "comment", "answer"]
"""What kind of text a command stands in."""
Event = Literal[
    "broken-file",
    "broken-shell",
    "broken-project-file",
    "broken-env-file",
    "misread-suppression",
    "idle-suppression",
    "failed-rule",
]
"""What the engine itself detects. A rule declares that it reports it (`@rule(reports=…)`)."""
EVENTS: tuple[Event, ...] = get_args(Event)
Severity = Literal["error", "warning", "info"]
Level = Literal["error", "warning", "info", "off"]
"""The severity of a rule in the settings."""
Group = Literal[
    "secrets",
    "profiles",
    "paths",
    "launch",
    "placeholders",
    "contract",
    "pipelines",
    "callouts",
    "optional",
    "tool",
    "policy",
]
Metric = Literal["safety", "contract", "fidelity"]
"""What a finding says of an assistant's answer, see `nemolint grade`."""
Preset = Literal["repo", "docs", "scripts", "strict", "answer"]
Asking = Literal["native", "deny", "note"]
"""What `nemolint hook` does with an expensive launch: it lets the host ask its user, refuses it, or notes it."""
Tier = Literal["verified", "repo-grounded", "reference-grounded", "blocked"]
"""How well founded an answer says that it is."""
