"""The state of a notebook's widgets, as the pages carry it: what our own widgets need, and nothing else."""

from base64 import b64encode

from helpers import prepared
from helpers.widgets import HeadsView

MIME = "application/vnd.jupyter.widget-state+json"
UNUSED = {"layout", "tabbable", "tooltip"}
COMPARE = "Predict first, then compare"


class States:
    """The models of one executed notebook.

    models: id -> {"widget": stem, "state": {...}, "buffers": [[path, number of a buffer], ...]} of those in use.
    buffers: base64 texts, each once, however many models share it.
    """

    def __init__(self, notebook):
        self._all = notebook.metadata.get("widgets", {}).get(MIME, {}).get("state", {})
        self.models, self.buffers = {}, []

    def stem(self, model):
        """The file that draws a model, such as "word_map"; None if it is not one of ours."""
        name = self._all[model]["state"].get("_anywidget_id", "")
        return name.split(".")[-2] if name.startswith("helpers.widgets.") else None

    def raw(self, model):
        """The stored state of any model."""
        return self._all[model]["state"]

    def children(self, model):
        """The models that stand inside a box."""
        return [one.removeprefix("IPY_MODEL_") for one in self.raw(model).get("children", [])]

    def use(self, model):
        """Put one of our models on the page; returns its stem."""
        if model not in self.models:
            stem = self.stem(model)
            state = {k: v for k, v in self.raw(model).items() if not k.startswith("_") and k not in UNUSED}
            buffers = {tuple(one["path"]): one["data"] for one in self._all[model].get("buffers", [])}
            self.add(model, stem, state, buffers)
        return self.models[model]["widget"]

    def add(self, model, stem, state, buffers=None):
        """Put a model on the page, as it should be before anybody has touched it."""
        entry = self.models[model] = {"widget": stem, "state": dict(state)}
        entry["buffers"] = [[list(path), self.buffer(data)] for path, data in (buffers or {}).items()]
        if adapt := ADAPT.get(stem):
            adapt(self, entry)

    def buffer(self, data):
        """The number of a base64 text among the buffers."""
        if data not in self.buffers:
            self.buffers.append(data)
        return self.buffers.index(data)


def _predict(_states, entry):
    """Take back what the notebook has revealed: here the reader commits first."""
    state = entry["state"]
    entry["answer"] = state["truth"]
    state.update(choice=None, said=None, truth=None, prompt=COMPARE)


def _heads_view(states, entry):
    """A page cannot read a new sentence; it carries what the model makes of those that are prepared."""
    state = entry["state"]
    if not state["reads"]:
        return
    state["sentences"] = list(prepared.SENTENCES)
    entry["answers"] = {}
    for text in prepared.SENTENCES:
        view = HeadsView(prepared.load_reference(), text, layer=state["layer"], head=state["head"])
        maps = {name: b64encode(data).decode() for name, data in view.maps.items() if name != "shape"}
        entry["answers"][text] = {
            "state": {"text": text, "tokens": view.tokens, "maps": {"shape": view.maps["shape"]}, "focus": view.focus},
            "buffers": [[["maps", name], states.buffer(data)] for name, data in maps.items()],
        }
    entry["note"] = (
        "No model runs behind this page. It knows what the model makes of the sentences that the widget lists; to read "
        "one of your own, open the notebook."
    )


def _word_map(_states, entry):
    """A page cannot carry the whole table: its words are those that were prepared."""
    state = entry["state"]
    count = len(state["vocabulary"].split("\n"))
    state["vocabulary"] = "\n".join(state["prepared"])
    if not set(state["inputs"]) <= set(state["prepared"]):
        state["inputs"] = state["prepared"][:3]  # as the widget itself begins with the first words of its table
    entry["note"] = (
        f"This page carries {len(state['prepared'])} words, those that the text asks for and their neighbours. The "
        f"notebook has all {count:,}."
    )


ADAPT = {"predict": _predict, "heads_view": _heads_view, "word_map": _word_map}
