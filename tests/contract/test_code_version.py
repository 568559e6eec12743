"""The code version of every exercise covers whatever one of its sessions loads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from simtrainer.core import source
from simtrainer.core.source import APART, deciding
from simtrainer.procedures import procedures

PACKAGE = Path(source.__file__).resolve().parents[1]
PLAY = """
import importlib, json, sys
from simtrainer.core.session import NoCurriculum, Session
from simtrainer.core.stream import Streams
from simtrainer.ui.shipped import patient_folders

procedure = importlib.import_module({module!r}).EXERCISE
world = procedure.world(sorted(procedure.vocabulary.patients or patient_folders())[0])
session, bot, streams = Session(world, NoCurriculum(), 1), procedure.bot("expert", 1), Streams(1)
state = session.start()
for _ in range(30):
    state = session.step(state, bot.act(procedure.observe(world, state.world, state.tick, streams))).state
print(json.dumps([m.__file__ for n, m in sys.modules.items() if n.startswith("simtrainer") and m.__file__]))
"""


@pytest.mark.parametrize("name", procedures.names())
def test_whatever_a_session_loads_is_in_its_code_version(name: str) -> None:
    script = PLAY.format(module=type(procedures.get(name)).__module__)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=300)
    home = Path(*type(procedures.get(name)).__module__.split(".")[1:3])
    loaded = {Path(file).resolve().relative_to(PACKAGE) for file in json.loads(done.stdout)}
    others = {
        path for path in loaded if path.parts[0] == "procedures" and len(path.parts) > 2 and home not in path.parents
    }
    counted = {path.relative_to(PACKAGE) for path in deciding(type(procedures.get(name)).__module__)}
    missed = {path for path in loaded - counted - others if path.parts[0] not in APART}
    assert len(loaded) > 40
    assert not missed
