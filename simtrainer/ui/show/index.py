"""The index page of the demonstration: one HTML file with relative links to everything that was made."""

from __future__ import annotations

import os
from collections.abc import Sequence
from html import escape
from itertools import groupby
from pathlib import Path

from simtrainer.core.error import InputError
from simtrainer.core.units import MINUTE
from simtrainer.ui.show.job import Outcome

MARK = "<!-- made by simtrainer demo -->"
VALIDITY = "A simulator score; that it carries over to patients has not been shown."
_STYLE = """
:root{color-scheme:light dark;--back:#f6f7f9;--card:#fff;--ink:#14181d;--dim:#5b6672;
--line:#dde2e8;--good:#0072b2;--bad:#b34700}
@media(prefers-color-scheme:dark){
:root{--back:#0e1218;--card:#171d25;--ink:#e8ecf0;--dim:#98a4b1;
--line:#2c3642;--good:#56b4e9;--bad:#e69f00}
}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:1180px;margin:0 auto;padding:32px 20px 64px}
h1{font-size:30px;margin:0 0 6px}
h2{font-size:21px;margin:40px 0 4px}
.dim{color:var(--dim)}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;overflow:hidden;
margin-top:18px;display:grid;grid-template-columns:minmax(0,1fr)}
@media(min-width:960px){.card{grid-template-columns:minmax(0,768px) minmax(0,1fr)}}
.in{padding:16px 20px}
.card img{display:block;width:100%;height:auto;background:#0e1218}
h3{margin:0 0 4px;font-size:18px;text-transform:capitalize}
.score{font-size:34px;font-weight:650}
.yes{color:var(--good)}
.no{color:var(--bad)}
ul{margin:8px 0;padding-left:20px}
a{color:var(--good)}
.go{display:inline-block;margin:8px 14px 0 0;font-weight:600}
code{font-size:13px;color:var(--dim);word-break:break-all}
.shots{grid-column:1/-1;display:grid;gap:2px;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr))}
.shots figure{margin:0}
.shots figcaption{font-size:14px;color:var(--dim);padding:6px 20px 12px}
pre{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:10px 14px;margin:6px 0 14px;
white-space:pre-wrap;word-break:break-word}
"""


def write_index(
    folder: Path, outcomes: Sequence[Outcome], left_out: Sequence[str], course: str, *, program: str = "simtrainer"
) -> Path:
    """Write `index.html` into `folder`, over an older one of ours; InputError over anybody else's.

    `program` is what a person types here to start simtrainer.
    """
    path = folder / "index.html"
    check_index(folder)
    text = index_page(folder, outcomes, left_out, course, program=program)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def check_index(folder: Path) -> None:
    """Refuse a folder in which `index.html` is somebody else's."""
    path = folder / "index.html"
    if path.exists() and MARK not in path.read_text(encoding="utf-8", errors="replace"):
        raise InputError(f"{path} was not made by simtrainer demo and is left alone; choose another folder with --out")


def index_page(folder: Path, outcomes: Sequence[Outcome], left_out: Sequence[str], course: str, *, program: str) -> str:
    """Return the page, its links relative to `folder`."""
    sections = "".join(_section(folder, tuple(group)) for _, group in groupby(outcomes, key=lambda one: one.patient))
    gone = "".join(f"<li>{escape(line)}</li>" for line in left_out)
    return f"""<!doctype html>
{MARK}
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>simtrainer: {escape(course)}</title><style>{_STYLE}</style></head><body><main>
<h1>{escape(course)}</h1>
<p class="dim">Two programs did this procedure on the same patient, with the same seed for all chance: an expert that
knows the way, and a novice on its first day. Nothing here is a recording of a person. {VALIDITY}</p>
{sections}
{f"<h2>Left out here</h2><ul>{gone}</ul>" if gone else ""}
<h2>Your turn</h2>
<p>With a screen, to do it with your own hands (F1 shows the keys):</p>
<pre>{escape(program)} train selective_left_carotid</pre>
<p>Without a screen, to film a program at work or to check that an attempt can be rebuilt bit for bit:</p>
<pre>{escape(program)} train selective_left_carotid --hand expert --film film.webp
{escape(program)} replay ATTEMPT_FILE --verify</pre>
</main></body></html>
"""


def _section(folder: Path, outcomes: tuple[Outcome, ...]) -> str:
    first = outcomes[0]
    cards = "".join(_card(folder, one) for one in outcomes)
    name = f'<p class="dim">Patient <code>{escape(first.patient)}</code>, seed {first.seed}</p>'
    said = "".join(f"<li>{escape(line)}</li>" for line in next((one.notes for one in outcomes if one.notes), ()))
    about = f"<p>About this anatomy:</p><ul>{said}</ul>" if said else ""
    return f"<h2>{escape(first.title or first.patient)}</h2>{name}{about}{cards}"


def _card(folder: Path, one: Outcome) -> str:
    name = escape(one.hand)
    if one.fault:
        return f'<div class="card"><div class="in"><h3>{name}</h3><p class="no">{escape(one.fault)}</p></div></div>'
    verdict = '<span class="yes">passed</span>' if one.passed else '<span class="no">not passed</span>'
    whole = int(one.seconds)
    clock = f"{whole // int(MINUTE)}:{whole % int(MINUTE):02d}"
    failures = "".join(f"<li>{escape(line)}</li>" for line in one.critical)
    film = f'<img src="{_link(folder, one.film)}" alt="Film of the fluoroscope, {name}">' if one.film else ""
    shots = "".join(
        f'<figure><a href="{_link(folder, path)}"><img loading="lazy" src="{_link(folder, path)}" alt="{escape(says)}">'
        f"</a><figcaption>{escape(says[:1].upper() + says[1:])}</figcaption></figure>"
        for says, path in one.pictures.items()
    )
    links = "".join(
        f'<a class="go" href="{_link(folder, path)}">{says}</a>'
        for says, path in (("Read the debrief", one.debrief), ("Attempt file", one.attempt))
        if path is not None
    )
    return f"""<div class="card">{film}<div class="in"><h3>{name}</h3>
<div><span class="score">{100 * one.score:.0f}</span> of 100, {verdict}, {clock} simulated{_ending(one)}</div>
{f"<div>Not passed because of</div><ul>{failures}</ul>" if failures else ""}{links}
<p><code>digest {escape(one.digest[:16])}</code></p>
</div><div class="shots">{shots}</div></div>"""


def _ending(one: Outcome) -> str:
    return {"time_limit": ", stopped by the limit of simulated time", "interrupted": ", interrupted"}.get(one.ended, "")


def _link(folder: Path, path: Path) -> str:
    return escape(os.path.relpath(path, folder).replace(os.sep, "/"), quote=True)
