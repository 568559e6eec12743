"""One folder an exercise: wires anatomy, instruments, physics, imaging and detectors together; with its bots."""

from simtrainer.core.registry import Registry
from simtrainer.procedures.procedure import Procedure

procedures: Registry[Procedure] = Registry("procedure", "simtrainer.procedures")
