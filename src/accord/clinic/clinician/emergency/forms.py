"""The form for opening a record in an emergency."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class BreakGlassForm(forms.Form):
    """The form for opening a record in an emergency."""

    client = forms.CharField(label=_("name or code of the client, exactly"), max_length=200)
    reason = forms.CharField(
        label=_("why you need it now"),
        help_text=_("In your own words. The programme lead reads this; leave out what is not needed."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
