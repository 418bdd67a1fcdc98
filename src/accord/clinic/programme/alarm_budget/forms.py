"""How many weeks lie between two false flags of one client."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accord.clinic.programme.alarm_budget import queries as noticing


class BudgetForm(forms.Form):
    """How many weeks lie between two false flags of one client."""

    weeks = forms.TypedChoiceField(
        label=_("false flags for each client"), choices=noticing.choices, coerce=int
    )
