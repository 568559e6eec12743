"""Newton's method for one implicit step of a rod: damped, bounded by iterations, never by a clock."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.kernel import njit
from simtrainer.physics.band import factor, solve
from simtrainer.physics.rod_assembly import assemble
from simtrainer.physics.rod_energy import carried, energy
from simtrainer.physics.rod_problem import Problem

F8 = NDArray[np.float64]


@njit(cache=True)
def residual(b: F8) -> float:
    """Return the largest unbalanced force [N]; moments [N mm] count as acting on a lever of 1 mm."""
    worst: float = 0.0
    for k in range(b.shape[0]):
        worst = max(worst, abs(b[k]))
    return worst


@njit(cache=True)
def longest_move(b: F8, size: int, n: int) -> float:
    """Return the largest move of a node [mm] in the update `b`; a turn of 1 rad counts as 1 mm."""
    worst: float = 0.0
    for i in range(n):
        at = i * size
        worst = max(worst, np.sqrt(b[at] ** 2 + b[at + 1] ** 2 + b[at + 2] ** 2))
        for d in range(3, size):
            worst = max(worst, abs(b[at + d]))
    return worst


@njit(cache=True)
def moved(x: F8, theta: F8, b: F8, k: float, x1: F8, theta1: F8) -> None:
    """Write positions and twist after the update -k b into `x1` and `theta1`."""
    n, devices = x.shape[0], theta.shape[1]
    size = 3 + devices
    for i in range(n):
        for r in range(3):
            x1[i, r] = x[i, r] - k * b[i * size + r]
        if i < n - 1:
            for d in range(devices):
                theta1[i, d] = theta[i, d] - k * b[i * size + 3 + d]


@njit(cache=True)
def carry_frames(p: Problem, x: F8) -> None:
    """Carry directors and tangents of the problem to positions `x` (time-parallel transport)."""
    for j in range(x.shape[0] - 1):
        t, _, a1 = carried(p, x, j)
        for r in range(3):
            p.frame[j, r] = a1[r]
            p.tangent[j, r] = t[r]


@njit(cache=True)
def descend(p: Problem, x: F8, theta: F8, most: int, tolerance: float, reach: float) -> tuple[float, int]:
    """Minimise the energy in place over `x` and `theta`; return the residual [N] and the iterations used.

    Method: Newton with the exact elastic Hessian; where it is not positive definite its diagonal is raised; the update
    is cut to `reach` [mm] and then halved up to five times until the energy falls. Stops below `tolerance` [N] or
    after `most` iterations. Cost per iteration: assembly, factorisation and one to six energies, O(n).
    """
    n, devices = x.shape[0], theta.shape[1]
    size = 3 + devices
    w = 2 * size + 2
    a = np.empty((n * size, w + 1))
    keep = np.empty((n * size, w + 1))
    b = np.empty(n * size)
    grad = np.empty(n * size)
    x1, theta1 = np.empty_like(x), np.empty_like(theta)
    scratch = (np.empty((2, 3)), np.empty((3, 3, 3)), np.empty(5), np.empty((4, 3)), np.empty(4))
    before = energy(p, x, theta, scratch[4])
    worst: float = 0.0
    after: float = before
    for it in range(most + 1):
        assemble(p, x, theta, a, b, scratch)
        worst = residual(b)
        if worst < tolerance or it == most:
            return worst, it
        keep[:] = a
        grad[:] = b
        shift: float = 0.0
        while not factor(a, 1e-9):
            shift = 0.01 if shift == 0.0 else shift * 4.0
            a[:] = keep
            for k in range(n * size):
                a[k, w] += shift
            if shift > 1e6:
                return np.inf, it
        solve(a, b)
        longest = longest_move(b, size, n)
        part: float = min(1.0, reach / longest) if longest > 0.0 else 1.0
        slope: float = 0.0
        for q in range(n * size):
            slope += grad[q] * b[q]
        for _half in range(6):
            moved(x, theta, b, part, x1, theta1)
            after = energy(p, x1, theta1, scratch[4])
            if after <= before - 1e-4 * part * slope + 1e-12 * abs(before):
                break
            part *= 0.5
        x[:] = x1
        theta[:] = theta1
        carry_frames(p, x)
        before = after
    return worst, most
