"""Attempts on disk: append-only, chained, cut off by at most a second."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from simtrainer.core.action import Action
from simtrainer.core.attempt import SUFFIX, Attempt, AttemptWriter, read_attempt
from simtrainer.core.error import AttemptError, DivergedError
from simtrainer.core.event import Event
from simtrainer.core.header import Mode, Sitting
from simtrainer.core.migration import SCHEMA_VERSION, Record, migrated
from simtrainer.core.session import Feedback, NoCurriculum, Session
from tests.unit.core.toy import Ball, ball_session

ROOT = Path(__file__).resolve().parents[3]
ACTIONS = {3: (Action("hand.lift", 3.0),), 130: (Action("hand.shade", "blue"), Action("hand.lift", 0.0))}
SITTING = Sitting(trainee="otter", device="mouse", mode=Mode.ASSESSED, aids=("captions",), labels={"ward": "3"})


def record(
    path: Path, ticks: int = 250, outcome: Mapping[str, JsonValue] | None = None, world: Ball | None = None
) -> Attempt:
    session = ball_session(world=world)
    state = session.start()
    with AttemptWriter(path, session, start=state, sitting=SITTING) as writer:
        for tick in range(1, ticks + 1):
            step = session.step(state, ACTIONS.get(tick, ()))
            state = step.state
            writer.write(step)
        if outcome is not None:
            writer.close(outcome)
    return read_attempt(path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Attempt:
    return record(tmp_path_factory.mktemp("whole") / f"a{SUFFIX}", outcome={"passed": True, "score": 0.75})


def test_an_attempt_reads_back_what_happened(whole: Attempt) -> None:
    session = ball_session()
    state, shades = session.start(), {0: "red"}
    events: list[Event] = []
    feedback: list[Feedback] = []
    signals = [state.snapshot.signals]
    for tick in range(1, 251):
        step = session.step(state, ACTIONS.get(tick, ()))
        state = step.state
        events += step.events
        feedback += step.feedback
        signals += [step.snapshot.signals] if tick % 2 == 0 else []
        if step.snapshot.words["shade"] != list(shades.values())[-1]:
            shades[tick] = step.snapshot.words["shade"]
    assert whole.actions == ACTIONS
    assert events
    assert whole.events == tuple(events)
    assert whole.feedback == tuple(feedback)
    assert {tick: words["shade"] for tick, words in whole.words} == shades == {0: "red", 130: "blue"}
    assert whole.signal_ticks.tolist() == list(range(0, 251, 2))
    np.testing.assert_array_equal(whole.signals, np.array(signals, np.float32))
    assert whole.ticks == 250
    assert whole.outcome == {"passed": True, "score": 0.75}
    assert not whole.cut_off


def test_the_header_says_what_was_run_where_and_by_whom(whole: Attempt) -> None:
    header = whole.header
    assert (header.procedure, header.fingerprint, header.seed, header.tick_hz) == ("ball", "ball-1", 1, 100)
    assert header.course is not None
    assert header.course.name == "keep_up"
    assert header.signals == ("height_m", "speed_m_s")
    assert header.quantities == ("height", "speed", "lift", "gust", "signals")
    assert set(header.versions) == {"simtrainer", "python", "numpy", "numba", "scipy"}
    assert header.sitting == SITTING
    facts = header.session_facts
    assert (facts.numbers, facts.words) == ({"limit_n": 2.0}, {"target": "floor"})
    np.testing.assert_array_equal(facts.ideal_path, [[0.0, 0.0, 1.0]])


def test_key_poses_are_kept_once_a_second(whole: Attempt) -> None:
    assert list(whole.poses) == [0, 100, 200]
    for tick, curves in whole.poses.items():
        assert curves["thread"].shape == (4, 3)
        assert curves["thread"][-1, 2] == whole.signals[tick // 2, 0]


def test_snapshots_of_the_recording_carry_words_poses_and_signals(whole: Attempt) -> None:
    shots = list(whole.snapshots())
    assert [shot.tick for shot in shots] == whole.signal_ticks.tolist()
    assert [shot.words["shade"] for shot in shots] == ["red"] * 65 + ["blue"] * 61
    assert [shot.tick for shot in shots if shot.curves] == [0, 100, 200]


def test_a_word_that_changes_between_samples_is_not_lost(tmp_path: Path) -> None:
    session = ball_session()
    state = session.start()
    with AttemptWriter(tmp_path / f"a{SUFFIX}", session, start=state) as writer:
        for tick in range(1, 7):
            step = session.step(state, [Action("hand.shade", "blue")] if tick == 3 else ())
            state = step.state
            writer.write(step)
    shots = list(read_attempt(tmp_path / f"a{SUFFIX}").snapshots())
    assert [(shot.tick, shot.words["shade"]) for shot in shots] == [(0, "red"), (2, "red"), (4, "blue"), (6, "blue")]


def test_free_practice_names_no_course_and_a_slow_clock_keeps_every_tick(tmp_path: Path) -> None:
    session = Session(Ball(tick_hz=10), NoCurriculum(), 0)
    state = session.start()
    with AttemptWriter(tmp_path / f"a{SUFFIX}", session, start=state) as writer:
        for _ in range(25):
            step = session.step(state)
            state = step.state
            writer.write(step)
    attempt = read_attempt(tmp_path / f"a{SUFFIX}")
    assert attempt.header.course is None
    assert attempt.header.seed == 0
    assert attempt.signal_ticks.tolist() == list(range(26))


def test_an_attempt_is_never_overwritten(whole: Attempt) -> None:
    before = whole.path.read_bytes()
    session = ball_session()
    with pytest.raises(AttemptError, match="exists already"):
        AttemptWriter(whole.path, session, start=session.start())
    assert whole.path.read_bytes() == before


def test_a_name_without_the_suffix_is_refused(tmp_path: Path) -> None:
    session = ball_session()
    with pytest.raises(AttemptError, match=r"ends in '.attempt.jsonl'"):
        AttemptWriter(tmp_path / "a.json", session, start=session.start())


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "no whole line"), (b"{}\n", "line 1"), (b"solid stl\nfacet\n", "line 1"), (b"\xff\xfe\n", "line 1")],
)
def test_what_is_no_attempt_is_refused_in_words(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / f"a{SUFFIX}"
    path.write_bytes(content)
    with pytest.raises(AttemptError, match=message):
        read_attempt(path)


def test_a_missing_file_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(AttemptError, match="cannot be read"):
        read_attempt(tmp_path / f"none{SUFFIX}")


def test_any_changed_byte_of_any_line_is_found_and_its_line_named(tmp_path: Path) -> None:
    attempt = record(tmp_path / f"a{SUFFIX}", ticks=110, outcome={"score": 1.0})
    whole = attempt.path.read_bytes()
    damaged = tmp_path / f"b{SUFFIX}"
    assert whole.count(b"\n") == 4
    for position in range(len(whole) - 1):
        line = whole[:position].count(b"\n") + 1
        damaged.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        with pytest.raises(AttemptError, match=f"line {line}: "):
            read_attempt(damaged)
    damaged.write_bytes(whole[:-1] + b"x")
    assert read_attempt(damaged).cut_off


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_bytes_put_in_left_out_or_replaced_are_found(whole: Attempt, data: st.DataObject) -> None:
    content = whole.path.read_bytes()
    position = data.draw(st.integers(0, len(content) - 2))
    length = data.draw(st.integers(0, min(40, len(content) - 1 - position)))
    patch = data.draw(st.binary(max_size=40).filter(lambda some: b"\0" not in some))  # zeros read as a cut-off page
    changed = content[:position] + patch + content[position + length :]
    damaged = whole.path.with_name(f"patched{SUFFIX}")
    damaged.write_bytes(changed)
    if changed == content:
        assert not read_attempt(damaged).cut_off
    else:
        with pytest.raises(AttemptError):
            read_attempt(damaged)


def test_lines_lost_doubled_or_swapped_are_found(whole: Attempt, tmp_path: Path) -> None:
    lines = whole.path.read_bytes().splitlines(keepends=True)
    path = tmp_path / f"b{SUFFIX}"
    orders = [lines[1:], [lines[0], *lines[2:]], [*lines[:2], *lines[1:]], [lines[0], lines[2], lines[1], *lines[3:]]]
    for order in [*orders, [*lines, lines[-1]]]:
        path.write_bytes(b"".join(order))
        with pytest.raises(AttemptError, match=r"line \d: "):
            read_attempt(path)


def test_a_file_cut_at_any_byte_loses_at_most_its_last_line(whole: Attempt, tmp_path: Path) -> None:
    content = whole.path.read_bytes()
    path = tmp_path / f"b{SUFFIX}"
    ends = [i for i, byte in enumerate(content) if byte == 10]
    for size in range(ends[0] + 1, len(content), 37):
        path.write_bytes(content[:size])
        attempt = read_attempt(path)
        assert attempt.cut_off
        assert len(attempt.seconds) == sum(end < size for end in ends) - 1
        assert attempt.seconds == whole.seconds[: len(attempt.seconds)]


def test_zeros_that_a_power_cut_left_at_the_end_count_as_cut_off(whole: Attempt, tmp_path: Path) -> None:
    lines = whole.path.read_bytes().splitlines(keepends=True)
    path = tmp_path / f"b{SUFFIX}"
    for tail in (bytes(500), lines[3][:100] + bytes(100) + lines[3][200:]):
        path.write_bytes(b"".join(lines[:3]) + tail)
        attempt = read_attempt(path)
        assert attempt.cut_off
        assert attempt.seconds == whole.seconds[:2]


def test_a_session_that_diverges_keeps_everything_up_to_its_last_tick(tmp_path: Path) -> None:
    path = tmp_path / f"a{SUFFIX}"
    with pytest.raises(DivergedError):
        record(path, world=Ball(diverge_tick=173))
    attempt = read_attempt(path)
    assert attempt.cut_off
    assert attempt.ticks == 172


def test_a_full_disk_is_said_in_words_and_what_was_written_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = iter([None, None])

    def full(_: int) -> None:
        if next(left, "none") == "none":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    path = tmp_path / f"a{SUFFIX}"
    with pytest.raises(AttemptError, match=r"a.attempt.jsonl: cannot be written any further: No space left"):
        record(path)
    attempt = read_attempt(path)
    assert attempt.cut_off
    assert attempt.ticks >= 100


WRITE_FOR_EVER = f"""
import sys
from pathlib import Path
from simtrainer.core.attempt import AttemptWriter
from tests.unit.core.toy import ball_session
session = ball_session(3)
state = session.start()
writer = AttemptWriter(Path(sys.argv[1]) / "killed{SUFFIX}", session, start=state)
while True:
    step = session.step(state)
    state = step.state
    writer.write(step)
    sys.stdout.write(f"{{state.tick}}\\n")
    sys.stdout.flush()
"""


def test_kill_9_in_mid_attempt_loses_at_most_one_second(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITE_FOR_EVER, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        reached = 0
        for line in process.stdout:
            reached = int(line)
            if reached == 357:
                process.send_signal(signal.SIGKILL)
                break
        rest = process.stdout.read().splitlines()
    assert process.returncode == -signal.SIGKILL
    reached = int(rest[-1]) if rest and rest[-1].isdigit() else reached
    attempt = read_attempt(tmp_path / f"killed{SUFFIX}")
    assert attempt.cut_off
    assert reached - attempt.ticks <= 100
    assert attempt.ticks >= 300
    session = ball_session(3)
    state = session.start()
    for _ in range(attempt.ticks):
        state = session.step(state).state
    np.testing.assert_array_equal(attempt.signals[-1], state.snapshot.signals.astype(np.float32))


RUN_AND_TELL = """
import sys
from pathlib import Path
from simtrainer.core.action import Action
from simtrainer.core.attempt import AttemptWriter
from tests.unit.core.toy import ball_session
session = ball_session(3)
state = session.start()
writer = AttemptWriter(Path(sys.argv[1]), session, start=state)
for tick in range(1, 151):
    step = session.step(state, [Action("hand.lift", 3.0)] if tick == 20 else ())
    state = step.state
    writer.write(step)
print(writer.close({"passed": True}))
"""


def test_two_processes_write_the_same_file_bit_for_bit(tmp_path: Path) -> None:
    paths = [tmp_path / f"{salt}{SUFFIX}" for salt in ("1", "2")]
    digests = []
    for salt, path in zip(("1", "2"), paths, strict=True):
        command = [sys.executable, "-c", RUN_AND_TELL, str(path)]
        environment = {**os.environ, "PYTHONHASHSEED": salt}
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
        digests.append(done.stdout.strip())
    assert digests[0] == digests[1] == read_attempt(paths[0]).digest
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_the_digest_sees_a_word_that_changes_nothing_else(tmp_path: Path) -> None:
    digests = []
    for shade in ("red", "blue"):
        session = ball_session()
        state = session.start()
        with AttemptWriter(tmp_path / f"{shade}{SUFFIX}", session, start=state) as writer:
            writer.write(session.step(state, [Action("hand.shade", shade)]))
            digests.append(writer.close({}))
    assert digests[0] != digests[1]


def rewritten(source: Path, target: Path, change: Mapping[str, JsonValue]) -> None:
    """Write the attempt at `source` as an older version would have: other header keys, a chain that holds."""
    import hashlib  # noqa: PLC0415  # only the forger needs it

    chain = b""
    lines = []
    for number, line in enumerate(source.read_bytes().splitlines()):
        record = json.loads(line)
        del record["chain"]
        record |= change if number == 0 else {}
        body = json.dumps({key: value for key, value in record.items() if value is not None}).encode()[:-1]
        chain = hashlib.sha256(chain + body).hexdigest().encode()
        lines.append(body + b',"chain":"' + chain + b'"}\n')
    target.write_bytes(b"".join(lines))


def test_an_older_file_is_read_through_its_migration(whole: Attempt, tmp_path: Path) -> None:
    """Version 0 is made up for this test: it called the seed `luck`."""
    old = tmp_path / f"old{SUFFIX}"
    rewritten(whole.path, old, {"schema_version": 0, "luck": 1, "seed": None})

    def from_0(record: Record) -> Record:
        if record["kind"] == "header":
            record["seed"] = record.pop("luck")
            record["parent"] = None
        return record

    with pytest.raises(AttemptError, match="line 1: schema version 0 is too old"):
        read_attempt(old)
    attempt = read_attempt(old, migrations={0: from_0})
    assert attempt.header == whole.header
    assert attempt.seconds == whole.seconds


def test_a_migration_leaves_its_input_untouched() -> None:
    record: Record = {"kind": "second", "a": 1}

    def step(line: Record) -> Record:
        line["a"] = 2
        return line

    assert migrated(record, SCHEMA_VERSION - 1, {SCHEMA_VERSION - 1: step})["a"] == 2
    assert record["a"] == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema_version": 99}, "newer than this simtrainer"),
        ({"schema_version": None}, "line 1: is not the header"),
        ({"colour": "red"}, "line 1: colour: Extra inputs"),
        ({"signals": ["height_m"]}, "line 2: "),
        ({"quantities": ["height"]}, "line 2: "),
        ({"tick_hz": 10}, "line 2: "),
    ],
)
def test_a_file_whose_chain_holds_but_whose_content_does_not_is_refused_in_words(
    whole: Attempt, tmp_path: Path, change: Mapping[str, JsonValue], message: str
) -> None:
    forged = tmp_path / f"forged{SUFFIX}"
    rewritten(whole.path, forged, change)
    with pytest.raises(AttemptError, match=message):
        read_attempt(forged)
