"""The engine's `NamedTuple` against that of `typing`."""

from __future__ import annotations

import pickle
import typing
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import pytest
from hypothesis import given, strategies as st

from nemolint.base.named_tuple import NamedTuple

Item = TypeVar("Item")


class Ours(NamedTuple):
    """Of the engine."""

    first: str
    second: tuple[int, ...] = ()
    third: Any = None

    @property
    def length(self) -> int:
        """A member besides the fields."""
        return len(self.first)


class Theirs(typing.NamedTuple):
    """Of the standard library."""

    first: str
    second: tuple[int, ...] = ()
    third: Any = None

    @property
    def length(self) -> int:
        """A member besides the fields."""
        return len(self.first)


class OursOf(NamedTuple, Generic[Item]):
    """With a type parameter."""

    item: Item


def outcome(action: Callable[[], Any]) -> Any:
    """What an action gives, and how that is shown, or that it raises."""
    try:
        value = action()
    except (TypeError, ValueError, AttributeError):  # which of them depends on the version of Python
        return "error"
    return (repr(value).replace("Ours", "Theirs"), value)


values = st.lists(st.integers() | st.text(max_size=3), max_size=5)
named = st.dictionaries(st.sampled_from(["first", "second", "third", "fourth"]), st.integers())


@given(values, named)
def test_an_instance_is_what_typing_makes(values: list[Any], named: dict[str, Any]) -> None:
    """Whatever is passed, and in whatever way: the same tuple, or the same error."""
    calls: list[Callable[[Any], Any]] = [
        lambda kind: kind(*values, **named),
        lambda kind: kind._make(values),
        lambda kind: kind("a", (1,))._replace(**named),
        lambda kind: kind("abc", *values[:2])._asdict(),
        lambda kind: kind("abc", *values[:2]).length,
        lambda kind: kind("abc", *values[:2]) == ("abc", *values[:2]),
        lambda kind: hash(kind("abc", *values[:2])),
        lambda kind: setattr(kind("abc"), "first", 1),
        lambda kind: kind("abc").fourth,
    ]
    for call in calls:
        assert outcome(lambda call=call: call(Ours)) == outcome(lambda call=call: call(Theirs))


def test_a_class_is_what_typing_makes() -> None:
    """Fields, their defaults, patterns, docstrings and type parameters are those of `typing`."""
    for name in ("_fields", "_field_defaults", "__match_args__", "__slots__"):
        assert getattr(Ours, name) == getattr(Theirs, name)
    assert list(Ours.__annotations__) == list(Theirs.__annotations__)
    assert Ours.__doc__ == "Of the engine."
    assert OursOf[int](3) == OursOf(3) == (3,)
    match Ours("a", (1,)):
        case Ours(first, second, third=None):
            assert (first, second) == ("a", (1,))
        case _:
            raise AssertionError


@given(values)
def test_an_instance_can_be_pickled(values: list[Any]) -> None:
    """It comes back as what it was."""
    made = Ours("a", *values[:2])
    assert (pickle.loads(pickle.dumps(made)), type(pickle.loads(pickle.dumps(made)))) == (made, Ours)


def test_a_class_without_order_is_refused() -> None:
    """A field without a default may not follow one that has a default, as in a function."""
    with pytest.raises(TypeError, match="without a default"):
        type(NamedTuple)("Wrong", (NamedTuple,), {"__annotations__": {"a": "int", "b": "int"}, "a": 1})


def test_a_subclass_keeps_the_fields() -> None:
    """A class of a named tuple's own adds what it defines, and no field."""

    class Longer(Ours):
        more: int = 3

    assert Longer("a") == Ours("a")
    assert (Longer._fields, Longer.more) == (Ours._fields, 3)
