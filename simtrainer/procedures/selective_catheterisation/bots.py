"""Programs that play the procedure by what they see and feel: an expert and a novice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

BOTS: dict[str, Callable[[int], Any]] = {}
