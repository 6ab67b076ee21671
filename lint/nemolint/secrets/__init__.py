"""Secrets: what counts as one, where a document has them, and how to keep them out of every output."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.secrets.code_output import listed_in_code as listed_in_code, printed_in_code as printed_in_code
    from nemolint.secrets.collector import Secret as Secret, collect as collect
    from nemolint.secrets.command_values import container_variables as container_variables
    from nemolint.secrets.expansions import (
        SecretExpansion as SecretExpansion,
        secret_expansions as secret_expansions,
        uses_secret as uses_secret,
    )
    from nemolint.secrets.fields import NameField as NameField, name_fields as name_fields
    from nemolint.secrets.formats import (
        VARIABLES as VARIABLES,
        SecretMatch as SecretMatch,
        find_formats as find_formats,
    )
    from nemolint.secrets.names import (
        classify as classify,
        classify_name as classify_name,
        is_name as is_name,
        is_placeholder as is_placeholder,
        is_reference as is_reference,
        literal_defaults as literal_defaults,
        name_field as name_field,
        secret_key as secret_key,
    )
    from nemolint.secrets.parts import Part as Part, document_parts as document_parts
    from nemolint.secrets.redact import (
        MaskedText as MaskedText,
        Redactor as Redactor,
        marker as marker,
        mask_formats as mask_formats,
        scrubbed as scrubbed,
    )

# Imported on first use: masking the output of a repeated check needs none of it.
HOMES = {
    "nemolint.secrets.collector": ("Secret", "collect"),
    "nemolint.secrets.code_output": ("listed_in_code", "printed_in_code"),
    "nemolint.secrets.command_values": ("container_variables",),
    "nemolint.secrets.expansions": ("SecretExpansion", "secret_expansions", "uses_secret"),
    "nemolint.secrets.fields": ("NameField", "name_fields"),
    "nemolint.secrets.formats": ("VARIABLES", "SecretMatch", "find_formats"),
    "nemolint.secrets.names": (
        "classify",
        "classify_name",
        "is_name",
        "is_placeholder",
        "is_reference",
        "literal_defaults",
        "name_field",
        "secret_key",
    ),
    "nemolint.secrets.parts": ("Part", "document_parts"),
    "nemolint.secrets.redact": ("MaskedText", "Redactor", "marker", "mask_formats", "scrubbed"),
}


def __getattr__(name: str) -> object:
    """Import a name on first use. Raises AttributeError for an unknown one."""
    from nemolint.base.first_use import resolve

    return resolve(globals(), name, HOMES)
