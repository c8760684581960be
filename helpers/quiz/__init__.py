"""The quiz at the end of the course: `Quiz()` shows it."""

from helpers.quiz.card import Quiz
from helpers.quiz.questions import QUESTIONS

__all__ = ["QUESTIONS", "Quiz"]
