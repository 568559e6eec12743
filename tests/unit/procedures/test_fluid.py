"""Syringes and the lumen of the catheter."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from simtrainer.procedures.selective_catheterisation.fluid import (
    AIR_AT_EXIT_ML,
    draw,
    flush,
    fresh,
    inject,
    opened,
)
from simtrainer.procedures.selective_catheterisation.state import Lumen

DT = 0.01


def stroke(lumen: Lumen, kind: str, volume_ml: float) -> Lumen:
    rate = 2.0
    for _ in range(round(volume_ml / rate / DT)):
        lumen = step(lumen, kind, rate)
    return step(lumen, kind, 0.0)


def step(lumen: Lumen, kind: str, rate: float) -> Lumen:
    if kind == "draw":
        return draw(lumen, rate, DT)
    if kind == "flush":
        return flush(lumen, rate, DT)
    return inject(lumen, rate, DT, recording=False)[0]


def test_drawing_the_wire_out_lets_air_in_and_undoes_the_flush() -> None:
    lumen = opened(fresh(Lumen()))
    assert lumen.air_ml == AIR_AT_EXIT_ML
    assert not lumen.aspirated
    assert not lumen.flushed


def test_aspirating_enough_takes_the_air_away_and_none_is_injected() -> None:
    lumen = stroke(stroke(stroke(opened(Lumen()), "draw", 3.0), "flush", 5.0), "inject", 4.0)
    assert lumen.air_injected_ml == 0.0
    assert lumen.unflushed_ml == 0.0
    assert (lumen.aspirations, lumen.flushes) == (1, 1)


def test_flushing_without_aspirating_pushes_the_air_into_the_artery() -> None:
    lumen = stroke(opened(Lumen()), "flush", 5.0)
    assert abs(lumen.air_injected_ml - AIR_AT_EXIT_ML) < 1e-9
    assert not lumen.flushed


def test_contrast_through_an_unflushed_catheter_is_counted() -> None:
    lumen = stroke(stroke(opened(Lumen()), "draw", 3.0), "inject", 2.0)
    assert abs(lumen.unflushed_ml - 2.0) < 0.03


def test_a_short_aspiration_is_none() -> None:
    lumen = stroke(opened(Lumen()), "draw", 1.0)
    assert lumen.aspirations == 0
    assert not lumen.aspirated


@given(st.lists(st.tuples(st.sampled_from(["draw", "flush", "inject", "open"]), st.floats(0.0, 6.0)), max_size=12))
def test_air_is_neither_made_nor_lost(deeds: list[tuple[str, float]]) -> None:
    lumen, let_in, drawn = Lumen(), 0.0, 0.0
    for kind, volume in deeds:
        if kind == "open":
            let_in += AIR_AT_EXIT_ML - lumen.air_ml
            lumen = opened(lumen)
            continue
        before = lumen
        lumen = stroke(lumen, kind, volume)
        if kind == "draw":
            drawn += before.air_ml - lumen.air_ml
        assert lumen.air_ml >= 0.0
    assert abs(let_in - drawn - lumen.air_injected_ml - lumen.air_ml) < 1e-9
