"""Containers: the parts of a file that a shell, or a person, would read.

One module per file type, imported only when such a file is read. Each has

    def read(document: Document) -> Reading

and, if its text can also be inside another container (a Markdown cell of a notebook, a YAML fence in Markdown),

    def read_text(map: TextMap, place: RegionContext) -> Reading

where `map.text` is the text to read, and every region's map leads directly to the file.
"""

from __future__ import annotations

import re
from importlib import import_module

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Protocol

    from nemolint.base.positions import TextMap
    from nemolint.document import Document, Note, Region
    from nemolint.sources.region_context import RegionContext

    class Read(Protocol):
        """Reads a whole file."""

        def __call__(self, document: Document, /) -> Reading: ...

    class ReadText(Protocol):
        """Reads a text inside another container, at `place`."""

        def __call__(self, map: TextMap, place: RegionContext, /) -> Reading: ...


_TEMPLATE = lazily(r"nemolint:\s*template\b")


class Comment(NamedTuple):
    """A comment in the container's own syntax: its file offsets (the end is exclusive), and its text.

    `text` has no delimiters (`<!--`, `-->`, `#`) and no blank ends.
    """

    start: int
    end: int
    text: str

    @property
    def is_template(self) -> bool:
        """Whether it marks the next block as a template, not to be pasted."""
        return _TEMPLATE.match(self.text) is not None


class Reading(NamedTuple):
    """The contents of a container, in the order of the file.

    `suppress_comments` are the places where a suppression may be, besides shell comments inside shell regions.
    """

    regions: tuple[Region, ...] = ()
    notes: tuple[Note, ...] = ()
    suppress_comments: tuple[Comment, ...] = ()

    @staticmethod
    def join(readings: Iterable[Reading]) -> Reading:
        """The combined readings of one document."""
        parts = list(readings)
        return Reading(
            tuple(region for part in parts for region in part.regions),
            tuple(note for part in parts for note in part.notes),
            tuple(comment for part in parts for comment in part.suppress_comments),
        )


_MODULES = {
    "asciidoc": "nemolint.sources.marked_blocks",
    "cmake": "nemolint.sources.cmake",
    "crontab": "nemolint.sources.crontab",
    **dict.fromkeys(("cmd", "csh", "fish", "powershell"), "nemolint.sources.other_shells"),
    "dockerfile": "nemolint.sources.dockerfile",
    **dict.fromkeys(("groovy", "hcl", "nextflow", "r", "snakemake"), "nemolint.sources.script_strings"),
    "html": "nemolint.sources.html_file",
    "ini": "nemolint.sources.ini_file",
    "json": "nemolint.sources.json_file",
    "just": "nemolint.sources.justfile",
    "make": "nemolint.sources.makefile",
    "markdown": "nemolint.sources.markdown",
    "mime": "nemolint.sources.mime",
    "notebook": "nemolint.sources.notebook",
    "org": "nemolint.sources.marked_blocks",
    "procfile": "nemolint.sources.procfile",
    "python": "nemolint.sources.python_file",
    "rst": "nemolint.sources.rst",
    "shell": "nemolint.sources.shell_file",
    "strings": "nemolint.sources.script_strings",
    "text": "nemolint.sources.text_file",
    "toml": "nemolint.sources.toml_file",
    "yaml": "nemolint.sources.yaml_file",
}
# Files in which nothing is looked for but secrets: those that may be made for some, and what no module reads.
OTHER = "other"
# Those of them in which what looks like a command is noted.
NOTED = "noted"
_KIND_OF_NAME = {
    **dict.fromkeys((".env", ".netrc", "_netrc", ".npmrc", ".pypirc", "jenkinsfile"), OTHER),
    ".bash_aliases": "shell",
    ".bash_login": "shell",
    ".bash_logout": "shell",
    ".bash_profile": "shell",
    ".bashrc": "shell",
    ".cursorrules": "markdown",
    ".envrc": "shell",
    ".gitconfig": "ini",
    ".goosehints": "markdown",
    ".kshrc": "shell",
    ".profile": "shell",
    ".tmux.conf": "shell",
    ".windsurfrules": "markdown",
    ".zlogin": "shell",
    ".zlogout": "shell",
    ".zprofile": "shell",
    ".zshenv": "shell",
    ".zshrc": "shell",
    "bsdmakefile": "make",
    "cmakelists.txt": "cmake",
    "containerfile": "dockerfile",
    "crontab": "crontab",
    "dockerfile": "dockerfile",
    "gnumakefile": "make",
    "justfile": "just",
    ".justfile": "just",
    "install": "text",
    "makefile": "make",
    "mlproject": "yaml",
    "pipfile": "toml",
    "procfile": "procfile",
    "readme": "text",
    "sconscript": "python",
    "sconstruct": "python",
    "snakefile": "strings",
    "tiltfile": "python",
    "tmux.conf": "shell",
}
_KIND_OF_EXTENSION = {
    **dict.fromkeys(("bat", "cmd", "csh", "env", "fish", "gradle", "groovy", "hcl", "htm", "html"), OTHER),
    **dict.fromkeys(("jenkinsfile", "nix", "nomad", "ps1", "psm1", "r", "tcsh", "tf", "tfvars", "xhtml"), OTHER),
    "adoc": "asciidoc",
    "asciidoc": "asciidoc",
    "bash": "shell",
    "bats": "shell",
    "bazel": "python",
    "bzl": "python",
    "cfg": "ini",
    "cmake": "cmake",
    "code-workspace": "json",
    "command": "shell",
    "conf": "ini",
    "container": "ini",
    "containerfile": "dockerfile",
    "crontab": "crontab",
    "cwl": "yaml",
    "dash": "shell",
    "desktop": "ini",
    "dockerfile": "dockerfile",
    "dvc": "yaml",
    "ini": "ini",
    "ipynb": "notebook",
    "job": "shell",
    "json": "json",
    "jsonc": "json",
    "just": "just",
    "justfile": "just",
    "ksh": "shell",
    "lsf": "shell",
    "mak": "make",
    "markdown": "markdown",
    "md": "markdown",
    "mdc": "markdown",
    "mdown": "markdown",
    "mdwn": "markdown",
    "mdx": "markdown",
    "mk": "make",
    "mkd": "markdown",
    "mkdn": "markdown",
    "mksh": "shell",
    "mount": "ini",
    "nf": "strings",
    "org": "org",
    "pbs": "shell",
    "py": "python",
    "pyw": "python",
    "qmd": "markdown",
    "rmarkdown": "markdown",
    "rmd": "markdown",
    "rst": "rst",
    "sbatch": "shell",
    "service": "ini",
    "sge": "shell",
    "sh": "shell",
    "sls": "yaml",
    "slurm": "shell",
    "smk": "strings",
    "snakefile": "strings",
    "socket": "ini",
    "star": "python",
    "target": "ini",
    "timer": "ini",
    "toml": "toml",
    "txt": "text",
    "yaml": "yaml",
    "yml": "yaml",
    "zsh": "shell",
}
_KIND_OF_STEM = {
    "containerfile": "dockerfile",
    "dockerfile": "dockerfile",
    "makefile": "make",
    "procfile": "procfile",
}
# What a program that fills a file in takes off its name, or a person who does.
_TEMPLATES = frozenset(
    {"dist", "ejs", "erb", "example", "gotmpl", "hbs", "in", "j2", "jinja", "jinja2", "mustache", "sample", "template"}
    | {"tftpl", "tmpl", "tpl"}
)
# cron reads no file there whose name has a dot.
_IN_CRON = lazily(r"(?:\A|/)cron\.d/[\w-]+\Z")
# Of the files that are looked at for secrets, those that also hold scripts.
_READ_ALL_THE_SAME = lazily(
    r"(?P<ini>(?:\A|/)\.env(?:\.[\w-]+)?\Z|(?:\A|/)env\.(?:dist|example|sample|template)\Z|\.env\Z)"
    r"|(?P<strings>(?:\A|/)jenkinsfile[^/]*\Z|\.(?:gradle|groovy|hcl|jenkinsfile|nix|nomad|r|tf|tfvars)\Z)"
    r"|\.(?:bat|cmd|t?csh|fish|psm?1)\Z|(?P<html>\.x?html?\Z)"
)
# Files of languages that no module reads, and such as have no extension: what looks like a command there is noted.
_NOTED = lazily(
    r"(?:\A|/)\.?[^/.]+\Z"
    r"|\.(?:[cm]?[jt]s|[jt]sx|astro|svelte|vue"
    r"|bicep|cc?|clj|cpp|cr|cs|cuh?|cxx|dart|elv|exs?|exp|fs|go|hs|ipy|java|jl|kts?|lua|mli?|nim|nu|php|pl|pm|rake|rb|rs"
    r"|sbt|sc|scala|swift|tcl|wdl|xsh|zig"
    r"|build|gn|gypi?|ninja|plist|properties|xml"
    r"|cue|dhall|hjson|json5|jsonnet|kdl|libsonnet|pkl"
    r"|condor|dag|sub|submit"
    r"|feature|robot|tape"
    r"|mediawiki|tex|texi|textile|typ|wiki)\Z"
)
# What begins a script: the line for the system, after comments of a template, or the first line for a scheduler.
_SHEBANG = lazily(
    r"""\ufeff? (?: \s* \{\# (?:[^#]|\#(?!\}))* \#\} \s* )?
    (?: \#! [ \t]*
        (?: \S*/env [ \t]+ (?:-\S+[ \t]+ | \w+=\S*[ \t]+)* )?
        (?:\S*/)? (?: busybox [ \t]+ | nix-shell \b [^\n]* \n \#! [ \t]* nix-shell [^\n]* -i [ \t]+ )?
        (?: (?P<shell> (?:r?ba|z|da|a|k|mk)?sh ) | (?P<python> python[\d.]* | uv[ \t]+run )
            | (?P<tool> g?make | just ) )
        (?!\S)
    | (?P<cloud> \#cloud-config \b )
    | (?P<mime> (?:[\w-]+:[^\n]*\n){0,4} Content-Type:[ \t]*multipart/ )
    | (?P<script> \#(?:BSUB|COBALT|FLUX:|OAR|PBS|SBATCH|\$) [ \t]+ - ) )""",
    re.VERBOSE,
)


def kind_of(path: str, head: str) -> str | None:
    """The kind of a file: the key of the module that reads it, or None if none does.

    `path` has `/` between its parts; `head` is the beginning of the text (its first lines are enough), which decides
    where the name does not.
    """
    kind = _kind_of_name(path.rpartition("/")[2].lower())
    if (kind is None or kind == "text") and (shebang := _SHEBANG.match(head)):
        if shebang["tool"]:
            return "just" if shebang["tool"] == "just" else "make"
        if shebang["mime"]:
            return "mime"
        return "python" if shebang["python"] else "yaml" if shebang["cloud"] else "shell"
    if kind is None and _IN_CRON.search(path):
        return "crontab"
    return kind


def _kind_of_name(name: str) -> str | None:
    if kind := _KIND_OF_NAME.get(name):
        return kind
    stem, _, extension = name.lstrip(".").rpartition(".")
    if not stem:
        return None
    if name.startswith(".env."):
        return _KIND_OF_EXTENSION.get(extension, OTHER)
    if extension in _TEMPLATES:
        return _kind_of_name(stem)
    return _KIND_OF_EXTENSION.get(extension) or _KIND_OF_STEM.get(stem.partition(".")[0])


def is_template(path: str) -> bool:
    """Whether a program makes another file of this one: `run.sh.j2`, `job.yaml.in`."""
    return path.rpartition(".")[2].lower() in _TEMPLATES


def kind_read(document: Document) -> str:
    """The kind as which a file is read. Unlike its `kind`, it also tells files that may be made for some secrets."""
    kind = document.kind or kind_of(document.path, document.text[:256]) or OTHER
    if kind == OTHER and (found := _READ_ALL_THE_SAME.search(document.path.lower())):
        return next((name for name in ("ini", "strings", "html") if found[name]), "fish")
    return NOTED if kind == OTHER and may_start_commands(document.path) else kind


def may_start_commands(path: str) -> bool:
    """Whether a file that no module reads is one of those that start commands, by its name: `launch.js`, `Rakefile`."""
    return kind_of(path, "") is None and _NOTED.search(path.lower()) is not None


def read_regions(document: Document) -> Reading:
    """Read a file by its `kind`, or by its name and first line if `kind` is empty.

    A file of another kind has no regions. A template that does not parse is not reported. Raises ValueError for a
    `kind` that does not exist.
    """
    kind = kind_read(document)
    if kind in (OTHER, NOTED):
        return Reading(suppress_comments=tuple(_comments(document.text)))
    module = _MODULES.get("text" if document.answer and kind == "markdown" else kind)
    if module is None:
        raise ValueError(f"no source reads files of kind {kind!r}")
    read: Read = import_module(module).read
    reading = read(document)
    if reading.notes and is_template(document.path):
        return reading._replace(notes=tuple(note for note in reading.notes if note.event != "broken-file"))
    return reading


# How comments begin in the languages of other files, before what suppresses a finding.
_COMMENT = lazily(r"(?:(?<![^\s;,{(])(?:\#+|//+|;+|--|/\*+|<!--|%+|(?i:rem)\b)|<!--|/\*)[^\n\r]{0,80}?nemolint[^\n\r]*")


def _comments(text: str) -> Iterator[Comment]:
    """The comments of a file that no module reads, as far as they may suppress something."""
    if "nemolint" in text.lower():
        for match in _COMMENT.finditer(text):
            yield Comment(match.start(), match.end(), match.group().strip("#/;-*<!% \t"))


def nested_reader(kind: str) -> ReadText | None:
    """The `read_text` of a kind, or None if its text cannot be inside another container."""
    module = import_module(_MODULES[kind])
    reader: ReadText | None = getattr(module, f"read_{kind}", None) or getattr(module, "read_text", None)
    return reader
