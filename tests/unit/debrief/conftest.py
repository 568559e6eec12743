"""Two recorded attempts at the shipped course: one in order, one in a hurry; and what they were worth."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from simtrainer.anatomy.store import read_tree
from simtrainer.core.attempt import Attempt
from simtrainer.core.header import Mode, Sitting
from simtrainer.core.resource import resource_path
from simtrainer.curriculum.course import Course
from simtrainer.curriculum.metric import recorded
from simtrainer.curriculum.score import Score, score
from simtrainer.debrief.trace import SceneLine
from tests.unit.curriculum.conftest import carotid, vocabulary
from tests.unit.debrief.scripted import HZ, Story, along, recorded_story

__all__ = ["carotid", "vocabulary"]

_D = "device"
_LCC = "left_common_carotid"
GOOD: tuple[tuple[float, str, Mapping[str, float | str]], ...] = (
    (1, "CaseCardRead", {}),
    (4, "TimeOutDone", {}),
    (5, "DeviceLoaded", {_D: "j_wire"}),
    (12, "LandmarkReached", {"landmark": "ascending_aorta", _D: "j_wire"}),
    (14, "DeviceLoaded", {_D: "pigtail"}),
    (20, "LandmarkReached", {"landmark": "ascending_aorta", _D: "pigtail"}),
    (23, "WireWithdrawn", {"vessel": "ascending_aorta"}),
    (24, "Aspirated", {"volume_ml": 5.0}),
    (25, "Flushed", {"volume_ml": 10.0}),
    (28, "AngiogramRun", {"vessel": "ascending_aorta", "projection": "LAO", "volume_ml": 30.0, "dose_gy_cm2": 4.0}),
    (32, "DeviceRemoved", {_D: "pigtail"}),
    (34, "DeviceLoaded", {_D: "simmons"}),
    (48, "CatheterEngaged", {"vessel": _LCC, _D: "simmons"}),
    (50, "Aspirated", {"volume_ml": 5.0}),
    (51, "Flushed", {"volume_ml": 10.0}),
    (53, "TestPuffGiven", {"vessel": _LCC, "volume_ml": 2.0}),
    (56, "RoadmapMade", {"vessel": _LCC}),
    (66, "TargetReached", {"vessel": _LCC, _D: "hydrophilic_wire"}),
    (76, "TargetReached", {"vessel": _LCC, _D: "simmons"}),
    (79, "WireWithdrawn", {"vessel": _LCC}),
    (80, "Aspirated", {"volume_ml": 5.0}),
    (81, "Flushed", {"volume_ml": 10.0}),
    (84, "AngiogramRun", {"vessel": _LCC, "projection": "LAO", "volume_ml": 8.0, "dose_gy_cm2": 2.0}),
    (90, "AngiogramRun", {"vessel": _LCC, "projection": "lateral", "volume_ml": 8.0, "dose_gy_cm2": 2.0}),
    (96, "CatheterStraightened", {_D: "simmons"}),
    (104, "CatheterWithdrawn", {_D: "simmons", "straightened": "yes"}),
    (108, "DoseNoted", {"dose_gy_cm2": 12.0, "fluoroscopy_s": 52.0}),
    (140, "HaemostasisAchieved", {"compression_s": 660.0}),
)
_HURRIED = {"Aspirated", "Flushed", "TimeOutDone", "RoadmapMade"}
_HARM: tuple[tuple[float, str, Mapping[str, float | str]], ...] = (
    (27, "InjectedWithoutFlush", {"volume_ml": 30.0}),
    (37, "WallForceExceeded", {"force_n": 1.6, "limit_n": 1.0, "vessel": "aortic_arch"}),
    (39, "WrongVesselEntered", {"vessel": "left_subclavian", _D: "simmons"}),
    (41, "WallForceExceeded", {"force_n": 2.7, "limit_n": 1.0, "vessel": "aortic_arch"}),
    (43, "CatheterAdvancedWithoutWire", {"travel_mm": 14.0, "vessel": "aortic_arch"}),
    (44, "LoopFormed", {_D: "simmons", "vessel": "aortic_arch"}),
    (62, "WireTipLeftImage", {"travel_mm": 12.0}),
    (64, "WireTipLeftImage", {"travel_mm": 18.0}),
)


@pytest.fixture(scope="session")
def vessels() -> tuple[tuple[SceneLine, ...], NDArray[np.float64]]:
    """Return the vessels of a shipped patient, and the way [m] from the groin into the left carotid."""
    tree = read_tree(resource_path("meshes") / "adult_male_type1" / "tree.json")
    names = [branch.name for branch in tree.branches]
    target = names.index(_LCC)
    points, _ = tree.path_to(target, 25)
    return tuple(SceneLine(b.name, b.points, b.radii) for b in tree.branches), points


def story(ideal: NDArray[np.float64], *, hurried: bool) -> Story:
    happened = [row for row in GOOD if not (hurried and row[1] in _HURRIED)]
    happened += list(_HARM) if hurried else []
    wire = along(ideal, 3.0 if hurried else 1.0, (5, 12, 60, 66))
    tip = along(ideal, 5.0 if hurried else 1.5, (14, 44 if hurried else 40, 48, 76))
    force = 2.7 if hurried else 0.42
    signals: dict[str, list[tuple[float, float]]] = {
        "wall_force_max_n": [(0, 0), (10, 0.2), (36, 0.3), (41, force), (42, 0.1), (66, 0.35), (76, 0.3), (104, 0)],
        "wall_force_mean_n": [(0, 0), (41, force / 3), (104, 0)],
        "tip_speed_mm_s": [(5, 0), (8, 60), (12, 5), (16, 45), (20, 0), (36, 70 if hurried else 30), (48, 4), (76, 0)],
        "hand_speed_mm_s": [(5, 0), (6, 40), (48, 30), (76, 0)],
        "fluoroscopy_s": [(0, 0), (5, 0), (20, 15), (27, 15), (31, 19), (38, 19), (66, 47), (83, 47), (92, 52)],
        "contrast_ml": [(27.9, 0), (28, 30), (53, 30), (53.1, 32), (84, 40), (90, 48)],
        "unconverged": [(40, 0), (40.02, 1), (40.1, 1), (40.12, 0)] if hurried else [(0, 0)],
    }
    for name, tracks in (("wire_tip", wire), ("catheter_tip", tip)):
        signals |= {f"{name}_{axis}_mm": track for axis, track in tracks.items()}
    return Story(tuple(sorted(happened, key=lambda row: row[0])), 150.0, signals, ideal)


@pytest.fixture(scope="session")
def attempts(
    carotid: Course,
    vessels: tuple[tuple[SceneLine, ...], NDArray[np.float64]],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Attempt]:
    folder = tmp_path_factory.mktemp("attempts")
    labels = {"patient": "adult_male_type1", "patient_title": "Man of 47, type I arch", "difficulty": "easy"}
    made = {}
    for name in ("good", "hurried"):
        sitting = Sitting(
            trainee="teal-otter-07",
            device="keyboard and mouse",
            mode=Mode.ASSESSED,
            started="2026-11-22T14:05:00+01:00",
            labels=labels,
        )
        tale = story(vessels[1], hurried=name == "hurried")
        made[name] = recorded_story(tale, carotid, folder / f"{name}.attempt.jsonl", sitting=sitting)
    return made


@pytest.fixture(scope="session")
def scores(carotid: Course, attempts: dict[str, Attempt]) -> dict[str, Score]:
    return {name: scored(carotid, attempt) for name, attempt in attempts.items()}


def scored(course: Course, attempt: Attempt, language: str = "en") -> Score:
    sitting = attempt.header.sitting
    return score(course, recorded(attempt), mode=sitting.mode, device=sitting.device, language=language)


def grey(seconds: float) -> NDArray[np.uint8]:
    """Return a picture that can be told from others: a bright band at a place given by the time."""
    picture = np.full((192, 256), 40, np.uint8)
    picture[:, int(seconds) % 256 :: 64] = 200
    return picture


assert HZ == 50, "fifty rows a second, as the effects track keeps them"
