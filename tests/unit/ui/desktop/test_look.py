"""Colours, layout, sounds, tubes and the quality ladder."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simtrainer.core.event import Event
from simtrainer.core.session import Feedback
from simtrainer.ui.desktop.cue import cues_of, loops_of
from simtrainer.ui.desktop.desk import WORDS
from simtrainer.ui.desktop.layout import layout_of
from simtrainer.ui.desktop.palette import PALETTES, Palette, contrast
from simtrainer.ui.desktop.sound import RATE, Sound, synthesised
from simtrainer.ui.desktop.tube import RINGS, SIDES, tube_points, tube_triangles
from simtrainer.ui.desktop.view3d import FAST_S, LADDER, SLOW_S, next_rung
from simtrainer.ui.monitor.word import texts


@pytest.mark.parametrize("palette", PALETTES, ids=lambda p: p.name)
def test_every_text_has_the_contrast_of_wcag_on_every_ground(palette: Palette) -> None:
    inks = (palette.ink, palette.soft, palette.main, palette.good, palette.care, palette.alarm)
    for ink, ground in itertools.product(inks, (palette.page, palette.panel, palette.raised)):
        assert contrast(ink, ground) >= 4.5, (ink, ground)
    assert contrast(palette.page, palette.care) >= 4.5  # the pedal that is down


def test_contrast_of_black_and_white_is_21() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21.0)


@pytest.mark.parametrize("size", [(1366, 768), (1280, 720), (1920, 1080), (1024, 768)])
@pytest.mark.parametrize("em", [16, 20, 24])
@pytest.mark.parametrize("with_steps", [True, False])
def test_parts_of_the_window_stand_inside_and_do_not_overlap(size: tuple[int, int], em: int, with_steps: bool) -> None:
    layout = layout_of(size, em, with_steps=with_steps)
    parts = [layout.top, layout.picture, layout.side, layout.strip] + ([layout.steps] if with_steps else [])
    for part in parts:
        assert part.x >= 0
        assert part.y >= 0
        assert part.right <= size[0]
        assert part.bottom <= size[1]
    assert not any(one.colliderect(other) for one, other in itertools.combinations(parts, 2))
    assert layout.picture.width == layout.picture.height
    assert layout.side.width >= 11 * em


def test_the_picture_is_large_on_a_small_laptop() -> None:
    assert layout_of((1366, 768), 16, with_steps=True).picture.width >= 600
    assert layout_of((1366, 768), 24, with_steps=True).picture.width >= 512


@pytest.mark.parametrize("sound", list(Sound))
def test_sounds_are_finite_short_and_do_not_clip(sound: Sound) -> None:
    samples = synthesised(sound)
    assert np.isfinite(samples).all()
    assert 0.05 < np.abs(samples).max() <= 1.0
    assert len(samples) < 4 * RATE


def test_the_hum_loops_without_a_seam() -> None:
    samples = synthesised(Sound.HUM)
    steps = np.abs(np.diff(samples))
    assert abs(samples[0] - samples[-1]) <= 1.1 * steps.max()


def test_the_alarm_has_ten_pulses_at_its_pitch() -> None:
    samples = synthesised(Sound.ALARM)
    loud = np.convolve(np.abs(samples), np.ones(400) / 400, "same") > 0.03
    assert int(np.sum(np.diff(loud.astype(int)) == 1)) == 10
    spectrum = np.abs(np.fft.rfft(samples))
    assert np.fft.rfftfreq(len(samples), 1 / RATE)[int(spectrum.argmax())] == pytest.approx(622.0, abs=5.0)


def test_a_perforation_rings_and_other_events_do_not() -> None:
    events = (Event("VesselPerforated", 5, {}), Event("VesselEntered", 5, {}))
    cues = cues_of(events, (), before={}, now={}, critical=frozenset({"VesselPerforated"}))
    assert [cue.sound for cue in cues] == [Sound.ALARM]


def test_every_sound_has_words() -> None:
    now: dict[str, float | str] = {"beam.mode": "fluoro", "syringe.contrast": 2.0}
    feedback = (Feedback("step.engage.done", "Engaged.", 1), Feedback("forbidden.air", "Air.", 1))
    cues = cues_of((), feedback, before={"beam.mode": "off"}, now=now, critical=frozenset())
    assert {cue.sound for cue in cues} == {None, Sound.INJECTION, Sound.DONE}
    assert all(cue.caption or cue.what for cue in cues)
    assert loops_of(now) == {Sound.HUM: True, Sound.CINE: False}
    assert loops_of({"beam.mode": "dsa"}) == {Sound.HUM: False, Sound.CINE: True}


def test_every_text_of_the_window_is_there_in_both_languages() -> None:
    for key, said in texts(WORDS).items():
        assert set(said) == {"en", "de"}, key


def test_a_tube_keeps_its_distance_from_the_curve() -> None:
    angle = np.linspace(0.0, np.pi, 300)
    curve = np.stack((0.1 * np.cos(angle), 0.1 * np.sin(angle), np.zeros(300)), axis=1)
    points = tube_points(curve, 0.001)
    assert points.shape == (RINGS * SIDES, 3)
    distance = np.linalg.norm(points[:, None] - curve[None], axis=2).min(axis=1)
    assert distance == pytest.approx(np.full(len(points), 0.001), rel=0.15)
    assert tube_triangles().max() == RINGS * SIDES - 1


@pytest.mark.parametrize("rows", [0, 1])
def test_a_device_outside_the_body_is_no_tube(rows: int) -> None:
    assert not tube_points(np.ones((rows, 3)), 0.001).any()


@given(st.lists(st.floats(1e-4, 1.0), max_size=20), st.integers(0, len(LADDER) - 1))
def test_the_ladder_moves_one_rung_at_most_and_stays_on_it(frames: list[float], rung: int) -> None:
    assert abs(next_rung(rung, tuple(frames)) - rung) <= 1
    assert 0 <= next_rung(rung, tuple(frames)) < len(LADDER)


def test_slow_frames_go_down_and_fast_ones_up() -> None:
    assert next_rung(0, (2.0 * SLOW_S,) * 10) == 1
    assert next_rung(2, (0.5 * FAST_S,) * 10) == 1
    assert next_rung(1, (2.0 * SLOW_S,) * 3) == 1  # too few frames to judge by
