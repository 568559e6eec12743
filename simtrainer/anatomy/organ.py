"""Questions the volume of a solid organ; organs are measured here, and not made into patients yet."""

from __future__ import annotations

from dataclasses import dataclass

from simtrainer.core.units import ML


@dataclass(frozen=True, slots=True)
class _Adult:
    """Volumes [ml] between which healthy adults lie, and who measured them."""

    least_ml: float
    most_ml: float
    because: str


_ADULT = {
    "liver": _Adult(594.0, 2250.0, "Feng 2017, CT of 369 adults, doi 10.3748/wjg.v23.i27.4968"),
    "spleen": _Adult(107.0, 315.0, "Prassopoulos 1997, CT of 140 adults, Eur Radiol 7:246-248"),
}
ORGANS = tuple(_ADULT)
"""Solid organs whose volume can be questioned."""


def volume_doubts(organ: str, volume: float) -> list[str]:
    """Return a doubt where an adult's organ has not such a volume [m3]; none where it may be so."""
    adult, found = _ADULT[organ], volume / ML
    if adult.least_ml <= found <= adult.most_ml:
        return []
    usual = f"adults' hold {adult.least_ml:.0f} to {adult.most_ml:.0f} ml ({adult.because})"
    return [f"this {organ} holds {found:.3g} ml; {usual}; is it whole, an adult's, and its unit right?"]
