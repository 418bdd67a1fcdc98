"""The frame: against an obvious slow version, column by column, and what must not change what."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from accord.errors import InputError
from accord.exchange.ratings_frame import from_frame
from accord.instruments.catalogue import catalogue
from accord.records.ratings import Scoring, State
from accord.science.multilevel.centring import detrended, latent_mean
from accord.science.scoring import score_columns, subscales
from accord.study.frame.direction import upright_facet
from accord.study.frame.study_frame import build
from accord.study.plan.resolve_plan import Material, resolved_plan
from accord.study.plan.study_plan import Centring, PlanRequest
from tests.support.slow_frame import Asked, Episode, Event, Form, slow_frame
from tests.unit.study.conftest import episodes_of, events_of, ratings_of

DAY = 20_100
REASONS = ("completed", "left", "agreed", "transfer", "hospital", "discharged", "died")
KINDS = ("attempt", "contact-missed", "self-injury", "skill")
STATES = [str(state) for state in (State.RUPTURE, State.BACK, State.STRAIN, State.STEADY, State.NO_RATING,
                               State.TOO_EARLY, State.CANNOT_SAY)]  # fmt: skip


def programme(seed, clients=12):
    """An untidy one: several clinicians, gaps, undated forms, people who come back or never rate."""
    rng = np.random.default_rng(seed)
    forms, episodes, events, states = [], [], [], {}
    for number in range(clients):
        client = f"C{number:02d}"
        start = DAY + int(rng.integers(0, 60))
        end = start + int(rng.integers(0, 130))
        goes_on = rng.random() < 0.3
        arm = "TAU" if number % 3 == 0 else "DBT"
        reason = "ongoing" if goes_on else str(rng.choice(REASONS))
        episodes.append(Episode(client, start, None if goes_on else end, reason, arm))
        if not goes_on and rng.random() < 0.4:
            episodes.append(Episode(client, end + 10, end + 40, "left", arm))
        if number != 5:
            _rate(rng, client, start, end, forms, states)
        _happen(rng, client, start, end, events)
    rng.shuffle(episodes)
    rng.shuffle(forms)
    forms = [Form(*form) for form in forms]
    forms = [form._replace(session=int(form.session), day=None if form.day is None else int(form.day),
                           score=float(form.score)) for form in forms]  # fmt: skip
    episodes = [Episode(*episode) for episode in episodes]
    return forms, episodes, events, states


def _rate(rng, client, start, end, forms, states):
    for clinician in rng.choice(["T1", "T2", "T3", "T4", "T5"], size=int(rng.integers(1, 6)), replace=False):
        undated = rng.random() < 0.2
        day = start - int(rng.integers(0, 5))
        for session in range(1, int(rng.integers(2, 18))):
            day += int(rng.integers(0, 14))
            when = None if undated or rng.random() < 0.1 else day
            states[client, str(clinician), session] = str(
                rng.choice(STATES, p=[0.3, 0.1, 0.1, 0.3, 0.1, 0.05, 0.05])
            )
            for rater, instrument in (("client", "SRS"), ("clinician", "WAI-SR"), ("client", "BSL-23"),
                                      ("client", "WAI-SR")):  # fmt: skip
                if rng.random() < 0.7:
                    top = {"SRS": 40, "WAI-SR": 60, "BSL-23": 4}[instrument]
                    low = 12 if instrument == "WAI-SR" else 0
                    score = float(rng.integers(low, top + 1)) if rng.random() < 0.75 else float("nan")
                    forms.append(Form(client, str(clinician), session, when, rater, instrument, score))


def _happen(rng, client, start, end, events):
    for kind in KINDS:
        for day in np.unique(rng.integers(start - 5, end + 20, int(rng.integers(0, 12)))).tolist():
            events.append(Event(client, day, kind, int(rng.integers(0, 4))))


def same(frame, rows):
    result = [name for name in rows[0] if not name.startswith("_")]
    assert set(result) == set(frame.columns)
    for name in result:
        expected = [row[name] for row in rows]
        if frame.columns[name].dtype == object:
            assert frame.columns[name].tolist() == expected, name
        else:
            np.testing.assert_allclose(frame.columns[name], expected, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("seed", range(12))
def test_every_column_is_what_plain_loops_over_the_rows_give(made, seed):
    forms, episodes, events, states = programme(seed)
    length, lag = (28, 7, 30)[seed % 3], 1 + seed % 2
    ends = DAY + 150
    leaving = ("left", "discharged") if seed % 2 else ("left",)
    asked = Asked({"client": "SRS", "clinician": "WAI-SR"}, "BSL-23", KINDS, ends, length, lag, leaving)
    frame, _ = made(
        forms, episodes, events, states, alliance=asked.alliance, period_days=length, lag=lag,
        leaving=leaving, record_ends=date(1970, 1, 1) + timedelta(days=ends), centring=Centring.PERSON_MEAN,
    )  # fmt: skip
    known = {(form.client, form.clinician, form.session) for form in forms}
    states = {key: state for key, state in states.items() if key in known}
    same(frame, slow_frame(forms, episodes, events, states, asked))


def srs(client, session, day, score, clinician="T", rater="client"):
    return Form(client, clinician, session, DAY + day, rater, "SRS", score)


def test_the_columns_are_those_that_analyses_count_on(made):
    frame, _ = made(
        [srs("A", 1, 0, 30.0), Form("A", "T", 1, DAY, "client", "PHQ-9", 9.0)],
        [Episode("A", DAY, DAY + 80, "left", "DBT")],
        [Event("A", DAY, "contact-missed", 1), Event("A", DAY, "otter-seen", 1)],
    )
    alliance = "alliance_client"
    assert set(frame.columns) == {
        "client", "arm", "clinician", "clinician_2", "clinician_3", "weight_1", "weight_2", "weight_3",
        "period", "start_day", "days", "left", "end_reason", "sessions", "forms", "missing_forms",
        alliance, f"{alliance}_between", f"{alliance}_within", f"{alliance}_within_lag",
        "outcome", "outcome_lag", "rupture", "rupture_lag", "unrepaired", "unrepaired_lag",
        "contact_missed", "contact_missed_lag", "otter_seen", "otter_seen_lag",
    }  # fmt: skip
    assert (frame.facets, frame.raters, frame.outcome) == (("alliance",), ("client",), "PHQ-9")
    assert frame.kinds == ("contact_missed", "otter_seen")
    lengths = {len(column) for column in frame.columns.values()}
    assert lengths == {len(frame)} == {3}
    texts = {name for name, column in frame.columns.items() if column.dtype == object}
    assert texts == {"client", "arm", "clinician", "clinician_2", "clinician_3", "end_reason"}
    assert all(column.dtype in (object, np.float64) for column in frame.columns.values())


def test_subscales_of_an_instrument_are_its_facets_where_items_are_there(made):
    rows = {"client": ["A", "A"], "clinician": ["T", "T"], "session": [1, 2], "date": ["2025-01-13"] * 2,
            "instrument": ["WAI-SR"] * 2}  # fmt: skip
    rows |= {f"item_{number}": [1 + number % 5, None] for number in range(1, 13)}
    ratings = from_frame(rows, instruments=catalogue(), score=score_columns).ratings
    material = Material(ratings, episodes_of([Episode("A", DAY, DAY + 20, "completed", "")]), None)
    plan, _ = resolved_plan(PlanRequest(), material)
    frame, _ = build(material, None, plan)
    assert frame.facets == ("task", "bond", "goal")
    expected = subscales(catalogue()["wai-sr"], {n: float(1 + n % 5) for n in range(1, 13)})
    assert {facet: frame.columns[f"{facet}_client"].tolist() for facet in frame.facets} == {
        name: [value] for name, value in expected.items()
    }


def test_an_empty_form_is_missing_and_never_a_rating(made):
    forms = [
        srs("A", 1, 0, 30.0),
        srs("A", 2, 7, float("nan")),
        srs("A", 3, 14, 20.0),
        srs("A", 4, 30, float("nan")),
    ]
    frame, _ = made(forms, [Episode("A", DAY, DAY + 55, "left", "")])
    assert frame.columns["alliance_client"].tolist()[0] == 25.0
    assert np.isnan(frame.columns["alliance_client"][1])
    assert frame.columns["sessions"].tolist() == [2, 0]
    assert frame.columns["missing_forms"].tolist() == [1, 1]
    assert frame.columns["clinician"].tolist() == ["T", "T"]  # nobody rated: the usual one


def people(extra=()):
    forms = [srs(who, n, 28 * (n - 1), 20.0 + n + 3 * (who == "B")) for who in "AB" for n in (1, 2, 3)]
    episodes = [Episode("A", DAY, DAY + 200, "completed", ""), Episode("B", DAY, DAY + 83, "left", "")]
    return [*forms, *extra], episodes


def test_later_rows_of_a_client_change_nothing_earlier_but_by_their_own_mean(made):
    forms, episodes = people()
    more = [srs("A", 4, 84, 39.0), srs("A", 5, 112, 39.0)]
    before, _ = made(forms, episodes, centring=Centring.PERSON_MEAN)
    after, _ = made(forms + more, episodes, centring=Centring.PERSON_MEAN)
    early = before.columns["period"] < 3
    raw = [name for name in before.columns if not name.startswith("alliance_client_")]
    for name in raw:
        left, right = before.columns[name][early], after.columns[name][early]
        assert all(a == b or (a != a and b != b) for a, b in zip(left, right, strict=True)), name
    shift = np.mean([21, 22, 23]) - np.mean([21, 22, 23, 39, 39])
    mine = (before.columns["client"] == "A") & early
    for name in ("alliance_client_within", "alliance_client_within_lag"):
        np.testing.assert_allclose(after.columns[name][mine], before.columns[name][mine] + shift)
        other = before.columns["client"] == "B"
        np.testing.assert_allclose(after.columns[name][other], before.columns[name][other])
    moved = after.columns["alliance_client_between"] - before.columns["alliance_client_between"]
    np.testing.assert_allclose(moved[mine], -shift / 2)  # up by the shift, less its half in the mean over two
    np.testing.assert_allclose(moved[before.columns["client"] == "B"], shift / 2)


def test_one_rated_period_gives_a_between_and_no_within(made):
    forms, episodes = people([srs("C", 1, 0, 35.0)])
    frame, _ = made(
        forms, [*episodes, Episode("C", DAY, DAY + 60, "left", "")], centring=Centring.PERSON_MEAN
    )
    mine = frame.columns["client"] == "C"
    assert np.isnan(frame.columns["alliance_client_within"][mine]).all()
    assert np.isfinite(frame.columns["alliance_client_between"][mine]).all()


@pytest.mark.parametrize(
    ("asked", "split"), [(Centring.LATENT_MEAN, latent_mean), (Centring.DETRENDED, detrended)]
)
def test_other_centrings_are_those_of_the_engine(made, asked, split):
    forms, episodes = people([srs("B", 4, 90, 11.0)])
    frame, _ = made(forms, episodes, centring=asked)
    value, person = frame.columns["alliance_client"], (frame.columns["client"] == "B").astype(np.int64)
    time = (frame.columns["period"],) if split is detrended else ()
    result = split(value, person, *time)
    np.testing.assert_allclose(frame.columns["alliance_client_between"], result.between)
    np.testing.assert_allclose(frame.columns["alliance_client_within"], result.within)


def test_what_lies_outside_the_episode_is_told_with_its_numbers(made):
    forms, episodes = people([srs("A", 9, 300, 3.0), srs("Z", 1, 0, 3.0)])
    events = [
        Event("A", DAY - 1, "attempt", 2),
        Event("B", DAY + 84, "attempt", 1),
        Event("A", DAY, "skill", 1),
    ]
    frame, result = made(forms, episodes, events, record_ends=date(1970, 1, 1) + timedelta(days=DAY + 400))
    assert frame.columns["attempt"].sum() == 0
    assert "1 clients with ratings have no episode in the study and are left out" in result
    assert "1 sessions before the start or after the end of their episode are left out" in result
    assert "attempt: 3 outside the episode of their client, not counted" in result


def test_the_record_ends_where_the_files_end_and_who_is_in_treatment_is_followed_to_it(made):
    forms, _ = people()
    frame, _ = made(forms, [Episode("A", DAY, None, "ongoing", ""), Episode("B", DAY, DAY + 83, "left", "")])
    assert frame.columns["days"][frame.columns["client"] == "A"].sum() == 84  # to day 83, B's end
    assert frame.columns["end_reason"].tolist() == ["", "", "ongoing", "", "", "left"]
    assert frame.columns["left"].tolist() == [0, 0, 0, 0, 0, 1]


def test_a_kind_with_the_name_of_another_column_is_refused(made):
    forms, episodes = people()
    with pytest.raises(InputError, match=r"found 'days', expected a kind of event with another name"):
        made(forms, episodes, [Event("A", DAY, "days", 1)])


def test_an_ongoing_episode_of_decades_is_refused_by_its_row(made):
    forms, episodes = people()
    with pytest.raises(InputError, match=r"row 4, column start: found '?1925"):
        made(forms, [*episodes, Episode("C", -16_400, None, "ongoing", "")])


def test_without_anybody_in_the_plans_arms_there_is_no_study(made):
    forms, episodes = people()
    with pytest.raises(InputError, match="that begins by 1971-01-01"):
        made(forms, episodes, record_ends=date(1971, 1, 1))


ALLIANCES = ("SRS", "WAI-SR")


def mirrored(ratings, names):
    """The same ratings on scales that run the other way, with their direction declared."""
    score = ratings.score.copy()
    instruments = list(ratings.instruments)
    for code, instrument in enumerate(ratings.instruments):
        if instrument.id.casefold() in {name.casefold() for name in names}:
            rows = ratings.instrument == code
            score[rows] = instrument.low + instrument.high - score[rows]
            instruments[code] = replace(instrument, lower_is_better=not instrument.lower_is_better)
    return replace(ratings, score=score, instruments=tuple(instruments))


@pytest.mark.parametrize("names", [ALLIANCES, ("BSL-23",), (*ALLIANCES, "BSL-23")])
def test_a_study_of_mirrored_scales_is_the_same_study(names):
    """Lower is better, declared, gives the frame that every analysis reads, number by number."""
    forms, episodes, events, _ = programme(3, clients=20)
    ratings = ratings_of(forms)
    asked = PlanRequest(alliance={"client": "SRS", "clinician": "WAI-SR"}, outcome="BSL-23")
    frames = []
    for result in (ratings, mirrored(ratings, names)):
        material = Material(result, episodes_of(episodes), events_of(events))
        plan, _ = resolved_plan(asked, material)
        frames.append(build(material, None, plan))
    (plain, _), (turned, notes) = frames
    assert list(plain.columns) == list(turned.columns)
    for name, column in plain.columns.items():
        if column.dtype != object:
            np.testing.assert_allclose(turned.columns[name], column, atol=1e-9, err_msg=name)
    for name in turned.turned:
        assert any(note.startswith(f"{name}: ") and "turned round" in note for note in notes)
    assert {name.casefold() for name in turned.turned} == {name.casefold() for name in names}


def test_subscales_of_a_mirrored_scale_are_the_same_facets():
    rng = np.random.default_rng(5)
    answers = rng.integers(1, 6, (30, 12)).astype(float)
    wai = catalogue()["wai-sr"]
    backwards = replace(wai, lower_is_better=True)
    for subscale in wai.subscales:
        plain = score_columns(replace(wai, scored=subscale.items), answers)
        turned = score_columns(replace(wai, scored=subscale.items), 6 - answers)
        np.testing.assert_allclose(upright_facet(turned, backwards, subscale.items), plain)
        mean = replace(backwards, scoring=Scoring.MEAN)
        np.testing.assert_allclose(
            upright_facet(turned / len(subscale.items), mean, subscale.items), plain / len(subscale.items)
        )
