"""Tells soft blocks from patients with vessels: both lie in `meshes/`, each with its manifest."""

from __future__ import annotations

from pathlib import Path

from simtrainer.core.resource import resource_path

KIND = "kind: block"


def is_block(folder: Path) -> bool:
    """Tell whether the manifest of `folder` says that it is a soft block; its other lines are not looked at."""
    lines = (folder / "manifest.yaml").read_text(encoding="utf-8", errors="replace").splitlines()
    return KIND in lines


def block_names() -> tuple[str, ...]:
    """Return the names of the soft blocks that travel with the product, sorted."""
    folders = [path.parent for path in resource_path("meshes").glob("*/manifest.yaml")]
    return tuple(sorted(folder.name for folder in folders if is_block(folder)))
