"""Completion in shells: what can stand where the cursor is, and the scripts that ask for it.

`nemolint --print-completion SHELL` prints a script that only passes the words of the command line on, to
`nemolint --complete SHELL WORD …`, and shows the answer. So it never lags behind: it is the installed nemolint that
knows its options, the rules of the installed packs, and the steps of the checkout.

The answer is a line with the number of characters of the last word that stay as they are, and with what else is wanted
(`files`, `folders`; `nospace` after a word of a list), then a line for each word: what may follow these characters, a
tab, and what it means.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence
from itertools import pairwise

from nemolint.base.named_tuple import NamedTuple
from nemolint.commands.arguments import OWN_OPTIONS, SHELLS, SUBCOMMANDS, parser_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

    from nemolint.project import Project


class Completion(NamedTuple):
    """What can be in place of a word, after its first `kept` characters: words with their meaning, and paths."""

    words: tuple[tuple[str, str], ...] = ()
    kept: int = 0
    files: bool = False
    folders: bool = False
    listed: bool = False
    """True in a list with commas, where another word may follow at once."""


def complete(words: Sequence[str]) -> Completion:
    """What can be in place of the last of these words, which follow `nemolint` on a command line."""
    *before, last = words
    if not before:
        return _first(last)
    if before == ["--print-completion"]:
        return Completion(tuple((shell, "") for shell in SHELLS))
    name, rest = (before[0], before[1:]) if before[0] in SUBCOMMANDS else ("check", before)
    parser = parser_of(name)
    if "--" in rest:
        return _argument(parser, before, last)
    option, equals, value = last.partition("=")
    if equals and option.startswith("--"):
        named = parser._option_string_actions.get(option)
        if named is None or not _takes_value(named):
            return Completion()
        return _value(named, value, before, len(option) + 1)
    action = parser._option_string_actions.get(rest[-1]) if rest else None
    if action is not None and _takes_value(action):
        return _value(action, last, before)
    if last.startswith("-"):
        return Completion(_options(parser))
    return _argument(parser, before, last)


def _first(last: str) -> Completion:
    if last.startswith("--print-completion="):
        return Completion(tuple((shell, "") for shell in SHELLS), len("--print-completion="))
    if last.startswith("-"):
        given = complete(["check", last])
        return given._replace(words=(*given.words, *OWN_OPTIONS.items())) if "=" not in last else given
    return Completion(tuple((name, command.description) for name, command in SUBCOMMANDS.items()), files=True)


def _options(parser: argparse.ArgumentParser) -> tuple[tuple[str, str], ...]:
    formatter = parser._get_formatter()
    return tuple(
        (option, formatter._expand_help(action) if action.help else "")
        for action in parser._actions
        if action.help != argparse.SUPPRESS
        for option in action.option_strings
    )


def _takes_value(action: argparse.Action) -> bool:
    return action.nargs != 0


def _argument(parser: argparse.ArgumentParser, before: Sequence[str], last: str) -> Completion:
    actions = [action for action in parser._actions if not action.option_strings]
    return _value(actions[0], last, before) if actions else Completion()


def _value(action: argparse.Action, value: str, before: Sequence[str], kept: int = 0) -> Completion:
    """What the value of an option, or an argument, may be. `kept` characters of the word stand before it."""
    if action.choices is not None:
        return Completion(tuple((str(choice), "") for choice in action.choices), kept)
    match action.metavar:
        case "PATH" | "FILE" | "ANSWER" | "NAME" | "PATTERN" | "EXECUTABLE":
            return Completion(kept=kept, files=True)
        case "COMMAND|FILE[:LINE]":
            return Completion(kept=kept, files=True)
        case "CONFIG":
            return Completion(tuple((name, "") for name in _configs(before)), kept, files=True)
        case "FOLDER":
            return Completion(kept=kept, folders=True)
        case "FORMAT[=FILE]":
            from nemolint.report import FORMATS

            name, equals, _ = value.partition("=")
            if equals:
                return Completion(kept=kept + len(name) + 1, files=True)
            return Completion(tuple((name, "") for name in FORMATS), kept)
        case "RULE":
            return Completion(tuple(_rules()), kept)
        case "RULES":
            *given, _ = value.split(",")
            names = [*_rules(), *_groups()]
            kept += sum(len(name) + 1 for name in given)
            known = {name.strip() for name in given}
            return Completion(tuple(item for item in names if item[0] not in known), kept, listed=True)
        case "STEP":
            return Completion(tuple((step, "") for step in _steps(before)), kept)
        case "ID":
            return Completion(tuple((name, "") for name in _ids(before)), kept)
        case _:  # a number, a text, or a commit, which git would have to be asked for
            return Completion()


def _rules() -> Iterable[tuple[str, str]]:
    from nemolint.linter.loader import load_rules
    from nemolint.settings import SettingsError
    from nemolint.settings_file import load_settings

    rules = dict(load_rules())
    try:
        settings = load_settings(os.getcwd())
    except SettingsError:  # a check says what is wrong with them
        settings = None
    if settings is not None and settings.policies:
        from nemolint.linter.policy_rules import rules_of

        rules |= rules_of(settings)
    return sorted((name, rule.summary) for name, rule in rules.items())


def _groups() -> Iterable[tuple[str, str]]:
    from typing import get_args

    from nemolint.base.choices import Group
    from nemolint.settings import ALL

    return [*((group, "a group of rules") for group in get_args(Group)), (ALL, "all rules")]


def _ids(before: Sequence[str]) -> Iterable[str]:
    """The entries in the files that are given before."""
    from nemolint.grading.datasets import ids

    given = [file for option, file in pairwise(before) if option in ("--entry", "--expect")]
    return list(dict.fromkeys(name for file in given for name in ids(file)))


def _configs(before: Sequence[str]) -> Iterable[str]:
    """The configs of the steps in the commands that are given before."""
    from nemolint.reader import find_runs

    runs = [run for text in before if "nemotron" in text for run in find_runs("command.sh", text)]
    if not runs:
        return ()
    project = _project(before)
    return sorted({name for run in runs if (step := project.step_of(run)) is not None for name in step.configs})


def _steps(before: Sequence[str]) -> Iterable[str]:
    return sorted(_project(before).steps)


def _project(before: Sequence[str]) -> Project:
    from nemolint.commands.catalog import project_of
    from nemolint.settings import with_command_line
    from nemolint.settings_file import load_settings

    settings = load_settings(os.getcwd())
    for option, value in pairwise(before):
        if option == "--nemotron":
            settings = with_command_line(settings, nemotron=os.path.join(os.getcwd(), value))
    return project_of(settings)


def answer(shell: str, words: Sequence[str], out: TextIO) -> None:
    """Write what can be in place of the last word. Raises UserError if the settings cannot be read."""
    joined, split = _joined(words) if shell == "bash" else (list(words), 0)
    found = complete(joined or [""])
    flags = {"files": found.files, "folders": found.folders, "nospace": found.listed}
    # bash replaces only what is behind the last `=`, at which it splits words.
    kept = max(found.kept - split, 0)
    out.write(" ".join([str(kept), *(flag for flag, wanted in flags.items() if wanted)]) + "\n")
    start = joined[-1][found.kept :] if joined else ""
    for word, meaning in found.words:
        # The other shells match as their user likes it, in upper and lower case for example.
        if shell != "bash" or word.startswith(start):
            out.write(f"{word}\t{' '.join(meaning.split())}\n")


def _joined(words: Sequence[str]) -> tuple[list[str], int]:
    """The words, of which bash makes several where one has a `=`, and the length of the last one up to the last `=`."""
    joined: list[str] = []
    split, glue = 0, False
    for word in words:
        split = 0
        if joined and (word == "=" or glue):
            joined[-1] += word
            split = len(joined[-1]) - (0 if word == "=" else len(word))
        else:
            joined.append(word)
        glue = word == "="
    return joined, split


def script(shell: str) -> str:
    """The completion script for a shell."""
    return _SCRIPTS[shell]


_BASH = r"""# bash completion for nemolint
_nemolint() {
    local IFS=$'\n' line word="${COMP_WORDS[COMP_CWORD]}" kept flags head
    COMPREPLY=()
    [[ $word == = ]] && word=
    {
        IFS=' ' read -r kept flags || return
        head=${word:0:kept}
        while read -r line; do COMPREPLY+=("$head${line%%$'\t'*}"); done
    } < <("${COMP_WORDS[0]/#\~/$HOME}" --complete bash "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    case $flags in
        *nospace*) type compopt &>/dev/null && compopt -o nospace ;;
        *files*)
            while read -r line; do COMPREPLY+=("$head$line"); done < <(compgen -f -- "${word:kept}")
            type compopt &>/dev/null && compopt -o filenames
            ;;
        *folders*)
            while read -r line; do COMPREPLY+=("$head$line"); done < <(compgen -d -- "${word:kept}")
            type compopt &>/dev/null && compopt -o filenames
            ;;
    esac
}
complete -F _nemolint nemolint
"""

_ZSH = r"""#compdef nemolint
# zsh completion for nemolint
_nemolint() {
    local line kept flags
    local -a lines found space
    lines=("${(@f)$("${words[1]/#\~/$HOME}" --complete zsh "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    [[ -n $lines[1] ]] || return 1
    kept=${lines[1]%% *} flags=${lines[1]#* }
    for line in "${(@)lines[2,-1]}"; do
        found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    done
    (( kept )) && compset -p $kept
    [[ $flags == *nospace* ]] && space=(-S '')
    (( $#found )) && _describe -t values nemolint found "${space[@]}"
    [[ $flags == *files* ]] && _files
    [[ $flags == *folders* ]] && _path_files -/
    return 0
}
if [[ ${funcstack[1]} == _nemolint ]]; then _nemolint "$@"; else compdef _nemolint nemolint; fi
"""

_FISH = r"""# fish completion for nemolint
function __nemolint_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l program (string replace -r '^~' $HOME -- $words[1])
    set -l lines ($program --complete fish $words[2..] $word 2>/dev/null)
    set -q lines[1]; or return
    set -l kept (string split ' ' -- $lines[1])
    set -l head (string sub -l $kept[1] -- $word)
    set -l rest (string sub -s (math $kept[1] + 1) -- $word)
    set -l found $lines[2..]
    # Of a command that does not exist, fish completes the arguments as paths, quotes and `~` included.
    if contains files $kept
        set -a found (complete -C "'' $rest")
    else if contains folders $kept
        set -a found (complete -C "'' $rest" | string match -r '.*/$')
    end
    set -q found[1]; and printf '%s\n' $head$found
end
complete -c nemolint -f -k -a '(__nemolint_complete)'
"""

_SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
