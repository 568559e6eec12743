"""Pictures as PNG, without a library for pictures: a debrief needs none to be installed."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.error import InputError


def png(picture: NDArray[np.uint8]) -> bytes:
    """Return a grey (h, w) or colour (h, w, 3) picture as PNG (ISO/IEC 15948: 8 bits, no interlace, filter 0)."""
    is_grey = picture.ndim == 2
    if picture.dtype != np.uint8 or not (is_grey or (picture.ndim == 3 and picture.shape[2] == 3)):
        raise InputError(f"a picture is uint8 of shape (h, w) or (h, w, 3), not {picture.dtype} {picture.shape}")
    height, width = picture.shape[:2]
    rows = np.zeros((height, 1 + width * (1 if is_grey else 3)), np.uint8)
    rows[:, 1:] = picture.reshape(height, -1)
    head = struct.pack(">IIBBBBB", width, height, 8, 0 if is_grey else 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
