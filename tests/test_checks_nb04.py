"""Wrong answers to the exercise of notebook 04 that are in no list, or that arrive at a listed mistake another way."""

import re

import pytest

from helpers.checks import check
from tests.test_checks_unlisted import cell

TARGET = "target = table[b] - table[a] + table[c]; "
COSINES = TARGET + "cosines = F.cosine_similarity(target, table, dim=-1); "
ANALOGY = [
    (COSINES + "return cosines.topk(k)", "`topk` gives two things"),
    (COSINES + "cosines[[a, b, c]] = -2; return cosines.topk(k)", "`topk` gives two things"),
    (COSINES + "return cosines.topk(k)[0]", "These are cosines"),
    (COSINES + "return cosines.sort(descending=True).indices[:k]", "words of the question themselves"),
    (COSINES + "cosines[a] = cosines[b] = -2; return cosines.topk(k).indices", "c, where the step starts"),
    (COSINES + "return [i for i in cosines.topk(k + 3).indices.tolist() if i not in (a, b, c)]", "more than k"),
    (COSINES + "cosines[[a, b, c]] = float('nan'); return cosines.topk(k).indices", "not a number"),
    (TARGET + "table[[a, b, c]] = 0; return (table @ target / table.norm(dim=1)).topk(k).indices", "row of zeros"),
    ("cosines = F.cosine_similarity(table[c], table); cosines[[a, b, c]] = -2; return cosines.topk(k).indices", "of c"),
    (
        "x, y, z = (F.cosine_similarity(table[i], table) for i in (a, b, c)); cosines = y - x + z; "
        "cosines[[a, b, c]] = -9; return cosines.topk(k).indices",
        "as if it had length 1",
    ),
    ("return F.cosine_similarity(table[b - a + c], table).topk(k).indices", "ids are added, not the vectors"),
    (COSINES + "cosines[[a, b, c]] = -2; return cosines.argsort()[:k]", "starts at the wrong end"),
    (COSINES + "cosines[[a, b, c]] = -2; return cosines.topk(k).indices + 1", r"expected \d but got \d at"),
    (COSINES + "cosines[[a, b, c]] = -2; return cosines.topk(5).indices", "shape is"),
    (COSINES + "cosines[[a, b, c]] = -2; return [str(i) for i in cosines.topk(k).indices]", "not of numbers"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "says"), ANALOGY)
def test_the_message_says_what_the_result_shows(body, says):
    report = check(cell("analogy", body))
    assert not report.passed
    assert re.search(says, report.message), report.message
