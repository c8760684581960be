"""The quiz: every right answer is computed by the package, and nothing is given away before it is asked for."""

import pytest
import torch

from helpers.quiz import QUESTIONS, Quiz

RIGHT = {  # function -> how its answer begins: what the notebooks teach, said a second time
    "shuffled_windows": "nearly all",
    "shared_weights": "the sum",
    "open_gates": "what was in it at the start",
    "one_weight": "how much of big's value goes into dog's",
    "eight_heads": "as many as before",
    "another_order": "the same three vectors, in the new order",
    "exchanged_word": "the third, the fourth and the fifth",
    "half_the_patch": "16 times",
}


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.compute.__name__)
def test_the_package_computes_the_right_answer(question):
    before = torch.get_rng_state()
    answers = {question.answer() for _ in range(2)}
    assert len(answers) == 1
    assert answers.pop().startswith(RIGHT[question.compute.__name__])
    assert question.answer() in question.options
    assert torch.equal(before, torch.get_rng_state()), "the learner's random numbers go on as before"


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.compute.__name__)
def test_the_answer_does_not_hang_on_the_numbers_drawn(question):
    for seed in range(5):
        torch.manual_seed(seed)
        assert question.compute().startswith(RIGHT[question.compute.__name__])


def test_there_are_eight_over_all_parts_of_the_course():
    assert len(QUESTIONS) == 8
    parts = [question.why.rpartition("(Notebook")[2] for question in QUESTIONS]
    assert all(
        any(number in part for part in parts) for number in ("01", "02", "03", "05", "06", "07", "08", "09", "10")
    )
    places = [question.options.index(question.answer()) for question in QUESTIONS]
    assert len(set(places)) > 2, "the right answer must not always stand in the same place"


def test_it_opens_when_asked_and_compares_what_was_answered():
    quiz = Quiz()
    assert not quiz.cards
    quiz.button.click()
    assert len(quiz.cards) == 8
    quiz.button.click()
    assert "Choose first" in quiz.message.value
    quiz.cards[0].choice = 3
    quiz.cards[4].choice = 0
    quiz.button.click()
    assert [card.correct for card in quiz.cards] == [True, None, None, None, False, None, None, None]
    assert "agrees with 1 of your 2 answers. 6 questions are still open." in quiz.message.value
    assert all(card.truth is None for card in quiz.cards[1:4]), "what is open stays open"
    for card in quiz.cards:
        card.choice = 0 if card.choice is None else card.choice
    quiz.button.click()
    assert "of your 8 answers." in quiz.message.value
    assert "open" not in quiz.message.value


def test_its_text_shows_the_questions_and_no_answer():
    text = repr(Quiz())
    assert all(question.text in text and question.why not in text for question in QUESTIONS)
    assert "✓" not in text
