"""Each scenario shows what it says it shows."""

from __future__ import annotations

import numpy as np
import pytest

from accord.simulator.scenarios import SCENARIOS, with_channel_strength

IDS = (
    "textbook",
    "ceiling",
    "gradual",
    "heavy-tails",
    "irregular",
    "few-sessions",
    "missing",
    "channels",
    "null",
    "residential",
    "programme",
)


def score_of(simulated, instrument, rater=0):
    ratings = simulated.ratings
    code = [instrument.id for instrument in ratings.instruments].index(instrument)
    return ratings.score[(ratings.instrument == code) & (ratings.rater == rater)]


def test_the_scenarios_have_the_promised_ids():
    assert tuple(SCENARIOS) == IDS
    assert all(SCENARIOS[name].id == name for name in IDS)


def test_each_scenario_says_what_it_shows_in_one_sentence():
    for scenario in SCENARIOS.values():
        assert scenario.shows.endswith(".")
        assert scenario.shows.count(". ") == 0


def test_textbook_has_one_rating_a_week_never_missing_and_clear_of_the_ends(run):
    simulated = run("textbook", 1_000, 40)
    ratings = simulated.ratings
    assert len(ratings) == 40_000
    assert len(ratings.instruments) == 1
    assert not np.isnan(ratings.score).any()
    assert np.isin(ratings.score, (12, 60)).mean() < 0.01
    follows = ratings.client[1:] == ratings.client[:-1]
    assert (np.diff(ratings.day)[follows] == 7).all()


@pytest.mark.parametrize("sessions", [10, 20, 40, 60])
def test_at_the_ceiling_20_to_30_percent_of_ratings_are_perfect(run, sessions):
    score = run("ceiling", 3_000, sessions).ratings.score
    assert 0.20 <= (score == 40).mean() <= 0.30


def test_a_ceiling_score_has_one_decimal(run):
    score = run("ceiling", 3_000, 10).ratings.score
    assert np.array_equal(score, np.round(score, 1))


def test_gradual_ruptures_begin_shallow(run):
    truth = run("gradual", 1_000, 40).truth
    began = truth.onset == 1
    assert np.median(truth.depth[began]) < 0.5
    assert truth.depth[truth.in_rupture == 1].max() > 1.9


def test_heavy_tails_throw_calm_ratings_further_off_than_textbook_does(run):
    far = {}
    for scenario in ("textbook", "heavy-tails"):
        simulated = run(scenario, 2_000, 40)
        truth = simulated.truth
        off = simulated.ratings.score - truth.level - truth.state
        far[scenario] = np.percentile(np.abs(off[truth.depth == 0]), 99.9)
    assert far["heavy-tails"] > 1.8 * far["textbook"]


def test_few_sessions_means_four_to_ten(run):
    ratings = run("few-sessions", 1_000, 10).ratings
    assert np.array_equal(np.unique(np.bincount(ratings.client)), np.arange(4, 11))


def test_channels_has_all_four_beside_the_rating(run):
    ratings = run("channels", 100, 20).ratings
    result = {(ratings.instruments[i].id, r) for i, r in zip(ratings.instrument, ratings.rater, strict=True)}
    assert result == {
        ("WAI-SR", 0), ("WAI-SR", 1), ("rupture-probe", 0), ("urge-to-quit", 0), ("attendance", 3),
    }  # fmt: skip


def test_null_has_no_ruptures(run):
    truth = run("null", 1_000, 40).truth
    assert not truth.in_rupture.any()
    assert not truth.depth.any()


def test_in_the_null_scenario_alliance_has_nothing_to_do_with_symptoms(run):
    simulated = run("null", 10_000, 2)
    symptoms, level = score_of(simulated, "BSL-23"), simulated.truth.level[simulated.truth.session == 1]
    assert abs(np.corrcoef(symptoms, level)[0, 1]) < 0.04


def test_a_programme_is_101_clients_with_12_clinicians_in_two_teams(run):
    simulated = run("programme", None, None)
    assert len(simulated.ratings.clients) == 101
    assert len(simulated.staff) == 12
    assert {person.team for person in simulated.staff} == {"Team 1", "Team 2"}
    roles = np.array([person.role for person in simulated.staff])[simulated.engagements.clinician]
    of = {role: simulated.engagements.client[roles == role] for role in np.unique(roles)}
    assert len(of["individual"]) == len(set(of["individual"])) == 101
    assert 0.65 < len(of["group"]) / 101 < 0.95
    assert 0.15 < len(of["psychiatry"]) / 101 < 0.50


def test_a_client_meets_only_people_of_one_team(run):
    simulated = run("programme", None, None)
    team = np.array([person.team for person in simulated.staff])[simulated.engagements.clinician]
    assert all(len(set(team[simulated.engagements.client == client])) == 1 for client in range(101))


def test_a_programme_lasts_a_year_and_clients_begin_over_half_of_it(run):
    engagements = run("programme", None, None).engagements
    begins = engagements.first_day.min()
    assert engagements.last_day.max() - begins < 52 * 7
    first = np.full(101, np.iinfo(np.int32).max)
    np.minimum.at(first, engagements.client, engagements.first_day)
    assert 20 * 7 < first.max() - begins < 27 * 7


def test_residential_stays_last_30_to_90_days_unless_somebody_leaves(run):
    simulated = run("residential", 1_000, 200)
    engagements = simulated.engagements
    first = np.full(1_000, np.iinfo(np.int32).max)
    last = np.full(1_000, np.iinfo(np.int32).min)
    np.minimum.at(first, engagements.client, engagements.first_day)
    np.maximum.at(last, engagements.client, engagements.last_day)
    stayed = np.unique(engagements.client[engagements.end != 2])
    stay = (last - first + 1)[stayed]
    assert 30 <= stay.min() <= 32
    assert 88 <= stay.max() <= 90


def test_residential_clients_have_two_to_four_contacts_a_day_with_several_people(run):
    simulated = run("residential", 300, 200)
    truth = simulated.truth
    _, contacts = np.unique(truth.client * 100_000 + truth.day, return_counts=True)
    assert set(np.unique(contacts)) == {2, 3, 4}
    people = np.bincount(simulated.engagements.client)
    assert people.max() == np.median(people) == 4  # fewer for those who left within days
    roles = {person.role for person in simulated.staff}
    assert roles == {"individual", "key worker", "group"}


def test_channels_of_no_strength_know_nothing_of_ruptures(run):
    weak = run(with_channel_strength(SCENARIOS["channels"], 0.0), 2_000, 40)
    strong = run("channels", 2_000, 40)
    result = {}
    for name, simulated in (("weak", weak), ("strong", strong)):
        score, truth = score_of(simulated, "rupture-probe"), simulated.truth
        seen = ~np.isnan(score)
        result[name] = (
            score[seen & (truth.in_rupture == 1)].mean() - score[seen & (truth.in_rupture == 0)].mean()
        )
    assert abs(result["weak"]) < 0.012
    assert result["strong"] == pytest.approx(0.22, abs=0.03)


def test_channel_strength_leaves_the_clients_own_answers_as_they_are(run):
    weak = run(with_channel_strength(SCENARIOS["channels"], 0.5), 2_000, 40)
    strong = run("channels", 2_000, 40)
    mine, others = score_of(weak, "WAI-SR"), score_of(strong, "WAI-SR")
    both = ~np.isnan(mine) & ~np.isnan(others)
    assert both.mean() > 0.75
    assert np.array_equal(mine[both], others[both])
