"""One exercise made ready: a course on a patient with a seed, the same for a hand, a replay and a film."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simtrainer.anatomy.package import AnatomyPackage
from simtrainer.core.attempt import Attempt
from simtrainer.core.error import InputError, UnknownNameError
from simtrainer.core.header import Mode
from simtrainer.core.session import Session
from simtrainer.core.stream import Streams
from simtrainer.curriculum.course import Course, load_course, procedure_of
from simtrainer.curriculum.live import LiveCourse
from simtrainer.procedures import procedures
from simtrainer.procedures.procedure import Eye, Procedure
from simtrainer.ui import shipped

FIRST_PATIENT = "adult_male_type1"
"""Who is treated where neither the person nor the course names anybody. because: design, an easy arch"""


@dataclass(frozen=True, slots=True)
class Case:
    """A course on a patient, ready to start.

    Parameters
    ----------
    world
        The procedure on its patient.
    live
        The course as the session sees it.
    labels
        What an attempt keeps so that the case can be made ready again: patient, folder, course file, language.
    """

    course: Course
    procedure: Procedure
    world: Any
    session: Session[Any, Any]
    live: LiveCourse
    labels: Mapping[str, str]

    @property
    def patient(self) -> str:
        """Name of the patient."""
        return self.labels["patient"]

    @property
    def seed(self) -> int:
        """Seed of all chance."""
        return self.session.seed

    def eye(self) -> Eye:
        """Return a fresh look at the machine's screen."""
        return self.procedure.eye(self.world, Streams(self.seed))


def open_course(given: str) -> Course:
    """Return the course that a person means; CourseError with every problem where it cannot be used."""
    path = shipped.course_file(given)
    return load_course(path, shipped.vocabulary(procedure_of(path)))


def open_case(
    course: Course, *, patient: str | None = None, seed: int = 1, mode: Mode = Mode.PRACTICE, language: str = "en"
) -> Case:
    """Return `course` on `patient`: a built-in name, or the folder of an anatomy package.

    Without a patient the first that the course names is treated, else the `first_patient` of its procedure.
    """
    if not 0 <= seed < 2**64:
        raise InputError(f"a seed is a whole number from 0 to {2**64 - 1}, not {seed}")
    procedure = procedures.get(course.spec.procedure, str(course.path))
    allowed = course.spec.patients
    chosen = patient or (allowed[0] if allowed else first_patient(procedure.name))
    world: Any = procedure.world(chosen)
    live = LiveCourse(
        course, tuple(signal.name for signal in world.signals), world.tick_hz, mode=mode, language=language
    )
    labels = {"patient": world.facts.words.get("patient", Path(chosen).name), "language": language}
    labels |= _about(world)
    if chosen not in (shipped.patient_folders() | shipped.block_folders()):
        labels["patient_folder"] = str(Path(chosen).absolute())
    if course.path not in shipped.course_files().values():
        labels["course_file"] = str(course.path.absolute())
    return Case(course, procedure, world, Session(world, live, seed), live, labels)


def first_patient(procedure: str) -> str:
    """Return who is treated where nobody is named: `FIRST_PATIENT`, or the first that `procedure` can be done on."""
    possible = shipped.folders_for(procedure)
    return FIRST_PATIENT if FIRST_PATIENT in possible or not possible else next(iter(possible))


def begun(attempt: Attempt) -> Attempt:
    """Return `attempt`; InputError where it ended before anything of it was written."""
    if not attempt.seconds:
        raise InputError(f"{attempt.path}: ended before its first second; nothing of it was recorded")
    return attempt


def case_of(attempt: Attempt, *, patient: str | None = None, course: str | None = None) -> Case:
    """Return the case that `attempt` was made on; InputError where its course or its patient cannot be found.

    Parameters
    ----------
    patient, course
        Where they are now, if they were moved since.
    """
    header, labels = attempt.header, attempt.header.sitting.labels
    if header.course is None:
        raise InputError(f"{attempt.path}: was free practice without a course; there is nothing to compare it with")
    file = labels.get("course_file", "")
    given = course or (file if file and Path(file).is_file() else header.course.name)
    found = patient or labels.get("patient_folder") or labels.get("patient") or header.facts.words.get("patient", "")
    try:
        return open_case(
            open_course(given),
            patient=found,
            seed=header.seed,
            mode=header.sitting.mode,
            language=labels.get("language", "en"),
        )
    except UnknownNameError as error:
        raise InputError(f"{attempt.path}: {error} Say where it is now with --patient or --course.") from error


def _about(world: Any) -> dict[str, str]:
    """Return title and difficulty of the patient where the world stands on an anatomy package."""
    package = getattr(world, "package", None)
    if not isinstance(package, AnatomyPackage):
        return {}
    return {"patient_title": package.title, "difficulty": package.patient.difficulty}
