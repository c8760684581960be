"""What all pictures share: colours, the style sheet, the text alternative, and a look at the arrays that come in."""

import os
import sys
import warnings
from base64 import b64encode
from html import escape
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb
from PIL import Image, ImageDraw

from helpers.arguments import expect_type, told
from helpers.kernels import tidy_after_cells
from helpers.plots.dark import repaint
from helpers.plots.parts import parts

INK, MUTED, HAIRLINE = "#1b1f24", "#4d5560", "#d5d9de"
ROLES = {"query": "#0072b2", "key": "#c14d00", "value": "#00795a", "output": "#7a3e9d"}
KINDS = {  # name -> colour, dash, marker
    "train": ("#1b1f24", "-", "o"),
    "validation": ("#8a6d00", "--", "s"),
    "test": ("#a3195b", ":", "^"),
    "RNN": ("#5b6370", ":", "o"),
    "GRU": ("#6d4c2f", "--", "s"),
    "LSTM": ("#3d4db3", "-", "^"),
}
OTHER_KINDS = (("#1b1f24", "-", "o"), ("#a3195b", "--", "s"), ("#3d4db3", ":", "^"), ("#8a6d00", "-.", "D"))
PROJECTOR_DPI = 150  # instead of 100: lines and letters grow with the picture
CORNER = 8  # points of a page: as round as the widgets' cards
MOST_PIXELS = 2000  # across: two to a point, as sharp screens have, but for wide figures, which pages shrink anyway
CHART_WIDTH, PHONE_WIDTH = 7, 5.4  # inches: a chart in a notebook; one whose letters a phone still shows in 10 pixels
ON_DARK = "application/vnd.course.dark-png"  # the MIME type of a picture's dark twin
HIDDEN = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)"


def use_course_style(projector=None):
    """Set the course's style; in a notebook, also draw sharply and attach every figure's text alternative.

    Args:
        projector: bool, figures half as large again, for the back row. None: as it was, so that a notebook's own call
            does not end what `helpers.projector` has begun.
    """
    was_on = mpl.rcParams["figure.dpi"] == PROJECTOR_DPI
    plt.style.use(Path(__file__).with_name("course.mplstyle"))
    if was_on if projector is None else projector:
        mpl.rcParams["figure.dpi"] = PROJECTOR_DPI
    warnings.filterwarnings("ignore", "Glyph .* missing")  # a rare script becomes boxes, not a page of warnings
    ipython = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if ipython is not None:
        plt.get_backend()  # loads the inline backend, which registers its own way to show figures: ours comes after
        formatter = ipython.display_formatter.ipython_display_formatter
        if formatter.for_type(mpl.figure.Figure, _publish) is not _publish:  # the first time in this kernel
            tidy_after_cells(ipython)
        formatter.for_type(mpl.axes.Axes, lambda ax: None)  # its figure appears anyway: no cell needs a semicolon


def alt_text(figure):
    """The text alternative of a figure: the sentences of its Axes."""
    labels = (ax.get_label() for ax in figure.axes)
    return " ".join(label for label in labels if label and not label.startswith("<")) or "A figure without description."


def _publish(figure):
    """Show a figure in a notebook, with its text alternative for every kind of reader.

    JupyterLab's <img> has no alt attribute, so the description precedes it as text that only screen readers meet;
    exported pages take it from the metadata, terminals and nbval from text/plain. The web edition asks, by a variable,
    for charts that a phone can show whole, for the parts of wide figures, and for each picture's twin on a dark page.
    """
    from IPython.display import HTML, display

    on_the_web = os.environ.get("FIGURES_FOR_THE_WEB")
    has_axes = any(ax.axison for ax in figure.axes)  # a diagram has none, and its letters would not shrink with it
    if on_the_web and has_axes and PHONE_WIDTH < figure.get_figwidth() <= CHART_WIDTH:
        figure.set_figwidth(PHONE_WIDTH)
    alt = alt_text(figure)
    png, about = _as_card(figure)
    data = {"image/png": b64encode(png).decode(), "text/plain": alt}
    about["alt"] = alt
    if on_the_web:
        about["parts"] = parts(figure) if figure.get_figwidth() > PHONE_WIDTH else []
        repaint(figure)
        data[ON_DARK] = b64encode(_as_card(figure)[0]).decode()
    display(HTML(f'<p class="figure-description" style="{HIDDEN}">Figure: {escape(alt)}</p>'))
    display(data, metadata={"image/png": about}, raw=True)


def _as_card(figure):
    """A PNG of what is drawn, and its size: in 256 colours, with round corners, a card of paper on a dark page.

    So few colours take a third of the bytes in the notebook, and no eye sees the difference.
    """
    dpi = min(2 * figure.dpi, MOST_PIXELS / figure.get_figwidth())
    png = BytesIO()
    figure.savefig(png, dpi=dpi, bbox_inches="tight", facecolor=figure.get_facecolor())
    picture = Image.open(png).convert("RGB").quantize(255, dither=Image.Dither.NONE)
    picture.putpalette((picture.getpalette() + 768 * [255])[:768])  # the last colour, white, will be the clear one
    corners, radius = Image.new("1", picture.size, 1), CORNER * dpi / figure.dpi
    ImageDraw.Draw(corners).rounded_rectangle((0, 0, picture.width - 1, picture.height - 1), radius, fill=0)
    picture.paste(255, mask=corners)
    card = BytesIO()
    picture.save(card, "png", optimize=True, transparency=255)
    width, height = (round(side * figure.dpi / dpi) for side in picture.size)
    return card.getvalue(), {"width": width, "height": height}


def drawing_on(ax, **figure):
    """The Axes to draw on: those given, or those of a new figure.

    Raises:
        TypeError: something else.
    """
    if ax is None:
        return plt.subplots(**figure)[1]
    expect_type("ax", ax, mpl.axes.Axes)
    return ax


def title_above(figure, title):
    """Write what all panels of a figure show above them, as a title of one panel looks."""
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontweight="bold", fontsize=14)


def as_floats(name, x):
    """Lists, arrays or tensors -> an array of floats of any shape, or a sentence that says what came instead."""
    try:
        return np.asarray(x.detach().cpu() if hasattr(x, "detach") else None if isinstance(x, str) else x, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name}: expected numbers in rows of equal length, got {told(x)}") from None


def as_array(name, x, *axes):
    """Return x (list, array or tensor) as floats after a look at its shape.

    Args:
        name: the argument's name, for the error.
        x: the numbers.
        *axes: for each axis its name, or (size, name) where the size is known.

    Raises:
        ValueError: the shape differs, or a number is not finite.
    """
    given, x = x, as_floats(name, x)
    axes = [axis if isinstance(axis, tuple) else (None, axis) for axis in axes]
    if x.ndim != len(axes) or any(size not in (None, got) for (size, _), got in zip(axes, x.shape, strict=True)):
        wanted = " by ".join(axis if size is None else f"{size} {axis}" for size, axis in axes)
        came = f"shape {x.shape}" if x.ndim else told(given)
        raise ValueError(f"{name}: expected {wanted}, got {came}")
    if not x.size or not np.isfinite(x).all():
        raise ValueError(f"{name}: expected finite numbers, got {'NaN or infinity' if x.size else 'none at all'}")
    return x


def readable_on(colour):
    """Black or white, whichever has more contrast on the colour; it is never below 4.5 : 1."""
    return max(("#000000", "#ffffff"), key=lambda text: contrast(text, colour))


def contrast(one, other):
    """Contrast ratio of two colours, from 1 to 21 (Web Content Accessibility Guidelines 2.2)."""
    channels = np.array([to_rgb(one), to_rgb(other)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    dark, light = sorted(linear @ (0.2126, 0.7152, 0.0722))
    return (light + 0.05) / (dark + 0.05)


def spread(heights, gap):
    """Push labels apart towards a ``gap`` from each to the next, keeping their order; a dozen at one height get it.

    >>> spread([5, 6, 50], gap=3).tolist()
    [4.0, 7.0, 50.0]
    """
    heights = np.array(heights, dtype=float)
    order = heights.argsort(kind="stable")
    for _ in range(100):
        for low, high in pairwise(order):
            overlap = max(0, gap - (heights[high] - heights[low]))
            heights[[low, high]] += (-overlap / 2, overlap / 2)
    return heights
