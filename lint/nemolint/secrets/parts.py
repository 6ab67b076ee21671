"""Where in a document configuration or code stands that no shell runs: fences, cells, here-documents, inline code.

A part is found by its marks alone, in a text as it is written, so that one that does not parse is found, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.secrets.beginnings import NAME_PARTS
from nemolint.secrets.hints import is_password_file
from nemolint.secrets.names import secret_key
from nemolint.sources import OTHER, kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from nemolint.base.positions import TextMap
    from nemolint.document import Document, Region

    _Map: TypeAlias = Callable[[], TextMap] | None

# What a name has in it, or a command that is shown with a password behind a letter.
SHOWN_PARTS = (*NAME_PARTS, " -u", " -p", "identified", "securestring", "getconnection", "login(", "pdo(", "mysqli")


class Part(NamedTuple):
    """Characters `start:end` of a text, to be read as `kind` (see `nemolint.secrets.config_values`).

    `map` gives the map from the text to the document, None if it is the document's own. `strict`: it may be an example
    of output, so a value that looks like a word is not a secret.
    """

    kind: str
    text: str
    start: int
    end: int
    map: Callable[[], TextMap] | None = None
    strict: bool = False

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where characters `start:end` of the text stand in the document."""
        return (start, end) if self.map is None else self.map().to_outer(start, end)


_FENCE = lazily(r"(?m)(?P<mark>```+)[ \t]*+(?P<info>[^\n`]*+)$")
_ANY_FENCE = lazily(r"(?m)(?P<mark>```+|~~~+)[ \t]*+(?P<info>[^\n`]*+)$")
_BEFORE_FENCE = lazily(r"[ \t>]*+(?:(?:[-*+]|\d{1,3}[.)])[ ]+)?[ \t]*+")
_DIRECTIVE = lazily(r"\{(?:code-block|code-cell|code|sourcecode|literalinclude|parsed-literal)\}[ \t]*")
_LANGUAGE = lazily(r"[{.]?(?P<language>[\w+#\-]*)")
_CODE = "code"
_LANGUAGES = {
    **dict.fromkeys(("conf", "cfg", "dotenv", "env", "ini", "properties", "systemd"), "env"),
    **dict.fromkeys(("json", "json5", "jsonc", "jsonl"), "json"),
    **dict.fromkeys(("yaml", "yml", "k8s"), "yaml"),
    **dict.fromkeys(("toml",), "toml"),
    **dict.fromkeys(("dockerfile", "docker", "containerfile"), "dockerfile"),
    **dict.fromkeys(("make", "makefile"), "make"),
    **dict.fromkeys(("just", "justfile"), "just"),
    **dict.fromkeys(("python", "py", "python3", "ipython", "ipython3", "pycon", "pyi"), "python"),
    **dict.fromkeys(
        ("js", "javascript", "jsx", "ts", "typescript", "tsx", "mjs", "java", "kotlin", "go", "golang"), _CODE
    ),
    **dict.fromkeys(("rust", "rs", "c", "cpp", "c++", "csharp", "cs", "php", "ruby", "rb", "scala", "swift"), _CODE),
    **dict.fromkeys(("posh", "powershell", "ps1", "pwsh"), "script"),
    **dict.fromkeys(("html", "plist", "xml"), "markup"),
    **dict.fromkeys(("hcl", "terraform", "tf", "lua", "r", "julia", "dart", "groovy"), _CODE),
    # Their commands are read as commands.
    **dict.fromkeys(("bash", "sh", "shell", "zsh"), ""),
}
_TEXT = "text"
_FRONT_MATTER = lazily(r"\ufeff?(?P<mark>---|\+\+\+)[ \t]*\r?\n")
_INLINE = lazily(r"`(?<!``)(?P<second>`?)(?P<code>[^`\n]{8,400})`(?P=second)(?!`)")
_HTML_CODE = lazily(r"<(?P<tag>pre|code)\b[^<>]{0,200}>(?:\s{0,8}<code\b[^<>]{0,200}>)?")
_LONGEST_CODE = 400
_RST_BLOCK = lazily(
    r"(?m)^(?P<indent>[ \t]*)(?:\.\.[ ]+(?:code-block|sourcecode|code|parsed-literal)::[ \t]*"
    r"(?P<language>[\w+#\-]*)[^\n]*"
    r"|(?!\.\.[ ])\S[^\n]*::)$"
)
_HEREDOC = lazily(r"<<-?[ \t]*(?:\\|(?P<quote>[\"']))?(?P<word>[A-Za-z_]\w{0,40})(?(quote)(?P=quote))")
# The items of an array of the shell, which is kept for a command.
_ARRAY = lazily(r"\w\+?=\((?P<items>[^()]{0,4000}+)\)")
# What a script tells the scheduler that runs it.
_DIRECTIVES = lazily(r"(?m)^[ \t]*#(?:SBATCH|PBS|BSUB)[ \t][^\n]*")
_LONGEST_COMMAND = 300
_MOST_HEREDOCS = 8  # that one line begins
# What a here-document is written to, or who reads it.
_TARGET = lazily(r"(?:>{1,2}[|]?|\btee(?:[ ]+-\w+)*|\bof=|[ ])[ ]*[\"']?(?P<path>[^\s\"'<>|;&]*[\w~])")
_RUNS_PYTHON = lazily(r"\bpython[\d.]*\b|\bipython\b")
_RUNS_SHELL = lazily(r"\b(?:ba|z|da|k)?sh\b(?![\w.])|\.(?:sh|bash|sbatch|slurm|zsh)\b|\bsbatch\b")
# Who takes a secret from its standard input.
_TAKES = lazily(
    r"\bsudo(?:[ ]+-[\w\-]+(?:[ ]+'')?){0,3}?[ ]+(?:-[A-Za-z]{0,6}S|--stdin)"
    r"|--password-stdin|--with-token|\bchpasswd\b"
    r"|\b(?:gh|glab)[ ]+secret[ ]+set\b(?![^\n|;&]*[ ](?:-b|--body|-f|--env-file))"
)
_PGPASS = "pgpass"
_MARKUP = "markup"
_SCRIPT = "script"  # of a shell that writes strings and names as code does
# A block that names no language may hold code as well as configuration.
_READ_TWICE = {_MARKUP: (_CODE, _MARKUP), _SCRIPT: (_CODE, _TEXT), _TEXT: (_TEXT, _CODE)}
_EXTENSIONS = {
    **dict.fromkeys(
        ("bicep", "c", "cc", "cjs", "clj", "cpp", "cs", "cu", "cxx", "dart", "erl", "ex", "exs", "fs"), _CODE
    ),
    **dict.fromkeys(
        ("go", "gradle", "groovy", "h", "hcl", "hpp", "hs", "java", "jl", "js", "jsonnet", "jsx", "kt"), _CODE
    ),
    **dict.fromkeys(
        ("kts", "lua", "m", "mjs", "ml", "mm", "mts", "nix", "nomad", "php", "pl", "pm", "proto", "r"), _CODE
    ),
    **dict.fromkeys(
        ("rb", "rs", "sc", "scala", "svelte", "swift", "tf", "tfvars", "ts", "tsx", "vb", "vue", "zig"), _CODE
    ),
    **dict.fromkeys(("ndjson", "tfstate"), "json"),
    **dict.fromkeys(("ps1", "psd1", "psm1"), _SCRIPT),
    **dict.fromkeys(("config", "csproj", "htm", "html", "plist", "props", "svg", "xhtml", "xml"), _MARKUP),
    **dict.fromkeys(("bat", "cmd", "cnf", "conf", "cred", "creds", "credentials", "csh", "env", "err", "fish"), _TEXT),
    **dict.fromkeys(("http", "ini", "list", "log", "mount", "out", "ovpn", "properties", "reg", "repo", "rest"), _TEXT),
    **dict.fromkeys(("secret", "secrets", "socket", "sql", "tcsh", "timer", "token", "tokens"), _TEXT),
}
# What ends the name of a copy, or of what another file is made of.
_COPIES = frozenset(
    {
        "backup",
        "bak",
        "default",
        "dist",
        "example",
        "in",
        "j2",
        "jinja",
        "jinja2",
        "local",
        "old",
        "orig",
        "rej",
        "sample",
    }
    | {"save", "swp", "template", "tmp", "tmpl", "tpl"}
)
_KINDS_OF_FILES = (
    (lazily(r"(?i)(?:\A|/)\.?pgpass(?:\.conf)?\Z"), _PGPASS),
    (lazily(r"\.toml\Z"), "toml"),
    (lazily(r"\.(?:ya?ml|k8s)\Z"), "yaml"),
    (lazily(r"\.json[lc5]?\Z|\.?jsonc?\Z"), "json"),
    (lazily(r"\.(?:py|ipynb)\Z"), "python"),
    (lazily(r"(?:\A|/)(?:Dockerfile|Containerfile)"), "dockerfile"),
    (
        lazily(r"(?i)(?:\A|[/.])(?:env|envrc|netrc|pgpass|boto|pypirc|npmrc|s3cfg|credentials|config)(?:\.[\w-]+)?\Z"),
        _TEXT,
    ),
    (lazily(r"\.cfg\Z"), _TEXT),
    (lazily(r"(?i)(?:\A|/)jenkinsfile(?:\.[\w-]+)?\Z"), _CODE),
)
# Other files that keep settings.
_SETTINGS = lazily(r"(?i)(?:\A|/)(?:\.[\w-]+|hosts|inventory|sshd?_config)\Z")
_IN_DOT_FOLDER = lazily(r"(?:\A|/)\.(?:config/(?:[\w.-]+/){0,2}|[\w-]+/)[\w-]+\Z")
_FILE_CELL = lazily(r"\s*%%(?:writefile|file)[ \t]+(?:-a[ \t]+)?[\"']?(?P<path>[^\s\"']+)[^\n]*\n")
_SHELL_CELL = lazily(r"\s*%%(?:bash|sh|zsh|script|sx|!)\b")
_OTHER_CELL = lazily(r"\s*%%(?!capture|prun|time|timeit|debug)\w+[^\n]*\n")
# What a token begins with that code may put together where no name says so.
_SPLIT_HINTS = ("nvapi-", "hf_", "sk-", "ghp_", "github_pat_", "glpat-", "gsk_", "wandb_v1_", "akia", "environ", "%env")
_WHOLE = frozenset({"crontab", "dockerfile", "json", "just", "make", "python", "toml", "yaml"})
_HOLDS_SHELL = frozenset({"dockerfile", "just", "make", "markdown", "rst", "shell", "text", "yaml"})


def document_parts(document: Document) -> tuple[Part, ...]:
    """The parts of a document, those of them that may hold what is asked of them in any kind of file."""
    found: tuple[Part, ...] | None = document.memo.get(document_parts)
    if found is None:
        kind = document.kind or kind_of(document.path, document.text[:256]) or OTHER
        if kind in (OTHER, "mime") or is_password_file(document.path):
            kind = _kind_of_other(document)
        elif kind == "cmake":
            kind = _TEXT
        read = [*(_cells(document) if kind == "notebook" else _parts(document.text, kind))]
        if "<<" in document.text:
            for region in document.regions:
                if region.kind == "shell" and "<<" in region.text and _is_seen_by_regions(region, kind):
                    read += _heredocs(region.text, partial(_map_of, region))
        found = document.memo[document_parts] = tuple(read)
    return found


def _is_seen_by_regions(region: Region, kind: str) -> bool:
    """True for a script that its container writes with line breaks and quotes of its own, or where none is expected."""
    return kind not in _HOLDS_SHELL or any(segment.kind == "escape" for segment in region.map.segments)


def _map_of(region: Region) -> TextMap:
    return region.map


def kind_of_file(path: str) -> str | None:
    """How a file of this name is read: `.env`, `x.yaml`, `~/.netrc`, `a.js.bak`."""
    known = next((kind for pattern, kind in _KINDS_OF_FILES if pattern.search(path)), None)
    if known is not None:
        return known
    stem, _, extension = path.rpartition("/")[2].lower().rpartition(".")
    if stem and (extension in _COPIES or extension.endswith("~")):
        inner = path[: -len(extension) - 1]
        kind = kind_of(inner, "")
        return _TEXT if kind == "shell" else "json" if kind == "notebook" else kind or kind_of_file(inner)
    return _EXTENSIONS.get(extension)


def _kind_of_other(document: Document) -> str:
    """How a file is searched that no module reads: "" where only a known format counts."""
    name = document.path.rpartition("/")[2]
    kind = kind_of_file(document.path)
    if kind is None and (
        _SETTINGS.search(name)
        or ("." not in name and (secret_key(name.removesuffix("s")) or _IN_DOT_FOLDER.search(document.path)))
    ):
        kind = _TEXT
    if kind == _TEXT and document.text.lstrip("\ufeff \t\r\n").startswith("<"):
        return _MARKUP
    return kind or ""


def _parts(text: str, kind: str, map: _Map = None) -> Iterator[Part]:
    if kind in _WHOLE or kind in ("env", "ini", _TEXT, _CODE):
        yield Part(kind, text, 0, len(text), map, strict=kind in ("ini", _TEXT))
    elif kind == _PGPASS:
        yield Part(kind, text, 0, len(text), map)
    elif kind == _SCRIPT:
        for one in (_CODE, _TEXT):
            yield Part(one, text, 0, len(text), map, strict=True)
    elif kind == _MARKUP:
        for one in (_CODE, _MARKUP):
            yield Part(one, text, 0, len(text), map, strict=True)
        yield from _html(text, 0, map)
    elif kind == "markdown":
        yield from _markdown(text, map)
    elif kind == "rst":
        yield from _rst(text, map)
    if kind in _HOLDS_SHELL and "<<" in text:
        yield from _heredocs(text, map)
    if kind in ("shell", "markdown"):
        for match in _ARRAY.finditer(text) if "=(" in text else ():
            yield Part("array", text, *match.span("items"), map, strict=True)
        for match in _DIRECTIVES.finditer(text) if "#SBATCH" in text or "#PBS" in text or "#BSUB" in text else ():
            yield Part("array", text, *match.span(), map, strict=True)


def _markdown(text: str, map: _Map) -> Iterator[Part]:
    """The fences, the front matter and the inline code of a page."""
    at = 0
    if (front := _FRONT_MATTER.match(text)) is not None:
        closing = re.compile(rf"^(?:{re.escape(front['mark'])}|\.\.\.)[ \t\r]*$", re.MULTILINE).search(
            text, front.end()
        )
        if closing is not None:
            yield Part("yaml" if front["mark"] == "---" else "toml", text, front.end(), closing.start(), map)
            at = closing.end()
    yield from _html(text, at, map)
    yield from _comments(text, at, map)
    opened: re.Match[str] | None = None
    for match in (_ANY_FENCE if "~~~" in text else _FENCE).finditer(text, at):
        line = text.rfind("\n", 0, match.start()) + 1
        if _BEFORE_FENCE.fullmatch(text, line, match.start()) is None:
            continue
        if opened is None:
            yield from _inline(text, at, match.start(), map)
            opened = match
        elif match["mark"].startswith(opened["mark"]) and not match["info"].strip():
            yield from _block(_language(opened["info"]), text, opened.end(), match.start(), map)
            opened, at = None, match.end()
    if opened is None:
        yield from _inline(text, at, len(text), map)
    else:
        yield from _block(_language(opened["info"]), text, opened.end(), len(text), map)


def _html(text: str, at: int, map: _Map) -> Iterator[Part]:
    """The code of a page that is written as HTML."""
    for match in _HTML_CODE.finditer(text, at) if "<pre" in text or "<code" in text else ():
        if match.start() < at:
            continue
        start, pre = match.end(), match["tag"] == "pre"
        end = text.find(f"</{match['tag']}", start, len(text) if pre else start + _LONGEST_CODE)
        if end >= 0:
            yield Part(_TEXT if pre else "inline", text, start, end, map, strict=True)
            at = end
        elif pre:
            return


def _comments(text: str, at: int, map: _Map) -> Iterator[Part]:
    """The comments of a page, which say what no reader sees."""
    while (start := text.find("<!--", at)) >= 0:
        end = text.find("-->", start + 4)
        if end < 0:
            return
        start += 4 + len(text[start + 4 : end]) - len(text[start + 4 : end].lstrip(" \t"))
        for kind in (_TEXT,) if "\n" in text[start:end] else (_TEXT, "inline"):
            yield Part(kind, text, start, start + len(text[start:end].rstrip()), map, strict=True)
        at = end


def _language(info: str) -> str:
    """The language that the info string of a fence names."""
    directive = _DIRECTIVE.match(info)
    match = _LANGUAGE.match(info, directive.end() if directive else 0)
    return match["language"].lower() if match else ""


def _block(language: str, text: str, start: int, end: int, map: _Map) -> Iterator[Part]:
    kind = _LANGUAGES.get(language, _TEXT)
    strict = kind not in ("env", "json", "toml", "yaml", "dockerfile")
    for one in _READ_TWICE.get(kind, (kind,)):
        if one:
            yield Part(one, text, start, end, map, strict)


def _inline(text: str, start: int, end: int, map: _Map) -> Iterator[Part]:
    if end > start:
        yield Part("prose", text, start, end, map, strict=True)
    for match in _INLINE.finditer(text, start, end):
        code = match["code"]
        if ("=" in code or ":" in code or "-" in code or code.startswith("set")) and any(
            part in code.lower() for part in SHOWN_PARTS
        ):
            for kind in ("inline", _CODE):
                yield Part(kind, text, *match.span("code"), map, strict=True)


def _rst(text: str, map: _Map) -> Iterator[Part]:
    """The code blocks and the inline literals of a page."""
    at = 0
    for match in _RST_BLOCK.finditer(text):
        if match.start() < at:
            continue
        indent = len(match["indent"])
        end = _block_end(text, match.end(), indent)
        yield from _inline(text, at, match.end(), map)
        yield from _block((match["language"] or "").lower(), text, match.end(), end, map)
        at = end
    yield from _inline(text, at, len(text), map)


def _block_end(text: str, at: int, indent: int) -> int:
    """Where the lines end that are blank or indented by more than `indent`."""
    following = re.compile(rf"(?m)^[ \t]{{0,{indent}}}(?![ \t\r\n])").search(text, at + 1)
    return following.start() if following else len(text)


def _heredocs(text: str, map: _Map) -> Iterator[Part]:
    """The here-documents of a text that are no scripts."""
    at = 0
    open_ended: set[str] = set()
    while (match := _HEREDOC.search(text, at)) is not None:
        line, end = text.rfind("\n", 0, match.start()) + 1, text.find("\n", match.end())
        if end < 0:
            return
        body = at = end + 1
        # One line may begin several, whose bodies follow each other.
        openings = list(_HEREDOC.finditer(text, match.start(), end))[:_MOST_HEREDOCS]
        for opening, following in zip(openings, [*openings[1:], None], strict=True):
            if opening["word"] in open_ended:
                continue
            close = re.compile(rf"(?m)^[ \t>]*{opening['word']}[ \t\r\"'`]*$").search(text, body)
            if close is None:
                open_ended.add(opening["word"])
                continue
            rest = text[opening.end() : following.start() if following is not None else end]
            command = text[max(line, opening.start() - _LONGEST_COMMAND) : opening.start()] + " " + rest
            kind = "stdin" if _TAKES.search(command) else _kind_of_body(command, text[body : body + 200])
            if kind:
                yield Part(kind, text, body, close.start(), map, strict=kind == _TEXT)
                at = close.start()
            line, body = opening.end(), close.end() + 1


def _kind_of_body(command: str, beginning: str) -> str:
    """How the body of a here-document is read, "" where it is a script."""
    if beginning.lstrip(" \t>").startswith("#!"):
        return "python" if "python" in beginning.partition("\n")[0] else ""
    for target in _TARGET.finditer(command):
        if (kind := kind_of_file(target["path"])) is not None:
            return kind if kind != _TEXT else "config"
    if _RUNS_PYTHON.search(command):
        return "python"
    return "" if _RUNS_SHELL.search(command) else "config"


def _cells(document: Document) -> Iterator[Part]:
    """The cells of a notebook, each by its own text."""
    from nemolint.sources.notebook import cells

    for kind, text, map in cells(document, (*NAME_PARTS, *_SPLIT_HINTS, "print")):
        if kind in ("markdown", "heading"):
            yield from _parts(text, "markdown", map)
        elif kind == "output":
            yield Part(_TEXT, text, 0, len(text), map, strict=True)
        elif kind != "code":
            continue
        elif (file := _FILE_CELL.match(text)) is not None:
            yield Part(kind_of_file(file["path"]) or _TEXT, text, file.end(), len(text), map)
        elif _SHELL_CELL.match(text):
            yield from _heredocs(text, map)
        elif _OTHER_CELL.match(text):
            yield Part(_TEXT, text, 0, len(text), map, strict=True)
        else:
            yield Part("python", text, 0, len(text), map)
