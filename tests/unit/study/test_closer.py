"""Closer looks: skills in between, missing outcomes, other choices, whose part, after a rupture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from accord.science.study.pooling import Pooled
from accord.study.models.answers import answers
from accord.study.models.contributions import contributions
from accord.study.models.mediation import mediation
from accord.study.models.multiverse import choices, multiverse
from accord.study.models.question import Kind, Outcome, asked
from accord.study.models.repair import after_rupture
from accord.study.models.sensitivity import DELTAS, curves, tipping
from accord.study.models.study_panel import Panel
from accord.study.models.variance import raters, shares
from accord.study.models.zeros import CountModel, side_by_side
from accord.study.report.phrases import note
from tests.support.study_frame import Truth, lag, made, split

INJURY, SCORE = Outcome("self_injury", Kind.COUNT), Outcome("outcome", Kind.SCORE)
LEAVING = Outcome("left", Kind.LEAVING)


def with_column(frame, **columns):
    return replace(frame, columns={**frame.columns, **columns})


# --- skills in between


def test_a_planted_path_through_skills_is_found_and_its_direct_part_is_not():
    """Log skills rise by .6 for a point within (SD .6), the score falls by .3 for a log skill: -.108."""
    truth = Truth(skill=0.6, skill_to_score=-0.3)
    result = [
        mediation(Panel(made(truth, clients=150, seed=seed)), SCORE, "alliance", "client", 1)
        for seed in range(4)
    ]
    paths = np.array([estimate.through.estimate for estimate in result])
    assert paths.mean() == pytest.approx(-0.6 * 0.6 * 0.3, rel=0.25)
    assert all(estimate.through.high < 0 for estimate in result)
    assert abs(np.mean([estimate.direct.estimate for estimate in result])) < 0.02


def test_a_path_that_is_not_there_has_0_in_its_interval():
    result = [mediation(Panel(made(seed=seed)), SCORE, "alliance", "client", 1).through for seed in range(6)]
    assert sum(estimate.low < 0 < estimate.high for estimate in result) >= 5


def test_the_path_is_the_product_of_its_steps_and_the_same_seed_gives_the_same_interval():
    panel = Panel(made(Truth(skill=0.5), seed=2))
    first, again = (mediation(panel, INJURY, "alliance", "client", 7) for _ in range(2))
    assert first.through.estimate == pytest.approx(first.first.estimate * first.second.estimate)
    assert first == again
    assert mediation(panel, INJURY, "alliance", "client", 8).through.low != first.through.low


def test_without_skills_in_the_files_there_is_a_sentence_and_no_path():
    frame = made(seed=1)
    bare = replace(frame, columns={k: v for k, v in frame.columns.items() if k != "skill"})
    result = mediation(Panel(bare), SCORE, "alliance", "client", 1)
    assert result.through is None
    assert note(result.notes[0]) == "Not in the files: skill"


# --- outcomes that are missing


def _pooled(estimate, reach):
    return Pooled(estimate, reach / 2, estimate - reach, estimate + reach)


def test_the_tipping_point_lies_where_the_interval_meets_0():
    """Estimate -.3 + .2 delta with an interval of .2 each way: its upper end is 0 at delta = .5."""
    result = tuple(_pooled(-0.3 + 0.2 * delta, 0.2) for delta in DELTAS)
    assert tipping(DELTAS, result) == pytest.approx(0.5)


def test_an_association_that_holds_under_every_shift_has_no_tipping_point():
    assert tipping(DELTAS, tuple(_pooled(-0.5, 0.1) for _ in DELTAS)) is None


def gaps_after_low_alliance(seed):
    """Outcomes are missing where the alliance within was low, and only there."""
    frame = made(Truth(score=(-0.2, 0.0)), seed=seed, gaps=0.0)
    low = frame.columns["alliance_client_within_lag"] < -0.4
    gone = low & (np.random.default_rng(seed).random(len(low)) < 0.6)
    value = np.where(gone, np.nan, frame.columns["outcome"])
    codes = np.unique(frame.columns["client"], return_inverse=True)[1]
    return with_column(frame, outcome=value, outcome_lag=lag(value, codes)), int(gone.sum())


def test_a_shift_of_outcomes_missing_after_low_alliance_moves_the_association_its_way():
    frame, gone = gaps_after_low_alliance(3)
    within = next(
        curve for curve in curves(Panel(frame), SCORE, "alliance", "client", 1) if curve.term == "within"
    )
    estimates = [estimate.estimate for estimate in within.pooled]
    assert within.gaps == gone
    assert np.diff(estimates).max() < 0  # the worse the missing ones, the steeper
    assert np.diff(estimates) == pytest.approx(
        np.full(4, np.diff(estimates).mean()), abs=2e-3
    )  # and in a line
    assert within.pooled[2].estimate == pytest.approx(
        -0.2 * 0.6, abs=0.04
    )  # no shift: the truth of the simulation


def test_the_same_seed_draws_the_same_outcomes():
    panel = Panel(made(seed=4))
    first, again = (curves(panel, SCORE, "alliance", "client", 5) for _ in range(2))
    assert first == again


def test_without_gaps_there_is_nothing_to_assume():
    [result] = curves(Panel(made(seed=1, gaps=0.0)), SCORE, "alliance", "client", 1)
    assert "Fewer than 10 people have a missing outcome" in note(result.notes[0])


# --- other choices


@pytest.mark.parametrize(
    ("outcome", "count"), [(INJURY, 48), (SCORE, 32), (LEAVING, 4), (Outcome("attempt", Kind.EVENT), 16)]
)
def test_every_set_of_choices_is_tried_once(outcome, count):
    asked_ones = list(choices(outcome, "alliance", "client"))
    assert len(asked_ones) == len(set(asked_ones)) == count


def test_the_curve_holds_the_planned_analysis_among_all_others_in_order():
    panel = Panel(made(Truth(score=(-0.3, -0.2)), seed=5))
    planned = {
        answer.term: answer.numbers
        for answer in answers(panel, replace(asked(SCORE, "alliance", "client"), slope=False))
    }
    for many in multiverse(panel, SCORE, "alliance", "client"):
        estimates = [specification.estimate for specification in many.specifications]
        assert estimates == sorted(estimates)
        assert min(abs(estimate - planned[many.term].estimate) for estimate in estimates) < 1e-6
        assert many.positive == np.mean(np.array(estimates) > 0)
        assert many.middle == pytest.approx(np.median(estimates))
        assert 0 < len(many.specifications) <= many.tried == 32


def test_too_few_choices_draw_no_curve():
    assert multiverse(Panel(made(clients=9, seed=1)), SCORE, "alliance", "client") == []


# --- whose part


def test_planted_shares_of_variance_are_found_within_their_intervals():
    """Client 1, clinician .5, occasion .36 (and .01 of the form): shares of 1.62."""
    frame = made(clients=200, clinicians=30, seed=3)
    rng = np.random.default_rng(1)
    names, code = np.unique(frame.columns["clinician"], return_inverse=True)
    more = rng.normal(0, np.sqrt(0.5), len(names))[code]
    panel = Panel(with_column(frame, alliance_client=frame.columns["alliance_client"] + more))
    result = shares(panel, "alliance", "client", 1)
    total = 1 + 0.5 + 0.37
    for part, true in (("client", 1 / total), ("clinician", 0.5 / total), ("occasion", 0.37 / total)):
        low, high = result.interval[part]
        assert low - 0.08 < true < high + 0.08
        assert low <= result.share[part] <= high
    assert sum(result.share.values()) == pytest.approx(1)


def of_clinicians(seed, effect):
    """Clinicians' means differ by SD .8, with `effect` on the score; a client's own has none."""
    frame = made(clients=240, clinicians=24, periods=6, seed=seed)
    rng = np.random.default_rng(seed)
    names, code = np.unique(frame.columns["clinician"].astype(str), return_inverse=True)
    more = rng.normal(0, 0.8, len(names))[code]
    codes = np.unique(frame.columns["client"].astype(str), return_inverse=True)[1]
    score = frame.columns["outcome"] + effect * more
    alliance = split(
        "alliance_client", frame.columns["alliance_client"] + more, codes, frame.columns["period"]
    )
    return Panel(with_column(frame, outcome=score, outcome_lag=lag(score, codes), **alliance))


def test_what_goes_with_the_clinicians_mean_is_told_apart_from_the_client_beside_it():
    question = replace(asked(SCORE, "alliance", "client"), adjusted=False)
    result = [contributions(of_clinicians(seed, -0.4), question) for seed in range(4)]
    of_clinician = np.array([estimate.clinician.estimate for estimate in result])
    of_client = np.array([estimate.client.estimate for estimate in result])
    assert of_clinician.mean() == pytest.approx(
        -0.4 * 0.64 / (0.64 + 0.1), abs=0.12
    )  # ten clients tell a mean
    assert abs(of_client.mean()) < 0.05
    assert all(estimate.clinicians == 24 for estimate in result)


def test_both_contributions_need_five_clinicians():
    result = contributions(Panel(made(clinicians=4, seed=1)), asked(SCORE, "alliance", "client"))
    assert result.clinician is None
    assert "at least 5 clinicians" in note(result.notes[0])


@pytest.mark.parametrize("clinicians", [1, 4])
def test_fewer_than_five_clinicians_have_no_part_told(clinicians):
    result = shares(Panel(made(clinicians=clinicians, seed=1)), "alliance", "client", 1)
    assert result.share == {}
    assert "at least 5 clinicians and 10 clients" in note(result.notes[0])


def test_one_rater_has_nobody_to_agree_with():
    frame = made(seed=1)
    silent = with_column(frame, alliance_clinician=np.full(len(frame.columns["client"]), np.nan))
    result = raters(Panel(silent), "alliance", 1)
    assert result.between is None
    assert note(result.notes[0]) == "Fewer than 10 people were rated by both sides"


# --- after a rupture


def test_what_follows_a_rupture_that_did_not_come_back_is_told_against_one_that_did():
    frame = made(seed=6)
    columns = frame.columns
    repaired = (columns["rupture_lag"] > 0) & ~(columns["unrepaired_lag"] > 0)
    worse = columns["outcome"] + 0.4 * (columns["unrepaired_lag"] > 0) + 0.1 * repaired
    codes = np.unique(columns["client"], return_inverse=True)[1]
    result = after_rupture(Panel(with_column(frame, outcome=worse, outcome_lag=lag(worse, codes))), SCORE)
    assert result.back.estimate == pytest.approx(0.1, abs=0.08)
    assert result.not_back.estimate == pytest.approx(0.4, abs=0.1)
    assert result.difference.estimate == pytest.approx(result.not_back.estimate - result.back.estimate)


def test_ruptures_of_few_people_are_not_told():
    frame = made(seed=6)
    rare = np.where(np.arange(len(frame.columns["client"])) < 40, 1.0, 0.0)
    result = after_rupture(Panel(with_column(frame, rupture_lag=rare, unrepaired_lag=rare)), SCORE)
    assert result.back is None
    assert "Fewer than 10 people" in note(result.notes[0])


# --- counts with many zeros


def test_counts_without_extra_zeros_are_best_told_by_the_plain_model():
    result = side_by_side(Panel(made(seed=8)), asked(INJURY, "alliance", "client"))
    aic = {estimate.model: estimate.aic for estimate in result}
    assert set(aic) == set(CountModel)
    assert aic[CountModel.PLAIN] < aic[CountModel.INFLATED] + 2.1
    assert aic[CountModel.ANY] == aic[CountModel.SOME]
    assert aic[CountModel.PLAIN] < aic[CountModel.ANY]
