"""The words of an own reaction, and a note."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accord.clinic.client.checkins.forms import CheckInForm

NOTE_LENGTH = 2000  # characters


class ReactionForm(CheckInForm):
    """The words of an own reaction, and a note."""

    note = forms.CharField(
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": NOTE_LENGTH, "autocomplete": "off"}),
        label=_("A note to yourself"),
    )
