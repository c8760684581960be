"""Every small change of a reference must be caught by its check.

    python -m tests.mutants              all exercises; the last lines are the sums
    python -m tests.mutants NAME ...     some of them, every mutant with its verdict

It rewrites each reference, one place at a time, drops what changes no value, and demands that the check rejects every
other mutant. What changes a value is decided on inputs of its own, never on the check's cases: a check must not hide
its own blind spot. Then the wrong answers that are in the lists: each has to be recognised as itself.
"""

import sys
from dataclasses import dataclass

import torch

from helpers.checks import EXERCISES, check
from helpers.checks.values import clone, same, to_tensors
from tests.inputs import collected
from tests.rewrites import mutants

SEEDS = range(40)  # of the inputs that tell a mutant from the reference
SCALES = 1.0, 0.3, 10.0, 300.0  # ordinary, small, saturated and overflowing scores
INPUTS, ORACLES = collected("INPUTS"), collected("ORACLES")


class Oracle:
    """Tells an exercise's right answers from wrong ones, on inputs that its check has never seen."""

    def __init__(self, exercise):
        self.exercise = exercise
        draw = INPUTS[exercise.name]
        self.inputs = [draw(torch.Generator().manual_seed(seed), SCALES[seed % len(SCALES)]) for seed in SEEDS]
        rights = [] if exercise.judge else [exercise.reference, *exercise.variants.values()]
        self.right = [[self._result(right, arguments) for arguments in self.inputs] for right in rights]

    def is_wrong(self, function):
        """Whether a function gives another value somewhere; None when it gives no value at all."""
        results = [self._result(function, arguments) for arguments in self.inputs]
        if all(result is None for result in results):
            return None
        if self.exercise.judge:
            judge = ORACLES[self.exercise.name]
            pairs = zip(results, self.inputs, strict=True)
            return any(result is None or not judge(result, *arguments) for result, arguments in pairs)
        return not any(all(map(_alike, results, right)) for right in self.right)

    def _result(self, function, arguments):
        try:
            return to_tensors(function(*clone(arguments)), len(self.exercise.returns))[0]
        except Exception:  # whatever a mutant raises, it is no value
            return None


def _alike(result, right):
    return result is not None and right is not None and same(result, right)


@dataclass(frozen=True)
class Tally:
    """What became of the mutants of some exercises, and of the wrong answers in their lists."""

    verdicts: dict[str, list[tuple[str, str, str]]]  # exercise -> (change, status, diagnosis or message)
    unrecognised: tuple[str, ...]
    listed: int

    @property
    def survivors(self):
        """The mutants that a check accepted."""
        return [f"{name}, {change}" for name, rows in self.verdicts.items() for change, ok, _ in rows if ok != "failed"]

    @property
    def rejected(self):
        """How many mutants were rejected."""
        return sum(map(len, self.verdicts.values())) - len(self.survivors)

    def __str__(self):
        rows = [row for found in self.verdicts.values() for row in found]
        named = sum(diagnosis is not None for *_, diagnosis in rows)
        count = len(self.verdicts)
        accepted = f"{len(self.survivors)} accepted" if self.survivors else "all rejected"
        missed = f"{len(self.unrecognised)} not recognised" if self.unrecognised else "all recognised"
        return "\n".join(
            [
                f"{len(rows)} mutants of {count} exercises: {accepted}, {named} recognised by name",
                *self.survivors,
                f"{self.listed} wrong answers over {count} exercises, {missed}",
                *self.unrecognised,
            ]
        )


def tally(exercises):
    """Check every mutant that changes a value, and every wrong answer that is in a list."""
    verdicts, unrecognised, listed = {}, [], 0
    for exercise in exercises:
        oracle, rows = Oracle(exercise), verdicts.setdefault(exercise.name, [])
        for mutant in mutants(exercise.reference):
            if oracle.is_wrong(mutant.function):
                report = check(mutant.function, exercise.name)
                rows.append((mutant.change, report.status, report.diagnosis))
        for diagnosis, misconception in exercise.misconceptions.items():
            found = [check(function, exercise.name).diagnosis for function in misconception.functions]
            listed += len(found)
            unrecognised += [
                f"{exercise.name}, {diagnosis}: taken for {other}" for other in found if other != diagnosis
            ]
    return Tally(verdicts, tuple(unrecognised), listed)


def main(names):
    """Print the sums, before them the mutants of the exercises named."""
    unknown = set(names) - EXERCISES.keys()
    if unknown:
        raise SystemExit(f"no exercise called {', '.join(sorted(unknown))}; there are {', '.join(EXERCISES)}")
    result = tally([EXERCISES[name] for name in names or EXERCISES])
    for name in names:
        for change, status, diagnosis in result.verdicts[name]:
            print(f"{name}  {status:<8}  {diagnosis or '-':<22}  {change}")
    print(result)
    raise SystemExit(bool(result.survivors or result.unrecognised))


if __name__ == "__main__":
    main(sys.argv[1:])
