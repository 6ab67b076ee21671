"""`nemolint baseline`: record the findings as known."""

from __future__ import annotations

import os

from nemolint.base.errors import UserError
from nemolint.base.exitcode import CLEAN, FAILED
from nemolint.base.paths import display_path, joined
from nemolint.commands.summary import plural
from nemolint.driver.outcome import check
from nemolint.driver.request import Request, Streams
from nemolint.driver.session import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.settings import Settings, SettingsTree


def write_baseline(request: Request, settings: Settings, streams: Streams, file: str | None, tree: SettingsTree) -> int:
    """Check, record the findings as known, and return the exit code.

    They go to `file`, else to the baseline of the settings, else to the default file. Raises UserError if it must not
    be written.
    """
    from nemolint.base.visible import visible
    from nemolint.driver import baseline_file

    session = Session(request, settings, streams, tree=tree)
    # Settings come with the checked tree: a file that they name must not be outside of their folder.
    root = settings.root if file is None and settings.baseline is not None else None
    file = file or settings.baseline or baseline_file.DEFAULT
    target = baseline_file.place_of(file, session.cwd, root)
    outcome = check(session)
    for problem in session.internal_errors:
        streams.note(f"{problem.path}: rule {problem.rule} failed: {problem.message}")
    if session.incomplete:
        streams.note(f"{file} was not written, because not everything could be checked")
        return FAILED
    known = [item for item in outcome.shown if baseline_file.may_be_hidden(item)]
    # Known findings of files that were not checked this time stay known.
    paths = [joined(session.cwd, path) for path in session.paths]
    try:
        kept = baseline_file.load(target).outside(paths, settings.root) if os.path.isfile(target) else []
    except UserError:  # there is none yet, or one to be replaced
        kept = []
    baseline_file.write(target, baseline_file.dump(known, session.cwd, settings.root, kept))
    places = plural(len({item.path for item in known}), "file")
    name = visible(display_path(file, session.cwd))
    streams.err.write(f"Wrote {plural(len(known), 'finding')} in {places} to {name}.\n")
    if locked := sorted({item.rule for item in outcome.shown if item.final}):
        streams.note(f"no baseline hides the findings of {', '.join(locked)}")
    if secrets := [item for item in outcome.shown if item.needs_reason]:
        names = ", ".join(sorted({item.rule for item in secrets}))
        streams.note(
            f"{plural(len(secrets), 'secret')} of a known format cannot be in a baseline: revoke and reissue each, or "
            f"suppress it in its file with `nemolint: ignore[{names}] reason`"
        )
    return CLEAN
