"""Begin, end and correct episodes of care; an end closes the client's relationships too."""

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
    """The last day of an episode, and each relationship that ends with it with its own last day."""

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
    """Begin an episode. Raises `InputError` while another one is open, and for impossible dates."""
    _check(by, client)
    before = care.newest(_locked_client(client))
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
    facts = {"since": since, "method": method, "method_words": method_words, "planned_end": planned_end}
    return _create(client, facts, None, by, "care_episode.begin")


def preview_end(*, episode: CareEpisode, until: date | None, by: Actor) -> Ending:
    """Preview what ends with this episode. `until` None: the day of the last contact that took place."""
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
    return Ending(last, tuple((engagement, max(last, engagement.since)) for engagement in going_on))


@transaction.atomic
def end(*, episode: CareEpisode, until: date | None, reason: str, by: Actor) -> Ending:
    """End an episode and, in the same transaction, every relationship of its client."""
    _check(by, episode.client)
    _locked_client(episode.client)
    locked_row = CareEpisode.objects.select_related("client__organisation").get(pk=episode.pk)
    if locked_row.until is not None or locked_row.replaced_at is not None:
        raise FormError(_("This treatment has ended or was corrected meanwhile. Open the page again."))
    ending = preview_end(episode=locked_row, until=until, by=by)
    locked_all(engagement.pk for engagement, _last in ending.engagements)
    locked_row.until, locked_row.end_reason = ending.until, CareEpisode.EndReason(reason).value
    locked_row.batch = None  # what somebody here has ended is not undone with the file that began it
    locked_row.save(update_fields=["until", "end_reason", "batch"])
    for engagement, last in ending.engagements:
        _end_within(engagement, last, CareEpisode.EndReason(reason), by)
    fields = ["until", "end_reason"]
    record_event(
        by=by, action="care_episode.end", subject=locked_row, client_id=locked_row.client_id, fields=fields
    )
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
    """Replace an episode by a corrected one, which names it as predecessor; the earlier row is kept.

    Without `until` an episode that was ended by mistake is open again; its relationships stay as they are.
    """
    _check(by, episode.client)
    _locked_client(episode.client)
    old = CareEpisode.objects.get(pk=episode.pk)
    if old.replaced_at is not None:
        raise FormError(_("This entry was corrected meanwhile. Open the page again to see it."))
    old.replaced_at = timezone.now()
    old.save(update_fields=["replaced_at"])
    facts = {"since": since, "method": method, "method_words": method_words, "planned_end": planned_end}
    facts |= {"until": until, "end_reason": end_reason}
    return _create(old.client, facts, old, by, "care_episode.correct")


def _locked_client(client: Person) -> Person:
    """Lock the client's row, so that one writer at a time changes their episodes."""
    return Person.objects.select_for_update(no_key=True).get(pk=client.pk)


def _create(
    client: Person, facts: dict[str, object], predecessor: CareEpisode | None, by: Actor, action: str
) -> CareEpisode:
    row = CareEpisode(
        organisation_id=client.organisation_id,
        client=client,
        predecessor=predecessor,
        made_at=timezone.now(),
        **facts,
    )
    _refuse_impossible(row)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise FormError(_("Another treatment is open. Only one can be open at a time.")) from error
    record_event(by=by, action=action, subject=row, client_id=client.pk, fields=sorted(facts))
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
    locked_row = locked(engagement)
    locked_row.until = last
    locked_row.why_ended = WHY_ENDED.get(reason, Engagement.WhyEnded.TREATMENT_ENDED).value
    locked_row.save(update_fields=["until", "why_ended"])
    fields = ["until", "why_ended"]
    record_event(
        by=by, action="engagement.end", subject=locked_row, client_id=locked_row.client_id, fields=fields
    )
