"""The page on which the programme lead sets the false-flag budget."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accord.clinic.monitoring import assessment
from accord.clinic.policy import Action, check
from accord.clinic.programme.alarm_budget import actions
from accord.clinic.programme.alarm_budget import queries as alarm_budget_queries
from accord.clinic.programme.alarm_budget.forms import BudgetForm
from accord.clinic.web.support import for_staff, who


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def show(request: HttpRequest) -> HttpResponse:
    organisation = who(request).organisation
    check(who(request), Action.SET_LINE, organisation)
    form = BudgetForm(request.POST or None, initial={"weeks": organisation.weeks_per_false_flag})
    if form.is_bound and form.is_valid():
        actions.set_budget(organisation=organisation, weeks=form.cleaned_data["weeks"], by=who(request))
        messages.success(request, _("Saved. Each relationship uses it from its next entry on."))
        return redirect("noticing")
    clients, clinicians, flags = assessment.budget(organisation, timezone.localdate())
    context = {
        "form": form,
        "weeks": organisation.weeks_per_false_flag,
        "clients": clients,
        "clinicians": clinicians,
        "flags": flags,
        "each": flags / clinicians if clinicians else 0,
        "versions": alarm_budget_queries.versions(organisation),
    }
    return render(request, "clinic/noticing.html", context, status=400 if form.is_bound else 200)
