"""The drawings of a debrief: timeline, force and speed, the way of the tip from two sides."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from simtrainer.debrief.svg import Axis, drawing, element, line, mark, minute_step, polyline, project, rect, text
from simtrainer.debrief.timeline import EventMark, Lane, StepStatus, Timeline, Weight
from simtrainer.debrief.trace import PathView, Plot
from simtrainer.debrief.word import minutes, say

_WIDTH = 960.0
_LEFT = 335.0
_ROW = 20.0
MARKS = {
    StepStatus.DONE: ("dot", "m-good"),
    StepStatus.LATE: ("triangle", "m-care"),
    StepStatus.OUT_OF_ORDER: ("square", "m-care"),
    StepStatus.MISSED: ("cross", "m-bad"),
}
"""Shape and colour of a step by what became of it."""
EVENT_MARKS = {
    Weight.PLAIN: ("tick", "m-soft"),
    Weight.TOLERATED: ("ring", "m-care"),
    Weight.COST: ("diamond", "m-bad"),
}
"""Shape and colour of an event by what it cost."""


def timeline_chart(timeline: Timeline, language: str) -> str:
    """Return steps as rows with a mark where they were done, events, devices and fluoroscopy below."""
    axis = Axis(0.0, max(timeline.end_s, 1.0), _LEFT, _WIDTH - 20.0)
    rows = len(timeline.steps) + 1 + len(timeline.lanes)
    top, bottom = 10.0, 10.0 + rows * _ROW + 6.0
    body = [*_time_grid(axis, top, bottom)]
    body += _step_rows(timeline, axis, top, language)
    y = top + len(timeline.steps) * _ROW + 4.0
    body.append(line((0.0, y), (_WIDTH, y), "grid"))
    body += _event_row(timeline.events, axis, y + 0.6 * _ROW, language)
    for number, lane in enumerate(timeline.lanes, start=1):
        body += _lane(lane, axis, y + (number + 0.1) * _ROW)
    done = sum(step.status is not StepStatus.MISSED for step in timeline.steps)
    label = say(
        "timeline.alt", language, done=done, total=len(timeline.steps), events=len(timeline.events),
        time=minutes(timeline.end_s),
    )  # fmt: skip
    return drawing(_WIDTH, bottom + 40.0, "".join(body) + _key(bottom + 34.0, language), label=label)


def plot_chart(plot: Plot, end_s: float, language: str) -> str:
    """Return one signal over time, with the limit of the course and the peak named."""
    height, left = 190.0, 60.0
    top = max(plot.peak, (plot.limit or 0.0) * 1.15, 1e-9) * 1.12
    across, up = Axis(0.0, max(end_s, 1.0), left, _WIDTH - 20.0), Axis(0.0, top, height - 30.0, 14.0)
    body = list(_time_grid(across, 14.0, height - 30.0))
    for value in up.ticks(4):
        body.append(line((left, up(value)), (_WIDTH - 20.0, up(value)), "grid"))
        body.append(text(left - 8.0, up(value) + 4.0, say("number", language, value=value), cls="soft", anchor="end"))
    body.append(text(4.0, 12.0, plot.unit, cls="soft"))
    points = [(across(t), up(v)) for t, v in zip(plot.times_s, plot.values, strict=True)]
    body.append(polyline(points, "curve c0"))
    if plot.limit is not None:
        body.append(line((left, up(plot.limit)), (_WIDTH - 20.0, up(plot.limit)), "limit"))
        said = say("plot.limit", language, value=plot.limit, unit=plot.unit)
        body.append(text(_WIDTH - 24.0, up(plot.limit) - 5.0, said, cls="bad", anchor="end"))
    if plot.peak > 0:
        x, y = across(plot.peak_s), up(plot.peak)
        is_over = plot.limit is not None and plot.peak > plot.limit
        body.append(mark("diamond" if is_over else "dot", x, y, cls="m-bad" if is_over else "m-main", size=4.0))
        said = say("plot.peak", language, peak=plot.peak, unit=plot.unit, time=minutes(plot.peak_s))
        to_the_left = x > _WIDTH * 0.75
        body.append(text(x - 9 if to_the_left else x + 9, y + 4, said, cls="bold", anchor="end" if to_the_left else ""))
    label = say(
        "plot.alt", language, text=plot.text, peak=plot.peak, unit=plot.unit, time=minutes(plot.peak_s)
    )  # fmt: skip
    return drawing(_WIDTH, height, "".join(body), label=label)


def path_chart(path: PathView, view: str, language: str) -> str:
    """Return the ways of the tips against the ideal path, seen along one direction: `ap` or `lateral`."""
    width, height, pad = 440.0, 560.0, 26.0
    pieces = [*(piece for way in path.ways for piece in way.pieces), path.ideal_mm]
    flat = np.concatenate([project(piece, view) for piece in pieces if len(piece)])
    low, high = flat.min(axis=0) - 12.0, flat.max(axis=0) + 12.0
    scale = min((width - 2 * pad) / (high[0] - low[0]), (height - 2 * pad) / (high[1] - low[1]))
    shift = np.array([width, height]) / 2.0 - scale * (low + high) / 2.0

    def placed(points: tuple[tuple[float, float, float], ...]) -> list[tuple[float, float]]:
        return [(float(x), float(y)) for x, y in project(points, view) * scale + shift]

    body = []
    for vessel in path.outline:
        places = placed(vessel.points_mm)
        for (a, b), radius in zip(pairwise(places), vessel.radii_mm, strict=False):
            wide = max(2.0 * radius * scale, 1.0)
            body.append(element("line", x1=a[0], y1=a[1], x2=b[0], y2=b[1], cls="vessel", stroke_width=wide))
    for number, way in enumerate(path.ways):
        body += [polyline(placed(piece), f"curve c{number % 4}") for piece in way.pieces]
    if path.ideal_mm:
        ideal = placed(path.ideal_mm)
        body.append(polyline(ideal, "ideal"))
        body.append(mark("square", *ideal[-1], cls="m-good"))
    sides = ("R", "L") if view == "ap" else ("A", "P")
    body += [
        text(8.0, height / 2, sides[0], cls="bold"),
        text(width - 8.0, height / 2, sides[1], cls="bold", anchor="end"),
        line((pad, height - 8.0), (pad + 50.0 * scale, height - 8.0), "c3 stroke"),
        text(pad + 50.0 * scale + 6.0, height - 4.0, say("path.scale", language), cls="soft"),
    ]
    ways = ", ".join(way.text for way in path.ways)
    label = say("path.alt", language, view=say(f"path.{view}", language), ways=ways)
    clip = f'<clipPath id="clip-{view}"><rect width="{width:.0f}" height="{height:.0f}"/></clipPath>'
    inner = element("g", body="".join(body), clip_path=f"url(#clip-{view})")
    return drawing(width, height, clip + inner, label=label)


def path_key(path: PathView, language: str) -> str:
    """Return what the lines of both views mean."""
    said = [(way.text, f"curve c{number % 4}") for number, way in enumerate(path.ways)]
    said += [(say("path.ideal", language), "ideal")] if path.ideal_mm else []
    body, x = "", 4.0
    for label, cls in said:
        body += line((x, 11.0), (x + 34.0, 11.0), cls) + text(x + 42.0, 15.0, label)
        x += 70.0 + 7.2 * len(label)
    return drawing(_WIDTH, 22.0, body, label=", ".join(label for label, _ in said))


def _time_grid(axis: Axis, top: float, bottom: float) -> Iterator[str]:
    step = minute_step(axis.high)
    for second in np.arange(0.0, axis.high + 1e-9, step):
        x = axis(float(second))
        yield line((x, top), (x, bottom), "grid")
        yield text(x, bottom + 15.0, minutes(float(second)), cls="soft", anchor="middle")


def _step_rows(timeline: Timeline, axis: Axis, top: float, language: str) -> Iterator[str]:
    for number, step in enumerate(timeline.steps):
        y = top + (number + 0.5) * _ROW
        if number % 2:
            yield rect(0.0, y - _ROW / 2, (_LEFT - 12.0, _ROW), cls="stripe")
        missed = step.status is StepStatus.MISSED
        said = f"{number + 1}. {step.text}"
        yield text(4.0, y + 4.0, _short(said), cls=("bad " if missed else "") + ("bold" if step.critical else ""))
        kind, cls = MARKS[step.status]
        where = minutes(step.time_s) if step.time_s is not None else ""
        title = f"{said}: {say(f'status.{step.status.value}', language)} {where}".rstrip()
        yield mark(kind, axis(step.time_s) if step.time_s is not None else _LEFT - 22.0, y, cls=cls, title=title)


def _event_row(events: tuple[EventMark, ...], axis: Axis, y: float, language: str) -> Iterator[str]:
    yield text(4.0, y + 4.0, say("lane.events", language), cls="bold")
    order = list(Weight)
    for event in sorted(events, key=lambda item: order.index(item.weight)):
        kind, cls = EVENT_MARKS[event.weight]
        yield mark(kind, axis(event.time_s), y, cls=cls, title=f"{minutes(event.time_s)} {event.text}")


def _lane(lane: Lane, axis: Axis, y: float) -> Iterator[str]:
    yield text(4.0, y + 0.5 * _ROW + 4.0, _short(lane.text))
    cls = "b-other" if lane.name == "fluoroscopy" else "b-main"
    for span in lane.spans:
        wide = max(axis(span.end_s) - axis(span.start_s), 1.0)
        title = f"{lane.text}: {minutes(span.start_s)} - {minutes(span.end_s)}"
        yield rect(axis(span.start_s), y + 4.0, (wide, _ROW - 8.0), cls=cls, title=title)


def _key(y: float, language: str) -> str:
    rows = [(*MARKS[status], say(f"status.{status.value}", language)) for status in StepStatus]
    rows += [(*EVENT_MARKS[weight], say(f"weight.{weight.value}", language)) for weight in Weight]
    body, x = text(4.0, y, say("timeline.key", language), cls="soft"), 70.0
    for kind, cls, said in rows:
        body += mark(kind, x, y - 4.0, cls=cls) + text(x + 10.0, y, said, cls="soft")
        x += 40.0 + 7.0 * len(said)
    return body


def _short(said: str, most: int = 49) -> str:
    return said if len(said) <= most else said[: most - 1].rstrip() + "…"
