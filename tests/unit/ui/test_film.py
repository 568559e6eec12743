from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simtrainer.core.error import InputError
from simtrainer.ui.film import FPS, MOST_WEBP, Film, Mp4Writer, WebpWriter, checked_film
from simtrainer.ui.gallery import look_due

HAS_PIL = importlib.util.find_spec("PIL") is not None


def frame(number: int) -> Any:
    picture = np.zeros((72, 128, 3), np.uint8)
    picture[:, : 8 + number % 100] = 200
    return picture


def test_an_mp4_can_be_opened_and_has_every_frame(tmp_path: Path) -> None:
    cv2 = pytest.importorskip("cv2", reason="OpenCV is not installed")
    writer = Mp4Writer(tmp_path / "film.mp4", 128, 72)
    for number in range(20):
        writer.add(frame(number))
    writer.close()
    film = cv2.VideoCapture(str(tmp_path / "film.mp4"))
    assert film.isOpened()
    assert int(film.get(cv2.CAP_PROP_FRAME_COUNT)) == 20
    assert film.get(cv2.CAP_PROP_FPS) == pytest.approx(FPS)
    works, last = film.read()
    assert works
    assert last.shape == (72, 128, 3)


def test_a_webp_moves(tmp_path: Path) -> None:
    pil = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    writer = WebpWriter(tmp_path / "film.webp")
    for number in range(12):
        writer.add(frame(number))
    writer.close()
    with pil.open(tmp_path / "film.webp") as film:
        assert getattr(film, "n_frames", 1) == 12
        assert film.size == (128, 72)


@pytest.mark.skipif(not HAS_PIL, reason="Pillow is not installed")
def test_a_long_webp_gets_faster_instead_of_longer(tmp_path: Path) -> None:
    writer = WebpWriter(tmp_path / "film.webp")
    for number in range(3 * MOST_WEBP):
        writer.add(frame(number))
    assert MOST_WEBP // 2 <= len(writer._frames) <= MOST_WEBP  # its memory is the point


@pytest.mark.parametrize(
    ("name", "says"), [("film.avi", "allowed are .mp4 and .webp"), ("here.webp", "never overwritten")]
)
def test_a_film_that_cannot_be_written_is_refused_before_anything_is_played(
    tmp_path: Path, name: str, says: str
) -> None:
    (tmp_path / "here.webp").touch()
    with pytest.raises(InputError, match=says):
        checked_film(tmp_path / name)


@pytest.mark.parametrize("speed", [0.2, 1.0, 3.7, 8.0, 100.0])
def test_a_film_takes_as_many_frames_as_its_length_asks_for(speed: float) -> None:
    film = Film.__new__(Film)
    film._hz, film._speed = 100, speed  # the rule alone, without a patient
    taken = [tick for tick in range(1, 6001) if film._next(tick) == tick]
    assert len(taken) == pytest.approx(60.0 * FPS / speed, abs=1.0)
    assert max(np.diff(taken)) - min(np.diff(taken)) <= 1


def test_looks_are_due_at_the_rates_of_the_machine() -> None:
    due = [tick for tick in range(100) if look_due(tick, 100, (15,))]
    assert len(due) == 15
    assert [tick for tick in range(100) if look_due(tick, 100, (4,))] == [24, 49, 74, 99]
    assert sum(look_due(tick, 100) for tick in range(100)) == len({*due, 24, 49, 74, 99})
