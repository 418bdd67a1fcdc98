"""Who may be leaving, in words: for the worklist and for the page about a client."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accord.clinic.facts import uses
from accord.clinic.models import Engagement, LeavingEstimate, LeavingModel, Organisation, Person, ReachedOut
from accord.clinic.models.fact import replaced
from accord.clinic.models.flag import Response
from accord.clinic.monitoring.entries import with_whom
from accord.clinic.policy import Action, can

RAREST = 50  # one in more than so many is told as fewer
HORIZON, IN_RESIDENCE = 28, 7  # days
DONE_SHOWN = timedelta(days=28)
REASONS = {
    "time": gettext_lazy("early in treatment, when leaving is most frequent"),
    "level": gettext_lazy("the alliance has been lower than most people's here"),
    "recent": gettext_lazy("ratings of late below their own"),
    "missed": gettext_lazy("contacts missed of late"),
    "unfilled": gettext_lazy("forms left unfilled of late"),
    "urge": gettext_lazy("told of an urge to stop treatment"),
    "gap": gettext_lazy("a long gap before the last contact"),
    "met": gettext_lazy("fewer contacts of late than others"),
}


@dataclass(frozen=True)
class MayLeave:
    """One client. `chance` and `between` are empty where none is told, `missed` where nothing was missed.

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


@dataclass(frozen=True)
class Shown:
    """An estimate that stands, what was done last and when, and whether its model is the one in use."""

    row: LeavingEstimate
    done: str | None
    done_on: date | None
    in_use: bool

    def chance(self, today: date, days: int) -> tuple[float, float, float] | None:
        """Chance with its interval, as long as its horizon lasts; None where none is told."""
        row = self.row
        if not self.in_use or row.day + timedelta(days) < today:
            return None
        if row.chance is None or row.low is None or row.high is None:
            return None
        return row.chance, row.low, row.high

    @property
    def settled(self) -> bool:
        """Whether they said so since the contact that the estimate rests on."""
        return (
            self.done == Response.Done.SETTLED and self.done_on is not None and self.done_on >= self.row.day
        )

    def done_words(self, today: date) -> str:
        if self.done is None or self.done_on is None or self.done_on < today - DONE_SHOWN:
            return ""
        day = date_format(self.done_on, "j M Y")
        return _("%(done)s, %(day)s") % {"done": Response.Done(self.done).label, "day": day}


@dataclass(frozen=True)
class Leaving:
    """`off`: clients of whom leaving is not estimated because they said so."""

    entries: tuple[MayLeave, ...] = ()
    off: tuple[tuple[UUID, str], ...] = ()

    @property
    def client_ids(self) -> set[UUID]:
        return {one.client_id for one in self.entries} | {client for client, _name in self.off}


def standing_estimates() -> QuerySet[LeavingEstimate]:
    return LeavingEstimate.objects.filter(~replaced(LeavingEstimate))


def newest_model(organisation: Organisation) -> LeavingModel | None:
    """The newest version, refused or not."""
    return LeavingModel.objects.filter(organisation=organisation).order_by("-made_at").first()


def model_in_use(organisation: Organisation) -> LeavingModel | None:
    """None while nothing was learned, and where the newest version had to refuse."""
    newest = newest_model(organisation)
    return None if newest is None or newest.refused else newest


def of_worklist(
    viewer: Person, engagements: Sequence[Engagement], hidden: uses.Hidden, today: date
) -> Leaving:
    """Clients to think of, in one statement. `engagements`: those in which the viewer treats somebody,
    with client, clinician and organisation at hand."""
    mine: dict[UUID, list[Engagement]] = {}
    for one in engagements:
        mine.setdefault(one.client_id, []).append(one)
    shown = _shown(mine.keys() - hidden.leaving.keys())
    found = [_entry(one, viewer, mine[one.row.client_id], today) for one in shown]
    off = {
        (one.client_id, one.client.name)
        for one in engagements
        if one.client_id in hidden.leaving and one.client_id not in hidden.computed
    }
    # Not by chance: nobody is ranked.
    entries = sorted((one for one in found if one.listed), key=lambda one: (one.own is None, one.client_name))
    return Leaving(tuple(entries), tuple(sorted(off, key=lambda told: told[1])))


def of_client(viewer: Person, client: Person, seen: QuerySet[Engagement], today: date) -> MayLeave | str:
    """What is told on the client's page; a reason in words where nothing is computed, or empty."""
    if not can(viewer, Action.SEE_ESTIMATE, client):
        return ""
    hidden = uses.hidden_of([client.pk])
    if client.pk in hidden.leaving:
        return "" if client.pk in hidden.computed else hidden.leaving[client.pk]
    shown = _shown([client.pk])
    mine = list(seen.select_related("client", "clinician", "group", "organisation").order_by("since"))
    entry = _entry(shown[0], viewer, mine, today) if shown else None
    return entry if entry and (entry.chance or entry.missed) else ""


def _shown(clients: Collection[UUID]) -> list[Shown]:
    """Estimates that stand, with the model in use and what was done last."""
    done = ReachedOut.objects.filter(engagement__client=OuterRef("client")).order_by("-made_at")
    newest = LeavingModel.objects.filter(organisation=OuterRef("organisation")).order_by("-made_at")
    rows = standing_estimates().filter(client__in=clients)
    told = rows.annotate(
        done=Subquery(done.values("done")[:1]),
        done_on=Subquery(done.values("day")[:1]),
        in_use=Subquery(newest.values("pk")[:1]),
    )
    return [Shown(row, row.done, row.done_on, row.in_use == row.model_id) for row in told]


def _entry(shown: Shown, viewer: Person, engagements: Sequence[Engagement], today: date) -> MayLeave:
    row, organisation = shown.row, engagements[0].organisation
    own = next((one for one in engagements if one.clinician_id == viewer.pk), None)
    days = IN_RESIDENCE if organisation.in_residence else HORIZON
    told = shown.chance(today, days)
    run = row.missed >= max(2, organisation.leaving_missed // 2)
    return MayLeave(
        client_id=row.client_id,
        client_name=engagements[0].client.name,
        with_whom=with_whom(own or engagements[0], viewer),
        own=own.pk if own else None,
        chance=chance_words(told[0], days) if told else "",
        between=between_words(*told[1:]) if told else "",
        reasons=tuple(str(REASONS[name]) for name in row.reasons if name in REASONS) if told else (),
        missed=missed_words(row.missed, organisation.leaving_missed, row.day),
        day=row.day,
        last_done=shown.done_words(today),
        listed=(run or (told is not None and row.listed)) and not shown.settled,
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
    told = {"far": far, "near": near}
    if far > RAREST:
        return _("for people like this at most 1 in %(near)s") % told
    return _("for people like this between 1 in %(far)s and 1 in %(near)s") % told


def one_in(chance: float) -> int:
    """As people say it: 1 in so many, never more often than 1 in 2."""
    return max(2, round(1 / max(chance, 1e-6)))


def missed_words(missed: int, of: int, day: date) -> str:
    """Such as "2 of 4 missed"; empty where nothing was."""
    if not missed:
        return ""
    told = {"missed": min(missed, of), "of": of, "day": date_format(day, "j M")}
    return (
        ngettext(
            "%(missed)s of %(of)s missed: the latest scheduled contact, last here %(day)s",
            "%(missed)s of %(of)s missed: scheduled contacts in a row, last here %(day)s",
            missed,
        )
        % told
    )
