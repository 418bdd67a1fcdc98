"""Pages about leaving early: quality of the estimates, the definition, and reaching out."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accord.clinic.monitoring import dropout
from accord.clinic.monitoring.dropout_report import dropout_report
from accord.clinic.policy import Action, check, possible_actions
from accord.clinic.programme.dropout.forms import LeavingForm
from accord.clinic.web.forms import RespondForm
from accord.clinic.web.support import engagement_for, for_staff, who


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def show(request: HttpRequest) -> HttpResponse:
    viewer, organisation = who(request), who(request).organisation
    check(viewer, Action.SEE_ESTIMATES_REPORT, organisation)
    form = LeavingForm(request.POST or None, initial=LeavingForm.of(organisation))
    if form.is_bound and form.is_valid():
        dropout.define(organisation=organisation, **form.cleaned_data, by=viewer)
        messages.success(request, _("Saved. The estimates follow it once the model is fitted again."))
        return redirect("leaving")
    context = {
        "report": dropout_report(organisation),
        "form": form if Action.DEFINE_LEAVING in possible_actions(viewer) else None,
        "organisation": organisation,
    }
    return render(request, "clinic/leaving.html", context, status=400 if form.is_bound else 200)


@require_POST
@for_staff
def reach_out(request: HttpRequest, engagement_id: UUID) -> HttpResponse:
    engagement = engagement_for(request, Action.RESPOND, engagement_id)
    form = RespondForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(_("Choose an answer from the list."), content_type="text/plain")
    dropout.reach_out(engagement=engagement, done=form.cleaned_data["done"], by=who(request))
    from_worklist = request.POST.get("next") == reverse("worklist")
    return redirect("worklist") if from_worklist else redirect("client", engagement.client_id)
