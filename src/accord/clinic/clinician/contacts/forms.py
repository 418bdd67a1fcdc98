"""The form for logging and correcting a contact."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accord.clinic.models import ContactReport
from accord.records.ratings import Hard
from accord.words.context import hard_word


def _hard_choices() -> list[tuple[str, str]]:
    return [("", gettext("no")), *((hard.value, hard_word(hard, gettext)) for hard in Hard)]


class ContactForm(forms.Form):
    """Attendance and kind of a contact. `seen`: the report the page showed, empty if there was none."""

    contact_id = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.UUIDField(widget=forms.HiddenInput, required=False)
    day = forms.DateField(label=_("day"), widget=forms.DateInput(attrs={"type": "date"}))
    attendance = forms.ChoiceField(
        label=_("attendance"), choices=ContactReport.Attendance.choices, widget=forms.RadioSelect
    )
    kind = forms.ChoiceField(label=_("kind of contact"), choices=ContactReport.Kind.choices)
    planned = forms.BooleanField(label=_("it was scheduled"), required=False)
    hard = forms.ChoiceField(
        label=_("was it deliberately difficult?"),
        required=False,
        choices=_hard_choices,
        help_text=_("For example a chain analysis or an ending. A dip there may be good work."),
    )

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_new:
            self._offer_for_a_new_one()
        else:
            del self.fields["day"]  # a contact keeps its day; one of another day was another contact

    def _offer_for_a_new_one(self) -> None:
        attendance = self.fields["attendance"]
        if isinstance(attendance, forms.ChoiceField):
            mistaken = ContactReport.Attendance.MISTAKEN
            attendance.choices = [
                choice for choice in ContactReport.Attendance.choices if choice[0] != mistaken
            ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        took_place = cleaned.get("attendance") in ContactReport.TOOK_PLACE
        if cleaned.get("hard") and "attendance" in cleaned and not took_place:
            self.add_error(
                "hard",
                _("Only a contact that took place can have been difficult. Change one of the two answers."),
            )
        return cleaned
