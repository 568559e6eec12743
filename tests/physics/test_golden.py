"""A wire through a generated patient, against a recorded run.

Bits are equal on one machine only; tolerances are stated here. Regenerate with
`pytest tests/physics/test_golden.py --golden-write` and review the difference.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from simtrainer.core.units import MM
from simtrainer.physics.rod import RodControl, RodSettings
from simtrainer.studies.bench.patient import in_patient
from tests.physics.patient import j_wire

GOLDEN = Path(__file__).with_name("golden_wire.json")
PATIENT = "adult_male_type1"
TIP, FORCE = 1.0 * MM, 0.03
"""Tolerances of tip position [m] and hand force [N]: a tenth of the force peaks, a quarter of a vessel's width."""


def recorded() -> dict[str, list[list[float]]]:
    """Push the wire 600 mm in at 60 mm/s, turning it half a turn on the way, and pull it back by 100 mm."""
    rod, state = in_patient(PATIENT, RodSettings(), j_wire())
    inserted, hub = np.zeros(1), np.zeros(1)
    rows: dict[str, list[list[float]]] = {"tip_mm": [], "force_n": []}
    for tick in range(1, 1201):
        inserted = inserted + (0.6 if tick <= 1000 else -0.5) * MM
        hub = hub + (np.pi / 400.0 if 400 < tick <= 800 else 0.0)
        state = rod.step(state, RodControl(inserted, hub), 0.01)
        if tick % 50 == 0:
            read = rod.read(state)
            assert read.unconverged == 0
            assert not read.escaped.any()
            rows["tip_mm"].append([round(float(c) / MM, 3) for c in read.points[-1]])
            rows["force_n"].append([round(float(f), 4) for f in read.hand_force])
    return rows


def test_a_wire_goes_through_a_patient_as_it_did_when_it_was_recorded(request: pytest.FixtureRequest) -> None:
    found = recorded()
    if request.config.getoption("--golden-write"):
        GOLDEN.write_text(json.dumps(found, indent=0) + "\n")
    golden = json.loads(GOLDEN.read_text())

    def column(rows: dict[str, list[list[float]]], name: str) -> NDArray[np.float64]:
        return np.array(rows[name])

    away = np.linalg.norm(column(found, "tip_mm") - column(golden, "tip_mm"), axis=1) * MM
    assert away.max() < TIP
    assert np.abs(column(found, "force_n") - column(golden, "force_n")).max() < FORCE
    assert column(golden, "tip_mm")[-5, 2] > 450.0  # it did come up to the arch
