"""The info strings of fences, and the syntax that MyST and MDX add to Markdown."""

from __future__ import annotations

import re

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from nemolint.base.positions import TextMap

SHELL_LANGUAGES = frozenset(
    {"ash", "bash", "dash", "ksh", "mksh", "posix-shell", "sbatch", "sh", "shell"}
    | {"shell-script", "shellscript", "slurm", "zsh"}
)
SESSION_LANGUAGES = frozenset(
    {"bash-session", "console", "sh-session", "shell-console", "shell-session"}
    | {"shellsession", "terminal", "zsh-session"}
)
PLAIN_LANGUAGES = frozenset({"none", "output", "plain", "plaintext", "text", "txt"})
"""What fences are called whose text is in no language."""
NESTED_KINDS = {
    "csh": "csh",
    **dict.fromkeys(("csh", "tcsh"), "csh"),
    "docker": "dockerfile",
    "dockerfile": "dockerfile",
    "doctest": "python",
    "cmake": "cmake",
    "containerfile": "dockerfile",
    **dict.fromkeys(("cron", "crontab"), "crontab"),
    "eval-rst": "rst",
    "fish": "fish",
    "groovy": "groovy",
    "hcl": "hcl",
    "jenkins": "groovy",
    "jenkinsfile": "groovy",
    "ipython": "notebook",
    "ipython3": "notebook",
    "colab": "notebook",
    "ipynb": "notebook",
    "jupyter": "notebook",
    "jupyter-python": "notebook",
    "json": "json",
    "json5": "json",
    "jsonc": "json",
    "just": "just",
    "justfile": "just",
    "make": "make",
    "makefile": "make",
    "nextflow": "nextflow",
    "procfile": "procfile",
    "py": "python",
    "pycon": "python",
    "python": "python",
    "python3": "python",
    "r": "r",
    "rest": "rst",
    "restructuredtext": "rst",
    "rst": "rst",
    "snakemake": "snakemake",
    "terraform": "hcl",
    "tcsh": "csh",
    "tf": "hcl",
    "toml": "toml",
    "yaml": "yaml",
    "yml": "yaml",
}
"""Languages of fences whose text another source can read."""

UNREAD_LANGUAGES = frozenset((
    "astro", "c", "c#", "c++", "cfg", "clojure", "conf", "cpp", "cs", "csharp", "cue", "dotenv", "elisp",
    "elixir", "env", "erlang", "expect", "go", "golang", "gradle", "haskell", "html", "ini", "java", "javascript",
    "jinja", "jinja2", "jl", "js", "jsonnet", "jsx", "julia", "kotlin", "kt", "lisp", "lua", "mjs", "nix", "nu",
    "nushell", "ocaml", "perl", "php", "pl", "properties", "puppet", "rb", "rs", "ruby", "rust", "scala",
    "scheme", "starlark", "svelte", "swift", "systemd", "tcl", "tmux", "ts", "tsx", "typescript", "vim", "vue",
    "wdl", "xml", "xonsh",
))  # fmt: skip
"""Languages that can start programs, and formats that name some, which no source reads in a fence."""
SHOWN_LANGUAGES = PLAIN_LANGUAGES.union((
    "ascii", "csv", "diff", "dot", "graphviz", "log", "logs", "markdown", "md", "mermaid", "patch", "plantuml",
    "puml", "tree", "udiff",
))  # fmt: skip
"""What fences are called whose text only shows something: output, a chart, a change."""

UNCHECKED_KINDS = {
    **dict.fromkeys(("bat", "batch", "cmd", "dos"), "cmd"),
    **dict.fromkeys(("posh", "powershell", "ps", "ps1", "pwsh"), "powershell"),
}
"""Languages of shells whose commands count in an answer only; elsewhere it is said that they are not checked."""

CODE_DIRECTIVES = frozenset(
    {"code", "code-block", "code-cell", "code-tab", "ipython", "jupyter-execute", "jupyter-input", "prompt"}
    | {"sourcecode"}
)
CELL_DIRECTIVES = frozenset({"code-cell", "ipython", "jupyter-execute", "jupyter-input"})
"""Code directives whose text a kernel runs."""
OPAQUE_DIRECTIVES = frozenset(
    {"autoclass", "autofunction", "automodule", "bibliography", "contents", "csv-table", "digraph", "doctest"}
    | {"eval-rst", "figure", "graph", "graphviz", "highlight", "iframe", "image", "include", "kroki"}
    | {"literalinclude", "math", "mermaid", "option", "parsed-literal", "plantuml", "plot", "raw", "terminal"}
    | {"testcode", "testoutput", "toctree", "uml", "video", "youtube"}
)
# Names that are those of languages, too.
_DIRECTIVES = frozenset({"doctest", "eval-rst", "ipython"})
_NAME = lazily(r"\{\s*([\w+:.-]+)\s*\}\s*(.*)", re.DOTALL)
_ENGINE = lazily(r"""\bengine\s*=\s*["'](\w+)["']""")
_ATTRIBUTES = lazily(r"\{\s*([.]?)([\w+-]+)")
_WORD = lazily(r"(?:lang(?:uage)?-)?([\w+#-]+)")


class Info(NamedTuple):
    """A fence's info string: the language of its text, or its directive.

    `language` is in lower case, empty if none is given. `directive` is empty for a plain fence; `markdown`: the body is
    Markdown again. `auto` is set for a prompt directive whose text mixes commands and output.
    """

    language: str = ""
    directive: str = ""
    markdown: bool = False
    auto: bool = False

    @property
    def session(self) -> bool:
        """Whether the text is a terminal session: prompts, commands and output."""
        return self.language in SESSION_LANGUAGES

    @property
    def shell(self) -> bool:
        """Whether the text may be shell; text without a language may be."""
        return not self.language or self.language in SHELL_LANGUAGES or self.session


def parse_info(info: str, kernel: str = "ipython") -> Info:
    """Read an info string: `bash title="x"`, `{.bash}`, `{bash, echo=FALSE}`, `{code-block} bash`, `{note} Title`.

    `kernel` is the language of cells that name none.
    """
    info = info.strip()
    if engine := _ENGINE.search(info) if info.startswith("{") else None:
        return Info(engine[1].lower())
    if named := _NAME.match(info):
        name, argument = named[1].lower(), named[2]
        if name.lstrip(".") in SHELL_LANGUAGES | SESSION_LANGUAGES | NESTED_KINDS.keys() and name not in _DIRECTIVES:
            return Info(name.lstrip("."))
        if name.startswith("."):
            return Info(name[1:])
        if name in CODE_DIRECTIVES:
            words = argument.split() if name not in ("ipython", "jupyter-execute") else []
            language = words[0].lower() if words else ("bash" if name == "prompt" else "")
            if name in CELL_DIRECTIVES and language in ("", "python", "python3"):
                language = "ipython" if language else kernel
            return Info(language, name, auto="auto" in words[1:])
        return Info(name, name, markdown=name not in OPAQUE_DIRECTIVES)
    match = _ATTRIBUTES.match(info) or _WORD.match(info)
    language = match[match.lastindex or 0].lower() if match else ("text" if info else "")
    return Info("" if language == "default" else language)


_OPTION = lazily(r"[ \t]*:[\w-]+:.*\n?")
_BLANK = lazily(r"[ \t]*\n")
_OPTION_BLOCK = lazily(r"---[ \t]*\n(?:.*\n)*?---[ \t]*(?:\n|\Z)")


def body_start(text: str) -> int:
    """Where a directive's body begins: after its `:name: value` lines or its `---` block, and the blank line."""
    at = 0
    if block := _OPTION_BLOCK.match(text):
        at = block.end()
    else:
        while option := _OPTION.match(text, at):
            at = option.end()
    if at and (blank := _BLANK.match(text, at)):
        at = blank.end()
    return at


_FENCE_LINE = lazily(
    r"^[ \t>]*+(?:(?:[-*+]|\d{1,9}[.)])[ \t]++[ \t>]*+)*+(?P<fence>`{3,}+|~{3,}+|:{3,}+)(?P<rest>.*)$", re.MULTILINE
)


_BLANKS_AFTER_FENCE = lazily(r"[`~][ \t]++$", re.MULTILINE)


def plain_fences(text: str) -> str:
    """The text, at equal length, in a form that the parser reads correctly.

    The lines of a colon fence with a Markdown body become blank, so that the body belongs to the text around it; any
    other colon fence (`:::{code-block} bash`) becomes a tilde fence. Lines inside code do not change. Tabs after a
    fence become spaces, since the parser does not accept a closing fence with a tab. Tags of a site generator around
    code (`{% highlight bash %}`) become fences.
    """
    if "\t" in text:
        text = _BLANKS_AFTER_FENCE.sub(lambda match: match[0].replace("\t", " "), text)
    if ("{%" in text or "{{" in text) and _CODE_TAG.search(text) is not None:
        text = _tagged_fences(text)
    if ":::" not in text:
        return text
    parts: list[str] = []
    done = 0
    open_mark, open_length, colons = "", 0, False
    for match in _FENCE_LINE.finditer(text):
        fence, rest = match["fence"], match["rest"].strip()
        mark, length = fence[0], len(fence)
        replacement = ""
        if open_mark:
            same = mark == (":" if colons else open_mark)
            if not same or length < open_length or rest:
                continue
            open_mark = ""
            replacement = "~" * length if colons else ""
        elif mark != ":":
            if mark == "`" and "`" in rest:
                continue
            open_mark, open_length, colons = mark, length, False
        elif rest.startswith("{") and not (info := parse_info(rest)).markdown and info.directive:
            open_mark, open_length, colons = "~", length, True
            replacement = "~" * length
        else:
            replacement = " " * (match.end() - match.start("fence"))
        if replacement:
            parts += text[done : match.start("fence")], replacement
            done = match.start("fence") + len(replacement)
    parts.append(text[done:])
    return "".join(parts)


# Code of Jekyll and Octopress (`{% highlight bash %}`) and of Hugo (`{{< highlight bash >}}`), on a line of its own.
_CODE_TAG = lazily(
    r"^[ \t>]*+(?P<tag>(?:\{%-?|\{\{[<%])[ \t]*+(?P<end>end(?=[a-z])|/[ \t]*+)?"
    r"(?P<name>bash|code|codeblock|command|console|highlight|shell|terminal)\b"
    r"(?P<rest>[^\n]*?)(?:-?%\}|[>%]\}\}))[ \t]*+$",
    re.MULTILINE,
)
_TAG_ARGUMENT = lazily(r"""[ \t]*+(?:lang(?:uage)?[:=][ \t]*+)?["']?(?P<language>[A-Za-z][\w+-]*+)["']?(?![:=\w])""")
_NAMED_CODE = frozenset({"code", "codeblock", "highlight"})
_TILDES = "~" * 8


def _tagged_fences(text: str) -> str:
    """The text, at equal length, with pairs of such tags as fences; those inside a fence are text."""
    fences = [match for match in _FENCE_LINE.finditer(text) if match["fence"][0] != ":"]
    parts: list[str] = []
    done = 0
    opened: re.Match[str] | None = None
    number, fence = 0, ""
    for tag in _CODE_TAG.finditer(text):
        while opened is None and number < len(fences) and fences[number].start() < tag.start():
            marks, rest = fences[number]["fence"], fences[number]["rest"].strip()
            if not fence and not (marks[0] == "`" and "`" in rest):
                fence = marks
            elif fence and marks.startswith(fence) and not rest:
                fence = ""
            number += 1
        if fence:
            continue
        if opened is None:
            opened = None if tag["end"] else tag
        elif tag["end"] and tag["name"] == opened["name"]:
            argument = _TAG_ARGUMENT.match(opened["rest"])
            language = argument["language"] if argument is not None else ""
            written = language if opened["name"] in _NAMED_CODE else opened["name"].replace("command", "console")
            for match, info in ((opened, written), (tag, "")):
                start, end = match.span("tag")
                tildes = "~" * min(end - start - len(info) - 1, len(_TILDES))
                parts += text[done:start], f"{tildes if info else _TILDES} {info}".ljust(end - start)
                done = end
            while number < len(fences) and fences[number].start() < tag.start():
                number += 1
            opened = None
    parts.append(text[done:])
    return "".join(parts)


_TAG_LINE = lazily(r"^(?:[ \t]*+</?[A-Za-z][^<>\n]*+>)++[ \t]*+$", re.MULTILINE)


def tag_lines(text: str) -> Iterator[tuple[int, int]]:
    """Where the lines of MDX are, outside of code, that contain only tags."""
    open_mark, open_length = "", 0
    fences = _FENCE_LINE.finditer(text)
    fence = next(fences, None)
    for tags in _TAG_LINE.finditer(text):
        while fence is not None and fence.start() < tags.start():
            mark, length, rest = fence["fence"][0], len(fence["fence"]), fence["rest"].strip()
            if not open_mark and mark != ":" and not (mark == "`" and "`" in rest):
                open_mark, open_length = mark, length
            elif mark == open_mark and length >= open_length and not rest:
                open_mark = ""
            fence = next(fences, None)
        if not open_mark:
            yield tags.span()


def without_tags(text: str) -> str:
    """MDX text, at equal length, without its `tag_lines`.

    In MDX such a line is complete; in Markdown it would begin HTML that swallows a fence on the next line.
    """
    if "<" not in text:
        return text
    parts: list[str] = []
    done = 0
    for start, end in tag_lines(text):
        parts += text[done:start], " " * (end - start)
        done = end
    parts.append(text[done:])
    return "".join(parts)


_MDX_COMMENT = lazily(r"\{\s{0,80}/\*")
_MDX_COMMENT_END = lazily(r"\*/\s{0,80}\}")


def mdx_comments(map: TextMap) -> TextMap:
    """The text with each MDX comment `{/* … */}` outside code written as `<!-- … -->`."""
    text = map.text
    builder = MapBuilder()
    done = at = 0
    counted = ticks = 0
    while opened := _MDX_COMMENT.search(text, at):
        start = opened.start()
        fence = _FENCE_LINE.search(text, at, start)
        if fence and fence["fence"][0] != ":":
            mark, length = fence["fence"][0], len(fence["fence"])
            closing = re.compile(rf"^[ \t>]*+{mark}{{{length},}}+[ \t]*$", re.MULTILINE).search(text, fence.end())
            if closing is None:
                break
            at = closing.end()
            continue
        # A code span that the line leaves open holds no comment.
        line = text.rfind("\n", counted, start) + 1
        if line:
            counted, ticks = line, 0
        ticks += text.count("`", counted, start)
        counted = start
        if ticks % 2:
            at = opened.end()
            continue
        closed = _MDX_COMMENT_END.search(text, opened.end())
        if closed is None:
            break
        builder.verbatim(text, done, start)
        builder.escape("<!--", start, opened.end() - start)
        builder.verbatim(text, opened.end(), closed.start())
        done = at = counted = closed.end()
        builder.escape("-->", closed.start(), done - closed.start())
    builder.verbatim(text, done, len(text))
    return map.compose(builder.build())
