"""Forms for people and their roles, and the base of the programme's forms."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accord.clinic.models import (
    Engagement,
    Membership,
    Person,
    Team,
)
from accord.clinic.models.span import going_on
from accord.clinic.policy.table import Relation, roles_granting
from accord.clinic.web.fields import day_field, words_field

TREATING = roles_granting(Relation.ENGAGED, Relation.PEER)


def treating_staff(organisation: Any) -> QuerySet[Person]:
    """Staff whose role lets them treat clients today, by name."""
    working = Membership.objects.filter(
        going_on(timezone.localdate()), person=OuterRef("pk"), role__in=TREATING
    )
    staff = Person.objects.filter(organisation=organisation, kind=Person.Kind.STAFF)
    return staff.filter(Exists(working)).order_by("name")


class OrganisationForm(forms.Form):
    """A form whose choices are rows of one organisation only."""

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
    name = words_field(_("name"), help_text=_("As pages name them."))
    code = words_field(
        _("code"), help_text=_("As files and other systems name them, such as C-017. Nobody else has it.")
    )


class NameForm(forms.Form):
    name = words_field(_("name"))


class RoleForm(OrganisationForm):
    team = forms.ModelChoiceField(Team.objects.none(), label=_("team"))
    role = forms.ChoiceField(label=_("role"), choices=Membership.Role.choices)
    since = day_field(_("from"))


class LastDayForm(forms.Form):
    until = day_field(_("last day"))


def engagement_field(engagement: Engagement) -> str:
    return f"to_{engagement.pk.hex}"
