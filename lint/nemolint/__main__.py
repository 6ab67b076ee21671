"""The command `nemolint`.

`--version`, and a check of which nothing changed since the last time, are answered before anything else is imported.
"""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line and return its exit code."""
    from nemolint.streams import guarded

    return guarded(_run, sys.argv[1:])


def _run(arguments: list[str]) -> int:
    if arguments in (["--version"], ["-V"]):
        from nemolint import __version__

        sys.stdout.write(f"nemolint {__version__}\n")
        return 0
    from nemolint.cache import replay

    code = replay.attempt(arguments)
    if code is None:
        import gc

        from nemolint.cli import dispatch

        # Syntax trees are many objects and few cycles: the collector finds little, and a tenth of the time goes to it.
        gc.set_threshold(100_000, 20, 20)
        code = dispatch(arguments)
    return code


if __name__ == "__main__":
    sys.exit(main())
