"""The C-arm: projection and its inverse, sides, angles and table."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simtrainer.core.error import InputError
from simtrainer.imaging.carm import PIXELS, SOURCE_TO_ISOCENTRE, CArmPose, project, rays

ANGLE = st.floats(-1.2, 1.2)
SHORT = st.floats(-0.1, 0.1)


@given(lao=ANGLE, cranial=ANGLE, x=SHORT, y=SHORT, z=SHORT)
def test_a_ray_through_the_projected_pixel_meets_the_point(
    lao: float, cranial: float, x: float, y: float, z: float
) -> None:
    pose = CArmPose(lao, cranial, (0.02, -0.01, 0.3))
    point = np.array([x, y, z + 0.3])
    column, row, depth = project(pose, point[None])[0]
    direction = rays(pose, np.array([column]), np.array([row]))[0]
    along = (point - pose.source) @ direction
    assert np.linalg.norm(pose.source + along * direction - point) < 1e-12
    assert depth == pytest.approx((point - pose.source) @ pose.axes[2])


@given(lao=ANGLE, cranial=ANGLE)
def test_the_axes_are_a_rotation_and_the_isocentre_falls_on_the_middle(lao: float, cranial: float) -> None:
    pose = CArmPose(lao, cranial, (0.1, 0.2, 0.3))
    assert np.allclose(pose.axes @ pose.axes.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(pose.axes) == pytest.approx(1.0)
    middle = 0.5 * (PIXELS - 1)
    assert project(pose, np.array([[0.1, 0.2, 0.3]]))[0] == pytest.approx([middle, middle, SOURCE_TO_ISOCENTRE])


def test_the_patients_left_is_on_the_right_of_the_picture_and_the_head_is_up() -> None:
    left, head = np.array([[-0.05, 0.0, 0.0]]), np.array([[0.0, 0.0, 0.05]])
    assert project(CArmPose(), left)[0, 0] > PIXELS / 2
    assert project(CArmPose(), head)[0, 1] < PIXELS / 2


def test_lao_puts_the_detector_to_the_left_and_the_spine_to_the_right_of_the_picture() -> None:
    # the reading rule of the angiography suite: spine right of the heart in LAO, left in RAO
    spine = np.array([[0.0, -0.08, 0.0]])
    assert CArmPose(lao=0.7).axes[2, 0] < 0
    assert project(CArmPose(lao=0.7), spine)[0, 0] > PIXELS / 2
    assert project(CArmPose(lao=-0.7), spine)[0, 0] < PIXELS / 2


def test_cranial_puts_the_detector_towards_the_head() -> None:
    assert CArmPose(cranial=0.4).axes[2, 2] > 0
    assert CArmPose(cranial=-0.4).axes[2, 2] < 0


def test_a_length_at_the_isocentre_is_magnified_by_sid_over_source_distance() -> None:
    pose = CArmPose()
    ends = project(pose, np.array([[0.01, 0.0, 0.0], [-0.01, 0.0, 0.0]]))
    assert (ends[1, 0] - ends[0, 0]) * pose.pitch == pytest.approx(0.02 * pose.magnification)


def test_moving_the_table_with_the_patient_moves_the_picture_the_same_way() -> None:
    point = np.array([[0.0, 0.0, 0.0]])
    moved = CArmPose().with_table(0.0, 0.0, 0.03)
    assert project(moved, point)[0, 1] < project(CArmPose(), point)[0, 1]
    assert project(CArmPose().shifted(up=0.03), point)[0, 1] > project(CArmPose(), point)[0, 1]


def test_a_point_behind_the_source_has_no_pixel() -> None:
    assert np.isnan(project(CArmPose(), np.array([[0.0, -0.8, 0.0]]))[0, 0])


@pytest.mark.parametrize(
    "wrong", [lambda: CArmPose(sid=0.5), lambda: CArmPose(field=0.0), lambda: CArmPose(cranial=1.6)]
)
def test_a_geometry_that_no_gantry_has_is_refused(wrong: object) -> None:
    with pytest.raises(InputError, match="allowed are"):
        wrong()  # type: ignore[operator]  # a parametrised call
