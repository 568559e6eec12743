"""What the measurement of soft tissue counts, with a clock that ticks as the test wants."""

from itertools import count

import numpy as np
import pytest

from simtrainer.physics.tissue_brick import BYTES, FLOPS
from simtrainer.studies.bench.clock import Clock, Yardstick
from simtrainer.studies.bench.tissue import COPIED, TISSUE_LOADS, TissueLoad, at_rest, pressing, time_tissue, work_of


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
    tissue, _ = at_rest(TissueLoad(100))
    flops, moved = work_of(tissue, found.iterations)
    assert found.product_share == pytest.approx(flops / Yardstick(ticking(2e-3)).flops)
    assert found.copy_share == pytest.approx(moved / (2.0 * COPIED))


def test_the_work_of_a_tick_grows_with_its_iterations_by_products_and_the_factor() -> None:
    tissue, _ = at_rest(TissueLoad(100))
    factor = tissue.derived.begin_factor(tissue.init().alive, 0.01).result()
    more = np.subtract(work_of(tissue, 3.0), work_of(tissue, 2.0))
    bricks, band = len(tissue.mesh.kind), len(factor.pivot) * factor.down.shape[1]
    assert more[0] == pytest.approx(5 * FLOPS * bricks + 4.0 * band)
    assert more[1] == pytest.approx(5 * BYTES * bricks + 8.0 * band)


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
