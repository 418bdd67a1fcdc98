"""What is recorded beside the rating; limits at least four Monte Carlo errors wide."""

from __future__ import annotations

import numpy as np
import pytest

CLIENTS = 6_000


@pytest.fixture(scope="module")
def channels(run):
    return run("channels", CLIENTS, 40)


def series(simulated, instrument, rater=0):
    """The series' scores in the order of the truth's rows: every session has one."""
    ratings = simulated.ratings
    code = [instrument.id for instrument in ratings.instruments].index(instrument)
    score = ratings.score[(ratings.instrument == code) & (ratings.rater == rater)]
    assert len(score) == len(simulated.truth)
    return score


def test_the_clinicians_rating_has_the_stated_correlation_with_the_clients(channels):
    client, clinician = series(channels, "WAI-SR"), series(channels, "WAI-SR", rater=1)
    known = ~np.isnan(client + clinician) & (channels.truth.session == 1)
    assert np.corrcoef(client[known], clinician[known])[0, 1] == pytest.approx(0.36, abs=0.05)


def test_clinicians_rate_lower_than_clients_by_the_stated_difference(run):
    apart = []
    for seed in (1, 2, 3):
        simulated = run("channels", CLIENTS, 1, seed)
        client, clinician = series(simulated, "WAI-SR"), series(simulated, "WAI-SR", rater=1)
        apart.append((np.nanmean(clinician) - np.nanmean(client)) / np.nanstd(client))
    assert np.mean(apart) == pytest.approx(-0.46, abs=0.06)


def test_ratings_of_clinicians_hide_more_of_who_rates_than_clients_ratings_do(channels):
    clinician = channels.truth.clinician
    first = channels.truth.session == 1
    share = []
    for rater in (0, 1):
        score = series(channels, "WAI-SR", rater)
        known = first & ~np.isnan(score)
        count = np.bincount(clinician[known], minlength=clinician.max() + 1)
        means = np.bincount(clinician[known], score[known], minlength=len(count)) / count
        within = np.sum((score[known] - means[clinician[known]]) ** 2) / (known.sum() - len(count))
        share.append(1 - within / np.var(score[known]))
    assert share == pytest.approx([0.06, 0.30], abs=0.06)


def test_the_clinicians_rating_falls_only_in_ruptures_they_notice(channels):
    truth = channels.truth
    score = series(channels, "WAI-SR", rater=1)
    unnoticed = (truth.in_rupture == 1) & (truth.noticed == 0)
    mean = {
        name: np.nanmean(score[part] - truth.level[part])
        for name, part in {
            "calm": truth.in_rupture == 0,
            "unnoticed": unnoticed,
            "noticed": truth.noticed == 1,
        }.items()
    }
    assert mean["unnoticed"] == pytest.approx(mean["calm"], abs=0.5)
    assert mean["noticed"] < mean["calm"] - 3


def test_the_probe_says_yes_at_the_stated_rates(channels):
    probe, truth = series(channels, "rupture-probe"), channels.truth
    assert np.nanmean(probe[truth.in_rupture == 1]) == pytest.approx(0.25, abs=0.015)
    assert np.nanmean(probe[truth.in_rupture == 0]) == pytest.approx(0.03, abs=0.002)


def test_the_urge_to_quit_rises_in_ruptures_and_before_leaving(channels):
    urge, truth = series(channels, "urge-to-quit"), channels.truth
    assert set(np.unique(urge[~np.isnan(urge)])) == {0, 1, 2, 3, 4, 5}
    calm = np.nanmean(urge[truth.depth == 0])
    assert np.nanmean(urge[truth.in_rupture == 1]) > calm + 0.8
    assert np.nanmean(urge[(truth.left == 1) & (truth.in_rupture == 0)]) > calm + 0.4


def test_individual_contacts_are_attended_80_to_85_percent_and_fewer_in_ruptures(channels):
    came, truth = series(channels, "attendance", rater=3), channels.truth
    assert 0.80 < came.mean() < 0.85
    calm, rupture = came[truth.in_rupture == 0].mean(), came[truth.in_rupture == 1].mean()
    assert (1 - rupture) / (1 - calm) == pytest.approx(2.0, abs=0.1)


def test_groups_are_attended_less_than_individual_contacts(run):
    simulated = run("programme", 1_000, 52)
    role = np.array([person.role for person in simulated.staff])[simulated.truth.clinician]
    came = series(simulated, "attendance", rater=3)
    assert came[role == "group"].mean() == pytest.approx(0.75, abs=0.02)
    assert 0.80 < came[role == "individual"].mean() < 0.85


def test_the_last_contact_before_leaving_was_attended(channels):
    came = series(channels, "attendance", rater=3)
    assert (came[channels.truth.left == 1] == 1).all()


def test_nobody_fills_a_form_about_a_contact_they_missed(channels):
    missed = series(channels, "attendance", rater=3) == 0
    for instrument, rater in (("WAI-SR", 0), ("WAI-SR", 1), ("rupture-probe", 0), ("urge-to-quit", 0)):
        assert np.isnan(series(channels, instrument, rater)[missed]).all()


def test_the_truth_says_which_forms_are_missing(channels):
    assert np.array_equal(np.isnan(series(channels, "WAI-SR")), channels.truth.form_missing == 1)


def checkin_items(simulated, instrument):
    ratings = simulated.ratings
    code = [instrument.id for instrument in ratings.instruments].index(instrument)
    rows = (ratings.instrument == code) & ~np.isnan(ratings.score)
    return ratings.items[rows], ratings.score[rows]


@pytest.mark.parametrize("instrument", ["session-checkin", "session-checkin-clinician"])
def test_a_check_in_is_the_sum_of_its_first_five_answers(run, instrument):
    items, score = checkin_items(run("programme", None, None), instrument)
    assert np.array_equal(items[:, :5].sum(axis=1), score)
    assert set(np.unique(items[:, :5])) <= set(range(1, 8))
    assert set(np.unique(items[:, 5])) == {0, 1, 2}
    assert set(np.unique(items[:, 7])) <= {0, 1, 2, 3, 4, 5}


def test_whether_it_was_settled_is_asked_only_where_there_was_tension(run):
    items, _ = checkin_items(run("programme", None, None), "session-checkin")
    assert np.array_equal(np.isnan(items[:, 6]), items[:, 5] == 0)


def test_the_answers_of_a_check_in_hang_together_as_the_stated_noise_says(run):
    """Cronbach's alpha of five items whose mean has a noise share of .19, a little lower for rounding."""
    items, _ = checkin_items(run("residential", 2_000, 1), "session-checkin")
    scored = items[:, :5]
    alpha = 5 / 4 * (1 - scored.var(axis=0).sum() / scored.sum(axis=1).var())
    assert alpha == pytest.approx(0.80, abs=0.04)


def test_group_leaders_do_not_rate_single_members(run):
    simulated = run("programme", None, None)
    ratings = simulated.ratings
    by_clinician = ratings.clinician[ratings.rater == 1]
    assert {simulated.staff[code].role for code in set(by_clinician.tolist())} == {"individual", "psychiatry"}
