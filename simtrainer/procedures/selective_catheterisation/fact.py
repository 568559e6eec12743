"""What is known before anybody starts: the ideal path, the target, and the limits of the exercise."""

from __future__ import annotations

import numpy as np

from simtrainer.anatomy.package import AnatomyPackage
from simtrainer.core.fact import SessionFacts
from simtrainer.core.frame import frozen
from simtrainer.core.units import MM

WALL_FORCE_LIMIT_N = 2.0
"""Force on 10 mm of wall that counts as too much. because: 2 N is the safety limit of CathSim's published metric"""
PERFORATION_N = 5.0
"""Force of a tip on 10 mm of wall that perforates. because: design; no measured in-vivo value was found"""
CONTRAST_LIMIT_ML = 150.0
"""Contrast that a kidney of normal function is thought to bear. because: design, a patient of 3.7 x 40 ml/min"""
TARGET_DEPTH_MM = 40.0
"""Depth beyond the origin at which the target counts as reached. because: design, mid common carotid"""
ENGAGED_DEPTH_MM = 3.0
"""Depth beyond the origin at which a tip counts as sitting in it. because: design, two catheter diameters"""
ENGAGED_S = 0.5
"""How long it has to sit there. because: design"""
ROOT = "ascending_aorta"
"""Where a flush catheter lies for an overview of the arch, if the anatomy names it."""
CHEST = ("descending_aorta", "abdominal_aorta")
"""From which vessel into which a catheter leaves the chest, if the anatomy names them."""
COMPRESSION_S = 600.0
"""Compression that stops an arterial puncture. because: 10 to 15 minutes, health.am carotid angiogram (second)"""


def facts(package: AnatomyPackage) -> SessionFacts:
    """Return the facts of a session on `package`."""
    tree = package.tree
    target = tree.number(package.target)
    path, _ = tree.path_to(target)
    arc = np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))))
    numbers = {
        "wall_force_limit_n": WALL_FORCE_LIMIT_N,
        "perforation_n": PERFORATION_N,
        "ideal_path_mm": float(arc[-1]) / MM,
        "contrast_limit_ml": CONTRAST_LIMIT_ML,
        "target_depth_mm": min(TARGET_DEPTH_MM, 0.5 * tree.branches[target].length / MM),
        "engaged_depth_mm": ENGAGED_DEPTH_MM,
        "compression_s": COMPRESSION_S,
    }
    flush = flush_vessel(package)
    withdrawn = withdrawal(package, flush)
    way = {tree.branches[number].name for end in (target, tree.number(flush)) for number in tree.lineage(end)}
    words = {
        "patient": package.name,
        "target_vessel": package.target,
        "access_vessel": package.access.branch,
        "arch": str(getattr(package.patient, "arch", "")),
        "flush_vessel": flush,
        "withdrawn_from": withdrawn[0],
        "withdrawn_to": withdrawn[1],
        "right_way": ",".join(sorted(way)),
    }
    return SessionFacts(numbers, words, frozen(path))


def flush_vessel(package: AnatomyPackage) -> str:
    """Return where the flush catheter lies for the overview: the ascending aorta, or what stands for it here.

    In vessels that name no ascending aorta it is the widest vessel that the way to the target touches: contrast given
    there runs into all that branches off. Every built-in patient's ascending aorta is that vessel as well.
    """
    tree = package.tree
    way = set(tree.lineage(tree.number(package.target))[:-1])
    beside = [
        branch for number, branch in enumerate(tree.branches)
        if branch.name != package.target and (number in way or branch.parent in way)
    ]  # fmt: skip
    if any(branch.name == ROOT for branch in beside):
        return ROOT
    apart = [branch for branch in beside if branch.name != package.access.branch] or beside
    return max(apart, key=lambda branch: float(branch.radii.mean())).name if apart else package.target


def withdrawal(package: AnatomyPackage, flush: str) -> tuple[str, str]:
    """Return from which vessel into which a catheter comes when it is withdrawn: out of the chest, as a rule.

    In vessels that name no descending aorta it comes out of the flush vessel `flush`, and out of the body where nothing
    leads to that.
    """
    tree = package.tree
    names = [tree.branches[number].name for number in tree.lineage(tree.number(flush))]
    pairs = list(zip(names[1:], names, strict=False))
    return CHEST if CHEST in pairs else pairs[-1] if pairs else (flush, "")


NUMBERS = (
    "wall_force_limit_n", "perforation_n", "ideal_path_mm", "contrast_limit_ml", "target_depth_mm", "engaged_depth_mm",
    "compression_s",
)  # fmt: skip
WORDS = (
    "patient", "target_vessel", "access_vessel", "flush_vessel", "withdrawn_from", "withdrawn_to", "arch", "right_way",
)  # fmt: skip
