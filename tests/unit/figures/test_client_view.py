"""The picture for the client's own eyes: what they said and rough patches, and no judgement."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import date, timedelta

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
    told = [part.get("aria-label") for part in drawn.iter("g") if part.get("role") == "img"]
    assert told[0] == "2 Mar: you said 30 (5-35)"
    assert [words for words in told if "no answer" in words] == ["30 Mar: no answer"]
    assert len(told) == len(RATINGS)


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


def test_a_stretch_far_below_is_called_a_rough_patch_once_and_in_the_table_beside_each_session(series):
    assert client_timeline(series, lanes=LANES).count("a rough patch") == 1
    assert [row.session for row in client_rows(series) if row.patch] == [4, 5, 6]
    assert [row.rating for row in client_rows(series)] == ["30", "31", "29", "14", "", "15", "30"]


def test_a_course_without_one_shows_none(series):
    steady = Timeline(series.title, series.instrument, series.findings[:3], series.today)
    assert "a rough patch" not in client_timeline(steady)
    assert not any(row.patch for row in client_rows(steady))
