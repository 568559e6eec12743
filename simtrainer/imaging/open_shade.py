"""The light in an open wound: Blinn-Phong under a head-light and a theatre lamp with shadows, blood that absorbs.

Colours are screen values from 0 to 1 and are squared to become light (a gamma of two), as cheap as it looks good.
Everything here is looks; what is scored reads the labels of `open_raster`, which no light changes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.kernel import njit
from simtrainer.imaging.open_grain import SIDE
from simtrainer.imaging.open_raster import B1, F8, I4, I8, setup

_AMBIENT, _FILL, _HEAD = 0.19, 0.46, 0.56  # shares of light; design
_WRAP = 0.25  # light that bleeds round an edge in tissue; design
_DARK, _FULL = 0.80, 0.97  # cosines off the axis where the head-light ends and where it is whole; design
_LAST = SIDE - 1
_SPAN = 1.0 / (_FULL - _DARK)
_WRAPPED = 1.0 / (1.0 + _WRAP)
_STRENGTH = 2.0  # of the occlusion; design

LABEL, GLOSS, CREASE, CLEAR = 0, 1, 2, 3
"""Columns of the table of surfaces: label, wetness, cosine of the sharpest smooth edge, depth [m] that light passes."""
_EDGE, _NORMAL, _REST, _BASE, _LENGTH, _GRAIN, _GLOSS, COLUMNS = 0, 9, 18, 27, 30, 33, 36, 37
"""Columns of what the pixels of a triangle share: edge functions over det, normals and places (cells) of the corners,
light of the colour, ways [m] of light, colour's and seams' and tilt's share of the grain, wetness."""


@njit(cache=True)
def flat_normal(v: F8, triangles: I8, face: int, out: F8) -> None:
    """Write the unit normal of a triangle in camera axes, turned towards the eye; zeros where it has no area."""
    a, b, c = triangles[face, 0], triangles[face, 1], triangles[face, 2]
    ux, uy, uz = v[b, 0] - v[a, 0], v[b, 1] - v[a, 1], v[b, 2] - v[a, 2]
    wx, wy, wz = v[c, 0] - v[a, 0], v[c, 1] - v[a, 1], v[c, 2] - v[a, 2]
    nx, ny, nz = wy * uz - wz * uy, wz * ux - wx * uz, wx * uy - wy * ux
    length = np.sqrt(nx * nx + ny * ny + nz * nz)
    if length == 0.0:
        out[:] = 0.0
        return
    s = -1.0 / length if nx * v[a, 0] + ny * v[a, 1] + nz * v[a, 2] > 0.0 else 1.0 / length
    out[0], out[1], out[2] = s * nx, s * ny, s * nz


@njit(cache=True)
def occlusion(v: F8, triangles: I8, depth: F8, face_at: I4, lens: F8, offsets: F8, normal: F8, out: F8) -> None:
    """Write how much of the sky each second pixel sees, 0 to 1, from six neighbours in the z-buffer.

    Parameters
    ----------
    lens
        Side of a pixel on the plane z = 1, and the reach [m] of what can shade.
    offsets
        Places of the neighbours in shares of the reach, for four patterns that alternate, shape (4, 6, 2).
    normal
        Room for one normal, shape (3,).
    out
        Shape (h // 2, w // 2).

    Notes
    -----
    A neighbour q shades p by the cosine of (q - p) with the normal, less the further it is. About 25 flops a neighbour.
    """
    h, w = depth.shape
    pitch, reach = lens[0], lens[1]
    last = -1
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            r, c = 2 * i, 2 * j
            f = face_at[r, c]
            out[i, j] = 1.0
            if f < 0:
                continue
            if f != last:
                flat_normal(v, triangles, f, normal)
                last = f
            z = depth[r, c]
            px = (c + 0.5 - 0.5 * w) * pitch * z
            py = (0.5 * h - 0.5 - r) * pitch * z
            wide = reach / (z * pitch)
            total = 0.0
            kind = (i & 1) * 2 + (j & 1)
            for k in range(offsets.shape[1]):
                rr = r + int(np.floor(offsets[kind, k, 0] * wide + 0.5))
                cc = c + int(np.floor(offsets[kind, k, 1] * wide + 0.5))
                if rr < 0 or cc < 0 or rr >= h or cc >= w or face_at[rr, cc] < 0:
                    continue
                zz = depth[rr, cc]
                dx = (cc + 0.5 - 0.5 * w) * pitch * zz - px
                dy = (0.5 * h - 0.5 - rr) * pitch * zz - py
                dz = zz - z
                far = dx * dx + dy * dy + dz * dz
                up = normal[0] * dx + normal[1] * dy + normal[2] * dz
                if up > 0.0 and far < 4.0 * reach * reach:
                    total += up / np.sqrt(far) * (1.0 - far / (4.0 * reach * reach))
            out[i, j] = max(1.0 - _STRENGTH * total / offsets.shape[1], 0.0)


@njit(cache=True)
def soften(source: F8, out: F8) -> None:
    """Write the mean of four by four neighbours, which holds each of the four patterns four times."""
    h, w = source.shape
    for i in range(h):
        for j in range(w):
            total = 0.0
            for di in range(-2, 2):
                for dj in range(-2, 2):
                    total += source[min(max(i + di, 0), h - 1), min(max(j + dj, 0), w - 1)]
            out[i, j] = total / 16.0


@njit(cache=True)
def _between(share: F8, r: int, c: int) -> float:
    """Return a value of the half-size picture at a pixel of the whole one, linear in between."""
    h, w = share.shape
    y = 0.5 * r
    x = 0.5 * c
    i = min(int(y), h - 1)
    j = min(int(x), w - 1)
    ii = min(i + 1, h - 1)
    jj = min(j + 1, w - 1)
    u = y - i
    t = x - j
    top = share[i, j] + t * (share[i, jj] - share[i, j])
    low = share[ii, j] + t * (share[ii, jj] - share[ii, j])
    found: float = top + u * (low - top)
    return found


@njit(cache=True)
def prepare(
    v: F8, triangles: I8, normals: F8, rest: F8, colours: F8, kinds: I8, grains: I8, surfaces: F8, rows: F8,
    face_at: I4, over_face: I4, needed: B1, edge: F8, facts: F8,
) -> None:  # fmt: skip
    """Write all that the pixels of a triangle share, for those that are seen, into `facts`, shape (m, COLUMNS).

    `edge` is room, shape (4, 3); `needed` comes as False. About 150 flops a triangle that is seen.
    """
    for r in range(face_at.shape[0]):
        for c in range(face_at.shape[1]):
            if face_at[r, c] >= 0:
                needed[face_at[r, c]] = True
            if over_face[r, c] >= 0:
                needed[over_face[r, c]] = True
    flat = edge[3]
    for f in range(triangles.shape[0]):
        if not needed[f]:
            continue
        det = setup(v, triangles, f, edge)
        flat_normal(v, triangles, f, flat)
        turned = 1.0 if det > 0.0 else -1.0  # vertex normals look outwards; from behind they are turned round
        kind, grain = kinds[f], grains[f]
        for i in range(3):
            o = triangles[f, i]
            straight = turned * (normals[o, 0] * flat[0] + normals[o, 1] * flat[1] + normals[o, 2] * flat[2])
            smooth = straight >= surfaces[kind, CREASE]
            for k in range(3):
                facts[f, _EDGE + 3 * i + k] = edge[i, k] / det
                facts[f, _NORMAL + 3 * i + k] = turned * normals[o, k] if smooth else flat[k]
                facts[f, _REST + 3 * i + k] = rest[o, k] * rows[grain, k]
        top = max(colours[f, 0], colours[f, 1], colours[f, 2], 1e-6)
        for k in range(3):
            facts[f, _BASE + k] = colours[f, k] * colours[f, k]
            facts[f, _LENGTH + k] = surfaces[kind, CLEAR] * (1.0 + 2.0 * colours[f, k] / top)
            facts[f, _GRAIN + k] = rows[grain, 3 + k]
        facts[f, _GLOSS] = surfaces[kind, GLOSS]


@njit(cache=True)
def _reached(shadow: F8, lamp: F8, x: float, y: float, z: float) -> float:
    """Return the share of the lamp's light that reaches a point (camera axes), 0 to 1, soft over two by two cells.

    `lamp` holds its place, its axes as rows, the side of a cell on the plane z = 1, and the least distance [m] at which
    one thing shades another. About 50 flops.
    """
    px, py, pz = x - lamp[0], y - lamp[1], z - lamp[2]
    away = lamp[9] * px + lamp[10] * py + lamp[11] * pz
    scale = 1.0 / (away * lamp[12])
    n = shadow.shape[0]
    u = (lamp[3] * px + lamp[4] * py + lamp[5] * pz) * scale + 0.5 * n - 0.5
    t = 0.5 * n - 0.5 - (lamp[6] * px + lamp[7] * py + lamp[8] * pz) * scale
    if u < 0.0 or t < 0.0 or u >= n - 1.0 or t >= n - 1.0:
        return 1.0
    j, i = int(u), int(t)
    u, t = u - j, t - i
    near = 1.0 / (away - lamp[13])
    a = 1.0 if shadow[i, j] <= near else 0.0
    b = 1.0 if shadow[i, j + 1] <= near else 0.0
    c = 1.0 if shadow[i + 1, j] <= near else 0.0
    d = 1.0 if shadow[i + 1, j + 1] <= near else 0.0
    above = a + u * (b - a)
    found: float = above + t * (c + u * (d - c) - above)
    return found


@njit(cache=True)
def _light_row(
    facts: F8, table: NDArray[np.float32], depth: F8, face_at: I4, r: int, sky: F8, shadow: F8, pitch: float,
    light: F8, lamp: F8, out: F8,
) -> None:  # fmt: skip
    """Write the light that each pixel of a row sends to the eye, shape (w, 3): wrapped Lambert and Blinn-Phong.

    `light` holds the head-light's place, its aim (unit) and the distance [m] at which it has full strength. A whole row
    at once, as a call costs as much as a pixel. 200 flops a pixel.
    """
    h, w = face_at.shape
    y = (0.5 * h - 0.5 - r) * pitch
    for c in range(w):
        f = face_at[r, c]
        if f < 0:
            continue
        x = (c + 0.5 - 0.5 * w) * pitch
        z = depth[r, c]
        shaded = _between(sky, r, c)
        b0 = (facts[f, 0] * x + facts[f, 1] * y + facts[f, 2]) * z
        b1 = (facts[f, 3] * x + facts[f, 4] * y + facts[f, 5]) * z
        b2 = (facts[f, 6] * x + facts[f, 7] * y + facts[f, 8]) * z
        nx = b0 * facts[f, 9] + b1 * facts[f, 12] + b2 * facts[f, 15]
        ny = b0 * facts[f, 10] + b1 * facts[f, 13] + b2 * facts[f, 16]
        nz = b0 * facts[f, 11] + b1 * facts[f, 14] + b2 * facts[f, 17]
        warm, share = 1.0, 1.0
        if facts[f, _GRAIN] > 0.0:
            q0 = b0 * facts[f, 18] + b1 * facts[f, 21] + b2 * facts[f, 24]
            q1 = b0 * facts[f, 19] + b1 * facts[f, 22] + b2 * facts[f, 25]
            q2 = b0 * facts[f, 20] + b1 * facts[f, 23] + b2 * facts[f, 26]
            g0, g1, g2 = np.floor(q0), np.floor(q1), np.floor(q2)
            u, t, s = q0 - g0, q1 - g1, q2 - g2
            ia, ja, ka = int(g0) & _LAST, int(g1) & _LAST, int(g2) & _LAST
            n0 = (ia * SIDE + ja) * SIDE + ka
            di = (((ia + 1) & _LAST) - ia) * SIDE * SIDE
            dj = (((ja + 1) & _LAST) - ja) * SIDE
            dk = ((ka + 1) & _LAST) - ka
            n3 = n0 + di + dj + dk  # the way from the near corner to the far one goes along the largest share first
            big, small = max(u, t, s), min(u, t, s)
            n1 = n0 + (di if u == big else (dj if t == big else dk))
            n2 = n3 - (dk if s == small else (dj if t == small else di))
            middle = u + t + s - big - small
            w0, w1, w2 = 1.0 - big, big - middle, middle - small
            noise = w0 * table[n0, 0] + w1 * table[n1, 0] + w2 * table[n2, 0] + small * table[n3, 0]
            t0 = w0 * table[n0, 1] + w1 * table[n1, 1] + w2 * table[n2, 1] + small * table[n3, 1]
            t1 = w0 * table[n0, 2] + w1 * table[n1, 2] + w2 * table[n2, 2] + small * table[n3, 2]
            t2 = w0 * table[n0, 3] + w1 * table[n1, 3] + w2 * table[n2, 3] + small * table[n3, 3]
            seam = max(1.0 - 5.0 * abs(noise), 0.0) * facts[f, _GRAIN + 1]
            share = max(1.0 + facts[f, _GRAIN] * noise - seam, 0.1)
            warm = 0.5 * (1.0 + share)  # red fades less than green and blue: a seam of tissue looks warm, not grey
            tilt = facts[f, _GRAIN + 2]
            nx, ny, nz = nx + tilt * t0, ny + tilt * t1, nz + tilt * t2
        size = nx * nx + ny * ny + nz * nz
        if size > 0.0:
            size = 1.0 / np.sqrt(size)
            nx, ny, nz = nx * size, ny * size, nz * size
        lx, ly, lz = light[0] - x * z, light[1] - y * z, light[2] - z
        far = 1.0 / np.sqrt(lx * lx + ly * ly + lz * lz)
        lx, ly, lz = lx * far, ly * far, lz * far
        spot = min(max((-(lx * light[3] + ly * light[4] + lz * light[5]) - _DARK) * _SPAN, 0.0), 1.0)
        head = _HEAD * spot * spot * (3.0 - 2.0 * spot) * min(light[6] * light[6] * far * far, 2.0)
        front = max((nx * lx + ny * ly + nz * lz + _WRAP) * _WRAPPED, 0.0)
        fill = max(-(lamp[9] * nx + lamp[10] * ny + lamp[11] * nz), 0.0)
        fill *= _reached(shadow, lamp, x * z, y * z, z) if fill > 0.0 else 0.0
        bright = shaded * (_AMBIENT + _FILL * fill) + (0.35 + 0.65 * shaded) * head * front
        shine = 0.0
        if facts[f, _GLOSS] > 0.0:
            eye = 1.0 - 0.5 * (x * x + y * y)  # of 1 / sqrt(1 + x x + y y); the highlight shifts by no pixel
            hx, hy, hz = lx - x * eye, ly - y * eye, lz - eye
            hl = hx * hx + hy * hy + hz * hz
            lobe = max(nx * hx + ny * hy + nz * hz, 0.0)
            s2 = lobe * lobe / max(hl, 1e-12)
            s8 = s2 * s2 * s2 * s2
            s32 = s8 * s8 * s8 * s8
            s128 = s32 * s32 * s32 * s32
            s512 = s128 * s128 * s128 * s128  # narrow: a level pool would shine all over under a light beside the eye
            shine = facts[f, _GLOSS] * head * (0.06 * s32 + 0.75 * s512) * (0.3 + 0.7 * shaded)
        out[c, 0] = facts[f, _BASE] * warm * bright + shine
        out[c, 1] = facts[f, _BASE + 1] * share * bright + shine
        out[c, 2] = facts[f, _BASE + 2] * share * bright + shine


@njit(cache=True)
def paint(
    facts: F8, table: NDArray[np.float32], depth: F8, face_at: I4, over_depth: F8, over_face: I4, sky: F8,
    open_sky: F8, shadow: F8, pitch: float, light: F8, lamp: F8, background: F8, row: F8, pixels: NDArray[np.uint8],
) -> None:  # fmt: skip
    """Paint every pixel: the nearest opaque triangle, and the clear one (blood) over it.

    Parameters
    ----------
    facts
        What `prepare` wrote.
    table
        Of noise.
    depth, face_at, over_depth, over_face
        What `raster` found, opaque, then clear: depths [m], without end where nothing is, and triangles, (h, w).
    sky
        What `occlusion` found of the opaque, shape (h // 2, w // 2).
    open_sky
        A one, shape (1, 1), for the clear: what lies under it does not shade it.
    shadow
        1/depth [1/m] of what the theatre lamp meets first, shape (n, n).
    light, lamp
        As in `_light_row` and `_reached`.
    row
        Room, shape (2, w, 3).

    Notes
    -----
    Through a depth d of blood passes exp(-d / l) of the light, with a longer l for the channels that the blood's colour
    has more of. About 250 flops a pixel.
    """
    h, w = face_at.shape
    for r in range(h):
        for c in range(w):
            for k in range(3):
                row[0, c, k] = background[k]
        _light_row(facts, table, depth, face_at, r, sky, shadow, pitch, light, lamp, row[0])
        _light_row(facts, table, over_depth, over_face, r, open_sky, shadow, pitch, light, lamp, row[1])
        y = (0.5 * h - 0.5 - r) * pitch
        for c in range(w):
            g = over_face[r, c]
            if g >= 0:
                x = (c + 0.5 - 0.5 * w) * pitch
                deep = (depth[r, c] - over_depth[r, c]) * np.sqrt(1.0 + x * x + y * y)
                for k in range(3):
                    passed = np.exp(-deep / facts[g, _LENGTH + k])
                    row[0, c, k] = passed * row[0, c, k] + (1.0 - passed) * row[1, c, k]
            for k in range(3):
                pixels[r, c, k] = int(min(255.0 * np.sqrt(row[0, c, k]) + 0.5, 255.0))


@njit(cache=True)
def name(labels: I4, face_at: I4, label: I4) -> None:
    """Write the label of the triangle that each pixel shows; zeros stay where none is."""
    for r in range(face_at.shape[0]):
        for c in range(face_at.shape[1]):
            if face_at[r, c] >= 0:
                label[r, c] = labels[face_at[r, c]]


@njit(cache=True)
def cover(labels: I4, ways: F8, depth: F8, over_depth: F8, over_face: I4, pitch: float, label: I4, nearest: F8) -> None:
    """Let the clear surface have label and depth [m] of the pixels where less than half the light passes it.

    `ways` is the depth [m] at which a third of the light passes, one a triangle; `label` and `nearest` hold what is
    seen without the clear surface, shape (h, w).
    """
    h, w = label.shape
    half = np.log(2.0)
    for r in range(h):
        y = (0.5 * h - 0.5 - r) * pitch
        for c in range(w):
            g = over_face[r, c]
            if g < 0:
                continue
            x = (c + 0.5 - 0.5 * w) * pitch
            if (depth[r, c] - over_depth[r, c]) * np.sqrt(1.0 + x * x + y * y) > half * ways[g]:
                label[r, c] = labels[g]
                nearest[r, c] = over_depth[r, c]


@njit(cache=True)
def smooth_edges(pixels: NDArray[np.uint8], label: I4, depth: F8, out: NDArray[np.uint8]) -> None:
    """Write the picture with the steps along silhouettes rounded: there, a mean with the four neighbours."""
    h, w = label.shape
    for r in range(h):
        for c in range(w):
            for k in range(3):
                out[r, c, k] = pixels[r, c, k]
            if r == 0 or c == 0 or r == h - 1 or c == w - 1:
                continue
            z = depth[r, c]
            jump = False
            for n in range(4):
                rr = r + (n == 0) - (n == 1)
                cc = c + (n == 2) - (n == 3)
                if label[rr, cc] != label[r, c] or abs(depth[rr, cc] - z) > 0.02 * z:
                    jump = True
            if jump:
                for k in range(3):
                    near = (
                        np.int64(pixels[r - 1, c, k]) + pixels[r + 1, c, k] + pixels[r, c - 1, k] + pixels[r, c + 1, k]
                    )
                    out[r, c, k] = np.uint8((near + 2 * np.int64(pixels[r, c, k]) + 3) // 6)
