"""The page after sending answers what was tapped: as long and as warm whatever it was, never with a score."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from uuid import uuid4

import pytest
from django.test import Client

from accord.clinic.client.checkins import actions as checkins
from accord.clinic.client.checkins.acknowledgement import acknowledge
from accord.clinic.models import CheckIn
from accord.clinic.telephone import LabelledNumber
from accord.instruments.catalogue import get
from tests.support.world import STEADY, World, days_ago

FORM = get("session-checkin")
WORST = {1: 1, 2: 1, 3: 1, 4: 1, 5: 1, 6: 2, 7: 0, 8: 5}
BEST = {1: 7, 2: 7, 3: 7, 4: 7, 5: 7, 6: 0, 8: 0}
TAPS = list(itertools.product((None, 0, 1, 2), (None, 0, 1, 2), (None, 0, 1, 2, 3, 4, 5)))


def _of(tension, settled, urge):
    taps = {"6": tension, "7": settled, "8": urge}
    answers = {number: float(tap) for number, tap in taps.items() if tap is not None}
    return acknowledge(CheckIn(answers=answers), FORM)


def test_there_are_always_as_many_sentences_and_never_a_number():
    for taps in TAPS:
        sentences = _of(*taps).sentences
        assert len(sentences) == 3
        assert all(sentence.endswith(".") for sentence in sentences)
        assert not re.search(r"\d", " ".join(sentences))


def test_what_was_hard_by_their_own_taps_and_nothing_else_opens_help():
    for tension, settled, urge in TAPS:
        unsettled = settled is not None and settled < 2
        assert _of(tension, settled, urge).hard == bool(tension or unsettled or urge)


def test_ratings_alone_change_nothing_of_it():
    low, high = (
        acknowledge(CheckIn(answers={str(item): value for item in range(1, 6)}), FORM) for value in (1, 7)
    )
    assert low == high


def test_a_form_that_does_not_ask_about_these_is_thanked_for_without_them():
    assert acknowledge(CheckIn(answers={"1": 1}), get("BSL-23")).sentences == ()


def _after(settings, answers) -> str:
    settings.ACCORD = replace(settings.ACCORD, crisis_numbers=(LabelledNumber("Crisis line", "000 777"),))
    world = World()
    world.tell(world.ana)
    _, token = checkins.ask(engagement=world.with_lind, day=days_ago(0), by=world.lind)
    body = {f"item_{number}": str(value) for number, value in answers.items()}
    sent = Client().post(f"/c/{token}/", {**body, "checkin_id": str(uuid4())}, follow=True)
    return sent.content.decode()


@pytest.mark.django_db
def test_after_a_hard_one_help_is_open_and_what_was_said_is_said_back(settings):
    page = _after(settings, WORST)
    for words in (
        "a lot of tension or hurt between you",
        "not settled by the end",
        "so strong that you may stop",
    ):
        assert words in page, words
    assert "<details open>" in page
    assert page.index("000 777") < page.index("Thank you")


@pytest.mark.django_db
def test_the_best_and_the_worst_get_the_same_page_but_for_what_they_said(settings):
    def shape(page: str) -> list[str]:
        return re.findall(r"<(\w+)", page)

    worst, best, nothing = (_after(settings, answers) for answers in (WORST, BEST, {}))
    assert shape(worst) == shape(best) == shape(nothing)
    sentences = [len(re.findall(r"\.(?=\s|<)", page.split("<main", 1)[1])) for page in (worst, best, nothing)]
    assert len(set(sentences)) == 1
    assert "<details open>" not in best


@pytest.mark.django_db
def test_no_score_is_on_the_page_after_sending(settings):
    page = _after(settings, STEADY)
    assert "30" not in re.sub(r"\d\d:\d\d", "", page.split("<main", 1)[1])
