"""The start page: the map of the notebooks, and buttons for fresh copies, for memory and for the learner's own work.

Nothing is asked of the disk's notebooks, the server or other kernels before somebody presses a button, but for the map.
"""

from html import escape
from urllib.error import URLError

import ipywidgets as widgets

from helpers import workspace
from helpers.checks import progress
from helpers.export import export_my_work
from helpers.kernels import JupyterServer, NoServerError


class CourseMap:
    """A table of the notebooks there are: title, question, minutes, exercises done; each a link that opens it."""

    def __init__(self, root=workspace.ROOT):
        self.entries = [entry for entry in workspace.status(root) if entry.number != "00"]
        self.exercises = progress().notebooks

    def __repr__(self):
        return "\n".join(f"{entry.number} {entry.title}: {entry.question}" for entry in self.entries)

    def _repr_markdown_(self):
        rows = [
            f"| {one.number} | [{_cell(one.title)}]({one.name}) | {_cell(one.question)} | {one.minutes or ''} "
            f"| {self._done(one.number)} |"
            for one in self.entries
        ]
        head = ["| | notebook | its question | minutes | exercises done |", "|---|:---|:---|---:|---:|"]
        return "\n".join([*head, *rows])

    def _done(self, number):
        states = [line.is_done for line in self.exercises.get(number, ())]
        return f"{sum(states)} of {len(states)}" if states else ""


class Action(widgets.HBox):
    """A label and a button; a click asks whether it is meant, and only "yes" acts.

    Args:
        label: shown before the button, HTML; "" for none.
        text, tooltip: of the button.
        yes: the text of the button that acts.
        ask, act: called without arguments; each returns the sentence to show.
        say: where sentences go.
    """

    def __init__(self, label, text, tooltip, yes, ask, act, say):
        self.ask, self.act, self.say = ask, act, say
        self.label = widgets.HTML(label, layout={"width": "28em"})
        self.button = button(text, self._on_ask, tooltip)
        self.yes, self.no = button(yes, self._on_yes, tooltip), button("No", self._on_no, "change nothing")
        named = [self.label] if label else []
        super().__init__([*named, self.button, self.yes, self.no], layout={"flex_flow": "row wrap"})
        self._show(asking=False)

    def _show(self, asking):
        """One button, or the two that answer it; the keyboard stays where the hand is."""
        for one, shown in (self.button, not asking), (self.yes, asking), (self.no, asking):
            one.layout.display = None if shown else "none"

    def _on_ask(self):
        self.say(self.ask())
        self._show(asking=True)
        self.no.focus()

    def _on_no(self):
        self.say("Nothing has changed.")
        self._back()

    def _on_yes(self):
        self.say(self.act())
        self._back()

    def _back(self):
        self._show(asking=False)
        self.button.focus()


class Panel(widgets.VBox):
    """Rows of controls over a line that says what they did."""

    def __init__(self):
        self.message = widgets.HTML('<p role="status"></p>')
        super().__init__([self.message])

    def __repr__(self):
        return f"{type(self).__name__}()"  # the same wherever it runs, for nbval and for readers without a kernel

    def say(self, text):
        """Show a sentence under the rows."""
        self.message.value = f'<p role="status">{escape(text)}</p>'


class FreshCopies(Panel):
    """A row for each notebook: whether the original has changed, and a button for a fresh copy, with a confirm step."""

    def __init__(self, root=workspace.ROOT):
        super().__init__()
        self.root = root
        mine = workspace.learner_folder(root) is not None
        self.rows = {entry.number: self._row(entry, mine) for entry in workspace.status(root)}
        self.children = [*self.rows.values(), self.message]

    def _row(self, entry, mine):
        news = " &mdash; the original has changed since your copy was laid" if mine and entry.changed else ""
        name = f"{entry.number} {escape(entry.title)}"
        return Action(
            label=f"{name}{news}",
            text="Fresh copy",
            tooltip=f"{entry.number}: lay a fresh copy and keep mine under a dated name",
            yes="Yes, keep mine beside it",
            ask=lambda: f"Save and close {entry.name} first, if it is open. Then: a fresh copy?",
            act=lambda: self._lay(entry, name),
            say=self.say,
        )

    def _lay(self, entry, name):
        try:
            sentence = workspace.fresh(entry.number, self.root).sentence
        except (OSError, ValueError) as error:
            return f"That did not work, and your copy is still there: {error}"
        self.rows[entry.number].label.value = name
        return sentence


class FreeMemory(Panel):
    """The kernels that run now with their memory, and a button that ends the idle ones, after a confirm step."""

    def __init__(self, connect=JupyterServer):
        super().__init__()
        self.connect = connect  # to the server; only when a button is pressed
        self.idle = []
        self.table = widgets.HTML()
        self.show = button("Show running kernels", self._on_show, "list the kernels of this server with their memory")
        self.end = Action(
            label="",
            text="End the idle ones",
            tooltip="end every idle kernel but this one",
            yes="Yes, end them",
            ask=self._question,
            act=self._end,
            say=self.say,
        )
        self.end.layout.display = "none"
        self.children = [self.show, self.table, self.end, self.message]

    def _on_show(self):
        self.say(self._list())

    def _list(self):
        """Look again; returns the sentence that sums up."""
        kernels = self._tried(lambda server: server.kernels())
        if isinstance(kernels, str):
            return kernels
        self.idle = [kernel for kernel in kernels if kernel.is_idle]
        self.table.value = _table(kernels)
        self.end.layout.display = None if self.idle else "none"
        self.show.description = "Look again"
        if not self.idle:
            return "No other kernel is idle: there is nothing to free."
        return f"{_count(self.idle)} idle; ending would free {megabytes(self.idle)}."

    def _question(self):
        names = ", ".join(kernel.notebook or "one without a notebook" for kernel in self.idle)
        return (
            f"End {names}? The notebooks stay as they are; what their cells have computed is gone, and "
            "'Run All Cells' brings it back."
        )

    def _end(self):
        ended = self._tried(lambda server: server.end(self.idle))
        if isinstance(ended, str):
            return ended
        left = [kernel for kernel in self.idle if kernel.id not in {one.id for one in ended}]
        done = f"Ended {_count(ended)}: {megabytes(ended)} free." if ended else "Nothing was ended:"
        rest = f"{_count(left)} had begun to work or was gone already." if left else ""
        return " ".join(filter(None, (done, rest, self._list())))

    def _tried(self, ask):
        try:
            return ask(self.connect())
        except NoServerError as error:
            return str(error)
        except (URLError, OSError, ValueError) as error:
            return f"The server did not answer as expected ({error}). Its own menu works: Kernel, Shut Down."


class MyWork(Panel):
    """A button that writes the learner's exercises and predictions on one page."""

    def __init__(self):
        super().__init__()
        self.children = [
            button("Write my work on one page", self._on_click, "an HTML file beside these notebooks"),
            self.message,
        ]

    def _on_click(self):
        try:
            self.say(f"{export_my_work()}. It lies in the list of files on the left.")
        except OSError as error:
            self.say(f"That did not work: {error}")


def button(text, on_click, tooltip):
    """A button as wide as its text."""
    made = widgets.Button(description=text, tooltip=tooltip, layout={"width": "auto", "align_self": "flex-start"})
    made.on_click(lambda _: on_click())
    return made


def megabytes(kernels):
    """What some kernels hold together: "1,234 MB"."""
    known = [kernel.memory for kernel in kernels if kernel.memory is not None]
    return f"{sum(known) / 1e6:,.0f} MB" if known else "an unknown amount of memory"


def _table(kernels):
    columns = "".join(_padded("th", name, 'scope="col"') for name in ("kernel of", "memory", "state"))
    rows = "".join(
        f"<tr>{_padded('td', one.notebook or 'no notebook')}{_padded('td', megabytes([one]))}"
        f"{_padded('td', 'this one' if one.own else one.state)}</tr>"  # busy with this very question
        for one in kernels
    )
    return f"<table><tr>{columns}</tr>{rows}</table>"


def _padded(tag, text, attributes=""):
    return f'<{tag} {attributes} style="text-align:left; padding:0 2em .3em 0">{escape(text)}</{tag}>'


def _count(kernels):
    return f"{len(kernels)} {'kernel' if len(kernels) == 1 else 'kernels'}"


def _cell(text):
    return text.replace("|", "\\|")
