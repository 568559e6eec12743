"""Frames that files declare, and their rotation to RAS+."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simtrainer.core.error import InputError
from simtrainer.core.frame import frozen, offset_to_ras, rotation_to_ras


def test_dicom_axes_turn_half_round_the_long_axis() -> None:
    """LPS (DICOM PS3.3 C.7.6.2.1.1) to RAS: x and y change sign."""
    np.testing.assert_array_equal(rotation_to_ras("LPS"), np.diag([-1.0, -1.0, 1.0]))
    np.testing.assert_array_equal(rotation_to_ras("ras"), np.eye(3))


def test_named_axes_say_where_each_axis_of_the_file_points() -> None:
    R_WF = rotation_to_ras("x=L, y=S, z=A")
    np.testing.assert_array_equal(R_WF @ [1, 0, 0], [-1, 0, 0])
    np.testing.assert_array_equal(R_WF @ [0, 1, 0], [0, 0, 1])
    np.testing.assert_array_equal(R_WF @ [0, 0, 1], [0, 1, 0])


def test_of_all_48_ways_to_name_three_axes_24_are_rotations_and_24_mirror_images() -> None:
    kinds = {"rotation": 0, "mirror": 0}
    for axes in itertools.permutations(["RL", "AP", "SI"]):
        for letters in itertools.product(*axes):
            R = np.array([[letter in pair for letter in letters] for pair in axes], dtype=float)
            R = np.array([R[axes.index(pair)] for pair in ("RL", "AP", "SI")])
            R *= np.where(np.isin(list(letters), list("LPI")), -1.0, 1.0)
            if np.linalg.det(R) > 0:
                np.testing.assert_array_equal(rotation_to_ras("".join(letters)), R)
                kinds["rotation"] += 1
            else:
                with pytest.raises(InputError, match="mirror image"):
                    rotation_to_ras("".join(letters))
                kinds["mirror"] += 1
    assert kinds == {"rotation": 24, "mirror": 24}


@given(st.tuples(*[st.floats(-1.0, 1.0)] * 4).filter(lambda q: sum(x * x for x in q) > 0.01))
def test_a_rotation_written_in_numbers_is_read_back(q: tuple[float, float, float, float]) -> None:
    w, x, y, z = np.array(q) / np.linalg.norm(q)
    R = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
    np.testing.assert_array_equal(rotation_to_ras(" ".join(repr(float(v)) for v in R.ravel())), R)
    X = np.eye(4)
    X[:3, :3] = R
    np.testing.assert_array_equal(rotation_to_ras(",".join(repr(float(v)) for v in X.ravel())), R)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ("LPX", "is not known"), ("", "is not known"), ("LP", "is not known"), ("LRS", "names one axis twice"),
        ("LAS", "mirror image"), ("1 0 0", "9 or 16 numbers, this one has 3"),
        ("2 0 0 0 2 0 0 0 2", "not a rotation"), ("nan 0 0 0 1 0 0 0 1", "not a rotation"),
        ("-1 0 0 0 1 0 0 0 1", "mirror image"),
    ],
)  # fmt: skip
def test_what_is_no_frame_is_refused_in_words(frame: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        rotation_to_ras(frame)


def test_a_frozen_array_is_a_copy_that_nobody_can_change() -> None:
    source = np.zeros(3)
    copy = frozen(source)
    source[0] = 1.0
    assert copy[0] == 0.0
    with pytest.raises(ValueError, match="read-only"):
        copy[0] = 2.0


def test_a_matrix_of_sixteen_numbers_shifts_as_well() -> None:
    np.testing.assert_array_equal(offset_to_ras("1 0 0 5  0 1 0 -6  0 0 1 7  0 0 0 1"), [5.0, -6.0, 7.0])
    np.testing.assert_array_equal(offset_to_ras("LPS"), np.zeros(3))
    with pytest.raises(InputError, match="last row"):
        offset_to_ras("1 0 0 0  0 1 0 0  0 0 1 0  5 -6 7 1")
