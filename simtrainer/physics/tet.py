"""Soft tissue from surfaces: corotational tetrahedra with averaged strains, tools that push and grasp, their forces.

The same interface as `tissue.Tissue`, of bricks; what is cut has to be bricks. Interface and kernels in SI.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.error import DivergedError, InputError
from simtrainer.core.frame import frozen
from simtrainer.physics.tet_domain import Rule, assembled, domains, turners
from simtrainer.physics.tet_factor import Factor, factored
from simtrainer.physics.tet_kernel import strain, swelling, turn, turn_slopes
from simtrainer.physics.tet_mesh import TetMesh, check_held, feelers
from simtrainer.physics.tet_step import Body, Limits, Outcome, Task, advance
from simtrainer.physics.tissue_contact import Law
from simtrainer.physics.tissue_grip import grasp, let_go
from simtrainer.physics.tissue_mesh import Attachment
from simtrainer.physics.tissue_state import Felt, TissueControl, TissueReadout, TissueSettings, TissueState
from simtrainer.physics.tissue_tool import OWNER, Jaw, Tool, check_chain, check_motion, check_pose, check_tools, pieces

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
Bool = NDArray[np.bool_]
RESIDUAL_FLOOR = 1e-9
"""Residual [N] that always counts as converged. because: rounding; without load there is nothing to compare with."""
FACTORS = 3
"""Factors that are kept, one for each length of a step. because: design; a session has one."""


class TetTissue:
    """Solver of one tissue of tetrahedra; holds models and what can be derived from them, no state."""

    def __init__(
        self,
        mesh: TetMesh,
        attachment: Attachment,
        settings: TissueSettings | None = None,
        *,
        tools: tuple[Tool, ...] = (),
        jaws: tuple[Jaw, ...] = (),
        rule: Rule = Rule.EDGE,
        expected: Bool | None = None,
    ) -> None:
        """Make a tissue of `mesh`, held by `attachment`; InputError for what no tissue can be.

        `expected` (n,): nodes of the surface where tools are expected, None for all; making ready takes time for each
        of them, and a contact elsewhere costs iterations, nothing else. Of `settings`, `smoothing` and
        `factor_delay_ticks` have no meaning here.
        """
        self.mesh, self.attachment, self.settings = mesh, attachment, settings or TissueSettings()
        self.tools, self.jaws, self.rule = tools, jaws, rule
        self.settings.check()
        check_tools(tools, jaws)
        self._spring, self._points = check_held(mesh, attachment, self.settings.loose)
        self.body = _body(mesh, attachment, rule)
        self._expected = np.zeros(len(mesh.points), dtype=np.bool_)
        self._expected[self.body.skin.node] = len(tools) > 0
        if expected is not None:
            if expected.shape != self._expected.shape:
                raise InputError(f"tets: expected has shape {expected.shape}; the mesh has {len(mesh.points)} nodes")
            self._expected &= expected
        s = self.settings
        self._limits = Limits(s.newton, s.iterations, s.tolerance)
        self.law = Law(s.contact_stiffness, s.friction, s.tangential, s.blend)
        self._factors: dict[float, Factor] = {}

    def init(self) -> TissueState:
        """Return the tissue at rest."""
        n, t = len(self.mesh.points), len(self.tools)
        alive = np.ones(len(self.mesh.kind), dtype=np.bool_)
        alive.setflags(write=False)
        points = len(self.body.skin.area)
        felt = Felt(
            frozen(np.zeros((t, 6))), (), frozen(np.zeros((len(self.jaws), 3))), (), 0, frozen(np.zeros((n, 3))),
            frozen(np.zeros(3)), (0.0, 0.0, 0, 0),
        )  # fmt: skip
        return TissueState(
            tick=0, position=frozen(self.mesh.points), velocity=frozen(np.zeros((n, 3))), alive=alive, factored=alive,
            pending=alive, due=-1, slip=frozen(np.zeros((points, 3))), owner=_still(np.full(points, -1)),
            bound=_still(np.full(n, -1)), local=frozen(np.zeros((n, 3))), jaws=_still(np.zeros(len(self.jaws))),
            poses=frozen(np.full((t, 4, 4), np.nan)), felt=felt,
        )  # fmt: skip

    def step(self, state: TissueState, control: TissueControl, dt: float) -> TissueState:
        """Move the tools to `control` within `dt` [s].

        InputError for a control that does not fit, jumps or cuts; DivergedError when a node leaves the finite numbers.
        """
        poses = self._poses(state, control, dt)
        state = grasp(self.jaws, control.grips, state, np.ones(len(state.bound), dtype=np.bool_))
        table = pieces(self.tools, poses, state.poses, control.chains)
        task, target = self._task(state, control, table, dt)
        found = advance(self.body, task, self.law, self.factor(dt), self._limits)
        x = found.x.reshape(-1, 3)
        if not np.all(np.isfinite(x)):
            raise DivergedError(f"tick {state.tick + 1}: the tissue's node positions are no longer finite numbers")
        pull = np.array([
            jaw.stiffness * (x - target)[state.bound == j].sum(axis=0) for j, jaw in enumerate(self.jaws)
        ]).reshape(-1, 3)  # fmt: skip
        jaws, bound, torn = let_go(self.jaws, state, pull)
        felt = Felt(
            tools=frozen(self._on_tools(table, found.sums, poses)),
            chains=self._on_chains(table, found.sums, control), jaws=frozen(pull), torn=torn, removed=0,
            contact=frozen(found.contact.reshape(-1, 3)), support=frozen(self._support(found)), report=found.report,
        )  # fmt: skip
        return replace(
            state, tick=state.tick + 1, position=frozen(x), velocity=frozen((x - state.position) / dt),
            slip=frozen(found.slip), owner=_still(found.owner), bound=bound, jaws=jaws, poses=frozen(poses), felt=felt,
        )  # fmt: skip

    def read(self, state: TissueState) -> TissueReadout:
        """Return what the tissue does."""
        felt = state.felt
        residual, load, iterations, contacts = felt.report
        return TissueReadout(
            points=state.position, velocity=state.velocity, alive=state.alive, tool_force=felt.tools[:, :3],
            tool_torque=felt.tools[:, 3:], chain_force=felt.chains, jaw_force=felt.jaws, torn=felt.torn,
            removed=felt.removed, contact=felt.contact, support=felt.support, residual=residual, load=load,
            iterations=iterations, contacts=contacts,
            unconverged=residual > self.settings.accept * load + RESIDUAL_FLOOR,
        )  # fmt: skip

    def energy(self, state: TissueState) -> tuple[float, float]:
        """Return elastic and kinetic energy [J], without springs, contacts and weight. For studies: not cheap."""
        shape, full, x = self.body.shape, self.body.full, state.position.ravel()
        rot, around, turned = np.empty((len(shape.volume), 9)), np.empty((len(full.volume), 9)), full.slope.copy()
        turn(x, shape, rot, np.zeros((3, 3)), np.zeros((4, 9)))
        turn(x, full, around, np.zeros((3, 3)), np.zeros((4, 9)))
        turn_slopes(full, around, turned)
        total, e = 0.0, np.zeros(6)
        for d in range(len(shape.volume)):
            strain(x, shape, rot, d, e)
            e[:3] -= 1.0
            trace = float(e[:3].sum())
            square = float(e[:3] @ e[:3] + 2.0 * e[3:] @ e[3:]) - trace**2 / 3.0
            total += shape.shear[d] * square + 0.5 * shape.bulk[d] * trace**2
        for d in range(len(full.volume)):
            total += 0.5 * full.bulk[d] * (swelling(x, full, turned, d) - 3.0) ** 2
        return float(total), 0.5 * float(np.sum(self.body.mass[:, None] * state.velocity**2))

    def factor(self, dt: float) -> Factor:
        """Return the factor at rest for steps of `dt` [s]; made when first asked for, in seconds for large meshes."""
        known = self._factors.get(dt)
        if known is None:
            body, n = self.body, len(self.mesh.points)
            stiffness = assembled((body.shape, body.full), 1.0 + body.damping / dt, n)
            diagonal = body.mass / dt**2 + body.drag / dt + self._spring
            known = factored(stiffness, diagonal, body.free == 0.0, self._expected)
            while len(self._factors) >= FACTORS:
                self._factors.pop(next(iter(self._factors)))
            self._factors[dt] = known
        return known

    def _poses(self, state: TissueState, control: TissueControl, dt: float) -> F8:
        """Refuse a control that does not fit this tissue; return the poses of its tools, NaN for those not there."""
        if not (np.isfinite(dt) and dt > 0.0):
            raise InputError(f"tets: the step is {dt} s; it must be finite and above 0")
        if control.cut is not None:
            raise InputError("control: cut is given, but tetrahedra cannot be cut; make a tissue of bricks")
        if len(control.poses) != len(self.tools) or len(control.grips) != len(self.jaws):
            raise InputError(
                f"control: {len(control.poses)} poses and {len(control.grips)} grips for {len(self.tools)} tools and "
                f"{len(self.jaws)} jaws"
            )
        poses = np.full((len(self.tools), 4, 4), np.nan)
        for t, pose in enumerate(control.poses):
            if pose is not None:
                check_pose(pose, f"poses[{t}]")
                check_motion(state.poses[t], pose, f"poses[{t}]")
                poses[t] = pose
        for j, grip in enumerate(control.grips):
            check_pose(grip.pose, f"grips[{j}].pose")
        for c, chain in enumerate(control.chains):
            check_chain(chain, f"chains[{c}]")
        given = control.force
        if given is not None and (given.shape != state.position.shape or not np.all(np.isfinite(given))):
            raise InputError(f"control: force has shape {given.shape}; it must be {state.position.shape}, finite")
        return poses

    def _task(self, state: TissueState, control: TissueControl, table: F8, dt: float) -> tuple[Task, F8]:
        """Return the step to take, and where the jaws pull their nodes to [m], shape (n, 3)."""
        steady = self.body.mass[:, None] * np.array(self.settings.gravity)
        if control.force is not None:
            steady = steady + control.force
        spring, pull = self._spring.copy(), self._spring[:, None] * self._points
        target = np.zeros_like(state.position)
        for j, (jaw, grip) in enumerate(zip(self.jaws, control.grips, strict=True)):
            mine = state.bound == j
            target[mine] = state.local[mine] @ grip.pose[:3, :3].T + grip.pose[:3, 3]
            spring[mine] += jaw.stiffness
            pull[mine] += jaw.stiffness * target[mine]
        task = Task(
            state.position.ravel(), state.velocity.ravel(), state.slip, state.owner, steady.ravel(), spring,
            pull.ravel(), table, dt,
        )  # fmt: skip
        return task, target

    def _on_tools(self, table: F8, sums: F8, poses: F8) -> F8:
        """Return force [N] and torque about its origin [N m] of the tissue on each tool, shape (t, 6)."""
        out = np.zeros((len(self.tools), 6))
        for t in range(len(self.tools)):
            mine = sums[table[:, OWNER] == t].sum(axis=0)
            if np.isfinite(poses[t, 0, 0]):
                out[t, :3], out[t, 3:] = mine[:3], mine[3:6] - np.cross(poses[t, :3, 3], mine[:3])
        return out

    def _on_chains(self, table: F8, sums: F8, control: TissueControl) -> tuple[F8, ...]:
        """Return the force [N] of the tissue on each point of each chain."""
        out = []
        for c, chain in enumerate(control.chains):
            mine, force = sums[table[:, OWNER] == len(self.tools) + c], np.zeros((len(chain.points), 3))
            force[:-1] += mine[:, :3] - mine[:, 6:]
            force[1:] += mine[:, 6:]
            out.append(frozen(force))
        return tuple(out)

    def _support(self, found: Outcome) -> F8:
        """Return the force [N] with which fixed nodes and springs hold the tissue, shape (3,)."""
        springs = self._spring[:, None] * (self._points - found.x.reshape(-1, 3))
        held = found.unbalanced.reshape(-1, 3) * (1.0 - self.body.free[:, None])
        return np.asarray(springs.sum(axis=0) + held.sum(axis=0))


def _body(mesh: TetMesh, held: Attachment, rule: Rule) -> Body:
    """Return what no step changes. A node turns with the largest of the domains about it."""
    shape, full = domains(mesh, rule)
    mass, drag = mesh.masses()
    return Body(
        shape, full, turners(mesh, full), mass, drag, (~held.fixed).astype(np.float64),
        feelers(mesh.points, mesh.skin()), np.array([m.damping for m in mesh.materials]),
    )  # fmt: skip


def _still(numbers: NDArray[np.generic]) -> I8:
    out = np.array(numbers, dtype=np.int64)
    out.setflags(write=False)
    return out
