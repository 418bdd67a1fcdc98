"""The door to the science of leaving: rows become a record here, what comes back becomes rows elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.utils import timezone

from accord.arrays import Ints
from accord.clinic.facts import instruments, stays
from accord.clinic.facts.stays import Met, Stays
from accord.clinic.models import CareEpisode, CheckIn, Organisation
from accord.clinic.monitoring import assessment
from accord.records.ratings import NO_DAY, Construct
from accord.science.dropout.covariates import covariates
from accord.science.dropout.definition import Definition, Followed, followed
from accord.science.dropout.forecast import Forecast, forecast
from accord.science.dropout.leakage import Leak
from accord.science.dropout.model import Model
from accord.science.dropout.model import learn as learn_model
from accord.science.dropout.record import (
    CAME,
    MISSED,
    NEITHER,
    OUTPATIENT,
    RESIDENCE,
    End,
    Record,
    Series,
    Setting,
)
from accord.science.dropout.report import report
from accord.science.dropout.sample_size import TooLittle
from accord.science.tracker.channels import CHECKIN, FORMS, ITEMS, URGE, to_unit

__all__ = ["Learned", "Stand", "learn", "stand"]

EPOCH = date(1970, 1, 1)
Reason = CareEpisode.EndReason
ENDS = {
    Reason.LEFT: End.LEFT,
    Reason.COMPLETED: End.COMPLETED,
    Reason.AGREED: End.AGREED,
    Reason.TRANSFER: End.TRANSFER,
    Reason.HOSPITAL: End.HOSPITAL,
    Reason.DISCHARGED: End.DISCHARGED,
    Reason.DIED: End.DIED,
}


@dataclass(frozen=True)
class Learned:
    """A model and the report on it as they are stored; or `refused`, and in the report what it would need."""

    refused: str
    values: Mapping[str, Any]
    report: Mapping[str, Any]


@dataclass(frozen=True)
class Stand:
    """How a client stands as of the last contact they came to. `told` None: no chance is told."""

    day: date
    missed: int
    told: Forecast | None


def definition(organisation: Organisation) -> Definition:
    return Definition(
        organisation.leaving_missed, organisation.leaving_days, put_out_counts=organisation.leaving_put_out
    )


def setting(organisation: Organisation) -> Setting:
    return RESIDENCE if organisation.in_residence else OUTPATIENT


def learn(organisation: Organisation, today: date) -> Learned:
    """A model from the organisation's own record, of everybody who allows it."""
    found = stays.of(stays.estimated(organisation.pk))
    record = _record(found, organisation, today)
    try:
        learned = learn_model(record, definition(organisation), setting(organisation))
    except TooLittle as refusal:
        needed = asdict(refusal.needed) if refusal.needed else None
        return Learned(refusal.why.value, {}, {"base": asdict(refusal.base), "needed": needed})
    except Leak as leak:
        return Learned("leak", {}, {"names": list(leak.names)})
    told = report(record, learned)
    return Learned("", learned.model.to_json(), told.to_json() | {"suspicion": bool(told.suspicion)})


def stand(
    organisation: Organisation, clients: Collection[UUID], values: Mapping[str, Any] | None, today: date
) -> dict[UUID, Stand]:
    """How each of these clients stands who allows it and is in care; `values` of the model in use, if any."""
    found = stays.of(stays.estimated(organisation.pk).filter(pk__in=clients))
    ended = {client for client, one in found.episodes.items() if one.until is not None}
    record = _record(found, organisation, today)
    at = followed(record, definition(organisation))
    told = _told(values, record, at, today) if values else {}
    return {
        client: Stand(_date(at.last[code]), int(at.runs.missed[code]), told.get(code))
        for code, client in enumerate(found.clients)
        if at.last[code] != NO_DAY and client not in ended
    }


def _told(values: Mapping[str, Any], record: Record, at: Followed, today: date) -> dict[int, Forecast]:
    """Of those in no run of misses, as of the latest contact about which forms had time to come."""
    model = Model.from_json(values)
    came = record.came == CAME
    due = _number(today) - model.setting.grace
    clients = np.arange(record.clients)
    place = Series(record.client[came], record.day[came]).latest(clients, np.full(len(clients), due))
    day = np.where(place >= 0, record.day[came][place] if came.any() else NO_DAY, NO_DAY)
    fresh = (at.runs.missed == 0) & (day != NO_DAY) & (at.last > _number(today) - model.setting.horizon)
    client = clients[fresh]
    if not len(client):
        return {}
    x = covariates(record, at.first, client, day[fresh], model.setting, model.basis)
    return dict(zip(client.tolist(), forecast(model, x), strict=True))


def _record(found: Stays, organisation: Organisation, today: date) -> Record:
    code = {client: at for at, client in enumerate(found.clients)}
    clinicians = {one: at for at, one in enumerate(sorted({met.clinician for met in found.contacts}))}
    alliance, urge, known = _forms(found.forms, organisation)
    with_individual = {met.client for met in found.contacts if met.individual}
    rated = {(one.client, one.clinician) for one in found.contacts if one.contact in alliance}
    rows = found.contacts
    day = _ints([_number(one.day) for one in rows])
    end, end_day = _ends(found)
    return Record(
        until=_number(today),
        client=_ints([code[one.client] for one in rows]),
        clinician=_ints([clinicians[one.clinician] for one in rows]),
        day=day,
        came=_ints([_sign(one) for one in rows]),
        main=np.array([one.individual or one.client not in with_individual for one in rows], dtype=bool),
        asked=np.array([(one.client, one.clinician) in rated for one in rows], dtype=bool),
        alliance=np.array([alliance.get(one.contact, np.nan) for one in rows], dtype=np.float64),
        urge=np.array([urge.get(one.contact, np.nan) for one in rows], dtype=np.float64),
        known=np.maximum(day, _ints([known.get(one.contact, NO_DAY) for one in rows])),
        end=end,
        end_day=end_day,
    )


def _forms(
    forms: Sequence[CheckIn], organisation: Organisation
) -> tuple[dict[UUID, float], dict[UUID, float], dict[UUID, int]]:
    """By contact: alliance on the unit scale, urge to quit, and the day the form came; 0 for imported ones,
    whose day nobody knows and which count as come on the contact's."""
    scales = instruments.known(organisation.pk)
    alliance: dict[UUID, float] = {}
    urge: dict[UUID, float] = {}
    known: dict[UUID, int] = {}
    for one in forms:
        instrument = instruments.pick(scales, one.instrument, one.instrument_version)
        score = assessment.score_of(one)
        if instrument.construct is Construct.ALLIANCE and score is not None:
            alliance[one.contact_id] = float(to_unit(np.array(score), instrument))
        if one.instrument == FORMS[URGE] and score is not None:
            urge[one.contact_id] = score
        if one.instrument == CHECKIN and str(ITEMS[URGE][0]) in one.answers:
            urge[one.contact_id] = float(one.answers[str(ITEMS[URGE][0])])
        if one.via != CheckIn.Via.IMPORT:
            known[one.contact_id] = _number(timezone.localdate(one.received_at))
    return alliance, urge, known


def _ends(found: Stays) -> tuple[Ints, Ints]:
    end = np.full(len(found.clients), int(End.ONGOING))
    end_day = np.full(len(found.clients), NO_DAY, dtype=np.int64)
    for at, client in enumerate(found.clients):
        episode = found.episodes.get(client)
        if episode is not None and episode.until is not None:
            end[at] = ENDS[Reason(episode.end_reason)]
            end_day[at] = _number(episode.until)
    return end, end_day


def _sign(met: Met) -> int:
    return NEITHER if met.came is None else CAME if met.came else MISSED


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def _number(day: date) -> int:
    return (day - EPOCH).days


def _date(number: int) -> date:
    return EPOCH + timedelta(days=int(number))
