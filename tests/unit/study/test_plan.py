"""Plans: every wrong key is named with what was expected; what is used is written and reads back the same."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from accord.errors import InputError
from accord.study.plan.plan_toml import plan_text
from accord.study.plan.resolve_plan import Material, resolved_plan
from accord.study.plan.study_plan import Centring, PlanRequest, read_plan
from tests.support.slow_frame import Episode, Event, Form
from tests.unit.study.conftest import episodes_of, events_of, ratings_of

DAY = 20_100


@pytest.fixture
def material():
    forms = [Form(who, "T", n, DAY + 28 * n, "client", "SRS", 20.0 + n) for who in "AB" for n in range(6)]
    forms += [Form("A", "T", n, DAY + 28 * n, "clinician", "WAI-SR", 40.0) for n in range(3)]
    forms += [Form("A", "T", n, DAY + 28 * n, "client", "WAI-SR", 41.0) for n in range(2)]
    forms += [Form("A", "T", 1, DAY + 28, "client", "PHQ-9", 9.0)]
    episodes = [Episode("A", DAY, DAY + 200, "left", "TAU"), Episode("B", DAY, None, "ongoing", "DBT")]
    events = [Event("A", DAY + 300, "self-injury", 1), Event("A", DAY, "otter-seen", 1)]
    return Material(ratings_of(forms), episodes_of(episodes), events_of(events))


@pytest.fixture
def read(tmp_path: Path):
    def read_text(text):
        (tmp_path / "plan.toml").write_text(text, encoding="utf-8")
        return read_plan(tmp_path / "plan.toml")

    return read_text


def test_without_a_file_the_data_say_what_is_usual(material):
    plan, result = resolved_plan(PlanRequest(), material)
    assert plan.alliance == {"client": "SRS", "clinician": "WAI-SR"}  # of each rater what they filled most
    assert (plan.facets, plan.outcome, plan.outcomes) == (
        ("alliance",),
        "PHQ-9",
        ("self-injury", "outcome", "left"),
    )
    assert plan.events == ("otter-seen", "self-injury")
    assert plan.arms == ("DBT", "TAU")
    assert plan.record_ends == date.fromordinal(date(1970, 1, 1).toordinal() + DAY + 300)
    assert (plan.period_days, plan.lag, plan.minimum_cell, plan.leaving) == (28, 1, 10, ("left",))
    assert (plan.centring, result) == (Centring.PERSON_MEAN, [])


def test_the_plan_as_used_reads_back_the_same(material, read):
    for asked in (
        PlanRequest(),
        PlanRequest(outcome="none", events=(), arms=("TAU",), leaving=("left", "discharged"), lag=2),
    ):
        plan, _ = resolved_plan(asked, material)
        again, result = resolved_plan(read(plan_text(plan)), material)
        assert again == plan
        assert result == []


def test_few_rated_periods_draw_levels_towards_the_mean_unless_the_plan_says_otherwise(material, read):
    plan, result = resolved_plan(read("period_days = 84"), material)
    assert plan.centring is Centring.LATENT_MEAN
    assert "2 periods" in result[0]
    plan, result = resolved_plan(read('period_days = 84\ncentring = "person-mean"'), material)
    assert (plan.centring, result) == (Centring.PERSON_MEAN, [])


BAD = [
    ("perod_days = 28", "perod_days", "one of the keys alliance, facets, outcome, outcomes, events, arms"),
    ("period_days = 0", "period_days", "a whole number from 1 to 366"),
    ("period_days = 28.0", "period_days", "a whole number from 1 to 366"),
    ("period_days = true", "period_days", "a whole number from 1 to 366"),
    ("lag = 0", "lag", "a whole number from 1 to 12"),
    ('lag = "1"', "lag", "a whole number from 1 to 12"),
    ("minimum_cell = 9", "minimum_cell", "a whole number from 10 on"),
    ("seed = -1", "seed", "a whole number from 0"),
    ('centring = "grand-mean"', "centring", "one of person-mean, detrended, latent-mean"),
    ('leaving = ["quit"]', "leaving", "one of left, agreed, transfer, hospital, discharged"),
    ("leaving = []", "leaving", "some of left"),
    ('leaving = ["died"]', "leaving", "one of left"),
    ("record_ends = 2025", "record_ends", "a date, written 2025-12-31 without quotes"),
    ("record_ends = 2025-12-31T00:00:00", "record_ends", "a date"),
    ('outcome = ""', "outcome", "one line of text"),
    ('outcome = "BSL-23"', "outcome", "an instrument of these ratings (PHQ-9, SRS, WAI-SR)"),
    ('outcomes = ["attempt"]', "outcomes", "some of otter-seen, self-injury, outcome, left"),
    ("outcomes = []", "outcomes", "at least one and each once"),
    ('events = ["self injury"]', "events", "self-injury, attempt, skill, contact-missed, or"),
    ('events = ["attempt", "Attempt"]', "events", "each kind once"),
    ('arms = ["CBT"]', "arms", "some of DBT, TAU"),
    ('facets = ["bond"]', "facets", "some of alliance; subscales need the answers to their items"),
    ('facets = "bond"', "facets", "a list"),
    ("alliance = 3", "alliance", "a table, written [alliance]"),
    ("[alliance]", "alliance", 'such as client = "SRS"'),
    ('[alliance]\nmother = "SRS"', "alliance.mother", "one of the keys client, clinician, observer"),
    ("[alliance]\nclient = 3", "alliance.client", "one line of text"),
    ('[alliance]\nclient = "XYZ"', "alliance.client", "an instrument of these ratings"),
    ('[alliance]\nobserver = "SRS"', "alliance.observer", "a form filled by the observer"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "key", "expected"), BAD)
def test_a_wrong_key_is_named_with_what_was_expected(material, read, text, key, expected):
    with pytest.raises(InputError) as error:
        resolved_plan(read(text), material)
    assert f"plan.toml, key {key}: found" in str(error.value)
    assert expected in error.value.expected


@pytest.mark.parametrize(
    ("content", "result"),
    [
        (b"period_days 28", "Expected '='"),
        (b"seed = 1\nseed = 2", "Cannot overwrite a value"),
        (b"seed = \xff", "can't decode"),
        (b"#" * 200_000, "a much larger file"),
    ],
)
def test_what_is_no_plan_is_refused(tmp_path: Path, content, result):
    (tmp_path / "plan.toml").write_bytes(content)
    with pytest.raises(InputError) as error:
        read_plan(tmp_path / "plan.toml")
    assert result in error.value.found
    assert error.value.expected.startswith("a plan in TOML")


def test_a_plan_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="found no such file"):
        read_plan(tmp_path / "nothing.toml")


def test_ratings_without_an_alliance_need_a_plan_that_names_a_scale(read):
    ratings = ratings_of([Form("A", "T", n, DAY + n, "client", "PHQ-9", 9.0) for n in range(3)])
    alone = Material(ratings, episodes_of([Episode("A", DAY, DAY + 9, "left", "")]), None)
    with pytest.raises(InputError, match="a plan may name another scale"):
        resolved_plan(PlanRequest(), alone)
    plan, _ = resolved_plan(read('outcome = "none"\n[alliance]\nclient = "phq-9"'), alone)
    assert (plan.alliance, plan.outcome, plan.outcomes) == ({"client": "PHQ-9"}, None, ("left",))
