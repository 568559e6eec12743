"""What bots make of a screen: synthetic pictures, no exercise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from simtrainer.core.action import Action
from simtrainer.procedures.selective_catheterisation.bots.expert import FALLEN_MM, Catheterisation, chance_of
from simtrainer.procedures.selective_catheterisation.bots.operator import MIDDLE, SEARCH_TICKS, Style
from simtrainer.procedures.selective_catheterisation.observation import Observation

TARGET = "left_common_carotid"
NOTHING: NDArray[np.float64] = np.zeros((0, 2))


def column(across: float, low: float, high: float) -> NDArray[np.float64]:
    """Return a vessel as remembered: straight up at `across`, across and height [mm]."""
    heights = np.arange(low, high, 2.0)
    return np.column_stack((np.full(len(heights), across), heights))


def seen_at(across: float | None, height: float = 0.0, *, beam: str = "fluoro") -> Observation:
    """Return a picture with a catheter whose tip lies there [mm] and looks up; None for no tip."""
    tip = NOTHING
    if across is not None:
        tip = np.array([[MIDDLE + across, MIDDLE - height + back] for back in (6.0, 4.0, 2.0, 0.0)])
    return Observation(
        time_s=0.0, target=TARGET, wire="", catheter="berenstein", wire_mm=0.0, catheter_mm=600.0, wire_force_n=0.0,
        catheter_force_n=0.0, beam=beam, lao_deg=0.0, view_mm=(0.0, 0.0), wire_pixels=NOTHING, catheter_pixels=tip,
        mm_per_pixel=1.0, vessels=(), bones=(), air_seen=False, drawn_ml=0.0, flushed_ml=0.0, injected_ml=0.0,
        compression_s=0.0,
    )  # fmt: skip


@pytest.fixture
def bot() -> Catheterisation:
    """Return an expert that has seen an arch: down at 40 mm, its top at height 0, the carotid from 5 mm up."""
    bot = Catheterisation(Style(), chance_of(1, 1))
    bot.target = TARGET
    bot.vessels = {
        "aortic_arch": np.array([[-20.0, -20.0], [0.0, 0.0], [20.0, -5.0]]),
        "descending_aorta": column(30.0, -80.0, -10.0)[::-1],
        TARGET: column(0.0, 5.0, 80.0),
        "left_subclavian": column(20.0, 2.0, 60.0),
        "left_internal_carotid": column(2.0, 78.0, 100.0),
    }
    return bot


def test_a_tip_lies_in_the_root_on_the_heart_s_side_even_where_contrast_never_reached_it(bot: Catheterisation) -> None:
    bot.seen = seen_at(-25.0, -60.0)
    assert bot.in_root()
    bot.seen = seen_at(30.0, -60.0)
    assert not bot.in_root()
    bot.seen = seen_at(-20.0, -10.0)
    assert not bot.in_root(), "not deep enough"
    bot.vessels.clear()
    bot.seen = seen_at(-25.0, -60.0)
    assert not bot.in_root(), "nothing is known"


def test_what_lies_beyond_the_target_is_no_wrong_branch(bot: Catheterisation) -> None:
    assert bot.others() == {"left_subclavian"}


def test_a_tip_is_fallen_only_where_it_is_seen_below_the_origin(bot: Catheterisation) -> None:
    bot.seen = seen_at(0.0, 5.0 - FALLEN_MM - 1.0)
    assert bot.fallen()
    bot.seen = seen_at(0.0, 5.0 - FALLEN_MM + 1.0)
    assert not bot.fallen()
    bot.seen = seen_at(None)
    assert not bot.fallen()


def test_a_lost_tip_that_was_pushed_is_looked_for_at_the_arch_first_and_then_to_and_fro(bot: Catheterisation) -> None:
    bot.seen = replace(seen_at(None), view_mm=(-100.0, 40.0))
    first = {act.control: act.value for act in bot.searching(0.05, 1)}
    assert first["table.along"] == 0.15  # up to the arch
    assert first["table.across"] == -0.1
    assert bot.searching(0.05, 2 * SEARCH_TICKS + 1) != bot.searching(0.05, 2)
    bot.vessels.clear()
    ways = [np.sign(_along(bot, 0.05, sought)) for sought in (1, 2 * SEARCH_TICKS, 5 * SEARCH_TICKS)]
    assert ways == [1.0, -1.0, 1.0]


def _along(bot: Catheterisation, speed: float, sought: int) -> float:
    bot._held.clear()
    return float(next(act.value for act in bot.searching(speed, sought) if act.control == "table.along"))


def test_both_hands_stop_when_the_tip_is_lost_and_go_on_when_it_is_found(bot: Catheterisation) -> None:
    def values(acts: tuple[Action, ...]) -> dict[str, float | str]:
        return {act.control: act.value for act in acts if act.control.endswith("push")}

    bot.seen = seen_at(0.0, 0.0)
    hands = bot.move("both", 0.03, lambda: False)
    assert values(next(hands)) == {"wire.push": 0.03, "catheter.push": 0.03}
    assert values(hands.send(seen_at(0.0, 1.0))) == {}
    assert values(hands.send(seen_at(None))) == {"wire.push": 0.0, "catheter.push": 0.0}
    assert values(hands.send(seen_at(0.0, 1.0))) == {"wire.push": 0.03, "catheter.push": 0.03}


def test_where_no_vertebra_is_known_an_overview_is_all(bot: Catheterisation) -> None:
    said: list[Action] = []
    look = replace(seen_at(None, beam="off"), wire="", catheter="")
    bot.seen, work = look, bot.work()
    acts = next(work)
    for _ in range(60_000):
        said += acts
        held = {act.control: act.value for act in said}
        loaded = str(held.get("catheter.load", ""))
        gone = held.get("wire.push", 0.0) == -0.12
        look = replace(
            look,
            wire="" if gone else str(held.get("wire.load", "")),
            catheter="" if held.get("catheter.push") == -0.12 else loaded,
            wire_mm=0.0 if gone else 400.0,
            catheter_mm=390.0 if loaded else 0.0,
            beam=str(held.get("beam.mode", "off")),
            lao_deg=look.lao_deg + 1.0 if held.get("carm.lao", 0.0) else look.lao_deg,
            compression_s=700.0,
        )
        try:
            acts = work.send(look)
        except StopIteration:
            break
    else:
        pytest.fail("it never came to an end")
    loaded_at_all = [act.value for act in said if act.control == "catheter.load"]
    assert loaded_at_all == ["pigtail"]
    assert any(act.control == "syringe.contrast" for act in said)
