"""The command `nemolint`. `--version` is answered here, before anything else is imported."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line and return its exit code."""
    arguments = sys.argv[1:]
    if arguments in (["--version"], ["-V"]):
        from nemolint import __version__

        sys.stdout.write(f"nemolint {__version__}\n")
        return 0
    from nemolint.cli import run

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
