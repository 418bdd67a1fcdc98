"""Scales described by their range, and what contradicts what is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from accord.errors import InputError
from accord.exchange.declared import Declared, Range, parse_ranges
from accord.instruments.catalogue import by_range, catalogue, get
from accord.records.ratings import Construct


def declared(
    ranges: Mapping[str, Range] | None = None, lower: Sequence[str] = (), construct: Construct | None = None
) -> Declared:
    return Declared(catalogue(), ranges or {}, lower, construct, by_range)


def test_ranges_are_read_with_and_without_a_name() -> None:
    assert parse_ranges(["0:10", "ECBI=36:252", "a=b=-3:3"]) == {
        "": (0, 10),
        "ECBI": (36, 252),
        "a=b": (-3, 3),
    }
    for text in ("10", "a:b", "ECBI=1", ":", "1:2:3"):
        with pytest.raises(InputError, match="--range"):
            parse_ranges([text])
    with pytest.raises(InputError, match="one range for each"):
        parse_ranges(["ECBI=1:2", "ecbi=1:3"])


def test_a_range_without_a_name_describes_the_one_unknown_scale() -> None:
    scales = declared({"": (36, 252)}, [""], Construct.OUTCOME)
    scale = scales("ECBI")
    assert scale is not None
    assert (scale.id, scale.low, scale.high, scale.construct) == ("ECBI", 36, 252, Construct.OUTCOME)
    assert scale.lower_is_better
    assert scales("ecbi") == by_range("ecbi", 36, 252, lower_is_better=True, construct=Construct.OUTCOME)
    with pytest.raises(InputError, match="ECBI=LOW:HIGH --range other=LOW:HIGH"):
        scales("other")


def test_scales_are_described_by_name_in_any_case() -> None:
    scales = declared({"ECBI": (36, 252), "Mood": (0, 10)}, ["ecbi"])
    ecbi, mood = scales("ecbi"), scales("MOOD")
    assert ecbi is not None
    assert mood is not None
    assert (ecbi.lower_is_better, mood.lower_is_better, mood.construct) == (True, False, Construct.OTHER)
    assert scales("else") is None
    assert scales.check([ecbi]) == ("no row of Mood, of which a range or direction was given",)


@pytest.mark.parametrize(
    ("ranges", "lower", "construct"),
    [
        ({"": (1, 5)}, [], None),
        ({}, [""], None),
        ({}, ["srs"], None),
        ({}, [], Construct.OUTCOME),
        ({}, [], Construct.OTHER),
    ],
)
def test_what_contradicts_the_catalogue_is_refused(
    ranges: dict[str, Range], lower: list[str], construct: Construct | None
) -> None:
    with pytest.raises(InputError):
        declared(ranges, lower, construct).check([get("SRS")])


def test_a_range_by_name_that_contradicts_the_catalogue_is_refused_at_once() -> None:
    with pytest.raises(InputError, match="0:40"):
        declared({"SRS": (0, 10)})


def test_what_agrees_with_the_catalogue_is_taken() -> None:
    assert declared({"": (0, 40)}, [], Construct.ALLIANCE).check([get("SRS")]) == ()
    assert declared({}, [""]).check([get("PHQ-9")]) == ()
    assert declared({"phq-9": (0, 27)}, ["PHQ-9"]).check([get("PHQ-9")]) == ()


def test_what_could_be_said_of_several_scales_is_refused() -> None:
    with pytest.raises(InputError, match="PHQ-9, SRS"):
        declared({}, [""]).check([get("PHQ-9"), get("SRS")])
    scales = declared({"a": (0, 1), "b": (0, 1)}, [""])
    result = [scale for scale in (scales("a"), scales("b")) if scale is not None]
    with pytest.raises(InputError, match="two scales, a and b"):
        scales.check(result)
