"""Groovy, Nextflow and Snakemake: the strings that they give to a shell, and other strings that name the command."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder
from nemolint.sources import Reading
from nemolint.sources.command_text import is_script, names_command
from nemolint.sources.lines import body
from nemolint.sources.region_context import RegionContext

if TYPE_CHECKING:
    from nemolint.document import Document, Region

_TOKEN = lazily(
    r"""//[^\n]*|/\*(?s:.*?)(?:\*/|\Z)|(?P<hash>\#[^\n]*)"""
    r"""|(?P<quote>"{3}|\'{3})(?P<long>(?:[^\\]|\\(?s:.))*?)(?:(?P=quote)|\Z)"""
    r"""|(?P<mark>["'])(?P<short>(?:(?!(?P=mark))[^\\\n]|\\(?s:.))*+)(?P=mark)"""
)
_ESCAPE = lazily(r"\\(\n|.)")
_NAMED = {"n": "\n", "t": "\t", "\n": ""}
# What each language puts into its strings.
_GSTRING = lazily(r"\\(?s:.)|\$\{[^{}\n]*\}|\$[A-Za-z_][\w.]*")
_NEXTFLOW = lazily(r"\\(?s:.)|!\{[^{}\n]*\}|\$\{[^{}\n]*\}|\$[A-Za-z_][\w.]*")
_SNAKEMAKE = lazily(r"\\(?s:.)|\{\{|\}\}|\{[A-Za-z_][^{}\n]*\}")
_PLAIN = lazily(r"\\(?s:.)")
_STARTED = lazily(
    r"(?:\bsh|\bbash|\b(?:script|shell)[ \t]*:)\s*\(?\s*(?:(?:label|return\w+)\s*:[^,\n]*,\s*)*(?:script\s*:)?\s*\Z"
)
_SHOWN = lazily(r"\b(?:description|echo|error|input|label|message|name|print|println|title|unstable)\b[\s(:=]*\Z")
_UNSAFE = lazily(r"[^\w.:/ -]")
_MOST_BEFORE = 160


def read(document: Document) -> Reading:
    """Read a Jenkinsfile, a script of Nextflow or a Snakefile."""
    map = body(document)
    name = document.path.rpartition("/")[2].lower()
    snakemake = name.startswith("snakefile") or name.endswith(".smk")
    text = map.text
    place = RegionContext(document, "script", "strings", templated=True).encoded("none")
    regions: list[Region] = []
    position = 0
    while match := _TOKEN.search(text, position):
        position = match.end()
        if match["hash"] is not None and not snakemake:
            position = match.start() + 1  # `#` begins no comment there
            continue
        if match["quote"] is None and match["mark"] is None:
            continue
        start = match.start()
        builder = MapBuilder()
        _decode(builder, text, match, name, snakemake=snakemake)
        # Strings that stand together are one.
        while snakemake and (more := _TOKEN.match(text, _blank_end(text, position))) and more["hash"] is None:
            if more["quote"] is None and more["mark"] is None:
                break
            _decode(builder, text, more, name, snakemake=True)
            position = more.end()
        found = builder.build(start)
        if "nemotron" not in found.text or not names_command(found.text):
            continue
        if text.startswith("+", _blank_end(text, position)):
            builder.synthetic(" ${_}", position)
            found = builder.build(start)
        before = text[max(start - _MOST_BEFORE, 0) : start]
        shown = _SHOWN.search(before) is not None
        if _STARTED.search(before) or (not shown and is_script(found.text)):
            regions.append(place.region(map.compose(found), "shell", "string"))
        else:
            regions.append(place.for_people().region(map.compose(found), "mention", "string"))
    return Reading(tuple(regions))


def _blank_end(text: str, position: int) -> int:
    while text[position : position + 1].isspace():
        position += 1
    return position


def _decode(builder: MapBuilder, text: str, match: re.Match[str], name: str, *, snakemake: bool) -> None:
    """Add a string's text as the shell gets it; what the language puts in is an expansion."""
    start, end = match.span("long" if match["quote"] is not None else "short")
    double = (match["quote"] or match["mark"]).startswith('"')
    pattern = _SNAKEMAKE if snakemake else _NEXTFLOW if name.endswith(".nf") else _GSTRING if double else _PLAIN
    for part in pattern.finditer(text, start, end):
        builder.verbatim(text, start, part.start())
        start = part.end()
        written = part[0]
        if escape := _ESCAPE.fullmatch(written):
            value = _NAMED.get(escape[1], escape[1])
        elif written in ("{{", "}}"):
            value = written[0]
        else:
            value = f"{{{{ {_UNSAFE.sub(' ', written)} }}}}"
        if value:
            builder.escape(value, part.start(), len(written))
    builder.verbatim(text, start, end)
