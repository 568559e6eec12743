"""Learning curves as one page: every attempt as a point and as a row, with all that keeps it from being compared."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from simtrainer.debrief.curve import Curve, CurvePoint, LearningCurve, Series
from simtrainer.debrief.page import document, section, table
from simtrainer.debrief.svg import Axis, drawing, line, mark, polyline, text
from simtrainer.debrief.word import minutes, moment_of, say

_WIDTH, _HEIGHT, _LEFT = 480.0, 230.0, 52.0


def curve_page(curve: LearningCurve) -> str:
    """Return the whole page as HTML."""
    language = curve.language
    title = f"{say('page.curve', language)}: {curve.trainee}"
    count = sum(len(one.points) for one in curve.curves)
    intro = say("curve.intro", language, count=count, trainee=curve.trainee)
    body = f"<header><h1>{escape(title)}</h1><p>{escape(intro)}</p></header><main>"
    body += f'<p class="panel">{escape(say("curve.honest", language))}</p>'
    body += "".join(section(one.course.replace("_", " "), _told(one, language)) for one in curve.curves)
    return document(language, title, f"{body}</main>")


def _told(curve: Curve, language: str) -> str:
    drawn = [series for series in curve.series if any(one.values for one in series.lines)]
    charts = "".join(f"<figure>{chart(curve, series, language)}</figure>" for series in drawn)
    notes, empty = "", [series.text for series in curve.series if series not in drawn]
    if empty:
        notes += f'<p class="soft small">{escape(say("curve.empty", language, names=", ".join(empty)))}</p>'
    if any(series.id == "sparc" for series in curve.series):
        notes += f'<p class="soft small">{escape(say("curve.devices", language))}</p>'
    if len({point.course_hash for point in curve.points}) > 1:
        notes += f'<p class="care">{escape(say("curve.rubrics", language))}</p>'
    key = f'<figure class="wide">{_key(language)}</figure>'
    heads = _heads(curve, language)
    narrow = tuple(range(len(heads) - 5))
    rows = f'<div class="dense">{table(heads, _rows(curve, language), numeric=narrow)}</div>'
    return f'{key}<div class="charts">{charts}</div>{notes}<h3>{escape(say("curve.table", language))}</h3>{rows}'


def chart(curve: Curve, series: Series, language: str) -> str:
    """Return one measurement over the attempts: shape by mode, filled where passed; lines join what may be compared."""
    values = [value for one in series.lines for value in one.values]
    low, high = min([0.0, *values]), max([*values, series.limit or 0.0, 1e-9])
    high, low = (100.0, 0.0) if series.id == "score" else (high + 0.08 * (high - low), low)
    last = max(len(curve.points), 2)
    across = Axis(1.0, float(last), _LEFT + 14.0, _WIDTH - 18.0)
    up = Axis(low, high, _HEIGHT - 34.0, 30.0)
    body = [text(4.0, 14.0, f"{series.text} [{series.unit}]" if series.unit else series.text, cls="bold")]
    body += _grid(across, up, len(curve.points), language)
    if series.limit is not None:
        body.append(line((_LEFT, up(series.limit)), (_WIDTH - 10.0, up(series.limit)), "limit"))
        said = say("curve.cut", language, value=series.limit)
        body.append(text(_LEFT + 4.0, up(series.limit) - 5.0, said, cls="bad"))
    by_number = {point.number: point for point in curve.points}
    devices = list(dict.fromkeys(one.device for one in series.lines))
    for one in series.lines:
        colour = devices.index(one.device) % 4
        places = [(across(n), up(v)) for n, v in zip(one.numbers, one.values, strict=True)]
        body.append(polyline(places, f"curve c{colour}"))
        for number, value, place in zip(one.numbers, one.values, places, strict=True):
            body.append(_mark(by_number[number], value, place, colour=colour, language=language))
        if one.device:
            body.append(text(places[-1][0], places[-1][1] - 10.0, one.device, anchor="end"))
    if series.id == "score":
        body += [
            mark("cross", across(p.number), up(p.self_rating.points), cls="m-soft", size=4.0, title=_own(p, language))
            for p in curve.points
            if p.self_rating is not None
        ]
    first, end = (say("number", language, value=v) for v in (values[0], values[-1])) if values else ("-", "-")
    label = say("curve.alt", language, text=series.text, count=len(values), first=first, last=end)
    return drawing(_WIDTH, _HEIGHT, "".join(body), label=label)


def _own(point: CurvePoint, language: str) -> str:
    assert point.self_rating is not None, "only called with a rating"
    return f"{point.number}: {say('curve.own', language)} {point.self_rating.points}"


def _mark(point: CurvePoint, value: float, place: tuple[float, float], *, colour: int, language: str) -> str:
    shapes = {("assessed", True): "square", ("assessed", False): "box", ("practice", True): "dot"}
    shape = shapes.get((point.mode, point.passed), "ring")
    result = say("curve.passed" if point.passed else "curve.failed", language)
    mode = say(f"mode.{point.mode}", language, otherwise=point.mode)
    title = f"{point.number}: {say('number', language, value=value)}, {result}, {mode}, {point.device}, {point.patient}"
    return mark(shape, *place, cls=f"m{colour}", title=title)


def _grid(across: Axis, up: Axis, count: int, language: str) -> Iterator[str]:
    for value in up.ticks(4):
        yield line((_LEFT, up(value)), (_WIDTH - 10.0, up(value)), "grid")
        yield text(
            _LEFT - 7.0, up(value) + 4.0, say("number", language, value=round(value, 9)), cls="soft", anchor="end"
        )
    every = max(1, -(-count // 12))
    for number in range(1, count + 1, every):
        yield text(across(float(number)), _HEIGHT - 16.0, str(number), cls="soft", anchor="middle")
    yield text(_WIDTH - 10.0, _HEIGHT - 2.0, say("curve.attempt", language), cls="soft", anchor="end")


def _key(language: str) -> str:
    said = [
        (shape, f"{say(f'mode.{mode}', language)}, {say(f'curve.{result}', language)}")
        for mode, shapes in (("practice", ("dot", "ring")), ("assessed", ("square", "box")))
        for result, shape in zip(("passed", "failed"), shapes, strict=True)
    ]
    said.append(("cross", say("curve.own", language)))
    body, x = "", 10.0
    for shape, label in said:
        body += mark(shape, x, 11.0, cls="m-soft" if shape == "cross" else "m0") + text(x + 11.0, 15.0, label)
        x += 44.0 + 6.8 * len(label)
    return drawing(960.0, 22.0, body, label=", ".join(label for _, label in said))


def _heads(curve: Curve, language: str) -> tuple[str, ...]:
    metrics = (
        f"{s.text} [{s.unit}]" if s.unit not in ("", "s") else s.text
        for s in curve.series
        if s.id not in ("score", "sparc")
    )
    names = ("beside.mode", "beside.device", "beside.aids", "beside.patient")
    first = ("#", say("curve.date", language), say("curve.score", language), say("curve.result", language))
    others = (say(name, language) for name in names)
    return (*first, *metrics, *others, say("beside.seen", language), say("beside.edition", language))


def _rows(curve: Curve, language: str) -> Iterator[tuple[str, ...]]:
    shown = [series for series in curve.series if series.id not in ("score", "sparc")]
    for point in curve.points:
        result = say("curve.passed" if point.passed else "curve.failed", language)
        aids = ", ".join(say(f"aid.{aid}", language, otherwise=aid) for aid in point.aids)
        yield (
            str(point.number),
            moment_of(point.started),
            f"{point.score:.0f}",
            ("✓ " if point.passed else "✗ ") + result,
            *(_value(series, point.number, language) for series in shown),
            say(f"mode.{point.mode}", language, otherwise=point.mode),
            say(f"device.{point.device}", language, otherwise=point.device or "–"),
            aids or say("value.none", language),
            f"{point.patient} ({say(f'difficulty.{point.difficulty}', language, otherwise=point.difficulty)})",
            say("self.yes" if point.seed_seen else "self.no", language),
            f"{point.version} ({point.course_hash[:8]})",
        )


def _value(series: Series, number: int, language: str) -> str:
    value = series.at(number)
    if value is None:
        return "–"
    return minutes(value) if series.unit == "s" else say("number", language, value=value)
