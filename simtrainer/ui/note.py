"""What must be known about an imported patient beside its scores: doubts of the import, and steps that it lacks."""

from __future__ import annotations

from simtrainer.anatomy.package import AnatomyPackage
from simtrainer.debrief.word import say, word
from simtrainer.procedures.selective_catheterisation.fact import ROOT
from simtrainer.ui.case import Case


def notes(case: Case) -> tuple[str, ...]:
    """Return sentences about the patient of `case`; none about one that travels with the product."""
    package = getattr(case.world, "package", None)
    if not isinstance(package, AnatomyPackage) or package.origin != "imported":
        return ()
    language = case.live.language
    target, access = (word(name, language) for name in (package.target, package.access.branch))
    says = [say("note.entered", language, access=access, target=target)]
    flush = case.world.facts.words.get("flush_vessel", ROOT)
    if flush != ROOT:
        says.append(say("note.flush", language, flush=word(flush, language)))
    for vessel, steps in _lacking(case, {branch.name for branch in package.tree.branches}).items():
        count = f"{len(steps)} / {len(case.course.spec.steps)}"
        says.append(say("note.lacking", language, vessel=word(vessel, language), count=count, steps="; ".join(steps)))
    return (*says, *(f"{line[:1].upper()}{line[1:]}{'' if line.endswith('?') else '.'}" for line in package.warnings))


def of_programs(case: Case) -> tuple[str, ...]:
    """Return sentences about what the programs that play cannot do on this patient."""
    knows_none = getattr(case.world, "landmarks", None) == {}
    return (say("note.hand", case.live.language),) if knows_none else ()


def _lacking(case: Case, vessels: set[str]) -> dict[str, list[str]]:
    """Return the landmarks that steps wait for and that are no vessel here, with the texts of those steps."""
    found: dict[str, list[str]] = {}
    for step in case.course.spec.steps:
        for pattern in step.patterns:
            place = pattern.where.get("landmark")
            if place is not None and place.words and not vessels & set(place.words):
                found.setdefault(place.words[0], []).append(case.course.text(step.do, case.live.language))
    return found
