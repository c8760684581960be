"""The pictures draw what they are given, can be read, and can be read out."""

from base64 import b64decode
from io import BytesIO

import matplotlib as mpl
import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex
from PIL import Image

from helpers import plots
from helpers.plots.planes import _hull
from helpers.plots.style import ON_DARK, OTHER_KINDS, contrast, readable_on, spread

WORDS = ["The", "big", "dog"]
WEIGHTS = np.array([[0.80, 0.09, 0.11], [0.08, 0.49, 0.43], [0.11, 0.46, 0.43]])
VECTORS = np.array([[0.50, -0.87], [-0.70, 0.70], [0.81, 0.59]])
CAUSAL = np.tri(3, dtype=bool)


pytestmark = pytest.mark.usefixtures("course_style")


def written(ax):
    return [text.get_text() for text in ax.texts]


def test_a_map_writes_every_weight_at_its_row_and_column():
    ax = plots.attention_map(WEIGHTS, WORDS)
    numbers = {text.get_position(): text.get_text() for text in ax.texts}
    assert numbers == {(j + 0.5, i + 0.5): f"{WEIGHTS[i, j]:.2f}" for i in range(3) for j in range(3)}
    assert ax.yaxis_inverted(), "the first query stands on top"


def test_rows_are_queries_in_blue_and_columns_keys_in_vermilion():
    ax = plots.attention_map(WEIGHTS[:2], WORDS[:2], key_tokens=["Le", "gros", "chien"])
    for axis, words, role in ((ax.xaxis, ["Le", "gros", "chien"], "key"), (ax.yaxis, WORDS[:2], "query")):
        labels = axis.get_ticklabels()
        assert [label.get_text() for label in labels] == words
        assert {label.get_color() for label in labels} == {plots.ROLES[role]}


def test_what_is_masked_is_hatched_and_has_no_number():
    scores = np.where(CAUSAL, WEIGHTS, -np.inf)
    for given in (WEIGHTS, scores):
        ax = plots.attention_map(given, WORDS, mask=torch.tensor(CAUSAL))
        assert len(written(ax)) == 6
        assert {patch.get_xy() for patch in ax.patches if patch.get_hatch()} == {(1, 0), (2, 0), (2, 1)}


def test_scores_may_be_negative():
    ax = plots.attention_map(torch.tensor(WEIGHTS - 0.5, requires_grad=True), WORDS, scores=True)
    assert "\N{MINUS SIGN}0.41" in written(ax)


def test_many_tokens_get_a_scale_instead_of_numbers():
    n = 20
    ax = plots.attention_map(np.eye(n), [f"w{i}" for i in range(n)])
    assert written(ax) == []
    assert [other.get_ylabel() for other in ax.figure.axes] == ["", "weight"]
    plots.attention_map(np.eye(200), ["w"] * 200).figure.draw_without_rendering()


def test_maps_stand_side_by_side_each_with_its_own_mask():
    first, second = plots.attention_maps([WEIGHTS, WEIGHTS], WORDS, ["all", "back"], masks=[None, CAUSAL])
    assert [ax.get_title(loc="left") for ax in (first, second)] == ["all", "back"]
    assert (len(written(first)), len(written(second))) == (9, 6)
    with pytest.raises(ValueError, match="titles: expected one for each of the 2 maps, got"):
        plots.attention_maps([WEIGHTS, WEIGHTS], WORDS, ["all"])


def test_powers_of_ten_are_written_as_numbers():
    ax = plots.lines(range(1, 100), {"gradient": 10.0 ** -np.arange(99)}, "steps", "size", log_x=True, log_y=True)
    ticks = [label.get_text() for axis in (ax.xaxis, ax.yaxis) for label in axis.get_ticklabels()]
    assert "10" in ticks
    assert not any("$" in tick for tick in ticks)


def test_a_number_can_be_read_on_every_colour():
    ramp = [to_hex(colour) for colour in mpl.colormaps["cividis"](np.linspace(0, 1, 256))]
    assert min(contrast(readable_on(colour), colour) for colour in ramp) >= 4.5


def test_every_colour_of_the_course_can_be_read_on_white():
    colours = [*plots.ROLES.values(), *(kind[0] for kind in (*plots.KINDS.values(), *OTHER_KINDS))]
    assert min(contrast(colour, "white") for colour in colours) >= 4.5
    assert contrast("black", "white") == pytest.approx(21)
    assert contrast("#767676", "white") == pytest.approx(4.54, abs=0.01)


def test_kinds_differ_in_more_than_colour():
    for names in (("train", "validation", "test"), ("RNN", "GRU", "LSTM")):
        looks = [plots.KINDS[name] for name in names]
        assert all(len({look[part] for look in looks}) == 3 for part in range(3))


def test_vectors_are_named_at_their_tips():
    ax = plots.vectors(VECTORS, WORDS, role="query")
    tips = {text.get_text(): text.xy for text in ax.texts if text.get_text()}
    assert {word: tuple(xy) for word, xy in tips.items()} == dict(zip(WORDS, map(tuple, VECTORS), strict=True))
    assert {text.get_color() for text in ax.texts if text.get_text()} == {plots.ROLES["query"]}


def test_words_of_neighbouring_vectors_do_not_overlap():
    ax = plots.vectors([[0.5, 0.5], [0.52, 0.5], [0.5, 0.51]], WORDS)
    boxes = [text.get_window_extent() for text in ax.texts if text.get_text()]
    assert not any(boxes[i].overlaps(boxes[j]) for i in range(3) for j in range(i))


def test_the_hull_holds_every_value_and_only_corners():
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0.5, 0.5], [0.5, 0.0]])
    assert set(_hull(square)) == {(0, 0), (1, 0), (1, 1), (0, 1)}
    assert set(_hull([(0, 0), (1, 1), (2, 2)])) == {(0, 0), (2, 2)}
    assert _hull([(1, 2)]) == [(1, 2)]


def test_values_and_outputs_keep_their_colours():
    ax = plots.values_and_outputs(VECTORS, WEIGHTS @ VECTORS, WORDS)
    assert to_hex(ax.lines[-1].get_color()) == plots.ROLES["output"]
    assert sorted(text for text in written(ax) if text) == sorted(WORDS * 2)
    ax = plots.values_and_outputs(VECTORS, VECTORS[:1] / 2, ["dog"])
    assert [text for text in written(ax) if text] == ["dog"]


def test_curves_and_bars_carry_their_names_and_numbers():
    ax = plots.lines([2, 8, 64], {"train": [3, 2, 1], "mine": [1, 2, 3]}, "d_key", "weight", log_x=True)
    assert written(ax) == ["train", "mine"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("d_key", "weight")
    assert [label.get_text() for label in ax.get_xticklabels()] == ["2", "8", "64"]
    ax = plots.bars({"RNN": [0.5, 0.7], "GRU": 0.9}, "accuracy")
    assert written(ax) == ["0.60", "0.90", "mean"]
    assert {text.xy[0] for text in ax.texts} == {1}, "a column: a mean beside the best dot reads as its value"
    assert len(set(ax.lines[0].get_ydata())) == 2, "no dot hides another"
    assert ax.lines[0].get_xdata().tolist() == [0.5, 0.7]


def test_an_axis_ends_at_a_tick_and_only_names_without_room_are_moved():
    ax = plots.lines([1, 2, 3], {"far": [0.9, 0.9, 0.93], "low": [0.9, 0.1, 0], "next": [0.9, 0, 0.01]}, "step", "loss")
    assert ax.get_ylim() == (0, pytest.approx(1.0))
    assert not any(line.get_clip_on() for line in ax.lines), "a marker at 0 is whole"
    far, low, following = (text.get_position()[1] for text in ax.texts)
    assert far == 0
    assert following > low > 0


def test_the_diagram_highlights_one_part():
    heaviest = {}
    for part in ("attention", "mlp", None):
        ax = plots.block_diagram(part)
        heaviest[part] = [text.get_text() for text in ax.texts if text.get_weight() == "bold"]
    assert "multi-head\nattention" in heaviest["attention"]
    assert "MLP" in heaviest["mlp"]
    assert "multi-head\nattention" not in heaviest["mlp"] + heaviest[None]


def test_labels_make_room_but_keep_their_order():
    assert spread([3, 1, 2], gap=10).argsort().tolist() == [1, 2, 0]
    assert np.diff(np.sort(spread([0, 0, 0, 0], gap=10))) == pytest.approx([10, 10, 10], abs=0.1)


FIGURES = {
    "big listens most to big (0.49)": lambda: plots.attention_map(WEIGHTS, WORDS, title="M"),
    "The listens most to The (0.80); big listens most to big (0.49); dog listens most to big (0.46).": lambda: (
        plots.attention_map(WEIGHTS, WORDS, mask=CAUSAL)
    ),
    "big (-0.70, 0.70)": lambda: plots.vectors(VECTORS, WORDS),
    "outputs The (0.50, -0.87)": lambda: plots.values_and_outputs(VECTORS, VECTORS, WORDS),
    "Highlighted: attention.": plots.block_diagram,
    "loss against step for train": lambda: plots.lines([1, 2], {"train": [2, 1]}, "step", "loss"),
    "accuracy for GRU": lambda: plots.bars({"GRU": 1.0}, "accuracy"),
}


@pytest.mark.parametrize("part", FIGURES)
def test_every_figure_has_a_text_alternative_and_an_opaque_white_ground(part):
    figure = FIGURES[part]().figure
    assert part in plots.alt_text(figure)
    assert to_hex(figure.get_facecolor(), keep_alpha=True) == "#ffffffff"
    figure.axes[0].set_label("said better")
    assert plots.alt_text(figure) == "said better"


def published(draw):
    """What a notebook is given to show for the figure that a function draws: [(data, metadata), ...]."""
    shell = pytest.importorskip("IPython.core.interactiveshell").InteractiveShell.instance()
    try:
        plots.use_course_style()
        shown = []
        shell.display_pub.publish = lambda data, metadata=None, **kwargs: shown.append((data, metadata))
        shell.display_formatter.format(draw().figure)
    finally:
        type(shell).clear_instance()
    return shown


def test_charts_are_narrow_enough_for_a_phone_on_the_web_alone(monkeypatch):
    def draw():
        return plots.lines([1, 2], {"GRU": [2, 1]}, "step", "loss")

    def wide():
        return plots.block_diagram()

    here, wide_here = published(draw)[1], published(wide)[1]
    monkeypatch.setenv("FIGURES_FOR_THE_WEB", "1")
    there, wide_there = published(draw)[1], published(wide)[1]
    assert there[1]["image/png"]["width"] <= 560 < here[1]["image/png"]["width"]
    assert wide_there[1]["image/png"] == wide_here[1]["image/png"] | {"parts": []}, "a diagram keeps its proportions"
    light, dark = (Image.open(BytesIO(b64decode(there[0][kind]))).size for kind in ("image/png", ON_DARK))
    assert light == dark


def test_a_wide_figure_has_no_more_pixels_than_a_screen_and_keeps_its_size():
    def drawn(width):
        ax = plots.lines([1, 2], {"GRU": [2, 1]}, "step", "loss")
        ax.figure.set_figwidth(width)
        return ax

    usual, wide = (published(lambda width=width: drawn(width))[1] for width in (7, 20))
    for (data, about), sharpness in ((usual, 2), (wide, 1)):
        pixels = Image.open(BytesIO(b64decode(data["image/png"]))).width
        assert pixels == pytest.approx(sharpness * about["image/png"]["width"], abs=2)
    assert wide[1]["image/png"]["width"] == pytest.approx(2000, abs=50)


@pytest.mark.parametrize("on_the_web", [False, True])
def test_a_notebook_shows_the_picture_with_its_alternative(on_the_web, monkeypatch):
    monkeypatch.setenv("FIGURES_FOR_THE_WEB", "1" if on_the_web else "")
    (hidden, _), (image, metadata) = published(lambda: plots.attention_map([[0.2, 0.8], [1, 0]], ["<b>", "$5$"]))
    assert "&lt;b&gt; listens most to $5$ (0.80)" in hidden["text/html"]
    assert "<b> listens" not in hidden["text/html"]
    assert "<b> listens most to $5$ (0.80)" in image["text/plain"]
    assert metadata["image/png"]["alt"] == image["text/plain"]
    assert metadata["image/png"]["width"] < 500, "twice the pixels at the same size"
    picture = Image.open(BytesIO(b64decode(image["image/png"]))).convert("RGBA")
    right, bottom = picture.width - 1, picture.height - 1
    assert {picture.getpixel(at)[3] for at in ((0, 0), (right, 0), (0, bottom), (right, bottom))} == {0}, (
        "round corners"
    )
    assert {picture.getpixel(at) for at in ((right // 2, 0), (0, bottom // 2), (20, 20))} == {(255, 255, 255, 255)}
    assert (ON_DARK in image) == on_the_web, "a notebook holds one picture, the web edition two"
    if on_the_web:
        twin = Image.open(BytesIO(b64decode(image[ON_DARK]))).convert("RGBA")
        assert (twin.size, twin.getpixel((20, 20))) == (picture.size, (0x11, 0x14, 0x18, 255))


def test_any_token_can_be_drawn_with_the_style_and_without():
    mpl.rcParams["text.parse_math"] = True  # matplotlib's own default
    words = ["<img src=x>", "$\\frac{$", "😀", "مرحبا", "犬", ""]
    plots.attention_map(np.eye(6), words).figure.draw_without_rendering()
    plots.vectors(np.eye(6)[:, :2], words).figure.draw_without_rendering()


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plots.attention_map(WEIGHTS, WORDS[:2]), r"weights: expected 2 queries by 2 keys, got shape \(3, 3\)"),
        (lambda: plots.attention_map(WEIGHTS[None], WORDS), r"weights: expected 3 queries by 3 keys, got shape \(1, 3"),
        (lambda: plots.attention_map(WEIGHTS * np.nan, WORDS), "weights: expected finite numbers, got NaN"),
        (lambda: plots.attention_map(np.zeros((0, 0)), []), "weights: expected finite numbers, got none at all"),
        (lambda: plots.attention_map(WEIGHTS, WORDS, mask=np.tri(4, dtype=bool)), r"mask: its shape \(4, 4\) does not"),
        (lambda: plots.vectors(WEIGHTS, WORDS), "x: expected 3 words by 2 numbers each"),
        (
            lambda: plots.vectors(VECTORS, WORDS, role="queries"),
            "role: expected one of query, key, value, output",
        ),
        (lambda: plots.values_and_outputs(VECTORS, VECTORS, WORDS[:2]), "outputs: expected 2 words"),
        (lambda: plots.lines([1, 2], {"a": [1]}, "x", "y"), r"series\['a'\]: expected 2 points, got shape \(1,\)"),
        (lambda: plots.bars({"a": np.inf}, "x"), r"values\['a'\]: expected finite"),
        (lambda: plots.block_diagram("softmax"), "highlight: expected one of attention, "),
    ],
)
def test_mistakes_get_a_sentence(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()


def test_a_mask_of_numbers_is_refused():
    with pytest.raises(TypeError, match="mask: expected booleans"):
        plots.attention_map(WEIGHTS, WORDS, mask=np.ones((3, 3)))
