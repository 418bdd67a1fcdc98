"""Dropout estimates in words, for the worklist and the page about a client."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accord.clinic.facts import consents
from accord.clinic.models import Engagement, LeavingEstimate, LeavingModel, Organisation, Person, ReachedOut
from accord.clinic.models.fact import replaced
from accord.clinic.models.flag import Response
from accord.clinic.monitoring.entries import with_whom
from accord.clinic.policy import Action, can

RAREST = 50  # a chance below 1 in this is shown as "fewer than"
HORIZON, IN_RESIDENCE = 28, 7  # days
DONE_SHOWN = timedelta(days=28)
REASONS = {
    "time": gettext_lazy("early in treatment, when leaving is most frequent"),
    "level": gettext_lazy("the alliance has been lower than most people's here"),
    "recent": gettext_lazy("recent ratings below their own"),
    "missed": gettext_lazy("contacts missed recently"),
    "unfilled": gettext_lazy("forms not filled in recently"),
    "urge": gettext_lazy("mentioned an urge to stop treatment"),
    "gap": gettext_lazy("a long gap before the last contact"),
    "met": gettext_lazy("fewer recent contacts than others"),
}


@dataclass(frozen=True)
class DropoutEntry:
    """One client. `chance` and `between` are empty if no chance is shown, `missed` if nothing was missed.

    `own`: the viewer's own relationship, in which something done can be logged; None: there is none.
    """

    client_id: UUID
    client_name: str
    with_whom: str
    own: UUID | None
    chance: str
    between: str
    reasons: tuple[str, ...]
    missed: str
    day: date
    last_done: str
    listed: bool
    also: tuple[str, ...] = ()  # what else is on the worklist about this client


@dataclass(frozen=True)
class ShownEstimate:
    """A current estimate, the latest response with its day, and whether its model is the one in use."""

    row: LeavingEstimate
    done: str | None
    done_on: date | None
    in_use: bool

    def chance(self, today: date, days: int) -> tuple[float, float, float] | None:
        """The chance with its interval until its horizon ends; None if no chance is shown."""
        row = self.row
        if not self.in_use or row.day + timedelta(days) < today:
            return None
        if row.chance is None or row.low is None or row.high is None:
            return None
        return row.chance, row.low, row.high

    @property
    def settled(self) -> bool:
        """Whether somebody marked it as settled since the contact behind the estimate."""
        return (
            self.done == Response.Done.SETTLED and self.done_on is not None and self.done_on >= self.row.day
        )

    def done_words(self, today: date) -> str:
        if self.done is None or self.done_on is None or self.done_on < today - DONE_SHOWN:
            return ""
        day = date_format(self.done_on, "j M Y")
        return _("%(done)s, %(day)s") % {"done": Response.Done(self.done).label, "day": day}


@dataclass(frozen=True)
class DropoutEntries:
    """Entries of the worklist. `off`: clients whose dropout is not estimated, by their own choice."""

    entries: tuple[DropoutEntry, ...] = ()
    off: tuple[tuple[UUID, str], ...] = ()

    @property
    def client_ids(self) -> set[UUID]:
        return {entry.client_id for entry in self.entries} | {client for client, _name in self.off}


def current_estimates() -> QuerySet[LeavingEstimate]:
    return LeavingEstimate.objects.filter(~replaced(LeavingEstimate))


def newest_model(organisation: Organisation) -> LeavingModel | None:
    """The newest version, refused or not."""
    return LeavingModel.objects.filter(organisation=organisation).order_by("-made_at").first()


def model_in_use(organisation: Organisation) -> LeavingModel | None:
    """None while nothing was learned, and where the newest version had to refuse."""
    newest = newest_model(organisation)
    return None if newest is None or newest.refused else newest


def of_worklist(
    viewer: Person, engagements: Sequence[Engagement], hidden: consents.Hidden, today: date
) -> DropoutEntries:
    """Clients to think of, in one statement. `engagements`: those in which the viewer treats somebody,
    with client, clinician and organisation at hand."""
    mine: dict[UUID, list[Engagement]] = {}
    for engagement in engagements:
        mine.setdefault(engagement.client_id, []).append(engagement)
    shown = _shown(mine.keys() - hidden.leaving.keys())
    entries = [_entry(engagement, viewer, mine[engagement.row.client_id], today) for engagement in shown]
    off = {
        (engagement.client_id, engagement.client.name)
        for engagement in engagements
        if engagement.client_id in hidden.leaving and engagement.client_id not in hidden.computed
    }
    # Not by chance: nobody is ranked.
    entries = sorted(
        (entry for entry in entries if entry.listed),
        key=lambda entry: (entry.own is None, entry.client_name),
    )
    return DropoutEntries(tuple(entries), tuple(sorted(off, key=lambda client: client[1])))


def of_client(viewer: Person, client: Person, seen: QuerySet[Engagement], today: date) -> DropoutEntry | str:
    """The entry for the client's page; a reason in words if nothing is computed; or an empty string."""
    if not can(viewer, Action.SEE_ESTIMATE, client):
        return ""
    hidden = consents.hidden_of([client.pk])
    if client.pk in hidden.leaving:
        return "" if client.pk in hidden.computed else hidden.leaving[client.pk]
    shown = _shown([client.pk])
    mine = list(seen.select_related("client", "clinician", "group", "organisation").order_by("since"))
    entry = _entry(shown[0], viewer, mine, today) if shown else None
    return entry if entry and (entry.chance or entry.missed) else ""


def _shown(clients: Collection[UUID]) -> list[ShownEstimate]:
    """Current estimates, with the model in use and the latest response."""
    done = ReachedOut.objects.filter(engagement__client=OuterRef("client")).order_by("-made_at")
    newest = LeavingModel.objects.filter(organisation=OuterRef("organisation")).order_by("-made_at")
    rows = current_estimates().filter(client__in=clients)
    annotated = rows.annotate(
        done=Subquery(done.values("done")[:1]),
        done_on=Subquery(done.values("day")[:1]),
        in_use=Subquery(newest.values("pk")[:1]),
    )
    return [ShownEstimate(row, row.done, row.done_on, row.in_use == row.model_id) for row in annotated]


def _entry(
    shown: ShownEstimate, viewer: Person, engagements: Sequence[Engagement], today: date
) -> DropoutEntry:
    row, organisation = shown.row, engagements[0].organisation
    own = next((engagement for engagement in engagements if engagement.clinician_id == viewer.pk), None)
    days = IN_RESIDENCE if organisation.in_residence else HORIZON
    chance = shown.chance(today, days)
    run = row.missed >= max(2, organisation.leaving_missed // 2)
    return DropoutEntry(
        client_id=row.client_id,
        client_name=engagements[0].client.name,
        with_whom=with_whom(own or engagements[0], viewer),
        own=own.pk if own else None,
        chance=chance_words(chance[0], days) if chance else "",
        between=between_words(*chance[1:]) if chance else "",
        reasons=tuple(str(REASONS[name]) for name in row.reasons if name in REASONS) if chance else (),
        missed=missed_words(row.missed, organisation.leaving_missed, row.day),
        day=row.day,
        last_done=shown.done_words(today),
        listed=(run or (chance is not None and row.listed)) and not shown.settled,
    )


def chance_words(chance: float, days: int) -> str:
    n = one_in(chance)
    if n > RAREST:
        return _("fewer than 1 in %(n)s leave within %(days)s days") % {"n": RAREST, "days": days}
    return _("about 1 in %(n)s may leave within %(days)s days") % {"n": n, "days": days}


def between_words(low: float, high: float) -> str:
    far, near = one_in(low), one_in(high)
    if far == near:
        return ""
    values = {"far": far, "near": near}
    if far > RAREST:
        return _("for people like this at most 1 in %(near)s") % values
    return _("for people like this between 1 in %(far)s and 1 in %(near)s") % values


def one_in(chance: float) -> int:
    """The chance as "1 in n", with n at least 2."""
    return max(2, round(1 / max(chance, 1e-6)))


def missed_words(missed: int, of: int, day: date) -> str:
    """Text such as "2 of 4 missed"; empty if nothing was missed."""
    if not missed:
        return ""
    values = {"missed": min(missed, of), "of": of, "day": date_format(day, "j M")}
    return (
        ngettext(
            "%(missed)s of %(of)s missed: the latest scheduled contact, last here %(day)s",
            "%(missed)s of %(of)s missed: scheduled contacts in a row, last here %(day)s",
            missed,
        )
        % values
    )
