"""Markdown -> HTML that stands alone: formulas as MathML, coloured code, headings with anchors, links between pages."""

import re
from functools import cache
from html import escape, unescape

from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

TAG = re.compile(r"<[^>]+>")
FORMULAS = re.compile(r'\s*(<div class="formulas">.*?</div></div>)\s*', re.DOTALL)
PRIMED = re.compile(r"<msup>(<mi>\w+</mi>)<mi>(&#x02032;)</mi></msup>")
BAR = re.compile(r'<mo (stretchy="false">&#x0007C;</mo>)')
# A minus behind an operator that is no closing bracket has nothing on its left.
SIGN = re.compile(r"(<mo(?: [^>]*)?>(?!\]|&#x000(?:29|7C|7D);)[^<]+</mo>(?:<mspace [^>]*/>)*<mo)(>&#x02212;</mo>)")


class Prose(IPythonRenderer):
    """The prose of one page; `headings` collects (level, id, HTML) while it is rendered."""

    def __init__(self):
        super().__init__(escape=True, allow_harmful_protocols=False)  # raw HTML is shown as typed
        self.headings = []
        self._markdown = MarkdownWithMath(renderer=self)

    def html(self, markdown):
        """Render one text cell."""
        html = self._markdown.render(markdown)
        return re.sub(r"</math>(?=[.,:;?!)])", "</math>\u2060", html)  # no line begins with a full stop

    def heading(self, text, level, **_):
        """A heading with an anchor; of two that read the same, the second is numbered."""
        text = text.replace(" minutes)", "\u00a0minutes)")
        stem = re.sub(r"\W+", "-", unescape(plain(text)).lower()).strip("-") or "part"
        taken = {one for _, one, _ in self.headings}
        anchor = next(one for one in (stem, *(f"{stem}-{n}" for n in range(2, 99))) if one not in taken)
        self.headings.append((level, anchor, text))
        return f'<h{level} id="{anchor}">{text}</h{level}>\n'

    def paragraph(self, text):
        """A paragraph, or what is left of it around a formula on a line of its own."""
        parts = (part if FORMULAS.match(part) else f"<p>{part}</p>" for part in FORMULAS.split(text) if part)
        return "\n".join(parts) + "\n"

    def inline_math(self, body):
        """A formula within a line."""
        return mathml(body, "inline")

    def block_math(self, body):
        """A formula on a line of its own, or two side by side; each scrolls by itself where the screen is narrow."""
        parts = (f'<div class="formula scroller">{mathml(part, "block")}</div>' for part in body.split(r"\qquad"))
        return f'<div class="formulas">{"".join(parts)}</div>'

    def codespan(self, text):
        """Code within a line; a long name may be broken where it has a joint."""
        return re.sub(r"(?<=[\w)\]])([._(])(?=\w)", r"\1<wbr>", super().codespan(text))

    def table(self, text):
        """A table, in a box that scrolls by itself where the screen is narrow."""
        return f'<div class="scroller"><table>\n{text}</table></div>'

    def table_cell(self, text, align=None, head=False):
        """A cell; the page's policy admits no style attribute."""
        tag = "th" if head and text else "td"  # a corner heads nothing
        return f'<{tag} class="{align}">{text}</{tag}>\n' if align else f"<{tag}>{text}</{tag}>\n"

    def block_code(self, code, info=None):
        """Code between fences."""
        return coloured(code, info or "text")

    def link(self, text, url, title=None):
        """A link; one to another notebook leads to its page."""
        return super().link(text, re.sub(r"^([\w./-]+)\.ipynb", r"\1.html", url), title)


def plain(html):
    """The text of a piece of HTML, still escaped."""
    return re.sub(r"\s+", " ", TAG.sub("", html)).strip()


@cache
def mathml(latex, display):
    """A formula as MathML, which browsers draw and screen readers read."""
    formula = convert(latex.strip(), display=display)
    formula = PRIMED.sub(r'<mrow>\1<mo lspace="0" rspace="0">\2</mo></mrow>', formula)  # as an exponent it is a speck
    return SIGN.sub(r'\1 form="prefix"\2', BAR.sub(r'<mo lspace="0" rspace="0" \1', formula))


def coloured(code, language="python"):
    """Code with one class per kind of word; the colours of both themes stand in style.css."""
    lexer = get_lexer_by_name(language)
    return f"<pre><code>{highlight(code, lexer, HtmlFormatter(nowrap=True)).rstrip()}</code></pre>"


def preformatted(text):
    """What a cell has printed, as it is; long lines are wrapped where nothing stands below something: columns, code."""
    text = text.rstrip()
    kind = "columns" if "\n" in text and re.search(r"\S {2,}\S|^ |^\+ ", text, re.MULTILINE) else "wraps"
    return f'<pre class="{kind}">{escape(text)}</pre>'
