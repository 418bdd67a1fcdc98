"""Current episodes of care: which treatment a client is in, and whether they may be sent forms."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accord.clinic.facts import current as facts
from accord.clinic.models import CareEpisode, ContactReport, Engagement, Person
from accord.clinic.policy import current_engagements, not_undone


def current_episodes() -> QuerySet[CareEpisode]:
    """Episodes that no correction has replaced."""
    return CareEpisode.objects.filter(replaced_at__isnull=True)


def newest(client: Person) -> CareEpisode | None:
    """The client's open episode, else the one that ended last."""
    return newest_of([client.pk]).get(client.pk)


def in_care(today: date | None = None) -> QuerySet[Engagement]:
    """Current relationships whose client may be asked for something, as of this moment.

    A client whose episode of care has ended (by death, discharge or leaving) is never sent or shown a form,
    whatever the dates of their relationships. A client without any episode here may be asked.
    """
    of_client = current_episodes().filter(client=OuterRef("client"))
    ended = Exists(of_client.filter(until__isnull=False))
    return current_engagements(today).filter(Exists(of_client.filter(until__isnull=True)) | ~ended)


def going_on_of(client: Person, today: date) -> QuerySet[Engagement]:
    """A client's relationships that continue after `today`, planned ones included, by clinician's name."""
    going_on = Q(until__isnull=True) | Q(until__gt=today)
    of_client = Engagement.objects.filter(not_undone(), going_on, client=client)
    return of_client.select_related("clinician", "group").order_by("clinician__name", "since", "pk")


def last_contact_day(client: Person, today: date) -> date | None:
    """The day of the last contact that took place with anybody here; None if unknown."""
    reports = facts.current_reports().filter(contact=OuterRef("pk"), side=ContactReport.Side.CLINICIAN)
    not_held = reports.exclude(attendance__in=ContactReport.TOOK_PLACE)
    took_place = facts.current_contacts().filter(~Exists(not_held), engagement__client=client, day__lte=today)
    day: date | None = took_place.aggregate(day=Max("day"))["day"]
    return day


def episode_text(episode: CareEpisode | None) -> str:
    """Text such as "DBT since 4 September 2026"; empty if no episode is known."""
    if episode is None:
        return ""
    values = {"method": str(episode), "since": date_format(episode.since, "j M Y")}
    if episode.until is None:
        return _("%(method)s since %(since)s") % values
    values["until"] = date_format(episode.until, "j M Y")
    return _("%(method)s from %(since)s to %(until)s") % values


def ended(client_ids: Collection[UUID], today: date) -> set[UUID]:
    """Clients among these whose newest episode of care is over."""
    newest = newest_of(client_ids)
    return {
        client for client, episode in newest.items() if episode.until is not None and episode.until <= today
    }


def newest_of(client_ids: Collection[UUID]) -> Mapping[UUID, CareEpisode]:
    """Client -> their newest episode."""
    rows = current_episodes().filter(client__in=client_ids)
    ordered = sorted(rows, key=lambda row: (row.until is None, row.until or row.since, row.since))
    return {episode.client_id: episode for episode in ordered}
