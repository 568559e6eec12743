"""Measurements of the product as tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from simtrainer.anatomy.accuracy import Accuracy as Centrelines
from simtrainer.core.units import MM
from simtrainer.studies.bench.limit import Limit
from simtrainer.studies.bench.picture import PictureSpeed
from simtrainer.studies.bench.speed import BUDGET_MS, Growth, Load, Speed
from simtrainer.studies.bench.stress import Robustness
from simtrainer.studies.closed_form.case import Accuracy
from simtrainer.studies.peer.engine import Peer, Run
from simtrainer.studies.peer.race import Fault, Ratio
from simtrainer.studies.peer.task import Task
from simtrainer.ui.table import Table

_PREFIXES = ((1.0, ""), (1e-3, "m"), (1e-6, "u"), (1e-9, "n"))
_COMPOUND = ("1/m", "rad")
_DEVICES = ("", "One device", "Two devices", "Three devices")


def accuracy_table(found: Sequence[Accuracy]) -> Table:
    """Return exact answers beside ours."""
    rows = tuple(
        (
            one.title, _quantity(one.exact, one.unit), _quantity(one.value, one.unit),
            f"{100.0 * one.relative_error:+.3f} %", f"{100.0 * one.limit:g} %{'' if one.holds else '  MISSED'}",
            "-" if one.order is None else f"{one.order:.1f}",
            " ".join(f"{step / MM:.3g}" for step in one.node_steps) + " mm",
        )
        for one in found
    )  # fmt: skip
    return Table(
        "Accuracy: experiments whose answer is known exactly",
        ("experiment", "exact", "ours", "error", "allowed", "order", "nodes every"),
        rows,
        ("Error at the last node distance. Order: slope of log error over log distance, 2 where only that matters.",),
    )


def centreline_table(found: Sequence[Centrelines]) -> Table:
    """Return extracted centrelines beside axes that are known."""
    rows = tuple(
        (
            one.name, f"{one.branches}", f"{one.distance / MM:.3f}", f"{one.distance_p95 / MM:.3f}",
            f"{one.astray / MM:.3f}", f"{100.0 * one.radius:.2f} %", f"{100.0 * one.radius_p95:.2f} %",
        )
        for one in found
    )  # fmt: skip
    return Table(
        "Centrelines extracted from surfaces of known axis (the aim: 0.5 mm, radius within 10 %)",
        ("vessel", "branches", "off, mm", "95th", "back, mm", "radius off", "95th"),
        rows,
        ("off: mean distance from the known axis to the extracted one; back: the other way round.",),
    )


def speed_table(found: Sequence[Speed], grown: Sequence[Growth], limits: Sequence[Limit] = ()) -> Table:
    """Return what ticks of the solver cost, beside the matrix product of the same run."""
    rows = tuple(
        (
            one.title, f"{one.step_ms:g} ms", f"{one.core_ms_per_10ms:.2f}", f"{one.worst_core_ms:.1f}",
            f"{one.ratio:.2f}", f"{100.0 * one.unconverged_share:.1f} %",
        )
        for one in found
    )  # fmt: skip
    lines = tuple(
        f"{_DEVICES[one.devices]}: {one.constant_ms:.2f} + {one.per_100_segments_ms:.2f} "
        f"core-ms for each 100 segments (straight line, off by {100.0 * one.largest_deviation:.0f} % at most)."
        for one in grown
    )
    return Table(
        "Speed: core-milliseconds for 10 simulated ms in a patient's aorta, hands pushing and turning to and fro",
        ("load", "step", "mean", "worst", "x product", "unconverged"),
        rows,
        (*budget(found), *lines, *map(share_of_limit, limits), *_product(found)),
    )


def share_of_limit(one: Limit) -> str:
    """Return the sentence on how near the machine's limits a Newton iteration comes."""
    allowed = (
        f"{one.product_us:.1f} at the {one.product_gflop_per_s:.0f} GFLOP/s of matrix products, "
        f"{one.copy_us:.1f} at the {one.copy_gb_per_s:.0f} GB/s of copies, {one.pivots_us:.1f} for pivots in a row"
    )
    return (
        f"Share of the limit, {one.segments} segments, {_DEVICES[one.devices].lower()}: {100.0 * one.share:.0f} %. "
        f"A Newton iteration of {one.flops / 1e6:.2f} Mflop and {one.bytes / 1e6:.2f} MB takes "
        f"{one.iteration_us:.0f} core-us; it would take {allowed}, {one.scalar_us:.0f} at one number an instruction."
    )


def budget(found: Sequence[Speed]) -> tuple[str, ...]:
    """Return the sentence on the budget of a tick; none where that was not measured."""
    wanted = Load(100, 1).id
    return tuple(
        f"100 segments, one device: {one.core_ms_per_10ms:.2f} core-ms per 10 ms tick (limit {BUDGET_MS:g})."
        for one in found
        if one.id == wanted
    )


def robustness_table(found: Sequence[Robustness]) -> Table:
    """Return how random hands and the shipped patients got on."""
    rows = tuple(
        (
            f"{one.vessel}: {one.devices[0]}, {one.devices[1]}", f"{one.mean_core_ms_per_10ms:.1f}",
            f"{one.p99_core_ms_per_10ms:.1f}", f"{one.worst_core_ms_per_10ms:.1f}", f"{one.max_force_n:.2f}",
            f"{one.p99_penetration_mm:.2f}", f"{one.max_penetration_mm:.2f}", str(one.escapes), str(one.nan),
            f"{100.0 * one.unconverged_share:.2f} %",
        )
        for one in found
    )  # fmt: skip
    seconds = max((one.seconds for one in found), default=0.0)
    return Table(
        f"Robustness: {seconds:g} s of random pushes to 200 mm/s and turns to 20 rad/s in each patient",
        (
            "patient: wire, catheter", "mean ms", "p99 ms", "worst ms", "force N", "p99 mm", "deepest mm", "escapes",
            "NaN", "unconverged",
        ),
        rows,
        (
            "ms: work of a core for a tick; force: largest at either hand; mm: how deep a device presses the wall in.",
            *_slowest(found),
        ),
    )  # fmt: skip


def _slowest(found: Sequence[Robustness]) -> tuple[str, ...]:
    """Return the sentence on the tick that cost most."""
    if not found:
        return ()
    one = max(found, key=lambda each: each.worst_core_ms_per_10ms)
    effort = f"{one.worst_iterations} Newton iterations and halved {one.worst_halvings} steps"
    slow = f"The slowest tick, {one.worst_core_ms_per_10ms:.0f} core-ms, in {one.vessel} at {one.worst_at_s:.2f} s"
    return (f"{slow}, took {effort}.",)


def picture_table(found: Sequence[PictureSpeed]) -> Table:
    """Return what frames of the fluoroscope cost."""
    rows = tuple(
        (
            one.title, f"{one.core_ms:.1f}", f"{one.p99_core_ms:.1f}", f"{one.frames_per_s:.0f}",
            f"{one.required_per_s:g}{'' if one.frames_per_s >= one.required_per_s else '  MISSED'}", f"{one.ratio:.1f}",
        )
        for one in found
    )  # fmt: skip
    return Table(
        "Imaging: frames of 512 x 512 on one core",
        ("picture", "core-ms", "p99", "frames/s", "wanted", "x product"),
        rows,
        _product(found),
    )


def peer_table(
    task: Task, ours: Sequence[Run], others: Sequence[tuple[Run, Ratio]], said: Sequence[str]
) -> Table:  # fmt: skip
    """Return what the same task cost ours and other engines; what is `said` of those that did not run comes below."""
    rows = tuple(
        (
            one.title, one.version, f"{one.step_ms:g} ms", f"{one.core_ms_per_10ms:.2f}", f"{one.products:.2f}",
            f"{one.seconds_per_core_second:.2f}", f"{one.max_penetration_mm:+.3f}", f"{one.tip_mm:.1f}",
            _course(one), "-" if over is None else _times(over),
        )
        for one, over in (*((one, None) for one in ours), *others)
    )  # fmt: skip
    ideal = f"{task.ideal / MM:.0f}"
    return Table(
        f"Peers: a wire through a bend of 90 degrees (TubeNav), {task.seconds:g} s at 20 mm/s, one thread each",
        (
            "engine",
            "version",
            "step",
            "core-ms",
            "x product",
            "s per core-s",
            "wall mm",
            "tip mm",
            "course",
            "over ours",
        ),
        rows,
        (
            "core-ms: work for 10 simulated ms. s per core-s: simulated seconds in one of work; 1 is real time.",
            "wall mm: how deep the wire got into the exact wall, at its deepest node or midpoint; below 0 not at all.",
            f"tip mm: where the tip ended along the middle line; {ideal} if it kept to that, more as it cuts the bend.",
            "Wires are of 100 segments of 3 mm; ours is fed in at the tube's mouth, so that up to 157 are in it.",
            *_rule(others),
            *_product([*ours, *(one for one, _ in others)]),
            *said,
        ),
    )


def _course(run: Run) -> str:
    if not run.finite:
        return "NOT FINITE"
    if not run.in_vessel:
        return "LEFT THE TUBE"
    return "through" if run.through else "STUCK"


def _times(over: Ratio) -> str:
    if over.ratio is None:
        return "-"
    return f"{over.ratio:.1f}{'' if over.as_exact else '*'}"


def _rule(others: Sequence[tuple[Run, Ratio]]) -> tuple[str, ...]:
    """Return the sentences that define a ratio; none where there is none."""
    if all(over.ratio is None for _, over in others):
        return ()
    star = any(over.ratio is not None and not over.as_exact for _, over in others)
    return (
        "over ours: x product, divided by that of the cheapest row of ours whose wall mm is as close to 0 or closer.",
        *(("* None of ours is as close; divided by the closest.",) if star else ()),
    )


def not_installed(peers: Iterable[Peer]) -> tuple[str, ...]:
    """Return the sentence on what could run too; none where all is there."""
    packages = sorted({peer.package for peer in peers})
    if not packages:
        return ()
    return (f"Not installed: {', '.join(packages)}. To have them run too: pip install 'simtrainer[peers]'",)


def told(one: Run | Fault) -> str:
    """Return in a few words how an engine fared."""
    if isinstance(one, Fault):
        return f"{one.title} ({one.version}) {one.reason}"
    course = {"through": "", "NOT FINITE": ", a number was not finite", "LEFT THE TUBE": ", left the tube"}
    end = course.get(_course(one), ", stuck before the end of the bend")
    return f"{one.title} ({one.version}), {one.step_ms:g} ms: {one.core_ms_per_10ms:.2f} core-ms for 10 ms{end}"


def _product(found: Sequence[Speed] | Sequence[PictureSpeed] | Sequence[Run]) -> tuple[str, ...]:
    times = sorted(one.matrix_product_ms for one in found)
    if not times:
        return ()
    here = f"{times[len(times) // 2]:.2f} core-ms in this run"
    return (f"x product: over a fixed matrix product (100 of 64 x 64) that is timed in between, {here}.",)


def _quantity(value: float, unit: str) -> str:
    """Return a number with its unit and a prefix that leaves one to three digits before the point."""
    if unit == "1":
        return f"{value:.4g}"
    if unit in _COMPOUND:
        return f"{value:.4g} {unit}"
    size, prefix = next((p for p in _PREFIXES if abs(value) >= p[0]), _PREFIXES[-1])
    return f"{value / size:.4g} {prefix}{unit}"
