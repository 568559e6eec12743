from __future__ import annotations

from dataclasses import replace

import pytest

from simtrainer.anatomy.package import builtin_names, load_package
from simtrainer.anatomy.tree import CentrelineTree
from simtrainer.procedures.selective_catheterisation.fact import facts


@pytest.mark.parametrize("patient", builtin_names())
def test_the_widest_vessel_beside_the_way_is_the_ascending_aorta_in_every_patient_whatever_it_is_called(
    patient: str,
) -> None:
    package = load_package(patient)
    known = facts(package).words
    assert known["flush_vessel"] == "ascending_aorta"
    assert {"aortic_arch", "ascending_aorta", package.target} <= set(known["right_way"].split(","))
    number = package.tree.number("ascending_aorta")
    bare = CentrelineTree(tuple(replace(b, name=f"branch_{i}") for i, b in enumerate(package.tree.branches)))
    target = f"branch_{package.tree.number(package.target)}"
    assert facts(replace(package, tree=bare, target=target)).words["flush_vessel"] == f"branch_{number}"
