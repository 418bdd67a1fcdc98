"""The rota of who is on duty, and the pages on which the programme lead keeps it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accord.clinic.facts import duty
from accord.clinic.models import DutyShift
from accord.clinic.policy import Action, check
from accord.clinic.programme.duty import actions
from accord.clinic.programme.duty.forms import NewShiftForm, ShiftForm
from accord.clinic.programme.duty.queries import rota, span
from accord.clinic.web.form_methods import FORM_METHODS
from accord.clinic.web.form_pages import FormPage, form_page
from accord.clinic.web.support import for_staff, who


@require_safe
@for_staff
def show(request: HttpRequest) -> HttpResponse:
    organisation = who(request).organisation
    check(who(request), Action.KEEP_DUTY, organisation)
    now = timezone.now()
    shown = rota(organisation, now, whole="all" in request.GET)
    context = {"rota": shown, "duty": duty.panel(organisation.pk, now), "zone": settings.TIME_ZONE}
    return render(request, "clinic/duty.html", context)


@FORM_METHODS
@for_staff
def new(request: HttpRequest) -> HttpResponse:
    organisation = who(request).organisation
    check(who(request), Action.KEEP_DUTY, organisation)
    page = FormPage(_("Add a shift"), _("Add"), reverse("duty"), (_what_it_does(),))
    form = NewShiftForm(request.POST or None)

    def act(cleaned: dict[str, Any]) -> None:
        repeated = {name: cleaned[name] for name in ("shift_id", "repeat", "weeks")}
        made = actions.add(organisation=organisation, entry=form.entry, by=who(request), **repeated)
        message = ngettext("%(n)s shift is entered.", "%(n)s shifts are entered.", len(made))
        messages.success(request, message % {"n": len(made)})

    return form_page(request, page, form, act)


@FORM_METHODS
@for_staff
def change(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    shift = _shift(request, shift_id)
    page = FormPage(_("Change a shift"), _("Save"), reverse("duty"), (_what_it_does(),))
    if not actions.is_open(shift):
        return _changed(request)
    form = ShiftForm(request.POST or None, shift=shift)

    def act(cleaned: dict[str, Any]) -> HttpResponse | None:
        try:
            actions.change(shift=shift, entry=form.entry, by=who(request))
        except actions.Changed:
            return _changed(request)
        messages.success(
            request, _("The shift was changed. Pages that are opened from now on show the change.")
        )
        return None

    return form_page(request, page, form, act)


@FORM_METHODS
@for_staff
def take_back(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    shift = _shift(request, shift_id)
    if not actions.is_open(shift):
        return _changed(request)
    page = FormPage(
        _("Take back a shift"),
        _("Take it back"),
        reverse("duty"),
        (
            _("%(name)s, %(number)s: %(span)s")
            % {"name": shift.name, "number": shift.number, "span": span(shift, with_day=True)},
            _("Pages that are opened from now on no longer show it. A page that is open already may."),
        ),
    )

    def act(cleaned: dict[str, Any]) -> HttpResponse | None:
        try:
            actions.take_back(shift=shift, by=who(request))
        except actions.Changed:
            return _changed(request)
        messages.success(request, _("The shift was taken back."))
        return None

    form = forms.Form(request.POST if request.method == "POST" else None)
    return form_page(request, page, form, act)


def _shift(request: HttpRequest, shift_id: UUID) -> DutyShift:
    shift = DutyShift.objects.get(pk=shift_id)
    check(who(request), Action.KEEP_DUTY, shift)
    return shift


def _changed(request: HttpRequest) -> HttpResponse:
    messages.warning(
        request,
        _("Nothing was done: this shift has ended, or it was changed meanwhile. This is the rota now."),
    )
    return redirect("duty")


def _what_it_does() -> str:
    return _("While the shift runs, clients read this name and number under “If it is urgent”.")
