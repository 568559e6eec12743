"""Engines in processes of their own: one that crashes, is killed, hangs or floods the screen harms nobody else."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from simtrainer.studies.peer.engine import Peer, Run
from simtrainer.studies.peer.race import Fault, compare, race
from simtrainer.studies.peer.task import Floats, Task, middle_line
from simtrainer.studies.thread import THREADS

TASK = Task(0.16, 0.2)


class Good:
    """A wire on the middle line, and far too talkative."""

    def __init__(self, task: Task) -> None:
        self.tip = self.now = task.tip

    def advance(self, pushed: float, turned: float) -> None:
        self.now = self.tip + pushed
        print("talk" * 10_000)  # noqa: T201  # must not reach the screen

    def nodes(self) -> Floats:
        assert all(os.environ[name] == "1" for name in THREADS)
        return middle_line(np.linspace(0.0, self.now, 500))[0]


class Nan(Good):
    """A wire that is not there."""

    def nodes(self) -> Floats:
        return super().nodes() * np.nan


class Crash(Good):
    """A wire that is refused."""

    def advance(self, pushed: float, turned: float) -> None:
        raise ValueError("the wire is too long\nby half")


class Killed(Good):
    """A wire that takes its process with it."""

    def advance(self, pushed: float, turned: float) -> None:
        os.kill(os.getpid(), signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)


class Hang(Good):
    """A wire that never arrives."""

    def advance(self, pushed: float, turned: float) -> None:
        threading.Event().wait()


def entrant(kind: type[Good]) -> Peer:
    return Peer(kind.__name__.lower(), "numpy", 10e-3, kind)


def test_one_that_fails_is_told_in_a_sentence_and_the_next_has_its_turn(capfd: pytest.CaptureFixture[str]) -> None:
    heard: list[str] = []
    before = dict(os.environ)
    crash, killed, nan, good = race(
        {kind.__name__: entrant(kind) for kind in (Crash, Killed, Nan, Good)}, TASK, time.process_time,
        heard=lambda one: heard.append(one.name),
    )  # fmt: skip
    assert isinstance(crash, Fault)
    assert crash.reason == "ended with code 1: by half"
    assert not crash.did_it
    assert isinstance(killed, Fault)
    assert "SIGKILL" in killed.reason or sys.platform == "win32"
    assert isinstance(nan, Run)
    assert not nan.finite
    assert isinstance(good, Run)
    assert good.did_it
    assert heard == ["Crash", "Killed", "Nan", "Good"]
    assert dict(os.environ) == before
    told = capfd.readouterr()
    assert "talk" not in told.out
    assert "Traceback" not in told.err


def test_one_that_hangs_is_ended() -> None:
    (found,) = race({"hang": entrant(Hang)}, TASK, time.process_time, limit=0.5)
    assert isinstance(found, Fault)
    assert found.reason == "did not come to an end within 0.5 s"


DONE = Run(
    name="simtrainer_5ms", title="simtrainer", version="1", step_ms=5.0, steps=800, core_ms_per_10ms=2.0,
    seconds_per_core_second=5.0, matrix_product_ms=2.0, max_penetration_mm=-0.02, tip_mm=171.0, ideal_mm=170.0,
    finite=True, in_vessel=True, through=True,
)  # fmt: skip
FINER = replace(DONE, name="simtrainer_1ms", core_ms_per_10ms=6.0, max_penetration_mm=0.005)
PEER = replace(DONE, name="peer", core_ms_per_10ms=20.0, matrix_product_ms=4.0, max_penetration_mm=0.3)


def test_a_peer_is_divided_by_the_cheapest_of_ours_that_is_as_exact() -> None:
    found = compare(PEER, [FINER, DONE])
    assert found.ratio == pytest.approx(5.0)  # 5 products over 1
    assert found.against == "simtrainer_5ms"
    assert found.as_exact
    closer = compare(replace(PEER, max_penetration_mm=-0.01), [FINER, DONE])
    assert closer.against == "simtrainer_1ms"
    assert closer.ratio == pytest.approx(5.0 / 3.0)


def test_where_none_of_ours_is_as_exact_the_closest_counts_and_it_is_said() -> None:
    found = compare(replace(PEER, max_penetration_mm=0.001), [FINER, DONE])
    assert found.against == "simtrainer_1ms"
    assert not found.as_exact


@pytest.mark.parametrize(
    "bad", [replace(PEER, finite=False), replace(PEER, in_vessel=False), replace(PEER, through=False)]
)
def test_a_peer_that_did_not_do_the_task_has_no_ratio(bad: Run) -> None:
    assert compare(bad, [DONE]).ratio is None
    assert compare(PEER, [bad]).ratio is None
    assert compare(PEER, []).against is None
