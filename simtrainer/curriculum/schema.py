"""The course format, schema_version 1: closed, frozen, values only; every name in it is resolved at load."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, StringConstraints, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

SCHEMA_VERSION = 1
START = "start"
"""The reference of a time window that means the start of the session."""

Id: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
TextKey: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$", max_length=80)]
Name: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Text: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
Positive: TypeAlias = Annotated[float, Field(gt=0)]
NotNegative: TypeAlias = Annotated[float, Field(ge=0)]
Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
Day: TypeAlias = date
Points: TypeAlias = Annotated[float, Field(ge=0, le=100)]


def broken_rule(message: str) -> PydanticCustomError:
    """Return the error of a rule among several keys, with `message` as its sentence."""
    return PydanticCustomError("course_rule", "{sentence}", {"sentence": message})


class Closed(BaseModel):
    """A part of a course: frozen, closed to unknown keys, finite numbers only."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)


class Flag(Enum):
    """How well a number or step is founded."""

    SEEN = "seen"
    SECOND = "second"
    KNOWN = "known"
    DESIGN = "design"


class Level(Enum):
    """For whom a course is made."""

    NOVICE = "novice"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"


class Aid(Enum):
    """A help that practice may offer and an assessment may not."""

    HINTS = "hints"
    STEP_LIST = "step_list"
    FORCE_BAR = "force_bar"
    VIEW_3D = "view_3d"


class Pause(Enum):
    """What a pause does."""

    ALLOWED = "allowed"
    ENDS = "ends"


class Source(Closed):
    """A guideline or paper; `superseded_by` names its successor once there is one."""

    cite: Text
    url: Text | None = None
    v: Flag
    superseded_by: Text | None = None


class Condition(Closed):
    """What one field of an event must be: one of some words, equal to a word fact, or a number in a band.

    In the file a word or a list of words stands for itself: `vessel: aorta`.
    """

    words: tuple[Name, ...] = Field(default=(), alias="is")
    fact: Name | None = None
    min: float | None = None
    max: float | None = None

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe the short forms as well."""
        word = {"type": "string", "minLength": 1}
        return {"anyOf": [word, {"type": "array", "items": word, "minItems": 1}, handler(core)]}

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, given: Any) -> Any:
        if isinstance(given, str):
            return {"is": (given,)}
        if isinstance(given, list):
            return {"is": tuple(given)}
        if isinstance(given, dict) and isinstance(given.get("is"), list):
            return {**given, "is": tuple(given["is"])}
        return given

    @model_validator(mode="after")
    def _one_kind(self) -> Condition:
        kinds = bool(self.words) + (self.fact is not None) + (self.min is not None or self.max is not None)
        if kinds != 1:
            raise broken_rule("a condition is a word, a list of words, {fact: name}, or {min: number, max: number}")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise broken_rule(f"min {self.min:g} is greater than max {self.max:g}; nothing lies between")
        return self


class Pattern(Closed):
    """Events of one name whose evidence meets every condition."""

    event: Name
    where: dict[Name, Condition] = Field(default_factory=dict)


class Band(Closed):
    """A signal between two values, in the unit of the signal."""

    signal: Name
    min: float | None = None
    max: float | None = None

    @model_validator(mode="after")
    def _not_empty(self) -> Band:
        if self.min is None and self.max is None:
            raise broken_rule("a band needs min, max or both")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise broken_rule(f"min {self.min:g} is greater than max {self.max:g}; nothing lies between")
        return self


class Hold(Band):
    """A signal kept in a band without a break for `for_s` seconds."""

    for_s: Positive


class Window(Closed):
    """Seconds after the start of the session or after a step was done."""

    s: NotNegative
    of: Id = START


class During(Closed):
    """The part of a session between two steps; open where a side is not given."""

    since: Id | None = None
    until: Id | None = None


class Founded(Closed):
    """Something that costs points: what it rests on, and why it is critical if it is."""

    id: Id
    v: Flag
    src: tuple[Id, ...] = ()
    because: Text | None = None
    critical: bool = False
    safety: Text | None = None

    @model_validator(mode="after")
    def _has_ground(self) -> Founded:
        if self.v in (Flag.SEEN, Flag.SECOND) and not self.src:
            raise broken_rule(f"'v: {self.v.value}' means that it was read: name where under src")
        if self.v in (Flag.KNOWN, Flag.DESIGN) and not (self.because or self.src):
            raise broken_rule(f"'v: {self.v.value}' needs a reason under because")
        return self


class Credit(Closed):
    """Share of a step's weight that is kept; 0 makes the deed worth nothing, and a critical step failed."""

    late: Share = 0.5
    out_of_order: Share = 0.5


class StepFeedback(Closed):
    """Keys of what to say about a step, instead of the general sentence."""

    done: TextKey | None = None
    missed: TextKey | None = None
    late: TextKey | None = None
    out_of_order: TextKey | None = None


class Step(Founded):
    """One step of the protocol.

    It counts while it is open: all of `requires` are done, `not_before` has passed, and none of `before` is done.
    `after` does not open it: done ahead of those steps it is out of order, and keeps that share of its weight.
    """

    do: TextKey
    until: Pattern | None = None
    any_of: tuple[Pattern, ...] = ()
    hold: Hold | None = None
    count: Annotated[int, Field(ge=1, le=1000)] = 1
    distinct: Name | None = None
    requires: tuple[Id, ...] = ()
    after: tuple[Id, ...] = ()
    before: tuple[Id, ...] = ()
    within: Window | None = None
    not_before: Window | None = None
    weight: NotNegative = 1.0
    credit: Credit = Credit()
    feedback: StepFeedback = StepFeedback()
    hint: TextKey | None = None

    @model_validator(mode="after")
    def _one_goal(self) -> Step:
        if (self.until is not None) + bool(self.any_of) + (self.hold is not None) != 1:
            raise broken_rule(f"step '{self.id}' needs exactly one of until, any_of and hold")
        if self.hold is not None and (self.count != 1 or self.distinct is not None):
            raise broken_rule(f"step '{self.id}': count and distinct go with events, not with a hold")
        return self

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """Every pattern that counts for the step."""
        return (self.until,) if self.until is not None else self.any_of


class Forbidden(Founded):
    """Something that must not happen; each occurrence beyond `allow` costs `points` of 100 up to `cap` in all."""

    say: TextKey
    never: Pattern
    during: During = During()
    allow: Annotated[int, Field(ge=0)] = 0
    points: Points = 0.0
    cap: Points = 100.0


class Keep(Founded):
    """A signal to be kept in a band; each excursion longer than `grace_s` costs `points` of 100 up to `cap`."""

    say: TextKey
    keep: Band
    during: During = During()
    grace_s: NotNegative = 0.0
    points: Points = 0.0
    cap: Points = 100.0


class Slope(Closed):
    """Linear from no points at `zero_at` to all points at `full_at`; which is greater says what is better."""

    full_at: float
    zero_at: float

    @model_validator(mode="after")
    def _inclined(self) -> Slope:
        if self.full_at == self.zero_at:
            raise broken_rule(f"full_at and zero_at are both {self.full_at:g}; points need a slope between them")
        return self

    def share(self, value: float) -> float:
        """Return the share of the points that `value` earns, 0 to 1."""
        return min(1.0, max(0.0, (value - self.zero_at) / (self.full_at - self.zero_at)))


class MetricUse(Founded):
    """One measurement of the whole attempt or of a part of it; without a band it is shown and not scored."""

    metric: Name
    say: TextKey
    signals: dict[Name, Name] = Field(default_factory=dict)
    event: Pattern | None = None
    facts: dict[Name, Name] = Field(default_factory=dict)
    numbers: dict[Name, float] = Field(default_factory=dict)
    requires: tuple[Id, ...] = ()
    during: During = During()
    band: Slope | None = None
    by_device: dict[Name, Slope] = Field(default_factory=dict)
    weight: NotNegative = 1.0
    critical: Literal[False] = False


class PassRule(Closed):
    """All critical steps, no critical event, and at least `cut`; provisional until a panel has set the cut."""

    cut: Share
    method: Text | None = None
    panel: Text | None = None
    date: Day | None = None

    @property
    def provisional(self) -> bool:
        """True while no panel with method and date stands behind the cut."""
        return self.panel is None or self.method is None or self.date is None


class PracticeRules(Closed):
    """What a practising trainee may use."""

    aids: tuple[Aid, ...] = ()
    pause: Pause = Pause.ALLOWED


class AssessedRules(Closed):
    """An assessment offers no aid, and a pause ends it."""

    aids: tuple[()] = ()
    pause: Literal["ends"] = "ends"


class Modes(Closed):
    """The rules of both modes."""

    practice: PracticeRules = PracticeRules()
    assessed: AssessedRules = AssessedRules()


class CaseCard(Closed):
    """Keys of what is read about the patient before the first step."""

    indication: TextKey
    allergy: TextKey
    renal_function: TextKey
    anticoagulants: TextKey
    instrument_plan: TextKey


class CourseFile(Closed):
    """A course as its author writes it."""

    schema_version: Literal[1]
    id: Id
    edition: Text
    version: Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")]
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")] = "en"
    review_date: Day
    reviewed_by: Text | None
    procedure: Id
    patients: tuple[Name, ...] = ()
    level: Level
    title: TextKey
    objectives: Annotated[tuple[TextKey, ...], Field(min_length=1)]
    duration_s: Positive
    briefing: TextKey
    debrief: tuple[TextKey, ...] = ()
    case_card: CaseCard
    sources: dict[Id, Source] = Field(default_factory=dict)
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    forbidden: tuple[Forbidden, ...] = ()
    holds: tuple[Keep, ...] = ()
    metrics: tuple[MetricUse, ...] = ()
    pass_rule: PassRule = Field(alias="pass")
    modes: Modes = Modes()
    strings: dict[TextKey, Text] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _weighs_something(self) -> CourseFile:
        if not any(step.weight for step in self.steps):
            raise broken_rule("every step weighs 0; a score needs at least one step that weighs something")
        return self

    @property
    def rules(self) -> tuple[Forbidden | Keep, ...]:
        """Everything that is broken by doing."""
        return (*self.forbidden, *self.holds)

    def items(self) -> tuple[Founded, ...]:
        """Return everything that can cost points."""
        return (*self.steps, *self.forbidden, *self.holds, *self.metrics)
