"""The worklist: flags of the relationships that a member of staff may see, and clients to think of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.clinic.client.own_notes.queries import LineShown, shared_with, unread
from accord.clinic.clinician.worklist.one_row import OfList, one_row_each
from accord.clinic.clinician.worklist.rows import (
    ActRow,
    NoEntry,
    NoRecentContact,
    NotEstimated,
    Section,
    Worklist,
)
from accord.clinic.facts import absences, consents, instruments
from accord.clinic.facts import current as facts
from accord.clinic.facts.absences import Away
from accord.clinic.facts.heard import last_heard
from accord.clinic.facts.settled import said_settled
from accord.clinic.models import Engagement, Flag, Person, Response, Worker
from accord.clinic.models.span import going_on
from accord.clinic.monitoring import dropout_shown
from accord.clinic.monitoring.acts import waiting_acts
from accord.clinic.monitoring.contact_views import recently_announced
from accord.clinic.monitoring.entries import Entry, course_of, entry_of, with_whom
from accord.clinic.monitoring.flag_course import flag_course
from accord.clinic.monitoring.flag_status import section_of
from accord.clinic.policy import Action, marked, visible_to

NO_CONTACT_AFTER = timedelta(days=21)
WATCHER_LATE_AFTER = timedelta(minutes=2)
TITLES = {
    "said": (gettext_lazy("In their own words"), gettext_lazy("somebody said that something is not right")),
    "missed": (
        gettext_lazy("Missed, or left empty"),
        gettext_lazy("nothing was heard, which is no sign of calm"),
    ),
    "likely": (
        gettext_lazy("Likely ruptures"),
        gettext_lazy("ratings, answers or attendance that are unusual for this person"),
    ),
    "possible": (
        gettext_lazy("Possible ruptures"),
        gettext_lazy("unusual for this person; at most half like this are a rupture"),
    ),
    "worse": (gettext_lazy("Worse than own course"), gettext_lazy("ratings that are not about the alliance")),
    "strain": (gettext_lazy("Strain"), gettext_lazy("below their own course, or low from the start")),
    "talked_about": (
        gettext_lazy("Talked about, not settled"),
        gettext_lazy("something was done; the client has not said that it is settled"),
    ),
}


def worklist(viewer: Person, now: datetime) -> Worklist:
    """Everything this member of staff should look at, as of `now`."""
    today = timezone.localdate(now)
    open_now = visible_to(viewer, today, Action.SEE_WORKLIST).filter(going_on(today))
    open_now = marked(open_now, viewer, today, Action.SEE_ESTIMATE, "is_treated")
    open_now = absences.marked_away(open_now, today).select_related(
        "client", "clinician", "group", "organisation"
    )
    engagements = list(open_now.order_by("client__name"))
    ids = [engagement.pk for engagement in engagements]
    hiding = consents.hidden_of({engagement.client_id for engagement in engagements})
    hidden = hiding.computed
    treated = [engagement for engagement in engagements if engagement.is_treated]  # type: ignore[attr-defined]
    may_leave = dropout_shown.of_worklist(viewer, treated, hiding, today)
    entries = _entries(viewer, engagements, hidden)
    last = last_heard(engagements, shared_with(viewer, today))
    followed = [engagement for engagement in engagements if engagement.client_id not in hidden]
    here = [engagement for engagement in followed if not absences.away(engagement)]
    lists = _in_order(
        _acts(viewer, treated),
        {key: _ordered(entries.get(key, ())) for key in TITLES},
        unread(viewer, today),
        _no_recent_contact(viewer, here, last, today),
        may_leave,
    )
    named = {row.client_id for key, rows in lists.items() if key != "off" for row in rows}
    return Worklist(
        acts=tuple(lists["acts"]),
        sections=tuple(_section(key, lists[key], today) for key in TITLES if lists[key]),
        lines=tuple(lists["lines"]),
        no_entry=_no_entry([each for each in followed if each.client_id not in named], last),
        not_computed=_no_entry([each for each in engagements if each.client_id in hidden], last, hidden),
        no_recent_contact=tuple(lists["silent"]),
        leaving=replace(
            may_leave,
            entries=tuple(lists["leaving"]),
            off=tuple((row.client_id, row.client_name) for row in lists["off"]),
        ),
        unassessed=facts.unassessed(Engagement.objects.filter(pk__in=ids)).count(),
        as_of=now,
        read_only=not any(engagement.clinician_id == viewer.pk for engagement in engagements),
        sees_nobody=not engagements,
    )


def _in_order(
    acts: Sequence[ActRow],
    entries: Mapping[str, Sequence[Entry]],
    lines: Sequence[LineShown],
    silent: Sequence[NoRecentContact],
    leaving: dropout_shown.DropoutEntries,
) -> dict[str, list[Any]]:
    """The lists in the order in which a clinician should see them, each client in the first of theirs."""
    lists: dict[str, OfList] = {
        "acts": OfList(acts, lambda row: row.acts[0].said),
        "said": OfList(entries["said"], _note),
        "lines": OfList(lines, lambda _row: _("a line to read, on their page")),
        "missed": OfList(entries["missed"], _note),
        "leaving": OfList(leaving.entries, lambda _row: _("may be leaving, on their page")),
        "silent": OfList(silent, _silence),
        **{key: OfList(rows, _note) for key, rows in entries.items() if key not in ("said", "missed")},
        "off": OfList(
            [NotEstimated(*pair) for pair in leaving.off],
            lambda _row: _(
                "Leaving is not estimated: switched off by the client. "
                "That says nothing about whether they will stay."
            ),
        ),
    }
    kept, notes = one_row_each(tuple(lists.values()))
    result: dict[str, list[Any]] = {
        key: [replace(row, also=notes[row.client_id]) for row in rows]
        for key, rows in zip(lists, kept, strict=True)
    }
    # First those of whom something else is known too, such as a strain or an act.
    result["silent"].sort(key=lambda row: not row.also)
    return result


def _silence(row: NoRecentContact) -> str:
    if row.last_day is None:
        return _("no dated answer yet, with %(whom)s") % {"whom": row.with_whom}
    values = {"day": date_format(row.last_day, "j F"), "whom": row.with_whom}
    return _("nothing heard since %(day)s, with %(whom)s") % values


def _note(entry: Entry) -> str:
    """A flag in a few words, beside another row of the same client."""
    values = {"reason": entry.reason, "whom": entry.with_whom, "day": date_format(entry.since, "j M")}
    return _("%(day)s, with %(whom)s: %(reason)s") % values


def _acts(viewer: Person, treated: Sequence[Engagement]) -> list[ActRow]:
    """Acts and safety answers that wait until somebody who treats the client has answered.

    Acts come before answers to forms, and then what has waited longest.
    """
    names = {engagement.client_id: engagement.client.name for engagement in treated}
    rows = [
        ActRow(client, names[client], acts)
        for client, acts in waiting_acts(viewer).items()
        if client in names
    ]
    return sorted(rows, key=lambda row: (not any(act.is_act for act in row.acts), row.since, row.client_name))


def watcher_late(now: datetime) -> bool:
    """Whether no worker that runs jobs, such as assessing, was seen lately."""
    return not Worker.objects.filter(seen__gte=now - WATCHER_LATE_AFTER).exists()


def _ordered(entries: Sequence[Entry]) -> list[Entry]:
    """One's own relationships first, then what has waited longest."""
    return sorted(entries, key=lambda e: (not e.viewer_is_clinician, e.since, e.client_name))


def _section(key: str, entries: Sequence[Entry], today: date) -> Section:
    title, help_text = TITLES[key]
    days = max((today - entry.since).days for entry in entries)
    return Section(key, str(title), str(help_text), tuple(entries), days)


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
    flagged = {flag.engagement_id for flag in flags}
    newest, settled = facts.newest_assessments(flagged), said_settled(flagged)
    entries: dict[str, list[Entry]] = {}
    # Asked here and not of the database, which would look through every flag that nobody handed on.
    for flag in (flag for flag in flags if flag.handed_to_id is None or flag.handed_to_id in ids):
        course = course_of(newest.get(flag.engagement_id), known)
        about = flag_course(flag, course.findings)
        key = section_of(flag, list(flag.responses.all()), about, settled.get(flag.engagement_id, ()))
        if key:
            entries.setdefault(key, []).append(entry_of(flag, viewer, course, known))
    return entries


def _no_recent_contact(
    viewer: Person, engagements: Sequence[Engagement], last_heard: Mapping[UUID, date], today: date
) -> tuple[NoRecentContact, ...]:
    """Current relationships whose client was last heard of more than three weeks ago, or never: the viewer's
    own, and those of clients who were not heard of in any that the viewer sees."""
    away, since = recently_announced(engagements, today - NO_CONTACT_AFTER), today - NO_CONTACT_AFTER
    heard = {each.client_id for each in engagements if last_heard.get(each.pk, date.min) >= since}
    rows = [
        NoRecentContact(
            engagement.client_id,
            engagement.client.name,
            with_whom(engagement, viewer),
            engagement.clinician_id == viewer.pk,
            last_heard.get(engagement.pk),
            away.get(engagement.pk),
        )
        for engagement in engagements
        if (last_heard.get(engagement.pk) or engagement.since) < since
        and (engagement.clinician_id == viewer.pk or engagement.client_id not in heard)
    ]
    # Of a client's rows the first is kept: one's own, then the longest silence.
    return tuple(sorted(rows, key=lambda row: (not row.viewer_is_clinician, row.last_day or date.min)))


def _no_entry(
    engagements: Sequence[Engagement],
    last_heard: Mapping[UUID, date],
    hidden: Mapping[UUID, str] | None = None,
) -> tuple[NoEntry, ...]:
    last: dict[tuple[str, UUID], list[date]] = {}
    away: dict[UUID, Away | None] = {}
    for engagement in engagements:
        days = last.setdefault((engagement.client.name, engagement.client_id), [])
        days += [last_heard[engagement.pk]] if engagement.pk in last_heard else []
        away[engagement.client_id] = absences.away(engagement)
    return tuple(
        NoEntry(client, name, max(days, default=None), (hidden or {}).get(client, ""), away[client])
        for (name, client), days in last.items()
    )
