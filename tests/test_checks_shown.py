"""What a learner sees: cards that are safe and the same every time, and the progress that is kept."""

import json
import re
from html.parser import HTMLParser

import pytest
import torch

from helpers.checks import EXERCISES, check, hint, logbook, progress, show_source
from helpers.checks.card import rich

VOID = {"br", "img", "hr"}


def right(scores):
    return torch.exp(scores - scores.logsumexp(-1, keepdim=True))


def wrong(scores):
    return torch.sigmoid(scores)


def odd(scores):
    raise ValueError(object(), "<img src=x onerror=alert(1)> `<b>` & \u202e\N{PILE OF POO}")


class Tags(HTMLParser):
    """Collects the tags, and notices one that is not closed."""

    def __init__(self, text):
        super().__init__()
        self.seen, self.open = [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.open += [] if tag in VOID else [tag]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("shown", [
    lambda: check(right, "softmax"), lambda: check(wrong, "softmax"), lambda: check(odd, "softmax"),
    lambda: check(lambda scores: None, "softmax"), lambda: check(lambda scores: scores[..., None], "softmax"),
    lambda: check(right, "<script>alert(1)</script>"), lambda: hint("softmax"), lambda: show_source("softmax"),
    progress,
])  # fmt: skip
def test_cards_are_whole_safe_and_without_addresses(shown, monkeypatch):
    monkeypatch.setattr("helpers.checks.hints._given", {})
    card = shown()
    tags = Tags(card._repr_html_())
    assert not tags.open
    assert not {"img", "script", "b"} & set(tags.seen)
    assert " at 0x" not in repr(card) + card._repr_html_()
    assert 'role="group" aria-label=' in card._repr_html_()


def test_words_in_stars_are_emphasised_and_products_are_not():
    assert rich("*big* is `a*b*c`, 2 * 3 * 4, a**b**c") == ("<em>big</em> is <code>a*b*c</code>, 2 * 3 * 4, a**b**c")


def test_the_same_answer_always_looks_the_same():
    for answer in (right, wrong, odd):
        first, second = check(answer, "softmax"), check(answer, "softmax")
        assert repr(first) == repr(second)
        assert first._repr_html_() == second._repr_html_()


@pytest.mark.parametrize(
    ("answer", "symbol", "words"),
    [(right, "✓", "passed"), (wrong, "✗", "not yet"), (lambda s: ..., "○", "not attempted yet")],
)
def test_the_verdict_is_symbol_colour_and_words(answer, symbol, words):
    report = check(answer, "softmax")
    assert repr(report).startswith(f"{symbol} softmax: {words}")
    page = report._repr_html_()
    assert f'<span aria-hidden="true">{symbol}</span> <code>softmax</code>: {words}' in page
    assert re.search(r'class="verdict (passed|failed|open)"', page)


def test_expected_and_got_stand_side_by_side():
    report = check(wrong, "softmax")
    assert report.example.call == "For scores = [[0, 0.69, 1.39], [0.69, 1.61, 0]]."
    assert report.example.expected == (("0.14", "0.29", "0.57"), ("0.25", "0.63", "0.12"))
    assert report.example.got == (("0.50", "0.67", "0.80"), ("0.67", "0.83", "0.50"))
    assert "0.14 0.29 0.57" in repr(report)
    assert report._repr_html_().count("<caption>") == 2


@pytest.mark.parametrize("shape", [(0,), (), (40, 40), (2, 1, 2, 2, 2)])
def test_results_of_any_size_are_shown(shape):
    report = check(lambda scores: torch.zeros(shape), "softmax")
    assert "shape" in report.message
    assert len(repr(report).splitlines()) < 15


def test_a_small_difference_is_made_visible():
    report = check(lambda scores: right(scores) + 2e-4 * (scores > scores.mean()), "softmax")
    assert report.example.expected != report.example.got


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(logbook, "learner_folder", lambda: tmp_path)
    monkeypatch.setattr(logbook, "_seen", {})
    return tmp_path


def state_of(name):
    return next(line.state for line in progress().lines if line.name == name)


def another_kernel(monkeypatch):
    monkeypatch.setattr(logbook, "_seen", {})


def test_what_is_tried_and_done_is_kept_in_the_learners_folder(folder, monkeypatch):
    assert "0 of" in repr(progress())
    assert state_of("softmax") == "not started"
    check(lambda scores: ..., "softmax")
    check(EXERCISES["softmax"].reference, "softmax")
    assert not list(folder.iterdir()), "a stub and our own function are not the learner's work"
    check(wrong, "softmax")
    another_kernel(monkeypatch)
    assert (
        state_of("softmax") == "tried. This is the sigmoid: every score is squeezed between 0 and 1 on its own, "
        "so the weights of a row do not share a total of 1."
    )
    check(right, "softmax")
    another_kernel(monkeypatch)
    assert progress().done == {"softmax"}
    assert "  ✓ softmax: done" in repr(progress())
    assert [path.name for path in folder.iterdir()] == [logbook.FILE]
    check(wrong, "softmax")
    assert progress().done == {"softmax"}, "done is done"


def test_a_mistake_in_no_list_is_tried_as_well(folder):
    check(lambda scores: scores + 1, "softmax")
    assert state_of("softmax") == "tried. Its check says what the result shows."


def test_two_kernels_do_not_undo_each_other(folder, monkeypatch):
    check(wrong, "softmax")
    ours, theirs = logbook._seen, {}
    monkeypatch.setattr(logbook, "_seen", theirs)
    check(right, "softmax")
    check(lambda x: x.sum(dim=1), "mean_of_rows")
    monkeypatch.setattr(logbook, "_seen", ours)
    check(lambda x: x.mean(dim=0), "mean_of_rows")
    assert progress().done == {"softmax"}
    assert state_of("mean_of_rows").startswith("tried. The first axis went")


def test_progress_tells_each_state_in_words_and_opens_what_was_begun(folder):
    check(wrong, "softmax")
    check(lambda x: x.mean(dim=1), "mean_of_rows")
    page = progress()._repr_html_()
    begun, untouched = (re.search(rf"<details([^>]*)><summary>{number} .*?</details>", page) for number in ("05", "04"))
    assert (begun.group(1), untouched.group(1)) == (" open", "")
    assert '<span aria-hidden="true">✗</span> tried. This is the sigmoid' in begun.group()
    assert '<span aria-hidden="true">○</span> not started' in untouched.group()
    assert "00 Start: 1 of 3 done" in page
    assert page.count('<th scope="row">') == len(EXERCISES)


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"[]", b'{"done": 3}', b"\xff\xfe", b'{"done": [], "tried": 3}', b'{"done": [[]], "tried": {}}'),
        b'{"done": ["softmax", 3, "gone"]}',
        b'{"done": [], "tried": {"softmax": 7, "gone": "x", "big_dog": "no longer known"}}',
    ],
)
def test_a_damaged_file_is_set_aside(folder, content):
    (folder / logbook.FILE).write_bytes(content)
    progress()
    check(right, "softmax")
    assert "softmax" in progress().done
    assert "softmax" in json.loads((folder / logbook.FILE).read_text())["done"]
    kept = folder / "progress.damaged.json"
    assert kept.exists() == (b"gone" not in content)
    assert not kept.exists() or kept.read_bytes() == content


def test_a_folder_that_cannot_be_written_spoils_nothing(folder):
    (folder / logbook.FILE).mkdir()
    assert check(right, "softmax").passed
    assert progress().done == {"softmax"}


def test_outside_the_learners_folder_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(logbook, "_seen", {})
    check(right, "softmax")
    assert progress().done == {"softmax"}
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("address", ["0x7f3c0a1b2c3d", "0x000001E5A3B4C5D0"], ids=["elsewhere", "Windows"])
def test_an_error_is_told_without_the_address_of_a_thing(address):
    def fails(scores):
        raise ValueError(f"no number: <object object at {address}>")

    assert "no number: <object object>." in check(fails, "softmax").message
