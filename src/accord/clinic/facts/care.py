"""Episodes of care as they stand: which treatment a client is in, and whether forms may go to them at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accord.clinic.facts import current as facts
from accord.clinic.models import CareEpisode, ContactReport, Engagement, Person
from accord.clinic.policy import kept, standing_engagements


def standing() -> QuerySet[CareEpisode]:
    """Episodes that no correction has taken the place of."""
    return CareEpisode.objects.filter(replaced_at__isnull=True)


def newest(client: Person) -> CareEpisode | None:
    """The open episode of a client, else the one that ended last."""
    return newest_of([client.pk]).get(client.pk)


def in_care(today: date | None = None) -> QuerySet[Engagement]:
    """Relationships that go on and whose client may be asked for something, as of this moment.

    Nobody whose episode of care has ended (who died, was discharged, or left) is sent or shown a form,
    whatever the dates of their relationships. A client without any episode here may be asked.
    """
    of_client = standing().filter(client=OuterRef("client"))
    ended = Exists(of_client.filter(until__isnull=False))
    return standing_engagements(today).filter(Exists(of_client.filter(until__isnull=True)) | ~ended)


def going_on_of(client: Person, today: date) -> QuerySet[Engagement]:
    """A client's relationships that go on after today, planned ones too, by the clinician's name."""
    going_on = Q(until__isnull=True) | Q(until__gt=today)
    of_client = Engagement.objects.filter(kept(), going_on, client=client)
    return of_client.select_related("clinician", "group").order_by("clinician__name", "since", "pk")


def last_contact_day(client: Person, today: date) -> date | None:
    """The day of the last contact that took place with anybody here; None where none is known."""
    told = facts.standing_reports().filter(contact=OuterRef("pk"), side=ContactReport.Side.CLINICIAN)
    not_held = told.exclude(attendance__in=ContactReport.TOOK_PLACE)
    held = facts.standing_contacts().filter(~Exists(not_held), engagement__client=client, day__lte=today)
    day: date | None = held.aggregate(day=Max("day"))["day"]
    return day


def in_words(episode: CareEpisode | None) -> str:
    """Such as "DBT since 4 September 2026"; empty where no episode is known."""
    if episode is None:
        return ""
    told = {"method": str(episode), "since": date_format(episode.since, "j M Y")}
    if episode.until is None:
        return _("%(method)s since %(since)s") % told
    told["until"] = date_format(episode.until, "j M Y")
    return _("%(method)s from %(since)s to %(until)s") % told


def ended(client_ids: Collection[UUID], today: date) -> set[UUID]:
    """Those of these clients whose newest episode of care is over."""
    newest = newest_of(client_ids)
    return {
        client for client, episode in newest.items() if episode.until is not None and episode.until <= today
    }


def newest_of(client_ids: Collection[UUID]) -> Mapping[UUID, CareEpisode]:
    """The newest episode of each of these clients, by the client's id."""
    rows = standing().filter(client__in=client_ids)
    ordered = sorted(rows, key=lambda one: (one.until is None, one.until or one.since, one.since))
    return {episode.client_id: episode for episode in ordered}
