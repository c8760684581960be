"""The page's scripts, the widgets' own files and the host that runs them; and the policy that admits only these."""

import base64
import hashlib
import json
import re
from pathlib import Path

from helpers.widgets.base import HERE as WIDGETS
from helpers.widgets.base import SHARED

ASSETS = Path(__file__).parent / "assets"
IMPORT = re.compile(r'^import .* from "\./([\w.]+)";\n', re.MULTILINE)


def asset(name):
    """The text of one of our own files."""
    return (ASSETS / name).read_text(encoding="utf-8")


def bundle(stems):
    """One script for a page with these widgets, such as ["predict", "word_map"].

    What they need of the shared modules, each widget in a scope of its own, and the host: all from the files of this
    repository, never from a notebook.
    """
    if not stems:
        return ""
    needed = set().union(*(_needs(f"{stem}.js") for stem in stems))
    shared = [_without_modules(_read(name)) for name in SHARED if name in needed]
    own = [
        f'WIDGETS["{stem}"] = (() => {{\n{_without_modules(_read(f"{stem}.js"))}\n}})();'.replace(
            "export default { render };", "return { render };"
        )
        for stem in stems
    ]
    return "\n".join(["(() => {", '"use strict";', *shared, "const WIDGETS = {};", *own, asset("host.js"), "})();"])


def _read(name):
    return (WIDGETS / name).read_text(encoding="utf-8")


def _needs(name):
    """The shared modules that a file imports, and those that these import."""
    direct = set(IMPORT.findall(_read(name)))
    return direct.union(*map(_needs, direct))


def _without_modules(text):
    return re.sub(r"^export (?!default)", "", IMPORT.sub("", text), flags=re.MULTILINE)


def data(value):
    """A value as JSON that can stand inside a <script> of type application/json."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def policy(scripts, styles):
    """The Content-Security-Policy of a page that holds exactly these inline scripts and styles.

    By digest, not 'self': a page that was opened from disk has no origin that every browser would call its own. For the
    same reason pictures may come from file: as well; a page on a web server cannot load those.
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {' '.join(map(_digest, scripts))}",
            f"style-src {' '.join(map(_digest, styles))}",
            "img-src 'self' file: data:",
            "media-src data:",
            "form-action 'self' file:",
            "base-uri 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _digest(text):
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
