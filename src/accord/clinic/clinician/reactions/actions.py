"""A clinician's own reactions: kept for their author, shared and taken back by the author's act alone.

Their audit events name no client: what tells a client who opened their record never tells of these.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accord.clinic.audit.write import record_event
from accord.clinic.clinician.reactions.queries import FORM, current_sharings, instrument, sharing_candidates
from accord.clinic.facts.accepted_answers import accepted
from accord.clinic.models import Engagement, Person, Team
from accord.clinic.models.actors import Actor
from accord.clinic.models.reaction import Reaction, ReactionSharing
from accord.clinic.models.sealed import SealedReaction
from accord.clinic.policy import Action, Denied, check, shared_with
from accord.errors import FormError


class Conflict(Exception):
    """This id was used before for another reaction: nothing was stored."""


@transaction.atomic
def keep(
    *,
    reaction_id: UUID,
    engagement: Engagement,
    answers: Mapping[int, float],
    note: str,
    by: Person,
    at: datetime | None = None,
) -> Reaction:
    """A reaction of `by`, sealed as a whole. The same again is a success, another under its id a `Conflict`.

    Raises `InputError` for an empty one and `KeyProblem` when it cannot be sealed; then nothing is stored.
    """
    check(by, Action.KEEP_REACTION, engagement)
    given = accepted(instrument(), answers)
    if not (given or note):
        raise FormError(_("Choose at least one word or write a note."))
    fields = {"instrument": FORM, "version": instrument().version, "answers": given, "note": note}
    content = json.dumps(fields, sort_keys=True)
    known = Reaction.objects.filter(pk=reaction_id).first()
    if known:
        return _same(known, engagement, content, by)
    reaction = Reaction(
        pk=reaction_id,
        organisation_id=engagement.organisation_id,
        author=by,
        engagement=engagement,
        made_at=at or timezone.now(),
    )
    try:
        with transaction.atomic():
            reaction.save()
    except IntegrityError as error:  # the id was used in this very moment
        raise Conflict from error
    SealedReaction.about(reaction, Reaction.ANSWERS, content).save()
    record_event(by=by, action="reaction.keep", subject=reaction)
    return reaction


def _same(known: Reaction, engagement: Engagement, content: str, by: Person) -> Reaction:
    mine = (known.author_id, known.engagement_id) == (by.pk, engagement.pk)
    if not mine or SealedReaction.texts([known], Reaction.ANSWERS)[known.pk] != content:
        raise Conflict
    return known


@transaction.atomic
def share(
    *, reaction: Reaction, person: Person | None = None, team: Team | None = None, by: Actor
) -> ReactionSharing:
    """Share it with one person, or the consultation of one team. Raises `Denied` for anybody else."""
    check(by, Action.HOLD_REACTION, reaction)
    whom = sharing_candidates(reaction)
    if not (person in whom.people if person else team in whom.teams):
        raise Denied("somebody a reaction cannot be shared with")
    Reaction.objects.select_for_update().get(pk=reaction.pk)
    current = current_sharings(reaction).filter(person=person, team=team).first()
    if current:
        return current
    sharing = ReactionSharing.objects.create(
        organisation_id=reaction.organisation_id,
        reaction=reaction,
        person=person,
        team=team,
        at=timezone.now(),
    )
    record_event(by=by, action="reaction.share", subject=reaction)
    return sharing


@transaction.atomic
def revoke(*, sharing: ReactionSharing, by: Actor) -> None:
    """Revoke a sharing from now on; revoking it twice changes nothing."""
    check(by, Action.HOLD_REACTION, sharing.reaction)
    Reaction.objects.select_for_update().get(pk=sharing.reaction_id)
    if not current_sharings(sharing.reaction).filter(pk=sharing.pk).exists():
        return
    ReactionSharing.objects.create(
        organisation_id=sharing.organisation_id,
        reaction=sharing.reaction,
        person=sharing.person,
        team=sharing.team,
        taken_back=True,
        at=timezone.now(),
        predecessor=sharing,
    )
    record_event(by=by, action="reaction.take_back", subject=sharing.reaction)


def read(*, reaction_ids: Iterable[UUID], by: Person) -> None:
    """Record that `by` opened reactions shared with them: one event per reaction on the page."""
    shared = shared_with(by).filter(reaction__in=list(reaction_ids)).values("reaction")
    for reaction in Reaction.objects.filter(pk__in=shared).order_by("-made_at"):
        record_event(by=by, action="reaction.read", subject=reaction)
