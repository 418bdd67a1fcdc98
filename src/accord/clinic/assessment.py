"""The one door to the science: rows become records here, and what comes back becomes rows again elsewhere."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

import numpy as np

from accord.clinic.models import CheckIn, Engagement
from accord.clinic.models import Population as PopulationRow
from accord.clinic.policy import kept
from accord.clinic.queries import facts, instruments, uses
from accord.clinic.queries.findings import describe, from_json, to_json
from accord.records import (
    NO_DAY,
    RATERS,
    Assessment,
    Construct,
    Contact,
    Course,
    Instrument,
    Rater,
    Ratings,
)
from accord.records import CheckIn as CheckInRecord
from accord.science import assess as tracker
from accord.science import scoring
from accord.science.learn import NotConverged
from accord.science.population import Population

__all__ = ["Assessed", "assess", "describe", "from_json", "learn", "to_json"]

log = logging.getLogger(__name__)

METHOD_VERSION = tracker.METHOD_VERSION
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Assessed:
    """What the method said about one relationship, and from what it said so."""

    assessment: Assessment
    instrument: Instrument
    rater: Rater
    population: PopulationRow | None  # None: stated priors
    assumed: bool  # rests on values that nobody has checked: stated priors, or an assumed reliability
    checkins: tuple[CheckIn, ...]


def assess(engagement: Engagement, as_of: date) -> Assessed | None:
    """Assess a relationship from its standing facts; None where nothing was ever filled."""
    checkins = tuple(
        facts.standing_checkins().filter(contact__engagement=engagement).select_related("contact")
    )
    chosen = followed(checkins, engagement.organisation_id)
    if chosen is None:
        return None
    instrument, rater = chosen
    row = newest_population(engagement.organisation_id, instrument, rater)
    course = course_of(engagement, checkins, instrument, rater)
    population = _values(row.pk) if row else _prior(instrument)
    found = tracker.assess(course, population, as_of)
    return Assessed(found, instrument, rater, row, row is None or population.assumed, checkins)


def followed(checkins: Sequence[CheckIn], organisation_id: UUID) -> tuple[Instrument, Rater] | None:
    """The series to follow, as instrument and rater; None where nothing was filled.

    The client's alliance instrument with most check-ins, else the client's instrument with most, else
    whichever has most.
    """
    counted = Counter((one.instrument, Rater(one.rater)) for one in checkins)
    known = {name: instruments.find(organisation_id, name) for name, _ in counted}

    def rank(series: tuple[str, Rater]) -> tuple[bool, bool, int, str]:
        name, rater = series
        of_client = rater is Rater.CLIENT
        alliance = known[name].construct is Construct.ALLIANCE
        return (not (of_client and alliance), not of_client, -counted[series], name)

    if not counted:
        return None
    name, rater = min(counted, key=rank)
    return known[name], rater


def course_of(
    engagement: Engagement, checkins: Sequence[CheckIn], instrument: Instrument, rater: Rater
) -> Course:
    """A relationship's facts as the science reads them, oldest first."""
    contacts = facts.standing_contacts().filter(engagement=engagement).order_by("session")
    return Course(
        client=engagement.client_id.hex,
        clinician=engagement.clinician_id.hex,
        instrument=instrument,
        checkins=tuple(sorted(map(_record, checkins), key=lambda one: one.session)),
        rater=rater,
        contacts=tuple(Contact(contact.session, contact.day) for contact in contacts),
        others=tuple(_instruments(engagement.organisation_id, checkins)),
    )


def _instruments(organisation_id: UUID, checkins: Sequence[CheckIn]) -> list[Instrument]:
    return [instruments.find(organisation_id, name) for name in sorted({one.instrument for one in checkins})]


def _record(checkin: CheckIn) -> CheckInRecord:
    answers = {int(number): value for number, value in checkin.answers.items()}
    contact = checkin.contact
    rater = Rater(checkin.rater)
    return CheckInRecord(contact.session, contact.day, rater, checkin.instrument, score_of(checkin), answers)


def score_of(checkin: CheckIn) -> float | None:
    """The score of a form; one that came as a total keeps it."""
    if checkin.given_score is not None or not checkin.answers:
        return checkin.given_score
    instrument = instruments.find(checkin.organisation_id, checkin.instrument, checkin.instrument_version)
    return scoring.score(instrument, {int(number): value for number, value in checkin.answers.items()})


def score_items(instrument: Instrument, items: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Scores of many forms at once, for reading a file."""
    return scoring.score_columns(instrument, items)


def newest_population(organisation_id: UUID, instrument: Instrument, rater: Rater) -> PopulationRow | None:
    rows = PopulationRow.objects.filter(
        kept(), organisation=organisation_id, instrument=instrument.id, rater=rater.value
    )
    return next((row for row in rows.order_by("-made_at") if _values(row.pk).fits(instrument)), None)


def learn(organisation_id: UUID, instrument: Instrument, rater: Rater) -> Population | None:
    """A programme's values for one series, from all its relationships; None where the search found none."""
    allowed = uses.may_use(uses.Purpose.NOTICING, "contact__engagement__client")
    checkins = facts.standing_checkins().filter(allowed, organisation=organisation_id)
    ratings = _ratings(list(checkins.select_related("contact__engagement")))
    try:
        return tracker.learn(ratings, instrument, rater=rater)
    except NotConverged:
        log.warning("no values could be learned for %s; those in use stay", instrument.id)
        return None


def _ratings(checkins: Sequence[CheckIn]) -> Ratings:
    """A programme's check-ins as columns. Engagements stay apart, even two with the same clinician."""
    people = {key: at for at, key in enumerate(sorted({one.contact.engagement_id.hex for one in checkins}))}
    known = _instruments(checkins[0].organisation_id, checkins) if checkins else []
    place = {instrument.id: at for at, instrument in enumerate(known)}
    scores = [score_of(checkin) for checkin in checkins]
    days = [(c.contact.day - EPOCH).days if c.contact.day else NO_DAY for c in checkins]
    return Ratings(
        clients=tuple(people),
        clinicians=("",),
        instruments=tuple(known),
        client=np.array([people[one.contact.engagement_id.hex] for one in checkins], dtype=np.int32),
        clinician=np.zeros(len(checkins), dtype=np.int32),
        session=np.array([checkin.contact.session for checkin in checkins], dtype=np.int32),
        day=np.array(days, dtype=np.int32),
        rater=np.array([RATERS.index(Rater(one.rater)) for one in checkins], dtype=np.int8),
        instrument=np.array([place[one.instrument] for one in checkins], dtype=np.int16),
        score=np.array([np.nan if score is None else score for score in scores], dtype=np.float64),
        line=np.arange(len(checkins), dtype=np.int64),
        items=_items(checkins),
    )


def _items(checkins: Sequence[CheckIn]) -> np.ndarray[Any, Any]:
    """Answers by number of the item, NaN where there is none."""
    width = max((int(number) for one in checkins for number in one.answers), default=0)
    items = np.full((len(checkins), width), np.nan)
    for row, one in enumerate(checkins):
        for number, value in one.answers.items():
            items[row, int(number) - 1] = value
    return items


@cache
def _prior(instrument: Instrument) -> Population:
    return tracker.prior(instrument)


@cache
def _values(population_id: UUID) -> Population:
    # Populations are facts: what was read once stays true, so each process reads it once.
    return Population.from_json(PopulationRow.objects.get(pk=population_id).values)
