"""What the tests of every widget ask of the page, whichever widget it is."""

import base64
import json

from helpers.widgets.base import joined


def contrasts(card):
    """The words of a card's drawings with their contrast to what lies under them: [[word, ratio], ...]."""
    return card.evaluate("card => courseEvery.contrasts(card)")


def overflow(card):
    """Pixels by which a card is wider than its place, or what it shows wider than the card; 0 when everything fits."""
    sizes = "card => [card.scrollWidth - card.clientWidth, card.offsetWidth - card.parentElement.clientWidth, 0]"
    return max(card.evaluate(sizes))


def save(book, card, form, folder):
    """Press save and "SVG" or "PNG"; returns the path of the downloaded file."""
    card.get_by_role("button", name="save", exact=True).click()
    with book.page.expect_download() as download:
        card.get_by_role("button", name=f"save as {form}").click()
    card.get_by_role("button", name="save", exact=True).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def render_elsewhere(book, widget):
    """Render a widget outside the notebook, on a model that counts; returns its card (`otherHost` has the counts)."""
    source = joined(type(widget).__module__.rpartition(".")[2])
    state = json.dumps(widget.get_state(), default=lambda data: {"base64": base64.b64encode(data).decode()})
    book.page.evaluate("([source, state]) => courseEvery.renderElsewhere(source, state)", [source, state])
    return book.page.locator("#other-host [data-widget]")
