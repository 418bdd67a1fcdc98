"""The instruments this package carries, and how they are found."""

from __future__ import annotations

import subprocess
import sys

import pytest

from accord.errors import InputError
from accord.instruments import catalogue
from accord.records.ratings import Construct, Instrument, Rater, Scoring, Ships

OWN = ("session-checkin", "session-checkin-clinician", "rupture-probe", "urge-to-quit")
EVERY = catalogue.catalogue().values()
FACTS = {  # id: construct, low, high, lower is better, scoring, ships, items
    "session-checkin": (Construct.ALLIANCE, 5, 35, False, Scoring.SUM, Ships.WORDING, 8),
    "session-checkin-clinician": (Construct.ALLIANCE, 5, 35, False, Scoring.SUM, Ships.WORDING, 8),
    "WAI-SR": (Construct.ALLIANCE, 12, 60, False, Scoring.SUM, Ships.STRUCTURE, 12),
    "SRS": (Construct.ALLIANCE, 0, 40, False, Scoring.TOTAL, Ships.TOTAL, 0),
    "BSL-23": (Construct.OUTCOME, 0, 4, True, Scoring.MEAN, Ships.STRUCTURE, 23),
    "PHQ-9": (Construct.OUTCOME, 0, 27, True, Scoring.SUM, Ships.STRUCTURE, 9),
    "rupture-probe": (Construct.OTHER, 0, 1, True, Scoring.SUM, Ships.WORDING, 1),
    "urge-to-quit": (Construct.OTHER, 0, 5, True, Scoring.SUM, Ships.WORDING, 1),
    "attendance": (Construct.OTHER, 0, 1, False, Scoring.TOTAL, Ships.TOTAL, 0),
}


def test_the_catalogue_holds_these_instruments_by_lower_case_id():
    assert {key: instrument.id for key, instrument in catalogue.catalogue().items()} == {
        name.casefold(): name for name in FACTS
    }


@pytest.mark.parametrize(("name", "facts"), FACTS.items(), ids=FACTS)
def test_an_instrument_is_what_its_publication_says(name, facts):
    result = catalogue.get(name)
    outcome = (
        result.construct,
        result.low,
        result.high,
        result.lower_is_better,
        result.scoring,
        result.ships,
        len(result.items),
    )
    assert outcome == facts


@pytest.mark.parametrize("name", ["WAI-SR", "wai-sr", "Wai-Sr"])
def test_an_id_is_found_in_any_case(name):
    assert catalogue.get(name).id == "WAI-SR"


def test_an_unknown_id_is_answered_with_those_there_are():
    with pytest.raises(InputError, match=r"found 'WAI', expected a known instrument \(.*WAI-SR.*\)"):
        catalogue.get("WAI")


def test_a_version_can_be_named_and_an_unknown_one_is_answered_with_those_there_are():
    assert catalogue.get("phq-9", "1") is catalogue.get("PHQ-9")
    with pytest.raises(InputError, match=r"found '7', expected a known version of PHQ-9 \(1\)"):
        catalogue.get("PHQ-9", "7")


def test_of_several_versions_the_highest_number_is_the_newest(monkeypatch):
    def version(number: str) -> Instrument:
        return Instrument("x", number, "x", Construct.OTHER, 0, 1)

    every = {("x", number): version(number) for number in ("2", "9", "10")}
    monkeypatch.setattr(catalogue, "_every", lambda: every)
    assert catalogue._newest.__wrapped__()["x"].version == "10"


def test_versions_of_the_package_are_listed_in_number_order():
    keys = [(key, int(version)) for key, version in catalogue._every()]
    assert keys == sorted(keys)


def test_a_packaged_file_must_bear_its_id_and_version():
    text = (
        'id = "Line"\nversion = "3"\nname = "Line"\nconstruct = "other"\nraters = ["client"]\nlow = 0\n'
        'high = 1\nscoring = "total"\nships = "total"\nlicence = "x"\ncitation = "x"\n'
    )
    assert catalogue._packaged("line-3.toml", text).id == "Line"
    with pytest.raises(InputError, match=r"line-2\.toml: expected the file name line-3\.toml"):
        catalogue._packaged("line-2.toml", text)


def test_the_catalogue_is_read_once_and_cannot_be_changed():
    assert catalogue.catalogue() is catalogue.catalogue()
    with pytest.raises(TypeError):
        catalogue.catalogue()["wai-sr"] = catalogue.get("SRS")  # type: ignore[index]


def test_only_the_projects_own_forms_carry_wording_and_they_are_not_called_validated():
    with_wording = {instrument.id for instrument in EVERY if any(item.wording for item in instrument.items)}
    assert with_wording == set(OWN)
    assert not any(catalogue.get(name).validated for name in OWN)


def test_safety_items_are_the_known_ones_and_the_wish_to_stop_treatment_is_none():
    result = {
        instrument.id: [item.number for item in instrument.safety_items]
        for instrument in EVERY
        if instrument.safety_items
    }
    assert result == {"PHQ-9": [9], "BSL-23": [5, 7, 12, 18]}


def test_the_wai_sr_is_keyed_as_published():
    wai = catalogue.get("WAI-SR")
    assert {subscale.name: subscale.items for subscale in wai.subscales} == {
        "task": (1, 2, 10, 12),
        "bond": (3, 5, 7, 9),
        "goal": (4, 6, 8, 11),
    }
    assert not any(item.reversed for item in wai.items)


def test_bands_are_the_published_ones_and_nothing_else_has_bands():
    result = {
        instrument.id: [band.up_to for band in instrument.bands] for instrument in EVERY if instrument.bands
    }
    assert result == {
        "BSL-23": [0.28, 1.07, 1.87, 2.67, 3.47, 4],
        "PHQ-9": [4, 9, 14, 19, 27],
    }


def test_a_reliability_nobody_checked_says_so():
    assert not any(instrument.reliability.checked for instrument in EVERY)
    assert {instrument.id for instrument in EVERY if instrument.reliability.sd} == {"WAI-SR", "SRS", "BSL-23"}


def test_the_clinicians_mirror_has_the_same_numbers_answers_and_key_as_the_clients_check_in():
    client, clinician = catalogue.get("session-checkin"), catalogue.get("session-checkin-clinician")
    assert (client.raters, clinician.raters) == ((Rater.CLIENT,), (Rater.CLINICIAN,))
    assert client.scored == clinician.scored == (1, 2, 3, 4, 5)
    for mine, theirs in zip(client.items, clinician.items, strict=True):
        values = [option.value for option in mine.options]
        assert values == [option.value for option in theirs.options]
        assert (mine.number, mine.asked_if) == (theirs.number, theirs.asked_if)


def test_the_check_in_asks_whether_it_was_settled_only_after_tension():
    items = catalogue.get("session-checkin").items
    assert [item.number for item in items if item.asked_if] == [7]
    assert items[6].asked_if == 6
    assert [option.label for option in items[5].options] == ["no", "a little", "a lot"]


def test_the_five_scored_items_of_the_check_in_have_seven_worded_answers():
    for item in catalogue.get("session-checkin").items[:5]:
        assert [option.value for option in item.options] == [1, 2, 3, 4, 5, 6, 7]
        assert all(option.label for option in item.options)


@pytest.mark.parametrize("name", OWN)
def test_our_own_questions_fit_a_phone_and_one_breath(name):
    for item in catalogue.get(name).items:
        assert len(item.wording.split()) <= 16
        assert item.wording[-1] in ".?"


def test_another_scale_is_told_by_its_range():
    ecbi = catalogue.by_range("ECBI", 36, 252, lower_is_better=True, construct=Construct.OUTCOME)
    assert (ecbi.id, ecbi.low, ecbi.high, ecbi.lower_is_better) == ("ECBI", 36, 252, True)
    assert (ecbi.construct, ecbi.scoring, ecbi.items) == (Construct.OUTCOME, Scoring.TOTAL, ())
    assert catalogue.by_range("mood", 0, 10).construct is Construct.OTHER


def test_a_range_that_agrees_with_the_catalogue_gives_the_catalogues_instrument():
    assert catalogue.by_range("phq-9", 0, 27) is catalogue.get("PHQ-9")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: catalogue.by_range("PHQ-9", 0, 30), "PHQ-9 has the range 0:27"),
        (lambda: catalogue.by_range("SRS", 0, 40, lower_is_better=True), "higher is better on SRS"),
        (lambda: catalogue.by_range("SRS", 0, 40, construct=Construct.OUTCOME), "the construct of SRS"),
        (lambda: catalogue.by_range("mood", 10, 0), "LOW below HIGH"),
        (lambda: catalogue.by_range("mood", 0, float("inf")), "LOW below HIGH"),
        (lambda: catalogue.by_range("mood", float("nan"), 1), "LOW below HIGH"),
        (lambda: catalogue.by_range("=mood", 0, 1), "does not begin with"),
        (lambda: catalogue.by_range("", 0, 1), "a name of one line"),
        (lambda: catalogue.by_range("mo\tod", 0, 1), "a name of one line"),
    ],
)
def test_a_range_is_refused_when_it_is_none_or_contradicts_the_catalogue(call, message):
    with pytest.raises(InputError) as refused:
        call()
    assert message in str(refused.value)


def test_finding_instruments_needs_no_array_library():
    code = "import sys, accord.instruments.catalogue as c; c.catalogue(); print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
