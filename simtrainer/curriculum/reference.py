"""Resolves every name in a course file against the vocabulary, on the raw values, so that all faults show at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from simtrainer.core.error import suggestion
from simtrainer.curriculum.document import Document, Location, Spot
from simtrainer.curriculum.metric import metrics
from simtrainer.curriculum.problem import CourseProblem
from simtrainer.curriculum.schema import START
from simtrainer.curriculum.vocabulary import Vocabulary

EACH = "*"
_STEP_LISTS = ("requires", "after", "before")
_STEP_NAMES = (
    *(("steps", EACH, key, EACH) for key in _STEP_LISTS),
    ("steps", EACH, "within", "of"),
    ("steps", EACH, "not_before", "of"),
    *((part, EACH, "during", side) for part in ("forbidden", "holds", "metrics") for side in ("since", "until")),
    ("metrics", EACH, "requires", EACH),
)
_SIGNAL_NAMES = (
    ("steps", EACH, "hold", "signal"),
    ("holds", EACH, "keep", "signal"),
    ("metrics", EACH, "signals", EACH),
)
_PATTERNS = (
    ("steps", EACH, "until"),
    ("steps", EACH, "any_of", EACH),
    ("forbidden", EACH, "never"),
    ("metrics", EACH, "event"),
)
_ITEMS = tuple((part, EACH) for part in ("steps", "forbidden", "holds", "metrics"))


def found(value: Any, path: tuple[str, ...], at: Location = ()) -> Iterator[tuple[Location, Any]]:
    """Yield place and value of everything that `path` leads to; `*` stands for each item or each value."""
    if not path:
        yield at, value
        return
    head, rest = path[0], path[1:]
    if head == EACH:
        pairs: Iterable[tuple[str | int, Any]] = ()
        if isinstance(value, list):
            pairs = enumerate(value)
        elif isinstance(value, dict):
            pairs = value.items()
        for key, child in pairs:
            yield from found(child, rest, (*at, key))
    elif isinstance(value, dict) and head in value:
        yield from found(value[head], rest, (*at, head))


def check_names(document: Document, vocabulary: Vocabulary) -> list[CourseProblem]:
    """Return a problem for every name in the course that nothing answers to, and for every id used twice."""
    check = _Check(document, vocabulary)
    check.simple_names()
    for path in _PATTERNS:
        for where, pattern in found(document.data, path):
            check.pattern(where, pattern)
    for where, use in found(document.data, ("metrics", EACH)):
        check.metric(where, use)
    check.ids()
    return check.problems


def unknown_name(
    document: Document, where: Location, code: str, kind: str, name: str, known: Iterable[str]
) -> CourseProblem:
    """Return the problem that no `kind` is called `name`, with the nearest known name or a list of them."""
    names = sorted(known)
    listed = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    hint = suggestion(name, names).strip() or f"Known: {listed or 'none'}."
    spot = Spot.KEY if where[-1] == name else Spot.VALUE
    return document.problem(where, code, f"no {kind} is called '{name}'", hint=hint, spot=spot)


class _Check:
    def __init__(self, document: Document, vocabulary: Vocabulary) -> None:
        self.document = document
        self.vocabulary = vocabulary
        self.problems: list[CourseProblem] = []

    def unknown(self, where: Location, code: str, kind: str, name: str, known: Iterable[str]) -> None:
        self.problems.append(unknown_name(self.document, where, code, kind, name, known))

    def names(self, paths: Iterable[tuple[str, ...]], code: str, kind: str, known: Iterable[str]) -> None:
        allowed = set(known)
        for path in paths:
            for where, name in found(self.document.data, path):
                if isinstance(name, str) and name not in allowed:
                    self.unknown(where, code, kind, name, allowed)

    def simple_names(self) -> None:
        data, words = self.document.data, self.vocabulary
        steps = {name for _, name in found(data, ("steps", EACH, "id")) if isinstance(name, str)}
        start = steps | {START}
        self.names(_STEP_NAMES[:3], "SIM-E025", "step", steps)
        self.names(_STEP_NAMES[3:5], "SIM-E025", "step", start)
        self.names(_STEP_NAMES[5:], "SIM-E025", "step", steps)
        self.names(_SIGNAL_NAMES, "SIM-E022", "signal", words.signals)
        self.names((("metrics", EACH, "metric"),), "SIM-E023", "metric", metrics.names())
        self.names((("metrics", EACH, "facts", EACH),), "SIM-E024", "number among the session facts", words.numbers)
        sources = data.get("sources")
        known = sources.keys() if isinstance(sources, dict) else ()
        self.names(((*item, "src", EACH) for item in _ITEMS), "SIM-E026", "source", known)
        if words.patients:
            self.names((("patients", EACH),), "SIM-E029", "patient", words.patients)
        if words.procedure:
            self.names((("procedure",),), "SIM-E029", "procedure here", (words.procedure,))

    def pattern(self, where: Location, pattern: Any) -> None:
        if not isinstance(pattern, dict) or not isinstance(pattern.get("event"), str):
            return
        event = pattern["event"]
        if event not in self.vocabulary.events:
            self.unknown((*where, "event"), "SIM-E020", "event", event, self.vocabulary.events)
            return
        fields = self.vocabulary.events[event]
        conditions = pattern.get("where")
        for name, condition in conditions.items() if isinstance(conditions, dict) else ():
            if name in fields:
                self.condition((*where, "where", name), name, condition)
                continue
            hint = suggestion(name, fields).strip() or f"It carries: {', '.join(fields) or 'nothing'}."
            message = f"the event {event} carries no '{name}'"
            self.problems.append(
                self.document.problem((*where, "where", name), "SIM-E021", message, hint=hint, spot=Spot.KEY)
            )
        distinct = self.document.data["steps"][where[1]].get("distinct") if where[0] == "steps" else None
        if isinstance(distinct, str) and distinct not in fields:
            hint = f"It carries: {', '.join(fields) or 'nothing'}."
            message = f"the event {event} carries no '{distinct}'"
            self.problems.append(self.document.problem((*where[:2], "distinct"), "SIM-E021", message, hint=hint))

    def condition(self, where: Location, name: str, condition: Any) -> None:
        if isinstance(condition, dict):
            fact = condition.get("fact")
            if isinstance(fact, str) and fact not in self.vocabulary.facts:
                self.unknown((*where, "fact"), "SIM-E024", "word among the session facts", fact, self.vocabulary.facts)
            given, where = condition.get("is"), (*where, "is")
        else:
            given = condition
        known = self.vocabulary.words.get(name)
        if known is None:
            return
        for i, word in enumerate(given if isinstance(given, list) else [given]):
            if isinstance(word, str) and word not in known:
                self.unknown((*where, i) if isinstance(given, list) else where, "SIM-E027", name, word, known)

    def metric(self, where: Location, use: Any) -> None:
        name = use.get("metric") if isinstance(use, dict) else None
        if not isinstance(name, str) or name not in metrics:
            return
        metric = metrics.get(name)
        wanted = {"signals": metric.signals, "facts": metric.facts, "numbers": metric.numbers}
        for part, roles in wanted.items():
            bound = use.get(part, {})
            if not isinstance(bound, dict):
                continue
            missing = [role for role in roles if role not in bound]
            spare = [role for role in bound if role not in roles]
            if missing or spare:
                words = [f"lacks {', '.join(missing)}"] * bool(missing) + [f"has no use for {', '.join(spare)}"] * bool(
                    spare
                )
                hint = f"{part} takes: {', '.join(roles) or 'nothing'}."
                message = f"the metric {use['metric']} {' and '.join(words)} under {part}"
                self.problems.append(self.document.problem((*where, part), "SIM-E035", message, hint=hint))
        self.metric_rest(where, use)

    def metric_rest(self, where: Location, use: dict[str, Any]) -> None:
        metric, name = metrics.get(use["metric"]), use["metric"]
        if metric.event != ("event" in use):
            message = f"the metric {name} {'needs an event' if metric.event else 'takes no event'}"
            self.problems.append(self.document.problem((*where, "event"), "SIM-E035", message, spot=Spot.KEY))
        if metric.per_device and "band" in use:
            message = f"the metric {name} is never compared across input devices, so it takes no common band"
            hint = "Give by_device with a band for each device, or leave it out to show the value unscored."
            self.problems.append(self.document.problem((*where, "band"), "SIM-E035", message, hint=hint, spot=Spot.KEY))

    def ids(self) -> None:
        seen: dict[str, Location] = {}
        for item in _ITEMS:
            for where, name in found(self.document.data, (*item, "id")):
                if not isinstance(name, str):
                    continue
                if name == START:
                    message = f"the id '{START}' is taken: it means the start of the session"
                    self.problems.append(self.document.problem(where, "SIM-E030", message))
                if name in seen:
                    line = self.document.places[seen[name]].value[0]
                    hint = f"It stands first in line {line}; steps, forbidden, holds and metrics share their ids."
                    message = f"the id '{name}' is used twice"
                    self.problems.append(self.document.problem(where, "SIM-E030", message, hint=hint))
                seen.setdefault(name, where)
