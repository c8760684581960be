"""The figures of the web edition: a file for each theme, and rows of panels that a phone can break."""

from base64 import b64encode
from io import BytesIO

from nbformat.v4 import new_output
from PIL import Image

from helpers.plots.style import ON_DARK
from web.outputs import Picture

from .notebooks import code, page


def test_a_figure_has_a_file_for_each_theme():
    one, other, widest = (
        Picture("pictures/05-1", b"light", b"dark", width, 150, 'says "it"') for width in (300, 720, 1700)
    )
    assert one.files == {"pictures/05-1.png": b"light", "pictures/05-1-dark.png": b"dark"}
    rest = 'alt="says &quot;it&quot;" width="300" height="150" loading="lazy" decoding="async">'
    assert one.image == (
        f'<img class="on-light" src="pictures/05-1.png" {rest}<img class="on-dark" src="pictures/05-1-dark.png" {rest}'
    )
    assert one.html == f'<div class="scroller">{one.image}</div>'
    assert 'class="on-light wide"' in other.html, "it would be tiny on a phone"
    assert 'class="on-light wider"' in widest.html, "it would be tiny everywhere"


def test_a_row_of_panels_is_cut_between_them():
    whole = Image.new("RGB", (80, 20), "red")
    whole.paste("blue", (40, 0, 80, 20))
    png = BytesIO()
    whole.save(png, "png")
    data = dict.fromkeys(("image/png", ON_DARK), b64encode(png.getvalue()).decode())
    about = {"width": 40, "height": 10, "alt": "red and blue", "parts": [[(0, 0, 20, 10), (20, 0, 41, 11)]]}
    [picture] = page(code("", new_output("display_data", data, metadata={"image/png": about}))).pictures
    assert picture.html.startswith('<div class="parts" role="img" aria-label="red and blue"><div class="panels"><img')
    assert picture.html.count('alt="" width="20" height="10"') == 2, "the first part, for two themes"
    assert len(picture.files) == 6
    colours = [Image.open(BytesIO(picture.files[f"{picture.name}-0{i}.png"])).getcolors() for i in range(2)]
    assert colours == [[(800, (255, 0, 0))], [(800, (0, 0, 255))]], "what lies beyond the picture is left out"
