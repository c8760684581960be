"""What a learner's notebook sends after a check, and what is refused.

    {"id": "0f3c…", "exercise": "softmax", "status": "failed", "diagnosis": "overflows",
     "time": "2026-01-31T09:15:00+00:00"}

Who sends it is not in it: the hub knows that from the token. The sentences that the board shows come from the
catalogue, never from a report.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

LONGEST = 1024  # bytes of one report; the longest that the course sends has some 250
STATUSES = "not attempted", "failed", "passed"
ID = re.compile(r"[0-9a-f]{32}")  # random: the same report sent twice is known again
FRESH = timedelta(minutes=10)  # how far a report's time may be from the board's own


class RefusedError(Exception):
    """A request that is answered with an error: a status code of HTTP and the reason, which holds nothing secret."""

    def __init__(self, status, reason):
        super().__init__(reason)
        self.status, self.reason = status, reason


@dataclass(frozen=True)
class Report:
    """One verdict of check()."""

    id: str
    exercise: str
    status: str  # one of STATUSES
    diagnosis: str | None  # the id of the mistake that the check has recognised
    time: str  # ISO 8601, UTC

    @property
    def moment(self):
        """The time as a datetime."""
        return datetime.fromisoformat(self.time)


FIELDS = frozenset(Report.__dataclass_fields__)


def read(body, catalogue, now=None):
    """Bytes of a request -> Report.

    Raises:
        RefusedError: 400 for what is no report, 413 for what is too long for one.
    """
    if len(body) > LONGEST:
        raise RefusedError(413, f"a report has at most {LONGEST} bytes")
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise RefusedError(400, "a report is JSON") from None
    if not isinstance(content, dict) or content.keys() != FIELDS:
        raise RefusedError(400, f"a report holds {', '.join(sorted(FIELDS))} and nothing else")
    report = Report(**content)
    problem = _problem(report, catalogue, now or datetime.now(UTC))
    if problem:
        raise RefusedError(400, problem)
    return report


def _problem(report, catalogue, now):
    if not all(isinstance(value, str) for value in (report.id, report.exercise, report.status, report.time)):
        return "id, exercise, status and time are text"
    if not ID.fullmatch(report.id):
        return "the id is 32 hexadecimal digits"
    if report.exercise not in catalogue.exercises:
        return "there is no such exercise"
    if report.status not in STATUSES:
        return f"the status is one of {', '.join(STATUSES)}"
    known = catalogue.exercises[report.exercise].mistakes
    if report.diagnosis is not None and (report.status != "failed" or report.diagnosis not in [*known]):
        return "the diagnosis is null, or with a failed check the id of one of the exercise's mistakes"
    try:
        distance = abs(report.moment - now)
    except (ValueError, TypeError, OverflowError):  # no date, or one without its zone
        return "the time is ISO 8601, in UTC"
    return None if distance <= FRESH else "the time is too far from now"
