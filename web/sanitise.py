"""HTML that a notebook's code has made -> HTML that cannot run, load or restyle anything."""

import re

from bleach.sanitizer import Cleaner

TAGS = """
    a abbr audio b bdi br caption code dd del details div dl dt em figure hr i kbd li mark ol p pre s small source span
    strong sub summary sup table tbody td tfoot th thead tr u ul wbr
"""
PLAIN = {"class", "title", "role", "dir", "lang", "scope", "colspan", "rowspan", "tabindex", "controls", "open"}
STYLE = re.compile(r"<style\b.*?</style\s*>", re.DOTALL | re.IGNORECASE)


def _keep(tag, name, value):
    """Whether an attribute stays. There is no `style` and no `id`: what is shown looks as the page's own style says."""
    if name in PLAIN or name.startswith("aria-"):
        return True
    if name == "href":
        return tag == "a" and bool(re.match(r"(https?://|#|[\w-]+\.html)", value))
    if name == "src":
        return tag in ("audio", "source") and value.startswith("data:audio/")
    return name == "type" and tag == "source"


_CLEANER = Cleaner(
    tags=TAGS.split(), attributes=_keep, protocols={"http", "https", "data"}, strip=True, strip_comments=True
)


def sanitised(html):
    """Keep text, tables, lists, folds and sound; drop everything else, and every attribute that could act."""
    return _CLEANER.clean(STYLE.sub("", html))
