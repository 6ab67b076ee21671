"""Secrets: what is one, where a document holds them, and how to keep them out of every output.

Part of the plugin API, so that rule packs judge names and values as the rules of this project do.
"""

from __future__ import annotations

from nemolint.secrets.collect import Secret, collect
from nemolint.secrets.expansions import SecretExpansion, secret_expansions, uses_secret
from nemolint.secrets.fields import NameField, name_fields
from nemolint.secrets.formats import VARIABLES, SecretMatch, find_formats
from nemolint.secrets.hints import may_name_secret
from nemolint.secrets.names import (
    classify,
    classify_name,
    is_name,
    is_placeholder,
    is_reference,
    literal_defaults,
    name_field,
    secret_key,
)
from nemolint.secrets.redact import MaskedText, Redactor, marker, mask_formats, scrubbed

__all__ = [
    "VARIABLES",
    "MaskedText",
    "NameField",
    "Redactor",
    "Secret",
    "SecretExpansion",
    "SecretMatch",
    "classify",
    "classify_name",
    "collect",
    "find_formats",
    "is_name",
    "is_placeholder",
    "is_reference",
    "literal_defaults",
    "marker",
    "mask_formats",
    "may_name_secret",
    "name_field",
    "name_fields",
    "scrubbed",
    "secret_expansions",
    "secret_key",
    "uses_secret",
]
