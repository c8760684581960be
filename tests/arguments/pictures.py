"""helpers.plots and helpers.widgets: lists, arrays and tensors are all welcome; text is shown as typed."""

import math

import numpy as np
import torch

from helpers.models.recurrent_layers import Recurrent
from helpers.widgets import HeadsView, PatchSlicer, Predict
from tests.arguments import Choice, Is, N, R, T, Words, call, made

AX = Is(None, optional=True, wrong={"text": "ax", "number": 3})
TITLE = Is(None, optional=True)  # whatever it is, it is written
LOOK = {"ax": AX, "title": TITLE}
LABEL = Is("ppm", fine=("None",))  # the same


def A(axes, **rest):  # noqa: N802 (a kind)
    """An array: numbers in any form."""
    return T(axes, lists=True, **rest)


def rows(n, **rest):
    """Weights whose rows sum to 1: (layer, head, n, n)."""
    return made(
        lambda s: torch.full((2, 2, n, n), 1 / n),
        wrong={"text": "text", "rows": torch.ones(2, 2, n, n), "two axes": torch.ones(n, n), "NaN": torch.full((2, 2, n, n), math.nan), "negative": -torch.ones(2, 2, n, n), "other n": torch.full((1, 1, n + 1, n + 1), 1 / (n + 1))} | rest,
    )  # fmt: skip


MASK = made(
    lambda s: None,
    optional=True,
    wrong={"numbers": np.ones((1, 1)), "text": "causal", "other shape": np.ones((9, 8), dtype=bool)},
)
TOKENS = ["The", "big", "dog"]
FLAG = {"text": "yes", "list": [True]}
COMMON = {"projector": Is(False, wrong=FLAG)}
JSON = "bool", "float"  # a trait takes True as 1 and 2.0 as 2, as they come from the browser
KNOB = N(most="2", fine=JSON)
ATTEND = {"temperature": R(above=0, fine=JSON), "scale": Is(True, wrong=FLAG)}
IMAGE = Is(
    torch.rand(3, 4, 6),
    wrong={
        "text": "photo",
        "NaN": torch.full((3, 4, 6), math.nan),
        "one axis": torch.rand(4),
        "two channels": torch.rand(2, 4, 6),
        "nothing": torch.rand(3, 0, 6),
    },
)
PATCH = Is(
    2, wrong={"no divisor": 3, "zero": 0, "negative": -1, "text": "2", "decimal": 2.5, "bool": True, "huge": 10**15}
)
FOCUS = {"outside": [9, 9], "text": "big", "three": [0, 0, 0], "negative": [-1, 0], "decimals": [0.5, 0]}


def focus(optional=False):
    return Is([0, 0], optional=optional, wrong=FOCUS)


def lstm(s):
    return Recurrent("lstm", s.of("d_input"), 3)


class Reader:
    """Stands for a model."""

    def heads(self, text):
        """Even weights over the words."""
        tokens = text.split()
        return tokens, torch.full((2, 2, len(tokens), len(tokens)), 1 / max(1, len(tokens)))


CALLS = {
    "plots.alignment": call(weights=A("written read"), written=Words("written", exact=False, fine=("one text",)), read=Words("read", exact=False, fine=("one text",)), **LOOK, _examples=2),
    "plots.attention_map": call(weights=A("q k"), tokens=Words("q", key="weights"), key_tokens=Words("k", optional=True, key="weights"), **LOOK, mask=MASK, _examples=2),
    "plots.attention_maps": call(maps=A("maps q q", key="weights", loose=("maps",)), tokens=Words("q", key="weights"), titles=made(lambda s: ["a"] * s.of("maps"), wrong={"one text": "text", "number": 3, "few": []}), masks=Is(None, optional=True, wrong={"text": "causal", "number": 3}), _examples=2),
    "plots.attention_over_image": call(image=IMAGE, patch=PATCH, weights=A("6 6"), queries=Is([0, 1], wrong={"outside": [6], "text": "all", "number": 1, "negative": [-1], "nothing": []}), title=TITLE, _examples=2),
    "plots.bars": call(values=Is({"GRU": [1.0, 2.0], "naive": 3.0}, wrong={"list": [1.0], "nothing": {}, "text": "x", "words": {"GRU": "fast"}, "NaN": {"GRU": math.nan}, "empty": {"GRU": []}}), xlabel=LABEL, **LOOK, number=Is("{:.2f}", wrong={"no format": 3, "bad format": "{:q}"}), _examples=2),
    "plots.block_diagram": call(highlight=Choice(("attention", "norm"), optional=True), **LOOK, _examples=2),
    "plots.cut_image": call(image=IMAGE, patch=PATCH, **LOOK, _examples=2),
    "plots.forecasts": call(times=Is(np.arange(6.0), wrong={"text": "times", "number": 3, "other length": np.arange(4.0)}), truth=A("6"), levels=Is({"GRU": np.ones(6)}, wrong={"list": [1], "text": "x", "number": 3, "many": dict.fromkeys("abc", np.ones(6)), "length": {"GRU": np.ones(5)}}), ylabel=LABEL, **LOOK, last=N(huge=False), _examples=2),
    "plots.gate_strips": call(values=Is({"forget_gate": [0.5, 0.2, 0.1]}, wrong={"list": [1.0], "text": "x", "nothing": {}, "length": {"a": [1.0]}, "words": {"a": ["x", "y", "z"]}}), tokens=Is(TOKENS, wrong={"text": "The", "number": 3, "numbers": [1, 2, 3], "two": ["a", "b"]}, key="values"), **LOOK, _examples=2),
    "plots.head_map": call(values=A("layers heads", loose=("layers", "heads")), title=TITLE, marked=Is((), wrong={"outside": [(9, 9)], "zero": [(0, 1)], "text": "all", "number": 3, "one number": [1]}, fine=("None",)), high=R(above=0), number=Is("{:.2f}", wrong={"no format": 3, "bad format": "{:q}"}), ax=AX, _examples=2),
    "plots.in_a_row": call(images=A("images 4 4", loose=("images", "4"), fine=("axis too many",)), titles=Words("images", optional=True), title=TITLE, _examples=2),
    "plots.landing_places": call(x=made(lambda s: np.arange(6.0).reshape(3, 2), wrong={"text": "x", "twice": np.ones((3, 2)), "one axis": np.arange(3.0), "two rows": np.arange(4.0).reshape(2, 2)}), ways=Is({"heads": np.arange(6.0).reshape(3, 2)[None]}, wrong={"list": [1], "text": "x", "other": {"heads": np.ones((1, 3, 2))}, "shape": {"heads": np.ones((3, 2))}}), tokens=Is(TOKENS, wrong={"text": "The", "number": 3, "numbers": [1, 2, 3]}), title=TITLE, _examples=2),
    "plots.lines": call(xs=A("point", least={"point": 2}), series=made(lambda s: {"train": torch.rand(s.of("point"))}, wrong={"list": [1], "text": "x", "nothing": {}, "length": {"a": [1.0] * 99}, "words": {"a": "x"}, "NaN": lambda right: {"a": right["train"] * math.nan}}), xlabel=LABEL, ylabel=LABEL, **LOOK, _examples=2),
    "plots.lstm_diagram": call(parts=Is(("cell", "input"), wrong={"other": ("gate",), "number": 3, "text": "cell", "numbers": (1,)}), new=Choice(("cell", "input"), optional=True), **LOOK, _examples=2),
    "plots.position_maps": call(similarity=A("6 6"), grid=Is((2, 3), wrong={"text": "2x3", "number": 6, "three": (1, 2, 3), "decimals": (2.0, 3.0), "zero": (0, 6)}), title=TITLE, _examples=2),
    "plots.series_in_parts": call(times=Is(np.arange(6.0), wrong={"text": "times", "number": 3, "other length": np.arange(4.0)}), values=A("6"), parts=Is({"train": (0, 2), "test": (3, 5)}, wrong={"list": [1], "text": "x", "outside": {"train": (0, 99)}, "one row": {"train": 3}, "words": {"train": ("a", "b")}, "backwards": {"train": (4, 1)}}), ylabel=LABEL, **LOOK, _examples=2),
    "plots.task_shapes": call(title=TITLE, _examples=1),
    "plots.transformer_types": call(title=TITLE, _examples=1),
    "plots.unfolded": call(n_steps=N(), n_layers=N(), title=TITLE, _examples=2),
    "plots.values_and_outputs": call(values=A("key 2", loose=("key",)), outputs=A("word 2"), words=Words("word", key="words"), **LOOK, _examples=2),
    "plots.vectors": call(x=A("word 2"), words=Words("word", key="words"), ax=AX, role=Choice(("query", "key"), optional=True), title=TITLE, _examples=2),
    "plots.word_plane": call(flat=A("word 2"), words=Words("word", key="words"), share=R(least=0, most=1, optional=True), steps=Is((), wrong={"outside": [(0, 99)], "text": "up", "number": 3, "one": [1], "words": [("a", "b")]}, fine=("None",)), **LOOK, _examples=2),
    "widgets.AttentionMatrix": call(
        tokens=Words("q"), query=A("q d_key"), key=A("k d_key"), value=A("k d_value", loose=("d_value",), optional=True), key_tokens=Words("k", optional=True, fine=()),
        mask=made(lambda s: np.ones((s.of("q"), s.of("k")), dtype=bool), optional=True, wrong={"text": "causal", "numbers": lambda right: right * 3, "nothing allowed": lambda right: ~right, "other shape": np.ones((9, 8), dtype=bool), "number": 3}),
        **ATTEND, focus=focus(), show=Choice(("weights", "scores"), fine=("array",)), **COMMON, _examples=3,
    ),
    "widgets.DependencyView": call(tokens=Is(TOKENS, wrong={"text": "The", "numbers": [1, 2], "nothing": [], "many": ["a"] * 500}), mask=Choice(("none", "causal", "padding", "neighbours"), optional=True), depth=N(most="4", fine=JSON), focus=focus(), **COMMON, _examples=3),
    "widgets.GatesView": call(
        tokens=Words("seq"), recurrent=made(lstm, wrong={"plain": Recurrent("rnn", 2, 3), "torch's": torch.nn.LSTM(2, 3), "text": "lstm", "wide": Recurrent("lstm", 2, 99)}), x=A("seq d_input"),
        layer=N(most="1"), override=Is(None, optional=True, wrong={"list": [1], "text": "forget_gate", "other gate": {(0, "gate"): 1}, "late": {(99, "forget_gate"): 1}, "value": {(0, "forget_gate"): 0.5}, "unit": {(0, "forget_gate", 99): 1}, "no pair": {3: 1}}),
        show=Choice(("hidden", "cell_state"), optional=True, fine=("array",)), part=Choice(("forget_gate",), optional=True, fine=("array",)), focus=focus(), **COMMON, _examples=3,
    ),
    "widgets.HeadsView": call(reader=Is(Reader(), wrong={"text": "MiniLM", "number": 3, "silent": lambda r: type("Silent", (), {"heads": lambda self, text: None})()}), text=Is("the dog", wrong={"number": 3, "nothing": "", "list": ["the"]}, key="tokens"), layer=KNOB, head=KNOB, focus=Is(["query", 0], optional=True, wrong={"outside": ["query", 99], "side": ["value", 0], "text": "dog", "number": 3}), show=Choice(("one", "layer"), fine=("array",)), on=Is([[1, 1]], key="layer", wrong={"outside": [[9, 9]], "text": "all", "number": 3}), **COMMON, _examples=3),
    "widgets.HeadsView.of": call(tokens=Is(TOKENS, wrong={"text": "The", "numbers": [1, 2, 3], "nothing": [], "two": ["a", "b"]}, key="weights"), weights=rows(3), _examples=2),
    "widgets.HeadsView.attention": call(lambda s: HeadsView.of(TOKENS, torch.full((2, 2, 3, 3), 1 / 3)), layer=N(most="2", optional=True), head=N(most="2", optional=True)),
    "widgets.PatchSlicer": call(image=Is(IMAGE.value, wrong=IMAGE.wrong | {"beyond 1": torch.rand(3, 4, 6) * 300, "large": torch.rand(3, 400, 600), "number": 3}), patch=Is(2, optional=True, wrong=PATCH.wrong), weights=made(lambda s: torch.full((2, 2, 6, 6), 1 / 6), optional=True, wrong=rows(6).wrong), seed=N(0, huge=False), layer=KNOB, head=N(0, most="2", fine=JSON), order=Choice(("rows", "shuffled"), fine=("array",)), positions=Is(True, wrong=FLAG), focus=focus(), **COMMON, _examples=3),
    "widgets.PatchSlicer.attention": call(lambda s: PatchSlicer(IMAGE.value, 2, torch.full((2, 2, 6, 6), 1 / 6)), layer=N(most="2", optional=True), head=N(0, most="2", optional=True)),
    "widgets.Predict": call(question=Is("How many?", wrong={"number": 3, "empty": " "}), options=Is([4, 8], wrong={"text": "yes", "one": ["yes"], "twice": ["a", "a"], "number": 3, "nothing": [], "nested": [None, None]}), why=Is("", wrong={"number": 3}), prompt=Is("Predict", wrong={"number": 3}), **COMMON, _examples=2),
    "widgets.Predict.reveal": call(lambda s: Predict("How many?", [4, 8]), answer=Choice(("4", "8"))),
    "widgets.RecurrentStepper": call(
        x=A("seq d_input", least={"seq": 2}, loose=("seq",)), W_x=A("d_hidden d_input"), W_h=A("d_hidden d_hidden"), b=A("d_hidden"), h0=A("d_hidden", optional=True),
        largest=R(least=0, most=10, optional=True, fine=JSON), view=Choice(("forward", "gradient"), fine=("array",)), step=N(0, most="1", fine=("too large", *JSON), wrong={"late": 99}), **COMMON, _examples=3,
    ),
    "widgets.SplitTimeline": call(
        x=A("steps", least={"steps": 40}, loose=("steps",), fine=("number",), wrong={"few": 2, "many": 10**15, "bool": True, "decimal": 40.5}), length=N(most="4", fine=("too large",), huge=False), horizon=N(most="4", fine=("too large",), huge=False),
        fractions=Is((0.5, 0.25, 0.25), optional=True, wrong={"text": "half", "number": 0.5, "two": (0.5, 0.5), "sum": (0.5, 0.5, 0.5), "NaN": (math.nan, 0.5, 0.5), "words": ("a", "b", "c")}),
        times=Is(None, optional=True, wrong={"text": "times", "number": 3, "few": [1, 2]}), seed=N(0, huge=False), gap=N(0, most="2", fine=("too large", *JSON), wrong={"longer": 99}), scaler=Choice(("train", "all"), fine=("array",)), label=Is("", wrong={"number": 3}), **COMMON, _examples=3,
    ),
    "widgets.VectorPlane": call(x=A("word 2", least={"word": 2}, wrong={"large": torch.full((3, 2), 1e9)}), words=Words("word"), W_query=A("2 2", optional=True), W_key=A("2 2", optional=True), W_value=A("2 2", optional=True), same=Is(True, wrong=FLAG), focus=focus(), **ATTEND, **COMMON, _examples=3),
    "widgets.WordMap": call(
        words=made(lambda s: ["up", "down", "left", "right", "in"], wrong={"text": "up", "few": ["a"], "twice": ["a"] * 5, "numbers": [1, 2, 3, 4, 5], "number": 3, "line": ["a", "b", "c", "d", "e\nf"]}),
        table=A("5 d", least={"d": 2}, loose=("d",), wrong={"zero": torch.zeros(5, 2)}), word=Choice(("up", "down"), optional=True), inputs=Is(["up", "down", "left"], optional=True, wrong={"two": ["up", "down"], "other": ["up", "down", "gnu"], "text": "up", "number": 3, "numbers": [1, 2, 3]}),
        prepared=Is(["up"], optional=True, wrong={"other": ["gnu"], "text": "up", "number": 3, "numbers": [1]}), k=N(most="2", fine=JSON), show=Choice(("neighbours", "analogy"), fine=("array",)), exclude=Is(True, wrong=FLAG), **COMMON, _examples=3,
    ),
}  # fmt: skip
