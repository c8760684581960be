"""Quiz: the questions in the start page, folded away until somebody asks for them."""

import ipywidgets as widgets

from helpers.quiz.questions import QUESTIONS
from helpers.widgets import Predict


class Quiz(widgets.VBox):
    """Eight questions, folded away until they are asked for; choose, then compare with what the code says."""

    def __init__(self, questions=QUESTIONS):
        self.questions = questions
        self.cards = []
        self.button = widgets.Button(description="Open the quiz", layout={"width": "auto", "align_self": "flex-start"})
        self.button.on_click(lambda _: self.compare() if self.cards else self.unfold())
        self.message = widgets.HTML()
        super().__init__([self.button, self.message])

    def unfold(self):
        """Show the questions."""
        self.cards = [
            Predict(f"{number}. {question.text}", question.options, why=question.why, prompt="Choose what you believe")
            for number, question in enumerate(self.questions, start=1)
        ]
        self.button.description = "Compare my answers with the code"
        self.children = [*self.cards, self.button, self.message]

    def compare(self):
        """Compute the answers to the questions that were answered; the others stay open."""
        answered = [card for card in self.cards if card.answer is not None]
        for card, question in zip(self.cards, self.questions, strict=True):
            if card.answer is not None:
                card.reveal(question.answer())
        right, left = sum(card.correct for card in answered), len(self.cards) - len(answered)
        said = f"The code agrees with {right} of your {len(answered)} answers." if answered else "Choose first."
        rest = f" {left} {'question is' if left == 1 else 'questions are'} still open." if left and answered else ""
        self.message.value = f'<p role="status">{said}{rest}</p>'

    def __repr__(self):
        lines = [
            f"{number}. {one.text} {' | '.join(one.options)}" for number, one in enumerate(self.questions, start=1)
        ]
        return "\n".join(["Quiz", *lines])
