"""Parametric patients: a generator is a pure function of a frozen parameter dataclass, found through the registry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from simtrainer.anatomy.manifest import Number
from simtrainer.anatomy.part import BodyPart
from simtrainer.anatomy.tree import CentrelineTree
from simtrainer.core.registry import Registry


@dataclass(frozen=True, slots=True)
class GeneratedPatient:
    """What a generator returns.

    Parameters
    ----------
    tree
        Vessels, root at the access.
    parts
        Body outline, bones, lungs and heart by name.
    numbers
        Every published or chosen number that went in, with its source.
    target
        Name of the branch that an exercise aims at.
    """

    tree: CentrelineTree
    parts: Mapping[str, BodyPart]
    numbers: tuple[Number, ...]
    target: str


class Generator(Protocol):
    """Makes a patient from parameters as they stand in a manifest; InputError for a value that is not allowed."""

    def __call__(self, parameters: Mapping[str, str | float]) -> GeneratedPatient:
        """Return the patient; equal parameters give equal bits."""


generators: Registry[Generator] = Registry("generator", "simtrainer.anatomy.generators")
