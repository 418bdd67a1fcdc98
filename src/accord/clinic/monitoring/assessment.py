"""The only adapter to the science: rows become records here, and callers turn results into rows again."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

import numpy as np

from accord.clinic.facts import columns, consents, instruments, relationships
from accord.clinic.facts import current as facts
from accord.clinic.facts.contact_rate import contacts_per_week
from accord.clinic.models import Assessment as AssessmentRow
from accord.clinic.models import CheckIn, ContactReport, Engagement, Organisation
from accord.clinic.models import Population as PopulationRow
from accord.clinic.monitoring.assessment_checkpoint import Checkpoint, resumable_assessment
from accord.clinic.monitoring.findings import describe, from_json, to_json
from accord.clinic.policy import current_engagements, not_undone
from accord.records.ratings import Assessment, Course, Instrument, Rater, Ratings
from accord.records.ratings import CheckIn as CheckInRecord
from accord.science import scoring
from accord.science.tracker import assess as tracker
from accord.science.tracker.alarm_budget import alarm_rate, flags_per_week
from accord.science.tracker.learning import NotConverged
from accord.science.tracker.population import Population

__all__ = ["Assessed", "assess", "describe", "from_json", "learn", "to_json"]

log = logging.getLogger(__name__)

METHOD_VERSION = tracker.METHOD_VERSION
SAME_RATE = math.log(1.25)  # rates this near each other are the same

Rates = tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Assessed:
    """The method's result for one relationship, with everything it was computed from.

    It covers the sessions after those of `goes_on_from`, or the whole course if that is None; `checkins`
    and `keys` are the facts of these sessions.
    """

    assessment: Assessment
    instrument: Instrument
    rater: Rater
    population: PopulationRow | None  # None: stated priors
    assumed: bool  # rests on values that nobody has checked: stated priors, or an assumed reliability
    checkins: tuple[CheckIn, ...]
    keys: tuple[facts.Key, ...]
    goes_on_from: AssessmentRow | None
    basis: Checkpoint  # `runs` still those of `goes_on_from`


def assess(engagement: Engagement, as_of: date) -> Assessed | None:
    """Assess a relationship from its current facts; None if no form was ever filled in.

    Goes on from the filter state of an earlier assessment where nothing it rests on has changed since: no
    fact of its sessions, not the method, the values or the series that is followed. Else the whole course is
    replayed. A session keeps the alarm rate that was in force when it was first assessed.
    """
    newest = facts.newest_assessment(engagement)
    rates = Checkpoint.from_json(newest.basis).rates if newest else ()
    rates = _with_todays(rates, newest.listed + 1 if newest else 0, engagement, as_of)
    earlier = resumable_assessment(engagement, METHOD_VERSION)
    if earlier:
        try:
            if assessed := _assessed(engagement, as_of, rates, earlier):
                return assessed
        except ValueError:  # a state of an older format
            log.info("relationship %s is replayed: its state cannot be read", engagement.pk)
    return _assessed(engagement, as_of, rates, None)


def _assessed(
    engagement: Engagement, as_of: date, rates: Rates, earlier: AssessmentRow | None
) -> Assessed | None:
    """None where nothing was filled, or where `earlier` followed something else or with other values."""
    tail = {} if earlier is None else {"contact__session__gt": earlier.listed}
    about = {"contact__engagement": engagement, **tail}
    checkins = tuple(facts.current_checkins().filter(**about).select_related("contact"))
    reports = tuple(facts.current_reports().filter(**about).select_related("contact"))
    keys = tuple(facts.keys(checkins, reports))
    basis = Checkpoint.from_json(earlier.basis) if earlier else Checkpoint()
    series, digest = basis.with_facts(checkins, keys)
    chosen = relationships.followed(series, engagement.organisation_id)
    if chosen is None:
        return None
    instrument, rater = chosen
    row = newest_population(engagement.organisation_id, instrument, rater)
    if earlier and not _can_resume(earlier, instrument, rater, row):
        return None
    course = course_of(engagement, checkins, reports, instrument, rater, earlier.listed if earlier else None)
    population = _values(row.pk) if row else _prior(instrument)
    state = earlier.state if earlier else None
    result = tracker.assess(course, population, as_of, state, alarm_rate=rates)
    basis = replace(basis, series=series, facts=digest, rates=rates)
    assumed = row is None or population.assumed
    return Assessed(result, instrument, rater, row, assumed, checkins, keys, earlier, basis)


def _can_resume(
    earlier: AssessmentRow, instrument: Instrument, rater: Rater, population: PopulationRow | None
) -> bool:
    followed = (earlier.instrument, earlier.instrument_version, earlier.rater, earlier.population_id)
    return followed == (instrument.id, instrument.version, rater.value, population.pk if population else None)


def _with_todays(rates: Rates, session: int, engagement: Engagement, as_of: date) -> Rates:
    """The rates, extended by today's from `session` on if it differs from the last one."""
    weeks = Organisation.objects.get(pk=engagement.organisation_id).weeks_per_false_flag
    contact_rates = contacts_per_week(as_of, client=engagement.client_id).get(engagement.client_id, [])
    rate = alarm_rate(weeks, contact_rates)
    # A slightly different contact rate is no reason for another alarm threshold.
    if rates and abs(math.log(rate / rates[-1][1])) < SAME_RATE:
        return rates
    return (*(earlier for earlier in rates if earlier[0] < session), (session, rate))


def budget(organisation: Organisation, today: date) -> tuple[int, int, float]:
    """How many clients and clinicians work together now, and how many false flags to expect in a week."""
    rates = contacts_per_week(today, organisation=organisation.pk).values()
    weeks = organisation.weeks_per_false_flag
    now = current_engagements(today).filter(organisation=organisation)
    clinicians = now.values("clinician").distinct().count()
    return len(rates), clinicians, sum(flags_per_week(weeks, contact_rates) for contact_rates in rates)


def course_of(
    engagement: Engagement,
    checkins: Sequence[CheckIn],
    reports: Sequence[ContactReport],
    instrument: Instrument,
    rater: Rater,
    after: int | None = None,
) -> Course:
    """A relationship's facts as the science's record, oldest first; or only those `after` a session."""
    contacts = facts.current_contacts().filter(engagement=engagement).order_by("session")
    if after is not None:
        contacts = contacts.filter(session__gt=after)
    reports_by_contact: dict[UUID, list[ContactReport]] = {}
    for report in reports:
        reports_by_contact.setdefault(report.contact_id, []).append(report)
    return Course(
        client=engagement.client_id.hex,
        clinician=engagement.clinician_id.hex,
        instrument=instrument,
        checkins=tuple(sorted(map(_record, checkins), key=lambda checkin: checkin.session)),
        rater=rater,
        contacts=tuple(
            relationships.contact_of(contact, reports_by_contact.get(contact.pk, [])) for contact in contacts
        ),
        others=tuple(_instruments(engagement.organisation_id, checkins)),
        took_over=engagement.took_over_from_id is not None,
    )


def _instruments(organisation_id: UUID, checkins: Sequence[CheckIn]) -> list[Instrument]:
    return [
        instruments.find(organisation_id, name)
        for name in sorted({checkin.instrument for checkin in checkins})
    ]


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


def entry_of(checkin: CheckIn) -> columns.Entry:
    """A form as a file of ratings has it."""
    answers = {int(number): value for number, value in checkin.answers.items()}
    rater = Rater(checkin.rater)
    return columns.Entry(checkin.contact, rater, checkin.instrument, score_of(checkin), answers)


def score_items(instrument: Instrument, items: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Scores of many forms at once, for reading a file."""
    return scoring.score_columns(instrument, items)


def newest_population(organisation_id: UUID, instrument: Instrument, rater: Rater) -> PopulationRow | None:
    rows = PopulationRow.objects.filter(
        not_undone(), organisation=organisation_id, instrument=instrument.id, rater=rater.value
    )
    return next((row for row in rows.order_by("-made_at") if _values(row.pk).fits(instrument)), None)


def ratings_of(organisation_id: UUID) -> Ratings:
    """A programme's ratings, of clients who allow it, as one data set whose clients are relationships."""
    allowed = consents.may_use(consents.Purpose.NOTICING, "contact__engagement__client")
    of_programme = {"organisation": organisation_id}
    checkins = facts.current_checkins().filter(allowed, **of_programme).select_related("contact")
    reports = facts.current_reports().filter(allowed, **of_programme).select_related("contact")
    entries = [*map(entry_of, checkins), *filter(None, map(relationships.attendance, reports))]
    return columns.of(entries, instruments.known(organisation_id))


def learn(organisation_id: UUID, instrument: Instrument, rater: Rater) -> Population | None:
    """Learn a programme's values for one series from all its relationships.

    None if the search failed, and where no form of it is left, as after an import was undone.
    """
    ratings = ratings_of(organisation_id)
    if instrument.id not in {form.id for form in ratings.instruments}:
        return None
    try:
        return tracker.learn(ratings, instrument, rater=rater)
    except NotConverged:
        log.warning("no values could be learned for %s; those in use stay", instrument.id)
        return None


def values_of(organisation_id: UUID, instrument: Instrument, rater: Rater) -> Population:
    """The values in use for a series: those learned last, else the stated ones."""
    row = newest_population(organisation_id, instrument, rater)
    return _values(row.pk) if row else _prior(instrument)


@cache
def _prior(instrument: Instrument) -> Population:
    return tracker.prior(instrument)


@cache
def _values(population_id: UUID) -> Population:
    # Populations are facts: what was read once stays true, so each process reads it once.
    return Population.from_json(PopulationRow.objects.get(pk=population_id).values)
