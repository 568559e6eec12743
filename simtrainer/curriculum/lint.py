"""What a schema cannot see: steps that cannot be done, windows that cannot be met, grounds that do not carry."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import partial

from simtrainer.curriculum.document import Document, Location, Spot
from simtrainer.curriculum.problem import CourseProblem
from simtrainer.curriculum.schema import START, CourseFile, Flag, Forbidden, Step, Window
from simtrainer.curriculum.sentence import holes
from simtrainer.curriculum.strings import Strings

REVIEW_EVERY_DAYS = 365
"""Days after which a course wants to be looked at again. Own choice; guidelines of resuscitation renew every five
years, and most errata appear within one."""


def lint(course: CourseFile, document: Document, today: date | None = None) -> list[CourseProblem]:
    """Return every fault beyond names and types; `today` switches the check of the review date on."""
    problems = [*_cycles(course, document)]
    if not problems:
        problems += _unreachable(course, document)
    if not problems:
        problems += _windows(course, document)
    problems += _grounds(course, document)
    problems += _sources(course, document)
    if today is not None and (today - course.review_date).days > REVIEW_EVERY_DAYS:
        message = f"the last review of {course.review_date} lies more than {REVIEW_EVERY_DAYS} days back"
        problems.append(document.problem(("review_date",), "SIM-W106", message))
    return problems


def lint_strings(
    course: CourseFile, document: Document, strings: Strings, files: Mapping[str, str]
) -> list[CourseProblem]:
    """Return keys without any text, texts that nothing shows, and languages that are not complete."""
    problems = []
    spare = [key for key in course.strings if key not in strings.keys]
    for key in spare:
        message = f"the course shows no text '{key}'"
        problems.append(document.problem(("strings", key), "SIM-W105", message, spot=Spot.KEY))
    lost = set(strings.untranslated(course.language))
    for where, value in _texts(document):
        if value in lost:
            message = f"the text '{value}' is not written in '{course.language}', the language of the course"
            hint = f"Add it under strings, or to locale/{course.id}.{course.language}.csv."
            problems.append(document.problem(where, "SIM-E028", message, hint=hint))
            lost.discard(value)
    for language, file in sorted(files.items()):
        missing = strings.untranslated(language)
        if missing and language != course.language:
            shown = ", ".join(missing[:5]) + (", ..." if len(missing) > 5 else "")
            message = f"{strings.coverage_percent(language):.0f} % is translated; missing: {shown}"
            problems.append(CourseProblem(file, 1, 1, "SIM-W104", message))
    return problems


def lint_holes(
    course: CourseFile, document: Document, strings: Strings, events: Mapping[str, tuple[str, ...]]
) -> list[CourseProblem]:
    """Return the texts of broken rules that ask for evidence which the event or the hold does not carry."""
    problems = []
    for n, rule in enumerate(course.rules):
        if isinstance(rule, Forbidden):
            where: Location = ("forbidden", n, "say")
            carried = events.get(rule.never.event, ())
        else:
            where = ("holds", n - len(course.forbidden), "say")
            carried = (rule.keep.signal, "since_s")
        for language in strings.languages():
            spare = [hole for hole in holes(strings.text(rule.say, language)) if hole not in carried]
            if spare:
                message = f"the text '{rule.say}' in '{language}' has {{{spare[0]}}}, which nothing fills"
                hint = f"It can show: {', '.join(carried) or 'nothing'}."
                problems.append(document.problem(where, "SIM-W107", message, hint=hint))
    return problems


def _texts(document: Document) -> Iterable[tuple[Location, str]]:
    for where in document.places:
        value: object = document.data
        if where[:1] == ("strings",):
            continue
        for part in where:
            value = value[part]  # type: ignore[index]  # a place leads through mappings and lists only
        if isinstance(value, str):
            yield where, value


def _waits_for(step: Step) -> tuple[str, ...]:
    """Return the steps that come before `step` in an attempt that does everything in order."""
    timed = (step.not_before.of,) if step.not_before is not None and step.not_before.of != START else ()
    return (*step.requires, *step.after, *timed)


def _ancestors(course: CourseFile, name: str, parents: Callable[[Step], tuple[str, ...]]) -> set[str]:
    steps = {step.id: step for step in course.steps}
    seen: set[str] = set()
    todo = list(parents(steps[name])) if name in steps else []
    while todo:
        here = todo.pop()
        if here not in seen and here in steps:
            seen.add(here)
            todo += parents(steps[here])
    return seen


def _cycles(course: CourseFile, document: Document) -> list[CourseProblem]:
    problems = []
    told: set[str] = set()
    for i, step in enumerate(course.steps):
        if step.id in told or step.id not in _ancestors(course, step.id, _waits_for):
            continue
        ring = _ring(course, step.id)
        told |= set(ring)
        message = f"these steps wait for each other: {' -> '.join([*ring, ring[0]])}"
        hint = "Take one of them out of requires, after or not_before."
        problems.append(document.problem(("steps", i, "id"), "SIM-E031", message, hint=hint))
    return problems


def _ring(course: CourseFile, name: str) -> list[str]:
    """Return the steps of a shortest ring through `name`, each waiting for the next."""
    steps = {step.id: step for step in course.steps}
    came: dict[str, str] = {}
    edge = [name]
    while edge:
        here = edge.pop(0)
        for parent in _waits_for(steps[here]):
            if parent == name:
                ring = [here]
                while ring[-1] != name:
                    ring.append(came[ring[-1]])
                return ring[::-1]
            if parent in steps and parent not in came:
                came[parent] = here
                edge.append(parent)
    raise AssertionError(f"no ring through {name}")


def _gates(step: Step) -> tuple[str, ...]:
    """Return the steps without which `step` never opens."""
    timed = (step.not_before.of,) if step.not_before is not None and step.not_before.of != START else ()
    return (*step.requires, *timed)


def _unreachable(course: CourseFile, document: Document) -> list[CourseProblem]:
    problems = []
    lost: list[str] = []
    for i, step in enumerate(course.steps):
        gates = _ancestors(course, step.id, _gates)
        closing = [name for name in step.before if name in gates or name == step.id]
        if closing:
            lost.append(step.id)
            message = f"step '{step.id}' can never be done: it opens after '{closing[0]}' and closes with it"
            where = ("steps", i, "before", step.before.index(closing[0]))
            problems.append(document.problem(where, "SIM-E032", message))
    for i, step in enumerate(course.steps):
        blocked = [name for name in lost if name in _ancestors(course, step.id, _gates)]
        if blocked and step.id not in lost:
            message = f"step '{step.id}' can never be done: it needs '{blocked[0]}', which can never be done"
            problems.append(document.problem(("steps", i, "id"), "SIM-E032", message))
    return problems


def _earliest(course: CourseFile, *, of: str) -> dict[str, float]:
    """Return the least time [s] from `of` (a step or the start) to every step that must come after it."""
    steps = {step.id: step for step in course.steps}
    times: dict[str, float] = {of: 0.0}

    def of_step(name: str) -> float:
        if name in times or name not in steps:
            return times.get(name, -math.inf)
        step = steps[name]
        opened = [of_step(parent) for parent in (*step.requires, *step.after)]
        opened.append(0.0 if of == START else -math.inf)
        if step.not_before is not None:
            anchor = step.not_before.of
            since = (0.0 if of == START else -math.inf) if anchor == START else of_step(anchor)
            opened.append(since + step.not_before.s)
        times[name] = max(opened) + (step.hold.for_s if step.hold is not None else 0.0)
        return times[name]

    for step in course.steps:
        of_step(step.id)
    return times


def _windows(course: CourseFile, document: Document) -> list[CourseProblem]:
    problems = []
    for i, step in enumerate(course.steps):
        window = step.within
        if window is None:
            continue
        least = _earliest(course, of=window.of)[step.id]
        if least > window.s:
            anchor = "the start" if window.of == START else f"'{window.of}'"
            message = (
                f"step '{step.id}' must be done within {window.s:g} s of {anchor}, "
                f"but cannot be done in order before {least:g} s"
            )
            problems.append(document.problem(("steps", i, "within", "s"), "SIM-E033", message))
        elif _behind(course, step, window):
            message = f"step '{step.id}' always comes before '{window.of}', so its window never closes"
            problems.append(document.problem(("steps", i, "within", "of"), "SIM-E033", message))
    return problems


def _behind(course: CourseFile, step: Step, window: Window) -> bool:
    return window.of == step.id or (window.of != START and step.id in _ancestors(course, window.of, _waits_for))


def _grounds(course: CourseFile, document: Document) -> list[CourseProblem]:
    problems = []
    parts = (("steps", course.steps), ("forbidden", course.forbidden), ("holds", course.holds))
    for part, items in parts:
        for i, item in enumerate(items):
            at = partial(document.problem, (part, i, "critical"))
            if item.critical and item.safety is None and item.v in (Flag.KNOWN, Flag.DESIGN):
                message = f"'{item.id}' is critical, but rests on 'v: {item.v.value}' and names no safety reason"
                hint = "Name under safety what harm it prevents, cite what was read, or let it only cost points."
                problems.append(at("SIM-E034", message, hint=hint))
            if item.critical and isinstance(item, Step) and item.weight == 0:
                message = f"the critical step '{item.id}' weighs 0: done or not, the score is the same"
                problems.append(at("SIM-W101", message))
    return problems


def _sources(course: CourseFile, document: Document) -> list[CourseProblem]:
    problems = []
    cited = {name for item in course.items() for name in item.src}
    for name, source in course.sources.items():
        if name not in cited:
            message = f"nothing in the course cites the source '{name}'"
            problems.append(document.problem(("sources", name), "SIM-W103", message, spot=Spot.KEY))
        if source.superseded_by is not None:
            message = f"the source '{name}' is superseded by {source.superseded_by}"
            hint = "Review the course against the new edition."
            problems.append(document.problem(("sources", name, "superseded_by"), "SIM-W102", message, hint=hint))
    return problems
