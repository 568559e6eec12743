"""Facts of vessels without names: where the flush catheter lies, and when a catheter counts as withdrawn."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simtrainer.anatomy.package import AnatomyPackage, builtin_names, load_package
from simtrainer.anatomy.tree import CentrelineTree
from simtrainer.procedures.selective_catheterisation.fact import facts


def unnamed(package: AnatomyPackage) -> AnatomyPackage:
    """Return `package` as an import gives it: branches by number, entered at the first."""
    bare = tuple(replace(b, name=f"branch_{i}") for i, b in enumerate(package.tree.branches))
    target = f"branch_{package.tree.number(package.target)}"
    return replace(package, tree=CentrelineTree(bare), target=target, access=replace(package.access, branch="branch_0"))


@pytest.mark.parametrize("patient", builtin_names())
def test_the_widest_vessel_beside_the_way_is_the_ascending_aorta_in_every_patient_whatever_it_is_called(
    patient: str,
) -> None:
    package = load_package(patient)
    known = facts(package).words
    assert known["flush_vessel"] == "ascending_aorta"
    assert {"aortic_arch", "ascending_aorta", package.target} <= set(known["right_way"].split(","))
    assert (known["withdrawn_from"], known["withdrawn_to"]) == ("descending_aorta", "abdominal_aorta")
    root, arch = (package.tree.number(name) for name in ("ascending_aorta", "aortic_arch"))
    words = facts(unnamed(package)).words
    assert words["flush_vessel"] == f"branch_{root}"
    assert (words["withdrawn_from"], words["withdrawn_to"]) == (f"branch_{root}", f"branch_{arch}")


def test_a_single_tube_is_its_own_target_and_flush_vessel() -> None:
    package = load_package("adult_male_type1")
    tube = replace(package.tree.branches[0], name="branch_1")
    one = replace(
        package, tree=CentrelineTree((tube,)), target="branch_1", access=replace(package.access, branch="branch_1")
    )
    words = facts(one).words
    assert (words["flush_vessel"], words["withdrawn_from"], words["withdrawn_to"]) == ("branch_1", "branch_1", "")
    assert words["right_way"] == "branch_1"


def test_the_vessel_that_is_entered_is_no_flush_vessel_where_there_is_another() -> None:
    package = unnamed(load_package("adult_male_type1"))
    wide = replace(package.tree.branches[0], radii=package.tree.branches[0].radii * 10.0)
    tree = CentrelineTree((wide, *package.tree.branches[1:]))
    assert facts(replace(package, tree=tree)).words["flush_vessel"] != "branch_0"
