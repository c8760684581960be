"""Each bug of the museum is found by its own test, and gets past the weaker one named beside it."""

import re

import pytest
import torch
from torch import nn

from helpers.checks import EXERCISES
from helpers.datasets import load_results
from helpers.museum import mystery, parts, pipelines, properties
from helpers.museum.exhibits import EXHIBITS, Catalogue, exhibit
from helpers.museum.small import Stack, Summarised
from helpers.museum.trained import NextLetter
from helpers.training import fit, set_seed


@pytest.fixture(autouse=True)
def _seeded():
    set_seed(0)


def x(batch=4, seq=6):
    return torch.randn(batch, seq, 8)


def ready(model):
    return model.eval().requires_grad_(False)


UNEVEN = torch.tensor([6, 3, 5, 2])
MODEL_BUGS = {  # exhibit -> right model, wrong model, the test, the weaker one
    "one token of the future": (
        lambda: Stack(8, masks=[parts.look_back]),
        lambda: Stack(8, masks=[parts.look_one_ahead]),
        lambda model: properties.future_leaks(model, x()),
        lambda model: not learns(model.masks[0]),
    ),
    "the wrong half": (
        lambda: Stack(8, masks=[parts.look_back]),
        lambda: Stack(8, masks=[parts.look_ahead]),
        lambda model: properties.future_leaks(model, x()),
        lambda model: model(x()).shape != x().shape,
    ),
    "along the batch": (
        lambda: Stack(8),
        lambda: Stack(8, parts.add_positions_along_the_batch),
        lambda model: properties.batch_order_matters(model, x()),
        lambda model: properties.batch_order_matters(model, x(batch=1)),
    ),
    "in the padding": (
        lambda: Summarised(8),
        lambda: Summarised(8, parts.read_in_the_last_column),
        lambda model: properties.padding_matters(model, x(), UNEVEN),
        lambda model: properties.padding_matters(model, x(), torch.full((4,), 6)),
    ),
    "positions are forgotten": (
        lambda: Stack(8),
        lambda: Stack(8, parts.forget_positions),
        lambda model: properties.order_ignored(model, x()),
        lambda model: model(x()).shape != x().shape,
    ),
}


def learns(mask):
    """The weakest test of all: the loss goes down."""
    model, ids = NextLetter(12, mask, d_model=8), torch.randint(1, 12, (16, 6))
    history = fit(model, NextLetter.loss, [(ids,)], n_steps=20, learning_rate=0.01)
    return history.loss[-1] < history.loss[0]


@pytest.mark.parametrize("words", MODEL_BUGS)
def test_a_bug_in_a_model_is_found_by_its_own_test_and_missed_by_the_weaker_one(words):
    right, wrong, test, weaker = MODEL_BUGS[words]
    assert exhibit(words)
    assert not test(ready(right()))
    assert test(ready(wrong()))
    assert not weaker(ready(wrong()))


def test_an_answer_inside_its_question_is_found_and_the_score_does_not_mind():
    series = torch.randn(40, 1).cumsum(dim=0)
    (X, y), (X_late, y_late) = (cut(series, 5) for cut in (pipelines.cut_windows, pipelines.cut_windows_late))
    assert not pipelines.answers_inside(X, y)
    assert pipelines.answers_inside(X_late, y_late)
    assert pipelines.r2(y_late, X_late[:, -1]) == 1, "a perfect score"


def test_the_worst_checkpoint_is_found_and_the_curve_is_the_same():
    losses = [2.0, 0.5, 0.4, 0.6]
    passes = {name: pipelines.is_the_best(losses[keep(losses)], losses) for name, keep in pipelines.KEEPING.items()}
    assert passes == {"best": True, "last": False, "worst": False}


def test_a_scaler_that_has_seen_the_test_is_found_and_mean_and_std_look_fine():
    rows = torch.randn(60, 2).cumsum(dim=0)
    assert not pipelines.knows_the_test(pipelines.scale, rows, 40)
    assert pipelines.knows_the_test(pipelines.scale_with_everything, rows, 40)
    scaled = pipelines.scale_with_everything(rows, 40)
    assert torch.allclose(scaled.mean(dim=0), torch.zeros(2), atol=1e-5)
    assert torch.allclose(scaled.std(dim=0), torch.ones(2), atol=1e-5)


def test_a_map_without_its_mask_is_found_and_its_rows_sum_to_1():
    query, key, mask = torch.randn(5, 4), torch.randn(5, 4), parts.look_back(torch.zeros(1, 5, 4))
    assert not pipelines.sees_the_masked(pipelines.drawn_map(query, key, mask), mask)
    drawn = pipelines.drawn_without_mask(query, key, mask)
    assert pipelines.sees_the_masked(drawn, mask)
    assert torch.allclose(drawn.sum(dim=-1), torch.ones(5))


def test_the_catalogue_names_tools_that_exist_and_lines_that_differ():
    for each in EXHIBITS:
        tool = each.caught_by.removeprefix("not ")
        assert tool in EXERCISES or hasattr(pipelines, tool)
        assert re.search(r"^- ", each.diff, re.MULTILINE)
        assert re.search(r"^\+ ", each.diff, re.MULTILINE)
        assert each.bug in repr(Catalogue())
        assert each.missed_by in Catalogue()._repr_html_()
    with pytest.raises(ValueError, match="there is no exhibit 'nothing'; there are: one token"):
        exhibit("nothing")


FOUND = {  # what the four tests say of each unknown model: future (writers only), batch, padding (readers only), order
    1: (True, False, None, False),
    2: (None, False, False, True),
    3: (None, False, False, False),
    4: (None, False, True, False),
    5: (False, True, None, False),
    6: (False, False, None, False),
    7: (None, False, True, False),
    8: (True, False, None, False),
}


@pytest.mark.parametrize("number", FOUND)
def test_the_four_tests_find_what_is_wrong_with_an_unknown_model(number):
    model = mystery.mystery(number)
    writes = model.job == mystery.WRITES
    found = (
        properties.future_leaks(model, x()) if writes else None,
        properties.batch_order_matters(model, x()),
        None if writes else properties.padding_matters(model, x(), UNEVEN),
        properties.order_ignored(model, x()),
    )
    assert found == FOUND[number]
    assert (mystery.solution(number) == "nothing") == (True not in found)
    assert mystery.solution(number) not in repr(model)


def test_there_are_only_eight():
    for ask in (mystery.mystery, mystery.solution):
        with pytest.raises(ValueError, match="choose 1 to 8, not 9"):
            ask(9)


def test_writing_and_training_agree_only_where_the_future_is_hidden():
    ids = torch.randint(1, 12, (8, 6))
    for mask, agree in ((parts.look_back, True), (parts.look_one_ahead, False)):
        model = NextLetter(12, mask, d_model=8).eval()
        both = model.loss((ids,)), model.loss_while_writing((ids,))
        assert torch.allclose(*both, atol=1e-5) == agree


def test_what_the_notebook_says_of_the_cost_is_in_the_table():
    table = load_results("bugs")

    def scores(study, version, measure):
        rows = (table["study"] == study) & (table["version"] == version) & (table["measure"] == measure)
        assert rows.any()
        return table["score"][rows]

    for wrong in ("one ahead", "wrong half"):
        reported, writing = (scores("masks", wrong, name) for name in ("reported (nats)", "while writing (nats)"))
        assert max(reported) < min(scores("masks", "right", "reported (nats)"))
        assert min(writing) > max(scores("masks", "right", "while writing (nats)"))
    assert min(scores("positions", "right", "accuracy")) > max(scores("positions", "along the batch", "accuracy"))
    assert min(scores("checkpoints", "best", "accuracy")) > max(scores("checkpoints", "worst", "accuracy"))
    assert scores("labels", "late", "next year (R2)") < scores("labels", "same as last year", "next year (R2)")
    assert max(scores("padding", "right", "change with company")) == 0
    assert min(scores("padding", "last column", "change with company")) > 0.02


def test_a_model_that_looks_round_in_a_circle_does_not_escape():
    set_seed(0)
    circle = nn.Conv1d(3, 3, 3, padding=1, padding_mode="circular")
    assert not properties.order_ignored(lambda x: circle(x.mT).mT, torch.randn(2, 5, 3))
    assert properties.batch_order_matters(lambda x: circle(x.permute(1, 2, 0)).permute(2, 0, 1), torch.randn(5, 4, 3))


def test_what_cannot_be_judged_is_refused():
    with pytest.raises(ValueError, match="expected two tokens or more, got 1"):
        properties.order_ignored(lambda x: x, torch.randn(2, 1, 3))
    for ask in (properties.future_leaks, properties.batch_order_matters, properties.order_ignored):
        with pytest.raises(ValueError, match="x: expected finite numbers"):
            ask(lambda x: x, torch.full((2, 3, 4), torch.nan))


def test_properties_ask_in_the_numbers_of_the_model():
    assert not properties.future_leaks(nn.Linear(3, 3).bfloat16(), torch.randn(2, 5, 3).bfloat16())
