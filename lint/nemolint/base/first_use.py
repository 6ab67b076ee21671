"""Names of a package that are imported on first use, so that importing the package costs next to nothing."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType


class Namespace(ModuleType):
    """Stands for a module that is imported when the first of its names is used."""

    def __getattr__(self, name: str) -> object:
        value: object = getattr(import_module(self.__name__), name)
        setattr(self, name, value)  # the next time it is found without a call
        return value


_NO_NAMESPACES: Mapping[str, tuple[str, ...]] = {}


def resolve(
    package: dict[str, object],
    name: str,
    homes: Mapping[str, tuple[str, ...]],
    namespaces: Mapping[str, tuple[str, ...]] = _NO_NAMESPACES,
) -> object:
    """The value of a name, cached in `package`, which is a package's `globals()`. For a module's `__getattr__`.

    `homes` maps each module to its names, `namespaces` each package to its modules that are names themselves: such a
    module is not imported before one of its own names is used. Raises AttributeError for any other name.
    """
    for home, names in homes.items():
        if name in names:
            value: object = getattr(import_module(home), name)
            break
    else:
        parent = next((parent for parent, names in namespaces.items() if name in names), None)
        if parent is None:
            raise AttributeError(f"module {package['__name__']!r} has no attribute {name!r}")
        home = f"{parent}.{name}"
        value = sys.modules.get(home) or Namespace(home)
    package[name] = value
    return value
