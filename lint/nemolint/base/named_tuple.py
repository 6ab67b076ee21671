"""`NamedTuple`, as that of `typing`, for a program whose start makes more than a hundred classes with it.

`typing.NamedTuple` compiles a constructor and every annotation, and makes each class out of another one. Here a class
is made once, its annotations stay text, and the code of the constructor is that of any with as many fields.
"""

from __future__ import annotations

from types import CodeType, FunctionType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeVar

    _Self = TypeVar("_Self", bound="_Base")

try:
    # As in `collections`: faster than a property.
    from _collections import _tuplegetter as _reader  # type: ignore[import-not-found]
except ImportError:
    from operator import itemgetter

    def _reader(index: int, doc: str) -> property:
        return property(itemgetter(index))


# They read the field at a position of any tuple.
_READERS = [_reader(index, "") for index in range(32)]
_new = tuple.__new__
# Constructors for the usual numbers of fields, whose code was compiled with this module.
_COMPILED: tuple[Callable[..., Any], ...] = (
    lambda _, a: _new(_, (a,)),
    lambda _, a, b: _new(_, (a, b)),
    lambda _, a, b, c: _new(_, (a, b, c)),
    lambda _, a, b, c, d: _new(_, (a, b, c, d)),
    lambda _, a, b, c, d, e: _new(_, (a, b, c, d, e)),
    lambda _, a, b, c, d, e, f: _new(_, (a, b, c, d, e, f)),
    lambda _, a, b, c, d, e, f, g: _new(_, (a, b, c, d, e, f, g)),
    lambda _, a, b, c, d, e, f, g, h: _new(_, (a, b, c, d, e, f, g, h)),
    lambda _, a, b, c, d, e, f, g, h, i: _new(_, (a, b, c, d, e, f, g, h, i)),
    lambda _, a, b, c, d, e, f, g, h, i, j: _new(_, (a, b, c, d, e, f, g, h, i, j)),
    lambda _, a, b, c, d, e, f, g, h, i, j, k: _new(_, (a, b, c, d, e, f, g, h, i, j, k)),
    lambda _, a, b, c, d, e, f, g, h, i, j, k, m: _new(_, (a, b, c, d, e, f, g, h, i, j, k, m)),
)
_CODES: dict[int, CodeType] = {count: made.__code__ for count, made in enumerate(_COMPILED, 1)}


class _WithFields(type):
    """Makes fields of the annotated names of a class."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], root: bool = False) -> _WithFields:
        if root or hasattr(bases[0], "_fields"):
            return super().__new__(cls, name, bases, namespace)
        fields = tuple(namespace["__annotations__"])
        defaults = {field: namespace[field] for field in fields if field in namespace}
        if tuple(defaults) != fields[len(fields) - len(defaults) :]:
            raise TypeError(f"{name}: a field without a default follows one that has a default")
        namespace.update(zip(fields, _READERS[: len(fields)], strict=True))
        namespace.update(__slots__=(), __match_args__=fields, _fields=fields, _field_defaults=defaults)
        return super().__new__(cls, name, bases, namespace)


class _Base(tuple, metaclass=_WithFields, root=True):  # type: ignore[type-arg]
    __slots__ = ()
    _fields: tuple[str, ...]
    _field_defaults: dict[str, Any]

    def __new__(cls: type[_Self], *values: Any, **named: Any) -> _Self:
        """The first instance of a class: from now on it has a constructor of its own."""
        cls.__new__ = staticmethod(_constructor(cls))  # type: ignore[method-assign]
        made: _Self = cls.__new__(cls, *values, **named)
        return made

    @classmethod
    def _make(cls: type[_Self], values: Iterable[Any]) -> _Self:
        """An instance of these values, one for each field."""
        made = tuple.__new__(cls, values)
        if len(made) != len(cls._fields):
            raise TypeError(f"{cls.__name__} has {len(cls._fields)} fields, not {len(made)}")
        return made

    def _replace(self: _Self, **values: Any) -> _Self:
        """This tuple with other values. Raises ValueError for a name that is not a field."""
        made = tuple.__new__(type(self), map(values.pop, self._fields, self))
        if values:
            raise ValueError(f"{type(self).__name__} has no fields {', '.join(values)}")
        return made

    def _asdict(self) -> dict[str, Any]:
        """The values by field."""
        return dict(zip(self._fields, self, strict=True))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._asdict().items())})"

    def __getnewargs__(self) -> tuple[Any, ...]:
        return tuple(self)


def _constructor(cls: type[_Base]) -> FunctionType:
    """`cls(…)` with a parameter for each field, which is called for each word and each position."""
    count = len(cls._fields)
    if count not in _CODES:
        parameters = ", ".join(f"at_{index}" for index in range(count))
        _CODES[count] = eval(f"lambda _cls, {parameters}: _new(_cls, ({parameters},))").__code__
    names = "__new__", f"{cls.__qualname__}.__new__"
    code = _CODES[count].replace(co_varnames=("_cls", *cls._fields), co_name=names[0], co_qualname=names[1])
    return FunctionType(code, {"_new": tuple.__new__}, names[0], tuple(cls._field_defaults.values()))


if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    NamedTuple = _Base
