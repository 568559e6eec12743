"""A patient who is turned in space must feel the same to the hand.

Turns that carry the grid onto itself leave nothing but rounding; any other turn is sampled anew on a grid of its own.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simtrainer.anatomy.field import build_field, spacing_for, tree_shape
from simtrainer.anatomy.tree import CentrelineTree
from simtrainer.core.grid import BRICK, SparseGrid
from simtrainer.core.units import MM
from simtrainer.instruments import instruments
from simtrainer.physics.rod import RodSettings
from simtrainer.studies.bench.patient import package
from simtrainer.studies.manoeuvre.finding import Finding, most, told
from simtrainer.studies.manoeuvre.recording import Floats, arc_of
from simtrainer.studies.validity import validities
from simtrainer.studies.validity.case import Validity
from simtrainer.studies.validity.push import Pushed, Vessel, pushed

DEVICE = "hydrophilic_wire"
CYCLE = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
"""x to y, y to z, z to x."""
QUARTER = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
"""A quarter turn about z."""
EXACT_N, EXACT_M = 1e-6, 1e-6
"""Difference of force [N] and place [m] that rounding may make of a turn of the grid. because: design; the residual of
a tick may be 5e-4 N"""
SAMPLED = 0.05
"""Change of the peak push that sampling anew may make. because: as for the nodes; the field is exact to 0.1 mm"""


def tilted() -> Floats:
    """Return a turn by 40 degrees about an axis that is nobody's."""
    axis = np.array([1.0, 2.0, 3.0]) / np.sqrt(14.0)
    cross = np.array([[0.0, -axis[2], axis[1]], [axis[2], 0.0, -axis[0]], [-axis[1], axis[0], 0.0]])
    angle = np.radians(40.0)
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1.0 - np.cos(angle)) * cross @ cross)


def cycled(grid: SparseGrid) -> SparseGrid:
    """Return the grid turned by CYCLE, sample by sample."""
    index = np.ascontiguousarray(grid.index.transpose(2, 0, 1))
    values = np.ascontiguousarray(grid.values.transpose(0, 3, 1, 2))
    return SparseGrid(np.ascontiguousarray(grid.origin[[2, 0, 1]]), grid.spacing, index, values)


def quartered(grid: SparseGrid) -> SparseGrid:
    """Return the grid turned by QUARTER, sample by sample."""
    index = np.ascontiguousarray(grid.index.transpose(1, 0, 2)[::-1])
    values = np.ascontiguousarray(grid.values.transpose(0, 2, 1, 3)[:, ::-1])
    last = grid.origin[1] + grid.spacing * (BRICK * grid.index.shape[1] - 1)
    return SparseGrid(np.array([-last, grid.origin[0], grid.origin[2]]), grid.spacing, index, values)


def turned(vessel: Vessel, field: SparseGrid, turn: Floats) -> Vessel:
    """Return a vessel turned in space, with the field that was turned for it."""
    return Vessel(field, turn @ vessel.entry, turn @ vessel.direction, vessel.path @ turn.T)


def director(direction: Floats) -> Floats:
    """Return where the hub's angle 0 points at an access, as the solver chooses it."""
    found = np.cross(direction, np.eye(3)[int(np.argmin(np.abs(direction)))])
    return np.asarray(found / np.linalg.norm(found))


def hub_for(direction: Floats, turn: Floats) -> float:
    """Return the angle of the hub [rad] in the turned vessel that is angle 0 in the vessel."""
    unit = direction / np.linalg.norm(direction)
    old, new = turn @ director(unit), director(turn @ unit)
    return float(np.arctan2(old @ np.cross(turn @ unit, new), old @ new))


def rebuilt(tree: CentrelineTree, turn: Floats) -> SparseGrid:
    """Return the field of the turned tree, sampled anew."""
    branches = tuple(replace(one, points=np.ascontiguousarray(one.points @ turn.T)) for one in tree.branches)
    spacing = spacing_for(np.concatenate([one.radii for one in branches]))
    return build_field(tree_shape(CentrelineTree(branches)), spacing)


def apart(run: Pushed, other: Pushed, turn: Floats) -> tuple[float, float, float]:
    """Return largest differences of force [N] and of the tip's place [m], and the change of the peak force."""
    force = float(np.abs(run.force - other.force).max())
    place = float(np.linalg.norm(run.tip @ turn.T - other.tip, axis=1).max())
    peak = float(np.abs(other.force).max() / np.abs(run.force).max() - 1.0)
    return force, place, peak


def measure(patient: str) -> tuple[Finding, ...]:
    """Push a wire up the same vessel in four attitudes."""
    one = package(patient)
    number = one.tree.number(one.target)
    path, _ = one.tree.path_to(number)
    to = float(arc_of(path)[-1]) - one.tree.branches[number].length
    device, settings = (instruments.get(DEVICE).profile(), None), RodSettings()
    vessel = Vessel(one.field, one.access.point, one.access.direction, path)
    still = pushed(vessel, device, to, settings)
    rows: list[Finding] = []
    for name, turn, field in (("cycle", CYCLE, cycled(one.field)), ("quarter", QUARTER, quartered(one.field))):
        run = pushed(turned(vessel, field, turn), device, to, settings, hub=hub_for(vessel.direction, turn))
        force, place, _ = apart(still, run, turn)
        because = "the grid is carried onto itself: only rounding is left; design"
        rows += [
            most(f"rotation_{name}_force", f"Difference of the push, axes turned ({name})", force, EXACT_N, unit="N",
                 because=because),
            most(f"rotation_{name}_tip", f"Difference of the tip's place, axes turned ({name})", place, EXACT_M,
                 unit="m", because=because),
        ]  # fmt: skip
    turn = tilted()
    before = pushed(replace(vessel, field=rebuilt(one.tree, np.eye(3))), device, to, settings)
    tilt = turned(vessel, rebuilt(one.tree, turn), turn)
    after = pushed(tilt, device, to, settings, hub=hub_for(vessel.direction, turn))
    force, place, peak = apart(before, after, turn)
    because = "the vessel is sampled anew: its field is exact to a tenth of a millimetre; design"
    return (
        *rows,
        most("rotation_tilt_peak", "Change of the peak push, patient tilted by 40 degrees and sampled anew", abs(peak),
             SAMPLED, unit="", because=because),
        told("rotation_tilt_force", "Largest difference of the push, the same", force, unit="N", because="reported"),
        told("rotation_tilt_tip", "Largest difference of the tip's place, the same", place / MM, unit="mm",
             because="reported"),
    )  # fmt: skip


validities.put("rotation", Validity("A patient who is turned in space feels the same", measure))
