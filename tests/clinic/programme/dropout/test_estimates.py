"""Estimates of leaving on the site: who sees them, what switches them off, what is learned and told."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accord.clinic.client.consents import actions as consent_actions
from accord.clinic.clinician.worklist.queries import worklist
from accord.clinic.facts import consents, treatment_history
from accord.clinic.models import (
    AuditEvent,
    CareEpisode,
    CheckIn,
    Contact,
    ContactReport,
    Engagement,
    Heartbeat,
    ImportBatch,
    LeavingEstimate,
    LeavingModel,
    Membership,
    Person,
    ReachedOut,
    Scale,
)
from accord.clinic.models.actors import SYSTEM
from accord.clinic.monitoring import contacts, dropout, dropout_model, dropout_shown
from accord.clinic.monitoring.contacts import ReportedContact
from accord.clinic.policy import Denied
from accord.clinic.programme.imports import analyze
from accord.clinic.site import due as watch
from accord.clinic.site.commands import leaving as leaving_command
from accord.science.dropout.covariates import NAMES
from accord.science.dropout.definition import Definition
from accord.science.dropout.leakage import Leak
from accord.science.dropout.model import Model
from accord.science.dropout.record import OUTPATIENT, RESIDENCE
from accord.science.dropout.sample_size import Why
from tests.support.dropout_records import programme
from tests.support.world import STEADY, World, days_ago, fill, signed_in

pytestmark = pytest.mark.django_db

ATTENDED, MISSED = ContactReport.Attendance.ATTENDED, ContactReport.Attendance.MISSED_CLIENT


@pytest.fixture
def world() -> World:
    return World()


def meet(engagement: Engagement, days: int, attendance: str = ATTENDED, by: Person | None = None) -> Contact:
    return contacts.log(
        contact_id=uuid4(), engagement=engagement, day=days_ago(days),
        reported=ReportedContact(attendance, ContactReport.Kind.INDIVIDUAL), by=by or engagement.clinician,
    )  # fmt: skip


def values(intercept: float = -2.5) -> dict[str, object]:
    """A model by hand: most speaks for leaving when contacts were missed."""
    return {
        "method": "leaving-1",
        "definition": {"missed": 4, "days": 28, "silent": None, "put_out_counts": False},
        "setting": {"horizon": 28, "step": 7, "early": 91, "lately": 28, "grace": 2},
        "basis": {"level": 0.7, "sd_between": 0.15, "sd_within": 0.1, "missed": 0.1, "unfilled": 0.2,
                  "urge": 0.4, "sd_urge": 0.8},
        "leaving": {"names": ["early", "missed"], "beta": [intercept, 0.1, 3.0],
                    "covariance": [[0.01, 0, 0], [0, 0.01, 0], [0, 0, 0.04]], "means": [0.4, 0.1]},
        "competing": {"names": [], "beta": [-9.0], "covariance": [[0.0]], "means": []},
        "calibration": {"intercept": -0.5, "slope": 0.8, "covariance": [[0.01, 0], [0, 0.01]]},
        "base": {"leavers": 90, "people": 300, "days": 800},
    }  # fmt: skip


def with_model(world: World, line: float = 0.0, **text: object) -> LeavingModel:
    return LeavingModel.objects.create(
        organisation=world.organisation, made_at=timezone.now(), values=values(),
        report={"by_clinician": {"line": line}}, **text,
    )  # fmt: skip


def regular(world: World, latest: int = 3) -> None:
    """Ana came weekly; the last time so many days ago."""
    for week in (2, 1, 0):
        meet(world.with_lind, latest + 7 * week)


def page(person: Person, address: str = "/worklist/") -> str:
    return " ".join(signed_in(person).get(address).content.decode().split())


def test_contacts_missed_in_a_row_are_told_without_any_model(world):
    regular(world, latest=20)
    meet(world.with_lind, 12, MISSED)
    assert "1 of 4 missed" not in page(world.lind)
    meet(world.with_lind, 5, MISSED)
    assert "2 of 4 missed" in page(world.lind)
    assert "2 of 4 missed" in page(world.ito)
    assert "2 of 4 missed" in page(world.lind, f"/clients/{world.ana.pk}/")
    assert "about 1 in" not in page(world.lind).lower()
    meet(world.with_lind, 1)
    assert "of 4 missed" not in page(world.lind)


def test_a_chance_is_told_in_words_with_its_interval_and_its_reasons(world):
    with_model(world)
    regular(world)
    row = LeavingEstimate.objects.get(successor__isnull=True)
    assert row.low is not None
    assert row.chance is not None
    assert row.high is not None
    assert 0 < row.low < row.chance < row.high < 1
    result = page(world.lind)
    assert f"About 1 in {dropout_shown.one_in(row.chance)} may leave within 28 days" in result
    assert f"between 1 in {dropout_shown.one_in(row.low)} and 1 in {dropout_shown.one_in(row.high)}" in result
    assert "What speaks for it" not in result  # came every time, and is not new
    assert "Most of them stay." in result


def test_missed_contacts_before_the_last_one_are_told_as_a_reason(world):
    with_model(world)
    meet(world.with_lind, 30)
    for days in (24, 20, 15, 10):
        meet(world.with_lind, days, MISSED)
    meet(world.with_lind, 4)
    result = page(world.lind)
    assert "What speaks for it: contacts missed recently" in result
    assert "early in treatment" not in result  # true, but hardly more than for others


def test_whoever_is_in_a_run_of_misses_is_told_no_chance(world):
    with_model(world)
    regular(world, latest=14)
    meet(world.with_lind, 7, MISSED)
    row = LeavingEstimate.objects.get(successor__isnull=True)
    assert (row.missed, row.chance) == (1, None)


def test_only_those_above_the_line_of_the_report_stand_on_the_worklist(world):
    with_model(world, line=0.9)
    regular(world)
    assert "May be leaving" not in page(world.lind)
    assert "may leave within 28 days" in page(world.lind, f"/clients/{world.ana.pk}/")


@pytest.mark.parametrize("who", ["supervisor", "lead", "stranger", "okafor"])
def test_nobody_who_does_not_treat_the_client_sees_an_estimate(world, who):
    with_model(world)
    regular(world)
    person = getattr(world, who)
    assert "may leave within" not in page(person)
    assert "may leave within" not in page(person, f"/clients/{world.ana.pk}/")


@pytest.mark.parametrize(
    "role", [Membership.Role.PEER, Membership.Role.RESEARCHER, Membership.Role.ADMINISTRATOR]
)
def test_no_other_role_sees_an_estimate_even_with_a_relationship(world, role):
    with_model(world)
    regular(world)
    other = world.staff(f"other {role}")
    world.join(other, world.first, role)
    world.engage(world.ana, other, world.first, Engagement.Role.PEER)
    for address in ("/worklist/", f"/clients/{world.ana.pk}/"):
        assert "may leave within" not in page(other, address)
        assert "of 4 missed" not in page(other, address)


def test_the_client_is_never_shown_a_computed_picture_of_leaving(world):
    with_model(world)
    regular(world)
    consent_actions.set_feedback(client=world.ana, mode="client", by=world.lind)
    browser = signed_in(world.ana)
    for address in ("/forms/", "/my/answers/", "/my/answers.csv", "/record/opened/", "/leaving/"):
        body = browser.get(address).content.decode()
        assert "may leave within" not in body, address
        assert "1 in " not in body, address


def test_switched_off_nothing_is_computed_and_the_page_says_so(world):
    with_model(world)
    consent_actions.choose(client=world.ana, choices={"leaving": False}, by=world.ana)
    regular(world, latest=15)
    meet(world.with_lind, 8, MISSED)
    meet(world.with_lind, 2, MISSED)
    dropout.refresh_all(organisation=world.organisation)
    assert not LeavingEstimate.objects.exists()
    result = page(world.lind)
    assert "Leaving is not estimated: switched off by the client. That says nothing about whether" in result
    assert "of 4 missed" not in result
    assert "switched off by the client" in page(world.lind, f"/clients/{world.ana.pk}/")


def test_computing_without_asking_what_the_client_allows_would_be_noticed(world, monkeypatch):
    """The planted fault: everybody's record is taken."""
    monkeypatch.setattr(
        treatment_history,
        "eligible_clients",
        lambda of: Person.objects.filter(organisation=of, kind=Person.Kind.CLIENT),
    )
    with pytest.raises(AssertionError):
        test_switched_off_nothing_is_computed_and_the_page_says_so(world)


@pytest.mark.parametrize("off", [{"leaving": False}, {"noticing": False}])
def test_what_stands_already_is_hidden_from_the_next_request_on(world, off):
    with_model(world)
    regular(world)
    assert "may leave within" in page(world.lind)
    consent_actions.choose(client=world.ana, choices=off, by=world.ana)
    assert "may leave within" not in page(world.lind)
    assert "may leave within" not in page(world.lind, f"/clients/{world.ana.pk}/")
    consent_actions.choose(client=world.ana, choices=dict.fromkeys(off, True), by=world.ana)
    assert "may leave within" in page(world.lind)


def test_shown_to_nobody_means_the_estimate_too(world):
    with_model(world)
    regular(world)
    consent_actions.set_feedback(client=world.ana, mode="nobody", by=world.lind)
    assert "may leave within" not in page(world.lind)
    before = LeavingEstimate.objects.count()
    meet(world.with_lind, 0)
    assert LeavingEstimate.objects.count() == before


def test_a_newer_version_that_had_to_refuse_takes_every_chance_away_at_once(world):
    with_model(world)
    regular(world)
    assert "may leave within" in page(world.lind)
    report = {
        "base": {"leavers": 12, "people": 80, "days": 300},
        "needed": {"leavers": 30, "people": 200, "days": 750},
    }
    LeavingModel.objects.create(
        organisation=world.organisation, made_at=timezone.now() + timedelta(seconds=1),
        refused="few_leavers", report=report,
    )  # fmt: skip
    assert "may leave within" not in page(world.lind)
    result = page(world.supervisor, "/leaving/")
    assert "Too few people have left" in result
    assert "80 people over 10 months, and 12 of them left early" in result
    assert "at least 30 who left early: at this pace 200 people over 25 months" in result


def test_what_was_done_is_logged_and_shown_and_settled_ends_it(world):
    with_model(world)
    regular(world)
    browser = signed_in(world.lind)
    address = f"/engagements/{world.with_lind.pk}/reached/"
    assert browser.post(address, {"done": "reached_out", "next": "/worklist/"}).status_code == 302
    row = ReachedOut.objects.get()
    assert (row.by, row.done) == (world.lind, "reached_out")
    event = AuditEvent.objects.get(action="leaving.reach_out")
    assert (event.actor_id, event.client_id, event.fields) == (world.lind.pk, world.ana.pk, ["done"])
    assert "Done: called or wrote" in page(world.lind)
    assert browser.post(address, {"done": "nonsense"}).status_code == 400
    browser.post(address, {"done": "settled"})
    assert "May be leaving" not in page(world.lind)
    with pytest.raises(Denied):
        dropout.reach_out(engagement=world.with_lind, done="planned", by=world.ito)


def test_a_chance_is_told_no_longer_than_its_horizon(world):
    with_model(world)
    regular(world)
    row = LeavingEstimate.objects.get(successor__isnull=True)
    late = timezone.now() + timedelta(days=27)
    assert not worklist(world.lind, late).leaving.entries
    assert (late.date() - row.day).days > 28


def test_an_estimate_that_says_the_same_adds_nothing_and_every_new_one_is_audited(world):
    with_model(world)
    regular(world)
    before = LeavingEstimate.objects.count()
    for _ in range(2):
        dropout.refresh_all(organisation=world.organisation)
    assert LeavingEstimate.objects.count() == before
    assert AuditEvent.objects.filter(action="leaving.estimate").count() == before
    newest = AuditEvent.objects.filter(action="leaving.estimate").latest("at")
    assert (newest.client_id, newest.fields) == (world.ana.pk, ["chance", "high", "low", "missed"])


def test_the_watcher_brings_estimates_up_to_date_once_a_day(world, monkeypatch):
    asked = []
    monkeypatch.setattr(dropout, "refresh_all", lambda *, organisation: asked.append(organisation))
    watch.run_due()
    watch.run_due()
    assert len(asked) == len(set(asked)) == 1
    dropout.refresh_due(timezone.now() + timedelta(days=1))
    assert len(asked) == 2


def test_an_estimate_that_fails_loses_no_contact_and_is_tried_again(world, monkeypatch, caplog):
    def broken(*args, **kwargs):
        raise RuntimeError("no")

    monkeypatch.setattr(dropout_model, "client_statuses", broken)
    meet(world.with_lind, 3)
    watch.run_due()
    assert Contact.objects.count() == 1
    assert "did not end well" in caplog.text
    monkeypatch.undo()
    dropout.refresh_due()
    assert Heartbeat.objects.filter(name=dropout.HEARTBEAT).exists()


def test_whose_treatment_has_ended_is_not_estimated(world):
    with_model(world)
    regular(world)
    before = LeavingEstimate.objects.count()
    CareEpisode.objects.create(
        organisation=world.organisation, client=world.ana, since=days_ago(100), method="dbt",
        until=days_ago(1), end_reason="completed", made_at=timezone.now(),
    )  # fmt: skip
    dropout.refresh_all(organisation=world.organisation)
    assert LeavingEstimate.objects.count() == before


def test_the_lead_says_when_somebody_has_left_and_nobody_else(world):
    result = {"missed": 3, "days": 21, "put_out": "on"}
    assert signed_in(world.supervisor).post("/leaving/", result).status_code == 404
    assert ">Save<" not in page(world.supervisor, "/leaving/")
    assert ">Save<" in page(world.lead, "/leaving/")
    browser = signed_in(world.lead)
    assert browser.post("/leaving/", result | {"missed": 0}).status_code == 400
    assert browser.post("/leaving/", result).status_code == 302
    world.organisation.refresh_from_db()
    assert dropout_model.definition(world.organisation) == Definition(3, 21, None, put_out_counts=True)
    event = AuditEvent.objects.get(action="organisation.define_leaving")
    assert event.fields == ["in_residence", "leaving_days", "leaving_missed", "leaving_put_out"]
    regular(world, latest=20)
    meet(world.with_lind, 10, MISSED)
    meet(world.with_lind, 5, MISSED)
    assert "2 of 3 missed" in page(world.lind)


def test_words_know_the_horizon_that_the_science_works_with(world):
    assert OUTPATIENT.horizon == dropout_shown.HORIZON
    assert RESIDENCE.horizon == dropout_shown.IN_RESIDENCE
    world.organisation.in_residence = True
    assert dropout_model.setting(world.organisation) == RESIDENCE
    assert set(dropout_shown.REASONS) == {"time", *NAMES} - {"early", "weeks"}
    assert {reason.value for reason in Why} <= set(LeavingModel.Refused.values)


def test_chances_are_told_as_people_say_them():
    assert dropout_shown.chance_words(0.164, 28) == "about 1 in 6 may leave within 28 days"
    assert dropout_shown.chance_words(0.003, 28) == "fewer than 1 in 50 leave within 28 days"
    assert dropout_shown.chance_words(0.8, 7) == "about 1 in 2 may leave within 7 days"
    assert dropout_shown.between_words(0.11, 0.24) == "for people like this between 1 in 9 and 1 in 4"
    assert dropout_shown.between_words(0.001, 0.2) == "for people like this at most 1 in 5"
    assert dropout_shown.between_words(0.3, 0.33) == ""


def test_a_record_says_who_came_what_was_rated_and_when_it_came(world):
    world.tell(world.ana)
    meet(world.with_lind, 9, MISSED)
    fill(world.with_lind, STEADY | {8: 3}, 2)
    meet(world.with_lind, 1, ContactReport.Attendance.ANNOUNCED)
    record = dropout_model._record(
        treatment_history.of(Person.objects.filter(pk=world.ana.pk)), world.organisation, days_ago(0)
    )
    today = record.until
    assert record.day.tolist() == [today - 9, today - 2, today - 1]
    assert record.came.tolist() == [0, 1, -1]
    assert record.alliance[1] == pytest.approx(25 / 30)
    assert record.urge[1] == 3
    assert record.known[1] == today - 2
    assert record.main.all()


@pytest.mark.parametrize("backwards", [False, True])
def test_the_forecast_reads_a_mirrored_alliance_as_the_same_alliance(world, backwards):
    batch = ImportBatch.objects.create(
        organisation=world.organisation, by=world.lead, filename="f", sha256="", created_at=timezone.now(),
        rows=0, relationships=0,
    )  # fmt: skip
    scale = Scale.objects.create(
        organisation=world.organisation, name="own-scale", low=10, high=50, lower_is_better=backwards,
        construct="alliance", batch=batch,
    )  # fmt: skip
    contact = meet(world.with_lind, 5)
    CheckIn.objects.create(
        pk=uuid4(), organisation=world.organisation, contact=contact, rater="client", answers={},
        instrument=scale.name, instrument_version="", given_score=60 - 42 if backwards else 42,
        received_at=timezone.now(), body_hash="", via=CheckIn.Via.IMPORT,
    )  # fmt: skip
    record = dropout_model._record(
        treatment_history.of(Person.objects.filter(pk=world.ana.pk)), world.organisation, days_ago(0)
    )
    assert record.alliance.tolist() == pytest.approx([0.8])


def stored(world: World, clients: int) -> None:
    """A simulated programme of therapists' contacts, as rows."""
    simulated = programme(clients, seed=5)
    truth, ratings = simulated.truth, simulated.ratings
    org, now = {"organisation": world.organisation}, timezone.now()
    shift = timezone.localdate() - timedelta(days=int(truth.day.max()))
    people = [Person(**org, kind="client", code=code, name=code) for code in truth.clients]
    staff = [Person(**org, kind="staff", code=clinician, name=clinician) for clinician in truth.clinicians]
    first_role = {n for n, reason in enumerate(simulated.staff) if reason.role == simulated.staff[0].role}
    engagements, episodes, made = {}, [], {}
    table = simulated.engagements
    for client, clinician, first, last, end in zip(
        table.client.tolist(), table.clinician.tolist(), table.first_day.tolist(), table.last_day.tolist(),
        table.end.tolist(), strict=True,
    ):  # fmt: skip
        if clinician in first_role:
            since = shift + timedelta(days=first)
            until = shift + timedelta(days=last) if end == 2 else None
            engagements[client] = Engagement(
                **org, client=people[client], clinician=staff[clinician], team=world.first, since=since
            )
            episodes.append(
                CareEpisode(**org, client=people[client], since=since, method="dbt", until=until,
                            end_reason="left" if until else "", made_at=now)
            )  # fmt: skip
    for row in range(len(truth)):
        client, clinician, session = (int(getattr(truth, k)[row]) for k in ("client", "clinician", "session"))
        if clinician in first_role:
            day = shift + timedelta(days=int(truth.day[row]))
            made[client, clinician, session] = Contact(
                **org, engagement=engagements[client], session=session, day=day, made_at=now
            )
    names = [instrument.id for instrument in ratings.instruments]
    items = ratings.items
    assert items is not None
    forms = []
    for row in range(len(ratings)):
        key = tuple(int(getattr(ratings, name)[row]) for name in ("client", "clinician", "session"))
        name, score = names[ratings.instrument[row]], float(ratings.score[row])
        if key not in made or score != score or name not in ("session-checkin", "attendance"):
            continue
        result = {"instrument": name, "instrument_version": "1", "received_at": now, "body_hash": ""}
        if name == "attendance":
            forms.append(CheckIn(**org, contact=made[key], rater="system", given_score=score, via="import",
                                 **result))  # fmt: skip
        else:
            answers = {str(n): float(items[row, n - 1]) for n in (1, 2, 3, 4, 5, 8)}
            forms.append(CheckIn(**org, contact=made[key], rater="client", answers=answers, via="import",
                                 **result))  # fmt: skip
    Person.objects.bulk_create(people + staff, 2000)
    Engagement.objects.bulk_create(engagements.values(), 2000)
    CareEpisode.objects.bulk_create(episodes, 2000)
    Contact.objects.bulk_create(made.values(), 2000)
    CheckIn.objects.bulk_create(forms, 2000)
    analyze.count_rows()


def test_a_programme_learns_judges_and_tells_its_report(world, capsys):
    stored(world, 260)
    assert leaving_command.main(["refit"]) == 0
    output = capsys.readouterr().out
    assert "Judged by time" in output
    assert "Discrimination (AUC)" in output
    row = LeavingModel.objects.get()
    assert row.refused == ""
    assert Model.from_json(row.values).base.leavers >= 30
    assert AuditEvent.objects.get(action="leaving.refit").fields == ["report", "values"]
    standing = LeavingEstimate.objects.filter(successor__isnull=True)
    assert standing.filter(chance__isnull=False).count() > 60
    assert 0 < standing.filter(listed=True).count() < standing.count() / 4
    shown = page(world.lead, "/leaving/")
    for words in (
        "Calibration slope",
        "Brier score",
        "Whether the estimated chances come true",
        "<svg",
        "By the estimate",
    ):
        assert words in shown, words


def test_a_small_programme_is_told_what_it_would_need(world, capsys):
    regular(world)
    assert leaving_command.main(["refit"]) == 0
    output = capsys.readouterr().out
    assert "no estimates: too few people have left" in output
    assert "It would take at least 30 who left early" in output
    assert "No model has been fitted" not in page(world.lead, "/leaving/")


def test_whoever_said_no_is_not_learned_from(world):
    regular(world, latest=40)
    consent_actions.choose(client=world.ana, choices={"leaving": False}, by=world.ana)
    assert dropout_model.learn(world.organisation, days_ago(0)).report["base"]["people"] == 0
    consent_actions.choose(client=world.ana, choices={"leaving": True}, by=world.ana)
    assert dropout_model.learn(world.organisation, days_ago(0)).report["base"]["people"] == 1


def test_a_model_that_knows_the_future_is_stored_as_refused(world, monkeypatch):
    def leaking(*args, **kwargs):
        raise Leak(["missed"])

    monkeypatch.setattr(dropout_model, "learn_model", leaking)
    row = dropout.refit(organisation=world.organisation, by=SYSTEM)
    assert (row.refused, row.report) == ("leak", {"names": ["missed"]})
    assert dropout_shown.model_in_use(world.organisation) is None
    assert "knows the future" in page(world.lead, "/leaving/")


def test_reasons_for_hiding_come_in_one_statement(world, django_assert_num_queries):
    consent_actions.choose(client=world.ana, choices={"leaving": False}, by=world.ana)
    consent_actions.set_feedback(client=world.ben, mode="nobody", by=world.okafor)
    with django_assert_num_queries(1):
        result = consents.hidden_of([world.ana.pk, world.ben.pk])
    assert set(result.computed) == {world.ben.pk}
    assert set(result.leaving) == {world.ana.pk, world.ben.pk}
