"""The form of an invitation."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class InviteForm(forms.Form):
    """The e-mail address to sign in with; accord sends no e-mail."""

    email = forms.EmailField(
        label=_("e-mail to sign in with"), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
