"""What the reports of a class add up to, and that the catalogue is the registry's."""

from datetime import UTC, datetime, timedelta

import pytest

from board import catalogue
from board.classroom import Classroom
from board.limit import BURST, Limit
from board.report import Report

BEGIN = datetime(2026, 1, 31, 9, tzinfo=UTC)


def test_the_catalogue_is_what_the_registry_says():
    assert catalogue.FILE.read_text(encoding="utf-8") == catalogue.text(), (
        "exercises have changed: python -m board.catalogue"
    )


@pytest.fixture
def classroom():
    return Classroom(catalogue.load())


def tell(classroom, name, exercise, status, diagnosis=None, minute=0):
    time = (BEGIN + timedelta(minutes=minute)).isoformat()
    classroom.take(name, Report("0" * 32, exercise, status, diagnosis, time))


def counted(classroom, name):
    return next(one for book in classroom.counts()["notebooks"] for one in book["exercises"] if one["name"] == name)


def test_each_learner_is_done_tried_or_not_started(classroom):
    for number in range(14):
        tell(classroom, f"done {number}", "scaled_dot_product_attention", "passed")
    for number in range(9):
        tell(classroom, f"tried {number}", "scaled_dot_product_attention", "failed", "divided_by_d")
    tell(classroom, "lost", "scaled_dot_product_attention", "failed")
    for number in range(5):
        tell(classroom, f"here {number}", "scaled_dot_product_attention", "not attempted")
    state = counted(classroom, "scaled_dot_product_attention")
    assert [state[key] for key in ("done", "tried", "not_started", "unnamed")] == [14, 10, 5, 1]
    (mistake,) = state["mistakes"]
    assert (mistake["id"], mistake["count"]) == ("divided_by_d", 9)
    assert mistake["sentence"].startswith("The scores are divided by d_key itself")
    assert counted(classroom, "softmax")["not_started"] == 29


def test_the_last_mistake_counts_and_what_is_done_stays_done(classroom):
    tell(classroom, "ada", "softmax", "failed", "overflows")
    tell(classroom, "ada", "softmax", "failed", "columns")
    assert [one["id"] for one in counted(classroom, "softmax")["mistakes"]] == ["columns"]
    tell(classroom, "ada", "softmax", "not attempted")  # the kernel was started again
    assert counted(classroom, "softmax")["tried"] == 1
    tell(classroom, "ada", "softmax", "passed")
    tell(classroom, "ada", "softmax", "failed", "columns")
    state = counted(classroom, "softmax")
    assert (state["done"], state["tried"], state["mistakes"]) == (1, 0, [])


def test_minutes_run_from_the_last_sign_before_the_first_try(classroom):
    for name in "softmax", "scaled_dot_product_attention":
        tell(classroom, "ada", name, "not attempted", minute=0)  # "Run All Cells"
    tell(classroom, "ada", "softmax", "failed", minute=5)
    tell(classroom, "ada", "softmax", "passed", minute=8)
    tell(classroom, "ada", "scaled_dot_product_attention", "passed", minute=20)
    assert counted(classroom, "softmax")["minutes"] == 8
    assert counted(classroom, "scaled_dot_product_attention")["minutes"] == 12
    tell(classroom, "bob", "softmax", "passed", minute=30)  # came from nowhere: nobody knows how long it took
    assert counted(classroom, "softmax")["minutes"] == 8
    for name, minutes in {"eve": 2, "joe": 3}.items():
        tell(classroom, name, "softmax", "not attempted")
        tell(classroom, name, "softmax", "passed", minute=minutes)
    assert counted(classroom, "softmax")["minutes"] == 3


def test_most_learners_say_where_the_class_is(classroom):
    assert classroom.counts()["current"] == ""
    tell(classroom, "ada", "softmax", "passed")
    tell(classroom, "bob", "softmax", "passed")
    tell(classroom, "eve", "patchify", "passed")
    assert classroom.counts()["current"] == "05"


def test_counts_hold_no_name(classroom):
    tell(classroom, "ada", "softmax", "failed", "overflows")
    assert "ada" not in str(classroom.counts())
    assert "ada" in str(classroom.names())


def test_the_limit_fills_again():
    now = [0.0]
    limit = Limit(clock=lambda: now[0])
    assert all(limit.allows("ada") for _ in range(BURST))
    assert not limit.allows("ada")
    assert limit.allows("bob")
    now[0] += 2
    assert [limit.allows("ada") for _ in range(3)] == [True, True, False]


def test_a_refusal_costs_nothing():
    now = [0.0]
    limit = Limit(clock=lambda: now[0])
    assert sum(limit.allows("ada") for _ in range(1000)) == BURST
    allowed = 0
    for _ in range(1000):  # a little too often, without a pause
        now[0] += 0.9
        allowed += limit.allows("ada")
    assert allowed in (899, 900)
