"""Each measure against numbers worked by hand, or against an obvious slow version."""

from __future__ import annotations

import math

import numpy as np
import pytest

from accord.science import measures as m
from accord.science.measures import Episodes

INF, NAN = math.inf, math.nan


def bools(marks: str) -> np.ndarray:
    """`x` is True, anything else False; spaces are for reading only."""
    return np.array([mark == "x" for mark in marks.replace(" ", "")])


@pytest.fixture
def world() -> dict[str, np.ndarray]:
    """Random courses with ruptures and a statistic that has ties and gaps."""
    rng = np.random.default_rng(3)
    relationship = np.repeat(np.arange(40), rng.integers(1, 15, 40))
    n = len(relationship)
    first = np.append(True, np.diff(relationship) > 0)
    in_rupture = rng.random(n) < 0.4
    onset = in_rupture & (first | ~np.append(False, in_rupture[:-1]))
    statistic = np.round(rng.normal(size=n) + in_rupture, 1)
    statistic[rng.random(n) < 0.15] = NAN
    return {
        "relationship": relationship,
        "in_rupture": in_rupture,
        "onset": onset,
        "calm": ~in_rupture & (rng.random(n) < 0.9),
        "statistic": statistic,
        "alarm": rng.random(n) < 0.2,
    }


def test_the_auc_is_the_share_of_pairs_in_the_right_order_ties_counting_half(world):
    known = ~np.isnan(world["statistic"])
    value, state = world["statistic"][known], world["in_rupture"][known]
    pairs = [(a > b) + (a == b) / 2 for a in value[state] for b in value[~state]]
    assert m.auc(value, state) == pytest.approx(np.mean(pairs), abs=1e-12)


def test_without_both_kinds_of_sessions_there_is_no_auc():
    assert math.isnan(m.auc(np.array([1.0, 2.0]), bools("xx")))


def test_untied_ranks_keep_the_order_and_stay_silent_where_the_statistic_is():
    value = np.array([2.0, NAN, 1.0, 2.0, 5.0])
    rank = m.untied(value, np.random.default_rng(0))
    assert np.isnan(rank[1])
    assert rank[2] < min(rank[0], rank[3]) < max(rank[0], rank[3]) < rank[4]


def test_a_rule_that_says_yes_or_no_spends_its_false_alarms_whole():
    calm = np.ones(1000, dtype=bool)
    rank = m.untied((np.arange(1000) % 5 == 0).astype(float), np.random.default_rng(1))
    alarm = m.alarms(rank, m.line_for(rank, calm, 0.03))
    assert m.false_alarms(alarm, calm) == 0.03
    assert set(np.flatnonzero(alarm) % 5) == {0}


@pytest.mark.parametrize("rate", [0.01, 0.03, 0.05, 0.5])
def test_the_line_lets_no_more_than_its_share_of_all_calm_sessions_pass(world, rate):
    statistic, calm = world["statistic"], world["calm"]
    line = m.line_for(statistic, calm, rate)
    assert m.false_alarms(m.alarms(statistic, line), calm) <= rate
    lower = max(value for value in statistic[calm] if value <= line)
    assert (statistic[calm] >= lower).sum() > math.floor(rate * calm.sum())


def test_a_detector_that_is_mostly_silent_may_speak_at_every_chance_it_has():
    statistic = np.array([1.0, NAN, NAN, NAN])
    assert m.line_for(statistic, bools("xxxx"), 0.3) == -INF


def test_ruptures_reach_from_the_onset_to_their_last_session_in_the_same_relationship(world):
    result = m.episodes(world["onset"], world["in_rupture"], world["relationship"])
    slow = []
    for start in np.flatnonzero(world["onset"]):
        end = start + 1
        while (
            end < len(world["onset"])
            and world["in_rupture"][end]
            and not world["onset"][end]
            and world["relationship"][end] == world["relationship"][start]
        ):
            end += 1
        slow.append((start, end))
    assert list(zip(*result, strict=True)) == slow
    assert len(slow) > 20


def test_the_delay_counts_sessions_from_the_onset_to_the_first_alarm_inside(world):
    ruptures = m.episodes(world["onset"], world["in_rupture"], world["relationship"])
    slow = [
        next((k for k in range(end - start) if world["alarm"][start + k]), INF)
        for start, end in zip(*ruptures, strict=True)
    ]
    assert m.delays(world["alarm"], ruptures).tolist() == slow
    assert 0 < np.isfinite(slow).sum() < len(slow)


def test_found_within_some_sessions_is_a_share_of_all_ruptures():
    delay = np.array([0.0, 1.0, 2.0, INF])
    assert [m.share_within(delay, k) for k in (0, 1, 2, 99)] == [0.25, 0.5, 0.75, 0.75]
    assert math.isnan(m.share_within(np.array([]), 1))


def test_the_median_delay_takes_a_rupture_that_ended_unseen_as_censored():
    # Four ruptures of 1, 3, 3 and 3 sessions. At 0: 1 of 4 found, .75 left. The short one is censored then.
    # At 1: 1 of 2 still at risk found, .375 left: the median is 1.
    ruptures = Episodes(np.array([0, 1, 4, 7]), np.array([1, 4, 7, 10]))
    assert m.median_delay(np.array([INF, 0.0, 1.0, INF]), ruptures) == 1.0


def test_the_median_delay_is_not_reached_where_more_than_half_stay_unseen():
    ruptures = Episodes(np.array([0, 3, 6]), np.array([3, 6, 9]))
    assert math.isnan(m.median_delay(np.array([0.0, INF, INF]), ruptures))
    assert math.isnan(m.median_delay(np.array([]), Episodes(np.array([], int), np.array([], int))))


def test_false_alarms_to_find_a_share_are_those_of_the_highest_line_that_finds_it(world):
    ruptures = m.episodes(world["onset"], world["in_rupture"], world["relationship"])
    for share in (0.2, 0.5, 0.7):
        lines = sorted({x for x in world["statistic"] if not math.isnan(x)}, reverse=True)
        tries = (m.alarms(world["statistic"], line - 1e-9) for line in lines)
        enough = (alarm for alarm in tries if m.share_within(m.delays(alarm, ruptures), 1e9) >= share)
        slow = m.false_alarms(next(enough), world["calm"])
        result = m.false_alarms_to_find(world["statistic"], world["calm"], ruptures, share)
        assert result == pytest.approx(slow)


def test_a_run_of_alarms_is_one_flag_and_a_new_relationship_starts_anew():
    assert m.flags(bools("xx.x xx"), np.array([0, 0, 0, 0, 1, 1])).tolist() == bools("x..x x.").tolist()


def test_flags_are_counted_per_month_of_each_client_over_all_their_relationships():
    client, day = np.array([0, 0, 0, 5]), np.array([100, 110, 123, 500])
    months = ((123 - 100 + 7) + 7) / m.MONTH
    assert m.per_client_month(bools("x.xx"), client, day) == pytest.approx(3 / months)
    assert math.isnan(m.per_client_month(bools(""), np.array([], int), np.array([], int)))


def test_any_false_alarm_is_asked_of_every_course_with_a_calm_session():
    alarm, calm, course = bools("x. .x x x"), bools("x. x. x ."), np.array([0, 0, 1, 1, 2, 3])
    assert m.any_false(alarm, calm, course) == pytest.approx(2 / 3)


def test_the_run_length_counts_calm_sessions_up_to_each_courses_first_false_alarm():
    # Course 0: alarm at its third calm session. Course 1: none in two. Course 2: at once.
    alarm, calm = bools("..x. .. x.x"), bools("xxxx xx xxx")
    course = np.array([0, 0, 0, 0, 1, 1, 2, 2, 2])
    assert m.run_length(alarm, calm, course) == (3 + 2 + 1) / 2


def test_without_false_alarms_the_run_length_has_no_end():
    assert m.run_length(bools(".."), bools("xx"), np.array([0, 0])) == INF
    assert math.isnan(m.run_length(bools(".."), bools(".."), np.array([0, 0])))


def test_independent_alarms_at_three_per_cent_run_for_thirty_three_sessions():
    rng = np.random.default_rng(5)
    alarm, course = rng.random(60_000) < 0.03, np.repeat(np.arange(1500), 40)
    assert m.run_length(alarm, np.ones(60_000, bool), course) == pytest.approx(1 / 0.03, rel=0.05)


def test_calibration_counts_sessions_and_ruptures_in_each_tenth():
    tenths = m.calibration(np.array([0.05, 0.09, 0.95, 1.0]), bools(".x xx"))
    assert tenths[0] == (2, pytest.approx(0.07), 0.5)
    assert tenths[9] == (2, pytest.approx(0.975), 1.0)
    assert tenths[4].sessions == 0
    assert math.isnan(tenths[4].observed)
    assert len(tenths) == m.TENTHS


def test_the_brier_score_is_the_mean_squared_distance():
    assert m.brier(np.array([0.2, 0.9]), bools(".x")) == pytest.approx((0.04 + 0.01) / 2)


def test_lead_before_leaving_is_judged_beside_what_chance_gives_those_who_stay():
    #          left on day 30, alarms on 4 and 20 | left on 50, alarm on 10 | stays, alarm on day 7
    client = np.array([1, 1, 1, 2, 2, 3, 3, 3])
    day = np.array([4, 20, 30, 10, 50, 0, 7, 40])
    lead = m.lead_to_leaving(bools("xx. x. .x."), client, day, bools("..x .x ..."), 28)
    assert lead == (2, 0.5, 26.0, pytest.approx(1 / 3))


def test_an_alarm_on_the_day_the_horizon_begins_is_too_early_to_count():
    client, day = np.array([1, 1]), np.array([2, 30])
    assert m.lead_to_leaving(bools("x."), client, day, bools(".x"), 28).warned == 0
    assert m.lead_to_leaving(bools("x."), client, day, bools(".x"), 29).days == 28


def test_without_leavers_there_is_nothing_to_warn_of():
    lead = m.lead_to_leaving(bools("x."), np.array([1, 1]), np.array([2, 30]), bools(".."), 28)
    assert lead.leavers == 0
    assert math.isnan(lead.warned)
    assert lead.by_chance == 0.5


def test_a_run_of_misses_is_counted_within_one_relationship():
    run = m.missed_in_a_row(bools("xx.xxx xx"), np.array([1, 1, 1, 1, 1, 2, 2, 2]), 2)
    assert run.tolist() == bools(".x..x. xx").tolist()


def test_a_run_of_misses_before_or_after_the_last_contact_counts_one_before_the_horizon_does_not():
    #                   run on day 1, left on 30 | run on 20, left on 30 | run on 35, after it | nobody left
    client = np.array([1, 1, 2, 2, 3, 3, 4])
    day = np.array([1, 30, 20, 30, 30, 35, 9])
    run, last = bools("x. x. .x x"), bools(".x .x x. .")
    assert m.clients_since(run, client, day, last, 28).tolist() == [2, 3]
