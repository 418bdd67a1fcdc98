"""A client's own line: for nobody unless they say so, sealed, and never said to be read unless it was."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accord.clinic.client.checkins import actions as checkins
from accord.clinic.client.own_notes import actions as own_notes
from accord.clinic.client.own_notes.queries import about, own_lines, unread
from accord.clinic.clinician.worklist.queries import worklist
from accord.clinic.encryption import rings
from accord.clinic.encryption.rings import KeyProblem, RingName
from accord.clinic.facts import body
from accord.clinic.models import AuditEvent, CheckIn, LineRead, LineSharing, OwnLine, SealedText
from accord.clinic.models.actors import SYSTEM, Link
from accord.clinic.models.line import Line
from accord.clinic.monitoring import contacts
from accord.clinic.policy import Denied
from accord.clinic.programme.groups import actions as group_actions
from accord.clinic.telephone import LabelledNumber
from accord.instruments.catalogue import get
from accord.records.ratings import Rater
from tests.clinic.encryption.test_sealed import plant
from tests.support.world import STEADY, World, days_ago, fill_with_line, signed_in

pytestmark = pytest.mark.django_db
WORDS = "CANARY-LINE I did not dare to say it"
ONLY_ME, CLINICIAN, READERS = LineSharing.Audience


@pytest.fixture
def world() -> World:
    return World()


def _submit(world, line, *, name=None, contact=None):
    return checkins.submit(
        checkin_id=name or uuid4(),
        contact=contact or contacts.record(engagement=world.with_lind, day=days_ago(0), by=SYSTEM),
        rater=Rater.CLIENT,
        instrument=get("session-checkin"),
        answers=STEADY,
        line=line,
        by=Link(world.ana),
    )


def test_a_line_is_stored_with_its_check_in_and_its_words_are_sealed(world):
    checkin = _submit(world, Line(WORDS, ONLY_ME))
    line = OwnLine.objects.get(checkin=checkin)
    assert line.sharings.get().audience == ONLY_ME
    assert SealedText.texts([line], "text") == {line.pk: WORDS}
    event = AuditEvent.objects.get(action="checkin.submit")
    assert "line" in event.fields


def test_without_a_line_nothing_of_one_is_stored(world):
    _submit(world, None)
    assert not OwnLine.objects.exists()
    assert not SealedText.objects.exists()


def test_the_same_form_with_the_same_line_is_a_success_and_stored_once(world):
    contact, name = contacts.record(engagement=world.with_lind, day=days_ago(0), by=SYSTEM), uuid4()
    for _ in range(3):
        _submit(world, Line(WORDS, CLINICIAN), name=name, contact=contact)
    assert OwnLine.objects.count() == CheckIn.objects.count() == 1


@pytest.mark.parametrize(
    "other",
    [Line("other words", CLINICIAN), Line(WORDS, ONLY_ME), Line(WORDS + " ", CLINICIAN), None],
    ids=repr,
)
def test_the_same_id_with_another_line_is_a_conflict_and_changes_nothing(world, other):
    contact, name = contacts.record(engagement=world.with_lind, day=days_ago(0), by=SYSTEM), uuid4()
    _submit(world, Line(WORDS, CLINICIAN), name=name, contact=contact)
    with pytest.raises(checkins.Conflict):
        _submit(world, other, name=name, contact=contact)
    line = OwnLine.objects.get()
    assert SealedText.texts([line], "text") == {line.pk: WORDS}


def test_sharing_it_meanwhile_does_not_make_a_repeated_form_a_conflict(world):
    contact, name = contacts.record(engagement=world.with_lind, day=days_ago(0), by=SYSTEM), uuid4()
    _submit(world, Line(WORDS, ONLY_ME), name=name, contact=contact)
    own_notes.share(line=OwnLine.objects.get(), audience=CLINICIAN, by=world.ana)
    _submit(world, Line(WORDS, ONLY_ME), name=name, contact=contact)
    assert CheckIn.objects.count() == 1


def test_the_stored_digest_of_a_form_tells_nothing_of_the_words(world):
    contact = contacts.record(engagement=world.with_lind, day=days_ago(0), by=SYSTEM)
    told = [
        body.body_hash(contact.pk, Rater.CLIENT, get("session-checkin"), {}, Line(words, CLINICIAN))
        for words in ("yes", "no")
    ]
    assert told[0] == told[1]


@pytest.fixture
def without_keys(settings, tmp_path):
    settings.ACCORD = replace(settings.ACCORD, folder=tmp_path)
    rings.make_missing(tmp_path)
    path = rings.path_of(tmp_path, RingName.TEXT)
    return lambda: path.rename(path.with_name("away"))


def _post(world, **sent):
    _, token = checkins.ask(engagement=world.with_lind, day=days_ago(0), by=world.lind)
    body = {"checkin_id": str(uuid4()), "item_1": "5", **sent}
    return Client().post(f"/c/{token}/", body), token


def test_when_a_line_cannot_be_sealed_nothing_is_stored_and_what_was_typed_stays_on_the_page(
    world, without_keys
):
    without_keys()
    page, _ = _post(world, line_text=WORDS, line_for="clinician")
    assert page.status_code == 503
    assert "cannot be kept safely" in page.content.decode()
    assert WORDS in page.content.decode()
    assert not CheckIn.objects.exists()
    assert not OwnLine.objects.exists()
    without_line, _ = _post(world)
    assert without_line.status_code == 302  # answers need no keys
    with pytest.raises(KeyProblem):
        _submit(world, Line(WORDS, ONLY_ME))


def test_a_line_for_only_me_is_read_by_nobody(world):
    signed_in(world.ana)  # somebody who can open it again
    page, token = _post(world, line_text=WORDS, line_for="only_me")
    assert page.status_code == 302
    assert LineSharing.objects.get().audience == ONLY_ME
    assert (
        "nobody reads it unless you share it"
        in Client().get(f"/c/{token}/sent/", follow=True).content.decode()
    )
    for person in (world.lind, world.ito, world.supervisor, world.lead):
        with pytest.raises(Denied):
            own_notes.read(line_id=OwnLine.objects.get().pk, by=person)
    assert about(world.lind, world.ana.pk) == unread(world.lind) == ()


def test_before_typing_the_page_says_who_reads_what_and_where_to_turn(world, settings):
    settings.ACCORD = replace(settings.ACCORD, crisis_numbers=(LabelledNumber("Crisis line", "000 777"),))
    world.tell(world.ana)
    signed_in(world.ana)
    _, token = checkins.ask(engagement=world.with_lind, day=days_ago(0), by=world.lind)
    page = Client().get(f"/c/{token}/", follow=True).content.decode()
    screen = page[page.index('id="own-line"') : page.index("<textarea")]
    for told in (
        "only me for now",
        "Nobody reads it",
        "Lind",
        "Ito",
        "Supervisor",
        "No program looks",
        "000 777",
    ):
        assert told in screen, told


def test_a_choice_that_is_none_or_too_long_a_line_is_refused_and_nothing_is_written(world):
    for sent in ({"line_for": "the world"}, {"line_text": "x" * 1001}, {"line_text": "x\0"}):
        page, _ = _post(world, **{"line_text": WORDS, **sent})
        assert page.status_code == 400, sent
    assert not CheckIn.objects.exists()


def test_a_clinicians_own_check_in_keeps_no_line(world):
    browser = signed_in(world.lind)
    page = browser.get(f"/engagements/{world.with_lind.pk}/own/")
    assert "line_text" not in page.content.decode()
    about_it = page.context["form"]["about"].value()
    sent = {"checkin_id": str(uuid4()), "about": about_it, "line_text": WORDS, "line_for": "readers"}
    assert browser.post(f"/engagements/{world.with_lind.pk}/own/", sent).status_code == 302
    assert not OwnLine.objects.exists()


def test_a_shared_line_waits_on_the_worklist_until_its_clinician_opens_it(world):
    line = fill_with_line(world.with_lind, WORDS, CLINICIAN)
    assert [one.id for one in worklist(world.lind, timezone.now()).lines] == [line.pk]
    page = signed_in(world.lind).get("/worklist/").content.decode()
    assert "not opened yet" in page
    assert "CANARY-LINE" not in page
    opened = signed_in(world.lind).get(f"/lines/{line.pk}/").content.decode()
    assert WORDS in opened
    assert "No program looks through" in opened
    assert worklist(world.lind, timezone.now()).lines == ()
    assert LineRead.objects.get().by == world.lind
    event = AuditEvent.objects.get(action="line.read")
    assert (event.actor_id, event.client_id, event.fields) == (world.lind.pk, world.ana.pk, [])


def test_a_line_for_all_readers_waits_for_its_own_clinician_also_after_another_opened_it(world):
    line = fill_with_line(world.with_lind, WORDS, READERS)
    assert unread(world.ito) == ()
    assert [one.id for one in about(world.ito, world.ana.pk)] == [line.pk]
    own_notes.read(line_id=line.pk, by=world.ito)
    assert [one.id for one in unread(world.lind)] == [line.pk]


def test_a_head_request_is_no_reading(world):
    """A browser that only asks whether the page is there must not leave a receipt."""
    line = fill_with_line(world.with_lind, WORDS, CLINICIAN)
    assert signed_in(world.lind).head(f"/lines/{line.pk}/").status_code == 405
    assert not LineRead.objects.exists()


def test_what_cannot_be_read_is_said_so_stays_unread_and_nobody_is_said_to_have_read_it(world, caplog):
    line = fill_with_line(world.with_lind, WORDS, CLINICIAN)
    stored = str(SealedText.objects.get().stored)
    plant(stored[:40] + ("A" if stored[40] != "A" else "B") + stored[41:])
    page = signed_in(world.lind).get(f"/lines/{line.pk}/")
    assert page.status_code == 503
    assert "cannot be read just now" in page.content.decode()
    assert not LineRead.objects.exists()
    assert not AuditEvent.objects.filter(action="line.read").exists()
    assert [one.id for one in unread(world.lind)] == [line.pk]
    mine = signed_in(world.ana).get("/forms/lines/").content.decode()
    assert "cannot be read just now" in mine
    assert "CANARY-LINE" not in caplog.text


def test_a_client_shares_takes_back_and_sees_who_opened_it(world):
    line = fill_with_line(world.with_lind, WORDS, ONLY_ME)
    browser = signed_in(world.ana)
    assert "Only you: nobody reads it" in browser.get("/forms/lines/").content.decode()
    for audience, told in (
        ("clinician", "Nobody has opened it yet"),
        ("readers", "Ito"),
        ("clinician", "Lind may read it, nobody else"),
    ):
        assert browser.post(f"/forms/lines/{line.pk}/share/", {"audience": audience}).status_code == 302
        assert told in browser.get("/forms/lines/").content.decode()
    own_notes.read(line_id=line.pk, by=world.lind)
    assert "Opened by Lind" in browser.get("/forms/lines/").content.decode()
    browser.post(f"/forms/lines/{line.pk}/share/", {"audience": "only_me"})
    with pytest.raises(Denied):
        own_notes.read(line_id=line.pk, by=world.lind)
    assert "Opened by Lind" in browser.get("/forms/lines/").content.decode()  # what happened stays told
    assert [one.audience for one in line.sharings.order_by("at")] == [
        ONLY_ME, CLINICIAN, READERS, CLINICIAN, ONLY_ME,
    ]  # fmt: skip
    assert AuditEvent.objects.filter(action="line.share", client_id=world.ana.pk).count() == 4


def test_the_same_choice_again_changes_nothing(world):
    line = fill_with_line(world.with_lind, WORDS, CLINICIAN)
    own_notes.share(line=line, audience=CLINICIAN, by=world.ana)
    assert LineSharing.objects.count() == 1


def test_nobody_but_its_writer_shares_a_line_and_a_link_does_not_open_it_again(world):
    line = fill_with_line(world.with_lind, WORDS, ONLY_ME)
    for somebody in (world.ben, world.lind, world.supervisor, world.lead, Link(world.ana)):
        with pytest.raises(Denied):
            own_notes.share(line=line, audience=READERS, by=somebody)
    assert LineSharing.objects.count() == 1


def test_another_clinician_never_reads_a_line_for_one_clinician_and_a_former_one_none(world):
    line = fill_with_line(world.with_lind, WORDS, CLINICIAN)
    for person in (world.ito, world.okafor, world.supervisor, world.stranger, world.lead):
        with pytest.raises(Denied):
            own_notes.read(line_id=line.pk, by=person)
    world.with_lind.until = days_ago(1)
    world.with_lind.save()
    with pytest.raises(Denied):
        own_notes.read(line_id=line.pk, by=world.lind)
    assert "no longer works with you here" in signed_in(world.ana).get("/forms/lines/").content.decode()


def test_a_line_beside_a_changed_answer_stays(world):
    contact = contacts.record(engagement=world.with_lind, day=days_ago(0), by=SYSTEM)
    _submit(world, Line(WORDS, CLINICIAN), contact=contact)
    _submit(world, Line("and another", CLINICIAN), contact=contact)
    assert {one.words for one in own_lines(world.ana)} == {WORDS, "and another"}
    assert len(unread(world.lind)) == 2


def test_the_words_of_a_line_are_not_shown_when_a_program_prints_it(world):
    assert "CANARY" not in repr(Line(WORDS, ONLY_ME))
    fill_with_line(world.with_lind, WORDS, ONLY_ME)
    assert "CANARY" not in repr(own_lines(world.ana))


def test_in_a_group_a_line_for_the_clinician_is_for_the_one_the_form_named_and_no_other_leader(world):
    group = group_actions.add(
        team=world.first, name="Skills", leader=world.ito, since=days_ago(90), by=world.lead
    )
    group_actions.add_leader(group=group, person=world.lind, since=days_ago(90), by=world.lead)
    member = group_actions.add_member(group=group, client=world.ben, since=days_ago(9), by=world.lead)
    line = fill_with_line(member, WORDS, CLINICIAN)
    with pytest.raises(Denied):
        own_notes.read(line_id=line.pk, by=world.lind)
    assert own_notes.read(line_id=line.pk, by=world.ito)[1] == WORDS
    own_notes.share(line=line, audience=READERS, by=world.ben)
    assert own_notes.read(line_id=line.pk, by=world.lind)[1] == WORDS
