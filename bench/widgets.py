"""How fast a widget answers: key press to painted frame in a real JupyterLab, ours beside interact and matplotlib.

    python course.py bench widgets         three minutes; needs a browser, as the tests do, and the pretrained model

Both show the attention of the same random queries and keys with the words at both sides and, up to 12 of them, a number
in every cell; the arrow key moves the same temperature. A press waits
for the picture of the one before it; its time runs from the key going down to the end of the frame that shows its
effect. The two take turns, so that both see the same machine. Then 30 presses 33 ms apart, as a held key sends them:
how many different pictures are painted? A screen paints 60 frames a second: no answer comes in less than one. Growth:
the exponent p of tokens^p that fits the medians best.

A second table times what only the kernel can answer: Enter in HeadsView's sentence box and in WordMap's, to the frame
that shows the answer; and another head, which the browser holds.
"""

import statistics
import tempfile

from bench._table import exponent
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
tokens = [f"w{{i}}" for i in range({n})]

@interact(temperature=(0.1, 5.0, 0.1))
def attention(temperature=1.0):
    weights = (query @ key.T / 16**0.5 / temperature).softmax(dim=-1)
    plt.imshow(weights, vmin=0, vmax=1, cmap="cividis")
    plt.xticks(range({n}), tokens)
    plt.yticks(range({n}), tokens)
    if {n} <= 12:
        for (row, column), weight in zip(torch.cartesian_prod(*2 * [torch.arange({n})]), weights.flatten()):
            plt.text(column, row, f"{{weight:.2f}}".lstrip("0"), ha="center", va="center")
    plt.show()
"""
REAL = """
from helpers import prepared
from helpers.widgets import HeadsView, WordMap

minilm = prepared.load_minilm()
HeadsView(minilm, layer=3, head=9)
"""
TABLE = """
from helpers import vocabulary

vocab = vocabulary.load_vocabulary()
WordMap(vocab.words, vocab.table, "king", prepared=vocabulary.prepared_words())
"""
SENTENCES = [
    f"The {size} red dog chased the small cat through the old town at noon" for size in ("big", "huge", "thin")
]
RARE = ["hemingway", "locomotive", "theorem", "violinist"]  # not among the words that the browser knows by itself
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


def answers(browser, server):
    """Name, limit and milliseconds of what the kernel, or the model's 72 maps, answer."""
    with browser.open(server, REAL, TABLE) as notebook:
        notebook.run_all()
        heads, words = (notebook.page.locator(f'[data-widget="{name}"]') for name in ("heads-view", "word-map"))

        chosen = heads.locator(".head-grid [tabindex='0']")
        links = heads.locator(".picture > *").first

        def asked(card, label, texts, answer):
            box = card.get_by_label(label, exact=True)
            for text in texts:
                box.fill(text)
                yield from notebook.press(box, "Enter", answer, times=1, every=None).paints

        yield "a sentence of 15 tokens", 300, [*asked(heads, "sentence", SENTENCES * 4, links)]
        yield "another head of 72", AT_MOST, notebook.press(chosen, "ArrowLeft", links, times=8, every=None).paints
        yield "a word of 21,700", 150, [*asked(words, "word", RARE * 3, words.locator(".ranking"))]


def main():
    """Print the tables."""
    print("Key press to painted frame, in milliseconds; pictures painted for 30 presses 33 ms apart\n")
    print("tokens             median    95%  pictures", flush=True)
    with tempfile.TemporaryDirectory() as folder, Browser() as browser, Server(folder) as server:
        grown = {name: [] for name in CONTENDERS}
        for n in SIZES:
            pressed = measure(browser, server, n)
            medians = {name: statistics.median(paints) for name, (paints, _) in pressed.items()}
            for name, (paints, pictures) in pressed.items():
                grown[name].append(medians[name])
                print(f"{n:6}  {name:9}{medians[name]:8.0f}{paints[int(0.95 * len(paints))]:7.0f}{pictures:10}")
            ratio = medians["interact"] / medians["ours"]
            promise = f"promised {AT_MOST} ms" + (f", {AT_LEAST} times" if n == 8 else "")
            print(f"        ours is {ratio:.1f} times faster ({promise})", flush=True)
        print("growth:", *(f"{name} tokens^{exponent(SIZES, medians):.2f}" for name, medians in grown.items()))
        print("\nasked                      median    95%  promised")
        for name, limit, paints in answers(browser, server):
            paints = sorted(paints)
            print(
                f"{name:25}{statistics.median(paints):8.0f}{paints[int(0.95 * len(paints))]:7.0f}{limit:10}", flush=True
            )


if __name__ == "__main__":
    main()
