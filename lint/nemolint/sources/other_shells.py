"""fish, csh, PowerShell and cmd: their plain commands. What they expand is open, and variables are not followed."""

from __future__ import annotations

import re

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder
from nemolint.document import Note
from nemolint.sources import Reading
from nemolint.sources.command_text import POWERSHELL_PROMPT, SUBCOMMAND
from nemolint.sources.line_scan import UNCHECKED_SHELLS, noted, unchecked
from nemolint.sources.lines import body, normal_lines
from nemolint.sources.region_context import RegionContext
from nemolint.sources.templates import open_text
from nemolint.sources.text_reader import TextReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.base.positions import TextMap
    from nemolint.document import Document

_NEVER = r"(?!)"


class _Dialect(NamedTuple):
    """The tokens of a language, in groups named for what they become; other text is as in a POSIX shell.

    `joined`: the end of a line that goes on; `open`: what is expanded; `word`: a string as one open word; `end`: what
    ends a command. `lead` is what stands before a command, `sets` what gives a command to a variable or an alias,
    `shows` what only writes its words.
    """

    token: re.Pattern[str]
    lead: re.Pattern[str]
    sets: re.Pattern[str]
    shows: re.Pattern[str] = lazily(_NEVER)


# Strings of POSIX shells, in which nothing is special to the dialect.
_SINGLE = r"'[^'\n]*+'"
_FISH = _Dialect(
    lazily(
        r"(?P<comment>(?<![^\s;&|()])\#[^\n]*)|(?P<joined>\\\n)|\\(?s:.)"
        r"|(?P<word>'(?:[^'\\]|\\(?s:.))*\\(?s:.)(?:[^'\\]|\\(?s:.))*+')|'[^']*+'"
        r"|\"(?:[^\"\\]|\\(?s:.))*+\""
        r"|(?P<open>\$?\((?:[^()]|\([^()]*\))*+\)|\$\w++\[[^\]\n]*+\])"
        r"|(?P<end>[;\n]|&&|\|\||&?\|(?!\|)|(?<![>&])&(?![>&]))"
    ),
    lazily(r"[ \t]*+(?:(?:and|or|not|!|if|else|while|begin|time)\b[ \t]*+)*+(?:for\b[^;\n]*|function\b[^;\n]*)?"),
    lazily(r"(?:set|alias|abbr)\b"),
)
_CSH = _Dialect(
    lazily(
        r"(?P<comment>(?<![^\s;&|()])\#[^\n]*)|(?P<joined>\\\n)|\\(?s:.)"
        rf"|(?P<word>{_NEVER})|{_SINGLE}|\"[^\"\n]*+\"|(?P<open>`[^`\n]*+`|\$\w++(?:\[[^\]\n]*+\]|:\w)|\$[<#?]\w*)"
        r"|(?P<end>[;\n]|&&|\|\||\|&?(?!\|)|(?<![>&|])&(?![>&]))"
    ),
    lazily(
        r"[ \t]*+(?:(?:(?:else[ \t]+)?if|while)[ \t]*\((?:[^()\n]|\([^()\n]*\))*+\)[ \t]*+(?:then\b)?[ \t]*+"
        r"|else\b[ \t]*+)*+"
        r"(?:foreach\b[^;\n]*)?"
    ),
    lazily(r"(?:set|setenv|alias|@)(?=[ \t])"),
)
_POWERSHELL = _Dialect(
    lazily(
        r"(?P<comment>(?<![^\s;|(){}])\#[^\n]*|<\#(?s:.)*?\#>)|(?P<joined>`\n)"
        r"|(?P<word>`.|@\"\n(?s:.)*?\n\"@|@'\n(?s:.)*?\n'@"
        r"|'[^'\n]*+''(?:[^'\n]|'')*+')|'[^'\n]*+'"
        r"|\"(?:[^\"`$\n])*+\"|(?P<text>\"(?:[^\"`\n]|`.|\"\")*+\")"
        r"|(?P<open>\$\((?:[^()\n]|\([^()\n]*\))*+\)|\$\{[^}\n]*+\}|[$@]\w++(?::\w++)?(?:\.\w++|\[[^\]\n]*+\])*+"
        r"|\((?:[^()\n]|\([^()\n]*\))*+\))"
        r"|(?P<end>[;\n{}]|&&|\|\||\|)"
    ),
    lazily(
        rf"[ \t]*+(?:{POWERSHELL_PROMPT})?+"
        r"(?:(?:else|else?if|if|while|foreach|try|do|return)\b[ \t]*+|&(?!&)[ \t]*+"
        r"|\{\{[^{}]*\}\}[ \t]*+(?:\+?=(?![ \t]*[\"'@])[ \t]*+)?)*+"
    ),
    lazily(r"\+?=|(?i:Set-(?:Alias|Variable)|sal|sv)\b"),
    lazily(r"(?i:(?:Write|Out)-\w+)\b"),
)
_CMD = _Dialect(
    lazily(
        r"(?P<comment>^[ \t]*@?(?:(?i:rem)\b|::)[^\n]*)|(?P<joined>\^\n)|(?P<word>\^.)|\"[^\"\n]*+\""
        r"|(?P<open>%~?[A-Za-z0-9_*]\w*(?::[^%\n]*)?%?|!\w+!)|(?P<end>[\n()]|&&?|\|\|?)",
        re.MULTILINE,
    ),
    lazily(r"[ \t]*+(?:@|(?i:call|if|else|not|do|exist|errorlevel)\b[ \t]*+)*+"),
    lazily(r"(?i:set)\b"),
)
_DIALECTS = {"cmd": _CMD, "csh": _CSH, "fish": _FISH, "powershell": _POWERSHELL}
COMMAND = "pwsh"
"""The extension that names a command for PowerShell which is about to run, and not a script: that is checked."""
_OF_EXTENSION = {
    "bat": "cmd", "cmd": "cmd", "csh": "csh", "fish": "fish", "ps1": "powershell", "psm1": "powershell", "tcsh": "csh",
    COMMAND: "powershell",
}  # fmt: skip
_SPECIAL = lazily(r"[`$]")
_FISH_ESCAPE = lazily(r"\\([\\'])")
# The program with arguments that a variable holds, its subcommand perhaps among them: `nemotron steps $argv`.
_FORWARDS = lazily(r"nemotron(?<![\w.-]nemotron)(?:\.exe)?[\"']?[ \t]++(?:steps[ \t]++)?[\"']?(?:\{\{|\$[\w*@{])")
# What runs the text that it reads.
_RUNS_INPUT = lazily(r"[ \t\n]*(?:\S*/)?(?:source|(?:ba|z|da|k|fi|c|tc)?sh|iex|(?i:Invoke-Expression))(?![\w.=-])")


def read(document: Document) -> Reading:
    """Read a script, in the language that the extension of its name tells."""
    extension = document.path.lower().rpartition(".")[2]
    name = _OF_EXTENSION.get(extension, "csh")
    place = RegionContext(document, "script", name)
    checked = extension == COMMAND or name not in UNCHECKED_SHELLS
    return _ShellReader(body(document), place, name, checked=checked).read()


def read_cmd(map: TextMap, place: RegionContext) -> Reading:
    """Read a script for cmd inside another container (see `nemolint.sources.ReadText`)."""
    return _ShellReader(normal_lines(map), place, "cmd").read()


def read_csh(map: TextMap, place: RegionContext) -> Reading:
    """Read a script for csh inside another container."""
    return _ShellReader(normal_lines(map), place, "csh").read()


def read_fish(map: TextMap, place: RegionContext) -> Reading:
    """Read a script for fish inside another container."""
    return _ShellReader(normal_lines(map), place, "fish").read()


def read_powershell(map: TextMap, place: RegionContext) -> Reading:
    """Read a script for PowerShell inside another container."""
    return _ShellReader(normal_lines(map), place, "powershell").read()


class _ShellReader(TextReader):
    def __init__(self, map: TextMap, place: RegionContext, name: str, *, checked: bool = True) -> None:
        super().__init__(map, place.encoded("none")._replace(templated=True))
        self._name, self._checked = name, checked
        self._dialect = _DIALECTS[name]
        self._names_subcommand = all(re.search(rf"\b{word}\b", map.text) for word in ("steps", "run"))

    def read(self) -> Reading:
        text = self._text
        builder, begin, done = MapBuilder(), 0, 0
        for match in self._dialect.token.finditer(text):
            kind = match.lastgroup
            if kind is None:
                continue
            start, end = match.span()
            builder.verbatim(text, done, start)
            done = end
            if kind == "comment":
                self._add_comment(start, end, match[0].strip("#<> \t"))
            elif kind == "joined":
                builder.escape("\\\n", start, end - start)
            elif kind == "word" and self._name == "fish":
                self._add_quoted(builder, start, end)
            elif kind == "word":
                builder.escape('"${_}"', start, end - start)
            elif kind == "text":  # a string with expansions is one word
                builder.escape(
                    f'"{_SPECIAL.sub("", match[0][1:-1]) if "$" not in match[0] else "${_}"}"', start, end - start
                )
            elif kind == "open":
                builder.escape(open_text(match[0]), start, end - start)
            else:
                runs = match[0] == "|" and _RUNS_INPUT.match(text, end) is not None
                self._command(builder.build(begin), runs=runs)
                builder, begin = MapBuilder(), end
        builder.verbatim(text, done, len(text))
        self._command(builder.build(begin))
        return self.reading()

    def _add_quoted(self, builder: MapBuilder, start: int, end: int) -> None:
        """Add a string of fish in single quotes, in which quotes are escaped, as POSIX shells write it."""
        for match in _FISH_ESCAPE.finditer(self._text, start, end):
            builder.verbatim(self._text, start, match.start())
            builder.escape("'\\''" if match[1] == "'" else "\\", match.start(), 2)
            start = match.end()
        builder.verbatim(self._text, start, end)

    def _command(self, command: TextMap, *, runs: bool = False) -> None:
        """Read one command, with what stands before it. `runs`: a shell reads what it prints."""
        if "nemotron" not in command.text and not (self._checked and SUBCOMMAND.search(command.text)):
            return
        lead = self._dialect.lead.match(command.text)
        start = lead.end() if lead is not None else 0
        start += len(command.text[start:]) - len(command.text[start:].lstrip())
        message = "variables and aliases of this shell are not followed, so what this one starts is not checked"
        if self._name == "fish":  # a loop over commands
            self._notes += noted(self._map.compose(command.slice(0, start)), message)
        if runs or self._dialect.sets.match(command.text, start):
            kept = command.slice(start, len(command.text))
            if notes := noted(self._map.compose(kept), message):
                self._notes += notes
                self._region(kept, "mention", "variable")
            return
        shown = self._dialect.shows.match(command.text, start) is not None
        if not shown and self._names_subcommand and (forwards := _FORWARDS.search(command.text, start)):
            place = self._map.to_outer(*command.to_outer(forwards.start(), forwards.start() + len("nemotron")))
            self._notes.append(Note("broken-shell", message, *place, info=True))
        found = command.slice(start, len(command.text))
        if not self._checked and not shown and not self._notes:
            self._notes += unchecked(self._map.compose(found), self._name)
        self._region(found, "mention" if shown or not self._checked else "shell", "command")
