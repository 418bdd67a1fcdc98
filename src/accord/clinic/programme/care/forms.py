"""Relationships and treatments: their beginning, their end, a correction."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accord.clinic.models import (
    CareEpisode,
    Engagement,
    Person,
    Team,
)
from accord.clinic.programme.people.forms import LastDayForm, OrganisationForm
from accord.clinic.web.fields import day_field, open_choice, words_field


class RelationshipForm(OrganisationForm):
    clinician = forms.ModelChoiceField(Person.objects.none(), label=_("with whom"))
    role = forms.ChoiceField(
        label=_("for"),
        choices=[choice for choice in Engagement.Role.choices if choice[0] != Engagement.Role.GROUP],
    )
    team = forms.ModelChoiceField(Team.objects.none(), label=_("team"))
    since = day_field(_("from"))


class RelationshipEndForm(LastDayForm):
    why = open_choice(_("why it ends"), Engagement.WhyEnded.choices, refusal=_("Choose why it ends."))


class CareForm(forms.Form):
    since = day_field(_("start"))
    method = forms.ChoiceField(label=_("method"), choices=CareEpisode.Method.choices)
    method_words = words_field(
        _("method or arm in your own words"),
        required=False,
        help_text=_("Needed for another method; pages then show these words."),
    )
    planned_end = day_field(_("planned end"), required=False)


class CareEndForm(forms.Form):
    until = day_field(
        _("day of the last contact that took place"),
        required=False,
        help_text=_("Left empty, accord takes the last contact it knows of."),
    )
    reason = open_choice(
        _("how it ended"), CareEpisode.EndReason.choices, refusal=_("Choose how the treatment ended.")
    )


class CareCorrectionForm(CareForm):
    until = day_field(_("end"), required=False, help_text=_("Empty: the episode is open."))
    end_reason = forms.ChoiceField(
        label=_("how it ended"), required=False, choices=[("", "-"), *CareEpisode.EndReason.choices]
    )
