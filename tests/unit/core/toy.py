"""A small whole world for tests of the core: a mass bouncing on a floor in gusts of chance, with a hand under it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.action import Action, Control
from simtrainer.core.event import Event, EventType
from simtrainer.core.fact import SessionFacts
from simtrainer.core.session import Detector, Feedback, Session, Stimulus, Verdict
from simtrainer.core.snapshot import Signal, Snapshot
from simtrainer.core.stream import Streams

BOUNCED = EventType("FloorTouched", "The mass touched the floor.", ("speed_m_s",))


@dataclass(frozen=True, slots=True)
class BallState:
    height: float
    speed: float
    lift: float
    shade: str
    gust: NDArray[np.float64]


def bounced(before: Snapshot, now: Snapshot) -> tuple[Event, ...]:
    if before.signals[1] < 0.0 < now.signals[1] and now.signals[0] < 0.05:
        return (BOUNCED.at(now.tick, speed_m_s=float(now.signals[1])),)
    return ()


@dataclass(frozen=True, slots=True)
class Ball:
    """The world; `fault` is added to the speed at tick `fault_tick` (a change of the code that nobody declared)."""

    gravity: float = 9.81
    fault: float = 0.0
    fault_tick: int = 0
    diverge_tick: int = 0
    name: str = "ball"
    tick_hz: int = 100
    fingerprint: str = "ball-1"
    controls: tuple[Control, ...] = (
        Control("hand.lift", "Acceleration upwards.", "m/s2", 0.0, 30.0, held=True),
        Control("hand.shade", "Colour of the ball.", choices=("red", "blue")),
    )
    signals: tuple[Signal, ...] = (Signal("height_m", "Height."), Signal("speed_m_s", "Speed upwards."))
    event_types: tuple[EventType, ...] = (BOUNCED,)
    detectors: tuple[Detector, ...] = (bounced,)
    facts: SessionFacts = field(
        default_factory=lambda: SessionFacts({"limit_n": 2.0}, {"target": "floor"}, np.array([[0.0, 0.0, 1.0]]))
    )

    def init(self, streams: Streams) -> BallState:
        return BallState(1.0, 0.0, 0.0, "red", streams.at("gust", 0).random(3))

    def advance(
        self,
        state: BallState,
        actions: tuple[Action, ...],
        *,
        pending: tuple[Stimulus, ...],
        tick: int,
        streams: Streams,
    ) -> BallState:
        lift, shade = state.lift, state.shade
        for action in actions:
            if action.control == "hand.lift":
                lift = float(action.value)
            else:
                shade = str(action.value)
        gust = streams.at("gust", tick).random(3) + sum(stimulus.value for stimulus in pending)
        dt = 1.0 / self.tick_hz
        speed = state.speed + dt * (lift - self.gravity + float(gust[0]))
        height = state.height + dt * speed
        if height < 0.0:
            height, speed = -height, -0.9 * speed
        speed += self.fault if tick == self.fault_tick else 0.0
        speed = np.nan if tick == self.diverge_tick else speed
        return BallState(height, speed, lift, shade, gust)

    def snapshot(self, state: BallState, tick: int) -> Snapshot:
        thread = np.linspace([0.0, 0.0, 0.0], [0.0, 0.0, state.height], 4)
        return Snapshot(tick, np.array([state.height, state.speed]), {"thread": thread}, {"shade": state.shade})

    def quantities(self, state: BallState) -> Mapping[str, NDArray[np.generic]]:
        return {
            "height": np.array(state.height),
            "speed": np.array(state.speed),
            "lift": np.array(state.lift),
            "gust": state.gust,
        }


@dataclass(frozen=True, slots=True)
class Umpire:
    """A course that counts touches of the floor, remarks on each, and shakes the mass one tick after."""

    name: str = "keep_up"
    fingerprint: str = "keep-up-1"
    push: float = 3.0

    def init(self, facts: SessionFacts) -> int:
        return 0

    def advance(self, state: int, events: tuple[Event, ...], now: Snapshot) -> Verdict[int]:
        remarks = tuple(Feedback("touched", f"Touched the floor ({state + 1})", event.tick) for event in events)
        return Verdict(state + len(events), remarks, tuple(Stimulus("push", self.push) for _ in events))


def ball_session(seed: int = 1, world: Ball | None = None, umpire: Umpire | None = None) -> Session[BallState, int]:
    return Session(world or Ball(), umpire or Umpire(), seed)
