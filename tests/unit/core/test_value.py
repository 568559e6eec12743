"""The small values of the core: errors, units, controls, events, facts, resources."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simtrainer.core import kernel, resource, units
from simtrainer.core.action import Control
from simtrainer.core.error import InputError, SimtrainerError, UnknownNameError, suggestion
from simtrainer.core.event import EventType
from simtrainer.core.fact import SessionFacts

finite = st.floats(allow_nan=False, allow_infinity=False)


def test_an_unknown_name_says_what_is_known_when_nothing_is_near() -> None:
    assert str(UnknownNameError("drug", "xyz", ["b", "a"])) == "no drug is called 'xyz'. Known: a, b."
    assert str(UnknownNameError("drug", "xyz", [])) == "no drug is called 'xyz'. Known: none."
    assert str(UnknownNameError("event", "WireTouchd", ["WireTouched"], "c.yaml: steps[2]")) == (
        "c.yaml: steps[2]: no event is called 'WireTouchd'. Did you mean 'WireTouched'?"
    )
    assert isinstance(UnknownNameError("drug", "xyz", []), InputError)


@given(st.lists(st.text(min_size=1, max_size=9), min_size=1, max_size=6), st.data())
def test_a_known_name_is_always_its_own_suggestion(known: list[str], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(known))
    assert suggestion(name, known) == f" Did you mean '{name}'?"


def test_units_agree_with_their_definitions() -> None:
    assert pytest.approx(101325.0 / 760.0, rel=2e-7) == units.MMHG  # mmHg and torr differ by 1.4e-7 (NIST SP 811, B.8)
    assert pytest.approx(2.0 * units.MM) == 6 * units.FRENCH  # ISO 10555-1: 6 Fr = 2 mm
    assert pytest.approx(0.889e-3) == 0.035 * units.INCH  # an 0.035" wire
    assert pytest.approx(units.CM**3) == units.ML
    assert pytest.approx(units.GPA * units.MM**4) == 1e3 * units.N_MM2  # E I of 1 GPa mm4 is 1000 N mm2
    assert pytest.approx(1e-2 * units.CM**2) == units.CGY_CM2
    assert units.LENGTH_UNITS["in"] == 25.4 * units.MM


@given(st.floats(-1e6, 1e6))
def test_degrees_go_there_and_back(angle: float) -> None:
    assert units.rad(units.deg(angle)) == pytest.approx(angle, rel=1e-12, abs=1e-300)
    assert units.deg(math.pi) == 180.0


@given(finite)
def test_a_control_clips_numbers_to_its_range(value: float) -> None:
    control = Control("wire.push", "Speed forwards.", "m/s", -0.05, 0.2, held=True)
    got = control.checked(value)
    assert isinstance(got, float)
    assert -0.05 <= got <= 0.2
    assert got == value or not -0.05 <= value <= 0.2
    assert control.checked(got) == got


def test_a_control_says_what_it_takes() -> None:
    push = Control("wire.push", "Speed forwards.", "m/s", -0.05, 0.2)
    with pytest.raises(InputError, match=r"wire.push takes a number from -0.05 to 0.2 m/s, not 'fast'"):
        push.checked("fast")
    with pytest.raises(InputError, match="not nan"):
        push.checked(math.nan)
    assert push.checked(math.inf) == 0.2
    take = Control("catheter.take", "Take a catheter.", choices=("pigtail", "simmons"))
    assert take.checked("simmons") == "simmons"
    with pytest.raises(
        UnknownNameError, match=r"no choice of catheter.take is called 'simons'. Did you mean 'simmons'"
    ):
        take.checked("simons")


def test_an_event_carries_its_declared_evidence_and_no_other() -> None:
    kind = EventType("VesselEntered", "The wire entered a vessel.", ("vessel",))
    event = kind.at(7, vessel="aorta")
    assert (event.name, event.tick, event.data) == ("VesselEntered", 7, {"vessel": "aorta"})
    wrongs: list[dict[str, float | str]] = [{}, {"vessel": "aorta", "speed": 1.0}]
    for wrong in wrongs:
        with pytest.raises(AssertionError, match="VesselEntered carries"):
            kind.at(7, **wrong)


@given(
    st.dictionaries(st.text(), finite),
    st.dictionaries(st.text(), st.text()),
    st.lists(st.tuples(finite, finite, finite)),
)
def test_facts_survive_json(
    numbers: dict[str, float], words: dict[str, str], path: list[tuple[float, float, float]]
) -> None:
    facts = SessionFacts(numbers, words, np.array(path).reshape(-1, 3))
    again = SessionFacts.from_json(json.loads(json.dumps(facts.to_json())))
    assert (again.numbers, again.words) == (numbers, words)
    np.testing.assert_array_equal(again.ideal_path, facts.ideal_path)


def test_data_are_found_beside_the_package_in_a_checkout() -> None:
    root = Path(resource.__file__).resolve().parents[2]
    assert resource.resource_path("meshes") == root / "meshes"
    with pytest.raises(SimtrainerError, match="has no folder 'unicorns'"):
        resource.resource_path("unicorns")


def test_data_are_found_inside_the_package_in_a_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site-packages" / "simtrainer"
    (package / "_data" / "meshes").mkdir(parents=True)
    (package.parent / "meshes").mkdir()  # somebody else's, in the same site-packages
    monkeypatch.setattr(resource, "_PACKAGE", package)
    assert resource.resource_path("meshes") == package / "_data" / "meshes"


def test_the_kernel_hash_changes_only_with_kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "b.py").write_text("@njit(cache=True)\ndef f(): ...\n")
    monkeypatch.setattr(kernel, "_PACKAGE", tmp_path)
    kernels = kernel.kernel_hash()
    (tmp_path / "a.py").write_text("x = 2\n")
    assert kernel.kernel_hash() == kernels
    (tmp_path / "b.py").write_text("@njit(cache=True)\ndef g(): ...\n")
    assert kernel.kernel_hash() != kernels


def test_kernels_run_without_the_vector_library_that_differs_between_processors() -> None:
    assert numba.config.DISABLE_INTEL_SVML == 1
    assert kernel.machine_class() == kernel.machine_class().lower()
