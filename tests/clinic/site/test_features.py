"""The list of features: complete, and no event without words for the client."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import get_resolver

from accord import clinic
from accord.clinic.audit import actions
from accord.clinic.audit.actions import ENTERED, OF_NO_CLIENT, ClientWords, UndeclaredAction
from accord.clinic.audit.write import record_event, record_event_for_each
from accord.clinic.facts.shown_relationships import ShownRelationships
from accord.clinic.models import AuditEvent, Engagement
from accord.clinic.policy import Action, Relation
from accord.clinic.site import features, navigation, system_checks
from accord.clinic.site.features import FEATURES
from accord.clinic.web import lanes, stylesheet
from accord.clinic.web.feature import Feature, Link
from accord.clinic.web.lanes import TimelineLane
from accord.figures.mark_lane import Mark, MarkLane
from tests.support.world import World, days_ago, signed_in, steady_then

CLINIC = Path(clinic.__file__).parent


@pytest.fixture
def world(db) -> World:
    return World()


def test_every_feature_in_the_house_is_in_the_list_once():
    listed = [value for value in vars(features).values() if isinstance(value, Feature)]
    declared = [path for path in CLINIC.rglob("feature.py") if path.parent.name != "web"]
    homes = {str(path.parent.relative_to(CLINIC)).replace("/", ".") for path in declared}
    source = Path(features.__file__).read_text(encoding="utf-8")
    assert [home for home in homes if f"accord.clinic.{home}.feature" not in source] == [], "not listed"
    assert len(declared) == len(listed) == len(FEATURES)
    assert {id(words) for words in listed} == {id(feature) for feature in FEATURES}


def test_every_address_has_a_name_of_its_own():
    names = Counter(pattern.name for pattern in get_resolver().url_patterns)
    assert set(names.values()) == {1}
    assert None not in names


def test_entries_of_the_navigation_lead_to_pages_of_the_site():
    names = {pattern.name for pattern in get_resolver().url_patterns}
    for link in (link for feature in FEATURES for link in feature.navigation):
        assert {link.url_name, *link.with_pages} <= names


def test_an_entry_is_shown_to_those_who_may_follow_it_and_marked_on_its_pages(world, monkeypatch):
    link = Link("imports", "Imports", Action.IMPORT, frozenset({"import-new"}), badge=lambda person: 3)
    monkeypatch.setattr(navigation, "FEATURES", (Feature(navigation=(link,)),))
    assert navigation.entries(world.lead, {Action.SEE_OVERVIEW}, "imports") == ()
    [entry] = navigation.entries(world.lead, {Action.IMPORT}, "import-new")
    assert (entry.url_name, entry.is_current, entry.number) == ("imports", True, 3)
    [entry] = navigation.entries(world.lead, {Action.IMPORT}, None)
    assert not entry.is_current


def test_the_timeline_has_the_lanes_that_features_declare_in_the_order_of_their_ranks(world, monkeypatch):
    first, second = (_lane(rank, world, words) for rank, words in ((1, "a mark"), (2, "another mark")))
    monkeypatch.setattr(lanes, "_declared", [])
    lanes.declare([second, first])
    [drawn] = lanes.lanes_of(_shown())[world.with_lind.pk]
    assert isinstance(drawn, MarkLane)
    assert [mark.words for mark in drawn.marks] == ["a mark", "another mark"]
    steady_then(world.with_lind)
    page = signed_in(world.lind).get(f"/clients/{world.ana.pk}/").text
    assert page.index("a mark") < page.index("another mark")
    monkeypatch.setattr(lanes, "_declared", [])
    assert "a mark" not in signed_in(world.lind).get(f"/clients/{world.ana.pk}/").text


def test_two_lanes_of_one_rank_stop_the_start(world):
    before = lanes._declared[:]
    with pytest.raises(ValueError, match="ranks"):
        lanes.declare([_lane(1, world, "a mark"), _lane(1, world, "another mark")])
    assert lanes._declared == before


def test_the_lanes_of_every_feature_are_known_when_the_site_has_started():
    declared = [lane for feature in FEATURES for lane in feature.lanes]
    assert sorted(declared, key=lambda lane: lane.rank) == lanes._declared
    assert declared != []


def test_what_two_parts_of_a_page_read_about_the_same_relationships_is_read_once(world):
    calls, shown = [], _shown()
    for _ in range(2):
        assert shown.once(calls.append) is None
    assert calls == [shown]


def _shown() -> ShownRelationships:
    return ShownRelationships(Engagement.objects.all(), {})


def _lane(rank: int, world: World, words: str) -> TimelineLane:
    return TimelineLane(rank, lambda shown: {world.with_lind.pk: MarkLane((Mark(1, words, days_ago(1)),))})


def test_equal_ranks_have_equal_words():
    words = {words for words in actions.declared().values() if words is not None}
    by_rank = [(word.rank, str(word.text)) for word in sorted(words, key=lambda word: word.rank)]
    assert [pair for pair in pairwise(by_rank) if pair[0][0] == pair[1][0]] == [], "one rank, two sentences"
    assert len({text for _, text in by_rank}) == len(words)
    assert max(words, key=lambda word: word.rank) == ENTERED


def test_an_action_that_two_features_declare_stops_the_start():
    before = actions.declared()
    with pytest.raises(ValueError, match=r"client\.read"):
        actions.declare([{"client.read": ENTERED}, {"client.read": ENTERED}])
    assert actions.declared() == before


@pytest.mark.parametrize("text", ['record_event(by=by, action="diary.read")', 'SHOWN = "client.shown"'])
def test_an_action_in_the_code_that_no_feature_declares_stops_the_start(text):
    assert system_checks.has_words() == []
    [problem] = system_checks.wordless_actions([("client/diary/actions.py", text)], actions.declared())
    assert problem.is_serious()
    assert "client/diary/actions.py" in problem.msg


def test_an_action_without_a_declaration_is_refused_and_nothing_is_written(world):
    with pytest.raises(UndeclaredAction, match=r"diary\.read"):
        record_event(by=world.lind, action="diary.read", subject=world.ana, client_id=world.ana.pk)
    with pytest.raises(UndeclaredAction, match=r"diary\.read"):
        record_event(by=world.lind, action="diary.read", subject=world.lind)
    with pytest.raises(UndeclaredAction, match=r"diary\.read"):
        clients = {world.ana.pk: Relation.ENGAGED}
        record_event_for_each(by=world.lind, action="diary.read", subject=world.lind, clients=clients)
    assert not AuditEvent.objects.filter(action="diary.read").exists()


def test_what_is_declared_to_be_of_no_client_is_refused_in_a_clients_record(world):
    with pytest.raises(UndeclaredAction, match=r"reaction\.read"):
        record_event(by=world.lind, action="reaction.read", subject=world.ana, client_id=world.ana.pk)


def test_without_its_declaration_a_page_about_a_client_is_not_shown(world, monkeypatch):
    declared = {name: words for name, words in actions.declared().items() if name != "client.read"}
    monkeypatch.setattr(actions, "_declared", declared)
    with pytest.raises(UndeclaredAction):
        signed_in(world.lind).get(f"/clients/{world.ana.pk}/")
    assert system_checks.has_words() != []


def test_words_are_those_of_the_declaration_and_old_events_say_the_least(monkeypatch):
    monkeypatch.setattr(actions, "_declared", {"a.b": ClientWords("did so", 1), "c.d": OF_NO_CLIENT})
    assert actions.words_for("a.b").text == "did so"
    assert actions.words_for("c.d") == actions.words_for("from.elsewhere") == ENTERED


def test_every_folder_with_templates_or_static_files_is_listed_and_no_name_is_used_twice():
    for kind, listed in (("templates", settings.TEMPLATE_FOLDERS), ("static", settings.STATIC_FOLDERS)):
        folders = {str(path.parent.relative_to(CLINIC)) for path in CLINIC.rglob(kind)}
        assert folders == set(listed)
        names = [
            str(path.relative_to(CLINIC / folder / kind))
            for folder in folders
            for path in (CLINIC / folder / kind).rglob("*.*")
        ]
        assert len(names) == len(set(names)) > 0


def test_every_style_sheet_is_part_of_the_one_that_pages_link():
    sheets = {str(path.relative_to(CLINIC)) for path in CLINIC.rglob("*.css")}
    assert sheets == set(stylesheet.SHEETS)
    assert len(stylesheet.SHEETS) == len(sheets)
    collected = (Path(settings.STATIC_ROOT) / stylesheet.NAME).read_text(encoding="utf-8")
    assert collected == stylesheet.text()
