"""The twin of `Streams` that kernels call: the same numbers without an object, for chance inside a hot loop."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from simtrainer.core.kernel import njit

Words: TypeAlias = tuple[np.uint64, np.uint64, np.uint64, np.uint64]

# Multipliers and Weyl increments of Philox 4x64 (Salmon et al., SC'11, table 2; Random123 philox.h).
_M0 = np.uint64(0xD2E7470EE14C6C93)
_M1 = np.uint64(0xCA5A826395121157)
_W0 = np.uint64(0x9E3779B97F4A7C15)
_W1 = np.uint64(0xBB67AE8584CAA73B)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_ELEVEN = np.uint64(11)
_ZERO = np.uint64(0)
_ONE = np.uint64(1)
_UNIT = 2.0**-53


@njit(cache=True)
def _high(a: np.uint64, b: np.uint64) -> np.uint64:
    """Return the upper 64 bits of the product of two 64-bit words, by 32-bit halves."""
    a0 = a & _LOW
    a1 = a >> _HALF
    b0 = b & _LOW
    b1 = b >> _HALF
    low = a0 * b0
    middle = a1 * b0 + (low >> _HALF)
    cross = a0 * b1 + (middle & _LOW)
    return a1 * b1 + (middle >> _HALF) + (cross >> _HALF)


@njit(cache=True)
def block(c0: np.uint64, c1: np.uint64, c2: np.uint64, c3: np.uint64, k0: np.uint64, k1: np.uint64) -> Words:
    """Return the four words of Philox 4x64-10 for counter (c0, c1, c2, c3) under key (k0, k1), all np.uint64.

    Source: Salmon et al., SC'11, "Parallel random numbers: as easy as 1, 2, 3". Cost about 200 integer operations.
    """
    for _ in range(10):
        h0 = _high(_M0, c0)
        l0 = _M0 * c0
        h1 = _high(_M1, c2)
        l1 = _M1 * c2
        c0 = h1 ^ c1 ^ k0
        c1 = l1
        c2 = h0 ^ c3 ^ k1
        c3 = l0
        k0 = k0 + _W0
        k1 = k1 + _W1
    return c0, c1, c2, c3


@njit(cache=True)
def uniform(key0: np.uint64, key1: np.uint64, tick: int, entity: int, index: int) -> float:
    """Return number `index` (0, 1, ...) of the stream with this key at `tick` for `entity`, in [0, 1).

    The same double as `Streams.at(name, tick, entity).random(index + 1)[index]`, with (key0, key1) from
    `Streams.key(name)` handed over as np.uint64.

    Method: `block`, whose counter numpy counts from 1; of each word the upper 53 bits. Cost of one block a call: a loop
    over consecutive numbers wastes three quarters of it.
    """
    counter = np.uint64(index // 4) + _ONE
    words = block(counter, _ZERO, np.uint64(tick), np.uint64(entity), np.uint64(key0), np.uint64(key1))
    return float(words[index % 4] >> _ELEVEN) * _UNIT
