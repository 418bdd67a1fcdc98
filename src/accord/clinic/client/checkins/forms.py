"""The check-in of every instrument as a form, made from its definition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import uuid4

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accord.clinic.models import LineSharing
from accord.clinic.models.line import Line
from accord.records.ratings import Instrument, Item

LINE_LENGTH = 1000  # characters


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
        return self._again({**data, "checkin_id": str(uuid4())})

    def _again(self, data: Any) -> Self:
        return type(self)(data, instrument=self.instrument)


class ClientCheckInForm(CheckInForm):
    """With a place for the client's own line, which needs a choice of who may read it.

    `can_return`: the client has a sign-in. Without one nobody could ever open a line for themselves alone.
    """

    line_for = forms.ChoiceField(
        choices=LineSharing.Audience.choices,
        required=False,
        error_messages={"invalid_choice": _("Choose who may read your line, or delete it.")},
    )
    line_text = forms.CharField(
        required=False,
        max_length=LINE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": LINE_LENGTH, "autocomplete": "off"}),
        label=_("My line"),
    )

    def __init__(
        self, data: Any = None, *, instrument: Instrument, about: str = "", can_return: bool = True
    ) -> None:
        super().__init__(data, instrument=instrument, about=about)
        self.can_return = can_return

    def _again(self, data: Any) -> Self:
        return type(self)(data, instrument=self.instrument, can_return=self.can_return)

    def clean(self) -> dict[str, Any]:
        """A line without a reader who was chosen is not sent; what was typed stays."""
        cleaned: dict[str, Any] = self.cleaned_data
        chosen = cleaned.get("line_for")
        has_no_reader = not chosen or (chosen == LineSharing.Audience.ONLY_ME and not self.can_return)
        if cleaned.get("line_text") and has_no_reader and "line_for" not in self.errors:
            self.add_error("line_for", _("Choose who may read your line, or delete it."))
        return cleaned

    @property
    def line(self) -> Line | None:
        """The line that was typed, for those who were chosen; only after `is_valid`."""
        text = self.cleaned_data["line_text"]
        return Line(text, self.cleaned_data["line_for"]) if text else None


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
