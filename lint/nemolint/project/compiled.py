"""What project files say, validated and kept.

Each result is a pure function of a text, so it is stored under the text's digest and never goes stale. For a known
text, neither pydantic nor a TOML or Python parser is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nemolint.base import signature
from nemolint.project.codec import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    _Fact = TypeVar("_Fact")


class InvalidManifest(Exception):
    """What is wrong, and where: line and column from 1."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class Compiled:
    """Facts by kind and digest, in the form of `codec.py`.

    They are those that were `used`, and the texts of the ones that the stored facts lacked (`new`). If `shipped` is
    true, the bundled snapshot is consulted, too. `load` gives the stored facts where that does not have all.
    """

    def __init__(
        self,
        stored: Mapping[str, Any] | None = None,
        *,
        load: Callable[[], Mapping[str, Any]] | None = None,
        shipped: bool = True,
    ) -> None:
        self._stored = stored or {}
        self._load = load
        self._ask_snapshot = shipped
        self.used: dict[str, Any] = {}
        self.new: dict[str, str] = {}

    def get(self, kind: Kind, text: str, make: Callable[[], _Fact]) -> _Fact:
        """The fact that `make` gives for a text. What `make` raises is passed on, and not kept."""
        fact: _Fact
        key = f"{kind.name} {signature.digest(text.encode('utf-8', 'surrogatepass'))}"
        if self._is_known(key):
            fact = kind.decode(self.used[key])
            return fact
        if self._ask_snapshot:
            from nemolint.project import snapshot

            try:
                fact = kind.decode(snapshot.compiled(key))
                return fact
            except KeyError:  # what it has need not be stored again
                pass
        if self._load is not None:
            load, self._load = self._load, None
            self._stored = load()
            if self._is_known(key):
                fact = kind.decode(self.used[key])
                return fact
        fact = make()
        form = kind.encode(fact)
        if kind.round_trip(fact, form):
            self.used[key] = form
            self.new[key] = text
        return fact

    def _is_known(self, key: str) -> bool:
        if key not in self.used and key in self._stored:
            self.used[key] = self._stored[key]
        return key in self.used

    def known(self, most: int) -> dict[str, Any]:
        """At most so many facts: those that were used, and of the stored ones those that were stored last."""
        kept = {key: form for key, form in self._stored.items() if key not in self.used}
        return {**dict([*kept.items()][-most:]), **self.used}

    def merge(self, used: dict[str, Any], new: dict[str, str]) -> None:
        """Add what another check used and made."""
        self.used.update(used)
        self.new.update(new)
