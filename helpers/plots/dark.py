"""The same pictures on a dark page: chalk on slate. Cells, photographs and what is written on them stay as they are."""

from matplotlib.artist import Artist
from matplotlib.collections import Collection
from matplotlib.colors import to_hex, to_rgba
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke
from matplotlib.text import Text

PAPER = "#111418"
# Colour on white -> colour on slate, the widgets' own where they have one; any other colour stays.
DARK = {
    "#ffffff": PAPER,
    "#1b1f24": "#eceef2",  # ink
    "#4d5560": "#a3a9b5",  # muted
    "#b4bac2": "#5a6270",  # frames
    "#d5d9de": "#343a44",  # hairlines
    "#e4e7eb": "#2a2f38",  # grids
    "#aab1bb": "#656d7a",  # hatches
    "#0072b2": "#5cb8ef",  # query
    "#c14d00": "#f5923e",  # key
    "#00795a": "#3fc79a",  # value
    "#7a3e9d": "#c69be0",  # output
    "#8a6d00": "#e0b93c",  # validation
    "#a3195b": "#ff8dbd",  # test
    "#5b6370": "#a8b0bd",  # RNN
    "#6d4c2f": "#d9a878",  # GRU
    "#3d4db3": "#98a6ff",  # LSTM
    "#b5480b": "#f5923e",  # what is new in a diagram
    "#f6f7f8": "#191d23",  # and the tints of its boxes
    "#f3f4f6": "#191d23",
    "#eef1f4": "#20252d",
    "#dcebf6": "#17344a",
}
HALO = 3  # points around a word that stands among lines
ON_A_CELL = "#000000", "#ffffff"  # the two colours of numbers on a coloured ground (readable_on)


def repaint(figure):
    """Change the colours of a finished figure, in place, to those for a dark page."""
    for artist in figure.findobj(Artist):
        if isinstance(artist, Text):
            _repaint_text(artist)
        elif isinstance(artist, Line2D):
            _swap(artist, "color", "markerfacecolor", "markeredgecolor")
        elif isinstance(artist, Patch):
            _swap(artist, "facecolor", "edgecolor", "hatchcolor")
        elif isinstance(artist, Collection):
            artist.set_edgecolor([on_slate(colour) for colour in artist.get_edgecolor()])
            if artist.get_array() is None:  # else its colours are values
                artist.set_facecolor([on_slate(colour) for colour in artist.get_facecolor()])


def on_slate(colour):
    """A colour as it is on a dark page, as transparent as before; what has no colour keeps none."""
    if isinstance(colour, str) and colour in ("none", "auto"):
        return colour
    *_, alpha = to_rgba(colour)
    return to_rgba(DARK.get(to_hex(colour), to_hex(colour)), alpha)


def _swap(artist, *parts):
    for part in parts:
        getattr(artist, f"set_{part}")(on_slate(getattr(artist, f"get_{part}")()))


def _repaint_text(text):
    if to_hex(text.get_color()) not in ON_A_CELL:
        text.set_color(on_slate(text.get_color()))
    for patch in (text.get_bbox_patch(), getattr(text, "arrow_patch", None)):
        if patch is not None:
            _swap(patch, "facecolor", "edgecolor")
    if text.get_path_effects():  # the halo of a word
        text.set_path_effects([withStroke(linewidth=HALO, foreground=PAPER)])
