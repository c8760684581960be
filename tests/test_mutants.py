"""No small change of a reference gets past its check."""

import dataclasses

import pytest
import torch

from helpers.checks import EXERCISES
from tests.mutants import INPUTS, ORACLES, mutants, tally


def test_every_mutant_is_rejected(capsys):
    result = tally(list(EXERCISES.values()))
    with capsys.disabled():
        print(f"\n{result}")
    assert not result.survivors
    assert result.rejected > 20 * len(EXERCISES) / 3


def test_every_exercise_has_inputs_of_its_own():
    assert set(INPUTS) == set(EXERCISES)
    assert set(ORACLES) == {name for name, exercise in EXERCISES.items() if exercise.judge}


def saturated(seed):
    return [tuple(50 * torch.eye(3) for _ in range(3))]


def small(seed):
    return [(torch.rand(2, 3, generator=torch.Generator().manual_seed(seed)),)]


@pytest.mark.parametrize(("name", "cases"), [("softmax", small), ("scaled_dot_product_attention", saturated)])
def test_a_check_with_a_blind_spot_is_found_out(name, cases, monkeypatch):
    weak = dataclasses.replace(EXERCISES[name], cases=cases)
    monkeypatch.setitem(EXERCISES, name, weak)
    assert tally([weak]).survivors


def test_operators_axes_constants_names_and_lines_are_all_changed():
    changed = " ".join(
        mutant.change
        for name in ("softmax", "scaled_dot_product_attention")
        for mutant in mutants(EXERCISES[name].reference)
    )
    for kind in (
        "Div -> Mult",
        "-> amin",
        "keepdim= dropped",
        "transpose dropped",
        "order reversed",
        "` dropped",
        "call skipped",
    ):
        assert kind in changed
