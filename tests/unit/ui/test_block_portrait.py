from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from simtrainer.anatomy.block import load_block
from simtrainer.anatomy.block_kind import block_names
from simtrainer.ui.block_portrait import picture
from simtrainer.ui.cli.app import run
from simtrainer.ui.cli.exit_code import ExitCode


def test_every_block_is_listed_among_the_patients(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["list", "patients", "--json"]) == ExitCode.DONE
    listed = {entry["name"] for entry in json.loads(capsys.readouterr().out)["patients"]}
    assert block_names()
    assert set(block_names()) < listed


def test_a_block_is_described_by_its_layers_and_what_lies_in_them(capsys: pytest.CaptureFixture[str]) -> None:
    name = block_names()[0]
    assert run(["anatomy", "inspect", name, "--json"]) == ExitCode.DONE
    told = json.loads(capsys.readouterr().out)
    block = load_block(name)
    assert told["voxels"] == sum(layer["voxels"] for layer in told["materials"]) == int((block.labels > 0).sum())
    assert [item["name"] for item in told["tubes"]] == list(block.tubes)
    assert all(layer["because"] for layer in told["materials"])
    assert run(["anatomy", "inspect", name]) == ExitCode.DONE
    words = capsys.readouterr().out
    assert all(layer["name"] in words for layer in told["materials"])


def test_a_block_is_drawn_without_a_graphics_card_and_nothing_is_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "block.png"
    assert run(["anatomy", "view", block_names()[0], "--out", str(path)]) == ExitCode.DONE
    assert path.stat().st_size > 10_000
    assert run(["anatomy", "view", block_names()[0], "--out", str(path)]) == ExitCode.WRONG_USE
    assert "exists already" in capsys.readouterr().err


def test_the_cut_shows_artery_and_vein() -> None:
    seen = picture(load_block(block_names()[0])).astype(int)
    blue = (seen[..., 2] > seen[..., 0] + 30) & (seen[..., 2] > seen[..., 1] + 30)
    assert np.count_nonzero(blue) > 2000, "the vein is the only blue thing"
