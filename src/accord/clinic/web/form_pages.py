"""Pages with one form and one main action; errors appear beside the form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from accord.clinic.audit import audit_reads
from accord.clinic.models import Person
from accord.clinic.web.support import who
from accord.errors import InputError


@dataclass(frozen=True)
class FormPage:
    """Title, button and paragraphs around a form. `back`: address to return to before or after it."""

    title: str
    button: str
    back: str
    paragraphs: tuple[str, ...] = ()
    about: Person | None = None


def form_page(
    request: HttpRequest, asked: FormPage, form: forms.Form, act: Callable[[dict[str, Any]], Any]
) -> HttpResponse:
    """Show the form, or run `act`, which may return a page of its own.

    An `InputError` of `act` is shown beside the form.
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
    record_read(asked, who(request))
    context = {"asked": asked, "form": form, "client": asked.about}
    return render(request, "clinic/programme/form.html", context, status=status)


def record_read(asked: FormPage, viewer: Person) -> None:
    """Note the page in the record of the client whom it names."""
    if asked.about is not None:
        audit_reads.person(person=asked.about, by=viewer)
