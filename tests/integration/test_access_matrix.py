"""Everybody, at every address, in every way, for every record: what the reviewed tables say, nothing else."""

from __future__ import annotations

import pytest

from accord.clinic.policy import Action
from tests.access import acts, calls, guards, mutate, tables
from tests.access.cells import Door, taken_back
from tests.access.widenings import widenings

pytestmark = pytest.mark.django_db
PAGES = tables.pages()
FEW = 6
SOME = {  # a guard, by where it is -> the call that runs it
    "programme.people.actions.get_or_create_team: check(": "organisations.team",
    "programme.people.actions.add_person: check(": "organisations.add_person",
    "monitoring.flags.respond: check(": "flags.respond",
    "programme.care.relationships.end: check(": "engagements.end",
    "clinician.reactions.actions.revoke: check(": "reactions.revoke",
}


@pytest.fixture(scope="module")
def door(django_db_setup, django_db_blocker):
    """One programme for all these tests: whatever they do in it is taken back."""
    with django_db_blocker.unblock(), taken_back():
        yield Door()


def test_every_address_of_the_site_has_a_row_in_the_table():
    told = {page.name: page.address.split("?")[0] for page in PAGES.values()}
    assert told == tables.addresses()


def test_each_address_answers_everybody_as_the_table_says(door, subtests):
    for page in PAGES.values():
        with subtests.test(page.name):
            found = list(door.complaints(page))
            assert not found, "\n".join(found)


def test_each_action_is_open_to_exactly_those_the_table_names(door):
    assert set(tables.actions()) == {action.name for action in Action}
    found = list(acts.complaints(door.world, door.people))
    assert not found, "\n".join(found)


def test_each_action_called_past_all_pages_is_done_for_exactly_those_the_table_names(door):
    found = list(calls.complaints(door.world, door.people))
    assert not found, "\n".join(found)


def test_a_few_guards_that_are_taken_away_are_missed(door):
    """`python -m tests.proofs.guards` takes every one of them away."""
    few = [one for one in guards.guards() if str(one).startswith(tuple(SOME))]
    assert len(few) == len(SOME)
    reach = mutate.reach_of_calls(door, SOME.values())
    assert list(mutate.unnoticed(door, few, {}, reach)) == []
    cells = mutate.spread(widenings(), FEW)
    assert list(mutate.unnoticed_cells(door, cells)) == []


def test_a_guard_that_nothing_would_miss_is_told(door, monkeypatch, capsys):
    """The planted survivor: no call and no page goes through the guard that is taken away."""
    guard = next(
        one
        for one in guards.guards()
        if str(one).startswith("programme.people.actions.get_or_create_team: check")
    )
    assert list(mutate.unnoticed(door, [guard], {}, {})) == [guard]
    monkeypatch.setattr("tests.access.cells.Door", lambda: door)
    monkeypatch.setattr(mutate, "_by_itself", lambda _: ())
    monkeypatch.setattr(mutate, "reach", lambda _: {})
    monkeypatch.setattr(mutate, "reach_of_calls", lambda _: {})
    monkeypatch.setattr(guards, "guards", lambda: [guard])
    monkeypatch.setattr("tests.access.widenings.widenings", list)
    assert mutate.report(1) == 1
    assert "1 of 1 removed guards survived" in capsys.readouterr().out


def test_a_page_that_offers_what_does_not_open_is_told(door, monkeypatch):
    """The planted offer: a supervisor, who only reads, is shown the way to log a contact."""
    monkeypatch.setattr(door, "people", {"supervisor": door.people["supervisor"]})
    door.opened.clear()
    assert list(door.complaints(PAGES["client"], whole=True)) == []
    door.opened.clear()
    offer = "clinician.client_page.queries._permitted: visible_to("
    with guards.without(next(one for one in guards.guards() if str(one).startswith(offer))):
        found = list(door.complaints(PAGES["client"], whole=True))
    assert any("offers GET /contacts/" in one for one in found), found
