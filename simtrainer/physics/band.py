"""Banded LDL^T: factor and solve symmetric systems of slender bodies in O(n)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.kernel import njit

F8 = NDArray[np.float64]


@njit(cache=True)
def factor(a: F8, floor: float) -> bool:
    """Factor in place the symmetric band matrix whose row r holds A[r, r - w .. r] in `a[r, 0 .. w]`.

    Method: row-oriented LDL^T without pivoting (Golub and Van Loan, Matrix Computations, 4.3.5). Afterwards `a[r, w]`
    holds D and the rest of the row L. Returns False at the first pivot not above `floor` (not positive definite).
    Cost n w^2 flops.
    """
    n, w = a.shape[0], a.shape[1] - 1
    for r in range(n):
        first = max(0, r - w)
        for c in range(first, r):
            lo = max(first, c - w)
            acc = a[r, c - r + w]
            for k in range(lo, c):
                acc -= a[r, k - r + w] * a[c, k - c + w]
            a[r, c - r + w] = acc
        pivot = a[r, w]
        for c in range(first, r):
            y = a[r, c - r + w]
            low = y / a[c, w]
            pivot -= y * low
            a[r, c - r + w] = low
        if not pivot > floor:
            return False
        a[r, w] = pivot
    return True


@njit(cache=True)
def solve(a: F8, b: F8) -> None:
    """Overwrite `b` with the solution of the system factored in `a`. Cost 4 n w flops."""
    n, w = a.shape[0], a.shape[1] - 1
    for r in range(n):
        acc = b[r]
        for k in range(max(0, r - w), r):
            acc -= a[r, k - r + w] * b[k]
        b[r] = acc
    for r in range(n):
        b[r] /= a[r, w]
    for r in range(n - 1, -1, -1):
        y = b[r]
        for k in range(max(0, r - w), r):
            b[k] -= a[r, k - r + w] * y
