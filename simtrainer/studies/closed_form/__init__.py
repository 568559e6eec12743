"""Experiments whose answer is known exactly; each file puts its own into `closed_forms`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simtrainer.core.registry import Registry

if TYPE_CHECKING:
    from simtrainer.studies.closed_form.case import ClosedForm

closed_forms: Registry[ClosedForm] = Registry("closed form", "simtrainer.studies.closed_form")
