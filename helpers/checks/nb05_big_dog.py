"""Notebook 05, big_dog: two matrices that make *big* and *dog* listen to each other. Many answers are right."""

import torch
from torch.nn import functional as F

from helpers.checks.exercise import Exercise, Finding, Misconception
from helpers.models.attention import scaled_dot_product_attention

WORDS = "The", "big", "dog"
X = torch.tensor([[0.50, -0.87], [-0.70, 0.70], [0.81, 0.59]])  # as in the notebook
MARGIN = 1e-6  # "more" means more than rounding
THE, BIG, DOG = range(3)


def big_dog(x):
    """Hold a mirror up to the keys: left and right change places, so *big* and *dog* meet each other's image.

    x (3, 2) -> W_query (2, 2), W_key (2, 2)
    """
    W_query = torch.eye(2)
    W_key = torch.tensor([[-1.0, 0.0], [0.0, 1.0]])
    return W_query, W_key


def listening(x, W_query, W_key):
    """Who listens to whom: x (3, 2), W (2, 2) each -> weights (3, 3), as the notebook computes them."""
    return scaled_dot_product_attention(x @ W_query.T, x @ W_key.T, x)[1]


def judge(outputs, x):
    """None when every wish is granted, otherwise what is in the way."""
    if not isinstance(outputs, tuple) or len(outputs) != 2:
        shape = tuple(outputs.shape) if isinstance(outputs, torch.Tensor) else None
        known = {(2, 2): "one_matrix", (3, 3): "weights"}.get(shape)
        return Finding(known, "" if known else "Return two matrices: `W_query, W_key`.")
    for shape, known in ((3, 2), "vectors"), ((3, 3), "weights"):
        if all(matrix.shape == shape for matrix in outputs):
            return Finding(known)
    for name, matrix in zip(("W_query", "W_key"), outputs, strict=True):
        if matrix.shape != (2, 2):
            wanted = "two rows of two numbers, as in `torch.eye(2)`"
            return Finding(None, f"`{name}` has shape {tuple(matrix.shape)}, expected (2, 2): {wanted}.")
        if not torch.isfinite(matrix).all():
            return Finding(None, f"`{name}` holds NaN or infinity.")
    W_query, W_key = (matrix.to(x.dtype) for matrix in outputs)
    weights = listening(x, W_query, W_key)
    if not torch.isfinite(weights).all():
        return Finding("too_large")
    if not missing(weights):
        return None
    return Finding(_recognise(x, W_query, W_key, weights), _sentence(weights))


def missing(weights):
    """The wishes that weights (3, 3) do not grant, as (listener, favourite) pairs."""
    wishes = (BIG, DOG), (DOG, BIG), (THE, THE)
    return [
        (i, best)
        for i, best in wishes
        if not all(weights[i, best] > weights[i, j] + MARGIN for j in range(3) if j != best)
    ]


def _recognise(x, W_query, W_key, weights):
    unmet = missing(weights)
    diagonal = all(torch.equal(W, torch.diag(W.diagonal())) and (W.diagonal() > 0).all() for W in (W_query, W_key))
    known = {
        "all_alike": torch.allclose(weights, torch.full_like(weights, 1 / 3), atol=1e-3),
        "unchanged": torch.equal(W_query, torch.eye(2)) and torch.equal(W_key, torch.eye(2)),
        "same_matrix": torch.allclose(*(F.normalize(W.flatten().double(), dim=0) for W in (W_query, W_key))),
        "only_rescales": diagonal,
        "wrong_side": not missing(listening(x, W_query.T, W_key.T)),
        "roles_swapped": not missing(listening(x, W_key, W_query)),
        "forgets_the": unmet == [(THE, THE)],
        "one_sided": len({(BIG, DOG), (DOG, BIG)} & set(unmet)) == 1,
    }
    return next((name for name, fits in known.items() if fits), "neither")


def _sentence(weights):
    rows = []
    for listener, best in missing(weights):
        row = zip(WORDS, weights[listener].tolist(), strict=True)
        shares = ", ".join(f"{word} {share:.2f}" for word, share in row)
        rows.append(f"{WORDS[listener]} gives {shares} (most should go to {WORDS[best]})")
    return f"Now {', '.join(rows)}."


def _matrices(query, key):
    return lambda x: (torch.tensor(query), torch.tensor(key))


MISCONCEPTIONS = {
    "unchanged": Misconception(
        lambda x: (torch.eye(2), torch.eye(2)),
        "Both matrices leave every vector as it is, so every word still meets itself best. Move the queries or "
        "the keys.",
    ),
    "all_alike": Misconception(
        lambda x: (torch.eye(2), torch.zeros(2, 2)),
        "Every word gives everybody a third: all scores are (nearly) 0, because one of the matrices leaves (nearly) "
        "nothing of the vectors. What counts is where queries and keys point; of length they need a little as well.",
    ),
    "too_large": Misconception(
        _matrices([[1e20, 0.0], [0.0, 1e20]], [[-1e20, 0.0], [0.0, 1e20]]),
        "These numbers are so large that the scores overflow, and no weights come out. Ordinary sizes will do: what "
        "counts is where queries and keys point.",
    ),
    "same_matrix": Misconception(
        _matrices([[1.0, 0.5], [-0.3, 1.0]], [[1.0, 0.5], [-0.3, 1.0]]),
        "The same matrix twice (or a multiple of it) cannot work, whichever it is: query and key of a word then point "
        "the same way, and of *big* and *dog* the one with the longer key meets itself at least as well as the other. "
        "Asking and answering need two different matrices.",
    ),
    "only_rescales": Misconception(
        _matrices([[0.2, 0.0], [0.0, 1.5]], [[1.0, 0.0], [0.0, 3.0]]),
        "Both matrices only stretch the axes. However far, *big* and *dog* cannot both prefer the other: as with the "
        "same matrix twice, one of them meets itself at least as well. Try to turn or to mirror.",
    ),
    "wrong_side": Misconception(
        _matrices([[0.5, -1.0], [1.0, -1.0]], [[0.5, 1.0], [1.0, 0.5]]),
        "These matrices would work the other way round, as `x @ W`. Weights are stored (out, in), as torch stores "
        "them, and applied as `x @ W.T`.",
    ),
    "roles_swapped": Misconception(
        _matrices([[0.0, 1.0], [0.5, 0.0]], [[1.0, 1.0], [-1.0, 0.0]]),
        "These two would work with their roles exchanged: the first one returned is W_query, the second W_key.",
    ),
    "forgets_the": Misconception(
        _matrices([[1.0, 0.0], [0.0, 1.0]], [[-1.0, 0.0], [0.0, 0.1]]),
        "*big* and *dog* listen to each other: the hard part is done. But *The* has lost itself on the way.",
    ),
    "one_sided": Misconception(
        _matrices([[1.0, 0.0], [0.0, 1.0]], [[0.0, -1.0], [1.0, 0.0]]),
        "One of the two listens to the other already; the other does not yet. What helps one direction may hurt the "
        "other: look at both rows of the weights while you change one number at a time.",
    ),
    "neither": Misconception(
        _matrices([[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, -1.0]]),
        "Neither of the two listens to the other yet. A word listens where a key points the way of its query: draw the "
        "queries of *big* and *dog*, and see whose keys lie near them.",
    ),
    "one_matrix": Misconception(
        lambda x: torch.tensor([[-1.0, 0.0], [0.0, 1.0]]),
        "One matrix came back. Two are asked for, one for the queries and one for the keys: `W_query, W_key`.",
    ),
    "weights": Misconception(
        lambda x: torch.tensor([[0.8, 0.1, 0.1], [0.1, 0.1, 0.8], [0.1, 0.8, 0.1]]),
        "Three rows and three columns, one for every word: that is the size of scores and weights. Asked for are the "
        "two matrices that come before them, `W_query, W_key`, (2, 2) each.",
    ),
    "vectors": Misconception(
        lambda x: (x, x.flip(1)),
        "These are three vectors each, one for every word. Asked for are the matrices that make them: (2, 2) each.",
    ),
}

BIG_DOG = Exercise(
    name="big_dog",
    reference=big_dog,
    returns=("W_query", "W_key"),
    cases=lambda seed: [(X,)],
    judge=judge,
    misconceptions=MISCONCEPTIONS,
    hints=(
        "Draw the three arrows. *big* points up to the left, *dog* up to the right. Leave the queries where they are: "
        "which movement of the keys lays *dog* onto *big* and *big* onto *dog* at once, and *The* not too "
        "far from itself?",
        "x (3, 2); W_query (2, 2), W_key (2, 2); `x @ W_query.T` (3, 2), `x @ W_key.T` (3, 2); weights (3, 3).",
        "`W_query = torch.eye(2)`",
    ),
    notebook="05",
    minutes=12,
    class_time=True,
)

EXERCISES = (BIG_DOG,)
