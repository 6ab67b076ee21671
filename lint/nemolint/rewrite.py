"""`--fix` and `--diff`: what the fixes make of one file."""

from __future__ import annotations

import difflib
import io
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nemolint.check import Request, Streams
    from nemolint.diagnostic import Diagnostic
    from nemolint.discover import Found
    from nemolint.document import Document
    from nemolint.engine import Checker

_CONTEXT = 3


def rewrite(
    found: Found,
    document: Document,
    diagnostics: list[Diagnostic],
    request: Request,
    checker: Checker,
    streams: Streams,
) -> tuple[Document, list[Diagnostic], int]:
    """Fix a file (or standard input), or show the difference. Returns what holds now, and how many fixes that took.

    Only findings that are shown are fixed. With `--diff` nothing changes, so the findings stay as they are.
    """
    from nemolint.fix import FileChanged, fix_text, write_atomically
    from nemolint.rule import at_least

    own = [
        item if at_least(item.severity, request.show) else replace(item, fix=None)
        for item in diagnostics
        if item.path == document.path
    ]
    elsewhere = [item for item in diagnostics if item.path != document.path]
    unchanged = document, diagnostics, 0
    stdin = request.stdin_name is not None
    current = document

    def check(text: str) -> list[Diagnostic]:
        nonlocal current
        current = checker.read(found.path, _encode(text), name=document.path)
        return [
            item if at_least(item.severity, request.show) else replace(item, fix=None)
            for item in checker.check(current)
            if item.path == document.path
        ]

    if _encode(document.text) != found.data:
        if any(item.fix is not None for item in own):
            streams.note(f"{document.path}: is not UTF-8, so nothing was fixed in it")
        done = None
    else:
        done = fix_text(document.text, own, check, unsafe=request.unsafe_fixes)
    applied = done.applied if done is not None else 0
    if request.diff:
        if done is not None and applied:
            after = checker.read(found.path, _encode(done.text), name=document.path)
            streams.out.writelines(_difference(document, after, checker))
        return document, diagnostics, applied
    if stdin:
        streams.out.write(done.text if done is not None else document.text)
    if done is None or not applied:
        return unchanged
    if not stdin:
        try:
            write_atomically(found.path, done.text, was=found.data)
        except FileChanged as error:
            streams.note(str(error))
            return unchanged
        except OSError as error:
            streams.note(f"{document.path}: cannot be written: {error.strerror or error}")
            return unchanged
    after = checker.read(found.path, _encode(done.text), name=document.path)
    return after, sorted([*done.remaining, *elsewhere], key=lambda item: item.sort_key), applied


def _encode(text: str) -> bytes:
    """The bytes that a text was read from, bytes that are no UTF-8 included."""
    return text.encode("utf-8", "surrogateescape")


def _difference(before: Document, after: Document, checker: Checker) -> Iterator[str]:
    """A unified difference with the secrets masked."""
    old, new = (_masked_lines(document, checker) for document in (before, after))
    for line in difflib.unified_diff(old, new, f"a/{before.path}", f"b/{before.path}", n=_CONTEXT):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _masked_lines(document: Document, checker: Checker) -> list[str]:
    text = checker.redactor(document).mask(0, len(document.text)).text
    return list(io.StringIO(text, newline="\n"))
