"""What must be known about an imported patient beside its scores: doubts of the import, and steps that it lacks."""

from __future__ import annotations

from simtrainer.anatomy.package import AnatomyPackage
from simtrainer.ui.case import Case


def notes(case: Case) -> tuple[str, ...]:
    """Return sentences about the patient of `case`; none about one that travels with the product."""
    package = getattr(case.world, "package", None)
    if not isinstance(package, AnatomyPackage) or package.origin != "imported":
        return ()
    target, access = (name.replace("_", " ") for name in (package.target, package.access.branch))
    says = [f"Entered at {access}; the vessel to be reached is {target}, whatever the course calls it."]
    lacking = _lacking(case, {branch.name for branch in package.tree.branches})
    for vessel, steps in lacking.items():
        count, name = f"{len(steps)} of {len(case.course.spec.steps)}", vessel.replace("_", " ")
        says.append(
            f"No vessel here is called {name}, so {count} steps cannot be done ({'; '.join(steps)}), "
            "nor what requires them. If the surface shows that vessel, name it: anatomy import --names FILE."
        )
    return (*says, *(f"{line[:1].upper()}{line[1:]}." for line in package.warnings))


def _lacking(case: Case, vessels: set[str]) -> dict[str, list[str]]:
    """Return the landmarks that steps wait for and that are no vessel here, with the texts of those steps."""
    found: dict[str, list[str]] = {}
    for step in case.course.spec.steps:
        for pattern in step.patterns:
            place = pattern.where.get("landmark")
            if place is not None and place.words and not vessels & set(place.words):
                found.setdefault(place.words[0], []).append(case.course.text(step.do, case.live.language))
    return found
