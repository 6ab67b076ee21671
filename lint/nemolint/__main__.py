"""The command `nemolint`.

`--version`, and a check of an unchanged tree, are answered before anything else is imported.
"""

from __future__ import annotations

import _signal  # `signal` would import `enum`
import atexit
import gc
import os
import sys

if __name__ == "__main__" and __spec__ is not None and not sys.flags.safe_path:
    # `python -m` searches modules in the working directory first, which may be the checked folder.
    del sys.path[0]


def main() -> int:
    """Run the command line and return its exit code."""
    if sys.argv[1:2] == ["hook"]:
        from nemolint.guard import start

        # argparse would exit with 2 for a misspelled option, and block every command of the assistant.
        if not any(word.partition("=")[0] in start.MANAGING for word in sys.argv[2:]):
            # The answer is written. Python's own end would take a quarter of the time again.
            os._exit(start.main(sys.argv[2:]))
    # Python's own handler would show a traceback from wherever the start or the end of the program is.
    takes_interrupts = _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler
    if takes_interrupts:
        _signal.signal(_signal.SIGINT, _stop)
    from nemolint.base.streams import guarded
    from nemolint.secrets.outgoing import GivenArguments, MaskedStream

    def action(arguments: list[str]) -> int:
        if not takes_interrupts:
            return _run(arguments)
        try:
            _signal.signal(_signal.SIGINT, _signal.default_int_handler)
            return _run(arguments)
        finally:
            _signal.signal(_signal.SIGINT, _stop)

    # When Python ends, it would search all objects for cycles twice. The system takes the memory back anyway.
    atexit.register(gc.freeze)
    given = GivenArguments(sys.argv[1:])
    return guarded(action, sys.argv[1:], lambda stream: MaskedStream(stream, given))


def _stop(*_: object) -> None:
    """End at once on Ctrl-C, where there is nothing to clean up."""
    try:
        os.write(2, b"nemolint: interrupted\n")
    finally:
        os._exit(130)


def _run(arguments: list[str]) -> int:
    if "--hook" in arguments and (name := _ambiguous(arguments)) is not None:
        from nemolint.base.exitcode import FAILED

        sys.stderr.write(f"nemolint: {name}: a file is named like an option: end the hook's `args` with `--`\n")
        return FAILED
    if arguments in (["--version"], ["-V"]):
        from nemolint.base.version import __version__

        sys.stdout.write(f"nemolint {__version__}\n")
        return 0
    from nemolint.cache import replay

    code = replay.attempt(arguments)
    if code is None:
        # Syntax trees have many objects and few cycles: the collector finds little, but takes a tenth of the time.
        gc.set_threshold(500_000, 20, 20)
        from nemolint.commands.cli import dispatch

        code = dispatch(arguments)
    return code


def _ambiguous(arguments: list[str]) -> str | None:
    """The first word that may be either an option of a hook's `args` or the name of a file, else None.

    pre-commit appends the names of files to `args`, and only a `--` shows where they begin. Words before `--hook` are
    the hook's own.
    """
    words = iter(arguments)
    for word in words:
        if word == "--hook":
            break
        if word == "--":
            return None
    for word in words:
        if word == "--":
            break
        if word.startswith("-") and os.path.lexists(word):
            return word
    return None


if __name__ == "__main__":
    sys.exit(main())
