"""Pages of own reactions, open only to their author and to people the author shared them with."""

from __future__ import annotations

import logging
from uuid import UUID

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accord.clinic.clinician.reactions import actions as reactions
from accord.clinic.clinician.reactions.forms import ReactionForm
from accord.clinic.clinician.reactions.queries import (
    course,
    instrument,
    own,
    own_reaction,
    shared_with_viewer,
    sharing_candidates,
)
from accord.clinic.encryption.rings import KeyProblem
from accord.clinic.models import Engagement, Person, Team
from accord.clinic.models.reaction import ReactionSharing
from accord.clinic.policy import Action, Denied, authored
from accord.clinic.web.support import engagement_for, for_staff, who
from accord.errors import InputError

log = logging.getLogger(__name__)
ABOUT_SALT = "accord.clinic.own-reaction"


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def about(request: HttpRequest, engagement_id: UUID) -> HttpResponse:
    """The form for a new reaction in this relationship, and the own course with this client."""
    engagement = engagement_for(request, Action.KEEP_REACTION, engagement_id)
    signed = signing.dumps(engagement.pk.hex, salt=ABOUT_SALT)
    form = ReactionForm(request.POST or None, instrument=instrument(), about=signed)
    page, status = (form, 200) if request.method != "POST" else _kept(form, engagement, who(request))
    if status == 302:
        return redirect("reactions", engagement.pk)
    kept = own(who(request), engagement)
    context = {"form": page, "engagement": engagement, "reactions": kept, "course": course(kept)}
    return render(request, "clinic/reactions.html", {**context, "status": status}, status=status)


def _kept(form: ReactionForm, engagement: Engagement, by: Person) -> tuple[ReactionForm, int]:
    """Store the form: status 302 if stored, otherwise the form to show again and its status."""
    if not form.is_valid():
        return form, 400
    _refuse_other(form.cleaned_data["about"], engagement)
    try:
        reactions.keep(
            reaction_id=form.cleaned_data["checkin_id"],
            engagement=engagement,
            answers=form.answers,
            note=form.cleaned_data["note"],
            by=by,
        )
    except reactions.Conflict:
        return form.with_new_id(), 409
    except InputError:
        return form, 400
    except KeyProblem:
        log.exception("a reaction could not be sealed")
        return form, 503
    return form, 302


def _refuse_other(about: str, engagement: Engagement) -> None:
    """Raises `Denied` for a form that was shown for another relationship."""
    try:
        shown_for = signing.loads(about, salt=ABOUT_SALT)
    except signing.BadSignature as error:
        raise Denied("a form that was not made here") from error
    if shown_for != engagement.pk.hex:
        raise Denied("a form about somebody else")


@require_safe
@for_staff
def mine(request: HttpRequest) -> HttpResponse:
    shared = shared_with_viewer(who(request))
    reactions.read(reaction_ids=[reaction.id for reaction in shared], by=who(request))
    return render(request, "clinic/my_reactions.html", {"reactions": own(who(request)), "shared": shared})


@require_safe
@for_staff
def show(request: HttpRequest, reaction_id: UUID) -> HttpResponse:
    reaction, shown = own_reaction(who(request), reaction_id)
    context = {
        "reaction": shown,
        "candidates": sharing_candidates(reaction),
        "engagement": reaction.engagement,
    }
    return render(request, "clinic/reaction.html", context)


@require_POST
@for_staff
def share(request: HttpRequest, reaction_id: UUID) -> HttpResponse:
    reaction = authored(who(request)).get(pk=reaction_id)
    kind, __, chosen = request.POST.get("whom", "").partition(":")
    try:
        chosen_id = UUID(chosen)
    except ValueError:
        return HttpResponseBadRequest(_("Choose somebody to share it with."), content_type="text/plain")
    here = {"pk": chosen_id, "organisation": reaction.organisation_id}
    if kind == "team":
        reactions.share(reaction=reaction, team=Team.objects.get(**here), by=who(request))
    else:
        reactions.share(reaction=reaction, person=Person.objects.get(**here), by=who(request))
    return redirect("reaction", reaction.pk)


@require_POST
@for_staff
def revoke(request: HttpRequest, sharing_id: UUID) -> HttpResponse:
    own_sharings = ReactionSharing.objects.filter(reaction__in=authored(who(request)))
    sharing = own_sharings.select_related("reaction").get(pk=sharing_id)
    reactions.revoke(sharing=sharing, by=who(request))
    return redirect("reaction", sharing.reaction_id)
