"""The overview as a page: the newest stored figures, for whoever may see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from accord.clinic.facts import instruments
from accord.clinic.models import Overview, Person
from accord.clinic.policy import Action, check
from accord.clinic.programme.outcomes.show import change, ruptures, treatment
from accord.clinic.programme.outcomes.show.parts import Part, interval_note


@dataclass(frozen=True)
class Shown:
    """`as_of` None: no figures have been made yet."""

    as_of: date | None
    made_at: datetime | None
    parts: tuple[Part, ...]

    @property
    def brackets(self) -> str:
        return interval_note()


def programme(viewer: Person) -> Shown:
    """Who stays, what happened, how people changed, alliance, ruptures. Raises `Denied`."""
    row = _newest(viewer)
    if row is None:
        return Shown(None, None, ())
    known, told = instruments.known(viewer.organisation_id), row.figures
    return Shown(row.as_of, row.made_at, (
        treatment.retention(told["retention"]),
        treatment.acts(told["acts"]),
        change.outcome(told["outcome"], known),
        change.alliance(told["alliance"], known),
        ruptures.repairs(told["repairs"]),
    ))  # fmt: skip


def alarms(viewer: Person) -> Shown:
    """Whether the alarms were worth it. Raises `Denied`."""
    row = _newest(viewer)
    if row is None:
        return Shown(None, None, ())
    told = row.figures["alarms"]
    return Shown(row.as_of, row.made_at, (ruptures.judged(told), ruptures.leaving(told), ruptures.load(told)))


def _newest(viewer: Person) -> Overview | None:
    check(viewer, Action.SEE_OVERVIEW, viewer.organisation)
    rows = Overview.objects.filter(organisation=viewer.organisation_id)
    return rows.order_by("-made_at").first()
