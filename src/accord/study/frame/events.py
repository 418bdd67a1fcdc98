"""Events counted by period, and ruptures by the tracker's findings."""

from __future__ import annotations

import numpy as np

from accord.arrays import Bools, Floats, Ints
from accord.columns import lexsort_stable
from accord.exchange.csv_cells import MOST_SESSIONS
from accord.records.care import EventTable
from accord.records.ratings import STATES, Construct, Findings, State
from accord.study.frame.contacts import Contacts
from accord.study.frame.people import OUTSIDE, People, Rows

_RUPTURE = STATES.index(State.RUPTURE)
_SAYS = [STATES.index(state) for state in (State.RUPTURE, State.BACK, State.STRAIN, State.STEADY)]


def event_counts(
    events: EventTable | None, kinds: tuple[str, ...], people: People, rows: Rows
) -> tuple[dict[str, Floats], list[str]]:
    """Counts (rows,) of each kind, 0 where none is in the record; and notes on events in no period."""
    if events is None or not len(events):
        return {kind: np.zeros(len(rows)) for kind in kinds}, []
    person = people.codes(events.clients)[events.client]
    row = people.row_of(person, events.day)
    count, notes = {}, []
    for kind in kinds:
        code = events.kinds.index(kind) if kind in events.kinds else -1
        chosen = events.kind == code
        inside = chosen & (row != OUTSIDE)
        count[kind] = np.bincount(row[inside], events.count[inside], minlength=len(rows)).astype(np.float64)
        if outside := int(events.count[chosen & (person >= 0) & (row == OUTSIDE)].sum()):
            notes.append(f"{kind}: {outside:,} outside the episode of their client, not counted")
    return count, notes


def ruptures(findings: Findings | None, contacts: Contacts, rows: Rows) -> dict[str, Floats]:
    """`rupture`: the tracker found one in a session of the period; `unrepaired`: one was open at its end.

    Open means that ratings were not back; no person was asked. A relationship counts for a period by its last
    session in it; an open rupture without later findings stays open for one period more. NaN where the
    tracker has no state.
    """
    rupture, unrepaired = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    if findings is None or findings.instrument.construct is not Construct.ALLIANCE:
        return {"rupture": rupture, "unrepaired": unrepaired}
    contact, state = _matched(findings, contacts)
    row, says = contacts.row[contact], np.isin(state, _SAYS)
    _mark(rupture, row[says], state[says] == _RUPTURE)
    _mark(unrepaired, *_at_the_end(contact[says], state[says], contacts, rows))
    return {"rupture": rupture, "unrepaired": unrepaired}


def _mark(column: Floats, row: Ints, is_so: Bools) -> None:
    """1 where any value is true, 0 where there are values and none is."""
    column[row] = 0.0
    column[row[is_so]] = 1.0


def _matched(findings: Findings, contacts: Contacts) -> tuple[Ints, Ints]:
    """The contacts within the study that have a finding, and its state, by relationship and session.

    The findings are those of the ratings, with their codes.
    """
    clinicians = max(int(column.max(initial=0)) for column in (contacts.clinician, findings.clinician)) + 1

    def key(table: Contacts | Findings) -> Ints:
        relationship = table.client.astype(np.int64) * clinicians + table.clinician
        return relationship * (MOST_SESSIONS + 1) + table.session

    order = lexsort_stable(contacts.relationship, contacts.session)
    mine, known = order[contacts.row[order] != OUTSIDE], key(findings)
    place = np.minimum(np.searchsorted(known, key(contacts)[mine]), max(len(known) - 1, 0))
    there = known[place] == key(contacts)[mine] if len(known) else np.zeros(len(mine), dtype=bool)
    return mine[there], findings.state[place[there]].astype(np.int64)


def _at_the_end(contact: Ints, state: Ints, contacts: Contacts, rows: Rows) -> tuple[Ints, Bools]:
    """The rows for which relationships count, and whether a rupture is open in each at the row's end.

    `contact` is ordered by relationship and session. An open rupture stays open for one row more in which the
    relationship has no finding.
    """
    row, relationship = contacts.row[contact], contacts.relationship[contact]
    new = (row[1:] != row[:-1]) | (relationship[1:] != relationship[:-1])
    last = np.append(new, True)[: len(row)]
    row, relationship, is_open = row[last], relationship[last], state[last] == _RUPTURE
    follows = np.zeros(len(row), dtype=bool)
    follows[:-1] = (row[1:] == row[:-1] + 1) & (relationship[1:] == relationship[:-1])
    silent = is_open & ~follows & ~rows.last[row]
    return np.concatenate([row, row[silent] + 1]), np.concatenate([is_open, is_open[silent]])
