"""The prefilter: what a text cannot contain, by the text alone. Most files need no more than that.

Each function is false only if parsing the text would find nothing; true says little. The patterns belong to other
modules: `sources` knows how containers escape, `shell` how words are quoted, `secrets` what names a secret.
"""

from __future__ import annotations

import re

from nemolint.base.paths import ENV_FILE_VARIABLE
from nemolint.base.patterns import lazily
from nemolint.secrets.beginnings import is_plain, may_hold as may_hold_token, may_name, shows_all
from nemolint.shell.literal import names_subcommand, readings, unquoted
from nemolint.shell.programs import LISTINGS
from nemolint.sources.command_text import MENTION, hidden
from nemolint.sources.encoded import encoded_commands
from nemolint.sources.escapes import ESCAPES, begun

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from nemolint.document import Document
    from nemolint.shell.command import Command

    Subject = Literal[
        "run",
        "runs",
        "launch",
        "override",
        "overrides",
        "text",
        "odd-word",
        "special-character",
        "profile",
        "env-file",
        "fault",
        "project-file",
        "secret",
        "credential",
        "listing",
        "nothing",
    ]

# Each where a shell could read it as a word, as the last part of a path, or as the default in `${X:-…}`.
_WORDS = tuple(
    lazily(begun(word, r"\w.-", also=(rf"(?<=:-{word})", rf"(?<=-{word})(?=\}})")) + r"(?![\w./-])")
    for word in ("nemotron", "steps", "run")
)
# In prose: there are only options between two of its words, or a variable follows, or the name ends a value, or a
# line that is joined to the next.
_GAP = rf"(?:{'|'.join(ESCAPES)}|[^\w$%{{}}./])++"
_TOGETHER = (
    lazily(rf"steps{_GAP}(?:run|(?<=-)\w)"),
    lazily(rf"nemotron(?:{_GAP}(?:steps|[$%{{])|[ \t]*+(?:\\\r?\n|[\"')\]}}]))"),
)
# What precedes a name that begins a line, a command or a value, which another line may turn into a command.
_BEGINNING = lazily(r"(?:\A|[\r\n=(\[{,;&|$%!])[ \t>\"'-]*+(?:[^\s\"'`]*/)?\Z")
# Another subcommand, which nothing turns into `steps`.
_OTHER_COMMAND = lazily(r"[ \t]++(?!steps\b)[A-Za-z]")
_SETS = tuple("=([{,\"'")
_MOST_BEFORE = 200
# Code as HTML, in which tags and entities may be between and inside words.
_HTML_CODE = lazily(r"<(?:pre|code|kbd|samp|tt)\b", re.IGNORECASE)
# Modules of Python in which programs are functions: `sh.nemotron("steps", …)`.
_OF_PROGRAMS = lazily(r"(?:import|from)[ \t]+(?:sh|plumbum)\b")
# The command's own app, which a test invokes.
_OWN_APP = lazily(r"\bfrom[ \t]+nemotron\b")
PROSE = frozenset({"markdown", "rst", "text"})
# Kinds in which a command without the name of its program is nothing that can be said something about.
_NAMED_ONLY = frozenset({*PROSE, "notebook", "python"})
# Kinds whose files may be truncated or malformed, which is reported if they seem to be about steps.
_BETWEEN_STRINGS = lazily(r'"\s*,\s*"')
_LETTER_ESCAPE = lazily(r"\\u00[67]")
_CAN_BREAK = frozenset({"json", "python", "toml", "yaml"})


def may_hold_run(text: str, kind: str) -> bool:
    """False for a text of this kind (see `nemolint.sources.kind_of`) that cannot contain a `nemotron steps run`.

    A run needs all three words, each as a shell could read it: `src/nemotron/steps/…` does not count. They may contain
    quotes and joined lines. Prose with all three (`nemotron` runs in steps) has a run only if something joins them.
    """
    if MENTION.search(text):
        return True
    if not text.isascii() and next(hidden(text), None) is not None:
        return True
    if next(encoded_commands(text), None) is not None:
        return True
    if kind == "notebook":
        if _LETTER_ESCAPE.search(text) is not None:
            return True
        text = _BETWEEN_STRINGS.sub("", text)  # its text may be cut into strings within a word
    if kind == "markdown" and _HTML_CODE.search(text):
        return "&" in text or ("steps" in text and "run" in text)
    if kind == "python" and "nemotron" in text and "steps" in text and names_program(text):
        return True
    words = _WORDS[:2] if kind in _CAN_BREAK else _WORDS
    missing = [word for word in words if word.search(text) is None]
    bare = unquoted(text) if missing else ""
    if not all(word.search(bare) is not None for word in missing):
        return kind not in _NAMED_ONLY and names_subcommand(text)
    return kind not in PROSE or _puts_together(bare or text)


def _puts_together(text: str) -> bool:
    """Whether something in a text with all three words may join them to a command."""
    if any(look.search(text) is not None for look in _TOGETHER):
        return True
    return any(
        _BEGINNING.search(text, max(match.start() - _MOST_BEFORE, 0), match.start()) is not None
        for match in _WORDS[0].finditer(text)
        if _OTHER_COMMAND.match(text, match.end()) is None or text[match.start() - 1 : match.start()] in _SETS
    )


def is_worth(text: str, kind: str) -> bool:
    """False for a text of this kind that cannot have findings."""
    from nemolint.secrets.formats import may_be_assembled, may_be_split
    from nemolint.secrets.hints import names_secret

    if "nemotron" in text or may_hold_token(text) or names_secret(text, code=kind == "python"):
        return True
    if may_hold_suppression(text):  # which may be unused, or name no rule
        return True
    if may_list_environment(text, kind) or (kind not in _NAMED_ONLY and names_subcommand(text)):
        return True
    if next(encoded_commands(text), None) is not None:
        return True
    bare = unquoted(text)
    return (bare != text and may_hold_token(bare)) or may_be_split(text, kind) or may_be_assembled(text)


# A listing in the text of a file: its name, and only options up to where a command may end. The bounds keep a text of
# only these words from being scanned again for each.
_END = r"[ \t]*+(?:\Z|[\r\n]|\d*[]|;&)}<>\"'`\\#,])"
_REST = r"(?:[ \t]++-[\w-]{1,40}+){0,8}+" + _END
# In prose most of these words are not commands: there a command begins only after these words, not after `call(` or an
# assignment.
_OPENERS = ("then", "do", "else", "if", "while", "until", "time", "coproc", "shell", "RUN", "CMD", "-c", "-lc", "-exec")


def _look(name: str, *, prose: bool) -> re.Pattern[str]:
    """Matches a possible listing. The name comes first, so that a text is only searched for it."""
    rest = _END if name == "set" else _REST  # `set -e` begins most scripts, and lists nothing
    if not prose:
        return lazily(begun(name, r"\w$./") + rest)
    openers = "".join(rf"|(?<={word}[ \t]{name})" for word in _OPENERS)
    alone = rf"(?<!\w\({name})(?:(?<![\w,][ \t]{name}){openers})"
    return lazily(begun(name, r"\w$./=-", alone) + rest)


_LOOKS = {prose: {name: _look(name, prose=prose) for name in LISTINGS} for prose in (False, True)}


def names_program(text: str) -> bool:
    """True if Python code imports something that starts the command without a text that names it."""
    return _OF_PROGRAMS.search(text) is not None or (".invoke(" in text and _OWN_APP.search(text) is not None)


def may_list_environment(text: str, kind: str) -> bool:
    """False for a text of this kind in which no command can list the environment."""
    parts = readings(text, code=kind == "python")
    # Without its quotes a text has all the words that it has in any reading.
    if _may_loop_over_names(parts[min(1, len(parts) - 1)], kind):
        return True
    # In other files it is what a command gives to Python.
    if kind == "python" or kind in PROSE or "python" in text:
        from nemolint.secrets.code_output import listed_in_code

        if any(next(listed_in_code(part, 0, len(part)), None) is not None for part in parts):
            return True
    # What else Python starts is read where it names `nemotron steps`, and then it has been read.
    if kind == "python":
        return False
    if kind in PROSE and any(map(_is_started, parts)):
        return True
    looks = _LOOKS[kind in PROSE]
    return any(name in part and look.search(part) for part in parts for name, look in looks.items())


def _may_loop_over_names(text: str, kind: str) -> bool:
    """Whether something other than a listing may show each variable: a loop, a file of the system, a program's code."""
    if "environ" in text or "%env" in text:
        if kind == "notebook" or "/environ" in text:
            return True
    if "{!" in text or ("$$" in text and "compgen" in text):
        return True
    return ("process.env" in text and "console" in text) or ("ENV" in text and _PROGRAM.search(text) is not None)


# Programs that list the environment by the code that they are given: not a part of "properly".
_PROGRAM = lazily(r"awk|jq|perl(?![a-z])|ruby")

# What columns of keys are called.
_NOUN = lazily(r"(?:key|option|override|argument|arg|parameter|param|field|setting)s?\b", re.IGNORECASE)
_HTML_TABLE = lazily(r"<[tT][aA][bB][lL][eE]\b")
_RST_TABLE = lazily(r"\+-|=[ ]+=")
# A title that is code, the term of a definition list.
_TITLE_OF_KEY = lazily(r"#[ \t]++`[^\n]*`[ \t]*#*[ \t]*(?:\n|\Z)")
_DEFINED_TERM = {
    "markdown": lazily(r"\n[ \t>]*+:[ \t]"),
    "rst": lazily(r"(?:``|[\w][_.=]\S++)[ \t]*+\n[ \t]++\S"),
}


def may_document_keys(text: str, kind: str) -> bool:
    """False for a text of this kind that documents no keys: not a page, or without such a directive, table or list."""
    term = _DEFINED_TERM.get(kind)
    if term is None:
        return False
    if "option" in text and ("{option}" in text or "option::" in text):
        return True
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _has_column_of_keys(text) if kind == "markdown" else (_RST_TABLE.search(text) is not None):
        return True
    if ("list-table" in text or _HTML_TABLE.search(text) is not None) and _NOUN.search(text) is not None:
        return True
    return term.search(text) is not None or (kind == "markdown" and _TITLE_OF_KEY.search(text) is not None)


def _has_column_of_keys(text: str) -> bool:
    """Whether a table of Markdown may have a column of keys: the line above its ruler names one."""
    at = text.find("|")
    while at >= 0:
        start = text.rfind("\n", 0, at) + 1
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        if start and not text[start:end].strip("|:->*+0123456789.) \t"):
            above = text.rfind("\n", 0, start - 1) + 1
            if _NOUN.search(text, above, start) is not None:
                return True
        at = text.find("|", end)
    return False


_BLOCK = lazily(
    r"(?:```|~~~)[^\n]{0,80}(?:ya?ml|toml)|\.(?:ya?ml|toml)\b[^\n]{0,80}<<|<<[^\n]{0,80}\.(?:ya?ml|toml)\b",
    re.IGNORECASE,
)


def may_give_config(text: str) -> bool:
    """False for an answer without a block of YAML or TOML, or a here-document that writes one."""
    return _BLOCK.search(text) is not None


def may_hold_suppression(text: str) -> bool:
    """False for a text without a suppression, or anything meant as one."""
    return any(name in text for name in ("nemolint", "NEMOLINT", "Nemolint", "NemoLint"))


# In prose, behind what starts a program.
_BEHIND = lazily(rf"env(?:(?<=[ \t\\\"'\n]env)|(?<=[ \t\\\"'\n]printenv)){_REST}")
_STARTER = lazily(r"run|exec|sudo|doas|ssh|nohup|time|setsid|stdbuf|start|debug|nice")


def _is_started(text: str) -> bool:
    """Whether a listing may stand behind what starts a program, on its line or on the one before."""
    for match in _BEHIND.finditer(text):
        line = text.rfind("\n", 0, max(text.rfind("\n", 0, match.start()), 0)) + 1
        if _STARTER.search(text, max(line, match.start() - _MOST_BEFORE), match.start()) is not None:
            return True
    return False


_OF_RUNS = frozenset({"run", "launch", "override", "overrides", "text", "odd-word", "special-character", "profile"})


def may_hold(document: Document, subject: Subject) -> bool:
    """False for a document that cannot have anything that the function of a rule about this subject reports.

    `run`: a `nemotron steps run`, or what would have been one; `runs`: two of them. Or a run (see `StepRun.has`):
    `launch`: without the option `--dry-run`; `override`, `overrides`: with an override, with two of them; `text`: with
    an override whose value is not a number, a boolean or null, or with a word that is passed through; `odd-word`: with
    a word that is not the step, an option as documented, its value, or an override; `special-character`: with a
    character that may mean something to a shell, or is outside ASCII; `profile`: with an option for a profile.

    `env-file`: a run with such an option, or what may set the variable that names the env TOML. `fault`: a command of
    which bash makes what its author can hardly mean; `project-file`: a file that may be one of a step; `secret`: a
    value under a secret's name, or its use; `credential`: that, or a credential of a known format; `listing`: a command
    that lists the environment; `nothing`: never. For those about secrets always True for a document that is already
    parsed and may hold what its text does not show.
    """
    if subject == "nothing":
        return False
    if subject in _OF_RUNS:
        return document.can_run
    if subject == "runs":
        return document.can_run and len(document.runs) > 1
    if subject == "env-file":
        return document.can_run and (any(run.has("profile") for run in document.runs) or may_set_env_file(document))
    if subject == "project-file":
        return bool(document.absolute) and document.kind in ("python", "toml", "yaml")
    if subject == "fault":
        return document.can_run and any(command.faults for command in document.commands)
    if subject in ("secret", "credential"):
        return not _is_innocent(document) and _may_hold_secret(document, subject)
    return not shows_all(document) or may_list_environment(document.text, document.kind)


def _is_innocent(document: Document) -> bool:
    """True for a plain script without any word that a secret is found by; tells so without a pattern."""
    text = document.text
    # What is appended may be the rest of a token.
    return is_plain(document) and "+=" not in text and not may_name(text) and not may_hold_token(text)


def _may_hold_secret(document: Document, subject: Literal["secret", "credential"]) -> bool:
    from nemolint.secrets.hints import may_hold_secret, may_name_secret

    return may_name_secret(document) if subject == "secret" else may_hold_secret(document)


def may_set_env_file(document: Document) -> bool:
    """False if nothing in a document can set the variable that names the env TOML: it is not named, no file is read."""
    if ENV_FILE_VARIABLE in document.text:
        return True
    commands = (*document.commands, *(run.command for run in document.runs))
    return any(
        _reads_script(command)
        or any(
            ENV_FILE_VARIABLE in word.value or word.value.startswith("--env-file")
            for word in (*command.words, *(item.word for item in command.assignments))
        )
        for command in commands
    )


def _reads_script(command: Command) -> bool:
    """Whether a command has the shell read a file that may set any variable: not one that activates an environment."""
    files = command.words[1:2] if command.name in ("source", ".") else ()
    return any(file.value.rpartition("/")[2] != "activate" for file in files)
