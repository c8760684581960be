"""The map of a Transformer: which part is this lesson about?"""

from matplotlib.patches import FancyBboxPatch

from helpers.arguments import expect_choice
from helpers.plots.style import HAIRLINE, INK, MUTED, ROLES, drawing_on

WIDTH, UNIT = 69, 0.083  # of the picture; inches of a unit
TOP, MIDDLE = 33, 9  # heights of the two lines along which the data flows: through the model, and through one block
PARTS = (  # name, text, left edge, width, height of its middle
    ("embeddings", "embeddings", 9.5, 14, TOP),
    ("block", "block", 27, 8, TOP),
    ("block", "block", 38, 8, TOP),
    ("head", "head", 49.5, 8, TOP),
    ("attention", "multi-head\nattention", 13, 17.5, MIDDLE),
    ("norm", "add &\nnorm", 33, 8, MIDDLE),
    ("mlp", "MLP", 44.5, 8, MIDDLE),
    ("norm", "add &\nnorm", 56, 8, MIDDLE),
)
TINTS = "#f6f7f8", "#dcebf6"  # of a block, of what is highlighted


def block_diagram(highlight="attention", ax=None, title=None):
    """Draw a Transformer from tokens to answer, with one block opened up.

    Args:
        highlight: "embeddings", "attention", "norm", "mlp", "head" or None.
        ax: the Axes to draw on; by default a new figure.
        title: what the picture shows.

    Returns:
        the Axes.
    """
    names = {name for name, *_ in PARTS} - {"block"}
    expect_choice("highlight", highlight, (*sorted(names), None))
    ax = drawing_on(ax, figsize=(UNIT * WIDTH, UNIT * 46))
    ax.set(xlim=(-0.5, WIDTH + 0.5), ylim=(-0.5, TOP + 8), aspect="equal")
    ax.axis("off")
    for x, left in ((27, 0), (35, WIDTH)):  # one block, opened
        ax.plot((x, left), (TOP - 4, 22.5), color=MUTED, linewidth=1, linestyle=":")
    _box(ax, 0, 0, WIDTH, 23, facecolor=TINTS[0], edgecolor=HAIRLINE)
    for name, text, left, width, middle in PARTS:
        chosen = name == highlight
        fill, edge, weight = (TINTS[1], 3, "bold") if chosen else ("white", 1.3, "normal")
        fill, tall = (TINTS[0] if name == "block" else fill), (4 if middle == TOP else 5)
        _box(ax, left, middle - tall, width, 2 * tall, facecolor=fill, linewidth=edge)
        shift = 1.6 if name == "attention" else 0  # room for Q, K, V
        ax.text(left + width / 2 + shift, middle, text, ha="center", va="center", weight=weight, fontsize=11)
    ax.text(36.5, TOP + 5, "N blocks", ha="center", va="bottom", color=MUTED, fontsize=11)
    for x, text, ends in ((-0.5, "tokens", (7.3, 9.5)), (69.5, "answer", (57.5, 60.5))):
        ax.text(x, TOP, text, ha="left" if x < 0 else "right", va="center", color=MUTED, fontsize=11)
        _arrow(ax, (ends[0], TOP), (ends[1], TOP), INK)
    for start, end in ((23.5, 27), (35, 38), (46, 49.5)):
        _arrow(ax, (start, TOP), (end, TOP), INK)
    for start, end in ((0.5, 9), (30.5, 33), (41, 44.5), (52.5, 56), (64, WIDTH)):
        _arrow(ax, (start, MIDDLE), (end, MIDDLE), INK)
    for role, rise in (("query", 3.2), ("key", 0), ("value", -3.2)):
        _arrow(ax, (9, MIDDLE), (13, MIDDLE + rise), ROLES[role])
        letter = {"color": ROLES[role], "weight": "bold", "ha": "center", "va": "center", "fontsize": 12}
        ax.text(14.8, MIDDLE + rise, role[0].upper(), **letter)
    for start, end in ((6, 37), (42.5, 60)):  # around each half: what came in is added to what is new
        ax.plot((start, start, end, end), (MIDDLE, 18, 18, 17), color=INK, linewidth=1.4)
        _arrow(ax, (end, 17.5), (end, MIDDLE + 5), INK)
    for x, side in ((0.8, "left"), (WIDTH - 0.8, "right")):
        ax.text(x, 2.2, "seq × d_model", ha=side, va="center", color=MUTED, fontsize=11)
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
