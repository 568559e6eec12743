"""Which triangle each pixel of a camera sees first: a z-buffer over homogeneous edge functions, without clipping.

Camera axes: x to the right, y up, z forward from the eye, all [m]. The ray of a pixel is p = (x, y, 1), and a point of
a triangle v0, v1, v2 that lies on it obeys z p = b0 v0 + b1 v1 + b2 v2, so that b_i / z = e_i(p) / det with
e0 = (v1 x v2) . p and so on, and det = v0 . (v1 x v2); the b_i sum to one, hence 1/z = sum e_i / det. No vertex is ever
divided by its depth, so a triangle may cross the eye's plane (Olano and Greer, Graphics Hardware 1997).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.kernel import njit

F8 = NDArray[np.float64]
I8 = NDArray[np.int64]
I4 = NDArray[np.int32]
B1 = NDArray[np.bool_]


@njit(cache=True)
def to_camera(points: F8, position: F8, axes: F8, out: F8) -> None:
    """Write points (n, 3) [m] in W as camera points; rows of `axes` are right, up and forward in W. 15 flops each."""
    for i in range(points.shape[0]):
        x = points[i, 0] - position[0]
        y = points[i, 1] - position[1]
        z = points[i, 2] - position[2]
        for k in range(3):
            out[i, k] = axes[k, 0] * x + axes[k, 1] * y + axes[k, 2] * z


@njit(cache=True)
def setup(v: F8, triangles: I8, face: int, out: F8) -> float:
    """Write the edge functions of a triangle, out[i] = (a, b, c) of e_i = a x + b y + c, and return det; 32 flops."""
    for i in range(3):
        j = triangles[face, (i + 1) % 3]
        k = triangles[face, (i + 2) % 3]
        out[i, 0] = v[j, 1] * v[k, 2] - v[j, 2] * v[k, 1]
        out[i, 1] = v[j, 2] * v[k, 0] - v[j, 0] * v[k, 2]
        out[i, 2] = v[j, 0] * v[k, 1] - v[j, 1] * v[k, 0]
    o = triangles[face, 0]
    det: float = v[o, 0] * out[0, 0] + v[o, 1] * out[0, 1] + v[o, 2] * out[0, 2]
    return det


@njit(cache=True)
def _grow(box: F8, x: float, y: float, z: float) -> None:
    """Let the box (left, right, bottom, top) on the plane z = 1 hold the projection of one point."""
    px = x / z
    py = y / z
    box[0] = min(box[0], px)
    box[1] = max(box[1], px)
    box[2] = min(box[2], py)
    box[3] = max(box[3], py)


@njit(cache=True)
def bound(v: F8, triangles: I8, face: int, near: float, box: F8) -> None:
    """Write the box on the plane z = 1 that holds the part of a triangle beyond `near`; empty where none is."""
    box[0] = np.inf
    box[1] = -np.inf
    box[2] = np.inf
    box[3] = -np.inf
    for i in range(3):
        a = triangles[face, i]
        b = triangles[face, (i + 1) % 3]
        za = v[a, 2]
        zb = v[b, 2]
        if za >= near:
            _grow(box, v[a, 0], v[a, 1], za)
        if (za >= near) != (zb >= near):
            t = (near - za) / (zb - za)
            _grow(box, v[a, 0] + t * (v[b, 0] - v[a, 0]), v[a, 1] + t * (v[b, 1] - v[a, 1]), near)


@njit(cache=True)
def _within(e: float, a: float, b: float) -> bool:
    """Return whether a pixel lies on the inner side of an edge; on the edge itself exactly one neighbour has it."""
    return e > 0.0 or (e == 0.0 and (a > 0.0 or (a == 0.0 and b > 0.0)))


@njit(cache=True)
def raster(
    v: F8,
    triangles: I8,
    chosen: B1,
    closed: B1,
    pitch: float,
    near: float,
    behind: F8,
    inverse: F8,
    face_at: I4,
    work: F8,
) -> None:
    """Write the nearest of the chosen triangles into each pixel.

    Parameters
    ----------
    v
        Vertices [m] in camera axes, shape (n, 3).
    triangles
        Vertex numbers, counter-clockwise from outside, shape (m, 3).
    chosen
        Which triangles are drawn, shape (m,).
    closed
        Whose back is never seen, shape (m,).
    pitch
        Side of a pixel on the plane z = 1.
    near
        Depth [m] before which nothing is drawn.
    behind
        1/depth [1/m] of what hides all that lies behind it, shape (h, w); zeros hide nothing.
    inverse, face_at
        1/depth [1/m] and triangle of each pixel, shape (h, w); start from zeros and from -1.
    work
        Room for the edge functions and the box, shape (4, 4).

    Notes
    -----
    The signs of the edge functions of two neighbours are exact opposites (no fused multiply-add), so no pixel on a
    shared edge is missed or counted twice. Of equal depths the first triangle stays. About 70 flops a triangle and 8
    a pixel of its box.
    """
    h, w = inverse.shape
    edge = work[:3, :3]
    box = work[3]
    for f in range(triangles.shape[0]):
        if not chosen[f]:
            continue
        det = setup(v, triangles, f, edge)
        if det == 0.0 or (closed[f] and det < 0.0):
            continue
        bound(v, triangles, f, near, box)
        if box[0] > box[1]:
            continue
        c0 = int(max(box[0] / pitch + 0.5 * w - 1.0, 0.0))
        c1 = int(min(box[1] / pitch + 0.5 * w + 1.0, w + 0.0))
        r0 = int(max(0.5 * h - 1.0 - box[3] / pitch, 0.0))
        r1 = int(min(0.5 * h + 1.0 - box[2] / pitch, h + 0.0))
        s = 1.0 if det > 0.0 else -1.0
        scale = 1.0 / (s * det)
        a0, b0, k0 = s * edge[0, 0], s * edge[0, 1], s * edge[0, 2]
        a1, b1, k1 = s * edge[1, 0], s * edge[1, 1], s * edge[1, 2]
        a2, b2, k2 = s * edge[2, 0], s * edge[2, 1], s * edge[2, 2]
        for r in range(r0, r1):
            y = (0.5 * h - 0.5 - r) * pitch
            m0 = b0 * y + k0
            m1 = b1 * y + k1
            m2 = b2 * y + k2
            for c in range(c0, c1):
                x = (c + 0.5 - 0.5 * w) * pitch
                e0 = a0 * x + m0
                e1 = a1 * x + m1
                e2 = a2 * x + m2
                if e0 < 0.0 or e1 < 0.0 or e2 < 0.0:
                    continue
                if e0 * e1 * e2 == 0.0 and not (_within(e0, a0, b0) and _within(e1, a1, b1) and _within(e2, a2, b2)):
                    continue
                iz = (e0 + e1 + e2) * scale
                if iz > inverse[r, c] and iz > behind[r, c] and iz * near <= 1.0:
                    inverse[r, c] = iz
                    face_at[r, c] = f


@njit(cache=True)
def vertex_normals(v: F8, triangles: I8, out: F8) -> None:
    """Write unit normals of vertices in camera axes, weighted by area, away from the outside; zeros where none is."""
    out[:] = 0.0
    for f in range(triangles.shape[0]):
        a, b, c = triangles[f, 0], triangles[f, 1], triangles[f, 2]
        ux, uy, uz = v[b, 0] - v[a, 0], v[b, 1] - v[a, 1], v[b, 2] - v[a, 2]
        wx, wy, wz = v[c, 0] - v[a, 0], v[c, 1] - v[a, 1], v[c, 2] - v[a, 2]
        nx, ny, nz = wy * uz - wz * uy, wz * ux - wx * uz, wx * uy - wy * ux  # camera axes are left-handed
        for k in range(3):
            i = triangles[f, k]
            out[i, 0] += nx
            out[i, 1] += ny
            out[i, 2] += nz
    for i in range(out.shape[0]):
        length = np.sqrt(out[i, 0] ** 2 + out[i, 1] ** 2 + out[i, 2] ** 2)
        if length > 0.0:
            out[i, 0] /= length
            out[i, 1] /= length
            out[i, 2] /= length
