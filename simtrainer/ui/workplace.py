"""What the place of work of a procedure is like: hands, pedals, gauges, read-outs; one small file a procedure.

Views ask here instead of knowing a procedure: `workplaces/<procedure>.yaml`. A procedure without a file gets a plain
place: its eye's pictures, no pedals, and no gauge but the clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Protocol, runtime_checkable

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from simtrainer.curriculum.schema import Aid

_FOLDER = Path(__file__).with_name("workplaces")
Text = Mapping[str, str]
"""A text by language; English is the fallback."""


@runtime_checkable
class CameraEye(Protocol):
    """An eye that can look from several places."""

    cameras: tuple[str, ...]
    camera: str

    def look(self, state: object, tick: int) -> NDArray[np.uint8]:
        """Return what it sees, shape (n, n, 3)."""
        ...


class Sees(Enum):
    """Where the large picture comes from."""

    MACHINE = "machine"
    """A machine that sees only while its beam is on, remembers, and holds its last picture."""
    PERSON = "person"
    """A person's own eyes: always, without memory, from one of several cameras."""


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class WorkHand(_Closed):
    """One hand, or the device that it holds.

    Parameters
    ----------
    id
        As in the bindings.
    word
        Word of the snapshot that names what it holds.
    inside, force
        Signals: how far it is inside [mm], what it feels [N]; empty for none.
    closed
        Signal that is above a half while the tool in it is closed; empty for none.
    height
        Signal: how far its tip is above the skin [mm], negative in the depth; empty for none. A picture has no depth.
    """

    id: str
    label: Text
    word: str
    empty: Text
    inside: str = ""
    force: str = ""
    closed: str = ""
    height: str = ""


class Pedal(_Closed):
    """A pedal, or a key that is worth a place on the screen.

    Parameters
    ----------
    row
        Row of the bindings whose key is shown.
    control, value
        It is down while the held control has this value; `*` in it stands for the chosen hand.
    lamp
        Signal that lights it while it is above a half; empty for none.
    """

    row: str
    label: Text
    control: str = ""
    value: float | str = 1.0
    lamp: str = ""


class Gauge(_Closed):
    """One cell of the strip.

    Parameters
    ----------
    signals
        Of which the greatest in size is shown; a gauge whose signals a procedure lacks is left out.
    decimals
        -1 for minutes and seconds.
    limit
        Number of the session facts against which it is judged; empty for none.
    alarm_above, alarm_below
        Fixed values beyond which it alarms; 0 for none.
    aid
        The aid that it belongs to; None where a person at the table has it anyway.
    """

    id: str
    label: Text
    signals: tuple[str, ...]
    unit: str
    decimals: int
    limit: str = ""
    alarm_above: float = 0.0
    alarm_below: float = 0.0
    aid: Aid | None = None


class Force(_Closed):
    """The force bar: a signal [N] against a number of the session facts; what to do where it is too much."""

    signal: str
    limit: str
    title: Text
    short: Text
    alarm: Text


class Phrase(_Closed):
    """What a read-out says from a value on."""

    above: float
    text: Text


class Readout(_Closed):
    """A line under the hands: the phrase of the greatest `above` that its signal passes; none for no line.

    With `when` it stands only while that signal is above a half.
    """

    label: Text
    signal: str
    phrases: Annotated[tuple[Phrase, ...], Field(min_length=1)]
    decimals: int = 0
    when: str = ""


class Track(_Closed):
    """A bar of the warm-up that a held control moves."""

    label: Text
    control: str
    turn: str = ""


class Task(_Closed):
    """Something to find in the warm-up.

    Parameters
    ----------
    row
        Row of the bindings whose keys are shown.
    control
        What has to move.
    does
        `reach` the mark of its track, `turn` by half a turn, or be `used` at all.
    """

    id: str
    text: Text
    row: str
    control: str
    does: Literal["reach", "turn", "used"]


class Workplace(_Closed):
    """All that views must know of a procedure.

    Parameters
    ----------
    alarms
        Events that ring for everybody.
    view_3d
        Whether vessels and devices can be shown in 3D beside the picture.
    pace_hz
        Pictures a second that a person's eyes are given at most.
    tray
        Rows of the bindings that stand on the screen with their keys: what can be taken.
    beam
        Held control that is `off` while a machine's beam is off.
    cameras, words
        Names of the eye's cameras and of what hands hold, as people say them.
    """

    schema_version: Literal[1]
    procedure: str
    sees: Sees
    view_3d: bool = False
    pace_hz: float = 15.0
    beam: str = ""
    hands: tuple[WorkHand, ...] = ()
    pedals: tuple[Pedal, ...] = ()
    gauges: tuple[Gauge, ...] = ()
    force: Force | None = None
    readouts: tuple[Readout, ...] = ()
    tray: tuple[str, ...] = ()
    tracks: tuple[Track, ...] = ()
    tasks: tuple[Task, ...] = ()
    alarms: tuple[str, ...] = ()
    cameras: Mapping[str, Text] = {}
    words: Mapping[str, Text] = {}


def said(text: Text, language: str) -> str:
    """Return a text in `language`, else in English."""
    return text.get(language) or text["en"]


@cache
def workplace(procedure: str) -> Workplace:
    """Return the place of work of `procedure`; a plain one where it has no file."""
    path = _FOLDER / f"{procedure}.yaml"
    if not path.is_file():
        return Workplace(schema_version=1, procedure=procedure, sees=Sees.PERSON)
    return Workplace.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
