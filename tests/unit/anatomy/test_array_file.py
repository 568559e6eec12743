"""Archives of arrays: what is written is read again, and its bytes depend on nothing else."""

from __future__ import annotations

import hashlib
import io
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from simtrainer.anatomy.array_file import write_arrays

KINDS = st.sampled_from([np.dtype(kind) for kind in ("<i2", "<u2", "<i4", "u1", "<f4", "<f8")])


@settings(max_examples=30, deadline=None)
@given(
    st.dictionaries(
        st.text("abc.", min_size=1, max_size=5),
        KINDS.flatmap(lambda kind: arrays.arrays(kind, arrays.array_shapes(min_dims=1, max_dims=2, min_side=0))),
        max_size=3,
    )
)
def test_what_is_written_is_read_again_and_twice_the_same(
    tmp_path_factory: pytest.TempPathFactory, given_arrays: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]]
) -> None:
    folder = tmp_path_factory.mktemp("arrays")
    for name in ("one.npz", "two.npz"):
        write_arrays(folder / name, given_arrays)
    assert (folder / "one.npz").read_bytes() == (folder / "two.npz").read_bytes()
    with np.load(folder / "one.npz", allow_pickle=False) as read:
        assert set(read.files) == set(given_arrays)
        for name, array in given_arrays.items():
            assert read[name].dtype == array.dtype
            np.testing.assert_array_equal(read[name], array)


def test_the_bytes_are_those_of_every_other_python(tmp_path: Path) -> None:
    write_arrays(tmp_path / "a.npz", {"x": np.arange(6, dtype="<i4").reshape(2, 3)})
    found = hashlib.sha256((tmp_path / "a.npz").read_bytes()).hexdigest()
    assert found == "cc3b4a091dd326491ce6504368bd1858f5dcaba263f633fe0d2f55ac94fa7523", (
        "written once by Python 3.11.7 and by 3.11.2, which agreed"
    )


@pytest.mark.skipif(sys.version_info < (3, 11, 4), reason="older ones write the sizes otherwise")
def test_it_is_what_numpy_itself_writes(tmp_path: Path) -> None:
    line, none = np.linspace(0.0, 1.0, 5), np.zeros((0, 3), np.int32)
    write_arrays(tmp_path / "a.npz", {"x": line, "none": none})
    own = io.BytesIO()
    np.savez(own, x=line, none=none)
    assert (tmp_path / "a.npz").read_bytes() == own.getvalue()
