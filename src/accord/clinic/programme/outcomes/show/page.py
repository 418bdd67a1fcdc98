"""The newest stored outcomes as parts of a page, for viewers who may see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from accord.clinic.facts import instruments
from accord.clinic.models import Overview, Person
from accord.clinic.policy import Action, check
from accord.clinic.programme.outcomes.compute.snapshot import VERSION
from accord.clinic.programme.outcomes.show import change, ruptures, treatment
from accord.clinic.programme.outcomes.show.parts import Part, interval_note


@dataclass(frozen=True)
class OverviewPage:
    """`as_of` None: no figures have been made yet."""

    as_of: date | None
    made_at: datetime | None
    parts: tuple[Part, ...]

    @property
    def brackets(self) -> str:
        return interval_note()


def programme(viewer: Person) -> OverviewPage:
    """Retention, events, change, alliance and ruptures. Raises `Denied`."""
    row = _newest(viewer)
    if row is None:
        return OverviewPage(None, None, ())
    known, figures = instruments.known(viewer.organisation_id), row.figures
    return OverviewPage(row.as_of, row.made_at, (
        treatment.retention(figures["retention"]),
        treatment.acts(figures["acts"]),
        change.outcome(figures["outcome"], known),
        change.alliance(figures["alliance"], known),
        ruptures.repairs(figures["repairs"]),
    ))  # fmt: skip


def alarms(viewer: Person) -> OverviewPage:
    """Quality and load of alarms. Raises `Denied`."""
    row = _newest(viewer)
    if row is None:
        return OverviewPage(None, None, ())
    figures = row.figures["alarms"]
    return OverviewPage(
        row.as_of, row.made_at, (ruptures.judged(figures), ruptures.leaving(figures), ruptures.load(figures))
    )


def _newest(viewer: Person) -> Overview | None:
    check(viewer, Action.SEE_OVERVIEW, viewer.organisation)
    # Figures of an earlier version have other parts; new ones are made within the day.
    rows = Overview.objects.filter(organisation=viewer.organisation_id, version=VERSION)
    return rows.order_by("-made_at").first()
