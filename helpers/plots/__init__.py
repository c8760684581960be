"""The course's pictures: arrays in, matplotlib Axes out; never a model.

    plots.use_course_style()                       once, at the top of a notebook
    plots.attention_map(weights, ["The", "big", "dog"])

style       colours, the style sheet, and the text alternative that every figure carries
dark        the same pictures on a dark page, for the web edition
matrices    attention_map, attention_maps: who listens to whom
alignment   alignment: which letters a translation looked at
heads       head_map: one number for each head of a model
slices      landing_places: which number lands where when vectors are split into heads
planes      vectors, values_and_outputs: 2-D arrows with their words; word_plane: words laid flat
gates       task_shapes, lstm_diagram, gate_strips: recurrent layers from outside and from inside
pictures    in_a_row: the frames of a film, the patches of a photograph
patches     cut_image, attention_over_image, position_maps: what a Vision Transformer sees
charts      lines, bars: named where they are, not in a legend
forecast    series_in_parts, forecasts: a series cut in time, and what was said of its end
diagrams    block_diagram: where attention sits in a Transformer
types       transformer_types: encoder, decoder, encoder-decoder
unfolded    unfolded: a recurrent layer with a loop, and with a cell for each step

One visual language, the widgets' own: colour is a role (query, key, value, output) or a kind (train, GRU), and a kind
has a dash and a marker as well; which word it is, is written. Every function draws on ``ax`` or on a new figure,
returns the Axes and gives it a text alternative (``ax.get_label()``; replace it with ``ax.set_label("...")``).
"""

from helpers.plots.alignment import alignment
from helpers.plots.charts import bars, lines
from helpers.plots.diagrams import block_diagram
from helpers.plots.forecast import forecasts, series_in_parts
from helpers.plots.gates import gate_strips, lstm_diagram, task_shapes
from helpers.plots.heads import head_map
from helpers.plots.matrices import attention_map, attention_maps
from helpers.plots.patches import attention_over_image, cut_image, position_maps
from helpers.plots.pictures import in_a_row
from helpers.plots.planes import values_and_outputs, vectors, word_plane
from helpers.plots.slices import landing_places
from helpers.plots.style import KINDS, ROLES, alt_text, use_course_style
from helpers.plots.types import transformer_types
from helpers.plots.unfolded import unfolded

__all__ = [
    "KINDS",
    "ROLES",
    "alignment",
    "alt_text",
    "attention_map",
    "attention_maps",
    "attention_over_image",
    "bars",
    "block_diagram",
    "cut_image",
    "forecasts",
    "gate_strips",
    "head_map",
    "in_a_row",
    "landing_places",
    "lines",
    "lstm_diagram",
    "position_maps",
    "series_in_parts",
    "task_shapes",
    "transformer_types",
    "unfolded",
    "use_course_style",
    "values_and_outputs",
    "vectors",
    "word_plane",
]
