"""What is doubtful about an imported surface once its centrelines and its contact field are known, in sentences."""

from __future__ import annotations

import numpy as np

from simtrainer.anatomy.centreline import EndKind, Extraction
from simtrainer.anatomy.package import AnatomyPackage
from simtrainer.anatomy.repair import Repaired, area, edge_keys, volume
from simtrainer.anatomy.wording import counted
from simtrainer.core.units import MM

_P99, _LARGEST = 0.2 * MM, 1.0 * MM
"""Errors [m] of a contact field from which it is doubted. because: design; a 5F catheter is 1.7 mm wide"""


def window_doubts(work: Repaired, found: Extraction) -> list[str]:
    """Return a doubt for each wide border that was closed where no vessel was found to end."""
    width = 4.0 * abs(volume(work.points, work.triangles)) / area(work.points, work.triangles)
    doubts = []
    for loop in work.loops:
        across = 2.0 * loop.radius
        gap = min(float(np.linalg.norm(end.point - loop.centre)) for end in (found.root, *found.ends))
        if across > 0.4 * width and gap > max(across, 4.0 * MM):
            x, y, z = loop.centre / MM
            doubts.append(
                f"a hole {across / MM:.2g} mm across at R {x:.0f}, A {y:.0f}, S {z:.0f} mm was closed, "
                "but no vessel ends there; the wall there is made up"
            )
    return doubts


def ring_doubts(work: Repaired, found: Extraction) -> list[str]:
    """Return doubts where the surface has handles, vessels that touch or join in a ring, and where little else ends."""
    rings = sum(end.kind is EndKind.RING for end in found.ends)
    if rings > 2 * (1 + len(found.ends) - rings):
        return [f"{counted(rings, 'way')} meet in rings and hardly any ends; is this a vessel, or a bone or an organ?"]
    edges = len(np.unique(edge_keys(work.triangles, len(work.points)), return_index=True)[0])
    euler = int(np.count_nonzero(np.bincount(work.triangles.ravel()))) - edges + len(work.triangles)
    handles = (2 - euler) // 2
    if handles <= 0:
        return []
    words = f"vessels touch or join in {counted(handles, 'ring')}"
    return [f"{words}; each is cut once in the centreline tree, the contact field keeps it"]


def field_doubts(package: AnatomyPackage) -> tuple[str, ...]:
    """Return a doubt where the contact field is not what a wire should be pushed through."""
    error = package.field_error
    if error.p99 <= _P99 and error.largest <= _LARGEST:
        return ()
    words = (
        f"the contact field is up to {error.largest / MM:.1f} mm off (99 % under {error.p99 / MM:.2f} mm): the surface "
        "crosses itself or its sides are unclear; do not train on it"
    )
    return (words,)
