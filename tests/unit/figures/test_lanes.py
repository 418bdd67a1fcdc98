"""A timeline is a list of lanes: one class and one entry in a list make a lane of figure and tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from xml.etree.ElementTree import fromstring

import pytest

from accord.figures import svg
from accord.figures.client_view import client_rows, client_timeline
from accord.figures.lanes import Axis, Lane, Strip
from accord.figures.mark_lane import Mark, MarkLane, in_shared_strips
from accord.figures.series import Row, Timeline, place_at
from accord.figures.timeline import table_rows, timeline
from accord.instruments.catalogue import get
from accord.records.ratings import Finding, State

FIRST = date(2026, 3, 2)
ROOM = 40.0


@dataclass(frozen=True)
class SkillsUsed:
    """A lane that nothing outside this test knows: a dot for each day on which a skill was used."""

    days: Sequence[tuple[int, date, str]]
    for_client: bool = True

    def reach(self, series: Timeline) -> list[float]:
        return [place_at(session, day, series) for session, day, _ in self.days]

    def height(self, axis: Axis) -> float:
        return ROOM if self.days else 0.0

    def draw(self, axis: Axis, strip: Strip) -> list[str]:
        return [self._dot(axis, strip, *used) for used in self.days]

    def table_rows(self, series: Timeline, translate) -> list[Row]:
        return [Row(session, day, translate(skill)) for session, day, skill in self.days]

    def _dot(self, axis: Axis, strip: Strip, session: int, day: date, skill: str) -> str:
        x = axis.x(place_at(session, day, axis.series))
        return svg.element("circle", class_="skill", cx=x, cy=strip.top + 9, r=3.0, aria_label=skill)


USED = SkillsUsed(
    (
        (2, FIRST + timedelta(weeks=1), "opposite action"),
        (9, FIRST + timedelta(weeks=8), "radical acceptance"),
    )
)
MARKS = MarkLane((Mark(1, "missed", FIRST), Mark(3, "taken to the team", FIRST + timedelta(weeks=2))))


@pytest.fixture
def series() -> Timeline:
    findings = tuple(
        Finding(
            session=n, day=FIRST + timedelta(weeks=n - 1), rating=30.0 - n, level=29.0, level_low=27.0,
            level_high=31.0, surprise=1.0, p_rupture=0.1, state=state, low_start=False, difference=-1.0,
        )
        for n, state in enumerate((State.STEADY, State.RUPTURE, State.BACK, State.STEADY), 1)
    )  # fmt: skip
    return Timeline("With Dr Lind", get("session-checkin"), findings, FIRST + timedelta(weeks=4))


def height(figure: str) -> float:
    return float(fromstring(figure).attrib["height"])


def at(figure: str, name: str) -> list[float]:
    """Where the lane's elements are, in pixels from the top."""
    circles = [node for node in fromstring(figure).iter() if name in node.get("class", "").split()]
    return [float(node.get("cy") or node.find("circle").attrib["cy"]) for node in circles]


def test_a_lane_makes_the_figure_higher_by_its_own_height_and_an_empty_one_by_nothing(series):
    plain = height(timeline(series))
    assert height(timeline(series, lanes=(USED,))) == plain + ROOM
    assert height(timeline(series, lanes=(MARKS, USED))) == plain + 18 + ROOM
    assert timeline(series, lanes=(MarkLane(()), SkillsUsed(()))) == timeline(series)


def test_lanes_lie_below_each_other_in_the_order_of_the_list(series):
    first, second = timeline(series, lanes=(MARKS, USED)), timeline(series, lanes=(USED, MARKS))
    assert max(at(first, "mark")) < min(at(first, "skill"))
    assert max(at(second, "skill")) < min(at(second, "mark"))
    assert max(*at(first, "skill"), *at(second, "mark")) < height(first) - 38


def test_a_lane_changes_nothing_that_another_lane_draws_above_it(series):
    near = SkillsUsed(USED.days[:1])
    above = timeline(series, lanes=(MARKS,))
    with_skills = timeline(series, lanes=(MARKS, near))
    assert at(above, "mark") == at(with_skills, "mark")
    assert at(above, "halo") == at(with_skills, "halo") != []


def test_lanes_of_marks_share_a_strip_in_the_place_of_the_first_and_keep_their_order(series):
    later = MarkLane((Mark(2, "moved", FIRST + timedelta(weeks=1)),))
    assert in_shared_strips((MARKS, USED, later)) == (MarkLane((*MARKS.marks, *later.marks)), USED)
    assert in_shared_strips((USED, SkillsUsed(()))) == (USED, SkillsUsed(()))
    shared = timeline(series, lanes=in_shared_strips((MARKS, later)))
    assert height(shared) == height(timeline(series, lanes=(MARKS,)))
    assert len(at(shared, "mark")) == 3


def test_marks_that_a_client_may_see_share_no_strip_with_those_they_may_not(series):
    open_to_client = MarkLane((Mark(2, "moved", FIRST + timedelta(weeks=1)),), for_client=True)
    lanes = in_shared_strips((MARKS, open_to_client, MARKS))
    assert lanes == (MarkLane((*MARKS.marks, *MARKS.marks)), open_to_client)
    assert "taken to the team" not in client_timeline(series, lanes=lanes)


def test_the_axis_reaches_what_lies_in_any_lane_beyond_the_last_session(series):
    drawn = fromstring(timeline(series, lanes=(USED,)))
    dots = [float(node.attrib["cx"]) for node in drawn.iter("circle") if node.get("class") == "skill"]
    ratings = [node for node in drawn.iter() if node.get("class") == "ratings"]
    assert max(dots) > max(float(x) for x in re.findall(r"[\d.]+ ", ratings[-1].attrib["d"]))


def test_the_table_has_every_entry_of_every_lane_beside_its_session_or_in_a_row_of_its_own(series):
    rows = table_rows(series, lanes=(MARKS, USED))
    assert [(row.session, row.mark) for row in rows[:4]] == [
        (1, "missed"), (2, "opposite action"), (3, "taken to the team"), (4, ""),
    ]  # fmt: skip
    assert [(row.session, row.day, row.words, row.rating) for row in rows[4:]] == [
        (9, FIRST + timedelta(weeks=8), "radical acceptance", "")
    ]


def test_an_entry_before_the_first_session_stands_first_in_the_table(series):
    before = SkillsUsed(((0, FIRST - timedelta(weeks=1), "a phone call"),))
    assert [row.session for row in table_rows(series, lanes=(before,))] == [0, 1, 2, 3, 4]


def test_two_entries_of_one_session_share_its_row(series):
    skills = SkillsUsed(((3, FIRST + timedelta(weeks=2), "mindfulness"),))
    assert table_rows(series, lanes=(MARKS, skills))[2].mark == "taken to the team; mindfulness"


def test_the_client_s_view_shows_a_lane_that_says_so_and_no_other(series):
    lanes: tuple[Lane, ...] = (MARKS, USED)
    assert client_timeline(series, lanes=lanes) == client_timeline(series, lanes=(USED,))
    assert len(at(client_timeline(series, lanes=lanes), "skill")) == 2
    hidden = SkillsUsed(USED.days, for_client=False)
    assert client_timeline(series, lanes=(hidden, MARKS)) == client_timeline(series)


def test_the_client_s_table_tells_the_same_lanes_and_asks_for_no_answer_where_none_was_asked(series):
    rows = client_rows(series, lanes=(MARKS, USED))
    assert [row.also for row in rows] == ["", "opposite action", "", "", "radical acceptance"]
    assert [row.said is None for row in rows] == [False, False, False, False, True]
    assert "taken to the team" not in str(rows)
