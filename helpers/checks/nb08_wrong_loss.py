"""Ways to get the loss of the next token wrong, (logits, ids, pad) -> scalar each; nb08_next_token gives them names."""

from torch.nn import functional as F


def surprise(logits, target):
    """-log softmax, where the target is: (batch, n, n_tokens), (batch, n) -> (batch, n)."""
    return -logits.log_softmax(dim=-1).gather(-1, target[..., None])[..., 0]


def mean(surprise, real):
    """The mean over what is real: (batch, n), bool (batch, n) -> scalar."""
    return surprise[real].mean()


def loss(surprise=surprise, shift=lambda logits, ids: (logits[:, :-1], ids[:, 1:]), mean=mean):
    """The loss with one step replaced."""

    def wrong(logits, ids, pad):
        expected, target = shift(logits, ids)
        return mean(surprise(expected, target), target != pad)

    return wrong


def mask_of_the_inputs(logits, ids, pad):
    """Left out is what is padding where it is read."""
    return mean(surprise(logits[:, :-1], ids[:, 1:]), ids[:, :-1] != pad)


def run_together(logits, ids, pad):
    """All texts in one long row, and shifted then: the last token of a text is to predict the first of the next."""
    target = ids.flatten()[1:]
    return mean(surprise(logits.flatten(0, 1)[:-1], target), target != pad)


def run_together_unpadded(logits, ids, pad):
    """The same, with all padding taken out beforehand."""
    rows, tokens = logits[ids != pad], ids[ids != pad]
    return surprise(rows[None, :-1], tokens[None, 1:]).mean()


def run_together_with_padding(logits, ids, pad):
    """The same, padding counted."""
    return surprise(logits.flatten(0, 1)[None, :-1], ids.flatten()[None, 1:]).mean()


def axes_reshaped(logits, ids, pad):
    """Classes put second by a reshape, where an exchange of axes is needed."""
    expected, target = logits[:, :-1], ids[:, 1:]
    classes_second = expected.reshape(len(expected), expected.shape[2], expected.shape[1])
    return F.cross_entropy(classes_second, target, ignore_index=pad)


def per_text(surprise, real):
    """A mean of each text, then the mean of these."""
    return ((surprise * real).sum(dim=1) / real.sum(dim=1)).mean()
