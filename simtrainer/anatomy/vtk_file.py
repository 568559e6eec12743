"""Reads VTP and legacy VTK files with VTK, in a process of its own: over a broken file VTK may crash outright.

Run as a script, `python vtk_file.py FILE OUT.npz`, it writes points and triangles; exit code 1 and a line on standard
output say why there are none.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

TIMEOUT_S = 600.0
"""because: design; a file of a gigabyte is read in a minute"""
FAILED = 1


class VtkReadError(Exception):
    """Why a file was not read, in words."""


def read_vtk(path: Path) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return points as the file holds them, shape (n, 3), and triangles, shape (m, 3); VtkReadError otherwise."""
    with TemporaryDirectory(prefix="simtrainer-") as folder:
        out = Path(folder) / "surface.npz"
        command = [sys.executable, "-P", __file__, str(path), str(out)]
        try:
            done = subprocess.run(  # noqa: S603  # our own interpreter and file
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise VtkReadError(f"it was not read within {TIMEOUT_S:.0f} s") from error
        if done.returncode == FAILED and done.stdout:
            raise VtkReadError(done.stdout.strip())
        if done.returncode:
            raise VtkReadError("VTK's own reader crashed over it; the file is broken, write it again")
        with np.load(out, allow_pickle=False) as arrays:
            return arrays["points"], arrays["triangles"]


def _convert(path: str, out: str) -> str:
    """Write the triangles of `path` to `out`; return why not, or an empty text."""
    import vtk  # noqa: PLC0415  # heavy, only in the process that reads
    from vtk.util.numpy_support import vtk_to_numpy  # noqa: PLC0415

    reader = vtk.vtkXMLPolyDataReader() if path.lower().endswith(".vtp") else vtk.vtkDataSetReader()
    reader.SetFileName(path)
    surface, triangles = vtk.vtkGeometryFilter(), vtk.vtkTriangleFilter()
    surface.SetInputConnection(reader.GetOutputPort())
    triangles.SetInputConnection(surface.GetOutputPort())
    vtk.vtkObject.GlobalWarningDisplayOff()
    triangles.Update()
    data = triangles.GetOutput()
    if data is None or data.GetNumberOfPoints() == 0:
        return "no points were found in it"
    points = vtk_to_numpy(data.GetPoints().GetData()).astype(np.float64)
    cells = np.zeros(0, dtype=np.int64)
    if data.GetNumberOfPolys():
        cells = vtk_to_numpy(data.GetPolys().GetConnectivityArray()).astype(np.int64)
    if len(cells) % 3:
        return "its faces are not whole"
    np.savez(out, points=points, triangles=cells.reshape(-1, 3))
    return ""


if __name__ == "__main__":
    _why = _convert(sys.argv[1], sys.argv[2])
    sys.stdout.write(_why)
    sys.exit(FAILED if _why else 0)
