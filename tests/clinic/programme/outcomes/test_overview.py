"""Outcomes of the programme: computed once a week, for leads and supervisors, in calm words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import numpy as np
import pytest
from django.db import transaction
from django.utils import timezone

from accord.clinic.facts import instruments
from accord.clinic.models import AuditEvent, FactIsFixed, Flag, ImportBatch, Overview, Scale
from accord.clinic.policy import Denied
from accord.clinic.programme.outcomes import actions as outcome_actions
from accord.clinic.programme.outcomes.compute import (
    acts,
    alarms,
    alliance,
    outcome,
    repairs,
    retention,
    snapshot,
)
from accord.clinic.programme.outcomes.compute.source import Source
from accord.clinic.programme.outcomes.show import change, page, ruptures, treatment
from accord.clinic.site.due import run_due
from accord.instruments.catalogue import by_range, get
from accord.records.ratings import Construct
from accord.science import alarm_evaluation
from tests.clinic.programme.outcomes.overview_record import SESSIONS, STARTED, Record
from tests.support.world import World, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def _source(record, today=None) -> Source:
    return Source(record.organisation.pk, today or timezone.localdate())


def test_who_stays_is_counted_from_episodes_of_care(world):
    record = Record(world, people=40, left=12)
    figures = retention.figures(_source(record))
    assert figures["people"] == 40
    assert figures["curves"]["left"][-1][1] == 30
    assert figures["curves"]["still"][-1][1] == 70
    assert figures["arms"] == {}  # six left in each arm: not told


def test_an_end_after_the_day_of_the_figures_is_not_known_yet(world):
    record = Record(world, people=40, left=12)
    then = record.start + timedelta(weeks=SESSIONS - 2)
    assert retention.figures(_source(record, then)) == {"few": True, "people": 40}


def test_what_an_undone_import_brought_is_not_counted(world):
    record = Record(world, people=30)
    record.happened("self-injury", range(12), 10)
    result = acts.figures(_source(record))["kinds"]["self-injury"]["periods"]
    assert result[0]["with"] == 12
    batch = ImportBatch.objects.create(
        organisation=world.organisation, by=world.lead, filename="f", sha256="", created_at=timezone.now(),
        rows=0, relationships=0, undone_at=timezone.now(), undone_by=world.lead,
    )  # fmt: skip
    type(record.clients[0]).objects.filter(pk__in=[client.pk for client in record.clients[:25]]).update(
        batch=batch
    )
    assert acts.figures(_source(record))["kinds"]["self-injury"]["periods"] == []


def test_how_people_changed_is_told_with_those_beyond_error(world):
    """BSL-23: its reliable change index is about 0.94; 24 people fall by 1.5, 24 by 0.2."""
    record = Record(world)
    record.fill(
        "bsl-23", lambda n, session: 3.0 if session == 1 else (1.5 if n < 24 else 2.8), sessions=(1, 10)
    )
    (result,) = outcome.figures(_source(record))
    assert result["people"] == 48
    assert result["change"][0] == pytest.approx(0.85)  # for the better
    assert {name: share[0] for name, share in result["shares"].items()} == {
        "better": 0.5,
        "same": 0.5,
        "worse": 0,
    }
    assert result["assumed"] is True
    assert {name: figures["people"] for name, figures in result["arms"].items()} == {"dbt": 24, "mbt": 24}


def test_somebody_who_got_worse_is_seen_by_who_saw_what_was_computed(world):
    record = Record(world)
    record.mode(range(0, 48, 2), "together")
    record.fill("bsl-23", lambda n, session: 1.0 if session == 1 or n % 4 else 3.0, sessions=(1, 10))
    (result,) = outcome.figures(_source(record))
    assert result["modes"]["together"]["worse"][0] == 0.5
    assert result["modes"]["clinician"]["worse"][0] == 0


def test_alliance_is_told_by_four_weeks_raters_apart_and_without_those_who_said_no(world):
    record = Record(world)
    record.fill("wai-sr", lambda n, session: 20 + n % 30)
    record.fill("srs", lambda n, session: 30, rater="clinician", sessions=(1, 2))
    client, clinician = alliance.figures(_source(record))
    values = np.array([20 + n % 30 for n in range(48)])
    assert client["points"][0] == [
        0,
        48,
        *(round(float(np.quantile(values, q)), 1) for q in (0.5, 0.25, 0.75)),
    ]
    assert [point[0] for point in client["points"]] == [0, 4, 8]
    assert (clinician["instrument"], clinician["points"]) == ("SRS", [[0, 48, 30.0, 30.0, 30.0]])
    record.says(range(12), "noticing", False)
    fewer = alliance.figures(_source(record))[0]["points"][0]
    assert (fewer[1], fewer[3]) == (36, None)
    record.says(range(12, 30), "noticing", False)
    assert alliance.figures(_source(record)) == []


def test_repairs_are_told_with_the_days_they_took(world):
    record = Record(world)
    record.flagged(range(20), talked=5, settled=12)
    record.flagged(range(20, 40))
    figures = repairs.figures(_source(record))
    assert (figures["opened"], figures["people"]) == (40, 40)
    assert figures["steps"]["talked"]["within"][7][0] == 0.5
    assert figures["steps"]["settled"]["within"][7][0] == 0
    assert figures["steps"]["settled"]["half"] == 12
    assert set(figures["by_arm"]) == {"dbt", "mbt"}


def test_repairs_of_fewer_than_five_clinicians_are_not_told(world):
    record = Record(world)
    record.flagged([n for n in range(48) if n % 12 < 4], talked=5)
    assert repairs.figures(_source(record)) == {"few": True}


def _rated(record) -> None:
    """Ratings that fall where people say so, sometimes, and a probe that is asked every time."""
    rng = np.random.default_rng(4)
    low = rng.random((len(record.clients), SESSIONS)) < 0.12
    seen = low & (rng.random(low.shape) < 0.6)
    noise = rng.normal(0, 2.0, low.shape)
    base = rng.normal(30, 2.0, (len(record.clients), 1))
    score = np.clip(np.round(base + noise - 9 * seen), 0, 40)
    record.fill("srs", lambda n, session: score[n, session - 1])
    record.fill("rupture-probe", lambda n, session: low[n, session - 1])
    record.followed("srs")


def test_alarms_are_judged_without_the_channel_that_tells_the_truth(world, monkeypatch):
    record = Record(world, people=120)
    _rated(record)
    result = alarms.figures(_source(record))["truths"]["probe"]
    honest = result["found"]["share"][0]
    assert result["found"]["of"] > 40
    assert 0.3 < honest < 0.9
    # The planted fault: the probe judges itself.
    monkeypatch.setattr(alarm_evaluation, "drop_channels", lambda ratings, channels: ratings)
    rosy = alarms.figures(_source(record))["truths"]["probe"]["found"]
    assert rosy["share"][0] > honest


def test_nobody_who_switched_noticing_off_is_in_the_alarms(world):
    record = Record(world, people=40)
    _rated(record)
    record.says(range(35), "noticing", False)
    figures = alarms.figures(_source(record))
    assert all(item.get("few") for truth in figures["truths"].values() for item in truth.values())


def test_what_was_done_is_told_by_who_saw_what_was_computed(world):
    record = Record(world, people=60)
    record.fill("srs", lambda n, session: 30)
    record.followed("srs")
    record.mode(range(0, 60, 2), "together")
    record.mode(range(0, 60, 2), "nobody", day=200)  # what was agreed later does not count for then
    record.flagged(range(30), talked=5)
    record.flagged(range(30, 60))
    figures = alarms.figures(_source(record))
    assert {name: item["opened"] for name, item in figures["by_mode"].items()} == {
        "together": 30,
        "clinician": 30,
    }
    assert figures["load"]["flags"] == 60
    months = (STARTED + 1) / (365.25 / 12)
    assert figures["load"]["rate"][0] == pytest.approx(1 / months, abs=0.01)


def test_figures_are_made_once_a_week_and_never_changed(world):
    Record(world, people=12)
    run_due()
    run_due()
    row = Overview.objects.get(organisation=world.organisation)
    assert (row.as_of, row.version) == (timezone.localdate(), snapshot.VERSION)
    assert AuditEvent.objects.filter(action="overview.make", subject_id=row.pk).count() == 1
    assert outcome_actions.make_due(timezone.localdate() + timedelta(days=6)) == 0
    assert outcome_actions.make_due(timezone.localdate() + timedelta(days=7)) == 1
    with pytest.raises(FactIsFixed):
        row.save()


def test_figures_that_cannot_be_made_do_not_stop_the_watch(world, monkeypatch):
    monkeypatch.setattr(snapshot, "figures", lambda organisation, day: 1 / 0)
    run_due()
    assert not Overview.objects.exists()


def test_lead_and_supervisor_see_the_figures_and_nobody_else(world):
    Record(world, people=12)
    outcome_actions.make(organisation=world.organisation)
    for who in (world.lead, world.supervisor):
        for address in ("/overview/", "/overview/alarms/"):
            assert signed_in(who).get(address).status_code == 200
    for who in (world.lind, world.ana, world.stranger):
        assert signed_in(who).get("/overview/").status_code == 404
    with pytest.raises(Denied):
        page.programme(world.lind)
    assert 'href="/overview/"' not in signed_in(world.lind).get("/worklist/").content.decode()


def test_a_programme_without_a_record_is_told_what_will_stand_here_and_when(world):
    browser = signed_in(world.lead)
    assert "the first will appear here soon" in browser.get("/overview/").content.decode()
    outcome_actions.make(organisation=world.organisation)
    text = browser.get("/overview/").content.decode() + browser.get("/overview/alarms/").content.decode()
    for words in (
        "once ten people have ended their first episode",
        "No events are on record",
        "filled the same outcome form",
        "Once twenty people",
        "have had a rupture flagged",
        "have reported a rupture near an alarm",
        "who left had an alarm",
    ):
        assert words in text


def test_the_pages_name_nobody(world):
    record = Record(world, people=48, left=14)
    _rated(record)
    record.happened("self-injury", range(20), 10, count=3)
    record.flagged(range(20), talked=5, kind=Flag.Kind.RUPTURE)
    outcome_actions.make(organisation=world.organisation)
    browser = signed_in(world.lead)
    text = browser.get("/overview/").content.decode() + browser.get("/overview/alarms/").content.decode()
    assert "still in treatment" in text
    for figures in (*record.clients, *record.staff):
        assert f">{figures.name}<" not in text
        assert str(figures.pk) not in text


def test_another_organisation_s_record_counts_nowhere(world):
    near, far = Record(world, people=30, left=12), Record(World(), people=60, left=30)
    near.fill("srs", lambda n, session: 30)
    far.fill("srs", lambda n, session: 20)
    for record in (near, far):
        record.fill("bsl-23", lambda n, session: 3.0 if session == 1 else 2.0, sessions=(1, 10))
        record.followed("srs")
        record.happened("self-injury", range(15), 10)
        record.flagged(range(20), talked=5)
    source = _source(near)
    assert retention.figures(source)["people"] == 30
    assert acts.figures(source)["kinds"]["self-injury"]["periods"][0]["people"] == 30
    assert outcome.figures(source)[0]["people"] == 30
    assert alliance.figures(source)[0]["points"][0][1:3] == [30, 30.0]
    assert repairs.figures(source)["opened"] == 20
    assert alarms.figures(source)["load"]["people"] == 30
    outcome_actions.make(organisation=far.organisation)
    assert page.programme(world.lead).as_of is None


def _scale(world, name, construct, *, lower_is_better):
    """A scale of the programme's own, 0 to 40."""
    batch = ImportBatch.objects.create(
        organisation=world.organisation, by=world.lead, filename=name, sha256="", created_at=timezone.now(),
        rows=0, relationships=0,
    )  # fmt: skip
    return Scale.objects.create(
        organisation=world.organisation, name=name, low=0, high=40, lower_is_better=lower_is_better,
        construct=construct, batch=batch,
    )  # fmt: skip


def _both_ways(world, construct, figures):
    """Figures of a scale, and of the same answers on its mirror image, which is declared as such."""
    results = []
    for lower_is_better in (False, True):
        with transaction.atomic():
            scale = _scale(world, "own-scale", construct, lower_is_better=lower_is_better)
            turn = (lambda score: 40 - score) if lower_is_better else (lambda score: score)
            results.append(figures(scale.name, turn))
            transaction.set_rollback(True)
    return results


def test_change_on_a_mirrored_scale_is_the_same_change(world):
    record = Record(world)

    def figures(name, turn):
        record.fill(name, lambda n, session: turn(10 + n % 7 + (session > 1) * (n % 5)), sessions=(1, 10))
        return outcome.figures(_source(record))

    (plain,), (mirrored,) = _both_ways(world, "outcome", figures)
    assert plain["change"][0] > 1
    for key in ("people", "change", "shares"):
        assert mirrored[key] == plain[key]
    assert {name: figures["change"] for name, figures in mirrored["arms"].items()} == {
        name: figures["change"] for name, figures in plain["arms"].items()
    }


def test_change_beyond_error_on_a_mirrored_form_is_the_same_share_of_people():
    form = get("bsl-23")
    first, last = np.full(40, 3.0), np.r_[np.full(20, 1.5), np.full(20, 3.1)]
    clients = [UUID(int=n) for n in range(40)]
    source = Source(UUID(int=0), timezone.localdate())
    source.__dict__["treatments"] = {}
    result = [
        outcome._instrument_figures(
            replace(form, lower_is_better=lower),
            [outcome.Pair(*pair, "a") for pair in zip(clients, *turned, strict=True)],
            source,
        )
        for lower, turned in ((True, (first, last)), (False, (4 - first, 4 - last)))
    ]
    assert result[0]["shares"]["better"][0] == 0.5
    for key in ("change", "shares", "people"):
        assert result[0][key] == result[1][key]


def test_the_course_of_a_mirrored_alliance_is_the_same_course(world):
    record = Record(world)

    def figures(name, turn):
        record.fill(name, lambda n, session: turn(20 + n % 13 + 0.5 * session))
        return alliance.figures(_source(record))

    (plain,), (mirrored,) = _both_ways(world, "alliance", figures)
    assert plain["points"][0][2] < plain["points"][-1][2]  # a rise is a rise
    assert mirrored["points"] == plain["points"]
    assert (plain["turned"], mirrored["turned"]) == (False, True)
    part = change.alliance([mirrored], instruments.known(world.organisation.pk) | {"own-scale": OWN})
    assert "turned round: higher is better here" in part.more[0].tables[0].caption


OWN = by_range("own-scale", 0, 40, lower_is_better=True, construct=Construct.ALLIANCE)


def test_alarms_before_leaving_are_the_same_on_a_mirrored_alliance(world):
    record = Record(world, people=60, left=30)
    rng = np.random.default_rng(7)
    score = np.clip(np.round(rng.normal(30, 2, (60, SESSIONS))), 0, 40)
    score[:15, SESSIONS - 2 :] -= 12  # half of those who leave have bad weeks before

    def figures(name, turn):
        record.fill(name, lambda n, session: turn(score[n, session - 1]))
        record.followed(name)
        return alarms.figures(_source(record))

    plain, mirrored = _both_ways(world, "alliance", figures)
    assert 0.3 < plain["leaving"]["all"]["warned"][0] < 0.9
    assert mirrored == plain


def test_both_pages_count_the_same_flags_and_with_those_left_out_all_that_are_on_record(world):
    """Of a client who said no, outside treatment, of a rare kind, withdrawn; and imported long after."""
    record = Record(world, people=60, left=12)
    record.fill("srs", lambda n, session: 30)
    record.followed("srs")
    record.flagged(range(30))
    record.flagged(range(30, 50), kind=Flag.Kind.RUPTURE)
    record.flagged([1], kind=Flag.Kind.LOW_START)
    record.says([49], "noticing", False)
    # As from an imported file: raised long after the treatment ended, about a contact in it.
    Flag.objects.filter(engagement=record.engagements[3]).update(raised_at=timezone.now())
    Flag.objects.filter(engagement=record.engagements[40]).update(withdrawn_at=timezone.now())
    source = _source(record)
    opened, load = repairs.figures(source)["opened"], alarms.figures(source)["load"]
    assert opened == load["flags"] == load["ruptures"] == 48
    assert load["people"] == retention.figures(source)["people"] == 60
    assert len(source.flags_left_out) == 2
    assert opened + len(source.flags_left_out) == Flag.objects.filter(withdrawn_at__isnull=True).count()
    assert load["left_out"] == repairs.figures(source)["left_out"] == {"few": True}
    outcome_actions.make(organisation=world.organisation)
    browser = signed_in(world.lead)
    pages = [browser.get(address).content.decode() for address in ("/overview/", "/overview/alarms/")]
    assert "48 ruptures of 48 people were flagged" in pages[0]
    assert "48 flags for 60 people in treatment" in pages[1]
    for text in pages:
        assert "Flags of fewer than ten people are on record and not counted on these pages" in text


def test_flags_left_out_are_told_with_their_number_where_ten_people_had_one(world):
    record = Record(world, people=48)
    record.flagged(range(24))
    record.flagged(range(24, 48), kind=Flag.Kind.RUPTURE)
    record.says(range(24, 36), "noticing", False)
    figures = repairs.figures(_source(record))
    assert (figures["opened"], figures["left_out"]) == (36, {"flags": 12, "people": 12})
    assert "12 more flags of 12 people are on record" in " ".join(ruptures.repairs(figures).said)


def test_kinds_beside_ruptures_count_where_ten_people_had_one(world):
    record = Record(world, people=48)
    record.fill("srs", lambda n, session: 30)
    record.followed("srs")
    record.flagged(range(20))
    record.flagged(range(12), kind=Flag.Kind.LOW_START)
    source = _source(record)
    load = alarms.figures(source)["load"]
    assert (load["flags"], load["ruptures"], load["left_out"]) == (32, 20, {})
    assert repairs.figures(source)["opened"] == 20


def test_an_arm_is_told_beside_its_rate_at_intake_or_not_at_all(world):
    record = Record(world, people=48)
    record.happened("self-injury", range(0, 26, 2), 5, count=6)  # mbt: many at the start
    record.happened("self-injury", range(1, 27, 2), 5, count=2)
    record.happened("self-injury", range(26), 200)
    arms = acts.figures(_source(record))["kinds"]["self-injury"]["arms"]
    assert arms["mbt"]["intake"][0] == pytest.approx(3 * arms["dbt"]["intake"][0], rel=0.01)
    part = treatment.acts(acts.figures(_source(record))).more[0]
    assert part.tables[-1].head[2:] == ("At intake (months 0–3)", "Whole treatment")
    assert "differed at the start" in part.notes[0]
    record.happened("attempt", range(26), 200)  # nobody in the first months: intake is 0 in both
    assert acts.figures(_source(record))["kinds"]["attempt"]["arms"]["mbt"]["intake"][0] == 0
    few = Record(World(), people=48)
    few.happened("self-injury", range(4), 5)  # four people in the first months: not told, so nothing by arm
    few.happened("self-injury", range(26), 200)
    assert acts.figures(_source(few))["kinds"]["self-injury"]["arms"] == {}


def test_a_table_by_arm_of_what_no_intake_knows_says_so(world):
    record = Record(world, people=60, left=24)
    record.flagged(range(40))
    part = treatment.retention(retention.figures(_source(record)))
    assert part.tables[-1].head[0] == "Arm"
    assert "nothing is known at intake" in part.notes[-1]
    assert "nothing is known at intake" in ruptures.repairs(repairs.figures(_source(record))).notes[-1]


def test_the_first_form_of_each_arm_stands_beside_its_change(world):
    record = Record(world)
    record.fill("bsl-23", lambda n, session: (2.0 + n % 2) - 0.5 * (session > 1), sessions=(1, 10))
    (result,) = outcome.figures(_source(record))
    assert {
        name: (figures["first"][0], figures["change"][0]) for name, figures in result["arms"].items()
    } == {
        "mbt": (2.0, 0.5),
        "dbt": (3.0, 0.5),
    }


LEAD = {"people": 31, "days": None}


@pytest.mark.parametrize(
    ("warned", "others", "begins"),
    [
        ([0.61, 0.44, 0.76], 0.47, "An alarm hardly tells who leaves"),
        ([0.61, 0.58, 0.64], 0.47, "An alarm hardly tells who leaves"),  # sure, and of no use to one person
        ([0.80, 0.66, 0.90], 0.47, "An alarm is more frequent before somebody leaves"),
        ([0.20, 0.10, 0.35], 0.47, "An alarm does not tell who leaves"),
    ],
)
def test_the_page_says_what_an_alarm_tells_of_leaving_from_its_own_numbers(warned, others, begins):
    cell = LEAD | {"warned": warned, "by_chance": others}
    part = ruptures.leaving({"leaving": {"all": cell, "without": {"few": True}}})
    assert part.said[0].startswith(begins)
    assert f"{round(100 * warned[0])} % had one, of the others in any four weeks 47 %." in part.said[0]
    silent = ruptures.leaving({"leaving": {"all": {"few": True}, "without": cell}})
    assert not silent.said[0].startswith("An alarm hardly")


def test_the_page_says_whether_alarms_find_what_people_reported():
    def judged(result, chance):
        share = {"people": 79, "of": 173}
        truth = {
            "found": share | {"share": result},
            "by_chance": share | {"share": [chance, 0.3, 0.4]},
            "confirmed": share | {"share": [0.29, 0.24, 0.33]},
        }
        return ruptures.judged({"truths": {"probe": truth, "observer": {}}}).said

    better = judged([0.65, 0.58, 0.72], 0.37)
    assert better[0].startswith("Alarms find more of what people reported than chance would: 65 %")
    assert better[1] == "Of the flags near which somebody was asked, 29 % were confirmed."
    assert judged([0.4, 0.33, 0.47], 0.37)[0].startswith("Alarms find hardly more of what people reported")


def test_figures_of_an_earlier_version_are_not_read_as_if_they_were_of_this_one(world):
    Overview.objects.create(
        organisation=world.organisation, as_of=timezone.localdate(), version="overview-1", figures={},
        made_at=timezone.now(),
    )  # fmt: skip
    assert page.programme(world.lead).as_of is None
    assert outcome_actions.make_due() == 1
