"""Newton: its rod of capsules by vertex block descent on the processor, in a tube of triangles."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.units import MM, MS
from simtrainer.studies.peer import peers
from simtrainer.studies.peer.engine import Engine, Peer
from simtrainer.studies.peer.task import (
    DENSITY,
    EI,
    FRICTION,
    GJ,
    LENGTH,
    POISSON,
    RADIUS,
    SEGMENTS,
    YOUNG,
    Floats,
    Task,
    laid,
    surface,
)  # fmt: skip

SEGMENT = LENGTH / SEGMENTS
CONTACT, GAP = 1e4, 1.0 * MM
"""Stiffness of a contact [N/m], and the distance at which it is looked for [m]."""
DAMPING = 1e-4
"""Damping of a joint over its stiffness [s]."""
ALONG, AROUND = 80, 24
"""Rings and corners of the tube of triangles."""
WARM = 3
"""Steps before anything counts: they compile what is not compiled yet."""


class Newton:
    """A rod whose hindmost segment is put where the hand has it."""

    def __init__(self, task: Task, step: float, iterations: int) -> None:
        """Build the model and take some steps without motion."""
        import newton  # noqa: PLC0415  # an optional extra
        import warp  # noqa: PLC0415

        warp.config.quiet = True
        warp.set_device("cpu")
        builder = newton.ModelBuilder(gravity=(0.0, 0.0, 0.0))
        touch = builder.default_shape_cfg
        touch.ke, touch.kd, touch.mu, touch.gap, touch.density = CONTACT, 0.0, FRICTION, GAP, DENSITY
        rod = newton.Rod(laid(task), radius=RADIUS, youngs_modulus=YOUNG, poissons_ratio=POISSON)
        segments, _ = builder.add_rod(
            rod=rod, bend_damping=DAMPING * EI / SEGMENT, twist_damping=DAMPING * GJ / SEGMENT
        )
        self._back, self._segments = segments[0], np.array(segments)
        builder.body_mass[self._back] = builder.body_inv_mass[self._back] = 0.0
        builder.body_inertia[self._back] = builder.body_inv_inertia[self._back] = warp.mat33(0.0)
        vertices, corners = surface(ALONG, AROUND)
        builder.add_shape_mesh(body=-1, mesh=newton.Mesh(vertices.astype(np.float32), corners.ravel()))
        builder.color()
        model = builder.finalize(device="cpu")
        self._pipeline = newton.CollisionPipeline(model)
        self._contacts = self._pipeline.contacts()
        self._solver = newton.solvers.SolverVBD(model, iterations=iterations)
        self._now, self._next, self._control = model.state(), model.state(), model.control()
        self._step = step
        self._begin: NDArray[np.float32] = self._now.body_q.numpy()[self._back].copy()
        for _ in range(WARM):
            self.advance(0.0, 0.0)

    def advance(self, pushed: float, turned: float) -> None:
        """Go on by a step."""
        pose = self._begin.copy()
        pose[0] += pushed
        pose[3:] = _turned(self._begin[3:], turned)
        for state in (self._now, self._next):
            poses = state.body_q.numpy()
            poses[self._back] = pose
            state.body_q.assign(poses)
        self._now.clear_forces()
        self._pipeline.collide(self._now, self._contacts)
        self._solver.step(self._now, self._next, self._control, self._contacts, self._step)
        self._now, self._next = self._next, self._now

    def nodes(self) -> Floats:
        """Return back, middle and front of each segment, which may come apart."""
        poses = self._now.body_q.numpy()[self._segments].astype(np.float64)
        x, y, z, w = poses[:, 3:].T
        along = np.column_stack([2.0 * (x * z + w * y), 2.0 * (y * z - w * x), 1.0 - 2.0 * (x * x + y * y)])
        middle = poses[:, None, :3]
        points = middle + np.array([-0.5, 0.0, 0.5])[:, None] * SEGMENT * along[:, None, :]
        return np.asarray(points.reshape(-1, 3))


def _turned(begin: NDArray[np.float32], angle: float) -> Floats:
    """Return a quaternion (x, y, z, w) turned about the axis x by `angle` [rad]."""
    s, c = np.sin(0.5 * angle), np.cos(0.5 * angle)
    x, y, z, w = (float(v) for v in begin)
    return np.array([c * x + s * w, c * y - s * z, c * z + s * y, c * w - s * x])


def _rod(task: Task, *, step: float, iterations: int) -> Engine:
    return Newton(task, step, iterations)


# because: with 5 ms the wire came out 4 mm short, with 10 ms it left the tube; 10 iterations cost 1.5 times (measured)
peers.put(
    "newton_vbd",
    Peer("Newton, VBD with 5 iterations", "newton", 4.0 * MS, partial(_rod, step=4.0 * MS, iterations=5)),
)
