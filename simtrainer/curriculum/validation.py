"""Turns what pydantic finds into plain sentences at the place in the file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from simtrainer.core.error import suggestion
from simtrainer.curriculum.document import Document, Location, Spot
from simtrainer.curriculum.problem import CourseProblem
from simtrainer.curriculum.schema import SCHEMA_VERSION

M = TypeVar("M", bound=BaseModel)

_WORDS: dict[str, tuple[str, str]] = {
    "string_type": ("SIM-E012", "a text"),
    "int_type": ("SIM-E012", "a whole number"),
    "int_from_float": ("SIM-E012", "a whole number"),
    "float_type": ("SIM-E012", "a number"),
    "bool_type": ("SIM-E012", "true or false"),
    "tuple_type": ("SIM-E012", "a list"),
    "dict_type": ("SIM-E012", "keys with values"),
    "model_type": ("SIM-E012", "keys with values"),
    "model_attributes_type": ("SIM-E012", "keys with values"),
    "date_type": ("SIM-E012", "a date like 2026-11-22"),
    "date_parsing": ("SIM-E012", "a date like 2026-11-22"),
    "date_from_datetime_parsing": ("SIM-E012", "a date like 2026-11-22"),
    "date_from_datetime_inexact": ("SIM-E012", "a date like 2026-11-22"),
    "finite_number": ("SIM-E013", "a finite number"),
    "greater_than": ("SIM-E013", "a number greater than {gt:g}"),
    "greater_than_equal": ("SIM-E013", "{ge:g} or more"),
    "less_than": ("SIM-E013", "a number less than {lt:g}"),
    "less_than_equal": ("SIM-E013", "{le:g} or less"),
    "too_short": ("SIM-E013", "at least {min_length} item"),
    "too_long": ("SIM-E013", "at most {max_length} items"),
    "string_too_short": ("SIM-E013", "a text of at least {min_length} character"),
    "string_too_long": ("SIM-E013", "a text of at most {max_length} characters"),
    "enum": ("SIM-E014", "{expected}"),
    "literal_error": ("SIM-E014", "{expected}"),
}
_PATTERN_HINTS = {
    r"^\d+\.\d+\.\d+$": "a version like 1.0.0",
    r"^[a-z]{2}$": "a language of two small letters, like en",
}


def validated(document: Document, model: type[M]) -> tuple[M | None, list[CourseProblem]]:
    """Return the document as `model`, or every way in which it is not one."""
    version = document.data.get("schema_version")
    if isinstance(version, int) and not isinstance(version, bool) and version != SCHEMA_VERSION:
        message = f"schema_version {version} cannot be read; this program reads {SCHEMA_VERSION}"
        return None, [document.problem(("schema_version",), "SIM-E016", message)]
    try:
        return model.model_validate_json(json.dumps(document.data), strict=True), []
    except ValidationError as error:
        return None, [_plain(document, model, detail) for detail in error.errors(include_url=False)]


def _plain(document: Document, model: type[BaseModel], detail: ErrorDetails) -> CourseProblem:
    kind, given = detail["type"], detail["input"]
    where: Location = tuple(detail["loc"])
    context: Mapping[str, Any] = detail.get("ctx", {})
    if kind == "extra_forbidden":
        allowed = _keys_at(model, where[:-1])
        hint = suggestion(str(where[-1]), allowed).strip() or f"Allowed here: {', '.join(sorted(allowed))}."
        return document.problem(where, "SIM-E010", f"the key '{where[-1]}' is not known here", hint=hint, spot=Spot.KEY)
    if kind == "missing":
        return document.problem(where[:-1], "SIM-E011", f"the key '{where[-1]}' is missing here", spot=Spot.KEY)
    where = _known(document, where)
    if kind == "course_rule":
        return document.problem(where, "SIM-E015", str(context["sentence"]))
    spot = Spot.KEY if detail["loc"] and detail["loc"][-1] == "[key]" else Spot.VALUE
    code, wanted = _WORDS.get(kind, ("SIM-E013", ""))
    if kind == "string_pattern_mismatch":
        pattern = str(context["pattern"])
        wanted = _PATTERN_HINTS.get(pattern, "small letters, digits and underscores, a letter first")
    wanted = wanted.format(**context) or detail["msg"]
    hint = ""
    if code == "SIM-E014" and isinstance(given, str):
        hint = suggestion(given, [part.strip("'") for part in wanted.replace(" or ", ", ").split(", ")]).strip()
    message = f"'{_name(where)}' must be {wanted}, not {_shown(given)}"
    return document.problem(where, code, message, hint=hint, spot=spot)


def _known(document: Document, where: Location) -> Location:
    """Return `where` without what pydantic adds to a place and the file does not hold."""
    kept: Location = ()
    for part in where:
        if (*kept, part) in document.places:
            kept = (*kept, part)
    return kept


def _name(where: Location) -> str:
    names = [part for part in where if isinstance(part, str)]
    return names[-1] if names else "the file"


def _shown(given: Any) -> str:
    if isinstance(given, dict):
        return "keys with values"
    if isinstance(given, list):
        return f"a list of {len(given)}" if given else "an empty list"
    if given is None:
        return "nothing"
    text = json.dumps(given, ensure_ascii=False)
    return text if len(text) <= 40 else text[:37] + "..."


def _keys_at(model: type[BaseModel], where: Location) -> set[str]:
    """Return the keys that may stand at `where` of a file that `model` describes."""
    here: Any = model
    for part in where:
        here = _child(here, part)
    here = _plain_type(here)
    return _aliases(here) if isinstance(here, type) and issubclass(here, BaseModel) else set()


def _aliases(model: type[BaseModel]) -> set[str]:
    return {info.alias or name for name, info in model.model_fields.items()}


def _child(annotation: Any, part: str | int) -> Any:
    annotation = _plain_type(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, info in annotation.model_fields.items():
            if part in (name, info.alias):
                return info.annotation
        return None
    arguments = get_args(annotation)
    return arguments[-1 if get_origin(annotation) is dict else 0] if arguments else None


def _plain_type(annotation: Any) -> Any:
    """Return what stands inside `Annotated` and beside `None`."""
    while get_origin(annotation) in (Annotated, Union, UnionType):
        parts = [part for part in get_args(annotation) if part is not type(None)]
        annotation = parts[0]
    return annotation
