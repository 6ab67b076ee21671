"""Python code without its comments, docstrings and layout: its digest, and which pieces of code stand in it."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable
from functools import lru_cache

from nemolint.base.signature import digest

# Fields that say how code is written and not what it does.
_LAYOUT = frozenset({"ctx", "kind", "type_comment", "type_ignores"})


def structure(text: str) -> str:
    """The digest of what a Python text does. Raises SyntaxError, ValueError, RecursionError or MemoryError."""
    return _shapes(text).whole


def confirmed(text: str, pieces: Iterable[str]) -> tuple[str, ...]:
    """Those of the `pieces`, each an expression or a statement, that stand in a Python text, however it is laid out.

    Raises as `structure` does.
    """
    shapes = _shapes(text)
    return tuple(piece for piece in pieces if _Shapes(_piece(piece)).whole in shapes.all)


@lru_cache(maxsize=8)
def _shapes(text: str) -> _Shapes:
    """The shapes of a file, which is asked once for each fact that was read from it."""
    return _Shapes(parsed(text))


def parsed(text: str) -> ast.Module:
    """The syntax tree of a Python text. Raises SyntaxError, ValueError, RecursionError or MemoryError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the project's code, which is not ours to judge
        return ast.parse(text)


def _piece(text: str) -> ast.AST:
    statement = parsed(text).body[0]
    return statement.value if isinstance(statement, ast.Expr) else statement


class _Shapes:
    """The digests of a node and of all that it holds. They are the same under every version of Python."""

    def __init__(self, node: ast.AST) -> None:
        self.all: set[str] = set()
        self.whole = self._of(node)

    def _of(self, node: ast.AST) -> str:
        parts = [type(node).__name__]
        for name, value in ast.iter_fields(node):
            if name in _LAYOUT or value is None or value == []:
                continue
            if name == "body" and isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                value = _without_docstring(value)
            items = value if isinstance(value, list) else [value]
            inner = (
                self._of(item) if isinstance(item, ast.AST) else f"{type(item).__name__} {item!r}" for item in items
            )
            parts.append(f"{name} {' '.join(inner)}")
        shape = digest("\n".join(parts).encode("utf-8", "surrogatepass"))
        self.all.add(shape)
        return shape


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return body[1:]
    return body
