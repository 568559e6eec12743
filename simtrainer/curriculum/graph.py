"""Draws the steps of a course as text for Mermaid or Graphviz."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from simtrainer.curriculum.course import Course


class GraphFormat(Enum):
    """Languages of graphs that are drawn elsewhere."""

    MERMAID = "mermaid"
    DOT = "dot"


def graph(course: Course, form: GraphFormat = GraphFormat.MERMAID, language: str = "en") -> str:
    """Return the graph of the steps.

    A full line opens the next step, a dashed one is order that costs points, a dotted one with `closes` ends the time
    of a step that was not done. Critical steps stand out.
    """
    lines = _mermaid(course, language) if form is GraphFormat.MERMAID else _dot(course, language)
    return "\n".join(lines) + "\n"


def _edges(course: Course) -> Iterator[tuple[str, str, str]]:
    for step in course.spec.steps:
        yield from ((name, step.id, "requires") for name in step.requires)
        yield from ((name, step.id, "after") for name in step.after if name not in step.requires)
        yield from ((name, step.id, "closes") for name in step.before)


def _label(text: str) -> str:
    return text.replace('"', "'").replace("\n", " ")


def _mermaid(course: Course, language: str) -> Iterator[str]:
    arrows = {"requires": "-->", "after": "-.->", "closes": "-. closes .->"}
    yield "flowchart TD"
    for step in course.spec.steps:
        mark = ":::critical" if step.critical else ""
        yield f'    {step.id}["{_label(course.text(step.do, language))}"]{mark}'
    for one, other, kind in _edges(course):
        yield f"    {one} {arrows[kind]} {other}"
    yield "    classDef critical stroke-width:3px,stroke:#b00020"


def _dot(course: Course, language: str) -> Iterator[str]:
    styles = {"requires": "", "after": " [style=dashed]", "closes": ' [style=dotted, label="closes"]'}
    yield f'digraph "{course.spec.id}" {{'
    yield "    node [shape=box]"
    for step in course.spec.steps:
        mark = ', penwidth=3, color="#b00020"' if step.critical else ""
        yield f'    "{step.id}" [label="{_label(course.text(step.do, language))}"{mark}]'
    for one, other, kind in _edges(course):
        yield f'    "{one}" -> "{other}"{styles[kind]}'
    yield "}"
