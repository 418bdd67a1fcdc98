"""The scores of every instrument with items, against examples worked by hand in the files beside this one."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

from accord.instruments import catalogue
from accord.science import scoring

HERE = Path(__file__).parent
FILES = {file.stem: tomllib.loads(file.read_text("utf-8")) for file in sorted(HERE.glob("*.toml"))}
EXAMPLES = [
    pytest.param(spec["instrument"], example, id=f"{name}: {example['told']}")
    for name, spec in FILES.items()
    for example in spec["example"]
]


def answers_of(example):
    given = enumerate(example["answers"].split(), 1)
    return {number: float(answer) for number, answer in given if answer != "-"}


def expected(value):
    return None if value == "none" else pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(("instrument", "example"), EXAMPLES)
def test_answers_give_the_score_worked_by_hand(instrument, example):
    result = scoring.score(catalogue.get(instrument), answers_of(example))
    assert result == expected(example["score"])


@pytest.mark.parametrize(("instrument", "example"), EXAMPLES)
def test_a_column_of_forms_gives_the_same_score(instrument, example):
    row = [np.nan if answer == "-" else float(answer) for answer in example["answers"].split()]
    result = scoring.score_columns(catalogue.get(instrument), np.array([row]))[0]
    assert (None if np.isnan(result) else result) == expected(example["score"])


@pytest.mark.parametrize(("instrument", "example"), EXAMPLES)
def test_answers_give_the_subscales_worked_by_hand(instrument, example):
    result = scoring.subscales(catalogue.get(instrument), answers_of(example))
    wanted = {name: expected(value) for name, value in example.get("subscales", {}).items()}
    assert result == wanted


def test_every_instrument_with_items_has_worked_examples():
    with_items = {key for key, instrument in catalogue.catalogue().items() if instrument.items}
    assert {spec["instrument"].casefold() for spec in FILES.values()} == with_items


@pytest.mark.parametrize(("name", "spec"), FILES.items(), ids=FILES)
def test_worked_examples_bear_the_name_of_their_instrument_and_answer_each_item(name, spec):
    instrument = catalogue.get(spec["instrument"])
    assert name == instrument.id.casefold()
    assert {len(example["answers"].split()) for example in spec["example"]} == {len(instrument.items)}
