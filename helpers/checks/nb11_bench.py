"""Notebook 11: tests are put to the test, on a bench of models that are right or carry a bug.

Every model on the bench writes down what it is asked. So a test is known by its verdicts *and* by its questions: a
wrong one is recognised where both agree with a misconception's, and for any other it can be said what it asked.
"""

import torch
from torch import nn

from helpers.checks.exercise import Finding
from helpers.models.recurrent_layers import Recurrent

FLOAT_NOISE = 2e-7  # what a float32 of about 1 may lose when sums are taken in another order
SMALL = 4e-4  # a bug that is small, and a thousand times larger than that
SHOWN = 2  # models that a message names


class Subject(nn.Module):
    """A model on the bench: its name, whether the bug is there, and what it was asked."""

    def __init__(self, name, model, buggy, wants_lengths=False):
        super().__init__()
        self.name, self.model, self.buggy, self.wants_lengths, self.asked = name, model, buggy, wants_lengths, []
        self.eval().requires_grad_(False)

    def forward(self, x, *lengths):
        """Answer as the model does."""
        if self.wants_lengths and not lengths:
            raise TypeError("this model is called as model(x, lengths)")
        self.asked.append(x.detach().clone() if isinstance(x, torch.Tensor) else None)
        return self.model(x, *lengths)


class Noisy(nn.Module):
    """The same model where sums come in another order each time: float noise, and many zeros that are not quite 0."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, *arguments):
        """The model's answer, and noise."""
        answer = torch.relu(self.model(*arguments))
        return answer + FLOAT_NOISE * torch.randn_like(answer).clamp(-2, 2)


class Plus(nn.Module):
    """A model and something more: extra(x, *lengths) is added to its answer."""

    def __init__(self, model, extra):
        super().__init__()
        self.model, self.extra = model, extra

    def forward(self, *arguments):
        """Both together."""
        return self.model(*arguments) + self.extra(*arguments)


class States(Recurrent):
    """A GRU of which only the states come back; it may read both ways."""

    def __init__(self, d_model, two_way=False):
        super().__init__("gru", d_model, d_model // 2 if two_way else d_model, two_way=two_way)

    def forward(self, x, lengths=None):
        """(batch, seq, d_model) -> the same."""
        return super().forward(x, lengths=lengths)[0]


class Rule(nn.Module):
    """A model for paper: a rule without parameters."""

    def __init__(self, rule):
        super().__init__()
        self.rule = rule

    def forward(self, *arguments):
        """What the rule says."""
        return self.rule(*arguments)


def running_mean(x, lengths=None):
    """(batch, seq, d_model) -> each token replaced by the mean of all up to it."""
    return x.cumsum(dim=1) / torch.arange(1, x.shape[1] + 1)[:, None]


def steps(batch, seq, d_model):
    """Small whole numbers for paper, no two rows alike."""
    return torch.arange(1.0, batch * seq * d_model + 1).reshape(batch, seq, d_model)


def draw(seed, models, shape, lengths=None):
    """A case for each (name, buggy, make model), with x and parameters drawn from the seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        subjects = [Subject(name, make(), buggy, wants_lengths=lengths is not None) for name, buggy, make in models]
        rest = () if lengths is None else (torch.tensor(lengths),)
        return [(subject, torch.randn(shape), *rest) for subject in subjects]


def jury_for(misconceptions):
    """A jury(outcomes, cases) that compares the learner's test with these wrong ones."""

    def jury(outcomes, cases):
        answers = [outcome.value for outcome in outcomes]
        if finding := _form(answers):
            return finding
        wrong = [i for i, (case, answer) in enumerate(zip(cases, answers, strict=True)) if answer != case[0].buggy]
        if any(outcome.changed for outcome in outcomes):
            return Finding("in_place", _account(cases, wrong))
        if not wrong:
            return None
        with torch.random.fork_rng(devices=[]):
            known = _recognised(misconceptions, [bool(answer) for answer in answers], cases)
        told = "" if known else _told(*cases[wrong[-1]])
        return Finding(known, " ".join(filter(None, (_account(cases, wrong), told))))

    return jury


def _account(cases, wrong):
    """Which of both failed, and on which model: the bugs that are missed, the alarms that are false."""
    missed, alarmed = (
        list(dict.fromkeys(cases[i][0].name for i in wrong if cases[i][0].buggy == buggy)) for buggy in (True, False)
    )
    sentences = ("It misses the bug in: {}{}.", missed), ("False alarm, these are right: {}{}.", alarmed)
    return " ".join(
        sentence.format("; ".join(names[:SHOWN]), f"; and {len(names) - SHOWN} more" * (len(names) > SHOWN))
        for sentence, names in sentences
        if names
    )


def _form(answers):
    """One True or False is wanted; what else came back?"""
    if any(isinstance(answer, tuple) for answer in answers):
        return Finding(None, "Several things came back. One answer is wanted: True or False.")
    if any(answer.dim() or answer.dtype != torch.bool for answer in answers):
        one = all(answer.numel() == 1 for answer in answers)
        return Finding("a_number" if one else "many_answers")
    return None


def _questions(subject, x, *lengths):
    """How a model was asked: how often (0, 1, more), with fewer rows, and what of x was changed."""
    asked = [each for each in subject.asked if each is not None]
    fewer = any(each.shape[0] < x.shape[0] for each in asked)
    changed = _changed(subject, x)
    padding = torch.arange(x.shape[1]) >= lengths[0][:, None] if lengths else torch.zeros(x.shape[:2], dtype=torch.bool)
    parts = changed[:, 0], changed[:, 1:-1], changed[:, -1], changed[padding], changed[~padding]
    return min(len(asked), 2), fewer, *(part.any().item() for part in parts)


def _changed(subject, x):
    """Which tokens of x were other ones in any question of x's own size: bool (batch, seq)."""
    alike = [each for each in subject.asked if each is not None and each.shape == x.shape]
    return torch.stack([x != x, *(each != x for each in alike)]).any(dim=0).any(dim=-1)


def _recognised(misconceptions, answers, cases):
    """The misconception that agrees in all cases, or in all but those for paper, whose few rows a shuffle may keep."""
    bench = [i for i, (subject, *_) in enumerate(cases) if not isinstance(subject.model, Rule)]
    return _agreeing(misconceptions, answers, cases) or _agreeing(
        misconceptions, [answers[i] for i in bench], [cases[i] for i in bench]
    )


def _agreeing(misconceptions, answers, cases):
    """The misconception with the same verdicts and questions; or with the same verdicts, if they are not all alike."""
    questions, telling, partly = [_questions(*case) for case in cases], len(set(answers)) > 1, None
    for name, misconception in misconceptions.items():
        for function in misconception.functions if name != "in_place" else ():  # that is seen without comparing
            verdicts, asked = zip(*_tried(function, answers, cases), strict=True)
            if len(verdicts) == len(cases) and list(verdicts) == answers:
                if list(asked)[1:] == questions[1:]:  # the first case was asked twice, see check()
                    return name
                partly = partly or (name if telling else None)
    return partly


def _tried(function, answers, cases):
    """The verdicts and questions of a wrong test, as far as its verdicts agree with the answers."""
    for (subject, *rest), answer in zip(cases, answers, strict=True):
        again = Subject(subject.name, subject.model, subject.buggy)
        try:
            verdict = function(again, *(each.clone() for each in rest))
        except (RuntimeError, ValueError, IndexError, TypeError):
            verdict = None
        verdict = verdict if isinstance(verdict, bool) else None
        yield verdict, _questions(again, *rest)
        if verdict != answer:
            return


def _told(subject, x, *lengths):
    """What a test that is in no list asked this model."""
    asked = subject.asked
    if len(asked) < 2:
        return f"It asks a model {'once, so there is nothing to compare' if asked else 'nothing at all'}."
    if all(each is not None and each.shape == x.shape and torch.equal(each, x) for each in asked):
        return "Every time, it asks a model about the very same numbers."
    if shuffled := _shuffled(asked, x):
        return shuffled
    places = _changed(subject, x).any(dim=0).nonzero()[:, 0].tolist()
    if not places:
        return ""
    return f"In x of shape {tuple(x.shape)} it changes place{'s' * (len(places) > 1)} {', '.join(map(str, places))}."


def _shuffled(asked, x):
    """Said of a test whose every other question is x with its rows, or its tokens, in another order."""
    others = [each for each in asked if each is None or each.shape != x.shape or not torch.equal(each, x)]
    for axis, parts in enumerate(("rows", "tokens")):
        if all(_same_parts(each, x, axis) for each in others):
            told = f"It puts the *{parts}* in another order, axis {axis}"
            pairs = [enumerate(zip(each.unbind(axis), x.unbind(axis), strict=True)) for each in others]
            if stay := sorted({place for each in pairs for place, (one, other) in each if torch.equal(one, other)}):
                return f"{told}; number {stay[0]} stays where it was, as happens by chance, and is not put to the test."
            return f"{told}. Are all outputs compared, each with its own?"
    return ""


def _same_parts(each, x, axis):
    """Whether `each` holds what x holds along this axis, in whatever order."""
    if each is None or each.shape != x.shape:
        return False
    pairs = (each, x), (x, each)
    return all(any(torch.equal(a, b) for b in two.unbind(axis)) for one, two in pairs for a in one.unbind(axis))
