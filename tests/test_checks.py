"""The checks themselves: what they accept, what they refuse, and that they name the mistake."""

import ast
import inspect
import itertools
import re

import pytest
import torch
from torch.nn import functional as F

from helpers.checks import EXERCISES, check, hint, show_source
from helpers.checks.values import differing, parts, same
from helpers.models import attention

SEEDS = range(6)  # of the cases; an answer that is recognised with every one of them is no accident
WRONG = [(name, diagnosis) for name, exercise in EXERCISES.items() for diagnosis in exercise.misconceptions]


@pytest.fixture(params=EXERCISES.values(), ids=lambda exercise: exercise.name)
def exercise(request):
    return request.param


def test_the_reference_passes(exercise):
    for seed in SEEDS:
        assert check(exercise.reference, exercise.name, seeds=(seed,)).passed


def test_the_reference_equals_torch(exercise):
    if exercise.twin is None:
        pytest.skip("torch has no such function")
    for seed in SEEDS:
        for case in exercise.cases(seed):
            theirs = parts(exercise.twin(*case))
            assert same(parts(exercise.reference(*case))[: len(theirs)], theirs)


@pytest.mark.parametrize("body", ["...", "pass", "return None", "raise NotImplementedError", "return ..., ..."])
def test_a_stub_reads_not_attempted(exercise, body):
    report = check(written(f"def {exercise.name}({', '.join(exercise.arguments)}):\n    {body}"))
    assert (report.status, report.passed, report.diagnosis) == ("not attempted", False, None)
    assert "return" not in report.message


def test_a_forgotten_return_is_suspected(exercise):
    report = check(written(f"def {exercise.name}(*arguments):\n    total = len(arguments)"))
    assert report.status == "not attempted"
    assert "`return`" in report.message


@pytest.mark.parametrize(("name", "diagnosis"), WRONG)
def test_each_misconception_is_recognised_as_itself(name, diagnosis):
    misconception = EXERCISES[name].misconceptions[diagnosis]
    for function in misconception.functions:
        for seeds in [(0, 1, 2), *((seed,) for seed in SEEDS)]:
            report = check(function, name, seeds=seeds)
            assert (report.status, report.diagnosis) == ("failed", diagnosis), seeds
            assert misconception.message in report.message


def test_no_two_misconceptions_look_alike(exercise):
    if exercise.judge or exercise.jury:
        return  # recognised one by one above
    for seed in SEEDS:
        answers = [
            (diagnosis, [attempt(function, case) for case in exercise.cases(seed)])
            for diagnosis, misconception in exercise.misconceptions.items()
            for function in misconception.functions
        ]
        for (one, ours), (other, theirs) in itertools.combinations(answers, 2):
            assert one == other or any(
                (a is None) != (b is None) or (a is not None and not same(a, b))
                for a, b in zip(ours, theirs, strict=True)
            ), (one, other, seed)


def test_nothing_gives_the_solution_away(exercise):
    tree = ast.parse(inspect.getsource(exercise.reference))
    values = [node.value for node in ast.walk(tree) if isinstance(node, ast.Assign | ast.Return)]
    pieces = {squeezed(ast.unparse(value)) for value in values if any(map(is_step, ast.walk(value)))}
    assert pieces
    told = [check(m.function, exercise.name).message for m in exercise.misconceptions.values()]
    for text in [*told, *exercise.hints[:2]]:
        assert not any(piece in squeezed(text) for piece in pieces), text


def is_step(node):
    return isinstance(node, ast.Call | ast.BinOp)


def test_cases_are_reproducible_small_and_leave_the_random_state_alone(exercise):
    before = torch.get_rng_state()
    assert not differing(exercise.cases(3), exercise.cases(3))
    check(exercise.reference, exercise.name)
    assert torch.equal(before, torch.get_rng_state())
    numbers = sum(getattr(argument, "numel", int)() for argument in exercise.cases(0)[0])
    assert numbers <= 30, "the first case is for paper"


def test_no_attention_case_is_saturated():
    for seed in SEEDS:
        for query, key, value in EXERCISES["scaled_dot_product_attention"].cases(seed):
            _, weights = attention.scaled_dot_product_attention(query, key, value)
            assert len(key) == 1 or weights.max() < 0.9


# --- the very thing ------------------------------------------------------------------------------------------------

FORBIDDEN = {
    "softmax": [
        "from torch import softmax as s\ndef softmax(scores): return s(scores, -1)",
        "def softmax(scores): return scores.softmax(-1)",
        "def softmax(scores): return F.softmax(scores, -1)",
        "def softmax(scores): return torch.nn.Softmax(dim=-1)(scores)",
        "def softmax(scores): return torch.log_softmax(scores, -1).exp()",
        "def softmax(scores): return torch.special.softmax(scores, -1)",
        "def softmax(scores): return torch.ops.aten.softmax(scores, -1)",
        "def softmax(scores): return getattr(torch, 'soft' + 'max')(scores, -1)",
        "def softmax(scores): return torch.stack(list(map(lambda row: torch.softmax(row, -1), scores)))",
        "from helpers.models.attention import softmax as s\ndef softmax(scores): return s(scores)",
        "import helpers.models.attention as a\ndef softmax(scores): return a.softmax(scores)",
        "from scipy.special import softmax as s\ndef softmax(scores): return torch.tensor(s(scores.numpy(), -1))",
        "def softmax(scores):\n    try: return scores.softmax(-1)\n    except BaseException: return scores",
    ],
    "scaled_dot_product_attention": [
        "def scaled_dot_product_attention(q, k, v): return F.scaled_dot_product_attention(q, k, v), None",
        "def scaled_dot_product_attention(q, k, v):\n"
        "    layer = torch.nn.MultiheadAttention(q.shape[1], 1, kdim=k.shape[1], vdim=v.shape[1])\n"
        "    return layer(q, k, v)",
        "from helpers.models.attention import scaled_dot_product_attention as s\n"
        "def scaled_dot_product_attention(*a): return s(*a)",
    ],
}


@pytest.mark.parametrize(("name", "source"), [(name, s) for name, sources in FORBIDDEN.items() for s in sources])
def test_the_very_thing_is_refused(name, source):
    report = check(written(source, name))
    assert report.status == "failed"
    assert "already is what you are asked to write" in report.message


def test_what_an_exercise_may_use_is_not_refused():
    def scaled_dot_product_attention(query, key, value):
        weights = F.softmax(query @ key.T / query.shape[-1] ** 0.5, dim=-1)
        return weights @ value, weights

    assert check(scaled_dot_product_attention).passed


# --- asking --------------------------------------------------------------------------------------------------------


def test_asking_for_what_is_not_there():
    def softmaks(scores):
        return scores

    assert "Did you mean `softmax`?" in check(softmaks).message
    assert "no exercise" in check(lambda: 1, "nothing").message
    assert "without brackets" in check(torch.zeros(3)).message
    for ask in (hint, show_source):
        with pytest.raises(ValueError, match=r"there are .*softmax"):
            ask("nothing")


def test_hints_come_one_at_a_time_and_end(exercise, monkeypatch):
    monkeypatch.setattr("helpers.checks.hints._given", {})
    for number, step in enumerate(exercise.hints, start=1):
        shown = hint(exercise.name)
        assert shown.steps[-1] == step
        assert f"hint {number} of 3" in repr(shown)
        assert all(later not in repr(shown) for later in exercise.hints[number:])
    assert "no more hints" in repr(hint(exercise.reference))


def test_the_source_is_the_packages_own_and_closed(exercise):
    source = show_source(exercise.name)
    assert source.source == inspect.getsource(exercise.reference).rstrip()
    html = source._repr_html_()
    assert "<details>" in html
    assert 'class="k"' in html
    assert exercise.reference.__module__ in repr(source)
    assert "return" not in repr(source)


# --- helpers of these tests ----------------------------------------------------------------------------------------


def written(source, name=None):
    """Compile a learner's cell and take the function out of it."""
    cell = {"torch": torch, "F": F}
    exec(source, cell)
    return cell[name or re.search(r"def (\w+)", source).group(1)]


def attempt(function, case):
    try:
        return function(*case)
    except (RuntimeError, IndexError, TypeError, ValueError):
        return None


def squeezed(text):
    return re.sub(r"[\s`]", "", text)
