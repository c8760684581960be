"""Wrong answers to the warm-up as people write them: some in no list, some a listed mistake by another way."""

import re

import pytest

from helpers.checks import check
from tests.test_checks_unlisted import cell

MEAN = [
    ("return np.mean(x, axis=1)", "numpy meets a tensor"),
    ("return sum(x) / len(x)", "The first axis went"),
    ("return x.mean(1).mean(1)", "ran over two axes"),
    ("return [row.mean() for row in x]", "ran over two axes"),
    ("return x.transpose(1, 2).mean(1)", "The last axis went"),
    ("return x.view(-1, x.shape[2]).mean(0)", "ran over two axes"),
    ("x = x.sum(1); return x / x.shape[1]", "divided by the length of a row"),
    ("return x.sum(1) / x.shape[0] / x.shape[1]", "0.50 times the expected"),
    ("return x.mean(dim=3)", "no axis 3 here: the tensor has 3"),
    ("return x.norm(dim=1)", "expected 4.00 but got 8.60"),
    ("print(x.mean(1))", "`return` hands it over"),
]
DOT = [
    ("return query.dot(key)", "`dot` takes two vectors"),
    ("return torch.bmm(key, query)", "`bmm` multiplies whole batches"),
    ("return key.T @ query", "the \\*columns\\* of key"),
    ("return sum(query * key)", "down the columns"),
    ("return [q * k for q, k in zip(query, key)]", r"shape is \(2, 2\), expected \(3,\)"),
    ("return F.cosine_similarity(query, key)", "lengths of the vectors were divided away"),
    ("return query @ key[0]", "first row of key alone"),
    ("return (key @ query).abs()", "3 of 21 cases are right"),
    ("return key", "the input `key`, unchanged"),
]
SUM = [
    ("return torch.outer(a, b)", "was multiplied"),
    ("return torch.add(a, b)", "First is added to first"),
    ("return a.reshape(2, 1) + b", "invalid for input of size"),
    ("return torch.stack([a + y for y in b])", "Rows and columns are exchanged"),
    ("return [x + y for x in a for y in b]", "one long vector"),
    ("return sum(a) + sum(b)", "into a single number"),
    ("return a[:, None] + b + 0.5", "off by 0.50"),
    ("return torch.maximum(a[:, None], b)", "expected 13.00 but got 10.00"),
    ("return a.repeat(len(b)) + b.repeat(len(a))", "as many numbers, in other axes"),
]
ANSWERS = [("mean_of_rows", *row) for row in MEAN] + [("row_times_rows", *row) for row in DOT]
ANSWERS += [("outer_sum", *row) for row in SUM]


@pytest.mark.parametrize(("name", "body", "says"), ANSWERS)
def test_the_message_says_what_the_result_shows(name, body, says):
    report = check(cell(name, body))
    assert not report.passed
    assert re.search(says, report.message), report.message


@pytest.mark.parametrize(("name", "body"), [
    ("mean_of_rows", "return torch.stack([table.mean(0) for table in x])"), ("mean_of_rows", "return x.mean(-2)"),
    ("row_times_rows", "return (query * key).sum(1)"), ("row_times_rows", "return [sum(query * row) for row in key]"),
    ("outer_sum", "return [[x + y for y in b] for x in a]"), ("outer_sum", "return np.add.outer(a, b)"),
])  # fmt: skip
def test_every_way_that_is_right_is_accepted(name, body):
    assert check(cell(name, body)).passed
