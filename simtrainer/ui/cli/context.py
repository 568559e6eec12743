"""What the commands of one call share: the settings in force."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import click

from simtrainer.ui.place import Place, standard
from simtrainer.ui.settings import InForce, Origin, Settings, load


class App:
    """The settings of one call, read when first asked for."""

    def __init__(self) -> None:
        """Start without settings; they are read when first asked for."""
        self._settings: Settings | None = None

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        if self._settings is None:
            self._settings = load()
        return self._settings

    def read_settings(self, flags: Mapping[str, str | None]) -> None:
        """Read the settings with the global flags of this call."""
        self._settings = load(flags)
        cache = self._settings.values["cache_dir"]
        if cache.origin in (Origin.FLAG, Origin.FILE) or _strayed(cache):
            os.environ["SIMTRAINER_CACHE_DIR"] = cache.value  # core.kernel reads it when it is imported


def _strayed(cache: InForce) -> bool:
    """Tell whether the cache lies elsewhere than where the system has it, because that cannot be used."""
    usual = standard(Place.CACHE)
    return cache.origin is Origin.DEFAULT and (usual is None or Path(cache.value) != usual)


pass_app = click.make_pass_decorator(App, ensure=True)
"""Decorator for a command that wants the `App`, as its first argument."""
