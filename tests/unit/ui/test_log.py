from __future__ import annotations

import logging
import tempfile
from pathlib import Path

import pytest

from simtrainer.ui import log


def test_the_file_appears_with_the_first_message(tmp_path: Path) -> None:
    with log.opened(tmp_path / "deep" / "log") as path:
        assert not path.exists()
        logging.getLogger("simtrainer.core.session").info("tick %d", 7)
    assert "INFO simtrainer.core.session: tick 7" in path.read_text(encoding="utf-8")


def test_nothing_is_written_after_it_was_closed(tmp_path: Path) -> None:
    with log.opened(tmp_path) as path:
        pass
    logging.getLogger("simtrainer").warning("too late")
    assert not path.exists()


def test_old_logs_rotate_and_the_oldest_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "MAX_BYTES", 200)
    with log.opened(tmp_path) as path:
        for number in range(40):
            logging.getLogger("simtrainer").info("message %d", number)
    names = sorted(file.name for file in tmp_path.iterdir())
    assert names == ["simtrainer.log", "simtrainer.log.1", "simtrainer.log.2", "simtrainer.log.3"]
    assert all(file.stat().st_size <= 200 for file in tmp_path.iterdir())
    assert "message 39" in path.read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_made_is_replaced_by_the_temporary_one(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert log.usable_folder(tmp_path / "file" / "log") == Path(tempfile.gettempdir())
