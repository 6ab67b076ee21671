"""Which findings are new: on lines changed since a commit (`--since`), and not in the baseline."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from nemolint.base.paths import joined

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.document import Document
    from nemolint.driver.baseline_file import Baseline, KnownFinding
    from nemolint.driver.since import Changes
    from nemolint.linter.checker import Checker
    from nemolint.linter.diagnostic import Diagnostic
    from nemolint.linter.rule import Rule


class Selection:
    """Picks the findings that a check reports."""

    def __init__(
        self, cwd: str, note: Callable[[str], None], *, since: str | None = None, baseline: str | None = None
    ) -> None:
        """`note` is called with what cannot be compared. Raises UserError for an unusable commit or baseline."""
        self._cwd = cwd
        self._changes: Changes | None = None
        self.baseline: Baseline | None = None
        self._whole = True
        if since is not None:
            from nemolint.base.paths import is_env_file, is_step_file
            from nemolint.driver.since import changes_since

            self._changes = changes_since(since, cwd, note)
            # Problems of a changed project file appear while other files are checked.
            self._whole = any(is_step_file(name) or is_env_file(name) for name in self._changes.lines)
        if baseline is not None:
            from nemolint.driver.baseline_file import load

            self.baseline = load(baseline)

    def passes_over(self, path: str) -> bool:
        """True for an unchanged file, which has no new findings."""
        if self._changes is None or self._whole:
            return False
        lines = self._changes.of(path)
        return not (lines.ranges or lines.gaps)

    def of(self, diagnostics: list[Diagnostic], document: Document | None) -> list[Diagnostic]:
        """The new findings of a file. Without its document only the baseline is consulted."""
        if self._changes is not None and document is not None:
            diagnostics = self._changes.touched(document, diagnostics, self._cwd)
        return diagnostics if self.baseline is None else self.baseline.unknown(diagnostics)

    def stale(self, paths: tuple[str, ...], root: str, checker: Checker) -> list[KnownFinding]:
        """The entries of the baseline that a check of `paths` should have found again and did not."""
        if self.baseline is None or self._changes is not None:
            return []
        from nemolint.document import Document
        from nemolint.driver.baseline_file import below_any

        given = {os.path.normcase(os.path.normpath(os.path.join(self._cwd, path))) for path in paths}
        enabled: dict[str, Mapping[str, Rule]] = {}  # a file may have thousands of entries

        def checked(entry: KnownFinding) -> bool:
            path = joined(root, entry.path)
            if entry.path not in enabled:
                enabled[entry.path] = checker.enabled(Document(entry.path, "", absolute=path))
            return entry.rule in enabled[entry.path] and below_any(path, given)

        return self.baseline.stale(checked)
