"""GatesView without a browser: what Python computes, takes and refuses, and its agreement with the JavaScript half."""

import json

import pytest
import torch

from helpers.models.recurrent_layers import GATES, Recurrent
from helpers.widgets import GatesView
from tests.test_widgets import SCRIPTS, node

SEQ, D_INPUT, UNITS = 6, 3, 4
TOKENS = list("Zürich")


@pytest.fixture(autouse=True)
def _same_numbers():
    torch.manual_seed(0)


def layer(kind, n_layers=1, units=UNITS):
    recurrent = Recurrent(kind, D_INPUT, units, n_layers)
    for parameter in recurrent.parameters():
        torch.nn.init.normal_(parameter, std=0.7)
    return recurrent


def first_state(kind, n_layers=1):
    h, c = torch.randn(2, n_layers, 1, UNITS)
    return (h, c) if kind == "lstm" else h


@pytest.fixture
def view():
    return GatesView(TOKENS, layer("lstm"), torch.randn(SEQ, D_INPUT))


# --- the numbers


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_it_shows_what_the_layer_does(kind, number):
    recurrent, x, state = layer(kind, n_layers=2), torch.randn(SEQ, D_INPUT), first_state(kind, 2)
    view = GatesView(TOKENS, recurrent, x, state, layer=number)
    trace = recurrent.trace(x[None], state)[number - 1]
    torch.testing.assert_close(view.hidden, trace.hidden[0])
    assert set(view.gates) == set(GATES[kind])
    for name, gate in view.gates.items():
        torch.testing.assert_close(gate, trace.gates[name][0])
    if kind == "lstm":
        torch.testing.assert_close(view.cell_state, trace.cell_state[0])


@pytest.mark.parametrize("value", [0, 1])
@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_a_held_gate_changes_the_states_from_there_on_and_only_from_there_on(kind, value):
    view = GatesView(TOKENS, layer(kind), torch.randn(SEQ, D_INPUT), first_state(kind))
    free = view.hidden
    assert (view.moved == 0).all()
    for gate in GATES[kind]:
        if gate == "candidate":
            continue
        view.override = {(2, gate): value}
        assert (view.gates[gate][2] == value).all()
        assert torch.equal(view.hidden[:2], free[:2])
        assert not (view.hidden[2:] == free[2:]).any()
        assert (view.moved == (view.hidden - free).abs().amax(dim=1)).all()
        assert view.moved[:2].tolist() == [0, 0]
        assert (view.moved[2:] > 0).all()


def cases():
    for kind in ("lstm", "gru"):
        gates = [gate for gate in GATES[kind] if gate != "candidate"]
        for seq, units, held in (
            (1, 1, []),
            (7, 3, [[2, gates[0], -1, 0], [2, gates[0], 1, 1], [5, gates[1], 0, 1]]),
            (32, 16, [[0, gates[1], -1, 1], [9, gates[-1], 15, 0]]),
        ):
            recurrent = Recurrent(kind, 5, units)
            torch.nn.init.normal_(recurrent.layers[0].W_h, std=0.5)
            h, c = torch.randn(2, 1, 1, units)
            state = (h, c) if kind == "lstm" else h
            view = GatesView(["a"] * seq, recurrent, torch.randn(seq, 5), state)
            view.held = held
            yield view


def test_browser_and_python_compute_the_same_gates():
    views = list(cases())
    arrays = "drive", "W_h", "b_h", "h", "c"
    as_json = [
        {"kind": view.kind, "held": view.held} | {name: getattr(view, name).tolist() for name in arrays}
        for view in views
    ]
    for view, shown in zip(views, json.loads(node(SCRIPTS / "gates.mjs", input=json.dumps(as_json))), strict=True):
        computed = view.gates | {"hidden": view.hidden}
        computed |= {"cell_state": view.cell_state} if view.kind == "lstm" else {}
        for name, expected in computed.items():
            steps = torch.tensor([step[name] for step in shown["steps"]])
            torch.testing.assert_close(steps, expected, atol=1e-5, rtol=0)
        torch.testing.assert_close(torch.tensor(shown["moved"], dtype=torch.float32), view.moved, atol=1e-5, rtol=0)


# --- what can be set


def test_override_is_read_as_it_was_set_and_can_be_taken_back(view):
    override = {(1, "forget_gate"): 0, (1, "forget_gate", 2): 1, (5, "output_gate"): 1}
    view.override = override
    assert view.override == override
    assert view.gates["forget_gate"][1].tolist() == [0, 0, 1, 0]
    assert repr(view) == "GatesView(Z ü r i c h; lstm of 4 units; 3 gates held)"
    view.override = {}
    assert (view.moved == 0).all()
    assert repr(view) == "GatesView(Z ü r i c h; lstm of 4 units)"


def test_the_browser_holds_gates_too(view):
    view.set_state({"held": [[3, "forget_gate", -1, 0]], "focus": [3, 2]})
    assert view.override == {(3, "forget_gate"): 0}
    assert view.state()["focus"] == [3, 2]
    assert view.moved[2] == 0 < view.moved[3]


def test_a_later_change_of_the_layer_is_not_seen():
    recurrent = layer("gru")
    view = GatesView(TOKENS, recurrent, torch.randn(SEQ, D_INPUT))
    before = view.hidden
    with torch.no_grad():
        recurrent.layers[0].W_h.zero_()
    assert torch.equal(view.hidden, before)


def test_words_are_kept_as_typed():
    hostile = ["<b>", "🙂", "مرحبا", "x" * 10_000, "", " "]
    view = GatesView(hostile, layer("gru"), torch.randn(SEQ, D_INPUT).tolist())
    assert view.tokens == hostile
    assert len(repr(view)) < 110


# --- what is refused, with a sentence


@pytest.mark.parametrize(
    ("arguments", "settings", "sentence"),
    [
        ((TOKENS, layer("rnn")), {}, r"recurrent: expected a Recurrent with gates \(lstm or gru\), one way; got a rnn"),
        ((TOKENS, Recurrent("gru", 3, 4, two_way=True)), {}, "got a gru that reads two ways"),
        ((TOKENS, torch.nn.LSTM(3, 4)), {}, "one way; got LSTM"),
        ((TOKENS, layer("lstm", units=17)), {}, "up to 16 units can be shown, this one has 17"),
        ((TOKENS, Recurrent("gru", 2, 4)), {}, "x: d_input should be 2 but is 3"),
        ((TOKENS[:2], layer("gru")), {}, "tokens: expected one for each of 6 vectors, got 2"),
        ((TOKENS, layer("gru")), {"layer": 2}, "layer: expected between 1 and 1, got 2"),
        ((TOKENS, layer("gru")), {"focus": [6, 0]}, "focus: no step 6 and unit 0 among 6 steps and 4 units"),
        ((TOKENS, layer("gru")), {"show": "cell_state"}, "show: expected one of reset_gate, .* got 'cell_state'"),
        ((TOKENS, layer("gru")), {"override": {(0, "forget_gate"): 0}}, "override: no 'forget_gate' in layer 0"),
        ((TOKENS, layer("gru")), {"override": {(6, "reset_gate"): 0}}, "steps up to 5"),
        ((TOKENS, layer("gru")), {"override": {(0, "reset_gate", 4): 0}}, "no unit 4; units up to 3"),
        ((TOKENS, layer("gru")), {"override": {(0, "reset_gate"): 0.5}}, "a gate is held at 0 or 1, got 0.5"),
        ((TOKENS, layer("gru")), {"override": {(0, "candidate"): 0}}, "got 0 for 'candidate'"),
        ((TOKENS, layer("gru")), {"override": {(0,): 0}}, r"override: expected \(step, gate\) or"),
    ],
)
def test_bad_input_is_refused_with_a_sentence(arguments, settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        GatesView(*arguments, torch.randn(SEQ, D_INPUT), **settings)


def test_too_many_steps_and_numbers_that_are_none_are_refused():
    with pytest.raises(ValueError, match="tokens: up to 32 steps can be shown, got 33"):
        GatesView(["a"] * 33, layer("gru"), torch.randn(33, D_INPUT))
    with pytest.raises(ValueError, match="x: expected finite numbers, but 18 are NaN"):
        GatesView(TOKENS, layer("gru"), torch.full((SEQ, D_INPUT), torch.nan))


def test_a_gru_says_that_it_has_no_cell():
    with pytest.raises(ValueError, match="cell_state: a GRU has none"):
        _ = GatesView(TOKENS, layer("gru"), torch.randn(SEQ, D_INPUT)).cell_state


@pytest.mark.parametrize(
    "state",
    [
        {"held": [[9, "forget_gate", -1, 0]]}, {"held": "nonsense"}, {"focus": [0, 9]}, {"part": "x"},
        {"show": "moved"}, {"held": [[[1], "forget_gate", -1, 0]]}, {"focus": [1, 1], "held": [[0, {}, -1, 0]]},
        {"kind": "gru"}, {"kind": "gru", "part": "update_gate"}, {"tokens": []},
    ],
)  # fmt: skip
def test_nonsense_from_the_browser_is_refused_and_changes_nothing(view, state, monkeypatch):
    before, cells, told = view.state(), view.cell_state, []
    monkeypatch.setattr(view, "send_state", told.append)
    with pytest.raises(ValueError):  # noqa: PT011 (any sentence will do: nobody reads it)
        view.set_state(state)
    assert view.state() == before
    assert torch.equal(view.cell_state, cells)
    assert told == [list(state)]
