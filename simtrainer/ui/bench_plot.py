"""What a bench of the mechanics found, as plots: each measurement beside the limit or the target that it is held to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape

from simtrainer.core.units import MM
from simtrainer.studies.bench.speed import BUDGET_MS as ROD_MS
from simtrainer.studies.bench.speed import Load
from simtrainer.studies.bench.tissue import BUDGET_BRICKS
from simtrainer.studies.bench.tissue import BUDGET_MS as TISSUE_MS
from simtrainer.ui.bench_chart import RowMark, Scale, Series, Straight, plot, rows
from simtrainer.ui.bench_document import AccuracyRow, BenchDocument, GrowthRow, RobustnessRow, RunRow, SpeedRow

TARGETS = ((Load(100, 1, 2.0), 1.5), (Load(100, 1, 1.0), 2.0), (Load(100, 2, 2.0), 3.0), (Load(100, 1), ROD_MS))
"""Loads, and what a tick of 10 ms of each may cost [core-ms]. because: the targets that the mechanics were given"""
BEST_PEER_MS = 9.8
"""Of the cheapest peer that stays in its vessel [core-ms per 10 ms]. because: MuJoCo 4.0.0, tube of boxes, armature
1e-4, 0.98 core-ms a step of 1 ms on TubeNav with 100 segments, measured 2026-11-22 on an AMD EPYC"""
TICK_MS = 10.0
"""What a tick may cost [core-ms]. because: it stands for 10 ms; the worst one is to be under it by the targets"""
DEEP_MM = 0.1
"""How deep a device may press into the wall [mm]. because: the targets that the mechanics were given"""
_DEVICES = ("", "a wire", "a wire in a catheter", "both in a guide")
_SHAPES = ("dot", "dot", "square", "triangle")
_COST = "core-ms for 10 ms"
PERCENT = 100.0
_NOTE = (
    "Filled marks: steps of 5 ms, with the fits constant + slope x segments. Dashed: targets for 100 segments, one "
    "or two devices, by the length of a step; the best peer that stays in its vessel was measured on TubeNav, on "
    "another machine. Grey lines: needles at 1 kHz, which have no bricks."
)
_PIECES = 24
_LEAST = 1e-7
"""Relative errors below this are drawn at it: a scale by powers of ten has no zero."""


def accuracy_plots(found: Sequence[AccuracyRow]) -> str:
    """Return errors beside their limits, and over node distance for those with an order."""
    errors = rows(
        [_error(one) for one in found], Scale("relative error [%], by powers of ten; dashed: allowed", log=True)
    )
    ordered = [one for one in found if one.order is not None]
    slopes = "".join(_figure(f"{one.title}: order {one.order:.2f}", _over_step(one)) for one in ordered)
    if not slopes:
        return errors
    said = "Error over the distance of nodes, where several were run; the slope of the line is the order."
    return f'{errors}<h3>{said}</h3><div class="few">{slopes}</div>'


def _error(one: AccuracyRow) -> RowMark:
    off = None if one.relative_error is None else abs(one.relative_error)
    told = "not finite" if one.relative_error is None else f"{PERCENT * one.relative_error:+.3g} %".replace("-", "−")
    drawn = None if off is None else PERCENT * max(off, _LEAST)
    return RowMark(one.title, drawn, PERCENT * one.limit, f"{told}, allowed {PERCENT * one.limit:g} %", one.id)


def _over_step(one: AccuracyRow) -> str:
    pairs = zip(one.node_steps, one.errors, strict=True)
    points = tuple((step / MM, PERCENT * abs(error)) for step, error in pairs if error)
    first, last, allowed = min(points)[0], max(points)[0], PERCENT * one.limit
    lines = [Straight((first, allowed), (last, allowed), said="allowed")]
    if one.order is not None:
        lines.append(_slope(points, one.order))
    return plot(
        Scale("node distance [mm]", log=True), Scale("relative error [%]", log=True), [Series("", points)], lines
    )


def _slope(points: tuple[tuple[float, float], ...], order: float) -> Straight:
    """Return the line of an order through the middle of points, in logarithms."""
    size = 1.0 / len(points)
    x0, y0 = 1.0, 1.0
    for x, y in points:
        x0, y0 = x0 * x**size, y0 * y**size
    first, last = min(points)[0], max(points)[0]
    return Straight((first, y0 * (first / x0) ** order), (last, y0 * (last / x0) ** order), cls="c3 stroke")


def speed_plots(document: BenchDocument) -> str:
    """Return cost over segments and over bricks, with fits and targets, and each load beside its target."""
    rods = [one for one in document.speed if one.segments is not None]
    tissue = [one for one in document.speed if one.bricks is not None]
    others = [one for one in document.speed if one.segments is None and one.bricks is None]
    figures = []
    if rods:
        figures.append(_figure("Rods: cost of a tick over segments", _over_segments(rods, document.growth)))
    if tissue:
        figures.append(_figure("Soft tissue: cost of a tick over elements", _over_bricks(tissue, others)))
    against = _against_all(document.speed)
    held = rows(against, Scale(f"{_COST}; dashed: target", low=0.0)) if against else ""
    notes = f'<p class="soft small">{escape(_NOTE)}</p>' if figures else ""
    return f'<h3>Against the targets</h3>{held}<div class="plots">{"".join(figures)}</div>{notes}'


def _over_segments(found: Sequence[SpeedRow], grown: Sequence[GrowthRow]) -> str:
    own = Load(1, 1).step_ms
    series: list[Series] = []
    lines: list[Straight] = []
    for devices in (1, 2, 3):
        mine = [one for one in found if one.devices == devices and one.step_ms == own and one.id != "exercise"]
        points = tuple((float(one.segments or 0), one.core_ms_per_10ms) for one in mine)
        titles = tuple(f"{one.title}: {one.core_ms_per_10ms:.2f} {_COST}" for one in mine)
        series.append(Series(_DEVICES[devices], points, devices - 1, _SHAPES[devices], titles=titles))
        series += [_fit(one, points) for one in grown if one.devices == devices and points]
    whole = [one for one in found if one.id == "exercise"]
    points = tuple((float(one.segments or 0), one.core_ms_per_10ms) for one in whole)
    series.append(Series("whole tick of the exercise", points, 3, "diamond", titles=tuple(one.title for one in whole)))
    for step in sorted({one.step_ms for one in found if one.step_ms not in (None, own)}, reverse=True):
        mine = [one for one in found if one.step_ms == step and one.id != "exercise"]
        points = tuple((float(one.segments or 0), one.core_ms_per_10ms) for one in mine)
        shape = "box" if step == min(one.step_ms or own for one in found) else "ring"
        series.append(Series(f"steps of {step:g} ms", points, 3, shape, titles=tuple(one.title for one in mine)))
    most = float(max(one.segments or 0 for one in found))
    lines += [Straight((0.0, limit), (most, limit), said=_short(load, limit)) for load, limit in TARGETS]
    lines.append(Straight((0.0, BEST_PEER_MS), (most, BEST_PEER_MS), said=f"{BEST_PEER_MS:g} best peer"))
    return plot(Scale("segments", low=0.0), Scale(_COST, log=True), series, lines)


def _short(load: Load, limit: float) -> str:
    return f"{limit:g} {('one', 'two', 'three')[load.devices - 1]}, {load.step_ms:g} ms"


def _fit(one: GrowthRow, points: Sequence[tuple[float, float]]) -> Series:
    """Return the fitted straight line, which is a curve over powers of ten."""
    low, high = (float(f(p[0] for p in points)) for f in (min, max))
    across = [low + (high - low) * k / _PIECES for k in range(_PIECES + 1)]
    fitted = tuple((x, one.constant_ms + one.per_100_segments_ms * x / 100.0) for x in across)
    return Series("", tuple(p for p in fitted if p[1] > 0.0), one.devices - 1, shape="", joined=True)


def _over_bricks(found: Sequence[SpeedRow], others: Sequence[SpeedRow]) -> str:
    kinds: dict[str, list[SpeedRow]] = {}
    for one in found:
        kinds.setdefault(one.id.rpartition("_")[0], []).append(one)
    series = [
        Series(
            {"tissue": "bricks", "tets": "tetrahedra"}.get(name, name.replace("_", " ")),
            tuple((float(one.bricks or 0), one.core_ms_per_10ms) for one in mine), number % 3,
            ("dot", "square", "triangle")[number % 3], joined=True, titles=tuple(one.title for one in mine),
        )
        for number, (name, mine) in enumerate(kinds.items())
    ]  # fmt: skip
    few, most = (float(f(one.bricks or 1 for one in found)) for f in (min, max))
    most = max(most, float(BUDGET_BRICKS))
    target = (float(BUDGET_BRICKS), TISSUE_MS)
    series.append(Series(f"target: {TISSUE_MS:g} at {BUDGET_BRICKS}", (target,), 3, "diamond"))
    lines = [Straight((few, TISSUE_MS), (most, TISSUE_MS), said=f"{TISSUE_MS:g} target")]
    lines += [
        Straight((few, one.core_ms_per_10ms), (most, one.core_ms_per_10ms), "c3 stroke", one.title.partition(" ")[0])
        for one in others
    ]
    return plot(Scale("bricks or tetrahedra", log=True), Scale(_COST, log=True), series, lines)


def targets(document: BenchDocument) -> list[tuple[str, list[RowMark]]]:
    """Return every target with what was measured: each load by itself, then all patients of each kind together."""
    loads = [(one.said, [one]) for one in _against_all(document.speed)]
    escaped = ("Escapes, or not finite", [_escaped(one) for one in document.robustness])
    return [(what, marks) for what, marks in (*loads, *_parts(document.robustness), escaped) if marks]


def _against_all(found: Sequence[SpeedRow]) -> list[RowMark]:
    rods = [one for one in found if one.segments is not None]
    tissue = [one for one in found if one.bricks is not None]
    others = [one for one in found if one.segments is None and one.bricks is None]
    return [*_against(rods), *_block(tissue), *_needles(others)]


def _against(found: Sequence[SpeedRow]) -> Iterator[RowMark]:
    for load, limit in TARGETS:
        for one in found:
            if one.id == load.id:
                yield _cost(one, limit, f"{one.title}, steps of {load.step_ms:g} ms")


def _block(found: Sequence[SpeedRow]) -> Iterator[RowMark]:
    large = [one for one in found if (one.bricks or 0) >= BUDGET_BRICKS and one.id.startswith("tissue")]
    for one in sorted(large, key=lambda each: each.bricks or 0)[:1]:
        yield _cost(one, TISSUE_MS, one.title)


def _needles(found: Sequence[SpeedRow]) -> Iterator[RowMark]:
    for one in found:
        yield _cost(one, one.budget_ms, one.title)


def _cost(one: SpeedRow, limit: float | None, said: str) -> RowMark:
    of = "" if limit is None else f", target {limit:g}"
    return RowMark(said, one.core_ms_per_10ms, limit, f"{one.core_ms_per_10ms:.2f}{of}", one.id)


def robustness_plots(found: Sequence[RobustnessRow]) -> str:
    """Return what each patient did to a tick, to the hands and to the wall, with the limits."""
    drawn = ""
    for (what, marks), unit in zip(_parts(found), (_COST, _COST, "N", "mm"), strict=True):
        limit = marks[0].limit if marks else None
        told = f"{unit}; no limit is set" if limit is None else f"{unit}; dashed: limit {limit:g}"
        drawn += f"<h3>{escape(what)}</h3>{rows(marks, Scale(told, low=0.0), bars=True)}"
    kept = "".join(f"<li>{verdict(one)} {escape(one.said)}: {escape(one.told)}</li>" for one in map(_escaped, found))
    return f"{drawn}<h3>Escapes from the vessel and numbers that are not finite: none are allowed</h3><ul>{kept}</ul>"


def _parts(found: Sequence[RobustnessRow]) -> Iterator[tuple[str, list[RowMark]]]:
    parts: tuple[tuple[str, str, Callable[[RobustnessRow], float | None], float | None], ...] = (
        ("99th percentile of the cost of a tick", "core-ms", lambda one: one.p99_core_ms_per_10ms, TICK_MS),
        ("Worst tick", "core-ms", lambda one: one.worst_core_ms_per_10ms, TICK_MS),
        ("Largest force at a hand", "N", lambda one: one.max_force_n, None),
        ("Deepest into the wall", "mm", lambda one: one.max_penetration_mm, DEEP_MM),
    )
    for what, unit, value, limit in parts:
        yield what, [_patient(one, value(one), limit, unit) for one in found]


def _patient(one: RobustnessRow, value: float | None, limit: float | None, unit: str) -> RowMark:
    told = ("not finite" if value is None else f"{value:.3g} {unit}") + ("" if limit is None else f", limit {limit:g}")
    return RowMark(_who(one), value, limit, told, one.vessel)


def _escaped(one: RobustnessRow) -> RowMark:
    told = f"{one.escapes} escapes, {one.nan} ticks not finite"
    return RowMark(_who(one), float(one.escapes + one.nan), 0.0, told, one.vessel)


def _who(one: RobustnessRow) -> str:
    return f"{one.vessel.replace('_', ' ')}: {', '.join(one.devices).replace('_', ' ')}"


def verdict(one: RowMark) -> str:
    """Return the sign and word of a mark that has a limit."""
    return '<b class="bad">✗ MISSED</b>' if one.misses else '<b class="good">✓</b>'


def peer_plots(document: BenchDocument) -> str:
    """Return what the task of the peers cost, work over that of ours as bars, and words on those that did not run."""
    tube, drawn = document.tube_nav, ""
    if tube.ours:
        cost = [_ride(one, BEST_PEER_MS) for one in tube.ours] + [_ride(one, None) for one in document.peers]
        named = f"{_COST}; dashed: best peer that stays in its vessel, {BEST_PEER_MS:g}, measured on another machine"
        drawn += f"<h3>Cost</h3>{rows(cost, Scale(named, low=0.0), bars=True)}"
    if document.peers:
        bars = [RowMark("simtrainer", 1.0, None, "1"), *map(_ratio, document.peers)]
        drawn += "<h3>Work over that of ours, which is as close to the exact wall or closer</h3>"
        drawn += rows(bars, Scale("times ours", low=0.0), bars=True)
    said = [f"{one.get('title', one.get('name'))} {one.get('reason', 'failed')}." for one in tube.failed]
    if tube.not_installed:
        said.append(f"Not installed here: {', '.join(tube.not_installed)}.")
    if not document.peers and not tube.ours:
        said.append("Not asked for in this run; --peers runs the same wire through a bend by other engines.")
    return drawn + "".join(f"<p>{escape(one)}</p>" for one in said)


def _ride(one: RunRow, limit: float | None) -> RowMark:
    course = _course(one)
    told = f"{one.core_ms_per_10ms:.2f} core-ms{f', {course}' if course else ''}"
    return RowMark(_named(one), one.core_ms_per_10ms, limit, told, one.name)


def _named(one: RunRow) -> str:
    return f"{one.title} ({one.version}), steps of {one.step_ms:g} ms"


def _course(one: RunRow) -> str:
    if not one.finite:
        return "NOT FINITE"
    return "LEFT THE TUBE" if not one.in_vessel else "" if one.through else "STUCK before the end of the bend"


def _ratio(one: RunRow) -> RowMark:
    if one.ratio is None:
        return RowMark(_named(one), None, None, f"no ratio: {_course(one) or 'none of ours came through'}", one.name)
    exact = "" if one.as_exact else ", none of ours as close to the wall"
    return RowMark(_named(one), one.ratio, None, f"{one.ratio:.1f} times{exact}", one.name)


def _figure(title: str, drawn: str) -> str:
    return f"<figure><figcaption>{escape(title)}</figcaption>{drawn}</figure>"
