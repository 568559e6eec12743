"""What a proof has to run: every hand, patient and seed, with what is expected of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import count, islice

from simtrainer.core.error import InputError
from simtrainer.core.header import Line
from simtrainer.curriculum.course import Course
from simtrainer.procedures.procedure import Drafting, Procedure

SEEDS = 20
"""Seeds that the expert and the novice play on the patients the bots were written on. because: the issue asks for 20"""
SEEDS_ELSEWHERE = 2
"""Seeds that the expert plays on every other patient. because: design, the whole proof stays within an hour"""
SEEDS_OF_STYLE = 5
"""Seeds of a slow and safe and of a fast and reckless hand, each on another patient. because: design, as above"""


class Expected(Enum):
    """What must become of a run."""

    CLEARS = "passes"
    FAILS = "does not pass"
    FAILS_THERE = "fails exactly at the step left out"


class Novelty(Enum):
    """Whether the bots were written on this patient and this seed."""

    NONE = "written on"
    SEED = "new seed"
    PATIENT = "new patient"


class Run(Line):
    """One attempt of a proof; `leave_out` is the step that the hand forgets, empty for none."""

    hand: str
    patient: str
    seed: int
    leave_out: str = ""
    expected: Expected
    novelty: Novelty

    @property
    def who(self) -> str:
        """Return the hand in words."""
        return f"{self.hand} without {self.leave_out}" if self.leave_out else self.hand


@dataclass(frozen=True, slots=True)
class Plan:
    """The runs of a proof in the order of its file; `gaps` says what cannot be proved at all, and why."""

    runs: tuple[Run, ...]
    gaps: tuple[str, ...]


HANDS = {
    "expert": Expected.CLEARS,
    "novice": Expected.FAILS,
    "slow_and_safe": Expected.CLEARS,
    "fast_and_reckless": Expected.FAILS,
}
"""What is expected of the bots by name; see `Procedure.bots`."""


def plan_of(course: Course, procedure: Procedure, patients: Sequence[str]) -> Plan:
    """Return what a proof of `course` runs on `patients`, or on those of them that the course is for."""
    drafting = procedure.drafting
    meant = [name for name in patients if not course.spec.patients or name in course.spec.patients]
    if not meant:
        raise InputError(f"{course.path}: there is no built-in patient for this course to prove it on")
    known = [name for name in drafting.patients if name in meant] or meant[:1]
    table = _Table(drafting, known, [name for name in meant if name not in known])
    critical = [step.id for step in course.spec.steps if step.critical]
    able = [step for step in critical if step in procedure.steps_left_out]
    hands = [hand for hand in HANDS if hand in procedure.bots]
    runs = [run for hand in hands for run in table.of(hand)]
    if "expert" in hands:
        runs += [table.run("expert", known[0], first_seed(drafting), leave_out=step) for step in able]
    gaps = [f"the procedure has no bot called '{hand}'" for hand in HANDS if hand not in hands]
    gaps += [f"no bot can leave out the critical step '{step}'" for step in critical if step not in able]
    return Plan(tuple(runs), tuple(gaps))


def first_seed(drafting: Drafting) -> int:
    """Return the seed on which steps are left out."""
    return drafting.seeds[0] if drafting.seeds else 1


@dataclass(frozen=True, slots=True)
class _Table:
    drafting: Drafting
    known: Sequence[str]
    others: Sequence[str]

    def of(self, hand: str) -> Iterator[Run]:
        """Yield the runs of a whole hand: seeds from 1 on patients in turn, higher seeds on patients held out."""
        turn = [*self.known, *self.others]
        if hand == "expert":
            yield from (self.run(hand, name, seed) for seed, name in _dealt(self.known, SEEDS))
            fresh = count(SEEDS + 1)
            yield from (self.run(hand, name, seed) for name in self.others for seed in islice(fresh, SEEDS_ELSEWHERE))
        else:
            seeds = SEEDS if hand == "novice" else SEEDS_OF_STYLE
            yield from (self.run(hand, name, seed) for seed, name in _dealt(turn, seeds))

    def run(self, hand: str, patient: str, seed: int, leave_out: str = "") -> Run:
        expected = Expected.FAILS_THERE if leave_out else HANDS[hand]
        if patient not in self.drafting.patients:
            novelty = Novelty.PATIENT
        else:
            novelty = Novelty.NONE if seed in self.drafting.seeds else Novelty.SEED
        return Run(
            hand=hand, patient=patient, seed=seed, leave_out=leave_out, expected=expected, novelty=novelty
        )  # fmt: skip


def _dealt(patients: Sequence[str], seeds: int) -> Iterator[tuple[int, str]]:
    return ((seed, patients[(seed - 1) % len(patients)]) for seed in range(1, seeds + 1))
