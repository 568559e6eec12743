"""Puts `meshes/` and `curricula/` into the wheel; called by hatchling, see pyproject.toml.

An editable install gets none of them: a checkout reads its own, and a copy would go stale.
"""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

KINDS = ("meshes", "curricula")


class WheelData(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's parameter says nothing here
    """Forces both folders into a wheel that is not editable; a checkout without them builds none."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the folders to what hatchling is about to pack."""
        if version != "editable":
            build_data["force_include"].update({kind: f"simtrainer/_data/{kind}" for kind in KINDS})
