"""What a client agreed to, and who sees what is computed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accord.clinic.models import (
    Consent,
    FeedbackMode,
)


class AgreementForm(forms.Form):
    """What a client said about the uses of their answers, and who sees what is computed."""

    noticing = forms.ChoiceField(label=_("notice strain, from ratings, missed and late forms"))
    leaving = forms.ChoiceField(label=_("estimate whether somebody may leave treatment early"))
    research = forms.ChoiceField(label=_("research, without name or exact dates"))
    mode = forms.ChoiceField(
        label=_("who sees what is computed"),
        choices=FeedbackMode.Mode.choices,
        help_text=_("Own answers are always the client's to see, whatever stands here."),
    )

    def __init__(self, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        for purpose in Consent.Purpose.values:
            field = self.fields[purpose]
            if isinstance(field, forms.ChoiceField):
                field.choices = [("yes", _("may be used")), ("no", _("switched off"))]
