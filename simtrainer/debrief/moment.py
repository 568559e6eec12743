"""The three moments of an attempt that are worth a picture, chosen by rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simtrainer.core.attempt import Attempt
from simtrainer.curriculum.score import Score
from simtrainer.debrief.timeline import in_words
from simtrainer.debrief.word import say

COUNT = 3
_RUNS = ("AngiogramRun",)
"""Events that mean that a picture was taken which the procedure was for."""


@dataclass(frozen=True, slots=True)
class KeyMoment:
    """One moment: `id` is stable, `tick` is when, `sentence` says what there is to see."""

    id: str
    tick: int
    time_s: float
    sentence: str


def key_moments(attempt: Attempt, score: Score, language: str = "en") -> tuple[KeyMoment, ...]:
    """Return up to three moments in the order of time.

    Worst wall force; the heaviest step (the last of equal ones), which is the target, or where it was not reached the
    last step done; the last angiogram. Where one of them did not happen, the dearest deductions take its place.
    """
    hz = attempt.header.tick_hz
    found: dict[int, KeyMoment] = {}
    for name, tick, sentence in _candidates(attempt, score, language):
        if len(found) < COUNT and 0 <= tick <= attempt.ticks and all(abs(tick - other) >= hz for other in found):
            found[tick] = KeyMoment(name, tick, tick / hz, sentence)
    return tuple(found[tick] for tick in sorted(found))


def _candidates(attempt: Attempt, score: Score, language: str) -> Iterator[tuple[str, int, str]]:
    for metric in score.metrics:
        if metric.metric == "peak_force" and metric.value:
            text = f"{metric.text}: {say('number', language, value=metric.value)} {metric.unit}"
            yield "worst_force", metric.tick, text
            break
    done = [step for step in score.steps if step.tick >= 0]
    most = max(step.worth for step in score.steps)
    heaviest = [step for step in done if step.worth == most]
    if done:
        last = max(heaviest or done, key=lambda step: step.tick)
        yield "target" if heaviest else "last_step", last.tick, last.text
    runs = [event for event in attempt.events if event.name in _RUNS]
    if runs:
        yield "last_run", runs[-1].tick, in_words(runs[-1], language)
    dearest = sorted(score.deductions, key=lambda item: (not item.critical, -item.points))
    for number, item in enumerate(dearest, start=1):
        yield f"deduction_{number}", item.tick, item.sentence
