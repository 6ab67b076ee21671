"""The command line: arguments in, exit code out. Each subcommand has a module of its own."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence

from nemolint.base.columns import columns_of, fitted
from nemolint.base.errors import UserError
from nemolint.base.exitcode import CLEAN, FAILED
from nemolint.base.paths import below, joined, plain
from nemolint.base.streams import as_utf8, guarded
from nemolint.commands.arguments import (
    ALIASES,
    OVERVIEW,
    OWN_OPTIONS,
    SEVERITIES,
    SHELLS,
    SUBCOMMANDS,
    Parser,
    parser_of,
)
from nemolint.secrets.outgoing import GivenArguments, MaskedStream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.commands.commands import DryRuns
    from nemolint.linter.rule import Rule
    from nemolint.settings import Settings, SettingsTree


def run(arguments: Sequence[str]) -> int:
    """Run `nemolint` with these arguments and return its exit code. Never raises for a mistake of the user."""
    given = GivenArguments(arguments)
    return guarded(dispatch, list(arguments), lambda stream: MaskedStream(stream, given))


def dispatch(arguments: list[str]) -> int:
    """Run a subcommand."""
    commands: Mapping[str, Callable[[Parser, argparse.Namespace], int]] = {
        "check": _check,
        "commands": _commands,
        "baseline": _baseline,
        "grade": _grade,
        "hook": _hook,
        "explain": _explain,
        "explain-run": _explain_run,
        "rules": _rules,
        "catalog": _catalog,
        "cache": _cache,
        "lsp": _lsp,
    }
    first = arguments[0] if arguments else ""
    if first in ("-h", "--help", "help"):
        from typing import get_args

        from nemolint.base.choices import Group

        overview = OVERVIEW.format(groups=", ".join(get_args(Group)))
        sys.stdout.write(fitted(overview, columns_of(sys.stdout)))
        return CLEAN
    if {"-V", "--version"} & {*arguments[:2]} and {"-v", "--verbose"} & {*arguments[:2]} and len(arguments) == 2:
        from nemolint.commands.versions import versions

        return versions(sys.stdout)
    if first in ("-V", "--version"):
        from nemolint.base.version import __version__

        sys.stdout.write(f"nemolint {__version__}\n")
        return CLEAN
    if first.partition("=")[0] == "--print-completion":
        return _print_completion(arguments)
    if first == "--complete":
        return _complete(arguments[1:])
    name, rest = (first, arguments[1:]) if first in commands else ("check", arguments)
    try:
        if name != first:
            _reject_misspelled(first)
        parser = parser_of(name)
        if name != first:
            parser.more = tuple(OWN_OPTIONS)
        args = parser.parse_args(rest)
        if name != first and args.paths and "--" not in rest and not args.hook:
            _reject_misspelled(args.paths[0], first=False)
        if _is_for_programs(args):
            as_utf8(sys.stdout)
        return commands[name](parser, args)
    except SystemExit as stop:  # argparse: 0 after --help, 2 after wrong usage
        return stop.code if isinstance(stop.code, int) else FAILED
    except UserError as error:
        from nemolint.base.visible import visible

        sys.stderr.write(f"nemolint: {visible(str(error))}\n")
        return FAILED


def _reject_misspelled(word: str, *, first: bool = True) -> None:
    """Raise UserError for a word in place of a path that is neither one nor looks like one."""
    named = word[:1].isalpha() and word.replace("-", "").replace("_", "").isalnum()
    if not named or os.path.lexists(word):
        return
    from nemolint.base.close_matches import close_matches

    meant = ALIASES.get(word.lower()) or next(iter(close_matches(word, SUBCOMMANDS, most=1)), None)
    if word in SUBCOMMANDS and not first:
        raise UserError(f"put the subcommand before the options: `nemolint {word}`, or write `./{word}` for a path")
    hint = f" (did you mean `nemolint {meant}`?)" if meant else ": see `nemolint --help`"
    raise UserError(f"`{word}` is neither a subcommand nor a file or folder here{hint}")


def _is_for_programs(args: argparse.Namespace) -> bool:
    """True if standard output is for programs, so that it must not depend on the locale."""
    if getattr(args, "schema", False) or getattr(args, "show_settings", False):
        return True
    return getattr(args, "output_format", None) in ("json", "markdown", "mermaid", "reward")


def _print_completion(arguments: list[str]) -> int:
    shell = arguments[0].partition("=")[2] or "".join(arguments[1:2])
    if shell not in SHELLS:
        from nemolint.base.close_matches import or_list

        sys.stderr.write(f"nemolint: --print-completion: name the shell: {or_list(SHELLS)}\n")
        return FAILED
    from nemolint.commands.completion import script

    as_utf8(sys.stdout)
    sys.stdout.write(script(shell))
    return CLEAN


def _complete(words: list[str]) -> int:
    """Answer a completion script. It has no place for a message, and asks again at the next key."""
    from nemolint.commands.completion import answer

    as_utf8(sys.stdout)
    try:
        answer(words[0] if words else "", words[1:], sys.stdout)
    except (UserError, ValueError):
        return FAILED
    return CLEAN


def _check(parser: Parser, args: argparse.Namespace) -> int:
    if args.unsafe_fixes and not (args.fix or args.diff):
        parser.error("--unsafe-fixes has no effect by itself: add --fix, or --diff to see what would change")
    if args.since is not None and args.stdin_filename is not None:
        parser.error("--since compares files with a commit: it cannot be used with standard input")
    reason = _reason(parser, args)
    from nemolint.commands.check import run as run_check, show_files
    from nemolint.driver.request import Request, Streams
    from nemolint.driver.workers import forced
    from nemolint.report import FORMATS

    paths, stdin_name = _inputs(parser, args)
    if args.watch:
        _reject_unwatched(parser, args, stdin_name)
    start = paths if stdin_name is None else (stdin_name,)
    if args.show_settings:
        return _show_settings(parser, args, _settings(args, start)[1])
    forced()
    streams = Streams(sys.stdin.buffer, sys.stdout, sys.stderr)
    outputs = _outputs(parser, args.output_format, FORMATS)

    def prepare() -> tuple[Request, Settings, SettingsTree]:
        settings, tree = _settings(args, start)
        request = Request(
            paths=paths,
            stdin_name=stdin_name,
            prompt=_prompt(parser, args.prompt),
            fix=args.fix,
            unsafe_fixes=args.unsafe_fixes,
            diff=args.diff,
            add_ignores=reason,
            named=frozenset((*(args.select or ()), *args.extend_select)),
            outputs=outputs,
            # Findings that make the check fail are shown.
            show=args.show or max("warning", args.fail_on, key=SEVERITIES.index),
            fail_on=args.fail_on,
            exit_zero=args.exit_zero,
            statistics=args.statistics,
            quiet=args.quiet,
            verbose=args.verbose,
            force_exclude=args.force_exclude or args.hook,
            hook=args.hook,
            cache=not args.no_cache,
            color=args.color,
            jobs=args.jobs,
            since=args.since,
            baseline=None if args.no_baseline else args.baseline or _regular(settings.baseline),
            watch=args.watch,
        )
        return request, settings, tree

    if args.watch:
        from nemolint.commands.watched_check import watch

        given = (args.prompt, args.baseline, args.env_file, args.config)
        return watch(prepare, streams, [file for file in given if file is not None])
    request, settings, tree = prepare()
    run = show_files if args.show_files else run_check
    return run(request, settings, streams, tree)


def _reject_unwatched(parser: Parser, args: argparse.Namespace, stdin_name: str | None) -> None:
    """End with a message for an option that does not go with `--watch`."""
    if stdin_name is not None:
        parser.error("--watch checks files again when they change: it cannot be used with standard input")
    given = ("fix", "diff", "add_ignores", "since", "show_settings", "show_files", "hook")
    for option in given:
        if getattr(args, option):
            parser.error(f"--watch only reports: it cannot be used with --{option.replace('_', '-')}")


def _show_settings(parser: Parser, args: argparse.Namespace, tree: SettingsTree) -> int:
    """Print the settings of the current folder, or of a file or folder, and where each comes from."""
    from nemolint.report.json import dumps
    from nemolint.settings_file import origins, without_secrets

    if len(args.paths) > 1:
        parser.error("--show-settings shows the settings of one file or folder: give one")
    path = os.path.normpath(os.path.join(os.getcwd(), args.stdin_filename or (args.paths or ["."])[0]))
    settings = tree.of(path) if os.path.isdir(path) else tree.of_file(path).for_file(path)
    shown = {"file": path, **settings.show(), "origins": origins(settings, path)}
    sys.stdout.write(dumps(without_secrets(settings, shown)) + "\n")
    return CLEAN


def _reason(parser: Parser, args: argparse.Namespace) -> str | None:
    """The reason of the suppressions to write; None if none are to be written."""
    if not args.add_ignores:
        if args.reason is not None:
            parser.error("--reason has no effect by itself: add --add-ignores")
        return None
    if args.fix or args.unsafe_fixes:
        parser.error("--add-ignores and --fix change the same lines: use one after the other")
    if args.stdin_filename is not None or "-" in args.paths:
        parser.error("--add-ignores changes files: it cannot be used with standard input")
    if args.reason is None:
        parser.error("--add-ignores needs --reason TEXT: say why the findings are accepted")
    from nemolint.linter.add_suppressions import problem_of

    if problem := problem_of(args.reason):
        parser.error(f"--reason: {problem}")
    return str(args.reason).strip()


def _commands(parser: Parser, args: argparse.Namespace) -> int:
    dry_runs = _dry_runs(parser, args)
    from nemolint.commands.commands import commands
    from nemolint.driver.request import Request, Streams

    paths, stdin_name = _inputs(parser, args)
    request = Request(paths=paths, stdin_name=stdin_name, force_exclude=args.force_exclude)
    streams = Streams(sys.stdin.buffer, sys.stdout, sys.stderr)
    settings, tree = _settings(args, paths if stdin_name is None else (stdin_name,))
    return commands(request, settings, streams, tree, mentions=args.all, format=args.output_format, dry_runs=dry_runs)


def _dry_runs(parser: Parser, args: argparse.Namespace) -> DryRuns | None:
    """The options of `--verify`; None without it."""
    if not args.verify:
        if args.verify_timeout is not None or args.verify_with is not None:
            parser.error("--verify-timeout and --verify-with need --verify")
        return None
    from nemolint.commands.commands import DryRuns

    executable = None
    if args.verify_with is not None:
        import shutil

        executable = shutil.which(args.verify_with)
        if executable is None:
            parser.error(f"--verify-with: cannot find the program {args.verify_with}")
        executable = joined(os.getcwd(), executable)
    return DryRuns(args.verify_timeout or 120.0, executable)


def _baseline(parser: Parser, args: argparse.Namespace) -> int:
    from nemolint.commands.baseline import write_baseline
    from nemolint.driver.request import Request, Streams

    paths, stdin_name = _inputs(parser, args)
    settings, tree = _settings(args, paths)
    if stdin_name is not None:
        parser.error("a baseline cannot be made from standard input: give files or folders")
    request = Request(
        paths=paths, show=args.show, force_exclude=args.force_exclude, cache=not args.no_cache, jobs=args.jobs
    )
    streams = Streams(sys.stdin.buffer, sys.stdout, sys.stderr)
    return write_baseline(request, settings, streams, args.output, tree)


def _grade(parser: Parser, args: argparse.Namespace) -> int:
    if (args.answer is None) is (args.trajectory is None):
        parser.error("give the answer, `-` for standard input, or a trajectory with --trajectory: one of them")
    from nemolint.commands.grade import GradeInputs, grade
    from nemolint.driver.request import Streams

    # A grade must not depend on settings that happen to be around.
    args.isolated = args.config is None
    settings, _ = _settings(args)
    given = GradeInputs(args.answer, args.trajectory, args.entry, args.expect, args.id, _prompt(parser, args.prompt))
    streams = Streams(sys.stdin.buffer, sys.stdout, sys.stderr)
    return grade(given, settings, streams, args.output_format, args.output)


def _hook(parser: Parser, args: argparse.Namespace) -> int:
    from nemolint.commands.hook import hook

    return hook(parser, args)


def _explain(parser: Parser, args: argparse.Namespace) -> int:
    from nemolint.commands.explain import explain
    from nemolint.linter.loader import load_rules

    if "nemotron" in args.rule or args.rule.rpartition(":")[2].isdigit() or os.path.lexists(args.rule):
        parser.error("`explain` is about a rule: for a command, or a file with commands, use `nemolint explain-run`")
    known = load_rules()
    # Broken settings are no obstacle to what is said about a rule of nemolint.
    return explain(args.rule, sys.stdout, sys.stderr, known if args.rule in known else _known_rules(args.config))


def _explain_run(parser: Parser, args: argparse.Namespace) -> int:
    if args.compare is not None and args.output_format == "mermaid":
        parser.error("--compare has no output as mermaid: use text or json")
    from nemolint.commands.explain_run import explain_run
    from nemolint.driver.request import Streams

    settings, tree = _settings(args)
    streams = Streams(sys.stdin.buffer, sys.stdout, sys.stderr)
    return explain_run(args.subject, settings, tree, streams, format=args.output_format, compare=args.compare)


def _rules(parser: Parser, args: argparse.Namespace) -> int:
    from nemolint.commands.rules import rules, schema, test

    if args.schema:
        return schema(sys.stdout)
    if args.test:
        return test(sys.stdout, sys.stderr, _settings_here(args.config))
    return rules(sys.stdout, args.output_format, _known_rules(args.config))


def _settings_here(config: str | None) -> Settings:
    """The settings of the current folder, or of a file, their names checked."""
    from nemolint.settings import Settings, SettingsTree
    from nemolint.settings_file import SettingsFiles

    files, cwd = SettingsFiles(_check_names), os.getcwd()
    if config is not None:
        return files.of_file(config)
    return SettingsTree(lambda: Settings(cwd), files.of_folder).of(cwd)


def _known_rules(config: str | None) -> Mapping[str, Rule]:
    """The loaded rules, and the policies of the current folder's settings, or of those in a file."""
    from nemolint.linter.loader import load_rules

    settings = _settings_here(config)
    if not settings.policies:
        return load_rules()
    from nemolint.linter.policy_rules import rules_of

    return dict(sorted({**load_rules(), **rules_of(settings)}.items()))


def _catalog(parser: Parser, args: argparse.Namespace) -> int:
    from nemolint.commands.catalog import build_catalog, catalog, drift

    if args.build is not None:
        return build_catalog(args.build, args.output, sys.stdout, sys.stderr)
    if args.drift:
        return drift(_settings(args)[0], args.output_format, sys.stdout, sys.stderr)
    return catalog(args.step, _settings(args)[0], args.output_format, sys.stdout, sys.stderr)


def _cache(parser: Parser, args: argparse.Namespace) -> int:
    from nemolint.commands import cache

    return cache.where(sys.stdout) if args.action == "dir" else cache.clean(sys.stderr)


def _lsp(parser: Parser, args: argparse.Namespace) -> int:
    from nemolint.commands.lsp import lsp

    return lsp()


def _settings(args: argparse.Namespace, paths: Sequence[str] = ()) -> tuple[Settings, SettingsTree]:
    """The settings of the whole check and those of each folder, combined with the command line, names checked."""
    from nemolint.settings import Settings, SettingsError, SettingsTree, with_command_line
    from nemolint.settings_file import SettingsFiles

    cwd = os.getcwd()
    lists = {option: getattr(args, option, None) for option in ("select", "ignore", "extend_select")}
    unknown: list[tuple[str, str]] = []
    if any(lists.values()):
        from nemolint.linter.loader import load_rules
        from nemolint.settings_check import unknown_rule

        rules = load_rules()
        unknown = [
            (f"--{option.replace('_', '-')}", name)
            for option, names in lists.items()
            for name in names or ()
            if unknown_rule(name, rules)
        ]
    if args.env_file is not None:
        _check_readable("--env-file", args.env_file)
    for option in ("nemotron", "baseline"):
        path = getattr(args, option, None)
        if path is not None and not os.path.exists(path):
            raise SettingsError(f"--{option}: {path} does not exist")

    def complete(settings: Settings) -> Settings:
        settings = with_command_line(
            settings,
            select=lists["select"],
            ignore=lists["ignore"] or (),
            extend_select=lists["extend_select"] or (),
            exclude=getattr(args, "exclude", None) or (),
            cwd=cwd,
            env_file=None if args.env_file is None else joined(cwd, args.env_file),
            nemotron=None if args.nemotron is None else joined(cwd, args.nemotron),
            preset=getattr(args, "preset", None),
        )
        if settings.nemotron is not None and not os.path.isdir(joined(settings.nemotron, "src", "nemotron", "steps")):
            raise SettingsError(
                f"nemotron: {settings.nemotron} is not a Nemotron checkout: it has no src/nemotron/steps"
            )
        return settings

    files = SettingsFiles(_check_names, complete)
    if args.config is not None and args.isolated:
        raise UserError("--config and --isolated contradict each other: leave out one")
    if args.config is not None or args.isolated:
        settings = complete(Settings(cwd)) if args.config is None else files.of_file(args.config)
        _check_options(settings, unknown)
        return settings, SettingsTree(lambda: settings, seen=files.seen)
    here = SettingsTree(lambda: complete(Settings(cwd)), files.of_folder)
    tree = SettingsTree(lambda: here.of(cwd), files.of_folder, files.seen)
    settings = tree.of(_start(paths, cwd))
    _check_options(settings, unknown)
    return settings, tree


def _check_options(settings: Settings, names: Sequence[tuple[str, str]]) -> None:
    """Raise SettingsError for a name that an option gives, and that is neither a rule nor a policy to be named."""
    if not names:
        return
    from nemolint.linter.loader import load_rules
    from nemolint.linter.policy_rules import rules_of
    from nemolint.settings import SettingsError
    from nemolint.settings_check import locked_problem, unknown_rule

    rules = {**load_rules(), **rules_of(settings)}
    for option, name in names:
        locked = locked_problem(name, rules) if option == "--ignore" else None
        if problem := unknown_rule(name, rules) or locked:
            raise SettingsError(f"{option}: {problem}")


def _check_names(settings: Settings) -> None:
    """Raise SettingsError if the settings name a rule that does not exist, or define one that does."""
    if settings.names_rules:
        from nemolint.linter.loader import check_names, load_rules

        check_names(settings, load_rules())


def _start(paths: Sequence[str], cwd: str) -> str:
    """The folder whose settings are those of the whole check: the current one, if something in it is checked.

    Else it is the folder that contains all that is.
    """
    given = [os.path.normpath(os.path.join(cwd, path)) for path in paths]
    if not given or any(below(path, cwd) for path in given):
        return cwd
    folders = [path if os.path.isdir(path) else os.path.dirname(path) for path in given]
    try:
        return os.path.commonpath(folders)
    except ValueError:  # on several drives
        return cwd


def _check_readable(option: str, file: str) -> None:
    """Raise SettingsError if a file that is given by name cannot be read."""
    from nemolint.base.files import NotRegular, read_regular
    from nemolint.settings import SettingsError

    try:
        read_regular(file)
    except FileNotFoundError:
        raise SettingsError(f"{option}: {file} does not exist") from None
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or error
        shown = said if isinstance(error, NotRegular) else f"cannot be read: {said}"
        raise SettingsError(f"{option}: {file} {shown}") from None


def _regular(baseline: str | None) -> str | None:
    """The baseline of the settings, which come with the checked tree. Raises SettingsError for a pipe or a device."""
    from nemolint.settings import SettingsError

    if baseline is not None and os.path.exists(baseline) and not os.path.isfile(baseline):
        raise SettingsError(f"baseline: {baseline} is not a regular file: name one in the settings")
    return baseline


def _inputs(parser: Parser, args: argparse.Namespace) -> tuple[tuple[str, ...], str | None]:
    """The paths to check, and the file name for standard input (None if it is not read)."""
    paths: list[str] = args.paths
    # pre-commit passes only names of files.
    if ("-" in paths and not getattr(args, "hook", False)) or args.stdin_filename is not None:
        if args.stdin_filename is None:
            parser.error("standard input needs a file name: add one, as in --stdin-filename docs/guide.md -")
        if set(paths) - {"-"}:
            parser.error("standard input cannot be checked together with files")
        return (), args.stdin_filename
    return tuple(paths or ["."]), None


def _outputs(parser: Parser, values: Sequence[str], known: Sequence[str]) -> tuple[tuple[str, str | None], ...]:
    """`FORMAT[=FILE]` as pairs; the file is None for standard output."""
    outputs: list[tuple[str, str | None]] = []
    for value in values or ["text"]:
        name, _, file = value.partition("=")
        if name not in known:
            from nemolint.base.close_matches import did_you_mean

            parser.error(f'unknown format "{name}"{did_you_mean(name, known)}: use {", ".join(known)}')
        outputs.append((name, plain(file) if file not in ("", "-") else None))
    if sum(file is None for _, file in outputs) > 1:
        parser.error("only one format can go to standard output: give the others a file, as in sarif=report.sarif")
    return tuple(outputs)


def _prompt(parser: Parser, file: str | None) -> str | None:
    if file is None:
        return None
    from nemolint.base.files import read_given
    from nemolint.driver.discover import MAX_BYTES

    try:
        return read_given(file, MAX_BYTES).decode("utf-8", "replace")
    except OSError as error:
        parser.error(f"--prompt: {file} cannot be read: {error.strerror or error}")
