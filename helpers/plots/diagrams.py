"""The map of a Transformer: which part is this lesson about?"""

from matplotlib.patches import FancyBboxPatch

from helpers.arguments import expect_choice
from helpers.plots.style import HAIRLINE, INK, MUTED, ROLES, drawing_on

MIDDLE = 10  # height of the line along which the data flows
PARTS = (  # name, text, left edge, width
    ("embeddings", "embeddings", 2, 14),
    ("attention", "multi-head\nattention", 38, 17),
    ("norm", "add &\nnorm", 58.5, 8),
    ("mlp", "MLP", 73, 9),
    ("norm", "add &\nnorm", 86.5, 8),
    ("head", "head", 109, 10),
)


def block_diagram(highlight="attention", ax=None, title=None):
    """Draw a Transformer from tokens to answer, with one block opened up.

    Args:
        highlight: "embeddings", "attention", "norm", "mlp", "head" or None.
        ax: the Axes to draw on; by default a new figure.
        title: what the picture shows.

    Returns:
        the Axes.
    """
    names = {name for name, *_ in PARTS}
    expect_choice("highlight", highlight, (*sorted(names), None))
    ax = drawing_on(ax, figsize=(11, 3.2))
    ax.set(xlim=(0, 121), ylim=(-1, 26), aspect="equal")
    ax.axis("off")
    _box(ax, 28, 0.5, 70, 23.5, facecolor="#f6f7f8", edgecolor=HAIRLINE)
    ax.text(96.5, 21, "N times", ha="right", va="center", color=MUTED, weight="bold")
    for name, text, left, width in PARTS:
        chosen = name == highlight
        fill, edge, weight = ("#dcebf6", 3, "bold") if chosen else ("white", 1.3, "normal")
        _box(ax, left, MIDDLE - 5, width, 10, facecolor=fill, linewidth=edge)
        shift = 1.2 if name == "attention" else 0  # room for Q, K, V
        ax.text(left + width / 2 + shift, MIDDLE, text, ha="center", va="center", weight=weight, fontsize=12)
    for start, end in ((16, 32), (55, 58.5), (66.5, 73), (82, 86.5), (94.5, 109)):
        _arrow(ax, (start, MIDDLE), (end, MIDDLE), INK)
    for role, rise in (("query", 3.2), ("key", 0), ("value", -3.2)):
        _arrow(ax, (32, MIDDLE), (38, MIDDLE + rise), ROLES[role])
        letter = {"color": ROLES[role], "weight": "bold", "ha": "center", "va": "center", "fontsize": 12}
        ax.text(39.7, MIDDLE + rise, role[0].upper(), **letter)
    for start, end in ((30, 62.5), (69.5, 90.5)):  # around each half: what came in is added to what is new
        ax.plot((start, start, end, end), (MIDDLE, 18.5, 18.5, 17), color=INK, linewidth=1.4)
        _arrow(ax, (end, 18), (end, MIDDLE + 5), INK)
    for x, text, start, end in ((9, "tokens", 20, 15), (114, "answer", 15, 20)):
        _arrow(ax, (x, start), (x, end), INK)
        ax.text(x, 22, text, ha="center", va="center", color=MUTED)
    for x in (22, 103.5):
        ax.text(x, MIDDLE - 4, "seq ×\nd_model", ha="center", va="center", color=MUTED, fontsize=12)
    ax.set_title(title or "The same size in and out: blocks can stand in series")
    ax.set_label(
        "A Transformer: tokens go through embeddings, then through N blocks, then through a head to the answer. "
        "Each block is multi-head attention, add and norm, MLP, add and norm; seq by d_model numbers go in and out."
        + (f" Highlighted: {highlight}." if highlight else "")
    )
    return ax


def _box(ax, left, bottom, width, height, edgecolor=INK, **style):
    # The rounding grows outwards, so the inner box is smaller by it.
    inner = ((left + 1, bottom + 1), width - 2, height - 2)
    ax.add_patch(FancyBboxPatch(*inner, boxstyle="round,pad=1,rounding_size=1", edgecolor=edgecolor, **style))


def _arrow(ax, start, end, colour):
    style = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.4, "mutation_scale": 13, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", end, start, arrowprops=style)
