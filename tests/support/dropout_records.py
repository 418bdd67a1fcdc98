"""Records of leaving: from a simulated programme, with the true chances beside it."""

from __future__ import annotations

import numpy as np

from accord.instruments.catalogue import catalogue
from accord.records.ratings import NO_DAY, RATERS, Rater
from accord.science.dropout.record import CAME, MISSED, NEITHER, End, Record
from accord.simulator.generate import LEFT, Simulated, simulate
from accord.simulator.scenarios import SCENARIOS, Scenario, with_channel_strength

CHECKIN, ATTENDANCE, URGE_ITEM = "session-checkin", "attendance", 7
WITHOUT_SIGNS = with_channel_strength(SCENARIOS["programme"], 0.0)  # the hazard alone decides who leaves


def programme(clients: int, seed: int, scenario: Scenario | str = "programme") -> Simulated:
    return simulate(scenario, instruments=catalogue(), clients=clients, seed=seed)


def record_of(simulated: Simulated) -> Record:
    """What the site would hold of a simulated programme."""
    truth, ratings = simulated.truth, simulated.ratings
    alliance, urge = np.full(len(truth), np.nan), np.full(len(truth), np.nan)
    came = np.full(len(truth), CAME)
    place = _places(truth, ratings)
    of = [one.id for one in ratings.instruments]
    checkin = (ratings.instrument == of.index(CHECKIN)) & (ratings.rater == RATERS.index(Rater.CLIENT))
    instrument = ratings.instruments[of.index(CHECKIN)]
    alliance[place[checkin]] = (ratings.score[checkin] - instrument.low) / (instrument.high - instrument.low)
    if ratings.items is not None:
        urge[place[checkin]] = ratings.items[checkin, URGE_ITEM]
    if ATTENDANCE in of:
        kept = ratings.instrument == of.index(ATTENDANCE)
        came[place[kept]] = np.where(ratings.score[kept] == 1, CAME, MISSED)
    first_role = simulated.staff[0].role
    main = np.array([one.role == first_role for one in simulated.staff])[truth.clinician]
    end, end_day = _ends(simulated)
    order = np.lexsort((truth.day, truth.client))
    client, clinician, day = (
        column[order].astype(np.int64) for column in (truth.client, truth.clinician, truth.day)
    )
    return Record(
        int(truth.day.max()), client, clinician, day, came[order], main[order], np.ones(len(truth), bool),
        alliance[order], urge[order], day, end, end_day,
    )  # fmt: skip


def _places(truth, ratings) -> np.ndarray:
    """The row of the truth that each rating is about."""
    span = int(truth.session.max()) + 1
    staff = len(truth.clinicians)

    def key(one):
        return (one.client.astype(np.int64) * staff + one.clinician) * span + one.session

    return np.searchsorted(key(truth), key(ratings))


def _ends(simulated: Simulated) -> tuple[np.ndarray, np.ndarray]:
    table, clients = simulated.engagements, len(simulated.truth.clients)
    end = np.full(clients, int(End.ONGOING))
    end_day = np.full(clients, NO_DAY, dtype=np.int64)
    left = table.end == LEFT
    end[table.client[left]] = End.LEFT
    np.maximum.at(end_day, table.client[left], table.last_day[left])
    return end, end_day


SIGNS = {"+": CAME, "-": MISSED, "o": NEITHER}


def by_hand(lines, *, until, ends=None, ratings=None, known=None, urges=None, clinician=0) -> Record:
    """One line for each client: + came, - missed, o neither, each with its day. `ratings`, `known` and
    `urges` by (client, day); everybody was asked, and forms without a day of their own came on the day."""
    told = [
        (client, int(word[1:]), SIGNS[word[0]]) for client, line in enumerate(lines) for word in line.split()
    ]
    client, day, came = (np.array(column, dtype=np.int64) for column in zip(*told, strict=True))
    at = list(zip(client.tolist(), day.tolist(), strict=True))
    end, end_day = np.full(len(lines), int(End.ONGOING)), np.full(len(lines), NO_DAY, dtype=np.int64)
    for one, (how, when) in (ends or {}).items():
        end[one], end_day[one] = how, when
    return Record(
        until, client, np.full(len(day), clinician), day, came, np.ones(len(day), bool),
        np.ones(len(day), bool), np.array([(ratings or {}).get(one, np.nan) for one in at]),
        np.array([(urges or {}).get(one, np.nan) for one in at]),
        np.array([(known or {}).get(one, one[1]) for one in at]), end, end_day,
    )  # fmt: skip
