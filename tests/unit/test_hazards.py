"""The hazard log is complete and honest, and each way of being neither is found."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from tests.support import house
from tools import hazards

LOG = hazards.read()
CONTROLLED = next(hazard for hazard in LOG if hazard.status == "controlled")
OPEN = next(hazard for hazard in LOG if hazard.status == "open" and not hazard.controls)


def _with(hazard: hazards.Hazard, **changed: Any) -> list[str]:
    """What is complained of when this hazard is changed so."""
    return hazards.faults(
        [replace(result, **changed) if result.id == hazard.id else result for result in LOG]
    )


def test_the_log_is_complete_and_its_page_up_to_date():
    assert hazards.faults(LOG) == []
    assert hazards.PAGE.read_text(encoding="utf-8") == hazards.page(LOG)


def test_the_hazards_known_from_the_beginning_are_all_there_and_stay():
    beginning = ["H1", "H2", "H3", "H4", "H5", "H6", "H7", "H8", "H9", "H10", "H11", "H12", "H13", "H14"]
    beginning += [
        "H15",
        "H16",
        "H17",
        "H18",
        "H19",
        "H20",
        "H21",
        "H22",
        "H23",
        "H24",
        "H25",
        "H26",
        "H27",
        "H28",
    ]
    assert list(hazards.FOREVER) == beginning
    assert [hazard.id for hazard in LOG][: len(beginning)] == beginning


@pytest.mark.parametrize("id", hazards.FOREVER)
def test_a_hazard_that_was_deleted_is_missed(id):
    assert f"{id} is gone; a hazard is never deleted" in hazards.faults(
        [hazard for hazard in LOG if hazard.id != id]
    )


def test_a_new_hazard_follows_the_last_one():
    new = replace(OPEN, id=f"H{len(LOG) + 1}")
    assert hazards.faults([*LOG, new]) == []
    assert hazards.faults([*LOG, replace(new, id="H99")])
    assert hazards.faults([*LOG, OPEN])


@pytest.mark.parametrize(
    ("entry", "changed", "message"),
    [
        (CONTROLLED, {"evidence": ()}, "neither a control with a test"),
        (CONTROLLED, {"controls": ()}, "neither a control with a test"),
        (CONTROLLED, {"missing": "something"}, "names something missing"),
        (CONTROLLED, {"evidence": ("tests/unit/test_hazards.py::test_that_is_not_there",)}, "no such test"),
        (CONTROLLED, {"evidence": ("tests/unit/test_absent.py::test_x",)}, "no such file"),
        (CONTROLLED, {"evidence": ("tests/support/house.py::complaints",)}, "no such file"),
        (OPEN, {"missing": " "}, "does not say what is missing"),
        (OPEN, {"likelihood_after": 1}, "rated better afterwards without any control"),
        (OPEN, {"controls": ("Something is done.",)}, "without a test that shows them"),
        (OPEN, {"status": "closed"}, "expected open or controlled"),
        (OPEN, {"severity": 6}, "expected 1 to 5"),
        (OPEN, {"owner": ""}, "owner is empty"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_log_that_is_not_honest_is_refused(entry, changed, message):
    result = _with(entry, **changed)
    assert any(message in complaint and complaint.startswith(f"{entry.id}:") for complaint in result), result


@pytest.mark.parametrize(
    "control",
    [
        "The page shows the crisis line.",
        "A hotline is named before the form.",
        "Emergency numbers stand on each page.",
        "The form says whom to call.",
        "It is said where to turn.",
    ],
)
def test_a_control_that_is_only_a_text_about_calling_is_refused(control):
    assert any("no control" in result for result in _with(CONTROLLED, controls=(control,)))
    as_evidence = f"tests/unit/test_hazards.py::test_{control.lower().replace(' ', '_')}"
    assert any("no control" in result for result in _with(CONTROLLED, evidence=(as_evidence,)))


def test_a_table_with_a_wrong_key_is_refused(tmp_path):
    path = tmp_path / "hazards.toml"
    path.write_text(
        hazards.SOURCE.read_text(encoding="utf-8").replace("owner =", "keeper =", 1), encoding="utf-8"
    )
    with pytest.raises(ValueError, match=r"'keeper', 'owner'"):
        hazards.read(path)


RAN = """<testsuites><testsuite>
<testcase classname="tests.unit.test_a" name="test_one"/>
<testcase classname="tests.unit.test_a" name="test_two[x]"/>
<testcase classname="tests.unit.test_a" name="test_two[y]">{y}</testcase>
</testsuite></testsuites>"""


@pytest.mark.parametrize("y", ["<failure/>", "<error/>", "<skipped/>", ""])
def test_evidence_counts_only_when_it_ran_and_every_case_of_it_passed(tmp_path, y):
    (tmp_path / "one.xml").write_text(RAN.format(y=y), encoding="utf-8")
    hazard, two, three = (f"tests/unit/test_a.py::test_{name}" for name in ("one", "two", "three"))
    assert hazards.not_passed([replace(CONTROLLED, evidence=(hazard,))], tmp_path) == []
    assert hazards.not_passed([replace(CONTROLLED, evidence=(three,))], tmp_path) == [
        f"{CONTROLLED.id}: {three} did not run"
    ]
    result = [f"{CONTROLLED.id}: {two} did not pass"] if y else []
    assert hazards.not_passed([replace(CONTROLLED, evidence=(two,))], tmp_path) == result


def test_evidence_that_failed_in_one_of_two_runs_does_not_count(tmp_path):
    (tmp_path / "sqlite.xml").write_text(RAN.format(y=""), encoding="utf-8")
    (tmp_path / "postgresql.xml").write_text(RAN.format(y="<failure/>"), encoding="utf-8")
    two = "tests/unit/test_a.py::test_two"
    assert hazards.not_passed([replace(CONTROLLED, evidence=(two,))], tmp_path) != []


def test_the_log_speaks_of_no_hazard_that_is_not_in_it():
    known = {hazard.id for hazard in LOG}
    for name in house.project_files():
        if name.startswith("docs/clinical-safety/"):
            text = house.text_of(name) or ""
            assert set(re.findall(r"\bH\d+\b", text)) <= known, name
