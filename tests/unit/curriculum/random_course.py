"""Random courses over the events A, B, C and the signals x and y, from a generator of the caller."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from simtrainer.curriculum.schema import CourseFile

NAMES = ("x", "y")
GROUND = {"v": "design", "because": "test"}
CONDITIONS: list[dict[str, Any]] = [
    {}, {"n": {"min": 1}}, {"n": {"max": 1}}, {"word": "w1"}, {"word": {"fact": "goal"}}, {"word": ["w1", "w2"]},
]  # fmt: skip
BANDS: list[dict[str, float]] = [{"min": 1}, {"max": 1}, {"min": 1, "max": 2}]


def pattern(rng: np.random.Generator) -> dict[str, Any]:
    """Return a pattern; only C carries evidence."""
    event = str(rng.choice(["A", "B", "C"]))
    where = CONDITIONS[int(rng.integers(len(CONDITIONS)))]
    return {"event": event, "where": where} if event == "C" else {"event": event}


def band(rng: np.random.Generator) -> dict[str, Any]:
    """Return a band of x or y."""
    return {"signal": str(rng.choice(NAMES)), **BANDS[int(rng.integers(len(BANDS)))]}


def some(rng: np.random.Generator, names: list[str], share: float) -> list[str]:
    """Return each of `names` with the chance `share`."""
    return [name for name in names if rng.random() < share]


def goal(rng: np.random.Generator) -> dict[str, Any]:
    """Return what a step waits for: an event, alternatives, several events, or a hold."""
    kind = rng.random()
    if kind < 0.2:
        return {"hold": {**band(rng), "for_s": float(rng.choice([0.02, 0.04, 0.1]))}}
    out: dict[str, Any] = {"any_of": [pattern(rng), pattern(rng)]} if kind < 0.4 else {"until": pattern(rng)}
    if rng.random() < 0.4:
        out["count"] = int(rng.integers(2, 4))
        if rng.random() < 0.5:
            out["distinct"] = str(rng.choice(["n", "word"]))
    return out


def step(rng: np.random.Generator, ids: list[str], i: int) -> dict[str, Any]:
    """Return step `i`; it waits only for steps before it, so that there is no cycle of gates."""
    others = [other for other in ids if other != ids[i]]
    out: dict[str, Any] = {"id": ids[i], "do": "t", "requires": some(rng, ids[:i], 0.3), **GROUND, **goal(rng)}
    out |= {"after": some(rng, others, 0.25), "before": some(rng, others, 0.2)}
    if rng.random() < 0.5:
        out["within"] = {"s": float(rng.choice([0.0, 0.01, 0.03])), "of": str(rng.choice(["start", *others]))}
    if rng.random() < 0.3:
        out["not_before"] = {"s": float(rng.choice([0.0, 0.03, 0.08])), "of": str(rng.choice(["start", *ids[:i]]))}
    return out


def random_course(rng: np.random.Generator) -> CourseFile:
    """Return a course of up to six steps, two forbidden events and two holds."""
    ids = [f"s{i}" for i in range(int(rng.integers(2, 7)))]

    def during() -> dict[str, str]:
        sides = {"since": str(rng.choice(ids)), "until": str(rng.choice(ids))}
        return {side: name for side, name in sides.items() if rng.random() < 0.4}

    cost = {"points": 3, "cap": 7, "say": "t", **GROUND}
    forbidden = [
        {"id": f"f{i}", "never": pattern(rng), "allow": int(rng.integers(0, 3)), "during": during(), **cost}
        for i in range(2)
    ]
    graces = [0.0, 0.02, 0.05]
    holds = [
        {"id": f"h{i}", "keep": band(rng), "grace_s": float(rng.choice(graces)), "during": during(), **cost}
        for i in range(2)
    ]
    card = dict.fromkeys(("indication", "allergy", "renal_function", "anticoagulants", "instrument_plan"), "t")
    data = {
        "schema_version": 1, "id": "c", "edition": "e", "version": "1.0.0", "review_date": "2026-11-22",
        "reviewed_by": None, "procedure": "p", "level": "novice", "title": "t", "objectives": ["t"], "duration_s": 1,
        "briefing": "t", "case_card": card, "steps": [step(rng, ids, i) for i in range(len(ids))],
        "forbidden": forbidden, "holds": holds, "pass": {"cut": 0.5},
    }  # fmt: skip
    return CourseFile.model_validate_json(json.dumps(data))
