"""Input of the outcomes: an organisation's treatments as recorded on a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TypeGuard
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils import timezone

from accord.clinic.facts import care, consents
from accord.clinic.models import CareEpisode, Engagement, FeedbackMode, Flag, Person
from accord.clinic.policy import not_undone
from accord.clinic.programme.outcomes.compute.small_cells import group_by_name

MONTH = 365.25 / 12  # days
GOES_ON = "ongoing"


@dataclass(frozen=True)
class Treatment:
    """A client's first episode of care. `last`: its end, or the day of the overview if it is ongoing."""

    client: UUID
    start: date
    last: date
    end: str  # GOES_ON, or how it ended
    arm: str

    @property
    def days(self) -> int:
        return (self.last - self.start).days

    def holds(self, day: date | None) -> TypeGuard[date]:
        return day is not None and self.start <= day <= self.last


class Source:
    """The record of an organisation; each part is read once, on first use."""

    def __init__(self, organisation_id: UUID, as_of: date) -> None:
        self.organisation_id, self.as_of = organisation_id, as_of

    @cached_property
    def episodes(self) -> Sequence[CareEpisode]:
        """Every episode that had begun, oldest first."""
        rows = care.current_episodes().filter(organisation=self.organisation_id, since__lte=self.as_of)
        return list(rows.filter(not_undone("client__")).order_by("since"))

    @cached_property
    def treatments(self) -> Mapping[UUID, Treatment]:
        """Client -> their first episode."""
        result: dict[UUID, Treatment] = {}
        for episode in self.episodes:
            result.setdefault(episode.client_id, self._treatment(episode))
        return result

    def _treatment(self, episode: CareEpisode) -> Treatment:
        ended = episode.until is not None and episode.until <= self.as_of
        last = episode.until if ended and episode.until else self.as_of
        arm = episode.method_words or episode.method
        return Treatment(
            episode.client_id, episode.since, last, episode.end_reason if ended else GOES_ON, arm
        )

    @cached_property
    def arms(self) -> Mapping[str, frozenset[UUID]]:
        return group_by_name((treatment.arm, treatment.client) for treatment in self.treatments.values())

    @cached_property
    def noticing(self) -> frozenset[UUID]:
        """Clients who allow their answers to be used for flags."""
        clients = Person.objects.filter(
            consents.may_use(consents.Purpose.NOTICING, "pk"),
            organisation=self.organisation_id,
            kind="client",
        )
        return frozenset(clients.values_list("pk", flat=True))

    @cached_property
    def modes(self) -> Mapping[UUID, Sequence[tuple[date, str]]]:
        """Client -> feedback modes with the day from which each held, oldest first."""
        result: dict[UUID, list[tuple[date, str]]] = {}
        rows = FeedbackMode.objects.filter(organisation=self.organisation_id).order_by("at")
        for client, at, mode in rows.values_list("client", "at", "mode"):
            result.setdefault(client, []).append((timezone.localdate(at), mode))
        return result

    def mode_on(self, client: UUID, day: date) -> str:
        """The feedback mode of a client on a day; clinicians only, unless another one was chosen."""
        chosen = [mode for since, mode in self.modes.get(client, ()) if since <= day]
        return chosen[-1] if chosen else FeedbackMode.Mode.CLINICIAN.value

    @cached_property
    def engagements(self) -> Mapping[UUID, Engagement]:
        rows = Engagement.objects.filter(
            not_undone(), organisation=self.organisation_id, since__lte=self.as_of
        )
        return {row.pk: row for row in rows}

    @cached_property
    def flags(self) -> Sequence[Flag]:
        """Current flags of ruptures: reported by people, or from ratings of clients who allow it."""
        rows = Flag.objects.filter(
            organisation=self.organisation_id,
            kind__in=(Flag.Kind.SAID, Flag.Kind.RUPTURE),
            withdrawn_at__isnull=True,
            raised_at__date__lte=self.as_of,
        )
        standing = Engagement.objects.filter(not_undone(), pk=OuterRef("engagement"))
        flags = rows.filter(Exists(standing)).select_related("engagement").prefetch_related("responses")
        return [
            flag
            for flag in flags
            if flag.kind == Flag.Kind.SAID or flag.engagement.client_id in self.noticing
        ]
