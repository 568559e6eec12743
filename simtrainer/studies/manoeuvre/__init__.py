"""Manoeuvres of a scripted pair of hands, recorded; each file puts its own into `manoeuvres`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simtrainer.core.registry import Registry

if TYPE_CHECKING:
    from simtrainer.studies.manoeuvre.case import Manoeuvre

manoeuvres: Registry[Manoeuvre] = Registry("manoeuvre", "simtrainer.studies.manoeuvre")
