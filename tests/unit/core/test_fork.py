"""A branch that takes over the seconds of its parent without running them again."""

from __future__ import annotations

from pathlib import Path

import pytest

from simtrainer.core.action import Action
from simtrainer.core.attempt import AttemptWriter, read_attempt
from simtrainer.core.header import Sitting
from simtrainer.core.replay import verify
from simtrainer.core.session import NoCurriculum, Session
from tests.unit.core.toy import Ball


def test_a_fork_is_whole_in_itself_and_verifies(tmp_path: Path) -> None:
    session = Session(Ball(), NoCurriculum(), 7)
    state = session.start()
    parent, child = tmp_path / "p.attempt.jsonl", tmp_path / "c.attempt.jsonl"
    writer = AttemptWriter(parent, session, start=state)
    kept = seam = None
    for tick in range(1, 351):
        step = session.step(state, (Action("hand.lift", 12.0),) if tick == 150 else ())
        writer.write(step)
        state = step.state
        if tick == 200:
            kept, seam = state, writer.seam()
    assert kept is not None
    assert seam is not None
    digest = writer.close({"undone": True})
    fork = writer.fork(child, seam, sitting=Sitting(aids=("undo",)))
    state = kept
    for tick in range(201, 420):
        step = session.step(state, (Action("hand.shade", "blue"),) if tick == 230 else ())
        fork.write(step)
        state = step.state
    fork.close({})
    branch = read_attempt(child)
    assert branch.ticks == 419
    assert branch.header.parent is not None
    assert (branch.header.parent.digest, branch.header.parent.tick) == (digest, 200)
    assert branch.header.sitting.aids == ("undo",)
    assert branch.actions[150] == (Action("hand.lift", 12.0),)
    assert verify(branch, session).identical
    assert verify(read_attempt(parent), session).identical


def test_a_fork_leaves_its_parent_as_it_was(tmp_path: Path) -> None:
    session = Session(Ball(), NoCurriculum(), 7)
    state = session.start()
    writer = AttemptWriter(tmp_path / "p.attempt.jsonl", session, start=state)
    for _ in range(100):
        step = session.step(state, ())
        writer.write(step)
        state = step.state
    seam = writer.seam()
    writer.close({})
    before = (tmp_path / "p.attempt.jsonl").read_bytes()
    writer.fork(tmp_path / "c.attempt.jsonl", seam, sitting=Sitting()).close({})
    assert (tmp_path / "p.attempt.jsonl").read_bytes() == before


def test_an_open_attempt_cannot_be_forked_nor_left_in_the_midst_of_a_second(tmp_path: Path) -> None:
    session = Session(Ball(), NoCurriculum(), 7)
    state = session.start()
    with AttemptWriter(tmp_path / "p.attempt.jsonl", session, start=state) as writer:
        for _ in range(100):
            step = session.step(state, ())
            writer.write(step)
            state = step.state
        seam = writer.seam()
        with pytest.raises(AssertionError, match="closed"):
            writer.fork(tmp_path / "c.attempt.jsonl", seam, sitting=Sitting())
        writer.write(session.step(state, ()))
        with pytest.raises(AssertionError, match="midst"):
            writer.seam()
