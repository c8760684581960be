"""What the learner sees of the class board: what is sent, what the board holds of them, and the switch."""

from html import escape

import ipywidgets as widgets

from helpers.checks import sending
from helpers.start_page import Panel, button

SHOWN = 30  # rows of the table; the last ones
WHAT = (
    "Your checks tell the class board four things: the exercise, whether it passed, the name of the mistake, and the "
    "time. Never your code. The class sees numbers; names only the instructor."
)
ON, OFF = f"Sending is on. {WHAT}", "Sending is off: your checks tell nobody but you."
NOWHERE = "There is no class board here: nothing is sent anywhere."


class ClassBoard(Panel):
    """The switch of the class board, and a button that asks it what it holds."""

    def __init__(self):
        super().__init__()
        self.table = widgets.HTML()
        self.switch = button("", self._on_switch, "send what my checks say to the class board, or no more")
        self.show = button("Show what the board holds of me", self._on_show, "ask the board")
        self._draw()

    def _draw(self):
        """The switch says what a press does; the sentence what is so now."""
        self.switch.description = "Switch it off" if sending.is_on() else "Switch it on"
        self.children = [self.switch, self.show, self.table, self.message] if sending.has_board() else [self.message]
        self.say((ON if sending.is_on() else OFF) if sending.has_board() else NOWHERE)

    def _on_switch(self):
        on = not sending.is_on()
        problems = []
        try:
            sending.switch(on)
        except OSError:
            problems += ["This could not be written down, so it holds for this notebook only."]
        self._draw()
        self.table.value = ""
        if not on:
            try:
                problems += [f"The board has forgotten your {_count(sending.forget())}."]
            except (OSError, ValueError, LookupError):
                problems += ["The board does not answer, so what was sent before is still there. Try again later."]
        self.say(" ".join([ON if sending.is_on() else OFF, *problems]))

    def _on_show(self):
        try:
            held = sending.held()
        except (OSError, ValueError, LookupError):
            self.say("The board does not answer now. Your checks work without it.")
            return
        self.table.value = _table(held[-SHOWN:]) if held else ""
        self.say(f"The board holds {_count(held)} of yours." if held else "The board holds nothing of yours.")


def _count(reports):
    count = reports if isinstance(reports, int) else len(reports)
    return f"{count} {'report' if count == 1 else 'reports'}"


def _table(reports):
    cells = [["time (UTC)", "exercise", "what the check said", "mistake"]]
    for one in reports:
        time = str(one["time"])[:19].replace("T", " ")
        cells += [[time, one["exercise"], one["status"], one["diagnosis"] or ""]]
    rows = [
        "".join(f'<{tag} style="text-align:left; padding:0 2em .2em 0">{escape(str(cell))}</{tag}>' for cell in row)
        for row, tag in zip(cells, ["th", *["td"] * len(reports)], strict=True)
    ]
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"
