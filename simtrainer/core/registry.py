"""A named collection that things add themselves to; discovery finds the newcomer without a list."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from typing import Generic, TypeVar

from simtrainer.core.error import SimtrainerError, UnknownNameError

T = TypeVar("T")
U = TypeVar("U")


class Registry(Generic[T]):
    """Things of one kind by name.

    Modules of `package` are imported at the first look-up, so that a decorator in a new file is enough to
    register; third parties register through the entry-point group of the same name.
    """

    __slots__ = ("_discovered", "_items", "_kind", "_package")

    def __init__(self, kind: str, package: str) -> None:
        """Make an empty registry of `kind` (a singular noun for messages) fed by the modules of `package`."""
        self._kind = kind
        self._package = package
        self._items: dict[str, T] = {}
        self._discovered = False

    def add(self, name: str) -> Callable[[U], U]:
        """Return a decorator that registers what it decorates under `name`; a second owner is refused."""

        def register(item: U) -> U:
            self.put(name, item)  # type: ignore[arg-type]  # U is T or a class that makes T; checked by contract tests
            return item

        return register

    def put(self, name: str, item: T) -> T:
        """Register `item` under `name` and return it."""
        if name in self._items:
            raise SimtrainerError(f"two {self._kind}s want the name '{name}'")
        self._items[name] = item
        return item

    def get(self, name: str, where: str = "") -> T:
        """Return what `name` stands for; UnknownNameError with the nearest name otherwise."""
        self._discover()
        if name not in self._items:
            raise UnknownNameError(self._kind, name, self._items, where)
        return self._items[name]

    def names(self) -> tuple[str, ...]:
        """Return all registered names, sorted."""
        self._discover()
        return tuple(sorted(self._items))

    def __iter__(self) -> Iterator[T]:
        """Iterate over the registered things in the order of their names."""
        return (self._items[name] for name in self.names())

    def __contains__(self, name: object) -> bool:
        """Tell whether something is registered under `name`."""
        self._discover()
        return name in self._items

    def _discover(self) -> None:
        if self._discovered:
            return
        self._discovered = True
        try:
            self._import_all()
        except BaseException:
            self._discovered = False  # a member that cannot be imported fails at every look-up, not only the first
            raise

    def _import_all(self) -> None:
        package = importlib.import_module(self._package)
        for module in pkgutil.walk_packages(package.__path__, f"{self._package}."):
            importlib.import_module(module.name)
        for point in entry_points(group=self._package):
            point.load()
