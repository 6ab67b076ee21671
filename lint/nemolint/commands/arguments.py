"""The parsers of the command line: one for each subcommand."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from nemolint.base.columns import columns_of, fitted
from nemolint.base.exitcode import FAILED
from nemolint.base.named_tuple import NamedTuple
from nemolint.base.paths import plain
from nemolint.presets import PRESETS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

SEVERITIES = ("error", "warning", "info")
SHELLS = ("bash", "zsh", "fish")

# What other tools call it: the words after `nemolint`.
ALIASES = {
    "lint": "check",
    "scan": "check",
    "run": "check",
    "fix": "check --fix",
    "format": "check --fix",
    "diff": "check --diff",
    "watch": "check --watch",
    "list": "commands",
    "ls": "commands",
    "runs": "commands",
    "verify": "commands --verify",
    "score": "grade",
    "plan": "explain-run",
    "preview": "explain-run",
    "what": "explain-run",
    "why": "explain-run",
    "show": "explain-run",
    "dry-run": "explain-run",
    "pipeline": "explain-run",
    "rule": "explain",
    "doc": "explain",
    "steps": "catalog",
    "step": "catalog",
    "clean": "cache clean",
    "config": "check --show-settings",
    "settings": "check --show-settings",
    "schema": "rules --schema",
    "server": "lsp",
    "language-server": "lsp",
    "version": "--version",
}

OVERVIEW = """\
Checks `nemotron steps run` commands where they are written: scripts, documents, notebooks, CI files.

usage: nemolint [PATH ...]             check files and folders (the same as `nemolint check`)
       nemolint commands [PATH ...]    list every run found
       nemolint baseline [PATH ...]    record the current findings in a file, so that only new ones are reported
       nemolint grade ANSWER           the scores of an assistant's answer, for evaluations
       nemolint hook --install HOST    let a coding assistant ask before it runs a command
       nemolint explain RULE           what a rule reports and why, with examples
       nemolint explain-run COMMAND    what a command will do, or those of a FILE, before they do it
       nemolint rules                  all rules
       nemolint catalog [STEP]         the steps of the project
       nemolint lsp                    the language server for editors, on standard input and output
       nemolint cache clean|dir        delete the cache, or print its folder
       nemolint SUBCOMMAND --help      the options of a subcommand
       nemolint --version [--verbose]  this version, and those of what it uses
       nemolint --print-completion bash|zsh|fish

groups of rules for --select and --ignore:
  {groups}

exit codes: 0 nothing at or above --fail-on, 1 findings, 2 usage or settings error, unchecked files, internal error
"""

# Options of the command itself, without a subcommand, and what they do.
OWN_OPTIONS = {"--version": "print the version", "--print-completion": "print the completion script of a shell"}


class Parser(argparse.ArgumentParser):
    """Suggests the closest option for an unknown one, `more` included, which are read elsewhere."""

    more: tuple[str, ...] = ()
    advice = ""  # about an unexpected argument

    def error(self, message: str) -> NoReturn:
        marker = "unrecognized arguments: "
        if message.startswith(marker):
            from nemolint.base.close_matches import did_you_mean

            name = message.removeprefix(marker).split(" ", 1)[0].partition("=")[0]
            known = [
                option
                for option, action in self._option_string_actions.items()
                if option.startswith("--") and action.help != argparse.SUPPRESS
            ]
            known += self.more
            if name.startswith("-"):
                message = f"no such option: {name}{did_you_mean(name, known)}"
            else:
                message = f"unexpected argument: {name}{self.advice}"
        from nemolint.base.visible import visible

        self.exit(FAILED, f"nemolint: {visible(message)}\nTry `{self.prog} --help`.\n")


class _Help(argparse.RawDescriptionHelpFormatter):
    """Asks the terminal for its width itself: argparse would import `shutil` for each option that is added."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=(columns_of(sys.stdout) or 80) - 2, max_help_position=24)

    if sys.version_info[:2] == (3, 14):
        # Python 3.14 imports colours, and with them `dataclasses` and `inspect`, in the formatter that checks each
        # added option. Here that waits until something is printed.

        def _set_color(self, color: bool) -> None:
            self._wanted = color

        def __getattr__(self, name: str) -> Any:
            if name not in ("_theme", "_decolor"):
                raise AttributeError(name)
            vars(argparse.HelpFormatter)["_set_color"](self, self._wanted)
            return vars(self)[name]


class Subcommand(NamedTuple):
    """What a subcommand is for, what adds its arguments to a parser, and advice about an argument too many."""

    description: str
    add: Callable[[argparse.ArgumentParser], None]
    advice: str = ""


def parser_of(name: str) -> Parser:
    """The parser of a subcommand."""
    command = SUBCOMMANDS[name]
    description = fitted(command.description, columns_of(sys.stdout))
    parser = Parser(prog=f"nemolint {name}", description=description, allow_abbrev=False, formatter_class=_Help)
    parser.advice = command.advice
    command.add(parser)
    return parser


def _add_shared(parser: argparse.ArgumentParser) -> None:
    """Options of all subcommands that read files."""
    parser.add_argument(
        "paths", type=_not_empty, nargs="*", metavar="PATH", help="files and folders (default: the current folder)"
    )
    _add_project(parser)
    parser.add_argument(
        "--preset",
        choices=tuple(PRESETS),
        metavar="NAME",
        help=f"a named set of rules and severities: {', '.join(PRESETS)}",
    )
    parser.add_argument(
        "--stdin-filename", type=_not_empty, metavar="NAME", help="read standard input as a file of this name"
    )
    parser.add_argument(
        "--exclude",
        type=_pattern,
        action="append",
        default=[],
        metavar="PATTERN",
        help="skip what matches this pattern, as in .gitignore; may be repeated",
    )
    parser.add_argument("--force-exclude", action="store_true", help="apply `exclude` to given paths as well")
    parser.add_argument("--no-cache", action="store_true", help="neither read nor write the cache")


def _add_project(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=_path, metavar="FILE", help="read the settings from this file alone")
    parser.add_argument("--isolated", action="store_true", help="read no settings file")
    _add_sources(parser)


def _add_sources(parser: argparse._ActionsContainer) -> None:
    parser.add_argument("--env-file", type=_path, metavar="FILE", help="the env TOML to read the profiles from")
    parser.add_argument("--nemotron", type=_path, metavar="FOLDER", help="the Nemotron checkout to read the steps from")


def _add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=_path, metavar="FILE", help="take the policies of this settings file")


def _add_rules(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    rules = parser.add_argument_group("rules")
    rules.add_argument("--select", type=_names, metavar="RULES", help="enable only these rules or groups")
    rules.add_argument(
        "--ignore", type=_names, action="extend", default=[], metavar="RULES", help="disable these rules or groups"
    )
    rules.add_argument(
        "--extend-select",
        type=_names,
        action="extend",
        default=[],
        metavar="RULES",
        help="enable these rules or groups, too",
    )
    return rules


def _add_format(parser: argparse.ArgumentParser, formats: tuple[str, ...]) -> None:
    parser.add_argument("--output-format", choices=formats, default="text")
    parser.add_argument(
        "--json", dest="output_format", action="store_const", const="json", help="the same as --output-format json"
    )


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _path(text: str) -> str:
    """A path, for argparse. The empty one would be the current folder."""
    return plain(_not_empty(text))


def _not_empty(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("is empty: give a path")
    return text


def _pattern(text: str) -> str:
    """A file pattern, for argparse. On Windows folders may be separated as people type them there."""
    import os

    from nemolint.base.gitignore import quoted_letter

    pattern = text if os.sep == "/" else text.replace(os.sep, "/")
    if problem := quoted_letter(pattern):
        raise argparse.ArgumentTypeError(problem)
    return pattern


def _seconds(text: str) -> float:
    """A positive time, for argparse."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number of seconds: give one such as 60")
    return value


def _count(text: str) -> int:
    """A positive number, for argparse."""
    if not (text.isascii() and text.isdigit() and int(text[:9]) > 0 and len(text) < 9):
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number: give one such as 4")
    return int(text)


def _add_jobs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--jobs", type=_count, metavar="N", help="use at most N processes (default: one for each CPU)")


def _add_check(parser: argparse.ArgumentParser) -> None:
    from nemolint.report import FORMATS

    _add_shared(parser)
    _add_jobs(parser)
    rules = _add_rules(parser)
    rules.add_argument("--prompt", type=_path, metavar="FILE", help="the prompt that the checked answers reply to")
    new_only = parser.add_argument_group("new findings")
    new_only.add_argument(
        "--since", metavar="REF", help="report only findings on lines changed since the merge base with REF"
    )
    new_only.add_argument("--baseline", type=_path, metavar="FILE", help="hide the known findings in this baseline")
    new_only.add_argument("--no-baseline", action="store_true", help="ignore the baseline of the settings")
    fixes = parser.add_argument_group("fixes")
    fixes.add_argument("--fix", action="store_true", help="apply the safe fixes")
    fixes.add_argument("--unsafe-fixes", action="store_true", help="with --fix or --diff: include unsafe fixes")
    fixes.add_argument("--diff", action="store_true", help="show what --fix would change, without changing it")
    ignores = parser.add_argument_group("suppressions")
    ignores.add_argument(
        "--add-ignores",
        action="store_true",
        help="write a suppression for every finding, but none about a secret unless --select names its rule; "
        "with --diff: show them",
    )
    ignores.add_argument("--reason", metavar="TEXT", help="with --add-ignores: why the findings are accepted")
    output = parser.add_argument_group("output")
    output.add_argument(
        "--output-format",
        action="append",
        default=[],
        metavar="FORMAT[=FILE]",
        help=f"may be repeated: {', '.join(FORMATS)}",
    )
    output.add_argument("--show", choices=SEVERITIES, help="the lowest severity to show (default: warning)")
    output.add_argument(
        "--fail-on",
        choices=SEVERITIES,
        default="warning",
        help="the lowest severity that gives exit code 1 (default: warning)",
    )
    output.add_argument("--exit-zero", action="store_true", help="exit with 0 even if there are findings")
    output.add_argument("-q", "--quiet", action="store_true", help="print only findings and errors")
    output.add_argument(
        "-v", "--verbose", action="store_true", help="say on standard error what was read, and how long it took"
    )
    output.add_argument("--watch", action="store_true", help="check again whenever something changes, until Ctrl-C")
    output.add_argument("--statistics", action="store_true", help="count the findings of each rule")
    output.add_argument(
        "--color", choices=("auto", "always", "never"), default="auto", help="when to use colours (default: auto)"
    )
    output.add_argument(
        "--show-settings", action="store_true", help="print the settings of PATH and their origins, and check nothing"
    )
    output.add_argument(
        "--show-files", action="store_true", help="print the files that would be checked, and check nothing"
    )
    parser.add_argument("--hook", action="store_true", help=argparse.SUPPRESS)


def _add_commands(parser: argparse.ArgumentParser) -> None:
    _add_shared(parser)
    parser.add_argument("--all", action="store_true", help="include mentions: text that nobody would run")
    verify = parser.add_argument_group("verification")
    verify.add_argument("--verify", action="store_true", help="run each command with --dry-run in its checkout")
    verify.add_argument(
        "--verify-timeout", type=_seconds, metavar="SECONDS", help="time limit for each dry run (default: 120)"
    )
    verify.add_argument("--verify-with", metavar="EXECUTABLE", help="run this instead of `nemotron`")
    _add_format(parser, ("text", "json"))


def _add_baseline(parser: argparse.ArgumentParser) -> None:
    _add_shared(parser)
    _add_jobs(parser)
    _add_rules(parser)
    parser.add_argument(
        "--output",
        type=_path,
        metavar="FILE",
        help="the file to write (default: the baseline of the settings, else nemolint-baseline.json)",
    )
    parser.add_argument(
        "--show", choices=SEVERITIES, default="warning", help="the lowest severity to record (default: warning)"
    )


def _add_grade(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "answer", type=_not_empty, nargs="?", metavar="ANSWER", help="the answer, a Markdown file; - for standard input"
    )
    parser.add_argument(
        "--trajectory", type=_path, metavar="FILE", help="an agent's trajectory (ATIF), instead of the answer alone"
    )
    question = parser.add_argument_group("what was asked")
    question.add_argument("--entry", type=_path, metavar="FILE", help="the entry, or a data set with it")
    question.add_argument("--expect", type=_path, metavar="FILE", help="what is expected, by the id of the entry")
    question.add_argument("--id", type=_not_empty, metavar="ID", help="the entry, where a file has several")
    question.add_argument("--prompt", type=_path, metavar="FILE", help="the question, instead of that of the entry")
    facts = parser.add_argument_group("facts")
    facts.add_argument("--config", type=_path, metavar="FILE", help="read settings from this file (default: none)")
    _add_sources(facts)
    output = parser.add_argument_group("output")
    output.add_argument(
        "--format",
        dest="output_format",
        choices=("json", "reward"),
        default="json",
        help="reward: only the scores with their reasons, as SkillEvaluator reads them (default: json)",
    )
    output.add_argument("--output", type=_path, metavar="FILE", help="the file to write (default: standard output)")
    parser.set_defaults(preset="answer")


def _add_hook(parser: argparse.ArgumentParser) -> None:
    from nemolint.guard.payload import HOSTS

    parser.add_argument(
        "--agent", choices=HOSTS, metavar="HOST", help=f"the host, if its JSON does not tell: {', '.join(HOSTS)}"
    )
    parser.add_argument("--fail-closed", action="store_true", help="refuse what could not be checked")
    parser.add_argument(
        "--deadline", type=_seconds, metavar="SECONDS", help="answer after this time in any case (default: 5)"
    )
    parser.add_argument("--log", type=_path, metavar="FILE", help="add a line to FILE for each decision about a run")
    manage = parser.add_argument_group("installation")
    manage.add_argument(
        "--install",
        choices=HOSTS,
        metavar="HOST",
        help="register the hook with this host; the options above go to the installed command",
    )
    manage.add_argument("--uninstall", choices=HOSTS, metavar="HOST", help="take the hook out of this host's file")
    manage.add_argument(
        "--project", action="store_true", help="in the file of this repository, not in that of your home folder"
    )
    manage.add_argument("--replies", action="store_true", help="with --install: check the final answers, too")
    manage.add_argument("--print", action="store_true", help="show what would change, and write nothing")
    manage.add_argument(
        "--selftest", action="store_true", help="ask each installed hook about a command that it must refuse"
    )


def _add_explain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("rule", metavar="RULE")
    _add_config(parser)


def _add_explain_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "subject",
        type=_not_empty,
        metavar="COMMAND|FILE[:LINE]",
        help="a command as one argument, - for one on standard input, or a file with commands",
    )
    _add_project(parser)
    parser.add_argument(
        "--compare", type=_not_empty, metavar="CONFIG", help="show how the config in force differs from another one"
    )
    _add_format(parser, ("text", "json", "mermaid"))


def _add_list_of_rules(parser: argparse.ArgumentParser) -> None:
    _add_format(parser, ("text", "json", "markdown"))
    parser.add_argument("--schema", action="store_true", help="print the JSON schema of the settings instead")
    parser.add_argument("--test", action="store_true", help="run the examples of the settings' policies instead")
    _add_config(parser)


def _add_catalog(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("step", nargs="?", metavar="STEP")
    _add_project(parser)
    parser.add_argument("--build", type=_path, metavar="FOLDER", help="build a snapshot of the checkout in FOLDER")
    parser.add_argument(
        "--output", type=_path, metavar="FILE", help="write the snapshot to FILE instead of standard output"
    )
    parser.add_argument(
        "--drift", action="store_true", help="list the files that changed since facts were read from them"
    )
    _add_format(parser, ("text", "json"))


def _add_cache(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("clean", "dir"))


def _add_lsp(parser: argparse.ArgumentParser) -> None:
    # What clients pass by themselves.
    parser.add_argument("--stdio", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--clientProcessId", metavar="ID", help=argparse.SUPPRESS)


SUBCOMMANDS = {
    "check": Subcommand("Check `nemotron steps run` commands in files and folders.", _add_check),
    "commands": Subcommand("List every `nemotron steps run` that nemolint finds, and how it reads it.", _add_commands),
    "baseline": Subcommand(
        "Record the current findings in a file: `nemolint check --baseline FILE` reports only new ones.", _add_baseline
    ),
    "grade": Subcommand(
        "Grade an assistant's answer: scores from 0 to 1 for its commands and for what was expected of it.", _add_grade
    ),
    "hook": Subcommand(
        "Answer a hook of a coding assistant, whose JSON stands on standard input: check the command, or the answer.",
        _add_hook,
    ),
    "explain": Subcommand("Explain what a rule reports and why, with examples.", _add_explain),
    "explain-run": Subcommand(
        "Say what a command will do: its config, where it runs, what it costs and reads, and what blocks it.",
        _add_explain_run,
        ": give one argument, a whole command in quotes or FILE:LINE",
    ),
    "rules": Subcommand("List all rules.", _add_list_of_rules),
    "catalog": Subcommand("Show the steps of the project, or one step with its configs and parameters.", _add_catalog),
    "lsp": Subcommand(
        "Serve an editor: the language server, on standard input and output. Needs `pip install 'nemolint[lsp]'`.",
        _add_lsp,
    ),
    "cache": Subcommand("Delete the cache, or print its folder.", _add_cache),
}
