"""The worklist: flags of the relationships that a member of staff may see, and clients to think of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from uuid import UUID

from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accord.clinic.client.own_notes.queries import LineShown, shared_with, unread
from accord.clinic.facts import consents, instruments
from accord.clinic.facts import current as facts
from accord.clinic.facts.heard import last_heard
from accord.clinic.models import Engagement, Flag, Person, Response, Worker
from accord.clinic.models.span import going_on
from accord.clinic.monitoring import dropout_shown
from accord.clinic.monitoring.contact_views import recently_announced
from accord.clinic.monitoring.entries import Entry, course_of, entry_of, latest_rated, with_whom
from accord.clinic.monitoring.flag_status import section_of
from accord.clinic.policy import Action, marked, visible_to

NO_CONTACT_AFTER = timedelta(days=21)
WATCHER_LATE_AFTER = timedelta(minutes=2)
TITLES = {
    "said": (gettext_lazy("In their own words"), gettext_lazy("somebody said that something is not right")),
    "rupture": (
        gettext_lazy("Ruptures"),
        gettext_lazy("ratings, answers or attendance that are unusual for this person"),
    ),
    "worse": (gettext_lazy("Worse than own course"), gettext_lazy("ratings that are not about the alliance")),
    "strain": (gettext_lazy("Strain"), gettext_lazy("below their own course, or low from the start")),
    "look_again": (
        gettext_lazy("Look again"),
        gettext_lazy("something was done; not yet marked as settled"),
    ),
}


@dataclass(frozen=True)
class Section:
    key: str
    title: str
    help: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class NoRecentContact:
    """A current relationship in which the client was not heard of lately; `last_day` None: never.

    `announced`: the latest day for which an absence was announced lately.
    """

    client_id: UUID
    client_name: str
    with_whom: str
    viewer_is_clinician: bool
    last_day: date | None
    announced: date | None


@dataclass(frozen=True)
class NoEntry:
    """A client without an entry, and the day they were last heard of; None: never.

    `hidden`: why nothing computed is shown about them, which is not to be taken for calm; else empty.
    """

    client_id: UUID
    client_name: str
    last_day: date | None
    hidden: str = ""


@dataclass(frozen=True)
class Worklist:
    """Sections that hold something, in order of urgency.

    `lines`: clients' own lines that the viewer has not opened.
    `not_computed`: clients about whom nothing computed is shown, in whichever other list they are.

    `leaving`: clients whom the viewer treats and who may be leaving, and those of whom that is not estimated.
    `sees_nobody`: no relationship is theirs to see, so an empty page says nothing of anybody.
    """

    sections: tuple[Section, ...]
    lines: tuple[LineShown, ...]
    no_entry: tuple[NoEntry, ...]
    not_computed: tuple[NoEntry, ...]
    no_recent_contact: tuple[NoRecentContact, ...]
    leaving: dropout_shown.DropoutEntries
    unassessed: int
    as_of: datetime
    read_only: bool
    sees_nobody: bool

    @property
    def client_ids(self) -> set[UUID]:
        """Ids of all clients on the worklist."""
        lists: tuple[Sequence[Entry | NoRecentContact | NoEntry], ...] = (
            *(section.entries for section in self.sections),
            self.no_recent_contact,
            self.no_entry,
            self.not_computed,
        )
        return {entry.client_id for listed in lists for entry in listed} | self.leaving.client_ids


def worklist(viewer: Person, now: datetime) -> Worklist:
    """Everything this member of staff should look at, as of `now`."""
    today = timezone.localdate(now)
    open_now = visible_to(viewer, today, Action.SEE_WORKLIST).filter(going_on(today))
    open_now = marked(open_now, viewer, today, Action.SEE_ESTIMATE, "is_treated")
    open_now = open_now.select_related("client", "clinician", "group", "organisation")
    engagements = list(open_now.order_by("client__name"))
    ids = [engagement.pk for engagement in engagements]
    hiding = consents.hidden_of({engagement.client_id for engagement in engagements})
    hidden = hiding.computed
    treated = [engagement for engagement in engagements if engagement.is_treated]  # type: ignore[attr-defined]
    may_leave = dropout_shown.of_worklist(viewer, treated, hiding, today)
    entries = _entries(viewer, engagements, hidden)
    last = last_heard(engagements, shared_with(viewer, today))
    no_contact = _no_recent_contact(
        viewer,
        [engagement for engagement in engagements if engagement.client_id not in hidden],
        last,
        today,
    )
    named = {entry.client_id for entry in chain(*entries.values())} | {
        entry.client_id for entry in no_contact
    }
    named |= {entry.client_id for entry in may_leave.entries}
    return Worklist(
        sections=tuple(_section(key, entries[key]) for key in TITLES if key in entries),
        lines=unread(viewer, today),
        no_entry=_no_entry(
            [engagement for engagement in engagements if engagement.client_id not in named | set(hidden)],
            last,
        ),
        not_computed=_no_entry(
            [engagement for engagement in engagements if engagement.client_id in hidden], last, hidden
        ),
        no_recent_contact=no_contact,
        leaving=may_leave,
        unassessed=facts.unassessed(Engagement.objects.filter(pk__in=ids)).count(),
        as_of=now,
        read_only=not any(engagement.clinician_id == viewer.pk for engagement in engagements),
        sees_nobody=not engagements,
    )


def watcher_late(now: datetime) -> bool:
    """Whether no worker that runs jobs, such as assessing, was seen lately."""
    return not Worker.objects.filter(seen__gte=now - WATCHER_LATE_AFTER).exists()


def _section(key: str, entries: Sequence[Entry]) -> Section:
    # One's own relationships first, then what has waited longest.
    ordered = sorted(
        entries, key=lambda entry: (not entry.viewer_is_clinician, entry.since, entry.client_name)
    )
    title, help_text = TITLES[key]
    return Section(key, str(title), str(help_text), tuple(ordered))


def _entries(
    viewer: Person, engagements: Sequence[Engagement], hidden: Mapping[UUID, str]
) -> Mapping[str, list[Entry]]:
    ids = {engagement.pk for engagement in engagements}
    flags = list(
        Flag.objects.filter(Q(engagement__in=ids) | Q(handed_to__in=ids), withdrawn_at__isnull=True)
        .filter(Q(kind=Flag.Kind.SAID) | ~Q(engagement__client__in=list(hidden)))
        .select_related(
            "engagement__client", "engagement__clinician", "engagement__group", "handed_to__clinician"
        )
        .prefetch_related(Prefetch("responses", Response.objects.order_by("made_at")))
    )
    known = instruments.known(viewer.organisation_id)
    newest = facts.newest_assessments({flag.engagement_id for flag in flags})
    entries: dict[str, list[Entry]] = {}
    # Asked here and not of the database, which would look through every flag that nobody handed on.
    for flag in (flag for flag in flags if flag.handed_to_id is None or flag.handed_to_id in ids):
        course = course_of(newest.get(flag.engagement_id), known)
        latest = latest_rated(course.findings)
        key = section_of(flag, list(flag.responses.all()), latest.state if latest else None)
        if key:
            entries.setdefault(key, []).append(entry_of(flag, viewer, course, known))
    return entries


def _no_recent_contact(
    viewer: Person, engagements: Sequence[Engagement], last_heard: Mapping[UUID, date], today: date
) -> tuple[NoRecentContact, ...]:
    """Current relationships whose client was last heard of more than three weeks ago, or never."""
    away = recently_announced(engagements, today - NO_CONTACT_AFTER)
    return tuple(
        NoRecentContact(
            engagement.client_id,
            engagement.client.name,
            with_whom(engagement, viewer),
            engagement.clinician_id == viewer.pk,
            last,
            away.get(engagement.pk),
        )
        for engagement in engagements
        if ((last := last_heard.get(engagement.pk)) or engagement.since) < today - NO_CONTACT_AFTER
    )


def _no_entry(
    engagements: Sequence[Engagement],
    last_heard: Mapping[UUID, date],
    hidden: Mapping[UUID, str] | None = None,
) -> tuple[NoEntry, ...]:
    last: dict[tuple[str, UUID], list[date]] = {}
    for engagement in engagements:
        days = last.setdefault((engagement.client.name, engagement.client_id), [])
        days += [last_heard[engagement.pk]] if engagement.pk in last_heard else []
    return tuple(
        NoEntry(client, name, max(days, default=None), (hidden or {}).get(client, ""))
        for (name, client), days in last.items()
    )
