"""What the bench takes pictures of, and how it counts them."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import numpy as np
import pytest

from simtrainer.core.stream import Streams
from simtrainer.procedures.selective_catheterisation.eye import FluoroscopeEye
from simtrainer.procedures.selective_catheterisation.state import TableState
from simtrainer.procedures.selective_catheterisation.world import Exercise
from simtrainer.studies.bench.patient import package
from simtrainer.studies.bench.picture import injected, pictures, prepared
from simtrainer.studies.bench.speed import PATIENT


@pytest.fixture(scope="module")
def world() -> Exercise:
    return Exercise(package(PATIENT))


def seen(world: Exercise, state: TableState) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    eye = FluoroscopeEye(world, Streams(1))
    eye.expose(replace(state, hands=replace(state.hands, beam="cine")), 1)
    assert eye.picture.last is not None
    return eye.picture.last.pixels


def test_the_contrast_that_is_timed_is_on_the_picture(world: Exercise) -> None:
    table = prepared(world)
    plain, full = (seen(world, state).astype(float) for state in (table, injected(world, table)))
    darker = plain - full > 20.0
    assert 0.02 < darker.mean() < 0.3  # a vessel, not the whole picture
    assert darker[256:].sum() > 3 * darker[:256].sum()  # blood carries it away from the heart


def test_every_kind_of_picture_is_timed_frame_by_frame() -> None:
    seconds = count(0.0, 1e-3)
    found = list(pictures(lambda: next(seconds), frames=2))
    assert [one.id for one in found] == ["fluoroscopy", "angiogram", "subtraction", "moving"]
    for one in found:
        assert one.core_ms == pytest.approx(1.0)
        assert one.frames_per_s == pytest.approx(1000.0)
        assert one.ratio == pytest.approx(1.0)
        assert one.required_per_s == 15.0
