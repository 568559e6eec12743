"""A needle in tissue: its shaft against beams of textbooks, its force against what the laws add up to."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.units import MM
from simtrainer.physics.needle import Needle, NeedleState
from simtrainer.physics.needle_read import NeedleReadout
from simtrainer.physics.needle_spec import NeedleControl, NeedleSettings, NeedleSpec
from simtrainer.physics.needle_tissue import Boundary, Cylinder, Layer, Tissue, Wall, stack
from simtrainer.studies.closed_form import closed_forms
from simtrainer.studies.closed_form.case import ClosedForm, Pair

Floats = NDArray[np.float64]
DOWN, SIDE, ORIGIN = np.array([0.0, 0.0, -1.0]), np.array([1.0, 0.0, 0.0]), np.zeros(3)
BLUNT, BEVELLED = NeedleSpec(0.09, 0.635 * MM, 0.42 * MM), NeedleSpec(0.15, 0.36 * MM, 0.0, lean=0.3)
"""An 18G needle that cuts straight on, and a 22G one with a bevel."""
GEL = Layer("gel", cutting=0.5, friction=20.0, lateral_stiffness=5e4)
"""A tissue whose every force lasts."""
CLAY = Layer("clay", cutting=0.5, lateral_stiffness=1e6)
"""So firm that ten lengths 1 / b of the shaft are in it: what happens where it enters no longer matters at the tip."""
FADING = Layer("gel that relaxes", cutting=0.5, friction=20.0, relaxing=0.4, relaxation_time=0.8)
FILM = Wall("film", puncture=1.5, stiffness=400.0, stiffening=3e4)
SPEED, TICK = 0.01, 1e-3
"""Of the hand [m/s], and length of a step [s]."""


def held(depth: float, length: float, aside: float = 0.0) -> NeedleControl:
    """Return the hub above the origin where a straight needle's tip is `depth` [m] deep, the bevel facing aside."""
    return NeedleControl.aimed(np.array([aside, 0.0, length - depth]), DOWN, up=SIDE)


def started(needle: Needle) -> NeedleState:
    """Return it a stride above the tissue."""
    return needle.init(held(-0.2 * MM, needle.spec.length))


def pushed(
    needle: Needle, state: NeedleState, to: float, *, speed: float = SPEED, dt: float = TICK
) -> Iterator[NeedleState]:
    """Yield the states of a needle that is pushed or drawn straight until its tip would be `to` [m] deep."""
    begin = needle.spec.length - float(state.body.hub[0, 2])
    count = max(round(abs(to - begin) / (speed * dt)), 1)
    for k in range(1, count + 1):
        state = needle.step(state, held(begin + (to - begin) * k / count, needle.spec.length), dt)
        yield state


def driven(needle: Needle, to: float, *, speed: float = SPEED, dt: float = TICK) -> NeedleState:
    """Return it pushed straight until its tip would be `to` [m] deep."""
    *_, state = pushed(needle, started(needle), to, speed=speed, dt=dt)
    return state


def in_layer(layer: Layer, spec: NeedleSpec = BLUNT, wall: Wall | None = None, step: float = 1.0 * MM) -> Needle:
    """Return a needle above one layer without end."""
    tissue = Tissue(stack(ORIGIN, -DOWN, [(wall or Wall("surface"), layer, 1.0)]))
    return Needle(spec, tissue, NeedleSettings(node_step=2.0 * step, cell=step, stride=0.1 * step))


def aside(needle: Needle, state: NeedleState, by: float) -> NeedleReadout:
    """Return what a needle does whose hub is moved `by` [m] across."""
    deep = needle.spec.length - float(state.body.hub[0, 2])
    for k in range(1, 11):
        state = needle.step(state, held(deep, needle.spec.length, by * k / 10), TICK)
    return needle.read(state)


def _cantilever(step: float) -> Pair:
    """Press the tip on a stiff wall, which holds it, and move the hub aside: two springs in a row."""
    wall = Wall("board", puncture=100.0, stiffness=1e5)
    needle = in_layer(GEL, wall=wall, step=step)
    by, length = 1.0 * MM, BLUNT.length
    found = aside(needle, driven(needle, 0.05 * MM), by)
    soft = length**3 / (3.0 * BLUNT.flexural_rigidity) + 1.0 / wall.stiffness
    return Pair(by / soft, float(found.hand_force[0]))


def _foundation(step: float) -> Pair:
    """Move the hub aside that lies on the tissue, the whole needle in it: a long beam with a guided end."""
    layer = Layer("gel", lateral_stiffness=1e5)
    needle = in_layer(layer, BEVELLED, step=step)
    by = 0.5 * MM
    found = aside(needle, driven(needle, BEVELLED.length, dt=0.01), by)
    beta = (layer.lateral_stiffness / (4.0 * BEVELLED.flexural_rigidity)) ** 0.25
    return Pair(layer.lateral_stiffness * by / beta, float(found.hand_force[0]))


def _steady(_: float) -> Pair:
    deep = 0.04
    return Pair(GEL.cutting + GEL.friction * deep, needle_force(GEL, deep))


def needle_force(layer: Layer, deep: float) -> float:
    """Return the force of the hand [N] that pushes `deep` [m] into a layer."""
    needle = in_layer(layer)
    return needle.read(driven(needle, deep)).axial_force


def _resting(_: float) -> Pair:
    """Hold still for 1 s: what fades does so by an exponential."""
    needle, deep, rest = in_layer(FADING), 0.02, 1.0
    state = driven(needle, deep)
    for _ in range(100):
        state = needle.step(state, held(deep, BLUNT.length), rest / 100)
    whole = FADING.cutting + FADING.friction * deep
    left = 1.0 - FADING.relaxing * (1.0 - np.exp(-rest / FADING.relaxation_time))
    return Pair(float(whole * left), needle.read(state).axial_force)


def _peak(_: float) -> Pair:
    """Pierce a film: the largest force that the hand feels is what the film bears."""
    needle = in_layer(Layer("air below"), wall=FILM)
    state = started(needle)
    return Pair(FILM.puncture, max(needle.read(one).peak_force for one in pushed(needle, state, 0.01)))


def _dent(_: float) -> Pair:
    """Pierce a film: how far it is pushed before, a1 d + a2 d^2 = F."""
    a, b = FILM.stiffness, FILM.stiffening
    needle = in_layer(Layer("air below"), wall=FILM)
    state, deepest = started(needle), 0.0
    for one in pushed(needle, state, 0.01, speed=1e-3):
        read = needle.read(one)
        if read.count:
            break
        deepest = float(read.displacement[0])
    return Pair((-a + np.sqrt(a * a + 4.0 * b * FILM.puncture)) / (2.0 * b), deepest)


def _work(_: float) -> Pair:
    """Go in through a film and a vessel, rest, come half out: force over way against stored and lost energy."""
    vessel = Cylinder(np.array([0.0, 0.0, -0.02]), np.array([0.0, 1.0, 0.0]), 4.0 * MM)
    soft = Layer("soft", cutting=0.4, friction=15.0, stiction=1.3, relaxing=0.3, relaxation_time=0.5)
    wall = Wall("vessel", puncture=0.9, stiffness=200.0, relaxing=0.3, relaxation_time=0.3)
    tissue = Tissue((*stack(ORIGIN, -DOWN, [(FILM, soft, 1.0)]), Boundary(vessel, wall, Layer("blood"))))
    needle = Needle(BLUNT, tissue)
    state, done, before = started(needle), 0.0, (0.0, 0.0)
    for to in (0.03, 0.03, 0.012):
        for one in pushed(needle, state, to, speed=5e-3, dt=2e-3):
            state = one
            now = (BLUNT.length - float(one.body.hub[0, 2]), needle.read(one).axial_force)
            done += 0.5 * (now[1] + before[1]) * (now[0] - before[0])
            before = now
    read = needle.read(state)
    return Pair(done, read.stored + read.lost)


def steered(step: float, deep: float = 0.145) -> Floats:
    """Return the track [m] of a bevelled needle that is pushed straight, (n, 2): depth, and how far aside."""
    tissue = Tissue(stack(ORIGIN, -DOWN, [(Wall("surface"), CLAY, 1.0)]))
    needle = Needle(BEVELLED, tissue, NeedleSettings(node_step=2.0 * step, cell=step, stride=0.02 * step))
    tips = [needle.read(one).tip for one in pushed(needle, started(needle), deep, speed=0.05, dt=0.01)]
    return np.array([[-tip[2], tip[0]] for tip in tips])


def _steering(step: float) -> Pair:
    """Compare the curvature of the track, far from where it begins.

    The tip is free of moment and bears the bevel's load P, and where it comes to rest the track goes on. On a long beam
    by Hetenyi a tip comes to rest at y = G * y + c: its track before weighted by G, whose Laplace transform over the
    depth is (2 b s + 2 b^2) / (s^2 + 2 b s + 2 b^2), and c = 2 b P / K, b = (K / 4 EI)^(1/4). So the track is
    c (1 + 2 b x + b^2 x^2), its curvature 2 b^2 c = P / (EI b). The solver's tip comes there within 0.05 mm and
    not at once, which is 0.5 % at this b whatever the distance of nodes.
    """
    tips = steered(step)
    chosen = tips[tips[:, 0] > 0.1]
    bent = 2.0 * float(np.polyfit(chosen[:, 0], chosen[:, 1], 2)[0])
    rigid = BEVELLED.flexural_rigidity
    beta = (CLAY.lateral_stiffness / (4.0 * rigid)) ** 0.25
    return Pair(BEVELLED.lean * CLAY.cutting / (rigid * beta), -bent)


_STEPS, _ONE = (4.0 * MM, 2.0 * MM, 1.0 * MM), (1.0 * MM,)
_FORMS = {
    "needle_tip_held": ClosedForm(
        "Hub moved aside, tip held by a wall", "N", "P = 3 EI d / L^3, and the wall as a spring in a row",
        0.001, _ONE, _cantilever,
    ),
    "needle_in_gel": ClosedForm(
        "Hub moved aside, the whole needle in gel", "N", "K d / b (Hetenyi, Beams on Elastic Foundation, 1946)",
        0.01, _STEPS, _foundation,
    ),
    "needle_steady_force": ClosedForm(
        "Force on a needle 40 mm deep", "N", "cutting, and friction times depth", 0.01, _ONE, _steady
    ),
    "needle_resting_hand": ClosedForm(
        "Force after a hand has rested for 1 s", "N", "one term of Prony: exponential", 0.01, _ONE, _resting
    ),
    "needle_puncture_peak": ClosedForm(
        "Largest force when a film is pierced", "N", "what the film bears", 0.001, _ONE, _peak
    ),
    "needle_dent": ClosedForm(
        "How far a film is pushed before it is pierced", "m", "a1 d + a2 d^2 = F (Okamura et al. 2004)",
        0.01, _ONE, _dent,
    ),
    "needle_work": ClosedForm(
        "Work of the hand, in, at rest and half out", "J", "energy stored and lost", 0.01, _ONE, _work
    ),
    "needle_steered": ClosedForm(
        "Curvature of a bevelled needle's track", "1/m", "P / (EI b), b^4 = K / 4 EI: Hetenyi's beam on its own track",
        0.01, _ONE, _steering,
    ),
}  # fmt: skip
for _name, _form in _FORMS.items():
    closed_forms.put(_name, _form)
