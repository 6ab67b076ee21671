"""What an editor shows of a check: findings with ranges in the editor's own units, in the text or in other files."""

from __future__ import annotations

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.paths import joined
from nemolint.editor.client_positions import ClientRange, ClientText
from nemolint.project.snapshot import PREFIX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.base.choices import Severity
    from nemolint.editor.workspace import BrokenSettings, CheckedText, TextOf
    from nemolint.linter.diagnostic import Diagnostic


class ShownPlace(NamedTuple):
    """A second place of a finding. `path` is absolute, None for the checked text itself. `uri` is that of a notebook's
    cell.
    """

    path: str | None
    range: ClientRange
    message: str
    uri: str = ""


class ShownDiagnostic(NamedTuple):
    """A finding as an editor shows it. `path` is absolute, None for the checked text itself.

    `unnecessary`: the words are dropped, so that an editor may fade them. `item` is the finding; None for a settings
    file that cannot be used. `of_text` is the digest of the text of the other file. `uri` is that of a notebook's cell.
    """

    path: str | None
    range: ClientRange
    severity: Severity
    message: str
    rule: str = ""
    url: str = ""
    related: tuple[ShownPlace, ...] = ()
    unnecessary: bool = False
    item: Diagnostic | None = None
    of_text: int = 0
    uri: str = ""


def shown(checked: CheckedText, path: str | None, text: ClientText, text_of: TextOf) -> list[ShownDiagnostic]:
    """What to show of a checked text, in its order. `path` is its absolute path."""
    rules = checked.checker.rules if checked.checker is not None else {}
    faded = {name for name, rule in rules.items() if rule.unnecessary}
    result = [
        _shown(item, checked, text, text_of)._replace(unnecessary=item.rule in faded) for item in checked.diagnostics
    ]
    if checked.broken is not None:
        own = checked.broken.path == path
        item = _of_settings(checked.broken, lambda other: text if own else text_of(other))
        result.append(item._replace(path=None) if own else item)
    return result


def _of_settings(problem: BrokenSettings, text_of: TextOf) -> ShownDiagnostic:
    """What to show of a settings file that cannot be used: its line, or its beginning."""
    text = text_of(problem.path)
    start = text.at(problem.line or 1, 1)
    end = text.lines.line_span(min(problem.line, len(text.lines.starts)))[1] if problem.line else start
    return ShownDiagnostic(problem.path, text.range(start, end), "error", problem.message, of_text=text.digest)


def _shown(item: Diagnostic, checked: CheckedText, text: ClientText, text_of: TextOf) -> ShownDiagnostic:
    own = checked.document.path if checked.document is not None else ""

    def of(path: str) -> tuple[str | None, ClientText]:
        if path == own:
            return None, text
        absolute = joined(checked.folder, path)
        return absolute, text_of(absolute)

    path, where = of(item.path)
    range = where.range(where.at(item.line, item.column), where.at(item.end_line, item.end_column))
    related = []
    for other in item.related:
        if other.path.startswith(PREFIX):
            # No file that an editor could open.
            named = other.path.removeprefix(PREFIX)
            related.append(ShownPlace(path, range, f"{other.message} (`{named}` of the bundled catalog)"))
            continue
        other_path, other_text = of(other.path)
        start = other_text.at(other.line, other.column)
        related.append(ShownPlace(other_path, other_text.range(start, start), other.message))
    return ShownDiagnostic(
        path,
        range,
        item.severity,
        item.message,
        item.rule,
        item.url,
        tuple(related),
        item=item,
        of_text=where.digest,
    )
