"""What would close the quotes, brackets and blocks that are open where somebody is typing."""

from __future__ import annotations

from nemolint.base.patterns import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# The quotes of the containers and of shells, the longest first. A quote that is escaped once is one of a shell inside
# a string of JSON, Python, TOML.
_MARK = lazily(r"```+|\"\"\"|'''|\\\\|\\[\"']|[\"'`()\[\]{}]")
_BRACKETS = {"(": ")", "[": "]", "{": "}"}
_HERE_DOCUMENT = lazily(r"<<[-~]?[ \t]*[\"']?([A-Za-z_]\w*)")
_BLOCK = lazily(r"\{[ \t]*\r?\n")
_TAG = lazily(r"\{%-?[ \t]*(\w+)")
_WINDOW = 4_000
_MOST = 10


def closers(text: str) -> tuple[str, ...]:
    """The texts to try, at most a few, that may end what is open at the end of `text`: the innermost alone first.

    Empty where the paragraph at the end does not name the command. The reader decides which of them, if any, makes the
    text readable.
    """
    text = text[-_WINDOW:]
    if "nemotron" not in text[text.rfind("\n\n") + 1 :]:
        return ()
    return tuple(dict.fromkeys(_closers(text)))[:_MOST]


def _closers(text: str) -> Iterator[str]:
    line = _opened(text[text.rfind("\n") + 1 :])
    whole = _opened(text)
    blocks = [*_blocks(text)]
    yield from blocks
    for opened in (line, whole):
        for count in range(1, min(len(opened), _MOST // 2) + 1):
            quotes = "".join(f"\n{mark}" if len(mark) == 3 else mark for mark in reversed(opened[-count:]))
            yield quotes
            yield from (f"{quotes}{block}" for block in blocks)


def _blocks(text: str) -> Iterator[str]:
    """The lines that would end a here-document, also one in a block of Terraform, or a tag of a site generator."""
    names = _HERE_DOCUMENT.findall(text)
    if names:
        yield f"\n{names[-1]}\n"
        if _BLOCK.search(text):
            yield f"\n{names[-1]}\n}}\n"
    tags = _TAG.findall(text)
    if tags and not tags[-1].startswith("end"):
        yield f"\n{{% end{tags[-1]} %}}\n"


def _opened(text: str) -> list[str]:
    """The closing marks of what is open at the end of a text, outermost first."""
    opened: list[str] = []
    for match in _MARK.finditer(text):
        mark = match.group()
        if mark == "\\\\" or mark.startswith("```"):  # a fence ends with the text
            continue
        if mark in opened:
            # A quote ends where the same one comes again; what was open in between was not a quote.
            if mark in _BRACKETS.values() and opened[-1] != mark:
                continue
            del opened[len(opened) - 1 - opened[::-1].index(mark) :]
        elif mark in _BRACKETS:
            if not opened or opened[-1] in _BRACKETS.values():
                opened.append(_BRACKETS[mark])
        elif mark not in _BRACKETS.values():
            opened.append(mark)
    return opened
