"""What follows from which bricks are there: masses, surface, factor. Derived data, kept by the bricks that are alive.

Nothing here is state: whatever is asked for is made if it is not at hand, and has the same bits either way.
"""

from __future__ import annotations

from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from simtrainer.physics.tissue_brick import LANES, Lanes
from simtrainer.physics.tissue_buffer import Buffers
from simtrainer.physics.tissue_contact import surface
from simtrainer.physics.tissue_element import brick, moduli
from simtrainer.physics.tissue_factor import Coarse, Rest, coarse, lattice
from simtrainer.physics.tissue_lattice import lay_out
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
        self.layout = lay_out(mesh)
        self.kinds = tuple(brick(m.youngs_modulus, m.poisson_ratio, mesh.spacing) for m in mesh.materials)
        self.bound = max(1.0, *(kind.bound for kind in self.kinds))
        self._grid = lattice(mesh)
        self._forms: OrderedDict[bytes, Form] = OrderedDict()
        self._factors: OrderedDict[tuple[bytes, float], Future[Coarse]] = OrderedDict()
        self._spare: list[Buffers] = []
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

    def borrow(self) -> Buffers:
        """Return buffers that nobody else uses; `give_back` them. Each thread that steps at a time gets its own."""
        try:
            return self._spare.pop()
        except IndexError:
            return Buffers(self.layout, self._grid)

    def give_back(self, buffers: Buffers) -> None:
        """Let the next step use them."""
        self._spare.append(buffers)

    def _form(self, alive: Bool) -> Form:
        mesh, count = self._mesh, len(self._mesh.points)
        mass, drag = mesh.masses(alive)
        damping = np.array([m.damping for m in mesh.materials])
        diagonal = np.array([kind.diagonal for kind in self.kinds])
        nodes, kind = mesh.corners[alive].ravel(), np.repeat(mesh.kind[alive], 8)
        firm = np.bincount(nodes, weights=diagonal[kind], minlength=count)
        damped = np.bincount(nodes, weights=(diagonal * damping)[kind], minlength=count)
        free = np.append((mass > 0.0) & ~self._fixed, False).astype(np.float64)
        return Form(
            np.append(mass, 0.0), np.append(drag, 0.0), np.append(firm, 0.0), np.append(damped, 0.0), free,
            surface(mesh, alive), self._lanes(alive, damping),
        )  # fmt: skip

    def _lanes(self, alive: Bool, damping: F8) -> Lanes:
        """Return numbers of bricks by lane; zero where there is none."""
        both = np.array([moduli(m.youngs_modulus, m.poisson_ratio) for m in self._mesh.materials])
        out = np.zeros((4, len(self.layout.bricks.at) * LANES))
        kind = self._mesh.kind[alive]
        out[:, self.layout.lane[alive]] = (
            both[kind, 0],
            (both[:, 1] / both[:, 0])[kind],
            damping[kind],
            np.zeros(len(kind)),
        )
        shear, ratio, slow, empty = out.reshape(4, -1, LANES)
        return Lanes(shear, ratio, ratio.astype(np.float32), slow, empty)

    def _factor(self, alive: Bool, dt: float) -> Coarse:
        mesh = self._mesh
        mass, drag = mesh.masses(alive)
        diagonal = mass / dt**2 + drag / dt + np.where(mass > 0.0, self._spring, 0.0)
        damping = np.array([m.damping for m in mesh.materials])
        rest = Rest(1.0 + damping / dt, diagonal, alive, self._fixed)
        return coarse(mesh, self._grid, self.kinds, self.layout.lane, rest)


def _forget(kept: OrderedDict[K, V]) -> None:
    while len(kept) > KEPT:
        kept.popitem(last=False)
