"""What was typed into a form that cannot be stored, to show it on the page that says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accord.clinic.facts import links
from accord.clinic.facts.instruments import find
from accord.errors import InputError
from accord.records.ratings import Instrument

MOST = 100  # questions of one form
LONGEST = 100  # characters of an answer that is shown


@dataclass(frozen=True)
class Typed:
    """Question and answer in words, as far as the form is known, and the line in the client's own words."""

    answers: tuple[tuple[str, str], ...]
    line: str

    def __bool__(self) -> bool:
        return bool(self.answers or self.line)


def typed(token: str, sent: Mapping[str, str]) -> Typed:
    """What somebody sent with this link, whether or not it still opens anything."""
    asked = _questions(token)
    values = [(number, str(sent.get(f"item_{number}", ""))[:LONGEST]) for number in range(1, MOST + 1)]
    answers = [(asked.get(number, _Question.unknown(number)), value) for number, value in values if value]
    return Typed(
        tuple((question.words, question.labels.get(value, value)) for question, value in answers),
        str(sent.get("line_text", "")),
    )


@dataclass(frozen=True)
class _Question:
    words: str
    labels: Mapping[str, str]

    @classmethod
    def unknown(cls, number: int) -> _Question:
        return cls(_("Question %(number)s") % {"number": number}, {})


def _questions(token: str) -> Mapping[int, _Question]:
    """The questions of the form that a link was made for, by number; none for a link that was changed."""
    form = links.form_of(token)
    try:
        instrument = find(*form) if form else None
    except InputError:
        return {}
    return _of(instrument) if instrument else {}


def _of(instrument: Instrument) -> Mapping[int, _Question]:
    return {
        item.number: _Question(
            _(item.wording or item.about),
            {f"{option.value:g}": _(option.label) for option in item.options if option.label},
        )
        for item in instrument.items
    }
