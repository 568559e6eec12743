"""What the measurement of soft tissue counts, with a clock that ticks as the test wants."""

from itertools import count

import numpy as np
import pytest

from simtrainer.studies.bench.clock import Clock
from simtrainer.studies.bench.tissue import TISSUE_LOADS, TissueLoad, at_rest, pressing, time_tissue


def ticking(step: float) -> Clock:
    seconds = count(0.0, step)
    return lambda: next(seconds)


def test_a_tissue_is_timed_tick_by_tick_and_put_beside_the_product() -> None:
    found = time_tissue(TissueLoad(100), ticking(2e-3), ticks=3)
    assert found.core_ms_per_10ms == pytest.approx(2.0)
    assert found.ratio == pytest.approx(1.0)
    assert found.id == "tissue_100"
    assert found.contacts > 0.0
    assert found.iterations > 0.0
    assert found.unconverged_share == 0.0
    assert str(found.bricks) in found.title


def test_the_loads_go_from_500_to_20000_bricks_and_have_about_as_many_as_they_say() -> None:
    assert [load.bricks for load in TISSUE_LOADS] == [500, 1000, 3000, 8000, 20_000]
    for load in TISSUE_LOADS:
        assert np.prod(load.shape) == pytest.approx(load.bricks, rel=0.1)


def test_the_ball_is_lowered_and_then_goes_to_and_fro() -> None:
    tissue, _ = at_rest(TissueLoad(100))
    poses = [pressing(tissue, tick).poses[0] for tick in range(60)]
    heights = [pose[2, 3] for pose in poses if pose is not None]
    aside = [pose[0, 3] for pose in poses if pose is not None]
    assert heights[0] > heights[11] == pytest.approx(heights[-1])
    assert np.ptp(aside[:12]) == 0.0
    assert np.ptp(aside) > 1e-3
