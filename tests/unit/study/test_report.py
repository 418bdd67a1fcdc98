"""The report of a study: whole, self-contained, readable by everybody, and silent about few people."""

from __future__ import annotations

import csv
import math
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from accord.study.models.analyses import run_analyses
from accord.study.report.csv_tables import write as write_tables
from accord.study.report.document import document, write
from accord.study.report.markup import Table
from accord.study.report.summary import findings, in_short
from tests.support.study_frame import MadePlan, Truth, made

TRUTH = Truth(injury=(-0.4, -0.5), score=(-0.2, -0.1), arms=("CTBE",) * 5 + ("DBT",) * 5 + ("<b>tiny</b>",))


@pytest.fixture(scope="module")
def frame():
    return made(TRUTH, clients=66, periods=6, seed=3)


@pytest.fixture(scope="module")
def written(frame, tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    dictionary = Table("Columns", ("column", "what it holds"), (("client", "a person"),))
    return folder, write(frame, folder, dictionary=dictionary)


@pytest.fixture(scope="module")
def tree(written):
    whole = (written[0] / "report.html").read_text(encoding="utf-8")
    return ET.fromstring(whole.removeprefix("<!doctype html>"))


def test_the_folder_holds_report_pages_and_tables(written):
    folder, _ = written
    names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    tables = (
        "associations",
        "count-models",
        "choices",
        "missing-outcomes",
        "skills",
        "after-rupture",
        "variance",
        "contributions",
        "agreement",
    )
    assert names == {"report.html", "report.pdf", *(f"tables/{name}.csv" for name in tables)}
    pdf = (folder / "report.pdf").read_bytes()
    assert pdf.startswith(b"%PDF-")
    assert len(pdf) > 50_000


def test_the_report_is_one_file_without_script_or_anything_from_elsewhere(tree):
    assert [
        node.tag for node in tree.iter() if node.tag in ("script", "link", "img", "iframe", "object")
    ] == []
    attributes = [(key, value) for node in tree.iter() for key, value in node.attrib.items()]
    assert [pair for pair in attributes if pair[0].startswith("on")] == []
    assert [value for key, value in attributes if key in ("href", "src") and not value.startswith("#")] == []


def test_every_link_leads_somewhere_and_every_name_is_used_once(tree):
    ids = [node.get("id") for node in tree.iter() if node.get("id")]
    assert len(ids) == len(set(ids))
    assert {element.get("href")[1:] for element in tree.iter("a")} <= set(ids)
    named = [name for node in tree.iter() for name in node.get("aria-labelledby", "").split()]
    assert set(named) <= set(ids)


def test_every_table_has_a_caption_and_heads_its_rows_and_columns(tree):
    tables = list(tree.iter("table"))
    assert len(tables) > 12
    for table in tables:
        assert "".join(table.find("caption").itertext()).strip()
        assert all(element.get("scope") == "col" for element in table.find("thead").iter("th"))
        width = len(table.findall("thead/tr/th"))
        for row in table.findall("tbody/tr"):
            assert row[0].get("scope") == "row"
            assert len(row) == width


def test_every_table_and_figure_of_associations_says_that_they_prove_nothing(tree):
    words = ("and the alliance", "arm against arm", "three models", "outcome by outcome", "under shifts",
             "through skills", "after a rupture")  # fmt: skip
    captions = ["".join(element.itertext()) for element in tree.iter("caption")]
    about = [caption for caption in captions if any(word in caption for word in words)]
    assert len(about) >= 8
    assert [element for element in about if "Association, not proof" not in element] == []


def test_every_picture_tells_its_numbers_in_words(tree):
    pictures = [node for node in tree.iter() if node.tag.endswith("}svg")]
    assert len(pictures) > 8
    for picture in pictures:
        result = {element.tag.split("}")[1]: element.text for element in picture[:2]}
        assert result["title"]
        assert re.search(r"\d", result["desc"])
        box = [float(part) for part in picture.get("viewBox").split()]
        for item in picture.iter():
            for key in ("x", "cx"):
                assert 0 <= float(item.get(key, 0)) <= box[2]


def test_nothing_in_it_is_not_a_number(written, tree):
    assert [
        part for part in "".join(tree.itertext()).split() if part.strip("(),;.–") in ("nan", "NaN", "inf")
    ] == []
    for path in (written[0] / "tables").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert rows, path.name
        for row in rows:
            assert {"nan", "inf", "-inf", "None"}.isdisjoint(row.values())


def test_a_row_without_numbers_has_a_note(written):
    with (written[0] / "tables" / "associations.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(row["estimate"] or row["note"] for row in rows)
    assert all(math.isfinite(float(row["p"])) for row in rows if row["estimate"])


def test_nobody_can_be_found_in_it(frame, written):
    """No client's or clinician's name, and nothing of an arm of six people."""
    names = {str(item) for column in ("client", "clinician") for item in frame.columns[column]}
    for path in written[0].rglob("*"):
        if path.suffix not in (".html", ".csv"):
            continue
        words = set(re.findall(r"\w+", path.read_text(encoding="utf-8")))
        assert words.isdisjoint(names), path.name
        assert "tiny" not in words, path.name


@pytest.fixture(scope="module")
def small():
    """Two arms whose names could be taken for something else."""
    whole = made(Truth(arms=("<b>loud</b>", "=quiet")), clients=26, periods=4, seed=2)
    return run_analyses(replace(whole, plan=MadePlan(outcomes=("outcome", "left")), raters=("client",)))


def test_an_arms_name_is_text_and_never_markup(small):
    whole = document(small)
    assert "<b>loud" not in whole
    assert "&lt;b&gt;loud" in whole


def test_a_cell_that_could_start_a_formula_is_escaped(small, tmp_path):
    write_tables(small, tmp_path)
    texts = [path.read_text(encoding="utf-8") for path in tmp_path.glob("*.csv")]
    assert any("'=quiet" in text for text in texts)
    assert [text for text in texts if re.search(r"(?m)(^|,)=", text)] == []


def test_the_same_frame_gives_the_same_report(small):
    assert document(run_analyses(small.frame)) == document(small)


def test_other_ids_and_another_order_of_rows_change_nothing(small):
    """As a released frame has them: drawn anew each time."""
    rng = np.random.default_rng(4)
    columns = small.frame.columns
    order = rng.permutation(len(columns["client"]))
    moved = {name: value[order] for name, value in columns.items()}
    for name in ("client", "clinician"):
        known = np.unique(moved[name].astype(str))
        new = dict(zip(known, rng.permutation(len(known)), strict=True))
        moved[name] = np.array([f"x{new[element]}" for element in moved[name]], dtype=object)
    assert document(run_analyses(replace(small.frame, columns=moved))) == document(small)


def test_the_methods_say_what_was_done_with_versions_and_seed(tree):
    words = " ".join("".join(tree.itertext()).split())
    assert "Seed 2015" in words
    assert re.search(r"accord \d", words)
    assert "negative binomial" in words
    assert "Data dictionary" in words


def test_a_programme_too_small_for_anything_still_gets_a_report_that_says_so(tmp_path: Path):
    write(made(clients=12, periods=2, clinicians=1, seed=1), tmp_path)
    words = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "These data allow none of the models" in words
    assert "Fewer than 10 people" in words


def test_what_stands_out_is_said_in_short_and_nothing_is_when_nothing_does(written):
    _, results = written
    result = in_short(results)
    assert f"{results.power.looked} associations were looked at" in result[0]
    assert len(result) == 1 + len(findings(results)) > 1
    assert all(re.search(r"times as (frequent|likely)|points", element) for element in result[1:])


def test_headings_can_be_translated(written):
    """A translator that marks what it is given."""
    whole = document(written[1], translate=lambda words: f"«{words}»")
    for words in (
        "In short",
        "Who, and how many",
        "How it was done",
        "Whose part is whose",
        "After a rupture",
    ):
        assert f"«{words}»" in whole


def test_many_facets_and_arms_make_several_figures_that_each_fit_a_page():
    frame = made(Truth(arms=("A", "B", "C")), clients=45, periods=4, seed=2)
    names = ("alliance", "goal", "task", "bond", "trust", "room")
    parts = ("", "_between", "_within", "_within_lag")
    more = {
        f"{name}_client{part}": frame.columns[f"alliance_client{part}"] for name in names for part in parts
    }
    plan = MadePlan(outcomes=("outcome",))
    whole = replace(frame, columns={**frame.columns, **more}, facets=names, raters=("client",), plan=plan)
    tree = ET.fromstring(document(run_analyses(whole)).removeprefix("<!doctype html>"))
    forests = [node for node in tree.iter() if node.get("aria-labelledby", "").startswith("forest-outcome")]
    assert len(forests) == 2
    assert all(float(forest.get("viewBox").split()[3]) < 900 for forest in forests)
    result = ["".join(forest.itertext()) for forest in forests]
    assert [sum(f"{name}, rated by the client" in text for text in result) for name in names] == [1] * 6


def test_people_who_had_something_are_a_range_where_few_had_it_not(tmp_path):
    frame = made(clients=30, periods=4, seed=3)
    client = frame.columns["client"].astype(str)
    injury = (client != client[0]).astype(float)
    plan = MadePlan(outcomes=("self-injury",))
    whole = document(
        run_analyses(replace(frame, columns={**frame.columns, "self_injury": injury}, plan=plan))
    )
    assert '<td class="number">21–29</td>' in whole
    assert '<td class="number">29</td>' not in whole
