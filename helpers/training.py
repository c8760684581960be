"""Training, the same for every model of the course: fit(model, loss, train, validation) -> History.

A batch is whatever the loss takes apart: a tensor, or a tuple such as (x, lengths, label); helpers.batches cuts them.
Training takes a fixed number of steps, never a time budget: the same seed, the same result, on any speed of machine.
"""

import math
import os
import random
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
import torch
from tqdm.auto import tqdm

from helpers.arguments import as_number, expect_count, expect_number, expect_type, told
from helpers.batches import first_of, on_device, stream


def set_seed(seed):
    """Start all random numbers (Python's, numpy's, torch's) at the same place, so that a run can be repeated."""
    seed = expect_count("seed", seed, least=0, most=2**32 - 1)  # numpy takes no larger one
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def pick_device():
    """Where fit() trains: on the GPU where torch finds an NVIDIA one, else on the CPU; nothing here needs a GPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


@dataclass
class History:
    """What happened during training, and why it ended."""

    loss: list[float] = field(default_factory=list)  # of each step's batch, before the step
    gradient_norm: list[float] = field(default_factory=list)  # of each step, before clipping
    validation: list[tuple[int, float]] = field(default_factory=list)  # (steps taken, value; lower is better)
    best_step: int | None = None  # the steps after which validation was best: these weights were kept
    seconds: float = 0.0
    ended: str = "finished"  # or the sentence that says what stopped it

    def __repr__(self):
        return f"History({len(self.loss)} steps; {self.ended})"


def fit(
    model,
    loss,
    train,
    validation=None,
    *,
    n_epochs=None,
    n_steps=None,
    optimiser=None,
    learning_rate=1e-3,
    scheduler=None,
    clip=None,
    check_every=None,
    patience=None,
):
    """Train a model in place and leave it ready to use (in eval mode), with the best weights that validation saw.

    A loss or gradient that is no longer a number ends training with a printed sentence and the last good weights.
    Interrupting (the stop button) ends it too, and keeps what was learned.

    Args:
        model: any nn.Module; trained, like the batches, where pick_device() says, and then back where it was.
        loss: (model, batch) -> a scalar tensor, the mean over the batch.
        train: batches that can be gone through again and again: Batches, a DataLoader, a list.
        validation: batches, judged by the same loss; or a function model -> number, lower is better.
        n_epochs: passes over `train`; or else
        n_steps: batches in all, beginning anew whenever a pass ends.
        optimiser: of torch.optim, over the model's parameters; by default Adam with learning_rate.
        learning_rate: for the default optimiser.
        scheduler: of torch.optim.lr_scheduler, stepped after every batch.
        clip: the norm to which a longer gradient (all parameters together) is shortened.
        check_every: steps between validations; by default once a pass, and always at the end.
        patience: stop after this many validations in a row that bring no improvement; by default never.

    Returns:
        History

    Raises:
        ValueError: arguments that contradict each other, no batches, or a loss that is not one number.
    """
    given = dict(locals())
    expect_type("model", model, torch.nn.Module)
    expect_type("loss", loss, Callable)
    expect_type("train", train, Iterable)
    if validation is not None and not callable(validation):
        expect_type("validation", validation, Iterable)
        if isinstance(validation, Iterator):
            raise ValueError("validation: a generator can be gone through only once; give a list, or Batches")
    for name in ("n_epochs", "n_steps", "check_every", "patience"):
        if given[name] is not None:
            expect_count(name, given[name])
    for name in ("learning_rate", *(["clip"] if clip is not None else [])):
        expect_number(name, given[name], above=0)
    if (n_epochs is None) == (n_steps is None):
        raise ValueError("n_epochs, n_steps: give one of them, and only one")
    if patience is not None and validation is None:
        raise ValueError("patience: needs validation, or there is nothing to be patient about")
    optimiser = optimiser or torch.optim.Adam(model.parameters(), lr=learning_rate)
    home = _device(model)
    model.to(pick_device())
    history, good = History(), _Weights(model)
    judge = _Judge(model, loss, validation, history)
    begin, bar = time.perf_counter(), _bar(train, n_epochs, n_steps)
    try:
        for batch, pass_ended in stream(train, n_epochs, n_steps):
            model.train()
            value, norm = _step(model, loss, batch, optimiser, clip, good)
            if scheduler is not None:
                scheduler.step()
            history.loss.append(value)
            history.gradient_norm.append(norm)
            bar.update()
            bar.set_postfix_str(f"loss {value:.3f}", refresh=False)
            if pass_ended if check_every is None else len(history.loss) % check_every == 0:
                judge.ask()
                if patience is not None and judge.waited >= patience:
                    history.ended = f"stopped early: {patience} validations in a row without improvement"
                    break
        judge.ask()
    except _NotANumberError as error:
        good.restore()
        kept = _kept(history, "the weights of before are back")
        history.ended = f"stopped: {error} at step {len(history.loss) + 1}; {kept}"
        print(f"Training {history.ended}.")
    except KeyboardInterrupt:
        history.ended = f"interrupted after {len(history.loss)} steps; {_kept(history, 'what was learned is kept')}"
        print(f"Training {history.ended}.")
    finally:
        bar.close()
        if history.best_step is not None:
            judge.weights.restore()
        model.eval().to(home)
    history.seconds = time.perf_counter() - begin
    return history


@torch.no_grad()
def evaluate(model, score, batches):
    """The mean of score(model, batch) over all rows of all batches, in eval mode and without gradients.

    Args:
        model: any nn.Module; batches are moved to its device, and the mode of each part is left as it was.
        score: (model, batch) -> a number, the mean over the batch; a loss, or an accuracy.
        batches: Batches, a DataLoader, a list.

    Returns:
        float

    Raises:
        ValueError: no batches.
    """
    expect_type("model", model, torch.nn.Module)
    expect_type("score", score, Callable)
    expect_type("batches", batches, Iterable)
    modes, total, n_rows = [(module, module.training) for module in model.modules()], 0.0, 0
    model.eval()
    try:
        for batch in batches:
            rows = len(first_of("batches", batch))
            total += rows * as_number("score", score(model, on_device(batch, _device(model))))
            n_rows += rows
    finally:
        for module, mode in modes:
            module.training = mode
    if not n_rows:
        raise ValueError("batches: there is nothing to evaluate")
    return total / n_rows


def _kept(history, otherwise):
    """Which weights the model has in the end."""
    if history.best_step is None:
        return otherwise
    return f"the weights of step {history.best_step}, the best on validation, are back"


class _NotANumberError(ArithmeticError):
    """The loss or the gradient left the numbers."""


def _step(model, loss, batch, optimiser, clip, good):
    """One step of training -> the loss before it and the norm of its gradient before clipping."""
    value = loss(model, on_device(batch, _device(model)))
    if getattr(value, "shape", None) != ():
        raise ValueError(f"loss: expected one number, got {told(value)}; take its mean")
    if not value.isfinite():
        raise _NotANumberError(f"the loss became {value.item()}")
    good.keep()
    optimiser.zero_grad()
    value.backward()
    parameters = [parameter for group in optimiser.param_groups for parameter in group["params"]]
    norm = torch.nn.utils.clip_grad_norm_(parameters, math.inf if clip is None else clip)
    if not norm.isfinite():
        raise _NotANumberError(f"the gradient became {norm.item()}")
    optimiser.step()
    return value.item(), norm.item()


class _Weights:
    """A copy of everything a model has learned, buffers included."""

    def __init__(self, model):
        self.live = list(model.state_dict().values())  # these share the model's memory
        self.kept = [tensor.clone() for tensor in self.live]

    def keep(self):
        for kept, live in zip(self.kept, self.live, strict=True):
            kept.copy_(live)

    def restore(self):
        for kept, live in zip(self.kept, self.live, strict=True):
            live.copy_(kept)


class _Judge:
    """Asks validation now and then, and keeps the weights it liked best."""

    def __init__(self, model, loss, validation, history):
        self.model, self.loss, self.validation, self.history = model, loss, validation, history
        self.best, self.waited = math.inf, 0  # lowest value so far, and how many checks came after it
        self.weights = _Weights(model)

    def ask(self):
        """Validate now, unless there is no validation or it has seen these very weights."""
        checks, n_steps = self.history.validation, len(self.history.loss)
        if self.validation is None or (checks and checks[-1][0] == n_steps):
            return
        if callable(self.validation):
            with torch.no_grad():
                value = as_number("validation", self.validation(self.model.eval()))
        else:
            value = evaluate(self.model, self.loss, self.validation)
        checks.append((n_steps, value))
        self.waited += 1
        if value < self.best:
            self.best, self.waited, self.history.best_step = value, 0, n_steps
            self.weights.keep()


def _bar(train, n_epochs, n_steps):
    """A progress bar that vanishes; none where output is compared (pytest, nbval) or kept (TQDM_DISABLE is set)."""
    total = n_steps
    if n_epochs is not None:
        with suppress(TypeError):  # of some batches nobody knows how many they are
            total = n_epochs * len(train)
    return tqdm(total=total, unit="step", leave=False, disable=bool({"PYTEST_VERSION", "TQDM_DISABLE"} & {*os.environ}))


def _device(model):
    return next((parameter.device for parameter in model.parameters()), torch.device("cpu"))
