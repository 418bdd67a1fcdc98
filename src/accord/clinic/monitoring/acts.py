"""Self-injury, attempts and safety answers that newly came on record, and wait until somebody has answered.

They wait however often the page about the client is opened. The person who answers says what was done about
those that they were shown; what came on record since then goes on waiting.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accord.clinic.audit.write import record_event
from accord.clinic.facts.events import act_name, act_source, act_text
from accord.clinic.models import ActResponse, Person
from accord.clinic.monitoring.act_rows import Row, rows_on_record
from accord.clinic.policy import Action, check, rows_visible_to
from accord.errors import FormError
from accord.instruments.catalogue import get


@dataclass(frozen=True)
class WaitingAct:
    """An act, or the safety answers of one form. `keys` name them when they are answered.

    `day`: when it happened, None where that is not known or is sealed. `is_act`: it is no answer to a form.
    """

    keys: tuple[str, ...]
    client_id: UUID
    day: date | None
    said: str
    source: str
    on_record: date
    is_act: bool


def waiting_acts(viewer: Person, client: Person | None = None) -> Mapping[UUID, tuple[WaitingAct, ...]]:
    """Client -> what waits for an answer, newest first, of those that the viewer may see."""
    result: dict[UUID, list[WaitingAct]] = {}
    of_form: dict[UUID, list[Row]] = {}
    for row in rows_on_record(viewer, client, waiting=True):
        of_form.setdefault(row.form, []).append(row)
    for rows in of_form.values():
        act = _shown(rows)
        result.setdefault(act.client_id, []).append(act)
    return {about: tuple(sorted(acts, key=_newest_first)) for about, acts in result.items()}


def _newest_first(act: WaitingAct) -> tuple[int, tuple[str, ...]]:
    return -(act.day or act.on_record).toordinal(), act.keys


def responses_of(client: Person, viewer: Person) -> Mapping[UUID, tuple[str, ...]]:
    """Event or answer -> what was done about it, in words and in order; empty if the viewer sees no acts."""
    result: dict[UUID, tuple[str, ...]] = {}
    rows = rows_visible_to(viewer, ActResponse, Action.SEE_EVENTS).filter(client=client)
    for row in rows.select_related("by").order_by("made_at"):
        result[row.about] = (*result.get(row.about, ()), _response_words(row))
    return result


@transaction.atomic
def respond(
    *, client: Person, shown: Collection[str], done: str, by: Person, now: datetime | None = None
) -> list[ActResponse]:
    """Log what was done about the acts that were `shown`, by their keys, and about no others.

    Raises `Denied` for anybody who does not treat the client, and `FormError` where none is on record.
    """
    check(by, Action.ANSWER_ACTS, client)
    now = now or timezone.now()
    common = {"organisation_id": client.organisation_id, "client": client, "by": by, "made_at": now}
    common |= {"done": ActResponse.Done(done).value, "day": timezone.localdate(now)}
    rows = [ActResponse(**common, **about) for about in _among(client, by, shown)]
    if not rows:
        raise FormError(_("What you answered is no longer on record here: its import was undone."))
    ActResponse.objects.bulk_create(rows)
    for row in rows:
        record_event(by=by, action="act.respond", subject=row, client_id=client.pk, fields=["done"])
    return rows


def _among(client: Person, viewer: Person, shown: Collection[str]) -> Iterator[dict[str, Any]]:
    """Which of the client's acts were shown, each as the field of a response.

    Those are among them that somebody else answered meanwhile: what both of them did is kept.
    """
    for row in rows_on_record(viewer, client, waiting=False):
        if was_shown(row.key, shown):
            yield {f"{row.topic}_id": row.id}


def was_shown(key: str, shown: Collection[str]) -> bool:
    return key in shown


def event_key(event_id: UUID) -> str:
    return f"event:{event_id}"


def _shown(rows: Sequence[Row]) -> WaitingAct:
    """One line of a list: an act, or the answers of one form in the order of its items."""
    ordered = sorted(rows, key=lambda row: row.number)
    first = ordered[0]
    said, source = TEXTS[first.topic](ordered)
    return WaitingAct(
        keys=tuple(row.key for row in ordered),
        client_id=first.client_id,
        day=first.day,
        said=said,
        source=source,
        on_record=timezone.localdate(first.at),
        is_act=first.topic == "event" or first.number == 0,
    )


def _event_texts(rows: Sequence[Row]) -> tuple[str, str]:
    return act_text(rows[0].name, rows[0].number), act_source(rows[0].batch_id)


def _read_texts(rows: Sequence[Row]) -> tuple[str, str]:
    # Only forms of the catalogue have safety items, so no scale of an organisation is looked for.
    form = get(rows[0].name, rows[0].version or None)
    about = {item.number: item.about for item in form.items}
    answers = ", ".join(f"{about[row.number]} {row.value:g}" for row in rows)
    return _("%(form)s: %(answers)s") % {"form": form.name, "answers": answers}, act_source(rows[0].batch_id)


def _left_out_texts(rows: Sequence[Row]) -> tuple[str, str]:
    row = rows[0]
    day = date_format(timezone.localdate(row.at), "j M")
    source = _("in a row that an import on %(day)s did not take; their page has the answer") % {"day": day}
    if not row.number:
        return act_name(row.name), source
    return _("%(form)s: an answer above 0 to item %(item)s") % {"form": row.name, "item": row.number}, source


TEXTS: Mapping[str, Callable[[Sequence[Row]], tuple[str, str]]] = {
    "event": _event_texts,
    "safety_read": _read_texts,
    "left_out": _left_out_texts,
}


def _response_words(row: ActResponse) -> str:
    values = {"done": row.get_done_display(), "who": row.by.name, "day": date_format(row.day, "j M Y")}
    return _("%(done)s; %(who)s, %(day)s") % values
