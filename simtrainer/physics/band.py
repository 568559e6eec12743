"""Banded LDL^T: factor and solve symmetric systems of slender bodies in O(n)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.kernel import njit

F8 = NDArray[np.float64]


@njit(cache=True)
def factor(a: F8, floor: float) -> bool:
    """Factor in place the symmetric band matrix whose row r holds A[r, r - w .. r] in `a[r, 0 .. w]`.

    Method: right-looking LDL^T without pivoting (Golub and Van Loan, Matrix Computations, 4.3.5): its inner loop
    updates contiguous numbers, which the compiler may vectorise without reordering a sum. Afterwards `a[r, w]` holds
    D and the rest of the row L. Returns False at the first pivot not above `floor` (not positive definite).
    Cost n w^2 flops.
    """
    n, w = a.shape[0], a.shape[1] - 1
    column = np.empty(w)
    for k in range(n):
        pivot = a[k, w]
        if not pivot > floor:
            return False
        below = min(w, n - 1 - k)
        for q in range(below):
            column[q] = a[k + 1 + q, w - 1 - q]
        inverse = 1.0 / pivot
        for q in range(below):
            low = column[q] * inverse
            base = w - q
            line = a[k + 1 + q]
            line[base - 1] = low
            for c in range(q + 1):
                line[base + c] -= low * column[c]
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
