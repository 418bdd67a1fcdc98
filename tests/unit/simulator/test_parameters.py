"""Every number is documented, and the page that lists them is current."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from accord.simulator.answers import shared_part
from accord.simulator.parameter_page import render
from accord.simulator.parameters import Alliance, ClinicianRating, Origin, Parameters, Role, Ruptures

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "simulator.md"


@pytest.mark.parametrize(
    "group", [*(getattr(Parameters(), part.name) for part in fields(Parameters)), Role()]
)
def test_every_number_says_what_it_is_and_where_it_comes_from(group):
    for field in fields(group):
        assert field.metadata["about"], field.name
        assert field.metadata["origin"] in Origin, field.name
        assert "unit" in field.metadata, field.name


@pytest.mark.parametrize("numbers", [Alliance(), ClinicianRating()])
def test_the_shares_of_variance_make_a_whole(numbers):
    shares = [
        getattr(numbers, field.name)
        for field in fields(numbers)
        if field.metadata["unit"] == "share of variance"
    ]
    assert sum(shares) == pytest.approx(1.0)


def test_the_clients_share_has_the_stated_sd_between_clients():
    alliance = Alliance()
    assert alliance.part_sd(alliance.client_share) == pytest.approx(alliance.client_sd)


def test_the_chance_of_ending_gives_the_mean_length_of_a_rupture():
    assert Ruptures(shortest=1, mean_length=2.5).exit == pytest.approx(0.4)
    assert Ruptures(shortest=4, mean_length=6.0).exit == pytest.approx(1 / 3)


def test_the_stated_correlation_of_two_raters_can_be_reached():
    assert 0 < shared_part(Alliance(), ClinicianRating()) < 1


def test_the_reference_page_is_current():
    renew = "python -m accord.simulator.parameter_page > docs/reference/simulator.md"
    assert PAGE.read_text(encoding="utf-8") == render(), f"renew it: {renew}"


def test_the_reference_page_lists_every_number():
    page = render()
    for part in fields(Parameters):
        for field in fields(getattr(Parameters(), part.name)):
            assert f"| `{field.name}` |" in page
