"""The form of the false-flag budget."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accord.clinic.programme.alarm_budget import queries as alarm_budget_queries


class BudgetForm(forms.Form):
    """Weeks between two false flags of one client."""

    weeks = forms.TypedChoiceField(
        label=_("false flags for each client"), choices=alarm_budget_queries.choices, coerce=int
    )
