"""Dictionary of the frame: each column's meaning, unit, gaps, and how it was made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from accord.records.care import END_REASONS
from accord.study.frame.study_frame import Frame
from accord.study.plan.study_plan import Centring
from accord.study.release.released_frame import Released

_PLAIN = ("count", "days", "periods", "share")  # units that the words name already
HEADER = ("column", "meaning", "unit", "values", "missing", "how_made")

_SPLIT = {
    Centring.PERSON_MEAN: "the person's mean over all their periods with a rating, less the mean over people",
    Centring.DETRENDED: "the person's mean over all their periods with a rating, less the mean over people; "
    "within is taken from the person's own straight line over time",
    Centring.LATENT_MEAN: "the person's mean over all their periods with a rating, drawn towards the mean "
    "over people by its reliability, less that mean",
}


class Type(StrEnum):
    TEXT = "text"
    WHOLE = "whole number"
    NUMBER = "number"


class Entry(NamedTuple):
    """A line of the dictionary; `type` says how Parquet keeps it."""

    column: str
    type: Type
    meaning: str
    unit: str
    values: str
    missing: str
    made: str

    def cells(self) -> tuple[str, ...]:
        return self.column, self.meaning, self.unit, self.values, self.missing, self.made


def entries(released: Released) -> list[Entry]:
    """Entries for all columns, in the frame's order."""
    by_column = {entry.column: entry for entry in _all(released)}
    return [by_column[name] for name in released.frame.columns]


def _all(released: Released) -> Iterator[Entry]:
    yield from _people(released)
    yield from _clinicians(released)
    yield from _time(released)
    yield from _alliance(released.frame)
    yield from _outcomes(released.frame)


def _people(released: Released) -> Iterator[Entry]:
    k, arms = released.frame.plan.minimum_cell, sorted(set(released.frame.columns["arm"].tolist()))
    made = "as in the file of episodes"
    if released.together:
        made += f"; arms of fewer than {k} people are put together"
    if released.dropped:
        made += f"; arms of fewer than {k} people are left out"
    yield Entry(
        "client", Type.TEXT, "a person", "", "", "never",
        "a random id, drawn anew each time and kept nowhere else. The rows are de-identified, not anonymous: "
        "somebody who knows a person well may recognise them, so keep the file as you keep a record",
    )  # fmt: skip
    yield Entry("arm", Type.TEXT, "treatment arm", "", "; ".join(arms), "never", made)
    reasons = "; ".join(END_REASONS)
    yield Entry(
        "end_reason", Type.TEXT, "how the episode ended, in its last row", "", reasons,
        "in all other rows, and where the last periods are not kept", "as in the file of episodes",
    )  # fmt: skip
    leaving = ", ".join(released.frame.plan.leaving)
    yield Entry(
        "left", Type.WHOLE, "the person left treatment in this period", "", "0; 1", "never",
        f"1 in the last row where the end was one of: {leaving}; dated at the last attended contact. All "
        "other ends, and ongoing treatment, are the end of what is known",
    )  # fmt: skip


def _clinicians(released: Released) -> Iterator[Entry]:
    names = ("clinician", "clinician_2", "clinician_3")
    gap = "where there was none, or ratings name none"
    if not released.clinicians:
        gap = "always: fewer than 5 clinicians could be recognised"
    for place, name in enumerate(names):
        rank = ("most", "second most", "third most")[place]
        made = "a random id; of equally many the one with more contacts in all"
        if not place:
            made += "; in a period without a rated contact the person's most frequent one"
        yield Entry(
            name, Type.TEXT, f"the clinician of the {rank} rated contacts in the period", "", "", gap, made
        )
        yield Entry(
            f"weight_{place + 1}", Type.NUMBER, f"share of {name} in the period's rated contacts", "share",
            "0 to 1", "never", "the three shares add up to 1; 0 where there is no such clinician",
        )  # fmt: skip


def _time(released: Released) -> Iterator[Entry]:
    days, k = released.frame.plan.period_days, released.frame.plan.minimum_cell
    made = f"periods of {days} days from the first day of the episode"
    if released.cut:
        ends = "; ".join(f"{arm}: {last}" for arm, last in sorted(released.cut.items()))
        made += f". Periods reached by fewer than {k} people of an arm are not kept; last ones kept: {ends}"
    yield Entry("period", Type.WHOLE, "number of the period", "periods", "0 and up", "never", made)
    yield Entry(
        "start_day", Type.WHOLE, "first day of the period", "days from the start of the episode", "0 and up",
        "never", "calendar dates are not kept",
    )  # fmt: skip
    yield Entry(
        "days", Type.WHOLE, "days under observation in the period", "days", f"1 to {days}", "never",
        "to the last attended contact, or to the end of the record where treatment goes on",
    )  # fmt: skip
    for name, meaning, how in (
        ("sessions", "contacts with at least one filled form of the alliance", ""),
        ("forms", "forms of the alliance that the ratings list, filled or not", "of the raters of the plan"),
        (
            "missing_forms",
            "forms of the alliance without an answer",
            "an empty form is never taken for a rating",
        ),
    ):
        yield Entry(name, Type.WHOLE, meaning, "count", "0 and up", "never", how)


def _alliance(frame: Frame) -> Iterator[Entry]:
    lag = earlier(frame)
    for rater, instrument in frame.plan.alliance.items():
        for facet in frame.facets:
            name, unit = f"{facet}_{rater}", _points(frame, instrument)
            who = f"{facet} by the {rater}"
            yield Entry(
                name, Type.NUMBER, who, unit, "", "no form was filled in the period",
                "mean of all forms filled in the period, with all clinicians",
            )  # fmt: skip
            yield Entry(
                f"{name}_between", Type.NUMBER, f"{who}: the person's own level", unit, "",
                "no form was ever filled", _SPLIT[frame.plan.centring],
            )  # fmt: skip
            yield Entry(
                f"{name}_within", Type.NUMBER, f"{who}: this period against the own level", unit, "",
                "no form was filled, or in one period only", "the period's mean less the own level",
            )  # fmt: skip
            yield Entry(
                f"{name}_within_lag", Type.NUMBER, f"{name}_within {lag}", unit, "",
                "missing then, or no such period", "of the same person",
            )  # fmt: skip


def _points(frame: Frame, instrument: str) -> str:
    turned = ", turned round: its low end plus its high end less the score"
    return f"points of {instrument}{turned if instrument in frame.turned else ''}"


def _outcomes(frame: Frame) -> Iterator[Entry]:
    for column in frame.kinds:
        kind = f"{column.replace('_', '-')}, how often in the period"
        made = "summed over the period; 0 where the file of events has none"
        yield from _lagged(frame, column, Type.WHOLE, kind, "count", "0 and up", "never", made)
    unit = _points(frame, frame.outcome or "")
    yield from _lagged(
        frame, "outcome", Type.NUMBER, f"{frame.outcome}", unit, "", "no form was filled in the period",
        "mean of the forms filled in the period",
    )  # fmt: skip
    tracker = (
        "from the ratings and what came beside them, with values learned from the whole file; about half of "
        "ruptures leave no mark"
    )
    unknown = "the tracker could not say: no ratings, too few, or all at one end of the scale"
    yield from _lagged(
        frame,
        "rupture",
        Type.WHOLE,
        "the tracker found a rupture in a session of the period",
        "",
        "0; 1",
        unknown,
        tracker,
    )
    yield from _lagged(
        frame, "unrepaired", Type.WHOLE, "a rupture was open at the end of the period", "", "0; 1", unknown,
        f"open: the ratings were not back; nobody was asked whether it was settled. {tracker}",
    )  # fmt: skip


def _lagged(
    frame: Frame, column: str, kind: Type, meaning: str, unit: str, values: str, missing: str, made: str
) -> Iterator[Entry]:
    yield Entry(column, kind, meaning, unit, values, missing, made)
    yield Entry(
        f"{column}_lag", kind, f"{column} {earlier(frame)}", unit, values, "missing then, or no such period",
        "of the same person",
    )  # fmt: skip


def in_short(lines: Sequence[Entry]) -> tuple[tuple[str, str], ...]:
    """Each column but the lagged ones, with its description in one text."""
    kept = [entry for entry in lines if not entry.column.endswith("_lag")]
    return tuple((entry.column, _sentences(entry)) for entry in kept)


def _sentences(entry: Entry) -> str:
    unit = f" ({entry.unit})" if entry.unit and entry.unit not in _PLAIN else ""
    sentences = [f"{entry.meaning}{unit}", entry.made]
    sentences = [text[0].upper() + text[1:] for text in sentences if text]
    return ". ".join(sentences) + "."


def earlier(frame: Frame) -> str:
    lag = frame.plan.lag
    return "one period earlier" if lag == 1 else f"{lag} periods earlier"


def missing_share(frame: Frame, column: str) -> float:
    """Share of rows in which a column has a gap."""
    values = frame.columns[column]
    gaps = values == "" if values.dtype == object else np.isnan(values)
    return float(gaps.mean())
