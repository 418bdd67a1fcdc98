"""Instruments an organisation may use: the catalogue's, and scales that it defined by their range."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext as _

from accord.clinic.models import Scale
from accord.clinic.policy import not_undone
from accord.errors import InputError
from accord.instruments.catalogue import by_range, catalogue, get
from accord.records.ratings import Construct, Instrument, Ships


def known(organisation_id: UUID) -> Mapping[str, Instrument]:
    """Every instrument of an organisation by its lower-case id."""
    scales = Scale.objects.filter(not_undone(), organisation=organisation_id).order_by("batch__created_at")
    own = {scale.name.casefold(): from_scale(scale) for scale in scales}
    return {**own, **catalogue()}


def from_scale(scale: Scale) -> Instrument:
    return by_range(
        scale.name,
        scale.low,
        scale.high,
        lower_is_better=scale.lower_is_better,
        construct=Construct(scale.construct),
    )


def pick(instruments: Mapping[str, Instrument], name: str, version: str = "") -> Instrument:
    """One of the `known` instruments by its id. Raises `InputError` for one that nobody knows."""
    if name.casefold() in catalogue():
        return get(name, version or None)
    if name.casefold() not in instruments:
        raise InputError("a known instrument", found=repr(name))
    return instruments[name.casefold()]


def find(organisation_id: UUID, name: str, version: str = "") -> Instrument:
    """`pick` for a single look-up."""
    return pick({} if name.casefold() in catalogue() else known(organisation_id), name, version)


def name_for_client(instrument: Instrument) -> str:
    """The form's name on a client's own pages and files. The title of a published form can hold a diagnosis,
    and a scale that the programme named can, too; only names of the project's own forms are shown."""
    if instrument.ships is Ships.WORDING:
        return _(instrument.name)
    names = {
        Construct.ALLIANCE: _("A form about how you work together"),
        Construct.OUTCOME: _("A form about how you have been"),
        Construct.OTHER: _("Another form"),
    }
    return names[instrument.construct]
