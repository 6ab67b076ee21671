"""`nemolint commands`: every run with its role, its source tier and what blocks it, as text or as JSON."""

from __future__ import annotations

from collections.abc import Mapping

from nemolint.base.errors import UserError
from nemolint.base.exitcode import CLEAN, FAILED
from nemolint.base.named_tuple import NamedTuple
from nemolint.base.visible import opening, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nemolint.commands.verify import Verifier
    from nemolint.driver.request import Request, Streams
    from nemolint.settings import Settings, SettingsTree


class DryRuns(NamedTuple):
    """The options of `--verify`: seconds for each dry run, and what is run instead of `nemotron`."""

    timeout: float
    executable: str | None = None


def commands(
    request: Request,
    settings: Settings,
    streams: Streams,
    tree: SettingsTree,
    *,
    mentions: bool,
    format: str,
    dry_runs: DryRuns | None = None,
) -> int:
    """Write every run of the given files (with `mentions`, every place that names the command)."""
    from nemolint.commands.summary import plural
    from nemolint.driver.session import Session
    from nemolint.report.json import dumps

    session = Session(request, settings, streams, tree=tree)
    rows: list[dict[str, Any]] = []
    verifier: Verifier | None = None
    for found, document in session.documents():
        if dry_runs is not None and verifier is None:
            from nemolint.commands.verify import Verifier

            verifier = Verifier(session.checker, streams, dry_runs.timeout, dry_runs.executable)
        try:
            rows.extend(session.checker.run_records(document, mentions, verifier.verify if verifier else None))
        except UserError:
            raise
        except Exception as error:  # noqa: BLE001 - one file must not keep the others from being listed
            session.crashed(found.path, error)
    if format == "json":
        streams.out.write(dumps(rows) + "\n")
    else:
        streams.out.writelines(f"{_row(row)}\n" for row in rows)
        streams.out.flush()
        streams.err.write(f"{plural(len(rows), 'run')} in {plural(len({row['path'] for row in rows}), 'file')}.\n")
    if verifier is not None:
        streams.note(verifier.summary())
    return FAILED if session.incomplete else CLEAN


def _row(row: Mapping[str, Any]) -> str:
    """One run on one line: place, role and tier, then the run in the order step, config, profile, overrides.

    For a line that the CLI does not run, what it does instead comes before the tier.
    """
    missing = "(no step)" if row["outcome"] == "usage-error" else "(step not known)"
    words = [row["step_id"] or row["step"] or missing]
    words += [
        f"{flag} {row[key]}" for flag, key in (("-c", "config"), ("--run", "run"), ("--batch", "batch")) if row[key]
    ]
    if row["dry_run"]:
        words.append("--dry-run")
    words += [f"{item['key']}={item['value']}" for item in row["overrides"]]
    words += row["passthrough"]
    blockers = f" by {', '.join(row['blockers'])}" if row["blockers"] else ""
    place = f"{row['path']}:{row['line']}:{row['column']}"
    facts = [row["role"], row["tier"] + blockers]
    if row["outcome"] not in (None, "runs") and row["role"] != "mention":
        facts.insert(1, row["outcome"].replace("-", " "))
    return opening(visible(f"{place}: {', '.join(facts)}: {' '.join(words)}"))
