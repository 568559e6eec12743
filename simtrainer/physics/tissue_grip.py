"""Jaws: what they bind on closing, and when it tears out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from simtrainer.physics.tissue_state import HOLDS, OPEN, TORN, TissueState
from simtrainer.physics.tissue_tool import Grip, Jaw

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
Bool = NDArray[np.bool_]


def grasp(jaws: tuple[Jaw, ...], grips: tuple[Grip, ...], state: TissueState, there: Bool) -> TissueState:
    """Return the state after jaws opened and closed: a jaw that closes binds the nodes `there` (n,) within its reach.

    A node is bound where it is, so that closing alone pulls at nothing; of two jaws the first has it.
    """
    status, bound, local = state.jaws.copy(), state.bound.copy(), state.local.copy()
    bound[~there] = -1
    for j, (jaw, grip) in enumerate(zip(jaws, grips, strict=True)):
        if not grip.closed:
            status[j] = OPEN
            bound[bound == j] = -1
        elif status[j] == OPEN:
            status[j] = HOLDS
            away = state.position - grip.pose[:3, 3]
            mine = there & (bound < 0) & (np.einsum("ni,ni->n", away, away) <= jaw.reach**2)
            bound[mine] = j
            local[mine] = away[mine] @ grip.pose[:3, :3]
    for array in (status, bound, local):
        array.setflags(write=False)
    return replace(state, jaws=status, bound=bound, local=local)


def let_go(jaws: tuple[Jaw, ...], state: TissueState, pull: F8) -> tuple[I8, I8, tuple[int, ...]]:
    """Return jaws, bound nodes and the jaws that tore in this step: those that `pull` [N] (j, 3) too hard."""
    status, bound = state.jaws.copy(), state.bound.copy()
    torn = tuple(j for j, jaw in enumerate(jaws) if status[j] == HOLDS and np.linalg.norm(pull[j]) > jaw.tear_force)
    for j in torn:
        status[j] = TORN
        bound[bound == j] = -1
    for array in (status, bound):
        array.setflags(write=False)
    return status, bound, torn
