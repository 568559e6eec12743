"""What a measurement of validity is: some numbers against what they have to be, in a vessel that may be chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simtrainer.studies.manoeuvre.finding import Finding
from simtrainer.studies.validity import validities

PATIENT = "older_female_type3"
"""Patient that is measured in where none is named."""


@dataclass(frozen=True, slots=True)
class Validity:
    """A measurement.

    Parameters
    ----------
    title
        What is shown, for people.
    measure
        Takes the name of a built-in patient or the folder of an imported one; returns the rows of the table.
    """

    title: str
    measure: Callable[[str], tuple[Finding, ...]]


@dataclass(frozen=True, slots=True)
class Measured:
    """A measurement that was made."""

    name: str
    title: str
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        """Tell whether every row that is judged holds."""
        return all(finding.holds for finding in self.findings if finding.judged)


def measured(name: str, patient: str = PATIENT) -> Measured:
    """Make the measurement `name` in a patient."""
    one = validities.get(name)
    return Measured(name, one.title, one.measure(patient))
