"""Which of the names that a page documents may be keys, and what the page says of them, whatever its markup is.

`markdown_keys` and `rst_keys` go through a page, and tell the collector what they come across.
"""

from __future__ import annotations

import re

from nemolint.base.patterns import lazily
from nemolint.base.positions import TextMap
from nemolint.document import Documentation, DocumentedKey, Region

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from nemolint.document import Document

# What a column of keys is called: `Key`, `YAML key`, `Config Key`, `Dotlist override`.
_NOUN = r"(?:keys?|options?|overrides?|arguments?|args?|parameters?|params?|fields?|settings?)"
_QUALIFIER = r"(?:cli|common|config|configuration|dotlist|frequent|hydra|main|omegaconf|optional|required|step|yaml)"
_COLUMN = lazily(
    rf"(?:{_QUALIFIER}[ \t-]+){{0,3}}(?P<noun>{_NOUN})(?:[ \t]+(?:keys?|names?|paths?))?(?:\(s\))?", re.IGNORECASE
)
_OVERRIDES = lazily(r"overrid|dotlist|hydra", re.IGNORECASE)
# Sections whose names belong to something else: profiles, the environment, errors, what the step had once.
_ELSEWHERE = lazily(
    r"\b(?:profiles?|environment|env\.toml|toml|errors?|exit[ \t]+codes?|flags?|removed|renamed|deprecated|obsolete"
    r"|legacy|unsupported|migrat\w+|mistakes?|pitfalls?|gotchas?|avoid|wrong|invalid|unknown|ignored|not|never)\b",
    re.IGNORECASE,
)
# What a description says of a key that has no effect, or not always.
_DISOWNED = lazily(
    r"\b(?:deprecated|obsolete|removed|renamed|ignore[ds]|unsupported|unused|invalid|wrong|mistake|misspell\w*|typo"
    r"|instead|no[ \t]+effect|does[ \t]+nothing|do[ \t]+nothing|nothing[ \t]+reads|no[ \t]+longer|never[ \t]+reads?"
    r"|not[ \t]+(?:(?:an?|yet)[ \t]+)?(?:read|used|supported|available|key|override|option|parameter))\b",
    re.IGNORECASE,
)
# The heading of a column beside keys that says what is wrong with them.
_CORRECTED = lazily(r"\b(?:instead|replace\w*|new|correct\w*|right|old|wrong|problem|mistake)\b", re.IGNORECASE)
# The words of a signature; a placeholder, a list or a quoted text may have blanks. A comma before a blank ends a word.
_WORD = lazily(r"""(?:<[^<>\n]*+>|\[[^][\n]*+\]|\{[^{}\n]*+\}|"[^"\n]*+"|'[^'\n]*+'|[^\s,]|,(?=\S))++""")
_KEY = lazily(r"(?P<sign>[+~]?)(?P<key>[A-Za-z_][\w-]*+(?:\.[\w-]++)*+)(?P<value>=.*)?", re.DOTALL)
# What stands between the keys of a cell.
BETWEEN = lazily(r"(?:[\s,/;|&+]|\band\b|\bor\b)*")
_NO_KEYS = frozenset({"true", "false", "null", "none", "yes", "no", "on", "off"})
_FILES = frozenset(
    {"bin", "cfg", "csv", "gz", "idx", "ini", "ipynb", "json", "jsonl", "log", "md", "mdx", "npy", "parquet"}
    | {"pt", "py", "rst", "safetensors", "sh", "sqsh", "tar", "toml", "txt", "yaml", "yml", "zip"}
)
# A word that only a key is, where a table does not mark it as code.
PLAIN_WORD = r"(?=[a-z])(?=[\w-][\w.-]*?[_.=][^\s|<>&\\])[^\s|<>&\\]++"
_PLAIN = lazily(PLAIN_WORD)
_LIST_ITEM = lazily(r"^(?P<row>[ \t]*[*-][ \t]+)?(?P<cell>[ \t]*[*-][ \t]+)(?P<text>\S.*)?$", re.MULTILINE)
_HEADER_ROWS = lazily(r":header-rows:[ \t]*[1-9]")
_CODE_SPAN = lazily(r"(`{1,2})([^`\n]+)\1")
MOST_ABOUT = 2_000
# Of a page with more keys than any has, only the first are read: each is as much work as some runs.
_MOST_KEYS = 500


class KeyCollector:
    """The keys found so far. Spans are those of maps that lead to the file."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.keys: list[DocumentedKey] = []
        self.subjects: list[str] = []
        self._group = 0
        self._elsewhere = False
        self._paragraph = ""

    def heading(self, text: str) -> None:
        """A new section: what stands in it belongs together."""
        self.subjects.append(text)
        self._elsewhere = _ELSEWHERE.search(text) is not None
        self._group += 1
        self._paragraph = ""

    def paragraph(self, text: str) -> None:
        """A paragraph, which may say that what follows it has no effect."""
        self._paragraph = text[:MOST_ABOUT]

    def table(self) -> None:
        """The keys that follow are those of a table, or of what stands after it."""
        self._group += 1

    def add(self, map: TextMap, container: str, *, override: bool, about: str = "") -> bool:
        """Add the keys of a code span or a signature; False if it holds something else.

        `override`: what has a value there is an override, and does not name anything else. `about` describes it.
        """
        if len(self.keys) >= _MOST_KEYS:
            return True
        found = [(word.start(), word.end(), _KEY.fullmatch(word[0])) for word in _WORD.finditer(map.text)]
        keys = [(start, end, match) for start, end, match in found if match is not None and _may_be_key(match)]
        if not keys or len(keys) < len(found) or (len(keys) > 1 and not all(match["value"] for _, _, match in keys)):
            return False
        if not self._elsewhere and not any(_DISOWNED.search(said) for said in (about, self._paragraph)):
            for start, end, match in keys:
                region = Region(self._document, map.slice(start, end), "mention", "doc", container)
                sure = override and match["value"] is not None
                self.keys.append(DocumentedKey(region, self._group, sure))
        return True

    def cell(self, codes: list[TextMap], container: str, *, override: bool, about: str) -> None:
        """Add the keys of a table's cell."""
        if not any(map.text.lstrip().startswith("-") for map in codes):
            for map in codes:
                self.add(map, container, override=override, about=about)

    def result(self) -> Documentation:
        return Documentation(tuple(self.keys), tuple(self.subjects))


def _may_be_key(match: re.Match[str]) -> bool:
    """False for signs without a value, names of variables and files, plain values, and `key=value` itself."""
    key = match["key"]
    if match["value"] is None and (match["sign"] or key in _NO_KEYS or key.rpartition(".")[2] in _FILES):
        return False
    parts = key.split(".")
    return not parts[0].isupper() and "key" not in parts


def key_columns(titles: Iterable[str]) -> dict[int, bool]:
    """The columns of a table that hold keys, by their headings; True for those that hold overrides as they are given.

    None in a table that says what to write in place of them.
    """
    titles = list(titles)
    if any(_CORRECTED.search(title) for title in titles):
        return {}
    bare = (title.strip(" \t\r\n*_`:") for title in titles)
    return {at: bool(_OVERRIDES.search(title)) for at, title in enumerate(bare) if _COLUMN.fullmatch(title)}


def plain_key(map: TextMap, start: int, end: int) -> list[TextMap]:
    """The text of a cell without code, if it is a single word that only a key can be."""
    while start < end and map.text[start].isspace():
        start += 1
    while start < end and map.text[end - 1].isspace():
        end -= 1
    return [map.slice(start, end)] if _PLAIN.fullmatch(map.text, start, end) else []


def list_table(map: TextMap, collector: KeyCollector, container: str) -> None:
    """Read the body of a `list-table`: a list of rows, each of which is a list of cells."""
    if not _HEADER_ROWS.search(map.text):
        return
    rows: list[list[re.Match[str]]] = []
    for item in _LIST_ITEM.finditer(map.text):
        if item["row"]:
            rows.append([])
        if rows:
            rows[-1].append(item)
    if not rows:
        return
    collector.table()
    columns = key_columns([item["text"] or "" for item in rows[0]])
    for number, row in enumerate(rows[1:], 1):
        end = rows[number + 1][0].start() if number + 1 < len(rows) else len(map.text)
        for at, override in columns.items():
            if at < len(row) and row[at]["text"]:
                codes = leading_code(map, *row[at].span("text"))
                collector.cell(codes, container, override=override, about=map.text[row[0].start() : end])
    collector.table()


def leading_code(map: TextMap, start: int, end: int) -> list[TextMap]:
    """The code that a text begins with, as lines of lists and of reStructuredText write it."""
    found: list[TextMap] = []
    first = start
    for code in _CODE_SPAN.finditer(map.text, start, end):
        if BETWEEN.fullmatch(map.text, start, code.start()) is None:
            break
        found.append(map.slice(*code.span(2)))
        start = code.end()
    return found or plain_key(map, first, end)
