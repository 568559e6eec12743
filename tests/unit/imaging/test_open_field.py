from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from simtrainer.core.error import InputError
from simtrainer.imaging.open_field import NEAR, OpenCamera, OpenPicture, Surface, render, visible_share
from simtrainer.imaging.open_grain import SIDE, Grain, grain_rows, noise_table
from simtrainer.imaging.open_shape import capsule, sheet, tube

F8 = NDArray[np.float64]
GREY = np.array([0.5, 0.5, 0.5])
UP = np.array([0.0, 0.0, 1.0])
ANGLE = 0.4
FAR = 0.3


def from_above(height: float = FAR) -> OpenCamera:
    """Return a camera that looks down along -y at the origin."""
    return OpenCamera(np.array([0.0, height, 0.0]), np.zeros(3), UP, ANGLE)


def square(half: float, y: float = 0.0, label: int = 1, colour: F8 = GREY) -> Surface:
    """Return a square [m] that faces +y."""
    points = np.array([[-half, y, -half], [half, y, -half], [half, y, half], [-half, y, half]])
    return Surface(points, np.array([[0, 2, 1], [0, 3, 2]]), colour, label)


def cast(surfaces: list[Surface], camera: OpenCamera, size: tuple[int, int]) -> tuple[NDArray[np.int64], F8]:
    """Return label and depth [m] of each pixel by asking every triangle, one ray at a time (Moeller and Trumbore)."""
    h, w = size
    forward = camera.focus - camera.position
    forward = forward / np.linalg.norm(forward)
    right = np.cross(forward, camera.up)
    right = right / np.linalg.norm(right)
    above = np.cross(right, forward)
    pitch = 2.0 * np.tan(camera.angle / 2.0) / h
    label, depth = np.zeros(size, dtype=np.int64), np.full(size, np.inf)
    for r in range(h):
        for c in range(w):
            ray = forward + (c + 0.5 - w / 2) * pitch * right + (h / 2 - r - 0.5) * pitch * above
            for surface in surfaces:
                for face in surface.triangles:
                    a, b, d = surface.points[face]
                    cross = np.cross(ray, d - a)
                    det = float((b - a) @ cross)
                    if abs(det) < 1e-15 or (surface.closed and det < 0.0):
                        continue
                    u = float((camera.position - a) @ cross) / det
                    other = np.cross(camera.position - a, b - a)
                    v = float(ray @ other) / det
                    z = float((d - a) @ other) / det
                    if u >= 0.0 and v >= 0.0 and u + v <= 1.0 and NEAR <= z < depth[r, c]:
                        label[r, c], depth[r, c] = surface.label, z
    return label, depth


def heap(seed: int, count: int, spread: float) -> list[Surface]:
    """Return loose triangles around the origin."""
    random = np.random.Generator(np.random.Philox(seed))
    points = random.uniform(-spread, spread, (count, 3, 3))
    return [Surface(p, np.array([[0, 1, 2]]), GREY, k + 1, closed=k % 3 == 0) for k, p in enumerate(points)]


def test_a_square_covers_as_many_pixels_as_its_angle_says() -> None:
    side = 128
    seen = render([square(0.02)], from_above(), (side, side))
    edge = 0.04 / (2.0 * FAR * np.tan(ANGLE / 2.0) / side)  # pixels
    assert np.count_nonzero(seen.label == 1) == pytest.approx(edge**2, rel=0.03)
    assert seen.label.any(axis=1).sum() == pytest.approx(edge, abs=1.0)


def test_the_depth_of_a_slope_is_the_one_on_the_ray() -> None:
    slope = 0.5
    points = np.array([[-0.05, -0.05 * slope, -0.05], [0.05, 0.05 * slope, -0.05], [0.0, 0.0, 0.05]])
    seen = render([Surface(points, np.array([[0, 2, 1]]), GREY, 1)], from_above(), (65, 65))
    pitch = 2.0 * np.tan(ANGLE / 2.0) / 65
    x = (32 - np.arange(65)) * pitch  # looking down with superior up, the patient's right is on the left
    on_ray = np.broadcast_to(FAR / (1.0 + slope * x), (65, 65))  # y = slope x meets (x z, FAR - z)
    met = seen.label == 1
    assert met.sum() > 300
    np.testing.assert_allclose(seen.depth[met], on_ray[met], rtol=1e-12)
    assert np.isinf(seen.depth[~met]).all()


@pytest.mark.parametrize("order", [1, -1])
def test_the_nearer_hides_the_farther_whatever_is_drawn_first(order: int) -> None:
    pair = [square(0.03, 0.0, 1), square(0.01, 0.02, 2)][::order]
    seen = render(pair, from_above(), (64, 64))
    assert seen.label[32, 32] == 2
    assert seen.depth[32, 32] == pytest.approx(FAR - 0.02)
    assert (seen.label == 1).any()


def test_only_what_is_asked_is_hidden_by_its_own_front() -> None:
    away = replace(square(0.02), triangles=np.array([[0, 1, 2], [0, 2, 3]]))
    assert (render([away], from_above(), (32, 32)).label == 1).any()
    assert not render([replace(away, closed=True)], from_above(), (32, 32)).label.any()


def test_neighbours_share_an_edge_without_gap_or_overlap() -> None:
    random = np.random.Generator(np.random.Philox(3))
    grid = np.stack(np.meshgrid(np.linspace(-0.2, 0.2, 23), [0.0], np.linspace(-0.2, 0.2, 29), indexing="ij"), -1)[:, 0]
    grid[..., 1] = random.uniform(-0.002, 0.002, grid.shape[:2])
    points, triangles = sheet(grid)
    one_each = [Surface(points, face[None], GREY, k + 1) for k, face in enumerate(triangles)]
    seen = render(one_each, from_above(), (200, 200), shade=False)
    assert (seen.label > 0).all()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_heap_of_triangles_is_seen_as_ray_by_ray_in_numpy(seed: int) -> None:
    surfaces = heap(seed, 24, 0.08)
    camera = OpenCamera(np.array([0.05, 0.2, -0.1]), np.array([0.0, 0.01, 0.0]), UP, 0.7)
    seen = render(surfaces, camera, (30, 41), shade=False)
    label, depth = cast(surfaces, camera, (30, 41))
    assert len(np.unique(label)) > 6
    np.testing.assert_array_equal(seen.label, label)
    np.testing.assert_allclose(seen.depth, depth, rtol=1e-9)


@pytest.mark.parametrize("seed", [4, 5])
def test_triangles_around_and_behind_the_eye_are_cut_at_the_near_plane(seed: int) -> None:
    surfaces = heap(seed, 30, 0.08)
    camera = OpenCamera(np.array([0.0, 0.01, 0.0]), np.array([0.01, -0.2, 0.02]), UP, 1.2)
    behind = sum(1 for s in surfaces if (s.points[:, 1] > 0.01).any() and (s.points[:, 1] < 0.0).any())
    assert behind > 5
    seen = render(surfaces, camera, (28, 28))
    label, depth = cast(surfaces, camera, (28, 28))
    np.testing.assert_array_equal(seen.label, label)
    np.testing.assert_allclose(seen.depth, depth, rtol=1e-9)


def test_what_lies_behind_the_eye_is_not_seen() -> None:
    assert not render([square(0.1, y=FAR + 0.05)], from_above(), (16, 16)).label.any()


def test_triangles_without_area_draw_nothing() -> None:
    points = np.array([[0.0, 0.0, 0.0], [0.01, 0.0, 0.0], [0.02, 0.0, 0.0]])
    flat = Surface(points, np.array([[0, 1, 2], [0, 0, 1], [1, 1, 1]]), GREY, 1)
    seen = render([flat, square(0.01, -0.01, 2)], from_above(), (32, 32))
    assert set(np.unique(seen.label)) == {0, 2}


def test_an_empty_scene_is_background() -> None:
    nothing = Surface(np.zeros((0, 3)), np.zeros((0, 3), dtype=np.int64), GREY, 1)
    for surfaces in ([], [nothing]):
        seen = render(surfaces, from_above(), (9, 7))
        assert seen.pixels.shape == (9, 7, 3)
        assert not seen.label.any()
        assert np.isinf(seen.depth).all()
        assert len(np.unique(seen.pixels.reshape(-1, 3), axis=0)) == 1


def wound() -> list[Surface]:
    """Return tissue with a vessel, a tool and a pool."""
    grid = np.stack(np.meshgrid(np.linspace(-0.03, 0.03, 20), [0.0], np.linspace(-0.03, 0.03, 20), indexing="ij"), -1)
    points, triangles = sheet(grid[:, 0])
    pool, faces = sheet(0.4 * grid[:, 0] + np.array([0.0, 0.004, 0.0]))
    return [
        Surface(points, triangles, np.array([0.8, 0.6, 0.5]), 1, gloss=0.5, grain=Grain.FAT),
        Surface(*tube([[0.0, 0.0, -0.03], [0.0, 0.0, 0.03]], 0.003), np.array([0.8, 0.3, 0.3]), 2, closed=True),
        Surface(*capsule([0.0, 0.01, 0.0], [0.05, 0.06, 0.0], 0.002), GREY, 3, gloss=1.0, closed=True),
        Surface(pool, faces, np.array([0.4, 0.02, 0.03]), 4, gloss=1.0, clear=0.0005),
    ]


def test_the_same_scene_gives_the_same_bits_whatever_was_drawn_between() -> None:
    first = render(wound(), from_above(), (80, 90))
    render(heap(9, 40, 0.1), from_above(), (80, 90))
    again = render(wound(), from_above(), (80, 90))
    assert len(np.unique(first.label)) == 5
    np.testing.assert_array_equal(first.pixels, again.pixels)
    np.testing.assert_array_equal(first.label, again.label)
    np.testing.assert_array_equal(first.depth, again.depth)


def test_the_pictures_of_two_calls_share_no_memory() -> None:
    first = render(wound(), from_above(), (40, 40))
    kept = [first.pixels.copy(), first.label.copy(), first.depth.copy()]
    render([], from_above(), (40, 40))
    for now, before in zip((first.pixels, first.label, first.depth), kept, strict=True):
        np.testing.assert_array_equal(now, before)


def test_shading_changes_neither_labels_nor_depths() -> None:
    lit, plain = (render(wound(), from_above(), (80, 80), shade=shade) for shade in (True, False))
    np.testing.assert_array_equal(lit.label, plain.label)
    np.testing.assert_array_equal(lit.depth, plain.depth)
    assert lit.pixels.any()
    assert not plain.pixels.any()


def colour_under(depth: float, clear: float = 0.001) -> tuple[F8, int]:
    """Return the colour in the middle, and the label, of a white ground under `depth` [m] of blood."""
    blood = replace(square(0.02, depth, 2, np.array([0.5, 0.02, 0.02])), clear=clear)
    seen = render([square(0.02, 0.0, 1, np.ones(3)), blood], from_above(), (33, 33))
    return seen.pixels[16, 16].astype(np.float64), int(seen.label[16, 16])


def test_deeper_blood_hides_more_and_takes_the_label_where_half_the_light_is_lost() -> None:
    (thin, thin_label), (thick, thick_label) = colour_under(0.0001), colour_under(0.003)
    assert (thin > thick).all()
    assert thin[1] - thin[2] == pytest.approx(0.0, abs=3.0)
    assert thin[0] - thin[1] < thick[0] - thick[1]
    assert (thin_label, thick_label) == (1, 2)
    half = 0.001 * np.log(2.0)
    assert colour_under(0.97 * half)[1] == 1
    assert colour_under(1.03 * half)[1] == 2


def test_deep_blood_shows_nothing_of_what_lies_under_it() -> None:
    vessel = Surface(*tube([[0.0, -0.004, -0.01], [0.0, -0.004, 0.01]], 0.003), np.ones(3), 3, closed=True)
    blood = replace(square(0.02, 0.006, 2, np.array([0.5, 0.02, 0.02])), clear=0.0003)
    pictures = [render([square(0.03, -0.008), *more, blood], from_above(), (96, 96)) for more in ([], [vessel])]
    pool = pictures[0].label == 2
    assert pool.sum() > 1000
    bare, over = (picture.pixels[pool].astype(int) for picture in pictures)
    assert np.abs(bare - over).max() <= 1, "steps of 256; red light goes a little further"


def test_a_wall_faces_the_lamp_brighter_than_one_that_turns_away() -> None:
    def bright(tilt: float) -> float:
        points = square(0.02).points.copy()
        points[:, 1] = -np.tan(tilt) * points[:, 2]
        return float(render([replace(square(0.02), points=points)], from_above(), (33, 33)).pixels[16, 16].mean())

    assert bright(0.2) > bright(0.9) > bright(1.3)


def test_the_ground_of_a_groove_is_darker_than_the_open_ground() -> None:
    def wall(side: float) -> Surface:
        low, high = (side * 0.002, 0.0), (side * 0.008, 0.006)
        points = np.array([(*low, -0.02), (*high, -0.02), (*high, 0.02), (*low, 0.02)])
        return replace(square(0.02), points=points)

    walls, camera = [wall(-1.0), wall(1.0)], from_above()
    alone = render([square(0.03)], camera, (101, 101)).pixels[50, 50].mean()
    between = render([square(0.03), *walls], camera, (101, 101)).pixels[50, 50].mean()
    assert between < 0.95 * alone


def shadow_of(height: float) -> tuple[float, float]:
    """Return row and column [pixels] of the middle of the shadow that a ball at `height` [m] throws on the ground."""
    camera, ground = from_above(), square(0.045)
    points, triangles = capsule([0.0, height, 0.0], [0.0, height, 0.0], 0.003)
    bare = render([ground], camera, (151, 151))
    seen = render([ground, Surface(points, triangles, GREY, 2, closed=True)], camera, (151, 151))
    dark = (bare.pixels[..., 0].astype(int) - seen.pixels[..., 0] > 12) & (seen.label == 1)
    rows, columns = np.nonzero(dark)
    assert len(rows) > 20
    return float(rows.mean()), float(columns.mean())


def test_a_shadow_lies_away_from_the_lamp_and_comes_nearer_as_the_tool_goes_down() -> None:
    high, low = shadow_of(0.030), shadow_of(0.012)
    assert high[0] > low[0] > 75.0, "the lamp hangs beyond the upper edge"
    assert high[1] > low[1] > 75.0, "and beyond the left one"
    pitch = 2.0 * FAR * np.tan(ANGLE / 2.0) / 151
    assert (high[0] - low[0]) * pitch == pytest.approx(0.64 / 0.60 * 0.018, rel=0.15)
    assert (high[1] - low[1]) * pitch == pytest.approx(0.48 / 0.60 * 0.018, rel=0.15)


def test_grain_moves_with_the_tissue() -> None:
    ground, way = replace(square(0.02), grain=Grain.MUSCLE), np.array([0.003, 0.0, 0.0])
    moved, camera = replace(ground, points=ground.points + way), from_above()
    beside = replace(camera, position=camera.position + way, focus=camera.focus + way)
    here = render([ground], camera, (64, 64)).pixels
    carried = render([replace(moved, rest=ground.points)], beside, (64, 64)).pixels
    swum = render([moved], beside, (64, 64)).pixels
    assert np.abs(here.astype(int) - carried).max() <= 1
    assert np.abs(here.astype(int) - swum).max() > 10


def test_a_flat_facet_differs_from_a_smooth_one() -> None:
    points, triangles = tube([[0.0, 0.0, -0.02], [0.0, 0.0, 0.02]], 0.01, 8)
    smooth, sharp = (Surface(points, triangles, GREY, 1, crease=crease) for crease in (1.5, 0.0))

    def plateaus(surface: Surface) -> int:
        seen = render([surface], from_above(), (128, 128))
        row = seen.pixels[64, seen.label[64] == 1, 0].astype(int)
        return int(np.count_nonzero(np.diff(row) == 0))

    assert plateaus(sharp) > 1.5 * plateaus(smooth)


def share(hidden_to: float) -> float:
    """Return how much of a square is seen behind a screen that reaches over it from the left."""
    camera = from_above()
    screen = np.array([[-0.05, 0.05, -0.05], [hidden_to, 0.05, -0.05], [hidden_to, 0.05, 0.05], [-0.05, 0.05, 0.05]])
    cover = Surface(screen, np.array([[0, 2, 1], [0, 3, 2]]), GREY, 2)
    thing = square(0.01)
    alone, seen = (render(s, camera, (240, 240), shade=False) for s in ([thing], [thing, cover]))
    return visible_share(seen, alone, 1)


def test_the_visible_share_is_the_share_of_its_own_pixels() -> None:
    assert share(-0.04) == 1.0
    assert share(0.04) == 0.0
    assert share(0.0) == pytest.approx(0.5, abs=0.03)


def test_a_thing_outside_the_picture_is_not_seen() -> None:
    nothing: OpenPicture = render([], from_above(), (8, 8))
    assert visible_share(nothing, nothing, 1) == 0.0


def test_a_picture_has_rows_by_columns_and_square_pixels() -> None:
    seen = render([square(0.01)], from_above(), (60, 120), shade=False)
    rows, columns = np.nonzero(seen.label)
    assert np.ptp(rows) == np.ptp(columns)


@pytest.mark.parametrize(
    ("surface", "what"),
    [
        (replace(square(0.01), triangles=np.array([[0, 1, 9]])), "vertex that is not there"),
        (replace(square(0.01), points=np.full((4, 3), np.nan)), "no finite number"),
    ],
)
def test_what_cannot_be_drawn_is_refused(surface: Surface, what: str) -> None:
    with pytest.raises(InputError, match=what):
        render([surface], from_above(), (8, 8))


def test_a_camera_along_its_own_up_is_refused() -> None:
    with pytest.raises(InputError, match="no view has that"):
        render([], OpenCamera(np.zeros(3), UP, UP, 0.4), (8, 8))


def test_the_noise_is_bounded_and_repeats_without_a_step() -> None:
    table = noise_table().reshape(SIDE, SIDE, SIDE, 4)
    assert np.abs(table).max() < 1.4
    assert np.abs(table.mean(axis=(0, 1, 2))).max() < 0.1
    inner = np.abs(np.diff(table, axis=0)).max()
    assert np.abs(table[0] - table[-1]).max() <= 1.2 * inner
    assert grain_rows().shape == (len(Grain), 6)
