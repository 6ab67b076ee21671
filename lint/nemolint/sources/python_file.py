"""Python: commands that it starts (strings, lists of arguments), docstrings, comments, strings that name it."""

from __future__ import annotations

import ast
import re
import sys
import warnings

from nemolint.base.patterns import lazily
from nemolint.document import Alternative, Note
from nemolint.sources import Comment, Reading
from nemolint.sources.command_text import MENTION, is_script, names_command
from nemolint.sources.comments import CommentBlock, read_comments
from nemolint.sources.line_scan import broken, scan_lines
from nemolint.sources.lines import body, line_spans, normal_lines
from nemolint.sources.prose import read_prose
from nemolint.sources.python_expressions import Top
from nemolint.sources.python_found import FoundText
from nemolint.sources.python_streams import is_data, writes_to_shell
from nemolint.sources.python_text import Source, typed
from nemolint.sources.python_values import Values
from nemolint.sources.region_context import RegionContext

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from nemolint.base.positions import TextMap
    from nemolint.document import Document, Region

# The command's name, but not that of the package. A word, or the string, ends after it.
_NAMED = lazily(
    r"nemotron(?<!from nemotron)(?<!import nemotron)(?:(?<![\w.-]nemotron)|(?<=\\[nrt]nemotron))(?=[\s\"'\\])"
)
# Modules in which programs are functions.
_OF_PROGRAMS = lazily(r"(?:import|from)[ \t]+(?:sh|plumbum)\b")
# The command's own app, which a test invokes.
_OWN_APP = lazily(r"\bfrom[ \t]+nemotron\b")
_COMMENT = lazily(r"#[^#\n]*nemo(?:tron|lint)")
# A comment of the markup of a docstring that may suppress something.
_DOC_COMMENT = lazily(r"(?m)^[ \t]*+(\.\.[ \t]++nemolint:[^\n]*+|<!--[ \t]*nemolint:[^\n]*?-->)")
_F_STRING = lazily(r"(?<![A-Za-z0-9_])[rR]?[fF][rR]?[\"']")
# What decides where a comment is: strings, and comments. A quote without a partner on its line is none.
_LEXICAL = lazily(
    r"""(?s)#[^\n]*+|"{3}(?:[^"\\]|\\.|"(?!""))*+(?:"{3}|\Z)|'{3}(?:[^'\\]|\\.|'(?!''))*+(?:'{3}|\Z)"""
    r"""|"(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+'"""
)
# What only a regular expression has in it.
_PATTERN = lazily(r"\\[bBdDsSwWAZ](?![a-z])|\(\?[:=!<P]|\\\$\w*\\b")
_MAX_BRACES = 20_000
_LIBRARIES = frozenset({"asyncio", "commands", "os", "pexpect", "sp", "subprocess"})
# What runs a text as a program, and a command as bytes.
_RUNNERS = frozenset({"compile", "eval", "exec", "runsource"})
_BYTES = lazily(r"(?:\b[bB][rR]?|\b[rR][bB])[\"']")
_MOST_METHODS = 8
_NOT_FOLLOWED = "what this program does with this command is not followed, so it is not checked"
_STARTERS = frozenset(
    {"call", "check_call", "check_output", "create_subprocess_shell", "getoutput", "getstatusoutput", "popen"}
    | {"Popen", "run", "spawn", "system", "spawnu"}
)
_ARGUMENT_NAMES = frozenset({"args", "cmd", "command"})
# Calls that show, search or compare their text.
_TELLERS = frozenset(
    {"Argument", "Code", "HTML", "Label", "Markdown", "Option", "Panel", "Syntax", "Text", "Textbox", "abort"}
    | {"add_argument", "add_note", "add_paragraph", "add_parser", "add_row", "argument", "caption", "code", "comment"}
    | {
        "confirm",
        "count",
        "len",
        "critical",
        "debug",
        "display",
        "echo",
        "endswith",
        "error",
        "exception",
        "exit",
        "fail",
    }
    | {"fatal", "find", "fullmatch", "header", "html", "index", "info", "input", "log", "markdown", "match", "notify"}
    | {"option", "pprint", "print", "print_help", "prompt", "rule", "search", "secho", "set_description", "showinfo"}
    | {"skip", "startswith", "subheader", "success", "text", "text_area", "text_input", "title", "toast", "warn"}
    | {"warning", "write", "xfail"}
)
_TELLER_NAME = lazily(r"(?:Error|Exception|Warning|Exit)\Z|\Aassert")
# A function under test that looks at a text.
_EXAMINES = lazily(r"(?:\A|_)(?:classify|detect|extract|highlight|lint|parse|redact|tokeni[sz]e|validate)(?:_|\Z)")
_PROSE_NAME = lazily(
    r"(?:^|_)(?:description|doc|docs|epilog|example|examples|expected|help|hint|label|message|msg|note|prog|prompt"
    r"|reason|summary|text|title|usage)$",
    re.IGNORECASE,
)


def read(document: Document) -> Reading:
    """Read a Python file."""
    map, place = body(document), RegionContext(document, "script", "py")
    if "# %%" in map.text or "#%%" in map.text or "# jupyter:" in map.text:
        from nemolint.sources.jupytext import read_script

        if (reading := read_script(map, place)) is not None:
            return reading
    return _PythonReader(map, place).read(without_runs=not document.can_run)


def read_text(map: TextMap, place: RegionContext) -> Reading:
    """Read Python inside another container (see `nemolint.sources.ReadText`): a script, or a session."""
    return _PythonReader(typed(normal_lines(map)), place).read()


class _PythonReader:
    def __init__(self, map: TextMap, place: RegionContext) -> None:
        self._map = map
        self._source = Source(map.text)
        self._place = place
        self._doc = place.for_people()
        self._regions: list[Region] = []
        self._doc_comments: list[Comment] = []

    def read(self, *, without_runs: bool = False) -> Reading:
        """Read the text. `without_runs`: it is known to be without the words of the command."""
        text = self._map.text
        if not re.search(r"nemotron|nemolint|NEMOTRON_", text):
            return Reading()
        comments, commented = self._comments()
        named = (
            _NAMED.search(text) is not None
            or _OF_PROGRAMS.search(text) is not None
            or (".invoke(" in text and _OWN_APP.search(text) is not None)
        )
        if "NEMOTRON_" not in text and (text.count("nemotron") == commented or not named):
            return comments
        if without_runs and "NEMOTRON_" not in text and "nemolint" not in text:
            return comments  # no list and no string of this file names the command
        if sys.version_info < (3, 12) and text.count("{") > _MAX_BRACES and _F_STRING.search(text):
            # Before 3.12 Python takes quadratic time for the fields of f-strings.
            return self._fallback("too many braces to search for f-strings", 0)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(text)
        except SyntaxError as error:
            lines = self._map.text.split("\n", max((error.lineno or 1) - 1, 0))
            offset = sum(len(line) + 1 for line in lines[:-1]) if error.lineno else 0
            return self._fallback(error.msg, offset)
        except (ValueError, RecursionError, MemoryError) as error:
            return self._fallback(str(error) or "it is nested too deeply", 0)
        notes = self._walk(tree)
        regions = sorted((*self._regions, *comments.regions), key=lambda region: region.map.outer_start(0))
        return Reading(tuple(regions), notes, (*comments.suppress_comments, *self._doc_comments))

    def _fallback(self, problem: str, offset: int) -> Reading:
        return scan_lines(
            self._map,
            place=self._place.encoded("none"),
            comment_place=self._doc.inside("comment"),
            note=broken(self._place.document, self._map, "Python", problem, offset),
        )

    def _comments(self) -> tuple[Reading, int]:
        """The reading of the comments, and how often they contain `nemotron`."""
        text = self._map.text
        if not _COMMENT.search(text):
            return Reading(), 0
        found: list[CommentBlock] = []
        count = 0
        for start, end in comment_spans(text):
            line = text.rfind("\n", 0, start) + 1
            found.append(CommentBlock(start, end, not text[line:start].strip()))
            count += text.count("nemotron", start, end)
        return read_comments(self._map, found, self._doc.inside("comment")), count

    # The tree

    def _walk(self, tree: ast.Module) -> tuple[Note, ...]:
        """Add the regions of the file; returns the note about names that were not expanded, if any."""
        values = Values(self._source, tree)
        notes: list[Note] = []
        for setting in values.exports():
            place = self._place.encoded("argv", setting.encoder)
            self._regions.append(place.region(self._map.compose(setting.map), "shell", "env"))
        for top in values.tops():
            if values.is_docstring(top.node):
                self._docstring(values, top.node)
                continue
            dropped = values.is_dropped(top.node)
            written = any(writes_to_shell(values, sink) for sink in (top.node, *top.sinks))
            data = any(is_data(values, sink) for sink in (top.node, *top.sinks))
            shown = dropped or data or (self._is_shown(values, top) and not written)
            for found, is_list in values.commands(top):
                if is_list:
                    if not shown:
                        place = self._started("argv", found.encoder, text=found.map.text)
                        self._add(found, place, "argv")
                elif names_command(found.map.text):
                    script = is_script(found.map.text) and _PATTERN.search(found.map.text) is None
                    if not shown and (written or _is_started(values, top) or script):
                        self._add(found, self._started(found.encoder, text=found.map.text), "shell")
                    else:
                        place = self._doc.encoded(found.encoder)
                        self._regions.append(place.region(self._map.compose(found.map), "mention", "string"))
                        if not shown and any(_is_program(values, sink) for sink in (top.node, *top.sinks)):
                            notes.append(self._unfollowed(found.map))
        notes += self._in_bytes(values, tree)
        if values.unfollowed is None:
            return tuple(notes[:1])
        message = "the values of names are too long in this file to be expanded from here on: write the commands out"
        return (Note("broken-shell", message, *self._map.to_outer(*self._source.span(values.unfollowed))),)

    def _unfollowed(self, map: TextMap) -> Note:
        """The note for a command that is written in a program in a text, or as bytes."""
        named = MENTION.search(map.text)
        start, end = map.to_outer(named.start(), named.end()) if named is not None else map.to_outer(0, len(map.text))
        return Note("broken-shell", _NOT_FOLLOWED, *self._map.to_outer(start, end), info=True)

    def _in_bytes(self, values: Values, tree: ast.Module) -> Iterator[Note]:
        """Notes for commands as bytes, where nothing shows them."""
        if _BYTES.search(self._map.text) is None:
            return
        for node in ast.walk(tree):
            if not isinstance(node, ast.Constant) or not isinstance(node.value, bytes) or b"nemotron" not in node.value:
                continue
            used: ast.AST | None = node
            for _ in range(_MOST_METHODS):  # `.decode()`, `.split()`
                parent = values.parent(used) if used is not None else None
                if not (isinstance(parent, ast.Attribute) or (isinstance(parent, ast.Call) and parent.func is used)):
                    break
                used = parent
            text = node.value.decode("utf-8", "replace")
            if is_script(text) and isinstance(used, ast.expr) and not _is_told(values, used):
                start, end = self._source.span(node)
                yield Note("broken-shell", _NOT_FOLLOWED, *self._map.to_outer(start, end), info=True)

    def _started(self, *encoders: str, text: str) -> RegionContext:
        """The place of a text that is run. `{{ … }}` in it is for a template engine, as Airflow's is."""
        return self._place.encoded(*encoders)._replace(templated="{{" in text or "{%" in text)

    def _add(self, found: FoundText, place: RegionContext, name: str) -> None:
        """Add a command, with the others that it may be."""
        variants = tuple(
            Alternative(self._map.compose(map), start, end, self._map.to_outer(*extent))
            for map, start, end, extent in found.variants
        )
        self._regions.append(place.region(self._map.compose(found.map), "shell", name, variants=variants))

    def _docstring(self, values: Values, top: ast.expr) -> None:
        found = values.text(top)
        if found is None:
            return
        mapped = self._map.compose(found.map)
        place = self._doc.inside("docstring").encoded(found.encoder)
        self._regions += read_prose(mapped, line_spans(mapped.text), place)
        for match in _DOC_COMMENT.finditer(mapped.text) if "nemolint" in mapped.text else ():
            self._doc_comments.append(Comment(*mapped.to_outer(*match.span(1)), match[1].strip("<>.!- \t")))

    @staticmethod
    def _is_shown(values: Values, top: Top) -> bool:
        """True if the value is shown, compared or documentation wherever it goes, so that it is not run."""
        return _is_told(values, top.node) or all(_is_told(values, sink) for sink in top.sinks)


def _is_program(values: Values, node: ast.expr) -> bool:
    """True for a text that Python runs: what `exec` gets, or the option `-c` of a program."""
    parent = values.parent(node)
    if isinstance(parent, ast.Call):
        return _called(parent)[1] in _RUNNERS and parent.args[:1] == [node]
    if not isinstance(parent, ast.List | ast.Tuple):
        return False
    at = next((at for at, item in enumerate(parent.elts) if item is node), 0)
    before = parent.elts[at - 1] if at else None
    return isinstance(before, ast.Constant) and before.value == "-c"


def _is_told(values: Values, node: ast.expr) -> bool:
    """True if a value is shown, compared or documentation where it stands."""
    if isinstance(node, ast.Call) and _is_teller(node):
        return True
    parent = values.parent(node)
    outer = parent
    while isinstance(outer, ast.List | ast.Tuple) or (isinstance(outer, ast.Call) and _called(outer)[1] == "param"):
        outer = values.parent(outer)
    if isinstance(outer, ast.Call) and outer is not node and _called(outer)[1] == "parametrize":
        return True
    if isinstance(parent, ast.Compare | ast.Assert | ast.Raise | ast.JoinedStr | ast.FormattedValue):
        return True
    if isinstance(parent, ast.If | ast.While) or (isinstance(parent, ast.IfExp) and parent.test is node):
        return True
    if isinstance(node, ast.Name | ast.Attribute) and isinstance(parent, ast.Subscript) and parent.value is node:
        return True  # one argument
    if isinstance(parent, ast.keyword):
        call = values.parent(parent)
        if isinstance(call, ast.Call) and _is_teller(call):
            return True
        return bool(parent.arg and _PROSE_NAME.search(parent.arg))
    if isinstance(parent, ast.Dict):
        entries = values.entries(parent)
        if node in entries.values:
            return True
        key = entries.keys.get(node)
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            return bool(_PROSE_NAME.search(key.value))
    if isinstance(parent, ast.Assign | ast.AnnAssign):
        targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
        return any(isinstance(target, ast.Name) and bool(_PROSE_NAME.search(target.id)) for target in targets)
    if not isinstance(parent, ast.Call) or parent.func is node:
        return False
    return _is_teller(parent) or (_EXAMINES.search(_called(parent)[1]) is not None and values.is_in_test(node))


def _is_teller(call: ast.Call) -> bool:
    """True if a call shows, searches or compares its text."""
    name = _called(call)[1]
    return name in _TELLERS or _TELLER_NAME.search(name) is not None


def _is_started(values: Values, top: Top) -> bool:
    """True if a call of the standard library runs the value."""
    return any(_starts(values, sink) for sink in (top.node, *top.sinks))


def _starts(values: Values, top: ast.expr) -> bool:
    parent = values.parent(top)
    if isinstance(parent, ast.keyword):
        call = values.parent(parent)
        if parent.arg not in _ARGUMENT_NAMES:
            return False
    else:
        call = parent
        if isinstance(call, ast.Call) and (not call.args or call.args[0] is not top):
            return False
    if not isinstance(call, ast.Call):
        return False
    base, name = _called(call)
    return name in _STARTERS and (base in _LIBRARIES or name not in ("run", "call", "spawn"))


def _called(call: ast.Call) -> tuple[str, str]:
    """The function of a call: the name before the last dot and the last name."""
    function = call.func
    if isinstance(function, ast.Attribute):
        owner = function.value
        if isinstance(owner, ast.Call):
            owner = owner.func
        base = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
        return base, function.attr
    return "", function.id if isinstance(function, ast.Name) else ""


def comment_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where the comments of a text are; of one that is not Python, those that look like comments."""
    if sys.version_info < (3, 12) or _F_STRING.search(text) is None:
        yield from (match.span() for match in _LEXICAL.finditer(text) if text[match.start()] == "#")
        return
    # From 3.12 on an f-string may have its own quotes inside.
    import io
    import tokenize

    starts = [start for start, _ in line_spans(text)]
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
            if token.type == tokenize.COMMENT:
                start = starts[token.start[0] - 1] + token.start[1]
                yield start, start + len(token.string)
    except (tokenize.TokenError, SyntaxError):
        return
