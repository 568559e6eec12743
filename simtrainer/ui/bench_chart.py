"""Plots of measurements that stay readable on a phone: rows with a mark on a common scale, and lines over two axes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from math import ceil, floor, log10

from simtrainer.debrief.svg import Axis, drawing, element, line, mark, polyline, text

WIDTH, HEIGHT = 400.0, 270.0
"""Of a plot over two axes: as wide as a phone, so that its words keep their size there."""
_LEFT, _RIGHT, _TOP, _FOOT = 46.0, 12.0, 12.0, 40.0
_NEAR, _WIDE, _LETTER = 13.0, 24.0, 6.4
"""Least distance of words above and beside each other, and room for a letter [units of the drawing]."""

STYLE = """
.rowplot{display:grid;gap:.15rem 1rem;margin:.8rem 0}
.rowplot .said{font-size:.88rem;line-height:1.3}
.rowplot .track{position:relative;height:1.5rem;border-bottom:1px solid var(--line);margin:0 .8rem .35rem .8rem}
.rowplot .track i,.rowplot .scale i{position:absolute;top:0;bottom:0;border-left:1px solid var(--line)}
.rowplot .track i.at{border-left:2px dashed var(--bad)}
.rowplot .track u{position:absolute;left:0;top:.45rem;height:.6rem;background:var(--main)}
.rowplot .track u.over{background:repeating-linear-gradient(45deg,var(--bad) 0 4px,var(--page) 4px 6px)}
.rowplot .track svg{position:absolute;top:.35rem;width:.8rem;height:.8rem;margin-left:-.4rem}
.rowplot .scale{position:relative;height:1.3rem;margin:0 .8rem;font-size:.8rem;color:var(--soft)}
.rowplot .scale span{position:absolute;transform:translateX(-50%)}
.rowplot .name{font-size:.85rem;color:var(--soft)}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,26rem),1fr));gap:1.4rem}
.few{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,19rem),1fr));gap:1.2rem}
.plots figcaption,.few figcaption{color:var(--ink);font-weight:600;margin-bottom:.2rem;line-height:1.3}
.tell td,.tell th{white-space:nowrap}.tell td:first-child{white-space:normal;min-width:9rem}
.key span{white-space:nowrap;margin-right:1rem}svg.icon{display:inline-block;width:.8em;height:.8em}
code{overflow-wrap:anywhere}
@media(min-width:52rem){.rowplot{grid-template-columns:minmax(0,1fr) minmax(0,1.25fr)}}
@media(max-width:52rem){.rowplot>.void{display:none}}
"""
"""Rules beside those of every page; on a wide page words stand left of their mark, on a narrow one above it."""


@dataclass(frozen=True, slots=True)
class RowMark:
    """A row of a plot: words, what was measured, and the limit that it has to keep; None where there is none."""

    said: str
    value: float | None
    limit: float | None
    told: str
    id: str = ""

    @property
    def misses(self) -> bool:
        """Tell whether the limit is not kept; what is no number keeps none."""
        return self.limit is not None and (self.value is None or self.value > self.limit)


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis of a plot: its name with the unit, and whether it goes by powers of ten."""

    name: str
    log: bool = False
    low: float | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """Points and lines of one meaning: a class of colour 0 to 3, a shape, empty where only the line is, and words."""

    name: str
    points: tuple[tuple[float, float], ...]
    colour: int = 0
    shape: str = "dot"
    joined: bool = False
    titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Straight:
    """A line from one point to another that was not measured: a fit, or a target, which is dashed and has words."""

    start: tuple[float, float]
    end: tuple[float, float]
    cls: str = "limit"
    said: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Turns values into places of a drawing, on a plain scale or by powers of ten."""

    axis: Axis
    log: bool
    marks: tuple[float, ...] = field(default=())

    def __call__(self, value: float) -> float:
        """Return the place of a value."""
        return self.axis(log10(value) if self.log else value)


def place(values: Sequence[float], scale: Scale, *, start: float, end: float, count: int) -> Place:
    """Return places from `start` to `end` for all `values`, with about `count` marks."""
    if scale.log:
        low, high = _decades([v for v in values if v > 0.0])
        step = max(1, ceil((high - low) / max(count, 1)))
        axis, powers = Axis(low, high, start, end), range(floor(low) - 1, ceil(high) + 1)
        choices = [tuple(10.0**power for power in range(floor(low), ceil(high) + 1, step) if low <= power <= high)]
        choices += [
            tuple(n * 10.0**p for p in powers for n in heads if low <= log10(n) + p <= high)
            for heads in ((1, 2, 5), range(1, 10))
        ]
        choices.append(Axis(10.0**low, 10.0**high, start, end).ticks(count))
        return Place(axis, True, next((some for some in choices if len(some) >= 3), choices[-1]))
    low = min(values) if scale.low is None else scale.low
    high = low + 1.08 * (max([*values, low]) - low or 1.0)
    axis = Axis(low, high, start, end)
    return Place(axis, False, axis.ticks(count))


def _decades(values: Sequence[float]) -> tuple[float, float]:
    """Return the powers of ten between which positive values lie, with some room."""
    if not values:
        return 0.0, 1.0
    low, high = log10(min(values)), log10(max(values))
    room = max(0.08 * (high - low), 0.05)
    return low - room, high + room


def rows(marks: Sequence[RowMark], scale: Scale, *, bars: bool = False) -> str:
    """Return rows on a common scale: a mark, or with `bars` a bar, the limit as a dashed line, words beside.

    A limit that is kept has a filled circle and ✓, one that is missed a cross, hatching, ✗ and the word MISSED.
    """
    known = [v for one in marks for v in (one.value, one.limit) if v is not None and (v > 0.0 or not scale.log)]
    where = place(known or [1.0], scale, start=0.0, end=100.0, count=4)
    body = "".join(_row(one, where, bars=bars) for one in marks)
    ticks = "".join(f'<span style="left:{where(v):.1f}%">{number(v)}</span>' for v in where.marks)
    ruler = f'<div class="void"></div><div class="scale" aria-hidden="true">{ticks}</div>'
    return (
        f'<div class="rowplot"><div class="name void"></div><div class="name">{escape(scale.name)}</div>'
        f"{ruler}{body}{ruler}</div>"
    )


def _row(one: RowMark, where: Place, *, bars: bool) -> str:
    sign = '<b class="bad">✗ MISSED</b> ' if one.misses else '<b class="good">✓</b> ' if one.limit is not None else ""
    name = f' data-id="{escape(one.id, quote=True)}"' if one.id else ""
    inner = "".join(f'<i style="left:{where(v):.1f}%"></i>' for v in where.marks)
    if one.limit is not None and (one.limit > 0.0 or not where.log):
        inner += f'<i class="at" style="left:{where(one.limit):.1f}%"></i>'
    if one.value is not None:
        least = where.axis.start if where.log and one.value <= 0.0 else where(one.value)
        at = min(max(least, 0.0), 100.0)
        inner += _bar(at, over=one.misses) if bars else _symbol(at, over=one.misses)
    return (
        f'<div class="said"{name}>{sign}{escape(one.said)} <b>{escape(one.told)}</b></div>'
        f'<div class="track" role="img" aria-label="{escape(one.told, quote=True)}">{inner}</div>'
    )


def _bar(at: float, *, over: bool) -> str:
    return f'<u class="{"over" if over else ""}" style="width:{at:.1f}%"></u>'


def _symbol(at: float, *, over: bool) -> str:
    drawn = mark("cross", 6.0, 6.0, cls="m-bad", size=4.5) if over else mark("dot", 6.0, 6.0, cls="m-main", size=4.5)
    return element("svg", body=drawn, viewBox="0 0 12 12", style=f"left:{at:.1f}%", aria_hidden="true")


def plot(across: Scale, up: Scale, series: Sequence[Series], straights: Sequence[Straight] = ()) -> str:
    """Return a plot over two axes with its key; lines of targets bear their words."""
    ends = [p for one in straights for p in (one.start, one.end)]
    every = [*(p for one in series for p in one.points), *ends]
    if not every:
        return ""
    key = [one for one in series if one.name and one.points]
    foot = HEIGHT - _FOOT
    right = WIDTH - max([_RIGHT, *(_LETTER * len(one.said) + 8.0 for one in straights if one.said)])
    x = place([p[0] for p in every], across, start=_LEFT, end=right, count=4)
    y = place([p[1] for p in every], up, start=foot, end=_TOP + 16.0, count=5)
    body = [*_grid(x, y, foot), *_straight(straights, x, y, right)]
    for one in series:
        places = [(x(a), y(b)) for a, b in one.points]
        if one.joined:
            body.append(polyline(places, f"curve c{one.colour}"))
        titles = one.titles or ("",) * len(places)
        body += [
            mark(one.shape, *at, cls=f"m{one.colour}", title=title)
            for at, title in zip(places, titles, strict=True)
            if one.shape
        ]
    body.append(text(2.0, 11.0, up.name, cls="bold"))
    body.append(text(right, HEIGHT - 6.0, across.name, cls="bold", anchor="end"))
    said = "; ".join(
        f"{one.name}: {', '.join(f'{a:.3g}: {b:.3g}' for a, b in one.points)}" for one in series if one.shape
    )
    drawn = drawing(WIDTH, HEIGHT, "".join(body), label=f"{up.name} over {across.name}. {said}")
    return drawn + (_key(key) if len(key) > 1 else "")


def _grid(x: Place, y: Place, foot: float) -> Iterator[str]:
    for value in y.marks:
        yield line((_LEFT, y(value)), (x.axis.end, y(value)), "grid")
    for value in _apart(y, _NEAR):
        yield text(_LEFT - 6.0, y(value) + 4.0, number(value), cls="soft", anchor="end")
    for value in x.marks:
        yield line((x(value), _TOP + 16.0), (x(value), foot), "grid")
    for value in _apart(x, _WIDE):
        yield text(x(value), foot + 15.0, number(value), cls="soft", anchor="middle")


def _apart(where: Place, least: float) -> Iterator[float]:
    """Yield those marks of a scale whose numbers do not lie on each other."""
    last: float | None = None
    for value in where.marks:
        if last is None or abs(where(value) - last) >= least:
            last = where(value)
            yield value


def _straight(straights: Sequence[Straight], x: Place, y: Place, right: float) -> Iterator[str]:
    """Yield lines, their words beside the plot, moved down where two would lie on each other."""
    last = 0.0
    for one in sorted(straights, key=lambda each: -each.end[1]):
        yield line((x(one.start[0]), y(one.start[1])), (x(one.end[0]), y(one.end[1])), one.cls)
        if one.said:
            last = max(y(one.end[1]) + 4.0, last + _NEAR)
            yield text(right + 5.0, last, one.said, cls="bad" if one.cls == "limit" else "soft")


def _key(series: Sequence[Series]) -> str:
    items = ""
    for one in series:
        shape = mark(one.shape, 6.0, 6.0, cls=f"m{one.colour}", size=4.5)
        icon = element("svg", body=shape, viewBox="0 0 12 12", cls="icon", aria_hidden="true")
        items += f"<span>{icon} {escape(one.name)}</span> "
    return f'<p class="small key">{items}</p>'


def number(value: float) -> str:
    """Return a number of a scale in few characters."""
    if value != 0.0 and (abs(value) < 1e-3 or abs(value) >= 1e5):
        power = floor(log10(abs(value)) + 1e-9)
        head = value / 10.0**power
        return (f"{head:.0f}·" if round(head, 6) != 1.0 else "") + f"10{str(power).translate(_RAISED)}"
    said = f"{value:.0f}" if abs(value) >= 1e3 else f"{value:.4g}"
    return said.replace("-", "−")


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
