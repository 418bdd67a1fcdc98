"""The contacts behind a file of ratings, with each contact's row of the frame and clinician."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from accord.arrays import Bools, Floats, Ints
from accord.columns import group_ids
from accord.records.ratings import NO_DAY, Ratings
from accord.study.frame.people import OUTSIDE, People, Rows
from accord.study.plan.resolve_plan import DAYS_A_SESSION

MOST_CLINICIANS = 3
_LATE = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True, eq=False)
class Contacts:
    """A contact for each client, clinician and session; `of_rating` gives the contact of each rating."""

    client: Ints  # codes in the ratings
    person: Ints  # -1: not a person of the study
    clinician: Ints
    relationship: Ints
    session: Ints
    row: Ints  # of the frame, OUTSIDE where it lies in no period
    of_rating: Ints


def contacts_of(ratings: Ratings, people: People) -> tuple[Contacts, list[str]]:
    """The contacts, with notes on those that lie in no row.

    A session's date is the earliest of its forms. In a relationship without any date, sessions are weeks from
    the start of the episode.
    """
    first, of_rating = group_ids(ratings.client, ratings.clinician, ratings.session)
    person = people.codes(ratings.clients)[ratings.client[first]]
    _, relationship = group_ids(ratings.client[first], ratings.clinician[first])
    session = ratings.session[first].astype(np.int64)
    day = _days(ratings, of_rating, relationship, session, person, people)
    row = np.where(day == _LATE, OUTSIDE, people.row_of(person, np.where(day == _LATE, 0, day)))
    clinician = ratings.clinician[first].astype(np.int64)
    notes = _notes(ratings, person, first, day, row)
    client = ratings.client[first].astype(np.int64)
    return Contacts(client, person, clinician, relationship, session, row, of_rating), notes


def _days(
    ratings: Ratings, of_rating: Ints, relationship: Ints, session: Ints, person: Ints, people: People
) -> Ints:
    day = np.full(len(session), _LATE)
    known = ratings.day != NO_DAY
    np.minimum.at(day, of_rating[known], ratings.day[known].astype(np.int64))
    dated = np.bincount(relationship, day != _LATE) > 0
    began = np.full(len(dated), _LATE)
    np.minimum.at(began, relationship, session)
    weeks = people.start[np.maximum(person, 0)] + DAYS_A_SESSION * (session - began[relationship])
    return np.where(dated[relationship], day, weeks)


def _notes(ratings: Ratings, person: Ints, first: Ints, day: Ints, row: Ints) -> list[str]:
    notes = []
    if strangers := len(np.unique(ratings.client[first[person < 0]])):
        notes.append(f"{strangers:,} clients with ratings have no episode in the study and are left out")
    mine = person >= 0
    if undated := int((mine & (day == _LATE)).sum()):
        notes.append(f"{undated:,} sessions without a date, in relationships that have dates, are left out")
    if outside := int((mine & (day != _LATE) & (row == OUTSIDE)).sum()):
        notes.append(f"{outside:,} sessions before the start or after the end of their episode are left out")
    return notes


@dataclass(frozen=True, slots=True, eq=False)
class Treating:
    """The clinicians of each row: codes (rows, 3), -1 for none, and shares of the row's rated contacts.

    Shares add up to 1 over the three.
    """

    clinician: Ints
    weight: Floats


def treating(contacts: Contacts, rated: Bools, rows: Rows) -> Treating:
    """Up to three clinicians with most rated contacts in a period; without any, the most frequent one.

    `rated` marks contacts with a filled form. Ties go to the clinician with more contacts in all.
    """
    inside = contacts.row != OUTSIDE
    overall = _counted(contacts.relationship, rated & inside)
    anyway = _counted(contacts.relationship, inside)
    code = np.full((len(rows), MOST_CLINICIANS), -1, dtype=np.int64)
    count = np.zeros((len(rows), MOST_CLINICIANS))
    chosen = np.flatnonzero(inside & rated)
    first, place = group_ids(contacts.row[chosen], contacts.relationship[chosen])
    at, many = chosen[first], np.bincount(place, minlength=len(first))
    row, relationship = contacts.row[at], contacts.relationship[at]
    order = np.lexsort((contacts.clinician[at], -overall[relationship], -many, row))
    rank = _rank(row[order])
    kept = rank < MOST_CLINICIANS
    code[row[order][kept], rank[kept]] = contacts.clinician[at][order][kept]
    count[row[order][kept], rank[kept]] = many[order][kept]
    _fill(code, count, _usual(contacts, overall, anyway, inside, int(rows.person.max()) + 1)[rows.person])
    total = count.sum(axis=1, keepdims=True)
    return Treating(code, count / np.where(total > 0, total, 1.0))


def _counted(relationship: Ints, chosen: Bools) -> Ints:
    size = int(relationship.max(initial=-1)) + 1
    return np.bincount(relationship[chosen], minlength=size)


def _rank(groups: Ints) -> Ints:
    """Ranks 0, 1, ... within each stretch of equal values."""
    new = np.append(True, groups[1:] != groups[:-1])[: len(groups)]
    first = np.maximum.accumulate(np.where(new, np.arange(len(groups)), 0))
    return np.arange(len(groups)) - first


def _usual(contacts: Contacts, overall: Ints, anyway: Ints, inside: Bools, people: int) -> Ints:
    """Each person's clinician of most rated contacts, of most contacts where none was rated, or -1."""
    usual = np.full(people, -1, dtype=np.int64)
    mine = np.flatnonzero(inside)
    relationship = contacts.relationship[mine]
    best_last = np.lexsort(
        (-contacts.clinician[mine], anyway[relationship], overall[relationship], contacts.person[mine])
    )
    usual[contacts.person[mine][best_last]] = contacts.clinician[mine][best_last]
    return usual


def _fill(code: Ints, count: Floats, usual: Ints) -> None:
    alone = (code[:, 0] < 0) & (usual >= 0)
    code[alone, 0], count[alone, 0] = usual[alone], 1.0
