"""A verdict in words: for a model that is to write a better command, and for its user."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from nemolint.base.visible import visible
from nemolint.guard.host_answers import Verdict
from nemolint.secrets.outgoing import masked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.base.choices import Asking
    from nemolint.guard.host_answers import Kind
    from nemolint.guard.verdict import JudgedFinding
    from nemolint.linter.diagnostic import Diagnostic

_MOST_FINDINGS = 12
MOST_COMMAND = 3000
"""The length of the longest corrected command that is shown."""
_LONGEST = 600  # characters of a message
_KINDS: dict[Asking, Kind] = {"native": "ask", "deny": "deny", "note": "note"}
_SHOW = "This needs the user's agreement: show them the command and let them run it themselves"


def verdict_of(
    kind: Kind,
    found: Sequence[JudgedFinding],
    asking: Asking,
    notes: Sequence[str],
    failure: str,
    corrected: Callable[[bool], str | None],
) -> Verdict:
    """The verdict of some findings, of which `kind` is the strictest.

    `asking` is what happens where the user has to agree, `corrected` gives the command with its safe fixes, and with
    those that make asking needless.
    """
    counted = sorted((judged for judged in found if judged.kind != "pass"), key=lambda judged: judged.kind != kind)
    if not counted:
        said = "\n".join(map(_line, notes)) if failure or notes else ""
        return Verdict("note" if notes else "pass", said, failure=failure)
    asks = kind == "ask"
    lines = [_finding(judged) for judged in counted[:_MOST_FINDINGS]]
    if len(counted) > _MOST_FINDINGS:
        lines.append(f"and {len(counted) - _MOST_FINDINGS} more")
    lines += map(_line, notes)
    better = corrected(False) if kind == "deny" else None
    if better is not None:
        lines += ["Corrected command:", better]
    names = dict.fromkeys(judged.item.rule for judged in counted[:_MOST_FINDINGS])
    details = _details(names)
    refused = ""
    if asks:
        cheap = corrected(True)
        what = [f"{_SHOW}, or run this instead:", cheap] if cheap is not None else [f"{_SHOW}."]
        refused = "\n".join([*lines, *what, details])
    reason, rules = "\n".join([*lines, details]), tuple(names)
    verdict = Verdict(_KINDS[asking] if asks else kind, reason, failure, refused, rules)
    if asks and verdict.kind == "deny":
        return verdict._replace(reason=refused)
    return verdict


def edit_reason(found: Sequence[Diagnostic]) -> str:
    """What is wrong in a file that was written."""
    lines = ["nemolint reports in what was written:"]
    lines += [_line(f"{item.rule}: {item.path}:{item.line}: {item.message}") for item in found[:_MOST_FINDINGS]]
    if len(found) > _MOST_FINDINGS:
        lines.append(f"and {len(found) - _MOST_FINDINGS} more")
    return "\n".join([*lines, _details(dict.fromkeys(item.rule for item in found))])


def reply_reason(errors: Sequence[Diagnostic]) -> str:
    """Why an answer goes back."""
    lines = ["Before this answer is given, correct these commands in it:"]
    lines += [_line(f"{item.rule}: line {item.line}: {item.message}") for item in errors[:_MOST_FINDINGS]]
    if len(errors) > _MOST_FINDINGS:
        lines.append(f"and {len(errors) - _MOST_FINDINGS} more")
    names = dict.fromkeys(item.rule for item in errors)
    return "\n".join([*lines, _details(names)])


def _details(names: Iterable[str]) -> str:
    return "More: " + ", ".join(f"`nemolint explain {name}`" for name in list(names)[:3])


def _finding(judged: JudgedFinding) -> str:
    where = f"{judged.place}: " if judged.place else ""
    return _line(f"{judged.item.rule}: {where}{judged.item.message}")


def _line(text: str) -> str:
    shown = visible(masked(text))
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"


def shown_command(text: str) -> str | None:
    """A corrected command as it may be shown, None if it is too long for that."""
    if len(text) > MOST_COMMAND:
        return None
    return "\n".join(f"    {visible(line)}" for line in masked(text).split("\n"))
