"""The form with the reason for closing a client's sign-in."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class ClosingForm(forms.Form):
    reason = forms.CharField(
        label=_("what you tell them"),
        help_text=_("Say it to them yourself, in these words. They are kept, sealed, with what was decided."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
