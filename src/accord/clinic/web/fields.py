"""Fields that several forms have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accord.clinic.web.names import check_name


def day_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    initial = timezone.localdate if required else None
    return forms.DateField(
        label=label, required=required, help_text=help_text, widget=widget, initial=initial
    )


def words_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, max_length=100, required=required, help_text=help_text, validators=[check_name]
    )


def open_choice(label: Any, choices: Sequence[tuple[Any, Any]], *, refusal: Any) -> forms.ChoiceField:
    """A choice that nobody makes by leaving it alone: nothing is selected until a person selects it."""
    return forms.ChoiceField(
        label=label, choices=[("", _("choose")), *choices], error_messages={"required": refusal}
    )
