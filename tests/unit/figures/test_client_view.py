"""The picture for the client's own eyes: what they said and rough patches, and no judgement."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest

from accord.figures import svg
from accord.figures.client_view import client_rows, client_timeline
from accord.figures.mark_lane import Mark, MarkLane
from accord.figures.series import Timeline
from accord.instruments.catalogue import get
from accord.records.ratings import Finding, State

FIRST = date(2026, 3, 2)
RATINGS = [30.0, 31.0, 29.0, 14.0, None, 15.0, 30.0]
LANES = (MarkLane((Mark(4, "taken to the team", FIRST),)),)
STATES = [
    State.TOO_EARLY,
    State.STEADY,
    State.STRAIN,
    State.RUPTURE,
    State.RUPTURE,
    State.RUPTURE,
    State.BACK,
]


@pytest.fixture
def series() -> Timeline:
    findings = tuple(
        Finding(
            session=n + 1, day=FIRST + timedelta(weeks=n), rating=rating, level=29.0, level_low=27.0,
            level_high=31.0, surprise=3.2, p_rupture=0.93, state=state, low_start=False, difference=-15.0,
            also=("probe",),
        )
        for n, (rating, state) in enumerate(zip(RATINGS, STATES, strict=True))
    )  # fmt: skip
    return Timeline("How it was", get("session-checkin"), findings, FIRST + timedelta(weeks=7))


def test_every_rating_is_told_as_what_they_said_and_a_gap_as_no_answer(series):
    drawn = ET.fromstring(client_timeline(series, lanes=LANES))
    result = [part.get("aria-label") for part in drawn.iter("g") if part.get("role") == "img"]
    assert result[0] == "2 Mar: about your usual"
    assert result[3] == "23 Mar: below your usual"
    assert [words for words in result if "no answer" in words] == ["30 Mar: no answer"]
    assert len(result) == len(RATINGS)


def test_no_state_no_odds_no_probability_and_nothing_of_the_staffs_is_in_it(series):
    drawn = client_timeline(series, lanes=LANES).lower()
    for word in (
        "rupture",
        "strain",
        "steady,",
        "back",
        "calm session",
        "0.93",
        "400",
        "tension",
        "team",
        "band 2",
    ):
        assert word not in drawn, word


def test_none_of_the_colours_of_strain_or_rupture_is_in_it(series):
    drawn = client_timeline(series, lanes=LANES)
    for colour in (svg.STRAIN, svg.RUPTURE, svg.BACK):
        assert colour not in drawn
    assert {part.get("class") for part in ET.fromstring(drawn).iter("g")} == {
        "point steady",
        "unrated",
    }


def _number(part: ET.Element, name: str) -> float:
    return float(part.get(name) or "nan")


def _patches(series: Timeline) -> list[tuple[float, float]]:
    grounds = ET.fromstring(client_timeline(series)).iter("rect")
    return [(_number(part, "x"), _number(part, "width")) for part in grounds if part.get("class") == "patch"]


def test_a_rough_patch_is_only_where_their_own_ratings_lie_below_their_usual(series):
    assert [row.session for row in client_rows(series) if row.patch] == [4, 6]
    assert len(_patches(series)) == 2  # the session without an answer is no part of either
    usual = "about your usual"
    below = "below your usual"
    assert [row.said for row in client_rows(series)] == [usual, usual, usual, below, "", below, usual]


@pytest.mark.parametrize("rating", [None, 27.0, 29.0, 33.0], ids=["no answer", "edge", "usual", "above"])
def test_a_rupture_without_a_rating_below_the_usual_is_neither_drawn_nor_tabled_as_rough(series, rating):
    findings = tuple(replace(finding, rating=rating, state=State.RUPTURE) for finding in series.findings)
    changed = replace(series, findings=findings)
    assert "a rough patch" not in client_timeline(changed)
    assert _patches(changed) == []
    assert not any(row.patch for row in client_rows(changed))


def test_for_a_scale_on_which_lower_is_better_a_rough_patch_lies_above_the_usual(series):
    instrument = replace(series.instrument, lower_is_better=True)
    findings = tuple(replace(finding, state=State.RUPTURE) for finding in series.findings)
    assert not any(
        row.patch for row in client_rows(replace(series, instrument=instrument, findings=findings))
    )
    higher = (replace(findings[0], rating=34.0), *findings[1:])
    rows = client_rows(replace(series, instrument=instrument, findings=higher))
    assert [row.session for row in rows if row.patch] == [1]


def test_nothing_computed_is_drawn_for_a_session_without_an_answer(series):
    silent = replace(series, findings=tuple(replace(finding, rating=None) for finding in series.findings))
    drawn = ET.fromstring(client_timeline(silent))
    assert {part.get("class") for part in drawn.iter("path")} == {"axis", None}
    assert "your usual" not in client_timeline(silent)
    before = tuple(
        replace(series.findings[1], session=n - 7, day=FIRST + timedelta(weeks=n - 8), rating=28.0 + n % 4)
        for n in range(8)
    )
    gap = ET.fromstring(client_timeline(replace(series, findings=(*before, *series.findings))))
    bands = [part for part in gap.iter("path") if part.get("class") == "band"]
    assert len(bands) == 2  # the band stops at the session without an answer and begins anew after it


def test_usual_is_where_their_own_last_ratings_fall(series):
    """With a wide scatter a rating below the narrow band of the own level is still about their usual."""
    wide = (20.0, 34.0, 22.0, 33.0, 21.0, 35.0, 23.0)
    findings = tuple(
        replace(series.findings[3], session=n, day=FIRST + timedelta(weeks=n), rating=rating)
        for n, rating in enumerate(wide, 1)
    )
    result = client_rows(replace(series, findings=findings))
    assert not result[-1].patch
    low = (*findings[:-1], replace(findings[-1], rating=12.0))
    assert client_rows(replace(series, findings=low))[-1].patch


def test_no_number_of_a_score_is_in_the_picture_or_its_table(series):
    words = " ".join(ET.fromstring(client_timeline(series)).itertext())
    for number in ("5-35", "29", "27", "31", "14", "higher is better"):
        assert number not in words.replace("30 Mar", "").replace("2 Mar", ""), number
    assert not any(letter.isdigit() for row in client_rows(series) for letter in row.said or "")


def test_the_words_over_rough_patches_never_overlap_each_other_or_the_edge(series):
    """A year with a rough patch every other week, each lower: not every ground has room for its words."""
    low, usual = (series.findings[at] for at in (3, 1))
    year = tuple(
        replace(
            low if week % 2 else usual,
            session=week,
            day=FIRST + timedelta(weeks=week),
            rating=14.0 - week / 10 if week % 2 else usual.rating,
        )
        for week in range(52)
    )
    drawn = ET.fromstring(client_timeline(replace(series, findings=year)))
    words = [_number(part, "x") for part in drawn.iter("text") if part.get("class") == "word patch"]
    need = svg.width_of("a rough patch")
    assert 2 <= len(words) < 26
    assert all(right - left >= need for left, right in pairwise(words))
    assert words[-1] + need <= _number(drawn, "width")


def test_a_course_without_one_shows_none(series):
    steady = Timeline(series.title, series.instrument, series.findings[:3], series.today)
    assert "a rough patch" not in client_timeline(steady)
    assert not any(row.patch for row in client_rows(steady))
