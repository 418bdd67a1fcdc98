"""The reference page of the instruments."""

from __future__ import annotations

from pathlib import Path

import pytest

from accord.errors import InputError
from accord.instruments import catalogue, reference
from accord.science import scoring

DOCS = Path(__file__).parents[3] / "docs"
PAGE = DOCS / "reference" / "instruments.md"


def test_the_committed_page_is_current():
    renew = "python -m accord.instruments.reference > docs/reference/instruments.md"
    assert PAGE.read_text("utf-8") == reference.render(), f"renew it: {renew}"


def test_the_page_prints_no_reliability_that_was_not_checked():
    assert "alpha" not in reference.render()
    assert "retest" not in reference.render()


def test_the_example_of_the_how_to_page_is_a_good_definition():
    page = (DOCS / "how-to" / "add-an-instrument.md").read_text("utf-8")
    example = page.split("```toml\n")[1].split("```")[0]
    assert catalogue.load(example).id == "belonging"
    with pytest.raises(InputError, match=r"key high: found 7\.0, expected 6, what the scored"):
        catalogue.load(example.replace("high = 6", "high = 7"))


PRORATED = [instrument for instrument in catalogue.catalogue().values() if instrument.min_answered < 1]


@pytest.mark.parametrize("entry", PRORATED, ids=lambda instrument: instrument.id)
def test_the_page_names_as_many_answers_as_scoring_needs(entry):
    count = len(entry.scored)
    assert f"with {scoring.needed(entry, count)} of {count} answered or more" in reference.render()
