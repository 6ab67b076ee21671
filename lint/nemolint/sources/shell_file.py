"""Shell scripts: the whole file is one script."""

from __future__ import annotations

from nemolint.base.patterns import lazily
from nemolint.document import Note
from nemolint.sources import Reading, is_template
from nemolint.sources.lines import body, normal_lines, replaced
from nemolint.sources.region_context import RegionContext

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from nemolint.document import Document

# What Jinja fills in, as opposed to a placeholder for people: a name of something, a filter.
_FILLED_IN = lazily(r"\{\{-?[ ]*[A-Za-z_]\w*(?:\.\w[\w.]*[^{}\n]*|[ ]*\|[ ]*\w[^{}\n]*)\}\}")
_ESCAPED_CR = lazily(r"(?<!\\)\\\r\n")


def read(document: Document) -> Reading:
    """Read a shell script."""
    text, map = document.text, body(document)
    notes: tuple[Note, ...] = ()
    if "\\\r\n" in text and text.count("\n") > 2 * text.count("\r\n"):
        # In a file of LF lines the backslash escapes the CR: the command ends here.
        map = normal_lines(replaced(text, len(text) - len(text.removeprefix("\ufeff")), len(text), _ESCAPED_CR, " \n"))
        notes = tuple(_cut_short(text))
    # A `{% … %}` tag shows that a program fills the script in, if its name does not.
    place = RegionContext(document, "script", "sh", templated="{%" in text or is_template(document.path))
    if not place.templated and "{{" in text:
        place = place._replace(templated=_FILLED_IN.search(text) is not None)
    if document.path.lower().endswith(".in"):
        from nemolint.sources.templates import BUILD, filled

        map = filled(map, BUILD)
    return Reading((place.region(map, "shell"),), notes)


def _cut_short(text: str) -> Iterator[Note]:
    """A note for each line after which the command only seems to continue."""
    for match in _ESCAPED_CR.finditer(text):
        start = text.rfind("\n", 0, match.start()) + 1
        while text.endswith("\\\n", 0, start):
            start = text.rfind("\n", 0, start - 1) + 1
        if "nemotron" in text[start : match.start()]:
            message = "a CR follows this backslash, so bash ends the command here: write LF line ends"
            yield Note("broken-shell", message, match.start(), match.start() + 1)
