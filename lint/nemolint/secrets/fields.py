"""The fields of a document that take the NAME of an environment variable: `server.api_key_env`, `api_key_name`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint.base.named_tuple import NamedTuple
from nemolint.document import Document, Span
from nemolint.secrets.command_values import named_in_commands
from nemolint.secrets.config_values import named_in_text
from nemolint.secrets.hints import may_name_secret
from nemolint.secrets.names import name_field
from nemolint.shell.command import Word


class NameField(NamedTuple):
    """A field and what it is given: `span` is the value without quotes. In a command, `word.value[start:end]` is it."""

    key: str
    span: Span
    value: str
    word: Word | None = None
    start: int = 0
    end: int = 0

    def __repr__(self) -> str:
        return f"NameField({self.key!r}, {self.span!r})"  # never the value


def name_fields(document: Document) -> Iterator[NameField]:
    """Each field that takes a variable's name, in commands first, then in configuration text."""
    if not may_name_secret(document):
        return
    for _, word, named in named_in_commands(document):
        if name_field(named.key):
            span = word.value_span(named.start, named.end)
            value = word.value[named.start : named.end]
            yield NameField(named.key, span, value, word, named.start, named.end)
    for item in named_in_text(document):
        if name_field(item.named.key):
            yield NameField(item.named.key, Span(document.whole, item.start, item.end), item.value)
