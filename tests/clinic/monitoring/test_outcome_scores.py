"""Outcome on the page about a client: first and latest score, and whether the change exceeds error."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.urls import reverse
from django.utils import timezone

from accord.clinic.client.consents import actions as consent_actions
from accord.clinic.clinician.client_page.queries import client_page
from accord.clinic.models import CheckIn, Contact
from accord.clinic.monitoring.outcome_scores import _change
from accord.instruments.catalogue import get
from accord.records.ratings import Rater, Reliability
from accord.science.reliability import change_beyond, noise
from tests.support.world import World, days_ago, signed_in


@pytest.fixture
def world(db) -> World:
    return World()


def _form(world: World, session: int, days: int, score: float, engagement=None, rater: str = Rater.CLIENT):
    whose = engagement or world.with_lind
    contact = Contact.objects.create(
        organisation=world.organisation, engagement=whose, session=session, day=days_ago(days),
        made_at=timezone.now(),
    )  # fmt: skip
    return CheckIn.objects.create(
        organisation=world.organisation, contact=contact, rater=rater, instrument="BSL-23",
        instrument_version=get("BSL-23").version, answers={}, given_score=score, received_at=timezone.now(),
        body_hash="", via=CheckIn.Via.IMPORT,
    )  # fmt: skip


def _outcomes(world: World, viewer=None):
    return client_page(viewer or world.lind, world.ana.pk, timezone.now()).outcomes


def test_the_page_has_the_first_and_the_latest_score_with_their_days(world):
    _form(world, 2, 10, 1.1)
    _form(world, 1, 200, 3.4)
    _form(world, 3, 1, 4.0, rater=Rater.CLINICIAN)
    [score] = _outcomes(world)
    assert (score.first, score.first_day) == ("3.40", days_ago(200))
    assert (score.latest, score.latest_day) == ("1.10", days_ago(10))
    assert "higher is worse" in score.range
    page = signed_in(world.lind).get(reverse("client", args=[world.ana.pk])).content.decode()
    assert "How they have been" in page


def test_a_single_form_says_nothing_of_change(world):
    _form(world, 1, 5, 2.0)
    [score] = _outcomes(world)
    assert score.change == ""


def test_where_noticing_is_switched_off_no_change_is_computed(world):
    _form(world, 1, 200, 3.4)
    consent_actions.choose(client=world.ana, choices={"noticing": False}, by=world.ana)
    assert _outcomes(world) == ()


@pytest.mark.parametrize("lower_is_better", [True, False])
def test_a_change_is_one_only_beyond_the_error_and_in_the_direction_of_the_scale(lower_is_better):
    instrument = get("BSL-23")
    known = Reliability(alpha=0.97, sd=0.8, checked=True)
    instrument = replace(instrument, reliability=known, lower_is_better=lower_is_better)
    error = noise(instrument)
    assert error is not None
    beyond = change_beyond(error)
    up, down = _change(instrument, 2.0, 2.0 + beyond + 0.01), _change(instrument, 2.0, 2.0 - beyond - 0.01)
    better, worse = (down, up) if lower_is_better else (up, down)
    assert better == "better by more than the form's own error"
    assert worse == "worse by more than the form's own error"
    assert _change(instrument, 2.0, 2.0 + beyond - 0.01) == "no change beyond the form's own error"
    assumed = replace(instrument, reliability=replace(known, checked=False))
    assert _change(assumed, 2.0, 2.0).endswith("which is assumed")
    unknown = replace(instrument, reliability=Reliability())
    assert "not known" in _change(unknown, 2.0, 1.0)
