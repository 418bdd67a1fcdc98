"""A client's own pages: what they answered, and what their answers may be used for."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accord.clinic.audit import audit_reads
from accord.clinic.client.checkins.views import invited, not_here, problem
from accord.clinic.client.consents import actions as consent_actions
from accord.clinic.client.own_record.answers import as_csv, own_answers
from accord.clinic.client.own_record.picture import own_pictures
from accord.clinic.facts import consents, links
from accord.clinic.models import FeedbackMode, Person
from accord.clinic.models.actors import Link
from accord.clinic.policy import Action, Denied, check
from accord.clinic.web.link_exchange import exchanging, is_only_opened, name_of
from accord.clinic.web.support import for_people, who

YES = "yes"


@require_safe
@for_people
def answers(request: HttpRequest) -> HttpResponse:
    client, now = who(request), timezone.now()
    context = {
        "relationships": own_answers(client),
        "pictures": own_pictures(client, now),
        "together": consents.is_looked_at_together(client),
        "opening": consents.open_picture(client, now),
        "mode": FeedbackMode.Mode(consents.mode_of(client)).label,
        "all_open": "all" in request.GET,
    }
    audit_reads.own_answers(client=client, taken_away=False, by=client)
    return render(request, "clinic/own/answers.html", context)


@require_safe
@for_people
def answers_file(request: HttpRequest) -> HttpResponse:
    client = who(request)
    text = as_csv(own_answers(client))
    audit_reads.own_answers(client=client, taken_away=True, by=client)
    # With a byte-order mark, by which spreadsheets know the letters.
    answer = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="answers.csv"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def allowed(request: HttpRequest) -> HttpResponse:
    client = who(request)
    check(client, Action.CHOOSE_USES, client)
    if request.method == "POST":
        consent_actions.choose(client=client, choices=_choices(request.POST), by=client)
        messages.success(request, _("Saved. It applies from now on."))
        return redirect("own-uses")
    return render(request, "clinic/own/uses.html", _context(client))


# As with the form itself, the token that the form carries is the whole authority.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@exchanging(links.is_valid, lost=not_here)
def allowed_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Before the first form: what answers are used for. A link takes the first word only."""
    try:
        contact, _instrument = invited(token)
    except links.LinkProblem as wrong:
        return problem(request, wrong, token)
    client = contact.engagement.client
    if not consents.has_chosen(client) and not is_only_opened(request):
        try:
            consent_actions.choose(client=client, choices=_choices(request.POST), by=Link(client))
        except Denied:  # it came twice, and the first one counts
            return redirect("checkin", name_of(token))
    if consents.has_chosen(client):
        return redirect("checkin", name_of(token))
    return render(request, "clinic/own/uses_first.html", {**_context(client), "token": token})


def _choices(sent: Mapping[str, str]) -> dict[str, bool]:
    """Yes or no for each purpose; what was not sent is a no, never a yes."""
    return {purpose: sent.get(purpose) == YES for purpose in consents.Purpose.values}


def _context(client: Person) -> dict[str, object]:
    return {"chosen": consents.chosen(client), "mode": FeedbackMode.Mode(consents.mode_of(client)).label}
