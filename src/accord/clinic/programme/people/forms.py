"""Forms of those who administer a programme: people, roles, relationships, care, groups, handing over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accord.clinic.models import (
    CareEpisode,
    Consent,
    ContactReport,
    Engagement,
    FeedbackMode,
    Group,
    Membership,
    Organisation,
    Person,
    Team,
)
from accord.clinic.models.span import going_on
from accord.clinic.policy.table import Relation, bringing

TREATING = bringing(Relation.ENGAGED, Relation.PEER)


def _day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    initial = timezone.localdate if required else None
    return forms.DateField(
        label=label, required=required, help_text=help_text, widget=widget, initial=initial
    )


def _words(label: Any, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    return forms.CharField(label=label, max_length=100, required=required, help_text=help_text)


def treating_staff(organisation: Any) -> QuerySet[Person]:
    """Those whose role lets them treat clients today, by name."""
    working = Membership.objects.filter(
        going_on(timezone.localdate()), person=OuterRef("pk"), role__in=TREATING
    )
    staff = Person.objects.filter(organisation=organisation, kind=Person.Kind.STAFF)
    return staff.filter(Exists(working)).order_by("name")


class OfProgramme(forms.Form):
    """A form whose choices are rows of one organisation; another one's row is no choice at all."""

    def __init__(self, data: Any = None, *, organisation: Any, **more: Any) -> None:
        super().__init__(data, **more)
        self._offer("team", Team.objects.filter(organisation=organisation).order_by("name"))
        self._offer("clinician", treating_staff(organisation))
        self._offer("person", treating_staff(organisation))

    def _offer(self, name: str, rows: QuerySet[Any]) -> None:
        field = self.fields.get(name)
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = rows
            if rows.count() == 1 and field.required:
                field.initial = rows[0]


class PersonForm(forms.Form):
    kind = forms.ChoiceField(label=_("who is it"), choices=Person.Kind.choices)
    name = _words(_("name"), help_text=_("As pages name them."))
    code = _words(
        _("code"), help_text=_("As files and other systems name them, such as C-017. Nobody else has it.")
    )


class NameForm(forms.Form):
    name = _words(_("name"))


class RoleForm(OfProgramme):
    team = forms.ModelChoiceField(Team.objects.none(), label=_("team"))
    role = forms.ChoiceField(label=_("role"), choices=Membership.Role.choices)
    since = _day(_("from"))


class LastDayForm(forms.Form):
    until = _day(_("last day"))


class RelationshipForm(OfProgramme):
    clinician = forms.ModelChoiceField(Person.objects.none(), label=_("with whom"))
    role = forms.ChoiceField(
        label=_("for"),
        choices=[choice for choice in Engagement.Role.choices if choice[0] != Engagement.Role.GROUP],
    )
    team = forms.ModelChoiceField(Team.objects.none(), label=_("team"))
    since = _day(_("from"))


class RelationshipEndForm(LastDayForm):
    why = forms.ChoiceField(label=_("why it ends"), choices=Engagement.WhyEnded.choices)


class CareForm(forms.Form):
    since = _day(_("start"))
    method = forms.ChoiceField(label=_("method"), choices=CareEpisode.Method.choices)
    method_words = _words(
        _("method or arm in your own words"),
        required=False,
        help_text=_("Needed for another method; pages then show these words."),
    )
    planned_end = _day(_("planned end"), required=False)


class CareEndForm(forms.Form):
    until = _day(
        _("day of the last contact that took place"),
        required=False,
        help_text=_("Left empty, accord takes the last contact it knows of."),
    )
    reason = forms.ChoiceField(label=_("how it ended"), choices=CareEpisode.EndReason.choices)


class CareCorrectionForm(CareForm):
    until = _day(_("end"), required=False, help_text=_("Empty: the episode is open."))
    end_reason = forms.ChoiceField(
        label=_("how it ended"), required=False, choices=[("", "-"), *CareEpisode.EndReason.choices]
    )


class GroupForm(OfProgramme):
    name = _words(_("name"))
    team = forms.ModelChoiceField(Team.objects.none(), label=_("team"))
    person = forms.ModelChoiceField(Person.objects.none(), label=_("first leader"))
    since = _day(_("from"))


class LeaderForm(OfProgramme):
    person = forms.ModelChoiceField(Person.objects.none(), label=_("leader"))
    since = _day(_("from"))


class MemberForm(OfProgramme):
    code = _words(_("the client's code"))
    since = _day(_("from"))

    def __init__(self, data: Any = None, *, organisation: Any, **more: Any) -> None:
        self.organisation = organisation
        super().__init__(data, organisation=organisation, **more)

    def clean_code(self) -> Person:
        """The client of this code."""
        code = " ".join(self.cleaned_data["code"].split())
        clients = Person.objects.filter(organisation=self.organisation, kind=Person.Kind.CLIENT)
        client = clients.filter(code=code).first()
        if client is None:
            raise ValidationError(_("found %(code)s, expected the code of a client"), params={"code": code})
        return client


class MeetingForm(forms.Form):
    """A meeting of a group: its day, and of each member whether it took place for them."""

    meeting_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, members: Iterable[Engagement]) -> None:
        super().__init__(data, initial={"meeting_id": uuid4()})
        self.fields["day"] = _day(_("day"))
        known = ContactReport.Attendance
        choices = [one for one in known.choices if one[0] != known.MISTAKEN]
        self.members = {_name(one): one for one in members}
        for name, one in self.members.items():
            self.fields[name] = forms.ChoiceField(label=one.client.name, choices=choices)

    @property
    def attendance(self) -> dict[Engagement, str]:
        """What was told of each member; only after `is_valid`."""
        return {one: self.cleaned_data[name] for name, one in self.members.items()}


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


class HandoverForm(forms.Form):
    """One choice of a successor for each relationship; those already in it are not offered."""

    def __init__(self, data: Any = None, *, engagements: Iterable[Engagement], leaver: Person) -> None:
        super().__init__(data)
        staff = treating_staff(leaver.organisation_id).exclude(pk=leaver.pk)
        self.engagements = {_name(one): one for one in engagements}
        for name, one in self.engagements.items():
            self.fields[name] = forms.ModelChoiceField(staff, label=_told(one), empty_label=_("choose"))

    @property
    def successors(self) -> dict[Any, Person]:
        """The chosen successor by the relationship's id; only after `is_valid`."""
        return {one.pk: self.cleaned_data[name] for name, one in self.engagements.items()}


def _name(engagement: Engagement) -> str:
    return f"to_{engagement.pk.hex}"


def _told(engagement: Engagement) -> str:
    about: Group | str = engagement.group or engagement.get_role_display()
    return f"{engagement.client.name}, {about}"


class LeavingForm(forms.Form):
    """When somebody has left, and whether people live here."""

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
