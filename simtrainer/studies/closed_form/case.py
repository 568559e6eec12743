"""What an experiment with a known answer is, and how it is judged."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Pair:
    """What is exact, and what the solver says, in SI."""

    exact: float
    value: float

    @property
    def relative_error(self) -> float:
        """How far the value is off, as a share of what is exact; signed."""
        return float((self.value - self.exact) / abs(self.exact))


@dataclass(frozen=True, slots=True)
class ClosedForm:
    """An experiment with a known answer.

    Parameters
    ----------
    title
        What is measured, for people.
    unit
        SI unit of both numbers.
    source
        Where the exact answer stands.
    limit
        Largest relative error that is allowed at the finest node step.
    node_steps
        Node distances [m] it is run with, the finest last; one where the distance of nodes is not what limits it.
    measure
        Runs it with a node distance [m].
    """

    title: str
    unit: str
    source: str
    limit: float
    node_steps: tuple[float, ...]
    measure: Callable[[float], Pair]


@dataclass(frozen=True, slots=True)
class Accuracy:
    """An experiment that was run; numbers are those of the finest node step.

    Parameters
    ----------
    order
        Slope of the error over the node distance in logarithms; None where one node distance was run.
    node_steps, errors
        Node distances [m] and relative errors, the finest last.
    """

    id: str
    title: str
    unit: str
    source: str
    exact: float
    value: float
    relative_error: float
    limit: float
    order: float | None
    node_steps: tuple[float, ...]
    errors: tuple[float, ...]

    @property
    def holds(self) -> bool:
        """Tell whether the error is within the limit; an error that is no number is not."""
        return bool(abs(self.relative_error) <= self.limit)


def judged(name: str, form: ClosedForm) -> Accuracy:
    """Run `form` with each of its node distances."""
    pairs = [form.measure(step) for step in form.node_steps]
    errors = tuple(pair.relative_error for pair in pairs)
    best = pairs[-1]
    return Accuracy(
        id=name, title=form.title, unit=form.unit, source=form.source, exact=float(best.exact), value=float(best.value),
        relative_error=errors[-1], limit=form.limit, order=order(form.node_steps, errors),
        node_steps=form.node_steps, errors=errors,
    )  # fmt: skip


def order(steps: tuple[float, ...], errors: tuple[float, ...]) -> float | None:
    """Return the slope of log |error| over log step by least squares; None for one step or an error of 0."""
    if len(steps) < 2 or not all(math.isfinite(error) and error != 0.0 for error in errors):
        return None
    return float(np.polyfit(np.log(steps), np.log(np.abs(errors)), 1)[0])
