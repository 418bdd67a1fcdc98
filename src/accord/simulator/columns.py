"""From arrays of sessions x relationships to the columns of a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accord.records.ratings import RATERS, Instrument, Rater, Ratings
from accord.simulator.layout import Layout
from accord.simulator.schedule import Grid

FIRST_LINE = 2  # of a file, below its header


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One instrument from one rater. `asked`: the sessions it has a row for; NaN: not filled."""

    instrument: Instrument
    rater: Rater
    asked: NDArray[np.bool_]
    score: NDArray[np.float64]
    items: NDArray[np.float64] | None = None  # (sessions, relationships, items)


def rows_of(mask: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """(session index, relationship) of the true cells, ordered by relationship and session."""
    relationship, session = np.nonzero(mask.T)
    return session, relationship


def ratings(layout: Layout, grid: Grid, series: Sequence[Series]) -> Ratings:
    """Columns ordered by client, clinician, session, instrument and rater."""
    instruments = sorted(
        {form.instrument.id: form.instrument for form in series}.values(),
        key=lambda instrument: instrument.id.casefold(),
    )
    code_of = {instrument.id: code for code, instrument in enumerate(instruments)}
    places = [rows_of(form.asked) for form in series]
    session = np.concatenate([place[0] for place in places])
    relationship = np.concatenate([place[1] for place in places])
    instrument = _repeated([code_of[form.instrument.id] for form in series], places).astype(np.int16)
    rater = _repeated([RATERS.index(form.rater) for form in series], places).astype(np.int8)
    score = np.concatenate([form.score[place] for form, place in zip(series, places, strict=True)])
    items = _items(series, places)
    if len(series) > 1:
        order = np.lexsort((rater, instrument, session, relationship))
        session, relationship, score = session[order], relationship[order], score[order]
        instrument, rater = instrument[order], rater[order]
        items = None if items is None else items[order]
    return Ratings(
        clients=layout.clients,
        clinicians=tuple(staff.id for staff in layout.staff),
        instruments=tuple(instruments),
        client=layout.client[relationship],
        clinician=layout.clinician[relationship],
        session=(session + 1).astype(np.int32),
        day=grid.day[session, relationship],
        rater=rater,
        instrument=instrument,
        score=score,
        line=np.arange(FIRST_LINE, FIRST_LINE + len(score), dtype=np.int64),
        items=items,
    )


Places = list[tuple[NDArray[np.intp], NDArray[np.intp]]]


def _repeated(codes: list[int], places: Places) -> NDArray[np.int16]:
    return np.repeat(np.array(codes, dtype=np.int16), [len(session) for session, _ in places])


def _items(series: Sequence[Series], places: Places) -> NDArray[np.float64] | None:
    width = max((form.items.shape[-1] for form in series if form.items is not None), default=0)
    if not width:
        return None
    parts = [
        np.full((len(place[0]), width), np.nan) if form.items is None else form.items[place]
        for form, place in zip(series, places, strict=True)
    ]
    return np.concatenate(parts)
