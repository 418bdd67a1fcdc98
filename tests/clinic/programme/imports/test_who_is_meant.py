"""Whom the codes of a file mean: near codes, new people, known ones for a new source, checks, ended times."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accord.clinic.models import (
    CareEpisode,
    CheckIn,
    ConfirmedCode,
    Contact,
    Engagement,
    Person,
    PersonCheck,
    SealedText,
)
from accord.clinic.models.actors import SYSTEM
from accord.clinic.programme.care import episodes as care_episodes
from accord.clinic.programme.imports import batch_actions, ratings_import, same_people, uploads
from tests.support.imports import confirm, ticks
from tests.support.world import World, days_ago, signed_in, signed_in_again

pytestmark = [pytest.mark.django_db, pytest.mark.no_worker]
HEADER = "client,clinician,session,date,rater,instrument,score"
CHECKED = f"{HEADER},check"
ANA, LIND = "code-CANARY-ANA", "code-Lind"


@pytest.fixture
def world() -> World:
    return World()


def row(client, session=1, clinician=LIND, day=None, score=30, check=None):
    line = f"{client},{clinician},{session},{day or days_ago(60 - session)},client,SRS,{score}"
    return line if check is None else f"{line},{check}"


def held(world, *rows, header=HEADER, source=""):
    content = "\n".join([header, *rows]).encode() + b"\n"
    return uploads.hold(
        chunks=[content], filename="r.csv", team=world.first.pk, clinician=None, scale=None, by=world.lead,
        source=source,
    )  # fmt: skip


def preview(world, *rows, **fields):
    answers = fields.pop("answers", {})
    return ratings_import.preview(upload=held(world, *rows, **fields), by=world.lead, answers=answers)


def take(world, *rows, answers=None, without=(), **fields):
    return confirm(held(world, *rows, **fields), world.lead, answers=answers, without=without)


def asked(shown):
    return [(each.question.kind, each.question.code, each.question.options) for each in shown.questions]


def answered(shown, answer):
    return {each.question.field: answer for each in shown.questions}


E_COMPOSED, E_APART = (unicodedata.normalize(form, "Zoé1") for form in ("NFC", "NFD"))


@pytest.mark.parametrize(
    ("known", "near"),
    [
        ("001", "1"), ("1", "001"), ("N001", "n001"), ("N001", "N 001"), ("C-017", "C017"), ("C017", "c-17"),
        (E_COMPOSED, E_APART), ("T01 x", "T1X"), ("C-17", "C\u201317"), ("C\u221217", "C17"),
    ],
)  # fmt: skip
def test_a_code_that_is_nearly_a_known_one_needs_its_own_answer(world, known, near):
    take(world, row(known))
    shown = preview(world, row(near, 2))
    assert asked(shown) == [("client", near, (known,))]
    with pytest.raises(ratings_import.Unconfirmed, match="whom it means"):
        take(world, row(near, 2))
    take(world, row(near, 2), answers=answered(shown, known))
    assert CheckIn.objects.filter(contact__engagement__client__code=known).count() == 2
    assert not Person.objects.filter(code=near).exists()


@pytest.mark.parametrize(("known", "other"), [("10", "1"), ("100", "1"), ("N10", "N1"), ("101", "11")])
def test_codes_that_are_only_alike_are_not_asked_about(world, known, other):
    take(world, row(known))
    assert asked(preview(world, row(other))) == []


def test_somebody_else_is_a_new_person_and_leaving_out_is_nobody(world):
    take(world, row("001"))
    shown = preview(world, row("1", 2))
    out = preview(world, row("1", 2), row("002", 2), answers=answered(shown, same_people.LEAVE_OUT))
    assert (out.rows, out.bad[0].row, out.bad[0].column) == (1, 2, "client")
    take(world, row("1", 2), answers=answered(shown, same_people.OTHER))
    assert Person.objects.filter(code__in=["1", "001"]).count() == 2


def test_an_answer_is_asked_once_for_a_source_and_again_for_another(world):
    take(world, row("001"), source="tool")
    first = preview(world, row("1", 2), source="tool")
    take(world, row("1", 2), source="tool", answers=answered(first, "001"))
    assert asked(preview(world, row("1", 3), source="Tool")) == []
    assert asked(preview(world, row("1", 3), source="another")) == [("client", "1", ("001",))]


def test_two_new_codes_of_one_file_that_are_nearly_the_same_are_asked_about(world):
    shown = preview(world, row("N5"), row("n5", 2), row("n05", 3))
    assert asked(shown) == [("client", "n5", ("N5",)), ("client", "n05", ("N5", "n5"))]
    take(world, row("N5"), row("n5", 2), row("n05", 3), answers=answered(shown, "N5"))
    assert [person.code for person in Person.objects.filter(code__iexact="n5")] == ["N5"]
    asked_again = preview(world, row("n5", 4), row("n05", 5))
    assert asked(asked_again) == []


def test_two_codes_of_one_person_do_not_bring_one_form_twice(world):
    lines = row("N5", score=30), row("n5", score=31), row("n5", 2)
    shown = preview(world, *lines)
    answers = answered(shown, "N5")
    again = preview(world, *lines, answers=answers)
    assert [(cell.row, cell.column) for cell in again.bad] == [(3, "session")]
    take(world, *lines, answers=answers)
    assert [checkin.given_score for checkin in CheckIn.objects.all()] == [30, 30]
    codes = row("N5", score=32), row("n5", score=33)
    assert [(cell.row, cell.column) for cell in preview(world, *codes).bad] == [(3, "session")]


def test_sessions_of_two_codes_of_one_person_have_to_rise_with_their_dates(world):
    lines = row("N5", 1, day="2025-02-03"), row("n5", 2, day="2025-01-06"), row("n5", 3, day="2025-02-10")
    answers = answered(preview(world, *lines), "N5")
    again = preview(world, *lines, answers=answers)
    assert ([(cell.row, cell.column) for cell in again.bad], again.rows) == ([(3, "date")], 2)


def test_a_clinician_s_code_is_asked_about_too_and_an_address_never_makes_a_clinician(world):
    signed_in(world.okafor)
    address = world.okafor.account.email
    shown = preview(world, row("N1", clinician="code-lind"), row("N2", clinician=address.upper()))
    assert asked(shown) == [
        ("staff", "code-lind", (LIND,)),
        ("staff", address.upper(), (world.okafor.code,)),
    ]
    lind, okafor = (each.question for each in shown.questions)
    assert (lind.may_be_other, okafor.may_be_other) == (True, False)
    answers = {lind.field: LIND, okafor.field: same_people.OTHER}
    with pytest.raises(ratings_import.Unconfirmed, match="whom it means"):
        take(world, row("N1", clinician="code-lind"), row("N2", clinician=address.upper()), answers=answers)


def test_new_people_are_one_list_by_code_that_has_to_be_ticked(world):
    shown = preview(world, row("N1"), row("N1", 2), row("N2", clinician="T9"))
    assert [(new.kind, new.code, new.rows, new.line) for new in shown.new_people] == [
        ("client", "N1", 2, 2),
        ("client", "N2", 1, 4),
        ("staff", "T9", 1, 4),
    ]
    with pytest.raises(ratings_import.Unconfirmed, match="new people"):
        take(world, row("N1"), without=["new_people"])


def test_a_known_client_is_shown_once_for_each_source_with_name_clinician_and_last_answer(world):
    take(world, row("N1", 1, day="2025-03-01"), source="a")
    assert preview(world, row("N1", 2), source="a").to_confirm == ()
    [shown] = preview(world, row("N1", 2), source="b").to_confirm
    assert (shown.code, shown.with_whom, str(shown.last)) == ("N1", "Lind", "2025-03-01")
    with pytest.raises(ratings_import.Unconfirmed, match="that this source means"):
        take(world, row("N1", 2), source="b", without=["to_confirm"])
    batch = take(world, row("N1", 2), source="b")
    assert preview(world, row("N1", 3), source="b").to_confirm == ()
    batch_actions.undo(batch=batch, by=world.lead)
    assert len(preview(world, row("N1", 3), source="b").to_confirm) == 1


def test_a_new_pair_of_known_people_is_listed_and_opens_when_it_is_confirmed(world):
    okafor = world.okafor.code
    [pair] = preview(world, row(ANA, clinician=okafor)).new_pairs
    assert (pair.client, pair.clinician, pair.rows) == ("CANARY-ANA", "Okafor", 1)
    with pytest.raises(ratings_import.Unconfirmed, match="new relationships"):
        take(world, row(ANA, clinician=okafor), without=["new_pairs"])
    assert not Engagement.objects.filter(client=world.ana, clinician=world.okafor).exists()
    take(world, row(ANA, clinician=okafor))
    assert Engagement.objects.get(client=world.ana, clinician=world.okafor).until is None


def ended(world, until):
    Engagement.objects.filter(pk=world.with_lind.pk).update(until=until)


def test_a_relationship_that_has_ended_takes_rows_of_its_own_time_and_stays_ended(world):
    ended(world, days_ago(30))
    inside, after = row(ANA, 1, day=days_ago(40)), row(ANA, 2, day=days_ago(20))
    shown = preview(world, inside, after)
    assert [(each.client, each.rows) for each in shown.ended] == [("CANARY-ANA", 1)]
    assert [(cell.row, cell.column) for cell in shown.bad] == [(3, "date")]
    assert "does not open it again" in shown.bad[0].expected
    with pytest.raises(ratings_import.Unconfirmed, match="have ended"):
        take(world, inside, without=["ended"])
    take(world, inside)
    world.with_lind.refresh_from_db()
    assert world.with_lind.until == days_ago(30)
    assert Contact.objects.get(day=days_ago(40)).engagement == world.with_lind
    assert Engagement.objects.filter(client=world.ana, clinician=world.lind).count() == 1


def test_a_row_without_a_date_goes_into_no_relationship_that_has_ended(world):
    ended(world, days_ago(30))
    line = f"{ANA},{LIND},1,,client,SRS,30"
    assert preview(world, line).bad[0].column == "date"


def test_rows_of_two_times_with_one_clinician_each_go_where_they_belong(world):
    ended(world, days_ago(100))
    again = Engagement.objects.create(
        organisation=world.organisation, client=world.ana, clinician=world.lind, team=world.first,
        since=days_ago(50),
    )  # fmt: skip
    early, late = row(ANA, 1, day=days_ago(120)), row(ANA, 1, day=days_ago(40), score=31)
    with_clash = preview(world, early, late)
    assert with_clash.bad[0].column in ("session", "date")  # one file cannot tell two sessions 1 apart
    for line, home in ((early, world.with_lind), (late, again)):
        batch = take(world, line)
        assert CheckIn.objects.get(batch=batch).contact.engagement == home
    assert preview(world, early).same == preview(world, late).same == 1


@pytest.mark.parametrize("clinician", [LIND, "code-Okafor", "T9"])
def test_care_that_has_ended_is_not_begun_again_by_a_file(world, clinician):
    care_episodes.begin(client=world.ana, since=days_ago(200), method="dbt", by=SYSTEM)
    care_episodes.end(episode=CareEpisode.objects.get(), until=days_ago(30), reason="died", by=SYSTEM)
    shown = preview(world, row(ANA, 1, clinician=clinician, day=days_ago(20)))
    assert (shown.rows, shown.bad[0].column) == (0, "date")
    within = preview(world, row(ANA, 1, clinician=clinician, day=days_ago(40)))
    assert within.rows == (1 if clinician == LIND else 0)


def test_a_check_is_kept_sealed_with_the_person_and_recognises_them_in_any_source(world):
    take(world, row("N1", check="AB 1990"), header=CHECKED, source="a")
    kept = PersonCheck.objects.get()
    assert SealedText.texts([kept], "check") == {kept.pk: "AB 1990"}
    shown = preview(world, row("N1", 2, check="ab1990"), header=CHECKED, source="b")
    assert (shown.to_confirm, shown.questions, shown.bad) == ((), (), ())
    take(world, row("N1", 2, check="ab1990"), header=CHECKED, source="b")
    assert PersonCheck.objects.count() == 1


def test_a_check_is_kept_when_a_known_client_is_first_confirmed(world):
    [shown] = preview(world, row(ANA, check="AN 1988"), header=CHECKED).to_confirm
    assert shown.code == ANA
    take(world, row(ANA, check="AN 1988"), header=CHECKED)
    assert PersonCheck.objects.get().person == world.ana


def test_another_check_refuses_the_rows_of_that_client_until_somebody_answers(world):
    take(world, row("N1", check="AB 1990"), header=CHECKED)
    wrong = [row("N1", 2, check="CD 1971"), row("N1", 3, check="CD 1971"), row("N2", check="EF 1980")]
    shown = preview(world, *wrong, header=CHECKED)
    [question] = [each.question for each in shown.questions]
    assert (question.code, question.check, question.known_check) == ("N1", "CD 1971", "AB 1990")
    with pytest.raises(ratings_import.Unconfirmed, match="whom it means"):
        take(world, *wrong, header=CHECKED)
    out = preview(world, *wrong, header=CHECKED, answers={question.field: same_people.LEAVE_OUT})
    assert ([cell.row for cell in out.bad], out.rows) == ([2, 3], 1)
    take(world, *wrong, header=CHECKED, answers={question.field: same_people.SAME})
    assert preview(world, row("N1", 4, check="CD 1971"), header=CHECKED).questions == ()


def test_two_checks_of_one_new_client_are_an_error_of_the_later_row(world):
    shown = preview(world, row("N1", check="AB 1990"), row("N1", 2, check="CD 1971"), header=CHECKED)
    assert [(cell.row, cell.column) for cell in shown.bad] == [(3, "check")]


def test_the_check_of_an_undone_import_is_not_known(world):
    batch = take(world, row("N1", check="AB 1990"), header=CHECKED)
    batch_actions.undo(batch=batch, by=world.lead)
    assert preview(world, row("N1", check="CD 1971"), header=CHECKED).questions == ()


def test_another_organisation_s_people_answers_and_checks_are_not_known(world):
    far = World()
    take(far, row("001", check="AB 1990"), header=CHECKED)
    shown = preview(world, row("1"), row("001", check="CD 1971"), header=CHECKED)
    assert [each.question.options for each in shown.questions if "001" in each.question.options] == []
    assert not ConfirmedCode.objects.filter(organisation=world.organisation).exists()


def test_the_page_asks_first_whom_the_codes_mean_and_shows_the_rest_afterwards(world):
    take(world, row("001"))
    browser = signed_in_again(world.lead)
    content = "\n".join([HEADER, row("1", 2), row("N7")]).encode()
    sent = {"file": SimpleUploadedFile("r.csv", content), "team": world.first.pk}
    page = browser.post("/imports/new/", sent, follow=True)
    text = page.content.decode()
    assert "The same person as" in text
    assert "What the import would add" not in text
    [question] = [each.question for each in page.context["preview"].questions]
    upload = page.context["upload"]
    looked = browser.post("/imports/preview/", {"upload": upload, "look": "1", question.field: "001"})
    assert "What the import would add" in looked.content.decode()
    shown = looked.context["preview"]
    assert [new.code for new in shown.new_people] == ["N7"]
    boxes = dict.fromkeys(ticks(shown), "on") | {"upload": upload}
    assert browser.post("/imports/preview/", boxes).status_code == 400  # the answer is missing
    assert browser.post("/imports/preview/", boxes | {question.field: "001"}).status_code == 302
    assert CheckIn.objects.filter(contact__engagement__client__code="001").count() == 2


def weekly(session, people=101):
    return [row(f"C{number:03d}", session, clinician=f"T{number % 7}") for number in range(people)]


def test_a_weekly_file_of_101_clients_with_nothing_new_costs_two_clicks(world, settings):
    settings.ACCORD = replace(settings.ACCORD, use="real")
    take(world, *weekly(1), source="survey tool")
    browser = signed_in_again(world.lead)
    content = "\n".join([HEADER, *weekly(1), *weekly(2)]).encode()
    file = SimpleUploadedFile("week.csv", content)
    sent = {"file": file, "team": world.first.pk, "source": "survey tool"}
    looked = browser.post("/imports/new/", sent, follow=True)  # the first click
    main = looked.content.decode().partition("<main")[2].partition("</main>")[0]
    assert main.count("<form") == 1
    assert main.count("<button") == 1
    assert "required" not in main
    assert not any(kind in main for kind in ("checkbox", "radio"))
    done = browser.post("/imports/preview/", {"upload": looked.context["upload"]})  # the second
    assert (done.status_code, done["Location"]) == (302, "/imports/")
    assert CheckIn.objects.count() == 202
