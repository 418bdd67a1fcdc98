"""Whether alarms were worth it: counted by hand, and never judged by the channel that tells the truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from accord.instruments.catalogue import catalogue
from accord.records.ratings import RATERS, Rater
from accord.science import alarm_evaluation
from accord.science.alarm_evaluation import AlarmOutcomes, Truth
from accord.science.drop_channels import drop_channels, take_rows
from accord.science.tracker import assess
from accord.science.tracker.panel import lay_out
from accord.simulator.generate import simulate
from accord.simulator.scenarios import SCENARIOS

RATE = 0.03


def _judged(alarm: str, said: str, relationship: str = "") -> AlarmOutcomes:
    """x yes, . no, ? not asked; the relationship's digit is its client too."""
    of = np.array([int(digit) for digit in relationship or "0" * len(alarm)])
    x = np.array(list(said))
    return AlarmOutcomes(of, of, np.array(list(alarm)) == "x", x == "x", x != "?")


def _sum(counted):
    return counted.yes.sum(), counted.of.sum()


def test_a_rupture_is_found_by_an_alarm_within_two_sessions_on_either_side_of_the_same_relationship():
    assert _sum(alarm_evaluation.recall(_judged("..x....", "....x.."))) == (1, 1)
    assert _sum(alarm_evaluation.recall(_judged("......x", "....x.."))) == (1, 1)
    assert _sum(alarm_evaluation.recall(_judged(".x.....", "....x.."))) == (0, 1)
    assert _sum(alarm_evaluation.recall(_judged("..x....", "....x..", "0001111"))) == (0, 1)


def test_words_close_to_each_other_are_one_rupture():
    assert _sum(alarm_evaluation.recall(_judged("........", "x.xx...x"))) == (0, 2)


def test_a_flag_is_confirmed_by_a_word_near_by_and_left_out_where_nobody_was_asked():
    judged = _judged("xx...x....x..", "..x.....?????")
    assert _sum(alarm_evaluation.precision(judged)) == (1, 2)  # the second alarm of a run is no further flag
    assert _sum(alarm_evaluation.precision(_judged("....x....", "?????????"))) == (0, 0)


def test_chance_is_counted_in_sessions_that_were_called_calm_with_nothing_said_around():
    assert _sum(alarm_evaluation.chance_level(_judged("x........", ".....x..."))) == (3, 4)
    assert _sum(alarm_evaluation.chance_level(_judged("x....", "?????"))) == (0, 0)


@pytest.fixture(scope="module")
def programme():
    """Clients who answer a probe, and say what is so more often than real ones."""
    scenario = SCENARIOS["channels"]
    made = simulate(scenario, instruments=catalogue(), clients=120, sessions=30, seed=3)
    followed = catalogue()["wai-sr"]
    values = assess.learn(made.ratings, followed)
    return made.ratings, followed, values


def _share_found(programme, truth=Truth.PROBE):
    ratings, followed, values = programme
    client = np.arange(len(ratings.clients))
    line = np.full(len(client), values.alarm_line(RATE))
    judged = alarm_evaluation.judge(ratings, followed, values, truth, client, line)
    yes, of = _sum(alarm_evaluation.recall(judged))
    return yes / of, judged


@pytest.mark.parametrize("truth", [Truth.PROBE, Truth.URGE])
def test_alarms_judged_by_a_channel_are_those_of_a_file_that_never_had_it(programme, truth):
    ratings, followed, values = programme
    name = {"probe": "rupture-probe", "urge": "urge-to-quit"}[truth.value]
    code = [instrument.id for instrument in ratings.instruments].index(name)
    never = take_rows(ratings, ratings.instrument != code)
    result = assess.assess_all(never, followed, values, alarm_rate=RATE)
    _, judged = _share_found(programme, truth)
    panel = lay_out(ratings, followed)
    expected = dict(zip(zip(result.client, result.session, strict=True), result.surprise, strict=True))
    for client, session, alarm in zip(panel.client, panel.session, judged.alarm, strict=True):
        surprise = expected.get((client, session), np.nan)
        assert alarm == (surprise > values.alarm_line(RATE))


def test_the_channel_left_in_would_make_the_alarms_look_better_than_they_are(programme, monkeypatch):
    """The planted fault: a channel that judges itself."""
    honest, _ = _share_found(programme)
    monkeypatch.setattr(alarm_evaluation, "drop_channels", lambda ratings, channels: ratings)
    rosy, _ = _share_found(programme)
    assert rosy > honest + 0.15


def test_a_channel_that_tells_of_nothing_finds_nothing_by_itself(programme):
    """Words that come whatever happened are found no more often than chance has it."""
    ratings, followed, values = programme
    code = [instrument.id for instrument in ratings.instruments].index("rupture-probe")
    rows = ratings.instrument == code
    score = ratings.score.copy()
    score[rows] = np.random.default_rng(1).permutation(score[rows])
    share, judged = _share_found((replace(ratings, score=score), followed, values))
    yes, of = _sum(alarm_evaluation.chance_level(judged))
    assert share == pytest.approx(yes / of, abs=0.08)


def test_without_attendance_no_row_tells_of_a_missed_contact(programme):
    ratings, _, _ = programme
    left = drop_channels(ratings, ("attendance",))
    code = [instrument.id for instrument in ratings.instruments].index("attendance")
    missed = (ratings.instrument == code) & (ratings.score == 0)
    assert missed.any()
    gone = set(zip(ratings.client[missed], ratings.session[missed], strict=True))
    assert not gone & set(zip(left.client, left.session, strict=True))


def test_what_the_clinician_said_is_judged_without_what_the_clinician_rated():
    made = simulate("programme", instruments=catalogue(), clients=8, sessions=8, seed=2).ratings
    left = drop_channels(made, ("clinician",))
    assert (made.rater == RATERS.index(Rater.CLINICIAN)).any()
    assert not (left.rater == RATERS.index(Rater.CLINICIAN)).any()


def test_an_observer_s_word_is_read_and_no_channel_is_left_out_for_it(programme):
    ratings, followed, _ = programme
    code = [instrument.id for instrument in ratings.instruments].index("rupture-probe")
    rater = np.where(ratings.instrument == code, RATERS.index(Rater.OBSERVER), ratings.rater)
    observed = replace(ratings, rater=rater.astype(np.int8))
    panel = lay_out(observed, followed)
    said, asked = alarm_evaluation.labelled_ruptures(observed, panel, Truth.OBSERVER)
    assert said.sum() == (ratings.score[ratings.instrument == code] == 1).sum()
    assert asked.sum() == np.isfinite(ratings.score[ratings.instrument == code]).sum()
    assert not alarm_evaluation.labelled_ruptures(observed, panel, Truth.PROBE)[1].any()
    assert len(drop_channels(observed, ("probe",))) == len(observed)


def test_the_clinician_s_own_check_in_says_it_in_its_sixth_item():
    made = simulate("programme", instruments=catalogue(), clients=6, sessions=6, seed=2).ratings
    followed = catalogue()["session-checkin"]
    items = made.items.copy()
    code = [instrument.id for instrument in made.instruments].index("session-checkin-clinician")
    rows = np.flatnonzero((made.instrument == code) & (made.rater == RATERS.index(Rater.CLINICIAN)))
    items[rows, 5] = 0
    items[rows[:3], 5] = [2, 1, 2]
    said, asked = alarm_evaluation.labelled_ruptures(
        replace(made, items=items), lay_out(made, followed), Truth.CLINICIAN
    )
    assert (said.sum(), asked.sum()) == (2, len(rows))
