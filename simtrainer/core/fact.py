"""What a score may know beforehand: ideal path, target, limits, access; fixed for a session and recorded with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """Facts of one session that no action can change.

    Parameters
    ----------
    numbers
        Named numbers with their unit in the name: `wall_force_limit_n`.
    words
        Named words: `target_vessel`.
    ideal_path
        Points [m] in W from access to target, shape (n, 3).
    """

    numbers: dict[str, float] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    ideal_path: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 3)))

    def to_json(self) -> dict[str, Any]:
        """Return the facts as plain JSON values."""
        return {"numbers": self.numbers, "words": self.words, "ideal_path": self.ideal_path.tolist()}

    @staticmethod
    def from_json(data: dict[str, Any]) -> SessionFacts:
        """Return the facts that `to_json` wrote."""
        path = np.asarray(data["ideal_path"], dtype=np.float64).reshape(-1, 3)
        return SessionFacts(dict(data["numbers"]), dict(data["words"]), path)
