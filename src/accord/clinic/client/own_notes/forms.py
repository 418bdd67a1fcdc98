"""For whom an own line is."""

from __future__ import annotations

from django import forms

from accord.clinic.models import LineSharing


class LineForm(forms.Form):
    audience = forms.ChoiceField(choices=LineSharing.Audience.choices)
