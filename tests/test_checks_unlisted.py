"""Wrong answers as learners write them, most in no list: each gets a sentence that says what the result shows."""

import linecache
import math
import re
import textwrap

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from helpers.checks import EXERCISES, check
from helpers.checks.observe import describe_difference
from tests.test_checks_right import attend, loops

# exercise -> what stands in the cell (its last lines are the function's body) and a pattern its message must match
SOFTMAX = [
    ("e = torch.exp(scores); return e / np.sum(e, axis=-1, keepdims=True)", "numpy meets a tensor of torch"),
    ("e = np.exp(scores - np.max(scores, axis=-1, keepdims=True)); return e / e.sum()", "numpy meets a tensor"),
    ("return math.exp(scores) / sum(math.exp(s) for s in scores)", "One single number"),
    ("e = [math.exp(s) for s in scores]; return [x / sum(e) for x in e]", "right where `scores` has 1 axis"),
    ("e = [torch.exp(s) for s in scores]; return torch.tensor([x / sum(e) for x in e])", "line 2.*has 2, 3 or 4 axes"),
    ("m = scores.amax(-1).item(); e = torch.exp(scores - m); return e / e.sum(-1, True)", "One single number"),
    ("return [[math.exp(s) / sum(map(math.exp, row)) for s in row] for row in scores.tolist()]", "larger than any"),
    ("return torch.stack([torch.exp(row) / torch.exp(row).sum() for row in scores])", "loop over the first axis"),
    ("e = torch.exp(scores - scores.amax(-1).unsqueeze(1)); return e / e.sum(-1).unsqueeze(1)", "`scores` has 2 axes"),
    ("B, T, n = scores.shape; e = torch.exp(scores); return e / e.sum(-1, True)", "2 axes here, not 3"),
    ("return torch.exp(scores) / torch.exp(scores).sum(-1)", "pairs the rows' results with the columns"),
    ("e = torch.exp(scores - scores.amax(-1)); return e / e.sum(-1, True)", "pairs the rows' results with the columns"),
    ("e = torch.exp(scores); return e / sum(e)", "first axis"),
    ("e = torch.exp(scores); return e / e.sum(dim=2, keepdim=True)", "no axis 2 here.*right where `scores` has 3 axes"),
    ("m = scores.max(dim=-1, keepdim=True); return torch.exp(scores - m)", "two things: the values and where"),
    ("e = torch.exp(scores + scores.amax(-1, True)); return e / e.sum(-1, True)", "are small, wrong where they reach"),
    ("e = torch.exp(scores.double()); return e / e.sum(-1, True)", "exponential overflows"),
    ("e = torch.exp(scores.clamp(max=80)); return e / e.sum(-1, True)", "exponential overflows"),
    ("e = torch.exp(scores); return torch.nan_to_num(e / e.sum(-1, True))", "exponential overflows"),
    ("e = torch.exp(scores - scores.amin(-1, True)); return e / e.sum(-1, True)", "smallest score of the row"),
    ("e = torch.exp(scores - 1000); return e / e.sum(-1, True)", "same fixed number"),
    ("e = torch.exp(scores / 1000); return e / e.sum(-1, True)", "how far apart they are"),
    ("e = torch.exp(scores - 88); return e / e.sum(-1, True)", "exponential overflows"),
    ("e = torch.exp(scores / scores.max()); return e / e.sum(-1, True)", "taken away from the whole row"),
    ("e = torch.exp(scores - scores.amax(-1, True)); return e / (e.sum(-1, True) + 1)", "sums are 0.62, 0.64"),
    ("e = torch.exp(scores - scores.amax(-1, True)); return e / e.norm(dim=-1, keepdim=True)", "should sum to 1.*1.46"),
    ("return scores.abs() / scores.abs().sum(-1, True)", "weights differ: expected 0.14 but got 0.00"),
    ("e = torch.exp(scores.T); return e / e.sum(0)", "looks transposed"),
    ("return scores", "the input `scores`, unchanged"),
    ("e = torch.exp(scores); return e, e.sum(-1, True)", "a tuple of 2"),
    ("e = exp(scores); return e / e.sum(-1, True)", "Is it `torch.exp`"),
    ("e = torch.exp(score); return e / e.sum(-1, True)", "Is it `scores`"),
    ("e = torch.exp; return e / e.sum(-1, True)", "brackets of a call"),
    ("print(torch.exp(scores))", "`return` hands it over"),
    ("return torch.rand_like(scores)", "sum to 1"),
]  # fmt: skip
RIGHT = "weights = torch.softmax(query @ key.T / query.shape[-1] ** 0.5, dim=-1); "
SCORES = "scores = query @ key.T / query.shape[-1] ** 0.5; "
ATTENTION = [
    (RIGHT + "return weights * value, weights", "multiplies them with the values place by place"),
    (RIGHT + "return value @ weights, weights", "wrong side of the product"),
    (RIGHT + "return value.T @ weights, weights", "pairs the 3 columns on the left with the 2 rows"),
    (RIGHT + "return value.T @ weights.T, weights", "looks transposed.*`weights`: right"),
    (RIGHT + "return value, weights", "`context`: it is the input `value`, unchanged"),
    (RIGHT + "return (weights @ value).sum(0), weights", "an axis is lost.*`weights`: right"),
    (RIGHT + "return weights @ value, weights, query", "a tuple of 3"),
    (RIGHT + "return {'context': weights @ value}", "returns a dict"),
    (RIGHT + "return weights @ torch.softmax(value, -1), weights", "`weights`: right"),
    (RIGHT + "return F.dropout(weights, 0.5) @ value, weights", "`weights`: right"),
    (RIGHT + "context = weights @ value", "is its `return` missing"),
    ("scores = query @ key.T / 2**0.5; w = torch.softmax(scores, -1); return w @ value, w", "however wide the vectors"),
    ("scores = query @ key.T / 8; w = torch.softmax(scores, -1); return w @ value, w", "however wide the vectors"),
    (SCORES + "return torch.softmax(scores @ value, -1), torch.softmax(scores, -1)", "the softmax came after that"),
    (SCORES + "return torch.softmax(scores @ value, -1), scores", "the softmax came after that"),
    (SCORES + "return scores @ value, torch.softmax(scores, -1)", "mixed with the scores"),
    ("w = torch.softmax(query @ key.T / value.shape[-1] ** 0.5, -1); return w @ value, w", "width of the values"),
    ("w = torch.softmax(query @ key.T / query.shape[-1] ** 0.25, -1); return w @ value, w", "1.41 times"),
    ("w = torch.softmax(query @ key.T / query.shape[-1] ** 1 / 2, -1); return w @ value, w", "ends before the `/`"),
    ("w = torch.softmax(query @ key.T / query.shape[-1] ** 0.5); return w @ value, w", "not told along which axis"),
    ("w = torch.softmax(query * key, -1); return w @ value, w", "axis 0 holds 2 numbers on one side and 3"),
    ("w = torch.softmax(torch.dot(query, key), -1); return w @ value, w", "`dot` takes two vectors"),
    ("w = torch.softmax(query @ key.transpose(1, 2), -1); return w @ value, w", "no axis 2 here: the tensor has 2"),
    ("B, T, d = query.shape; return query, key", "2 axes here, not 3"),
    ("w = torch.softmax(query @ key.T / math.sqrt(query.shape), -1); return w @ value, w", "list of sizes"),
    ("w = torch.softmax(query @ key.T / torch.sqrt(query.shape[-1]), -1); return w @ value, w", "meets a plain number"),
    ("w = torch.softmax(torch.bmm(query, key.T), -1); return w @ value, w", "batches of matrices"),
    ("w = torch.softmax(query[0] @ key.T, -1); return w @ value, w", "an index such as"),
    ("w = torch.softmax(query @ key.T - 9 * query[:, :1], -1); return w @ value, w", "not scaled"),
    ("W = torch.nn.Linear(query.shape[1], 4); return W(query), W(key)", "the shape is"),
    ("w = F.normalize(query) @ F.normalize(key).T; w = torch.softmax(w, -1); return w @ value, w", "are cosines"),
]  # fmt: skip
EYE = "torch.eye(2)"
BIG_DOG = [
    (f"return {EYE}, torch.zeros(2, 2)", "everybody a third"),
    ("return torch.zeros(2, 2), torch.zeros(2, 2)", "everybody a third"),
    (f"return 1e-4 * {EYE}, torch.tensor([[-1e-4, 0.0], [0.0, 1e-4]])", "everybody a third"),
    (f"return 1e20 * {EYE}, torch.tensor([[-1e20, 0.0], [0.0, 1e20]])", "overflow"),
    (f"return 1e6 * {EYE}, 1e6 * {EYE}", "same matrix twice.*big gives The 0.00, big 1.00"),
    ("W = torch.diag(torch.tensor([0.2, 1.5])); return W, W", "same matrix twice"),
    (f"return torch.diag(torch.tensor([0.2, 1.5])), {EYE}", "only stretch"),
    ("W = torch.tensor([[-1.0, 0.0], [0.0, 1.0]]); return W, W", "same matrix twice"),
    (f"return {EYE}, torch.tensor([[0.0, 1.0], [1.0, 0.0]])", "Neither.*dog gives The 0.20, big 0.29, dog 0.51"),
    (f"return {EYE}, torch.tensor([[1.0, 0.0], [0.0, -1.0]])", "Neither.*The gives The 0.18"),
    (f"return {EYE}, -{EYE}", "One of the two.*big gives The 0.55, big 0.14, dog 0.31"),
    ("return torch.tensor([[-1.0, 0.0], [0.0, 0.1]]), torch.eye(2)", "has lost itself"),
    ("return x @ x.T, x @ x.T", "one for every word"),
    ("return torch.eye(3), torch.eye(3)", "one for every word"),
    ("return x @ torch.eye(2), x @ torch.eye(2)", "three vectors each"),
    ("return x[1], x[2]", r"expected \(2, 2\): two rows of two numbers"),
    ("return [[1, 0], [0, -1]]", "two rows of two numbers"),
    ("return torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)", r"a layer \(Linear\)"),
    ("return torch.randn(2, 2), torch.zeros(2, 2)", "everybody a third"),
    ("return x.W_query, x.W_key", "no attribute 'W_query'"),
    ("return 'W_query', 'W_key'", "returns a str"),
]  # fmt: skip
RNN_CELL = [
    ("return torch.tanh(W_x @ x + W_h @ h + b)", "matrices stand on the left, as for \\*one\\* sequence"),
    ("return torch.tanh(W_x @ x.T + W_h @ h.T + b).T", "laid along the batch"),
    ("return torch.tanh(x @ W_x.T + h * W_h + b)", "multiplies place by place"),
    ("return torch.tanh(x @ W_x.T) + torch.tanh(h @ W_h.T) + b", "squeezed separately"),
    ("return x.view(x.shape[0] / 1, -1)", "`//` makes those"),
]
STEPS = "s, h = [], h0\n    for {}: h = {}; s.append(h)\n    return torch.stack(s, {}), h"
OURS, OWN = "recurrent.rnn_cell({}, h, W_x, W_h, b)", "torch.tanh({} @ W_x.T + h @ W_h.T + b)"
RNN_FORWARD = [
    (
        "from helpers.models import recurrent\n    " + STEPS.format(loop, cell.format(x_t), axis),
        "loop runs over the first axis",
    )
    for loop, x_t in (("x_t in x", "x_t"), ("t in range(x.shape[1])", "x[t]"))
    for cell in (OURS, OWN)
    for axis in (0, 1)
]
RNN_FORWARD += [
    (STEPS.format("t in range(x.shape[0])", OWN.format("x[:, t]"), 1), "as many steps as there are sequences"),
    (STEPS.format("t in range(1, x.shape[1])", OWN.format("x[:, t]"), 1), "first step is never taken"),
]
TRUNCATED = [
    ("x.requires_grad_(); x.sum(1).backward(); return x.grad", "taken of one single number"),
    (
        "from helpers.models import recurrent\n    x = x.clone().requires_grad_()\n    "
        "last = recurrent.rnn_forward(x[None], torch.zeros(1, len(W_h)), W_x, W_h, b)[1]\n    "
        "g = torch.autograd.grad(last.sum(), x)[0]; g[: cut + 1] = 0; return g",
        "held back as it leaves step `cut`",
    ),
]
STATE_JACOBIAN = [
    (
        "J = torch.zeros_like(W_h)\n    for h in states[k + 1 :]: J = torch.diag(1 - h**2) @ W_h @ J\n    return J",
        "is 0",
    ),
    ("s = 1 - states[k + 1 :] ** 2; return s @ W_h", "expected \\(2, 2\\)|differ"),
    ("return torch.autograd.grad(states[-1].sum(), states)[0][k]", "does not require grad"),
]
CUTS = "a, b = round(n_steps * fractions[0]), round(n_steps * sum(fractions[:2])); span = length + horizon - 1; "
DEAL = CUTS + "starts = torch.arange(n_steps - span); return torch.tensor_split(starts, "
CHRONOLOGICAL = [
    (DEAL + "[a, b])", "windows that \\*start\\* before a cut and end behind it"),
    (DEAL + "[a - length + 1, b - length + 1])", "part in which its \\*last input\\* lies"),
    (DEAL + "[a - span, b - span])", "part in which its \\*target\\* lies"),
]
GROUPS = "u = torch.unique(groups); n = round(fraction * len(u)); g = torch.Generator().manual_seed(seed); "
GROUP_SPLIT = [
    (GROUPS + "return torch.rand(len(groups), generator=g) < fraction", "rows\\* were dealt out, one by one"),
    (GROUPS + "return torch.isin(groups, u[torch.randint(len(u), (n,), generator=g)])", "drawn twice"),
    (GROUPS + "m = int(groups.max()) + 1; k = torch.randperm(m, generator=g)[: round(fraction * m)]; "
     "return torch.isin(groups, k)", "number drawn that no group has"),
    (GROUPS + "return torch.isin(groups, u[torch.randperm(len(u))[:n]])", "two different splits"),
    (GROUPS + "g.manual_seed(7); return torch.isin(groups, u[torch.randperm(len(u), generator=g)[:n]])", "Whatever"),
]  # fmt: skip
SUMS = "s = x @ W_x.T + b_x + h @ W_h.T + b_h; "
LSTM_CELL = [
    (SUMS + "i, f, g, o = s.chunk(4); return o, c", "expected 4, got 1.*cut along axis 0 unless told otherwise"),
    (SUMS + "i, f, g, o = s.split(4, dim=1); return o, c", "pieces of width 4"),
    (SUMS + "i, f, g, o = s.chunk(4, 1); i, f = i.softmax(1), f.softmax(1); return o, f * c + i * g", "differs"),
    (SUMS + "i, f, g, o = s.chunk(4, 1); return torch.stack([o, c])", "one tensor of shape.*expected 2 results"),
]
GRU_CELL = [
    (SUMS + "r, z, n = s.chunk(3, 1); return (1 - z.sigmoid()) * n.tanh() + z.sigmoid() * h", "no influence: the can"),
    ("F = x.shape[1]; s = x @ W_x.T; t = h @ W_h.T; return s[:, :F] * 0 + t[:, F : 2 * F]", "Element by element|diff"),
]
LAST_VALID = [
    ("return states[:, :lengths][:, -1]", "take one whole number, and here it is a tensor of several"),
    ("return states[torch.arange(len(lengths)), lengths - 1 : lengths]", "one whole number"),
]
WRITE = (
    "ids, h, out = start, h0, []\n    for _ in range(n):\n        {}; out.append(ids)\n    return torch.stack(out, 1)"
)
GENERATE = [
    (WRITE.format("logits, h = step(ids, h); ids = logits.argmax()"), r"ids of shape \(\), where one symbol for each"),
    (WRITE.format("logits, h = step(ids, h); ids = logits.argmax(0)"), r"ids of shape \(5,\), where.* is \(2,\)"),
    (WRITE.format("logits, h = step(ids, h); ids = logits.argmax(1, True)"), r"ids of shape \(2, 1\)"),
    (WRITE.format("ids, h = step(ids, h)"), r"ids of shape \(2, 5\)"),
    (WRITE.format("logits, h = step(ids, h); ids = logits.amax(1)"), "decimal numbers as ids"),
    (WRITE.format("logits, h = step(ids, h); ids = logits.max(1)"), "2 things as ids .*the values and where"),
    (WRITE.format("logits, h = step(ids, h); ids = torch.ones_like(ids)"), r"is the same, 1\.$"),
    (
        WRITE.format("h, logits = step(ids, h); ids = logits.argmax(1)"),
        r"h of shape \(2, 5\), where a state is \(B, 1\)",
    ),
    (WRITE.format("logits, h = step(h, ids); ids = logits.argmax(1)"), r"h of shape \(2,\)"),
]
LOSS = "loss = F.cross_entropy(logits[:, :-1].mT, ids[:, 1:], ignore_index=pad); "
NEXT_TOKEN = [
    ("return F.cross_entropy(logits.flatten(0, 1), ids.flatten())", "own place, which the model has just read"),
    ("return F.cross_entropy(logits[ids != pad][:-1], ids[ids != pad][1:])", "first token of the \\*next\\* text"),
    ("return F.cross_entropy(logits.flatten(0, 1)[:-1], ids.flatten()[1:])", "first token of the \\*next\\* text"),
    ("return F.cross_entropy(logits[:, 1:].mT, ids[:, :-1])", "compared with the token \\*before\\* it"),
    (LOSS + "return loss.item()", "no way leads back"),
    (LOSS + "return loss.detach().numpy()", "no way leads back"),
    ("with torch.no_grad(): return F.cross_entropy(logits[:, :-1].mT, ids[:, 1:], ignore_index=pad)", "no way leads"),
    ("return logits.numpy()", "keeps no way back for a gradient"),
    ("logits[:, 0] = 0; return logits", "An input is changed in place"),
]
ATTEND = "F.scaled_dot_product_attention(decoder @ W_q.T, encoder @ W_k.T, encoder @ W_v.T)"
CROSS = [
    (f"return {ATTEND} @ W_v.T", "`W_v` once more"),
    ("return (decoder @ W_q.T @ (encoder @ W_k.T).T).softmax(-1) @ encoder", "turns \\*all\\* axes round"),
]
SCORED = "scores = query @ key.T / query.shape[-1] ** 0.5; past = torch.ones(len(query), len(query)).tril(); "
CAUSAL_ATTENTION = [
    (SCORED + "return (scores + (1 - past) * -torch.inf).softmax(-1) @ value", "0 times infinity is no number"),
    (SCORED + "return torch.where(past == 1, scores, -torch.inf) @ value", "The softmax is missing"),
]
HALVES = (
    "from helpers.models.attention import multi_head_attention\n    "
    'q = {{key: p[key] for key in ("W_in", "b_in", "W_out", "b_out")}}\n    '
    'norm = lambda x, i: F.layer_norm(x, x.shape[-1:], p[f"norm_{{i}}_weight"], p[f"norm_{{i}}_bias"])\n    '
    "attend = lambda x: x + multi_head_attention(norm(x, 1), *q.values(), n_heads)\n    "
    "mlp = lambda x: x + {}\n    "
    "return {}"
)
MLP = 'F.gelu(norm(x, 2) @ p["W_1"].T + p["b_1"]) @ p["W_2"].T + p["b_2"]'
TRANSFORMER_BLOCK = [
    (HALVES.format(MLP, "attend(mlp(x))"), "halves have changed places"),
    (HALVES.format(MLP.replace(".T", ""), "mlp(attend(x))"), r"stored \(out, in\)"),
    (HALVES.format(f"F.gelu({MLP})", "mlp(attend(x))"), "GELU after the MLP's second"),
]
ANSWERS = {
    "causal_attention": CAUSAL_ATTENTION,
    "transformer_block": TRANSFORMER_BLOCK,
    "add_positions": [("return x + table.view(x.shape)", "counted on from one text to the next")],
    "chronological_split": CHRONOLOGICAL,
    "group_split": GROUP_SPLIT,
    "seasonal_naive_mae": [("return (x[start:] - x[start - season]).abs().mean()", "One single value")],
    "fit_scaler": [("return train.mean(0), test.mean(0)", "Two means came back")],
    "softmax": SOFTMAX,
    "scaled_dot_product_attention": ATTENTION,
    "big_dog": BIG_DOG,
    "rnn_cell": RNN_CELL,
    "rnn_forward": RNN_FORWARD,
    "truncated_gradient": TRUNCATED,
    "state_jacobian": STATE_JACOBIAN,
    "lstm_cell": LSTM_CELL,
    "gru_cell": GRU_CELL,
    "last_valid": LAST_VALID,
    "generate": GENERATE,
    "next_token_loss": NEXT_TOKEN,
    "cross_attention": CROSS,
    "padding_matters": [("return not torch.allclose(model(x), x)", "called as model\\(x, lengths\\)")],
}


def cell(name, body, before=""):
    """Run a learner's cell and take the function out of it; its lines are known to tracebacks, as in a notebook."""
    source = f"{before}\ndef {name}({', '.join(EXERCISES[name].arguments)}):\n    {body}\n"
    file = f"<cell {hash(source)}>"
    linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
    names = {"torch": torch, "F": F, "np": np, "math": math}
    exec(compile(source, file, "exec"), names)
    return names[name]


@pytest.mark.parametrize(
    ("name", "body", "says"), [(name, *answer) for name, answers in ANSWERS.items() for answer in answers]
)
def test_the_message_says_what_the_result_shows(name, body, says):
    report = check(cell(name, body))
    assert not report.passed
    assert re.search(says, report.message), report.message


def own_softmax(body):
    return textwrap.dedent(f"""
        def softmax(scores):
            {body}
    """)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("...", "`softmax` returned nothing: is it still to be written"),
        ("return ...", "`softmax` returned nothing"),
        ("weights = torch.exp(scores)", "`softmax` returned nothing.*`return` missing"),
        ("return torch.exp(scores) / torch.exp(scores).sum()", "All weights together sum to 1"),
        ("return torch.exp(scores) / torch.exp(scores).sum(-1)", "in `softmax`, called from line 2 of your function"),
    ],
)
def test_the_learners_own_softmax_is_found_to_be_the_reason(body, says):
    use = "weights = softmax(query @ key.T / query.shape[-1] ** 0.5)\n    return weights @ value, weights"
    report = check(cell("scaled_dot_product_attention", use, before=own_softmax(body)))
    assert not report.passed
    assert re.search(says, report.message), report.message


def test_a_function_whose_lines_are_unknown_was_still_called():
    names = {"torch": torch}
    exec("def softmax(scores): return torch.sqrt(4)", names)  # as in Python's own prompt: no file to look up lines in
    message = check(names["softmax"]).message
    assert "meets a plain number" in message
    assert "The check calls it" not in message


def test_something_random_is_noticed():
    noisy = cell("scaled_dot_product_attention", RIGHT + "return F.dropout(weights, 0.5) @ value, weights")
    assert "two different results" in repr(check(noisy))
    assert "two different" not in repr(check(cell("scaled_dot_product_attention", RIGHT + "return value, weights")))


def test_none_that_is_nobodys_fault_is_explained_too():
    report = check(cell("softmax", "e = scores.sort\n    return None * 2"))
    assert "a function without a `return` gives" in report.message


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("softmax", "e = torch.exp(scores); return e / e.sum()"),
        ("softmax", "return torch.exp(scores).mT"),
        ("scaled_dot_product_attention", RIGHT + "return value @ weights, weights"),
    ],
)
def test_the_case_shown_is_small_and_its_axes_differ(name, body):
    shown = check(cell(name, body)).example.expected
    rows, columns = len(shown), len(shown[0])
    assert 1 < rows <= 3
    assert 1 < columns <= 3


# --- results of other kinds and shapes ----------------------------------------------------------------------------

BEYOND = {
    "softmax": {
        "zeros": (torch.zeros_like, "the same, 0"),
        "relu": (lambda s: torch.relu(s) / torch.relu(s).sum(-1, keepdim=True).clamp(min=1e-9), "expected"),
        "too hot": (lambda s: torch.special.expit(s) / torch.special.expit(s).sum(-1, keepdim=True), "sums to 1"),
        "half": (lambda s: loops(s / 2), "0.50 times"),
        "doubled": (lambda s: 2 * loops(s), "2.00 times"),
        "backwards": (lambda s: loops(s).flip(-1), "another order"),
        "rounded": (lambda s: (loops(s) * 100).round() / 100, "nearly.* 0.005"),
        "rows lost": (lambda s: loops(s).sum(-1), "an axis is lost"),
        "flat": (lambda s: loops(s).flatten(), "in other axes|axes are not"),
        "half precision": (lambda s: loops(s).half(), "nearly"),
        "only matrices": (lambda s: loops(s) if s.dim() == 2 else torch.zeros(1), "right where .* 2 axes"),
        "not a number": (lambda s: loops(s) * torch.nan, "NaN"),
        "a constant": (lambda s: 3, "shape is"),
        "text": (lambda s: "softmax", "returns a str"),
        "dict": (lambda s: {"weights": loops(s)}, "returns a dict"),
        "tuple of one": (lambda s: (loops(s),), "stray comma"),
        "ragged list": (lambda s: [[1.0], [1.0, 2.0]], "differ in length"),
        "generator": (lambda s: (row for row in s), "yield"),
        "function": (lambda s: loops, "brackets"),
        "whole numbers": (lambda s: loops(s).long(), "the same, 0"),
        "complex": (lambda s: loops(s) * 1j, "complex"),
        "empty": (lambda s: s[:0], "shape is"),
        "infinite": (lambda s: loops(s) / 0, "infinity"),
        "sparse": (lambda s: loops(2 * s).to_sparse(), "times"),
        "too few arguments": (lambda: 1, "The check calls it with 1: `scores`"),
        "too many arguments": (lambda a, b, c: a, "The check calls it with 1: `scores`"),
        "in place": (lambda s: s.sub_(s.amax(-1, True)).exp_().div_(s.sum(-1, True)), "changes its input `scores`"),
        "sometimes None": (lambda s: loops(s) if s.dim() < 3 else None, "return"),
        "torch not implemented": (lambda s: torch.linalg.inv(s.long()), "raises"),
    },
    "scaled_dot_product_attention": {
        "tenth": (lambda q, k, v: attend(q, k, v, scale=10 * q.shape[-1]), "times the expected|expected"),
        "swapped and unscaled": (lambda q, k, v: attend(q, k, v, scale=1)[::-1], "shape is"),
        "three": (lambda q, k, v: (*attend(q, k, v), q), "context, weights"),
        "nothing useful": (lambda q, k, v: (None, attend(q, k, v)[1]), "NoneType|nothing"),
        "transposed": (lambda q, k, v: tuple(part.T for part in attend(q, k, v)), "transposed"),
        "context doubled": (lambda q, k, v: (2 * attend(q, k, v)[0], attend(q, k, v)[1]), "`weights`: right"),
        "batched": (lambda q, k, v: torch.bmm(q, k), "RuntimeError"),
    },
    "big_dog": {
        "not square": (lambda x: (torch.zeros(3, 2), torch.eye(2)), "expected \\(2, 2\\)"),
        "not a number": (lambda x: (torch.eye(2) * torch.nan, torch.eye(2)), "NaN"),
        "three": (lambda x: (torch.eye(2),) * 3, "two matrices"),
        "a huge scale": (lambda x: (1e30 * torch.eye(2), 1e30 * torch.eye(2)), "overflow"),
        "turned": (lambda x: (-torch.eye(2), torch.eye(2)), "most should go to"),
    },
}


@pytest.mark.parametrize(("name", "way"), [(name, way) for name, ways in BEYOND.items() for way in ways])
def test_results_of_any_kind_get_a_useful_sentence(name, way):
    wrong, expected = BEYOND[name][way]
    report = check(wrong, name)
    assert report.status == "failed"
    assert re.search(expected, report.message), report.message


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return [torch.zeros(2), torch.zeros(3)]", "It returns a list of tensors whose shapes differ"),
        ("return 2**70", "It returns a whole number that is larger than a tensor can hold"),
        ("return scores.sum().sum(dim=1)", "There is no axis 1 here: the tensor has one axis, or none"),
    ],
)
def test_it_is_said_who_did_what(body, said):
    cell = {"torch": torch}
    exec(f"def softmax(scores):\n    {body}", cell)
    assert said in check(cell["softmax"]).message


def test_infinitely_far_off_is_not_off_by_a_constant():
    told, _ = describe_difference(torch.tensor([-torch.inf, 1, 2]), torch.tensor([-torch.inf, 5, 9]), ("scores",))
    assert told == "`scores`: 2 of 3 values differ: expected 9.00 but got 2.00 at [2]."
