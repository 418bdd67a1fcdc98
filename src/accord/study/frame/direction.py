"""Scales turned round, so that the numbers of a frame point one way.

A higher rating of the alliance is a better one, and a higher score of an outcome is a worse one. A scale that
runs the other way is turned: its low end plus its high end less the score. Spread and distances stay.
"""

from __future__ import annotations

from collections.abc import Iterator

from accord.arrays import Floats
from accord.records.ratings import Instrument, Ratings, Scoring
from accord.study.plan.resolve_plan import instrument_named
from accord.study.plan.study_plan import Plan


def upright_alliance(values: Floats, instrument: Instrument | None) -> Floats:
    """Scores of the alliance (forms,), higher is better."""
    if instrument is None or not instrument.lower_is_better:
        return values
    return instrument.low + instrument.high - values


def upright_facet(values: Floats, instrument: Instrument, numbers: tuple[int, ...]) -> Floats:
    """Scores of a subscale with these items (forms,), higher is better."""
    if not instrument.lower_is_better:
        return values
    options = [item.options for item in instrument.items if item.number in numbers]
    ends = sum(option[0].value + option[-1].value for option in options)
    return (ends / len(options) if instrument.scoring is Scoring.MEAN else ends) - values


def upright_outcome(values: Floats, instrument: Instrument | None) -> Floats:
    """Scores of an outcome (forms,), higher is worse."""
    if instrument is None or instrument.lower_is_better:
        return values
    return instrument.low + instrument.high - values


def turned(ratings: Ratings, plan: Plan) -> tuple[str, ...]:
    """Names of the instruments whose scores are turned round in the frame."""
    return tuple(sorted({instrument.id for instrument in _turned(ratings, plan)}))


def _turned(ratings: Ratings, plan: Plan) -> Iterator[Instrument]:
    for name in plan.alliance.values():
        instrument = instrument_named(ratings, name)
        if instrument and instrument.lower_is_better:
            yield instrument
    outcome = instrument_named(ratings, plan.outcome) if plan.outcome else None
    if outcome and not outcome.lower_is_better:
        yield outcome


def turning_notes(ratings: Ratings, plan: Plan) -> list[str]:
    """What is turned, for those who hold the files: a direction that was not declared shows here."""
    return [_note(instrument) for instrument in _turned(ratings, plan)]


def _note(instrument: Instrument) -> str:
    better, meaning = ("lower", "better") if instrument.lower_is_better else ("higher", "worse")
    ends = f"{instrument.low:g} + {instrument.high:g}"
    return (
        f"{instrument.id}: {better} is better on this scale; its scores are turned round ({ends} less the "
        f"score), so that a higher number is a {meaning} one"
    )
