"""The name that somebody signs in with."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class InviteForm(forms.Form):
    """The name that somebody signs in with; accord writes to nobody."""

    email = forms.EmailField(
        label=_("e-mail to sign in with"), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
