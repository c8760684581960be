"""Notebook 08, next_token_loss."""

import math

import torch
from torch.nn import functional as F

from helpers.checks import nb08_wrong_loss as wrong
from helpers.checks.exercise import Exercise, Misconception
from helpers.models import text


def cases(seed):
    """Texts of different lengths, and padding whose id is not always 0; one text has a single token, one none to spare.

    For paper: two texts, "1 2" and "3" with a padding behind it, and logits that make the shares 1/2, 1/4, 1/8, 1/8.
    """
    generator = torch.Generator().manual_seed(seed)

    def case(lengths, seq, n_tokens, pad):
        logits = torch.randn(len(lengths), seq, n_tokens, generator=generator)
        ids = torch.randint(n_tokens - 1, (len(lengths), seq), generator=generator)
        ids += ids >= pad  # every token but the padding
        return logits, ids.masked_fill(torch.arange(seq) >= torch.tensor(lengths)[:, None], pad), pad

    halves = torch.tensor([[[4.0, 2, 1, 1], [1, 2, 4, 1]], [[2, 4, 1, 1], [4, 1, 1, 2]]]).log()
    found = [
        (halves, torch.tensor([[1, 2], [3, 0]]), 0),
        case([4, 2, 5], seq=5, n_tokens=7, pad=0),
        case([3, 6], seq=6, n_tokens=4, pad=3),
        case([5, 2, 3, 4], seq=5, n_tokens=5, pad=2),  # as many tokens as positions: no shape tells the axes apart
        case([3, 1, 4], seq=4, n_tokens=3, pad=0),
        case([4], seq=4, n_tokens=6, pad=5),
        case([3, 3], seq=3, n_tokens=8, pad=1),
    ]
    return [(logits.requires_grad_(), *rest) for logits, *rest in found]  # a loss is there to be learned from


MISCONCEPTIONS = {
    "not_shifted": Misconception(
        wrong.loss(shift=lambda logits, ids: (logits, ids)),
        "Each row of logits is compared with the token at its own place, which the model has just read. So a model "
        "that copies would be perfect. What should the row at t foretell?",
        also=(
            wrong.loss(shift=lambda logits, ids: (logits[:, 1:], ids[:, 1:])),
            wrong.loss(shift=lambda logits, ids: (logits[:, :-1], ids[:, :-1])),
            wrong.loss(shift=lambda logits, ids: (logits, ids), mean=lambda surprise, real: surprise.mean()),
        ),
    ),
    "shifted_back": Misconception(
        wrong.loss(shift=lambda logits, ids: (logits[:, 1:], ids[:, :-1])),
        "The shift goes the wrong way: each row of logits is compared with the token *before* it.",
        also=(
            wrong.loss(
                shift=lambda logits, ids: (logits[:, 1:], ids[:, :-1]), mean=lambda surprise, real: surprise.mean()
            ),
        ),
    ),
    "shifted_by_two": Misconception(
        wrong.loss(shift=lambda logits, ids: (logits[:, :-2], ids[:, 2:])),
        "The shift is too large: each row of logits is compared with the token after the next one.",
    ),
    "run_together": Misconception(
        wrong.run_together,
        "The texts were laid end to end before the shift, so the last place of a text is compared with the first token "
        "of the *next* text. Shift along the sequence first.",
        also=(wrong.run_together_unpadded, wrong.run_together_with_padding),
    ),
    "shifted_along_the_batch": Misconception(
        wrong.loss(shift=lambda logits, ids: (logits[:-1], ids[1:])),
        "The shift went along the batch: each text has to foretell the one below it. The sequence is the second axis.",
    ),
    "padding_counted": Misconception(
        wrong.loss(mean=lambda surprise, real: surprise.mean()),
        "Padding counts as a token to be foretold. It is no text, and easy to foretell: the loss would look better the "
        "more padding there is.",
    ),
    "padding_in_the_divisor": Misconception(
        wrong.loss(mean=lambda surprise, real: (surprise * real).mean()),
        "The surprise at padding is zero now, but the mean still divides by all places, padding included.",
    ),
    "only_padding": Misconception(
        wrong.loss(mean=lambda surprise, real: wrong.mean(surprise, ~real)),
        "The mean runs over the padding, and leaves the real tokens out: the condition is upside down.",
    ),
    "zero_is_padding": Misconception(
        lambda logits, ids, pad: wrong.loss()(logits, ids, 0),
        "The id 0 is left out, whatever `pad` is. Here padding has other ids as well, and 0 may be a real token.",
    ),
    "mask_of_the_inputs": Misconception(
        wrong.mask_of_the_inputs,
        "Left out are the places where padding is *read*. One place too many is counted in each short text: its last "
        "real token, where padding would have to be foretold.",
    ),
    "sum": Misconception(
        wrong.loss(mean=lambda surprise, real: surprise[real].sum()),
        "This is the sum of all surprises. With it, long texts and large batches make larger steps.",
    ),
    "sum_over_texts": Misconception(
        wrong.loss(mean=lambda surprise, real: (surprise * real).sum() / len(surprise)),
        "The sum was divided by the number of texts, not by the number of tokens that were foretold.",
    ),
    "first_tokens_in_the_divisor": Misconception(
        lambda logits, ids, pad: (
            wrong.loss(mean=lambda surprise, real: surprise[real].sum())(logits, ids, pad) / (ids != pad).sum()
        ),
        "The sum is right, but it was divided by all real tokens, the first of each text among them, which nobody had "
        "to foretell.",
    ),
    "mean_of_text_means": Misconception(
        wrong.loss(mean=wrong.per_text),
        "Each text got a mean of its own, and then the means were averaged: a token of a short text counts more. And "
        "a text of a single token, with nothing to foretell, would make it NaN.",
    ),
    "per_text": Misconception(
        wrong.loss(mean=lambda surprise, real: (surprise * real).sum(dim=1) / real.sum(dim=1)),
        "One number for each text came back. Training needs a single number.",
        also=(wrong.loss(mean=lambda surprise, real: (surprise * real).sum(dim=1)),),
    ),
    "not_averaged": Misconception(
        wrong.loss(mean=lambda surprise, real: surprise[real]),
        "The right surprises, one for each token: their mean is missing.",
        also=(
            wrong.loss(mean=lambda surprise, real: surprise * real),
            wrong.loss(mean=lambda surprise, real: surprise),
            wrong.loss(mean=lambda surprise, real: (surprise * real).flatten()),
        ),
    ),
    "rolled_round": Misconception(
        wrong.loss(shift=lambda logits, ids: (logits, ids.roll(-1, 1))),
        "The last place of each row is to foretell the *first* token of its own text: `roll` brings round to the front "
        "what falls off at the end.",
        also=(
            wrong.loss(
                shift=lambda logits, ids: (logits, ids.roll(-1, 1)), mean=lambda surprise, real: surprise.mean()
            ),
        ),
    ),
    "first_text_only": Misconception(
        lambda logits, ids, pad: wrong.loss()(logits[:1], ids[:1], pad),
        "Only the first text of the batch counts. The mean runs over the tokens of all of them.",
    ),
    "last_only": Misconception(
        wrong.loss(
            shift=lambda logits, ids: (logits[:, -2:-1], ids[:, -1:]),
        ),
        "Only the last place of each row counts. A decoder learns from every place at once.",
    ),
    "probabilities": Misconception(
        wrong.loss(surprise=lambda logits, target: logits.softmax(dim=-1).gather(-1, target[..., None])[..., 0]),
        "These are the shares given to the right tokens, averaged: more is better there. A loss has to fall as the "
        "model learns, and surprise is measured on a logarithmic scale.",
        also=(
            wrong.loss(surprise=lambda logits, target: -logits.softmax(dim=-1).gather(-1, target[..., None])[..., 0]),
            wrong.loss(
                surprise=lambda logits, target: 1 - logits.softmax(dim=-1).gather(-1, target[..., None])[..., 0]
            ),
        ),
    ),
    "log_of_the_mean": Misconception(
        wrong.loss(mean=lambda surprise, real: -wrong.mean((-surprise).exp(), real).log()),
        "The shares were averaged first and the logarithm taken last. Each token has a surprise of its own.",
    ),
    "positive_logs": Misconception(
        wrong.loss(surprise=lambda logits, target: -wrong.surprise(logits, target)),
        "The sign is missing: the logarithm of a share is negative, and training would make it smaller still.",
    ),
    "raw_logits": Misconception(
        wrong.loss(surprise=lambda logits, target: -logits.gather(-1, target[..., None])[..., 0]),
        "The logits of the right tokens were averaged as they are. Only after a softmax do they compete with the other "
        "tokens.",
        also=(wrong.loss(surprise=lambda logits, target: logits.gather(-1, target[..., None])[..., 0]),),
    ),
    "softmax_twice": Misconception(
        wrong.loss(surprise=lambda logits, target: wrong.surprise(logits.softmax(dim=-1), target)),
        "The softmax came twice: `cross_entropy` and `log_softmax` have one inside, and take the logits as they are.",
    ),
    "softmax_over_places": Misconception(
        wrong.loss(
            surprise=lambda logits, target: -logits.log_softmax(dim=1).gather(-1, target[..., None])[..., 0],
        ),
        "The softmax ran over another axis than the tokens. At each place, the shares of all tokens sum to 1.",
        also=(
            wrong.loss(
                surprise=lambda logits, target: -logits.log_softmax(dim=0).gather(-1, target[..., None])[..., 0]
            ),
        ),
    ),
    "axes_reshaped": Misconception(
        wrong.axes_reshaped,
        "The tokens' axis was brought to the second place by counting the numbers off anew, so each row of logits is a "
        "jumble. Axes are exchanged by `transpose`; or flatten batch and sequence together.",
    ),
    "bits": Misconception(
        wrong.loss(surprise=lambda logits, target: wrong.surprise(logits, target) / math.log(2)),
        "The surprise is measured in bits, with the logarithm to base 2. The course, as torch, counts in nats.",
        also=(wrong.loss(surprise=lambda logits, target: wrong.surprise(logits, target) / math.log(10)),),
    ),
    "perplexity": Misconception(
        wrong.loss(mean=lambda surprise, real: wrong.mean(surprise, real).exp()),
        "This is the exponential of the loss, which is known as perplexity. Asked for is the mean surprise itself.",
    ),
    "entropy": Misconception(
        wrong.loss(surprise=lambda logits, target: -(logits.softmax(dim=-1) * logits.log_softmax(dim=-1)).sum(dim=-1)),
        "The surprises were averaged over all tokens that might come. What did come has no influence so: how unsure "
        "the model is says nothing about whether it is right.",
    ),
    "squared": Misconception(
        wrong.loss(
            surprise=lambda logits, target: (
                (logits.softmax(dim=-1) - F.one_hot(target, logits.shape[-1])).square().sum(dim=-1)
            ),
        ),
        "The shares were compared with 0 and 1 by squared differences. The surprise looks at the right token only: "
        "minus the logarithm of its share.",
    ),
}


def torchs(logits, ids, pad):
    """The same by torch's own function, which wants the tokens' axis second."""
    return F.cross_entropy(logits[:, :-1].transpose(1, 2), ids[:, 1:], ignore_index=pad)


NEXT_TOKEN = Exercise(
    name="next_token_loss",
    reference=text.next_token_loss,
    returns=("loss",),
    cases=cases,
    misconceptions=MISCONCEPTIONS,
    twin=torchs,
    forbidden=(text.next_token_loss, text.writing_loss, text.translating_loss),
    hints=(
        "The first case: text 1 is the tokens 1, 2; its first row of logits gives the shares 1/2, 1/4, 1/8, 1/8 to the "
        "tokens 0 to 3, so token 2 had 1/8. Text 2 is 3, followed by padding. One token is foretold in all, and the "
        "loss is -log(1/8) = 2.08.",
        "Rows of logits that have a next token (B, T - 1, V), next tokens (B, T - 1), which of them are real: bool "
        "(B, T - 1); those together: (n, V) and (n,); the mean: one number.",
        "`expected, target = logits[:, :-1], ids[:, 1:]`",
    ),
    notebook="08",
    minutes=10,
    class_time=True,
)

EXERCISES = (NEXT_TOKEN,)
