"""Controls of hazards that no other test shows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import get_resolver
from django.utils import timezone

from accord.clinic.models import Worker
from tests.support.world import World, signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("seconds", "is_late"), [(110, False), (130, True)])
def test_a_watcher_that_stopped_two_minutes_ago_is_told_on_the_worklist_and_on_the_health_page(
    seconds, is_late
):
    browser = signed_in(World().lind)
    seen = timezone.now() - timedelta(seconds=seconds)
    Worker.objects.create(name="host:1", started=seen, seen=seen)
    assert ("jobs have not run lately" in browser.get("/worklist/").content.decode()) == is_late
    assert browser.get("/health/").status_code == (503 if is_late else 200)


OF_ONE_CLIENT = {"own-answers-file"}  # for the client alone, of their own answers


def test_no_address_of_the_site_gives_out_a_report_or_an_export():
    patterns = [pattern for pattern in get_resolver().url_patterns if pattern.name not in OF_ONE_CLIENT]
    addresses = [str(pattern.pattern) for pattern in patterns]
    assert len(addresses) > 10
    assert not [
        address
        for address in addresses
        for word in ("export", "report", "download", ".csv")
        if word in address
    ]
