"""The form of a shift, and of the same shift on several days."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accord.clinic.models import DutyShift
from accord.clinic.programme.duty.actions import Entry
from accord.clinic.programme.duty.times import MOST_WEEKS, Repeat, Times
from accord.clinic.web.fields import day_field, words_field


def _clock_field(label: Any) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        input_formats=["%H:%M"],
        error_messages={"invalid": _("Write a time such as 18:00.")},
    )


class ShiftForm(forms.Form):
    """Who is on duty and when."""

    name = words_field(_("name"), help_text=_("As clients read it."))
    number = forms.CharField(
        label=_("telephone number"),
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel"}),
        help_text=_("The number at which this person answers during the whole shift."),
    )
    start = _clock_field(_("from"))
    end = _clock_field(_("until"))
    zone = forms.CharField(
        label=_("time zone"),
        max_length=64,
        initial=lambda: settings.TIME_ZONE,
        help_text=_("The zone of the times above, such as Europe/Berlin."),
    )
    field_order: tuple[str, ...] = ("name", "number", "day", "start", "end", "last_day", "zone")

    def __init__(self, data: Any = None, *, shift: DutyShift | None = None) -> None:
        super().__init__(data, initial=_initial(shift) if shift else None)
        self.fields["day"] = day_field(_("day"))
        self.fields["last_day"] = day_field(
            _("day on which it ends"),
            required=False,
            help_text=_("Needed only where it ends on a later day, as a night shift does."),
        )
        self.order_fields(self.field_order)

    @property
    def entry(self) -> Entry:
        """What was entered; only after `is_valid`."""
        given = self.cleaned_data
        last_day = given["last_day"] or given["day"]
        times = Times(given["day"], given["start"], last_day, given["end"], given["zone"].strip())
        return Entry(given["name"], given["number"], times)


class NewShiftForm(ShiftForm):
    """The same with the days on which it is repeated."""

    shift_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    repeat = forms.ChoiceField(
        label=_("enter this shift"),
        choices=Repeat.choices,
        initial=Repeat.ONCE,
        help_text=_("Each day becomes an entry of its own, which you can change later."),
    )
    weeks = forms.IntegerField(
        label=_("for how many weeks"),
        min_value=1,
        max_value=MOST_WEEKS,
        initial=1,
        help_text=_(
            "They are counted from the day above, and do not matter for a shift that is entered only once."
        ),
    )
    field_order = (*ShiftForm.field_order, "repeat", "weeks")


def _initial(shift: DutyShift) -> dict[str, object]:
    start, end = shift.starts_at.astimezone(shift.tz), shift.ends_at.astimezone(shift.tz)
    return {
        "name": shift.name, "number": shift.number, "zone": shift.zone, "day": start.date(),
        "start": start.time(), "end": end.time(),
        "last_day": end.date() if end.date() != start.date() else None,
    }  # fmt: skip
