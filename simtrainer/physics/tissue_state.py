"""Settings, control, state and readout of a tissue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.error import InputError
from simtrainer.core.units import MM
from simtrainer.physics.tissue_mesh import Loose
from simtrainer.physics.tissue_tool import Chain, Grip

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
Bool = NDArray[np.bool_]
OPEN, HOLDS, TORN = 0, 1, 2
"""What a jaw does; one that tore must open before it can hold again."""


@dataclass(frozen=True, slots=True)
class TissueSettings:
    """How a tissue is solved, and its surroundings.

    Parameters
    ----------
    newton, iterations, smoothing
        Most Newton iterations a step, conjugate gradient iterations in each, and turns of the smoother.
    tolerance, accept
        Residual over load that stops the iteration, and above which a step counts as unconverged.
    contact_stiffness
        Penalty pressure over depth [N/m3].
    friction, tangential, blend
        Coulomb coefficient; tangential over normal stiffness; half width [m] of the smooth beginning of contact.
    factor_delay_ticks
        Ticks from a cut to the factor that knows of it.
    gravity
        [m/s2], shape (3,).
    loose
        What to do with pieces that are attached to nothing when the tissue is made; a cut may always free one.
    """

    newton: int = 2
    iterations: int = 60
    smoothing: int = 2
    tolerance: float = 1e-3
    accept: float = 0.05
    contact_stiffness: float = 2e7
    friction: float = 0.1
    tangential: float = 0.5
    blend: float = 0.1 * MM
    factor_delay_ticks: int = 20
    gravity: tuple[float, float, float] = (0.0, 0.0, 0.0)
    loose: Loose = Loose.REFUSED

    def check(self) -> None:
        """Refuse settings that describe no solver; InputError says which."""
        least = {
            "newton": 1.0, "iterations": 1.0, "smoothing": 1.0, "tolerance": 1e-14, "accept": 0.0, "blend": 1e-9,
            "contact_stiffness": 0.0, "friction": 0.0, "tangential": 1e-6, "factor_delay_ticks": 1.0,
        }  # fmt: skip
        for name, low in least.items():
            value = float(getattr(self, name))
            if not (np.isfinite(value) and value >= low):
                raise InputError(f"tissue settings: {name} is {value}, it must be finite and at least {low:g}")
        if not np.all(np.isfinite(self.gravity)):
            raise InputError(f"tissue settings: gravity is {self.gravity}, it must be finite")


@dataclass(frozen=True, slots=True)
class TissueControl:
    """What hands do at the end of the step.

    Parameters
    ----------
    poses
        `X_WT` of each tool (4, 4), None for one that is not there.
    chains
        Slender instruments.
    grips
        Each jaw.
    cut
        Edge of a blade at the last tick and now [m], shape (2, 2, 3): bricks that the patch between them meets go.
    force
        Given force on each node [N], shape (n, 3).
    """

    poses: tuple[F8 | None, ...] = ()
    chains: tuple[Chain, ...] = ()
    grips: tuple[Grip, ...] = ()
    cut: F8 | None = None
    force: F8 | None = None


@dataclass(frozen=True, slots=True)
class Felt:
    """What the last step gave; see `TissueReadout`."""

    tools: F8
    chains: tuple[F8, ...]
    jaws: F8
    torn: tuple[int, ...]
    removed: int
    contact: F8
    support: F8
    report: tuple[float, float, int, int]


@dataclass(frozen=True, slots=True)
class TissueState:
    """A tissue between steps.

    Parameters
    ----------
    tick
        Steps taken.
    position, velocity
        Nodes [m] and [m/s], shape (n, 3).
    alive
        Bricks that are there, shape (e,).
    factored, pending, due
        Bricks that the factor in force knows of, those that the next will know of, and the tick at which it takes
        effect, -1 for none.
    slip, owner
        Tangential spring of each point of the surface [m] (s, 3), and which tool or chain it touches, -1 for none.
    bound, local
        Jaw that holds each node, -1 for none, (n,); where in the jaw's frame [m] (n, 3).
    jaws
        OPEN, HOLDS or TORN, shape (j,).
    poses
        Of the tools at the last tick, NaN where there was none, shape (t, 4, 4).
    """

    tick: int
    position: F8
    velocity: F8
    alive: Bool
    factored: Bool
    pending: Bool
    due: int
    slip: F8
    owner: I8
    bound: I8
    local: F8
    jaws: I8
    poses: F8
    felt: Felt


@dataclass(frozen=True, slots=True)
class TissueReadout:
    """What a tissue does.

    Parameters
    ----------
    points, velocity
        Nodes [m], [m/s], shape (n, 3).
    alive
        Bricks that are there, shape (e,).
    tool_force, tool_torque
        What the tissue does to each tool [N], and about the origin of its frame [N m], shape (t, 3).
    chain_force
        What it does to each point of each chain [N], shape (n, 3) each.
    jaw_force
        What the tissue that a jaw holds pulls with [N], shape (j, 3).
    torn
        Jaws that tore out in this step.
    removed
        Bricks that were cut away in this step.
    contact
        Force of tools on each node [N], shape (n, 3).
    support
        Force of all attachments on the tissue [N], shape (3,).
    residual, load
        What is left of the balance of forces, and the size of the loads [N]; norms over all nodes.
    iterations, contacts
        Conjugate gradient iterations, and points in contact.
    unconverged
        Whether the residual stayed above the accepted share of the load.
    """

    points: F8
    velocity: F8
    alive: Bool
    tool_force: F8
    tool_torque: F8
    chain_force: tuple[F8, ...]
    jaw_force: F8
    torn: tuple[int, ...]
    removed: int
    contact: F8
    support: F8
    residual: float
    load: float
    iterations: int
    contacts: int
    unconverged: bool
