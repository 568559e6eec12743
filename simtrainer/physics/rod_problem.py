"""The arrays of one implicit step of a rod, as one tuple that kernels can take.

Units inside kernels are mm, g, ms, hence N, MPa, N mm2: well scaled, no 1e-12 anywhere.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

F8: TypeAlias = NDArray[np.float64]
I8: TypeAlias = NDArray[np.int64]


class Problem(NamedTuple):
    """One step: everything that the energy of positions `x` (n, 3) and twist `theta` (n - 1, d) depends on.

    n nodes, d coaxial devices. Node arrays have n rows, edge arrays n - 1.
    """

    rest: F8
    """Rest length of each edge [mm]."""
    voronoi: F8
    """Length that each node stands for [mm]."""
    cell: F8
    """Length over which each node bends [mm]: its Voronoi length, and out to the free end for the last that bends."""
    bend: F8
    """Flexural rigidity EI of each device, averaged over each node's cell [N mm2], (n, d)."""
    base: F8
    """Flexural rigidity of the introducer sheath at each node [N mm2]."""
    couple: F8
    """EI times natural curvature [N mm], (n, d)."""
    stored: F8
    """Energy of a straight device with natural curvature, EI kappa^2 / 2 over the node's cell [N mm]."""
    twist: F8
    """Torsional rigidity GJ of each device at each node [N mm2], (n, d)."""
    present: F8
    """1 where a device fills an edge, else 0, (n - 1, d)."""
    stretch: F8
    """EA of each edge [N]."""
    frame: F8
    """Director a1 of each edge at the start of the step, (n - 1, 3)."""
    tangent: F8
    """Unit tangent of each edge at the start of the step, (n - 1, 3)."""
    hub_rate: F8
    """Torsional stiffness between each device's hub and the first edge [N mm], (d,)."""
    hub_angle: F8
    """Angle of each device's hub [rad], (d,)."""
    inertia: F8
    """Stiffness of the inertia and drag potential of each node [N/mm]."""
    inertia_at: F8
    """Where that potential has its minimum [mm], (n, 3)."""
    load: F8
    """Dead load on each node [N], (n, 3)."""
    spin_drag: F8
    """Viscous drag on the twist of each edge over dt [N mm], (n - 1,)."""
    theta0: F8
    """Twist at the start of the step, (n - 1, d)."""
    wall: F8
    """Contact stiffness of each node [N/mm]."""
    radius: F8
    """Outer radius at each node [mm]."""
    blend: float
    """Half-width of the quadratic blend that makes contact C1 [mm]."""
    grid_index: NDArray[np.int32]
    grid_values: NDArray[np.float32]
    grid_origin: F8
    grid_spacing: float
    normal: F8
    """Contact normal (into the lumen) at the start of the step, (n, 3)."""
    limit: F8
    """Coulomb limit mu N of each node, lagged [N]."""
    stick: F8
    """Tangential stiffness of each node [N/mm]."""
    slip0: F8
    """Tangential displacement that the node brings into the step [mm]: anchor and feed, (n, 3)."""
    start: F8
    """Positions at the start of the step [mm], (n, 3)."""
    spin: F8
    """Tangential displacement of the surface per radian of outer twist [mm], (n, 3)."""
    outer: I8
    """Number of the device whose surface touches the wall at each node."""
    spin_weight: F8
    """Weights of the edges before and behind each node in its outer twist, (n, 2)."""
    free: F8
    """1 for nodes that may move, 0 for those the sheath holds."""
