"""Encoder, decoder, encoder-decoder: who sees whom, and what comes out."""

from matplotlib import pyplot as plt
from matplotlib.patches import FancyBboxPatch

from helpers.plots.style import INK, MUTED, ROLES, title_above

READ, WRITE = ("R", "o", "m"), ("<de>", "R", "o")
TOKENS, HIDDEN, ANSWERS = 0, 1.7, 2.7  # heights of the rows
GAP = 0.8  # between the two halves of the third


def transformer_types(title=None):
    """Draw the three types side by side: a line means that the box above sees the token below.

    Returns:
        the first of the Axes, one per type; ``.figure.axes`` holds them all.
    """
    figure, axes = plt.subplots(1, 3, figsize=(11.5, 4.1), width_ratios=[3.6, 3.6, 6.6 + GAP])
    _tokens(axes[0], 0, READ, causal=False, role="key")
    _gathered(axes[0], (0, 1, 2), "which language?")
    _finish(axes[0], "encoder", "sees everything;\nsays something about the text", 3)

    _tokens(axes[1], 0, WRITE, causal=True, role="query")
    _answers(axes[1], 0, ("R", "o", "m"))
    _finish(axes[1], "decoder", "sees what came before;\nsays what comes next", 3)

    _tokens(axes[2], 0, ("A", "p", "r"), causal=False, role="key")
    _tokens(axes[2], 3 + GAP, ("<", "0", "4"), causal=True, role="query")
    _answers(axes[2], 3 + GAP, ("0", "4", "-"))
    for left, role in ((0, "key"), (3 + GAP, "query")):  # all of one half looks at all of the other
        _frame(axes[2], left, left + 2, ROLES[role])
    _arrow(axes[2], (2.46, HIDDEN), (3 + GAP - 0.46, HIDDEN), ROLES["key"], width=3)
    axes[2].text(
        2.5 + GAP / 2, HIDDEN + 0.48, "keys,\nvalues", ha="center", va="center", color=ROLES["key"], fontsize=11
    )
    _finish(axes[2], "encoder-decoder", "one half reads; the other writes,\nand looks at what was read", 6 + GAP)
    title_above(figure, title)
    axes[0].set_label("Encoder: each of the letters R, o, m sees all three; together they give one answer.")
    axes[1].set_label("Decoder: <de>, R, o each see themselves and what came before; they expect R, o, m.")
    axes[2].set_label(
        "Encoder-decoder: an encoder reads A, p, r; a decoder with <, 0, 4 also gets keys and values from all three, "
        "at each of its places, and expects 0, 4 and a hyphen."
    )
    return axes[0]


def _tokens(ax, left, tokens, causal, role):
    for i, token in enumerate(tokens):
        _box(ax, (left + i, TOKENS), token, "#eef1f4")
        _box(ax, (left + i, HIDDEN), "", "white", ROLES[role])
        for j in range(i + 1 if causal else len(tokens)):
            _arrow(ax, (left + j, TOKENS + 0.3), (left + i, HIDDEN - 0.3), ROLES[role])


def _answers(ax, left, tokens):
    for i, token in enumerate(tokens):
        _arrow(ax, (left + i, HIDDEN + 0.3), (left + i, ANSWERS - 0.3), INK)
        _box(ax, (left + i, ANSWERS), token, "#dcebf6")


def _gathered(ax, places, answer):
    middle = sum(places) / len(places)
    for x in places:
        _arrow(ax, (x, HIDDEN + 0.3), (middle, ANSWERS - 0.3), INK)
    _box(ax, (middle, ANSWERS), answer, "#dcebf6", width=2.4)


def _finish(ax, name, told, width):
    ax.set(xlim=(-0.8, width - 0.2), ylim=(-1.1, 3.2), aspect="equal")
    ax.axis("off")
    ax.set_title(name)
    ax.text((width - 1) / 2, -0.78, told, ha="center", va="center", color=MUTED, fontsize=11)


def _box(ax, centre, text, colour, edge=INK, width=0.6):
    corner = centre[0] - width / 2 + 0.08, centre[1] - 0.22
    style = {"boxstyle": "round,pad=0.08,rounding_size=0.08", "facecolor": colour, "edgecolor": edge}
    ax.add_patch(FancyBboxPatch(corner, width - 0.16, 0.44, linewidth=1.4, **style))
    size = 13 if len(text) < 3 else 9.5 if width < 1 else 11
    ax.text(*centre, text, ha="center", va="center", fontsize=size, weight="bold")


def _frame(ax, first, last, colour):
    style = {"boxstyle": "round,pad=0.08,rounding_size=0.1", "facecolor": "none", "edgecolor": colour}
    ax.add_patch(FancyBboxPatch((first - 0.36, HIDDEN - 0.34), last - first + 0.72, 0.68, linestyle=":", **style))


def _arrow(ax, start, end, colour, width=1.3):
    style = {"arrowstyle": "-|>", "color": colour, "linewidth": width, "mutation_scale": 11, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", end, start, arrowprops=style)
