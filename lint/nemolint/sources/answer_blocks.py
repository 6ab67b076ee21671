"""The configs that an answer gives its reader: blocks of YAML and TOML, and here-documents that write such files."""

from __future__ import annotations

import re

from nemolint.base.patterns import lazily
from nemolint.document import Documentation, GivenConfig
from nemolint.sources.lines import body
from nemolint.sources.markdown_events import parse
from nemolint.sources.myst import parse_info

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from nemolint.base.positions import TextMap
    from nemolint.document import Document

_LANGUAGES: dict[str, Literal["yaml", "toml"]] = {"yaml": "yaml", "yml": "yaml", "toml": "toml"}
_PATH = lazily(r"[\w./~-]*[\w-]\.(?:ya?ml|toml)(?![\w.-]*[\w-])")
# `cat > own.yaml <<'YAML'`, `tee own.yaml <<EOF`, `cat <<EOF > own.yaml`
_HERE = lazily(
    r"^(?=[^\n]{0,300}(?:>|\btee\b))[^\n]{0,300}?<<[ \t]*(?P<quote>['\"\\]?)(?P<word>\w{1,40})['\"]?[^\n]{0,300}\n",
    re.MULTILINE,
)
_TARGET = lazily(
    r"(?:(?<![0-9&])>\|?[ \t]*|\btee[ \t]+)['\"]?(?P<path>[\w./~-]*[\w-]\.(?P<suffix>ya?ml|toml))(?![\w.-]*[\w-])",
    re.IGNORECASE,
)
_EXPANDED = lazily(r"(?<!\\)[$`]")
_COMMENT = lazily(r"\s*#[^\n]*")
_PARAGRAPH_END = lazily(r"\n[ \t>]*\n")
_MOST_BEFORE = 400  # code points before a block in which its path is looked for
_MOST_CONFIGS = 20


def read(document: Document) -> Documentation:
    """The configs of an answer in Markdown. Answers of another kind give none."""
    if document.kind not in ("markdown", "text"):
        return Documentation()
    map, events = parse(body(document), is_mdx=False)
    text = map.text
    found: list[GivenConfig] = []
    for event, span in events:
        if not isinstance(event, dict) or "Start" not in event or not isinstance(event["Start"], dict):
            continue
        kind = event["Start"].get("CodeBlock")
        if not isinstance(kind, dict):
            continue
        info = str(kind["Fenced"])
        of = parse_info(info)
        language = _LANGUAGES.get(of.language)
        if (language is None and not of.shell) or len(found) >= _MOST_CONFIGS:
            continue
        start, _ = events.offsets(span)
        block = map.compose(events.code(text, start))
        if language is None:
            found += _written(block)
            continue
        found.append(GivenConfig(language, _name(text, start, info, block), block, f"md:fence:{language}"))
    return Documentation(configs=tuple(found))


def _written(block: TextMap) -> Iterator[GivenConfig]:
    """The files that the here-documents of a script write, where the shell changes nothing of their text."""
    text = block.text
    at = 0
    while opened := _HERE.search(text, at):
        at = opened.end()
        path = _TARGET.search(opened[0])
        closed = re.compile(rf"^{re.escape(opened['word'])}[ \t]*$", re.MULTILINE).search(text, at)
        if closed is None:
            return
        inner = text[at : closed.start()]
        at = closed.end()
        if path is not None and (opened["quote"] or not _EXPANDED.search(inner)):
            language = _LANGUAGES[path["suffix"].lower()]
            yield GivenConfig(language, path["path"], block.slice(opened.end(), closed.start()), "md:heredoc")


def _name(text: str, start: int, info: str, block: TextMap) -> str:
    """The path of a block: in its info string, in the comment that it begins with, or last named before it."""
    before = text[max(0, start - _MOST_BEFORE) : start].rstrip("`~ \t\n>")
    lead = _PARAGRAPH_END.split(before)[-1]
    comment = _COMMENT.match(block.text)
    for said in (info, comment[0] if comment is not None else "", lead):
        if named := _PATH.findall(said):
            return str(named[-1])
    return ""
