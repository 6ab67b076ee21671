"""The command line: arguments in, exit code out. What the subcommands do is in modules of their own."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from nemolint.errors import UserError
from nemolint.exitcode import CLEAN, FAILED
from nemolint.streams import guarded

if TYPE_CHECKING:
    from nemolint.listing import DryRuns
    from nemolint.settings import Settings

_SEVERITIES = ("error", "warning", "info")

_OVERVIEW = """\
Checks `nemotron steps run` commands where they are written: scripts, documents, notebooks, CI files.

usage: nemolint [PATH ...]             check files and folders (the same as `nemolint check`)
       nemolint commands [PATH ...]    list every run that is found
       nemolint explain RULE           what a rule reports and why, with examples
       nemolint rules                  all rules
       nemolint catalog [STEP]         the steps of the project
       nemolint cache clean|dir        remove what earlier checks left, or say where it is
       nemolint SUBCOMMAND --help      the options of a subcommand
       nemolint --version

exit codes: 0 nothing to report, 1 findings, 2 wrong usage or settings, a path that does not exist, an internal error
"""


class _Parser(argparse.ArgumentParser):
    """Names the nearest option where one is unknown."""

    def error(self, message: str) -> NoReturn:
        marker = "unrecognized arguments: "
        if message.startswith(marker):
            from nemolint.settings import did_you_mean

            name = message.removeprefix(marker).split(" ", 1)[0].partition("=")[0]
            known = [option for option in self._option_string_actions if option.startswith("--")]
            message = f"no such option: {name}{did_you_mean(name, known)}"
        self.exit(FAILED, f"nemolint: {message}\nTry `{self.prog} --help`.\n")


class _Help(argparse.RawDescriptionHelpFormatter):
    """Asks the terminal itself: argparse would load `shutil` for each option that is added."""

    def __init__(self, prog: str) -> None:
        named = os.environ.get("COLUMNS", "")
        try:
            columns = int(named) if named.isdigit() and int(named) else os.get_terminal_size().columns
        except (OSError, ValueError):
            columns = 80
        super().__init__(prog, width=columns - 2)


def run(arguments: Sequence[str]) -> int:
    """Run `nemolint` with these arguments and return its exit code. Never raises for what a user can cause."""
    return guarded(dispatch, list(arguments))


def dispatch(arguments: list[str]) -> int:
    """Run a subcommand."""
    commands: Mapping[str, Callable[[list[str]], int]] = {
        "check": _check,
        "commands": _commands,
        "explain": _explain,
        "rules": _rules,
        "catalog": _catalog,
        "cache": _cache,
    }
    if arguments and arguments[0] in ("-h", "--help", "help"):
        sys.stdout.write(_OVERVIEW)
        return CLEAN
    if arguments and arguments[0] in ("-V", "--version"):
        from nemolint import __version__

        sys.stdout.write(f"nemolint {__version__}\n")
        return CLEAN
    command = commands.get(arguments[0]) if arguments else None
    try:
        return command(arguments[1:]) if command is not None else _check(arguments)
    except SystemExit as stop:  # argparse: 0 after --help, 2 after wrong usage
        return stop.code if isinstance(stop.code, int) else FAILED
    except UserError as error:
        sys.stderr.write(f"nemolint: {error}\n")
        return FAILED


def _parser(name: str, description: str) -> _Parser:
    return _Parser(
        prog=f"nemolint {name}",
        description=description,
        allow_abbrev=False,
        formatter_class=_Help,
    )


def _add_shared(parser: argparse.ArgumentParser) -> None:
    """Options of all subcommands that read files."""
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders (default: the current folder)")
    _add_project(parser)
    parser.add_argument("--preset", choices=("repo", "answer"), help="judge a repository, or an assistant's answers")
    parser.add_argument("--stdin-filename", metavar="NAME", help="read standard input as a file of this name")
    parser.add_argument("--force-exclude", action="store_true", help="apply `exclude` to given paths, too")
    parser.add_argument(
        "--no-cache", action="store_true", help="use nothing that earlier checks left, and leave nothing"
    )


def _add_project(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", help="read the settings from this file")
    parser.add_argument("--env-file", type=Path, metavar="FILE", help="the env TOML whose profiles are in force")
    parser.add_argument("--nemotron", type=Path, metavar="PATH", help="a Nemotron checkout to read the steps from")


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _check(arguments: list[str]) -> int:
    from nemolint.report import FORMATS

    parser = _parser("check", "Check `nemotron steps run` commands in files and folders.")
    _add_shared(parser)
    rules = parser.add_argument_group("rules")
    rules.add_argument("--select", type=_names, metavar="RULES", help="turn on these rules or groups only")
    rules.add_argument("--ignore", type=_names, action="extend", default=[], metavar="RULES", help="turn off")
    rules.add_argument("--extend-select", type=_names, action="extend", default=[], metavar="RULES", help="turn on too")
    rules.add_argument("--prompt", type=Path, metavar="FILE", help="the question that the answers answer")
    fixes = parser.add_argument_group("fixes")
    fixes.add_argument("--fix", action="store_true", help="apply the safe fixes")
    fixes.add_argument("--unsafe-fixes", action="store_true", help="with --fix or --diff: the others, too")
    fixes.add_argument("--diff", action="store_true", help="show what --fix would change, and change nothing")
    output = parser.add_argument_group("output")
    output.add_argument(
        "--output-format",
        action="append",
        default=[],
        metavar="FORMAT[=FILE]",
        help=f"may be repeated: {', '.join(FORMATS)}",
    )
    output.add_argument("--show", choices=_SEVERITIES, help="the least severity to show (default: warning)")
    output.add_argument("--fail-on", choices=_SEVERITIES, default="warning", help="the least severity for exit code 1")
    output.add_argument("--exit-zero", action="store_true", help="exit with 0 even if there are findings")
    output.add_argument("--statistics", action="store_true", help="count the findings of each rule")
    output.add_argument("--color", choices=("auto", "always", "never"), default="auto")
    output.add_argument("--show-settings", action="store_true", help="print the settings in force, and check nothing")
    parser.add_argument("--hook", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args(arguments)
    if args.unsafe_fixes and not (args.fix or args.diff):
        parser.error("--unsafe-fixes does nothing alone: add --fix, or --diff to see what would change")
    from nemolint import check

    settings = _settings(args)
    if args.show_settings:
        import json

        sys.stdout.write(json.dumps(settings.show(), indent=2) + "\n")
        return CLEAN
    paths, stdin_name = _inputs(parser, args)
    return check.run(
        check.Request(
            paths=paths,
            stdin_name=stdin_name,
            prompt=_prompt(parser, args.prompt),
            fix=args.fix,
            unsafe_fixes=args.unsafe_fixes,
            diff=args.diff,
            outputs=_outputs(parser, args.output_format, FORMATS),
            # What makes the check fail is shown.
            show=args.show or max("warning", args.fail_on, key=_SEVERITIES.index),
            fail_on=args.fail_on,
            exit_zero=args.exit_zero,
            statistics=args.statistics,
            force_exclude=args.force_exclude or args.hook,
            hook=args.hook,
            cache=not args.no_cache,
            color=args.color,
        ),
        settings,
        check.Streams(sys.stdin.buffer, sys.stdout, sys.stderr),
    )


def _commands(arguments: list[str]) -> int:
    parser = _parser("commands", "List every `nemotron steps run` that nemolint sees, with what it makes of it.")
    _add_shared(parser)
    parser.add_argument("--all", action="store_true", help="mentions, too: text that nobody would run")
    verify = parser.add_argument_group("verification")
    verify.add_argument("--verify", action="store_true", help="start each command's own --dry-run in its checkout")
    verify.add_argument("--verify-timeout", type=_seconds, metavar="SECONDS", help="for each of them (default: 120)")
    verify.add_argument("--verify-with", metavar="EXECUTABLE", help="run this in the place of `nemotron`")
    _add_format(parser, ("text", "json"))
    args = parser.parse_args(arguments)
    dry_runs = _dry_runs(parser, args)
    from nemolint import check, listing

    paths, stdin_name = _inputs(parser, args)
    request = check.Request(paths=paths, stdin_name=stdin_name, force_exclude=args.force_exclude)
    streams = check.Streams(sys.stdin.buffer, sys.stdout, sys.stderr)
    settings = _settings(args)
    return listing.commands(request, settings, streams, mentions=args.all, format=args.output_format, dry_runs=dry_runs)


def _seconds(text: str) -> float:
    """A time greater than none, for argparse."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 86_400:
        raise argparse.ArgumentTypeError(f"give seconds, as in 60, and not {text!r}")
    return value


def _dry_runs(parser: _Parser, args: argparse.Namespace) -> DryRuns | None:
    """What `--verify` and its options ask for, None without it."""
    if not args.verify:
        if args.verify_timeout is not None or args.verify_with is not None:
            parser.error("--verify-timeout and --verify-with do nothing without --verify")
        return None
    from nemolint.listing import DryRuns

    executable = None
    if args.verify_with is not None:
        import shutil

        executable = shutil.which(args.verify_with)
        if executable is None:
            parser.error(f"--verify-with: there is no program {args.verify_with}")
        executable = str(Path(executable).absolute())
    return DryRuns(args.verify_timeout or 120.0, executable)


def _explain(arguments: list[str]) -> int:
    parser = _parser("explain", "Say what a rule reports and why, with examples.")
    parser.add_argument("rule", metavar="RULE")
    args = parser.parse_args(arguments)
    from nemolint import listing

    return listing.explain(args.rule, sys.stdout, sys.stderr)


def _rules(arguments: list[str]) -> int:
    parser = _parser("rules", "List all rules.")
    _add_format(parser, ("text", "json", "markdown"))
    args = parser.parse_args(arguments)
    from nemolint import listing

    return listing.rules(sys.stdout, args.output_format)


def _catalog(arguments: list[str]) -> int:
    parser = _parser("catalog", "Show the steps of the project, or one step with its configs and parameters.")
    parser.add_argument("step", nargs="?", metavar="STEP")
    _add_project(parser)
    parser.add_argument(
        "--build", type=Path, metavar="PATH", help="make a snapshot of the facts of the checkout at PATH"
    )
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="write the snapshot to FILE, not to standard output"
    )
    _add_format(parser, ("text", "json"))
    args = parser.parse_args(arguments)
    from nemolint import listing

    if args.build is not None:
        return listing.build_catalog(args.build, args.output, sys.stdout, sys.stderr)
    return listing.catalog(args.step, _settings(args), args.output_format, sys.stdout, sys.stderr)


def _cache(arguments: list[str]) -> int:
    parser = _parser("cache", "Remove what earlier checks left, or say where it is.")
    parser.add_argument("action", choices=("clean", "dir"))
    args = parser.parse_args(arguments)
    from nemolint.cache import place

    if args.action == "dir":
        sys.stdout.write(f"{place.folder()}\n")
        return CLEAN
    try:
        removed, folder = place.clean()
    except OSError as error:
        raise UserError(f"{error.filename}: cannot be removed: {error.strerror}") from None
    sys.stderr.write(f"Removed {removed} cache file{'' if removed == 1 else 's'} from {folder}.\n")
    return CLEAN


def _add_format(parser: argparse.ArgumentParser, formats: tuple[str, ...]) -> None:
    parser.add_argument("--output-format", choices=formats, default="text")
    parser.add_argument("--json", dest="output_format", action="store_const", const="json", help="as JSON")


def _settings(args: argparse.Namespace) -> Settings:
    """The settings file in force with the command line on top, all names of rules checked."""
    from nemolint.settings import SettingsError, load_settings, unknown_rule, with_command_line

    cwd = Path.cwd()
    settings = load_settings(cwd, args.config)
    lists = {option: getattr(args, option, None) for option in ("select", "ignore", "extend_select")}
    if any(lists.values()) or settings.names_rules:
        from nemolint.loader import load_rules

        rules = load_rules()
        settings.check_rules(rules)
        for option, names in lists.items():
            for name in names or ():
                if problem := unknown_rule(name, rules):
                    raise SettingsError(f"--{option.replace('_', '-')}: {problem}")
    for option in ("env_file", "nemotron"):
        path = getattr(args, option)
        if path is not None and not path.exists():
            raise SettingsError(f"--{option.replace('_', '-')}: {path} does not exist")
    settings = with_command_line(
        settings,
        select=lists["select"],
        ignore=lists["ignore"] or (),
        extend_select=lists["extend_select"] or (),
        env_file=None if args.env_file is None else cwd / args.env_file,
        nemotron=None if args.nemotron is None else cwd / args.nemotron,
        preset=getattr(args, "preset", None),
    )
    if settings.nemotron is not None and not (settings.nemotron / "src" / "nemotron" / "steps").is_dir():
        raise SettingsError(f"nemotron: {settings.nemotron} is no Nemotron checkout: it has no src/nemotron/steps")
    return settings


def _inputs(parser: _Parser, args: argparse.Namespace) -> tuple[tuple[str, ...], str | None]:
    """The paths to check, and the name that standard input stands for (None where it is not read)."""
    paths: list[str] = args.paths
    if "-" in paths or args.stdin_filename is not None:
        if args.stdin_filename is None:
            parser.error("say what the text is: --stdin-filename docs/guide.md -")
        if set(paths) - {"-"}:
            parser.error("standard input cannot be checked together with files")
        return (), args.stdin_filename
    return tuple(paths or ["."]), None


def _outputs(parser: _Parser, values: Sequence[str], known: Sequence[str]) -> tuple[tuple[str, Path | None], ...]:
    """`FORMAT[=FILE]` as pairs; the file is None for standard output."""
    outputs: list[tuple[str, Path | None]] = []
    for value in values or ["text"]:
        name, _, file = value.partition("=")
        if name not in known:
            from nemolint.settings import did_you_mean

            parser.error(f'no format is called "{name}"{did_you_mean(name, known)}: use {", ".join(known)}')
        outputs.append((name, Path(file) if file not in ("", "-") else None))
    if sum(file is None for _, file in outputs) > 1:
        parser.error("only one format can go to standard output: give the others a file, as in sarif=report.sarif")
    return tuple(outputs)


def _prompt(parser: _Parser, file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        parser.error(f"--prompt: {file} cannot be read: {error.strerror or error}")
