"""Flow out of a hole against its closed form, the tube law, and where the blood goes."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simtrainer.core.units import ML, MMHG
from simtrainer.procedures.open_vessel_control import blood as law
from simtrainer.procedures.open_vessel_control.bed import WALL, flat_width, lumen, squeezing
from simtrainer.procedures.open_vessel_control.state import Blood

WAY = law.Way(93.0 * MMHG, 42.0 * MMHG, law.SUPPLY, law.BACK_SUPPLY)


@given(st.floats(1e-8, 1e-5), st.floats(0.0, 60.0 * MMHG))
def test_what_flows_in_flows_out_by_torricelli(area: float, outside: float) -> None:
    flow, behind = law.outflow(WAY, area, outside)
    pressure = outside + (flow / (law.DISCHARGE * area)) ** 2 * law.DENSITY / 2.0
    front = (WAY.front - pressure) / WAY.to_front
    back = (WAY.back - pressure) / WAY.to_back
    assert flow == pytest.approx(front + back, rel=1e-6, abs=1e-12)
    assert behind == pytest.approx(min(max(back, 0.0), flow), rel=1e-6, abs=1e-12)


def test_a_small_hole_flows_as_an_orifice_and_a_large_one_as_much_as_is_supplied() -> None:
    small = 1e-9
    still = (WAY.front / WAY.to_front + WAY.back / WAY.to_back) / (1.0 / WAY.to_front + 1.0 / WAY.to_back)
    assert law.outflow(WAY, small, 0.0)[0] == pytest.approx(
        law.DISCHARGE * small * math.sqrt(2.0 * still / law.DENSITY), rel=1e-3
    )
    supply = WAY.front / WAY.to_front + WAY.back / WAY.to_back
    assert 0.98 * supply < law.outflow(WAY, 1e-4, 0.0)[0] < supply


def test_both_stumps_bleed_and_only_both_clamps_stop_it() -> None:
    before = law.outflow(replace(WAY, to_front=math.inf), 1e-6, 0.0)
    beyond = law.outflow(replace(WAY, to_back=math.inf), 1e-6, 0.0)
    assert 0.0 < before[0] < beyond[0]
    assert before[0] == pytest.approx(before[1])
    assert beyond[1] == 0.0
    assert law.outflow(replace(WAY, to_front=math.inf, to_back=math.inf), 1e-6, 0.0) == (0.0, 0.0)


def test_pressure_from_outside_that_is_as_high_as_within_stops_the_flow() -> None:
    assert law.outflow(WAY, 1e-6, 93.0 * MMHG) == (0.0, 0.0)
    assert law.outflow(WAY, 0.0, 0.0) == (0.0, 0.0)


def test_the_pressure_falls_with_the_loss_and_less_once_anaesthesia_knows() -> None:
    assert law.pressure_after(700.0, called=False) == law.START_PRESSURE
    assert law.pressure_after(2000.0, called=False) == pytest.approx(0.5 * law.START_PRESSURE)
    assert law.pressure_after(2000.0, called=True) == pytest.approx(0.75 * law.START_PRESSURE)


def test_a_round_artery_is_poiseuilles() -> None:
    n, r, step = 8, 3e-3, 2.5e-3
    found = law.resistance(np.ones(n), np.full(n, r), np.full(n, step))
    assert found == pytest.approx(8.0 * law.VISCOSITY * n * step / (math.pi * r**4))
    half = law.resistance(np.full(n, 0.5), np.full(n, r), np.full(n, step))
    assert half == pytest.approx(4.0 * found)
    assert law.resistance(np.array([1.0, 0.0]), np.full(2, r), np.full(2, step)) == math.inf


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_the_flatter_the_tube_the_smaller_its_lumen_and_the_greater_the_force(one: float, two: float) -> None:
    low, high = sorted((one, two))
    heights = np.array([low, high])
    assert np.diff(lumen(heights))[0] >= 0.0
    assert np.diff(squeezing(heights, np.full(2, 3e-3), 12e3))[0] <= 0.0


def test_a_stadium_of_the_same_girth_has_the_area_of_the_lumen() -> None:
    r, s = 3e-3, 0.6
    width = float(flat_width(np.array([s]), np.array([r]))[0])
    girth = 2.0 * width + math.pi * 2.0 * r * s
    assert girth == pytest.approx(2.0 * math.pi * r)
    area = width * 2.0 * r * s + math.pi * (r * s) ** 2
    outer = s * (1.0 - WALL) + WALL
    assert float(lumen(np.array([outer]))[0]) == pytest.approx(area / (math.pi * r**2))


def test_the_force_that_closes_an_artery_is_its_pressure_times_its_flat_width() -> None:
    force = float(squeezing(np.array([WALL]), np.array([3e-3]), 12e3)[0])
    assert force == pytest.approx(12e3 * math.pi * 3e-3 * (1.0 - WALL))


@given(
    st.lists(st.tuples(st.sampled_from(["pour", "suck", "soak"]), st.floats(0.0, 30.0)), max_size=40),
    st.floats(0.0, 20.0),
)
def test_no_blood_is_made_and_none_vanishes(deeds: list[tuple[str, float]], room: float) -> None:
    blood = Blood()
    for deed, ml in deeds:
        if deed == "pour":
            blood = law.poured(blood, ml, room)
        else:
            blood = law.sucked(blood, ml) if deed == "suck" else law.soaked(blood, ml)[0]
    whole = blood.pool_ml + blood.suction_ml + blood.swabs_ml + blood.drained_ml
    assert whole == pytest.approx(blood.lost_ml, abs=1e-9)
    assert 0.0 <= blood.pool_ml <= room + 1e-9


def test_the_level_of_the_pool_follows_from_its_volume() -> None:
    cavity = law.Cavity(np.array([-9e-3, -6e-3, -3e-3]), 3e-3, np.array([1e-4, 2e-4, 0.0]))
    assert cavity.room_ml == pytest.approx(0.9)
    assert cavity.level(0.0) < -0.5
    assert cavity.level(0.15) == pytest.approx(-9e-3 + 0.15 * ML / 1e-4)
    assert cavity.level(0.3 + 0.2) == pytest.approx(-6e-3 + 0.2 * ML / 2e-4)
