"""Ratings by period: facets of the alliance by rater, the outcome, forms not filled."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from accord.arrays import Bools, Floats, Ints
from accord.records.ratings import RATERS, Rater, Ratings
from accord.science.multilevel.centring import Split, detrended, latent_mean, person_mean
from accord.science.scoring import score_columns
from accord.study.frame.contacts import Contacts
from accord.study.frame.direction import upright_alliance, upright_facet, upright_outcome
from accord.study.frame.people import OUTSIDE, Rows
from accord.study.plan.resolve_plan import WHOLE, has_items, instrument_named, rows_of
from accord.study.plan.study_plan import Centring, Plan


def facet_means(
    ratings: Ratings, contacts: Contacts, rows: Rows, plan: Plan
) -> dict[tuple[str, str], Floats]:
    """Mean of all forms filled in a period, by facet and rater, higher is better; NaN without any."""
    means = {}
    for rater, name in plan.alliance.items():
        chosen = rows_of(ratings, name, rater)
        for facet in plan.facets:
            values = _facet(ratings, name, facet, chosen)
            means[facet, rater] = period_means(values, contacts.row[contacts.of_rating[chosen]], len(rows))
    return means


def _facet(ratings: Ratings, name: str, facet: str, chosen: Bools) -> Floats:
    instrument = instrument_named(ratings, name)
    if facet == WHOLE:
        return upright_alliance(ratings.score[chosen], instrument)
    numbers = (
        {subscale.name: subscale.items for subscale in instrument.subscales}.get(facet)
        if instrument
        else None
    )
    if not instrument or not numbers or ratings.items is None or not has_items(ratings, instrument):
        return np.full(int(chosen.sum()), np.nan)
    items = ratings.items[chosen][:, : len(instrument.items)]
    scores = score_columns(replace(instrument, scored=numbers), items)
    return upright_facet(scores, instrument, numbers)


def period_means(values: Floats, row: Ints, rows: int) -> Floats:
    """Means of known values (values,) by row of the frame; NaN where there are none."""
    kept = (row != OUTSIDE) & ~np.isnan(values)
    count = np.bincount(row[kept], minlength=rows)
    total = np.bincount(row[kept], values[kept], minlength=rows)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def outcome_means(ratings: Ratings, contacts: Contacts, rows: Rows, outcome: str) -> Floats:
    """The outcome's mean by period, higher is worse; by the client, else by the rater with most forms."""
    by_rater = {rater: rows_of(ratings, outcome, rater) & ~np.isnan(ratings.score) for rater in RATERS}
    rater = (
        Rater.CLIENT
        if by_rater[Rater.CLIENT].any()
        else max(RATERS, key=lambda of_rater: by_rater[of_rater].sum())
    )
    chosen = by_rater[rater]
    values = upright_outcome(ratings.score[chosen], instrument_named(ratings, outcome))
    return period_means(values, contacts.row[contacts.of_rating[chosen]], len(rows))


def asked_forms(ratings: Ratings, plan: Plan) -> Bools:
    """Ratings that are alliance forms of the plan's raters, filled or not."""
    asked = np.zeros(len(ratings), dtype=bool)
    for rater, name in plan.alliance.items():
        asked |= rows_of(ratings, name, rater)
    return asked


def rated_contacts(ratings: Ratings, contacts: Contacts, asked: Bools) -> Bools:
    """Contacts with at least one filled form of the alliance."""
    filled = asked & ~np.isnan(ratings.score)
    rated = np.zeros(len(contacts.session), dtype=bool)
    rated[contacts.of_rating[filled]] = True
    return rated


def form_counts(contacts: Contacts, forms: Bools, rows: Rows) -> Floats:
    """Number of these rows of the ratings in each period."""
    row = contacts.row[contacts.of_rating[forms]]
    return np.bincount(row[row != OUTSIDE], minlength=len(rows)).astype(np.float64)


def split(value: Floats, rows: Rows, centring: Centring) -> Split:
    """Between and within parts by the plan's centring, over all of a person's periods with a rating.

    A person with one such period has a between part and no within part: one value does not show what is
    usual.
    """
    if centring is Centring.DETRENDED:
        parts = detrended(value, rows.person, rows.period.astype(np.float64))
    elif centring is Centring.LATENT_MEAN:
        parts = latent_mean(value, rows.person)
    else:
        parts = person_mean(value, rows.person)
    known = np.bincount(rows.person, ~np.isnan(value))
    return Split(parts.between, np.where(known[rows.person] >= 2, parts.within, np.nan))
