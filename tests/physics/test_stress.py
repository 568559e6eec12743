"""Random hands: pushes of up to 200 mm/s and turns of up to 20 rad/s, changed five times a second."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from simtrainer.core.stream import Streams
from simtrainer.core.units import MM
from simtrainer.physics.rod import Rod, RodControl, RodSettings, RodState
from simtrainer.studies.rig import feed
from tests.physics.patient import bent_catheter, in_patient, j_wire

Floats = NDArray[np.float64]
SHORTEST, LONGEST = np.array([0.15, 0.13]), np.array([0.95, 0.90])


@dataclass(frozen=True)
class Report:
    force: Floats
    penetration: Floats
    unconverged: int
    escapes: int
    finite: bool


def shaken(rod: Rod, state: RodState, seed: int, ticks: int) -> Report:
    """Shake both hubs for `ticks` of 10 ms."""
    streams = Streams(seed)
    inserted, hub = np.array(rod.read(state).inserted), np.array(state.shape.hub)
    force, deep, unconverged, escapes, finite = [], [], 0, 0, True
    for tick in range(ticks):
        if tick % 20 == 0:
            draw = streams.at("shake", tick).uniform(-1.0, 1.0, 4)
        inserted = np.clip(inserted + draw[:2] * 0.2 * 0.01, SHORTEST, LONGEST)
        hub = hub + draw[2:] * 20.0 * 0.01
        state = rod.step(state, RodControl(inserted, hub), 0.01)
        read = rod.read(state)
        force.append(np.abs(read.hand_force).max())
        deep.append(read.penetration)
        unconverged += read.unconverged
        escapes += int(read.escaped.any())
        finite = finite and bool(np.isfinite(read.points).all() and np.isfinite(read.hand_force).all())
    return Report(np.array(force), np.array(deep), unconverged, escapes, finite)


def judge(report: Report, ticks: int, substeps: int) -> None:
    assert report.finite
    assert report.escapes == 0
    assert report.unconverged <= 0.006 * ticks * substeps  # 0.6 %, the best peer with step halving
    assert np.percentile(report.penetration, 99) < 0.3 * MM
    assert report.penetration.max() < 0.6 * MM
    assert np.percentile(report.force, 99) < 1.3  # N, of the same peer, whose worst was 2.3
    assert report.force.max() < 2.3


def test_two_seconds_of_random_hands_do_no_harm() -> None:
    rod, state = in_patient("adult_male_type1", RodSettings(), j_wire(), bent_catheter())
    state = feed(rod, state, np.array([0.5, 0.0]), ticks=150, dt=0.03)
    state = feed(rod, state, np.array([0.5, 0.4]), ticks=100, dt=0.03)
    judge(shaken(rod, state, 1, 200), 200, 2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("patient", "friction", "seed"),
    [("adult_male_type1", 0.05, 1), ("older_male_type3", 0.05, 2), ("adult_male_bovine", 0.3, 3)],
)
def test_a_minute_of_random_hands_does_no_harm(patient: str, friction: float, seed: int) -> None:
    rod, state = in_patient(patient, RodSettings(friction=friction), j_wire(), bent_catheter())
    state = feed(rod, state, np.array([0.5, 0.0]), ticks=300, dt=0.03)
    state = feed(rod, state, np.array([0.5, 0.4]), ticks=200, dt=0.03)
    judge(shaken(rod, state, seed, 6000), 6000, 2)
