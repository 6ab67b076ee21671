"""A look at a text that tells whether anything in it could be reported."""

from __future__ import annotations

import re

from nemolint.pattern import lazily

# What no finding can do without: the command, a secret's name or format, a dump of the environment.
_WORTH = lazily(
    r"nemotron|token|key|secret|pass|login|mysql|cred|bearer|auth|\benv\b|printenv|\bset\b|export|declare|://|-----BEGIN|eyJ",
    re.IGNORECASE,
)


def is_worth(text: str) -> bool:
    """False for a text that cannot hold anything to judge."""
    return "nemotron" in text or _WORTH.search(text) is not None
