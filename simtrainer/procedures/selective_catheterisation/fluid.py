"""Syringes and the lumen of the catheter: air, standing blood, flush, contrast. Pure functions of a tick."""

from __future__ import annotations

from dataclasses import dataclass, replace

from simtrainer.procedures.selective_catheterisation.state import Lumen

ENOUGH_ASPIRATED_ML = 2.0
"""Blood that shows an empty catheter: about twice the lumen of a 5F catheter. because: design, lumen 0.8-1.2 ml"""
ENOUGH_FLUSHED_ML = 4.0
"""Saline that clears the lumen several times. because: design, lumen 0.8-1.2 ml"""
PUFF_ML = 4.0
"""Contrast up to which an injection is a test. because: design; hand-injected tests are a few ml"""
AIR_AT_EXIT_ML = 0.4
"""Air that is sucked in when a wire is drawn out of the hub. because: design, half the lumen of a 5F catheter"""


@dataclass(frozen=True, slots=True)
class Stroke:
    """What leaves the catheter's tip in one tick: contrast [ml], and the finished strokes that the record wants."""

    contrast_ml: float = 0.0
    injected_ml: float = 0.0
    run_s: float = 0.0


def opened(lumen: Lumen) -> Lumen:
    """Return the lumen after a wire was drawn out of the hub: air gets in, blood stands."""
    return replace(lumen, air_ml=AIR_AT_EXIT_ML, aspirated=False, flushed=False)


def fresh(lumen: Lumen) -> Lumen:
    """Return the lumen of another catheter, flushed on the table before use."""
    return replace(lumen, air_ml=0.0, aspirated=True, flushed=True, drawing_ml=0.0, flushing_ml=0.0)


def draw(lumen: Lumen, rate: float, dt: float) -> Lumen:
    """Aspirate at `rate` [ml/s]; the stroke is complete when the plunger stops."""
    if rate > 0.0:
        drawn = lumen.drawing_ml + rate * dt
        air = max(0.0, lumen.air_ml - rate * dt)
        return replace(lumen, drawing_ml=drawn, air_ml=air, flushed=False)
    if lumen.drawing_ml == 0.0:
        return lumen
    done = lumen.drawing_ml >= ENOUGH_ASPIRATED_ML
    return replace(
        lumen,
        drawing_ml=0.0,
        aspirated=lumen.aspirated or done,
        air_ml=0.0 if done else lumen.air_ml,
        aspirations=lumen.aspirations + int(done),
        aspirated_ml=lumen.drawing_ml if done else lumen.aspirated_ml,
    )


def flush(lumen: Lumen, rate: float, dt: float) -> Lumen:
    """Flush with saline at `rate` [ml/s]; air in the lumen goes out with it."""
    if rate > 0.0:
        out = min(lumen.air_ml, rate * dt)
        return replace(
            lumen,
            flushing_ml=lumen.flushing_ml + rate * dt,
            air_ml=lumen.air_ml - out,
            air_injected_ml=lumen.air_injected_ml + out,
        )
    if lumen.flushing_ml == 0.0:
        return lumen
    done = lumen.flushing_ml >= ENOUGH_FLUSHED_ML
    return replace(
        lumen,
        flushing_ml=0.0,
        flushed=lumen.flushed or (done and lumen.aspirated),
        flushes=lumen.flushes + int(done),
        flushed_ml=lumen.flushing_ml if done else lumen.flushed_ml,
    )


def inject(lumen: Lumen, rate: float, dt: float, recording: bool) -> tuple[Lumen, Stroke]:
    """Inject contrast at `rate` [ml/s]; the stroke is complete when the plunger stops."""
    if rate > 0.0:
        volume = rate * dt
        out = min(lumen.air_ml, volume)
        ready = lumen.aspirated and lumen.flushed
        return replace(
            lumen,
            injecting_ml=lumen.injecting_ml + volume,
            injecting_run_s=lumen.injecting_run_s + (dt if recording else 0.0),
            contrast_ml=lumen.contrast_ml + volume,
            unflushed_ml=lumen.unflushed_ml + (0.0 if ready else volume),
            air_ml=lumen.air_ml - out,
            air_injected_ml=lumen.air_injected_ml + out,
        ), Stroke(contrast_ml=volume)
    if lumen.injecting_ml == 0.0:
        return lumen, Stroke()
    stroke = Stroke(injected_ml=lumen.injecting_ml, run_s=lumen.injecting_run_s)
    return replace(lumen, injecting_ml=0.0, injecting_run_s=0.0), stroke
