"""What a proof was made for: hashes over code, course, data and plan, so that a stale one is known as stale."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from simtrainer.core import source
from simtrainer.core.header import Line
from simtrainer.curriculum.course import Course
from simtrainer.studies.proof import trial
from simtrainer.studies.proof.plan import Plan

_WORDS = {
    "code": "the code below the user interface",
    "course": "the course",
    "data": "patients, instruments or other data",
    "plan": "what the proof has to run",
}


class Stamp(Line):
    """Four hashes; a proof stands where all four are those of today.

    Parameters
    ----------
    code
        Sources that decide a session of the exercise, bots included, and how a run of a proof is played; not ui,
        debrief or records, nor what the exercise does not import.
    course
        Everything in the course that a verdict depends on; comments and texts do not count.
    data
        Instruments and other data beside the sources, and the manifests of the patients (which hash their files).
    plan
        Hands, patients, seeds and expectations.
    """

    code: str
    course: str
    data: str
    plan: str

    @property
    def hash(self) -> str:
        """One hash over all four."""
        return _hashed(self.model_dump())

    def changed_since(self, made: Stamp) -> tuple[str, ...]:
        """Return in words what is not as it was when `made` was made."""
        return tuple(word for name, word in _WORDS.items() if getattr(self, name) != getattr(made, name))


def stamp_of(course: Course, exercise: str, plan: Plan, patients: Mapping[str, Path]) -> Stamp:
    """Return the stamp of a proof that would be made now; `exercise` is its module, `patients` gives the folders."""
    runs = [run.model_dump(mode="json") for run in plan.runs]
    code, data = code_hash(exercise), _data_hash(exercise, plan, patients)
    return Stamp(code=code, course=course.hash, data=data, plan=_hashed([runs, plan.gaps]))


def code_hash(exercise: str) -> str:
    """Return the hash over the code on which the outcome of a run depends; `exercise`: module of its procedure."""
    return _hashed([source.source_hash(exercise), Path(trial.__file__).read_text(encoding="utf-8")])


def _data_hash(exercise: str, plan: Plan, patients: Mapping[str, Path]) -> str:
    package = Path(source.__file__).resolve().parents[1]
    beside = source.files_hash(package, (path for path in source.deciding(exercise, package) if path.suffix != ".py"))
    names = sorted({run.patient for run in plan.runs})
    return _hashed([beside, [(name, (patients[name] / "manifest.yaml").read_text("utf-8")) for name in names]])


def _hashed(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
