"""What stands beside a score, in words: who, on what, with which help, under which rules, how certain."""

from __future__ import annotations

from simtrainer.debrief.report import Beside
from simtrainer.debrief.word import number, say


def besides(beside: Beside, language: str, *, without: tuple[str, ...] = ()) -> tuple[tuple[str, str], ...]:
    """Return pairs of name and value, the ones that change how a score is read first.

    `without` names rows that stand elsewhere already.
    """
    aids = ", ".join(say(f"aid.{aid}", language, otherwise=aid.replace("_", " ")) for aid in beside.aids)
    mode = say(f"mode.{beside.mode}", language, otherwise=beside.mode)
    difficulty = say(f"difficulty.{beside.difficulty}", language, otherwise=beside.difficulty)
    review = say("value.not_reviewed", language)
    if beside.reviewed_by:
        review = say("value.reviewed", language, name=beside.reviewed_by)
    cut = say("value.provisional" if beside.provisional else "value.cut", language, cut=100 * beside.cut)
    rows = [
        ("mode", mode),
        ("device", say(f"device.{beside.device}", language, otherwise=beside.device or "–")),
        ("aids", aids or say("value.none", language)),
        ("patient", beside.patient),
        ("difficulty", difficulty),
        ("attempt", _attempt(beside, language)),
        ("seen", _seen(beside, language)),
        ("seed", str(beside.seed)),
        ("cut", cut),
        ("review", review),
        ("unverified", say("value.unverified", language, count=beside.unverified, total=beside.rules)),
        ("flagged", _flagged(beside, language)),
        ("edition", f"{beside.edition} ({beside.version})"),
        ("digest", beside.digest[:16] or say("value.none", language)),
    ]
    if beside.broke_off:
        rows.insert(0, ("broke_off", say("value.broke_off", language, message=beside.broke_off)))
    if beside.course_changed:
        rows.append(("course_changed", say("value.course_changed", language)))
    return tuple((say(f"beside.{name}", language), said) for name, said in rows if name not in without)


def _attempt(beside: Beside, language: str) -> str:
    if beside.familiarity is None:
        return say("value.not_kept", language)
    return say("value.attempt", language, number=beside.familiarity.attempt_number)


def _seen(beside: Beside, language: str) -> str:
    seen = beside.familiarity
    if seen is None:
        return say("value.not_kept", language)
    if seen.seed_seen:
        return say("value.seed_seen", language, seeds=seen.seed_seen, patients=seen.patient_seen)
    if seen.patient_seen:
        return say("value.patient_seen", language, patients=seen.patient_seen)
    return say("value.never_seen", language)


def _flagged(beside: Beside, language: str) -> str:
    if beside.flagged is None:
        return say("value.no_flag", language)
    total = number(float(beside.looked_at), language)
    if beside.flagged == 0:
        return f"0 / {total}"
    return say("value.flagged", language, count=beside.flagged, total=total)
