"""Who needs somebody today, and why: the flags of the relationships a member of staff may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from uuid import UUID

from django.db.models import Max, Prefetch, Q
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accord.clinic.client.own_notes.queries import LineShown, unread
from accord.clinic.facts import current as facts
from accord.clinic.facts import instruments, uses
from accord.clinic.models import Engagement, Flag, Person, Response, Worker
from accord.clinic.models.span import going_on
from accord.clinic.monitoring import leaving_shown as leaving
from accord.clinic.monitoring.contacts_shown import announced_lately
from accord.clinic.monitoring.entries import Entry, course_of, entry_of, latest_rated, with_whom
from accord.clinic.monitoring.flag_status import section_of
from accord.clinic.policy import Action, marked, visible_to
from accord.records.ratings import Rater

SILENT_AFTER = timedelta(days=21)
WATCHER_LATE_AFTER = timedelta(minutes=2)
TITLES = {
    "said": (gettext_lazy("In their own words"), gettext_lazy("somebody said that something is not right")),
    "rupture": (
        gettext_lazy("Ruptures"),
        gettext_lazy("ratings or what came with them, unlike their usual"),
    ),
    "worse": (gettext_lazy("Worse than own course"), gettext_lazy("ratings that are not about the alliance")),
    "strain": (gettext_lazy("Strain"), gettext_lazy("below their own course, or low from the start")),
    "look_again": (
        gettext_lazy("Look again"),
        gettext_lazy("something was done; not yet said to be settled"),
    ),
}


@dataclass(frozen=True)
class Section:
    key: str
    title: str
    help: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Silent:
    """An open relationship of which nothing was heard for a while; `last_day` None: never.

    `announced`: the latest day for which an absence was announced lately.
    """

    client_id: UUID
    client_name: str
    with_whom: str
    viewer_is_clinician: bool
    last_day: date | None
    announced: date | None


@dataclass(frozen=True)
class Other:
    """A client without an entry, and when anything was last heard from them; None: never.

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
    `unfollowed`: clients of whom nothing computed is shown, whoever else they stand with.

    `leaving`: clients whom the viewer treats and who may be leaving, and those of whom that is not estimated.
    `sees_nobody`: no relationship is theirs to see, so an empty page says nothing of anybody.
    """

    sections: tuple[Section, ...]
    lines: tuple[LineShown, ...]
    others: tuple[Other, ...]
    unfollowed: tuple[Other, ...]
    silent: tuple[Silent, ...]
    leaving: leaving.Leaving
    unassessed: int
    as_of: datetime
    read_only: bool
    sees_nobody: bool

    @property
    def client_ids(self) -> set[UUID]:
        """Everybody who stands on it."""
        lists: tuple[Sequence[Entry | Silent | Other], ...] = (
            *(section.entries for section in self.sections),
            self.silent,
            self.others,
            self.unfollowed,
        )
        return {one.client_id for listed in lists for one in listed} | self.leaving.client_ids


def worklist(viewer: Person, now: datetime) -> Worklist:
    """Everything this member of staff should look at, as of `now`."""
    today = timezone.localdate(now)
    open_now = visible_to(viewer, today, Action.SEE_WORKLIST).filter(going_on(today))
    open_now = marked(open_now, viewer, today, Action.SEE_ESTIMATE, "is_treated")
    open_now = open_now.select_related("client", "clinician", "group", "organisation")
    engagements = list(open_now.order_by("client__name"))
    ids = [engagement.pk for engagement in engagements]
    held_back = uses.hidden_of({engagement.client_id for engagement in engagements})
    hidden = held_back.computed
    treated = [one for one in engagements if one.is_treated]  # type: ignore[attr-defined]
    may_leave = leaving.of_worklist(viewer, treated, held_back, today)
    entries = _entries(viewer, engagements, hidden)
    heard = _heard(engagements)
    silent = _silent(viewer, [one for one in engagements if one.client_id not in hidden], heard, today)
    named = {one.client_id for one in chain(*entries.values())} | {one.client_id for one in silent}
    named |= {one.client_id for one in may_leave.entries}
    return Worklist(
        sections=tuple(_section(key, entries[key]) for key in TITLES if key in entries),
        lines=unread(viewer, today),
        others=_others([one for one in engagements if one.client_id not in named | set(hidden)], heard),
        unfollowed=_others([one for one in engagements if one.client_id in hidden], heard, hidden),
        silent=silent,
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
    ordered = sorted(entries, key=lambda e: (not e.viewer_is_clinician, e.since, e.client_name))
    title, told = TITLES[key]
    return Section(key, str(title), str(told), tuple(ordered))


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
    found: dict[str, list[Entry]] = {}
    # Asked here and not of the database, which would look through every flag that nobody handed on.
    for flag in (one for one in flags if one.handed_to_id is None or one.handed_to_id in ids):
        course = course_of(newest.get(flag.engagement_id), known)
        latest = latest_rated(course.findings)
        key = section_of(flag, list(flag.responses.all()), latest.state if latest else None)
        if key:
            found.setdefault(key, []).append(entry_of(flag, viewer, course, known))
    return found


def _heard(engagements: Sequence[Engagement]) -> dict[UUID, date]:
    """Relationship -> the last day its client was heard of in it."""
    return dict(
        facts.standing_checkins()
        .filter(contact__engagement__in=engagements, rater=Rater.CLIENT)
        .values_list("contact__engagement")
        .annotate(day=Max(Coalesce("contact__day", TruncDate("received_at"))))
    )


def _silent(
    viewer: Person, engagements: Sequence[Engagement], heard: Mapping[UUID, date], today: date
) -> tuple[Silent, ...]:
    """Open relationships whose client was last heard of more than three weeks ago, or never since then."""
    away = announced_lately(engagements, today - SILENT_AFTER)
    return tuple(
        Silent(
            one.client_id,
            one.client.name,
            with_whom(one, viewer),
            one.clinician_id == viewer.pk,
            last,
            away.get(one.pk),
        )
        for one in engagements
        if ((last := heard.get(one.pk)) or one.since) < today - SILENT_AFTER
    )


def _others(
    engagements: Sequence[Engagement], heard: Mapping[UUID, date], hidden: Mapping[UUID, str] | None = None
) -> tuple[Other, ...]:
    last: dict[tuple[str, UUID], list[date]] = {}
    for one in engagements:
        days = last.setdefault((one.client.name, one.client_id), [])
        days += [heard[one.pk]] if one.pk in heard else []
    return tuple(
        Other(client, name, max(days, default=None), (hidden or {}).get(client, ""))
        for (name, client), days in last.items()
    )
