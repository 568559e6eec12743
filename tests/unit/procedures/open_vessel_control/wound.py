"""A block on the table, and wounds made in it by hand, for the tests beside."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from simtrainer.core.action import Action
from simtrainer.core.session import NoCurriculum, Session, SessionState
from simtrainer.procedures.open_vessel_control.catalogue import SIGNALS
from simtrainer.procedures.open_vessel_control.exercise import EXERCISE
from simtrainer.procedures.open_vessel_control.state import Hole, WoundState
from simtrainer.procedures.open_vessel_control.world import Exercise

State = SessionState[WoundState, None]
AT = {signal.name: k for k, signal in enumerate(SIGNALS)}
MM = 1e-3
HOLE = 15


@cache
def exercise() -> Exercise:
    world = EXERCISE.world("soft_block_thin")
    assert isinstance(world, Exercise)
    return world


@cache
def session(seed: int = 1) -> Session[WoundState, None]:
    return Session(exercise(), NoCurriculum(), seed)


@cache
def start() -> State:
    return session().start()


def play(state: State, ticks: int, *actions: Action, seed: int = 1) -> tuple[State, list[str]]:
    names: list[str] = []
    for tick in range(ticks):
        step = session(seed).step(state, actions if tick == 0 else ())
        state = step.state
        names += [event.name for event in step.events]
    return state, names


def value(state: State, name: str) -> float:
    return float(state.snapshot.signals[AT[name]])


def with_world(state: State, world: WoundState) -> State:
    return replace(state, world=world)


def opened(*, beside: bool = True, area: float = 1.2e-6) -> State:
    """A trench of one voxel, or three, down to the artery, and a hole in it: as a surgeon would leave it."""
    it, state = exercise(), start()
    mesh = it.mesh
    axis = it.block.tubes["artery"].points
    middle = mesh.origin + (mesh.voxels + 0.5) * mesh.spacing
    away = np.abs(middle[:, 0] - np.interp(middle[:, 2], axis[::-1, 2], axis[::-1, 0]))
    wide = 6.5 * MM if beside else 2.0 * MM
    gone = (away < wide) & (middle[:, 1] > axis[0, 1] - 1.0 * MM) & (np.abs(middle[:, 2]) < 24.0 * MM)
    tissue = state.world.tissue
    alive = tissue.alive & ~gone
    alive.setflags(write=False)
    points = len(it.tissue.derived.form(alive).skin.area)
    slip, owner = np.zeros((points, 3)), np.full(points, -1)
    cut = replace(tissue, alive=alive, factored=alive, pending=alive, slip=slip, owner=owner)
    hole = Hole(HOLE, area, "itself") if area else Hole()
    return with_world(state, replace(state.world, tissue=cut, hole=hole))


def at(state: State, side: str, tool: str, x: float, y: float, z: float, *, close: float = 0.0) -> State:
    """A tool in a hand, its tip at a place [mm]."""
    state, _ = play(state, 1, Action(f"{side}.take", tool))
    hand = state.world.left if side == "left" else state.world.right
    held = replace(hand, tip=(x * MM, y * MM, z * MM), close=close)
    world = replace(state.world, left=held) if side == "left" else replace(state.world, right=held)
    return with_world(state, world)
