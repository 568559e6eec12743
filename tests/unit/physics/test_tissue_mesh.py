"""From label maps to bricks, and what is refused on the way."""

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from simtrainer.core.error import InputError
from simtrainer.core.units import MM
from simtrainer.physics.tissue import Tissue
from simtrainer.physics.tissue_brick import LANES
from simtrainer.physics.tissue_lattice import lay_out
from simtrainer.physics.tissue_mesh import Attachment, Loose, Material, VoxelMesh, voxel_mesh
from simtrainer.physics.tissue_state import TissueSettings
from simtrainer.physics.tissue_tool import Blade, Jaw, Sphere

Floats = NDArray[np.float64]
SOFT = Material(8e3, 0.45, 1000.0, "made up", damping=0.01)
FIRM = Material(40e3, 0.3, 1100.0, "made up")
EDGE = 5.0 * MM


def box(
    shape: tuple[int, int, int] = (4, 3, 3), spacing: float = EDGE, material: Material = SOFT, origin: float = 0.0
) -> VoxelMesh:
    return voxel_mesh(np.ones(shape, dtype=np.int64), np.full(3, spacing), np.full(3, origin), {1: material})


def clamped(mesh: VoxelMesh, axis: int = 2) -> Attachment:
    return Attachment(np.asarray(mesh.lattice[:, axis] == 0))


def two_materials() -> VoxelMesh:
    labels = np.ones((4, 3, 2), dtype=np.int64)
    labels[2:] = 7
    return voxel_mesh(labels, np.array([4.0, 5.0, 6.0]) * MM, np.array([0.01, -0.02, 0.03]), {1: SOFT, 7: FIRM})


def test_nodes_and_masses_are_those_of_the_voxels() -> None:
    mesh = two_materials()
    assert mesh.points.shape == (5 * 4 * 3, 3)
    assert mesh.points.min(axis=0) == pytest.approx([0.01, -0.02, 0.03])
    assert np.ptp(mesh.points, axis=0) == pytest.approx(np.array([16.0, 15.0, 12.0]) * MM)
    mass, _ = mesh.masses(np.ones(24, dtype=np.bool_))
    assert mass.sum() == pytest.approx(12 * 120.0 * MM**3 * (1000.0 + 1100.0))
    assert np.ptp(mesh.points[mesh.corners[0]], axis=0) == pytest.approx(mesh.spacing)


def test_every_brick_has_a_lane_of_its_own_at_its_lowest_corner() -> None:
    mesh = two_materials()
    layout = lay_out(mesh)
    assert len(set(layout.lane.tolist())) == 24
    lowest = layout.bricks.at[layout.lane // LANES] + layout.lane % LANES
    for k in range(8):
        off = layout.bricks.corner[k >> 1] + (k & 1)
        assert (lowest + off == layout.node[mesh.corners[:, k]]).all()
    assert layout.node.max() < layout.size


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"youngs_modulus": -1.0}, "youngs_modulus is -1.0"),
        ({"youngs_modulus": math.nan}, "youngs_modulus is nan"),
        ({"poisson_ratio": 0.5}, "poisson_ratio is 0.5"),
        ({"poisson_ratio": -1.0}, "poisson_ratio is -1.0"),
        ({"poisson_ratio": math.nan}, "poisson_ratio is nan"),
        ({"density": 0.0}, "density is 0.0"),
        ({"damping": -0.1}, "damping is -0.1"),
        ({"drag": math.inf}, "drag is inf"),
        ({"because": " "}, "because is empty"),
    ],
)
def test_a_material_that_cannot_be_is_refused_with_its_label_and_number(changed: dict[str, float], words: str) -> None:
    with pytest.raises(InputError, match="label 1") as caught:
        box(material=replace(SOFT, **changed))  # type: ignore[arg-type]  # one of the values is a word
    assert words in str(caught.value)


@pytest.mark.parametrize("spacing", [(0.0, 1.0, 1.0), (1.0, -1.0, 1.0), (1.0, math.nan, 1.0), (1.0, 1.0)])
def test_a_spacing_that_is_not_three_lengths_is_refused(spacing: tuple[float, ...]) -> None:
    with pytest.raises(InputError, match="spacing is"):
        voxel_mesh(np.ones((1, 1, 1), dtype=np.int64), np.array(spacing), np.zeros(3), {1: SOFT})


def test_maps_without_tissue_and_labels_without_material_are_refused_with_their_place() -> None:
    edges, zero = np.full(3, EDGE), np.zeros(3)
    with pytest.raises(InputError, match="has 0 voxels"):
        voxel_mesh(np.zeros((2, 2, 2), dtype=np.int64), edges, zero, {1: SOFT})
    with pytest.raises(InputError, match="has 0 voxels"):
        voxel_mesh(np.zeros((0, 2, 2), dtype=np.int64), edges, zero, {1: SOFT})
    labels = np.ones((2, 2, 2), dtype=np.int64)
    labels[1, 0, 1] = 5
    with pytest.raises(InputError, match=r"voxel \(1, 0, 1\) has label 5.*known: 1"):
        voxel_mesh(labels, edges, zero, {1: SOFT})
    with pytest.raises(InputError, match="3 of integers"):
        voxel_mesh(np.ones((2, 2), dtype=np.int64), edges, zero, {1: SOFT})
    with pytest.raises(InputError, match="3 of integers"):
        voxel_mesh(np.full((2, 2, 2), math.nan), edges, zero, {1: SOFT})
    with pytest.raises(InputError, match="origin"):
        voxel_mesh(labels, edges, np.array([0.0, math.nan, 0.0]), {1: SOFT, 5: FIRM})


def test_a_piece_that_is_attached_to_nothing_is_refused_with_its_place_unless_it_is_allowed() -> None:
    labels = np.ones((5, 2, 2), dtype=np.int64)
    labels[2] = 0
    mesh = voxel_mesh(labels, np.full(3, EDGE), np.zeros(3), {1: SOFT})
    held = Attachment(np.asarray(mesh.points[:, 0] == 0.0))
    with pytest.raises(InputError, match=r"1 of 2 pieces.*8 voxels about \(20.0, 5.0, 5.0\) mm"):
        Tissue(mesh, held)
    Tissue(mesh, held, TissueSettings(loose=Loose.ALLOWED))
    spring = np.where(mesh.points[:, 0] > 0.02, 10.0, 0.0)
    Tissue(mesh, replace(held, stiffness=spring))


def test_attachments_that_do_not_fit_are_refused() -> None:
    mesh = box()
    fixed = clamped(mesh).fixed
    with pytest.raises(InputError, match="fixed has shape"):
        Tissue(mesh, Attachment(fixed[:-1]))
    bad = np.zeros(len(mesh.points))
    bad[3] = -2.0
    with pytest.raises(InputError, match=r"node 3 at \(.*\) mm is -2.0 N/m"):
        Tissue(mesh, Attachment(fixed, bad))
    with pytest.raises(InputError, match="springs have shapes"):
        Tissue(mesh, Attachment(fixed, np.zeros(3)))
    with pytest.raises(InputError, match="finite"):
        Tissue(mesh, Attachment(fixed, np.abs(bad), np.full_like(mesh.points, math.nan)))


def test_tools_and_settings_that_cannot_be_are_refused() -> None:
    mesh = box()
    for tool in (Sphere(0.0), Blade((0.01, -0.01, 0.001), 0.0), Blade((0.01, 0.01, 0.001), 0.1)):
        with pytest.raises(InputError, match=r"tools\[0\]"):
            Tissue(mesh, clamped(mesh), tools=(tool,))
    with pytest.raises(InputError, match=r"jaws\[0\].reach"):
        Tissue(mesh, clamped(mesh), jaws=(Jaw(-1.0, 1.0, 1.0),))
    for settings in (TissueSettings(newton=0), TissueSettings(friction=math.nan), TissueSettings(factor_delay_ticks=0)):
        with pytest.raises(InputError, match="tissue settings"):
            Tissue(mesh, clamped(mesh), settings)
