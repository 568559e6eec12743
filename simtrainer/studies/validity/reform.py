"""In how many of the built-in patients pushing and turning re-forms a Simmons, by which way."""

from __future__ import annotations

from simtrainer.anatomy.package import builtin_names
from simtrainer.core.units import MM
from simtrainer.procedures.selective_catheterisation.fact import ROOT
from simtrainer.studies.manoeuvre.finding import Finding, told
from simtrainer.studies.manoeuvre.simmons import PUSH, SUBCLAVIAN, TURN, Way, reform
from simtrainer.studies.validity import validities
from simtrainer.studies.validity.case import Validity

DT = 0.02
WAYS = {
    "subclavian": Way(SUBCLAVIAN, 1.0), "valve": Way(ROOT, -1.0), "valve_other_way": Way(ROOT, 1.0),
    "valve_unturned": Way(ROOT, 0.0),
}  # fmt: skip


def measure(_: str) -> tuple[Finding, ...]:
    """Try every way once in every built-in patient."""
    names = builtin_names()
    return tuple(
        told(f"reform_{key}", f"Patients of {len(names)} in whom a Simmons is re-formed: {key.replace('_', ' ')}",
             float(sum(reform(name, way, DT)[1] for name in names)), unit="",
             because=f"seen, not set: {PUSH / MM:.0f} mm of push, the hub turned at {TURN:g} rad/s")
        for key, way in WAYS.items()
    )  # fmt: skip


validities.put("reform", Validity("Where a Simmons is re-formed by pushing and turning", measure))
