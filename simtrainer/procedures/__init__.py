"""One folder an exercise: wires anatomy, instruments, physics, imaging and detectors together; with its bots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simtrainer.core.registry import Registry

if TYPE_CHECKING:
    from simtrainer.procedures.procedure import Procedure

procedures: Registry[Procedure] = Registry("procedure", "simtrainer.procedures")
