"""Suppressions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nemolint.diagnostic import Diagnostic
    from nemolint.document import Document
    from nemolint.rule import Rule


def apply(
    document: Document, diagnostics: list[Diagnostic], enabled: Mapping[str, Rule], rules: Mapping[str, Rule]
) -> list[Diagnostic]:
    """The diagnostics that no suppression waives."""
    return diagnostics
