"""Named random streams and their twin inside kernels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simtrainer.core.error import InputError
from simtrainer.core.kernel import njit
from simtrainer.core.philox import block, uniform
from simtrainer.core.stream import Streams

seeds = st.integers(0, 2**64 - 1)
ticks = st.integers(0, 2**40)


@njit(cache=True)
def fill(key0: np.uint64, key1: np.uint64, tick: int, entity: int, out: NDArray[np.float64]) -> None:
    for i in range(out.shape[0]):
        out[i] = uniform(key0, key1, tick, entity, i)


@settings(deadline=None)
@given(seed=seeds, name=st.text(max_size=8), tick=ticks, entity=st.integers(0, 2**40), count=st.integers(1, 19))
def test_a_kernel_draws_the_same_numbers_as_numpy(seed: int, name: str, tick: int, entity: int, count: int) -> None:
    streams = Streams(seed)
    key0, key1 = (np.uint64(word) for word in streams.key(name))
    drawn = np.empty(count)
    fill(key0, key1, tick, entity, drawn)
    np.testing.assert_array_equal(drawn, streams.at(name, tick, entity).random(count))


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        (0, ("16554d9eca36314c", "db20fe9d672d0fdc", "d7e772cee186176b", "7e68b68aec7ba23b")),
        (2**64 - 1, ("87b092c3013fe90b", "438c3c67be8d0224", "9cc7d7c69cd777b6", "a09caebf594f0ba0")),
    ],
)
def test_the_kernel_gives_the_published_words(word: int, expected: tuple[str, ...]) -> None:
    """Known answers of Philox 4x64-10, counter and key all zeros and all ones: Random123, tests/kat_vectors."""
    words = block(*([np.uint64(word)] * 6))
    assert tuple(f"{int(w):016x}" for w in words) == expected


@given(seed=seeds, tick=ticks)
def test_equal_arguments_give_equal_numbers_and_others_differ(seed: int, tick: int) -> None:
    streams = Streams(seed)
    first = streams.at("bleed", tick, 3).random(4)
    np.testing.assert_array_equal(first, Streams(seed).at("bleed", tick, 3).random(4))
    for other in (
        streams.at("bleeds", tick, 3), streams.at("bleed", tick + 1, 3), streams.at("bleed", tick, 4),
        Streams(seed ^ 1).at("bleed", tick, 3),
    ):  # fmt: skip
        assert (first != other.random(4)).all()


def test_drawing_from_one_stream_shifts_no_other() -> None:
    streams = Streams(0)
    alone = streams.at("b", 5).random(3)
    streams.at("a", 5).random(1000)
    np.testing.assert_array_equal(alone, streams.at("b", 5).random(3))


def test_numbers_of_neighbouring_ticks_and_entities_are_uniform_and_unrelated() -> None:
    """Mean 1/2 and variance 1/12 of a uniform number; correlation 0; five standard errors of 4096 draws."""
    streams = Streams(11)
    draws = np.array([streams.at("n", tick, entity).random() for tick in range(64) for entity in range(64)])
    assert draws.mean() == pytest.approx(0.5, abs=5 * np.sqrt(1 / 12 / 4096))
    assert draws.var() == pytest.approx(1 / 12, abs=5 * np.sqrt(1 / 180 / 4096))
    for shift in (1, 64):
        assert np.corrcoef(draws[shift:], draws[:-shift])[0, 1] == pytest.approx(0.0, abs=5 / np.sqrt(4096))


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_that_does_not_fit_is_refused(seed: int) -> None:
    with pytest.raises(InputError, match=f"seed {seed} is out of range"):
        Streams(seed)
