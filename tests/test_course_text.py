"""The course's text: every passage knows where it stands, and carries no markup."""

import json

import pytest

from helpers import prepared
from helpers.course_text import Passage, passages
from helpers.pretrained import load_minilm


@pytest.fixture
def folder(tmp_path):
    question = "**How** can a word take from the others just what it needs, and no more?"
    cells = [
        ("markdown", ["# 05 Attention\n", "\n", question]),
        ("code", ["# Not a heading, and not text either, whatever the number of words that stand here"]),
        ("markdown", ["## The idea\n", "\n", "One row of weights per word, and they form a [matrix](06.ipynb), `A`."]),
        ("markdown", ["Too short."]),
    ]  # fmt: skip
    notebook = {"cells": [{"cell_type": kind, "source": source} for kind, source in cells]}
    (tmp_path / "05_attention.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    (tmp_path / "notes.ipynb").write_text("no notebook of the course")
    return tmp_path


def test_passages_know_their_notebook_and_section(folder):
    first, second = passages(folder)
    assert first == Passage("05 Attention", "", "How can a word take from the others just what it needs, and no more?")
    assert (second.notebook, second.section) == ("05 Attention", "The idea")
    assert second.text.endswith("they form a matrix, A.")
    assert str(second).startswith("05 Attention, The idea: One row of weights per word")


def test_the_course_has_text_and_no_passage_is_longer_than_the_model_reads():
    found = passages()
    assert "05 Attention" in {passage.notebook for passage in found}
    minilm = load_minilm()
    assert max(len(tokens) for tokens in minilm.tokenize([passage.text for passage in found])[2]) <= 256
    assert prepared.library(minilm) == found


def test_without_the_model_the_prepared_lines_are_searched():
    lines = prepared.library(prepared.load_reference())
    assert [line.text for line in lines] == list(prepared.LIBRARY)
    assert prepared.load_reference().embed([line.text for line in lines]).shape == (18, 384)
