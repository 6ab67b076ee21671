"""The baseline: known findings, so that only new ones are reported.

A JSON file with one finding per line, sorted, for readable diffs:

    {"version": 1, "findings": [
      {"path": "docs/guide.md", "rule": "…", "fingerprint": "…"},
      …
    ]}

Paths are relative to the folder of the settings. A secret of a known format is never in it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Set

from nemolint.base.atomic import NotWritten, output_of, replace_file
from nemolint.base.errors import UserError
from nemolint.base.files import read_given
from nemolint.base.named_tuple import NamedTuple
from nemolint.base.paths import and_above, display_path, joined
from nemolint.secrets.outgoing import masked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nemolint.linter.diagnostic import Diagnostic

DEFAULT = "nemolint-baseline.json"
VERSION = 1
_REFRESH = "regenerate it with `nemolint baseline`"


class KnownFinding(NamedTuple):
    """A known finding."""

    path: str
    rule: str
    fingerprint: str


class Baseline:
    """The known findings of a file, and which of them were found again."""

    def __init__(self, file: str, entries: Iterable[KnownFinding]) -> None:
        self.file = file
        self._known = {entry.fingerprint: entry for entry in entries}
        self._found: set[str] = set()

    def outside(self, paths: Iterable[str], root: str) -> list[KnownFinding]:
        """The entries for files that are neither in `paths` nor below one; entry paths are relative to `root`."""
        checked = {os.path.normcase(os.path.realpath(path)) for path in paths}
        found = ((entry, os.path.realpath(os.path.join(root, entry.path))) for entry in self._known.values())
        return [entry for entry, path in found if not below_any(path, checked)]

    @property
    def hidden(self) -> int:
        """How many known findings were found again."""
        return len(self._found)

    def unknown(self, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        """The findings that are not in the baseline."""
        result = []
        for diagnostic in diagnostics:
            if diagnostic.fingerprint in self._known and may_be_hidden(diagnostic):
                self._found.add(diagnostic.fingerprint)
            else:
                result.append(diagnostic)
        return result

    def stale(self, checked: Callable[[KnownFinding], bool]) -> list[KnownFinding]:
        """The entries that were not found again although `checked` says that their file was checked for their rule."""
        return [entry for name, entry in self._known.items() if name not in self._found and checked(entry)]


def below_any(path: str, folders: Set[str]) -> bool:
    """True if a path is one of `folders` or below one; their number does not matter for the time.

    They are written as `os.path.normcase` writes them.
    """
    return any(folder in folders for folder in and_above(os.path.normcase(path)))


def may_be_hidden(diagnostic: Diagnostic) -> bool:
    """False for what no baseline hides: a secret of a known format, an internal error."""
    return not diagnostic.needs_reason and not diagnostic.final


def load(file: str) -> Baseline:
    """Read a baseline. Raises UserError, with the file's name, if it cannot be read or is not a baseline."""
    try:
        text = read_given(file).decode("utf-8")
    except FileNotFoundError:
        raise UserError(f"baseline: {file} does not exist: {_REFRESH}") from None
    except (OSError, ValueError) as error:
        raise UserError(f"baseline: {file} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    try:
        data: Any = json.loads(text)
    except ValueError as error:
        raise UserError(f"baseline: {file} is not valid JSON ({error}): {_REFRESH}") from None
    except RecursionError:
        data = None
    if not isinstance(data, dict) or not isinstance(data.get("findings"), list):
        raise UserError(f"baseline: {file} is not a nemolint baseline: {_REFRESH}")
    if data.get("version") != VERSION:
        raise UserError(f"baseline: {file} was written by another version of nemolint: {_REFRESH}")
    entries = []
    for row in data["findings"]:
        values = [row.get(name) for name in KnownFinding._fields] if isinstance(row, dict) else []
        texts = [value for value in values if isinstance(value, str)]
        if len(texts) != len(KnownFinding._fields):
            raise UserError(f"baseline: {file} has an entry without path, rule or fingerprint: {_REFRESH}")
        entries.append(KnownFinding(*texts))
    return Baseline(file, entries)


def dump(diagnostics: Iterable[Diagnostic], cwd: str, root: str, kept: Iterable[KnownFinding] = ()) -> str:
    """The text of a baseline with these findings and the entries `kept`.

    The paths of findings are relative to `cwd`, the written ones to `root`.
    """
    entries = set(kept) | {
        KnownFinding(masked(display_path(joined(cwd, item.path), root)), item.rule, item.fingerprint)
        for item in diagnostics
        if may_be_hidden(item)
    }
    rows = ",\n".join(f"    {json.dumps(entry._asdict())}" for entry in sorted(entries))
    findings = f"[\n{rows}\n  ]" if rows else "[]"
    return f'{{\n  "version": {VERSION},\n  "findings": {findings}\n}}\n'


def place_of(file: str, cwd: str, root: str | None = None) -> str:
    """Where to write a baseline (see `nemolint.base.atomic.output_of`). Raises UserError."""
    try:
        return str(output_of(file, cwd, root))
    except NotWritten as problem:
        raise UserError(f"baseline: {problem}") from None


def write(target: str, text: str) -> None:
    """Write a baseline atomically; `target` comes from `place_of`. Raises UserError."""
    try:
        replace_file(target, masked(text).encode("utf-8"))
    except NotWritten as problem:
        raise UserError(f"baseline: {problem}") from None
    except OSError as error:
        raise UserError(f"baseline: {target} cannot be written: {error.strerror or error}") from None
