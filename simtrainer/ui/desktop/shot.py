"""A screenshot: the window as PNG, and what it showed as JSON, beside the attempt."""

from __future__ import annotations

import json

import pygame

from simtrainer.ui.desktop.live import LiveAttempt
from simtrainer.ui.desktop.run_model import RunModel


def save_shot(surface: pygame.Surface, attempt: LiveAttempt, model: RunModel) -> str:
    """Write both files and return the name of the picture; OSError where they cannot be written."""
    state = attempt.state
    stem = f"{attempt.path.name.removesuffix('.attempt.jsonl')}.tick{state.tick}"
    picture = attempt.path.with_name(f"{stem}.png")
    data = {
        "attempt": attempt.path.name,
        "tick": state.tick,
        "time_s": attempt.time_s,
        "seed": attempt.case.seed,
        "course": attempt.case.live.name,
        "patient": attempt.case.patient,
        "signals": dict(model.values),
        "words": dict(state.snapshot.words),
        "held": dict(model.held),
        "digest": attempt.case.session.digest(state),
    }
    text = json.dumps(data, indent=1, ensure_ascii=False) + "\n"
    picture.with_suffix(".json").write_text(text, encoding="utf-8")
    try:
        pygame.image.save(surface, str(picture))
    except pygame.error as error:
        raise OSError(str(error)) from None
    return picture.name
