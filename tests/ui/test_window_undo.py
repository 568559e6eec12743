"""What is seen after an undo: key pictures of what still holds, and a screen that has forgotten the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from simtrainer.core.stream import Streams
from simtrainer.debrief.moment import KeyMoment
from simtrainer.ui.desktop import live
from simtrainer.ui.desktop.xray import MOST_KEPT, XrayThread
from tests.ui.bench import Bench, BenchEye, BenchProcedure
from tests.ui.player import Player

Opener = Callable[..., Player]


def shown(player: Player, *ticks: int) -> set[int]:
    """Return at which of `ticks` the gallery has a picture."""
    moments = tuple(KeyMoment(str(tick), tick, tick / 100, "") for tick in ticks)
    return {int(name) for name in player.attempt.gallery.pictures(moments)}


def test_key_pictures_from_before_an_undo_stay_and_what_was_undone_has_none(opened: Opener) -> None:
    player = opened()
    player.frames(1)
    player.tap("return", "tab", "tab", "return")  # the card is read: an event at the first tick
    player.tap("1")
    player.down("space")
    player.frames(2)
    assert shown(player, player.attempt.state.tick)
    player.up("space")
    player.down("up")
    player.seconds(2.0)  # the force of the wall rises until here
    player.up("up")
    player.frames(240, 0.05)
    worst_before = player.attempt.gallery.mark().worst
    player.down("up")
    player.frames(160, 0.05)  # over 400 mm: a perforation, and more force
    player.up("up")
    player.frames(1)
    undone = player.attempt.state.tick
    perforated = next(event.tick for event in player.attempt.events if event.name == "VesselPerforated")
    assert shown(player, 1, perforated) == {perforated}, "before the first beam the screen is black: no picture"
    player.tap("backspace")
    now = player.attempt.state.tick
    assert now < perforated < undone
    assert player.attempt.gallery.mark().worst == worst_before
    assert shown(player, now) == {now}
    assert shown(player, perforated, undone) == set()
    player.seconds(3.0)
    assert shown(player, player.attempt.state.tick) == {player.attempt.state.tick}


def test_a_moment_that_was_seen_long_ago_can_be_gone_back_to(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "SEEN_S", 4)
    player = opened()
    player.begin()
    player.tap("f")  # the beam stays on
    player.frames(260, 0.05)
    player.tap("backspace")
    assert player.attempt.state.tick < 400
    player.frames(60, 0.05)
    tick = player.attempt.state.tick
    assert shown(player, tick) == {tick}


class CountingEye(BenchEye):
    """Shows how often it has looked."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = 0

    def look(self, state: Any, tick: int) -> NDArray[np.uint8]:
        self.looks += 1
        return np.full((2, 2), self.looks % 256, dtype=np.uint8)


class CountingProcedure(BenchProcedure):
    def eye(self, world: Any, streams: Streams) -> CountingEye:
        return CountingEye()


def looked(xray: XrayThread, ticks: range) -> int:
    """Return what the screen shows after a look at each of `ticks`."""
    for tick in ticks:
        xray.show(None, tick)
        assert xray.settle(10.0)
    picture = xray.picture()
    assert picture is not None
    return int(picture[0, 0])


def test_the_screen_forgets_what_was_undone() -> None:
    xray = XrayThread(CountingProcedure(), Bench(), 1)
    assert looked(xray, range(0, 1000, 10)) == 100
    xray.go_back(500)
    assert looked(xray, range(510, 530, 10)) == 43, "41 looks until tick 400, the memory before, and two more"
    xray.go_back(-1)
    assert looked(xray, range(0, 10, 10)) == 1, "before the first look it is a fresh eye"
    xray.close()


def test_memories_of_the_screen_stay_few_and_reach_back_to_the_beginning() -> None:
    xray = XrayThread(CountingProcedure(), Bench(), 1)
    looked(xray, range(0, 40_000, 100))
    ticks = [tick for tick, _ in xray._kept]
    assert len(ticks) <= MOST_KEPT
    assert ticks[0] == 0
    assert ticks == sorted(ticks)
    assert max(np.diff(ticks[-10:])) <= 400
    xray.close()


def test_with_the_beam_off_a_key_picture_is_the_image_that_the_screen_holds(opened: Opener) -> None:
    player = opened()
    player.begin()
    player.tap("1")
    player.down("space", "up")
    player.seconds(4.0)
    player.up("space", "up")
    player.seconds(4.0)  # longer than what is kept of the past
    tick = player.attempt.state.tick
    worst = player.attempt.gallery.mark().worst[1][-1][0]
    assert shown(player, tick) == {tick}
    (picture,) = player.attempt.gallery.pictures((KeyMoment("worst", worst, worst / 100, ""),)).values()
    assert (picture == 40).any(), "lit, not black"
