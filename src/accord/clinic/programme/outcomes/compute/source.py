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
from accord.clinic.facts import current as facts
from accord.clinic.models import CareEpisode, Engagement, FeedbackMode, Flag, Person
from accord.clinic.policy import not_undone
from accord.clinic.programme.outcomes.compute.small_cells import group_by_name, is_large_enough

MONTH = 365.25 / 12  # days
GOES_ON = "ongoing"
OF_RUPTURES = (Flag.Kind.SAID, Flag.Kind.RUPTURE)


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
    def recorded_flags(self) -> Sequence[Flag]:
        """Every flag on record by the day, of any kind; neither withdrawn nor of an undone import."""
        rows = Flag.objects.filter(
            organisation=self.organisation_id,
            withdrawn_at__isnull=True,
            raised_at__date__lte=self.as_of,
            engagement__since__lte=self.as_of,
        )
        standing = Engagement.objects.filter(not_undone(), pk=OuterRef("engagement"))
        flags = rows.filter(Exists(standing)).order_by("raised_at", "pk")
        return list(flags.select_related("engagement").prefetch_related("responses"))

    @cached_property
    def every_flag(self) -> Sequence[Flag]:
        """The flags that every figure counts: about a contact in treatment, and reported by people or from
        ratings of clients who allow it. Kinds beside ruptures only where ten people had one."""
        flags = [flag for flag in self.recorded_flags if self._is_counted(flag)]
        ruptures = [flag for flag in flags if flag.kind in OF_RUPTURES]
        others = {flag.engagement.client_id for flag in flags if flag.kind not in OF_RUPTURES}
        return flags if is_large_enough(len(others)) else ruptures

    @cached_property
    def flags(self) -> Sequence[Flag]:
        """Those of `every_flag` that are of a rupture."""
        return [flag for flag in self.every_flag if flag.kind in OF_RUPTURES]

    @cached_property
    def flags_left_out(self) -> Sequence[Flag]:
        """Flags on record that no figure counts."""
        counted = {flag.pk for flag in self.every_flag}
        return [flag for flag in self.recorded_flags if flag.pk not in counted]

    def _is_counted(self, flag: Flag) -> bool:
        client = flag.engagement.client_id
        treatment = self.treatments.get(client)
        allowed = flag.kind == Flag.Kind.SAID or client in self.noticing
        return allowed and treatment is not None and treatment.holds(self._day_about(flag))

    def _day_about(self, flag: Flag) -> date:
        # A flag from an imported file is raised on the day of the import, about a contact long before it.
        day = self._contact_days.get((flag.engagement_id, flag.session))
        return day or timezone.localdate(flag.raised_at)

    @cached_property
    def _contact_days(self) -> Mapping[tuple[UUID, int], date]:
        rows = facts.current_contacts().filter(
            engagement__in={flag.engagement_id for flag in self.recorded_flags}, day__isnull=False
        )
        values = rows.values_list("engagement", "session", "day")
        return {(engagement, session): day for engagement, session, day in values if day}
