"""helpers around the models: series, splits, baselines, data sets, training, words, forecasting."""

import math

import numpy as np
import torch

from helpers.baselines import NgramLanguageModel, RidgeForecast
from helpers.batches import Batches
from helpers.datasets import load_names
from helpers.forecasting import Settings, Task
from helpers.forecasting.reading import Reading
from helpers.prepared import load_reference
from helpers.vocabulary import Vocabulary
from tests.arguments import Choice, Is, N, R, T, Words, call, made
from tests.arguments.models import lengths

ALL = ("whole numbers", "bools", "complex", "doubles")
SETTINGS = {"path": "sales.csv", "time": "day", "values": ["sold"], "length": 8, "horizon": 2}
FRACTIONS = Is((0.5, 0.25, 0.25), wrong={
    "text": "half", "number": 0.5, "two": (0.5, 0.5), "sum": (0.5, 0.5, 0.5), "negative": (1.5, -0.25, -0.25), "zero": (0.5, 0.5, 0.0),
    "NaN": (math.nan, 0.5, 0.5), "words": ("a", "b", "c"),
})  # fmt: skip
WINDOW = {"length": N(huge=False), "horizon": N(huge=False)}


def steps(least=60):
    return made(
        lambda s: least,
        wrong={"text": "60", "decimal": 60.5, "bool": True, "negative": -1, "NaN": math.nan, "list": [60]},
    )


def starts(**rest):
    return made(
        lambda s: torch.tensor([0, 5]),
        wrong={
            "text": "text",
            "decimals": torch.tensor([0.5]),
            "bools": torch.tensor([True]),
            "two axes": torch.zeros(2, 2).long(),
            "number": 3,
            **rest,
        },
    )


def model():
    return torch.nn.Linear(2, 1)


def loss(model, batch):
    x, y = batch
    return ((model(x) - y) ** 2).mean()


TRAIN = made(
    lambda s: Batches(torch.randn(4, 2), torch.randn(4, 1), size=2),
    wrong={"text": "train", "number": 3, "nothing": [], "no batches": [3]},
)
FIT = {
    "model": made(lambda s: model(), wrong={"text": "model", "function": len, "class": torch.nn.Linear}),
    "loss": Is(
        loss,
        wrong={
            "text": "mse",
            "number": 0.5,
            "no scalar": lambda _: lambda m, b: torch.ones(2),
            "no tensor": lambda _: lambda m, b: 0.5,
            "nothing": lambda _: lambda m, b: None,
        },
    ),
    "train": TRAIN,
    "validation": Is(None, optional=True, key="batches", wrong={"text": "validation", "number": 3, "nothing": []}),
}


def words():
    return Vocabulary(["up", "down"], torch.eye(2), {})


def fitted(s):
    return RidgeForecast().fit(torch.randn(6, s.of("length"), s.of("features")), torch.randn(6, s.of("features")))


def reading():
    steps = np.arange("2024-01-01", "2024-06-01", dtype="datetime64[D]")
    values = np.sin(np.arange(len(steps)) / 3)[:, None]
    return Reading(steps.astype("datetime64[s]"), values, np.ones(len(steps), dtype=bool), ("sold",), ())


READING = made(lambda s: reading(), wrong={"text": "sales.csv", "number": 3, "settings": Settings(**SETTINGS)})
CHOSEN = Is(Settings(**SETTINGS), wrong={"text": "sales.csv", "dict": SETTINGS})
TASK = made(
    lambda s: Task(reading(), Settings(**SETTINGS)),
    wrong={"text": "task", "settings": Settings(**SETTINGS), "number": 3},
)
MODEL = Is(lambda x, *lengths: x.cumsum(dim=1), wrong={"text": "model", "number": 3})
LOOSE = ("batch", "seq", "d_model")

CALLS = {
    "splits.make_windows": call(x=T("steps features", least={"steps": 60}, loose=("steps", "features"), fine=ALL, wrong={"NaN": lambda right: right * math.nan}), length=N(huge=False), horizon=N(huge=False)),
    "splits.chronological_split": call(n_steps=steps(), **WINDOW, fractions=FRACTIONS, gap=N(0, most="2", fine=("too large",), wrong={"longer": 60})),
    "splits.split_by_start": call(n_steps=steps(), **WINDOW, fractions=FRACTIONS, gap=N(0, huge=False)),
    "splits.shuffled_split": call(n_steps=steps(), **WINDOW, fractions=FRACTIONS, seed=N(0, huge=False)),
    "splits.window_order": call(n_steps=steps(), **WINDOW, seed=N(0, huge=False)),
    "splits.walk_forward": call(n_steps=steps(), **WINDOW, n_splits=N(2, huge=False)),
    "splits.group_split": call(
        groups=made(lambda s: torch.tensor([0, 0, 1, 1, 2, 2]), wrong={"text": "text", "number": 3, "one group": [1, 1], "two axes": torch.ones(2, 2), "nothing": [], "NaN": [math.nan, 1.0]}),
        fraction=Is(0.5, wrong={"zero": 0.0, "one": 1.0, "text": "half", "NaN": math.nan, "above": 1.5, "bool": True, "negative": -0.5, "list": [0.5]}), seed=N(0, huge=False),
    ),
    "splits.fit_scaler": call(train=T("rows features", loose=("rows",), fine=("doubles",), wrong={"NaN": lambda right: right * math.nan, "nothing": torch.ones(0, 2)}), test=T("test_rows features", loose=("test_rows",), fine=("doubles",))),
    "splits.rows_of": call(starts=starts(), **WINDOW),
    "splits.leaking_windows": call(train=starts(), test=starts(), **WINDOW),
    "splits.check_times": call(times=Is(np.array(["2024-01-01", "2024-01-02"], dtype="datetime64[D]"), wrong={"text": "text", "number": 3, "words": ["a", "b"], "NaN": [1.0, math.nan], "twice": [1, 1], "backwards": [2, 1], "two axes": np.ones((2, 2)), "mixed": [1, "a", None]})),
    "baselines.seasonal_naive_mae": call(x=T("steps", least={"steps": 9}, loose=("steps",), fine=("doubles",), wrong={"NaN": lambda right: right * math.nan}), season=N(most="4", fine=("too large",)), start=made(lambda s: 5, wrong={"text": "5", "late": 99, "early": 0, "decimal": 5.5, "bool": True})),
    "baselines.naive_mae": call(x=T("steps", least={"steps": 9}, loose=("steps",), fine=("doubles",), wrong={"NaN": lambda right: right * math.nan}), horizon=N(most="4", fine=("too large",), huge=False), start=made(lambda s: 5, wrong={"text": "5", "late": 99, "early": 0, "decimal": 5.5, "bool": True})),
    "baselines.RidgeForecast": call(alpha=R(least=0)),
    "baselines.RidgeForecast.fit": call(lambda s: RidgeForecast(), X=T("windows length features", loose=("length", "features"), fine=("doubles",), wrong={"NaN": lambda right: right * math.nan}), y=T("windows outputs", loose=("outputs",), fine=("doubles",), wrong={"NaN": lambda right: right * math.nan})),
    "baselines.RidgeForecast.predict": call(fitted, X=T("windows length features", loose=("windows",), fine=("doubles",), wrong={"NaN": lambda right: right * math.nan})),
    "baselines.NgramLanguageModel": call(n=N(huge=False)),
    "baselines.NgramLanguageModel.fit": call(lambda s: NgramLanguageModel(2), texts=Words("n", exact=False, wrong={"nothing": [], "line break": ["a\nb"]})),
    "baselines.NgramLanguageModel.probability": call(lambda s: NgramLanguageModel(2).fit(["abc"]), letter=Is("a", wrong={"number": 3, "two letters": "ab", "none": ""}), context=Is("b", wrong={"number": 3, "list": ["b"]})),
    "baselines.NgramLanguageModel.nats_per_letter": call(lambda s: NgramLanguageModel(2).fit(["abc"]), texts=Words("n", exact=False, wrong={"nothing": []})),
    "baselines.NgramLanguageModel.invent": call(lambda s: NgramLanguageModel(2).fit(["abc"]), seed=N(0, huge=False), longest=N(huge=False)),
    "batches.Batches": call(tensors=T("n d", loose=("n", "d"), fine=(*ALL, "axis too many", "axis too few"), wrong={"nothing": torch.ones(0, 2)}), size=N(huge=False)),
    "tasks.ring": call(n_rows=N(), n_places=N(3), n_letters=N()),
    "tasks.ring_attention": call(n_places=N(3)),
    "tasks.recall": call(n_rows=N(), lag=N(0)),
    "training.set_seed": call(seed=N(0)),
    "training.fit": call(**FIT, n_steps=N(huge=False, fine=("None",)), learning_rate=R(above=0), clip=R(above=0, optional=True), check_every=N(optional=True, huge=False)),
    "training.evaluate": call(model=FIT["model"], score=Is(loss, wrong={"text": "mse", "number": 0.5, "several": lambda _: lambda m, b: torch.ones(2), "nothing": lambda _: lambda m, b: None, "word": lambda _: lambda m, b: "low"}), batches=TRAIN),
    "datasets.load_co2": call(every=Choice(("month", "week"))),
    "datasets.load_dates": call(n_days=N(most="73049"), seed=N(0, huge=False), source=Choice(("en", "fr", "iso")), target=Choice(("iso", "de")), styles=Is(("long", "full"), key="dates in", wrong={"text": "long", "nothing": (), "other": ("short",), "number": 3, "numbers": (1, 2)}), _examples=2),
    "datasets.load_results": call(_also=(FileNotFoundError,), name=Choice(("leaks", "bugs"), key="data/results", wrong={"path": "../../pyproject"})),
    "datasets.Names.part": call(lambda s: load_names(), name=Choice(("train", "validation", "test"))),
    "vocabulary.Vocabulary.find": call(lambda s: words(), words=Choice(("up", "down"))),
    "vocabulary.Vocabulary.names": call(lambda s: words(), rows=Is(torch.tensor([0, 1]), wrong={"number": 3, "text": "up", "beyond": [5], "negative": [-1], "decimals": [0.5]})),
    "prepared.library": call(reader=Is(load_reference(), wrong={"text": "reader", "number": 3})),
    "prepared.Prepared.heads": call(lambda s: load_reference(), text=Choice(("The big red dog",))),
    "prepared.Prepared.read": call(lambda s: load_reference(), text=Choice(("The big red dog chased the small cat",))),
    "prepared.Prepared.embed": call(lambda s: load_reference(), texts=Choice(("The big red dog",), fine=("list",))),
    "prepared.Prepared.query_key": call(lambda s: load_reference(), text=Choice(("The big red dog chased the small cat",)), layer=Is(3, wrong={"other": 4, "text": "3"}), head=Is(9, wrong={"other": 4, "text": "9"})),
    "forecasting.settings.Settings": call(
        path=Is("sales.csv", wrong={"number": 3, "list": ["sales.csv"]}), time=Is("day", wrong={"number": 3, "list": ["day"]}, optional=True),
        values=Is(["sold"], wrong={"number": 3, "nothing": [], "numbers": [1], "twice": ["a", "a"]}), length=made(lambda s: 4, wrong={"text": "4", "zero": 0, "decimal": 4.5, "bool": True}), horizon=N(huge=False),
        season=N(most="4", optional=True), unit=Is("kg", wrong={"number": 3}), every=Choice(("hour", "day", "week"), optional=True), missing=Choice(("refuse", "last")),
        date_format=Is(None, optional=True, wrong={"number": 3}), fractions=FRACTIONS, gap=N(0, optional=True, huge=False),
    ),
    "forecasting.grid.show": call(time=Is(np.datetime64("2024-03-01"), wrong={"text": "March", "list": [1]})),
    "forecasting.reading.read": call(settings=Is(Settings("data/co2.csv", "week", ["co2_ppm"], 52, 4, missing="last"), wrong={"text": "sales.csv", "dict": SETTINGS})),
    "forecasting.task.Task": call(reading=READING, settings=CHOSEN),
    "forecasting.candidates.build": call(name=Choice(("naive", "ridge", "GRU")), settings=CHOSEN),
    "forecasting.candidates.train": call(name=Choice(("naive", "ridge")), task=TASK, seed=N(0), n_steps=N(huge=False), _examples=2),
    "forecasting.race.run": call(task=TASK, seeds=Is((0,), wrong={"number": 0, "nothing": (), "text": "0"}), n_steps=made(lambda s: 1, wrong={"zero": 0, "text": "1"}), _examples=1),
    "forecasting.verdict.compare": call(its_errors=T("windows", fine=("doubles",), wrong={"NaN": lambda right: right * math.nan}), their_errors=T("windows", fine=("doubles",), wrong={"NaN": lambda right: right * math.nan}), horizon=N(huge=False)),
    "museum.properties.future_leaks": call(model=MODEL, x=T("batch seq d_model", loose=LOOSE, fine=("doubles",), wrong={"NaN": lambda right: right * math.nan})),
    "museum.properties.batch_order_matters": call(model=MODEL, x=T("batch seq d_model", loose=LOOSE, fine=("doubles",), wrong={"NaN": lambda right: right * math.nan})),
    "museum.properties.order_ignored": call(model=MODEL, x=T("batch seq d_model", least={"seq": 2}, loose=LOOSE, fine=("doubles",), wrong={"NaN": lambda right: right * math.nan})),
    "museum.properties.padding_matters": call(model=MODEL, x=T("batch seq d_model", loose=("seq", "d_model"), fine=("doubles",)), lengths=lengths("batch", "seq")),
    "museum.exhibits.exhibit": call(words=Is("mask", wrong={"other": "no such bug", "number": 3, "list": ["mask"]})),
    "museum.mystery.mystery": call(number=N(most="8")),
    "museum.mystery.solution": call(number=N(most="8")),
    "checks.hints.hint": call(exercise=Choice(("softmax", "causal_mask"))),
    "checks.hints.show_source": call(exercise=Choice(("softmax", "causal_mask"))),
}  # fmt: skip
