"""What follows from which bricks are there: masses, surface, factor. Derived data, kept by the bricks that are alive.

Nothing here is state: whatever is asked for is made if it is not at hand, and has the same bits either way.
"""

from __future__ import annotations

from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from simtrainer.physics.tissue_contact import surface
from simtrainer.physics.tissue_factor import Coarse, Rest, coarse, lattice
from simtrainer.physics.tissue_kernel import LANES
from simtrainer.physics.tissue_mesh import VoxelMesh
from simtrainer.physics.tissue_step import Form

F8 = NDArray[np.float64]
Bool = NDArray[np.bool_]
K = TypeVar("K")
V = TypeVar("V")
KEPT = 6
"""Factors and forms that are kept. because: design; a replay that goes back and forth over a few cuts finds them."""


class Derived:
    """Forms and factors of a tissue by the bricks that are alive."""

    def __init__(self, mesh: VoxelMesh, fixed: Bool, spring: F8) -> None:
        """Set up what no cut changes."""
        self._mesh, self._fixed, self._spring = mesh, fixed, spring
        self.body, self.kinds, self.lane = mesh.bricks()
        self.damping: F8 = np.array([m.damping for m in mesh.materials])
        self.bound = max(1.0, *(kind.bound for kind in self.kinds))
        self._grid = lattice(mesh)
        self._forms: OrderedDict[bytes, Form] = OrderedDict()
        self._factors: OrderedDict[tuple[bytes, float], Future[Coarse]] = OrderedDict()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="tissue-factor")

    def form(self, alive: Bool) -> Form:
        """Return masses, stiffness of nodes, free nodes and surface of the bricks that are `alive`."""
        key = np.packbits(alive).tobytes()
        known = self._forms.get(key)
        if known is None:
            known = self._form(alive)
            self._forms[key] = known
            _forget(self._forms)
        return known

    def begin_factor(self, alive: Bool, dt: float) -> Future[Coarse]:
        """Begin to factor beside the session, unless that is done or under way; ask its result to wait for it."""
        key = (np.packbits(alive).tobytes(), dt)
        known = self._factors.get(key)
        if known is None:
            known = self._worker.submit(self._factor, alive, dt)
            self._factors[key] = known
            _forget(self._factors)
        return known

    def _form(self, alive: Bool) -> Form:
        mesh, count = self._mesh, len(self._mesh.points)
        mass, drag = mesh.masses(alive)
        firm = np.zeros((len(mesh.materials), count + 1))
        for g, kind in enumerate(self.kinds):
            nodes = mesh.corners[alive & (mesh.kind == g)].ravel()
            firm[g, :count] = kind.diagonal * np.bincount(nodes, minlength=count)
        live = np.zeros(len(self.body.kind) * LANES)
        live[self.lane] = alive
        free = np.append((mass > 0.0) & ~self._fixed, False).astype(np.float64)
        return Form(
            np.append(mass, 0.0), np.append(drag, 0.0), firm, live.reshape(-1, LANES), free, surface(mesh, alive)
        )

    def _factor(self, alive: Bool, dt: float) -> Coarse:
        mesh = self._mesh
        mass, drag = mesh.masses(alive)
        diagonal = mass / dt**2 + drag / dt + np.where(mass > 0.0, self._spring, 0.0)
        rest = Rest(1.0 + self.damping / dt, diagonal, alive, self._fixed)
        return coarse(mesh, self._grid, self.kinds, self.lane, rest)


def _forget(kept: OrderedDict[K, V]) -> None:
    while len(kept) > KEPT:
        kept.popitem(last=False)
