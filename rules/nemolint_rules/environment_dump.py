"""The rule `environment-dump`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nemolint import Command, Document, Finding, Span, bad, good, lazily, rule

# Arguments with which each command still lists everything.
_LISTING = {
    "declare": lazily(r"-[xp]{1,2}"),
    "env": lazily(r"-0|--null|-v|--debug"),
    "export": lazily(r"-p"),
    "printenv": lazily(r"-0|--null"),
    "set": None,
    "typeset": lazily(r"-[xp]{1,2}"),
}
# Inline code that prose says to run. `env` and `set` count only after "run" or "execute": elsewhere they mean other
# things.
_ADVICE = lazily(
    r"(?i)\b(?:run|execute|(?:check|inspect|look|see|verify)\b[^.`\n]{0,40}\bwith|try|use)[ ]+(?:the[ ]+command[ ]+)?"
    r"`(?P<dump>printenv(?:[ ]+-0)?|export[ ]+-p|declare[ ]+-p?x|(?:printenv|env)[ ]*\|"
    r"(?![ ]*(?:wc|grep[ ]+-\w*[qc]))[^`\n]{1,80})`|"
    r"\b(?:run|execute)[ ]+`(?P<short>env|set|export)`(?![ ]+(?:step|file|key|table|block|section|dict))"
)
_BAN = lazily(r"(?i)\b(?:not|never|avoid|without|instead of|rather than|no need|cannot)\b|n't")
_SILENT = lazily(r"-[A-Zabd-pr-z]*[qc][A-Za-z]*|--quiet|--silent|--count")


@rule(
    good("env X=1 nemotron steps run sft/automodel -c tiny"),
    good("set -euo pipefail\nset -x\nset -- a b"),
    good("export HF_HOME=/data\nexport -n X\ndeclare -x A=1\ndeclare -A table"),
    good("printenv HOME\nenv -i bash\nenv -u X bash"),
    good("env | grep -q ^SLURM_"),
    good("Never run `env` or `printenv`.\n\n| do not | why |\n|---|---|\n| `export -p` | prints all |", path="page.md"),
    good(
        "Never run `printenv`. Do not check it with `env`; rather than `export -p`, use `printenv HOME`.\n\n"
        "Set the key `env` of the profile. Use `set` for options. Run `env | grep -q KEY`. "
        "You don't have to execute `env`.",
        path="a.answer.md",
    ),
    good("Run `printenv` to see it.", path="page.md"),
    bad(
        """
        To see whether the key is set, run `printenv | grep KEY` first.
                                            ^^^^^^^^^^^^^^^^^^^
        """,
        path="a.answer.md",
        severity="error",
    ),
    bad(
        """
        env
        ^^^
        """,
        severity="error",
    ),
    bad(
        """
        env | grep TOKEN
        ^^^
        """
    ),
    bad(
        """
        printenv | sort > before.txt
        ^^^^^^^^
        """
    ),
    bad(
        """
        set
        ^^^
        """
    ),
    bad(
        """
        export
        ^^^^^^
        """
    ),
    bad(
        """
        export -p
        ^^^^^^^^^
        """
    ),
    bad(
        """
        declare -x
        ^^^^^^^^^^
        """
    ),
    bad(
        """
        declare -px | less
        ^^^^^^^^^^^
        """
    ),
    group="secrets",
    all_roles=True,
    about="listing",
)
def environment_dump(document: Document) -> Iterator[Finding]:
    """Do not list the whole environment: it holds every exported secret.

    `env`, `printenv`, `set`, `export -p` and `declare -x` print tokens and keys into terminals, CI logs and notebook
    outputs. Print only what you need: `printenv SLURM_JOB_ID`, or `${HF_TOKEN:+set}` to see whether a variable is set.

    In an assistant's answer, prose that recommends such a command (`run printenv`) is reported too; a warning against
    it is not.
    """
    if document.answer:
        yield from _recommended(document)
    commands = document.commands
    for index, command in enumerate(commands):
        if _lists_all(command) and not _quiet(command, commands[index + 1] if index + 1 < len(commands) else None):
            written = " ".join(word.value for word in command.words)
            span = command.region.span(command.words[0].start, command.words[-1].end)
            yield Finding(span, _message(written))


def _message(written: str) -> str:
    return f"`{written}` prints every variable, including exported secrets: print only the ones that you need"


def _recommended(document: Document) -> Iterator[Finding]:
    """Findings for dumps that the prose of an answer tells its reader to run."""
    for match in _ADVICE.finditer(document.text):
        sentence = document.text[max(match.start() - 120, 0) : match.start()]
        if not _BAN.search(re.split(r"[.!?]\s|\n\s*\n", sentence)[-1]):
            name = "dump" if match["dump"] is not None else "short"
            yield Finding(Span(document.whole, *match.span(name)), _message(match[name]))


def _lists_all(command: Command) -> bool:
    region = command.region
    if region.kind != "shell" or not command.words or not command.confident or command.assignments:
        return False
    name = command.words[0].value
    if name not in _LISTING or command.words[0].quoted:
        return False
    allowed = _LISTING[name]
    if not all(allowed is not None and allowed.fullmatch(word.value) for word in command.words[1:]):
        return False
    # In a fence without a language a lone `env` may be the name of a folder.
    alone = len(command.words) == 1 and not command.piped_to
    return not (alone and region.container.endswith("fence") and not region.prompts)


def _quiet(command: Command, following: Command | None) -> bool:
    """True if the listing is piped into a filter that prints none of it."""
    if command.piped_to == "wc":
        return True
    return (
        command.piped_to == "grep"
        and following is not None
        and any(_SILENT.fullmatch(word.value) for word in following.words[1:])
    )
