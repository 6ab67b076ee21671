"""Variables that a file sets for its scripts, as exports in front of each script that uses them."""

from __future__ import annotations

import re

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder
from nemolint.sources.argv import add_word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from nemolint.base.positions import TextMap

_USED = lazily(r"\$\{?([A-Za-z_]\w*)")
# Values that something makes.
_MADE = lazily(r"[$\n]|\{\{|<<|\(\(")
# What a script gets under such a name has no place in a command.
_SECRET = lazily(r"KEY|TOKEN|SECRET|PASS|CRED|AUTH", re.IGNORECASE)
MOST_VARIABLES = 500


class Exported(NamedTuple):
    """A variable: its name, its value as text (None where that is not known), and where both are written."""

    name: str
    value: str | None
    name_place: tuple[int, int]
    value_place: tuple[int, int]


def with_exports(script: TextMap, variables: Iterable[Exported]) -> TextMap:
    """A script behind the exports of the variables that it uses. No fix can touch what they hold."""
    if "$" not in script.text:
        return script
    used = {match[1] for match in _USED.finditer(script.text)}
    builder = MapBuilder()
    for variable in variables:
        if variable.name not in used or _SECRET.search(variable.name):
            continue
        start, end = variable.name_place
        builder.synthetic("export ", start)
        builder.escape(variable.name, start, end - start)
        builder.synthetic("=", end)
        if variable.value is None or _MADE.search(variable.value):
            builder.synthetic('"${_}"', end)
        else:
            start, end = variable.value_place
            written = MapBuilder()
            written.escape(variable.value, start, end - start)
            add_word(builder, written.build(start))
        builder.synthetic("\n", end)
    if not len(builder):
        return script
    builder.extend(script)
    return builder.build()
