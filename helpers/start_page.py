"""The start page: the map of the notebooks, read from the notebooks themselves, and buttons for fresh copies."""

from html import escape

import ipywidgets as widgets

from helpers import workspace


class CourseMap:
    """A table of the notebooks there are: title, question, minutes; each a link that opens it."""

    def __init__(self, root=workspace.ROOT):
        self.entries = [entry for entry in workspace.status(root) if entry.number != "00"]

    def __repr__(self):
        return "\n".join(f"{entry.number} {entry.title}: {entry.question}" for entry in self.entries)

    def _repr_markdown_(self):
        rows = [
            f"| {one.number} | [{_cell(one.title)}]({one.name}) | {_cell(one.question)} | {one.minutes or ''} |"
            for one in self.entries
        ]
        return "\n".join(["| | notebook | its question | minutes |", "|---|:---|:---|---:|", *rows])


class FreshCopies(widgets.VBox):
    """A row for each notebook: whether the original has changed, and a button for a fresh copy, with a confirm step."""

    def __init__(self, root=workspace.ROOT):
        self.root = root
        self.message = widgets.HTML()
        mine = workspace.learner_folder(root) is not None
        self.rows = {entry.number: _Row(self, entry, mine) for entry in workspace.status(root)}
        super().__init__([*self.rows.values(), self.message])

    def __repr__(self):
        return "FreshCopies()"  # the same wherever it runs, for nbval and for readers without a kernel

    def say(self, text):
        """Show a sentence under the rows."""
        self.message.value = f'<p role="status">{escape(text)}</p>'


class _Row(widgets.HBox):
    """One notebook: its name, a button, and after a click the question whether it is meant."""

    def __init__(self, page, entry, mine):
        self.page, self.entry = page, entry
        news = " &mdash; the original has changed since your copy was laid" if mine and entry.changed else ""
        self.label = widgets.HTML(f"{entry.number} {escape(entry.title)}{news}", layout={"width": "28em"})
        self.ask = self._button("Fresh copy", self._on_ask, "lay a fresh copy and keep mine under a dated name")
        self.yes = self._button("Yes, keep mine beside it", self._on_yes, "put the fresh copy in place")
        self.no = self._button("No", self._on_no, "change nothing")
        super().__init__([self.label, self.ask])

    def _button(self, text, on_click, tooltip):
        button = widgets.Button(description=text, tooltip=f"{self.entry.number}: {tooltip}", layout={"width": "auto"})
        button.on_click(lambda _: on_click())
        return button

    def _on_ask(self):
        self.page.say(f"Save and close {self.entry.name} first, if it is open. Then: a fresh copy?")
        self.children = [self.label, self.yes, self.no]

    def _on_no(self):
        self.page.say("Nothing has changed.")
        self.children = [self.label, self.ask]

    def _on_yes(self):
        try:
            self.page.say(workspace.fresh(self.entry.number, self.page.root).sentence)
        except (OSError, ValueError) as error:
            self.page.say(f"That did not work, and your copy is still there: {error}")
        else:
            self.label.value = f"{self.entry.number} {escape(self.entry.title)}"
        self.children = [self.label, self.ask]


def _cell(text):
    return text.replace("|", "\\|")
