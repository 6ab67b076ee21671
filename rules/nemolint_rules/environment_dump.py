"""The rule `environment-dump`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nemolint import Command, Document, Finding, Span, Word, answers, bad, good, lazily, output, rule, secrets

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
# The value of the variable that another one names; a loop, and what it goes through or reads.
_VALUE_OF = lazily(r"\$\{!(\w+)\}|\\?\$\$\{?(\w+)\}?")
_PLAIN = lazily(r"\$(\w+)|\$\{(\w+)\}")
_LOOP = lazily(
    r"\bfor[ \t]+(?P<each>\w+)[ \t]+in[ \t]+(?P<items>[^\n;]+)"
    r"|\bread\b[ \t]+(?:-[a-z][ \t]+(?:''|\"\"|\$'[^'\n]{1,8}'|\S)[ \t]+|-\w+[ \t]+)*(?P<read>\w+)"
)
_BEGIN, _END = lazily(r"\bdo\b"), lazily(r"\bdone\b")
_PIPED = lazily(r"(?P<listed>[^\n;]+)\|[ \t\n]*while\b[^\n;]*\Z")
_DONE = lazily(r"\bdone\b[ \t]*<[ \t]*(?P<listed><\([^\n]*|/proc/\S+|<<[^\n]*)")
_KEPT = lazily(r"[\"']?\$\{?(?P<name>\w+)(?:\[[@*]\]\})?\}?[\"']?")
_GIVEN = lazily(r"(?<![\w$])(?P<name>\w+)=\(?[\"']?(?P<listed>\$\([^\n]*|`[^\n]*|\$\{![^\n]*)")
_MAPPED = lazily(r"\b(?:mapfile|readarray)[ \t]+(?:-\w+[ \t]+)*(?P<name>\w+)[ \t]*<[ \t]*(?P<listed><\([^\n]*)")
_NAMES_LISTED = lazily(
    r"""(?x) compgen[ \t]+-(?:[ev]|A[ \t]+(?:export|variable))\b (?:[ \t]+(?P<prefix>[A-Za-z_]\w*))?
    | \$\{!(?P<begun>[A-Za-z_]\w*)[@*]\}
    | (?<![\w./$-])(?:env|printenv)\b(?=[^|\n]*\|[ \t]*(?:cut|g?awk|sed|grep|sort)\b) | (?P<file>/proc/\w+/environ)"""
)
_ONLY = lazily(r"\|[ \t]*(?:e?grep|rg)[ \t]+(?:-[A-Za-uw-z]+[ \t]+)*[\"']?([^\s\"')]+)")
_NEAR = 200
_LONGEST_LOOP = 2000
_PRINTERS = frozenset({"echo", "logger", "print", "printf"})
_PROMPT = lazily(r"[ \t>]*>>>[ \t]")
_READERS = frozenset(
    {
        "awk",
        "bat",
        "cat",
        "cut",
        "grep",
        "head",
        "hexdump",
        "less",
        "more",
        "od",
        "sed",
        "sort",
        "strings",
        "tail",
        "tr",
    }
    | {"xargs", "xxd"}
)
_ENVIRON = lazily(r"/proc/(?:self|thread-self|\d+|\$\$|\$\w+|\$\{\w+\})/environ")
_NAMES_ONLY = lazily(
    r"cut (?:-[sz] )*(?:-d ?=|--delimiter[ =]=) ?(?:-f ?|--fields[ =])1|cut (?:-f ?1) -d ?=|compgen -e"
    r"|sed (?:-[Ern]+ )?s([/|#,])=\.\*\$?\1[^&\\/|#,]*\1g?"
    r"|g?awk -F ?=? ?=? ?\{ ?print \$1;? ?\}|grep -E?o[E]? \^\[\^=\]\+?\*?"
)
_INVERTED = lazily(r"-[A-Za-uw-z]*v[A-Za-z]*|--invert-match")
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
        if words and answers.quotes_as_wrong(command):
            continue
        if words and not _is_unseen(command) and not any(map(_hides, output.stages(commands, index))):
            written = " ".join(word.value for word in words)
            span = command.region.span(words[0].start, words[-1].end)
            yield Finding(span, _message(written))
        for span in _in_code(command):
            yield Finding(span, _message(span.text))
        for word in output.python_code(command) if code else ():
            for start, end in secrets.listed_in_code(word.value, 0, len(word.value)):
                yield Finding(word.value_span(start, end), _message(word.value[start:end]))
    looped = any(sign in document.text for sign in ("{!", "$$", "/environ"))
    for span, written in _shown_each(document) if looped else ():
        yield Finding(span, _message(written))
    for part in secrets.document_parts(document) if code else ():
        if part.kind == "python":
            for start, end in secrets.listed_in_code(part.text, part.start, part.end, cell=document.kind == "notebook"):
                yield Finding(Span(document.whole, *part.place(start, end)), _message(part.text[start:end]))


def _shown_each(document: Document) -> Iterator[tuple[Span, str]]:
    """The lists of names that a loop goes through which prints the value of each: where, and what is written."""
    seen: set[tuple[int, int]] = set()
    for command in document.commands:
        if command.name not in _PRINTERS or command.region.kind != "shell":
            continue
        if output.into_file(command) or output.is_captured(command):
            continue
        for word in command.words[1:]:
            for match in _VALUE_OF.finditer(word.value) if "{!" in word.value or "$$" in word.value else ():
                place = _names_of(command.region.text, command.start, match[1] or match[2])
                if place is not None and (id(command.region), place[0]) not in seen:
                    seen.add((id(command.region), place[0]))
                    yield command.region.span(*place), command.region.text[slice(*place)]
            # Each line of the file, with the value.
            for match in _PLAIN.finditer(word.value) if "/environ" in command.region.text else ():
                place = _names_of(command.region.text, command.start, match[1] or match[2])
                if place is not None and (id(command.region), place[0]) not in seen:
                    if command.region.text.startswith("/proc/", place[0]):
                        seen.add((id(command.region), place[0]))
                        yield command.region.span(*place), command.region.text[slice(*place)]


def _names_of(text: str, at: int, variable: str) -> tuple[int, int] | None:
    """Where the names are listed that a loop around `at` gives to a variable, None if they are harmless or unknown."""
    least = max(at - _LONGEST_LOOP, 0)
    loops = [loop for loop in _LOOP.finditer(text, least, at) if variable in (loop["each"], loop["read"])]
    if not loops:
        return None
    loop = loops[-1]
    ended = len(_END.findall(text, loop.end(), at))
    if ended and ended >= len(_BEGIN.findall(text, loop.end(), at)):
        return None
    if loop["read"]:
        before = _PIPED.search(text, max(loop.start() - _NEAR, 0), loop.start())
        done = _DONE.search(text, at, at + _LONGEST_LOOP)
        spans = [found.span("listed") for found in (before, done) if found is not None]
    else:
        spans = [loop.span("items")]
        if (kept := _KEPT.fullmatch(loop["items"].strip())) is not None:
            for pattern in (_GIVEN, _MAPPED):
                given = [
                    found for found in pattern.finditer(text, least, loop.start()) if found["name"] == kept["name"]
                ]
                spans += [found.span("listed") for found in given[-1:]]
    for start, end in spans:
        for found in _NAMES_LISTED.finditer(text, start, end):
            # All of the file, and no name of a variable.
            if found["file"]:
                return found.span("file")
            prefix, only = found["prefix"] or found["begun"], _ONLY.search(text, found.end(), end)
            if not ((prefix and _is_harmless(f"^{prefix}")) or (only is not None and _is_harmless(only[1]))):
                return found.start(), found.end()
    return None


def _message(written: str) -> str:
    return f"`{written}` prints every variable, including exported secrets: print only the ones that you need"


def _recommended(document: Document) -> Iterator[Finding]:
    """Findings for dumps that the prose of an answer tells its reader to run."""
    for match in _ADVICE.finditer(document.text):
        sentence = document.text[max(match.start() - 120, 0) : match.start()]
        if not _BAN.search(re.split(r"[.!?]\s|\n\s*\n", sentence)[-1]):
            name = "dump" if match["dump"] is not None else "short"
            yield Finding(Span(document.whole, *match.span(name)), _message(match[name]))


def _is_unseen(command: Command) -> bool:
    return output.is_captured(command) or output.is_discarded(command)


# What code in other languages prints of the environment: behind an option, or as the program.
_CODE = {
    "awk": lazily(r"\bin[ ]+ENVIRON\b[^;]{0,200}?\bprintf?\b[^;}\n]{0,120}?ENVIRON\["),
    "jq": lazily(r"env|\$ENV|(?:env|\$ENV)[ ]*\|[ ]*(?:\.|to_entries.*)"),
    "node": lazily(r"console\.\w+\([ ]*(?:JSON\.stringify\([ ]*)?process\.env[ ]*[,)]"),
    "perl": lazily(r"\bprint\b[^;\n]{0,80}?(?:\$ENV\{\$\w+\}|%ENV)"),
    "ruby": lazily(r"\b(?:pp?|puts|print)[ (]+ENV(?:\.(?:inspect|to_h))?[ ]*(?:\)|;|\Z)"),
}
_ALIASES = {"gawk": "awk", "mawk": "awk", "nawk": "awk"}


def _in_code(command: Command) -> Iterator[Span]:
    """What a program in another language prints of the environment, where it is given on the command line."""
    at = output.program(command, _INTERPRETERS)
    if at < 0 or _is_unseen(command):
        return
    name = command.words[at].value.rpartition("/")[2]
    pattern = _CODE[_ALIASES.get(name, name)]
    for word in command.words[at + 1 :]:
        if "env" in word.value or "ENV" in word.value:
            match = pattern.fullmatch(word.value) if name == "jq" else pattern.search(word.value)
            if match is not None:
                yield word.value_span(*match.span())


_INTERPRETERS = frozenset({*_CODE, *_ALIASES})


def _listing(command: Command) -> tuple[Word, ...]:
    """The words of a command that list the whole environment, or none."""
    region, words = command.region, command.words
    if region.kind != "shell" or not words or not command.confident:
        return ()
    if output.program(command, _READERS) >= 0:
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
        or (words[at].quoted and not output.starts_shell(words[:at]))
        or (at and not output.starts_program(words[:at]))
        or (at and name not in _PROGRAMS and not output.starts_shell(words[:at]))
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
    if all(name.startswith(_HARMLESS) for name in names):
        return True
    telling = any(part in name or part.startswith(name) for name in names for part in _TELLING)
    return pattern.startswith("^") and not telling
