"""A second look at a payload, once it is read: whether its command, or a file that it may run, can hold a run.

Only built-in modules are imported here: most of what gets here ends here.
"""

from __future__ import annotations

import os

WORDS = ("steps", "run")
"""The words of a run of which none is in a variable."""
TURNED = ("spets", "fgrcf")
"""What `rev` and a `tr` for ROT13 make one of them of."""
_CAPITALS = "STEPS RUN"
MOST_BYTES = 262_144
"""The size of the largest file that a command runs, or text that it decodes, that is checked, too."""
_MOST_TOKENS = 400
_MOST_FOLDERS = 8
# What may be inside a word of a shell without being part of it, and what ends one.
_DROPPED = dict.fromkeys(map(ord, "\"'\\`^"))
_ENDS = dict.fromkeys(map(ord, ";&|()<>{}=,:$"), " ")
_NO_BASE64 = dict.fromkeys(map(ord, "\"'`;&|()<>{},:$*"), " ")
_BASE64 = dict.fromkeys(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
_LEAST_BASE64 = 24  # characters of the shortest run
_LINE_BASE64 = 60  # characters of a line that may go on in the next one
_MAKEFILES = ("GNUmakefile", "makefile", "Makefile")


def may_hold_run(text: str) -> bool:
    """False for a command that cannot contain a `nemotron steps run`."""
    bare = text.replace("\\\r\n", "").replace("\\\n", "").translate(_DROPPED)
    if not bare.isascii():
        bare = bare.encode("ascii", "ignore").decode()
    return all(word in bare for word in WORDS) or any(words in bare for words in (*TURNED, _CAPITALS))


def decoded_runs(command: str) -> list[str]:
    """The texts that a command has in Base64 and that can contain a `nemotron steps run`.

    That is how a script goes through a pipe or to another machine without its quotes being in the way.
    """
    if "base64" not in command:
        return []
    texts: list[str] = []
    joined = ""
    for token in [*command.translate(_NO_BASE64).split()[:_MOST_TOKENS], ""]:
        if token and not token.translate(_BASE64):
            joined += token
            if len(token) >= _LINE_BASE64 and not token.endswith("="):
                continue
        if _LEAST_BASE64 <= len(joined) <= MOST_BYTES:
            texts.append(_from_base64(joined))
        joined = ""
    return [text for text in dict.fromkeys(texts) if may_hold_run(text)]


def _from_base64(text: str) -> str:
    """What a text in Base64 says, as far as it is text."""
    from binascii import Error, a2b_base64

    try:
        return a2b_base64(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)).decode("utf-8", "replace")
    except Error:
        return ""


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
