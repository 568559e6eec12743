"""The spine: one bone a level, with body, pedicles, spinous and transverse processes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simtrainer.anatomy.part import BodyPart, Tissue
from simtrainer.anatomy.skeleton.level import Spine, Vertebra
from simtrainer.anatomy.skeleton.primitive import loft, mirrored, tube, union
from simtrainer.core.units import MM

Floats = NDArray[np.float64]


def column(back: Spine) -> dict[str, BodyPart]:
    """Return every vertebra by name, `vertebra_t5`."""
    return {f"vertebra_{level.name.lower()}": vertebra(level, back.scale) for level in back.vertebrae}


def vertebra(level: Vertebra, scale: float) -> BodyPart:
    """Return one vertebra in W."""
    forward = np.array([0.0, level.up[2], -level.up[1]])
    axes = np.stack([np.array([1.0, 0.0, 0.0]), forward, level.up])
    right = [_pedicle(level, axes, scale), _transverse(level, axes, scale)]
    return union([_body(level, axes), *right, *(mirrored(part) for part in right), _spinous(level, axes, scale)])


def _body(level: Vertebra, axes: Floats) -> BodyPart:
    """Return the body: a waisted drum, flattened behind towards the canal."""
    angle = np.linspace(0.0, 2.0 * np.pi, 14, endpoint=False)
    rings = []
    for share, waist in ((-0.5, 0.93), (-0.42, 1.0), (0.0, 0.88), (0.42, 1.0), (0.5, 0.93)):
        x = 0.5 * level.width * waist * np.cos(angle)
        y = 0.5 * level.depth * waist * np.where(np.sin(angle) > 0.0, 1.0, 0.85) * np.sin(angle)
        rings.append(np.stack([x, y, np.full(14, share * level.height)], axis=1))
    return loft(level.centre + np.array(rings) @ axes, Tissue.BONE)


def _pedicle(level: Vertebra, axes: Floats, scale: float) -> BodyPart:
    """Return the right pedicle with lamina, from the back of the body around the canal to the midline."""
    unit = MM * scale
    wide = max(0.5 * level.width - 6.0 * unit, 8.0 * unit)
    back = -0.35 * level.depth
    knots = np.array(
        [
            [wide, back, 0.18 * level.height],
            [wide + 1.0 * unit, back - 11.0 * unit, 0.12 * level.height],
            [0.55 * wide, back - 21.0 * unit, -0.1 * level.height],
            [0.0, back - 26.0 * unit, -0.2 * level.height],
        ]
    )
    grown = unit * (0.6 + 0.4 * level.height / (27.0 * unit))
    sizes = np.array([[4.0, 6.5], [4.5, 7.5], [3.5, 8.5], [3.0, 7.0]]) * grown
    return tube(level.centre + knots @ axes, sizes, 6, 8.0 * unit, Tissue.BONE)


def _transverse(level: Vertebra, axes: Floats, scale: float) -> BodyPart:
    """Return the right transverse process."""
    unit = MM * scale
    reach = {"L": 42.0, "T": 32.0, "C": 24.0}[level.name[0]] * unit
    if level.name == "C1":
        reach = 38.0 * unit
    start = max(0.5 * level.width - 4.0 * unit, 7.0 * unit)
    behind = -0.35 * level.depth - (3.0 if level.name[0] == "C" else 13.0) * unit
    rise = 0.3 if level.name[0] == "T" else 0.15
    knots = np.array(
        [
            [0.8 * start, behind, 0.1 * level.height],
            [0.5 * (start + reach), behind - 2.0 * unit, rise * level.height],
            [reach, behind - 6.0 * unit, rise * level.height],
        ]
    )
    sizes = np.array([[3.2, 5.5], [2.6, 4.5], [2.4, 4.2]]) * unit
    return tube(level.centre + knots @ axes, sizes, 6, 10.0 * unit, Tissue.BONE)


def _spinous(level: Vertebra, axes: Floats, scale: float) -> BodyPart:
    """Return the spinous process: level and broad in the loin, steep and long in the chest, short in the neck."""
    unit = MM * scale
    length, drop, high = {"L": (30.0, 6.0, 10.0), "T": (36.0, 24.0, 6.0), "C": (20.0, 8.0, 5.0)}[level.name[0]]
    if level.name == "C7":
        length = 34.0
    start = -0.35 * level.depth - 23.0 * unit
    knots = np.array(
        [
            [0.0, start, -0.15 * level.height],
            [0.0, start - 0.5 * length * unit, -0.15 * level.height - 0.5 * drop * unit],
            [0.0, start - length * unit, -0.15 * level.height - drop * unit],
        ]
    )
    sizes = np.array([[3.0, high], [3.0, high], [3.5, 0.8 * high]]) * unit
    return tube(level.centre + knots @ axes, sizes, 6, 10.0 * unit, Tissue.BONE)
