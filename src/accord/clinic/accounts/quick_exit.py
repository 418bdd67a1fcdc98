"""The quick exit: sign out, and show an empty page in place of the open one."""

from __future__ import annotations

from allauth.account.internal.flows.logout import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accord.clinic.web.link_exchange import forget_links


# Without a token, so that a page that was left open overnight leaves as quickly; a foreign page gains
# nothing, as browsers send it no cookie along.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "clinic/left.html")
    logout(request, show_message=False)
    response = redirect("leave")
    forget_links(request, response)
    # Nothing else by this header: "storage" would also empty what a page keeps until it can be sent.
    response["Clear-Site-Data"] = '"cache"'
    return response
