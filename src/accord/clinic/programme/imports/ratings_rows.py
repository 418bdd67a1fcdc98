"""Read an uploaded file and compare it with the record: rows to import, and rows that clash."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import numpy as np

from accord.clinic.facts import current as facts
from accord.clinic.facts import instruments
from accord.clinic.models import Contact, Engagement, Person
from accord.clinic.monitoring import assessment
from accord.clinic.policy import not_undone
from accord.clinic.programme.imports.uploads import Upload
from accord.errors import InputError
from accord.errors import message as _
from accord.exchange.ratings_csv import read_ratings
from accord.exchange.reading import BadCell, Reading
from accord.records.ratings import NO_DAY, RATERS, Instrument, Rater, Ratings

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Row:
    """One row of the file. `answers` by item number; `given_score` where no score follows from them."""

    line: int
    client: str
    clinician: str
    session: int
    day: date | None
    rater: Rater
    instrument: Instrument
    answers: Mapping[int, float]
    given_score: float | None

    @property
    def pair(self) -> tuple[str, str]:
        return self.client, self.clinician


def read(upload: Upload, organisation_id: UUID) -> Reading:
    """The file, with every row that cannot be read named. Raises `InputError` for what is no ratings file."""
    known = dict(instruments.known(organisation_id))
    if upload.scale:
        scale = upload.scale.instrument()
        if known.setdefault(scale.id.casefold(), scale) != scale:
            raise InputError(
                _("the range and direction that %(instrument)s has here", instrument=scale.id),
                column="instrument",
                found=_("others"),
            )
    try:
        with upload.opened() as path:
            return read_ratings(path, instruments=known, skip_bad=True, score=assessment.score_items)
    except InputError as error:  # the name of the temporary file means nothing to a reader
        raise InputError(
            error.expected, file=upload.filename, row=error.row, column=error.column, found=error.found
        ) from None


def rows(ratings: Ratings, clinician: str) -> Iterator[Row]:
    """The rows of a file; `clinician` is the code for a file that names none."""
    for at in range(len(ratings)):
        instrument = ratings.instruments[ratings.instrument[at]]
        answers = _answers(ratings, at, instrument)
        day = int(ratings.day[at])
        yield Row(
            line=int(ratings.line[at]),
            client=ratings.clients[ratings.client[at]],
            clinician=ratings.clinicians[ratings.clinician[at]] or clinician,
            session=int(ratings.session[at]),
            day=None if day == NO_DAY else EPOCH + timedelta(days=day),
            rater=RATERS[ratings.rater[at]],
            instrument=instrument,
            answers=answers,
            given_score=_given(float(ratings.score[at]), instrument, answers),
        )


def _answers(ratings: Ratings, at: int, instrument: Instrument) -> dict[int, float]:
    if ratings.items is None:
        return {}
    values = ratings.items[at]
    numbers = [item.number for item in instrument.items if item.number <= len(values)]
    return {number: float(values[number - 1]) for number in numbers if not math.isnan(values[number - 1])}


def _given(score: float, instrument: Instrument, answers: Mapping[int, float]) -> float | None:
    """The score to keep: none where it follows from the answers or the form was not filled."""
    if math.isnan(score):
        return None
    if not answers:
        return score
    items = np.array([[answers.get(item.number, math.nan) for item in instrument.items]])
    return None if not math.isnan(float(assessment.score_items(instrument, items)[0])) else score


def people(organisation_id: UUID, kind: str) -> dict[str, Person]:
    return {person.code: person for person in Person.objects.filter(organisation=organisation_id, kind=kind)}


def engagements(organisation_id: UUID) -> dict[tuple[str, str], Engagement]:
    """The newest relationship of each pair of codes; those of undone imports come last."""
    existing = Engagement.objects.filter(organisation=organisation_id).select_related(
        "client", "clinician", "batch"
    )
    ordered = sorted(
        existing,
        key=lambda engagement: (
            engagement.batch is None or engagement.batch.undone_at is None,
            engagement.since,
        ),
    )
    return {(engagement.client.code, engagement.clinician.code): engagement for engagement in ordered}


@dataclass(frozen=True)
class Known:
    """The record's data about the relationships of a file."""

    contacts: Mapping[tuple[str, str], Mapping[int, Contact]]
    filled: frozenset[tuple[str, str, int, str, str]]


def known(organisation_id: UUID) -> Known:
    contacts: dict[tuple[str, str], dict[int, Contact]] = {}
    current = facts.current_contacts().filter(not_undone("engagement__"), organisation=organisation_id)
    for contact in current.select_related("engagement__client", "engagement__clinician"):
        pair = contact.engagement.client.code, contact.engagement.clinician.code
        contacts.setdefault(pair, {})[contact.session] = contact
    names = [f"contact__engagement__{side}__code" for side in ("client", "clinician")]
    filled = facts.current_checkins().filter(organisation=organisation_id)
    return Known(contacts, frozenset(filled.values_list(*names, "contact__session", "rater", "instrument")))


def clash(row: Row, record: Known, today: date) -> BadCell | None:
    """Why a row cannot stand beside the record, if it cannot."""
    if (*row.pair, row.session, row.rater.value, row.instrument.id) in record.filled:
        return _bad(row, "session", str(row.session), _("a rating that the record does not hold already"))
    if row.day is None:
        return None
    if row.day > today:
        return _bad(row, "date", row.day.isoformat(), _("a date up to today, %(today)s", today=today))
    sessions = record.contacts.get(row.pair, {})
    same = sessions.get(row.session)
    if same and same.day and same.day != row.day:
        return _bad(
            row,
            "date",
            row.day.isoformat(),
            _("%(day)s, the date of this session in the record", day=same.day),
        )
    if same is None and _out_of_order(row, sessions):
        return _bad(
            row, "date", row.day.isoformat(), _("a date that rises with the session numbers in the record")
        )
    return None


def _out_of_order(row: Row, sessions: Mapping[int, Contact]) -> bool:
    dated = [(number, contact.day) for number, contact in sessions.items() if contact.day]
    return any((number < row.session and day > row.day) or (number > row.session and day < row.day)
               for number, day in dated if row.day)  # fmt: skip


def _bad(row: Row, column: str, found: str, expected: str) -> BadCell:
    return BadCell(row.line, column, found, expected, "")


def body(row: Row) -> dict[str, float]:
    return {str(number): value for number, value in row.answers.items()}


def totals_of_safety_forms(taken: list[Row]) -> int:
    """Rows of forms with safety items that came as totals: what was answered to those items is not known."""
    return sum(
        bool(row.instrument.safety_items) and not row.answers and row.given_score is not None for row in taken
    )
