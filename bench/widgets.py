"""How fast a widget answers: key press to painted frame in a real JupyterLab, ours beside interact and matplotlib.

    python course.py bench widgets         two minutes; needs a browser, as the tests do

Both show the attention of the same random queries and keys, and the arrow key moves the same temperature. A press waits
for the picture of the one before it; its time runs from the key going down to the end of the frame that shows its
effect. The two take turns, so that both see the same machine. Then 30 presses 33 ms apart, as a held key sends them:
how many different pictures are painted? A screen paints 60 frames a second: no answer comes in less than one.
"""

import statistics
import tempfile

from tests.browser.lab import Browser, Server

SIZES = (8, 32, 128)  # tokens
TURNS, PRESSES = 3, 10
AT_MOST = 33  # milliseconds in the median: what the course promises ...
AT_LEAST = 8  # ... and how many times faster at 8 tokens
OURS = """
import torch
from helpers.widgets import AttentionMatrix

torch.manual_seed(0)
query, key = torch.randn(2, {n}, 16)
AttentionMatrix([f"w{{i}}" for i in range({n})], query, key)
"""
INTERACT = """
import matplotlib.pyplot as plt, torch
from ipywidgets import interact

torch.manual_seed(0)
query, key = torch.randn(2, {n}, 16)

@interact(temperature=(0.1, 5.0, 0.1))
def attention(temperature=1.0):
    plt.imshow((query @ key.T / 16**0.5 / temperature).softmax(dim=-1), vmin=0, vmax=1, cmap="cividis")
    plt.show()
"""
# name -> the cell, its control, where its picture is
CONTENDERS = {
    "ours": (OURS, "[data-widget] input[type=range]", "[data-widget] .picture"),
    "interact": (INTERACT, ".noUi-handle", ".widget-output"),
}


def press(notebook, number, times, every):
    """The Frames in which the cell of this number answers, from the lowest temperature upwards."""
    _, control, picture = list(CONTENDERS.values())[number]
    cell = notebook.page.locator(".jp-CodeCell").nth(number)
    cell.locator(picture).wait_for()
    cell.locator(control).press("Home")
    notebook.page.wait_for_timeout(1000)
    return notebook.press(cell.locator(control), "ArrowRight", cell.locator(picture), times, every)


def measure(browser, server, n):
    """Of each contender: the milliseconds of every press, sorted, and the pictures of 30 quick ones."""
    paints = {name: [] for name in CONTENDERS}
    with browser.open(server, *(cell.format(n=n) for cell, *_ in CONTENDERS.values())) as notebook:
        notebook.run_all()
        for _ in range(TURNS):
            for number, name in enumerate(CONTENDERS):
                paints[name] += press(notebook, number, PRESSES, every=None).paints
        held = [press(notebook, number, 30, every=33).pictures for number in range(len(CONTENDERS))]
    return {name: (sorted(paints[name]), pictures) for name, pictures in zip(CONTENDERS, held, strict=True)}


def main():
    """Print the table."""
    print("Key press to painted frame, in milliseconds; pictures painted for 30 presses 33 ms apart\n")
    print("tokens             median    95%  pictures", flush=True)
    with tempfile.TemporaryDirectory() as folder, Browser() as browser, Server(folder) as server:
        for n in SIZES:
            answers = measure(browser, server, n)
            medians = {name: statistics.median(paints) for name, (paints, _) in answers.items()}
            for name, (paints, pictures) in answers.items():
                print(f"{n:6}  {name:9}{medians[name]:8.0f}{paints[int(0.95 * len(paints))]:7.0f}{pictures:10}")
            ratio = medians["interact"] / medians["ours"]
            promise = f"promised {AT_MOST} ms" + (f", {AT_LEAST} times" if n == 8 else "")
            print(f"        ours is {ratio:.1f} times faster ({promise})", flush=True)


if __name__ == "__main__":
    main()
