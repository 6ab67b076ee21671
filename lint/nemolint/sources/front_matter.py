"""The switches of nemolint in the front matter of a Markdown page.

    ---
    nemolint: {ignore: [RULE], template: true}
    ---

`ignore` suppresses rules for the page, `ignore-file` all of them; `template` marks its commands as not meant to be
pasted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

    from nemolint.document import Document

    SwitchKind = Literal["ignore", "ignore-file", "template", "unknown"]

_OPEN = lazily(r"\ufeff?---[ \t]*(?:\r?\n|\r)")
_KEY = lazily(r"^nemolint[ \t]*:(?=[ \t\r\n])", re.MULTILINE)
# A line that does not continue the one above: a key of the page, or the end of the front matter.
_NEXT = lazily(r"^[^\s#]", re.MULTILINE)
_LONGEST = 4000

KINDS: tuple[SwitchKind, ...] = ("ignore", "ignore-file", "template")


class Switch(NamedTuple):
    """One switch: its kind, what it names (a rule, or unknown text), and its file offsets."""

    kind: SwitchKind
    text: str
    start: int
    end: int


def switches(document: Document) -> list[Switch]:
    """The switches of a page, in order. None if the front matter is not YAML, which its own tools report."""
    text = document.text
    opening = _OPEN.match(text) if document.kind == "markdown" else None
    if opening is None:
        return []
    closing = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE).search(text.replace("\r", "\n"), opening.end())
    key = _KEY.search(text, opening.end(), closing.start() if closing is not None else opening.end())
    if key is None or closing is None:
        return []
    following = _NEXT.search(text, key.end())
    end = min(closing.start(), following.start() if following is not None else len(text), key.start() + _LONGEST)
    import yaml

    try:
        root = yaml.compose(text[key.start() : end], yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError):
        return []
    if not isinstance(root, yaml.MappingNode) or len(root.value) != 1:
        return []
    return [
        Switch(kind, said, key.start() + node.start_mark.index, key.start() + node.end_mark.index)
        for kind, said, node in _read(root.value[0][1])
    ]


def _read(node: Any) -> Iterator[tuple[SwitchKind, str, Any]]:
    import yaml

    if isinstance(node, yaml.ScalarNode):
        yield _kind(node.value, ("ignore-file", "template")), node.value, node
        return
    if not isinstance(node, yaml.MappingNode):
        yield "unknown", "", node
        return
    for key, value in node.value:
        name = key.value if isinstance(key, yaml.ScalarNode) else ""
        kind = _kind(name, KINDS)
        if kind == "ignore":
            named = value.value if isinstance(value, yaml.SequenceNode) else [value]
            for item in named:
                scalar = isinstance(item, yaml.ScalarNode) and item.value
                yield ("ignore", item.value, item) if scalar else ("unknown", "", item)
        elif kind == "unknown":
            yield kind, name, key
        elif value.tag.endswith(":bool"):
            if value.value.lower() in ("true", "yes", "on"):
                yield kind, name, key
        else:
            yield "unknown", name, value


def _kind(name: str, known: tuple[SwitchKind, ...]) -> SwitchKind:
    return next((kind for kind in known if kind == name), "unknown")
