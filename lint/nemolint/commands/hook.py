"""`nemolint hook` with an option that is not about a payload. The hook itself is `nemolint.guard.start`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nemolint.base.exitcode import CLEAN

if TYPE_CHECKING:
    import argparse

    from nemolint.commands.arguments import Parser


def hook(parser: Parser, args: argparse.Namespace) -> int:
    """Manage the hook, and return the exit code."""
    parser.print_usage()
    return CLEAN
