"""Forms that pages of several wings take."""

from __future__ import annotations

from django import forms

from accord.clinic.models import Response, act_response


class RespondForm(forms.Form):
    done = forms.ChoiceField(choices=Response.Done.choices)


class ActResponseForm(forms.Form):
    done = forms.ChoiceField(choices=act_response.CHOICES)
