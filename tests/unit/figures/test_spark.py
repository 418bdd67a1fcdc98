"""The small figure beside a worklist row."""

from __future__ import annotations

from xml.etree.ElementTree import fromstring

from hypothesis import given
from hypothesis import strategies as st

from accord.figures.spark import spark


def test_it_is_hidden_from_readers_because_the_words_stand_beside_it() -> None:
    assert fromstring(spark([3, 4, 5])).get("aria-hidden") == "true"


def test_a_missing_rating_breaks_its_line() -> None:
    figure = fromstring(spark([3, 4, None, 5, 4]))
    assert len(figure.findall("path")) == 2


def test_the_newest_session_is_not_marked_when_it_was_not_rated() -> None:
    assert "last" in spark([3, 4])
    assert "last" not in spark([3, None])


@given(st.lists(st.one_of(st.none(), st.floats(allow_nan=True))), st.booleans())
def test_any_ratings_are_well_formed(ratings: list[float | None], with_range: bool) -> None:
    fromstring(spark(ratings, *((0.0, 40.0) if with_range else ())))
