"""A portrait of an anatomy package: lumen, centrelines, access and target, names; off-screen or in a window."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

import numpy as np

from simtrainer.anatomy.package import AnatomyPackage
from simtrainer.ui.picture import SIZE, View, mesh_of, set_camera, stage, tube_of, whole_of

_LUMEN, _LINE, _ACCESS, _TARGET = "#c83a34", "#e8ecf0", "#56b4e9", "#e69f00"
MOST_NAMES = 24
"""Names that are written into the picture: those of the longest vessels."""


class Shown(Enum):
    """Where it is shown."""

    WINDOW = "window"
    PICTURE = "picture"


def portrait(package: AnatomyPackage, shown: Shown, path: Path | None = None) -> None:
    """Show `package`, or write it as PNG to `path`; the machine must have been probed before."""
    import pyvista as pv  # noqa: PLC0415  # heavy, and an extra

    plotter = pv.Plotter(off_screen=shown is Shown.PICTURE, window_size=list(SIZE), lighting="three lights")
    try:
        stage(plotter)
        lumen = mesh_of(package.lumen_points, package.lumen_triangles)
        plotter.add_mesh(lumen, color=_LUMEN, opacity=0.45, smooth_shading=True, specular=0.3, specular_power=20)
        view = whole_of(package.lumen_points)
        _add_tree(plotter, package, view)
        set_camera(plotter, view)
        if path is None:
            plotter.show(title=f"simtrainer: {package.name}")
        else:
            plotter.screenshot(str(path), return_img=False)
    finally:
        plotter.close()


def _add_tree(plotter: object, package: AnatomyPackage, view: View) -> None:
    import pyvista as pv  # noqa: PLC0415  # heavy, and an extra

    assert isinstance(plotter, pv.Plotter), "a portrait is drawn by pyvista"
    radius = 0.0018 * view.height
    branches = package.tree.branches
    for branch in branches:
        colour = _TARGET if branch.name == package.target else _LINE
        plotter.add_mesh(tube_of(branch.points, radius), color=colour, lighting=False)
    plotter.add_mesh(pv.Sphere(radius=6.0 * radius, center=package.access.point), color=_ACCESS)
    longest = sorted(branches, key=lambda branch: -branch.length)[:MOST_NAMES]
    named = {branch.name: branch for branch in (*longest, *(b for b in branches if b.name == package.target))}
    middles = np.array([branch.points[len(branch.points) * 2 // 3] for branch in named.values()])
    plotter.add_point_labels(
        middles,
        [name.replace("_", " ") for name in named],
        font_size=13,
        text_color="#e8ecf0",
        shape="rounded_rect",
        shape_color="#0e1218",
        shape_opacity=0.55,
        show_points=False,
        always_visible=True,
    )
    how = f"{package.name}: entered at {package.access.branch} (blue), target {package.target} (orange)"
    plotter.add_text(how.replace("_", " "), position="lower_left", font_size=10, color="#e8ecf0")
