"""The form for a client's consents and feedback mode."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accord.clinic.models import (
    Consent,
    FeedbackMode,
)


class AgreementForm(forms.Form):
    """A client's consents, recorded for them, and who sees what is computed."""

    noticing = forms.ChoiceField(label=_("notice strain, from ratings, missed and late forms"))
    leaving = forms.ChoiceField(label=_("estimate whether somebody may leave treatment early"))
    research = forms.ChoiceField(label=_("research, without name or exact dates"))
    mode = forms.ChoiceField(
        label=_("who sees what is computed"),
        choices=FeedbackMode.Mode.choices,
        help_text=_("The client can always see their own answers, whatever is chosen here."),
    )

    def __init__(self, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        for purpose in Consent.Purpose.values:
            field = self.fields[purpose]
            if isinstance(field, forms.ChoiceField):
                field.choices = [("yes", _("may be used")), ("no", _("switched off"))]
