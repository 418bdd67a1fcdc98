"""The form that narrows the log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accord.clinic.web.fields import day_field, words_field

A_WEEK = timedelta(days=7)


class NarrowForm(forms.Form):
    since = day_field(_("from"))
    until = day_field(_("to"))
    staff = words_field(_("who, by name"), required=False)
    code = words_field(_("whose record, by code"), required=False)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("since") and given.get("until") and given["until"] < given["since"]:
            self.add_error("until", _("Choose a last day on or after the first one."))
        return given


def narrowed(data: Any) -> NarrowForm:
    """The form as it was sent; the last week where nothing was."""
    today = timezone.localdate()
    return NarrowForm(data or {"since": today - A_WEEK, "until": today})
