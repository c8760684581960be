"""What fit promises: the same seed the same result, the best weights, and a calm end whatever happens."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, IterableDataset

from helpers.batches import Batches
from helpers.training import History, evaluate, fit, pick_device, set_seed


def loss(model, batch):
    x, y = batch
    return F.mse_loss(model(x), y)


def problem(n=64):
    torch.manual_seed(1)
    x = torch.randn(n, 3)
    return x, x @ torch.tensor([[1.0], [-2.0], [0.5]]) + 0.3


def fresh():
    set_seed(0)
    return nn.Linear(3, 1)


class Falling:
    """A validation that says what it is told to, one value after another, and notes the weights it was shown."""

    def __init__(self, values):
        self.values, self.seen = iter(values), []

    def __call__(self, model):
        assert not model.training
        self.seen.append({name: tensor.clone() for name, tensor in model.state_dict().items()})
        return next(self.values)


def same(state, other):
    return all(torch.equal(state[name], other[name]) for name in state)


def test_fit_learns_and_leaves_the_model_in_eval_mode():
    model, train = fresh(), Batches(*problem(), size=16)
    history = fit(model, loss, train, n_epochs=50, learning_rate=0.05)
    assert evaluate(model, loss, train) < 1e-3
    assert len(history.loss) == len(history.gradient_norm) == 200
    assert history.loss[-1] < 0.01 * history.loss[0]
    assert not model.training
    assert repr(history) == "History(200 steps; finished)"


def test_same_seed_same_result_and_another_seed_another():
    def run(seed):
        set_seed(seed)
        model = nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.5), nn.Linear(8, 1))
        return fit(model, loss, Batches(*problem(), size=10), n_steps=25).loss

    first = run(0)
    assert run(0) == first
    assert run(1) != first


@pytest.mark.parametrize(("limits", "n_steps"), [({"n_epochs": 3}, 12), ({"n_steps": 7}, 7), ({"n_steps": 4}, 4)])
def test_takes_exactly_as_many_steps_as_asked(limits, n_steps):
    history = fit(fresh(), loss, Batches(*problem(), size=16), **limits)
    assert len(history.loss) == n_steps


def test_takes_batches_that_never_end():
    def endless():
        while True:
            yield problem(8)

    assert len(fit(fresh(), loss, endless(), n_steps=9).loss) == 9


def test_validates_once_a_pass_and_at_the_end():
    train = Batches(*problem(), size=16)
    history = fit(fresh(), loss, train, train, n_steps=10)
    assert [step for step, _ in history.validation] == [4, 8, 10]
    history = fit(fresh(), loss, train, train, n_steps=9, check_every=3)
    assert [step for step, _ in history.validation] == [3, 6, 9]


def test_trains_in_training_mode_also_after_a_validation():
    def only_while_training(model, batch):
        assert model.training
        return loss(model, batch)

    fit(fresh(), only_while_training, [problem()], Falling([1.0, 2.0, 3.0]), n_steps=3)


def test_keeps_the_best_weights_not_the_last():
    model, validation = fresh(), Falling([3.0, 1.0, 2.0, math.nan])
    history = fit(model, loss, Batches(*problem(), size=16), validation, n_epochs=4)
    assert history.best_step == 8
    assert same(model.state_dict(), validation.seen[1])
    assert not same(model.state_dict(), validation.seen[3])


def test_stops_after_so_many_validations_without_improvement():
    model, validation = fresh(), Falling([3.0, 1.0, 2.0, 0.5, 1.0, 0.9, 0.1])
    history = fit(model, loss, Batches(*problem(), size=64), validation, n_epochs=20, patience=2)
    assert len(history.loss) == 6
    assert history.ended == "stopped early: 2 validations in a row without improvement"
    assert same(model.state_dict(), validation.seen[3])


def test_clipping_shortens_a_long_gradient_and_history_tells_its_length():
    def one_step(clip):
        model = fresh()
        before = model.weight.detach().clone()
        optimiser = torch.optim.SGD(model.parameters(), lr=1.0)
        history = fit(model, loss, [problem()], n_steps=1, optimiser=optimiser, clip=clip)
        moved = torch.cat([(model.weight - before).flatten(), (model.bias - fresh().bias)]).norm()
        return moved.item(), history.gradient_norm[0]

    whole, norm = one_step(None)
    assert whole == pytest.approx(norm, rel=1e-5)
    assert norm > 1
    assert one_step(0.1) == pytest.approx((0.1, norm), rel=1e-4)


def test_the_scheduler_is_stepped_after_every_batch():
    model = fresh()
    optimiser = torch.optim.SGD(model.parameters(), lr=1.0)
    scheduler = torch.optim.lr_scheduler.StepLR(optimiser, step_size=1, gamma=0.5)
    fit(model, loss, Batches(*problem(), size=16), n_steps=3, optimiser=optimiser, scheduler=scheduler)
    assert optimiser.param_groups[0]["lr"] == 0.125


# When it goes wrong


def test_a_loss_that_turns_nan_ends_training_with_a_sentence_and_the_weights_of_before(capsys):
    model, seen = fresh(), []

    def breaks(model, batch):
        seen.append({name: tensor.clone() for name, tensor in model.state_dict().items()})
        return loss(model, batch) * (math.nan if len(seen) == 4 else 1.0)

    history = fit(model, breaks, Batches(*problem(), size=16), n_steps=10)
    assert len(history.loss) == 3
    assert same(model.state_dict(), seen[2])  # the last weights whose loss was a number
    assert "the loss became nan at step 4; the weights of before are back" in capsys.readouterr().out
    assert "nan at step 4" in repr(history)


def test_weights_that_blow_up_are_taken_back(capsys):
    model = fresh()
    optimiser = torch.optim.SGD(model.parameters(), lr=1e25)
    fit(model, loss, Batches(*problem(), size=16), n_steps=10, optimiser=optimiser)
    assert "the loss became inf at step 2" in capsys.readouterr().out
    assert same(model.state_dict(), fresh().state_dict())


def test_a_gradient_that_turns_nan_is_not_followed(capsys):
    model = fresh()

    def square_root_at_zero(model, batch):
        return (model.weight * 0).sum().sqrt()  # 0, but its derivative is inf * 0

    fit(model, square_root_at_zero, [problem()], n_steps=3)
    assert "the gradient became nan at step 1" in capsys.readouterr().out
    assert same(model.state_dict(), fresh().state_dict())


@pytest.mark.parametrize("validated", [False, True])
def test_interrupting_keeps_what_was_learned(validated, capsys):
    model, calls = fresh(), 0

    def interrupted(model, batch):
        nonlocal calls
        calls += 1
        if calls == 31:
            raise KeyboardInterrupt
        return loss(model, batch)

    train = Batches(*problem(), size=16)
    validation = (lambda model: evaluate(model, loss, train)) if validated else None
    history = fit(model, interrupted, train, validation, n_epochs=50, learning_rate=0.05)
    assert len(history.loss) == 30
    kept = f"the weights of step {history.best_step}, the best on validation, are back"
    assert f"interrupted after 30 steps; {kept if validated else 'what was learned is kept'}" in capsys.readouterr().out
    assert evaluate(model, loss, train) < 0.5 * history.loss[0]
    assert not model.training


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({}, "n_epochs, n_steps: give one of them"),
        ({"n_epochs": 1, "n_steps": 1}, "n_epochs, n_steps: give one of them"),
        ({"n_steps": 1, "patience": 2}, "patience: needs validation"),
        ({"n_epochs": 1, "train": []}, "train: no batches in pass 1"),
        ({"n_epochs": 2, "train": iter([problem()])}, "train: no batches in pass 2; a generator"),
        (
            {"n_epochs": 1, "loss": lambda model, batch: model(batch[0])},
            "loss: expected one number, got Tensor of shape \\(16, 1\\)",
        ),
        ({"n_epochs": 1, "validation": []}, "batches: there is nothing to evaluate"),
        ({"n_epochs": 2, "validation": iter([problem()])}, "validation: a generator can be gone through only once"),
    ],
)
def test_what_cannot_be_trained_gets_a_sentence(arguments, sentence):
    given = {"train": Batches(*problem(), size=16), "loss": loss, **arguments}
    with pytest.raises(ValueError, match=sentence):
        fit(fresh(), **given)


# Its parts


def test_evaluate_weighs_batches_by_their_rows_and_leaves_the_mode_alone():
    model = fresh().train()
    seen = []

    def mean_of(model, batch):
        assert not model.training
        assert not torch.is_grad_enabled()
        seen.append(len(batch))
        return batch.mean()

    rows = torch.arange(10.0)
    assert evaluate(model, mean_of, list(rows.split(4))) == rows.mean()
    assert seen == [4, 4, 2]
    assert model.training


def test_evaluate_leaves_the_mode_of_each_part_alone():
    model = nn.Sequential(nn.Linear(1, 1), nn.Dropout())
    model[1].eval()
    evaluate(model, lambda model, batch: batch.mean(), [torch.ones(2)])
    assert [part.training for part in (model, *model)] == [True, True, False]


def test_trains_on_batches_of_which_nobody_knows_how_many_they_are():
    class Stream(IterableDataset):
        def __iter__(self):
            return zip(*problem(), strict=True)

    history = fit(fresh(), loss, DataLoader(Stream(), batch_size=4), n_epochs=2)
    assert len(history.loss) == 2 * math.ceil(len(problem()[0]) / 4)


def test_batches_hold_every_row_once_a_pass_together_and_in_another_order():
    x = torch.arange(10)
    batches = Batches(x, x * 10, size=4)
    passes = [torch.cat([rows for rows, _ in batches]) for _ in range(2)]
    assert all(torch.equal(one.sort().values, x) for one in passes)
    assert not torch.equal(passes[0], passes[1])
    assert all(torch.equal(tens, rows * 10) for rows, tens in batches)


@pytest.mark.parametrize(
    ("tensors", "size", "sentence"),
    [((3, 4), 2, "different numbers of rows: \\[3, 4\\]"), ((0,), 2, "no rows"), ((), 2, "no rows"), ((3,), 0, "size")],
)
def test_batches_that_cannot_be_cut_get_a_sentence(tensors, size, sentence):
    with pytest.raises(ValueError, match=sentence):
        Batches(*(torch.zeros(n) for n in tensors), size=size)


def test_the_progress_bar_shows_on_a_terminal_and_is_quiet_where_output_is_compared(capsys, monkeypatch):
    fit(fresh(), loss, Batches(*problem(), size=16), n_steps=3)
    assert capsys.readouterr() == ("", "")
    monkeypatch.delenv("PYTEST_VERSION")
    fit(fresh(), loss, Batches(*problem(), size=16), n_steps=3)
    out, err = capsys.readouterr()
    assert "/3 " in err
    assert out == ""
    assert err.rstrip(" \r") != err, "the bar is wiped at the end"


def test_a_fresh_history_is_empty_and_there_is_always_a_device():
    assert repr(History()) == "History(0 steps; finished)"
    assert pick_device().type in ("cpu", "cuda")
