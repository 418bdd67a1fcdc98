"""Forms that pages of several wings take."""

from __future__ import annotations

from django import forms

from accord.clinic.models import Response


class RespondForm(forms.Form):
    done = forms.ChoiceField(choices=Response.Done.choices)
