"""State that an assessment stores for the next: a new check-in costs the same after 5 as after 500."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from accord.clinic.facts.current import NEWEST_FIRST, Key, digest
from accord.clinic.models import Assessment, CheckIn, Engagement
from accord.records.ratings import Rater

Series = tuple[str, Rater]
LOOK_BACK = 8  # assessments among which one to go on from is looked for


@dataclass(frozen=True)
class Checkpoint:
    """`series`: check-ins so far by instrument and rater. `runs`: kind of flag -> first session of the run
    that is open at the end. `facts`: digest of everything so far. `rates`: (session from which it holds,
    false alarms per calm session), oldest first."""

    series: Counter[Series] = field(default_factory=Counter)
    runs: Mapping[str, int] = field(default_factory=dict)
    facts: str = ""
    rates: tuple[tuple[int, float], ...] = ()

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Checkpoint:
        if not values:
            return cls()
        return cls(
            Counter({(name, Rater(rater)): n for name, rater, n in values["series"]}),
            values["runs"],
            values["facts"],
            tuple((session, rate) for session, rate in values["rates"]),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "series": [[name, rater.value, n] for (name, rater), n in sorted(self.series.items())],
            "runs": dict(self.runs),
            "facts": self.facts,
            "rates": [list(rate) for rate in self.rates],
        }

    def with_facts(self, checkins: Sequence[CheckIn], keys: Iterable[Key]) -> tuple[Counter[Series], str]:
        """Series and digest once these are added."""
        counted = self.series + Counter((checkin.instrument, Rater(checkin.rater)) for checkin in checkins)
        return counted, digest(keys, before=self.facts)


def resumable_assessment(engagement: Engagement, method_version: str) -> Assessment | None:
    """The newest assessment whose sessions all precede every later change; None: replay the course.

    Looks at few rows, and at none of their findings.
    """
    changed = engagement.changed_from
    if not changed:
        return None
    rows = Assessment.objects.filter(engagement=engagement).defer("findings").order_by(*NEWEST_FIRST)
    replayed_from = changed  # sessions from here on are covered by a later assessment, or will be
    root = None
    row: Assessment
    for row in rows[:LOOK_BACK]:
        root = root or (row.begins_id or row.pk)
        if row.method_version != method_version or root != (row.begins_id or row.pk) or not row.state:
            return None
        if row.listed < replayed_from:
            return row
        replayed_from = min(replayed_from, row.first)
    return None
