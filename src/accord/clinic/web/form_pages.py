"""A page that asks for something: one form, one main action, and what was wrong said beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from accord.clinic.audit import readings
from accord.clinic.models import Person
from accord.clinic.web.support import who
from accord.errors import InputError


@dataclass(frozen=True)
class Asked:
    """What the page says around its form. `back`: where it leads without doing anything, and after it."""

    title: str
    button: str
    back: str
    told: tuple[str, ...] = ()
    about: Person | None = None


def form_page(
    request: HttpRequest, asked: Asked, form: forms.Form, act: Callable[[dict[str, Any]], Any]
) -> HttpResponse:
    """Show the form, or do what it asks for; `act` may answer with a page of its own.

    What `act` raises as `InputError` is told beside the form, and nothing was done.
    """
    status = 200
    if form.is_bound:
        status = 400
        try:
            if form.is_valid():
                answer = act(form.cleaned_data)
                return answer if isinstance(answer, HttpResponse) else redirect(asked.back)
        except InputError as error:
            form.add_error(None, error.sentence(gettext))
    tell_reading(asked, who(request))
    context = {"asked": asked, "form": form, "client": asked.about}
    return render(request, "clinic/programme/form.html", context, status=status)


def tell_reading(asked: Asked, viewer: Person) -> None:
    """A page with a client's name on it is told in that client's record."""
    if asked.about is not None:
        readings.person(person=asked.about, by=viewer)
