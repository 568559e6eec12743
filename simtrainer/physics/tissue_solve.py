"""Conjugate gradients in single precision with a two-level preconditioner, refined in double precision.

The preconditioner smooths on the bricks, and asks the factor of the rest state for long waves.
"""

from __future__ import annotations

import math
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.kernel import njit
from simtrainer.physics.tissue_brick import LANES, Bricks, multiply
from simtrainer.physics.tissue_coarse import correct
from simtrainer.physics.tissue_factor import Coarse

F8 = NDArray[np.float64]
F4 = NDArray[np.float32]
F: TypeAlias = NDArray[np.float32] | NDArray[np.float64]
I8 = NDArray[np.int64]
Number: TypeAlias = float | np.float32
SPREAD = 5.0
"""Ratio of the eigenvalues that the smoother damps. because: measured; longer waves are the coarse factor's."""


GAIN = 1e-3
"""What conjugate gradients in single precision bring a residual down to at a time. because: design; rounding at a
condition of 10,000, and above it there are more goes."""


class Matrix(NamedTuple):
    """A = gain R K R^T + diagonal + contacts, on the free nodes, in one precision.

    rot, table, ratio: see `multiply`; diagonal [N/m] (size,), free (size,) 1 or 0; node: of the lattice, of each
    contact, (c, 4); stiff: a sixteenth of its stiffness (symmetric, xx xy xz yy yz zz) [N/m], (c, 6); spans: stretches
    of the lattice that hold nodes, (s, 2).
    """

    body: Bricks
    rot: F
    table: F
    ratio: F
    diagonal: F
    free: F
    node: I8
    stiff: F
    spans: I8


class System(NamedTuple):
    """A linear system of one Newton iteration, and what helps to solve it.

    exact, rough: A in double and single precision; jacobi: inverse of A's diagonal without contacts (size,) [m/N];
    sore: nodes in contact, (u,), cure: what comes to the inverse of their blocks, (u, 6); turned: rotations of coarse
    nodes, see `turn_coarse`; bound: largest eigenvalue of jacobi A.
    """

    exact: Matrix
    rough: Matrix
    jacobi: F4
    sore: I8
    cure: F4
    coarse: Coarse
    turned: F8
    bound: float


class Work(NamedTuple):
    """Scratch of `solve`: vectors (3, size), scratch of the bricks, of the coarse half, and of sums."""

    wide: F8
    more: F8
    b: F8
    x: F4
    r: F4
    p: F4
    z: F4
    left: F4
    d: F4
    t: F4
    small: F4
    first: F4
    second: F4
    band: F8
    sums: F8


@njit(cache=True)
def press(x: F, mat: Matrix, y: F) -> None:
    """Add the contacts' stiffness times `x` to `y`: a point of the surface lies amid four nodes. 60 flops each."""
    for i in range(mat.node.shape[0]):
        k, s = mat.node[i], mat.stiff[i]
        p0 = x[0, k[0]] + x[0, k[1]] + x[0, k[2]] + x[0, k[3]]
        p1 = x[1, k[0]] + x[1, k[1]] + x[1, k[2]] + x[1, k[3]]
        p2 = x[2, k[0]] + x[2, k[1]] + x[2, k[2]] + x[2, k[3]]
        f0 = s[0] * p0 + s[1] * p1 + s[2] * p2
        f1 = s[1] * p0 + s[3] * p1 + s[4] * p2
        f2 = s[2] * p0 + s[4] * p1 + s[5] * p2
        for m in range(4):
            y[0, k[m]] += f0
            y[1, k[m]] += f1
            y[2, k[m]] += f2


@njit(cache=True)
def operate(x: F, mat: Matrix, y: F, b: F) -> None:
    """Write A x into `y`, zero where not free; b: scratch of the bricks. FLOPS of `multiply` a brick, 6 a node."""
    for s in range(mat.spans.shape[0]):
        low, high = mat.spans[s, 0], mat.spans[s, 1]
        d = mat.diagonal[low:high]
        for c in range(3):
            u, v = x[c, low:high], y[c, low:high]
            for i in range(u.shape[0]):
                v[i] = d[i] * u[i]
    multiply(x, mat.body, mat.rot, mat.table, mat.ratio, y, b)
    press(x, mat, y)
    for s in range(mat.spans.shape[0]):
        low, high = mat.spans[s, 0], mat.spans[s, 1]
        free = mat.free[low:high]
        for c in range(3):
            v = y[c, low:high]
            for i in range(v.shape[0]):
                v[i] *= free[i]


@njit(cache=True)
def _begin(more: Number, jacobi: F4, sore: I8, cure: F4, spans: I8, r: F4, z: F4, d: F4, gather: bool) -> None:
    """Write more J r into `d`, and into `z`, or add it there if `gather`."""
    for s in range(spans.shape[0]):
        low, high = spans[s, 0], spans[s, 1]
        j = jacobi[low:high]
        for c in range(3):
            u, v = r[c, low:high], d[c, low:high]
            for i in range(u.shape[0]):
                v[i] = more * j[i] * u[i]
    _soothe(more, sore, cure, r, d)
    for s in range(spans.shape[0]):
        low, high = spans[s, 0], spans[s, 1]
        for c in range(3):
            u, v = d[c, low:high], z[c, low:high]
            if gather:
                for i in range(u.shape[0]):
                    v[i] += u[i]
            else:
                for i in range(u.shape[0]):
                    v[i] = u[i]


@njit(cache=True)
def _go_on(keep: Number, more: Number, jacobi: F4, sore: I8, cure: F4, spans: I8, r: F4, z: F4, d: F4) -> None:
    """Replace `d` by keep d + more J r, and add it to `z`."""
    for s in range(spans.shape[0]):
        low, high = spans[s, 0], spans[s, 1]
        j = jacobi[low:high]
        for c in range(3):
            u, v = r[c, low:high], d[c, low:high]
            for i in range(u.shape[0]):
                v[i] = keep * v[i] + more * j[i] * u[i]
    _soothe(more, sore, cure, r, d)
    for s in range(spans.shape[0]):
        low, high = spans[s, 0], spans[s, 1]
        for c in range(3):
            u, v = d[c, low:high], z[c, low:high]
            for i in range(u.shape[0]):
                v[i] += u[i]


@njit(cache=True)
def _soothe(more: Number, sore: I8, cure: F4, r: F4, d: F4) -> None:
    """Add to `d` what the scalar of `jacobi` does not say of a node in contact."""
    for i in range(sore.shape[0]):
        n, f = sore[i], cure[i]
        x, y, w = r[0, n], r[1, n], r[2, n]
        d[0, n] += more * (f[0] * x + f[1] * y + f[2] * w)
        d[1, n] += more * (f[1] * x + f[3] * y + f[4] * w)
        d[2, n] += more * (f[2] * x + f[4] * y + f[5] * w)


@njit(cache=True)
def dot(x: F, y: F, spans: I8, sums: F8) -> float:
    """Return the product of two vectors, summed lane by lane, for the compiler's sake; sums (LANES,) is scratch."""
    sums[:] = 0.0
    for s in range(spans.shape[0]):
        for c in range(3):
            for first in range(spans[s, 0], spans[s, 1], LANES):
                u, v = x[c, first : first + LANES], y[c, first : first + LANES]
                for m in range(LANES):
                    sums[m] += u[m] * v[m]
    total = 0.0
    for m in range(LANES):
        total += sums[m]
    return total


@njit(cache=True)
def _copy(x: F, factor: Number, y: F, spans: I8) -> None:
    for s in range(spans.shape[0]):
        low, high = spans[s, 0], spans[s, 1]
        for c in range(3):
            u, v = x[c, low:high], y[c, low:high]
            for i in range(u.shape[0]):
                v[i] = factor * u[i]


@njit(cache=True)
def _add(factor: Number, x: F, y: F, spans: I8) -> None:
    for s in range(spans.shape[0]):
        low, high = spans[s, 0], spans[s, 1]
        for c in range(3):
            u, v = x[c, low:high], y[c, low:high]
            for i in range(u.shape[0]):
                v[i] += factor * u[i]


@njit(cache=True)
def _direct(z: F4, beta: Number, p: F4, spans: I8) -> None:
    for s in range(spans.shape[0]):
        low, high = spans[s, 0], spans[s, 1]
        for c in range(3):
            u, v = z[c, low:high], p[c, low:high]
            for i in range(u.shape[0]):
                v[i] = u[i] + beta * v[i]


@njit(cache=True)
def _smooth(step: int, sys: System, gather: bool, w: Work, rho: float) -> float:
    """Take one step of Chebyshev over Jacobi: d, and z, for the residual `left`; return what the next step needs.

    Damps eigenvalues of jacobi A between bound / SPREAD and bound (Y. Saad, Iterative Methods, 12.3). z begins at zero
    unless `gather`.
    """
    high, low = 1.05 * sys.bound, sys.bound / SPREAD
    middle, half = 0.5 * (high + low), 0.5 * (high - low)
    sigma, spans = middle / half, sys.rough.spans
    if step == 0:
        _begin(np.float32(1.0 / middle), sys.jacobi, sys.sore, sys.cure, spans, w.left, w.z, w.d, gather)
        return 1.0 / sigma
    new = 1.0 / (2.0 * sigma - rho)
    keep, more = np.float32(new * rho), np.float32(2.0 * new / half)
    _go_on(keep, more, sys.jacobi, sys.sore, sys.cure, spans, w.left, w.z, w.d)
    return new


@njit(cache=True)
def _reach_far(sys: System, w: Work) -> None:
    """Write what the coarse factor says of `left` into d, and add it to z."""
    correct(w.left, sys.coarse, sys.turned, w.first, w.second, w.band, w.d)
    for s in range(sys.rough.spans.shape[0]):
        low, high = sys.rough.spans[s, 0], sys.rough.spans[s, 1]
        free = sys.rough.free[low:high]
        for c in range(3):
            u, v = w.d[c, low:high], w.z[c, low:high]
            for i in range(u.shape[0]):
                u[i] *= free[i]
                v[i] += u[i]


@njit(cache=True)
def descend(sys: System, turns: int, most: int, goal: float, w: Work) -> int:
    """Write into `w.x` what takes the residual `w.r`, of size 1, down to `goal`; return the number of iterations.

    Conjugate gradients in single precision; sums are double. The preconditioner is a V-cycle of two levels (Briggs,
    Henson, McCormick, A Multigrid Tutorial): `turns` steps of the smoother, the coarse factor, as many steps again.
    An iteration costs 2 turns + 1 products, a pass through the coarse factor, and some 15 passes over vectors. The
    product stands in one place, at the end of each phase, since the compiler copies it to wherever it stands.
    """
    spans, before, now, rho = sys.rough.spans, 0.0, 0.0, 0.0
    _copy(w.r, np.float32(0.0), w.x, spans)
    _copy(w.r, np.float32(0.0), w.p, spans)
    for turn in range(most):
        if not math.sqrt(dot(w.r, w.r, spans, w.sums)) > goal:
            return turn
        _copy(w.r, np.float32(1.0), w.left, spans)
        for phase in range(2 * turns + 1):
            if phase == turns:
                _reach_far(sys, w)
            else:
                rho = _smooth(phase if phase < turns else phase - turns - 1, sys, phase > turns, w, rho)
            ahead = w.d
            if phase == 2 * turns:
                now = dot(w.r, w.z, spans, w.sums)
                _direct(w.z, np.float32(now / before if turn > 0 else 0.0), w.p, spans)
                before = now
                ahead = w.p
            operate(ahead, sys.rough, w.t, w.small)
            if phase < 2 * turns:
                _add(np.float32(-1.0), w.t, w.left, spans)
        bent = dot(w.p, w.t, spans, w.sums)
        if not (bent > 0.0 and now > 0.0):
            return turn
        _add(np.float32(now / bent), w.p, w.x, spans)
        _add(np.float32(-now / bent), w.t, w.r, spans)
    return most


def solve(sys: System, x: F8, r: F8, limits: tuple[int, int, float], w: Work) -> int:
    """Add to `x` what makes the residual `r` as small as asked for; return the number of iterations.

    limits: turns of the smoother, most iterations, and what `r` is to be brought to [N]. Single precision gains three
    digits, after which the residual is found anew in double precision, as often as it takes (iterative refinement:
    N. J. Higham, Accuracy and Stability of Numerical Algorithms, 12). What a step asks for is mostly a fifth, so that
    it is rarely needed; then `r` is left as it was, since nobody reads it.
    """
    turns, most, enough = limits
    spans, done = sys.rough.spans, 0
    while done < most:
        size = math.sqrt(dot(r, r, spans, w.sums))
        if not size > enough:
            break
        _copy(r, 1.0 / size, w.r, spans)
        goal = enough / size
        turn = descend(sys, turns, most - done, max(goal, GAIN), w)
        _add(size, w.x, x, spans)
        done += turn
        if turn == 0 or goal >= GAIN:
            break
        _copy(w.x, size, w.wide, spans)
        operate(w.wide, sys.exact, w.more, w.b)
        _add(-1.0, w.more, r, spans)
    return done
