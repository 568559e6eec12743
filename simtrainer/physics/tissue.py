"""Soft tissue from label maps: corotational bricks, tools that push, grasp and cut, and the forces that hands feel.

Interface and kernels in SI.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.error import DivergedError, InputError
from simtrainer.core.frame import frozen
from simtrainer.physics.tissue_balance import hold
from simtrainer.physics.tissue_contact import Law
from simtrainer.physics.tissue_cut import crossed
from simtrainer.physics.tissue_derive import Derived
from simtrainer.physics.tissue_element import CORNERS
from simtrainer.physics.tissue_grip import grasp, let_go
from simtrainer.physics.tissue_mesh import Attachment, VoxelMesh, check_attachment
from simtrainer.physics.tissue_state import Felt, TissueControl, TissueReadout, TissueSettings, TissueState
from simtrainer.physics.tissue_step import Bounds, Load, Problem, Result, Start, advance
from simtrainer.physics.tissue_tool import OWNER, Jaw, Tool, check_chain, check_motion, check_pose, check_tools, pieces

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
Bool = NDArray[np.bool_]
RESIDUAL_FLOOR = 1e-9
"""Residual [N] that always counts as converged. because: rounding; without load there is nothing to compare with."""


class Tissue:
    """Solver of one tissue; holds models and what can be derived from them, no state."""

    def __init__(
        self,
        mesh: VoxelMesh,
        attachment: Attachment,
        settings: TissueSettings | None = None,
        *,
        tools: tuple[Tool, ...] = (),
        jaws: tuple[Jaw, ...] = (),
    ) -> None:
        """Make a tissue of `mesh`, held by `attachment`; InputError for what no tissue can be."""
        self.mesh, self.attachment, self.settings = mesh, attachment, settings or TissueSettings()
        self.tools, self.jaws = tools, jaws
        self.settings.check()
        check_tools(tools, jaws)
        self._spring, self._points = check_attachment(mesh, attachment, self.settings.loose)
        self.derived = Derived(mesh, attachment.fixed, self._spring)
        s = self.settings
        self._bounds = Bounds(s.newton, s.iterations, s.smoothing, s.tolerance)
        self.rule = Law(s.contact_stiffness, s.friction, s.tangential, s.blend)

    def init(self) -> TissueState:
        """Return the tissue at rest, uncut."""
        n, t = len(self.mesh.points), len(self.tools)
        alive = np.ones(len(self.mesh.kind), dtype=np.bool_)
        alive.setflags(write=False)
        points = len(self.derived.form(alive).skin.area)
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

        InputError for a control that does not fit or jumps; DivergedError when a node leaves the finite numbers.
        """
        poses, before = self._checked(state, control, dt), state
        state = self._cut(state, control)
        form = self.derived.form(state.alive)
        state = self._refactored(state, dt)
        state = grasp(self.jaws, control.grips, state, form.mass[:-1] > 0.0)
        table = pieces(self.tools, poses, state.poses, control.chains)
        load, target = self._load(state, control, form.mass, table)
        start = Start(_flat(state.position), _flat(state.velocity), state.slip.copy(), state.owner.copy())
        problem = Problem(
            self.derived.layout, form, load, start, self.rule, self.derived.begin_factor(state.factored, dt).result(),
            self.derived.bound, dt,
        )  # fmt: skip
        buffers = self.derived.borrow()
        found = advance(problem, self._bounds, buffers)
        x = found.x.reshape(-1, 3)[:-1]
        if not np.all(np.isfinite(x)):  # the buffers are not handed back: they are no longer finite either
            raise DivergedError(f"tick {state.tick + 1}: the tissue's node positions are no longer finite numbers")
        self.derived.give_back(buffers)
        pull = self._jaw_pull(state, x, target)
        jaws, bound, torn = let_go(self.jaws, state, pull)
        felt = Felt(
            tools=frozen(self._on_tools(table, found.sums, poses)),
            chains=self._on_chains(table, found.sums, control),
            jaws=frozen(pull), torn=torn, removed=int(before.alive.sum() - state.alive.sum()),
            contact=frozen(found.contact.reshape(-1, 3)[:-1]),
            support=frozen(self._support(found)),
            report=(found.residual, found.load, found.iterations, found.contacts),
        )  # fmt: skip
        return replace(
            state, tick=state.tick + 1, position=frozen(x), velocity=frozen((x - state.position) / dt),
            slip=frozen(found.slip), owner=_still(found.who), bound=bound, jaws=jaws, poses=frozen(poses), felt=felt,
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
        form, mesh = self.derived.form(state.alive), self.mesh
        corners = state.position[mesh.corners[state.alive]]
        gradient = np.einsum("ekr,kc->erc", corners, CORNERS) / (4.0 * mesh.spacing)
        u, _, v = np.linalg.svd(gradient)
        u[:, :, 2] *= np.linalg.det(u @ v)[:, None]
        local = (corners @ (u @ v) - CORNERS * (0.5 * mesh.spacing)).reshape(-1, 24)
        stiffness = np.stack([kind.stiffness for kind in self.derived.kinds])[mesh.kind[state.alive]]
        total = 0.5 * float(np.einsum("ei,eij,ej->", local, stiffness, local, optimize=True))
        moving = 0.5 * float(np.sum(form.mass[:-1, None] * state.velocity**2))
        return total, moving

    def _checked(self, state: TissueState, control: TissueControl, dt: float) -> F8:
        """Refuse a control that does not fit this tissue; return the poses of its tools, NaN for those not there."""
        if not (np.isfinite(dt) and dt > 0.0):
            raise InputError(f"tissue: the step is {dt} s; it must be finite and above 0")
        if len(control.poses) != len(self.tools) or len(control.grips) != len(self.jaws):
            raise InputError(
                f"control: {len(control.poses)} poses and {len(control.grips)} grips; the tissue has {len(self.tools)} "
                f"tools and {len(self.jaws)} jaws"
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

    def _cut(self, state: TissueState, control: TissueControl) -> TissueState:
        """Remove what a blade crosses; friction is forgotten, since the surface is another one."""
        if control.cut is None:
            return state
        gone = crossed(self.mesh, np.ascontiguousarray(state.position), state.alive, control.cut)
        if not gone.any():
            return state
        alive = _still_mask(state.alive & ~gone)
        points = len(self.derived.form(alive).skin.area)
        return replace(state, alive=alive, slip=np.zeros((points, 3)), owner=np.full(points, -1))

    def _refactored(self, state: TissueState, dt: float) -> TissueState:
        """Put a factor that is due in force, and order one that knows of later cuts; never two at a time."""
        if state.due == state.tick:
            state = replace(state, factored=state.pending, due=-1)
        if state.due < 0 and not np.array_equal(state.factored, state.alive):
            self.derived.begin_factor(state.alive, dt)
            state = replace(state, pending=state.alive, due=state.tick + self.settings.factor_delay_ticks)
        return state

    def _load(self, state: TissueState, control: TissueControl, mass: F8, table: F8) -> tuple[Load, F8]:
        """Return what acts besides the bricks, and where the jaws pull their nodes to [m], shape (n, 3)."""
        steady = mass[:-1, None] * np.array(self.settings.gravity)
        if control.force is not None:
            steady = steady + control.force
        spring, pull = self._spring.copy(), self._spring[:, None] * self._points
        target = np.zeros_like(state.position)
        for j, jaw in enumerate(self.jaws):
            mine = state.bound == j
            pose = control.grips[j].pose
            target[mine] = state.local[mine] @ pose[:3, :3].T + pose[:3, 3]
            spring[mine] += jaw.stiffness
            pull[mine] += jaw.stiffness * target[mine]
        return Load(_flat(steady), np.append(spring, 0.0), _flat(pull), table), target

    def _jaw_pull(self, state: TissueState, x: F8, target: F8) -> F8:
        """Return the force [N] of the tissue on each jaw, shape (j, 3)."""
        out = np.zeros((len(self.jaws), 3))
        for j, jaw in enumerate(self.jaws):
            mine = state.bound == j
            out[j] = jaw.stiffness * (x[mine] - target[mine]).sum(axis=0)
        return out

    def _on_tools(self, table: F8, sums: F8, poses: F8) -> F8:
        """Return force [N] and torque about its origin [N m] of the tissue on each tool, shape (t, 6)."""
        out = np.zeros((len(self.tools), 6))
        for row, total in zip(table, sums, strict=True):
            t = int(row[OWNER])
            if t < len(self.tools):
                out[t, :3] += total[:3]
                out[t, 3:] += total[3:6] - np.cross(poses[t, :3, 3], total[:3])
        return out

    def _on_chains(self, table: F8, sums: F8, control: TissueControl) -> tuple[F8, ...]:
        """Return the force [N] of the tissue on each point of each chain."""
        out = []
        for c, chain in enumerate(control.chains):
            mine = sums[table[:, OWNER] == len(self.tools) + c]
            force = np.zeros((len(chain.points), 3))
            force[:-1] += mine[:, :3] - mine[:, 6:]
            force[1:] += mine[:, 6:]
            out.append(frozen(force))
        return tuple(out)

    def _support(self, found: Result) -> F8:
        """Return the force [N] with which fixed nodes and springs hold the tissue, shape (3,)."""
        out = np.zeros(3)
        hold(found.x, found.nodes, self._spring, self._points, found.unbalanced, out)
        return out


def _flat(rows: F8) -> F8:
    """Return rows (n, 3) as the kernels read them: flat, with three zeros behind."""
    return np.concatenate((rows.ravel(), np.zeros(3)))


def _still(numbers: NDArray[np.generic]) -> I8:
    out = np.array(numbers, dtype=np.int64)
    out.setflags(write=False)
    return out


def _still_mask(mask: Bool) -> Bool:
    mask.setflags(write=False)
    return mask
