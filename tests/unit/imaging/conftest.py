"""Shapes with known answers: spheres, boxes, a small vascular tree, a small patient."""

import numpy as np
import pytest
from numpy.typing import NDArray

from simtrainer.anatomy.tree import Branch, CentrelineTree
from simtrainer.core.scene import Body
from simtrainer.imaging.fluoroscope import Fluoroscope
from simtrainer.imaging.material import CORTICAL_BONE, SOFT_TISSUE, against_tissue


def box(
    size: tuple[float, float, float], centre: tuple[float, float, float]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Vertices and outward triangles of a box."""
    corners = np.array([[i, j, k] for i in (-0.5, 0.5) for j in (-0.5, 0.5) for k in (-0.5, 0.5)])
    points = corners * np.asarray(size) + np.asarray(centre)
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    triangles = [t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))]
    return points, np.array(triangles, dtype=np.int64)


@pytest.fixture
def tree() -> CentrelineTree:
    """An aorta of 0.4 m from the access with a carotid and a subclavian."""
    z = np.linspace(-0.2, 0.2, 81)
    trunk = Branch("aorta", np.column_stack((0 * z, 0 * z, z)), np.linspace(0.004, 0.013, 81), -1, -1)
    t = np.linspace(0.0, 0.12, 41)
    fork = trunk.points[60]
    carotid = Branch("left_common_carotid", fork + t[:, None] * np.array([-0.6, 0.0, 0.8]), np.full(41, 3.1e-3), 0, 60)
    fork = trunk.points[50]
    arm = Branch("left_subclavian", fork + t[:, None] * np.array([-1.0, 0.0, 0.0]), np.full(41, 4e-3), 0, 50)
    return CentrelineTree((trunk, carotid, arm))


@pytest.fixture(scope="session")
def scope() -> Fluoroscope:
    """A box of tissue 0.24 m deep with a bar of bone."""
    points, triangles = box((0.5, 0.24, 0.5), (0.0, 0.0, 0.0))
    body = Body("body", points, triangles, attenuation_per_m=SOFT_TISSUE)
    points, triangles = box((0.03, 0.02, 0.5), (0.05, -0.03, 0.0))
    bone = Body("bone", points, triangles, attenuation_per_m=against_tissue(CORTICAL_BONE))
    return Fluoroscope((body, bone), {"bone": (0.0, 0.0, 0.01)})
