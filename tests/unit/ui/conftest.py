"""No test of the user interface reads or writes the folders of the person who runs it."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point data, logs and settings of this test, and of processes that it starts, at a folder of its own."""
    folder = tmp_path_factory.mktemp("user")
    (folder / "settings.toml").touch()
    monkeypatch.setenv("SIMTRAINER_CONFIG", str(folder / "settings.toml"))
    monkeypatch.setenv("SIMTRAINER_DATA_DIR", str(folder / "data"))
    monkeypatch.setenv("SIMTRAINER_LOG_DIR", str(folder / "log"))
    return folder
