"""Small drawings for a page: scalable, coloured by the page's style sheet, readable without scripts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

import numpy as np
from numpy.typing import NDArray


def element(name: str, *, body: str = "", **attributes: object) -> str:
    """Return one element; `_` in a name of an attribute stands for `-`, `cls` for `class`; numbers get one decimal."""
    pairs = (
        f' {"class" if key == "cls" else key.rstrip("_").replace("_", "-")}="{_shown(value)}"'
        for key, value in attributes.items()
    )
    return f"<{name}{''.join(pairs)}>{body}</{name}>"


def text(x: float, y: float, said: str, *, cls: str = "", anchor: str = "start") -> str:
    """Return a line of text at a point."""
    return element("text", body=escape(said), x=x, y=y, cls=cls, text_anchor=anchor)


def line(start: tuple[float, float], end: tuple[float, float], cls: str) -> str:
    """Return a straight line."""
    return element("line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], cls=cls)


def polyline(points: Iterable[tuple[float, float]], cls: str) -> str:
    """Return an open line through points."""
    return element("polyline", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in points), cls=cls)


def rect(x: float, y: float, size: tuple[float, float], *, cls: str, title: str = "") -> str:
    """Return a filled rectangle; a title shows where the pointer rests."""
    return element("rect", body=titled(title), x=x, y=y, width=size[0], height=size[1], cls=cls)


def titled(said: str) -> str:
    """Return the child that names an element for pointers and screen readers."""
    return f"<title>{escape(said)}</title>" if said else ""


_CROSS = ((-1, -1), (1, 1)), ((-1, 1), (1, -1))


def mark(kind: str, x: float, y: float, *, cls: str, title: str = "", size: float = 5.0) -> str:
    """Return a mark whose shape says what it means without its colour.

    `dot` filled circle, `ring` open circle, `triangle` filled, `square` filled, `box` open square, `diamond` filled,
    `cross` two strokes, `tick` one.
    """
    if kind in ("dot", "ring"):
        return element("circle", body=titled(title), cx=x, cy=y, r=size, cls=f"{cls} {kind}")
    if kind == "cross":
        strokes = "".join(
            line((x + size * a[0], y + size * a[1]), (x + size * b[0], y + size * b[1]), f"{cls} stroke")
            for a, b in _CROSS
        )
        return element("g", body=titled(title) + strokes)
    if kind == "tick":
        return element("g", body=titled(title) + line((x, y - size), (x, y + size), f"{cls} stroke"))
    corners = {
        "triangle": ((0, -1.2), (1.1, 0.9), (-1.1, 0.9)),
        "diamond": ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
    }.get(kind, ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)))
    points = " ".join(f"{x + size * a:.1f},{y + size * b:.1f}" for a, b in corners)
    shape = "ring" if kind == "box" else "dot"
    return element("polygon", body=titled(title), points=points, cls=f"{cls} {shape}")


def drawing(width: float, height: float, body: str, *, label: str) -> str:
    """Return a whole drawing that scales with the page, with `label` as its text for those who do not see it."""
    box = f"0 0 {width:.0f} {height:.0f}"
    return element("svg", body=titled(label) + body, viewBox=box, role="img", aria_label=label)


@dataclass(frozen=True, slots=True)
class Axis:
    """Turns values into places: `low` at `start`, `high` at `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the place of a value."""
        span = (self.high - self.low) or 1.0
        return self.start + (value - self.low) / span * (self.end - self.start)

    def ticks(self, count: int) -> tuple[float, ...]:
        """Return about `count` round values within the axis."""
        step = round_step((self.high - self.low) / max(count, 1))
        first, last = ceil(self.low / step - 1e-9), floor(self.high / step + 1e-9)
        return tuple(i * step for i in range(first, last + 1))


def round_step(rough: float) -> float:
    """Return the least of 1, 2, 5, 10, ... times a power of ten that is not below `rough`."""
    if rough <= 0:
        return 1.0
    power = 10.0 ** floor(log10(rough))
    return power * next(nice for nice in (1.0, 2.0, 5.0, 10.0) if nice * power >= rough * (1 - 1e-9))


def minute_step(end_s: float) -> float:
    """Return a step [s] of a time axis that gives at most ten marks."""
    steps = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800)
    return float(next((step for step in steps if end_s / step <= 10), 3600))


def project(points: Sequence[Sequence[float]], view: str) -> NDArray[np.float64]:
    """Return points [mm] in W, as x to the right and y down on the page, shape (n, 2).

    `ap`: the viewer stands before the patient, whose right is on the left. `lateral`: the viewer stands at the
    patient's left side, anterior is on the left. W is RAS+: x right, y anterior, z superior.
    """
    space = np.asarray(points, dtype=np.float64).reshape(-1, 3)
    across = -space[:, 0] if view == "ap" else -space[:, 1]
    return np.column_stack([across, -space[:, 2]])


def _shown(value: object) -> str:
    return f"{value:.1f}" if isinstance(value, float) else escape(str(value), quote=True)
