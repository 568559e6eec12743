"""The page of a bench: nothing is left out, nothing is fetched, what is missed is marked without colour."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from html.parser import HTMLParser
from typing import Any

import pytest

from simtrainer.studies.bench.speed import Growth, Load, Speed
from simtrainer.studies.bench.stress import Robustness
from simtrainer.studies.closed_form.case import Accuracy
from simtrainer.studies.peer.engine import Run
from simtrainer.studies.peer.race import Ratio
from simtrainer.ui.bench_document import BenchDocument, checked
from simtrainer.ui.bench_page import page
from simtrainer.ui.bench_table import accuracy_table
from simtrainer.ui.cli.output import plain

EXACT = Accuracy(
    "sag", "Sag of a <beam>", "m", "elastica", 0.02, 0.02002, 1e-3, 0.01, 1.97, (8e-3, 4e-3), (4e-3, 1e-3)
)  # fmt: skip
SHAKEN = Robustness(
    "old_lady", ("j_wire", "pigtail"), 60.0, 1, 2.0, 8.0, 9.0, 2.31, 120, 3, 0.5, 0.7, 0.05, 0.08, 0, 0, 0.0025
)
RODE = Run(
    name="simtrainer_5ms", title="simtrainer", version="1", step_ms=5.0, steps=800, core_ms_per_10ms=2.0,
    seconds_per_core_second=5.0, matrix_product_ms=1.25, max_penetration_mm=-0.004, tip_mm=171.9, ideal_mm=170.0,
    finite=True, in_vessel=True, through=True,
)  # fmt: skip
BOXES = asdict(replace(RODE, name="mujoco_boxes", title="MuJoCo"))


def timed(load: Load, cost: float) -> Speed:
    return Speed(load.id, load.title, load.segments, load.devices, load.step_ms, cost, 2 * cost, 1.25, 1.2, 0.0)


def block(bricks: int, cost: float, name: str = "tissue") -> dict[str, Any]:
    return {
        "id": f"{name}_{bricks}", "title": f"soft tissue, {bricks}", "bricks": bricks, "core_ms_per_10ms": cost,
        "worst_core_ms": cost, "ratio": cost, "share_of_limit": 0.4242,
    }  # fmt: skip


def document(**changes: object) -> BenchDocument:
    """A document in which every target is met."""
    speed = [timed(Load(count, 1), 0.5 + count / 200.0) for count in (50, 100, 200)]
    speed += [timed(Load(100, 1, 2.0), 1.4), timed(Load(100, 1, 1.0), 1.9), timed(Load(100, 2, 2.0), 2.9)]
    needle = {
        "id": "needle_18g", "title": "18G needle", "core_ms_per_10ms": 1.9, "worst_core_ms": 3.0, "ratio": 1.5,
        "budget_ms": 5.0,
    }  # fmt: skip
    data = {
        "schema_version": 1, "made": "2026-01-02T03:04:05+00:00", "command": "simtrainer bench physics --seed 12345",
        "machine": {"simtrainer": "1.2.3", "python": "3.11.9", "class": "a_machine", "cores": 2, "numpy": "2.9.9"},
        "quick": False, "seed": 12345, "faults": [], "tables": [asdict(accuracy_table([EXACT]))],
        "accuracy": [asdict(EXACT) | {"holds": EXACT.holds}],
        "speed": [*map(asdict, speed), block(480, 2.0), block(3240, 5.5), block(1000, 3.0, "tets"), needle],
        "growth": [asdict(Growth(1, 0.5, 0.5, 0.1))], "robustness": [asdict(SHAKEN)],
        "peers": [BOXES | asdict(Ratio(15.5, "simtrainer_5ms", as_exact=True))],
        "tube_nav": {"task": {"tip": 0.0}, "ours": [asdict(RODE)], "failed": [], "not_installed": ["newton_vbd"]},
        "limit": [{"id": "rod_limit", "share": 0.21}],
    }  # fmt: skip
    return checked(plain(data | changes), where="test", kind="physics")


class Balance(HTMLParser):
    """Finds elements that are not closed in order."""

    void = frozenset({"meta", "br", "img", "hr", "input", "link"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_holds_every_id_and_every_field_of_the_document() -> None:
    found = document()
    html = page(found)
    names = [one.id for one in found.accuracy] + [one.id for one in found.speed]
    names += [one.vessel for one in found.robustness]
    names += [one.name for one in (*found.peers, *found.tube_nav.ours)] + ["rod_limit", "newton_vbd"]
    assert len(names) > 12
    assert [name for name in names if name not in html] == []
    assert "share_of_limit" in html
    assert "0.4242" in html


def test_the_page_says_on_which_machine_when_and_how_to_make_it_again() -> None:
    head = page(document()).partition("</header>")[0]
    for said in ("a_machine", "2 cores", "simtrainer 1.2.3", "numpy 2.9.9", "2026-01-02", "12345", "a whole run"):
        assert said in head
    assert "<code>simtrainer bench physics --seed 12345</code>" in head
    assert "a quick run" in page(document(quick=True)).partition("</header>")[0]


def test_the_page_fetches_nothing_runs_nothing_and_is_well_formed() -> None:
    html = page(document())
    assert not re.search(r"https?:|//[a-z]|<script|<link|<img|url\(|@import", html)
    assert "Sag of a &lt;beam&gt;" in html
    assert "<beam>" not in html
    balance = Balance()
    balance.feed(html)
    assert balance.open == []


def test_where_all_is_met_nothing_is_called_missed() -> None:
    assert "MISSED" not in page(document())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"accuracy": [asdict(EXACT) | {"relative_error": 0.02, "holds": False}]}, "+2 %, allowed 1 %"),
        ({"accuracy": [asdict(EXACT) | {"relative_error": None, "holds": False}]}, "not finite, allowed 1 %"),
        ({"speed": [asdict(timed(Load(100, 1, 2.0), 1.75))]}, "1.75, target 1.5"),
        ({"speed": [asdict(timed(Load(100, 1, 1.0), 2.25))]}, "2.25, target 2"),
        ({"speed": [asdict(timed(Load(100, 2, 2.0), 3.25))]}, "3.25, target 3"),
        ({"speed": [block(3240, 19.1)]}, "19.10, target 6"),
        ({"robustness": [asdict(replace(SHAKEN, p99_core_ms_per_10ms=10.5))]}, "10.5 core-ms"),
        ({"robustness": [asdict(replace(SHAKEN, worst_core_ms_per_10ms=46.0))]}, "46 core-ms"),
        ({"robustness": [asdict(replace(SHAKEN, max_penetration_mm=0.21))]}, "0.21 mm"),
        ({"robustness": [asdict(replace(SHAKEN, escapes=3))]}, "3 escapes"),
        ({"tube_nav": {"ours": [asdict(replace(RODE, core_ms_per_10ms=11.5))]}}, "11.50 core-ms"),
    ],
)  # fmt: skip
def test_a_limit_that_is_missed_is_marked_with_a_word_beside_its_number(change: dict[str, object], said: str) -> None:
    body = page(document(**change)).partition("<main>")[2]
    missed = re.findall(r"✗ MISSED</b>(.*?)</(?:div|li)>", body)
    assert len(missed) == 1
    assert said in missed[0]


def test_what_missed_stands_at_the_top() -> None:
    head = page(document(faults=["Sag: off by 2 %"], speed=[block(3240, 19.1)])).partition("</header>")[0]
    assert "What has to hold: 1 MISSED" in head
    assert "Sag: off by 2 %" in head
    assert "soft tissue, 3240: 19.10, target 6" in head
    many = [asdict(replace(SHAKEN, worst_core_ms_per_10ms=cost)) for cost in (9.0, 46.0, 12.0)]
    head = page(document(robustness=many)).partition("</header>")[0]
    assert "2 MISSED" in head
    assert "Worst tick: 2 of 3 patients; most in old lady: j wire, pigtail: 46 core-ms, limit 10" in head


def test_a_peer_without_a_ratio_says_why() -> None:
    lost = asdict(replace(RODE, name="flex", title="Flex", in_vessel=False)) | asdict(Ratio(None, None, as_exact=False))
    assert "no ratio: LEFT THE TUBE" in page(document(peers=[lost]))


def test_without_peers_the_page_says_how_to_have_them() -> None:
    assert "--peers runs the same wire" in page(document(peers=[], tube_nav={}))
