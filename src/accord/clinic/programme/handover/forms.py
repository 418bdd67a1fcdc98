"""The form that names a successor for each relationship of staff who leave."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accord.clinic.models import (
    Engagement,
    Group,
    Person,
)
from accord.clinic.programme.people.forms import engagement_field, treating_staff


class HandoverForm(forms.Form):
    """A choice of a successor for each relationship, without the person who leaves."""

    def __init__(self, data: Any = None, *, engagements: Iterable[Engagement], leaver: Person) -> None:
        super().__init__(data)
        staff = treating_staff(leaver.organisation_id).exclude(pk=leaver.pk)
        self.engagements = {engagement_field(engagement): engagement for engagement in engagements}
        for name, engagement in self.engagements.items():
            self.fields[name] = forms.ModelChoiceField(
                staff, label=_label(engagement), empty_label=_("choose")
            )

    @property
    def successors(self) -> dict[Any, Person]:
        """The chosen successor by the relationship's id; only after `is_valid`."""
        return {engagement.pk: self.cleaned_data[name] for name, engagement in self.engagements.items()}


def _label(engagement: Engagement) -> str:
    about: Group | str = engagement.group or engagement.get_role_display()
    return f"{engagement.client.name}, {about}"
