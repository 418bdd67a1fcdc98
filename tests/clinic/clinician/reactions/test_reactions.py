"""Own reactions: their author's alone, shared by the author's act, sealed when the author leaves."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from django.apps import apps

import accord
from accord.clinic.clinician.reactions import actions as reactions
from accord.clinic.clinician.reactions.queries import (
    course,
    instrument,
    own,
    shared_with_viewer,
    sharing_candidates,
)
from accord.clinic.encryption import rings
from accord.clinic.encryption.rings import KeyProblem, RingName
from accord.clinic.models import (
    AuditEvent,
    CheckIn,
    Engagement,
    Membership,
)
from accord.clinic.models.actors import SYSTEM
from accord.clinic.models.reaction import Reaction, ReactionSharing
from accord.clinic.models.sealed import SealedReaction
from accord.clinic.policy import Action, Denied, can
from accord.clinic.policy.table import GRANTED_BY_ROLE, TABLE, Relation
from accord.errors import InputError
from accord.instruments.catalogue import catalogue, get
from accord.records.ratings import Construct, Rater, Ships
from tests.clinic.encryption.test_sealed import plant, raw
from tests.support import reaction_privacy
from tests.support.world import World, days_ago, signed_in

pytestmark = pytest.mark.django_db
NOTE = "CANARY-REACTION I dread the next hour"
SOURCE = Path(__file__).parents[4] / "src" / "accord"
OTHERS = ("ito", "okafor", "supervisor", "lead", "stranger", "ana", "ben")


@pytest.fixture
def world() -> World:
    return World()


def keep(world, answers=None, note=NOTE, *, name=None, by=None, engagement=None) -> Reaction:
    return reactions.keep(
        reaction_id=name or uuid4(),
        engagement=engagement or world.with_lind,
        answers={1: 3, 2: 4, 12: 1} if answers is None else answers,
        note=note,
        by=by or world.lind,
    )


def test_the_form_is_the_projects_own_twelve_words_in_seven_parts_and_no_score():
    form = instrument()
    assert (len(form.items), len(form.subscales), form.validated) == (12, 7, False)
    assert form.construct is Construct.OTHER
    assert form.ships is Ships.WORDING
    assert form.licence.startswith("CC0")
    assert form.raters == (Rater.CLINICIAN,)
    assert all(item.wording.isalpha() for item in form.items)  # single words
    assert sorted(n for part in form.subscales for n in part.items) == list(range(1, 13))
    assert [option.value for option in form.items[0].options] == [0, 1, 2, 3, 4]
    assert "FWC" not in form.name + form.id


def test_no_file_scan_or_import_knows_the_form(tmp_path):
    assert "own-reactions" not in catalogue()
    with pytest.raises(InputError):
        get("own-reactions")
    file = tmp_path / "ratings.csv"
    file.write_text("client,session,instrument,item_1\nC1,1,own-reactions,3\n", encoding="utf-8")
    with pytest.raises(InputError):
        accord.scan(file)


def test_a_reaction_is_sealed_as_a_whole_under_its_own_ring_and_comes_back_to_its_author(world):
    reaction = keep(world)
    (stored,) = raw(SealedReaction)
    assert "CANARY" not in stored
    assert "overwhelmed" not in stored
    (shown,) = own(world.lind)
    assert shown.id == reaction.pk
    assert shown.words == (("helpless", 4), ("overwhelmed", 3), ("warm", 1))
    assert shown.note == NOTE
    ring = rings.load(_folder(), RingName.REACTIONS)
    assert stored.split(".")[1] in ring.keys
    assert stored.split(".")[1] not in rings.load(_folder(), RingName.TEXT).keys


def _folder():
    from django.conf import settings

    return settings.ACCORD.folder


def test_the_same_reaction_sent_twice_is_kept_once_and_another_under_its_id_is_a_conflict(world):
    name = uuid4()
    for _ in range(2):
        keep(world, name=name)
    assert Reaction.objects.count() == SealedReaction.objects.count() == 1
    for other in ({"note": "other"}, {"answers": {1: 0}}, {"by": world.ito, "engagement": world.with_ito}):
        with pytest.raises(reactions.Conflict):
            keep(world, name=name, **other)
    assert Reaction.objects.count() == 1


@pytest.mark.parametrize("answers", [{13: 1}, {1: 5}, {1: -1}, {1: 0.5}])
def test_a_word_or_value_that_is_none_is_refused_and_nothing_is_kept(world, answers):
    with pytest.raises(InputError):
        keep(world, answers)
    assert not Reaction.objects.exists()


def test_an_empty_one_is_refused_and_one_word_or_a_note_is_enough(world):
    with pytest.raises(InputError):
        keep(world, {}, "")
    keep(world, {1: 0}, "")
    keep(world, {}, "only a note")
    assert Reaction.objects.count() == 2


def test_without_its_ring_nothing_is_kept_and_the_page_keeps_what_was_typed(world, settings, tmp_path):
    settings.ACCORD = replace(settings.ACCORD, folder=tmp_path)
    rings.make_missing(tmp_path)
    rings.path_of(tmp_path, RingName.REACTIONS).unlink()
    with pytest.raises(KeyProblem):
        keep(world)
    assert not Reaction.objects.exists()
    page = _sent(world, note=NOTE, item_1="4")
    assert page.status_code == 503
    assert NOTE in page.content.decode()
    assert not Reaction.objects.exists()


def _sent(world, person=None, **answers):
    browser = signed_in(person or world.lind)
    address = f"/engagements/{world.with_lind.pk}/reactions/"
    about = browser.get(address).context["form"]["about"].value()
    return browser.post(address, {"checkin_id": str(uuid4()), "about": about, **answers})


def test_on_the_page_a_reaction_is_kept_shown_and_told_as_private(world):
    assert _sent(world, item_1="4", item_10="0", note=NOTE).status_code == 302
    body = signed_in(world.lind).get(f"/engagements/{world.with_lind.pk}/reactions/").content.decode()
    for shown in (NOTE, "overwhelmed 4", "confident 0", "the law may still reach", "Yours alone"):
        assert shown in body, shown


def test_a_form_shown_for_another_relationship_keeps_nothing(world):
    second = world.engage(world.ben, world.lind, world.second)
    browser = signed_in(world.lind)
    about = browser.get(f"/engagements/{second.pk}/reactions/").context["form"]["about"].value()
    sent = {"checkin_id": str(uuid4()), "about": about, "item_1": "4"}
    assert browser.post(f"/engagements/{world.with_lind.pk}/reactions/", sent).status_code == 404
    assert (
        browser.post(f"/engagements/{world.with_lind.pk}/reactions/", {**sent, "about": "x"}).status_code
        == 404
    )
    assert not Reaction.objects.exists()


@pytest.mark.parametrize("name", OTHERS)
def test_nobody_else_sees_a_reaction_of_any_kind_of_role(world, name):
    reaction, person = keep(world), getattr(world, name)
    assert own(person) == shared_with_viewer(person) == ()
    for action in (Action.HOLD_REACTION, Action.READ_REACTION):
        assert not can(person, action, reaction)
    with pytest.raises(Denied):
        reactions.share(reaction=reaction, person=world.ito, by=person)
    assert not ReactionSharing.objects.exists()


def test_only_the_clinician_of_a_relationship_keeps_reactions_in_it(world):
    for name in OTHERS:
        with pytest.raises(Denied):
            keep(world, by=getattr(world, name))
    assert not Reaction.objects.exists()


def test_the_table_opens_reactions_to_their_author_and_those_told_and_to_nobody_else():
    assert TABLE[Action.HOLD_REACTION] == {Relation.AUTHOR}
    assert TABLE[Action.READ_REACTION] == {Relation.SHARED_WITH}
    for role in (Membership.Role.LEAD, Membership.Role.ADMINISTRATOR, Membership.Role.RESEARCHER):
        assert not GRANTED_BY_ROLE[role] & {Relation.AUTHOR, Relation.SHARED_WITH}


def test_shared_with_one_person_it_is_read_by_them_alone_until_it_is_taken_back(world):
    reaction = keep(world)
    sharing = reactions.share(reaction=reaction, person=world.ito, by=world.lind)
    assert [reaction.note for reaction in shared_with_viewer(world.ito)] == [NOTE]
    assert shared_with_viewer(world.supervisor) == shared_with_viewer(world.stranger) == ()
    assert NOTE in signed_in(world.ito).get("/reactions/").content.decode()
    reactions.revoke(sharing=sharing, by=world.lind)
    reactions.revoke(sharing=sharing, by=world.lind)
    assert shared_with_viewer(world.ito) == ()
    assert ReactionSharing.objects.count() == 2
    assert not own(world.lind)[0].sharings
    reactions.share(reaction=reaction, person=world.ito, by=world.lind)
    assert len(shared_with_viewer(world.ito)) == 1


def test_shared_with_the_consultation_it_is_read_by_the_team_of_today(world):
    reaction = keep(world)
    reactions.share(reaction=reaction, team=world.first, by=world.lind)
    reading = [name for name in OTHERS if shared_with_viewer(getattr(world, name))]
    assert reading == ["ito", "supervisor", "stranger"]
    member = world.stranger.memberships.get()
    member.until = days_ago(1)
    member.save()
    assert shared_with_viewer(world.stranger) == ()


def test_whoever_may_not_see_the_client_is_not_told_whom_it_is_about(world):
    keep_with = keep(world, note="a hard hour")
    reactions.share(reaction=keep_with, team=world.first, by=world.lind)
    assert [reaction.about for reaction in shared_with_viewer(world.ito)] == ["CANARY-ANA"]
    assert [reaction.about for reaction in shared_with_viewer(world.stranger)] == [""]
    assert "CANARY-ANA" not in signed_in(world.stranger).get("/reactions/").content.decode()


def test_it_cannot_be_shared_with_clients_other_teams_or_other_organisations(world):
    reaction = keep(world)
    elsewhere = World()
    for person in (world.ana, world.ben, world.okafor, world.lead, world.lind, elsewhere.lind):
        with pytest.raises(Denied):
            reactions.share(reaction=reaction, person=person, by=world.lind)
    for team in (world.second, elsewhere.first):
        with pytest.raises(Denied):
            reactions.share(reaction=reaction, team=team, by=world.lind)
    assert {person.name for person in sharing_candidates(reaction).people} == {
        "Ito",
        "Supervisor",
        "Stranger",
    }
    assert not ReactionSharing.objects.exists()


def _leave(world) -> None:
    for membership in world.lind.memberships.all():
        membership.until = days_ago(1)
        membership.save()


def _close_account(world) -> None:
    signed_in(world.lind)
    world.lind.account.is_active = False
    world.lind.account.save()


@pytest.mark.parametrize("how", [_leave, _close_account])
def test_when_the_author_leaves_nobody_reads_it_any_more_not_even_whom_it_was_shared_with(world, how):
    reaction = keep(world)
    reactions.share(reaction=reaction, person=world.ito, by=world.lind)
    reactions.share(reaction=reaction, team=world.first, by=world.lind)
    how(world)
    for name in ("lind", *OTHERS):
        person = getattr(world, name)
        person.refresh_from_db()
        assert shared_with_viewer(person) == (), name
        assert not can(person, Action.HOLD_REACTION, reaction)
        assert not can(person, Action.READ_REACTION, reaction)
    if how is _leave:
        assert own(world.lind) == ()


def test_a_successor_who_takes_over_the_client_reads_nothing(world):
    keep(world)
    world.with_lind.until = days_ago(1)
    world.with_lind.save()
    world.engage(world.ana, world.stranger, world.first)
    assert own(world.stranger) == shared_with_viewer(world.stranger) == ()


def test_the_ended_relationships_reactions_stay_their_authors(world):
    reaction = keep(world)
    world.with_lind.until = days_ago(1)
    world.with_lind.save()
    assert [reaction.id for reaction in own(world.lind)] == [reaction.pk]
    with pytest.raises(Denied):
        keep(world)


def test_audit_events_of_reactions_name_no_client_and_no_content(world):
    reaction = keep(world)
    sharing = reactions.share(reaction=reaction, person=world.ito, by=world.lind)
    signed_in(world.ito).get("/reactions/")
    reactions.revoke(sharing=sharing, by=world.lind)
    events = AuditEvent.objects.filter(action__startswith="reaction.")
    assert [event.action for event in events.order_by("sequence")] == [
        "reaction.keep", "reaction.share", "reaction.read", "reaction.take_back",
    ]  # fmt: skip
    assert {(event.client_id, event.relation, tuple(event.fields)) for event in events} == {(None, None, ())}


def test_what_cannot_be_read_says_so_to_its_author(world, caplog):
    keep(world)
    stored = raw(SealedReaction)[0]
    plant(stored[:60] + ("A" if stored[60] != "A" else "B") + stored[61:], SealedReaction)
    (shown,) = own(world.lind)
    assert shown.words is None
    for address in (
        "/reactions/",
        f"/engagements/{world.with_lind.pk}/reactions/",
        f"/reactions/{shown.id}/",
    ):
        assert "cannot be read just now" in signed_in(world.lind).get(address).content.decode()
    assert "CANARY" not in caplog.text


def test_a_reaction_row_given_to_another_author_does_not_open(world):
    from django.db import connection

    reaction = keep(world)
    sealed = SealedReaction.objects.get()
    mine = Reaction(
        pk=reaction.pk, organisation=reaction.organisation, author=world.ito, engagement=world.with_lind
    )
    assert SealedReaction.texts([mine], Reaction.ANSWERS) == {reaction.pk: None}
    with connection.cursor() as cursor:
        value = world.ito.pk.hex if connection.vendor == "sqlite" else world.ito.pk
        cursor.execute("UPDATE clinic_sealedreaction SET owner = %s", [value])
    assert SealedReaction.texts([mine], Reaction.ANSWERS) == {reaction.pk: None}
    assert sealed.owner == world.lind.pk


def test_the_own_course_shows_each_part_by_its_mean_and_leaves_out_what_was_never_answered(world):
    keep(world, {1: 4, 2: 2}, "")
    keep(world, {1: 1, 12: 3}, "")
    parts = {part.name: part.newest for part in course(own(world.lind, world.with_lind))}
    assert parts == {"overwhelmed or helpless": "1 of 4, the newest of 2", "warm": "3 of 4, the newest of 1"}


def test_reactions_are_no_check_ins_and_count_for_no_assessment(world):
    before = Engagement.objects.get(pk=world.with_lind.pk).revision
    keep(world)
    assert not CheckIn.objects.exists()
    assert Engagement.objects.get(pk=world.with_lind.pk).revision == before


def test_no_module_outside_their_folders_knows_of_reactions():
    knowing = reaction_privacy.knowing_modules(SOURCE / "clinic")
    assert reaction_privacy.outsiders(knowing) == set()
    assert "clinician/reactions/actions.py" in knowing  # it sees them where they are
    outside = [path for path in SOURCE.rglob("*.py") if SOURCE / "clinic" not in path.parents]
    assert [path for path in outside if reaction_privacy.named_in(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    "planted",
    [
        "from accord.clinic.models.reaction import Reaction as Other",
        "from accord.clinic.models import reaction\nrows = reaction.Reaction.objects.all()",
        "import accord.clinic.models as all_models\nrows = all_models.reaction.ReactionSharing.objects.all()",
        "from django.apps import apps\nrows = apps.get_model('clinic', 'Reaction').objects.all()",
        "from django.apps import apps\nrows = apps.get_model('clinic.reactionsharing').objects.all()",
        "cursor.execute('SELECT content FROM clinic_sealedreaction')",
    ],
)
def test_a_planted_module_that_reaches_reactions_is_found(tmp_path, planted):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "export.py").write_text(planted, encoding="utf-8")
    assert reaction_privacy.outsiders(reaction_privacy.knowing_modules(tmp_path)) == {"site/export.py"}


PRIVATE = {Reaction, ReactionSharing, SealedReaction}


def test_no_other_model_has_an_accessor_to_reactions():
    assert reaction_privacy.accessors_to(PRIVATE, apps.get_models()) == set()


def test_a_planted_accessor_to_reactions_is_found(monkeypatch):
    relation = Reaction._meta.get_field("author").remote_field
    monkeypatch.setattr(relation, "related_name", "reactions")
    assert reaction_privacy.accessors_to(PRIVATE, apps.get_models()) == {"Person.reactions"}


def test_no_template_outside_the_feature_reads_reactions():
    templates = {path: path.read_text(encoding="utf-8") for path in (SOURCE / "clinic").rglob("*.html")}
    reaching = {path.name for path, text in templates.items() if reaction_privacy.template_reaches(text)}
    own = {"my_reactions.html", "reaction.html", "reactions.html"}
    assert reaching - own == set()
    assert reaching, "it sees the feature's own templates"


@pytest.mark.parametrize(
    "planted",
    [
        "{% for row in person.reaction_set.all %}{{ row.made_at }}{% endfor %}",
        "{{ reaction.sharings.count }}",
        "{% include 'clinic/parts/reaction.html' %}",
    ],
)
def test_a_planted_template_that_reads_reactions_is_found(planted):
    assert reaction_privacy.template_reaches(planted)


def test_the_stored_content_says_which_version_of_the_form_it_answers(world):
    reaction = keep(world)
    text = SealedReaction.texts([reaction], Reaction.ANSWERS)[reaction.pk]
    assert json.loads(text or "") == {
        "instrument": "own-reactions", "version": "1", "note": NOTE, "answers": {"1": 3, "2": 4, "12": 1},
    }  # fmt: skip


def test_a_setting_up_of_the_site_by_itself_may_not_keep_or_share_for_somebody(world):
    """SYSTEM passes every check of the table; here it is not one of those who may be an author."""
    reaction = keep(world)
    assert reaction.author == world.lind
    with pytest.raises(Denied):
        reactions.share(reaction=reaction, person=world.okafor, by=SYSTEM)
