"""The banded solver against NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simtrainer.physics.band import (
    WIDTH_ONE,
    WIDTH_THREE,
    WIDTH_TWO,
    factor_one,
    factor_three,
    factor_two,
    solve_one,
    solve_three,
    solve_two,
)

Floats = NDArray[np.float64]
KERNELS = {
    WIDTH_ONE: (factor_one, solve_one),
    WIDTH_TWO: (factor_two, solve_two),
    WIDTH_THREE: (factor_three, solve_three),
}


def band_of(dense: Floats, width: int) -> Floats:
    n = len(dense)
    band = np.zeros((n + width, width))
    for c in range(min(width, n)):
        band[: n - c, c] = np.diagonal(dense, c)
    return band


def banded(rng: np.random.Generator, n: int, width: int, diagonal: float) -> Floats:
    lower = np.tril(rng.normal(size=(n, n)))
    lower[np.subtract.outer(np.arange(n), np.arange(n)) >= width] = 0.0
    return np.asarray(lower @ lower.T + diagonal * np.eye(n))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 60), st.sampled_from(sorted(KERNELS)))
def test_the_solution_is_that_of_a_dense_solver(seed: int, n: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    dense, right = banded(rng, n, width, 0.5), rng.normal(size=n)
    factor, solve = KERNELS[width]
    band, b = band_of(dense, width), np.concatenate((right, np.full(width, np.nan)))
    assert factor(band, 1e-9)
    solve(band, b)
    assert b[:n] == pytest.approx(np.linalg.solve(dense, right), rel=1e-8, abs=1e-8)


@pytest.mark.parametrize("width", sorted(KERNELS))
def test_the_factors_multiply_to_the_matrix(width: int) -> None:
    n = 40
    dense = banded(np.random.default_rng(3), n, width, 1.0)
    band = band_of(dense, width)
    assert KERNELS[width][0](band, 1e-9)
    unit = np.eye(n)
    for c in range(1, width):
        unit += np.diag(band[: n - c, c], c)
    assert unit.T @ np.diag(band[:n, 0]) @ unit == pytest.approx(dense, abs=1e-9)


@pytest.mark.parametrize("width", sorted(KERNELS))
def test_a_matrix_that_is_not_positive_definite_is_refused(width: int) -> None:
    dense = banded(np.random.default_rng(4), 30, width, 1.0)
    dense -= (np.linalg.eigvalsh(dense)[0] + 0.1) * np.eye(30)
    assert not KERNELS[width][0](band_of(dense, width), 1e-9)


@pytest.mark.parametrize("width", sorted(KERNELS))
def test_a_matrix_with_a_number_that_is_not_finite_is_refused(width: int) -> None:
    dense = banded(np.random.default_rng(5), 30, width, 1.0)
    dense[7, 7] = np.nan
    assert not KERNELS[width][0](band_of(dense, width), 1e-9)
