"""The adapter to the science of dropout: rows become a record here, and callers turn results into rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.utils import timezone

from accord.arrays import Ints
from accord.clinic.facts import instruments, treatment_history
from accord.clinic.facts.treatment_history import ContactRow, TreatmentHistory
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

__all__ = ["ClientStatus", "Learned", "client_statuses", "learn"]

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
class ClientStatus:
    """A client's state as of the last contact they attended. `forecast` None: no chance is given."""

    day: date
    missed: int
    forecast: Forecast | None


def definition(organisation: Organisation) -> Definition:
    return Definition(
        organisation.leaving_missed, organisation.leaving_days, put_out_counts=organisation.leaving_put_out
    )


def setting(organisation: Organisation) -> Setting:
    return RESIDENCE if organisation.in_residence else OUTPATIENT


def learn(organisation: Organisation, today: date) -> Learned:
    """Learn a model from the organisation's own record, of all clients who allow it."""
    history = treatment_history.of(treatment_history.eligible_clients(organisation.pk))
    record = _record(history, organisation, today)
    try:
        learned = learn_model(record, definition(organisation), setting(organisation))
    except TooLittle as refusal:
        needed = asdict(refusal.needed) if refusal.needed else None
        return Learned(refusal.why.value, {}, {"base": asdict(refusal.base), "needed": needed})
    except Leak as leak:
        return Learned("leak", {}, {"names": list(leak.names)})
    judged = report(record, learned)
    return Learned("", learned.model.to_json(), judged.to_json() | {"suspicion": bool(judged.suspicion)})


def client_statuses(
    organisation: Organisation, clients: Collection[UUID], values: Mapping[str, Any] | None, today: date
) -> dict[UUID, ClientStatus]:
    """Client -> status, of those who allow it and are in care; `values`: of the model in use, if any."""
    history = treatment_history.of(treatment_history.eligible_clients(organisation.pk).filter(pk__in=clients))
    ended = {client for client, episode in history.episodes.items() if episode.until is not None}
    record = _record(history, organisation, today)
    at = followed(record, definition(organisation))
    forecasts = _forecasts(values, record, at, today) if values else {}
    return {
        client: ClientStatus(_date(at.last[code]), int(at.runs.missed[code]), forecasts.get(code))
        for code, client in enumerate(history.clients)
        if at.last[code] != NO_DAY and client not in ended
    }


def _forecasts(values: Mapping[str, Any], record: Record, at: Followed, today: date) -> dict[int, Forecast]:
    """Forecasts for clients in no run of misses, as of the latest contact whose forms had time to arrive."""
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


def _record(history: TreatmentHistory, organisation: Organisation, today: date) -> Record:
    code = {client: at for at, client in enumerate(history.clients)}
    clinicians = {
        clinician: at for at, clinician in enumerate(sorted({row.clinician for row in history.contacts}))
    }
    alliance, urge, known = _forms(history.forms, organisation)
    with_individual = {row.client for row in history.contacts if row.individual}
    rated = {(row.client, row.clinician) for row in history.contacts if row.contact in alliance}
    rows = history.contacts
    day = _ints([_number(row.day) for row in rows])
    end, end_day = _ends(history)
    return Record(
        until=_number(today),
        client=_ints([code[row.client] for row in rows]),
        clinician=_ints([clinicians[row.clinician] for row in rows]),
        day=day,
        came=_ints([_sign(row) for row in rows]),
        main=np.array(
            [row.individual or row.client not in with_individual for row in rows],
            dtype=bool,
        ),
        asked=np.array([(row.client, row.clinician) in rated for row in rows], dtype=bool),
        alliance=np.array([alliance.get(row.contact, np.nan) for row in rows], dtype=np.float64),
        urge=np.array([urge.get(row.contact, np.nan) for row in rows], dtype=np.float64),
        known=np.maximum(day, _ints([known.get(row.contact, NO_DAY) for row in rows])),
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
    for form in forms:
        instrument = instruments.pick(scales, form.instrument, form.instrument_version)
        score = assessment.score_of(form)
        if instrument.construct is Construct.ALLIANCE and score is not None:
            alliance[form.contact_id] = float(to_unit(np.array(score), instrument))
        if form.instrument == FORMS[URGE] and score is not None:
            urge[form.contact_id] = score
        if form.instrument == CHECKIN and str(ITEMS[URGE][0]) in form.answers:
            urge[form.contact_id] = float(form.answers[str(ITEMS[URGE][0])])
        if form.via != CheckIn.Via.IMPORT:
            known[form.contact_id] = _number(timezone.localdate(form.received_at))
    return alliance, urge, known


def _ends(history: TreatmentHistory) -> tuple[Ints, Ints]:
    end = np.full(len(history.clients), int(End.ONGOING))
    end_day = np.full(len(history.clients), NO_DAY, dtype=np.int64)
    for at, client in enumerate(history.clients):
        episode = history.episodes.get(client)
        if episode is not None and episode.until is not None:
            end[at] = ENDS[Reason(episode.end_reason)]
            end_day[at] = _number(episode.until)
    return end, end_day


def _sign(row: ContactRow) -> int:
    return NEITHER if row.came is None else CAME if row.came else MISSED


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def _number(day: date) -> int:
    return (day - EPOCH).days


def _date(number: int) -> date:
    return EPOCH + timedelta(days=int(number))
