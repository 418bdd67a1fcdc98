"""Pages for what went wrong. A record that is denied looks like one that is missing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "clinic/404.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    return render(request, "clinic/500.html", status=500)


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "clinic/csrf.html", status=403)
