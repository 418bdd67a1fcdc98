"""Episodes of care: begun, ended together with the relationships in them, corrected by a successor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accord.clinic.audit.write import record_event
from accord.clinic.facts import care
from accord.clinic.facts.changed import locked, locked_all
from accord.clinic.models import CareEpisode, Engagement, Person
from accord.clinic.models.actors import Actor
from accord.clinic.policy import Action, can, check
from accord.errors import FormError

FACTS = ("since", "method", "method_words", "planned_end")
WHY_ENDED = {CareEpisode.EndReason.LEFT: Engagement.WhyEnded.CLIENTS_WISH}  # any other: the treatment ended


@dataclass(frozen=True)
class Ending:
    """What would end with an episode: its last day, and each relationship with its own last day."""

    until: date
    engagements: tuple[tuple[Engagement, date], ...]


def _check(by: Actor, client: Person) -> None:
    if not can(by, Action.ADMINISTER, client.organisation):
        check(by, Action.KEEP_EPISODES, client)


@transaction.atomic
def begin(
    *,
    client: Person,
    since: date,
    method: str,
    method_words: str = "",
    planned_end: date | None = None,
    by: Actor,
) -> CareEpisode:
    """A new episode. Raises `InputError` while another one is open, or for dates that cannot be."""
    _check(by, client)
    before = care.newest(_held(client))
    if before is not None and before.until is None:
        raise FormError(
            _("A treatment that began on %(day)s is still open. End it first.")
            % {"day": date_format(before.since)}
        )
    if before is not None and before.until is not None and since < before.until:
        raise FormError(
            _("The treatment before ended on %(day)s. Choose that day or a later one.")
            % {"day": date_format(before.until)}
        )
    told = {"since": since, "method": method, "method_words": method_words, "planned_end": planned_end}
    return _written(client, told, None, by, "care_episode.begin")


def preview_end(*, episode: CareEpisode, until: date | None, by: Actor) -> Ending:
    """What ending this episode would end. `until` None: the day of the last contact that took place."""
    _check(by, episode.client)
    today = timezone.localdate()
    last = until or care.last_contact_day(episode.client, today) or today
    last = last if until else max(last, episode.since)
    if last > today:
        raise FormError(_("Choose today or an earlier date."))
    if last < episode.since:
        raise FormError(
            _("The treatment began on %(day)s. Choose that day or a later one.")
            % {"day": date_format(episode.since)}
        )
    going_on = care.going_on_of(episode.client, today)
    return Ending(last, tuple((one, max(last, one.since)) for one in going_on))


@transaction.atomic
def end(*, episode: CareEpisode, until: date | None, reason: str, by: Actor) -> Ending:
    """End an episode and, in the same transaction, every relationship of its client."""
    _check(by, episode.client)
    _held(episode.client)
    held = CareEpisode.objects.select_related("client__organisation").get(pk=episode.pk)
    if held.until is not None or held.replaced_at is not None:
        raise FormError(_("This treatment has ended or was corrected meanwhile. Open the page again."))
    ending = preview_end(episode=held, until=until, by=by)
    locked_all(engagement.pk for engagement, _last in ending.engagements)
    held.until, held.end_reason = ending.until, CareEpisode.EndReason(reason).value
    held.batch = None  # what somebody here has ended is not undone with the file that began it
    held.save(update_fields=["until", "end_reason", "batch"])
    for engagement, last in ending.engagements:
        _end_within(engagement, last, CareEpisode.EndReason(reason), by)
    fields = ["until", "end_reason"]
    record_event(by=by, action="care_episode.end", subject=held, client_id=held.client_id, fields=fields)
    return ending


@transaction.atomic
def correct(
    *,
    episode: CareEpisode,
    since: date,
    method: str,
    method_words: str = "",
    planned_end: date | None = None,
    until: date | None = None,
    end_reason: str = "",
    by: Actor,
) -> CareEpisode:
    """What this episode should have said; the earlier row stays, named by its successor.

    Without `until` an episode that was ended by mistake is open again; its relationships stay as they are.
    """
    _check(by, episode.client)
    _held(episode.client)
    old = CareEpisode.objects.get(pk=episode.pk)
    if old.replaced_at is not None:
        raise FormError(_("This entry was corrected meanwhile. Open the page again to see it."))
    old.replaced_at = timezone.now()
    old.save(update_fields=["replaced_at"])
    told = {"since": since, "method": method, "method_words": method_words, "planned_end": planned_end}
    told |= {"until": until, "end_reason": end_reason}
    return _written(old.client, told, old, by, "care_episode.correct")


def _held(client: Person) -> Person:
    """The client's row, held: their episodes change one writer at a time."""
    return Person.objects.select_for_update(no_key=True).get(pk=client.pk)


def _written(
    client: Person, told: dict[str, object], predecessor: CareEpisode | None, by: Actor, action: str
) -> CareEpisode:
    row = CareEpisode(
        organisation_id=client.organisation_id,
        client=client,
        predecessor=predecessor,
        made_at=timezone.now(),
        **told,
    )
    _refuse_impossible(row)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise FormError(_("Another treatment is open. Only one can be open at a time.")) from error
    record_event(by=by, action=action, subject=row, client_id=client.pk, fields=sorted(told))
    return row


def _refuse_impossible(row: CareEpisode) -> None:
    today = timezone.localdate()
    if row.planned_end and row.planned_end < row.since:
        raise FormError(
            _("Choose a planned end on or after %(day)s, the start.") % {"day": date_format(row.since)}
        )
    if row.until and row.until < row.since:
        raise FormError(_("Choose an end on or after %(day)s, the start.") % {"day": date_format(row.since)})
    if row.until and row.until > today:
        raise FormError(_("Choose an end that is today or earlier."))
    if bool(row.until) != bool(row.end_reason):
        raise FormError(_("Give both the end date and the reason."))
    if row.method == CareEpisode.Method.OTHER and not row.method_words:
        raise FormError(_("Write the method in your own words."))


def _end_within(engagement: Engagement, last: date, reason: CareEpisode.EndReason, by: Actor) -> None:
    held = locked(engagement)
    held.until = last
    held.why_ended = WHY_ENDED.get(reason, Engagement.WhyEnded.TREATMENT_ENDED).value
    held.save(update_fields=["until", "why_ended"])
    fields = ["until", "why_ended"]
    record_event(by=by, action="engagement.end", subject=held, client_id=held.client_id, fields=fields)
