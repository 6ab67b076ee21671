"""What other programs put into a text before a shell reads it, written as `{{ … }}`, which the shell reader knows.

Nobody knows the value: it may be part of a word, one word, or several. Where a condition chooses between texts that the
template itself holds, each is an alternative text (`alternatives`).
"""

from __future__ import annotations

from itertools import pairwise

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder
from nemolint.document import Alternative
from nemolint.sources.escapes import TEMPLATE_SIGNS

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from nemolint.base.positions import TextMap

Stretch = tuple[int, int]


class Choice(NamedTuple):
    """A condition of a template inside a command, at `start:end`, and the places of the texts that it chooses from.

    Where there are none, it may be just a sign around whole commands. `written`: what the script has in its place.
    """

    start: int
    end: int
    texts: tuple[Stretch, ...]
    expression: bool
    written: str = "{{ if }}"


# CircleCI `<< parameters.x >>`, GitLab `$[[ inputs.x ]]`, Concourse `((x))`. A here-document that is
# added to a file (`<< EOF >> file`) has no dot in its delimiter.
PIPELINE = lazily(
    r"<<[ ]*(?:[A-Za-z_][\w-]*+(?:\.[\w-]++)++|include\([^()\n]*+\))[ ]*>>"
    r"|\$\[\[[^\[\]\n]*+\]\]"
    r"""|\(\([A-Za-z_][\w.:/"-]*+\)\)"""
)
# hatch, PDM and tox `{args}`, `{root:uri}`, `{env:USER:{args:x}}`, `{[base]deps}`, `{/}`. `${x}` and `{a,b}` are the
# shell's, `{a: b}` is YAML.
TASK = lazily(
    r"(?<![$\\{])\{(?:[A-Za-z_]\w*+(?::(?![ ])(?:[^{}\n]|\{[^{}\n]*+\})*+)?|\[[\w:.-]++\][\w.-]++|[/:;])\}(?!\})"
)
# What an editor puts in: `${input:profile}`, `${workspaceFolder:app}`. Other names in braces are the shell's.
EDITOR = lazily(r"\$\{(?:command|config|containerEnv|env|input|localEnv|workspaceFolder):[^{}\s]*+\}")
# `@NAME@`, `__NAME__` and `%%NAME%%` in what a build makes files of.
BUILD = lazily(r"@[A-Za-z_]\w*+@|(?<!\w)__[A-Z][A-Z0-9_]*?__(?!\w)|%%[A-Za-z_]\w*+%%")
_EXPRESSION = lazily(r"(?P<github>\$)?\{\{(?!-)(?P<text>(?:[^}\n]|\}(?!\})){1,400})(?<!-)\}\}")
_LITERAL = r"""'[^'\\\n]*+'|"[^"\\\n]*+\""""
_TOKEN = lazily(rf"(?P<literal>{_LITERAL})|(?P<open>[(\[{{])|(?P<close>[)\]}}])|(?P<word>\w+)|\S")
_OF_FILTER = lazily(rf"\|\s*(?:ternary\(\s*({_LITERAL})\s*,\s*({_LITERAL})|d(?:efault)?\(\s*({_LITERAL}))[^()]*\)\s*\Z")
_OF_GITHUB = lazily(rf"&&\s*({_LITERAL})\s*\|\|\s*({_LITERAL})\s*\Z")
# The signs of a condition: those of Jinja, of Go, and of CircleCI's sections.
_SIGN = lazily(
    r"\{%[-+]?[ ]*(?P<jinja>if|elif|else|endif)\b(?:[^%\n]|%(?!\})){0,400}%\}"
    r"|\{\{-?[ ]*(?P<go>if|else|end)\b[^{}\n]{0,400}\}\}"
    r"|<<[ ]*(?P<circle>[#^/])[ ]*[\w.-]{1,200}[ ]*>>"
)
# What Jinja takes out of a text: comments, and the tags around what it leaves alone.
_TAKEN_OUT = r"(?<!\$)\{#(?:[^#]|#(?!\})){0,4000}#\}|\{%[-+]?[ ]*(?:end)?raw[ ]*[-+]?%\}"
# An expression that writes braces for another program: `{{ '{{flags}}' }}`.
_OF_BRACES = r"\{\{[^{}\n]*(?:'\{\{[^{}'\n]*\}\}'|\"\{\{[^{}\"\n]*\}\}\")[^{}\n]*\}\}"
_SET = rf"\{{%[-+]?[ ]*set[ ]+(?P<name>[A-Za-z_]\w*)[ ]*=[ ]*(?P<value>{_LITERAL})[ ]*[-+]?%\}}"
_BLOCK = r"\{%[-+]?[ ]*(?:(?P<begin>block|call|filter|for|if|macro)|(?P<end>end(?:block|call|filter|for|if|macro)))\b"
_USE = r"\{\{-?[ ]*(?P<used>[A-Za-z_]\w*)[ ]*-?\}\}"
_JINJA = lazily(rf"(?P<out>{_TAKEN_OUT})|(?P<braces>{_OF_BRACES})|{_SET}|{_BLOCK}|{_USE}")
_ASSIGNED = lazily(r"\{%[-+]?[ ]*(?:set[ ]+|for[ ]+)([A-Za-z_]\w*)")
_OPENING = frozenset({"if", "#", "^"})
_CLOSING = frozenset({"endif", "end", "/"})
_INSIDE = r"(?:(?!<%)(?s:.))"
_TAG = lazily(
    rf"<%(?:[-=]?=(?P<value>{_INSIDE}{{1,400}}?)|\#{_INSIDE}{{0,4000}}?"
    rf"|(?![=%#])-?(?P<statement>{_INSIDE}{{1,400}}?))[-_]?%>"
    r"|(?<!%)%\{~?(?P<terraform>[^{}\n]{1,400}?)~?\}"
)
_WORD = lazily(r"\w+")
_OF_LOOP = lazily(r"\bdo\b(?:[ ]*\|[^|]*\|)?\Z|=>\s*\{\Z|\bfunction\b.*\{\Z")
_BLANKS = lazily(r"[ \t]*+")
_ALONE_AFTER = lazily(r"[ \t]*\n")
# Characters of variants of a script, besides twice its own, that are worth reading.
_LEAST_VARIED = 65_536
_UNSAFE = lazily(r"[^\w.:/ -]")


def open_text(written: str) -> str:
    """What another program or shell puts in, for the shell reader: of unknown value, whatever is written there."""
    return f"{{{{ {_UNSAFE.sub(' ', written)} }}}}"


def filled(map: TextMap, pattern: re.Pattern[str]) -> TextMap:
    """The text with each match of `pattern` (one of the above) as `{{ … }}`, which no fix can touch."""
    text = map.text
    start = 0
    builder: MapBuilder | None = None
    for match in pattern.finditer(text):
        builder = builder or MapBuilder()
        builder.verbatim(text, start, match.start())
        start = match.end()
        builder.escape(f"{{{{{_UNSAFE.sub(' ', match[0])}}}}}", match.start(), start - match.start())
    if builder is None:
        return map
    builder.verbatim(text, start, len(text))
    return map.compose(builder.build())


def as_jinja(map: TextMap, *, is_ejs: bool = False) -> TextMap:
    """The text with the tags of ERB and EJS (`<% … %>`) and of Terraform (`%{ … }`) as those of Jinja."""
    text = map.text
    builder = MapBuilder()
    opened: list[str] = []
    done = 0
    for match in _TAG.finditer(text):
        value, statement = match["value"], match["statement"] or match["terraform"]
        if is_ejs and text.startswith("<%-", match.start()):  # ERB takes blanks away there
            value, statement = statement, None
        written = open_text(value) if value is not None else ""
        if statement is not None:
            written = _statement(statement.strip(), opened)
        builder.verbatim(text, done, match.start())
        builder.escape(written, match.start(), match.end() - match.start())
        done = match.end()
    if not done:
        return map
    builder.verbatim(text, done, len(text))
    return map.compose(builder.build())


def _statement(written: str, opened: list[str]) -> str:
    """A statement of a template as a tag of Jinja; `opened` are those that wait for their end."""
    word = _WORD.match(written)
    name = word[0] if word is not None else written[:1]
    if name in ("else", "elsif", "elif", "when", "in", "}") and (opened or name != "}") and not written.endswith("}"):
        if name == "}" and "else" not in written:
            return f"{{% end{opened.pop()} %}}"
        return "{% else %}" if name == "else" or written.endswith(("else", "else {")) else "{% elif other %}"
    if name in ("end", "endif", "endfor", "}"):
        return f"{{% end{opened.pop() if opened else 'if'} %}}"
    loop = name in ("for", "while", "until") or _OF_LOOP.search(written) is not None
    if not loop and name not in ("if", "unless", "case") and not written.endswith("{"):
        return ""
    opened.append("for" if loop else "if")
    return "{% for each in items %}" if loop else "{% if condition %}"


def rendered(map: TextMap) -> TextMap:
    """The text as far as the result of Jinja is certain: no comments, the variables that are set once to a text."""
    text = map.text
    if "{%" not in text and "{{" not in text:
        return map
    counts: dict[str, int] = {}
    for match in _ASSIGNED.finditer(text):
        counts[match[1]] = counts.get(match[1], 0) + 1
    values: dict[str, str] = {}
    builder: MapBuilder | None = None
    done = depth = 0
    for match in _JINJA.finditer(text):
        written = None
        if match["out"] is not None:
            written = ""
        elif match["braces"] is not None:
            written = "{{ braces }}"
        elif match["name"] is not None:
            if not depth and counts.get(match["name"]) == 1:
                values[match["name"]] = match["value"][1:-1]
        elif match["used"] is not None:
            written = values.get(match["used"])
        else:
            depth += 1 if match["begin"] is not None else -1
        if written is not None:
            builder = builder or MapBuilder()
            builder.verbatim(text, done, match.start())
            builder.escape(written, match.start(), match.end() - match.start())
            done = match.end()
    if builder is None:
        return map
    builder.verbatim(text, done, len(text))
    return map.compose(builder.build())


def alternatives(map: TextMap) -> tuple[TextMap, tuple[Alternative, ...]]:
    """A script as its reader takes it, and its variants, each with one text that a condition chooses in its place.

    In the first, conditions are `{{ … }}`. There are no more variants than can be read in the time of the script.
    """
    text = map.text
    if not any(sign in text for sign in TEMPLATE_SIGNS):
        return map, ()
    plain = MapBuilder()
    found: list[Alternative] = []
    done = 0
    left = 2 * len(text) + _LEAST_VARIED
    for choice in _choices(text):
        for start, end in choice.texts:
            left -= len(text)
            if left < 0 or not text[start:end].strip():
                continue
            builder = MapBuilder()
            builder.verbatim(text, 0, choice.start)
            begin = len(builder)
            builder.verbatim(text, start, end)
            stop = len(builder)
            builder.verbatim(text, choice.end, len(text))
            place = map.to_outer(choice.start, choice.end)
            found.append(Alternative(map.compose(builder.build()), begin, stop, place))
        if not choice.expression:
            plain.verbatim(text, done, choice.start)
            plain.escape(choice.written, choice.start, choice.end - choice.start)
            done = choice.end
    if not done:
        return map, tuple(found)
    plain.verbatim(text, done, len(text))
    return map.compose(plain.build()), tuple(found)


def _choices(text: str) -> Iterator[Choice]:
    """The conditions inside the commands of a script, in order."""
    found = [*_of_expressions(text), *_of_signs(text)]
    end = 0
    for choice in sorted(found):
        if choice.start >= end:
            yield choice
            end = choice.end


def _of_expressions(text: str) -> Iterator[Choice]:
    for match in _EXPRESSION.finditer(text):
        if texts := tuple(_literals(text, *match.span("text"), github=match["github"] is not None)):
            yield Choice(match.start(), match.end(), texts, True)


def _literals(text: str, start: int, end: int, *, github: bool) -> Iterator[Stretch]:
    """The strings that an expression may give: `'a' if x else 'b'`, `x | ternary('a', 'b')`, `x && 'a' || 'b'`."""
    special = (_OF_GITHUB if github else _OF_FILTER).search(text, start, end)
    if special is not None:
        yield from ((s + 1, e - 1) for s, e in map(special.span, range(1, len(special.groups()) + 1)) if s >= 0)
        return
    depth = 0
    # Of each part between `if` and `else`, its only string.
    values: list[list[Stretch | None]] = [[]]
    for token in _TOKEN.finditer(text, start, end):
        depth += (token["open"] is not None) - (token["close"] is not None)
        if token["word"] in ("if", "else"):
            values.append([])
        elif token["literal"] is not None:
            values[-1].append((token.start() + 1, token.end() - 1))
        elif token[0] not in "()":
            values[-1].append(None)
    for value in values[::2]:
        if len(value) == 1 and value[0] is not None:
            yield value[0]


def _of_signs(text: str) -> Iterator[Choice]:
    """Conditions inside a command that are written as statements: `{% if x %}a{% else %}b{% endif %}`."""
    opened: list[Stretch] = []
    inside = False
    line = done = 0
    for match in _SIGN.finditer(text):
        start, end = match.span()
        line, done = max(line, text.rfind("\n", done, start) + 1), start
        first = _BLANKS.match(text, line).end() >= start  # type: ignore[union-attr]
        alone = _ALONE_AFTER.match(text, end) if first and not match["circle"] else None
        if alone is not None:
            start, end = line, alone.end()
        sign = match[match.lastgroup or 0]
        if sign in _OPENING:
            opened = [(start, end)]
            inside = not first or text.endswith("\\\n", 0, line)
        elif opened:
            opened.append((start, end))
            if sign in _CLOSING:
                texts = tuple((after, before) for (_, after), (before, _) in pairwise(opened))
                if inside and not any("%}" in text[slice(*stretch)] for stretch in texts):
                    whole = not any(mark in text[slice(*stretch)] for stretch in texts for mark in TEMPLATE_SIGNS)
                    yield Choice(opened[0][0], end, texts if whole else (), False)
                elif not inside and alone is None and _is_line(text, opened[0][0], end):
                    # Whole commands.
                    for number, place in enumerate(opened):
                        yield Choice(*place, (), False, "\n" if 0 < number < len(opened) - 1 else "")
                opened = []


def _is_line(text: str, start: int, end: int) -> bool:
    """True if nothing but blanks follows `start:end` on its line, and it is on one."""
    stop = text.find("\n", start)
    return (stop < 0 or stop >= end) and not text[end : stop if stop >= 0 else len(text)].strip()
