"""Everybody, at every address, in every way, for every record: what the reviewed tables say, nothing else."""

from __future__ import annotations

import pytest

from accord.clinic.policy import Action
from accord.clinic.urls import SIGN_IN
from tests.access import acts, tables
from tests.access.cells import Door
from tests.integration.test_programme_pages import NAMES as PROGRAMME

PAGES = tables.pages()


def test_every_address_of_the_site_has_a_row_in_the_table():
    told = {page.name: page.address.split("?")[0] for page in PAGES.values()}
    # These have tables of their own: test_sign_in and test_programme_pages.
    elsewhere = {str(pattern.name) for pattern in SIGN_IN} | PROGRAMME
    live = tables.addresses()
    assert told == {name: live[name] for name in live if name in told or name not in elsewhere}


@pytest.mark.django_db
def test_each_address_answers_everybody_as_the_table_says(subtests):
    door = Door()
    for page in PAGES.values():
        with subtests.test(page.name):
            found = list(door.complaints(page))
            assert not found, "\n".join(found)


@pytest.mark.django_db
def test_each_action_is_open_to_exactly_those_the_table_names():
    assert set(acts.table()) == {action.name for action in Action}
    door = Door()
    found = list(acts.complaints(door.world, door.people))
    assert not found, "\n".join(found)
