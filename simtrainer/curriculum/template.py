"""Writes the first text of a new course, which passes the check and says what may be changed."""

from __future__ import annotations

from datetime import date
from enum import Enum

from simtrainer.core.error import InputError
from simtrainer.curriculum.vocabulary import Vocabulary


class CourseTemplate(Enum):
    """How much a new course starts with."""

    MINIMAL = "minimal"
    FULL = "full"


_HEAD = """\
# A course for simtrainer. Check it with: simtrainer course check {id}.yaml
# Every text is a key; the texts stand under strings here, and other languages in locale/{id}.<language>.csv
schema_version: 1
id: {id}
edition: "first draft"          # which guideline or local standard it follows
version: 0.1.0
language: en
review_date: {today}
reviewed_by: null               # name and date of the clinician who signed it off; null says that nobody has
procedure: {procedure}
patients: []                    # empty: any patient
level: novice                   # novice, intermediate or advanced
title: title
objectives: [objective.first]
duration_s: 600
briefing: briefing
debrief: [debrief.first]
case_card:
  indication: case.indication
  allergy: case.allergy
  renal_function: case.renal_function
  anticoagulants: case.anticoagulants
  instrument_plan: case.instrument_plan
sources: {{}}

steps:
  # v says how well a step is founded: seen or second (then name src), known or design (then say because)
  - id: first
    do: step.first
    until: {{event: {event}}}    # one of: {events}
    weight: 1
    v: design
    because: "replace this by your reason"
"""
_FULL = """\
  - id: second
    do: step.second
    any_of: [{{event: {event}}}]  # alternatives; the event must come again, because second opens after first
    requires: [first]            # opens after these are done
    after: []                    # done ahead of these it is out of order
    before: []                   # once one of these is done it is too late
    within: {{s: 300, of: first}} # late after that
    count: 1
    critical: false              # critical needs a source that was read, or a safety reason
    weight: 1
    v: design
    because: "replace this by your reason"

forbidden: []
  # - {{id: harm, say: say.harm, never: {{event: {event}}}, points: 10, cap: 30, v: design, because: "your reason"}}
holds: []

metrics:
  - id: time
    metric: procedure_time
    say: metric.time
    requires: [second]           # no points for being quick without having done it
    band: {{full_at: 300, zero_at: 900}}
    weight: 1
    v: design
    because: "replace this by your reason"
"""
_TAIL = """
pass: {{cut: 0.7, method: null, panel: null, date: null}}   # provisional until a panel has set it
modes:
  practice: {{aids: [hints, step_list, force_bar, view_3d], pause: allowed}}
  assessed: {{aids: [], pause: ends}}

strings:
  title: "{title}"
  briefing: "What the trainee reads first."
  objective.first: "What the trainee can do afterwards."
  debrief.first: "What would you do differently?"
  case.indication: "Why this patient has the procedure."
  case.allergy: "None known."
  case.renal_function: "Normal."
  case.anticoagulants: "None."
  case.instrument_plan: "What you are going to use."
  step.first: "The first step"
"""
_FULL_TEXTS = """\
  step.second: "The second step"
  metric.time: "Time"
"""


def new_course(
    name: str, vocabulary: Vocabulary, *, today: date, template: CourseTemplate = CourseTemplate.MINIMAL
) -> str:
    """Return the text of a new course called `name` for the procedure of `vocabulary`."""
    if not name.isidentifier() or name != name.lower() or not name[0].isalpha() or not name.isascii():
        raise InputError(f"'{name}' cannot be the id of a course; allowed are small letters, digits and underscores")
    if not vocabulary.events:
        raise InputError(
            f"the procedure '{vocabulary.procedure}' declares no event, so a course could not see anything"
        )
    full = template is CourseTemplate.FULL
    text = _HEAD + (_FULL if full else "") + _TAIL + (_FULL_TEXTS if full else "")
    events = sorted(vocabulary.events)
    return text.format(
        id=name, today=today.isoformat(), procedure=vocabulary.procedure or "name_of_the_procedure",
        event=events[0], events=", ".join(events), title=name.replace("_", " ").capitalize(),
    )  # fmt: skip
