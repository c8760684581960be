"""Bugs outside of the model: the lines around it, right and wrong, and the audits that find them.

cut_windows, cut_windows_late     the answer one step late
KEEPING                           which of the validated checkpoints is kept
scale, scale_with_everything      what the scaler has seen
drawn_map, drawn_without_mask     the attention map that is shown
answers_inside, knows_the_test, sees_the_masked      audits: True when the bug is there
is_the_best                       an audit: True when all is well
"""

import torch

from helpers.models.attention import scaled_dot_product_attention
from helpers.splits import fit_scaler


def cut_windows(x, length):
    """Right: `length` rows, and as the answer the row after them; (steps, features) -> X, y as splits.make_windows."""
    starts = range(len(x) - length)
    X = torch.stack([x[s : s + length] for s in starts])
    return X, x[length:]


def cut_windows_late(x, length):
    """Wrong: the answer is on time and the window one row late, so that its last row is the answer."""
    starts = range(len(x) - length)
    X = torch.stack([x[s + 1 : s + 1 + length] for s in starts])
    return X, x[length:]


def keep_best(losses):
    """Right: the checkpoint with the lowest validation loss."""
    return min(range(len(losses)), key=losses.__getitem__)


def keep_worst(losses):
    """Wrong: "the best score", copied from a script where higher is better."""
    return max(range(len(losses)), key=losses.__getitem__)


def keep_last(losses):
    """Careless: whatever was there when training ended."""
    return len(losses) - 1


KEEPING = {"best": keep_best, "last": keep_last, "worst": keep_worst}


def scale(x, n_train):
    """Right: mean and standard deviation of the training rows, (rows, features) -> the same."""
    mean, std = fit_scaler(x[:n_train], x[n_train:])
    return (x - mean) / std


def scale_with_everything(x, n_train):
    """Wrong: the test rows have a say."""
    mean, std = x.mean(dim=0), x.std(dim=0)
    return (x - mean) / std


def drawn_map(query, key, mask):
    """Right: the weights of the forward pass, with the mask that the model used."""
    return scaled_dot_product_attention(query, key, key, mask)[1]


def drawn_without_mask(query, key, mask):
    """Wrong: computed once more for the picture, and the mask forgotten."""
    return scaled_dot_product_attention(query, key, key)[1]


# --- audits --------------------------------------------------------------------------------------------------------


def answers_inside(X, y):
    """Whether the answer can be read off the question: X (windows, length, features), y (windows, features)."""
    return (y[:, None] == X).all(dim=(0, 2)).any().item()


def is_the_best(loss, history):
    """Whether the checkpoint that was loaded has the lowest loss that validation ever saw."""
    return loss <= min(history) + 1e-6


def knows_the_test(scaler, x, n_train):
    """Whether a scaled training row depends on the test rows: change those, look at the training rows."""
    changed = torch.cat([x[:n_train], 10 * x[n_train:] + 1])
    return not torch.allclose(scaler(changed, n_train)[:n_train], scaler(x, n_train)[:n_train])


def sees_the_masked(weights, mask):
    """Whether a drawn map gives weight to what the model was not allowed to see."""
    return (weights * ~mask).sum().item() > 0


def r2(truth, forecast):
    """1 for a perfect forecast, 0 for one as good as the mean, below 0 for worse."""
    return 1 - ((truth - forecast) ** 2).sum().item() / ((truth - truth.mean()) ** 2).sum().item()


@torch.no_grad()
def drawn_on_the_future(model, ids):
    """The share of the weight that a map drawn without its mask puts on what a NextLetter cannot see."""
    x = model.stack.place(model.letter(ids), model.stack.table)
    query, key = model.stack.blocks[0].query_key(x)
    mask = model.stack.masks[0](x)
    weights = drawn_without_mask(query, key, mask)
    return ((weights * ~mask).sum() / weights.sum()).item()
