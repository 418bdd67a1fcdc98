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
from accord.clinic.programme.people.forms import OfProgramme, engagement_field
from accord.clinic.web.fields import day_field, words_field


class GroupForm(OfProgramme):
    name = words_field(_("name"))
    team = forms.ModelChoiceField(Team.objects.none(), label=_("team"))
    person = forms.ModelChoiceField(Person.objects.none(), label=_("first leader"))
    since = day_field(_("from"))


class LeaderForm(OfProgramme):
    person = forms.ModelChoiceField(Person.objects.none(), label=_("leader"))
    since = day_field(_("from"))


class MemberForm(OfProgramme):
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
    """A meeting of a group: its day, and of each member whether it took place for them."""

    meeting_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, members: Iterable[Engagement]) -> None:
        super().__init__(data, initial={"meeting_id": uuid4()})
        self.fields["day"] = day_field(_("day"))
        known = ContactReport.Attendance
        choices = [one for one in known.choices if one[0] != known.MISTAKEN]
        self.members = {engagement_field(one): one for one in members}
        for name, one in self.members.items():
            self.fields[name] = forms.ChoiceField(label=one.client.name, choices=choices)

    @property
    def attendance(self) -> dict[Engagement, str]:
        """What was told of each member; only after `is_valid`."""
        return {one: self.cleaned_data[name] for name, one in self.members.items()}
