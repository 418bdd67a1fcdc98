"""Associations of a study: recovered truth, honest nothing, and a sentence wherever no number can be told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.study.models.answers import adjusted, answers
from accord.study.models.design import allowed, designs
from accord.study.models.question import Centring, Kind, Outcome, asked
from accord.study.models.refusals import Refused, Why
from accord.study.models.study_panel import Panel
from accord.study.release.counts import Count, events, people
from accord.study.report.phrases import note
from tests.support.study_frame import MadePlan, Truth, made

ATTEMPT, INJURY = Outcome("attempt", Kind.EVENT), Outcome("self_injury", Kind.COUNT)
SCORE, LEAVING = Outcome("outcome", Kind.SCORE), Outcome("left", Kind.LEAVING)
ALL = (ATTEMPT, INJURY, SCORE, LEAVING)


def answers_of(frame, outcome, rater="client", **changed):
    question = replace(asked(outcome, "alliance", rater), **changed)
    return {(answer.term, answer.arm): answer for answer in answers(Panel(frame), question) if answer.main}


def reasons(result):
    return [note(item) for line in result.values() for item in line.notes]


@pytest.mark.parametrize(
    ("outcome", "truth"), [(INJURY, Truth(injury=(-0.6, 0.0))), (SCORE, Truth(score=(-0.6, 0.0)))]
)
def test_a_planted_association_is_found_again(outcome, truth):
    """Within, -.6 for a point, so -.36 for one SD of .6; holding the outcome before takes a little away."""
    result = [answers_of(made(truth, seed=seed), outcome) for seed in range(6)]
    estimates = np.array([answer["within", ""].numbers.estimate for answer in result])
    errors = np.array([answer["within", ""].numbers.error for answer in result])
    assert estimates.mean() == pytest.approx(-0.36, abs=3 * errors.mean() / np.sqrt(6) + 0.02)


def test_people_who_stay_longer_for_their_alliance_are_seen_as_such_and_only_then():
    """Leaving: hazard lower by exp(-.7) for each point between people, and not at all in the null."""
    real = [
        answers_of(made(Truth(leaving=(0.0, -0.7)), clients=200, seed=seed), LEAVING) for seed in range(5)
    ]
    null = [answers_of(made(clients=200, seed=seed), LEAVING) for seed in range(5)]
    assert np.mean([answer["between", ""].numbers.estimate for answer in real]) < -0.4
    assert abs(np.mean([answer["between", ""].numbers.estimate for answer in null])) < 0.2


def test_where_there_is_nothing_about_one_in_twenty_is_found_and_none_stands_after_holm():
    p, after = [], []
    for seed in range(8):
        panel = Panel(made(seed=100 + seed))
        result = adjusted([
            answer for outcome in ALL for rater in ("client", "clinician")
            for answer in answers(panel, asked(outcome, "alliance", rater))
        ])  # fmt: skip
        p += [answer.numbers.p for answer in result if answer.numbers]
        after.append(min(answer.holm for answer in result if answer.holm is not None))
    assert len(p) > 100
    assert np.mean(np.array(p) < 0.05) < 0.12  # raters agree, so the looks are fewer than they seem
    assert sum(low < 0.05 for low in after) <= 2


def test_an_association_in_one_arm_only_is_told_for_that_arm_and_as_a_difference():
    truth = Truth(injury=(0.0, -0.8), arms=("CTBE", "DBT"), only_in="DBT")
    frame = made(truth, clients=200, seed=4)
    question = asked(INJURY, "alliance", "client")
    result = {
        (answer.term, answer.arm, answer.other_arm): answer for answer in answers(Panel(frame), question)
    }
    dbt, other = result["between", "DBT", ""].numbers, result["between", "CTBE", ""].numbers
    difference = result["between", "DBT", "CTBE"].numbers
    assert dbt.high < 0 < other.high
    assert difference.estimate == pytest.approx(dbt.estimate - other.estimate)
    assert difference.high < 0


def test_each_line_rests_on_what_it_says():
    frame = made(seed=2)
    result = answers_of(frame, SCORE)["within", ""]
    columns = frame.columns
    whole = np.isfinite(columns["outcome"]) & np.isfinite(columns["outcome_lag"])
    whole &= np.isfinite(columns["alliance_client_within_lag"]) & np.isfinite(
        columns["alliance_client_between"]
    )
    assert result.rows == whole.sum()
    assert result.people == len(set(columns["client"][whole]))
    assert result.sd == pytest.approx(columns["alliance_client_within_lag"][whole].std())
    assert result.numbers.low < result.numbers.estimate < result.numbers.high


@pytest.mark.parametrize(
    ("events", "arms", "parts"),
    [
        (20, 1, [("within", "between")]),
        (35, 1, [("within", "between")]),
        (12, 1, [("within",), ("between",)]),
        (200, 2, [("within", "between")]),
    ],
)
def test_twenty_events_allow_two_predictors_and_ten_allow_one(events, arms, parts):
    chosen, notes = allowed(asked(ATTEMPT, "alliance", "client"), Count(events, events), arms)
    assert [answer.terms for answer in chosen] == parts
    predictors = sum(
        (len(answer.terms) * (arms if answer.by_arm else 1)) + answer.time for answer in chosen[:1]
    )
    assert predictors + (arms - 1 if chosen[0].by_arm else 0) <= events // 10
    if events == 20:
        assert "20 events allow 2 predictors" in note(notes[0])


def test_nine_events_allow_nothing():
    with pytest.raises(Refused, match="few events"):
        allowed(asked(ATTEMPT, "alliance", "client"), Count(9, 9), 1)


def with_column(frame, **columns):
    return replace(frame, columns={**frame.columns, **columns})


def few_attempts(frame, n):
    value = np.zeros(len(frame.columns["client"]))
    value[:: max(1, len(value) // n)][:n] = 1.0
    value[np.flatnonzero(value)[n:]] = 0.0
    return with_column(frame, attempt=value)


FRAME = made(seed=7)
ZEROS = np.zeros(len(FRAME.columns["client"]))


def same_as_outcome(frame):
    """The alliance is the outcome itself: its parts add up to the outcome before."""
    from tests.support.study_frame import lag, split

    columns = frame.columns
    codes = np.unique(columns["client"], return_inverse=True)[1]
    value = np.where(np.isfinite(columns["outcome"]), columns["outcome"], 2.0)
    made_again = split("alliance_client", value, codes, columns["period"])
    return with_column(frame, outcome=value, outcome_lag=lag(value, codes), **made_again)


REFUSALS = [
    ("five events", few_attempts(FRAME, 5), ATTEMPT, "Fewer than 10 people had this"),
    ("all zero", with_column(FRAME, self_injury=ZEROS), INJURY, "happened to nobody"),
    ("nobody left", with_column(FRAME, left=ZEROS), LEAVING, "happened to nobody"),
    ("constant outcome", with_column(FRAME, outcome=ZEROS + 2.0), SCORE, "one value"),
    (
        "constant alliance",
        with_column(FRAME, alliance_client_within_lag=ZEROS, alliance_client_between=ZEROS),
        SCORE,
        "does not differ",
    ),
    ("collinear", same_as_outcome(FRAME), SCORE, "is a sum of other predictors"),
    ("few people", made(clients=9, seed=1), SCORE, "Fewer than 10 people"),
    (
        "no such column",
        replace(FRAME, columns={k: v for k, v in FRAME.columns.items() if k != "attempt"}),
        ATTEMPT,
        "Not in the files: attempt",
    ),
]


@pytest.mark.parametrize(
    ("name", "frame", "outcome", "sentence"), REFUSALS, ids=[refusal[0] for refusal in REFUSALS]
)
def test_what_cannot_be_told_is_refused_in_words(name, frame, outcome, sentence):
    result = answers_of(frame, outcome)
    assert all(answer.numbers is None for answer in result.values())
    assert any(sentence in words for words in reasons(result)), reasons(result)


def test_one_clinician_is_left_out_of_the_model_and_said_so():
    result = answers_of(made(clinicians=1, seed=1), SCORE)
    assert result["within", ""].numbers is not None
    assert "Fewer than five clinicians, or not known for all: not in the model" in reasons(result)


def test_an_arm_of_nine_people_is_in_no_number():
    arms = ("DBT",) * 9 + ("other",)
    frame = made(Truth(arms=arms), clients=90, seed=3)
    panel = Panel(frame)
    assert panel.arms == ("DBT",)
    [design] = designs(panel, asked(SCORE, "alliance", "client"))
    assert set(panel.arm[design.rows]) == {"DBT"}


def test_a_plan_may_ask_for_more_people_than_ten():
    frame = replace(made(clients=40, seed=1), plan=MadePlan(minimum_cell=41))
    assert "Fewer than 41 people have what this needs; nothing is reported about so few" in reasons(
        answers_of(frame, SCORE)
    )


@pytest.mark.parametrize("seed", range(12))
def test_no_line_is_without_both_number_and_reason(seed):
    """Small, short and odd programmes: every number is finite, or a note says why there is none."""
    rng = np.random.default_rng(seed)
    truth = Truth(arms=("A", "B")[: rng.integers(1, 3)], attempts_a_year=float(rng.choice([0.01, 0.2, 2.0])))
    frame = made(
        truth, clients=int(rng.integers(10, 45)), periods=int(rng.integers(1, 8)),
        clinicians=int(rng.integers(1, 9)), seed=seed, gaps=float(rng.choice([0.0, 0.5])),
    )  # fmt: skip
    for outcome in ALL:
        for answer in answers(Panel(frame), asked(outcome, "alliance", "client")):
            values = [] if answer.numbers is None else [*vars_of(answer.numbers)]
            assert all(np.isfinite(values))
            assert values or answer.notes
            assert answer.numbers is None or answer.converged


def vars_of(numbers):
    return [numbers.estimate, numbers.error, numbers.low, numbers.high, numbers.p]


def test_several_clinicians_of_one_client_enter_by_their_weights():
    frame = made(seed=5, clinicians=8)
    second = np.array(
        [f"T{(int(name[1:]) + 1) % 8:02d}" for name in frame.columns["clinician"]], dtype=object
    )
    halves = np.full(len(second), 0.25)
    both = with_column(frame, clinician_2=second, weight_1=1 - halves, weight_2=halves)
    term = Panel(both).clinician_term(np.ones(len(second), dtype=bool))
    assert term.member.shape == (len(second), 2)
    assert term.weight[0].tolist() == [0.75, 0.25]
    assert term.groups == 8


def test_the_frames_own_columns_are_those_of_the_person_mean():
    question = asked(INJURY, "alliance", "client")
    panel = Panel(made(seed=6, gaps=0.0))
    planned = answers(panel, question)
    again = answers(panel, replace(question, centring=Centring.PERSON_MEAN))
    assert [answer.numbers.estimate for answer in planned] == pytest.approx(
        [answer.numbers.estimate for answer in again], rel=1e-6
    )


def test_holm_counts_associations_and_not_differences_between_arms():
    frame = made(Truth(arms=("A", "B")), seed=9)
    result = adjusted(answers(Panel(frame), asked(SCORE, "alliance", "client")))
    assert [answer.holm is not None for answer in result] == [answer.main for answer in result]
    assert any(not answer.main for answer in result)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(2, 15))
def test_people_of_a_model_never_tell_how_many_few_were_left_out(some, others, fewest):
    result = people(some, some + others, fewest)
    assert result.low <= some <= result.high
    if 0 < others < fewest:
        assert (result.low, result.high) == (some + others - fewest + 1, some + others - 1)
        assert len(range(result.low, result.high + 1)) == fewest - 1
    else:
        assert result.low == result.high


@given(st.integers(0, 500), st.integers(0, 30))
def test_events_of_a_model_are_a_range_of_ten_where_few_people_had_the_others(some, others):
    result = events(some, others, 10)
    assert result.low <= some <= result.high
    assert (result.low == result.high) != (0 < others < 10)
    assert result.low // 10 == some // 10  # so that it allows as many predictors


def test_each_reason_has_a_sentence():
    from accord.study.report.phrases import _cautions, _refusals

    assert set(_refusals(str) | _cautions(str)) == set(Why)
