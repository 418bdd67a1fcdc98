"""Learns the programme's values of every followed series anew. Earlier assessments keep theirs."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accord.clinic.actions import populations
from accord.clinic.actors import SYSTEM
from accord.clinic.models import Organisation
from accord.clinic.queries import facts, instruments
from accord.records import Construct, Rater


class Command(BaseCommand):
    help = "Learn from this site's own relationships what its ratings look like. Later assessments use it."

    def handle(self, *args: Any, **options: Any) -> None:
        for organisation in Organisation.objects.all():
            for name, rater in facts.series(organisation.pk):
                instrument = instruments.find(organisation.pk, name)
                if instrument.construct is not Construct.OTHER:
                    self._refit(organisation, instrument, Rater(rater))

    def _refit(self, organisation: Organisation, instrument: Any, rater: Rater) -> None:
        row = populations.refit(
            organisation_id=organisation.pk, instrument=instrument, rater=rater, by=SYSTEM
        )
        told = (
            f"learned from {row.relationships} relationships"
            if row
            else f"too little to learn from (under {populations.ENOUGH} relationships); values in use stay"
        )
        self.stdout.write(f"{instrument.id}, rated by {rater}: {told}")
