"""Key pictures of a recorded attempt, by running it again, and the vessels behind the way of its tip."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simtrainer.anatomy.manifest import Content, read_manifest, verified
from simtrainer.anatomy.store import read_tree
from simtrainer.core.attempt import Attempt
from simtrainer.core.error import SimtrainerError
from simtrainer.core.header import versions
from simtrainer.core.replay import rerun
from simtrainer.core.session import Step
from simtrainer.core.source import source_hash
from simtrainer.debrief.moment import KeyMoment
from simtrainer.debrief.trace import SceneLine
from simtrainer.procedures import procedures
from simtrainer.records.entry import patient_of
from simtrainer.ui import shipped
from simtrainer.ui.aftermath import vessel_lines
from simtrainer.ui.case import Case, case_of
from simtrainer.ui.gallery import pictures_at
from simtrainer.ui.progress import Progress
from simtrainer.ui.warm import warm_up

WHAT = "key pictures"


@dataclass(frozen=True, slots=True)
class Shown:
    """Pictures by key moment, the vessels of the patient, and what had to be left out and why."""

    pictures: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict)
    vessels: tuple[SceneLine, ...] = ()
    left_out: tuple[str, ...] = ()


def pictured(
    attempt: Attempt,
    moments: tuple[KeyMoment, ...],
    *,
    patient: str | None = None,
    course: str | None = None,
    say: Callable[[str], None] | None = None,
) -> Shown:
    """Return what is to be seen of `attempt`; where it cannot be run again, the vessels alone and the reason.

    Parameters
    ----------
    patient, course
        Where they are now, if they were moved since.
    say
        Is told what takes time; None for silence.
    """
    try:
        exercise = type(procedures.get(attempt.header.procedure)).__module__
        if attempt.header.source != source_hash(exercise) or attempt.header.versions != versions():
            return unpictured(attempt, "another version of the code made the attempt")
        case = case_of(attempt, patient=patient, course=course)
        steps = rerun(attempt, case.session, max((moment.tick for moment in moments), default=0))
        if say is not None:
            warm_up(case, say)
            say("running the attempt again for its key pictures; --no-pictures leaves them out ...")
            steps = _told(case, steps)
        return Shown(pictures_at(case, steps, moments), vessel_lines(case.world))
    except SimtrainerError as error:
        reason = "; ".join(line.strip() for line in str(error).removeprefix(f"{attempt.path}: ").splitlines())
        return unpictured(attempt, reason)


def unpictured(attempt: Attempt, why: str) -> Shown:
    """Return the vessels alone, where the patient is a built-in one, and `why` there are no pictures."""
    return Shown(vessels=known_vessels(attempt), left_out=(f"{WHAT} ({why})",))


def known_vessels(attempt: Attempt) -> tuple[SceneLine, ...]:
    """Return the vessels of the patient where it is a built-in one."""
    folder = (shipped.patient_folders() | shipped.block_folders()).get(patient_of(attempt.header).name)
    if folder is None:
        return ()
    trees = [entry for entry in read_manifest(folder).files if entry.content is Content.TREE]
    branches = read_tree(verified(folder, trees[0])).branches if trees else ()
    return tuple(SceneLine(branch.name, branch.points, branch.radii) for branch in branches)


def _told(case: Case, steps: Iterator[Step[Any, Any]]) -> Iterator[Step[Any, Any]]:
    """Pass `steps` on, and tell how far they are."""
    with closing(Progress(case, "replay")) as progress:
        for step in steps:
            progress(step)
            yield step
