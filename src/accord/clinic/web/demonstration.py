"""The demonstration, to which each feature adds its own part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from accord.clinic.models import Organisation, Person

if TYPE_CHECKING:
    from accord.simulator.generate import Simulated


@dataclass(frozen=True)
class Demonstration:
    """A simulated year of an invented organisation, stored, assessed and flagged.

    `year`: the simulation, of which the days until `today` are stored. `clinician` and `client` will be able
    to sign in, so each feature leaves something for them to see.
    """

    organisation: Organisation
    year: Simulated
    today: date
    clinician: Person
    client: Person
