"""Text that looks like a command where no reader takes it for one, so that it is not passed over in silence."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from itertools import accumulate, islice

from nemolint.base.patterns import lazily
from nemolint.sources import NOTED, OTHER, kind_read
from nemolint.sources.command_lines import reads_on
from nemolint.sources.command_text import (
    MENTION,
    PROSE_NAMES,
    is_command,
    is_script,
    keeps_commands,
    reads_as_prose,
    starts_command,
)
from nemolint.sources.encoded import encoded_commands
from nemolint.sources.myst import SHOWN_LANGUAGES, UNREAD_LANGUAGES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nemolint.document import Document, MentionKind, Region

# Kinds of pages: what is not marked as code there is a command only if it is a whole line or a whole element.
_PAGES = frozenset({"asciidoc", "html", "markdown", "org", "rst", "text"})
# The last parts of the names of regions with such text.
_PROSE = frozenset({"adoc", "html", "line", "md", "org", "paragraph", "prose"})
_CHANGES = frozenset({"diff", "patch", "udiff"})
# Where a string is used is known there.
_FOLLOWED = frozenset({"notebook", "python"})
# Formats in which the program and its arguments may stand under two keys.
_DATA = frozenset({"ini", "json", "toml", "yaml"})
# Outside of strings there are no commands there.
_STRINGS = _FOLLOWED | {"strings"}
_BLANKS = r"(?:[ \t]++|[ \t]*+[\\`^]\r?\n[ \t]*+)++"
_STEP = r"(?:[\w.-]++(?:/[\w.-]++)++|\$\w[\w./]*+|\$?\{[^\s\"'`]*+)"
_ARGUMENT = r"(?:--?[A-Za-z]|[+~]{0,2}[A-Za-z_][\w.@/]*+=)"
# What follows the name of the command: a step, and an argument or the end of the text.
_STARTS = lazily(rf"{_BLANKS}[\"']?{_STEP}[\"']?{_BLANKS}[\"']?{_ARGUMENT}")
_STANDS_ALONE = lazily(rf"{_BLANKS}[\"']?{_STEP}[\"']?[ \t]*+(?:\Z|[\r\n\"'`<>)\]}}|;&#]|\\[\"'nr])")
# The words of the command as those of a list in any syntax, or as a program and its arguments under two keys.
_BETWEEN = (
    r"""(?:[\s"',()\[\]{}=>\\-]|/>|</?[A-Za-z]\w{0,30}>|<[A-Za-z]\w{0,30}[ \t]\w{1,30}(?==)"""
    r"""|\.[A-Za-z]\w{0,30}\(){1,60}+"""
)
_KEY = (
    r"""(?:[\s"',()\[\]{}/<>.\\-]{0,40}+[\w-]{0,30}?(?i:argument|argv|arg|cmd|command|line|list|parameter|value)s?"""
    r"""["']?[ \t]*+[:=]?[\s"'(\[{-]{0,60}+){1,3}+"""
)
_LISTED = lazily(rf"nemotron(?<![\w.-]nemotron)[\"']?(?:{_BETWEEN}|{_KEY})steps{_BETWEEN}run{_BETWEEN}{_STEP}")
# In a program: a text that code goes on with or puts a step into, a list that it does, and the subcommand on its own.
_CONTINUED = lazily(
    r"[ \t]++(?:[\"'`]\s{0,40}+(?:\+|\.{1,2}|<>|~|&|\\)\s{0,40}+[\w$@(]"
    r"|%[sdvq@-]|#\{|@\(|\\\(|\$[\w{(]|\{[\w.:]{0,40}\})"
)
_LISTED_BY_CODE = lazily(
    rf"nemotron(?<![\w.-]nemotron)[\"']{_BETWEEN}steps[\"']{_BETWEEN}run[\"']\s{{0,40}}+,\s{{0,40}}+[*&.]{{0,3}}[A-Za-z_$]"
)
_SUBCOMMAND = lazily(
    rf"[\"'`]steps(?:[ ]|[\"'`]\s{{0,40}}+,\s{{0,40}}+[\"'`])run(?:[ ]|[\"'`]\s{{0,40}}+,\s{{0,40}}+[\"'`]){_STEP}"
)
# The words of the command with tags between them.
_TAGS = r"(?:[ \t]|</?[A-Za-z]\w{0,15}(?:[ ][^<>\n]{0,80})?>){1,12}+"
_TAGGED = lazily(rf"nemotron(?<![\w.-]nemotron){_TAGS}steps{_TAGS}run{_TAGS}[\w.-]++(?:/[\w.-]++)++{_TAGS}{_ARGUMENT}")
# The program as a value, and its subcommand below another key.
_VALUE = lazily(r"[:=][ \t]*+[\[\"']{0,2}+(?:[\w.~/-]*/)?(nemotron)[\]\"']{0,2}+[ \t]*+(?:[,\n}]|\r\n)")
_STEPS = lazily(rf"steps(?<![\w./-]steps)[\"']?{_BETWEEN}run{_BETWEEN}{_STEP}")
_BEHIND_NAME = lazily(r"nemotron[\s\"',\[\](){}-]*+\Z")
# A variable of a program, before the command without a step that it holds.
_HOLDS = lazily(
    r"(?<![\w$])([A-Za-z_$][\w$]*)(?:[ \t]*:[ \t]*[\w<>|\[\]]{1,30})?[ \t]*:?=[ \t]*"
    r"[\"'`](?:[\w./-]++[ ]){0,4}+\Z"
)
_ENDS = lazily(r"[ ]?[\"'`]")
_PROGRAM = lazily(r"(?<=[\"'`/])nemotron(?=[\"'`])")
# What shows a text, or fails with it.
_TOLD = lazily(
    r"\b(?:console\.\w+|e?print(?:f|ln)?|puts|say|warn\w*|(?:log|logger|logging|slog)(?:\.\w+)?|panic|fail|abort|die|throw|raise"
    r"|\w*(?:Error|Exception)(?:f|::new|\.new)?)!?[ \t]*[ \t(\"'`]+\Z",
    re.IGNORECASE,
)
# A line of a comment, whatever the language, and a key whose value is for people.
_COMMENT = lazily(r"[ \t]*+(?:#|//|/?\*|--(?=\s)|;|%|<!--|(?i:rem)\b|'(?=\s))")
_FOR_PEOPLE = lazily(rf"(?:\b|_|-)(?:{PROSE_NAMES})[\"']?[ \t]*+[:=(][ \t]*+[\"'`(\[]*+[^\"'`]*\Z", re.IGNORECASE)
# What a command may begin behind, on its line.
_BOUNDARY = lazily(r".*(?:[\"'`=(\[{;&|!>]|:(?=[ \t]))", re.DOTALL)
_LEAD = lazily(r"(?:[^A-Za-z$./~<>\n]++|\.{2,})*+")
_SURELY = lazily(r"(?:^|\n)[ \t]*+(?:[\d*/,-]++[ \t]++){5}\Z|<(?:textarea|[A-Z]\w*+)\b[^<>]{0,150}>\Z")
# What stands before the command in a line for cron, a user perhaps; the label of a line in plain text.
_CRON = lazily(r"[ \t]*+(?:(?:[\d*/,-]++[ \t]++){5}|@[a-z]{4,10}[ \t]++)(?:root[ \t]++|\w++[ \t]++(?=\S*nemotron\b))?+")
_LABEL = lazily(rf"(?!(?:{PROSE_NAMES})\b)[a-z_][\w.-]{{0,40}}(?::[ \t]++|=[\"']?)(?=\S)", re.IGNORECASE)
_ELEMENT = lazily(r"[<|\n]|\Z")
# An alias of a shell with a text; within quotes of a command that writes it, too. A variable is data until it is used.
_DEFINITION = lazily(
    r"\b(?:alias[ \t]++(?:-\w++[ \t]++)*+(?P<name>[\w.:-]++)|functions\[[\"']?(?P<function>[\w.:-]++)[\"']?\])"
    r"=[\\\"']{1,4}+"
)
_WORD = lazily(r"[\w.:-]++")
_AWAY = lazily(r"[\"'\n;|&]")
_MESSAGE = "this looks like a command, but how it is run is not known, so it is not checked"
_UNUSED = "nothing here uses this alias, so its command is not checked"
_UNFOLLOWED = "what uses this alias or function is not followed, so its command is not checked"
_ENCODED = "this becomes the command only when a program decodes it or changes its case, so it is not checked"
_EXPORT = lazily(
    r"^export[ \t]+(?:const|let|var)[ \t]+(?P<name>\w+)[^=\n]{0,80}=(?P<value>[^\n]*(?:\n[^\n]+)*)", re.MULTILINE
)
_BRACES = lazily(r"\{[^{}\n]{1,200}\}")
_NAME = lazily(r"[A-Za-z_$][\w$]*")
_JS_STRING = lazily(r"(?P<mark>[\"'`])(?P<text>(?:(?!(?P=mark))[^\\\n]|\\.)*)(?P=mark)")
# What begins a title in Markdown and AsciiDoc, and what stands below one.
_TITLE = lazily(r"[ \t>]*+(?:#{1,6}|={1,6})[ \t]")
_UNDERLINE = lazily(r"[ \t>]*+(?P<sign>[-=~^\"'`:.#*+])(?P=sign)++[ \t]*+$", re.MULTILINE)
# Blocks with code, by the names of their regions.
_BLOCK = lazily(r":(?:fence|block|code|code-block|sourcecode):(?:indented:)?[\w#+-]+\Z")
_SCRIPT = lazily(r"<(?P<end>/?)script\b", re.IGNORECASE)
_QUOTE = lazily(r"[\"'`](?:[\w./-]++[ \t]++){0,6}(?:[\w./-]*+/)?+\Z")
_MOST_BEFORE = 200
_MOST_BEHIND = 2_000
_MOST_BETWEEN = 300


def overlooked(document: Document, spans: Sequence[tuple[int, int, MentionKind]]) -> tuple[str, int] | None:
    """What is said of the first command that was neither read nor found to be none, and its offset; None without one.

    `spans` are the places that have been read, each with what was found there.
    """
    found = [(place, _MESSAGE)] if (place := _place_in(document, spans)) is not None else []
    if keeps_commands(document.text):
        found += islice(_kept(document, spans), 1)
    if kind_read(document) != OTHER:
        places = encoded_commands(document.text)
        encoded = (place for place in places if _COMMENT.match(_before(document.text, place)) is None)
        found += [(place, _ENCODED) for place in islice(encoded, 1)]
    return min(found)[::-1] if found else None


def _kept(document: Document, spans: Sequence[tuple[int, int, MentionKind]]) -> Iterator[tuple[int, str]]:
    """The commands that scripts keep in aliases and that nothing ran, and what is said of each."""
    text = document.text
    runs = any(found == "run" for _, _, found in spans)
    read = _Places.read_as_code(spans)
    scripts = [region for region in document.regions if region.kind == "shell"]
    inside = _Places([region.map.to_outer(0, len(region.text)) for region in scripts])
    used: Counter[str] | None = None
    for match in _DEFINITION.finditer(text):
        named = MENTION.search(text, match.end(), match.end() + _MOST_BEHIND)
        if named is None or _AWAY.search(text, match.end(), named.start()) is not None:
            continue
        place = _place(named.start())
        if inside.touch(*place) and not read.touch(*place) and _in_code(text, named):
            if used is None:
                used = Counter(_WORD.findall(text))
            if used[match["name"] or match["function"]] == 1:
                yield named.start(), _UNUSED
            elif not runs:  # a shell that finds it in a file, say
                yield named.start(), _UNFOLLOWED


def _place_in(document: Document, spans: Sequence[tuple[int, int, MentionKind]]) -> int | None:
    kind = kind_read(document)
    if kind == OTHER or (document.kind == OTHER and kind == "ini"):
        return None  # which other programs read
    read = _Places([(start, end) for start, end, found in spans if found != "mention"])
    regions = [region for region in document.regions if region.kind == "mention"]
    found = [place for region in regions if (place := _in_region(region)) is not None and not read.touch(*place)]
    mentioned = _Places([region.map.to_outer(0, len(region.text)) for region in regions])
    text = document.text
    if kind not in _STRINGS:
        for match in MENTION.finditer(text):
            place = _place(match.start())
            if read.touch(*place) or mentioned.touch(*place):
                continue
            if kind == NOTED:
                seems = _in_code(text, match) and not _is_told(text, match.start())
            elif kind not in _PAGES:
                seems = _in_code(text, match)
            else:
                seems = _is_whole(text, match) and not _is_title(document, place[0])
                seems = seems or (kind == "html" and _is_given(text, match))
            if seems:
                found.append(place)
                break
    if document.path.lower().endswith(".mdx"):
        found += [place for place in _exported(text) if not read.touch(*place)]
    if kind not in _FOLLOWED | _PAGES:
        found += read.first_outside(_listed(text))
    if kind in ("html", "markdown") and "</" in text:
        # A tag may end what was read as code, and was none.
        tagged = (match.start() for match in _TAGGED.finditer(text) if _begins_element(text, match))
        found += _Places.read_as_code(spans).first_outside(tagged)
    if kind in _DATA:
        found += read.first_outside(_under_two_keys(text))
    if kind == NOTED and not found:
        found += map(_place, islice(_assembled(text), 1))
    return min(found, default=(None,))[0]


def _is_told(text: str, at: int) -> bool:
    """Whether a place in a program is in a comment, or in a message."""
    return _is_text(text, at) or _TOLD.search(_before(text, at)) is not None


def _assembled(text: str) -> Iterator[int]:
    """Where a program puts the command together, by operators, formats, or from parts of a list."""
    names: Counter[str] | None = None
    for match in MENTION.finditer(text):
        if _is_told(text, match.start()):
            continue
        if _CONTINUED.match(text, match.end()) is not None:
            yield match.start()
        elif _ENDS.match(text, match.end()) is not None and (holds := _HOLDS.search(_before(text, match.start()))):
            if names is None:
                names = Counter(_NAME.findall(text))
            if names[holds[1]] > 1:
                yield match.start()
    for match in _LISTED_BY_CODE.finditer(text):
        if not _is_text(text, match.start()):
            yield match.start()
    if any(not _is_text(text, match.start()) for match in _SUBCOMMAND.finditer(text)):
        yield from (match.start() for match in _PROGRAM.finditer(text) if not _is_text(text, match.start()))


def _place(start: int) -> tuple[int, int]:
    """The name of a command that begins at an offset."""
    return start, start + len("nemotron")


class _Places:
    """Stretches of a text, of which some may lie in others."""

    def __init__(self, stretches: Sequence[tuple[int, int]]) -> None:
        ordered = sorted(stretches)
        self._starts = [start for start, _ in ordered]
        # The furthest end of those that begin before.
        self._ends = list(accumulate((end for _, end in ordered), max))

    @classmethod
    def read_as_code(cls, spans: Sequence[tuple[int, int, MentionKind]]) -> _Places:
        """Those that were read, but for data and mentions."""
        return cls([(start, end) for start, end, found in spans if found not in ("data", "mention")])

    def touch(self, start: int, end: int) -> bool:
        """True if one of the stretches has a character of `start:end`."""
        index = bisect_right(self._starts, end - 1) - 1
        return index >= 0 and self._ends[index] > start

    def first_outside(self, starts: Iterator[int]) -> Iterator[tuple[int, int]]:
        """The first command that lies in none of the stretches, if there is one."""
        return islice((place for place in map(_place, starts) if not self.touch(*place)), 1)


def _exported(text: str) -> Iterator[tuple[int, int]]:
    """The commands in what a page of MDX exports and puts into braces, as it does to show a text."""
    used: set[str] | None = None
    for match in _EXPORT.finditer(text) if "export" in text else ():
        if used is None:
            used = {name for braces in _BRACES.findall(text) for name in _NAME.findall(braces)}
        for string in _JS_STRING.finditer(text, *match.span("value")) if match["name"] in used else ():
            named = MENTION.search(string["text"])
            if named is not None and is_script(string["text"]) and _in_code(string["text"], named):
                yield _place(string.start("text") + named.start())


def _in_region(region: Region) -> tuple[int, int] | None:
    """The first command in a text that its reader takes for a mention."""
    if region.surface == "comment":
        return None
    text, name = region.text, region.container.rpartition(":")[2]
    block = _BLOCK.search(region.container) is not None
    code = block and name in UNREAD_LANGUAGES
    prose = name in _PROSE or (block and name.isalnum() and name not in SHOWN_LANGUAGES)
    found = next(_listed(text), None) if code else None
    start = region.map.outer_start(0)
    outside = region.document.text[max(start - _MOST_BEFORE, 0) : start]
    for match in MENTION.finditer(text):
        if code or region.surface == "script":  # a program may take it for a command
            whole = name not in ("string", "key") or is_script(text)
            seems = whole and _in_code(text, match)
        elif match.start() < _MOST_BEFORE and (line := _CRON.match(text)) is not None:
            seems = is_command(text[line.end() : match.end() + _MOST_BEHIND])
        elif block and name in _CHANGES:
            seems = _before(text, match.start()).startswith("+") and _is_whole(text, match)
        else:
            labels = region.container.startswith("txt:")
            seems = (prose and _is_whole(text, match, outside, labels=labels)) or (
                name == "html" and _is_given(text, match)
            )
            seems = seems and (block or not _is_title(region.document, region.map.outer_start(match.start())))
        if seems and (found is None or match.start() < found):
            found = match.start()
            break
    return None if found is None else region.map.to_outer(*_place(found))


def _listed(text: str) -> Iterator[int]:
    """The commands in a text whose words are those of a list."""
    for match in _LISTED.finditer(text):
        if MENTION.match(text, match.start()) is None and not _is_text(text, match.start()):
            yield match.start()


def _begins_element(text: str, match: re.Match[str]) -> bool:
    """Whether words with tags between them are a command from the beginning of an element on."""
    before = _before(text, match.start()).rpartition(">")[2].lstrip()
    return MENTION.match(text, match.start()) is None and starts_command(f"{before}nemotron")


def _under_two_keys(text: str) -> Iterator[int]:
    """The programs whose subcommand is the value of another key, or in a list that is."""
    programs: list[int] | None = None
    for match in _STEPS.finditer(text):
        first = max(match.start() - _MOST_BETWEEN, 0)
        if _BEHIND_NAME.search(text, first, match.start()) is not None or _is_text(text, match.start()):
            continue
        if programs is None:
            programs = [value.start(1) for value in _VALUE.finditer(text) if not _is_text(text, value.start(1))]
        at = bisect_right(programs, match.start()) - 1
        if at >= 0 and programs[at] >= first:
            yield programs[at]


def _is_title(document: Document, place: int) -> bool:
    """Whether a place in a page is in the title of a section, which names a command."""
    text = document.text
    start = text.rfind("\n", 0, place) + 1
    if _TITLE.match(text, start) is not None or (document.kind == "org" and text.startswith("*", start)):
        return True
    end = text.find("\n", place)
    return end >= 0 and _UNDERLINE.match(text, end + 1) is not None


def _in_code(text: str, match: re.Match[str]) -> bool:
    """Whether the command's name has arguments, or is all that stands between quotes, brackets or ends of a line."""
    if _is_text(text, match.start()):
        return False
    if _STARTS.match(text, match.end()) is not None:
        return not reads_as_prose(text[match.end() : match.end() + _MOST_BEHIND], 0)
    if _STANDS_ALONE.match(text, match.end()) is None:
        return False
    line = _before(text, match.start())
    boundary = _BOUNDARY.match(line)
    begun = line[boundary.end() if boundary is not None else 0 :]
    return starts_command(begun.lstrip() + match[0]) or not reads_as_prose(f"_ {line}", 0)


def _is_given(text: str, match: re.Match[str]) -> bool:
    """Whether the command is a string of a script in HTML, or in what a tag is given."""
    if _QUOTE.search(_before(text, match.start())) is None:
        return False
    first = max(match.start() - _MOST_BEHIND, 0)
    within = text.rfind("<", first, match.start()) > text.rfind(">", first, match.start())
    scripts = [tag["end"] for tag in _SCRIPT.finditer(text, first, match.start())]
    return (within or scripts[-1:] == [""]) and _in_code(text, match)


def _before(text: str, at: int) -> str:
    """What stands before a place on its line."""
    first = max(at - _MOST_BEFORE, 0)
    return text[max(text.rfind("\n", first, at) + 1, first) : at]


def _is_text(text: str, at: int) -> bool:
    """Whether a place is in a comment, or in a value for people."""
    line = _before(text, at)
    return _COMMENT.match(line) is not None or _FOR_PEOPLE.search(line) is not None


def _is_whole(text: str, match: re.Match[str], outside: str = "", *, labels: bool = False) -> bool:
    """Whether a line of a page, or the text of an element, is a command and nothing else.

    `outside` is what stands before the text. With `labels`, a name may stand before the command: `train: nemotron …`.
    """
    first = max(match.start() - _MOST_BEFORE, 0)
    begin = max(text.rfind(sign, first, match.start()) for sign in "\n>|") + 1
    if not begin and first:
        return False
    begin = _LEAD.match(text, begin, match.start()).end()  # type: ignore[union-attr]
    if labels and (label := _LABEL.match(text, begin, match.start() + 1)) is not None:
        begin = label.end()
    last = min(match.end() + _MOST_BEHIND, len(text))
    end = match.end()
    while True:
        found = _ELEMENT.search(text, end, last)
        if found is None:
            return False
        end = found.start()
        if not text.startswith("\n", end) or text[end - 1] != "\\":
            break
        end += 1
    if end == last < len(text):
        return False
    line = text[begin:end]
    if _STARTS.match(text, match.end(), end) is None:
        # A command with its step alone is a name for it, but for a line of cron and what is made to show code.
        before = outside + text[max(begin - _MOST_BEFORE, 0) : begin]
        if _STANDS_ALONE.match(text, match.end(), end) is None or _SURELY.search(before) is None:
            return False
    return is_command(line) and not reads_on(line)
