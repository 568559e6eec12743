"""What follows a played attempt: debrief with pictures, entry in the records, 3D pictures; each may be left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simtrainer.anatomy.package import AnatomyPackage
from simtrainer.core.attempt import SUFFIX, Attempt, read_attempt
from simtrainer.core.units import MM
from simtrainer.debrief.moment import key_moments
from simtrainer.debrief.report import build_debrief
from simtrainer.debrief.trace import SceneLine
from simtrainer.debrief.writer import write_html, write_json
from simtrainer.records.entry import Familiarity, SelfRating
from simtrainer.ui.case import Case
from simtrainer.ui.gallery import Gallery
from simtrainer.ui.hand import DEVICES
from simtrainer.ui.picture import LUMEN, Lines, View, close, draw, tip_way, whole
from simtrainer.ui.player import Played

ASIDE = 9.0 * MM
"""Distance [m] from the ideal way at which a tip counts as on it. because: design, the radius of a descending aorta"""
JUMP = 12.0 * MM
"""Step [m] between two samples that no hand makes in 20 ms: another device leads. because: 0.12 m/s is the most"""
KEY = "blue: the ideal way, orange: where the tip went"
"""What the threads in the 3D pictures mean, said beside them as well, where it can be read."""
_TIPS = {device: tuple(f"{device}_tip_{axis}_mm" for axis in "xyz") for device in ("wire", "catheter")}


@dataclass(frozen=True, slots=True)
class Debriefed:
    """Files of a debrief."""

    page: Path
    json: Path


def stem_of(path: Path) -> str:
    """Return the name of an attempt file without its ending."""
    return path.name.removesuffix(SUFFIX)


def debriefed(
    case: Case,
    played: Played,
    gallery: Gallery | None = None,
    *,
    history: Familiarity | None = None,
    rating: SelfRating | None = None,
) -> Debriefed:
    """Write the debrief beside the attempt, as a page and as JSON."""
    attempt = read_attempt(played.path)
    language = case.live.language
    pictures: Mapping[str, NDArray[np.uint8]] = {}
    if gallery is not None:
        pictures = gallery.pictures(key_moments(attempt, played.score, language))
    debrief = build_debrief(
        attempt,
        case.course,
        played.score,
        history=history,
        pictures=pictures,
        scene_lines=vessel_lines(case.world),
        language=language,
    ).rated(rating)
    if attempt.header.sitting.device not in DEVICES:
        debrief = debrief.unasked()
    page = played.path.with_name(stem_of(played.path) + ".debrief.html")
    return Debriefed(write_html(debrief, page), write_json(debrief, page.with_suffix(".json")))


def vessel_lines(world: Any) -> tuple[SceneLine, ...]:
    """Return the vessels of the patient as a background for the way of the tip."""
    package = getattr(world, "package", None)
    if not isinstance(package, AnatomyPackage):
        return ()
    return tuple(SceneLine(branch.name, branch.points, branch.radii) for branch in package.tree.branches)


def draw_3d(case: Case, attempt: Attempt, folder: Path, stem: str, *, works: bool) -> Mapping[str, Path]:
    """Draw the attempt from afar and near the tip; nothing without vessels or `works`, which `can_draw` found."""
    scene = case.procedure.scene(case.world)
    if not works or not any(body.name == LUMEN for body in scene.bodies):
        return {}
    lines = lines_of(case, attempt)
    tip = tip_near_target(attempt, lines.ideal)
    views: dict[str, tuple[View, str]] = {
        f"the whole way; {KEY}": (whole(scene), "whole"),
        f"the tip at its farthest on the way to the target; {KEY}": (close(scene, tip), "near"),
    }
    return {says: draw(scene, lines, view, folder / f"{stem}.{name}.png") for says, (view, name) in views.items()}


def lines_of(case: Case, attempt: Attempt) -> Lines:
    """Return devices as they lay when a tip was farthest along the ideal way, that way, and the way of the tip."""
    ideal = np.asarray(case.world.facts.ideal_path, dtype=np.float64)
    curves = {
        name: points.astype(np.float64) for name, points in attempt.poses.get(farthest(attempt, ideal), {}).items()
    }
    return Lines(curves, ideal, tip_ways(attempt))


def tip_near_target(attempt: Attempt, ideal: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return the leading tip [m] in W when it was farthest along the ideal way; None where nothing was inserted."""
    ends = [points[-1] for points in attempt.poses.get(farthest(attempt, ideal), {}).values() if len(points)]
    tips = [end.astype(np.float64) for end in ends]
    return max(tips, key=lambda tip: _along(tip, ideal), default=None)


def farthest(attempt: Attempt, ideal: NDArray[np.float64]) -> int:
    """Return the tick of the pose with a tip farthest along the ideal way; of equal ones the first."""
    best, found = -2.0, max(attempt.poses, default=0)
    for tick, curves in sorted(attempt.poses.items()):
        for points in curves.values():
            along = _along(points[-1].astype(np.float64), ideal) if len(points) else -2.0
            if along > best:
                best, found = along, tick
    return found


def _along(tip: NDArray[np.float64], ideal: NDArray[np.float64]) -> float:
    """Return how far along the ideal way a tip is, as a share of its points; -1 where it is in another vessel."""
    if len(ideal) == 0:
        return -1.0
    apart = np.linalg.norm(ideal - tip, axis=1)
    nearest = int(np.argmin(apart))
    return nearest / len(ideal) if apart[nearest] < ASIDE else -1.0


def tip_ways(attempt: Attempt) -> tuple[NDArray[np.float64], ...]:
    """Return the pieces of the leading tip's way, [m] in W, each shape (n, 3); an exchange begins another piece."""
    names = attempt.header.signals
    if not {*_TIPS["wire"], *_TIPS["catheter"], "wire_in_mm", "catheter_in_mm"} <= set(names):
        return ()

    def rows(*wanted: str) -> NDArray[np.float64]:
        return attempt.signals[:, [names.index(name) for name in wanted]].astype(np.float64)

    inserted = rows("wire_in_mm", "catheter_in_mm")
    leads = (inserted[:, 0] >= inserted[:, 1])[:, None]
    tips = np.where(leads, rows(*_TIPS["wire"]), rows(*_TIPS["catheter"])) * MM
    jumps = np.flatnonzero(np.linalg.norm(np.diff(tips, axis=0), axis=1) > JUMP) + 1
    return tuple(piece for part in np.split(tips, jumps) if len(piece := tip_way(list(part))) > 1)
