"""NumPy archives whose bytes depend on the arrays alone, so that what is listed with its hash can be made again."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.error import InputError

_VERSION, _UNIX, _NEW_YEAR_1980, _READ_WRITE = 45, 3, 0x21, 0o600 << 16
_UNKNOWN, _MOST, _MOST_ENTRIES = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFE


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write an archive that `np.load` reads, byte for byte as `np.savez` has written it since Python 3.11.4.

    Older ones leave the sizes of the local headers in 32 bits, so that Debian 12 would not rebuild the same file.
    Source: PKWARE APPNOTE 6.3.10, 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (its end), 4.5.3 (ZIP64).
    """
    body, directory = bytearray(), bytearray()
    for name, array in arrays.items():
        data = _npy(array)
        entry, crc, size, at = f"{name}.npy".encode("ascii"), zlib.crc32(data), len(data), len(body)
        long = struct.pack("<HHQQ", 1, 16, size, size)
        body += struct.pack(
            "<4s5H3I2H", b"PK\3\4", _VERSION, 0, 0, 0, _NEW_YEAR_1980, crc, _UNKNOWN, _UNKNOWN, len(entry), len(long)
        )
        body += entry + long + data
        directory += struct.pack(
            "<4s2B5H3I5H2I", b"PK\1\2", _VERSION, _UNIX, _VERSION, 0, 0, 0, _NEW_YEAR_1980, crc, size, size,
            len(entry), 0, 0, 0, 0, _READ_WRITE, at,
        )  # fmt: skip
        directory += entry
    if len(body) + len(directory) > _MOST or len(arrays) > _MOST_ENTRIES:
        raise InputError(f"{path}: {len(body)} bytes in {len(arrays)} arrays are more than this archive can hold")
    count = len(arrays)
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(directory), len(body), 0)
    path.write_bytes(bytes(body + directory + end))


def _npy(array: NDArray[Any]) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asanyarray(array), allow_pickle=False)
    return file.getvalue()
