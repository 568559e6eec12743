"""The picture: reproducible, noise by dose, subtraction, roadmap, hold, and what is in view."""

import numpy as np
import pytest

from simtrainer.core.error import InputError
from simtrainer.core.stream import Streams
from simtrainer.imaging.carm import FIELDS, CArmPose, project
from simtrainer.imaging.detector import QUANTA_PER_KERMA, blur_and_lag, blur_weight, detect, quanta
from simtrainer.imaging.device import DeviceShadow
from simtrainer.imaging.display import live_grey
from simtrainer.imaging.dose import Exposure, Mode
from simtrainer.imaging.fluoroscope import Fluoroscope, PictureState, cast_shadow, keep_roadmap
from simtrainer.imaging.material import CATHETER_WALL, STEEL, TUNGSTEN
from simtrainer.imaging.observe import edge_distance, project_curve, tip_in_view
from simtrainer.imaging.tube import Tubes, tubes_along

POSE = CArmPose()
Z = np.linspace(-0.05, 0.05, 41)
WIRE = DeviceShadow(np.column_stack((0 * Z, 0 * Z, Z)), 0.45e-3, 0.0, STEEL, 0.01, 0.5 * TUNGSTEN)
CATHETER = DeviceShadow(np.column_stack((0 * Z - 0.03, 0 * Z, Z)), 0.83e-3, 0.48e-3, CATHETER_WALL)


def film(
    scope: Fluoroscope,
    mode: Mode,
    frames: int,
    state: PictureState | None = None,
    shadows: tuple[DeviceShadow, ...] = (WIRE, CATHETER),
    contrast: Tubes | None = None,
    seed: int = 1,
) -> PictureState:
    state = state if state is not None else PictureState()
    for tick in range(frames):
        state = scope.expose(
            state, Exposure(mode), POSE, shadows=shadows, contrast=contrast, tick=tick, streams=Streams(seed)
        )
    return state


def grey(state: PictureState) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    assert state.last is not None
    return state.last.pixels


def vessel(iodine_attenuation: float) -> Tubes:
    x = np.full(41, 0.03)
    return tubes_along(np.column_stack((x, 0 * Z, Z)), np.full(41, 3e-3), np.full(41, iodine_attenuation))


def test_the_same_seed_gives_the_same_picture_and_another_seed_another(scope: Fluoroscope) -> None:
    one = grey(film(scope, Mode.FLUORO, 3))
    again = grey(film(Fluoroscope(scope.bodies, scope.breath_shift), Mode.FLUORO, 3))
    other = grey(film(scope, Mode.FLUORO, 3, seed=2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert not one.flags.writeable


def test_wire_is_darker_than_catheter_and_tip_than_wire(scope: Fluoroscope) -> None:
    picture = grey(film(scope, Mode.CINE, 6)).astype(float)
    places = project(POSE, np.array([[0, 0, 0], [0, 0, 0.046], [-0.03, 0, 0], [-0.015, 0, 0]], dtype=float))
    wire, tip, catheter, tissue = (
        picture[round(r) - 6 : round(r) + 7, round(c) - 2 : round(c) + 3].min(axis=1).mean() for c, r, _ in places
    )
    assert tip < wire < catheter < tissue - 5


def test_a_catheter_shows_two_edges_around_its_bore() -> None:
    row = cast_shadow(CArmPose(field=FIELDS[5]), (CATHETER,), None)[256]
    inside = row[row > 0.01 * row.max()]
    middle = len(inside) // 2
    assert inside[middle] < 0.85 * inside.max()
    assert np.argmax(inside) not in (middle - 1, middle, middle + 1)


def test_bone_is_darker_than_tissue_and_moves_with_breath(scope: Fluoroscope) -> None:
    ground = scope.background(POSE)
    column, row, _ = project(POSE, np.array([[0.05, -0.03, 0.0]]))[0]
    assert ground.primary[round(row), round(column)] < 0.8 * ground.primary[round(row), round(column) + 60]
    assert scope.background(POSE, 1.0) is not ground
    assert scope.background(POSE, 0.01) is ground


def test_noise_has_the_variance_of_the_photon_count() -> None:
    shape = (256, 256)
    luck = Streams(4).at("test", 0).standard_normal(shape, dtype=np.float32)
    out = np.empty(shape, dtype=np.float32)
    nothing = np.zeros(shape)
    for signal in (0.25, 1.0):
        primary = np.full(shape, signal, dtype=np.float32)
        detect(primary, np.zeros(shape, dtype=np.float32), nothing, luck, 120.0, out)
        counts = out * 120.0
        assert counts.mean() == pytest.approx(120.0 * signal, rel=0.01)
        assert counts.var() == pytest.approx(120.0 * signal, rel=0.02)


def test_photons_for_each_kerma_are_those_of_60_kev() -> None:
    # 1 / (60 keV x 0.03041 cm2/g), NIST SRD 126 dry air
    assert pytest.approx(1.0 / (60e3 * 1.602177e-19 * 0.003041), rel=2e-3) == QUANTA_PER_KERMA
    assert quanta(20e-9, 0.43e-3) == pytest.approx(82, rel=0.02)


def test_a_run_is_less_noisy_than_fluoroscopy(scope: Fluoroscope) -> None:
    patch = np.s_[300:400, 300:400]
    noisy = grey(film(scope, Mode.FLUORO, 1))[patch].astype(float).std()
    clean = grey(film(scope, Mode.CINE, 1))[patch].astype(float).std()
    assert clean < 0.6 * noisy


def test_the_blur_keeps_the_sum_and_has_the_stated_transfer() -> None:
    point = np.zeros((64, 64), dtype=np.float32)
    point[32, 32] = 1.0
    after, logarithm = np.empty_like(point), np.empty_like(point)
    blur_and_lag(point, point, 0.1, 1.0, after, logarithm)
    assert after.sum() == pytest.approx(1.0, rel=1e-6)
    assert np.allclose(after[31:34, 32], [0.08, 0.64, 0.08])
    assert 0.0 < blur_weight(0.43e-3, 1.4) < blur_weight(0.2e-3, 1.4) <= 0.25


def test_lag_leaves_a_trail_in_fluoroscopy_that_fades(scope: Fluoroscope) -> None:
    with_wire = film(scope, Mode.FLUORO, 8)
    column = 255
    trails = []
    state = with_wire
    for tick in range(8, 12):
        state = scope.expose(state, Exposure(Mode.FLUORO), POSE, tick=tick, streams=Streams(1))
        assert state.signal is not None
        trails.append(float(state.signal[200:300, column + 20].mean() - state.signal[200:300, column].mean()))
    assert trails[0] > 0.1
    assert trails[3] < 0.35 * trails[0]


def test_subtraction_shows_contrast_and_not_bone_or_wire(scope: Fluoroscope) -> None:
    state = film(scope, Mode.DSA, 2)
    state = scope.expose(
        state, Exposure(Mode.DSA), POSE, shadows=(WIRE, CATHETER), contrast=vessel(260.0), tick=9, streams=Streams(1)
    )
    picture = grey(state).astype(float)
    spots = project(POSE, np.array([[0.03, 0, 0], [0, 0, 0], [0.05, -0.03, 0], [-0.06, 0, 0]], dtype=float))
    full, wire, bone, tissue = (
        picture[round(r) - 5 : round(r) + 6, round(c) - 1 : round(c) + 2].mean() for c, r, _ in spots
    )
    assert full < tissue - 60
    assert wire == pytest.approx(tissue, abs=12)
    assert bone == pytest.approx(tissue, abs=6)


def test_a_roadmap_shows_vessels_and_devices_in_opposite_greys_until_the_table_moves(scope: Fluoroscope) -> None:
    run = film(scope, Mode.DSA, 2, shadows=())
    run = film(scope, Mode.DSA, 3, state=run, shadows=(), contrast=vessel(260.0))
    kept = keep_roadmap(run)
    live = film(scope, Mode.ROADMAP, 5, state=kept, shadows=(WIRE,))
    picture = grey(live).astype(float)
    spots = project(POSE, np.array([[0.03, 0, 0], [0, 0, 0], [-0.06, 0, 0]], dtype=float))
    full, wire, tissue = (picture[round(r) - 5 : round(r) + 6, round(c)].mean() for c, r, _ in spots)
    assert full < tissue - 25
    assert wire > tissue + 25
    moved = POSE.shifted(up=0.02)
    other = scope.expose(live, Exposure(Mode.ROADMAP), moved, tick=9, streams=Streams(1))
    assert other.signal is not None
    plain = live_grey(-np.log(np.maximum(other.signal, 1e-3)), scope.background(moved, 0.0, 2).slow, Exposure())
    assert np.abs(grey(other).astype(float) - plain).mean() < 1.0


def test_a_roadmap_needs_a_run() -> None:
    with pytest.raises(InputError, match="no run"):
        keep_roadmap(PictureState())


def test_the_last_image_stays_when_the_pedal_goes_up(scope: Fluoroscope) -> None:
    state = film(scope, Mode.FLUORO, 2)
    held = scope.expose(state, Exposure(Mode.OFF), POSE, tick=5, streams=Streams(1))
    assert held.last is state.last
    assert scope.expose(held, Exposure(Mode.OFF), POSE, tick=6, streams=Streams(1)) is held


def test_shutters_black_out_the_rest_of_the_field(scope: Fluoroscope) -> None:
    exposure = Exposure(Mode.FLUORO, 0.5, 0.75)
    picture = grey(scope.expose(PictureState(), exposure, POSE, tick=0, streams=Streams(1)))
    assert not picture[:, :128].any()
    assert not picture[:64].any()
    assert picture[64:448, 128:384].min() > 0
    tip = WIRE.points
    assert tip_in_view(POSE, tip, exposure)
    assert not tip_in_view(POSE, tip, Exposure(Mode.FLUORO, 0.5, 0.1))


def test_a_tip_outside_the_field_is_not_in_view() -> None:
    far = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 0.2]])
    assert not tip_in_view(POSE, far)
    assert edge_distance(POSE, far) < 0.0 < edge_distance(POSE, far[:1])
    seen = project_curve(POSE, far)
    assert seen.in_view.tolist() == [True, False]


def test_the_preview_while_moving_is_the_picture_but_coarser(scope: Fluoroscope) -> None:
    fine, coarse = scope.background(POSE).primary, scope.background(POSE, 0.0, 2).primary
    assert coarse.shape == fine.shape
    assert np.median(np.abs(coarse - fine)) < 0.01


def test_devices_that_are_no_tubes_are_refused(scope: Fluoroscope) -> None:
    with pytest.raises(InputError, match="bore"):
        DeviceShadow(WIRE.points, 1e-3, 1e-3, 100.0)
    with pytest.raises(InputError, match="shape"):
        DeviceShadow(np.zeros((1, 3)), 1e-3, 0.0, 100.0)
    with pytest.raises(InputError, match="lung"):
        Fluoroscope(scope.bodies, {"lung": (0.0, 0.0, 0.01)})
