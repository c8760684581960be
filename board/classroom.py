"""What the reports say about the class: per exercise done, tried, not started; which mistakes; how long it took."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median


@dataclass
class Attempt:
    """One learner at one exercise."""

    begun: datetime | None  # when the learner came to it: their last sign before the first try; None: there was none
    since: datetime  # the last try, or the one that passed
    diagnosis: str | None = None  # of the last try
    done: bool = False

    @property
    def minutes(self):
        """From coming to it to passing it; None where that is not known."""
        return max(0.0, (self.since - self.begun).total_seconds() / 60) if self.done and self.begun else None


@dataclass
class Learner:
    """One learner, as the reports tell."""

    seen: datetime | None = None  # the last report
    notebook: str = ""  # ... and of which notebook it was
    attempts: dict[str, Attempt] = field(default_factory=dict)  # name of an exercise -> Attempt


class Classroom:
    """The class; fed with one report after the other."""

    def __init__(self, catalogue):
        self.catalogue = catalogue
        self.learners = {}  # name -> Learner

    def take(self, name, report):
        """Count one report. What is done stays done; "not attempted" only says that the learner is here."""
        learner = self.learners.setdefault(name, Learner())
        attempt = learner.attempts.get(report.exercise)
        if report.status != "not attempted" and not (attempt and attempt.done):
            begun = attempt.begun if attempt else learner.seen
            done = report.status == "passed"
            learner.attempts[report.exercise] = Attempt(begun, report.moment, report.diagnosis, done)
        learner.seen = report.moment
        learner.notebook = self.catalogue.exercises[report.exercise].notebook

    def counts(self):
        """What the projected page shows, ready for JSON: numbers, and nobody's name."""
        return {
            "learners": len(self.learners),
            "current": self._current(),
            "notebooks": [
                {
                    "number": notebook.number,
                    "title": notebook.title,
                    "exercises": [self._exercise(exercise) for exercise in notebook.exercises],
                }
                for notebook in self.catalogue.notebooks
            ],
        }

    def names(self):
        """The same with who it is, for the instructor's page: name -> when last seen, and each exercise begun."""
        return self.counts() | {
            "names": [
                {
                    "name": name,
                    "notebook": learner.notebook,
                    "attempts": {
                        exercise: {"done": one.done, "diagnosis": one.diagnosis, "since": one.since.isoformat()}
                        for exercise, one in learner.attempts.items()
                    },
                }
                for name, learner in sorted(self.learners.items())
            ]
        }

    def _current(self):
        """The notebook in which most learners are; "" when nobody is here."""
        where = Counter(learner.notebook for learner in self.learners.values())
        return where.most_common(1)[0][0] if where else ""

    def _exercise(self, exercise):
        attempts = [one.attempts[exercise.name] for one in self.learners.values() if exercise.name in one.attempts]
        mistakes = Counter(attempt.diagnosis for attempt in attempts if not attempt.done)
        minutes = [attempt.minutes for attempt in attempts if attempt.minutes is not None]
        return {
            "name": exercise.name,
            "planned": exercise.minutes,
            "done": sum(attempt.done for attempt in attempts),
            "tried": sum(not attempt.done for attempt in attempts),
            "not_started": len(self.learners) - len(attempts),
            "minutes": median(minutes) if minutes else None,
            "unnamed": mistakes.pop(None, 0),  # failed, and no known mistake
            "mistakes": [
                {"id": name, "count": count, "sentence": exercise.mistakes.get(name, "")}
                for name, count in mistakes.most_common()
            ],
        }
