"""What an assistant has just written to a file: checked like any file, for it to know at once."""

from __future__ import annotations

import os

from nemolint.base.files import read_regular
from nemolint.guard.host_answers import Verdict
from nemolint.guard.reasons import edit_reason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.guard.payload import Payload

_MOST_BYTES = 1_000_000


def judge_edit(payload: Payload) -> Verdict:
    """The verdict on a file that was written: a note of what is wrong in it, never more."""
    from nemolint.base.gitfiles import repository_of

    path = os.path.normpath(os.path.join(payload.folder, payload.file))
    try:
        repository = repository_of(payload.folder)
        top = os.path.realpath(payload.folder) if repository is None else repository.top
        if not os.path.realpath(path).startswith(os.path.join(top, "")):
            return Verdict("pass")
        data = read_regular(path, _MOST_BYTES)
    except (OSError, ValueError):
        return Verdict("pass")
    from nemolint.prefilter import is_worth
    from nemolint.reader import Unreadable, decode
    from nemolint.sources import kind_of

    try:
        text, _ = decode(data)
    except Unreadable:
        return Verdict("pass")
    kind = kind_of(path.replace(os.sep, "/"), text[:256])
    if kind is None or not is_worth(text, kind):
        return Verdict("pass")
    from nemolint.linter.checker import Checker
    from nemolint.settings import Settings, SettingsError, SettingsTree
    from nemolint.settings_file import SettingsFiles

    folder = payload.folder
    files = SettingsFiles()
    tree = SettingsTree(lambda: Settings(folder), files.of_folder)
    try:
        settings = tree.of_file(path)
    except SettingsError:  # the hook of its commands says so
        return Verdict("pass")
    if settings.excludes(path, False):
        return Verdict("pass")
    checker = Checker(settings, cwd=folder, environ=os.environ, tree=tree)
    found = [item for item in checker.check(checker.read(path, data)) if item.severity != "info"]
    failure = "; ".join(dict.fromkeys(f"rule {error.rule} failed" for error in checker.internal_errors))
    rules = tuple(dict.fromkeys(item.rule for item in found))
    return Verdict("note", edit_reason(found), failure, rules=rules) if found else Verdict("pass", failure=failure)
