"""Kernels between nodes of the mesh, where loads and contacts are, and the lattice, where bricks are."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.kernel import njit
from simtrainer.physics.tissue_contact import Surface

F8 = NDArray[np.float64]
F4 = NDArray[np.float32]
I8 = NDArray[np.int64]


class Nodes(NamedTuple):
    """What acts on nodes, one number a node, shape (n,), unless said otherwise.

    free: 1 or 0; inertia: mass over dt^2 and drag over dt, push: mass over dt [kg/s], spring [N/m]; target: stiffness
    of springs times where they pull to, and steady: weight and forces given [N], (3 n,).
    """

    free: F8
    inertia: F8
    push: F8
    spring: F8
    target: F8
    steady: F8


@njit(cache=True)
def clear(y: F8, spans: I8) -> None:
    """Set the stretches of the lattice that hold nodes to zero."""
    for s in range(spans.shape[0]):
        for c in range(3):
            y[c, spans[s, 0] : spans[s, 1]] = 0.0


@njit(cache=True)
def balance(x: F8, begin: F8, v: F8, on: Nodes, pushed: F8, node: I8, at: F8, out: F8) -> float:
    """Write inertia less loads [N] into `out`, and where nodes are into `at`; return the square of the loads' size.

    x, begin, v: nodes now, at the beginning of the step, and their velocity there; pushed: force of contacts on the
    nodes, turned round; all (3 n + 3,). Both results lie over the lattice, (3, size); node: place of each in it.
    """
    total = 0.0
    for n in range(node.shape[0]):
        i = node[n]
        for c in range(3):
            k = 3 * n + c
            outside = on.steady[k] - (on.spring[n] * x[k] - on.target[k]) - pushed[k]
            out[c, i] = on.inertia[n] * (x[k] - begin[k]) - on.push[n] * v[k] - outside
            at[c, i] = x[k]
            total += on.free[n] * outside * outside
    return total


@njit(cache=True)
def oppose(y: F8, free: F8, spans: I8, out: F8) -> None:
    """Write -y of the free nodes into `out`, zero of the others."""
    for s in range(spans.shape[0]):
        low, high = spans[s, 0], spans[s, 1]
        f = free[low:high]
        for c in range(3):
            u, v = y[c, low:high], out[c, low:high]
            for i in range(u.shape[0]):
                v[i] = -f[i] * u[i]


@njit(cache=True)
def hold(x: F8, on: Nodes, spring: F8, points: F8, unbalanced: F8, out: F8) -> None:
    """Add to `out` (3,) the force [N] with which fixed nodes and the springs of attachments hold the tissue.

    x, unbalanced: nodes [m] and what is left of the balance of forces [N], (3 n + 3,); spring, points: [N/m] (n,), [m]
    (n, 3).
    """
    for n in range(points.shape[0]):
        if on.push[n] > 0.0:
            for c in range(3):
                out[c] += spring[n] * (points[n, c] - x[3 * n + c]) + (1.0 - on.free[n]) * unbalanced[3 * n + c]


@njit(cache=True)
def gather(y: F8, node: I8, out: F8) -> None:
    """Write what lies over the lattice into `out` (3 n + 3,)."""
    for n in range(node.shape[0]):
        out[3 * n], out[3 * n + 1], out[3 * n + 2] = y[0, node[n]], y[1, node[n]], y[2, node[n]]


@njit(cache=True)
def lay(x: F8, factor: F8, node: I8, out: F8) -> None:
    """Write factor (n,) times x (3 n + 3,) over the lattice."""
    for n in range(node.shape[0]):
        for c in range(3):
            out[c, node[n]] = factor[n] * x[3 * n + c]


@njit(cache=True)
def place_contacts(at: I8, stiff: F8, count: int, skin: Surface, node: I8, out: I8, exact: F8, rough: F4) -> None:
    """Write nodes of the lattice and a sixteenth of the stiffness of each contact; see `tissue_solve.Matrix`."""
    for i in range(count):
        for k in range(4):
            out[i, k] = node[skin.node[at[i, 0], k]]
        for k in range(6):
            exact[i, k] = stiff[i, k] / 16.0
            rough[i, k] = exact[i, k]


@njit(cache=True)
def invert_nodes(firm: F8, free: F8, node: I8, stiff: F8, mark: I8, sore: I8, block: F8, cure: F4) -> int:
    """Write nodes in contact into `sore`, and what comes to the inverse of their blocks into `cure`; return how many.

    firm (size,): diagonal without contacts. A contact's stiffness counts by the shares of its nodes and not by their
    squares, which keeps the largest eigenvalue of a contact at 1; stiff (c, 6) is a sixteenth of it. mark (size,) is
    zero before and after; block: scratch.
    """
    count = 0
    for i in range(node.shape[0]):
        for k in range(4):
            n = node[i, k]
            if free[n] == 0.0:
                continue
            if mark[n] == 0:
                sore[count] = n
                block[count, 0] = block[count, 3] = block[count, 5] = firm[n]
                block[count, 1] = block[count, 2] = block[count, 4] = 0.0
                count += 1
                mark[n] = count
            for c in range(6):
                block[mark[n] - 1, c] += 4.0 * stiff[i, c]
    for i in range(count):
        n = sore[i]
        mark[n] = 0
        a, b, c, d, e, f = block[i, 0], block[i, 1], block[i, 2], block[i, 3], block[i, 4], block[i, 5]
        g, h, j = d * f - e * e, c * e - b * f, b * e - c * d
        one, plain = 1.0 / (a * g + b * h + c * j), 1.0 / firm[n]
        cure[i, 0], cure[i, 1], cure[i, 2] = g * one - plain, h * one, j * one
        cure[i, 3], cure[i, 4], cure[i, 5] = (
            (a * f - c * c) * one - plain,
            (b * c - a * e) * one,
            (a * d - b * b) * one - plain,
        )
    return count
