"""What a procedure offers to courses, hands and views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.action import Action
from simtrainer.core.scene import Scene
from simtrainer.core.session import World
from simtrainer.core.stream import Streams
from simtrainer.curriculum.vocabulary import Vocabulary


class Eye(Protocol):
    """Draws what the machine of a procedure shows, outside the tick; nothing of it is scored."""

    def look(self, state: Any, tick: int) -> NDArray[np.uint8]:
        """Return the picture on the screen at `tick`, shape (n, n), the last one held while the beam is off."""
        ...


class Bot(Protocol):
    """A hand that is a program: sees and feels what a person could, and nothing else."""

    @property
    def done(self) -> bool:
        """True when it has nothing left to do."""
        ...

    def act(self, seen: Any) -> tuple[Action, ...]:
        """Return the actions of the next tick, given the procedure's Observation."""
        ...


@dataclass(frozen=True, slots=True)
class Drafting:
    """How the bots came to be, as far as a proof of a course must know it.

    Parameters
    ----------
    patients, seeds
        On what the bots were written and tried; a proof tells other patients and other seeds apart.
    consequences
        By the id of a step that a bot leaves out: ids of critical rules that are then broken as well, by the
        mechanics and not by another fault of the bot.
    """

    patients: tuple[str, ...] = ()
    seeds: tuple[int, ...] = ()
    consequences: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Procedure(Protocol):
    """A kind of exercise, before a patient is chosen."""

    @property
    def name(self) -> str:
        """Name in course files."""
        ...

    @property
    def vocabulary(self) -> Vocabulary:
        """Every name that a course for this procedure may use."""
        ...

    def world(self, patient: str | Path) -> World[Any]:
        """Return the exercise on a patient: a built-in name or an anatomy package's folder."""
        ...

    def scene(self, world: Any) -> Scene:
        """Return what there is to see."""
        ...

    def eye(self, world: Any, streams: Streams) -> Eye:
        """Return what draws the machine's pictures."""
        ...

    def observe(self, world: Any, state: Any, tick: int, streams: Streams) -> Any:
        """Return what a person at the table could see and feel in `state`."""
        ...

    @property
    def bots(self) -> tuple[str, ...]:
        """Names of the bots; `expert` and `slow_and_safe` should pass, `novice` and `fast_and_reckless` should not."""
        ...

    @property
    def steps_left_out(self) -> tuple[str, ...]:
        """Ids of the steps of a course that a bot can leave out."""
        ...

    @property
    def drafting(self) -> Drafting:
        """On what the bots were written, and what follows where they leave a step out."""
        ...

    def bot(self, name: str, seed: int, leave_out: str = "") -> Bot:
        """Return the bot called `name`, which forgets the step `leave_out` if that is not empty.

        Raises
        ------
        UnknownNameError
            No such bot, or a step that it cannot leave out.
        """
        ...
