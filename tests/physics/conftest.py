"""The option that writes golden files anew; review the difference before committing it."""

import contextlib

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    with contextlib.suppress(ValueError):  # another folder may have it too
        parser.addoption("--golden-write", action="store_true", help="write golden files anew instead of comparing")
