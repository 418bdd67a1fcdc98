"""The course of a relationship as a figure: readable by eye, by keyboard and by a screen reader."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.figures.series import by_day, places
from accord.figures.svg import width_of
from accord.figures.timeline import Mark, MarkLane, Timeline, table_rows, timeline
from accord.records.ratings import Construct, Finding, Instrument, State

START = date(2026, 1, 5)
SCALE = Instrument("x", "1", "Session scale", Construct.ALLIANCE, 0, 40)
OUTCOME = Instrument("y", "1", "Symptoms", Construct.OUTCOME, 36, 252, lower_is_better=True)


def finding(session: int, rating: float | None, state: State = State.STEADY, **more: object) -> Finding:
    result = Finding(
        session=session, day=START + timedelta(days=7 * session), rating=rating, level=33.0, level_low=29.0,
        level_high=37.0, surprise=1.0, p_rupture=0.2, state=state, low_start=False, difference=-1.0,
    )  # fmt: skip
    return replace(result, **more)  # type: ignore[arg-type]


def unrated(session: int, state: State = State.NO_RATING) -> Finding:
    return finding(session, None, state, day=None, level=None, level_low=None, level_high=None)


def drawn(*findings: Finding, instrument: Instrument = SCALE, marks: tuple[Mark, ...] = ()) -> Element:
    today = START + timedelta(days=7 * (len(findings) + 1))
    return fromstring(
        timeline(Timeline("With Dr Lind", instrument, findings, today), lanes=(MarkLane(marks),))
    )


def of_class(figure: Element, name: str) -> list[Element]:
    return [node for node in figure.iter() if name in node.get("class", "").split()]


def words(figure: Element) -> str:
    return " | ".join(node.text or "" for node in figure.iter("text"))


def vertices(node: Element) -> list[tuple[float, float]]:
    numbers = [float(part) for part in re.findall(r"-?[\d.]+", node.get("d", ""))]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def coordinates(figure: Element) -> Iterator[float]:
    for node in figure.iter():
        for key in ("x", "y", "cx", "cy", "r", "width", "height"):
            if key in node.attrib:
                yield float(node.attrib[key])
        yield from (number for pair in vertices(node) for number in pair)


def test_a_rating_can_be_focused_and_is_read_out_with_day_session_rating_level_and_words() -> None:
    [mark] = of_class(drawn(finding(4, 30.0)), "point")
    assert (mark.get("tabindex"), mark.get("role")) == ("0", "img")
    result = mark.get("aria-label", "")
    assert result.startswith("2 Feb, session 4, rated 30 (0-40), own level 33, steady: 1.0 points below")
    assert mark.findtext("title") is None, "the words are the label; a title would be read twice"


@pytest.mark.parametrize(
    ("state", "shape"),
    [
        (State.STEADY, "circle"),
        (State.STRAIN, "path"),
        (State.RUPTURE, "rect"),
        (State.BACK, "circle"),
        (State.TOO_EARLY, "circle"),
    ],
)
def test_each_state_has_a_shape_and_a_word_beside_its_colour(state: State, shape: str) -> None:
    [mark] = of_class(drawn(finding(1, 30.0, state)), "point")
    [form] = of_class(mark, "shape")
    assert form.tag == shape
    assert {"rupture": "rupture", "back": "ratings back"}.get(state, state.replace("_", " ")) in mark.attrib[
        "aria-label"
    ]


def test_a_session_without_a_rating_breaks_the_line_and_leaves_an_open_tick() -> None:
    before = [finding(session, 30 + session % 2) for session in range(1, 7)]
    figure = drawn(*before, unrated(7), finding(8, 30), finding(9, 29))
    assert [len(vertices(line)) for line in of_class(figure, "ratings")] == [6, 2]
    assert len(of_class(figure, "band")) == 2
    [tick] = of_class(figure, "unrated")
    assert "session 7: no rating for this session" in tick.attrib["aria-label"]


def test_a_long_pause_breaks_the_line_although_the_session_numbers_go_on() -> None:
    late = finding(3, 30, day=START + timedelta(days=14 + 60))
    figure = drawn(finding(1, 30), finding(2, 31), late, replace(late, session=4, day=late.day))
    assert [len(vertices(line)) for line in of_class(figure, "ratings")] == [2, 2]


def test_who_meets_once_a_month_pauses_longer_without_a_gap() -> None:
    months = [finding(session, 30, day=START + timedelta(days=30 * session)) for session in range(1, 6)]
    assert [len(vertices(line)) for line in of_class(drawn(*months), "ratings")] == [5]


def test_the_words_of_a_long_open_rupture_stand_at_its_end_where_a_phone_looks_first() -> None:
    long = [finding(session, 25, State.RUPTURE) for session in range(2, 40)]
    figure = drawn(finding(1, 33), *long)
    [result] = [node for node in figure.iter("text") if node.text == "possible rupture since 19 Jan"]
    assert float(result.attrib["x"]) > float(figure.attrib["width"]) / 2


def test_a_rupture_carries_a_bracket_with_its_word_and_day() -> None:
    figure = drawn(
        finding(1, 33), finding(2, 25, State.RUPTURE), unrated(3, State.RUPTURE), finding(4, 33, State.BACK)
    )
    [bracket] = of_class(figure, "bracket")
    assert len(vertices(bracket)) == 4
    assert "possible rupture 19 Jan" in words(figure)
    assert "ratings back" in words(figure)


def test_a_word_at_the_last_session_ends_before_the_scale_s_numbers() -> None:
    before = [*(finding(session, 33) for session in range(1, 9)), finding(9, 25, State.RUPTURE)]
    course, today = (*before, finding(10, 33, State.BACK)), START + timedelta(days=70)
    figure = fromstring(timeline(Timeline("With Dr Lind", SCALE, course, today)))
    [word] = [node for node in figure.iter("text") if node.text == "ratings back"]
    [numbers] = {float(tick.attrib["x"]) for tick in of_class(figure, "tick") if tick.text == "30"} - {36.0}
    assert float(word.attrib["x"]) + width_of("ratings back") / 2 <= numbers - 13


def test_a_rupture_that_lasts_is_open_at_its_end() -> None:
    figure = drawn(finding(1, 33), finding(2, 25, State.RUPTURE))
    [bracket] = of_class(figure, "bracket")
    assert len(vertices(bracket)) == 3
    assert "rupture since 19 Jan" in words(figure)


def test_an_instrument_that_is_no_alliance_is_never_said_to_show_a_rupture() -> None:
    course = [finding(1, 120), finding(2, 200, State.WORSE, level=120.0, level_low=100.0, level_high=140.0)]
    result = timeline(Timeline("With Dr Lind", OUTCOME, tuple(course), START + timedelta(days=20)))
    text = words(fromstring(result))
    assert "worse than own course, 19 Jan" in text
    assert "rupture" not in text
    assert "higher is worse" in text
    assert "36-252" in text


def test_the_caption_says_so_when_less_than_the_whole_range_is_drawn() -> None:
    assert "0-40; higher is better; drawn from 20 to 40" in words(drawn(finding(1, 33)))


def test_own_level_and_band_are_named_where_they_end() -> None:
    ratings = (29, 31, 33, 35, 37, 30)
    figure = drawn(*(finding(session, rating) for session, rating in enumerate(ratings, 1)))
    assert "own level 33 | 4 of 5 ratings: 29-37" in words(figure)
    assert "4 of 5" not in words(drawn(finding(1, 30), finding(2, 31))), "two ratings have no range"


def test_a_silence_is_written_into_the_figure() -> None:
    result = timeline(Timeline("t", SCALE, (finding(1, 30),), START + timedelta(days=60)))
    assert "no report since 12 Jan" in words(fromstring(result))


def test_a_long_course_grows_wider_instead_of_smaller() -> None:
    figure = drawn(*(finding(session, 30) for session in range(1, 80)))
    assert float(figure.attrib["width"]) > 1100
    assert figure.attrib["viewBox"].split()[2] == figure.attrib["width"]
    assert min(float(node.attrib["font-size"]) for node in figure.iter("text")) >= 12
    middles = [float(node.attrib["cx"]) for node in of_class(figure, "halo")]
    assert min(right - left for left, right in pairwise(middles)) > 10


def test_sessions_are_the_axis_when_no_day_is_known() -> None:
    figure = drawn(*(finding(session, 30, day=None) for session in range(1, 9)))
    assert "session" in words(figure).split(" | ")
    assert "session 8, rated 30" in of_class(figure, "point")[-1].attrib["aria-label"]


def test_sessions_are_the_axis_when_most_of_them_share_a_day() -> None:
    same = tuple(finding(session, 30, day=START) for session in range(1, 6))
    assert not by_day(same)
    assert [place.at for place in places(Timeline("t", SCALE, same, START))] == [1, 2, 3, 4, 5]


def test_what_happened_beside_the_ratings_can_be_focused_too() -> None:
    figure = drawn(
        finding(1, 30), unrated(2), marks=(Mark(2, "missed, told us before", START + timedelta(days=14)),)
    )
    [mark] = of_class(figure, "mark")
    assert (mark.get("tabindex"), mark.get("aria-label")) == ("0", "19 Jan: missed, told us before")


def test_there_is_no_style_in_the_figure_unless_it_stands_alone() -> None:
    series = Timeline("t", SCALE, (finding(1, 30),), START)
    inside, alone = timeline(series), timeline(series, standalone=True)
    assert "style" not in inside
    assert "<style>" in alone
    assert 'xmlns="http://www.w3.org/2000/svg"' in alone
    fromstring(alone)


def test_words_pass_through_the_translation() -> None:
    result = timeline(Timeline("t", SCALE, (finding(1, 30),), START), translate=lambda words: f"«{words}»")
    assert "«higher is better»" in result
    assert "«own level 33»" in result


def test_the_table_says_what_the_figure_says() -> None:
    ratings = (29, 31, 33, 35, 37, 28)
    findings = [finding(session, rating) for session, rating in enumerate(ratings, 1)]
    series = Timeline("t", SCALE, (*findings, unrated(7)), START)
    *_, first, second = table_rows(series, lanes=(MarkLane((Mark(7, "missed"),)),))
    assert (first.rating, first.level, first.band, first.p_rupture) == ("28", "33", "29 – 37", "0.20")
    assert (second.rating, second.day, second.state, second.mark) == ("", None, "no rating", "missed")


numbers = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True))


@st.composite
def courses(draw: st.DrawFn) -> tuple[Finding, ...]:
    """Any findings with rising session numbers, whatever their values."""
    sessions = sorted(draw(st.sets(st.integers(0, 400), max_size=25)))
    days = st.one_of(st.none(), st.dates(date(1990, 1, 1), date(2060, 1, 1)))
    return tuple(
        Finding(
            session, draw(days), draw(numbers), draw(numbers), draw(numbers), draw(numbers), draw(numbers),
            draw(numbers), draw(st.sampled_from(State)), draw(st.booleans()), draw(numbers),
        )
        for session in sessions
    )  # fmt: skip


def rated(result: Finding) -> bool:
    return result.rating is not None and math.isfinite(result.rating)


@given(courses(), st.text(), st.sampled_from([SCALE, OUTCOME, replace(SCALE, low=3, high=3)]), st.booleans())
def test_any_course_is_well_formed_finite_and_has_one_focusable_mark_for_each_rating(
    course: tuple[Finding, ...], title: str, instrument: Instrument, alone: bool
) -> None:
    figure = fromstring(
        timeline(Timeline(title, instrument, course, date(2026, 1, 1)), standalone=alone).replace(
            " xmlns=", " was="
        )
    )
    assert all(math.isfinite(number) for number in coordinates(figure))
    focusable = [node for node in figure.iter() if node.get("tabindex") == "0"]
    assert len(focusable) == sum(rated(result) for result in course)
    assert all(node.get("aria-label") for node in focusable)
    assert len(of_class(figure, "unrated")) == len(course) - len(focusable)


@given(courses())
def test_no_line_ever_bridges_a_gap(course: tuple[Finding, ...]) -> None:
    figure = fromstring(timeline(Timeline("t", SCALE, course, date(2026, 1, 1))))
    joined = sum(len(vertices(line)) - 1 for line in of_class(figure, "ratings"))
    allowed = sum(
        rated(left) and rated(right) and right.session - left.session == 1 for left, right in pairwise(course)
    )
    assert joined <= allowed
    if not by_day(course):
        assert joined == allowed


@given(courses(), st.text())
def test_the_table_has_a_row_for_each_session_whatever_it_holds(
    course: tuple[Finding, ...], mark: str
) -> None:
    marks = (Mark(course[0].session, mark),) if course else ()
    result = table_rows(Timeline("t", SCALE, course, date(2026, 1, 1)), lanes=(MarkLane(marks),))
    assert [row.session for row in result] == [outcome.session for outcome in course]
