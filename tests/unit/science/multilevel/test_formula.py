"""Formulas as R writes them."""

from __future__ import annotations

import pytest

from accord.errors import InputError
from accord.science.multilevel.formula import Formula, MembershipPart, RandomPart, parse


def test_fixed_and_random_parts_are_taken_apart():
    read = parse("y ~ time + aw:arm + (1 + time | client) + (1|clinician)")
    random = (RandomPart("1 + time", "client", True), RandomPart("1", "clinician", True))
    assert read == Formula("y", "time + aw:arm", random)


def test_two_bars_keep_coefficients_independent():
    assert parse("y ~ x + (1 + time || client)").random == (RandomPart("1 + time", "client", False),)


def test_several_groups_of_one_row_are_named_with_their_weights():
    read = parse("y ~ x + mm(clinician + second, weights = w1 + w2)")
    assert read.random == (MembershipPart(("clinician", "second"), ("w1", "w2")),)


def test_a_formula_of_random_parts_alone_has_an_intercept():
    assert parse("y ~ (1 | client)").fixed == "1"


def test_brackets_of_the_fixed_part_stay_whole():
    assert parse("y ~ center(aw + ab) + (1 | client)").fixed == "center(aw + ab)"


@pytest.mark.parametrize(
    "text",
    [
        "", "y", "~ x", "y ~", "y ~ x +", "y ~ x + (1 | )", "y ~ x + (1 | a b)", "y ~ (1 + time | client",
        "y ~ x) + (1 | client)", "y ~ mm(a + b)", "y ~ mm(a + b, weights = w)", "y ~ 1 | client", "2y ~ x",
    ],
)  # fmt: skip
def test_what_is_no_formula_is_told(text):
    with pytest.raises(InputError, match="expected"):
        parse(text)
