"""The quiet card in which reports, hints and sources appear: HTML pieces, escaped, readable in light and dark."""

import re
from html import escape

# Contrast of at least 4.5:1 on JupyterLab's light and dark ground; each colour comes with a symbol and a word.
STYLE = """<style>
.check-card{--passed:#18703f;--failed:#b3261e;--open:#5a5f66;box-sizing:border-box;max-width:48rem;margin:8px 0;
padding:8px 16px;border:1px solid var(--jp-border-color2,#d4d4d4);border-radius:6px;line-height:1.5;
color:var(--jp-content-font-color1,#1f1f1f);font-family:var(--jp-content-font-family,system-ui,sans-serif)}
[data-jp-theme-light="false"] .check-card{--passed:#79d49b;--failed:#ff9d92;--open:#b6bac0}
.check-card p{margin:0 0 8px}.check-card p:last-child{margin-bottom:0}
.check-card .verdict{font-weight:600}.check-card .passed{color:var(--passed)}
.check-card .failed{color:var(--failed)}.check-card .open{color:var(--open)}
.check-card .pair{display:flex;flex-wrap:wrap;align-items:flex-start;gap:8px 32px;margin:8px 0}
.check-card table{margin:0;border-collapse:collapse;font-variant-numeric:tabular-nums}
.check-card caption{text-align:left;white-space:nowrap;padding:0 0 4px;font-weight:600}
.check-card td,.check-card th{padding:2px 8px;text-align:right;font-weight:400}
.check-card .wrong{font-weight:700;text-decoration:underline}
.check-card code,.check-card pre{font-family:var(--jp-code-font-family,monospace);font-size:.95em;background:none}
.check-card pre{margin:8px 0 0;overflow-x:auto;white-space:pre}.check-card summary{cursor:pointer}
</style>"""


def card(label, *pieces):
    """One card; `label` is what a screen reader announces it as."""
    return f'{STYLE}<div class="check-card" role="group" aria-label="{escape(label)}">{"".join(pieces)}</div>'


def rich(text):
    """Plain text with `code` in backticks and *words* in stars -> safe HTML."""

    def marked(match):
        code, word = match.groups()
        return f"<code>{code}</code>" if code else f"<em>{word}</em>"

    return re.sub(r"`([^`]+)`|(?<![\w*])\*(\w+)\*(?![\w*])", marked, escape(text))


def paragraph(text, css=""):
    """One paragraph of rich text."""
    return f'<p class="{css}">{rich(text)}</p>' if css else f"<p>{rich(text)}</p>"


def verdict(symbol, title, state, css):
    """The first line: symbol (hidden from screen readers), exercise, and the verdict in words."""
    return (
        f'<p class="verdict {css}"><span aria-hidden="true">{symbol}</span> <code>{escape(title)}</code>: {state}</p>'
    )


def table(caption, rows, wrong):
    """A small table of numbers; `wrong` holds the (row, column) pairs to point out."""
    body = "".join(
        "<tr>"
        + "".join(f"<td{' class=wrong' if (i, j) in wrong else ''}>{escape(cell)}</td>" for j, cell in enumerate(row))
        + "</tr>"
        for i, row in enumerate(rows)
    )
    return f"<table><caption>{escape(caption)}</caption><tbody>{body}</tbody></table>"
