"""The form with the programme's definition of leaving early."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accord.clinic.models import (
    Organisation,
)


class LeavingForm(forms.Form):
    """Definition of leaving early, and whether clients live here."""

    missed = forms.IntegerField(label=_("scheduled contacts missed in a row"), min_value=2, max_value=12)
    days = forms.IntegerField(
        label=_("or every scheduled contact missed for so many days"), min_value=3, max_value=90
    )
    put_out = forms.BooleanField(
        label=_("count those whom the team discharged by this rule as having left"), required=False
    )
    in_residence = forms.BooleanField(
        label=_("people live here: estimate for the next 7 days, not 28"), required=False
    )

    @staticmethod
    def of(organisation: Organisation) -> dict[str, object]:
        return {
            "missed": organisation.leaving_missed,
            "days": organisation.leaving_days,
            "put_out": organisation.leaving_put_out,
            "in_residence": organisation.in_residence,
        }
