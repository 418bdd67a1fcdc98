"""A client's own answers, as they gave them: nothing here is computed, and nothing is left out."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from accord.clinic.facts import instruments
from accord.clinic.models import CheckIn, Engagement, Person
from accord.clinic.models.fact import replaced
from accord.clinic.policy import Action, check, not_undone
from accord.records.ratings import Instrument, Item, Rater
from accord.words.findings import range_word

# A spreadsheet takes a cell that begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Answer:
    question: str
    answer: str


@dataclass(frozen=True)
class Filled:
    """One filled form. `again`: the same form was filled again later, and that one counts since."""

    form: str
    day: date | None
    received_at: datetime
    answers: tuple[Answer, ...]
    again: bool


@dataclass(frozen=True)
class OfRelationship:
    """All forms a client filled about one relationship, newest first."""

    engagement_id: UUID
    with_whom: str
    role: str
    forms: tuple[Filled, ...]


def own_answers(client: Person) -> tuple[OfRelationship, ...]:
    """Everything this client ever filled here, by relationship. Raises `Denied` for staff."""
    check(client, Action.SEE_OWN_ANSWERS, client)
    engagements = Engagement.objects.filter(not_undone(), client=client).select_related("clinician", "group")
    return tuple(
        of_relationship(engagement) for engagement in engagements.order_by("since", "clinician__name")
    )


def of_relationship(engagement: Engagement) -> OfRelationship:
    """The client's forms about this relationship, those that were filled again later too."""
    filled = CheckIn.objects.filter(not_undone(), contact__engagement=engagement, rater=Rater.CLIENT)
    filled = (
        filled.annotate(again=replaced(CheckIn))
        .select_related("contact")
        .order_by("-contact__session", "-received_at")
    )
    return OfRelationship(
        engagement_id=engagement.pk,
        with_whom=whom(engagement),
        role=engagement.get_role_display(),
        forms=tuple(map(_filled, filled)),
    )


def whom(engagement: Engagement) -> str:
    """With whom, as a client would say it."""
    if engagement.group is None:
        return engagement.clinician.name
    names = {"group": engagement.group.name, "name": engagement.clinician.name}
    return _("%(group)s (%(name)s)") % names


def as_csv(relationships: tuple[OfRelationship, ...]) -> str:
    """The same answers as a CSV table: one row for each answer."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(
        [_("with"), _("day"), _("sent"), _("form"), _("question"), _("answer"), _("filled again")]
    )
    writer.writerows(_rows(relationships))
    return out.getvalue()


def _rows(relationships: tuple[OfRelationship, ...]) -> Iterator[list[str]]:
    for relationship in relationships:
        for form in relationship.forms:
            sent = timezone.localtime(form.received_at).isoformat(" ", "minutes")
            head = [relationship.with_whom, form.day.isoformat() if form.day else "", sent, form.form]
            for answer in form.answers or (Answer("", _("left empty")),):
                cells = [*head, answer.question, answer.answer, _("yes") if form.again else ""]
                yield ["'" + cell if cell.startswith(FORMULA) else cell for cell in cells]


def _filled(checkin: Any) -> Filled:
    instrument = instruments.find(checkin.organisation_id, checkin.instrument, checkin.instrument_version)
    items = {str(item.number): item for item in instrument.items}
    answers = [
        Answer(_question(items[number]), _in_words(items[number], value))
        for number, value in sorted(checkin.answers.items(), key=lambda pair: int(pair[0]))
    ]
    return Filled(
        form=_(instrument.name),
        day=checkin.contact.day,
        received_at=checkin.received_at,
        answers=(*_total(checkin, instrument), *answers),
        again=checkin.again,
    )


def _total(checkin: CheckIn, instrument: Instrument) -> tuple[Answer, ...]:
    if checkin.given_score is None:
        return ()
    return (
        Answer(_("total (%(range)s)") % {"range": range_word(instrument, _)}, f"{checkin.given_score:g}"),
    )


def _question(item: Item) -> str:
    return _(item.wording or item.about)


def _in_words(item: Item, value: float) -> str:
    label = next((option.label for option in item.options if option.value == value and option.label), "")
    return f"{value:g}: {_(label)}" if label else f"{value:g}"
