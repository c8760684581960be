"""One example of each widget, for the tests of what every widget keeps (test_every_widget.py).

A new widget adds its line to EXAMPLES and is held to the whole contract.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Example:
    """A widget small enough for quick tests.

    code: Python that makes it; the last line is its name.
    control: the CSS selector of a control inside the card, which the tests press keys on.
    key: changes the picture at every press, so many times in a row as ``presses`` says; 0 where there are but a few
        options to choose from.
    """

    code: str
    control: str
    key: str = "ArrowRight"
    presses: int = 30

    @property
    def variable(self):
        """The name that the code gives to the widget."""
        return self.code.strip().rpartition("\n")[2]


EXAMPLES = {
    "attention-matrix": Example(
        """
import torch
from helpers.widgets import AttentionMatrix
x = torch.tensor([[0.5, -0.87], [-0.7, 0.7], [0.81, 0.59]])
matrix = AttentionMatrix(["The", "big", "dog"], x @ torch.diag(torch.tensor([0.2, 1.5])), x, x, beside="causal")
matrix
""",
        "input[type=range]",
    ),
    "vector-plane": Example(
        """
from helpers.widgets import VectorPlane
words = "the animal did not cross the wide street".split()
x = [[-1.5, 0.5], [0.5, -0.87], [-0.7, 0.7], [0.81, 0.59], [1, 1], [-1, 1.5], [0, -1.2], [1.4, 0.2]]
plane = VectorPlane(words, x, [[0.2, 0], [0, 1.5]], [[1, 0], [0.5, 1]])
plane
""",
        ".handle",
    ),
    "heads-view": Example(
        """
import torch
from helpers.widgets import HeadsView
torch.manual_seed(0)
heads = HeadsView.of([f"w{i}" for i in range(32)], (4 * torch.randn(6, 12, 32, 32)).softmax(dim=-1), focus=("key", 0))
heads
""",
        ".option-word[tabindex='0']",
        "ArrowDown",
    ),
    "gates-view": Example(
        """
import torch
from helpers.models.recurrent_layers import Recurrent
from helpers.widgets import GatesView
torch.manual_seed(0)
gates = GatesView(list("Wallonie"), Recurrent("lstm", 3, 8), torch.randn(8, 3), focus=[4, 2])
gates
""",
        ".cell[tabindex='0']",
        "Enter",
    ),
    "word-map": Example(
        """
import torch
from helpers.widgets import WordMap
torch.manual_seed(0)
words = [f"word{i}" for i in range(60)]
map_of_words = WordMap(words, torch.randn(60, 8), k=1)
map_of_words
""",
        "input[type=range]",
        presses=9,  # of the slider's eleven steps
    ),
    "recurrent-stepper": Example(
        """
from helpers.widgets import RecurrentStepper
x = [[1, 0], [0, 0], [0, 0.5], [0, 0], [0, -0.5], [0, 0]]
stepper = RecurrentStepper(x, [[0.4, 0.5], [-0.3, 0.4]], [[0.6, -0.8], [0.7, 0.6]], [0.1, -0.1], largest=0.2, step=3)
stepper
""",
        "input[type=range]",
    ),
    "split-timeline": Example(
        """
import torch
from helpers.widgets import SplitTimeline
timeline = SplitTimeline(torch.sin(torch.arange(200) / 9), length=6, horizon=3, cuts=[80, 160], label="a wave")
timeline
""",
        ".handle",
    ),
    "patch-slicer": Example(
        """
import torch
from helpers.widgets import PatchSlicer
torch.manual_seed(0)
slicer = PatchSlicer(torch.rand(8, 8), patch=2, weights=torch.randn(2, 3, 16, 16).softmax(dim=-1), focus=[5, 0])
slicer
""",
        "select",
        "ArrowRight",
        presses=0,  # the grids have few cells; test_patch_slicer.py presses its keys
    ),
    "dependency-view": Example(
        """
from helpers.widgets import DependencyView
depends = DependencyView([f"word{i}" for i in range(12)], mask="neighbours", depth=3)
depends
""",
        ".cell[tabindex='0']",
        presses=9,  # of the row's eleven steps
    ),
    "predict": Example(
        """
from helpers.widgets import Predict
guess = Predict("How many weights has an attention over 4 words?", [4, 8, 16], why="Every word looks at every word.")
guess
""",
        "input[type=radio]",
        presses=0,
    ),
}
