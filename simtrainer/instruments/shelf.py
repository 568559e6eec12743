"""Puts every instrument file of this folder on the shelf."""

from __future__ import annotations

from pathlib import Path

from simtrainer.instruments import instruments
from simtrainer.instruments.slender import read_slender

for _path in sorted(Path(__file__).parent.glob("*.yaml")):
    _device = read_slender(_path)
    instruments.put(_device.name, _device)
