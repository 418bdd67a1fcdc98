"""Filling a check-in: by a link, as a client who is signed in, or as the clinician about own work."""

from __future__ import annotations

import logging
from collections.abc import Callable
from uuid import UUID

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accord.clinic.audit import audit_reads
from accord.clinic.client.checkins import actions as checkins
from accord.clinic.client.checkins.acknowledgement import acknowledge
from accord.clinic.client.checkins.forms import CheckInForm, ClientCheckInForm
from accord.clinic.client.checkins.queries import own_forms
from accord.clinic.client.checkins.typed import typed
from accord.clinic.client.own_notes.actions import CannotOpen
from accord.clinic.client.own_notes.queries import has_line_for_nobody
from accord.clinic.encryption.rings import KeyProblem
from accord.clinic.facts import care, consents, links, offered_forms
from accord.clinic.facts import current as facts
from accord.clinic.facts.instruments import find
from accord.clinic.facts.who_reads import heading, who_reads
from accord.clinic.models import CheckIn, Contact, Engagement, Person, read_only
from accord.clinic.models.actors import Actor, Link
from accord.clinic.monitoring import contacts
from accord.clinic.policy import Action, Denied, check, is_confirmed
from accord.clinic.web.errors import later
from accord.clinic.web.link_exchange import (
    arrives_without_cookie,
    exchanging,
    is_only_opened,
    name_of,
)
from accord.clinic.web.support import engagement_for, for_people, for_staff, hiding, who
from accord.clinic.web.unavailability import is_temporarily_unavailable
from accord.records.ratings import Hard, Instrument, Rater

log = logging.getLogger(__name__)
PROBLEM_STATUS = {"expired": 410, "ended": 410, "withdrawn": 410, "changed": 404, "not_here": 404}
ABOUT_SALT = "accord.clinic.own-checkin"


def not_here(request: HttpRequest, name: str) -> HttpResponse:
    """The page of a link whose secret this browser does not hold, or holds no more."""
    return problem(request, links.LinkProblem("not_here"), "")


def back_to_form(request: HttpRequest, name: str) -> HttpResponse:
    return redirect("checkin", name)


# The token is the whole authority to send, and the form carries it: no cookie gives any, so there is nothing
# a foreign page could borrow, and a form that was left open overnight or comes without cookies still arrives.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@hiding
@exchanging(links.is_valid, lost=not_here)
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    try:
        contact, instrument = invited(token)
    except links.LinkProblem as wrong:
        return problem(request, wrong, token)
    by = Link(contact.engagement.client)
    can_choose = not read_only.is_on() and not consents.has_chosen(by.client)
    if is_only_opened(request) and can_choose:
        return redirect("uses-first", name_of(token))
    sent = None if is_only_opened(request) else request.POST
    form = ClientCheckInForm(sent, instrument=instrument, can_return=_can_return(by.client))
    try:
        page = _stored(form, lambda: contact, Rater.CLIENT, by)
    except Denied:  # ended in this very moment, or a link for a form that is not a client's
        return problem(request, links.LinkProblem("changed"), token)
    if page is None and arrives_without_cookie(request):
        return _receipt(request, token, contact, instrument)
    if page is None:
        return redirect("checkin-sent", name_of(token))
    return _page(request, page, contact.engagement, contact, Rater.CLIENT, token)


@require_safe
@exchanging(links.is_valid, lost=back_to_form)
def sent(request: HttpRequest, token: str) -> HttpResponse:
    """The receipt of a stored check-in. Where none is stored, the link leads back to its form."""
    try:
        contact, instrument = invited(token)
    except links.LinkProblem as wrong:
        return problem(request, wrong, token)
    return _receipt(request, token, contact, instrument)


def _receipt(request: HttpRequest, token: str, contact: Contact, instrument: Instrument) -> HttpResponse:
    checkin = _current(contact, Rater.CLIENT, instrument)
    if checkin is None:
        return redirect("checkin", name_of(token))
    answer = acknowledge(checkin, instrument)
    context = {
        "received_at": checkin.received_at,
        "can_return": _can_return(contact.engagement.client),
        "sentences": answer.sentences,
        "hard": answer.hard,
        "clinician": contact.engagement.clinician.name,
        "who_reads": who_reads(contact.engagement),
    }
    context["kept_line"] = has_line_for_nobody(contact)
    return render(request, "clinic/sent.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def own(request: HttpRequest, engagement_id: UUID) -> HttpResponse:
    engagement = engagement_for(request, Action.RATE_OWN, engagement_id)
    contact, offered = (_about if request.method == "POST" else _waiting_for_own)(request, engagement)
    instrument = find(engagement.organisation_id, offered)
    about = signing.dumps([engagement.pk.hex, contact.pk.hex if contact else "", offered], salt=ABOUT_SALT)
    form = CheckInForm(request.POST or None, instrument=instrument, about=about)
    page = _stored(
        form, lambda: contact or _new_contact(form, engagement, who(request)), Rater.CLINICIAN, who(request)
    )
    if page is None:
        return redirect("client", engagement.client_id)
    audit_reads.form(engagement=engagement, by=who(request))
    return _page(request, page, engagement, contact, Rater.CLINICIAN)


@require_safe
@for_people
def waiting(request: HttpRequest) -> HttpResponse:
    check(who(request), Action.SEE_OWN_FORMS, who(request))
    return render(request, "clinic/forms.html", {"forms": own_forms(who(request), timezone.now())})


def invited(token: str) -> tuple[Contact, Instrument]:
    """The contact and form that a link asks for. Also raises `LinkProblem` where the relationship has ended
    or the link was taken back."""
    invitation = links.read_token(token)
    contact = (
        facts.current_contacts()
        .filter(
            pk=invitation.contact_id,
            engagement__client=invitation.client_id,
            # Only this client's: else the database asks of everybody whether they are in care.
            engagement__in=care.in_care().filter(client=invitation.client_id),
        )
        .select_related("engagement__client", "engagement__clinician")
        .first()
    )
    if contact is None:
        raise links.LinkProblem("ended")
    links.refuse_withdrawn(invitation)
    return contact, find(contact.organisation_id, invitation.instrument)


def _stored(
    form: CheckInForm, contact: Callable[[], Contact], rater: Rater, by: Actor
) -> tuple[CheckInForm, int] | None:
    """Store what was sent; otherwise the form to show again and its status."""
    if not form.is_bound:
        return form, 200
    if not form.is_valid():
        return form, 400
    try:
        checkins.submit(
            checkin_id=form.cleaned_data["checkin_id"],
            contact=contact(),
            rater=rater,
            instrument=form.instrument,
            answers=form.answers,
            line=form.line,
            by=by,
            hard=Hard.OTHER if form.cleaned_data["hard"] else None,
        )
    except checkins.Conflict:
        return form.with_new_id(), 409
    except (KeyProblem, CannotOpen):
        log.exception("a form with a line could not be kept")
        form.add_error(None, _("Not sent: your line cannot be kept safely just now. Nothing was stored."))
        return form, 503
    except Exception as error:
        if not is_temporarily_unavailable(error):
            raise
        return form, 503  # nothing was stored; what was typed stays on the page
    return None


def _current(contact: Contact, rater: Rater, instrument: Instrument) -> CheckIn | None:
    """The stored check-in that holds now, if this side has filled the form about the contact."""
    stored = facts.current_checkins().filter(contact=contact, rater=rater, instrument=instrument.id)
    return stored.first()


def _page(
    request: HttpRequest,
    page: tuple[CheckInForm, int],
    engagement: Engagement,
    contact: Contact | None,
    rater: Rater,
    token: str = "",
) -> HttpResponse:
    form, status = page
    earlier = _current(contact, rater, form.instrument) if contact else None
    context = {
        "form": form,
        "link": token,
        "contact": contact,
        "engagement": engagement,
        "instrument": form.instrument,
        "by_clinician": rater is Rater.CLINICIAN,
        "clinician": engagement.clinician.name,
        "heading": heading(engagement, contact.day if contact else timezone.localdate()),
        "checkin_id": form["checkin_id"].value(),
        "answered": earlier.received_at if earlier else None,
        "conflict": status == 409,
        "unsaved": status == 503 and not form.errors,
        "who_reads": who_reads(engagement, audience=rater),
        "can_return": _can_return(engagement.client),
    }
    page_shown = render(request, "clinic/checkin.html", context, status=status)
    return later(page_shown) if status == 503 else page_shown


def _can_return(client: Person) -> bool:
    """Whether this client has a sign-in with which they can open a line again."""
    return client.account is not None and is_confirmed(client)


def problem(request: HttpRequest, wrong: links.LinkProblem, token: str) -> HttpResponse:
    """Why a link opens nothing, with what was typed: it is on this page and nowhere else."""
    context = {"reason": wrong.reason, "expired": wrong.reason == "expired"}
    context["typed"] = context["hard"] = typed(token, request.POST)  # then help is open, too
    return render(request, "clinic/link_problem.html", context, status=PROBLEM_STATUS[wrong.reason])


def _about(request: HttpRequest, engagement: Engagement) -> tuple[Contact | None, str]:
    """The contact the form was shown for, None for one that is yet to be recorded; and the form."""
    try:
        # A page that was open while the site was updated names no form: the first one was shown.
        engagement_hex, contact_hex, *form = signing.loads(request.POST.get("about", ""), salt=ABOUT_SALT)
    except signing.BadSignature as error:
        raise Denied("a form that was not made here") from error
    if engagement_hex != engagement.pk.hex:
        raise Denied("a form about somebody else")
    about = Contact.objects.get(pk=UUID(contact_hex), engagement=engagement) if contact_hex else None
    return about, form[0] if form else _first_own(engagement)


def _waiting_for_own(request: HttpRequest, engagement: Engagement) -> tuple[Contact | None, str]:
    """The latest contact, if its clinician has a form to fill about it; and that form."""
    of_one = offered_forms.with_kind(facts.current_contacts().filter(engagement=engagement))
    latest = of_one.select_related("engagement").order_by("-session").first()
    if latest is not None:
        filled = facts.current_checkins().filter(contact=latest, rater=Rater.CLINICIAN)
        forms = set(filled.values_list("instrument", flat=True))
        for due in offered_forms.due_from_clinician(offered_forms.kind_of(latest), forms):
            return latest, due
    return None, _first_own(engagement)


def _first_own(engagement: Engagement) -> str:
    """The form that a clinician fills about a contact which is recorded with it."""
    for form in offered_forms.after(offered_forms.usual_kind(engagement), Rater.CLINICIAN):
        return form
    raise Denied("no form is offered to the clinician after such a contact")


def _new_contact(form: CheckInForm, engagement: Engagement, by: Actor) -> Contact:
    """Today's contact, recorded with the form; the one it made before when the same form comes twice."""
    known = CheckIn.objects.filter(pk=form.cleaned_data["checkin_id"], contact__engagement=engagement).first()
    if known:
        contact: Contact = known.contact
        return contact
    today = timezone.localdate()
    waiting = contacts.open_contact(engagement, today, form.instrument.id, Rater.CLINICIAN)
    return waiting or contacts.record(engagement=engagement, day=today, by=by)
