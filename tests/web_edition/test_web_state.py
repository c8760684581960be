"""What the widgets of a page are made of: their state, carried once, and styles that do not meet the page's."""

import base64
import re

import numpy as np

from helpers import prepared
from helpers.widgets import HeadsView, WordMap
from web.bundle import ASSETS, WIDGETS

from .notebooks import code, page, view


def test_pages_style_no_class_of_a_widget():
    style = re.sub(r"/\*.*?\*/", "", (ASSETS / "style.css").read_text(encoding="utf-8"), flags=re.DOTALL)
    selectors = [one.strip() for group in re.findall(r"([^{}]+)\{", style) for one in group.split(",")]
    ours = {selector[1:] for selector in selectors if re.fullmatch(r"\.[\w-]+", selector)}
    widgets = "".join(path.read_text(encoding="utf-8") for path in WIDGETS.glob("*.js"))
    theirs = {name for names in re.findall(r'class: [`"]([^`"$]+)', widgets) for name in names.split()}
    assert {"steps", "number"} <= theirs
    assert ours & theirs == {"course-widget", "hidden", "scroller"}  # which mean the same in both


def test_a_reader_of_sentences_carries_those_that_are_prepared():
    heads = HeadsView(prepared.load_reference(), prepared.BIG_DOG, layer=3, head=9)
    made = page(code("heads", view(heads)))
    entry = made.states.models[heads.model_id]
    assert list(entry["answers"]) == list(prepared.SENTENCES)
    answer = entry["answers"][prepared.WIDE]
    (number,) = [number for path, number in answer["buffers"] if path == ["maps", "weights"]]
    sent = np.frombuffer(base64.b64decode(made.states.buffers[number]), np.float32)
    _, weights = prepared.load_reference().heads(prepared.WIDE)
    np.testing.assert_array_equal(sent.reshape(weights.shape), weights)
    assert "open the notebook" in "".join(made.cells[1].shown)


def test_a_map_of_words_carries_only_what_it_can_look_up_and_says_so():
    words = [f"word{i}" for i in range(50)]
    look = WordMap(words, np.eye(50), prepared=words[:10])
    made = page(code("look", view(look)))
    assert made.states.models[look.model_id]["state"]["vocabulary"].split("\n") == words[:10]
    assert "This page carries 10 words" in "".join(made.cells[1].shown)


def test_a_map_of_words_asks_only_for_words_that_it_carries():
    words = [f"word{i}" for i in range(50)]
    strange, known = (
        WordMap(words, np.eye(50), words[9], inputs=words[n : n + 3], prepared=words[5:15]) for n in (0, 6)
    )
    made = page(code("strange", view(strange)), code("known", view(known)))
    asked = [made.states.models[one.model_id]["state"]["inputs"] for one in (strange, known)]
    assert asked == [words[5:8], words[6:9]]


def test_the_same_array_travels_once():
    same = [WordMap([f"word{i}" for i in range(9)], np.eye(9)) for _ in range(2)]
    made = page(*(code("one", view(one)) for one in same))
    numbers = [dict((tuple(path), n) for path, n in made.states.models[one.model_id]["buffers"]) for one in same]
    assert numbers[0]["prepared_vectors", "data"] == numbers[1]["prepared_vectors", "data"]
