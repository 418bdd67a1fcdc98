"""Forms. One builder makes the check-in of every instrument from its definition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import uuid4

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accord.clinic.models import ContactReport, ImportBatch, LineSharing, Person, Response, Team
from accord.clinic.models.line import Line
from accord.clinic.programme.alarm_budget import queries as noticing
from accord.records import Construct, Hard, Instrument, Item
from accord.words_beside import hard_word

LINE_LENGTH, NOTE_LENGTH = 1000, 2000  # characters


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    checked: bool


@dataclass(frozen=True)
class Question:
    """One item as the page asks it. `asked_if`: name of the field that must be answered above 0, or empty."""

    item: Item
    name: str
    label: str
    options: tuple[Choice, ...]
    errors: Sequence[str]
    asked_if: str


class CheckInForm(forms.Form):
    """The questions of an instrument; every one may be skipped."""

    checkin_id = forms.UUIDField(widget=forms.HiddenInput)
    about = forms.CharField(widget=forms.HiddenInput, required=False)  # signed: whom the form is about
    hard = forms.BooleanField(required=False)  # this side says that the contact was meant to be hard

    def __init__(self, data: Any = None, *, instrument: Instrument, about: str = "") -> None:
        self.instrument = instrument
        super().__init__(data, initial={"checkin_id": uuid4(), "about": about})
        for item in instrument.items:
            self.fields[_name(item.number)] = _question(item)

    @property
    def questions(self) -> Iterator[Question]:
        for item in self.instrument.items:
            bound = self[_name(item.number)]
            chosen = str(bound.value() or "")
            yield Question(
                item=item,
                name=bound.name,
                label=str(bound.label),
                options=tuple(Choice(value, label, value == chosen) for value, label in _choices(item)),
                errors=[str(error) for error in bound.errors],
                asked_if=_name(item.asked_if) if item.asked_if is not None else "",
            )

    @property
    def answers(self) -> dict[int, float]:
        """The answers given, by item number; only after `is_valid`."""
        given = {item.number: self.cleaned_data[_name(item.number)] for item in self.instrument.items}
        return {number: value for number, value in given.items() if value is not None}

    @property
    def line(self) -> Line | None:
        """Words beside the answers; this form has no place for any."""
        return None

    def with_new_id(self) -> Self:
        """The same answers as they were typed, under an id of their own."""
        data = {name: self.data.get(name, "") for name in self.fields}
        return type(self)({**data, "checkin_id": str(uuid4())}, instrument=self.instrument)


class ClientCheckInForm(CheckInForm):
    """With a place for the client's own line, and who may read it: nobody, unless they say otherwise."""

    line_for = forms.ChoiceField(choices=LineSharing.Audience.choices, required=False)
    line_text = forms.CharField(
        required=False,
        max_length=LINE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": LINE_LENGTH, "autocomplete": "off"}),
        label=_("My line"),
    )

    @property
    def line(self) -> Line | None:
        """The line that was typed, for nobody but its writer unless one of the others was chosen."""
        text = self.cleaned_data["line_text"]
        chosen = self.cleaned_data["line_for"] or LineSharing.Audience.ONLY_ME
        return Line(text, chosen) if text else None


class ReactionForm(CheckInForm):
    """The words of an own reaction, and a note."""

    note = forms.CharField(
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": NOTE_LENGTH, "autocomplete": "off"}),
        label=_("A note to yourself"),
    )


class LineForm(forms.Form):
    audience = forms.ChoiceField(choices=LineSharing.Audience.choices)


def _name(number: int) -> str:
    return f"item_{number}"


def _question(item: Item) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=gettext(item.wording),
        choices=_choices(item),
        coerce=float,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )


def _choices(item: Item) -> list[tuple[str, str]]:
    """An option without words of its own shows its number."""
    values = [(f"{option.value:g}", option.label) for option in item.options]
    return [(value, gettext(label) if label else value) for value, label in values]


def _hard_choices() -> list[tuple[str, str]]:
    return [("", gettext("no")), *((one.value, hard_word(one, gettext)) for one in Hard)]


class ContactForm(forms.Form):
    """What became of a contact. `seen`: the report the page showed, empty where there was none."""

    contact_id = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.UUIDField(widget=forms.HiddenInput, required=False)
    day = forms.DateField(label=_("day"), widget=forms.DateInput(attrs={"type": "date"}))
    attendance = forms.ChoiceField(
        label=_("what became of it"), choices=ContactReport.Attendance.choices, widget=forms.RadioSelect
    )
    kind = forms.ChoiceField(label=_("kind of contact"), choices=ContactReport.Kind.choices)
    planned = forms.BooleanField(label=_("it was planned beforehand"), required=False)
    hard = forms.ChoiceField(
        label=_("was it meant to be hard?"),
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
            attendance.choices = [one for one in ContactReport.Attendance.choices if one[0] != mistaken]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        took_place = cleaned.get("attendance") in ContactReport.TOOK_PLACE
        if cleaned.get("hard") and "attendance" in cleaned and not took_place:
            self.add_error("hard", _("found a contact that did not take place, expected one that did"))
        return cleaned


class BudgetForm(forms.Form):
    """How many weeks lie between two false flags of one client."""

    weeks = forms.TypedChoiceField(
        label=_("false flags for each client"), choices=noticing.choices, coerce=int
    )


class RespondForm(forms.Form):
    done = forms.ChoiceField(choices=Response.Done.choices)


class BreakGlassForm(forms.Form):
    """Whose record is opened in an emergency, and why."""

    client = forms.CharField(label=_("name or code of the client, exactly"), max_length=200)
    reason = forms.CharField(
        label=_("why you need it now"),
        help_text=_("In your own words. The programme lead reads this; leave out what is not needed."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ImportForm(forms.Form):
    """A file and what it holds; for ratings their team, and what must be told of an unknown scale."""

    file = forms.FileField(label=_("file (CSV)"))
    what = forms.ChoiceField(
        label=_("what it holds"), choices=ImportBatch.What.choices, required=False, initial="ratings"
    )
    team = forms.ModelChoiceField(Team.objects.none(), label=_("team, for a file of ratings"), required=False)
    clinician = forms.ModelChoiceField(
        Person.objects.none(), label=_("clinician, if the file has no such column"), required=False
    )
    scale_name = forms.CharField(label=_("name of another scale in the file"), required=False, max_length=100)
    scale_low = forms.FloatField(label=_("its lowest score"), required=False)
    scale_high = forms.FloatField(label=_("its highest score"), required=False)
    scale_lower_is_better = forms.BooleanField(label=_("lower is better"), required=False)
    scale_construct = forms.ChoiceField(
        label=_("it measures"),
        required=False,
        choices=[(one.value, one.value) for one in Construct],
        initial="other",
    )

    def __init__(self, data: Any = None, files: Any = None, *, lead: Person) -> None:
        super().__init__(data, files)
        mine = {"organisation": lead.organisation_id}
        self._offer("team", Team.objects.filter(**mine).order_by("name"))
        self._offer("clinician", Person.objects.filter(kind=Person.Kind.STAFF, **mine).order_by("name"))

    def _offer(self, name: str, rows: QuerySet[Any]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = rows

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if file.size is None or file.size > settings.IMPORT_LIMIT:
            limit = settings.IMPORT_LIMIT // (1024 * 1024)
            raise ValidationError(
                _("found a file of more than %(n)s MB, expected a smaller one"), params={"n": limit}
            )
        return file

    def clean_what(self) -> str:
        return self.cleaned_data["what"] or ImportBatch.What.RATINGS.value

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("what") == ImportBatch.What.RATINGS and not cleaned.get("team"):
            self.add_error("team", _("found no team, expected the one that the ratings belong to"))
        told = [cleaned.get(name) is not None for name in ("scale_low", "scale_high")]
        if cleaned.get("scale_name") and not all(told):
            self.add_error("scale_low", _("found no range, expected the lowest and the highest score"))
        return cleaned


class InviteForm(forms.Form):
    """The name that somebody signs in with; accord writes to nobody."""

    email = forms.EmailField(
        label=_("e-mail to sign in with"), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
