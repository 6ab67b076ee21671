"""Whether what was read from a file of a checkout still holds in another version of it."""

from __future__ import annotations

from nemolint.base.signature import digest
from nemolint.project import codec
from nemolint.project.file_reader import FileReader
from nemolint.project.known import Fact


def holds(reader: FileReader, text: str, fact: Fact) -> bool:
    """True if a text is the one that a fact was read from, does the same, or holds all the code that confirms it."""
    of_text, of_code = fact.digests
    if digest(text.encode("utf-8", "surrogatepass")) == of_text:
        return True
    code, found = state(reader, text, fact.guards)
    return code == of_code or (bool(fact.guards) and set(fact.guards) <= found)


def state(reader: FileReader, text: str, guards: tuple[str, ...] = ()) -> tuple[str, set[str]]:
    """The digest of what a text does, and those of the guards that stand in it; nothing where it is not Python."""

    def make() -> tuple[str, ...]:
        from nemolint.project import structure

        try:
            return (structure.structure(text), *structure.confirmed(text, guards))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return ("",)

    first, *found = reader.compiled.get(codec.CONFIRMED, "\n".join((*guards, "", text)), make)
    return first, set(found)
