"""Whether what was read from a file of a checkout still holds in another version of the file."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.paths import joined
from nemolint.base.signature import digest
from nemolint.project import codec, known, snapshot
from nemolint.project.file_reader import FileReader
from nemolint.project.known import Fact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal


class Lost(NamedTuple):
    """A fact that has to be read again, with the code that confirms it and no longer stands in its file."""

    fact: Fact
    missing: tuple[str, ...] = ()


class Drift(NamedTuple):
    """A file that facts were read from and that is another one now, or `gone`.

    `layout`: it still does the same, only its comments, docstrings or layout changed. `sources` are its names in
    `facts/*.toml` (`FILE.NAME`), `text` and `code` its digests, `held` the facts that its code confirms, `lost` the
    others.
    """

    file: str
    state: Literal["gone", "layout", "changed"]
    sources: tuple[str, ...]
    text: str = ""
    code: str = ""
    held: tuple[Fact, ...] = ()
    lost: tuple[Lost, ...] = ()


def holds(reader: FileReader, text: str, fact: Fact) -> bool:
    """True if a text is the one that a fact was read from, does the same, or holds all the code that confirms it."""
    of_text, of_code = fact.digests
    if _digest(text) == of_text:
        return True
    code, found = _state(reader, text, fact.guards)
    return code == of_code or (bool(fact.guards) and set(fact.guards) <= found)


def since(reader: FileReader, root: str) -> Iterator[Drift]:
    """The files of a checkout that changed since facts were read from them, by name."""
    by_file: dict[str, dict[Fact, None]] = {}
    for runner in ("", *(runner.name for runner in known.runners())):
        for fact in known.of(runner).facts:
            if fact.source and not fact.library:
                by_file.setdefault(fact.source, {}).setdefault(fact)
    for file, facts in sorted(by_file.items()):
        sources = tuple(name for name, source in snapshot.bundled()["sources"].items() if source["file"] == file)
        of_text, of_code = next(iter(facts)).digests
        text = reader.optional_text(joined(root, file))
        if text is None:
            yield Drift(file, "gone", sources, lost=tuple(map(Lost, facts)))
        elif _digest(text) != of_text:
            code, _ = _state(reader, text)
            held = tuple(fact for fact in facts if holds(reader, text, fact))
            lost = tuple(Lost(fact, _missing(reader, text, fact)) for fact in facts if fact not in held)
            yield Drift(file, "layout" if code == of_code else "changed", sources, _digest(text), code, held, lost)


def _missing(reader: FileReader, text: str, fact: Fact) -> tuple[str, ...]:
    """The code that confirms a fact and does not stand in a text."""
    _, found = _state(reader, text, fact.guards)
    return tuple(guard for guard in fact.guards if guard not in found)


def _digest(text: str) -> str:
    # git checks text out with CRLF on many a Windows machine.
    return digest(text.replace("\r\n", "\n").encode("utf-8", "surrogatepass"))


def _state(reader: FileReader, text: str, guards: tuple[str, ...] = ()) -> tuple[str, set[str]]:
    """The digest of what a text does, and those of the guards that stand in it; nothing if it is not Python."""

    def make() -> tuple[str, ...]:
        from nemolint.project import structure

        try:
            return (structure.structure(text), *structure.confirmed(text, guards))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return ("",)

    first, *found = reader.compiled.get(codec.CONFIRMED, "\n".join((*guards, "", text)), make)
    return first, set(found)
