"""The record taken out for research: only who said yes, no name, no exact date, told in each one's log."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from accord.clinic.models import Account, AuditEvent, CareEpisode, ContactReport, Membership
from accord.clinic.policy import Denied
from accord.clinic.programme.research import actions as research_actions
from accord.errors import InputError
from accord.exchange.episodes_csv import read_episodes, write_episodes
from accord.exchange.events_csv import read_events, write_events
from accord.exchange.ratings_csv import read_ratings, write_ratings
from accord.instruments.catalogue import catalogue
from tests.clinic.programme.outcomes.overview_record import SESSIONS, Record
from tests.support.world import World, days_ago, signed_in

pytestmark = pytest.mark.django_db
DAY_0 = (research_actions.FIRST_DAY - date(1970, 1, 1)).days


@pytest.fixture
def record() -> Record:
    """Twelve people; the first eight said yes to research, the ninth said no, the others nothing."""
    made = Record(World(), people=12, left=4)
    made.fill("srs", lambda n, session: n + session)
    made.fill("phq-9", None, sessions=(1,), answers=lambda n, session: dict.fromkeys(range(1, 10), n % 4))
    made.happened("self-injury", range(12), 9, count=2)
    made.says(range(8), "research", True)
    made.says([8], "research", False)
    return made


def test_only_those_who_said_yes_are_in_it(record):
    taken = research_actions.export_record(by=record.world.lead)
    assert taken.clients == len(taken.episodes) == len(taken.ratings.clients) == 8
    assert len(taken.events) == 8
    assert len(taken.ratings) == 8 * (SESSIONS + 1)


def test_no_name_code_or_id_of_anybody_is_in_it_and_no_day_is_as_it_was(record):
    taken = research_actions.export_record(by=record.world.lead)
    result = {
        *taken.ratings.clients,
        *taken.ratings.clinicians,
        *taken.episodes.clients,
        *taken.events.clients,
    }
    known = {
        word
        for person in (*record.clients, *record.staff)
        for word in (person.name, person.code, str(person.pk), person.pk.hex)
    }
    assert not result & known
    days = {*taken.ratings.day.tolist(), *taken.episodes.start.tolist(), *taken.events.day.tolist()}
    assert max(days) < (record.start - date(1970, 1, 1)).days


def test_what_lies_between_two_days_stays_as_it_was(record):
    taken = research_actions.export_record(by=record.world.lead)
    assert (taken.episodes.start == DAY_0).all()
    assert sorted(set((taken.ratings.day - DAY_0).tolist())) == [7 * n for n in range(SESSIONS)]
    assert (taken.events.day == DAY_0 + 9).all()
    assert sorted((taken.episodes.end - taken.episodes.start).tolist()) == [63] * 4 + [300] * 4


def test_the_answers_are_those_of_the_record(record):
    taken = research_actions.export_record(by=record.world.lead)
    code = [instrument.id for instrument in taken.ratings.instruments].index("SRS")
    rows = taken.ratings.instrument == code
    expected = sorted(n + session for n in range(8) for session in range(1, SESSIONS + 1))
    assert sorted(taken.ratings.score[rows].tolist()) == expected
    forms = np.asarray(taken.ratings.items)[~rows]
    assert sorted(np.nansum(forms, axis=1).tolist()) == sorted(9.0 * (n % 4) for n in range(8))


def test_codes_are_drawn_anew_each_time(record):
    def of_lowest(taken):
        code = [instrument.id for instrument in taken.ratings.instruments].index("SRS")
        rows = taken.ratings.instrument == code
        return taken.ratings.client[rows][np.argsort(taken.ratings.score[rows])].tolist()

    orders = {tuple(of_lowest(research_actions.export_record(by=record.world.lead))[:3]) for _ in range(12)}
    assert len(orders) > 1


def test_every_client_in_it_can_see_that_it_was_taken_out(record):
    record.world.join(
        researcher := record.world.staff("Rees"), record.world.first, Membership.Role.RESEARCHER
    )
    research_actions.export_record(by=researcher)
    result = AuditEvent.objects.filter(action="export.research", client_id__isnull=False)
    assert {person.client_id for person in result} == {client.pk for client in record.clients[:8]}
    assert set(result.values_list("relation", flat=True)) == {"researcher"}
    page = signed_in(record.clients[0]).get("/record/opened/").content.decode()
    assert "took your answers out for research" in page
    assert "does research in the programme" in page


def test_whoever_takes_it_back_is_left_out_from_then_on(record):
    said = record.clients[0].consents.get(purpose="research")
    type(said).objects.create(
        organisation=said.organisation, client=said.client, purpose="research", allowed=False, at=said.at,
        predecessor=said,
    )  # fmt: skip
    assert research_actions.export_record(by=record.world.lead).clients == 7


def test_nobody_else_may_take_it_out_and_an_empty_one_is_refused(record):
    for who in (record.world.lind, record.world.supervisor, record.world.ana):
        with pytest.raises(Denied):
            research_actions.export_record(by=who)
    assert not AuditEvent.objects.filter(action="export.research").exists()
    with pytest.raises(InputError, match="who said yes to research"):
        research_actions.export_record(by=World().lead)


def test_the_files_read_back_as_they_were_taken_out(record, tmp_path):
    taken = research_actions.export_record(by=record.world.lead)
    write_ratings(tmp_path / "r.csv", taken.ratings)
    write_episodes(tmp_path / "p.csv", taken.episodes)
    write_events(tmp_path / "e.csv", taken.events)
    episodes, events = read_episodes(tmp_path / "p.csv").table, read_events(tmp_path / "e.csv").table
    ratings = read_ratings(tmp_path / "r.csv", instruments=catalogue()).ratings
    for name in ("client", "start", "end", "end_reason", "arm"):
        np.testing.assert_array_equal(getattr(episodes, name), getattr(taken.episodes, name))
    for name in ("client", "day", "kind", "count"):
        np.testing.assert_array_equal(getattr(events, name), getattr(taken.events, name))
    assert len(ratings) == len(taken.ratings)
    assert ratings.clients == taken.ratings.clients


def test_attendance_and_a_later_episode_come_along(record):
    contact = record.contacts[record.engagements[0].pk][3]
    ContactReport.objects.create(
        organisation=record.organisation, contact=contact, side="clinician", by=record.staff[0],
        kind="individual", attendance="missed_client", made_at=contact.made_at,
    )  # fmt: skip
    CareEpisode.objects.create(
        organisation=record.organisation, client=record.clients[0], since=days_ago(100), method="mbt",
        made_at=contact.made_at,
    )  # fmt: skip
    taken = research_actions.export_record(by=record.world.lead)
    code = [instrument.id for instrument in taken.ratings.instruments].index("attendance")
    assert taken.ratings.score[taken.ratings.instrument == code].tolist() == [0.0]
    start = np.sort(taken.episodes.start)
    assert (start[-1] - DAY_0, len(taken.episodes)) == ((days_ago(100) - record.start) / timedelta(days=1), 9)


def test_the_command_writes_three_files_on_behalf_of_somebody_who_may(record, tmp_path, capsys):
    from accord.clinic.site.commands import programme

    lead = record.world.lead
    signed_in(lead)  # which gives them an account
    email = Account.objects.get(person=lead).email
    assert programme.main(["take-out", "--by", email, "--folder", str(tmp_path / "out")]) == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(programme.FILES)
    assert programme.main(["take-out", "--by", email, "--folder", str(tmp_path / "out")]) == 2
    assert "not there yet" in capsys.readouterr().err
    assert programme.main(["take-out", "--by", "nobody@test.example", "--folder", str(tmp_path / "b")]) == 2
    assert not (tmp_path / "b").exists()


def test_a_study_is_made_of_the_site_s_own_record(tmp_path, capsys):
    from accord.__main__ import main

    record = Record(World(), people=30, left=10)
    noise = np.random.default_rng(3).normal(0, 1, (30, SESSIONS + 1))
    record.fill("srs", lambda n, session: round(28 + n % 5 + 2 * noise[n, session]))
    record.fill(
        "bsl-23", lambda n, session: round(1.6 + n % 5 / 4 + noise[n, 0] / 4 + noise[n, session] / 4, 2)
    )
    record.happened("self-injury", range(18), 9, count=2)
    record.says(range(30), "research", True)
    signed_in(record.world.lead)
    email = Account.objects.get(person=record.world.lead).email
    assert main(["study", "--by", email, "--out", str(tmp_path / "study")]) in (0, 3)
    assert (tmp_path / "study" / "dictionary.csv").exists()
    assert "30 people of the record said yes to research" in capsys.readouterr().out
    text = "".join(path.read_text("utf-8") for path in (tmp_path / "study").rglob("*.csv"))
    assert not [client.code for client in record.clients if client.code in text]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (["--by", "nobody@test.example"], "the e-mail of a researcher"),
        (["--by", "x@test.example", "--ratings", "r.csv"], "found both"),
        (["--ratings", "r.csv"], "--episodes"),
        ([], "--ratings"),
    ],
)
def test_a_study_of_neither_files_nor_somebody_s_record_is_refused(tmp_path, capsys, more, expected):
    from accord.__main__ import main

    assert main(["study", *more, "--out", str(tmp_path / "study")]) == 2
    assert expected in capsys.readouterr().err
    assert not (tmp_path / "study").exists()


def test_another_organisation_s_record_is_not_in_it(record):
    far = Record(World(), people=10)
    far.fill("srs", lambda n, session: 1)
    far.happened("attempt", range(10), 9)
    far.says(range(10), "research", True)
    taken = research_actions.export_record(by=record.world.lead)
    assert taken.clients == len(taken.ratings.clients) == 8
    assert taken.events.kinds == ("self-injury",)
    assert len(taken.ratings) == 8 * (SESSIONS + 1)
