"""Relationships that ask for attention at their last session, and since when."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from accord.records.ratings import STATES, Findings, State
from accord.words.findings import describe, rows, session_word

OPEN = (State.RUPTURE, State.WORSE)
STRAINED = (State.STRAIN, State.DIP)
_WHOLE = ("instrument", "clients", "clinicians", "method_version")  # of findings; all else are columns
_COLUMNS = [field.name for field in fields(Findings) if field.name not in _WHOLE]


class Attention(NamedTuple):
    """One relationship that asks for attention at its last session."""

    client: str
    clinician: str
    since: int  # session in which it began
    session: int  # last session known
    state: State
    low_start: bool
    reason: str  # at its most surprising session since then
    word: str  # what that session is called

    def cells(self) -> tuple[str, ...]:
        """Its cells in a table."""
        word = f"{self.word}, low start" if self.low_start else self.word
        return (*map(str, self[:4]), word, self.reason)


def last_rows(findings: Findings) -> NDArray[np.intp]:
    """The row of the last session of every relationship."""
    if not len(findings):
        return np.empty(0, np.intp)
    changes = (np.diff(findings.client) != 0) | (np.diff(findings.clinician) != 0)
    return np.append(np.flatnonzero(changes), len(findings) - 1)


def attention(findings: Findings) -> list[Attention]:
    """Relationships open at their last session, then strained, then low starts; most surprising first."""
    last = last_rows(findings)
    first = np.append(0, last[:-1] + 1)[: len(last)]
    states = findings.state[last]
    rank = np.full(len(last), 3)
    rank[findings.low_start[last]] = 2
    rank[np.isin(states, [STATES.index(state) for state in STRAINED])] = 1
    rank[np.isin(states, [STATES.index(state) for state in OPEN])] = 0
    entries = []
    for at in np.flatnonzero(rank < 3):
        begin = _begin(findings, int(first[at]), int(last[at])) if rank[at] == 0 else int(last[at])
        surprise = np.nan_to_num(findings.surprise[begin : last[at] + 1], nan=-np.inf)
        worst = begin + int(np.argmax(surprise))
        entries.append((int(rank[at]), -float(surprise.max()), begin, worst, int(last[at])))
    return [_relationship(findings, begin, worst, end) for _, _, begin, worst, end in sorted(entries)]


def _begin(findings: Findings, first: int, last: int) -> int:
    """The session in which the state at `last` began, without a break since."""
    other = np.flatnonzero(findings.state[first : last + 1] != findings.state[last])
    return first if not len(other) else first + int(other[-1]) + 1


def _relationship(findings: Findings, begin: int, worst: int, last: int) -> Attention:
    finding = next(rows(_single_row(findings, worst)))
    return Attention(
        findings.clients[findings.client[last]],
        findings.clinicians[findings.clinician[last]],
        int(findings.session[begin]),
        int(findings.session[last]),
        STATES[findings.state[last]],
        bool(findings.low_start[last]),
        describe(finding, findings.instrument),
        session_word(finding),
    )


def _single_row(findings: Findings, row: int) -> Findings:
    """A single row of findings."""
    columns = {name: getattr(findings, name)[row : row + 1] for name in _COLUMNS}
    return replace(findings, **columns)
