"""Distinguishes commands from prose in text that a container does not mark as either."""

from __future__ import annotations

import re

from nemolint.base.patterns import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

GAP = r"(?:\s|\\\r?\n)++"
OPTIONS = rf"(?:{GAP}-\S++(?:{GAP}(?!-|steps\b|run\b)\S++)?+){{0,8}}+"
"""Options, with or without a value in the next word, as they may follow `nemotron` and `steps`."""

NAMES = lazily(rf"nemotron(?<![\w.-]nemotron)[\"']?{OPTIONS}{GAP}[\"']?steps\b")
"""The command's name as a shell would read it; options may come between its words."""

PROSE_NAMES = (
    r"alt|answer|caption|chosen|completion|content|desc(?:ription)?|(?:display)?name|docs?|documentation|examples?|expected"
    r"|ground_truth|help|hint|input|instructions?|label|message|\w*msg|notes?|output|placeholder|prompt|question|reference|rejected"
    r"|response|subtitle|summary|text|then|title|usage|when"
)
"""What keys are called whose values are for people, or are data, as the last part of their names."""

PROSE_KEY = lazily(rf"(?:^|[_-])(?:{PROSE_NAMES})$", re.IGNORECASE)

POWERSHELL_PROMPT = r"PS [A-Za-z]:[^>\n]{0,80}>[ \t]++"

# The command with characters inside its words that nobody sees: a soft hyphen, a zero-width space.
_UNSEEN = "[\u00ad\u200b-\u200d\u2060\ufeff]"
_HIDDEN = lazily(r"[ \t]++".join(f"{_UNSEEN}*+".join(word) for word in ("nemotron", "steps", "run")))
_HIDES = lazily(_UNSEEN)


# The command as `rev` and `tr` take it: backwards, in ROT13, in capital letters.
_TURNED = ("nortomen", "arzbgeba", "NEMOTRON STEPS RUN")


def is_turned(text: str) -> bool:
    """True for a text that names the command backwards, in ROT13 or in capital letters."""
    return any(name in text for name in _TURNED)


def hidden(text: str) -> Iterator[tuple[int, str]]:
    """Each place of a character that nobody sees inside the name of the command, the first of each, and what it is."""
    for match in _HIDDEN.finditer(text) if not text.isascii() else ():
        if unseen := _HIDES.search(text, match.start(), match.end()):
            yield unseen.start(), unseen[0]


# The literal name of the command, with any blanks, continuations and options in between.
MENTION = lazily(rf"nemotron(?<!\wnemotron){OPTIONS}{GAP}steps{OPTIONS}{GAP}run\b")
SUBCOMMAND = lazily(r"steps(?<![\w.-]steps)[^\w$%{}./]++run\b")
"""The subcommand, as words of a command or items of a list: a variable may hold the name of the program."""

# What a template inserts, and what it does only on a condition.
_TEMPLATE = r"\{(?:\{(?:[^}\n]|\}(?!\})){0,400}\}|%(?:[^%\n]|%(?!\})){0,400}%)\}"
_FILLED_IN = lazily(_TEMPLATE)
_PROMPT = lazily(rf"\s*+(?:[$%❯➜]\s++)?(?:{_TEMPLATE}\s*+)*+")
_JOINED_LINES = lazily(r"(?:[^\n]*\\\n)*+[^\n]*")
_PROMPTED_LINES = lazily(
    r"^(?P<prompt>[ \t]*+(?:\([\w.-]++\)[ \t]*+)?(?:\[[^\]\n]{1,80}\][ \t]?|[\w.-]{1,40}@[\w.-]{1,60}[^\s$#%]*+[ \t]?)?"
    r"(?:[$%❯➜]|(?<=\])#|(?<=[\w/~])#)[ \t]++)[^\n]*+(?:(?<=\\)\n[^\n]*+)*+",
    re.MULTILINE,
)
_ASSIGNMENTS = lazily(r"""(?:(?:export\s++)?[A-Za-z_]\w*+=(?:"[^"]*"|'[^']*'|[^\s"'])*+(?:\s*+;)?(?:\s++|\Z))++""")
_AROUND = lazily(
    r"(?:cd|source)\s+[^\s,]+\s*\Z|export\s+(?:-p|[A-Z_][A-Z0-9_]*)\s*\Z|set\s+[-+]\w+\s*\Z"
    r"|(?:printenv|env)(?:\s+-\S+|\s*\|[^\n]*|\s+[A-Z_][A-Z0-9_]*)?\s*\Z|(?:echo|printf)\s[^\n]*\$\{?[A-Z_][^\n]*\Z"
)
_SETTING = lazily(r"""(?:export\s++)?[A-Z_][A-Z0-9_]*+=(?:"[^"]*"|'[^']*'|[^\s"'])*+\s*+(?:\#.*)?\Z""")
# Programs that start other programs, and whose names begin no English sentence.
_LAUNCHERS = frozenset(
    {"accelerate", "apptainer", "bash", "conda", "docker", "doas", "dstack", "enroot", "kubectl", "mamba", "micromamba"}
    | {"mpirun", "nemotron", "nohup", "pdm", "pipenv", "pipx", "pixi", "podman", "poetry", "python", "python3", "rye"}
    | {
        "salloc",
        "sbatch",
        "setsid",
        "sh",
        "singularity",
        "srun",
        "ssh",
        "stdbuf",
        "sudo",
        "timeout",
        "tmux",
        "torchrun",
    }
    | {"uv", "uvx", "xargs", "zsh"}
)
# Names that are also English words count only with shell syntax after them.
_SYNTAX = lazily(
    r"""cd\s+[^\s,]+(?:\s*(?:&&|;|\|\|)|\s*$) | set\s+[-+]\w | export\s+\w+= | (?:source|\.)\s+[^\s/.]*[/.]\S+(?:\s|$)
      | (?:if|while|until|!)\s+(?:!|\[|\(\(|(?:uv|uvx|nemotron|srun|sudo|python3?)\s)
      | for\s+\w+\s+in\s.*(?:;|\bdo\b|$) | (?:do|then|else)\s+\S*(?:nemotron|uv|srun|python3?)\s
      | (?:time|exec|command|nice|watch|env|hatch|eval)\s+
        (?:-|\w+=|["']?(?:\S*/)?(?:uv|uvx|nemotron|srun|sudo|python3?)\s|run\s)
      | echo\s | printf\s | mkdir\s+- | \[\[?\s | trap\s+["'] | test\s+- | pip\s+install | \(\s*\w | \{\s""",
    re.VERBOSE | re.MULTILINE,
)
_PROGRAM_PATH = lazily(r"(?:/[\w.@-]+)*/s?bin/[\w.-]+")
_PROSE_WORDS = frozenset(
    {"an", "and", "are", "as", "because", "before", "after", "by", "can", "does", "for", "from", "has", "have", "if"}
    | {"in", "is", "it", "its", "must", "of", "on", "or", "should", "that", "the", "then", "this", "to", "uses", "was"}
    | {"were", "when", "which", "will", "with", "would", "you", "your"}
)
_WORD_END = lazily(r"\s|\Z")
_QUOTED = lazily(r""""[^"]*"|'[^']*'""")
_SHELL_END = lazily(r"\s#|;|&|\||\s>|<<|\\\n")


def names_command(text: str) -> bool:
    """True if the text names the command anywhere."""
    return "nemotron" in text and NAMES.search(text) is not None


def prompt_end(text: str, start: int = 0) -> int:
    """Where the text begins after blanks and a prompt."""
    return _PROMPT.match(text, start).end()  # type: ignore[union-attr]


def has_prompted_command(text: str) -> bool:
    """True if a line has a prompt, and behind it a command that names `nemotron … steps`."""
    return "nemotron" in text and any(
        is_command(match[0][match.end("prompt") - match.start() :]) for match in _PROMPTED_LINES.finditer(text)
    )


def starts_command(text: str) -> bool:
    """True if the text begins as a shell command does: a prompt, assignments, then a launcher or the command itself."""
    at = prompt_end(text)
    if assignments := _ASSIGNMENTS.match(text, at):
        at = assignments.end()
        if at == len(text):
            return True
    end = _WORD_END.search(text, at).start()  # type: ignore[union-attr]
    word = text[at:end].strip("\"'(")
    if (word.rpartition("/")[2] in _LAUNCHERS or _PROGRAM_PATH.fullmatch(word)) and text[at : at + 1] not in ("`", "*"):
        return True
    return _SYNTAX.match(text, at) is not None


def is_setting(line: str) -> bool:
    """True if the line only sets a variable: `export NAME=value`, `NAME=value`."""
    return _SETTING.match(line, prompt_end(line)) is not None


def is_around(line: str) -> bool:
    """True if the line prepares or shows what the command beside it runs in: `cd x`, `printenv`, `echo $X`."""
    return _AROUND.match(line, prompt_end(line)) is not None


def is_command(line: str) -> bool:
    """True if a logical line is a command that names `nemotron … steps`, not a sentence about it."""
    if not starts_command(line):
        return False
    named = NAMES.search(line)
    return named is not None and not reads_as_prose(line, named.end())


def is_script(text: str) -> bool:
    """True if a text is shell: a `#!` line of a shell, or commands from its first line on, and it names the command.

    Comment lines at the start are skipped.
    """
    if not names_command(text):
        return False
    if re.match(r"\s*#!.*(?:sh|bash|zsh)\b", text):
        return True
    for match in _JOINED_LINES.finditer(text):
        line = match.group()
        if line.strip() and not line.lstrip().startswith("#") and not _PROMPT.fullmatch(line):
            if not starts_command(line):
                return False
            named = NAMES.search(text)
            return named is not None and not reads_as_prose(text, named.end())
    return False


def reads_as_prose(text: str, start: int) -> bool:
    """True if English function words follow the command's name instead of arguments."""
    stop = text.find("\n", start)
    tail = text[start : stop if stop >= 0 else len(text)]
    tail = _QUOTED.sub("", _FILLED_IN.sub("", tail) if "{" in tail else tail)
    if end := _SHELL_END.search(tail):
        tail = tail[: end.start()]
    words = tail.split()
    return len(words) > 1 and any(word in _PROSE_WORDS for word in words[1:])


def keeps_commands(text: str) -> bool:
    """False for a text that defines no aliases, nor functions by their names."""
    return "alias" in text or "functions[" in text
