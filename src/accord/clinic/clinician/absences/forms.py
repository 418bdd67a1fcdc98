"""The form for an absence that a client announced."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accord.clinic.web.fields import day_field


class AbsenceForm(forms.Form):
    first_day = day_field(_("first day away"))
    last_day = day_field(_("last day away"))
    announced_on = day_field(
        _("announced on"), help_text=_("A contact before this day counts as missed, not as announced.")
    )
