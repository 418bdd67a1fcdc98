"""Read an uploaded file of ratings: its rows, those that cannot be read, and its text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

import numpy as np

from accord.clinic.facts import instruments
from accord.clinic.monitoring import assessment
from accord.clinic.programme.imports.uploads import Upload
from accord.errors import InputError
from accord.errors import message as _
from accord.exchange.ratings_csv import read_ratings
from accord.exchange.reading import BadCell, Reading
from accord.exchange.text_table import TextTable, read_text
from accord.records.ratings import NO_DAY, RATERS, Instrument, Rater, Ratings

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Row:
    """One row of the file. `answers` by item number; `given_score` where no score follows from them.

    `check`: what recognises the client besides the code, where the file has that column.
    """

    line: int
    client: str
    clinician: str
    session: int
    day: date | None
    rater: Rater
    instrument: Instrument
    answers: Mapping[int, float]
    given_score: float | None
    check: str = ""

    @property
    def pair(self) -> tuple[str, str]:
        return self.client, self.clinician


@dataclass(frozen=True)
class File:
    """A file of ratings. `bad`: rows that cannot be read; `known`: the instruments it may name, by id."""

    rows: Sequence[Row]
    bad: tuple[BadCell, ...]
    notes: tuple[str, ...]
    text: TextTable
    known: Mapping[str, Instrument]


def read(upload: Upload, organisation_id: UUID, clinician: str) -> File:
    """The file, with every row that cannot be read named; `clinician` is the code where it names none.

    Raises `InputError` for what is no ratings file.
    """
    known = _instruments(upload, organisation_id)
    try:
        with upload.opened() as path:
            reading = read_ratings(
                path, instruments=known, skip_bad=True, score=assessment.score_items, may_be_empty=True
            )
            text = read_text(path)
    except InputError as error:  # the name of the temporary file means nothing to a reader
        raise InputError(
            error.expected, file=upload.filename, row=error.row, column=error.column, found=error.found
        ) from None
    return File(_checked(reading, text, clinician), reading.bad, reading.notes, text, known)


def _instruments(upload: Upload, organisation_id: UUID) -> Mapping[str, Instrument]:
    known = dict(instruments.known(organisation_id))
    if upload.scale:
        scale = upload.scale.instrument()
        if known.setdefault(scale.id.casefold(), scale) != scale:
            raise InputError(
                _("the range and direction that %(instrument)s has here", instrument=scale.id),
                column="instrument",
                found=_("others"),
            )
    return known


def _checked(reading: Reading, text: TextTable, clinician: str) -> list[Row]:
    """The rows, each with what the file says in its column `check`."""
    checks = text.column("check")
    return [
        replace(row, check=checks[row.line]) if row.line in checks else row
        for row in rows(reading.ratings, clinician)
    ]


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


def body(row: Row) -> dict[str, float]:
    return {str(number): value for number, value in row.answers.items()}


def totals_of_safety_forms(taken: list[Row]) -> int:
    """Rows of forms with safety items that came as totals: what was answered to those items is not known."""
    return sum(
        bool(row.instrument.safety_items) and not row.answers and row.given_score is not None for row in taken
    )
