"""What to do better and what went well, in plain words: the course's own texts, the dearest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from simtrainer.curriculum.course import Course
from simtrainer.curriculum.score import Deduction, MetricResult, Score
from simtrainer.debrief.word import say

SHOWN = 3
"""Pieces of advice at the top of the page. because: design; more is not read"""
_FEWEST_POINTS = 0.5
"""Losses below this are left to the table. because: design"""


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to do better: what was wrong, how to do it, how often, at what cost of 100.

    Parameters
    ----------
    items
        The rules of the course that say it; several steps may share one sentence.
    places
        The steps concerned, as the trainee reads them; empty for a rule that is no step.
    blocked
        Later steps that could not count because of this one.
    """

    items: tuple[str, ...]
    sentence: str
    hint: str
    places: tuple[str, ...]
    times_s: tuple[float, ...]
    points: float
    critical: bool
    blocked: int


def advice_of(course: Course, score: Score, language: str) -> tuple[Advice, ...]:
    """Return what cost points: critical things first, then the dearest, then the earliest.

    Steps about which the same is to be said make one piece, and so does every occurrence of one rule. What could not
    count because an earlier step was not done belongs to that step: the cause is told, not each of its consequences.
    """
    texts = {step.id: step.text for step in score.steps}
    own = {deduction.item: deduction.sentence for deduction in score.deductions if deduction.item in texts}
    causes = _Causes(course, score)
    groups: dict[str, list[Deduction]] = {}
    for deduction in score.deductions:
        cause = causes.of(deduction)
        groups.setdefault(own.get(cause, cause), []).append(deduction)
    hints = {step.id: course.text(step.hint, language) for step in course.spec.steps if step.hint}
    pieces = [_piece(lost, causes, hints=hints, texts=texts) for lost in groups.values()]
    kept = [piece for piece in pieces if piece.critical or piece.points >= _FEWEST_POINTS]
    return tuple(sorted(kept, key=lambda piece: (not piece.critical, -round(piece.points, 2), piece.times_s[0])))


def well_done(score: Score, language: str) -> tuple[str, ...]:
    """Return up to four sentences about what went well; none is made up where nothing did."""
    return tuple(_well(score, language))[:4]


def value_of(metric: MetricResult, language: str) -> str:
    """Return a measured value with its unit, for people."""
    if metric.value is None:
        return say("measured.none", language)
    return f"{say('number', language, value=metric.value)} {metric.unit}".strip()


class _Causes:
    """Knows for every deduction which item it comes from in the end."""

    def __init__(self, course: Course, score: Score) -> None:
        self._requires = {step.id: step.requires for step in course.spec.steps}
        self._done = {step.id for step in score.steps if step.tick >= 0}

    def of(self, deduction: Deduction) -> str:
        item = str(deduction.evidence.get("not_reached", deduction.item))
        while item in self._requires and item not in self._done:
            lacking = next((name for name in self._requires[item] if name not in self._done), None)
            if lacking is None:
                break
            item = lacking
        return item


def _piece(lost: list[Deduction], causes: _Causes, *, hints: Mapping[str, str], texts: Mapping[str, str]) -> Advice:
    own = [deduction for deduction in lost if causes.of(deduction) == deduction.item]
    first = max(own or lost, key=lambda deduction: (deduction.critical, deduction.points))
    items = tuple(dict.fromkeys(deduction.item for deduction in lost))
    mine = dict.fromkeys(deduction.item for deduction in own)
    return Advice(
        items=items,
        sentence=first.sentence,
        hint=hints.get(first.item, ""),
        places=tuple(texts[item] for item in mine if item in texts),
        times_s=tuple(deduction.time_s for deduction in own or lost),
        points=sum(deduction.points for deduction in lost),
        critical=any(deduction.critical for deduction in lost),
        blocked=sum(item in texts and item not in mine for item in items),
    )


def _well(score: Score, language: str) -> Iterator[str]:
    done = [step for step in score.steps if step.tick >= 0]
    clean = [step for step in done if not step.late and not step.out_of_order]
    critical = [step for step in score.steps if step.critical]
    failed = set(score.critical_failures)
    if clean:
        yield say("well.steps", language, done=len(clean), total=len(score.steps))
    if critical and not any(step.id in failed for step in critical):
        yield say("well.critical", language, total=len(critical))
    if len(done) * 2 > len(score.steps) and not any(lost.kind in ("forbidden", "hold") for lost in score.deductions):
        yield say("well.no_harm", language)
    full = [m for m in score.metrics if m.worth > 0 and m.points >= m.worth and m.value is not None]
    for metric in sorted(full, key=lambda m: -m.worth):
        yield say("well.metric", language, text=metric.text, value=value_of(metric, language))
