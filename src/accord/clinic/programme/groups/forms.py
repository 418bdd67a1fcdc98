"""Groups, who leads them and who is in them; their meetings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accord.clinic.models import (
    ContactReport,
    Engagement,
    Person,
    Team,
)
from accord.clinic.programme.people.forms import OrganisationForm, engagement_field
from accord.clinic.web.fields import day_field, words_field


class GroupForm(OrganisationForm):
    name = words_field(_("name"))
    team = forms.ModelChoiceField(Team.objects.none(), label=_("team"))
    person = forms.ModelChoiceField(Person.objects.none(), label=_("first leader"))
    since = day_field(_("from"))


class LeaderForm(OrganisationForm):
    person = forms.ModelChoiceField(Person.objects.none(), label=_("leader"))
    since = day_field(_("from"))


class MemberForm(OrganisationForm):
    code = words_field(_("the client's code"))
    since = day_field(_("from"))

    def __init__(self, data: Any = None, *, organisation: Any, **more: Any) -> None:
        self.organisation = organisation
        super().__init__(data, organisation=organisation, **more)

    def clean_code(self) -> Person:
        """The client of this code."""
        code = " ".join(self.cleaned_data["code"].split())
        clients = Person.objects.filter(organisation=self.organisation, kind=Person.Kind.CLIENT)
        client = clients.filter(code=code).first()
        if client is None:
            raise ValidationError(
                _("No client has the code %(code)s. Check it on the list of people."), params={"code": code}
            )
        return client


class MeetingForm(forms.Form):
    """The day of a group's meeting, and the attendance of each member."""

    meeting_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, members: Iterable[Engagement]) -> None:
        super().__init__(data, initial={"meeting_id": uuid4()})
        self.fields["day"] = day_field(_("day"))
        known = ContactReport.Attendance
        choices = [choice for choice in known.choices if choice[0] != known.MISTAKEN]
        self.members = {engagement_field(member): member for member in members}
        for name, engagement in self.members.items():
            self.fields[name] = forms.ChoiceField(label=engagement.client.name, choices=choices)

    @property
    def attendance(self) -> dict[Engagement, str]:
        """The attendance of each member; available after `is_valid`."""
        return {engagement: self.cleaned_data[name] for name, engagement in self.members.items()}
