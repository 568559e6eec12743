"""The numbers of one implicit step of a rod: columns of the arrays that the kernels share.

Few wide arrays instead of many narrow ones: what a node needs lies together in memory, and a kernel with few arguments
compiles and is called several times as fast. Units inside kernels are mm, g, ms, hence N, MPa, N mm2: well scaled, no
1e-12 anywhere.

n nodes, d coaxial devices, n - 1 edges; edge j joins nodes j and j + 1 and its numbers stand in row j.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

F8: TypeAlias = NDArray[np.float64]
I8: TypeAlias = NDArray[np.int64]
Grid: TypeAlias = tuple[NDArray[np.int32], NDArray[np.float32], F8, float]
"""Clearance [mm] as `SparseGrid` holds it: index, values one after the other, origin [mm], spacing [mm]."""

# Columns of `node`, shape (n, NODE).
REST = 0
"""Rest length of the edge [mm]."""
REACH = 1
"""Length that the node stands for [mm]."""
CELL = 2
"""Length over which it bends [mm]: its reach, and out to the free end for the last that bends."""
BEND = 3
"""Flexural rigidity EI of devices and introducer together, averaged over the cell [N mm2]."""
STORED = 4
"""Energy of straight devices with natural curvature, EI kappa^2 / 2 over the cell [N mm]."""
STRETCH = 5
"""EA of the edge [N]."""
MASS = 6
"""[g]"""
RADIUS = 7
"""Outer radius [mm]."""
OUTER = 8
"""Number of the device whose surface faces the wall, -1 for the introducer."""
INERTIA = 9
"""Stiffness of the potential of inertia and drag [N/mm]."""
AT = 10
"""Where that potential has its minimum [mm], 3 columns."""
LIMIT = 13
"""Coulomb limit mu N, lagged [N]; 0 where the node does not touch."""
STICK = 14
"""Tangential stiffness [N/mm]."""
NORMAL = 15
"""Contact normal (into the lumen) at the start of the step, 3 columns."""
SLIP = 18
"""Tangential displacement brought into the step, anchor and feed, less the start position [mm], 3 columns."""
SPIN = 21
"""Tangential displacement of the surface per radian of outer twist [mm], 3 columns."""
BEFORE = 24
"""Weight of the edge before the node in its outer twist; BEHIND = 1 - BEFORE or both 0."""
BEHIND = 25
FRAME = 26
"""Director a1 of the edge, 3 columns."""
TANGENT = 29
"""Unit tangent of the edge, 3 columns: where FRAME was carried to."""
DRAG = 32
"""Viscous drag on the twist of the edge over dt [N mm]."""
GRIP = 33
"""Length over which the wall is felt at the node itself [mm]."""
AMID = 34
"""Length over which it is felt in the middle of the edge [mm]: half of the edge."""
SEEN = 35
"""Where the node was when its clearance was last looked up, and that clearance [mm]: 4 columns, nan before; then the
same of the middle of its edge."""
NODE = 43

# Columns of `device`, shape (n, d, DEVICE).
COUPLE = 0
"""EI times natural curvature over the cell [N mm]."""
TURN = 1
"""Torsional rigidity over the length of the cell, GJ / cell [N mm]."""
PRESENT = 2
"""1 where the device fills the edge, else 0."""
THETA = 3
"""Twist of the edge at the start of the step [rad]."""
DEVICE = 4

# Columns of `hub`, shape (d, 2).
RATE = 0
"""Torsional stiffness between hub and first edge [N mm]."""
ANGLE = 1
"""Angle of the hub [rad]."""

# Columns of `edge`, shape (n, EDGE): scratch of the assembly.
ALONG = 0
"""Unit tangent, 3 columns."""
LONG = 3
"""Length [mm]."""
DIRECTOR = 4
"""Director a1, 3 columns."""
EDGE = 7

# Columns of `felt`, shape (n, FELT + 2 d): what the energy at each node was made of.
BENT = 0
"""Twice the squared turning angle function 2 (1 - u) / (1 + u): bending energy is EI / cell times this."""
STRAIN = 1
"""Strain of the edge."""
TWIST = 2
"""Angle by which the carried directors of the edges beside the node differ [rad]."""
FELT = 3
"""From here for each device: its curvature in the plane of its shape, times the cell; its twist across the node."""

BLEND_MM = 0.02
"""Half-width of the quadratic blend that makes contact C1 [mm]."""
HELD = 2
"""Nodes held by the introducer's hub: 0 and 1."""
