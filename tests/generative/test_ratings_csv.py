"""Ratings written and read back are the same, in whatever order the rows stand."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from accord.errors import InputError
from accord.exchange.csv_cells import FORMULA_STARTERS
from accord.exchange.ratings_csv import read_ratings, write_ratings
from accord.exchange.ratings_frame import from_frame
from accord.instruments.catalogue import catalogue
from accord.records.ratings import NO_DAY, RATERS, Ratings

IDS = st.text(max_size=6).filter(
    lambda t: t.isprintable() and t == t.strip(" ") and not t.startswith(FORMULA_STARTERS)
)
INSTRUMENTS = tuple(catalogue()[key] for key in ("attendance", "bsl-23", "srs", "wai-sr"))
COLUMNS = ("client", "clinician", "session", "day", "rater", "instrument", "score")


@st.composite
def tables(draw: st.DrawFn) -> Ratings:
    """Any ratings a table can hold: unsorted, with gaps, unknown dates and forms that were not filled."""
    clients = sorted(draw(st.sets(IDS.filter(bool), min_size=1, max_size=4)))
    clinicians = sorted(draw(st.sets(IDS, min_size=1, max_size=2)))
    key = st.tuples(
        st.integers(0, len(clients) - 1),
        st.integers(0, len(clinicians) - 1),
        st.integers(0, 900),
        st.integers(0, len(RATERS) - 1),
        st.integers(0, len(INSTRUMENTS) - 1),
    )
    keys = draw(st.lists(key, unique=True, min_size=1, max_size=25))
    client, clinician, session, rater, instrument = np.array(keys).T
    dated = np.array(draw(st.lists(st.booleans(), min_size=len(keys), max_size=len(keys))))
    return Ratings(
        clients=tuple(clients),
        clinicians=tuple(clinicians),
        instruments=INSTRUMENTS,
        client=client.astype(np.int32),
        clinician=clinician.astype(np.int32),
        session=session.astype(np.int32),
        day=np.where(dated, 7 * session - 3000, NO_DAY).astype(np.int32),
        rater=rater.astype(np.int8),
        instrument=instrument.astype(np.int16),
        score=np.array([draw(scores(INSTRUMENTS[code].low, INSTRUMENTS[code].high)) for code in instrument]),
        line=np.arange(2, len(keys) + 2),
    )


def scores(low: float, high: float) -> st.SearchStrategy[float]:
    return st.just(float("nan")) | st.floats(low, high)


def rows_of(ratings: Ratings) -> list[tuple[object, ...]]:
    """The rows as texts and numbers, sorted, whatever codes they have in the columns."""
    columns = [getattr(ratings, name).tolist() for name in COLUMNS]
    result = [
        (
            ratings.clients[client], ratings.clinicians[clinician], session, day, rater,
            ratings.instruments[instrument].id, None if score != score else score,
        )
        for client, clinician, session, day, rater, instrument, score in zip(*columns, strict=True)
    ]  # fmt: skip
    return sorted(result, key=repr)


@given(tables())
def test_ratings_written_read_back_the_same(ratings: Ratings) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ratings.csv"
        write_ratings(path, ratings)
        back = read_ratings(path, instruments=catalogue())
    assert rows_of(back.ratings) == rows_of(ratings)
    assert back.ratings.line.tolist() == ratings.line.tolist()


@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_only_the_order_of_rows(ratings: Ratings, chance: random.Random) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ratings.csv"
        write_ratings(path, ratings)
        header, *lines = path.read_text(encoding="utf-8").splitlines()
        first = read_ratings(path, instruments=catalogue()).ratings
        order = chance.sample(range(len(lines)), len(lines))
        path.write_text("\n".join([header, *(lines[at] for at in order)]), encoding="utf-8")
        second = read_ratings(path, instruments=catalogue()).ratings
    for name in ("clients", "clinicians", "instruments"):
        assert getattr(first, name) == getattr(second, name)
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(first, name)[order], getattr(second, name))


@given(tables())
def test_a_table_in_memory_reads_like_its_file(ratings: Ratings) -> None:
    table = {
        "client": [ratings.clients[code] for code in ratings.client],
        "clinician": [ratings.clinicians[code] for code in ratings.clinician],
        "session": ratings.session,
        "date": [None if day == NO_DAY else np.datetime64(int(day), "D") for day in ratings.day],
        "rater": [RATERS[code] for code in ratings.rater],
        "instrument": [ratings.instruments[code].id for code in ratings.instrument],
        "score": ratings.score,
    }
    assert rows_of(from_frame(table, instruments=catalogue()).ratings) == rows_of(ratings)


CELLS = st.sampled_from(
    ["", "1", "2", "A", "=A", "SRS", "client", "2025-01-01", "nan", "9e9", '"', '"a"', "\r", "ü", "1,2", "\n"]
) | st.text(max_size=4)


@given(st.lists(st.lists(CELLS, max_size=8).map(",".join), max_size=12), st.booleans())
def test_any_text_is_read_or_refused_with_an_input_error_only(lines: list[str], skip_bad: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ratings.csv"
        text = "\n".join(["client,session,date,instrument,score", "Z,1,2025-01-01,SRS,1", *lines])
        path.write_bytes(text.encode("utf-8", errors="surrogatepass"))
        try:
            reading = read_ratings(path, instruments=catalogue(), skip_bad=skip_bad)
        except InputError:
            return
    taken = set(reading.ratings.line.tolist())
    assert taken.isdisjoint(cell.row for cell in reading.bad)
    assert 2 in taken or any(cell.row == 2 for cell in reading.bad)
