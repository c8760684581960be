"""Where a row of panels may be cut, so that a narrow screen can show them one below the other."""

from itertools import pairwise

import matplotlib.pyplot as plt
from matplotlib.transforms import Bbox


def parts(figure):
    """The rectangles of a figure's picture that each hold a panel, or the title above all of them.

    The picture is cropped to what is drawn, as in notebooks.

    Args:
        figure: a Figure.

    Returns:
        list of rows, each a list of (left, top, right, bottom) in pixels of a page: together they hold all that is
        drawn. Empty if nothing stands side by side.
    """
    figure.draw_without_rendering()  # settles the layout
    renderer = figure.canvas.get_renderer()
    margin = plt.rcParams["savefig.pad_inches"]
    picture = figure.get_tightbbox(renderer).padded(margin)
    panels = {ax: ax.get_tightbbox(renderer) for ax in figure.axes}
    for bar in [ax for ax in panels if hasattr(ax, "_colorbar")]:
        owner = bar._colorbar.mappable.axes
        panels[owner] = Bbox.union([panels[owner], panels.pop(bar)])
    if figure.get_suptitle():
        panels["title"] = figure._suptitle.get_window_extent(renderer)
    panels = [Bbox(panel.get_points() / figure.dpi) for panel in panels.values()]
    rows = []
    for bottom, top, row in reversed(_apart(panels, picture.intervaly, "intervaly", margin)):
        cells = [(left, bottom, right, top) for left, right, _ in _apart(row, picture.intervalx, "intervalx", margin)]
        rows.append([_on_page(cell, picture, figure.dpi) for cell in cells])
    return rows if max(map(len, rows), default=0) > 1 else []


def _apart(panels, whole, interval, margin):
    """Cut halfway between panels that do not overlap -> (low, high, panels between) each."""
    groups = []
    for panel in sorted(panels, key=lambda panel: getattr(panel, interval)[0]):
        low, high = getattr(panel, interval)
        if groups and low < groups[-1][1]:
            groups[-1] = (groups[-1][0], max(high, groups[-1][1]), [*groups[-1][2], panel])
        else:
            groups.append((low, high, [panel]))
    cuts = [whole[0], *((one[1] + other[0]) / 2 for one, other in pairwise(groups)), groups[-1][1] + margin]
    return [(low, high, group) for (low, high), (_, _, group) in zip(pairwise(cuts), groups, strict=True)]


def _on_page(cell, picture, dpi):
    """A rectangle in inches, from below -> one from above, in the page's units."""
    left, bottom, right, top = cell
    inches = left - picture.x0, picture.y1 - top, right - picture.x0, picture.y1 - bottom
    return tuple(round(dpi * inch) for inch in inches)
