"""Small made-up programmes for the study's tests: rows as a person would list them, and their tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from accord.exchange.ratings_frame import from_frame
from accord.instruments.catalogue import catalogue, get
from accord.records.care import END_REASONS, EpisodeTable, EventTable
from accord.records.ratings import NO_DAY, STATES, Findings
from accord.study.frame.study_frame import build
from accord.study.plan.resolve_plan import Material, resolved_plan
from accord.study.plan.study_plan import PlanRequest

EPOCH = date(1970, 1, 1)


def told_date(day):
    return None if day is None else (EPOCH + timedelta(days=day)).isoformat()


def ratings_of(forms):
    """Ratings as the reader makes them."""
    rows = [
        {
            "client": form.client, "clinician": form.clinician, "session": form.session,
            "date": told_date(form.day), "rater": form.rater, "instrument": form.instrument,
            "score": form.score,
        }
        for form in forms
    ]  # fmt: skip
    return from_frame(rows, instruments=catalogue()).ratings


def _codes(names):
    known = tuple(sorted(set(names)))
    return known, np.array([known.index(name) for name in names], dtype=np.int32)


def episodes_of(episodes):
    clients, client = _codes([episode.client for episode in episodes])
    arms, arm = _codes([episode.arm for episode in episodes])
    return EpisodeTable(
        clients, arms, client,
        np.array([episode.start for episode in episodes], dtype=np.int32),
        np.array([NO_DAY if episode.end is None else episode.end for episode in episodes], dtype=np.int32),
        np.array([END_REASONS.index(episode.reason) for episode in episodes], dtype=np.int8),
        arm.astype(np.int16), np.arange(2, len(episodes) + 2),
    )  # fmt: skip


def events_of(events):
    clients, client = _codes([event.client for event in events])
    kinds, kind = _codes([event.kind for event in events])
    return EventTable(
        clients, kinds, client, np.array([event.day for event in events], dtype=np.int32),
        kind.astype(np.int16), np.array([event.times for event in events], dtype=np.int32),
        np.arange(2, len(events) + 2),
    )  # fmt: skip


def findings_of(ratings, states):
    """Findings that say just these states, in the order of the codes of the ratings."""
    keys = sorted(
        (ratings.clients.index(client), ratings.clinicians.index(clinician), session, state)
        for (client, clinician, session), state in states.items()
    )
    client, clinician, session = (np.array([key[at] for key in keys], dtype=np.int32) for at in range(3))
    state = np.array([STATES.index(key[3]) for key in keys], dtype=np.int8)
    nothing, none = np.full(len(keys), np.nan), np.zeros(len(keys), dtype=bool)
    return Findings(
        get("SRS"), ratings.clients, ratings.clinicians, client, clinician, session,
        np.full(len(keys), NO_DAY, dtype=np.int32), nothing, nothing, nothing, nothing, nothing, nothing,
        state, none, nothing, np.zeros(len(keys), dtype=np.int8),
        np.zeros(len(keys), dtype=np.int8), "made up",
    )  # fmt: skip


@pytest.fixture
def made():
    """A frame of listed rows: made(forms, episodes, events, states, plan...)."""

    def build_it(forms, episodes, events=(), states=None, **asked):
        ratings = ratings_of(forms)
        material = Material(ratings, episodes_of(episodes), events_of(events) if events else None)
        plan, _ = resolved_plan(replace(PlanRequest(), **asked), material)
        result = findings_of(ratings, states) if states else None
        return build(material, result, plan)

    return build_it
