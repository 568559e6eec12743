"""Named random streams: counter-based, so a new stream shifts no other and a branch shares its luck with its parent."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from simtrainer.core.error import InputError


@dataclass(frozen=True, slots=True)
class Streams:
    """The only source of chance in a session.

    Parameters
    ----------
    seed
        Any integer from 0 to 2**64 - 1; 0 is a seed like any other.
    """

    seed: int

    def __post_init__(self) -> None:
        """Refuse a seed that does not fit 64 bits."""
        if not 0 <= self.seed < 2**64:
            raise InputError(f"seed {self.seed} is out of range; allowed are 0 to 2**64 - 1")

    def key(self, name: str) -> tuple[int, int]:
        """Return the two 64-bit words that key the stream called `name`, for use inside kernels."""
        digest = hashlib.blake2b(f"{self.seed}/{name}".encode(), digest_size=16).digest()
        return int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")

    def at(self, name: str, tick: int, entity: int = 0) -> np.random.Generator:
        """Return the generator of stream `name` at `tick` for `entity`; equal arguments give equal numbers.

        Method: Philox 4x64-10 (Salmon et al., SC'11), the counter holding tick and entity.
        """
        counter = np.array([0, 0, tick, entity], dtype=np.uint64)
        return np.random.Generator(np.random.Philox(key=np.array(self.key(name), dtype=np.uint64), counter=counter))
