"""Recorded manoeuvres and the table of validity as one page: curves over time, shapes at moments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from simtrainer.core.units import MM
from simtrainer.debrief.page import document, section
from simtrainer.debrief.svg import Axis, drawing, element, line, polyline, rect, round_step, text
from simtrainer.studies.manoeuvre.case import Performed
from simtrainer.studies.manoeuvre.finding import Finding
from simtrainer.studies.manoeuvre.recording import Moment, Recording, cut
from simtrainer.studies.validity.case import Measured

Floats = NDArray[np.float64]
_WIDTH, _HEIGHT, _LEFT, _RIGHT = 960.0, 190.0, 64.0, 24.0
_POINTS = 800
"""Most points of a line: more cannot be seen."""
_PANEL = (300.0, 300.0)
_STRIP, _STRETCH = 64.0, 5.0
"""Height of a picture of a long tube, and from which ratio of length to width on a tube counts as long."""
_THIN, _WIDE = 1.6, 4.5
"""Widths of wire and catheter in a picture."""
_LEAST = 1e-3
"""Range below which a curve says nothing: 1 mN, 1 um, 1 uN m."""
_NEAR = 20.0
"""Room around what is shown [mm]."""


@dataclass(frozen=True, slots=True)
class Line:
    """One curve of a plot: its name, its class of colour, and its points."""

    name: str
    cls: str
    x: Floats
    y: Floats


def page(performed: Sequence[Performed], measured: Sequence[Measured]) -> str:
    """Return the whole page."""
    parts = "".join(manoeuvre_part(one) for one in performed)
    rows = "".join(f"<h3>{escape(one.title)}</h3>{finding_table(one.findings)}" for one in measured)
    table = section("What has to hold beyond closed forms", rows) if measured else ""
    every = [f for run in performed for f in run.findings] + [f for one in measured for f in one.findings]
    missed = [f for f in every if f.judged and not f.holds]
    head = (
        "<header><h1>Recorded manoeuvres and the table of validity</h1>"
        f'<p class="soft">{len(every)} numbers, {len(missed)} missed. Wall forces are reported, never tuned to a '
        "figure. W: x right, y anterior, z superior.</p></header>"
    )
    return document("en", "Mechanics", f"{head}<main>{table}{parts}</main>")


def manoeuvre_part(one: Performed) -> str:
    """Return the part of one manoeuvre: what was found, its shapes, its curves."""
    recording = one.recording
    devices = " and ".join(name.replace("_", " ") for name in recording.devices if name)
    told = f"{one.name}: {devices} in {recording.vessel}, {recording.times[-1]:.1f} s"
    under = f'<p class="soft">{escape(told)}</p>'
    marks = "; ".join(
        f"{k}: {m.label} ({recording.times[m.tick]:.1f} s)" for k, m in enumerate(recording.marks, start=1)
    )
    wide = "".join(f'<figure class="wide">{chart}</figure>' for chart in charts(recording))
    body = f"{under}{finding_table(one.findings)}{shapes(recording)}<p>{escape(marks)}</p>{wide}"
    return section(one.title, body)


def finding_table(findings: Sequence[Finding]) -> str:
    """Return findings as a table."""
    rows = "".join(
        f"<tr><td>{_sign(f)}</td><td>{escape(f.what)}</td><td class='n'>{_number(f.got)} {escape(f.unit)}</td>"
        f"<td class='n'>{escape(f.bound if f.judged else _expected(f))}</td>"
        f"<td class='soft'>{escape(f.because)}</td></tr>"
        for f in findings
    )
    heads = "".join(f"<th{cls}>{said}</th>" for said, cls in _HEADS)
    return f'<div class="wrap"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'


_HEADS = (("", ""), ("What", ""), ("Got", ' class="n"'), ("Has to be", ' class="n"'), ("Because", ""))


def charts(recording: Recording) -> Iterator[str]:
    """Yield the plots of a recording; those that would be empty are left out."""
    t, marks = recording.times, [(recording.times[m.tick], str(k)) for k, m in enumerate(recording.marks, start=1)]
    columns = (
        ("Inserted length [mm]", recording.inserted / MM), ("Force at the hands [N]", recording.hand_force),
        ("Torque at the hubs [N mm]", recording.hand_torque / MM),
    )  # fmt: skip
    for title, values in columns:
        lines = _both(recording, t, values)
        if any(np.ptp(one.y) > _LEAST for one in lines):
            yield chart(title, lines, "s", marks)
    if np.ptp(recording.hub) > 0.0:
        turned = np.degrees(recording.tip_angle)
        for d in np.flatnonzero(np.ptp(recording.hub, axis=0) > 0.0):
            hub = np.degrees(recording.hub[:, d])
            tip = turned[:, d] - turned[0, d] + hub[0]
            lines = [Line("tip", f"c{d}", hub, tip), Line("hub", "c3", hub, hub)]
            yield chart(f"Angle of the tip over the angle of the hub [degrees], {recording.devices[d]}", lines, "°", [])
    if np.ptp(recording.wall_force) > _LEAST:
        yield chart("Force of the wall on 10 mm [N]", [Line("wall", "c2", t, recording.wall_force)], "s", marks)


def _both(recording: Recording, t: Floats, values: Floats) -> list[Line]:
    return [
        Line(name.replace("_", " "), f"c{d}", t, values[:, d])
        for d, name in enumerate(recording.devices)
        if name and d < values.shape[1]
    ]


def chart(title: str, lines: Sequence[Line], unit: str, marks: Sequence[tuple[float, str]]) -> str:
    """Return a plot of some lines over a common axis, with numbered marks."""
    low, high = (float(f(np.concatenate([one.y for one in lines]))) for f in (np.min, np.max))
    pad = 0.06 * (high - low) or 1.0
    across = Axis(float(lines[0].x[0]), float(lines[0].x[-1]), _LEFT, _WIDTH - _RIGHT)
    foot = low - pad if low < 0.0 or low > 0.5 * high else 0.0
    up = Axis(foot, high + pad, _HEIGHT - 26.0, 30.0)
    body = [text(4.0, 14.0, title, cls="bold")]
    step = round_step((up.high - up.low) / 4.0)
    for value in up.ticks(4):
        body.append(line((_LEFT, up(value)), (_WIDTH - _RIGHT, up(value)), "grid"))
        body.append(text(_LEFT - 8.0, up(value) + 4.0, _tick(value, step), cls="soft", anchor="end"))
    step = round_step((across.high - across.low) / 8.0)
    for value in across.ticks(8):
        body.append(line((across(value), 30.0), (across(value), _HEIGHT - 26.0), "grid"))
        said = f"{_tick(value, step)} {unit}"
        body.append(text(across(value), _HEIGHT - 10.0, said, cls="soft", anchor="middle"))
    for value, said in marks:
        body.append(line((across(value), 30.0), (across(value), _HEIGHT - 26.0), "c3 stroke"))
        body.append(text(across(value), 27.0, said, cls="soft", anchor="middle"))
    for one in lines:
        x, y = _thinned(one.x, one.y)
        body.append(polyline([(across(float(a)), up(float(b))) for a, b in zip(x, y, strict=True)], f"curve {one.cls}"))
    body += _key(lines)
    return drawing(_WIDTH, _HEIGHT, "".join(body), label=f"{title}, from {low:.3g} to {high:.3g}")


def _key(lines: Sequence[Line]) -> Iterator[str]:
    x = _WIDTH - _RIGHT
    for one in reversed(lines):
        if len(lines) > 1:
            x -= 7.0 * len(one.name)
            yield text(x, 14.0, one.name, cls="soft")
            yield line((x - 30.0, 10.0), (x - 6.0, 10.0), f"{one.cls} stroke")
            x -= 44.0


def _thinned(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return at most _POINTS points, highest and lowest of each group, so that no peak gets lost."""
    if len(x) <= _POINTS:
        return x, y
    kept: list[int] = []
    for group in np.array_split(np.arange(len(x)), _POINTS // 2):
        kept += sorted({int(group[np.argmin(y[group])]), int(group[np.argmax(y[group])])})
    return x[kept], y[kept]


def shapes(recording: Recording) -> str:
    """Return the shape at every mark, projected against the vessel."""
    named = [moment for moment in recording.moments if moment.label]
    if not named:
        return ""
    points = np.concatenate([tube.points for tube in recording.outline])
    spans = np.ptp(points, axis=0)
    if len(recording.outline) == 1 and spans[0] > _STRETCH * max(spans[1], spans[2], 1e-9):
        return "".join(f'<figure class="wide">{_strip(recording, named, axis)}</figure>' for axis in _SIDES)
    views = _VIEWS if len(recording.outline) > 1 else (("", (0, 1), (1.0, 1.0)),)
    window = _window(named)
    drawn = "".join(
        f"<figure>{_panel(recording, moment, view[1], view[2], window)}"
        f"<figcaption>{escape(f'{k}: {moment.label}{view[0]}')}</figcaption></figure>"
        for k, moment in enumerate(named, start=1)
        for view in views
    )
    return f'<div class="views">{drawn}</div>'


_VIEWS = ((", seen from the front", (0, 2), (-1.0, -1.0)), (", seen from the patient's left", (1, 2), (-1.0, -1.0)))
"""Names of the views, the axes across and down the page, and their signs."""
_SIDES = ((2, "from the side"), (1, "from above"))


def _window(moments: Sequence[Moment]) -> tuple[Floats, Floats]:
    """Return the corners [mm] of what happens: the last 250 mm of every device at every moment."""
    seen = []
    for moment in moments:
        for d in range(len(moment.inserted)):
            if moment.inserted[d] > 0.0:
                length = float(moment.inserted[d])
                near = (moment.arc > length - 0.25) & (moment.arc <= length)
                seen.append(moment.points[near])
    every = np.concatenate(seen) / MM
    return every.min(axis=0) - _NEAR, every.max(axis=0) + _NEAR


def _panel(
    recording: Recording, moment: Moment, axes: tuple[int, int], signs: tuple[float, float],
    window: tuple[Floats, Floats],
) -> str:  # fmt: skip
    width, height = _PANEL
    pick, sign = list(axes), np.array(signs)
    corners = np.stack([window[0][pick] * sign, window[1][pick] * sign])
    low, high = corners.min(axis=0), corners.max(axis=0)
    scale = float(np.min(np.array([width, height]) / (high - low)))
    shift = np.array([width, height]) / 2.0 - scale * (low + high) / 2.0

    def placed(points: Floats) -> list[tuple[float, float]]:
        flat = points[:, pick] / MM * sign * scale + shift
        return [(float(x), float(y)) for x, y in flat]

    body = []
    for tube in recording.outline:
        places = placed(tube.points)
        for k in range(len(places) - 1):
            wide = max(2.0 * float(tube.radii[k]) / MM * scale, 1.0)
            (x1, y1), (x2, y2) = places[k], places[k + 1]
            body.append(element("line", x1=x1, y1=y1, x2=x2, y2=y2, cls="vessel", stroke_width=wide))
    body += [_drawn(placed(curve), d) for curve, d in _curves(moment)]
    body.append(line((8.0, height - 8.0), (8.0 + 20.0 * scale, height - 8.0), "c3 stroke"))
    body.append(text(14.0 + 20.0 * scale, height - 4.0, "20 mm", cls="soft"))
    name = f"{recording.name}-{moment.tick}-{axes[0]}"
    clip = f'<clipPath id="{name}"><rect width="{width:.0f}" height="{height:.0f}"/></clipPath>'
    inner = element("g", body="".join(body), clip_path=f"url(#{name})")
    return drawing(width, height, clip + inner, label=f"{recording.name}: {moment.label}")


def _drawn(places: list[tuple[float, float]], device: int) -> str:
    """Return a device as a line: the catheter wide, so that the wire in it is seen."""
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    wide = f"stroke-width:{_WIDE if device else _THIN};stroke-linejoin:round"
    return element("polyline", points=points, cls=f"c{device} stroke", style=wide)


def _curves(moment: Moment) -> Iterator[tuple[Floats, int]]:
    """Yield the devices and their places, the catheter first, which lies below."""
    for d in reversed(range(len(moment.inserted))):
        if moment.inserted[d] > 0.0:
            yield cut(moment.points, moment.arc, float(moment.inserted[d])), d


def _strip(recording: Recording, moments: Sequence[Moment], side: tuple[int, str]) -> str:
    """Return a long tube at every moment, one below the other, its width drawn larger than its length."""
    tube = recording.outline[0]
    length, radius = float(np.ptp(tube.points[:, 0])) / MM, float(tube.radii[0]) / MM
    across = Axis(0.0, length, 12.0, _WIDTH - 12.0)
    body, taller = [], 0.7 * _STRIP / (2.0 * radius) / ((_WIDTH - 24.0) / length)
    for k, moment in enumerate(moments):
        up = Axis(-radius, radius, (k + 1) * _STRIP, (k + 0.3) * _STRIP)
        body.append(rect(12.0, (k + 0.3) * _STRIP, (_WIDTH - 24.0, 0.7 * _STRIP), cls="b-line"))
        body.append(text(14.0, (k + 0.3) * _STRIP - 4.0, f"{k + 1}: {moment.label}", cls="soft"))
        for curve, d in _curves(moment):
            points = curve / MM
            places = [(across(float(x)), up(float(y))) for x, y in zip(points[:, 0], points[:, side[0]], strict=True)]
            body.append(_drawn(places, d))
    said = f"Seen {side[1]}; scale across {taller:.1f} times that along"
    body.append(text(_WIDTH - 12.0, 12.0, said, cls="soft", anchor="end"))
    return drawing(_WIDTH, len(moments) * _STRIP + 8.0, "".join(body), label=f"{recording.name}, {said}")


def _sign(finding: Finding) -> str:
    if not finding.judged:
        return '<span class="soft">·</span>'
    return '<span class="good">✓</span>' if finding.holds else '<span class="bad">✗</span>'


def _expected(finding: Finding) -> str:
    return "" if finding.expected is None else f"told; expected {_number(finding.expected)}"


def _number(value: float) -> str:
    return "none" if not np.isfinite(value) else f"{value:.4g}"


def _tick(value: float, step: float) -> str:
    return f"{value + 0.0:.{max(0, int(np.ceil(-np.log10(step) - 1e-9)))}f}".replace("-", "−")
