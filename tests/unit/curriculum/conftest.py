"""The vocabulary of the selective catheterisation, as courses see it, and courses made on the spot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from simtrainer.core.resource import resource_path
from simtrainer.curriculum.course import Course, load_course
from simtrainer.curriculum.vocabulary import Vocabulary

EVENTS: dict[str, tuple[str, ...]] = {
    "CaseCardRead": (),
    "TimeOutDone": (),
    "DeviceLoaded": ("device",),
    "DeviceRemoved": ("device",),
    "LandmarkReached": ("landmark", "device"),
    "VesselEntered": ("vessel", "device"),
    "WrongVesselEntered": ("vessel", "device"),
    "TargetReached": ("vessel", "device"),
    "CatheterEngaged": ("vessel", "device"),
    "Aspirated": ("volume_ml",),
    "Flushed": ("volume_ml",),
    "TestPuffGiven": ("vessel", "volume_ml"),
    "AngiogramRun": ("vessel", "projection", "volume_ml", "dose_gy_cm2"),
    "RoadmapMade": ("vessel",),
    "CatheterAdvancedWithoutWire": ("travel_mm", "vessel"),
    "WireTipLeftImage": ("travel_mm",),
    "WireWithdrawn": ("vessel",),
    "WallForceExceeded": ("force_n", "limit_n", "vessel"),
    "VesselPerforated": ("vessel", "force_n"),
    "DeviceEscaped": ("device",),
    "LoopFormed": ("device", "vessel"),
    "InjectedWithoutFlush": ("volume_ml",),
    "AirInjected": ("volume_ml",),
    "CatheterStraightened": ("device",),
    "CatheterWithdrawn": ("device", "straightened"),
    "HaemostasisAchieved": ("compression_s",),
    "ContrastLimitExceeded": ("volume_ml", "limit_ml"),
    "DoseNoted": ("dose_gy_cm2", "fluoroscopy_s"),
}
SIGNALS = (
    "wire_tip_x_mm", "wire_tip_y_mm", "wire_tip_z_mm", "catheter_tip_x_mm", "catheter_tip_y_mm", "catheter_tip_z_mm",
    "tip_speed_mm_s", "hand_speed_mm_s", "wall_force_max_n", "wall_force_mean_n", "hand_force_wire_n",
    "hand_force_catheter_n", "wire_in_mm", "catheter_in_mm", "fluoroscopy_s", "contrast_ml", "dose_gy_cm2",
    "unconverged",
)  # fmt: skip
WORDS = {
    "device": ("j_wire", "hydrophilic_wire", "pigtail", "berenstein", "jr4", "simmons", "sheath"),
    "landmark": ("ascending_aorta",),
    "projection": ("LAO", "RAO", "AP", "lateral"),
    "straightened": ("yes", "no"),
}


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return Vocabulary(
        procedure="selective_catheterisation",
        events=EVENTS,
        signals=SIGNALS,
        numbers=("wall_force_limit_n", "ideal_path_mm", "contrast_limit_ml"),
        facts=("target_vessel", "access_vessel", "flush_vessel"),
        words=WORDS,
        patients=("arch_type_i", "arch_type_ii"),
    )


@pytest.fixture(scope="session")
def carotid(vocabulary: Vocabulary) -> Course:
    return load_course(resource_path("curricula") / "selective_left_carotid.yaml", vocabulary)


HEAD = """\
schema_version: 1
id: little
edition: "test"
version: 1.0.0
review_date: 2026-11-22
reviewed_by: null
procedure: bench
level: novice
title: t
objectives: [t]
duration_s: 60
briefing: t
case_card: {indication: t, allergy: t, renal_function: t, anticoagulants: t, instrument_plan: t}
pass: {cut: 0.5}
strings: {t: "Text", s.a: "step a", s.b: "step b", bad: "Never {volume_ml} ml of {what}"}
"""
BENCH = Vocabulary(
    procedure="bench",
    events={"A": (), "B": (), "C": ("n", "word"), "X": ("volume_ml",)},
    signals=("x", "y", "z", "force"),
    numbers=("limit",),
    facts=("goal",),
)


@pytest.fixture(scope="session")
def little(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Course]:
    """Return a maker of small courses from the text of steps, rules and metrics."""

    def make(body: str) -> Course:
        path: Path = tmp_path_factory.mktemp("course") / "little.yaml"
        path.write_text(HEAD + body, encoding="utf-8")
        return load_course(path, BENCH)

    return make
