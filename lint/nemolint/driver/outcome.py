"""Checks (and fixes) the documents of a session."""

from __future__ import annotations

from collections import Counter

from nemolint.base.errors import UserError
from nemolint.base.paths import display_path
from nemolint.base.streams import OutputError
from nemolint.driver.request import Request
from nemolint.driver.session import Session
from nemolint.driver.workers import checked_ahead

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.base.choices import Severity
    from nemolint.document import Document
    from nemolint.linter.diagnostic import Diagnostic
    from nemolint.linter.excerpt import StoredText


class Outcome:
    """The result of a check. `failing` counts the findings that make exit code 1, `hidden` those not shown.

    With `--add-ignores`: `suppressed` counts the findings with a new suppression; `left` are those where none can be
    written, `kept_secrets` those about secrets, whose rules were not selected by name.
    """

    def __init__(self) -> None:
        self.shown: list[Diagnostic] = []
        self.documents: dict[str, Document] = {}
        self.stored: dict[str, StoredText] = {}
        self.hidden: Counter[Severity] = Counter()
        self.failing = 0
        self.fixed = 0
        self.fixed_files = 0
        self.suppressed = 0
        self.suppressed_files = 0
        self.left: list[Diagnostic] = []
        self.kept_secrets: list[Diagnostic] = []

    def add(self, diagnostics: list[Diagnostic], request: Request) -> bool:
        """Add the findings of one file. True if some of them are shown."""
        from nemolint.linter.rule import at_least

        count = len(self.shown)
        for diagnostic in diagnostics:
            self.failing += at_least(diagnostic.severity, request.fail_on)
            if at_least(diagnostic.severity, request.show):
                self.shown.append(diagnostic)
            else:
                self.hidden[diagnostic.severity] += 1
        return len(self.shown) > count


def check(session: Session) -> Outcome:
    """Check (and fix) every document."""

    request, selection = session.request, session.selection
    outcome = Outcome()
    for found in session.timed(checked_ahead(session)):
        session.checked.add(found.path)
        if selection is not None and selection.passes_over(found.path):
            continue
        if found.entry is not None:
            session.count(found.entry.runs or 0)
            diagnostics = found.entry.diagnostics()
            if selection is not None:
                diagnostics = selection.of(diagnostics, None)
            if outcome.add(diagnostics, request):
                outcome.stored[display_path(found.path, session.cwd)] = found.entry.text()
            continue
        if session.is_blank(found):
            session.count(0)
            continue
        document = session.read(found)
        if document is None:
            continue
        try:
            diagnostics = session.checker.check(document)
            entry = None
            if not request.changes:
                entry = session.entry(found, document, diagnostics)
                session.keep(found, entry)
                diagnostics = entry.diagnostics()  # their fixes are masked
            elif request.add_ignores is not None:
                from nemolint.driver.rewrite import add_ignores

                document, diagnostics, added = add_ignores(
                    found, document, diagnostics, request, session.checker, session.streams, selection
                )
                outcome.suppressed += added.hidden
                outcome.suppressed_files += added.hidden > 0
                outcome.left += added.left
                outcome.kept_secrets += added.secrets
            else:
                from nemolint.driver.rewrite import rewrite

                document, diagnostics, count = rewrite(
                    found, document, diagnostics, request, session.checker, session.streams, selection
                )
                outcome.fixed += count
                outcome.fixed_files += count > 0
            if selection is not None:
                diagnostics = selection.of(diagnostics, document)
        except (UserError, OutputError, BrokenPipeError):
            raise
        except Exception as error:  # noqa: BLE001 - one file must not keep the others from being checked
            session.crashed(found.path, error)
            continue
        if outcome.add(diagnostics, request):
            if entry is not None:
                outcome.stored[document.path] = entry.text()
            else:
                outcome.documents[document.path] = document
        if entry is not None:
            session.checker.forget(document)
    outcome.shown.sort(key=lambda diagnostic: diagnostic.sort_key)
    return outcome
