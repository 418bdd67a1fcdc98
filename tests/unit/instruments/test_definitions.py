"""What a definition must say, and how it is refused."""

from __future__ import annotations

import pytest

from accord.errors import InputError
from accord.instruments import catalogue
from accord.records.ratings import Construct, Option, Rater, Scoring, Ships

GOOD = """
id = "belonging"
version = "2"
name = "Belonging"
construct = "other"
raters = ["client"]
low = 0
high = 6
scoring = "sum"
scored = [1, 2]
min_answered = 0.5
validated = false
ships = "wording"
licence = "CC0-1.0"
citation = "Ours"
bands_source = "Ours"

[[bands]]
up_to = 2
label = "little"

[[bands]]
up_to = 6
label = "much"

[reliability]
alpha = 0.8
sd = 1.5
checked = true
source = "Ours"

[scales.extent]
values = [0, 1, 2, 3]
labels = ["no", "", "", "yes"]

[[subscales]]
name = "here"
items = [1]

[[items]]
number = 1
about = "here"
wording = "I belonged here."
scale = "extent"

[[items]]
number = 2
about = "apart"
wording = "I was apart."
scale = "extent"
reversed = true

[[items]]
number = 3
about = "more"
wording = "Was there more?"
scale = "extent"
asked_if = 1
"""

WRONG = {
    "an unknown key": ("version =", 'colour = "red"\nversion =', "key colour"),
    "an unknown key of an item": ('about = "here"', 'about = "here"\nlevel = 3', "key items[1].level"),
    "an unknown key of a scale": ("labels =", "names = []\nlabels =", "key scales.extent.names"),
    "an unknown key of a band": ('label = "much"', 'label = "much"\nx = 1', "key bands[2].x"),
    "an unknown key of a subscale": ('name = "here"', 'name = "here"\nx = 1', "key subscales[1].x"),
    "an unknown key of the reliability": ("checked = true", "checked = true\nx = 1", "key reliability.x"),
    "a missing key": ('licence = "CC0-1.0"', "", "key licence"),
    "an empty text": ('licence = "CC0-1.0"', 'licence = " "', "key licence"),
    "a text of two lines": ('citation = "Ours"', 'citation = "a\\nb"', "key citation"),
    "a number for a text": ('name = "Belonging"', "name = 3", "key name"),
    "an id with a space": ('id = "belonging"', 'id = "be longing"', "key id"),
    "an id that a spreadsheet would run": ('id = "belonging"', 'id = "=belonging"', "key id"),
    "a version that is no number": ('version = "2"', 'version = "two"', "key version"),
    "a construct nobody knows": ('construct = "other"', 'construct = "mood"', "key construct"),
    "a construct of another kind": ('construct = "other"', "construct = []", "key construct"),
    "a rater nobody knows": ('raters = ["client"]', 'raters = ["friend"]', "key raters"),
    "a rater named twice": ('raters = ["client"]', 'raters = ["client", "client"]', "key raters"),
    "no rater": ('raters = ["client"]', "raters = []", "key raters"),
    "true for a number": ("low = 0", "low = true", "key low"),
    "infinity for a number": ("high = 6", "high = inf", "key high"),
    "not a number for a number": ("high = 6", "high = nan", "key high"),
    "a range upside down": ("low = 0", "low = 7", "key high"),
    "a low that the items cannot give": ("low = 0", "low = 1", "key low"),
    "a high that the items cannot give": ("high = 6", "high = 7", "key high"),
    "an item in the key that is not there": ("scored = [1, 2]", "scored = [1, 4]", "key scored"),
    "an item twice in the key": ("scored = [1, 2]", "scored = [1, 1]", "key scored"),
    "an item 0 in the key": ("scored = [1, 2]", "scored = [0, 1]", "key scored"),
    "an empty key": ("scored = [1, 2]", "scored = []", "key scored"),
    "a scored item that is not always asked": ("scored = [1, 2]", "scored = [1, 3]", "key scored"),
    "a reversed item outside the key": ("scored = [1, 2]", "scored = [1]", "key items[2].reversed"),
    "a missing rule of 0": ("min_answered = 0.5", "min_answered = 0", "key min_answered"),
    "a missing rule above 1": ("min_answered = 0.5", "min_answered = 1.1", "key min_answered"),
    "yes for true": ("validated = false", 'validated = "no"', "key validated"),
    "items that come as a total": ('ships = "wording"', 'ships = "total"', "key ships"),
    "wording where only the structure ships": ('ships = "wording"', 'ships = "structure"', "key items[1]"),
    "no wording where the wording ships": ('wording = "I was apart."', "", "key items[2].wording"),
    "a scale without words at its ends": (
        '["no", "", "", "yes"]',
        '["no", "", "", ""]',
        "key items[1].scale",
    ),
    "fewer labels than values": ('["no", "", "", "yes"]', '["no", "yes"]', "key scales.extent.labels"),
    "one label for two values": ('["no", "", "", "yes"]', '["no", "", "", "no"]', "key scales.extent.labels"),
    "values that fall": ("values = [0, 1, 2, 3]", "values = [0, 2, 1, 3]", "key scales.extent.values"),
    "one value": ("values = [0, 1, 2, 3]", "values = [0]", "key scales.extent.values"),
    "values that are words": ("values = [0, 1, 2, 3]", 'values = ["a", "b"]', "key scales.extent.values"),
    "a scale nobody uses": (
        "[[subscales]]",
        "[scales.spare]\nvalues = [0, 1]\n\n[[subscales]]",
        "key scales.spare",
    ),
    "a scale that is not there": (
        '"I was apart."\nscale = "extent"',
        '"I"\nscale = "x"',
        "key items[2].scale",
    ),
    "item numbers with a gap": ("number = 3", "number = 4", "key items[3].number"),
    "an item number that is a word": ("number = 3", 'number = "3"', "key items[3].number"),
    "a condition on a later item": ("asked_if = 1", "asked_if = 3", "key items[3].asked_if"),
    "a safety item that is not always asked": (
        "asked_if = 1",
        "asked_if = 1\nsafety = true",
        "key items[3].safety",
    ),
    "a reversed safety item": ("reversed = true", "reversed = true\nsafety = true", "key items[2].safety"),
    "a subscale of items that are not scored": ("items = [1]", "items = [3]", "key subscales[1].items"),
    "an empty subscale": ("items = [1]", "items = []", "key subscales[1].items"),
    "bands that fall": ("up_to = 2", "up_to = 8", "key bands[2].up_to"),
    "a first band below the range": ("up_to = 2", "up_to = 0", "key bands[1].up_to"),
    "bands that end below high": ("up_to = 6", "up_to = 5", "key bands[2].up_to"),
    "two bands of one name": ('label = "much"', 'label = "little"', "key bands"),
    "bands without a source": ('bands_source = "Ours"', "", "key bands_source"),
    "a reliability above 1": ("alpha = 0.8", "alpha = 80", "key reliability.alpha"),
    "a spread wider than the range": ("sd = 1.5", "sd = 15", "key reliability.sd"),
    "a reliability that does not say whether it was checked": (
        "checked = true",
        "",
        "key reliability.checked",
    ),
    "a reliability without a source": (
        'checked = true\nsource = "Ours"',
        "checked = true",
        "key reliability.source",
    ),
    "a list where a table belongs": ("[reliability]", "[[reliability]]", "key reliability"),
    "a table where a list belongs": ("[[subscales]]", "[subscales]", "key subscales"),
}


def test_a_good_definition_becomes_an_instrument():
    instrument = catalogue.load(GOOD)
    assert (instrument.id, instrument.version, instrument.construct) == ("belonging", "2", Construct.OTHER)
    assert (instrument.scoring, instrument.ships) == (Scoring.SUM, Ships.WORDING)
    assert instrument.raters == (Rater.CLIENT,)
    assert instrument.items[1].reversed
    assert not instrument.items[0].reversed
    assert instrument.items[2].asked_if == 1
    assert instrument.items[0].options == (Option(0, "no"), Option(1), Option(2), Option(3, "yes"))
    assert [(band.up_to, band.label) for band in instrument.bands] == [(2, "little"), (6, "much")]
    assert (instrument.reliability.alpha, instrument.reliability.checked) == (0.8, True)


@pytest.mark.parametrize(("good", "bad", "key"), WRONG.values(), ids=WRONG)
def test_a_definition_is_refused_with_the_file_and_the_key_for(tmp_path, good, bad, key):
    assert GOOD.count(good) >= 1
    file = tmp_path / "belonging-2.toml"
    file.write_text(GOOD.replace(good, bad, 1), "utf-8")
    with pytest.raises(InputError) as refused:
        catalogue.load(file)
    assert str(refused.value).startswith(f"belonging-2.toml, {key}: ")
    assert "expected" in str(refused.value)


def test_a_condition_needs_an_item_that_can_be_answered_with_0():
    with pytest.raises(InputError, match=r"items\[3\]\.asked_if: found 1, expected an item"):
        catalogue.load(
            GOOD.replace("values = [0, 1, 2, 3]", "values = [1, 2, 3, 4]")
            .replace("low = 0", "low = 2")
            .replace("high = 6", "high = 8")
            .replace("up_to = 2", "up_to = 4")
            .replace("up_to = 6", "up_to = 8")
        )


def test_an_error_says_what_was_found_and_what_was_expected():
    with pytest.raises(InputError) as refused:
        catalogue.load(GOOD.replace("high = 6", "high = 60"))
    assert (
        str(refused.value) == "definition, key high: found 60.0, expected 6, what the scored items can give"
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "key scoring: found nothing"),
        (b"id = ", "expected a TOML document"),
        (b"x = " + b"[" * 100_000, "expected a TOML document"),
        (b"\x89PNG\r\n\x1a\n\x00", "expected a text file in UTF-8"),
        (b"#" * 1_000_001, "expected a definition of at most 1,000,000 bytes"),
    ],
    ids=["an empty file", "half a line", "a hundred thousand brackets", "a picture", "a file far too large"],
)
def test_what_is_no_definition_is_refused_by_name(tmp_path, content, expected):
    file = tmp_path / "broken.toml"
    file.write_bytes(content)
    with pytest.raises(InputError, match=r"broken\.toml") as refused:
        catalogue.load(file)
    assert expected in str(refused.value)


@pytest.mark.parametrize("name", ["missing.toml", "."], ids=["a missing file", "a folder"])
def test_a_path_that_cannot_be_read_is_named(tmp_path, name):
    with pytest.raises(InputError, match="expected a TOML file that can be read") as refused:
        catalogue.load(tmp_path / name)
    assert str(tmp_path) in str(refused.value)


def test_a_file_with_a_byte_order_mark_is_read(tmp_path):
    file = tmp_path / "belonging-2.toml"
    file.write_text(GOOD, "utf-8-sig")
    assert catalogue.load(str(file)).id == "belonging"


def test_a_total_has_neither_items_nor_key():
    text = """
        id = "line"
        version = "1"
        name = "Line"
        construct = "alliance"
        raters = ["client"]
        low = 0
        high = 10
        scoring = "total"
        ships = "total"
        licence = "ours"
        citation = "ours"
    """
    assert catalogue.load(text).items == ()
    with pytest.raises(InputError, match="key scored"):
        catalogue.load(text + "scored = [1]\n")
    with pytest.raises(InputError, match="key items"):
        catalogue.load(
            text + '[scales.a]\nvalues = [0, 1]\n[[items]]\nnumber = 1\nabout = "x"\nscale = "a"\n'
        )


def test_a_structure_with_a_sum_needs_items():
    text = GOOD[: GOOD.index("[scales.extent]")]
    with pytest.raises(InputError, match="key items: found none, expected one item or more"):
        catalogue.load(text)
