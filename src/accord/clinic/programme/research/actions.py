"""Export of the record for research: codes for names, no exact dates, only clients who agreed.

Codes are drawn anew for each export, so that two exports cannot be linked. The days of a client are moved
together so that each first episode of care begins on the same day: intervals stay, dates do not.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accord.clinic.audit.write import record_event, record_event_for_each
from accord.clinic.facts import care, columns, events, instruments, relationships
from accord.clinic.facts import current as facts
from accord.clinic.facts.consents import Purpose, may_use
from accord.clinic.models import CareEpisode, Engagement, Person
from accord.clinic.monitoring import assessment
from accord.clinic.policy import TABLE, Action, Relation, check, not_undone, relations
from accord.errors import InputError
from accord.records.care import END_REASONS, EndReason, EpisodeTable, EventTable
from accord.records.ratings import NO_DAY, Ratings

EPOCH = date(1970, 1, 1)
FIRST_DAY = date(2000, 1, 3)  # a Monday, on which every first episode begins here
ONGOING = END_REASONS.index(EndReason.ONGOING)


@dataclass(frozen=True, eq=False)
class ResearchExport:
    """The tables of a study's files."""

    ratings: Ratings
    episodes: EpisodeTable
    events: EventTable
    clients: int


@dataclass(frozen=True)
class _Codes:
    """Client -> code and shift of their days; relationship -> code of its clinician."""

    client: Mapping[UUID, str]
    moved: Mapping[UUID, timedelta]
    clinician: Mapping[UUID, str]


@transaction.atomic
def export_record(*, by: Person) -> ResearchExport:
    """Export clients who allow research and have an episode of care; each client's log names the export.

    Raises `Denied`, and `InputError` if there is nobody to export.
    """
    check(by, Action.TAKE_OUT, by.organisation)
    mine = may_use(Purpose.RESEARCH)
    rows = care.current_episodes().filter(mine, not_undone("client__"), organisation=by.organisation_id)
    episodes = list(rows.filter(since__lte=timezone.localdate()).order_by("since"))
    if not episodes:
        raise InputError("clients with an episode of care who said yes to research", found="none")
    codes = _codes(episodes)
    taken = ResearchExport(
        ratings=_ratings(by.organisation_id, codes),
        episodes=_episodes(episodes, codes),
        events=_events(codes),
        clients=len(codes.client),
    )
    clients = dict.fromkeys(codes.client, _exporter_relation(by))
    record_event_for_each(by=by, action="export.research", subject=by, clients=clients)
    record_event(by=by, action="export.research", subject=by, fields=["ratings", "episodes", "events"])
    return taken


def _exporter_relation(by: Person) -> Relation:
    """The relation that allows the export, for the log; of several the first by name, to be stable."""
    return min(relations(by, by.organisation) & TABLE[Action.TAKE_OUT])


def _codes(episodes: Sequence[CareEpisode]) -> _Codes:
    first: dict[UUID, date] = {}
    for episode in episodes:
        first.setdefault(episode.client_id, episode.since)
    engagements = Engagement.objects.filter(not_undone(), client__in=list(first))
    people = {engagement.clinician_id for engagement in engagements}
    clinicians = dict(zip(_shuffled(people), _names("K", len(people)), strict=True))
    code_of: dict[UUID, str] = {}
    pairs: dict[tuple[UUID, UUID], int] = {}
    for engagement in engagements.order_by("since", "pk"):
        pair = engagement.client_id, engagement.clinician_id
        pairs[pair] = pairs.get(pair, 0) + 1
        again = f"-{pairs[pair]}" if pairs[pair] > 1 else ""  # one clinician in two relationships
        code_of[engagement.pk] = f"{clinicians[engagement.clinician_id]}{again}"
    return _Codes(
        client=dict(zip(_shuffled(first), _names("R", len(first)), strict=True)),
        moved={client: FIRST_DAY - since for client, since in first.items()},
        clinician=code_of,
    )


def _shuffled(people: Collection[UUID]) -> list[UUID]:
    shuffled = sorted(people, key=str)
    secrets.SystemRandom().shuffle(shuffled)
    return shuffled


def _names(letter: str, count: int) -> list[str]:
    width = len(str(count))
    return [f"{letter}{n:0{width}d}" for n in range(1, count + 1)]


def _ratings(organisation_id: UUID, codes: _Codes) -> Ratings:
    of_these = Q(contact__engagement__in=list(codes.clinician))
    checkins = facts.current_checkins().filter(of_these).select_related("contact__engagement")
    reports = facts.current_reports().filter(of_these).select_related("contact__engagement")
    attended = filter(None, map(relationships.attendance, reports))
    known = instruments.known(organisation_id)
    whole = columns.of([*map(assessment.entry_of, checkins), *attended], known)
    return _recoded(whole, codes)


def _recoded(whole: Ratings, codes: _Codes) -> Ratings:
    """The rows with codes of clients and clinicians in place of relationships, and with moved days."""
    engagements = {pk.hex: pk for pk in codes.clinician}
    of = {
        engagement.pk: engagement.client_id
        for engagement in Engagement.objects.filter(pk__in=list(codes.clinician))
    }
    clients = tuple(sorted(codes.client.values()))
    clinicians = tuple(sorted(set(codes.clinician.values())))
    client, clinician, moved = (np.zeros(len(whole.clients), dtype=np.int32) for _ in range(3))
    for at, name in enumerate(whole.clients):
        engagement = engagements[name]
        client[at] = clients.index(codes.client[of[engagement]])
        clinician[at] = clinicians.index(codes.clinician[engagement])
        moved[at] = codes.moved[of[engagement]].days
    day = np.where(whole.day == NO_DAY, NO_DAY, whole.day + moved[whole.client])
    return replace(whole, clients=clients, clinicians=clinicians, client=client[whole.client],
                   clinician=clinician[whole.client], day=day.astype(np.int32))  # fmt: skip


def _episodes(episodes: Sequence[CareEpisode], codes: _Codes) -> EpisodeTable:
    today = timezone.localdate()
    rows = sorted(episodes, key=lambda episode: (codes.client[episode.client_id], episode.since))
    clients, arms = sorted(codes.client.values()), sorted({_arm(row) for row in rows})
    start = [_number(row.since, row.client_id, codes) for row in rows]
    end = [_number(row.until or today, row.client_id, codes) for row in rows]
    reason = [END_REASONS.index(EndReason(row.end_reason)) if row.end_reason else ONGOING for row in rows]
    return EpisodeTable(
        clients=tuple(clients),
        arms=tuple(arms),
        client=np.array([clients.index(codes.client[row.client_id]) for row in rows], dtype=np.int32),
        start=np.array(start, dtype=np.int32),
        end=np.array(end, dtype=np.int32),
        end_reason=np.array(reason, dtype=np.int8),
        arm=np.array([arms.index(_arm(row)) for row in rows], dtype=np.int16),
        line=np.arange(2, len(rows) + 2, dtype=np.int64),
    )


def _arm(episode: CareEpisode) -> str:
    return episode.method_words or episode.method


def _events(codes: _Codes) -> EventTable:
    rows_kept = events.current_events().filter(client__in=list(codes.client))
    rows = sorted(rows_kept, key=lambda event: (codes.client[event.client_id], event.day, event.kind))
    clients, kinds = (
        _sorted_unique(codes.client[row.client_id] for row in rows),
        _sorted_unique(row.kind for row in rows),
    )
    days = [_number(row.day, row.client_id, codes) for row in rows]
    return EventTable(
        clients=clients,
        kinds=kinds,
        client=np.array([clients.index(codes.client[row.client_id]) for row in rows], dtype=np.int32),
        day=np.array(days, dtype=np.int32),
        kind=np.array([kinds.index(row.kind) for row in rows], dtype=np.int16),
        count=np.array([row.count for row in rows], dtype=np.int32),
        line=np.arange(2, len(rows) + 2, dtype=np.int64),
    )


def _sorted_unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


def _number(day: date, client: UUID, codes: _Codes) -> int:
    return (day + codes.moved[client] - EPOCH).days
