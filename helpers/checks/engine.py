"""check(): run, compare, name the mistake."""

import difflib
import threading
from dataclasses import replace

from helpers.checks.failing import common_ground, most_telling, with_numbers, with_shapes
from helpers.checks.logbook import record
from helpers.checks.observe import describe_difference
from helpers.checks.registry import EXERCISES
from helpers.checks.report import Report, example
from helpers.checks.sandbox import THREAD_NAME, Outcome, run
from helpers.checks.sending import send
from helpers.checks.values import is_finite, kind, parts, same, to_tensors

SEEDS = 0, 1, 2


def check(fn, exercise=None, *, seeds=SEEDS):
    """Check an answer and say what is right or which mistake it makes. Never raises for anything fn does.

    Args:
        fn: the learner's function.
        exercise: the exercise's name; by default the function's own.
        seeds: of the random cases.

    Returns:
        Report: ``.status``, ``.passed``, ``.diagnosis``, ``.message``; a notebook shows it as a card.
    """
    name = str(getattr(fn, "__name__", type(fn).__name__) if exercise is None else exercise)
    if threading.current_thread().name == THREAD_NAME:
        return Report(name, "failed", "`check` was called from inside the function that is being checked.")
    if not callable(fn):
        return Report(
            name,
            "failed",
            "`check` takes the function itself: write its name without brackets or arguments.",
        )
    if name not in EXERCISES:
        return Report(name, "failed", _unknown(name))
    report = _verdict(fn, EXERCISES[name], seeds)
    if fn is EXERCISES[name].reference:  # the course's own function is nobody's answer
        return report
    send(report)
    trouble = record(report)
    return replace(report, notes=(*report.notes, trouble)) if trouble else report


def _verdict(fn, exercise, seeds):
    cases = [case for seed in seeds for case in exercise.cases(seed)]
    result = run(fn, [*cases, cases[0]], exercise)
    outcomes = result.outcomes
    notes = [f"It printed: {' / '.join(result.printed.split(chr(10))[:3])[:200]}"] if result.printed.strip() else []
    first, last = outcomes[0], outcomes[-1]
    if first.kind == "nothing":
        return Report(exercise.name, "not attempted", _not_attempted(fn, result.printed), notes=tuple(notes))
    if last.kind == "refused":
        message = (
            f"It calls `{last.detail}`, which already is what you are asked to write. Build it from smaller steps."
        )
        return Report(exercise.name, "failed", message)
    if last.kind == "stopped":
        return Report(exercise.name, "failed", last.detail, notes=tuple(notes))
    again = outcomes.pop()  # the first case once more
    if first.kind == again.kind == "value" and not same(first.value, again.value):
        notes.append("Called twice with the same input it gives two different results: something in it is random.")
    if exercise.judge or exercise.jury:
        return _judged(exercise, cases, outcomes, notes)
    return _compared(exercise, cases, outcomes, notes)


def _compared(exercise, cases, outcomes, notes):
    expected, note = _nearest_convention(exercise, cases, outcomes)
    wrong = [i for i, (out, right) in enumerate(zip(outcomes, expected, strict=True)) if not _right(out, right)]
    if not wrong:
        wanted = {part.dtype for value in expected for part in parts(value)}
        message = f"The same values as the reference in all {len(cases)} cases."
        notes = [*notes, note] if note else notes
        return _accepted(exercise, outcomes, notes, wanted, message)
    diagnosis = _recognise(exercise, cases, outcomes, wrong)
    telling = _finite(outcomes, wrong) if diagnosis else [i for i in wrong if not _is_lost(outcomes[i])]
    shown = most_telling(telling or wrong, cases, len(exercise.cases(0)))
    sentence, table = _evidence(exercise, cases[shown], outcomes[shown], expected[shown])
    if diagnosis:
        message = exercise.misconceptions[diagnosis].message
    else:
        message = " ".join(filter(None, (sentence, common_ground(exercise.arguments, cases, wrong))))
    return Report(exercise.name, "failed", message, diagnosis, tuple(notes), table)


def _nearest_convention(exercise, cases, outcomes):
    """The reference's results, or a variant's and its note, where more of the learner's results agree with those."""
    conventions = {"": [exercise.expected(case) for case in cases]}
    conventions |= {note: [_try(variant, case) for case in cases] for note, variant in exercise.variants.items()}

    def agreeing(note):
        pairs = ((outcome.value, right) for outcome, right in zip(outcomes, conventions[note], strict=False))
        both = (zip(parts(got), parts(right), strict=False) for got, right in pairs if got is not None)
        return sum(same(a, b) for results in both for a, b in results)

    note = max(conventions, key=agreeing)  # of equals the first, which is the reference
    return conventions[note], note


def _evidence(exercise, case, outcome, right):
    """What is wrong in one case: a sentence, and a table where there are numbers to compare."""
    names = exercise.arguments
    if outcome.kind != "value":
        return f"{outcome.detail or 'It returns nothing here. Is a `return` missing?'} {with_shapes(names, case)}", None
    sentence, position = describe_difference(
        outcome.value, right, exercise.returns, dict(zip(names, case, strict=True))
    )
    got, position = parts(outcome.value), position or 0
    if not got:  # an empty tuple
        return f"{sentence} {with_numbers(names, case)}", None
    got = got[min(position, len(got) - 1)]
    return sentence, example(with_numbers(names, case), exercise.returns[position], parts(right)[position], got)


def _right(outcome, expected):
    if outcome.kind != "value" or not same(outcome.value, expected):
        return False
    pairs = zip(parts(outcome.value), parts(expected), strict=True)
    return all(kind(b) == "decimal numbers" or kind(a) == kind(b) for a, b in pairs)


def _accepted(exercise, outcomes, notes, wanted, message):
    names = exercise.arguments
    changed = sorted({names[i] for outcome in outcomes for i in outcome.changed})
    if changed:
        message = (
            f"The values are right, but the function also changes its input `{'`, `'.join(changed)}` in place: whoever "
            "uses it afterwards meets other numbers. Make a new tensor instead of `-=`, `*=` or `..._()`."
        )
        return Report(exercise.name, "failed", message, notes=tuple(notes))
    if any(outcome.cut for outcome in outcomes):
        message = (
            "The values are right, but no way leads back from them, so nothing could learn: `.item()`, `float`, "
            "`.detach()`, `no_grad` and numpy keep the number and drop what autograd has recorded. Stay with tensors."
        )
        return Report(exercise.name, "failed", message, notes=tuple(notes))
    form = next((outcome.note for outcome in outcomes if outcome.note), "")
    returned = {part.dtype for outcome in outcomes for part in parts(outcome.value)}
    if form:
        notes.append(f"Right, with a note: it returns {form}.")
    elif returned - wanted:
        others, ours = (", ".join(sorted(map(str, dtypes))) for dtypes in (returned - wanted, wanted))
        notes.append(f"Right, with a note: it returns {others}, where the course uses {ours}.")
    return Report(exercise.name, "passed", message, notes=tuple(notes))


def _judged(exercise, cases, outcomes, notes):
    for case, outcome in zip(cases, outcomes, strict=True):
        if outcome.kind != "value":
            return Report(exercise.name, "failed", outcome.detail or "It returns nothing here.", notes=tuple(notes))
        finding = exercise.judge and exercise.judge(outcome.value, *case)
        if finding:
            return _found(exercise, finding, notes)
    finding = exercise.jury and exercise.jury(outcomes, cases)
    if finding:
        return _found(exercise, finding, notes)
    wanted = {part.dtype for part in parts(exercise.expected(cases[0]))}
    return _accepted(exercise, outcomes, notes, wanted, "It does everything that was asked for.")


def _found(exercise, finding, notes):
    known = exercise.misconceptions.get(finding.diagnosis)
    message = " ".join(filter(None, (known and known.message, finding.sentence)))
    return Report(exercise.name, "failed", message, finding.diagnosis, tuple(notes))


def _recognise(exercise, cases, outcomes, wrong):
    """The misconception that gives the learner's output: in all cases, or in all but those where NaN hides it."""

    def agrees(function, which):
        return all(_alike(outcomes[i], _try(function, cases[i])) for i in which)

    seen = [i for i in wrong if not _is_lost(outcomes[i])]
    hidden = [i for i in range(len(cases)) if i not in seen]
    gives_numbers = any(outcomes[i].kind == "value" for i in wrong)
    partly = None
    for name, misconception in exercise.misconceptions.items():
        for function in misconception.functions:
            if agrees(function, seen):
                if gives_numbers and agrees(function, hidden):
                    return name
                if len(_finite(outcomes, wrong)) > 1:
                    partly = partly or name
    return partly


def _finite(outcomes, which):
    return [i for i in which if outcomes[i].kind == "value" and not _is_lost(outcomes[i])]


def _is_lost(outcome):
    return outcome.kind == "value" and not is_finite(outcome.value)


def _try(function, case):
    try:
        result = function(*case)
        return to_tensors(result, len(parts(result)))[0]
    except (RuntimeError, ValueError, IndexError, TypeError):
        return None


def _alike(outcome: Outcome, other):
    if outcome.kind != "value" or other is None:
        return outcome.kind != "value" and other is None
    return same(outcome.value, other)


def _not_attempted(fn, printed):
    if printed.strip():
        return "Nothing came back. `print` only shows a value; `return` hands it over."
    code = getattr(fn, "__code__", None)
    if code and {*code.co_names, *code.co_varnames[code.co_argcount :]} - {"NotImplementedError"}:  # more than a stub
        return "Nothing came back. If the answer is written already: is its `return` missing?"
    return "Write the function in the cell above, run it, then run this cell again."


def _unknown(name):
    known = difflib.get_close_matches(name, EXERCISES, n=1)
    hint = f"Did you mean `{known[0]}`? " if known else ""
    return f'There is no exercise called {name!r}. {hint}A second argument names it: `check(my_function, "name")`.'
