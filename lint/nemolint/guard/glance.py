"""A second look at a payload, once it is read: whether its command, or a file that it may run, can hold a run.

Only built-in modules are imported here: most of what gets here ends here.
"""

from __future__ import annotations

import os

WORDS = ("steps", "run")
"""The words of a run of which none is in a variable."""
MOST_BYTES = 262_144
"""The size of the largest file that a command runs and that is checked, too."""
_MOST_TOKENS = 400
_MOST_FOLDERS = 8
# What may be inside a word of a shell without being part of it, and what ends one.
_DROPPED = dict.fromkeys(map(ord, "\"'\\`^"))
_ENDS = dict.fromkeys(map(ord, ";&|()<>{}=,:$"), " ")
_MAKEFILES = ("GNUmakefile", "makefile", "Makefile")


def may_hold_run(text: str) -> bool:
    """False for a command that cannot contain a `nemotron steps run`."""
    bare = text.replace("\\\r\n", "").replace("\\\n", "").translate(_DROPPED)
    if not bare.isascii():
        bare = bare.encode("ascii", "ignore").decode()
    return all(word in bare for word in WORDS)


def may_run_file(command: str, folder: str) -> bool:
    """False if no word of a command names a file that may contain one."""
    for here in ("$PWD", "${PWD}", "$(pwd)"):
        command = command.replace(here, ".")
    tokens = dict.fromkeys(command.translate(_DROPPED).translate(_ENDS).split()[:_MOST_TOKENS])
    folders = [folder]
    files = []
    for token in tokens:
        path = _joined(folder, token)
        if os.path.isdir(path):
            folders.append(path)
        else:
            files += [token, token.rpartition("/")[2]] if "$" in command else [token]
    if "make" in command:
        files += _MAKEFILES
    return any(names_run(_joined(above, file)) for above in folders[:_MOST_FOLDERS] for file in files)


def _joined(folder: str, name: str) -> str:
    return os.path.join(folder, os.path.expanduser(name) if name.startswith("~") else name)


def names_run(path: str) -> bool:
    """Whether a file is small, and has the words of the command."""
    from nemolint.base.files import read_regular

    try:
        data = read_regular(path, MOST_BYTES)
    except (OSError, ValueError):
        return False
    bare = data.translate(None, b"\"'\\\n\r")
    return all(word.encode() in bare for word in WORDS)
