"""The log of one command: rotating files in the user's state folder, opened late and closed at the end."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

FILE_NAME = "simtrainer.log"
MAX_BYTES = 1_000_000
BACKUPS = 3
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def usable_folder(folder: Path) -> Path:
    """Return `folder`, made if need be, or the system's folder for temporary files where it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return Path(tempfile.gettempdir())


@contextmanager
def opened(folder: Path) -> Iterator[Path]:
    """Send what the loggers below `simtrainer` say to a rotating file in `folder`; give its path.

    The file appears with the first message. A folder that cannot be written is replaced by the temporary one.
    """
    path = usable_folder(folder) / FILE_NAME
    handler = RotatingFileHandler(path, maxBytes=MAX_BYTES, backupCount=BACKUPS, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter(_FORMAT))
    logger = logging.getLogger("simtrainer")
    before = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    try:
        yield path
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
        handler.close()
