"""Keeps enough of a running session to draw its key moments afterwards, without running it again."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.session import Step
from simtrainer.debrief.moment import KeyMoment
from simtrainer.ui.case import Case
from simtrainer.ui.workplace import Sees, workplace

LOOKS_HZ = (15, 4)
"""Rates at which a machine takes frames: fluoroscopy, subtraction; see imaging.dose."""
RING_S = 2.5
"""How much of the past a picture needs: mask, contrast that came in, detector lag."""
KEPT = 3
"""Moments kept of each kind of event: the last ones."""
NEAR_S = 0.5
DOSE = "dose_gy_cm2"
"""Signal: the beam was on where the dose rose."""


def look_due(tick: int, tick_hz: int, rates: tuple[int, ...] = LOOKS_HZ) -> bool:
    """Tell whether a frame at one of `rates` may fall into `tick`."""
    return any((tick + 1) * rate // tick_hz > tick * rate // tick_hz for rate in rates)


Past = tuple[tuple[int, Any], ...]
"""(tick, state of the world), oldest first."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a gallery held at one moment, to go back to."""

    ring: Past
    lit: Past
    dose: float
    kept: Mapping[str, tuple[Past, ...]]
    worst: tuple[float, Past]

    def without_ring(self) -> Mark:
        """Return the mark without the seconds before it, which take most of the room."""
        return replace(self, ring=(), lit=self.lit[-1:])


class Gallery:
    """Watches a session; afterwards draws what the screen showed at any of the moments that matter."""

    def __init__(self, case: Case) -> None:
        """Watch a session of `case`."""
        self._case = case
        self._ring: deque[tuple[int, Any]] = deque()
        self._lit: deque[tuple[int, Any]] = deque()
        self._dose = 0.0
        self._kept: dict[str, deque[Past]] = {}
        self._worst: tuple[float, Past] = (0.0, ())
        names = [signal.name for signal in case.world.signals]
        place = workplace(case.procedure.name)
        self._remembers = place.sees is Sees.MACHINE
        worst = place.force.signal if place.force is not None else ""  # the worst moment is that of the greatest force
        self._force, self._beam = (names.index(name) if name in names else -1 for name in (worst, DOSE))

    def __call__(self, step: Step[Any, Any]) -> None:
        """Take in one step."""
        tick, hz = step.state.tick, self._case.world.tick_hz
        if not self._remembers:
            self._ring = deque([(tick, step.state.world)])
        elif look_due(tick, hz):
            self._ring.append((tick, step.state.world))
            while self._ring[0][0] < tick - RING_S * hz:
                self._ring.popleft()
            self._expose(step)
        for event in step.events:
            self._kept.setdefault(event.name, deque(maxlen=KEPT)).append(self._past(step))
        if self._force >= 0 and step.snapshot.signals[self._force] > self._worst[0]:
            self._worst = (float(step.snapshot.signals[self._force]), self._past(step))

    def _expose(self, step: Step[Any, Any]) -> None:
        """Keep the last seconds of the beam, for the image that the screen holds while it is off."""
        dose = float(step.snapshot.signals[self._beam]) if self._beam >= 0 else self._dose + 1.0
        if dose <= self._dose:
            return
        self._dose = dose
        self._lit.append((step.state.tick, step.state.world))
        while self._lit[0][0] < step.state.tick - RING_S * self._hz:
            self._lit.popleft()

    def now(self, step: Step[Any, Any]) -> NDArray[np.uint8]:
        """Return the screen at `step`, which it has just been shown; nothing (0 x 0) before the first beam."""
        return self._drawn(self._past(step))

    def mark(self) -> Mark:
        """Return what is held now."""
        return Mark(
            tuple(self._ring),
            tuple(self._lit),
            self._dose,
            {name: tuple(kept) for name, kept in self._kept.items()},
            self._worst,
        )

    def go_back(self, mark: Mark) -> None:
        """Hold again what was held at `mark`, and nothing of what came after it."""
        self._ring, self._lit, self._dose = deque(mark.ring), deque(mark.lit), mark.dose
        self._kept = {name: deque(kept, maxlen=KEPT) for name, kept in mark.kept.items()}
        self._worst = mark.worst

    def _past(self, step: Step[Any, Any]) -> Past:
        """Return what the screen at `step` follows from; nothing before the first beam, when it is black.

        Eyes remember nothing: what they see follows from the moment itself.
        """
        if not self._remembers:
            return ((step.state.tick, step.state.world),)
        if not self._lit:
            return ()
        seen = (*self._ring, (step.state.tick, step.state.world))
        return (*(look for look in self._lit if look[0] < seen[0][0]), *seen)

    def pictures(self, moments: tuple[KeyMoment, ...]) -> Mapping[str, NDArray[np.uint8]]:
        """Return the screen at each of `moments` that was kept, by the moment's id."""
        found = {}
        pasts = [past for kept in self._kept.values() for past in kept]
        pasts += [self._worst[1], tuple(self._ring) if self._lit or not self._remembers else ()]
        for moment in moments:
            near = [past for past in pasts if past and abs(past[-1][0] - moment.tick) <= NEAR_S * self._hz]
            if near:
                found[moment.id] = self._drawn(min(near, key=lambda past: abs(past[-1][0] - moment.tick)))
        return found

    @property
    def _hz(self) -> int:
        hz: int = self._case.world.tick_hz
        return hz

    def _drawn(self, past: Past) -> NDArray[np.uint8]:
        eye = self._case.eye()
        picture: NDArray[np.uint8] = np.zeros((0, 0), np.uint8)
        for tick, state in past:
            picture = eye.look(state, tick)
        return picture


def pictures_at(
    case: Case, steps: Iterable[Step[Any, Any]], moments: tuple[KeyMoment, ...]
) -> Mapping[str, NDArray[np.uint8]]:
    """Return the screen at each of `moments` by its id, from the steps of a whole session."""
    gallery, wanted = Gallery(case), {moment.tick: moment.id for moment in moments}
    found = {}
    for step in steps:
        gallery(step)
        if step.state.tick in wanted and (picture := gallery.now(step)).size:
            found[wanted[step.state.tick]] = picture
    return found
