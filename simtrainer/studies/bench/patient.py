"""Devices of the shelf in patients that travel with the product."""

from __future__ import annotations

from functools import cache

from simtrainer.anatomy.package import AnatomyPackage, load_package
from simtrainer.instruments import instruments
from simtrainer.physics.rod import Rod, RodSettings, RodState
from simtrainer.physics.rod_device import Profile


@cache
def package(name: str) -> AnatomyPackage:
    """Return a patient, loaded once."""
    return load_package(name)


def from_shelf(*names: str) -> tuple[Profile | None, ...]:
    """Return what the solver needs to know of instruments; None for an empty name."""
    return tuple(instruments.get(name).profile() if name else None for name in names)


def in_patient(name: str, settings: RodSettings, *devices: Profile | None) -> tuple[Rod, RodState]:
    """Return the solver and its first state: the sheath laid towards the patient's target, nothing in it."""
    patient = package(name)
    rod = Rod(patient.field, patient.access.point, patient.access.direction, devices, settings)
    path, _ = patient.tree.path_to(patient.tree.number(patient.target))
    return rod, rod.init(path)
