"""No small change of a reference gets past its check."""

import dataclasses
import math
import re
from pathlib import Path

import pytest
import torch

from helpers.checks import EXERCISES
from tests.mutants import INPUTS, ORACLES, Oracle, main, tally
from tests.rewrites import mutants


def test_every_mutant_is_rejected(capsys):
    result = tally(list(EXERCISES.values()))
    with capsys.disabled():
        print(f"\n{result}")
    assert not result.survivors
    assert not result.unrecognised
    assert result.rejected >= 500
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    told = f"{result.listed} wrong answers over {len(EXERCISES)} exercises, all recognised"
    assert told in " ".join(readme.split()), f"README.md should say: {told}"


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


def test_what_a_variant_allows_is_no_mistake():
    def base_2(scores):
        return torch.softmax(scores * math.log(2), dim=-1)

    strict = EXERCISES["softmax"]
    generous = dataclasses.replace(strict, variants={"in base 2": base_2})
    assert Oracle(strict).is_wrong(base_2)
    assert not Oracle(generous).is_wrong(base_2)
    assert not Oracle(generous).is_wrong(strict.reference)
    assert Oracle(generous).is_wrong(torch.sigmoid)
    assert Oracle(generous).is_wrong(lambda scores: scores @ None) is None


@pytest.mark.parametrize(("names", "says"), [(["big_dog"], "one_matrix"), ([], "recognised")])
def test_the_command_lists_what_was_asked_for_and_always_sums_up(names, says, capsys, monkeypatch):
    monkeypatch.setattr("tests.mutants.EXERCISES", {"big_dog": EXERCISES["big_dog"]})
    with pytest.raises(SystemExit) as end:
        main(names)
    assert not end.value.code
    said = capsys.readouterr().out
    assert says in said
    assert re.search(
        r"\d+ mutants of 1 exercises: all rejected, .*\n\d+ wrong answers over 1 exercises, all recognised", said
    )


def test_the_command_knows_what_there_is():
    with pytest.raises(SystemExit, match="no exercise called nothing"):
        main(["nothing"])


def test_a_wrong_answer_taken_for_another_is_told(monkeypatch):
    softmax = EXERCISES["softmax"]
    swapped = softmax.misconceptions | {"base_2": softmax.misconceptions["softmin"]}
    muddled = dataclasses.replace(softmax, misconceptions=swapped)
    monkeypatch.setitem(EXERCISES, "softmax", muddled)
    assert tally([muddled]).unrecognised == ("softmax, softmin: taken for base_2",)


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
