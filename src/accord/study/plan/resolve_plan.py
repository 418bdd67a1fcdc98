"""Complete a plan file with defaults from the data; the plan as used names every default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from accord.errors import InputError
from accord.exchange.csv_cells import EPOCH
from accord.records.care import EpisodeTable, EventTable
from accord.records.ratings import NO_DAY, RATERS, Construct, Instrument, Rater, Ratings
from accord.study.plan.study_plan import (
    FEWEST_PEOPLE,
    LEAVING,
    LEFT,
    NONE,
    PERIOD_DAYS,
    SCORE,
    SEED,
    Centring,
    Plan,
    PlanRequest,
    Rates,
)

FEW_PERIODS = 5  # rated, of the median person; below it their observed mean is mostly noise
WHOLE = "alliance"  # the facet that is the instrument's whole score
USUAL_OUTCOMES = ("attempt", "self-injury")
DAYS_A_SESSION = 7  # where ratings have no dates


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """Tables behind a study. `events` is None where none were recorded."""

    ratings: Ratings
    episodes: EpisodeTable
    events: EventTable | None


def resolved_plan(asked: PlanRequest, material: Material) -> tuple[Plan, list[str]]:
    """The plan as used, with notes on its defaults. InputError where it does not fit the data."""
    alliance = _alliance(asked, material.ratings)
    events = asked.events if asked.events is not None else _kinds(material.events)
    outcome = _outcome(asked, material.ratings)
    period_days = asked.period_days or PERIOD_DAYS
    centring, notes = _centring(asked, material.ratings, alliance, period_days)
    plan = Plan(
        alliance=alliance,
        facets=_facets(asked, material.ratings, alliance),
        outcome=outcome,
        outcomes=_outcomes(asked, events, outcome),
        events=events,
        arms=_arms(asked, material.episodes),
        record_ends=asked.record_ends or _last_date(asked, material),
        period_days=period_days,
        lag=asked.lag or 1,
        centring=centring,
        minimum_cell=asked.minimum_cell or FEWEST_PEOPLE,
        leaving=asked.leaving or LEAVING,
        seed=SEED if asked.seed is None else asked.seed,
    )
    return plan, notes


def _last_date(asked: PlanRequest, material: Material) -> date:
    """The last day of the record. InputError where people are in treatment and no rating has a date."""
    if (material.ratings.day == NO_DAY).all() and (material.episodes.end == NO_DAY).any():
        expected = "the last day of the record, as episodes are ongoing and ratings have no dates"
        raise asked.refusal("record_ends", expected, "nothing")
    return date.fromordinal(EPOCH + last_day(material))


def last_day(material: Material) -> int:
    """The last day in any of the files."""
    days = [material.ratings.day, material.episodes.start, material.episodes.end]
    if material.events is not None:
        days.append(material.events.day)
    return max(int(column.max(initial=NO_DAY)) for column in days)


def rows_of(ratings: Ratings, instrument: str, rater: str) -> NDArray[np.bool_]:
    """Rows of an instrument that a rater filled or left empty."""
    code = [known.id for known in ratings.instruments].index(instrument)
    chosen: NDArray[np.bool_] = (ratings.instrument == code) & (ratings.rater == RATERS.index(Rater(rater)))
    return chosen


def instrument_named(ratings: Ratings, name: str) -> Instrument | None:
    return next(
        (instrument for instrument in ratings.instruments if instrument.id.casefold() == name.casefold()),
        None,
    )


def has_items(ratings: Ratings, instrument: Instrument) -> bool:
    """Whether the file holds answers to single items, which subscales need."""
    code = ratings.instruments.index(instrument)
    return ratings.items is not None and bool((~np.isnan(ratings.items[ratings.instrument == code])).any())


def _filled(ratings: Ratings, instrument: str, rater: str) -> int:
    return int((rows_of(ratings, instrument, rater) & ~np.isnan(ratings.score)).sum())


def _alliance(asked: PlanRequest, ratings: Ratings) -> dict[str, str]:
    if asked.alliance is None:
        return _usual_alliance(ratings)
    alliance = {}
    for rater, name in asked.alliance.items():
        instrument = _there(asked, ratings, f"alliance.{rater}", name)
        if not _filled(ratings, instrument.id, rater):
            raise asked.refusal(
                f"alliance.{rater}", f"a form filled by the {rater}", f"no rating of {instrument.id}"
            )
        alliance[rater] = instrument.id
    return alliance


def _usual_alliance(ratings: Ratings) -> dict[str, str]:
    """For each rater the alliance instrument with most filled forms."""
    known = [
        instrument.id for instrument in ratings.instruments if instrument.construct is Construct.ALLIANCE
    ]
    alliance = {}
    for rater in Rates:
        counts = {name: _filled(ratings, name, rater) for name in known}
        if any(counts.values()):
            alliance[str(rater)] = max(known, key=lambda name: counts[name])
    if not alliance:
        there = ", ".join(instrument.id for instrument in ratings.instruments)
        raise InputError(
            "a rating of the alliance; a plan may name another scale: [alliance] client = ...",
            column="instrument",
            found=there,
        )
    return alliance


def _there(asked: PlanRequest, ratings: Ratings, key: str, name: str) -> Instrument:
    match = instrument_named(ratings, name)
    if match is None:
        there = ", ".join(instrument.id for instrument in ratings.instruments)
        raise asked.refusal(key, f"an instrument of these ratings ({there})", name)
    return match


def _facets(asked: PlanRequest, ratings: Ratings, alliance: Mapping[str, str]) -> tuple[str, ...]:
    sets = [_subscales(ratings, name) for name in alliance.values()]
    if asked.facets is None:
        return sets[0] if sets[0] and all(names == sets[0] for names in sets) else (WHOLE,)
    known = dict.fromkeys([WHOLE, *(name for names in sets for name in names)])
    for facet in asked.facets:
        if facet not in known:
            expected = f"some of {', '.join(known)}; subscales need the answers to their items"
            raise asked.refusal("facets", expected, facet)
    return asked.facets


def _subscales(ratings: Ratings, name: str) -> tuple[str, ...]:
    instrument = instrument_named(ratings, name)
    if instrument is None or not has_items(ratings, instrument):
        return ()
    return tuple(subscale.name for subscale in instrument.subscales)


def _outcome(asked: PlanRequest, ratings: Ratings) -> str | None:
    if asked.outcome == NONE:
        return None
    if asked.outcome is not None:
        return _there(asked, ratings, "outcome", asked.outcome).id
    codes = [
        k for k, instrument in enumerate(ratings.instruments) if instrument.construct is Construct.OUTCOME
    ]
    if not codes:
        return None
    return ratings.instruments[max(codes, key=lambda code: int((ratings.instrument == code).sum()))].id


def _kinds(events: EventTable | None) -> tuple[str, ...]:
    return () if events is None else events.kinds


def _outcomes(asked: PlanRequest, events: Sequence[str], outcome: str | None) -> tuple[str, ...]:
    known = (*events, *([SCORE] if outcome else []), LEFT)
    if asked.outcomes is None:
        return tuple(outcome_name for outcome_name in (*USUAL_OUTCOMES, SCORE, LEFT) if outcome_name in known)
    for outcome_name in asked.outcomes:
        if outcome_name not in known:
            raise asked.refusal("outcomes", f"some of {', '.join(known)}", outcome_name)
    return asked.outcomes


def _arms(asked: PlanRequest, episodes: EpisodeTable) -> tuple[str, ...]:
    if asked.arms is None:
        return episodes.arms
    for arm in asked.arms:
        if arm not in episodes.arms:
            raise asked.refusal("arms", f"some of {', '.join(episodes.arms)}", arm)
    return asked.arms


def _centring(
    asked: PlanRequest, ratings: Ratings, alliance: Mapping[str, str], period_days: int
) -> tuple[Centring, list[str]]:
    if asked.centring is not None:
        return asked.centring, []
    rater, name = next(iter(alliance.items()))
    periods = _rated_periods(ratings, rows_of(ratings, name, rater), period_days)
    if periods >= FEW_PERIODS:
        return Centring.PERSON_MEAN, []
    note = (
        f"the median person has ratings in {periods:g} periods: their level is drawn towards the mean "
        "(latent-mean), as observed means of so few would make the association between people too small"
    )
    return Centring.LATENT_MEAN, [note]


def _rated_periods(ratings: Ratings, rows: NDArray[np.bool_], period_days: int) -> float:
    """Periods with a rating, of the median person; a session counts as a week where it has no date."""
    rows = rows & ~np.isnan(ratings.score)
    client, day = ratings.client[rows], ratings.day[rows].astype(np.int64)
    day = np.where(day == NO_DAY, DAYS_A_SESSION * ratings.session[rows].astype(np.int64), day)
    keys = np.unique(np.column_stack([client, day // period_days]), axis=0)
    return float(np.median(np.unique(keys[:, 0], return_counts=True)[1]))
