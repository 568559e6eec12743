"""Whether a run ended as it was expected to, and the sentence that says so."""

from __future__ import annotations

from collections.abc import Sequence

from simtrainer.core.header import Line
from simtrainer.studies.proof.plan import Expected, Run
from simtrainer.studies.proof.trial import Ended, Outcome


class Verdict(Line):
    """What a run says about the course.

    Parameters
    ----------
    consequences
        Critical failures besides the step left out that were declared as following from it.
    """

    as_expected: bool
    says: str
    consequences: tuple[str, ...] = ()


class Row(Line):
    """One run of a proof with all that came of it."""

    run: Run
    outcome: Outcome
    verdict: Verdict


def judged(run: Run, outcome: Outcome, consequences: Sequence[str]) -> Row:
    """Return the run with its verdict; `consequences` are those declared for the step that it leaves out."""
    if outcome.ended is not Ended.DONE:
        return Row(run=run, outcome=outcome, verdict=Verdict(as_expected=False, says=_broken(outcome)))
    if run.expected is Expected.FAILS_THERE:
        return Row(run=run, outcome=outcome, verdict=_there(run, outcome, consequences))
    was = "passed" if outcome.passed else "did not pass"
    at = f", failed at {', '.join(outcome.critical_failures)}" if outcome.critical_failures else ""
    expected = outcome.passed == (run.expected is Expected.CLEARS)
    return Row(run=run, outcome=outcome, verdict=Verdict(as_expected=expected, says=f"{was}{at}"))


def _broken(outcome: Outcome) -> str:
    if outcome.ended is Ended.TIME_LIMIT:
        return "did not come to an end within the time limit"
    return f"broke off: {outcome.error}"


def _there(run: Run, outcome: Outcome, declared: Sequence[str]) -> Verdict:
    failures = outcome.critical_failures
    others = [name for name in failures if name != run.leave_out]
    stray = [name for name in others if name not in declared]
    following = tuple(name for name in others if name in declared)
    says = f"failed at {', '.join(failures)}" if failures else "failed at nothing critical"
    says += f" ({', '.join(following)} follows from it, as declared)" if following else ""
    says += f" ({', '.join(stray)} was not expected)" if stray else ""
    says += " and passed" if outcome.passed else ""
    fine = run.leave_out in failures and not stray and not outcome.passed
    return Verdict(as_expected=fine, says=says, consequences=following)
