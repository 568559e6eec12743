"""Dose: published rates, scaling laws, and independence from pictures."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simtrainer.core.error import InputError
from simtrainer.imaging.carm import FIELDS, CArmPose
from simtrainer.imaging.dose import (
    FLUORO_LIMIT,
    TECHNIQUES,
    DoseState,
    Exposure,
    Mode,
    count_dose,
    frame_due,
    reference_area,
    tube_output,
)
from simtrainer.imaging.fluoroscope import Fluoroscope
from simtrainer.imaging.material import SOFT_TISSUE


def test_entrance_rate_and_area_product_of_a_trunk_are_those_published() -> None:
    # Troville et al. 2024, J Appl Clin Med Phys 25:e14335: 0.2 mGy/s and 22 mGy cm2/s for C-arm fluoroscopy;
    # hospitals differ by a factor of two and more (Aroua et al. 2007: 10 to 45 mGy/min at equal image quality)
    state = count_dose(DoseState(), Exposure(Mode.FLUORO), CArmPose(), SOFT_TISSUE * 0.24, 1.0)
    assert 0.1e-3 < state.reference_kerma < 0.4e-3
    assert 11e-7 < state.area_product < 44e-7


def test_a_thick_patient_meets_the_legal_limit_in_fluoroscopy_but_not_in_a_run() -> None:
    path = SOFT_TISSUE * 0.40
    fluoro = tube_output(Mode.FLUORO, CArmPose(), path)
    assert fluoro.reference_kerma * TECHNIQUES[Mode.FLUORO].rate_hz == pytest.approx(FLUORO_LIMIT)
    assert fluoro.detector_kerma < TECHNIQUES[Mode.FLUORO].detector_kerma
    assert tube_output(Mode.DSA, CArmPose(), path).detector_kerma == pytest.approx(1.2e-6)


@given(path=st.floats(1.0, 5.0))
def test_output_follows_beer_lambert_and_the_inverse_square_law(path: float) -> None:
    near, far = CArmPose(sid=0.9), CArmPose(sid=1.2)
    kerma = tube_output(Mode.CINE, near, path).reference_kerma
    assert tube_output(Mode.CINE, near, path + 1.0).reference_kerma == pytest.approx(kerma * math.e)
    assert tube_output(Mode.CINE, far, path).reference_kerma == pytest.approx(kerma * (1.2 / 0.9) ** 2)


def test_a_frame_costs_more_in_cine_and_most_in_subtraction() -> None:
    kermas = [tube_output(mode, CArmPose(), 5.0).reference_kerma for mode in (Mode.FLUORO, Mode.CINE, Mode.DSA)]
    assert kermas == sorted(kermas)
    assert kermas[1] > 5 * kermas[0]


def test_shutters_reduce_the_area_product_and_not_the_kerma() -> None:
    pose = CArmPose()
    full = count_dose(DoseState(), Exposure(Mode.FLUORO), pose, 5.0, 1.0)
    half = count_dose(DoseState(), Exposure(Mode.FLUORO, 0.5, 0.8), pose, 5.0, 1.0)
    assert half.area_product == pytest.approx(0.4 * full.area_product)
    assert half.reference_kerma == full.reference_kerma
    assert reference_area(pose, Exposure()) == pytest.approx((FIELDS[2] * 0.6 / 1.05) ** 2)


def test_the_meter_counts_time_by_mode_and_runs_by_beginnings() -> None:
    state = DoseState()
    for mode in (Mode.OFF, Mode.FLUORO, Mode.FLUORO, Mode.CINE, Mode.CINE, Mode.OFF, Mode.DSA):
        state = count_dose(state, Exposure(mode), CArmPose(), 5.0, 0.01)
    assert state.fluoro_time == pytest.approx(0.02)
    assert state.run_time == pytest.approx(0.03)
    assert state.runs == 2


def test_a_pedal_that_is_up_gives_no_dose() -> None:
    state = DoseState(1.0, 2.0, 3.0, 4.0, 5)
    assert count_dose(state, Exposure(), CArmPose(), 5.0, 0.01) is state


def test_dose_is_the_same_with_and_without_pictures(scope: Fluoroscope) -> None:
    state = scope.account(DoseState(), Exposure(Mode.FLUORO), CArmPose(lao=0.3), 0.01)
    scope.background(CArmPose(lao=0.3))
    fresh = Fluoroscope(scope.bodies, scope.breath_shift)
    assert fresh.account(DoseState(), Exposure(Mode.FLUORO), CArmPose(lao=0.3), 0.01) == state


def test_the_path_through_a_box_of_tissue_is_its_depth(scope: Fluoroscope) -> None:
    bare = Fluoroscope(scope.bodies[:1])
    assert bare.path(CArmPose()) == pytest.approx(SOFT_TISSUE * 0.24, rel=2e-3)


@given(rate=st.sampled_from([Mode.FLUORO, Mode.CINE, Mode.DSA]), start=st.integers(0, 10_000))
def test_frames_fall_evenly_on_ticks(rate: Mode, start: int) -> None:
    count = sum(frame_due(rate, start + k, 100.0) for k in range(100))
    assert count == pytest.approx(TECHNIQUES[rate].rate_hz, abs=1)
    assert not frame_due(Mode.OFF, start, 100.0)


def test_shutters_that_close_the_field_are_refused() -> None:
    with pytest.raises(InputError, match="shutters"):
        Exposure(Mode.FLUORO, 0.0, 1.0)
    with pytest.raises(InputError, match="breath"):
        Exposure(breath=1.5)
