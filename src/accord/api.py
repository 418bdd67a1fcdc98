"""accord from Python: ratings in, findings out."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from accord.errors import InputError
from accord.exchange.declared import Declared, Range
from accord.exchange.ratings_csv import read_ratings
from accord.exchange.ratings_frame import from_frame
from accord.exchange.reading import Progress, Reading
from accord.instruments.catalogue import by_range, catalogue
from accord.records.ratings import RATERS, Construct, Instrument, Rater, Ratings
from accord.result import ScanResult
from accord.science import scoring
from accord.science.tracker import assess
from accord.science.tracker.channels import used_beside
from accord.science.tracker.learning import NotConverged
from accord.science.tracker.population import Population

LARGEST_POPULATION_FILE = 1_000_000  # bytes; one is a few hundred
SHOW_PROGRESS_AFTER = 1.0  # seconds


def scan(
    source: Any,
    *,
    instrument: str | None = None,
    population: Population | str | os.PathLike[str] | None = None,
    alarm_rate: float = assess.ALARM_RATE,
    ranges: Mapping[str, Range] | Range | None = None,
    lower_is_better: bool | str | Sequence[str] = (),
    construct: Construct | str | None = None,
    skip_bad: bool = False,
    progress: bool = False,
) -> ScanResult:
    """Follow every relationship in `source` and say which ones need somebody's attention, and why.

    `source` is the path of a ratings CSV, a pandas, polars or other data frame, a mapping of columns or a
    list of dicts, with the columns of a ratings file. `instrument` names the series to follow (default: the
    client's alliance instrument with most rows). `population` gives learned values or their file; without it
    they are learned from `source`. `alarm_rate`: false alarms per calm session.
    A scale accord does not know needs its (low, high) in `ranges`, by name or alone, and where that holds
    `lower_is_better` (True, or names) and `construct`. With `skip_bad` rows that cannot be read are left out
    and kept in `result.bad`. Raises InputError for bad input.
    """
    _check_alarm_rate(alarm_rate)
    known = catalogue()
    declared = Declared(known, _ranges(ranges), _names(lower_is_better), _construct(construct), by_range)
    values = _population(population)
    reading = read_table(source, known, declared, skip_bad, progress)
    notes = [*reading.notes, *declared.check(reading.ratings.instruments)]
    followed, rater = followed_series(reading.ratings, instrument)
    notes.insert(0, _followed_note(reading.ratings, followed, rater))
    values, converged = learned(reading.ratings, followed, rater, values)
    with progress_bar("assessing", progress) as advance:
        findings = assess.assess_all(
            reading.ratings, followed, values, rater=rater, alarm_rate=alarm_rate, progress=advance
        )
    notes += _doubts(followed, values, converged)
    return ScanResult(
        findings,
        values,
        followed,
        rater,
        len(reading.ratings),
        reading.bad,
        skip_bad,
        tuple(notes),
        converged,
    )


def followed_series(ratings: Ratings, wanted: str | None = None) -> tuple[Instrument, Rater]:
    """The instrument to follow and whose ratings of it. InputError where only a name can tell."""
    if wanted is not None:
        chosen = next(
            (
                instrument
                for instrument in ratings.instruments
                if instrument.id.casefold() == wanted.casefold()
            ),
            None,
        )
        if chosen is None:
            there = ", ".join(instrument.id for instrument in ratings.instruments)
            raise InputError(f"an instrument of these ratings ({there})", column="instrument", found=wanted)
        return chosen, _most_frequent_rater(ratings, chosen)
    counts = {
        instrument: _rows(ratings, instrument, Rater.CLIENT)
        for instrument in ratings.instruments
        if instrument.construct is Construct.ALLIANCE
    }
    if any(counts.values()):
        return max(
            counts, key=lambda instrument: (counts[instrument], -ratings.instruments.index(instrument))
        ), Rater.CLIENT
    if len(ratings.instruments) > 1:
        raise InputError(
            "one instrument, or the name of the one to follow (--instrument ID, in Python instrument=)",
            column="instrument",
            found=", ".join(instrument.id for instrument in ratings.instruments)
            + " and no client's alliance rating",
        )
    return ratings.instruments[0], _most_frequent_rater(ratings, ratings.instruments[0])


def load_population(path: str | os.PathLike[str]) -> Population:
    """Read values that were saved before. InputError for a missing file or one that holds something else."""
    place, expected = Path(path), "a file written by --save-population"
    try:
        if place.stat().st_size > LARGEST_POPULATION_FILE:
            raise InputError(expected, file=str(path), found="a much larger file")
        values = json.loads(place.read_text("utf-8"))
    except FileNotFoundError:
        raise InputError(expected, file=str(path), found="no such file") from None
    except (OSError, ValueError, RecursionError):
        raise InputError(expected, file=str(path), found="something else") from None
    if not isinstance(values, dict):
        raise InputError(expected, file=str(path), found=f"a JSON {type(values).__name__}")
    return Population.from_json(values, str(path))


def _check_alarm_rate(rate: float) -> None:
    if not assess.LOWEST_RATE <= rate <= assess.HIGHEST_RATE:
        expected = f"an alarm rate from {assess.LOWEST_RATE} to {assess.HIGHEST_RATE}"
        raise InputError(expected, found=str(rate))


def _ranges(given: Mapping[str, Range] | Range | None) -> Mapping[str, Range]:
    if given is None:
        return {}
    return given if isinstance(given, Mapping) else {"": given}


def _names(given: bool | str | Sequence[str]) -> Sequence[str]:
    if isinstance(given, bool):
        return ("",) if given else ()
    return (given,) if isinstance(given, str) else given


def _construct(given: Construct | str | None) -> Construct | None:
    if given is not None and given not in list(Construct):
        raise InputError(f"one of {', '.join(Construct)}", column="construct", found=repr(given))
    return None if given is None else Construct(given)


def _population(given: Population | str | os.PathLike[str] | None) -> Population | None:
    return given if given is None or isinstance(given, Population) else load_population(given)


def read_table(
    source: Any, known: Mapping[str, Instrument], declared: Declared, skip_bad: bool, progress: bool
) -> Reading:
    """The ratings of a file, or of a table in memory, scored."""
    read: Any = read_ratings if isinstance(source, str | os.PathLike) else from_frame
    with progress_bar("reading", progress) as advance:
        reading: Reading = read(
            source,
            instruments=known,
            skip_bad=skip_bad,
            progress=advance,
            unknown=declared,
            score=scoring.score_columns,
        )
    return reading


def learned(
    ratings: Ratings, followed: Instrument, rater: Rater, given: Population | None = None
) -> tuple[Population, bool]:
    """The programme's values, learned unless they are given, and whether the search for them converged."""
    if given is not None:
        return given, True
    try:
        return assess.learn(ratings, followed, rater=rater), True
    except NotConverged as error:
        return error.population, False


def _rows(ratings: Ratings, instrument: Instrument, rater: Rater) -> int:
    code = ratings.instruments.index(instrument)
    return int(np.sum((ratings.instrument == code) & (ratings.rater == RATERS.index(rater))))


def _most_frequent_rater(ratings: Ratings, instrument: Instrument) -> Rater:
    """The client, whose rating comes first, or else the most frequent rater."""
    counts = {rater: _rows(ratings, instrument, rater) for rater in RATERS}
    return Rater.CLIENT if counts[Rater.CLIENT] else max(counts, key=lambda rater: counts[rater])


def _followed_note(ratings: Ratings, followed: Instrument, rater: Rater) -> str:
    used = [
        instrument.id for instrument in used_beside(ratings, followed, rater) if instrument is not followed
    ]
    unused = [
        instrument.id
        for instrument in ratings.instruments
        if instrument is not followed and instrument.id not in used
    ]
    note = f"followed: {followed.id} ({followed.low:g}-{followed.high:g}), rated by the {rater}"
    note += f"; beside it: {', '.join(used)}" if used else ""
    return note + (f"; also in the file, not used: {', '.join(unused)}" if unused else "")


def _doubts(followed: Instrument, values: Population, converged: bool) -> list[str]:
    doubts = []
    if not converged:
        doubts.append(
            "the search for the programme's values did not converge: take these findings with caution"
        )
    if values.assumed:
        doubts.append(f"the reliability of {followed.id} is assumed, not checked at its source")
    if not followed.validated:
        doubts.append(f"{followed.id} is not validated")
    return doubts


@contextmanager
def progress_bar(doing: str, on: bool) -> Iterator[Progress | None]:
    """A progress bar on stderr for work that takes longer than a moment."""
    if not on:
        yield None
        return
    from tqdm import tqdm

    with tqdm(desc=doing, delay=SHOW_PROGRESS_AFTER, leave=False, file=sys.stderr, unit_scale=True) as bar:

        def advance(done: int, whole: int) -> None:
            bar.total = whole
            bar.update(done - bar.n)

        yield advance
