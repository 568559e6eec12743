"""Three-vectors as tuples inside kernels: no allocation, inlined by the compiler."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.kernel import njit

V: TypeAlias = tuple[float, float, float]
F8: TypeAlias = NDArray[np.float64]


@njit(cache=True)
def row(a: F8, i: int) -> V:
    """Return row `i` of an (n, 3) array."""
    return (a[i, 0], a[i, 1], a[i, 2])


@njit(cache=True)
def vec(a: F8, i: int, c: int) -> V:
    """Return columns c, c + 1, c + 2 of row `i` of an array."""
    return (a[i, c], a[i, c + 1], a[i, c + 2])


@njit(cache=True)
def add(a: V, b: V) -> V:
    """Return a + b."""
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2])


@njit(cache=True)
def sub(a: V, b: V) -> V:
    """Return a - b."""
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])


@njit(cache=True)
def mul(a: V, k: float) -> V:
    """Return k a."""
    return (a[0] * k, a[1] * k, a[2] * k)


@njit(cache=True)
def dot(a: V, b: V) -> float:
    """Return the scalar product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@njit(cache=True)
def cross(a: V, b: V) -> V:
    """Return the vector product a x b."""
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


@njit(cache=True)
def norm(a: V) -> float:
    """Return the length of a."""
    return math.sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2])


@njit(cache=True)
def transport(v: V, t0: V, t1: V) -> V:
    """Return `v` carried without twist from unit tangent `t0` to `t1` (the smallest rotation between them)."""
    b = cross(t0, t1)
    c = dot(t0, t1)
    k = dot(b, v) / (1.0 + c)
    return add(add(mul(v, c), cross(b, v)), mul(b, k))


@njit(cache=True)
def turn(v: V, t: V, angle: float) -> V:
    """Return `v`, perpendicular to unit `t`, turned about `t` by `angle`."""
    return add(mul(v, math.cos(angle)), mul(cross(t, v), math.sin(angle)))
