"""Reports: one module per format, each with `render(result, out, options)`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType

from nemolint.base.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TextIO

    from nemolint.document import Document
    from nemolint.linter.diagnostic import Diagnostic, FileFix
    from nemolint.linter.excerpt import StoredText, Text
    from nemolint.linter.rule import Rule
    from nemolint.secrets.redact import Redactor

_MODULES = {
    "text": "nemolint.report.text",
    "concise": "nemolint.report.concise",
    "json": "nemolint.report.json",
    "jsonl": "nemolint.report.jsonl",
    "sarif": "nemolint.report.sarif",
    "github": "nemolint.report.github",
    "gitlab": "nemolint.report.gitlab",
    "junit": "nemolint.report.junit",
    "markdown": "nemolint.report.markdown_summary",
}
FORMATS = tuple(_MODULES)
FOR_PEOPLE = ("text", "concise")  # the others are for programs, and always UTF-8
# How many findings a format may hold, if there is a limit: code scanning rejects or drops the rest.
MOST: Mapping[str, int] = MappingProxyType({"sarif": 5_000})


_NONE: Mapping[str, Any] = MappingProxyType({})


class Findings(NamedTuple):
    """What a check found, ready to be shown.

    `diagnostics` are those to show, in order; `documents` the texts that they point into, by reported path; `redactor`
    gives a document's masker. `stored` are the lines of files that were not read, since the cache had their findings.
    `rules` are all loaded rules by name. `unchecked` has the reason for each path that could not be checked.
    """

    diagnostics: tuple[Diagnostic, ...]
    documents: Mapping[str, Document] = _NONE
    redactor: Callable[[Document], Redactor] | None = None
    rules: Mapping[str, Rule] = _NONE
    stored: Mapping[str, StoredText] = _NONE
    unchecked: Mapping[str, str] = _NONE

    def redactor_of(self, diagnostic: Diagnostic) -> Redactor | None:
        """The masker of the document that a diagnostic points into, or None where that was not read."""
        document = self.documents.get(diagnostic.path)
        return None if document is None or self.redactor is None else self.redactor(document)

    def text_of(self, diagnostic: Diagnostic) -> Text | None:
        """The text that a diagnostic points into, or None where that was not read."""
        from nemolint.linter.excerpt import LiveText

        document = self.documents.get(diagnostic.path)
        if document is not None and self.redactor is not None:
            return LiveText(document, self.redactor)
        return self.stored.get(diagnostic.path)


class Options(NamedTuple):
    """How to show it: with colours or without, in how many columns, and whether messages are wrapped.

    `links`: the terminal takes links. `sources`: the beginning of the addresses of the checked files on the web.
    """

    color: bool = False
    width: int = 120
    wrap: bool = False
    links: bool = False
    sources: str = ""


def render(format: str, result: Findings, out: TextIO, options: Options) -> None:
    """Write `result` to `out` in one of `FORMATS`."""
    module = import_module(_MODULES[format])
    module.render(result, out, options)


def too_many(format: str, result: Findings) -> str | None:
    """The note for the user if a format cannot hold all findings."""
    count, most = len(result.diagnostics), MOST.get(format)
    if most is None or count <= most:
        return None
    return f"{format}: only the {most} most severe of {count} findings are in the report"


def fix_edits(fix: FileFix, scrub: Callable[[str], str]) -> list[dict[str, Any]]:
    """The edits of a fix, ready for JSON, secrets masked."""
    return [
        {
            "line": edit.line,
            "column": edit.column,
            "end_line": edit.end_line,
            "end_column": edit.end_column,
            "text": scrub(edit.text),
        }
        for edit in fix.edits
    ]
