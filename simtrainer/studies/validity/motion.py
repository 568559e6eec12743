"""The chest's motion against what was measured in patients."""

from __future__ import annotations

import numpy as np

from simtrainer.anatomy.motion import ANNULUS, Motion, chest_motion, tenth_vertebra
from simtrainer.anatomy.tree import CentrelineTree
from simtrainer.core.units import MM
from simtrainer.studies.bench.patient import package
from simtrainer.studies.manoeuvre.finding import Finding
from simtrainer.studies.manoeuvre.recording import Floats, arc_of
from simtrainer.studies.validity import validities
from simtrainer.studies.validity.case import Validity

SAILER = "Sailer 2015, J Endovasc Ther 22:905, CT of 60 patients in held inspiration and expiration: mean and deviation"
DISSECTION = "heartbeat in 11 patients with type B dissection, ECG-gated CT: mean and deviation"
PLONEK = "Plonek 2018, doi 10.1186/s12872-018-0891-4, MRI of 73 patients: mean and deviation"
ABOVE = 35.0 * MM
"""How far above the annulus the ascending aorta was looked at [m]. because: design, its middle"""


def within(name: str, what: str, got: float, mean_mm: float, off_mm: float, because: str) -> Finding:
    """Return a finding that has to lie within one standard deviation of what was measured."""
    mean, off = mean_mm * MM, off_mm * MM
    return Finding(name, what, "m", got, mean - off, mean + off, mean, because)


def places(tree: CentrelineTree) -> dict[str, Floats]:
    """Return the points that were looked at in patients [m]."""
    names = {branch.name: branch for branch in tree.branches}
    root = names["ascending_aorta"].points[::-1]
    arc = arc_of(root)
    middle = np.array([np.interp(ABOVE, arc, root[:, k]) for k in range(3)])
    arch = names["aortic_arch"].points
    return {
        "annulus": root[0], "ascending": middle, "vertex": arch[int(arch[:, 2].argmax())],
        "brachiocephalic": names["brachiocephalic_trunk"].points[0], "subclavian": names["left_subclavian"].points[0],
        "descending": tenth_vertebra(tree), "abdominal": names["abdominal_aorta"].points[0],
    }  # fmt: skip


def moved(motion: Motion, point: Floats, *, beating: bool) -> float:
    """Return how far `point` goes with all modes of one kind at their largest [m]."""
    modes = motion.largest(point[None])[:, 0]
    return float(np.linalg.norm(modes[motion.beating == beating].sum(axis=0)))


def measure(patient: str) -> tuple[Finding, ...]:
    """Compare deep breaths and heartbeats of a patient."""
    tree = package(patient).tree
    motion, at = chest_motion(tree, breath=1.0), places(tree)
    breath = {name: moved(motion, point, beating=False) for name, point in at.items()}
    beat = {name: moved(motion, point, beating=True) for name, point in at.items()}
    return (
        within("breath_ascending", "Ascending aorta with a deep breath", breath["ascending"], 8.9, 3.6, SAILER),
        within("breath_brachiocephalic", "Brachiocephalic origin with a deep breath", breath["brachiocephalic"],
               12.0, 4.1, SAILER),
        within("breath_subclavian", "Left subclavian origin with a deep breath", breath["subclavian"],
               11.1, 3.9, SAILER),
        within("breath_descending", "Descending aorta at T10 with a deep breath", breath["descending"],
               4.9, 2.5, SAILER),
        within("beat_annulus", "Aortic annulus with a heartbeat", beat["annulus"], ANNULUS / MM, 2.9, PLONEK),
        within("beat_ascending", "Ascending aorta with a heartbeat", beat["ascending"], 5.2, 1.7, DISSECTION),
        within("beat_vertex", "Vertex of the arch with a heartbeat", beat["vertex"], 1.6, 1.0, DISSECTION),
        within("beat_descending", "Descending aorta with a heartbeat", beat["descending"], 0.9, 0.4, DISSECTION),
    )  # fmt: skip


validities.put("chest_motion", Validity("Breath and heartbeat move the vessels as in patients", measure))
