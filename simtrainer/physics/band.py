"""Banded LDL^T: factor and solve symmetric systems of slender bodies in O(n)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.kernel import njit

F8: TypeAlias = NDArray[np.float64]
K = TypeVar("K", bound=Callable[..., Any])


def named(kernel: K, name: str) -> K:
    """Return `kernel` under a name of its own.

    numba tells machine code apart by name, signature and a number that counts functions as a process meets them. Two
    kernels of one name and signature, one compiled here and one taken from a cache that another process wrote, can then
    be taken for each other: the band of two devices factored as that of one, once in a few cold starts.
    """
    kernel.__name__ = kernel.__qualname__ = name
    return kernel


def factor_of(width: int) -> Callable[[F8, float], bool]:
    """Return the factorising kernel for bands that are `width` numbers wide, diagonal included.

    The width is a constant of the compiled code: the compiler unrolls its loops, which is three times as fast as a
    width that it learns when it runs.
    """

    def factor(a: F8, floor: float) -> bool:
        """Factor in place the symmetric band matrix whose row r holds A[r, r .. r + width - 1] in `a[r]`.

        Rows beyond the matrix, as many as the band is wide, must be there; they are written to. Method: right-looking
        LDL^T without pivoting (Golub and Van Loan, Matrix Computations, 4.3.5). Afterwards `a[r, 0]` holds D and the
        rest of the row L^T. Returns False at the first pivot not above `floor` (not positive definite). Cost n w^2
        flops.
        """
        line = np.empty(width)
        for k in range(a.shape[0] - width):
            pivot = a[k, 0]
            if not pivot > floor:
                return False
            inverse = 1.0 / pivot
            for c in range(width):
                line[c] = a[k, c]
            for q in range(1, width):
                low = line[q] * inverse
                for c in range(width - q):
                    a[k + q, c] -= low * line[q + c]
                a[k, q] = low
        return True

    return njit(cache=True)(named(factor, f"factor_{width}"))


def solve_of(width: int) -> Callable[[F8, F8], None]:
    """Return the solving kernel for bands that are `width` numbers wide; see `factor_of`."""

    def solve(a: F8, b: F8) -> None:
        """Overwrite `b` with the solution of the system factored in `a`; both have `width` rows too many.

        Cost 4 n w flops.
        """
        n = a.shape[0] - width
        for k in range(n, n + width):
            b[k] = 0.0
        for k in range(n):
            y = b[k]
            for c in range(1, width):
                b[k + c] -= a[k, c] * y
        for k in range(n, n + width):
            b[k] = 0.0
        for k in range(n - 1, -1, -1):
            y = b[k] / a[k, 0]
            for c in range(width - 1, 0, -1):  # the nearest last: all others are known long before it
                y -= a[k, c] * b[k + c]
            b[k] = y

    return njit(cache=True)(named(solve, f"solve_{width}"))


WIDTH_ONE, WIDTH_TWO, WIDTH_THREE = 11, 13, 15
"""Width of the band of a rod with one device (four unknowns a node), with two and with three: 2 (3 + d) + 3."""
factor_one, factor_two, factor_three = factor_of(WIDTH_ONE), factor_of(WIDTH_TWO), factor_of(WIDTH_THREE)
solve_one, solve_two, solve_three = solve_of(WIDTH_ONE), solve_of(WIDTH_TWO), solve_of(WIDTH_THREE)


@njit(cache=True)
def width_of(devices: int) -> int:
    """Return the width of the band of a rod with one, two or three devices."""
    return WIDTH_ONE if devices == 1 else WIDTH_TWO if devices == 2 else WIDTH_THREE


@njit(cache=True)
def factor(devices: int, a: F8, floor: float) -> bool:
    """Factor the band of a rod with one, two or three devices in place; see `factor_of`."""
    if devices == 1:
        return factor_one(a, floor)
    return factor_two(a, floor) if devices == 2 else factor_three(a, floor)


@njit(cache=True)
def solve(devices: int, a: F8, b: F8) -> None:
    """Solve with the factored band of a rod with one, two or three devices; see `solve_of`."""
    if devices == 1:
        solve_one(a, b)
    elif devices == 2:
        solve_two(a, b)
    else:
        solve_three(a, b)
