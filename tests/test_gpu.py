"""Every training cell can run on a GPU: fit() takes model and batches there, and nothing is forgotten on the CPU.

No GPU is needed: a pretended one refuses what a real one would refuse. What it cannot show: speed, and rounding.
"""

import re
from pathlib import Path
from unittest.mock import patch

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from helpers import tasks, training
from helpers.batches import Batches
from helpers.forecasting.candidates import _loss as forecast_loss
from helpers.models import forecast, letters, pieces, ring, text, vision
from helpers.models.transformer import TransformerConfig
from helpers.museum import parts, trained
from tests.pretend_gpu import PretendGpu

SOURCES = sorted((Path(__file__).parents[1] / "notebooks" / "source").glob("*.py"))
SMALL = TransformerConfig(d_model=8, n_heads=2, n_layers=2, d_ff=16, norm_first=True)
IDS, LENGTHS = torch.randint(2, 7, (6, 5)), torch.tensor([5, 3, 4, 1, 5, 2])
NAMES = IDS.masked_fill(torch.arange(5) >= LENGTHS[:, None], letters.PADDING), LENGTHS, torch.randint(3, (6,))


def spelling_loss(model, batch):
    image, ids = batch
    return F.cross_entropy(model(image, ids[:, :-1]).transpose(1, 2), ids[:, 1:], ignore_index=letters.PADDING)


CASES = {  # what the notebooks train, small
    "02, 03 reader, plain": lambda: (letters.Reader("rnn", 7, 3, d_hidden=8), letters.reading_loss, NAMES),
    "03 reader": lambda: (letters.Reader("gru", 7, 3, d_hidden=8), letters.reading_loss, NAMES),
    "03 look inside": lambda: (letters.Reader("lstm", 7, 3, d_hidden=8), letters.reading_loss, NAMES),
    "03 writer": lambda: (letters.Writer(4, 7), spelling_loss, (torch.randn(6, 4), NAMES[0])),
    "06 ring": lambda: (ring.RingReader(2), ring.RingReader.loss, tasks.ring(n_rows=6)),
    "07 pieces": lambda: (pieces.RingAdder(), pieces.RingAdder.loss, tasks.ring(n_rows=6, n_letters=6)),
    "08 encoder": lambda: (text.Classifier(7, 5, 3, SMALL), letters.reading_loss, NAMES),
    "08 decoder": lambda: (text.LanguageModel(7, 5, SMALL), text.writing_loss, NAMES[:2]),
    "08 translator": lambda: (text.Translator(7, 7, 5, SMALL), text.translating_loss, (*NAMES[:2], NAMES[0])),
    "09 images": lambda: (
        vision.VisionTransformer(vision.VisionConfig()),
        vision.image_loss,
        (torch.rand(6, 1, 8, 8), torch.randint(10, (6,))),
    ),
    "11 next letter": lambda: (trained.NextLetter(7), trained.NextLetter.loss, NAMES[:1]),
    "11 next letter, with its bug": lambda: (
        trained.NextLetter(7, parts.look_one_ahead),
        trained.NextLetter.loss,
        NAMES[:1],
    ),
    "12 GRU": lambda: (forecast.GruForecaster(3), forecast_loss, (torch.randn(6, 8, 3), torch.randn(6, 1))),
    "12 Transformer": lambda: (
        forecast.TransformerForecaster(8, 3),
        forecast_loss,
        (torch.randn(6, 8, 3), torch.randn(6, 1)),
    ),
}


@pytest.fixture
def gpu():
    with PretendGpu() as gpu, patch.object(training, "pick_device", lambda: gpu.device):
        yield gpu


@pytest.mark.parametrize("case", CASES)
def test_a_training_cell_runs_on_the_gpu_and_its_model_comes_back(gpu, case):
    model, loss, rows = CASES[case]()
    batches, seen = Batches(*rows, size=4), []

    def on_the_gpu(model, batch):
        seen.extend(gpu.holds(each) for each in (*model.parameters(), *batch))
        return loss(model, batch)

    before = [parameter.detach().clone() for parameter in model.parameters()]
    history = training.fit(model, on_the_gpu, batches, batches, n_epochs=2, clip=1.0)
    assert history.ended == "finished"
    assert len(history.loss) == 4
    assert all(seen)
    assert not any(gpu.holds(each) for each in model.state_dict().values())
    assert any(not torch.equal(*pair) for pair in zip(before, model.parameters(), strict=True))
    training.evaluate(model, loss, batches)  # here again


def test_the_model_comes_back_from_a_training_that_failed(gpu):
    model = nn.Linear(3, 1)
    with pytest.raises(ValueError, match="loss: expected one number"):
        training.fit(model, lambda model, batch: model(batch), [torch.randn(2, 3)], n_epochs=1)
    assert not any(map(gpu.holds, model.parameters()))


def test_an_optimiser_that_goes_on_from_one_training_to_the_next(gpu):
    model, batches = nn.Linear(3, 1), [torch.randn(2, 3)]
    optimiser = torch.optim.Adam(model.parameters())
    for _ in range(2):
        training.fit(model, lambda model, batch: model(batch).square().mean(), batches, n_steps=2, optimiser=optimiser)
    assert optimiser.state[model.weight]["step"] == 4


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_no_notebook_trains_past_fit(source):
    loops = re.findall(r"^ +.*\.step\(\)\n", source.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(loops) <= (source.stem[:2] == "02")  # one step by hand, to look at


WRONG = {
    "a mask made on the CPU": lambda x: x + torch.arange(x.shape[-1], dtype=x.dtype),
    "a table left on the CPU": lambda x: torch.randn(4, 3)[x.argmax(dim=-1)],
    "a row written from the CPU": lambda x: x.clone().index_fill_(0, torch.tensor([0]), 0.0),
    "weights left on the CPU": nn.Linear(3, 1),
    "numpy": lambda x: x.numpy(),
}
RIGHT = {
    "made where x is": lambda x: x + torch.arange(3, device=x.device),
    "single numbers": lambda x: x * torch.tensor(2.0) + 1,
    "indices from the CPU": lambda x: x[torch.tensor([1, 0])],
    "views and other kinds": lambda x: x.mT.to(torch.float64) @ x.double(),
    "back": lambda x: x.cpu() + torch.ones(2, 3),
}


@pytest.mark.parametrize("name", [*WRONG, *RIGHT])
def test_the_pretended_gpu_refuses_what_a_real_one_refuses(name):
    with PretendGpu() as gpu:
        x = torch.rand(2, 3).to(gpu.device)
        if name in RIGHT:
            assert gpu.holds(RIGHT[name](x)) == (name != "back")
            return
        with pytest.raises((RuntimeError, TypeError), match="GPU"):
            WRONG[name](x)
