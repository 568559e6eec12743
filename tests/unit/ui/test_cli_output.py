from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from enum import Enum
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simtrainer.ui.cli.output import opened, plain

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


class Colour(Enum):
    RED = "red"


@given(values)
def test_what_json_knows_stays_as_it_is(value: object) -> None:
    assert json.loads(json.dumps(plain(value), allow_nan=False)) == value


def test_house_values_become_plain() -> None:
    given_values = {
        "n": np.int64(3),
        "x": np.float32(0.5),
        "p": Path("a/b"),
        "e": Colour.RED,
        "t": (1, np.nan, -math.inf),
    }
    assert plain(given_values) == {"n": 3, "x": 0.5, "p": str(Path("a/b")), "e": "red", "t": [1, None, None]}


def test_a_value_without_a_form_in_json_is_our_mistake() -> None:
    with pytest.raises(TypeError, match="object has no form in JSON"):
        plain([object()])


PRINTS = """
import os
from simtrainer.ui.cli.output import opened
with opened(as_json=True) as out:
    print("a library says hello")
    os.write(1, b"and so does one in C\\n")
    out.words("for people")
    out.progress("half way")
    out.document({"passed": True})
print("afterwards")
"""


def test_with_json_whatever_else_is_printed_goes_to_standard_error() -> None:
    done = subprocess.run([sys.executable, "-c", PRINTS], capture_output=True, text=True, timeout=60, check=True)
    document, _, rest = done.stdout.rpartition("}\n")
    assert json.loads(document + "}") == {"passed": True}
    assert rest == "afterwards\n"
    assert sorted(done.stderr.splitlines()) == ["a library says hello", "and so does one in C", "half way"]


def test_standard_output_comes_back_after_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="broken"), opened(as_json=True):
        raise ValueError("broken")
    os.write(1, b"back\n")
    assert capfd.readouterr().out == "back\n"


def test_without_json_there_are_words_and_no_document(capfd: pytest.CaptureFixture[str]) -> None:
    with opened(as_json=False) as out:
        out.words("for people")
        out.document({"passed": True})
    assert capfd.readouterr().out == "for people\n"


def test_a_second_document_is_refused() -> None:
    with opened(as_json=True) as out:
        out.document({})
        with pytest.raises(AssertionError, match="one document"):
            out.document({})
