"""A client's own answers and words, as they gave them: nothing here is computed, and nothing is left out.

A total is nothing that a client said, and the title of a published form can hold a diagnosis: neither is on a
client's own pages and files. Staff read both.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from accord.clinic.client.own_notes.queries import own_words
from accord.clinic.facts import current as facts
from accord.clinic.facts import instruments
from accord.clinic.models import CheckIn, ContactReport, Engagement, Person
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
    own = _Own(own_words(client), _meant_to_be_hard(client))
    return tuple(
        _of_relationship(engagement, own.filled)
        for engagement in engagements.order_by("since", "clinician__name")
    )


def of_relationship(engagement: Engagement) -> OfRelationship:
    """For staff: the client's forms about this relationship, those that were filled again later too."""
    return _of_relationship(engagement, _filled)


def _of_relationship(engagement: Engagement, filled: Callable[[Any], Filled]) -> OfRelationship:
    checkins = CheckIn.objects.filter(not_undone(), contact__engagement=engagement, rater=Rater.CLIENT)
    checkins = (
        checkins.annotate(again=facts.replaced_checkin())
        .select_related("contact")
        .order_by("-contact__session", "-received_at")
    )
    return OfRelationship(
        engagement_id=engagement.pk,
        with_whom=whom(engagement),
        role=engagement.get_role_display(),
        forms=tuple(map(filled, checkins)),
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


@dataclass(frozen=True)
class _Own:
    """What belongs to a form besides its answers: own words by check-in, and contacts meant to be hard."""

    words: Mapping[UUID, str | None]
    hard: Set[UUID]

    def filled(self, checkin: Any) -> Filled:
        """A form for the client who filled it."""
        instrument = _instrument(checkin)
        answers = (*_answers(checkin, instrument), *_only_total(checkin), *self._beside(checkin))
        return _as_filled(checkin, instruments.name_for_client(instrument), answers)

    def _beside(self, checkin: Any) -> Iterator[Answer]:
        if checkin.contact_id in self.hard and not checkin.again:
            yield Answer(_("This session was meant to be hard"), _("yes"))
        if checkin.pk in self.words:
            words = self.words[checkin.pk]
            yield Answer(_("My line"), _("cannot be read just now") if words is None else words)


def _meant_to_be_hard(client: Person) -> set[UUID]:
    """The contacts of which the client said so."""
    reports = facts.current_reports().filter(
        side=ContactReport.Side.CLIENT, contact__engagement__client=client
    )
    return set(reports.exclude(hard="").values_list("contact", flat=True))


def _filled(checkin: Any) -> Filled:
    """A form for staff."""
    instrument = _instrument(checkin)
    answers = (*_total(checkin, instrument), *_answers(checkin, instrument))
    return _as_filled(checkin, _(instrument.name), answers)


def _as_filled(checkin: Any, form: str, answers: tuple[Answer, ...]) -> Filled:
    day, received_at = checkin.contact.day, checkin.received_at
    return Filled(form=form, day=day, received_at=received_at, answers=answers, again=checkin.again)


def _instrument(checkin: CheckIn) -> Instrument:
    return instruments.find(checkin.organisation_id, checkin.instrument, checkin.instrument_version)


def _answers(checkin: CheckIn, instrument: Instrument) -> Iterator[Answer]:
    items = {str(item.number): item for item in instrument.items}
    for number, value in sorted(checkin.answers.items(), key=lambda pair: int(pair[0])):
        yield Answer(_question(items[number]), _in_words(items[number], value))


def _only_total(checkin: CheckIn) -> Iterator[Answer]:
    """So that a form that came without its answers is not taken for one left empty."""
    if checkin.given_score is not None and not checkin.answers:
        yield Answer(
            _("Your answers"), _("They came here as one total, which is not shown. You can ask for it.")
        )


def _total(checkin: CheckIn, instrument: Instrument) -> Iterator[Answer]:
    if checkin.given_score is not None:
        label = _("total (%(range)s)") % {"range": range_word(instrument, _)}
        yield Answer(label, f"{checkin.given_score:g}")


def _question(item: Item) -> str:
    return _(item.wording or item.about)


def _in_words(item: Item, value: float) -> str:
    label = next((option.label for option in item.options if option.value == value and option.label), "")
    return f"{value:g}: {_(label)}" if label else f"{value:g}"
