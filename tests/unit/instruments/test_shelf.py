"""Every instrument on the shelf is one that the solver takes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simtrainer.core.error import InputError
from simtrainer.core.units import FRENCH, INCH, MM
from simtrainer.instruments import instruments
from simtrainer.instruments.slender import Kind, Slender, read_slender


@pytest.mark.parametrize("device", list(instruments), ids=lambda device: device.name)
def test_a_device_makes_a_sound_profile(device: Slender) -> None:
    profile = device.profile()
    profile.check()
    assert profile.distance[-1] < profile.length
    turn = np.trapezoid(profile.curvature, profile.distance)
    wanted = np.radians(sum(section.turn_deg for section in device.sections))
    assert abs(turn - wanted) < 0.02 * max(1.0, abs(wanted))


@pytest.mark.parametrize("device", list(instruments), ids=lambda device: device.name)
def test_dimensions_are_those_of_the_designation(device: Slender) -> None:
    wanted = 0.035 * INCH if device.kind is Kind.WIRE else 5.0 * FRENCH
    assert abs(device.outer_diameter_mm * MM - wanted) < 0.01 * MM
    if device.kind is Kind.CATHETER:
        assert device.inner_diameter_mm * MM > 0.035 * INCH, "a 0.035 inch wire has to go through"


@pytest.mark.parametrize("device", list(instruments), ids=lambda device: device.name)
def test_every_number_says_where_it_is_from(device: Slender) -> None:
    assert device.because
    assert device.evidence in {"seen", "second", "known", "design"}
    assert all(section.because for section in device.sections)


def test_a_catheter_is_stiffer_behind_than_at_its_tip() -> None:
    for device in instruments:
        rigidity = device.profile().flexural_rigidity
        assert np.all(np.diff(rigidity) >= -1e-12), device.name


def test_an_unknown_key_is_refused_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "bent.yaml"
    path.write_text("schema_version: 1\nname: bent\ncolour: blue\n")
    with pytest.raises(InputError, match=r"bent\.yaml"):
        read_slender(path)
