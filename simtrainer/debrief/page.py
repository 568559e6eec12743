"""The debrief as one page: most important first, readable without scripts, network or colour vision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape

from simtrainer.core.event import Evidence
from simtrainer.debrief.advice import SHOWN, Advice, value_of
from simtrainer.debrief.chart import path_chart, path_key, plot_chart, timeline_chart
from simtrainer.debrief.context import besides
from simtrainer.debrief.report import Debrief, Moment
from simtrainer.debrief.style import style_sheet
from simtrainer.debrief.timeline import Weight, field_in_words
from simtrainer.debrief.word import minutes, moment_of, say
from simtrainer.records.entry import SelfRating

_NEAR = 10
"""Points within which a self-rating counts as near. because: design"""


def page(debrief: Debrief) -> str:
    """Return the whole page as HTML."""
    told = "".join(_told(debrief))
    if debrief.self_rating is None and debrief.asks:
        show = escape(say("self.show", debrief.language))
        told = f'{_asked(debrief)}<details class="score"><summary>{show}</summary>{told}</details>'
    elif debrief.self_rating is not None:
        told = _own(debrief, debrief.self_rating) + told
    beside = debrief.beside
    under = " · ".join(
        part for part in (beside.trainee, moment_of(beside.started), beside.patient_title or beside.patient) if part
    )
    kind = escape(say("page.kind", debrief.language))
    head = (
        f'<header><p class="soft small">{kind}</p><h1>{escape(debrief.title)}</h1><p class="soft">{escape(under)}</p>'
    )
    return document(debrief.language, f"{debrief.title}", f"{head}</header><main>{told}</main>{_footer(debrief)}")


def document(language: str, title: str, body: str) -> str:
    """Return a self-contained document: its style inside, nothing fetched, no script allowed."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style_sheet()}</style></head><body>{body}</body></html>\n"
    )


def section(title: str, body: str) -> str:
    """Return a part of the page under its heading."""
    return f"<section><h2>{escape(title)}</h2>{body}</section>"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], numeric: Sequence[int] = ()) -> str:
    """Return a table; the columns in `numeric` stand to the right."""

    def cells(row: Sequence[str], tag: str) -> str:
        kind = dict.fromkeys(numeric, ' class="n"')
        return "".join(f"<{tag}{kind.get(i, '')}>{escape(cell)}</{tag}>" for i, cell in enumerate(row))

    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows)
    return f'<div class="wrap"><table><thead><tr>{cells(heads, "th")}</tr></thead><tbody>{body}</tbody></table></div>'


def _asked(debrief: Debrief) -> str:
    language = debrief.language
    yes, no = escape(say("self.yes", language)), escape(say("self.no", language))
    return (
        f'<section class="panel noprint"><h2>{escape(say("self.title", language))}</h2>{_p(say("self.ask", language))}'
        f"<fieldset><label>{escape(say('self.points', language))} "
        '<input type="number" min="0" max="100" name="points"></label></fieldset>'
        f"<fieldset><legend>{escape(say('self.pass', language))}</legend>"
        f'<label><input type="radio" name="pass"> {yes}</label><label><input type="radio" name="pass"> {no}</label>'
        f'</fieldset><fieldset><label for="hardest">{escape(say("self.hardest", language))}</label>'
        '<textarea id="hardest" name="hardest"></textarea></fieldset>'
        f"{_p(say('self.not_kept', language), 'soft small')}</section>"
    )


def _own(debrief: Debrief, rating: SelfRating) -> str:
    language = debrief.language
    verdict = say("self.would" if rating.would_pass else "self.would_not", language)
    gap = rating.points - round(100 * debrief.score.score)
    key = "self.near" if abs(gap) <= _NEAR else "self.above" if gap > 0 else "self.below"
    said = say("self.given", language, guess=rating.points, verdict=verdict) + " " + say(key, language, gap=abs(gap))
    hardest = ""
    if rating.hardest:
        hardest = _p(f"{say('self.hardest', language)} {rating.hardest}")
    return section(say("self.title", language), _p(said) + hardest)


def _told(debrief: Debrief) -> Iterator[str]:
    language = debrief.language
    yield _score(debrief)
    yield _better(debrief)
    if debrief.well:
        items = "".join(f"<li>{escape(line)}</li>" for line in debrief.well)
        yield section(say("well.title", language), f"<ul>{items}</ul>")
    if debrief.moments:
        shots = "".join(_shot(moment, language) for moment in debrief.moments)
        yield section(say("moments.title", language), f'<div class="shots">{shots}</div>')
    yield _when(debrief)
    if debrief.plots:
        end = debrief.timeline.end_s
        drawn = (f"<h3>{escape(p.text)}</h3>{_wide(plot_chart(p, end, language))}" for p in debrief.plots)
        yield section(say("plots.title", language), "".join(drawn))
    if debrief.path is not None:
        yield section(say("path.title", language), _path(debrief))
    yield _lost(debrief)
    yield _measured(debrief)
    if debrief.questions:
        asked = "".join(f"<li>{escape(question)}</li>" for question in debrief.questions)
        yield section(say("questions.title", language), f"<ul>{asked}</ul>")


def _score(debrief: Debrief) -> str:
    language, score = debrief.language, debrief.score
    points, cut = 100 * score.score, 100 * score.cut
    verdict = say("score.passed" if score.passed else "score.failed", language)
    sign = "✓" if score.passed else "✗"
    of = f'<span class="soft">{escape(say("score.of", language))}</span>'
    big = (
        f'<div class="verdict"><span class="points">{points:.0f}</span>{of}'
        f'<span class="word {"good" if score.passed else "bad"}">{sign} {escape(verdict)}</span></div>'
    )
    rule = say("score.rule", language, cut=cut)
    mark = (
        say("score.provisional", language, cut=cut)
        if score.provisional
        else say("score.set", language, method=debrief.beside.method)
    )
    honest = f"<p><strong>{escape(debrief.beside.validity)}</strong></p>"
    cut_off = _p(say("score.cut_off", language), "care") if debrief.beside.cut_off else ""
    parts = (
        '<div class="narrow">'
        + table(
            ("", say("lost.points", language), ""),
            [
                (say(f"part.{part.name}", language), _points(part.points, language), _of(part.worth, language))
                for part in score.parts
            ],
            numeric=(1,),
        )
        + "</div>"
    )
    rows = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(said)}</dd></div>" for name, said in _beside(debrief))
    beside = f'<h3>{escape(say("beside.title", language))}</h3><dl class="beside">{rows}</dl>'
    body = f"{big}{honest}{cut_off}{_critical(debrief)}{_p(f'{rule} {mark}', 'soft')}{parts}{beside}"
    return f'<section class="panel"><h2>{escape(say("score.title", language))}</h2>{body}</section>'


def _beside(debrief: Debrief) -> tuple[tuple[str, str], ...]:
    return besides(debrief.beside, debrief.language)


def _critical(debrief: Debrief) -> str:
    language, score = debrief.language, debrief.score
    if score.passed:
        return ""
    if not score.critical_failures:
        return _p(say("score.below", language, cut=100 * score.cut), "bad")
    texts = {
        mark.id: f"{mark.text} ({say(f'status.{mark.status.value}', language)})" for mark in debrief.timeline.steps
    }
    texts |= {item.item: item.sentence for item in score.deductions if item.critical and item.item not in texts}
    items = "".join(f"<li>{escape(texts[item])}</li>" for item in score.critical_failures)
    enough = _p(say("score.enough", language), "soft") if score.score >= score.cut else ""
    return (
        f'<div class="critical"><strong class="bad">{escape(say("score.critical", language))}</strong>'
        f"<ul>{items}</ul></div>{enough}"
    )


def _better(debrief: Debrief) -> str:
    language = debrief.language
    title = say("advice.title", language)
    if not debrief.advice:
        small = "advice.small" if debrief.score.deductions else "advice.none"
        return section(title, _p(say(small, language)))
    items = "".join(f"<li>{_advice(piece, language)}</li>" for piece in debrief.advice[:SHOWN])
    more = _p(say("advice.more", language), "soft small") if len(debrief.advice) > SHOWN else ""
    return section(title, f'<ol class="advice">{items}</ol>{more}')


def _advice(piece: Advice, language: str) -> str:
    first = minutes(piece.times_s[0])
    count = len(piece.times_s)
    when = say("advice.at", language, time=first)
    if count > 1:
        when = say("advice.times", language, count=count, time=first)
    cost = say("advice.cost", language, points=_points(-piece.points, language))
    flag = f'<strong class="bad">{escape(say("score.critical_one", language))}</strong> · ' if piece.critical else ""
    hint = _p(say("advice.how", language, hint=piece.hint)) if piece.hint else ""
    if piece.blocked:
        hint += _p(say("advice.blocked", language, count=piece.blocked))
    where = f"{', '.join(piece.places)} · " if len(piece.places) > 1 else ""
    under = f'<p class="soft small">{flag}{escape(f"{where}{when} · {cost}")}</p>'
    return f"<p><strong>{escape(piece.sentence)}</strong></p>{hint}{under}"


def _shot(moment: Moment, language: str) -> str:
    time = minutes(moment.time_s)
    alt = escape(say("moment.alt", language, time=time, what=moment.sentence), quote=True)
    shown = f'<div class="empty soft small">{escape(say("moment.no_picture", language))}</div>'
    if moment.picture:
        shown = f'<img alt="{alt}" src="data:image/png;base64,{moment.picture}">'
    kind = "deduction" if moment.id.startswith("deduction") else moment.id
    name = escape(say(f"moment.{kind}", language))
    said = escape(moment.sentence)
    return f"<figure>{shown}<figcaption><strong>{name}, {time}</strong><br>{said}</figcaption></figure>"


def _when(debrief: Debrief) -> str:
    language, timeline = debrief.language, debrief.timeline
    costs = {weight: say(f"weight.{weight.value}", language) for weight in Weight} | {Weight.PLAIN: ""}
    rows = [(minutes(event.time_s), event.text, costs[event.weight]) for event in timeline.events]
    heads = (say("lost.time", language), say("table.event", language), "")
    every = escape(say("timeline.all", language, count=len(rows)))
    listed = f"<details><summary>{every}</summary>{table(heads, rows)}</details>"
    return section(say("timeline.title", language), _wide(timeline_chart(timeline, language)) + listed)


def _path(debrief: Debrief) -> str:
    assert debrief.path is not None, "only called with a path"
    language = debrief.language
    views = "".join(
        f"<figure>{path_chart(debrief.path, view, language)}"
        f"<figcaption>{escape(say(f'path.{view}', language))}</figcaption></figure>"
        for view in ("ap", "lateral")
    )
    return f'{_wide(path_key(debrief.path, language))}<div class="views">{views}</div>'


def _lost(debrief: Debrief) -> str:
    language = debrief.language
    if not debrief.score.deductions:
        return section(say("lost.title", language), _p(say("advice.none", language)))
    rows = []
    for item in debrief.score.deductions:
        flag = f"{say('score.critical_one', language)}: " if item.critical else ""
        evidence = "" if item.kind == "metric" else _evidence(item.evidence, language)
        rows.append((minutes(item.time_s), _points(-item.points, language), flag + item.sentence, evidence))
    heads = [say(f"lost.{name}", language) for name in ("time", "points", "why", "evidence")]
    return section(say("lost.title", language), table(heads, rows, numeric=(0, 1)))


def _evidence(evidence: Mapping[str, Evidence], language: str) -> str:
    if set(evidence) == {"count", "of"}:
        return say("lost.count", language, count=evidence["count"], of=evidence["of"])
    return ", ".join(field_in_words(name, value, language) for name, value in evidence.items())


def _measured(debrief: Debrief) -> str:
    language = debrief.language
    rows = []
    for metric in debrief.score.metrics:
        points = f"{_points(metric.points, language)} / {_points(metric.worth, language)}"
        if not metric.worth:
            points = say("measured.shown", language)
        only = f" ({say('measured.device', language, device=metric.device)})" if metric.device else ""
        rows.append((metric.text + only, value_of(metric, language), points))
    if not rows:
        return ""
    heads = (say("measured.what", language), say("measured.value", language), say("lost.points", language))
    return section(say("measured.title", language), table(heads, rows, numeric=(1, 2)))


def _footer(debrief: Debrief) -> str:
    beside = debrief.beside
    said = f"simtrainer · {debrief.course} {beside.version} ({beside.course_hash}) · {beside.digest}"
    lines = " ".join(debrief.score.remarks)
    return f'<footer class="soft"><p>{escape(lines)}</p><p class="wrap">{escape(said)}</p></footer>'


def _points(points: float, language: str) -> str:
    text = f"{points:.1f}".replace("-0.0", "0.0").replace("-", "−")
    return text.replace(".", ",") if language == "de" else text


def _of(worth: float, language: str) -> str:
    return f"/ {_points(worth, language)}" if worth else ""


def _wide(drawn: str) -> str:
    return f'<figure class="wide">{drawn}</figure>'


def _p(said: str, cls: str = "") -> str:
    return f'<p class="{cls}">{escape(said)}</p>' if cls else f"<p>{escape(said)}</p>"
