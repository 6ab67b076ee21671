"""What the names and conditions of a Python file stand for at the place that is evaluated."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable

from nemolint.base.positions import TextMap
from nemolint.sources.python_expressions import Expressions, Frame
from nemolint.sources.python_found import BoundText, BoundWords, FoundText, PythonArgument, ValueChoice, moved
from nemolint.sources.python_names import Function, Key
from nemolint.sources.python_operations import head
from nemolint.sources.python_text import Source, field_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    _Found = TypeVar("_Found")

MAX_DEPTH = 40
# How many texts of choices are tried in one command.
MAX_TRIED = 40
# Stands for a value that is not known.
NOTHING = ast.Constant(value=None)
# How many f-strings of a file are read by the slow parser.
_MAX_EXACT = 500
# The longest value of one name, and how many characters the names of a file may add to its length.
# Real files need some thousands.
_MAX_VALUE = 50_000
_MAX_PUT_IN = 200_000


class Evaluation(Expressions, ABC):
    """The state of an evaluation: inside which call it is, and which option of a condition it looks at."""

    def __init__(self, source: Source, tree: ast.Module) -> None:
        super().__init__(tree)
        self._source = source
        self._exact_left = _MAX_EXACT
        self._left = _MAX_PUT_IN + len(source.text)
        self._found_words: dict[tuple[object, ...], BoundWords | None] = {}
        self._done: set[tuple[ast.expr, Frame | None]] = set()
        self._found_texts: dict[tuple[object, ...], BoundText | None] = {}
        # What is being evaluated: inside which call, with which option of one condition.
        self._frame: Frame | None = None
        self._chosen: tuple[ast.AST, int] | None = None
        self._choices: list[ValueChoice] = []
        self._parameters_met: set[Function] = set()
        # The values of names in the statements that change them, while those are applied.
        self._during: dict[tuple[ast.stmt, Key], FoundText | list[PythonArgument]] = {}
        # The names whose changes are applied, each in the call that is looked at.
        self._following: set[tuple[Key, Frame | None]] = set()
        # The first use of a name that is not resolved, since the budget is used up.
        self.unfollowed: ast.expr | None = None

    @abstractmethod
    def _text(self, node: ast.expr, depth: int) -> FoundText | None:
        """The text of a string expression. None if it is not a string."""

    @abstractmethod
    def _words(self, node: ast.expr, depth: int) -> list[PythonArgument] | None:
        """The arguments of a list expression. None if it is not a list."""

    @abstractmethod
    def _item(self, item: ast.expr, depth: int) -> list[PythonArgument]:
        """The arguments of an item of a list."""

    def _put_in(self, node: ast.expr, amount: int) -> bool:
        """Charge the value of a name to the budget; False if it is used up, and the name stays an expansion."""
        if amount <= _MAX_VALUE:
            self._left -= amount
            if self._left >= 0:
                return True
        if self.unfollowed is None:
            self.unfollowed = node
        return False

    def _resolved(self, node: ast.expr) -> tuple[ast.expr | list[ast.expr], Frame | None] | None:
        """The expression that a variable stands for, and the call that it belongs to."""
        key = self._key(node)
        if key is None:
            return None
        frame = self._parameter_frame(node)
        if frame is not None and not self._is_rebound(key):
            return frame.values[key[1]], frame.outer
        value = self._binding(*key)
        if value is not None:
            return value, self._frame
        bindings = self._bound.get(key, ())
        if isinstance(key[0], ast.FunctionDef | ast.AsyncFunctionDef) and any(
            isinstance(node, ast.arg) for node in bindings
        ):
            self._parameters_met.add(key[0])
        elif len(bindings) == 1 and isinstance(loop := self._parents.get(bindings[0]), ast.For | ast.comprehension):
            if self._additions(node) or self._shared(node) or self._additions(loop.iter):
                return None
            if loop.target is bindings[0] and isinstance(items := self._listed(loop.iter), ast.List | ast.Tuple):
                return self._each(loop, items), self._frame
        return None

    def _parameter_frame(self, node: ast.expr) -> Frame | None:
        """The call that gives a name its value, if it is a parameter of a function that is looked at."""
        key, frame = self._key(node), self._frame
        if key is None:
            return None
        while frame is not None and frame.function is not key[0]:
            frame = frame.outer
        return frame if frame is not None and key[1] in frame.values else None

    def _listed(self, items: ast.expr) -> ast.expr | None:
        """The list that is written where a loop takes its items from."""
        return self._value_of(items) if isinstance(items, ast.Name | ast.Attribute) else items

    def _each(self, loop: ast.AST, items: ast.List | ast.Tuple) -> ast.expr:
        """The item of a loop that is looked at; the loop as a condition with these options, where none is."""
        if not 0 < len(items.elts) <= MAX_TRIED or any(isinstance(item, ast.Starred) for item in items.elts):
            return NOTHING
        if self._chosen is not None and self._chosen[0] is loop:
            return items.elts[self._chosen[1]]
        self._choices.append(ValueChoice(loop, len(items.elts), self._extent(items)))
        return NOTHING

    def _apart(
        self, frame: Frame | None, evaluate: Callable[[], _Found]
    ) -> tuple[_Found, tuple[ValueChoice, ...], frozenset[Function]]:
        """Evaluate something in a frame: what it gives, the choices in it, and the parameters that it met."""
        before = self._frame, self._choices, self._parameters_met
        self._frame, self._choices, self._parameters_met = frame, [], set()
        found = evaluate()
        choices, met = tuple(self._choices), frozenset(self._parameters_met)
        self._frame, self._choices, self._parameters_met = before
        return found, choices, met

    def _is_argument(self, value: ast.expr) -> bool:
        """True if a value is one that a call gives to the function that is looked at."""
        frame = self._frame
        while frame is not None:
            if any(value is given for given in frame.values.values()):
                return True
            frame = frame.outer
        return isinstance(parent := self._parents.get(value), ast.List | ast.Tuple) and self._is_looped(parent)

    def _is_looped(self, items: ast.expr) -> bool:
        return self._chosen is not None and self._listed_by(self._chosen[0]) is items

    def _listed_by(self, loop: ast.AST) -> ast.expr | None:
        return self._listed(loop.iter) if isinstance(loop, ast.For | ast.comprehension) else None

    def _is_changed_in_call(self, node: ast.expr) -> Frame | None:
        """The call that gives a parameter its value, if the function changes that."""
        return self._parameter_frame(node) if self._changes(node) or self._shared(node) else None

    def _value_during(self, name: ast.expr) -> FoundText | list[PythonArgument] | None:
        """The value of a name in a statement that changes it, while that is applied."""
        if not self._during:
            return None
        statement, key = self._statement(name), self._key(name)
        return self._during.get((statement, key)) if statement is not None and key is not None else None

    def _option(self, node: ast.If | ast.IfExp) -> int | None:
        """The branch of a condition that is looked at, or the only one that it can take."""
        if self._chosen is not None and self._chosen[0] is node:
            return self._chosen[1]
        truth = self._truth(node.test, 0)
        return None if truth is None else 0 if truth else 1

    def _truth(self, test: ast.expr, depth: int) -> bool | None:
        """Whether a condition holds, None if that is not known."""
        match test:
            case ast.Constant(value=value):
                return bool(value)
            case ast.UnaryOp(op=ast.Not(), operand=operand) if depth < MAX_DEPTH:
                truth = self._truth(operand, depth + 1)
                return None if truth is None else not truth
            case ast.Name() if depth < MAX_DEPTH and not self._additions(test):
                resolved = self._resolved(test)
                if resolved is None or isinstance(resolved[0], list) or resolved[0] is NOTHING:
                    return None
                before, self._frame = self._frame, resolved[1]
                truth = self._truth(resolved[0], depth + 1)
                self._frame = before
                return truth
            case _:
                return None

    def _entered(self, node: ast.Call) -> tuple[ast.expr, Frame] | None:
        """What a call of a function of this file returns, and the call as a frame."""
        function = self._function_of(node.func)
        value = self._returned(function) if function is not None else None
        if function is None or value is None:
            return None
        frame = self.frame(node, function, self._frame)
        return (value, frame) if frame is not None else None

    def _variadic(self, node: ast.AST, name: str = "") -> PythonArgument:
        """An argument that may represent none or several."""
        return PythonArgument(moved(f"${name or self._name_for(node)}", *self._extent(node)), variadic=True)

    @staticmethod
    def _variadic_at(name: str, start: int, end: int) -> PythonArgument:
        return PythonArgument(moved(f"${name}", start, end - start), variadic=True)

    def _some_words(self, words: list[PythonArgument], node: ast.AST, name: str = "") -> list[PythonArgument]:
        """What is said of arguments that are not known: that they may start the command, if that was in them."""
        start = [word for word in head(words) if word.map.text]
        if not start:
            return [self._variadic(node, name)]
        # What is not certain is not one argument for what looks at places in the list.
        before = PythonArgument(moved("", start[0].map.outer_start(0), 0), variadic=True)
        return [before, *start, self._variadic(node, name)]

    def _extent(self, node: ast.AST) -> tuple[int, int]:
        """The offset and length of a node."""
        assert isinstance(node, ast.expr | ast.stmt)
        start, end = self._source.span(node)
        return start, end - start

    def _written(self, node: ast.AST) -> str:
        start, length = self._extent(node)
        return self._source.text[start : start + min(length, 200)]

    def _name_for(self, node: ast.AST) -> str:
        """The name of a shell variable for what a node may be."""
        return field_name(self._written(node))

    def _as_escape(self, node: ast.expr, value: str) -> TextMap:
        return moved(value, *self._extent(node))
