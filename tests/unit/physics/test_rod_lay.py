"""Devices that are laid half way in lie at rest there, as if they had been pushed that far."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from simtrainer.core.error import InputError
from simtrainer.core.units import MM
from simtrainer.physics.rod import Rod, RodControl, RodState
from simtrainer.studies.rig import free_space, settle, uniform

AHEAD = np.array([0.0, 0.0, 1.0])
LINE = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 0.4]])


def laid(*inserted: float, path: NDArray[np.float64] = LINE) -> tuple[Rod, RodState]:
    devices = tuple(uniform(200.0, length=0.35) for _ in inserted)
    rod = Rod(free_space(), np.zeros(3), AHEAD, devices)
    return rod, rod.lay(path, np.array(inserted))


def test_a_straight_device_laid_along_a_straight_path_lies_on_it() -> None:
    rod, state = laid(0.3)
    read = rod.read(state)
    assert read.inserted[0] == pytest.approx(0.3)
    assert read.arc[-1] == pytest.approx(0.3)
    assert np.allclose(read.points, read.arc[:, None] * AHEAD, atol=1e-6)


def test_a_straight_device_laid_along_a_bent_path_springs_straight() -> None:
    bent = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 0.2], [0.05, 0.0, 0.3]])
    rod, state = laid(0.3, path=bent)
    rested = rod.read(settle(rod, state, ticks=20))
    # 0.5 mN, at which the solver stops, bend the free 0.19 m by F L^3 / (3 EI) = 5.7 mm; the path's end was 45 mm off
    assert np.abs(rested.points[:, 0]).max() < 5.7 * MM


def test_of_two_devices_the_longer_leads_and_an_empty_place_stays_empty() -> None:
    rod, state = laid(0.3, 0.2)
    assert rod.read(state).inserted == pytest.approx([0.3, 0.2])
    assert rod.read(state).arc[-1] == pytest.approx(0.3)
    alone = Rod(free_space(), np.zeros(3), AHEAD, (None, uniform(200.0, length=0.35)))
    lies = alone.lay(LINE, np.array([0.0, 0.25]))
    assert alone.read(lies).inserted == pytest.approx([0.0, 0.25])
    assert alone.read(lies).arc[-1] == pytest.approx(0.25)


def test_a_laid_device_goes_on_from_where_it_lies() -> None:
    rod, state = laid(0.2)
    for k in range(1, 11):
        state = rod.step(state, RodControl(np.array([0.2 + 0.001 * k]), np.array([0.05 * k])), 0.01)
    read = rod.read(state)
    assert read.inserted[0] == pytest.approx(0.21)
    assert read.points[-1] == pytest.approx([0.0, 0.0, 0.21], abs=1e-4)


def test_what_is_laid_is_a_state_that_nobody_can_change() -> None:
    _, state = laid(0.2)
    assert not any(array.flags.writeable for array in (*state.shape, state.wall, state.hand))


@pytest.mark.parametrize(
    "inserted",
    [(0.0, 0.0), (0.41, 0.0), (0.1,), (0.2, np.nan), (0.2, -0.1), (0.1, 0.3)],
    ids=("none", "longer than the path", "one", "no number", "negative", "longer than the device"),
)  # fmt: skip
def test_lengths_that_cannot_be_laid_are_refused(inserted: tuple[float, ...]) -> None:
    rod = Rod(free_space(), np.zeros(3), AHEAD, (uniform(200.0, length=0.5), uniform(200.0, length=0.25)))
    with pytest.raises(InputError, match="no longer than the path and the device"):
        rod.lay(LINE, np.array(inserted))


@pytest.mark.parametrize("path", [LINE * 0.5, LINE * np.nan], ids=("short", "no number"))
def test_a_path_that_is_too_short_is_refused(path: NDArray[np.float64]) -> None:
    rod = Rod(free_space(), np.zeros(3), AHEAD, (uniform(200.0, length=0.35),))
    with pytest.raises(InputError, match="no longer than the path and the device"):
        rod.lay(path, np.array([0.25]))
