"""The rule `environment-dump`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nemolint import Command, Document, Finding, Span, Word, bad, good, lazily, output, rule, secrets

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
# Programs, as against builtins: what starts another one can start them.
_PROGRAMS = frozenset({"env", "printenv"})
# A loop over names, which may print the value of each by `${!name}`.
_NAMES_LISTED = lazily(r"-(?:[ev]|A (?:export|variable))(?: (?P<prefix>\w+))?")
_EACH = lazily(r"\bfor[ \t]+(\w+)[ \t]+in[ \t]+[\"']?(?:\$\(|`)[ \t]*\Z")
_EACH_READ = lazily(r"\bread[ \t]+(?:-\w+[ \t]+)*(\w+)[ \t]*(?:;|\n)")
_DONE = lazily(r"\bdone\b")
_NEAR = 200
_LONGEST_LOOP = 2000
_MOST_COMMANDS = 30
_PRINTERS = frozenset({"echo", "logger", "print", "printf"})
_PROMPT = lazily(r"[ \t>]*>>>[ \t]")
_READERS = frozenset(
    {"awk", "cat", "cut", "grep", "head", "less", "more", "sed", "sort", "strings", "tail", "tr", "xargs"}
)
_ENVIRON = lazily(r"/proc/(?:self|thread-self|\d+|\$\$|\$\w+|\$\{\w+\})/environ")
_NAMES_ONLY = lazily(
    r"cut (?:-s )?(?:-d ?=|--delimiter[ =]=) ?(?:-f ?|--fields[ =])1|cut (?:-f ?1) -d ?=|compgen -e"
    r"|sed (?:-[Ern]+ )?s([/|#,])=\.\*\$?\1[^&\\/|#,]*\1g?"
    r"|g?awk -F ?=? ?=? ?\{ ?print \$1;? ?\}|grep -E?o[E]? \^\[\^=\]\+?\*?"
)
_INVERTED = lazily(r"-[A-Za-z]*v[A-Za-z]*|--invert-match")
_HARMLESS_PATTERN = lazily(r"[\^(]*\w+(?:\\?[|]\^?\w+)*[)]?_?=?")
_NAME = lazily(r"[A-Z][A-Z0-9_]*")
_HARMLESS = (
    *("CONDA", "CUDA", "GLOO", "HOME", "HOSTNAME", "LANG", "LC_", "LD_", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT"),
    *("MPI", "NCCL", "NODE_RANK", "OMP", "OMPI", "PATH", "PBS", "PMI", "PWD", "PYTHON", "RANK", "SHELL", "SLURM"),
    *("TERM", "TORCH", "TRITON", "UCX", "USER", "VIRTUAL_ENV", "WORLD_SIZE", "XDG"),
)
# What the name of a secret begins with, or has in it.
_TELLING = (
    *("ANTHROPIC", "API", "AUTH", "AWS", "AZURE", "CRED", "GITHUB", "GITLAB", "GOOGLE", "HF", "HUGGING", "KEY", "NGC"),
    *("NVIDIA", "OPENAI", "PASS", "PROXY", "SECRET", "TOKEN", "WANDB"),
)
_BAN = lazily(r"(?i)\b(?:not|never|avoid|without|instead of|rather than|no need|cannot)\b|n't")
_SILENT = lazily(r"-[A-Zabd-pr-z]*[qc][A-Za-z]*|--quiet|--silent|--count")


@rule(
    good("env X=1 nemotron steps run sft/automodel -c tiny"),
    good("set -euo pipefail\nset -x\nset -- a b"),
    good("export HF_HOME=/data\nexport -n X\ndeclare -x A=1\ndeclare -A table"),
    good("printenv HOME\nenv -i bash\nenv -u X bash"),
    good("env | grep -q ^SLURM_"),
    good("env | grep ^SLURM_\nprintenv | sort | cut -d= -f1\nenv | sed 's/=.*//'\nenv | grep -E '^(NCCL|UCX)_' | sort"),
    good(
        "before=$(env)\nnames=$(printenv | cut -d= -f1)\nsudo env X=1 cmd\n"
        "srun env X=1 cmd\ndocker run --env-file env image"
    ),
    good("```text\n>>> hf env\n```\n\n```\n>>> hf env\n```", path="page.md"),
    good("print(os.environ['HOME'], 'X' in os.environ, list(os.environ), len(os.environ))", path="a.py"),
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
        srun -N 1 env | sort
                  ^^^
        """
    ),
    bad(
        """
        sudo -u me printenv
                   ^^^^^^^^
        """
    ),
    bad(
        """
        uv run env | grep KEY
               ^^^
        """
    ),
    bad(
        """
        ssh h env
              ^^^
        """
    ),
    bad(
        """
        docker run --rm image env
                              ^^^
        """
    ),
    bad(
        """
        kubectl exec pod -- printenv
                            ^^^^^^^^
        """
    ),
    bad(
        """
        cat /proc/self/environ
            ^^^^^^^^^^^^^^^^^^
        """
    ),
    bad(
        """
        tr '\\0' '\\n' < /proc/$PID/environ
                       ^^^^^^^^^^^^^^^^^^
        """
    ),
    bad(
        """
        print(dict(os.environ))
              ^^^^^^^^^^^^^^^^
        """,
        path="a.py",
    ),
    bad(
        """
        declare -px | less
        ^^^^^^^^^^^
        """
    ),
    bad(
        """
        for name in $(compgen -e); do echo "$name=${!name}"; done
                      ^^^^^^^^^^
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
    code = any(name in document.text for name in ("environ", "printenv", "'env", '"env', "%env"))
    commands = document.commands
    for index, command in enumerate(commands):
        words = _listing(command)
        if words and not output.is_captured(command) and not any(map(_hides, output.stages(commands, index))):
            written = " ".join(word.value for word in words)
            span = command.region.span(words[0].start, words[-1].end)
            yield Finding(span, _message(written))
        elif command.name == "compgen" and _shows_each(commands, index):
            yield Finding(command.span, _message(" ".join(word.value for word in command.words)))
        for word in output.python_code(command) if code else ():
            for start, end in secrets.listed_in_code(word.value, 0, len(word.value)):
                yield Finding(word.value_span(start, end), _message(word.value[start:end]))
    for part in secrets.document_parts(document) if code else ():
        if part.kind == "python":
            for start, end in secrets.listed_in_code(part.text, part.start, part.end):
                yield Finding(Span(document.whole, *part.place(start, end)), _message(part.text[start:end]))


def _shows_each(commands: Sequence[Command], index: int) -> bool:
    """Whether the names that a command lists are gone through by a loop that prints the value of each."""
    command = commands[index]
    listed = _NAMES_LISTED.fullmatch(" ".join(word.value for word in command.words[1:]))
    if listed is None or (listed["prefix"] and _is_harmless(f"^{listed['prefix']}")):
        return False
    if any(stage.name != "cut" and _hides(stage) for stage in output.stages(commands, index)):
        return False
    text, at = command.region.text, command.end
    each = _EACH.search(text, max(command.start - _NEAR, 0), command.start) or _EACH_READ.search(text, at, at + _NEAR)
    if each is None:
        return False
    done = _DONE.search(text, at, at + _LONGEST_LOOP)
    value = f"${{!{each[1]}}}"
    for inner in commands[index + 1 : index + _MOST_COMMANDS]:
        if inner.region is not command.region or (done is not None and inner.start > done.start()):
            return False
        if inner.name in _PRINTERS and any(value in word.value for word in inner.words):
            if not output.into_file(inner) and not output.is_captured(inner):
                return True
    return False


def _message(written: str) -> str:
    return f"`{written}` prints every variable, including exported secrets: print only the ones that you need"


def _recommended(document: Document) -> Iterator[Finding]:
    """Findings for dumps that the prose of an answer tells its reader to run."""
    for match in _ADVICE.finditer(document.text):
        sentence = document.text[max(match.start() - 120, 0) : match.start()]
        if not _BAN.search(re.split(r"[.!?]\s|\n\s*\n", sentence)[-1]):
            name = "dump" if match["dump"] is not None else "short"
            yield Finding(Span(document.whole, *match.span(name)), _message(match[name]))


def _listing(command: Command) -> tuple[Word, ...]:
    """The words of a command that list the whole environment, or none."""
    region, words = command.region, command.words
    if region.kind != "shell" or not words or not command.confident:
        return ()
    if command.name in _READERS:
        read = [*words[1:], *(item.target for item in command.redirects if item.operator.endswith("<") and item.target)]
        return tuple([word for word in read if "/environ" in word.value and _ENVIRON.fullmatch(word.value)][:1])
    if command.assignments:
        return ()
    at = len(words) - 1
    while at > 0 and words[at].value.startswith("-"):
        at -= 1
    name = words[at].value
    if (
        name not in _LISTING
        or words[at].quoted
        or (at and not (name in _PROGRAMS and output.starts_program(words[:at])))
    ):
        return ()
    allowed = _LISTING[name]
    if not all(allowed is not None and allowed.fullmatch(word.value) for word in words[at + 1 :]):
        return ()
    if _PROMPT.match(region.text, region.text.rfind("\n", 0, command.start) + 1):  # of Python: no redirection
        return ()
    # In a fence of no language a lone `env` may well be the name of a folder.
    alone = len(words) == 1 and not command.piped_to
    return () if alone and region.container.endswith("fence") and not region.console else words[at:]


def _hides(command: Command) -> bool:
    """True for a filter that shows none of the values, or only harmless ones."""
    words = [word.value for word in command.words]
    rest = " ".join(words[1:])
    if command.name == "wc" or _NAMES_ONLY.fullmatch(f"{command.name} {rest}"):
        return True
    if command.name not in ("grep", "egrep", "rg"):
        return False
    if any(_SILENT.fullmatch(word) for word in words[1:]):
        return True
    patterns = [word for word in words[1:] if not word.startswith("-")]
    inverted = any(_INVERTED.fullmatch(word) for word in words[1:])
    return len(patterns) == 1 and not inverted and _is_harmless(patterns[0])


def _is_harmless(pattern: str) -> bool:
    """True for a pattern that only lines of variables match that hold no secret: `^SLURM_`, `^(NCCL|UCX)_`."""
    names = _NAME.findall(pattern.upper())
    if not names or not _HARMLESS_PATTERN.fullmatch(pattern):
        return False
    known = all(name.startswith(_HARMLESS) for name in names)
    return known or (pattern.startswith("^") and not any(part in name for name in names for part in _TELLING))
