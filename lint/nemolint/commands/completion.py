"""`nemolint --print-completion SHELL`: scripts that complete options, files and rule names."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

_FILES = ("PATH", "FILE", "NAME", "EXECUTABLE")
_RULES = ("RULE", "RULES")


def script(shell: str) -> str:
    """The completion script for `bash` or `zsh`."""
    import shtab

    from nemolint.commands.arguments import whole_parser
    from nemolint.linter.loader import load_rules

    parser = whole_parser()
    rules = sorted(load_rules())
    for action in _actions(parser):
        if action.metavar in _FILES:
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif action.metavar == "FOLDER":
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
        elif action.metavar in _RULES:
            action.choices = rules
    return str(shtab.complete(parser, shell))


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                yield from _actions(inner)
        else:
            yield action
