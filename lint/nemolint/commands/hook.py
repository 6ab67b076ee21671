"""`nemolint hook` with an option that is not about a payload. The hook itself is `nemolint.guard.start`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from nemolint.base.exitcode import CLEAN, FINDINGS
from nemolint.base.paths import display_path, joined, root_of
from nemolint.base.visible import opening, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from nemolint.commands.arguments import Parser
    from nemolint.guard.hosts import HookTarget
    from nemolint.guard.install import HookChange, HookScope
    from nemolint.guard.payload import Host


def hook(parser: Parser, args: argparse.Namespace) -> int:
    """Install, uninstall or test the hook, and return the exit code. Raises UserError."""
    asked = [f"--{name}" for name in ("install", "uninstall", "selftest") if getattr(args, name)]
    if len(asked) > 1:
        parser.error(f"{asked[0]} and {asked[1]} contradict each other: use one after the other")
    if args.agent and not args.selftest:
        parser.error(f"--agent has no effect with {asked[0]}, which names the host")
    only = {"replies": args.replies, "fail-closed": args.fail_closed, "deadline": args.deadline, "log": args.log}
    if not args.install and (named := next((name for name, value in only.items() if value), None)):
        parser.error(f"--{named} has no effect with {asked[0]}")
    if args.print and args.selftest:
        parser.error("--print has no effect with --selftest, which writes nothing")
    if args.selftest:
        return _selftest(args)
    return _install(args) if args.install else _uninstall(args)


def _scope(project: bool) -> HookScope:
    from nemolint.guard.install import HookScope, user_home

    return HookScope(Path(root_of(os.getcwd())) if project else None, user_home(), os.environ)


def _scopes() -> list[HookScope]:
    """The hooks that apply here: those of the user, and of this repository."""
    user, project = _scope(False), _scope(True)
    return [project] if project.root == user.home else [user, project]


def _install(args: argparse.Namespace) -> int:
    from nemolint.guard.hosts import TARGETS
    from nemolint.guard.install import Wanted, apply, install

    target, scope = TARGETS[args.install], _scope(args.project)
    options = [*(["--fail-closed"] if args.fail_closed else [])]
    options += ["--deadline", f"{args.deadline:g}"] if args.deadline else []
    if args.log is not None:
        options += ["--log", args.log if args.project else joined(os.getcwd(), args.log)]
    change = install(target, scope, Wanted(tuple(options), args.replies))
    if args.print:
        _print(change)
    else:
        apply(change, scope)
    _say(_about(target, scope, change, printed=args.print))
    return CLEAN


def _about(target: HookTarget, scope: HookScope, change: HookChange, *, printed: bool) -> Iterator[str]:
    """What was done, what is to be done, and what the host makes of a hook that fails."""
    from nemolint.guard.hosts import TARGETS
    from nemolint.guard.install import also_asked, files_read, which_to_keep

    place = f"{display_path(change.path, Path.cwd())}:{change.line}"
    if change.before == change.after:
        done = f"{place} starts nemolint already; nothing was changed"
    elif printed:
        done = f"{place} would start nemolint; nothing was written"
    else:
        done = f"{place} starts nemolint from now on"
    yield f"{target.title}: {done}."
    yield from (f"  note: {note}." for note in change.notes)
    scopes = _scopes()
    claude = [path for scope in scopes for path in files_read(TARGETS["claude"], scope)]
    for entry in also_asked(target, scopes, change.path):
        other = f"{display_path(entry.path, Path.cwd())}:{entry.line}"
        both = target.name != "claude" and entry.path in claude
        what = which_to_keep(change.path, entry.path, scopes) if both else "uninstall one"
        yield f"  note: {other} starts nemolint, too, so {target.title} asks it twice: {what}."
    vscode = TARGETS["vscode"]
    for entry in also_asked(vscode, scopes, change.path) if target.name == "claude" else ():
        if entry.path not in claude:
            other = f"{display_path(entry.path, Path.cwd())}:{entry.line}"
            what = which_to_keep(entry.path, change.path, scopes)
            yield f"  note: {other} starts nemolint, too, so {vscode.title}, which reads both, asks it twice: {what}."
    if change.before != change.after and change.command is not None:
        yield f"  command: {' '.join(change.command.program)}{''.join(f' {word}' for word in change.command.options)}"
    if change.before != change.after and not printed:
        steps = [target.then, *([target.project_then] if scope.root is not None and target.project_then else [])]
        if scope.root is not None and target.name != "copilot":
            steps.append("commit the file; everyone needs `nemolint` on their PATH")
        yield f"  next: {'; '.join(steps)}; then run `nemolint hook --selftest`."
    yield f"  mind: {target.failure}."


def _uninstall(args: argparse.Namespace) -> int:
    from nemolint.guard.hosts import TARGETS
    from nemolint.guard.install import apply, uninstall

    target, scope = TARGETS[args.uninstall], _scope(args.project)
    changes = uninstall(target, scope)
    for change in changes:
        shown = display_path(change.path, Path.cwd())
        if args.print:
            _print(change)
        else:
            apply(change, scope)
        if change.before != change.after:
            done = "would not start" if args.print else "does not start"
            removed = (
                f"{shown} is removed"
                if change.after is None and not args.print
                else f"{shown} {done} nemolint any more"
            )
            _say([f"{target.title}: {removed}."])
        _say([f"  note: {note}." for note in change.notes])
    if not changes:
        files = " and ".join(display_path(path, Path.cwd()) for path in scope.files(target))
        _say([f"{target.title}: no hook of nemolint in {files}."])
    return CLEAN


def _print(change: HookChange) -> None:
    """Print a change as a patch, secrets masked."""
    from difflib import unified_diff

    from nemolint.reader import read_text
    from nemolint.secrets.redact import Redactor

    name = display_path(change.path, Path.cwd())
    before, after = ((data or b"").decode("utf-8") for data in (change.before, change.after))
    names = ("/dev/null" if change.before is None else name, "/dev/null" if change.after is None else name)
    scrub = [Redactor(read_text(name, text)).scrub for text in (before, after) if text]
    for line in unified_diff(before.splitlines(), after.splitlines(), *names, lineterm=""):
        for mask in scrub:
            line = mask(line)
        sys.stdout.write(opening(visible(line)) + "\n")


def _selftest(args: argparse.Namespace) -> int:
    from nemolint.guard.hosts import TARGETS
    from nemolint.guard.payload import HOSTS
    from nemolint.guard.selftest import selftest

    scopes = _scopes()[-1:] if args.project else _scopes()
    hosts = [args.agent] if args.agent else list(HOSTS)
    good = True
    seen: dict[Host, None] = {}
    for report in selftest(scopes, hosts, Path.cwd()):
        good &= report.ok
        seen[report.target.name] = None
        place = display_path(report.path, Path.cwd()) + (f":{report.line}" if report.line else "")
        _say([f"{'ok' if report.ok else 'FAILED'}: {report.target.title}: {place}: {report.message}."])
        _say([f"  note: {note}." for note in report.notes])
    for name in seen:
        target = TARGETS[name]
        _say([f"not tested: whether {target.title} starts the hook at all, and {target.unproven}."])
    if not seen:
        where = "this repository" if args.project else "your home folder or this repository"
        _say([f"no hook of nemolint is installed in {where}: run `nemolint hook --install HOST`."])
    return CLEAN if good and seen else FINDINGS


def _say(lines: list[str] | Iterator[str]) -> None:
    for line in lines:
        sys.stdout.write(opening(visible(line)) + "\n")
