"""Predict: commit to an answer before the code below computes it."""

from dataclasses import dataclass
from html import escape

import traitlets

from helpers.widgets.base import CourseWidget, validates


class Predict(CourseWidget):
    """A question whose right answer is computed by the code that follows, never typed in.

    Choosing an option is the commitment; one may change one's mind until ``reveal``. Nothing ever waits for a choice.

    Args:
        question: what is asked, one sentence.
        options: at least two texts, numbers or booleans; their ``str`` is what is shown.
        why: a sentence that explains the answer, shown on reveal.
        prompt: what the learner is asked to do, above the question.
        projector: everything larger, for the back row.

    Raises:
        ValueError: no question, fewer than two options, or the same option twice.

    >>> guess = Predict("How many weights has an attention over 4 words?", [4, 8, 16])
    >>> guess
    Predict(How many weights has an attention over 4 words? 4 | 8 | 16)
    >>> guess.reveal(4 * 4)
    The code says 16; nothing was predicted.
    """

    python_only = ("question", "options", "why", "prompt", "said", "truth")
    question = traitlets.Unicode().tag(sync=True)
    options = traitlets.List(traitlets.Unicode()).tag(sync=True)
    why = traitlets.Unicode().tag(sync=True)
    prompt = traitlets.Unicode("Predict first, then run the next cell").tag(sync=True)
    choice = traitlets.Int(None, allow_none=True).tag(sync=True)  # the option chosen in the browser, from 0
    said = traitlets.Int(None, allow_none=True).tag(sync=True)  # the choice that stood when the answer was revealed
    truth = traitlets.Int(None, allow_none=True).tag(sync=True)  # the option that the code computed; None until reveal

    def __init__(self, question, options, *, why="", **settings):
        if not isinstance(question, str) or not question.strip():
            raise ValueError(f"question: expected a sentence, got {question!r:.60}")
        if isinstance(options, str) or not hasattr(options, "__iter__"):
            raise ValueError(f'options: expected a list such as ["yes", "no"], got {options!r:.60}')
        options = [_text(option) for option in options]
        if len(options) < 2:
            raise ValueError(f"options: expected at least 2 to choose from, got {len(options)}")
        if twice := [option for option in options if options.count(option) > 1]:
            raise ValueError(f'options: "{twice[0]:.60}" stands there twice')
        super().__init__(question=question, options=options, why=why, **settings)

    @validates("choice")
    def _validate_choice(self, proposal):
        if proposal.value is not None and not 0 <= proposal.value < len(self.options):
            raise ValueError(f"choice: expected 0 to {len(self.options) - 1}, got {proposal.value}")
        return proposal.value

    @property
    def answer(self):
        """The text of the option that was chosen, or None; a choice after the reveal does not count."""
        return self._option(self.choice if self.truth is None else self.said)

    @property
    def correct(self):
        """Whether the prediction came true; None before the reveal and when nothing was predicted."""
        return None if None in (self.truth, self.said) else self.truth == self.said

    def reveal(self, answer):
        """Compare the prediction with what the code computed, in the card and in the cell that calls this.

        Args:
            answer: one of the options; numbers, booleans and tensors are compared by their ``str``.

        Returns:
            a Verdict, which reads as one sentence.

        Raises:
            ValueError: the answer is none of the options.
        """
        text = _text(answer)
        if text not in self.options:
            raise ValueError(f"answer: expected one of {' | '.join(self.options):.200}, got {text:.60}")
        if self.truth is None:
            self.said = self.choice
        self.truth = self.options.index(text)
        return Verdict(self.answer, text, self.why)

    def _option(self, index):
        return None if index is None else self.options[index]

    def summary(self):  # noqa: D102 (see the base)
        return f"{self.question} {' | '.join(self.options)}"


@dataclass(frozen=True, repr=False)
class Verdict:
    """What was said beside what the code says; reads the same in a cell, in a terminal and on the web."""

    said: str | None
    found: str
    why: str = ""

    def _sentence(self, emphasised):
        if self.said is None:
            return f"The code says {emphasised(self.found)}; nothing was predicted."
        mark = "✓" if self.said == self.found else "✗"
        return f"{mark} You said {emphasised(self.said)}. The code says {emphasised(self.found)}."

    def __repr__(self):
        return f"{self._sentence(str)} {self.why}".strip()

    def _repr_html_(self):
        return f"<p>{self._sentence(lambda text: f'<strong>{escape(text)}</strong>')} {escape(self.why)}</p>"


def _text(value):
    """What stands on an option: the value's str; tensors and numpy's numbers are read as plain ones."""
    return str(value.tolist() if hasattr(value, "tolist") else value)
