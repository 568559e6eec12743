"""What must hold beyond closed forms; each file puts its own measurements into `validities`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simtrainer.core.registry import Registry

if TYPE_CHECKING:
    from simtrainer.studies.validity.case import Validity

validities: Registry[Validity] = Registry("measurement of validity", "simtrainer.studies.validity")
