"""What an exercise is made of."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from helpers.checks.values import to_tensors


@dataclass(frozen=True)
class Misconception:
    """A wrong answer that people really give, and the sentence that helps them.

    For a judged exercise the function only serves the tests: there the judge recognises the mistake itself.
    """

    function: Callable
    message: str
    also: tuple[Callable, ...] = ()  # other ways to make the same mistake that give other numbers

    @property
    def functions(self):
        """All the ways to make it."""
        return self.function, *self.also

    @property
    def summary(self):
        """The first sentence of the message: what is wrong."""
        return self.message.partition(". ")[0].rstrip(".:") + "."


@dataclass(frozen=True)
class Finding:
    """What a judge found wrong: the id of a misconception, or None with a sentence that says what it saw."""

    diagnosis: str | None
    sentence: str = ""


@dataclass(frozen=True)
class Exercise:
    """One exercise: how it is checked, what is known to go wrong, and three steps of help."""

    name: str
    reference: Callable  # the package's own function, wherever the package has one
    returns: tuple[str, ...]  # the names of what comes back
    cases: Callable[[int], list[tuple]]  # seed -> argument tuples; the first one is small enough for paper
    misconceptions: dict[str, Misconception]
    hints: tuple[str, str, str]  # a picture or an example, the line of shapes, the first line of code
    notebook: str  # "05"
    minutes: int
    class_time: bool = False  # solved in class (True) or at home
    forbidden: tuple[Callable, ...] = ()  # what an answer must not call: the very thing being written
    twin: Callable | None = None  # torch's own version; a test holds the reference against it
    judge: Callable | None = None  # judge(outputs, *arguments) -> None | Finding, where many answers are right
    jury: Callable | None = None  # jury(outcomes, cases) -> None | Finding, where only all cases together tell
    variants: dict[str, Callable] = field(default_factory=dict)  # a note -> what is right by another convention

    def __post_init__(self):
        if len(self.hints) != 3:
            raise ValueError(f"{self.name}: hints has three steps, not {len(self.hints)}")
        if len(self.misconceptions) < 3:
            raise ValueError(f"{self.name}: name at least three misconceptions")

    def expected(self, case):
        """What the reference gives for a case: a tensor, or a tuple of them."""
        return to_tensors(self.reference(*case), len(self.returns))[0]

    @cached_property
    def arguments(self):
        """The names of the arguments the cases fill, in order."""
        return tuple(inspect.signature(self.reference).parameters)[: len(self.cases(0)[0])]
