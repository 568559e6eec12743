"""What follows a played attempt: debrief with pictures, entry in the records, 3D pictures; each may be left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.attempt import SUFFIX, Attempt, read_attempt
from simtrainer.debrief.moment import key_moments
from simtrainer.debrief.report import build_debrief
from simtrainer.debrief.trace import SceneLine
from simtrainer.debrief.writer import write_html, write_json
from simtrainer.records.entry import Familiarity, SelfRating
from simtrainer.ui.case import Case
from simtrainer.ui.gallery import Gallery
from simtrainer.ui.picture import Lines, View, close, draw, tip_way, whole
from simtrainer.ui.player import Played


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
    page = played.path.with_name(stem_of(played.path) + ".debrief.html")
    return Debriefed(write_html(debrief, page), write_json(debrief, page.with_suffix(".json")))


def vessel_lines(world: Any) -> tuple[SceneLine, ...]:
    """Return the vessels of the patient as a background for the way of the tip."""
    package = getattr(world, "package", None)
    if package is None:
        return ()
    return tuple(SceneLine(branch.name, branch.points, branch.radii) for branch in package.tree.branches)


def draw_3d(case: Case, attempt: Attempt, folder: Path, stem: str, *, works: bool) -> Mapping[str, Path]:
    """Draw the attempt from afar and near the tip; nothing where not `works`, which is what `can_draw` found."""
    if not works:
        return {}
    scene = case.procedure.scene(case.world)
    lines = lines_of(case, attempt)
    tip = deepest(attempt, lines.ideal)
    views: dict[str, tuple[View, str]] = {
        "the whole way": (whole(scene), "whole"),
        "where the tip came closest to its target": (close(scene, tip), "near"),
    }
    return {says: draw(scene, lines, view, folder / f"{stem}.{name}.png") for says, (view, name) in views.items()}


def lines_of(case: Case, attempt: Attempt) -> Lines:
    """Return devices as they lay when the tip came closest to the target, ideal way, and the way of the tip."""
    ideal = np.asarray(case.world.facts.ideal_path, dtype=np.float64)
    tick = _closest(attempt, ideal)
    curves = {name: points.astype(np.float64) for name, points in attempt.poses.get(tick, {}).items()}
    return Lines(curves, ideal, tip_way([row for row, _ in _tips(attempt)]))


def deepest(attempt: Attempt, ideal: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return the tip [m] in W of the pose that came closest to the target; None where nothing was inserted."""
    curves = attempt.poses.get(_closest(attempt, ideal), {})
    tips = [points[-1].astype(np.float64) for points in curves.values() if len(points)]
    return min(tips, key=lambda tip: float(np.linalg.norm(tip - ideal[-1])), default=None) if len(ideal) else None


def _closest(attempt: Attempt, ideal: NDArray[np.float64]) -> int:
    """Return the tick of the pose whose tip lies closest to the end of the ideal way; of equal ones the last."""
    best, found = np.inf, max(attempt.poses, default=0)
    for tick, curves in attempt.poses.items():
        for points in curves.values():
            apart = float(np.linalg.norm(points[-1] - ideal[-1])) if len(points) and len(ideal) else np.inf
            if apart <= best:
                best, found = apart, tick
    return found


def _tips(attempt: Attempt) -> list[tuple[NDArray[np.float64], int]]:
    """Return the leading tip [m] in W by pose, with its tick: the end of the longest device."""
    found = []
    for tick, curves in sorted(attempt.poses.items()):
        ends = [points for points in curves.values() if len(points) > 1]
        if ends:
            longest = max(ends, key=lambda points: float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum()))
            found.append((longest[-1].astype(np.float64), tick))
    return found
