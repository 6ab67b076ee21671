"""The cached findings of each file under one set of settings.

An entry is valid while its file, the program, the rule packs, the settings and all files that its project was read from
are unchanged. The findings are those of all severities, after suppressions, secrets masked, each with the masked lines
that a report shows.
"""

from __future__ import annotations

import json
import os
import sys
import time
import zlib
from collections.abc import Callable, Iterable, Mapping

from nemolint.base import signature
from nemolint.base.named_tuple import NamedTuple
from nemolint.base.version import __version__
from nemolint.cache import store
from nemolint.secrets.beginnings import may_hold
from nemolint.secrets.outgoing import masked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nemolint.document import Document
    from nemolint.linter.diagnostic import Diagnostic, FileEdit
    from nemolint.linter.excerpt import StoredText
    from nemolint.project import Project
    from nemolint.secrets.redact import Redactor
    from nemolint.settings import Settings

FORMAT = 3
LONGEST_LINE = 4_000  # files with findings in longer lines are not cached
_MOST_LINES = 400


class Entry(NamedTuple):
    """The entry of a file: whether it is a candidate and, if it was checked, the result.

    `settings` is the digest of its settings, empty if they are those of the whole check.
    """

    candidate: bool
    project: str | None = None
    runs: int | None = None
    findings: tuple[Any, ...] = ()
    settings: str = ""

    @property
    def checked(self) -> bool:
        """True if the file was checked, not just prefiltered."""
        return self.runs is not None

    def diagnostics(self) -> list[Diagnostic]:
        """The findings, in order."""
        return [_diagnostic(row) for row in self.findings[0]]

    def text(self) -> StoredText:
        """The lines of the findings."""
        from nemolint.linter.excerpt import StoredText

        return StoredText({int(number): row for number, row in self.findings[1].items()})


class Entries:
    """The entries for one set of settings in one working directory, and what this check adds to them.

    `begun` is when the check began (ns since the epoch): a file that changed since may differ from what was read.
    """

    def __init__(self, key: list[Any]) -> None:
        self.key = key
        self.begun = time.time_ns()
        self._files: dict[str, list[Any]] = {}
        self._projects: dict[str, dict[str, str]] = {}
        self._sound: dict[str, bool] = {}
        self._new: set[str] = set()
        self._changed = False

    @property
    def name(self) -> str:
        """The cache file. Another version of the program replaces it."""
        return f"{zlib.crc32(json.dumps(self.key[:-1]).encode()):08x}.json"

    def load(self) -> None:
        """Load the entries of earlier checks; none if they are absent, broken, or of another program."""
        data = load_json(self.name)
        if data is not None and data["key"] == self.key:
            self._files, self._projects = data["files"], data["projects"]

    def recall(self, path: str) -> Entry | None:
        """The entry of an unchanged file; None if the file has to be read."""
        row = self._files.get(path)
        if row is None:
            return None
        held = signature.unchanged(path, row[0], self.begun)
        if held is None or not self._holds(row[2]):
            self._files.pop(path, None)
            self._changed = True
            return None
        if held != row[0]:
            row[0] = held
            self._changed = True
        return Entry(row[1], row[2], row[3], tuple(row[5:]), row[4])

    def _holds(self, project: str | None) -> bool:
        """Whether everything that a project was read from is unchanged."""
        if project is None:
            return True
        known = self._sound.get(project)
        if known is None:
            known = self._sound[project] = self._check(project)
        return known

    def _check(self, project: str) -> bool:
        files = self._projects.get(project, {})
        for path, stored in files.items():
            held = signature.unchanged(path, stored, self.begun)
            if held is None:
                # Entries for files of the project that this check does not visit are stale, too.
                self._files = {name: row for name, row in self._files.items() if row[2] != project or name in self._new}
                self._projects.pop(project, None)
                self._changed = True
                return False
            if held != stored:
                files[path] = held
                self._changed = True
        return True

    def signature_of(self, path: str) -> str:
        """The signature of a file that was recalled or added."""
        found: str = self._files[path][0]
        return found

    def depends(self) -> dict[str, str]:
        """Signatures of the program and of the projects whose entries were recalled."""
        result: dict[str, str] = {
            path: signature.sign(path, signed[0], signed[1:], self.begun) if signed[0] == signature.PACKAGES else signed
            for path, signed in self.key[-1].items()
        }
        return result | self.recalled()

    def recalled(self) -> dict[str, str]:
        """Signatures of what the projects whose entries were recalled were read from."""
        result: dict[str, str] = {}
        for project in self._sound:
            result.update(self._projects.get(project, {}))
        return result

    def add(self, path: str, content: str, candidate: bool) -> None:
        """Record a file that was read, by the digest of its content. `keep` adds the result of checking it."""
        signed = signature.sign(path, signature.FILE, content, self.begun)
        self._files[path] = [signed, candidate, None, None, ""]
        self._new.add(path)
        self._changed = True

    def keep(self, path: str, entry: Entry) -> None:
        """Record the result of checking an added file, unless it has too many or too long lines."""
        row = self._files.get(path)
        if row is None:
            return
        lines = entry.findings[1]
        if len(lines) > _MOST_LINES or any(len(line[0]) > LONGEST_LINE for line in lines.values()):
            del self._files[path]
        else:
            row[2:] = [entry.project, entry.runs, entry.settings, *entry.findings]

    def forget(self, path: str) -> None:
        """Drop the entry of a file whose check failed."""
        self._files.pop(path, None)

    def save(self, projects: Mapping[str, Project]) -> None:
        """Write the entries. `projects` are those that this check read, by the names given to `keep`."""
        if not self._changed:
            return
        for name, project in projects.items():
            if project.problems():
                # With which document a problem of a project file is reported depends on what was read before.
                self._files = {path: row for path, row in self._files.items() if row[2] != name}
            else:
                known = self._projects.setdefault(name, {})
                known.update(signatures(project.reader.seen, self.begun))
        self._files = {path: row for path, row in self._files.items() if os.path.lexists(path)}
        if may_hold("\n".join([*self._files, *(path for files in self._projects.values() for path in files)])):
            self._drop_secrets()
        used = {row[2] for row in self._files.values()}
        kept = {name: files for name, files in self._projects.items() if name in used}
        save_json(self.name, {"key": self.key, "projects": kept, "files": self._files})

    def _drop_secrets(self) -> None:
        """Drop files whose name contains a credential, and projects that looked for such a name."""

        def harmless(text: str) -> bool:
            return masked(text) == text

        self._projects = {
            name: files for name, files in self._projects.items() if harmless(name) and all(map(harmless, files))
        }
        self._files = {
            path: row
            for path, row in self._files.items()
            if harmless(path) and (row[2] is None or row[2] in self._projects)
        }


def load_json(name: str) -> Any:
    """The data of a cache file, None if it is absent or not trustworthy."""
    text = store.read(name)
    return None if text is None else json.loads(text)


def save_json(name: str, data: object) -> None:
    """Write data for `load_json`."""
    store.write(name, json.dumps(data, separators=(",", ":")))


def key_of(settings: Settings, cwd: str, environ: Mapping[str, str], packs: Iterable[str]) -> list[Any]:
    """What the findings of a file depend on besides the checked files: program, packs, settings, folder."""
    return [
        FORMAT,
        __version__,
        sys.version,
        cwd,
        environ.get("NEMOTRON_ENV_FILE"),
        digest_of_settings(settings),
        program(packs),
    ]


def digest_of_settings(settings: Settings) -> str:
    """A digest, since settings may be confidential."""
    return signature.digest(json.dumps(settings.show(), default=str).encode("utf-8", "surrogatepass"))


def program(packs: Iterable[str]) -> dict[str, str]:
    """Signatures of the code: of nemolint, of the rule packs, and of the installed distributions."""
    return code_of(("nemolint", *packs)) | distributions()


def code_of(packages: Iterable[str]) -> dict[str, str]:
    """Signatures of all files of some packages, and of their folders: a new file may be a new rule."""
    from importlib.util import find_spec

    result: dict[str, str] = {}
    for package in packages:
        spec = find_spec(package)
        for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
            for base, folders, names in os.walk(folder):
                folders[:] = sorted(name for name in folders if name != "__pycache__")
                result[base] = signature.code(base)
                for name in sorted(names):
                    path = os.path.join(base, name)
                    result[path] = signature.code(path)
    return result


def distributions() -> dict[str, str]:
    """Signatures of what is installed in the folders of `sys.path`. `signature.sign` makes stamps of them."""
    result: dict[str, str] = {}
    for folder in sys.path:
        content = signature.distributions(folder or ".")
        result[folder or "."] = f"{signature.PACKAGES}{content}" if content is not None else signature.NOTHING
    return result


def signatures(seen: Mapping[str, str], begun: int) -> dict[str, str]:
    """Signatures of what a project's reader read, or looked for and did not find."""
    result = {}
    for name, content in seen.items():
        if content.startswith(signature.MATCHING):
            result[name] = signature.sign(name, signature.MATCHING, content[1:], begun)
        elif content.startswith(signature.LEADS):
            result[name] = content
        elif name.endswith("/"):
            result[name] = signature.sign(name, signature.FOLDER, content, begun)
        elif content in (signature.ABSENT, signature.NOTHING, signature.PRESENT, signature.UNKNOWN):
            result[name] = content
        else:
            result[name] = signature.sign(name, signature.FILE, content, begun)
    return result


def stored(
    document: Document, diagnostics: list[Diagnostic], redactor: Callable[[Document], Redactor]
) -> tuple[Any, ...]:
    """The findings and their masked lines as plain data."""
    rows: list[Any] = []
    lines: dict[str, Any] = {}
    for item in diagnostics:
        scrub = redactor(document).scrub
        start, end = item.start, item.end
        if end == 0 and (item.line, item.column) != (1, 1) and item.path == document.path:
            start = end = min(document.lines.offset(item.line, item.column), len(document.text))
        rows.append(_row(item, start, end, scrub))
        first = document.lines.position(start).line
        last = document.lines.position(max(end - 1, start)).line
        shown = range(first, last + 1) if last - first < 8 else [*range(first, first + 8), last - 1, last]
        for number in shown:
            if str(number) in lines:
                continue
            masked = redactor(document).mask(*document.lines.line_span(number))
            lines[str(number)] = [masked.text, masked.start, masked.end, masked.masks]
    return rows, lines


def _row(item: Diagnostic, start: int, end: int, scrub: Callable[[str], str]) -> list[Any]:
    fix = item.fix
    return [
        item.rule,
        item.severity,
        item.message,
        item.path,
        [item.line, item.column, item.end_line, item.end_column, start, end, item.cell, item.cell_line],
        item.url,
        [list(other) for other in item.related],
        None if fix is None else [fix.title, fix.safe, [[*_edit(edit, scrub)] for edit in fix.edits]],
        item.fingerprint,
        item.command,
        item.needs_reason,
        item.final,
    ]


def _edit(edit: FileEdit, scrub: Callable[[str], str]) -> tuple[Any, ...]:
    return (edit.start, edit.end, scrub(edit.text), edit.line, edit.column, edit.end_line, edit.end_column)


def _diagnostic(row: list[Any]) -> Diagnostic:
    from nemolint.linter.diagnostic import Diagnostic, FileEdit, FileFix, RelatedPlace

    rule, severity, message, path, where, url, related, fix, fingerprint, command, needs_reason, final = row
    line, column, end_line, end_column, start, end, cell, cell_line = where
    return Diagnostic(
        rule,
        severity,
        message,
        path,
        line,
        column,
        end_line,
        end_column,
        start,
        end,
        cell,
        url,
        tuple(RelatedPlace(*other) for other in related),
        None if fix is None else FileFix(fix[0], fix[1], tuple(FileEdit(*edit) for edit in fix[2])),
        fingerprint,
        command,
        needs_reason,
        final,
        cell_line=cell_line,
    )
