"""Logging a contact of a relationship, and correcting what was logged."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accord.clinic.audit import audit_reads
from accord.clinic.client.checkins import actions as checkins
from accord.clinic.clinician.contacts.forms import ContactForm
from accord.clinic.facts import absences, offered_forms
from accord.clinic.facts import current as facts
from accord.clinic.models import Absence, Contact, ContactReport, Engagement
from accord.clinic.monitoring import contacts
from accord.clinic.policy import Action, check
from accord.clinic.web.support import engagement_for, for_staff, who
from accord.errors import InputError


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def log(request: HttpRequest, engagement_id: UUID) -> HttpResponse:
    engagement = engagement_for(request, Action.LOG_CONTACT, engagement_id)
    today = timezone.localdate()
    absence = absences.of_client(engagement.client, today)
    start = {
        "contact_id": uuid4(),
        "day": today,
        "attendance": ContactReport.Attendance.ANNOUNCED if absence else None,
        "kind": offered_forms.usual_kind(engagement),
        "planned": True,
    }
    form = ContactForm(request.POST or None, initial=start, is_new=True)
    if form.is_bound and form.is_valid() and _logged(form, engagement, request):
        return redirect("client", engagement.client_id)
    return _page(request, form, engagement, None, 400 if form.is_bound else 200, absence)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def correct(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    contact = _contact(contact_id)
    check(who(request), Action.LOG_CONTACT, contact.engagement)
    form = ContactForm(request.POST or None, initial=_initial(contact), is_new=False)
    status = 400 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            contacts.correct(
                contact=contact, reported=_reported(form), seen=form.cleaned_data["seen"], by=who(request)
            )
            messages.success(request, _("Saved. The earlier entry is kept, too."))
            return redirect("client", contact.engagement.client_id)
        except contacts.Changed:
            form, status = ContactForm(initial=_initial(contact), is_new=False), 409
    return _page(request, form, contact.engagement, contact, status)


@require_POST
@for_staff
def withdraw_links(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    contact = _contact(contact_id)
    checkins.withdraw_links(contact=contact, by=who(request))
    messages.success(
        request, _("Links about this contact that were handed out so far open nothing any more.")
    )
    return redirect("client", contact.engagement.client_id)


def _contact(contact_id: UUID) -> Contact:
    known = facts.current_contacts().select_related("engagement__client", "engagement__clinician")
    return known.get(pk=contact_id)


def _logged(form: ContactForm, engagement: Engagement, request: HttpRequest) -> bool:
    fields = form.cleaned_data
    try:
        contacts.log(
            contact_id=fields["contact_id"],
            engagement=engagement,
            day=fields["day"],
            reported=_reported(form),
            by=who(request),
        )
    except InputError as error:
        form.add_error("day", error.sentence(gettext))
        return False
    messages.success(request, _("The contact is logged."))
    return True


def _reported(form: ContactForm) -> contacts.ReportedContact:
    return contacts.ReportedContact(
        **{name: form.cleaned_data[name] for name in ("attendance", "kind", "planned", "hard")}
    )


def _initial(contact: Contact) -> dict[str, Any]:
    """Initial values of the form: those of the current report."""
    report = facts.current_reports().filter(contact=contact, side=contacts.Side.CLINICIAN).first()
    if report is None:
        return {
            "contact_id": contact.pk,
            "kind": offered_forms.usual_kind(contact.engagement),
            "planned": True,
        }
    fields = {name: getattr(report, name) for name in ("attendance", "kind", "planned", "hard")}
    return {"contact_id": contact.pk, "seen": report.pk, **fields}


def _page(
    request: HttpRequest,
    form: ContactForm,
    engagement: Engagement,
    contact: Contact | None,
    status: int,
    absence: Absence | None = None,
) -> HttpResponse:
    audit_reads.form(engagement=engagement, by=who(request))
    context = {
        "form": form,
        "engagement": engagement,
        "client": engagement.client,
        "contact": contact,
        "absence": absence,
        "conflict": status == 409,
    }
    return render(request, "clinic/contact.html", context, status=status)
