"""What a bench found as one self-contained page: what missed first, then plots, tables and every number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from simtrainer.debrief.page import document as whole
from simtrainer.debrief.page import section, table
from simtrainer.ui.bench_chart import STYLE, RowMark
from simtrainer.ui.bench_document import BenchDocument, ToldTable
from simtrainer.ui.bench_plot import accuracy_plots, peer_plots, robustness_plots, speed_plots, targets

TITLE = "What simtrainer bench measured"


def page(found: BenchDocument) -> str:
    """Return the whole page."""
    body = f"{_head(found)}<main>{''.join(_parts(found))}</main>"
    return whole("en", TITLE, body).replace("</style>", f"{STYLE}</style>", 1)


def _head(found: BenchDocument) -> str:
    machine = found.machine
    extra = machine.model_extra or {}
    versions = ", ".join(f"{name} {number}" for name, number in extra.items())
    where = (
        f"{machine.class_}, {machine.cores} cores; simtrainer {machine.simtrainer}, Python {machine.python}, {versions}"
    )
    size = "a quick run: fewer patients, shorter, fewer blocks; its times are rough" if found.quick else "a whole run"
    facts = (("Machine", where), ("Made", found.made), ("Seed", str(found.seed)), ("Extent", size))
    told = "".join(f"<div><dt>{name}</dt><dd>{escape(said)}</dd></div>" for name, said in facts)
    again = f"<p>Made again by <code>{escape(found.command)}</code></p>"
    return f'<header><h1>{TITLE}</h1>{again}<dl class="beside">{told}</dl>{_verdict(found)}</header>'


def _verdict(found: BenchDocument) -> str:
    """Return what decides the exit code, and the targets beside it that are missed."""
    held = targets(found)
    count = sum(one.limit is not None for _, marks in held for one in marks)
    missed = [told for what, marks in held for told in _summary(what, marks)]
    return _missed("What has to hold", found.faults) + _missed(
        f"{count} targets of speed and robustness", missed, sum(one.misses for _, marks in held for one in marks)
    )


def _summary(what: str, marks: Sequence[RowMark]) -> Iterator[str]:
    """Yield a sentence on those of a kind that miss their target, with the one that misses most."""
    over = [one for one in marks if one.misses]
    if len(marks) == 1 and over:
        yield f"{what}: {over[0].told}"
    elif over:
        worst = max(over, key=lambda one: float("inf") if one.value is None else one.value)
        yield f"{what}: {len(over)} of {len(marks)} patients; most in {worst.said}: {worst.told}"


def _missed(what: str, said: Sequence[str], count: int | None = None) -> str:
    if not said:
        return f'<p class="good"><strong>✓ {escape(what)}: nothing missed.</strong></p>'
    items = "".join(f"<li>{escape(one)}</li>" for one in said)
    head = f'<strong class="bad">✗ {escape(what)}: {len(said) if count is None else count} MISSED</strong>'
    return f'<div class="critical">{head}<ul>{items}</ul></div>'


def _parts(found: BenchDocument) -> Iterator[str]:
    if found.accuracy:
        yield section("Accuracy: experiments whose answer is known exactly", accuracy_plots(found.accuracy))
    if found.speed:
        yield section("Speed: what a tick costs", speed_plots(found))
    if found.robustness:
        yield section("Robustness: random hands in every patient", robustness_plots(found.robustness))
    if found.speed or found.peers:
        yield section("Peers: a wire through a bend", peer_plots(found))
    yield section("The tables", "".join(_table(one) for one in found.tables))
    yield section("Every number", "".join(_numbers(name, rows) for name, rows in found.lists().items()))


def _table(one: ToldTable) -> str:
    notes = "".join(f'<p class="soft small">{escape(note)}</p>' for note in one.notes)
    drawn = table(one.head, one.rows, numeric=tuple(range(1, len(one.head))))
    return f'<h3>{escape(one.title)}</h3><div class="tell">{drawn}</div>{notes}'.replace(
        "MISSED", '<b class="bad">✗ MISSED</b>'
    )


def _numbers(name: str, rows: Sequence[Mapping[str, Any]]) -> str:
    heads = tuple(dict.fromkeys(key for row in rows for key in row))
    cells = [tuple(_cell(row.get(key)) for key in heads) for row in rows]
    said = f"{name.replace('_', ' ')}: {len(rows)} rows of {len(heads)} fields, in SI unless the name says otherwise"
    drawn = f'<div class="dense">{table(heads, cells)}</div>'
    return f"<details><summary>{escape(said)}</summary>{drawn}</details>"


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list | tuple):
        return " ".join(_cell(one) for one in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_cell(one)}" for key, one in value.items())
    return str(value)
